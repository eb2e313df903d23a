"""How well gradient operators measure: angle and magnitude against pictures whose gradient is known as a formula.

A picture here is a set of point samples of a formula, in float64. Each operator is scaled per pixel and compared with
the formula's gradient at its window's centre, which for Roberts lies between four pixels. Left out are windows that
reach over the border or hold the apex of a cone, and places where the true magnitude is below 1 % of the largest.

For a wave the errors can be written down: an operator that smooths across with weights s, 1, s answers to a wave of the
angular frequency (u, v) with sin u (1 + 2s cos v) and sin v (1 + 2s cos u), over 1 + 2s. For long waves the ratio of
the two is (v/u) (1 + (u² − v²) (1/6 − s/(1 + 2s))): nothing is wrong with the angle when s/(1 + 2s) is 1/6. Scharr has
3/16, Sobel 1/4, Prewitt 1/3, the central difference 0; in this order the errors stand, as 1/48, 1/12, 1/6 and 1/6.
Further binomial smoothing, the same in both directions, leaves the angle as it is: on a wave Roberts and all of Sobel's
sizes agree to the last digit and differ only in the magnitude, which smoothing lowers.

On the zone plate the frequency changes within a window, and where the slope goes through 0 a wide window finds it a
little to one side. Between the two places the sign is wrong: largest errors near 180° are real, and rare.

References
----------
H. Scharr (2000), "Optimale Operatoren in der digitalen Bildverarbeitung". P. E. Danielsson, O. Seger (1990),
"Generalized and separable Sobel operators".
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from kernels.errors import stop_if
from kernels.gradients.computation import gradient
from kernels.gradients.operators import OPERATORS, OperatorChoice, resolve

_FOLLOWED, _FINEST = 8, 1e-4
"""Errors at whole degrees that are followed to their maximum, and how far, in degrees."""

FloatArray = npt.NDArray[np.float64]
Field = Callable[[FloatArray, FloatArray], Any]

SIDE = 129
"""Rows and columns of a test picture; odd, so that a pixel stands in the middle."""
FAINTEST = 0.01
"""Places with less than this share of the largest true magnitude are left out."""


class TestPicture(msgspec.Struct, frozen=True):
    """A picture whose gradient is known everywhere, as functions of y and x in pixels from its middle.

    Attributes
    ----------
    name, title : str
    value : callable
        (y, x) -> intensity.
    slopes : callable
        (y, x) -> (growth to the right, growth downwards) per pixel.
    apex : bool
        Whether the gradient jumps in the middle, so that windows that hold the middle are left out.
    """

    __test__ = False  # not a test class of pytest's

    name: str
    title: str
    value: Field
    slopes: Callable[[FloatArray, FloatArray], tuple[FloatArray, FloatArray]]
    apex: bool = False

    def sampled(self, side: int = SIDE) -> FloatArray:
        """Return the picture, (side, side) float64."""
        axis: FloatArray = np.arange(side, dtype=np.float64) - (side - 1) / 2
        return np.asarray(self.value(axis[:, None], axis[None, :]), dtype=np.float64)


def cone(slope: float = 1.0) -> TestPicture:
    """Return a cone: intensity grows by `slope` per pixel away from the middle, in every direction alike."""

    def slopes(y: FloatArray, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        # Its window is left out; this only avoids a division by 0.
        radius = np.maximum(np.hypot(y, x), 1e-9)
        return slope * x / radius, slope * y / radius

    return TestPicture("cone", "Cone", lambda y, x: slope * np.hypot(y, x), slopes, apex=True)


def zone_plate(top_frequency: float = 0.25, side: int = SIDE) -> TestPicture:
    """Return rings that get finer outwards.

    Parameters
    ----------
    top_frequency : float
        Cycles per pixel where the rings touch the edges of the picture, above 0, at most 0.5.
    side : int
        Of the picture that it is to be sampled in.

    Raises
    ------
    ValueError
        The frequency is out of range.
    """
    _check_frequency("top_frequency", top_frequency)
    # The phase k r² has the angular frequency 2 k r.
    rate = 2.0 * math.pi * top_frequency / (side - 1)

    def slopes(y: FloatArray, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        along = 0.5 * 2.0 * rate * np.cos(rate * (y * y + x * x))
        return along * x, along * y

    return TestPicture(
        "zone-plate",
        f"Zone plate, up to {top_frequency:g} cycles per pixel",
        lambda y, x: 0.5 + 0.5 * np.sin(rate * (y * y + x * x)),
        slopes,
    )


def sinusoid(frequency: float = 0.1, angle: float = 22.5) -> TestPicture:
    """Return a plane wave.

    Parameters
    ----------
    frequency : float
        Cycles per pixel, above 0, at most 0.5.
    angle : float
        Where its crests move, in degrees: 0 is right, 90 is down.

    Raises
    ------
    ValueError
        The frequency is out of range, or the angle is not finite.
    """
    _check_frequency("frequency", frequency)
    if not math.isfinite(angle):
        raise ValueError(f"angle is {angle!r}, but must be a finite number of degrees.")
    pace = 2.0 * math.pi * frequency
    across, down = pace * math.cos(math.radians(angle)), pace * math.sin(math.radians(angle))

    def slopes(y: FloatArray, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        wave = 0.5 * np.cos(across * x + down * y)
        return across * wave, down * wave

    return TestPicture(
        "sinusoid",
        f"Sinusoid, {frequency:g} cycles per pixel at {angle:g}°",
        lambda y, x: 0.5 + 0.5 * np.sin(across * x + down * y),
        slopes,
    )


class AccuracyRow(msgspec.Struct, frozen=True):
    """How one operator did on one test picture.

    Attributes
    ----------
    operator, title : str
        The operator's name, or "" for a kernel of the user's, and its title.
    picture : TestPicture
    mean_angle, max_angle : float
        Angle between measured and true gradient in degrees, 0 to 180. A gradient measured as 0 counts as 90.
    mean_magnitude, max_magnitude : float
        \\|measured / true − 1\\| of the magnitudes, as a share.
    places : int
        How many windows were compared.
    """

    operator: str
    title: str
    picture: TestPicture
    mean_angle: float
    max_angle: float
    mean_magnitude: float
    max_magnitude: float
    places: int


def measure(operator: OperatorChoice, picture: TestPicture, side: int = SIDE) -> AccuracyRow:
    """Measure an operator on one test picture.

    Parameters
    ----------
    operator : str, Kernel, pair of Kernels, or OperatorPair
        As in `kernels.gradient`; always scaled per pixel.
    picture : TestPicture
    side : int
        Rows and columns of the picture, larger than the operator's window.

    Raises
    ------
    ValueError
        A kernel that does not answer to its ramp, or does not fit into the picture.
    """
    pair = resolve(operator)
    found = gradient(picture.sampled(side), pair, scaling="per-pixel", padding="valid")
    top, left = found.geometry.centre(0, 0)
    middle = (side - 1) / 2
    y: FloatArray = top - middle + np.arange(found.gx.shape[0], dtype=np.float64)[:, None]
    x: FloatArray = left - middle + np.arange(found.gx.shape[1], dtype=np.float64)[None, :]
    true_x, true_y = np.broadcast_arrays(*picture.slopes(y, x))
    true = np.hypot(true_x, true_y)
    used = true >= FAINTEST * true.max()
    if picture.apex:
        reach = (pair.shape[0] - 1) / 2, (pair.shape[1] - 1) / 2
        used &= (np.abs(y) > reach[0]) | (np.abs(x) > reach[1])
    angle = _angle_between(found.gx[used], found.gy[used], true_x[used], true_y[used])
    error = np.abs(np.hypot(found.gx[used], found.gy[used]) / true[used] - 1.0)
    name = operator if isinstance(operator, str) else ""
    return AccuracyRow(
        name,
        pair.title,
        picture,
        float(angle.mean()),
        float(angle.max()),
        float(error.mean()),
        float(error.max()),
        int(used.sum()),
    )


def default_pictures() -> tuple[TestPicture, ...]:
    """Return the test pictures of the table: a cone, a zone plate, a long and a short wave."""
    return cone(), zone_plate(), sinusoid(0.1, 22.5), sinusoid(0.25, 22.5)


def table(
    pictures: Iterable[TestPicture] | None = None,
    operators: Iterable[OperatorChoice] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> tuple[AccuracyRow, ...]:
    """Measure operators on test pictures.

    Parameters
    ----------
    pictures : iterable of TestPicture, optional
        `default_pictures` by default.
    operators : iterable, optional
        Names, kernels or pairs; all named operators by default.
    cancelled : callable, optional
        Asked before each measurement; True stops.

    Returns
    -------
    tuple of AccuracyRow
        Picture by picture, the operators in the order given.

    Raises
    ------
    kernels.errors.Cancelled
        If `cancelled` returned True.
    """
    chosen = tuple(OPERATORS if operators is None else operators)
    rows = []
    for picture in default_pictures() if pictures is None else pictures:
        for operator in chosen:
            stop_if(cancelled)
            rows.append(measure(operator, picture))
    return tuple(rows)


FREQUENCIES = np.linspace(0.005, 0.3, 60)
"""Cycles per pixel of the waves that `judged` looks at."""


class OperatorAccuracy(msgspec.Struct, frozen=True, eq=False):
    """How one operator did: a row for each test picture, and its worst angle on waves of the `FREQUENCIES`."""

    name: str
    title: str
    rows: tuple[AccuracyRow, ...]
    worst_angles: FloatArray


def judged(name: str, operator: OperatorChoice, cancelled: Callable[[], bool] | None = None) -> OperatorAccuracy:
    """Measure one operator on everything; raises as `table` and `worst_wave_angles` do."""
    rows = table(operators=[operator], cancelled=cancelled)
    return OperatorAccuracy(name, rows[0].title, rows, worst_wave_angles(operator, FREQUENCIES))


def wave_errors(
    operator: OperatorChoice, frequencies: npt.ArrayLike, angles: npt.ArrayLike
) -> tuple[FloatArray, FloatArray]:
    """Return the errors on plane waves, for a plot: what `measure` finds on `sinusoid`, without drawing it.

    A wave is a sum of complex exponentials, and an operator only multiplies each of them by its frequency response;
    so the whole wave has one measured angle, and its magnitude one factor.

    Parameters
    ----------
    operator : str, Kernel, pair of Kernels, or OperatorPair
        Scaled per pixel.
    frequencies, angles : array_like
        Cycles per pixel and degrees; broadcast against each other.

    Returns
    -------
    angle : ndarray of float64
        Measured minus true angle in degrees, from -180 to 180, turning clockwise on screen.
    magnitude : ndarray of float64
        Measured / true magnitude - 1. Both for kernels that are odd about their centre in their own direction and
        even across, as all named operators are.

    Raises
    ------
    ValueError
        A frequency is not above 0.
    """
    pace, turn = np.broadcast_arrays(np.asarray(frequencies, np.float64), np.radians(np.asarray(angles, np.float64)))
    if not (pace > 0).all():
        raise ValueError("frequencies must all be above 0.")
    u, v = 2.0 * np.pi * pace * np.cos(turn), 2.0 * np.pi * pace * np.sin(turn)
    pair = resolve(operator).scaled("per-pixel")
    gx, gy = (_odd_response(kernel.effective_weights, u, v) for kernel in (pair.x, pair.y))
    angle = np.degrees(np.arctan2(u * gy - v * gx, u * gx + v * gy))
    return angle, np.hypot(gx, gy) / np.hypot(u, v) - 1.0


def worst_wave_angles(operator: OperatorChoice, frequencies: npt.ArrayLike) -> FloatArray:
    """Return the largest angular error on plane waves of each frequency, over waves of any angle.

    The largest errors at whole degrees are followed to their maximum between the degrees.

    Parameters
    ----------
    operator : str, Kernel, pair of Kernels, or OperatorPair
        As in `wave_errors`.
    frequencies : array_like, shape (N,)
        Cycles per pixel.

    Returns
    -------
    ndarray of float64, shape (N,)
        Degrees, 0 to 180.

    Raises
    ------
    ValueError
        A frequency is not above 0.
    """
    # Errors repeat with every quarter turn, but for those of a user's pair that is not alike in both directions.
    angles = np.arange(0.0, 180.0)
    pace = np.asarray(frequencies, np.float64)[:, None]
    errors = np.abs(wave_errors(operator, pace, angles[None, :])[0])
    places = angles[np.argsort(-errors, axis=1)[:, :_FOLLOWED]]
    worst = errors.max(axis=1)
    reach = 1.0
    while reach > _FINEST:
        tried = places[:, :, None] + reach * np.linspace(-1.0, 1.0, 21)
        found = np.abs(wave_errors(operator, pace[:, :, None], tried)[0])
        best = found.argmax(axis=2)[:, :, None]
        places = np.take_along_axis(tried, best, axis=2)[:, :, 0]
        worst = np.maximum(worst, found.max(axis=(1, 2)))
        reach /= 10.0
    return np.asarray(worst, dtype=np.float64)


def _odd_response(weights: FloatArray, u: FloatArray, v: FloatArray) -> FloatArray:
    """Return the imaginary part of the frequency response about the centre: Σ w sin(u x + v y)."""
    rows, columns = weights.shape
    # exp(i (u x + v y)) is a product, so that only as many waves as rows and columns are computed.
    u, v = np.broadcast_arrays(u, v)
    down = np.exp(1j * v[..., np.newaxis] * (np.arange(rows) - (rows - 1) / 2))
    across = np.exp(1j * u[..., np.newaxis] * (np.arange(columns) - (columns - 1) / 2))
    return np.asarray(((down @ weights) * across).sum(axis=-1).imag)


def _angle_between(gx: FloatArray, gy: FloatArray, true_x: FloatArray, true_y: FloatArray) -> FloatArray:
    """Return the angle between measured and true gradients in degrees; 90 where nothing was measured."""
    turn = np.degrees(np.abs(np.arctan2(gx * true_y - gy * true_x, gx * true_x + gy * true_y)))
    return np.asarray(np.where((gx == 0) & (gy == 0), 90.0, turn), dtype=np.float64)


def _check_frequency(name: str, frequency: float) -> None:
    if not 0.0 < frequency <= 0.5:
        raise ValueError(f"{name} is {frequency!r}, but must be above 0 and at most 0.5 cycles per pixel.")
