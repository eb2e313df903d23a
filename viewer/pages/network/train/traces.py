"""From a run's figures to the points that its curves are drawn through: no more than there are pixels. No Qt."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from kernels.cnn.training.curves import Curves
from viewer.pages.network.train.step_axis import StepAxis

Floats = NDArray[np.float64]
Places = NDArray[np.intp]

FEWEST, SHARE = 10, 10
"""A mean is that of the last `FEWEST` figures, or of the last tenth of all so far where these are more."""
SPIKE = 1.5
"""A loss of so many times the one at the beginning is beyond the plot."""


class Band(msgspec.Struct, frozen=True, eq=False):
    """Places on the axis, ascending, with the smallest and the largest figure that stand there."""

    x: Floats
    low: Floats
    high: Floats


class Trace(msgspec.Struct, frozen=True, eq=False):
    """One figure of a run: at which steps, ascending, and what it was there."""

    steps: NDArray[Any]
    values: NDArray[Any]

    def band(self, axis: StepAxis, width: float = 1.0) -> Band:
        """What stands in each column of so many pixels that holds anything; no extreme is lost."""
        begins, ends = self._columns(axis, width)
        if not begins.size:
            return Band(np.zeros(0), np.zeros(0), np.zeros(0))
        held = self.values[: ends[-1]]
        places = axis.places(self.steps[begins]), axis.places(self.steps[ends - 1])
        return Band((places[0] + places[1]) / 2, np.fmin.reduceat(held, begins), np.fmax.reduceat(held, begins))

    def mean(self, axis: StepAxis, width: float = 2.0) -> tuple[Floats, Floats]:
        """Places on the axis, and there the mean of the latest figures, back to the beginning of a column."""
        begins, ends = self._columns(axis, width)
        if not begins.size:
            return np.zeros(0), np.zeros(0)
        sums = np.append(0.0, np.cumsum(np.add.reduceat(self.values[: ends[-1]], begins)))
        first = np.searchsorted(ends, ends - _many(ends), side="right")
        means = (sums[1:] - sums[first]) / (ends - begins[first])
        return axis.places(self.steps[ends - 1]), means

    def at(self, step: float) -> float | None:
        """The latest figure at a step; None before the first."""
        found = self.latest(step)
        return None if found is None else found[1]

    def latest(self, step: float) -> tuple[int, float] | None:
        """The same with the step that it was measured at."""
        count = self._count(step)
        return (int(self.steps[count - 1]), float(self.values[count - 1])) if count else None

    def mean_at(self, step: float) -> float | None:
        """The mean of the latest figures at a step; None before the first."""
        count = self._count(step)
        if not count:
            return None
        return float(np.mean(self.values[count - int(_many(np.array(count))) : count]))

    def _count(self, step: float) -> int:
        """How many figures stand up to a step."""
        return int(np.searchsorted(self.steps, step, side="right"))

    def _columns(self, axis: StepAxis, width: float) -> tuple[Places, Places]:
        """Where the figures of each column that holds any begin and end."""
        edges = axis.steps_at(np.arange(axis.left, axis.right, width))
        bounds = np.append(np.searchsorted(self.steps, edges), self._count(axis.end)).astype(np.intp)
        filled = np.flatnonzero(np.diff(bounds) > 0)
        return bounds[:-1][filled], bounds[1:][filled]


def _many(counts: Places) -> Places:
    """Of how many figures the mean is taken after so many."""
    return np.minimum(counts, np.maximum(FEWEST, counts // SHARE))


class Pair(msgspec.Struct, frozen=True, eq=False):
    """The two curves of a plot: training and validation."""

    training: Trace
    validation: Trace


def losses(curves: Curves) -> Pair:
    """The loss of a run."""
    return Pair(Trace(curves.steps, curves.losses), Trace(curves.check_steps, curves.check_losses))


def accuracies(curves: Curves) -> Pair:
    """The accuracy of a run, as a share."""
    return Pair(Trace(curves.steps, curves.accuracies), Trace(curves.check_steps, curves.check_accuracies))


def highest_loss(loss: Pair) -> float:
    """The loss up to which it is drawn: not far above the one that it began with, however high it went; 0 if none."""
    training, checked = loss.training.values[:FEWEST], loss.validation.values
    training, checked = training[np.isfinite(training)], checked[np.isfinite(checked)]
    begin = float(checked[0]) if checked.size else float(training.mean()) if training.size else 0.0
    return float(min(checked.max(initial=begin), SPIKE * begin))
