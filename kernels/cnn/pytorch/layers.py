"""Layers as lines of PyTorch source."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kernels.cnn.layers import (
    AnyLayer,
    AveragePool,
    BatchNormalisation,
    Bias,
    Branches,
    Convolution,
    Dense,
    DenseBlock,
    Dropout,
    Filter,
    Flatten,
    GaussianPool,
    GlobalAveragePool,
    LeakyReLU,
    Magnitude,
    MaxPool,
    Pool,
    ReLU,
    Residual,
    Shape,
    Sigmoid,
    Tanh,
)
from kernels.cnn.layers.margins import Padding, margins_of
from kernels.filtering.border import Border
from kernels.filtering.geometry import Pair

_INDENT = "    "
_BORDERS = {Border.REPLICATE: "ReplicationPad2d", Border.REFLECT101: "ReflectionPad2d", Border.WRAP: "CircularPad2d"}


def sequential(layers: Sequence[AnyLayer], shape: Shape) -> list[str]:
    """Return a row of layers as lines of source, with the shapes that they bring maps to."""
    if not layers:
        return ["nn.Sequential()"]
    lines = []
    for layer in layers:
        own, before = _module(layer, shape), shape
        shape = layer.output_shape(before)
        comment = "" if shape == before else f"  # {' x '.join(map(str, shape))}"
        lines += [*own[:-1], f"{own[-1]},{comment}"]
    return ["nn.Sequential(", *_indented(lines), ")"]


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"{_INDENT}{line}" for line in lines]


def _module(layer: AnyLayer, shape: Shape) -> list[str]:
    """Return a layer as lines of source."""
    match layer:
        case Residual():
            return _holding("Residual", [layer.body, layer.shortcut], shape)
        case Branches():
            return _holding("Branches", layer.branches, shape)
        case DenseBlock():
            return _holding("DenseBlock", [layer.body], shape)
        case Convolution():
            return _convolution(layer, shape)
        case Filter():
            return _filter(layer, shape)
        case GaussianPool():
            return _gaussian_pool(layer, shape)
    return [_plain(layer, shape)]


def _plain(layer: AnyLayer, shape: Shape) -> str:
    """Return a layer that takes one line."""
    match layer:
        case ReLU():
            return "nn.ReLU()"
        case LeakyReLU():
            return _call("nn.LeakyReLU", layer.slope)
        case Sigmoid():
            return "nn.Sigmoid()"
        case Tanh():
            return "nn.Tanh()"
        case Flatten():
            return "nn.Flatten()"
        case Dense():
            return _call("nn.Linear", shape[0], layer.outputs)
        case Dropout():
            return _call("nn.Dropout", layer.share)
        case BatchNormalisation():
            name = f"nn.BatchNorm{2 if len(shape) == 3 else 1}d"
            return _call(name, shape[0], **_but(eps=(layer.epsilon, 1e-5), momentum=(layer.momentum, 0.1)))
        case Bias():
            return _call("Bias", shape[0])
        case Magnitude():
            return "Magnitude()"
        case GlobalAveragePool():
            return "nn.AdaptiveAvgPool2d(1)"
        case MaxPool():
            return _pool("nn.MaxPool2d", layer)
        case AveragePool():
            return _pool("nn.AvgPool2d", layer)
    raise TypeError(f"{layer.title} has no PyTorch source")


def _holding(name: str, rows: Sequence[Sequence[AnyLayer]], shape: Shape) -> list[str]:
    """Return a layer that holds rows of layers."""
    lines = []
    for row in rows:
        own = sequential(row, shape)
        lines += [*own[:-1], f"{own[-1]},"]
    return [f"{name}(", *_indented(lines), ")"]


def _convolution(layer: Convolution, shape: Shape) -> list[str]:
    padding, border = _border(layer.padding, shape)
    positional = (shape[0], layer.filters, _short(layer.kernel))
    named = {**_sliding(layer, padding), **_but(groups=(layer.groups, 1))}
    if border is None:
        return [_call("nn.Conv2d", *positional, **named)]
    rest = _call("", *positional, **named)[1:-1]
    return ["BorderedConv2d(", *_indented([f"{border},", f"{rest},"]), ")"]


def _filter(layer: Filter, shape: Shape) -> list[str]:
    padding, border = _border(layer.padding, shape)
    named = {**_but(divisor=(layer.divisor, 1.0), offset=(layer.offset, 0.0)), **_sliding(layer, padding)}
    is_flat = len(layer.weights[0][0]) == 1
    rows = [tuple(tap for (tap,) in row) if is_flat else row for row in layer.weights]
    weights = ["(", *_indented([f"{row!r}," for row in rows]), "),"]
    kernel = ["FixedFilter(", *_indented([*weights, *_named(named)]), ")"]
    if border is None:
        return kernel
    return ["nn.Sequential(", *_indented([f"{border},", *kernel[:-1], "),"]), ")"]


def _sliding(layer: Convolution | Filter, padding: int | Pair) -> dict[str, Any]:
    return _but(stride=(_short(layer.stride), 1), padding=(padding, 0), dilation=(_short(layer.dilation), 1))


def _pool(name: str, layer: Pool) -> str:
    named = _but(
        stride=(_short(layer.step), _short(layer.size)),
        padding=(_short(layer.padding), 0),
        ceil_mode=(layer.ceil is True, False),
    )
    return _call(name, _short(layer.size), **named)


def _gaussian_pool(layer: GaussianPool, shape: Shape) -> list[str]:
    weights = [f"{tuple(each.tolist())!r}," for each in layer.weights()]
    after = layer.windows(shape).after
    beyond = tuple(after[axis] - layer.padding[axis] for axis in (0, 1))
    named = {"stride": layer.step, **_but(padding=(layer.padding, (0, 0)), beyond=(beyond, (0, 0)))}
    return ["GaussianPool2d(", *_indented([*weights, *_named(named)]), ")"]


def _border(padding: Padding, shape: Shape) -> tuple[int | Pair, str | None]:
    """Return the padding that a module of PyTorch's does itself, and the module that does any other before it."""
    margins = margins_of(padding)
    (top, left), (bottom, right) = margins.before, margins.after
    around = (left, right, top, bottom)
    if not any(around):
        return 0, None
    if margins.border == Border.CONSTANT:
        if margins.value == 0.0:
            return (_short(margins.before), None) if margins.before == margins.after else (0, f"nn.ZeroPad2d({around})")
        return 0, f"nn.ConstantPad2d({around}, {margins.value!r})"
    _, height, width = shape
    # How far PyTorch's modules reach.
    reach = {Border.REPLICATE: (max(around), max(around)), Border.REFLECT101: (width - 1, height - 1)}
    most = reach.get(margins.border, (width, height))
    if margins.border in _BORDERS and max(left, right) <= most[0] and max(top, bottom) <= most[1]:
        return 0, f"nn.{_BORDERS[margins.border]}({around})"
    return 0, f'Border({around}, "{margins.border}")'


def _call(name: str, *positional: Any, **named: Any) -> str:
    return f"{name}({', '.join([*map(repr, positional), *(f'{key}={value!r}' for key, value in named.items())])})"


def _named(values: dict[str, Any]) -> list[str]:
    return [f"{name}={value!r}," for name, value in values.items()]


def _but(**given: tuple[Any, Any]) -> dict[str, Any]:
    """Return the values that differ from PyTorch's own, which follow each."""
    return {name: value for name, (value, usual) in given.items() if value != usual}


def _short(pair: Pair) -> int | Pair:
    return pair[0] if pair[0] == pair[1] else pair
