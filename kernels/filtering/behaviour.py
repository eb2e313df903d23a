"""What a kernel does to any picture, told from its weights and from how it slides."""

from __future__ import annotations

import numpy as np

from kernels.filtering.geometry import SlidingOptions
from kernels.kernel import Kernel


def is_copy(kernel: Kernel, options: SlidingOptions) -> bool:
    """Return whether the kernel copies one pixel of each window: a single weight that equals the divisor."""
    weights = kernel.weights
    single = weights.ndim == 2 and weights.size > 1 and np.count_nonzero(weights) == 1
    return single and kernel.sum == kernel.divisor and not kernel.offset


def changes_sign(kernel: Kernel, options: SlidingOptions) -> bool:
    """Return whether the other operation gives exactly the negative of this one."""
    weights = kernel.weights
    # Under "same" an even window stands elsewhere in a convolution.
    moves = options.padding == "same" and any(reach % 2 == 0 for reach in _reach(kernel, options))
    return bool(weights.any()) and np.array_equal(weights[::-1, ::-1], -weights) and not kernel.offset and not moves


def _reach(kernel: Kernel, options: SlidingOptions) -> list[int]:
    return [step * (size - 1) + 1 for step, size in zip(options.steps[1], kernel.shape, strict=True)]


def has_gaps(kernel: Kernel, options: SlidingOptions) -> bool:
    """Return whether the taps lie apart, with pixels between them that do not count."""
    return _reach(kernel, options) != list(kernel.shape)


def averages(kernel: Kernel, options: SlidingOptions) -> bool:
    """Return whether every output pixel is a mean of its window."""
    return bool((kernel.weights >= 0).all()) and _keeps_flat(kernel) and kernel.weights.size > 1


def _keeps_flat(kernel: Kernel) -> bool:
    return abs(kernel.sum - kernel.divisor) <= 1e-9 * kernel.absolute_sum and not kernel.offset


def averages_zeros(kernel: Kernel, options: SlidingOptions) -> bool:
    """Return whether zeros around the picture come into the means along its rim."""
    padded = options.padding in ("same", "full") and min(kernel.shape) > 1
    return averages(kernel, options) and padded and options.border == "constant" and options.border_value == 0


def is_zero_sum(kernel: Kernel, options: SlidingOptions) -> bool:
    """Return whether flat areas become 0, and only because weights cancel."""
    return kernel.has_zero_sum and not kernel.offset and bool(kernel.weights.any())


def is_nearly_balanced(kernel: Kernel) -> bool:
    """Return whether negative and positive weights nearly cancel, so that flat areas come close to 0."""
    nearly = abs(kernel.sum) < 0.1 * kernel.absolute_sum
    return nearly and bool((kernel.weights < 0).any()) and not kernel.offset


def can_normalise(kernel: Kernel, options: SlidingOptions) -> bool:
    """Return whether another divisor would keep the brightness of flat areas."""
    return not kernel.has_zero_sum and kernel.sum > 0 and not _keeps_flat(kernel) and not kernel.offset


def sharpens(kernel: Kernel, options: SlidingOptions) -> bool:
    """Return whether flat areas stay and some weights are negative."""
    return _keeps_flat(kernel) and bool((kernel.weights < 0).any())
