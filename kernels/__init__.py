"""Convolution and correlation of pictures, taken apart: the computing half of Kernelscope.

The names below are imported when they are first used, so that a program that needs one of them starts fast.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kernels import cnn, library, reference
    from kernels.filtering import convolve, correlate
    from kernels.geometry import output_shape
    from kernels.gradients import gradient
    from kernels.kernel import Kernel
    from kernels.tracing import trace

__all__ = [
    "Kernel",
    "cnn",
    "convolve",
    "correlate",
    "gradient",
    "library",
    "output_shape",
    "reference",
    "trace",
]

_HOMES = {
    "Kernel": "kernels.kernel",
    "convolve": "kernels.filtering",
    "correlate": "kernels.filtering",
    "gradient": "kernels.gradients",
    "output_shape": "kernels.geometry",
    "trace": "kernels.tracing",
}
_MODULES = ("cnn", "library", "reference")


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        value = getattr(importlib.import_module(_HOMES[name]), name)
        globals()[name] = value
        return value
    if name in _MODULES:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
