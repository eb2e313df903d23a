"""One network at every location: the same weights written at each, and the fully connected layer they stand for."""

from __future__ import annotations

import math

from PyQt6.QtCore import QRect, QRectF, QSize, Qt
from PyQt6.QtGui import QFont, QFontMetricsF, QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from viewer import theme
from viewer.pages.layers.figures import count_text
from viewer.pages.layers.locations import Locations, WeightCounts
from viewer.pages.layers.views.locations_drawing import CopiesDrawing, paint_wires, positions, wired_weights
from viewer.widgets import describe

__all__ = ["LocationsView", "amount", "dense_formula", "shared_formula"]

MARGIN, HEAD, GAP = 16, 34, 24
FACTS, MOST_FACTS, WIRES = 0.46, 520, 170
"""The facts' share of the width; how wide they and the wires in them are at most, in design pixels."""
TITLE, TEXT, LARGE = 12, 12, 26


class LocationsView(QWidget):
    """Paints a ``Locations``."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        describe(self, "locationsView", self.tr("One network at every location"), "")
        self.setProperty("panel", True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._case: Locations | None = None
        self._reason = ""
        self._copies = CopiesDrawing()
        theme.follow(self.update)

    def show_locations(self, case: Locations | None, reason: str) -> None:
        """Show a layer's locations, or say why there are none."""
        self._case, self._reason = case, reason
        self.setAccessibleDescription(reason if case is None else "\n".join(self.lines))
        self.update()

    @property
    def lines(self) -> list[str]:
        """All numbers that are written."""
        if self._case is None:
            return []
        made = []
        for counts in (self._case.counts, self._case.small):
            if counts is not None:
                made += [f"{amount(counts.shared)} = {shared_formula(counts)}",
                         f"{amount(counts.fully_connected)} = {dense_formula(counts)}"]  # fmt: skip
        return made

    def sizeHint(self) -> QSize:
        return QSize(theme.px(980), theme.px(358))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(600), theme.px(220))

    # Painting ------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        if self._case is None:
            painter.setFont(theme.font())
            painter.setPen(theme.palette().muted)
            room = self.rect().adjusted(theme.px(40), 0, -theme.px(40), 0)
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._reason)
            return
        facts = min(round(self.width() * FACTS), theme.px(MOST_FACTS))
        self._paint_copies(painter, self._case, QRect(0, 0, self.width() - facts, self.height()))
        self._paint_facts(painter, self._case, QRectF(self.width() - facts, 0, facts - theme.px(MARGIN), self.height()))

    def _paint_copies(self, painter: QPainter, case: Locations, room: QRect) -> None:
        margin, head = theme.px(MARGIN), theme.px(HEAD)
        inside = room.adjusted(margin, head, -margin, -margin - theme.px(20))
        gap = theme.px(56)
        wide = (inside.width() - gap) * 58 // 100
        left = QRect(inside.left(), inside.top(), wide, inside.height())
        right = QRect(inside.left() + wide + gap, inside.top(), inside.width() - wide - gap, inside.height())
        rows, columns = case.windows.image_shape
        self._head(painter, left, self.tr("Input"), f"{columns} × {rows}")
        rows, columns = case.windows.output_shape
        self._head(painter, right, self.tr("Output"), f"{columns} × {rows}")
        self._copies.paint(painter, case, left, right)
        text = self.tr("The same weights at each of {all} locations; {count} are drawn, enlarged.").format(
            all=f"{case.counts.locations:,}", count=len(positions(case))
        )
        painter.setFont(theme.font(TEXT))
        painter.setPen(theme.palette().muted)
        line = QRect(margin, self.height() - theme.px(28), room.width() - margin, theme.px(20))
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, text)

    def _head(self, painter: QPainter, below: QRect, name: str, text: str) -> None:
        line = QRectF(below.left(), below.top() - theme.px(26), below.width(), theme.px(20))
        bold = theme.font(TITLE, 600)
        painter.setFont(bold)
        painter.setPen(theme.palette().text)
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, name)
        line.setLeft(line.left() + QFontMetricsF(bold).horizontalAdvance(name) + theme.px(8))
        painter.setFont(theme.font(TEXT))
        painter.setPen(theme.palette().muted)
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, text)

    def _paint_facts(self, painter: QPainter, case: Locations, room: QRectF) -> None:
        counts, small = case.counts, case.small
        unit = theme.scale()
        below = 74 * unit if small is not None else 0.0
        high = min((room.height() - below - 8 * unit) / 2, 190 * unit)
        weights = wired_weights(case.weights)
        first = QRectF(room.left(), 6 * unit, room.width(), high)
        self._section(
            painter, first, self.tr("Convolution: one set of weights"), counts.shared, shared_formula(counts),
            self.tr("the same wires at every output"),
        )  # fmt: skip
        second = first.translated(0, high)
        self._section(
            painter, second, self.tr("Fully connected: a weight for every pair"), counts.fully_connected,
            dense_formula(counts), self.tr("every wire has a weight of its own"),
        )  # fmt: skip
        for box, given in ((first, weights), (second, None)):
            paint_wires(painter, _wires_in(box), given, len(weights))
        if small is not None:
            self._small(painter, QRectF(room.left(), second.bottom() + 6 * unit, room.width(), below), small)

    def _section(self, painter: QPainter, room: QRectF, title: str, count: int, formula: str, note: str) -> None:
        """A heading, the wires at the left, and the number with its formula beside them."""
        colours, unit = theme.palette(), theme.scale()
        self._heading(painter, room.left(), room.top(), room.width(), title)
        left = room.left() + (WIRES + GAP) * unit
        wide = room.right() - left
        top = _wires_in(room).center().y() - 38 * unit
        painter.setFont(self._fitting(amount(count), LARGE, 600, wide))
        painter.setPen(colours.text)
        painter.drawText(QRectF(left, top, wide, 34 * unit), Qt.AlignmentFlag.AlignVCenter, amount(count))
        painter.setFont(self._fitting(f"= {formula}", TEXT, 400, wide))
        painter.drawText(QRectF(left, top + 36 * unit, wide, 18 * unit), Qt.AlignmentFlag.AlignVCenter, f"= {formula}")
        painter.setFont(self._fitting(note, TEXT, 400, wide))
        painter.setPen(colours.muted)
        painter.drawText(QRectF(left, top + 56 * unit, wide, 18 * unit), Qt.AlignmentFlag.AlignVCenter, note)

    def _small(self, painter: QPainter, room: QRectF, counts: WeightCounts) -> None:
        """The same layer on a small picture, in two lines."""
        unit = theme.scale()
        rows, columns, _channels = counts.input_shape
        title = self.tr("The same layer on {size}").format(size=f"{columns} × {rows}")
        self._heading(painter, room.left(), room.top(), room.width(), title)
        y = room.top() + 22 * unit
        for count, formula in (
            (counts.shared, shared_formula(counts)),
            (counts.fully_connected, dense_formula(counts)),
        ):
            painter.setFont(theme.font(TEXT, 600))
            painter.setPen(theme.palette().text)
            painter.drawText(QRectF(room.left(), y, room.width(), 20 * unit), Qt.AlignmentFlag.AlignVCenter,
                             amount(count))  # fmt: skip
            left = room.left() + (WIRES + GAP) * unit
            wide = room.right() - left
            painter.setFont(self._fitting(f"= {formula}", TEXT, 400, wide))
            painter.setPen(theme.palette().muted)
            painter.drawText(QRectF(left, y, wide, 20 * unit), Qt.AlignmentFlag.AlignVCenter, f"= {formula}")
            y += 20 * unit

    def _heading(self, painter: QPainter, left: float, top: float, wide: float, text: str) -> None:
        painter.setFont(theme.font(11, 600))
        painter.setPen(theme.palette().muted)
        line = QRectF(left, top, wide, 20 * theme.scale())
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, text.upper())

    @staticmethod
    def _fitting(text: str, size: float, weight: int, room: float) -> QFont:
        """Type in which a text fits, at most `size` design pixels."""
        wide = QFontMetricsF(theme.font(size, weight)).horizontalAdvance(text)
        made = theme.font(size, weight)
        if wide > room:
            made.setPixelSize(max(8, math.floor(made.pixelSize() * room / wide)))
        return made


def _wires_in(section: QRectF) -> QRectF:
    unit = theme.scale()
    return QRectF(section.left(), section.top() + 30 * unit, WIRES * unit, section.height() - 48 * unit)


def amount(count: int) -> str:
    """A number of weights, in full as long as it can be compared with its formula."""
    return count_text(count, full_below=10**9)


def shared_formula(counts: WeightCounts) -> str:
    """How the weights of the convolution are counted."""
    kernel = " · ".join(str(each) for each in counts.kernel_shape)
    return f"{counts.output_shape[2]} × ({kernel} + 1)" if counts.has_bias else f"{counts.output_shape[2]} × {kernel}"


def dense_formula(counts: WeightCounts) -> str:
    """How those of the fully connected layer are counted."""
    inputs = " · ".join(str(each) for each in counts.input_shape)
    outputs = " · ".join(str(each) for each in counts.output_shape)
    return f"({inputs} + 1) × {outputs}" if counts.has_bias else f"{inputs} × {outputs}"
