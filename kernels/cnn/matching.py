"""What a learned filter resembles, and which learned filter a kernel resembles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kernels.cnn.candidates import Candidate, Kind, candidates
from kernels.kernel import Kernel

KINDS: tuple[Kind, ...] = ("edge", "line", "blob", "colour", "nothing")
"""The kinds in the order in which filters are sorted."""

RESEMBLING = 0.65
"""Below this cosine a pattern resembles nothing in particular."""

COLOURLESS = 0.8
"""A colour direction whose cosine with grey is at least this is no colour."""

Weights = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Split:
    """A filter as one spatial pattern times one colour direction, as well as that is possible.

    Attributes
    ----------
    pattern : (kh, kw) array
        With the filter's strength.
    colour : (C,) array of length 1
        Weights of the channels; their sum is not negative.
    share : float
        Share of the filter's energy that the product holds, 0 to 1; 0 for a filter of zeros.
    """

    pattern: Weights
    colour: Weights
    share: float


@dataclass(frozen=True, eq=False)
class Match:
    """A named pattern that a filter resembles.

    Attributes
    ----------
    candidate : Candidate
    similarity : float
        Cosine of the two patterns, 0 to 1, best over the sign.
    negative : bool
        Whether the filter resembles the pattern with its sign turned.
    """

    candidate: Candidate
    similarity: float
    negative: bool

    @property
    def text(self) -> str:
        """Such as "0.93 Gaussian derivative, σ 1.2, at 35°"."""
        settings = f", {self.candidate.settings}" if self.candidate.settings else ""
        return f"{self.similarity:.2f} {self.candidate.title}{settings}{', negative' if self.negative else ''}"

    @property
    def weights(self) -> Weights:
        """The pattern to draw beside the filter, of length 1, with the sign that fits."""
        return -self.candidate.weights if self.negative else self.candidate.weights


@dataclass(frozen=True, eq=False)
class Resemblance:
    """Everything said about one filter: its parts, its kind, and its best matches, the best first."""

    split: Split
    kind: Kind
    matches: tuple[Match, ...]


def split(weights: NDArray[Any]) -> Split:
    """Split a filter (kh, kw, C) into a spatial pattern and a colour direction: the largest term of its SVD."""
    rows, columns, channels = weights.shape
    matrix = np.asarray(weights, np.float64).reshape(-1, channels)
    left, strengths, right = np.linalg.svd(matrix, full_matrices=False)
    energy = float(np.sum(strengths**2))
    colour, pattern = right[0], left[:, 0] * strengths[0]
    # Grey filters, and those of one channel, shall keep their sign.
    total = float(colour.sum())
    turned = total < 0 if abs(total) > 1e-9 else colour[np.argmax(np.abs(colour))] < 0
    if turned:
        colour, pattern = -colour, -pattern
    share = float(strengths[0] ** 2 / energy) if energy else 0.0
    return Split(pattern.reshape(rows, columns), colour, share)


def resemblances(filters: NDArray[Any], count: int = 3) -> tuple[Resemblance, ...]:
    """Compare every filter of a layer with the catalogue at its size.

    Parameters
    ----------
    filters : (F, kh, kw, C) array
        As `Network.filters` gives them.
    count : int
        Matches per filter, each of another name.

    Returns
    -------
    tuple of F Resemblance
    """
    known, matrix = candidates(*filters.shape[1:3])
    parts = [split(weights) for weights in filters]
    patterns = np.stack([part.pattern.ravel() for part in parts], axis=1)
    lengths = np.sqrt(np.sum(patterns**2, axis=0))
    cosines = matrix @ (patterns / np.where(lengths > 0, lengths, 1.0))
    result = []
    for index, part in enumerate(parts):
        matches = _best(known, cosines[:, index], count) if lengths[index] > 1e-12 else ()
        result.append(Resemblance(part, _kind(part, matches), matches))
    return tuple(result)


def _best(known: tuple[Candidate, ...], cosines: Weights, count: int) -> tuple[Match, ...]:
    """The most similar candidates, one of each name."""
    # Of equals the positive one: an edge with its sign turned is the same edge at another angle.
    order = np.lexsort((cosines < 0, -np.round(np.abs(cosines), 9)))
    found: dict[str, Match] = {}
    for place in order:
        candidate = known[place]
        if candidate.name not in found:
            similarity = min(float(abs(cosines[place])), 1.0)
            found[candidate.name] = Match(candidate, similarity, bool(cosines[place] < 0))
            if len(found) == count:
                break
    return tuple(found.values())


def _kind(part: Split, matches: tuple[Match, ...]) -> Kind:
    if not matches:
        return "nothing"
    channels = part.colour.size
    if channels == 3 and float(part.colour.sum()) / np.sqrt(3.0) < COLOURLESS:
        return "colour"
    return matches[0].candidate.kind if matches[0].similarity >= RESEMBLING else "nothing"


def most_similar(kernel: Kernel, filters: NDArray[Any]) -> tuple[int, float]:
    """Find the learned filter that a kernel resembles most.

    Parameters
    ----------
    kernel : Kernel
        A 2-D kernel is compared with the filters' spatial patterns, one with as many channels as the filters with
        the whole filters. The smaller of the two is surrounded with zeros, its centre kept.
    filters : (F, kh, kw, C) array

    Returns
    -------
    index : int
    similarity : float
        Cosine, best over the sign, 0 to 1.

    Raises
    ------
    ValueError
        If the kernel has another number of channels, or is zero throughout.
    """
    channels = filters.shape[3]
    if kernel.channels not in (None, channels):
        raise ValueError(f"the kernel has {kernel.channels} channels, but the filters have {channels}")
    if not kernel.weights.any():
        raise ValueError("a kernel of zeros resembles nothing")
    rows, columns = (max(ours, theirs) for ours, theirs in zip(kernel.shape, filters.shape[1:3], strict=True))
    wanted = kernel.resize(rows, columns).weights.ravel()
    best = (0, 0.0)
    for index, weights in enumerate(filters):
        mine = split(weights).pattern if kernel.channels is None else np.asarray(weights, np.float64)
        if not mine.any():
            continue
        other = Kernel(mine).resize(rows, columns).weights.ravel()
        cosine = float(abs(wanted @ other) / np.sqrt((wanted @ wanted) * (other @ other)))
        if cosine > best[1]:
            best = (index, min(cosine, 1.0))
    return best
