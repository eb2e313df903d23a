"""Labels by role, and the sentence that stands beside what went wrong."""

from __future__ import annotations

import math

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QFontMetricsF
from PyQt6.QtWidgets import QLabel, QWidget

from viewer.theme import repolish
from viewer.widgets.base import PlainToolTip


class Label(PlainToolTip, QLabel):
    """Text in one of the roles of the style sheet: "", "muted", "section", "title", "strong"."""

    def __init__(
        self, text: str = "", role: str = "", parent: QWidget | None = None, *, name: str = "", wraps: bool = False
    ) -> None:
        super().__init__(text, parent)
        self.setObjectName(name)
        self.setWordWrap(wraps)
        self.setProperty("role", role)
        self.setTextFormat(Qt.TextFormat.PlainText)


def text_height(label: QLabel, lines: int) -> int:
    """The room that so many lines take; lines are set closer than whole pixels."""
    label.ensurePolished()
    return math.ceil(lines * QFontMetricsF(label.font()).lineSpacing()) + 1


class SectionLabel(Label):
    """The small heading of a group of controls."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text.upper(), "section", parent)
        self.setAccessibleName(text)
        spaced = self.font()
        spaced.setLetterSpacing(spaced.SpacingType.PercentageSpacing, 104)
        self.setFont(spaced)


class Message(Label):
    """One plain sentence in place, hidden while there is nothing to say."""

    def __init__(self, object_name: str, parent: QWidget | None = None) -> None:
        super().__init__("", "error", parent, name=object_name, wraps=True)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.hide()

    def show_error(self, text: str) -> None:
        """Say what went wrong and what would be right."""
        self._say(text, "error")

    def show_warning(self, text: str) -> None:
        """Say what is worth knowing."""
        self._say(text, "warning")

    def clear(self) -> None:
        """Say nothing and take no room."""
        if self.text():
            super().clear()
        if not self.isHidden():
            self.hide()

    def _say(self, text: str, role: str) -> None:
        if (text, role) == (self.text(), self.property("role")) and self.isHidden() != bool(text):
            return
        if self.property("role") != role:
            self.setProperty("role", role)
            repolish(self)
        self.setText(text)
        self.setAccessibleName(text)
        self.setVisible(bool(text))
