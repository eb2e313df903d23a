"""The controls of a form of options, one kind each; what is being typed in one is not overwritten."""

from __future__ import annotations

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from viewer import theme
from viewer.pages.layers.cards import Field
from viewer.widgets import (
    CheckBox,
    ComboBox,
    Label,
    LabelledSlider,
    Message,
    NumberEdit,
    SteppingSpinBox,
    blocked,
    filled,
)
from viewer.widgets.stepping import Gesture

HEIGHT, SPACING, NARROWEST = 28, 6, 40


class OptionControl(QWidget):
    """One option; ``changed(value)`` when the user changes it, ``gesture_ended`` when what belongs together is over.

    Attributes
    ----------
    is_wide : bool
        It stands below its title, as wide as the form.
    names_itself : bool
        It shows its title, so that the form need not.
    message : Message
        Why what was typed cannot be; the form puts it below.
    """

    changed = pyqtSignal(object)
    gesture_ended = pyqtSignal()
    rejected = pyqtSignal(str)
    given_up = pyqtSignal()
    is_wide = False
    names_itself = False

    def __init__(self, field: Field) -> None:
        super().__init__()
        self.setObjectName(f"layer_{field.name}")
        self.row = filled(QHBoxLayout(self), spacing=0)
        self.message = Message(f"layer_{field.name}Message")
        theme.follow(self._rescale)

    def show_field(self, field: Field) -> None:
        """Show the field as it is now, without announcing it."""
        raise NotImplementedError

    def show_error(self, sentence: str) -> None:
        """Say why what was typed cannot be; an empty sentence takes that back."""
        self.message.show_error(sentence)

    def drop_draft(self) -> None:
        """Forget what was typed and not committed."""

    def focus_chain(self) -> list[QWidget]:
        """What the Tab key visits, in order."""
        inner = self.focusProxy()
        return [] if inner is None else [inner]

    def _rescale(self) -> None:
        self.row.setSpacing(theme.px(SPACING))


class NumberControl(OptionControl):
    """Any number."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self.edit = NumberEdit(f"layer_{field.name}Edit", field.title, field.summary)
        self.row.addWidget(self.edit)
        self.setFocusProxy(self.edit)
        self.edit.committed.connect(lambda value: self.changed.emit(value))
        self.edit.rejected.connect(self.rejected)

    def show_field(self, field: Field) -> None:
        if not (self.edit.hasFocus() and self.edit.isModified()):
            self.edit.set_value(float(field.value))

    def drop_draft(self) -> None:
        self.edit.set_value(self.edit.value())


class WholeControl(OptionControl):
    """One whole number, or one down and one across."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        axes = ("y", "x") if field.kind == "pair" else ("",)
        self.boxes = [self._box(field, axis) for axis in axes]
        self.setFocusProxy(self.boxes[0])
        self._rescale()

    def _box(self, field: Field, axis: str) -> SteppingSpinBox:
        title, prefix = (f"{field.title}, {axis}", f"{axis} ") if axis else (field.title, "")
        box = SteppingSpinBox(f"layer_{field.name}{axis.upper() or 'Box'}", title, field.summary, prefix=prefix)
        self.row.addWidget(box, 1)
        box.valueChanged.connect(self._announce)
        box.gesture_ended.connect(self.gesture_ended)
        box.rejected.connect(self.rejected)
        return box

    def _announce(self) -> None:
        values = tuple(box.value() for box in self.boxes)
        self.changed.emit(values if len(values) > 1 else values[0])

    def show_field(self, field: Field) -> None:
        values = field.value if len(self.boxes) > 1 else (field.value,)
        for box, value in zip(self.boxes, values, strict=True):
            if box.hasFocus() and box.lineEdit().isModified():
                continue
            with blocked(box):
                box.setRange(int(field.minimum), int(min(field.maximum, 2**31 - 1)))
                box.setValue(value)

    def drop_draft(self) -> None:
        for box in self.boxes:
            with blocked(box):
                box.lineEdit().setModified(False)
                box.setValue(box.value())

    def focus_chain(self) -> list[QWidget]:
        return [*self.boxes]

    def _rescale(self) -> None:
        super()._rescale()
        for box in getattr(self, "boxes", ()):
            box.setFixedHeight(theme.px(HEIGHT))
            box.setMinimumWidth(theme.px(NARROWEST))  # else as wide as the largest number that can be typed


class ChoiceControl(OptionControl):
    """One of several."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self.is_wide = field.kind == "wide-choice"
        self.combo = ComboBox(f"layer_{field.name}Combo", field.title, field.summary)
        self.row.addWidget(self.combo)
        self.setFocusProxy(self.combo)
        self.combo.currentIndexChanged.connect(self._announce)

    def _announce(self, index: int) -> None:
        if index >= 0:
            self.changed.emit(self.combo.itemData(index))

    def show_field(self, field: Field) -> None:
        self.combo.offer(field.choices)
        self.combo.show_data(field.value)
        self.combo.update()


class SwitchControl(OptionControl):
    """On or off."""

    is_wide = names_itself = True

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self.box = CheckBox(f"layer_{field.name}Switch", field.title, field.summary)
        self.row.addWidget(self.box)
        self.setFocusProxy(self.box)
        self.box.toggled.connect(lambda is_on: self.changed.emit(is_on))

    def show_field(self, field: Field) -> None:
        self.box.show_checked(bool(field.value))


class StepsControl(OptionControl):
    """A slider over a few values, with what its ends mean; where there is one value only, why."""

    is_wide = names_itself = True

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self._data: list[object] = []
        self.slider = LabelledSlider(f"layer_{field.name}Steps", field.title, field.summary, step=1, integer=True)
        self.slider.edit.hide()
        self.value = Label("", "strong", name=f"layer_{field.name}Value")
        self.ends = (Label("", "muted"), Label("", "muted"))
        self.note = Label("", "muted", name=f"layer_{field.name}Note", wraps=True)
        line = filled(QHBoxLayout(), self.slider, 1, self.value)
        below = filled(QHBoxLayout(), self.ends[0], 1, self.ends[1])
        self.row.addLayout(filled(QVBoxLayout(), line, below, self.note, spacing=2))
        self.setFocusProxy(self.slider.slider)
        self._gesture = Gesture(self)
        self._gesture.follow(self.slider)
        self._gesture.ended.connect(self.gesture_ended)
        self.slider.valueChanged.connect(self._announce)

    def _announce(self, index: float) -> None:
        data = self._data[round(index)]
        self.value.setText(str(data))
        self.changed.emit(data)

    def show_field(self, field: Field) -> None:
        self._data = [data for data, _title, _tip in field.choices]
        is_movable = len(self._data) > 1
        self.slider.set_range(0, max(1, len(self._data) - 1), 1)
        self.slider.show_value(float(self._data.index(field.value)))
        self.value.setText(str(field.value))
        for end, (_data, title, _tip) in zip(self.ends, (field.choices[0], field.choices[-1]), strict=True):
            end.setText(title)
            end.setVisible(is_movable)
        self.slider.setEnabled(is_movable)
        self.slider.slider.setToolTip(field.summary)
        self.note.setText(field.summary)
        self.note.setVisible(not is_movable)
