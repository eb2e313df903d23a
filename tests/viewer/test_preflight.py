"""The check before Qt: every reason gets a plain sentence, and Qt's own abort is never reached."""

import ctypes
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from viewer import preflight

ROOT = Path(__file__).parents[2]
LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="platform plugins are probed on Linux only")


def test_nothing_is_wrong_offscreen() -> None:
    assert preflight.problem({"QT_QPA_PLATFORM": "offscreen"}) is None


@LINUX
@pytest.mark.parametrize("environment", [{}, {"QT_QPA_PLATFORM": "", "DISPLAY": ""}])
def test_no_display_is_said(environment: dict[str, str]) -> None:
    assert preflight.problem(environment) == preflight.NO_DISPLAY


@LINUX
def test_an_unknown_platform_is_named_with_the_known_ones() -> None:
    sentence = preflight.problem({"QT_QPA_PLATFORM": "offscren"})
    assert sentence is not None
    assert "'offscren'" in sentence
    assert "offscreen" in sentence
    assert "xcb" in sentence


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"DISPLAY": ":0"}, ["xcb"]),
        ({"WAYLAND_DISPLAY": "wayland-0"}, ["wayland"]),
        ({"XDG_SESSION_TYPE": "wayland"}, ["wayland"]),
        ({"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0"}, ["xcb", "wayland"]),
        ({"DISPLAY": ":0", "QT_QPA_PLATFORM": "offscreen"}, ["offscreen"]),
        ({"QT_QPA_PLATFORM": "wayland;xcb:option"}, ["wayland", "xcb"]),
        ({"XDG_SESSION_TYPE": "tty"}, []),
    ],
)
def test_platforms_follow_the_environment(environment: dict[str, str], expected: list[str]) -> None:
    assert preflight.platforms(environment) == expected


def test_plugin_files_are_found_under_their_older_names(tmp_path: Path) -> None:
    for name in ("libqwayland-egl.so", "libqwayland-generic.so", "libqxcb.so"):
        (tmp_path / name).touch()
    assert preflight.plugin(tmp_path, "xcb") == tmp_path / "libqxcb.so"
    assert preflight.plugin(tmp_path, "wayland") == tmp_path / "libqwayland-generic.so"
    assert preflight.plugin(tmp_path, "wayland-egl") == tmp_path / "libqwayland-egl.so"
    assert preflight.plugin(tmp_path, "eglfs") is None


def refuse_to_load(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Let every library fail to load with the loader's message `text`."""

    def fail(name: str) -> None:
        raise OSError(text)

    monkeypatch.setattr(ctypes, "CDLL", fail)


@LINUX
def test_all_missing_libraries_and_the_command_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_to_load(monkeypatch, "libxcb-cursor.so.0: cannot open shared object file: No such file or directory")
    lacking = {"libqxcb.so": ["libxcb-cursor.so.0", "libxcb-icccm.so.4"], "QtWidgets.abi3.so": ["libEGL.so.1"]}
    monkeypatch.setattr(preflight, "missing_libraries", lambda library: lacking[library.name])
    monkeypatch.setattr(preflight.shutil, "which", lambda name: "/usr/bin/" + name)
    assert preflight.problem({"DISPLAY": ":0"}) == (
        "these libraries are missing: libEGL.so.1, libxcb-cursor.so.0, libxcb-icccm.so.4; "
        "install them with: sudo apt-get install libegl1 libxcb-cursor0 libxcb-icccm4"
    )


def test_without_ldd_the_loader_s_own_word_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_to_load(monkeypatch, "libxcb-cursor.so.0: cannot open shared object file: No such file or directory")
    monkeypatch.setattr(preflight.shutil, "which", lambda name: None)
    assert preflight.load_problem(Path("libqxcb.so")) == (
        "these libraries are missing: libxcb-cursor.so.0; install the packages of your system that hold them"
    )


def test_a_library_that_fails_for_another_reason_is_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_to_load(monkeypatch, "/lib/libc.so.6: version `GLIBC_2.34' not found")
    monkeypatch.setattr(preflight, "missing_libraries", lambda library: [])
    assert "GLIBC_2.34" in str(preflight.load_problem(Path("libqxcb.so")))


@LINUX
def test_the_second_platform_may_start(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {"xcb": "the X display ':0' does not answer", "wayland": None}
    monkeypatch.setattr(preflight, "load_problem", lambda *libraries: None)
    monkeypatch.setattr(preflight, "connection_problem", lambda name, environment: answers[name])
    both = {"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0"}
    assert preflight.problem(both) is None
    answers["wayland"] = "the Wayland display 'wayland-0' does not answer"
    assert preflight.problem(both) == "the X display ':0' does not answer"


def test_an_import_that_fails_is_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PyQt6.QtWidgets", None)
    assert "QtWidgets" in str(preflight.import_problem())


def test_pyqt6_missing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preflight, "qt_folder", lambda: None)
    assert "PyQt6 is not installed" in str(preflight.problem({}))


@LINUX
@pytest.mark.skipif(not (ROOT / "run").exists(), reason="the script `run` stands in a checkout only")
def test_run_installs_the_packages_that_are_named_here() -> None:
    pairs = re.findall(r"(lib[\w.-]+?\.so\.\d+):([a-z0-9.-]+)", (ROOT / "run").read_text(encoding="utf-8"))
    assert len(pairs) > 10
    assert {library: preflight.DEBIAN_PACKAGES[library] for library, _ in pairs} == dict(pairs)


@LINUX
@pytest.mark.parametrize("display", [None, ":4095"])
def test_the_program_ends_with_status_3_and_one_line(display: str | None) -> None:
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DISPLAY", "WAYLAND_DISPLAY", "XDG_SESSION_TYPE", "QT_QPA_PLATFORM")
    }
    if display is not None:
        environment["DISPLAY"] = display
    done = subprocess.run(
        [sys.executable, "-m", "viewer"], env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 3
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    # Where the X11 libraries are not installed, they are the reason instead.
    assert "display" in line or "libraries are missing" in line
