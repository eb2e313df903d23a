"""The stages of a network with what each makes of the picture, painted. No Qt."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from kernels.cnn.stages import ForwardPass, NetworkStage
from kernels.pictures.display import render
from viewer.pages.learned.layer import EditedNetwork
from viewer.pages.network.given import Bytes
from viewer.painting import DIVERGING

Array = NDArray[Any]


class Passed(msgspec.Struct, frozen=True, eq=False):
    """A picture on its way through a network.

    Attributes
    ----------
    name : str
        What the session calls the network.
    edited : EditedNetwork
    picture : uint8 array
        What it gets.
    run : ForwardPass
    """

    name: str
    edited: EditedNetwork
    picture: Bytes
    run: ForwardPass

    def stage(self, number: int) -> NetworkStage:
        """The stage `number`, or the last one."""
        return self.run.stages[min(max(number, 0), len(self.run.stages) - 1)]


class StageColumn(msgspec.Struct, frozen=True):
    """A stage as its view shows it.

    Attributes
    ----------
    title : str
    lines : tuple of str
        The shape of what it gives, and its weights.
    count : int
        How many maps, or units.
    is_own : bool
        Each of its maps is made from the one before with the same number, rather than from all.
    classes, outputs : tuples
        Of the last stage: what each unit stands for, and its number.
    """

    title: str
    lines: tuple[str, ...]
    count: int
    is_own: bool = False
    classes: tuple[str, ...] = ()
    outputs: tuple[float, ...] = ()


def as_maps(values: Array) -> Array:
    """Numbers (C, H, W) or (K,) as maps; each unit is one of a single pixel."""
    return values if values.ndim == 3 else values[:, np.newaxis, np.newaxis]


def stage_values(stage: NetworkStage, *, activated: bool) -> Array:
    """What a stage gives, before or after its activation, as maps."""
    return as_maps(stage.after if activated else stage.before)


def paint_maps(values: Array, *, common_scale: bool) -> Bytes:
    """Paint maps (N, h, w): from black to their largest value, or with signs where there are negative ones.

    Returns
    -------
    (N, h, w) or (N, h, w, 3) uint8 array
    """
    count, height, width = values.shape
    reach = np.abs(values).max(axis=(1, 2), keepdims=True)
    if common_scale or height * width == 1:
        reach = np.full_like(reach, reach.max())
    shares = (values / np.where(reach > 0, reach, 1.0)).reshape(count * height, width)
    if values.min() < 0:
        return render(shares, (-1.0, 1.0), "signed", DIVERGING).reshape(count, height, width, 3)
    return render(shares, (0.0, 1.0)).reshape(count, height, width)


def paint_stages(passed: Passed, *, activated: bool, common_scale: bool) -> tuple[Bytes, ...]:
    """The picture that the network gets, (1, h, w[, 3]), and the maps of each stage, painted."""
    stages = (stage_values(each, activated=activated) for each in passed.run.stages)
    return passed.picture[np.newaxis], *(paint_maps(each, common_scale=common_scale) for each in stages)
