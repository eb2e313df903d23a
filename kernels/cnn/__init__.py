"""Small convolutional networks in NumPy: layers, training, data, weights files, what a network's filters answer, and
why it says what it says.

The names below are imported when they are first used, so that a training can set BLAS's threads before NumPy is loaded.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kernels.cnn.evaluation import Score, evaluate
    from kernels.cnn.explanations import saliency
    from kernels.cnn.network import Network
    from kernels.cnn.visualisation import visualise
    from kernels.cnn.weights import load, save

__all__ = ["Network", "Score", "evaluate", "load", "saliency", "save", "visualise"]

_HOMES = {
    "Network": "network",
    "Score": "evaluation",
    "evaluate": "evaluation",
    "load": "weights",
    "saliency": "explanations",
    "save": "weights",
    "visualise": "visualisation",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        value = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
