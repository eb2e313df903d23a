"""How fast rows of stages are beside PyTorch, and how soon each kind of stage stops when it is told to.

Run with ``python -m tests.benchmarks layers``. The peer runs the same float32 maps through the same layers; it is left
out where it is not installed. Stopping is measured on 12 megapixels: the longest time between two questions whether to
go on, or between the last one and the end.
"""

from __future__ import annotations

import time
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from kernels import Recipe, cnn
from kernels.errors import Cancelled
from tests.benchmarks.report import Report, Work, interleaved, seconds

Array = npt.NDArray[Any]

RANDOM = np.random.default_rng(0)
LIMIT = 0.1
"""Seconds after which a stage must have stopped."""

BOX = [{"weights": np.ones((3, 3)).tolist(), "divisor": 9.0}]
CHAIN = [{"filter": {"kernel": "box"}}, {"relu": {}}]
GREY: dict[str, dict[str, Any]] = {
    "filter 3 × 3": {"filter": {"kernel": "sobel-x"}},
    "filter 31 × 31": {"filter": {"kernel": {"weights": RANDOM.normal(size=(31, 31)).tolist()}}},
    "filter-bank": {"filter-bank": {"kernels": ["sobel-x", "sobel-y"]}},
    "filter-bank of a network": {"filter-bank": {"network": "lenet5", "layer": 0}},
    "filter-bank, wrap": {"filter-bank": {"kernels": BOX, "border": "wrap", "stride": 2}},
    "depthwise": {"depthwise": {"kernels": BOX}},
    "pointwise": {"pointwise": {"weights": [[1.0], [2.0], [-1.0]]}},
    "preprocess": {"preprocess": {"network": "lenet5"}},
    "bias": {"bias": {"values": 3}},
    "relu": {"relu": {}},
    "leaky-relu": {"leaky-relu": {}},
    "sigmoid": {"sigmoid": {}},
    "tanh": {"tanh": {}},
    "max-pool 2 × 2": {"max-pool": {"size": 2}},
    "max-pool 31 × 31": {"max-pool": {"size": 31, "stride": 1, "padding": 15}},
    "average-pool": {"average-pool": {"size": 3, "stride": 1, "padding": 1}},
    "gaussian-pool": {"gaussian-pool": {"size": 31, "stride": 1, "padding": 15}},
    "median 3 × 3": {"median": {"size": 3}},
    "median 15 × 15": {"median": {"size": 15}},
    "median 101 × 101": {"median": {"size": 101}},
    "global-average": {"global-average": {}},
    "batch-norm, measured": {"batch-norm": {}},
    "batch-norm, given": {"batch-norm": {"mean": 1.0, "variance": 2.0}},
    "magnitude": {"magnitude": {}},
    "branches": {"branches": {"rows": [CHAIN, CHAIN]}},
    "residual": {"residual": {"stages": CHAIN}},
    "dense-block": {"dense-block": {"stages": CHAIN}},
}
SEVERAL: dict[str, tuple[int, dict[str, Any]]] = {
    "channel luma": (3, {"channel": "luma"}),
    "channel lab-l": (3, {"channel": "lab-l"}),
    "thin": (2, {"thin": {}}),
    "preprocess, colour": (3, {"preprocess": {"network": "colournet"}}),
    "filter, 16 maps": (16, {"filter": {"kernel": "sobel-x"}}),
    "filter-bank, 16 maps": (16, {"filter-bank": {"kernels": BOX * 8}}),
    "filter-bank, 16 groups": (16, {"filter-bank": {"kernels": BOX * 16, "groups": 16}}),
    "depthwise, 16 maps": (16, {"depthwise": {"kernels": BOX * 16}}),
    "pointwise, 16 maps": (16, {"pointwise": {"weights": RANDOM.normal(size=(8, 16)).tolist()}}),
    "relu, 16 maps": (16, {"relu": {}}),
    "max-pool, 16 maps": (16, {"max-pool": {"size": 2}}),
    "median, 16 maps": (16, {"median": {"size": 3}}),
    "global-average, 16 maps": (16, {"global-average": {}}),
    "batch-norm, 16 maps": (16, {"batch-norm": {}}),
    "magnitude, 16 maps": (16, {"magnitude": {}}),
    "branches, 16 maps": (16, {"branches": {"rows": [[], CHAIN]}}),
    "residual, 16 maps": (16, {"residual": {"stages": CHAIN}}),
    "dense-block, 16 maps": (16, {"dense-block": {"stages": CHAIN}}),
}


def longest_silence(stage: dict[str, Any], image: Array, enough: float = 6.0) -> float:
    """Return the longest time, in seconds, in which a stage does not ask whether to go on; `enough` stops it."""
    recipe = Recipe.from_dict({"stages": [stage]})
    start = time.perf_counter()
    last, longest = start, 0.0

    def asked() -> bool:
        nonlocal last, longest
        now = time.perf_counter()
        last, longest = now, max(longest, now - last)
        return now - start > enough

    try:
        recipe.run(image, white=255.0, cancelled=asked)
    except Cancelled:
        pass
    return max(longest, time.perf_counter() - last)


