"""Where numbers come from and where they go: told as NumPy pads, and as the outputs really change."""

from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from kernels.errors import Cancelled
from kernels.filtering.border import NAMES, Border
from kernels.filtering.engine import run
from kernels.filtering.geometry import SlidingOptions, geometry
from kernels.filtering.provenance import border_difference, one_weight, pixels_at, touched
from kernels.kernel import Kernel

Array = npt.NDArray[Any]

PICTURE = np.arange(1, 13).reshape(3, 4)

sizes = st.tuples(st.integers(1, 7), st.integers(1, 7))
borders = st.sampled_from(list(Border))
seeds = st.integers(0, 2**32 - 1)


@st.composite
def sliding(draw: st.DrawFn) -> SlidingOptions:
    return SlidingOptions(
        draw(st.sampled_from(["correlation", "convolution"])),
        draw(st.sampled_from(["valid", "same", "full", 1, (3, 0), (9, 8)])),
        draw(st.tuples(st.integers(1, 4), st.integers(1, 4))),
        draw(st.tuples(st.integers(1, 3), st.integers(1, 3))),
        draw(borders),
        draw(st.sampled_from([0.0, 7.0])),
    )


def drawn(seed: int, image: tuple[int, ...], kernel: tuple[int, ...]) -> tuple[Array, Kernel]:
    random = np.random.default_rng(seed)
    return random.integers(0, 256, image), Kernel(random.integers(-4, 5, kernel))


def filtered(image: Array, kernel: Kernel, options: SlidingOptions) -> Array:
    """Return the output; a kernel that does not fit is no example."""
    try:
        return run(image, kernel, options)
    except ValueError:
        assume(False)
        raise


def applied(kernel: Kernel, options: SlidingOptions) -> Array:
    return kernel.weights[::-1, ::-1] if options.is_convolution else kernel.weights


def _padded(image: Array, margins: tuple[tuple[int, int], ...], border: Border, value: float) -> Array:
    fill = {"constant_values": value} if border is Border.CONSTANT else {}
    return np.pad(image, margins, mode=NAMES[border].numpy, **fill)


# -- pixels ------------------------------------------------------------------------------------------------------------


@given(
    size=sizes,
    colour=st.booleans(),
    dtype=st.sampled_from(["u1", "i4", "f4", "f8"]),
    margins=st.tuples(st.tuples(*[st.integers(0, 20)] * 2), st.tuples(*[st.integers(0, 20)] * 2)),
    border=borders,
    seed=seeds,
)
def test_pixels_and_origins_are_numpys(
    size: tuple[int, int], colour: bool, dtype: str, margins: Any, border: Border, seed: int
) -> None:
    image = (np.random.default_rng(seed).random((*size, 3) if colour else size) * 250).astype(dtype)
    rows, columns = (np.arange(-before, length + after) for length, (before, after) in zip(size, margins, strict=True))
    values, origins = pixels_at(image, rows, columns, border, -2.5)

    around = (*margins, (0, 0)) if colour else margins
    np.testing.assert_array_equal(values, _padded(image.astype(float), around, border, -2.5))
    for axis, index in enumerate(np.indices(size)):
        np.testing.assert_array_equal(origins[:, :, axis], _padded(index, margins, border, -1))
    assert (values.dtype, origins.dtype) == (np.float64, np.int64)


def test_pixels_in_any_order() -> None:
    values, origins = pixels_at(PICTURE, [2, -1, 2], [5, 0], "wrap", 0.0)
    assert values.tolist() == [[10, 9], [10, 9], [10, 9]]
    assert origins[1].tolist() == [[2, 1], [2, 0]]
    values, origins = pixels_at(PICTURE, [0, 3], [-1, 1], "constant", 9.0)
    assert values.tolist() == [[9, 2], [9, 9]]
    assert origins.tolist() == [[[-1, -1], [0, 1]], [[-1, -1], [-1, -1]]]


