"""What a filter wants, what fools a network, and how many shifted digits it knows, as queries. No Qt.

All of it lasts. It is made for the tab in front only, and made again after it was stopped when `attempt` has changed.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from kernels.cnn.datasets import DIGITS, unseen
from kernels.cnn.digits import as_drawn
from kernels.cnn.fooling import Fooling, Method, fool, from_nothing
from kernels.cnn.layers import Composite, Convolution, Dense, Magnitude
from kernels.cnn.network import Network
from kernels.cnn.patches import Patch, strongest_patches
from kernels.cnn.shifts import accuracy_by_shift
from kernels.cnn.visualisation import visualise
from kernels.errors import Cancelled, shown
from kernels.pictures.reading import open_sample, read_picture
from kernels.pictures.suffixes import FORMATS
from kernels.resources import PHOTOGRAPHS, SAMPLES
from viewer.moment import Moment, Purpose, Query, Work
from viewer.pages.learned.layer import EditedNetwork
from viewer.pages.network.given import Bytes
from viewer.pages.network.queries import PASSED, Answer, networks, test_digits
from viewer.pages.network.why_queries import asked, compared

T = TypeVar("T")

MOST_PATCHES = 24
MOST_FILES = 200
"""Pictures of a folder that are looked at."""
LONGEST = 512
"""Pixels of the longer side of a picture that is searched; larger ones are reduced."""
NOTHING = "nothing"


class FilterPlace(msgspec.Struct, frozen=True):
    """A filter: the convolution layer, counted from 0 among them, and its number there."""

    layer: int
    number: int


class Searched(msgspec.Struct, frozen=True, eq=False):
    """Pictures in which patches are looked for, each with its name."""

    pictures: tuple[Bytes, ...]
    names: tuple[str, ...]


class Found(msgspec.Struct, frozen=True, eq=False):
    """The strongest patches, and the names of the pictures that they are from."""

    patches: tuple[Patch, ...]
    names: tuple[str, ...]


SEARCHED: Purpose[Searched] = Purpose("searched pictures", "network wants")
PATCHES: Purpose[Found] = Purpose("strongest patches", "network wants", "Looking for the strongest patches", True)
MADE: Purpose[Bytes] = Purpose("made input", "network made", "Making an input that pleases the filter", True)
FOOLED: Purpose[Fooling] = Purpose("fooling", "network fooling", "Looking for a change that fools the network", True)


@cache
def curve_purpose(name: str) -> Purpose[NDArray[np.float64]]:
    """How many shifted digits a network knows is held for."""
    return Purpose(f"accuracy by shift of {name}", "network curves", "Counting right answers to shifted digits", True)


def queries(moment: Moment) -> list[Query[Any]]:
    """What the tab in front shows."""
    below = moment.state.session.network.below
    if below == "wants":
        return [*_patches_queries(moment), *_made_queries(moment)]
    if below == "fooling":
        return _fooling_queries(moment)
    return _curve_queries(moment) if below == "shift" else []


def _unless_held(moment: Moment, purpose: Purpose[T], source: Hashable, make: Callable[[Work], T]) -> list[Query[T]]:
    """A query, unless its result is there."""
    if moment.value_from(purpose, source) is not None:
        return []
    return [Query(purpose, (source, moment.state.session.network.attempt), make)]


# -- what a filter wants -----------------------------------------------------------------------------------------------


def chosen_network(moment: Moment) -> Network | None:
    """The network that is looked at, with its edits; None until it is there."""
    found = networks(moment).get(moment.state.session.network.network)
    return None if found is None else found.network


def chosen_filter(moment: Moment) -> FilterPlace | None:
    """The filter of the selected map; a map that is pooled belongs to the filter before. None where there is no one."""
    passed, look = moment.value(PASSED), moment.state.session.network
    if passed is None or passed.edited.network is not chosen_network(moment):
        return None
    layers = passed.edited.network.architecture.layers[: passed.stage(look.stage).layer + 1]
    made = [each for each in layers if isinstance(each, Convolution | Dense | Composite | Magnitude)]
    if not made or not isinstance(made[-1], Convolution):
        return None
    return FilterPlace(sum(isinstance(each, Convolution) for each in made) - 1, min(look.map, made[-1].filters - 1))


def wants_source(moment: Moment) -> Hashable:
    """What the patches are made from."""
    network, place = chosen_network(moment), chosen_filter(moment)
    return network, place, where_searched(moment)


def where_searched(moment: Moment) -> str:
    """Where patches are looked for: "digits", "samples" or a folder."""
    network = chosen_network(moment)
    if network is None or knows_digits(network):
        return "digits"
    return moment.state.session.network.pictures or "samples"


def _patches_queries(moment: Moment) -> list[Query[Found]]:
    network, place, where = chosen_network(moment), chosen_filter(moment), where_searched(moment)
    if network is None or place is None:
        return []
    searched = Query(SEARCHED, where, lambda work: _read(where, work))

    def make(work: Work) -> Found:
        given = work.need(searched)
        patches = strongest_patches(
            network,
            place.layer,
            place.number,
            given.pictures,
            count=MOST_PATCHES,
            cancelled=work.cancelled,
            progress=work.progress,
        )
        return Found(patches, tuple(given.names[each.picture] for each in patches))

    return _unless_held(moment, PATCHES, wants_source(moment), make)


def _read(where: str, work: Work) -> Searched:
    """The pictures in which patches are looked for."""
    if where == "digits":
        data = work.need(test_digits())
        names = (f"{number}, {data.classes[label]}" for number, label in enumerate(data.labels))
        return Searched(tuple(data.images), tuple(names))
    if where == "samples":
        chosen = [each for each in SAMPLES if each.group == PHOTOGRAPHS]
        return Searched(tuple(open_sample(each.name).pixels for each in chosen), tuple(each.title for each in chosen))
    return _read_folder(Path(where), work)


def _read_folder(folder: Path, work: Work) -> Searched:
    """The pictures of a folder, the larger ones reduced; what cannot be read is passed over."""
    pictures: dict[str, Bytes] = {}
    suffixes = {suffix for _title, some in FORMATS for suffix in some}
    try:
        paths = sorted(each for each in folder.iterdir() if each.suffix.lower() in suffixes)
    except OSError as error:
        raise ValueError(f"the folder {shown(folder)} cannot be read: {error.strerror}") from None
    for path in paths[:MOST_FILES]:
        if work.cancelled():
            raise Cancelled
        try:
            picture = read_picture(path, cancelled=work.cancelled)
        except (OSError, ValueError, MemoryError):
            continue
        share = min(1.0, LONGEST / max(picture.height, picture.width))
        shape = max(1, round(picture.height * share)), max(1, round(picture.width * share)), 3
        pictures[path.name] = as_drawn(picture.pixels, shape, white=picture.white)
    if not pictures:
        raise ValueError(f"the folder {shown(folder)} holds no picture that can be read: choose another one")
    return Searched(tuple(pictures.values()), tuple(pictures))


def made_source(moment: Moment) -> Hashable:
    """What the input is made from."""
    return chosen_network(moment), chosen_filter(moment), moment.state.session.network.seed


def _made_queries(moment: Moment) -> list[Query[Bytes]]:
    network, place, seed = chosen_network(moment), chosen_filter(moment), moment.state.session.network.seed
    if network is None or place is None:
        return []

    def make(work: Work) -> Bytes:
        return visualise(
            network, place.layer, place.number, seed=seed, cancelled=work.cancelled, progress=work.progress
        )

    return _unless_held(moment, MADE, made_source(moment), make)


# -- fooling -----------------------------------------------------------------------------------------------------------


def target_of(moment: Moment, answer: Answer) -> int:
    """The class that the network is to be made to see: the chosen one, else the next likely."""
    order = np.argsort(-answer.probabilities, kind="stable")
    chosen = moment.state.session.network.target
    return chosen if 0 <= chosen < len(order) and chosen != order[0] else int(order[1])


def fooled_source(moment: Moment, answer: Answer) -> Hashable:
    """What the picture that fools is made from."""
    look = moment.state.session.network
    given: Hashable = (answer.edited, look.seed) if look.fooling == NOTHING else answer
    return given, look.fooling, target_of(moment, answer)


def _fooling_queries(moment: Moment) -> list[Query[Fooling]]:
    answer, look = asked(moment), moment.state.session.network
    if answer is None:
        return []
    network, target = answer.edited.network, target_of(moment, answer)

    def make(work: Work) -> Fooling:
        cancelled, progress = work.cancelled, work.progress
        if look.fooling == NOTHING:
            return from_nothing(network, target, seed=look.seed, cancelled=cancelled, progress=progress)
        method: Method = "sign" if look.fooling == "sign" else "iterated"
        return fool(network, answer.picture, target, method=method, cancelled=cancelled, progress=progress)

    return _unless_held(moment, FOOLED, fooled_source(moment, answer), make)


# -- accuracy against shift --------------------------------------------------------------------------------------------


def knows_digits(network: Network) -> bool:
    """Whether the bundled digits are what it was made for."""
    return network.classes == DIGITS


def _curve_queries(moment: Moment) -> list[Query[NDArray[np.float64]]]:
    """A curve for each network that knows digits."""
    found, wanted = networks(moment), []
    for name in compared(moment):
        if knows_digits(found[name].network):
            wanted += _unless_held(moment, curve_purpose(name), found[name], _counted(found[name]))
    return wanted


def _counted(edited: EditedNetwork) -> Callable[[Work], NDArray[np.float64]]:
    def make(work: Work) -> NDArray[np.float64]:
        digits = unseen(work.need(test_digits()), edited.loaded.data)
        return accuracy_by_shift(edited.network, digits, cancelled=work.cancelled, progress=work.progress)

    return make
