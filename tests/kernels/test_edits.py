"""Pictures drawn by hand, against assignment in NumPy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernels.pictures.copies import read_copy, write_copy
from kernels.pictures.edits import filled, is_small, line, new_picture, value_range, with_pixel, with_stroke
from kernels.pictures.picture import Origin, Picture
from kernels.pictures.reading import open_sample

PLACES = st.tuples(st.integers(-6, 15), st.integers(-6, 15))


def picture_of(dtype="u1", shape=(7, 9), white=None, **more):
    pixels = np.arange(np.prod(shape)).reshape(shape).astype(dtype)
    return Picture(pixels, white or (1.0 if pixels.dtype.kind == "f" else float(np.iinfo(dtype).max)), **more)


def _on_the_way(start, end):
    """The places of a line by exact fractions, halves up."""
    steps = max(abs(end[0] - start[0]), abs(end[1] - start[1]))
    if steps == 0:
        return {tuple(start)}
    return {
        tuple(int(np.floor(first + k * (last - first) / steps + 0.5)) for first, last in zip(start, end, strict=True))
        for k in range(steps + 1)
    }


@pytest.mark.parametrize(
    ("dtype", "value"), [("u1", 255), ("u1", 0), ("u2", 65535), ("i2", -32768), ("f4", -0.1), ("f8", 1e300), ("f2", 7)]
)
def test_one_pixel_is_what_assignment_makes_of_it(dtype, value):
    picture = picture_of(dtype, alpha=np.full((7, 9), 3, np.uint8), note="page 1 of 2")
    expected = picture.pixels.copy()
    edited = with_pixel(picture, 6, 8, value)
    assert not np.array_equal(edited.pixels, picture.pixels)
    expected[6, 8] = value
    np.testing.assert_array_equal(edited.pixels, expected)
    assert edited.pixels.dtype == picture.pixels.dtype
    assert (edited.white, edited.note, edited.bits) == (picture.white, picture.note, picture.bits)
    assert edited.alpha is not None
    np.testing.assert_array_equal(edited.alpha, picture.alpha)
    assert not edited.pixels.flags.writeable


@pytest.mark.parametrize("channel", [None, 0, 2])
def test_a_colour_picture_is_set_in_one_channel_or_in_all(channel):
    picture = picture_of(shape=(4, 5, 3))
    expected = picture.pixels.copy()
    expected[1, 2, slice(None) if channel is None else channel] = 200
    np.testing.assert_array_equal(with_pixel(picture, 1, 2, 200, channel).pixels, expected)


def test_the_given_picture_stays_as_it_is():
    picture = picture_of()
    before = picture.pixels.copy()
    with_pixel(picture, 0, 0, 9)
    with_stroke(picture, (0, 0), (6, 8), 9, size=3)
    filled(picture, 9)
    np.testing.assert_array_equal(picture.pixels, before)


@pytest.mark.parametrize("edit", [lambda p: with_pixel(p, 0, 4, 4), lambda p: with_stroke(p, (-9, 0), (-5, 3), 1)])
def test_what_changes_nothing_gives_the_same_picture(edit):
    picture = picture_of()
    assert edit(picture) is picture


def test_a_pixel_that_is_not_a_number_is_no_difference():
    picture = Picture(np.array([[np.nan, 2.0]], np.float32), 1.0)
    assert with_pixel(picture, 0, 1, 2) is picture
    np.testing.assert_array_equal(with_pixel(picture, 0, 0, 2).pixels, [[2, 2]])


@pytest.mark.parametrize(("dtype", "white", "value"), [("u1", 3, 9), ("u2", 4095, 5000)])
def test_a_value_above_white_becomes_white(dtype, white, value):
    edited = with_pixel(picture_of(dtype, white=white), 0, 0, value)
    assert (edited.pixels[0, 0], edited.white) == (value, value)
    assert with_pixel(picture_of(dtype, white=white), 0, 0, 1).white == white


@pytest.mark.parametrize(
    ("picture", "value", "sentence"),
    [
        (picture_of("u1"), 256, "The value is 256, .* whole number from 0 to 255."),
        (picture_of("u1"), -1, "The value is -1, .* whole number from 0 to 255."),
        (picture_of("u1"), 2.5, "The value is 2.5, .* whole number from 0 to 255."),
        (picture_of("u1"), np.nan, "The value is NaN, .* whole number from 0 to 255."),
        (picture_of("i2"), 40000, "whole number from -32768 to 32767."),
        (picture_of("i8"), 2.0**63, "whole number from "),
        (picture_of("f4"), np.nan, "The value is NaN, .* finite number"),
        (picture_of("f4"), np.inf, "The value is ∞, .* finite number"),
        (picture_of("f4"), 1e39, "finite number from -3.403e.38 to 3.403e.38."),
        (picture_of("f8"), -np.inf, "finite number"),
    ],
)
def test_a_value_beyond_the_range_is_refused_with_the_range(picture, value, sentence):
    for edit in (lambda: with_pixel(picture, 0, 0, value), lambda: filled(picture, value),
                 lambda: with_stroke(picture, (0, 0), (1, 1), value)):  # fmt: skip
        with pytest.raises(ValueError, match=sentence):
            edit()


@pytest.mark.parametrize("dtype", ["u1", "u2", "i2", "u8", "i8", "f4", "f8", "g"])
def test_both_ends_of_the_range_can_be_set(dtype):
    picture = picture_of(dtype)
    for value in value_range(picture):
        edited = with_pixel(picture, 0, 0, value)
        assert edited.pixels[0, 0] == value
        assert np.isfinite(edited.pixels[0, 0])


@pytest.mark.parametrize(
    ("place", "sentence"), [((7, 0), "y is 7, .* 0 to 6"), ((0, -1), "x is -1, .* 0 to 8"), ((0, 9), "x is 9, ")]
)
def test_a_place_outside_is_refused(place, sentence):
    with pytest.raises(ValueError, match=sentence):
        with_pixel(picture_of(), *place, 1)


@pytest.mark.parametrize(
    ("shape", "channel", "sentence"),
    [((3, 3), 0, "grey"), ((3, 3, 3), 3, "from 0 to 2"), ((3, 3, 3), -1, "from 0 to 2")],
)
def test_a_channel_that_is_not_there_is_refused(shape, channel, sentence):
    with pytest.raises(ValueError, match=sentence):
        with_pixel(picture_of(shape=shape), 0, 0, 1, channel)


@given(PLACES, PLACES)
def test_a_line_passes_every_pixel_on_its_way(start, end):
    found = line(start, end)
    assert {tuple(map(int, each)) for each in found} == _on_the_way(start, end)
    assert (tuple(found[0]), tuple(found[-1])) == (start, end)
    assert np.abs(np.diff(found, axis=0)).max(initial=0) <= 1


@given(PLACES, PLACES, st.sampled_from([1, 2, 3]))
def test_a_stroke_is_the_brush_set_down_at_every_pixel_of_the_line(start, end, size):
    picture = picture_of()
    expected = picture.pixels.copy()
    for y, x in _on_the_way(start, end):
        top, left = y - (1 if size == 3 else 0), x - (1 if size == 3 else 0)
        expected[max(top, 0) : max(top + size, 0), max(left, 0) : max(left + size, 0)] = 250
    np.testing.assert_array_equal(with_stroke(picture, start, end, 250, size=size).pixels, expected)


@pytest.mark.parametrize("size", [0, 4, 1.5])
def test_a_brush_of_another_size_is_refused(size):
    with pytest.raises(ValueError, match="one of 1, 2, 3"):
        with_stroke(picture_of(), (0, 0), (1, 1), 1, size=size)


def test_filling_sets_every_pixel_of_one_channel_or_all():
    picture = picture_of(shape=(4, 5, 3))
    np.testing.assert_array_equal(filled(picture, 7).pixels, np.full((4, 5, 3), 7))
    expected = picture.pixels.copy()
    expected[:, :, 1] = 7
    np.testing.assert_array_equal(filled(picture, 7, 1).pixels, expected)


def test_an_edited_picture_says_so_once_and_no_longer_comes_from_its_source():
    once = with_pixel(open_sample("camera"), 0, 0, 3)
    twice = with_pixel(once, 0, 1, 3)
    for each in (once, twice):
        assert each.origin == Origin("output", None, "camera, edited")
    of_file = picture_of(origin=Origin("file", "/pictures/photo.png", "photo.png"))
    assert filled(of_file, 0).origin == Origin("output", None, "photo, edited")


def test_the_largest_picture_that_is_drawn_on_has_64_pixels_a_side():
    assert is_small(picture_of(shape=(64, 64)))
    assert not is_small(picture_of(shape=(65, 1)))
    assert not is_small(picture_of(shape=(1, 65, 3)))


@pytest.mark.parametrize(
    ("bits", "dtype", "value", "white"),
    [(8, np.uint8, 200, 255), (16, np.uint16, 60000, 65535), (32, np.float32, 0.25, 1), (32, np.float32, -90, 1),
     (32, np.float32, 90, 255)],
)  # fmt: skip
def test_a_new_picture_has_one_value(bits, dtype, value, white):
    made = new_picture(64, 3, value, bits)
    assert (made.pixels.dtype, made.white, made.is_grey) == (dtype, white, True)
    np.testing.assert_array_equal(made.pixels, np.full((64, 3), value, dtype))
    assert made.origin.kind == "output"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((65, 65), "The height is 65, but a new picture has 1 to 64 rows"),
        ((1, 65), "The width is 65, but a new picture has 1 to 64 columns"),
        ((0, 3), "The height is 0"),
        ((3, 2.5), "The width is 2.5"),
        ((3, np.nan), "The width is NaN"),
        ((3, 3, 256), "whole number from 0 to 255"),
        ((3, 3, 65536, 16), "whole number from 0 to 65535"),
        ((3, 3, np.nan, 32), "finite number"),
        ((3, 3, 0, 12), "one of 8, 16, 32"),
    ],
)
def test_a_new_picture_that_is_not_possible_is_refused_in_words(arguments, sentence):
    with pytest.raises(ValueError, match=sentence):
        new_picture(*arguments)


def test_a_copy_keeps_what_is_known_of_an_edited_picture(tmp_path):
    edited = with_pixel(picture_of("u2", white=4095.0, note="page 2 of 3", bits="12-bit grey"), 1, 1, 4000)
    write_copy(edited, tmp_path / "copy.npz")
    again = read_copy(tmp_path / "copy.npz", edited.origin)
    np.testing.assert_array_equal(again.pixels, edited.pixels)
    assert (again.note, again.bits, again.white) == ("page 2 of 3", "12-bit grey", 4095.0)
