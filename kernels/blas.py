"""Which of its programs BLAS runs, settled before NumPy is loaded."""

from __future__ import annotations

import os
import sys
from collections.abc import MutableMapping
from pathlib import Path

VARIABLE = "OPENBLAS_CORETYPE"
_WIDE, _NEEDED = "SkylakeX", {"avx512f", "avx512cd", "avx512bw", "avx512dq", "avx512vl"}
_PROCESSORS = Path("/proc/cpuinfo")


def choose(environment: MutableMapping[str, str] = os.environ, processors: Path = _PROCESSORS) -> None:
    """Have OpenBLAS use AVX-512 where the processor has it.

    OpenBLAS knows processors by their model and takes newer ones of AMD for older ones without AVX-512: products of
    matrices then take more than twice as long. What somebody has chosen already stays, and once NumPy is loaded
    nothing can be chosen any more.
    """
    if VARIABLE in environment or "numpy" in sys.modules or not processors.is_file():
        return
    try:
        with processors.open(encoding="ascii", errors="replace") as file:
            flags = next((line for line in file if line.startswith("flags")), "")
    except OSError:
        return
    if set(flags.split()) >= _NEEDED:
        environment[VARIABLE] = _WIDE
