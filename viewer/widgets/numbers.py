"""Fields and sliders for numbers; the wheel moves them only while they have the focus."""

from __future__ import annotations

import math

from PyQt6.QtCore import QEvent, Qt, pyqtSignal
from PyQt6.QtGui import QFocusEvent, QGuiApplication, QKeyEvent, QKeySequence, QValidator
from PyQt6.QtWidgets import QAbstractSpinBox, QHBoxLayout, QLineEdit, QSpinBox, QWidget

from kernels.digits import format_number as format_number
from kernels.kernel.text import parse_number
from kernels.numbers import MINUS as MINUS
from kernels.numbers import format_seconds as format_seconds
from viewer import theme
from viewer.theme import repolish
from viewer.widgets.base import PlainToolTip, QuietWheel, blocked, describe, filled
from viewer.widgets.labels import Label
from viewer.widgets.slider import Slider


def format_position(y: int, x: int) -> str:
    """A position as it is read: "y 187, x −2"."""
    return f"y {y}, x {x}".replace("-", MINUS)


def leaves_to_window(event: QKeyEvent, field: QLineEdit | None) -> bool:
    """Whether a key that `field` could take is the window's: nothing is being typed there that it could belong to.

    Qt's fields claim undo, redo and paste for themselves whatever they hold, even a picture on the clipboard.
    """
    if field is None or event.type() != QEvent.Type.ShortcutOverride:
        return False
    if event.matches(QKeySequence.StandardKey.Undo) or event.matches(QKeySequence.StandardKey.Redo):
        return not field.isModified()
    if not event.matches(QKeySequence.StandardKey.Paste):
        return False
    mime = QGuiApplication.clipboard().mimeData()
    if mime is None or mime.hasImage() or mime.hasUrls() or not mime.hasText():
        return True
    text = mime.text().strip()
    if not text or any(mark in text for mark in "\n\r\t"):
        return True
    return not field.isModified() and not _is_number(text)


def is_window_key(event: QKeyEvent | None) -> bool:
    """Whether a key alone does something to the pictures, fit them or compare, and belongs into no number."""
    return Qt.Key(event.key()) in (Qt.Key.Key_F, Qt.Key.Key_C) and event.modifiers() == Qt.KeyboardModifier.NoModifier


def _is_number(text: str) -> bool:
    try:
        parse_number(text)
    except ValueError:
        return False
    return True


class _LeavesKeys:
    """A field that leaves to the window the keys that are the window's."""

    def event(self, event: QEvent | None) -> bool:
        field = self if isinstance(self, QLineEdit) else self.lineEdit()  # type: ignore[attr-defined]
        if isinstance(event, QKeyEvent) and leaves_to_window(event, field):
            event.ignore()
            return True
        return bool(super().event(event))  # type: ignore[misc]

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if is_window_key(event):
            event.ignore()
        else:
            super().keyPressEvent(event)  # type: ignore[misc]


