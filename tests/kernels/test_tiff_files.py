"""TIFF keeps its numbers in all its layouts: each is written by an independent library and read back exactly."""

import numpy as np
import pytest
import tifffile
from PIL import Image

from kernels.pictures.reading import read_picture

RANDOM = np.random.default_rng(7)
GREY8 = RANDOM.integers(0, 256, (9, 14), dtype=np.uint8)
RGB8 = RANDOM.integers(0, 256, (9, 14, 3), dtype=np.uint8)
ALPHA8 = RANDOM.integers(0, 256, (9, 14), dtype=np.uint8)
GREY16 = RANDOM.integers(0, 65536, (9, 14), dtype=np.uint16)
RGB16 = RANDOM.integers(0, 65536, (9, 14, 3), dtype=np.uint16)


@pytest.mark.parametrize("dtype", ["u1", "u2", "u4", "i2", "f4", "f8", ">u2", ">f4"])
@pytest.mark.parametrize("shape", [(9, 14), (9, 14, 3)], ids=["grey", "rgb"])
@pytest.mark.parametrize("compression", [None, "zlib"])
def test_tiff_of_every_number_is_read_exactly(tmp_path, dtype, shape, compression):
    values = (RANDOM.random(shape) * 250).astype(dtype)
    kind = "rgb" if len(shape) == 3 else "minisblack"
    order = ">" if dtype.startswith(">") else "<"
    tifffile.imwrite(tmp_path / "t.tif", values, photometric=kind, compression=compression, byteorder=order)
    picture = read_picture(tmp_path / "t.tif")
    np.testing.assert_array_equal(picture.pixels, values)
    assert picture.pixels.dtype == np.dtype(dtype).newbyteorder("=")


def test_half_floats_are_widened(tmp_path):
    values = RANDOM.random((4, 5)).astype(np.float16)
    tifffile.imwrite(tmp_path / "h.tif", values)
    picture = read_picture(tmp_path / "h.tif")
    assert picture.pixels.dtype == np.float32
    np.testing.assert_array_equal(picture.pixels, values)


@pytest.mark.parametrize("compression", ["tiff_lzw", "jpeg", "packbits", "tiff_adobe_deflate"])
def test_compressed_tiff(tmp_path, compression):
    path = tmp_path / "c.tif"
    Image.fromarray(RGB8).save(path, compression=compression)
    np.testing.assert_array_equal(read_picture(path).pixels, np.asarray(Image.open(path)))


def test_fax_compressed_tiff(tmp_path):
    bits = RANDOM.integers(0, 2, (20, 30)).astype(bool)
    Image.fromarray(bits).save(tmp_path / "fax.tif", compression="group4")
    np.testing.assert_array_equal(read_picture(tmp_path / "fax.tif").pixels, np.where(bits, 255, 0))


def test_16_bit_lzw_tiff_keeps_16_bits(tmp_path):
    from kernels.opencv import cv2

    cv2.imwrite(str(tmp_path / "lzw.tif"), RGB16[:, :, ::-1], [cv2.IMWRITE_TIFF_COMPRESSION, 5])
    picture = read_picture(tmp_path / "lzw.tif")
    assert picture.pixels.dtype == np.uint16
    np.testing.assert_array_equal(picture.pixels, RGB16)


def test_first_page_of_a_multi_page_tiff(tmp_path):
    pages = RANDOM.integers(0, 256, (5, 9, 14), dtype=np.uint8)
    with tifffile.TiffWriter(tmp_path / "m.tif") as file:
        for page in pages:
            file.write(page, contiguous=False)
    picture = read_picture(tmp_path / "m.tif")
    np.testing.assert_array_equal(picture.pixels, pages[0])
    assert picture.note == "page 1 of 5"


def test_tiff_layouts(tmp_path):
    path = tmp_path / "l.tif"
    tifffile.imwrite(path, np.moveaxis(RGB16, -1, 0), photometric="rgb", planarconfig="separate")
    np.testing.assert_array_equal(read_picture(path).pixels, RGB16)
    tifffile.imwrite(path, RANDOM.random((40, 50)).astype(np.float32), tile=(16, 16))
    assert read_picture(path).shape == (40, 50)
    tifffile.imwrite(path, np.dstack([RGB8, ALPHA8]), photometric="rgb", extrasamples=["unassalpha"])
    picture = read_picture(path)
    np.testing.assert_array_equal(picture.pixels, RGB8)
    np.testing.assert_array_equal(picture.alpha, ALPHA8)
    tifffile.imwrite(path, GREY16, photometric="miniswhite")
    np.testing.assert_array_equal(read_picture(path).pixels, 65535 - GREY16)
    tifffile.imwrite(path, GREY8, bigtiff=True)
    np.testing.assert_array_equal(read_picture(path).pixels, GREY8)
    five = RANDOM.integers(0, 256, (9, 14, 5), dtype=np.uint8)
    tifffile.imwrite(path, five, photometric="rgb", extrasamples=["unspecified", "unspecified"])
    picture = read_picture(path)
    np.testing.assert_array_equal(picture.pixels, five[:, :, :3])
    assert picture.note == "2 more channels left out"
    inks = np.zeros((2, 2, 4), np.uint16)
    inks[0, 0] = (65535, 0, 0, 0)
    inks[1, 1] = (0, 0, 0, 65535)
    tifffile.imwrite(path, inks, photometric="separated")
    pixels = read_picture(path).pixels
    assert pixels[0, 0].tolist() == [0, 65535, 65535]
    assert pixels[1, 1].tolist() == [0, 0, 0]
    assert pixels[0, 1].tolist() == [65535] * 3


def test_non_finite_pixels_are_kept_and_counted(tmp_path):
    values = RANDOM.random((6, 7, 3)).astype(np.float32)
    values[0, 0, 1] = np.nan
    values[2, 3] = np.inf
    values[5, 6, 2] = -np.inf
    tifffile.imwrite(tmp_path / "n.tif", values, photometric="rgb")
    picture = read_picture(tmp_path / "n.tif")
    np.testing.assert_array_equal(picture.pixels, values)
    assert picture.non_finite == 3
    assert picture.white == 1.0
