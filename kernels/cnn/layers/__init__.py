"""Layers: what they are called in a file, what they give, and how they compute, forward and backward, in NumPy.

Every array is (N, C, H, W), or (N, K) after `Flatten`, to the caller. In memory the pictures are innermost
(C, H, W, N), so that windows are long runs and a layer passes its result on without copying; see
`kernels.filtering.lowering`.
"""

from __future__ import annotations

from kernels.cnn.layers.activation import Activation, LeakyReLU, ReLU, Sigmoid, Tanh
from kernels.cnn.layers.base import Array, Count, Layer, Node, Shape
from kernels.cnn.layers.composite import AnyLayer, Branches, Composite, DenseBlock, Residual
from kernels.cnn.layers.convolution import Convolution
from kernels.cnn.layers.dense import Dense, Flatten
from kernels.cnn.layers.filtering import Filter
from kernels.cnn.layers.margins import Margins
from kernels.cnn.layers.normalisation import BatchNormalisation, Dropout
from kernels.cnn.layers.pixelwise import Bias, Magnitude
from kernels.cnn.layers.pooling import AveragePool, GaussianPool, GlobalAveragePool, MaxPool, Pool

__all__ = [
    "Activation",
    "AnyLayer",
    "Array",
    "AveragePool",
    "BatchNormalisation",
    "Bias",
    "Branches",
    "Composite",
    "Convolution",
    "Count",
    "Dense",
    "DenseBlock",
    "Dropout",
    "Filter",
    "Flatten",
    "GaussianPool",
    "GlobalAveragePool",
    "Layer",
    "LeakyReLU",
    "Magnitude",
    "Margins",
    "MaxPool",
    "Node",
    "Pool",
    "ReLU",
    "Residual",
    "Shape",
    "Sigmoid",
    "Tanh",
]
