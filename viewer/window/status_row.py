"""The row at the bottom: what was computed, what went wrong, how far the work is, the zoom."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PyQt6.QtWidgets import QHBoxLayout, QProgressBar, QSizePolicy, QWidget

from viewer import theme
from viewer.widgets import Label, Message, ToolButton, describe, filled
from viewer.widgets.base import plain, single_shot
from viewer.widgets.labels import draw_elided

BUSY_AFTER_MS = 150


class _LineMessage(Message):
    """A sentence on one line that ends in an ellipsis where there is no room for all of it."""

    def needed(self) -> int:
        """The width that shows all of it."""
        return self.fontMetrics().horizontalAdvance(self.text()) + 2

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().windowText().color())
        draw_elided(painter, self.rect(), self.text())


class StatusRow(QWidget):
    """Calm text at the left, messages in the middle, progress and zoom at the right."""

    cancel_requested = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        describe(self, "statusRow", self.tr("Status"), "")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._is_quiet = False
        self.facts = describe(Label(role="muted"), "statusFacts", self.tr("Facts"), "")
        self.message = _LineMessage("statusMessage")
        self.message.setWordWrap(False)
        self.message.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self.message.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.work = describe(Label(role="muted"), "statusWork", self.tr("Work"), "")
        self.progress = describe(QProgressBar(), "statusProgress", self.tr("Progress"), "")
        self.progress.setTextVisible(False)
        self.cancel = ToolButton("cancelButton", self.tr("Cancel"), self.tr("Cancel the running computation (Ctrl+.)"),
                                 icon_name="x", flat=True)  # fmt: skip
        self.cancel.clicked.connect(self.cancel_requested)
        self.zoom = describe(Label(role="muted"), "zoomLabel", self.tr("Zoom"), "")
        row = filled(QHBoxLayout(self), self.facts, self.message, 1, spacing=16)
        row.addStretch(0)
        filled(row, self.work, self.progress, self.cancel, self.zoom).setContentsMargins(12, 0, 12, 0)
        self._busy_timer = single_shot(self, BUSY_AFTER_MS, self._show_busy)
        self._fade = single_shot(self, 0, self.clear_message)
        self._left = 0  # milliseconds that a notice has left; none of a sentence that stays
        self._is_held = False
        self._show_idle()
        theme.follow(self._resize)

    def show_facts(self, text: str) -> None:
        """What stands at the left."""
        self.facts.setText(text)
        self._share_room()

    def show_zoom(self, text: str) -> None:
        """What stands at the right."""
        self.zoom.setText(text)

    def show_error(self, sentence: str) -> None:
        """A sentence that stays until the next one or until ``clear_message``."""
        self._end_fading()
        self.message.show_error(sentence)
        self.message.setToolTip(plain(sentence))
        self._share_room()

    def show_notice(self, sentence: str, milliseconds: int = 6000) -> None:
        """A sentence that fades by itself; its time does not run while it is held."""
        self.message.show_warning(sentence)
        self.message.setToolTip(plain(sentence))
        self._share_room()
        self._end_fading()
        self._left = milliseconds
        if not self._is_held:
            self._fade.start(milliseconds)

    def hold_notice(self, held: bool) -> None:
        """Keep a notice while the picture that it may be about is on its way, or let its time run."""
        if held == self._is_held:
            return
        self._is_held = held
        if self._left and held:
            self._left = min(max(1, self._fade.remainingTime()), self._left)
            self._fade.stop()
        elif self._left:
            self._fade.start(self._left)

    def _end_fading(self) -> None:
        self._fade.stop()
        self._left = 0

    def clear_error(self) -> None:
        """Take a sentence away that said what went wrong; the user has gone on."""
        if self.message.text() and not self._left:
            self.clear_message()

    def clear_message(self) -> None:
        """Take the sentence away."""
        self._end_fading()
        self.message.clear()
        self._share_room()

    def set_busy(self, title: str) -> None:
        """Say what is being done, how far it is and how to cancel it, once it has lasted 150 ms; empty for nothing."""
        self.work.setText(title)
        if title:
            if not self._busy_timer.isActive() and not self.cancel.isVisible():
                self._busy_timer.start()
        else:
            self._busy_timer.stop()
            self._show_idle()

    def set_progress(self, fraction: float) -> None:
        """How much is done, 0 to 1."""
        self.progress.setRange(0, 1000)
        self.progress.setValue(round(1000 * fraction))

    def set_quiet(self, quiet: bool) -> None:
        """Be there only while there is something to say."""
        self._is_quiet = quiet
        self._share_room()

    def _share_room(self) -> None:
        """The facts give way to a sentence that would be cut off beside them."""
        self.setVisible(not self._is_quiet or bool(self.message.text()) or not self.cancel.isHidden())
        room = self.width() - theme.px(2 * 12 + 16 + 64)
        both = self.facts.sizeHint().width() + self.message.needed() <= room
        self.facts.setVisible(both or not self.message.text())

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._share_room()

    def _show_busy(self) -> None:
        for widget in (self.work, self.progress, self.cancel):
            widget.show()
        self._share_room()

    def _show_idle(self) -> None:
        self.work.hide()
        self.progress.hide()
        self.progress.setRange(0, 0)
        self.cancel.hide()
        self._share_room()

    def _resize(self) -> None:
        self.setFixedHeight(theme.px(26))
        self.progress.setFixedWidth(theme.px(120))
