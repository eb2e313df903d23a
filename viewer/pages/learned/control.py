"""The learned filters beside the gradient: networks, tiles, the selected filter and its response."""

from __future__ import annotations

import os
from typing import Any, cast

from PyQt6.QtCore import QObject

from kernels.cnn import strips
from kernels.cnn.models import CONVOLUTIONAL, MODELS
from kernels.cnn.resemblance import KINDS, by_kind
from kernels.cnn.weights import SHIPPED
from viewer.dialogs import Dialogs
from viewer.moment import Moment
from viewer.page_views import TRAINED, LearnedView
from viewer.pages.gradient.views.grid import PaneGrid
from viewer.pages.learned.accuracy_control import AccuracyControl, percent, tested_with
from viewer.pages.learned.card_control import CardControl
from viewer.pages.learned.layer import LAYER, NETWORK, LayerView, LoadedNetwork, network_query, selected
from viewer.pages.learned.queries import (
    FILTER_PICTURES,
    RESEMBLANCES,
    RESPONSE_PICTURES,
    SIMILAR,
    THUMBNAILS,
    Resemblances,
    has_similar,
    shown_resemblances,
    shown_thumbnails,
    similar_query,
)
from viewer.pages.learned.response_control import ResponseControl
from viewer.pages.learned.views import LearnedPanel, Tile
from viewer.pages.learned.words import filter_title, layer_title, sentence, short_label
from viewer.pages.network.train.shown import shown_checkpoint
from viewer.pages.network.train.words import checkpoint_title
from viewer.river import River
from viewer.saving import Saveable
from viewer.session import with_view
from viewer.settings import Settings


