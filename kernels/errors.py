"""Errors of the engine, and the sentences for a name that is not known."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class Cancelled(Exception):
    """The caller asked for a running operation to stop; there is no result."""


def unknown_name(argument: str, value: object, valid: Iterable[str]) -> ValueError:
    """Return the error for a name outside a closed set, with the near ones suggested.

    Parameters
    ----------
    argument : str
        What the name is for, as the caller knows it: "border", "padding".
    value : object
        The name that was given.
    valid : iterable of str
        The names that would have been understood.
    """
    names = list(valid)
    near = get_close_matches(str(value).lower(), names, n=3, cutoff=0.5)
    hint = f" Did you mean {' or '.join(repr(name) for name in near)}?" if near else ""
    return ValueError(f"{argument} is {value!r}, but must be one of {', '.join(names)}.{hint}")
