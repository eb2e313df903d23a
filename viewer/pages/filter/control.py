"""The Filter workspace: from the document to a filtered picture on the screen."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray
from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from kernels.filtering.geometry import geometry
from kernels.pictures.picture import Picture
from viewer.compute import Compute
from viewer.pages.filter.arithmetic_control import ArithmeticController
from viewer.pages.filter.kernel_control import KernelController
from viewer.pages.filter.panes_control import PanesController
from viewer.pages.filter.sliding_control import SlidingController
from viewer.pages.filter.view_control import ViewController
from viewer.pages.filter.views.workspace import FilterWorkspace
from viewer.resolve import (
    DisplayRequest,
    DisplayResult,
    DisplaySource,
    Failure,
    FilterRequest,
    FilterResult,
    Response,
    filter_request,
    input_display,
    output_display,
)
from viewer.state import PictureReference, State
from viewer.store import Store
from viewer.widgets import format_seconds

PATIENCE_MS = 150
"""How long a new picture waits for its output, so that both panes change at once."""


Computed = tuple[FilterRequest, FilterResult, float]
"""A request, its answer, and the seconds that it took."""


class FilterController(QObject):
    """Asks for the filtered picture whenever the document changes, and shows an answer once it can be painted.

    The arithmetic, the titles and the panes always speak of the answer on screen, never of the one under way.
    """

    facts_changed = pyqtSignal(str)

    def __init__(self, view: FilterWorkspace, store: Store, compute: Compute, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store, self._compute = store, compute
        self.kernel = KernelController(view.kernel, store, self)
        self.sliding = SlidingController(view.sliding, store, self)
        self.panes = PanesController(view.panes, store, compute, self)
        self.view = ViewController(view.view, store, self)
        self.arithmetic = ArithmeticController(view.arithmetic, store, compute, self)
        self._parts = (self.kernel, self.sliding, self.panes, self.view, self.arithmetic)
        self._picture: Picture | None = None
        self._wanted: FilterRequest | None = None
        self._computed: Computed | None = None
        self._source: DisplaySource | None = None
        self._input_source: DisplaySource | None = None
        self._asked_for: tuple[object, ...] = ()  # what the last request was made from
        self._input: DisplayResult | None = None  # of the present picture, once it can be painted
        self._input_failed = False  # it cannot be painted
        self._input_is_shown = False
        self._input_waits = False  # for its output, a moment
        self._ready: tuple[Computed, Response] | None = None  # an output that can be painted
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(PATIENCE_MS)
        self._patience.timeout.connect(self._stop_waiting)
        self.shown: tuple[FilterRequest, FilterResult] | None = None
        self.painted: DisplayResult | None = None
        compute.answered.connect(self._take)

    def output(self) -> NDArray[Any] | None:
        """The raw array that the output pane shows."""
        return None if self.shown is None else self.shown[1].array

    def update(self, old: State, new: State) -> None:
        """Show what the state says and ask for what it implies."""
        for part in self._parts:
            part.update(old, new)
        before, after = old.document, new.document
        if (before.kernel, before.options, before.channel) != (after.kernel, after.options, after.channel):
            self._filter()
        elif _look(old) != _look(new):
            self._paint()

    def show_picture(self, reference: PictureReference, picture: Picture) -> None:
        """Another picture is the input."""
        self._picture = picture
        self._input, self._input_is_shown, self._input_failed, self._ready = None, False, False, None
        self._input_waits = self.shown is not None
        self.panes.show_picture(reference, picture)
        self.sliding.show_picture(reference, picture)
        request = input_display(picture)
        self._input_source = request.source
        self._compute.submit(request)
        self._filter()

    def _filter(self) -> None:
        if self._picture is None:
            return
        document = self._store.document
        made_from = (self._picture, document.kernel, document.options, document.channel)
        if made_from == self._asked_for:
            return  # one change of state may bring both another picture and another channel
        self._asked_for = made_from
        self._show_geometry()
        request = filter_request(document, self._picture)
        self._wanted = request
        self.panes.set_busy(True)
        self._compute.submit(request)

    def _show_geometry(self) -> None:
        assert self._picture is not None
        document = self._store.document
        try:
            placed = geometry(self._picture.shape[:2], document.kernel.shape, document.options)
        except ValueError as error:
            self.sliding.show_geometry(None, str(error))
        else:
            self.sliding.show_geometry(placed, "")

    def _paint(self) -> None:
        if self._computed is None or self._source is None:
            return
        self._compute.submit(output_display(self._store.state, self._source, self._computed[1]))

    def _take(self, answer: Response | Failure) -> None:
        request = answer.request
        if isinstance(request, FilterRequest):
            self._take_filtered(request, answer)
        elif isinstance(request, DisplayRequest):
            self._take_painted(request, answer)

    def _take_filtered(self, request: FilterRequest, answer: Response | Failure) -> None:
        if request.picture is not self._picture:
            return
        if isinstance(answer, Failure):
            if request is self._wanted:
                self.stop()
                self.panes.show_failure(answer.message)
            return
        if self._computed is not None and self._computed[0].serial > request.serial:
            return
        self._computed = (request, answer.result, answer.seconds)
        self._source = DisplaySource(answer.result.array)
        self._paint()

    def _take_painted(self, request: DisplayRequest, answer: Response | Failure) -> None:
        if request.source is self._input_source:
            self._take_input(answer)
        elif request.source is self._source and self._computed is not None:
            self._take_output(self._computed, answer)

    def _take_input(self, answer: Response | Failure) -> None:
        if isinstance(answer, Failure):
            self._input_failed = True
            self.panes.show_failure(answer.message)
        else:
            self._input = answer.result
        self._present()

    def _take_output(self, computed: Computed, answer: Response | Failure) -> None:
        if isinstance(answer, Failure):
            self.panes.set_busy(False)
            self.panes.show_failure(answer.message)
        elif self._input_is_shown or computed[0].picture is self._picture:
            self._ready = (computed, answer)
            self._present()

    def stop(self) -> None:
        """No output comes: what is on screen stays, beside a new picture."""
        self._asked_for = ()
        self._stop_waiting()
        self.panes.set_busy(False)

    def _stop_waiting(self) -> None:
        self._input_waits = False
        self._present()

    def _present(self) -> None:
        """Show a new picture and its output together, or the picture alone when the output takes a while."""
        if self._input is None and not self._input_failed:
            return
        if not self._input_is_shown:
            if self._ready is None and self._input_waits:
                self._patience.start()
                return
            self._patience.stop()
            self._input_is_shown = True
            if self._input is not None:
                self.panes.show_input(self._input)
        if self._ready is not None:
            ready, self._ready = self._ready, None
            self._show(*ready)

    def _show(self, computed: Computed, answer: Response) -> None:
        request, result, seconds = computed
        self.painted = answer.result
        if self.shown is None or self.shown[0] is not request:
            self.shown = (request, result)
            self.panes.show_output(request, result)
            self.arithmetic.show_output(request, result)
        self.panes.show_output_display(answer.result)
        self.view.show_display(answer.result)
        if request is self._wanted:
            self.panes.set_busy(False)
        self.facts_changed.emit(
            self.tr("{method}, {computed}    painted in {painted}").format(
                method=result.method, computed=format_seconds(seconds), painted=format_seconds(answer.seconds)
            )
        )


def _look(state: State) -> tuple[object, ...]:
    session = state.session
    return (session.range_choice, session.manual_levels, session.colour_map)
