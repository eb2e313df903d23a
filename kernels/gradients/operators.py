"""Pairs of kernels that measure a picture's gradient: Gx growth to the right, Gy growth downwards.

All are written for correlation. "As written" keeps the weights of the literature, "per pixel" divides each kernel by
its response to a ramp that grows by 1 per pixel.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import lru_cache

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from kernels.errors import unknown_name
from kernels.filtering.geometry import Pair
from kernels.kernel import Kernel, library
from kernels.kernel.catalogue.entry import Parameter

FloatArray = npt.NDArray[np.float64]

SCALINGS = ("as-written", "per-pixel")
"""``as-written``: the weights as they are. ``per-pixel``: a ramp of slope 1 gives 1."""

NO_RESPONSE = 1e-9
"""A response to a ramp of at most this share of the largest possible one counts as none."""

GAUSSIAN_SIGMA = Parameter("sigma", "Standard deviation", "σ", "px", 0.5, 10.0, 0.1, 1.0)


class OperatorPair(msgspec.Struct, frozen=True):
    """Two kernels of one size; `x` answers to growth to the right, `y` to growth downwards.

    Attributes
    ----------
    x, y : Kernel
        (kh, kw), without offset.
    title : str
        What to call the pair on screen.
    note : str
        What was done to the kernels to make them a pair, one sentence; empty as a rule.
    """

    x: Kernel
    y: Kernel
    title: str
    note: str = ""

    @property
    def shape(self) -> Pair:
        """Rows and columns of both kernels."""
        return self.x.shape

    @property
    def absolute_sum(self) -> float:
        """The larger of the two sums of absolute weights, divisors folded in."""
        return max(kernel.absolute_sum / abs(kernel.divisor) for kernel in (self.x, self.y))

    def responses(self, dilation: Pair = (1, 1)) -> tuple[float, float]:
        """Return what `x` gives on a ramp of slope 1 to the right, and `y` on one of slope 1 downwards."""
        return (
            ramp_response(self.x, 1) * dilation[1] / self.x.divisor,
            ramp_response(self.y, 0) * dilation[0] / self.y.divisor,
        )

    def scaled(self, scaling: str, dilation: Pair = (1, 1)) -> OperatorPair:
        """Return the pair as it is to be applied.

        Parameters
        ----------
        scaling : {"as-written", "per-pixel"}
        dilation : (int, int)
            Pixels between neighbouring weights, (y, x); a spread-out kernel sees a ramp grow by as much more.

        Raises
        ------
        ValueError
            An unknown scaling, or a kernel without response to its ramp that would have to be divided by it.
        """
        if scaling not in SCALINGS:
            raise unknown_name("scaling", scaling, SCALINGS)
        if scaling == "as-written":
            return self
        x = _per_pixel(self.x, 1, dilation[1], "to the right")
        y = _per_pixel(self.y, 0, dilation[0], "downwards")
        return replace(self, x=x, y=y)


class Operator(msgspec.Struct, frozen=True):
    """A named gradient operator.

    Attributes
    ----------
    name : its name on the command line and in code, for example "sobel-5"
    title : its name on screen, for example "Sobel 5 × 5"
    summary : one sentence on what sets it apart
    reference : author, year, title
    build : makes the pair from keyword parameters that `Parameter.checked` has passed
    parameters : numbers to choose
    """

    name: str
    title: str
    summary: str
    reference: str
    build: Callable[..., OperatorPair]
    parameters: tuple[Parameter, ...] = ()

    def pair(self, **parameters: float) -> OperatorPair:
        """Make the kernels; parameters left out take their defaults.

        Raises
        ------
        ValueError, TypeError
            An unknown parameter, or a value out of range.
        """
        values = {one.name: one.checked(one.default) for one in self.parameters}
        for keyword, value in parameters.items():
            known = next((one for one in self.parameters if keyword in (one.name, one.symbol)), None)
            if known is None:
                names = ", ".join(values) or "none at all"
                raise ValueError(f"operator {self.name} has no parameter {keyword!r}; it has {names}.")
            if keyword != known.name and known.name in parameters:
                raise ValueError(f"operator {self.name} is given {known.name} twice; {keyword} is the same parameter.")
            values[known.name] = known.checked(value)
        return self.build(**values)


OperatorChoice = str | Kernel | OperatorPair | tuple[Kernel, Kernel]
"""An operator's name, with parameters perhaps ("gaussian(sigma=2)"), a kernel, or two."""


def ramp_response(kernel: Kernel, axis: int) -> float:
    """Return the sum of weight times position along an axis (0: y, 1: x), from the kernel's centre; no divisor."""
    along = kernel.weights.sum(axis=1 - axis)
    positions = np.arange(along.size) - (along.size - 1) / 2
    return math.fsum(along * positions)


