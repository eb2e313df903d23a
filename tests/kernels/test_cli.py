"""The command line: what it computes is what the library computes, and what it writes is what was asked for."""

import json
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from kernels import Kernel, convolve, correlate
from kernels.commands import cli
from kernels.kernel import library
from kernels.kernel.files import write_kernel
from kernels.pictures.reading import open_sample, read_picture

LECTURE_KERNEL = "0 1 2; 2 2 0; 0 1 2"
CAMERA = open_sample("camera").pixels


def apply(tmp_path, *arguments, name="out.npy"):
    """Run apply and return the pixels that it wrote."""
    out = tmp_path / name
    assert cli.main(["apply", *arguments, "-o", str(out)]) == 0
    return read_picture(out).pixels


def test_the_lectures_example(tmp_path):
    result = apply(tmp_path, LECTURE_KERNEL, "lecture-5x5", "--padding", "valid", "--range", "raw")
    assert result.tolist() == [[12, 12, 17], [10, 17, 19], [9, 6, 14]]
    result = apply(tmp_path, LECTURE_KERNEL, "lecture-5x5", "--padding", "1", "--stride", "2", "--range", "raw")
    assert result.tolist() == [[6, 17, 3], [8, 17, 13], [6, 4, 4]]


def test_the_lectures_box_as_a_png(tmp_path, capsys):
    result = apply(tmp_path, "1 1 1; 1 1 1; 1 1 1 / 9", "lecture-grid", "--padding", "valid", name="box.png")
    assert result[0].tolist() == [0, 10, 20, 30, 30, 30, 20, 10]
    assert result[7].tolist() == [10, 10, 10, 0, 0, 0, 0, 0]
    assert "0 pixels clipped" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        ([], {}),
        (["--padding", "full"], {"padding": "full"}),
        (["--padding", "3"], {"padding": 3}),
        (["--padding", "3,0", "--border", "wrap"], {"padding": (3, 0), "border": "wrap"}),
        (["--stride", "2,3", "--dilation", "4"], {"stride": (2, 3), "dilation": 4}),
        (["--border", "reflect101", "--padding", "600"], {"border": "reflect101", "padding": 600}),
        (["--border-value", "-1/2"], {"border_value": -0.5}),
        (["--border-value=-7"], {"border_value": -7.0}),
        (["--border", "replicate", "--stride", "7"], {"border": "replicate", "stride": 7}),
    ],
)
@pytest.mark.parametrize("operation", ["correlation", "convolution"])
def test_options_reach_the_filter(tmp_path, arguments, options, operation):
    result = apply(tmp_path, "sobel-x", "camera", "--range", "raw", "--operation", operation, *arguments)
    expected = (correlate if operation == "correlation" else convolve)(CAMERA, library.get("sobel-x"), **options)
    np.testing.assert_array_equal(result, expected)
    assert result.dtype == np.float32


@pytest.mark.parametrize("text", ["-1 0 1", "-1,0,1", "−1 0 1", "[-1, 0, 1]", "-1 0 1; ", "-2/2 0 1", "-1.0\t0\t1"])
def test_kernels_may_start_with_a_minus(tmp_path, text):
    result = apply(tmp_path, text, "camera", "--range", "raw")
    np.testing.assert_array_equal(result, correlate(CAMERA, Kernel([[-1, 0, 1]])))


@pytest.mark.parametrize("form", [["--offset", "-5", "--divisor", "-2"], ["--offset=-5", "--divisor=-2"]])
def test_divisor_and_offset_replace_those_of_the_kernel(tmp_path, form):
    result = apply(tmp_path, "1 2 1 / 4", "camera", "--range", "raw", *form)
    np.testing.assert_array_equal(result, correlate(CAMERA, Kernel([[1, 2, 1]], divisor=-2, offset=-5)))


