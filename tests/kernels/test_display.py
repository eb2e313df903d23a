"""Levels, rendering, counts, histogram and reduced copies, on ordinary and on odd arrays."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from kernels import Kernel, correlate
from kernels.errors import Cancelled
from kernels.filtering.geometry import SlidingOptions
from kernels.kernel import library
from kernels.pictures.colour_maps import NEUTRAL, NON_FINITE, colour_maps, table
from kernels.pictures.display import MODES, clipped, error_bound, render, render_and_look
from kernels.pictures.display import levels as levels_of
from kernels.pictures.summary import extent_of, summarise

BYTE = (0.0, 255.0)
RANDOM = np.random.default_rng(5)


def levels(array, *arguments, **options):
    return levels_of(summarise(array), *arguments, **options)


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
    assert clipped(array, levels(array, "minmax", BYTE)) == (0, 0, 0)


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
    tolerance = error_bound(image, kernel)
    assert summarise(result).is_flat(tolerance)
    assert levels(result, "signed", BYTE, tolerance=tolerance) == (-255, 255)
    assert levels(result, "minmax", BYTE, tolerance=tolerance) != (result.min(), result.max())


def test_an_exact_result_has_no_tolerance():
    sobel = library.get("sobel-x")
    assert error_bound(np.full((3, 3), 65535, np.uint16), sobel) == 0.0
    assert error_bound(np.full((3, 3), 65535.0), sobel) == pytest.approx(1e-5 * 8 * 65535)
    assert error_bound(np.full((3, 3), 10, np.uint8), Kernel([[0.5]])) == pytest.approx(5e-5)
    assert error_bound(np.full((3, 3), 2**22, np.int32), sobel) > 0
    assert error_bound(np.full((3, 3), 10, np.uint8), sobel, 0.5) > 0


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
    assert extent_of(colour).non_finite == 1


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
    assert extent_of(array).non_finite == bad.sum()
    if mode == "minmax":
        assert clipped(array, (low, high)) == (0, 0, 0)


@given(hnp.arrays(np.float64, (3, 4), elements=st.floats(-1e6, 1e6)))
def test_brighter_numbers_are_never_painted_darker(array):
    painted = render(array, levels(array, "minmax", BYTE)).ravel()
    order = np.argsort(array.ravel(), kind="stable")
    assert (np.diff(painted[order].astype(int)) >= 0).all()


def test_clipped_counts_pixels():
    array = np.array([[-1.0, 0.0, 255.0, 256.0, np.nan, np.inf, 255.0001]])
    assert clipped(array, BYTE) == (1, 1, 2)
    assert clipped(array, BYTE, "abs") == (0, 1, 1)
    colour = np.zeros((1, 2, 3), np.float32)
    colour[0, 0] = [-5, 300, -2]
    assert clipped(colour, BYTE) == (1, 1, 1)
    assert clipped(np.array([[0, 255]], np.uint8), (10, 200)) == (1, 1, 2)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int16, np.int32, np.float32, np.float64])
@pytest.mark.parametrize("pair", [(0.0, 255.0), (-255.0, 255.0), (-948.0, 948.0), (17.0, 18.5), (-3.0, 40000.0)])
@pytest.mark.parametrize("shape", [(300, 500), (90, 700, 3)])
def test_a_shade_is_the_rounded_position_between_the_levels(dtype, pair, shape):
    values = RANDOM.choice([RANDOM.normal(20, 300, shape), RANDOM.integers(-1000, 1000, shape)])
    kinds = np.iinfo(dtype) if np.issubdtype(dtype, np.integer) else np.finfo(dtype)
    array = np.clip(values, kinds.min, kinds.max).astype(dtype)
    assert_shades(array, pair, render(array, pair))
    assert_shades(np.abs(array.astype(np.float64)), pair, render(array, pair, "abs"))


@pytest.mark.parametrize("scale", [1e-38, 1e-20, 1e20, 1e37])
@pytest.mark.parametrize("offset", [0.0, 3.0, 1000.0])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_shades_at_any_scale_and_far_from_0(dtype, scale, offset):
    array = ((RANDOM.normal(size=(200, 300)) + offset) * min(scale, 1e37 / (offset + 5))).astype(dtype)
    pair = (float(np.quantile(array, 0.1)), float(np.quantile(array, 0.9)))
    assert_shades(array, pair, render(array, pair))


def assert_shades(array, pair, painted):
    """Halves may be rounded to either side, everything else has one right answer."""
    low, high = pair
    position = np.clip(255 * ((array.astype(np.float64) - low) / (high - low)), 0, 255)
    wrong = np.abs(painted - position) > 0.5 + 1e-3
    assert not wrong.any(), (array[wrong][:5], position[wrong][:5], painted[wrong][:5])


def test_halves_are_rounded_to_even_where_the_levels_can_be_written_in_binary():
    array = np.arange(-255, 256, dtype=np.float32)[np.newaxis]
    for dtype in (np.float32, np.float64, np.int16):
        np.testing.assert_array_equal(render(array.astype(dtype), (-255, 255)), np.rint((array + 255) / 2))


def test_views_are_painted_as_their_copies():
    array = RANDOM.normal(size=(400, 500, 3)).astype(np.float32)
    array[30, 70, 1] = np.nan
    array.flags.writeable = False
    for view in (array[::-1, ::2], array[:, :, 0], array.swapaxes(0, 1), array[5:90, 7:300, ::-1]):
        for pair, colour_map in (((-1, 2), "grey"), ((0, 1), "viridis")):
            expected = render(view.copy(), pair, "clip", colour_map)
            np.testing.assert_array_equal(render(view, pair, "clip", colour_map), expected)
    view = (RANDOM.random((400, 500, 3)) * 255).astype(np.uint8)[::2, ::-1]
    np.testing.assert_array_equal(render(view, (0, 255)), view)


@pytest.mark.parametrize("row", [0, 500, 999])
def test_a_grey_picture_becomes_colour_wherever_its_bad_pixel_lies(row):
    array = RANDOM.random((1000, 900)).astype(np.float32)
    grey = render(array, (0, 1))
    array[row, 5] = -np.inf
    painted = render(array, (0, 1))
    assert tuple(painted[row, 5]) == NON_FINITE
    grey[row, 5] = painted[row, 5, 0]
    np.testing.assert_array_equal(painted[:, :, 0], grey)


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.int64, np.float32, np.float64])
@pytest.mark.parametrize("mode", ["clip", "abs"])
def test_clipped_agrees_with_comparing(dtype, mode):
    array = (RANDOM.normal(60, 50, (300, 500, 3))).clip(0 if dtype == np.uint8 else -300, 255).astype(dtype)
    low, high = 3.5, 141.0
    values = np.abs(array.astype(np.float64)) if mode == "abs" else array.astype(np.float64)
    slack = 1e-6 * (high - low)
    below, above = values < low - slack, values > high + slack
    expected = tuple(int(each.any(axis=2).sum()) for each in (below, above, below | above))
    assert clipped(array, (low, high), mode) == expected
    assert clipped(array[::2, :, 1], (low, high), mode) == clipped(array[::2, :, 1].copy(), (low, high), mode)


def test_counting_stops_when_asked_to():
    asked = iter([False, False, True])
    with pytest.raises(Cancelled):
        clipped(np.zeros((3000, 1000)), BYTE, cancelled=lambda: next(asked))


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
    assert error_bound(image, kernel, options.border_reach) == pytest.approx(1e-5 * 0.75 * max(0.5, reach))


@pytest.mark.parametrize("dtype", [np.uint8, np.int32, np.float32, np.float64])
@pytest.mark.parametrize("special", [0.0, -0.0, np.nan, -np.inf])
@pytest.mark.parametrize("shape", [(1, 1), (40, 60), (200, 700, 3)])
def test_what_is_painted_is_looked_at(dtype, special, shape):
    array = np.random.default_rng(3).normal(100, 60, shape).clip(0, 255).astype(dtype)
    if np.dtype(dtype).kind == "f":
        array[0, 0] = special
    for seen in (array, array[:, ::-1], array.swapaxes(0, 1)):
        painted, extent = render_and_look(seen, (10.0, 200.0))
        np.testing.assert_array_equal(painted, render(seen, (10.0, 200.0)))
        finite = seen[np.isfinite(seen)]
        assert extent.extremes == ((finite.min(), finite.max()) if finite.size else None)
        assert extent.non_finite == np.count_nonzero(~np.isfinite(seen.reshape(*seen.shape[:2], -1)).all(axis=2))
