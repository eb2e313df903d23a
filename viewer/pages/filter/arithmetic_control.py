"""From the pixel being read to its arithmetic."""

from __future__ import annotations

import logging
from typing import cast

import numpy as np
from PyQt6.QtCore import QObject

from kernels.filtering.border import Border
from kernels.filtering.tracing import Trace
from viewer.compute import Compute
from viewer.pages.filter.views.arithmetic import Arithmetic, ArithmeticStrip
from viewer.resolve import Failure, FilterRequest, FilterResult, Response, TraceRequest
from viewer.state import Probe, State
from viewer.store import Store

_log = logging.getLogger(__name__)


class ArithmeticController(QObject):
    """Traces the probed pixel of the output that is on screen; the last answer stays until the next one comes."""

    def __init__(self, view: ArithmeticStrip, store: Store, compute: Compute, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view, self._store, self._compute = view, store, compute
        self._shown: tuple[FilterRequest, FilterResult] | None = None
        self._is_reading = False
        self._serial = 0  # of the newest answer shown
        compute.answered.connect(self._take_answer)

    def update(self, old: State, new: State) -> None:
        """Follow the probe; called after every change, and once with the same state twice."""
        if old is new or _place(old.session.probe) != _place(new.session.probe):
            self._trace()

    def show_output(self, request: FilterRequest | None, result: FilterResult | None) -> None:
        """Explain this output from now on; None while there is none."""
        self._shown = None if request is None or result is None else (request, result)
        self._trace()

    def _trace(self) -> None:
        place = _place(self._store.session.probe)
        self._is_reading = self._shown is not None and place is not None and _inside(place, self._shown[1])
        if self._shown is None or place is None or not self._is_reading:
            self._view.show_nothing()
            return
        self._compute.submit(TraceRequest(source=self._shown[0], pixel=place))

    def _take_answer(self, answer: Response | Failure) -> None:
        asked = answer.request
        if self._shown is None or not self._is_reading or not isinstance(asked, TraceRequest):
            return
        # While the pointer moves, every answer about this output is shown, in order, not only the last one.
        if asked.source is not self._shown[0] or asked.serial < self._serial:
            return
        self._serial = asked.serial
        if isinstance(answer, Failure):
            self._view.show_nothing(answer.message)
            return
        request, result = self._shown
        traces = cast(tuple[Trace, ...], answer.result)
        i, j = traces[0].position
        numbers = tuple(float(number) for number in np.atleast_1d(result.array[i, j]))
        for trace, number in zip(traces, numbers, strict=True):
            if not np.array_equal(trace.value, number, equal_nan=True):
                # The strip goes on to show the output's own number.
                _log.warning("trace at y %d, x %d gives %r, the output holds %r", i, j, trace.value, number)
        self._view.show_arithmetic(
            Arithmetic(
                traces=traces,
                values=numbers,
                position=result.geometry.to_picture(i, j),
                operation=request.options.operation,
                border=Border(request.options.border),
                border_value=request.options.border_value,
            )
        )


def _place(probe: Probe | None) -> tuple[int, int] | None:
    return None if probe is None else (probe.i, probe.j)


def _inside(place: tuple[int, int], result: FilterResult) -> bool:
    height, width = result.array.shape[:2]
    return 0 <= place[0] < height and 0 <= place[1] < width
