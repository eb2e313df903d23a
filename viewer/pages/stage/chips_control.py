"""From the chips to the document and back."""

from __future__ import annotations

from PyQt6.QtCore import QObject

from kernels.filtering.border import Border
from kernels.kernel import library
from viewer.moment import Moment
from viewer.pages.filter.kernel_control import KernelControl
from viewer.pages.filter.sliding_control import SlidingControl
from viewer.pages.stage.transport_control import TransportControl
from viewer.pages.stage.views.chips import ChipBar
from viewer.store import Store
from viewer.widgets import format_number


class ChipsControl(QObject):
    """Shows picture, kernel and options, and hands what is chosen to those who change them elsewhere."""

    def __init__(
        self,
        view: ChipBar,
        kernel: KernelControl,
        sliding: SlidingControl,
        transport: TransportControl,
        store: Store,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._view, self._kernel = view, kernel
        for name in ("operation", "padding", "border", "stride", "dilation"):
            chip = getattr(view, name)
            chip.chosen.connect(lambda value, name=name: sliding.choose_option(name, value))
        view.preset.chosen.connect(kernel.choose)
        popover = view.parameters.popover
        popover.area.changed.connect(lambda *change: popover.show_error(kernel.change_parameter(*change)))
        popover.area.gesture_finished.connect(store.end_gesture)
        view.predict.toggled.connect(transport.switch_predict)
        kernel.own_kernels_changed.connect(self._offer_presets)
        self._offer_presets()

    def _offer_presets(self) -> None:
        self._view.preset.set_items(self._kernel.preset_items())

    def render(self, old: Moment, new: Moment) -> None:
        """Show what has changed between two moments."""
        document, stage = new.state.document, new.state.session.stage
        self._view.predict.blockSignals(True)
        self._view.predict.setChecked(stage.predict)
        self._view.predict.blockSignals(False)
        if old is not new and old.state.document == document:
            return
        options, picture = document.options, document.picture
        self._view.show_picture(self.tr("Picture") if picture is None else picture.title)
        self._view.operation.show_data(options.operation)
        padding = options.padding
        if isinstance(padding, str):
            self._view.padding.show_data(padding)
        else:
            self._view.padding.show_data(padding, self.tr("Padding {n}").format(n=_pair(padding)))
        border = Border(options.border).value
        value = format_number(options.border_value)
        constant = self.tr("Constant {value}").format(value=value) if border == "constant" else ""
        self._view.border.show_data(border, constant)
        stride, dilation = options.steps
        self._view.stride.show_data(stride, self.tr("Stride {n}").format(n=_pair(stride)))
        self._view.dilation.show_data(dilation, self.tr("Dilation {n}").format(n=_pair(dilation)))
        # Last, as these share the room among all of them.
        key, title, edited = self._kernel.choice_shown(document)
        self._view.show_kernel("" if edited else key, title, self.tr(", edited") if edited else "")
        if document.preset is None:
            self._view.show_parameters("", (), {})
        else:
            parameters = library.entry(document.preset.name).parameters
            self._view.show_parameters(document.preset.name, parameters, document.preset.values)


def _pair(pair: int | tuple[int, int]) -> str:
    if isinstance(pair, int):
        return str(pair)
    return str(pair[0]) if pair[0] == pair[1] else f"{pair[0]}, {pair[1]}"
