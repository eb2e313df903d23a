"""One short experiment for the kernel and options of the moment; each holds for exactly what it is offered for."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PyQt6.QtCore import QCoreApplication

from kernels.filtering.geometry import SlidingOptions
from kernels.kernel import Kernel
from viewer.state import State, range_mode


def _tr(text: str) -> str:
    return QCoreApplication.translate("Experiments", text)


def experiment(state: State) -> str:
    """Return the first experiment whose condition `state` meets."""
    kernel, options = state.document.kernel, state.document.options
    if range_mode(state) == "clip" and _is_nearly_balanced(kernel):
        return _tr("Many values lie below 0, where “File range” is black. Choose “Signed”: what appears?")
    for holds, text in _EXPERIMENTS:
        if holds(kernel, options) and not (holds is _is_zero_sum and range_mode(state) == "abs"):
            return text()
    return ""


def _is_copy(kernel: Kernel, options: SlidingOptions) -> bool:
    """Whether the kernel copies one pixel of each window: a single weight that equals the divisor."""
    weights = kernel.weights
    single = weights.ndim == 2 and weights.size > 1 and np.count_nonzero(weights) == 1
    return single and kernel.sum == kernel.divisor and not kernel.offset


def _changes_sign(kernel: Kernel, options: SlidingOptions) -> bool:
    """Whether the other operation gives exactly the negative of this one."""
    weights = kernel.weights
    # Under "same" an even window stands elsewhere in a convolution.
    moves = options.padding == "same" and any(reach % 2 == 0 for reach in _reach(kernel, options))
    return bool(weights.any()) and np.array_equal(weights[::-1, ::-1], -weights) and not kernel.offset and not moves


def _reach(kernel: Kernel, options: SlidingOptions) -> list[int]:
    return [step * (size - 1) + 1 for step, size in zip(options.steps[1], kernel.shape, strict=True)]


def _has_gaps(kernel: Kernel, options: SlidingOptions) -> bool:
    return _reach(kernel, options) != list(kernel.shape)


def _flips(operation: str) -> Callable[[Kernel, SlidingOptions], bool]:
    return lambda kernel, options: options.operation == operation and _changes_sign(kernel, options)


def _averages(kernel: Kernel, options: SlidingOptions) -> bool:
    return bool((kernel.weights >= 0).all()) and _keeps_flat(kernel) and kernel.weights.size > 1


def _keeps_flat(kernel: Kernel) -> bool:
    return abs(kernel.sum - kernel.divisor) <= 1e-9 * kernel.absolute_sum and not kernel.offset


def _averages_zeros(kernel: Kernel, options: SlidingOptions) -> bool:
    padded = options.padding in ("same", "full") and min(kernel.shape) > 1
    return _averages(kernel, options) and padded and options.border == "constant" and options.border_value == 0


def _is_zero_sum(kernel: Kernel, options: SlidingOptions) -> bool:
    return kernel.has_zero_sum and not kernel.offset and bool(kernel.weights.any())


def _is_nearly_balanced(kernel: Kernel) -> bool:
    """Whether negative and positive weights nearly cancel, so that flat areas come close to 0."""
    nearly = abs(kernel.sum) < 0.1 * kernel.absolute_sum
    return nearly and bool((kernel.weights < 0).any()) and not kernel.offset


def _can_normalise(kernel: Kernel, options: SlidingOptions) -> bool:
    return not kernel.has_zero_sum and kernel.sum > 0 and not _keeps_flat(kernel) and not kernel.offset


def _sharpens(kernel: Kernel, options: SlidingOptions) -> bool:
    return _keeps_flat(kernel) and bool((kernel.weights < 0).any())


_EXPERIMENTS: tuple[tuple[Callable[[Kernel, SlidingOptions], bool], Callable[[], str]], ...] = (
    (
        lambda kernel, options: not kernel.weights.any(),
        lambda: _tr("All weights are 0. Set the middle one to 1: which picture comes back?"),
    ),
    (
        lambda kernel, options: max(options.steps[0]) > 1,
        lambda: _tr("Set the stride back to 1: how many times as many windows are there now?"),
    ),
    (
        _has_gaps,
        lambda: _tr("Point at the output: which pixels does a window with gaps leave out?"),
    ),
    (_is_copy, lambda: _tr("Move the single weight to another cell: which way does the picture go?")),
    (_flips("correlation"), lambda: _tr("Switch to convolution: every value changes sign. Why?")),
    (_flips("convolution"), lambda: _tr("Switch to correlation: every value changes sign. Why?")),
    (_averages_zeros, lambda: _tr("Set the border to replicate: what changes along the rim?")),
    (_averages, lambda: _tr("Double the divisor: what becomes of a flat area?")),
    (_sharpens, lambda: _tr("A flat area keeps its value, yet edges change. What do the weights add up to?")),
    (_is_zero_sum, lambda: _tr("Flat areas become 0. Choose the range “Absolute”: what is lost?")),
    (_can_normalise, lambda: _tr("Press Normalise: a flat area then keeps its brightness. Why?")),
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
