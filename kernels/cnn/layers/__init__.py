"""Layers that compute: forward and backward in NumPy.

Every array is (N, C, H, W), or (N, K) after `Flatten`, to the caller. In memory the pictures are innermost
(C, H, W, N), so that windows are long runs and a layer passes its result on without copying; see
`kernels.cnn.lowering`.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from kernels.cnn import architecture as described
from kernels.cnn.architecture import Description, Shape
from kernels.cnn.layers.activation import LeakyReLULayer, ReLULayer, SigmoidLayer, TanhLayer
from kernels.cnn.layers.base import Array, Layer
from kernels.cnn.layers.convolution import ConvolutionLayer
from kernels.cnn.layers.dense import DenseLayer, FlattenLayer
from kernels.cnn.layers.normalisation import BatchNormalisationLayer, DropoutLayer
from kernels.cnn.layers.pooling import AveragePoolLayer, GlobalAveragePoolLayer, MaxPoolLayer

__all__ = ["Array", "ConvolutionLayer", "Layer", "build", "initial_arrays"]

_CLASSES: dict[type[Description], type[Layer]] = {
    described.Convolution: ConvolutionLayer,
    described.MaxPool: MaxPoolLayer,
    described.AveragePool: AveragePoolLayer,
    described.GlobalAveragePool: GlobalAveragePoolLayer,
    described.ReLU: ReLULayer,
    described.LeakyReLU: LeakyReLULayer,
    described.Tanh: TanhLayer,
    described.Sigmoid: SigmoidLayer,
    described.BatchNormalisation: BatchNormalisationLayer,
    described.Dropout: DropoutLayer,
    described.Flatten: FlattenLayer,
    described.Dense: DenseLayer,
}


def build(description: Description, arrays: Mapping[str, Array], random: np.random.Generator) -> Layer:
    """Make the layer that a description stands for.

    Parameters
    ----------
    arrays
        Its weights by name, as `Description.array_shapes` lists them; they are used, not copied.
    random
        Where a layer that draws while training (dropout) draws from.
    """
    return _CLASSES[type(description)](description, dict(arrays), random)


def initial_arrays(description: Description, shape: Shape, random: np.random.Generator) -> dict[str, Array]:
    """Weights to start training with: normal, of variance 2 / inputs of one output; biases 0, scales 1.

    Reference: He, Zhang, Ren, Sun (2015), Delving deep into rectifiers.
    """
    result: dict[str, Array] = {}
    for name, size in description.array_shapes(shape).items():
        if name == "weights":
            spread = np.sqrt(2.0 / np.prod(size[1:]))
            result[name] = (random.standard_normal(size) * spread).astype(np.float32)
        else:
            result[name] = np.full(size, 1.0 if name in ("gamma", "variance") else 0.0, np.float32)
    return result
