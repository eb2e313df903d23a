"""The laws that make filtering with a kernel what it is."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernels.filtering import reference
from kernels.filtering.border import Border
from kernels.filtering.engine import convolve, correlate
from kernels.kernel import Kernel

Array = npt.NDArray[Any]

seeds = st.integers(0, 2**32 - 1)
taps = st.integers(1, 6)
steps = st.integers(1, 3)
borders = st.sampled_from(list(Border))
both = pytest.mark.parametrize(
    ("correlate", "convolve"), [(correlate, convolve), (reference.correlate, reference.convolve)]
)


def integers(seed: int, *shape: int) -> Array:
    return np.random.default_rng(seed).integers(-20, 21, shape).astype(np.float32)


@both
@given(seeds, taps, taps)
def test_an_impulse_gives_the_kernel(correlate: Any, convolve: Any, seed: int, kh: int, kw: int) -> None:
    kernel = Kernel(integers(seed, kh, kw))
    impulse = np.ones((1, 1), np.uint8)
    np.testing.assert_array_equal(convolve(impulse, kernel, padding="full"), kernel.weights)
    np.testing.assert_array_equal(correlate(impulse, kernel, padding="full"), kernel.weights[::-1, ::-1])


@given(seeds, taps, taps, borders, steps)
def test_linear_in_the_picture_and_in_the_kernel(seed: int, kh: int, kw: int, border: Border, stride: int) -> None:
    one, two = integers(seed, 9, 8), integers(seed + 1, 9, 8)
    first, second = integers(seed + 2, kh, kw), integers(seed + 3, kh, kw)
    options: dict[str, Any] = {"border": border, "stride": stride}
    whole = correlate(3 * one - two, Kernel(first), **options)
    parts = 3 * correlate(one, Kernel(first), **options) - correlate(two, Kernel(first), **options)
    np.testing.assert_array_equal(whole, parts)
    whole = correlate(one, Kernel(2 * first + second), **options)
    parts = 2 * correlate(one, Kernel(first), **options) + correlate(one, Kernel(second), **options)
    np.testing.assert_array_equal(whole, parts)


@given(seeds, taps, taps, st.integers(-9, 9), st.integers(-9, 9), steps)
def test_a_shifted_picture_gives_a_shifted_result(seed: int, kh: int, kw: int, dy: int, dx: int, dilation: int) -> None:
    image, kernel = integers(seed, 7, 8), Kernel(integers(seed + 1, kh, kw))
    shifted = np.roll(image, (dy, dx), (0, 1))
    result = correlate(shifted, kernel, border="wrap", dilation=dilation)
    expected = np.roll(correlate(image, kernel, border="wrap", dilation=dilation), (dy, dx), (0, 1))
    np.testing.assert_array_equal(result, expected)


@both
@given(seeds, taps, taps, borders, steps, st.sampled_from(["same", "valid", "full", (2, 3)]))
def test_convolution_is_correlation_with_the_kernel_rotated(
    correlate: Any, convolve: Any, seed: int, kh: int, kw: int, border: Border, dilation: int, padding: Any
) -> None:
    image, kernel = integers(seed, 16, 17), Kernel(integers(seed + 1, kh, kw))
    result = convolve(image, kernel, padding=padding, border=border, dilation=dilation)
    turned = correlate(image, kernel.rotate_180(), padding=padding, border=border, dilation=dilation)
    if padding == "same":  # an even kernel's spare pixel of padding changes sides
        dy, dx = (dilation * (size - 1) % 2 for size in (kh, kw))
        np.testing.assert_array_equal(result[dy:, dx:], turned[: 16 - dy, : 17 - dx])
    else:
        np.testing.assert_array_equal(result, turned)


@given(seeds, taps, taps, borders, steps, steps)
def test_flipping_everything_flips_the_result(
    seed: int, kh: int, kw: int, border: Border, dilation: int, channels: int
) -> None:
    image, kernel = integers(seed, 9, 8, channels), Kernel(integers(seed + 1, kh, kw, channels))
    result = correlate(image[::-1], kernel.flip_vertical(), padding="full", border=border, dilation=dilation)
    expected = correlate(image, kernel, padding="full", border=border, dilation=dilation)[::-1]
    np.testing.assert_array_equal(result, expected)
    sideways = correlate(image.swapaxes(0, 1), kernel.transpose(), padding="full", border=border, dilation=dilation)
    np.testing.assert_array_equal(sideways, expected[::-1].T)


@given(seeds, taps, taps, taps, taps)
def test_convolution_commutes_and_associates(seed: int, ah: int, aw: int, bh: int, bw: int) -> None:
    image = integers(seed, 8, 9)
    first, second = Kernel(integers(seed + 1, ah, aw)), Kernel(integers(seed + 2, bh, bw))
    one_then_two = convolve(convolve(image, first, padding="full"), second, padding="full")
    two_then_one = convolve(convolve(image, second, padding="full"), first, padding="full")
    np.testing.assert_array_equal(one_then_two, two_then_one)
    together = Kernel(convolve(first.weights, second, padding="full"))
    np.testing.assert_array_equal(convolve(image, together, padding="full"), one_then_two)


@given(seeds, taps, taps, steps, steps, st.sampled_from(["same", "valid", "full", 2]))
def test_a_stride_takes_every_so_manieth_output(seed: int, kh: int, kw: int, sy: int, sx: int, padding: Any) -> None:
    image, kernel = integers(seed, 9, 8), Kernel(integers(seed + 1, kh, kw))
    for slide in (correlate, convolve):
        every = slide(image, kernel, padding=padding)
        np.testing.assert_array_equal(slide(image, kernel, padding=padding, stride=(sy, sx)), every[::sy, ::sx])


@given(seeds, st.integers(1, 9), st.integers(1, 9), borders)
def test_the_identity_and_the_shift(seed: int, kh: int, kw: int, border: Border) -> None:
    image = integers(seed, 6, 7, 2)
    for slide, centre in ((correlate, ((kh - 1) // 2, (kw - 1) // 2)), (convolve, ((kh - 1) // 2, (kw - 1) // 2))):
        weights = np.zeros((kh, kw))
        weights[centre] = 1
        np.testing.assert_array_equal(slide(image, Kernel(weights), border=border), image)


@given(seeds, st.floats(-50, 50), st.sampled_from([1.0, -2.0, 9.0, 0.1]), st.floats(-200, 200))
def test_divisor_and_offset_come_last(seed: int, level: float, divisor: float, offset: float) -> None:
    kernel = Kernel(integers(seed, 3, 3), divisor=divisor, offset=offset)
    flat = np.full((4, 4), level)
    expected = kernel.sum * level / divisor + offset
    result = correlate(flat, kernel, border="replicate")
    np.testing.assert_allclose(
        result, expected, rtol=1e-12, atol=1e-9 * (1 + kernel.absolute_sum * abs(level / divisor))
    )
