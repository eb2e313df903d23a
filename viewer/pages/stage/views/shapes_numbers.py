"""The numbers of a shape, which can be changed there, and below them those of the same shape told the other way."""

from __future__ import annotations

from collections.abc import Mapping

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QGridLayout, QWidget

from viewer import theme
from viewer.pages.stage.views.lower import Heading
from viewer.widgets import Label, SteppingSpinBox, blocked, describe

FIELD, FIELD_HEIGHT = 46, 28


class NumbersTable(QWidget):
    """A column for each number; ``changed(name, value, gesture)`` when one is typed or stepped.

    A gesture is the same text while one key or one turn of the wheel goes on, and empty for a number that was typed.
    """

    changed = pyqtSignal(str, int, str)
    gesture_ended = pyqtSignal()
    rejected = pyqtSignal(str)

    def __init__(self) -> None:
        super().__init__()
        tr = self.tr
        describe(self, "shapesNumbers", tr("Numbers of the shape"), "")
        self.titles = Heading(name="shapesShown"), Heading(name="shapesOther")
        self.fields: dict[str, SteppingSpinBox] = {}
        self.symbols: dict[str, Label] = {}
        self.others: dict[str, Label] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        for row, heading in enumerate(self.titles, start=1):
            self._grid.addWidget(heading, row, 0)
        for column, (name, symbol, title, minimum) in enumerate(
            (
                ("input", "i", tr("Side of the input, i"), 1),
                ("kernel", "k", tr("Side of the kernel, k"), 1),
                ("stride", "s", tr("Stride, s"), 1),
                ("padding", "p", tr("Padding on each side, p"), 0),
                ("output_padding", "a", tr("Rows and columns that the output has more, a"), 0),
                ("dilation", "d", tr("Dilation, d"), 1),
            ),
            start=1,
        ):
            self._add(column, name, symbol, title, minimum)
        self._grid.setColumnStretch(column + 1, 1)
        theme.follow(self._scale)

    def _add(self, column: int, name: str, symbol: str, title: str, minimum: int) -> None:
        field = SteppingSpinBox(f"shapes_{name}", title, title, minimum=minimum)
        field.valueChanged.connect(lambda value: self.changed.emit(name, value, name if field.stepped else ""))
        field.gesture_ended.connect(self.gesture_ended)
        field.rejected.connect(self.rejected)
        self.fields[name], self.symbols[name] = field, Label(symbol, "muted")
        self.others[name] = Label(name=f"shapesOther_{name}")
        self.symbols[name].setBuddy(field)
        widgets: tuple[Label | SteppingSpinBox, ...] = self.symbols[name], field, self.others[name]
        for row, widget in enumerate(widgets):
            self._grid.addWidget(widget, row, column)
            widget.setToolTip(title)
            widget.setAlignment(Qt.AlignmentFlag.AlignCenter)

    def show_numbers(self, title: str, numbers: Mapping[str, int]) -> None:
        """Let these be changed; the others are not there."""
        self.titles[0].setText(title)
        for name, field in self.fields.items():
            field.setVisible(name in numbers)
            with blocked(field):
                field.setValue(numbers.get(name, field.minimum()))

    def show_others(self, title: str, numbers: Mapping[str, int]) -> None:
        """Write the numbers of the same shape told the other way; empty for nothing."""
        self.titles[1].setText(title)
        for name, label in self.others.items():
            label.setText(str(numbers[name]) if name in numbers else "")
            self.symbols[name].setVisible(name in numbers or not self.fields[name].isHidden())

    def _scale(self) -> None:
        self._grid.setHorizontalSpacing(theme.px(6))
        self._grid.setVerticalSpacing(theme.px(3))
        for column, field in enumerate(self.fields.values(), start=1):
            field.setFixedSize(theme.px(FIELD), theme.px(FIELD_HEIGHT))
            self._grid.setColumnMinimumWidth(column, theme.px(FIELD))
