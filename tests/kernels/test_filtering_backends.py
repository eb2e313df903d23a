"""The backends on their own: no wasted work, and no shortcut of OpenCV's where it would cost precision."""

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernels.filtering import reference
from kernels.filtering.backends import polyphase
from kernels.filtering.backends.cores import Box, Direct, Frequency, Separable, blocks, tiling
from kernels.filtering.backends.job import Job
from kernels.filtering.backends.polyphase import Axis, Place
from kernels.filtering.backends.terms import separable_terms
from kernels.filtering.backends.workers import Scratch
from kernels.filtering.engine import run
from kernels.filtering.geometry import SlidingOptions
from kernels.kernel import Kernel

Array = npt.NDArray[Any]
steps = st.integers(1, 6)
EVERY = slice(None)
COLUMN, ROW = np.array([1.0, -2.0, 0.5, 3.0]), np.array([2.0, -1.0])


class CountingCore(Direct):
    """A core that counts the products it is asked for."""

    products = 0

    def valid(self, pixels: Array, rows: slice, scratch: Scratch) -> Array:
        result = super().valid(pixels, rows, scratch)
        self.products += result.size * self.weights[rows].size
        return result


@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 6), st.integers(1, 6), steps, steps, steps)
def test_down_every_product_is_needed(h: int, w: int, kh: int, kw: int, sy: int, dy: int, dx: int) -> None:
    width = -(-(w + dx * (kw - 1)) // dx) * dx
    pixels = np.zeros(((h - 1) * sy + dy * (kh - 1) + 1, width), np.float32)
    core = CountingCore(np.ones((kh, kw)))
    result = polyphase.correlate(pixels, kh, Place((h, w), (sy, 1), (dy, dx)), core, Scratch())
    assert result.shape == (h, w)
    assert core.products == h * (width - dx * (kw - 1)) * kh * kw


@given(st.integers(1, 20), st.integers(1, 30), steps, steps)
def test_phases_hold_every_tap_and_every_output_once(taps: int, outputs: int, stride: int, dilation: int) -> None:
    axis = Axis.of(taps, outputs, stride, dilation)
    met = [tap for first in range(axis.tap_phases) for tap in range(first, taps, axis.tap_step)]
    assert sorted(met) == list(range(taps))
    made = [at for start in range(axis.output_phases) for at in range(start, outputs, axis.output_step)]
    assert sorted(made) == list(range(outputs))


@pytest.mark.parametrize("most", [49, 129])
@pytest.mark.parametrize("shape", [(1, 1), (7, 7), (8, 8), (31, 31), (1, 163), (163, 1), (2, 50)])
def test_blocks_are_small_and_cover_the_kernel(shape: tuple[int, int], most: int) -> None:
    covered = np.zeros(shape, int)
    for top, left, rows, columns in blocks(*shape, most):
        assert rows * columns <= most
        covered[top : top + rows, left : left + columns] += 1
    assert (covered == 1).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(7, 7), (1, 49), (11, 11), (3, 43), (12, 12), (31, 31)])
def test_a_bright_pixel_leaves_nothing_where_the_kernel_does_not_reach(shape: tuple[int, int], dtype: type) -> None:
    """A transform would leave rounding errors of the bright pixel all over the picture."""
    pixels = np.zeros((80, 80), dtype)
    pixels[70, 70] = 1e9
    result = Direct(np.full(shape, 0.1)).valid(pixels, EVERY, Scratch())
    assert not result[:30, :30].any()


CORES = {
    "direct": (Direct(np.outer(COLUMN, ROW)), np.outer(COLUMN, ROW)),
    "separable": (Separable(((COLUMN, ROW), (COLUMN[::-1], ROW))), np.outer(COLUMN + COLUMN[::-1], ROW)),
    "box": (Box((4, 2), -0.5), np.full((4, 2), -0.5)),
    "frequency": (Frequency(np.outer(COLUMN, ROW)), np.outer(COLUMN, ROW)),
}


