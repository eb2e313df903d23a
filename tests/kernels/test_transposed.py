"""transposed against PyTorch, against a scatter written out, and as the adjoint of a correlation."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kernels import Kernel, convolve, correlate, toeplitz, transposed
from kernels.errors import Cancelled
from kernels.filtering.transposed import transposed_geometry

Array = npt.NDArray[Any]
sides, taps, steps, cuts = st.integers(1, 9), st.integers(1, 5), st.integers(1, 4), st.integers(0, 5)
pairs = st.tuples(steps, steps)
seeds = st.integers(0, 2**32 - 1)


def scattered(image: Array, kernel: Kernel, stride: Any, padding: Any, extra: Any, dilation: Any) -> Array:
    """Lay the kernel down at every pixel of a picture with channels, one number at a time."""
    height, width, channels = image.shape
    kh, kw = kernel.shape
    whole = np.zeros(
        (
            (height - 1) * stride[0] + dilation[0] * (kh - 1) + 1 + extra[0],
            (width - 1) * stride[1] + dilation[1] * (kw - 1) + 1 + extra[1],
            channels,
        )
    )
    for i, j, a, b in np.ndindex(height, width, kh, kw):
        at = i * stride[0] + a * dilation[0], j * stride[1] + b * dilation[1]
        whole[at] += image[i, j].astype(float) * kernel.weights[a, b]
    cut = whole[padding[0] : whole.shape[0] - padding[0], padding[1] : whole.shape[1] - padding[1]]
    return cut / kernel.divisor + kernel.offset


@given(sides, sides, taps, taps, st.integers(1, 3), pairs, st.tuples(cuts, cuts), pairs, st.data(), seeds)
@settings(max_examples=50)
def test_equals_the_definition_and_torch(
    h: int, w: int, kh: int, kw: int, channels: int, stride: Any, padding: Any, dilation: Any, data: Any, seed: int
) -> None:
    extra = tuple(data.draw(st.integers(0, max(s, d) - 1)) for s, d in zip(stride, dilation, strict=True))
    sizes = zip((h, w), stride, dilation, (kh, kw), extra, strict=True)
    full = [(n - 1) * s + d * (k - 1) + 1 + e for n, s, d, k, e in sizes]
    assume(all(size - 2 * cut >= 1 for size, cut in zip(full, padding, strict=True)))
    random = np.random.default_rng(seed)
    image = random.integers(-99, 256, (h, w, channels)).astype(random.choice(["int16", "float32", "float64"]))
    kernel = Kernel(random.integers(-9, 10, (kh, kw)), divisor=4, offset=0.5)
    options = {"stride": stride, "padding": padding, "output_padding": extra, "dilation": dilation}
    result = transposed(image, kernel, **options)
    expected = scattered(image, kernel, stride, padding, extra, dilation)
    assert result.dtype == (np.float64 if image.dtype == np.float64 else np.float32)
    assert result.shape[:2] == transposed_geometry(image.shape, kernel.shape, **options).output_shape
    np.testing.assert_array_equal(result, expected)
    np.testing.assert_array_equal(transposed(image[..., 0], kernel, **options), expected[..., 0])
    try:
        import torch
    except ImportError:
        return
    # PyTorch lays a kernel of one group each: the same weights for every channel.
    by_torch = torch.nn.functional.conv_transpose2d(
        torch.tensor(image.astype(float)).permute(2, 0, 1)[None],
        torch.tensor(kernel.weights.copy())[None, None].repeat(channels, 1, 1, 1),
        groups=channels,
        **options,
    )[0]
    np.testing.assert_array_equal(result, by_torch.permute(1, 2, 0).numpy() / 4 + 0.5)


@given(sides, sides, taps, taps, pairs, st.tuples(st.integers(0, 2), st.integers(0, 2)), pairs, seeds)
@settings(max_examples=50)
def test_is_the_adjoint_of_the_correlation(
    h: int, w: int, kh: int, kw: int, stride: Any, padding: Any, dilation: Any, seed: int
) -> None:
    """What the floor of a stride leaves over on the input's side is what output_padding gives back."""
    span = [n + 2 * p - (d * (k - 1) + 1) for n, p, d, k in zip((h, w), padding, dilation, (kh, kw), strict=True)]
    assume(min(span) >= 0)
    extra = tuple(left % s for left, s in zip(span, stride, strict=True))
    random = np.random.default_rng(seed)
    kernel = Kernel(random.integers(-9, 10, (kh, kw)))
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    matrix = toeplitz((h, w), kernel, **options)
    response = random.integers(-9, 10, correlate(np.zeros((h, w)), kernel, **options).shape).astype(float)
    back = transposed(response, kernel, output_padding=extra, **options)
    assert back.shape == (h, w)
    np.testing.assert_array_equal(back.ravel(), matrix.T @ response.ravel())


