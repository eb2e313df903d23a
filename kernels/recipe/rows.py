"""Ready-made rows of stages, from the edge detector to the blocks that networks are built of.

The blocks have an eighth of the maps of their networks (MobileNet's, where that has a name, a quarter): as many as can
be looked at, in the same proportions. What a trained network would have learned stands in for them like this: the
first bank is made of kernels of the catalogue, the later ones are drawn at random, always the same.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from kernels.errors import unknown_name
from kernels.kernel import library
from kernels.pictures.colour import LUMA_WEIGHTS
from kernels.recipe.recipe import Recipe

Stages = list[dict[str, Any]]
Weights = npt.NDArray[np.float64]

GREY, COLOUR = 1, 3

#: Seen by the first bank in the luma; what follows them differs between grey and colour.
_EDGES = ("sobel-x", "sobel-y", "robinson-north-east", "robinson-north-west", "laplacian-8", "binomial")
_NEGATIVE = ("sobel-x", "sobel-y")
#: Red against green, and blue against yellow.
_OPPONENTS = ((1.0, -1.0, 0.0), (-0.5, -0.5, 1.0))

_DECIMALS = 4


class ReadyMade(msgspec.Struct, frozen=True):
    """A row of stages with a name.

    Attributes
    ----------
    name : str
        In code: ``inception-naive``.
    title : str
        On screen: "Inception, naive".
    summary : str
        One sentence on what it shows.
    reference : str
        Author, year, title.
    stages : callable
        Makes the stages, as plain data, for a picture of 1 or 3 channels.
    """

    name: str
    title: str
    summary: str
    reference: str
    stages: Callable[[int], Stages]


def ready_made(name: str, channels: int = GREY) -> Recipe:
    """Return a ready-made row for pictures of so many channels; the same one every time.

    Parameters
    ----------
    name : str
        One of `names`.
    channels : int
        1 for grey pictures (H, W), 3 for RGB (H, W, 3).

    Raises
    ------
    ValueError
        If there is no such row, with the near names; or for another number of channels.

    Examples
    --------
    >>> ready_made("edge-detector").shapes((512, 512))
    [(512, 512), (512, 512, 2), (512, 512)]
    """
    found = next((row for row in ROWS if row.name == name), None)
    if found is None:
        raise unknown_name("row", name, names())
    if channels not in (GREY, COLOUR):
        raise ValueError(f"channels is {channels!r}, but must be 1, a grey picture, or 3, an RGB one.")
    return Recipe.from_dict({"stages": found.stages(channels)})


def names() -> tuple[str, ...]:
    """Return the names of all rows."""
    return tuple(row.name for row in ROWS)


def _edge_detector(channels: int) -> Stages:
    return [*_gradient(channels), {"magnitude": {}}]


def _canny(channels: int) -> Stages:
    return [*_gradient(channels), {"thin": {}}]


def _gradient(channels: int) -> Stages:
    """Return smoothing and the pair of derivatives, of the luma."""
    smoothing = {"filter": {"kernel": "gaussian(sigma=1.4)", "border": "reflect"}}
    pair = {"filter-bank": {"kernels": ["sobel-x", "sobel-y"], "border": "reflect"}}
    return [*([{"channel": "luma"}] if channels == COLOUR else []), smoothing, pair]


def _lenet5(channels: int) -> Stages:
    """Return LeNet-5 as shipped, up to its dense layers; the last bank is as wide as what it was trained on leaves."""
    stages: Stages = [{"preprocess": {"network": "lenet5"}}]
    for layer in range(3):
        stages += [{"filter-bank": {"network": "lenet5", "layer": layer}}, {"relu": {}}]
        stages += [{"average-pool": {"size": 2}}] if layer < 2 else []
    return stages


def _vgg(channels: int) -> Stages:
    return [*_stem(channels), _bank(8, 8, 3, seed=1), {"relu": {}}, {"max-pool": {"size": 2}}]


def _inception_naive(channels: int) -> Stages:
    """Return the module of figure 2(a), with the first module's numbers of maps over 8."""
    pool = {"max-pool": {"size": 3, "stride": 1, "padding": 1}}
    rows = [
        [_pointwise(24, 8, seed=2), {"relu": {}}],
        [_bank(24, 16, 3, seed=3), {"relu": {}}],
        [_bank(24, 4, 5, seed=4), {"relu": {}}],
        [pool],
    ]
    return [*_wide_stem(channels), {"branches": {"rows": rows}}]


