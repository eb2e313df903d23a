"""Whether a pattern is an edge, a line, stripes or a blob, and which way it runs.

Angles are in degrees, clockwise on screen: 0 = right, 90 = down.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

BAND = 0.2
"""The share of the strongest of several bands from which another one matters."""

STRIPE = 0.5
"""The share of the strongest of several bands from which another one makes stripes."""

ELONGATED = 1.5
"""Times longer than wide that a single band is a line."""

Kind = Literal["edge", "line", "stripes", "blob", "other"]


def angle_text(angle: float) -> str:
    """Write an angle in whole degrees with its sign, such as "−35°"."""
    return f"{round(angle):d}°".replace("-", "−")


def wrapped(angle: float) -> float:
    """Return the same angle in [-180, 180)."""
    return (angle + 180.0) % 360.0 - 180.0


def band_kind(weights: FloatArray, angle: float) -> tuple[Kind, float | None]:
    """Say what a pattern of parallel bands looks like in its window, and its angle as in `Match`.

    Bands of weights with one sign follow each other along the angle. Two that matter are an edge, three a line, four
    of similar strength stripes; one is a line if it is at least half as long again as wide, else a blob.
    """
    y, x = _centred(weights.shape)
    along = x * math.cos(math.radians(angle)) + y * math.sin(math.radians(angle))
    order = np.argsort(along, axis=None)
    ordered = weights.ravel()[order]
    ordered = ordered[np.abs(ordered) > 1e-9 * np.abs(ordered).max()]
    starts = np.flatnonzero(np.diff(np.signbit(ordered), prepend=not np.signbit(ordered[0])))
    bands = np.add.reduceat(ordered, starts)
    strengths = np.abs(bands) / np.abs(bands).max()
    if np.count_nonzero(strengths >= STRIPE) >= 4:
        return "stripes", angle % 180.0
    bands = bands[strengths >= BAND]
    if len(bands) == 2:
        return "edge", wrapped(angle if bands[1] > bands[0] else angle + 180.0)
    if len(bands) > 2:
        return "line", angle % 180.0
    spread, direction = _spread(np.abs(weights))
    return ("line", (direction + 90.0) % 180.0) if spread >= ELONGATED else ("blob", None)


def _centred(shape: tuple[int, ...]) -> tuple[FloatArray, FloatArray]:
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float64)
    return y - (shape[0] - 1) / 2, x - (shape[1] - 1) / 2


def _spread(mass: FloatArray) -> tuple[float, float]:
    """How many times longer than wide a distribution is, and the direction in which it is long."""
    y, x = _centred(mass.shape)
    total = float(mass.sum())
    y, x = y - float((y * mass).sum()) / total, x - float((x * mass).sum()) / total
    xx, yy, xy = (float((moment * mass).sum()) / total for moment in (x * x, y * y, x * y))
    values, directions = np.linalg.eigh([[xx, xy], [xy, yy]])
    along = directions[:, 1]
    return math.sqrt(values[1] / max(values[0], 1e-12)), math.degrees(math.atan2(along[1], along[0])) % 180.0


def slope_angle(weights: FloatArray) -> float:
    """Return the direction of the ramp that correlation with these weights answers to most, in [-180, 180)."""
    y, x = _centred(weights.shape)
    return wrapped(math.degrees(math.atan2(float((y * weights).sum()), float((x * weights).sum()))))


def curvature_angle(weights: FloatArray) -> float:
    """Return the direction across a line, in [0, 180): there the flanks, of the other sign, stand farthest out."""
    y, x = _centred(weights.shape)
    mass = np.abs(weights) / float(np.abs(weights).sum())
    y, x = y - float((y * mass).sum()), x - float((x * mass).sum())
    xx, yy, xy = (float((moment * weights).sum()) for moment in (x * x, y * y, x * y))
    sign = np.sign(weights.flat[int(np.abs(weights).argmax())])
    _, directions = np.linalg.eigh(sign * np.array([[xx, xy], [xy, yy]]))
    along = directions[:, 0]
    return math.degrees(math.atan2(along[1], along[0])) % 180.0