@pytest.mark.parametrize("core", CORES)
@pytest.mark.parametrize("channels", [None, 1, 3, 6])
@pytest.mark.parametrize("rows", [EVERY, slice(1, None, 2)])
def test_cores_agree_with_a_loop(core: str, channels: int | None, rows: slice) -> None:
    random = np.random.default_rng(1)
    pixels = random.normal(size=(9, 11) if channels is None else (9, 11, channels))
    correlator, weights = CORES[core]
    result = correlator.valid(pixels, rows, Scratch())
    weights = weights[rows]
    expected = np.zeros((10 - len(weights), 10, *pixels.shape[2:]))
    for y, x in np.ndindex(expected.shape[:2]):
        window = pixels[y : y + len(weights), x : x + 2]
        expected[y, x] = np.tensordot(weights, window, axes=((0, 1), (0, 1)))
    np.testing.assert_allclose(result.reshape(expected.shape), expected, atol=1e-12)


def test_the_transform_gives_the_same_bits_again() -> None:
    random = np.random.default_rng(1)
    pixels, weights = random.normal(size=(300, 200)), random.normal(size=(9, 9))
    transform = Frequency(weights)
    first = transform.valid(pixels, EVERY, Scratch())
    np.testing.assert_array_equal(transform.valid(pixels, EVERY, Scratch()), first)
    np.testing.assert_array_equal(Frequency(weights).valid(pixels, EVERY, Scratch()), first)


def bell(size: int, sigma: float) -> Array:
    return np.exp(-((np.arange(size) - (size - 1) / 2) ** 2) / (2 * sigma**2))


def test_a_kernel_of_low_rank_is_a_sum_of_few_terms() -> None:
    distance = (np.arange(21) - 10.0) ** 2
    blob = (distance[:, np.newaxis] + distance - 18) * np.outer(bell(21, 3), bell(21, 3))
    for weights, counts in ((blob, [2]), (blob - blob.mean(), [3]), (blob.astype(np.float32), [2])):
        terms = separable_terms(Kernel(weights), False)
        assert [len(each.factors) for each in terms] == counts
        np.testing.assert_allclose(sum(np.outer(*pair) for pair in terms[0].factors), weights, atol=1e-5)
        assert all((column == column[::-1]).all() for column, _ in terms[0].factors)
    assert separable_terms(Kernel(np.random.default_rng(1).normal(size=(9, 9))), False) == []


def test_whole_numbers_of_low_rank_are_rounded_back() -> None:
    random = np.random.default_rng(1)
    weights = sum(np.outer(random.integers(-9, 9, 25), random.integers(-9, 9, 31)) for _ in range(2))
    image = random.integers(0, 256, (60, 70)).astype(np.uint8)
    for border in ("reflect", "wrap"):
        result = run(image, Kernel(weights), SlidingOptions(border=border), method="separable")
        np.testing.assert_array_equal(result, reference.correlate(image, Kernel(weights), border=border))


@pytest.mark.parametrize("channels", [(), (3,)])
def test_strips_of_a_wide_picture_are_not_mostly_overlap(channels: tuple[int, ...]) -> None:
    wide = np.broadcast_to(np.zeros((1, 1, *(1 for _ in channels)), np.uint8), (200, 9000, *channels))
    job = Job.of(wide, Kernel(np.ones((31, 31))), SlidingOptions(), "separable")
    assert job.strips[0][1] >= 31


@given(st.integers(1, 300), st.integers(1, 5000), st.booleans())
def test_tiles_cover_all_outputs_with_lengths_that_are_fast(taps: int, outputs: int, is_shared: bool) -> None:
    length, number = tiling(taps, outputs, is_shared=is_shared)
    inside = length - taps + 1
    assert number * inside >= outputs
    assert cv2.getOptimalDFTSize(length) == length
    assert length <= max(384, 4 * taps)
    if is_shared:
        assert number == 1 or number % 2 == 0
        strip = -(-outputs // number)  # is a tile high, as its plan took it to be
        assert tiling(taps, strip)[1] == 1
