"""Crop, matrix, kernel and output side by side, linked: what is pointed at in one is marked in all."""

from __future__ import annotations

from msgspec.structs import replace
from PyQt6.QtCore import QEvent, QPointF, QRectF, QSize, QSizeF, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from viewer import theme
from viewer.pages.layers.matrix_case import MatrixCase
from viewer.pages.layers.views import matrix_writing as writing
from viewer.pages.layers.views.matrix_cells import CellWriter
from viewer.pages.layers.views.matrix_layout import Place, Plan, Sizes, plan_of
from viewer.pages.layers.views.matrix_painting import SPARSE, WINDOWS, Fillings, Painting, Pointed, fillings_of
from viewer.widgets import describe


class MatrixDrawing(QWidget):
    """Paints a ``MatrixCase``; the pointer and the arrow keys choose a row, a click on a kernel its map."""

    row_chosen = pyqtSignal(int)
    map_chosen = pyqtSignal(int)
    channel_shown = pyqtSignal(int)
    play_requested = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        tip = self.tr("Arrow keys: another row; Page Up and Down: another map; Shift with them: another channel")
        describe(self, "matrixDrawing", self.tr("Matrix times kernel"), tip)
        self._case: MatrixCase | None = None
        self._mode = WINDOWS
        self._row = self._channel = 0
        self._is_quiet = False
        self._pointed = Pointed()
        self._plan: Plan | None = None
        self._fillings: Fillings | None = None
        self._writer = CellWriter()
        self._tables: tuple[tuple[Place | None, float], QPixmap] | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.follow(self._refresh)

    # Setters -------------------------------------------------------------------------------------------------

    def show_case(self, case: MatrixCase | None) -> None:
        """Show a case, or nothing."""
        before, self._case = self._case, case
        if case is not None:
            self._row = case.row
            same = before is not None and before.channels == case.channels
            self._channel = self._channel if same else 0
        self._pointed = Pointed()
        self._refresh()

    def show_mode(self, mode: str) -> None:
        """The matrix of windows, or the sparse matrix."""
        self._mode = mode
        self._pointed = Pointed()
        self._refresh()

    def show_row(self, row: int) -> None:
        """Follow a row."""
        self._row = row
        self._tell()
        self.update()

    def set_quiet(self, quiet: bool) -> None:
        """While the rows are walked by themselves the pointer chooses none."""
        self._is_quiet = quiet

    @property
    def row(self) -> int:
        """The row that is followed."""
        return self._row

    @property
    def channel(self) -> int:
        """The channel of the crop that is shown, from 0."""
        return self._channel

    @property
    def mode(self) -> str:
        """Which matrix is shown."""
        return self._mode

    @property
    def plan(self) -> Plan | None:
        """Where everything stands."""
        return self._plan

    @property
    def pointed(self) -> Pointed:
        """What the pointer is on."""
        return self._pointed

    def sizeHint(self) -> QSize:
        return QSize(theme.px(724), theme.px(358))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(480), theme.px(220))

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def _refresh(self) -> None:
        case = self._case
        if case is None:
            self._plan = self._fillings = None
            self.setAccessibleDescription("")
            self.update()
            return
        self._fillings = fillings_of(case, self._mode, self._channel)
        self._tell()
        self._lay_out()

    def _lay_out(self) -> None:
        self._tables = None
        case, fillings = self._case, self._fillings
        if case is not None and fillings is not None:
            is_sparse = self._mode == SPARSE
            columns = fillings.matrix.colours.shape[1]
            sizes = Sizes(
                crop=case.virtual.shape,
                kernel=case.kernel_shape,
                output=(case.block.rows, case.block.columns),
                columns=columns,
                taps=columns,
                group=case.virtual.shape[1] if is_sparse else 0,
                maps=1 if is_sparse else len(case.maps),
                selected=0 if is_sparse else case.selected,
            )
            self._plan = plan_of(sizes, QSizeF(self.width(), self.height()))
        self.update()

    def _tell(self) -> None:
        """Say the sum of the row to those who hear the window."""
        if self._case is not None:
            line = writing.RowSum(self._case, self._row).text()
            row = self.tr("Row {row} of {count}").format(row=self._row + 1, count=self._case.block.count)
            self.setAccessibleDescription(f"{row}: {line}")

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.hasFocus():
            painter.setPen(theme.palette().accent)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5), theme.px(4), theme.px(4))
        if self._case is None or self._plan is None or self._fillings is None:
            return
        on = Painting(
            painter, self._writer, self._case, self._plan, self._fillings, self._mode, self._row, self._channel,
            self._pointed, self.width(),
        )  # fmt: skip
        painter.drawPixmap(0, 0, self._tables_of(on))
        on.paint_marks()

    def _tables_of(self, on: Painting) -> QPixmap:
        """The tables as they are painted, kept until they change: thousands of cells take longer than a frame."""
        key = on.pointed.lit, self.devicePixelRatioF()
        if self._tables is None or self._tables[0] != key:
            made = QPixmap(self.size() * key[1])
            made.setDevicePixelRatio(key[1])
            made.fill(Qt.GlobalColor.transparent)
            painter = QPainter(made)
            replace(on, painter=painter).paint_tables()
            painter.end()
            self._tables = key, made
        return self._tables[1]

    # What the user does --------------------------------------------------------------------------------------

    def event(self, event: QEvent | None) -> bool:
        # The tool tip tells who hears the window of the keys; over the cells it would hide what is looked at.
        return event.type() == QEvent.Type.ToolTip or super().event(event)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        self.point_at(event.position())

    def leaveEvent(self, event: QEvent | None) -> None:
        super().leaveEvent(event)
        self._point(Pointed())

    def point_at(self, point: QPointF) -> None:
        """Mark what stands at a point, and follow its row."""
        case, plan = self._case, self._plan
        if case is None or plan is None:
            return
        count, wide = len(case.channels), case.virtual.shape[1]
        if (at := plan.crop.at(point)) is not None:
            self._point(Pointed(at))
        elif (at := plan.matrix.at(point)) is not None:
            row, column = at
            self._choose(row)
            if self._mode == SPARSE:
                self._point(self._pixel_of_row(case, divmod(column, wide)))
            else:
                self._show_channel(column % count)
                y, x = case.sources[self._row, column // count].tolist()
                self._point(Pointed((y, x), column // count))
        elif (at := plan.factor.at(point)) is not None:
            pixel = divmod(at[0], wide)
            self._point(Pointed(pixel) if self._mode == SPARSE else self._weight(case, at[0]))
        elif (at := plan.kernel.at(point)) is not None:
            self._point(self._weight(case, (at[0] * case.kernel_shape[1] + at[1]) * count + self._channel))
        elif (at := plan.result.at(point)) is not None:
            self._choose(at[0])
            self._point(Pointed())
        elif (at := plan.output.at(point)) is not None:
            self._choose(at[0] * case.block.columns + at[1])
            self._point(Pointed())
        else:
            self._point(Pointed())

    def _weight(self, case: MatrixCase, column: int) -> Pointed:
        count = len(case.channels)
        self._show_channel(column % count)
        y, x = case.sources[self._row, column // count].tolist()
        return Pointed((y, x), column // count)

    def _pixel_of_row(self, case: MatrixCase, pixel: Place) -> Pointed:
        """A pixel, and the tap of the followed row that reads it."""
        found = (case.sources[self._row] == pixel).all(axis=1).nonzero()[0]
        return Pointed(pixel, int(found[0])) if len(found) else Pointed(pixel)

    def _point(self, pointed: Pointed) -> None:
        if pointed != self._pointed:
            self._pointed = pointed
            self.update()

    def _choose(self, row: int) -> None:
        if self._is_quiet or self._case is None or row == self._row:
            return
        self.show_row(row)
        self.row_chosen.emit(row)

    def _show_channel(self, channel: int) -> None:
        if channel != self._channel:
            self._channel = channel
            self._refresh()
            self.channel_shown.emit(channel)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        case, plan = self._case, self._plan
        if case is None or plan is None or event.button() != Qt.MouseButton.LeftButton:
            return
        if self._mode == WINDOWS:
            for table in (plan.factor, plan.result):
                if (at := table.at(event.position())) is not None:
                    self._choose_map(plan.maps.start + at[1])
                    return
        head = QRectF(plan.crop.whole.left(), 0, plan.crop.whole.width(), plan.crop.whole.top())
        if head.contains(event.position()):
            self._show_channel((self._channel + 1) % len(case.channels))

    def _choose_map(self, at: int) -> None:
        case = self._case
        if case is not None and 0 <= at < len(case.maps) and at != case.selected:
            self.map_chosen.emit(case.maps[at])

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        case, key = self._case, Qt.Key
        if case is None:
            super().keyPressEvent(event)
            return
        pressed, last = Qt.Key(event.key()), case.block.count - 1
        rows = {key.Key_Left: self._row - 1, key.Key_Right: self._row + 1, key.Key_Home: 0, key.Key_End: last,
                key.Key_Up: self._row - case.block.columns, key.Key_Down: self._row + case.block.columns}  # fmt: skip
        pages = {key.Key_PageUp: -1, key.Key_PageDown: 1}
        if pressed in pages and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._show_channel((self._channel + pages[pressed]) % len(case.channels))
        elif pressed in pages:
            self._choose_map(case.selected + pages[pressed])
        elif pressed == key.Key_Space:
            self.play_requested.emit()
        elif pressed in rows:
            if 0 <= rows[pressed] <= last:
                self.show_row(rows[pressed])
                self.row_chosen.emit(self._row)
        else:
            super().keyPressEvent(event)
