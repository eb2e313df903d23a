"""The main window: a frame for the workspaces that knows nothing of pictures or kernels."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QAction, QCloseEvent, QDragEnterEvent, QDropEvent, QIcon, QImage, QKeyEvent
from PyQt6.QtWidgets import QMainWindow, QMenu, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from kernels import resources
from viewer.panes.drops import carries_picture, hand_over
from viewer.widgets import blocked, filled
from viewer.window.action_search import ActionSearch
from viewer.window.status_row import StatusRow
from viewer.window.tool_bar import ToolBar

DESIGN_SIZE = QSize(1366, 768)
"""What the layout is drawn for."""


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
        frame = QWidget()
        filled(QVBoxLayout(frame), self.tool_bar, self.pages, 1, self.status, spacing=0)
        self.setCentralWidget(frame)
        self.setMinimumSize(960, 600)
        self.resize(DESIGN_SIZE)
        self.setAcceptDrops(True)
        self.list_actions: Callable[[], list[tuple[str, QAction, str]]] = list  # set to what gives them

    def add_tab(self, name: str, title: str) -> None:
        """Add the tab of the workspace `name`; one that has no tab has the window to itself."""
        with blocked(self.tool_bar.tabs):
            self.tool_bar.tabs.addItem(title, name)
        self.tool_bar.order_focus()

    def show_page(self, name: str, page: QWidget) -> None:
        """Bring `page`, one of ``pages``, to the front for the workspace `name`."""
        has_tab = self.tool_bar.tabs.findData(name) >= 0
        self.tool_bar.setVisible(has_tab)
        self.status.set_quiet(not has_tab)
        self.pages.setCurrentWidget(page)
        if has_tab:
            self.tool_bar.tabs.show_data(name)

    def fill_screen(self) -> None:
        """Show the window as large as its screen allows."""
        self.showMaximized()

    def fills_screen(self) -> bool:
        """Whether the window takes the whole room of its screen."""
        room = self.screen().availableSize() if self.screen() is not None else DESIGN_SIZE
        return self.isMaximized() or (self.width() >= room.width() and self.height() >= room.height() - 48)

    def show_actions(self) -> None:
        """Open the searchable list of actions."""
        ActionSearch(self.list_actions(), self).open()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        # What has no use for Escape lets it come here.
        if event.key() == Qt.Key.Key_Escape and self.isFullScreen():
            self.setWindowState(self.windowState() & ~Qt.WindowState.WindowFullScreen)
            return
        super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent | None) -> None:
        self.closing.emit()
        super().closeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        if carries_picture(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:
        hand_over(event, self.files_dropped, self.image_dropped)


def show_menu(button: QToolButton) -> None:
    """Open the menu of `button`; who came by keyboard goes on by keyboard, so that its first entry is current."""
    menu = button.menu()
    if menu is not None and button.isVisible():
        QTimer.singleShot(0, lambda: _choose_first(menu))
        button.showMenu()


def _choose_first(menu: QMenu) -> None:
    entries = [each for each in menu.actions() if each.isEnabled() and not each.isSeparator()]
    if menu.isVisible() and entries:
        menu.setActiveAction(entries[0])
