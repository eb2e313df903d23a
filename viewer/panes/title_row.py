"""The row above a picture: a name in bold, then what there is to know about it."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QPainter, QPaintEvent
from PyQt6.QtWidgets import QHBoxLayout, QWidget

from viewer import theme
from viewer.widgets import Label, PlainToolTip
from viewer.widgets.labels import ElidedLabel, NameLabel

HEIGHT = 28
SEPARATOR = " · "


class TitleRow(PlainToolTip, QWidget):
    """Name, origin, size and facts; the size has a label of its own."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.name = NameLabel("title")
        self.origin, self.size_label, self.facts = (
            ElidedLabel("muted", middle=True),
            Label("", "muted"),
            ElidedLabel("muted"),
        )
        self._row = QHBoxLayout(self)
        self._row.setSpacing(0)
        for label in (self.name, self.origin, self.size_label, self.facts):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            self._row.addWidget(label)
        self._row.addStretch(1)
        # Moves pass through to the pane, which thus learns that the pointer has left the picture.
        self.setMouseTracking(True)
        theme.follow(self._resize)

    def set_title(self, name: str, origin: str, size: str, facts: str) -> None:
        """Say `name` and then "origin · size · facts", whichever there are."""
        self.name.setText(name)
        self.origin.setText(origin + SEPARATOR if origin and (size or facts) else origin)
        self.size_label.setText(size)
        self.facts.setText(SEPARATOR + facts if facts and size else facts)
        for label in (self.origin, self.facts):
            label.setVisible(bool(label.text()))
        whole = SEPARATOR.join(part for part in (origin, size, facts) if part)
        self.setToolTip(f"{name}: {whole}" if whole else name)

    def text(self) -> str:
        """All of it, as it is read."""
        return f"{self.name.text()} {self.origin.text()}{self.size_label.text()}{self.facts.text()}".strip()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter, colours = QPainter(self), theme.palette()
        painter.fillRect(self.rect(), colours.panel)
        painter.fillRect(0, self.height() - 1, self.width(), 1, colours.line)

    def _resize(self) -> None:
        self._row.setContentsMargins(theme.px(10), 0, theme.px(10), 1)
        self.name.setContentsMargins(0, 0, theme.px(8), 0)
        self.updateGeometry()
