"""What the stages of a recipe cost and see, from shapes alone: sizes, weights, products, receptive fields."""

from __future__ import annotations

import math
from collections import Counter

import msgspec

from kernels.filtering.geometry import Geometry, Pair
from kernels.recipe.connections import Connection
from kernels.recipe.fields import Field, Reach, field_after, windows_of
from kernels.recipe.filters import Depthwise, Filter, FilterBank, Pointwise, Sliding
from kernels.recipe.pixelwise import BatchNormalisation, Bias, Channel, LeakyReLU, Magnitude, Preprocess, Thin
from kernels.recipe.pooling import GaussianPool
from kernels.recipe.regions import Shape, channels_of
from kernels.recipe.stage import Chain, Stage

_FLOAT = 4
_LUMA = 3
"""Products of a pixel's luma."""
_RIDGE = 4
"""Products of a pixel's thinning: two squares, and a share of a neighbour on either side."""


class StageFacts(msgspec.Struct, frozen=True):
    """What is known of a stage on a picture of a known shape, before anything is computed.

    Attributes
    ----------
    place, name : str
        ``stages[2]`` and ``max-pool``.
    input_shape, shape : tuple of int
        Of its input and of its output, (H, W) or (H, W, C).
    weights : int
        Numbers that training would adjust, biases included: those of a kernel (kh, kw) count once however many
        channels it sees, a kernel's offset is a bias, and batch normalisation has γ and β for each channel. A bank
        that is a network's layer has a bias for each map.
    multiplications : int
        For the whole output: a kernel's weights for each channel and pixel, a Gaussian's under a pooling window, the
        slope of a leaky ReLU, the scale of a normalisation, the squares of a magnitude. Sums, comparisons, divisions,
        roots, exponentials and conversions to HSV and Lab do not count. Of stages inside a stage the sum.
    receptive_field : (int, int)
        Rows and columns of the picture from the first to the last pixel that one pixel of the output depends on,
        the gaps of dilated kernels included; at most the picture's own. Away from the border, where pixels are real.
    sees_all : bool
        Whether the whole picture counts: under a global average, which is the receptive field then, or because a batch
        normalisation measures mean or variance, which every pixel then changes a little besides.
    jump : (int, int) or None
        Picture pixels from what one pixel of the output sees to what its neighbour sees, (y, x). None where branches
        differ, and after a global average, which has no neighbours.
    bytes : int
        Of the output in float32.
    fully_connected_weights : int
        What a fully connected layer with the same inputs and outputs would have: inputs · outputs + outputs.
    size_formulas, field_formulas : (str, str)
        Rows and columns of the output, ``(512 + 2·0 − 5)/1 + 1 = 508``, and of the receptive field,
        ``6 + (5 − 1)·2 = 14``; empty where there is no window, or no single one.
    weights_formula : str
        ``6 × (5 · 5 · 1 + 1) = 156``; empty where there are no weights.
    rows : tuple of tuple of StageFacts
        The stages inside this one, row by row.

    References
    ----------
    A. Araujo, W. Norris and J. Sim (2019), "Computing receptive fields of convolutional neural networks".
    V. Dumoulin and F. Visin (2016), "A guide to convolution arithmetic for deep learning".
    """

    place: str
    name: str
    input_shape: Shape
    shape: Shape
    weights: int
    multiplications: int
    receptive_field: Pair
    sees_all: bool
    jump: Pair | None
    bytes: int
    fully_connected_weights: int
    size_formulas: tuple[str, str]
    field_formulas: tuple[str, str]
    weights_formula: str
    rows: tuple[tuple[StageFacts, ...], ...]


def facts_of(chain: Chain, image_shape: Shape) -> list[StageFacts]:
    """Return the facts of each stage of a chain; see `kernels.Recipe.facts`."""
    return _facts(chain, image_shape, image_shape, (Reach(), Reach()))


def _facts(chain: Chain, shape: Shape, picture: Shape, field: Field) -> list[StageFacts]:
    """Return the facts of stages whose input has this shape and sees this much of the picture."""
    shapes = chain.shapes(shape)
    found = []
    for stage, before, after in zip(chain, shapes[:-1], shapes[1:], strict=True):
        rows = tuple(tuple(_facts(row, before, picture, field)) for row in stage.chains)
        seen = field_after(stage, before, field)
        found.append(_one(stage, before, after, picture, (field, seen), rows))
        field = seen
    return found


