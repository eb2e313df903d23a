"""The Gradient workspace: from the document to the gradient's panes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QObject, QRectF, pyqtSignal
from PyQt6.QtGui import QImage

from kernels.pictures.picture import Picture
from viewer.compute import Compute
from viewer.images import to_array
from viewer.pages.gradient.accuracy_control import GradientAccuracyController
from viewer.pages.gradient.options_control import HUE, GradientOptionsController
from viewer.pages.gradient.queries import (
    KERNEL,
    GradientRequest,
    GradientResult,
    GradientSource,
    gradient_request,
    picture_request,
)
from viewer.pages.gradient.reading import SEPARATOR, GradientReadingController
from viewer.pages.gradient.views.arrows import ArrowField
from viewer.pages.gradient.views.grid import ROSE
from viewer.pages.gradient.views.workspace import GradientWorkspace
from viewer.panes import make_sheet
from viewer.resolve import DisplayRequest, DisplayResult, Failure, Response
from viewer.resolve_pictures import SaveKind, SaveRequest
from viewer.state import PictureReference, State
from viewer.store import Store
from viewer.widgets import format_number, format_seconds

WORKSPACE = "gradient"
DERIVED = ("gx", "gy", "magnitude", "direction", "edges")

Place = tuple[float, float, float, float]
"""Top, left, height and width in picture pixels: pixel (y, x) covers [y, y + 1) x [x, x + 1)."""


class GradientController(QObject):
    """Asks for the gradient while its workspace is in front, and shows each answer as a whole.

    Every pane, number and petal speaks of the answer on screen, never of the one under way.
    """

    readout_changed = pyqtSignal(str)
    facts_changed = pyqtSignal(str)
    files_dropped = pyqtSignal(list)
    image_dropped = pyqtSignal(QImage)
    zoom_changed = pyqtSignal(float)  # percent
    save_requested = pyqtSignal(str, str)  # pane, kind: whoever asks for the path answers with ``save``
    copy_requested = pyqtSignal(object)  # uint8 picture

    def __init__(self, view: GradientWorkspace, store: Store, compute: Compute, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view, self._store, self._compute = view, store, compute
        self.options = GradientOptionsController(view.options, store, self)
        self.reading = GradientReadingController(view, store, self)
        self.accuracy = GradientAccuracyController(view.options, store, compute, self)
        self._parts = (self.options, self.reading, self.accuracy)
        self._reference: PictureReference | None = None
        self._picture: Picture | None = None
        self._source: GradientSource | None = None
        self._picture_asked: DisplayRequest | None = None
        self._painted: Picture | None = None  # what the picture's pane shows
        self._wanted: GradientRequest | None = None
        self._late = False  # something changed while the workspace was hidden
        self._response: tuple[DisplayResult, NDArray[Any] | None] | None = None
        self._facts = self._response_facts = ""
        self.shown: tuple[GradientRequest, GradientResult] | None = None
        self._wire()

    def _wire(self) -> None:
        panes = self._view.panes
        for name in ("files_dropped", "image_dropped", "zoom_changed", "save_requested"):
            getattr(panes, name).connect(getattr(self, name))
        panes.copy_requested.connect(self.copy)
        panes.maximise_requested.connect(self._maximise)
        self.reading.readout_changed.connect(self.readout_changed)
        self._compute.answered.connect(self._take)
        self._compute.progressed.connect(self._progress)

    # -- the state -------------------------------------------------------------------------------------------------

    @property
    def is_visible(self) -> bool:
        """True while the workspace is in front."""
        return self._store.session.workspace == WORKSPACE

    def update(self, old: State, new: State) -> None:
        """Show what the state says and, in front, ask for what it implies."""
        for part in self._parts:
            part.update(old, new)
        self._view.panes.set_maximised(new.session.gradient.maximised)
        if _wants(old) != _wants(new):
            self._late = True
        if self._late and self.is_visible:
            self._ask()

    def show_picture(self, reference: PictureReference, picture: Picture) -> None:
        """Another picture is open."""
        if self._picture is None or self._picture.shape[:2] != picture.shape[:2]:
            self._view.panes.link.fit()
        self._reference, self._picture, self._source = reference, picture, GradientSource(picture)
        self._picture_asked = None
        # Arrows and responses of another picture would lie.
        self._view.panes.panes["picture"].set_arrows(None)
        self._response = None
        self.reading.show_response("", None, QRectF())
        self.options.show_picture(picture)
        self.reading.show_picture(picture)
        self._late = True
        if self.is_visible:
            self._ask()

    def show_response(
        self,
        title: str,
        display: DisplayResult | None,
        values: NDArray[Any] | None = None,
        placement: Place | None = None,
        *,
        facts: str = "",
        label: str = "",
    ) -> None:
        """Show a learned filter's response beside the gradient, linked with it; None takes it away.

        Parameters
        ----------
        title, facts : str
            "Learned filter 14", "response".
        display : DisplayResult or None
            The response, ready to paint.
        values : ndarray, shape (H', W'), optional
            What is read under the pointer.
        placement : (top, left, height, width), optional
            What the response covers, in picture pixels; the whole picture when left out.
        label : str
            How the read-out calls it: "filter 14".
        """
        pane = self._view.panes.panes["response"]
        self._view.panes.set_response_visible(display is not None)
        whole = (1, 1) if self._picture is None else (self._picture.height, self._picture.width)
        rect = _rect(placement or (0.0, 0.0, *whole))
        self._response = None if display is None else (display, values)
        pane.set_message("")
        if display is not None:
            pane.set_title(title, origin=facts)
            pane.set_sheet(make_sheet(display.images, rect, values))
        self.reading.show_response(label or title.lower(), values if display is not None else None, rect)

    def show_response_failure(self, message: str) -> None:
        """There is no new response, and why; the last one stays if it is one to this picture."""
        pane = self._view.panes.panes["response"]
        self._view.panes.set_response_visible(True)
        if self._response is None:
            pane.set_title(self.tr("Learned filter"), origin=self.tr("no response"))
            pane.set_sheet(None)
        pane.set_message(message, "error")

    def show_response_facts(self, text: str) -> None:
        """Say how long the learned filters took, beside how long the gradient took."""
        self._response_facts = text
        self._show_facts()

    def _show_facts(self) -> None:
        self.facts_changed.emit(SEPARATOR.join(each for each in (self._facts, self._response_facts) if each))

    def zoom_fit(self) -> None:
        """Show everything."""
        self._view.panes.link.fit()

    def zoom_actual(self) -> None:
        """One picture pixel on each device pixel."""
        self._view.panes.link.zoom_to(1.0)

    def zoom_in(self) -> None:
        """The next larger scale."""
        self._view.panes.link.zoom_step(1)

    def zoom_out(self) -> None:
        """The next smaller scale."""
        self._view.panes.link.zoom_step(-1)

    # -- asking ----------------------------------------------------------------------------------------------------

    def _ask(self) -> None:
        self.accuracy.ask()
        if self._picture is None or self._source is None:
            return
        self._late = False
        if self._picture_asked is None:
            self._picture_asked = picture_request(self._picture)
            self._compute.submit(self._picture_asked)
        state = self._store.state
        self._wanted = gradient_request(state.document, state.session, self._source)
        self._set_busy(True)
        self._compute.submit(self._wanted)

    def stop(self) -> None:
        """The user cancelled: what is on screen stays."""
        self._compute.cancel("gradient")
        self._set_busy(False)
        if self._painted is not self._picture:
            self._picture_asked = None  # the picture itself was on its way, and is asked for with the next gradient

    def _set_busy(self, busy: bool) -> None:
        for name in DERIVED:
            self._view.panes.panes[name].set_busy(busy)

    def _progress(self, lane: str, fraction: float) -> None:
        if lane == "gradient":
            for name in DERIVED:
                self._view.panes.panes[name].set_progress(fraction)

    # -- answers ---------------------------------------------------------------------------------------------------

    def _take(self, answer: Response | Failure) -> None:
        request = answer.request
        if request is self._picture_asked and isinstance(answer, Response):
            self._show_picture_pane(answer.result)
        elif isinstance(request, GradientRequest) and request.source is self._source:
            if isinstance(answer, Response):
                self._show(request, answer)
            elif request is self._wanted:
                self._set_busy(False)
                self.options.show_failure(answer.message)
                self._view.panes.panes["magnitude"].set_message(answer.message, "error")

    def _show_picture_pane(self, display: DisplayResult) -> None:
        assert self._picture is not None
        assert self._reference is not None
        height, width = self._picture.shape[:2]
        if self.shown is not None and self.shown[0].picture.shape[:2] != (height, width):
            # What was computed of a picture of another size would stand in the wrong place.
            self.shown = None
            self._view.panes.clear()
            if self._response is None:
                self._view.panes.panes["response"].set_sheet(None)
        pane = self._view.panes.panes["picture"]
        pane.set_message("")
        pane.set_title(self.tr("Picture"), origin=f"{self._reference.title}{SEPARATOR}{width} × {height}")
        pane.set_sheet(make_sheet(display.images, QRectF(0, 0, width, height)))
        self._painted = self._picture
        self._view.panes.set_content(QRectF(0, 0, width, height))

    def _show(self, request: GradientRequest, answer: Response) -> None:
        if self.shown is not None and self.shown[0].serial > request.serial:
            return
        result: GradientResult = answer.result
        self.shown = (request, result)
        panes, gradient, rect = self._view.panes, result.gradient, _rect(result.place)
        values = {
            "gx": gradient.gx,
            "gy": gradient.gy,
            "magnitude": gradient.magnitude,
            "direction": gradient.direction,
        }
        for name in DERIVED:
            panes.panes[name].set_sheet(make_sheet(result.images[name], rect, values.get(name)))
        reach = result.white if not result.is_flat else 1.0
        panes.panes["picture"].set_arrows(ArrowField(gradient.gx, gradient.gy, gradient.magnitude, rect, reach))
        panes.rose.set_rose(result.rose, result.sectors, result.sector_colours, self._rose_lines(result))
        self._show_titles(request, result)
        self.options.show_result(result)
        self.reading.show_result(result, rect)
        if request is self._wanted:
            self._set_busy(False)
        name = request.options.operator if request.options.operator != KERNEL else ""
        title = gradient.operator.title or name
        self._facts = self.tr("{operator}, {time}").format(operator=title, time=format_seconds(answer.seconds))
        self._show_facts()

    def _show_titles(self, request: GradientRequest, result: GradientResult) -> None:
        panes = self._view.panes.panes
        norm = {"l2": "L2", "l1": "L1", "max": "max"}[request.options.norm]
        facts = self.tr("{norm} · up to {value}").format(norm=norm, value=format_number(result.largest, 4))
        panes["magnitude"].set_title(self.tr("Magnitude"), origin=facts)
        hues = self.tr("hue × magnitude")
        facts = hues if request.colours == HUE else self.tr("cyclic map × magnitude")
        panes["direction"].set_title(self.tr("Direction"), origin=facts)
        share = 100.0 * float(np.count_nonzero(result.edges)) / result.edges.size
        panes["edges"].set_title(
            self.tr("Thin edges"), origin=self.tr("{share} % of the pixels").format(share=f"{share:.1f}")
        )
        flat = self.tr("Flat: the magnitude is 0 everywhere, so there is no direction.")
        if result.is_unknown:
            flat = self.tr("No gradient: the picture has no finite numbers.")
        panes["magnitude"].set_message("")
        panes["direction"].set_message(flat if result.is_flat else "", "hint" if not result.is_flat else "warning")

    def _rose_lines(self, result: GradientResult) -> tuple[str, ...]:
        """What the rose says in words: the strongest direction, and how much lies along the axes."""
        total = float(result.rose.sum())
        if total <= 0:
            unknown = self.tr("No direction: the picture has no finite numbers.")
            return (unknown if result.is_unknown else self.tr("No direction: the magnitude is 0 everywhere."),)
        strongest = int(result.rose.argmax())
        angle = format_number(float(result.sectors[strongest]))
        share = 100.0 * float(result.rose[strongest]) / total
        across = np.abs((result.sectors + 45.0) % 90.0 - 45.0) <= 10.0
        axes = 100.0 * float(result.rose[across].sum()) / total
        return (
            self.tr("Most points to {angle}°: {share} %.").format(angle=angle, share=f"{share:.1f}"),
            self.tr("{axes} % lies within 12.5° of an axis; {even} % if all directions were alike.").format(
                axes=f"{axes:.0f}", even=f"{100.0 * float(np.count_nonzero(across)) / across.size:.0f}"
            ),
        )

    # -- maximising, saving ----------------------------------------------------------------------------------------

    def _maximise(self, name: str) -> None:
        if name or self._view.panes.maximised:
            self._store.view(lambda session: replace(session, gradient=replace(session.gradient, maximised=name)))

    def current_pane(self) -> str:
        """The pane that the tool bar's Save and Copy mean: the maximised one, else the one clicked last."""
        return self._view.panes.maximised or self._view.panes.current

    def picture_of(self, pane: str) -> NDArray[np.uint8] | None:
        """A pane as it is painted, uint8 at one pixel a pixel; None before the first."""
        if pane == ROSE:
            return to_array(self._view.panes.rose.picture())
        sheet = self._view.panes.panes[pane].sheet
        # Opacity shows only on the screen.
        if sheet is None:
            return None
        return np.ascontiguousarray(sheet.images[0][..., :3]) if sheet.has_alpha else sheet.images[0]

    def values_of(self, pane: str) -> NDArray[Any] | None:
        """The raw numbers behind a pane; the direction in degrees, NaN where there is none."""
        if pane == "picture":
            return None if self._picture is None else self._picture.pixels
        if pane == "response":
            return None if self._response is None else self._response[1]
        if self.shown is None or pane == ROSE:
            return None
        result = self.shown[1]
        if pane == "edges":
            return result.edges.astype(np.uint8) * np.uint8(255)
        values: NDArray[Any] = getattr(result.gradient, pane)
        return values

    def file_name(self, pane: str) -> str:
        """What to call a saved pane."""
        title = self._reference.title if self._reference is not None else "picture"
        operator = self._store.document.gradient.operator
        return f"{title}-{pane}-{operator}".lower().replace(" ", "-").replace("/", "-")

    def save(self, path: str, pane: str, kind: SaveKind) -> None:
        """Write a pane: "shown" as it is painted, "raw" its numbers."""
        array = self.picture_of(pane) if kind == "shown" else self.values_of(pane)
        if array is None:
            return
        source = self._reference.origin.path if self._reference is not None else None
        levels = None
        if kind == "16-bit" and self.shown is not None and pane in ("gx", "gy", "magnitude"):
            reach = self.shown[1].largest or 1.0
            levels = (0.0, reach) if pane == "magnitude" else (-reach, reach)
        self._compute.submit(SaveRequest(path=Path(path), array=array, kind=kind, source=source, levels=levels))

    def copy(self, pane: str) -> None:
        """Ask for a pane, as it is painted, to be put on the clipboard."""
        array = self.picture_of(pane)
        if array is not None:
            self.copy_requested.emit(array)


def _wants(state: State) -> tuple[object, ...]:
    """What the gradient on screen is made from."""
    document = state.document
    kernel = document.kernel if document.gradient.operator == KERNEL else None
    return document.gradient, kernel, state.session.gradient.direction_colours


def _rect(place: Place) -> QRectF:
    top, left, height, width = place
    return QRectF(left, top, width, height)
