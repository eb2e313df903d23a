"""A kernel applied again and again: the result, the Gaussian of the same variance, and their difference."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, QRect, QRectF, QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QHideEvent, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PyQt6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QSlider, QStackedLayout, QVBoxLayout, QWidget

from viewer import theme
from viewer.pages.learned.views.pictures import PictureCache, fitted
from viewer.pages.stage.views.lower import BUTTON, GAP, MARGIN, TEXT, Heading, LowerView
from viewer.panes.marks import fill_covered
from viewer.widgets import Label, ToolButton, blocked, describe, filled
from viewer.widgets.labels import FittingLabel, draw_elided

Bytes = NDArray[np.uint8]
Areas = Sequence[tuple[float, float, float, float]]
"""Parts of a picture: top, left, height and width as shares of its sides."""

MOST = 50
TICK = 400
"""Milliseconds from one step to the next while it plays."""
CONTROLS, LINE = (304, 244), 22


class RepeatTexts(msgspec.Struct, frozen=True):
    """What is written beside the headings of the pictures, such as ``σ 2.83``, and a sentence where one is missing."""

    applied: str = ""
    gaussian: str = ""
    difference: str = ""
    note: str = ""


class RepeatView(LowerView):
    """ "Apply the kernel n times": ``times_changed`` carries n, by the slider or while it plays."""

    times_changed = pyqtSignal(int)
    adopt_requested = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        describe(self, "repeatView", self.tr("Apply the kernel n times"), "")
        self._answered = 0
        self._timer = QTimer(self)
        self._timer.setInterval(TICK)
        self._timer.timeout.connect(self._advance)
        self._make_controls()
        self.applied = PictureColumn("repeatApplied", "", self.tr("The picture after so many times"))
        self.gaussian = PictureColumn(
            "repeatGaussian",
            self.tr("Gaussian"),
            self.tr("The picture smoothed once by the Gaussian whose variance is n times the kernel's"),
        )
        self.difference = PictureColumn(
            "repeatDifference", self.tr("Difference"), self.tr("The one minus the other, in the colours of signs")
        )
        self._lay_out()
        self.show_times(1)
        self.show_nothing("")
        theme.follow(self._scale)

    # Building ------------------------------------------------------------------------------------------------

    def _make_controls(self) -> None:
        tr = self.tr
        self.heading = Heading(tr("Apply the kernel n times"), name="repeatHeading")
        self.number = FittingLabel(28, 28, 600)
        self.number.setObjectName("repeatNumber")
        self.slider = describe(
            QSlider(Qt.Orientation.Horizontal),
            "repeatSlider",
            tr("How many times"),
            tr("Apply the kernel 1 to 50 times"),
        )
        self.slider.setRange(1, MOST)
        self.slider.setPageStep(5)
        self.slider.valueChanged.connect(self._changed)
        self.play_button = PlayButton()
        self.play_button.toggled.connect(self._play)
        self.adopt_button = ToolButton(
            "repeatAdopt",
            tr("Make this the picture"),
            tr("Open the result as a picture of its own, to filter it further"),
            text=tr("Make this the picture"),
        )
        self.adopt_button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.adopt_button.clicked.connect(lambda _checked: self.adopt_requested.emit())
        self.note = Label(name="repeatNote", wraps=True)

    def _lay_out(self) -> None:
        self.controls = QWidget()
        row = self._play_row = filled(QHBoxLayout(), self.play_button, self.number, self.slider, 1)
        column = self._controls = filled(QVBoxLayout(self.controls), self.heading, row, self.adopt_button, self.note)
        column.addStretch(1)
        self.empty = Label(name="repeatHint", wraps=True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        pictures = QWidget()
        self._pictures = filled(QHBoxLayout(pictures), self.applied, 1, self.gaussian, 1, self.difference, 1)
        body = QWidget()
        self._pages = QStackedLayout(body)
        self._pages.addWidget(self.empty)
        self._pages.addWidget(pictures)
        self._row = filled(QHBoxLayout(self), self.controls, body, 1)

    def _scale(self) -> None:
        self.rescale()
        margin = theme.px(MARGIN)
        self._row.setContentsMargins(margin, theme.px(12), margin, theme.px(12))
        self._row.setSpacing(theme.px(24))
        self._pictures.setSpacing(margin)
        self._controls.setSpacing(theme.px(12))
        self._play_row.setSpacing(theme.px(GAP + 4))
        # As wide as two figures, so that the slider stays where it is.
        self.number.setFixedWidth(theme.px(38))
        self._share_width()

    def _share_width(self) -> None:
        self.controls.setFixedWidth(theme.px(CONTROLS[self.is_narrow()]))
        for column in (self.applied, self.gaussian, self.difference):
            column.set_lines(2 if self.is_narrow() else 1)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._share_width()

    # Setters -------------------------------------------------------------------------------------------------

    def show_times(self, n: int) -> None:
        """Put the slider at `n`."""
        with blocked(self.slider):
            self.slider.setValue(n)
        self._write_number()

    def show_result(
        self,
        n: int,
        applied: Bytes,
        gaussian: Bytes | None,
        difference: Bytes | None,
        texts: RepeatTexts,
        hidden: Areas = (),
    ) -> None:
        """Show what `n` times made and, where there are, the Gaussian and the difference, (h, w) or (h, w, 3).

        Of each picture some parts may be `hidden`. While it plays, the next step waits for this.
        """
        self._answered = n
        times = self.tr("Applied once") if n == 1 else self.tr("Applied {n} times").format(n=n)
        self.applied.show_picture(applied, times, texts.applied, hidden)
        for column, picture, text in (
            (self.gaussian, gaussian, texts.gaussian),
            (self.difference, difference, texts.difference),
        ):
            column.setVisible(picture is not None)
            column.show_picture(picture, column.heading, text, hidden)
        self.note.setText(texts.note)
        self.note.setVisible(bool(texts.note))
        self.adopt_button.setEnabled(True)
        self._pages.setCurrentIndex(1)

    def show_nothing(self, text: str) -> None:
        """Say why there is no result, and stop playing."""
        self.set_playing(False)
        self.empty.setText(text)
        self.note.hide()
        self.adopt_button.setEnabled(False)
        self._pages.setCurrentIndex(0)

    def set_playing(self, playing: bool) -> None:
        """Play or stop."""
        self.play_button.setChecked(playing)

    @property
    def is_playing(self) -> bool:
        """Whether it steps by itself."""
        return self._timer.isActive()

    # What the user does --------------------------------------------------------------------------------------

    def _changed(self, n: int) -> None:
        self._write_number()
        self.times_changed.emit(n)

    def _write_number(self) -> None:
        self.number.show_text(str(self.slider.value()))

    def _play(self, playing: bool) -> None:
        if not playing:
            self._timer.stop()
            return
        self._timer.start()
        if self.slider.value() == MOST:
            self.slider.setValue(1)

    def _advance(self) -> None:
        if self._answered != self.slider.value():
            return
        self.slider.setValue(self.slider.value() + 1)
        if self.slider.value() == MOST:
            self.set_playing(False)

    def hideEvent(self, event: QHideEvent | None) -> None:
        super().hideEvent(event)
        self.set_playing(False)


class PlayButton(QAbstractButton):
    """Play and pause."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.toggled.connect(self._name)
        self._name(False)

    def _name(self, playing: bool) -> None:
        tip = self.tr("Stop") if playing else self.tr("Apply the kernel once more, and again, up to 50 times")
        describe(self, "repeatPlay", self.tr("Pause") if playing else self.tr("Play"), tip)

    def sizeHint(self) -> QSize:
        return QSize(theme.px(56), theme.px(BUTTON + 4))

    def paintEvent(self, event: QPaintEvent | None) -> None:
        colours = theme.palette()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = theme.mixed(colours.accent, colours.text, 0.15) if self.underMouse() else colours.accent
        ring = theme.px(2) if self.hasFocus() else 0
        painter.setPen(QPen(colours.text, ring) if ring else Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        inset = ring / 2
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), theme.px(6), theme.px(6))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.on_accent)
        middle, arm = QRectF(self.rect()).center(), theme.px(7)
        if self.isChecked():
            for left in (-arm, arm * 0.25):
                painter.drawRect(QRectF(middle.x() + left, middle.y() - arm, arm * 0.75, 2 * arm))
        else:
            tips = (-0.8, -1.1), (-0.8, 1.1), (1.1, 0.0)
            painter.drawPolygon(QPolygonF([middle + QPointF(x * arm, y * arm) for x, y in tips]))


