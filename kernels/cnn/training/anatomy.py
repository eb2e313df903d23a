"""One step of a training taken apart: forward, loss, messages back, and how one weight gets its gradient and moves.

The step is done by the training itself, which is watched and then put back to where it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from kernels.cnn.layers import Array, BatchNormalisation, Convolution, Dense, Node
from kernels.cnn.layers.base import to_inner, to_outer
from kernels.cnn.layers.margins import margins_of, taps_of
from kernels.cnn.network import Network
from kernels.cnn.training.gauges import places
from kernels.cnn.training.trainer import Trainer
from kernels.cnn.training.update import Update, explained
from kernels.errors import unknown_name

MOST_TERMS = 12


class LayerApart(msgspec.Struct, frozen=True, eq=False):
    """A layer in a step, for one picture of the minibatch.

    Attributes
    ----------
    place : str
        What the names of its arrays begin with: "3", or "3.body.0" inside another layer.
    title : str
    result : (C, H, W) or (K,) float32
        What it gave.
    message : array of the same shape, or None
        The loss's gradient by that; None before the first layer that learns, which nobody needs.
    message_size : float
        Root mean square of the messages over the whole minibatch.
    """

    place: str
    title: str
    result: NDArray[Any]
    message: NDArray[Any] | None
    message_size: float


class LossApart(msgspec.Struct, frozen=True, eq=False):
    """The loss of every picture of a minibatch: −(z_y − log Σ exp z_j).

    Attributes
    ----------
    outputs : (N, classes) float32
        What the last layer gave, z.
    labels : (N,) uint8
        The right classes, y.
    log_sums : (N,) float64
        log Σ exp z_j.
    losses : (N,) float64
    messages : (N, classes) float32
        The loss's gradient by the outputs: (softmax − 1 at the right class) / N.
    mean : float
        The loss of the step, as the training tells it.
    """

    outputs: NDArray[Any]
    labels: NDArray[Any]
    log_sums: NDArray[np.float64]
    losses: NDArray[np.float64]
    messages: NDArray[Any]
    mean: float


class Term(msgspec.Struct, frozen=True):
    """One product of the many that a gradient is the sum of: which picture of the minibatch, and which place (y, x).

    The place is empty for a weight between rows of numbers.
    """

    picture: int
    place: tuple[int, ...]
    message: float
    input: float
    product: float


class WeightApart(msgspec.Struct, frozen=True, eq=False):
    """How one weight got its gradient, message × input at every place of every picture, and how it moved.

    Attributes
    ----------
    array : str
        As `Network.arrays` names it: "0.weights".
    index : tuple of int
    messages, inputs, products : (H', W') or () float64
        At each place where the weight is used, for the picture that is looked at: the loss's gradient by what the layer
        gave there, what the weight was multiplied with, and the product. A bias is multiplied with 1.
    per_picture : (N,) float64
        Sums of the products of each picture.
    terms : tuple of Term
        The largest products of the minibatch, the largest first.
    total : float
        The sum of all products, in float64.
    gradient : float
        The training's own, in float32.
    update : Update
    """

    array: str
    index: tuple[int, ...]
    messages: NDArray[np.float64]
    inputs: NDArray[np.float64]
    products: NDArray[np.float64]
    per_picture: NDArray[np.float64]
    terms: tuple[Term, ...]
    total: float
    gradient: float
    update: Update


class StepApart(msgspec.Struct, frozen=True, eq=False):
    """A step, taken apart.

    Attributes
    ----------
    step : int
        Steps that lie behind it.
    rate : float
    indices : (N,) intp
        The minibatch: numbers of pictures in `Collection.learn`.
    picture : int
        Which of them the layers show.
    maps : (C, H, W) float32
        That picture as the network got it, augmented and standardised.
    layers : tuple of LayerApart
        In order; a layer that holds others stands before them.
    loss : LossApart
    weight : WeightApart
    """

    step: int
    rate: float
    indices: NDArray[np.intp]
    picture: int
    maps: NDArray[np.float32]
    layers: tuple[LayerApart, ...]
    loss: LossApart
    weight: WeightApart


def take_apart(trainer: Trainer, array: str, index: tuple[int, ...], picture: int = 0) -> StepApart:
    """Take the next step of a training apart, for one weight.

    Parameters
    ----------
    trainer : Trainer
        Afterwards it stands where it stood.
    array : str
        Name of an array that is trained, as `Network.arrays` has it: "0.weights".
    index : tuple of int
        Of the weight in it.
    picture : int
        Which picture of the minibatch the layers show.

    Returns
    -------
    StepApart
        Every number is the training's own, bit for bit, but for the log-sum-exp, the products and their sums, which are
        computed from its numbers in float64.

    Raises
    ------
    ValueError
        If there is no such weight or picture.
    kernels.cnn.training.trainer.Diverged
    """
    node, name = weight_at(trainer.network, array, index)
    before, step = trainer.state(), trainer.step
    labels, indices = _minibatch(trainer, step)
    if not 0 <= picture < len(indices):
        raise ValueError(f"picture is {picture}, but must be 0 to {len(indices) - 1}, one of the minibatch")
    watcher = _Watcher(trainer.network, picture, node, name, index)
    try:
        figures = trainer.advance()
        after = trainer.state()
        # That of the outermost layer: it is the one that moved the weights.
        number, _, inside = array.partition(".")
        gradient = trainer.network.layers[int(number)].gradients[inside][index]
        update = explained(
            trainer.optimiser,
            trainer.optimiser.decay_of(array),
            trainer.rate_at(step),
            (before.arrays[array][index], after.arrays[array][index]),
            gradient,
            {kind: (before.memory[f"{array}.{kind}"][index], after.memory[f"{array}.{kind}"][index])
             for kind in trainer.optimiser.kinds},
        )  # fmt: skip
    finally:
        watcher.leave()
        trainer.restore(before)
    return StepApart(
        step,
        update["η"],
        indices,
        picture,
        watcher.maps,
        tuple(watcher.layers()),
        watcher.loss(labels, figures.loss),
        watcher.weight(array, float(gradient), update),
    )


def _minibatch(trainer: Trainer, step: int) -> tuple[NDArray[Any], NDArray[np.intp]]:
    """Labels and indices of all parts of a minibatch."""
    parts = [trainer.minibatch(step, part)[1:] for part in range(trainer.parts)]
    labels, indices = zip(*parts, strict=True)
    return np.concatenate(labels), np.concatenate(indices)


def weight_at(network: Network, array: str, index: tuple[int, ...]) -> tuple[Node, str]:
    """Return the layer that a weight belongs to, and the name of the array there."""
    trained = {f"{place}.{name}": (node, name) for place, node in places(network.layers)
               if not node.rows for name in node.layer.trained}  # fmt: skip
    if array not in trained:
        raise unknown_name("array", array, trained)
    node, name = trained[array]
    shape = node.arrays[name].shape
    if len(index) != len(shape) or not all(0 <= at < size for at, size in zip(index, shape, strict=True)):
        raise ValueError(f"index is {index}, but must lie in the {' × '.join(map(str, shape))} numbers of {array}")
    return node, name


class _Watcher:
    """Keeps what passes through a network in a step: of one picture all, of one weight what it is used for."""

    def __init__(self, network: Network, picture: int, node: Node, name: str, index: tuple[int, ...]) -> None:
        self._nodes = dict(places(network.layers))
        self._first, self._last = network.layers[0], network.layers[-1]
        self._picture, self._node, self._name, self._index = picture, node, name, index
        self._start = self._stop = 0
        self.maps: NDArray[Any] = np.empty(0, np.float32)
        self._results: dict[Node, NDArray[Any]] = {}
        self._messages: dict[Node, NDArray[Any]] = {}
        self._squares = dict.fromkeys(self._nodes.values(), (0.0, 0))
        self._outputs: list[NDArray[Any]] = []
        self._by_outputs: list[NDArray[Any]] = []
        # What the weight is multiplied with in the part that is on its way, and what came of the parts so far.
        self._inputs: NDArray[np.float64] = np.empty(0)
        self._sums: list[NDArray[np.float64]] = []
        self._terms: list[Term] = []
        self._own: tuple[NDArray[np.float64], ...] = ()
        for each in self._nodes.values():
            each.watcher = self

    def leave(self) -> None:
        """Watch no longer."""
        for each in self._nodes.values():
            each.watcher = None

    def forward(self, node: Node, maps: Array, result: Array) -> None:
        """Keep what a layer made of its input."""
        if node is self._first:
            # Another part of the minibatch begins.
            self._start, self._stop = self._stop, self._stop + len(maps)
            self._keep(maps, node, None)
        self._keep(result, node, self._results)
        if node is self._last:
            self._outputs.append(result.copy())
        if node is self._node:
            self._inputs = _inputs(node, self._name, self._index, maps, result)

    def backward(self, node: Node, gradient: Array) -> None:
        """Keep the message that comes to a layer."""
        self._keep(gradient, node, self._messages)
        flat = gradient.astype(np.float64).ravel()
        total, count = self._squares[node]
        self._squares[node] = total + float(flat @ flat), count + flat.size
        if node is self._last:
            self._by_outputs.append(gradient.copy())
        if node is self._node:
            self._add(gradient[:, self._index[0]].astype(np.float64), self._inputs)

    def _add(self, messages: NDArray[np.float64], inputs: NDArray[np.float64]) -> None:
        """Add what one part of the minibatch gives to the gradient."""
        products = messages * inputs
        self._sums.append(products.reshape(len(products), -1).sum(axis=1))
        terms = [*self._terms, *_largest(messages, inputs, products, self._start)]
        self._terms = sorted(terms, key=lambda term: -abs(term.product))[:MOST_TERMS]
        if self._start <= self._picture < self._stop:
            at = self._picture - self._start
            self._own = messages[at], inputs[at], products[at]

    def _keep(self, maps: Array, node: Node, kept: dict[Node, NDArray[Any]] | None) -> None:
        if self._start <= self._picture < self._stop:
            own = maps[self._picture - self._start].copy()
            if kept is None:
                self.maps = own
            else:
                kept[node] = own

    def layers(self) -> Iterator[LayerApart]:
        """Yield what was seen of each layer."""
        for place, node in self._nodes.items():
            total, count = self._squares[node]
            size = float(np.sqrt(total / count)) if count else 0.0
            yield LayerApart(place, node.layer.title, self._results[node], self._messages.get(node), size)

    def loss(self, labels: NDArray[Any], mean: float) -> LossApart:
        """Take the loss of every picture apart."""
        outputs = np.concatenate(self._outputs)
        exact = outputs.astype(np.float64)
        largest = exact.max(axis=1)
        sums = largest + np.log(np.exp(exact - largest[:, np.newaxis]).sum(axis=1))
        losses = sums - exact[np.arange(len(labels)), labels]
        return LossApart(outputs, labels, sums, losses, np.concatenate(self._by_outputs), mean)

    def weight(self, array: str, gradient: float, update: Update) -> WeightApart:
        """Take the gradient of the weight apart."""
        messages, inputs, products = self._own
        per_picture = np.concatenate(self._sums)
        return WeightApart(
            array,
            self._index,
            messages,
            inputs,
            products,
            per_picture,
            tuple(self._terms),
            float(per_picture.sum()),
            gradient,
            update,
        )


def _largest(
    messages: NDArray[np.float64], inputs: NDArray[np.float64], products: NDArray[np.float64], first: int
) -> Iterator[Term]:
    """Yield the terms that count most, of pictures that are numbered from `first`."""
    for flat in np.argsort(-np.abs(products), axis=None, kind="stable")[:MOST_TERMS]:
        at = tuple(int(each) for each in np.unravel_index(flat, products.shape))
        yield Term(first + at[0], at[1:], float(messages[at]), float(inputs[at]), float(products[at]))


def _inputs(node: Node, name: str, index: tuple[int, ...], maps: Array, result: Array) -> NDArray[np.float64]:
    """What a weight is multiplied with for every picture and place: (N, H', W'), or (N,) between rows of numbers."""
    layer = node.layer
    if name == "weights" and isinstance(layer, Convolution):
        return _under_tap(layer, node, index, maps)
    if name == "weights" and isinstance(layer, Dense):
        return maps[:, index[1]].astype(np.float64)
    if name == "gamma" and isinstance(layer, BatchNormalisation):
        normal: Array = node.seen[0]
        return normal[:, index[0]].astype(np.float64)
    # A bias.
    return np.ones((len(result), *result.shape[2:]))


def _under_tap(layer: Convolution, node: Node, index: tuple[int, ...], maps: Array) -> NDArray[np.float64]:
    """The pixels that a weight (filter, channel, row, column) meets."""
    filter_, channel, row, column = index
    channel += filter_ * layer.groups // layer.filters * (maps.shape[1] // layer.groups)
    padded = margins_of(layer.padding).pad(node, to_inner(maps[:, channel : channel + 1]), training=False)
    taps = taps_of(padded, layer.windows(maps.shape[1:]))
    tap = next(islice(taps, row * layer.kernel[1] + column, None))
    return to_outer(tap)[:, 0].astype(np.float64)
