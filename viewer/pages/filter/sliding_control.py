"""From the sliding controls to the document and back."""

from __future__ import annotations

from typing import Any

from PyQt6.QtCore import QObject

from kernels.filtering.geometry import geometry, padding_in_pixels
from kernels.pictures import colour
from viewer.document import Document, with_channel, with_options
from viewer.moment import Moment
from viewer.pages.filter.views.sliding import SlidingPanel
from viewer.shelf import open_result
from viewer.store import Store


class SlidingControl(QObject):
    """Keeps a ``SlidingPanel`` in step with the document's options and channel."""

    def __init__(self, view: SlidingPanel, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view, self._store = view, store
        self._channels: tuple[str, ...] = colour.CHANNELS
        self._is_grey = False
        view.option_chosen.connect(self.choose_option)
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
        self._view.show_options(document.options, padding_in_pixels(document.kernel.shape, document.options))
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
        usable = colour.usable_channels(document.kernel.channels, self._channels, is_grey=self._is_grey)
        if self._is_grey:
            whole = self.tr("Grey")
        elif document.kernel.channels is not None:
            whole = self.tr("All, summed")
        else:
            whole = self.tr("All, one by one")
        self._view.show_channel(document.channel, usable, whole)

    def _idle_border(self, document: Document) -> str:
        """Return why the border has no effect; empty when it has."""
        if any(padding_in_pixels(document.kernel.shape, document.options)):
            return ""
        if document.options.padding == "valid":
            return self.tr("No effect with “Valid”: no window reaches over the edge")
        return self.tr("No effect: nothing is added around the picture")

    def choose_option(self, name: str, value: Any, gesture: str = "") -> None:
        """Change a field of the sliding options."""
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
