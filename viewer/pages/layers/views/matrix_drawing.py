"""Crop, matrix, kernel and output side by side, linked: what is pointed at in one is marked in all."""

from __future__ import annotations

from dataclasses import dataclass

from PyQt6.QtCore import QEvent, QPointF, QRectF, QSize, QSizeF, Qt, pyqtSignal
from PyQt6.QtGui import QFocusEvent, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from kernels.numbers import MINUS
from viewer import theme
from viewer.pages.layers.matrix import MatrixCase
from viewer.pages.layers.views import matrix_writing as writing
from viewer.pages.layers.views.matrix_cells import (
    LEAST,
    CellWriter,
    Filling,
    paint_gold,
    paint_joint,
    paint_outline,
    paint_virtual,
)
from viewer.pages.layers.views.matrix_layout import LABELS, MARGIN, Place, Plan, Sizes, Table, plan_of
from viewer.pages.stage.views.equation.flow import fitted, paint_lines
from viewer.widgets import describe

WINDOWS, SPARSE = "windows", "sparse"
TITLE, TEXT, SUM = 12, 12, 12.5


@dataclass(frozen=True, eq=False, slots=True)
class _Fillings:
    """What stands in each table."""

    crop: Filling
    kernel: Filling
    output: Filling
    matrix: Filling
    factor: Filling
    result: Filling


@dataclass(frozen=True, slots=True)
class Pointed:
    """What the pointer is on: a pixel of the crop, or a tap, a column of one channel of the matrix of windows."""

    pixel: Place | None = None
    tap: int | None = None


