"""The named kernels that a spatial pattern resembles most."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache
from itertools import product
from typing import NamedTuple

import msgspec
import numpy as np

from kernels.cnn.orientation import Kind, band_kind, curvature_angle, slope_angle, wrapped
from kernels.cnn.patterns import (
    Family,
    FloatArray,
    Size,
    coarse_bank,
    families,
    refine,
    shift_limit,
    unit,
)
from kernels.kernel import Kernel, library
from kernels.kernel.catalogue.entry import Entry

# The numbers that are tried for catalogue kernels which are not searched by refinement. Those without an entry here
# and among the families are tried with their defaults.
_VALUES: dict[str, dict[str, tuple[float, ...]]] = {
    "box": {"size": (2, 3, 4, 5, 6, 7, 9, 11)},
    "binomial": {"size": (3, 5, 7, 9)},
    "disc": {"radius": (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0)},
    "sobel-x": {"size": (3, 5, 7)},
    "sobel-y": {"size": (3, 5, 7)},
    "unsharp": {"amount": (0.5, 1.0, 2.0, 4.0), "sigma": (0.7, 1.0, 1.5)},
    "high-boost": {"boost": (1.0, 2.0, 4.0)},
}

# What only moves a picture looks like nothing by itself.
_LEFT_OUT = ("shift",)

_SYMBOLS = {
    "sigma": "σ",
    "sigma_1": "σ1",
    "sigma_2": "σ2",
    "wavelength": "λ",
    "length": "l",
    "gamma": "γ",
    "ring_radius": "r",
    "ring_width": "width",
}

NO_BETTER = "no better than chance"


class Match(msgspec.Struct, frozen=True):
    """A named kernel that a pattern resembles.

    Attributes
    ----------
    name : str
        The catalogue's name, or "gaussian-derivative", "gaussian-line" (its second derivative), "ring" or "saddle".
    title : str
        The name on screen.
    kind : {"edge", "line", "stripes", "blob", "other"}
    score : float
        Cosine between the pattern and the kernel, 0 to 1.
    parameters : tuple of (str, float)
        Lengths in pixels, angles in degrees clockwise from the right; "dy" and "dx" is how far from the middle of the
        window it stands, downwards and to the right.
    kernel : Kernel
        At the pattern's size and with the sign that is nearer to it.
    angle : float or None
        For an edge the direction in which it grows, in [-180, 180); for lines and stripes the direction across them,
        in [0, 180).
    negated : bool
        Whether `kernel` has the other sign than what name and parameters say.
    is_chance : bool
        Whether a random pattern comes as near to some named kernel (`kernels.cnn.chance`): the likeness says nothing.
    """

    name: str
    title: str
    kind: Kind
    score: float
    parameters: tuple[tuple[str, float], ...]
    kernel: Kernel
    angle: float | None
    negated: bool = False
    is_chance: bool = False

    @property
    def details(self) -> str:
        """All its numbers, from which it can be drawn again, such as "σ 1.20, at 35.0°, x +0.50"; may be empty."""
        return ", ".join(self._parts())

    @property
    def brief(self) -> str:
        """The same for a short line, to one decimal less, such as "σ 1.2 at 35° x +0.5"; numbers of chance left out."""
        return NO_BETTER if self.is_chance else " ".join(self._parts(fewer=1))

    def _parts(self, fewer: int = 0) -> list[str]:
        written = (_written(self.name, name, value, fewer) for name, value in self.parameters)
        return [*filter(None, written), *["negated"] * self.negated, *[NO_BETTER] * self.is_chance]

    def __str__(self) -> str:
        return ", ".join(filter(None, (f"{self.score:.2f} {self.title}", self.details)))


def _written(kernel: str, parameter: str, value: float, fewer: int = 0) -> str:
    """One parameter, with so many decimals `fewer` than usual; empty for none worth telling."""
    if parameter in ("angle", "theta"):
        return f"at {_signed(value, 1 - fewer)}°"
    if parameter == "psi":
        return f"ψ {_signed(value, 1 - fewer)}°"
    if parameter in ("dy", "dx"):
        text = f"{value:+.{2 - fewer}f}"
        return "" if float(text) == 0.0 else f"{parameter[1]} {text.replace('-', '−')}"
    if parameter in _SYMBOLS:
        return f"{_SYMBOLS[parameter]} {value:.{2 - fewer}f}"
    known = library.entry(kernel).parameter(parameter)
    return f"{known.symbol if known else parameter} {value:g}"


def _signed(value: float, digits: int) -> str:
    text = f"{value:.{digits}f}"
    return (text.lstrip("-") if float(text) == 0.0 else text).replace("-", "−")


class _Fixed(NamedTuple):
    """Kernels without refinement at one size: what they are, and one row of norm 1 for each."""

    entries: tuple[Entry, ...]
    parameters: tuple[tuple[tuple[str, float], ...], ...]
    rows: FloatArray


@cache
def _fixed_bank(size: Size) -> _Fixed:
    """Every catalogue kernel that fits, set into zeros at the middle and around it; of two alike the first."""
    searched = {family.name for family in families()}
    entries: list[Entry] = []
    parameters: list[tuple[tuple[str, float], ...]] = []
    rows: list[FloatArray] = []
    known: set[bytes] = set()
    for entry in library.entries():
        if entry.name in searched or entry.name in _LEFT_OUT:
            continue
        for values in _combinations(entry):
            weights = library.get(entry.name, **values).weights
            if weights.shape[0] > size[0] or weights.shape[1] > size[1]:
                continue
            for placed, place in _placed(weights, size):
                row = unit(placed[np.newaxis])[0]
                fingerprint = (np.round(row * np.sign(row[row.nonzero()[0][0]]), 9) + 0.0).tobytes()
                if fingerprint in known:
                    continue
                known.add(fingerprint)
                entries.append(entry)
                parameters.append((*values.items(), *place))
                rows.append(row)
    return _Fixed(tuple(entries), tuple(parameters), np.array(rows).reshape(len(rows), size[0] * size[1]))


def _combinations(entry: Entry) -> Iterator[dict[str, float]]:
    values = _VALUES.get(entry.name, {})
    for chosen in product(*values.values()):
        yield dict(zip(values, chosen, strict=True))


def _placed(weights: FloatArray, size: Size) -> Iterator[tuple[FloatArray, tuple[tuple[str, float], ...]]]:
    """A kernel in a window of zeros: at the middle first, then wherever it still fits within the limit."""
    free = size[0] - weights.shape[0], size[1] - weights.shape[1]
    limit = shift_limit(max(size))
    places = [
        (top - free[0] / 2, left - free[1] / 2, top, left) for top, left in product(*(range(n + 1) for n in free))
    ]
    for dy, dx, top, left in sorted(places, key=lambda place: (math.hypot(*place[:2]), place)):
        if max(abs(dy), abs(dx)) <= max(limit, 0.5):
            window = np.zeros(size)
            window[top : top + weights.shape[0], left : left + weights.shape[1]] = weights
            yield window, (("dy", dy), ("dx", dx))


def matches(patterns: FloatArray, count: int = 3) -> tuple[tuple[Match, ...], ...]:
    """Find the named kernels that patterns resemble most.

    The cosine is taken of the weights as they are: their mean stays in, or a blob could not be told from a blob on a
    pedestal, nor an edge from a bright slope. It is the best over sign; over places up to a quarter of the window's
    reach from its middle, since a filter that stands off centre answers alike, a pixel later; and over rotation and
    scale where the kernel has them.

    Since a family with more free numbers comes nearer to anything, matches are ranked by (1 − cosine²) n^(p/n), n
    weights and p free numbers, smallest first: the order of the Bayesian information criterion. The score is the
    cosine itself.

    Parameters
    ----------
    patterns : (F, kh, kw) array
    count : int
        How many distinct names for each pattern.

    Returns
    -------
    tuple of tuple of Match
        Best first, for every pattern. None for a pattern of zeros or of a single weight.

    References
    ----------
    G. Schwarz, 1978, Estimating the dimension of a model.
    """
    size = (patterns.shape[1], patterns.shape[2])
    targets = unit(patterns / np.maximum(np.abs(patterns).max(axis=(1, 2), keepdims=True), 1e-300))
    usable = np.flatnonzero(np.abs(targets).max(axis=1) > 0) if size != (1, 1) else np.zeros(0, np.intp)
    found: list[list[Match]] = [[] for _ in patterns]
    if not usable.size:
        return tuple(() for _ in patterns)
    for family in families():
        if _free_numbers(family, size) < size[0] * size[1]:
            for index, match in zip(usable, _search(family, targets[usable], size), strict=True):
                # A wave of which one round band is all that the window shows is left to the Gaussians.
                if (family.name, match.kind) != ("gabor", "blob"):
                    found[index].append(match)
    for index, several in zip(usable, _fixed_matches(targets[usable], size, count), strict=True):
        found[index].extend(several)
    return tuple(tuple(sorted(one, key=_missing)[:count]) for one in found)


_PLACED = 3
"""Free numbers of a catalogue kernel without refinement: its scale and two for its place."""


def _free_numbers(family: Family, size: Size) -> int:
    """How many numbers are fitted when a family is compared with a pattern; one is the factor in front."""
    return 1 + len(family.ranges(max(size)))


def _missing(match: Match) -> float:
    """What a match leaves unexplained of its pattern's energy, raised for its free numbers."""
    searched = {family.name: family for family in families()}
    size = match.kernel.shape
    weights = size[0] * size[1]
    free = _free_numbers(searched[match.name], size) if match.name in searched else _PLACED
    # What is left at the end of a refinement says nothing.
    return float(max(1.0 - match.score**2, 1e-5) * weights ** (free / weights))


