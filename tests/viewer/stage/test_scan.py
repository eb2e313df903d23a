"""The way of the window over the output, against a list of all positions."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.page_views import StageView
from viewer.pages.stage.scan import covered_areas, scan_of


@st.composite
def views(draw):
    rows, columns = draw(st.integers(1, 7)), draw(st.integers(1, 7))
    region = None
    if draw(st.booleans()):
        top, left = draw(st.integers(0, rows - 1)), draw(st.integers(0, columns - 1))
        region = top, draw(st.integers(top, rows - 1)), left, draw(st.integers(left, columns - 1))
    at = draw(st.integers(0, rows - 1)), draw(st.integers(0, columns - 1))
    predict, revealed = draw(st.booleans()), draw(st.booleans())
    every = draw(st.integers(1, 4))
    return StageView(at=at, region=region, every=every, predict=predict, revealed=revealed), (rows, columns)


def _positions(view, shape):
    top, bottom, left, right = view.region or (0, shape[0] - 1, 0, shape[1] - 1)
    return list(itertools.product(range(top, bottom + 1, view.every), range(left, right + 1)))


@given(views())
def test_the_window_goes_through_all_positions_in_raster_order(case):
    view, shape = case
    scan, expected = scan_of(view, shape), _positions(view, shape)
    found = [scan.first]
    while (following := scan.following(found[-1])) is not None:
        found.append(following)
    assert found == expected
    assert (scan.last, scan.count) == (expected[-1], len(expected))
    back = [scan.last]
    while (preceding := scan.preceding(back[-1])) is not None:
        back.append(preceding)
    assert back == expected[::-1]


@given(views())
def test_from_anywhere_it_finds_its_way(case):
    view, shape = case
    scan, positions = scan_of(view, shape), _positions(view, shape)
    later = [each for each in positions if each > view.at]
    earlier = [each for each in positions if each < view.at]
    assert scan.following(view.at) == (later[0] if later else None)
    assert scan.preceding(view.at) == (earlier[-1] if earlier else None)


@given(views(), st.integers(1, 60))
def test_many_steps_are_as_many_single_ones(case, steps):
    view, shape = case
    scan, positions = scan_of(view, shape), _positions(view, shape)
    start = positions[0]
    assert scan.after(start, steps, loop=True) == positions[steps % len(positions)]
    expected = positions[steps] if steps < len(positions) else None
    assert scan.after(start, steps, loop=False) == expected


@given(views())
def test_what_is_covered_is_drawn_so(case):
    view, shape = case
    drawn = np.zeros(shape, bool)
    for top, left, high, wide in covered_areas(view, shape):
        drawn[int(top) : int(top + high), int(left) : int(left + wide)] = True
    asked = np.array([[view.is_covered((i, j), shape) for j in range(shape[1])] for i in range(shape[0])])
    np.testing.assert_array_equal(drawn, asked)


@pytest.mark.parametrize(("at", "shape", "expected"), [(None, (5, 7), (2, 3)), ((9, 1), (5, 7), (4, 1)),
                                                       ((0, 0), (1, 1), (0, 0))])  # fmt: skip
def test_the_position_stays_inside_the_output(at, shape, expected):
    assert StageView(at=at).position(shape) == expected
