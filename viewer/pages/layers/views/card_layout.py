"""Where the parts of a card stand, and how wide it wants to be: thumbnails as large as its height allows."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache

import msgspec
from PyQt6.QtCore import QRect, QSize

from viewer import theme
from viewer.pages.layers.cards import Card
from viewer.pages.layers.views.glyphs import glyph_width
from viewer.pages.stage.views.lettering import Lettering

PAD, GAP, HEADER, FACT, LINE, GLYPH = 8, 4, 24, 18, 16, 32
MAPS_TOP = 31
SWITCH = (24, 14)
COMPACT, WIDE = 144, 224
"""The widest that thumbnails make the inside of a card where there is little room, and where there is enough."""
NARROWEST, WIDEST = 112, 256
"""What words make of it."""
ERROR = 176
LOWEST = 40
"""The room that thumbnails keep from the words below them."""
TITLE, TEXT = (13, 600), (12, 400)
VALUE = (12, 500)
WORTH, SAME = 0.85, 0.95
"""A grid with fewer empty cells is taken if its thumbnails are at least this share as high; a wider one, that share."""

HARD_SPACE = "\u00a0"

_lettering = Lettering()


class Plan(msgspec.Struct, frozen=True):
    """The parts of one card, in pixels of the card.

    Attributes
    ----------
    title, detail, switch : QRect
        The header; without a detail or a switch theirs is empty.
    maps : tuple of QRect
        One for each thumbnail.
    remark : QRect
        Of "16 of 64 maps"; empty where all are shown.
    glyph : QRect
        Empty where there is none.
    lines : tuple of (QRect, str)
        The note, or what is wrong, line by line.
    rule : QRect
        The line above the facts.
    facts : tuple of QRect
    """

    title: QRect
    detail: QRect
    switch: QRect
    maps: tuple[QRect, ...]
    remark: QRect
    glyph: QRect
    lines: tuple[tuple[QRect, str], ...]
    rule: QRect
    facts: tuple[QRect, ...]


def advance(text: str, style: tuple[int, int]) -> int:
    """How wide `text` comes out in type of `style`, its size in design pixels and its weight."""
    return math.ceil(_lettering.width(text, theme.px(style[0]), style[1]))


def widths(card: Card, height: int, facts: int) -> tuple[int, int]:
    """How wide `card` is in a row of `height` with as many `facts` where room is short, and where it is not."""
    inner = _words_width(card)
    room = _maps_height(card, inner, height, facts)
    narrow, wide = (max(inner, _grid(card, theme.px(most), room)[1].width()) for most in (COMPACT, WIDE))
    return narrow + 2 * theme.px(PAD), max(narrow, wide) + 2 * theme.px(PAD)


def plan(card: Card, size: QSize, facts: int) -> Plan:
    """Place the parts of `card` in `size`; `facts` is the most that any card of the row has."""
    pad, gap = theme.px(PAD), theme.px(GAP)
    inner, right = size.width() - 2 * pad, size.width() - pad
    title, detail, switch = _header(card, size.width())
    rule = QRect(pad, _rule(size.height(), facts), inner, 1)
    glyph, lines = _below(card, inner, rule.top() - theme.px(8))
    maps = _thumbnails(card, QRect(pad, theme.px(MAPS_TOP), inner, _maps_height(card, inner, size.height(), facts)))
    remark = QRect()
    if _remark(card):
        remark = QRect(pad, maps[-1].bottom() + 1 + gap, inner, theme.px(LINE))
    line = theme.px(FACT)
    places = tuple(
        QRect(pad, rule.top() + theme.px(5) + number * line, right - pad, line) for number in range(len(card.facts))
    )
    return Plan(title, detail, switch, maps, remark, glyph, lines, rule, places)


def _header(card: Card, width: int) -> tuple[QRect, QRect, QRect]:
    """Title and detail give way to the switch; the detail gives way first."""
    pad, high = theme.px(PAD), theme.px(HEADER)
    top, right, switch = theme.px(4), width - pad, QRect()
    if card.key != 0:
        wide, tall = (theme.px(each) for each in SWITCH)
        switch = QRect(right - wide, top + (high - tall) // 2, wide, tall)
        right -= wide + theme.px(6)
    title = QRect(pad, top, min(right - pad, advance(card.title, TITLE) + 1), high)
    left = title.right() + 1 + theme.px(5)
    detail = QRect(left, top, right - left, high) if card.detail and right - left >= theme.px(20) else QRect()
    return title, detail, switch


def _words_width(card: Card) -> int:
    """The inner width at which no word of the card is cut."""
    header = advance(card.title, TITLE) + 1
    if card.detail:
        header += theme.px(5) + advance(card.detail, TEXT) + 1
    if card.key != 0:
        header += theme.px(SWITCH[0] + 6)
    needs = [header, theme.px(ERROR if card.error else NARROWEST)]
    needs += [advance(name, TEXT) + advance(value, VALUE) + theme.px(8) for name, value in card.facts]
    if card.note and card.glyph and not card.error:
        needs.append(theme.px(glyph_width(card.glyph) + 8) + _two_lines(_words(card.note)))
    return min(max(needs), theme.px(WIDEST))


def _rule(height: int, facts: int) -> int:
    return height - theme.px(5 + FACT * facts + 4) if facts else height - theme.px(1)


def _below(card: Card, inner: int, bottom: int) -> tuple[QRect, tuple[tuple[QRect, str], ...]]:
    """The glyph and the lines beside it, or the lines alone, with their foot at `bottom`.

    They give way to the maps where there is no room for both; the tool tip says what they would.
    """
    pad, high, line = theme.px(PAD), theme.px(GLYPH), theme.px(LINE)
    glyph, left = QRect(), pad
    if card.maps and not card.error and bottom - theme.px(MAPS_TOP + LOWEST + 6) - _remark(card) < high:
        return glyph, ()
    if card.glyph and not card.error:
        glyph = QRect(pad, bottom - high, theme.px(glyph_width(card.glyph)), high)
        left = glyph.right() + 1 + theme.px(8)
    lines = wrapped(card.error or card.note, pad + inner - left, TEXT, _most_lines(card), theme.scale())
    # Without maps what is wrong stands in their place.
    top = bottom - len(lines) * line if card.maps else theme.px(MAPS_TOP)
    if not glyph.isEmpty():
        top = glyph.center().y() - len(lines) * line // 2
    return glyph, tuple(
        (QRect(left, top + number * line, pad + inner - left, line), text) for number, text in enumerate(lines)
    )


def _most_lines(card: Card) -> int:
    if not card.error:
        return 2
    return 4 if card.maps else 8


def _maps_height(card: Card, inner: int, height: int, facts: int) -> int:
    """What the thumbnails have from top to bottom."""
    bottom = _rule(height, facts) - theme.px(8)
    room = bottom - theme.px(MAPS_TOP)
    glyph, lines = _below(card, inner, bottom)
    taken = theme.px(LINE) * len(lines) if glyph.isEmpty() else glyph.height()
    taken += theme.px(6) if taken else 0
    taken += _remark(card)
    return max(room - taken, min(room, theme.px(LOWEST)))


def _remark(card: Card) -> int:
    """What "16 of 64 maps" takes of the height."""
    return theme.px(LINE + GAP) if card.maps and card.count > len(card.maps) else 0


def _thumbnails(card: Card, room: QRect) -> tuple[QRect, ...]:
    """The grid from the top left; some of what is over of the width stands between the columns."""
    columns, grid, cell = _grid(card, room.width(), room.height())
    if not columns:
        return ()
    gap = theme.px(GAP)
    spread = min(theme.px(10), gap + (room.width() - grid.width()) // max(1, columns - 1)) if columns > 1 else 0
    return tuple(
        QRect(room.left() + column * (cell.width() + spread), room.top() + row * (cell.height() + gap),
              cell.width(), cell.height())
        for row, column in (divmod(number, columns) for number in range(len(card.maps)))
    )  # fmt: skip


def _grid(card: Card, width: int, height: int) -> tuple[int, QSize, QSize]:
    """In how many columns the thumbnails are largest, the size of them together, and of one."""
    if not card.maps:
        return 0, QSize(0, 0), QSize(0, 0)
    count, gap = len(card.maps), theme.px(GAP)
    rows, columns = card.maps[0].shape[:2]
    aspect = columns / max(1, rows)

    def high(across: int) -> float:
        down = -(-count // across)
        return min((width - (across - 1) * gap) / across / aspect, (height - (down - 1) * gap) / down)

    def empty(across: int) -> int:
        return -(-count // across) * across - count

    choices = range(1, count + 1)
    good = _nearly_best(choices, high, WORTH)
    fewest = min(empty(each) for each in good)
    # A grid rather wide than high leaves room for the words below it.
    across = max(_nearly_best([each for each in good if empty(each) == fewest], high, SAME))
    side = max(4.0, high(across))
    cell = QSize(max(4, int(side * aspect)), int(side))
    down = -(-count // across)
    return across, QSize(across * (cell.width() + gap) - gap, down * (cell.height() + gap) - gap), cell


def _nearly_best(choices: Sequence[int], worth: Callable[[int], float], share: float) -> list[int]:
    least = share * max(worth(each) for each in choices)
    return [each for each in choices if worth(each) >= least] or [choices[0]]


@lru_cache(maxsize=512)
def wrapped(text: str, width: int, style: tuple[int, int], most: int, _scale: float) -> tuple[str, ...]:
    """`text` in at most so many lines of about the same width; the last ends in an ellipsis where there is more."""
    words = _words(text)
    lines, is_whole = _broken(words, width, style, most)
    narrower = width
    while is_whole and len(lines) > 1 and (narrower := narrower - 4) > 0:
        tried, fits = _broken(words, narrower, style, len(lines))
        if not fits:
            break
        lines = tried
    return tuple(_cut(line, width, style) for line in lines)


def _words(text: str) -> list[str]:
    """What lines are made of: "2 × 2" and "74 %" stay together."""
    for sign in ("%", "×"):
        text = text.replace(f" {sign}", f"{HARD_SPACE}{sign}")
    return text.replace("× ", f"×{HARD_SPACE}").split(" ") if text else []


def _two_lines(words: list[str]) -> int:
    """The least width that holds the words in two lines."""
    breaks = range(1, len(words) + 1)
    return min(max(advance(" ".join(part), TEXT) for part in (words[:at], words[at:])) for at in breaks)


def _broken(words: list[str], width: int, style: tuple[int, int], most: int) -> tuple[list[str], bool]:
    """The words in lines, and whether all of them fit; where not, the last line is too long."""
    lines: list[str] = []
    for number, word in enumerate(words):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and advance(longer, style) <= width:
            lines[-1] = longer
        elif len(lines) < most:
            lines.append(word)
        else:
            return [*lines[:-1], " ".join((lines[-1], *words[number:]))], False
    return lines, all(advance(line, style) <= width for line in lines)


def _cut(line: str, width: int, style: tuple[int, int]) -> str:
    if advance(line, style) <= width:
        return line
    while line and advance(f"{line}…", style) > width:
        line = line[:-1].rstrip()
    return f"{line}…"
