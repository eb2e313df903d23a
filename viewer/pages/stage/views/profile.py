"""Values along a line: profiles of input and output in one plot, and the values at the crosshair beside it."""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PyQt6.QtCore import QPoint, QRectF, QSize, QSizeF, Qt, pyqtSignal
from PyQt6.QtGui import QFontMetricsF, QImage, QPainter, QPaintEvent, QResizeEvent
from PyQt6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QStackedLayout, QVBoxLayout, QWidget

from viewer import theme
from viewer.pages.stage.views.lower import GAP, LARGE, MARGIN, TEXT, Heading, LowerView
from viewer.pages.stage.views.profile_plot import ProfilePlot, Values
from viewer.widgets import Label, ToolButton, blocked, describe, filled, format_number

CONTROLS, READING = 268, 208
FIGURES, SMALL = (6, 5, 4, 3), 20
"""Significant figures of a value at the crosshair, and the smallest type, where there is room for no more."""
SHARPNESS = 2.0
"""Pixels of an exported picture for each on the screen."""
NONE = "–"


class ProfileView(LowerView):
    """A plot of input and output along one line, linked to the pictures by a crosshair.

    ``pointed`` carries the index of a value of the input, or None.
    """

    pointed = pyqtSignal(object)
    drawing_switched = pyqtSignal(bool)
    row_requested = pyqtSignal()
    column_requested = pyqtSignal()
    clear_requested = pyqtSignal()
    export_csv_requested = pyqtSignal()
    export_picture_requested = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        describe(self, "profileView", self.tr("Values along a line"), "")
        self._distances: Values = np.zeros(0)
        self._given: tuple[NDArray[np.float64], NDArray[np.float64]] = (np.zeros((0, 1)), np.zeros((0, 1)))
        self._make_controls()
        self.plot = ProfilePlot()
        self.plot.pointed.connect(self._pointed)
        self.reading = Reading(self.plot)
        self._lay_out()
        self.show_nothing()
        theme.follow(self._scale)

    # Building ------------------------------------------------------------------------------------------------

    def _make_controls(self) -> None:
        tr = self.tr
        self.caption = Heading(name="profileCaption", wraps=True)
        self.draw_button = ToolButton(
            "profileDraw",
            tr("Draw a line"),
            tr("Drag in a picture; with the keys, Enter there sets one end, and then the other"),
            text=tr("Draw a line"),
        )
        self.draw_button.setCheckable(True)
        self.draw_button.setProperty("switch", True)
        self.draw_button.toggled.connect(self.drawing_switched)
        self.row_button = ToolButton(
            "profileRow", tr("Row"), tr("Take the row of the pixel that is followed"), text=tr("Row")
        )
        self.column_button = ToolButton(
            "profileColumn", tr("Column"), tr("Take the column of the pixel that is followed"), text=tr("Column")
        )
        self.clear_button = ToolButton("profileClear", tr("Clear"), tr("Take the line away"), text=tr("Clear"))
        self.csv_button = ToolButton(
            "profileSaveValues", tr("Save values"), tr("Save the values along the line as CSV"), text=tr("Save values…")
        )
        self.picture_button = ToolButton(
            "profileSavePicture", tr("Save plot"), tr("Save the plot as a picture"), text=tr("Save plot…")
        )
        self.draw_button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        for button, request in (
            (self.row_button, self.row_requested),
            (self.column_button, self.column_requested),
            (self.clear_button, self.clear_requested),
            (self.csv_button, self.export_csv_requested),
            (self.picture_button, self.export_picture_requested),
        ):
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            button.clicked.connect(lambda _checked, request=request: request.emit())

    def _lay_out(self) -> None:
        grid = self._buttons = QGridLayout()
        grid.addWidget(self.draw_button, 0, 0, 1, 6)
        for column, button in enumerate((self.row_button, self.column_button, self.clear_button)):
            grid.addWidget(button, 1, 2 * column, 1, 2)
        grid.addWidget(self.csv_button, 2, 0, 1, 3)
        grid.addWidget(self.picture_button, 2, 3, 1, 3)
        self.controls = QWidget()
        column_layout = filled(QVBoxLayout(self.controls), self.caption, grid)
        column_layout.addStretch(1)
        self.sheet = QWidget()
        self._sheet_row = filled(QHBoxLayout(self.sheet), self.plot, 1, self.reading)
        self.empty = Label(name="profileHint", wraps=True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        body = QWidget()
        self._pages = QStackedLayout(body)
        self._pages.addWidget(self.empty)
        self._pages.addWidget(self.sheet)
        self._row = filled(QHBoxLayout(self), self.controls, body, 1)

    def _scale(self) -> None:
        self.rescale()
        margin, gap = theme.px(MARGIN), theme.px(GAP)
        self._row.setContentsMargins(margin, theme.px(12), margin, theme.px(8))
        self._row.setSpacing(margin)
        self._sheet_row.setSpacing(margin)
        self._buttons.setSpacing(gap)
        self.controls.layout().setSpacing(theme.px(10))
        self.controls.setFixedWidth(theme.px(CONTROLS))

    # Setters -------------------------------------------------------------------------------------------------

    def show_profile(
        self,
        distances: ArrayLike,
        input_values: ArrayLike,
        output_distances: ArrayLike,
        output_values: ArrayLike,
        caption: str,
    ) -> None:
        """Show the values of the input, (n,) or (n, C), and of the output, (m,) or (m, C), along the line `caption`.

        The distances, (n,) and (m,), ascend and are in pixels of the input.
        """
        self._distances = np.asarray(distances, np.float64)
        self._given = _columns(input_values), _columns(output_values)
        self.plot.show_profile((self._distances, np.asarray(output_distances, np.float64)), self._given)
        self.caption.setText(caption)
        self._allow(True)
        self._read(None)
        self._pages.setCurrentIndex(1)

    def show_drawing(self, on: bool) -> None:
        """Show that lines are drawn in the pictures, or that they are not."""
        with blocked(self.draw_button):
            self.draw_button.setChecked(on)

    def show_nothing(self, text: str = "") -> None:
        """Say how a line is made, or `text`: why there is none."""
        hint = self.tr("Draw a line in a picture, or take a row or a column. The right button draws at any time.")
        self.empty.setText(text or hint)
        self.caption.setText(self.tr("Values along a line"))
        self.plot.mark(None)
        self._allow(False)
        self._pages.setCurrentIndex(0)

    def mark(self, index: int | None) -> None:
        """Put the crosshair at value `index` of the input, and write the values there."""
        self.plot.mark(index)
        self._read(self.plot.marked)

    def picture(self) -> QImage:
        """Caption, plot, legend and values as they are shown, twice as sharp, on the panel's ground."""
        head, edge = theme.px(32), theme.px(GAP)
        size = QSizeF(self.sheet.width() + 2 * edge, self.sheet.height() + head + edge) * SHARPNESS
        image = QImage(size.toSize(), QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(SHARPNESS)
        image.fill(theme.palette().panel)
        painter = QPainter(image)
        painter.setFont(theme.font(TEXT, 600))
        painter.setPen(theme.palette().text)
        painter.drawText(QRectF(edge, 0, self.sheet.width(), head), Qt.AlignmentFlag.AlignVCenter, self.caption.text())
        painter.end()
        self.plot.set_sharpness(SHARPNESS)
        self.sheet.render(image, QPoint(edge, head), flags=QWidget.RenderFlag.DrawChildren)
        self.plot.set_sharpness(self.devicePixelRatioF())
        return image

    # Showing -------------------------------------------------------------------------------------------------

    def _allow(self, has_line: bool) -> None:
        for button in (self.clear_button, self.csv_button, self.picture_button):
            button.setEnabled(has_line)

    def _pointed(self, index: int | None) -> None:
        self._read(index)
        self.pointed.emit(index)

    def _read(self, index: int | None) -> None:
        if index is None:
            self.reading.show_values("", (None, None))
            self.plot.setAccessibleDescription("")
            return
        other = self.plot.output_index(index)
        values = self._given[0][index], None if other is None else self._given[1][other]
        self.reading.show_values(
            self.tr("at {distance} px").format(distance=format_number(float(self._distances[index]))), values
        )
        self.plot.setAccessibleDescription(self.reading.accessibleDescription())


class Reading(QWidget):
    """What the curves are, and their values at the crosshair."""

    def __init__(self, plot: ProfilePlot) -> None:
        super().__init__()
        tip = self.tr("The curves, and their values at the crosshair")
        describe(self, "profileReading", self.tr("Values at the crosshair"), tip)
        self._plot = plot
        self._place = ""
        self._values: tuple[Values | None, Values | None] = (None, None)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        return QSize(theme.px(READING), theme.px(160))

    def show_values(self, place: str, values: tuple[Values | None, Values | None]) -> None:
        """Write the values of each channel of input and output; None where there are none."""
        self._place, self._values = place, values
        names = (self.tr("input"), self.tr("output"))
        words = ", ".join(f"{name} {' '.join(self.texts(part))}" for part, name in enumerate(names))
        self.setAccessibleDescription(f"{place}: {words}" if place else "")
        self.update()

    def texts(self, part: int, figures: int = FIGURES[0]) -> list[str]:
        """The values of the input (0) or of the output (1) as they are written, one a channel."""
        values = self._values[part]
        return [NONE] if values is None else [format_number(float(value), figures) for value in values]

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = theme.palette()
        painter.fillRect(self.rect(), colours.panel)
        line, large, gap = theme.px(24), theme.px(36), theme.px(6)
        foot = QRectF(0, self.height() - theme.px(26), self.width(), theme.px(26))
        top = max(0.0, (foot.top() - (3 * line + 2 * large + 2 * gap)) / 2)
        painter.setFont(theme.font(TEXT))
        painter.setPen(colours.muted)
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(foot, left, self.tr("px along the line"))
        if self._place:
            painter.fillRect(
                QRectF(theme.px(11), top + theme.px(3), theme.px(2), line - theme.px(6)), colours.crosshair
            )
        painter.drawText(QRectF(theme.px(32), top, self.width(), line), left, self._place)
        top += line + gap
        for part, name in enumerate((self.tr("Input"), self.tr("Output"))):
            self._paint_swatch(painter, part, QRectF(0, top, theme.px(24), line))
            painter.setFont(theme.font(TEXT))
            painter.setPen(colours.muted)
            painter.drawText(QRectF(theme.px(32), top, self.width(), line), left, name)
            self._paint_values(painter, part, QRectF(theme.px(32), top + line, self.width() - theme.px(32), large))
            top += line + large + gap

    def _paint_swatch(self, painter: QPainter, part: int, room: QRectF) -> None:
        count = self._plot.channels(part)
        for channel in range(count):
            painter.setPen(self._plot.pen(part, channel, painter.device().devicePixelRatio()))
            y = room.center().y() + (channel - (count - 1) / 2) * theme.px(5)
            painter.drawLine(round(room.left()), round(y), round(room.right()), round(y))

    def _paint_values(self, painter: QPainter, part: int, room: QRectF) -> None:
        """Write the values of a curve in the largest type in which they fit."""
        for figures, size in product(FIGURES, range(LARGE, SMALL - 1, -2)):
            font, texts = theme.font(size, 600), self.texts(part, figures)
            space = QFontMetricsF(font).horizontalAdvance("  ")
            widths = [QFontMetricsF(font).horizontalAdvance(text) + space for text in texts]
            if sum(widths) - space <= room.width():
                break
        painter.setFont(font)
        x = room.left()
        for channel, (text, width) in enumerate(zip(texts, widths, strict=True)):
            painter.setPen(theme.palette().muted if text == NONE else self._plot.colour(part, channel))
            painter.drawText(QRectF(x, room.top(), width, room.height()), Qt.AlignmentFlag.AlignVCenter, text)
            x += width


def _columns(values: ArrayLike) -> NDArray[np.float64]:
    held = np.asarray(values, np.float64)
    return held[:, np.newaxis] if held.ndim == 1 else held
