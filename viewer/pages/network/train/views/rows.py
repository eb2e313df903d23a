"""The rows of the set-up, one kind each; what is being typed in one is not overwritten."""

from __future__ import annotations

import math
from collections.abc import Iterable

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PyQt6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from viewer import theme
from viewer.widgets import (
    CheckBox,
    ComboBox,
    Label,
    LabelledSlider,
    Message,
    NumberEdit,
    SegmentedControl,
    blocked,
    filled,
    format_number,
)
from viewer.widgets.choices import Choice
from viewer.widgets.stepping import Gesture

FIELD = 76
"""Design pixels of a number."""


class BoundedEdit(NumberEdit):
    """A number inside bounds, with what stands before and behind it; ``committed`` carries good ones only."""

    def __init__(
        self,
        object_name: str,
        title: str,
        tool_tip: str,
        bounds: tuple[float, float],
        *,
        whole: bool = False,
        before: str = "",
        behind: str = "",
    ) -> None:
        super().__init__(object_name, title, tool_tip)
        self._bounds, self._whole, self._around = bounds, whole, (before, behind)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        theme.follow(self._make_room)

    def number(self) -> float:
        """The number, an int where it is a whole one."""
        return int(self.value()) if self._whole else self.value()

    def _commit(self) -> None:
        before = self.value()
        with blocked(self):
            super()._commit()
        low, high = self._bounds
        if self.property("invalid"):
            self.rejected.emit(self.toolTip())
        elif not low <= self.value() <= high or (self._whole and not self.value().is_integer()):
            typed, self._value = self.value(), before
            kind = self.tr("a whole number from {low} to {high}") if self._whole else self.tr("{low} to {high}")
            sentence = self.tr("{name}: {kind} is possible, not {typed}.").format(
                name=self.accessibleName(),
                typed=format_number(typed, 7),
                kind=kind.format(low=format_number(low), high=format_number(high)),
            )
            self.set_error(sentence)
            self.rejected.emit(sentence)
        elif self.value() != before:
            self.committed.emit(self.value())

    def _make_room(self) -> None:
        metrics = QFontMetricsF(theme.font())
        left, right = (math.ceil(metrics.horizontalAdvance(each)) for each in self._around)
        self.setTextMargins(left, 0, right + (theme.px(2) if right else 0), 0)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        super().paintEvent(event)
        before, behind = self._around
        painter = QPainter(self)
        painter.setPen(theme.palette().muted if self.isEnabled() else theme.palette().faint)
        room = self.rect().adjusted(theme.px(8), 0, -theme.px(8), 0)
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(room, right, behind)
        wide = painter.fontMetrics().horizontalAdvance(self.text()) + self.textMargins().right() + theme.px(2)
        painter.drawText(room.adjusted(0, 0, -wide, 0), right, before)


class Row(QWidget):
    """One setting: ``changed(value)`` when the user changes it; below it stands what is wrong."""

    changed = pyqtSignal(object)
    gesture_ended = pyqtSignal()

    def __init__(self, object_name: str) -> None:
        super().__init__()
        self.setObjectName(object_name)
        self.message = Message(f"{object_name}Message")
        self.line = filled(QHBoxLayout())
        filled(QVBoxLayout(self), self.line, self.message, spacing=2)

    def show_value(self, value: object) -> None:
        """Show a value without announcing it."""
        raise NotImplementedError

    def show_error(self, sentence: str) -> None:
        """Say why it cannot be; an empty sentence takes that back."""
        self.message.show_error(sentence)

    def _title(self, text: str, buddy: QWidget) -> Label:
        label = Label(text)
        label.setBuddy(buddy)
        label.setToolTip(buddy.toolTip())
        return label

    def _watch(self, edit: BoundedEdit) -> BoundedEdit:
        """Say below the row why what was typed cannot be."""
        edit.rejected.connect(self.show_error)
        edit.committed.connect(lambda _value: self.show_error(""))
        return edit


class ChoiceRow(Row):
    """One of several: segments below the title of their section, or a list beside a title of its own."""

    def __init__(self, choice: ComboBox | SegmentedControl, title: str = "", choices: Iterable[Choice] = ()) -> None:
        super().__init__(f"{choice.objectName()}Row")
        self.choice = choice
        with blocked(choice):
            choice.offer(choices)
        filled(self.line, *((self._title(title, choice), 1) if title else ()), choice, 1)
        self.setFocusProxy(choice)
        choice.currentIndexChanged.connect(lambda row: self.changed.emit(choice.itemData(row)))

    def show_value(self, value: object) -> None:
        self.choice.show_data(value)


