"""The entry point: subcommands without Qt, one sentence when the window cannot open, the exit statuses."""

import builtins
import os
import subprocess
import sys
import types
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import viewer
from kernels.commands import cli
from viewer import preflight
from viewer.__main__ import main

PROBE = """
import sys
import types
from viewer.__main__ import main
try:
    status = main({arguments!r})
except SystemExit as end:
    status = end.code or 0
loaded = sorted(name for name in sys.modules if name.partition(".")[0] in ("PyQt6", "pyqtgraph"))
assert not loaded, loaded
sys.exit(status)
"""


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [(["kernels"], "sobel-x"), (["--help"], "apply"), (["--version"], "0."), (["apply", "--help"], "--padding")],
)
def test_no_qt_is_imported_without_a_window(arguments: list[str], expected: str) -> None:
    program = PROBE.format(arguments=arguments)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert expected in done.stdout


def test_wrong_usage_of_a_subcommand_has_status_2() -> None:
    program = PROBE.format(arguments=["apply", "sobel-x"])
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [([], "1"), (["kernels"], "1"), (["train", "lenet5", "--data", "x", "-o", "x.npz", "--plan", "PLAN"], "3")],
)
def test_only_training_lets_blas_have_threads_of_its_own(arguments: list[str], expected: str, tmp_path: Path) -> None:
    """It is told so before NumPy is loaded, or it would not heed it."""
    plan = tmp_path / "plan.json"
    plan.write_text('{"threads": 3}')
    program = """
import os, sys
from viewer import preflight
from viewer.__main__ import main
preflight.problem = lambda: f"NumPy is {'there' if 'numpy' in sys.modules else 'not there'}"
main(ARGUMENTS)
print(os.environ.get("OPENBLAS_NUM_THREADS"))
""".replace("ARGUMENTS", repr(arguments)).replace("PLAN", str(plan))
    environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.split()[-1] == expected
    assert arguments or "not there" in done.stderr


@pytest.mark.parametrize("arguments", [["--wrong"], ["one.png", "two.png"]])
def test_wrong_usage_of_the_window_has_status_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    output, complaint = capsys.readouterr()
    assert output == ""
    assert complaint.count("\n") == 1
    assert arguments[-1] in complaint
    assert "kernelscope --help" in complaint


def test_the_picture_reaches_the_window(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[list[str]] = []

    def run(argv: list[str]) -> int:
        opened.append(argv)
        return 0

    monkeypatch.setattr(preflight, "problem", lambda: None)
    monkeypatch.setattr(viewer, "app", types.SimpleNamespace(run=run), raising=False)
    assert main(["-5.png"]) == 0
    assert main([]) == 0
    assert opened == [["-5.png"], []]


def pretend_cli(monkeypatch: pytest.MonkeyPatch, run: Any) -> None:
    """Put a command line in place whose one subcommand is ``work``, carried out by `run`."""
    monkeypatch.setattr(cli, "is_subcommand", lambda argv: list(argv[:1]) == ["work"])
    monkeypatch.setattr(cli, "main", run)


def test_the_status_of_a_subcommand_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Sequence[str]] = []

    def run(argv: Sequence[str]) -> int:
        seen.append(argv)
        return 17

    pretend_cli(monkeypatch, run)
    assert main(["work", "-1 0 1"]) == 17
    assert seen == [["work", "-1 0 1"]]


def test_ctrl_c_has_status_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(argv: Sequence[str]) -> int:
        raise KeyboardInterrupt

    pretend_cli(monkeypatch, run)
    assert main(["work"]) == 130


def test_a_window_that_cannot_open_has_status_3(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pretend_cli(monkeypatch, None)
    monkeypatch.setattr(preflight, "problem", lambda: "there is no display")
    assert main([]) == 3
    assert capsys.readouterr() == ("", "kernelscope: there is no display.\n")


def test_without_a_console_the_status_is_still_3(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend_cli(monkeypatch, None)
    monkeypatch.setattr(preflight, "problem", lambda: "there is no display")
    monkeypatch.setattr(sys, "stderr", None)
    monkeypatch.setattr(sys, "platform", "linux")
    assert main([]) == 3


def fail_to_import_cli(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Let ``from kernels.commands import cli`` raise ImportError with the message `text`."""
    original = builtins.__import__

    def fail(name: str, *arguments: Any, **named: Any) -> Any:
        if name == "kernels.commands":
            raise ImportError(text)
        return original(name, *arguments, **named)

    monkeypatch.setattr(builtins, "__import__", fail)


def test_a_system_library_missing_for_opencv_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fail_to_import_cli(monkeypatch, "libGL.so.1: cannot open shared object file: No such file or directory")
    monkeypatch.setattr(preflight, "problem", lambda environment: None)
    assert main(["apply"]) == 3
    output, complaint = capsys.readouterr()
    assert output == ""
    assert complaint.startswith("kernelscope: the library libGL.so.1 is missing; ")
    assert complaint.count("\n") == 1


def test_a_fault_of_the_program_is_not_taken_for_a_missing_library(monkeypatch: pytest.MonkeyPatch) -> None:
    fail_to_import_cli(monkeypatch, "cannot import name 'cli'")
    with pytest.raises(ImportError, match="cannot import name"):
        main(["apply"])
