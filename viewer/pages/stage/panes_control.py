"""The panes of the Stage: the picture, the close-ups, and the output as far as the window has come."""

from __future__ import annotations

import math

import numpy as np
from msgspec.structs import replace
from PyQt6.QtCore import QLineF, QObject, QRectF

from kernels.filtering.geometry import Geometry
from kernels.pictures.edits import LARGEST_SIDE
from viewer.moment import Moment
from viewer.page_views import Sight
from viewer.pages.filter.panes_control import ELLIPSIS, PanesControl, Pixel
from viewer.pages.filter.queries import OUTPUT, pixel_read
from viewer.pages.stage.queries import CLOSE_UPS, SHIFTED, TOUCHED, Shifted, pointed_at
from viewer.pages.stage.ruler import Ruler
from viewer.pages.stage.scan import covered_areas, scan_of
from viewer.pages.stage.transport_control import TransportControl
from viewer.pages.stage.views.workspace import StageWorkspace
from viewer.panes import Overlay, make_sheet
from viewer.panes.overlay import MOST_TAPS, NUMBERED, middle, pixel_mark, placed, window_marks
from viewer.session import with_view
from viewer.shelf import open_result
from viewer.store import Store
from viewer.widgets import format_number

LATE = 0.6
"""Share of the rows from which the output's close-up stands at the top."""


