"""The gradient's contract: signs, units, zero, what is not finite, pairs of the user's, errors."""

import math

import numpy as np
import pytest

from kernels import Kernel, correlate, gradient
from kernels.errors import Cancelled
from kernels.filtering.geometry import SlidingOptions
from kernels.gradients import result
from kernels.gradients.computation import run_gradient
from kernels.gradients.operators import OPERATORS, OperatorPair, resolve, user_pair
from kernels.kernel import library

EIGHT = [-180, -135, -90, -45, 0, 45, 90, 135]
RESPONSE = {
    "central": 2,
    "roberts": math.sqrt(2),
    "prewitt": 6,
    "sobel": 8,
    "sobel-5": 128,
    "sobel-7": 2048,
    "scharr": 32,
}


def ramp(angle: float, slope: float = 1.0, shape: tuple[int, int] = (21, 25)) -> np.ndarray:
    """A plane that grows by `slope` per pixel towards `angle`: 0 right, 90 down."""
    y, x = np.mgrid[: shape[0], : shape[1]].astype(float)
    return slope * (x * math.cos(math.radians(angle)) + y * math.sin(math.radians(angle)))


def noise(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, shape).astype(np.uint8)


def angle_between(first, second):
    return np.abs((np.asarray(first) - second + 180) % 360 - 180)


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("angle", EIGHT)
def test_ramps_in_eight_directions(operator, angle):
    for dilation in (1, (2, 1)):
        g = gradient(ramp(angle, 3.0), operator, scaling="per-pixel", padding="valid", dilation=dilation)
        np.testing.assert_allclose(g.magnitude, 3.0, rtol=1e-9)
        assert angle_between(g.direction, angle).max() < 1e-6
        assert g.direction.min() >= -180
        assert g.direction.max() < 180
        np.testing.assert_allclose(g.gx, 3 * math.cos(math.radians(angle)), atol=1e-9)
        np.testing.assert_allclose(g.gy, 3 * math.sin(math.radians(angle)), atol=1e-9)


@pytest.mark.parametrize(("operator", "response"), RESPONSE.items())
def test_as_written_keeps_the_weights_of_the_literature(operator, response):
    g = gradient(ramp(0), operator, padding="valid")
    np.testing.assert_allclose(g.gx, response)
    assert not g.gy.any()
    assert gradient(ramp(0), operator, padding="valid", dilation=2).gx[0, 0] == pytest.approx(2 * response)


def test_the_gaussian_derivative_has_a_sigma_of_its_own():
    image = noise(40, 40).astype(float)
    own = gradient(image, "gaussian(sigma=2)")
    np.testing.assert_array_equal(own.gx, gradient(image, "gaussian", sigma=2).gx)
    np.testing.assert_array_equal(gradient(image, "gaussian").gx, gradient(image, "gaussian(sigma=1)").gx)
    # Smoothing by σ 1.5 and differentiating at σ 2 is differentiating at σ 2.5.
    both = gradient(image, "gaussian(sigma=2)", sigma=1.5, border="wrap")
    np.testing.assert_allclose(both.gx, gradient(image, "gaussian(sigma=2.5)", border="wrap").gx, atol=0.02)
    assert gradient(image, "gaussian(σ=2)").gx[3, 3] == own.gx[3, 3]


def test_exactly_180_degrees_becomes_minus_180():
    g = gradient(ramp(180).round().astype(np.float32), "sobel", padding="valid")
    assert (g.gy == 0).all()
    assert (g.direction == -180).all()


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("level", [0, 0.1, 200, 12345.678])
def test_a_flat_picture_has_no_gradient_and_no_direction(operator, level):
    for scaling in ("as-written", "per-pixel"):
        g = gradient(np.full((30, 30), level, np.float32), operator, scaling=scaling, sigma=1.3)
        assert (g.magnitude == 0).all()
        assert np.isnan(g.direction).all()
        assert not g.edges(0, 0).any()
        assert not g.histogram(8)[0].any()


