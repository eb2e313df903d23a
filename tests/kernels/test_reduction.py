"""Reduced copies against the definition: exact overlaps in float64."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernels.pictures.reduction import reduced
from kernels.pictures.summary import extent_of

RANDOM = np.random.default_rng(3)


def overlaps(size, cells):
    """Return the share of each pixel in each cell."""
    starts = np.arange(cells)[:, None] * size / cells
    pixels = np.arange(size)[None, :]
    return np.clip(np.minimum(starts + size / cells, pixels + 1) - np.maximum(starts, pixels), 0, None) * cells / size


def area_average(array, rows, columns):
    down, along = overlaps(array.shape[0], rows), overlaps(array.shape[1], columns)
    return np.einsum("ir,jc,rc...->ij...", down, along, array, optimize=True)


def touched(size, cells):
    return [slice(i * size // cells, -(-(i + 1) * size // cells)) for i in range(cells)]


def largest(array, rows, columns):
    return np.array([[array[down, along].max(axis=(0, 1)) for along in touched(array.shape[1], columns)]
                     for down in touched(array.shape[0], rows)])  # fmt: skip


SHAPES = [((8, 10), (4, 5)), ((7, 9), (4, 5)), ((50, 80), (13, 17)), ((1, 9), (1, 4)), ((9, 1), (2, 1)),
          ((3, 3), (3, 3)), ((37, 53, 3), (10, 50)), ((20, 30, 2), (1, 1)), ((6, 5, 7), (5, 2))]  # fmt: skip


@pytest.mark.parametrize(("shape", "size"), SHAPES)
@pytest.mark.parametrize("dtype", [bool, np.uint8, np.uint16, np.int16, np.int64, np.float16, np.float32, np.float64])
def test_mean_and_maximum_are_their_definitions(shape, size, dtype):
    array = (RANDOM.random(shape) * 255).astype(dtype)
    for how, expected in (("mean", area_average), ("maximum", largest)):
        found = reduced(array, *size, how=how)
        np.testing.assert_allclose(found, expected(array.astype(np.float64), *size), rtol=1e-6)
        assert found.dtype == (np.float64 if dtype == np.float64 else np.float32)
        assert found.flags.c_contiguous


@given(st.data())
def test_any_ratio(data):
    height, width = data.draw(st.tuples(st.integers(1, 60), st.integers(1, 60)))
    rows, columns = data.draw(st.integers(1, height)), data.draw(st.integers(1, width))
    array = RANDOM.normal(size=(height, width))
    np.testing.assert_allclose(reduced(array, rows, columns), area_average(array, rows, columns), atol=1e-12)
    np.testing.assert_array_equal(reduced(array, rows, columns, how="maximum"), largest(array, rows, columns))


def test_a_large_picture_in_blocks_is_the_same_as_whole():
    array = RANDOM.random((1500, 2000)).astype(np.float32)
    np.testing.assert_allclose(reduced(array, 411, 1023), area_average(array.astype(np.float64), 411, 1023), rtol=1e-5)


def test_a_strong_reduction_of_a_constant_is_the_constant():
    array = np.full((20000, 50), 0.1, np.float32)
    np.testing.assert_allclose(reduced(array, 3, 2), 0.1, rtol=1e-6)


@pytest.mark.parametrize("how", ["mean", "maximum"])
def test_views_are_reduced_as_their_copies(how):
    array = RANDOM.normal(size=(60, 70, 3)).astype(np.float32)
    array.flags.writeable = False
    for view in (array[5:41, 3:60], array[::-1, ::2], array[:, :, 1], array.swapaxes(0, 1)):
        np.testing.assert_array_equal(reduced(view, 11, 13, how=how), reduced(view.copy(), 11, 13, how=how))


@pytest.mark.parametrize("how", ["mean", "maximum"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_exactly_the_cells_that_touch_a_bad_pixel_are_bad(how, value):
    array = RANDOM.normal(size=(90, 110)).astype(np.float32)
    array[[3, 44, 89], [7, 55, 109]] = value
    expected = largest(~np.isfinite(array), 37, 41)
    np.testing.assert_array_equal(~np.isfinite(reduced(array, 37, 41, how=how)), expected)


@pytest.mark.parametrize(("rows", "columns", "word"), [(0, 3, "rows"), (11, 3, "rows"), (3, 13, "columns")])
def test_sizes_are_checked(rows, columns, word):
    with pytest.raises(ValueError, match=word):
        reduced(np.zeros((10, 12)), rows, columns)
    with pytest.raises(ValueError, match="maximum"):
        reduced(np.zeros((10, 12)), 5, 5, how="median")


def test_a_non_finite_pixel_stays_visible_in_every_copy_and_does_not_spread():
    array = np.zeros((1025, 1025), np.float32)
    array[700, 300] = np.nan
    while max(array.shape) > 64:
        array = reduced(array, (array.shape[0] + 1) // 2, (array.shape[1] + 1) // 2)
        assert 1 <= extent_of(array).non_finite <= 4


def test_zone_plate_makes_no_new_rings_when_reduced():
    """Away from the middle the rings are finer than the copy can hold: they must average to grey."""
    from kernels.pictures.synthetic import zone_plate

    plate = zone_plate(512)
    quarter = reduced(plate, 128, 128)
    assert np.ptp(quarter[62:66, 110:126]) < 64
    assert np.ptp(plate[::4, ::4][62:66, 110:126].astype(float)) > 200
