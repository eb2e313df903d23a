"""Pictures that are only looked at by windows: the file's pixels, smaller copies, and what a kernel makes of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from scipy import ndimage, signal

from kernels.errors import Cancelled
from kernels.filtering.geometry import SlidingOptions
from kernels.filtering.tracing import take_apart
from kernels.kernel import Kernel, library
from kernels.pictures.picture import Picture, PictureError
from kernels.pictures.windows import seen
from kernels.pictures.windows.rows import HeldRows
from kernels.pictures.windows.seen import FileWindows, FilteredWindows, open_for_view

SCIPY_BORDERS = {"replicate": "nearest", "reflect": "reflect", "reflect101": "mirror", "wrap": "wrap"}


@pytest.fixture(autouse=True)
def _all_are_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen, "MAXIMUM_PIXELS", 100)
    monkeypatch.setattr(seen, "_PIECE", 4096)


def noise(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, shape).astype(np.uint8)


def tiled(path: Path, pixels: np.ndarray, **more: Any) -> Path:
    tifffile.imwrite(path, pixels, tile=(32, 48), compression="zlib", **more)
    return path


@pytest.fixture
def grey(tmp_path: Path) -> tuple[Any, np.ndarray]:
    pixels = noise(130, 210)
    return open_for_view(tiled(tmp_path / "a.tif", pixels)), pixels


def test_it_answers_as_an_array_where_it_is_indexed(grey) -> None:
    picture, pixels = grey
    windows = picture.pixels
    assert not picture.is_held
    assert (picture.shape, windows.ndim, windows.size, picture.bits) == ((130, 210), 2, pixels.size, "8-bit grey")
    assert windows[17, 205] == pixels[17, 205]
    np.testing.assert_array_equal(windows[30:70, 40:100], pixels[30:70, 40:100])
    np.testing.assert_array_equal(windows[129], pixels[129])
    np.testing.assert_array_equal(windows[120:, 5], pixels[120:, 5])


def test_whoever_wants_all_of_it_hears_a_sentence(grey) -> None:
    with pytest.raises(PictureError, match=r"a\.tif is larger than the memory takes"):
        np.asarray(grey[0].pixels)
    with pytest.raises(PictureError, match="shown by parts"):
        list(reversed(grey[0].pixels))


def test_a_window_of_a_wide_picture_is_read_a_few_rows_at_a_time() -> None:
    pixels, asked = noise(60, 1000, 3), []

    class Told(HeldRows):
        def read(self, top: int, bottom: int) -> np.ndarray:
            asked.append(bottom - top)
            return super().read(top, bottom)

    windows = FileWindows([Told(Picture(pixels))])
    np.testing.assert_array_equal(windows[7:59, 990:], pixels[7:59, 990:])
    assert (sum(asked), max(asked)) == (52, 1)


def test_the_look_at_all_pixels_for_their_white_can_be_given_up(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.ones((130, 210), np.float32))
    assert open_for_view(tmp_path / "a.npy").white == 1.0
    with pytest.raises(Cancelled):
        open_for_view(tmp_path / "a.npy", cancelled=lambda: True)


@pytest.mark.parametrize("halvings", [1, 2, 3])
def test_seen_from_afar_it_is_the_mean_of_blocks(grey, halvings: int) -> None:
    picture, pixels = grey
    step = 2**halvings
    found = picture.pixels.part((16, 112), (8, 200), halvings)
    blocks = pixels[16:112, 8:200].astype(float).reshape(96 // step, step, 192 // step, step)
    np.testing.assert_allclose(found, blocks.mean(axis=(1, 3)), atol=1e-3)
    whole = picture.pixels.overview(halvings)
    assert whole.shape == (-(-130 // step), -(-210 // step))
    assert picture.pixels.overview(halvings) is whole


@pytest.mark.parametrize("how", ["subifds", "pages"])
def test_the_files_own_pyramid_is_taken(tmp_path: Path, how: str) -> None:
    levels = [noise(128, 192), noise(64, 96, seed=1), noise(32, 48, seed=2)]  # so that it shows which one was read
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        options: dict[str, Any] = {"tile": (32, 32), "compression": "zlib"}
        writer.write(levels[0], subifds=2 if how == "subifds" else 0, **options)
        for level in levels[1:]:
            writer.write(level, subfiletype=1, **options)
    windows = open_for_view(tmp_path / "a.tif").pixels
    assert isinstance(windows, FileWindows)
    np.testing.assert_array_equal(windows.part((0, 128), (0, 192), 0), levels[0])
    np.testing.assert_array_equal(windows.part((32, 96), (64, 192), 1), levels[1][16:48, 32:96])
    np.testing.assert_array_equal(windows.part((0, 128), (0, 192), 2), levels[2])
    blocks = levels[2].astype(float).reshape(16, 2, 24, 2)
    np.testing.assert_allclose(windows.part((0, 128), (0, 192), 3), blocks.mean(axis=(1, 3)), atol=1e-3)


def test_a_copy_that_cannot_be_read_is_not_missed(tmp_path: Path) -> None:
    levels = [noise(128, 192), noise(64, 96, seed=1)]
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        writer.write(levels[0], tile=(32, 32))
        writer.write(levels[1], subfiletype=1, tile=(32, 32), extratags=[(274, 3, 1, 6, True)])
    windows = open_for_view(tmp_path / "a.tif").pixels
    assert isinstance(windows, FileWindows)
    blocks = levels[0].astype(float).reshape(64, 2, 96, 2)
    np.testing.assert_allclose(windows.part((0, 128), (0, 192), 1), blocks.mean(axis=(1, 3)), atol=1e-3)


def test_the_smaller_copies_of_an_ome_zarr_are_taken(tmp_path: Path) -> None:
    zarr = pytest.importorskip("zarr")
    levels = [noise(128, 192), noise(64, 96, seed=1), noise(32, 48, seed=2)]
    datasets = [{"path": str(number)} for number in range(3)]
    axes = [{"name": name, "type": "space"} for name in "yx"]
    attributes = {"ome": {"version": "0.5", "multiscales": [{"axes": axes, "datasets": datasets}]}}
    group = zarr.create_group(str(tmp_path / "a.zarr"), zarr_format=3, attributes=attributes)
    for number, level in enumerate(levels):
        group.create_array(str(number), data=level, chunks=(32, 32))
    picture = open_for_view(tmp_path / "a.zarr")
    windows: Any = picture.pixels
    assert (picture.shape, picture.origin.path) == ((128, 192), str(tmp_path / "a.zarr"))
    np.testing.assert_array_equal(windows[5:100, 7:90], levels[0][5:100, 7:90])
    np.testing.assert_array_equal(windows.part((0, 128), (64, 192), 1), levels[1][:, 32:96])
    np.testing.assert_array_equal(windows.overview(2), levels[2])


@pytest.mark.parametrize("border", ["constant", *SCIPY_BORDERS])
def test_what_a_kernel_makes_of_it_is_the_same_in_every_window(grey, border: str) -> None:
    picture, pixels = grey
    kernel = library.get("sobel-x")
    found = FilteredWindows(picture, "rgb", kernel, SlidingOptions(border=border))
    values = pixels.astype(float)
    if border == "constant":
        expected = signal.correlate2d(values, kernel.weights, "same")
    else:
        expected = ndimage.correlate(values, kernel.weights, mode=SCIPY_BORDERS[border])
    assert found.shape == expected.shape
    np.testing.assert_array_equal(found[0:130, 0:210], expected)
    np.testing.assert_array_equal(found[120:130, 190:210], expected[120:130, 190:210])
    assert found[0, 209] == expected[0, 209]
    for halvings in (1, 2, 4):
        step = 2**halvings
        part = found.part((8, 130), (4, 210), halvings)
        np.testing.assert_array_equal(part, expected[8:130:step, 4:210:step])


@pytest.mark.parametrize("operation", ["correlation", "convolution"])
def test_strides_dilation_and_even_kernels(grey, operation: str) -> None:
    picture, pixels = grey
    weights = np.random.default_rng(3).integers(-9, 9, (4, 6)).astype(float)
    options = SlidingOptions(operation=operation, stride=(2, 3), dilation=(3, 1), padding="full")
    found = FilteredWindows(picture, "rgb", Kernel(weights, divisor=2.0, offset=1.0), options)
    spread = np.zeros((10, 6))
    spread[::3] = weights
    run = signal.correlate2d if operation == "correlation" else signal.convolve2d
    expected = run(pixels.astype(float), spread, "full")[::2, ::3] / 2 + 1
    assert found.shape == expected.shape
    np.testing.assert_allclose(found[0 : found.shape[0], 0 : found.shape[1]], expected, rtol=1e-6, atol=1e-3)
    np.testing.assert_allclose(found.part((0, 60), (0, 60), 3), expected[:60:8, :60:8], rtol=1e-6, atol=1e-3)


def test_colours_channels_and_kernels_with_channels(tmp_path: Path) -> None:
    pixels = noise(40, 60, 3)
    picture = open_for_view(tiled(tmp_path / "a.tif", pixels, photometric="rgb"))
    kernel, options = library.get("sobel-y"), SlidingOptions()
    each = FilteredWindows(picture, "rgb", kernel, options)
    assert each.shape == (40, 60, 3)
    green = signal.correlate2d(pixels[..., 1].astype(float), kernel.weights, "same")
    np.testing.assert_array_equal(each[0:40, 0:60][..., 1], green)
    np.testing.assert_array_equal(FilteredWindows(picture, "g", kernel, options)[3:9, 0:60], green[3:9])
    summed = Kernel(np.stack([kernel.weights * factor for factor in (1, 2, 3)], axis=-1))
    expected = sum(
        factor * signal.correlate2d(pixels[..., n].astype(float), kernel.weights, "same")
        for n, factor in enumerate((1, 2, 3))
    )
    np.testing.assert_array_equal(FilteredWindows(picture, "rgb", summed, options)[0:40, 0:60], expected)


def test_an_output_pixel_is_taken_apart_as_in_a_picture_that_is_held(tmp_path: Path) -> None:
    pixels = noise(40, 60, 3)
    picture = open_for_view(tiled(tmp_path / "a.tif", pixels, photometric="rgb"))
    options = SlidingOptions(operation="convolution", dilation=2, stride=(1, 2), border="reflect101")
    kernel = Kernel(np.arange(12.0).reshape(3, 4) - 5, divisor=3.0, offset=2.0)
    found = FilteredWindows(picture, "rgb", kernel, options)
    for position in ((0, 0), (17, 11), (39, 29)):
        for channel, trace in enumerate(found.traces(position)):
            expected = take_apart(pixels, kernel, position, options, channel)
            for name in ("position", "channel", "sum", "value", "divisor", "offset"):
                assert getattr(trace, name) == pytest.approx(getattr(expected, name)), name
            for name in ("window", "weights", "origins", "outside", "products"):
                np.testing.assert_array_equal(getattr(trace, name), getattr(expected, name), name)


def test_it_is_cancelled_between_pieces(grey) -> None:
    picture = grey[0]
    filtered = FilteredWindows(picture, "rgb", library.get("sobel-x"), SlidingOptions())
    for windows in (picture.pixels, filtered):
        with pytest.raises(Cancelled):
            windows.overview(1, lambda: True)


def test_what_fits_is_held_and_what_cannot_be_read_by_windows_is_refused(tmp_path: Path, monkeypatch) -> None:
    tifffile.imwrite(tmp_path / "small.tif", noise(9, 9))
    assert open_for_view(tmp_path / "small.tif").is_held
    from PIL import Image

    Image.fromarray(noise(90, 90)).save(tmp_path / "large.png")
    with pytest.raises(PictureError, match=r"large\.png is 90 × 90, too large to be opened.*vips copy"):
        open_for_view(tmp_path / "large.png")
    (tmp_path / "text.tif").write_text("hello")
    with pytest.raises(PictureError, match="text"):
        open_for_view(tmp_path / "text.tif")
