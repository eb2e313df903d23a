"""Every format keeps its numbers: each picture is written by an independent library and read back exactly."""

import io
import struct
import zlib

import numpy as np
import pytest
import tifffile
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from kernels.pictures.formats import raster
from kernels.pictures.picture import PictureError
from kernels.pictures.reading import read_picture

RANDOM = np.random.default_rng(7)
GREY8 = RANDOM.integers(0, 256, (9, 14), dtype=np.uint8)
RGB8 = RANDOM.integers(0, 256, (9, 14, 3), dtype=np.uint8)
ALPHA8 = RANDOM.integers(0, 256, (9, 14), dtype=np.uint8)
GREY16 = RANDOM.integers(0, 65536, (9, 14), dtype=np.uint16)
RGB16 = RANDOM.integers(0, 65536, (9, 14, 3), dtype=np.uint16)


def png_bytes(samples, depth, colour_type, extra=b""):
    """Write a PNG with the filter "none", straight from the format's description."""
    height, width = samples.shape[:2]
    kind = ">u2" if depth == 16 else "u1"
    rows = b"".join(b"\0" + row.astype(kind).tobytes() for row in samples)

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + extra
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def saved(path, array, **options):
    Image.fromarray(array).save(path, **options)
    return path


@pytest.mark.parametrize("suffix", ["png", "bmp", "tif", "webp"])
@pytest.mark.parametrize("array", [GREY8, RGB8], ids=["grey", "rgb"])
def test_8_bit_files_without_loss_are_read_exactly(tmp_path, suffix, array):
    options = {"lossless": True} if suffix == "webp" else {}
    picture = read_picture(saved(tmp_path / f"p.{suffix}", array, **options))
    if suffix == "webp" and array.ndim == 2:
        array = np.repeat(array[:, :, None], 3, axis=2)
    np.testing.assert_array_equal(picture.pixels, array)
    assert picture.pixels.dtype == np.uint8
    assert picture.white == 255
    assert picture.alpha is None
    assert picture.bits == ("8-bit grey" if array.ndim == 2 else "8-bit RGB")


@pytest.mark.parametrize(
    ("samples", "colour_type", "pixels", "alpha"),
    [
        (GREY16, 0, GREY16, None),
        (RGB16, 2, RGB16, None),
        (np.dstack([GREY16, RGB16[:, :, 0]]), 4, GREY16, RGB16[:, :, 0]),
        (np.dstack([RGB16, GREY16]), 6, RGB16, GREY16),
    ],
    ids=["grey", "rgb", "grey and alpha", "rgba"],
)
def test_16_bit_png_keeps_all_16_bits(tmp_path, samples, colour_type, pixels, alpha):
    path = tmp_path / "deep.png"
    path.write_bytes(png_bytes(samples, 16, colour_type))
    picture = read_picture(path)
    assert picture.pixels.dtype == np.uint16
    np.testing.assert_array_equal(picture.pixels, pixels)
    assert picture.white == 65535
    if alpha is None:
        assert picture.alpha is None
    else:
        np.testing.assert_array_equal(picture.alpha, alpha)


def test_alpha_is_kept_apart(tmp_path):
    grey = read_picture(saved(tmp_path / "la.png", np.dstack([GREY8, ALPHA8])))
    assert grey.shape == (9, 14)
    np.testing.assert_array_equal(grey.pixels, GREY8)
    np.testing.assert_array_equal(grey.alpha, ALPHA8)
    assert grey.bits == "8-bit grey with alpha"
    colour = read_picture(saved(tmp_path / "rgba.webp", np.dstack([RGB8, ALPHA8]), lossless=True, exact=True))
    np.testing.assert_array_equal(colour.pixels, RGB8)
    np.testing.assert_array_equal(colour.alpha, ALPHA8)


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_transparent_colour_becomes_alpha(tmp_path, mode):
    image = Image.new(mode, (3, 2), 7 if mode == "L" else (7, 8, 9))
    image.putpixel((1, 0), 200 if mode == "L" else (200, 8, 9))
    image.save(tmp_path / "key.png", transparency=7 if mode == "L" else (7, 8, 9))
    picture = read_picture(tmp_path / "key.png")
    np.testing.assert_array_equal(picture.alpha, [[0, 255, 0], [0, 0, 0]])


