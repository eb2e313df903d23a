"""The Network workspace and its two sides: Look, and Train, which is made when it is first shown."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from PyQt6.QtCore import QObject

from kernels.cnn.digits import PAD
from viewer.dialogs import Dialogs
from viewer.moment import Moment
from viewer.pages.network.look import LookSide
from viewer.pages.network.queries import ANSWERS
from viewer.pages.network.views.workspace import NetworkWorkspace
from viewer.panes.link import PaneLink
from viewer.river import River
from viewer.saving import Saveable, Saving
from viewer.session import with_view
from viewer.settings import Settings
from viewer.sources import Messages, Sources

if TYPE_CHECKING:
    from viewer.pages.network.train.side import TrainSide


class Side(Protocol):
    """What is shown in the workspace at a time."""

    def paint(self, old: Moment, new: Moment) -> None: ...
    def render(self, old: Moment, new: Moment) -> None: ...
    def facts(self, moment: Moment) -> str: ...
    def show_progress(self, purpose: str, fraction: float) -> None: ...


class NetworkPage(QObject):
    """Renders moments while it is in front; coming there, a side catches up from the one that it showed last."""

    name, awaited = "network", ANSWERS

    def __init__(
        self,
        river: River,
        sources: Sources,
        saving: Saving,
        messages: Messages,
        settings: Settings,
        dialogs: Dialogs,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._river = river
        self._joined = river, sources, saving, messages, settings, dialogs
        self.view = self.widget = NetworkWorkspace(PAD)
        self.link, self.fold = PaneLink(self), self.view.fold
        self.look = LookSide(self.view, river, settings, dialogs, self)
        self.view.side_chosen.connect(self.choose_side)
        self._painted: dict[str, Moment] = {}  # by the names of the sides
        self._rendered: dict[str, Moment] = {}

    @cached_property
    def train(self) -> TrainSide:
        """Where networks learn."""
        from viewer.pages.network.train.side import TrainSide

        return TrainSide(self.view, *self._joined, self)

    def choose_side(self, name: str) -> None:
        """Show "look" or "train"."""
        self._river.store.view(lambda session: with_view(session, "network", side=name))

    def _side(self, moment: Moment) -> Side:
        return self.train if moment.state.session.network.side == "train" else self.look

    def end(self) -> None:
        """End what goes on beside the window."""
        if "train" in self.__dict__:
            self.train.end()

    def show_progress(self, purpose: str, fraction: float) -> None:
        """How much of something is done."""
        self._side(self._river.moment).show_progress(purpose, fraction)

    def paint(self, _old: Moment, new: Moment) -> None:
        """Show the pictures of the side in front."""
        if new.state.session.workspace == self.name:
            name, side = new.state.session.network.side, self._side(new)
            self.view.show_side(name)
            seen, self._painted[name] = self._painted.get(name, new), new
            side.paint(seen, new)

    def render(self, _old: Moment, new: Moment) -> None:
        """Show what else has changed since it was last shown."""
        if new.state.session.workspace == self.name:
            name, side = new.state.session.network.side, self._side(new)
            seen, self._rendered[name] = self._rendered.get(name, new), new
            side.render(seen, new)

    def facts(self, moment: Moment) -> str:
        """What is looked at, in numbers."""
        return self._side(moment).facts(moment)

    def saveable(self, moment: Moment) -> Saveable | None:
        """Nothing here is saved as a picture."""
        return None