def test_kernels_come_from_the_catalogue_a_file_or_text(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    kernel = Kernel([[1, 2], [3, -4]], divisor=3)
    for name in ("mine.json", "mine.csv", "mine.npy", "mine.txt"):
        write_kernel(tmp_path / name, kernel)
        result = apply(tmp_path, name, "camera", "--range", "raw")
        np.testing.assert_allclose(result, correlate(CAMERA, kernel), rtol=1e-5, atol=1e-3)
    result = apply(tmp_path, "gaussian(sigma=2)", "camera", "--range", "raw")
    np.testing.assert_array_equal(result, correlate(CAMERA, library.get("gaussian", sigma=2)))


@pytest.mark.parametrize("name", ["sobel x", "Sobel X", " SOBEL_X ", "sobel-x (size=3)"])
def test_names_of_kernels_may_be_written_as_on_screen(tmp_path, name):
    np.testing.assert_array_equal(apply(tmp_path, name, "camera", "--range", "raw"), RESULT)


def test_a_file_wins_over_a_sample(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "camera").write_bytes(b"P5 2 1 255\n\x05\x06")
    assert apply(tmp_path, "1", "camera", "--range", "raw").tolist() == [[5, 6]]


RESULT = correlate(CAMERA, library.get("sobel-x")).astype(np.float64)
PEAK = np.abs(RESULT).max()


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("clip", np.clip(RESULT, 0, 255)),
        ("abs", np.clip(np.abs(RESULT), 0, 255)),
        ("minmax", (RESULT - RESULT.min()) * 255 / (RESULT.max() - RESULT.min())),
        ("signed", (RESULT + PEAK) * 127.5 / PEAK),
    ],
)
def test_ranges(tmp_path, mode, expected):
    result = apply(tmp_path, "sobel-x", "camera", "--range", mode, name="r.png")
    assert np.abs(result - expected).max() <= 0.5 + 1e-4


def test_the_default_range_depends_on_the_kernel(tmp_path):
    for kernel, mode in (("sobel-x", "signed"), ("laplacian-4", "signed"), ("sharpen", "clip"), ("1 1 1 / 3", "clip")):
        chosen = apply(tmp_path, kernel, "camera", name="a.png")
        np.testing.assert_array_equal(chosen, apply(tmp_path, kernel, "camera", "--range", mode, name="b.png"), kernel)


def test_raw_tiff_keeps_the_numbers_and_white(tmp_path):
    out = tmp_path / "raw.tif"
    assert cli.main(["apply", "sobel-x", "camera", "-o", str(out), "--range", "raw"]) == 0
    picture = read_picture(out)
    np.testing.assert_array_equal(picture.pixels, RESULT)
    assert picture.white == 255


def test_colour_and_channels(tmp_path):
    coffee = open_sample("coffee").pixels
    kernel = library.get("sobel-y")
    np.testing.assert_array_equal(apply(tmp_path, "sobel-y", "coffee", "--range", "raw"), correlate(coffee, kernel))
    green = apply(tmp_path, "sobel-y", "coffee", "--range", "raw", "--channel", "g")
    np.testing.assert_array_equal(green, correlate(coffee[:, :, 1], kernel))
    lightness = apply(tmp_path, "1", "coffee", "--range", "raw", "--channel", "lab-l")
    assert 0 <= lightness.min() < lightness.max() <= 100.01
    shown = apply(tmp_path, "1", "coffee", "--channel", "s", name="s.png")
    assert shown.shape == coffee.shape[:2]
    assert shown.max() > 200


def test_16_bit_pictures_are_shown_by_their_own_white(tmp_path):
    deep = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    Image.fromarray(deep).save(tmp_path / "deep.png")
    shown = apply(tmp_path, "1", str(tmp_path / "deep.png"), name="shown.png")
    np.testing.assert_array_equal(shown, np.rint(deep / 257.0))


def test_non_finite_pixels_are_reported_and_marked(tmp_path, capsys):
    values = np.ones((5, 5), np.float32)
    values[2, 2] = np.nan
    np.save(tmp_path / "n.npy", values)
    shown = apply(tmp_path, "1 1 1 / 3", str(tmp_path / "n.npy"), "--border", "replicate", name="n.png")
    assert shown[2, 1].tolist() == [255, 0, 200]
    assert shown[0, 0].tolist() == [255, 255, 255]
    assert "3 not finite" in capsys.readouterr().out


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif", "webp", "bmp", "npy"])
def test_every_output_format_opens_again(tmp_path, suffix):
    shown = apply(tmp_path, "box", "camera", name=f"o.{suffix}")
    assert shown.shape[:2] == (512, 512)
    assert [path.name for path in tmp_path.iterdir()] == [f"o.{suffix}"]


