"""The searchable list of all actions with their shortcuts."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QObject, Qt
from PyQt6.QtGui import QAction, QKeyEvent
from PyQt6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from viewer import theme
from viewer.widgets import Label, describe
from viewer.widgets.base import plain


class ActionSearch(QDialog):
    """Type a few letters, choose with the arrows, press Enter; `actions` come with their group and further words."""

    def __init__(self, actions: list[tuple[str, QAction, str]], parent: QWidget) -> None:
        super().__init__(parent)
        describe(self, "actionSearch", self.tr("All actions"), "")
        self.setWindowTitle(self.tr("All actions"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._actions = actions
        self.search = describe(QLineEdit(), "actionSearchEdit", self.tr("Search actions"), self.tr("Type to search"))
        self.search.setPlaceholderText(self.tr("Search actions"))
        self.list = describe(QListWidget(), "actionSearchList", self.tr("Actions"), self.tr("Enter runs the action"))
        self.list.setUniformItemSizes(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        column.addWidget(self.search)
        self.none = describe(Label("", "muted", wraps=True), "actionSearchNone", self.tr("Nothing found"), "")
        self.none.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self.none, 1)
        column.addWidget(self.list, 1)
        theme.dress(self)
        self.resize(theme.px(520), theme.px(440))
        self.search.textChanged.connect(self._fill)
        self.search.installEventFilter(self)
        self.list.itemActivated.connect(lambda _item: self._run())
        self.list.itemClicked.connect(lambda _item: self._run())
        self._fill("")

    def _fill(self, text: str) -> None:
        words = text.lower().split()
        self.list.clear()
        for group, action, keywords in self._actions:
            named = f"{group} {action.text()} {keywords}".lower()
            if all(word in named for word in words):
                self._add(group, action)
        self.none.setText(self.tr("No action is called “{text}”. Try a shorter word.").format(text=text.strip()))
        self.none.setVisible(self.list.count() == 0)
        self.list.setVisible(self.list.count() > 0)
        self.list.setCurrentRow(0)

    def _add(self, group: str, action: QAction) -> None:
        item = QListWidgetItem()
        item.setData(Qt.ItemDataRole.UserRole, action)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{group}: {action.text()}")
        item.setData(Qt.ItemDataRole.AccessibleDescriptionRole, action.statusTip())  # why it is greyed
        row = QWidget()
        row.setToolTip(plain(action.statusTip()))
        line = QHBoxLayout(row)
        line.setContentsMargins(8, 4, 8, 4)
        name = Label(action.text())
        name.setEnabled(action.isEnabled())
        line.addWidget(Label(group, "muted"))
        line.addWidget(name, 1)
        keys = ", ".join(each.toString(each.SequenceFormat.NativeText) for each in action.shortcuts())
        line.addWidget(Label(keys, "muted"))
        line.itemAt(0).widget().setFixedWidth(theme.px(72))
        item.setSizeHint(row.sizeHint())
        self.list.addItem(item)
        self.list.setItemWidget(item, row)

    def _run(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self.accept()
            item.data(Qt.ItemDataRole.UserRole).trigger()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
            if step is not None:
                row = self.list.currentRow() + step
                self.list.setCurrentRow(max(0, min(self.list.count() - 1, row)))
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._run()
                return True
        return super().eventFilter(watched, event)
