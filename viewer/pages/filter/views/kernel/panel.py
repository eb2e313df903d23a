"""The kernel editor as one panel: setters in, intents out."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from kernels.kernel import Kernel
from kernels.kernel.catalogue.entry import Parameter
from viewer import theme
from viewer.pages.filter.views.kernel.buttons import Heading, TransformRow
from viewer.pages.filter.views.kernel.facts import FactsLabel
from viewer.pages.filter.views.kernel.number_field import FittedNumberEdit
from viewer.pages.filter.views.kernel.parameters import ParameterArea
from viewer.pages.filter.views.kernel.presets import PresetCombo
from viewer.pages.filter.views.kernel.room import Room
from viewer.pages.filter.views.kernel.table import KernelTable
from viewer.pages.filter.views.kernel.table_model import MAX_EDITED_SIDE
from viewer.widgets import (
    ComboBox,
    Label,
    Message,
    SteppingSpinBox,
    ToolButton,
    blocked,
    filled,
    format_number,
    text_height,
)

PANEL_WIDTH = 248
Align = Qt.AlignmentFlag


class KernelPanel(QWidget):
    """Shows a kernel and says what the user wants done with it; changes nothing by itself."""

    resized = pyqtSignal(int, int, bool)  # rows, columns, part of a gesture
    weight_changed = pyqtSignal(int, int, int, float, bool)  # row, column, channel, value, part of a gesture
    gesture_finished = pyqtSignal()
    divisor_changed = pyqtSignal(float)
    offset_changed = pyqtSignal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("kernelPanel")
        self.setAccessibleName(self.tr("Kernel"))
        self._kernel = Kernel([[0.0]])
        self._channel = 0
        self._pointed: tuple[int, int] | None = None
        self._make_controls()
        self._arrange()
        self._connect()
        self._order_focus()
        theme.follow(self._rescale)

    def show_choice(self, key: str, title: str, *, edited: bool) -> None:
        """Say what the kernel is: the item `key`, or an edited `title`."""
        suffix = self.tr(", edited") if edited else ""
        self.preset_combo.show_choice("" if edited else key, title, suffix)
        self.heading.show_reset(title if edited else "")

    def show_parameters(self, preset: str, parameters: Sequence[Parameter], values: Mapping[str, float]) -> None:
        """Show the sliders of `preset`."""
        if self.parameters.show_parameters(preset, parameters, values):
            self._order_focus()
            self.room.share()

    def show_kernel(self, kernel: Kernel) -> None:
        """Show weights, divisor, offset and facts."""
        self._kernel = kernel
        self._channel = min(self._channel, (kernel.channels or 1) - 1)
        self._show_size(*kernel.shape)
        self._show_channels(kernel.channels)
        self.table.show_kernel(kernel, self._channel)
        self.room.share()
        self.divisor_edit.set_value(kernel.divisor)
        self.offset_edit.set_value(kernel.offset)
        self.number_message.clear()
        self.file_message.clear()
        self.facts_label.show_kernel(kernel)
        self._show_reading()

    def show_divisor_error(self, sentence: str) -> None:
        """Mark the divisor and say why it cannot be taken."""
        self.divisor_edit.refuse(self._kernel.divisor, sentence)
        self.number_message.show_error(sentence)

    def _make_controls(self) -> None:
        self.heading = Heading()
        self.preset_combo = PresetCombo()
        self.rows = SteppingSpinBox("kernelRows", self.tr("Rows"), self.tr("Rows of the kernel, 1 to 31"))
        self.columns = SteppingSpinBox("kernelColumns", self.tr("Columns"), self.tr("Columns of the kernel, 1 to 31"))
        self.file_message = Message("kernelFileMessage")
        for box in (self.rows, self.columns):
            box.rejected.connect(self.file_message.show_error)
            box.setRange(1, MAX_EDITED_SIDE)
            box.setProperty("narrow", True)
            box.setAlignment(Align.AlignCenter)
        self.parameters = ParameterArea()
        self.channel_combo = ComboBox(
            "kernelChannel", self.tr("Channel of the kernel"), self.tr("Which channel's weights stand in the table")
        )
        self.table = KernelTable()
        self.reading = Label("", "muted", name="weightReading")
        self.reading.setAlignment(Align.AlignCenter)
        self.reading.setWordWrap(True)  # the number under its place, where the table is narrow
        self.cell_message = Message("kernelMessage")
        self.divisor_edit = FittedNumberEdit(
            "divisorEdit", self.tr("Divisor"), self.tr("Divisor: the sum of products is divided by it")
        )
        self.offset_edit = FittedNumberEdit("offsetEdit", self.tr("Offset"), self.tr("Offset: added at the end"))
        self.normalise_button = ToolButton(
            "normaliseButton", self.tr("Normalise"),
            self.tr("Set the divisor to the sum of the weights, so that flat areas keep their brightness"),
            text=self.tr("Normalise"),
        )  # fmt: skip
        self.normalise_button.setProperty("narrow", True)
        self.number_message = Message("kernelNumberMessage")
        self.transforms = TransformRow()
        self.facts_label = FactsLabel()
        self.facts_label.setObjectName("kernelFacts")
        self.facts_label.setAccessibleName(self.tr("Facts about the kernel"))
        self.facts_label.setWordWrap(True)
        self.facts_label.setAlignment(Align.AlignLeft | Align.AlignTop)
        self.facts_label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)

    def _arrange(self) -> None:
        gap = theme.px(6)
        size = self.rows, Label("×", "muted"), self.columns
        choice = filled(QHBoxLayout(), self.preset_combo, 1, *size, spacing=theme.px(3))
        self._channel_row = QWidget()
        channel = Label(self.tr("Channel"), "muted")
        filled(QHBoxLayout(self._channel_row), channel, self.channel_combo, 1, spacing=gap)
        self.room = Room(self.parameters, self._channel_row, self.table, self.reading)
        numbers = filled(
            QHBoxLayout(), Label("÷", "muted"), self.divisor_edit, 1, Label("+", "muted"), self.offset_edit, 1,
            self.normalise_button, spacing=gap,
        )  # fmt: skip
        self._column = filled(
            QVBoxLayout(self), filled(QVBoxLayout(), self.heading, choice, spacing=0), self.file_message, self.room, 1,
            self.cell_message, numbers, self.number_message, self.transforms, self.facts_label,
        )  # fmt: skip

    def _connect(self) -> None:
        self.parameters.gesture_finished.connect(self.gesture_finished)
        for box in (self.rows, self.columns):
            box.valueChanged.connect(lambda _value, box=box: self._resize(box.stepped))
            box.gesture_ended.connect(self.gesture_finished)
        self.channel_combo.currentIndexChanged.connect(self._choose_channel)
        self.table.weight_changed.connect(
            lambda row, column, value, part: self.weight_changed.emit(row, column, self._channel, value, part)
        )
        self.table.gesture_finished.connect(self.gesture_finished)
        self.table.pointed_at.connect(self._point_at)
        self.table.kernel_model.drafts_changed.connect(self._show_complaint)
        self.table.selectionModel().currentChanged.connect(self._show_reading)
        for edit, changed in ((self.divisor_edit, self.divisor_changed), (self.offset_edit, self.offset_changed)):
            edit.committed.connect(self.number_message.clear)
            edit.committed.connect(changed)
            edit.rejected.connect(self.number_message.show_error)
            edit.textEdited.connect(self.number_message.clear)
            edit.restored.connect(self.number_message.clear)

    def _order_focus(self) -> None:
        chain: list[QWidget] = [
            self.preset_combo, self.rows, self.columns, self.heading.reset_button, self.heading.menu_button,
            *self.parameters.focus_chain(), self.channel_combo, self.table, self.divisor_edit, self.offset_edit,
            self.normalise_button, *self.transforms.buttons.values(),
        ]  # fmt: skip
        for first, second in itertools.pairwise(chain):
            QWidget.setTabOrder(first, second)

    def _resize(self, in_gesture: bool) -> None:
        self.file_message.clear()
        self.resized.emit(self.rows.value(), self.columns.value(), in_gesture)

    def _choose_channel(self, index: int) -> None:
        if index >= 0:
            self._channel = index
            self.table.show_kernel(self._kernel, index)
            self._show_reading()

    def _point_at(self, cell: tuple[int, int] | None) -> None:
        if cell != self._pointed:
            self._pointed = cell
            self._show_reading()

    def _show_size(self, rows: int, columns: int) -> None:
        with blocked(self.rows, self.columns):
            for box, length in ((self.rows, rows), (self.columns, columns)):
                box.setMaximum(max(MAX_EDITED_SIDE, length))
                box.setValue(length)

    def _show_channels(self, count: int | None) -> None:
        self._channel_row.setVisible(count is not None)
        if count is None:
            return
        names = [self.tr("{number} of {count}").format(number=index + 1, count=count) for index in range(count)]
        if count == 3:
            names = [self.tr("Red"), self.tr("Green"), self.tr("Blue")]
        self.channel_combo.offer((index, name, "") for index, name in enumerate(names))
        self.channel_combo.show_data(self._channel)

    def _show_complaint(self) -> None:
        self.cell_message.show_error(self.table.kernel_model.complaint())

    def _show_reading(self, *_: object) -> None:
        """The exact weight under the pointer, else of the current cell, where the cells do not show it."""
        model = self.table.kernel_model
        layout = self.table.cell_layout
        rounded = not layout.is_heat_map and any(
            layout.text(float(value)) != format_number(float(value)) for value in model.weights.flat
        )
        cell = self._pointed or self.table.current_cell()
        rows, columns = model.weights.shape
        wanted = (layout.is_heat_map or rounded) and cell[0] < rows and cell[1] < columns
        text = model.describe(*cell) if wanted else ""
        self.reading.setText(text)

    def _rescale(self) -> None:
        self.setFixedWidth(theme.px(PANEL_WIDTH))
        self._column.setSpacing(theme.px(8))
        for box in (self.rows, self.columns):
            box.setFixedWidth(theme.px(32))
        # Room for the longest facts, so that what stands below stays where it is.
        self.facts_label.setFixedHeight(text_height(self.facts_label, 3))
        self._show_reading()