class PictureColumn(QWidget):
    """A heading, a few words, and a picture as large as the room allows, averaged over the area of each pixel."""

    def __init__(self, object_name: str, heading: str, tool_tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        describe(self, object_name, heading, tool_tip)
        self.heading = heading
        self._text = ""
        self._lines = 1
        self._picture: Bytes | None = None
        self._hidden: Areas = ()
        self._painted = PictureCache(2)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_picture(self, picture: Bytes | None, heading: str, text: str, hidden: Areas = ()) -> None:
        """Show uint8 pixels, (h, w) or (h, w, 3), but for what is `hidden`."""
        self._picture, self.heading, self._text, self._hidden = picture, heading, text, hidden
        self.setAccessibleName(heading)
        self.setAccessibleDescription(text)
        self.update()

    def set_lines(self, lines: int) -> None:
        """Write the words beside the heading, or on a line below it."""
        if lines != self._lines:
            self._lines = lines
            self.update()

    @property
    def picture(self) -> Bytes | None:
        """What is shown."""
        return self._picture

    @property
    def text(self) -> str:
        """The words beside the heading."""
        return self._text

    def picture_room(self) -> QRect:
        """Where the picture may stand, inside its frame."""
        return self.rect().adjusted(1, self._lines * theme.px(LINE) + theme.px(4), -1, -1)

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(80), theme.px(80))

    def paintEvent(self, event: QPaintEvent | None) -> None:
        colours = theme.palette()
        painter = QPainter(self)
        painter.setFont(theme.font(TEXT, 600))
        painter.setPen(colours.text)
        line = QRect(0, 0, self.width(), theme.px(LINE))
        draw_elided(painter, line, self.heading)
        beside = painter.fontMetrics().horizontalAdvance(self.heading) + theme.px(10)
        painter.setFont(theme.font(TEXT))
        painter.setPen(colours.muted)
        words = line.adjusted(beside, 0, 0, 0) if self._lines == 1 else line.translated(0, line.height())
        draw_elided(painter, words, self._text)
        if self._picture is not None:
            room = self.picture_room()
            target = fitted(self._picture, room)
            target.moveLeft(room.left())
            # Without a frame, white at the edge of a picture would be lost on a white page.
            painter.setPen(colours.faint if colours.is_dark else colours.muted)
            painter.drawRect(target.adjusted(-1, -1, 0, 0))
            self._painted.draw(painter, self._picture, target)
            wide, high = target.width(), target.height()
            for top, left, height, width in self._hidden:
                part = QRectF(target.left() + left * wide, target.top() + top * high, width * wide, height * high)
                fill_covered(painter, part)
