"""The Network workspace: its views and what controls them."""

from __future__ import annotations

from PyQt6.QtCore import QObject

from kernels.cnn.digits import PAD
from viewer.dialogs import Dialogs
from viewer.moment import Moment
from viewer.pages.network.answers_control import AnswersControl
from viewer.pages.network.below_control import BelowControl
from viewer.pages.network.input_control import InputControl
from viewer.pages.network.queries import ANSWERS
from viewer.pages.network.stages_control import StagesControl
from viewer.pages.network.views.workspace import NetworkWorkspace
from viewer.pages.network.why_control import WhyControl
from viewer.panes.link import PaneLink
from viewer.river import River
from viewer.saving import Saveable
from viewer.settings import Settings


class NetworkPage(QObject):
    """Renders moments while it is in front; coming there, it catches up from the one that it showed last."""

    name, awaited = "network", ANSWERS

    def __init__(self, river: River, settings: Settings, dialogs: Dialogs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.view = self.widget = NetworkWorkspace(PAD)
        self.link, self.fold = PaneLink(self), self.view.fold
        self.input = InputControl(self.view.input, river.store, self)
        self.answers = AnswersControl(self.view.why_column.answers, self)
        self.why = WhyControl(self.view.why_column.why, self.view.why_column.shifts, river.store, self)
        self.stages = StagesControl(self.view.middle, river.store, self)
        self.below = BelowControl(self.view.middle, river, settings, dialogs, self)
        self._painted: Moment | None = None
        self._rendered: Moment | None = None

    def show_progress(self, purpose: str, fraction: float) -> None:
        """How much of something below the row is done."""
        self.below.show_progress(purpose, fraction)

    def paint(self, _old: Moment, new: Moment) -> None:
        """Show what is given, and what the networks say to it."""
        if new.state.session.workspace == self.name:
            seen, self._painted = self._painted or new, new
            self.input.paint(seen, new)
            self.answers.paint(seen, new)
            self.why.paint(seen, new)
            self.stages.paint(seen, new)

    def render(self, _old: Moment, new: Moment) -> None:
        """Show what else has changed since it was last shown."""
        if new.state.session.workspace == self.name:
            seen, self._rendered = self._rendered or new, new
            self.input.render(seen, new)
            self.why.render(seen, new)
            self.stages.render(seen, new)
            self.answers.render(seen, new)
            self.below.render(seen, new)

    def facts(self, moment: Moment) -> str:
        """What the networks get, and the number that is read."""
        return "    ".join(each for each in (self.input.facts(moment), self.stages.facts(moment)) if each)

    def saveable(self, moment: Moment) -> Saveable | None:
        """Nothing here is saved as a picture."""
        return None
