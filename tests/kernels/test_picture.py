"""Pictures in memory: what they hold, what they refuse, and what white is."""

import numpy as np
import pytest

from kernels.pictures.picture import Origin, Picture, PictureError, from_array, usual_white
from kernels.pictures.reading import open_picture, read_picture
from tests.fuzz import seeds


def test_properties():
    picture = Picture(np.zeros((4, 6, 3), np.uint16), 65535, np.zeros((4, 6), np.uint16), note="page 1 of 2")
    assert (picture.height, picture.width, picture.shape) == (4, 6, (4, 6, 3))
    assert not picture.is_grey
    assert picture.nbytes == 4 * 6 * 4 * 2
    assert picture.non_finite == 0
    assert picture.bits == "16-bit RGB with alpha"
    assert picture.file_range == (0.0, 65535.0)


@pytest.mark.parametrize(
    ("dtype", "bits"),
    [("u1", "8-bit grey"), ("u2", "16-bit grey"), ("f4", "32-bit float grey"), ("f8", "64-bit float grey"),
     ("i2", "16-bit signed grey")],
)  # fmt: skip
def test_bits_are_described(dtype, bits):
    assert Picture(np.zeros((2, 2), dtype)).bits == bits


def test_the_makers_array_is_neither_changed_nor_frozen():
    array = np.zeros((3, 3), np.float32)
    picture = from_array(array)
    array[0, 0] = 5
    assert picture.pixels[0, 0] == 0
    Picture(array)
    array[1, 1] = 7
    with pytest.raises(ValueError, match="read-only"):
        picture.pixels[0, 0] = 1


@pytest.mark.parametrize(
    ("array", "options"),
    [
        (np.zeros((2, 2, 2)), {}),
        (np.zeros(3), {}),
        (np.zeros((0, 3)), {}),
        (np.zeros((2, 2), complex), {}),
        (np.zeros((2, 2), object), {}),
        (np.zeros((2, 2)), {"white": 0.0}),
        (np.zeros((2, 2)), {"white": float("nan")}),
        (np.zeros((2, 2)), {"alpha": np.zeros((2, 3))}),
    ],
)
def test_what_is_no_picture_is_refused(array, options):
    with pytest.raises(PictureError):
        Picture(array, **options)


@pytest.mark.parametrize(
    ("array", "white"),
    [
        (np.zeros((2, 2), np.uint8), 255),
        (np.zeros((2, 2), np.uint16), 65535),
        (np.array([[0.0, 1.0]]), 1),
        (np.array([[0.0, 3.5]]), 1),
        (np.array([[0.0, 200.0]]), 255),
        (np.array([[0.0, 300.0]]), 65535),
        (np.array([[0.0, 1e9]]), 1e9),
        (np.array([[-5.0, np.nan]]), 1),
        (np.array([[np.inf, 100.0]]), 255),
        (np.array([[np.nan]]), 1),
        (np.array([[3, 4]]), 255),
    ],
)
def test_usual_white(array, white):
    assert usual_white(array) == white


def test_from_array_splits_alpha_and_takes_booleans():
    four = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    picture = from_array(four, name="clipboard")
    np.testing.assert_array_equal(picture.pixels, four[:, :, :3])
    np.testing.assert_array_equal(picture.alpha, four[:, :, 3])
    assert picture.origin == Origin("clipboard", None, "clipboard")
    mask = from_array(np.array([[True, False]]))
    assert mask.white == 1
    assert mask.pixels.tolist() == [[1, 0]]


def test_non_finite_is_counted_by_pixel_over_many_strips():
    pixels = np.zeros((3000, 2000, 3), np.float32)
    pixels[::1000, ::500] = np.nan
    pixels[2999, 1999, 0] = np.inf
    assert Picture(pixels).non_finite == 3 * 4 + 1


def test_a_file_wins_over_a_sample(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert open_picture("camera").origin.kind == "sample"
    (tmp_path / "coffee").mkdir()
    assert open_picture("coffee").origin.kind == "sample"
    (tmp_path / "camera").write_bytes(b"P5 1 1 255\n\x07")
    picture = open_picture("camera")
    assert picture.origin == Origin("file", str(tmp_path / "camera"), "camera")
    assert picture.pixels.tolist() == [[7]]


FILES = [data for kind in seeds.pictures().values() for data in kind]


@pytest.mark.parametrize("number", range(len(FILES)))
@pytest.mark.parametrize("part", [1.0, 0.6], ids=["whole", "cut short"])
def test_the_content_of_a_file_reads_as_the_file(number, part, tmp_path):
    content = FILES[number][: int(part * len(FILES[number]))]
    path = tmp_path / "a.bin"
    path.write_bytes(content)
    found = [_read(path), _read(path, content=content)]
    assert found[0] == found[1]


def _read(path, **options):
    try:
        picture = read_picture(path, **options)
    except PictureError as error:
        return str(error)
    opacity = None if picture.alpha is None else picture.alpha.tolist()
    return picture.pixels.tolist(), picture.bits, opacity, picture.white, picture.note