@pytest.mark.parametrize("suffix", ["png", "gif", "bmp", "tif"])
def test_palette_is_looked_up(tmp_path, suffix):
    image = Image.new("P", (4, 1))
    image.putpalette([255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 8, 7])
    image.putdata([0, 1, 2, 3])
    image.save(tmp_path / f"p.{suffix}")
    picture = read_picture(tmp_path / f"p.{suffix}")
    np.testing.assert_array_equal(picture.pixels, [[[255, 0, 0], [0, 255, 0], [0, 0, 255], [9, 8, 7]]])


def test_palette_of_greys_is_grey_and_a_transparent_entry_is_alpha(tmp_path):
    image = Image.new("P", (3, 1))
    image.putpalette([10, 10, 10, 20, 20, 20, 30, 30, 30])
    image.putdata([0, 1, 2])
    image.save(tmp_path / "p.png", transparency=1)
    picture = read_picture(tmp_path / "p.png")
    np.testing.assert_array_equal(picture.pixels, [[10, 20, 30]])
    np.testing.assert_array_equal(picture.alpha, [[255, 0, 255]])


@pytest.mark.parametrize("suffix", ["png", "tif", "bmp", "pbm"])
def test_1_bit_becomes_black_and_white(tmp_path, suffix):
    bits = RANDOM.integers(0, 2, (5, 13)).astype(bool)
    Image.fromarray(bits).save(tmp_path / f"b.{suffix}")
    picture = read_picture(tmp_path / f"b.{suffix}")
    np.testing.assert_array_equal(picture.pixels, np.where(bits, 255, 0))
    assert picture.white == 255


