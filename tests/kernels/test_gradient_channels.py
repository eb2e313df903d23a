"""Colour: luma, the strongest channel, Di Zenzo's structure tensor."""

import numpy as np
import pytest

from kernels import gradient
from kernels.gradients.structure_tensor import dominant_gradient, strongest_channel

COLOUR = np.random.default_rng(3).integers(0, 256, (24, 31, 3)).astype(np.uint8)


def channels(image, **options):
    found = [gradient(image[:, :, c], **options) for c in range(image.shape[2])]
    return np.stack([g.gx for g in found], axis=2), np.stack([g.gy for g in found], axis=2)


def test_luma_is_rec_601():
    luma = COLOUR @ np.array([0.299, 0.587, 0.114])
    g = gradient(COLOUR)
    np.testing.assert_allclose(g.gx, gradient(luma).gx, atol=1e-3)
    np.testing.assert_allclose(gradient(COLOUR.astype(float), sigma=1).gy, gradient(luma, sigma=1).gy, atol=1e-9)


def test_the_strongest_channel_is_taken_pixel_by_pixel():
    gx, gy = channels(COLOUR, dilation=2, padding="full")
    g = gradient(COLOUR, colour="strongest", norm="l1", dilation=2, padding="full")
    for i, j in [(0, 0), (5, 9), (20, 30), (27, 34)]:
        best = max(range(3), key=lambda c: np.hypot(gx[i, j, c], gy[i, j, c]))
        assert (g.gx[i, j], g.gy[i, j]) == (gx[i, j, best], gy[i, j, best])
    blue = np.zeros((9, 9, 3), np.uint8)
    blue[:, 5:, 2] = 100
    assert gradient(blue, colour="strongest").magnitude.max() == 400


def test_the_structure_tensor_against_an_eigen_decomposition():
    gx, gy = channels(COLOUR.astype(float), operator="scharr")
    g = gradient(COLOUR.astype(float), "scharr", colour="structure-tensor")
    for i in range(0, 24, 5):
        for j in range(31):
            tangents = np.stack([gx[i, j], gy[i, j]])
            values, vectors = np.linalg.eigh(tangents @ tangents.T)
            expected = np.sqrt(values[1]) * vectors[:, 1]
            total = tangents.sum(axis=1)
            if expected @ total < 0:
                expected = -expected
            np.testing.assert_allclose([g.gx[i, j], g.gy[i, j]], expected, rtol=1e-6, atol=1e-6)


def test_equal_channels_have_root_3_times_the_magnitude_of_one():
    grey = COLOUR[:, :, 0]
    g, one = gradient(np.stack([grey] * 3, axis=2), colour="structure-tensor"), gradient(grey)
    np.testing.assert_allclose(g.gx, np.sqrt(3) * one.gx, rtol=1e-5, atol=1e-3)
    np.testing.assert_allclose(g.gy, np.sqrt(3) * one.gy, rtol=1e-5, atol=1e-3)


@pytest.mark.parametrize("angle", [-180, -135, -90, -45, 0, 45, 90, 135])
def test_the_tensors_sign_is_that_of_the_channels_together(angle):
    y, x = np.mgrid[:11, :11].astype(float)
    plane = x * np.cos(np.radians(angle)) + y * np.sin(np.radians(angle))
    image = np.stack([2 * plane, -0.5 * plane, 0 * plane], axis=2)
    g = gradient(image, colour="structure-tensor", scaling="per-pixel", padding="valid")
    np.testing.assert_allclose(g.magnitude, np.hypot(2, 0.5))
    turned = np.abs((g.direction - angle + 180) % 360 - 180)
    assert turned.max() < 1e-6


def test_an_edge_between_colours_of_one_brightness_is_found_with_a_steady_sign():
    red_to_green = np.zeros((9, 12, 3))
    red_to_green[:, :6, 0] = red_to_green[:, 6:, 1] = 90.0
    for image, expected in ((red_to_green, 0), (red_to_green[:, ::-1], 0), (red_to_green.transpose(1, 0, 2), 90)):
        g = gradient(image, colour="structure-tensor")
        edge = g.magnitude > 0
        assert g.magnitude.max() == pytest.approx(np.sqrt(2) * 360)
        assert (g.direction[edge] == expected).all()


def test_a_sum_within_the_tolerance_has_no_sign():
    gx = np.array([[[3.0, -3.0 - 1e-7]]])
    for tolerance, sign in ((1e-6, 1.0), (1e-8, -1.0)):
        x, y = dominant_gradient(gx, np.zeros_like(gx), tolerance)
        assert x[0, 0] == pytest.approx(sign * np.sqrt(18))
        assert y[0, 0] == 0


@pytest.mark.parametrize("scale", [1e-300, 1e-80, 1e80, 1e300])
def test_the_tensor_works_at_any_scale(scale):
    usual = gradient(COLOUR / 255.0, colour="structure-tensor")
    scaled = gradient(COLOUR / 255.0 * scale, colour="structure-tensor")
    np.testing.assert_allclose(scaled.magnitude / scale, usual.magnitude, rtol=1e-9)
    np.testing.assert_allclose(scaled.direction, usual.direction, atol=1e-6)


def test_a_grey_picture_needs_no_colour_mode():
    grey = COLOUR[:, :, 0]
    for colour in ("luma", "strongest", "structure-tensor"):
        np.testing.assert_array_equal(gradient(grey, colour=colour).gx, gradient(grey).gx)
        np.testing.assert_array_equal(gradient(grey[:, :, None], colour=colour).gx, gradient(grey).gx)
    many = np.concatenate([COLOUR, COLOUR[:, :, :1]], axis=2)
    assert gradient(many, colour="strongest").gx.shape == (24, 31)


def test_a_channel_that_is_not_finite_is_not_hidden_by_the_others():
    image = COLOUR.astype(np.float32)
    image[4, 4, 2] = np.nan
    for colour in ("luma", "strongest", "structure-tensor"):
        bad = np.isnan(gradient(image, colour=colour).magnitude)
        assert bad[3:6, 3:6].all()
        assert bad.sum() == 9
    infinite = np.array([[[1.0, np.inf]]])
    assert np.isinf(strongest_channel(infinite, np.zeros((1, 1, 2)))[0]).all()
    assert not np.isfinite(dominant_gradient(infinite, np.zeros((1, 1, 2)))[0]).any()
