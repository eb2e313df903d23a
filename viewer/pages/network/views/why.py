"""Why the network answered as it did: ways to ask, what the chosen one says, and a patch that covers the picture."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from PyQt6.QtCore import QRect, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QAbstractButton, QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from viewer import theme
from viewer.pages.learned.views.pictures import PictureBox, PictureCache, draw_frame, fitted
from viewer.pages.network.views.changes import Change, ChangeList
from viewer.pages.network.views.pointing import PointedPicture
from viewer.painting import Bytes
from viewer.widgets import Label, Message, SectionLabel, SegmentedControl, describe, filled, format_position
from viewer.widgets.labels import draw_elided

LARGE, THUMBNAIL, BUTTON, TESTED = 112, 20, 28, 84
GUIDED, LAST = "guided", 4
"""The way of asking that stands beside its test, and its number."""


class Reason(msgspec.Struct, frozen=True, eq=False):
    """What one way of asking says.

    Attributes
    ----------
    method : str
        The word of `kernels.cnn.saliency`.
    picture : (h, w, 3) uint8 or None
        The input with what speaks for the answer over it; None until it is computed.
    meaning : str
        How it is to be read, or why it cannot be asked here.
    is_possible : bool
        Whether it can be asked here.
    """

    method: str
    picture: Bytes | None = None
    meaning: str = ""
    is_possible: bool = True


class Patch(msgspec.Struct, frozen=True, eq=False):
    """A rectangle that covers part of a picture: rows from `top` to before `bottom`, columns likewise.

    `at` is the pixel (y, x) that it is centred on; at an edge part of it lies outside.
    """

    at: tuple[int, int]
    top: int
    left: int
    bottom: int
    right: int


class RandomisedTest(msgspec.Struct, frozen=True, eq=False):
    """The same way of asking put to the network and to one with random weights, and what that shows."""

    own: Bytes | None = None
    randomised: Bytes | None = None
    sentence: str = ""


class _MethodButton(QPushButton):
    """A way of asking: what it says, small, beside its name."""

    def __init__(self) -> None:
        super().__init__()
        self.picture: Bytes | None = None
        self._pictures = PictureCache(4)

    def sizeHint(self) -> QSize:
        return QSize(theme.px(80), theme.px(BUTTON))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        colours, painter = theme.palette(), QPainter(self)
        width = 3 if self.hasFocus() and self.isChecked() else 2 if self.isChecked() else 1
        draw_frame(painter, self.rect(), width=width, hovered=self.underMouse() and self.isEnabled())
        side, gap = theme.px(THUMBNAIL), (self.height() - theme.px(THUMBNAIL)) // 2
        box = QRect(gap + 1, gap, side, side)
        if self.picture is None:
            painter.fillRect(box, colours.well)
        else:
            self._pictures.draw(painter, self.picture, fitted(self.picture, box))
        painter.setFont(theme.font(11, 600))
        painter.setPen(colours.text if self.isEnabled() else colours.faint)
        left = box.right() + theme.px(7)
        draw_elided(painter, QRect(left, 0, self.width() - left - theme.px(4), self.height()), self.text())


class MethodChoice(SegmentedControl):
    """The ways of asking, two in a line; the last has a line of its own."""

    across = 2

    def __init__(self) -> None:
        self._lines = QGridLayout()
        tip = self.tr("Ways to ask which pixels the answer rests on")
        super().__init__("whyMethod", self.tr("Way of asking why"), tip)
        self.setProperty("segmented", False)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addLayout(self._lines)
        tr = self.tr
        self.offer(
            (
                ("gradient", tr("Gradient"), tr("How much each pixel changes the score of the answer")),
                ("smoothgrad", tr("SmoothGrad"), tr("The gradient, averaged over copies with noise")),
                ("grad-cam", tr("Grad-CAM"), tr("The maps of the last convolution, weighted by their gradient")),
                ("occlusion", tr("Occlusion"), tr("How much the score falls where a patch covers the picture")),
                (
                    GUIDED,
                    tr("Guided backpropagation"),
                    tr("The gradient without what is negative, beside its test with random weights"),
                ),
            )
        )
        self._tips = [button.toolTip() for button in self._group.buttons()]
        theme.follow(self._rescale)

    def _make_button(self) -> QAbstractButton:
        return _MethodButton()

    def _place(self, button: QAbstractButton) -> None:
        line, place = divmod(len(self._data), self.across)
        self._lines.addWidget(button, line, place, 1, self.across if len(self._data) == LAST else 1)

    def _rescale(self) -> None:
        self._lines.setSpacing(theme.px(5))
        self.updateGeometry()

    def show_reasons(self, reasons: Sequence[Reason]) -> None:
        """Show what the ways of asking say; those that are not possible cannot be chosen, and say why."""
        for reason in reasons:
            index = self.findData(reason.method)
            button = self._group.button(index)
            assert isinstance(button, _MethodButton)
            button.picture = reason.picture
            button.setEnabled(reason.is_possible)
            button.setToolTip(self._tips[index] if reason.is_possible else reason.meaning)
            button.update()


class CoveredPicture(PointedPicture):
    """The input with what speaks for the answer over it, and a patch that can be moved about where there is one."""

    def __init__(self) -> None:
        tip = self.tr("Drag the patch, or move it with the arrow keys; Home brings it to the middle")
        super().__init__("whyPicture", self.tr("What speaks for the answer"), tip, LARGE)
        self._picture: Bytes | None = None
        self._patch: Patch | None = None
        self._pictures = PictureCache(4)

    def show_picture(self, picture: Bytes | None, patch: Patch | None) -> None:
        """Show `picture` and over it the patch, if there is one."""
        self._picture, self._patch = picture, patch
        if picture is not None:
            rows, columns = picture.shape[:2]
            self.show_at((rows, columns), (rows // 2, columns // 2) if patch is None else patch.at)
        self.setEnabled(patch is not None)
        self.update()

    def words(self, row: int, column: int) -> str:
        return format_position(row, column)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        colours, painter = theme.palette(), QPainter(self)
        if self._picture is None:
            painter.fillRect(self.rect(), colours.well)
            return
        self._pictures.draw(painter, self._picture, self.place())
        self.paint_focus(painter)
        if (patch := self._patch) is None:
            return
        room = self.cell(patch.top, patch.left, patch.bottom - patch.top, patch.right - patch.left)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colours.crosshair, theme.px(2), join=Qt.PenJoinStyle.MiterJoin))
        painter.drawRect(room)


class WhyView(QWidget):
    """Ways of asking, and what the chosen one says; ``method_chosen(word)``, ``patch_moved(y, x)``."""

    method_chosen = pyqtSignal(str)
    patch_moved = pyqtSignal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        describe(self, "whyView", self.tr("Why?"), "")
        self.heading, self.message = SectionLabel(self.tr("Why?")), Message("whyMessage")
        self.methods, self.picture = MethodChoice(), CoveredPicture()
        self.title, self.text = Label("", "strong", name="whyTitle"), Label("", "muted", name="whyText", wraps=True)
        self.changes = ChangeList(
            "whyChanges", self.tr("Probabilities without and with the patch"),
            self.tr("What the patch changes: probability without it → with it"),
        )  # fmt: skip
        self._make_test()
        self._beside = filled(QVBoxLayout(), self.title, self.text, self.changes)
        self._beside.addStretch(1)
        self._large = QWidget()
        self._large_row = filled(QHBoxLayout(self._large), self.picture, self._beside, 1)
        self._column = filled(QVBoxLayout(self), self.heading, self.message, self.methods, self._large, self._test)
        self.methods.currentIndexChanged.connect(lambda _index: self.method_chosen.emit(self.methods.currentData()))
        self.picture.pointed.connect(self.patch_moved)
        self._show_parts(large=True)
        theme.follow(self._resize)

    def _make_test(self) -> None:
        self._test = QWidget()
        tip = self.tr("What guided backpropagation says of the network that was trained")
        self.own = PictureBox("whyOwn", self.tr("Trained weights"), tip, self.tr("trained"), side=TESTED)
        tip = self.tr("What it says of the same network with random weights")
        self.randomised = PictureBox("whyRandomised", self.tr("Random weights"), tip, self.tr("random weights"),
                                     side=TESTED)  # fmt: skip
        self.verdict = Label("", "muted", name="whyVerdict", wraps=True)
        self._pair = filled(QHBoxLayout(), self.own, self.randomised)
        self._pair.addStretch(1)
        filled(QVBoxLayout(self._test), self._pair, self.verdict, spacing=theme.px(4))

    # Setters --------------------------------------------------------------------------------------------------

    def show_question(self, text: str) -> None:
        """The heading: "Why a 7?"."""
        self.heading.show_title(text)

    def show_reasons(self, reasons: Sequence[Reason], chosen: str) -> None:
        """Show all ways of asking, and let one of them be chosen."""
        self.message.clear()
        self.methods.show()
        self.methods.show_reasons(reasons)
        self.methods.show_data(chosen)

    def show_answer(self, title: str, reason: Reason, patch: Patch | None, changes: Sequence[Change] = ()) -> None:
        """Show what one way of asking says, large; a patch can be moved, and changes the probabilities so."""
        self._show_parts(large=True)
        self.picture.show_picture(reason.picture, patch)
        self.title.setText(title)
        self.text.setText(reason.meaning)
        self.changes.setVisible(bool(changes))
        self.changes.show_changes(changes)

    def show_test(self, test: RandomisedTest) -> None:
        """Show two networks side by side: the one that was trained and one with random weights."""
        self._show_parts(large=False)
        self.own.show_picture(test.own)
        self.randomised.show_picture(test.randomised)
        self.verdict.setText(test.sentence)

    def show_reason(self, sentence: str) -> None:
        """Say why nothing can be asked."""
        self.message.show_hint(sentence)
        for part in (self.methods, self._large, self._test):
            part.hide()

    def _show_parts(self, *, large: bool) -> None:
        self._large.setVisible(large)
        self._test.setVisible(not large)

    def _resize(self) -> None:
        self._column.setSpacing(theme.px(6))
        self._beside.setSpacing(theme.px(2))
        self._large_row.setSpacing(theme.px(10))
        self._pair.setSpacing(theme.px(10))
