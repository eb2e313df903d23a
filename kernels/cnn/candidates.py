"""What a learned filter is compared with: the catalogue and the Gaussian's derivatives, all at the filter's size."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from kernels import library
from kernels.catalogue.entry import Entry
from kernels.kernel import Kernel

Kind = Literal["edge", "line", "blob", "colour", "nothing"]
Weights = NDArray[np.float64]

_GROUP_KINDS: dict[str, Kind] = {
    "Smoothing": "blob",
    "Differences": "edge",
    "Gradient operators": "edge",
    "Compass operators": "edge",
    "Line detectors": "line",
    "Emboss": "edge",
    "Laplacians": "blob",
    "Sharpening": "blob",
}
_NAME_KINDS: dict[str, Kind] = {
    "identity": "blob",
    "disc": "blob",
    "motion": "line",
    **dict.fromkeys(("frei-chen-1", "frei-chen-2", "frei-chen-3", "frei-chen-4"), "edge"),
    **dict.fromkeys(("frei-chen-5", "frei-chen-6"), "line"),
    **dict.fromkeys(("frei-chen-7", "frei-chen-8", "frei-chen-9"), "blob"),
}


@dataclass(frozen=True, eq=False)
class Candidate:
    """One named pattern at one setting of its parameters.

    Attributes
    ----------
    name : str
        That of the catalogue, or "gaussian-derivative" or "gaussian-second-derivative", which it does not hold.
    title : str
    parameters : tuple of (name, value)
    settings : str
        The parameters to read: "σ 1.2, at 35°".
    kind : what the pattern responds to
    weights : (rows, columns) array of length 1
    """

    name: str
    title: str
    parameters: tuple[tuple[str, float], ...]
    settings: str
    kind: Kind
    weights: Weights


@lru_cache(maxsize=8)
def candidates(rows: int, columns: int) -> tuple[tuple[Candidate, ...], Weights]:
    """All patterns of a size, and the same as the rows of a matrix.

    Of patterns of different names that are the same but for a factor, and of equal ones of the same name, only the
    first is kept; catalogue entries without parameters come before those with.
    """
    found: list[Candidate] = []
    owners: dict[bytes, str] = {}
    exact: set[bytes] = set()
    for one in (*_fixed(rows, columns), *_families(rows, columns)):
        # Rounded, and with the first large weight positive, so that equals meet whatever their sign.
        key = np.round(one.weights, 5)
        leading = key.flat[np.argmax(np.abs(key) > 0.05)]
        owner = owners.setdefault((key * np.sign(leading) + 0.0).tobytes(), one.name)
        if owner == one.name and (key + 0.0).tobytes() not in exact:
            exact.add((key + 0.0).tobytes())
            found.append(one)
    matrix = np.stack([one.weights.ravel() for one in found])
    return tuple(found), matrix


def _unit(weights: Weights) -> Weights | None:
    length = float(np.sqrt(np.sum(weights**2)))
    return weights / length if length > 1e-9 else None


def _at_size(kernel: Kernel, rows: int, columns: int) -> Weights | None:
    return _unit(kernel.resize(rows, columns).effective_weights)


def _fixed(rows: int, columns: int) -> Iterator[Candidate]:
    for entry in library.entries():
        if entry.parameters:
            continue
        kernel = entry.build()
        weights = _at_size(kernel, rows, columns)
        if weights is not None and kernel.resize(rows, columns).absolute_sum == kernel.absolute_sum:
            yield Candidate(entry.name, entry.title, (), "", _kind(entry), weights)


def _families(rows: int, columns: int) -> Iterator[Candidate]:
    yield from _derivatives(rows, columns)
    for name, grid in _grids(min(rows, columns)).items():
        entry = library.entry(name)
        for values in product(*grid.values()):
            chosen = dict(zip(grid, values, strict=True))
            if name == "gabor" and chosen["psi"] == 0 and chosen["theta"] < 0:
                # An even wave is the same the other way round.
                continue
            if name == "dog":
                # The ratio at which it comes nearest to the Laplacian of a Gaussian (Marr, Hildreth, 1980).
                chosen["sigma_2"] = round(1.6 * chosen["sigma_1"], 6)
            weights = _at_size(entry.build(**{**entry.defaults, **chosen}), rows, columns)
            if weights is not None:
                kind = _gabor_kind(chosen["psi"]) if name == "gabor" else _kind(entry)
                settings = _settings(entry, chosen)
                yield Candidate(name, entry.title, tuple(chosen.items()), settings, kind, weights)


def _grids(size: int) -> dict[str, dict[str, list[float]]]:
    """Which values of which parameters are tried for a window of so many pixels."""
    spreads, narrow = _steps(0.5, max(0.4 * size, 0.6), 0.1), _narrow(size)
    sizes: list[float] = list(range(2, size + 1))
    sobel: dict[str, list[float]] = {"size": [n for n in (3, 5, 7) if n <= size]}
    return {
        "box": {"size": sizes},
        "binomial": {"size": sizes[1:]},
        "gaussian": {"sigma": spreads},
        "disc": {"radius": _steps(1.0, size / 2, 0.5)},
        "motion": {"length": sizes[1:], "angle": _steps(0, 165, 15)},
        "sobel-x": sobel,
        "sobel-y": sobel,
        "log": {"sigma": narrow},
        "dog": {"sigma_1": narrow},
        "gabor": {
            "wavelength": [w for w in (2.5, 3.0, 3.5, 4.0, 5.0, 6.0, 8.0, 10.0) if w <= 1.5 * size],
            "theta": _steps(-180, 165, 15),
            "sigma": [s for s in (0.8, 1.2, 1.6, 2.0, 2.5, 3.0) if s <= 0.45 * size],
            "gamma": [0.5, 1.0],
            # With the phase −90° the wave grows along θ, as the Gaussian derivative does.
            "psi": [0.0, -90.0],
        },
    }


def _narrow(size: int) -> list[float]:
    """Standard deviations whose second derivative changes sign well inside the window: wider ones are mere blobs."""
    return _steps(0.5, max(0.25 * size, 0.6), 0.1)


def _steps(first: float, last: float, step: float) -> list[float]:
    return [round(first + index * step, 6) for index in range(int((last - first) / step + 1e-9) + 1)]


def _derivatives(rows: int, columns: int) -> Iterator[Candidate]:
    """Sampled first and second derivatives of a Gaussian in every direction, about the window's centre.

    The first derivative at angle θ grows along θ, clockwise from the right: it responds to brightness that grows
    that way. The second is taken across a bright line; θ is the direction across.

    Reference: Freeman, Adelson (1991), The design and use of steerable filters.
    """
    y, x = np.mgrid[:rows, :columns].astype(np.float64)
    y, x = y - (rows - 1) / 2, x - (columns - 1) / 2
    narrow = _narrow(min(rows, columns))
    for sigma in _steps(0.5, max(0.4 * min(rows, columns), 0.6), 0.1):
        bell = np.exp(-(x**2 + y**2) / (2 * sigma**2))
        for angle in range(-180, 180, 5):
            along = x * math.cos(math.radians(angle)) + y * math.sin(math.radians(angle))
            parameters = (("sigma", sigma), ("angle", float(angle)))
            settings = f"σ {sigma:g}, at {angle}°"
            first = _unit(along * bell)
            if first is not None:
                title = "Gaussian derivative"
                yield Candidate("gaussian-derivative", title, parameters, settings, "edge", first)
            second = _unit((1 - along**2 / sigma**2) * bell)
            if angle >= 0 and sigma in narrow and second is not None:
                title = "Gaussian second derivative"
                yield Candidate("gaussian-second-derivative", title, parameters, settings, "line", second)


def _kind(entry: Entry) -> Kind:
    return _NAME_KINDS.get(entry.name) or _GROUP_KINDS.get(entry.group, "nothing")


def _gabor_kind(psi: float) -> Kind:
    return "line" if psi == 0 else "edge"


def _settings(entry: Entry, chosen: dict[str, float]) -> str:
    """The parameters as a phrase: Greek letters as they are, the others spelled out, angles last."""
    parts, angles = [], []
    for name, value in chosen.items():
        parameter = entry.parameter(name)
        if parameter is None:
            continue
        if parameter.unit == "°" and name != "psi":
            angles.append(f"at {value:g}°")
        else:
            letter = parameter.title.lower() if parameter.symbol.isascii() else parameter.symbol
            parts.append(f"{letter} {value:g}{'°' if parameter.unit == '°' else ''}")
    return ", ".join(parts + angles)
