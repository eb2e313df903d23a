"""What of the picture stages see: their windows, receptive fields, and the part of the maps that no border reaches."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from msgspec.structs import replace

from kernels.filtering.geometry import Geometry
from kernels.recipe.connections import Connection
from kernels.recipe.filters import Sliding
from kernels.recipe.pixelwise import Thin
from kernels.recipe.pooling import GlobalAverage, Median, Pool
from kernels.recipe.regions import Region, Shape
from kernels.recipe.stage import Chain, Stage


class Reach(msgspec.Struct, frozen=True):
    """What the pixels of maps see of the picture along one axis.

    Attributes
    ----------
    steps : tuple of (jump, first, last)
        Pixel i sees picture pixels ``i * jump + first`` to ``i * jump + last``, which may lie outside. Several where
        branches differ, each with a jump of its own; none where there are no neighbours.
    is_everything : bool
        Whether a window over all of the maps sees the whole picture.
    is_measured : bool
        Whether statistics of all of the maps come in besides.
    """

    steps: tuple[tuple[int, int, int], ...] = ((1, 0, 0),)
    is_everything: bool = False
    is_measured: bool = False

    @property
    def jump(self) -> int | None:
        """Picture pixels between what two neighbours see; None where there is no one answer."""
        return self.steps[0][0] if len(self.steps) == 1 else None

    def under(self, windows: Geometry, axis: int) -> Reach:
        """Return the reach of windows on the maps."""
        before, size, stride = windows.before[axis], windows.effective_shape[axis], windows.stride[axis]
        steps = (
            (jump * stride, first - jump * before, last + jump * (size - 1 - before))
            for jump, first, last in self.steps
        )
        return replace(self, steps=tuple(steps))

    def size(self, count: int) -> int:
        """Return how many pixels of the picture one pixel of `count` sees at most, virtual ones too."""
        # Where jumps differ, the difference is largest at one of the ends.
        return 1 + max(
            max(at * jump + last for jump, _, last in self.steps)
            - min(at * jump + first for jump, first, _ in self.steps)
            for at in (0, count - 1)
        )


Field = tuple[Reach, Reach]
"""The reach down and across."""


def windows_of(stage: Stage, shape: Shape) -> tuple[Geometry, ...]:
    """Return where a stage's windows stand, one answer for each size; none if it has no windows."""
    if isinstance(stage, Sliding):
        return tuple(stage.windows(shape, kernel) for kernel in stage.by_size)
    return (stage.windows(shape),) if isinstance(stage, Pool | Median | Thin) else ()


def field_after(stage: Stage, shape: Shape, field: Field) -> Field:
    """Return what the pixels of a stage's output see, from what those of its input of this shape see."""
    if isinstance(stage, Connection):
        return _joined(_field_at_end(chain, shape, field) for chain in stage.chains)
    if isinstance(stage, GlobalAverage):
        down, across = (replace(reach, steps=(), is_everything=True) for reach in field)
        return down, across
    if stage.needs_whole:
        return replace(field[0], is_measured=True), replace(field[1], is_measured=True)
    windows = windows_of(stage, shape)
    return _joined((field[0].under(each, 0), field[1].under(each, 1)) for each in windows) if windows else field


def inside_after(stage: Stage, shape: Shape, region: Region | None) -> Region | None:
    """Return the part of a stage's output that depends on nothing outside a region of its input; None if none does."""
    if isinstance(stage, Connection):
        found: Region | None = Region.whole(stage.output_shape(shape))
        for chain in stage.chains:
            found = common(found, _inside_at_end(chain, shape, region))
        return found
    if region is None or stage.needs_whole:
        return None
    found = region
    windows = windows_of(stage, shape)
    if windows:
        found = Region.whole(stage.output_shape(shape))
        for each in windows:
            found = common(found, _windows_inside(each, region))
    return found


def common(first: Region | None, second: Region | None) -> Region | None:
    """Return what two regions have in common; None if it is nothing."""
    if first is None or second is None:
        return None
    top, bottom = max(first.top, second.top), min(first.bottom, second.bottom)
    left, right = max(first.left, second.left), min(first.right, second.right)
    return Region(top, bottom, left, right) if top < bottom and left < right else None


def _field_at_end(chain: Chain, shape: Shape, field: Field) -> Field:
    for stage, before in zip(chain, chain.shapes(shape), strict=False):
        field = field_after(stage, before, field)
    return field


def _inside_at_end(chain: Chain, shape: Shape, region: Region | None) -> Region | None:
    for stage, before in zip(chain, chain.shapes(shape), strict=False):
        region = inside_after(stage, before, region)
    return region


def _joined(fields: Iterable[Field]) -> Field:
    """Return what pixels see that see all of this."""
    down, across = zip(*fields, strict=True)
    return _union(down), _union(across)


def _union(reaches: Iterable[Reach]) -> Reach:
    found: dict[int, tuple[int, int]] = {}
    is_everything = is_measured = False
    for reach in reaches:
        is_everything |= reach.is_everything
        is_measured |= reach.is_measured
        for jump, first, last in reach.steps:
            low, high = found.get(jump, (first, last))
            found[jump] = min(low, first), max(high, last)
    return Reach(tuple((jump, *ends) for jump, ends in found.items()), is_everything, is_measured)


def _windows_inside(windows: Geometry, region: Region) -> Region | None:
    """Return the windows that lie in a region of the maps as a region of the output."""
    ends = []
    for axis, (low, high) in enumerate(((region.top, region.bottom), (region.left, region.right))):
        stride, before = windows.stride[axis], windows.before[axis]
        first = max(0, -(-(low + before) // stride))
        stop = min(windows.output_shape[axis], (high + before - windows.effective_shape[axis]) // stride + 1)
        if first >= stop:
            return None
        ends.append((first, stop))
    (top, bottom), (left, right) = ends
    return Region(top, bottom, left, right)
