"""Why a network answered as it did, and how far the picture may move, as queries. No Qt."""

from __future__ import annotations

from functools import cache
from typing import Any, get_args

import msgspec
import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from kernels.cnn.explanations import Method, covered, saliency
from kernels.cnn.network import Network
from kernels.cnn.randomisation import randomisation_test
from kernels.cnn.shifts import REACH, shift_map
from viewer.document import with_network_input
from viewer.moment import Moment, Purpose, Query, Work
from viewer.pages.network.given import Given
from viewer.pages.network.heat import heated
from viewer.pages.network.queries import ANSWERS, GIVEN, Answer, given_query, names, networks
from viewer.painting import Bytes

METHODS: tuple[Method, ...] = get_args(Method)


class Covered(msgspec.Struct, frozen=True, eq=False):
    """What the network says with a patch on the picture, centred on pixel (y, x)."""

    answer: Answer
    place: tuple[int, int]
    probabilities: NDArray[np.float32]


class Tested(msgspec.Struct, frozen=True, eq=False):
    """Guided backpropagation for a network and for one with random weights, as pictures.

    `guided` and `gradient` say how alike the two are, -1 to 1, for it and for the plain gradient.
    """

    answer: Answer
    trained: Bytes
    randomised: Bytes
    guided: float
    gradient: float


class Shifted(msgspec.Struct, frozen=True, eq=False):
    """What a network says to a picture at every shift, as from `kernels.cnn.shifts.shift_map`."""

    network: Network
    probabilities: NDArray[np.float32]

    @property
    def label(self) -> int:
        """The number of the class that it takes the unshifted picture for."""
        return int(self.probabilities[REACH, REACH].argmax())


COVERED: Purpose[Covered] = Purpose("covered picture", "network patch")
TESTED: Purpose[Tested] = Purpose("randomised weights", "network why", at_leisure=True)
UNSHIFTED: Purpose[Given] = Purpose("given unshifted", "network shifts")


@cache
def reason_purpose(method: str) -> Purpose[tuple[Answer, Bytes]]:
    """What one way of asking says, painted over the picture, and of which answer, is held for."""
    return Purpose(f"why by {method}", "network why", at_leisure=True)


@cache
def shifts_purpose(name: str) -> Purpose[Shifted]:
    """What a network makes of every shift is held for."""
    return Purpose(f"shifts of {name}", "network shifts", at_leisure=True)


def queries(moment: Moment) -> list[Query[Any]]:
    """What the column at the right shows below the answers, the most urgent first."""
    answer, look = asked(moment), moment.state.session.network
    if answer is None or moment.state.session.folded:
        return []
    wanted: list[Query[Any]] = []
    if look.why == "occlusion":
        wanted.append(_covered_query(answer, patch_place(moment, answer)))
    ways: list[Query[Any]] = [_reason_query(answer, method) for method in METHODS]
    ways.append(_tested_query(answer))
    wanted += sorted(ways, key=lambda each: each.purpose is not _shown_purpose(look.why))
    return wanted + _shift_queries(moment)


def _shown_purpose(why: str) -> Purpose[Any]:
    return reason_purpose(why) if why in METHODS else TESTED


def asked(moment: Moment) -> Answer | None:
    """The answer of the network that is looked at; None where nothing was given."""
    found = moment.value(ANSWERS)
    if found is None or moment.failure(GIVEN) is not None:
        return None
    return found.get(moment.state.session.network.network)


def likeliest(answer: Answer) -> int:
    """The number of the class that the network takes the picture for."""
    return int(answer.probabilities.argmax())


def patch_place(moment: Moment, answer: Answer) -> tuple[int, int]:
    """The pixel that the patch is centred on."""
    rows, columns = answer.picture.shape[:2]
    y, x = moment.state.session.network.patch or (rows // 2, columns // 2)
    return min(y, rows - 1), min(x, columns - 1)


def _covered_query(answer: Answer, place: tuple[int, int]) -> Query[Covered]:
    def make(_work: Work) -> Covered:
        network = answer.edited.network
        picture = covered(network, answer.picture, place)
        return Covered(answer, place, network.predict(picture[np.newaxis])[0])

    return Query(COVERED, (answer, place), make)


def _reason_query(answer: Answer, method: Method) -> Query[tuple[Answer, Bytes]]:
    def make(work: Work) -> tuple[Answer, Bytes]:
        found = saliency(
            answer.edited.network, answer.picture, likeliest(answer), method=method, cancelled=work.cancelled
        )
        return answer, heated(answer.picture, found)

    return Query(reason_purpose(method), answer, make)


def _tested_query(answer: Answer) -> Query[Tested]:
    def make(_work: Work) -> Tested:
        found = randomisation_test(answer.edited.network, answer.picture, likeliest(answer))
        trained, randomised = (heated(answer.picture, each) for each in (found.guided.trained, found.guided.randomised))
        return Tested(answer, trained, randomised, found.guided.similarity, found.gradient.similarity)

    return Query(TESTED, answer, make)


def compared(moment: Moment) -> list[str]:
    """The networks that know the classes of the one that is looked at, which is among them."""
    found = networks(moment)
    shown = found.get(moment.state.session.network.network)
    if shown is None:
        return []
    return [name for name in names(moment) if name in found and found[name].network.classes == shown.network.classes]


def _shift_queries(moment: Moment) -> list[Query[Shifted]]:
    """A map for each network, which stays the same where the picture is shifted."""
    still = with_network_input(moment.state.document, dx=0, dy=0)
    given = given_query(replace(moment, state=replace(moment.state, document=still)))
    if given is None:
        return []
    source, found = replace(given, purpose=UNSHIFTED), networks(moment)
    return [_shift_query(name, found[name].network, source) for name in compared(moment)]


def _shift_query(name: str, network: Network, source: Query[Given]) -> Query[Shifted]:
    def make(work: Work) -> Shifted:
        return Shifted(network, shift_map(network, work.need(source).to(network), cancelled=work.cancelled))

    return Query(shifts_purpose(name), (source.key, network), make)
