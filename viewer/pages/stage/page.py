"""The Stage: its views and what controls them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from msgspec.structs import replace
from PyQt6.QtCore import QObject, Qt
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QWidget

from viewer.intents import Intents
from viewer.moment import Moment
from viewer.pages.filter.page import FilterPage
from viewer.pages.filter.queries import OUTPUT
from viewer.pages.stage.animation_control import AnimationControl
from viewer.pages.stage.below_control import BordersControl, RepeatControl
from viewer.pages.stage.chips_control import ChipsControl
from viewer.pages.stage.equation_control import EquationControl
from viewer.pages.stage.own_picture import OwnPicture
from viewer.pages.stage.panes_control import StagePanesControl
from viewer.pages.stage.profile_control import ProfileControl
from viewer.pages.stage.ruler import Ruler
from viewer.pages.stage.shapes_control import ShapesControl
from viewer.pages.stage.transport_control import TransportControl
from viewer.pages.stage.views.borders import BordersView
from viewer.pages.stage.views.profile import ProfileView
from viewer.pages.stage.views.repeat import RepeatView
from viewer.pages.stage.views.save_animation import AnimationPopover
from viewer.pages.stage.views.shapes import ShapesView
from viewer.pages.stage.views.workspace import StageWorkspace
from viewer.river import River
from viewer.saving import Saveable, Saving
from viewer.session import entering_stage, leaving_stage
from viewer.sources import Sources
from viewer.widgets.menu_button import MenuButton


class Part(Protocol):
    """What controls a part of the Stage."""

    def render(self, old: Moment, new: Moment, /) -> None:
        """Show what has changed between two moments."""


class StagePage(QObject):
    """Renders moments while it is in front; coming there, it catches up from the one that it showed last.

    What is chosen here is changed by the controls of the Filter page: it is the same document.
    """

    name, awaited = "stage", OUTPUT

    def __init__(
        self,
        river: River,
        page: FilterPage,
        sources: Sources,
        saving: Saving,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        store = river.store
        self._store, self._filter = store, page
        self.view = self.widget = StageWorkspace()
        self.link, self.fold = self.view.panes.link, self.view.fold
        self.transport = TransportControl(self.view.transport, river.store, self)
        self.ruler = Ruler(self.view.panes, store, self)
        self.panes = StagePanesControl(self.view, store, self.transport, self.ruler, self)
        self.show_progress = self.panes.show_progress
        self.chips = ChipsControl(self.view.bar, page.kernel, page.sliding, self.transport, store, self)
        self.equation = EquationControl(self.view.equation, river.store, page.kernel, self)
        self.equation.revealed.connect(self.transport.reveal_or_go_on)
        self.view.space_pressed.connect(self.transport.space)
        self.view.escape_pressed.connect(self._escape)
        self.view.bar.workspace_requested.connect(self._go_to)
        popover = AnimationPopover(self.view.transport.save)
        self.animation = AnimationControl(popover, river.compute, saving, self)
        self.own_picture = OwnPicture(self.view.edit_bar, self.view.panes.input, sources, store, self)
        self.ruler.switched.connect(lambda on: on and self.own_picture.stop())
        self.view.edit_bar.editing_switched.connect(lambda on: on and self.ruler.stop())
        self._parts: list[Part] = [self.animation, self.transport, self.chips, self.equation, self.own_picture]
        point_at = self.panes.point_at
        # What may stand below the pictures beside the arithmetic, made when it is first to be seen.
        self._later: dict[str, Callable[[], tuple[QWidget, Part]]] = {
            "profile": lambda: (
                view := ProfileView(),
                ProfileControl(view, self.ruler, point_at, store, saving, self),
            ),
            "shapes": lambda: (view := ShapesView(), ShapesControl(view, store, page.sliding, self)),
            "repeat": lambda: (view := RepeatView(), RepeatControl(view, store, sources, self)),
            "borders": lambda: (view := BordersView(), BordersControl(view, store, self)),
        }
        self._painted: Moment | None = None
        self._rendered: Moment | None = None

    def join(self, samples: MenuButton, intents: Intents) -> None:
        """Join the bar to the window's menu of samples and to its theme, and the line of arithmetic to its copying."""
        self.view.bar.offer_pictures(samples.menu())
        self.view.bar.theme.follow(intents.action("theme"))
        self.view.equation.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.view.equation.addActions([intents.action("copyLine"), intents.action("copyLatex")])

    def focus(self) -> None:
        """Let keys go to the output."""
        self.view.panes.output.setFocus()

    def paint(self, _old: Moment, new: Moment) -> None:
        """Bring to the panes what has changed since they were last shown."""
        if new.state.session.on_stage:
            seen, self._painted = self._painted or new, new
            self.panes.render(seen, new)

    def render(self, _old: Moment, new: Moment) -> None:
        """Show what else has changed since it was last shown."""
        if new.state.session.on_stage:
            is_entering = self._rendered is None
            seen, self._rendered = self._rendered or new, new
            below = new.state.session.stage.below
            if below in self._later:
                view, control = self._later.pop(below)()
                self.view.add_below(below, view)
                self._parts.append(control)
            for part in self._parts:
                part.render(seen, new)
            self.view.show_below(below)
            if is_entering:
                self.focus()  # Space and the arrow keys belong to the output, not to the first button
        elif self._rendered is not None and self._rendered.state.session.on_stage:
            self._rendered = None
            self.transport.render(new, new)

    def facts(self, moment: Moment) -> str:
        """What the frame on screen cost, as on the Filter page."""
        return self._filter.facts(moment)

    def saveable(self, moment: Moment) -> Saveable | None:
        """The output that is on screen."""
        return self._filter.saveable(moment)

    def _escape(self) -> None:
        """Take back one thing: drawing first, then what the transport knows."""
        if not (self.own_picture.stop() or self.ruler.stop()):
            self.transport.escape(self.leave)

    def _go_to(self, workspace: str) -> None:
        self._store.view(lambda session: replace(leaving_stage(session), workspace=workspace))

    def copy(self, *, as_latex: bool = False) -> None:
        """Put the line of arithmetic on the clipboard."""
        equation, clipboard = self.view.equation, QGuiApplication.clipboard()
        if clipboard is not None and equation.text():
            clipboard.setText(equation.latex() if as_latex else equation.text())

    def leave(self) -> None:
        """Go back to where the Stage was entered from."""
        self._store.view(leaving_stage)

    def switch(self) -> None:
        """Go to the Stage, or back."""
        if self._store.session.on_stage:
            self.leave()
        else:
            self._store.view(entering_stage)
