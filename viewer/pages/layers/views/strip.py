"""The strip of cards: every stage of the row with its maps, to select, switch, move, remove and insert."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QEvent, QMimeData, QObject, QPoint, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PyQt6.QtWidgets import QFrame, QMenu, QScrollArea, QScrollBar, QStyle, QStyleOptionSlider, QVBoxLayout, QWidget

from viewer import theme
from viewer.pages.layers.cards import Card
from viewer.pages.layers.views.card import StageCard
from viewer.pages.layers.views.card_painting import Shares
from viewer.pages.layers.views.entry_list import ROW_MIME, STAGE_MIME
from viewer.pages.layers.views.header import StripHeader
from viewer.pages.layers.views.reorder import Reorder
from viewer.pages.layers.views.row import EDGE, CardRow
from viewer.panes.drops import dropped_names
from viewer.widgets import describe, filled

HEIGHT, LOWEST, NARROWEST = 300, 220, 240
BAR = 10
Key, Modifier = Qt.Key, Qt.KeyboardModifier
STEPS: dict[int, int] = {Key.Key_Left: -1, Key.Key_Right: 1}
MAP_STEPS: dict[int, int] = {Key.Key_Up: -1, Key.Key_Down: 1}
ENDS: dict[int, int] = {Key.Key_Home: 0, Key.Key_End: -1}
REMOVE = (Key.Key_Delete, Key.Key_Backspace)
INSERT = (Key.Key_Insert, Key.Key_Plus)


class SidewaysBar(QScrollBar):
    """A bar whose handle is seen on the ground of the cards, in both themes."""

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        describe(self, "layerScrollBar", self.tr("Scroll the row"), self.tr("Scroll the row; the wheel does too"))

    def paintEvent(self, event: QPaintEvent | None) -> None:
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        style = QStyle.SubControl.SC_ScrollBarSlider
        handle = self.style().subControlRect(QStyle.ComplexControl.CC_ScrollBar, option, style, self)
        colours, inset = theme.palette(), theme.px(2)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), colours.well)
        painter.setPen(Qt.PenStyle.NoPen)
        is_held = self.isSliderDown() or self.underMouse()
        painter.setBrush(theme.mixed(colours.well, colours.muted, 0.6 if is_held else 0.35))
        body = QRectF(handle).adjusted(inset, inset, -inset, -inset)
        painter.drawRoundedRect(body, body.height() / 2, body.height() / 2)


class CardArea(QScrollArea):
    """Scrolls sideways, with the wheel too."""

    def __init__(self, row: CardRow) -> None:
        super().__init__()
        self.setWidget(row)
        self.setHorizontalScrollBar(SidewaysBar())
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        bar = self.horizontalScrollBar()
        delta = event.pixelDelta() if not event.pixelDelta().isNull() else event.angleDelta()
        step = delta.x() if abs(delta.x()) > abs(delta.y()) else delta.y()
        if not step or bar.maximum() == 0:
            event.ignore()
            return
        bar.setValue(bar.value() - step)
        event.accept()

    def shows(self, card: QWidget) -> bool:
        """Whether all of `card` is in sight."""
        left = card.x() - self.horizontalScrollBar().value()
        return left >= 0 and left + card.width() <= self.viewport().width()

    def scroll_to(self, card: QWidget) -> None:
        """Bring `card` into sight, with what stands beside it."""
        bar, margin = self.horizontalScrollBar(), theme.px(2 * EDGE)
        left, right = card.x() - margin, card.x() + card.width() + margin
        if right > bar.value() + self.viewport().width():
            bar.setValue(right - self.viewport().width())
        if left < bar.value():
            bar.setValue(left)


class CardStrip(QWidget):
    """The row of stages as cards; passive.

    A place counts the stages, not the picture, from 0: in ``moved`` it is where the stage then stands, in
    ``insert_requested`` and ``stage_dropped`` where the new one will. A click on a map of a card that is not selected
    selects the card first. ``hovered`` carries the map and the place on it as shares of its height and width.
    """

    selected = pyqtSignal(int)
    map_selected = pyqtSignal(int, int)
    switched = pyqtSignal(int, bool)
    removed = pyqtSignal(int)
    moved = pyqtSignal(int, int)
    insert_requested = pyqtSignal(int, QPoint)
    stage_dropped = pyqtSignal(str, int)
    row_dropped = pyqtSignal(str)
    file_dropped = pyqtSignal(str)
    hovered = pyqtSignal(int, int, float, float)
    left = pyqtSignal()
    reordered = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        describe(self, "layerStrip", self.tr("Row of stages"), "")
        self.setAcceptDrops(True)
        self.header, self.row = StripHeader(), CardRow()
        self.area = CardArea(self.row)
        self.reorder = Reorder(self.row, self.area)
        filled(QVBoxLayout(self), self.header, self.area, 1, spacing=0)
        self.row.card_made.connect(self._join)
        self.row.insert_requested.connect(self.insert_requested)
        self.row.installEventFilter(self)
        self.reorder.moved.connect(self.moved)
        self._outline = Outline(self)
        self._pixels: Mapping[int, Shares] = {}
        theme.follow(self._rescale)

    def _join(self, card: StageCard) -> None:
        for told, tells in (
            (card.selected, self.selected), (card.map_selected, self.map_selected), (card.switched, self.switched),
            (card.hovered, self.hovered), (card.left, self.left), (card.drag_began, self.reorder.carry),
            (card.dragged, self.reorder.carry_to), (card.dropped, self.reorder.drop),
            (card.menu_requested, self._show_menu),
        ):  # fmt: skip
            told.connect(tells)

    # Setters -------------------------------------------------------------------------------------------------

    def show_cards(self, title: str, summary: str, cards: Sequence[Card], selected: int) -> None:
        """Show the row `title`; the first of `cards` is the picture, and `selected` is the key of one of them."""
        self.header.show_row(title, summary)
        order, chosen = [each.key for each in self.row.cards], self.row.selected
        had_focus = any(each.hasFocus() for each in self.row.cards)
        known = self.row.card_of(selected)
        stood = None if known is None else known.x() - self.area.horizontalScrollBar().value()
        was_seen = known is not None and self.area.shows(known)
        self.row.show_cards(cards, selected)
        if order != [each.key for each in cards]:
            self.reordered.emit()
        self._mark_pixels()
        self._arrange()
        self.reorder.keep()
        card = self.row.card_of(selected)
        has_changed = selected != chosen or order != [each.key for each in cards]
        if card is None or not (has_changed or was_seen):
            return
        if stood is not None and selected != chosen:
            # Cards change their widths with the selection; what was clicked stays under the pointer.
            self.area.horizontalScrollBar().setValue(card.x() - stood)
        self.area.scroll_to(card)  # where it was in sight it stays so, though the cards before it grow with their maps
        if had_focus and has_changed:
            card.setFocus(Qt.FocusReason.OtherFocusReason)

    def offer_crop(self, offered: bool) -> None:
        """Whether to offer the middle of the picture, since the maps of all of it do not fit into memory."""
        self.header.offer_crop(offered)

    def show_scale(self, name: str, low: float, high: float, colours: NDArray[np.uint8] | None) -> None:
        """Show the `colours` of the selected map `name`, (n, 3) from `low` to `high`; None hides them."""
        self.header.scale.show_scale(name, low, high, colours)

    def show_pixels(self, pixels: Mapping[int, Shares]) -> None:
        """Mark what is followed on the selected maps: (top, left, height, width) in shares of a map, by card."""
        self._pixels = dict(pixels)
        self._mark_pixels()

    def _mark_pixels(self) -> None:
        for card in self.row.cards:
            card.show_pixel(self._pixels.get(card.key))

    # Where everything stands ---------------------------------------------------------------------------------

    def _rescale(self) -> None:
        self.row.relay()
        self._arrange()
        self.updateGeometry()

    def _arrange(self) -> None:
        # The cards keep their height whether or not there is a scroll bar.
        self.row.arrange(self.area.width(), self.area.height() - theme.px(BAR))

    def sizeHint(self) -> QSize:
        return QSize(theme.px(980), theme.px(HEIGHT))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(NARROWEST), theme.px(LOWEST))

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._outline.setGeometry(self.rect())
        self._settle()

    def showEvent(self, event: QShowEvent | None) -> None:
        super().showEvent(event)
        self._settle()

    def _settle(self) -> None:
        self.layout().activate()
        self._arrange()
        card = self.row.card_of(self.row.selected)
        if card is not None:
            self.area.scroll_to(card)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        QPainter(self).fillRect(self.rect(), theme.palette().well)

    # Keys and menu -------------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if isinstance(event, QKeyEvent) and event.type() in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress):
            act = self._act(event)
            if act is not None:
                # The window's own shortcuts do not come before what the cards do.
                event.accept()
                if event.type() == QEvent.Type.KeyPress:
                    act()
                return True
        return super().eventFilter(watched, event)

    def _act(self, event: QKeyEvent) -> Callable[[], object] | None:
        """What a key does to the card that has the focus."""
        key, held = event.key(), event.modifiers() & ~Modifier.KeypadModifier
        if self.reorder.is_carrying:
            return self.reorder.end if key == Key.Key_Escape else None
        card = next((each for each in self.row.cards if each.hasFocus()), None)
        if card is None:
            return None
        if held == Modifier.AltModifier and key in STEPS:
            return lambda: self._move(card, STEPS[key])
        if key == Key.Key_Plus or (key == Key.Key_Insert and not held):
            return lambda: self.row.ask_to_insert(self._place(card))
        return None if held else self._act_alone(card, key)

    def _act_alone(self, card: StageCard, key: int) -> Callable[[], object] | None:
        if key in STEPS:
            return lambda: self._select(self._place(card) + STEPS[key])
        if key in ENDS:
            return lambda: self._select(ENDS[key] % len(self.row.cards))
        if key in MAP_STEPS:
            return lambda: self._select_map(card, MAP_STEPS[key])
        if key in REMOVE:
            return lambda: self._remove(card)
        if key == Key.Key_Space:
            return lambda: self._switch(card)
        return None

    def _place(self, card: StageCard) -> int:
        """The place behind `card`."""
        return self.row.cards.index(card)

    def _select(self, number: int) -> None:
        if 0 <= number < len(self.row.cards) and self.row.cards[number].key != self.row.selected:
            self.selected.emit(self.row.cards[number].key)

    def _select_map(self, card: StageCard, step: int) -> None:
        now, count = card.card.selected, card.card.count
        target = 0 if now is None else min(max(now + step, 0), count - 1)
        if count and target != now:
            self.map_selected.emit(card.key, target)

    def _remove(self, card: StageCard) -> None:
        if card.key != 0:
            self.removed.emit(card.key)

    def _switch(self, card: StageCard) -> None:
        if card.key != 0:
            self.switched.emit(card.key, not card.card.is_on)

    def _can_move(self, card: StageCard, step: int) -> bool:
        return card.key != 0 and 1 <= self._place(card) + step < len(self.row.cards)

    def _move(self, card: StageCard, step: int) -> None:
        if self._can_move(card, step):
            self.moved.emit(card.key, self._place(card) - 1 + step)

    def _show_menu(self, key: int, where: QPoint) -> None:
        card = self.row.card_of(key)
        if card is not None:
            menu = self.menu_for(card)
            menu.aboutToHide.connect(menu.deleteLater)
            menu.popup(where)

    def menu_for(self, card: StageCard) -> QMenu:
        """What can be done with `card`, with the keys that do the same."""
        tr = self.tr
        menu = describe(QMenu(self), "layerCardMenu", tr("What can be done with the stage"), "")
        is_stage = card.key != 0
        switch = tr("Switch off") if card.card.is_on else tr("Switch on")
        for name, text, keys, run, able in (
            ("Switch", switch, tr("Space"), lambda: self._switch(card), is_stage),
            ("Left", tr("Move left"), tr("Alt+Left"), lambda: self._move(card, -1), self._can_move(card, -1)),
            ("Right", tr("Move right"), tr("Alt+Right"), lambda: self._move(card, 1), self._can_move(card, 1)),
            ("Insert", tr("Insert a stage behind…"), tr("Insert"),
             lambda: self.row.ask_to_insert(self._place(card)), True),
            ("Remove", tr("Remove"), tr("Delete"), lambda: self._remove(card), is_stage),
        ):  # fmt: skip
            action = menu.addAction(f"{text}\t{keys}")
            action.setObjectName(f"layerCard{name}")
            action.setEnabled(able)
            action.triggered.connect(lambda _checked=False, run=run: run())
        return menu

    # Drops ---------------------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        self._drag_over(event)

    def dragMoveEvent(self, event: QDragMoveEvent | None) -> None:
        self._drag_over(event)

    def _drag_over(self, event: QDragMoveEvent | None) -> None:
        data = event.mimeData()
        is_stage, is_row = data.hasFormat(STAGE_MIME), data.hasFormat(ROW_MIME) or bool(_row_file(data))
        event.setAccepted(is_stage or is_row)
        if is_stage and self.row.cards:
            self.reorder.point(self.mapToGlobal(event.position().toPoint()))
        elif is_row:
            self._outline.show()
            self._outline.raise_()

    def dragLeaveEvent(self, event: QDragLeaveEvent | None) -> None:
        self.reorder.end()
        self._outline.hide()

    def dropEvent(self, event: QDropEvent | None) -> None:
        data, place = event.mimeData(), self.reorder.place
        self.reorder.end()
        self._outline.hide()
        if data.hasFormat(STAGE_MIME) and place is not None:
            self.stage_dropped.emit(_name(data, STAGE_MIME), place)
        elif data.hasFormat(ROW_MIME):
            self.row_dropped.emit(_name(data, ROW_MIME))
        elif path := _row_file(data):
            self.file_dropped.emit(path)
        else:
            event.ignore()
            return
        event.acceptProposedAction()


class Outline(QWidget):
    """Frames the whole strip while a row is above it that would take its place."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("rowOutline")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        line = theme.px(3)
        painter = QPainter(self)
        painter.setPen(QPen(theme.palette().accent, line))
        painter.drawRect(self.rect().adjusted(line // 2, line // 2, -line // 2 - 1, -line // 2 - 1))


def _row_file(data: QMimeData | None) -> str:
    """The path of the one file that is carried, if it may hold a row; pictures are for the window."""
    names = dropped_names(data)
    return names[0] if len(names) == 1 and names[0].lower().endswith(".json") else ""


def _name(data: QMimeData | None, kind: str) -> str:
    return bytes(data.data(kind).data()).decode("utf-8", "replace")
