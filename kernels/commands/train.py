"""``kernelscope train``: train a network on a folder of labelled pictures."""

from __future__ import annotations

import argparse
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from kernels.commands import arguments as read
from kernels.commands.arguments import UsageError
from kernels.commands.meter import Meter, duration
from kernels.errors import quoted, shown

if TYPE_CHECKING:
    from kernels.cnn.archive import Arrays
    from kernels.cnn.checkpoint import State
    from kernels.cnn.datasets import Dataset
    from kernels.cnn.models import Model, TrainingPlan
    from kernels.cnn.training import Training

SUMMARY = "train a network on MNIST, Fashion-MNIST or CIFAR-10"

LARGEST_SEED = 2**32 - 1


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("network", metavar="NETWORK", help="lenet5, colournet, or mlp (784, 200, 60, 10)")
    parser.add_argument("--data", metavar="DIR", required=True, help="folder with the files of MNIST or CIFAR-10")
    parser.add_argument("-o", "--output", metavar="WEIGHTS", required=True, help="weights file to write, .npz")
    parser.add_argument(
        "--epochs", metavar="N", help="how often every picture is seen; the network's own number by default"
    )
    parser.add_argument("--seed", metavar="N", help="0 by default; the same seed gives the same weights")
    parser.add_argument("--rate", metavar="R", help="the highest learning rate, such as 0.05")
    parser.add_argument("--optimiser", metavar="NAME", help="sgd (with momentum) or adam")
    parser.add_argument("--batch", metavar="N", help="pictures of each step")
    parser.add_argument("--plan", metavar="FILE", help="training plan in JSON; the options above go before it")
    parser.add_argument("--resume", action="store_true", help="go on with a training that was broken off")
    parser.add_argument("--force", action="store_true", help="begin anew although WEIGHTS is there, and replace it")


def run(arguments: argparse.Namespace) -> int:
    """Train, save the best weights after every epoch, and measure them on the test set at the end."""
    from kernels.cnn import checkpoint, datasets
    from kernels.cnn.models import model

    chosen = model(arguments.network)
    target = _target(arguments.output)
    state_path = checkpoint.path_beside(target)
    if arguments.resume and arguments.force:
        raise UsageError("--resume goes on with a training and --force begins anew; give one of them.")
    kept = _broken_off(state_path) if arguments.resume else None
    if kept is None and not arguments.force:
        _check_free(target, state_path)
    plan = _plan(arguments, chosen.plan if kept is None else kept[0].plan)
    seed = read.whole("--seed", arguments.seed, 0, LARGEST_SEED)
    if seed is None:
        seed = 0 if kept is None else kept[0].seed
    data, test = datasets.read(arguments.data, "train"), datasets.read(arguments.data, "test")
    training = _prepare(chosen, data, test, plan, seed)
    if kept is not None:
        try:
            checkpoint.restore(training, *kept, data)
        except ValueError as error:
            raise ValueError(f"{shown(state_path)} cannot be resumed: {error}") from None
    else:
        # A state of an older training must not be resumed after this one.
        state_path.unlink(missing_ok=True)
    return _train(training, data, test, target, state_path)


def _train(training: Training, data: Dataset, test: Dataset, target: Path, state_path: Path) -> int:
    """Run the training; weights that are there are replaced only once an epoch is done."""
    from kernels.cnn import checkpoint, evaluate
    from kernels.cnn.training import Diverged

    def epoch_done(training: Training) -> None:
        _save(training, data.name, target)
        checkpoint.save(state_path, training, data)

    network = training.network
    print(f"{network.name} on {len(training.data):,} pictures of {data.name}: {training.plan}, seed {training.seed}")
    print(network.summary(), flush=True)
    start, meter = time.monotonic(), Meter()
    was_there = target.exists()
    try:
        training.run(meter.tell, epoch_done)
    except (KeyboardInterrupt, Diverged) as error:
        meter.end()
        kept = _keep(training, data.name, target, was_there)
        if isinstance(error, Diverged):
            raise ValueError(f"{error}. {kept}") from None
        print(f"kernelscope train: interrupted in epoch {training.epoch + 1}. {kept}", file=sys.stderr)
        return 130
    seconds = time.monotonic() - start
    score = evaluate(network, test)
    _save(training, data.name, target, score.accuracy, score.pictures)
    with suppress(OSError):
        state_path.unlink(missing_ok=True)
    print(f"{shown(target)}: {100 * score.accuracy:.2f} % of {score.pictures:,} test pictures right")
    print(f"trained in {duration(seconds)}")
    return 0


