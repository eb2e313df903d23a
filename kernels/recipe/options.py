"""Reading the options of a stage: each is taken by name, checked, and missed by name."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from kernels.arguments import pair_of, whole_number
from kernels.errors import quoted, unknown_name
from kernels.filtering.geometry import Pair, SlidingOptions
from kernels.kernel import Kernel

LARGEST = 2**31 - 1
LARGEST_POOL = 1024

_REQUIRED: Any = object()
_NAME = re.compile(r"\s*[A-Za-z][\w -]*(\([^()\[\]{}]*\))?\s*")
_SLIDING = ("operation", "padding", "stride", "dilation", "border", "border_value")


class Options:
    """The options of one stage, with the place that errors name.

    Parameters
    ----------
    place : str
        For example ``stages[2].max-pool``.
    given : mapping
        Option names to plain values.
    """

    def __init__(self, place: str, given: object) -> None:
        if not isinstance(given, Mapping):
            raise ValueError(f"{place} is {quoted(given)}, but must be an object of options, {{}} for none.")
        self.place = place
        self._given = dict(given)
        self._known: list[str] = []

    def where(self, name: str) -> str:
        """Return the place of an option."""
        return f"{self.place}.{name}"

    def __contains__(self, name: str) -> bool:
        return name in self._given

    def raw(self, name: str, default: Any = _REQUIRED) -> Any:
        """Take an option as it is; null counts as left out where there is a default."""
        self._known.append(name)
        value = self._given.get(name)
        if value is None:
            if default is _REQUIRED:
                raise ValueError(f"{self.where(name)} is missing; {self.place} needs it.")
            return default
        return value

    def finish(self) -> None:
        """Refuse options that nobody asked for."""
        for name in self._given:
            if name not in self._known:
                known = self._known or ["nothing"]
                raise unknown_name(f"{self.place}: an option", name, known)

    def pair(self, name: str, minimum: int, default: Any = _REQUIRED, largest: int = LARGEST) -> Pair:
        """Take a whole number or a pair (y, x) of them."""
        value = pair_of(self.where(name), self.raw(name, default), minimum)
        if max(value) > largest:
            raise ValueError(f"{self.where(name)} is {max(value)}, but must be at most {largest}.")
        return value

    def whole(self, name: str, minimum: int, default: Any = _REQUIRED) -> int:
        """Take a whole number."""
        value = whole_number(self.where(name), self.raw(name, default), minimum)
        if value > LARGEST:
            raise ValueError(f"{self.where(name)} is {value}, but must be at most {LARGEST}.")
        return value

    def flag(self, name: str, default: bool) -> bool:
        """Take true or false."""
        value = self.raw(name, default)
        if not isinstance(value, bool | np.bool_):
            raise ValueError(f"{self.where(name)} is {quoted(value)}, but must be true or false.")
        return bool(value)

    def number(self, name: str, default: Any = _REQUIRED) -> float:
        """Take a finite number."""
        return _finite(self.where(name), self.raw(name, default))

    def per_channel(self, name: str, default: Any = _REQUIRED) -> npt.NDArray[np.float64] | None:
        """Take one number for all channels, shape (), or a list of one for each; None where the default is."""
        value = self.raw(name, default)
        if value is None:
            return None
        if isinstance(value, list | tuple | np.ndarray) and np.ndim(np.asarray(value, dtype=object)) == 1:
            if len(value) == 0:
                raise ValueError(f"{self.where(name)} is empty, but must hold a number for each channel.")
            return np.array([_finite(f"{self.where(name)}[{at}]", each) for at, each in enumerate(value)])
        return np.array(_finite(self.where(name), value))

    def matrix(self, name: str) -> npt.NDArray[np.float64]:
        """Take a matrix of finite numbers."""
        value = self.raw(name)
        try:
            array = np.array(value, dtype=np.float64)
        except (TypeError, ValueError, OverflowError):
            raise ValueError(f"{self.where(name)} must be a list of rows of numbers, all of one length.") from None
        if array.ndim != 2 or array.size == 0:
            raise ValueError(
                f"{self.where(name)} has the shape {array.shape}, but must be (F, C), a row for each filter."
            )
        if not np.isfinite(array).all():
            raise ValueError(f"{self.where(name)} holds a number that is not finite.")
        return array

    def items(self, name: str, default: Any = _REQUIRED) -> list[Any]:
        """Take a list."""
        value = self.raw(name, default)
        if not isinstance(value, list | tuple):
            raise ValueError(f"{self.where(name)} is {quoted(value)}, but must be a list.")
        return list(value)

    def sliding(self) -> SlidingOptions:
        """Take the options of a sliding window, with the defaults of `kernels.correlate`."""
        given = {name: value for name in _SLIDING if (value := self.raw(name, None)) is not None}
        for name in ("padding", "stride", "dilation"):
            if name in given and not isinstance(given[name], str):
                self.pair(name, 0)
        try:
            return SlidingOptions(**given)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{self.place}.{error}") from None

    def kernel(self, name: str) -> Kernel:
        """Take a kernel: a name of the catalogue, text, or weights with divisor and offset."""
        return kernel_of(self.where(name), self.raw(name))

    def kernels(self, name: str) -> tuple[Kernel, ...]:
        """Take a list of kernels, at least one."""
        values = self.items(name)
        if not values:
            raise ValueError(f"{self.where(name)} is empty, but must hold at least one kernel.")
        return tuple(kernel_of(f"{self.where(name)}[{at}]", value) for at, value in enumerate(values))


def kernel_of(place: str, value: object) -> Kernel:
    """Return the kernel that plain data describe; one that is made already as it is."""
    if isinstance(value, Kernel):
        return value
    if isinstance(value, str):
        from kernels.kernel import library  # loaded when it is needed: a batch has weights

        try:
            if value in library.names():
                return library.get(value)
            return library.from_text(value) if _NAME.fullmatch(value) else Kernel.parse(value)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{place}: {error}") from None
    if not isinstance(value, Mapping):
        raise ValueError(
            f"{place} is {quoted(value)}, but must be a name of the catalogue, text such as '1 0 -1; 2 0 -2; 1 0 -1', "
            f"or an object with weights."
        )
    options = Options(place, value)
    weights, divisor, offset = options.raw("weights"), options.number("divisor", 1.0), options.number("offset", 0.0)
    options.finish()
    try:
        return Kernel(weights, divisor=divisor, offset=offset)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{place}.{error}") from None


def _finite(place: str, value: object) -> float:
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.integer | np.floating):
        raise ValueError(f"{place} is {quoted(value)}, but must be a number.")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ValueError(f"{place} is {number}, but must be finite.")
    return number
