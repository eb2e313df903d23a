"""The state of a training after a step, as a file: weights, running statistics, and what the optimiser remembers."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import msgspec
from numpy.typing import NDArray

from kernels.cnn import archive
from kernels.cnn.layers import Shape
from kernels.cnn.training.optimisers import OPTIMISERS
from kernels.cnn.training.plan import OptimiserName
from kernels.cnn.weights import Header, Number


class Checkpoint(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The header of a checkpoint.

    Attributes
    ----------
    network : kernels.cnn.weights.Header
        As in a weights file: architecture, preprocessing, classes, the name of the data, and figures.
    step : int
        Steps that lie behind.
    optimiser : str
    optimiser_steps : int
        Steps that this optimiser has made; fewer than `step` if a branch changed it.
    """

    format: Literal["kernelscope-checkpoint"]
    version: Literal[1]
    network: Header
    step: Number
    optimiser: OptimiserName
    optimiser_steps: Number


class State(msgspec.Struct, frozen=True, eq=False):
    """A training after a step: all that it needs to go on.

    Attributes
    ----------
    header : Checkpoint
    arrays : dict of arrays
        The network's, running statistics included, named as `Network.arrays` does.
    memory : dict of arrays
        The optimiser's.
    """

    header: Checkpoint
    arrays: dict[str, NDArray[Any]]
    memory: dict[str, NDArray[Any]]

    @property
    def step(self) -> int:
        """Steps that lie behind."""
        return self.header.step


def write(path: Path, state: State) -> None:
    """Write a state, whole or not at all.

    Raises
    ------
    OSError, ValueError
        As `archive.write`.
    """
    arrays = {f"network.{name}": array for name, array in state.arrays.items()}
    arrays |= {f"memory.{name}": array for name, array in state.memory.items()}
    archive.write(path, state.header, arrays)


def read(path: Path) -> State:
    """Read a state.

    Raises
    ------
    OSError
        If it is not there or cannot be read.
    ValueError
        If it is none, or is damaged.
    """
    header, arrays = archive.read(path, Checkpoint, _expected)
    parts: dict[str, dict[str, NDArray[Any]]] = {"network": {}, "memory": {}}
    for name, array in arrays.items():
        part, _, rest = name.partition(".")
        parts[part][rest] = array
    return State(header, parts["network"], parts["memory"])


def _expected(header: Checkpoint) -> dict[str, Shape]:
    architecture = header.network.architecture
    shapes, trained = architecture.array_shapes(), architecture.trained
    return {
        **{f"network.{name}": shape for name, shape in shapes.items()},
        **{
            f"memory.{name}.{kind}": shape
            for name, shape in shapes.items()
            if name in trained
            for kind in OPTIMISERS[header.optimiser].kinds
        },
    }
