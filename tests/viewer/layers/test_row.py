"""The pure functions that change a row of stages."""

import pytest

from kernels.recipe import Recipe
from kernels.recipe.rows import ROWS, ready_made
from viewer.document import DEFAULT_ROW, Document, RowStage
from viewer.pages.layers import row as rows

DOCUMENT = Document(row=(RowStage(4, "relu"), RowStage(2, "max-pool", '{"size": 2}', is_on=False), RowStage(7, "tanh")))


def kinds(document):
    return [stage.kind for stage in document.row]


def keys(document):
    return [stage.key for stage in document.row]


def test_a_stage_is_inserted_with_a_key_of_its_own():
    document = rows.inserted(DOCUMENT, 1, "bias", {"values": [1, 2]})
    assert kinds(document) == ["relu", "bias", "max-pool", "tanh"]
    assert keys(document) == [4, 8, 2, 7]
    assert document.row[1] == RowStage(8, "bias", '{"values": [1, 2]}')
    assert kinds(rows.inserted(DOCUMENT, 99, "bias", {}))[-1] == "bias"
    assert rows.inserted(Document(row=()), 0, "relu", {}).row == (RowStage(1, "relu"),)


def test_a_stage_is_removed_by_its_key():
    assert keys(rows.removed(DOCUMENT, 2)) == [4, 7]
    assert rows.removed(DOCUMENT, 99) == DOCUMENT


@pytest.mark.parametrize(
    ("place", "order"), [(-3, [7, 4, 2]), (0, [7, 4, 2]), (1, [4, 7, 2]), (2, [4, 2, 7]), (9, [4, 2, 7])]
)
def test_a_stage_is_moved_within_the_row(place, order):
    assert keys(rows.moved(DOCUMENT, 7, place)) == order


def test_a_stage_that_is_gone_is_neither_moved_nor_copied():
    assert rows.moved(DOCUMENT, 99, 0) == DOCUMENT
    assert rows.duplicated(DOCUMENT, 99) == DOCUMENT


def test_a_copy_stands_behind_and_is_as_its_original():
    document = rows.duplicated(DOCUMENT, 2)
    assert keys(document) == [4, 2, 8, 7]
    assert document.row[2] == RowStage(8, "max-pool", '{"size": 2}', is_on=False)


def test_a_stage_is_switched_and_changed_alone():
    assert [stage.is_on for stage in rows.switched(DOCUMENT, 2, True).row] == [True, True, True]
    changed = rows.with_options(DOCUMENT, 2, {"stride": 1, "size": 3})
    assert changed.row[1].options == '{"size": 3, "stride": 1}'
    assert (changed.row[0], changed.row[2]) == (DOCUMENT.row[0], DOCUMENT.row[2])


def test_the_same_options_are_written_alike():
    assert rows.written({"b": 1, "a": 2}) == rows.written({"a": 2, "b": 1})


def test_only_what_is_on_is_run():
    assert rows.recipe_of(DOCUMENT.row).to_dict() == {"stages": [{"relu": {}}, {"tanh": {}}]}
    assert rows.recipe_of(()).to_dict() == {"stages": []}


def test_a_row_runs_up_to_the_first_stage_that_cannot_take_its_input():
    row = (RowStage(1, "relu"), RowStage(2, "tanh", is_on=False), RowStage(3, "max-pool", '{"size": 99}'))
    assert rows.runnable(row, (9, 9)).to_dict() == {"stages": [{"relu": {}}]}
    assert len(rows.runnable(row, (100, 100)).to_dict()["stages"]) == 2
    assert rows.runnable((RowStage(1, "no-such-stage"),), (9, 9)).to_dict() == {"stages": []}


def test_what_is_wrong_names_its_place():
    with pytest.raises(ValueError, match=r"stages\[1\].max-pool.size"):
        rows.recipe_of((RowStage(1, "relu"), RowStage(2, "max-pool", '{"size": 0}')))


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("name", [row.name for row in ROWS])
def test_a_ready_made_row_comes_back_as_it_was(name, channels):
    recipe = ready_made(name, channels)
    document = rows.with_row(DOCUMENT, name, recipe)
    assert document.row_name == name
    assert keys(document) == list(range(8, 8 + len(document.row)))
    again = rows.recipe_of(document.row)
    assert again.shapes((64, 64, 3)[: 3 if channels == 3 else 2]) == recipe.shapes(
        (64, 64, 3)[: 3 if channels == 3 else 2]
    )


def test_a_word_in_the_place_of_options_becomes_options():
    (stage,) = rows.row_of(Recipe.from_dict({"stages": [{"channel": "luma"}]}), 5)
    assert stage == RowStage(5, "channel", '{"channel": "luma"}')


def test_places_and_keys():
    assert [rows.place_of(DOCUMENT.row, key) for key in (4, 2, 7, 99)] == [0, 1, 2, None]
    assert rows.next_key(DOCUMENT.row) == 8
    assert rows.next_key(()) == 1
    assert rows.next_key(DEFAULT_ROW) == 4


@pytest.mark.parametrize(
    ("before", "after", "selected", "chosen"),
    [
        ([4, 2, 7], [4, 8, 2, 7], 7, 8),  # added
        ([4, 8, 2, 7], [4, 2, 7], 8, 4),  # and undone: what stood before it
        ([4, 2, 7], [4, 8, 9, 2, 7], 4, 9),  # added with what it cannot do without
        ([4, 8, 9, 2, 7], [4, 2, 7], 9, 4),
        ([4, 2, 7], [2, 7], 4, 0),
        ([4, 2, 7], [4, 7], 7, 7),
        ([4, 2, 7], [7, 4, 2], 2, 2),
        ([4, 2, 7], [4, 2, 7], 0, 0),
        ([4, 2, 7], [8, 9, 10, 11], 2, 10),  # another row: its first stage with several maps
        ([4, 2, 7], [8, 9], 2, 9),
        ([4, 2, 7], [], 2, 0),
        ([], [1], 0, 1),
    ],
)
def test_what_is_selected_once_the_row_is_another(before, after, selected, chosen):
    old, new = (tuple(RowStage(key, "relu") for key in keys) for keys in (before, after))
    assert rows.selection_after(old, new, selected, [1, 1, 6, 6, 6][: len(new)]) == chosen


def test_a_row_that_stands_there_is_not_laid_out_again():
    once = rows.with_row(DOCUMENT, "vgg-block", ready_made("vgg-block"))
    assert rows.with_row(once, "vgg-block", ready_made("vgg-block")) is once
    off = rows.with_row(once, "vgg-block", ready_made("vgg-block", 3))
    assert off != once  # as it is for another number of channels
    changed = rows.removed(once, once.row[0].key)
    assert kinds(rows.with_row(changed, "vgg-block", ready_made("vgg-block"))) == kinds(once)
