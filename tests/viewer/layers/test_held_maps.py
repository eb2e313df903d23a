"""Which of the maps that are there may stand on the cards of a row while newer ones are on their way."""

import pytest

from kernels.recipe.rows import ready_made
from viewer.document import Document, RowStage
from viewer.moment import Moment, Result
from viewer.pages.layers.queries import SHIFT, held_shift
from viewer.pages.layers.row import with_row
from viewer.pages.layers.stage_maps import held_maps, identity, stage_purpose
from viewer.state import State

ROW = (RowStage(1, "filter", '{"kernel": "box"}'), RowStage(2, "max-pool", '{"size": 2}'), RowStage(3, "relu"))
MAPS, SHIFTS = object(), (object(),)


def moment(row: tuple[RowStage, ...], made_of: tuple[RowStage, ...] = ROW) -> Moment:
    """`row` while there are only the maps of another one behind each stage."""
    stages = tuple(map(identity, made_of))
    results = {SHIFT.name: Result(SHIFT, ("picture", stages, 1), SHIFTS)}
    for place in range(1, len(made_of) + 1):
        purpose = stage_purpose(place)
        results[purpose.name] = Result(purpose, (("picture", stages[:place]), False), MAPS)
    return Moment(State(document=Document(row=row)), results=results)


@pytest.mark.parametrize(
    "row",
    [
        ROW,
        (RowStage(1, "filter", '{"kernel": "sobel-x"}'), *ROW[1:]),
        (ROW[0], RowStage(2, "max-pool", '{"size": 2}', is_on=False), ROW[2]),
    ],
    ids=["as it is", "other options", "switched off"],
)
def test_maps_stay_while_a_stage_changes(row):
    for now in (moment(row), moment(ROW, row)):
        assert [held_maps(now, place) for place in (1, 2, 3)] == [MAPS] * 3
        assert held_shift(now) is SHIFTS


def test_maps_of_another_row_do_not_stand_on_its_cards():
    vgg = with_row(Document(row=ROW), "vgg-block", ready_made("vgg-block")).row
    assert vgg[1].kind == "relu"
    now = moment(vgg)
    assert [held_maps(now, place) for place in (1, 2, 3)] == [None] * 3
    assert held_shift(now) is None


def test_a_stage_behind_another_one_that_was_put_in_waits_for_its_maps():
    row = (ROW[0], RowStage(4, "tanh"), *ROW[1:])
    assert [held_maps(moment(row), place) for place in (1, 2, 3, 4)] == [MAPS, None, None, None]
    shorter = moment(ROW[:2])
    assert held_maps(shorter, 3) is None  # the maps behind its end
    assert held_shift(shorter) is None
