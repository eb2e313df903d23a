"""What goes on inside a network while it learns: how large its gradients are, and which units never fire."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from kernels.cnn.layers import Activation, Array, Node
from kernels.cnn.network import Network

_BATCH = 256


def places(layers: Sequence[Node], before: str = "") -> Iterator[tuple[str, Node]]:
    """Yield every layer, those inside others too, each with what the names of its arrays begin with: "3.body.0"."""
    for number, node in enumerate(layers):
        place = f"{before}{number}"
        yield place, node
        for row, inner in node.rows.items():
            yield from places(inner, f"{place}.{row}.")


def gradient_sizes(network: Network) -> dict[str, float]:
    """Return how large the gradients of the last step are.

    Returns
    -------
    dict of str to float
        Of every array of weights, named as `Network.arrays` does, in order: the root mean square of the loss's gradient
        by them. Biases and scales are left out.
    """
    return {
        f"{index}.{name}": _root_mean_square(gradient)
        for index, node in enumerate(network.layers)
        for name, gradient in node.gradients.items()
        if name.rpartition(".")[2] == "weights"
    }


def _root_mean_square(values: Array) -> float:
    flat = values.ravel()
    return float(np.sqrt(np.dot(flat, flat) / flat.size))


def silent_units(network: Network, pictures: NDArray[np.uint8]) -> dict[str, int]:
    """Count the units that give nothing for any picture.

    Parameters
    ----------
    network : Network
    pictures : (N, H, W) or (N, H, W, C) uint8
        As `Network.predict` takes them.

    Returns
    -------
    dict of str to int
        By activation, named as in `places`, in order; a unit is a map, or one of a row of numbers.
    """
    layers = [Node(each.layer, each.arrays, each.random) for each in network.layers]
    counts = {place: _Fired() for place, node in places(layers) if isinstance(node.layer, Activation)}
    for place, node in places(layers):
        node.watcher = counts.get(place)
    for start in range(0, len(pictures), _BATCH):
        maps = network.preprocessing.batch(pictures[start : start + _BATCH])
        for node in layers:
            maps = node.forward(maps)
        # What has fired once is not silent: few networks need more than the first pictures.
        if not any(each.silent for each in counts.values()):
            break
    return {place: each.silent for place, each in counts.items()}


def counted_units(network: Network) -> dict[str, tuple[int, int]]:
    """Return where the units that weights make are counted.

    Returns
    -------
    dict of str to (int, int)
        By array of weights, as in `gradient_sizes`, those that an activation follows: which number of `silent_units`
        counts its units, and how many there are.
    """
    found: dict[str, tuple[int, int]] = {}
    last, count, number = "", 0, 0
    for place, node in places(network.layers):
        if "weights" in node.arrays:
            last, count = f"{place}.weights", len(node.arrays["weights"])
        if isinstance(node.layer, Activation):
            if last:
                found.setdefault(last, (number, count))
            number += 1
    return found


class _Fired:
    """Which units of an activation gave something."""

    def __init__(self) -> None:
        self._has_fired: Array | None = None

    @property
    def silent(self) -> int:
        return 0 if self._has_fired is None else int(np.count_nonzero(~self._has_fired))

    def forward(self, node: Node, maps: Array, result: Array) -> None:
        fired = (result != 0).any(axis=(0, *range(2, result.ndim)))
        self._has_fired = fired if self._has_fired is None else fired | self._has_fired

    def backward(self, node: Node, gradient: Array) -> None:
        pass
