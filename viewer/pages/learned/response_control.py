"""The response of the selected filter, in a pane of its own beside the gradient."""

from __future__ import annotations

from PyQt6.QtCore import QObject

from kernels.cnn import strips
from viewer.moment import Moment
from viewer.pages.gradient.views.grid import PaneGrid
from viewer.pages.learned.layer import LAYER
from viewer.pages.learned.queries import RESPONSE, RESPONSE_PATCH, Response, shown_response
from viewer.pages.learned.words import sentence
from viewer.painting import paint
from viewer.panes import make_sheet
from viewer.panes.overlay import scene_rect
from viewer.saving import Saveable
from viewer.shelf import PICTURE


class ResponseControl(QObject):
    """Shows the newest response; where there is none to this picture from this layer, says why."""

    def __init__(self, view: PaneGrid, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view, self._pane = view, view.panes["response"]

    def render(self, old: Moment, new: Moment) -> None:
        """Show what has changed between two moments."""
        if new.is_newer(old, RESPONSE, RESPONSE_PATCH, LAYER, PICTURE):
            self._show(new)
        self._pane.busy.set_busy(new.is_busy(RESPONSE))

    def _show(self, new: Moment) -> None:
        shown, failure, newest = shown_response(new), new.failure(RESPONSE), new.value(RESPONSE)
        self._view.set_response_visible(newest is not None or failure is not None)
        self._pane.set_message("" if failure is None else sentence(failure.sentence), "error")
        if shown is not None:
            self._show_response(new, shown)
        elif failure is not None:
            # Neither another picture's nor another layer's is what the sentence speaks of.
            self._pane.set_title(self.tr("Learned filter"), origin=self.tr("no response"))
            self._pane.set_sheet(None)

    def _show_response(self, moment: Moment, shown: Response) -> None:
        facts = self.tr("response")
        if shown.activated:
            activation = strips.activation(shown.layer.network, shown.layer.layer)
            facts = self.tr("response after {activation}").format(activation=activation)
        if shown.layer.is_edited(shown.index):
            facts = self.tr("{facts}, edited").format(facts=facts)
        self._pane.set_title(self.tr("Learned filter {n}").format(n=shown.index), origin=facts)
        patch = moment.value_from(RESPONSE_PATCH, shown)
        self._pane.set_sheet(make_sheet(shown.painted, scene_rect(shown.place), patch))

    def saveable(self, moment: Moment) -> Saveable | None:
        """The response on screen."""
        shown, reference = shown_response(moment), moment.state.document.picture
        if shown is None or reference is None:
            return None
        values, look = shown.painted.values, shown.painted.look
        name = f"{reference.title}-filter-{shown.index}-{shown.layer.network.name}"
        return Saveable(name, values, lambda: paint(values, look, halved=0).image, levels=look.levels)
