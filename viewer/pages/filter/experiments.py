"""One short experiment for the kernel and options of the moment; each holds for exactly what it is offered for."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QCoreApplication

from kernels.filtering import behaviour
from kernels.filtering.geometry import SlidingOptions
from kernels.kernel import Kernel
from viewer.state import State, range_mode


def _tr(text: str) -> str:
    return QCoreApplication.translate("Experiments", text)


def experiment(state: State) -> str:
    """Return the first experiment whose condition `state` meets."""
    kernel, options = state.document.kernel, state.document.options
    if range_mode(state) == "clip" and behaviour.is_nearly_balanced(kernel):
        return _tr("Many values lie below 0, where “File range” is black. Choose “Signed”: what appears?")
    for holds, text in _EXPERIMENTS:
        if holds(kernel, options) and not (holds is behaviour.is_zero_sum and range_mode(state) == "abs"):
            return text()
    return ""


def _flips(operation: str) -> Callable[[Kernel, SlidingOptions], bool]:
    return lambda kernel, options: options.operation == operation and behaviour.changes_sign(kernel, options)


_EXPERIMENTS: tuple[tuple[Callable[[Kernel, SlidingOptions], bool], Callable[[], str]], ...] = (
    (
        lambda kernel, options: not kernel.weights.any(),
        lambda: _tr("All weights are 0. Set the middle one to 1: which picture comes back?"),
    ),
    (
        lambda kernel, options: max(options.steps[0]) > 1,
        lambda: _tr("Set the stride back to 1: how many times as many windows are there now?"),
    ),
    (behaviour.has_gaps, lambda: _tr("Point at the output: which pixels does a window with gaps leave out?")),
    (behaviour.is_copy, lambda: _tr("Move the single weight to another cell: which way does the picture go?")),
    (_flips("correlation"), lambda: _tr("Switch to convolution: every value changes sign. Why?")),
    (_flips("convolution"), lambda: _tr("Switch to correlation: every value changes sign. Why?")),
    (behaviour.averages_zeros, lambda: _tr("Set the border to replicate: what changes along the rim?")),
    (behaviour.averages, lambda: _tr("Double the divisor: what becomes of a flat area?")),
    (behaviour.sharpens, lambda: _tr("A flat area keeps its value, yet edges change. What do the weights add up to?")),
    (behaviour.is_zero_sum, lambda: _tr("Flat areas become 0. Choose the range “Absolute”: what is lost?")),
    (behaviour.can_normalise, lambda: _tr("Press Normalise: a flat area then keeps its brightness. Why?")),
    (
        lambda kernel, options: kernel.offset != 0,
        lambda: _tr("Set the offset to 0: which values were only there because of it?"),
    ),
    (
        lambda kernel, options: options.padding in ("valid", "same") and min(kernel.shape) > 1,
        lambda: _tr("Switch the padding to full: where do the new rows and columns come from?"),
    ),
    (lambda kernel, options: True, lambda: _tr("Change one weight: where does the output change most?")),
)
