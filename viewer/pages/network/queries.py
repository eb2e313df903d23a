"""What the Network workspace shows, as queries: what networks get, and what they say to it. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from kernels.cnn import datasets
from kernels.cnn.datasets import Dataset
from kernels.cnn.stages import forward_pass
from viewer.moment import Moment, Purpose, Query, Work
from viewer.page_views import TRAINED
from viewer.pages.learned import evaluation
from viewer.pages.learned.layer import EditedNetwork, edits_of, load, opened_name, with_edits
from viewer.pages.network.given import Bytes, Given, given_digit, given_drawing, given_picture, on_pad
from viewer.pages.network.stages import Passed, paint_stages
from viewer.pages.network.train.shown import shown_checkpoint
from viewer.pages.network.unit import Unit, read_unit
from viewer.shelf import open_result

NETWORKS = ("lenet5", "mlp", "colournet")
"""The shipped ones, in their order."""


class Answer(msgspec.Struct, frozen=True, eq=False):
    """What a network says.

    Attributes
    ----------
    edited : EditedNetwork
    picture : uint8 array
        What it gets.
    probabilities : (classes,) float32 array
    before : (classes,) float32 array or None
        What the trained network says to the same picture, where filters are edited; else what it says to the unmoved
        picture, where that is another one.
    """

    edited: EditedNetwork
    picture: Bytes
    probabilities: NDArray[np.float32]
    before: NDArray[np.float32] | None


LANE = "network"
"""All of it is made in one lane: what is answered first, then how."""
DIGITS: Purpose[Dataset] = Purpose("test digits", LANE)
ON_PAD: Purpose[Bytes] = Purpose("picture on the pad", LANE)
GIVEN: Purpose[Given] = Purpose("given to networks", LANE)
ANSWERS: Purpose[Mapping[str, Answer]] = Purpose("network answers", LANE)
PASSED: Purpose[Passed] = Purpose("picture through a network", LANE)
PAINTED: Purpose[tuple[Passed, tuple[Bytes, ...]]] = Purpose("painted stages", LANE)
UNIT: Purpose[tuple[Passed, Unit]] = Purpose("network unit", LANE)


@cache
def network_purpose(name: str) -> Purpose[EditedNetwork]:
    """What a network with the document's edits is held for."""
    return Purpose(f"network {name}", "networks")


def queries(moment: Moment) -> list[Query[Any]]:
    """What the workspace shows of this moment, the most urgent first."""
    wanted: list[Query[Any]] = [network_query(moment, name) for name in names(moment)]
    source = given_query(moment)
    if source is not None:
        wanted += [source, _answers_query(moment, source)]
        passed = passed_query(moment, source)
        wanted += [] if passed is None else [passed, _painted_query(moment, passed), _unit_query(moment, passed)]
    edited = edited_network(moment)
    return wanted if edited is None else [*wanted, *evaluation.queries(moment, networks(moment)[edited])]


def names(moment: Moment) -> tuple[str, ...]:
    """The networks that there are to look into: the shipped ones, and the one that a training run shows."""
    return NETWORKS if shown_checkpoint(moment) is None else (*NETWORKS, TRAINED)


def answering(moment: Moment) -> tuple[str, ...]:
    """Those that answer side by side: the trained one, while it is looked at, in the place of one for other classes."""
    found = networks(moment)
    if TRAINED not in found or moment.state.session.network.network != TRAINED:
        return NETWORKS
    classes = found[TRAINED].network.classes
    return (TRAINED, *(each for each in NETWORKS if each in found and found[each].network.classes == classes))


def edited_network(moment: Moment) -> str | None:
    """The network whose test pictures are counted: the one shown if filters of it are edited, else any that is."""
    found = networks(moment)
    return next((each for each in (moment.state.session.network.network, *found)
                 if each in found and found[each].edits), None)  # fmt: skip


