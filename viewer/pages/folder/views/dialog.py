"""The dialog: what is to be done to a folder, what comes of its first picture, and how it goes on."""

from __future__ import annotations

from PyQt6.QtCore import QSize, pyqtSignal
from PyQt6.QtGui import QShowEvent
from PyQt6.QtWidgets import QDialog, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from viewer import theme
from viewer.pages.folder.views.failures import Failures
from viewer.pages.folder.views.form import FolderForm
from viewer.pages.folder.views.preview import PreviewPicture, Shown
from viewer.widgets import Message, ToolButton, describe, filled
from viewer.widgets.labels import ElidedLabel

MARGIN = 16


class FolderDialog(QDialog):
    """Stands beside the window, which stays usable; closing it stops nothing."""

    start_requested = pyqtSignal()
    pause_requested = pyqtSignal()  # or to go on
    cancel_requested = pyqtSignal()
    report_requested = pyqtSignal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._scale = 0.0
        describe(self, "folderDialog", self.tr("Filter a folder"), "")
        self.setWindowTitle(self.tr("Filter a folder"))
        self.form = FolderForm()
        self.before = PreviewPicture("folderBefore", self.tr("First picture"), self.tr("The first picture as it is"))
        self.after = PreviewPicture("folderAfter", self.tr("Its result"), self.tr("The same as it would be written"))
        self.message = Message("folderMessage")
        self.run_message = Message("folderRunMessage")
        self.failures = Failures()
        self._make_progress()
        self._lay_out()
        theme.dress(self)
        theme.follow(self._rescale)

    def _make_progress(self) -> None:
        tr = self.tr
        title = tr("How far it is")
        self.bar = describe(QProgressBar(), "folderProgress", title, title)
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 1000)
        self.line = ElidedLabel("")
        self.line.setObjectName("folderStanding")
        self.start = ToolButton("folderStart", tr("Start"), tr("Filter all pictures but those that are done"),
                                text=tr("Start"), icon_name="play-window", primary=True)  # fmt: skip
        self.pause = ToolButton("folderPause", tr("Pause"), tr("Begin no further picture"), text=tr("Pause"),
                                icon_name="pause-window")  # fmt: skip
        self.cancel = ToolButton("folderCancel", tr("Cancel"), tr("Stop; what is done stays, and a later run goes on"),
                                 text=tr("Cancel"), icon_name="x")  # fmt: skip
        self.report = ToolButton("folderReport", tr("Save the report…"),
                                 tr("What became of every picture, as CSV or JSON"), text=tr("Save the report…"),
                                 icon_name="save")  # fmt: skip
        for button, signal in ((self.start, self.start_requested), (self.pause, self.pause_requested),
                               (self.cancel, self.cancel_requested), (self.report, self.report_requested)):  # fmt: skip
            button.clicked.connect(lambda _checked=False, said=signal: said.emit())

    def _lay_out(self) -> None:
        self._above = filled(QHBoxLayout(), self.form, 2, self.before, 3, self.after, 3)
        self._buttons = filled(QHBoxLayout(), self.start, self.pause, self.cancel, self.line, 1, self.report)
        self._column = filled(
            QVBoxLayout(self), self._above, 3, self.message, self._buttons, self.bar, self.run_message,
            self.failures, 1,
        )  # fmt: skip

    def showEvent(self, event: QShowEvent | None) -> None:
        super().showEvent(event)
        # What is filled in gives way to what is typed.
        self.form.source.setFocus()
        self.form.source.selectAll()

    def show_running(self, phase: str, *, can_start: bool, has_report: bool) -> None:
        """Show whether it runs: "running", "paused" or anything else, and what can be done."""
        is_on = phase in ("running", "paused")
        self.form.setEnabled(not is_on)
        self.start.setEnabled(can_start and not is_on)
        self.pause.setEnabled(is_on)
        self.cancel.setEnabled(is_on)
        self.report.setEnabled(has_report)
        text, picture = (self.tr("Go on"), "play-window") if phase == "paused" else (self.tr("Pause"), "pause-window")
        self.pause.setText(text)
        self.pause.setAccessibleName(text)
        self.pause.setToolTip(self.tr("End the pause") if phase == "paused" else self.tr("Begin no further picture"))
        self.pause.show_icon(picture)

    def show_preview(self, before: Shown, after: Shown) -> None:
        """Show the first picture and its result."""
        self.before.show_picture(*before)
        self.after.show_picture(*after)
        self.message.clear()

    def show_hint(self, sentence: str) -> None:
        """Say what to do before there is a first picture."""
        self._show_nothing()
        self.message.show_hint(sentence)

    def show_error(self, sentence: str) -> None:
        """Say why there is no first picture, or no result of it."""
        self._show_nothing()
        self.message.show_error(sentence)

    def _show_nothing(self) -> None:
        for each in (self.before, self.after):
            each.show_picture(None, "")

    def show_progress(self, share: float, line: str, error: str) -> None:
        """So much is done, 0 to 1, with a line about it, and a sentence where it could not be done at all."""
        self.bar.setValue(round(1000 * share))
        self.run_message.show_error(error)
        self.line.setText(line)
        self.line.setAccessibleName(line)
        self.line.setToolTip(line)

    def _rescale(self) -> None:
        margin = theme.px(MARGIN)
        self._column.setContentsMargins(margin, margin, margin, margin)
        self._column.setSpacing(theme.px(12))
        self._above.setSpacing(margin)
        self._buttons.setSpacing(theme.px(8))
        self.pause.setMinimumWidth(theme.px(88))
        if theme.scale() != self._scale:  # another theme leaves the size as the user made it
            self._scale = theme.scale()
            screen = self.screen()
            room = screen.availableSize() if screen is not None else QSize(1366, 768)
            self.resize(QSize(theme.px(1000), theme.px(540)).boundedTo(room - QSize(16, 48)))
