"""Training speed on LeNet-5 beside PyTorch's: pictures per second, median of alternating runs with two threads each.

    python tests/benchmarks/training.py [--network lenet5|colournet] [--runs 5] [--seconds 4]

Both train the same layers on the same random pictures with the same optimiser; every run is a process of its own, so
that neither library's waiting threads disturb the other.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
THREADS = "2"
BATCHES = {"lenet5": 64, "colournet": 128}


def ours(network: str, batch: int) -> Callable[[], object]:
    """One training step of the program's own."""
    import numpy as np

    from kernels.cnn.models import model
    from kernels.cnn.network import Network
    from kernels.cnn.preprocessing import Preprocessing
    from kernels.cnn.training.loss import cross_entropy
    from kernels.cnn.training.optimisers import Momentum

    architecture = model(network).architecture
    channels, *size = architecture.input
    net = Network(architecture, Preprocessing((127.0,) * channels, (64.0,) * channels), tuple("0123456789"))
    optimiser = Momentum(net.layers, [5e-4] * sum(bool(layer.gradients) for layer in net.layers))
    random = np.random.default_rng(0)
    pictures = random.integers(0, 256, (batch, *size, channels), dtype=np.uint8)
    labels = random.integers(0, 10, batch)
    maps = net.preprocessing.batch(pictures)

    def step() -> None:
        *_, outputs = net.activations(maps, training=True)
        _, gradient, _ = cross_entropy(outputs, labels)
        net.backward(gradient)
        optimiser.step(0.01)

    return step


def theirs(network: str, batch: int) -> Callable[[], object]:
    """The same step in PyTorch."""
    import torch

    from kernels.cnn.models import model

    torch.set_num_threads(int(THREADS))
    architecture = model(network).architecture
    net = torch.nn.Sequential(*torch_layers(torch.nn, architecture))
    optimiser = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9, weight_decay=5e-4)
    maps, labels = torch.randn(batch, *architecture.input), torch.randint(0, 10, (batch,))
    loss = torch.nn.CrossEntropyLoss()

    def step() -> None:
        optimiser.zero_grad()
        loss(net(maps), labels).backward()
        optimiser.step()

    return step


def torch_layers(nn: Any, architecture: Any) -> list[Any]:
    """The architecture's layers, as far as the named networks use them."""
    from kernels.cnn import layers as described

    made = []
    for layer, shape in zip(architecture.layers, architecture.shapes(), strict=False):
        match layer:
            case described.Convolution():
                made.append(nn.Conv2d(shape[0], layer.filters, layer.kernel, layer.stride, layer.padding))
            case described.Dense():
                made.append(nn.Linear(shape[0], layer.outputs))
            case described.AveragePool():
                made.append(nn.AvgPool2d(layer.size))
            case described.MaxPool():
                made.append(nn.MaxPool2d(layer.size))
            case described.GlobalAveragePool():
                made.append(nn.AdaptiveAvgPool2d(1))
            case described.ReLU():
                made.append(nn.ReLU())
            case described.Flatten():
                made.append(nn.Flatten())
            case _:
                raise ValueError(f"no counterpart for {layer}")
    return made


def measure(step: Callable[[], object], batch: int, seconds: float) -> float:
    """Pictures per second."""
    for _ in range(10):
        step()
    steps, start = 0, perf_counter()
    while (passed := perf_counter() - start) < seconds:
        step()
        steps += 1
    return steps * batch / passed


def run_apart(side: str, network: str, seconds: float) -> float:
    """Measure one side in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": THREADS, "OPENBLAS_NUM_THREADS": THREADS}
    command = [sys.executable, __file__, "--side", side, "--network", network, "--seconds", str(seconds)]
    found = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return float(found.stdout)


def main() -> None:
    """Print both medians and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", choices=tuple(BATCHES), default="lenet5")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--side", choices=("ours", "theirs"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    batch = BATCHES[asked.network]
    if asked.side:
        step = (ours if asked.side == "ours" else theirs)(asked.network, batch)
        print(measure(step, batch, asked.seconds))
        return
    speeds: dict[str, list[float]] = {"ours": [], "theirs": []}
    for number in range(1, asked.runs + 1):
        for side, kept in speeds.items():
            kept.append(run_apart(side, asked.network, asked.seconds))
        print(f"run {number}: Kernelscope {speeds['ours'][-1]:9,.0f}   PyTorch {speeds['theirs'][-1]:9,.0f} pictures/s")
    mine, other = (statistics.median(values) for values in speeds.values())
    print(f"{asked.network}, batch {batch}, {THREADS} threads each, median of {asked.runs} alternating runs:")
    print(f"Kernelscope {mine:,.0f}, PyTorch {other:,.0f} pictures/s: ratio {mine / other:.2f}")


if __name__ == "__main__":
    main()
