"""The root controller: alone listens to the store, and passes every change on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from numpy.typing import NDArray
from PyQt6.QtCore import QObject, Qt, QTimer
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QApplication

from viewer import settings as keys
from viewer import theme
from viewer.compute import Compute
from viewer.controllers.files import FilesController
from viewer.controllers.menus import MenusController
from viewer.pages.filter.control import FilterController
from viewer.pages.filter.panes_control import PanesController
from viewer.pages.filter.views.workspace import FilterWorkspace
from viewer.pages.gradient.control import GradientController
from viewer.pages.gradient.views.workspace import GradientWorkspace
from viewer.pages.learned.control import LearnedController
from viewer.pages.learned.views import LearnedPanel
from viewer.resolve_pictures import SaveKind
from viewer.settings import Settings
from viewer.state import GradientView, Session, State, ThemeName
from viewer.store import Store
from viewer.window.main_window import MainWindow

WORK_LANES = ("decode", "filter", "display-output", "display-input", "gradient", "gradient-picture", "responses",
              "response", "evaluation", "save")  # fmt: skip


class RootController(QObject):
    """Joins window, store, worker and settings."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._closed = False
        self._settings = Settings()
        session = remembered_session(self._settings)
        self.store = Store(State(session=session), self)
        self.compute = Compute(self)
        self.files = FilesController(self.store, self.compute, self._settings, self)
        self._filter_view = FilterWorkspace()
        window.add_page("filter", self.tr("Filter"), self._filter_view)
        self.filter = FilterController(self._filter_view, self.store, self.compute, self)
        learned = LearnedPanel()
        self._gradient_view = GradientWorkspace(learned)
        window.add_page("gradient", self.tr("Gradient"), self._gradient_view)
        self.gradient = GradientController(self._gradient_view, self.store, self.compute, self)
        self.learned = LearnedController(
            learned, self.store, self.compute, self.gradient, self, settings=self._settings
        )
        self._facts = {"filter": "", "gradient": ""}  # what the status row says of each workspace
        self._zoom = {"filter": "", "gradient": ""}
        self._reading = ""
        self.menus = MenusController(window, self.files, self._settings, self.compute, self)
        self._wire()
        window.link_buttons()
        self.store.changed.connect(self.update)
        self.update(self.store.state, self.store.state)
        self._fold(session.projector)
        # The pane that has the focus once its workspace comes to the front.
        self._gradient_view.panes.panes["picture"].setFocus()
        self._filter_view.panes.input.setFocus()

    def update(self, old: State, new: State) -> None:
        """Pass a change on: first the pictures, then the workspaces, then the frame."""
        self.files.update(old, new)
        self.filter.update(old, new)
        self.gradient.update(old, new)
        self.learned.update(old, new)
        self._update_frame(old.session, new.session)

    def output(self) -> NDArray[Any] | None:
        """The raw array of the output pane, None before the first."""
        return self.filter.output()

    def close(self) -> None:
        """Remember the window, end the threads, remove temporary files."""
        if self._closed:
            return
        self._closed = True
        self._settings.set(keys.GEOMETRY, self._window.saveGeometry())
        self._settings.set(keys.FILLS_SCREEN, self._window.fills_screen())
        # The stack clears itself while it is being destroyed; nobody may ask it anything then.
        self.store.undo_stack.indexChanged.disconnect(self._update_undo)
        self.compute.shutdown()
        for timer in self._window.findChildren(QTimer):
            timer.stop()
        self.files.close()

    # -- wiring ----------------------------------------------------------------------------------------------------

    def _wire(self) -> None:
        window, store = self._window, self.store
        self.files.picture_ready.connect(self.filter.show_picture)
        self.files.failed.connect(window.status.show_error)
        self.files.noticed.connect(window.status.show_notice)
        self.files.begun.connect(window.status.clear_message)
        self.files.take_kernel_text = self.filter.kernel.take_text
        self.filter.facts_changed.connect(lambda text: self._keep_facts("filter", text))
        panes = self.filter.panes
        for source in (panes, self.gradient, window):
            source.files_dropped.connect(self.files.open_dropped)
            source.image_dropped.connect(self.files.open_image)
        panes.zoom_changed.connect(lambda percent: self._keep_zoom("filter", percent))
        panes.adopt_requested.connect(self._adopt_output)
        panes.save_requested.connect(lambda: self._save("shown"))
        panes.readout_changed.connect(self._show_readout)
        self._wire_gradient()
        self.compute.busy_changed.connect(self._busy)
        self.compute.progressed.connect(lambda _lane, fraction: window.status.set_progress(fraction))
        window.status.cancel_requested.connect(self._cancel)
        window.closing.connect(self.close)
        window.tool_bar.tabs.currentIndexChanged.connect(self._choose_workspace)
        self._wire_buttons()
        self._wire_actions()
        store.undo_stack.indexChanged.connect(self._update_undo)
        self._update_undo()
        hints = QGuiApplication.styleHints()
        if hints is not None:
            # A method, not a lambda: it is disconnected when this object goes, and does not keep it alive.
            hints.colorSchemeChanged.connect(self._follow_scheme)

    def _wire_gradient(self) -> None:
        gradient = self.gradient
        self.files.picture_ready.connect(gradient.show_picture)
        self.files.picture_ready.connect(self.learned.show_picture)
        gradient.facts_changed.connect(lambda text: self._keep_facts("gradient", text))
        gradient.zoom_changed.connect(lambda percent: self._keep_zoom("gradient", percent))
        gradient.readout_changed.connect(self._show_reading)
        gradient.save_requested.connect(self._save_pane)
        gradient.copy_requested.connect(self.files.copy_picture)

    def _wire_buttons(self) -> None:
        bar, stack = self._window.tool_bar, self.store.undo_stack
        bar.paste.clicked.connect(lambda: self.files.paste())
        bar.undo.clicked.connect(stack.undo)
        bar.redo.clicked.connect(stack.redo)
        bar.copy.clicked.connect(self._copy_shown)
        bar.projector.clicked.connect(
            lambda: self.store.view(lambda session: replace(session, projector=not session.projector))
        )
        bar.theme.clicked.connect(self._switch_theme)
        bar.fold.clicked.connect(lambda checked: self._fold(checked))

    def _wire_actions(self) -> None:
        action, kernel = self._window.action, self.filter.kernel
        for name, slot in {
            "saveShown": lambda: self._save("shown"),
            "saveRaw": lambda: self._save("raw"),
            "saveDeep": lambda: self._save("16-bit"),
            "outputToInput": self._adopt_output,
            "quit": self._window.close,
            "cancelWork": self._cancel,
            "choosePreset": kernel.choose_preset,
            "openKernel": kernel.open_kernel,
            "saveKernel": kernel.save_kernel,
            "keepKernel": kernel.keep_kernel,
            "removeKernel": kernel.remove_kernel,
            "copyKernel": kernel.copy_kernel,
            "zoomFit": lambda: self._front().zoom_fit(),
            "zoomActual": lambda: self._front().zoom_actual(),
            "zoomIn": lambda: self._front().zoom_in(),
            "zoomOut": lambda: self._front().zoom_out(),
            "fullScreen": self._full_screen,
            "maximisePane": self._toggle_pane,
        }.items():
            action(name).triggered.connect(lambda _checked=False, run=slot: run())

    # -- the frame -------------------------------------------------------------------------------------------------

    def _update_frame(self, old: Session, new: Session) -> None:
        self._window.show_page(new.workspace)
        if old.workspace != new.workspace:
            self._show_status()
        self._window.tool_bar.projector.setChecked(new.projector)
        if (old.theme, old.projector) != (new.theme, new.projector):
            self._settings.set(keys.THEME, new.theme)
            self._settings.set(keys.PROJECTOR, new.projector)
            dress(new)
        if old.gradient.direction_colours != new.gradient.direction_colours:
            self._settings.set(keys.DIRECTION_COLOURS, new.gradient.direction_colours)
        if old.projector != new.projector:
            self._fold(new.projector)

    def _follow_scheme(self, _scheme: Qt.ColorScheme) -> None:
        if not self._closed:
            dress(self.store.session)

    def _switch_theme(self) -> None:
        dark = not theme.palette().is_dark
        # Back at what the system prefers, follow it again.
        target: ThemeName = "system" if dark == theme.system_prefers_dark() else "dark" if dark else "light"
        self.store.view(lambda session: replace(session, theme=target))

    def _fold(self, folded: bool) -> None:
        self._filter_view.fold(folded)
        self._gradient_view.fold(folded)
        self._window.tool_bar.fold.setChecked(folded)

    def _full_screen(self) -> None:
        self._window.setWindowState(self._window.windowState() ^ Qt.WindowState.WindowFullScreen)

    def _toggle_pane(self) -> None:
        """Maximise the pane of the Gradient workspace that was used last, or bring all back."""
        held = self.store.session.gradient
        name = "" if held.maximised else self.gradient.current_pane()
        self.store.view(lambda session: replace(session, gradient=replace(held, maximised=name)))

    def _choose_workspace(self, _index: int) -> None:
        name = self._window.tool_bar.tabs.currentData()
        self.store.view(lambda session: replace(session, workspace=name))

    def place_window(self) -> None:
        """Show the window as it was left; one that filled its screen, like a new one, fills the present screen."""
        remembered = self._settings.get(keys.GEOMETRY)
        if remembered.isEmpty() or self._settings.get(keys.FILLS_SCREEN):
            self._window.fill_screen()
        else:
            self._window.restoreGeometry(remembered)
            self._window.show()

    def _update_undo(self, _index: int = 0) -> None:
        stack, bar = self.store.undo_stack, self._window.tool_bar
        for button, able, text, verb in (
            (bar.undo, stack.canUndo(), stack.undoText(), self.tr("Undo")),
            (bar.redo, stack.canRedo(), stack.redoText(), self.tr("Redo")),
        ):
            button.setEnabled(able)
            button.setToolTip(f"{verb}: {text}" if able else verb)

    # -- work ------------------------------------------------------------------------------------------------------

    def _busy(self, _lane: str, _busy: bool) -> None:
        self._window.status.set_busy(any(self.compute.busy(lane) for lane in WORK_LANES))

    def _cancel(self) -> None:
        if not any(self.compute.busy(lane) for lane in WORK_LANES):
            return
        for lane in WORK_LANES:
            if lane != "display-input":  # without it the next output would have no picture to stand beside
                self.compute.cancel(lane)
        self.files.cancel()
        self._window.status.show_notice(self.tr("Cancelled; what is on screen is the last result."))
        self.filter.stop()
        self.gradient.stop()
        self.learned.stop()

    def _show_readout(self, y: object, x: object, value_in: str, value_out: str) -> None:
        position = "" if y is None else self.tr("y {y}, x {x}").format(y=y, x=x)
        self.filter.view.show_readout(position, value_in, value_out)

    def _keep_facts(self, workspace: str, text: str) -> None:
        self._facts[workspace] = text
        self._show_status()

    def _keep_zoom(self, workspace: str, percent: float) -> None:
        self._zoom[workspace] = _percent(percent)
        self._show_status()

    def _show_reading(self, text: str) -> None:
        self._reading = text
        self._show_status()

    def _show_status(self) -> None:
        """Say what the workspace in front has to say: what is read there, else what was computed."""
        workspace, picture = self.store.session.workspace, self.store.document.picture
        name = picture.origin.name if picture is not None else ""
        facts = f"{name}    {self._facts[workspace]}"
        reading = self._reading if workspace == "gradient" else ""
        self._window.status.show_facts(reading or facts)
        self._window.status.show_zoom(self._zoom[workspace])

    def _front(self) -> PanesController | GradientController:
        """What zooms in the workspace in front."""
        return self.gradient if self.gradient.is_visible else self.filter.panes

    def _target_name(self) -> str:
        document = self.store.document
        title = document.picture.title if document.picture else "output"
        kernel = document.kernel.name or self.tr("kernel")
        return f"{title}-{kernel}".lower().replace(" ", "-").replace("/", "-")

    def _save_pane(self, pane: str, kind: SaveKind) -> None:
        path = self.menus.choose_target(kind, self.gradient.file_name(pane))
        if path:
            self.gradient.save(path, pane, kind)

    def _save(self, kind: SaveKind) -> None:
        if self.gradient.is_visible:
            self._save_pane(self.gradient.current_pane(), kind)
            return
        if self.filter.painted is None or self.filter.shown is None:
            return
        path = self.menus.choose_target(kind, self._target_name())
        if path:
            self.files.save(path, kind, self.filter.shown[1], self.filter.painted)

    def _copy_shown(self) -> None:
        if self.gradient.is_visible:
            self.gradient.copy(self.gradient.current_pane())
            return
        if self.filter.painted is not None:
            self.files.copy_shown(self.filter.painted)

    def _adopt_output(self) -> None:
        if self.filter.shown is not None and not self.gradient.is_visible:
            self.files.adopt_output(self.filter.shown[1])


def remembered_session(settings: Settings) -> Session:
    """The session as the last run left it."""
    directions = GradientView(direction_colours=settings.get(keys.DIRECTION_COLOURS))
    return Session(theme=settings.get(keys.THEME), projector=settings.get(keys.PROJECTOR), gradient=directions)


def dress(session: Session) -> None:
    """Give the application the theme and the scale of `session`."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme.apply(app, session.theme, projector=session.projector)


def _percent(percent: float) -> str:
    return f"{percent:.0f} %" if percent >= 1 else f"{percent:.2g} %"
