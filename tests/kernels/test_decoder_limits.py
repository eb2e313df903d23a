"""No picture file takes more memory or time than its declared size is worth, and none lacks rows without a word."""

import io
import lzma
import os
import resource
import struct
import subprocess
import sys
import time
import zlib
from pathlib import Path

import numpy as np
import psutil
import pytest
import tifffile
from PIL import Image

from kernels import memory
from kernels.pictures.picture import PictureError
from kernels.pictures.reading import read_picture
from tests.kernels import decoder_peaks

ROOT = Path(__file__).resolve().parents[2]
RANDOM = np.random.default_rng(5)
NOISE = RANDOM.integers(1, 256, (100, 120, 3), np.uint8)


def run_here(*arguments, **options):
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=True, **options)


@pytest.mark.slow
@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="peaks are read from /proc")
def test_no_decoder_takes_more_than_its_estimate(tmp_path):
    run_here("-m", "tests.kernels.decoder_peaks", "--write", str(tmp_path))
    table = run_here("-m", "tests.kernels.decoder_peaks", "--measure", str(tmp_path)).stdout
    rows = [line.split("\t") for line in table.splitlines()]
    assert [row[0] for row in rows] == list(decoder_peaks.CASES)
    for name, *figures in rows:
        peak, estimate, _ = map(int, figures)
        # In pictures as small as these the room for buffers must not hide what a pixel takes.
        assert peak <= estimate - 2e6, name
        # Nor are pictures refused for nothing: 6 MB of it are for buffers.
        assert estimate <= 3 * peak + 8e6, name


def tags(*entries):
    body = struct.pack("<H", len(entries))
    for tag, kind, value in entries:
        body += struct.pack("<HHII", tag, kind, 1, value)
    return body + bytes(4)


def tiff_of_one_strip(packed, compression, side=16):
    """A grey TIFF of one strip, as small as can be."""
    entries = [(256, 4, side), (257, 4, side), (258, 3, 8), (259, 3, compression), (262, 3, 1), (273, 4, 8)]
    entries += [(277, 3, 1), (278, 4, side), (279, 4, len(packed))]
    return b"II*\0" + struct.pack("<I", 8 + len(packed)) + packed + tags(*entries)


def packed_zeros(kind, megabytes):
    block = bytes(1 << 20)
    if kind == "packbits":
        return b"\x81\0" * (megabytes << 13)
    packer = zlib.compressobj(9) if kind == "deflate" else lzma.LZMACompressor(preset=0)
    return b"".join(packer.compress(block) for _ in range(megabytes)) + packer.flush()


READ_UNDER_A_LIMIT = """
import resource, sys
from kernels.pictures import reading
from kernels.pictures.formats import raster, tiff, netpbm, numpy_array
import tifffile
used = int(open("/proc/self/statm").read().split()[0]) * 4096
resource.setrlimit(resource.RLIMIT_AS, (used + int(sys.argv[2]), -1))
try:
    print(reading.read_picture(sys.argv[1]).shape)
except (reading.PictureError, MemoryError) as error:
    print(error)
"""


def read_under_a_limit(path, limit):
    done = run_here("-c", READ_UNDER_A_LIMIT, str(path), str(limit), timeout=20)
    assert done.stderr == ""
    return done.stdout.strip()


@pytest.mark.skipif(sys.platform != "linux", reason="measured against a limit on the address space")
@pytest.mark.parametrize(("kind", "number"), [("deflate", 8), ("lzma", 34925), ("packbits", 32773)])
def test_a_bomb_in_a_strip_is_unpacked_no_further_than_its_size(tmp_path, kind, number):
    path = tmp_path / "bomb.tif"
    path.write_bytes(tiff_of_one_strip(packed_zeros(kind, 200), number))
    # Enough for the buffers, and not for the 200 MB.
    assert "more than its size" in read_under_a_limit(path, 120_000_000)


@pytest.mark.parametrize("number", [1, 8, 32773, 34925])
def test_a_strip_that_ends_early_is_not_filled_with_black(tmp_path, number):
    content = bytes([7]) * 100
    packed = {
        1: content,
        8: zlib.compress(content),
        34925: lzma.compress(content),
        32773: bytes([257 - 100, 7]),
    }[number]
    path = tmp_path / "short.tif"
    path.write_bytes(tiff_of_one_strip(packed, number))
    with pytest.raises(PictureError, match=r"fewer rows|too little data"):
        read_picture(path)
    path.write_bytes(tiff_of_one_strip(packed, number, side=10))
    assert (read_picture(path).pixels == 7).all()


