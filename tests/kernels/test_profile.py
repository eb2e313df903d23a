"""Values along a line: the same pixels as scikit-image draws, the same numbers as the array holds."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernels import Kernel, correlate
from kernels.filtering.engine import run
from kernels.filtering.geometry import SlidingOptions, geometry
from kernels.pictures.picture import PictureError
from kernels.pictures.profile import output_profile, profile, write_profile

RANDOM = np.random.default_rng(4)
places = st.tuples(st.integers(0, 29), st.integers(0, 39))


@given(places, places)
def test_the_pixels_are_those_of_a_drawn_line(start: tuple[int, int], end: tuple[int, int]) -> None:
    from skimage.draw import line

    array = np.arange(30 * 40).reshape(30, 40)
    found = profile(array, start, end)
    rows, columns = line(*start, *end)
    np.testing.assert_array_equal(found.positions, np.stack([rows, columns], axis=1))
    np.testing.assert_array_equal(found.values, array[rows, columns])
    assert len(found.distances) == max(abs(start[0] - end[0]), abs(start[1] - end[1])) + 1
    # A pixel is at most half a pixel from its place on the line.
    length = np.hypot(end[0] - start[0], end[1] - start[1])
    assert found.distances[0] == 0
    assert found.distances[-1] == pytest.approx(length)
    on_line = np.add.outer(found.distances / (length or 1), np.zeros(2)) * np.subtract(end, start) + start
    assert np.abs(on_line - found.positions).max() <= 0.5 + 1e-9


@pytest.mark.parametrize("dtype", ["u1", "u2", "f4", "f8", "?"])
def test_values_are_the_stored_ones_with_their_dtype_and_channels(dtype: str) -> None:
    array = (RANDOM.random((6, 7, 3)) * 200).astype(dtype)
    found = profile(array, (2, 0), (2, 6))
    assert found.values.dtype == array.dtype
    np.testing.assert_array_equal(found.values, array[2])
    assert found.channels == ("R", "G", "B")
    assert profile(array[..., 0], (2, 0), (2, 6)).channels == ()
    assert profile(np.zeros((2, 2, 5)), (0, 0), (1, 1)).channels == ("1", "2", "3", "4", "5")
    with pytest.raises(ValueError, match="read-only"):
        found.values[0] = 0


def test_one_pixel_is_a_line() -> None:
    found = profile(np.full((1, 1), 7), (0, 0), (0, 0))
    assert (found.positions.tolist(), found.distances.tolist(), found.values.tolist()) == ([[0, 0]], [0.0], [7])


@pytest.mark.parametrize(
    ("start", "end", "error", "words"),
    [
        ((0, 5), (1, 1), ValueError, r"start is \(0, 5\), but must lie inside the array of 4 × 5"),
        ((0, 0), (4, 0), ValueError, r"end is \(4, 0\)"),
        ((0, 0), (-1, 0), ValueError, "end is -1"),
        ((0, 0.5), (1, 0), TypeError, "start is 0.5"),
        (3, (1, 0), ValueError, "start is 3, but must be a pair"),
    ],
)
def test_positions_must_be_pixels(start: Any, end: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        profile(np.zeros((4, 5)), start, end)


def test_only_pictures_have_lines() -> None:
    with pytest.raises(ValueError, match="shape"):
        profile(np.zeros(5), (0, 0), (0, 1))
    with pytest.raises(TypeError, match="masked"):
        profile(np.ma.zeros((4, 5)), (0, 0), (0, 1))


@pytest.mark.parametrize("padding", ["valid", "same", "full"])
@pytest.mark.parametrize("operation", ["correlation", "convolution"])
def test_the_output_along_a_line_on_the_picture(padding: str, operation: str) -> None:
    """A shifted impulse copies the pixel under the anchor: input and output agree wherever there is output."""
    image = RANDOM.random((12, 15))
    weights = np.zeros((3, 4))
    weights[1, 1] = 1
    kernel = Kernel(weights)
    options = SlidingOptions(operation, padding)
    line = profile(image, (0, 0), (11, 14))
    found = output_profile(line, run(image, kernel, options), geometry(image.shape, kernel.shape, options))
    kept = np.isin(line.distances, found.distances)
    np.testing.assert_array_equal(found.values, line.values[kept])
    # Anchors of windows inside the picture stand on rows 1 to 10 and on 12 columns.
    left = 1 if operation == "correlation" else 2
    y, x = line.positions.T
    inside = (y >= 1) & (y <= 10) & (x >= left) & (x < left + 12)
    np.testing.assert_array_equal(kept, inside if padding == "valid" else np.ones(15, bool))


def test_the_output_of_a_stride_repeats_as_its_pixels_are_wide() -> None:
    image = np.arange(12.0)[np.newaxis]
    output = correlate(image, Kernel([[1.0]]), stride=3)
    options = SlidingOptions(stride=3)
    found = output_profile(profile(image, (0, 0), (0, 11)), output, geometry((1, 12), (1, 1), options))
    assert found.values.tolist() == [0, 0, 3, 3, 3, 6, 6, 6, 9, 9, 9]
    assert found.distances.tolist() == list(range(11))
    assert found.positions[:, 1].tolist() == [0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]


def test_an_output_of_another_size_is_refused() -> None:
    line = profile(np.zeros((5, 5)), (0, 0), (4, 4))
    with pytest.raises(ValueError, match="its windows give"):
        output_profile(line, np.zeros((4, 4)), geometry((5, 5), (3, 3), SlidingOptions()))


def read(path: Path) -> tuple[list[str], list[list[str]]]:
    with open(path, newline="", encoding="ascii") as file:
        header, *rows = csv.reader(file)
    return header, rows


def test_a_file_holds_every_number_exactly(tmp_path: Path) -> None:
    image = RANDOM.integers(0, 256, (20, 30)).astype(np.uint8)
    kernel, options = Kernel(np.ones((5, 5)), divisor=25), SlidingOptions(padding="valid")
    output = correlate(image, kernel, padding="valid")
    line = profile(image, (3, 0), (17, 29))
    made = output_profile(line, output, geometry(image.shape, kernel.shape, options))
    write_profile(tmp_path / "line.csv", line, made)
    header, rows = read(tmp_path / "line.csv")
    assert header == ["distance", "y", "x", "input", "output"]
    np.testing.assert_array_equal([float(row[0]) for row in rows], line.distances)
    np.testing.assert_array_equal([[int(cell) for cell in row[1:3]] for row in rows], line.positions)
    np.testing.assert_array_equal([int(row[3]) for row in rows], line.values)
    there = [row[4] != "" for row in rows]
    assert not all(there)
    np.testing.assert_array_equal(np.array([row[4] for row in rows if row[4]], np.float32), made.values)
    np.testing.assert_array_equal(line.distances[there], made.distances)
    assert os.listdir(tmp_path) == ["line.csv"]


def test_channels_have_columns_and_what_is_not_finite_is_written(tmp_path: Path) -> None:
    image = np.array([[[1, 2, 3], [np.nan, np.inf, 0.1]]], np.float32)
    line = profile(image, (0, 0), (0, 1))
    write_profile(tmp_path / "a.csv", line)
    assert read(tmp_path / "a.csv") == (
        ["distance", "y", "x", "input R", "input G", "input B"],
        [["0.0", "0", "0", "1.0", "2.0", "3.0"], ["1.0", "0", "1", "nan", "inf", "0.1"]],
    )
    write_profile(tmp_path / "b.csv", line, profile(image[..., 0], (0, 0), (0, 1)))
    assert read(tmp_path / "b.csv")[0][-2:] == ["input B", "output"]


def test_a_file_that_cannot_be_written_says_why(tmp_path: Path) -> None:
    line = profile(np.zeros((2, 2)), (0, 0), (1, 1))
    with pytest.raises(PictureError, match=r"must end in \.csv"):
        write_profile(tmp_path / "a.txt", line)
    with pytest.raises(OSError, match="There is no folder"):
        write_profile(tmp_path / "missing" / "a.csv", line)
    assert os.listdir(tmp_path) == []
