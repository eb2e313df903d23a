"""What is written opens again with the same numbers; a failed save leaves nothing."""

import os
import sys

import numpy as np
import pytest
import tifffile
from PIL import Image

from kernels.pictures.picture import PictureError
from kernels.pictures.reading import read_picture
from kernels.pictures.writing import check_target, write_16_bit, write_raw, write_shown

RANDOM = np.random.default_rng(11)


@pytest.mark.parametrize("suffix", [".tif", ".tiff", ".npy", ".TIF"])
@pytest.mark.parametrize("dtype", ["f4", "f8", "u1", "u2", "i4"])
@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 3), (1, 1), (1, 300), (3, 3, 3), (4, 3), (3, 4, 3)])
def test_raw_files_open_again_with_equal_values(tmp_path, suffix, dtype, shape):
    values = (RANDOM.normal(size=shape) * 1000).astype(dtype)
    path = tmp_path / f"raw{suffix}"
    write_raw(path, values, white=255.0)
    picture = read_picture(path)
    np.testing.assert_array_equal(picture.pixels, values)
    assert picture.pixels.dtype == values.dtype
    if suffix == ".npy":
        np.testing.assert_array_equal(np.load(path, allow_pickle=False), values)
    else:
        np.testing.assert_array_equal(tifffile.imread(path), values)
        if dtype.startswith("f"):
            assert picture.white == 255.0
    assert os.listdir(tmp_path) == [path.name]


def test_raw_keeps_what_is_not_finite(tmp_path):
    values = np.array([[np.nan, np.inf], [-np.inf, 1.5]], np.float32)
    for name in ("a.tif", "a.npy"):
        write_raw(tmp_path / name, values)
        np.testing.assert_array_equal(read_picture(tmp_path / name).pixels, values)


@pytest.mark.parametrize("suffix", [".png", ".tif"])
@pytest.mark.parametrize("shape", [(6, 8), (6, 8, 3)])
def test_16_bit_files_keep_whole_numbers_and_count_the_rest(tmp_path, suffix, shape):
    values = RANDOM.integers(0, 65536, shape).astype(np.float32)
    path = tmp_path / f"deep{suffix}"
    fitted = write_16_bit(path, values)
    np.testing.assert_array_equal(read_picture(path).pixels, values)
    assert (fitted.below, fitted.above, fitted.non_finite) == (0, 0, 0)
    values.flat[:4] = [-3.0, 70000.0, np.nan, 12.4]
    fitted = write_16_bit(path, values)
    assert (fitted.below, fitted.above, fitted.non_finite) == (1, 1, 1)
    assert read_picture(path).pixels.flat[:4].tolist() == [0, 65535, 0, 12]


@pytest.mark.parametrize("shape", [(1, 1), (40, 50), (40, 50, 3), (301, 203, 3)])
def test_a_jpeg_is_what_pillow_writes_at_quality_95_with_all_colours(tmp_path, shape):
    painted = RANDOM.integers(0, 256, shape, np.uint8)
    write_shown(tmp_path / "own.jpg", painted)
    Image.fromarray(painted).save(tmp_path / "theirs.jpg", quality=95, subsampling=0)
    own, theirs = (Image.open(tmp_path / name) for name in ("own.jpg", "theirs.jpg"))
    assert own.quantization == theirs.quantization
    assert own.layer == theirs.layer
    np.testing.assert_array_equal(np.asarray(own), np.asarray(theirs))


def test_16_bit_between_levels(tmp_path):
    write_16_bit(tmp_path / "d.png", np.array([[-1.0, 0.0, 1.0]]), (-1.0, 1.0))
    assert read_picture(tmp_path / "d.png").pixels.tolist() == [[0, 32768, 65535]]


@pytest.mark.parametrize("suffix", [".png", ".tif", ".webp", ".bmp", ".npy", ".jpg"])
@pytest.mark.parametrize("shape", [(20, 30), (20, 30, 3)])
def test_shown_files(tmp_path, suffix, shape):
    painted = np.broadcast_to(
        np.linspace(0, 255, shape[1]).astype(np.uint8).reshape(1, -1, *[1] * (len(shape) - 2)), shape
    )
    path = tmp_path / f"shown{suffix}"
    write_shown(path, painted)
    pixels = read_picture(path).pixels.astype(int)
    if suffix == ".webp" and len(shape) == 2:
        pixels = pixels[:, :, 0]
    assert np.abs(pixels - painted).max() <= (3 if suffix == ".jpg" else 0)


def test_refusals(tmp_path):
    with pytest.raises(PictureError, match=r"must end in \.tif"):
        write_raw(tmp_path / "a.png", np.zeros((2, 2)))
    with pytest.raises(PictureError, match="8 bits"):
        write_shown(tmp_path / "a.png", np.zeros((2, 2), np.float32))
    with pytest.raises(PictureError, match=r"16,383 pixels a side"):
        write_shown(tmp_path / "a.webp", np.zeros((1, 16384), np.uint8))
    with pytest.raises(PictureError, match="shape"):
        write_raw(tmp_path / "a.tif", np.zeros((2, 2, 2)))
    with pytest.raises(PictureError, match="must be below"):
        write_16_bit(tmp_path / "a.png", np.zeros((2, 2)), (1.0, 1.0))
    assert list(tmp_path.iterdir()) == []


def test_the_input_is_never_the_output(tmp_path):
    path = tmp_path / "p.png"
    Image.new("L", (2, 2)).save(path)
    (tmp_path / "sub").mkdir()
    for same in (path, tmp_path / "sub" / ".." / "p.png"):
        with pytest.raises(PictureError, match="is the input itself"):
            check_target(same, (".png",), [str(path)])
    os.link(path, tmp_path / "linked.png")
    with pytest.raises(PictureError, match="is the input itself"):
        check_target(tmp_path / "linked.png", (".png",), [str(path)])
    check_target(tmp_path / "other.png", (".png",), [str(path), None])


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on the size of files there")
@pytest.mark.parametrize("name", ["a.tif", "a.npy", "a.png", "a.bmp"])
def test_a_disk_that_fills_up_leaves_nothing(tmp_path, name):
    """Libraries report a short write in their own words; the user reads that there is no room."""
    import resource

    save = write_raw if name in ("a.tif", "a.npy") else write_shown
    noise = np.random.default_rng(0).integers(0, 256, (100, 100), dtype=np.uint8)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (400, before[1]))
    try:
        with pytest.raises(OSError, match="no room left"):
            save(tmp_path / name, noise)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(tmp_path.iterdir()) == []


def test_an_older_file_survives_a_failed_save(tmp_path, monkeypatch):
    path = tmp_path / "a.npy"
    write_raw(path, np.ones((2, 2)))

    def interrupted(file, *arguments, **options):
        file.write(b"some")
        raise KeyboardInterrupt

    monkeypatch.setattr(np, "save", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_raw(path, np.zeros((3, 3)))
    np.testing.assert_array_equal(np.load(path), np.ones((2, 2)))
    assert os.listdir(tmp_path) == ["a.npy"]
