"""The axis of steps: where steps stand, which are written, and which checkpoints have room."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.pages.network.train.step_axis import SHORTEST, STRAIGHT, StepAxis, apart, landmarks

ENDS = st.integers(0, 5_000_000)


def test_each_doubling_takes_as_much_room_as_the_first_fifty_steps():
    axis = StepAxis(1600, 100, 700)
    assert [axis.x(step) for step in (0, 50, 100, 200, 400, 800, 1600)] == pytest.approx(
        [100, 200, 300, 400, 500, 600, 700]
    )
    assert axis.x(25) == pytest.approx(150), "straight up to step 50"
    assert axis.x(141) == pytest.approx(300 + 100 * math.log2(1.41))


@given(ENDS, st.floats(0, 1))
def test_a_place_is_that_of_its_step(end, share):
    axis = StepAxis(end, 116, 800)
    x = 116 + share * 684
    assert axis.x(float(axis.steps_at(x))) == pytest.approx(x, abs=1e-6)
    assert 0 <= axis.step(x) <= axis.end
    assert axis.step(axis.x(axis.step(x))) == axis.step(x)


@given(ENDS)
def test_places_rise_with_the_steps_from_edge_to_edge(end):
    axis = StepAxis(end, 116, 800)
    places = axis.places(np.linspace(0, axis.end, 500))
    assert (np.diff(places) > 0).all()
    assert places[0] == pytest.approx(116)
    assert places[-1] == pytest.approx(800)
    assert axis.x(axis.end) == pytest.approx(float(places[-1])), "one by one as all at once"


def test_it_grows_by_little_while_a_run_goes_on():
    moved = [abs(StepAxis(end + 1, 0, 684).x(50) - StepAxis(end, 0, 684).x(50)) for end in range(50, 3000)]
    assert max(moved) < 684 / STRAIGHT + 6
    assert max(moved[200:]) < 1


def test_beside_the_axis_stand_its_ends():
    axis = StepAxis(1600, 100, 700)
    assert axis.step(-50) == 0
    assert axis.step(5000) == 1600


def test_a_short_run_and_a_narrow_window_have_an_axis_too():
    assert StepAxis(0, 0, 100).end == SHORTEST
    assert StepAxis(10, 100, 50).right > 100


@given(ENDS, st.integers(60, 2000))
def test_round_steps_are_written_as_far_apart_as_they_need(end, width):
    axis = StepAxis(end, 0, width)
    ticks = axis.ticks(50)
    assert ticks[0] == 0
    assert all(step <= axis.end for step in ticks)
    assert all(axis.x(b) - axis.x(a) >= 50 - 1e-6 for a, b in pairwise(ticks))


def test_the_written_steps_are_those_of_the_mock():
    assert StepAxis(1600, 116, 800).ticks(62) == (0, 50, 100, 200, 400, 800, 1600)
    assert StepAxis(10, 0, 600).ticks(50) == tuple(range(11))


def test_landmarks_are_the_doublings_the_last_and_the_one_that_is_shown():
    every = tuple(range(0, 1001, 50))
    assert landmarks(every) == (0, 50, 100, 200, 400, 800, 1000)
    assert landmarks(every, 650) == (0, 50, 100, 200, 400, 650, 800, 1000)
    assert landmarks(every, 651) == landmarks(every), "no checkpoint"
    assert landmarks((0, 96, 390, 410)) == (0, 96, 390, 410)
    assert landmarks(()) == ()


@given(st.sets(st.integers(0, 5000), max_size=60), st.floats(1, 200))
def test_what_is_kept_has_room_and_what_is_left_out_has_none(steps, gap):
    axis = StepAxis(5000, 0, 684)
    first = tuple(sorted(steps))[:1]
    kept = apart(axis, sorted(steps), gap, first)
    assert set(first) <= set(kept) <= steps
    assert all(axis.x(b) - axis.x(a) >= gap for a, b in pairwise(kept))
    for step in steps - set(kept):
        assert min(abs(axis.x(step) - axis.x(other)) for other in kept) < gap


def test_the_shown_step_comes_before_its_neighbours_and_the_last_before_the_one_below_it():
    axis = StepAxis(1600, 0, 600)
    assert apart(axis, (0, 400, 800, 1000, 1600), 90, (1000,)) == (0, 400, 1000)
    assert apart(axis, (0, 400, 800, 1600), 150) == (0, 400, 1600)
