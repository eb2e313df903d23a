"""One tap of a large kernel, large enough to be read: value × weight = product."""

from __future__ import annotations

import numpy as np
from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent
from PyQt6.QtWidgets import QWidget

from viewer import theme
from viewer.pages.stage.views.equation.grids import paint_cell
from viewer.pages.stage.views.equation.plan import (
    CELL_HEIGHT,
    NOTE,
    NUMBER,
    TITLE,
    Plan,
    type_of,
)
from viewer.widgets import describe

SIGN = 34
"""Width of the signs before the numbers."""


class Enlarged(QWidget):
    """The tap that is pointed at or, while none is, the one that contributes most."""

    def __init__(self, object_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        tip = self.tr("Value, weight and product of the pixel that is pointed at in one of the grids")
        describe(self, object_name, self.tr("One product"), tip)
        self._plan: Plan | None = None
        self._title = self._note = ""
        self._lines: list[tuple[str, str]] = []
        self._colours: list[tuple[QColor, QColor]] = []
        self._outside = False

    def show_tap(
        self,
        title: str,
        note: str,
        written: tuple[str, str, str, str],
        colours: list[tuple[QColor, QColor]],
        *,
        outside: bool,
    ) -> None:
        """Show value, weight and product as `written`, each on its ground in its ink, under `title`.

        `note` says where; the third of the texts is "=" or "≈".
        """
        self._title, self._note, self._outside = title, note, outside
        value, weight, relation, product = written
        self._lines, self._colours = [("", value), ("×", weight), (relation, product)], colours
        self.setAccessibleDescription(" ".join(f"{sign} {text}".strip() for sign, text in self.lines()))
        self.update()

    def lines(self) -> list[tuple[str, str]]:
        """Sign and number of each row."""
        return self._lines

    def place(self, plan: Plan) -> None:
        """Stand where `plan` says."""
        self._plan = plan
        self.setVisible(plan.enlarged.width() > 0)
        self.setGeometry(plan.enlarged.toAlignedRect())
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        plan, painter = self._plan, QPainter(self)
        if plan is None or not self._lines:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for text, size, middle, weight in (
            (self._title, TITLE, plan.title, 500), (self._note, NOTE, plan.note, 400),
        ):  # fmt: skip
            painter.setFont(type_of(plan.type_size(size), weight))
            painter.setPen(theme.palette().muted)
            line = QRectF(plan.at(SIGN), middle - 20, self.width(), 40)
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, text)
        height, gap = plan.at(CELL_HEIGHT), plan.at(4)
        top = plan.middle - 1.5 * height - gap
        number = self._size(plan)
        for row, ((sign, text), (ground, ink)) in enumerate(zip(self._lines, self._colours, strict=True)):
            rect = QRectF(plan.at(SIGN), top + row * (height + gap), self.width() - plan.at(SIGN), height)
            paint_cell(painter, rect, ground, ink, text, number, outside=self._outside and row == 0)
            painter.setFont(type_of(plan.type_size(NUMBER), 500))
            painter.setPen(theme.palette().muted)
            rect.setLeft(0)
            rect.setWidth(plan.at(SIGN - 8))
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, sign)

    def _size(self, plan: Plan) -> float:
        """One size for all three, so that they compare."""
        room = self.width() - plan.at(SIGN) - plan.at(12)
        metrics = QFontMetricsF(type_of(100, 600))
        widest = max(metrics.horizontalAdvance(text) for _, text in self.lines()) / 100
        return float(np.clip(room / widest, plan.least, plan.at(NUMBER)))
