"""Accuracy: the test pictures are what their formulas say, and the operators rank as the literature has them."""

import math

import numpy as np
import pytest

from kernels import Kernel
from kernels.errors import Cancelled
from kernels.gradients import accuracy
from kernels.gradients.accuracy import TestPicture, cone, measure, sinusoid, wave_errors, zone_plate
from kernels.gradients.operators import OPERATORS

RANKED = ("scharr", "sobel", "prewitt")
WAVES = [sinusoid(frequency, angle) for frequency in (0.03, 0.1, 0.2, 0.3) for angle in (10, 22.5, 60, -150)]


@pytest.mark.parametrize("picture", [cone(2.0), zone_plate(0.3), *WAVES], ids=lambda picture: picture.title)
def test_slopes_are_those_of_the_picture(picture):
    rng = np.random.default_rng(1)
    y, x = rng.uniform(-40, 40, (2, 200))
    step = 1e-5
    right = (picture.value(y, x + step) - picture.value(y, x - step)) / (2 * step)
    down = (picture.value(y + step, x) - picture.value(y - step, x)) / (2 * step)
    found = picture.slopes(y, x)
    np.testing.assert_allclose(found[0], right, atol=1e-5)
    np.testing.assert_allclose(found[1], down, atol=1e-5)


@pytest.mark.parametrize("picture", [cone(), zone_plate(0.1), zone_plate(0.25), *WAVES], ids=lambda p: p.title)
def test_scharr_is_ahead_of_sobel_and_sobel_of_prewitt(picture):
    scharr, sobel, prewitt = (measure(name, picture) for name in RANKED)
    assert scharr.mean_angle < sobel.mean_angle < prewitt.mean_angle
    assert scharr.max_angle < sobel.max_angle < prewitt.max_angle
    assert scharr.mean_magnitude < sobel.mean_magnitude < prewitt.mean_magnitude


def test_long_waves_err_by_the_factors_of_the_expansion():
    # tan of the measured over tan of the true angle is 1 + (u² − v²) (1/6 − s / (1 + 2 s)).
    angle, pace = math.radians(22.5), 2 * math.pi * 0.01
    u, v = pace * math.cos(angle), pace * math.sin(angle)
    for name, share in (("scharr", 3 / 16), ("sobel", 1 / 4), ("prewitt", 1 / 3), ("central", 0)):
        ratio = 1 + (u**2 - v**2) * (1 / 6 - share)
        expected = math.degrees(math.atan(ratio * math.tan(angle)) - angle)
        assert wave_errors(name, 0.01, 22.5)[0] == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize("operator", OPERATORS)
def test_the_formula_for_waves_agrees_with_the_measurement(operator):
    for frequency, angle in ((0.08, 15), (0.2, 70), (0.25, -100)):
        row = measure(operator, sinusoid(frequency, angle), side=65)
        error, magnitude = wave_errors(operator, frequency, angle)
        assert row.max_angle == pytest.approx(abs(float(error)), abs=1e-6)
        assert row.mean_angle == pytest.approx(abs(float(error)), abs=1e-6)
        assert row.mean_magnitude == pytest.approx(abs(float(magnitude)), abs=1e-9)


def test_roberts_and_every_sobel_see_waves_at_the_same_angle():
    angles = np.linspace(-180, 180, 25)
    expected = wave_errors("sobel", 0.2, angles)[0]
    for name in ("roberts", "sobel-5", "sobel-7"):
        np.testing.assert_allclose(wave_errors(name, 0.2, angles)[0], expected, atol=1e-9)
    np.testing.assert_allclose(expected[angles % 45 == 0], 0, atol=1e-9)


@pytest.mark.parametrize("operator", ["sobel", "scharr", "central"])
def test_the_worst_angle_is_that_of_the_worst_wave(operator):
    found = accuracy.worst_wave_angles(operator, [0.05, 0.2])
    for frequency, worst in zip((0.05, 0.2), found, strict=True):
        errors = [measure(operator, sinusoid(frequency, angle), side=33).max_angle for angle in range(-180, 180, 3)]
        assert max(errors) <= worst + 1e-6
        assert max(errors) == pytest.approx(worst, rel=0.02)


def test_what_is_left_out():
    side, picture = 33, cone()
    # The window of the apex alone: 31² windows fit, 9 of them hold the middle.
    assert measure("sobel", picture, side).places == 31 * 31 - 9
    # Roberts: 32² windows of four pixels, four of which touch the middle.
    assert measure("roberts", picture, side).places == 32 * 32 - 4
    wave = sinusoid(0.25, 0)
    faint = measure("sobel", wave, side)
    # Along x the slope is π/4 · cos(π x/2): 0 at every second pixel.
    assert faint.places == 31 * 15
    assert faint.max_angle < 1e-12


def test_roberts_is_judged_between_the_pixels():
    parabola = TestPicture(
        "parabola", "", lambda y, x: x * x + 3 * y + 0 * x, lambda y, x: (2 * x + 0 * y, 3 + 0 * x + 0 * y)
    )
    row = measure("roberts", parabola)
    assert row.max_angle < 1e-6
    assert row.max_magnitude < 1e-9


def test_a_reversed_or_missing_gradient_counts_as_it_is():
    plane = TestPicture("plane", "", lambda y, x: x + 0 * y, lambda y, x: (1 + 0 * x + 0 * y, 0 * x + 0 * y))
    assert measure("sobel", plane).max_angle == 0
    away = TestPicture("away", "", plane.value, lambda y, x: (-1 + 0 * x + 0 * y, 0 * x + 0 * y))
    assert measure("sobel", away).mean_angle == 180
    flat = TestPicture("flat", "", lambda y, x: 0 * x + 0 * y, plane.slopes)
    assert measure("sobel", flat).mean_angle == 90
    assert measure("sobel", flat).mean_magnitude == 1


def test_the_table_holds_every_operator_on_every_picture():
    rows = accuracy.table(cancelled=lambda: False)
    assert [row.operator for row in rows] == list(OPERATORS) * len(accuracy.default_pictures())
    assert all(0 <= row.mean_angle <= row.max_angle <= 180 and row.places > 1000 for row in rows)
    own = accuracy.table([cone()], [Kernel([[-1, 0, 1]], name="Mine")])
    assert (own[0].operator, own[0].title) == ("", "Mine")
    assert own[0].mean_angle == measure("central", cone()).mean_angle
    with pytest.raises(Cancelled):
        accuracy.table(cancelled=lambda: True)


@pytest.mark.parametrize("wrong", [
    lambda: sinusoid(0, 0), lambda: sinusoid(0.6, 0), lambda: sinusoid(math.nan, 0), lambda: sinusoid(0.1, math.inf),
    lambda: zone_plate(-0.1), lambda: wave_errors("sobel", 0, 0), lambda: measure(Kernel([[1]]), cone()),
    lambda: measure("sobell", cone()),
])  # fmt: skip
def test_wrong_arguments(wrong):
    with pytest.raises(ValueError):
        wrong()


@pytest.mark.parametrize("operator", ["sobel", "roberts", "scharr", "gaussian"])
def test_the_worst_wave_is_found_between_whole_degrees(operator):
    frequencies = np.array([0.05, 0.15, 0.25, 0.3])
    every = np.arange(0.0, 180.0, 0.002)
    errors, _ = accuracy.wave_errors(operator, frequencies[:, None], every[None, :])
    scanned = np.abs(errors).max(axis=1)
    found = accuracy.worst_wave_angles(operator, frequencies)
    assert (found >= scanned - 1e-9).all()
    np.testing.assert_allclose(found, scanned, atol=1e-6)
