"""Paints a card: thumbnails with their frames and kernels, the glyph, words and facts."""

from __future__ import annotations

import msgspec
from PyQt6.QtCore import QLineF, QRect, QRectF, QSizeF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen

from viewer import theme
from viewer.pages.layers.cards import Card
from viewer.pages.layers.views.card_layout import TEXT, TITLE, VALUE, Plan, advance
from viewer.pages.layers.views.glyphs import draw_glyph
from viewer.pages.layers.views.single_value import write_value
from viewer.pages.learned.views.pictures import PictureCache

DIMMED = 0.35
"""How opaque maps are that are not those of the row as it stands: of a stage that is off, that cannot be computed
or that waits for one."""
KERNEL_SHARE = 0.31
"""Of a thumbnail's side, for its kernel."""
Shares = tuple[float, float, float, float]


class Look(msgspec.Struct, frozen=True):
    """How a card stands in the row.

    Attributes
    ----------
    is_selected, is_focused, is_hovered, is_carried : bool
    pixel : (top, left, height, width) or None
        What is followed on the selected map, as shares of its size.
    remark : str
        "16 of 64 maps".
    """

    is_selected: bool = False
    is_focused: bool = False
    is_hovered: bool = False
    is_carried: bool = False
    pixel: Shares | None = None
    remark: str = ""


def paint_card(painter: QPainter, card: Card, plan: Plan, size: QRect, look: Look, pictures: PictureCache) -> None:
    """Paint `card` as `plan` places it."""
    if look.is_carried:
        painter.setOpacity(DIMMED)
    _paint_frame(painter, card, size, look)
    _paint_header(painter, card, plan)
    _paint_maps(painter, card, plan, look, pictures)
    _paint_below(painter, card, plan, look)
    _paint_facts(painter, card, plan)


def _paint_frame(painter: QPainter, card: Card, size: QRect, look: Look) -> None:
    colours = theme.palette()
    line = theme.px(3 if look.is_focused else 2) if look.is_selected else 1
    ink = colours.line
    if look.is_selected:
        ink = colours.accent
    elif card.error:
        ink = colours.error
    elif look.is_hovered:
        ink = colours.faint
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(ink, line))
    painter.setBrush(colours.panel)
    inset = line / 2
    painter.drawRoundedRect(QRectF(size).adjusted(inset, inset, -inset, -inset), theme.px(6), theme.px(6))
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _paint_header(painter: QPainter, card: Card, plan: Plan) -> None:
    colours = theme.palette()
    _write(painter, plan.title, card.title, TITLE, colours.text if card.is_on else colours.muted)
    if not plan.detail.isEmpty():
        _write(painter, plan.detail, card.detail, TEXT, colours.muted)


def _paint_maps(painter: QPainter, card: Card, plan: Plan, look: Look, pictures: PictureCache) -> None:
    opacity = painter.opacity()
    if card.error or card.is_waiting or not card.is_on:
        painter.setOpacity(opacity * DIMMED)
    for image, rect in zip(card.maps, plan.maps, strict=True):
        pictures.draw(painter, image, rect)
    for value, image, rect in zip(card.values, card.maps, plan.maps, strict=False):
        write_value(painter, value, image, rect)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    if card.maps and not theme.palette().is_dark:
        # Maps of small values are as white as the card.
        painter.setPen(QPen(theme.palette().line, 1))
        painter.drawRects(*(rect.adjusted(0, 0, -1, -1) for rect in plan.maps))
    if look.is_selected:
        for kernel, rect in zip(card.kernels, plan.maps, strict=False):
            corner = kernel_rect(rect, kernel.shape)
            painter.fillRect(corner.adjusted(0, -1, 1, 0), theme.palette().panel)
            pictures.draw(painter, kernel, corner)
    painter.setOpacity(opacity)
    here = frame_of(card, plan)
    followed = plan.maps[0] if here is None and len(plan.maps) == 1 else here
    if look.pixel is not None and followed is not None:
        _paint_pixel(painter, followed, look.pixel)
    if here is not None and look.is_selected:
        _paint_here(painter, here, theme.px(2))


