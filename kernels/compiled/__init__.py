"""Loops in C, for the work that NumPy and OpenCV have no fast path for.

`core` is None where it was not compiled, or was from other sources, or where the environment has
``KERNELSCOPE_COMPILED=0``. Everything works without it, more slowly. Its functions read and write arrays that the
caller has made, and let other threads run.
"""

from __future__ import annotations

import os
import zlib
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray


def sources() -> list[Path]:
    """Return the C files and headers; none beside an installed package."""
    return sorted(Path(__file__).parent.glob("*.[ch]"))


def mark() -> int:
    """Return the number that tells these sources from others."""
    text = b"".join(path.read_bytes() for path in sources())
    return zlib.crc32(text)


def _load() -> ModuleType | None:
    if os.environ.get("KERNELSCOPE_COMPILED") == "0":
        return None
    try:
        from kernels.compiled import _core
    except ImportError:
        return None
    return _core if not sources() or mark() == _core.SOURCES else None


core = _load()


def core_for(array: NDArray[Any]) -> ModuleType | None:
    """Return the compiled core where it reads numbers of this type, else None."""
    kind = array.dtype
    return core if kind.char in "BHfd" and kind.isnative and array.flags.aligned else None