@pytest.mark.parametrize("border", list(Border))
def test_pixels_of_a_part_of_a_picture(border: Border) -> None:
    rows, columns = [1, 2, 3], [2, 3, 4]
    whole = pixels_at(PICTURE, rows, columns, border, 5.0)
    held = (slice(None), slice(None)) if border is Border.WRAP else (slice(1, 3), slice(2, 4))
    corner = (0, 0) if border is Border.WRAP else (1, 2)
    part = pixels_at(PICTURE[held], rows, columns, border, 5.0, shape=PICTURE.shape, corner=corner)
    for one, other in zip(whole, part, strict=True):
        np.testing.assert_array_equal(one, other)


# -- where a pixel goes ------------------------------------------------------------------------------------------------


@given(image=sizes, size=sizes, options=sliding(), seed=seeds, at=st.tuples(st.integers(0, 6), st.integers(0, 6)))
@settings(max_examples=300)
def test_touched_outputs_are_those_that_change(
    image: tuple[int, int], size: tuple[int, int], options: SlidingOptions, seed: int, at: tuple[int, int]
) -> None:
    pixels, kernel = drawn(seed, image, size)
    before = filtered(pixels, kernel, options)
    pixel = at[0] % image[0], at[1] % image[1]
    found = touched(geometry(image, size, options), applied(kernel, options), options.border, pixel)

    pixels[pixel] += 3
    expected = np.zeros(before.shape)
    expected[np.ix_(found.rows, found.columns)] = found.weights
    np.testing.assert_array_equal((run(pixels, kernel, options) - before) / 3, expected)

    # 0 · NaN is NaN: it shows in every window that reads the pixel, whatever the weights.
    spoilt = pixels.astype(float)
    spoilt[pixel] = np.nan
    hit = np.zeros(before.shape, dtype=bool)
    hit[np.ix_(found.rows, found.columns)] = True
    np.testing.assert_array_equal(np.isnan(run(spoilt, kernel, options)), hit)


def test_a_pixel_touches_through_its_virtual_copies() -> None:
    weights = np.arange(1.0, 10.0).reshape(3, 3)
    windows = geometry((4, 5), (3, 3), SlidingOptions())
    found = touched(windows, weights, "replicate", (0, 0))
    assert (found.rows.tolist(), found.columns.tolist()) == ([0, 1], [0, 1])
    assert found.weights.tolist() == [[1 + 2 + 4 + 5, 4 + 1], [1 + 2, 1]]
    found = touched(windows, weights, "constant", (0, 0))
    assert found.weights.tolist() == [[5, 4], [2, 1]]
    found = touched(windows, weights, "wrap", (0, 2))
    assert (found.rows.tolist(), found.columns.tolist()) == ([0, 1, 3], [1, 2, 3])
    assert found.weights.tolist() == [[6, 5, 4], [3, 2, 1], [9, 8, 7]]


def test_a_pixel_between_strides_touches_nothing() -> None:
    windows = geometry((6, 6), (2, 2), SlidingOptions(padding="valid", stride=4))
    found = touched(windows, np.ones((2, 2)), "wrap", (1, 3))
    assert (found.rows.tolist(), found.columns.tolist(), found.weights.shape) == ([0], [], (1, 0))


def test_each_channel_is_touched_by_its_own_weights() -> None:
    random = np.random.default_rng(1)
    options = SlidingOptions("convolution", "full", (2, 1), (1, 2), "reflect")
    image, kernel = random.integers(0, 9, (5, 6, 3)), Kernel(random.integers(-5, 6, (3, 4, 3)))
    before = run(image, kernel, options)
    found = touched(geometry(image.shape, kernel.shape, options), applied(kernel, options), options.border, (1, 4))
    for channel in range(3):
        changed = image.copy()
        changed[1, 4, channel] += 1
        expected = np.zeros(before.shape)
        expected[np.ix_(found.rows, found.columns)] = found.weights[:, :, channel]
        np.testing.assert_array_equal(run(changed, kernel, options) - before, expected)
    assert not any(array.flags.writeable for array in (found.rows, found.columns, found.weights))