class MatrixDrawing(QWidget):
    """Paints a ``MatrixCase``; the pointer and the arrow keys choose a row, a click on a kernel its map."""

    row_chosen = pyqtSignal(int)
    map_chosen = pyqtSignal(int)
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
        self._fillings: _Fillings | None = None
        self._writer = CellWriter()
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
        channel, is_sparse = self._channel, self._mode == SPARSE
        result = writing.result_filling(case)
        self._fillings = _Fillings(
            writing.crop_filling(case, channel),
            writing.kernel_filling(case, channel),
            writing.output_filling(case),
            writing.band_filling(case, channel) if is_sparse else writing.matrix_filling(case),
            writing.vector_filling(case, channel) if is_sparse else writing.weights_filling(case),
            result.columns(range(case.selected, case.selected + 1)) if is_sparse else result,
        )
        self._tell()
        self._lay_out()

    def _lay_out(self) -> None:
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

    # Painting ------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.hasFocus():
            painter.setPen(theme.palette().accent)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5), theme.px(4), theme.px(4))
        case, plan, fillings = self._case, self._plan, self._fillings
        if case is None or plan is None or fillings is None:
            return
        self._paint_tables(painter, case, plan, fillings)
        self._paint_heads(painter, case, plan)
        self._paint_followed(painter, case, plan)
        self._paint_pointed(painter, case, plan)
        self._paint_sum(painter, case, plan)

    def _paint_tables(self, painter: QPainter, case: MatrixCase, plan: Plan, of: _Fillings) -> None:
        lit = self._lit(case)
        is_sparse = self._mode == SPARSE
        shown = range(1) if is_sparse else plan.maps
        self._writer.paint(painter, plan.crop, of.crop)
        self._writer.paint(painter, plan.kernel, of.kernel, weight=600)
        self._writer.paint(painter, plan.output, of.output)
        self._writer.paint(painter, plan.matrix, of.matrix, lit=lit)
        self._writer.paint(painter, plan.factor, of.factor.columns(shown), weight=400 if is_sparse else 600)
        self._writer.paint(painter, plan.result, of.result.columns(shown))
        virtual = [(y, x) for y, x in zip(*case.virtual.nonzero(), strict=True)]
        paint_virtual(painter, plan.crop, of.crop, [(int(y), int(x)) for y, x in virtual])
        if virtual and not is_sparse and lit is None:
            taps = case.virtual[case.sources[..., 0], case.sources[..., 1]]
            count = len(case.channels)
            cells = [(row, tap * count + each) for row, tap in zip(*taps.nonzero(), strict=True)
                     for each in range(count)]  # fmt: skip
            paint_virtual(painter, plan.matrix, of.matrix, [(int(row), int(column)) for row, column in cells])

    def _lit(self, case: MatrixCase) -> set[Place] | None:
        """The cells of the matrix that hold the pixel that is pointed at in the crop."""
        pixel = self._pointed.pixel
        if pixel is None or self._pointed.tap is not None:
            return None
        if self._mode == SPARSE:
            column = pixel[0] * case.virtual.shape[1] + pixel[1]
            return {(row, column) for row in range(case.block.count)}
        count = len(case.channels)
        return {(row, tap * count + self._channel) for row, tap in case.rows_with(pixel)}

    def _paint_heads(self, painter: QPainter, case: MatrixCase, plan: Plan) -> None:
        tr = self.tr
        (y, x), (high, wide) = case.corner, case.virtual.shape
        place = tr("y {top} … {bottom}, x {left} … {right}").format(top=y, bottom=y + high - 1, left=x,
                                                                   right=x + wide - 1)  # fmt: skip
        self._head(painter, plan.crop, self._crop_name(), place.replace("-", MINUS), plan.matrix.whole.left())
        turned = tr("rotated") if case.options.is_convolution else ""
        self._head(painter, plan.kernel, tr("Kernel"), turned, plan.output.whole.left())
        size = f"{case.block.columns} × {case.block.rows}"
        self._head(painter, plan.output, tr("Output"), size, plan.matrix.whole.left() - LABELS * theme.scale())
        if self._mode == SPARSE:
            blocks = "" if len(case.channels) == 1 else " " + tr("(block {n} of {count})").format(
                n=self._channel + 1, count=len(case.channels))  # fmt: skip
            text = tr("every row is the kernel, moved along") + blocks
            names = tr("Kernel as a matrix"), tr("Crop")
        else:
            text = self._product() or tr("every row is one window of the crop")
            names = tr("Matrix"), tr("Kernel") if len(plan.maps) == 1 else tr("Kernels")
        self._head(painter, plan.matrix, names[0], text, plan.factor.whole.left())
        self._centred_head(painter, plan.factor, names[1], plan)
        self._centred_head(painter, plan.result, tr("Output"), plan)
        self._signs(painter, case, plan)

    def _product(self) -> str:
        """The product that is pointed at, as its numbers may not fit into the cells."""
        case, tap = self._case, self._pointed.tap
        if case is None or tap is None:
            return ""
        column = tap * len(case.channels) + self._channel
        return writing.product_text(case, self._row, column)

    def _crop_name(self) -> str:
        count = 1 if self._case is None else len(self._case.channels)
        if count == 1:
            return self.tr("Crop")
        return self.tr("Crop, channel {n} of {count}").format(n=self._channel + 1, count=count)

    def _head(self, painter: QPainter, table: Table, name: str, text: str, limit: float) -> None:
        """A name in bold above the left of a table, and a few words beside it as far as there is room."""
        colours = theme.palette()
        bold, plain = theme.font(TITLE, 600), theme.font(TEXT)
        line = QRectF(table.whole.left(), table.whole.top() - theme.px(26), 1000, theme.px(20))
        painter.setFont(bold)
        painter.setPen(colours.text)
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, name)
        line.setLeft(line.left() + QFontMetricsF(bold).horizontalAdvance(name) + theme.px(8))
        painter.setFont(plain)
        painter.setPen(colours.muted)
        room = limit - line.left() - theme.px(10)
        metrics = QFontMetricsF(plain)
        if room > theme.px(24):
            shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, shown)

    def _centred_head(self, painter: QPainter, table: Table, name: str, plan: Plan) -> None:
        painter.setFont(theme.font(TITLE, 600))
        painter.setPen(theme.palette().text)
        middle = table.whole.center().x()
        line = QRectF(middle - 60 * theme.scale(), table.whole.top() - theme.px(26), theme.px(120), theme.px(20))
        painter.drawText(line, Qt.AlignmentFlag.AlignCenter, name)

    def _signs(self, painter: QPainter, case: MatrixCase, plan: Plan) -> None:
        painter.setFont(theme.font(15))
        painter.setPen(theme.palette().muted)
        side = theme.px(20)
        for middle, sign in ((plan.times, "×"), (plan.equals, "=")):
            room = QRectF(middle.x() - side / 2, middle.y() - side / 2, side, side)
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, sign)
        high = plan.matrix.box(0, 0).height()
        size = max(LEAST, min(TEXT * theme.scale(), 0.7 * high)) / theme.scale()
        for row in range(case.block.count):
            box = plan.matrix.box(row, 0)
            is_here = row == self._row
            painter.setFont(theme.font(size, 700 if is_here else 400))
            painter.setPen(theme.palette().crosshair if is_here else theme.palette().muted)
            room = QRectF(box.left() - LABELS * theme.scale(), box.top(), (LABELS - 7) * theme.scale(), high)
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, str(row + 1))

    def _paint_followed(self, painter: QPainter, case: MatrixCase, plan: Plan) -> None:
        """Gold around the row, its window and its outputs, and the line between crop and row."""
        row = self._row
        taps = case.sources[row]
        (top, left), (bottom, right) = taps.min(axis=0).tolist(), taps.max(axis=0).tolist()
        window = plan.crop.box(top, left, bottom - top + 1, right - left + 1)
        line = plan.matrix.box(row, 0, 1, len(plan.matrix.columns))
        label = QPointF(line.left() - (LABELS - 3) * theme.scale(), line.center().y())
        # Between two rows of cells, so that no number is struck through.
        level = plan.crop.box((top + bottom + 1) // 2, 0).bottom() - 0.5
        paint_joint(painter, QPointF(window.right(), level), label, plan.crop.whole.right())
        paint_gold(painter, window)
        if len(taps) < (bottom - top + 1) * (right - left + 1):
            painter.setPen(QPen(theme.palette().crosshair, 1.25 * theme.scale()))
            for y, x in taps.tolist():
                painter.drawRect(plan.crop.box(y, x).adjusted(1, 1, -2, -2))
        if self._mode == SPARSE:
            wide = case.virtual.shape[1]
            painter.setPen(QPen(theme.palette().crosshair, 1.25 * theme.scale()))
            for y in sorted(set(taps[:, 0].tolist())):
                xs = taps[taps[:, 0] == y, 1]
                first, last = int(y * wide + xs.min()), int(y * wide + xs.max())
                paint_gold(painter, plan.factor.box(first, 0, last - first + 1), 1.25)
        paint_gold(painter, line)
        selected = 0 if self._mode == SPARSE else case.selected - plan.maps.start
        paint_gold(painter, plan.result.box(row, selected))
        if self._mode == WINDOWS and len(plan.maps) > 1:
            painter.setPen(QPen(theme.palette().crosshair, 1.25 * theme.scale()))
            whole = plan.factor.box(0, selected, len(plan.factor.rows)).adjusted(-1.5, -1.5, 0.5, 0.5)
            painter.drawRoundedRect(whole, 2, 2)
        paint_gold(painter, plan.output.box(row // case.block.columns, row % case.block.columns))

    def _paint_pointed(self, painter: QPainter, case: MatrixCase, plan: Plan) -> None:
        """What is pointed at, and where else it stands."""
        pixel, tap = self._pointed.pixel, self._pointed.tap
        ink = theme.palette().text
        if pixel is not None:
            paint_outline(painter, plan.crop.box(*pixel), ink, 1.5)
            if self._mode == SPARSE:
                paint_outline(painter, plan.factor.box(pixel[0] * case.virtual.shape[1] + pixel[1], 0), ink, 1.5)
        if tap is None:
            return
        paint_outline(painter, plan.kernel.box(*divmod(tap, case.kernel_shape[1])), ink, 1.5)
        if self._mode == WINDOWS:
            column = tap * len(case.channels) + self._channel
            paint_outline(painter, plan.matrix.box(self._row, column), ink, 1.5)
            paint_outline(painter, plan.factor.box(column, case.selected - plan.maps.start), ink, 1.5)

    def _paint_sum(self, painter: QPainter, case: MatrixCase, plan: Plan) -> None:
        """The row times the kernel, written out."""
        name = self.tr("Row {row} × kernel").format(row=self._row + 1)
        painter.setFont(theme.font(TITLE, 600))
        painter.setPen(theme.palette().text)
        unit, room = theme.scale(), plan.equation
        line = 20.0 * unit
        middle = room.top() + 14 * unit
        painter.drawText(
            QRectF(room.left(), middle - line / 2, room.width(), line), Qt.AlignmentFlag.AlignVCenter, name
        )
        left = room.left() + QFontMetricsF(theme.font(TITLE, 600)).horizontalAdvance(name) + 12 * unit
        row = writing.RowSum(case, self._row)
        most = 2 if room.height() > 50 * unit else 1
        lines = fitted(row.pieces, row.count, (SUM * unit * (1.2 if most == 2 else 1.0), LEAST),
                       self.width() - left - MARGIN * unit / 2, most)  # fmt: skip
        marked = None
        if self._pointed.tap is not None:
            marked = 0, self._pointed.tap * len(case.channels) + self._channel
        paint_lines(painter, lines, left, [middle + each * 1.5 * lines.size for each in range(most)], marked)

    # What the user does --------------------------------------------------------------------------------------

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

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        super().focusOutEvent(event)
        self.update()