def test_strips_that_are_left_out_are_noted(tmp_path):
    path = tmp_path / "sparse.tif"
    tifffile.imwrite(path, NOISE, rowsperstrip=10, compression="zlib")
    with tifffile.TiffFile(path) as file:
        tag = file.pages[0].tags[279]
        place, width = tag.valueoffset, tag.valuebytecount // tag.count
    data = bytearray(path.read_bytes())
    data[place + 2 * width : place + 3 * width] = bytes(width)
    path.write_bytes(data)
    picture = read_picture(path)
    assert picture.note == "1 of 10 strips are not in the file and read as 0"
    assert not picture.pixels[20:30].any()
    assert np.array_equal(picture.pixels[30:], NOISE[30:])


def test_a_tile_much_larger_than_the_picture_is_refused(tmp_path):
    entries = [(256, 4, 16), (257, 4, 16), (258, 3, 8), (259, 3, 8), (262, 3, 1), (277, 3, 1)]
    entries += [(322, 4, 65536), (323, 4, 65536), (324, 4, 8), (325, 4, 100)]
    path = tmp_path / "tile.tif"
    path.write_bytes(b"II*\0" + struct.pack("<I", 108) + bytes(100) + tags(*entries))
    with pytest.raises(PictureError, match="many times larger"):
        read_picture(path)


def test_a_tag_of_millions_of_numbers_is_not_unpacked(tmp_path, monkeypatch):
    """Every number would be an object of its own: 100 bytes for each of the file's two."""
    path = tmp_path / "tags.tif"
    count = 4_000_000
    body = struct.pack("<H", 1) + struct.pack("<HHII", 273, 3, count, 26) + bytes(4)
    path.write_bytes(b"II*\0" + struct.pack("<I", 8) + body + bytes(2 * count))
    monkeypatch.setattr(memory, "available", lambda: 600_000_000)
    with pytest.raises(MemoryError, match="needs about 400 MB"):
        read_picture(path)


def test_a_file_of_endless_pages_is_counted_so_far(tmp_path):
    path = tmp_path / "pages.tif"
    with tifffile.TiffWriter(path) as file:
        for _ in range(1200):
            file.write(NOISE[:2, :2], contiguous=False)
    assert read_picture(path).note == "page 1 of more than 1,000"


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width, height, raw, *, depth=8, colour=2, interlaced=0, packed=None):
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced)
    data = zlib.compress(raw) if packed is None else packed
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@pytest.mark.parametrize("rows", [0, 1, 5, 99])
@pytest.mark.parametrize(("depth", "colour"), [(8, 2), (16, 2), (16, 0), (1, 0), (8, 3)])
def test_a_png_with_fewer_rows_than_it_declares(tmp_path, rows, depth, colour):
    width = 120
    row = b"\0" + bytes(RANDOM.integers(1, 256, (width * depth * (3 if colour == 2 else 1) + 7) // 8, np.uint8))
    data = png(width, 100, row * rows, depth=depth, colour=colour)
    if colour == 3:
        at = data.index(b"IDAT") - 4
        data = data[:at] + chunk(b"PLTE", bytes(range(256)) * 3) + data[at:]
    path = tmp_path / "cut.png"
    path.write_bytes(data)
    with pytest.raises(PictureError, match=r"cut\.png is (cut short|damaged)"):
        read_picture(path)
    path.write_bytes(data.replace(zlib.compress(row * rows), zlib.compress(row * 100)))


@pytest.mark.parametrize("interlaced", [False, True])
def test_black_rows_at_the_end_are_rows(tmp_path, interlaced):
    """A picture that is black at the bottom is whole; one that lacks its last pass is not."""
    path = tmp_path / "black.png"
    if not interlaced:
        pixels = NOISE.copy()
        pixels[50:] = 0
        Image.fromarray(pixels).save(path)
        assert np.array_equal(read_picture(path).pixels, pixels)
        return
    # Adam7 of a picture of zeros: the passes' rows, each with its filter's byte.
    passes = [(13, 15), (13, 15), (12, 30), (25, 30), (25, 60), (50, 60), (50, 120)]
    raw = b"".join(bytes(1 + columns) * rows for rows, columns in passes)
    path.write_bytes(png(120, 100, raw, colour=0, interlaced=1))
    assert not read_picture(path).pixels.any()
    path.write_bytes(png(120, 100, raw[:-121], colour=0, interlaced=1))
    with pytest.raises(PictureError, match="fewer rows"):
        read_picture(path)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("few.png", png(20_000, 8_600, b"", colour=0)),
        ("few.gif", b"GIF89a" + struct.pack("<HH", 20_000, 20_000) + b"\0\0\0,\0\0\0\0\1\0\1\0\0\2\2D\1\0;"),
        ("few.pgm", b"P5 20000 20000 255\n" + bytes(99)),
        ("few-plain.ppm", b"P3 10000 10000 255\n" + b"1 " * 99),
        ("few.pbm", b"P1 20000 20000\n" + b"1 " * 99),
        ("few.bmp", b"BM" + struct.pack("<IHHIIiiHHIIiiII", 0, 0, 0, 54, 40, 20_000, 20_000, 1, 24, *[0] * 6)),
        ("few.tif", tiff_of_one_strip(zlib.compress(bytes(200)), 8, side=20_000)),
    ],
)  # fmt: skip
def test_too_little_data_is_refused_at_once(tmp_path, monkeypatch, name, data):
    monkeypatch.setattr(memory, "available", lambda: 10**12)
    path = tmp_path / name
    path.write_bytes(data)
    start = time.perf_counter()
    with pytest.raises(PictureError, match="damaged"):
        read_picture(path)
    assert time.perf_counter() - start < 1.0


