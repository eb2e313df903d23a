"""The pixels around a window and around its output pixel, as cells. No Qt."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kernels.digits import format_number
from kernels.filtering.border import Border
from kernels.filtering.geometry import Geometry, SlidingOptions
from kernels.filtering.provenance import Touched, pixels_at
from viewer.page_views import StageView
from viewer.pages.filter.queries import Output
from viewer.pages.stage.cells import Cells, Text
from viewer.painting import Bytes, Look, paint

INPUT_CELLS = (7, 9)
"""Rows and columns of the close-up of the picture, at least."""
MARGIN = 2
OUTPUT_CELLS = (3, 7)
ASKED = 96
"""The grey behind the question mark."""


def close_up_shape(placed: Geometry) -> tuple[int, int]:
    """Rows and columns of the close-up of a window: all of it in the middle, with a margin, in the pane's shape."""
    (high, wide), (least_rows, least_columns) = placed.effective_shape, INPUT_CELLS
    rows, columns = max(least_rows, high + MARGIN), max(least_columns, wide + MARGIN)
    rows = max(rows, math.ceil(columns * least_rows / least_columns))
    columns = max(columns, math.ceil(rows * least_columns / least_rows))
    return rows + (rows - high) % 2, columns + (columns - wide) % 2


def input_cells(
    numbers: NDArray[Any],
    pixels: NDArray[Any],
    placed: Geometry,
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


def output_cells(
    output: Output, stage: StageView, pixel: tuple[int, int], channel: int | None, found: Touched | None
) -> Cells:
    """The output pixels around one, those covered that the window has still to come to."""
    filtered = output.filtered
    assert filtered is not None
    array, (i, j) = filtered.array, pixel
    top, left = i - OUTPUT_CELLS[0] // 2, j - OUTPUT_CELLS[1] // 2
    rows, columns = np.arange(top, top + OUTPUT_CELLS[0]), np.arange(left, left + OUTPUT_CELLS[1])
    absent = _beyond(rows, 0, array.shape[0])[:, np.newaxis] | _beyond(columns, 0, array.shape[1])
    block = array[np.ix_(rows.clip(0, array.shape[0] - 1), columns.clip(0, array.shape[1] - 1))]
    values = block if block.ndim == 2 else block[:, :, min(channel or 0, block.shape[2] - 1)]
    shape = filtered.geometry.output_shape
    covered = np.array([[stage.is_covered((int(row), int(column)), shape) for column in columns] for row in rows])
    texts, colours = [list(row) for row in _texts(values)], _colours(block, output.painted.look)
    here = i - top, j - left
    if covered[here]:
        # What is asked for is a question; what is only pointed at is told.
        covered[here] = False
        if stage.predict:
            texts[here[0]][here[1]], colours[here] = ("?",), ASKED
    return Cells(
        top=top,
        left=left,
        texts=tuple(tuple(row) for row in texts),
        colours=colours,
        weights=_touching(found, rows, columns, channel),
        outside=np.zeros(absent.shape, bool),
        origins=np.stack(np.meshgrid(rows, columns, indexing="ij"), axis=-1),
        absent=absent,
        covered=covered & ~absent,
        box=(i, j, 1, 1),
    )


def _beyond(places: NDArray[Any], first: int, end: int) -> NDArray[np.bool_]:
    return (places < first) | (places >= end)


def _texts(values: NDArray[Any]) -> tuple[tuple[Text, ...], ...]:
    return tuple(tuple((format_number(value),) for value in row) for row in values.tolist())


def _colours(values: NDArray[Any], look: Look) -> Bytes:
    image = paint(np.ascontiguousarray(values), look, halved=0).image
    return np.ascontiguousarray(np.repeat(image[:, :, np.newaxis], 3, axis=2) if image.ndim == 2 else image[..., :3])


def _touching(found: Touched | None, rows: NDArray[Any], columns: NDArray[Any], channel: int | None) -> NDArray[Any]:
    """What the pixel under the pointer is multiplied by in these outputs; NaN where it counts for nothing."""
    weights = np.full((len(rows), len(columns)), np.nan)
    if found is None or not found.rows.size or not found.columns.size:
        return weights
    of = (
        found.weights if found.weights.ndim == 2 else found.weights[:, :, min(channel or 0, found.weights.shape[2] - 1)]
    )
    (_, here, there), (_, across, along) = (
        np.intersect1d(ours, theirs, return_indices=True)
        for ours, theirs in ((rows, found.rows), (columns, found.columns))
    )
    weights[np.ix_(here, across)] = of[np.ix_(there, along)]
    return weights
