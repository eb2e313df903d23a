"""Levels, rendering, counts, histogram and reduced copies, on ordinary and on odd arrays."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from kernels import Kernel, correlate
from kernels.filtering.geometry import SlidingOptions
from kernels.kernel import library
from kernels.pictures.colour_maps import NEUTRAL, NON_FINITE, colour_maps, table
from kernels.pictures.display import (
    MODES,
    clipped,
    contract_error,
    histogram,
    is_flat,
    levels,
    non_finite,
    pyramid,
    render,
)

BYTE = (0.0, 255.0)
RANDOM = np.random.default_rng(5)


@pytest.mark.parametrize(
    ("mode", "expected"),
    [("clip", (0, 255)), ("abs", (0, 255)), ("minmax", (-20, 300)), ("signed", (-300, 300)), ("raw", (-20, 300))],
)
def test_levels_of_each_mode(mode, expected):
    assert levels(np.array([[-20.0, 0.0], [7.0, 300.0]]), mode, BYTE) == expected


def test_levels_ignore_what_is_not_finite():
    array = np.array([[np.nan, np.inf], [-np.inf, 5.0], [-3.0, np.nan]], np.float32)
    assert levels(array, "minmax", BYTE) == (-3, 5)
    assert levels(array, "signed", BYTE) == (-5, 5)
    nothing = np.full((2, 2), np.nan)
    assert levels(nothing, "minmax", BYTE) == BYTE
    assert levels(nothing, "signed", BYTE) == (-255, 255)


@pytest.mark.parametrize(("value", "shade"), [(0.0, 0), (100.0, 100), (255.0, 255), (300.0, 255), (-40.0, 0)])
def test_a_constant_picture_keeps_the_files_black_and_white(value, shade):
    array = np.full((3, 4), value, np.float32)
    painted = render(array, levels(array, "minmax", BYTE), "minmax")
    assert (painted == shade).all()
    assert clipped(array, levels(array, "minmax", BYTE)) == (0, 0)


def test_a_single_bright_pixel_is_seen():
    array = np.zeros((50, 50), np.uint8)
    array[20, 30] = 200
    for mode in ("minmax", "raw"):
        painted = render(array, levels(array, mode, BYTE), mode)
        assert painted[20, 30] == 255
        assert np.count_nonzero(painted) == 1
    signed = render(array, levels(array, "signed", BYTE), "signed")
    assert signed[20, 30] == 255
    assert np.count_nonzero(signed == 128) == 2499


def test_rounding_noise_of_a_flat_result_is_not_stretched():
    kernel = Kernel([[0.1, -0.3, 0.1], [0.2, -0.2, 0.1]])
    image = np.full((30, 30), 200.3, np.float32)
    result = correlate(image, kernel, padding="valid")
    tolerance = contract_error(image, kernel)
    assert is_flat(result, tolerance)
    assert levels(result, "signed", BYTE, tolerance=tolerance) == (-255, 255)
    assert levels(result, "minmax", BYTE, tolerance=tolerance) != (result.min(), result.max())


def test_an_exact_result_has_no_tolerance():
    sobel = library.get("sobel-x")
    assert contract_error(np.full((3, 3), 65535, np.uint16), sobel) == 0.0
    assert contract_error(np.full((3, 3), 65535.0), sobel) == pytest.approx(1e-5 * 8 * 65535)
    assert contract_error(np.full((3, 3), 10, np.uint8), Kernel([[0.5]])) == pytest.approx(5e-5)
    assert contract_error(np.full((3, 3), 2**22, np.int32), sobel) > 0
    assert contract_error(np.full((3, 3), 10, np.uint8), sobel, 0.5) > 0


@pytest.mark.parametrize("pair", [None, (1.0, 1.0), (2.0, 1.0), (np.nan, 1.0), (0.0, np.inf)])
def test_manual_levels_are_checked(pair):
    with pytest.raises(ValueError):
        levels(np.zeros((2, 2)), "manual", BYTE, pair)


def test_unknown_names_suggest_near_ones():
    with pytest.raises(ValueError, match="minmax"):
        levels(np.zeros((2, 2)), "minmx", BYTE)
    with pytest.raises(ValueError, match="viridis"):
        render(np.zeros((2, 2)), BYTE, "clip", "viridi")


def test_8_bit_pictures_are_painted_as_they_are():
    for shape in ((40, 50), (40, 50, 3)):
        array = RANDOM.integers(0, 256, shape, dtype=np.uint8)
        np.testing.assert_array_equal(render(array, BYTE), array)
        np.testing.assert_array_equal(render(array.astype(np.float32), BYTE), array)


def test_16_bit_pictures_are_reduced_by_257():
    array = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    np.testing.assert_array_equal(render(array, (0, 65535)), np.rint(array / 257.0))


def test_abs_paints_the_absolute_value():
    array = np.array([[-10.0, 10.0, -300.0, 0.0]])
    assert render(array, levels(array, "abs", BYTE), "abs").tolist() == [[10, 10, 255, 0]]


def test_zero_is_neutral_in_a_signed_picture():
    for peak in (1.0, 3.7, 948.0, 1e-20, 1e30):
        array = np.array([[-peak, 0.0, peak]], np.float32)
        painted = render(array, levels(array, "signed", BYTE), "signed", "blue-orange")
        assert painted.tolist() == [[[0x2A, 0x6F, 0xDB], list(NEUTRAL), [0xE0, 0x70, 0x1C]]]


@pytest.mark.parametrize("colour_map", colour_maps())
def test_non_finite_pixels_are_marked_in_every_map(colour_map):
    array = np.array([[np.nan, 1.0], [np.inf, -np.inf]], np.float32)
    painted = render(array, (0, 1), "clip", colour_map)
    assert painted.shape == (2, 2, 3)
    assert [tuple(pixel) for pixel in painted.reshape(-1, 3)[[0, 2, 3]]] == [NON_FINITE] * 3
    assert NON_FINITE not in {tuple(colour) for colour in table(colour_map).tolist()}
    colour = np.zeros((2, 2, 3))
    colour[0, 1, 2] = np.nan
    assert tuple(render(colour, (0, 1))[0, 1]) == NON_FINITE
    assert non_finite(colour) == 1


@pytest.mark.parametrize("name", sorted(set(colour_maps()) - {"twilight", "blue-orange"}))
def test_sequential_maps_grow_steadily_brighter(name):
    red, green, blue = (table(name).astype(float) ** 2.2).T
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    assert (np.diff(luminance) > -0.005 * luminance.max()).all()
    assert luminance[-1] > 10 * luminance[0]


numbers = st.one_of(
    hnp.arrays(np.float32, hnp.array_shapes(min_dims=2, max_dims=2, max_side=5)),
    hnp.arrays(np.float64, hnp.array_shapes(min_dims=2, max_dims=2, max_side=5)),
    hnp.arrays(np.float64, st.tuples(st.integers(1, 4), st.integers(1, 4), st.just(3))),
    hnp.arrays(np.int64, hnp.array_shapes(min_dims=2, max_dims=2, max_side=5)),
)


@given(numbers, st.sampled_from([mode for mode in MODES if mode != "manual"]), st.sampled_from(colour_maps()))
def test_any_array_can_be_shown(array, mode, colour_map):
    low, high = levels(array, mode, BYTE)
    assert np.isfinite([low, high]).all()
    assert low < high
    painted = render(array, (low, high), mode, colour_map)
    assert painted.dtype == np.uint8
    assert painted.shape[:2] == array.shape[:2]
    bad = ~np.isfinite(array) if array.ndim == 2 else ~np.isfinite(array).all(axis=2)
    assert non_finite(array) == bad.sum()
    if mode == "minmax":
        assert clipped(array, (low, high)) == (0, 0)
    counts, edges = histogram(array)
    assert counts.sum() == np.isfinite(array).sum()
    assert np.isfinite(edges).all()
    assert (np.diff(edges) > 0).all()
    assert edges.size == counts.size + 1 <= 257


@given(hnp.arrays(np.float64, (3, 4), elements=st.floats(-1e6, 1e6)))
def test_brighter_numbers_are_never_painted_darker(array):
    painted = render(array, levels(array, "minmax", BYTE)).ravel()
    order = np.argsort(array.ravel(), kind="stable")
    assert (np.diff(painted[order].astype(int)) >= 0).all()


def test_clipped_counts_pixels():
    array = np.array([[-1.0, 0.0, 255.0, 256.0, np.nan, np.inf, 255.0001]])
    assert clipped(array, BYTE) == (1, 1)
    assert clipped(array, BYTE, "abs") == (0, 1)
    colour = np.zeros((1, 2, 3), np.float32)
    colour[0, 0] = [-5, 300, -2]
    assert clipped(colour, BYTE) == (1, 1)
    assert clipped(np.array([[0, 255]], np.uint8), (10, 200)) == (1, 1)


def test_histogram_of_whole_numbers_has_one_bin_each():
    counts, edges = histogram(np.array([[3, 3, 5], [4, 3, 7]], np.uint8))
    assert counts.tolist() == [3, 1, 1, 0, 1]
    assert edges.tolist() == [2.5, 3.5, 4.5, 5.5, 6.5, 7.5]
    counts, _ = histogram(np.arange(1024, dtype=np.float32).reshape(32, 32))
    assert set(counts.tolist()) == {4}
    counts, edges = histogram(np.full((2, 2), 9.0))
    assert counts.tolist() == [4]
    assert edges.tolist() == [8.5, 9.5]


def test_histogram_agrees_with_numpy():
    values = RANDOM.normal(size=(70, 90))
    counts, edges = histogram(values, 64)
    expected, expected_edges = np.histogram(values, 64)
    np.testing.assert_array_equal(counts, expected)
    np.testing.assert_allclose(edges, expected_edges)


def area_average(array, rows, columns):
    """Average by exact overlap of every cell with every pixel: the definition."""

    def overlaps(size, cells):
        starts = np.arange(cells)[:, None] * size / cells
        ends = starts + size / cells
        pixels = np.arange(size)[None, :]
        return np.clip(np.minimum(ends, pixels + 1) - np.maximum(starts, pixels), 0, None) * cells / size

    return np.einsum("ir,jc,rc...->ij...", overlaps(array.shape[0], rows), overlaps(array.shape[1], columns), array)


@pytest.mark.parametrize("shape", [(8, 10), (7, 9), (5, 8), (1, 9), (9, 1), (3, 3), (7, 9, 3)])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
def test_each_copy_is_an_area_average(shape, dtype):
    array = (RANDOM.random(shape) * 255).astype(dtype)
    first = pyramid(array, 5)[0] if max(shape[:2]) > 5 else pyramid(array, 2)[0]
    expected = area_average(array.astype(float), (shape[0] + 1) // 2, (shape[1] + 1) // 2)
    np.testing.assert_allclose(first, expected, rtol=1e-5)
    assert first.dtype == (np.float64 if dtype == np.float64 else np.float32)


def test_pyramid_sizes_and_mean():
    array = RANDOM.random((777, 1301)).astype(np.float32)
    copies = pyramid(array)
    assert [copy.shape for copy in copies] == [(389, 651), (195, 326)]
    for copy in copies:
        assert copy.mean(dtype=np.float64) == pytest.approx(array.mean(dtype=np.float64), rel=1e-5)
    assert pyramid(array[:512, :512]) == ()


def test_a_non_finite_pixel_stays_visible_in_every_copy_and_does_not_spread():
    array = np.zeros((1025, 1025), np.float32)
    array[700, 300] = np.nan
    for copy in pyramid(array, 64):
        assert 1 <= non_finite(copy) <= 4


def test_zone_plate_makes_no_new_rings_when_reduced():
    """Away from the middle the rings are finer than the copy can hold: they must average to grey."""
    from kernels.pictures.synthetic import zone_plate

    plate = zone_plate(512)
    quarter = pyramid(plate, 128)[-1]
    assert quarter.shape == (128, 128)
    assert np.ptp(quarter[62:66, 110:126]) < 64
    assert np.ptp(plate[::4, ::4][62:66, 110:126].astype(float)) > 200


def test_signed_levels_may_leave_the_strongest_values_out():
    array = np.zeros((100, 100), np.float32)
    array[:10] = np.linspace(-10, 10, 1000).reshape(10, 100)
    array[50, 50] = 1000.0
    assert levels(array, "signed", (0, 255)) == (-1000.0, 1000.0)
    low, high = levels(array, "signed", (0, 255), coverage=0.99)
    assert low == -high
    assert 9.5 <= high <= 11.0
    assert high == round(high)  # two significant figures


def test_signed_levels_of_a_single_bright_pixel_reach_it():
    array = np.zeros((64, 64), np.float32)
    array[3, 4] = -7.0
    assert levels(array, "signed", (0, 255), coverage=0.99) == (-7.0, 7.0)


@pytest.mark.parametrize("array", [[[1e308, -1e308, 1.0]], [[5e-324, 0.0]]], ids=["huge", "tiny"])
def test_signed_levels_at_the_ends_of_float64(array):
    with np.errstate(all="raise", under="ignore"):
        low, high = levels(np.array(array), "signed", (0, 255), coverage=0.99)
    assert low == -high
    assert 0 < high <= np.abs(array).max()


def test_a_histogram_whose_span_is_beyond_float64_counts_everything():
    counts, edges = histogram(np.array([[1e308, -1e308, 0.0, np.inf]]))
    assert counts.sum() == 3
    assert np.isfinite(edges).all()
    assert (np.diff(edges) > 0).all()


@pytest.mark.parametrize(
    ("options", "reach"),
    [
        (SlidingOptions(border_value=-9.0), 9.0),
        (SlidingOptions(border="replicate", border_value=65535.0), 0.0),
        (SlidingOptions(padding="valid", border_value=65535.0), 0.0),
        (SlidingOptions(border_value=float("inf")), 0.0),
    ],
)
def test_a_border_value_that_is_not_in_force_does_not_widen_the_tolerance(options, reach):
    assert options.border_reach == reach
    image = np.full((4, 4), 0.5, np.float32)
    kernel = Kernel([[0.25, 0.5]])
    assert contract_error(image, kernel, options.border_reach) == pytest.approx(1e-5 * 0.75 * max(0.5, reach))