class SpinBox(_LeavesKeys, QuietWheel, QSpinBox):
    """A whole number with an optional prefix ("y "), without arrow buttons: keys and wheel step it.

    A number out of its range can be typed; then ``rejected`` says what is possible, and the last good one comes back.
    """

    rejected = pyqtSignal(str)

    def __init__(
        self,
        object_name: str,
        accessible_name: str,
        tool_tip: str,
        *,
        minimum: int = 0,
        maximum: int = 99,
        prefix: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        describe(self, object_name, accessible_name, tool_tip)
        self.setRange(minimum, maximum)
        self.setPrefix(prefix)
        self.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setKeyboardTracking(False)
        self.editingFinished.connect(lambda: self.lineEdit().setModified(False))

    def validate(self, text: str | None, position: int) -> tuple[QValidator.State, str, int]:
        state, held, place = super().validate(text, position)
        digits = (text or "").removeprefix(self.prefix()).strip()
        if state == QValidator.State.Invalid and digits.isdecimal() and len(digits) < 9:
            state = QValidator.State.Intermediate
        return state, held, place

    def fixup(self, text: str | None) -> str:
        digits = (text or "").removeprefix(self.prefix()).strip()
        if digits.isdecimal() and not self.minimum() <= int(digits) <= self.maximum():
            self.rejected.emit(
                self.tr("{name}: {low} to {high} is possible, not {typed}.").format(
                    name=self.accessibleName(), low=self.minimum(), high=self.maximum(), typed=int(digits)
                )
            )
        return super().fixup(text)


class NumberEdit(_LeavesKeys, PlainToolTip, QLineEdit):
    """A number typed as an integer, a decimal or a fraction; takes effect on ``editingFinished``.

    ``committed`` carries a readable number, ``rejected`` the sentence that says why a text is none.
    """

    committed = pyqtSignal(float)
    rejected = pyqtSignal(str)

    def __init__(self, object_name: str, accessible_name: str, tool_tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        describe(self, object_name, accessible_name, tool_tip)
        self._value = 0.0
        self._shown = self._error = ""
        self._tool_tip = tool_tip
        self.editingFinished.connect(self._commit)

    def value(self) -> float:
        """The last number shown or committed."""
        return self._value

    def set_value(self, value: float) -> None:
        """Show `value` without announcing it; a draft that is being typed is replaced."""
        self.set_error("")
        if value == self._value and self._shown and self.text() == self._shown and not self.isModified():
            return
        self._value = value
        with blocked(self):
            self.setText(format_number(value, 7))
            self.setCursorPosition(0)
        self._shown = self.text()

    def setValue(self, value: float) -> None:
        """Take `value` as if it had been typed and committed."""
        self.setText(repr(float(value)))
        self.editingFinished.emit()

    def set_error(self, sentence: str) -> None:
        """Mark the field and say why; an empty sentence takes the mark away."""
        if sentence == self._error:
            return
        changed, self._error = bool(sentence) != bool(self._error), sentence
        self.setToolTip(sentence or self._tool_tip)
        if changed:
            self.setProperty("invalid", bool(sentence))
            repolish(self)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event.key() == Qt.Key.Key_Escape and self.isModified():
            self.set_value(self._value)
            return
        super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        super().focusInEvent(event)
        if event.reason() != Qt.FocusReason.MouseFocusReason:
            self.selectAll()

    def _commit(self) -> None:
        if self._shown and self.text() == self._shown:
            # Untouched: the text is rounded, so reading it back would change the value.
            self.set_error("")
            return
        try:
            value = parse_number(self.text())
        except ValueError as error:
            self.set_error(str(error))
            self.rejected.emit(str(error))
            return
        self.set_error("")
        self.setModified(False)
        if value != self._value or self.text() == "":
            self._value = value
            self._shown = self.text()
            self.committed.emit(value)


class LabelledSlider(QWidget):
    """A symbol, a slider and the number it stands for, which can be typed too.

    ``valueChanged`` while it moves; ``pressed`` and ``released`` bracket one drag.
    """

    valueChanged = pyqtSignal(float)
    pressed = pyqtSignal()
    released = pyqtSignal()

    def __init__(
        self,
        object_name: str,
        title: str,
        tool_tip: str,
        *,
        symbol: str = "",
        minimum: float = 0.0,
        maximum: float = 1.0,
        step: float = 0.1,
        integer: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        describe(self, object_name, title, tool_tip)
        self._integer = integer
        self._value = minimum
        self.label = Label(symbol or title)
        self.slider = Slider(f"{object_name}Slider", title, tool_tip)
        self.slider.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.slider.setPageStep(5)
        self.set_range(minimum, maximum, step)
        self.edit = NumberEdit(f"{object_name}Edit", title, tool_tip)
        theme.follow(self._rescale)
        self.label.setBuddy(self.slider)
        filled(QHBoxLayout(self), self.label, self.slider, 1, self.edit, spacing=theme.px(8))
        self.slider.valueChanged.connect(self._moved)
        self.slider.sliderPressed.connect(self.pressed)
        self.slider.sliderReleased.connect(self.released)
        self.edit.committed.connect(self.setValue)
        self.setFocusProxy(self.slider)

    def set_range(self, minimum: float, maximum: float, step: float) -> None:
        """Let the slider go from `minimum` to `maximum`, both reached whatever the step."""
        self._minimum, self._maximum, self._step = minimum, maximum, step
        with blocked(self.slider):
            self.slider.setRange(0, math.ceil(round((maximum - minimum) / step, 6)))
            self.slider.setValue(self._place())

    def _rescale(self) -> None:
        self.edit.setFixedWidth(theme.px(56))

    def value(self) -> float:
        """The number shown, on a step of the slider unless it was typed."""
        return self._value

    def setValue(self, value: float) -> None:
        """Show and announce `value`, held inside the range."""
        held = min(max(value, self._minimum), self._maximum)
        if self._integer:
            held = float(round(held))
        changed = held != self._value
        self.show_value(held)
        if changed:
            self.valueChanged.emit(held)

    def show_value(self, value: float) -> None:
        """Show `value` without announcing it."""
        self._value = value
        with blocked(self.slider):
            self.slider.setValue(self._place())
        self.edit.set_value(value)

    def _place(self) -> int:
        """The step of the slider next to the number."""
        return round((min(max(self._value, self._minimum), self._maximum) - self._minimum) / self._step)

    def _moved(self, place: int) -> None:
        self.setValue(round(self._minimum + place * self._step, 9))
