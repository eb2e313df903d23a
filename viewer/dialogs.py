"""What the program asks in a dialog; scripts and tests put their own answers in place of these."""

from __future__ import annotations

import os

from PyQt6.QtCore import QCoreApplication
from PyQt6.QtWidgets import QFileDialog, QInputDialog, QMessageBox, QWidget


def _tr(text: str) -> str:
    return QCoreApplication.translate("Dialogs", text)


class Dialogs:
    """Dialogs over `parent`; an empty answer means that the user changed their mind."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._parent = parent

    def ask_open(self, title: str, folder: str, choices: str) -> str:
        """Path of a file to read."""
        return QFileDialog.getOpenFileName(self._parent, title, folder, choices)[0]

    def ask_save(self, title: str, proposal: str, choices: str) -> str:
        """Path of a file to write, with a suffix of the type chosen; the dialog asks before replacing a file."""
        dialog = QFileDialog(self._parent, title, os.path.dirname(proposal), choices)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.filterSelected.connect(lambda chosen: dialog.setDefaultSuffix(suffix_of(chosen)))
        dialog.setDefaultSuffix(os.path.splitext(proposal)[1][1:])
        dialog.selectFile(os.path.basename(proposal))
        accepted = dialog.exec() == QFileDialog.DialogCode.Accepted
        chosen = dialog.selectedFiles()
        dialog.deleteLater()
        return chosen[0] if accepted and chosen else ""

    def ask_folder(self, title: str, folder: str) -> str:
        """Path of a folder."""
        return QFileDialog.getExistingDirectory(self._parent, title, folder)

    def ask_name(self, title: str, label: str, proposal: str) -> str:
        """What to call something."""
        name, accepted = QInputDialog.getText(self._parent, title, label, text=proposal)
        return name.strip() if accepted else ""

    def confirm(self, title: str, question: str, action: str) -> bool:
        """Whether the user really wants `action`; the safe answer is the default."""
        box = QMessageBox(QMessageBox.Icon.Question, title, question, QMessageBox.StandardButton.Cancel, self._parent)
        box.setTextFormat(box.textFormat().PlainText)
        go = box.addButton(action, QMessageBox.ButtonRole.AcceptRole)
        box.setDefaultButton(QMessageBox.StandardButton.Cancel)
        box.exec()
        agreed = box.clickedButton() is go
        box.deleteLater()
        return agreed


def suffix_of(choice: str) -> str:
    """The suffix that a file type of a dialog stands for: "jpg" of "JPEG (*.jpg)"."""
    return choice.rpartition("*.")[2].partition(" ")[0].rstrip(")")
