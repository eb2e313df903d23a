"""Drawing the line that is measured along: by the pointer in either picture, or from pixel to pixel by keys."""

from __future__ import annotations

import math

from PyQt6.QtCore import QObject, Qt, pyqtSignal

from viewer.panes import PanesView
from viewer.session import with_view
from viewer.store import Store

Pixel = tuple[int, int]
ALWAYS = Qt.MouseButton.RightButton


class Ruler(QObject):
    """While it is on, the left button draws as the right one always does, and Enter sets one end, then the other.

    Between them the line follows the pixel that the arrow keys step. ``switched`` says that it is on or off.
    """

    switched = pyqtSignal(bool)

    def __init__(self, panes: PanesView, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._panes, self._store = panes, store
        self._start: Pixel | None = None
        self.is_on = False
        for pane in panes.panes:
            pane.ruling = ALWAYS
            pane.ruled.connect(self._draw)

    def switch(self, on: bool) -> None:
        """Begin or end drawing lines."""
        if on != self.is_on:
            self.is_on, self._start = on, None
            for pane in self._panes.panes:
                pane.ruling = ALWAYS | Qt.MouseButton.LeftButton if on else ALWAYS
            self.switched.emit(on)

    def stop(self) -> bool:
        """Draw no more; False if nothing was being drawn."""
        was_on = self.is_on
        self.switch(False)
        return was_on

    def set_end(self, pixel: Pixel) -> None:
        """Begin at this pixel of the picture, or end there."""
        started, self._start = self._start is not None, pixel if self._start is None else None
        if not started:
            self._keep(pixel, pixel)

    def follow(self, pixel: Pixel) -> None:
        """Lead the line that was begun to this pixel of the picture."""
        if self._start is not None:
            self._keep(self._start, pixel)

    def _draw(self, y: float, x: float, bottom: float, right: float) -> None:
        self._keep((math.floor(y), math.floor(x)), (math.floor(bottom), math.floor(right)))

    def _keep(self, *ends: Pixel) -> None:
        """Measure along a line; an end beside the picture counts as the pixel at its edge."""
        sheet = self._panes.input.sheet
        if sheet is not None:
            rows, columns = sheet.shape
            first, last = ((min(max(y, 0), rows - 1), min(max(x, 0), columns - 1)) for y, x in ends)
            self._store.view(lambda session: with_view(session, "stage", line=(first, last), below="profile"))