@pytest.mark.parametrize("depth", [1, 2, 4])
def test_png_of_few_bits_is_spread_over_8(tmp_path, depth):
    path = tmp_path / "few.png"
    levels = 2**depth
    per_byte = 8 // depth
    values = np.arange(per_byte) % levels
    packed = np.array([[int("".join(f"{v:0{depth}b}" for v in values), 2)]], np.uint8)
    data = bytearray(png_bytes(packed, depth, 0))
    # One byte holds several pixels: put the real width into the header, and its checksum.
    data[16:20] = struct.pack(">I", per_byte)
    data[29:33] = struct.pack(">I", zlib.crc32(bytes(data[12:29])))
    path.write_bytes(bytes(data))
    np.testing.assert_array_equal(read_picture(path).pixels[0], values * 255 // (levels - 1))


def test_jpeg_agrees_with_its_decoder_and_is_close_to_the_original(tmp_path):
    smooth = np.add.outer(np.arange(40) * 3, np.arange(60) * 2).astype(np.uint8)
    path = saved(tmp_path / "s.jpg", smooth, quality=95)
    picture = read_picture(path)
    assert picture.is_grey
    assert np.abs(picture.pixels.astype(int) - smooth).max() <= 4
    colour = read_picture(saved(tmp_path / "c.jpg", RGB8))
    np.testing.assert_array_equal(colour.pixels, np.asarray(Image.open(tmp_path / "c.jpg")))


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("size", [(1, 1), (8, 8), (17, 33), (300, 250)])
@pytest.mark.parametrize(
    "options",
    [
        {"quality": 95, "subsampling": 0},
        {"quality": 60, "subsampling": 1},
        {"quality": 30},
        {"restart_marker_blocks": 3},
        {"progressive": True},
        {"optimize": True},
        {"keep_rgb": True},
        {"comment": b"\xff\xd9 and \xff\xda"},
    ],
)
def test_every_jpeg_has_the_pixels_that_pillow_decodes(tmp_path, mode, size, options):
    noise = Image.fromarray(RANDOM.integers(0, 256, (30, 30, 3), dtype=np.uint8))
    path = tmp_path / "p.jpg"
    noise.resize(size).convert(mode).save(path, **options)
    np.testing.assert_array_equal(read_picture(path).pixels, np.asarray(Image.open(path)))


@pytest.mark.parametrize("suffix", ["png", "jpg"])
@pytest.mark.parametrize("pixels", [GREY8, RGB8], ids=["grey", "rgb"])
def test_a_plain_file_does_not_wait_for_pillow(tmp_path, monkeypatch, suffix, pixels):
    path = saved(tmp_path / f"p.{suffix}", pixels)
    wanted = np.asarray(Image.open(path))
    monkeypatch.setattr(raster, "open_image", None)
    np.testing.assert_array_equal(read_picture(path).pixels, wanted)


def test_a_jpeg_stays_upright_whatever_stands_between_its_headers(tmp_path):
    path = saved(tmp_path / "p.jpg", RGB8, exif=orientation_exif(6))
    wanted = read_picture(path).pixels
    assert wanted.shape == (14, 9, 3)
    data = path.read_bytes()
    place = data.index(b"\xff\xda")
    path.write_bytes(data[:place] + bytes(7) + data[place:])  # libjpeg goes past what is no marker
    np.testing.assert_array_equal(read_picture(path).pixels, wanted)
    remark = b'http://ns.adobe.com/xap/1.0/\0<rdf tiff:Orientation="6"/>'
    Image.fromarray(RGB8).save(path)
    data = path.read_bytes()
    path.write_bytes(data[:2] + b"\xff\xe1" + (len(remark) + 2).to_bytes(2, "big") + remark + data[2:])
    with Image.open(path) as image:
        assert image.getexif()[274] == 6
    np.testing.assert_array_equal(read_picture(path).pixels, wanted)


def test_a_jpeg_cannot_pretend_to_be_small(tmp_path):
    """Decoders go past a marker without a length, so that what follows as its segment is the picture's own header."""
    path = saved(tmp_path / "p.jpg", np.zeros((800, 800, 3), np.uint8))
    data = path.read_bytes()
    frame = data.index(b"\xff\xc0")
    end = frame + 2 + int.from_bytes(data[frame + 2 : frame + 4], "big")
    small = data[frame : frame + 5] + bytes([0, 8, 0, 8]) + data[frame + 9 : end]
    hidden = data[2:end] + b"\xff\xe5" + (len(small) + 2).to_bytes(2, "big")
    path.write_bytes(data[:2] + b"\xff\xd0" + (len(hidden) + 2).to_bytes(2, "big") + hidden + small + data[end:])
    asked = []
    picture = read_picture(path, declared=lambda declared: asked.append((declared.height, declared.width)))
    assert asked == [picture.shape[:2]] == [(800, 800)]


@pytest.mark.parametrize("key", ["Raw profile type exif", "XML:com.adobe.xmp"])
def test_a_png_is_turned_as_its_text_says(tmp_path, key):
    exif = orientation_exif(6).tobytes()
    told = {"Raw profile type exif": f"\nexif\n{len(exif):8}\n{exif.hex()}\n"}.get(key, '<x tiff:Orientation="6"/>')
    text = PngInfo()
    text.add_text(key, told)
    path = saved(tmp_path / "p.png", RGB8, pnginfo=text)
    np.testing.assert_array_equal(read_picture(path).pixels, np.rot90(RGB8, -1))


def test_a_png_is_refused_for_what_its_pixels_need_and_not_for_a_remark(tmp_path):
    remark = png_bytes(GREY8, 8, 0, extra=b"\0\0\0\4gAMA\0\0\xb1\x8f1234")
    (tmp_path / "remark.png").write_bytes(remark)
    np.testing.assert_array_equal(read_picture(tmp_path / "remark.png").pixels, GREY8)
    whole = png_bytes(GREY8, 8, 0)
    for place in (17, 30, whole.index(b"IDAT") + 20):  # the size, its sum, the data
        damaged = bytearray(whole)
        damaged[place] ^= 1
        (tmp_path / "damaged.png").write_bytes(damaged)
        with pytest.raises(PictureError, match="damaged"):
            read_picture(tmp_path / "damaged.png")


@pytest.mark.parametrize("end", ["", "ff", "ffd8", "ffc0", "ffc40000", "ffc40003ffffd9", "ffc00002ffd9", "ffd8ffd9"])
@pytest.mark.parametrize("pixels", [GREY8, RGB8])
def test_a_jpeg_that_is_damaged_behind_its_last_row_is_refused(tmp_path, pixels, end):
    path = saved(tmp_path / "end.jpg", pixels)
    path.write_bytes(path.read_bytes()[:-2] + bytes.fromhex(end))
    with pytest.raises(PictureError, match="damaged or cut short"):
        read_picture(path)


def test_cmyk_jpeg_becomes_rgb(tmp_path):
    Image.new("CMYK", (16, 16), (255, 0, 0, 0)).save(tmp_path / "ink.jpg", quality=100)
    picture = read_picture(tmp_path / "ink.jpg")
    assert picture.shape == (16, 16, 3)
    assert np.abs(picture.pixels.astype(int) - [0, 255, 255]).max() <= 3


def test_first_frame_of_animations(tmp_path):
    frames = [Image.new("RGB", (6, 5), colour) for colour in ("red", "blue", "lime")]
    for suffix in ("gif", "webp", "png"):
        path = tmp_path / f"a.{suffix}"
        options = {"lossless": True} if suffix == "webp" else {}
        frames[0].save(path, save_all=True, append_images=frames[1:], **options)
        picture = read_picture(path)
        assert (picture.pixels == [255, 0, 0]).all(), suffix
        assert picture.note == "frame 1 of 3", suffix


def orientation_exif(value):
    exif = Image.Exif()
    exif[274] = value
    return exif


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_means_the_same_in_every_format(tmp_path, orientation):
    turns = {
        1: lambda a: a,
        2: np.fliplr,
        3: lambda a: np.rot90(a, 2),
        4: np.flipud,
        5: lambda a: np.swapaxes(a, 0, 1),
        6: lambda a: np.rot90(a, -1),
        7: lambda a: np.rot90(np.swapaxes(a, 0, 1), 2),
        8: lambda a: np.rot90(a, 1),
    }
    exif = orientation_exif(orientation)
    expected = turns[orientation](RGB8)
    for name, options in (
        ("o.png", {}),
        ("o.webp", {"lossless": True}),
        ("lzw.tif", {"compression": "tiff_lzw"}),
        ("plain.tif", {}),
        ("deflate.tif", {"compression": "tiff_adobe_deflate"}),
    ):
        picture = read_picture(saved(tmp_path / name, RGB8, exif=exif, **options))
        np.testing.assert_array_equal(picture.pixels, expected, err_msg=name)
    jpeg = read_picture(saved(tmp_path / "o.jpg", RGB8, exif=exif))
    np.testing.assert_array_equal(jpeg.pixels, turns[orientation](np.asarray(Image.open(tmp_path / "o.jpg"))))
    exif_data = exif.tobytes()[6:]
    chunk = struct.pack(">I", len(exif_data)) + b"eXIf" + exif_data + struct.pack(">I", zlib.crc32(b"eXIf" + exif_data))
    (tmp_path / "deep.png").write_bytes(png_bytes(np.dstack([RGB16, GREY16]), 16, 6, chunk))
    deep = read_picture(tmp_path / "deep.png")
    np.testing.assert_array_equal(deep.pixels, turns[orientation](RGB16))
    np.testing.assert_array_equal(deep.alpha, turns[orientation](GREY16))
    tifffile.imwrite(tmp_path / "deep.tif", RGB16, photometric="rgb", extratags=[(274, "H", 1, orientation, True)])
    np.testing.assert_array_equal(read_picture(tmp_path / "deep.tif").pixels, turns[orientation](RGB16))


@pytest.mark.parametrize(
    ("text", "pixels", "white"),
    [
        (b"P2 3 2 9 0 1 2 3 4 9", [[0, 1, 2], [3, 4, 9]], 9),
        (b"P2\n# a comment\n3 1\n# another\n1000\n0 500\n1000\n", [[0, 500, 1000]], 1000),
        (b"P5 3 1 100\n\x00\x32\x64", [[0, 50, 100]], 100),
        (b"P5\n2 1\n4095\n\x01\x02\x0f\xff", [[258, 4095]], 4095),
        (b"P3 1 2 5 1 2 3 4 5 0", [[[1, 2, 3]], [[4, 5, 0]]], 5),
        (b"P6 1 1 255\n\x01\x02\x03", [[[1, 2, 3]]], 255),
        (b"P6 1 1 65535\n\x00\x01\x00\x02\xff\xff", [[[1, 2, 65535]]], 65535),
        (b"P1 3 2 1 0 1\n001", [[0, 255, 0], [255, 255, 0]], 255),
        (b"P4 10 1\n\xaa\x80", [[0, 255, 0, 255, 0, 255, 0, 255, 0, 255]], 255),
    ],
)
def test_netpbm_keeps_its_own_white(tmp_path, text, pixels, white):
    path = tmp_path / "p.pnm"
    path.write_bytes(text)
    picture = read_picture(path)
    np.testing.assert_array_equal(picture.pixels, pixels)
    assert picture.white == white


@pytest.mark.parametrize("dtype", ["?", "u1", "u2", "i4", "i8", "f2", "f4", "f8", ">f8"])
@pytest.mark.parametrize("shape", [(4, 6), (4, 6, 1), (4, 6, 3), (4, 6, 4)])
def test_npy_files_are_pictures(tmp_path, dtype, shape):
    values = (RANDOM.random(shape) * 3).astype(dtype)
    np.save(tmp_path / "a.npy", values)
    picture = read_picture(tmp_path / "a.npy")
    channels = shape[2] if len(shape) == 3 else 1
    expected = values[:, :, :3] if channels > 1 else values.reshape(4, 6)
    np.testing.assert_array_equal(picture.pixels, expected)
    assert picture.shape == ((4, 6) if channels == 1 else (4, 6, 3))
    assert (picture.alpha is None) == (channels != 4)


def test_a_file_is_known_by_its_content_not_its_name(tmp_path):
    path = saved(tmp_path / "really-a-png.jpg", RGB8, format="PNG")
    np.testing.assert_array_equal(read_picture(path).pixels, RGB8)


@pytest.mark.parametrize(
    "name", ["ünïcödé ✓ 写真.png", "with space & 'quote'.tif", "レンナ.npy", "emoji 🐈.pgm", ".hidden"]
)
def test_any_name(tmp_path, name):
    folder = tmp_path / "フォルダー"
    folder.mkdir()
    buffer = io.BytesIO()
    Image.fromarray(GREY8).save(buffer, "PNG")
    (folder / name).write_bytes(buffer.getvalue())
    picture = read_picture(str(folder / name))
    np.testing.assert_array_equal(picture.pixels, GREY8)
    assert picture.origin.name == name
    assert picture.origin.path == str(folder / name)


@pytest.mark.parametrize("shape", [(1, 1), (1, 5000), (5000, 1), (1, 1, 3)])
def test_odd_sizes(tmp_path, shape):
    values = RANDOM.integers(0, 256, shape, dtype=np.uint8)
    for suffix in ("png", "tif", "bmp"):
        np.testing.assert_array_equal(read_picture(saved(tmp_path / f"s.{suffix}", values)).pixels, values)


def test_reading_can_be_cancelled(tmp_path):
    from kernels.errors import Cancelled

    path = saved(tmp_path / "p.png", GREY8)
    with pytest.raises(Cancelled):
        read_picture(path, cancelled=lambda: True)


def test_pictures_are_read_only_and_compared_by_identity(tmp_path):
    path = saved(tmp_path / "p.png", GREY8)
    first, second = read_picture(path), read_picture(path)
    assert first != second
    assert first == first
    with pytest.raises(ValueError, match="read-only"):
        first.pixels[0, 0] = 1


@pytest.mark.parametrize("array", [np.zeros((3, 3), complex), np.zeros((3, 3), "S4"), np.zeros(5), np.zeros((2, 2, 2))])
def test_npy_files_that_are_no_pictures(tmp_path, array):
    np.save(tmp_path / "a.npy", array)
    with pytest.raises(PictureError, match=r"a\.npy"):
        read_picture(tmp_path / "a.npy")
