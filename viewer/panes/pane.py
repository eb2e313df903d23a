"""A picture with its title: one of any number of panes that share a view."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QSize, Qt, pyqtSignal
from PyQt6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QResizeEvent,
)
from PyQt6.QtWidgets import QWidget

from viewer import theme
from viewer.panes.canvas import Canvas
from viewer.panes.drops import carries_picture, hand_over
from viewer.panes.link import PaneLink
from viewer.panes.notice import BusyLine, Notice
from viewer.panes.sheet import Sheet
from viewer.panes.title_row import HEIGHT, TitleRow
from viewer.widgets import describe

BUSY_HEIGHT = 2


class PicturePane(Canvas):
    """A title row, a picture, a sentence where one is needed, a busy sign; takes files and pictures dropped on it.

    It can be covered: then nobody sees or hears what it shows, until it is revealed.
    """

    files_dropped = pyqtSignal(list)
    image_dropped = pyqtSignal(QImage)
    reveal_requested = pyqtSignal()

    def __init__(
        self, object_name: str, accessible_name: str, tool_tip: str, link: PaneLink, parent: QWidget | None = None
    ) -> None:
        super().__init__(link, parent)
        self._header = HEIGHT
        self._description = ""
        self.title = TitleRow(self)
        self.notice = Notice(self)
        self.busy = BusyLine(self)
        describe(self, object_name, accessible_name, tool_tip)
        prefix = object_name.removesuffix("Pane")
        self.title.setObjectName(f"{prefix}Title")
        self.title.size_label.setObjectName(f"{prefix}TitleSize")
        self.notice.label.setObjectName(f"{prefix}Message")
        self.busy.setObjectName(f"{prefix}Busy")
        self.setAcceptDrops(True)
        theme.notifier().changed.connect(self._arrange)

    def set_title(self, name: str, *, origin: str = "", size: str = "", facts: str = "") -> None:
        """Title the pane: `name` in bold, then "origin · size · facts"."""
        self.title.set_title(name, origin, size, facts)
        self.title.setToolTip(f"{self.title.toolTip()}\n{self.toolTip()}")

    def set_sheet(self, sheet: Sheet | None) -> None:
        was_empty = self.sheet is None
        super().set_sheet(sheet)
        if was_empty != (sheet is None):
            self._place_notice()

    def set_message(self, text: str, kind: str = "hint") -> None:
        """Say one sentence in place, over the last picture if there is one; `kind` is "hint", "warning" or "error"."""
        self.notice.say(text, kind)
        self._place_notice()

    def set_header_height(self, height: int) -> None:
        """Give the title row so many design pixels."""
        self._header = height
        self._arrange()

    def set_covered(self, covered: bool) -> None:
        """Hide the picture until it is revealed, or reveal it."""
        self.cover(self.tr("Space or a click reveals it") if covered else None)
        self.setAccessibleDescription(self._description)

    def setAccessibleDescription(self, description: str | None) -> None:
        self._description = description or ""
        covered = self.tr("Covered: Space or a click reveals it")
        super().setAccessibleDescription(covered if self.is_covered else self._description)

    def header_height(self) -> int:
        return theme.px(self._header)

    def sizeHint(self) -> QSize:
        return QSize(theme.px(448), theme.px(572))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(96), theme.px(120))

    def event(self, event: QEvent | None) -> bool:
        # The tool tip is for the title and for screen readers: over the picture it would hide what is looked at.
        if event.type() == QEvent.Type.ToolTip:
            return True
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and self._reveals(event):
            event.accept()  # whatever else the key stands for in the window
            return True
        return super().event(event)

    def _reveals(self, event: QKeyEvent | None) -> bool:
        plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        return self.is_covered and event.key() == Qt.Key.Key_Space and plain

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if self._reveals(event):
            if not event.isAutoRepeat():
                self.reveal_requested.emit()
            return
        super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        is_click = self._pressed is not None and not self._dragging and event.button() == Qt.MouseButton.LeftButton
        super().mouseReleaseEvent(event)
        if is_click and self.is_covered and self.viewport().contains(event.position()):
            self.reveal_requested.emit()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        top = self.header_height()
        self.title.setGeometry(0, 0, self.width(), top)
        self.busy.setGeometry(0, top, self.width(), theme.px(BUSY_HEIGHT))
        self._place_notice()
        self._announce()
        self.update()

    def _place_notice(self) -> None:
        self.notice.place(self.viewport().toRect(), low=self.sheet is not None)

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        if carries_picture(event.mimeData()):
            event.acceptProposedAction()
            self._mark_target(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent | None) -> None:
        self._mark_target(False)

    def dropEvent(self, event: QDropEvent | None) -> None:
        self._mark_target(False)
        hand_over(event, self.files_dropped, self.image_dropped)

    def _mark_target(self, wanted: bool) -> None:
        self._drop_target = wanted
        self.update()
