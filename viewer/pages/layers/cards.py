"""What the views of the Layers workspace show. No Qt."""

from __future__ import annotations

from typing import Any

import msgspec

from viewer.painting import Bytes


class Card(msgspec.Struct, frozen=True, eq=False):
    """One stage of the row; the first card is the picture.

    Attributes
    ----------
    key : int
        Stays with the stage when it moves in the row; 0 for the picture.
    title, detail : str
        "Filter bank", "5 × 5".
    is_on : bool
        A stage that is switched off hands on what it gets.
    maps : tuple of ndarray of uint8, (h, w) or (h, w, 3)
        Its maps, small; at most `MOST_MAPS` of them, evenly spread, with their numbers in `numbers`.
    numbers : tuple of int
        The map that each thumbnail shows, from 0.
    values : tuple of float
        The number of each thumbnail's map where maps are single pixels; else empty.
    count : int
        How many maps there are.
    selected : int or None
        The map that is selected.
    kernels : tuple of ndarray of uint8, (h, w, 3)
        The kernel of each thumbnail's map, painted diverging; empty where there are none.
    glyph : str
        "" or what the stage does, as a small drawing: "relu", "leaky-relu", "sigmoid", "tanh", "pool".
    note : str
        One measured line: "max(0, x): 74 % become 0".
    facts : tuple of (str, str)
        Name and text: shape, weights, multiplications, receptive field.
    error : str
        Why it cannot take its input; the maps are then the last good ones.
    is_waiting : bool
        A stage before it cannot take its input; the maps are those of before.
    is_behind : bool
        Newer maps are on their way.
    """

    key: int
    title: str
    detail: str = ""
    is_on: bool = True
    maps: tuple[Bytes, ...] = ()
    numbers: tuple[int, ...] = ()
    values: tuple[float, ...] = ()
    count: int = 0
    selected: int | None = None
    kernels: tuple[Bytes, ...] = ()
    glyph: str = ""
    note: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    error: str = ""
    is_waiting: bool = False
    is_behind: bool = False


MOST_MAPS = 16


class Entry(msgspec.Struct, frozen=True):
    """A ready-made row, or a stage, to take from the list at the left.

    `name` is the contract's word ("max-pool") or the name of the row; `detail` stands at the right: how many stages;
    `icon` is the name of a drawing in assets/icons, "" for none. Those of a `group` stand together.
    """

    name: str
    title: str
    group: str
    summary: str = ""
    detail: str = ""
    icon: str = ""


class Field(msgspec.Struct, frozen=True):
    """One option of the selected stage.

    Attributes
    ----------
    name : str
        The contract's word, such as "padding".
    title, summary : str
        What it is called, and what it does.
    kind : str
        "number", "whole", "pair" (y, x), "choice", "wide-choice" (as wide as the form), "switch", "text", "line" (a
        text as wide as the form), "lines" (of several lines), or "steps" (a slider over the choices, whose first
        and last titles stand at its ends; a single one cannot be moved, and the summary says why).
    value : Any
    choices : tuple of (data, title, tool tip)
    minimum, maximum : float
    placeholder : str
        What a text stands for that is empty.
    readable : tuple of str
        What the text says, in lines that can be read; the text itself is then folded away.
    pictures : tuple of ndarray of uint8, (h, w, 3)
        Kernels to be shown below them.
    """

    name: str
    title: str
    kind: str
    value: Any
    summary: str = ""
    choices: tuple[tuple[Any, str, str], ...] = ()
    minimum: float = -1e9
    maximum: float = 1e9
    placeholder: str = ""
    readable: tuple[str, ...] = ()
    pictures: tuple[Bytes, ...] = ()
