"""Nothing is left behind by a process that is ended, and what one that was killed left is removed by the next."""

import os
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kernels.files import part_folder, write_bytes, write_whole
from kernels.part_files import remove_abandoned
from kernels.pictures.picture import PictureError
from kernels.pictures.suffixes import RAW_SUFFIXES
from kernels.pictures.writing import check_target

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and owners are those of POSIX")

WRITING = """
import sys, time
from kernels.commands import cli
from kernels import files
def slow(file):
    file.write(b"half")
    file.flush()
    print("writing", flush=True)
    time.sleep(30)
class Module:
    SUMMARY = "wait"
    configure = staticmethod(lambda parser: parser.add_argument("path"))
    run = staticmethod(lambda arguments: files.write_whole(arguments.path, slow))
sys.modules["waiting"] = Module
cli.SUBCOMMANDS["wait"] = "waiting"
sys.exit(cli.main(["wait", sys.argv[1]]))
"""


def started(target, **options):
    process = subprocess.Popen(
        [sys.executable, "-c", WRITING, str(target)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )
    assert process.stdout.readline() == "writing\n"
    return process


def older(path):
    """Make a file to be replaced: for it there is a part file, and for a new one there need not be."""
    path.write_bytes(b"older")
    return path


def parts(folder):
    return [name for name in os.listdir(folder) if name.endswith(".part")]


def heed(number):
    """Undo what the shell that runs the tests, or ``nohup``, may have ignored."""
    signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)


@pytest.mark.parametrize("existing", [False, True])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_like_ctrl_c(tmp_path, number, existing):
    process = started(older(tmp_path / "x") if existing else tmp_path / "x", preexec_fn=lambda: heed(number))
    assert len(parts(tmp_path)) == 1 or not existing
    process.send_signal(number)
    _, err = process.communicate(timeout=10)
    assert process.returncode == 130
    words = {signal.SIGINT: "interrupted", signal.SIGTERM: "ended by SIGTERM", signal.SIGHUP: "ended by SIGHUP"}
    assert err == f"kernelscope wait: {words[number]}.\n"
    assert os.listdir(tmp_path) == ["x"] * existing
    assert not existing or (tmp_path / "x").read_bytes() == b"older"


