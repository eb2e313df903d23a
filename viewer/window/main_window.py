"""The main window: a frame for the workspaces that knows nothing of pictures or kernels."""

from __future__ import annotations

from PyQt6.QtCore import QPoint, QRect, QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QAction, QCloseEvent, QDragEnterEvent, QDropEvent, QIcon, QImage, QKeySequence
from PyQt6.QtWidgets import QAbstractButton, QMainWindow, QMenu, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from kernels import resources
from viewer.actions import ActionSpec, action_specs
from viewer.panes.drops import carries_picture, dropped_image, dropped_names
from viewer.widgets import ToolButton, blocked
from viewer.window.action_search import ActionSearch
from viewer.window.status_row import StatusRow
from viewer.window.tool_bar import ToolBar

DESIGN_SIZE = QSize(1366, 768)
"""What the layout is drawn for; where it is the whole screen, a maximised frame would only take room from it."""


class MainWindow(QMainWindow):
    """Tool bar, one page a workspace, status row; every action with its shortcut."""

    closing = pyqtSignal()
    files_dropped = pyqtSignal(list)  # beside the panes, which take their own
    image_dropped = pyqtSignal(QImage)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("mainWindow")
        self.setWindowTitle("Kernelscope")
        self.setWindowIcon(QIcon(str(resources.asset("icons", "kernelscope.svg"))))
        self.tool_bar = ToolBar()
        self.status = StatusRow()
        self.pages = QStackedWidget()
        self._page_names: list[str] = []
        frame = QWidget()
        column = QVBoxLayout(frame)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tool_bar)
        column.addWidget(self.pages, 1)
        column.addWidget(self.status)
        self.setCentralWidget(frame)
        self.setMinimumSize(960, 600)
        self.resize(DESIGN_SIZE)
        self.setAcceptDrops(True)
        self._actions: dict[str, QAction] = {}
        self._groups: dict[str, str] = {}
        for spec in action_specs():
            self._add_action(spec)
        self.tool_bar.help.clicked.connect(self.show_actions)

    def add_page(self, name: str, title: str, page: QWidget) -> None:
        """Add the workspace `name` and its tab."""
        self._page_names.append(name)
        self.pages.addWidget(page)
        with blocked(self.tool_bar.tabs):
            self.tool_bar.tabs.addItem(title, name)
        self.tool_bar.order_focus()

    def show_page(self, name: str) -> None:
        """Bring the workspace `name` to the front."""
        index = self._page_names.index(name)
        self.pages.setCurrentIndex(index)
        with blocked(self.tool_bar.tabs):
            self.tool_bar.tabs.setCurrentIndex(index)

    def fill_screen(self) -> None:
        """Show the window as large as its screen allows."""
        room = self.screen().availableGeometry() if self.screen() is not None else QRect(QPoint(0, 0), DESIGN_SIZE)
        if room.size() == DESIGN_SIZE:
            self.resize(DESIGN_SIZE)
            self.show()
        else:
            self.showMaximized()

    def fills_screen(self) -> bool:
        """Whether the window takes the whole room of its screen."""
        room = self.screen().availableSize() if self.screen() is not None else DESIGN_SIZE
        return self.isMaximized() or (self.width() >= room.width() and self.height() >= room.height() - 48)

    def action(self, name: str) -> QAction:
        """The action called `name`."""
        return self._actions[name]

    def link_buttons(self) -> None:
        """Let each action press its button, and button or menu item show the shortcut; after all pages are in."""
        for spec in action_specs():
            keys = QKeySequence(spec.shortcuts[0]).toString(QKeySequence.SequenceFormat.NativeText)
            item = self.findChild(QAction, spec.item) if spec.item else None
            if item is not None:
                # What stands behind a tab is drawn at the right end of the menu.
                item.setText(f"{item.text()}\t{keys}")
            button = self.findChild(QAbstractButton, spec.button) if spec.button else None
            if button is None:
                continue
            if isinstance(button, ToolButton):
                button.set_shortcut_text(keys)
            else:
                button.setToolTip(f"{button.toolTip()} ({keys})")
            self.action(spec.name).triggered.connect(lambda _checked=False, target=button: press(target))
        save = self.action("saveShown").shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        self.tool_bar.save.set_shortcut_text(save)

    def show_actions(self) -> None:
        """Open the searchable list of actions."""
        ActionSearch([(self._groups[name], each) for name, each in self._actions.items()], self).open()

    def closeEvent(self, event: QCloseEvent | None) -> None:
        self.closing.emit()
        super().closeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        if event is not None and carries_picture(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:
        if event is None:
            return
        names, image = dropped_names(event.mimeData()), dropped_image(event.mimeData())
        if names:
            self.files_dropped.emit(names)
        elif image is not None:
            self.image_dropped.emit(image)
        event.acceptProposedAction()

    def _add_action(self, spec: ActionSpec) -> None:
        action = QAction(spec.text, self)
        action.setObjectName(spec.name)
        action.setShortcuts([QKeySequence(each) for each in spec.shortcuts])
        if spec.workspace:
            action.triggered.connect(lambda _checked=False, name=spec.workspace: self._ask_for_page(name))
        self.addAction(action)
        self._actions[spec.name] = action
        self._groups[spec.name] = spec.group

    def _ask_for_page(self, name: str) -> None:
        tabs = self.tool_bar.tabs
        tabs.setCurrentIndex(tabs.findData(name))


def press(button: QAbstractButton) -> None:
    """Do what a click on `button` does, if it can be clicked."""
    taken_away = button.isHidden() and button.testAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide)
    if taken_away or not button.isEnabled():
        return
    menu = button.menu() if isinstance(button, QToolButton) else None
    if menu is None or not isinstance(button, QToolButton):
        button.click()
        return
    # Who came by keyboard goes on by keyboard: the first entry is current once the menu is open.
    QTimer.singleShot(0, lambda: _choose_first(menu))
    button.showMenu()


def _choose_first(menu: QMenu) -> None:
    entries = [each for each in menu.actions() if each.isEnabled() and not each.isSeparator()]
    if menu.isVisible() and entries:
        menu.setActiveAction(entries[0])
