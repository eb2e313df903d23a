"""The strip below the panes: how the output pixel under the pointer came about."""

from __future__ import annotations

import numpy as np
from PyQt6.QtCore import QEvent, QSize, Qt
from PyQt6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QPainter, QPaintEvent, QResizeEvent
from PyQt6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedLayout, QVBoxLayout, QWidget

from kernels.digits import FIGURES, WrittenSum, brief, decimals, fixed, written_sum
from kernels.filtering.tracing import Arithmetic
from viewer import theme
from viewer.pages.filter.views.arithmetic.content import arithmetic_text, origin_text, product_text, weights_title
from viewer.pages.filter.views.arithmetic.number_grid import Cell, NumberGrid
from viewer.widgets import Label, SegmentedControl, ToolButton, describe, format_number, format_position
from viewer.widgets.labels import ElidedLabel, FittingLabel

HEIGHT = 128
TITLE_HEIGHT = 16
RESULT_WIDTH = 176


class ArithmeticStrip(QWidget):
    """Window × weights = products, their sum, and the value of the output pixel; Ctrl+C copies it as text."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        tip = self.tr("How the output pixel under the pointer comes about (Ctrl+C copies it as text)")
        describe(self, "arithmeticStrip", self.tr("Arithmetic of one output pixel"), tip)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setProperty("panel", True)
        self.setProperty("edge", "top")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._content: Arithmetic | None = None
        self._marked: Cell | None = None
        self._signed = False
        self._written: WrittenSum | None = None
        self._make_grids()
        self._make_result()
        self._lay_out()
        theme.follow(self._scale)

    # Building ------------------------------------------------------------------------------------------------

    def _make_grids(self) -> None:
        self.window_grid = NumberGrid("windowGrid", self.tr("Window"), self.tr("Pixel values under the kernel"))
        self.weights_grid = NumberGrid("weightsGrid", self.tr("Weights"), self.tr("The weights as they are applied"))
        self.products_grid = NumberGrid("productsGrid", self.tr("Products"), self.tr("Value times weight"))
        self.grids = (self.window_grid, self.weights_grid, self.products_grid)
        self.titles = tuple(ElidedLabel("muted") for _ in self.grids)
        for grid in self.grids:
            grid.hovered.connect(self._mark)
            grid.tip = self._cell_text

    def _make_result(self) -> None:
        self.sum_title = ElidedLabel("muted")
        self.equation = FittingLabel(13, 10, 400)
        self.equation.setObjectName("arithmeticEquation")
        self.value = FittingLabel(24, 15, 700)
        self.value.setObjectName("arithmeticValue")
        self.channel = SegmentedControl(
            "traceChannelCombo", self.tr("Channel of the arithmetic"), self.tr("Which channel the strip shows")
        )
        for row, name in enumerate("RGB"):
            self.channel.addItem(name, row)
        self.channel.currentIndexChanged.connect(lambda _row: self._refresh())
        tip = self.tr("Copy the whole arithmetic as text (Ctrl+C in this strip)")
        self.copy_button = ToolButton("copyArithmeticButton", self.tr("Copy as text"), tip, icon_name="copy", flat=True)

    def _lay_out(self) -> None:
        self._row = QHBoxLayout()
        self._columns: list[QVBoxLayout] = []
        for position, (title, grid) in enumerate(zip(self.titles, self.grids, strict=True)):
            column = QVBoxLayout()
            column.addWidget(title)
            column.addWidget(grid, 0, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
            column.addStretch(1)
            self._columns.append(column)
            self._row.addLayout(column)
            self._row.addWidget(self._sign("×=Σ"[position]))
        self._result = QVBoxLayout()
        self._result.addStretch(1)
        for label in (self.sum_title, self.equation, self.value):
            self._result.addWidget(label)
        self._result.addStretch(1)
        self._row.addLayout(self._result, 1)
        content = QWidget()
        content.setLayout(self._row)
        for corner in (self.channel, self.copy_button):
            corner.setParent(content)  # in the upper right corner, above the layout
        self.empty = Label(self.tr("Hover or click a pixel to see its arithmetic."), "muted", name="arithmeticHint")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self.empty)
        self._pages.addWidget(content)

    def _sign(self, sign: str) -> Label:
        label = Label(sign, "sign", name="operatorSign")
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        return label

    def _scale(self) -> None:
        self._row.setContentsMargins(theme.px(16), theme.px(12), theme.px(12), theme.px(12))
        self._row.setSpacing(theme.px(14))
        for title, column in zip(self.titles, self._columns, strict=True):
            title.setFixedHeight(theme.px(TITLE_HEIGHT))
            column.setSpacing(theme.px(6))
        self._result.setSpacing(theme.px(2))
        for sign in self.findChildren(Label, "operatorSign"):
            sign.setContentsMargins(0, theme.px(TITLE_HEIGHT), 0, 0)
        self.channel.setFixedSize(theme.px(96), theme.px(26))
        self.copy_button.setFixedSize(theme.px(36), theme.px(26))
        self.setFixedHeight(theme.px(HEIGHT))
        self._place_corner()
        self._refresh()

    def _place_corner(self) -> None:
        right, top = self.width() - theme.px(8), theme.px(8)
        for corner in (self.copy_button, self.channel):
            right -= corner.width()
            corner.move(right, top)
            right -= theme.px(4)

    def sizeHint(self) -> QSize:
        return QSize(theme.px(640), theme.px(HEIGHT))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(320), theme.px(HEIGHT))

    # Setters -------------------------------------------------------------------------------------------------

    def show_arithmetic(self, content: Arithmetic) -> None:
        """Take one output pixel apart."""
        self._content = content
        self._refresh()
        self._pages.setCurrentIndex(1)

    def show_nothing(self, reason: str = "") -> None:
        """No pixel is read, or none could be for this `reason`."""
        self.empty.setText(reason or self.tr("Hover or click a pixel to see its arithmetic."))
        self._content = None
        self._mark(None)
        self._pages.setCurrentIndex(0)

    def text(self) -> str:
        """The arithmetic as plain text; empty while no pixel is read."""
        return "" if self._content is None else arithmetic_text(self._content)

    def copy(self) -> None:
        """Put the arithmetic on the clipboard, as text."""
        if self._content is not None:
            QGuiApplication.clipboard().setText(self.text())

    # Showing -------------------------------------------------------------------------------------------------

    def _chosen(self) -> int:
        content = self._content
        return int(self.channel.currentIndex()) if content is not None and content.channels else 0

    def _refresh(self) -> None:
        content = self._content
        if content is None:
            return
        has_choice = len(content.channels) == 3
        self.channel.setVisible(has_choice)
        self._result.setContentsMargins(0, theme.px(24) if has_choice else 0, 0, 0)
        channel = self._chosen()
        trace = content.trace(channel)
        self._signed = bool((trace.weights < 0).any())
        if not np.array_equal(self.weights_grid.values(), content.grids(channel)[1]):
            for grid in self.grids:
                grid.forget_width()
        self._fit()
        self._write_titles()

    def _write_titles(self) -> None:
        content = self._content
        if content is None:
            return
        y, x = content.position
        texts = (
            self.tr("Window at {place}").format(place=format_position(y, x)),
            weights_title(content),
            self.tr("Products"),
        )
        for label, text in zip(self.titles, texts, strict=True):
            label.setText(text)
        i, j = content.traces[0].position
        self.titles[0].setToolTip(
            self.tr("The window of output pixel {pixel} stands at {place} of the picture").format(
                pixel=format_position(i, j), place=format_position(y, x)
            )
        )

    def _write_result(self, written: WrittenSum, value: float) -> None:
        self._written, last = written, written.last
        self._write_sum_title()
        self.equation.show_text(last.equation)
        ink = "text" if not self._signed or value == 0 else "positive_text" if value > 0 else "negative_text"
        self.value.show_text(last.value, ink)
        self.value.setToolTip(self.tr("The output holds {value}").format(value=format_number(value, 9)))
        self.value.setAccessibleName(self.tr("Value {value}").format(value=last.value))

    def _write_sum_title(self) -> None:
        """Name the last step, or the product that is being pointed at."""
        content, written = self._content, self._written
        if content is None or written is None:
            return
        title = self.tr("Sum ÷ divisor + offset")
        if content.sums_channels and content.channels:
            sums = zip(content.channels, written.channel_sums, strict=True)
            parts = " + ".join(f"{name} {brief(part, written.last.places)}" for name, part in sums)
            title = self.tr("Sum over channels: {parts}").format(parts=parts)
        self.sum_title.setToolTip(title)
        self.sum_title.setText(title if self._marked is None else self._product_text(self._marked))

    def _fit(self) -> None:
        """Share the width among the grids."""
        content = self._content
        if content is None:
            return
        signs, spaces = 3 * theme.px(14), 6 * self._row.spacing()
        width = max(self.width() - theme.px(28 + RESULT_WIDTH) - signs - spaces, theme.px(192))
        height = self.height() - theme.px(24 + TITLE_HEIGHT + 6)
        channel = self._chosen()
        for figures in FIGURES:
            written = written_sum(content, channel, figures)
            self._show_grids(content, channel, written)
            longest = [max(grid.longest(), 3) + 1 for grid in self.grids]
            shares = [width * each / sum(longest) for each in longest]
            fits = [grid.fit(share, height) for grid, share in zip(self.grids, shares, strict=True)]
            if fits[2] and written.last.agrees:
                break
        if not fits[2]:
            # No products are written that have to add up: the sum may have all its figures.
            sums = [written_sum(content, channel, figures, with_products=False) for figures in FIGURES]
            written = next((each for each in sums if each.last.agrees), sums[0])
            for grid in self.grids:
                grid.fit(width / 3, height)
        self._write_result(written, content.value(channel))

    def _show_grids(self, content: Arithmetic, channel: int, written: WrittenSum) -> None:
        outside = content.trace(channel).outside
        for grid, values in zip(self.grids, content.grids(channel), strict=True):
            is_window, is_product = grid is self.window_grid, grid is self.products_grid
            shown, places = (written.products, written.last.places) if is_product else (values, decimals(values, 4))
            grid.show_values(
                values,
                outside if is_window else outside & False,
                signed=self._signed and is_product,
                diverging=not is_window,
                texts=[[fixed(each, places) for each in row] for row in shown.tolist()],
            )

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._place_corner()
        if self._content is not None:
            self._fit()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        if self.hasFocus():
            painter = QPainter(self)
            painter.setPen(theme.palette().accent)
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    # Cells ---------------------------------------------------------------------------------------------------

    def _mark(self, cell: Cell | None) -> None:
        self._marked = cell
        for grid in self.grids:
            grid.mark(cell)
        self._write_sum_title()

    def _product_text(self, cell: Cell) -> str:
        return "" if self._content is None else product_text(self._content, self._chosen(), cell)

    def _cell_text(self, cell: Cell) -> str:
        content = self._content
        if content is None:
            return ""
        return f"{self._product_text(cell)}\n{origin_text(content, self._chosen(), cell)}"

    # Keys ----------------------------------------------------------------------------------------------------

    def event(self, event: QEvent | None) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and _is_copy(event):
            event.accept()  # while the strip has the focus, Ctrl+C is its own
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if _is_copy(event):
            self.copy()
            return
        step = {
            Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0),
        }.get(Qt.Key(event.key()))  # fmt: skip
        if self._content is None or (step is None and event.key() != Qt.Key.Key_Escape):
            super().keyPressEvent(event)
        elif step is None:
            self._mark(None)
        else:
            rows, columns = self.window_grid.values().shape
            row, column = self._marked or (rows // 2 - step[0], columns // 2 - step[1])
            self._mark((min(max(row + step[0], 0), rows - 1), min(max(column + step[1], 0), columns - 1)))


def _is_copy(event: QKeyEvent | None) -> bool:
    return event.matches(QKeySequence.StandardKey.Copy)