def test_the_zero_rule_is_the_contracts():
    image = np.zeros((9, 9))
    image[:, 5:] = 1.0
    image[0, 0] = 1e6
    g = gradient(image, "sobel")
    # 1e-6 · Σ|w| · max|x| = 8, and the step gives 4 · 1 = 4.
    assert g.tolerance == pytest.approx(8.0)
    assert g.gx[5, 4] == 4
    assert g.magnitude[5, 4] == 0
    assert np.isnan(g.direction[5, 4])
    image[0, 0] = 0.49e6
    assert gradient(image, "sobel").magnitude[5, 4] == 4
    assert gradient(image, "sobel", scaling="per-pixel").tolerance == pytest.approx(0.49)


def test_norms():
    g = gradient(noise(20, 20), "scharr")
    gx, gy = g.gx.astype(float), g.gy.astype(float)
    np.testing.assert_allclose(g.magnitude, np.sqrt(gx**2 + gy**2), rtol=1e-6)
    np.testing.assert_allclose(g.with_norm("l1").magnitude, abs(gx) + abs(gy), rtol=1e-6)
    np.testing.assert_allclose(g.with_norm("max").magnitude, np.maximum(abs(gx), abs(gy)), rtol=1e-6)
    assert g.with_norm("l1").gx is g.gx
    np.testing.assert_array_equal(g.with_norm("max").magnitude, gradient(noise(20, 20), "scharr", norm="max").magnitude)
    with pytest.raises(ValueError, match="l2, l1, max"):
        g.with_norm("l3")


def test_results_are_read_only_and_of_the_contracts_type():
    image = noise(12, 14)
    before = image.copy()
    for dtype, expected in (
        (np.uint8, np.float32),
        (np.float32, np.float32),
        (np.float64, np.float64),
        (bool, np.float32),
    ):
        g = gradient(image.astype(dtype))
        for array in (g.gx, g.gy, g.magnitude, g.direction):
            assert array.dtype == expected
            assert array.shape == (12, 14)
            assert not array.flags.writeable
    np.testing.assert_array_equal(image, before)


@pytest.mark.parametrize(
    "options",
    [
        {"padding": "valid"},
        {"padding": "full", "border": "wrap"},
        {"padding": (3, 0), "border": "reflect101"},
        {"stride": (2, 3)},
        {"dilation": (1, 3), "border": "replicate"},
        {"border": "constant", "border_value": 9.0},
    ],
)
@pytest.mark.parametrize(
    ("operator", "kernel"), [("sobel", "sobel-x"), ("prewitt", "prewitt-x"), ("scharr", "scharr-x")]
)
def test_options_are_those_of_correlate(operator, kernel, options):
    image = noise(23, 19)
    g = gradient(image, operator, **options)
    x = library.get(kernel)
    settings = {"border": "reflect", **options}
    np.testing.assert_array_equal(g.gx, correlate(image, x, **settings))
    np.testing.assert_array_equal(g.gy, correlate(image, x.transpose(), **settings))
    assert g.geometry.output_shape == g.gx.shape


def test_the_default_border_is_reflect_and_the_operation_is_always_correlation():
    image = noise(9, 9)
    np.testing.assert_array_equal(gradient(image).gx, correlate(image, library.get("sobel-x"), border="reflect"))
    turned = run_gradient(image, "roberts", sliding=SlidingOptions("convolution", border="reflect"))
    np.testing.assert_array_equal(turned.gx, gradient(image, "roberts").gx)


def test_roberts_is_rotated_and_belongs_to_the_windows_centre():
    image = noise(15, 15).astype(float)
    d1 = correlate(image, Kernel([[-1, 0], [0, 1]]), padding="valid")
    d2 = correlate(image, Kernel([[0, -1], [1, 0]]), padding="valid")
    g = gradient(image, "roberts", padding="valid")
    np.testing.assert_allclose(g.gx, (d1 - d2) / math.sqrt(2), atol=1e-12)
    np.testing.assert_allclose(g.gy, (d1 + d2) / math.sqrt(2), atol=1e-12)
    for padding in ("valid", "same", "full"):
        assert gradient(image, "roberts", padding=padding).centre_offset == (0.5, 0.5)
        assert gradient(image, "roberts", padding=padding, dilation=3).centre_offset == (0.5, 0.5)
        assert gradient(image, "roberts", padding=padding, dilation=2).centre_offset == (0.0, 0.0)
        assert gradient(image, "sobel", padding=padding, dilation=2).centre_offset == (0.0, 0.0)
    # A parabola's slope is exact at the centre of four pixels: 2 (x + 0.5).
    parabola = np.arange(12.0)[None, :] ** 2 + np.zeros((12, 1))
    slope = gradient(parabola, "roberts", scaling="per-pixel", padding="valid").gx
    np.testing.assert_allclose(slope, 2 * (np.arange(11)[None, :] + 0.5) + np.zeros((11, 1)))


