"""From the sliding controls to the document and back."""

from __future__ import annotations

from typing import Any

from PyQt6.QtCore import QObject

from kernels.filtering.geometry import Pair, SlidingOptions, geometry
from kernels.kernel import Kernel
from kernels.pictures import colour
from viewer.moment import Moment
from viewer.pages.filter.views.sliding import SlidingPanel
from viewer.shelf import open_result
from viewer.state import Document, with_channel, with_options
from viewer.store import Store


class SlidingControl(QObject):
    """Keeps a ``SlidingPanel`` in step with the document's options and channel."""

    def __init__(self, view: SlidingPanel, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view, self._store = view, store
        self._channels: tuple[str, ...] = colour.CHANNELS
        self._is_grey = False
        view.option_chosen.connect(self._choose_option)
        view.channel_chosen.connect(self.choose_channel)
        view.gesture_ended.connect(store.end_gesture)

    def render(self, old: Moment, new: Moment) -> None:
        """Show the document's options, and where they lead on the picture that is open."""
        picture = open_result(new)
        if old is not new and picture is open_result(old) and _part(old.state.document) == _part(new.state.document):
            return
        document = new.state.document
        self._channels = colour.CHANNELS if picture is None else colour.available_channels(picture.value)
        self._is_grey = picture is not None and picture.value.is_grey
        self._view.show_options(document.options, padding_in_pixels(document.kernel, document.options))
        self._view.show_border_use(self._idle_border(document))
        self._view.show_agreement(document.kernel.is_symmetric)
        self._show_channel(document)
        if picture is not None:
            try:
                placed = geometry(picture.value.shape[:2], document.kernel.shape, document.options)
            except ValueError as error:
                self._view.show_geometry(None, str(error))
            else:
                self._view.show_geometry(placed, "")

    def _show_channel(self, document: Document) -> None:
        usable = usable_channels(document.kernel, self._channels, is_grey=self._is_grey)
        if self._is_grey:
            whole = self.tr("Grey")
        elif document.kernel.channels is not None:
            whole = self.tr("All, summed")
        else:
            whole = self.tr("All, one by one")
        self._view.show_channel(document.channel, usable, whole)

    def _idle_border(self, document: Document) -> str:
        """Return why the border has no effect; empty when it has."""
        if any(padding_in_pixels(document.kernel, document.options)):
            return ""
        if document.options.padding == "valid":
            return self.tr("No effect with “Valid”: no window reaches over the edge")
        return self.tr("No effect: nothing is added around the picture")

    def _choose_option(self, name: str, value: Any, gesture: str) -> None:
        texts = {
            "operation": self.tr("Change operation"),
            "padding": self.tr("Change padding"),
            "border": self.tr("Change border"),
            "border_value": self.tr("Change border value"),
            "stride": self.tr("Change stride"),
            "dilation": self.tr("Change dilation"),
        }
        try:
            self._store.edit(lambda document: with_options(document, **{name: value}), texts[name], gesture or None)
        except (TypeError, ValueError) as error:
            self._view.show_geometry(None, str(error))

    def choose_channel(self, channel: str) -> None:
        """Filter another channel."""
        self._store.edit(lambda document: with_channel(document, channel), self.tr("Change channel"))


def _part(document: Document) -> tuple[Any, ...]:
    return document.kernel, document.options, document.channel


def padding_in_pixels(kernel: Kernel, options: SlidingOptions) -> Pair:
    """Return how many pixels (y, x) the padding adds on its wider side."""
    # The margins do not depend on the picture: one that is as large as the kernel's reach always fits.
    reach = tuple(step * (size - 1) + 1 for step, size in zip(options.steps[1], kernel.shape, strict=True))
    placed = geometry(reach, kernel.shape, options)
    wider = [max(pair) for pair in zip(placed.before, placed.after, strict=True)]
    return wider[0], wider[1]


def usable_channels(kernel: Kernel, available: tuple[str, ...], *, is_grey: bool) -> tuple[str, ...]:
    """Return the channel selections that `kernel` can run over.

    A kernel with weights for each of three channels needs all of them; one with a single channel needs one.
    """
    if kernel.channels is None:
        return available
    if kernel.channels == 1:
        return available if is_grey else tuple(each for each in available if each != "rgb")
    return ("rgb",)
