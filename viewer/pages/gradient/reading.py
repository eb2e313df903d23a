"""The pixel that is read in the Gradient workspace: crosshair, arrow, and the numbers in the status row."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from numpy.typing import NDArray
from PyQt6.QtCore import QObject, QRectF, pyqtSignal

from kernels.pictures.picture import Picture
from viewer.pages.gradient.queries import GradientResult
from viewer.pages.gradient.views.workspace import GradientWorkspace
from viewer.panes import Overlay
from viewer.panes.registration import middle
from viewer.state import State
from viewer.store import Store
from viewer.widgets import format_number
from viewer.widgets.numbers import MINUS

GLYPHS = "→↘↓↙←↖↑↗"
SEPARATOR = " · "


@dataclass(frozen=True, eq=False)
class Placed:
    """Values and what they cover in the scene."""

    values: NDArray[Any]
    rect: QRectF

    def pixel_at(self, y: float, x: float) -> tuple[int, int] | None:
        """The value that covers a scene point."""
        rows, columns = self.values.shape[:2]
        i = math.floor((y - self.rect.top()) / self.rect.height() * rows)
        j = math.floor((x - self.rect.left()) / self.rect.width() * columns)
        return (i, j) if 0 <= i < rows and 0 <= j < columns else None

    def box(self, i: int, j: int) -> QRectF:
        """What value (i, j) covers."""
        high, wide = self.rect.height() / self.values.shape[0], self.rect.width() / self.values.shape[1]
        return QRectF(self.rect.left() + j * wide, self.rect.top() + i * high, wide, high)


class GradientReadingController(QObject):
    """Keeps ``Session.gradient.pixel``, a pixel of the picture, in step with the pointer, and reads what is there."""

    readout_changed = pyqtSignal(str)

    def __init__(self, view: GradientWorkspace, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view, self._store = view, store
        self._shape: tuple[int, int] | None = None
        self._result: GradientResult | None = None
        self._gradient: Placed | None = None
        self._response: tuple[str, Placed] | None = None
        self._before_click: tuple[tuple[int, int] | None, bool] | None = None
        self._said = ""
        panes = view.panes
        panes.hovered.connect(self._hover)
        panes.left.connect(self._leave)
        panes.clicked.connect(self._click)
        panes.double_clicked.connect(self._undo_click)
        panes.nudged.connect(self._nudge)
        panes.pin_requested.connect(self._pin)
        panes.freed.connect(lambda: self._read(None, pinned=False))

    def update(self, old: State, new: State) -> None:
        """Follow the pixel that is read."""
        before, after = old.session.gradient, new.session.gradient
        if (before.pixel, before.pinned) != (after.pixel, after.pinned):
            self.refresh()

    def show_picture(self, picture: Picture) -> None:
        """Another picture: what is read stays where it is if there is such a pixel."""
        self._shape = picture.height, picture.width
        self._result = self._gradient = None
        pixel = self._store.session.gradient.pixel
        if pixel is not None and not self._is_inside(pixel):
            self._read(None, pinned=False)
        self.refresh()

    def show_result(self, result: GradientResult, rect: QRectF) -> None:
        """Another gradient is on screen."""
        self._result, self._gradient = result, Placed(result.gradient.gx, rect)
        self.refresh()

    def show_response(self, label: str, values: NDArray[Any] | None, rect: QRectF) -> None:
        """Another response is on screen; None for none."""
        self._response = None if values is None else (label, Placed(values, rect))
        self.refresh()

    # -- where -----------------------------------------------------------------------------------------------------

    def _is_inside(self, pixel: tuple[int, int]) -> bool:
        return self._shape is not None and 0 <= pixel[0] < self._shape[0] and 0 <= pixel[1] < self._shape[1]

    def _pixel(self, y: float, x: float) -> tuple[int, int] | None:
        """The picture pixel at a scene point; at the edge where a pane reaches half a pixel further."""
        if self._shape is None:
            return None
        return tuple(  # type: ignore[return-value]
            min(max(math.floor(at), 0), length - 1) for at, length in zip((y, x), self._shape, strict=True)
        )

    def _hover(self, _pane: str, y: float, x: float) -> None:
        self._before_click = None
        if not self._store.session.gradient.pinned:
            self._read(self._pixel(y, x), pinned=False)

    def _leave(self) -> None:
        self._before_click = None
        if not self._store.session.gradient.pinned:
            self._read(None, pinned=False)

    def _click(self, _pane: str, y: float, x: float) -> None:
        seen = self._store.session.gradient
        self._before_click = seen.pixel, seen.pinned
        pixel = self._pixel(y, x)
        self._read(pixel, pinned=pixel is not None and not (seen.pinned and seen.pixel == pixel))

    def _undo_click(self) -> None:
        """Forget the click that was the first half of a double click."""
        if self._before_click is not None:
            pixel, pinned = self._before_click
            self._before_click = None
            self._read(pixel, pinned=pinned)

    def _pin(self) -> None:
        """Enter: free what is pinned, else pin what is read, else the middle of the view."""
        seen = self._store.session.gradient
        centre = self._view.panes.link.centre
        pixel = seen.pixel if seen.pixel is not None else self._pixel(centre.y(), centre.x())
        self._read(pixel, pinned=pixel is not None and not seen.pinned)

    def _nudge(self, down: int, right: int) -> None:
        seen = self._store.session.gradient
        if seen.pixel is None:
            return
        pixel = self._pixel(seen.pixel[0] + down, seen.pixel[1] + right)
        self._read(pixel, pinned=seen.pinned)
        if pixel is not None:
            self._view.panes.link.reveal(middle(*pixel))

    def _read(self, pixel: tuple[int, int] | None, *, pinned: bool) -> None:
        self._store.view(
            lambda session: replace(session, gradient=replace(session.gradient, pixel=pixel, pinned=pinned))
        )

    # -- what ------------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Draw the crosshair and say the numbers."""
        seen = self._store.session.gradient
        pixel = seen.pixel if seen.pixel is not None and self._is_inside(seen.pixel) else None
        placed = self._gradient
        found = None if pixel is None or placed is None else placed.pixel_at(pixel[0] + 0.5, pixel[1] + 0.5)
        self._draw(pixel, found, seen.pinned)
        self._say(self._text(pixel, found))

    def _draw(self, pixel: tuple[int, int] | None, found: tuple[int, int] | None, pinned: bool) -> None:
        for name, pane in self._view.panes.panes.items():
            overlay = Overlay()
            if pixel is not None:
                box = QRectF(pixel[1], pixel[0], 1, 1)
                if name not in ("picture", "response") and found is not None and self._gradient is not None:
                    box = self._gradient.box(*found)
                point = box.center()
                overlay = Overlay(point=(point.y(), point.x()), box=box, pinned=pinned)
            pane.set_overlay(overlay)
        angle, share = math.nan, 0.0
        if found is not None and self._result is not None:
            angle = float(self._result.gradient.direction[found])
            share = float(self._result.gradient.magnitude[found]) / self._result.white
        known = math.isfinite(angle)
        self._view.options.wheel.set_mark(angle if known else None, share if known else 0.0)
        self._view.panes.rose.set_angle(angle if known else None)

    def _text(self, pixel: tuple[int, int] | None, found: tuple[int, int] | None) -> str:
        if pixel is None:
            return ""
        parts = []
        if found is None or self._result is None or self._gradient is None:
            position = self.tr("y {y}, x {x}").format(y=pixel[0], x=pixel[1])
        else:
            # Roberts' values belong between the pixels, and say so.
            centre = self._gradient.box(*found).center()
            position = self.tr("y {y}, x {x}").format(
                y=format_number(centre.y() - 0.5), x=format_number(centre.x() - 0.5)
            )
            parts = gradient_parts(self._result, *found)
            if parts[-1] == "":
                parts[-1] = self.tr("no direction")
        if self._response is not None:
            label, placed = self._response
            at = placed.pixel_at(pixel[0] + 0.5, pixel[1] + 0.5)
            if at is not None:
                parts.append(f"{label}: {format_number(float(placed.values[at]), 3)}")
        return f"{position}: {SEPARATOR.join(parts)}" if parts else position

    def _say(self, text: str) -> None:
        """Announce position and values, to screen readers too."""
        if text == self._said:
            return
        self._said = text
        for pane in self._view.panes.panes.values():
            pane.setAccessibleDescription(text)
        self.readout_changed.emit(text)