def _inception_reduced(channels: int) -> Stages:
    """Return the module of figure 2(b): inception (3a) with its numbers of maps over 8."""
    pool = {"max-pool": {"size": 3, "stride": 1, "padding": 1}}
    rows = [
        [_pointwise(24, 8, seed=2), {"relu": {}}],
        [_pointwise(24, 12, seed=5), {"relu": {}}, _bank(12, 16, 3, seed=6), {"relu": {}}],
        [_pointwise(24, 2, seed=7), {"relu": {}}, _bank(2, 4, 5, seed=8), {"relu": {}}],
        [pool, _pointwise(24, 4, seed=9), {"relu": {}}],
    ]
    return [*_wide_stem(channels), {"branches": {"rows": rows}}]


def _residual_v1(channels: int) -> Stages:
    inner = [_bank(8, 8, 3, seed=10), {"batch-norm": {}}, {"relu": {}}, _bank(8, 8, 3, seed=11), {"batch-norm": {}}]
    return [*_stem(channels), {"residual": {"stages": inner}}, {"relu": {}}]


def _residual_v2(channels: int) -> Stages:
    inner: Stages = []
    for seed in (10, 11):
        inner += [{"batch-norm": {}}, {"relu": {}}, _bank(8, 8, 3, seed=seed)]
    return [*_stem(channels), {"residual": {"stages": inner}}]


def _dense(channels: int) -> Stages:
    """Return four layers with growth rate 4, as in the paper's figure 1."""
    growth, stages = 4, _stem(channels)
    for layer in range(4):
        inner = [{"batch-norm": {}}, {"relu": {}}, _bank(8 + layer * growth, growth, 3, seed=12 + layer)]
        stages.append({"dense-block": {"stages": inner}})
    return stages


def _depthwise(channels: int) -> Stages:
    """Return the first layers of MobileNet with the width multiplier 1/4."""
    (bank, relu) = _stem(channels)
    bank["filter-bank"]["stride"] = 2
    after: Stages = [{"batch-norm": {}}, {"relu": {}}]
    depthwise = {"depthwise": {"kernels": [_plain(each) for each in _drawn((8, 3, 3), 9, seed=16)]}}
    return [bank, relu, depthwise, *after, _pointwise(8, 16, seed=17), *after]


def _network_in_network(channels: int) -> Stages:
    """Return two of its three small networks, with their numbers of maps over 8, and the average of ten classes."""
    relu: Stages = [{"relu": {}}]
    first = [
        _bank(channels, 24, 5, seed=18),
        *relu,
        _pointwise(24, 20, seed=19),
        *relu,
        _pointwise(20, 12, seed=20),
        *relu,
    ]
    pool = {"max-pool": {"size": 3, "stride": 2, "padding": 1}}
    last = [_bank(12, 24, 3, seed=21), *relu, _pointwise(24, 24, seed=22), *relu, _pointwise(24, 10, seed=23), *relu]
    return [*first, pool, *last, {"global-average": {}}]


def _stem(channels: int) -> Stages:
    """Return a bank of 8 kernels of the catalogue, and the ReLU: edges of several directions, blobs, colours."""
    luma = np.array(LUMA_WEIGHTS if channels == COLOUR else (1.0,))
    kernels = [_unit(name)[:, :, np.newaxis] * luma for name in _EDGES]
    if channels == COLOUR:
        kernels += [_unit("binomial")[:, :, np.newaxis] * np.array(opponent) for opponent in _OPPONENTS]
    else:
        kernels += [-_unit(name)[:, :, np.newaxis] for name in _NEGATIVE]
    return [{"filter-bank": {"kernels": [_plain(each) for each in kernels], "border": "replicate"}}, {"relu": {}}]


def _wide_stem(channels: int) -> Stages:
    """Return the same with 16 more maps, weighted sums of the picture's surroundings drawn at random."""
    (bank, relu) = _stem(channels)
    bank["filter-bank"]["kernels"] += _bank(channels, 16, 3, seed=0)["filter-bank"]["kernels"]
    return [bank, relu]


def _unit(name: str) -> Weights:
    """Return a kernel of the catalogue whose weights' magnitudes add up to 1."""
    weights = library.get(name).weights
    unit: Weights = weights / np.abs(weights).sum()
    return unit


