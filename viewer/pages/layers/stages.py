"""The kinds of stages: what they are called, what they do, and how each one begins."""

from __future__ import annotations

from typing import Any

import msgspec
from PyQt6.QtCore import QCoreApplication

from viewer.pages.layers.cards import Entry
from viewer.pages.layers.stage_fields import SOBEL_PAIR
from viewer.pages.layers.stage_fields import fields as fields
from viewer.pages.layers.stage_fields import with_option as with_option

Stage = tuple[str, dict[str, Any]]
"""A kind and its options."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("Stages", text)


class Kind(msgspec.Struct, frozen=True):
    """One kind of stage.

    Attributes
    ----------
    name : str
        The contract's word, such as "max-pool".
    title, group, summary : str
        What is shown: its name, the heading that it belongs to, one sentence.
    """

    name: str
    title: str
    group: str
    summary: str

    @property
    def icon(self) -> str:
        """The name of its drawing in assets/icons."""
        return f"stage-{self.name}"


def kinds() -> tuple[Kind, ...]:
    """Return all kinds, those of a group together."""
    return (*_weighted(), *_activations(), *_pools(), *_others(), *_connections(), *_of_pictures())


def kind(name: str) -> Kind:
    """Return what is known about a kind; KeyError if there is none of that name."""
    return {each.name: each for each in kinds()}[name]


def entries() -> tuple[Entry, ...]:
    """Return all kinds as the list at the left shows them."""
    return tuple(Entry(each.name, each.title, each.group, each.summary, icon=each.icon) for each in kinds())


def defaults(name: str, channels: int) -> dict[str, Any]:
    """Return the options that a stage begins with, where so many maps come in."""
    padded = {"padding": "same", "border": "reflect"}
    begins: dict[str, dict[str, Any]] = {
        "filter": {"kernel": "gaussian", **padded},
        "filter-bank": {"kernels": list(SOBEL_PAIR), **padded},
        "depthwise": {"kernels": ["sobel-x"] * channels, **padded},
        "pointwise": {"weights": [[1 / channels] * channels]},
        "preprocess": {"network": "lenet5"},
        "bias": {"values": 1},
        "leaky-relu": {"slope": 0.01},
        "max-pool": {"size": 2},
        "average-pool": {"size": 2},
        "gaussian-pool": {"size": 4, "stride": 2},
        "median": {"size": 3},
        "branches": {"rows": [[{"filter": {"kernel": each, **padded}}] for each in SOBEL_PAIR]},
        "residual": {"stages": [{"filter": {"kernel": "outline", **padded}}]},
        "dense-block": {"stages": [{"filter": {"kernel": "sobel-x", **padded}}]},
        "channel": {"channel": "luma"},
    }
    return begins.get(name, {})


def taken(name: str, channels: int) -> tuple[Stage, ...]:
    """Return the stages that are put into the row when a kind is taken: with it comes what it cannot do without."""
    stage = name, defaults(name, channels)
    if name == "thin" and channels != 2:
        return ("filter-bank", defaults("filter-bank", channels)), stage
    return (stage,)


def _weighted() -> tuple[Kind, ...]:
    group = _tr("Weights")
    return (
        Kind("filter", _tr("Filter"), group, _tr("One kernel slides over every map on its own.")),
        Kind("filter-bank", _tr("Filter bank"), group,
             _tr("Several kernels, each summed over all maps: a convolution layer.")),
        Kind("depthwise", _tr("Depthwise"), group, _tr("A kernel of its own for each map, and no sum over the maps.")),
        Kind("pointwise", _tr("Pointwise 1 × 1"), group,
             _tr("Weighted sums of the maps at every pixel: a layer of 1 × 1 kernels.")),
        Kind("bias", _tr("Bias"), group, _tr("A number added to each map.")),
    )  # fmt: skip


def _activations() -> tuple[Kind, ...]:
    group = _tr("Activations")
    return (
        Kind("relu", _tr("ReLU"), group, _tr("max(0, x): numbers below 0 become 0.")),
        Kind("leaky-relu", _tr("Leaky ReLU"), group, _tr("Numbers below 0 are made small instead of 0.")),
        Kind("sigmoid", _tr("Sigmoid"), group, _tr("1 / (1 + exp(−x)): every number ends between 0 and 1.")),
        Kind("tanh", _tr("Tanh"), group, _tr("The hyperbolic tangent: every number ends between −1 and 1.")),
    )


def _pools() -> tuple[Kind, ...]:
    group = _tr("Pooling")
    return (
        Kind("max-pool", _tr("Max pool"), group, _tr("Of every window only the largest number is kept.")),
        Kind("average-pool", _tr("Average pool"), group, _tr("Of every window the mean is kept.")),
        Kind("gaussian-pool", _tr("Gaussian pool"), group,
             _tr("Of every window a mean is kept in which the centre counts most.")),
        Kind("median", _tr("Median"), group,
             _tr("The number in the middle of every window, by size: no convolution gives it.")),
        Kind("global-average", _tr("Global average"), group, _tr("Each map becomes one number, its mean.")),
    )  # fmt: skip


def _others() -> tuple[Kind, ...]:
    group = _tr("Normalisation")
    return (
        Kind("batch-norm", _tr("Batch normalisation"), group,
             _tr("Each map is shifted and scaled to mean 0 and variance 1, then by γ and β.")),
        Kind("preprocess", _tr("Preprocessing"), group,
             _tr("What a network does to a picture before its first layer.")),
    )  # fmt: skip


def _connections() -> tuple[Kind, ...]:
    group = _tr("Connections")
    return (
        Kind("branches", _tr("Branches"), group,
             _tr("Rows of stages side by side; their maps are stacked: an inception module.")),
        Kind("residual", _tr("Residual"), group, _tr("What the stages make is added to what comes in.")),
        Kind("dense-block", _tr("Dense block"), group, _tr("What the stages make is stacked behind what comes in.")),
    )  # fmt: skip


def _of_pictures() -> tuple[Kind, ...]:
    group = _tr("Edges and colours")
    return (
        Kind("magnitude", _tr("Magnitude"), group,
             _tr("The length of the vector of maps: of Gx and Gy, the edge strength.")),
        Kind("thin", _tr("Thin edges"), group,
             _tr("Of Gx and Gy, the edge strength where it is largest across the edge, 0 elsewhere.")),
        Kind("channel", _tr("Channel"), group, _tr("One channel of a colour picture: luma, red, hue and others.")),
    )  # fmt: skip
