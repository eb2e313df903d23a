"""How many test pictures the network gets right, before and after a filter was put back."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from viewer import theme
from viewer.widgets import Label, ToolButton, filled
from viewer.widgets.progress import Progress


class AccuracyView(QWidget):
    """A sentence, what it was counted on, and while it is being counted how far that is."""

    cancel_requested = pyqtSignal()
    folder_requested = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sentence = Label(name="accuracyLabel")
        self.note = Label("", "muted", name="accuracyNote", wraps=True)
        self.progress = Progress("accuracy", self.tr("Test pictures counted"), self.tr("Stop counting"))
        self.folder = ToolButton(
            "dataFolderButton",
            self.tr("Choose the folder of test pictures"),
            self.tr("Choose the folder of test pictures"),
            text=self.tr("Choose folder…"),
            icon_name="folder-open",
        )
        tip = self.tr("Classify the test pictures with and without the edited filters")
        self.count = ToolButton("countAgainButton", self.tr("Count"), tip, text=self.tr("Count"))
        self._lay_out()
        self.progress.cancel_requested.connect(self.cancel_requested)
        self.folder.clicked.connect(self.folder_requested)
        theme.follow(self._rescale)
        self.show_text("", "")

    def _lay_out(self) -> None:
        self._row = filled(QHBoxLayout(), self.sentence, 1)
        for widget in (self.progress, self.count, self.folder):
            self._row.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
        self._column = filled(QVBoxLayout(self), self._row, self.note)

    def show_text(self, sentence: str, note: str, *, folder_tip: str = "", may_count: bool = False) -> None:
        """Say `sentence` and below it `note`; offer the folder's button where `folder_tip` says what it is for."""
        self.sentence.setText(sentence)
        self.note.setText(note)
        self.note.setVisible(bool(note))
        self.folder.setVisible(bool(folder_tip))
        self.folder.setToolTip(folder_tip or self.folder.accessibleName())
        self.count.setVisible(may_count)
        self.progress.hide()
        self.setVisible(bool(sentence or note or folder_tip or may_count))

    def show_progress(self, sentence: str, fraction: float) -> None:
        """Say that pictures are being counted and what share is done."""
        self.sentence.setText(sentence)
        self.progress.show_share(fraction)
        for offer in (self.folder, self.count):
            offer.hide()
        for widget in (self.progress, self):
            widget.show()

    def _rescale(self) -> None:
        self._row.setSpacing(theme.px(8))
        self._column.setSpacing(theme.px(2))
        self.sentence.setFont(theme.font(12))
        self.note.setFont(theme.font(11))
