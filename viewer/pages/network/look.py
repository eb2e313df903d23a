"""Look: the side of the Network workspace that shows what networks make of a picture."""

from __future__ import annotations

from PyQt6.QtCore import QObject

from viewer.dialogs import Dialogs
from viewer.moment import Moment
from viewer.pages.network.answers_control import AnswersControl
from viewer.pages.network.below_control import BelowControl
from viewer.pages.network.input_control import InputControl
from viewer.pages.network.stages_control import StagesControl
from viewer.pages.network.views.workspace import NetworkWorkspace
from viewer.pages.network.why_control import WhyControl
from viewer.river import River
from viewer.settings import Settings


class LookSide(QObject):
    """Joins the controls of Look."""

    def __init__(
        self, view: NetworkWorkspace, river: River, settings: Settings, dialogs: Dialogs, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        column = view.why_column
        self.input = InputControl(view.input, river.store, self)
        self.answers = AnswersControl(column.answers, self)
        self.why = WhyControl(column.why, column.shifts, river.store, self)
        self.stages = StagesControl(view.middle, river.store, self)
        self.below = BelowControl(view.middle, river, settings, dialogs, self)

    def show_progress(self, purpose: str, fraction: float) -> None:
        """How much of something below the row is done."""
        self.below.show_progress(purpose, fraction)

    def paint(self, old: Moment, new: Moment) -> None:
        """Show what is given, and what the networks say to it."""
        for control in (self.input, self.answers, self.why, self.stages):
            control.paint(old, new)

    def render(self, old: Moment, new: Moment) -> None:
        """Show what else has changed."""
        for control in (self.input, self.why, self.stages, self.answers, self.below):
            control.render(old, new)

    def facts(self, moment: Moment) -> str:
        """What the networks get, and the number that is read."""
        return "    ".join(each for each in (self.input.facts(moment), self.stages.facts(moment)) if each)
