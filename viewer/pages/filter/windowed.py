"""What the Filter workspace shows of a picture that is only looked at by windows: no more than is in sight. No Qt."""

from __future__ import annotations

import time
from typing import Any

from kernels.filtering.tracing import Trace
from kernels.pictures.picture import Picture
from kernels.pictures.windows.seen import FilteredWindows
from viewer.moment import Moment, Query, Result, Work
from viewer.pages.filter.input_queries import input_patch_query, input_query
from viewer.pages.filter.queries import (
    OUTPUT,
    OUTPUT_PATCH,
    TRACES,
    WINDOWS,
    Output,
    look_for,
    output_look,
    output_region,
    pixel_read,
)
from viewer.painting import Patch, paint, paint_patch


def queries(moment: Moment, picture: Result[Picture]) -> list[Query[Any]]:
    """What the workspace shows of this moment, the most urgent first."""
    windows = windows_query(moment, picture)
    wanted = (
        input_query(picture, moment.state.session.picture_sight),
        windows,
        output_query(moment, windows),
        input_patch_query(moment, picture),
        _output_patch(moment, windows),
        _traces(moment, picture.value, windows),
    )
    return [each for each in wanted if each is not None]


def windows_query(moment: Moment, picture: Result[Picture]) -> Query[Any]:
    """The document's kernel over the document's channel of the picture, wherever it is looked at."""
    document, held = moment.state.document, picture.value
    kernel, options, channel = document.kernel, document.options, document.channel
    key = picture.key, kernel, options, channel
    return Query(WINDOWS, key, lambda _work: FilteredWindows(held, channel, kernel, options))


def output_query(moment: Moment, windows: Query[Any]) -> Query[Output]:
    """The output as it is seen from afar, with levels from that."""
    asked = output_look(moment.state, single=True)

    def make(work: Work) -> Output:
        found = work.need(windows)
        start = time.perf_counter()
        painted = paint(found, look_for(found, asked, found.file_range, 0.0, work.cancelled), cancelled=work.cancelled)
        return Output(painted, found.geometry, None, time.perf_counter() - start)

    return Query(OUTPUT, (windows.key, asked), make)


def _output_patch(moment: Moment, windows: Query[Any]) -> Query[Patch] | None:
    """What is in sight of the output."""
    found, shown = moment.answer(windows), moment.value(OUTPUT)
    if found is None or shown is None or shown.painted.values is not found.value:
        return None
    region, look = output_region(moment.state, shown.geometry), shown.painted.look
    if region is None:
        return None
    return Query(OUTPUT_PATCH, (windows.key, look, region),
                 lambda work: paint_patch(found.value, look, region, cancelled=work.cancelled))  # fmt: skip


def _traces(moment: Moment, picture: Picture, windows: Query[Any]) -> Query[tuple[Trace, ...]] | None:
    """The arithmetic behind the pixel that is read."""
    pixel = pixel_read(moment.state, picture)
    if pixel is None:
        return None
    made_from: Any = windows.key
    return Query(TRACES, (*made_from, pixel), lambda work: work.need(windows).traces(pixel))