def gradient_parts(result: GradientResult, i: int, j: int) -> list[str]:
    """gx, gy, magnitude and direction at (i, j) as texts; the last one is empty where there is no direction."""
    gradient = result.gradient
    places = decimals(result.largest)
    gx, gy, size, angle = (
        float(each[i, j]) for each in (gradient.gx, gradient.gy, gradient.magnitude, gradient.direction)
    )
    direction = f"{glyph(angle)} {fixed(angle, 1)}°" if math.isfinite(angle) else ""
    return [f"gx {fixed(gx, places)}", f"gy {fixed(gy, places)}", f"|∇| {fixed(size, places)}", direction]


def glyph(angle: float) -> str:
    """The arrow nearest to a direction in degrees, 90 being down."""
    return GLYPHS[round(angle / 45.0) % len(GLYPHS)]


def decimals(largest: float) -> int:
    """How many decimals show four figures of numbers up to `largest`, at least one."""
    if not math.isfinite(largest) or largest <= 0:
        return 1
    return min(max(4 - math.ceil(math.log10(largest)), 1), 9)


def fixed(value: float, places: int) -> str:
    """`value` with a fixed number of decimals, so that texts do not jump about; -0 is 0."""
    if not math.isfinite(value):
        return format_number(value)
    return f"{round(value, places) + 0.0:.{places}f}".replace("-", MINUS)
