"""A form made of fields; it changes in place, so that what has the focus keeps it."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QGridLayout, QWidget

from viewer import theme
from viewer.pages.layers.cards import Field
from viewer.pages.layers.views.option_controls import KINDS, OptionControl
from viewer.widgets import Label

LABEL_WIDTH, GAP = 56, 6


class OptionForm(QWidget):
    """A title and a control for each field.

    Parameters
    ----------
    before : QWidget
        What the Tab key visits before the first control.
    """

    changed = pyqtSignal(str, object)
    gesture_ended = pyqtSignal()
    rejected = pyqtSignal(str)

    def __init__(self, before: QWidget) -> None:
        super().__init__()
        self._before = before
        self._key: object = None
        self._controls: dict[tuple[str, str], tuple[Label, OptionControl]] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setColumnStretch(1, 1)
        theme.follow(self._rescale)

    def show_fields(self, key: object, fields: Sequence[Field]) -> None:
        """Show these; another `key` is another stage, to which what is being typed does not belong."""
        if key != self._key:
            self._key = key
            for _label, control in self._controls.values():
                control.drop_draft()
        names = [(field.name, field.kind) for field in fields]
        if names != list(self._controls):
            self._rebuild(fields)
        for field in fields:
            label, control = self._controls[field.name, field.kind]
            label.setText(field.title)
            control.show_field(field)

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
                for widget in (label, control):
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
            row += 1

    def _make(self, field: Field) -> tuple[Label, OptionControl]:
        control = KINDS[field.kind](field)
        control.changed.connect(lambda value, name=field.name: self.changed.emit(name, value))
        control.gesture_ended.connect(self.gesture_ended)
        control.rejected.connect(self.rejected)
        label = Label(field.title)
        label.setBuddy(control)
        label.setToolTip(field.summary)
        return label, control

    def _rescale(self) -> None:
        self._grid.setHorizontalSpacing(theme.px(GAP))
        self._grid.setVerticalSpacing(theme.px(GAP))
        self._grid.setColumnMinimumWidth(0, theme.px(LABEL_WIDTH))
