"""How many test pictures a network gets right with the edited filters, and with its own, as queries. No Qt."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import msgspec

from kernels.cnn import datasets
from kernels.cnn.datasets import Dataset
from kernels.cnn.evaluation import Score, evaluate
from kernels.cnn.training.collections import read_test
from viewer.moment import Moment, Purpose, Query, Work
from viewer.page_views import LearnedView
from viewer.pages.learned.layer import LAYER, EditedNetwork, LoadedNetwork

DIGITS = "digits"
"""In place of a folder: the test digits that come with the program."""
DIGITS_LICENCE = "Y. LeCun, C. Cortes, C. Burges · CC BY-SA 3.0"
KNOWN = ("MNIST", "Fashion-MNIST", "CIFAR-10")


class Evaluation(msgspec.Struct, frozen=True, eq=False):
    """How the trained network and its edited copy do on the same test pictures."""

    data: str
    before: Score
    after: Score


Evaluations = Mapping[Hashable, Evaluation]
"""Each by the network as it was read, its edits, and where the test pictures came from; all of them are kept."""

DATA: Purpose[Dataset] = Purpose("test pictures", "evaluation")
TRAINED: Purpose[Score] = Purpose("trained score", "evaluation")
EVALUATIONS: Purpose[Evaluations] = Purpose("evaluation", "evaluation", "Counting right answers", at_leisure=True)


def queries(moment: Moment, shown: EditedNetwork) -> list[Query[Any]]:
    """Count as soon as a filter was put back, if there are test pictures and this was not counted yet."""
    wanted = evaluation_query(moment, shown)
    return [] if wanted is None or evaluation_of(moment, shown) is not None else [wanted]


def setting_of(data: str) -> str:
    """Under which name the folder of the data set `data` is remembered."""
    return data if data in KNOWN else "other"


def source_of(look: LearnedView, shown: EditedNetwork) -> str:
    """Where the test pictures of the network shown are; empty while that is not known."""
    data = shown.loaded.data
    return DIGITS if data in ("MNIST", datasets.BUNDLED) else dict(look.folders).get(setting_of(data), "")


def _key(look: LearnedView, shown: EditedNetwork) -> Hashable:
    return shown.loaded, shown.edits, source_of(look, shown)


def evaluation_of(moment: Moment, shown: EditedNetwork) -> Evaluation | None:
    """The evaluation of the network as it is shown; None while there is none."""
    return (moment.value(EVALUATIONS) or {}).get(_key(moment.state.session.learned, shown))


def evaluation_query(moment: Moment, shown: EditedNetwork) -> Query[Evaluations] | None:
    """Classify the test pictures with the trained network and with its copy; None where nothing can be counted."""
    look = moment.state.session.learned
    source, loaded = source_of(look, shown), shown.loaded
    if not shown.edits or not source:
        return None
    held, key = moment.value(EVALUATIONS) or {}, _key(look, shown)
    data = Query(DATA, (source, loaded), lambda work: _read(source, loaded, work))

    def score(work: Work) -> Score:
        return evaluate(
            loaded.network, work.need(data), cancelled=work.cancelled, progress=lambda share: work.progress(0.5 * share)
        )

    trained = Query(TRAINED, (loaded, source), score)

    def make(work: Work) -> Evaluations:
        first = 0.0 if work.has(trained) else 0.5
        before = work.need(trained)
        after = evaluate(
            shown.network,
            work.need(data),
            cancelled=work.cancelled,
            progress=lambda share: work.progress(first + (1.0 - first) * share),
        )
        return {**held, key: Evaluation(work.need(data).name, before, after)}

    return Query(EVALUATIONS, (key, look.count), make)


def can_count(moment: Moment) -> bool:
    """Whether there is something to count that is neither counted nor being counted."""
    shown = moment.value(LAYER)
    if shown is None or evaluation_query(moment, shown) is None or moment.is_busy(EVALUATIONS):
        return False
    return evaluation_of(moment, shown) is None


def _read(source: str, loaded: LoadedNetwork, work: Work) -> Dataset:
    if source == DIGITS:
        return datasets.unseen(datasets.shipped_digits(), loaded.data)
    data = read_test(source, loaded.network.input_shape, loaded.data, cancelled=work.cancelled)
    if loaded.data in KNOWN and data.name not in (loaded.data, "idx"):
        raise ValueError(f"{source} holds {data.name}, but the network was trained on {loaded.data}")
    return data
