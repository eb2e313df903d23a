"""Convolution and correlation of pictures, taken apart: the computing half of Kernelscope.

The names below are imported when they are first used, so that a program that needs one of them starts fast.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kernels.names import imported_when_used

if TYPE_CHECKING:
    from kernels import cnn
    from kernels.filtering import reference
    from kernels.filtering.engine import convolve, correlate
    from kernels.filtering.geometry import output_shape
    from kernels.filtering.matrices import im2col, toeplitz
    from kernels.filtering.tracing import trace
    from kernels.filtering.transposed import transposed
    from kernels.gradients.computation import gradient
    from kernels.kernel import Kernel, library
    from kernels.recipe.recipe import Recipe

__all__ = [
    "Kernel",
    "Recipe",
    "cnn",
    "convolve",
    "correlate",
    "gradient",
    "im2col",
    "library",
    "output_shape",
    "reference",
    "toeplitz",
    "trace",
    "transposed",
]

__version__ = "0.1.0"

__getattr__ = imported_when_used(
    __name__,
    {
        "Kernel": "kernels.kernel",
        "Recipe": "kernels.recipe",
        "convolve": "kernels.filtering.engine",
        "correlate": "kernels.filtering.engine",
        "gradient": "kernels.gradients.computation",
        "im2col": "kernels.filtering.matrices",
        "output_shape": "kernels.filtering.geometry",
        "toeplitz": "kernels.filtering.matrices",
        "trace": "kernels.filtering.tracing",
        "transposed": "kernels.filtering.transposed",
    },
    {"cnn": "kernels.cnn", "library": "kernels.kernel.library", "reference": "kernels.filtering.reference"},
)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
