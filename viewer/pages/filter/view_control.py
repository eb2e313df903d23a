"""From the View panel to the session and back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QObject

from kernels.pictures import colour_maps
from viewer.pages.filter.experiments import experiment
from viewer.pages.filter.views.view_panel import ViewPanel
from viewer.resolve import DIVERGING, DisplayResult
from viewer.state import Session, State, range_mode, with_range
from viewer.store import Store

FALLBACK_LEVELS = (0.0, 255.0)


class ViewController(QObject):
    """Keeps a ``ViewPanel`` in step with the session's range, levels and colour map."""

    def __init__(self, view: ViewPanel, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view, self._store = view, store
        self._levels: tuple[float, float] | None = None
        self._has_colour = False
        self._map_before_levels: str | None = None
        view.offer_colour_maps(colour_maps.TITLES.items())
        view.rangeChosen.connect(self._choose_range)
        view.levelsChosen.connect(self._choose_levels)
        view.colourMapChosen.connect(self._choose_colour_map)

    def update(self, old: State, new: State) -> None:
        """Show the session of `new`; called after every change, and once with the same state twice."""
        if old is not new and _part(old) == _part(new):
            return
        self._view.show_range(range_mode(new))
        if range_mode(new) == "manual" and new.session.manual_levels is not None:
            self._view.show_levels(*new.session.manual_levels)
        self._show_colour_map(new)
        self._view.show_experiment(experiment(new))

    def show_display(self, result: DisplayResult) -> None:
        """Show what the output that is on screen amounts to."""
        state, shown = self._store.state, result.statistics
        if shown is None:
            return
        self._levels = result.levels
        self._has_colour = result.source.array.ndim == 3
        folded = (shown.counts, shown.edges) if result.mode != "abs" else fold(shown.counts, shown.edges)
        self._view.show_histogram(*folded)
        manual = state.session.manual_levels if range_mode(state) == "manual" else None
        # While a handle is dragged, answers lag behind it: the handle stays where the hand is.
        self._view.show_levels(*(manual or result.levels))
        height, width = result.source.array.shape[:2]
        self._view.show_clipped(*result.clipped, height * width)
        self._view.show_non_finite(shown.non_finite)
        found = shown.finite_range
        self._view.show_flat(found[0] if result.is_flat and found is not None else None)
        self._show_colour_map(state)

    def show_readout(self, position: str, value_in: str, value_out: str) -> None:
        """Show where the pointer is and the values there; empty texts for nowhere."""
        self._view.show_readout(position, value_in, value_out)

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
    return document.kernel, document.options, session.range_choice, session.manual_levels, session.colour_map


def _with_map(session: Session, name: str | None) -> Session:
    return session if name is None else replace(session, colour_map=name)


def fold(counts: NDArray[np.int64], edges: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the histogram of the absolute value from `counts` (n,) of the value over equally wide bins."""
    if edges[0] >= 0:
        return counts, edges
    if edges[-1] <= 0:
        return counts[::-1], -edges[::-1]
    # Divided first: the span of two huge numbers may be more than a float holds.
    width = float(edges[-1] / counts.size - edges[0] / counts.size)
    places = np.rint(np.abs(edges[:-1] / 2 + edges[1:] / 2) / width).astype(np.int64)
    folded = np.zeros(int(places.max()) + 1, np.int64)
    np.add.at(folded, places, counts)
    ends: NDArray[np.float64] = (np.arange(folded.size + 1, dtype=np.float64) - 0.5) * width
    return folded, ends