class LearnedControl(QObject):
    """Shows the filters of a network, and turns what is chosen into the next session."""

    def __init__(
        self,
        view: LearnedPanel,
        panes: PaneGrid,
        river: River,
        settings: Settings,
        dialogs: Dialogs,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.view, self._river, self._store = view, river, river.store
        self._settings, self._dialogs = settings, dialogs
        self._refusal = ""  # of the last network that was chosen
        self._files: dict[str, str] = {}  # title by path, of the weights files that were opened
        self.card = CardControl(view.card, river.store, self)
        self.accuracy = AccuracyControl(view.card.accuracy, river, settings, dialogs, self)
        self.response = ResponseControl(panes, self)
        self._parts = (self.response, self.card, self.accuracy)
        view.card.hide()
        view.network_chosen.connect(self.choose_network)
        view.file_requested.connect(self.open_weights)
        view.layer_chosen.connect(lambda layer: self._look(layer=layer, selected=0, kind="all"))
        view.kind_chosen.connect(self.choose_kind)
        view.scale_chosen.connect(lambda common: self._look(common_scale=common))
        view.activation_chosen.connect(lambda after: self._look(after_activation=after))
        view.filter_chosen.connect(lambda index: self._look(selected=index))

    def _look(self, **changes: Any) -> None:
        self._store.view(lambda session: with_view(session, "learned", **changes))

    def choose_network(self, name: str, **changes: Any) -> None:
        """Show the network `name`, a shipped one or a file."""
        self._look(network=name, layer=0, selected=0, kind="all", **changes)

    def open_weights(self) -> None:
        """Ask for a weights file and show its network; one that was opened before is read again."""
        choices = self.tr("Weights of a network (*.npz *.safetensors);;All files (*)")
        path = self._dialogs.ask_open(self.tr("Open weights"), self._settings.folder(), choices)
        if path:
            self._settings.set_last_folder(os.path.dirname(os.path.abspath(path)))
            self.choose_network(path, opening=self._store.session.learned.opening + 1)

    def choose_kind(self, kind: str) -> None:
        """Show the filters of one kind; the first of them is selected if the selected one is not among them."""
        found = shown_resemblances(self._river.moment)
        members = [each.index for each in (found.trained if found else ()) if each.kind == kind]
        changes: dict[str, Any] = {"kind": kind}
        if members and self._store.session.learned.selected not in members:
            changes["selected"] = members[0]
        self._look(**changes)

    def select_similar(self) -> None:
        """Select the filter that is most like the kernel in the editor."""
        found = self._river.moment.value(SIMILAR)
        if found is not None:
            self._look(selected=found.index, kind="all")

    def render(self, old: Moment, new: Moment) -> None:
        """Show what has changed between two moments."""
        look = new.state.session.learned
        if new.is_newer(old, NETWORK) or _trained(old) != _trained(new):
            self._show_network(old, new)
        shown = new.value(LAYER)
        other = new.is_newer(old, LAYER) or old.state.session.learned != look
        if shown is not None and other:
            self._show_choices(shown, look)
        purposes = (THUMBNAILS, RESEMBLANCES, FILTER_PICTURES, RESPONSE_PICTURES)
        if shown is not None and (other or new.is_newer(old, *purposes)):
            self._show_tiles(new, shown, look)
        if shown is not None and (
            other or new.is_newer(old, SIMILAR) or old.state.document.kernel != new.state.document.kernel
        ):
            self._show_similar(new, shown)
        self._show_message(old, new, shown)
        self.view.busy.set_busy(new.is_busy(THUMBNAILS))
        for part in self._parts:
            part.render(old, new)

    def show_progress(self, purpose: str, fraction: float) -> None:
        """How much of something is done."""
        if purpose == THUMBNAILS.name:
            self.view.busy.set_progress(fraction)
        self.accuracy.show_progress(purpose, fraction)

    def facts(self, moment: Moment) -> str:
        """How long the responses took."""
        found, shown = shown_thumbnails(moment), moment.value(LAYER)
        if found is None or shown is None or moment.failure(THUMBNAILS) is not None:
            return ""
        return self.tr("{n} responses {t} ms").format(n=len(shown.filters), t=f"{1000 * found.seconds:.0f}")

    def saveable(self, moment: Moment) -> Saveable | None:
        """The response on screen."""
        return self.response.saveable(moment)

    def _show_network(self, old: Moment, moment: Moment) -> None:
        found, failure = moment.result(NETWORK), moment.failure(NETWORK)
        key = None if found is None else cast("tuple[str, int, str]", found.key)
        if found is not None and key is not None and key[0] not in (*SHIPPED, TRAINED):
            self._files[key[0]] = f"{found.value.network.name} · {os.path.basename(key[0])}"
        shipped = [(name, MODELS[name].architecture.name) for name in reversed(CONVOLUTIONAL)]
        self.view.offer_networks([*shipped, *_trained(moment), *self._files.items()])
        if old.result(NETWORK) is not found:
            self._refusal = ""
        if found is not None and key is not None:
            self.view.show_network(key[0], self._about(found.value))
        if key is not None and failure is not None and failure.key == network_query(moment).key:
            # There is no such network: go on with the one on screen, and say so until another one comes.
            self._refusal = failure.sentence
            shown = moment.value(LAYER)
            self._look(network=key[0], opening=key[1], layer=0 if shown is None else shown.layer)

    def _about(self, loaded: LoadedNetwork) -> str:
        """What a network was trained on and how well it does."""
        text = self.tr("{network}, {n} weights, trained on {data}").format(
            network=loaded.network.name, n=f"{loaded.network.architecture.weight_count():,}", data=loaded.data
        )
        if loaded.accuracy is None:
            return text
        right = self.tr("{percent} of {pictures} right").format(
            percent=percent(loaded.accuracy), pictures=tested_with(loaded.data)
        )
        return f"{text}: {right}"

    def _show_message(self, old: Moment, new: Moment, shown: LayerView | None) -> None:
        """Say why there is no such network, or are no responses, or what of the edits was left out."""
        if new.is_newer(old, NETWORK, THUMBNAILS, LAYER):
            failure = new.failure(THUMBNAILS)
            said = "" if failure is None else failure.sentence
            self.view.message.show_error(sentence(self._refusal or said or ("" if shown is None else shown.refusal)))

    def _show_choices(self, shown: LayerView, look: LearnedView) -> None:
        titles = []
        for number, each in enumerate(shown.network.convolutions):
            _count, channels, height, width = each.arrays["weights"].shape
            titles.append(layer_title(number, height, width, channels))
        self.view.show_layers(titles, shown.layer)
        title = strips.activation(shown.network, shown.layer)
        self.view.show_activation(title, activated=look.after_activation)
        self.view.scale.show_checked(look.common_scale)

    def _show_tiles(self, moment: Moment, shown: LayerView, look: LearnedView) -> None:
        found, pictures = shown_resemblances(moment), moment.value_from(FILTER_PICTURES, shown.key)
        if pictures is None:
            return  # they come in a moment
        painted = moment.value(RESPONSE_PICTURES) if shown_thumbnails(moment) is not None else None
        responses = painted[1] if painted is not None and painted[0].is_like(shown) else []
        labels = [each.label for each in found.current] if found is not None else [""] * len(shown.filters)
        counts = {"all": len(shown.filters)}
        if found is not None:
            counts.update({kind: len(members) for kind, members in by_kind(found.trained).items()})
        tiles = [
            Tile(
                number,
                pictures[number],
                responses[number] if responses else None,
                labels[number],
                shown.is_edited(number),
                short_label(labels[number]),
            )
            for number in _order(shown, found, look.kind)
        ]
        self.view.show_kinds(counts, look.kind)
        self.view.tiles.show_tiles(tiles, selected(shown, look), self.tr("No filter of this layer is of this kind."))

    def _show_similar(self, moment: Moment, shown: LayerView) -> None:
        key = similar_query(shown, moment.state.document.kernel).key
        found, failure = moment.result(SIMILAR), moment.failure(SIMILAR)
        if failure is not None and failure.key == key:
            self.view.show_similar(self.tr("Like the editor's kernel: none"), sentence(failure.sentence), able=False)
        elif found is not None and found.key == key:
            text = self.tr("Like the editor's kernel: {n}").format(n=found.value.index)
            tip = self.tr("Most like the kernel in the editor: {filter}, {score}").format(
                filter=filter_title(found.value.index).lower(), score=f"{found.value.score:.2f}"
            )
            self.view.show_similar(text, tip, able=has_similar(moment))


def _trained(moment: Moment) -> list[tuple[str, str]]:
    """What a training run shows, to choose from: name and title; nothing without one."""
    checkpoint = shown_checkpoint(moment)
    return [] if checkpoint is None else [(TRAINED, checkpoint_title(checkpoint))]


def _order(shown: LayerView, found: Resemblances | None, kind: str) -> list[int]:
    """Filters sorted by kind, those of other kinds left out; an edited one stands where the trained one stood."""
    if found is None:
        return list(range(len(shown.filters)))
    wanted = [each for each in found.trained if kind in ("all", each.kind)]
    return [each.index for each in sorted(wanted, key=lambda each: KINDS.index(each.kind))]
