"""The Network workspace: its views and what controls them."""

from __future__ import annotations

from PyQt6.QtCore import QObject

from kernels.cnn.digits import PAD
from viewer.dialogs import Dialogs
from viewer.intents import Intent
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
        """The number that is read."""
        return self.stages.facts(moment)

    def saveable(self, moment: Moment) -> Saveable | None:
        """Nothing here is saved as a picture."""
        return None

    def intents(self) -> list[Intent]:
        """What can be done here, as named functions."""
        group, given, tr = self.tr("Network"), self.input, self.tr

        def is_here(moment: Moment) -> bool:
            return moment.state.session.workspace == self.name

        def is_moved(moment: Moment) -> bool:
            chosen = moment.state.document.network_input
            return is_here(moment) and chosen != chosen.unmoved

        return [
            Intent("clearPad", tr("Clear the pad and draw"), ("Alt+Shift+X",), group, given.clear, is_here,
                   button="clearPadButton", keywords=tr("digit erase new")),
            Intent("randomDigit", tr("Take a test digit by chance"), ("Alt+Shift+G",), group, given.random_digit,
                   is_here, button="randomDigitButton", keywords=tr("MNIST random")),
            Intent("nextDigit", tr("Take the next test digit"), ("Alt+Shift+Right",), group,
                   lambda: given.step_digit(1), is_here, button="nextDigitButton", keywords=tr("MNIST")),
            Intent("previousDigit", tr("Take the previous test digit"), ("Alt+Shift+Left",), group,
                   lambda: given.step_digit(-1), is_here, button="previousDigitButton", keywords=tr("MNIST")),
            Intent("takePicture", tr("Give the open picture to the networks"), ("Alt+Shift+I",), group,
                   given.take_picture, is_here, button="openPictureButton", keywords=tr("photograph sample")),
            Intent("centreDigit", tr("Centre the digit as MNIST's are, or take it as it stands"), ("Alt+Shift+E",),
                   group, given.switch_centred, is_here,
                   checked=lambda moment: moment.state.document.network_input.centred, keywords=tr("raw drawn")),
            Intent("movePictureBack", tr("Undo all moves of the picture"), ("Alt+Shift+B",), group, given.move_back,
                   is_moved, button="moveBackButton", keywords=tr("shift rotate noise reset")),
            Intent("networkScale", tr("Paint all maps of a stage to one scale"), ("Alt+Shift+S",), group,
                   self.stages.switch_scale, is_here,
                   checked=lambda moment: moment.state.session.network.common_scale),
            Intent("stageActivation", tr("Show the stages after their activation"), ("Alt+Shift+U",), group,
                   self.stages.switch_activation, is_here,
                   checked=lambda moment: moment.state.session.network.activated, keywords=tr("ReLU before")),
        ]  # fmt: skip
