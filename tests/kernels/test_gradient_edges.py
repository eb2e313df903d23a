"""Thinned edges: one pixel wide, closed where the outline is, the same whichever way the picture is turned."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from skimage import feature

from kernels import gradient
from kernels.gradients import edges
from kernels.opencv import cv2
from kernels.pictures.reading import open_sample

EIGHT = np.ones((3, 3))


def disc(side: int = 61, radius: float = 20.0) -> np.ndarray:
    y, x = np.mgrid[:side, :side] - side // 2
    return np.clip(radius + 0.5 - np.hypot(y, x), 0, 1) * 200


@pytest.mark.parametrize("operator", ["sobel", "scharr", "prewitt", "gaussian", "central"])
def test_the_edge_of_a_disc_is_a_thin_closed_ring(operator):
    g = gradient(disc(), operator, scaling="per-pixel")
    found = g.edges(20, 40)
    y, x = np.nonzero(found)
    # The rim is half a pixel outside the radius; the ring stands on it, within a pixel.
    assert np.abs(np.hypot(y - 30, x - 30) - 20).max() < 1.5
    assert ndimage.label(found, EIGHT)[1] == 1
    # Closed: by side-connected steps nothing gets from outside to inside.
    assert ndimage.label(~found)[1] == 2
    # Thin: no four pixels in a square, and not more pixels than a circle drawn with sides and corners.
    assert not (found[:-1, :-1] & found[1:, :-1] & found[:-1, 1:] & found[1:, 1:]).any()
    assert found.sum() < 2 * np.pi * 20 * 1.2


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_a_step_between_two_pixels_gives_one_line_on_the_darker_side(turns):
    step = np.zeros((12, 12))
    step[:, 6:] = 50
    found = gradient(np.rot90(step, turns), "sobel").edges(100, 200)
    expected = np.zeros((12, 12), bool)
    expected[:, 5] = True
    np.testing.assert_array_equal(found, np.rot90(expected, turns))


@given(st.integers(0, 2**32 - 1), st.sampled_from(["sobel", "scharr", "central"]))
@settings(max_examples=20)
def test_turning_the_picture_turns_its_edges(seed, operator):
    image = np.random.default_rng(seed).integers(0, 256, (17, 23)).astype(np.uint8)
    found = gradient(image, operator).edges(50, 300)
    np.testing.assert_array_equal(gradient(np.rot90(image), operator).edges(50, 300), np.rot90(found))


def test_ridges_against_the_definition():
    rng = np.random.default_rng(5)
    gx, gy = rng.normal(size=(2, 12, 15))
    magnitude = np.hypot(gx, gy)
    found = edges.ridges(magnitude, gx, gy)
    padded = np.pad(magnitude, 1)
    for i in range(12):
        for j in range(15):
            # One step of the larger component along the gradient, between the two nearest pixels.
            step = np.array([gy[i, j], gx[i, j]]) / max(abs(gx[i, j]), abs(gy[i, j]))
            beside = [
                ndimage.map_coordinates(padded, [[i + 1 + sign * step[0]], [j + 1 + sign * step[1]]], order=1)[0]
                for sign in (1, -1)
            ]
            assert found[i, j] == all(magnitude[i, j] > value for value in beside)


def test_a_stride_bends_directions_on_the_grid():
    # 45° in the picture; with a stride of 4 rows the next entry ahead is three quarters that on the right.
    magnitude = np.array([[0.0, 0, 0], [0, 5, 8], [0, 0, 0]])
    slope = np.ones((3, 3))
    assert edges.ridges(magnitude, slope, slope)[1, 1]
    assert not edges.ridges(magnitude, slope, slope, stride=(4, 1))[1, 1]
    assert edges.ridges(magnitude * [1, 1, 0.8], slope, slope, stride=(4, 1))[1, 1]
    assert edges.ridges(magnitude, slope, slope, stride=(1, 4))[1, 1]
    g = gradient(np.rot90(disc()), stride=(3, 2))
    np.testing.assert_array_equal(g.ridges(), edges.ridges(g.magnitude, g.gx, g.gy, (3, 2)))


def test_strips_leave_no_seams(monkeypatch):
    g = gradient(open_sample("camera").pixels, sigma=1.0)
    whole = g.edges(40, 120)
    monkeypatch.setattr(edges, "_STRIP", 512 * 7)
    np.testing.assert_array_equal(g.with_norm("l1").with_norm("l2").edges(40, 120), whole)


def test_hysteresis_keeps_what_is_connected():
    magnitude = np.array([[5, 5, 9, 5, 0, 5, 5], [0, 0, 0, 0, 5, 0, 0], [5, 0, 0, 0, 0, 0, 0], [0, 0, 0, 9, 0, 0, 0]])
    found = edges.hysteresis(np.ones(magnitude.shape, bool), magnitude, 5, 9)
    assert found.astype(int).tolist() == [[1, 1, 1, 1, 0, 1, 1], [0, 0, 0, 0, 1, 0, 0], [0] * 7, [0, 0, 0, 1, 0, 0, 0]]
    assert not edges.hysteresis(np.ones(magnitude.shape, bool), magnitude, 1, 10).any()
    assert edges.hysteresis(magnitude > 0, magnitude, 5, 5).sum() == (magnitude > 0).sum()
    assert not edges.hysteresis(np.zeros(magnitude.shape, bool), magnitude, 0, 0).any()


def test_thresholds():
    g = gradient(open_sample("camera").pixels[:128, :128])
    strict, loose, low = g.edges(200, 400), g.edges(200, 300), g.edges(100, 400)
    assert strict.any()
    assert not (strict & ~loose).any()
    assert not (strict & ~low).any()
    assert g.ridges() is g.ridges()
    for wrong in ((-1, 2), (3, 2), (float("nan"), 2), (0, float("inf"))):
        with pytest.raises(ValueError, match=r"low|high"):
            g.edges(*wrong)
    for wrong, name in ((("1", 2), "low"), ((1, None), "high"), ((True, 2), "low"), ((1, 2j), "high")):
        with pytest.raises(TypeError, match=f"{name} is "):
            g.edges(*wrong)


def test_a_ramp_has_no_edges_inside():
    ramp = np.arange(30.0)[None, :] + np.zeros((30, 1))
    found = gradient(ramp, padding="valid").edges(1, 2)
    # All magnitudes are equal; only the line where the ramp begins has something lower behind it: the outside.
    assert set(np.nonzero(found)[1].tolist()) <= {0}


def test_against_scikit_image():
    """The same smoothing and Sobel; scikit-image keeps both of two equal neighbours and nothing at the border."""
    image = open_sample("camera").pixels[100:300, 100:300].astype(float)
    theirs = feature.canny(image, sigma=1.5, low_threshold=10, high_threshold=25, mode="reflect")
    # scikit-image's Sobel here is ndimage's: as written.
    ours = gradient(image, "sobel", sigma=1.5).edges(10, 25)
    inside = np.zeros(image.shape, bool)
    inside[2:-2, 2:-2] = True
    assert theirs.sum() > 1000
    near = ndimage.binary_dilation
    # Every edge of one is within a pixel of an edge of the other, but for ties and ends at the border: 1 %.
    assert (theirs & inside & ~near(ours, EIGHT)).sum() <= 0.01 * theirs.sum()
    assert (ours & inside & ~near(theirs, EIGHT)).sum() <= 0.01 * theirs.sum()
    assert (ours ^ theirs)[inside].sum() <= 0.02 * theirs.sum()


def test_against_opencv():
    """OpenCV rounds directions to multiples of 45° and takes a tie by place, so edges may stand a pixel apart."""
    image = open_sample("camera").pixels
    gx, gy = (cv2.Sobel(image, cv2.CV_16S, dx, dy) for dx, dy in ((1, 0), (0, 1)))
    theirs = cv2.Canny(gx, gy, 150, 300, L2gradient=True) > 0
    ours = gradient(image, border="reflect101").edges(150, 300)
    assert (theirs & ~ndimage.binary_dilation(ours, EIGHT)).sum() < 0.05 * theirs.sum()
    assert (ours & ~ndimage.binary_dilation(theirs, EIGHT)).sum() < 0.05 * ours.sum()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_the_largest_numbers_give_no_warnings(kind):
    largest = np.finfo(kind).max
    values = np.array([0, largest, -largest, largest / 2, largest / 4, np.inf, np.nan, np.finfo(kind).tiny], kind)
    for seed in range(150):
        picture = np.random.default_rng(seed).choice(values, (9, 9))
        for norm in ("l1", "l2", "max"):
            found = gradient(picture, "sobel", norm=norm)
            assert found.edges(0.0, 1.0).dtype == bool


def test_few_pixels_are_told_apart_as_many_are():
    image = np.random.default_rng(5).integers(0, 256, (70, 90)).astype(np.uint8)
    image[20:50, 30:60] //= 8
    for stride in ((1, 1), (2, 1)):
        g = gradient(image, stride=stride)
        for share in (10, 60, 80, 99, 100):
            least = np.percentile(g.magnitude, share)
            found = edges.ridges(g.magnitude, g.gx, g.gy, stride, least=least)
            np.testing.assert_array_equal(found, g.ridges() & (g.magnitude >= least))
            fresh = gradient(image, stride=stride)
            np.testing.assert_array_equal(fresh.edges(least, 2 * least), g.edges(least, 2 * least))
            np.testing.assert_array_equal(fresh.edges(least / 2, least), g.edges(least / 2, least))
