"""What the contract promises whatever backend runs: dtypes, error bound, exact numbers, NaN, untouched inputs."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kernels.errors import Cancelled
from kernels.filtering import reference
from kernels.filtering.backends.job import Job
from kernels.filtering.backends.plan import METHODS
from kernels.filtering.border import Border
from kernels.filtering.engine import convolve, correlate, run
from kernels.filtering.geometry import SlidingOptions
from kernels.kernel import Kernel

Array = npt.NDArray[Any]

ROW, COLUMN = [1, -2, 0, 3, 1], [2, 0, -1, 1]
SEPARABLE = Kernel(np.outer(COLUMN, ROW), divisor=3)
PLAIN = Kernel([[0, 1, 2], [2, 2, 0], [0, -7, 2], [5, 1, 1]], divisor=-9, offset=128)
LARGE = Kernel(np.random.default_rng(3).integers(-4, 5, (15, 17)))
FRACTIONS = Kernel(np.random.default_rng(4).normal(size=(6, 5)), divisor=0.1, offset=0.3)
BOX = Kernel(np.full((5, 4), 3.0), divisor=7)
KERNELS = {"separable": SEPARABLE, "plain": PLAIN, "large": LARGE, "fractions": FRACTIONS, "box": BOX}

SLIDES = {
    "same": SlidingOptions(),
    "convolved": SlidingOptions("convolution", border="reflect"),
    "strided": SlidingOptions(padding="full", stride=(2, 3), border="wrap"),
    "dilated": SlidingOptions(dilation=(3, 2), border="replicate"),
    "both": SlidingOptions("convolution", padding=(20, 30), stride=(4, 3), dilation=(2, 3), border="reflect101"),
    "bordered": SlidingOptions(padding=3, border_value=200),
}


def oracle(image: npt.ArrayLike, kernel: Kernel, options: SlidingOptions) -> Array:
    slide = reference.convolve if options.is_convolution else reference.correlate
    return slide(
        image,
        kernel,
        padding=options.padding,
        stride=options.stride,
        dilation=options.dilation,
        border=options.border,
        border_value=options.border_value,
    )


def possible(image: Array, kernel: Kernel, options: SlidingOptions, method: str) -> bool:
    try:
        Job.of(image, kernel, options, method)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("options", SLIDES.values(), ids=SLIDES)
@pytest.mark.parametrize("kernel", KERNELS.values(), ids=KERNELS)
def test_every_backend_keeps_whole_numbers_exact_and_the_bound(
    method: str, kernel: Kernel, options: SlidingOptions
) -> None:
    image = np.random.default_rng(1).integers(0, 256, (40, 37, 3)).astype(np.uint8)
    if not possible(image, kernel, options, method):
        assert method in ("separable", "box")
        assert kernel is not BOX
        assert method == "box" or kernel is not SEPARABLE
        return
    result, expected = run(image, kernel, options, method=method), oracle(image, kernel, options)
    assert result.dtype == np.float32
    if kernel is not FRACTIONS:
        np.testing.assert_array_equal(result, expected.astype(np.float32))
    bound = 1e-5 * kernel.absolute_sum * 255 / abs(kernel.divisor)
    assert (np.abs(result - expected) <= bound + np.spacing(np.abs(expected).astype(np.float32))).all()


@pytest.mark.parametrize("method", METHODS)
def test_whole_numbers_are_exact_up_to_the_limit(method: str) -> None:
    weights = np.outer(np.full(16, 4.0), np.full(16, 4.0))
    weights[0, 0] = 16 if method in ("separable", "box") else 15
    kernel = Kernel(weights, divisor=7, offset=0.25)
    image = np.random.default_rng(2).integers(0, 4096, (30, 30)).astype(np.uint16)
    image[:16, :16] = 4095
    assert 0.99 < kernel.absolute_sum * image.max() / 2**24 < 1
    result = run(image, kernel, SlidingOptions(), method=method)
    np.testing.assert_array_equal(result, oracle(image, kernel, SlidingOptions()).astype(np.float32))


@pytest.mark.parametrize("border_value", [0.5, 0.1, -1e5])
def test_a_border_value_between_two_integers_is_exact_too(border_value: float) -> None:
    image = np.random.default_rng(2).integers(0, 256, (20, 20)).astype(np.uint8)
    options = SlidingOptions(padding="full", border_value=border_value)
    for kernel in (SEPARABLE, PLAIN, LARGE):
        expected = oracle(image, kernel, options).astype(np.float32)
        for method in METHODS:
            if possible(image, kernel, options, method):
                np.testing.assert_array_equal(run(image, kernel, options, method=method), expected)


@pytest.mark.parametrize("divisor", [0.3, 7.0, -9.0, 255.3, 1e-300, -1e300])
@pytest.mark.parametrize("offset", [0.0, 0.1, -1e9])
def test_division_and_offset_are_rounded_once(divisor: float, offset: float) -> None:
    image = np.random.default_rng(2).integers(0, 256, (20, 20)).astype(np.uint8)
    kernel = PLAIN.replace(divisor=divisor, offset=offset)
    with np.errstate(over="ignore"):
        expected = reference.correlate(image, kernel).astype(np.float32)
    np.testing.assert_array_equal(correlate(image, kernel), expected)


@pytest.mark.parametrize("method", METHODS)
def test_no_result_is_minus_zero(method: str) -> None:
    image = np.random.default_rng(2).integers(0, 2, (40, 40)).astype(np.uint8)
    kernel = Kernel(np.full((2, 2), -1.0) if method == "box" else np.outer([1, 0, -1], [1, 2, 1]))
    result = run(image, kernel, SlidingOptions(), method=method)
    assert (result == 0).any()
    assert not np.signbit(result[result == 0]).any()


def test_sums_of_many_roundings_are_kept_in_float64() -> None:
    image, across = np.zeros((300, 300), np.uint8), np.exp(-(np.linspace(-3, 3, 150) ** 2))
    assert Job.of(image, Kernel(np.outer(across, across)), SlidingOptions(), "separable").plan.dtype == np.float64
    assert Job.of(image, Kernel(np.outer(across[:20], across[:20])), SlidingOptions()).plan.dtype == np.float32


DTYPES = ["?", "u1", "i1", "u2", ">u2", "i4", "u4", "i8", ">i8", "u8", "f2", "f4", ">f4", "f8", ">f8", "g"]


@pytest.mark.parametrize("dtype", DTYPES)
def test_any_real_dtype(dtype: str) -> None:
    image = np.random.default_rng(1).integers(0, 2 if dtype == "?" else 100, (12, 9)).astype(dtype)
    result = correlate(image, PLAIN)
    assert result.dtype == (np.float64 if dtype in ("f8", ">f8") else np.float32)
    assert result.dtype.isnative
    np.testing.assert_array_equal(result, reference.correlate(image, PLAIN).astype(result.dtype))


def test_large_integers_keep_their_small_differences() -> None:
    image = np.full((5, 5), 2**40, dtype=np.int64)
    image[2, 2] += 1
    difference = correlate(image, Kernel([[-1, 1]]), padding="valid")
    assert difference[2].tolist() == [0, 1, -1, 0]


@pytest.mark.parametrize("slide", [correlate, convolve, reference.correlate, reference.convolve])
def test_inputs_are_never_modified(slide: Any) -> None:
    image = np.random.default_rng(1).random((9, 8, 3))
    image[2, 3, 1] = np.nan
    before = image.copy()
    image.setflags(write=False)
    for kernel in KERNELS.values():
        slide(image, kernel, padding="full")
    np.testing.assert_array_equal(image, before)


def test_views_of_any_layout() -> None:
    base = np.random.default_rng(1).integers(0, 256, (30, 40, 4)).astype(np.uint8)
    views = [base[::-2, 1::3, 2], base[..., :3][:, ::-1], base.transpose(1, 0, 2), np.asfortranarray(base[..., 0])]
    views.append(np.broadcast_to(base[:1, :, 0], (9, 40)))
    for view in views:
        np.testing.assert_array_equal(correlate(view, PLAIN), correlate(np.ascontiguousarray(view), PLAIN))


@pytest.mark.parametrize("shape", [(1, 1), (1, 5000), (5000, 1), (1, 1, 3), (2, 3, 1), (3, 2, 7)])
@pytest.mark.parametrize("border", list(Border))
def test_odd_shapes_with_every_border(shape: tuple[int, ...], border: Border) -> None:
    image = np.random.default_rng(1).integers(0, 256, shape).astype(np.uint8)
    for kernel in (Kernel([[1, 2], [3, -4]]), Kernel([[1, 2, 3, 4, 3, 2, 1]]), PLAIN):
        options = SlidingOptions(padding=9, border=border, border_value=5)
        result = run(image, kernel, options)
        assert result.shape[2:] == shape[2:]
        np.testing.assert_array_equal(result, oracle(image, kernel, options).astype(np.float32))


@pytest.mark.parametrize("dilation", [(1, 5000), (300, 2), (200, 300)])
@pytest.mark.parametrize("border", list(Border))
def test_taps_far_apart(dilation: tuple[int, int], border: Border) -> None:
    image = np.random.default_rng(1).integers(0, 256, (6, 7, 3)).astype(np.uint8)
    for padding in ("same", "full"):
        options = SlidingOptions(padding=padding, dilation=dilation, stride=(2, 1), border=border, border_value=5)
        for kernel in (Kernel([[1, 2, 3], [3, -4, 5]]), Kernel(np.outer([1, 2], [1, 0, -1]))):
            expected = oracle(image, kernel, options).astype(np.float32)
            for method in METHODS if padding == "same" else [None]:
                if method is None or possible(image, kernel, options, method):
                    np.testing.assert_array_equal(run(image, kernel, options, method=method), expected)


def test_taps_far_apart_take_no_memory_for_their_gaps() -> None:
    from kernels.filtering.backends import padding

    image = np.zeros((100, 90), np.uint8)
    job = Job.of(image, Kernel(np.ones((3, 5))), SlidingOptions(dilation=10**6))
    pixels, stride, dilation = padding.window_pixels(
        image, job.design.geometry, job.design.options, (0, 100), np.dtype(np.float32)
    )
    assert pixels.shape == (300, 450)
    assert (stride, dilation) == ((1, 1), (100, 90))
    assert (correlate(image + np.uint8(1), Kernel(np.ones((3, 5))), dilation=10**6) == 1).all()


@pytest.mark.parametrize("stride", [(40, 1), (3, 50), (25, 60)])
@pytest.mark.parametrize("border", list(Border))
def test_windows_far_apart(stride: tuple[int, int], border: Border) -> None:
    image = np.random.default_rng(1).integers(0, 256, (60, 70, 3)).astype(np.uint8)
    for dilation in (1, (2, 3), (90, 1)):
        options = SlidingOptions(padding=200, dilation=dilation, stride=stride, border=border, border_value=5)
        for kernel in (Kernel([[1, 2, 3], [3, -4, 5]]), Kernel(np.outer([1, 2], [1, 0, -1]))):
            expected = oracle(image, kernel, options).astype(np.float32)
            for method in METHODS:
                if possible(image, kernel, options, method):
                    np.testing.assert_array_equal(run(image, kernel, options, method=method), expected)


def test_windows_far_apart_take_no_memory_for_what_lies_between() -> None:
    from kernels.filtering.backends import padding

    job = Job.of(np.zeros((100, 90), np.uint8), PLAIN, SlidingOptions(padding=10**8, stride=10**8))
    assert job.shape == (3, 3)
    pixels, stride, dilation = padding.window_pixels(
        job.image, job.design.geometry, job.design.options, (0, 3), np.dtype(np.float32)
    )
    assert pixels.shape == (12, 9)
    assert (stride, dilation) == ((4, 3), (1, 1))


def test_a_result_too_large_for_the_memory_is_refused() -> None:
    with pytest.raises(MemoryError, match="A result of 2000001 × 2000001 values needs about 16 TB"):
        correlate(np.zeros((1, 1), np.uint8), Kernel([[1]]), padding=10**6)


def test_a_kernel_with_one_channel_fits_a_grey_picture() -> None:
    image = np.arange(20.0).reshape(4, 5)
    single = Kernel(PLAIN.weights[:, :, np.newaxis])
    expected = correlate(image, Kernel(PLAIN.weights))
    np.testing.assert_array_equal(correlate(image, single), expected)
    np.testing.assert_array_equal(correlate(image[:, :, np.newaxis], single), expected)


# Not finite -------------------------------------------------------------------------------------------------------


@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from(list(SLIDES)),
    st.sampled_from(["f4", "f8", "f2"]),
    st.sampled_from([*METHODS, None]),
    st.booleans(),
)
@settings(max_examples=200)
def test_not_finite_exactly_where_the_definition_is_not(
    seed: int, name: str, dtype: str, method: str | None, sums: bool
) -> None:
    random = np.random.default_rng(seed)
    image = random.normal(size=(11, 9, 2)).astype(dtype)
    spoiled = random.random(image.shape) < 0.02
    image[spoiled] = random.choice([np.nan, np.inf, -np.inf], spoiled.sum())
    weights = random.integers(-1, 2, (4, 3, 2) if sums else (4, 3))
    if method == "separable":
        weights = np.outer(random.integers(-1, 2, 4), random.integers(-1, 2, 3))
    kernel = Kernel(weights, divisor=random.choice([2, -2]))
    options = SLIDES[name]
    assume(possible(image, kernel, options, method) if method else True)
    result, expected = run(image, kernel, options, method=method), oracle(image, kernel, options)
    finite = np.isfinite(expected)
    np.testing.assert_array_equal(np.isfinite(result), finite)
    np.testing.assert_array_equal(result[~finite], expected[~finite])


@pytest.mark.parametrize("options", SLIDES.values(), ids=SLIDES)
@pytest.mark.parametrize("taps", [1, 2, 3, 7])
def test_no_row_of_large_numbers_that_cancel_escapes(options: SlidingOptions, taps: int) -> None:
    kernel = Kernel(np.tile([1.0, 1.0, -1.0, -1.0], (taps, 1)))
    for row in range(23):
        image = np.random.default_rng(1).random((23, 30)).astype(np.float32)
        image[row] = 3e38
        with np.errstate(over="ignore"):
            expected = oracle(image, kernel, options).astype(np.float32)
        np.testing.assert_array_equal(np.isfinite(run(image, kernel, options)), np.isfinite(expected))


@pytest.mark.parametrize("padding", ["same", "valid"])
def test_a_nan_under_a_weight_that_vanishes_in_float32_is_not_lost(padding: str) -> None:
    image = np.ones((9, 9), np.float32)
    image[4, 0] = np.nan
    assert np.argwhere(np.isnan(correlate(image, Kernel([[1e-60, 1]]), padding=padding))).tolist() == [[4, 0]]


def test_zero_times_nan_is_nan_and_gaps_are_not_in_the_window() -> None:
    image = np.zeros((7, 7), np.float32)
    image[3, 3] = np.nan
    under = np.isnan(correlate(image, Kernel([[0, 0], [0, 1]]), padding="valid"))
    assert np.argwhere(under).tolist() == [[2, 2], [2, 3], [3, 2], [3, 3]]
    spread = np.isnan(correlate(image, Kernel([[0, 0], [0, 1]]), padding="valid", dilation=3))
    assert np.argwhere(spread).tolist() == [[0, 0], [0, 3], [3, 0], [3, 3]]


@pytest.mark.parametrize("weight", [1.0, 0.25, -0.25, -1.0, 1e-30])
@pytest.mark.parametrize("pixel", [np.inf, -np.inf])
def test_an_infinity_keeps_its_sign_under_any_weight(weight: float, pixel: float) -> None:
    image = np.ones((5, 5), np.float32)
    image[2, 2] = pixel
    result = correlate(image, Kernel([[weight, 2.0 * weight]]), padding="valid")
    expected = np.sign(weight) * pixel
    assert result[2, 1:3].tolist() == [expected, expected]
    assert np.isinf(result).sum() == 2


@pytest.mark.parametrize("border_value", [np.nan, np.inf, -np.inf])
def test_a_border_value_that_is_not_finite(border_value: float) -> None:
    image = np.ones((5, 6), np.uint8)
    for padding in ("same", "valid"):
        options = SlidingOptions(padding=padding, border_value=border_value)
        np.testing.assert_array_equal(run(image, PLAIN, options), oracle(image, PLAIN, options).astype(np.float32))


@pytest.mark.parametrize("scale", [1e-300, 1e-42, 1e30, 1e36])
@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_extreme_weights_neither_overflow_nor_vanish(scale: float, dtype: str) -> None:
    image = np.random.default_rng(1).normal(size=(9, 9)).astype(dtype) * np.asarray(1e3, dtype)
    kernel = Kernel(np.array([[1, -1], [1, 2]]) * scale, divisor=scale)
    result, expected = correlate(image, kernel), reference.correlate(image, kernel)
    np.testing.assert_allclose(result, expected, rtol=0, atol=1e-5 * 5 * np.abs(image).max())


def test_sums_that_overflow_do_so_where_the_definition_says() -> None:
    image = np.full((6, 6), 1.6e308)
    image[:, 3:] *= -1
    kernel = Kernel([[1, 1, -1, 1], [-1, 1, 1, 1], [1, -1, -1, 1]])
    expected = reference.correlate(image, kernel)
    assert np.isnan(expected).any() or np.isinf(expected).any()
    assert np.isfinite(expected).any()
    np.testing.assert_array_equal(correlate(image, kernel), expected)
    with pytest.raises(ValueError, match="by definition only"):
        run(image, kernel, SlidingOptions(), method="frequency")


def test_large_floats_that_cancel_stay_finite() -> None:
    image = np.full((6, 6), 3e38, np.float32)
    np.testing.assert_array_equal(correlate(image, Kernel([[1, 1, -1, -1]]), padding="valid"), np.zeros((6, 3)))


# Strips, cancelling, describing -----------------------------------------------------------------------------------


def test_strips_meet_without_a_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    from kernels.filtering.backends import plan

    image = np.random.default_rng(1).integers(0, 256, (64, 20, 3)).astype(np.uint8)
    for method in ("direct", "separable", "frequency", "definition", None):
        monkeypatch.setattr(plan, "_STRIP_VALUES", 1)
        for options in SLIDES.values():
            job = Job.of(image, SEPARABLE, options, method)
            assert len(job.strips) > 1
            expected = oracle(image, SEPARABLE, options).astype(np.float32)
            np.testing.assert_array_equal(run(image, SEPARABLE, options, method=method), expected)


def test_progress_grows_to_one_and_cancelling_stops() -> None:
    image = np.zeros((30000, 400), np.uint8)
    kernel, shares = Kernel(np.random.default_rng(1).normal(size=(15, 15))), list[float]()
    run(image, kernel, SlidingOptions(), progress=shares.append)
    assert len(shares) > 2
    assert shares == sorted(shares)
    assert shares[-1] == 1

    shares.clear()
    with pytest.raises(Cancelled):
        run(image, kernel, SlidingOptions(), cancelled=lambda: len(shares) == 2, progress=shares.append)
    assert len(shares) == 2
