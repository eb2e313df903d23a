"""How many digits numbers are written with: as many as fit, and such that what is shown adds up as shown."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

from kernels.numbers import MINUS, exact_number

if TYPE_CHECKING:
    from kernels.filtering.tracing import Arithmetic

FIGURES = (7, 6, 5)
"""Significant figures of the largest number, tried in this order; float32 holds seven."""
MOST_DECIMALS = 9
RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
"""Digits as they stand in a power."""
Grid = NDArray[np.float64]


def format_number(value: float, figures: int = 6) -> str:
    """`value` with at most so many significant figures and a true minus sign; whole numbers below 10^9 in full."""
    value = float(value)
    if not math.isfinite(value) or (value.is_integer() and abs(value) < 1e9):
        return exact_number(value, minus=MINUS)
    return f"{value:.{figures}g}".replace("-", MINUS)


def raised(text: str) -> str:
    """A text of `format_number` with its power of ten raised: "3·10⁻⁵" for "3e−05"."""
    mantissa, _, exponent = text.partition("e")
    if not exponent:
        return text
    power = "10" + str(int(exponent.replace(MINUS, "-"))).translate(RAISED)
    return {"1": power, f"{MINUS}1": f"{MINUS}{power}"}.get(mantissa, f"{mantissa}·{power}")


def decimals(values: ArrayLike, figures: int) -> int:
    """The decimals that write all of `values` exactly, or give the largest of them `figures` significant figures."""
    held = np.asarray(values, float).ravel()
    held = held[np.isfinite(held)]
    largest = float(np.abs(held).max(initial=0.0))
    if largest == 0:
        return 0
    most = min(max(figures - 1 - math.floor(math.log10(largest)), 0), MOST_DECIMALS)
    exact = (d for d in range(most) if np.abs(np.round(held, d) - held).max() <= 1e-12 * largest)
    return next(exact, most)


def fixed(value: float, places: int) -> str:
    """`value` with so many decimals; a whole number without, and no minus before nothing but zeros."""
    if not math.isfinite(value) or (float(value).is_integer() and abs(value) < 1e9):
        return format_number(value)
    text = f"{value:.{places}f}"
    return text.lstrip("-") if float(text) == 0 else text.replace("-", MINUS)


def brief(value: float, places: int) -> str:
    """The same without zeros at its end."""
    text = fixed(value, places)
    return text.rstrip("0").rstrip(".") if "." in text else text


def adding_up(parts: Grid, total: float, places: int) -> Grid:
    """`parts` rounded up or down so that their sum is `total` rounded: those that lose most are rounded up."""
    if not np.isfinite(parts).all() or not math.isfinite(total):
        return parts
    units = np.round(parts * 10.0**places, 6)
    low = np.floor(units)
    missing = round(total * 10.0**places) - round(float(low.sum()))
    if not 0 <= missing <= np.count_nonzero(units - low):
        return np.asarray(np.round(parts, places))
    order = np.argsort((low - units).ravel(), kind="stable")
    low.ravel()[order[:missing]] += 1
    return np.asarray(low / 10.0**places)


class Ending(msgspec.Struct, frozen=True):
    """The last step: ``83.13 ÷ 1 + 0 =`` and the value; `places` are the decimals of the sum.

    `brief` is the same without a division by 1 and without adding 0: ``83.13 =``.
    """

    equation: str
    value: str
    places: int
    agrees: bool
    brief: str


def ending(total: float, divisor: float, offset: float, value: float, places: int) -> Ending:
    """Write the last step with `places` decimals of the sum, and as many of the value as then come out right.

    Where the value would have to be cut shorter than the sum, the sum is written with more.
    """
    first: tuple[int, int | None] | None = None
    held = _as_written(divisor), _as_written(offset)
    for more in range(places, max(places, MOST_DECIMALS) + 1):
        last = _last_place(_result(total, *held, more), value, _most(divisor, offset, more))
        if last is not None and last >= min(places, _figures_after_point(value)):
            return _ending(total, divisor, offset, value, more, last)
        if first is None or (first[1] is None and last is not None):
            first = more, last
    assert first is not None
    return _ending(total, divisor, offset, value, *first)


class WrittenSum(msgspec.Struct, frozen=True, eq=False):
    """The products of one channel and what they come to, rounded so that what is shown adds up as shown.

    Attributes
    ----------
    products : ndarray of float64, (kh, kw)
        The products of the channel, with `last.places` decimals.
    total : float
        Their sum.
    channel_sums : tuple of float
        For a kernel that sums over channels the sum of each, which add up to the sum in `last`; else empty.
    last : Ending
        The last step.
    """

    products: Grid
    total: float
    channel_sums: tuple[float, ...]
    last: Ending


def written_sum(content: Arithmetic, channel: int, figures: int, *, with_products: bool = True) -> WrittenSum:
    """Choose the digits of an output pixel's arithmetic.

    Parameters
    ----------
    content : Arithmetic
        The output pixel.
    channel : int
        The channel whose products are wanted.
    figures : int
        Significant figures of the largest number, where it cannot be written exactly with fewer.
    with_products : bool
        Whether the products are written too; without them the sum alone says how many decimals there are.

    Returns
    -------
    WrittenSum
    """
    trace, products = content.trace(channel), content.grids(channel)[2]
    shown = [*products.flat, trace.sum] if with_products else [trace.sum]
    last = ending(trace.sum, trace.divisor, trace.offset, content.value(channel), decimals(shown, figures))
    total, sums = trace.sum, ()
    if content.sums_channels:
        sums = tuple(adding_up(np.array(content.channel_sums()), trace.sum, last.places).tolist())
        total = sums[channel]
    rounded = round(total, last.places) if math.isfinite(total) else total
    return WrittenSum(adding_up(products, total, last.places), rounded, sums, last)


def last_steps(total: str, divisor: float, offset: float, figures: int) -> tuple[str, str]:
    """Write what is done with the sum `total`: all of it, and without a division by 1 and without adding 0."""
    sign, written = (MINUS if offset < 0 else "+"), format_number(divisor, figures)
    division = f" ÷ ({written})" if divisor < 0 else f" ÷ {written}"
    addition = f" {sign} {format_number(abs(offset), figures)}"
    short = (division if divisor != 1 else "") + (addition if offset != 0 else "")
    return total + division + addition, total + short


def _ending(total: float, divisor: float, offset: float, value: float, places: int, last: int | None) -> Ending:
    """The last step with these decimals of the sum and of the value, which is written whole where there are none."""
    result = _result(total, _as_written(divisor), _as_written(offset), places)
    text = format_number(value, FIGURES[0]) if last is None else brief(value, last)
    exact = last is not None and (not math.isfinite(value) or abs(round(value, last) - result) <= 1e-9 * abs(result))
    equation, short = last_steps(brief(total, places), divisor, offset, FIGURES[0])
    is_written_out = divisor == 1 and round(offset, decimals([offset], FIGURES[0])) == offset
    agrees = exact or (not is_written_out and last is not None)
    relation = "=" if exact else "≈"
    return Ending(f"{equation} {relation}", text, places, agrees, f"{short} {relation}")


def _result(total: float, divisor: float, offset: float, places: int) -> float:
    """What the last step comes to with `places` decimals of the sum."""
    with np.errstate(all="ignore"):
        return float(np.float64(round(total, places) if math.isfinite(total) else total) / divisor + offset)


def _most(divisor: float, offset: float, places: int) -> int:
    return max(places, decimals([offset], FIGURES[0])) if divisor == 1 else MOST_DECIMALS


def _figures_after_point(value: float) -> int:
    """How many decimals six significant figures of `value` have: float32 does not promise more."""
    return decimals([value], FIGURES[1]) if math.isfinite(value) else 0


def _last_place(result: float, value: float, most: int) -> int | None:
    """The decimals up to which `value` is what `result` rounds to; None if they are different numbers."""
    if not math.isfinite(value):
        return 0 if np.array_equal(result, value, equal_nan=True) else None
    if not math.isfinite(result):
        return None
    large = max(abs(value), abs(result))
    figures = FIGURES[0] - 1 - math.floor(math.log10(large)) if large > 0 else 0
    first = min(max(figures, 0), most)
    least = max(0, min(first, figures - 3))
    return next((d for d in range(first, least - 1, -1) if round(result, d) == round(value, d)), None)


def agreeing(result: float, value: float) -> tuple[str, str]:
    """Write `value` with as many decimals as agree with `result`, what comes out of the numbers that are shown.

    Returns
    -------
    relation : {"=", "≈"}
        Whether what is shown comes out exactly.
    text : str
    """
    last = _last_place(result, value, MOST_DECIMALS)
    if last is None or (value != 0 and round(value, last) == 0):
        return "≈", format_number(value, FIGURES[1])
    shown = round(value, last) if math.isfinite(value) else value
    text = brief(value, last) if len(brief(value, last)) <= 12 else format_number(value, FIGURES[1])
    is_exact = not math.isfinite(value) or abs(shown - result) <= 1e-12 * abs(result)
    return "=" if is_exact else "≈", text


def written_product(
    value: float, weight: float, product: float, *, figures: int = FIGURES[1]
) -> tuple[str, str, str, str]:
    """Write ``value × weight = product`` so that it holds as shown.

    The factors have as many figures as it takes for them to come to the product that is shown, `figures` at least.

    Returns
    -------
    value, weight : str
    relation : {"=", "≈"}
        Whether the product of what is shown is exactly what is shown.
    product : str
    """
    # No power of ten where all figures before the point can be written.
    most = max(figures, len(str(int(abs(product))))) if abs(product) < 1e9 else figures
    written = format_number(product, most)
    for each in range(figures, MOST_DECIMALS + 1):
        texts = format_number(value, each), format_number(weight, each)
        result = number_of(texts[0]) * number_of(texts[1])
        if not math.isfinite(result) or format_number(result, most) == written:
            break
    return *texts, "=" if comes_to(result, number_of(written)) else "≈", written


def number_of(text: str) -> float:
    """Return the number that a text of `format_number` or `fixed` says."""
    return float(text.replace(MINUS, "-").replace("∞", "inf"))


def comes_to(result: float, shown: float) -> bool:
    """Whether a result is what is shown, but for the rounding of doubles; of what is not finite it always is."""
    return not math.isfinite(result) or abs(result - shown) <= 1e-12 * abs(result)


def _as_written(value: float) -> float:
    """What is read of a divisor or an offset."""
    return number_of(format_number(value, FIGURES[0]))


def without_chance(value: float, gap: float) -> float:
    """Return `value` without digits that the hand did not choose: to a power of ten below `gap`."""
    if not gap > 0 or not math.isfinite(gap):
        return value
    return round(value, max(0, -math.floor(math.log10(gap)))) + 0.0


def nice_step(size: float) -> float:
    """Return the largest of 1, 2, 5 times a power of ten that is at most `size`."""
    power = 10.0 ** float(f"{size:e}".split("e")[1])
    return max(float(factor * power) for factor in (1.0, 2.0, 5.0) if factor * power <= size * (1 + 1e-9))
