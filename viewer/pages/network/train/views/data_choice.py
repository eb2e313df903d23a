"""What is learnt from: a data set, what is in it, a few of its pictures, and what was left out."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QSizePolicy

from viewer import theme
from viewer.pages.network.train.views.data_preview import DataPreview
from viewer.pages.network.train.views.rows import Row
from viewer.widgets import ComboBox, Label, ToolButton, blocked, filled
from viewer.widgets.choices import Choice

OTHER = "\0folder"
"""Stands in the list for a folder that is yet to be chosen; no path holds such a sign."""


class DataShown(msgspec.Struct, frozen=True, eq=False):
    """What is known of a data set.

    Attributes
    ----------
    facts : str
        How many pictures are learnt from and how many check: "1,600 to learn, 400 to check".
    pictures : tuple of (class, uint8 array)
        A few of them.
    skipped : tuple of (path, reason)
        What was left out, and why, as a sentence.
    """

    facts: str
    pictures: tuple[tuple[str, NDArray[np.uint8]], ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()


class DataRow(Row):
    """``changed(path)`` when a data set of the list is chosen, ``folder_requested`` for another."""

    folder_requested = pyqtSignal()

    def __init__(self) -> None:
        super().__init__("trainData")
        tr = self.tr
        self._data = ""
        self.combo = ComboBox("trainDataCombo", tr("Data"), tr("The pictures that are learnt from"))
        self.facts = Label("", "muted", name="trainDataFacts", wraps=True)
        self.show_button = ToolButton(
            "dataPreviewButton",
            tr("The pictures"),
            tr("A few of the pictures, and what was left out and why"),
            icon_name="images",
        )
        self.show_button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.preview = DataPreview(self.show_button)
        filled(self.line, self.combo, 1, self.show_button, spacing=theme.px(6))
        self.layout().insertLayout(1, filled(QHBoxLayout(), self.facts, 1))
        self.offer(())
        self.combo.currentIndexChanged.connect(self._choose)
        self.show_button.clicked.connect(lambda: self.preview.open())
        theme.follow(self._rescale)

    def offer(self, folders: Iterable[Choice]) -> None:
        """Have the bundled digits and these folders to choose from: path, title, tool tip."""
        tr = self.tr
        bundled = (
            "",
            tr("2,000 MNIST digits"),
            tr("2,000 of MNIST's test digits, which come with the program; the last 400 check"),
        )
        self.combo.offer(
            (
                bundled,
                *folders,
                (
                    OTHER,
                    tr("A folder…"),
                    tr("MNIST, Fashion-MNIST, CIFAR-10, or a folder of folders of your own pictures"),
                ),
            )
        )
        self.show_value(self._data)

    def show_value(self, value: object) -> None:
        self._data = str(value)
        self.combo.show_data(value)

    def show_data(self, shown: DataShown | None) -> None:
        """Show what is known of the data set; None while it is read."""
        self.facts.setText(self.tr("Reading…") if shown is None else shown.facts)
        self.preview.show_data(*((), ()) if shown is None else (shown.pictures, shown.skipped))
        self.show_button.setEnabled(shown is not None and bool(shown.pictures or shown.skipped))

    def _choose(self, row: int) -> None:
        chosen = self.combo.itemData(row)
        if chosen == OTHER:
            with blocked(self.combo):
                self.combo.show_data(self._data)
            self.folder_requested.emit()
        else:
            self.changed.emit(chosen)

    def _rescale(self) -> None:
        self.show_button.setFixedSize(theme.px(32), theme.px(28))
