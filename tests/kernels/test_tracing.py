"""One pixel taken apart: its value is the output's, its parts are the picture's and the kernel's."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kernels.filtering.border import Border
from kernels.filtering.engine import convolve, correlate
from kernels.filtering.geometry import SlidingOptions
from kernels.filtering.tracing import take_apart, trace
from kernels.kernel import Kernel

Array = npt.NDArray[Any]

LECTURE = np.array([[3, 3, 2, 1, 0], [0, 0, 1, 3, 1], [3, 1, 2, 2, 3], [2, 0, 0, 2, 2], [2, 0, 0, 0, 1]], np.uint8)
KERNEL = Kernel([[0, 1, 2], [2, 2, 0], [0, 1, 2]])


def test_the_lectures_first_number() -> None:
    parts = trace(LECTURE, KERNEL, (0, 0), padding="valid")
    assert parts.window.tolist() == [[3, 3, 2], [0, 0, 1], [3, 1, 2]]
    assert parts.weights.tolist() == KERNEL.weights.tolist()
    assert parts.products.tolist() == [[0, 3, 4], [0, 0, 0], [0, 1, 4]]
    assert (parts.sum, parts.divisor, parts.offset, parts.value) == (12, 1, 0, 12)
    assert parts.origins[2, 1].tolist() == [2, 1]
    assert not parts.outside.any()


def test_convolution_shows_the_rotated_weights() -> None:
    parts = trace(LECTURE, KERNEL, (1, 1), operation="convolution")
    assert parts.weights.tolist() == KERNEL.weights[::-1, ::-1].tolist()
    assert parts.value == convolve(LECTURE, KERNEL)[1, 1]


def test_virtual_pixels_say_where_they_come_from() -> None:
    constant = trace(LECTURE, KERNEL, (0, 4), border_value=9)
    assert constant.window.tolist() == [[9, 9, 9], [1, 0, 9], [3, 1, 9]]
    assert constant.outside.tolist() == [[True] * 3, [False, False, True], [False, False, True]]
    assert constant.origins[0].tolist() == [[-1, -1]] * 3
    assert constant.origins[1].tolist() == [[0, 3], [0, 4], [-1, -1]]

    mirrored = trace(LECTURE, KERNEL, (0, 4), border="reflect101")
    assert mirrored.origins[0].tolist() == [[1, 3], [1, 4], [1, 3]]
    assert mirrored.outside.tolist() == constant.outside.tolist()
    assert mirrored.window.tolist() == [[3, 1, 3], [1, 0, 1], [3, 1, 3]]


def bits(value: object, dtype: np.dtype[Any]) -> bytes:
    number = np.asarray(value, dtype)
    return b"nan" if np.isnan(number) else number.tobytes()


@given(
    seed=st.integers(0, 2**32 - 1),
    dtype=st.sampled_from(["u1", "u2", "i4", "f4", "f8"]),
    size=st.tuples(st.integers(1, 18), st.integers(1, 18)),
    whole=st.booleans(),
    depth=st.sampled_from(["grey", "colour", "summed"]),
    operation=st.sampled_from(["correlation", "convolution"]),
    padding=st.sampled_from(["valid", "same", "full", 3]),
    stride=st.integers(1, 3),
    dilation=st.integers(1, 3),
    border=st.sampled_from(list(Border)),
)
@settings(max_examples=200)
def test_the_value_is_the_outputs_bit_for_bit(
    seed: int, dtype: str, size: tuple[int, int], whole: bool, depth: str, operation: str, **options: Any
) -> None:
    random = np.random.default_rng(seed)
    shape = (23, 19) if depth == "grey" else (23, 19, 3)
    image = (random.random(shape) * 255).astype(dtype)
    if dtype.startswith("f") and seed % 3 == 0:
        image[random.random(shape) < 0.01] = random.choice([np.nan, np.inf, -np.inf])
    weights = random.normal(size=size if depth != "summed" else (*size, 3))
    kernel = Kernel(np.rint(weights * 3) if whole else weights, divisor=random.choice([1, 9, 0.7]), offset=seed % 2)
    slide = correlate if operation == "correlation" else convolve
    try:
        output = slide(image, kernel, **options)
    except ValueError:
        assume(False)
    channel = 1 if depth == "colour" else None
    plane = output[:, :, 1] if depth == "colour" else output
    for _ in range(3):
        position = (int(random.integers(plane.shape[0])), int(random.integers(plane.shape[1])))
        parts = trace(image, kernel, position, operation=operation, channel=channel, **options)
        assert bits(parts.value, plane.dtype) == bits(plane[position], plane.dtype)
        assert parts.window.shape == parts.weights.shape == parts.products.shape == kernel.weights.shape
        assert parts.origins.shape == (*kernel.shape, 2)
        assert parts.outside.shape == kernel.shape
        again = parts.sum / parts.divisor + parts.offset
        if np.isfinite(again):
            tolerance = 1e-5 * kernel.absolute_sum * 255 / abs(kernel.divisor)
            assert abs(again - parts.value) <= tolerance + abs(again) * 1e-7


@pytest.mark.parametrize("side", [15, 31])
def test_the_value_is_the_outputs_in_a_larger_picture_too(side: int) -> None:
    image = np.random.default_rng(1).random((300, 700, 3)).astype(np.float32)
    kernel = Kernel(np.random.default_rng(2).normal(size=(side, side)))
    output = correlate(image, kernel)
    for position in [(0, 0), (173, 699), (299, 350)]:
        assert trace(image, kernel, position, channel=2).value == output[position][2]


@pytest.mark.parametrize("depth", ["grey", "colour", "summed"])
def test_the_value_is_read_from_the_output_where_there_is_one(depth: str, monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(1)
    image = random.random((12, 9) if depth == "grey" else (12, 9, 3))
    kernel = Kernel(random.normal(size=(3, 3, 3) if depth == "summed" else (3, 3)), divisor=3, offset=1)
    channel = 2 if depth == "colour" else None
    output = convolve(image, kernel, stride=2, border="wrap")
    computed = trace(image, kernel, (5, 4), operation="convolution", stride=2, border="wrap", channel=channel)

    monkeypatch.setattr("kernels.filtering.tracing.Job", None)  # nothing is computed once more
    options = SlidingOptions("convolution", stride=2, border="wrap")
    parts = take_apart(image, kernel, (5, 4), options, channel, output)
    for name in computed.__struct_fields__:
        np.testing.assert_array_equal(getattr(parts, name), getattr(computed, name), err_msg=name)
    output[5, 4] = -17
    assert take_apart(image, kernel, (5, 4), options, channel, output).value == -17
    with pytest.raises(ValueError, match=r"output has shape \(5, 5.*but must have \(6, 5"):
        take_apart(image, kernel, (5, 4), options, channel, output[:5])


def test_origins_give_the_window_back() -> None:
    image = np.random.default_rng(1).integers(0, 256, (6, 7, 3))
    kernel = Kernel(np.ones((3, 4, 3)))
    parts = trace(image, kernel, (0, 6), padding="full", border="wrap", dilation=(1, 2), stride=(3, 1))
    np.testing.assert_array_equal(image[parts.origins[..., 0], parts.origins[..., 1]], parts.window)


def test_a_kernel_with_one_channel_over_a_grey_picture() -> None:
    parts = trace(LECTURE, Kernel(KERNEL.weights[:, :, np.newaxis]), (0, 0), padding="valid")
    assert parts.window.shape == parts.weights.shape == parts.products.shape == (3, 3, 1)
    assert (parts.channel, parts.value) == (None, 12)


def test_a_trace_is_read_only_and_leaves_the_picture_alone() -> None:
    image = LECTURE.copy()
    parts = trace(image, KERNEL, (2, 2))
    for array in (parts.window, parts.weights, parts.origins, parts.outside, parts.products):
        assert not array.flags.writeable
    assert image.flags.writeable
    np.testing.assert_array_equal(image, LECTURE)


def test_infinity_and_nan_are_shown_as_they_are() -> None:
    image = LECTURE.astype(np.float32)
    image[0, 0] = np.inf
    parts = trace(image, KERNEL, (1, 1))
    assert parts.window[0, 0] == np.inf
    assert np.isnan(parts.products[0, 0])
    assert np.isnan(parts.sum)
    assert np.isnan(parts.value)


@pytest.mark.parametrize(
    ("position", "error", "message"),
    [
        ((5, 0), ValueError, r"position is \(5, 0\), but must lie inside the output of 5 × 5"),
        ((0, 5), ValueError, r"position is \(0, 5\)"),
        ((0, -1), ValueError, "position is -1, but must be at least 0"),
        ((0, 1.5), TypeError, "position is 1.5"),
        (3, ValueError, r"position is 3, but must be a pair \(i, j\)"),
    ],
)
def test_bad_positions(position: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        trace(LECTURE, KERNEL, position)


def test_bad_channels() -> None:
    colour = np.stack([LECTURE] * 3, axis=2)
    with pytest.raises(ValueError, match="channel is None, but must be 0 to 2"):
        trace(colour, KERNEL, (0, 0))
    with pytest.raises(ValueError, match="channel is 3, but must be less than 3"):
        trace(colour, KERNEL, (0, 0), channel=3)
    with pytest.raises(ValueError, match="channel is 1, but must be None for a kernel that sums"):
        trace(colour, Kernel(np.ones((2, 2, 3))), (0, 0), channel=1)
    assert trace(LECTURE, KERNEL, (1, 1), channel=0).value == correlate(LECTURE, KERNEL)[1, 1]
    with pytest.raises(ValueError, match=r"operation is 'conv'.*'convolution'"):
        trace(LECTURE, KERNEL, (0, 0), operation="conv")
