"""The axis that curves, film strip and timeline share: steps from left to right, later ones closer together. No Qt."""

from __future__ import annotations

import math
from bisect import bisect
from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

STRAIGHT = 50
"""Up to this step the axis is linear; from there on as much room is taken by each doubling."""
SHORTEST = 10
"""Steps that the axis spans at least, so that single steps at the beginning are seen one by one."""


def _way(step: float) -> float:
    """How far along the axis a step stands: 0 for 0, 1 for 50, 2 for 100, 3 for 200."""
    return step / STRAIGHT if step <= STRAIGHT else 1 + math.log2(step / STRAIGHT)


class StepAxis(msgspec.Struct, frozen=True):
    """Steps 0 to `end` between two places on the screen.

    Attributes
    ----------
    end : int
        The last step that is shown, at least `SHORTEST`.
    left, right : float
        Where step 0 and step `end` stand, in pixels.
    """

    end: int = SHORTEST
    left: float = 0.0
    right: float = 1.0

    def __post_init__(self) -> None:
        msgspec.structs.force_setattr(self, "end", max(self.end, SHORTEST))
        msgspec.structs.force_setattr(self, "right", max(self.right, self.left + 1.0))

    def x(self, step: float) -> float:
        """Where a step stands."""
        return self.left + (self.right - self.left) * _way(step) / _way(self.end)

    def places(self, steps: ArrayLike) -> NDArray[np.float64]:
        """Where steps stand."""
        held = np.asarray(steps, np.float64)
        far = np.where(held <= STRAIGHT, held / STRAIGHT, 1 + np.log2(np.maximum(held, STRAIGHT) / STRAIGHT))
        return self.left + (self.right - self.left) * far / _way(self.end)

    def steps_at(self, places: ArrayLike) -> NDArray[np.float64]:
        """The steps that stand at places, as fractions; beyond the axis those at its ends."""
        share = np.clip((np.asarray(places, np.float64) - self.left) / (self.right - self.left), 0.0, 1.0)
        far = share * _way(self.end)
        return np.minimum(np.where(far <= 1, far * STRAIGHT, STRAIGHT * np.exp2(np.maximum(far, 1) - 1)), self.end)

    def step(self, x: float) -> int:
        """The step nearest to a place."""
        return round(float(self.steps_at(x)))

    def ticks(self, gap: float) -> tuple[int, ...]:
        """Round steps to write at the axis, 0 among them, at least `gap` pixels apart."""
        unit = (self.right - self.left) / _way(self.end)
        if self.end < STRAIGHT * 2:
            sizes = (factor * 10**power for power in range(3) for factor in (1, 2, 5))
            size = next((each for each in sizes if each * unit >= gap * STRAIGHT), STRAIGHT)
            round_steps: Sequence[int] = range(0, self.end + 1, size)
        else:
            stride = max(1, math.ceil(gap / unit))
            round_steps = (0, *(STRAIGHT * 2**each for each in range(0, int(_way(self.end)), stride)))
        kept = [0]
        for step in round_steps:
            if self.x(step) - self.x(kept[-1]) >= gap:
                kept.append(step)
        return tuple(kept)


def landmarks(checkpoints: Sequence[int], shown: int | None = None) -> tuple[int, ...]:
    """The checkpoints that tell how a run went: next to 0, 5, 10, 20, 50, 100, 200 …, the last, and the one shown."""
    if not checkpoints:
        return ()
    held = np.asarray(sorted(checkpoints))
    wanted = [0, 5, 10, 20, STRAIGHT]
    while wanted[-1] * 2 <= held[-1]:
        wanted.append(wanted[-1] * 2)
    nearest = {int(held[np.abs(held - each).argmin()]) for each in wanted if each <= held[-1]}
    asked = {shown} if shown is not None and shown in checkpoints else set()
    return tuple(sorted(nearest | {int(held[-1])} | asked))


def apart(axis: StepAxis, steps: Sequence[int], gap: float, first: Sequence[int] = ()) -> tuple[int, ...]:
    """Those of `steps` that can stand `gap` pixels apart: those of `first` before others, the later before the earlier.

    Of the others 0 comes first, so that it is seen where the steps began.
    """
    kept: list[tuple[float, int]] = []
    others = sorted(set(steps) - set(first), reverse=True)
    for step in (*(each for each in first if each in steps), *(others[-1:] if others[-1:] == [0] else ()), *others):
        x = axis.x(step)
        at = bisect(kept, (x, step))
        if all(abs(x - each[0]) >= gap for each in kept[max(0, at - 1) : at + 1]):
            kept.insert(at, (x, step))
    return tuple(step for _x, step in kept)