def _search(family: Family, targets: FloatArray, size: Size) -> list[Match]:
    grid, rows = coarse_bank(family, size)
    start = grid[np.abs(targets @ rows.T).argmax(axis=1)]
    parameters, cosines = refine(family, start, targets, size)
    return [_searched(family, one, float(cosine), size) for one, cosine in zip(parameters, cosines, strict=True)]


def _searched(family: Family, parameters: FloatArray, cosine: float, size: Size) -> Match:
    names = [one.name for one in family.ranges(max(size))]
    values = dict(zip(names, (float(value) for value in parameters), strict=True))
    weights = family.render(parameters[np.newaxis], size)[0]
    weights = weights * (math.copysign(1.0, cosine) / float(np.abs(weights).max()))
    kind: Kind = "blob"
    angle: float | None = None
    # An edge's angle and a wave's phase take the sign up.
    negated = cosine < 0 and family.name not in ("gaussian-derivative", "gabor")
    if family.name == "gaussian-derivative":
        kind = "edge"
        angle = values["angle"] = wrapped(values["angle"] + (180.0 if cosine < 0 else 0.0))
    elif family.name == "gaussian-line":
        values["angle"] %= 180.0
        kind, angle = band_kind(weights, values["angle"])
    elif family.name == "motion":
        values["angle"] %= 180.0
        kind, angle = "line", (values["angle"] + 90.0) % 180.0
    elif family.name == "gabor":
        _tidy_gabor(values, cosine < 0)
        kind, angle = band_kind(weights, values["theta"])
    elif family.name == "saddle":
        kind, negated = "other", False
        values["angle"] = (values["angle"] + (90.0 if cosine < 0 else 0.0)) % 180.0
    elif family.name == "ring":
        kind = "other"
    elif family.name == "dog":
        values = {"sigma_1": values["sigma_1"], "sigma_2": values["sigma_1"] * values.pop("ratio"), **values}
    kernel = Kernel(weights, name=family.title)
    return Match(family.name, family.title, kind, min(abs(cosine), 1.0), tuple(values.items()), kernel, angle, negated)


