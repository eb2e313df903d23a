"""The Gradient workspace: its views, the learned filters beside it, and what controls them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PyQt6.QtCore import QObject

from viewer.dialogs import Dialogs
from viewer.moment import Moment
from viewer.pages.gradient.accuracy_control import AccuracyControl
from viewer.pages.gradient.options_control import OptionsControl
from viewer.pages.gradient.panes_control import SEPARATOR, PanesControl
from viewer.pages.gradient.queries import EDGES, PANES, Panes
from viewer.pages.gradient.reading import ReadingControl
from viewer.pages.gradient.views.workspace import GradientWorkspace
from viewer.pages.learned.control import LearnedControl
from viewer.pages.learned.views import LearnedPanel
from viewer.river import River
from viewer.saving import Saveable, SaveKind
from viewer.settings import Settings
from viewer.sources import Sources
from viewer.widgets import format_seconds


class GradientPage(QObject):
    """Renders moments while it is in front; coming there, it catches up from the one that it showed last."""

    name, awaited = "gradient", PANES

    def __init__(self, river: River, settings: Settings, dialogs: Dialogs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        store, panel = river.store, LearnedPanel()
        self._river = river
        self.view = self.widget = GradientWorkspace(panel)
        self.link, self.fold = self.view.panes.link, self.view.fold
        self.panes = PanesControl(self.view.panes, store, self)
        self.options = OptionsControl(self.view.options, store, self)
        self.accuracy = AccuracyControl(self.view.options, store, self)
        self.reading = ReadingControl(self.view, store, self)
        self.learned = LearnedControl(panel, self.view.panes, river, settings, dialogs, self)
        self._parts = (self.options, self.learned, self.reading, self.accuracy)
        self._painted: Moment | None = None
        self._rendered: Moment | None = None

    def _remember_focus(self) -> None:
        """Let keys go to the pane in use when the page comes to the front, where the focus comes with it."""
        focused = self.view.window().focusWidget()
        self.view.panes.tile(self.panes.current()).setFocus()
        if focused is not None:
            focused.setFocus()

    def show_progress(self, purpose: str, fraction: float) -> None:
        """How much of something is done."""
        self.panes.show_progress(purpose, fraction)
        self.learned.show_progress(purpose, fraction)

    def paint(self, _old: Moment, new: Moment) -> None:
        """Bring to the panes what has changed since they were last shown."""
        if new.state.session.workspace == self.name:
            seen, self._painted = self._painted or new, new
            self.panes.render(seen, new)

    def render(self, _old: Moment, new: Moment) -> None:
        """Show what else has changed since it was last shown."""
        if new.state.session.workspace == self.name:
            if self._rendered is None:
                self._remember_focus()
            seen, self._rendered = self._rendered or new, new
            for part in self._parts:
                part.render(seen, new)

    def facts(self, moment: Moment) -> str:
        """What is under the pointer, else what the frame on screen cost."""
        if self.reading.text:
            return self.reading.text
        shown = moment.value(PANES)
        parts = [] if shown is None else [self._cost(shown, moment)]
        return SEPARATOR.join(each for each in (*parts, self.learned.facts(moment)) if each)

    def _cost(self, shown: Panes, moment: Moment) -> str:
        edges = moment.result(EDGES)
        parts = [
            shown.gradient.operator.title,
            self.tr("measure {t}").format(t=format_seconds(shown.seconds)),
            self.tr("convert {t}").format(t=format_seconds(shown.converting)),
        ]
        if edges is not None and edges.value.gradient is shown.gradient:
            parts.append(self.tr("edges {t}").format(t=format_seconds(edges.seconds)))
        return ", ".join(parts)

    def saveable(self, moment: Moment) -> Saveable | None:
        """The pane in use."""
        return self._saveable(moment, self.panes.current())

    def _saveable(self, moment: Moment, pane: str) -> Saveable | None:
        if pane == "response":
            return self.learned.saveable(moment)
        return self.panes.saveable(moment, pane)

    def join(
        self, save: Callable[[SaveKind, Saveable | None], None], copy: Callable[[Saveable], None], sources: Sources
    ) -> None:
        """Join the panes to what saves, copies and opens."""
        panes = self.view.panes

        def hand(pane: str, take: Callable[[Saveable], None]) -> None:
            what = self._saveable(self._river.moment, pane)
            if what is not None:
                take(what)

        panes.files_dropped.connect(sources.open_dropped)
        panes.image_dropped.connect(sources.open_image)
        panes.save_requested.connect(lambda pane, kind: hand(pane, partial(save, kind)))
        panes.copy_requested.connect(lambda pane: hand(pane, copy))
