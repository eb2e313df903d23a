"""From plain data to stages, every option checked; nothing in the data is ever run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from kernels.errors import quoted, unknown_name
from kernels.kernel import Kernel
from kernels.recipe import connections, filters, pixelwise, pooling
from kernels.recipe.options import Options
from kernels.recipe.stage import Chain, Stage

MOST_STAGES = 200
DEEPEST = 8

_PLAIN: dict[str, type[Stage]] = {
    each.name: each
    for each in (
        filters.Filter,
        filters.FilterBank,
        filters.Depthwise,
        filters.Pointwise,
        pixelwise.Preprocess,
        pixelwise.Bias,
        pixelwise.ReLU,
        pixelwise.LeakyReLU,
        pixelwise.Sigmoid,
        pixelwise.Tanh,
        pooling.MaxPool,
        pooling.AveragePool,
        pooling.GaussianPool,
        pooling.Median,
        pooling.GlobalAverage,
        pixelwise.BatchNormalisation,
        pixelwise.Magnitude,
        pixelwise.Thin,
        pixelwise.Channel,
    )
}
_CONNECTIONS: dict[str, type[connections.Connection]] = {
    each.name: each for each in (connections.Branches, connections.Residual, connections.DenseBlock)
}
NAMES = (*_PLAIN, *_CONNECTIONS)
"""The names of all stages."""


def read(data: object) -> Chain:
    """Return the stages that plain data describe.

    Raises
    ------
    ValueError
        That names the place.
    """
    if not isinstance(data, Mapping):
        raise ValueError(f'a recipe is {quoted(data)}, but must be an object such as {{"stages": [...]}}.')
    for name in data:
        if name != "stages":
            raise unknown_name("recipe: an entry", name, ["stages"])
    if "stages" not in data:
        raise ValueError("stages is missing; a recipe needs it.")
    try:
        return _Reading().row("stages", data["stages"], 1)
    except (TypeError, RecursionError) as error:
        # A wrong type in a file is a wrong value of the file.
        raise ValueError(str(error)) from None


class _Reading:
    def __init__(self) -> None:
        self._count = 0

    def row(self, place: str, data: object, depth: int) -> Chain:
        if not isinstance(data, list | tuple):
            raise ValueError(f"{place} is {quoted(data)}, but must be a list of stages.")
        if depth > DEEPEST:
            raise ValueError(f"{place} is {depth} deep, but stages may stand at most {DEEPEST} deep in each other.")
        return Chain([self._stage(f"{place}[{at}]", each, depth) for at, each in enumerate(data)])

    def _stage(self, place: str, data: object, depth: int) -> Stage:
        self._count += 1
        if self._count > MOST_STAGES:
            raise ValueError(f"{place} is stage number {self._count}, but a recipe has at most {MOST_STAGES}.")
        if not isinstance(data, Mapping) or len(data) != 1:
            raise ValueError(
                f'{place} is {quoted(data)}, but must be an object with one entry, such as {{"relu": {{}}}}.'
            )
        ((name, given),) = data.items()
        if name not in NAMES:
            raise unknown_name(place, name, NAMES)
        if name == pixelwise.Channel.name and isinstance(given, str):
            given = {name: given}  # {"channel": "luma"} is as clear as {"channel": {"channel": "luma"}}
        options = Options(f"{place}.{name}", given)
        if name in _CONNECTIONS:

            def inner(where: str, row: Any) -> Chain:
                return self.row(where, row, depth + 1)

            stage: Stage = _CONNECTIONS[name](place, options, inner)
        else:
            stage = _PLAIN[name](place, options)
        options.finish()
        return stage


_ATOMS = frozenset({float, int, str, bool, type(None)})


def plain(data: Any) -> Any:
    """Return a copy of plain data in which arrays and tuples are lists, and kernels their numbers, as JSON has them."""
    if type(data) in _ATOMS:  # most of it
        return data
    if isinstance(data, Mapping):
        return {str(name): plain(value) for name, value in data.items()}
    if isinstance(data, np.ndarray):
        return data.tolist()
    if isinstance(data, list | tuple):
        return [plain(value) for value in data]
    if isinstance(data, Kernel):
        return {"weights": data.weights.tolist(), "divisor": data.divisor, "offset": data.offset}
    return data.item() if isinstance(data, np.generic) else data
