"""What the Train side shows of a checkpoint and of the set-up, as queries. No Qt.

They are made in lanes of their own, so that Look stays as live as without; what is made of checkpoints one after the
other, so that the window keeps a core beside the training. Of the same run and step they are the same.
"""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from msgspec import structs
from numpy.typing import NDArray

from kernels.cnn.building import design
from kernels.cnn.datasets import Dataset
from kernels.cnn.evaluation import Score, answers, score
from kernels.cnn.training.augmentation import variants
from kernels.cnn.training.collections import Collection, preview
from kernels.cnn.training.mistakes import Mistake, mistakes
from kernels.cnn.training.networks import collection_for, network_for
from kernels.cnn.training.plan import Augmentation, Rate, Stop, TrainingPlan
from kernels.cnn.training.trainer import Trainer
from kernels.errors import Cancelled
from viewer.moment import Moment, Purpose, Query, Work
from viewer.page_views import TRAINED
from viewer.pages.learned.layer import LoadedNetwork, load
from viewer.pages.network.train.drawn import Film
from viewer.pages.network.train.film import FirstLayer, film, first_layer
from viewer.pages.network.train.shown import Checkpoint, ShownRun, lineage, shown_checkpoint, shown_run
from viewer.pages.network.train.step_axis import landmarks
from viewer.pages.network.train.weight import Apart, find_weight, take_step_apart

PREVIEWED, VARIED = 24, 5


class Pictures(msgspec.Struct, frozen=True, eq=False):
    """What is learnt from, a few of it, and what was left out."""

    collection: Collection
    some: Dataset


class Judged(msgspec.Struct, frozen=True, eq=False):
    """What a network makes of the pictures that check it, and which of them it takes for something else."""

    checkpoint: Checkpoint
    data: Dataset
    score: Score
    mistakes: tuple[Mistake, ...]


class Filmed(msgspec.Struct, frozen=True, eq=False):
    """The first layer at some checkpoints, and how that looks."""

    layers: tuple[FirstLayer, ...]
    film: Film


class Begun(msgspec.Struct, frozen=True):
    """How many weights the network to be trained has, and how many of them do not begin at random."""

    weights: int
    given: int


LANE = "training"
SET_UP: Purpose[Pictures] = Purpose("pictures to train on", "training data", "Reading the pictures")
NEW: Purpose[Begun] = Purpose("network to train", "training data")
VARIANTS: Purpose[NDArray[np.uint8]] = Purpose("varied pictures", "training data")
TRAINED_ON: Purpose[Pictures] = Purpose("pictures trained on", "training data", "Reading the pictures")
NETWORK: Purpose[LoadedNetwork] = Purpose("trained network", LANE)
JUDGED: Purpose[Judged] = Purpose("judged network", LANE)
TRAINER: Purpose[Trainer] = Purpose("training at a step", LANE)
APART: Purpose[Apart] = Purpose("step taken apart", LANE)
FILM: Purpose[Filmed] = Purpose("filters through time", LANE)


def queries(moment: Moment) -> list[Query[Any]]:
    """What the side shows of this moment, the most urgent first."""
    run, checkpoint = shown_run(moment), shown_checkpoint(moment)
    wanted: list[Query[Any]] = []
    if checkpoint is not None:
        wanted += [network_query(checkpoint), judged_query(moment, checkpoint)]
        apart = apart_query(moment, checkpoint)
        wanted += [] if apart is None else [apart]
    if run is not None and run.checkpoints:
        wanted.append(film_query(moment, run, None if checkpoint is None else checkpoint.step))
    plan = moment.state.document.training
    return [*wanted, set_up_query(plan), new_query(plan), variants_query(plan)]


# -- the pictures ------------------------------------------------------------------------------------------------------


def _key(plan: TrainingPlan) -> tuple[str, bytes]:
    """What the pictures of a plan depend on: one's own are brought to the size that its network takes."""
    return plan.data, msgspec.json.encode(plan.network) if plan.data else b""


def set_up_query(plan: TrainingPlan, purpose: Purpose[Pictures] = SET_UP) -> Query[Pictures]:
    """What the next run is to learn from."""

    def make(work: Work) -> Pictures:
        found = collection_for(plan, cancelled=work.cancelled, progress=work.progress)
        return Pictures(found, preview(found.learn, PREVIEWED))

    return Query(purpose, _key(plan), make)


def trained_on_query(moment: Moment, plan: TrainingPlan) -> Query[Pictures]:
    """What a run learns from; read once where the set-up has the same."""
    same = _key(plan) == _key(moment.state.document.training)
    return set_up_query(plan, SET_UP if same else TRAINED_ON)


