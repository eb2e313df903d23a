"""``kernelscope train``: train a network on a folder of labelled pictures."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kernels.commands import arguments as read
from kernels.commands.arguments import UsageError
from kernels.commands.meter import Meter, duration
from kernels.errors import quoted, shown

if TYPE_CHECKING:
    from kernels.cnn import Network, Score
    from kernels.cnn.training.collections import Collection
    from kernels.cnn.training.messages import Checked, Report
    from kernels.cnn.training.plan import TrainingPlan
    from kernels.cnn.training.recording import RecordedTraining
    from kernels.cnn.training.runs import Run

SUMMARY = "train a network on MNIST, Fashion-MNIST, CIFAR-10 or pictures of one's own"

_RUN = "run.json"
_MOST_TOLD = 5
"""Of the files that are left out."""


def configure(parser: read.Parser) -> None:
    """Declare the arguments."""
    parser.has_optional_operands = True
    parser.add_argument(
        "network", metavar="NETWORK", nargs="?", help="lenet5, colournet, mlp (784, 200, 60, 10) or logistic"
    )
    parser.add_argument(
        "--data", metavar="DIR", help="folder with the files of MNIST or CIFAR-10, or with a folder of pictures a class"
    )
    parser.add_argument("-o", "--output", metavar="WEIGHTS", help="weights file to write, .npz or .safetensors")
    parser.add_argument(
        "--epochs", metavar="N", help="how often every picture is seen; the network's own number by default"
    )
    parser.add_argument("--seed", metavar="N", help="0 by default; the same seed gives the same weights")
    parser.add_argument("--rate", metavar="R", help="the highest learning rate, such as 0.05")
    parser.add_argument("--optimiser", metavar="NAME", help="gradient-descent, sgd, momentum or adam")
    parser.add_argument("--batch", metavar="N", help="pictures of each step")
    parser.add_argument(
        "--plan",
        metavar="FILE",
        help="training plan in JSON, whose network and data may stand for NETWORK and --data; what is given here"
        " goes before it",
    )
    parser.add_argument("--resume", action="store_true", help="go on with a training that was broken off")
    parser.add_argument("--force", action="store_true", help="begin anew although WEIGHTS is there, and replace it")
    # Between the program's own processes.
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)


def run(arguments: argparse.Namespace) -> int:
    """Train, save the best weights whenever there are better ones, and measure them on the test set at the end."""
    if arguments.serve:
        from kernels.cnn.training import serving

        return serving.serve()
    if arguments.output is None:
        raise UsageError("-o is missing, the weights file to write")
    target = _target(arguments.output)
    folder = target.with_suffix(".training")
    if arguments.resume and arguments.force:
        raise UsageError("--resume goes on with a training and --force begins anew; give one of them.")
    if arguments.resume:
        if not (folder / _RUN).is_file():
            raise FileNotFoundError(f"there is no training to resume: {shown(folder / _RUN)} is not there")
    elif not arguments.force:
        _check_free(target, folder)
    _fix_threads(arguments, folder)
    from kernels.cnn.training.runs import hold, remove_run

    the_run, data = _taken_up(arguments, folder) if arguments.resume else _begun(arguments, folder)
    with hold(folder):
        status = _Console(the_run, data, target).train()
    if status == 0:
        with suppress(OSError):
            remove_run(folder)
    return status


def _begun(arguments: argparse.Namespace, folder: Path) -> tuple[Run, Collection]:
    """Begin a run, having checked all that it needs: the test set's turn comes hours later."""
    from kernels.cnn.training.networks import collection_for, network_for
    from kernels.cnn.training.runs import begin_run, hold, remove_run

    plan = _plan(arguments)
    data = collection_for(plan)
    network_for(plan, data)
    if folder.exists():
        # A state of an older training must not be resumed after this one.
        hold(folder).close()
        remove_run(folder)
    return begin_run(folder, plan, folder.stem), data


def _taken_up(arguments: argparse.Namespace, folder: Path) -> tuple[Run, Collection]:
    """Read the run that was broken off, which the command line may repeat, but not contradict."""
    import msgspec

    from kernels.cnn.training.networks import collection_for
    from kernels.cnn.training.runs import open_run

    run = open_run(folder)
    plan = _plan(arguments, run.plan)
    begun, now = (dict(_flat(msgspec.to_builtins(each))) for each in (run.plan, plan))
    # The pictures may have moved; whether they are the same is seen from themselves.
    others = [name for name in now if now[name] != begun.get(name) and name != "data"]
    if others:
        wording = [", ".join(f"{name} {each.get(name)}" for name in others) for each in (begun, now)]
        raise ValueError(f"{shown(folder)} cannot be resumed: it was begun with {wording[0]}, not with {wording[1]}")
    return run, collection_for(plan)


