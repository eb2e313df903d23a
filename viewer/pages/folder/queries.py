"""What is to be done to a folder, and its first picture before and after that. No Qt."""

from __future__ import annotations

from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace
from numpy.typing import NDArray

from kernels.batch.folders import Found, check_places, files_of, first_of, is_picture
from kernels.batch.manifest import NAME
from kernels.batch.settings import RANGES, BatchSettings, settings_for
from kernels.batch.tasks import filtered
from kernels.pictures import display
from kernels.pictures.picture import Picture
from kernels.pictures.windows.seen import open_for_view
from kernels.recipe import Recipe
from viewer.moment import Moment, Purpose, Query, Work
from viewer.page_views import FolderView
from viewer.pages.layers.row import recipe_of
from viewer.pages.layers.stage_maps import middle_that_fits
from viewer.painting import Bytes, Look, automatic_look, fewer_pixels, paint
from viewer.state import State, range_mode

ROWS, COLUMNS = 300, 450
"""What there is room for, of each of the two, in larger type."""
UNREADABLE = OSError, ValueError, MemoryError
TRIED = 20
"""How many pictures are tried after a first one that cannot be read."""


class First(msgspec.Struct, frozen=True, eq=False):
    """The first picture of a folder that can be read, and its path there; of one that is read by parts the middle.

    `whole` is the shape of all of it.
    """

    name: str
    picture: Picture
    whole: tuple[int, ...]


class Preview(msgspec.Struct, frozen=True, eq=False):
    """The first picture, or its middle, before and after, ready to paint, with the shapes that they have in truth.

    `whole` is the shape of all of the picture.
    """

    name: str
    before: Bytes
    after: Bytes
    shapes: tuple[tuple[int, ...], tuple[int, ...]]
    whole: tuple[int, ...]


SETTINGS: Purpose[BatchSettings] = Purpose("folder settings", "folder settings")
FIRST: Purpose[First] = Purpose("first of folder", "folder", at_leisure=True)
PREVIEW: Purpose[Preview] = Purpose("folder preview", "folder", at_leisure=True)


def queries(moment: Moment) -> list[Query[Any]]:
    """What the dialog shows while it is open."""
    settings = settings_query(moment.state)
    if not (view := moment.state.session.folder).source:
        return [settings]
    first = first_query(view)
    return [settings, first, preview_query(first, settings)]


def patterns_of(view: FolderView) -> tuple[str, ...]:
    """Which files."""
    return tuple(view.pattern.split())


def settings_of(state: State) -> BatchSettings:
    """What is to be done to every file.

    Raises
    ------
    ValueError, TypeError
        In one sentence: a stage is wrong, or the format cannot hold what the range gives.
    """
    view, document = state.session.folder, state.document
    if view.by == "row":
        return settings_for(recipe_of(document.row), range=view.range, format=view.format)
    recipe, mode = Recipe.of_filter(document.kernel, document.options), view.range or range_mode(state)
    return settings_for(recipe, document.channel, mode if mode in RANGES else None, view.format)


def settings_query(state: State) -> Query[BatchSettings]:
    """What is to be done to every file, worked out once for what it follows from."""
    view, document = state.session.folder, state.document
    kernel = document.kernel, document.options, document.channel, range_mode(state)
    key = (document.row if view.by == "row" else kernel, view.range, view.format)
    return Query(SETTINGS, key, lambda _work: settings_of(state))


def first_query(view: FolderView) -> Query[First]:
    """The first picture that would be filtered and can be read."""
    patterns = patterns_of(view)

    def make(work: Work) -> First:
        source = Path(view.source)
        if view.target:
            source, _target = check_places(view.source, view.target)
        elif not source.exists():
            raise FileNotFoundError(f"There is no folder {view.source}.")
        files = files_of(source, patterns, lambda name: name, (NAME,), Path(view.target) if view.target else None)
        first = first_of(files, view.source, patterns)
        try:
            return _opened(first, source, work)
        except UNREADABLE:
            # A run lists what cannot be read and goes on; so does this, for a while.
            for found in islice(files, TRIED):
                with suppress(*UNREADABLE):
                    return _opened(found, source, work)
            raise

    return Query(FIRST, (view.source, view.target, patterns), make)


def _opened(found: Found, source: Path, work: Work) -> First:
    if found.error:
        raise ValueError(f"{found.source}: {found.error}")
    picture = open_for_view(source if is_picture(source) else source / found.source, cancelled=work.cancelled)
    return First(found.source, picture if picture.is_held else _middle(picture), picture.shape)


def preview_query(first: Query[First], chosen: Query[BatchSettings]) -> Query[Preview]:
    """The first picture as it is and as it would be written."""

    def make(work: Work) -> Preview:
        settings, found = work.need(chosen), work.need(first)
        picture = found.picture
        result = filtered(picture, settings, work.cancelled)
        look = Look(settings.range, levels=result.levels)
        if result.levels is None:
            look = replace(look, levels=display.levels(result.extent, "minmax", result.file_range))
        return Preview(
            found.name,
            _small(picture.pixels, automatic_look(picture.pixels, picture.file_range)),
            _small(result.array, look),
            (picture.shape, result.array.shape),
            found.whole,
        )

    return Query(PREVIEW, (first.key, chosen.key), make)


def _middle(picture: Picture) -> Picture:
    rows, columns = middle_that_fits((), picture)
    return replace(picture, pixels=picture.pixels[rows, columns])


def _small(values: NDArray[Any], look: Look) -> Bytes:
    """At most as many pixels as there is room for."""
    look = look if values.ndim == 2 else replace(look, colour_map="grey")
    scale = min(1.0, ROWS / values.shape[0], COLUMNS / values.shape[1])
    rows, columns = (max(1, round(scale * side)) for side in values.shape[:2])
    return paint(fewer_pixels(values, rows, columns), look).image
