"""What the questions to a trained network have in common: the picture, the class, and whether to go on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kernels.cnn.network import Network
from kernels.errors import quoted, refuse_mask, stop_if


def one_picture(net: Network, image: NDArray[Any]) -> NDArray[np.uint8]:
    """Check one picture as `Network.predict` takes several, and return it as the only one of a batch.

    Raises
    ------
    TypeError, ValueError
        If it is not 8-bit, or not of the network's shape.
    """
    refuse_mask("image", image)
    picture = np.asarray(image)
    if picture.dtype != np.uint8:
        raise TypeError(f"image must be 8-bit (uint8, 0..255), but is {picture.dtype}")
    if picture.shape != net.input_shape:
        raise ValueError(f"image must have the shape {net.input_shape} for {net.name}, but has {picture.shape}")
    return picture[np.newaxis]


def chosen_class(net: Network, target: int) -> int:
    """Check the number of a class; TypeError or ValueError if there is no such class."""
    return whole("target", target, 0, len(net.classes) - 1)


def answer(net: Network, pictures: NDArray[np.uint8], target: int | None) -> int:
    """Return the class that is asked about: by default the one that the only picture of a batch is taken for."""
    return int(net.predict(pictures)[0].argmax()) if target is None else chosen_class(net, target)


def whole(name: str, value: int, least: int, most: int) -> int:
    """Check a whole number; TypeError if it is none, ValueError if it is out of its range."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise TypeError(f"{name} must be a whole number from {least} to {most}, but is {quoted(value)}")
    if not least <= value <= most:
        raise ValueError(f"{name} must be {least} to {most}, but is {value}")
    return int(value)


def go_on(done: float, cancelled: Callable[[], bool] | None, progress: Callable[[float], None] | None) -> None:
    """Tell what share of a long work is done, and stop it if the caller asks for that.

    Raises
    ------
    kernels.errors.Cancelled
    """
    if progress is not None:
        progress(done)
    stop_if(cancelled)
