"""The options of the stages as fields of a form, and what a changed field makes of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace
from PyQt6.QtCore import QCoreApplication

from kernels.cnn.layers import Convolution
from kernels.cnn.models import CONVOLUTIONAL, MODELS
from viewer.pages.filter.views.sliding import choices
from viewer.pages.layers import stage_texts as texts
from viewer.pages.layers.cards import Field
from viewer.pages.layers.stage_lines import bank_text, kernels_of, layer_text, row_text
from viewer.pages.layers.stage_maps import kernel_pictures

Given = Mapping[str, Any]
Fields = list[Field]

LARGEST_STEP, LARGEST_PADDING, LARGEST_SIZE, LARGEST_LAYER = 999, 9999, 1024, 999
MOST_WRITTEN = 5000
"""Weights that are written out as text; more of them nobody reads."""
LONGEST_LINE = 60
"""Characters of a kernel that is read as it is typed: a name, a few rows of numbers."""
MOST_PICTURES = 32
SOBEL_PAIR = ("sobel-x", "sobel-y")


def _tr(text: str) -> str:
    return QCoreApplication.translate("StageFields", text)


def fields(kind: str, options: Given, channels: int) -> tuple[Field, ...]:
    """Return the fields of a stage's form.

    Parameters
    ----------
    kind : str
        The contract's word, such as "max-pool".
    options : mapping
        Its options as plain data; what is left out stands at its default.
    channels : int
        How many maps come in.
    """
    make = _FORMS.get(kind)
    return () if make is None else tuple(make(options, channels))


def with_option(kind: str, options: Given, name: str, value: Any) -> dict[str, Any]:
    """Return the options after a field changed, fit for `kernels.Recipe.from_dict`, which says what is wrong.

    Parameters
    ----------
    kind : str
        The contract's word.
    options : mapping
        They are not modified.
    name : str
        Of the field, as in `fields`.
    value : Any
        What the field holds now.
    """
    if kind == "filter-bank" and name == "network":
        return _with_network(options, value)
    name = "padding" if name == "padding_pixels" else name
    found = _data(name, value, options)
    changed = {each: held for each, held in options.items() if each != name or found is not None}
    if found is not None:
        changed[name] = found
    return changed


def _with_network(options: Given, network: str) -> dict[str, Any]:
    """Take the kernels from a layer of a network, whose windows come along, or from a list again."""
    if network:
        return {"network": network, "layer": options.get("layer", 0)}
    return {"kernels": list(SOBEL_PAIR), "padding": "same", "border": "reflect"}


def _data(name: str, value: Any, options: Given) -> Any:
    """Return what stands in the recipe for the value of a field; None leaves the option out."""
    if isinstance(value, str):
        if name == "kernels":
            return texts.kernels_data(value, options.get(name))
        if name == "shortcut":
            return texts.stages_data(value) or None
        if name in _READERS:
            return _READERS[name](value)
        return 1 if (name, value) == ("padding", "pixels") else value
    if isinstance(value, tuple | list):
        y, x = value
        return y if y == x else [y, x]
    return value


_READERS: dict[str, Callable[[str], Any]] = {
    "kernel": texts.kernel_data,
    "weights": texts.rows_data,
    "values": texts.numbers_data,
    "mean": texts.numbers_data,
    "variance": texts.numbers_data,
    "gamma": texts.numbers_data,
    "beta": texts.numbers_data,
    "sigma": texts.numbers_data,
    "rows": texts.stages_data,
    "stages": texts.stages_data,
}


# -- stages that slide kernels -----------------------------------------------------------------------------------------


def _filter(given: Given, channels: int) -> Fields:
    tip = _tr(
        "A name of the catalogue such as sobel-x or gaussian(sigma=2), or rows of weights: 1 0 −1; 2 0 −2; 1 0 −1"
    )
    kernel = given.get("kernel", "")
    written = [Field("kernel", _tr("Kernel"), "line", texts.kernel_text(kernel), tip)] if _is_readable([kernel]) else []
    return [*written, *_sliding(given)]


def _filter_bank(given: Given, channels: int) -> Fields:
    network = given.get("network", "")
    source = _network(network, _tr("Where the kernels come from"), (("", _tr("A list"), _tr("Kernels of your own")),))
    if network:
        return [source, _layer(network, given.get("layer", 0))]
    tip = _tr(
        "One a line, each gives one map: a name of the catalogue, or rows of weights such as 1 0 −1; 2 0 −2; 1 0 −1"
    )
    return [source, *_kernels("filter-bank", given, tip), *_sliding(given), _groups(given, channels)]


def _layer(network: str, number: Any) -> Field:
    """The layer by what it holds; of a network whose layers are not known, its number."""
    title, tip = _tr("Layer"), _tr("One of its convolutions; bias, stride and padding come along")
    found = [kernels_of("filter-bank", json.dumps({"layer": at, "network": network})) for at in _layers(network)]
    if number not in range(len(found)):
        tip = _tr("One of its convolutions, counted from 0; bias, stride and padding come along")
        return Field("layer", title, "whole", number, tip, (), 0, LARGEST_LAYER)
    offered = tuple((at, f"{at + 1}: {layer_text(kernels)}", bank_text(kernels)) for at, kernels in enumerate(found))
    return Field("layer", title, "wide-choice", number, tip, offered)


def _layers(network: str) -> range:
    known = MODELS[network].architecture.layers if network in CONVOLUTIONAL else ()
    return range(sum(isinstance(each, Convolution) for each in known))


def _depthwise(given: Given, channels: int) -> Fields:
    tip = _tr("One a line, as many as maps come in ({count}); each slides over its own map").format(count=channels)
    return [*_kernels("depthwise", given, tip), *_sliding(given)]


def _kernels(kind: str, given: Given, tip: str) -> Fields:
    kernels = given.get("kernels", [])
    if not _is_readable(kernels):
        return []
    text = texts.kernels_text(kernels)
    field = Field("kernels", _tr("Kernels"), "lines", text, tip)
    if all(len(line) <= LONGEST_LINE for line in text.splitlines()):
        return [field]
    found = kernels_of(kind, json.dumps(dict(given), sort_keys=True))
    if not found:
        return [field]
    said = [bank_text(found)]
    if len(found) > MOST_PICTURES:
        said.append(_tr("the first {n}:").format(n=MOST_PICTURES))
    return [replace(field, readable=tuple(said), pictures=kernel_pictures(found[:MOST_PICTURES]))]


def _is_readable(kernels: Any) -> bool:
    """Whether the weights that are no text yet are few enough to be written out."""
    return sum(_count(each.get("weights")) for each in kernels if isinstance(each, Mapping)) <= MOST_WRITTEN


def _count(value: Any) -> int:
    return sum(map(_count, value)) if isinstance(value, list | tuple) else 1


def _sliding(given: Given) -> Fields:
    padding = given.get("padding", "same")
    word = padding if isinstance(padding, str) else "pixels"
    found = [
        Field("operation", _tr("Operation"), "choice", given.get("operation", "correlation"),
              _tr("Correlation lays the kernel on the maps as it is; convolution turns it by 180° first"),
              choices.operations()),
        Field("padding", _tr("Padding"), "choice", word, _tr("How far windows may reach over the edge"),
              choices.paddings()),
    ]  # fmt: skip
    if word == "pixels":
        tip = _tr("Pixels added on each side")
        found.append(_pair("padding_pixels", _tr("Pixels"), padding, tip, 0, LARGEST_PADDING))
    if word != "valid":
        border = given.get("border", "constant")
        tip = _tr("Where the values outside come from")
        found.append(Field("border", _tr("Border"), "choice", border, tip, choices.borders()))
        if border == "constant":
            value, tip = given.get("border_value", 0.0), _tr("The value of every pixel outside")
            found.append(Field("border_value", _tr("Value"), "number", value, tip))
    stride, dilation = given.get("stride", 1), given.get("dilation", 1)
    tip = _tr("Pixels from one weight to the next; above 1 the kernel has gaps")
    found.append(_pair("stride", _tr("Stride"), stride, _tr("Pixels from one window to the next"), 1))
    return [*found, _pair("dilation", _tr("Dilation"), dilation, tip, 1)]


def _groups(given: Given, channels: int) -> Field:
    value = given.get("groups", 1)
    numbers = sorted({value, *(each for each in range(1, channels + 1) if channels % each == 0)})
    titles = {1: _tr("standard"), channels: _tr("depthwise")}
    tip = _tr("The maps are split into so many parts, and each kernel sums over one of them")
    if len(numbers) == 1:
        tip = _tr("One map comes in, so both are the same here.")
    steps = tuple((each, titles.get(each, str(each)), tip) for each in numbers)
    return Field("groups", _tr("Groups"), "steps", value, tip, steps)


def _network(value: str, tip: str, first: tuple[tuple[str, str, str], ...] = ()) -> Field:
    offered = [
        *first,
        *((name, MODELS[name].architecture.name, _tr("Comes with the program")) for name in CONVOLUTIONAL),
    ]
    if value not in [data for data, _title, _tip in offered]:
        offered.append((value, value.replace("\\", "/").rpartition("/")[2], value))
    title = _tr("Source") if first else _tr("Network")
    return Field("network", title, "choice", value, tip, tuple(offered))


def _pair(name: str, title: str, value: Any, tip: str, least: int, most: int = LARGEST_STEP) -> Field:
    y, x = value if isinstance(value, list | tuple) else (value, value)
    return Field(name, title, "pair", (y, x), tip, (), least, most)


# -- the other stages --------------------------------------------------------------------------------------------------


def _preprocess(given: Given, channels: int) -> Fields:
    return [_network(given.get("network", ""), _tr("The network whose preprocessing is done"))]


def _pointwise(given: Given, channels: int) -> Fields:
    tip = _tr("A line for each map that is made, in it a weight for each that comes in ({count})").format(
        count=channels
    )
    weights = given.get("weights")
    text = texts.rows_text(weights)
    readable: tuple[str, ...] = ()
    if any(len(line) > LONGEST_LINE for line in text.splitlines()) and isinstance(weights, list):
        readable = (_tr("{n} maps, each of {count} weights").format(n=len(weights), count=channels),)
    return [Field("weights", _tr("Weights"), "lines", text, tip, readable=readable)]


def _bias(given: Given, channels: int) -> Fields:
    return [_numbers("values", _tr("Values"), given, _tr("What is added: one number, or one for each map"))]


def _leaky_relu(given: Given, channels: int) -> Fields:
    tip = _tr("What numbers below 0 are multiplied by")
    return [Field("slope", _tr("Slope"), "number", given.get("slope", 0.01), tip)]


def _pool(given: Given, channels: int) -> Fields:
    size = given.get("size", 2)
    return [
        _pair("size", _tr("Size"), size, _tr("Rows and columns of the window"), 1, LARGEST_SIZE),
        _pair("stride", _tr("Stride"), given.get("stride", size), _tr("Pixels from one window to the next"), 1),
        _pair("padding", _tr("Padding"), given.get("padding", 0),
              _tr("Pixels added on each side, at most half a window"), 0, LARGEST_SIZE),
        Field("ceil", _tr("Round the size up"), "switch", given.get("ceil", False),
              _tr("The last window may stick out, so that no pixel is left over")),
    ]  # fmt: skip


def _gaussian_pool(given: Given, channels: int) -> Fields:
    tip = _tr("Standard deviation in pixels, or two: y x; empty for a quarter of the size")
    size, *others = _pool(given, channels)
    return [size, _numbers("sigma", "σ", given, tip, empty=_tr("size ÷ 4")), *others]


def _median(given: Given, channels: int) -> Fields:
    return [_pair("size", _tr("Size"), given.get("size", 3), _tr("Rows and columns of the window"), 1, LARGEST_SIZE)]


def _batch_norm(given: Given, channels: int) -> Fields:
    each = _tr("One number, or one for each map; empty: measured over this picture")
    factor, added = _tr("The map is multiplied by this at the end"), _tr("This is added at the end")
    tip = _tr("Added to the variance, so that a flat map is not divided by 0")
    return [
        _numbers("mean", _tr("Mean"), given, each, empty=_tr("measured")),
        _numbers("variance", _tr("Variance"), given, each, empty=_tr("measured")),
        _numbers("gamma", "γ", given, factor, 1.0),
        _numbers("beta", "β", given, added, 0.0),
        Field("epsilon", "ε", "number", given.get("epsilon", 1e-5), tip, (), 0.0),
    ]


def _branches(given: Given, channels: int) -> Fields:
    tip = _tr('One row a line, as JSON: [{"filter": {"kernel": "sobel-x"}}, {"relu": {}}]')
    rows = given.get("rows")
    return [Field("rows", _tr("Rows"), "lines", texts.stages_text(rows), tip, readable=_readable(rows))]


def _residual(given: Given, channels: int) -> Fields:
    tip = _tr("What the input passes through before it is added; empty: nothing")
    text, empty = texts.stages_text(given.get("shortcut")), _tr("the input as it is")
    shortcut = given.get("shortcut")
    readable = _readable([shortcut]) if shortcut else ()
    field = Field("shortcut", _tr("Shortcut"), "lines", text, tip, placeholder=empty, readable=readable)
    return [_stages(given), field]


def _dense_block(given: Given, channels: int) -> Fields:
    return [_stages(given)]


def _stages(given: Given) -> Field:
    tip = _tr('One stage a line, as JSON: {"filter": {"kernel": "sobel-x"}}')
    stages = given.get("stages")
    readable = _readable([[each] for each in stages]) if isinstance(stages, list) else ()
    return Field("stages", _tr("Stages"), "lines", texts.stages_text(stages), tip, readable=readable)


def _readable(rows: Any) -> tuple[str, ...]:
    """A line for each row; an empty one hands on what comes in."""
    if not isinstance(rows, list):
        return ()
    return tuple(row_text(row) or _tr("the input as it is") for row in rows)


def _channel(given: Given, channels: int) -> Fields:
    offered = tuple((name, choices.channel_title(name), "") for name in choices.CHANNELS)
    return [Field("channel", _tr("Channel"), "choice", given.get("channel", "rgb"), _tr("What is taken"), offered)]


def _numbers(name: str, title: str, given: Given, tip: str, default: float | None = None, empty: str = "") -> Field:
    return Field(name, title, "text", texts.numbers_text(given.get(name, default)), tip, placeholder=empty)


_FORMS: dict[str, Callable[[Given, int], Fields]] = {
    "filter": _filter,
    "filter-bank": _filter_bank,
    "depthwise": _depthwise,
    "pointwise": _pointwise,
    "preprocess": _preprocess,
    "bias": _bias,
    "leaky-relu": _leaky_relu,
    "max-pool": _pool,
    "average-pool": _pool,
    "gaussian-pool": _gaussian_pool,
    "median": _median,
    "batch-norm": _batch_norm,
    "branches": _branches,
    "residual": _residual,
    "dense-block": _dense_block,
    "channel": _channel,
}
