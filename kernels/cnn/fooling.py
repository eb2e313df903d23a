"""Pictures that fool a network: the smallest change that makes it see something else, and something made of nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, get_args

import msgspec
import numpy as np
from numpy.typing import NDArray

from kernels.cnn.arguments import chosen_class, go_on, one_picture, whole
from kernels.cnn.backpropagation import Backpropagation
from kernels.cnn.network import Network, softmax
from kernels.errors import quoted, unknown_name

Method = Literal["sign", "iterated"]
Picture = NDArray[np.uint8]

STEPS = 40
MOST_STEPS = 100_000


class Fooling(msgspec.Struct, frozen=True, eq=False):
    """A picture that was changed so that a network takes it for something else.

    Attributes
    ----------
    original, picture : (H, W) or (H, W, C) uint8 arrays
        Before and after.
    target : int
        The class that it is to be taken for.
    probabilities : (steps + 1, classes) float32 array
        Of every class: for the original, then after every step on the way to `picture`, each as its 8-bit pixels are
        classified.
    """

    original: Picture
    picture: Picture
    target: int
    probabilities: NDArray[np.float32]

    @property
    def is_fooled(self) -> bool:
        """Whether the network takes the changed picture for the target."""
        return int(self.probabilities[-1].argmax()) == self.target

    @property
    def change(self) -> NDArray[np.int16]:
        """What was added to each pixel, in levels, -255 to 255."""
        return self.picture.astype(np.int16) - self.original

    @property
    def largest(self) -> int:
        """The largest change of a pixel, in levels."""
        return int(np.abs(self.change).max())

    def amplified(self) -> tuple[Picture, float]:
        """Return the change about a middle grey, as strong as it can be shown, and how many times that is."""
        factor = 127.0 / max(self.largest, 1)
        return np.rint(128 + factor * self.change).astype(np.uint8), factor


def fool(
    net: Network,
    image: Picture,
    target: int,
    *,
    method: Method = "iterated",
    steps: int = STEPS,
    cancelled: Callable[[], bool] | None = None,
    progress: Callable[[float], None] | None = None,
) -> Fooling:
    """Look for the smallest change that makes a network take a picture for a chosen class.

    Small means that no pixel changes by more than so many levels; that number is found by halving what is left of
    1 to 255.

    Parameters
    ----------
    net : Network
    image : (H, W) or (H, W, C) uint8
        Of the network's `input_shape`.
    target : int
        The class.
    method : str
        ``"sign"``: every pixel moves by the same number of levels, up or down as the class's probability grows there,
        as far as black and white allow (Goodfellow, Shlens, Szegedy, 2015, Explaining and harnessing adversarial
        examples). One such step need not be enough, whatever its size.

        ``"iterated"``: in many small steps, each from where the last one led, none beyond that number of levels
        (Kurakin, Goodfellow, Bengio, 2017, Adversarial examples in the physical world).
    steps : int
        Of ``"iterated"``: at most so many for each number of levels that is tried.
    cancelled, progress : callable, optional
        Asked, and told a share from 0 to 1, while it is being looked for.

    Returns
    -------
    Fooling
        With the smallest change that was found, and its way: after each step of ``"iterated"``, or for ``"sign"`` with
        each number of levels from 0 on. Where none fools the network, the one that came nearest.

    Raises
    ------
    TypeError, ValueError
        If the picture is not an 8-bit one of the network's shape, there is no such class or method, or `steps` is out
        of its range.
    kernels.errors.Cancelled
    """
    pictures = one_picture(net, image)
    target = chosen_class(net, target)
    if method == "sign":
        return _sign_step(net, pictures[0], target)
    if method != "iterated":
        raise unknown_name("method", method, get_args(Method))
    steps = whole("steps", steps, 1, MOST_STEPS)
    tried: list[Fooling] = []
    least, most = 1, 255
    while least <= most:
        limit = (least + most) // 2
        tried.append(_walk(net, pictures[0], target, limit, 2.5 * limit / steps, steps, 0.0, cancelled))
        least, most = (least, limit - 1) if tried[-1].is_fooled else (limit + 1, most)
        go_on(len(tried) / 8, cancelled, progress)
    fooled = [each for each in tried if each.is_fooled]
    if fooled:
        return min(fooled, key=lambda each: each.largest)
    return max(tried, key=lambda each: float(each.probabilities[-1, target]))


def from_nothing(
    net: Network,
    target: int,
    *,
    confidence: float = 0.99,
    steps: int = 1000,
    seed: int = 0,
    cancelled: Callable[[], bool] | None = None,
    progress: Callable[[float], None] | None = None,
) -> Fooling:
    """Make a picture that means nothing to anyone, and which a network is certain of.

    From uniform noise every pixel goes one level at a time, up or down as the class's probability grows there.

    Parameters
    ----------
    net : Network
    target : int
        The class.
    confidence : float
        The probability at which it ends, above 0 and below 1.
    steps : int
        At most so many.
    seed : int
        Of the noise.
    cancelled, progress : callable, optional
        Asked, and told a share from 0 to 1, after every step.

    Returns
    -------
    Fooling
        Its `original` is the noise.

    Raises
    ------
    TypeError, ValueError
        If there is no such class, or a number is out of its range.
    kernels.errors.Cancelled

    References
    ----------
    A. Nguyen, J. Yosinski, J. Clune (2015), "Deep neural networks are easily fooled: high confidence predictions for
    unrecognizable images".
    """
    target = chosen_class(net, target)
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must be above 0 and below 1, but is {quoted(confidence)}")
    steps = whole("steps", steps, 1, MOST_STEPS)
    noise = np.random.default_rng(seed).integers(0, 256, net.input_shape, dtype=np.uint8)
    return _walk(net, noise, target, 255, 1.0, steps, confidence, cancelled, progress)


def _sign_step(net: Network, original: Picture, target: int) -> Fooling:
    levels = np.arange(256).reshape(-1, *(1,) * original.ndim)
    way = np.clip(original + levels * _uphill(net, Backpropagation(net.layers), original, target), 0, 255).astype(
        np.uint8
    )
    probabilities = net.predict(way)
    fooling = np.flatnonzero(probabilities.argmax(axis=1) == target)
    level = int(fooling[0]) if len(fooling) else int(probabilities[:, target].argmax())
    return Fooling(original, way[level], target, probabilities[: level + 1])


def _walk(
    net: Network,
    original: Picture,
    target: int,
    limit: int,
    rate: float,
    steps: int,
    confidence: float,
    cancelled: Callable[[], bool] | None,
    progress: Callable[[float], None] | None = None,
) -> Fooling:
    """Go uphill by `rate` levels a step, no pixel further than `limit`, until the class is the answer, so probable."""
    network = Backpropagation(net.layers)
    at, picture = original.astype(np.float64), original
    lowest, highest = np.maximum(at - limit, 0), np.minimum(at + limit, 255)
    probabilities = [net.predict(original[np.newaxis])[0]]
    while len(probabilities) <= steps:
        if probabilities[-1].argmax() == target and probabilities[-1][target] >= confidence:
            break
        at = np.clip(at + rate * _uphill(net, network, picture, target), lowest, highest)
        picture = np.rint(at).astype(np.uint8)
        probabilities.append(net.predict(picture[np.newaxis])[0])
        go_on((len(probabilities) - 1) / steps, cancelled, progress)
    return Fooling(original, picture, target, np.stack(probabilities))


def _uphill(net: Network, network: Backpropagation, picture: Picture, target: int) -> NDArray[np.float64]:
    """Return for every pixel whether the probability of a class grows with it: 1, -1 or 0."""
    outputs = network.forward(net.preprocessing.batch(picture[np.newaxis]))
    # The gradient of the logarithm of the probability, which is never too flat to tell the way.
    pull = -softmax(outputs)
    pull[0, target] += 1
    border, (height, width) = net.preprocessing.padding, picture.shape[:2]
    inside = network.backward(pull)[0, :, border : border + height, border : border + width]
    return np.sign(inside.transpose(1, 2, 0).reshape(picture.shape).astype(np.float64))
