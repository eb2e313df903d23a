"""Bad input to the command line: one plain line on stderr, the right exit status, no half file."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kernels import memory
from kernels.commands import cli


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An own working folder with one picture, p.png."""
    monkeypatch.chdir(tmp_path)
    Image.fromarray(np.arange(64, dtype=np.uint8).reshape(8, 8)).save("p.png")
    return tmp_path


def contents():
    """Return the bytes of every file in the working folder; None for a folder."""
    return {path.name: path.read_bytes() if path.is_file() else None for path in Path().iterdir()}


def refused(capsys, *arguments, status=2):
    """Run the command, check status, the one line and that no file was made; return the line."""
    before = contents()
    assert cli.main(list(arguments)) == status
    captured = capsys.readouterr()
    assert captured.out == ""
    lines = captured.err.splitlines()
    assert len(lines) == 1, captured.err
    assert lines[0].startswith(f"kernelscope {arguments[0]}: ")
    assert "Traceback" not in lines[0]
    assert contents() == before
    return lines[0]


@pytest.mark.parametrize(
    ("kernel", "said"),
    [
        ("1 2; 3", "row"),
        ("1 0 x", "x"),
        ("1e400 1", "1e400"),
        ("1" + "0" * 400, "0"),
        ("1/0", "zero"),
        ("; ".join(["1 " * 50] * 100), "100"),
        ("", "no numbers"),
        ("1 2\n3 4 5", "row"),
        ("nan 1", "nan"),
        ("1 / 0", "divisor"),
        ("__import__('os')", ""),
        ("missing.json", "missing.json"),
        ("missing.npy", "missing.npy"),
    ],
)
def test_bad_kernels(folder, capsys, kernel, said):
    assert said.lower() in refused(capsys, "apply", kernel, "p.png", "-o", "out.png").lower()


def test_unknown_preset_suggests_near_names(folder, capsys):
    assert "sobel-x" in refused(capsys, "apply", "sobelx", "p.png", "-o", "out.png")
    assert "gaussian" in refused(capsys, "apply", "gausian", "p.png", "-o", "out.png")
    assert "sigma" in refused(capsys, "apply", "gaussian(sigm=2)", "p.png", "-o", "out.png")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "no file"),
        (b"", "empty"),
        (b"just text\n", "text"),
        (b"\x89PNG\r\n\x1a\n", "damaged"),
        (b"P5 0 5 255\n", "no pixels"),
        (b"P5 100000 100000 255\n", "megapixels"),
    ],
)
def test_bad_pictures(folder, capsys, content, said):
    if content is not None:
        (folder / "bad.png").write_bytes(content)
    line = refused(capsys, "apply", "sobel-x", "bad.png", "-o", "out.png")
    assert said in line
    assert "bad.png" in line


def test_a_folder_as_picture_and_as_output(folder, capsys):
    (folder / "sub").mkdir()
    (folder / "sub.png").mkdir()
    assert "folder" in refused(capsys, "apply", "sobel-x", "sub", "-o", "out.png")
    assert "folder" in refused(capsys, "apply", "sobel-x", "p.png", "-o", "sub.png")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--padding", "vlid"], "--padding"),
        (["--padding", "-1"], "padding"),
        (["--padding", "1,2,3"], "--padding"),
        (["--padding", "1.5"], "--padding"),
        (["--stride", "0"], "stride"),
        (["--stride", "-2"], "stride"),
        (["--stride", "two"], "--stride"),
        (["--dilation", "0,1"], "dilation"),
        (["--dilation", "99999999999999"], "--dilation"),
        (["--padding", "valid", "--dilation", "5"], "fit"),
        (["--border", "mirror"], "border"),
        (["--border-value", "white"], "--border-value"),
        (["--divisor", "0"], "divisor"),
        (["--divisor", "1/0"], "--divisor"),
        (["--offset", "1e999"], "--offset"),
        (["--operation", "corelation"], "correlation"),
        (["--range", "singed"], "--range"),
        (["--range", "raw"], ".npy"),
        (["--channel", "cyan"], "channel"),
        (["--channel", "r"], "grey"),
        (["--chan", "r"], "--chan"),
        (["--verbose"], "--verbose"),
        (["extra"], "extra"),
        (["--stride"], "--stride"),
    ],
)
def test_bad_options(folder, capsys, arguments, said):
    line = refused(capsys, "apply", "sobel-x", "p.png", "-o", "out.png", *arguments)
    assert said in line


@pytest.mark.parametrize("arguments", [[], ["sobel-x"], ["sobel-x", "p.png"], ["sobel-x", "-o", "out.png"]])
def test_missing_arguments(folder, capsys, arguments):
    assert "--help" in refused(capsys, "apply", *arguments)


@pytest.mark.parametrize("output", ["out", "out.xyz", "out.gif", "nowhere/out.png", "p.png", "./p.png", "a\0b.png"])
def test_bad_outputs(folder, capsys, output):
    refused(capsys, "apply", "sobel-x", "p.png", "-o", output)


def test_the_input_is_never_overwritten_not_even_through_a_link(folder, capsys):
    os.symlink("p.png", "link.png")
    assert "input itself" in refused(capsys, "apply", "sobel-x", "p.png", "-o", "link.png")
    assert "input itself" in refused(capsys, "apply", "sobel-x", "link.png", "-o", "p.png")


