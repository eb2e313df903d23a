"""How subcommands read their arguments: numbers that start with a minus, pairs, kernels."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from kernels.errors import quoted, shown

if TYPE_CHECKING:
    from kernels.kernel import Kernel

_SHIELD = "\N{NULL}"
_NEGATIVE = re.compile(r"-[\d.]")
_NAME = re.compile(r"\s*[A-Za-z][\w -]*(\([^()\[\]{}]*\))?\s*")


class UsageError(Exception):
    """The command line is wrong; the text says how, in one line."""


class Parser(argparse.ArgumentParser):
    """A parser that raises instead of printing a page, takes options only in full, and knows negative numbers.

    No option here starts with a digit, so whatever starts with a minus and a digit is a value: ``-1,0,1`` or ``-5``.
    """

    has_optional_operands = False
    """Whether an operand may be left out; operands are then told apart by their number, wherever options stand."""

    def __init__(self, prog: str, description: str) -> None:
        super().__init__(prog=prog, description=description, allow_abbrev=False)

    def error(self, message: str) -> NoReturn:
        """Raise the message as a `UsageError`."""
        raise UsageError(message.replace(_SHIELD, ""))

    def parse(self, arguments: Sequence[str]) -> argparse.Namespace:
        """Parse the arguments after the subcommand's name."""
        # A path or text cannot hold the null character, so nothing real is taken for a shield.
        shielded = [_SHIELD + word if _NEGATIVE.match(word) else word for word in arguments]
        found = self.parse_intermixed_args(shielded) if self.has_optional_operands else self.parse_args(shielded)
        for name, value in vars(found).items():
            if isinstance(value, str):
                setattr(found, name, value.removeprefix(_SHIELD))
        return found


def number(option: str, text: str) -> float:
    """Read a number, a decimal or a fraction."""
    from kernels.kernel.text import parse_number

    try:
        return parse_number(text)
    except ValueError as error:
        raise UsageError(f"{option}: {error}") from error


def whole(option: str, text: str | None, least: int, most: int) -> int | None:
    """Read a whole number; None stays None."""
    if text is None:
        return None
    # Python refuses to read a number of thousands of digits.
    if not (text.isascii() and text.isdigit() and len(text) <= 20 and least <= int(text) <= most):
        raise UsageError(f"{option} is {quoted(text)}; valid are whole numbers from {least} to {most}.")
    return int(text)


def folder(option: str, text: str) -> str:
    """Refuse an empty name, which Python takes for the working folder and a plan for the bundled digits."""
    if text == "":
        raise UsageError(f"{option} is empty; valid is the name of a folder.")
    return text


def size(option: str, text: str) -> float:
    """Read an amount of memory in bytes: ``500000000``, ``500M``, ``1.5 GB`` (powers of 1000) or ``2 GiB``."""
    match = re.fullmatch(r"\s*(\d{1,15}(?:\.\d{1,9})?)\s*([kMGT]?)(i?)B?\s*", text, re.IGNORECASE)
    if match is None or (match[3] and not match[2]) or float(match[1]) == 0:
        raise UsageError(f"{option} is {quoted(text)}; valid is an amount of memory above 0 such as 500M or 1.5GB.")
    step = 1024 if match[3] else 1000
    return float(match[1]) * float(step ** ("kmgt".index(match[2].lower()) + 1 if match[2] else 0))


def pair(option: str, text: str) -> int | tuple[int, int]:
    """Read ``N`` or ``Y,X``."""
    if not re.fullmatch(r"\s*[-−]?\d{1,9}\s*(,\s*[-−]?\d{1,9}\s*)?", text):
        raise UsageError(f"{option} is {quoted(text)}; valid are a whole number N or a pair Y,X.")
    values = [int(part.replace("−", "-")) for part in text.split(",")]
    return values[0] if len(values) == 1 else (values[0], values[1])


def padding(text: str) -> str | int | tuple[int, int]:
    """Read ``valid``, ``same``, ``full`` or pixels."""
    if text in ("valid", "same", "full"):
        return text
    try:
        return pair("--padding", text)
    except UsageError:
        raise UsageError(f"--padding is {quoted(text)}; valid are valid, same, full, pixels P or a pair Y,X.") from None


def kernel(text: str) -> Kernel:
    """Find a kernel: a name of the catalogue (``gaussian(sigma=2)`` too), a kernel file, or the weights as text.

    Raises
    ------
    ValueError, OSError
        One sentence; near names are suggested.
    """
    from kernels.kernel import Kernel
    from kernels.kernel.files import FORMATS, read_kernel
    from kernels.kernel.library import from_text, get, names

    if text in names():
        return get(text)
    suffix = Path(text).suffix.lower()
    if "\0" not in text and os.path.isfile(text):
        return read_kernel(text)
    if suffix in {known for known, _ in FORMATS} and re.search(r"[A-Za-z]", Path(text).stem):
        raise FileNotFoundError(f"There is no kernel file {shown(text)}.")
    if _NAME.fullmatch(text):
        return from_text(text)
    return Kernel.parse(text)