def test_a_jpeg_of_a_few_bytes(tmp_path, monkeypatch):
    monkeypatch.setattr(memory, "available", lambda: 10**12)
    encoded = io.BytesIO()
    Image.fromarray(NOISE).save(encoded, "JPEG")
    data = bytearray(encoded.getvalue())
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", 20_000, 20_000)
    path = tmp_path / "few.jpg"
    path.write_bytes(data)
    with pytest.raises(PictureError, match="far too little data"):
        read_picture(path)


@pytest.mark.parametrize("options", [{}, {"restart_marker_blocks": 5}, {"progressive": True, "subsampling": 0}])
def test_a_jpeg_that_ends_early_is_not_filled_with_grey(tmp_path, options):
    pixels = NOISE.copy()
    pixels[60:] = 200  # flat at its end, as scans are
    encoded = io.BytesIO()
    Image.fromarray(pixels).save(encoded, "JPEG", quality=90, **options)
    data = encoded.getvalue()
    path = tmp_path / "cut.jpg"
    path.write_bytes(data)
    assert read_picture(path).shape == pixels.shape
    path.write_bytes(data + b"\xff\xd8 more \xff\xd9")
    assert read_picture(path).shape == pixels.shape
    first_scan = data.index(b"\xff\xda")
    cut = first_scan + 100 if "progressive" in options else len(data) // 2
    path.write_bytes(data[:cut].rstrip(b"\xff") + b"\xff\xd9")
    with pytest.raises(PictureError, match="fewer rows"):
        read_picture(path)


def test_a_long_plain_file_is_read_as_far_as_needed(tmp_path):
    path = tmp_path / "long.pgm"
    path.write_bytes(b"P2 1 1 255\n" + b"7 " * 5_000_000)
    code = READ_UNDER_A_LIMIT if sys.platform == "linux" else ""
    assert read_picture(path).pixels == 7
    if code:
        assert read_under_a_limit(path, 120_000_000) == "(1, 1)"


@pytest.mark.parametrize("separator", [b" ", b"\n", b" # a word, 12 34\n", b"\r\n\t"])
def test_plain_files_do_not_depend_on_where_they_are_cut(tmp_path, monkeypatch, separator):
    from kernels.pictures.formats import netpbm

    path = tmp_path / "plain.pgm"
    values = RANDOM.integers(0, 1000, 600)
    path.write_bytes(b"P2 30 20 999\n" + separator.join(str(value).encode() for value in values) + b"\n")
    for size in (37, 64, 1000, 1 << 18):
        monkeypatch.setattr(netpbm, "_CHUNK", size)
        assert read_picture(path).pixels.ravel().tolist() == values.tolist()
    bits = values % 2
    path.write_bytes(b"P1 30 20\n" + separator.join(str(value).encode() for value in bits) + b"\n")
    for size in (37, 64, 1000):
        monkeypatch.setattr(netpbm, "_CHUNK", size)
        assert (read_picture(path).pixels.ravel() == np.where(bits, 0, 255)).all()


def test_the_limits_of_the_process_count(monkeypatch):
    before, used = memory.available(), psutil.Process().memory_info().vms
    limits = {resource.RLIMIT_AS: 10**15}
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (limits.get(kind, -1), -1))
    assert memory.available() > before / 2
    limits[resource.RLIMIT_AS] = used + 10**7
    assert memory.available() < 2 * 10**7
    with pytest.raises(MemoryError, match="more than half"):
        memory.require(10**8, "This")


SECOND = {"memory.max": "3000000", "memory.current": "1000000", "memory.stat": "inactive_file 500000\n"}
FIRST = {
    "memory.limit_in_bytes": "3000000",
    "memory.usage_in_bytes": "1000000",
    "memory.stat": "cache 1\ntotal_inactive_file 500000\n",
}


