"""The pixel that is read in the Gradient workspace: crosshair, arrow, and the numbers in the status row."""

from __future__ import annotations

import math

from PyQt6.QtCore import QObject, QRectF

from viewer.moment import Moment
from viewer.pages.gradient import queries
from viewer.pages.gradient.panes_control import SEPARATOR
from viewer.pages.gradient.queries import NUMBERS, PANES, Panes
from viewer.pages.gradient.views.workspace import GradientWorkspace
from viewer.pages.learned.queries import RESPONSE, shown_response
from viewer.panes import Overlay
from viewer.panes.overlay import middle
from viewer.session import with_view
from viewer.shelf import PICTURE, open_result
from viewer.store import Store
from viewer.widgets import format_number
from viewer.widgets.numbers import MINUS

GLYPHS = "→↘↓↙←↖↑↗"
Pixel = tuple[int, int]


class ReadingControl(QObject):
    """Keeps ``Session.gradient.pixel``, a pixel of the picture, in step with the pointer, and reads what is there."""

    def __init__(self, view: GradientWorkspace, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view, self._store = view, store
        self._shape: Pixel | None = None  # of the picture
        self._before_click: tuple[Pixel | None, bool] | None = None
        self.text = ""
        panes = view.panes
        panes.hovered.connect(self._hover)
        panes.left.connect(self._leave)
        panes.clicked.connect(self._click)
        panes.double_clicked.connect(self._undo_click)
        panes.nudged.connect(self._nudge)
        panes.pin_requested.connect(self._pin)
        panes.freed.connect(lambda: self._read(None, pinned=False))

    def render(self, old: Moment, new: Moment) -> None:
        """Follow the pixel that is read, and what there is to read."""
        before, after = old.state.session.gradient, new.state.session.gradient
        picture = open_result(new)
        self._shape = None if picture is None else (picture.value.height, picture.value.width)
        if (before.pixel, before.pinned) != (after.pixel, after.pinned) or new.is_newer(
            old, PICTURE, PANES, NUMBERS, RESPONSE
        ):
            self._show(new)

    def _pixel(self, y: float, x: float) -> Pixel | None:
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

    def _read(self, pixel: Pixel | None, *, pinned: bool) -> None:
        self._store.view(lambda session: with_view(session, "gradient", pixel=pixel, pinned=pinned))

    def _show(self, moment: Moment) -> None:
        """Draw the crosshair and say the numbers."""
        seen, panes, sheet = (
            moment.state.session.gradient,
            queries.shown_panes(moment),
            self._view.panes.panes["gx"].sheet,
        )
        pixel = seen.pixel
        if pixel is not None and (self._shape is None or pixel != self._pixel(*pixel)):
            pixel = None  # this picture has no such pixel
        found = None
        if pixel is not None and panes is not None and sheet is not None:
            found = sheet.pixel_at(pixel[0] + 0.5, pixel[1] + 0.5)
        box = None if found is None or sheet is None else sheet.pixel_rect(*found)
        self._draw(pixel, box, seen.pinned)
        self._mark_direction(panes, None if moment.state.session.covered else found)
        self._say(self._text(moment, panes, pixel, found, box))

    def _draw(self, pixel: Pixel | None, box: QRectF | None, pinned: bool) -> None:
        for name, pane in self._view.panes.panes.items():
            overlay = Overlay()
            if pixel is not None:
                shown = QRectF(pixel[1], pixel[0], 1, 1)
                if name not in ("picture", "response") and box is not None:
                    shown = box
                point = shown.center()
                overlay = Overlay(point=(point.y(), point.x()), box=shown, pinned=pinned)
            pane.set_overlay(overlay)

    def _mark_direction(self, panes: Panes | None, found: Pixel | None) -> None:
        angle, share = math.nan, 0.0
        if found is not None and panes is not None:
            angle = float(panes.painted["direction"].values[found])
            share = float(panes.gradient.magnitude[found]) / panes.scale.white
        known = math.isfinite(angle)
        self._view.options.wheel.set_mark(angle if known else None, share if known else 0.0)
        self._view.panes.rose.set_angle(angle if known else None)

    def _text(
        self, moment: Moment, panes: Panes | None, pixel: Pixel | None, found: Pixel | None, box: QRectF | None
    ) -> str:
        if pixel is None:
            return ""
        where, parts = (str(pixel[0]), str(pixel[1])), []
        if found is not None and panes is not None and box is not None and not moment.state.session.covered:
            # Roberts' values belong between the pixels, and say so.
            where = format_number(box.center().y() - 0.5), format_number(box.center().x() - 0.5)
            numbers = queries.numbers_of(moment, panes.gradient)
            parts = gradient_parts(panes, panes.scale.white if numbers is None else numbers.largest, *found)
            parts[-1] = parts[-1] or self.tr("no direction")
        response = shown_response(moment)
        if response is not None:
            sheet = self._view.panes.panes["response"].sheet
            at = None if sheet is None else sheet.pixel_at(pixel[0] + 0.5, pixel[1] + 0.5)
            if at is not None:
                value = format_number(float(response.painted.values[at]), 3)
                parts.append(self.tr("filter {n}: {value}").format(n=response.index, value=value))
        position = self.tr("y {y}, x {x}").format(y=where[0], x=where[1])
        return f"{position}: {SEPARATOR.join(parts)}" if parts else position

    def _say(self, text: str) -> None:
        """Announce position and values, to screen readers too."""
        if text != self.text:
            self.text = text
            for pane in self._view.panes.panes.values():
                pane.setAccessibleDescription(text)


def gradient_parts(panes: Panes, largest: float, i: int, j: int) -> list[str]:
    """gx, gy, magnitude and direction at (i, j) as texts; the last one is empty where there is no direction."""
    gradient, places = panes.gradient, decimals(largest)
    gx, gy, size = (float(each[i, j]) for each in (gradient.gx, gradient.gy, gradient.magnitude))
    angle = float(panes.painted["direction"].values[i, j])
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