def user_pair(first: Kernel, second: Kernel | None = None) -> OperatorPair:
    """Make a pair of any kernel and its transpose, or of any two kernels.

    The one that answers more strongly to a ramp in x becomes Gx, the first one if both do alike. A kernel that answers
    to its ramp with a negative number changes its sign, so that directions mean what they mean everywhere else. The
    smaller kernel is set into zeros, so that both look through one window. Offsets are left out: a flat picture has
    no gradient.

    Parameters
    ----------
    first, second : Kernel
        Without channels; `second` is the transpose of `first` when left out.

    Raises
    ------
    ValueError
        For a kernel with channels.
    """
    title = first.name or "Kernel and transpose"
    if second is not None:
        title = " and ".join(filter(None, (first.name, second.name))) or "Two kernels"
    pair = (first, first.transpose() if second is None else second)
    for kernel in pair:
        if kernel.channels is not None:
            raise ValueError(
                f"operator is a kernel with {kernel.channels} channels, but must have none: (rows, columns); "
                f"the colours are joined by the colour mode."
            )
    x, y = (kernel.replace(offset=0.0) for kernel in pair)
    notes = []
    if abs(_response(y, 1)) > abs(_response(x, 1)) * (1 + NO_RESPONSE):
        x, y = y, x
        notes.append("exchanged, since the second answers more to growth in x")
    if _response(x, 1) < 0:
        x = x.negate()
        notes.append("Gx negated")
    if _response(y, 0) < 0:
        y = y.negate()
        notes.append("Gy negated")
    rows, columns = (max(x.shape[axis], y.shape[axis]) for axis in (0, 1))
    x, y = x.resize(rows, columns), y.resize(rows, columns)
    note = ", ".join(notes)
    return OperatorPair(x, y, title, f"{note[0].upper()}{note[1:]}." if note else "")


def resolve(operator: OperatorChoice) -> OperatorPair:
    """Return the pair of kernels that a choice of operator stands for.

    Raises
    ------
    ValueError
        An unknown name (near ones are suggested), or a kernel that cannot be part of a pair.
    TypeError
        Something else than a name, a kernel or two.
    """
    if isinstance(operator, OperatorPair):
        return operator
    if isinstance(operator, str):
        return _named(operator)
    if isinstance(operator, Kernel):
        return user_pair(operator)
    if isinstance(operator, tuple | list) and len(operator) == 2:
        first, second = operator
        if isinstance(first, Kernel) and isinstance(second, Kernel):
            return user_pair(first, second)
    raise TypeError(
        f"operator is of type {type(operator).__name__}, but must be a name ({', '.join(OPERATORS)}), "
        f"a Kernel, or a pair of two Kernels."
    )


@lru_cache(maxsize=32)
def _named(text: str) -> OperatorPair:
    found, values = parse_operator(text)
    return found.pair(**values)


def parse_operator(text: str) -> tuple[Operator, dict[str, float]]:
    """Read an operator's name with parameters perhaps, such as "sobel" or "gaussian(sigma=2)".

    Raises
    ------
    ValueError
        An unknown name, or parameters that are not written as name=number, or one of them twice.
    """
    from kernels.kernel.text import parse_number

    match = re.fullmatch(r"\s*([^()]*?)\s*(?:\(([^()]*)\)\s*)?", text)
    name = re.sub(r"[\s_-]+", "-", match[1].lower()) if match else text
    if match is None or _ALIASES.get(name, name) not in OPERATORS:
        raise unknown_name("operator", text, OPERATORS)
    values = {}
    for part in filter(None, (part.strip() for part in (match[2] or "").split(","))):
        keyword, equals, number = (side.strip() for side in part.partition("="))
        if not equals:
            raise ValueError(f"operator is {text!r}, but parameters are written as name=number.")
        if keyword in values:
            raise ValueError(f"operator is {text!r}, but gives {keyword} twice.")
        values[keyword] = parse_number(number)
    return OPERATORS[_ALIASES.get(name, name)], values


def _response(kernel: Kernel, axis: int) -> float:
    """Return the response to a ramp, divisor included, and 0 where it is nothing but rounding."""
    response = ramp_response(kernel, axis)
    # What it would be if no two weights cancelled.
    largest = kernel.absolute_sum * max(kernel.shape[axis] - 1, 1) / 2
    return 0.0 if abs(response) <= NO_RESPONSE * largest else response / kernel.divisor


def _per_pixel(kernel: Kernel, axis: int, dilation: int, where: str) -> Kernel:
    if _response(kernel, axis) == 0.0:
        raise ValueError(
            f"scaling is 'per-pixel', but {kernel.name or 'the kernel'} does not answer to a ramp that grows {where}, "
            f"so nothing can make its response 1; use scaling 'as-written' or another operator."
        )
    # Whole-number weights over a whole divisor stay exact.
    return kernel.replace(divisor=ramp_response(kernel, axis) * dilation)


