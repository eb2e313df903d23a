"""Bad picture files: each is one plain sentence with the file's name, and nothing else happens."""

import io
import os
import struct
import sys
import zlib

import numpy as np
import pytest
import tifffile
from PIL import Image

from kernels import memory
from kernels.pictures.picture import MAXIMUM_PIXELS, PictureError
from kernels.pictures.reading import open_picture, open_sample, read_picture

RANDOM = np.random.default_rng(3)
RGB = RANDOM.integers(0, 256, (40, 60, 3), dtype=np.uint8)


def encoded(kind, array=RGB, **options):
    buffer = io.BytesIO()
    Image.fromarray(array).save(buffer, kind, **options)
    return buffer.getvalue()


def tiff_bytes(array=RGB, **options):
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, array, **options)
    return buffer.getvalue()


def npy_bytes():
    buffer = io.BytesIO()
    np.save(buffer, RGB)
    return buffer.getvalue()


WHOLE = {
    "png": encoded("PNG"),
    "jpg": encoded("JPEG"),
    "webp": encoded("WEBP"),
    "bmp": encoded("BMP"),
    "gif": encoded("GIF"),
    "plain.tif": tiff_bytes(),
    "deflate.tif": tiff_bytes(compression="zlib", rowsperstrip=8),
    "lzw.tif": encoded("TIFF", compression="tiff_lzw"),
    "ppm": encoded("PPM"),
    "npy": npy_bytes(),
    "plain.pgm": b"P2 4 4 255 " + b"17 " * 16,
    "pbm": b"P4 20 20\n" + bytes(60),
}


def sentence(call, *arguments):
    """Return the message of the error, having checked that it is one plain sentence."""
    with pytest.raises(PictureError) as caught:
        call(*arguments)
    text = str(caught.value)
    assert "\n" not in text
    assert text.endswith((".", "?", ")"))
    assert text[0].isupper() or text[0].islower() or text[0] in "'\".0123456789"
    return text


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.9])
@pytest.mark.parametrize("name", WHOLE)
def test_truncated(tmp_path, name, share):
    path = tmp_path / f"cut.{name}"
    data = WHOLE[name]
    path.write_bytes(data)
    read_picture(path)
    path.write_bytes(data[: max(1, int(len(data) * share))])
    assert path.name in sentence(read_picture, path)


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@pytest.mark.parametrize("name", WHOLE)
def test_damaged_bytes_never_raise_anything_else(tmp_path, name):
    path = tmp_path / f"hurt.{name}"
    for _ in range(60):
        data = bytearray(WHOLE[name])
        for position in RANDOM.integers(0, min(len(data), 400), 3):
            data[position] = RANDOM.integers(0, 256)
        path.write_bytes(bytes(data))
        said = path.name
        try:
            read_picture(path)
        except (PictureError, MemoryError) as error:
            said = str(error)
        assert path.name in said
        assert "\n" not in said


def test_empty(tmp_path):
    path = tmp_path / "empty.png"
    path.touch()
    assert sentence(read_picture, path) == "empty.png is empty."


@pytest.mark.parametrize("content", ["hello, world\n", "1 0 -1\n2 0 -2\n", "Grüße, 世界 " * 20, "\ufeffwith a mark"])
def test_text_as_picture(tmp_path, content):
    path = tmp_path / "notes.png"
    path.write_text(content, encoding="utf-8")
    assert sentence(read_picture, path) == "notes.png holds text, not a picture."


