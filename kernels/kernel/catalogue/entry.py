"""What the catalogue knows about a kernel and about each of its parameters."""

from __future__ import annotations

import numbers
from collections.abc import Callable

import msgspec

from kernels.kernel import Kernel


class Parameter(msgspec.Struct, frozen=True):
    """A number that a kernel is made from: enough to draw a slider for it.

    Attributes
    ----------
    name : the keyword, for example "sigma"
    title : what to call it on screen, for example "Standard deviation"
    symbol : its letter in formulas, for example "σ"; also accepted as keyword
    unit : "px", "°" or ""
    minimum, maximum, step, default : the range in that unit; a value need not be on a step
    integer : whether only whole numbers are possible
    choices : the only possible values, ascending, or None
    special : what the minimum means if it is not an ordinary value, for example "fits the standard deviation", or ""
    """

    name: str
    title: str
    symbol: str
    unit: str
    minimum: float
    maximum: float
    step: float
    default: float
    integer: bool = False
    choices: tuple[float, ...] | None = None
    special: str = ""

    def checked(self, value: object) -> float:
        """Return the value as an int or float.

        Raises
        ------
        TypeError
            If it is not a number.
        ValueError
            If it is out of range, not whole where it must be, or not one of the choices.
        """
        if isinstance(value, bool) or not isinstance(value, numbers.Real):
            raise TypeError(f"{self.name} is {value!r}; it must be a number")
        number = float(value)
        if self.choices is not None:
            if number not in self.choices:
                allowed = ", ".join(f"{choice:g}" for choice in self.choices)
                raise ValueError(f"{self.name} is {number:g}; it must be one of {allowed}")
        elif not self.minimum <= number <= self.maximum:
            raise ValueError(
                f"{self.name} is {number:g}; it must be from {self.minimum:g} to {self.maximum:g} {self.unit}".rstrip()
            )
        if not self.integer:
            return number
        if not number.is_integer():
            raise ValueError(f"{self.name} is {number:g}; it must be a whole number")
        return int(number)


class Entry(msgspec.Struct, frozen=True):
    """A named kernel or family of kernels.

    Attributes
    ----------
    name : its name on the command line and in code, for example "sobel-x"
    title : its name on screen, for example "Sobel x"
    group : the family that it is listed under, for example "Derivatives"
    summary : one sentence on what it shows
    reference : author, year, title
    parameters : in the order of its signature in the literature
    build : makes the kernel from keyword parameters that `Parameter.checked` has passed
    """

    name: str
    title: str
    group: str
    summary: str
    reference: str
    build: Callable[..., Kernel]
    parameters: tuple[Parameter, ...] = ()

    def parameter(self, keyword: str) -> Parameter | None:
        """Find a parameter by name or symbol."""
        return next((one for one in self.parameters if keyword in (one.name, one.symbol)), None)

    @property
    def defaults(self) -> dict[str, float]:
        """The default of every parameter."""
        return {one.name: one.checked(one.default) for one in self.parameters}


def fixed(
    name: str,
    title: str,
    group: str,
    weights: list[list[float]],
    *,
    summary: str,
    reference: str,
    divisor: float = 1.0,
) -> Entry:
    """Describe a kernel without parameters."""
    kernel = Kernel(weights, divisor=divisor, name=title)
    return Entry(name, title, group, summary, reference, build=lambda: kernel)
