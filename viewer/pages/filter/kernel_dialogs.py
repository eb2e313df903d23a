"""What the kernel editor asks in a dialog; a test puts its own answers in place of these."""

from __future__ import annotations

from PyQt6.QtCore import QCoreApplication
from PyQt6.QtWidgets import QFileDialog, QInputDialog, QMessageBox, QWidget

from kernels.kernel.files import FORMATS


def _tr(text: str) -> str:
    return QCoreApplication.translate("KernelDialogs", text)


def open_choices() -> str:
    """The file types of the open dialog, all of them together first."""
    every = " ".join(f"*{suffix}" for suffix, _title in FORMATS)
    return f"{_tr('Kernels')} ({every});;{_tr('All files')} (*)"


def save_choices() -> str:
    """The file types of the save dialog."""
    return ";;".join(f"{title} (*{suffix})" for suffix, title in FORMATS)


class KernelDialogs:
    """Dialogs over `parent`; an empty answer means that the user changed their mind."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._parent = parent

    def ask_open(self, folder: str) -> str:
        """Path of a kernel file to read."""
        return QFileDialog.getOpenFileName(self._parent, _tr("Open a kernel"), folder, open_choices())[0]

    def ask_save(self, proposal: str) -> str:
        """Path of a kernel file to write, with a suffix; the dialog itself asks before replacing a file."""
        dialog = QFileDialog(self._parent, _tr("Save the kernel"), proposal, save_choices())
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        suffixes = {f"{title} (*{suffix})": suffix[1:] for suffix, title in FORMATS}
        dialog.setDefaultSuffix(FORMATS[0][0][1:])
        dialog.filterSelected.connect(lambda chosen: dialog.setDefaultSuffix(suffixes.get(chosen, "json")))
        dialog.selectFile(proposal)
        accepted = dialog.exec() == QFileDialog.DialogCode.Accepted
        chosen = dialog.selectedFiles()
        dialog.deleteLater()
        return chosen[0] if accepted and chosen else ""

    def ask_name(self, proposal: str) -> str:
        """What to call a kernel among the user's own."""
        name, accepted = QInputDialog.getText(
            self._parent, _tr("Save to My kernels"), _tr("Name of the kernel"), text=proposal
        )
        return name.strip() if accepted else ""

    def confirm(self, title: str, question: str, action: str) -> bool:
        """Whether the user really wants `action`; the safe answer is the default."""
        box = QMessageBox(QMessageBox.Icon.Question, title, question, QMessageBox.StandardButton.Cancel, self._parent)
        go = box.addButton(action, QMessageBox.ButtonRole.AcceptRole)
        box.setDefaultButton(QMessageBox.StandardButton.Cancel)
        box.exec()
        agreed = box.clickedButton() is go
        box.deleteLater()
        return agreed
