"""``kernelscope train``: train a network on a folder of labelled pictures."""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from kernels.commands.arguments import UsageError
from kernels.numbers import format_seconds

if TYPE_CHECKING:
    from kernels.cnn.archive import Arrays
    from kernels.cnn.checkpoint import State
    from kernels.cnn.datasets import Dataset
    from kernels.cnn.models import Model
    from kernels.cnn.training import Progress, Training

SUMMARY = "train a network on MNIST, Fashion-MNIST or CIFAR-10"

MOST_EPOCHS = 10_000
LARGEST_SEED = 2**32 - 1


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("network", metavar="NETWORK", help="lenet5, colournet, or dense (784, 200, 60, 10)")
    parser.add_argument("--data", metavar="DIR", required=True, help="folder with the files of MNIST or CIFAR-10")
    parser.add_argument("-o", "--output", metavar="WEIGHTS", required=True, help="weights file to write, .npz")
    parser.add_argument(
        "--epochs", metavar="N", help="how often every picture is seen; the network's own number by default"
    )
    parser.add_argument("--seed", metavar="N", help="0 by default; the same seed gives the same weights")
    parser.add_argument("--resume", action="store_true", help="go on with a training that was broken off")


def run(arguments: argparse.Namespace) -> int:
    """Train, save the best weights after every epoch, and measure them on the test set at the end."""
    from kernels.cnn import checkpoint, datasets
    from kernels.cnn.models import model

    chosen = model(arguments.network)
    target = _target(arguments.output)
    state_path = checkpoint.path_beside(target)
    epochs = _whole("--epochs", arguments.epochs, 1, MOST_EPOCHS)
    seed = _whole("--seed", arguments.seed, 0, LARGEST_SEED)
    kept = _broken_off(state_path) if arguments.resume else None
    if kept is not None:
        epochs, seed = kept[0].epochs if epochs is None else epochs, kept[0].seed if seed is None else seed
    data, test = datasets.read(arguments.data, "train"), datasets.read(arguments.data, "test")
    training = _prepare(chosen, data, chosen.recipe.epochs if epochs is None else epochs, seed or 0)
    if kept is not None:
        try:
            checkpoint.restore(training, *kept, data)
        except ValueError as error:
            raise ValueError(f"{state_path} cannot be resumed: {error}") from None
    return _train(training, data, test, target, state_path)


def _train(training: Training, data: Dataset, test: Dataset, target: Path, state_path: Path) -> int:
    """Run the training; whatever ends it, the best weights so far are in the file."""
    from kernels.cnn import checkpoint, evaluate
    from kernels.cnn.training import Diverged

    def epoch_done(training: Training) -> None:
        _save(training, data.name, target)
        checkpoint.save(state_path, training, data)

    network = training.network
    print(f"{network.name} on {len(training.data):,} pictures of {data.name}")
    print(network.summary(), flush=True)
    meter = _Meter()
    try:
        training.run(meter.show, epoch_done)
    except (KeyboardInterrupt, Diverged) as error:
        meter.end()
        kept = _keep(training, data.name, target)
        if isinstance(error, Diverged):
            raise ValueError(f"{error}. {kept}") from None
        print(f"kernelscope train: interrupted in epoch {training.epoch + 1}. {kept}", file=sys.stderr)
        return 130
    score = evaluate(network, test)
    _save(training, data.name, target, score.accuracy, score.pictures)
    state_path.unlink(missing_ok=True)
    print(f"{target}: {100 * score.accuracy:.2f} % of {score.pictures:,} test pictures right")
    return 0


def _keep(training: Training, data: str, target: Path) -> str:
    """Save the best weights there are, and return a sentence about it."""
    if training.best_score is None:
        return "There are no weights worth keeping yet."
    _save(training, data, target)
    share = 100 * training.best_score.accuracy
    return f"The best weights so far are in {target} ({share:.2f} % of the pictures held back)."


def _save(training: Training, data: str, target: Path, accuracy: float | None = None, pictures: int = 0) -> None:
    from kernels.cnn import Network, save
    from kernels.cnn.weights import Figures

    network, score = training.network, training.best_score
    best = Network(network.architecture, network.preprocessing, network.classes, training.best)
    figures = Figures(
        weights=network.architecture.weight_count(),
        accuracy=accuracy,
        test_pictures=pictures,
        validation_accuracy=None if score is None else score.accuracy,
        epochs=training.epoch,
        seed=training.seed,
    )
    save(target, best, data=data, figures=figures)


def _prepare(chosen: Model, data: Dataset, epochs: int, seed: int) -> Training:
    from kernels.cnn import Network
    from kernels.cnn.preprocessing import measure
    from kernels.cnn.training import Training

    channels, height, width = chosen.architecture.input
    border = 2 * chosen.padding
    wanted = (height - border, width - border, *((channels,) if channels > 1 else ()))
    if data.images.shape[1:] != wanted:
        raise ValueError(
            f"{chosen.architecture.name} takes pictures of {_size(wanted)}, but those of {data.name} are"
            f" {_size(data.images.shape[1:])}"
        )
    network = Network(chosen.architecture, measure(data.images, chosen.padding), data.classes, seed=seed)
    return Training(network, data, replace(chosen.recipe, epochs=epochs), seed=seed)


def _size(shape: tuple[int, ...]) -> str:
    return f"{shape[1]} × {shape[0]} pixels in {'colour' if len(shape) > 2 else 'grey'}"


def _broken_off(path: Path) -> tuple[State, Arrays]:
    from kernels.cnn import checkpoint

    if not path.is_file():
        raise FileNotFoundError(f"there is no training to resume: {path} is not there")
    return checkpoint.read(path)


def _target(text: str) -> Path:
    """Check where the weights go before hours are spent on them."""
    path = Path(text)
    if path.suffix.lower() != ".npz":
        raise UsageError(f"-o is {text!r}; a weights file ends in .npz.")
    if path.is_dir():
        raise ValueError(f"{path} is a folder, but a file is to be written")
    if not path.resolve().parent.is_dir():
        raise FileNotFoundError(f"there is no folder {path.parent} to write {path.name} to")
    return path


def _whole(option: str, text: str | None, least: int, most: int) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        raise UsageError(f"{option} is {text!r}; valid are whole numbers from {least} to {most}.")
    return int(text)


class _Meter:
    """Prints progress: on a terminal one line that changes, otherwise a line now and then and after every epoch."""

    def __init__(self) -> None:
        self._live = sys.stdout.isatty()
        self._pause = 0.5 if self._live else 15.0
        self._next = 0.0
        self._width = 0

    def show(self, progress: Progress) -> None:
        """Print where the training stands, if it is time to."""
        now = time.monotonic()
        if progress.validation is None and now < self._next:
            return
        self._next = now + self._pause
        line = (
            f"epoch {progress.epoch}/{progress.epochs}  step {progress.step}/{progress.steps}"
            f"  loss {progress.loss:.4f}  accuracy {100 * progress.accuracy:.1f} %"
            f"  {progress.rate:,.0f} pictures/s  {format_seconds(progress.seconds_left)} left"
        )
        if progress.validation is not None:
            line += f"  held back: {100 * progress.validation.accuracy:.2f} %"
        if not self._live:
            print(line, flush=True)
            return
        print(f"\r{line:<{self._width}}", end="" if progress.validation is None else "\n", flush=True)
        self._width = len(line) if progress.validation is None else 0

    def end(self) -> None:
        """Leave the line that changes."""
        if self._live:
            print()
