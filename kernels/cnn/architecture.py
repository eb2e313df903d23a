"""What a network is made of, as plain data: layers with their settings, without any weights.

An architecture is what a weights file's header holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated

import numpy as np
from msgspec import Meta, Struct

from kernels.cnn.layers import Activation, AnyLayer, Array, Count, Dropout, Flatten, Layer, Pool, Shape
from kernels.cnn.layers.base import shapes_along
from kernels.cnn.training.plan import InitialisationName

MOST_LAYERS = 200
DEEPEST = 8


class Architecture(Struct, frozen=True, forbid_unknown_fields=True):
    """A network as data: its name, the shape of one input, and its layers in order.

    Raises
    ------
    ValueError
        From `shapes`, if a layer cannot take what the one before it gives, or there are more than `MOST_LAYERS`, those
        inside others too, or more than `DEEPEST` inside each other.
    """

    name: Annotated[str, Meta(min_length=1, max_length=80)]
    input: tuple[Count, Count, Count]
    layers: Annotated[tuple[AnyLayer, ...], Meta(min_length=1, max_length=MOST_LAYERS)]

    def shapes(self) -> tuple[Shape, ...]:
        """Shape before the first layer and after each one."""
        _check_extent(self.layers)
        return tuple(shapes_along(self.layers, self.input, "layer "))

    def array_shapes(self) -> dict[str, Shape]:
        """Every array of the network, named ``"<layer>.<array>"``, in order."""
        shapes = self.shapes()
        return {
            f"{index}.{name}": shape
            for index, layer in enumerate(self.layers)
            for name, shape in layer.array_shapes(shapes[index]).items()
        }

    @property
    def trained(self) -> frozenset[str]:
        """Names of the arrays that training changes."""
        return frozenset(f"{index}.{name}" for index, layer in enumerate(self.layers) for name in layer.trained)

    def initial_arrays(
        self, random: np.random.Generator, initialisation: InitialisationName = "he"
    ) -> dict[str, Array]:
        """Arrays to start training with, named as by `array_shapes`; see `Layer.initial_arrays`."""
        shapes = self.shapes()
        return {
            f"{index}.{name}": array
            for index, layer in enumerate(self.layers)
            for name, array in layer.initial_arrays(shapes[index], random, initialisation).items()
        }

    def stages(self) -> tuple[range, ...]:
        """Which layers make up one stage: one with those after it that have no weights and work on each number alone.

        These are activations, dropout, and what lays maps out as a row of numbers.
        """
        starts = [
            index
            for index, layer in enumerate(self.layers)
            if not index or not isinstance(layer, Activation | Dropout | Flatten)
        ]
        return tuple(range(*ends) for ends in pairwise((*starts, len(self.layers))))

    def weight_count(self) -> int:
        """How many numbers training adjusts in the whole network."""
        return sum(layer.weight_count(shape) for layer, shape in zip(self.layers, self.shapes(), strict=False))

    def summary(self) -> str:
        """The network as a table: the layers of each stage, output as rows x columns x maps, weights."""
        shapes = self.shapes()
        rows: list[tuple[str, str, str]] = [("input", _as_text(shapes[0]), "")]
        for stage in self.stages():
            first, *others = (self.layers[index] for index in stage)
            title = first.title
            if isinstance(first, Pool):
                title += f" {first.size[0]} x {first.size[1]}"
            title = ", ".join((title, *(layer.title for layer in others)))
            rows.append((title, _as_text(shapes[stage[0] + 1]), f"{first.weight_count(shapes[stage[0]]):,}"))
        rows.append(("total", "", f"{self.weight_count():,}"))
        widths = [max(len(row[column]) for row in rows) for column in range(3)]
        return "\n".join(
            f"{title:<{widths[0]}}  {shape:<{widths[1]}}  {count:>{widths[2]}}".rstrip() for title, shape, count in rows
        )


def _check_extent(layers: Sequence[Layer]) -> None:
    """Refuse more layers than a network may have before anything is asked of them."""
    count, depth = 0, 1
    level = list(layers)
    while level:
        count += len(level)
        if count > MOST_LAYERS or depth > DEEPEST:
            raise ValueError(f"a network has at most {MOST_LAYERS} layers, at most {DEEPEST} inside each other")
        level = [inner for layer in level for row in layer.rows.values() for inner in row]
        depth += 1


def _as_text(shape: Shape) -> str:
    return " x ".join(map(str, (*shape[1:], shape[0])))
