"""Channels and colour spaces against scikit-image and the definitions."""

import numpy as np
import pytest
from skimage.color import rgb2hsv, rgb2lab

from kernels.pictures.colour import CHANNELS, TITLES, available_channels, channel_range, extract
from kernels.pictures.picture import Picture, from_array

RANDOM = np.random.default_rng(2)
RGB8 = RANDOM.integers(0, 256, (30, 41, 3), dtype=np.uint8)
PICTURES = {
    "8-bit": Picture(RGB8),
    "16-bit": Picture(RANDOM.integers(0, 65536, (30, 41, 3), dtype=np.uint16), 65535),
    "white 1000": Picture(RANDOM.integers(0, 1001, (30, 41, 3), dtype=np.uint16), 1000),
    "float": Picture(RANDOM.random((30, 41, 3)).astype(np.float32), 1.0),
    "double": Picture(RANDOM.random((30, 41, 3)), 1.0),
}


@pytest.mark.parametrize("name", PICTURES)
def test_planes_and_luma_stay_in_the_files_numbers(name):
    picture = PICTURES[name]
    pixels = picture.pixels.astype(np.float64)
    assert extract(picture, "rgb") is picture.pixels
    for index, channel in enumerate("rgb"):
        plane = extract(picture, channel)
        np.testing.assert_array_equal(plane, picture.pixels[:, :, index])
        assert plane.dtype == (np.float64 if name == "double" else np.float32)
    luma = pixels @ [0.299, 0.587, 0.114]
    np.testing.assert_allclose(extract(picture, "luma"), luma, rtol=1e-6)
    assert channel_range(picture, "luma") == (0.0, picture.white)


@pytest.mark.parametrize("name", PICTURES)
def test_colour_spaces_agree_with_scikit_image(name):
    picture = PICTURES[name]
    unit = picture.pixels / picture.white
    hsv, lab = rgb2hsv(unit), rgb2lab(unit)
    hue = extract(picture, "h")
    turned = np.abs((hue - hsv[:, :, 0] * 360 + 180) % 360 - 180)
    assert turned.max() < 0.01
    np.testing.assert_allclose(extract(picture, "s"), hsv[:, :, 1], atol=1e-5)
    np.testing.assert_allclose(extract(picture, "v"), hsv[:, :, 2], atol=1e-5)
    for index, channel in enumerate(("lab-l", "lab-a", "lab-b")):
        np.testing.assert_allclose(extract(picture, channel), lab[:, :, index], atol=0.02)


def test_known_colours():
    pixels = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255], [0, 0, 0], [255, 255, 0]]], np.uint8)
    picture = Picture(pixels)
    np.testing.assert_allclose(extract(picture, "h")[0, [0, 1, 2, 5]], [0, 120, 240, 60], atol=1e-4)
    np.testing.assert_allclose(extract(picture, "s")[0], [1, 1, 1, 0, 0, 1], atol=1e-6)
    np.testing.assert_allclose(extract(picture, "v")[0], [1, 1, 1, 1, 0, 1], atol=1e-6)
    np.testing.assert_allclose(extract(picture, "lab-l")[0, 3:5], [100, 0], atol=1e-2)


@pytest.mark.parametrize("channel", CHANNELS[1:])
def test_a_constant_picture_is_constant_in_every_channel(channel):
    plane = extract(Picture(np.full((7, 43, 3), (90, 17, 201), np.uint8)), channel)
    assert np.ptp(plane) == 0
    grey = extract(Picture(np.full((7, 43, 3), 77, np.uint8)), channel)
    if channel in ("lab-a", "lab-b", "s", "h"):
        np.testing.assert_allclose(grey, 0, atol=1e-4)


def test_ranges_hold_every_value():
    for channel in CHANNELS[1:]:
        low, high = channel_range(PICTURES["8-bit"], channel)
        plane = extract(PICTURES["8-bit"], channel)
        assert low <= plane.min() <= plane.max() <= high, channel
    assert set(TITLES) == set(CHANNELS)


def test_a_grey_picture_has_no_colour_channels():
    picture = from_array(RGB8[:, :, 0])
    assert available_channels(picture) == ("rgb", "luma")
    assert extract(picture, "luma") is picture.pixels
    for channel in set(CHANNELS) - {"rgb", "luma"}:
        with pytest.raises(ValueError, match="the picture is grey"):
            extract(picture, channel)
    with pytest.raises(ValueError, match="valid are rgb, luma"):
        extract(picture, "cyan")


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_non_finite_pixel_is_non_finite_in_luma_and_colour_spaces_and_alone(bad):
    pixels = RANDOM.random((6, 7, 3)).astype(np.float32)
    clean = {channel: extract(Picture(pixels.copy(), 1.0), channel) for channel in CHANNELS[1:]}
    pixels[2, 3, 1] = bad
    picture = Picture(pixels, 1.0)
    for channel in ("luma", "h", "s", "v", "lab-l", "lab-a", "lab-b"):
        plane = extract(picture, channel)
        assert not np.isfinite(plane[2, 3])
        expected = clean[channel].copy()
        expected[2, 3] = plane[2, 3]
        np.testing.assert_array_equal(plane, expected)


def test_strips_join_without_a_seam():
    tall = np.tile(RGB8, (40, 35, 1))
    plane = extract(Picture(tall), "lab-b")
    np.testing.assert_array_equal(plane, np.tile(extract(Picture(RGB8), "lab-b"), (40, 35)))
