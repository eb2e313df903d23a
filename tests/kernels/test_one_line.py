"""Whatever is typed or named, the console gets one line, of sensible length, that steers no terminal."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kernels import library
from kernels.commands import cli
from kernels.errors import quoted, shown, unknown_name
from kernels.kernel import Kernel
from kernels.kernel.files import read_kernel
from kernels.pictures.picture import PictureError
from kernels.pictures.reading import open_picture, open_sample, read_picture

ROOT = Path(__file__).resolve().parents[2]
NASTY = "a\nb\x1b[2Jc\rd"


def test_foreign_text_is_shown_plainly():
    assert shown("plain") == "plain"
    assert shown(Path("a/Ünïcödé 世界.png")) == "a/Ünïcödé 世界.png"
    assert shown(NASTY) == "a\\nb\\x1b[2Jc\\rd"
    assert shown("\udc80") == "\\udc80"
    assert shown("\u202egnp.exe") == "\\u202egnp.exe"
    assert shown("ab" * 5000).count("ab") > 50
    assert len(shown("7" * 5000)) == 120
    assert quoted("7" * 10**7) == quoted("7" * 5000)
    assert len(quoted("7" * 5000)) < 130
    assert quoted("a'b") == '"a\'b"'


def test_a_name_of_megabytes_is_neither_compared_nor_repeated():
    assert len(str(unknown_name("border", "x" * 10**7, ["wrap"]))) < 250
    for call in (library.get, library.entry, open_sample, open_picture, Kernel.parse, library.from_text):
        with pytest.raises(ValueError) as caught:
            call("y" * 10**6)
        assert len(str(caught.value)) < 1600, call


@pytest.mark.skipif(sys.platform == "win32", reason="such names are not allowed there")
def test_names_with_line_ends_stay_in_one_line(tmp_path):
    folder = tmp_path / NASTY
    folder.mkdir()
    for name in ("nothing.png", "words.png", "half.png"):
        path = folder / f"{NASTY}{name}"
        if name != "nothing.png":
            path.write_bytes(b"hello" if name == "words.png" else b"\x89PNG\r\n\x1a\n")
        with pytest.raises(PictureError) as caught:
            read_picture(path)
        assert str(caught.value).isprintable()
    for name, content in (("k.json", "{"), ("k.csv", "1,x"), ("k.mat", "9"), ("k.txt", "1 2\n3"), ("k.npy", "no")):
        path = folder / f"{NASTY}{name}"
        path.write_text(content)
        with pytest.raises(ValueError) as caught:
            read_kernel(path)
        assert str(caught.value).isprintable()


ATTACKS = [
    ["apply", "sobel-x", NASTY + ".png", "-o", "x.png"],
    ["apply", NASTY, "camera", "-o", "x.png"],
    ["apply", "1 2 " + NASTY, "camera", "-o", "x.png"],
    ["apply", "sobel-x", "camera", "-o", NASTY + "/x.png"],
    ["apply", "sobel-x", "camera", "-o", NASTY],
    ["apply", "sobel-x", "camera", "-o", "x.png", "--stride", "9" * 5000],
    ["apply", "sobel-x", "camera", "-o", "x.png", "--divisor", "9" * 5000],
    ["apply", "sobel-x", "camera", "-o", "x.png", "--padding", "9" * 5000],
    ["apply", "sobel-x", "camera", "-o", "x.png", "--border", NASTY * 900],
    ["apply", "sobel-x", "camera", "-o", "x.png", "--channel", NASTY * 900],
    ["apply", "sobel-x", "camera", "-o", "x.png", "--range", NASTY],
    ["apply", "sobel-x", "camera", "-o", "x.png", NASTY],
    ["apply", "sobel-x", "9" * 5000, "-o", "x.png"],
    ["apply", "9" * 5000, "camera", "-o", "x.png"],
    ["apply", "gaussian(sigma=" + "9" * 5000 + ")", "camera", "-o", "x.png"],
    ["apply", "gaussian(" + NASTY + "=1)", "camera", "-o", "x.png"],
    ["gradient", "camera", "--operator", NASTY],
    ["gradient", NASTY],
    ["filters", NASTY, "-o", "x.png"],
    ["filters", "lenet5", "-o", "x.png", "--layer", "9" * 5000],
    ["filters", "lenet5", "-o", "x.png", "--scale", NASTY],
    ["train", NASTY, "--data", ".", "-o", "x.npz"],
    ["train", "lenet5", "--data", NASTY, "-o", "x.npz"],
    ["train", "lenet5", "--data", ".", "-o", NASTY + ".npz", "--epochs", "9" * 5000],
    ["train", "lenet5", "--data", ".", "-o", "x.npz", "--rate", "9" * 5000],
    ["evaluate", NASTY, "--data", "."],
    ["evaluate", "lenet5", "--data", NASTY],
]


@pytest.mark.parametrize("arguments", ATTACKS, ids=range(len(ATTACKS)))
def test_the_console_gets_one_line(tmp_path, monkeypatch, capfd, arguments):
    monkeypatch.chdir(tmp_path)
    assert cli.main(arguments) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert err.endswith("\n")
    assert err[:-1].isprintable()
    assert len(err) < 1000
    assert os.listdir(tmp_path) == []


def damaged_tiffs(folder):
    pixels = np.random.default_rng(2).integers(0, 256, (60, 60, 3), np.uint8)
    for kind in ("tiff_lzw", "jpeg", "group4", "tiff_adobe_deflate", "packbits"):
        image = Image.fromarray(pixels)
        path = folder / f"{kind}.tif"
        (image.convert("1") if kind == "group4" else image).save(path, compression=kind)
        data = bytearray(path.read_bytes())
        for share in (0.3, 0.6, 0.9):
            data[int(len(data) * share)] ^= 0xFF
        path.write_bytes(data)
        yield path
    for kind, suffix in (("PNG", ".png"), ("JPEG", ".jpg"), ("WEBP", ".webp")):
        path = folder / f"hurt{suffix}"
        Image.fromarray(pixels).save(path, kind)
        data = path.read_bytes()
        path.write_bytes(data[:200] + b"\0\0\0" + data[203:600] + data[640:])
        yield path
    import tifffile

    path = folder / "wild.tif"
    tifffile.imwrite(path, pixels)
    data = path.read_bytes()
    path.write_bytes(data[:8] + data[8:40] + b"\xff" * 40 + data[80:])
    yield path


def test_the_libraries_print_nothing_beside_it(tmp_path):
    """libpng, libtiff and libjpeg write to the stream of the process, which only a process of its own shows."""
    paths = [str(path) for path in damaged_tiffs(tmp_path)]
    code = (
        "import sys\nfrom kernels.commands import cli\n"
        "for path in sys.argv[1:]:\n"
        "    status = cli.main(['apply', 'sobel-x', path, '-o', path + '.npy'])\n"
        "    print(status, flush=True)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, *paths], cwd=ROOT, capture_output=True, text=True, check=True)
    statuses = [line for line in done.stdout.splitlines() if line in ("0", "2")]
    assert len(statuses) == len(paths)
    lines = done.stderr.splitlines()
    assert len(lines) == statuses.count("2")
    assert all(line.startswith("kernelscope apply: ") for line in lines)


def test_the_stream_comes_back_after_the_last_of_several_users(capfd):
    from kernels.opencv import cv2
    from kernels.pictures.formats.quiet import quiet

    log = getattr(cv2.utils, "logging", cv2)
    before = log.getLogLevel()
    with quiet():
        with quiet():
            os.write(2, b"one\n")
        os.write(2, b"two\n")
        assert log.getLogLevel() == 0
    os.write(2, b"three\n")
    assert capfd.readouterr().err == "three\n"
    assert log.getLogLevel() == before > 0