def passed_query(moment: Moment, source: Query[Given]) -> Query[Passed] | None:
    """What every layer of the shown network makes of the picture; None while the network is on its way."""
    name = moment.state.session.network.network
    edited = networks(moment).get(name)
    if edited is None:
        return None

    def make(work: Work) -> Passed:
        picture = work.need(source).to(edited.network)
        return Passed(name, edited, picture, forward_pass(edited.network, picture))

    return Query(PASSED, (source.key, edited), make)


def _painted_query(moment: Moment, passed: Query[Passed]) -> Query[tuple[Passed, tuple[Bytes, ...]]]:
    look = moment.state.session.network
    activated, common = look.activated, look.common_scale

    def make(work: Work) -> tuple[Passed, tuple[Bytes, ...]]:
        found = work.need(passed)
        return found, paint_stages(found, activated=activated, common_scale=common)

    return Query(PAINTED, (passed.key, activated, common), make)


def _unit_query(moment: Moment, passed: Query[Passed]) -> Query[tuple[Passed, Unit]]:
    """The number that is looked at, taken apart."""
    look = moment.state.session.network
    stage, number, place, activated = look.stage, look.map, look.place, look.activated

    def make(work: Work) -> tuple[Passed, Unit]:
        found = work.need(passed)
        return found, read_unit(found, stage, number, place, activated=activated)

    return Query(UNIT, (passed.key, stage, number, place, activated), make)


def network_query(moment: Moment, name: str) -> Query[EditedNetwork]:
    """A network with its edits."""
    purpose, checkpoint = network_purpose(name), shown_checkpoint(moment) if name == TRAINED else None
    opened = opened_name(name, checkpoint)
    edits = edits_of(moment.state.document, opened)

    def make(_work: Work) -> EditedNetwork:
        held = moment.value_from(purpose, opened)
        return with_edits(load(name, checkpoint) if held is None else held.loaded, edits)

    return Query(purpose, (opened, edits), make)


def networks(moment: Moment) -> dict[str, EditedNetwork]:
    """The networks that are there as they are edited now."""
    found = {name: moment.answer(network_query(moment, name)) for name in names(moment)}
    return {name: each.value for name, each in found.items() if each is not None}


def given_query(moment: Moment) -> Query[Given] | None:
    """What networks get; None while the picture that it is made from is on its way."""
    chosen = moment.state.document.network_input
    if chosen.source == "drawing":
        return Query(GIVEN, chosen, lambda _work: given_drawing(chosen))
    if chosen.source == "digit":
        return Query(GIVEN, chosen, lambda work: given_digit(chosen, work.need(test_digits())))
    picture = open_result(moment)
    if picture is None:
        return None
    small = Query(ON_PAD, picture.key, lambda work: on_pad(picture.value, work.cancelled))
    return Query(GIVEN, (chosen, picture.key), lambda work: given_picture(chosen, work.need(small)))


def test_digits() -> Query[Dataset]:
    """The test digits that come with the program."""
    return Query(DIGITS, None, lambda _work: datasets.shipped_digits())


def _answers_query(moment: Moment, source: Query[Given]) -> Query[Mapping[str, Answer]]:
    """What each network says; an answer stays the same object while nothing that it is made from changes."""
    found, held = networks(moment), moment.value_from(ANSWERS, source.key) or {}

    def make(work: Work) -> dict[str, Answer]:
        given = work.need(source)
        kept = {name: each for name, each in held.items() if found.get(name) is each.edited}
        return {name: kept.get(name) or _answer(each, given) for name, each in found.items()}

    return Query(ANSWERS, (source.key, tuple(found.values())), make)


def _answer(edited: EditedNetwork, given: Given) -> Answer:
    picture, unmoved = given.to(edited.network), given.to(edited.network, moved=False)
    before = None
    if edited.edits:
        before = edited.loaded.network.predict(picture[np.newaxis])[0]
    elif not np.array_equal(picture, unmoved):
        before = edited.network.predict(unmoved[np.newaxis])[0]
    return Answer(edited, picture, edited.network.predict(picture[np.newaxis])[0], before)
