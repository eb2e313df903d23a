"""The learned filters beside the gradient: from the state to tiles, responses and the selected filter."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol

from numpy.typing import NDArray
from PyQt6.QtCore import QObject

from kernels.cnn import strips
from kernels.cnn.models import MODELS
from kernels.cnn.resemblance import KINDS, Resemblance, by_kind
from kernels.cnn.weights import SHIPPED
from kernels.pictures.picture import Picture
from viewer.compute import Compute
from viewer.controllers.asking import Asked
from viewer.pages.learned.accuracy_control import LearnedAccuracyController, percent
from viewer.pages.learned.card_control import LearnedCardController
from viewer.pages.learned.dialogs import LearnedDialogs
from viewer.pages.learned.queries import (
    LayerView,
    LoadedNetwork,
    NetworkRequest,
    ResemblanceRequest,
    ResponseRequest,
    ShownResponse,
    Thumbnails,
    ThumbnailsRequest,
    edits_of,
    filter_pictures,
    layer_view,
)
from viewer.pages.learned.similar_control import LearnedSimilarController
from viewer.pages.learned.views import LearnedPanel, Tile
from viewer.pages.learned.words import filter_title, layer_title, sentence, short_label
from viewer.resolve import DisplayResult, Failure, Response
from viewer.settings import Settings
from viewer.state import LearnedView, PictureReference, State
from viewer.store import Store

WORKSPACE = "gradient"

Place = tuple[float, float, float, float]


class ResponsePane(Protocol):
    """Where the selected filter's response is shown at full size: the gradient's controller."""

    def show_response(
        self,
        title: str,
        display: DisplayResult | None,
        values: NDArray[Any] | None = None,
        placement: Place | None = None,
        *,
        facts: str = "",
        label: str = "",
    ) -> None: ...

    def show_response_failure(self, message: str) -> None: ...

    def show_response_facts(self, text: str) -> None: ...


class LearnedController(QObject):
    """Loads networks, asks for what the state implies while the workspace is in front, and shows the answers.

    What is hidden asks for nothing; what changed meanwhile is caught up when the workspace is shown.
    """

    def __init__(
        self,
        view: LearnedPanel,
        store: Store,
        compute: Compute,
        gradient: ResponsePane,
        parent: QObject | None = None,
        *,
        settings: Settings | None = None,
        dialogs: LearnedDialogs | None = None,
    ) -> None:
        super().__init__(parent)
        self._view, self._store, self._compute, self._gradient = view, store, compute, gradient
        self._settings = settings or Settings()
        self.dialogs = dialogs or LearnedDialogs(view)
        self._networks: dict[str, LoadedNetwork] = {}
        self._files: list[str] = []
        self._shown: LayerView | None = None
        self._picture: Picture | None = None
        self._network = Asked(compute, "network")
        self._thumbnails = Asked(compute, "responses")
        self._response = Asked(compute, "response")
        self._resemblance = Asked(compute, "resemblance")
        self._asking = (self._network, self._thumbnails, self._response, self._resemblance)
        self._tiles_key: Any = None
        self._painted: dict[str, tuple[Any, list[NDArray[Any]]]] = {}
        self.card = LearnedCardController(view.card, store, self)
        self.similar = LearnedSimilarController(view, store, compute, self)
        self.accuracy = LearnedAccuracyController(view.card.accuracy, compute, self._settings, self.dialogs, self)
        view.card.hide()
        self._offer_networks()
        self._connect()

    def _connect(self) -> None:
        view = self._view
        view.network_chosen.connect(self.choose_network)
        view.file_requested.connect(self.open_weights)
        view.layer_chosen.connect(lambda layer: self._look(layer=layer, selected=0, kind="all"))
        view.kind_chosen.connect(self.choose_kind)
        view.scale_chosen.connect(lambda common: self._look(common_scale=common))
        view.activation_chosen.connect(lambda after: self._look(after_activation=after))
        view.filter_chosen.connect(lambda index: self._look(selected=index))
        self._compute.answered.connect(self._take)
        self._compute.progressed.connect(self._progress)

    # -- the state -------------------------------------------------------------------------------------------------

    def update(self, old: State, new: State) -> None:
        """Show what the state says and, in front, ask for what it implies."""
        if new.session.workspace != WORKSPACE:
            if old.session.workspace == WORKSPACE:
                self._pause()
            return
        if old is new or _part(old) != _part(new):
            self._refresh()

    def show_picture(self, reference: PictureReference, picture: Picture) -> None:
        """Another picture is open."""
        self._picture = picture
        if self._store.session.workspace == WORKSPACE:
            self._refresh()

    def _pause(self) -> None:
        for each in self._asking:
            each.pause()
        self.similar.pause()
        self._view.set_busy(False)

    def stop(self) -> None:
        """The user cancelled: what is on screen stays."""
        for each in (self._thumbnails, self._response):
            each.stop()
        self.accuracy.stop()
        self._view.set_busy(False)

    def _look(self, **changes: Any) -> None:
        self._store.view(lambda session: replace(session, learned=replace(session.learned, **changes)))

    # -- what the user chooses -------------------------------------------------------------------------------------

    def choose_network(self, name: str) -> None:
        """Show the network `name`, a shipped one or a file."""
        self._view.show_failure("")
        if name not in self._networks:
            self._network.forget()
        self._look(network=name, layer=0, selected=0, kind="all")
        self._refresh()

    def open_weights(self) -> None:
        """Ask for a weights file and show its network."""
        path = self.dialogs.ask_weights(self._settings.folder())
        if path:
            self._settings.set_last_folder(os.path.dirname(os.path.abspath(path)))
            # A file may have changed since it was read.
            self._networks.pop(path, None)
            self.choose_network(path)

    def choose_kind(self, kind: str) -> None:
        """Show the filters of one kind; the first of them is selected if the selected one is not among them."""
        found = self._resemblances()
        members = [each.index for each in found or () if each.kind == kind]
        changes: dict[str, Any] = {"kind": kind}
        if members and self._store.session.learned.selected not in members:
            changes["selected"] = members[0]
        self._look(**changes)

    def _offer_networks(self) -> None:
        shipped = [(name, MODELS[name].architecture.name) for name in reversed(SHIPPED)]
        files = [
            (path, f"{self._networks[path].network.name} · {os.path.basename(path)}")
            for path in self._files
            if path in self._networks
        ]
        self._view.offer_networks([*shipped, *files])
        self._view.show_network(self._store.session.learned.network)

    # -- showing and asking ----------------------------------------------------------------------------------------

    def _refresh(self) -> None:
        state = self._store.state
        if state.session.workspace != WORKSPACE:
            return
        shown = self._layer(state)
        if shown is None:
            return
        self._shown = shown
        look = state.session.learned
        self._show_choices(shown, look)
        self._ask(shown, look)
        self._show_filters(shown, state)
        self.accuracy.show(shown)

    def _layer(self, state: State) -> LayerView | None:
        """The layer to show; None until its network is loaded."""
        look = state.session.learned
        loaded = self._networks.get(look.network)
        if loaded is None:
            self._network.ask(look.network, lambda: NetworkRequest(name=look.network))
            return None
        edits = edits_of(state.document.filter_edits, loaded.name)
        try:
            return layer_view(loaded, edits, look.layer)
        except (ValueError, IndexError) as error:
            # An edit of a file that has since become another network.
            self._view.show_failure(sentence(str(error)))
            return layer_view(loaded, (), look.layer)

    def _show_choices(self, shown: LayerView, look: LearnedView) -> None:
        titles = []
        for number, each in enumerate(shown.network.convolutions):
            _count, channels, height, width = each.arrays["weights"].shape
            titles.append(layer_title(number, height, width, channels))
        self._view.show_network(shown.loaded.name, self._about(shown.loaded))
        self._view.show_layers(titles, shown.layer)
        title = strips.activation(shown.network, shown.layer)
        self._view.show_activation(title, activated=look.after_activation)
        self._view.show_scale(common=look.common_scale)

    def _about(self, loaded: LoadedNetwork) -> str:
        """What a network was trained on and how well it does."""
        text = self.tr("{network}, {n} weights, trained on {data}").format(
            network=loaded.network.name, n=f"{loaded.network.architecture.weight_count():,}", data=loaded.data
        )
        if loaded.accuracy is None:
            return text
        right = self.tr("{percent} of its test pictures right").format(percent=percent(loaded.accuracy))
        return f"{text}: {right}"

    def _ask(self, shown: LayerView, look: LearnedView) -> None:
        network, layer, activated = shown.network, shown.layer, look.after_activation
        self._resemblance.ask(shown, lambda: ResemblanceRequest(filters=shown.filters))
        picture = self._picture
        if picture is None:
            return
        index = _selected(shown, look)
        self._response.ask(
            (shown, picture, activated, index),
            lambda: ResponseRequest(network=network, layer=layer, index=index, picture=picture, activated=activated),
        )
        self._thumbnails.ask(
            (shown, picture, activated),
            lambda: ThumbnailsRequest(network=network, layer=layer, picture=picture, activated=activated),
        )
        self._view.set_busy(self._thumbnails.is_waiting)

    def _resemblances(self) -> tuple[Resemblance, ...] | None:
        """What the filters of the layer shown resemble, or of the layer before an edit; None while unknown."""
        key, shown = self._resemblance.answered_key, self._shown
        return self._resemblance.result if shown is not None and _same_layer(key, shown) else None

    def _show_filters(self, shown: LayerView, state: State) -> None:
        look, found = state.session.learned, self._resemblances()
        index = _selected(shown, look)
        self._show_tiles(shown, look, found, index)
        self.card.show(shown, index, None if found is None else found[index], state)
        self.similar.show(shown, index, state.document.kernel)

    def _show_tiles(self, shown: LayerView, look: LearnedView, found: Sequence[Resemblance] | None, index: int) -> None:
        thumbnails = self._current_thumbnails(shown)
        key = (shown, look.kind, look.common_scale, found, thumbnails)
        if key == self._tiles_key:
            self._view.tiles.show_selected(index)
            return
        self._tiles_key = key
        pictures = self._paint("filters", (shown, look.common_scale), lambda: filter_pictures(
            shown.filters, common_scale=look.common_scale))  # fmt: skip
        responses = self._paint("responses", (thumbnails, look.common_scale), lambda: [] if thumbnails is None else (
            thumbnails.pictures(common_scale=look.common_scale)))  # fmt: skip
        labels = [each.label for each in found] if found is not None else [""] * len(shown.filters)
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
        counts = {"all": len(shown.filters)}
        if found is not None:
            counts.update({kind: len(members) for kind, members in by_kind(found).items()})
        self._view.show_kinds(counts, look.kind)
        self._view.show_tiles(tiles, index, self.tr("No filter of this layer is of this kind."))

    def _paint(self, name: str, key: Any, make: Any) -> list[NDArray[Any]]:
        held = self._painted.get(name)
        if held is None or held[0] != key:
            held = self._painted[name] = key, make()
        return held[1]

    def _current_thumbnails(self, shown: LayerView) -> Thumbnails | None:
        """The responses that are on screen: of this layer, even if newer ones are on their way."""
        key = self._thumbnails.answered_key
        if key is None or not _same_layer(key[0], shown):
            return None
        # Where there are none to this picture, those to another one would lie.
        return None if self._thumbnails.failure and key[1] is not self._picture else self._thumbnails.result

    # -- answers ---------------------------------------------------------------------------------------------------

    def _take(self, answer: Response | Failure) -> None:
        if self._network.take(answer):
            self._take_network()
        elif self._resemblance.take(answer):
            self._refresh()
        elif self._thumbnails.take(answer):
            self._take_thumbnails()
        elif self._response.take(answer):
            self._take_response()

    def _take_network(self) -> None:
        if self._network.failure:
            self._view.show_failure(sentence(self._network.failure))
            if self._shown is not None:
                name, layer = self._shown.loaded.name, self._shown.layer
                self._view.show_network(name)
                self._look(network=name, layer=layer)
            return
        loaded: LoadedNetwork = self._network.result
        self._networks[loaded.name] = loaded
        if loaded.name not in SHIPPED:
            self._files = [*(each for each in self._files if each != loaded.name), loaded.name]
        self._offer_networks()
        self._view.show_failure("")
        self._refresh()

    def _take_thumbnails(self) -> None:
        self._view.set_busy(False)
        if self._thumbnails.failure:
            self._view.show_failure(sentence(self._thumbnails.failure))
            self._gradient.show_response_facts("")
            self._refresh()
        elif self._shown is not None:
            self._view.show_failure("")
            count = len(self._shown.filters)
            milliseconds = f"{1000 * self._thumbnails.seconds:.0f}"
            text = self.tr("{n} responses {t} ms").format(n=count, t=milliseconds)
            self._gradient.show_response_facts(text)
            self._refresh()

    def _take_response(self) -> None:
        if self._response.failure:
            answered = self._response.answered_key
            if answered is not None and self._shown is not None and not _same_layer(answered[0], self._shown):
                # A filter of another layer is not what the sentence speaks of.
                self._gradient.show_response("", None)
            self._gradient.show_response_failure(sentence(self._response.failure))
            return
        found: ShownResponse = self._response.result
        shown, _picture, activated, index = self._response.answered_key
        facts = self.tr("response")
        if activated:
            activation = strips.activation(shown.network, shown.layer)
            facts = self.tr("response after {activation}").format(activation=activation)
        if shown.is_edited(index):
            facts = self.tr("{facts}, edited").format(facts=facts)
        title = self.tr("Learned filter {n}").format(n=index)
        label = filter_title(index).lower()
        self._gradient.show_response(title, found.display, found.values, found.place, facts=facts, label=label)

    def _progress(self, lane: str, fraction: float) -> None:
        if lane == "responses":
            self._view.set_progress(fraction)


def _part(state: State) -> tuple[object, ...]:
    document, session = state.document, state.session
    return session.workspace, session.learned, document.filter_edits, document.kernel, document.source


def _selected(shown: LayerView, look: LearnedView) -> int:
    return min(max(look.selected, 0), len(shown.filters) - 1)


def _same_layer(key: LayerView | None, shown: LayerView) -> bool:
    return key is not None and (key.loaded, key.layer) == (shown.loaded, shown.layer)


def _order(shown: LayerView, found: Sequence[Resemblance] | None, kind: str) -> list[int]:
    """Filters sorted by kind, those of other kinds left out."""
    if found is None:
        return list(range(len(shown.filters)))
    wanted = sorted((each for each in found if kind in ("all", each.kind)), key=lambda each: KINDS.index(each.kind))
    return [each.index for each in wanted]
