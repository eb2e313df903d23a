"""Loss and accuracy of the runs against the steps."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QEvent, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPixmap
from PyQt6.QtWidgets import QSizePolicy, QWidget

from viewer import theme
from viewer.pages.network.train.drawn import DrawnRun
from viewer.pages.network.train.step_axis import StepAxis
from viewer.pages.network.train.views.cursor import draw_cursor
from viewer.pages.network.train.views.curves_drawing import CurvesDrawing, Reading
from viewer.widgets import describe


class CurvesView(QWidget):
    """Two plots on one axis; a click or a drag moves the cursor, the pointer reads what stands below it."""

    step_chosen = pyqtSignal(int)

    def __init__(self) -> None:
        super().__init__()
        describe(self, "trainCurves", self.tr("Loss and accuracy"), "")
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._runs: tuple[DrawnRun, ...] = ()
        self._shown: str | None = None
        self._axis = StepAxis()
        self._step, self._pointer = 0, -1.0
        self._drawing: CurvesDrawing | None = None
        self._painted: QPixmap | None = None
        theme.follow(self._forget)

    # Setters -------------------------------------------------------------------------------------------------

    def show_axis(self, axis: StepAxis) -> None:
        """Put the steps where this axis has them."""
        if axis != self._axis:
            self._axis = axis
            self._forget()

    def show_runs(self, runs: Sequence[DrawnRun], shown: str | None) -> None:
        """Draw these; `shown` is the one that is looked at."""
        self._runs, self._shown = tuple(runs), shown
        self._forget()

    def show_cursor(self, step: int) -> None:
        """Put the cursor at a step."""
        self._step = step
        found = self.reading(step)
        self.setAccessibleDescription("" if found is None else found.sentence)
        self.update()

    def drawing(self) -> CurvesDrawing:
        """What is drawn at the present size."""
        if self._drawing is None:
            self._drawing = CurvesDrawing(self._runs, self._shown, self._axis, self.height())
        return self._drawing

    def reading(self, step: int) -> Reading | None:
        """What the curves of the shown run say at a step."""
        return self.drawing().reading(step)

    def _forget(self) -> None:
        self._drawing = self._painted = None
        self.update()

    # What the user does --------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._runs:
            self._choose(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        self._pointer = event.position().x()
        if event.buttons() & Qt.MouseButton.LeftButton and self._runs:
            self._choose(self._pointer)
        self.update()

    def leaveEvent(self, event: QEvent | None) -> None:
        self._pointer = -1.0
        self.update()

    def _choose(self, x: float) -> None:
        self.step_chosen.emit(self._axis.step(x))

    # Painting ------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(theme.px(862), theme.px(210))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(360), theme.px(136))

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._underlay())
        self._draw_over(painter)
        if self._shown is not None:  # on to the film strip, below the number of the step
            draw_cursor(painter, self._axis.x(self._step), self.height() - theme.px(4), self.height())
        if 0 <= self._axis.left - 1 <= self._pointer <= self._axis.right + 1 and not self._is_at_cursor:
            self.drawing().draw_reading(painter, self._axis.step(self._pointer), QRectF(self.rect()))

    def draw(self, painter: QPainter) -> None:
        """Draw the curves and the cursor, not what the pointer reads."""
        self.drawing().draw(painter, self.width())
        self._draw_over(painter)

    def _draw_over(self, painter: QPainter) -> None:
        if self._shown is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            drawing, x = self.drawing(), self._axis.x(self._step)
            draw_cursor(painter, x, drawing.top, drawing.bottom)
            drawing.draw_values(painter, self._step)

    @property
    def _is_at_cursor(self) -> bool:
        return abs(self._axis.x(self._step) - self._pointer) < theme.px(3)

    def _underlay(self) -> QPixmap:
        """All but cursor and values, which move over it."""
        ratio = self.devicePixelRatioF()
        size = self.size() * ratio
        if self._painted is None or self._painted.size() != size:
            self._drawing = None
            self._painted = QPixmap(size)
            self._painted.setDevicePixelRatio(ratio)
            painter = QPainter(self._painted)
            self.drawing().draw(painter, self.width())
            painter.end()
        return self._painted