def _one(
    stage: Stage,
    before: Shape,
    after: Shape,
    picture: Shape,
    fields: tuple[Field, Field],
    rows: tuple[tuple[StageFacts, ...], ...],
) -> StageFacts:
    field, seen = fields
    inputs, outputs, windows = math.prod(before), math.prod(after), windows_of(stage, before)
    single = windows[0] if len(windows) == 1 else None
    weights, formula = _weights(stage, before, rows)
    jump = seen[0].jump, seen[1].jump
    return StageFacts(
        place=stage.place,
        name=stage.name,
        input_shape=before,
        shape=after,
        weights=weights,
        multiplications=_multiplications(stage, before, after, rows),
        receptive_field=(_size(seen[0], after[0], picture[0]), _size(seen[1], after[1], picture[1])),
        sees_all=seen[0].is_everything or seen[0].is_measured,
        jump=None if jump[0] is None or jump[1] is None else (jump[0], jump[1]),
        bytes=_FLOAT * outputs,
        fully_connected_weights=outputs * (inputs + 1),
        size_formulas=(_size_formula(windows, 0), _size_formula(windows, 1)),
        field_formulas=(
            _field_formula(single, 0, field[0], before[0], picture[0]),
            _field_formula(single, 1, field[1], before[1], picture[1]),
        ),
        weights_formula=f"{formula} = {weights:,}" if formula else "",
        rows=rows,
    )


def _size(reach: Reach, count: int, length: int) -> int:
    """Return the receptive field along an axis, of `count` pixels on a picture of this length."""
    return length if reach.is_everything else min(length, reach.size(count))


def _size_formula(windows: tuple[Geometry, ...], axis: int) -> str:
    """Return the output size as the formula with its numbers; equal padding on both sides as twice one."""
    if not windows:
        return ""
    one = windows[0]
    length, before, after = one.image_shape[axis], one.before[axis], one.after[axis]
    start = f"({length} + "
    written = one.formula(axis)
    return written.replace(f"{start}{before} + {after} ", f"{start}2·{before} ", 1) if before == after else written


def _field_formula(windows: Geometry | None, axis: int, reach: Reach, count: int, length: int) -> str:
    """Return how the receptive field grows under windows on `count` pixels that reach so far."""
    if windows is None or reach.is_everything or reach.jump is None:
        return ""
    size, grown = windows.effective_shape[axis], reach.under(windows, axis).size(windows.output_shape[axis])
    written = f"{reach.size(count)} + ({size} − 1)·{reach.jump} = {grown}"
    return written if grown <= length else f"{written} → {length}"


def _weights(stage: Stage, shape: Shape, rows: tuple[tuple[StageFacts, ...], ...]) -> tuple[int, str]:
    """Return the number of learned weights, and how it comes about."""
    channels = channels_of(shape)
    if isinstance(stage, Connection):
        parts = [each.weights for row in rows for each in row if each.weights]
        return sum(parts), " + ".join(f"{part:,}" for part in parts)
    if isinstance(stage, Sliding):
        return _kernel_weights(stage)
    if isinstance(stage, Pointwise):
        return stage.weights.size, f"{len(stage.weights)} × (1 · 1 · {channels})"
    if isinstance(stage, Bias):
        return stage.values.size, str(stage.values.size)
    return (2 * channels, f"2 × {channels}") if isinstance(stage, BatchNormalisation) else (0, "")


def _kernel_weights(stage: Sliding) -> tuple[int, str]:
    """Return the number of weights of kernels, and how it comes about, those of one size together."""
    is_biased = any(kernel.offset for kernel in stage.kernels)
    is_biased |= isinstance(stage, FilterBank) and stage.is_layer
    sizes = Counter(kernel.weights.shape for kernel in stage.kernels)
    written = {size: " · ".join(map(str, size)) + (" + 1" if is_biased else "") for size in sizes}
    total = sum(count * (math.prod(size) + is_biased) for size, count in sizes.items())
    if isinstance(stage, Filter):
        return total, next(iter(written.values()))
    return total, " + ".join(f"{count} × ({written[size]})" for size, count in sizes.items())


def _multiplications(stage: Stage, before: Shape, after: Shape, rows: tuple[tuple[StageFacts, ...], ...]) -> int:
    """Return the products for the whole output."""
    pixels, channels, values = math.prod(after[:2]), channels_of(before), math.prod(after)
    if isinstance(stage, Filter):
        return values * stage.kernel.weights.size
    if isinstance(stage, Depthwise):
        return pixels * sum(kernel.weights.size for kernel in stage.kernels)
    if isinstance(stage, FilterBank):
        return pixels * (channels // stage.groups) * sum(math.prod(kernel.shape) for kernel in stage.kernels)
    if isinstance(stage, Pointwise):
        return pixels * stage.weights.size
    if isinstance(stage, GaussianPool):
        return values * math.prod(stage.size)
    if isinstance(stage, LeakyReLU | BatchNormalisation):
        return values
    if isinstance(stage, Magnitude):
        return pixels * channels
    if isinstance(stage, Thin):
        return pixels * _RIDGE
    if isinstance(stage, Preprocess):
        return values + (pixels * _LUMA if channels > channels_of(after) else 0)
    if isinstance(stage, Channel):
        return pixels * _LUMA if stage.channel == "luma" and channels > 1 else 0
    return sum(each.multiplications for row in rows for each in row)
