"""How accurate the operators are where the gradient is known exactly, as queries. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kernels.errors import Cancelled
from kernels.gradients import accuracy
from kernels.gradients.operators import OPERATORS
from kernels.kernel import Kernel
from viewer.moment import Moment, Purpose, Query, Work
from viewer.pages.gradient.operators import KERNEL, checked, with_sigma
from viewer.state import State

FREQUENCIES = np.linspace(0.005, 0.3, 60)
"""Cycles per pixel."""
GAUSSIAN = "gaussian"


@dataclass(frozen=True, eq=False, slots=True)
class OperatorAccuracy:
    """How one operator did: a row for each test picture, and its worst angle on waves of growing frequency."""

    name: str
    title: str
    rows: tuple[accuracy.AccuracyRow, ...]
    worst_angles: NDArray[np.float64]


Compared = tuple[OperatorAccuracy, ...]
NAMED: Purpose[Compared] = Purpose("accuracy", "accuracy", at_leisure=True)
OF_GAUSSIAN: Purpose[Compared] = Purpose("accuracy of the Gaussian derivative", "accuracy", at_leisure=True)
OF_KERNEL: Purpose[Compared] = Purpose("accuracy of the kernel", "accuracy", at_leisure=True)


def queries(state: State) -> list[Query[Any]]:
    """The comparison of all operators while it is open, else what the line about the one in use needs."""
    options, is_open = state.document.gradient, state.session.gradient.comparison
    sigma, kernel = options.derivative_sigma, state.document.kernel
    wanted: list[Query[Any]] = []
    if is_open or options.operator == KERNEL:

        def judge(work: Work) -> Compared:
            return (_judged(KERNEL, checked(kernel, "per-pixel", "it is left out of the comparison."), work),)

        wanted.append(Query(OF_KERNEL, kernel, judge))
    if is_open or options.operator == GAUSSIAN:
        wanted.append(Query(OF_GAUSSIAN, sigma, lambda work: (_judged(GAUSSIAN, with_sigma(GAUSSIAN, sigma), work),)))
    if is_open or options.operator not in (KERNEL, GAUSSIAN):
        names = [name for name in OPERATORS if name != GAUSSIAN]
        wanted.append(Query(NAMED, None, lambda work: tuple(_judged(name, name, work) for name in names)))
    return wanted


def _judged(name: str, operator: str | Kernel, work: Work) -> OperatorAccuracy:
    if work.cancelled():
        raise Cancelled
    rows = accuracy.table(operators=[operator], cancelled=work.cancelled)
    return OperatorAccuracy(name, rows[0].title, rows, accuracy.worst_wave_angles(operator, FREQUENCIES))


def compared(moment: Moment) -> Compared:
    """All operators whose accuracy is known, in the order of the menu."""
    found = {each.name: each for purpose in (NAMED, OF_GAUSSIAN, OF_KERNEL) for each in moment.value(purpose) or ()}
    if moment.failure(OF_KERNEL) is not None:
        found.pop(KERNEL, None)
    return tuple(found[name] for name in (*OPERATORS, KERNEL) if name in found)
