"""Rows that are read from a file are those of the picture that is read as a whole."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image

from kernels.opencv import cv2
from kernels.pictures.picture import PictureError
from kernels.pictures.reading import declared_size, open_rows, read_picture
from kernels.pictures.windows import targets
from kernels.pictures.windows.rows import NotByRows, Pieces, white_of

Array = np.ndarray[Any, np.dtype[Any]]
RANDOM = np.random.default_rng(0)
KINDS = ["uint8", "uint16", "int16", "uint32", "float16", "float32", "float64"]


def picture(shape: tuple[int, ...], dtype: str) -> Array:
    return (RANDOM.random(shape) * 250).astype(dtype)


def agrees(path: Path) -> None:
    """Compare rows read in any order, and what is known of the picture."""
    whole = read_picture(path)
    with open_rows(path) as rows:
        assert (rows.shape, rows.dtype, rows.note) == (whole.shape, whole.pixels.dtype, whole.note)
        assert white_of(rows) == whole.white
        for top, bottom in ((0, whole.height), (5, 6), (whole.height - 1, whole.height), (3, 40), (2, 9), (33, 41)):
            found = rows.read(top, bottom)
            assert found.flags.c_contiguous
            np.testing.assert_array_equal(found, whole.pixels[top:bottom])


@pytest.mark.parametrize("dtype", KINDS)
@pytest.mark.parametrize("form", [{}, {"tile": (16, 32)}, {"rowsperstrip": 7}], ids=["one strip", "tiles", "strips"])
@pytest.mark.parametrize("shape", [(61, 45), (61, 45, 3), (61, 45, 4), (3, 61, 45)], ids=str)
def test_uncompressed_tiff(tmp_path: Path, dtype: str, form: dict[str, Any], shape: tuple[int, ...]) -> None:
    more = {"extrasamples": ["unassalpha"]} if shape[-1] == 4 else {}
    more |= {"planarconfig": "separate"} if shape[0] == 3 else {}
    kind = "rgb" if len(shape) == 3 else "minisblack"
    for options in ({"bigtiff": True}, {"byteorder": ">"}):
        tifffile.imwrite(tmp_path / "a.tif", picture(shape, dtype), photometric=kind, **form, **more, **options)
        agrees(tmp_path / "a.tif")


@pytest.mark.parametrize("compression", ["zlib", "packbits", "lzma"])
@pytest.mark.parametrize("form", [{"tile": (16, 32)}, {"rowsperstrip": 7}], ids=["tiles", "strips"])
@pytest.mark.parametrize("shape", [(61, 45), (61, 45, 3)], ids=str)
def test_compressed_tiff(tmp_path: Path, compression: str, form: dict[str, Any], shape: tuple[int, ...]) -> None:
    predictors = [False, True] if compression == "zlib" else [False]
    for predictor in predictors:
        try:
            image = picture(shape, "uint16")
            tifffile.imwrite(tmp_path / "a.tif", image, compression=compression, predictor=predictor, **form)
        except (ImportError, KeyError, ValueError) as error:
            pytest.skip(str(error))
        agrees(tmp_path / "a.tif")


def test_grey_levels_that_count_down_palettes_and_bits(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", picture((61, 45), "uint8"), photometric="miniswhite", rowsperstrip=4)
    agrees(tmp_path / "a.tif")
    Image.fromarray(picture((61, 45), "uint8")).convert("P").save(tmp_path / "b.tif")
    agrees(tmp_path / "b.tif")
    tifffile.imwrite(tmp_path / "c.tif", RANDOM.random((61, 45)) > 0.5, rowsperstrip=9)
    agrees(tmp_path / "c.tif")


@pytest.mark.parametrize("dtype", ["bool", ">u2", "<f8", *KINDS])
@pytest.mark.parametrize("shape", [(61, 45), (61, 45, 1), (61, 45, 3), (61, 45, 4)], ids=str)
def test_npy(tmp_path: Path, dtype: str, shape: tuple[int, ...]) -> None:
    np.save(tmp_path / "a.npy", picture(shape, dtype))
    agrees(tmp_path / "a.npy")


def test_what_is_only_read_as_a_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    image = picture((61, 45, 3), "uint8")
    for name in ("a.png", "a.jpg", "a.webp", "a.bmp"):
        Image.fromarray(image).save(tmp_path / name)
        with pytest.raises(NotByRows, match=f"{name} can only be read as a whole; vips copy {name}"):
            open_rows(tmp_path / name)
        size = declared_size(tmp_path / name)
        assert (size.height, size.width, size.channels) == (61, 45, 3)
        assert size.held > image.nbytes
    np.save(tmp_path / "f.npy", np.asfortranarray(image))
    with pytest.raises(NotByRows, match="ascontiguousarray"):
        open_rows(tmp_path / "f.npy")
    Image.fromarray(image).save(tmp_path / "turned.tif", tiffinfo={274: 6})
    with pytest.raises(NotByRows, match="vips autorot"):
        open_rows(tmp_path / "turned.tif")
    tifffile.imwrite(tmp_path / "one.tif", image, compression="zlib", rowsperstrip=61)
    monkeypatch.setattr("kernels.pictures.windows.tiff.LARGEST_PIECE", 5000)
    with pytest.raises(NotByRows, match="too large to be read one by one; vips copy"):
        open_rows(tmp_path / "one.tif")


def test_a_damaged_tiff_that_tifffile_unpacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    image = picture((61, 45), "uint8")
    for name in ("a.tif", "b.tif"):
        tifffile.imwrite(tmp_path / name, image, compression="zlib", rowsperstrip=16)
    with tifffile.TiffFile(tmp_path / "b.tif") as file:
        start, count = file.pages.first.dataoffsets[2], file.pages.first.databytecounts[2]
    content = bytearray((tmp_path / "b.tif").read_bytes())
    content[start : start + count] = bytes(count)
    (tmp_path / "b.tif").write_bytes(content)
    monkeypatch.setattr("kernels.pictures.formats.tiff_segments._UNPACKERS", {})
    with open_rows(tmp_path / "a.tif") as rows:
        np.testing.assert_array_equal(rows.read(20, 61), image[20:])
    with open_rows(tmp_path / "b.tif") as rows:
        np.testing.assert_array_equal(rows.read(0, 32), image[:32])
        with pytest.raises(PictureError, match=r"b\.tif is damaged or cut short\."):
            rows.read(20, 61)

    def decode(*_: object, **__: object) -> None:
        raise ValueError("<COMPRESSION.LERC: 34887> requires the 'imagecodecs' package")

    monkeypatch.setattr(tifffile.TiffPage, "decode", decode)
    with pytest.raises(NotByRows, match=r"a\.tif is compressed by a method that is not known here .*; the package"):
        open_rows(tmp_path / "a.tif")


def test_files_that_are_no_pictures(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", picture((61, 45), "uint8"))
    content = (tmp_path / "a.npy").read_bytes()
    (tmp_path / "b.npy").write_bytes(content[:-1])
    (tmp_path / "c.tif").write_bytes(b"II*\0junk")
    (tmp_path / "d.txt").write_text("words")
    for name in ("b.npy", "c.tif", "d.txt", "missing.tif"):
        with pytest.raises(PictureError, match=name):
            open_rows(tmp_path / name)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32", "float64"])
@pytest.mark.parametrize("shape", [(1, 1), (61, 45), (64, 32, 3), (130, 70, 3)], ids=str)
@pytest.mark.parametrize("large", [1, 1 << 30], ids=["tiles", "rows"])
def test_parts_are_written_in_any_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dtype: str, shape: tuple[int, ...], large: int
) -> None:
    monkeypatch.setattr(targets, "TILE", 16)
    monkeypatch.setattr(targets, "LARGE", large)
    image, cuts = picture(shape, dtype), sorted({0, shape[0], *(n % shape[0] for n in (5, 16, 40, 41))})
    parts = list(pairwise(cuts))[::-1]
    for begin, name in ((targets.begin_tiff, "a.tif"), (targets.begin_npy, "a.npy")):
        with open(tmp_path / name, "w+b") as file:
            layout = begin(file, image.shape, image.dtype)
            for top, bottom in parts:
                layout.put(file.fileno(), top, image[top:bottom])
    np.testing.assert_array_equal(tifffile.imread(tmp_path / "a.tif"), image)
    np.testing.assert_array_equal(np.load(tmp_path / "a.npy"), image)


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
@pytest.mark.parametrize("shape", [(61, 45), (61, 45, 3)], ids=str)
@pytest.mark.parametrize("piece", [1, 700, 1 << 20])
def test_a_png_is_written_row_by_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dtype: str, shape: tuple[int, ...], piece: int
) -> None:
    monkeypatch.setattr(targets, "_PIECE", piece)
    image = picture(shape, dtype)
    image[20:40] = image[20]  # busy rows between flat ones
    image[:20] = image[40:] = 7
    files = set()
    for cuts in ([0, 61], [0, 7, 61], [0, 1, 25, 26, 60, 61]):
        with open(tmp_path / "a.png", "wb") as file:
            stream = targets.PngStream(file, image.shape, image.dtype, "a.png")
            for top, bottom in pairwise(cuts):
                stream.put(image[top:bottom])
        files.add((tmp_path / "a.png").read_bytes())
    assert len(files) == 1
    decoded = cv2.imread(str(tmp_path / "a.png"), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(decoded if image.ndim == 2 else decoded[:, :, ::-1], image)
    np.testing.assert_array_equal(read_picture(tmp_path / "a.png").pixels, image)


def test_what_is_flat_in_a_png_takes_no_room(tmp_path: Path) -> None:
    """A large flat picture with some noise: neither makes the other larger."""
    image = np.full((1500, 1500), 90, np.uint8)
    image[1400:, :] = np.random.default_rng(0).integers(0, 256, (100, 1500))
    with open(tmp_path / "a.png", "wb") as file:
        targets.PngStream(file, image.shape, image.dtype, "a.png").put(image)
    assert (tmp_path / "a.png").stat().st_size < 1.05 * 100 * 1500 + 30_000


@pytest.mark.parametrize("dtype", ["uint8", "float32"])
@pytest.mark.parametrize("shape", [(61, 45), (700, 300, 3)], ids=str)
def test_zarr(tmp_path: Path, dtype: str, shape: tuple[int, ...]) -> None:
    zarr = pytest.importorskip("zarr")
    from kernels.pictures.windows.zarr import ZarrPart, write_zarr

    image = picture(shape, dtype)

    def write(part: str, rows: int) -> None:
        """Some from the second shard on, then the first ones, not by whole shards."""
        for put, first, last in ((ZarrPart(part), rows, shape[0]), (ZarrPart(part), 0, min(rows, shape[0]))):
            for top in range(first, last, 100):
                put(top, image[top : min(top + 100, last)])

    for _ in (1, 2):
        write_zarr(str(tmp_path / "a.zarr"), image.shape, image.dtype, write)
    group = zarr.open_group(tmp_path / "a.zarr", mode="r")
    assert group.attrs["ome"]["version"] == "0.5"
    stored = group["0"][:]
    np.testing.assert_array_equal(stored if image.ndim == 2 else np.moveaxis(stored, 0, -1), image)
    with open_rows(tmp_path / "a.zarr") as rows:
        assert (rows.shape, rows.dtype) == (image.shape, image.dtype)
        for top, bottom in ((0, shape[0]), (5, 6), (20, 61)):
            np.testing.assert_array_equal(rows.read(top, bottom), image[top:bottom])
    assert [each.name for each in tmp_path.iterdir()] == ["a.zarr"]


def test_a_damaged_zarr(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("zarr")
    from kernels.pictures.windows import zarr

    image = picture((61, 45, 3), "uint8")
    zarr.write_zarr(str(tmp_path / "a.zarr"), image.shape, image.dtype, lambda part, _: zarr.ZarrPart(part)(0, image))
    with monkeypatch.context() as patch:
        patch.setattr(zarr, "LARGEST_PIECE", 3 * 256 * 45 - 1)
        with pytest.raises(PictureError, match="too large to be read"):
            open_rows(tmp_path / "a.zarr")
    shard = next(path for path in (tmp_path / "a.zarr" / "0" / "c").rglob("*") if path.is_file())
    content = shard.read_bytes()
    for damaged in (bytes(100) + content[100:], content[:50]):
        shard.write_bytes(damaged)
        with open_rows(tmp_path / "a.zarr") as rows, pytest.raises(PictureError, match=r"a\.zarr is damaged or cut"):
            rows.read(0, 61)


def test_the_pieces_of_a_wide_picture_have_fewer_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever reads a row has to unpack all tiles on it."""
    assert targets.rows_of_tiles((40_000, 40_000), np.dtype(np.uint8)) == 512
    for shape, dtype in (((3000, 120_000, 3), "float32"), ((3000, 1_000_000), "uint16"), ((9, 500_000_000), "uint8")):
        rows = targets.rows_of_tiles(shape, np.dtype(dtype))
        row = int(np.prod(shape[1:])) * np.dtype(dtype).itemsize
        assert rows % 16 == 0
        assert rows == 16 or rows * row <= 1 << 26 < 2 * rows * row
    monkeypatch.setattr(targets, "LARGE", 1)
    monkeypatch.setattr(targets, "_ROW_OF_TILES", 100_000)
    image = picture((301, 700, 3), "uint8")
    with open(tmp_path / "a.tif", "w+b") as file:
        targets.begin_tiff(file, image.shape, image.dtype).put(file.fileno(), 0, image)
    assert tifffile.TiffFile(tmp_path / "a.tif").pages[0].tilelength == 32
    np.testing.assert_array_equal(tifffile.imread(tmp_path / "a.tif"), image)


def test_two_pieces_are_held() -> None:
    """A window and the next, which overlap where a piece ends, unpack nothing twice."""
    unpacked: list[int] = []

    def unpack(number: int) -> np.ndarray:
        unpacked.append(number)
        return np.full(2, number)

    pieces = Pieces(unpack)
    for number in (0, 1, 0, 1, 2, 1, 2, 3):
        assert pieces(number)[0] == number
    assert unpacked == [0, 1, 2, 3]
    pieces(0)
    assert unpacked == [0, 1, 2, 3, 0]


def test_zarr_without_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "zarr", None)
    (tmp_path / "a.zarr").mkdir()
    with pytest.raises(PictureError, match=r"pip install 'kernelscope\[zarr\]'"):
        open_rows(tmp_path / "a.zarr")
