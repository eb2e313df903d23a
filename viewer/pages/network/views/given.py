"""What the network gets: the digit as drawn and centred, side by side."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QRect, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from viewer import theme
from viewer.pages.learned.views.pictures import PictureCache, fitted
from viewer.widgets import SectionLabel, SegmentedControl, describe, filled

SIDE, CAPTION, GAP = 76, 16, 12
Pixels = NDArray[np.uint8]


class Choice(QWidget):
    """A picture and what it is called; the chosen one is framed, a click chooses."""

    chosen = pyqtSignal()

    def __init__(self, object_name: str, title: str, tool_tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        describe(self, object_name, title, tool_tip)
        self._picture: Pixels | None = None
        self._is_chosen = False
        self._caption = ""
        self._pictures = PictureCache(2)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_picture(self, picture: Pixels | None, caption: str, *, chosen: bool) -> None:
        """Show a picture, what stands below it, and whether it is the one that counts."""
        self._picture, self._caption, self._is_chosen = picture, caption, chosen
        self.update()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        self.chosen.emit()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(SIDE), theme.px(SIDE + CAPTION))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter, colours = QPainter(self), theme.palette()
        side = theme.px(SIDE)
        frame = QRect((self.width() - side) // 2, 0, side, side)
        inner = frame.adjusted(3, 3, -3, -3)
        painter.fillRect(inner, Qt.GlobalColor.black)
        if self._picture is not None:
            self._pictures.draw(painter, self._picture, fitted(self._picture, inner))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._is_chosen:
            painter.setPen(QPen(colours.accent, 2))
            painter.drawRoundedRect(frame.adjusted(1, 1, -1, -1), theme.px(4), theme.px(4))
        painter.setFont(theme.font(11))
        painter.setPen(colours.text if self._is_chosen else colours.muted)
        line = QRect(0, side, self.width(), theme.px(CAPTION))
        painter.drawText(line, Qt.AlignmentFlag.AlignCenter, self._caption)


class GivenView(QWidget):
    """Both pictures and the switch between them; ``centred_chosen(bool)`` says which one networks get."""

    centred_chosen = pyqtSignal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        tr = self.tr
        self.switch = SegmentedControl("centredCombo", tr("What the network gets"),
                                       tr("The digit as it stands, or centred as MNIST's digits are"))  # fmt: skip
        self.switch.offer((
            (False, tr("As drawn"), tr("The whole pad, 28 × 28 pixels: where the digit stands matters")),
            (True, tr("Centred"),
             tr("Scaled into 20 × 20 pixels, its centre of mass in the middle of 28 × 28, as the digits that the"
                " networks learned from")),
        ))  # fmt: skip
        self.switch.show_data(True)
        self.raw = Choice("asDrawnPicture", tr("As drawn"), tr("The digit as it stands; click to give it so"))
        self.centred = Choice("centredPicture", tr("Centred as MNIST"),
                              tr("The digit centred as MNIST's are; click to give it so"))  # fmt: skip
        self._row = filled(QHBoxLayout(), self.raw, self.centred)
        self._column = filled(QVBoxLayout(self), SectionLabel(tr("What the network gets")), self.switch, self._row)
        self.switch.currentIndexChanged.connect(lambda _row: self.centred_chosen.emit(self.switch.currentData()))
        self.raw.chosen.connect(lambda: self.centred_chosen.emit(False))
        self.centred.chosen.connect(lambda: self.centred_chosen.emit(True))
        theme.follow(self._rescale)

    def show_given(self, raw: Pixels | None, centred: Pixels | None, *, is_centred: bool) -> None:
        """Show both, and which one networks get."""
        self.switch.show_data(is_centred)
        self.raw.show_picture(raw, "28 × 28", chosen=not is_centred)
        self.centred.show_picture(centred, self.tr("20 box, centred"), chosen=is_centred)

    def _rescale(self) -> None:
        self._column.setSpacing(theme.px(6))
        self._row.setSpacing(theme.px(GAP))
