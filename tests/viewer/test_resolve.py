"""Requests that show pictures: an input is shown by its file's range, the output of a derivative around 0."""

import weakref

import numpy as np
import pytest

from kernels.filtering.engine import correlate
from kernels.kernel import library
from kernels.pictures.picture import from_array
from kernels.pictures.reading import open_sample
from viewer.resolve import DIVERGING, input_display, selected
from viewer.resolve_pictures import AdoptRequest


class Control:
    """Lets a request run to its end."""

    def cancelled(self):
        return False

    def progress(self, fraction):
        pass


def shown(array, white=255.0):
    picture = AdoptRequest(array=array, white=white, name="Output").run(Control())
    return input_display(picture).run(Control())


def photograph():
    return open_sample("camera").pixels


def single_bright_pixel():
    pixels = np.zeros((101, 101), np.uint8)
    pixels[50, 50] = 255
    return pixels


def test_a_file_is_shown_by_its_own_range():
    result = input_display(open_sample("camera")).run(Control())
    assert (result.mode, result.levels, result.colour_map) == ("clip", (0.0, 255.0), "grey")


@pytest.mark.parametrize("make", [photograph, single_bright_pixel])
def test_a_derivative_as_input_is_shown_around_zero(make):
    result = shown(correlate(make(), library.get("sobel-x")))
    assert result.mode == "signed"
    assert result.colour_map == DIVERGING
    assert result.levels[0] == -result.levels[1]


def test_a_derivative_of_colours_is_shown_around_grey():
    result = shown(correlate(open_sample("chelsea").pixels, library.get("sobel-x")))
    assert (result.mode, result.colour_map) == ("signed", "grey")


@pytest.mark.parametrize("name", ["sharpen", "gaussian", "identity"])
def test_a_picture_that_stays_one_is_shown_as_one(name):
    result = shown(correlate(photograph(), library.get(name)))
    assert (result.mode, result.levels) == ("clip", (0.0, 255.0))


def test_negative_and_missing_values_alone_are_shown_too():
    assert shown(np.full((4, 4), -3.0)).mode == "signed"
    assert shown(np.full((4, 4), np.nan)).mode == "clip"


def test_non_finite_pixels_are_counted_by_the_worker():
    pixels = np.zeros((3, 3), np.float32)
    pixels[1, 1] = np.nan
    picture = AdoptRequest(array=pixels, white=1.0, name="Output").run(Control())
    assert "non_finite" in vars(picture)
    assert picture.non_finite == from_array(pixels).non_finite == 1


def test_only_the_last_channel_selection_is_held():
    pictures = [open_sample("chelsea"), open_sample("coffee")]
    held = [weakref.ref(selected(picture, "luma")) for picture in pictures]
    assert [each() is None for each in held] == [True, False]
    assert selected(pictures[1], "luma") is held[1]()