def stopping(report: Report) -> None:
    """Measure how long each kind of stage goes on."""
    report.section(
        "Stopping a stage", f"12 megapixels; the longest time without a question, at most {LIMIT * 1000:g} ms."
    )
    shape, cases = (3000, 4000), [(name, 1, stage) for name, stage in GREY.items()]
    cases += [(name, channels, stage) for name, (channels, stage) in SEVERAL.items()]
    maps: Array = np.empty(0)
    for name, channels, stage in sorted(cases, key=lambda case: case[1]):
        wanted = shape if channels == 1 else (*shape, channels)
        if maps.shape != wanted:
            maps = RANDOM.integers(0, 256, wanted, dtype=np.uint8).astype(np.float32)
        found = min(longest_silence(stage, maps) for _ in range(2))
        report.row(name, seconds(found) + (" **above**" if found > LIMIT else ""), "", "", f"{LIMIT * 1000:g} ms", "")


def blocks(report: Report) -> None:
    """Measure LeNet-5's first two blocks on 1 megapixel."""
    network = cnn.load("lenet5")
    stages: list[dict[str, Any]] = []
    for layer in range(2):
        stages += [{"filter-bank": {"network": "lenet5", "layer": layer}}, {"relu": {}}, {"average-pool": {"size": 2}}]
    recipe = Recipe.from_dict({"stages": stages})
    maps = RANDOM.normal(size=(1024, 1024, 1)).astype(np.float32)
    peers = torch_blocks(network, maps)
    for work in peers.values():
        other = np.asarray(work())[0].transpose(1, 2, 0)
        assert np.allclose(recipe.output(maps), other, rtol=1e-4, atol=1e-4), "PyTorch computes something else"
    report.section("LeNet-5's first two blocks on 1 megapixel")
    for name, own in {"every map kept": recipe.run, "the last maps only": recipe.output}.items():
        work = partial(own, maps)
        if peers:
            report.compare(name, work, peers, 1.2)
        else:
            report.row(name, seconds(interleaved([work], report.budget)[0]), "no PyTorch", "", "1.2", "")


def banks(report: Report) -> None:
    """Measure filter banks alone: 7 × 7 kernels on 512 × 512 pixels in colour, and LeNet-5's layers on 1 megapixel."""
    report.section("Filter banks", "7 × 7 × 3 kernels on 512 × 512 pixels, and LeNet-5's layers on 1024 × 1024.")
    cases = [(f"{count} kernels", RANDOM.normal(size=(count, 7, 7, 3)), 512) for count in (6, 32, 64)]
    network = cnn.load("lenet5")
    cases += [(f"LeNet-5, layer {layer}", network.filters(layer), 1024) for layer in range(2)]
    for name, filters, side in cases:
        kernels = [{"weights": weights.tolist()} for weights in filters]
        recipe = Recipe.from_dict({"stages": [{"filter-bank": {"kernels": kernels, "padding": "valid"}}]})
        maps = RANDOM.normal(size=(side, side, filters.shape[3])).astype(np.float32)
        work, peers = partial(recipe.output, maps), torch_bank(filters, maps)
        for peer in peers.values():
            other = np.asarray(peer())[0].transpose(1, 2, 0)
            assert np.allclose(work(), other, rtol=1e-4, atol=1e-3), "PyTorch computes something else"
        if peers:
            report.compare(name, work, peers, 0.5)
        else:
            report.row(name, seconds(interleaved([work], report.budget)[0]), "no PyTorch", "", "0.5", "")


def torch_bank(filters: Array, maps: Array) -> dict[str, Work]:
    """Return one layer in PyTorch, where it is installed."""
    try:
        import torch
    except ImportError:
        return {}
    pixels = torch.from_numpy(np.ascontiguousarray(maps.transpose(2, 0, 1)))[None]
    weights = torch.from_numpy(np.ascontiguousarray(filters.transpose(0, 3, 1, 2), np.float32))

    def work() -> Any:
        with torch.inference_mode():
            return torch.nn.functional.conv2d(pixels, weights)

    return {"PyTorch": work}


def torch_blocks(network: cnn.Network, maps: Array) -> dict[str, Work]:
    """Return the same in PyTorch, which keeps every map too, where it is installed."""
    try:
        import torch
    except ImportError:
        return {}

    def tensor(array: Array) -> Any:
        return torch.from_numpy(np.ascontiguousarray(array))

    pixels = tensor(maps.transpose(2, 0, 1))[None]
    filters = [tensor(network.filters(layer).transpose(0, 3, 1, 2)) for layer in range(2)]
    biases = [tensor(network.convolution(layer).arrays["bias"]) for layer in range(2)]

    def work() -> Any:
        kept = [pixels]
        with torch.inference_mode():
            for weights, bias in zip(filters, biases, strict=True):
                kept.append(torch.nn.functional.conv2d(kept[-1], weights, bias))
                kept.append(torch.relu(kept[-1]))
                kept.append(torch.nn.functional.avg_pool2d(kept[-1], 2))
        return kept[-1]

    return {"PyTorch": work}


def benchmark(report: Report) -> None:
    """Measure all."""
    blocks(report)
    banks(report)
    stopping(report)
