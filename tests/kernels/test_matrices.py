"""im2col and toeplitz: times the weights, times the picture, they are the correlation and the convolution."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import linalg, sparse

from kernels import Kernel, convolve, correlate, im2col, reference, toeplitz
from kernels.filtering.border import Border

Array = npt.NDArray[Any]
FILTERS = {"correlation": correlate, "convolution": convolve}

sides, taps, steps = st.integers(1, 8), st.integers(1, 5), st.integers(1, 3)
pairs = st.tuples(steps, steps)
paddings = st.sampled_from(["valid", "same", "full", 2, (0, 3), (9, 1)])
operations, borders = st.sampled_from(sorted(FILTERS)), st.sampled_from(list(Border))
seeds = st.integers(0, 2**32 - 1)


def fits(shape: tuple[int, int], taps: tuple[int, int], padding: Any, dilation: tuple[int, int]) -> bool:
    pixels = {"valid": 0}.get(padding, padding) if isinstance(padding, str) else padding
    if isinstance(pixels, str):
        return True
    both = pixels if isinstance(pixels, tuple) else (pixels, pixels)
    return all(n + 2 * p > d * (k - 1) for n, p, d, k in zip(shape, both, dilation, taps, strict=True))


@given(operations, sides, sides, taps, taps, st.integers(0, 3), paddings, pairs, pairs, borders, seeds)
@settings(max_examples=80)
def test_im2col_times_the_weights_is_the_engine(
    operation: str, h: int, w: int, kh: int, kw: int, channels: int, padding: Any, stride: Any, dilation: Any,
    border: Border, seed: int,
) -> None:  # fmt: skip
    assume(fits((h, w), (kh, kw), padding, dilation))
    random = np.random.default_rng(seed)
    trailing = (channels,) if channels else ()
    image = random.integers(0, 256, (h, w, *trailing)).astype(random.choice(["uint8", "float32", "float64"]))
    kernel = Kernel(random.integers(-9, 10, (kh, kw, *trailing)))
    options: dict[str, Any] = {"padding": padding, "stride": stride, "dilation": dilation, "border": border}
    options["border_value"] = 7.0
    matrix = im2col(image, kernel.weights.shape, operation=operation, **options)
    expected = FILTERS[operation](image, kernel, **options)
    applied = kernel.rotate_180() if operation == "convolution" else kernel
    assert matrix.dtype == expected.dtype
    assert matrix.shape == (expected.size, kernel.weights.size)
    np.testing.assert_array_equal(matrix @ applied.weights.ravel(), expected.ravel())
    np.testing.assert_array_equal(im2col(image, (kh, kw), operation=operation, **options), matrix)


@given(operations, sides, sides, taps, taps, paddings, pairs, pairs, borders, seeds)
@settings(max_examples=80)
def test_toeplitz_times_the_picture_is_the_engine(
    operation: str, h: int, w: int, kh: int, kw: int, padding: Any, stride: Any, dilation: Any, border: Border,
    seed: int,
) -> None:  # fmt: skip
    assume(fits((h, w), (kh, kw), padding, dilation))
    random = np.random.default_rng(seed)
    image = random.integers(0, 256, (h, w)).astype(np.float64)
    kernel = Kernel(random.integers(-9, 10, (kh, kw)), divisor=4.0, offset=11.0)
    options: dict[str, Any] = {"padding": padding, "stride": stride, "dilation": dilation, "border": border}
    matrix = toeplitz((h, w), kernel, operation=operation, **options)
    expected = FILTERS[operation](image, kernel.replace(offset=0.0), **options)
    assert sparse.issparse(matrix)
    assert isinstance(matrix, sparse.sparray)
    assert matrix.dtype == np.float64
    assert matrix.shape == (expected.size, h * w)
    np.testing.assert_array_equal(matrix @ image.ravel(), expected.ravel())


@given(sides, sides, taps, taps, st.integers(1, 3), st.integers(0, 3), pairs, pairs, seeds)
@settings(max_examples=40)
def test_im2col_is_torch_unfold(
    h: int, w: int, kh: int, kw: int, channels: int, padding: int, stride: Any, dilation: Any, seed: int
) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an oracle only where it is installed")
    assume(fits((h, w), (kh, kw), padding, dilation))
    image = np.random.default_rng(seed).standard_normal((h, w, channels))
    columns = torch.nn.functional.unfold(
        torch.tensor(image).permute(2, 0, 1)[None], (kh, kw), dilation=dilation, padding=padding, stride=stride
    )[0].numpy()
    # PyTorch has the channels slowest.
    expected = columns.reshape(channels, kh * kw, -1).transpose(2, 1, 0).reshape(columns.shape[1], -1)
    result = im2col(image, (kh, kw), padding=padding, stride=stride, dilation=dilation)
    np.testing.assert_array_equal(result, expected)


def test_toeplitz_is_doubly_blocked_toeplitz() -> None:
    kernel = Kernel([[1, 2, 3], [4, 5, 6], [7, 8, 9]])
    matrix = toeplitz((4, 5), kernel, padding="valid").toarray()
    blocks = matrix.reshape(2, 3, 4, 5).transpose(0, 2, 1, 3)
    for i, j in np.ndindex(2, 4):
        row = kernel.weights[j - i] if 0 <= j - i < 3 else np.zeros(3)
        expected = linalg.toeplitz([row[0], 0, 0], [*row, 0, 0])
        np.testing.assert_array_equal(blocks[i, j], expected)


def test_values_that_are_not_finite_spread_as_in_the_definition() -> None:
    image = np.ones((5, 6))
    image[2, 3], image[0, 0] = np.nan, np.inf
    kernel = Kernel([[0, 1, 0], [1, 0, 2], [0, 0, 0]])
    expected = reference.correlate(image, kernel)
    with np.errstate(invalid="ignore"):
        np.testing.assert_array_equal(im2col(image, (3, 3)) @ kernel.weights.ravel(), expected.ravel())
        np.testing.assert_array_equal(toeplitz((5, 6), kernel) @ image.ravel(), expected.ravel())


def test_the_lectures_grid() -> None:
    image = Kernel.parse("3 3 2 1 0; 0 0 1 3 1; 3 1 2 2 3; 2 0 0 2 2; 2 0 0 0 1").weights
    kernel = Kernel.parse("0 1 2; 2 2 0; 0 1 2")
    expected = [12, 12, 17, 10, 17, 19, 9, 6, 14]
    assert (im2col(image, (3, 3), padding="valid") @ kernel.weights.ravel()).tolist() == expected
    assert (toeplitz((5, 5), kernel, padding="valid") @ image.ravel()).tolist() == expected


def test_errors() -> None:
    image = np.ones((4, 4, 3))
    for shape in [(0, 3), (3,), (3, 3, 2), "33", (3.0, 3)]:
        with pytest.raises((ValueError, TypeError), match="kernel_shape"):
            im2col(image, shape)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="does not fit"):
        im2col(image, (5, 5), padding="valid")
    with pytest.raises(ValueError, match="operation"):
        im2col(image, (3, 3), operation="convolve")
    with pytest.raises(ValueError, match="border"):
        toeplitz((4, 4), Kernel([[1.0]]), border="edge")
    with pytest.raises(ValueError, match="image_shape"):
        toeplitz((4, 4, 3), Kernel([[1.0]]))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="channels"):
        toeplitz((4, 4), Kernel(np.ones((3, 3, 3))))
    with pytest.raises(MemoryError):
        im2col(np.ones((1000, 1000)), (999, 999))
    with pytest.raises(MemoryError):
        toeplitz((100_000, 100_000), Kernel(np.ones((3, 3))))


def test_the_package_gives_functions() -> None:
    import kernels

    for name in ("im2col", "toeplitz", "transposed"):
        assert callable(getattr(kernels, name))
        assert name in kernels.__all__
