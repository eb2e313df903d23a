"""Errors of the engine, the sentences for a name that is not known, and foreign text inside sentences."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable

LONGEST_SHOWN = 120
"""Characters of a foreign value that a sentence repeats."""


class Cancelled(Exception):
    """The caller asked for a running operation to stop; there is no result."""


def stop_if(cancelled: Callable[[], bool] | None) -> None:
    """Raise `Cancelled` if the caller, who may have nothing to ask it by, wants a running operation to stop."""
    if cancelled is not None and cancelled():
        raise Cancelled


def shown(value: str | os.PathLike[str], length: int = LONGEST_SHOWN) -> str:
    """Return a foreign text - a path, a file's name, what was typed - fit to stand inside one line.

    Control characters, line ends and what else cannot be printed become escapes such as ``\\n``, so that a name
    neither breaks a line nor steers a terminal; of a longer text the beginning and the end are kept.
    """
    text = os.fspath(value)
    if len(text) > length:
        text = _cut(text, length)
    if text.isprintable():
        return text
    plain = "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
        for character in text
    )
    # Escapes are longer than what they stand for.
    return plain if len(plain) <= length else _cut(plain, length)


def shortened(text: str, length: int = 24) -> str:
    """Return the beginning of a foreign text, fit to stand inside one line."""
    return shown(text if len(text) <= length else text[: length - 1] + "…")


def _cut(text: str, length: int) -> str:
    end = length // 3
    return f"{text[: length - end - 1]}…{text[-end:]}"


def quoted(value: object, length: int = LONGEST_SHOWN) -> str:
    """Return a foreign value as `repr` writes it, no longer than `length` or so."""
    # The representation of a huge number or text would be built only to be cut.
    if isinstance(value, str):
        value = value if len(value) <= length else shown(value, length)
    return shown(repr(value), length + 2)


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
    # Names are short; comparing a text of megabytes with them takes for ever.
    near = near_names(str(value)[:100].lower(), names, cutoff=0.5)
    hint = f" Did you mean {' or '.join(repr(name) for name in near)}?" if near else ""
    return ValueError(f"{argument} is {quoted(value)}, but must be one of {', '.join(names)}.{hint}")


def near_names(name: str, valid: Iterable[str], cutoff: float) -> list[str]:
    """Return up to three of the names that are like one that is not among them, the nearest first."""
    from difflib import get_close_matches  # loaded when it is needed: most names are known

    return get_close_matches(name, list(valid), n=3, cutoff=cutoff)


def refuse_mask(name: str, array: object) -> None:
    """Refuse a masked array: what is under the mask would count as if it were not there.

    Raises
    ------
    TypeError
    """
    # There is none before NumPy's module for them is loaded, which takes its time; another thread may be about it.
    masked = getattr(sys.modules.get("numpy.ma"), "MaskedArray", None)
    if masked is not None and isinstance(array, masked):
        raise TypeError(
            f"{name} is a masked array, and nothing here can leave out what is under a mask; "
            f"fill it first, for example with {name}.filled(0) or {name}.filled(np.nan)."
        )
