"""Stages that run together, some rows at a time, so that what they hold on the way stays small."""

from __future__ import annotations

import math
from collections.abc import Callable

from kernels import memory
from kernels.filtering.operands import output_dtype
from kernels.recipe.filters import Filter
from kernels.recipe.regions import Array, Region, Shape, channels_of, empty_maps
from kernels.recipe.stage import Chain, Circumstances

STRIP_BYTES = 1 << 27
"""What the stages before the last may hold at once when only the last one's output is wanted."""

#: Windows written out, padded copies and sums in float64: what a stage needs besides what it gives, as a factor.
_WORK = 3


def segments(chain: Chain) -> list[tuple[int, bool]]:
    """Split the stages: the end of each part, and whether it is a single stage that needs the whole picture."""
    found: list[tuple[int, bool]] = []
    for at, stage in enumerate(chain, start=1):
        if stage.needs_whole or not found or found[-1][1]:
            found.append((at, stage.needs_whole))
        else:
            found[-1] = (at, False)
    return found


def compute_segment(
    chain: Chain,
    maps: Array,
    shape: Shape,
    run: Circumstances,
    needs_whole: bool,
    held: int,
    limit: float | None,
    progress: Callable[[float], None],
) -> Array:
    """Compute the output of stages, in strips unless they need the whole picture.

    Parameters
    ----------
    chain, maps, shape, run
        The stages, what they begin with, its shape, and what a run knows besides.
    needs_whole : bool
        As `segments` tells.
    held : int
        Bytes that others hold meanwhile.
    limit : float, optional
        Bytes that all may take.
    progress : callable
        Told the share that is done.

    Raises
    ------
    MemoryError, kernels.errors.Cancelled
    """
    shapes = chain.shapes(shape)
    result, whole = shapes[-1], Region.whole(shape)
    size = output_dtype(maps).itemsize
    bytes_of_result = math.prod(result) * size

    def check(work: float, what: str) -> None:
        needed = held + bytes_of_result + work
        memory.require(needed, what)
        if limit is not None and needed > limit:
            raise memory.Refused(
                f"{what} needs about {memory.readable(needed)} of memory, more than the {memory.readable(limit)} "
                f"that are allowed."
            )

    everything = Region.whole(result)
    if needs_whole:
        stage = chain.stages[0]
        check(float(chain.all_values(shape)) * size, f"{stage.label}, which needs the whole picture at once,")
        return chain.compute(maps, whole, shape, everything, run)
    if len(chain.stages) == 1 and isinstance(chain.stages[0], Filter):
        # The engine works in strips, and in all threads, by itself.
        check(0.0, f"A result of {' × '.join(map(str, result))} values")
        return chain.compute(maps, whole, shape, everything, run)
    room = STRIP_BYTES if limit is None else min(STRIP_BYTES, max(0.0, limit - held - bytes_of_result))
    rows = result[0]
    while rows > 1 and _cost(chain, shapes, rows) * size > room:
        rows = (rows + 1) // 2
    check(_cost(chain, shapes, rows) * size, f"A result of {' × '.join(map(str, result))} values")
    if rows == result[0]:
        return chain.compute(maps, whole, shape, everything, run)
    output = empty_maps(result, output_dtype(maps))
    for top in range(0, result[0], rows):
        wanted = Region(top, min(top + rows, result[0]), 0, result[1])
        source = chain.needed(shape, wanted)
        output[top : wanted.bottom] = chain.compute(source.cut(maps, whole), source, shape, wanted, run)
        progress(wanted.bottom / result[0])
    return output


def _cost(chain: Chain, shapes: list[Shape], rows: int) -> int:
    """Return how many numbers are held at once while so many rows, those in the middle, are computed."""
    height, width = shapes[-1][:2]
    top = (height - rows) // 2
    wanted = Region(top, top + rows, 0, width)
    source = chain.needed(shapes[0], wanted)
    return _WORK * (chain.values(shapes[0], wanted) + math.prod(source.shape) * channels_of(shapes[0]))


def share_of(progress: Callable[[float], None] | None, done: int, count: int, total: int) -> Callable[[float], None]:
    """Return what tells the share of all stages, for some of them."""

    def tell(share: float) -> None:
        if progress is not None:
            progress((done + share * count) / total)

    return tell
