"""What the drawing of shapes means, with its numbers."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QCoreApplication, QPointF, QRect, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QSizePolicy, QWidget

from viewer import theme
from viewer.pages.stage.views.lower import TEXT
from viewer.pages.stage.views.shapes_drawing import paint_dot, paint_hatching, paint_virtual, pixel_colour
from viewer.pages.stage.views.shapes_layout import Shape
from viewer.widgets import describe
from viewer.widgets.labels import draw_elided

ROW, SWATCH, GAP = 24, 16, 12
Row = tuple[str, str]
"""What the swatch shows, and the words beside it."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("shapes", text)


def legend_rows(shape: Shape) -> list[Row]:
    """What is drawn of a shape, in words."""
    rows, columns = shape
    made = [("window", _kernel_text(shape))]
    made += [("padding", text) for text in _padding_texts(shape)]
    if rows.inserted or columns.inserted:
        count = max(rows.inserted, columns.inserted)
        words = _tr("1 zero between") if count == 1 else _tr("{count} zeros between").format(count=count)
        made.append(("zero", words))
    if rows.left_over or columns.left_over:
        made.append(("left over", _left_over_text(shape)))
    stride = f"{rows.stride}" if rows.stride == columns.stride else f"y {rows.stride}, x {columns.stride}"
    made.append(("anchor", _tr("Stride {count}").format(count=stride)))
    return made


def _kernel_text(shape: Shape) -> str:
    rows, columns = shape
    text = _tr("Kernel {size}").format(size=f"{columns.taps} × {rows.taps}")
    if (rows.effective, columns.effective) == (rows.taps, columns.taps):
        return text
    return _tr("{kernel} over {size}").format(kernel=text, size=f"{columns.effective} × {rows.effective}")


def _padding_texts(shape: Shape) -> list[str]:
    rows, columns = ((axis.before, axis.after) for axis in shape)
    if rows == columns == (0, 0):
        return []
    if rows == columns:
        before, after = rows
        words = _tr("Padding {before}") if before == after else _tr("Padding {before} before, {after} after")
        return [words.format(before=before, after=after)]
    return [_tr("Padding {axis} {before} + {after}").format(axis=axis, before=before, after=after)
            for axis, (before, after) in (("y", rows), ("x", columns))]  # fmt: skip


def _left_over_text(shape: Shape) -> str:
    counts = [axis.left_over for axis in shape]
    words = ((_tr("row"), _tr("rows")), (_tr("column"), _tr("columns")))
    parts = [
        f"{count} {one if count == 1 else many}" for count, (one, many) in zip(counts, words, strict=True) if count
    ]
    return _tr("{parts} left over").format(parts=", ".join(parts))


class Legend(QWidget):
    """Swatches with words, one behind the other on as many lines as they need."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        describe(self, "shapesLegend", self.tr("What the drawing means"), "")
        self._rows: tuple[Row, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Show these in their order."""
        self._rows = tuple(rows)
        sentence = ", ".join(text for _kind, text in rows)
        self.setAccessibleDescription(sentence)
        self.setToolTip("\n".join(text for _kind, text in rows))
        self.update()

    @property
    def texts(self) -> list[str]:
        """The words of each."""
        return [text for _kind, text in self._rows]

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(160), theme.px(ROW))

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font(TEXT))
        high, side, indent = theme.px(ROW), theme.px(SWATCH), theme.px(SWATCH + 8)
        x = y = 0
        for kind, text in self._rows:
            wide = indent + painter.fontMetrics().horizontalAdvance(text) + theme.px(GAP)
            if x and x + wide > self.width():
                x, y = 0, y + high
            if y + high > self.height():
                return  # the tool tip has all of them
            _paint_swatch(painter, kind, QRectF(x + theme.px(2), y + (high - side) / 2, side, side))
            painter.setPen(theme.palette().text)
            draw_elided(painter, QRect(x + indent, y, min(wide, self.width() - x) - indent, high), text)
            x += wide


def _paint_swatch(painter: QPainter, kind: str, rect: QRectF) -> None:
    colours = theme.palette()
    if kind == "window":
        tint = QColor(colours.crosshair)
        tint.setAlphaF(0.5)
        painter.fillRect(rect, tint)
        painter.setPen(QPen(colours.crosshair, theme.px(3)))
        painter.drawRect(rect)
    elif kind in ("padding", "zero"):
        paint_virtual(painter, rect, kind)
    else:
        painter.fillRect(rect, pixel_colour())
        if kind == "left over":
            paint_hatching(painter, rect)
        else:
            paint_dot(painter, QPointF(rect.center()), theme.px(3), False)
    painter.setBrush(Qt.BrushStyle.NoBrush)
