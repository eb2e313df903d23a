"""A form made of fields; it changes in place, so that what has the focus keeps it."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QGridLayout, QWidget

from viewer import theme
from viewer.pages.layers.cards import Field
from viewer.pages.layers.views.option_controls import (
    ChoiceControl,
    NumberControl,
    OptionControl,
    StepsControl,
    SwitchControl,
    WholeControl,
)
from viewer.pages.layers.views.text_controls import LinesControl, TextControl
from viewer.widgets import Label

LABEL_WIDTH, GAP = 56, 6
KINDS: dict[str, type[OptionControl]] = {
    "number": NumberControl,
    "whole": WholeControl,
    "pair": WholeControl,
    "choice": ChoiceControl,
    "wide-choice": ChoiceControl,
    "switch": SwitchControl,
    "text": TextControl,
    "line": TextControl,
    "lines": LinesControl,
    "steps": StepsControl,
}


class OptionForm(QWidget):
    """A title and a control for each field.

    Parameters
    ----------
    before : QWidget
        What the Tab key visits before the first control.
    """

    changed = pyqtSignal(str, object)
    gesture_ended = pyqtSignal()
    given_up = pyqtSignal()

    def __init__(self, before: QWidget) -> None:
        super().__init__()
        self._before = before
        self._key: object = None
        self._controls: dict[tuple[str, str], tuple[Label, OptionControl]] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setColumnStretch(1, 1)
        theme.follow(self._rescale)

    def show_fields(self, key: object, fields: Sequence[Field], wrong: str = "", error: str = "") -> bool:
        """Show these; another `key` is another stage, to which what is being typed does not belong.

        Below the field that is called `wrong` stands the `error`; returns whether there is such a field.
        """
        if key != self._key:
            self._key = key
            for _label, control in self._controls.values():
                control.show_error("")
                control.drop_draft()
        names = [(field.name, field.kind) for field in fields]
        if names != list(self._controls):
            self._rebuild(fields)
        for field in fields:
            label, control = self._controls[field.name, field.kind]
            label.setText(field.title)
            control.show_error(error if field.name == wrong else "")
            control.show_field(field)
        return wrong in [field.name for field in fields]

    def control(self, name: str) -> OptionControl:
        """The control of the option `name`."""
        return next(control for (each, _kind), (_label, control) in self._controls.items() if each == name)

    def _rebuild(self, fields: Sequence[Field]) -> None:
        """Keep the controls that are still needed, at their new places."""
        before = self._controls
        self._controls = {(each.name, each.kind): before.get((each.name, each.kind)) or self._make(each)
                          for each in fields}  # fmt: skip
        for key, (label, control) in before.items():
            if key not in self._controls:
                for widget in (label, control, control.message):
                    widget.hide()
                    widget.setParent(None)
                    widget.deleteLater()
        while self._grid.takeAt(0) is not None:
            pass
        row = 0
        previous = self._before
        for label, control in self._controls.values():
            if not control.names_itself:
                span = 2 if control.is_wide else 1
                alignment = Qt.AlignmentFlag.AlignBottom if control.is_wide else Qt.AlignmentFlag.AlignVCenter
                self._grid.addWidget(label, row, 0, 1, span, alignment)
                row += control.is_wide
            self._grid.addWidget(control, row, 0 if control.is_wide else 1, 1, 2 if control.is_wide else 1)
            label.setVisible(not control.names_itself)
            control.show()
            for stop in control.focus_chain():
                QWidget.setTabOrder(previous, stop)
                previous = stop
            self._grid.addWidget(control.message, row + 1, 0, 1, 2)
            row += 2

    def _make(self, field: Field) -> tuple[Label, OptionControl]:
        control = KINDS[field.kind](field)
        control.changed.connect(lambda value, name=field.name: self.changed.emit(name, value))
        control.gesture_ended.connect(self.gesture_ended)
        control.given_up.connect(self.given_up)
        control.rejected.connect(control.show_error)
        label = Label(field.title)
        label.setBuddy(control)
        label.setToolTip(field.summary)
        return label, control

    def _rescale(self) -> None:
        self._grid.setHorizontalSpacing(theme.px(GAP))
        self._grid.setVerticalSpacing(theme.px(GAP))
        self._grid.setColumnMinimumWidth(0, theme.px(LABEL_WIDTH))
