"""What learned filters look like: the named kernels nearest to each, its kind, and the reverse search.

Every filter is first split into a spatial pattern and a colour direction (`kernels.cnn.decomposition`); the pattern is
compared with the catalogue (`kernels.cnn.matching`). Angles are in degrees, clockwise on screen: for an edge the
direction in which it grows (0 = to the right, 90 = downwards), a colour edge towards the first colour of its axis; for
lines the direction across them, so that a vertical line is at 0°.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal, get_args

import msgspec
import numpy as np
from msgspec.structs import replace
from numpy.typing import ArrayLike, NDArray

from kernels.cnn.chance import colour_limit, pattern_limit
from kernels.cnn.decomposition import Split, colour_axis, colour_name, split
from kernels.cnn.matching import Match, matches
from kernels.cnn.orientation import angle_text
from kernels.kernel import Kernel

__all__ = [
    "KINDS",
    "FilterKind",
    "Match",
    "Resemblance",
    "Similar",
    "by_kind",
    "classify",
    "kind_of",
    "most_similar_filters",
]

FilterKind = Literal["edges", "lines", "blobs", "colour", "nothing"]

KINDS: tuple[FilterKind, ...] = get_args(FilterKind)
"""In the order in which they are listed."""

HALF = 0.5
"""The share of energy from which something is said of a filter: what holds for most of it."""

ONE_COLOUR = 2 / 3
"""The share of energy from which a filter is called after its colour direction alone, where noise has less."""


class Resemblance(msgspec.Struct, frozen=True, eq=False):
    """What a learned filter looks like.

    Attributes
    ----------
    index : int
        Which filter of its layer.
    kind : {"edges", "lines", "blobs", "colour", "nothing"}
    label : str
        A short name, such as "edge 68°", "lines 0°", "colour edge 30°", "green blob", "blue − yellow" or "nothing".
    matches : tuple of Match
        Up to three named kernels that its pattern is nearest to, the highest score first. The filter is called after
        the one that `kernels.cnn.matching.matches` ranks first, which has fewer free numbers perhaps. Those that are
        no better than chance are marked.
    split : Split
        Its pattern and colour direction.
    axis : str
        The colour direction's name, such as "blue − yellow" or "grey"; empty for anything but three channels. For a
        blob the colour that it adds comes first, else the one that the pattern's positive weights add.
    """

    index: int
    kind: FilterKind
    label: str
    matches: tuple[Match, ...]
    split: Split
    axis: str


def classify(filters: ArrayLike) -> tuple[Resemblance, ...]:
    """Say of every filter of a layer what it looks like.

    A filter is called after the kernel that its pattern is nearest to, if these three hold for it:

    - pattern and colour direction together hold at least half of the filter's energy, its sum of squared weights;
    - the kernel explains at least half of the pattern's energy (the square of the cosine);
    - it explains more than chance does: of random patterns of the same size, one in two hundred is explained as well
      by some named kernel (`kernels.cnn.chance`). So hardly any pattern of 3 × 3 weights gets a name: so few weights
      can look like anything.

    It is coloured if more than half of its energy is in differences between the three channels. Coloured blobs are
    blobs and are called after their colour; coloured edges and lines are of the kind "colour", as is a coloured
    filter without a nameable pattern of which a single colour direction holds two thirds, and more than chance gives.

    What comes nearest to a ring, a saddle or another kernel that is neither edge, line nor blob is called nothing.

    Parameters
    ----------
    filters : (F, kh, kw, C) array
        As `Network.filters` gives them.

    Returns
    -------
    tuple of Resemblance
        One for each filter, in order. The last answers are remembered.

    Raises
    ------
    ValueError
        For another shape, or weights that are not finite.
    """
    weights = np.ascontiguousarray(filters, np.float64)
    return _classified(weights.tobytes(), weights.shape)


@lru_cache(maxsize=32)
def _classified(data: bytes, shape: tuple[int, ...]) -> tuple[Resemblance, ...]:
    parts = split(np.frombuffer(data, np.float64).reshape(shape))
    found = matches(np.array([part.pattern for part in parts]))
    return tuple(_named(index, part, several) for index, (part, several) in enumerate(zip(parts, found, strict=True)))


def kind_of(weights: ArrayLike) -> FilterKind:
    """Return the kind of one filter, (kh, kw, C) or (kh, kw)."""
    return classify(_single(weights))[0].kind


def by_kind(results: Sequence[Resemblance]) -> dict[FilterKind, tuple[Resemblance, ...]]:
    """Group results by kind, in the order of `KINDS`; kinds without a filter have an empty group."""
    return {kind: tuple(one for one in results if one.kind == kind) for kind in KINDS}


def _single(weights: ArrayLike) -> NDArray[np.float64]:
    array = np.asarray(weights, np.float64)
    if array.ndim not in (2, 3):
        raise ValueError(f"a filter must have the shape (kh, kw, C) or (kh, kw), but has {array.shape}")
    return array.reshape(1, *array.shape[:2], -1) if array.size else array[np.newaxis]


def _named(index: int, part: Split, several: tuple[Match, ...]) -> Resemblance:
    colour = part.colour
    if several and several[0].kind == "blob":
        colour = _blob_sign(several[0]) * colour
    axis = colour_axis(colour) if colour.size == 3 else ""
    coloured = part.colourfulness > HALF
    kind: FilterKind = "nothing"
    label = "nothing"
    if part.share >= HALF:
        if several and several[0].kind != "other" and _is_nameable(several[0], part):
            kind, label = _kind_and_label(several[0], part, coloured)
        elif coloured and axis != "grey" and part.share >= max(ONE_COLOUR, colour_limit(part.pattern.size)):
            kind, label = "colour", axis
    limit = pattern_limit(part.pattern.size)
    marked = (replace(match, is_chance=match.score**2 < limit) for match in several)
    nearest = tuple(sorted(marked, key=lambda match: match.score, reverse=True))
    return Resemblance(index, kind, label, nearest, part, axis)


def _is_nameable(match: Match, part: Split) -> bool:
    return match.score**2 >= max(HALF, pattern_limit(part.pattern.size))


def _kind_and_label(match: Match, part: Split, coloured: bool) -> tuple[FilterKind, str]:
    if match.kind == "blob":
        return "blobs", f"{_blob_colour(match, part, coloured)} blob".lstrip()
    name = "lines" if match.kind == "stripes" else match.kind
    angle = angle_text(match.angle or 0.0)
    if coloured:
        return "colour", f"colour {name} {angle}"
    return ("edges" if match.kind == "edge" else "lines"), f"{name} {angle}"


def _blob_colour(match: Match, part: Split, coloured: bool) -> str:
    """What the blob adds to grey: a colour, or more or less brightness; nothing is known of deeper channels."""
    sign = _blob_sign(match)
    if coloured and (name := colour_name(sign * part.colour)) != "grey":
        return name
    if part.colour.size not in (1, 3):
        return ""
    return "bright" if sign > 0 else "dark"


def _blob_sign(match: Match) -> float:
    weights = match.kernel.weights
    return float(np.sign(weights.flat[int(np.abs(weights).argmax())]))


class Similar(msgspec.Struct, frozen=True):
    """A filter and how similar it is: the cosine, 0 to 1, with the better of the two signs."""

    index: int
    score: float


def most_similar_filters(kernel: Kernel, filters: ArrayLike) -> tuple[Similar, ...]:
    """Rank the filters of a layer by their similarity to a kernel.

    The kernel is brought to the filters' size around its centre, by zeros or by cutting. One with channels is compared
    weight by weight. One without is compared in the colour that suits it best for each filter: the cosine is the
    largest over all colour directions c between the filter and the product of kernel and c.

    Parameters
    ----------
    kernel : Kernel
        Offset and name do not matter, nor does the divisor.
    filters : (F, kh, kw, C) array

    Returns
    -------
    tuple of Similar
        All filters, the most similar first; of equal ones the first.

    Raises
    ------
    ValueError
        If the kernel's channels are not the filters', or the kernel is 0 everywhere at their size.
    """
    weights = np.asarray(filters, np.float64)
    if weights.ndim != 4 or 0 in weights.shape:
        raise ValueError(f"filters must have the shape (F, kh, kw, C) with nothing empty, but have {weights.shape}")
    count, rows, columns, channels = weights.shape
    if kernel.channels not in (None, channels):
        raise ValueError(
            f"The kernel has {kernel.channels} channels, but the filters have {channels}; only a kernel with as many, "
            f"or without channels, can be compared."
        )
    wanted = kernel.resize(rows, columns).weights
    if not wanted.any():
        raise ValueError(
            f"The kernel is 0 everywhere within {columns} × {rows} weights, so no filter is similar to it."
        )
    wanted = wanted / np.abs(wanted).max()
    wanted = wanted / np.linalg.norm(wanted)
    scaled = weights / np.maximum(np.abs(weights).max(axis=(1, 2, 3), keepdims=True), 1e-300)
    norms = np.linalg.norm(scaled.reshape(count, -1), axis=1)
    if kernel.channels is None:
        products = np.linalg.norm(np.einsum("fyxc,yx->fc", scaled, wanted), axis=1)
    else:
        products = np.abs(np.einsum("fyxc,yxc->f", scaled, wanted))
    scores = np.minimum(products / np.where(norms > 0, norms, 1.0), 1.0)
    return tuple(Similar(int(index), float(scores[index])) for index in np.argsort(-scores, kind="stable"))