def test_a_forbidden_place(folder, capsys, monkeypatch):
    target = folder / "locked"
    target.mkdir()
    if hasattr(os, "geteuid") and os.geteuid() != 0:
        target.chmod(0o500)
    else:
        # Nothing is forbidden to the superuser: refuse in the system's place.
        def refusing(real_open):
            def refuse(file, *arguments, **options):
                if "locked" in str(file):
                    raise PermissionError(13, "Permission denied", str(file))
                return real_open(file, *arguments, **options)

            return refuse

        monkeypatch.setattr("kernels.part_files.open", refusing(open), raising=False)
        monkeypatch.setattr(os, "open", refusing(os.open))
    assert "may not be written" in refused(capsys, "apply", "sobel-x", "p.png", "-o", "locked/out.png")
    assert list(target.iterdir()) == []


def test_more_memory_than_there_is(folder, capsys, monkeypatch):
    monkeypatch.setattr(memory, "available", lambda: 1_000_000_000)
    line = refused(capsys, "apply", "box", "p.png", "-o", "out.png", "--padding", "20000", "--memory", "1TB")
    assert "1.0 GB" in line
    assert "40006 × 40006" in line


def test_an_internal_fault_is_status_1(folder, capsys, monkeypatch):
    def broken(*arguments, **options):
        raise RuntimeError("two\nlines")

    monkeypatch.setattr("kernels.filtering.engine.run", broken)
    line = refused(capsys, "apply", "sobel-x", "p.png", "-o", "out.png", status=1)
    assert "internal fault: RuntimeError: two lines" in line


def test_ctrl_c_is_status_130(folder, capsys, monkeypatch):
    def interrupted(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr("kernels.filtering.engine.run", interrupted)
    refused(capsys, "apply", "sobel-x", "p.png", "-o", "out.png", status=130)


RUN = "import sys; from kernels.commands import cli; sys.exit(cli.main(sys.argv[1:]))"


def run_apart(code, *arguments):
    # Where the tests run in the background of a shell, Ctrl-C is ignored, and so it would be there.
    code = f"import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n{code}"
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends Ctrl-C to a whole console, not to one process")
def test_a_real_ctrl_c_while_the_file_is_written(folder):
    (folder / "out.npy").write_bytes(b"older")
    code = f"""
import os, signal, numpy as np
def save(file, array, **options):
    file.write(b"half")
    file.flush()
    os.kill(os.getpid(), signal.{signal.SIGINT.name})
    file.write(b"more")
np.save = save
{RUN}
"""
    done = run_apart(code, "apply", "sobel-x", "p.png", "-o", "out.npy", "--range", "raw")
    assert done.returncode == 130
    assert done.stderr.count("\n") == 1
    assert (folder / "out.npy").read_bytes() == b"older"
    assert sorted(os.listdir()) == ["out.npy", "p.png"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of a file")
@pytest.mark.parametrize("name", ["out.npy", "out.tif", "out.png", "out.bmp"])
def test_a_disk_that_is_really_full(folder, name):
    """The system refuses to let the file grow, as a full disk does."""
    code = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000)); {RUN}"
    done = run_apart(code, "apply", "sobel-x", "noise", "-o", name)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "no room left" in done.stderr
    assert os.listdir() == ["p.png"]


def test_a_kernel_file_is_not_overwritten_by_the_output(folder, capsys):
    np.save("kernel.npy", np.ones((2, 2)))
    line = refused(capsys, "apply", "kernel.npy", "p.png", "-o", "kernel.npy", "--range", "raw")
    assert "input itself" in line


def test_an_output_without_a_name_is_shown_as_it_was_typed(folder, capsys):
    assert "'' cannot be written" in refused(capsys, "apply", "sobel-x", "p.png", "-o", "")
    assert "'.' cannot be written" in refused(capsys, "apply", "sobel-x", "p.png", "-o", ".")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no file descriptors to close before the start")
@pytest.mark.parametrize("closed", [(0,), (1,), (2,), (0, 1, 2)])
def test_closed_streams_are_no_fault(folder, closed):
    command = [sys.executable, "-c", f"import os, sys; {RUN}", "apply", "sobel-x", "p.png", "-o", "out.png"]
    script = " ".join(["exec", '"$@"', *(f"{number}>&-" for number in closed)])
    done = subprocess.run(["/bin/sh", "-c", script, "sh", *command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert Path("out.png").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no file descriptors to close before the start")
def test_a_complaint_never_goes_to_standard_output(folder):
    command = [
        "/bin/sh",
        "-c",
        'exec "$@" 2>&-',
        "sh",
        sys.executable,
        "-c",
        RUN,
        "apply",
        "sobl-x",
        "p.png",
        "-o",
        "o.png",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="the system has no device that is always full")
def test_standard_output_without_room(folder):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-c", RUN, "kernels"], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 2
    assert done.stderr == "kernelscope kernels: standard output cannot be written or read: No space left on device.\n"


def test_ctrl_c_that_a_library_turned_into_an_import_error_is_still_130(folder):
    code = f"""
import os, signal
import kernels.commands.apply
def run(arguments):
    try:
        os.kill(os.getpid(), signal.{signal.SIGINT.name})
    except KeyboardInterrupt:
        raise ImportError("a library was interrupted while it was loaded") from None
kernels.commands.apply.run = run
{RUN}
"""
    done = run_apart(code, "apply", "sobel-x", "p.png", "-o", "out.png")
    assert (done.returncode, done.stderr) == (130, "kernelscope apply: interrupted.\n")