def test_touched_names_what_is_wrong() -> None:
    windows = geometry((3, 4), (2, 2), SlidingOptions())
    with pytest.raises(ValueError, match=r"pixel is \(3, 0\), but must lie inside the picture of 3 × 4"):
        touched(windows, np.ones((2, 2)), "wrap", (3, 0))
    with pytest.raises(ValueError, match=r"weights has shape \(3, 3\), but must begin with \(2, 2\)"):
        touched(windows, np.ones((3, 3)), "wrap", (0, 0))
    with pytest.raises(ValueError, match="border is 'warp'"):
        touched(windows, np.ones((2, 2)), "warp", (0, 0))


# -- what a weight adds ------------------------------------------------------------------------------------------------


@given(
    image=sizes,
    size=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    depth=st.sampled_from(["grey", "colour", "summed"]),
    dtype=st.sampled_from(["u1", "i4", "f4", "f8"]),
    divisor=st.sampled_from([1.0, 4.0, -0.7]),
    options=sliding(),
    seed=seeds,
)
@settings(max_examples=150)
def test_all_weights_and_the_offset_add_up_to_the_output(
    image: tuple[int, int], size: tuple[int, int], depth: str, dtype: str, divisor: float, options: Any, seed: int
) -> None:
    random = np.random.default_rng(seed)
    pixels = (random.random(image if depth == "grey" else (*image, 3)) * 255).astype(dtype)
    weights = random.normal(size=(*size, 3) if depth == "summed" else size)
    kernel = Kernel(weights if seed % 2 else np.rint(weights * 2), divisor=divisor, offset=seed % 3)
    output = filtered(pixels, kernel, options)
    shares = [one_weight(pixels, kernel, tap, options) for tap in product(*map(range, size))]
    assert {(share.shape, share.dtype) for share in shares} == {(output.shape, output.dtype)}
    tolerance = 1e-5 * kernel.absolute_sum * 255 / abs(divisor)
    np.testing.assert_allclose(sum(shares) + kernel.offset, output, rtol=1e-6, atol=tolerance)
    if divisor == 1.0 and not dtype.startswith("f") and not seed % 2:
        np.testing.assert_array_equal(sum(shares) + kernel.offset, output)


def test_one_weight_is_the_shifted_picture_and_nothing_else() -> None:
    image = PICTURE.astype(np.float32)
    image[0, 0], image[2, 3] = np.nan, np.inf
    kernel = Kernel([[0, 2], [3, 0]], divisor=4, offset=100)
    share = one_weight(image, kernel, (1, 0), SlidingOptions(padding="valid"))
    np.testing.assert_array_equal(share, image[1:, :-1] * 3 / 4)
    none = one_weight(image, kernel, (0, 0), SlidingOptions(padding="valid"))
    np.testing.assert_array_equal(none, image[:-1, :-1] * 0)
    turned = one_weight(image, kernel, (1, 0), SlidingOptions("convolution", padding="valid"))
    np.testing.assert_array_equal(turned, image[:-1, 1:] * 3 / 4)


def test_one_weight_shows_the_border() -> None:
    options = SlidingOptions(border_value=0.5)
    share = one_weight(PICTURE, Kernel(np.full((3, 3), 2), divisor=8), (0, 0), options)
    assert share.tolist() == [[0.125, 0.125, 0.125, 0.125], [0.125, 0.25, 0.5, 0.75], [0.125, 1.25, 1.5, 1.75]]


def test_one_weight_names_what_is_wrong_and_stops_when_asked() -> None:
    kernel = Kernel(np.ones((2, 3)))
    with pytest.raises(ValueError, match=r"tap is \(2, 0\), but must lie inside the kernel of 2 × 3"):
        one_weight(PICTURE, kernel, (2, 0), SlidingOptions())
    with pytest.raises(ValueError, match=r"tap is 1, but must be a pair \(row, column\)"):
        one_weight(PICTURE, kernel, 1, SlidingOptions())  # type: ignore[arg-type]
    with pytest.raises(Cancelled):
        one_weight(PICTURE, kernel, (0, 0), SlidingOptions(), cancelled=lambda: True)


# -- what a border changes ---------------------------------------------------------------------------------------------


