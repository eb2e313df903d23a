"""Where the tokens of a formula stand, in type as large as there is room for."""

from __future__ import annotations

import msgspec
from PyQt6.QtCore import QRectF
from PyQt6.QtGui import QFontMetricsF

from viewer.pages.layers.views.arithmetic.content import Token
from viewer.pages.stage.views.equation.plan import type_of

# In heights of the type.
CELL, CAPTION, SPACE, INSET, LEADING = 1.75, 0.62, 0.32, 0.5, 0.42
VALUE = 1.5
"""The value is written so many times as large."""
LEAST_CAPTION = 11.0
READABLE = 0.55
"""Of the largest type; down to this it is made smaller rather than that a line is broken."""
WIDEST_CAPTION = 16.0
"""In heights of its own type; longer ones are cut, and told by a tool tip."""


class PlacedToken(msgspec.Struct, frozen=True):
    """A token and its box; `caption` is the line below it."""

    token: Token
    box: QRectF
    caption: QRectF


class Layout(msgspec.Struct, frozen=True):
    """All tokens, in type of `size` pixels, with captions of `small`."""

    size: float
    small: float
    tokens: tuple[PlacedToken, ...]
    bottom: float


def caption_size(size: float) -> float:
    """The height of the type of captions."""
    return max(LEAST_CAPTION, CAPTION * size)


def lay_out(
    lines: tuple[tuple[Token, ...], ...], room: QRectF, largest: float, least: float, *, centred: bool = True
) -> Layout:
    """Set `lines` from the left of `room`, in its middle; a line with too little room is continued below."""
    sizes = [largest - 0.5 * step for step in range(max(1, int(2 * (largest - least)) + 1))]
    unbroken = ((size, len(lines)) for size in sizes if size >= READABLE * largest)
    for size, most in (*unbroken, *((size, None) for size in sizes)):
        found, count = _set(lines, room, size)
        height, width = found.bottom - room.top(), max(each.box.right() for each in found.tokens)
        if height <= room.height() and width <= room.right() + 0.5 and (most is None or count <= most):
            break
    drop = max(0.0, (room.bottom() - found.bottom) / 2) if centred else 0.0
    moved = tuple(
        PlacedToken(each.token, each.box.translated(0, drop), each.caption.translated(0, drop)) for each in found.tokens
    )
    return Layout(found.size, found.small, moved, found.bottom + drop)


def _set(lines: tuple[tuple[Token, ...], ...], room: QRectF, size: float) -> tuple[Layout, int]:
    """Set `lines` in type of this size; return how many rows they take, too."""
    small = caption_size(size)
    placed: list[PlacedToken] = []
    top, count = room.top(), 0
    for line in lines:
        for row in _rows(line, room.width(), size, small):
            has_value = any(token.kind == "value" for token, _width in row)
            height = size * (max(CELL, 1.25 * VALUE) if has_value else CELL)
            below = 1.25 * small if any(token.caption for token, _width in row) else 0.0
            left = room.left()
            for token, width in row:
                tall = size * CELL
                box = QRectF(left, top + (height - tall) / 2, width, tall)
                placed.append(PlacedToken(token, box, QRectF(left, box.bottom() + 1, width, 1.25 * small)))
                left += width + SPACE * size
            top += height + below + LEADING * size
            count += 1
    return Layout(size, small, tuple(placed), top - LEADING * size), count


def _rows(line: tuple[Token, ...], width: float, size: float, small: float) -> list[list[tuple[Token, float]]]:
    """Break a line before a sign that has a number behind it; a sign never ends a row."""
    groups: list[list[tuple[Token, float]]] = []
    for token in line:
        measured = token, width_of(token, size, small)
        opens = bool(groups) and groups[-1][-1][0].kind == "sign" and not _closes(groups[-1][-1][0])
        if opens or (groups and _closes(token)):
            groups[-1].append(measured)
        else:
            groups.append([measured])
    rows: list[list[tuple[Token, float]]] = [[]]
    at = 0.0
    for group in groups:
        wide = sum(each for _token, each in group) + SPACE * size * (len(group) - 1)
        if rows[-1] and at + wide > width:
            rows.append([])
            at = 0.0
        rows[-1] += group
        at += wide + SPACE * size
    return rows


def _closes(token: Token) -> bool:
    return token.text in (")", "))", ",", "²")


def width_of(token: Token, size: float, small: float) -> float:
    """How wide a token comes out."""
    if token.kind == "value":
        return QFontMetricsF(type_of(VALUE * size, 700)).horizontalAdvance(token.text)
    if token.kind == "sign":
        return QFontMetricsF(type_of(size, 500)).horizontalAdvance(token.text)
    text = QFontMetricsF(type_of(size, 600)).horizontalAdvance(token.text) + 2 * INSET * size
    caption = QFontMetricsF(type_of(small)).horizontalAdvance(token.caption) if token.caption else 0.0
    return max(text, min(caption, WIDEST_CAPTION * small), 1.6 * size)
