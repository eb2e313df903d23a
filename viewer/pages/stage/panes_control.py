"""The panes of the Stage: the picture, the close-ups, and the output as far as the window has come."""

from __future__ import annotations

import math
from dataclasses import replace

from PyQt6.QtCore import QObject, QRectF

from viewer.moment import Moment
from viewer.pages.filter.panes_control import ELLIPSIS, PanesControl, Pixel
from viewer.pages.filter.queries import OUTPUT, pixel_read
from viewer.pages.stage.queries import CLOSE_UPS
from viewer.pages.stage.scan import covered_areas
from viewer.pages.stage.transport_control import TransportControl
from viewer.pages.stage.views.workspace import StageWorkspace
from viewer.panes import Overlay
from viewer.panes.overlay import placed
from viewer.shelf import open_result
from viewer.state import Sight, with_stage_view
from viewer.store import Store
from viewer.widgets import format_number


class StagePanesControl(PanesControl):
    """As on the Filter page, but something is always read, and a click takes the window there."""

    def __init__(
        self, view: StageWorkspace, store: Store, transport: TransportControl, parent: QObject | None = None
    ) -> None:
        super().__init__(view.panes, store, parent)
        self._stage_view, self._transport = view, transport
        view.close_up.hovered.connect(self.point_at)
        view.close_up.clicked.connect(lambda y, x: self._click("input", y + 0.5, x + 0.5))
        view.close_up.nudged.connect(self._nudge)

    def render(self, old: Moment, new: Moment) -> None:
        """Show what has changed between two moments."""
        super().render(old, new)
        before, after = old.state.session, new.state.session
        if before.stage != after.stage and before.probe == after.probe:
            self._refresh()
        if new.is_newer(old, CLOSE_UPS):
            found = new.value(CLOSE_UPS)
            self._stage_view.show_close_ups(
                None if found is None else found.input, None if found is None else found.output
            )
            self._join_close_ups()

    def _input_title(self) -> dict[str, str]:
        title = super()._input_title()
        return {"size": title["size"]} if title else {}

    def _output_title(self) -> dict[str, str]:
        title, shown = super()._output_title(), self._moment.value(OUTPUT)
        if not title or shown is None:
            return {}
        low, high = (format_number(level, 4) for level in shown.painted.levels)
        return {"size": title["size"], "facts": f"{low} {ELLIPSIS} {high}"}

    def _keep_sight(self, sight: Sight) -> None:
        self._store.view(lambda session: with_stage_view(session, sight=sight))

    # -- the pixel that is read ------------------------------------------------------------------------------------

    def point_at(self, place: Pixel | None) -> None:
        """Read as if the pointer were over that pixel of the picture; None: it has left."""
        if place is None:
            self._leave()
        else:
            self._hover("input", place[0] + 0.5, place[1] + 0.5)

    def _hover(self, pane: str, y: float, x: float) -> None:
        super()._hover(pane, y, x)
        inside = self._view.input.sheet is not None and self._view.input.sheet.pixel_at(y, x) is not None
        self._keep_point((math.floor(y), math.floor(x)) if pane == "input" and inside else None)

    def _leave(self) -> None:
        super()._leave()
        self._keep_point(None)

    def _keep_point(self, point: Pixel | None) -> None:
        self._store.view(lambda session: with_stage_view(session, point=point))

    def _click(self, pane: str, y: float, x: float) -> None:
        """Go there and stay; a second click frees it."""
        _point, pixel = self._locate(pane, y, x)
        if pixel is None or self._geometry is None:
            return
        probe = self._probe
        again = probe is not None and probe.pinned and (probe.i, probe.j) == pixel
        self._transport.go_to(pixel, pinned=not again)

    def _nudge(self, down: int, right: int) -> None:
        """Go on by output pixels, across stride too."""
        (_point, pixel, _pinned), windows = self._marked(), self._geometry
        if pixel is None or windows is None:
            return
        rows, columns = windows.output_shape
        pixel = min(max(pixel[0] + down, 0), rows - 1), min(max(pixel[1] + right, 0), columns - 1)
        self._transport.go_to(pixel, pinned=True)

    def _free(self) -> None:
        self._stage_view.escape_pressed.emit()

    def _marked(self) -> tuple[Pixel | None, Pixel | None, bool]:
        picture = open_result(self._moment)
        pixel = None if picture is None else pixel_read(self._moment.state, picture.value)
        if pixel is None or self._geometry is None:
            return None, None, False
        probe = self._probe
        pinned = probe is None or probe.pinned  # keys step, whether the pointer was here or not
        if probe is not None and not pinned and self._point is not None and (probe.i, probe.j) == pixel:
            return self._point, pixel, False
        return self._geometry.to_picture(*pixel), pixel, pinned

    def _refresh(self) -> None:
        super()._refresh()
        self._join_close_ups()

    def _further_marks(self, source: Overlay, output: Overlay) -> tuple[Overlay, Overlay]:
        windows = self._geometry
        if windows is None:
            return source, output
        rect, (high, wide) = placed(windows), windows.stride
        covered = tuple(
            QRectF(rect.left() + left * wide, rect.top() + top * high, columns * wide, rows * high)
            for top, left, rows, columns in covered_areas(self._moment.state.session.stage, windows.output_shape)
        )
        # No arms: the close-ups say where it is.
        return replace(source, point=None), replace(output, point=None, covered=covered)

    def _output_text(self, point: Pixel, pixel: Pixel | None) -> str:
        stage, windows = self._moment.state.session.stage, self._geometry
        if pixel is not None and windows is not None and stage.is_covered(pixel, windows.output_shape):
            return self.tr("not reached yet")
        return super()._output_text(point, pixel)

    def _join_close_ups(self) -> None:
        """Lines from the places in the whole pictures to their close-ups."""
        source, output = (pane.overlay.box for pane in self._view.panes)
        stage, windows = self._moment.state.session.stage, self._geometry
        late = False
        if windows is not None:
            i, _j = stage.position(windows.output_shape)
            late = i > 0.6 * windows.output_shape[0]
        self._stage_view.join_close_ups(source, output, at_top=late)
