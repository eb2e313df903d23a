"""Small convolutional networks in NumPy: layers, training, data, weights files, what a network's filters answer, and
why it says what it says.

The names below are imported when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kernels.names import imported_when_used

if TYPE_CHECKING:
    from kernels.cnn.evaluation import Score, evaluate
    from kernels.cnn.explanations import saliency
    from kernels.cnn.network import Network
    from kernels.cnn.visualisation import visualise
    from kernels.cnn.weights import load, save

__all__ = ["Network", "Score", "evaluate", "load", "saliency", "save", "visualise"]

__getattr__ = imported_when_used(
    __name__,
    {
        "Network": "kernels.cnn.network",
        "Score": "kernels.cnn.evaluation",
        "evaluate": "kernels.cnn.evaluation",
        "load": "kernels.cnn.weights",
        "saliency": "kernels.cnn.explanations",
        "save": "kernels.cnn.weights",
        "visualise": "kernels.cnn.visualisation",
    },
)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
