"""A kernel applied n times against SciPy, and the Gaussian that it tends to against what is known of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import ndimage

from kernels import Kernel, convolve, correlate, library
from kernels.errors import Cancelled
from kernels.filtering.geometry import SlidingOptions
from kernels.filtering.repetition import FARTHEST_REACH, difference, equivalent_gaussian, repeated

RANDOM = np.random.default_rng(8)
MODES = {"constant": "constant", "replicate": "nearest", "reflect": "reflect", "reflect101": "mirror", "wrap": "wrap"}


def moments(kernel: Kernel) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Mean and covariance of the taps about the anchor, each by its own sum."""
    y, x = np.indices(kernel.shape)
    chances = kernel.weights / kernel.weights.sum()
    y, x = y - (kernel.shape[0] - 1) // 2, x - (kernel.shape[1] - 1) // 2
    mean = np.array([(chances * y).sum(), (chances * x).sum()])
    y, x = y - mean[0], x - mean[1]
    across = (chances * y * x).sum()
    return mean, np.array([[(chances * y * y).sum(), across], [across, (chances * x * x).sum()]])


@pytest.mark.parametrize("border", MODES)
@pytest.mark.parametrize("shape", [(20, 23), (20, 23, 3)])
def test_repeating_is_what_scipy_gives_when_it_is_called_again(border: str, shape: tuple[int, ...]) -> None:
    image = RANDOM.random(shape)
    kernel = Kernel(RANDOM.integers(-3, 4, (3, 5)), divisor=4, offset=1)
    expected = image
    weights = kernel.weights if len(shape) == 2 else kernel.weights[:, :, None]
    for _ in range(4):
        expected = ndimage.correlate(expected, weights, mode=MODES[border]) / 4 + 1
    result = repeated(image, kernel, SlidingOptions(border=border), 4)
    assert result.dtype == np.float64
    np.testing.assert_allclose(result, expected, rtol=1e-9, atol=1e-9 * np.abs(expected).max())


def test_n_times_and_once_more_is_exactly_n_plus_one_times() -> None:
    image = RANDOM.integers(0, 256, (30, 40)).astype(np.uint8)
    kernel, options = library.get("box"), SlidingOptions("convolution", border="reflect", dilation=2)
    three = repeated(image, kernel, options, 3)
    assert three.dtype == np.float32
    np.testing.assert_array_equal(repeated(three, kernel, options, 1), repeated(image, kernel, options, 4))
    np.testing.assert_array_equal(
        repeated(image, kernel, options, 1), convolve(image, kernel, border="reflect", dilation=2)
    )


def test_padding_in_pixels_may_keep_the_size_and_one_channel_may_be_summed() -> None:
    image = RANDOM.random((9, 8))
    kernel = Kernel(np.ones((5, 3)))
    same = repeated(image, kernel, SlidingOptions(), 2)
    np.testing.assert_array_equal(repeated(image, kernel, SlidingOptions(padding=(2, 1)), 2), same)
    one = repeated(image, Kernel(np.ones((5, 3, 1))), SlidingOptions(), 2)
    np.testing.assert_allclose(one, same, rtol=1e-12)


@pytest.mark.parametrize(
    ("kernel", "options", "times", "words"),
    [
        (np.ones((3, 3)), {"stride": (1, 2)}, 2, "stride is .1, 2., but must be 1"),
        (np.ones((3, 3)), {"padding": "valid"}, 2, "makes 8 × 8 of 10 × 10 .* use padding 'same'"),
        (np.ones((3, 3)), {"padding": "full"}, 2, "makes 12 × 12"),
        (np.ones((2, 2)), {"padding": 1}, 2, "makes 11 × 11"),
        (np.ones((3, 3, 3)), {}, 2, "3 channels, which it adds up to one"),
        (np.ones((3, 3)), {}, 0, "times is 0"),
    ],
)
def test_what_cannot_be_applied_again_says_why(
    kernel: npt.NDArray[Any], options: dict[str, Any], times: int, words: str
) -> None:
    image = np.ones((10, 10, 3)) if kernel.ndim == 3 else np.ones((10, 10))
    with pytest.raises(ValueError, match=words):
        repeated(image, Kernel(kernel), SlidingOptions(**options), times)


def test_it_can_be_stopped_between_the_times_and_tells_how_far_it_is() -> None:
    shares: list[float] = []
    image, kernel = np.ones((50, 50)), library.get("box")
    repeated(image, kernel, SlidingOptions(), 5, progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0)
    assert len(shares) >= 5
    asked: list[None] = []

    def cancelled() -> bool:
        asked.append(None)
        return len(asked) > 4

    with pytest.raises(Cancelled):
        repeated(image, kernel, SlidingOptions(), 100, cancelled=cancelled)


