"""Virtual pixels: where they come from, and that other libraries agree under the names we give."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernels.filtering.border import NAMES, Border, source_index
from kernels.opencv import cv2

MODES = list(Border)


@pytest.mark.parametrize("border", MODES)
@pytest.mark.parametrize("length", [1, 2, 3, 5])
def test_agrees_with_numpy_at_any_distance(border: Border, length: int) -> None:
    row = np.arange(10, 10 + length)
    far = 23
    fill = {"constant_values": -7} if border is Border.CONSTANT else {}
    expected = np.pad(row, far, mode=NAMES[border].numpy, **fill)
    index = source_index(np.arange(-far, length + far), length, border)
    np.testing.assert_array_equal(np.where(index < 0, -7, row[index]), expected)


@pytest.mark.parametrize("border", [mode for mode in MODES if mode is not Border.CONSTANT])
@pytest.mark.parametrize("length", [2, 3, 7])
def test_agrees_with_opencv(border: Border, length: int) -> None:
    constant = getattr(cv2, NAMES[border].opencv)
    for position in range(-3 * length, 4 * length):
        assert source_index(position, length, border) == cv2.borderInterpolate(position, length, constant)


@pytest.mark.parametrize("border", MODES)
def test_agrees_with_scipy_ndimage(border: Border) -> None:
    from scipy import ndimage

    row = np.array([3.0, 1.0, 4.0, 1.0, 5.0])
    for shift in range(-4, 5):
        taps = np.zeros(9)
        taps[4 + shift] = 1
        expected = ndimage.correlate1d(row, taps, mode=NAMES[border].ndimage, cval=-7)
        index = source_index(np.arange(5) + shift, 5, border)
        np.testing.assert_array_equal(np.where(index < 0, -7, row[index]), expected)


@pytest.mark.parametrize("border", [mode for mode in MODES if NAMES[mode].torch])
def test_agrees_with_torch(border: Border) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an oracle only where it is installed")
    row = torch.arange(5.0)[None, None]
    padded = torch.nn.functional.pad(row, (3, 4), mode=NAMES[border].torch)[0, 0].numpy()
    index = source_index(np.arange(-3, 9), 5, border)
    np.testing.assert_array_equal(np.where(index < 0, 0, np.arange(5.0)[index]), padded)


@given(position=st.integers(-(10**9), 10**9), length=st.integers(1, 50), border=st.sampled_from(MODES))
def test_stays_inside_or_says_constant(position: int, length: int, border: Border) -> None:
    index = int(source_index(position, length, border))
    if 0 <= position < length:
        assert index == position
    elif border is Border.CONSTANT:
        assert index == -1
    else:
        assert 0 <= index < length


def test_every_mode_has_its_names() -> None:
    assert set(NAMES) == set(MODES)
    assert [mode.value for mode in MODES] == ["constant", "replicate", "reflect", "reflect101", "wrap"]


def test_keeps_the_shape_of_the_positions() -> None:
    assert source_index(np.zeros((2, 3), int), 4, "wrap").shape == (2, 3)


def test_unknown_name_suggests_the_near_ones() -> None:
    with pytest.raises(ValueError, match=r"border is 'refelct'.*constant, replicate.*Did you mean 'reflect'"):
        source_index(0, 3, "refelct")


def test_a_picture_has_pixels() -> None:
    with pytest.raises(ValueError, match="length is 0"):
        source_index(0, 0, "wrap")
