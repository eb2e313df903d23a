"""What the two matrices take: sizes, memory, measured time, equality; and the other one of them as a small picture."""

from __future__ import annotations

from PyQt6.QtCore import QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from viewer import theme
from viewer.pages.layers.matrix_case import MatrixCase
from viewer.pages.layers.views import matrix_writing as writing
from viewer.pages.layers.views.matrix_cells import CellWriter, Filling, paint_gold
from viewer.pages.layers.views.matrix_layout import Table, spans
from viewer.pages.layers.views.matrix_painting import SPARSE, WINDOWS
from viewer.widgets import describe

WIDTH, NARROW, BROAD = 250, 228, 320
LINE, HEADING, GAP = 18, 22, 9
TOP, SIDE = 8, 10
TYPE, HEAD_TYPE = 12, 11
LEAST_PICTURE = 24
LARGEST_CELL = 9


class MatrixFacts(QWidget):
    """Painted lines; ``mode_chosen`` carries the matrix whose small picture was clicked."""

    mode_chosen = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        tip = self.tr("Click the small picture to see it large")
        describe(self, "matrixFacts", self.tr("Sizes of the matrices"), tip)
        self._case: MatrixCase | None = None
        self._mode, self._row, self._channel = WINDOWS, 0, 0
        self._filling: Filling | None = None
        self._picture: QRectF | None = None
        self._writer = CellWriter()
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        theme.follow(self._refresh)

    # Setters -------------------------------------------------------------------------------------------------

    def show_case(self, case: MatrixCase | None, mode: str) -> None:
        """Show the facts of a case; in the small picture the matrix that is not shown large."""
        self._case, self._mode = case, mode
        self._refresh()

    def show_place(self, row: int, channel: int) -> None:
        """The row that is followed, and the channel that is shown."""
        is_new = channel != self._channel
        self._row, self._channel = row, channel
        if is_new:
            self._refresh()
        self.update()

    @property
    def lines(self) -> list[str]:
        """All that is written."""
        if self._case is None:
            return []
        written = [f"{name}: {text}" for _title, facts, _note in self._sections(self._case) for name, text in facts]
        return [*written, *(note for _title, _facts, note in self._sections(self._case) if note)]

    def picture_rect(self) -> QRectF | None:
        """Where the small picture stands, if there is room for it."""
        return self._picture

    def _refresh(self) -> None:
        case = self._case
        self._filling = None
        if case is not None:
            channel = min(self._channel, len(case.channels) - 1)
            filling = writing.matrix_filling(case) if self._mode == SPARSE else writing.band_filling(case, channel)
            self._filling = Filling(filling.colours, [])
        self.setAccessibleDescription("\n".join(self.lines))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(WIDTH), theme.px(358))

    # Painting ------------------------------------------------------------------------------------------------

    def _sections(self, case: MatrixCase) -> list[tuple[str, list[writing.Fact], str]]:
        """Title, facts and note of each section; the last one is that of the picture."""
        tr = self.tr
        is_sparse = self._mode == SPARSE
        own = writing.sparse_facts(case) if is_sparse else writing.crop_facts(case)
        return [
            (tr("This crop"), own, ""),
            (tr("Whole picture, this stage"), writing.whole_facts(case), writing.whole_note(case)),
            (
                tr("As windows (im2col)") if is_sparse else tr("As one banded matrix"),
                [],
                writing.windows_note(case) if is_sparse else writing.sparse_note(case),
            ),
        ]

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        self._picture = None
        if self._case is None:
            return
        unit, y = theme.scale(), theme.px(TOP) * 1.0
        sections = self._sections(self._case)
        for title, facts, note in sections[:-1]:
            y = self._heading(painter, y, title)
            for name, text in facts:
                self._fact(painter, y, name, text)
                y += LINE * unit
            y = self._note(painter, y, note) + GAP * unit
        title, _facts, note = sections[-1]
        high = self._note_height(note)
        left = self.height() - y - HEADING * unit - high - 10 * unit
        if left < LEAST_PICTURE * unit:
            return
        check = self._case.check if self._mode == SPARSE else self._case.sparse_check
        self._fact(painter, y, "", writing.check_text(check))
        y = self._heading(painter, y, title)
        y = self._paint_picture(painter, y + 2 * unit, left)
        self._note(painter, y + 5 * unit, note)

    def _heading(self, painter: QPainter, y: float, title: str) -> float:
        painter.setFont(theme.font(HEAD_TYPE, 600))
        painter.setPen(theme.palette().muted)
        painter.drawText(self._line(y, HEADING - 4), Qt.AlignmentFlag.AlignVCenter, title.upper())
        return y + HEADING * theme.scale()

    def _fact(self, painter: QPainter, y: float, name: str, text: str) -> None:
        colours, line = theme.palette(), self._line(y, LINE)
        bold = theme.font(TYPE, 500)
        painter.setFont(bold)
        is_wrong = text.startswith(self.tr("off by"))
        painter.setPen(colours.error if is_wrong else colours.accent if text.startswith("✓") else colours.text)
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, text)
        plain = theme.font(TYPE)
        painter.setFont(plain)
        painter.setPen(colours.muted)
        room = line.width() - QFontMetricsF(bold).horizontalAdvance(text) - 8 * theme.scale()
        shown = QFontMetricsF(plain).elidedText(name, Qt.TextElideMode.ElideRight, room)
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, shown)

    def _note(self, painter: QPainter, y: float, text: str) -> float:
        if not text:
            return y
        painter.setFont(theme.font(TYPE))
        painter.setPen(theme.palette().muted)
        high = self._note_height(text)
        painter.drawText(QRectF(0, y, self._wide(), high), Qt.TextFlag.TextWordWrap, text)
        return y + high

    def _note_height(self, text: str) -> float:
        metrics = QFontMetricsF(theme.font(TYPE))
        return metrics.boundingRect(QRectF(0, 0, self._wide(), 1000), Qt.TextFlag.TextWordWrap, text).height() + 1

    def _paint_picture(self, painter: QPainter, y: float, high: float) -> float:
        """The other matrix, with its gold row; returns where it ends."""
        assert self._filling is not None
        rows, columns = self._filling.colours.shape[:2]
        unit = theme.scale()
        tall = min(high / rows, LARGEST_CELL * unit)
        wide = min(self._wide() / columns, tall) if self._mode == WINDOWS else min(self._wide() / columns, 4 * tall)
        table = Table(spans(2.0, [wide] * columns), spans(y, [tall] * rows))
        self._writer.paint(painter, table, self._filling)
        row = min(self._row, rows - 1)
        paint_gold(painter, table.box(row, 0, 1, columns), 1.25)
        self._picture = table.whole
        if self.hasFocus():
            painter.setPen(theme.palette().accent)
            painter.drawRect(table.whole.adjusted(-2, -2, 1, 1))
        return table.whole.bottom()

    def _line(self, y: float, high: float) -> QRectF:
        return QRectF(0, y, self._wide(), high * theme.scale())

    def _wide(self) -> float:
        return self.width() - SIDE * theme.scale()

    # What the user does --------------------------------------------------------------------------------------

    def _other(self) -> str:
        return WINDOWS if self._mode == SPARSE else SPARSE

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if self._picture is not None and self._picture.contains(event.position()):
            self.mode_chosen.emit(self._other())

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if Qt.Key(event.key()) in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self._case is not None:
            self.mode_chosen.emit(self._other())
        else:
            super().keyPressEvent(event)
