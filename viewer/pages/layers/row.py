"""Changing the row of stages: pure functions from one row to the next. No Qt."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from kernels.recipe import Recipe
from viewer.document import Document, RowStage

Row = tuple[RowStage, ...]


def stage_data(stage: RowStage) -> dict[str, Any]:
    """The stage as `kernels.Recipe` takes it."""
    return {stage.kind: json.loads(stage.options)}


def written(options: Any) -> str:
    """Options as the text that a stage holds; the same options give the same text."""
    return json.dumps(options, sort_keys=True)


def recipe_of(row: Sequence[RowStage]) -> Recipe:
    """The stages that are on, as a recipe.

    Raises
    ------
    ValueError, TypeError
        Naming the place, such as ``stages[2].max-pool.size``, counted among the stages that are on.
    """
    return Recipe.from_dict({"stages": [stage_data(stage) for stage in row if stage.is_on]})


def runnable(row: Sequence[RowStage], shape: tuple[int, ...]) -> Recipe:
    """The stages that are on, up to the first that cannot take its input, where the picture has this shape."""
    on = [stage for stage in row if stage.is_on]
    for count in range(len(on), 0, -1):
        try:
            recipe = recipe_of(on[:count])
            recipe.shapes(shape)
        except (ValueError, TypeError):
            continue
        return recipe
    return recipe_of(())


def row_of(recipe: Recipe, first_key: int) -> Row:
    """The stages of a recipe, with keys from `first_key` on."""
    stages = [next(iter(stage.items())) for stage in recipe.to_dict()["stages"]]
    return tuple(
        # A recipe may hold a word alone, {"channel": "luma"}, in the place of options.
        RowStage(first_key + number, kind, written(options if isinstance(options, dict) else {kind: options}))
        for number, (kind, options) in enumerate(stages)
    )


def next_key(row: Row) -> int:
    """A key that no stage of the row has."""
    return max((stage.key for stage in row), default=0) + 1


def with_row(document: Document, name: str, recipe: Recipe) -> Document:
    """The document with a ready-made row; as it is if that row stands there."""
    row = row_of(recipe, next_key(document.row))
    if document.row_name == name and have_same_stages(document.row, row):
        return document
    return replace(document, row=row, row_name=name, first_row=row)


def have_same_stages(one: tuple[RowStage, ...], other: tuple[RowStage, ...]) -> bool:
    """Whether two rows have equal stages, whatever their keys."""
    return [replace(stage, key=0) for stage in one] == [replace(stage, key=0) for stage in other]


def duplicated(document: Document, key: int) -> Document:
    """The document with a stage once more, behind itself and as it is."""
    place = place_of(document.row, key)
    if place is None:
        return document
    copy = replace(document.row[place], key=next_key(document.row))
    return replace(document, row=(*document.row[: place + 1], copy, *document.row[place + 1 :]))


def inserted(document: Document, place: int, kind: str, options: Any) -> Document:
    """The document with one more stage, before the one that stands at `place`."""
    stage = RowStage(next_key(document.row), kind, written(options))
    return replace(document, row=(*document.row[:place], stage, *document.row[place:]))


def removed(document: Document, key: int) -> Document:
    """The document without a stage."""
    return replace(document, row=tuple(stage for stage in document.row if stage.key != key))


def moved(document: Document, key: int, place: int) -> Document:
    """The document with a stage at another place, counted without it."""
    stage = next((each for each in document.row if each.key == key), None)
    if stage is None:
        return document
    others = tuple(each for each in document.row if each.key != key)
    place = min(max(place, 0), len(others))
    return replace(document, row=(*others[:place], stage, *others[place:]))


def switched(document: Document, key: int, on: bool) -> Document:
    """The document with a stage on or off."""
    return _changed(document, key, is_on=on)


def with_options(document: Document, key: int, options: Any) -> Document:
    """The document with other options of a stage."""
    return _changed(document, key, options=written(options))


def _changed(document: Document, key: int, **changes: Any) -> Document:
    return replace(document, row=tuple(replace(s, **changes) if s.key == key else s for s in document.row))


def selection_after(before: Row, after: Row, selected: int, counts: Sequence[int]) -> int:
    """The key to select once a row has become another: what came, else what was selected, else what stood before that.

    0 is the picture. `counts` says how many maps each stage gives: of a row that is all new, the first stage with
    several is selected.
    """
    known, left = {stage.key for stage in before}, {0, *(stage.key for stage in after)}
    came = [stage.key for stage in after if stage.key not in known]
    if came and len(came) == len(after):
        return next((stage.key for stage, count in zip(after, counts, strict=True) if count > 1), came[-1])
    if came:
        return came[-1]
    place = place_of(before, selected)
    nearest = [0] if place is None else [0, *(stage.key for stage in before[: place + 1])]
    return selected if selected in left else next(key for key in reversed(nearest) if key in left)


def place_of(row: Row, key: int) -> int | None:
    """Where a stage stands; None if it is gone."""
    return next((number for number, stage in enumerate(row) if stage.key == key), None)