def frame_of(card: Card, plan: Plan) -> QRect | None:
    """The thumbnail of the selected map, if it is shown."""
    if card.selected is None or card.selected not in card.numbers[: len(plan.maps)]:
        return None
    return plan.maps[card.numbers.index(card.selected)]


def kernel_rect(thumbnail: QRect, shape: tuple[int, ...]) -> QRect:
    """Where a kernel of `shape` stands on a thumbnail: in the lower left corner, a weight as many pixels as another."""
    rows, columns = shape[:2]
    room = KERNEL_SHARE * min(thumbnail.width(), thumbnail.height())
    cell = room / max(rows, columns)
    cell = round(cell) if cell >= 1 else cell
    target = QRect(0, 0, max(1, round(cell * columns)), max(1, round(cell * rows)))
    target.moveBottomLeft(thumbnail.bottomLeft())
    return target


def _paint_here(painter: QPainter, rect: QRect, line: int) -> None:
    pen = QPen(theme.palette().crosshair, line)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    painter.setPen(pen)
    grown = line / 2
    painter.drawRect(QRectF(rect).adjusted(-grown, -grown, grown, grown))


def _paint_pixel(painter: QPainter, rect: QRect, pixel: Shares) -> None:
    """Lines across the thumbnail, and a box around what is followed."""
    top, left, height, width = pixel
    box = QRectF(
        rect.left() + left * rect.width(),
        rect.top() + top * rect.height(),
        width * rect.width(),
        height * rect.height(),
    )
    middle, least = box.center(), theme.px(5)
    box.setSize(box.size().expandedTo(QSizeF(least, least)))
    box.moveCenter(middle)
    gold = QColor(theme.palette().crosshair)
    painter.save()
    painter.setClipRect(rect)
    painter.setPen(QPen(gold, theme.px(1.5)))
    painter.drawRect(box)
    gold.setAlphaF(0.7)
    painter.setPen(QPen(gold, 1))
    for line in (
        QLineF(rect.left(), middle.y(), box.left(), middle.y()),
        QLineF(box.right(), middle.y(), rect.right() + 1, middle.y()),
        QLineF(middle.x(), rect.top(), middle.x(), box.top()),
        QLineF(middle.x(), box.bottom(), middle.x(), rect.bottom() + 1),
    ):
        painter.drawLine(line)
    painter.restore()


def _paint_below(painter: QPainter, card: Card, plan: Plan, look: Look) -> None:
    colours = theme.palette()
    if not plan.remark.isEmpty():
        _write(painter, plan.remark, look.remark, TEXT, colours.muted)
    if not plan.glyph.isEmpty():
        ink = colours.accent if card.is_on else colours.faint
        draw_glyph(painter, card.glyph, QRectF(plan.glyph), ink, colours.muted)
    for rect, line in plan.lines:
        _write(painter, rect, line, TEXT, colours.error if card.error else colours.muted)


def _paint_facts(painter: QPainter, card: Card, plan: Plan) -> None:
    colours = theme.palette()
    if not plan.facts:
        return
    painter.fillRect(plan.rule, colours.line)
    for rect, (name, value) in zip(plan.facts, card.facts, strict=True):
        wide = min(rect.width(), advance(value, VALUE) + 1)
        _write(painter, rect.adjusted(0, 0, -wide - theme.px(6), 0), name, TEXT, colours.muted)
        place = rect.adjusted(rect.width() - wide, 0, 0, 0)
        ink = colours.text if card.is_on and not card.error else colours.muted
        _write(painter, place, value, VALUE, ink, Qt.AlignmentFlag.AlignRight)


def _write(
    painter: QPainter,
    room: QRect,
    text: str,
    style: tuple[int, int],
    ink: QColor,
    side: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
) -> None:
    painter.setFont(theme.font(*style))
    painter.setPen(ink)
    if advance(text, style) > room.width():
        text = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room.width())
    painter.drawText(room, side | Qt.AlignmentFlag.AlignVCenter, text)
