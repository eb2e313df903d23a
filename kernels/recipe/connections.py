"""Stages that hold rows of stages: branches, residual connections, dense blocks."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import ClassVar

import numpy as np

from kernels.filtering.geometry import Pair
from kernels.recipe.course import Moments
from kernels.recipe.options import Options
from kernels.recipe.regions import Array, Region, Shape, channels_of, empty_maps, like_maps, planes_of
from kernels.recipe.stage import Chain, Circumstances, Reader, Stage, Taps, by_rows, copied


class Connection(Stage):
    """Rows of stages that all begin with the same input, and whose outputs are put together.

    Parameters
    ----------
    read : callable
        Reads a row: ``read("stages[1].residual.stages", [...])``.
    """

    def __init__(self, place: str, options: Options, read: Reader) -> None:
        super().__init__(place, options)
        self._chains = self.read_chains(options, read)

    def read_chains(self, options: Options, read: Reader) -> tuple[Chain, ...]:
        """Read the rows."""
        raise NotImplementedError

    @property
    def chains(self) -> tuple[Chain, ...]:
        return self._chains

    @property
    def needs_whole(self) -> bool:
        return any(chain.needs_whole for chain in self.chains)

    def measured(self, found: Mapping[str, Moments]) -> Stage:
        own = copy(self)
        own._chains = tuple(chain.measured(found) for chain in self._chains)
        return own

    @property
    def uses_white(self) -> bool:
        return any(stage.uses_white for chain in self.chains for stage in chain)

    def needed(self, shape: Shape, wanted: Region) -> Region:
        first, *others = (chain.needed(shape, wanted) for chain in self.chains)
        for other in others:
            first = first.joined(other)
        return first

    def results(self, maps: Array, at: Region, shape: Shape, wanted: Region, run: Circumstances) -> list[Array]:
        """Compute a region of what each row gives."""
        return [chain.compute(maps, at, shape, wanted, run) for chain in self.chains]

    def output_shapes(self, shape: Shape) -> list[Shape]:
        """Return the shape that each row gives, once all are known to have the same rows and columns."""
        found = [chain.shapes(shape)[-1] for chain in self.chains]
        for at, other in enumerate(found):
            if other[:2] != found[0][:2]:
                self.refuse(
                    f"its rows do not fit together: row 0 gives {_size(found[0])}, row {at} gives {_size(other)} "
                    f"(rows × columns × channels); the same padding and stride make them equal."
                )
        return found

    def taps(self, shape: Shape, position: Pair, channel: int, maps: Array, run: Circumstances) -> Taps | None:
        return None

    def parts(self, shape: Shape, channel: int) -> list[tuple[int, int]]:
        """Return the rows, each with the channel of its output, whose sum a channel of the output is."""
        raise NotImplementedError


class Stacked(Connection):
    """The outputs of the rows, stacked on the channels."""

    def output_shape(self, shape: Shape) -> Shape:
        found = self.output_shapes(shape)
        return (*found[0][:2], sum(channels_of(each) for each in found))

    def compute(self, maps: Array, at: Region, shape: Shape, wanted: Region, run: Circumstances) -> Array:
        found = [planes_of(each) for each in self.results(maps, at, shape, wanted, run)]
        result = empty_maps((*wanted.shape, sum(each.shape[2] for each in found)), found[0].dtype)
        first = 0
        for each in found:
            copied(each, result[:, :, first : first + each.shape[2]], run)
            first += each.shape[2]
        return result

    def parts(self, shape: Shape, channel: int) -> list[tuple[int, int]]:
        for row, each in enumerate(self.output_shapes(shape)):
            if channel < channels_of(each):
                return [(row, channel)]
            channel -= channels_of(each)
        raise IndexError(channel)


class Branches(Stacked):
    """Rows side by side.

    References
    ----------
    C. Szegedy and others (2015), "Going deeper with convolutions".
    """

    name: ClassVar[str] = "branches"

    def read_chains(self, options: Options, read: Reader) -> tuple[Chain, ...]:
        rows = options.items("rows")
        if not rows:
            raise ValueError(f"{self.label}.rows is empty, but must hold at least one row of stages.")
        return tuple(read(f"{self.label}.rows[{at}]", row) for at, row in enumerate(rows))


class DenseBlock(Stacked):
    """The input with the output of the stages stacked behind it.

    References
    ----------
    G. Huang, Z. Liu, L. van der Maaten and K. Q. Weinberger (2017), "Densely connected convolutional networks".
    """

    name: ClassVar[str] = "dense-block"

    def read_chains(self, options: Options, read: Reader) -> tuple[Chain, ...]:
        return Chain(()), read(f"{self.label}.stages", options.raw("stages"))


class Residual(Connection):
    """The output of the stages added to the input, or to what the shortcut makes of it.

    References
    ----------
    K. He, X. Zhang, S. Ren and J. Sun (2016), "Deep residual learning for image recognition".
    """

    name: ClassVar[str] = "residual"

    def read_chains(self, options: Options, read: Reader) -> tuple[Chain, ...]:
        stages = read(f"{self.label}.stages", options.raw("stages"))
        return stages, read(f"{self.label}.shortcut", options.raw("shortcut", []))

    def output_shape(self, shape: Shape) -> Shape:
        row, shortcut = self.output_shapes(shape)
        if channels_of(row) != channels_of(shortcut):
            self.refuse(
                f"its stages give {_size(row)}, but its shortcut gives {_size(shortcut)} (rows × columns × channels), "
                f"and only equal shapes can be added; a pointwise stage in the shortcut changes the channels."
            )
        return row if len(row) >= len(shortcut) else shortcut

    def compute(self, maps: Array, at: Region, shape: Shape, wanted: Region, run: Circumstances) -> Array:
        row, shortcut = self.results(maps, at, shape, wanted, run)
        if row.ndim != shortcut.ndim:
            row, shortcut = planes_of(row), planes_of(shortcut)
        everything = Region.whole(row.shape)

        def add(part: Region, into: Array) -> None:
            np.add(part.cut(row, everything), part.cut(shortcut, everything), out=into)

        return by_rows(like_maps(row, row.shape), everything, channels_of(row.shape), run, add)

    def parts(self, shape: Shape, channel: int) -> list[tuple[int, int]]:
        return [(0, channel), (1, channel)]


def _size(shape: Shape) -> str:
    return " × ".join(map(str, (*shape[:2], channels_of(shape))))
