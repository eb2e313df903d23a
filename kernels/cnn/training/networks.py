"""What a training plan begins with: its pictures, and its network with the first weights."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from kernels.cnn.building import new_network, picture_shape
from kernels.cnn.network import Network
from kernels.cnn.training.collections import Collection, read_collection
from kernels.cnn.training.plan import TrainingPlan


def collection_for(
    plan: TrainingPlan,
    *,
    cancelled: Callable[[], bool] | None = None,
    progress: Callable[[float], None] | None = None,
) -> Collection:
    """Read what a plan's `data` stands for; otherwise as `collections.read_collection`."""
    return read_collection(plan.data, picture_shape(plan.network), cancelled=cancelled, progress=progress)


def network_for(plan: TrainingPlan, data: Collection) -> Network:
    """Return a plan's network with its first weights; it standardises pictures by all that are not for testing.

    Raises
    ------
    ValueError
        If the parts of the data do not fit together, or the network cannot take such pictures.
    """
    for part in (data.check, *([] if data.test is None else [data.test])):
        if part.images.shape[1:] != data.learn.images.shape[1:]:
            raise ValueError(
                f"the pictures of {data.name} to train on are {_size(data.learn.images.shape)}, but those of"
                f" {part.name} to check with are {_size(part.images.shape)}"
            )
        if part.classes != data.classes:
            raise ValueError(
                f"the pictures of {data.name} to train on have {len(data.classes)} classes, but those of {part.name} to"
                f" check with have {len(part.classes)}; both must be of one data set"
            )
    return new_network(plan, np.concatenate((data.learn.images, data.check.images)), data.classes)


def _size(shape: tuple[int, ...]) -> str:
    return f"{shape[2]} × {shape[1]} pixels in {'colour' if len(shape) > 3 else 'grey'}"
