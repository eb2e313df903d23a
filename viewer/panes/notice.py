"""One sentence over a picture, or where there is none yet."""

from __future__ import annotations

from PyQt6.QtCore import QRect, Qt
from PyQt6.QtWidgets import QFrame, QVBoxLayout, QWidget

from viewer import theme
from viewer.widgets import Label, repolish

WIDEST = 420
EDGE = 16


class Notice(QFrame):
    """A hint in the middle of an empty pane, or a card at the foot of a picture that says what went wrong."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.label = Label()
        self.label.setWordWrap(True)
        self.label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._said = ("", "")
        for each in (self, self.label):
            each.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._column = QVBoxLayout(self)
        self._column.addWidget(self.label)
        self.hide()

    @property
    def text(self) -> str:
        """The sentence; empty while there is none."""
        return self.label.text()

    def say(self, text: str, kind: str) -> None:
        """Say `text`; `kind` is "hint", "warning" or "error"."""
        if (text, kind) == self._said:
            return
        if kind != self._said[1]:
            self.label.setProperty("role", {"hint": "muted"}.get(kind, kind))
            self.setProperty("card", kind != "hint")
            for each in (self, self.label):
                repolish(each)
        self._said = (text, kind)
        self.label.setText(text)
        self.label.setAccessibleName(text)
        self.setVisible(bool(text))

    def place(self, room: QRect, *, low: bool) -> None:
        """Stand in the middle of `room`, or at its foot."""
        margin = theme.px(8)
        self._column.setContentsMargins(theme.px(12), margin, theme.px(12), margin)
        width = max(40, min(theme.px(WIDEST), room.width() - 2 * theme.px(EDGE)))
        inner = width - 2 * theme.px(12) - 2
        needed = min(width, self.label.fontMetrics().horizontalAdvance(self.text) + 2 * theme.px(12) + 8)
        width = max(needed, min(width, theme.px(120)))
        height = max(self.label.heightForWidth(min(inner, width - 2 * theme.px(12))), 1) + 2 * margin + 2
        top = room.bottom() - theme.px(EDGE) - height if low else room.center().y() - height // 2
        self.setGeometry(room.center().x() - width // 2, top, width, height)
