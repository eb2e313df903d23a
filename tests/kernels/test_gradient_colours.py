"""Directions as colours: the wheel is the legend of the picture, undefined places look undefined."""

import numpy as np
import pytest

from kernels import gradient
from kernels.gradients.direction_colours import NOT_FINITE, TITLES, UNDEFINED, render_direction, table, wheel
from kernels.pictures.colour_maps import table as colour_table


def paint(angle, magnitude=1.0, colours="hue", top=1.0):
    array = render_direction(np.array([[float(angle)]]), np.array([[float(magnitude)]]), colours, top)
    return tuple(array[0, 0].tolist())


def test_hues_are_where_the_legend_says():
    expected = {0: (255, 0, 0), 60: (255, 255, 0), 120: (0, 255, 0), -180: (0, 255, 255), -120: (0, 0, 255)}
    for angle, colour in expected.items():
        assert paint(angle) == colour
    assert paint(-60) == (255, 0, 255)
    assert paint(0, 0.5) == (128, 0, 0)
    assert paint(0, 7) == (255, 0, 0)


@pytest.mark.parametrize("colours", TITLES)
def test_the_maps_are_cyclic_and_even(colours):
    full = table(colours).astype(int)
    steps = np.abs(np.diff(np.vstack([full, full[:1]]), axis=0)).max(axis=1)
    assert steps.max() <= 3
    assert not table(colours).flags.writeable
    just_below_180 = np.array(paint(179.999, colours=colours), int)
    assert np.abs(just_below_180 - paint(-180, colours=colours)).max() <= 3
    assert not (full == UNDEFINED).all(axis=1).any()
    assert not (full == NOT_FINITE[colours]).all(axis=1).any()


def test_twilight_is_opencvs_and_tells_opposite_directions_by_lightness_or_blue():
    assert paint(-180, colours="twilight") == tuple(colour_table("twilight")[0].tolist())
    assert paint(0, colours="twilight") == tuple(colour_table("twilight")[128].tolist())
    right, left = (sum(paint(angle, colours="twilight")) for angle in (0, -180))
    assert left > 3 * right
    down, up = (paint(angle, colours="twilight") for angle in (90, -90))
    assert down[0] > down[2] + 40
    assert up[2] > up[0] + 40
    assert paint(90, 0.0, "twilight") == UNDEFINED


@pytest.mark.parametrize("colours", TITLES)
def test_what_has_no_direction_is_shown_so(colours):
    image = np.zeros((9, 9), np.float32)
    image[:, 6:] = 1
    image[4, 0] = np.nan
    g = gradient(image)
    painted = render_direction(g.direction, g.magnitude, colours)
    assert painted.dtype == np.uint8
    assert painted.shape == (9, 9, 3)
    assert tuple(painted[4, 0]) == NOT_FINITE[colours]
    assert tuple(painted[0, 3]) == UNDEFINED
    assert tuple(painted[4, 5]) == paint(0, colours=colours)
    flat = gradient(np.zeros((4, 4)))
    assert (render_direction(flat.direction, flat.magnitude, colours) == UNDEFINED).all()
    lost = np.full((2, 2), np.nan)
    assert (render_direction(lost, lost, colours) == NOT_FINITE[colours]).all()
    assert (render_direction(lost, colours=colours) == UNDEFINED).all()


@pytest.mark.parametrize("colours", TITLES)
@pytest.mark.parametrize("side", [2, 21, 64])
def test_the_wheel_is_the_legend(colours, side):
    disc = wheel(side, colours)
    assert disc.shape == (side, side, 4)
    assert disc.dtype == np.uint8
    if side < 21:
        return
    half = side // 2
    assert disc[0, 0, 3] == 0
    assert (disc[half - 3 : half + 3, half - 3 : half + 3, 3] == 255).all()
    rim = {0: (half, side - 2), 90: (side - 2, half), -180: (half, 1), -90: (1, half)}
    for angle, place in rim.items():
        near = [np.array(paint(angle + turn, 0.95, colours), int) for turn in (-8, 0, 8)]
        assert min(np.abs(disc[place][:3] - colour).max() for colour in near) < 30


def test_the_brightest_is_the_largest_unless_told():
    direction, magnitude = np.zeros((1, 3)), np.array([[0.0, 2.0, 4.0]])
    assert render_direction(direction, magnitude)[0, :, 0].tolist() == [0, 128, 255]
    assert render_direction(direction, magnitude, top=2.0)[0, :, 0].tolist() == [0, 255, 255]
    assert render_direction(direction)[0, :, 0].tolist() == [255] * 3


@pytest.mark.parametrize("call", [
    lambda: render_direction(np.zeros((2, 2)), colours="hsv"),
    lambda: render_direction(np.zeros((2, 2)), np.zeros((2, 3))),
    lambda: render_direction(np.zeros(4)),
    lambda: render_direction(np.zeros((2, 2)), top=0.0),
    lambda: wheel(1),
    lambda: wheel(9, "jet"),
])  # fmt: skip
def test_wrong_arguments(call):
    with pytest.raises(ValueError):
        call()