class StagePanesControl(PanesControl):
    """As on the Filter page, but something is always read, and a click takes the window there."""

    def __init__(
        self,
        view: StageWorkspace,
        store: Store,
        transport: TransportControl,
        ruler: Ruler,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(view.panes, store, parent)
        self._stage_view, self._transport, self._ruler = view, transport, ruler
        # What is pointed at there is not gone to: the close-up would run away under the pointer.
        view.close_up.hovered.connect(self._point_into)
        view.close_up.clicked.connect(lambda y, x: self._click("input", y + 0.5, x + 0.5))
        view.output_close_up.clicked.connect(lambda i, j: self._take((i, j)))
        for close_up in (view.close_up, view.output_close_up):
            close_up.nudged.connect(self._nudge)
        view.panes.link.changed.connect(self._show_close_ups)

    def render(self, old: Moment, new: Moment) -> None:
        """Show what has changed between two moments."""
        super().render(old, new)
        before, after = old.state.session, new.state.session
        if (before.stage != after.stage and before.probe == after.probe) or new.is_newer(old, TOUCHED):
            self._refresh()
        switched = before.stage.tap != after.stage.tap or before.stage.predict != after.stage.predict
        if switched or new.is_newer(old, SHIFTED, OUTPUT):
            self._show_shifted()
            self._refresh()
        if switched or new.is_newer(old, CLOSE_UPS) or old.state.document is not new.state.document:
            self._show_close_ups()

    def _show_close_ups(self) -> None:
        """The newest; nothing where the kernel has no place in the picture."""
        (_point, pixel, _pinned), found = self._marked(), self._moment.value(CLOSE_UPS)
        is_shown = found is not None and pixel is not None
        # Not over numbers that can be read as they stand, nor over what a single weight adds.
        is_beside = is_shown and not self._has_numbers() and self._moment.state.session.stage.tap is None
        self._stage_view.show_close_ups(found.input if is_shown else None, found.output if is_beside else None)
        has_weights = bool(self._moment.state.document.kernel.weights.any())
        caption = self.tr("each pixel × its weight") if has_weights else self.tr("every weight is 0: nothing is left")
        self._stage_view.show_caption(caption)
        self._join_close_ups()

    def _has_numbers(self) -> bool:
        """Whether the cells of the output are large enough to carry their numbers."""
        windows, ratio = self._geometry, self._view.output.devicePixelRatioF()
        return windows is not None and self._view.link.scale * min(windows.stride) / ratio >= NUMBERED

    def _show_content(self) -> None:
        super()._show_content()
        windows = self._geometry
        if windows is not None and max(windows.image_shape) <= LARGEST_SIDE:
            # Of a small picture the extension is seen too.
            (above, left), (below, right), (height, width) = windows.before, windows.after, windows.image_shape
            extended = QRectF(-left, -above, left + width + right, above + height + below)
            self._view.link.set_content(self._view.link.content.united(extended))

    def _input_title(self) -> dict[str, str]:
        title = super()._input_title()
        return {"size": title["size"]} if title else {}

    def _output_title(self) -> dict[str, str]:
        title, shown = super()._output_title(), self._moment.value(OUTPUT)
        if not title or shown is None:
            return {}
        if self._moment.state.session.stage.predict:
            return {"size": title["size"]}  # the range would tell an extreme that is still asked for
        low, high = (format_number(level, 4) for level in shown.painted.levels)
        return {"size": title["size"], "facts": f"{low} {ELLIPSIS} {high}"}

    def _addition(self) -> Shifted | None:
        """What the weight under the pointer adds, once it is there."""
        tap, found = self._moment.state.session.stage.tap, self._moment.value(SHIFTED)
        return found if found is not None and found.tap == tap else None

    def _show_shifted(self) -> None:
        """In the output's place, what the weight under the pointer adds; and the pixel that it multiplies."""
        tap, found = self._moment.state.session.stage.tap, self._addition()
        (_point, pixel, _pinned), windows = self._marked(), self._geometry
        under = None
        if tap is not None and pixel is not None and windows is not None:
            rows, columns = windows.window(*pixel)
            under = (int(rows[tap[0]]), int(columns[tap[1]])) if tap[0] < len(rows) and tap[1] < len(columns) else None
        self._stage_view.close_up.mark(under)
        self._view.output.set_stand_in(None if found is None else make_sheet(found.painted, placed(found.geometry)))
        self._show_titles()

    def _show_titles(self) -> None:
        super()._show_titles()
        found = self._addition()
        if found is not None:
            place = self.tr("row {i}, column {j}").format(i=found.tap[0] + 1, j=found.tap[1] + 1)
            self._view.output.set_title(self.tr("What this weight adds"), size=place)

    def _keep_sight(self, sight: Sight) -> None:
        self._store.view(lambda session: with_view(session, "stage", sight=sight))

    def _covers(self, moment: Moment) -> bool:
        """Predict hides what is still to come, and nothing else."""
        return False

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

    def _point_into(self, place: Pixel | None) -> None:
        """The pixel under the pointer in the close-up; of a virtual one the pixel that it is read from, if any."""
        cells = self._stage_view.close_up.cells
        if place is not None and cells is not None:
            y, x = cells.origins[place[0] - cells.top, place[1] - cells.left].tolist()
            place = (y, x) if y >= 0 else None
        self._keep_point(place)

    def _keep_point(self, point: Pixel | None) -> None:
        self._store.view(lambda session: with_view(session, "stage", point=point))

    def _click(self, pane: str, y: float, x: float) -> None:
        _point, pixel = self._locate(pane, y, x)
        if pixel is not None and self._geometry is not None:
            self._take(pixel)

    def _take(self, pixel: Pixel) -> None:
        """Go there and stay; a second time frees it."""
        probe = self._probe
        again = probe is not None and probe.pinned and (probe.i, probe.j) == pixel
        self._transport.go_to(pixel, pinned=not again)

    def _pin(self) -> None:
        """Enter: stay at what is read, or free it; while lines are drawn, begin or end one there."""
        point, pixel, _pinned = self._marked()
        if point is not None and self._ruler.is_on:
            self._ruler.set_end(point)
        elif pixel is not None:
            self._take(pixel)

    def _keep_probe(self, geometry: Geometry) -> None:
        """What is pinned stays at its place in the picture, and the window with it."""
        if self._point is not None and self._probe is not None and self._probe.pinned:
            self._transport.go_to(geometry.nearest_output(*self._point), pinned=True)
        else:
            super()._keep_probe(geometry)

    @property
    def _leads(self) -> bool:
        return self._store.session.on_stage

    def _nudge(self, down: int, right: int) -> None:
        """Go on by output pixels, across stride too."""
        (_point, pixel, _pinned), windows = self._marked(), self._geometry
        if pixel is None or windows is None:
            return
        rows, columns = windows.output_shape
        pixel = min(max(pixel[0] + down, 0), rows - 1), min(max(pixel[1] + right, 0), columns - 1)
        self._transport.go_to(pixel, pinned=True)
        self._ruler.follow(windows.to_picture(*pixel))

    def _free(self) -> None:
        self._stage_view.escape_pressed.emit()

    def _marked(self) -> tuple[Pixel | None, Pixel | None, bool]:
        picture = open_result(self._moment)
        pixel = None if picture is None else pixel_read(self._moment.state, picture.value)
        if pixel is None or self._geometry is None:
            return None, None, False
        probe = self._probe
        if probe is not None and not probe.pinned and self._point is not None and (probe.i, probe.j) == pixel:
            return self._point, pixel, True
        return self._geometry.to_picture(*pixel), pixel, True  # keys step, wherever the pointer is

    def _further_marks(self, source: Overlay, output: Overlay) -> tuple[Overlay, Overlay]:
        windows, stage = self._geometry, self._moment.state.session.stage
        if windows is None:
            return source, output
        if stage.below == "profile" and stage.line is not None:
            line = QLineF(*(middle(*end) for end in stage.line))
            source, output = replace(source, line=line), replace(output, line=line)
        rect, (high, wide) = placed(windows), windows.stride
        covered = tuple(
            QRectF(rect.left() + left * wide, rect.top() + top * high, columns * wide, rows * high)
            for top, left, rows, columns in covered_areas(stage, windows.output_shape)
        )
        if self._addition() is not None:
            # It stands in the output's place; of a kernel of one weight it is the output.
            return _bare(source), replace(_bare(output), covered=covered if stage.predict else ())
        output = replace(output, covered=covered, touched=self._touched(windows), trail=self._trail(windows))
        return _bare(source), replace(output, point=None) if self._has_numbers() else _bare(output)

    def _trail(self, windows: Geometry) -> QRectF:
        """The part of the present row that the window has passed."""
        stage = self._moment.state.session.stage
        i, j = stage.position(windows.output_shape)
        first = scan_of(stage, windows.output_shape).columns[0]
        return pixel_mark(windows, i, min(first, j)).united(pixel_mark(windows, i, j))

    def _touched(self, windows: Geometry) -> tuple[tuple[QRectF, float], ...]:
        """The output pixels that the pixel under the pointer contributes to, and how strongly."""
        picture, found = open_result(self._moment), self._moment.value(TOUCHED)
        if picture is None or pointed_at(self._moment.state.session.stage, picture.value) is None:
            return ()
        if found is None or not found.rows.size or not found.columns.size:
            return ()
        if found.rows[-1] >= windows.output_shape[0] or found.columns[-1] >= windows.output_shape[1]:
            return ()  # of another geometry
        weights = np.abs(found.weights if found.weights.ndim == 2 else found.weights.sum(axis=2))
        largest = float(weights.max()) or 1.0
        if weights.size > MOST_TAPS:
            first, last = (int(found.rows[0]), int(found.columns[0])), (int(found.rows[-1]), int(found.columns[-1]))
            return ((pixel_mark(windows, *first).united(pixel_mark(windows, *last)), 0.5),)
        shares = (weights / largest).tolist()
        return tuple(
            (pixel_mark(windows, i, j), share)
            for i, row in zip(found.rows.tolist(), shares, strict=True)
            for j, share in zip(found.columns.tolist(), row, strict=True)
        )

    def _output_text(self, point: Pixel, pixel: Pixel | None) -> str:
        stage, windows = self._moment.state.session.stage, self._geometry
        if pixel is not None and windows is not None and stage.is_covered(pixel, windows.output_shape):
            return self.tr("not reached yet")
        return super()._output_text(point, pixel)

    def _join_close_ups(self) -> None:
        """Lines from the places in the whole pictures to their close-ups."""
        (_point, pixel, _pinned), found = self._marked(), self._moment.value(CLOSE_UPS)
        if found is None or pixel is None:
            self._stage_view.join_close_ups(QRectF(), QRectF(), at_top=False)
            return
        windows, (i, j) = found.geometry, found.pixel
        window, _taps = window_marks(windows, i, j)
        late = i > LATE * windows.output_shape[0]
        self._stage_view.join_close_ups(window, pixel_mark(windows, i, j), at_top=late)


def _bare(overlay: Overlay) -> Overlay:
    """Without crosshair and window: the close-ups and their lines say where they are."""
    return replace(overlay, point=None, box=QRectF(), taps=())