def _from_catalogue(title: str, name: str, **parameters: float) -> Callable[[], OperatorPair]:
    def build() -> OperatorPair:
        return OperatorPair(
            library.get(f"{name}-x", **parameters).replace(name=f"{title} x"),
            library.get(f"{name}-y", **parameters).replace(name=f"{title} y"),
            title,
        )

    return build


def _central() -> OperatorPair:
    # Both in one 3 × 3 window, so that every padding gives Gx and Gy the same size.
    x = library.get("central-x").resize(3, 3)
    return OperatorPair(x, x.transpose().replace(name="Central difference y"), "Central difference")


def _roberts() -> OperatorPair:
    """Rotate the diagonal differences by 45°: Gx = (D1 − D2)/√2, Gy = (D1 + D2)/√2.

    The whole-number weights stand over a divisor of √2: sums of whole numbers stay exact, and a component that is 0
    is exactly 0.
    """
    first, second = library.get("roberts-1").weights, library.get("roberts-2").weights
    root = math.sqrt(2.0)
    return OperatorPair(
        Kernel(first - second, divisor=root, name="Roberts x"),
        Kernel(first + second, divisor=root, name="Roberts y"),
        "Roberts",
        "The diagonal differences are rotated by 45°, so that Gx and Gy lie along the axes; measured between pixels.",
    )


def gaussian_radius(sigma: float) -> int:
    """Return the pixels on each side that hold four standard deviations."""
    return int(4.0 * sigma + 0.5)


def gaussian_rows(sigma: float, radius: int) -> tuple[FloatArray, FloatArray]:
    """Return a sampled Gaussian that adds up to 1, and its derivative as a correlation kernel: x/σ² times it."""
    positions = np.arange(-radius, radius + 1, dtype=np.float64)
    bell = np.exp(-(positions**2) / (2.0 * sigma**2))
    bell /= math.fsum(bell)
    return bell, bell * positions / sigma**2


def _gaussian(sigma: float) -> OperatorPair:
    bell, slope = gaussian_rows(sigma, gaussian_radius(sigma))
    title = f"Gaussian derivative, σ {sigma:g}"
    x = Kernel(np.outer(bell, slope), name=f"{title}, x")
    return OperatorPair(x, x.transpose().replace(name=f"{title}, y"), title)


_ALIASES = {"sobel-3": "sobel", "central-difference": "central", "gaussian-derivative": "gaussian"}

_ENLARGED = "I. Sobel, G. Feldman, 1968, A 3x3 isotropic gradient operator for image processing; binomially enlarged"


def _reference(name: str) -> str:
    return library.entry(name).reference


OPERATORS: dict[str, Operator] = {
    one.name: one
    for one in (
        Operator(
            "central",
            "Central difference",
            "The next pixel minus the one before, nothing smoothed.",
            _reference("central-x"),
            _central,
        ),
        Operator(
            "roberts",
            "Roberts",
            "The smallest: four pixels, differences along the diagonals, turned here to lie along the axes.",
            _reference("roberts-1"),
            _roberts,
        ),
        Operator(
            "prewitt",
            "Prewitt",
            "Three central differences added up.",
            _reference("prewitt-x"),
            _from_catalogue("Prewitt", "prewitt"),
        ),
        Operator(
            "sobel",
            "Sobel 3 × 3",
            "Three central differences, the middle one twice.",
            _reference("sobel-x"),
            _from_catalogue("Sobel", "sobel"),
        ),
        Operator(
            "sobel-5",
            "Sobel 5 × 5",
            "Sobel's operator smoothed once more, against noise.",
            _ENLARGED,
            _from_catalogue("Sobel 5 × 5", "sobel", size=5),
        ),
        Operator(
            "sobel-7",
            "Sobel 7 × 7",
            "Sobel's operator smoothed twice more, against noise.",
            _ENLARGED,
            _from_catalogue("Sobel 7 × 7", "sobel", size=7),
        ),
        Operator(
            "scharr",
            "Scharr",
            "Weights chosen so that the direction is right for fine detail too.",
            _reference("scharr-x"),
            _from_catalogue("Scharr", "scharr"),
        ),
        Operator(
            "gaussian",
            "Gaussian derivative",
            "The slope of the picture as a Gaussian of standard deviation σ smooths it.",
            "J. Canny, 1986, A computational approach to edge detection",
            _gaussian,
            (GAUSSIAN_SIGMA,),
        ),
    )
}
"""The named operators, in the order of a menu."""
