"""Other views of the pictures trained on: moved, turned, scaled, sheared, mirrored and made noisy at random."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kernels.cnn.training.plan import Augmentation
from kernels.opencv import cv2

Pictures = NDArray[np.uint8]


def varied(pictures: Pictures, augmentation: Augmentation, random: np.random.Generator) -> Pictures:
    """Return another view of every picture.

    A picture is mirrored, sheared, scaled and turned about its middle, then moved by whole pixels, each by a chance of
    its own; all of it is one step, in which pixels are interpolated (linearly) once. Where it is only moved or mirrored
    nothing is interpolated. What comes in from outside repeats the edge: around a digit that is black, around a
    drawing its paper, and it makes no edge that could be learnt. A reflection would bring in pieces of the stroke.

    Parameters
    ----------
    pictures : (n, H, W) or (n, H, W, C) uint8
    augmentation : Augmentation
        How far each chance goes.
    random : numpy.random.Generator
        The chances of a kind do not depend on which other kinds there are.

    Returns
    -------
    uint8 array of the shape of `pictures`, which are not changed
    """
    if augmentation == Augmentation():
        return pictures
    # A row for each kind, in this order for ever: another one makes other weights of the same seed.
    down, right, turn, size, slant, mirror = random.random((6, len(pictures)))
    reach = augmentation.shift
    move = np.floor(np.array((down, right)) * (2 * reach + 1)).astype(np.intp) - reach
    mirrored = (mirror < 0.5) & augmentation.flip
    if augmentation.rotation or augmentation.scale or augmentation.shear:
        degrees = _either_way(turn, augmentation.rotation)
        scale = 1.0 + _either_way(size, augmentation.scale)
        matrices = inverse_matrices(degrees, scale, _either_way(slant, augmentation.shear), mirrored)
        result = _resampled(pictures, matrices, move)
    else:
        result = _moved(pictures, move, mirrored)
    if augmentation.noise:
        noise = random.standard_normal(result.shape, np.float32)
        noise *= np.float32(augmentation.noise)
        noise += result
        np.rint(noise, out=noise)
        result = np.clip(noise, 0, 255, out=noise).astype(np.uint8)
    return result


def variants(picture: Pictures, augmentation: Augmentation, count: int, seed: int = 0) -> Pictures:
    """Return so many views of one picture, (H, W) or (H, W, C), as a training would see it."""
    return varied(np.repeat(picture[np.newaxis], count, axis=0), augmentation, np.random.default_rng(seed))


def inverse_matrices(
    degrees: NDArray[np.float64],
    scale: NDArray[np.float64],
    shear: NDArray[np.float64],
    mirrored: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """Return what leads from a place in the result back into the picture, both measured from the middle, as (x, y).

    Parameters
    ----------
    degrees : (n,) array
        Clockwise.
    scale : (n,) array
    shear : (n,) array
        Degrees that upright lines lean over, to the left at the top.
    mirrored : (n,) bool array
        Left to right, before everything else.

    Returns
    -------
    (n, 2, 2) array
    """
    cosine, sine, lean = np.cos(np.radians(degrees)), np.sin(np.radians(degrees)), np.tan(np.radians(shear))
    # Back: turned the other way, made smaller again, stood upright, mirrored.
    rows = (cosine + lean * sine, sine - lean * cosine), (-sine, cosine)
    matrices = np.moveaxis(np.array(rows) / scale, 2, 0)
    matrices[mirrored, 0] *= -1.0
    return matrices


def _either_way(chance: NDArray[np.float64], reach: float) -> NDArray[np.float64]:
    return (2.0 * chance - 1.0) * reach


def _resampled(pictures: Pictures, matrices: NDArray[np.float64], move: NDArray[np.intp]) -> Pictures:
    """Interpolate every picture where its matrix says."""
    height, width = pictures.shape[1:3]
    middle = np.array(((width - 1) / 2, (height - 1) / 2))
    offsets = middle - np.einsum("nij,nj->ni", matrices, middle + move[::-1].T)
    whole = np.concatenate((matrices, offsets[:, :, np.newaxis]), axis=2)
    result = np.empty_like(pictures)
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    for picture, matrix, target in zip(pictures, whole, result, strict=True):
        cv2.warpAffine(picture, matrix, (width, height), target, how, cv2.BORDER_REPLICATE)
    return result


def _moved(pictures: Pictures, move: NDArray[np.intp], mirrored: NDArray[np.bool_]) -> Pictures:
    """Take every pixel from where it was."""
    height, width = pictures.shape[1:3]
    rows = np.clip(np.arange(height) - move[0, :, np.newaxis], 0, height - 1)
    columns = np.clip(np.arange(width) - move[1, :, np.newaxis], 0, width - 1)
    columns[mirrored] = width - 1 - columns[mirrored]
    which = np.arange(len(pictures))[:, np.newaxis, np.newaxis]
    result: Pictures = pictures[which, rows[:, :, np.newaxis], columns[:, np.newaxis, :]]
    return result