def _bank(seen: int, made: int, size: int, *, seed: int) -> dict[str, Any]:
    """Return a layer of random filters."""
    filters = _drawn((made, size, size, seen), seen * size * size, seed)
    return {"filter-bank": {"kernels": [_plain(each) for each in filters]}}


def _pointwise(seen: int, made: int, *, seed: int) -> dict[str, Any]:
    """Return a 1 × 1 layer of random weights."""
    return {"pointwise": {"weights": _drawn((made, seen), seen, seed).tolist()}}


def _drawn(shape: tuple[int, ...], inputs: int, seed: int) -> Weights:
    """Return weights drawn by ``numpy.random.default_rng(seed)``, normal with variance 2 / inputs.

    References
    ----------
    K. He, X. Zhang, S. Ren and J. Sun (2015), "Delving deep into rectifiers".
    """
    drawn = np.random.default_rng(seed).normal(scale=math.sqrt(2.0 / inputs), size=shape)
    return np.asarray(drawn.round(_DECIMALS) + 0.0)


def _plain(weights: Weights) -> dict[str, Any]:
    return {"weights": weights.tolist()}


ROWS: tuple[ReadyMade, ...] = (
    ReadyMade(
        "edge-detector",
        "Edge detector",
        "Smooths, takes the slope across and down, and shows how steep the picture is.",
        "I. Sobel, G. Feldman, 1968, A 3x3 isotropic gradient operator for image processing",
        _edge_detector,
    ),
    ReadyMade(
        "canny-first-half",
        "Canny’s first half",
        "Keeps of the slopes only the crests, so that edges are one pixel wide; thresholds would follow.",
        "J. Canny, 1986, A computational approach to edge detection",
        _canny,
    ),
    ReadyMade(
        "lenet5-front",
        "LeNet-5 front",
        "What LeNet-5, trained on digits, makes of the picture before its dense layers.",
        "Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, 1998, Gradient-based learning applied to document recognition",
        _lenet5,
    ),
    ReadyMade(
        "vgg-block",
        "VGG block",
        "Two 3 × 3 layers see as much as one of 5 × 5, with fewer weights and a ReLU more.",
        "K. Simonyan, A. Zisserman, 2015, Very deep convolutional networks for large-scale image recognition",
        _vgg,
    ),
    ReadyMade(
        "inception-naive",
        "Inception, naive",
        "Windows of several sizes side by side; the pooled maps alone are as many as came in.",
        "C. Szegedy and others, 2015, Going deeper with convolutions",
        _inception_naive,
    ),
    ReadyMade(
        "inception-reduced",
        "Inception, 1 × 1 first",
        "The same after 1 × 1 layers with few maps: less than half of the work, and fewer maps go out.",
        "C. Szegedy and others, 2015, Going deeper with convolutions",
        _inception_reduced,
    ),
    ReadyMade(
        "residual-v1",
        "Residual block v1",
        "What two layers make of the maps is added to the maps themselves; then the ReLU.",
        "K. He, X. Zhang, S. Ren, J. Sun, 2016, Deep residual learning for image recognition",
        _residual_v1,
    ),
    ReadyMade(
        "residual-v2",
        "Residual block v2",
        "Normalisation and ReLU come before each layer, so that nothing changes the maps on the shortcut.",
        "K. He, X. Zhang, S. Ren, J. Sun, 2016, Identity mappings in deep residual networks",
        _residual_v2,
    ),
    ReadyMade(
        "dense-block",
        "Dense block",
        "Every layer sees the maps of all layers before it and adds four of its own.",
        "G. Huang, Z. Liu, L. van der Maaten, K. Q. Weinberger, 2017, Densely connected convolutional networks",
        _dense,
    ),
    ReadyMade(
        "depthwise-separable",
        "Depthwise separable",
        "First a window on each map alone, then 1 × 1 across the maps: a layer in two cheaper steps.",
        "A. G. Howard and others, 2017, MobileNets: efficient convolutional neural networks for mobile vision"
        " applications",
        _depthwise,
    ),
    ReadyMade(
        "network-in-network",
        "Network in network",
        "A small network of 1 × 1 layers behind each window; at the end one average for each class.",
        "M. Lin, Q. Chen, S. Yan, 2013, Network in network",
        _network_in_network,
    ),
)
"""All rows, simple ones first."""
