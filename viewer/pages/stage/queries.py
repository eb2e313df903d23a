"""What the Stage wants to be computed beyond the Filter page: the close-ups of the pixel that is read. No Qt."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kernels.digits import format_number
from kernels.filtering.border import Border
from kernels.filtering.geometry import Geometry, SlidingOptions, geometry
from kernels.filtering.operands import run_over
from kernels.filtering.provenance import pixels_at
from kernels.kernel import Kernel
from kernels.pictures.picture import Picture
from viewer.moment import Moment, Purpose, Query, Result, Work
from viewer.pages.filter.queries import (
    OUTPUT,
    Output,
    filtered_query,
    input_query,
    pixel_read,
    selection_query,
    traces_query,
)
from viewer.pages.stage.cells import Cells, Text
from viewer.painting import Bytes, Look, paint
from viewer.shelf import open_result

INPUT_CELLS = (7, 9)
"""Rows and columns of the close-up of the picture, at least."""
MARGIN = 2
OUTPUT_CELLS = (3, 7)


@dataclass(frozen=True, eq=False, slots=True)
class CloseUps:
    """The pixels around the window and around its output pixel; None while the output is not there."""

    pixel: tuple[int, int]
    geometry: Geometry
    input: Cells
    output: Cells | None


CLOSE_UPS: Purpose[CloseUps] = Purpose("close-ups", "traces")


def queries(moment: Moment) -> list[Query[Any]]:
    """What the Stage shows of this moment."""
    picture = open_result(moment)
    pixel = None if picture is None else pixel_read(moment.state, picture.value)
    if picture is None or pixel is None:
        return []
    return [_close_ups_query(moment, picture, pixel)]


def _close_ups_query(moment: Moment, picture: Result[Picture], pixel: tuple[int, int]) -> Query[CloseUps]:
    state, document, stage = moment.state, moment.state.document, moment.state.session.stage
    kernel, options = document.kernel, document.options
    selection, source = selection_query(picture, document.channel), input_query(picture)
    traces = traces_query(state, picture)
    shown = moment.value(OUTPUT)
    is_there = shown is not None and shown.filtered is not None and moment.answer(filtered_query(state, picture))
    output = shown if is_there else None
    key = (picture.key, kernel, options, document.channel, pixel, stage.channel, output, stage.at, stage.region)
    covered = stage.predict, stage.revealed
    assert traces is not None

    def make(work: Work) -> CloseUps:
        placed = geometry(picture.value.shape[:2], kernel.shape, options)
        pixels = run_over(work.need(selection).pixels, kernel)
        weights = work.need(traces)[0].weights
        at = min(stage.channel, pixels.shape[2] - 1) if pixels.ndim == 3 else None
        if weights.ndim == 3:
            weights = weights[:, :, 0 if at is None else min(at, weights.shape[2] - 1)]
        numbers = pixels if at is None else pixels[:, :, at]
        look = work.need(source).look
        found = _input_cells(numbers, picture.value.pixels, placed, kernel, options, pixel, weights, look)
        beside = None if output is None else _output_cells(output, moment, pixel, at)
        return CloseUps(pixel, placed, found, beside)

    return Query(CLOSE_UPS, (*key, covered), make)


def close_up_shape(placed: Geometry) -> tuple[int, int]:
    """Rows and columns of the close-up of a window: all of it in the middle, with a margin, in the pane's shape."""
    (high, wide), (least_rows, least_columns) = placed.effective_shape, INPUT_CELLS
    rows, columns = max(least_rows, high + MARGIN), max(least_columns, wide + MARGIN)
    rows = max(rows, math.ceil(columns * least_rows / least_columns))
    columns = max(columns, math.ceil(rows * least_columns / least_rows))
    return rows + (rows - high) % 2, columns + (columns - wide) % 2


def _input_cells(
    numbers: NDArray[Any],
    pixels: NDArray[Any],
    placed: Geometry,
    kernel: Kernel,
    options: SlidingOptions,
    pixel: tuple[int, int],
    weights: NDArray[np.float64],
    look: Look,
) -> Cells:
    """The pixels around the window of an output pixel, virtual ones too, as far as the picture is extended."""
    under = placed.window(*pixel)
    (count_rows, count_columns), (high, wide) = close_up_shape(placed), placed.effective_shape
    top, left = int(under[0][0]) - (count_rows - high) // 2, int(under[1][0]) - (count_columns - wide) // 2
    rows, columns = np.arange(top, top + count_rows), np.arange(left, left + count_columns)
    border, value = Border(options.border), options.border_value
    values, origins = pixels_at(numbers, rows, columns, border, value)
    height, width = placed.image_shape
    outside = _beyond(rows, 0, height)[:, np.newaxis] | _beyond(columns, 0, width)
    absent = _beyond(rows, -placed.before[0], height + placed.after[0])[:, np.newaxis] | _beyond(
        columns, -placed.before[1], width + placed.after[1]
    )
    taps = np.full(outside.shape, np.nan)
    taps[np.ix_(under[0] - top, under[1] - left)] = weights
    return Cells(
        top=top,
        left=left,
        texts=_texts(values),
        colours=_colours(pixels_at(pixels, rows, columns, border, value)[0], look),
        weights=taps,
        outside=outside,
        origins=origins,
        absent=absent & np.isnan(taps),
        covered=np.zeros(outside.shape, bool),
        box=(int(under[0][0]), int(under[1][0]), high, wide),
    )


def _output_cells(output: Output, moment: Moment, pixel: tuple[int, int], channel: int | None) -> Cells:
    """The output pixels around one, those covered that the window has still to come to."""
    found = output.filtered
    assert found is not None
    array, stage, (i, j) = found.array, moment.state.session.stage, pixel
    top, left = i - OUTPUT_CELLS[0] // 2, j - OUTPUT_CELLS[1] // 2
    rows, columns = np.arange(top, top + OUTPUT_CELLS[0]), np.arange(left, left + OUTPUT_CELLS[1])
    absent = _beyond(rows, 0, array.shape[0])[:, np.newaxis] | _beyond(columns, 0, array.shape[1])
    block = array[np.ix_(rows.clip(0, array.shape[0] - 1), columns.clip(0, array.shape[1] - 1))]
    values = block if block.ndim == 2 else block[:, :, min(channel or 0, block.shape[2] - 1)]
    shape = found.geometry.output_shape
    covered = [[stage.is_covered((int(row), int(column)), shape) for column in columns] for row in rows]
    return Cells(
        top=top,
        left=left,
        texts=_texts(values),
        colours=_colours(block, output.painted.look),
        weights=np.full(absent.shape, np.nan),
        outside=np.zeros(absent.shape, bool),
        origins=np.stack(np.meshgrid(rows, columns, indexing="ij"), axis=-1),
        absent=absent,
        covered=np.array(covered, bool) & ~absent,
        box=(i, j, 1, 1),
    )


def _beyond(places: NDArray[Any], first: int, end: int) -> NDArray[np.bool_]:
    return (places < first) | (places >= end)


def _texts(values: NDArray[Any]) -> tuple[tuple[Text, ...], ...]:
    return tuple(tuple((format_number(value),) for value in row) for row in values.tolist())


def _colours(values: NDArray[Any], look: Look) -> Bytes:
    image = paint(np.ascontiguousarray(values), look, halved=0).image
    return np.ascontiguousarray(np.repeat(image[:, :, np.newaxis], 3, axis=2) if image.ndim == 2 else image[..., :3])
