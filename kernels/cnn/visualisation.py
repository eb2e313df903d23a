"""What a filter wants: an input made to please it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from kernels.cnn.arguments import go_on, whole
from kernels.cnn.backpropagation import Backpropagation
from kernels.cnn.layers import Array
from kernels.cnn.network import Network

STEPS = 256
MOST_STEPS = 100_000

_RATE = 0.05
_START = 0.3
"""Standard deviation of the start, before the sigmoid that keeps every pixel between black and white."""
_SHIFT, _TURN, _GROWTH = 0.06, 6.0, 0.06
"""How far each step's view may be moved, as a share of the picture's side, turned, in degrees, and scaled."""


def visualise(
    net: Network,
    layer: int,
    channel: int,
    *,
    steps: int = STEPS,
    seed: int = 0,
    cancelled: Callable[[], bool] | None = None,
    progress: Callable[[float], None] | None = None,
) -> NDArray[np.uint8]:
    """Make a picture that a filter answers strongly to.

    From a random start, a little at a time, each pixel is moved to where the filter's response, before the activation,
    grows; where it is already strong counts most. Every step looks at the picture moved, turned and scaled a little, so
    that what comes out does not hang on single pixels; and coarse structures grow faster than fine ones, in the start
    and in every step, in proportion to the length of their waves.

    Parameters
    ----------
    net : Network
    layer : int
        Counts convolution layers only, from 0.
    channel : int
        Which filter of it, from 0.
    steps : int
    seed : int
        Of the start and of the views; the same gives the same picture.
    cancelled, progress : callable, optional
        Asked, and told a share from 0 to 1, after every step.

    Returns
    -------
    (h, w) or (h, w, 3) uint8
        Of the network's `input_shape`.

    Raises
    ------
    TypeError, ValueError, IndexError
        If there is no such layer or filter, or `steps` is out of its range.
    kernels.errors.Cancelled

    References
    ----------
    C. Olah, A. Mordvintsev, L. Schubert (2017), "Feature visualization".
    D. P. Kingma, J. Ba (2015), "Adam: a method for stochastic optimization": the size of the steps.
    """
    node = net.convolution(layer)
    channel = whole("channel", channel, 0, len(node.arrays["weights"]) - 1)
    steps = whole("steps", steps, 1, MOST_STEPS)
    random = np.random.default_rng(seed)
    network = Backpropagation(net.layers[: net.layers.index(node) + 1])
    canvas = _Canvas(net, random)
    for step in range(steps):
        view = _View(canvas.size, random)
        responses = network.forward(canvas.seen(view))
        canvas.climb(network.backward(_towards(responses, channel)), view, step)
        go_on((step + 1) / steps, cancelled, progress)
    return canvas.picture


def _towards(responses: Array, channel: int) -> Array:
    """Return how much each response counts: one channel's, the stronger the more."""
    own = responses[0, channel]
    share = np.exp((own - own.max()) / max(float(own.std()), 1e-6))
    result = np.zeros_like(responses)
    result[0, channel] = share / share.sum()
    return result


class _Canvas:
    """The picture that is being made, as numbers of which each may grow without limit."""

    def __init__(self, net: Network, random: np.random.Generator) -> None:
        channels, height, width = net.architecture.input
        self._preprocessing = net.preprocessing
        self._border = net.preprocessing.padding
        self.size = height - 2 * self._border, width - 2 * self._border
        frequency = np.hypot(np.fft.fftfreq(self.size[0])[:, np.newaxis], np.fft.fftfreq(self.size[1]))
        weight = 1.0 / np.maximum(frequency, 1.0 / max(self.size))
        self._weight = weight / np.sqrt(np.mean(weight**2))
        self._values = _START * random.standard_normal((channels, *self.size))
        self._mean, self._square = np.zeros_like(self._values), np.zeros_like(self._values)

    @property
    def _shares(self) -> Array:
        """The pixels, 0 black to 1 white."""
        return 0.5 + 0.5 * np.tanh(0.5 * self._weighted(self._values))

    @property
    def picture(self) -> NDArray[np.uint8]:
        """What has come out so far."""
        planes = np.rint(255 * self._shares).astype(np.uint8)
        return planes[0] if len(planes) == 1 else np.ascontiguousarray(planes.transpose(1, 2, 0))

    def seen(self, view: _View) -> NDArray[np.float32]:
        """Return the picture in a view as the network gets it."""
        whole = np.pad(255 * view.of(self._shares), ((0, 0), *((self._border, self._border),) * 2))
        mean, deviation = (
            np.reshape(each, (-1, 1, 1)) for each in (self._preprocessing.mean, self._preprocessing.deviation)
        )
        maps: NDArray[np.float32] = ((whole - mean) / deviation).astype(np.float32)
        return maps[np.newaxis]

    def climb(self, gradient: Array, view: _View, step: int) -> None:
        """Go one step along a gradient by what the network got."""
        (height, width), border, shares = self.size, self._border, self._shares
        inside = gradient[0, :, border : border + height, border : border + width]
        by_pixel = view.back(inside / np.reshape(self._preprocessing.deviation, (-1, 1, 1)))
        slope = self._weighted(255 * by_pixel * shares * (1 - shares))
        self._mean += 0.1 * (slope - self._mean)
        self._square += 0.01 * (slope**2 - self._square)
        mean, square = self._mean / (1 - 0.9 ** (step + 1)), self._square / (1 - 0.99 ** (step + 1))
        self._values += _RATE * mean / (np.sqrt(square) + 1e-8)

    def _weighted(self, planes: Array) -> Array:
        """Strengthen coarse structures; its own adjoint."""
        return np.fft.ifft2(np.fft.fft2(planes) * self._weight).real


class _View:
    """A picture moved, turned and scaled a little at random, between pixels linearly; its edge is continued."""

    def __init__(self, size: tuple[int, int], random: np.random.Generator) -> None:
        height, width = size
        angle = np.radians(random.uniform(-_TURN, _TURN))
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        turn *= 1 + random.uniform(-_GROWTH, _GROWTH)
        middle = (np.array(size) - 1) / 2
        shift = random.uniform(-_SHIFT, _SHIFT, 2) * size
        at = turn @ (np.indices(size).reshape(2, -1) - middle[:, np.newaxis]) + (middle + shift)[:, np.newaxis]
        y, x = np.clip(at, 0, (middle * 2)[:, np.newaxis])
        top, left = y.astype(int), x.astype(int)
        down, right = y - top, x - left
        corners = [(a, b) for a in (0, 1) for b in (0, 1)]
        self._places = np.stack(
            [np.minimum(top + a, height - 1) * width + np.minimum(left + b, width - 1) for a, b in corners]
        )
        self._shares = np.stack([abs(1 - a - down) * abs(1 - b - right) for a, b in corners])

    def of(self, planes: Array) -> Array:
        """Return (C, H, W) planes in this view."""
        flat = planes.reshape(len(planes), -1)
        return np.asarray((flat[:, self._places] * self._shares).sum(axis=1).reshape(planes.shape))

    def back(self, planes: Array) -> Array:
        """Give what stands in the view back to the pixels that it came from: the adjoint of `of`."""
        places, count = self._places.reshape(-1), self._places.shape[1]
        parts = [np.bincount(places, (self._shares * one.reshape(-1)).reshape(-1), count) for one in planes]
        return np.stack(parts).reshape(planes.shape)
