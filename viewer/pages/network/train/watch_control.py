"""From the confusion, the mistakes and the numbers of one step to the state and back."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace
from PyQt6.QtCore import QObject

from kernels.cnn.datasets import BUNDLED, BUNDLED_LEARNT
from kernels.cnn.training.gauges import counted_units
from kernels.cnn.training.mistakes import Mistake as Wrong
from kernels.pictures.picture import from_array
from viewer.document import Document
from viewer.moment import Moment
from viewer.page_views import TRAINED
from viewer.pages.network.train.queries import APART, JUDGED, NETWORK, TRAINED_ON, Judged, network_query
from viewer.pages.network.train.shown import RUNS, Checkpoint, shown_checkpoint
from viewer.pages.network.train.step_words import one_weight, step_shown, weight_names
from viewer.pages.network.train.views.by_layer import LayerGauge
from viewer.pages.network.train.views.confusion import Confusion
from viewer.pages.network.train.views.mistakes import Mistake
from viewer.pages.network.train.views.step_apart import StepApartView
from viewer.pages.network.train.views.watch_column import WatchColumn
from viewer.pages.network.train.weight import Apart, seen_shape
from viewer.pages.network.train.words import checkpoint_title
from viewer.pages.network.words import refusal_of
from viewer.river import River
from viewer.session import Session, with_view
from viewer.sources import Sources


class WatchControl(QObject):
    """Keeps a ``WatchColumn``, and the whole step taken apart, in step with the checkpoint that is shown."""

    def __init__(
        self, view: WatchColumn, step: StepApartView, river: River, sources: Sources, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._view, self._step, self._river, self._store = view, step, river, river.store
        self._sources = sources
        view.apart_requested.connect(lambda: self._look(apart=True))
        step.closed.connect(lambda: self._look(apart=False))
        step.picture_chosen.connect(lambda picture: self._look(picture=picture))
        step.layer_chosen.connect(lambda layer: self._look(layer=layer, output=0, given=0))
        step.differences_chosen.connect(lambda on: self._look(differences=on))
        view.cell_chosen.connect(lambda cell: self._look(cell=cell))
        view.tab_chosen.connect(lambda name: self._look(tab=name))
        view.mistake_chosen.connect(self.open)
        view.weight.place_chosen.connect(lambda row, column: self._look(weight=(row, column)))
        view.weight.layer_chosen.connect(lambda layer: self._look(layer=layer, output=0, given=0))
        view.weight.output_chosen.connect(lambda output: self._look(output=output))
        view.weight.input_chosen.connect(lambda given: self._look(given=given))

    def _look(self, **changes: Any) -> None:
        self._store.view(lambda session: with_view(session, "train", **changes))

    def open(self, index: int) -> None:
        """Give a picture that checks the network to Look, and look into the network as it is there."""
        judged = self._river.moment.value(JUDGED)
        if judged is None:
            return
        if judged.data.name == BUNDLED:
            digit = BUNDLED_LEARNT + index
            self._store.edit(lambda document: _with_digit(document, digit), self.tr("Take a test digit"))
        else:
            name, image = self.tr("Mistake {n}").format(n=index), judged.data.images[index]
            self._sources.open_made(lambda _work: from_array(image, kind="output", name=name), name)

        def update(session: Session) -> Session:
            return with_view(session, "network", side="look", network=TRAINED, stage=0, map=0)

        self._store.view(update)

    # -- showing ---------------------------------------------------------------------------------------------------

    def render(self, old: Moment, new: Moment) -> None:
        """Show what is made of the checkpoint, and that it is another one while the newer is on its way."""
        look = new.state.session.train
        is_other = old is new or old.state.session.train != look or _name(old) != _name(new)
        if is_other or new.is_newer(old, JUDGED, TRAINED_ON):
            self._show_judged(new)
        if is_other or new.is_newer(old, NETWORK):
            gauges = _gauges(new, shown_checkpoint(new))
            if gauges is not None:
                self._view.show_gauges(gauges)
            self._view.show_tab(look.tab)
        if is_other or new.is_newer(old, APART):
            self._show_weight(new)

    def _show_weight(self, moment: Moment) -> None:
        checkpoint, apart = shown_checkpoint(moment), moment.value(APART)
        if checkpoint is None or apart is None or not _is_of(moment, apart.checkpoint, checkpoint):
            reason = self.tr("Play, or do one step, to take it apart.") if checkpoint is None else ""
            reason = refusal_of(moment, NETWORK) or refusal_of(moment, APART) or reason
            self._view.weight.show_weight(None, reason)
            self._step.show_step(None, reason)
            return
        weights = apart.weights
        names = {array: name for array, name in weight_names(apart.network).items() if array in weights}
        shape = seen_shape(apart.network, weights[apart.step.weight.array])
        self._view.weight.show_weight(one_weight(apart.step, weights, names, shape))
        if apart.stages:
            self._show_step(apart, names)
        self._step.show_differences(moment.state.session.train.differences)

    def _show_step(self, apart: Apart, names: dict[str, str]) -> None:
        about = self.tr("the step after {checkpoint}, on {n} pictures").format(
            checkpoint=checkpoint_title(apart.checkpoint), n=f"{len(apart.pictures):,}"
        )
        shown = step_shown(
            apart.step,
            apart.stages,
            apart.pictures,
            apart.network.classes,
            about=about,
            layers=list(names),
            names=names,
            difference=apart.difference,
        )
        self._step.show_step(shown)

    def _show_judged(self, moment: Moment) -> None:
        checkpoint, judged, cell = shown_checkpoint(moment), moment.value(JUDGED), moment.state.session.train.cell
        if checkpoint is None or judged is None or not _is_of(moment, judged.checkpoint, checkpoint):
            reason = self.tr("Play to see what the network takes for what.") if checkpoint is None else ""
            self._view.show_confusion(None, None, refusal_of(moment, JUDGED) or reason)
            hint = self.tr("Play to see the pictures that the network is most sure about and wrong.")
            self._view.show_mistakes((), hint if checkpoint is None else "")
            return
        assert judged.score.confusion is not None
        self._view.show_confusion(Confusion(judged.data.classes, judged.score.confusion, judged.checkpoint.step), cell)
        self._view.show_mistakes([_tile(judged, each, cell) for each in _ordered(judged, cell)])
        self._view.show_stale(judged.checkpoint.name != checkpoint.name)


def _is_of(moment: Moment, made: Checkpoint, checkpoint: Checkpoint) -> bool:
    """Whether what was made of a checkpoint may stand there: it is of the same run, whose own one can be read."""
    failure = moment.failure(NETWORK)
    return made.shown.id == checkpoint.shown.id and (failure is None or failure.key != checkpoint.name)


def _name(moment: Moment) -> str:
    """The checkpoint that is shown; empty for none."""
    checkpoint = shown_checkpoint(moment)
    return "" if checkpoint is None else checkpoint.name


def _with_digit(document: Document, digit: int) -> Document:
    """The document whose networks get a test digit as it stands."""
    given = replace(document.network_input.unmoved, source="digit", digit=digit, centred=False)
    return replace(document, network_input=given)


def _ordered(judged: Judged, cell: tuple[int, int] | None) -> list[Wrong]:
    """The mistakes of the cell that is looked at, then the others; the worst first."""
    return sorted(judged.mistakes, key=lambda each: (each.truth, each.answer) != cell)


def _tile(judged: Judged, each: Wrong, cell: tuple[int, int] | None) -> Mistake:
    data = judged.data
    return Mistake(
        each.picture,
        data.images[each.picture],
        data.classes[each.truth],
        data.classes[each.answer],
        f"{100 * each.probability:.0f} %",
        is_here=(each.truth, each.answer) == cell,
    )


def _gauges(moment: Moment, checkpoint: Checkpoint | None) -> list[LayerGauge] | None:
    """How large the gradients were when they were last measured before the checkpoint, and which units never fired.

    None while the network is on its way.
    """
    if checkpoint is None:
        return []
    loaded = moment.answer(network_query(checkpoint))
    if loaded is None:
        return None
    network, curves = loaded.value.network, checkpoint.shown.curves
    arrays = weight_names(network)
    parent, found = checkpoint.shown.run.parent, moment.value(RUNS)
    if not curves.gauge_steps.size and parent is not None and found is not None:
        curves = next((each.curves for each in found.runs if each.id == parent.run), curves)
    at = int(curves.gauge_steps.searchsorted(checkpoint.step, "right")) - 1
    if at < 0:
        return []
    counted, silent = counted_units(network), curves.silent[at]
    gauges = []
    for (array, name), size in zip(arrays.items(), curves.gradient_sizes[at], strict=False):
        number, units = counted.get(array, (0, 0))
        gauges.append(LayerGauge(name, float(size), int(silent[number]) if units else 0, units))
    return gauges
