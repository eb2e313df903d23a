"""From the View panel to the session and back."""

from __future__ import annotations

from msgspec.structs import replace
from PyQt6.QtCore import QObject

from kernels.pictures import colour_maps, display
from kernels.pictures.summary import Summary, folded
from viewer.moment import Moment
from viewer.pages.filter.experiments import experiment
from viewer.pages.filter.queries import OUTPUT, shown_clipped, shown_numbers
from viewer.pages.filter.views.view_panel import ViewPanel
from viewer.painting import DIVERGING
from viewer.session import Session
from viewer.state import State, range_mode, with_range
from viewer.store import Store

FALLBACK_LEVELS = (0.0, 255.0)


class ViewControl(QObject):
    """Keeps a ``ViewPanel`` in step with the session's range, levels and colour map."""

    def __init__(self, view: ViewPanel, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view, self._store = view, store
        self._levels: tuple[float, float] | None = None
        self._has_colour = False
        self._map_before_levels: str | None = None
        view.colour_map.offer((name, title, "") for name, title in colour_maps.TITLES.items())
        view.range_chosen.connect(self._choose_range)
        view.levels_chosen.connect(self._choose_levels)
        view.colour_map_chosen.connect(self._choose_colour_map)

    def render(self, old: Moment, new: Moment) -> None:
        """Show the session's choices, and what the output that is on screen amounts to."""
        if old is new or _part(old.state) != _part(new.state):
            self._view.range.show_data(range_mode(new.state))
            self._show_levels(new.state)
            self._view.show_experiment(experiment(new.state))
            self._show_colour_map(new.state)
        if old.result(OUTPUT) is not new.result(OUTPUT):
            self._show_output(new)
        numbers = shown_numbers(new)
        if numbers is not shown_numbers(old):
            self._show_numbers(new, numbers)
        clipped = shown_clipped(new)
        if clipped is not shown_clipped(old):
            self._show_clipped(new, clipped)

    def _show_output(self, new: Moment) -> None:
        shown = new.value(OUTPUT)
        if shown is None:
            return
        painted, state = shown.painted, new.state
        self._levels = painted.levels
        self._show_levels(state)
        self._view.luma.setVisible(painted.values.ndim == 3 and painted.look.mode == "signed")
        if self._has_colour != (painted.values.ndim == 3):
            self._has_colour = painted.values.ndim == 3
            self._show_colour_map(state)

    def _show_levels(self, state: State) -> None:
        """While a handle is dragged, answers lag behind it: the handle stays where the hand is."""
        manual = state.session.manual_levels if range_mode(state) == "manual" else None
        levels = manual or self._levels
        if levels is not None:
            self._view.show_levels(*levels)

    def _show_numbers(self, new: Moment, numbers: Summary | None) -> None:
        """Show the histogram and the counts; those of an earlier output stay, marked as such."""
        self._view.set_stale(numbers is None)
        shown = new.value(OUTPUT)
        if numbers is None or shown is None or shown.filtered is None:
            return
        counts, edges = numbers.counts, numbers.edges
        self._view.histogram.show_counts(
            *(folded(counts, edges) if shown.painted.look.mode == "abs" else (counts, edges))
        )
        self._view.show_non_finite(numbers.non_finite)
        found = numbers.extremes
        flat = found is not None and found[1] - found[0] <= shown.filtered.tolerance
        self._view.show_flat(found[0] if flat and found is not None else None)

    def _show_clipped(self, new: Moment, clipped: display.Clipped | None) -> None:
        """Show how many pixels lie beyond the levels; the count of an earlier output stays, marked as such."""
        self._view.clipped.setEnabled(clipped is not None)
        shown = new.value(OUTPUT)
        if clipped is not None and shown is not None:
            height, width = shown.geometry.output_shape
            self._view.show_clipped(*clipped, height * width)

    def _show_colour_map(self, state: State) -> None:
        name, reason = state.session.colour_map, ""
        if self._has_colour:
            name, reason = "grey", self.tr("A result with three channels keeps its colours")
        elif range_mode(state) == "signed":
            name, reason = DIVERGING, self.tr("“Signed” always uses the diverging map, with 0 in its middle")
        self._view.show_colour_map(name, colour_maps.table(name), reason)

    def _choose_range(self, mode: str) -> None:
        if mode == "manual":
            self._choose_levels(*(self._levels or self._store.session.manual_levels or FALLBACK_LEVELS))
            return
        before, self._map_before_levels = self._map_before_levels, None
        self._store.view(lambda session: _with_map(with_range(self._store.state, mode), before))

    def _choose_levels(self, low: float, high: float) -> None:
        was_signed = range_mode(self._store.state) == "signed" and not self._has_colour
        if was_signed:
            # The picture keeps its colours while its levels move; leaving manual levels brings the old map back.
            self._map_before_levels = self._store.session.colour_map
        session = replace(with_range(self._store.state, "manual"), manual_levels=(low, high))
        self._store.view(lambda _session: _with_map(session, DIVERGING if was_signed else None))

    def _choose_colour_map(self, name: str) -> None:
        self._map_before_levels = None
        self._store.view(lambda session: replace(session, colour_map=name))


def _part(state: State) -> tuple[object, ...]:
    document, session = state.document, state.session
    return document.kernel, document.options, range_mode(state), session.manual_levels, session.colour_map


def _with_map(session: Session, name: str | None) -> Session:
    return session if name is None else replace(session, colour_map=name)
