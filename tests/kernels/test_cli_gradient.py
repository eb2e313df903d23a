"""kernelscope gradient: what it writes is what the library computes; wrong usage is one line and status 2."""

import re

import numpy as np
import pytest
from PIL import Image

from kernels import Kernel, gradient
from kernels.commands import cli
from kernels.gradients.accuracy import measure, sinusoid, worst_wave_angles
from kernels.gradients.direction_colours import render_direction
from kernels.kernel import library
from kernels.pictures.reading import open_sample, read_picture

CHELSEA = open_sample("chelsea").pixels


def run(*arguments: object) -> int:
    return cli.main(["gradient", *(str(argument) for argument in arguments)])


@pytest.mark.parametrize("suffix", [".npy", ".tif"])
def test_raw_outputs_hold_the_numbers(tmp_path, suffix, capsys):
    paths = {name: tmp_path / f"{name}{suffix}" for name in ("gx", "gy", "magnitude", "direction", "thin")}
    outputs = [word for name, path in paths.items() for word in (f"--{name}", path)]
    assert run("chelsea", *outputs, "--low", "60", "--high", "140") == 0
    g = gradient(CHELSEA)
    for name in ("gx", "gy", "magnitude", "direction"):
        np.testing.assert_array_equal(read_picture(paths[name]).pixels, getattr(g, name))
    np.testing.assert_array_equal(read_picture(paths["thin"]).pixels, g.edges(60, 140) * np.uint8(255))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("chelsea: 451 × 300, Sobel, magnitude 0 to ")
    assert len(lines) == 6


@pytest.mark.parametrize(("arguments", "options"), [
    (["--operator", "roberts"], {"operator": "roberts"}),
    (["--operator", "gaussian(sigma=2)"], {"operator": "gaussian(sigma=2)"}),
    (["--operator", "-1 0 1"], {"operator": Kernel([[-1, 0, 1]])}),
    (["--operator", "kirsch-east"], {"operator": library.get("kirsch-east")}),
    (["--operator", "roberts-1", "--second", "0 -1; 1 0"],
     {"operator": (library.get("roberts-1"), Kernel([[0, -1], [1, 0]]))}),
    (["--scaling", "per-pixel", "--operator", "sobel-5"], {"scaling": "per-pixel", "operator": "sobel-5"}),
    (["--norm", "l1"], {"norm": "l1"}),
    (["--sigma", "3/2"], {"sigma": 1.5}),
    (["--colour", "structure-tensor"], {"colour": "structure-tensor"}),
    (["--padding", "0,4", "--border", "wrap"], {"padding": (0, 4), "border": "wrap"}),
    (["--border", "constant", "--border-value", "-9"], {"border": "constant", "border_value": -9}),
    (["--stride", "3", "--dilation", "2,1"], {"stride": 3, "dilation": (2, 1)}),
])  # fmt: skip
def test_options_reach_the_gradient(tmp_path, arguments, options):
    out = tmp_path / "m.npy"
    assert run("chelsea", "--magnitude", out, *arguments) == 0
    np.testing.assert_array_equal(np.load(out), gradient(CHELSEA, **options).magnitude)


def test_shown_outputs(tmp_path):
    paths = [tmp_path / f"{name}.png" for name in ("gx", "gy", "magnitude", "direction", "thin")]
    names = ("--gx", "--gy", "--magnitude", "--direction", "--thin")
    assert run("disc", *[word for pair in zip(names, paths, strict=True) for word in pair], "--low=9", "--high=99") == 0
    gx, gy, magnitude, direction, thin = (np.asarray(Image.open(path)) for path in paths)
    g = gradient(open_sample("disc").pixels)
    # Diverging, one scale for both: neutral in the middle, blue where brightness falls, orange where it grows.
    assert gx[128, 128].tolist() == gy[128, 128].tolist() == [0xF2] * 3
    assert gx[128, 47, 0] > gx[128, 47, 2]
    assert gx[128, 208, 2] > gx[128, 208, 0]
    np.testing.assert_array_equal(gx.transpose(1, 0, 2), gy)
    np.testing.assert_array_equal(magnitude, np.rint(g.magnitude / g.magnitude.max() * 255))
    np.testing.assert_array_equal(direction, render_direction(g.direction, g.magnitude))
    np.testing.assert_array_equal(thin > 0, g.edges(9, 99))
    assert run("disc", "--direction", paths[3], "--cyclic-map") == 0
    np.testing.assert_array_equal(
        np.asarray(Image.open(paths[3])), render_direction(g.direction, g.magnitude, "twilight")
    )


def test_a_picture_alone_is_summed_up(capsys):
    assert run("step", "--operator", "roberts", "--scaling", "per-pixel") == 0
    out = capsys.readouterr().out
    assert out.startswith("step: 256 × 256, Roberts, magnitude 0 to 128, mean 0.5, 65,280 pixels without direction")
    assert "rotated" in out