def test_other_formats_are_named(tmp_path):
    path = tmp_path / "renamed.jpg"
    path.write_bytes(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3" + bytes(80))
    assert "PDF" in sentence(read_picture, path)
    path.write_bytes(b"\0\0\0\x20ftypheic" + bytes(80))
    assert "HEIC" in sentence(read_picture, path)
    path.write_bytes(bytes(range(128, 256)))
    assert "known format" in sentence(read_picture, path)


def test_folder_and_vanished_file(tmp_path):
    assert sentence(read_picture, tmp_path) == f"{tmp_path.name} is a folder, not a picture."
    assert sentence(read_picture, tmp_path / "gone.png") == "There is no file gone.png."
    assert "gone.png" in sentence(read_picture, tmp_path / "no folder" / "gone.png")


def test_a_file_that_vanishes_between_looking_and_opening(tmp_path, monkeypatch):
    path = tmp_path / "p.png"
    path.write_bytes(WHOLE["png"])
    from kernels.pictures import reading

    look = reading._checked_size

    def look_and_lose(file, name):
        size = look(file, name)
        path.unlink()
        return size

    monkeypatch.setattr(reading, "_checked_size", look_and_lose)
    assert sentence(read_picture, path) == "There is no file p.png."


def test_unreadable(tmp_path, monkeypatch):
    path = tmp_path / "secret.png"
    path.write_bytes(WHOLE["png"])
    if hasattr(os, "geteuid") and os.geteuid() != 0:
        path.chmod(0)
    else:
        # The superuser and Windows read everything: refuse in the system's place.
        def refuse(file, *arguments, **options):
            raise PermissionError(13, "Permission denied", str(file))

        monkeypatch.setattr("io.FileIO", refuse)
    assert sentence(read_picture, path) == "secret.png may not be read: permission denied."


def test_paths_that_cannot_be(tmp_path):
    assert "file name" in sentence(read_picture, "a\0b.png")
    sentence(read_picture, tmp_path / ("x" * 5000))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_a_pipe_is_refused_without_waiting_for_it(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    assert "regular file" in sentence(read_picture, tmp_path / "pipe.png")


def png_header(width, height, depth=8, colour_type=0):
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, 0)
    body = zlib.compress(bytes(100_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize("depth", [8, 16])
def test_a_png_bomb_is_refused_by_its_size(tmp_path, depth):
    path = tmp_path / "bomb.png"
    path.write_bytes(png_header(100_000, 100_000, depth))
    text = sentence(read_picture, path)
    assert "10,000 megapixels" in text
    assert "400" in text


def test_the_limit_is_400_megapixels_and_not_pillows_own(tmp_path, monkeypatch):
    """200 megapixels pass the limit: what stops this header is its missing data, or the memory."""
    path = tmp_path / "large.png"
    path.write_bytes(png_header(20_000, 10_000))
    monkeypatch.setattr(memory, "available", lambda: 10**12)
    assert "far too little data" in sentence(read_picture, path)
    path.write_bytes(png_header(20_001, 20_000))
    assert MAXIMUM_PIXELS == 400_000_000
    assert "megapixels" in sentence(read_picture, path)


@pytest.mark.parametrize("name", ["npy", "pgm", "tif", "bmp"])
def test_huge_sizes_in_other_headers(tmp_path, name):
    path = tmp_path / f"huge.{name}"
    if name == "npy":
        header = "{'descr': '|u1', 'fortran_order': False, 'shape': (100000, 100000), }".ljust(117) + "\n"
        path.write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + bytes(100))
    elif name == "pgm":
        path.write_bytes(b"P5 100000 100000 255\n" + bytes(100))
    elif name == "bmp":
        data = bytearray(encoded("BMP"))
        data[18:26] = struct.pack("<ii", 100_000, 100_000)
        path.write_bytes(bytes(data))
    else:
        data = bytearray(tiff_bytes())
        with tifffile.TiffFile(io.BytesIO(bytes(data))) as file:
            tags = file.pages.first.tags
            places = [tags[code].valueoffset for code in (256, 257)]
        for place in places:
            data[place : place + 4] = struct.pack("<I", 100_000)
        path.write_bytes(bytes(data))
    assert path.name in sentence(read_picture, path)


@pytest.mark.parametrize("name", ["png", "npy", "pgm", "bmp"])
def test_zero_sized(tmp_path, name):
    path = tmp_path / f"zero.{name}"
    if name == "png":
        path.write_bytes(png_header(0, 5))
    elif name == "npy":
        np.save(path, np.zeros((0, 5)))
    elif name == "pgm":
        path.write_bytes(b"P5 0 4 255\n")
    else:
        data = bytearray(encoded("BMP"))
        data[18:22] = bytes(4)
        path.write_bytes(bytes(data))
    assert path.name in sentence(read_picture, path)


def test_a_picture_beyond_the_memory_is_refused_with_the_figure(tmp_path, leave_free):
    path = tmp_path / "p.png"
    path.write_bytes(WHOLE["png"])
    leave_free(10_000)
    with pytest.raises(MemoryError, match=r"Opening p\.png needs about 6\.0 MB .* 10 kB that is free"):
        read_picture(path)


def test_pickled_npy_is_never_loaded(tmp_path):
    class Trap:
        def __reduce__(self):
            return (os.mkdir, (str(tmp_path / "sprung"),))

    np.save(tmp_path / "trap.npy", np.array([[Trap()]], object), allow_pickle=True)
    sentence(read_picture, tmp_path / "trap.npy")
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize(
    "text",
    [b"P5", b"P5 ", b"P5 3", b"P5 x y 255\n", b"P5 2 2 0\n1234", b"P5 2 2 70000\n1234", b"P2 2 2 255 1 2 x 4",
     b"P2 2 2 255 1 2 3", b"P2 1 1 255 99999999999999999999", b"P1 2 2 1 0 2 1", b"P5 " + b"9" * 5000 + b" 1 255\n"],
)  # fmt: skip
def test_bad_netpbm(tmp_path, text):
    path = tmp_path / "bad.pgm"
    path.write_bytes(text)
    assert "bad.pgm" in sentence(read_picture, path)


def test_unknown_names_suggest_samples(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "camera" in sentence(open_picture, "camra")
    assert "zone-plate" in sentence(open_sample, "zoneplate")
    assert sentence(open_picture, "camera.png") == "There is no file camera.png."


def test_nothing_is_printed_about_bad_files(tmp_path, capfd):
    for name, data in WHOLE.items():
        path = tmp_path / f"cut.{name}"
        path.write_bytes(data[: len(data) // 2])
        with pytest.raises(PictureError):
            read_picture(path)
    sys.stdout.flush()
    assert capfd.readouterr() == ("", "")


def test_a_damaged_deep_tiff_is_refused_without_a_word_of_the_decoder(tmp_path, capfd):
    from kernels.opencv import cv2

    path = tmp_path / "deep.tif"
    pixels = np.add.outer(np.arange(90), np.arange(120) * 7).astype(np.uint16)
    cv2.imwrite(str(path), np.dstack([pixels, pixels + 1, pixels + 2]), [cv2.IMWRITE_TIFF_COMPRESSION, 5])
    read_picture(path)
    data = bytearray(path.read_bytes())
    data[40:400] = RANDOM.bytes(360)
    path.write_bytes(bytes(data))
    assert sentence(read_picture, path) == "deep.tif is damaged or cut short."
    assert capfd.readouterr() == ("", "")