@pytest.mark.parametrize(("size", "times"), [(3, 3), (5, 4), (7, 6)])
def test_a_box_tends_to_scipys_gaussian(size: int, times: int) -> None:
    image = RANDOM.integers(0, 256, (120, 130)).astype(np.float64)
    box = Kernel(np.ones((size, size)), divisor=size * size)
    gaussian = equivalent_gaussian(box, times)
    sigma = np.sqrt(times * (size**2 - 1) / 12)
    blurred = correlate(image, gaussian, border="reflect")
    np.testing.assert_allclose(blurred, ndimage.gaussian_filter(image, sigma, mode="reflect"), atol=0.05)
    far = [
        difference(repeated(image, box, SlidingOptions(border="reflect"), n),
                   correlate(image, equivalent_gaussian(box, n), border="reflect")).root_mean_square
        for n in (1, times, 4 * times)
    ]  # fmt: skip
    assert far[0] > 3 * far[1] > 9 * far[2]


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 5), st.integers(1, 5), st.integers(4, 12), st.integers(0, 2**32 - 1))
def test_mean_covariance_and_sum_are_n_times_the_kernels(height: int, width: int, times: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    weights = random.integers(0, 5, (height, width))
    assume(np.count_nonzero(weights) > 1)
    kernel = Kernel(weights, divisor=3)
    mean, covariance = moments(kernel)
    # Sampling changes the variance of a narrow Gaussian.
    smallest = np.linalg.eigvalsh(times * covariance)[0]
    assume(smallest > 0.7 or covariance[0, 0] * covariance[1, 1] == 0)
    assume(max(covariance[0, 0], covariance[1, 1]) * times > 0.7)
    gaussian = equivalent_gaussian(kernel, times)
    found_mean, found_covariance = moments(gaussian)
    assert gaussian.shape[0] % 2 == gaussian.shape[1] % 2 == 1
    np.testing.assert_allclose(found_mean, times * mean, atol=2e-3)
    np.testing.assert_allclose(found_covariance, times * covariance, rtol=0.01, atol=0.01)
    assert gaussian.sum / gaussian.divisor == pytest.approx((kernel.sum / 3) ** times)


def test_a_kernel_off_its_middle_moves_the_gaussian_with_it() -> None:
    image = np.zeros((61, 61))
    image[30, 30] = 1e4
    for weights in ([[1, 1], [1, 1]], [[1, 2, 1, 0, 0]], [[0, 1, 2], [0, 0, 1], [0, 0, 1]]):
        kernel = Kernel(weights, divisor=np.sum(weights))
        for apply, operation in ((correlate, "correlation"), (convolve, "convolution")):
            many = repeated(image, kernel, SlidingOptions(operation), 10)
            single = apply(image, equivalent_gaussian(kernel, 10))
            assert difference(many, single).largest < 0.12 * many.max()  # skewed weights come near slowly
            np.testing.assert_allclose(ndimage.center_of_mass(many), ndimage.center_of_mass(single), atol=5e-3)


def test_a_slanted_kernel_keeps_its_slant() -> None:
    image = np.zeros((61, 61))
    image[30, 30] = 1e4
    diagonal = Kernel(np.eye(3), divisor=3)
    gaussian = equivalent_gaussian(diagonal, 9)
    assert set(np.flatnonzero(gaussian.weights)) <= set(np.flatnonzero(np.eye(gaussian.shape[0])))
    many = repeated(image, diagonal, SlidingOptions(), 9)
    assert difference(many, correlate(image, gaussian)).largest < 0.05 * many.max()
    slanted = Kernel([[1, 1, 0], [1, 2, 1], [0, 1, 1]], divisor=8)
    many = repeated(image, slanted, SlidingOptions(), 9)
    assert difference(many, correlate(image, equivalent_gaussian(slanted, 9))).largest < 0.05 * many.max()


def test_a_row_stays_a_row() -> None:
    assert equivalent_gaussian(Kernel([[1, 1, 1]], divisor=3), 6).shape == (1, 17)
    inside = np.zeros((3, 3))
    inside[2] = 1
    gaussian = equivalent_gaussian(Kernel(inside, divisor=3), 6)
    assert gaussian.shape == (13, 17)
    assert np.flatnonzero(gaussian.weights.any(axis=1)).tolist() == [12]


def test_brightness_and_offset_are_those_of_n_times_on_a_flat_area() -> None:
    flat = np.full((40, 40), 7.0)
    for divisor, offset in ((9, 0), (10, 5), (8, -3)):
        kernel = Kernel(np.ones((3, 3)), divisor=divisor, offset=offset)
        many = repeated(flat, kernel, SlidingOptions(border="replicate"), 6)
        single = correlate(flat, equivalent_gaussian(kernel, 6), border="replicate")
        np.testing.assert_allclose(single, many, rtol=1e-12)


@pytest.mark.parametrize(
    ("kernel", "times", "words"),
    [
        (library.get("sobel-x"), 3, "negative weights"),
        (Kernel([[0, 0], [0, 0]]), 3, "all 0"),
        (Kernel([[0, 2, 0]]), 3, "single weight"),
        (Kernel(np.ones((3, 3, 3))), 3, "3 channels"),
        (Kernel(np.ones((9, 9)), divisor=81), 1000, f"at most {FARTHEST_REACH} are drawn"),
        (Kernel([[1e200, 1e200]]), 4, "too large or too small"),
        (Kernel([[1, 1]], divisor=1e200), 4, "too large or too small"),
        (library.get("box"), 0, "times is 0"),
    ],
)
def test_what_tends_to_no_gaussian_says_why(kernel: Kernel, times: int, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        equivalent_gaussian(kernel, times)


def test_difference_in_units_of_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = RANDOM.random((50, 20, 3)).astype(np.float32), RANDOM.random((50, 20, 3))
    second[0, 0, 0], second[3, 3, 1] = np.nan, np.inf
    apart = (first.astype(np.float64) - second)[np.isfinite(second)]
    monkeypatch.setattr("kernels.filtering.repetition._STRIP", 300)
    found = difference(first, second)
    assert found.largest == np.abs(apart).max()
    assert found.root_mean_square == pytest.approx(np.sqrt((apart**2).mean()))
    assert found.unknown == 2
    assert difference(np.full((2, 2), np.nan), np.zeros((2, 2))).unknown == 4
    with pytest.raises(ValueError, match="must have that of first"):
        difference(first, second[:2])
