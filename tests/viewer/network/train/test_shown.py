"""Which run and which checkpoint are looked at, and what makes a run of its own."""

import msgspec
import pytest
from msgspec import structs
from msgspec.structs import replace

from kernels.cnn.training.curves import Curves
from kernels.cnn.training.plan import Rate, Stop, TrainingPlan
from kernels.cnn.training.runs import Parent
from viewer.document import Document
from viewer.moment import Moment, Query, Result
from viewer.page_views import TrainView
from viewer.pages.network.train.shown import (
    RUNS,
    RunsShown,
    ShownRun,
    asks_new_run,
    lineage,
    shown_checkpoint,
    shown_run,
    shown_step,
    unbranchable,
)
from viewer.session import Session
from viewer.state import State


class Disk(msgspec.Struct, frozen=True):
    """A run as far as it is asked for."""

    id: str
    plan: TrainingPlan = msgspec.field(default_factory=TrainingPlan)
    name: str = "A"
    parent: Parent | None = None


def run(key, checkpoints=(0, 50, 100), position=120, **more):
    return ShownRun(Disk(key), checkpoints, Curves(done=position), position, **{"followed": 50, **more})


def moment(runs, **look):
    shown = RunsShown(tuple(runs))
    query = Query(RUNS, 1, lambda _work: shown)
    state = State(session=replace(Session(), train=TrainView(**look)))
    return Moment(state, {RUNS.name: Result(query.purpose, query.key, shown)})


def test_the_newest_run_is_shown_unless_another_one_is_chosen():
    runs = [run("first"), run("second")]
    assert shown_run(moment(runs)) is runs[1]
    assert shown_run(moment(runs, run="first")) is runs[0]
    assert shown_run(moment(runs, run="removed")) is runs[1]
    assert shown_run(moment([])) is None
    assert shown_checkpoint(moment([])) is None


@pytest.mark.parametrize(
    ("look", "step", "checkpoint"), [(None, 120, 50), (99, 99, 50), (100, 100, 100), (5000, 120, 100), (0, 0, 0)]
)
def test_the_nearest_earlier_checkpoint_is_shown_and_while_it_trains_the_one_that_is_followed(look, step, checkpoint):
    at = moment([run("a")], step=look)
    assert shown_step(at, shown_run(at)) == step
    assert shown_checkpoint(at).step == checkpoint


def test_a_run_without_a_checkpoint_shows_no_network():
    assert shown_checkpoint(moment([run("a", checkpoints=(), position=0)])) is None


def test_of_a_branch_it_is_known_how_it_came_to_be():
    first, branch = run("a", (0, 50, 100, 150)), run("b", (100, 120))
    branch = replace(branch, run=replace(branch.run, parent=Parent("a", 100)))
    assert {step: each.id for step, each in lineage(moment([first, branch]), branch).items()} == {
        0: "a", 50: "a", 100: "b", 120: "b",
    }  # fmt: skip
    assert list(lineage(moment([branch]), branch)) == [100, 120]  # the other one was removed


@pytest.mark.parametrize(
    ("change", "why"), [({}, "same"), ({"stop": Stop(9)}, "same"), ({"data": "x"}, "data"), ({"seed": 3}, "")]
)
def test_a_branch_differs_from_its_run_and_keeps_its_pictures(change, why):
    at = moment([run("a")])
    document = replace(Document(), training=TrainingPlan(**change))
    at = replace(at, state=replace(at.state, document=document))
    assert unbranchable(at) == why
    assert unbranchable(moment([])) == "nothing"


def test_a_network_is_named_by_its_run_and_step():
    names = {shown_checkpoint(moment([run(key)], step=step)).name for key in "ab" for step in (0, 50)}
    assert len(names) == 4


@pytest.mark.parametrize(
    ("change", "is_new"),
    [
        ({"stop": Stop(steps=9)}, False),
        ({}, False),
        ({"rate": Rate(0.2)}, True),
        ({"seed": 3}, True),
        ({"data": "x"}, True),
    ],
)
def test_all_but_the_stop_rule_makes_a_run_of_its_own(change, is_new):
    assert asks_new_run(structs.replace(TrainingPlan(), **change), run("a")) is is_new
    assert asks_new_run(TrainingPlan(), None)
