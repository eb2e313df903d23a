"""The heading of the film strip, through which the cursor passes."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QPainter, QPaintEvent
from PyQt6.QtWidgets import QHBoxLayout, QWidget

from viewer import theme
from viewer.pages.network.train.views.cursor import draw_cursor
from viewer.pages.network.train.views.save_button import SaveButton
from viewer.widgets import Label, filled
from viewer.widgets.labels import ElidedLabel

LEFT = 12


class FilmHeader(QWidget):
    """The heading: what is shown, and how it can be saved."""

    save_requested = pyqtSignal(str)

    def __init__(self) -> None:
        super().__init__()
        tr = self.tr
        self.setProperty("panel", True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.title, self.about = Label(tr("First layer"), "strong"), ElidedLabel("muted")
        self.save = SaveButton(
            "filmSaveButton",
            tr("Save the film strip"),
            (("film-picture", tr("As a picture…")), ("film-gif", tr("As an animation…"))),
        )
        self.save.chosen.connect(self.save_requested)
        self._axis_at = -1.0
        filled(QHBoxLayout(self), self.title, self.about, 1, self.save)
        theme.follow(self._rescale)

    def show_about(self, text: str, *, is_there: bool) -> None:
        """Say what is shown; it can be saved if there is anything."""
        self.about.setText(text)
        self.save.setEnabled(is_there)

    def show_cursor(self, x: float) -> None:
        """Let the cursor pass through at this place."""
        self._axis_at = x
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setPen(theme.palette().line)
        for y in (0, self.height() - 1):
            painter.drawLine(0, y, self.width(), y)
        if self._axis_at >= 0:
            draw_cursor(painter, self._axis_at, 0, self.height())

    def _rescale(self) -> None:
        self.setFixedHeight(theme.px(28))
        self.layout().setContentsMargins(theme.px(LEFT), 0, theme.px(6), 0)
        self.layout().setSpacing(theme.px(8))
