"""The cards side by side, joined by arrows, with a "+" behind each."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QPoint, QPointF, QRect, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QAbstractButton, QWidget

from viewer import theme
from viewer.pages.layers.cards import Card
from viewer.pages.layers.views.card import StageCard
from viewer.pages.layers.views.glyphs import draw_arrow
from viewer.widgets import describe
from viewer.widgets.base import PlainToolTip

EDGE, TOP, GAP, BOTTOM = 12, 10, 24, 6
BUTTON, BUTTON_MIDDLE = 24, 16
CIRCLE, ARM = 18, 4
HINT = 240


class InsertButton(PlainToolTip, QAbstractButton):
    """The "+" between two cards; by keyboard, Insert on a card does the same."""

    def __init__(self, place: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        describe(self, f"insertStage{place}", self.tr("Insert a stage"), self.tr("Insert a stage here (Insert, +)"))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        colours = theme.palette()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        is_pointed = self.underMouse() or self.isDown()
        middle, radius, arm = QRectF(self.rect()).center(), theme.px(CIRCLE) / 2, theme.px(ARM)
        painter.setPen(QPen(colours.accent if is_pointed else colours.line, 1))
        painter.setBrush(colours.accent if is_pointed else colours.panel if not colours.is_dark else colours.field)
        painter.drawEllipse(middle, radius, radius)
        painter.setPen(QPen(colours.on_accent if is_pointed else colours.muted, 1.5 * theme.scale()))
        painter.drawLine(middle - QPointF(arm, 0), middle + QPointF(arm, 0))
        painter.drawLine(middle - QPointF(0, arm), middle + QPointF(0, arm))


class CardRow(QWidget):
    """Holds the cards; the first is the picture, and places count the stages behind it, from 0."""

    insert_requested = pyqtSignal(int, QPoint)
    card_made = pyqtSignal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        describe(self, "layerCards", self.tr("Stages of the row"), "")
        self.cards: list[StageCard] = []
        self.selected = 0
        self._buttons: list[InsertButton] = []

    # What is shown -------------------------------------------------------------------------------------------

    def show_cards(self, cards: Sequence[Card], selected: int) -> None:
        """Show these, each in the widget that its key already has."""
        known = {each.key: each for each in self.cards}
        self.selected = selected
        self.cards = [known.pop(card.key) if card.key in known else self._make_card(card) for card in cards]
        for gone in known.values():
            gone.hide()
            gone.deleteLater()
        facts = max((len(card.facts) for card in cards), default=0)
        for number, (widget, card) in enumerate(zip(self.cards, cards, strict=True)):
            place = self.tr("stage {n} of {count}").format(n=number, count=len(cards) - 1) if number else ""
            widget.show_card(card, place, is_selected=card.key == selected, facts=facts)
        self._match_buttons(len(cards))

    def _make_card(self, card: Card) -> StageCard:
        made = StageCard(card, self)
        self.card_made.emit(made)
        return made

    def _match_buttons(self, count: int) -> None:
        while len(self._buttons) < count:
            place = len(self._buttons)
            button = InsertButton(place, self)
            button.clicked.connect(lambda _checked, place=place: self.ask_to_insert(place))
            self._buttons.append(button)
            button.show()
        while len(self._buttons) > count:
            gone = self._buttons.pop()
            gone.hide()
            gone.deleteLater()

    def show_buttons(self, visible: bool) -> None:
        """Show the "+" of every gap; while a card is carried there are none."""
        for button in self._buttons:
            button.setVisible(visible)

    def ask_to_insert(self, place: int) -> None:
        """Ask for a stage at `place`, below its "+"."""
        button = self._buttons[place]
        self.insert_requested.emit(place, button.mapToGlobal(QPoint(0, button.height())))

    # Where it stands -----------------------------------------------------------------------------------------

    def arrange(self, width: int, height: int) -> None:
        """Place everything in a height; where `width` has room to spare, cards grow."""
        top, edge, gap = theme.px(TOP), theme.px(EDGE), theme.px(GAP)
        high = max(1, height - top - theme.px(BOTTOM))
        facts = max((len(each.card.facts) for each in self.cards), default=0)
        wants = [each.widths(high, facts) for each in self.cards]
        chosen = [each.key == self.selected for each in self.cards]
        least = sum(wide if is_chosen else narrow for (narrow, wide), is_chosen in zip(wants, chosen, strict=True))
        more = sum(wide - narrow for (narrow, wide), is_chosen in zip(wants, chosen, strict=True) if not is_chosen)
        spare = width - least - edge - len(wants) * gap - edge
        share = min(1.0, max(0.0, spare / more)) if more else 0.0
        left = edge
        for card, (narrow, wide), is_chosen, button in zip(self.cards, wants, chosen, self._buttons, strict=True):
            across = wide if is_chosen else narrow + int(share * (wide - narrow))
            card.setGeometry(left, top, across, high)
            card.show()
            left += across + gap
            side = theme.px(BUTTON)
            button.setGeometry(left - gap // 2 - side // 2, top + theme.px(BUTTON_MIDDLE) - side // 2, side, side)
        hint = theme.px(HINT) if len(self.cards) == 1 else 0
        self.resize(max(width, left + edge // 2 + hint), height)
        self.update()

    def relay(self) -> None:
        """Have every card place its parts anew."""
        for card in self.cards:
            card.relay()

    def place_at(self, x: float) -> int:
        """The place of a stage that is let go at `x`: before the first stage whose middle is to the right of it."""
        return sum(card.geometry().center().x() < x for card in self.cards[1:])

    def gap(self, place: int) -> QRect:
        """The room in front of the stage at `place`."""
        before = self.cards[place].geometry()
        return QRect(before.right() + 1, before.top(), theme.px(GAP), before.height())

    def card_of(self, key: int) -> StageCard | None:
        """The card of a stage."""
        return next((each for each in self.cards if each.key == key), None)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        colours = theme.palette()
        painter = QPainter(self)
        painter.fillRect(self.rect(), colours.well)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for place in range(len(self.cards) - 1):
            gap = self.gap(place)
            inset = theme.px(4)
            start = QPointF(gap.left() + inset, gap.top() + round(gap.height() * 0.42) + 0.5)
            draw_arrow(painter, start, gap.width() - 2 * inset, colours.muted)
        if len(self.cards) == 1:
            painter.setFont(theme.font(12))
            painter.setPen(colours.muted)
            gap = self.gap(0)
            room = QRect(gap.right() + theme.px(6), gap.top(), theme.px(HINT), theme.px(2 * BUTTON_MIDDLE))
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, self.tr("Add a stage, or drag one here"))
