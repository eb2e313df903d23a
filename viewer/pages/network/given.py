"""What networks get: a digit or a picture at their own size, moved, turned, scaled and made noisy. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec
import numpy as np
from numpy.typing import NDArray

from kernels.cnn import digits
from kernels.cnn.datasets import Dataset
from kernels.cnn.network import Network
from kernels.pictures.picture import Picture
from viewer.document import NetworkInput
from viewer.painting import overview

Bytes = NDArray[np.uint8]
Shape = tuple[int, ...]
COLOUR: Shape = (32, 32, 3)
"""What a network for colour pictures gets."""


class Given(msgspec.Struct, frozen=True, eq=False):
    """What networks get.

    Attributes
    ----------
    shown : (h, w) or (h, w, 3) uint8 array
        What it is made from.
    label : str
        The digit that it is said to be; empty where nobody says so.
    as_drawn, centred : (28, 28) uint8 arrays
        It as it stands, and centred as MNIST's digits are.
    moved, unmoved : mapping of uint8 arrays
        What a network gets, by the shape of its input, and what it would get had nothing been moved.
    """

    shown: Bytes
    label: str
    as_drawn: Bytes
    centred: Bytes
    moved: Mapping[Shape, Bytes]
    unmoved: Mapping[Shape, Bytes]

    def to(self, network: Network, *, moved: bool = True) -> Bytes:
        """What `network` gets, or would get had nothing been moved."""
        found = (self.moved if moved else self.unmoved).get(network.input_shape)
        if found is None:
            size = " × ".join(map(str, network.input_shape))
            raise ValueError(f"{network.name} takes pictures of {size}, which are not made here.")
        return found


def given_digit(chosen: NetworkInput, data: Dataset) -> Given:
    """Make what networks get of a test digit."""
    at = chosen.digit % len(data)
    return _given(chosen, data.images[at], data.classes[data.labels[at]])


def given_drawing(chosen: NetworkInput) -> Given:
    """Make what networks get of the drawing; ValueError, in one sentence, while there is none."""
    if not chosen.strokes:
        raise ValueError("Nothing is drawn yet: draw a digit, or take a test digit.")
    return _given(chosen, digits.draw(chosen.strokes))


def given_picture(chosen: NetworkInput, picture: Bytes) -> Given:
    """Make what networks get of the open picture, as `on_pad` gives it."""
    return _given(chosen, picture)


def _given(chosen: NetworkInput, shown: Bytes, label: str = "") -> Given:
    as_drawn, centred = digits.as_drawn(shown), digits.centred(shown)
    plain = centred if chosen.centred else as_drawn
    colour = digits.as_drawn(shown if chosen.source == "picture" else plain, COLOUR)
    unmoved = {each.shape: each for each in (plain, colour)}
    moved = {shape: _moved(each, chosen) for shape, each in unmoved.items()}
    return Given(shown, label, as_drawn, centred, moved, unmoved)


def _moved(picture: Bytes, chosen: NetworkInput) -> Bytes:
    found = digits.moved(picture, chosen.dx, chosen.dy, degrees=chosen.rotation, scale=chosen.scale)
    return digits.noisy(found, "gaussian", chosen.noise, 0) if chosen.noise else found


def on_pad(picture: Picture, cancelled: Callable[[], bool] | None = None) -> Bytes:
    """A picture of any size, whole, as large as fits on the pad: (280, 280) or (280, 280, 3).

    Of one that is read by parts, what is seen of it from afar.

    Raises
    ------
    ValueError
        In one sentence, if there is nothing to see, or a pixel is not a finite number.
    """
    pixels = overview(picture.pixels, cancelled)
    if not any((row != pixels[0, 0]).any() for row in pixels):
        raise ValueError("The picture is the same everywhere, so there is nothing to recognise.")
    shape = (digits.PAD, digits.PAD) if picture.is_grey else (digits.PAD, digits.PAD, 3)
    return digits.as_drawn(pixels, shape, white=picture.white)
