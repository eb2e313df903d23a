"""The two panes: what they show, which pixel is read, and where it lies in both."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from numpy.typing import NDArray
from PyQt6.QtCore import QObject, QRectF, pyqtSignal
from PyQt6.QtGui import QImage

from kernels.filtering.geometry import Geometry
from kernels.pictures.picture import Picture, describe_bits
from viewer.compute import Compute
from viewer.panes import Overlay, PanesView, make_sheet
from viewer.panes.registration import middle, nearest, pixel_mark, placed, window_marks
from viewer.panes.values import pixel_text, value_text
from viewer.resolve import DisplayResult, FilterRequest, FilterResult
from viewer.state import PictureReference, Probe, State
from viewer.store import Store
from viewer.widgets import format_number

ELLIPSIS = "…"


class PanesController(QObject):
    """Brings pictures to the panes and the pointer to ``Session.probe``.

    The scene is the picture: pixel (y, x) covers [y, y + 1) x [x, x + 1), and an output pixel is centred on the
    picture pixel under its window's anchor.
    """

    files_dropped = pyqtSignal(list)
    image_dropped = pyqtSignal(QImage)
    adopt_requested = pyqtSignal()
    save_requested = pyqtSignal()
    zoom_changed = pyqtSignal(float)  # percent
    readout_changed = pyqtSignal(object, object, str, str)  # y, x (None: nothing is read), input, output

    def __init__(self, view: PanesView, store: Store, compute: Compute, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view, self._store = view, store
        self._reference: PictureReference | None = None
        self._picture: Picture | None = None
        self._input_range: tuple[float, float] | None = None
        self._geometry: Geometry | None = None
        self._output: NDArray[Any] | None = None
        self._painted: DisplayResult | None = None
        self._said: tuple[object, ...] = (None, None, "", "")
        self._point: tuple[int, int] | None = None  # the picture pixel that is read
        view.hovered.connect(self._hover)
        view.left.connect(self._leave)
        view.clicked.connect(self._click)
        view.nudged.connect(self._nudge)
        view.pin_requested.connect(self._pin)
        view.freed.connect(self._free)
        view.comparing.connect(lambda held: store.view(lambda session: replace(session, comparing=held)))
        for name in ("files_dropped", "image_dropped", "adopt_requested", "save_requested", "zoom_changed"):
            getattr(view, name).connect(getattr(self, name))
        compute.progressed.connect(self._progress)

    def update(self, old: State, new: State) -> None:
        """Follow the probe and the key that compares."""
        before, after = old.session, new.session
        if before.comparing != after.comparing or old is new:
            self._view.set_comparing(after.comparing)
            self._show_titles()
        if before.probe != after.probe:
            self._follow_probe()

    # -- what the panes show ---------------------------------------------------------------------------------------

    def show_picture(self, reference: PictureReference, picture: Picture) -> None:
        """Another picture is the input; its image comes through `show_input`."""
        if self._picture is None or self._picture.shape[:2] != picture.shape[:2]:
            self._view.link.fit()
        self._reference, self._picture, self._input_range = reference, picture, None
        self._view.output.set_message("")

    def show_input(self, display: DisplayResult) -> None:
        """The input, ready to paint."""
        height, width = display.source.array.shape[:2]
        if self._geometry is not None and self._geometry.image_shape != (height, width):
            self._forget_output()
        self._input_range = display.source.finite_range
        sheet = make_sheet(display.images, QRectF(0, 0, width, height), display.source.array)
        self._view.input.set_sheet(sheet)
        self._view.input.set_message("")
        self._show_content()
        self._refresh()

    def _forget_output(self) -> None:
        """The output of a picture of another size has no place beside this one."""
        self._geometry = self._output = self._painted = None
        self._view.output.set_sheet(None)
        self._read(None, None, pinned=False)

    def show_output(self, request: FilterRequest, result: FilterResult) -> None:
        """Another output; its image comes through `show_output_display`."""
        self._geometry, self._output = result.geometry, result.array
        self._view.output.set_message("")
        self._view.set_output_available(True)
        self._keep_probe(result.geometry)

    def show_output_display(self, display: DisplayResult) -> None:
        """The output, ready to paint; its geometry came with `show_output`."""
        if self._geometry is None or display.source.array is not self._output:
            return
        self._painted = display
        self._view.output.set_sheet(make_sheet(display.images, placed(self._geometry), display.source.array))
        self._show_content()
        self._refresh()

    def show_failure(self, message: str) -> None:
        """There is no new output, and why; the last one stays."""
        self._view.output.set_message(message, "error")

    def set_busy(self, busy: bool) -> None:
        """The output is being computed."""
        self._view.output.set_busy(busy)

    def zoom_fit(self) -> None:
        """Show everything."""
        self._view.zoom_fit()

    def zoom_actual(self) -> None:
        """One picture pixel on each device pixel."""
        self._view.zoom_actual()

    def zoom_in(self) -> None:
        """The next larger scale."""
        self._view.zoom_in()

    def zoom_out(self) -> None:
        """The next smaller scale."""
        self._view.zoom_out()

    def _progress(self, lane: str, fraction: float) -> None:
        if lane == "filter":
            self._view.output.set_progress(fraction)

    def _show_content(self) -> None:
        """Fit to the picture and, where it belongs to that picture, the output around it."""
        sheets = [pane.sheet for pane in self._view.panes]
        if sheets[0] is None:
            return
        content = QRectF(sheets[0].rect)
        if sheets[1] is not None and self._geometry is not None and self._geometry.image_shape == sheets[0].shape:
            content = content.united(sheets[1].rect)
        self._view.set_content(content)
        self._view.set_comparing(self._store.session.comparing)
        self._show_titles()

    def _show_titles(self) -> None:
        source, output = self._input_title(), self._output_title()
        self._view.input.set_title(self.tr("Input"), **source)
        if self._store.session.comparing and source:
            self._view.output.set_title(self.tr("Input, while C is held"), **source)
        else:
            self._view.output.set_title(self.tr("Output"), **output)

    def _input_title(self) -> dict[str, str]:
        if self._picture is None or self._reference is None:
            return {}
        facts = [self._picture.bits]
        if self._input_range is not None:
            facts.append(_range(self._input_range))
        if self._picture.note:
            facts.append(self._picture.note)
        size = f"{self._picture.width} × {self._picture.height}"
        return {"origin": self._reference.title, "size": size, "facts": " · ".join(facts)}

    def _output_title(self) -> dict[str, str]:
        statistics = None if self._painted is None else self._painted.statistics
        if self._painted is None or statistics is None:
            return {}
        array = self._painted.source.array
        facts = [describe_bits(array)]
        if statistics.finite_range is None:
            facts.append(self.tr("no finite value"))
        else:
            facts.append(_range(statistics.finite_range))
        if statistics.non_finite:
            facts.append(self.tr("{n} not finite").format(n=statistics.non_finite))
        height, width = array.shape[:2]
        return {"size": f"{width} × {height}", "facts": " · ".join(facts)}

    # -- the pixel that is read ------------------------------------------------------------------------------------

    def _hover(self, pane: str, y: float, x: float) -> None:
        probe = self._store.session.probe
        if probe is None or not probe.pinned:
            point, pixel = self._locate(pane, y, x)
            self._read(point, pixel, pinned=False)

    def _leave(self) -> None:
        probe = self._store.session.probe
        if probe is None or not probe.pinned:
            self._read(None, None, pinned=False)

    def _click(self, pane: str, y: float, x: float) -> None:
        _point, pixel = self._locate(pane, y, x)
        if pixel is None or self._geometry is None:
            return
        probe = self._store.session.probe
        again = probe is not None and probe.pinned and (probe.i, probe.j) == pixel
        self._read(self._geometry.to_picture(*pixel), pixel, pinned=not again)

    def _pin(self) -> None:
        """Enter: free what is pinned, else pin what is read, else the middle of the view."""
        probe = self._store.session.probe
        if self._geometry is None:
            return
        if probe is not None:
            pixel, pinned = (probe.i, probe.j), not probe.pinned
        else:
            centre = self._view.link.centre
            pixel, pinned = nearest(self._geometry, math.floor(centre.y()), math.floor(centre.x())), True
        self._read(self._geometry.to_picture(*pixel), pixel, pinned=pinned)

    def _nudge(self, down: int, right: int) -> None:
        probe, placed_at = self._store.session.probe, self._geometry
        if probe is None or placed_at is None:
            return
        rows, columns = placed_at.output_shape
        pixel = min(max(probe.i + down, 0), rows - 1), min(max(probe.j + right, 0), columns - 1)
        point = placed_at.to_picture(*pixel)
        self._read(point, pixel, pinned=probe.pinned)
        self._view.link.reveal(middle(*point))

    def _free(self) -> None:
        self._read(None, None, pinned=False)

    def _locate(self, pane: str, y: float, x: float) -> tuple[tuple[int, int], tuple[int, int] | None]:
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

    def _read(self, point: tuple[int, int] | None, pixel: tuple[int, int] | None, *, pinned: bool) -> None:
        """Read the picture at `point` and the output at `pixel`."""
        probe = None if pixel is None else Probe(*pixel, pinned=pinned)
        self._point = point
        if probe == self._store.session.probe:
            self._refresh()
        else:
            # The change comes back through `update`, which refreshes.
            self._store.view(lambda session: replace(session, probe=probe))

    def _follow_probe(self) -> None:
        """The probe is another one: read the picture under its window's anchor, unless it was found from there."""
        probe, geometry = self._store.session.probe, self._geometry
        if probe is not None and geometry is not None:
            found = None if self._point is None else geometry.to_output(*self._point)
            if found != (probe.i, probe.j):
                self._point = geometry.to_picture(probe.i, probe.j)
        self._refresh()

    def _keep_probe(self, geometry: Geometry) -> None:
        """Under another geometry, go on reading the same place of the picture."""
        probe = self._store.session.probe
        if self._point is None:
            return
        pixel = geometry.to_output(*self._point)
        if probe is not None and probe.pinned:
            pixel = pixel or nearest(geometry, *self._point)
            self._read(geometry.to_picture(*pixel), pixel, pinned=True)
        else:
            self._read(self._point, pixel, pinned=False)

    # -- crosshair and read-out ------------------------------------------------------------------------------------

    def _refresh(self) -> None:
        probe, geometry, point = self._store.session.probe, self._geometry, self._point
        if point is None or self._view.input.sheet is None:
            self._view.input.set_overlay(Overlay())
            self._view.output.set_overlay(Overlay())
            self._say(None, None, "", "")
            return
        cross = point[0] + 0.5, point[1] + 0.5
        pinned = probe is not None and probe.pinned
        first = second = Overlay(point=cross, pinned=pinned)
        if probe is not None and geometry is not None:
            picture = QRectF(0, 0, geometry.image_shape[1], geometry.image_shape[0])
            box, taps = window_marks(geometry, probe.i, probe.j)
            first = replace(first, box=box, taps=taps, picture=picture)
            second = replace(second, box=pixel_mark(geometry, probe.i, probe.j))
        self._view.input.set_overlay(first)
        self._view.output.set_overlay(second)
        self._say(point[0], point[1], self._input_text(*point), self._output_text(point, probe))

    def _input_text(self, y: int, x: int) -> str:
        sheet = self._view.input.sheet
        if sheet is None or sheet.values is None:
            return ""
        if not (0 <= y < sheet.shape[0] and 0 <= x < sheet.shape[1]):
            return self.tr("outside")
        return ", ".join(pixel_text(sheet.values, y, x))

    def _output_text(self, point: tuple[int, int], probe: Probe | None) -> str:
        array = self._output
        if probe is None or array is None or probe.i >= array.shape[0] or probe.j >= array.shape[1]:
            return ""
        text = ", ".join(pixel_text(array, probe.i, probe.j))
        if (probe.i, probe.j) != point:
            text = self.tr("{value} at y {i}, x {j}").format(value=text, i=probe.i, j=probe.j)
        return text

    def _say(self, y: int | None, x: int | None, source: str, output: str) -> None:
        """Announce position and values, to screen readers too."""
        said = (y, x, source, output)
        if said == self._said:
            return
        self._said = said
        where = "" if y is None else self.tr("y {y}, x {x}").format(y=value_text(y), x=value_text(x))
        for pane, text in zip(self._view.panes, (source, output), strict=True):
            pane.setAccessibleDescription(f"{where}: {text}" if text else where)
        self.readout_changed.emit(*said)


def _range(ends: tuple[float, float]) -> str:
    return f" {ELLIPSIS} ".join(format_number(value, 4) for value in ends)
