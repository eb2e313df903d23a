"""One step taken apart, large: the minibatch, forward, the loss, the messages back, the gradient, the update."""

from __future__ import annotations

import msgspec
from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QResizeEvent
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from viewer import theme
from viewer.pages.network.train.views.chain import ChainStage, ChainView
from viewer.pages.network.train.views.gradient_card import Gradient, GradientCard
from viewer.pages.network.train.views.loss_card import LossCard, PictureLoss
from viewer.pages.network.train.views.minibatch import Minibatch, MinibatchStrip
from viewer.pages.network.train.views.update_card import Update, UpdateCard
from viewer.widgets import CheckBox, Label, Message, SectionLabel, ToolButton, describe, filled
from viewer.widgets.labels import ElidedLabel

HEADER, EDGE, SPACING = 30, 14, 10


class StepShown(msgspec.Struct, frozen=True, eq=False):
    """All of one step.

    Attributes
    ----------
    about : str
        Which step of which run it is.
    minibatch : Minibatch
    stages : tuple of ChainStage
        From the picture to the loss.
    loss : PictureLoss
        Of the picture that is looked at.
    gradient : Gradient
        Of the weight that is looked at.
    weight : str
        Which weight that is.
    layer : int
        The layer with weights that it belongs to.
    update : Update
        Of that weight; with what central differences say where they are wanted.
    """

    about: str
    minibatch: Minibatch
    stages: tuple[ChainStage, ...]
    loss: PictureLoss
    gradient: Gradient
    weight: str
    layer: int
    update: Update


class StepApartView(QWidget):
    """Lays it out. ``picture_chosen(number)`` of the minibatch, ``layer_chosen(layer)``, ``differences_chosen(on)`` for
    the same gradient by central differences, ``closed`` when it is enough."""

    picture_chosen = pyqtSignal(int)
    layer_chosen = pyqtSignal(int)
    differences_chosen = pyqtSignal(bool)
    closed = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        tr = self.tr
        describe(self, "stepApart", tr("One step taken apart"), "")
        self.name, self.about = Label(tr("One step taken apart"), "strong"), ElidedLabel("muted")
        self.differences = CheckBox(
            "centralDifferences",
            tr("Central differences"),
            tr("Show the same gradient from the loss a little beside the weight"),
        )
        self.close_button = ToolButton(
            "closeStepButton", tr("Close"), tr("Back to curves and filters"), icon_name="x", flat=True
        )
        self.message = Message("stepMessage")
        self.minibatch, self.chain, self.loss = MinibatchStrip(), ChainView(), LossCard()
        self.gradient, self.update_card = GradientCard(), UpdateCard()
        self.weight = Label("", "muted", name="stepWeight")
        self._lay_out()
        self.minibatch.chosen.connect(self.picture_chosen)
        self.chain.layer_chosen.connect(self.layer_chosen)
        self.differences.toggled.connect(self.differences_chosen)
        self.close_button.clicked.connect(lambda: self.closed.emit())
        theme.follow(self._rescale)

    def _lay_out(self) -> None:
        tr = self.tr
        self._bar = QWidget()
        self._bar.setProperty("panel", True)
        self._bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        filled(QHBoxLayout(self._bar), self.name, self.about, 1, self.differences, self.close_button)
        self._wide = _scroll(self.chain)  # a deep network is wider than the room
        self._wide.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.chain.setProperty("clear", True)
        parts: tuple[tuple[QWidget | QHBoxLayout, QWidget], ...] = (
            (SectionLabel(tr("Loss of the picture in gold")), self.loss),
            (filled(QHBoxLayout(), SectionLabel(tr("Gradient")), 1, self.weight), self.gradient),
            (SectionLabel(tr("Update")), self.update_card),
        )
        self._cards = QHBoxLayout()
        for number, (heading, card) in enumerate(parts):
            column = filled(QVBoxLayout(), heading, card, spacing=6)
            if card is self.update_card:
                column.addStretch(1)
            self._cards.addLayout(column, (10, 9, 12)[number])
        self._body = QWidget()
        self._column = filled(QVBoxLayout(self._body), self.minibatch, self._wide, 2, self._cards, 1)
        self._body.setProperty("clear", True)
        self._whole = _scroll(self._body)
        filled(QVBoxLayout(self), self._bar, self.message, self._whole, 1, spacing=0)
        self._whole.hide()

    def show_step(self, shown: StepShown | None, reason: str = "") -> None:
        """Show a step; None with the reason why there is none."""
        self.message.show_hint("" if shown is not None else reason)
        self._whole.setVisible(shown is not None)
        self.about.setText("" if shown is None else shown.about)
        if shown is None:
            return
        self.minibatch.show_minibatch(shown.minibatch)
        self.chain.show_stages(shown.stages, shown.layer)
        self.loss.show_loss(shown.loss)
        self.weight.setText(shown.weight)
        self.gradient.show_gradient(shown.gradient)
        self.update_card.show_update(shown.update)
        self._share_room()
        self._column.activate()  # what it was told while it was hidden, it has forgotten

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._share_room()

    def _share_room(self) -> None:
        """Let the stages have what they can make use of, and the cards the rest."""
        self._wide.setMaximumHeight(self.chain.height_in(self.width() - 2 * theme.px(EDGE)) + theme.px(12))

    def show_differences(self, on: bool) -> None:
        """Whether central differences are shown too."""
        self.differences.show_checked(on)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    def _rescale(self) -> None:
        edge = theme.px(EDGE)
        self._bar.setFixedHeight(theme.px(HEADER))
        self._bar.layout().setContentsMargins(edge, 0, theme.px(6), 0)
        self._bar.layout().setSpacing(theme.px(10))
        self._column.setContentsMargins(edge, theme.px(10), edge, edge)
        self._column.setSpacing(theme.px(SPACING))
        self._cards.setSpacing(theme.px(24))
        self.message.setContentsMargins(edge, edge, edge, 0)
        self._wide.setMinimumHeight(self.chain.minimumSizeHint().height() + theme.px(12))


def _scroll(held: QWidget) -> QScrollArea:
    """Have `held` scroll where it has no room."""
    made = QScrollArea()
    made.setWidget(held)
    made.setWidgetResizable(True)
    made.setFrameShape(QFrame.Shape.NoFrame)
    made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return made
