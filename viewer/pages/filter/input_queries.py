"""What is shown of the open picture: the whole, what is in sight, and what the padding puts around it. No Qt."""

from __future__ import annotations

import numpy as np

from kernels.filtering.geometry import geometry
from kernels.filtering.provenance import pixels_at
from kernels.pictures.picture import Picture
from viewer.moment import Moment, Purpose, Query, Result, Work
from viewer.page_views import Sight
from viewer.painting import (
    Painted,
    Patch,
    automatic_look,
    overview,
    paint,
    paint_patch,
    region_in_sight,
    screen_size,
)
from viewer.shelf import open_result
from viewer.state import State

Strip = tuple[Painted, tuple[int, int, int, int]]
"""Virtual pixels ready to paint, and where they lie: top, left, height, width in pixels of the picture."""

INPUT: Purpose[Painted] = Purpose("input", "input", "Painting the picture")
INPUT_PATCH: Purpose[Patch] = Purpose("input patch", "input")
EXTENSION: Purpose[tuple[Strip, ...]] = Purpose("extension", "input")


def input_query(picture: Result[Picture], sight: Sight | None = None) -> Query[Painted]:
    """The picture as it is, ready to paint."""
    held = picture.value
    size = screen_size(sight, (0.0, 0.0, held.height, held.width))

    def make(work: Work) -> Painted:
        look = automatic_look(overview(held.pixels, work.cancelled), held.file_range)
        return paint(held.pixels, look, alpha=held.alpha, size=size, cancelled=work.cancelled)

    return Query(INPUT, picture.key, make)


def input_patch_query(moment: Moment, picture: Result[Picture]) -> Query[Patch] | None:
    """What is in sight of a large picture, exact."""
    shown = moment.answer(input_query(picture))
    region = region_in_sight(moment.state.session.picture_sight, picture.value.shape)
    if shown is None or region is None:
        return None
    held, look = picture.value, shown.value.look

    def make(work: Work) -> Patch:
        return paint_patch(held.pixels, look, region, alpha=held.alpha, cancelled=work.cancelled)

    return Query(INPUT_PATCH, (picture.key, region), make)


def extension_query(state: State, picture: Result[Picture]) -> Query[tuple[Strip, ...]] | None:
    """The virtual pixels that the padding puts around the picture; None where it puts none."""
    document, held = state.document, picture.value
    options, source = document.options, input_query(picture)
    try:
        placed = geometry(held.shape[:2], document.kernel.shape, options)
    except ValueError:
        return None
    (above, left), (below, right) = placed.before, placed.after
    height, width = placed.image_shape
    wide = left + width + right
    areas = ((-above, -left, above, wide), (height, -left, below, wide), (0, -left, height, left),
             (0, width, height, right))  # fmt: skip

    def make(work: Work) -> tuple[Strip, ...]:
        look, strips = work.need(source).look, []
        for top, first, rows, columns in areas:
            if rows and columns:
                places = np.arange(top, top + rows), np.arange(first, first + columns)
                values, _origins = pixels_at(held.pixels, *places, options.border, options.border_value)
                strips.append((paint(values, look), (top, first, rows, columns)))
        return tuple(strips)

    if not any((above, left, below, right)):
        return None
    return Query(EXTENSION, (picture.key, placed.before, placed.after, options.border, options.border_value), make)


def shown_extension(moment: Moment) -> tuple[Strip, ...]:
    """The virtual pixels that are there, unless they are those of another picture or of other options."""
    picture, shown = open_result(moment), moment.result(EXTENSION)
    if picture is None or shown is None:
        return ()
    wanted = extension_query(moment.state, picture)
    return shown.value if wanted is not None and shown.key == wanted.key else ()
