"""Weights to start training with: how far they spread, so that numbers neither die out nor grow from layer to layer."""

from __future__ import annotations

from math import prod, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kernels.cnn.training.plan import InitialisationName


def spread(
    initialisation: InitialisationName, shape: tuple[int, ...], random: np.random.Generator
) -> NDArray[np.float32]:
    """Draw the weights of one layer.

    Parameters
    ----------
    initialisation : str
        ``"he"``: normal, of variance 2 / n, where n are the inputs of one output; made for ReLU (He, Zhang, Ren, Sun,
        2015, Delving deep into rectifiers).

        ``"glorot"``: uniform, of variance 2 / (n + m), where m are the outputs of one input; made for tanh (Glorot,
        Bengio, 2010, Understanding the difficulty of training deep feedforward neural networks).

        ``"lecun"``: normal, of variance 1 / n (LeCun, Bottou, Orr, Müller, 1998, Efficient backprop).

        ``"uniform"``: from −1/√n to 1/√n, the usual choice before: its variance 1 / (3 n) lets deep networks die out
        (Glorot, Bengio, 2010, equation 1).

        ``"zeros"``: all 0; units of one layer then stay alike for ever.
    shape : tuple of int
        (outputs, inputs) or (filters, channels, rows, columns); an input reaches as many outputs as there are filters
        times taps.
    random : numpy.random.Generator

    Returns
    -------
    float32 array
    """
    inputs, outputs = prod(shape[1:]), shape[0] * prod(shape[2:])
    drawn: NDArray[Any]
    if initialisation == "zeros":
        drawn = np.zeros(shape)
    elif initialisation == "uniform":
        drawn = random.uniform(-1.0, 1.0, shape) / sqrt(inputs)
    elif initialisation == "glorot":
        drawn = random.uniform(-1.0, 1.0, shape) * sqrt(6.0 / (inputs + outputs))
    else:
        drawn = random.standard_normal(shape) * np.sqrt((2.0 if initialisation == "he" else 1.0) / inputs)
    return drawn.astype(np.float32)
