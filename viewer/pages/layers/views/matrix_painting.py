"""One painting of the matrix view: tables, headings, what is followed and what is pointed at."""

from __future__ import annotations

import msgspec
from PyQt6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from kernels.digits import format_number
from kernels.numbers import MINUS
from viewer import theme
from viewer.pages.layers.matrix_case import MatrixCase
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
from viewer.pages.layers.views.matrix_layout import LABELS, MARGIN, Place, Plan, Table
from viewer.pages.stage.views.equation.flow import fitted, paint_lines
from viewer.pages.stage.views.equation.window_range import span_text

WINDOWS, SPARSE = "windows", "sparse"
TITLE, TEXT, SUM = 12, 12, 12.5


def _tr(text: str) -> str:
    return QCoreApplication.translate("MatrixView", text)


def _gold_ink() -> QColor:
    """Gold to be read: darker on a light ground."""
    colours = theme.palette()
    return colours.crosshair if colours.is_dark else theme.mixed(colours.crosshair, colours.text, 0.35)


class Fillings(msgspec.Struct, frozen=True, eq=False):
    """What stands in each table."""

    crop: Filling
    kernel: Filling
    output: Filling
    matrix: Filling
    factor: Filling
    result: Filling


def fillings_of(case: MatrixCase, mode: str, channel: int) -> Fillings:
    """Colours and numbers of every table of a case."""
    is_sparse = mode == SPARSE
    result = writing.result_filling(case)
    return Fillings(
        writing.crop_filling(case, channel),
        writing.kernel_filling(case, channel),
        writing.output_filling(case),
        writing.band_filling(case, channel) if is_sparse else writing.matrix_filling(case),
        writing.vector_filling(case, channel) if is_sparse else writing.weights_filling(case),
        result.columns(range(case.selected, case.selected + 1)) if is_sparse else result,
    )


class Pointed(msgspec.Struct, frozen=True):
    """What the pointer is on: a pixel of the crop, and a tap of the kernel."""

    pixel: Place | None = None
    tap: int | None = None

    @property
    def lit(self) -> Place | None:
        """The pixel that is lit up wherever it occurs: one that is pointed at by itself."""
        return self.pixel if self.tap is None else None


