"""The catalogue of named kernels, each with its reference and its parameters."""

from __future__ import annotations

import re
from functools import cache

from kernels.errors import near_names, shown
from kernels.kernel import Kernel
from kernels.kernel.catalogue import compass, derivatives, second, smoothing
from kernels.kernel.catalogue.entry import Entry, Parameter
from kernels.kernel.text import parse_number

__all__ = ["Entry", "Parameter", "entries", "entry", "from_text", "get", "groups", "names"]

_FAMILIES = (smoothing, derivatives, compass, second)


@cache
def _by_name() -> dict[str, Entry]:
    return {one.name: one for family in _FAMILIES for one in family.ENTRIES}


def entries() -> tuple[Entry, ...]:
    """All kernels of the catalogue, those of a group together."""
    return tuple(_by_name().values())


def names() -> tuple[str, ...]:
    """The names that `get` knows, in the order of `entries`."""
    return tuple(_by_name())


def groups() -> tuple[str, ...]:
    """The groups, in the order of `entries`."""
    return tuple(dict.fromkeys(one.group for one in entries()))


def entry(name: str) -> Entry:
    """Find what the catalogue knows about a kernel.

    Parameters
    ----------
    name : str
        For example "sobel-x"; capitals, blanks and underscores make no difference.

    Raises
    ------
    ValueError
        If there is no such kernel; the message suggests near names.
    """
    if not isinstance(name, str):
        raise TypeError(f"name is {name!r}; it must be text")
    found = _by_name().get(_plain(name[:1000]))
    if found is None:
        near = _near(_plain(name[:100]))
        hint = f"did you mean {' or '.join(near)}?" if near else f"the names are {', '.join(names())}."
        raise ValueError(f"There is no kernel named “{shown(name, 40)}”; {hint}")
    return found


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]+", "-", name.strip().lower())


def _near(name: str) -> list[str]:
    near = near_names(name, names(), cutoff=0.6)
    if not near and len(name) >= 3:
        near = [other for other in names() if name in other][:3]
    return near


def get(name: str, **parameters: float) -> Kernel:
    """Make a kernel of the catalogue.

    Parameters
    ----------
    name : str
        One of `names()`, for example "gaussian".
    **parameters : float
        Its parameters by name or symbol, in the units that `entry(name).parameters` gives, for example ``sigma=2``;
        those left out take their defaults.

    Returns
    -------
    Kernel
        Written for correlation; its name is the entry's title.

    Raises
    ------
    ValueError
        For an unknown name or parameter (with the near ones), or a value out of range.
    TypeError
        For a parameter that is not a number.
    """
    found = entry(name)
    given: dict[str, float] = {}
    for keyword, value in parameters.items():
        parameter = found.parameter(keyword)
        if parameter is None:
            raise ValueError(_unknown_parameter(found, keyword))
        if parameter.name in given:
            raise ValueError(f"{found.name} is given {parameter.name} twice; {parameter.symbol} is the same parameter.")
        given[parameter.name] = parameter.checked(value)
    return found.build(**(found.defaults | given)).replace(name=found.title)


def _unknown_parameter(found: Entry, keyword: str) -> str:
    known = [one.name for one in found.parameters]
    if not known:
        return f"{found.name} has no parameter “{shown(keyword, 40)}”; it has none at all."
    near = near_names(keyword[:100], known, cutoff=0.6)
    hint = f"did you mean {near[0]}?" if near else f"it has {', '.join(known)}."
    return f"{found.name} has no parameter “{shown(keyword, 40)}”; {hint}"


def from_text(text: str) -> Kernel:
    """Make a kernel from a name with parameters, such as "sobel-x" or "gaussian(sigma=2, size=9)".

    Raises
    ------
    ValueError
        As `get`, and for a parameter that is not written as name=number.
    """
    match = re.fullmatch(r"\s*([^()]*?)\s*(?:\(([^()]*)\)\s*)?", text)
    if match is None:
        raise ValueError(f"“{shown(text, 40)}” is not a kernel's name; write for example sobel-x or gaussian(sigma=2).")
    name, written = match[1], match[2] or ""
    found = entry(name)
    values: dict[str, float] = {}
    for part in filter(None, (part.strip() for part in written.split(","))):
        keyword, equals, number = (side.strip() for side in part.partition("="))
        if not equals:
            raise ValueError(f"“{shown(part, 40)}” is not a parameter of {found.name}; write name=number.")
        if keyword in values:
            raise ValueError(f"{shown(keyword, 40)} is given twice for {found.name}; give it once.")
        try:
            values[keyword] = parse_number(number)
        except ValueError as error:
            raise ValueError(f"{shown(keyword, 40)}: {error}") from error
    return get(found.name, **values)