def _tidy_gabor(values: dict[str, float], negative: bool) -> None:
    """Bring a Gabor pattern's angle into [0, 180), and its sign into its phase."""
    theta, phase = values["theta"] % 360.0, values["psi"] + (180.0 if negative else 0.0)
    if theta >= 180.0:
        theta, phase = theta - 180.0, -phase
    values["theta"], values["psi"] = theta, wrapped(phase)


def _fixed_matches(targets: FloatArray, size: Size, count: int) -> list[list[Match]]:
    """The best placement and numbers of the `count` nearest entries for every target."""
    bank = _fixed_bank(size)
    result: list[list[Match]] = []
    for cosines in targets @ bank.rows.T:
        several: dict[str, Match] = {}
        for place in np.argsort(-np.abs(cosines), kind="stable"):
            name = bank.entries[place].name
            if name not in several:
                several[name] = _catalogued(bank, int(place), float(cosines[place]), size)
            if len(several) == count:
                break
        result.append(list(several.values()))
    return result


def _catalogued(bank: _Fixed, place: int, cosine: float, size: Size) -> Match:
    entry = bank.entries[place]
    weights = bank.rows[place].reshape(size) * (math.copysign(1.0, cosine) / float(np.abs(bank.rows[place]).max()))
    kind, angle = _catalogue_kind(entry, weights)
    kernel = Kernel(weights, name=entry.title)
    return Match(
        entry.name, entry.title, kind, min(abs(cosine), 1.0), bank.parameters[place], kernel, angle, cosine < 0
    )


_KINDS: dict[str, Kind] = {
    "Differences": "edge",
    "Gradient operators": "edge",
    "Compass operators": "edge",
    "Emboss": "edge",
    "Line detectors": "line",
    "Basics": "blob",
    "Smoothing": "blob",
    "Camera blur": "blob",
    "Laplacians": "blob",
    "Sharpening": "blob",
}
_FREI_CHEN: dict[str, Kind] = {
    "frei-chen-1": "edge",
    "frei-chen-2": "edge",
    "frei-chen-5": "line",
    "frei-chen-6": "line",
    "frei-chen-7": "blob",
    "frei-chen-9": "blob",
}


def _catalogue_kind(entry: Entry, weights: FloatArray) -> tuple[Kind, float | None]:
    kind: Kind = _FREI_CHEN.get(entry.name) or _KINDS.get(entry.group, "other")
    if kind == "edge":
        return kind, slope_angle(weights)
    if kind == "line":
        return kind, curvature_angle(weights)
    return kind, None
