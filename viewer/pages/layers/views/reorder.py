"""A stage on its way to another place: the card that is carried, and the line where it would land."""

from __future__ import annotations

from PyQt6.QtCore import QObject, QPoint, QRectF, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QPainter, QPaintEvent, QPen, QPixmap
from PyQt6.QtWidgets import QScrollArea, QWidget

from viewer import theme
from viewer.pages.layers.views.row import CardRow

LINE, LIFT = 3, 6
NEAR, STEP, TICK = 40, 12, 16
"""So near to an end the row scrolls, so far, every so many milliseconds."""


class LandingLine(QWidget):
    """Stands where a stage would land."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("landingLine")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.palette().accent)
        half = self.width() / 2
        painter.drawRoundedRect(QRectF(self.rect()), half, half)


class Ghost(QWidget):
    """The picture of the card that is carried."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._picture = QPixmap()
        self.hide()

    def take(self, card: QWidget) -> None:
        """Look like `card`."""
        self._picture = card.grab()
        self.resize(card.size())

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.palette().muted, 1))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), theme.px(6), theme.px(6))


class Reorder(QObject):
    """Follows what is carried over the row, a card of it or a stage from elsewhere, and scrolls at its ends."""

    moved = pyqtSignal(int, int)

    def __init__(self, row: CardRow, area: QScrollArea) -> None:
        super().__init__(area)
        self._row, self._area = row, area
        self._line, self._ghost = LandingLine(row), Ghost(row)
        self._key: int | None = None
        self._grip, self._pointer = QPoint(), QPoint()
        self._timer = QTimer(self)
        self._timer.setInterval(TICK)
        self._timer.timeout.connect(self._scroll)
        self.place: int | None = None

    @property
    def is_carrying(self) -> bool:
        """Whether a card of the row is on its way."""
        return self._key is not None

    def carry(self, key: int, grip: QPoint) -> None:
        """Take up the card `key` at the point `grip` of it."""
        card = self._row.card_of(key)
        if card is None:
            return
        self._key, self._grip = key, grip
        self._ghost.take(card)
        card.set_carried(True)

    def carry_to(self, pointer: QPoint) -> None:
        """The card that is carried is at `pointer`, a place on the screen."""
        if self.is_carrying:
            self.point(pointer)

    def point(self, pointer: QPoint) -> None:
        """Show where what is at `pointer` would land, and scroll if it is near an end."""
        self._pointer = pointer
        self._show()
        if self._speed():
            if not self._timer.isActive():
                self._timer.start()
        else:
            self._timer.stop()

    def drop(self) -> None:
        """Let the card go where it is."""
        key, place = self._key, self.place
        self.end()
        if key is None or place is None:
            return
        now = next((number for number, each in enumerate(self._row.cards[1:]) if each.key == key), None)
        if now is None:
            return
        # In front of itself and behind itself it stays where it is.
        target = place - 1 if place > now else place
        if target != now:
            self.moved.emit(key, target)

    def end(self) -> None:
        """Nothing is carried any more."""
        card = None if self._key is None else self._row.card_of(self._key)
        if card is not None:
            card.set_carried(False)
        self._key = self.place = None
        self._timer.stop()
        self._line.hide()
        self._ghost.hide()
        self._row.show_buttons(True)

    def keep(self) -> None:
        """The cards are others: end if the one that is carried is gone."""
        if self._key is not None and self._row.card_of(self._key) is None:
            self.end()
        elif self.place is not None:
            self._show()

    def _show(self) -> None:
        at = self._row.mapFromGlobal(self._pointer)
        self.place = self._row.place_at(at.x())
        gap, wide = self._row.gap(self.place), theme.px(LINE)
        self._line.setGeometry(gap.center().x() - wide // 2, gap.top(), wide, gap.height())
        self._row.show_buttons(False)
        for each in (self._ghost, self._line) if self.is_carrying else (self._line,):
            each.show()
            each.raise_()
        if self.is_carrying:
            self._ghost.move(at.x() - self._grip.x(), gap.top() + theme.px(LIFT))

    def _speed(self) -> int:
        """How far to scroll at once, to the right."""
        port = self._area.viewport()
        x, near = port.mapFromGlobal(self._pointer).x(), theme.px(NEAR)
        return theme.px(STEP) * (int(x > port.width() - near) - int(x < near))

    def _scroll(self) -> None:
        bar = self._area.horizontalScrollBar()
        before = bar.value()
        bar.setValue(before + self._speed())
        if bar.value() == before:
            self._timer.stop()
        else:
            self._show()
