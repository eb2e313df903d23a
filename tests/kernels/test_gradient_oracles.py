"""Gx and Gy against scikit-image, OpenCV and SciPy, up to the signs and factors that each of them has.

scikit-image divides by the sum of one side's weights, so that a ramp of slope 1 gives 2 (its step from side to side);
its sobel_h is Gy (it finds horizontal edges). It is fed grey pictures: its own luma is Rec. 709.
"""

import math

import numpy as np
import pytest
from scipy import ndimage
from skimage import filters

from kernels import gradient
from kernels.opencv import cv2

IMAGE = np.random.default_rng(8).integers(0, 256, (37, 45)).astype(np.float64)


@pytest.mark.parametrize(
    ("operator", "horizontal", "vertical", "factor"),
    [
        ("sobel", filters.sobel_h, filters.sobel_v, 4),
        ("scharr", filters.scharr_h, filters.scharr_v, 16),
        ("prewitt", filters.prewitt_h, filters.prewitt_v, 3),
    ],
)
def test_scikit_image(operator, horizontal, vertical, factor):
    g = gradient(IMAGE, operator)
    np.testing.assert_allclose(g.gy, factor * horizontal(IMAGE), atol=1e-9)
    np.testing.assert_allclose(g.gx, factor * vertical(IMAGE), atol=1e-9)


def test_scikit_images_roberts_along_the_diagonals():
    # It convolves with the negatives of D1 and D2, which correlates with D1 and D2 themselves.
    g = gradient(IMAGE, "roberts", padding="valid")
    d1, d2 = (g.gx + g.gy) / math.sqrt(2), (g.gy - g.gx) / math.sqrt(2)
    np.testing.assert_allclose(d1, filters.roberts_pos_diag(IMAGE)[:-1, :-1], atol=1e-9)
    np.testing.assert_allclose(d2, filters.roberts_neg_diag(IMAGE)[:-1, :-1], atol=1e-9)
    np.testing.assert_allclose(g.magnitude, math.sqrt(2) * filters.roberts(IMAGE)[:-1, :-1], atol=1e-9)


@pytest.mark.parametrize(
    ("border", "code"),
    [
        ("reflect", cv2.BORDER_REFLECT),
        ("reflect101", cv2.BORDER_REFLECT_101),
        ("replicate", cv2.BORDER_REPLICATE),
        ("constant", cv2.BORDER_CONSTANT),
    ],
)
def test_opencv(border, code):
    for operator, size in (("sobel", 3), ("sobel-5", 5), ("sobel-7", 7)):
        g = gradient(IMAGE, operator, border=border)
        np.testing.assert_array_equal(g.gx, cv2.Sobel(IMAGE, cv2.CV_64F, 1, 0, ksize=size, borderType=code))
        np.testing.assert_array_equal(g.gy, cv2.Sobel(IMAGE, cv2.CV_64F, 0, 1, ksize=size, borderType=code))
    g = gradient(IMAGE, "scharr", border=border)
    np.testing.assert_array_equal(g.gx, cv2.Scharr(IMAGE, cv2.CV_64F, 1, 0, borderType=code))
    np.testing.assert_array_equal(g.gy, cv2.Scharr(IMAGE, cv2.CV_64F, 0, 1, borderType=code))


@pytest.mark.parametrize(("border", "mode"), [("reflect", "reflect"), ("wrap", "wrap"), ("reflect101", "mirror")])
def test_scipy(border, mode):
    for operator, function in (("sobel", ndimage.sobel), ("prewitt", ndimage.prewitt)):
        g = gradient(IMAGE, operator, border=border)
        np.testing.assert_array_equal(g.gx, function(IMAGE, axis=1, mode=mode))
        np.testing.assert_array_equal(g.gy, function(IMAGE, axis=0, mode=mode))
    for sigma in (0.7, 1.0, 2.3):
        g = gradient(IMAGE, "gaussian", sigma=sigma, border=border)
        np.testing.assert_allclose(g.gx, ndimage.gaussian_filter(IMAGE, sigma, order=(0, 1), mode=mode), atol=1e-9)
        np.testing.assert_allclose(g.gy, ndimage.gaussian_filter(IMAGE, sigma, order=(1, 0), mode=mode), atol=1e-9)
        smoothed = ndimage.gaussian_filter(IMAGE, sigma, mode=mode)
        g = gradient(IMAGE, "sobel", sigma=sigma, border=border)
        np.testing.assert_allclose(g.gx, ndimage.sobel(smoothed, axis=1, mode=mode), atol=1e-9)


def test_numpys_gradient_inside():
    g = gradient(IMAGE, "central", scaling="per-pixel")
    down, right = np.gradient(IMAGE)
    np.testing.assert_array_equal(g.gx[1:-1, 1:-1], right[1:-1, 1:-1])
    np.testing.assert_array_equal(g.gy[1:-1, 1:-1], down[1:-1, 1:-1])