def _keep(training: Training, data: str, target: Path, was_there: bool) -> str:
    """Save the best weights there are, and return a sentence about it."""
    if training.best_score is None:
        return "There are no weights worth keeping yet."
    if was_there and training.epoch == 0:
        return f"No epoch is done yet, so {shown(target)} is as it was."
    _save(training, data, target)
    share = 100 * training.best_score.accuracy
    return f"The best weights so far are in {shown(target)} ({share:.2f} % of the pictures held back)."


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


def _prepare(chosen: Model, data: Dataset, test: Dataset, plan: TrainingPlan, seed: int) -> Training:
    """Make the training, having checked both parts of the data: the test set's turn comes hours later."""
    from kernels.cnn import Network
    from kernels.cnn.preprocessing import measure
    from kernels.cnn.training import Training

    name = chosen.architecture.name
    channels, height, width = chosen.architecture.input
    border = 2 * chosen.padding
    wanted = (height - border, width - border, *((channels,) if channels > 1 else ()))
    for part, what in ((data, "those"), (test, "the test pictures")):
        if part.images.shape[1:] != wanted:
            raise ValueError(
                f"{name} takes pictures of {_size(wanted)}, but {what} of {part.name} are"
                f" {_size(part.images.shape[1:])}"
            )
    outputs = chosen.architecture.shapes()[-1][0]
    if len(data.classes) != outputs:
        raise ValueError(
            f"{name} tells {outputs} classes apart, but the labels of {data.name} go up to {len(data.classes) - 1}"
        )
    if test.classes != data.classes:
        known = f"{len(data.classes)} classes of {data.name}, but the test set has {len(test.classes)} of {test.name}"
        raise ValueError(f"the pictures to train on have {known}; both must be of one data set")
    network = Network(chosen.architecture, measure(data.images, chosen.padding), data.classes, seed=seed)
    return Training(network, data, plan, seed=seed)


def _plan(arguments: argparse.Namespace, plan: TrainingPlan) -> TrainingPlan:
    """Return a plan with what the command line says about it."""
    from msgspec import structs

    from kernels.cnn.models import LARGEST_BATCH, MOST_EPOCHS, USUAL_RATES, read_plan
    from kernels.cnn.optimisers import LARGEST_RATE, Rate

    if arguments.plan is not None:
        plan = read_plan(Path(arguments.plan), plan)
    epochs = read.whole("--epochs", arguments.epochs, 1, MOST_EPOCHS)
    batch = read.whole("--batch", arguments.batch, 1, LARGEST_BATCH)
    peak = None if arguments.rate is None else read.number("--rate", arguments.rate)
    if peak is not None and not 0.0 < peak <= LARGEST_RATE:
        raise UsageError(f"--rate is {quoted(arguments.rate)}; valid are numbers above 0, such as 0.05.")
    name = arguments.optimiser
    if name is not None and name not in USUAL_RATES:
        raise UsageError(f"--optimiser is {quoted(name)}; valid are {' and '.join(USUAL_RATES)}.")
    if peak is None and name is not None and name != plan.optimiser:
        peak = USUAL_RATES[name]
    rate = None if peak is None else Rate(peak, plan.rate.schedule)
    given = {"epochs": epochs, "batch": batch, "rate": rate, "optimiser": name}
    return structs.replace(plan, **{field: value for field, value in given.items() if value is not None})


def _size(shape: tuple[int, ...]) -> str:
    return f"{shape[1]} × {shape[0]} pixels in {'colour' if len(shape) > 2 else 'grey'}"


def _broken_off(path: Path) -> tuple[State, Arrays]:
    from kernels.cnn import checkpoint

    if not path.is_file():
        raise FileNotFoundError(f"there is no training to resume: {shown(path)} is not there")
    return checkpoint.read(path)


def _check_free(target: Path, state_path: Path) -> None:
    """Refuse to begin where weights or a training that was broken off would be lost."""
    if target.exists():
        raise UsageError(f"{shown(target)} is there already; --force replaces it after the first epoch")
    if state_path.exists():
        raise UsageError(
            f"{shown(state_path)} is a training that was broken off; --resume goes on with it, --force begins anew"
        )


def _target(text: str) -> Path:
    """Check where the weights go before hours are spent on them."""
    from kernels.files import check_file_name, check_working_folder

    check_file_name(text)
    check_working_folder(text)
    path = Path(text)
    if path.suffix.lower() != ".npz":
        raise UsageError(f"-o is {quoted(text)}; a weights file ends in .npz.")
    if path.is_dir():
        raise ValueError(f"{shown(path)} is a folder, but a file is to be written")
    if not path.resolve().parent.is_dir():
        raise FileNotFoundError(f"there is no folder {shown(path.parent)} to write {shown(path.name)} to")
    return path