@given(image=sizes, size=sizes, colour=st.booleans(), options=sliding(), other=borders, seed=seeds)
@settings(max_examples=300)
def test_the_difference_of_whole_numbers_is_that_of_two_runs(
    image: tuple[int, int], size: tuple[int, int], colour: bool, options: SlidingOptions, other: Border, seed: int
) -> None:
    pixels, kernel = drawn(seed, (*image, 3) if colour else image, size)
    kernel = kernel.replace(divisor=2.0, offset=5.0)
    present = filtered(pixels, kernel, options)
    expected = run(pixels, kernel, replace(options, border=other)) - present
    difference, count = border_difference(pixels, kernel, options, other)
    np.testing.assert_array_equal(difference, expected)
    assert difference.dtype == present.dtype
    assert count == np.count_nonzero(expected.any(axis=2) if colour else expected)


@given(image=sizes, size=sizes, options=sliding(), other=borders, seed=seeds, bad=st.sampled_from([0.0, 0.1]))
def test_the_difference_of_fractions_is_that_of_two_runs(
    image: tuple[int, int], size: tuple[int, int], options: SlidingOptions, other: Border, seed: int, bad: float
) -> None:
    random = np.random.default_rng(seed)
    pixels = random.normal(size=(*image, 2)).astype(np.float32)
    pixels[random.random(pixels.shape) < bad] = random.choice([np.nan, np.inf, -np.inf])
    kernel = Kernel(random.normal(size=(*size, 2)))
    present = filtered(pixels, kernel, options)
    changed = run(pixels, kernel, replace(options, border=other))
    difference, count = border_difference(pixels, kernel, options, other)
    same = (present == changed) | (np.isnan(present) & np.isnan(changed))
    with np.errstate(invalid="ignore"):
        expected = np.where(same, 0, changed - present)
    np.testing.assert_allclose(difference, expected, rtol=1e-5, atol=1e-4 * kernel.absolute_sum)
    assert count == np.count_nonzero(difference)


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
@pytest.mark.parametrize("side", [3, 31])
def test_rounding_is_no_difference(dtype: Any, side: int) -> None:
    random = np.random.default_rng(1)
    kernel = Kernel(random.normal(size=(side, side)))
    flat = np.full((70, 90), 77, dtype)
    assert border_difference(flat, kernel, SlidingOptions(border="wrap"), "reflect")[1] == 0
    assert border_difference(flat, kernel, SlidingOptions(border_value=77), "replicate")[1] == 0

    # At the top, what a zero makes of the border adds up to nothing; only at the sides it does not.
    slope = Kernel(np.outer([0.3, 0.5, 0.7], [0.1, 0.2, -0.3]))
    assert border_difference(flat, slope, SlidingOptions(), "replicate")[1] == 2 * 70

    # Only windows that reach past the edge can differ, and with noise all of these do.
    noise = (random.random((70, 90)) * 255).astype(dtype)
    difference, count = border_difference(noise, kernel, SlidingOptions(border="wrap"), "reflect")
    reach = side // 2
    inner = (slice(reach, -reach), slice(reach, -reach))
    assert not difference[inner].any()
    assert count == difference.size - difference[inner].size

    # One pixel past the edge, the edge pixel is repeated by both.
    assert (
        border_difference(noise, Kernel(kernel.weights[:3, :3]), SlidingOptions(border="reflect"), "replicate")[1] == 0
    )


def test_without_padding_no_border_matters() -> None:
    difference, count = border_difference(PICTURE, Kernel(np.ones((2, 2))), SlidingOptions(padding="valid"), "wrap")
    assert (difference.shape, difference.any(), count) == ((2, 3), False, 0)


def test_the_difference_names_what_is_wrong_and_stops_when_asked() -> None:
    kernel = Kernel(np.ones((3, 3)))
    with pytest.raises(ValueError, match="border is 'warp'"):
        border_difference(PICTURE, kernel, SlidingOptions(), "warp")
    with pytest.raises(Cancelled):
        border_difference(PICTURE, kernel, SlidingOptions(), "wrap", cancelled=lambda: True)
    with pytest.raises(MemoryError, match="A rim of"):
        border_difference(PICTURE, kernel, SlidingOptions(dilation=10**7), "wrap")
