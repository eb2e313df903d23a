"""Picture files that common libraries read wrongly or not at all: odd depths, transparent levels, other suffixes."""

import io
import struct
import zlib

import numpy as np
import pytest
import tifffile
from PIL import Image

from kernels.pictures.picture import PictureError
from kernels.pictures.reading import read_picture

RANDOM = np.random.default_rng(11)
GREY = RANDOM.integers(0, 256, (7, 10), dtype=np.uint8)


def packed_png(levels, depth, key):
    """Write a grey PNG of 1, 2 or 4 bits with one transparent level."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = b"".join(b"\0" + packed_bits(row, depth) for row in levels)
    header = struct.pack(">IIBBBBB", levels.shape[1], levels.shape[0], depth, 0, 0, 0, 0)
    parts = [(b"IHDR", header), (b"tRNS", struct.pack(">H", key)), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


def packed_bits(values, depth):
    """Write numbers of `depth` bits one behind the other, filled up to whole bytes."""
    bits = (np.asarray(values)[:, None] >> np.arange(depth)[::-1]) & 1
    return np.packbits(bits.ravel().astype(np.uint8)).tobytes()


def packed_tiff(values, depth):
    """Write an uncompressed grey TIFF of any depth, straight from the format's description (TIFF 6.0, 1992)."""
    data = b"".join(packed_bits(row, depth) for row in values)
    height, width = values.shape
    tags = [(256, width), (257, height), (258, depth), (259, 1), (262, 1), (273, 8), (277, 1), (278, height)]
    tags.append((279, len(data)))
    data += bytes(len(data) % 2)
    directory = struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    return b"II*\0" + struct.pack("<I", 8 + len(data)) + data + directory + bytes(4)


@pytest.mark.parametrize("depth", [1, 2, 4])
def test_a_transparent_level_of_a_shallow_png(tmp_path, depth):
    levels = RANDOM.integers(0, 2**depth, (7, 10))
    key = 2**depth - 1
    path = tmp_path / "key.png"
    path.write_bytes(packed_png(levels, depth, key))
    picture = read_picture(path)
    np.testing.assert_array_equal(picture.pixels, levels * (255 // (2**depth - 1)))
    np.testing.assert_array_equal(picture.alpha, np.where(levels == key, 0, 255))


@pytest.mark.parametrize("depth", [10, 12, 14])
def test_a_tiff_of_odd_depth_keeps_its_numbers_and_white(tmp_path, depth):
    values = RANDOM.integers(0, 2**depth, (7, 10))
    path = tmp_path / "deep.tif"
    path.write_bytes(packed_tiff(values, depth))
    picture = read_picture(path)
    np.testing.assert_array_equal(picture.pixels, values)
    assert picture.pixels.dtype == np.uint16
    assert picture.white == 2**depth - 1
    assert picture.bits == f"{depth}-bit grey"


def test_a_tiff_of_4_bits(tmp_path):
    values = RANDOM.integers(0, 16, (7, 10))
    path = tmp_path / "shallow.tif"
    path.write_bytes(packed_tiff(values, 4))
    np.testing.assert_array_equal(read_picture(path).pixels, values * 17)


@pytest.mark.parametrize("layout", ["tiled", "planes apart", "big", "big-endian"])
@pytest.mark.parametrize("dtype", ["u1", "u2", "f4", "f8"])
def test_a_tiff_of_any_layout(tmp_path, layout, dtype):
    pixels = RANDOM.integers(0, 256, (33, 20, 3)).astype(dtype)
    path = tmp_path / "p.tif"
    if layout == "planes apart":
        tifffile.imwrite(path, np.moveaxis(pixels, 2, 0), photometric="rgb", planarconfig="separate")
    else:
        options = {"tiled": {"tile": (16, 16)}, "big": {"bigtiff": True}, "big-endian": {"byteorder": ">"}}[layout]
        tifffile.imwrite(path, pixels, photometric="rgb", **options)
    np.testing.assert_array_equal(read_picture(path).pixels, pixels)


def test_a_tiff_compressed_in_an_unknown_way_is_not_called_damaged(tmp_path):
    path = tmp_path / "p.tif"
    data = bytearray(packed_tiff(RANDOM.integers(0, 65536, (7, 10)), 16))
    place = data.index(struct.pack("<HHII", 259, 4, 1, 1))
    data[place : place + 12] = struct.pack("<HHII", 259, 4, 1, 34887)
    path.write_bytes(bytes(data))
    with pytest.raises(PictureError, match=r"p\.tif cannot be opened: its compression, LERC, is not known\."):
        read_picture(path)


@pytest.mark.parametrize(("head", "name"), [(b"P7\nWIDTH 2\n", "PAM"), (b"Pf\n2 2\n-1.0\n", "PFM"), (b"PF\n", "PFM")])
def test_relatives_of_ppm_are_named(tmp_path, head, name):
    path = tmp_path / "p.ppm"
    path.write_bytes(head + bytes(40))
    with pytest.raises(PictureError, match=f"is a {name} picture"):
        read_picture(path)


def test_python_objects_in_an_array_are_named(tmp_path):
    np.save(tmp_path / "o.npy", np.array([[{}]], dtype=object), allow_pickle=True)
    with pytest.raises(PictureError, match="Python objects"):
        read_picture(tmp_path / "o.npy")


def test_a_plain_pgm_has_the_depth_that_its_white_asks_for(tmp_path):
    (tmp_path / "dark.pgm").write_bytes(b"P2 2 1 1023 3 200")
    picture = read_picture(tmp_path / "dark.pgm")
    assert (picture.pixels.dtype, picture.white) == (np.uint16, 1023)
    assert picture.pixels.tolist() == [[3, 200]]


@pytest.mark.parametrize("kind", ["PNG", "BMP", "GIF", "TIFF", "PPM"])
@pytest.mark.parametrize("suffix", ["jpg", "npy", "txt", "tif", ""])
def test_a_renamed_file_is_known_by_its_content(tmp_path, kind, suffix):
    buffer = io.BytesIO()
    Image.fromarray(GREY).save(buffer, kind)
    path = tmp_path / f"renamed.{suffix}"
    path.write_bytes(buffer.getvalue())
    np.testing.assert_array_equal(read_picture(path).pixels, GREY)
