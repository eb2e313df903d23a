"""Seeded noise on a picture: what blurring and sharpening are tried out on."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from kernels import memory
from kernels.arguments import whole_number
from kernels.digits import format_number
from kernels.errors import unknown_name
from kernels.filtering.backends.workers import Scratch, compute_strips
from kernels.pictures.picture import Origin, Picture

Array = NDArray[Any]

NOISES = ("gaussian", "salt-and-pepper", "uniform")

#: Values that get their noise together.
_STRIP = 1 << 17


def with_noise(
    picture: Picture,
    kind: str,
    amount: float,
    seed: int,
    *,
    cancelled: Callable[[], bool] | None = None,
    progress: Callable[[float], None] | None = None,
) -> Picture:
    """Return a picture with noise; the same seed gives the same noise at any time, with any version of NumPy.

    NumPy promises the raw numbers of PCG64 to every later version, but not what its generators make of them. So pixel
    values are made here, one raw number for each in raster order, channels fastest (for salt and pepper one for each
    pixel); the strips that they are computed in do not show.

    Parameters
    ----------
    picture : Picture
        It is not modified.
    kind : {"gaussian", "salt-and-pepper", "uniform"}
        ``gaussian`` and ``uniform`` are added to every value of every channel on its own; salt and pepper makes whole
        pixels white or black, each half of them as a rule.
    amount : float
        ``gaussian``: the standard deviation, ``uniform``: half the width, -amount to +amount, both in the picture's own
        units. ``salt-and-pepper``: the share of the pixels, 0 to 1; a larger one makes the same pixels white and black,
        and more.
    seed : int
        At least 0.
    cancelled : callable, optional
        Asked before each strip of rows; True stops.
    progress : callable, optional
        Told the share that is done.

    Returns
    -------
    Picture
        dtype, white level and opacity are the picture's. Whole numbers are rounded and clipped to the file's range,
        0 to white, or to what the picture holds where that is wider; floats are neither, and one that is not finite
        stays as it is but under salt and pepper. The name is `noise_title`'s.

    Raises
    ------
    TypeError, ValueError
        An unknown kind, an amount or a seed out of range.
    MemoryError
        The picture would take more than half of the free memory.
    kernels.errors.Cancelled
        If `cancelled` returned True.

    References
    ----------
    M. E. O'Neill (2014), "PCG: a family of simple fast space-efficient statistically good algorithms for random number
    generation".
    G. E. P. Box and M. E. Muller (1958), "A note on the generation of random normal deviates".
    R. C. Gonzalez and R. E. Woods (2018), "Digital Image Processing", 4th edition, section 5.2.
    """
    title = noise_title(picture.origin.name, kind, amount, seed)
    pixels = picture.pixels
    memory.require(pixels.nbytes, f"A picture of {' × '.join(map(str, pixels.shape))} values")
    noisy = np.empty_like(pixels)
    # Raw numbers in a row of the picture.
    each = picture.width if kind == "salt-and-pepper" else math.prod(pixels.shape[1:])
    low, high = _range(picture)

    def compute(top: int, bottom: int, scratch: Scratch) -> None:
        raw = _raw_numbers(seed, top * each, (bottom - top) * each)
        if kind == "salt-and-pepper":
            noisy[top:bottom] = _sprinkled(pixels[top:bottom], raw, amount, picture.white)
            return
        added = _gaussian(raw) if kind == "gaussian" else 2.0 * _uniform(raw) - 1.0
        with np.errstate(over="ignore", invalid="ignore"):
            values = added.reshape(pixels[top:bottom].shape) * amount + pixels[top:bottom]
            noisy[top:bottom] = np.clip(np.rint(values), low, high) if pixels.dtype.kind in "ui" else values

    rows = max(1, _STRIP // math.prod(pixels.shape[1:]))
    strips = [(top, min(top + rows, picture.height)) for top in range(0, picture.height, rows)]
    compute_strips(strips, compute, cancelled=cancelled, progress=progress)
    return replace(picture, pixels=noisy, origin=Origin("output", None, title), bits="")


def noise_title(name: str, kind: str, amount: float, seed: int) -> str:
    """Return what to call a picture with noise: ``"camera + Gaussian noise, σ 20, seed 1"``.

    Raises
    ------
    TypeError, ValueError
        As `with_noise`.
    """
    _check(kind, amount)
    number = format_number(amount)
    told = {
        "gaussian": f"Gaussian noise, σ {number}",
        "salt-and-pepper": f"salt and pepper, {format_number(100 * amount)} % of the pixels",
        "uniform": f"uniform noise, ±{number}",
    }
    return f"{name} + {told[kind]}, seed {whole_number('seed', seed, 0)}"


def _check(kind: str, amount: float) -> None:
    if kind not in NOISES:
        raise unknown_name("kind", kind, NOISES)
    if isinstance(amount, bool) or not isinstance(amount, int | float | np.integer | np.floating):
        raise TypeError(f"amount is {amount!r}, but must be a number.")
    if kind == "salt-and-pepper":
        if not 0 <= amount <= 1:
            raise ValueError(f"amount is {amount}, but must be a share of the pixels, from 0 to 1.")
    elif not (math.isfinite(amount) and amount >= 0):
        what = "the standard deviation" if kind == "gaussian" else "half the width"
        raise ValueError(f"amount is {amount}, but must be {what} in the picture's own units, 0 or more.")


def _range(picture: Picture) -> tuple[float, float]:
    """Return the smallest and the largest number that a whole-number picture may hold after noise."""
    if picture.pixels.dtype.kind not in "ui":
        return -math.inf, math.inf
    low, high = min(0.0, float(picture.pixels.min())), max(picture.white, float(picture.pixels.max()))
    largest = int(np.iinfo(picture.pixels.dtype).max)
    # The largest number of 64 bits is none of float64's, which would round it up and out of range.
    return low, min(high, float(largest) if float(largest) <= largest else np.nextafter(float(largest), 0.0))


def _raw_numbers(seed: int, start: int, count: int) -> NDArray[np.uint64]:
    """Return `count` raw numbers of the seed's sequence, from number `start` on."""
    return np.asarray(np.random.PCG64(seed).advance(start).random_raw(count), np.uint64)


def _uniform(raw: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Return numbers inside 0 .. 1, of the upper 52 bits, their steps' middles."""
    numbers: NDArray[np.float64] = ((raw >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52
    return numbers


def _gaussian(raw: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Return normal numbers by Box and Muller: the radius from the upper half, the angle from the lower half."""
    radius = np.sqrt(-2.0 * np.log(((raw >> np.uint64(32)).astype(np.float64) + 0.5) * 2.0**-32))
    angle = (raw & np.uint64(0xFFFFFFFF)).astype(np.float64) * (2.0 * np.pi * 2.0**-32)
    normal: NDArray[np.float64] = radius * np.cos(angle)
    return normal


def _sprinkled(pixels: Array, raw: NDArray[np.uint64], share: float, white: float) -> Array:
    """Return some rows with black where the number is below half the share, white where it is that near to 1."""
    numbers = _uniform(raw).reshape(pixels.shape[:2])
    changed = pixels.copy()
    changed[numbers < share / 2] = 0
    largest = np.iinfo(pixels.dtype).max if pixels.dtype.kind in "ui" else math.inf
    changed[numbers > 1 - share / 2] = min(white, largest)
    return changed
