"""A row of stages as layers that learn: what it computes at first is what the row computes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from kernels.cnn.layers import (
    AnyLayer,
    AveragePool,
    BatchNormalisation,
    Bias,
    Branches,
    Convolution,
    DenseBlock,
    Filter,
    GaussianPool,
    GlobalAveragePool,
    LeakyReLU,
    Magnitude,
    Margins,
    MaxPool,
    ReLU,
    Residual,
    Sigmoid,
    Tanh,
)
from kernels.cnn.layers.margins import Padding, stand
from kernels.filtering.border import Border
from kernels.filtering.geometry import Pair
from kernels.kernel import Kernel
from kernels.pictures.colour import LUMA_WEIGHTS
from kernels.recipe import connections, filters, pixelwise, pooling
from kernels.recipe.regions import Shape, channels_of
from kernels.recipe.stage import Chain, Stage

Arrays = Mapping[str, NDArray[np.float32]]

_CANNOT_LEARN = {
    pooling.Median.name: "a median passes no gradient on here; a gaussian-pool smooths too",
    pixelwise.Thin.name: "thinning keeps a pixel or drops it, which has no gradient",
    pixelwise.Preprocess.name: "a network that learns measures and prepares its pictures itself",
}


class Started(msgspec.Struct, frozen=True, eq=False):
    """A layer, and those of its arrays that it does not begin with at random."""

    layer: AnyLayer
    arrays: Arrays = msgspec.field(default_factory=dict)


Finish = Callable[[Sequence[Started]], list[Started]]
"""What is done to a row of layers once it is there: other activations, normalisation."""


def parts_of(chain: Chain, shape: Shape, finish: Finish) -> list[Started]:
    """Return the layers of a row of stages.

    Filter banks, depthwise, pointwise, bias and normalisation stages learn, and begin with the row's own numbers.
    Kernels of several sizes in one bank become windows of one size, whose further weights begin at 0. A ``filter``
    stays as it is.

    Parameters
    ----------
    chain : Chain
    shape : tuple of int
        (H, W) or (H, W, C) of its input.
    finish : callable

    Raises
    ------
    ValueError
        If a stage cannot learn, or cannot take what comes before it; the text names its place.
    """
    shapes = chain.shapes(shape)
    return finish(
        [part for stage, before in zip(chain, shapes, strict=False) for part in _parts(stage, before, finish)]
    )


def composed(kind: Callable[..., AnyLayer], *rows: Sequence[Started]) -> Started:
    """Return a layer that holds rows of layers: `kind` of them, each a tuple."""
    layer = kind(*(tuple(part.layer for part in row) for row in rows))
    arrays = {
        f"{name}.{number}.{key}": array
        for name, row in zip(layer.rows, rows, strict=True)
        for number, part in enumerate(row)
        for key, array in part.arrays.items()
    }
    return Started(layer, arrays)


def _parts(stage: Stage, shape: Shape, finish: Finish) -> list[Started]:
    """Return the layers of one stage; most are one, some are none."""
    if isinstance(stage, connections.Connection):
        return [_connection(stage, [parts_of(chain, shape, finish) for chain in stage.chains])]
    if stage.name in _CANNOT_LEARN:
        stage.refuse(f"{_CANNOT_LEARN[stage.name]}. Take it out of a row that is to learn.")
    channels = channels_of(shape)
    match stage:
        case filters.Filter():
            return [_filter(stage, stage.kernel, shape)]
        case filters.FilterBank():
            return [_bank(stage, shape, stage.groups)]
        case filters.Depthwise():
            return [_bank(stage, shape, channels)]
        case filters.Pointwise():
            weights = stage.weights[:, :, np.newaxis, np.newaxis]
            return [Started(Convolution(len(weights), (1, 1)), {"weights": _single(stage, weights)})]
        case pixelwise.Bias():
            return [Started(Bias(), {"bias": _single(stage, np.broadcast_to(stage.values, channels))})]
        case pixelwise.BatchNormalisation():
            return [_normalisation(stage, channels)]
        case pixelwise.Channel():
            return _channel(stage, channels)
    return [Started(_plain(stage))]


def _plain(stage: Stage) -> AnyLayer:
    """Return the layer of a stage that has no weights."""
    match stage:
        case pixelwise.ReLU():
            return ReLU()
        case pixelwise.LeakyReLU():
            if stage.slope < 0:
                raise ValueError(f"{stage.label}.slope is {stage.slope}, but must be at least 0 in a row that learns.")
            return LeakyReLU(stage.slope)
        case pixelwise.Sigmoid():
            return Sigmoid()
        case pixelwise.Tanh():
            return Tanh()
        case pixelwise.Magnitude():
            return Magnitude()
        case pooling.GlobalAverage():
            return GlobalAveragePool()
        case pooling.MaxPool():
            return MaxPool(**_pooling(stage))
        case pooling.AveragePool():
            return AveragePool(**_pooling(stage))
        case pooling.GaussianPool():
            return GaussianPool(**_pooling(stage), sigma=stage.sigma)
    raise TypeError(f"{stage.label} has no layer")


def _pooling(stage: pooling.Pool) -> dict[str, Any]:
    stride = {} if stage.stride == stage.size else {"stride": stage.stride}
    ceil = {"ceil": True} if stage.ceil else {}
    return {"size": stage.size, "padding": stage.padding, **stride, **ceil}


def _connection(stage: connections.Connection, rows: list[list[Started]]) -> Started:
    if isinstance(stage, connections.Residual):
        return composed(Residual, *rows)
    if isinstance(stage, connections.DenseBlock):
        return composed(lambda _, body: DenseBlock(body), *rows)
    return composed(lambda *branches: Branches(branches), *rows)


def _filter(stage: filters.Sliding, kernel: Kernel, shape: Shape) -> Started:
    """Return a kernel as a layer that learns nothing."""
    weights, windows = stage.rotated(kernel), stage.windows(shape, kernel)
    taps = weights if weights.ndim == 3 else weights[:, :, np.newaxis]
    stride, dilation = stage.options.steps
    return Started(
        Filter(
            tuple(tuple(map(tuple, row)) for row in taps.tolist()),
            kernel.divisor,
            kernel.offset,
            _padding(stage, windows.before, windows.after),
            stride,
            dilation,
        )
    )


def _bank(stage: filters.Sliding, shape: Shape, groups: int) -> Started:
    """Return kernels side by side as a convolution; windows of one size hold those of several."""
    stride, dilation = stage.options.steps
    placed = [stage.windows(shape, kernel) for kernel in stage.kernels]
    before, after = _largest([each.before for each in placed]), _largest([each.after for each in placed])
    # Where each kernel begins in the common window, in pixels.
    starts = [(before[0] - each.before[0], before[1] - each.before[1]) for each in placed]
    corners = [(top // dilation[0], left // dilation[1]) for top, left in starts]
    size = _largest(
        [
            (top + each.kernel_shape[0], left + each.kernel_shape[1])
            for (top, left), each in zip(corners, placed, strict=True)
        ]
    )
    padding = _padding(stage, before, after)
    joint = stand(stage.name, (shape[0], shape[1]), size, stride, padding, dilation)
    between = any(top % dilation[0] or left % dilation[1] for top, left in starts)
    if between or joint.output_shape != placed[0].output_shape:
        raise ValueError(
            f"{stage.label}.kernels have sizes that no one window holds; in a row that learns use one size."
        )
    weights = np.zeros((len(placed), channels_of(shape) // groups, *size))
    for own, kernel, (top, left) in zip(weights, stage.kernels, corners, strict=True):
        taps = stage.rotated(kernel) / kernel.divisor
        planes = taps if taps.ndim == 2 else taps.transpose(2, 0, 1)
        own[:, top : top + kernel.shape[0], left : left + kernel.shape[1]] = planes
    bias = np.array([kernel.offset for kernel in stage.kernels])
    layer = Convolution(len(placed), size, stride, padding, dilation, groups)
    return Started(layer, {"weights": _single(stage, weights), "bias": _single(stage, bias)})


def _largest(pairs: Sequence[Pair]) -> Pair:
    return max(y for y, _ in pairs), max(x for _, x in pairs)


def _padding(stage: filters.Sliding, before: Pair, after: Pair) -> Padding:
    """Return what lies around the maps as a layer has it."""
    options = stage.options
    is_zero = stage.border == Border.CONSTANT and options.border_value == 0
    if before == after and (is_zero or before == (0, 0)):
        return before
    return Margins(before, after, stage.border, options.border_value if stage.border == Border.CONSTANT else 0.0)


def _normalisation(stage: pixelwise.BatchNormalisation, channels: int) -> Started:
    if not 0 < stage.epsilon <= 1:
        raise ValueError(
            f"{stage.label}.epsilon is {stage.epsilon}, but must be above 0 and at most 1 in a row that learns."
        )
    given = {"mean": stage.mean, "variance": stage.variance, "gamma": stage.gamma, "beta": stage.beta}
    arrays = {
        name: _single(stage, np.broadcast_to(values, channels)) for name, values in given.items() if values is not None
    }
    return Started(BatchNormalisation(epsilon=stage.epsilon), arrays)


def _channel(stage: pixelwise.Channel, channels: int) -> list[Started]:
    if stage.channel == "rgb" or channels == 1:
        return []
    if stage.channel == "luma":
        return [Started(Filter(((LUMA_WEIGHTS,),)))]
    if stage.channel in ("r", "g", "b"):
        return [Started(Filter((((*(float(each == stage.channel) for each in "rgb"),),),)))]
    stage.refuse(f"{stage.channel!r} passes no gradient on; a row that learns can take rgb, luma, r, g and b.")


def _single(stage: Stage, values: NDArray[Any]) -> NDArray[np.float32]:
    """Return numbers to begin with in float32."""
    with np.errstate(over="ignore"):
        numbers = np.array(values, np.float32)
    if not np.isfinite(numbers).all():
        stage.refuse("a number of it is too large for a network, which learns in float32.")
    return numbers
