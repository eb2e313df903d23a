"""correlate and convolve against SciPy, NumPy and PyTorch: every padding, size, stride, dilation and border."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kernels.filtering import reference
from kernels.filtering.border import NAMES, Border
from kernels.filtering.engine import convolve, correlate
from kernels.kernel import Kernel

Array = npt.NDArray[Any]
OPERATIONS = {"correlation": (correlate, reference.correlate), "convolution": (convolve, reference.convolve)}

sides = st.integers(1, 12)
taps = st.integers(1, 7)
steps = st.integers(1, 4)
seeds = st.integers(0, 2**32 - 1)
operations = st.sampled_from(sorted(OPERATIONS))
borders = st.sampled_from(list(Border))


def picture(seed: int, shape: tuple[int, ...]) -> Array:
    return np.random.default_rng(seed).integers(0, 256, shape).astype(np.uint8)


def weights(seed: int, shape: tuple[int, ...]) -> Array:
    return np.random.default_rng(seed + 1).integers(-9, 10, shape).astype(float)


def scipy_slide(image: Array, kernel: Array, operation: str, mode: str) -> Array:
    """SciPy's own correlate2d and convolve2d, except that these swap small pictures and kernels under "valid"."""
    from scipy import signal

    slide = signal.correlate2d if operation == "correlation" else signal.convolve2d
    return np.asarray(slide(image.astype(float), kernel, mode=mode))


@given(operations, sides, sides, taps, taps, st.sampled_from(["valid", "same", "full"]), seeds)
@settings(max_examples=150)
def test_paddings_equal_scipy(operation: str, h: int, w: int, kh: int, kw: int, padding: str, seed: int) -> None:
    assume(padding != "valid" or (kh <= h and kw <= w))
    image, kernel = picture(seed, (h, w)), weights(seed, (kh, kw))
    expected = scipy_slide(image, kernel, operation, padding)
    for slide in OPERATIONS[operation]:
        np.testing.assert_array_equal(slide(image, Kernel(kernel), padding=padding), expected)


@given(operations, sides, sides, taps, taps, st.tuples(steps, steps), st.tuples(steps, steps), seeds)
@settings(max_examples=150)
def test_stride_and_dilation_equal_slices_and_zeros(
    operation: str, h: int, w: int, kh: int, kw: int, stride: tuple[int, int], dilation: tuple[int, int], seed: int
) -> None:
    image, kernel = picture(seed, (h, w)), weights(seed, (kh, kw))
    spread = np.zeros((dilation[0] * (kh - 1) + 1, dilation[1] * (kw - 1) + 1))
    spread[:: dilation[0], :: dilation[1]] = kernel
    for padding in ("same", "full"):
        expected = scipy_slide(image, spread, operation, padding)[:: stride[0], :: stride[1]]
        for slide in OPERATIONS[operation]:
            result = slide(image, Kernel(kernel), padding=padding, stride=stride, dilation=dilation)
            np.testing.assert_array_equal(result, expected)


@given(operations, sides, sides, taps, taps, st.tuples(st.integers(0, 20), st.integers(0, 20)), borders, steps, seeds)
@settings(max_examples=150)
def test_borders_and_pixels_of_padding_equal_numpy_pad(
    operation: str, h: int, w: int, kh: int, kw: int, pad: tuple[int, int], border: Border, stride: int, seed: int
) -> None:
    assume(h + 2 * pad[0] >= kh and w + 2 * pad[1] >= kw)
    image, kernel = picture(seed, (h, w)), weights(seed, (kh, kw))
    fill = {"constant_values": 7} if border is Border.CONSTANT else {}
    padded = np.pad(image, [(pad[0], pad[0]), (pad[1], pad[1])], mode=NAMES[border].numpy, **fill)
    expected = scipy_slide(padded, kernel, operation, "valid")[::stride, ::stride]
    for slide in OPERATIONS[operation]:
        result = slide(image, Kernel(kernel), padding=pad, border=border, border_value=7, stride=stride)
        np.testing.assert_array_equal(result, expected)


@given(sides, sides, st.sampled_from([1, 3, 5, 7]), st.sampled_from([1, 3, 5]), borders, seeds)
def test_same_with_borders_equals_ndimage(h: int, w: int, kh: int, kw: int, border: Border, seed: int) -> None:
    from scipy import ndimage

    image, kernel = picture(seed, (h, w)), weights(seed, (kh, kw))
    mode = NAMES[border].ndimage
    for slide, oracle in ((correlate, ndimage.correlate), (convolve, ndimage.convolve)):
        expected = oracle(image.astype(float), kernel, mode=mode, cval=3.0)
        np.testing.assert_array_equal(slide(image, Kernel(kernel), border=border, border_value=3), expected)


@given(operations, sides, sides, taps, taps, st.integers(1, 5), st.booleans(), seeds)
def test_channels_are_filtered_apart_or_summed(
    operation: str, h: int, w: int, kh: int, kw: int, channels: int, sums: bool, seed: int
) -> None:
    image = picture(seed, (h, w, channels))
    kernel = weights(seed, (kh, kw, channels) if sums else (kh, kw))
    per_channel = [
        scipy_slide(image[..., c], kernel[..., c] if sums else kernel, operation, "same") for c in range(channels)
    ]
    expected = np.sum(per_channel, axis=0) if sums else np.stack(per_channel, axis=2)
    for slide in OPERATIONS[operation]:
        np.testing.assert_array_equal(slide(image, Kernel(kernel)), expected)


@given(sides, sides, taps, taps, st.integers(1, 4), st.integers(0, 3), steps, steps, seeds)
def test_equals_torch(
    h: int, w: int, kh: int, kw: int, channels: int, pad: int, stride: int, dilation: int, seed: int
) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an oracle only where it is installed")
    assume(h + 2 * pad >= dilation * (kh - 1) + 1 and w + 2 * pad >= dilation * (kw - 1) + 1)
    image, kernel = picture(seed, (h, w, channels)), weights(seed, (kh, kw, channels))
    expected = torch.nn.functional.conv2d(
        torch.tensor(image.astype(np.float64)).permute(2, 0, 1)[None],
        torch.tensor(kernel).permute(2, 0, 1)[None],
        stride=stride,
        padding=pad,
        dilation=dilation,
    )[0, 0].numpy()
    result = correlate(image, Kernel(kernel), padding=pad, stride=stride, dilation=dilation)
    np.testing.assert_array_equal(result, expected)


@pytest.mark.parametrize("size", [(13, 13), (31, 31), (63, 63), (2, 63), (40, 1)])
@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_large_kernels_equal_scipy(size: tuple[int, int], operation: str) -> None:
    from scipy import signal

    image, kernel = picture(5, (90, 120)), weights(5, size)
    turned = kernel if operation == "convolution" else kernel[::-1, ::-1]
    expected = np.rint(signal.fftconvolve(image.astype(float), turned, mode="full"))
    np.testing.assert_array_equal(OPERATIONS[operation][0](image, Kernel(kernel), padding="full"), expected)
