"""The two panes: what they show, which pixel is read, and where it lies in both."""

from __future__ import annotations

import math
from typing import Any

from msgspec.structs import replace
from PyQt6.QtCore import QObject, QRectF, pyqtSignal

from kernels.filtering.geometry import Geometry
from kernels.pictures.picture import describe_bits, is_held
from viewer.moment import Moment, Purpose
from viewer.page_views import Sight
from viewer.pages.filter import queries
from viewer.pages.filter.input_queries import INPUT, INPUT_PATCH, shown_extension
from viewer.pages.filter.queries import FILTERED, INPUT_NUMBERS, OUTPUT, OUTPUT_PATCH, WINDOWS
from viewer.panes import Overlay, PanesView, make_sheet
from viewer.panes.extension import THINNEST
from viewer.panes.overlay import extension_rect, middle, pixel_mark, placed, window_marks
from viewer.panes.values import pixel_text, value_text
from viewer.session import Probe
from viewer.shelf import PICTURE, open_result
from viewer.store import Store
from viewer.widgets import format_number, format_position

ELLIPSIS = "…"
Pixel = tuple[int, int]


class PanesControl(QObject):
    """Brings pictures to the panes and the pointer to ``Session.probe``.

    The scene is the picture: pixel (y, x) covers [y, y + 1) x [x, x + 1), and an output pixel is centred on the
    picture pixel under its window's anchor.
    """

    readout_changed = pyqtSignal(object, object, str, str)  # y, x (None: nothing is read), input, output

    def __init__(self, view: PanesView, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view, self._store = view, store
        self._geometry: Geometry | None = None  # of the output on screen
        self._moment = Moment(store.state)
        self._said: tuple[object, ...] = (None, None, "", "")
        self._point: Pixel | None = None  # the picture pixel that is read
        view.hovered.connect(self._hover)
        view.left.connect(self._leave)
        view.clicked.connect(self._click)
        view.nudged.connect(self._nudge)
        view.pin_requested.connect(self._pin)
        view.freed.connect(self._free)
        view.reveal_requested.connect(lambda: store.view(lambda session: replace(session, covered=False)))
        view.comparing.connect(lambda held: store.view(lambda session: replace(session, comparing=held)))
        view.link.sight_changed.connect(self._keep_sight)

    def _keep_sight(self, sight: Sight) -> None:
        self._store.view(lambda session: replace(session, sight=sight))

    def render(self, old: Moment, new: Moment) -> None:
        """Show what is newer than what is on screen, the output first."""
        self._moment = new
        shown: tuple[Purpose[Any], ...] = (INPUT, OUTPUT, INPUT_PATCH, OUTPUT_PATCH, INPUT_NUMBERS)
        changed = [old is new or old.result(each) is not new.result(each) for each in shown]
        if changed[0] or changed[2]:
            self._show_input(old)
        if changed[1] or changed[3] or (changed[0] and self._geometry is None):
            # Also back at a picture whose output was there all the time.
            self._show_output()
        if changed[0] or shown_extension(old) != shown_extension(new):
            self._show_extension()
        if changed[0] or changed[1]:
            self._show_content()
        self._show_state_of_work(old, new)
        if old.state.session.covered != new.state.session.covered:
            self._view.output.set_covered(self._covers(new))
            self._refresh()
        numbers = queries.shown_numbers(old) is not queries.shown_numbers(new)
        if any(changed) or numbers or old.state.session.comparing != new.state.session.comparing:
            self._view.set_comparing(new.state.session.comparing)
            self._show_titles()
        if old.state.session.probe != new.state.session.probe:
            self._follow_probe()
        elif any(changed):
            self._refresh()

    def _covers(self, moment: Moment) -> bool:
        """Whether the output is hidden until it is revealed."""
        return moment.state.session.covered

    # -- what the panes show ---------------------------------------------------------------------------------------

    def _show_input(self, old: Moment) -> None:
        shown = self._moment.result(INPUT)
        if shown is None:
            return
        height, width = shown.value.values.shape[:2]
        before = old.value(INPUT)
        if before is None or before.values.shape[:2] != (height, width):
            self._view.link.fit()
        self._make_way((height, width))
        patch = self._moment.value_from(INPUT_PATCH, shown.key)
        sheet = make_sheet(shown.value, QRectF(0, 0, width, height), patch)
        self._view.input.set_sheet(sheet)
        self._view.input.set_message("")

    def _make_way(self, shape: Pixel) -> None:
        """The output of a picture of another size has no place beside one of `shape`, and nothing of it is read."""
        if self._geometry is not None and self._geometry.image_shape != shape:
            self._geometry = None
            self._view.output.set_sheet(None)
            self._read(None, None, pinned=False)

    def _show_extension(self) -> None:
        """What the padding puts around the picture."""
        self._view.input.set_extension(
            tuple(
                make_sheet(painted, QRectF(left, top, wide, high))
                for painted, (top, left, high, wide) in shown_extension(self._moment)
            )
        )

    def _show_output(self) -> None:
        shown, patch = self._moment.value(OUTPUT), self._moment.result(OUTPUT_PATCH)
        if shown is None:
            return
        picture = open_result(self._moment)
        if picture is not None and shown.geometry.image_shape != picture.value.shape[:2]:
            return  # it came too late
        self._make_way(shown.geometry.image_shape)
        other, self._geometry = self._geometry != shown.geometry, shown.geometry
        sheet = make_sheet(shown.painted, placed(shown.geometry))
        is_windowed = picture is not None and not picture.value.is_held
        filtered = self._moment.result(WINDOWS if is_windowed else FILTERED)
        if patch is not None and filtered is not None and patch.value.whole == sheet.shape:
            if patch.is_from(filtered.key):
                sheet = sheet.with_patch(patch.value)
            elif patch.serial > filtered.serial:
                sheet = sheet.with_patch(patch.value, is_ahead=True)
        self._view.output.set_sheet(sheet)
        if other:
            self._keep_probe(shown.geometry)
        # At once: whatever else there is to show comes after the picture.
        self._view.output.show_now()

    def _show_state_of_work(self, old: Moment, new: Moment) -> None:
        purposes: tuple[Purpose[Any], ...] = (INPUT, OUTPUT)
        for purpose, pane in zip(purposes, self._view.panes, strict=True):
            failure = new.failure(purpose)
            if failure is not old.failure(purpose):
                stopped = failure is not None and failure.error is None
                told = self.tr("Cancelled: this is the result before.") if stopped else ""
                pane.set_message(told or ("" if failure is None else failure.sentence), "warning" if told else "error")
        if self._view.input.sheet is None and new.state.document.picture is not None and new.failure(INPUT) is None:
            self._view.input.set_message("")  # it is on its way
        self._view.output.busy.set_busy(new.is_busy(OUTPUT) or new.is_busy(PICTURE))

    def show_progress(self, purpose: str, fraction: float) -> None:
        """How much of the output is done."""
        if purpose == OUTPUT.name:
            self._view.output.busy.set_progress(fraction)

    def _show_content(self) -> None:
        """Fit to the picture and, where they belong to that picture, the output and the extension around it."""
        source, output = (pane.sheet for pane in self._view.panes)
        if source is None:
            return
        content = QRectF(source.rect)
        if output is not None and self._geometry is not None and self._geometry.image_shape == source.shape:
            content = content.united(output.rect)
            extended = content.united(extension_rect(self._geometry))
            # A strip that is too thin to be drawn needs no room.
            broadest = max(*self._geometry.before, *self._geometry.after)
            if broadest * self._view.link.fit_scale(extended) >= THINNEST:
                content = extended
        self._view.link.set_content(content)

    def _show_titles(self) -> None:
        source, output = self._input_title(), self._output_title()
        self._view.input.set_title(self.tr("Input"), **source)
        if self._moment.state.session.comparing and source:
            self._view.output.set_title(self.tr("Input, while C is held"), **source)
        else:
            self._view.output.set_title(self.tr("Output"), **output)

    def _input_title(self) -> dict[str, str]:
        picture, reference = open_result(self._moment), self._moment.state.document.picture
        if picture is None or reference is None:
            return {}
        held, numbers = picture.value, self._moment.result(INPUT_NUMBERS)
        facts = [held.bits]
        if numbers is not None and numbers.key == picture.key and numbers.value.extremes is not None:
            facts.append(_range(numbers.value.extremes))
        if held.note:
            facts.append(held.note)
        return {"origin": reference.title, "size": f"{held.width} × {held.height}", "facts": " · ".join(facts)}

    def _output_title(self) -> dict[str, str]:
        shown = self._moment.value(OUTPUT)
        if shown is None or self._geometry is None:
            return {}
        height, width = shown.geometry.output_shape
        facts = [describe_bits(shown.painted.values)]
        numbers = queries.shown_numbers(self._moment)
        if not is_held(shown.painted.values):
            facts.append(self.tr("computed where it is seen"))
        elif shown.filtered is None:
            facts.append(self.tr("every pixel follows"))
        elif numbers is not None:
            facts.append(self.tr("no finite value") if numbers.extremes is None else _range(numbers.extremes))
            if numbers.non_finite:
                facts.append(self.tr("{n} not finite").format(n=numbers.non_finite))
        if shown.filtered is not None and shown.filtered.picture.alpha is not None:
            facts.append(self.tr("opacity left out"))
        return {"size": f"{width} × {height}", "facts": " · ".join(facts)}

    # -- the pixel that is read ------------------------------------------------------------------------------------

    @property
    def _leads(self) -> bool:
        """Whether what is read is found here, and not on the Stage."""
        return not self._store.session.on_stage

    @property
    def _probe(self) -> Probe | None:
        return self._store.session.probe

    def _hover(self, pane: str, y: float, x: float) -> None:
        if self._probe is None or not self._probe.pinned:
            point, pixel = self._locate(pane, y, x)
            self._read(point, pixel, pinned=False)

    def _leave(self) -> None:
        if self._probe is None or not self._probe.pinned:
            self._read(None, None, pinned=False)

    def _click(self, pane: str, y: float, x: float) -> None:
        _point, pixel = self._locate(pane, y, x)
        if pixel is None or self._geometry is None:
            return
        probe = self._probe
        again = probe is not None and probe.pinned and (probe.i, probe.j) == pixel
        self._read(self._geometry.to_picture(*pixel), pixel, pinned=not again)

    def _pin(self) -> None:
        """Enter: free what is pinned, else pin what is read, else the middle of the view."""
        probe = self._probe
        if self._geometry is None:
            return
        if probe is not None:
            pixel, pinned = (probe.i, probe.j), not probe.pinned
        else:
            centre = self._view.link.centre
            pixel, pinned = self._geometry.nearest_output(math.floor(centre.y()), math.floor(centre.x())), True
        self._read(self._geometry.to_picture(*pixel), pixel, pinned=pinned)

    def _nudge(self, down: int, right: int) -> None:
        probe, windows = self._probe, self._geometry
        if probe is None or windows is None:
            return
        rows, columns = windows.output_shape
        pixel = min(max(probe.i + down, 0), rows - 1), min(max(probe.j + right, 0), columns - 1)
        point = windows.to_picture(*pixel)
        self._read(point, pixel, pinned=probe.pinned)
        self._view.link.reveal(middle(*point))

    def _free(self) -> None:
        self._read(None, None, pinned=False)

    def _locate(self, pane: str, y: float, x: float) -> tuple[Pixel, Pixel | None]:
        """The picture pixel at a scene point, and the output pixel: the one there, or whose window is nearest."""
        point = math.floor(y), math.floor(x)
        if self._geometry is None:
            return point, None
        if pane == "input":
            return point, self._geometry.to_output(*point)
        rect, (high, wide) = placed(self._geometry), self._geometry.stride
        i, j = math.floor((y - rect.top()) / high), math.floor((x - rect.left()) / wide)
        rows, columns = self._geometry.output_shape
        if not (0 <= i < rows and 0 <= j < columns):
            return point, None
        return self._geometry.to_picture(i, j), (i, j)

    def _read(self, point: Pixel | None, pixel: Pixel | None, *, pinned: bool) -> None:
        """Read the picture at `point` and the output at `pixel`."""
        probe = None if pixel is None else Probe(*pixel, pinned=pinned)
        self._point = point
        if probe == self._probe:
            self._refresh()
        else:
            # The change comes back through `render`, which refreshes.
            self._store.view(lambda session: replace(session, probe=probe))

    def _follow_probe(self) -> None:
        """The probe is another one: read the picture under its window's anchor, unless it was found from there."""
        probe, geometry = self._probe, self._geometry
        if probe is not None and geometry is not None:
            found = None if self._point is None else geometry.to_output(*self._point)
            if found != (probe.i, probe.j):
                self._point = geometry.to_picture(probe.i, probe.j)
        elif not self._leads:
            self._point = None
        self._refresh()

    def _keep_probe(self, geometry: Geometry) -> None:
        """Under another geometry, go on reading the same place of the picture."""
        probe = self._probe
        if self._point is None or not self._leads:
            return
        pixel = geometry.to_output(*self._point)
        if probe is not None and probe.pinned:
            pixel = pixel or geometry.nearest_output(*self._point)
            self._read(geometry.to_picture(*pixel), pixel, pinned=True)
        else:
            self._read(self._point, pixel, pinned=False)

    # -- crosshair and read-out ------------------------------------------------------------------------------------

    def _marked(self) -> tuple[Pixel | None, Pixel | None, bool]:
        """The pixel of the picture and that of the output to mark, and whether they are pinned."""
        probe = self._probe
        return (self._point, None, False) if probe is None else (self._point, (probe.i, probe.j), probe.pinned)

    def _further_marks(self, source: Overlay, output: Overlay) -> tuple[Overlay, Overlay]:
        """The overlays of both panes with what else is to be marked."""
        return source, output

    def _refresh(self) -> None:
        (point, pixel, pinned), geometry = self._marked(), self._geometry
        if point is None or self._view.input.sheet is None:
            self._view.input.set_overlay(Overlay())
            self._view.output.set_overlay(Overlay())
            self._say(None, None, "", "")
            return
        cross = point[0] + 0.5, point[1] + 0.5
        first = second = Overlay(point=cross, pinned=pinned)
        if pixel is not None and geometry is not None:
            picture = QRectF(0, 0, geometry.image_shape[1], geometry.image_shape[0])
            box, taps = window_marks(geometry, *pixel)
            first = replace(first, box=box, taps=taps, picture=picture)
            second = replace(second, box=pixel_mark(geometry, *pixel))
        first, second = self._further_marks(first, second)
        self._view.input.set_overlay(first)
        self._view.output.set_overlay(second)
        self._say(point[0], point[1], self._input_text(*point), self._output_text(point, pixel))

    def _input_text(self, y: int, x: int) -> str:
        sheet = self._view.input.sheet
        if sheet is None:
            return ""
        if not (0 <= y < sheet.shape[0] and 0 <= x < sheet.shape[1]):
            return self.tr("outside")
        return ", ".join(pixel_text(sheet.values, y, x))

    def _output_text(self, point: Pixel, pixel: Pixel | None) -> str:
        shown = self._moment.value(OUTPUT)
        if pixel is None or shown is None or self._view.output.is_covered:
            return ""
        array, (i, j) = shown.painted.values, pixel
        if shown.filtered is None and is_held(array):
            return ""  # of a preview
        if i >= array.shape[0] or j >= array.shape[1]:
            return ""
        text = ", ".join(pixel_text(array, i, j))
        if pixel != point:
            text = self.tr("{value} at y {i}, x {j}").format(value=text, i=value_text(i), j=value_text(j))
        return text

    def _say(self, y: int | None, x: int | None, source: str, output: str) -> None:
        """Announce position and values, to screen readers too."""
        said = (y, x, source, output)
        if said == self._said:
            return
        self._said = said
        where = "" if y is None or x is None else format_position(y, x)
        for pane, text in zip(self._view.panes, (source, output), strict=True):
            pane.setAccessibleDescription(f"{where}: {text}" if text else where)
        self.readout_changed.emit(*said)


def _range(ends: tuple[float, float]) -> str:
    return f" {ELLIPSIS} ".join(format_number(value, 4) for value in ends)
