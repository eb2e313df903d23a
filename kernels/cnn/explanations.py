"""Why a network says what it says of a picture: which pixels its answer hangs on.

`kernels.cnn.randomisation` tests such maps: one that looks the same for a network that has learned nothing explains
nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import isfinite
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from kernels.arguments import pair_inside
from kernels.cnn.arguments import answer, go_on, one_picture, whole
from kernels.cnn.backpropagation import class_gradient
from kernels.cnn.layers import Activation, Array, BatchNormalisation, Composite, Convolution, Dropout
from kernels.cnn.network import BATCH, Network
from kernels.errors import quoted, unknown_name

Method = Literal["gradient", "smoothgrad", "grad-cam", "occlusion"]
Map = NDArray[np.float32]

PATCH = 5
"""Pixels along each side of the patch that covers a part of the picture."""

MOST_SAMPLES = 100_000


def saliency(
    net: Network,
    image: NDArray[np.uint8],
    target: int | None = None,
    *,
    method: Method = "gradient",
    samples: int = 50,
    sigma: float = 0.15,
    seed: int = 0,
    patch: int = PATCH,
    cancelled: Callable[[], bool] | None = None,
    progress: Callable[[float], None] | None = None,
) -> Map:
    """Say for every pixel how much the output of one class hangs on it.

    Parameters
    ----------
    net : Network
    image : (H, W) or (H, W, C) uint8
        Of the network's `input_shape`.
    target : int, optional
        Which class; by default the one that the network takes the picture for.
    method : str
        ``"gradient"``: |∂z/∂x|, where z is the class's output before softmax and x the standardised picture; the
        largest of the channels (Simonyan, Vedaldi, Zisserman, 2013, Deep inside convolutional networks).

        ``"smoothgrad"``: the same of the mean gradient over noisy copies of the picture (Smilkov and others, 2017,
        SmoothGrad: removing noise by adding noise).

        ``"grad-cam"``: the activated maps of the last convolution, or layer that holds rows of layers, whose maps are
        larger than 1 x 1, each times the
        mean gradient of z by it, summed, and 0 where negative. Every value stands at the middle of the pixels that
        its unit sees; between and outside of these it is interpolated linearly and continued (Selvaraju and others,
        2017, Grad-CAM: visual explanations from deep networks).

        ``"occlusion"``: how much the probability of the class falls when a patch of the training pictures' mean
        colour is centred there; negative where it rises (Zeiler, Fergus, 2014, Visualizing and understanding
        convolutional networks).
    samples, sigma, seed
        Of SmoothGrad: how many copies, the standard deviation of the normal noise as a share of the way from black to
        white, and where the noise begins.
    patch : int
        Of occlusion: pixels along each side.
    cancelled, progress : callable, optional
        Asked, and told a share from 0 to 1, between batches of pictures.

    Returns
    -------
    (H, W) float32

    Raises
    ------
    TypeError, ValueError
        If the picture is not an 8-bit one of the network's shape, there is no such class or method, or a number is out
        of its range; for ``"grad-cam"`` also if no convolution has maps larger than 1 x 1.
    kernels.errors.Cancelled
    """
    pictures = one_picture(net, image)
    target = answer(net, pictures, target)
    if method == "gradient":
        return _strength(net, class_gradient(net.layers, net.preprocessing.batch(pictures), target)[0])
    if method == "smoothgrad":
        noisy = _noisy_batches(net, pictures, samples, sigma, seed)
        total = np.zeros(net.architecture.input)
        for done, maps in noisy:
            total += class_gradient(net.layers, maps, target).sum(axis=0)
            go_on(done / samples, cancelled, progress)
        return _strength(net, total / samples)
    if method == "grad-cam":
        return _grad_cam(net, pictures, target)
    if method == "occlusion":
        return _occlusion(net, pictures[0], target, patch, cancelled, progress)
    raise unknown_name("method", method, get_args(Method))


def guided_backpropagation(net: Network, image: NDArray[np.uint8], target: int | None = None) -> Map:
    """Return what the gradient becomes if only positive values pass back through every ReLU.

    It is sharper than the gradient, and looks much the same whatever the network has learned: show it only beside
    `kernels.cnn.randomisation.randomisation_test`.

    Parameters
    ----------
    net, image, target
        As for `saliency`; the result too.

    Returns
    -------
    (H, W) float32

    References
    ----------
    J. T. Springenberg, A. Dosovitskiy, T. Brox, M. Riedmiller (2015), "Striving for simplicity: the all convolutional
    net".
    """
    pictures = one_picture(net, image)
    target = answer(net, pictures, target)
    return _strength(net, class_gradient(net.layers, net.preprocessing.batch(pictures), target, guided=True)[0])


def covered(net: Network, image: NDArray[np.uint8], place: tuple[int, int], patch: int = PATCH) -> NDArray[np.uint8]:
    """Return a picture with a patch of the training pictures' mean colour on it, as for ``"occlusion"``.

    Parameters
    ----------
    net, image
        As for `saliency`.
    place : (y, x)
        The pixel that the patch is centred on; of an even one, the pixel right of and below the middle. What would lie
        outside the picture is cut off.
    patch : int
        Pixels along each side.

    Returns
    -------
    array as `image`

    Raises
    ------
    TypeError, ValueError
        If the picture is not one of the network's shape, or place or size are not within it.
    """
    picture: NDArray[np.uint8] = one_picture(net, image)[0]
    whole("patch", patch, 1, min(picture.shape[:2]))
    result = picture.copy()
    _cover(net, result, pair_inside("place", place, "(y, x)", picture.shape, "a picture"), patch)
    return result


def _strength(net: Network, gradient: Array) -> Map:
    """Turn a gradient (C, H, W) into one size per pixel of the picture."""
    size = np.abs(gradient).max(axis=0).astype(np.float32)
    return _without_padding(net, size)


def _without_padding(net: Network, plane: Map) -> Map:
    border, (height, width) = net.preprocessing.padding, plane.shape
    return plane[border : height - border, border : width - border].copy()


def _noisy_batches(
    net: Network, pictures: NDArray[np.uint8], samples: int, sigma: float, seed: int
) -> Iterator[tuple[int, Array]]:
    """Return batches of noisy standardised copies, each with the number of copies so far."""
    whole("samples", samples, 1, MOST_SAMPLES)
    if not (isfinite(sigma) and sigma >= 0):
        raise ValueError(f"sigma must be a finite number from 0 on, but is {quoted(sigma)}")
    random = np.random.default_rng(seed)
    clean = net.preprocessing.batch(pictures)
    spread = sigma * 255.0 / np.reshape(net.preprocessing.deviation, (-1, 1, 1))

    def batches() -> Iterator[tuple[int, Array]]:
        for start in range(0, samples, BATCH):
            count = min(BATCH, samples - start)
            noise = random.standard_normal((count, *clean.shape[1:]), np.float32)
            yield start + count, clean + noise * spread.astype(np.float32)

    return batches()


def _grad_cam(net: Network, pictures: NDArray[np.uint8], target: int) -> Map:
    from kernels.cnn.strips import area_behind

    shapes, layers = net.architecture.shapes(), net.architecture.layers
    behind = [index + 1 for index, layer in enumerate(layers) if isinstance(layer, Convolution | Composite)]
    large = [index for index in behind if max(shapes[index][1:], default=1) > 1]
    if not large:
        raise ValueError(
            f"{net.name} has no convolution whose maps are larger than 1 x 1: Grad-CAM has nothing to show"
        )
    after = large[-1]
    while isinstance(layers[after], Activation | BatchNormalisation | Dropout):
        after += 1
    maps = net.activations(net.preprocessing.batch(pictures))[after - 1]
    weights = class_gradient(net.layers[after:], maps, target)[0].mean(axis=(1, 2))
    found = np.maximum(np.tensordot(weights, maps[0], 1), 0)
    top, left, height, width = area_behind(net, after, (shapes[0][1], shapes[0][2]))
    rows = _between(top, height, found.shape[0], shapes[0][1])
    columns = _between(left, width, found.shape[1], shapes[0][2])
    return _without_padding(net, (rows @ found @ columns.T).astype(np.float32))


def _between(start: float, length: float, count: int, extent: int) -> Array:
    """Return the matrix (extent, count) that interpolates `count` values, spread over a length, at every pixel."""
    at = (np.arange(extent) + 0.5 - start) * count / length - 0.5
    return np.stack([np.interp(at, np.arange(count), one) for one in np.eye(count)], axis=1)


def _occlusion(
    net: Network,
    picture: NDArray[np.uint8],
    target: int,
    patch: int,
    cancelled: Callable[[], bool] | None,
    progress: Callable[[float], None] | None,
) -> Map:
    whole("patch", patch, 1, min(picture.shape[:2]))
    height, width = picture.shape[:2]
    result = np.empty((height, width), np.float32)
    for y in range(height):
        row = np.repeat(picture[np.newaxis], width, axis=0)
        for x in range(width):
            _cover(net, row[x], (y, x), patch)
        result[y] = net.predict(row, cancelled=cancelled)[:, target]
        go_on((y + 1) / height, cancelled, progress)
    drop: Map = net.predict(picture[np.newaxis])[0, target] - result
    return drop


def _cover(net: Network, picture: NDArray[np.uint8], place: tuple[int, int], patch: int) -> None:
    """Cover the pixels around a place."""
    top, left = (at - patch // 2 for at in place)
    colour = np.rint(net.preprocessing.mean if picture.ndim == 3 else net.preprocessing.mean[0])
    picture[max(top, 0) : top + patch, max(left, 0) : left + patch] = colour
