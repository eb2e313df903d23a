"""The smallest change that makes a network take a picture for something else."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from viewer import theme
from viewer.pages.learned.views.pictures import CAPTION, PictureBox
from viewer.pages.network.views.below import BelowView
from viewer.pages.network.views.changes import Change, ChangeList
from viewer.painting import Bytes
from viewer.widgets import ComboBox, Label, Message, ToolButton, describe, filled
from viewer.widgets.progress import Progress

PICTURE, LEAST, LARGEST = 168, 48, 300
NARROWEST, LIST = 112, 220


class Fooled(msgspec.Struct, frozen=True, eq=False):
    """A picture, the change, and what the network says of both together.

    Attributes
    ----------
    original, change, result : uint8 arrays, (h, w) or (h, w, 3)
        The change so many times as strong as it is, `factor`, about a middle grey.
    changes : sequence of Change
        The probability of every class before and after.
    sentence : str
        How large the change is and what came of it.
    """

    original: Bytes
    change: Bytes
    result: Bytes
    factor: float
    changes: Sequence[Change]
    sentence: str


class FoolingView(BelowView):
    """Original, change and result in a row, as a sum; ``target_chosen(class number)``."""

    target_chosen = pyqtSignal(int)
    way_chosen = pyqtSignal(str)
    cancel_requested = pyqtSignal()
    again_requested = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        describe(self, "foolingView", self.tr("Fooling"), "")
        tr = self.tr
        self.message = Message("foolingMessage")
        self.question = Label("", "title", name="foolingQuestion")
        self.target = ComboBox("foolingTarget", tr("Class"), tr("What the network is to take the picture for"))
        self.question.setBuddy(self.target)
        self.way = ComboBox("foolingWay", tr("Way of fooling"), tr("How the change is found"))
        self.way.offer(
            (
                ("iterated", tr("by the smallest change"), tr("Many small steps, none beyond a limit that is halved")),
                ("sign", tr("by one sign step"), tr("Every pixel moves by the same number of levels, up or down")),
                ("nothing", tr("made from noise"), tr("The network becomes certain of what nobody sees")),
            )
        )
        self.again = ToolButton("foolingAgainButton", tr("Again"), tr("Look for a change again"), text=tr("Again"))
        self.progress = Progress("fooling", tr("Steps done"), tr("Stop looking for a change"))
        self.original = PictureBox("foolingOriginal", tr("Original"), tr("What the network got"), tr("original"),
                                   side=PICTURE)  # fmt: skip
        tip = tr("What is added to each pixel: grey is nothing, brighter is more, darker is less")
        self.change = PictureBox("foolingChange", tr("Change, amplified"), tip, "", side=PICTURE)
        self.result = PictureBox("foolingResult", tr("Result"), tr("What the network gets now"), tr("result"),
                                 side=PICTURE)  # fmt: skip
        self.changes = ChangeList(
            "foolingChanges", tr("Probabilities before and after"), tr("Probability before → after the change")
        )
        self.sentence = Label("", "muted", name="foolingSentence", wraps=True)
        self._lay_out()
        self.target.currentIndexChanged.connect(lambda _index: self.target_chosen.emit(self.target.currentData()))
        self.way.currentIndexChanged.connect(lambda _index: self.way_chosen.emit(self.way.currentData()))
        self.progress.cancel_requested.connect(self.cancel_requested)
        self.again.clicked.connect(self.again_requested)
        theme.follow(self._resize)

    def _lay_out(self) -> None:
        self._head = filled(QHBoxLayout(), self.question, self.target, self.way, self.progress, self.again)
        self._head.addStretch(1)
        signs = Label("+", "sign"), Label("=", "sign")
        pictures = filled(QHBoxLayout(), self.original, signs[0], self.change, signs[1], self.result)
        self._sum = filled(QVBoxLayout(), pictures, self.sentence)
        self._sum.addStretch(1)
        self._pictures = pictures
        lists = filled(QVBoxLayout(), self.changes)
        lists.addStretch(1)
        self._parts = QWidget()
        self._row = filled(QHBoxLayout(self._parts), self._sum, lists)
        self._row.addStretch(1)
        self._column = filled(QVBoxLayout(self), self._head, self.message, self._parts, 1)

    def offer(self, question: str, classes: Sequence[tuple[int, str]], target: int, way: str) -> None:
        """Ask "Have this 7 taken for" with the other classes, (number, name), to choose from, and by which way."""
        self.question.setText(question)
        self.target.offer((number, name, "") for number, name in classes)
        self.target.show_data(target)
        self.way.show_data(way)
        self._show_head(True)

    def show_fooled(self, found: Fooled | None, refusal: str = "", *, is_busy: bool = False) -> None:
        """Show what was found, or say why nothing was; while it is looked for it can be stopped."""
        self.progress.setVisible(is_busy)
        self.again.setVisible(found is None and not is_busy)
        self.message.show_error(refusal)
        self._parts.setVisible(found is not None)
        if found is None:
            return
        self.original.show_picture(found.original)
        self.change.show_picture(found.change)
        self.change.show_caption(self.tr("change × {n}").format(n=f"{found.factor:.3g}"))
        self.result.show_picture(found.result)
        self.changes.show_changes(found.changes)
        self.sentence.setText(found.sentence)

    def show_reason(self, sentence: str) -> None:
        """Say why nobody can be fooled."""
        self._show_head(False)
        self._parts.hide()
        self.message.show_hint(sentence)

    def _show_head(self, visible: bool) -> None:
        for part in (self.question, self.target, self.way):
            part.setVisible(visible)
        if not visible:
            self.progress.hide()
            self.again.hide()

    def _resize(self) -> None:
        for layout, gap in ((self._head, 8), (self._pictures, 8), (self._sum, 8), (self._row, 28), (self._column, 10)):
            layout.setSpacing(theme.px(gap))
        self.resize_to_theme()

    def share_room(self) -> None:
        """Pictures as large as there is room for, beside the list and above the sentence."""
        self.target.setFixedWidth(min(theme.px(120), self.width() // 5))
        self.way.setFixedWidth(min(theme.px(176), self.width() // 4))
        high = self.height() - theme.px(12 + 28 + 10 + CAPTION + 8 + 2 * 16 + 12)
        wide = self.width() - theme.px(2 * 16 + 28 + 2 * 30)
        beside = min(theme.px(LIST), max(theme.px(NARROWEST), wide - 3 * theme.px(LEAST)))
        self.changes.setFixedWidth(beside)
        side = max(theme.px(LEAST), min(high, (wide - beside) // 3, theme.px(LARGEST)))
        for box in (self.original, self.change, self.result):
            box.resize_to(side)
