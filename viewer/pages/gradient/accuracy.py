"""How accurate the operators are where the gradient is known exactly, as queries. No Qt."""

from __future__ import annotations

from typing import Any

from kernels.gradients.accuracy import FREQUENCIES as FREQUENCIES
from kernels.gradients.accuracy import OperatorAccuracy as OperatorAccuracy
from kernels.gradients.accuracy import judged
from kernels.gradients.operators import OPERATORS
from viewer.moment import Moment, Purpose, Query, Work
from viewer.pages.gradient.operators import KERNEL, checked, with_sigma
from viewer.state import State

GAUSSIAN = "gaussian"


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
            operator = checked(kernel, "per-pixel", "it is left out of the comparison.")
            return (judged(KERNEL, operator, work.cancelled),)

        wanted.append(Query(OF_KERNEL, kernel, judge))
    if is_open or options.operator == GAUSSIAN:
        wanted.append(
            Query(OF_GAUSSIAN, sigma, lambda work: (judged(GAUSSIAN, with_sigma(GAUSSIAN, sigma), work.cancelled),))
        )
    if is_open or options.operator not in (KERNEL, GAUSSIAN):
        names = [name for name in OPERATORS if name != GAUSSIAN]
        wanted.append(Query(NAMED, None, lambda work: tuple(judged(name, name, work.cancelled) for name in names)))
    return wanted


def compared(moment: Moment) -> Compared:
    """All operators whose accuracy is known, in the order of the menu."""
    found = {each.name: each for purpose in (NAMED, OF_GAUSSIAN, OF_KERNEL) for each in moment.value(purpose) or ()}
    if moment.failure(OF_KERNEL) is not None:
        found.pop(KERNEL, None)
    return tuple(found[name] for name in (*OPERATORS, KERNEL) if name in found)