def test_legal_but_odd_pictures(tmp_path):
    for shape in ((1, 1), (1, 5000)):
        np.save(tmp_path / "in.npy", np.full(shape, 100, np.uint8))
        for kernel in ("1 2; 3 4", "1 1 1 1 1 1 1"):
            for border in ("constant", "replicate", "reflect", "reflect101", "wrap"):
                arguments = [kernel, str(tmp_path / "in.npy"), "--border", border, "--padding", "9", "--range", "raw"]
                width = shape[1] + 18 - (1 if ";" in kernel else 6)
                assert apply(tmp_path, *arguments).shape[1] == width


def test_what_was_left_out_of_a_file_is_said(tmp_path, capsys):
    pages = [Image.new("L", (4, 4), shade) for shade in (10, 20, 30)]
    pages[0].save(tmp_path / "pages.tif", save_all=True, append_images=pages[1:])
    assert (apply(tmp_path, "1", str(tmp_path / "pages.tif"), name="o.png") == 10).all()
    assert capsys.readouterr().out.endswith("(page 1 of 3)\n")


def test_kernels_lists_every_entry(capsys):
    assert cli.main(["kernels"]) == 0
    out = capsys.readouterr().out
    for entry in library.entries():
        assert f"  {entry.name} " in out
        assert entry.summary in out
    assert "0 to 63 px, 0 unless given (0 fits three standard deviations on each side)\n" in out


def test_kernels_as_json(capsys):
    assert cli.main(["kernels", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [entry["name"] for entry in listed] == list(library.names())
    for entry in listed:
        assert entry["reference"]
        kernel = library.get(entry["name"])
        assert Kernel(entry["weights"], divisor=entry["divisor"], offset=entry["offset"]) == kernel.replace(name="")
        values = {parameter["name"]: parameter["default"] for parameter in entry["parameters"]}
        assert library.get(entry["name"], **values) == kernel


def test_help_is_printed_on_stdout(capsys):
    assert cli.main(["apply", "--help"]) == 0
    captured = capsys.readouterr()
    assert "--border-value" in captured.out
    assert captured.err == ""


def test_is_subcommand():
    assert cli.is_subcommand(["apply", "x"])
    assert cli.is_subcommand(["kernels"])
    assert not cli.is_subcommand([])
    assert not cli.is_subcommand(["camera"])
    assert not cli.is_subcommand(["--help"])


def test_a_reader_that_leaves_early_is_no_fault():
    code = "import sys; from kernels.commands import cli; sys.exit(cli.main(['kernels', '--json']))"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    errors = process.stderr.read()
    process.stderr.close()
    assert process.wait() == 0
    assert errors == b""


def test_nothing_of_the_window_is_imported(tmp_path):
    code = (
        "import sys; from kernels.commands import cli; status = cli.main(sys.argv[1:]); "
        "bad = [m for m in sys.modules if m.partition('.')[0] in ('PyQt6', 'pyqtgraph', 'viewer', 'torch')]; "
        "sys.exit(status or (f'imported {bad}' if bad else 0))"
    )
    arguments = ["apply", "sobel-x", "camera", "-o", str(tmp_path / "o.png")]
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "o.png").exists()


@pytest.mark.parametrize("text", ["array([[0, 1, 2], [2, 2, 0], [0, 1, 2]])", "np.array([[0,1,2],[2,2,0],[0,1,2]])"])
def test_a_kernel_as_numpy_prints_it_is_no_name(tmp_path, text):
    result = apply(tmp_path, text, "lecture-5x5", "--padding", "valid", "--range", "raw")
    assert result.tolist() == [[12, 12, 17], [10, 17, 19], [9, 6, 14]]
