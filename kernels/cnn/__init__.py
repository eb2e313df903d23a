"""Small convolutional networks in NumPy: layers, training, data, weights files, what a network's filters answer, and
why it says what it says."""

from __future__ import annotations

from kernels.cnn.evaluation import Score, evaluate
from kernels.cnn.explanations import saliency
from kernels.cnn.network import Network
from kernels.cnn.visualisation import visualise
from kernels.cnn.weights import load, save

__all__ = ["Network", "Score", "evaluate", "load", "saliency", "save", "visualise"]
