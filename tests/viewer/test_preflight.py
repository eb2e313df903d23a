"""The check before Qt: every reason gets a plain sentence, and Qt's own abort is never reached."""

import ctypes
import importlib.util
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
    assert all(word in sentence for word in ("'offscren'", "offscreen", "xcb"))


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


def refuse_to_load(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Let every library fail to load with the loader's message `text`."""

    def fail(name: str) -> None:
        raise OSError(text)

    monkeypatch.setattr(ctypes, "CDLL", fail)


@LINUX
@pytest.mark.parametrize(("apt", "expected"), [(None, "install the package"), ("/usr/bin/apt-get", " libxcb-icccm4 ")])
def test_a_missing_library_is_named_with_a_way_to_install_it(
    monkeypatch: pytest.MonkeyPatch, apt: str | None, expected: str
) -> None:
    refuse_to_load(monkeypatch, "libxcb-cursor.so.0: cannot open shared object file: No such file or directory")
    monkeypatch.setattr(preflight.shutil, "which", lambda name: apt)
    sentence = str(preflight.problem({"DISPLAY": ":0"}))
    assert sentence.startswith("the library libxcb-cursor.so.0 is missing; ")
    assert expected in sentence
    assert "\n" not in sentence


@LINUX
def test_a_library_that_fails_for_another_reason_is_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_to_load(monkeypatch, "/lib/libc.so.6: version `GLIBC_2.34' not found")
    assert "GLIBC_2.34" in str(preflight.problem({"DISPLAY": ":0"}))


@LINUX
def test_the_second_platform_may_start(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {"xcb": "the display ':0' does not answer", "wayland": None}
    monkeypatch.setattr(preflight, "_platform_problem", lambda plugins, name, environment: answers[name])
    both = {"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0"}
    assert preflight.problem(both) is None
    answers["wayland"] = "the display 'wayland-0' does not answer"
    assert preflight.problem(both) == "the display ':0' does not answer"


def test_an_import_that_fails_is_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PyQt6.QtWidgets", None)
    assert "QtWidgets" in str(preflight.problem({"QT_QPA_PLATFORM": "offscreen"}))


def test_pyqt6_missing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert "PyQt6 is not installed" in str(preflight.problem({}))


@LINUX
@pytest.mark.skipif(not (ROOT / "run").exists(), reason="the script `run` stands in a checkout only")
def test_run_installs_the_packages_that_are_named_here() -> None:
    pairs = re.findall(r"lib[\w.-]+?\.so\.\d+:([a-z0-9.-]+)", (ROOT / "run").read_text(encoding="utf-8"))
    assert set(pairs) == set(preflight.PACKAGES)


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
    assert "display" in line or "is missing" in line
