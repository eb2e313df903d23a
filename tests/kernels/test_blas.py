"""BLAS's program for the processor: chosen only where it runs, and never against somebody's own choice."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kernels import blas

WIDE = "fpu avx2 avx512f avx512cd avx512bw avx512dq avx512vl"


def chosen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flags: str, environment: dict[str, str] | None = None
) -> str | None:
    """What is chosen for a processor with these flags."""
    processors, found = tmp_path / "cpuinfo", environment or {}
    processors.write_text(f"processor\t: 0\nmodel name\t: One\nflags\t\t: {flags}\n\nprocessor\t: 1\nflags\t\t: fpu\n")
    monkeypatch.delitem(sys.modules, "numpy", raising=False)
    blas.choose(found, processors)
    return found.get(blas.VARIABLE)


def test_avx512_is_used_where_all_of_it_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert chosen(tmp_path, monkeypatch, WIDE) == "SkylakeX"


@pytest.mark.parametrize("missing", [word for word in WIDE.split() if word.startswith("avx512")])
def test_a_processor_without_part_of_it_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    assert chosen(tmp_path, monkeypatch, WIDE.replace(missing, "")) is None


def test_a_choice_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert chosen(tmp_path, monkeypatch, WIDE, {blas.VARIABLE: "Haswell"}) == "Haswell"


def test_nothing_is_chosen_once_numpy_is_there(tmp_path: Path) -> None:
    import numpy  # noqa: F401

    processors, found = tmp_path / "cpuinfo", dict[str, str]()
    processors.write_text(f"flags : {WIDE}\n")
    blas.choose(found, processors)
    assert found == {}


def test_where_nothing_is_known_of_processors_nothing_is_chosen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "numpy", raising=False)
    found = dict[str, str]()
    blas.choose(found, tmp_path / "cpuinfo")
    assert found == {}


def test_the_package_chooses_before_numpy_is_loaded() -> None:
    program = """
import kernels, sys
assert "numpy" not in sys.modules
import numpy
print(numpy.ones((9, 9)) @ numpy.ones(9))
"""
    environment = {name: value for name, value in os.environ.items() if name != blas.VARIABLE}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == ["[9.", *["9."] * 7, "9.]"], done.stderr
