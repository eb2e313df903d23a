"""The line above the cards: which row it is, and the colours of the selected map with their numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QImage, QPainter, QPainterPath, QPaintEvent, QPen
from PyQt6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from viewer import theme
from viewer.images import to_qimage
from viewer.pages.layers.figures import FIGURES, value_text
from viewer.pages.layers.views.card_layout import advance
from viewer.widgets import ToolButton, describe, filled
from viewer.widgets.labels import ElidedLabel

Bytes = NDArray[np.uint8]

HEIGHT, MARGIN = 28, 12
BAR, FRAME, SPACE = (72, 6), 10, 6
NAME, NUMBER = (12, 600), (12, 400)


class ColourScale(QWidget):
    """The name of a map in its gold frame, and the values that its colours stand for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        tip = self.tr("The values of the selected map, and the colours that it is painted in")
        describe(self, "layerScale", self.tr("Colours of the selected map"), tip)
        self._name, self._ends = "", ("", "")
        self._colours: QImage | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)

    def show_scale(self, name: str, low: float, high: float, colours: Bytes | None) -> None:
        """Show `colours`, (n, 3), from `low` to `high`; nothing for None."""
        self._name, self._ends = name, (value_text(low, FIGURES), value_text(high, FIGURES))
        self._colours = None if colours is None else to_qimage(colours[np.newaxis])
        shown = self.tr("{name}: {low} to {high}").format(name=name, low=self._ends[0], high=self._ends[1])
        self.setAccessibleDescription(shown if colours is not None else "")
        self.setVisible(colours is not None)
        self.updateGeometry()
        self.update()

    def _parts(self) -> list[tuple[str, int]]:
        """What stands from left to right, and how wide each is."""
        low, high = self._ends
        return [
            ("frame", theme.px(FRAME)),
            (self._name, advance(self._name, NAME) + theme.px(SPACE)),
            (low, advance(low, NUMBER)),
            ("bar", theme.px(BAR[0])),
            (high, advance(high, NUMBER)),
        ]

    def sizeHint(self) -> QSize:
        parts = self._parts()
        return QSize(sum(wide for _, wide in parts) + (len(parts) - 1) * theme.px(SPACE), theme.px(HEIGHT) - 1)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        if self._colours is None:
            return
        colours = theme.palette()
        painter = QPainter(self)
        left, middle = 0, self.height() / 2
        for number, (text, wide) in enumerate(self._parts()):
            room = QRectF(left, 0, wide, self.height())
            left += wide + theme.px(SPACE)
            if number == 0:
                self._paint_frame(painter, QRectF(room.left(), middle - wide / 2, wide, wide))
            elif number == 3:
                high = theme.px(BAR[1])
                self._paint_bar(painter, QRectF(room.left(), middle - high / 2, wide, high))
            else:
                painter.setFont(theme.font(*(NAME if number == 1 else NUMBER)))
                painter.setPen(colours.text if number == 1 else colours.muted)
                painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)

    @staticmethod
    def _paint_frame(painter: QPainter, rect: QRectF) -> None:
        line = theme.px(2)
        painter.setPen(QPen(theme.palette().crosshair, line))
        painter.drawRect(rect.adjusted(line / 2, line / 2, -line / 2, -line / 2))

    def _paint_bar(self, painter: QPainter, rect: QRectF) -> None:
        painter.save()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        path = QPainterPath()
        path.addRoundedRect(rect, rect.height() / 2, rect.height() / 2)
        painter.setClipPath(path)
        assert self._colours is not None
        painter.drawImage(rect, self._colours)
        painter.restore()


class StripHeader(QWidget):
    """Title and summary of the row, and the colours of the selected map."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("layerStripHeader")
        self.title, self.summary = ElidedLabel("title"), ElidedLabel("muted")
        self.title.setObjectName("layerStripTitle")
        self.summary.setObjectName("layerStripSummary")
        self.scale = ColourScale()
        tip = self.tr("Open the middle of the picture: the maps of a smaller one fit into memory")
        self.crop = ToolButton("cropButton", self.tr("Crop the picture"), tip, text=self.tr("Crop"))
        self.crop.hide()
        tips = self.tr("Open a row of stages: a recipe in a file"), self.tr("Save the stages that are on as a recipe")
        self.open, self.save = (
            ToolButton(name, title, tip, icon_name=drawing, flat=True)
            for name, title, tip, drawing in (
                ("openRowButton", self.tr("Open a row"), tips[0], "folder-open"),
                ("saveRowButton", self.tr("Save the row"), tips[1], "save"),
            )
        )
        self._row = filled(QHBoxLayout(self), self.title, self.summary, 1, self.crop, self.scale, self.open, self.save)
        self.scale.hide()
        theme.follow(self._rescale)

    def show_row(self, title: str, summary: str) -> None:
        """Say which row it is."""
        for label, text in ((self.title, title), (self.summary, summary)):
            if label.text() != text:
                label.setText(text)

    def offer_crop(self, offered: bool) -> None:
        """Whether a smaller picture would help."""
        self.crop.setVisible(offered)

    def _rescale(self) -> None:
        for button in (self.crop, self.open, self.save):
            button.setFixedHeight(theme.px(HEIGHT - 4))
        self.setFixedHeight(theme.px(HEIGHT))
        self._row.setContentsMargins(theme.px(MARGIN), 0, theme.px(MARGIN), 1)
        self._row.setSpacing(theme.px(8))

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.palette().panel)
        painter.fillRect(0, self.height() - 1, self.width(), 1, theme.palette().line)
