"""The backends on their own: no wasted work, and no shortcut of OpenCV's where it would cost precision."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernels.filtering.backends import direct, polyphase
from kernels.filtering.backends.frequency import Transform
from kernels.filtering.backends.job import Job
from kernels.filtering.backends.polyphase import Axis, Place
from kernels.filtering.geometry import SlidingOptions
from kernels.kernel import Kernel

Array = npt.NDArray[Any]
steps = st.integers(1, 6)


class CountingCore:
    """A core that counts the products it is asked for."""

    def __init__(self) -> None:
        self.products = 0

    def __call__(self, pixels: Array, weights: Array) -> Array:
        result = direct.correlate(pixels, weights)
        self.products += result.size * weights.size
        return result


@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 6), st.integers(1, 6), steps, steps, steps, steps)
def test_every_product_is_needed(h: int, w: int, kh: int, kw: int, sy: int, sx: int, dy: int, dx: int) -> None:
    pixels = np.zeros(((h - 1) * sy + dy * (kh - 1) + 1, (w - 1) * sx + dx * (kw - 1) + 1), np.float32)
    core = CountingCore()
    result = polyphase.correlate(pixels, np.ones((kh, kw)), Place((h, w), (sy, sx), (dy, dx)), core)
    assert result.shape == (h, w)
    assert core.products == h * w * kh * kw


@given(st.integers(1, 20), st.integers(1, 30), steps, steps)
def test_phases_hold_every_tap_and_every_output_once(taps: int, outputs: int, stride: int, dilation: int) -> None:
    axis = Axis.of(taps, outputs, stride, dilation)
    met = [tap for first in range(axis.tap_phases) for tap in range(first, taps, axis.tap_step)]
    assert sorted(met) == list(range(taps))
    made = [at for start in range(axis.output_phases) for at in range(start, outputs, axis.output_step)]
    assert sorted(made) == list(range(outputs))


@pytest.mark.parametrize("shape", [(1, 1), (7, 7), (8, 8), (31, 31), (1, 63), (63, 1), (2, 50)])
def test_blocks_are_small_and_cover_the_kernel(shape: tuple[int, int]) -> None:
    covered = np.zeros(shape, int)
    for top, left, rows, columns in direct.blocks(*shape, 49):
        assert rows * columns <= 49
        covered[top : top + rows, left : left + columns] += 1
    assert (covered == 1).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(7, 7), (1, 49), (12, 12), (31, 31)])
def test_a_bright_pixel_leaves_nothing_where_the_kernel_does_not_reach(shape: tuple[int, int], dtype: type) -> None:
    """A transform would leave rounding errors of the bright pixel all over the picture."""
    pixels = np.zeros((80, 80), dtype)
    pixels[70, 70] = 1e9
    result = direct.correlate(pixels, np.full(shape, 0.1))
    assert not result[:30, :30].any()


@pytest.mark.parametrize("core", [direct.correlate, Transform().correlate], ids=["direct", "frequency"])
@pytest.mark.parametrize("channels", [None, 1, 3, 6])
def test_cores_agree_with_a_loop(core: Any, channels: int | None) -> None:
    random = np.random.default_rng(1)
    pixels = random.normal(size=(9, 11) if channels is None else (9, 11, channels))
    weights = random.normal(size=(4, 2))
    result = core(pixels, weights)
    expected = np.zeros((6, 10, *pixels.shape[2:]))
    for y, x in np.ndindex(6, 10):
        window = pixels[y : y + 4, x : x + 2]
        expected[y, x] = np.tensordot(weights, window, axes=((0, 1), (0, 1)))
    np.testing.assert_allclose(result, expected, atol=1e-13)


def test_the_transform_gives_the_same_bits_again() -> None:
    random = np.random.default_rng(1)
    pixels, weights = random.normal(size=(40, 50)), random.normal(size=(9, 9))
    transform = Transform()
    first = transform.correlate(pixels, weights)
    np.testing.assert_array_equal(transform.correlate(pixels, weights), first)
    np.testing.assert_array_equal(Transform().correlate(pixels, weights), first)


@pytest.mark.parametrize("channels", [(), (3,)])
def test_strips_of_a_wide_picture_are_not_mostly_overlap(channels: tuple[int, ...]) -> None:
    wide = np.broadcast_to(np.zeros((1, 1, *(1 for _ in channels)), np.uint8), (200, 9000, *channels))
    job = Job.of(wide, Kernel(np.ones((31, 31))), SlidingOptions(), "separable")
    assert job.strips[0][1] >= 31
