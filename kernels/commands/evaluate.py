"""``kernelscope evaluate``: how well a network does on a test set."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from kernels.commands import arguments as read
from kernels.errors import shown

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SUMMARY = "count what a network gets right on a test set, class by class"

_LONGEST_NAME = 16


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("network", metavar="NETWORK", help="weights file, or lenet5, colournet or mlp")
    parser.add_argument(
        "--data", metavar="DIR", required=True, help="folder with the files of MNIST or CIFAR-10, or one for each class"
    )


def run(arguments: argparse.Namespace) -> int:
    """Classify every test picture and print accuracy and confusion matrix."""
    from kernels.cnn import evaluate
    from kernels.cnn.training.collections import read_test
    from kernels.cnn.weights import load_with_header

    folder = read.folder("--data", arguments.data)
    header, network = load_with_header(arguments.network)
    data = read_test(folder, network.input_shape, header.data)
    score = evaluate(network, data)
    right = round(score.accuracy * score.pictures)
    print(f"{network.name} on {score.pictures:,} test pictures of {data.name}")
    print(f"{100 * score.accuracy:.2f} % right ({right:,} of {score.pictures:,}), mean cross-entropy {score.loss:.4f}")
    assert score.confusion is not None
    print(f"\n{confusion_text(score.confusion, network.classes)}")
    return 0


def confusion_text(confusion: NDArray[np.int64], classes: tuple[str, ...]) -> str:
    """Return a confusion matrix as a table: a row for what a picture is, a column for what it was taken for."""
    names = [shown(name, _LONGEST_NAME) for name in classes]
    corner = "is / taken for"
    first = max(map(len, (corner, *names)))
    numbers = [[f"{count:,}" if count else "." for count in row] for row in confusion.tolist()]
    widths = [max(len(name), *(len(row[column]) for row in numbers)) for column, name in enumerate(names)]
    heads = "  ".join(f"{name:>{width}}" for name, width in zip(names, widths, strict=True))
    lines = [f"{corner:<{first}}  {heads}  right"]
    for index, (name, row) in enumerate(zip(names, numbers, strict=True)):
        total = int(confusion[index].sum())
        share = f"{100 * int(confusion[index, index]) / total:.1f} %" if total else "-"
        cells = "  ".join(f"{cell:>{width}}" for cell, width in zip(row, widths, strict=True))
        lines.append(f"{name:<{first}}  {cells}  {share}")
    return "\n".join(lines)
