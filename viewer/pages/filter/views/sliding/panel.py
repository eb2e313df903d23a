"""The controls that say how a kernel slides over a picture, and the size of the output that follows."""

from __future__ import annotations

from collections.abc import Callable, Collection

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from kernels.filtering.border import Border
from kernels.filtering.geometry import Geometry, Pair, SlidingOptions
from viewer import theme
from viewer.pages.filter.views.sliding import choices
from viewer.widgets import (
    ComboBox,
    Label,
    Message,
    NumberEdit,
    SectionLabel,
    SegmentedControl,
    SteppingSpinBox,
    blocked,
    describe,
    filled,
    text_height,
)

NO_BREAK = "\u00a0"
LABEL_WIDTH = 64
LARGEST_PADDING = 9999
LARGEST_STEP = 999


class OutputSizeLabel(Label):
    """Draws the formula with its result in bold; ``text()`` gives it without mark-up.

    The formula stands once when both axes agree, else once for y and once for x.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", "muted", parent)
        describe(
            self,
            "outputSizeLabel",
            self.tr("Output size"),
            self.tr(
                "Output size: (picture + padding before + padding after − reach of the kernel)/stride + 1, rounded down"
            ),
        )
        self.setWordWrap(True)
        self._plain = ""

    def show_geometry(self, geometry: Geometry) -> None:
        """Write the sizes of `geometry`."""
        formulas = [geometry.formula(axis) for axis in (0, 1)]
        if formulas[0] == formulas[1]:
            lines = [("", formulas[0], self.tr(" each way"))]
        else:
            lines = [("y: ", formulas[0], ""), ("x: ", formulas[1], "")]
        self._plain = "\n".join("".join(line) for line in lines)
        self.setTextFormat(self.textFormat().RichText)
        super().setText("<br>".join(_marked_up(*line) for line in lines))
        self.setAccessibleDescription(self._plain)

    def text(self) -> str:
        """The formula as plain text, one line an axis where they differ."""
        return self._plain

    def clear(self) -> None:
        """Show nothing."""
        self._plain = ""
        super().clear()


def _marked_up(axis: str, formula: str, ending: str) -> str:
    """Return a line that may break only before its equals sign, with the last number in bold."""
    left, sign, right = formula.partition(" ≈ " if " ≈ " in formula else " = ")
    lead, _, size = right.rpartition(" ")
    before = f"{axis}{left}".replace(" ", NO_BREAK)
    after = f"{sign.strip()} {lead} ".replace("  ", " ").replace(" ", NO_BREAK)
    return f"{before} {after}<b>{size}</b>{ending.replace(' ', NO_BREAK)}"


class SlidingPanel(QWidget):
    """Shows sliding options and where they lead; every change of the user leaves as an intent.

    `foot`, with the output size and what is wrong, may be taken to where it is always in sight.
    ``option_chosen(name, value, gesture)`` carries a field of ``SlidingOptions``; `gesture` is empty unless the
    change belongs to a run of steps that ``gesture_ended`` closes.
    """

    option_chosen = pyqtSignal(str, object, str)
    channel_chosen = pyqtSignal(str)
    gesture_ended = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("slidingPanel")
        self._padding_is_draft = self._agree = False
        self._shown_channels: tuple[object, ...] = ()
        self._make_choices()
        self._make_numbers()
        self._make_texts()
        self._lay_out()
        self._connect()
        theme.follow(self._scale)

    # Building ------------------------------------------------------------------------------------------------

    def _make_choices(self) -> None:
        self.operation = SegmentedControl(
            "operationCombo",
            self.tr("Operation"),
            self.tr("Correlation lays the kernel on the picture as it is; convolution turns it by 180° first"),
        )
        self.operation.offer(choices.operations())
        self.padding = SegmentedControl(
            "paddingCombo", self.tr("Padding"), self.tr("How far windows may reach over the edge of the picture")
        )
        self.padding.offer(choices.paddings())
        self.border = ComboBox(
            "borderCombo", self.tr("Border"), self.tr("Where the values outside the picture come from")
        )
        self.border.offer(choices.borders())
        self.channel = ComboBox("channelCombo", self.tr("Channel"), self.tr("What the kernel slides over"))
        self.channel.offer((data, choices.channel_title(data), "") for data in choices.CHANNELS)

    def _make_numbers(self) -> None:
        self.border_value = NumberEdit(
            "borderValue", self.tr("Border value"), self.tr("The value of every pixel outside the picture")
        )
        self.padding_pixels = self._pair(
            "padding",
            self.tr("Padding in pixels, {axis}"),
            (self.tr("Rows added above and below"), self.tr("Columns added left and right")),
            (0, LARGEST_PADDING),
        )
        self.stride = self._pair(
            "stride",
            self.tr("Stride, {axis}"),
            (self.tr("Rows from one window to the next"), self.tr("Columns from one window to the next")),
            (1, LARGEST_STEP),
        )
        self.dilation = self._pair(
            "dilation",
            self.tr("Dilation, {axis}"),
            (self.tr("Rows between neighbouring weights"), self.tr("Columns between neighbouring weights")),
            (1, LARGEST_STEP),
        )

    def _pair(
        self, name: str, title: str, tips: tuple[str, str], limits: tuple[int, int]
    ) -> tuple[SteppingSpinBox, SteppingSpinBox]:
        low, high = limits
        boxes = [
            SteppingSpinBox(
                f"{name}{axis.upper()}", title.format(axis=axis), tip, minimum=low, maximum=high, prefix=f"{axis} "
            )
            for axis, tip in zip("yx", tips, strict=True)
        ]
        return boxes[0], boxes[1]

    def _make_texts(self) -> None:
        self.output_size = OutputSizeLabel()
        self.unreached = Label("", "muted", name="unreachedLabel", wraps=True)
        self.message = Message("slidingMessage")

    def _lay_out(self) -> None:
        self._grid = QGridLayout()
        self._grid.setColumnStretch(1, 1)
        self._rows: list[QHBoxLayout] = []
        fields: tuple[tuple[str, tuple[QWidget, ...]], ...] = (
            (self.tr("Border"), (self.border, self.border_value)),
            (self.tr("Stride"), self.stride),
            (self.tr("Dilation"), self.dilation),
            (self.tr("Channel"), (self.channel,)),
        )
        self._pixels_label = Label(self.tr("Pixels"))
        self._add_row(0, self._pixels_label, self.padding_pixels)
        for row, (title, widgets) in enumerate(fields, start=1):
            label = Label(title)
            label.setBuddy(widgets[0])
            self._add_row(row, label, widgets)
        self.foot = QWidget()
        filled(QVBoxLayout(self.foot), self.message, self.output_size, self.unreached, spacing=2).addStretch(1)
        heading = SectionLabel(self.tr("Sliding"))
        self._column = filled(QVBoxLayout(self), heading, self.operation, self.padding, self._grid, self.foot)

    def _add_row(self, row: int, label: Label, widgets: tuple[QWidget, ...]) -> None:
        line = filled(QHBoxLayout(), *(part for widget in widgets for part in (widget, 1)))
        self._rows.append(line)
        self._grid.addWidget(label, row, 0)
        self._grid.addLayout(line, row, 1)

    def _scale(self) -> None:
        self._column.setSpacing(theme.px(8))
        self._grid.setHorizontalSpacing(theme.px(8))
        self._grid.setVerticalSpacing(theme.px(8))
        self._grid.setColumnMinimumWidth(0, theme.px(LABEL_WIDTH))
        self.border_value.setFixedWidth(theme.px(56))
        # Both axes and the sentence, so that what stands above stays where it is.
        self.unreached.ensurePolished()
        self.foot.setMinimumHeight(text_height(self.unreached, 3) + theme.px(14))
        for box in (*self.padding_pixels, *self.stride, *self.dilation):
            box.setFixedHeight(theme.px(28))
        for line in self._rows:
            line.setSpacing(theme.px(8))

    def _connect(self) -> None:
        def choose(name: str, control: ComboBox | SegmentedControl) -> Callable[[int], None]:
            return lambda index: self.option_chosen.emit(name, control.itemData(index), "")

        self.operation.currentIndexChanged.connect(choose("operation", self.operation))
        self.border.currentIndexChanged.connect(choose("border", self.border))
        self.border_value.committed.connect(lambda value: self.option_chosen.emit("border_value", value, ""))
        self.padding.currentIndexChanged.connect(self._choose_padding)
        self.channel.currentIndexChanged.connect(lambda index: self.channel_chosen.emit(self.channel.itemData(index)))
        for name, boxes in (("padding", self.padding_pixels), ("stride", self.stride), ("dilation", self.dilation)):
            for box in boxes:
                box.valueChanged.connect(lambda _value, name=name, box=box: self._choose_pair(name, box))
                box.gesture_ended.connect(self.gesture_ended)
                box.rejected.connect(self.message.show_error)

    # What the user does --------------------------------------------------------------------------------------

    def _choose_padding(self, index: int) -> None:
        word = self.padding.itemData(index)
        self._show_pixels(word == "pixels")
        self._padding_is_draft = False
        pixels = self.padding_pixels[0].value(), self.padding_pixels[1].value()
        self.option_chosen.emit("padding", pixels if word == "pixels" else word, "")

    def _choose_pair(self, name: str, box: SteppingSpinBox) -> None:
        if name == "padding" and self.padding.currentData() != "pixels":
            # Nobody sees the fields now: what a script writes there waits until "pixels" is chosen.
            self._padding_is_draft = True
            return
        boxes = {"padding": self.padding_pixels, "stride": self.stride, "dilation": self.dilation}[name]
        gesture = box.objectName() if box.stepped else ""
        self.option_chosen.emit(name, (boxes[0].value(), boxes[1].value()), gesture)

    # What is shown -------------------------------------------------------------------------------------------

    def show_options(self, options: SlidingOptions, pixels: Pair) -> None:
        """Show `options`; `pixels` (y, x) is what the padding comes to, should the user want it in pixels."""
        stride, dilation = options.steps
        padding = options.padding if isinstance(options.padding, str) else "pixels"
        self.operation.show_data(options.operation)
        self.padding.show_data(padding)
        self.border.show_data(str(options.border))
        with blocked(*self.padding_pixels, *self.stride, *self.dilation):
            shown = [(self.stride, stride), (self.dilation, dilation)]
            if not self._padding_is_draft:
                shown.append((self.padding_pixels, pixels))
            for boxes, values in shown:
                for box, value in zip(boxes, values, strict=True):
                    box.setValue(value)
        self.border_value.set_value(options.border_value)
        self.border_value.setVisible(options.border == Border.CONSTANT)
        self._show_pixels(padding == "pixels")

    def _show_pixels(self, shown: bool) -> None:
        self._pixels_label.setVisible(shown)
        for box in self.padding_pixels:
            box.setVisible(shown)

    def show_border_use(self, reason: str) -> None:
        """Let the border be chosen, or say in `reason` why it has no effect now."""
        self.border.setEnabled(not reason)
        self.border_value.setEnabled(not reason)
        self.border.setToolTip(reason or self.tr("Where the values outside the picture come from"))
        self.border_value.setToolTip(reason or self.tr("The value of every pixel outside the picture"))

    def show_agreement(self, agree: bool) -> None:
        """Say in the tool tips whether correlation and convolution give the same with this kernel."""
        if agree == self._agree:
            return
        self._agree = agree
        note = self.tr("Both agree: the kernel is symmetric.")
        for row, (_data, _title, tip) in enumerate(choices.operations()):
            self.operation.setItemToolTip(row, f"{tip}\n{note}" if agree else tip)

    def show_channel(self, channel: str, usable: Collection[str], whole: str) -> None:
        """Show `channel`; others than the `usable` cannot be chosen, `whole` is the title of "rgb" now."""
        self.channel.show_data(channel)
        if (tuple(usable), whole) == self._shown_channels:
            return
        self._shown_channels = (tuple(usable), whole)
        with blocked(self.channel):
            for row, data in enumerate(choices.CHANNELS):
                self.channel.setItemText(row, whole if data == "rgb" else choices.channel_title(data))
                item = self.channel.model().item(row)
                item.setEnabled(data in usable)
                item.setToolTip("" if data in usable else choices.missing_channel(usable))
        self.channel.update()

    def show_geometry(self, geometry: Geometry | None, message: str = "") -> None:
        """Write the output size; without `geometry` say in `message` why there is none, the last size fades."""
        self.output_size.setEnabled(geometry is not None)
        self.unreached.setEnabled(geometry is not None)
        self.message.show_error(message)
        if geometry is not None:
            self.output_size.show_geometry(geometry)
            self.unreached.setText(choices.unreached_sentence(*geometry.unreached()))
        elif not message:
            self.output_size.clear()
            self.unreached.clear()
