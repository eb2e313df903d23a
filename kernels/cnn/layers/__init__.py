"""Layers: what they are called in a file, what they give, and how they compute, forward and backward, in NumPy.

Every array is (N, C, H, W), or (N, K) after `Flatten`, to the caller. In memory the pictures are innermost
(C, H, W, N), so that windows are long runs and a layer passes its result on without copying; see
`kernels.cnn.lowering`.
"""

from __future__ import annotations

from kernels.cnn.layers.activation import Activation, LeakyReLU, ReLU, Sigmoid, Tanh
from kernels.cnn.layers.base import Array, Count, Layer, Node, Shape
from kernels.cnn.layers.convolution import Convolution
from kernels.cnn.layers.dense import Dense, Flatten
from kernels.cnn.layers.normalisation import BatchNormalisation, Dropout
from kernels.cnn.layers.pooling import AveragePool, GlobalAveragePool, MaxPool, Pool

__all__ = [
    "Activation",
    "AnyLayer",
    "Array",
    "AveragePool",
    "BatchNormalisation",
    "Convolution",
    "Count",
    "Dense",
    "Dropout",
    "Flatten",
    "GlobalAveragePool",
    "Layer",
    "LeakyReLU",
    "MaxPool",
    "Node",
    "Pool",
    "ReLU",
    "Shape",
    "Sigmoid",
    "Tanh",
]

AnyLayer = (
    Convolution
    | MaxPool
    | AveragePool
    | GlobalAveragePool
    | ReLU
    | LeakyReLU
    | Tanh
    | Sigmoid
    | BatchNormalisation
    | Dropout
    | Flatten
    | Dense
)
