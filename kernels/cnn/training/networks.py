"""What a training plan begins with: its pictures, and its network with the first weights."""

from __future__ import annotations

import numpy as np

from kernels.cnn.models import Model, model
from kernels.cnn.network import Network
from kernels.cnn.preprocessing import measure
from kernels.cnn.training.collections import Collection, read_collection
from kernels.cnn.training.plan import NamedNetwork, TrainingPlan


def collection_for(plan: TrainingPlan) -> Collection:
    """Read what a plan's `data` stands for; errors as `collections.read_collection`."""
    return read_collection(plan.data, _input_shape(_model(plan)))


def network_for(plan: TrainingPlan, data: Collection) -> Network:
    """Return a plan's network with its first weights.

    Raises
    ------
    ValueError
        If it does not take pictures of that size, or does not tell as many classes apart.
    """
    chosen = _model(plan)
    name, wanted = chosen.architecture.name, _input_shape(chosen)
    parts = {"those": data.learn, "the pictures for checking": data.check, "the test pictures": data.test}
    for what, part in parts.items():
        if part is not None and part.images.shape[1:] != wanted:
            raise ValueError(
                f"{name} takes pictures of {_size(wanted)}, but {what} of {part.name} are"
                f" {_size(part.images.shape[1:])}"
            )
    outputs = chosen.architecture.shapes()[-1][0]
    if len(data.classes) != outputs:
        raise ValueError(f"{name} tells {outputs} classes apart, but {data.name} has {len(data.classes)}")
    images = np.concatenate((data.learn.images, data.check.images))
    return Network(chosen.architecture, measure(images, chosen.padding), data.classes, seed=plan.seed)


def _model(plan: TrainingPlan) -> Model:
    assert isinstance(plan.network, NamedNetwork)
    return model(plan.network.name)


def _input_shape(chosen: Model) -> tuple[int, ...]:
    channels, height, width = chosen.architecture.input
    border = 2 * chosen.padding
    return height - border, width - border, *((channels,) if channels > 1 else ())


def _size(shape: tuple[int, ...]) -> str:
    return f"{shape[1]} × {shape[0]} pixels in {'colour' if len(shape) > 2 else 'grey'}"
