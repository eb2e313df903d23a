"""The test that a map of what a network looks at must pass: without what the network has learned it looks different."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from kernels.cnn.arguments import answer, one_picture
from kernels.cnn.explanations import Map, guided_backpropagation, saliency
from kernels.cnn.network import Network


class Comparison(msgspec.Struct, frozen=True, eq=False):
    """One way of asking, put to a network and to one of the same layers with random weights.

    Attributes
    ----------
    trained, randomised : (H, W) float32 arrays
        The map of each.
    """

    trained: Map
    randomised: Map

    @property
    def similarity(self) -> float:
        """Spearman's rank correlation of the two, -1 to 1; NaN where one of them is the same everywhere.

        The nearer to 1, the less the map says about what was learned.
        """
        one, other = _ranks(self.trained), _ranks(self.randomised)
        size = np.sqrt(np.sum(one**2) * np.sum(other**2))
        return float(np.sum(one * other) / size) if size else float("nan")


class RandomisationTest(msgspec.Struct, frozen=True, eq=False):
    """Guided backpropagation under the test, and the plain gradient beside it."""

    guided: Comparison
    gradient: Comparison


def randomisation_test(
    net: Network, image: NDArray[np.uint8], target: int | None = None, *, seed: int = 0
) -> RandomisationTest:
    """Compare guided backpropagation and the gradient of a network with those of one that has learned nothing.

    Parameters
    ----------
    net : Network
    image : (H, W) or (H, W, C) uint8
    target : int, optional
        Which class; by default the one that the trained network takes the picture for.
    seed : int
        Of the random weights, drawn as for a training that begins.

    Returns
    -------
    RandomisationTest

    Raises
    ------
    TypeError, ValueError
        As `kernels.cnn.explanations.saliency`.

    References
    ----------
    J. Adebayo and others (2018), "Sanity checks for saliency maps".
    """
    target = answer(net, one_picture(net, image), target)
    untrained = Network(net.architecture, net.preprocessing, net.classes, seed=seed)
    guided, gradient = (
        Comparison(method(net, image, target), method(untrained, image, target))
        for method in (guided_backpropagation, saliency)
    )
    return RandomisationTest(guided, gradient)


def _ranks(values: NDArray[Any]) -> NDArray[np.float64]:
    """Return ranks about 0; equal values have the mean of theirs."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    ranks = np.cumsum(count) - (count + 1) / 2 - (values.size - 1) / 2
    return np.asarray(ranks[place.reshape(-1)])
