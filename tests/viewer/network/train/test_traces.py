"""The points that curves are drawn through: no extreme is lost, means are means."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.cnn.training.curves import Curves
from viewer.pages.network.train.step_axis import StepAxis
from viewer.pages.network.train.traces import Trace, accuracies, highest_loss, losses

AXIS = StepAxis(100_000, 116, 800)


def noise(count, seed=0):
    return np.random.default_rng(seed).normal(size=count)


@given(st.integers(1, 3000), st.integers(1, 400), st.integers(0, 99))
@settings(deadline=None, max_examples=25)
def test_every_figure_lies_within_the_band_where_it_stands(count, gap, seed):
    trace = Trace(np.arange(count) * gap, noise(count, seed))
    axis = StepAxis(int(trace.steps[-1]), 116, 800)
    band = trace.band(axis)
    assert (np.diff(band.x) > 0).all()
    assert len(band.x) <= 684
    assert {*band.low, *band.high} <= {*trace.values}
    places = axis.places(trace.steps)
    held = np.zeros(count, bool)
    for shift in (-1, 0):  # a place belongs to the column on its left or on its right
        near = np.clip(np.searchsorted(band.x, places) + shift, 0, len(band.x) - 1)
        inside = (band.low[near] <= trace.values) & (trace.values <= band.high[near])
        held |= inside & (abs(band.x[near] - places) <= 1)
    assert held.all()


def test_a_single_spike_among_hundreds_of_thousands_is_drawn():
    values = np.zeros(300_000)
    values[[7, 123_456, 299_999]] = 9.0, -4.0, 5.0
    band = Trace(np.arange(300_000), values).band(StepAxis(300_000, 116, 800))
    assert sorted(band.high)[-2:] == [5.0, 9.0]
    assert band.low.min() == -4.0
    at = int(np.argmin(band.low))
    assert abs(band.x[at] - StepAxis(300_000, 116, 800).x(123_456)) <= 1


def test_nothing_that_is_not_a_number_hides_its_neighbours():
    values = np.array([1.0, np.nan, 3.0])
    band = Trace(np.array([1000, 1000, 1000]), values).band(AXIS)
    assert (band.low.tolist(), band.high.tolist()) == ([1.0], [3.0])


def test_figures_that_go_on_leave_what_was_drawn_before():
    values = noise(900)
    early = Trace(np.arange(500), values[:500]).band(AXIS)
    late = Trace(np.arange(900), values).band(AXIS)
    assert np.array_equal(early.high[:-1], late.high[: len(early.high) - 1])


def test_the_mean_is_that_of_the_last_tenth_and_of_ten_at_least():
    values = noise(400)
    trace = Trace(np.arange(400), values)
    assert trace.mean_at(4) == pytest.approx(values[:5].mean())
    assert trace.mean_at(60) == pytest.approx(values[51:61].mean())
    assert trace.mean_at(399) == pytest.approx(values[360:400].mean())
    x, means = trace.mean(StepAxis(400, 0, 4000))
    for step in (0, 8, 49, 200):
        at = int(np.argmin(abs(x - StepAxis(400, 0, 4000).x(step))))
        assert means[at] == pytest.approx(trace.mean_at(step))


def test_means_of_many_figures_lie_where_the_figures_do():
    values = 2 + 0.1 * noise(200_000)
    _x, means = Trace(np.arange(200_000), values).mean(StepAxis(200_000, 116, 800))
    assert abs(means[-1] - values[180_000:].mean()) < 1e-3


def test_what_is_read_at_a_step_is_the_latest_before_it():
    trace = Trace(np.array([50, 100]), np.array([0.7, 0.4]))
    assert trace.at(49) is None
    assert trace.at(99) == 0.7
    assert trace.at(400) == 0.4, "so far"
    assert Trace(np.zeros(0, int), np.zeros(0)).mean_at(3) is None


def test_no_curve_is_no_point():
    empty = losses(Curves())
    assert empty.training.band(AXIS).x.size == 0
    assert empty.training.mean(AXIS)[0].size == 0
    assert highest_loss(empty) == 0


def test_the_scale_of_the_loss_is_that_of_its_beginning_however_high_it_went():
    steps = np.arange(100)
    calm = Curves(
        100, steps, np.linspace(2.3, 0.1, 100), steps / 100, np.array([0, 50]), np.array([2.4, 1.0]), steps[:2]
    )
    assert highest_loss(losses(calm)) == 2.4
    broken = Curves(100, steps, np.full(100, 2.0), steps / 100, np.array([0, 50]), np.array([2.0, 1e30]), steps[:2])
    assert highest_loss(losses(broken)) == 3.0
    assert accuracies(calm).training.values[-1] == 0.99