def new_query(plan: TrainingPlan) -> Query[Begun]:
    """The network before its first step."""
    pictures = set_up_query(plan)
    # How it is trained changes nothing of what it begins with.
    begun = structs.replace(plan, rate=Rate(1.0), augmentation=Augmentation(), stop=Stop(), optimiser="sgd", batch=1)

    def make(work: Work) -> Begun:
        data = work.need(pictures).collection
        weights = network_for(begun, data).architecture.weight_count()
        return Begun(weights, design(begun, data.learn.images.shape[1:], len(data.classes)).given_weights)

    return Query(NEW, msgspec.json.encode(begun), make)


def is_refused(moment: Moment) -> bool:
    """Whether nothing can be trained by the set-up as it stands."""
    plan = moment.state.document.training
    for query in (set_up_query(plan), new_query(plan)):
        failure = moment.failure(query.purpose)
        if failure is not None and failure.key == query.key:
            return True
    return False


def variants_query(plan: TrainingPlan) -> Query[NDArray[np.uint8]]:
    """One picture, varied as it will be while training."""
    pictures = set_up_query(plan)

    def make(work: Work) -> NDArray[np.uint8]:
        return variants(work.need(pictures).some.images[0], plan.augmentation, VARIED, plan.seed)

    return Query(VARIANTS, (pictures.key, plan.augmentation, plan.seed), make)


# -- a checkpoint ------------------------------------------------------------------------------------------------------


def network_query(checkpoint: Checkpoint) -> Query[LoadedNetwork]:
    """The network as it was then."""
    return Query(NETWORK, checkpoint.name, lambda _work: load(TRAINED, checkpoint))


def judged_query(moment: Moment, checkpoint: Checkpoint) -> Query[Judged]:
    """What it makes of the pictures that check it."""
    network, pictures = network_query(checkpoint), trained_on_query(moment, checkpoint.shown.run.plan)

    def make(work: Work) -> Judged:
        data = work.need(pictures).collection.check
        said = answers(work.need(network).network, data, cancelled=work.cancelled)
        return Judged(checkpoint, data, score(said, data.labels), mistakes(said, data.labels))

    return Query(JUDGED, checkpoint.name, make)


def apart_query(moment: Moment, checkpoint: Checkpoint) -> Query[Apart] | None:
    """The step that follows it, for the weight that is looked at; None while the network is on its way."""
    look, found = moment.state.session.train, moment.answer(network_query(checkpoint))
    weight = None if found is None else find_weight(found.value.network, look)
    if found is None or weight is None or not (look.apart or look.tab == "weight"):
        return None
    network, trainer = found.value.network, trainer_query(moment, checkpoint)
    whole, differences = look.apart, look.differences

    def make(work: Work) -> Apart:
        held = work.need(trainer)
        picture = min(look.picture, len(held.minibatch(held.step)[1]) - 1) if whole else 0
        return take_step_apart(held, checkpoint, network, weight, picture, whole=whole, differences=differences)

    return Query(APART, (checkpoint.name, weight, whole and (look.picture, differences)), make)


def trainer_query(moment: Moment, checkpoint: Checkpoint) -> Query[Trainer]:
    """The training as it stands there; whoever steps with it puts it back."""
    run = checkpoint.shown.run
    pictures = trained_on_query(moment, run.plan)

    def make(work: Work) -> Trainer:
        trainer = Trainer(run.plan, work.need(pictures).collection)
        trainer.restore(run.state(checkpoint.step))
        return trainer

    return Query(TRAINER, checkpoint.name, make)


def film_query(moment: Moment, run: ShownRun, shown: int | None) -> Query[Filmed]:
    """The first layer at the checkpoints that tell how the run went; what was read of a step is kept."""
    where, held = lineage(moment, run), moment.value_from(FILM, run.id)
    steps = landmarks(tuple(where), shown)
    kept = {} if held is None else {each.step: each for each in held.layers}

    def make(work: Work) -> Filmed:
        layers = tuple(kept.get(step) or first_layer_at(work, where[step], step) for step in steps)
        return Filmed(layers, film(layers))

    return Query(FILM, (run.id, steps), make)


def first_layer_at(work: Work, run: ShownRun, step: int) -> FirstLayer:
    """The first layer as a checkpoint has it."""
    if work.cancelled():
        raise Cancelled
    _header, network = run.run.network(step)
    return first_layer(network, step)
