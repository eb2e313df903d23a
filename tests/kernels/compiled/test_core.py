"""The compiled core: that it is there where a compiler is, and that everything works without it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from kernels import compiled

HEADERS = Path(sysconfig.get_paths()["include"])


@pytest.mark.skipif(not (shutil.which("cc") and (HEADERS / "Python.h").is_file()), reason="nothing to compile it with")
def test_it_is_compiled_from_these_sources():
    if os.environ.get("KERNELSCOPE_COMPILED") != "0":
        assert compiled.core is not None, "python hatch_build.py compiles it"


def test_it_can_be_left_out():
    program = "from kernels import compiled; assert compiled.core is None"
    subprocess.run([sys.executable, "-c", program], env={**os.environ, "KERNELSCOPE_COMPILED": "0"}, check=True)
