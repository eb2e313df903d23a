"""The choice of a preset: a drop-down list to scripts and screen readers, a list that is searched to the eye."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import (
    QFont,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPaintEvent,
)
from PyQt6.QtWidgets import (
    QWidget,
)

from viewer import theme
from viewer.pages.filter.views.kernel.preset_list import PresetItem, PresetPopup
from viewer.widgets import ComboBox, blocked, plain
from viewer.widgets.choices import paint_field
from viewer.widgets.numbers import is_window_key

Key = Qt.Key


class PresetCombo(ComboBox):
    """Announces ``chosen(key)``, whoever chooses.

    While the kernel is no preset, or an edited one, no item is current and the field shows a text of its own.
    """

    chosen = pyqtSignal(str)

    def __init__(
        self, parent: QWidget | None = None, *, object_name: str = "presetCombo", magnified: float = 1.0
    ) -> None:
        super().__init__(object_name, "", "", parent)
        self._tip = self.tr("Choose a kernel; type to search")
        self._text, self._suffix = "", " "
        self._items: tuple[PresetItem, ...] = ()
        self._magnified = magnified
        self.currentIndexChanged.connect(self._announce)
        self.show_choice("", "", "")

    @cached_property
    def popup(self) -> PresetPopup:
        """The list, made when it is first opened."""
        made = PresetPopup(self, self._magnified)
        made.chosen.connect(self._choose)
        made.closed.connect(self.update)
        made.set_items(self._items)
        return made

    def set_items(self, items: Sequence[PresetItem]) -> None:
        """The kernels to choose from, those of a group together; the current one stays if it is among them."""
        self._items = tuple(items)
        key = self.currentData()
        with blocked(self):
            self.clear()
            for item in items:
                self.addItem(item.title, item.key)
                self.setItemData(self.count() - 1, plain(item.summary), Qt.ItemDataRole.ToolTipRole)
            self.setCurrentIndex(self.findData(key) if key is not None else -1)
        if "popup" in self.__dict__:
            self.popup.set_items(items)

    def show_choice(self, key: str, text: str, suffix: str = "") -> None:
        """Show `text`, with `suffix` (", edited") never cut off; `key` is the item it is, or "" for none."""
        if (self._text, self._suffix, self.currentData() or "") == (text, suffix, key):
            return
        self._text, self._suffix = text, suffix
        with blocked(self):
            self.setCurrentIndex(self.findData(key) if key else -1)
        whole = text + suffix
        self.setAccessibleName(self.tr("Kernel: {name}").format(name=whole) if whole else self.tr("Kernel"))
        self.setToolTip(f"{whole}\n{self._tip}" if whole else self._tip)
        self.update()

    def shown_text(self) -> str:
        """What the field says, uncut."""
        return self._text + self._suffix

    def fitted(self) -> tuple[QFont, str]:
        """The type and what is written: a long name in smaller type, cut off only where that is not enough."""
        font, room = self.font(), self.width() - theme.px(9 + 22)
        if self.fontMetrics().horizontalAdvance(self.shown_text()) > room:
            font.setPixelSize(font.pixelSize() * 12 // 13)
        metrics = QFontMetrics(font)
        room -= metrics.horizontalAdvance(self._suffix)
        return font, metrics.elidedText(self._text, Qt.TextElideMode.ElideRight, room) + self._suffix

    def showPopup(self) -> None:
        self.open_popup()

    def hidePopup(self) -> None:
        if "popup" in self.__dict__:
            self.popup.close()

    def open_popup(self, text: str = "") -> None:
        """Open the list, searching for `text`."""
        self.popup.open(self, self.currentData() or "", text)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        plain = not event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
        if Qt.Key(event.key()) in (Key.Key_Return, Key.Key_Enter, Key.Key_Space, Key.Key_F4):
            self.open_popup()
        elif plain and event.text().strip() and event.text().isprintable() and not is_window_key(event):
            self.open_popup(event.text())
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        font, text = self.fitted()
        painter.setFont(font)
        paint_field(painter, self.rect(), text, self)

    def _choose(self, key: str) -> None:
        self.setFocus()
        index = self.findData(key)
        if index == self.currentIndex():
            # Choosing a preset again brings its defaults back.
            self.chosen.emit(key)
        else:
            self.setCurrentIndex(index)

    def _announce(self, index: int) -> None:
        if index >= 0:
            self.chosen.emit(self.itemData(index))