def test_a_signal_that_is_ignored_stays_ignored(tmp_path):
    """As `nohup` does."""
    process = started(tmp_path / "x", preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    process.send_signal(signal.SIGHUP)
    time.sleep(0.1)
    assert process.poll() is None
    process.kill()
    process.communicate()


def test_what_a_killed_process_left_is_removed_and_what_a_living_one_writes_is_not(tmp_path):
    killed, living = started(older(tmp_path / "killed")), started(older(tmp_path / "living"))
    assert len(parts(tmp_path)) == 2
    killed.kill()
    killed.communicate()
    assert len(parts(tmp_path)) == 2
    write_bytes(tmp_path / "mine", b"1")
    assert len(parts(tmp_path)) == 1
    living.terminate()
    living.communicate(timeout=10)
    assert sorted(os.listdir(tmp_path)) == ["killed", "living", "mine"]


def test_of_a_new_file_a_killed_process_leaves_nothing(nameless):
    process = started(nameless / "new")
    assert os.listdir(nameless) == []
    process.kill()
    process.communicate()
    assert os.listdir(nameless) == []


def test_a_new_file_without_a_name_has_the_abandoned_ones_removed(nameless):
    process = started(older(nameless / "killed"))
    process.kill()
    process.communicate()
    assert len(parts(nameless)) == 1
    seen = []
    write_whole(nameless / "mine", lambda file: seen.extend(os.listdir(nameless)))
    assert seen == ["killed"]
    assert sorted(os.listdir(nameless)) == ["killed", "mine"]


def test_a_folder_that_a_killed_process_filled_is_removed_and_one_that_is_being_filled_is_not(tmp_path):
    code = (
        "import os, signal, sys; from pathlib import Path; from kernels.files import part_folder\n"
        "with part_folder(Path(sys.argv[1], 'made')) as part:\n"
        "    part.mkdir(); (part / 'a').touch(); os.kill(0, signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, start_new_session=True)
    assert len(list(tmp_path.rglob("*"))) == 3
    with part_folder(tmp_path / "made") as part:
        part.mkdir()
        (part / "b").touch()
        remove_abandoned(tmp_path)
        assert {path.name for path in tmp_path.rglob("?")} == {"b"}
    assert not list(tmp_path.iterdir())


def test_a_large_folder_is_not_listed_for_every_file(tmp_path, monkeypatch):
    from kernels import part_files

    clock = [100.0]
    listed = []

    def listing(folder):
        listed.append(clock[0])
        clock[0] += 0.5

    monkeypatch.setattr(part_files.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(part_files, "remove_abandoned", listing)
    for _ in range(120):
        write_bytes(tmp_path / "x", b"")
        clock[0] += 10.0
    assert len(listed) == 3


def test_only_our_own_part_files_are_removed(tmp_path):
    own = f".kernelscope-{socket.gethostname().replace('-', '_')}"
    others = [".kernelscope-notes", "kernelscope-1.part", ".other-1.part", ".kernelscope-abc.part"]
    others += [f"{own}2-abc.part", f"{own}_2-abc.part", ".kernelscope-another.host-abc.part"]
    for name in others:
        (tmp_path / name).touch()
    (tmp_path / f"{own}-abc.part").touch()
    os.mkfifo(tmp_path / f"{own}-pipe.part")
    (tmp_path / f"{own}-folder.part").mkdir()
    precious = tmp_path / "precious"
    precious.write_text("kept")
    (tmp_path / f"{own}-link.part").symlink_to(precious)
    before = len(os.listdir(tmp_path))
    remove_abandoned(tmp_path)
    assert len(os.listdir(tmp_path)) == before - 1
    assert precious.read_text() == "kept"
    assert set(others) < set(os.listdir(tmp_path))
    remove_abandoned(tmp_path / "nowhere")


def test_a_folder_that_cannot_be_made_or_filled_is_said_in_a_sentence(tmp_path):
    with (
        pytest.raises(FileNotFoundError, match=r"There is no folder .*nowhere, so .*made cannot be written"),
        part_folder(tmp_path / "nowhere" / "made"),
    ):
        pass
    with (
        pytest.raises(OSError, match=r"There is no room left for .*made; nothing was written"),
        part_folder(tmp_path / "made"),
    ):
        raise OSError(28, "No space left on device")
    assert not list(tmp_path.iterdir())


def test_a_part_file_tells_whose_it_is(tmp_path):
    """Where machines share a folder, a lock of one may be unknown to the others."""
    names = []
    write_whole(tmp_path / "file", lambda file: names.append(os.path.basename(file.name)), by_name=True)
    assert names[0].startswith(f".kernelscope-{socket.gethostname().replace('-', '_')}-")


def test_writing_inside_writing_keeps_the_outer_file(tmp_path):
    def outer(file):
        file.write(b"outer")
        write_bytes(tmp_path / "inner", b"inner")

    write_whole(tmp_path / "outer", outer)
    assert (tmp_path / "outer").read_bytes() == b"outer"
    assert sorted(os.listdir(tmp_path)) == ["inner", "outer"]


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only the administrator gives files away")
def test_the_owner_is_kept(tmp_path):
    path = tmp_path / "theirs"
    path.write_bytes(b"old")
    os.chown(path, 1234, 2345)
    path.chmod(0o640)
    write_bytes(path, b"new")
    status = path.stat()
    assert (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)) == (1234, 2345, 0o640)


def test_hard_links_keep_the_old_content(tmp_path):
    path, other = tmp_path / "a", tmp_path / "b"
    path.write_bytes(b"old")
    os.link(path, other)
    write_bytes(path, b"new")
    assert (path.read_bytes(), other.read_bytes()) == (b"new", b"old")


@pytest.mark.parametrize("name", ["x.npy/", "x.tif/", "x.npy//"])
def test_a_slash_at_the_end_is_no_file(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(PictureError, match="leave the slash at its end out"):
        check_target(name, RAW_SUFFIXES)
    with pytest.raises(IsADirectoryError, match="leave the slash at its end out"):
        write_bytes(name, b"")
    assert os.listdir(tmp_path) == []


def test_a_working_folder_that_has_gone_is_named(tmp_path):
    """The folder of the process itself; the message that there is no folder would send people astray."""
    code = (
        "import os, sys\nfrom kernels.commands import cli\nos.mkdir('gone'); os.chdir('gone'); os.rmdir('../gone')\n"
        "sys.exit(max(cli.main(['apply', 'sobel-x', *words]) for words in"
        " (['camera', '-o', 'x.png'], ['photo.png', '-o', '/x.png'])))"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 2
    lines = done.stderr.splitlines()
    assert len(lines) == 2
    assert all("has been removed" in line for line in lines)
