"""The parameters that a preset brings along, on a chip and in a small window below it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PyQt6.QtWidgets import QWidget

from kernels.kernel.catalogue.entry import Parameter
from viewer.pages.filter.views.kernel.parameters import ParameterArea, shown_name
from viewer.pages.stage.views.popover import Popover
from viewer.widgets import ToolButton, format_number


class ParametersPopover(Popover):
    """One control a parameter; the kernel follows while it moves."""

    def __init__(self, anchor: QWidget) -> None:
        super().__init__("stageParametersPopover", anchor)
        self.area = ParameterArea(prefix="stageParameter", most_above=0)
        self._grid.addWidget(self.area, 0, 0, 1, 2)

    def open(self) -> None:
        super().open()
        for first in self.area.focus_chain()[:1]:
            first.setFocus()


class ParametersChip(ToolButton):
    """The first parameter of the kernel with its value, while the kernel has any; a click shows all of them."""

    def __init__(self) -> None:
        super().__init__("stageParameters", self.tr("Parameters"), self.tr("Change the parameters of the kernel"))
        self.setProperty("chip", True)
        self.popover = ParametersPopover(self)
        self.clicked.connect(self.popover.open)
        self.hide()

    @property
    def is_offered(self) -> bool:
        """Whether the kernel has parameters."""
        return bool(self.text())

    def show_parameters(self, preset: str, parameters: Sequence[Parameter], values: Mapping[str, float]) -> None:
        """Show the parameters of `preset`."""
        self.popover.area.show_parameters(preset, parameters, values)
        words = [f"{shown_name(each)} {format_number(values[each.name], 3)}" for each in parameters]
        self.setText(words[0] if words else "")
        self.setAccessibleDescription(", ".join(words))
        self.setVisible(self.is_offered)
        if not words:
            self.popover.close()
