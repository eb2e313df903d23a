"""The button that reveals the covered result and, in the same place, goes on to the next."""

from __future__ import annotations

from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QAbstractButton, QWidget

from viewer import theme
from viewer.pages.stage.views.equation.plan import type_of
from viewer.widgets import describe

HEIGHT = 40


class RevealButton(QAbstractButton):
    """A large button that says which key does the same, where there is room to say so."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._is_primary = True
        self._size = 17.0
        self.has_hint = True
        self.show_covered(True)

    def show_covered(self, covered: bool) -> None:
        """Offer to reveal, or to go on."""
        self._is_primary = covered
        title = self.tr("Reveal") if covered else self.tr("Next")
        tip = self.tr("Show the result (Space)") if covered else self.tr("Go on to the next pixel, covered (Space)")
        self.setText(title)
        describe(self, "revealButton", title, tip)
        self.update()

    def place(self, right: float, middle: float, height: float, size: float, *, has_hint: bool) -> None:
        """Stand at the right, with type of this size."""
        self._size, self.has_hint = size, has_hint
        self.setFont(type_of(size, 600))
        width = round(self.wanted_width(height, size, has_hint=has_hint))
        self.setGeometry(round(right) - width, round(middle - height / 2), width, round(height))
        self.update()

    def wanted_width(self, height: float, size: float, *, has_hint: bool) -> float:
        """The width with both of its titles, so that it stays when one takes the place of the other."""
        metrics = QFontMetricsF(type_of(size, 600))
        title = max(metrics.horizontalAdvance(text) for text in (self.tr("Reveal"), self.tr("Next")))
        return title + (self._hint_width(size) + 0.35 * height if has_hint else 0.0) + 0.6 * height

    def _hint_width(self, size: float) -> float:
        return QFontMetricsF(type_of(_hint_size(size), 500)).horizontalAdvance(self.tr("Space")) + 14

    def sizeHint(self) -> QSize:
        return QSize(round(self.wanted_width(HEIGHT, self._size, has_hint=True)), HEIGHT)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        colours, painter = theme.palette(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        ground = colours.accent if self._is_primary else colours.field
        ink = colours.on_accent if self._is_primary else colours.text
        if self.isDown() or self.underMouse():
            ground = theme.mixed(ground, ink, 0.12)
        edge = ink if self.hasFocus() and self._is_primary else colours.accent if self.hasFocus() else colours.line
        painter.setPen(QPen(edge, 2 if self.hasFocus() else 1) if not self._is_primary or self.hasFocus() else
                       Qt.PenStyle.NoPen)  # fmt: skip
        painter.setBrush(ground)
        painter.drawRoundedRect(rect, 6, 6)
        painter.setPen(ink)
        painter.setFont(self.font())
        left = 0.3 * self.height()
        hint = self._hint_width(self._size) if self.has_hint else 0.0
        painter.drawText(rect.adjusted(left, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, self.text())
        if self.has_hint:
            self._paint_hint(painter, rect, hint)

    def _paint_hint(self, painter: QPainter, rect: QRectF, width: float) -> None:
        colours = theme.palette()
        pill = QRectF(rect.right() - width - 8, rect.top() + 7, width, rect.height() - 14)
        ground, ink = (colours.accent, colours.on_accent) if self._is_primary else (colours.hover, colours.text)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(
            theme.mixed(ground, colours.text if colours.is_dark else ink, 0.2 if self._is_primary else 0.06)
        )
        painter.drawRoundedRect(pill, 4, 4)
        painter.setPen(ink)
        painter.setFont(type_of(_hint_size(self._size), 500))
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, self.tr("Space"))


def _hint_size(size: float) -> float:
    """Type a little smaller than the title, as long as it can be read."""
    return min(size, max(16.0, size - 1))
