"""The one way that data takes: a change of the state or a result makes a new moment, and all follows from that."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from PyQt6.QtCore import QObject, Qt, pyqtSignal

from viewer.compute import Compute
from viewer.moment import Moment, Query
from viewer.store import Store

SOON_SECONDS, LATE_SECONDS = 0.00002, 0.005
"""How long one thread may keep the interpreter while another waits: the window must not wait for the worker's Python,
and the worker's threads, which ask for it many times a millisecond, not cut the window's into pieces."""


@contextmanager
def undisturbed() -> Iterator[None]:
    """Let the window go on until it is done, or has taken very long; for the GUI thread only."""
    sys.setswitchinterval(LATE_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(SOON_SECONDS)


class River(QObject):
    """Joins store and worker; ``flowed(before, now)`` is the only thing that pages listen to.

    After every change the queries of the new moment are handed to the worker first, so that it begins while the pages
    render.
    """

    flowed = pyqtSignal(object, object)

    def __init__(
        self,
        store: Store,
        compute: Compute,
        queries: Callable[[Moment], Sequence[Query[Any]]],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.store, self.compute, self._queries = store, compute, queries
        self.moment = Moment(store.state)
        self._is_flowing = self._is_dirty = False
        store.changed.connect(self.flow)
        compute.arrived.connect(self._arrive, Qt.ConnectionType.QueuedConnection)  # type: ignore[call-arg]  # in no stub

    def _arrive(self) -> None:
        for then, outcome in self.compute.outcomes():
            try:
                then(outcome)
            except Exception:  # is reported, and holds up nothing that waits behind it
                sys.excepthook(*sys.exc_info())
        self.flow()

    def flow(self) -> None:
        """Go on to the present moment; what changes while the pages render is the next one."""
        self._is_dirty = True
        if self._is_flowing:
            return
        self._is_flowing = True
        with undisturbed():
            self._flow()

    def _flow(self) -> None:
        try:
            while self._is_dirty:
                self._is_dirty = False
                before = self.moment
                results, failures = self.compute.snapshot()
                moment = Moment(self.store.state, results, failures)
                busy = self.compute.want(self._queries(moment))
                self.moment = Moment(moment.state, results, failures, busy)
                self.flowed.emit(before, self.moment)
        finally:
            self._is_flowing = False
