"""A few pictures of a data set, and what of it was left out, in a small window below their button."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QRect, QSize, Qt
from PyQt6.QtGui import QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from viewer import theme
from viewer.images import to_qimage
from viewer.pages.stage.views.popover import MARGIN, WIDTH, Popover
from viewer.widgets import Label, SectionLabel, describe
from viewer.widgets.labels import draw_elided

SIDE, NAME, GAP = 38, 16, 6
"""Design pixels: a picture, the name below it, and between two."""
MOST_SKIPPED = 6
"""So many of what was left out are listed."""


class Thumbnails(QWidget):
    """Pictures in rows, each with the name of its class."""

    def __init__(self) -> None:
        super().__init__()
        describe(self, "dataThumbnails", self.tr("A few of the pictures"), "")
        self._pictures: tuple[tuple[str, NDArray[np.uint8]], ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_pictures(self, pictures: Sequence[tuple[str, NDArray[np.uint8]]]) -> None:
        """Show these, each with its class."""
        self._pictures = tuple(pictures)
        self.setAccessibleDescription(", ".join(name for name, _picture in self._pictures))
        self.updateGeometry()
        self.update()

    def _across(self) -> int:
        return max(1, (theme.px(WIDTH - 2 * MARGIN) + theme.px(GAP)) // theme.px(SIDE + GAP))

    def sizeHint(self) -> QSize:
        lines = -(-len(self._pictures) // self._across())
        return QSize(theme.px(WIDTH - 2 * MARGIN), lines * theme.px(SIDE + NAME + GAP))

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter, colours = QPainter(self), theme.palette()
        side, pitch = theme.px(SIDE), theme.px(SIDE + GAP)
        painter.setFont(theme.font(11))
        painter.setPen(colours.muted)
        for number, (name, picture) in enumerate(self._pictures):
            down, right = divmod(number, self._across())
            room = QRect(right * pitch, down * theme.px(SIDE + NAME + GAP), side, side)
            painter.drawImage(room, to_qimage(picture))
            below = QRect(room.left(), room.bottom() + 1, side, theme.px(NAME))
            if painter.fontMetrics().horizontalAdvance(name) <= side:
                painter.drawText(below, Qt.AlignmentFlag.AlignCenter, name)
            else:
                draw_elided(painter, below, name)


class DataPreview(Popover):
    """Opens below the button `anchor`; Escape or a click elsewhere closes it."""

    def __init__(self, anchor: QWidget) -> None:
        super().__init__("dataPreview", anchor)
        self.pictures = Thumbnails()
        self.heading = SectionLabel("")
        self.skipped = Label("", "muted", name="dataSkipped", wraps=True)
        for part in (self.pictures, self.heading, self.skipped):
            self._column.addWidget(part)
        self.show_data((), ())

    def show_data(self, pictures: Sequence[tuple[str, NDArray[np.uint8]]], skipped: Sequence[tuple[str, str]]) -> None:
        """Show a few pictures, each with its class, and what was left out, each (path, reason)."""
        self.pictures.show_pictures(pictures)
        lines = [reason if path in reason else f"{path}: {reason}" for path, reason in skipped[:MOST_SKIPPED]]
        if len(skipped) > MOST_SKIPPED:
            lines.append(self.tr("and {n} more").format(n=f"{len(skipped) - MOST_SKIPPED:,}"))
        self.heading.show_title(self.tr("Left out: {n}").format(n=f"{len(skipped):,}"))
        self.skipped.setText("\n".join(lines))
        for part in (self.heading, self.skipped):
            part.setVisible(bool(lines))