def test_accuracy_needs_no_picture(capsys):
    assert run("--accuracy") == 0
    *blocks, waves = capsys.readouterr().out.strip().split("\n\n")
    assert [block.splitlines()[0].split(",")[0].split()[0] for block in blocks] == [
        "Cone",
        "Zone",
        "Sinusoid",
        "Sinusoid",
    ]
    for block in blocks:
        lines = block.splitlines()[3:]
        assert len(lines) == 8
        assert len({len(line) for line in lines}) == 1
        mean = {line[:26].strip(): float(re.findall(r"([\d.]+)°", line)[0]) for line in lines}
        assert mean["Scharr"] < mean["Sobel"] < mean["Prewitt"]
    title, heading, *lines = waves.splitlines()
    assert (title, len(lines)) == ("Waves of any angle, worst angle error", 8)
    assert heading.split()[3:] == ["0.05", "0.10", "0.15", "0.20", "0.25", "0.30"]
    scharr = next(line for line in lines if line.startswith("Scharr"))
    expected = worst_wave_angles("scharr", [0.05, 0.1, 0.15, 0.2, 0.25, 0.3])
    assert [float(word[:-1]) for word in scharr.split()[1:]] == pytest.approx(expected, abs=5e-5)


def test_accuracy_of_a_kernel_on_a_wave(capsys):
    assert run("--accuracy", "--operator", "-1 0 1", "--frequency", "0.2", "--angle", "-30") == 0
    *_, wave, any_angle = capsys.readouterr().out.strip().split("\n\n")
    block = wave.splitlines()
    assert any_angle.splitlines()[-1].startswith("Kernel and transpose")
    assert block[0] == "Sinusoid, 0.2 cycles per pixel at -30°"
    row = measure("central", sinusoid(0.2, -30))
    assert block[-1].startswith("Kernel and transpose")
    assert f"{row.mean_angle:.4f}°" in block[-1]


@pytest.mark.parametrize(("arguments", "text"), [
    ([], "IMAGE is missing"),
    (["--accuracy", "--gx", "x.npy"], "needs an IMAGE"),
    (["chelsea", "--thin", "x.png"], "--low L and --high H"),
    (["chelsea", "--thin", "x.png", "--low", "5"], "--low L and --high H"),
    (["chelsea", "--low", "5"], "--thin OUT"),
    (["chelsea", "--thin", "x.png", "--low", "5", "--high", "3"], "must not be above"),
    (["chelsea", "--thin", "x.png", "--low", "a", "--high", "3"], "--low"),
    (["chelsea", "--thin", "x.png", "--low", "1", "--high", "nan"], "--high"),
    (["chelsea", "--frequency", "0.1"], "--accuracy"),
    (["--accuracy", "--frequency", "0.6"], "at most 0.5"),
    (["chelsea", "--gx", "x.gif"], "must end in"),
    (["chelsea", "--gx", "x.npy", "--gy", "./x.npy"], "same name"),
    (["chelsea", "--operator", "sobell"], "'sobel'"),
    (["chelsea", "--operator", "gaussian(sigma=99)"], "0.5 to 10"),
    (["chelsea", "--operator", "1 1; 1", "--gx", "x.npy"], "row 2"),
    (["chelsea", "--operator", "box", "--scaling", "per-pixel"], "per-pixel"),
    (["chelsea", "--scaling", "pixel"], "per-pixel"),
    (["chelsea", "--norm", "l3"], "l1"),
    (["chelsea", "--sigma", "-1"], "sigma"),
    (["chelsea", "--colour", "red"], "luma"),
    (["chelsea", "--border", "mirror"], "reflect"),
    (["chelsea", "--stride", "0"], "stride"),
    (["chelsee"], "chelsea"),
])  # fmt: skip
def test_wrong_usage_is_one_line_and_leaves_nothing(tmp_path, monkeypatch, capsys, arguments, text):
    monkeypatch.chdir(tmp_path)
    assert run(*arguments) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith("kernelscope gradient: ")
    assert captured.err.count("\n") == 1
    assert text.lower() in captured.err.lower()
    assert not list(tmp_path.iterdir())


def test_the_input_is_never_overwritten(tmp_path, capsys):
    path = tmp_path / "in.png"
    Image.fromarray(CHELSEA).save(path)
    before = path.read_bytes()
    assert run(path, "--magnitude", path) == 2
    assert "input itself" in capsys.readouterr().err
    assert path.read_bytes() == before


def test_a_kernel_file_is_never_overwritten(tmp_path, capsys):
    path = tmp_path / "kernel.npy"
    np.save(path, np.array([[-1.0, 0.0, 1.0]]))
    before = path.read_bytes()
    for options in (("--operator", path), ("--operator", "sobel-x", "--second", path)):
        assert run("chelsea", *options, "--gx", path) == 2
        assert "input itself" in capsys.readouterr().err
        assert path.read_bytes() == before
