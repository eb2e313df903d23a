"""One stage of the row as a card: its maps, what it does, and its facts."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace
from PyQt6.QtCore import QEvent, QPoint, QRect, Qt, pyqtSignal
from PyQt6.QtGui import (
    QContextMenuEvent,
    QEnterEvent,
    QFocusEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PyQt6.QtWidgets import QApplication, QWidget

from viewer import theme
from viewer.pages.layers.cards import MOST_MAPS, Card
from viewer.pages.layers.views import card_layout
from viewer.pages.layers.views.card_painting import Look, Shares, paint_card
from viewer.pages.layers.views.card_switch import CardSwitch
from viewer.pages.learned.views.pictures import PictureCache
from viewer.panes.notice import BusyLine
from viewer.widgets import describe
from viewer.widgets.base import PlainToolTip, SpotToolTip

MENU_BELOW = 28


class StageCard(SpotToolTip, PlainToolTip, QWidget):
    """Shows a `Card`; all it says carries the card's key.

    ``drag_began`` comes once the pointer has gone far enough with the left button held, then ``dragged`` with each
    place of it on the screen, and ``dropped``.
    """

    selected = pyqtSignal(int)
    map_selected = pyqtSignal(int, int)
    switched = pyqtSignal(int, bool)
    hovered = pyqtSignal(int, int, float, float)
    left = pyqtSignal()
    drag_began = pyqtSignal(int, QPoint)
    dragged = pyqtSignal(QPoint)
    dropped = pyqtSignal()
    menu_requested = pyqtSignal(int, QPoint)

    def __init__(self, card: Card, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.card = card
        self.facts = 0
        self._look = Look()
        self._plan: card_layout.Plan | None = None
        # As it was last while its stage was on, in that size of type.
        self._widths_on: dict[float, tuple[int, int]] = {}
        self._pressed: QPoint | None = None
        self._is_dragging = self._is_pointed = False
        # What is shown and what was shown before, while a slider is dragged.
        self._pictures = PictureCache(3 * MOST_MAPS)
        describe(self, f"layerCard{card.key}", card.title, "")
        self.switch = CardSwitch(f"layerSwitch{card.key}", self)
        self.switch.setVisible(card.key != 0)
        self.switch.clicked.connect(lambda: self.switched.emit(self.key, not self.card.is_on))
        self.busy_line = BusyLine(self)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)

    @property
    def key(self) -> int:
        """The key of its stage."""
        return self.card.key

    # Setters -------------------------------------------------------------------------------------------------

    def show_card(self, card: Card, place: str, *, is_selected: bool, facts: int) -> None:
        """Show `card`; `place` is what is said of its place in the row, `facts` the most that any card has."""
        changed = card is not self.card or self._plan is None or facts != self.facts
        self.card, self.facts = card, facts
        if is_selected != self._look.is_selected:
            self._change(is_selected=is_selected)
            # Tab goes to the selected card; the arrow keys go on from there.
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if is_selected else Qt.FocusPolicy.ClickFocus)
        self.switch.show_state(card.is_on, is_toned_down=not is_selected)
        self.busy_line.set_busy(card.is_behind)
        self._describe(place)
        if changed:
            self._look = replace(self._look, remark=self._remark())
            self.relay()

    def show_pixel(self, pixel: Shares | None) -> None:
        """Show what is followed on the selected map, (top, left, height, width) as shares of its size."""
        if pixel != self._look.pixel:
            self._change(pixel=pixel)

    def set_carried(self, carried: bool) -> None:
        """Fade it while it is carried to another place."""
        self._change(is_carried=carried)

    def widths(self, height: int, facts: int) -> tuple[int, int]:
        """How wide it is in a row of `height` where room is short, and where it is not."""
        found = card_layout.widths(self.card, height, facts)
        if self.card.is_on:
            self._widths_on = {theme.scale(): found}
        # A stage that is off has less to show; its switch would run away from the pointer.
        return self._widths_on.get(theme.scale(), found)

    # Showing -------------------------------------------------------------------------------------------------

    @property
    def plan(self) -> card_layout.Plan:
        """Where its parts stand."""
        if self._plan is None:
            self._plan = card_layout.plan(self.card, self.size(), self.facts)
        return self._plan

    def _change(self, **changes: Any) -> None:
        self._look = replace(self._look, **changes)
        self.update()

    def _describe(self, place: str) -> None:
        card = self.card
        title = f"{card.title} {card.detail}".strip()
        if self.accessibleName() != (name := f"{title}, {place}"):
            self.setAccessibleName(name)
        maps = self.tr("one map") if card.count == 1 else self.tr("{n} maps").format(n=card.count)
        parts = [card.error] if card.error else []
        if not card.is_on:
            parts.append(self.tr("off"))
        parts.append(maps)
        if card.selected is not None:
            parts.append(self.tr("map {n} selected").format(n=card.selected))
        parts += [card.note] if card.note else []
        parts += [f"{name} {value}" for name, value in card.facts]
        if self.accessibleDescription() != (description := "; ".join(parts)):
            self.setAccessibleDescription(description)
        tip = "\n".join(each for each in (title, card.error or card.note) if each)
        if self.toolTip() != tip:
            self.setToolTip(tip)

    def _remark(self) -> str:
        if self.card.count <= len(self.card.maps):
            return ""
        return self.tr("{shown} of {n} maps").format(shown=len(self.card.maps), n=self.card.count)

    def relay(self) -> None:
        """Place its parts anew: colours or sizes are others."""
        self._plan = None
        plan = self.plan
        self.switch.setGeometry(plan.switch)
        high = theme.px(2)
        rule = plan.rule
        self.busy_line.setGeometry(rule.left(), rule.top() - high // 2, rule.width(), high)
        self.update()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        self.relay()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        paint_card(QPainter(self), self.card, self.plan, self.rect(), self._look, self._pictures)

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        self._change(is_focused=True)

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        self._change(is_focused=False)

    def enterEvent(self, event: QEnterEvent | None) -> None:
        self._change(is_hovered=True)

    def leaveEvent(self, event: QEvent | None) -> None:
        self._change(is_hovered=False)
        self._point_at(None)

    # The pointer ---------------------------------------------------------------------------------------------

    def map_at(self, point: QPoint) -> int | None:
        """Which of the thumbnails stands there."""
        return next((number for number, rect in enumerate(self.plan.maps) if rect.contains(point)), None)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        point = event.position().toPoint()
        if self._pressed is None:
            self._point_at(point)
            return
        far = (point - self._pressed).manhattanLength() >= QApplication.startDragDistance()
        if far and not self._is_dragging and self.key != 0:
            self._is_dragging = True
            self._point_at(None)
            self.drag_began.emit(self.key, self._pressed)
        if self._is_dragging:
            self.dragged.emit(event.globalPosition().toPoint())

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._pressed is None:
            return
        was_dragging, self._is_dragging, self._pressed = self._is_dragging, False, None
        point = event.position().toPoint()
        if was_dragging:
            self.dropped.emit()
        elif self.rect().contains(point):
            self._choose(point)

    def _choose(self, point: QPoint) -> None:
        number = self.map_at(point)
        if not self._look.is_selected:
            self.selected.emit(self.key)
        if number is not None:
            self.map_selected.emit(self.key, self.card.numbers[number])

    def _point_at(self, point: QPoint | None) -> None:
        """Say which place of a map is under the pointer, and once that none is."""
        number = None if point is None else self.map_at(point)
        if point is not None and number is not None:
            rect = self.plan.maps[number]
            self._is_pointed = True
            # The middle of the pixel of the screen.
            down, across = point.y() - rect.top() + 0.5, point.x() - rect.left() + 0.5
            self.hovered.emit(self.key, self.card.numbers[number], down / rect.height(), across / rect.width())
        elif self._is_pointed:
            self._is_pointed = False
            self.left.emit()

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:
        is_pointed = event.reason() == QContextMenuEvent.Reason.Mouse
        where = event.globalPos() if is_pointed else self.mapToGlobal(QPoint(theme.px(8), theme.px(MENU_BELOW)))
        self.menu_requested.emit(self.key, where)

    def tip_at(self, spot: QPoint) -> tuple[str, QRect] | None:
        """Which map it is."""
        number = self.map_at(spot)
        if number is None:
            return None
        return self.tr("Map {n}").format(n=self.card.numbers[number]), self.plan.maps[number]