def _flat(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """The values of a plan, by their places in a plan file."""
    if not isinstance(value, dict):
        yield place, value
        return
    for name, each in value.items():
        yield from _flat(each, f"{place}.{name}" if place else name)


class _Console:
    """A training on the console."""

    def __init__(self, run: Run, data: Collection, target: Path) -> None:
        self._run, self._data, self._target = run, data, target
        self._was_there = target.exists()
        self._has_saved = False
        self._reports: list[Report] = []

    def train(self) -> int:
        """Run the training; weights that are there are replaced only once there are better ones than random."""
        from kernels.cnn.training.recording import RecordedTraining
        from kernels.cnn.training.trainer import Diverged

        plan = self._run.plan
        start = time.monotonic()
        training = RecordedTraining(self._run, self._data, self._reports.append, by_epochs=plan.stop.epochs is not None)
        network = training.trainer.network
        print(f"{network.name} on {len(self._data.learn):,} pictures of {self._data.name}: {plan}")
        print(network.summary(), flush=True)
        self._tell_left_out()
        meter = Meter(training)
        self._reports.clear()
        try:
            while training.stop_reason() is None:
                meter.step(training.advance())
                for checked in self._heard():
                    meter.checked(checked)
                    if training.best == training.step:
                        self._save(network, training, checked.accuracy)
        except (KeyboardInterrupt, Diverged) as error:
            meter.end()
            kept = self._keep(training)
            if isinstance(error, Diverged):
                raise ValueError(f"{error}. {kept}") from None
            print(f"kernelscope train: interrupted in epoch {training.trainer.epoch + 1}. {kept}", file=sys.stderr)
            return 130
        self._finish(training)
        print(f"trained in {duration(time.monotonic() - start)}")
        return 0

    def _tell_left_out(self) -> None:
        """Say what of one's own pictures is not learnt from."""
        skipped = self._data.skipped
        for each in skipped[:_MOST_TOLD]:
            print(f"kernelscope train: {shown(each.path)} is left out. {each.reason}", file=sys.stderr)
        if len(skipped) > _MOST_TOLD:
            print(f"kernelscope train: {len(skipped):,} are left out in all.", file=sys.stderr)

    def _heard(self) -> list[Checked]:
        """Return the checks since the last call."""
        from kernels.cnn.training.messages import Checked

        checks = [report for report in self._reports if isinstance(report, Checked)]
        self._reports.clear()
        return checks

    def _finish(self, training: RecordedTraining) -> None:
        """Measure the best weights, and write them."""
        from kernels.cnn import evaluate

        training.end_here()
        header, network = self._run.network(training.best)
        validation = header.figures.validation_accuracy
        test = self._data.test
        score = None if test is None else evaluate(network, test)
        self._save(network, training, validation, score)
        if score is not None:
            print(f"{shown(self._target)}: {100 * score.accuracy:.2f} % of {score.pictures:,} test pictures right")
        elif validation is not None:
            count = len(self._data.check)
            print(f"{shown(self._target)}: {100 * validation:.2f} % of {count:,} pictures for checking right")

    def _keep(self, training: RecordedTraining) -> str:
        """Save the best weights there are, and return a sentence about it."""
        from kernels.cnn.training.trainer import Diverged

        header, network = self._run.network(training.best)
        best = header.figures.validation_accuracy or 0.0
        # The weights at hand may be in the middle of a step: as good as any to use, but not to go on with.
        with suppress(Diverged):
            accuracy = training.trainer.check().accuracy
            if accuracy > best:
                network, best = training.trainer.network, accuracy
        if self._was_there and not self._has_saved:
            return f"There are no better weights yet, so {shown(self._target)} is as it was."
        self._save(network, training, best)
        return f"The best weights so far are in {shown(self._target)} ({100 * best:.2f} % of the pictures held back)."

    def _save(
        self, network: Network, training: RecordedTraining, validation: float | None, score: Score | None = None
    ) -> None:
        from kernels.cnn import save
        from kernels.cnn.weights import Figures

        figures = Figures(
            weights=network.architecture.weight_count(),
            accuracy=None if score is None else score.accuracy,
            test_pictures=0 if score is None else score.pictures,
            validation_accuracy=validation,
            epochs=training.trainer.epoch,
            seed=self._run.plan.seed,
        )
        save(self._target, network, data=self._data.name, figures=figures)
        self._has_saved = True


def _fix_threads(arguments: argparse.Namespace, folder: Path) -> None:
    """Have BLAS use as many threads as the plan says, which is possible only before NumPy is loaded."""
    from kernels.cnn.training.plan import TrainingPlan, read_fields
    from kernels.processes import blas_threads

    if "numpy" in sys.modules:
        return
    fields: Any = {}
    with suppress(OSError, ValueError):  # whoever reads it in full says what is wrong with it
        if arguments.resume:
            fields = read_fields(folder / _RUN).get("plan")
        elif arguments.plan is not None:
            fields = read_fields(Path(arguments.plan))
    threads = fields.get("threads") if isinstance(fields, dict) else None
    os.environ.update(blas_threads(threads if isinstance(threads, int) else TrainingPlan().threads))


def _plan(arguments: argparse.Namespace, plan: TrainingPlan | None = None) -> TrainingPlan:
    """Return the plan that is gone on with, else of a file or a network, with what the command line says about it."""
    from msgspec import structs

    from kernels.cnn.training.plan import (
        LARGEST_BATCH,
        LARGEST_RATE,
        LARGEST_SEED,
        MOST_EPOCHS,
        USUAL_RATES,
        NamedNetwork,
        Stop,
    )

    if plan is None:
        plan = _plan_of(arguments)
    epochs = read.whole("--epochs", arguments.epochs, 1, MOST_EPOCHS)
    batch = read.whole("--batch", arguments.batch, 1, LARGEST_BATCH)
    seed = read.whole("--seed", arguments.seed, 0, LARGEST_SEED)
    peak = None if arguments.rate is None else read.number("--rate", arguments.rate)
    if peak is not None and not 0.0 < peak <= LARGEST_RATE:
        raise UsageError(f"--rate is {quoted(arguments.rate)}; valid are numbers above 0, such as 0.05.")
    name = arguments.optimiser
    if name is not None and name not in USUAL_RATES:
        raise UsageError(f"--optimiser is {quoted(name)}; valid are {', '.join(USUAL_RATES)}.")
    if peak is None and name is not None and name != plan.optimiser:
        peak = USUAL_RATES[name]
    given = {
        "network": None if arguments.network is None else NamedNetwork(arguments.network),
        "data": None if arguments.data is None else read.folder("--data", arguments.data),
        "stop": None if epochs is None else Stop(epochs=epochs),
        "batch": batch,
        "seed": seed,
        "rate": None if peak is None else structs.replace(plan.rate, peak=peak),
        "optimiser": name,
    }
    plan = structs.replace(plan, **{field: value for field, value in given.items() if value is not None})
    if plan.stop == Stop():
        raise UsageError("the training plan has no stop rule; give --epochs")
    return plan


def _plan_of(arguments: argparse.Namespace) -> TrainingPlan:
    """Return the plan of the file or, for what it leaves out, of the network."""
    from kernels.cnn.models import model
    from kernels.cnn.training.plan import NamedNetwork, TrainingPlan, read_fields, read_plan

    fields: dict[str, Any] = {}
    base = TrainingPlan() if arguments.network is None else model(arguments.network).plan
    if arguments.plan is not None:
        path = Path(arguments.plan)
        fields = read_fields(path)
        given = read_plan(path, base)
        if arguments.network is None and isinstance(given.network, NamedNetwork):
            base = model(given.network.name).plan
    if arguments.network is None and "network" not in fields:
        raise UsageError("NETWORK is missing, and there is no --plan that names it")
    if arguments.data is None and "data" not in fields:
        raise UsageError("--data is missing, and there is no --plan that names it")
    return base if arguments.plan is None else read_plan(path, base)


def _check_free(target: Path, folder: Path) -> None:
    """Refuse to begin where weights or a training that was broken off would be lost."""
    if target.exists():
        raise UsageError(f"{shown(target)} is there already; --force replaces it once there are better weights")
    if folder.exists():
        raise UsageError(
            f"{shown(folder)} is a training that was broken off; --resume goes on with it, --force begins anew"
        )


def _target(text: str) -> Path:
    """Check where the weights go before hours are spent on them."""
    from kernels.files import check_file_name, check_working_folder

    check_file_name(text)
    check_working_folder(text)
    path = Path(text)
    if path.suffix.lower() not in (".npz", ".safetensors"):
        raise UsageError(f"-o is {quoted(text)}; a weights file ends in .npz or .safetensors.")
    if path.is_dir():
        raise ValueError(f"{shown(path)} is a folder, but a file is to be written")
    if not path.resolve().parent.is_dir():
        raise FileNotFoundError(f"there is no folder {shown(path.parent)} to write {shown(path.name)} to")
    return path
