"""The frame around the pages: which one is in front, what the status row says, appearance, undo, saving."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from msgspec.structs import replace
from PyQt6.QtCore import QCoreApplication, QObject, Qt
from PyQt6.QtGui import QUndoStack
from PyQt6.QtWidgets import QApplication, QWidget

from viewer import settings as keys
from viewer import theme
from viewer.dialogs import Dialogs
from viewer.moment import Moment, Purpose
from viewer.panes.link import PaneLink
from viewer.river import River
from viewer.saving import Saveable, SaveKind, Saving
from viewer.session import Session, ThemeName, leaving_stage
from viewer.settings import Settings
from viewer.sources import Sources
from viewer.window.main_window import MainWindow


class Page(Protocol):
    """A workspace."""

    name: str
    awaited: Purpose[Any]
    """What controls and numbers give way to."""

    @property
    def widget(self) -> QWidget: ...
    @property
    def link(self) -> PaneLink: ...
    def paint(self, old: Moment, new: Moment) -> None: ...
    def render(self, old: Moment, new: Moment) -> None: ...
    def facts(self, moment: Moment) -> str: ...
    def saveable(self, moment: Moment) -> Saveable | None: ...
    def fold(self, folded: bool) -> None: ...
    def show_progress(self, purpose: str, fraction: float) -> None: ...


P = TypeVar("P", bound=Page)


def _tr(text: str) -> str:
    return QCoreApplication.translate("frame", text)


PICTURES = "*.png *.jpg *.jpeg *.tif *.tiff *.webp *.bmp *.pgm *.ppm *.pnm *.gif *.npy"


class Frame(QObject):
    """Renders what surrounds the pages, and does what no single page can.

    A page is made when it first comes to the front: `page` gives the one of a workspace and hands a new one to ``add``.
    """

    def __init__(
        self,
        window: MainWindow,
        river: River,
        page: Callable[[str], Page],
        sources: Sources,
        saving: Saving,
        settings: Settings,
        dialogs: Dialogs,
    ) -> None:
        super().__init__(window)
        self._window, self._river, self._store, self._compute = window, river, river.store, river.compute
        self.pages: list[Page] = []  # that were made
        self._page = page
        self._sources, self._saving, self._settings, self._dialogs = sources, saving, settings, dialogs
        self._lasting = ""
        self._said = ("", "")
        bar = window.tool_bar
        bar.tabs.currentIndexChanged.connect(lambda _index: self.go_to(bar.tabs.currentData()))
        window.status.cancel_requested.connect(self.cancel)
        window.files_dropped.connect(sources.open_dropped)
        window.image_dropped.connect(sources.open_image)
        self._compute.progressed.connect(self._progress)
        self._store.undo_stack.indexChanged.connect(self._show_undo)

    def add(self, page: P) -> P:
        """Take in a page that was made just now."""
        self.pages.append(page)
        self._window.pages.addWidget(page.widget)
        theme.dress(page.widget)
        page.fold(self._store.session.folded)
        page.link.zoom_changed.connect(lambda _percent: self._show_zoom())
        return page

    # -- showing ---------------------------------------------------------------------------------------------------

    @property
    def undo_stack(self) -> QUndoStack:
        """The steps that can be undone."""
        return self._store.undo_stack

    @property
    def front(self) -> Page:
        """The page in front."""
        return self._page(self._store.session.workspace)

    def render(self, old: Moment, new: Moment) -> None:
        """Show what has changed between two moments."""
        before, after = old.state.session, new.state.session
        if old is new or before.workspace != after.workspace:
            self._window.show_page(after.workspace, self.front.widget)
        if old is new or (before.workspace, before.shows_panes) != (after.workspace, after.shows_panes):
            self._show_zoom()
        if (before.theme, before.large_type) != (after.theme, after.large_type):
            self._settings.set(keys.THEME, after.theme)
            self._settings.set(keys.LARGE_TYPE, after.large_type)
            dress(after)
        if old is new or before.folded != after.folded:
            for page in self.pages:
                page.fold(after.folded)
        if before.gradient.direction_colours != after.gradient.direction_colours:
            self._settings.set(keys.DIRECTION_COLOURS, after.gradient.direction_colours)
        lasting = self._compute.lasting()
        if lasting != self._lasting:
            self._lasting = lasting
            self._window.status.set_busy(QCoreApplication.translate("purposes", lasting) if lasting else "")
        picture = new.state.document.picture if after.looks_at_picture else None
        name = "" if picture is None else picture.origin.name
        said = name, self.front.facts(new)
        if said != self._said:
            self._said = said
            self._window.status.show_facts("    ".join(each for each in said if each))

    def _show_zoom(self) -> None:
        if not self._store.session.shows_panes:
            self._window.status.show_zoom("")
            return
        percent = self.front.link.scale * 100.0
        self._window.status.show_zoom(f"{percent:.0f} %" if percent >= 1 else f"{percent:.2g} %")

    def _progress(self, purpose: str, fraction: float) -> None:
        self._window.status.set_progress(fraction)
        for page in self.pages:
            page.show_progress(purpose, fraction)

    def _show_undo(self, _index: int = 0) -> None:
        self._window.status.clear_error()  # the user has gone on
        stack, bar = self._store.undo_stack, self._window.tool_bar
        for button, able, text, verb in (
            (bar.undo, stack.canUndo(), stack.undoText(), _tr("Undo")),
            (bar.redo, stack.canRedo(), stack.redoText(), _tr("Redo")),
        ):
            button.setToolTip(f"{verb}: {text}" if able else verb)

    # -- what the user does ----------------------------------------------------------------------------------------

    def go_to(self, workspace: str) -> None:
        """Bring a page to the front."""
        self._store.view(lambda session: replace(leaving_stage(session), workspace=workspace))

    def switch_theme(self) -> None:
        """Dark to light and back; back at what the system prefers, follow it again."""
        dark = not theme.palette().is_dark
        target: ThemeName = "system" if dark == theme.system_prefers_dark() else "dark" if dark else "light"
        self._store.view(lambda session: replace(session, theme=target))

    def follow_scheme(self) -> None:
        """The system prefers another theme now."""
        dress(self._store.session)

    def switch_type(self) -> None:
        """Larger type and back."""
        self._store.view(lambda session: replace(session, large_type=not session.large_type))

    def switch_cover(self) -> None:
        """Cover the output until it is revealed, or reveal it."""
        self._store.view(lambda session: replace(session, covered=not session.covered))

    def switch_panels(self) -> None:
        """Fold or unfold the side panels."""
        self._store.view(lambda session: replace(session, folded=not session.folded))

    def switch_full_screen(self) -> None:
        """Full screen and back."""
        self._window.setWindowState(self._window.windowState() ^ Qt.WindowState.WindowFullScreen)

    def cancel(self) -> None:
        """Stop what lasts; what is on screen stays."""
        if self._compute.cancel():
            self._window.status.show_notice(_tr("Cancelled; what is on screen is the last result."))

    def choose_picture(self) -> None:
        """Ask for a picture file and open it."""
        choices = _tr("Pictures ({suffixes});;All files (*)").format(suffixes=f"{PICTURES} {PICTURES.upper()}")
        path = self._dialogs.ask_open(_tr("Open a picture"), self._settings.folder(), choices)
        if path:
            self._sources.open(path)

    def save(self, kind: SaveKind, what: Saveable | None = None) -> None:
        """Ask where to save the output, or the pane in front, and write it."""
        what = what or self.front.saveable(self._river.moment)
        if what is None:
            return
        title, suffix, choices = {
            "shown": (_tr("Save the output as shown"), ".png", "PNG (*.png);;JPEG (*.jpg)"),
            "raw": (_tr("Save the output's raw values"), ".tif", "TIFF, float (*.tif);;NumPy array (*.npy)"),
            "16-bit": (_tr("Save the output in 16 bits"), ".png", "PNG, 16 bits (*.png);;TIFF, 16 bits (*.tif)"),
        }[kind]
        path = self._saving.ask(title, what.name + suffix, choices)
        if path:
            reference = self._store.document.picture
            source = None if reference is None else reference.origin.path
            self._saving.save(path, kind, what, source)

    def copy(self) -> None:
        """Put the output, or the pane in front, on the clipboard."""
        what = self.front.saveable(self._river.moment)
        if what is not None:
            self._saving.copy(what)

    def place_window(self) -> None:
        """Show the window as it was left; one that filled its screen, like a new one, fills the present screen."""
        remembered = self._settings.get(keys.GEOMETRY)
        if remembered.isEmpty() or self._settings.get(keys.FILLS_SCREEN):
            self._window.fill_screen()
        else:
            self._window.restoreGeometry(remembered)
            self._window.show()

    def remember_window(self) -> None:
        """Keep where the window stands for the next run."""
        self._settings.set(keys.GEOMETRY, self._window.saveGeometry())
        self._settings.set(keys.FILLS_SCREEN, self._window.fills_screen())


def dress(session: Session) -> None:
    """Give the application the theme and the size of type of `session`."""
    app: Any = QApplication.instance()
    theme.apply(app, session.theme, large_type=session.large_type)