class NumberRow(Row):
    """A number."""

    def __init__(self, title: str, edit: BoundedEdit, *more: QWidget, width: int = FIELD) -> None:
        super().__init__(f"{edit.objectName()}Row")
        self.edit, self._width = self._watch(edit), width
        filled(self.line, self._title(title, edit), 1, edit, *more, spacing=theme.px(6))
        edit.committed.connect(lambda _value: self.changed.emit(edit.number()))
        theme.follow(self._rescale)

    def show_value(self, value: object) -> None:
        if not (self.edit.hasFocus() and self.edit.isModified()):
            self.edit.set_value(float(value))  # type: ignore[arg-type]
            self.show_error("")

    def _rescale(self) -> None:
        self.edit.setFixedWidth(theme.px(self._width))


class SwitchRow(Row):
    """On or off."""

    def __init__(self, box: CheckBox) -> None:
        super().__init__(f"{box.objectName()}Row")
        self.box = box
        filled(self.line, box, 1)
        box.toggled.connect(lambda is_on: self.changed.emit(self._value(is_on)))

    def show_value(self, value: object) -> None:
        self.box.show_checked(bool(value))

    def _value(self, is_on: bool) -> object:
        return is_on


class OptionalRow(SwitchRow):
    """A number that can be switched off; switched on, it begins with `usual`. Off is `nothing`: 0, or None.

    It is shown `per` times as large: a share in per cent.
    """

    def __init__(
        self, box: CheckBox, edit: BoundedEdit, usual: float, nothing: float | None, *, per: float = 1
    ) -> None:
        super().__init__(box)
        self._per = per
        self.edit, self._usual, self._nothing = self._watch(edit), usual, nothing
        filled(self.line, edit)
        edit.committed.connect(lambda _value: self.changed.emit(self._value(True)))
        theme.follow(self._rescale)

    def show_value(self, value: object) -> None:
        is_on = value not in (None, 0)
        super().show_value(is_on)
        self.edit.setEnabled(is_on)
        if not (self.edit.hasFocus() and self.edit.isModified()):
            self.edit.set_value(float(value) * self._per if is_on else self.edit.value() or self._usual)  # type: ignore[arg-type]
            self.show_error("")

    def _value(self, is_on: bool) -> object:
        shown = self.edit.number() if is_on else 0
        return (shown if self._per == 1 else shown / self._per) or self._nothing

    def _rescale(self) -> None:
        self.edit.setFixedWidth(theme.px(FIELD))


class LogarithmicSlider(LabelledSlider):
    """A slider over powers, with the number that it stands for; `per_decade` places for each factor of ten."""

    def __init__(
        self,
        object_name: str,
        title: str,
        tool_tip: str,
        *,
        symbol: str,
        bounds: tuple[float, float],
        per_decade: float,
        integer: bool = False,
    ) -> None:
        self._per_decade = per_decade
        super().__init__(
            object_name, title, tool_tip, symbol=symbol, minimum=bounds[0], maximum=bounds[1], integer=integer
        )
        self.edit.setAlignment(Qt.AlignmentFlag.AlignRight)

    def set_range(self, minimum: float, maximum: float, step: float) -> None:
        self._minimum, self._maximum, self._step = minimum, maximum, step
        with blocked(self.slider):
            self.slider.setRange(0, round(self._per_decade * math.log10(maximum / minimum)))
            self.slider.setValue(self._place())

    def _place(self) -> int:
        held = min(max(self._value, self._minimum), self._maximum)
        return round(self._per_decade * math.log10(held / self._minimum))

    def _moved(self, place: int) -> None:
        value = self._minimum * 10 ** (place / self._per_decade)
        self.setValue(value if self._integer else float(f"{value:.1e}"))

    def _rescale(self) -> None:
        super()._rescale()
        self.label.setMinimumWidth(theme.px(44))


class SliderRow(Row):
    """A number with a slider."""

    def __init__(self, slider: LogarithmicSlider, *, whole: bool = False) -> None:
        super().__init__(f"{slider.objectName()}Row")
        self.slider = slider
        filled(self.line, slider, 1)
        slider.edit.rejected.connect(self.show_error)
        slider.edit.committed.connect(lambda _value: self.show_error(""))
        slider.valueChanged.connect(lambda value: self.changed.emit(int(value) if whole else value))
        gesture = Gesture(self)
        gesture.follow(slider)
        gesture.ended.connect(self.gesture_ended)

    def show_value(self, value: object) -> None:
        if not (self.slider.edit.hasFocus() and self.slider.edit.isModified()):
            self.slider.show_value(float(value))  # type: ignore[arg-type]
