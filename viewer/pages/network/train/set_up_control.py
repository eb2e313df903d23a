"""From the set-up to the document and back: every change of the plan is a step of undo."""

from __future__ import annotations

import os
import random
from typing import Any

from msgspec import structs
from PyQt6.QtCore import QObject

from kernels.cnn.training.plan import LARGEST_SEED, LayersRow, TrainingPlan
from viewer.dialogs import Dialogs
from viewer.document import with_training
from viewer.moment import Moment
from viewer.pages.network.train.queries import (
    NEW,
    SET_UP,
    VARIANTS,
    Begun,
    Pictures,
    new_query,
    set_up_query,
    variants_query,
)
from viewer.pages.network.train.row_words import about_row, refused, row_network
from viewer.pages.network.train.runs import TrainingRuns
from viewer.pages.network.train.shown import RUNS
from viewer.pages.network.train.views.data_choice import DataShown
from viewer.pages.network.train.views.set_up import SetUpColumn
from viewer.pages.network.words import refusal_of
from viewer.river import River
from viewer.settings import Settings

DRAGGED = ("rate", "batch")
"""Fields that are set by sliders: one drag of them is one step of undo."""


class SetUpControl(QObject):
    """Keeps a ``SetUpColumn`` in step with ``Document.training``."""

    def __init__(
        self,
        view: SetUpColumn,
        runs: TrainingRuns,
        river: River,
        settings: Settings,
        dialogs: Dialogs,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._view, self._runs, self._river, self._store = view, runs, river, river.store
        self._settings, self._dialogs = settings, dialogs
        view.plan_changed.connect(self.choose)
        view.gesture_ended.connect(self._store.end_gesture)
        view.folder_requested.connect(self.choose_folder)
        view.row_requested.connect(self.take_row)
        view.seed_requested.connect(self.new_seed)

    # -- what the user does ----------------------------------------------------------------------------------------

    def choose(self, plan: TrainingPlan) -> None:
        """Set the next training up in another way; only the stop rule holds for one that goes on, too."""
        fields = plan.__struct_fields__
        changed = [each for each in fields if getattr(plan, each) != getattr(self._plan, each)]
        gesture = f"training {changed[0]}" if len(changed) == 1 and changed[0] in DRAGGED else None
        self._store.edit(lambda document: with_training(document, plan), self.tr("Set up the training"), gesture)
        if changed == ["stop"]:
            self._runs.play_as_set()

    @property
    def _plan(self) -> TrainingPlan:
        return self._store.document.training

    def _set(self, **changes: Any) -> None:
        self.choose(structs.replace(self._plan, **changes))

    def new_seed(self) -> None:
        """Another seed, by chance."""
        self._set(seed=random.randint(0, min(LARGEST_SEED, 9999)))

    def choose_folder(self) -> None:
        """Ask where other pictures are."""
        folder = self._dialogs.ask_folder(self.tr("Folder of labelled pictures"), self._settings.folder())
        if folder:
            self._settings.set_last_folder(folder)
            self._set(data=folder)

    def take_row(self) -> None:
        """Train the row of stages as it stands under Layers."""
        try:
            self._set(network=row_network(self._store.document))
        except ValueError as error:
            self._view.show_plan(self._plan)
            self._view.show_problem("network", refused(str(error)))

    # -- showing ---------------------------------------------------------------------------------------------------

    def render(self, old: Moment, new: Moment) -> None:
        """Show the set-up and what is known of its pictures."""
        before, plan = old.state.document.training, new.state.document.training
        if old is new or before != plan or new.is_newer(old, RUNS):
            self._offer_folders(new, plan)
        if old is new or before != plan:
            self._view.show_plan(plan)
        is_other = old is new or before != plan or old.state.document.row != new.state.document.row
        if is_other or new.is_newer(old, SET_UP, NEW, VARIANTS):
            found, varied = new.answer(set_up_query(plan)), new.answer(variants_query(plan))
            begun = new.answer(new_query(plan))
            self._view.show_data(None if found is None else self._data(found.value))
            self._view.show_varied(() if varied is None else tuple(varied.value))
            self._view.show_network("" if begun is None else self._size(new, begun.value))
            self._view.show_problem("data", refusal_of(new, SET_UP) if found is None else "")
            problem = new.failure(NEW) if found is not None and begun is None else None
            self._view.show_problem(
                "network", "" if problem is None or not problem.error else refused(problem.sentence)
            )

    def _offer_folders(self, moment: Moment, plan: TrainingPlan) -> None:
        known = [folder for _data, folder in moment.state.session.learned.folders]
        runs = moment.value(RUNS)
        used = [] if runs is None else [each.run.plan.data for each in runs.runs]
        folders = dict.fromkeys(each for each in (plan.data, *known, *used) if each)
        self._view.offer_data([(each, os.path.basename(each.rstrip("/\\")) or each, each) for each in folders])

    def _size(self, moment: Moment, begun: Begun) -> str:
        if isinstance(moment.state.document.training.network, LayersRow):
            return about_row(moment.state.document, begun.weights, begun.given)
        return self.tr("{n} random weights").format(n=f"{begun.weights:,}")

    def _data(self, found: Pictures) -> DataShown:
        learn, check, some = found.collection.learn, found.collection.check, found.some
        facts = self.tr("{learn} to learn, {check} to check").format(learn=f"{len(learn):,}", check=f"{len(check):,}")
        pictures = tuple((some.classes[label], image) for image, label in zip(some.images, some.labels, strict=True))
        return DataShown(facts, pictures, tuple((each.path, each.reason) for each in found.collection.skipped))
