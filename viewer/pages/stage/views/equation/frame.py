"""What stands around the grids of the equation: titles, signs, and the notes below."""

from __future__ import annotations

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QFontMetricsF, QPainter, QPen

from viewer import theme
from viewer.pages.stage.views.equation.plan import NOTE, NUMBER, TITLE, Plan, type_of

Flag = Qt.AlignmentFlag


def paint_titles(painter: QPainter, plan: Plan, names: tuple[str, str, str], more: str) -> None:
    """Write what each grid is; the kernel is named in full ink, with what was done to it, `more`."""
    colours, size = theme.palette(), plan.type_size(TITLE)
    ends = (plan.grids[1].left(), plan.grids[2].left(), plan.operators[2])
    for position, (grid, end, name) in enumerate(zip(plan.grids, ends, names, strict=True)):
        is_kernel = position == 1
        painter.setFont(type_of(size, 600 if is_kernel else 500))
        painter.setPen(colours.text if is_kernel else colours.muted)
        box = QRectF(grid.left(), plan.title - 20, end - grid.left() - plan.at(12), 40)
        shown = _write(painter, box, name)
        if is_kernel and more:
            box.setLeft(box.left() + QFontMetricsF(painter.font()).horizontalAdvance(shown) + 0.5 * size)
            painter.setFont(type_of(max(size - 1, plan.least), 400))
            painter.setPen(colours.muted)
            _write(painter, box, more)


def paint_notes(painter: QPainter, plan: Plan, window: str, product: str) -> None:
    """Write which pixels the window covers, and the product that is pointed at."""
    painter.setFont(type_of(plan.type_size(NOTE)))
    painter.setPen(theme.palette().muted)
    for text, left, right in (
        (window, plan.grids[0].left(), plan.grids[1].left() - 4),
        (product, plan.grids[2].left(), plan.result.left() - 8),
    ):
        _write(painter, QRectF(left, plan.note - 20, right - left, 40), text)


def paint_sign(painter: QPainter, plan: Plan, right: float, sign: str) -> None:
    """Write the sign before a field that begins at `right`."""
    size = plan.type_size(NOTE)
    painter.setFont(type_of(size))
    painter.setPen(theme.palette().muted)
    painter.drawText(QRectF(right - 1.25 * size, plan.note - 20, size, 40), Flag.AlignCenter, sign)


def paint_operators(painter: QPainter, plan: Plan, relation: str) -> None:
    """Draw ⊙ = Σ = on the middle of the line; the first "=" is the `relation` of the products to their factors."""
    colours = theme.palette()
    painter.setPen(QPen(colours.muted, plan.at(2.2)))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    around = QPointF(plan.operators[0], plan.middle)
    painter.drawEllipse(around, plan.at(12), plan.at(12))
    painter.setBrush(colours.muted)
    painter.drawEllipse(around, plan.at(1.8), plan.at(1.8))
    painter.setFont(type_of(plan.at(NUMBER + 6), 500))
    for middle, sign in zip(plan.operators[1:], (relation, "Σ", "="), strict=True):
        box = QRectF(middle - plan.at(30), plan.middle - plan.at(30), plan.at(60), plan.at(60))
        painter.drawText(box, Flag.AlignCenter, sign)


def _write(painter: QPainter, box: QRectF, text: str) -> str:
    """Write `text` from the left of `box`, cut where it has no room; return what was written."""
    shown = QFontMetricsF(painter.font()).elidedText(text, Qt.TextElideMode.ElideRight, box.width())
    painter.drawText(box, Flag.AlignVCenter, shown)
    return shown