def test_a_users_kernel_is_joined_by_its_transpose_in_any_order_and_sign():
    image = noise(17, 21)
    expected = gradient(image, "sobel")
    x, y = library.get("sobel-x"), library.get("sobel-y")
    for operator in (x, y, x.negate(), y.rotate_180(), (x, y), (y, x), (y.negate(), x), x.replace(offset=128)):
        g = gradient(image, operator)
        np.testing.assert_array_equal(g.gx, expected.gx)
        np.testing.assert_array_equal(g.direction, expected.direction)
    halved = gradient(image, x.replace(divisor=-2))
    np.testing.assert_array_equal(halved.gx, expected.gx / 2)
    assert user_pair(x).note == ""
    assert "negated" in user_pair(x.negate()).note
    assert "xchanged" in user_pair(y).note


def test_a_pair_of_different_sizes_looks_through_one_window():
    image = noise(17, 21)
    pair = user_pair(Kernel([[-1, 0, 1]]))
    assert pair.shape == (3, 3)
    for padding in ("same", "full", "valid", (0, 2)):
        g = gradient(image, Kernel([[-1, 0, 1]]), padding=padding)
        np.testing.assert_array_equal(g.gx, gradient(image, "central", padding=padding).gx)
        np.testing.assert_array_equal(g.gy, gradient(image, "central", padding=padding).gy)


def test_a_kernel_without_a_response_is_an_error_only_per_pixel():
    image = noise(9, 9)
    for weights in (
        [[1, 1]],
        [[0, 1, 0], [1, -4, 1], [0, 1, 0]],
        [[1]],
        [[0.1, 0.2, 0.1], [0.2, 0.4, 0.2], [0.1, 0.2, 0.1]],
    ):
        gradient(image, Kernel(weights))
        with pytest.raises(ValueError, match="per-pixel"):
            gradient(image, Kernel(weights), scaling="per-pixel")


def test_pixels_that_are_not_finite_stay_where_they_are():
    image = noise(20, 20).astype(np.float32)
    clean = gradient(image, "sobel")
    image[5, 6], image[12, 12] = np.nan, np.inf
    for operator in ("sobel", "central"):
        g = gradient(image, operator)
        touched = np.zeros((20, 20), bool)
        touched[4:7, 5:8] = touched[11:14, 11:14] = True
        np.testing.assert_array_equal(np.isnan(g.magnitude), touched)
        np.testing.assert_array_equal(np.isnan(g.direction) & ~touched, (g.magnitude == 0))
        assert not g.edges(0, 10)[touched].any()
        assert np.isfinite(g.histogram(12)[0]).all()
    np.testing.assert_array_equal(gradient(image).gx[~touched], clean.gx[~touched])
    lost = gradient(np.full((4, 4), np.nan))
    assert np.isnan(lost.magnitude).all()
    assert lost.tolerance == 0


def test_smoothing_comes_first_and_only_there():
    image = noise(40, 30)
    g = gradient(image, "sobel", sigma=1.5, border="reflect101", padding="valid", dilation=2, stride=2)
    bell = np.exp(-(np.arange(-6, 7) ** 2) / (2 * 1.5**2))
    smooth = correlate(image, Kernel(np.outer(bell, bell) / bell.sum() ** 2), border="reflect101")
    expected = correlate(smooth, library.get("sobel-x"), padding="valid", dilation=2, stride=2)
    np.testing.assert_allclose(g.gx, expected, atol=2e-3)