class Painting(msgspec.Struct, frozen=True, eq=False):
    """What is painted, where, and what of it is followed and pointed at; `width` is that of the widget."""

    painter: QPainter
    writer: CellWriter
    case: MatrixCase
    plan: Plan
    fillings: Fillings
    mode: str
    row: int
    channel: int
    pointed: Pointed
    width: int

    def paint_marks(self) -> None:
        """Paint all but the tables."""
        self._paint_heads()
        self._paint_followed()
        self._paint_pointed()
        self._paint_sum()

    def paint_tables(self) -> None:
        """Paint the tables, which stay the same while another row is followed."""
        painter, case, plan, of, writer = self.painter, self.case, self.plan, self.fillings, self.writer
        lit = self._lit()
        is_sparse = self.mode == SPARSE
        shown = range(1) if is_sparse else plan.maps
        writer.paint(painter, plan.crop, of.crop)
        writer.paint(painter, plan.kernel, of.kernel, weight=600)
        writer.paint(painter, plan.output, of.output)
        writer.paint(painter, plan.matrix, of.matrix, lit=lit)
        writer.paint(painter, plan.factor, of.factor.columns(shown), weight=400 if is_sparse else 600)
        writer.paint(painter, plan.result, of.result.columns(shown))
        virtual = [(y, x) for y, x in zip(*case.virtual.nonzero(), strict=True)]
        paint_virtual(painter, plan.crop, of.crop, [(int(y), int(x)) for y, x in virtual])
        if virtual and not is_sparse and lit is None:
            taps = case.virtual[case.sources[..., 0], case.sources[..., 1]]
            count = len(case.channels)
            cells = [(row, tap * count + each) for row, tap in zip(*taps.nonzero(), strict=True)
                     for each in range(count)]  # fmt: skip
            paint_virtual(painter, plan.matrix, of.matrix, [(int(row), int(column)) for row, column in cells])

    def _lit(self) -> set[Place] | None:
        """The cells of the matrix that hold the pixel that is pointed at in the crop."""
        case, pixel = self.case, self.pointed.lit
        if pixel is None:
            return None
        if self.mode == SPARSE:
            column = pixel[0] * case.virtual.shape[1] + pixel[1]
            return {(row, column) for row in range(case.block.count)}
        count = len(case.channels)
        return {(row, tap * count + self.channel) for row, tap in case.rows_with(pixel)}

    def _paint_heads(self) -> None:
        """What the tables are called."""
        tr, case, plan = _tr, self.case, self.plan
        (y, x), (high, wide) = case.corner, case.virtual.shape
        place = tr("y {rows}, x {columns}").format(rows=span_text(y, y + high - 1), columns=span_text(x, x + wide - 1))
        if self.pointed.pixel is not None:
            (down, across), value = self.pointed.pixel, case.crop[(*self.pointed.pixel, self.channel)]
            place = tr("y {y}, x {x}: {value}").format(y=y + down, x=x + across, value=format_number(float(value)))
        self._head(plan.crop, self._crop_name(), place.replace("-", MINUS), plan.matrix.whole.left())
        turned = tr("rotated") if case.options.is_convolution else ""
        self._head(plan.kernel, tr("Kernel"), turned, plan.output.whole.left())
        size = f"{case.block.columns} × {case.block.rows}"
        self._head(plan.output, tr("Output"), size, plan.matrix.whole.left() - LABELS * theme.scale())
        if self.mode == SPARSE:
            blocks = "" if len(case.channels) == 1 else " " + tr("(block {n} of {count})").format(
                n=self.channel + 1, count=len(case.channels))  # fmt: skip
            text = tr("every row is the kernel, moved along") + blocks
            names = tr("Kernel as a matrix"), tr("Crop")
        else:
            text = self._product() or tr("every row is one window of the crop")
            names = tr("Matrix"), tr("Kernel") if len(plan.maps) == 1 else tr("Kernels")
        self._head(plan.matrix, names[0], text, plan.factor.whole.left())
        self._centred_head(plan.factor, names[1])
        self._centred_head(plan.result, tr("Output"))
        self._paint_signs()

    def _product(self) -> str:
        """The product that is pointed at, as its numbers may not fit into the cells."""
        case, tap = self.case, self.pointed.tap
        if tap is None:
            return ""
        column = tap * len(case.channels) + self.channel
        return writing.product_text(case, self.row, column)

    def _crop_name(self) -> str:
        count = len(self.case.channels)
        if count == 1:
            return _tr("Crop")
        return _tr("Crop, channel {n} of {count}").format(n=self.channel + 1, count=count)

    def _head(self, table: Table, name: str, text: str, limit: float) -> None:
        """A name in bold above the left of a table, and a few words beside it as far as there is room."""
        painter = self.painter
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

    def _centred_head(self, table: Table, name: str) -> None:
        painter = self.painter
        painter.setFont(theme.font(TITLE, 600))
        painter.setPen(theme.palette().text)
        middle = table.whole.center().x()
        line = QRectF(middle - 60 * theme.scale(), table.whole.top() - theme.px(26), theme.px(120), theme.px(20))
        painter.drawText(line, Qt.AlignmentFlag.AlignCenter, name)

    def _paint_signs(self) -> None:
        """× and =, and the numbers of the rows."""
        painter, case, plan = self.painter, self.case, self.plan
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
            is_here = row == self.row
            painter.setFont(theme.font(size, 700 if is_here else 400))
            painter.setPen(_gold_ink() if is_here else theme.palette().muted)
            room = QRectF(box.left() - LABELS * theme.scale(), box.top(), (LABELS - 7) * theme.scale(), high)
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, str(row + 1))

    def _paint_followed(self) -> None:
        """Gold around the row, its window and its outputs, and the line between crop and row."""
        painter, case, plan = self.painter, self.case, self.plan
        row = self.row
        taps = case.sources[row]
        (top, left), (bottom, right) = taps.min(axis=0).tolist(), taps.max(axis=0).tolist()
        window = plan.crop.box(top, left, bottom - top + 1, right - left + 1)
        line = plan.matrix.box(row, 0, 1, len(plan.matrix.columns))
        label = QPointF(line.left() - (LABELS - 1) * theme.scale(), line.center().y())
        # Between two rows of cells, so that no number is struck through.
        level = plan.crop.box((top + bottom + 1) // 2, 0).bottom() - 0.5
        paint_joint(painter, QPointF(window.right(), level), label, plan.crop.whole.right())
        paint_gold(painter, window)
        if len(taps) < (bottom - top + 1) * (right - left + 1):
            painter.setPen(QPen(theme.palette().crosshair, 1.25 * theme.scale()))
            for y, x in taps.tolist():
                painter.drawRect(plan.crop.box(y, x).adjusted(1, 1, -2, -2))
        if self.mode == SPARSE:
            wide = case.virtual.shape[1]
            painter.setPen(QPen(theme.palette().crosshair, 1.25 * theme.scale()))
            for y in sorted(set(taps[:, 0].tolist())):
                xs = taps[taps[:, 0] == y, 1]
                first, last = int(y * wide + xs.min()), int(y * wide + xs.max())
                paint_gold(painter, plan.factor.box(first, 0, last - first + 1), 1.25)
        paint_gold(painter, self._with_numbers() or line)
        selected = 0 if self.mode == SPARSE else case.selected - plan.maps.start
        paint_gold(painter, plan.result.box(row, selected))
        if self.mode == WINDOWS and len(plan.maps) > 1:
            painter.setPen(QPen(theme.palette().crosshair, 1.25 * theme.scale()))
            whole = plan.factor.box(0, selected, len(plan.factor.rows)).adjusted(-1.5, -1.5, 0.5, 0.5)
            painter.drawRoundedRect(whole, 2, 2)
        paint_gold(painter, plan.output.box(row // case.block.columns, row % case.block.columns))

    def _with_numbers(self) -> QRectF | None:
        """Where the followed row was painted once more with its numbers, which its cells are too narrow for."""
        table, filling = self.plan.matrix, self.fillings.matrix
        if self.mode == SPARSE or self.writer.type_size(table, filling):
            return None
        return self.writer.paint_upright(self.painter, table, filling, self.row)

    def _paint_pointed(self) -> None:
        """What is pointed at, and where else it stands."""
        painter, case, plan = self.painter, self.case, self.plan
        pixel, tap = self.pointed.pixel, self.pointed.tap
        ink = theme.palette().text
        if pixel is not None:
            paint_outline(painter, plan.crop.box(*pixel), ink, 1.5)
            if self.mode == SPARSE:
                paint_outline(painter, plan.factor.box(pixel[0] * case.virtual.shape[1] + pixel[1], 0), ink, 1.5)
        if tap is None:
            return
        paint_outline(painter, plan.kernel.box(*divmod(tap, case.kernel_shape[1])), ink, 1.5)
        if self.mode == WINDOWS:
            column = tap * len(case.channels) + self.channel
            paint_outline(painter, plan.matrix.box(self.row, column), ink, 1.5)
            paint_outline(painter, plan.factor.box(column, case.selected - plan.maps.start), ink, 1.5)

    def _paint_sum(self) -> None:
        """The row times the kernel, written out."""
        painter, case, plan = self.painter, self.case, self.plan
        name = _tr("Row {row} × kernel").format(row=self.row + 1)
        painter.setFont(theme.font(TITLE, 600))
        painter.setPen(theme.palette().text)
        unit, room = theme.scale(), plan.equation
        line = 20.0 * unit
        middle = room.top() + 14 * unit
        painter.drawText(
            QRectF(room.left(), middle - line / 2, room.width(), line), Qt.AlignmentFlag.AlignVCenter, name
        )
        left = room.left() + QFontMetricsF(theme.font(TITLE, 600)).horizontalAdvance(name) + 12 * unit
        row = writing.RowSum(case, self.row)
        most = 2 if room.height() > 50 * unit else 1
        lines = fitted(row.pieces, row.count, (SUM * unit * (1.2 if most == 2 else 1.0), LEAST),
                       self.width - left - MARGIN * unit / 2, most)  # fmt: skip
        marked = None
        if self.pointed.tap is not None:
            marked = 0, self.pointed.tap * len(case.channels) + self.channel
        paint_lines(painter, lines, left, [middle + each * 1.5 * lines.size for each in range(most)], marked)
