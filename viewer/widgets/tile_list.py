"""A list of things of one size in rows: all in sight where they can be, else with a scroll bar."""

from __future__ import annotations

from PyQt6.QtCore import QModelIndex, QSize, Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QFrame, QListView, QWidget

from viewer.widgets.base import blocked


class TileList(QListView):
    """Arrow keys, Home and End move the selection; what is listed, and how large, its subclasses say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setMovement(QListView.Movement.Static)
        self.setSelectionMode(QListView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setProperty("clear", True)

    def tile(self, width: int) -> tuple[QSize, bool]:
        """The size of each where there is so much width, gaps included, and whether all of them are then in sight."""
        raise NotImplementedError

    def select(self, row: int) -> None:
        """Select a row and bring it into sight, without announcing it; -1 for none."""
        with blocked(self):
            if row < 0:
                self.selectionModel().clear()
            elif self.currentIndex().row() != row or not self.selectionModel().hasSelection():
                self.setCurrentIndex(self.model().index(row, 0))
                self.scrollTo(self.currentIndex())

    def announces(self, current: QModelIndex) -> bool:
        """Whether it was the user who moved the selection to `current`."""
        return current.isValid() and not self.signalsBlocked()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self.rescale()
        self.scrollTo(self.currentIndex())  # what is selected stays in sight

    def rescale(self) -> None:
        """Give all of them the size that they have room for."""
        size, fits = self.tile(self.width())
        if not fits:
            size, _fits = self.tile(self.width() - self.verticalScrollBar().sizeHint().width())
        # The list keeps room for a scroll bar that may show, whether it shows or not.
        policy = Qt.ScrollBarPolicy
        self.setVerticalScrollBarPolicy(policy.ScrollBarAlwaysOff if fits else policy.ScrollBarAsNeeded)
        if size != self.gridSize():
            self.setGridSize(size)
        self.viewport().update()
