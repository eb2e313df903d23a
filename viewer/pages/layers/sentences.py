"""What the recipe says of a wrong stage, in the words of the workspace. No widgets.

The recipe names places, stages[2].depthwise.kernels, because a file may hold many stages; on a card and beside a field
the place is plain to see.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from PyQt6.QtCore import QCoreApplication

from viewer.pages.layers.stages import kind

_PLACE = re.compile(r"stages\[\d+\](?:\.[\w-]+|\[\d+\])*(:?) ?")
_POSITION = re.compile(r"(?:stages|rows|shortcut)(?:\[\d+\])+")
_NAMES = re.compile(r"; the names are [^.]*\.")


def _tr(text: str) -> str:
    return QCoreApplication.translate("StageSentences", text)


def plain_sentence(error: str) -> str:
    """Return what the recipe says without the place in front, which is named only where it is inside the stage."""
    found = _PLACE.match(error)
    if found is None:
        return error
    said = error[found.end() :]
    parts = found[0].rstrip(": ").split(".")
    kinds_on_the_way, line = [], 1
    while parts and _POSITION.fullmatch(parts[0]):
        line = int(parts[0].split("[")[1].rstrip("]")) + 1
        kinds_on_the_way += parts[1:2]
        parts = parts[2:]
    option, number = re.fullmatch(r"([\w-]*)(?:\[(\d+)\])?", parts[0] if parts else "").groups()
    is_whole = bool(found[1])  # a sentence of its own; else the option is its first word
    if number is not None:
        said = f"{option.rstrip('s')} {int(number) + 1}{':' if is_whole else ''} {said}"
    elif not is_whole:
        said = f"{option or _tr('Line {n}').format(n=line)} {said}"
    said = _NAMES.sub(".", _reworded(said.strip()))
    title = f"{kind(kinds_on_the_way[-1]).title}: " if len(kinds_on_the_way) > 1 else ""
    sentence = f"{title}{said[:1].upper()}{said[1:]}"
    return sentence if sentence.endswith((".", "?")) else f"{sentence}."


def _reworded(said: str) -> str:
    for pattern, words in _WORDS:
        found = pattern.fullmatch(said)
        if found is not None:
            return words(*found.groups())
    return said


def _one_each(count: str, channels: str) -> str:
    many = _tr("1 kernel") if count == "1" else _tr("{n} kernels").format(n=count)
    return _tr("{kernels}, but {maps}: one for each is needed.").format(kernels=many, maps=_come_in(channels))


def _numbers(count: str, channels: str) -> str:
    many = _tr("1 number") if count == "1" else _tr("{n} numbers").format(n=count)
    return _tr("{numbers}, but {maps}: one for all is needed, or one for each.").format(
        numbers=many, maps=_come_in(channels)
    )


def _row_weights(count: str, channels: str) -> str:
    return _tr("Rows of {n} weights, but {maps}: one weight for each is needed.").format(
        n=count, maps=_come_in(channels)
    )


def _depth(kernel: str, has: str, seen: str, channels: str) -> str:
    come_in = _come_in(channels)
    if seen != channels:
        come_in = _tr("it sees {n} of the {maps} that come in").format(n=seen, maps=channels)
    made = _tr("Kernel {number} is made for {n} maps").format(number=int(kernel) + 1, n=has)
    if has == "1":
        made = _tr("Kernel {number} is made for 1 map").format(number=int(kernel) + 1)
    return _tr("{made}, but {come_in}.").format(made=made, come_in=come_in)


def _does_not_fit(rows: str, columns: str, high: str, wide: str, down: str, across: str) -> str:
    text = _tr("a window of {window} does not fit into {maps}").format(
        window=f"{columns} × {rows}", maps=f"{wide} × {high}"
    )
    if (down, across) == ("0", "0"):
        return f"{text}."
    return _tr("{text}, even padded by {padding} on each side.").format(
        text=text, padding=down if down == across else f"{across} × {down}"
    )


def _two_needed(channels: str) -> str:
    return _tr("{maps}, but 2 are needed: Gx and Gy.").format(maps=_come_in(channels))


def _groups(groups: str, count: str, what: str) -> str:
    words = _tr("Maps: {n} cannot be split into {groups} equal groups.")
    if what == "kernels":
        words = _tr("Kernels: {n} cannot be split into {groups} equal groups.")
    return words.format(n=count, groups=groups)


def _come_in(channels: str) -> str:
    return _tr("1 map comes in") if channels == "1" else _tr("{n} maps come in").format(n=channels)


_WORDS: tuple[tuple[re.Pattern[str], Callable[..., str]], ...] = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"kernels holds (\d+), but there are (\d+) channels; .*", _one_each),
        (r"\w+ has (\d+) numbers, but there are (\d+) channels; .*", _numbers),
        (r"weights has rows of (\d+) weights, but there are (\d+) channels; .*", _row_weights),
        (r"kernel (\d+) has (\d+) channels, but sees (\d+) of the (\d+) channels of its input; .*", _depth),
        (r"a window of (\d+) × (\d+) does not fit into (\d+) × (\d+) padded by \((\d+), (\d+)\) .*", _does_not_fit),
        (r"its input has (\d+) channels, but must have 2, .*", _two_needed),
        (r"groups is (\d+), but (\d+) (kernels|channels) cannot be split .*", _groups),
    )
)
