"""The course of a training: what it measured at which step, in memory and as a file that only grows.

Of the first 65,536 steps every one is written down, of the next 65,536 every second, of twice as many every fourth, and
so on: however long a training goes on, its curves stay within some hundred thousand points.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kernels.cnn.training.messages import Checked, Gauged, Stepped

Record = Stepped | Checked | Gauged
"""What the file holds, one after the other, as `kernels.processes.send` writes it."""

LARGEST_CURVES = 1 << 26
"""Bytes of a file of curves; a thousand million steps stay within them."""

_ALL = 16
_ALL_CHECKS = 12


def spacing(step: int) -> int:
    """Return the distance between the steps that are written down, at some step of a training."""
    return 1 << max(0, step.bit_length() - _ALL)


def is_check_written(step: int, every: int) -> bool:
    """Return whether the check after `step` steps, where there is one after `every`, is written down if it is no best.

    The first 4,096 are, then every second and so on.
    """
    number = step // every
    return number % (1 << max(0, number.bit_length() - _ALL_CHECKS)) == 0


def _floats() -> NDArray[np.float64]:
    return np.empty(0)


def _numbers() -> NDArray[np.int64]:
    return np.empty(0, np.int64)


def _table() -> NDArray[np.float64]:
    return np.empty((0, 0))


@dataclass(frozen=True, eq=False)
class Curves:
    """What a training measured; every array is in the order of steps.

    Attributes
    ----------
    done : int
        Steps ever done.
    steps : (n,) int64
        Steps that lay behind when the training loss was measured; nearly always all of them, see `spacing`.
    losses, accuracies : (n,) float64
        On the minibatch of that step, before its update.
    check_steps : (m,) int64
    check_losses, check_accuracies : (m,) float64
        On the pictures for checking.
    gauge_steps : (g,) int64
    gradient_sizes : (g, layers with weights) float64
    silent : (g, activations) float64
        See `messages.Gauged`.
    """

    done: int = 0
    steps: NDArray[np.int64] = field(default_factory=_numbers)
    losses: NDArray[np.float64] = field(default_factory=_floats)
    accuracies: NDArray[np.float64] = field(default_factory=_floats)
    check_steps: NDArray[np.int64] = field(default_factory=_numbers)
    check_losses: NDArray[np.float64] = field(default_factory=_floats)
    check_accuracies: NDArray[np.float64] = field(default_factory=_floats)
    gauge_steps: NDArray[np.int64] = field(default_factory=_numbers)
    gradient_sizes: NDArray[np.float64] = field(default_factory=_table)
    silent: NDArray[np.float64] = field(default_factory=_table)
