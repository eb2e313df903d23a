"""What the learned filters ask in a dialog; a test puts its own answers in place of these."""

from __future__ import annotations

from PyQt6.QtCore import QCoreApplication
from PyQt6.QtWidgets import QFileDialog, QWidget


def _tr(text: str) -> str:
    return QCoreApplication.translate("LearnedDialogs", text)


class LearnedDialogs:
    """Dialogs over `parent`; an empty answer means that the user changed their mind."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._parent = parent

    def ask_weights(self, folder: str) -> str:
        """Path of a weights file."""
        choices = _tr("Weights of a network (*.npz);;All files (*)")
        return QFileDialog.getOpenFileName(self._parent, _tr("Open weights"), folder, choices)[0]

    def ask_folder(self, folder: str, data: str) -> str:
        """Folder that holds the data set `data`."""
        title = _tr("Folder of {data}").format(data=data)
        return QFileDialog.getExistingDirectory(self._parent, title, folder)