def test_histogram_is_numpys_weighted_by_magnitude(monkeypatch):
    monkeypatch.setattr(result, "_THREADED", 50 * 7)  # eight strips
    g = gradient(noise(50, 50), "sobel")
    weights, edges = g.histogram(16)
    expected, expected_edges = np.histogram(g.direction, 16, (-180, 180), weights=g.magnitude.astype(float))
    np.testing.assert_allclose(weights, expected)
    np.testing.assert_allclose(edges, expected_edges)
    weights, edges = gradient(ramp(0), padding="valid").histogram(4, centred=True)
    assert edges.tolist() == [-225, -135, -45, 45, 135]
    assert np.flatnonzero(weights).tolist() == [2]
    weights, _ = gradient(ramp(180), padding="valid").histogram(4, centred=True)
    assert np.flatnonzero(weights).tolist() == [0]
    for bins in (0, -1, 2.5, True):
        with pytest.raises((ValueError, TypeError), match="bins"):
            g.histogram(bins)


def test_it_stops_when_asked_and_tells_how_far_it_is():
    image = noise(700, 900, 3)
    shares: list[float] = []
    run_gradient(image, progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1
    for colour in ("luma", "structure-tensor"):
        with pytest.raises(Cancelled):
            run_gradient(image, colour=colour, cancelled=lambda: True)
    with pytest.raises(Cancelled):
        run_gradient(image).edges(1, 2, cancelled=lambda: True)


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ({"operator": "sobell"}, ValueError, "'sobel'"),
        ({"operator": "sobel(size=5)"}, ValueError, "no parameter"),
        ({"operator": "gaussian(sigma)"}, ValueError, "name=number"),
        ({"operator": "gaussian(sigma=0.1)"}, ValueError, "0.5 to 10"),
        ({"operator": "gaussian(sigma=1, sigma=2)"}, ValueError, "sigma twice"),
        ({"operator": "gaussian(sigma=1, σ=2)"}, ValueError, "sigma twice"),
        ({"operator": 3}, TypeError, "a Kernel"),
        ({"operator": (library.get("box"),)}, TypeError, "a Kernel"),
        ({"operator": Kernel(np.ones((3, 3, 3)))}, ValueError, "3 channels"),
        ({"scaling": "pixel"}, ValueError, "per-pixel"),
        ({"norm": "L2"}, ValueError, "l2"),
        ({"colour": "color"}, ValueError, "luma"),
        ({"sigma": -1}, ValueError, "sigma"),
        ({"sigma": math.nan}, ValueError, "sigma"),
        ({"sigma": "2"}, TypeError, "sigma"),
        ({"padding": "sam"}, ValueError, "same"),
        ({"border": "mirror"}, ValueError, "border"),
        ({"stride": 0}, ValueError, "stride"),
        ({"dilation": 1.5}, TypeError, "dilation"),
        ({"padding": "valid", "dilation": 9}, ValueError, "does not fit"),
    ],
)
def test_errors_name_the_argument_and_what_would_be_valid(arguments, error, text):
    with pytest.raises(error, match=text.replace("(", r"\(")):
        gradient(noise(9, 9), **arguments)


@pytest.mark.parametrize(
    ("image", "error"),
    [
        (np.zeros((0, 4)), ValueError),
        (np.zeros(4), ValueError),
        (np.zeros((4, 4), complex), TypeError),
        (np.zeros((4, 4, 2)), ValueError),
        (np.zeros((4, 4, 4)), ValueError),
        ([["a"]], TypeError),
    ],
)
def test_what_is_no_picture_is_refused(image, error):
    with pytest.raises(error):
        gradient(image)


def test_every_operator_is_described():
    for name, operator in OPERATORS.items():
        assert operator.name == name
        assert operator.title
        assert operator.summary.endswith(".")
        assert any(sign.isdigit() for sign in operator.reference)
        pair = resolve(name)
        assert isinstance(pair, OperatorPair)
        assert pair.responses()[0] > 0
        assert pair.responses() == pytest.approx(pair.responses()[::-1])
        assert pair.scaled("per-pixel", (2, 3)).responses((2, 3)) == pytest.approx((1, 1))
        assert hash(pair) == hash(resolve(name))
