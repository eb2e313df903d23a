"""A training that was broken off, as a file beside its weights, so that it can go on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import msgspec
import numpy as np
from msgspec import Meta, structs

from kernels.cnn import archive
from kernels.cnn.architecture import Architecture
from kernels.cnn.datasets import Dataset
from kernels.cnn.epochs import Training
from kernels.cnn.evaluation import Score
from kernels.cnn.layers import Shape
from kernels.cnn.models import TrainingPlan
from kernels.cnn.weights import Number, Share

_MEMORIES = {"sgd": ("velocity",), "adam": ("mean", "square")}


class State(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The header of a broken-off training's file."""

    format: Literal["kernelscope-training"]
    version: Literal[2]
    architecture: Architecture
    plan: TrainingPlan
    data: Annotated[str, Meta(max_length=200)]
    pictures: Number
    seed: Number
    epochs_done: Number
    steps_done: Number
    best_accuracy: Share
    best_loss: Annotated[float, Meta(ge=0.0)]


def path_beside(weights: Path) -> Path:
    """Where the training that writes these weights keeps its state."""
    return weights.with_name(f"{weights.stem}.training.npz")


def save(path: Path, training: Training, data: Dataset) -> None:
    """Write the state after an epoch: current weights, best weights, the optimiser's memory.

    Raises
    ------
    OSError, ValueError
        As `archive.write`.
    """
    if training.best_score is None:
        return
    header = State(
        format="kernelscope-training",
        version=2,
        architecture=training.network.architecture,
        plan=training.plan,
        data=data.name,
        pictures=len(data),
        seed=training.seed,
        epochs_done=training.epoch,
        steps_done=training.optimiser.steps,
        best_accuracy=training.best_score.accuracy,
        best_loss=training.best_score.loss,
    )
    arrays = {f"current.{name}": array for name, array in training.network.arrays().items()}
    arrays |= {f"best.{name}": array for name, array in training.best.items()}
    arrays |= {f"memory.{name}": array for name, array in training.optimiser.memory.items()}
    archive.write(path, header, arrays)


def read(path: Path) -> tuple[State, archive.Arrays]:
    """Read a state.

    Raises
    ------
    OSError
        If it is not there or cannot be read.
    ValueError
        If it is none, or is damaged.
    """
    return archive.read(path, State, _expected)


def _expected(state: State) -> dict[str, Shape]:
    shapes = state.architecture.array_shapes()
    trained = {f"{i}.{name}" for i, layer in enumerate(state.architecture.layers) for name in layer.trained}
    return {
        **{f"current.{name}": shape for name, shape in shapes.items()},
        **{f"best.{name}": shape for name, shape in shapes.items()},
        **{
            f"memory.{name}.{kind}": shape
            for name, shape in shapes.items()
            if name in trained
            for kind in _MEMORIES[state.plan.optimiser]
        },
    }


def restore(training: Training, state: State, arrays: archive.Arrays, data: Dataset) -> None:
    """Put a training where it was broken off.

    Raises
    ------
    ValueError
        If the state is of another training: another network, other data, epochs or seed.
    """
    if state.architecture != training.network.architecture:
        raise ValueError(f"it is a training of {state.architecture.name}, not of {training.network.name} as it is now")
    begun = _as_words(state.data, state.pictures, state.seed, state.plan)
    now = _as_words(data.name, len(data), training.seed, training.plan)
    if begun != now:
        others = [name for name in begun if begun[name] != now[name]]
        wording = [", ".join(f"{name} {each[name]}" for name in others) for each in (begun, now)]
        raise ValueError(f"it was begun with {wording[0]}, not with {wording[1]}")
    for name, array in training.network.arrays().items():
        np.copyto(array, arrays[f"current.{name}"])
    for name, memory in training.optimiser.memory.items():
        np.copyto(memory, arrays[f"memory.{name}"])
    training.best = {name: arrays[f"best.{name}"] for name in training.network.arrays()}
    training.best_score = Score(state.best_accuracy, state.best_loss, len(training.validation))
    training.epoch, training.optimiser.steps = state.epochs_done, state.steps_done


def _as_words(data: str, pictures: int, seed: int, plan: TrainingPlan) -> dict[str, str]:
    """What a training depends on, by name."""
    own = {name.replace("_", " "): value for name, value in structs.asdict(plan).items() if name != "rate"}
    rate = f"{plan.rate.peak:g} ({plan.rate.schedule})"
    values = {"data": data, "pictures": pictures, "seed": seed, "rate": rate, **own}
    return {name: f"{value:,}" if type(value) is int else str(value) for name, value in values.items()}
