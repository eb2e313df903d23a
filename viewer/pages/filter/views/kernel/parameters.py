"""Sliders that a preset brings along, made from what the catalogue says about its parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QWidget

from kernels.kernel.catalogue.entry import Parameter
from viewer import theme
from viewer.widgets import ComboBox, Label, LabelledSlider, SegmentedControl, filled, format_number
from viewer.widgets.stepping import Gesture

#: More choices than this stand in a list instead of side by side.
MOST_SEGMENTS = 5
#: More controls than this stand beside the table, in one column.
MOST_ABOVE = 4


def shown_name(parameter: Parameter) -> str:
    """What a parameter is called where there is room for a word: a Greek letter stays, of which the word is long."""
    return parameter.title if parameter.symbol.isascii() else parameter.symbol


class ParameterArea(QWidget):
    """One control a parameter; ``changed(name, value)`` while it moves, ``gesture_finished`` when a drag is over."""

    changed = pyqtSignal(str, float)
    gesture_finished = pyqtSignal()

    def __init__(
        self, parent: QWidget | None = None, *, prefix: str = "parameter", most_above: int = MOST_ABOVE
    ) -> None:
        super().__init__(parent)
        self._prefix, self._most_above = prefix, most_above
        self._shown: tuple[str, int] | None = None
        self._controls: dict[str, LabelledSlider | SegmentedControl | ComboBox] = {}
        self._across = 2
        self.stands_beside = False
        self._gesture = Gesture(self)
        self._gesture.ended.connect(self.gesture_finished)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        theme.follow(self._rescale)
        self.hide()

    def show_parameters(self, preset: str, parameters: Sequence[Parameter], values: Mapping[str, float]) -> bool:
        """Show the controls of `preset` at `values`; true if they are new controls."""
        rebuilt = self._shown != (preset, len(parameters))
        if rebuilt:
            self._rebuild(parameters)
            self._shown = (preset, len(parameters))
        for name, control in self._controls.items():
            if isinstance(control, LabelledSlider):
                control.show_value(values[name])
            else:
                control.show_data(values[name])
        self.setVisible(bool(self._controls))
        return rebuilt

    def control(self, name: str) -> LabelledSlider | SegmentedControl | ComboBox:
        """The control of the parameter `name`."""
        return self._controls[name]

    @property
    def rows(self) -> int:
        """How many rows the controls take."""
        return -(-len(self._controls) // self._across)

    def focus_chain(self) -> list[QWidget]:
        """What the Tab key visits, in order."""
        chain: list[QWidget] = []
        for control in self._controls.values():
            if isinstance(control, LabelledSlider):
                chain += [each for each in (control.slider, control.edit) if not each.isHidden()]
            elif isinstance(control, SegmentedControl):
                chain += control.findChildren(QPushButton)
            else:
                chain.append(control)
        return chain

    def _rebuild(self, parameters: Sequence[Parameter]) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            old = item.widget()
            if old is not None:
                old.hide()
                old.setParent(None)
                old.deleteLater()
        self._controls = {}
        self.stands_beside = len(parameters) > self._most_above
        self._across = 1 if self.stands_beside else 2
        for column in (0, 1):
            self._grid.setColumnStretch(column, 0)
        for place, each in enumerate(parameters):
            # Two sliders beside each other are short, and jump: one that is seldom moved leaves its room to the other.
            is_short = self._across == len(parameters) == 2 and bool(each.special)
            if each.choices is not None:
                self._add_choice(each, each.choices)
            else:
                self._add_slider(each, has_row=self._across == 1 or len(parameters) == 1, is_short=is_short)
            self._grid.setColumnStretch(place % self._across, int(not is_short))
        self._rescale()

    def _add_slider(self, each: Parameter, *, has_row: bool, is_short: bool) -> None:
        """Add a slider with its number; a short one is the number alone."""
        name = shown_name(each) if has_row else each.symbol
        slider = LabelledSlider(
            f"{self._prefix}_{each.name}", each.title, self._tip(each), symbol=name or each.title,
            minimum=each.minimum, maximum=each.maximum, step=each.step, integer=each.integer,
        )  # fmt: skip
        slider.valueChanged.connect(lambda value, name=each.name: self.changed.emit(name, value))
        self._gesture.follow(slider)
        self._controls[each.name] = slider
        self._add(slider)
        slider.slider.setHidden(is_short)
        slider.setFocusProxy(slider.edit if is_short else slider.slider)
        slider.show()

    def _add_choice(self, each: Parameter, choices: Sequence[float]) -> None:
        kind = SegmentedControl if len(choices) <= MOST_SEGMENTS else ComboBox
        control = kind(f"{self._prefix}_{each.name}", each.title, self._tip(each))
        unit = each.unit if each.unit == "°" else ""
        control.offer((value, format_number(value) + unit, "") for value in choices)
        control.currentIndexChanged.connect(lambda index, c=control, n=each.name: self._choose(n, c.itemData(index)))
        row = QWidget()
        filled(QHBoxLayout(row), Label(each.title), control, 1, spacing=theme.px(8))
        self._controls[each.name] = control
        self._add(row)
        row.show()

    def _add(self, control: QWidget) -> None:
        """Two beside each other while they stand above the table, else one below the other."""
        place = self._grid.count()
        self._grid.addWidget(control, place // self._across, place % self._across)

    def _tip(self, each: Parameter) -> str:
        unit = f" {each.unit}" if each.unit and each.unit != "°" else each.unit
        low, high = format_number(each.minimum), format_number(each.maximum)
        tip = self.tr("{title}, {low} to {high}{unit}").format(title=each.title, low=low, high=high, unit=unit)
        return tip + (f"\n{low}: {each.special}" if each.special else "")

    def _choose(self, name: str, value: float | None) -> None:
        if value is not None:
            self.changed.emit(name, value)
            self.gesture_finished.emit()

    def _rescale(self) -> None:
        self._grid.setVerticalSpacing(0 if self.stands_beside else theme.px(4))
        self._grid.setHorizontalSpacing(theme.px(8))
        symbols = [each.label for each in self._controls.values() if isinstance(each, LabelledSlider)]
        # Labels of one width, so that the sliders stand under each other.
        widest = max((label.sizeHint().width() for label in symbols), default=0)
        for label in symbols:
            label.setMinimumWidth(widest)
