"""What the views below the row of stages have in common: their pictures take the room that is left."""

from __future__ import annotations

from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QWidget

from viewer import theme

EDGE, TOP = 16, 12
"""Design pixels beside and above all that such a view holds."""
LEAST = (320, 120)


class BelowView(QWidget):
    """A view whose pictures give way: what they take now is not the least."""

    def resize_to_theme(self) -> None:
        """Take the margins and the least size of the present scale, and share the room anew."""
        edge, top = theme.px(EDGE), theme.px(TOP)
        self.layout().setContentsMargins(edge, top, edge, top)
        self.setMinimumSize(*(theme.px(each) for each in LEAST))
        self.share_room()

    def share_room(self) -> None:
        """Make the pictures as large as there is room for."""

    def hasHeightForWidth(self) -> bool:
        return False  # what its sentences take in width, its pictures give in height

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self.share_room()