@given(sides, sides, taps, taps, seeds)
def test_at_stride_one_it_is_the_full_convolution(h: int, w: int, kh: int, kw: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    image, kernel = random.integers(0, 256, (h, w)).astype(np.uint8), Kernel(random.integers(-9, 10, (kh, kw)))
    np.testing.assert_array_equal(transposed(image, kernel), convolve(image, kernel, padding="full"))


def test_the_seven_transposed_cases_of_dumoulin_and_visin() -> None:
    """Their figures 4.1 to 4.7: input, kernel, stride, padding, output_padding, and the output."""
    cases = [(2, 3, 1, 0, 0, 4), (6, 4, 1, 2, 0, 5), (5, 3, 1, 1, 0, 5), (7, 3, 1, 2, 0, 5)]
    cases += [(2, 3, 2, 0, 0, 5), (3, 3, 2, 1, 0, 5), (3, 3, 2, 1, 1, 6)]
    for side, taps_, stride, padding, extra, expected in cases:
        options = {"stride": stride, "padding": padding, "output_padding": extra}
        assert transposed_geometry((side, side), (taps_, taps_), **options).output_shape == (expected, expected)


def test_large_pictures_in_strips_and_what_is_not_finite() -> None:
    random = np.random.default_rng(3)
    image = random.integers(0, 256, (700, 900)).astype(np.uint8)
    kernel = Kernel([[1, 2, 1], [0, 3, -4]])
    result = transposed(image, kernel, stride=2, padding=1)
    by_hand = np.zeros((2 * 699 + 2, 2 * 899 + 3))
    for a, b in np.ndindex(2, 3):
        by_hand[a : a + 1399 : 2, b : b + 1799 : 2] += image * kernel.weights[a, b]
    np.testing.assert_array_equal(result, by_hand[1:-1, 1:-1])
    spoiled = np.zeros((3, 3))
    spoiled[1, 1] = np.nan
    nan = np.isnan(transposed(spoiled, kernel, stride=3))
    assert nan.sum() == 6  # a weight of 0 times NaN is NaN too
    assert nan[3:5, 3:6].all()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"stride": 0}, "stride"),
        ({"padding": -1}, "padding"),
        ({"padding": "same"}, "padding"),
        ({"dilation": 1.5}, "dilation"),
        ({"output_padding": 1}, "output_padding"),
        ({"output_padding": (0, 2), "stride": (3, 2)}, "output_padding"),
        ({"padding": 3}, "nothing of the output"),
    ],
)
def test_errors_name_the_option(options: dict[str, Any], words: str) -> None:
    with pytest.raises((ValueError, TypeError), match=words):
        transposed(np.ones((4, 4)), Kernel(np.ones((3, 3))), **options)


def test_errors_of_kernels_and_pictures() -> None:
    with pytest.raises(ValueError, match="channels"):
        transposed(np.ones((4, 4, 3)), Kernel(np.ones((3, 3, 3))))
    with pytest.raises(ValueError, match="channels"):
        transposed(np.ones((4, 4)), Kernel(np.ones((3, 3, 1))))
    with pytest.raises(ValueError, match="empty"):
        transposed(np.ones((0, 4)), Kernel([[1.0]]))
    with pytest.raises(TypeError, match="complex"):
        transposed(np.ones((4, 4), complex), Kernel([[1.0]]))
    with pytest.raises(MemoryError):
        transposed(np.ones((1, 1)), Kernel([[1.0, 1.0]]), dilation=(1, 10**14))
    with pytest.raises(Cancelled):
        transposed(np.ones((1, 1)), Kernel([[1.0]]), cancelled=lambda: True)