@pytest.mark.parametrize(
    ("line", "folder", "files"),
    [("0::/user/app", "user", SECOND), ("4:cpu,memory:/app", "memory/app", FIRST), ("0::/elsewhere", ".", SECOND)],
)
def test_the_limit_of_the_control_group_counts(tmp_path, monkeypatch, line, folder, files):
    own = tmp_path / "cgroup"
    own.write_text(f"{line}\n")
    (tmp_path / "fs" / folder).mkdir(parents=True)
    for name, text in files.items():
        (tmp_path / "fs" / folder / name).write_text(text)
    monkeypatch.setattr(memory, "_OWN_GROUPS", own)
    monkeypatch.setattr(memory, "_CONTROL_GROUPS", tmp_path / "fs")
    assert memory.available() == 2_500_000
    (tmp_path / "fs" / folder / next(iter(files))).write_text("max")
    assert memory.available() > 2_500_000


@pytest.mark.parametrize("options", [{}, {"lossless": True}, {"exif": b"Exif\0\0II*\0\10\0\0\0\0\0\0\0\0\0"}])
def test_a_webp_is_refused_before_its_canvas_is_made(tmp_path, monkeypatch, leave_free, options):
    path = tmp_path / "large.webp"
    Image.new("RGB", (1200, 900)).save(path, **options)
    assert read_picture(path).shape == (900, 1200, 3)
    leave_free(30_000_000)
    monkeypatch.setattr("PIL.WebPImagePlugin.WebPImageFile._open", lambda image: pytest.fail("it was opened"))
    with pytest.raises(MemoryError, match="more than half"):
        read_picture(path)


def test_a_jpeg_full_of_markers_is_refused_at_once(tmp_path):
    encoded = io.BytesIO()
    Image.fromarray(NOISE).save(encoded, "JPEG")
    data = encoded.getvalue()
    path = tmp_path / "markers.jpg"
    for markers in (b"\xff\xfe\0\2" * 200_000, (b"\xff\xe1\xff\xffExif\0\0" + bytes(65527)) * 600):
        path.write_bytes(data[:2] + markers + data[2:])
        start = time.perf_counter()
        with pytest.raises(PictureError, match="far more beside its picture"):
            read_picture(path)
        assert time.perf_counter() - start < 1.0
    path.write_bytes(data[:2] + b"\xff\xfe\0\2" * 200 + data[2:])
    assert read_picture(path).shape == NOISE.shape


def test_a_jpeg_of_endless_scans_is_refused(tmp_path, monkeypatch):
    from kernels.pictures.formats import declared

    encoded = io.BytesIO()
    Image.fromarray(NOISE).save(encoded, "JPEG", progressive=True)
    data = encoded.getvalue()
    scan = data[data.rindex(b"\xff\xda") : -2]
    path = tmp_path / "scans.jpg"
    path.write_bytes(data[:-2] + scan * 500 + data[-2:])
    monkeypatch.setattr(declared, "_MOST_SCANNED", 100 * NOISE.size)
    with pytest.raises(PictureError, match="goes over its picture 5"):
        read_picture(path)
    path.write_bytes(data)
    assert read_picture(path).shape == NOISE.shape


def test_strips_that_share_their_bytes_do_not_count_twice(tmp_path, monkeypatch):
    monkeypatch.setattr(memory, "available", lambda: 10**12)
    row = zlib.compress(bytes(30_000))
    count = 13_000
    place = 8 + len(row)
    lists = struct.pack("<I", 8) * count + struct.pack("<I", len(row)) * count
    entries = [(256, 4, 1, 30_000), (257, 4, 1, count), (258, 3, 1, 8), (259, 3, 1, 8), (262, 3, 1, 1)]
    entries += [(273, 4, count, place), (277, 3, 1, 1), (278, 4, 1, 1), (279, 4, count, place + 4 * count)]
    body = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *entry) for entry in entries) + bytes(4)
    path = tmp_path / "same.tif"
    path.write_bytes(b"II*\0" + struct.pack("<I", place + len(lists)) + row + lists + body)
    with pytest.raises(PictureError, match="far too little data"):
        read_picture(path)


def test_lengths_that_stand_in_a_file_are_not_believed(tmp_path):
    """Python makes room for what is asked for before it reads: four gigabytes for a chunk of a PNG."""
    header = struct.pack(">IIBBBBB", 10, 10, 8, 0, 0, 0, 0)
    data = zlib.compress(bytes(110))
    path = tmp_path / "length.png"
    longer = struct.pack(">I", 2**32 - 1) + b"IDAT" + data
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + longer)
    with pytest.raises(PictureError, match="damaged"):
        read_picture(path)
