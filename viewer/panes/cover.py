"""What hides a picture until it is revealed: a hatch, a question mark, and how to reveal it."""

from __future__ import annotations

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QFontMetricsF, QPainter, QPen

from viewer import theme
from viewer.panes.marks import fill_covered

MARK, SENTENCE, PADDING, ROUND = 72, 16, 16, 6
SMALLEST_MARK = 24


def paint_cover(painter: QPainter, frame: QRectF, room: QRectF, sentence: str) -> None:
    """Cover the picture, drawn in `frame`; in the middle of what is seen of it say `sentence` under a question mark."""
    colours, seen = theme.palette(), frame.intersected(room)
    painter.save()
    fill_covered(painter, seen)
    painter.setPen(QPen(colours.line, 1))
    painter.drawRect(frame.adjusted(-0.5, -0.5, 0.5, 0.5))
    font = theme.font(SENTENCE, 500)
    padding, middle = theme.px(PADDING), (room if seen.isEmpty() else seen).center()
    width = min(QFontMetricsF(font).horizontalAdvance(sentence) + 1, max(1.0, room.width() - 2 * padding))
    flags = Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap
    words = QFontMetricsF(font).boundingRect(QRectF(0, 0, width, 10_000), int(flags), sentence)
    mark = theme.font(MARK, 700)
    mark.setPixelSize(round(max(SMALLEST_MARK, min(theme.px(MARK), room.height() - words.height() - 3 * padding))))
    high = QFontMetricsF(mark).capHeight()
    card = QRectF(0, 0, width + 2 * padding, high + words.height() + 3 * padding)
    card.moveCenter(middle)
    # Inside what is seen of the pane, even where the picture is almost out of it.
    card.moveLeft(max(room.left(), min(card.left(), room.right() - card.width())))
    card.moveTop(max(room.top(), min(card.top(), room.bottom() - card.height())))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(colours.panel)
    painter.drawRoundedRect(card, theme.px(ROUND), theme.px(ROUND))
    painter.setFont(mark)
    painter.setPen(colours.crosshair)
    top = card.top() + padding + high - QFontMetricsF(mark).ascent()
    painter.drawText(
        QRectF(card.left(), top, card.width(), QFontMetricsF(mark).height()), Qt.AlignmentFlag.AlignHCenter, "?"
    )
    painter.setFont(font)
    painter.setPen(colours.text)
    painter.drawText(
        QRectF(card.left() + padding, card.bottom() - padding - words.height(), width, words.height()), flags, sentence
    )
    painter.restore()
