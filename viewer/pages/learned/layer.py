"""Which network is loaded, and which of its layers is looked at, with the edits of the document. No Qt."""

from __future__ import annotations

from collections.abc import Hashable

import msgspec
import numpy as np
from numpy.typing import NDArray

from kernels.cnn import parts, weights
from kernels.cnn.network import Network
from kernels.kernel import Kernel
from viewer.document import Document, FilterEdit, FilterReference
from viewer.moment import Moment, Purpose, Query, Work
from viewer.page_views import TRAINED, LearnedView
from viewer.pages.network.train.shown import Checkpoint, shown_checkpoint
from viewer.state import State


class LoadedNetwork(msgspec.Struct, frozen=True, eq=False):
    """A network as its file holds it, under the shipped name or the path that the state calls it, or a checkpoint's.

    `data` is the data set that it was trained on, `accuracy` the share of its test set that it gets right.
    """

    name: str
    network: Network
    data: str
    accuracy: float | None


class EditedNetwork(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """A network, or its copy with edited filters.

    `network` holds `edits`, and why others were left out is `refusal`.
    """

    loaded: LoadedNetwork
    edits: tuple[FilterEdit, ...]
    network: Network
    refusal: str = ""


class LayerView(EditedNetwork, frozen=True, eq=False, kw_only=True):
    """What is looked at: one convolution layer of it; `filters` is (F, kh, kw, C) float32, `key` what it is made of."""

    key: Hashable
    layer: int
    filters: NDArray[np.float32]

    def is_edited(self, index: int) -> bool:
        """True when other weights than the trained ones stand in filter `index`."""
        return any((each.layer, each.index) == (self.layer, index) for each in self.edits)

    def is_like(self, other: LayerView) -> bool:
        """Whether it is the same layer, whatever was edited in it."""
        return (self.loaded, self.layer) == (other.loaded, other.layer)


NETWORK: Purpose[LoadedNetwork] = Purpose("network", "network", "Reading the network")
LAYER: Purpose[LayerView] = Purpose("layer", "network")


def opened_name(name: str, checkpoint: Checkpoint | None) -> str:
    """What edits call the network `name`: where it is `TRAINED`, the checkpoint."""
    return name if checkpoint is None else checkpoint.name


def load(name: str, checkpoint: Checkpoint | None = None) -> LoadedNetwork:
    """Read a network, a shipped one or a file, or that of a checkpoint."""
    if checkpoint is None:
        header, network = weights.load_with_header(name)
    else:
        header, network = checkpoint.shown.run.network(checkpoint.step)
    return LoadedNetwork(opened_name(name, checkpoint), network, header.data, header.figures.accuracy)


def network_query(moment: Moment) -> Query[LoadedNetwork]:
    """The network that is looked at."""
    look = moment.state.session.learned
    checkpoint = shown_checkpoint(moment) if look.network == TRAINED else None

    def make(_work: Work) -> LoadedNetwork:
        loaded = load(look.network, checkpoint)
        if not loaded.network.convolutions:
            raise ValueError(f"{loaded.network.name} has no convolution layer, so there is no filter to show")
        return loaded

    return Query(NETWORK, (look.network, look.opening, opened_name(look.network, checkpoint)), make)


def edits_of(document: Document, name: str) -> tuple[FilterEdit, ...]:
    """The edits of the network `name`."""
    return tuple(each for each in document.filter_edits if each.network == name)


def with_edits(loaded: LoadedNetwork, edits: tuple[FilterEdit, ...]) -> EditedNetwork:
    """The network with `edits`, or as it is where they are edits of a file that has since become another network."""
    network = loaded.network
    try:
        for edit in edits:
            network = network.with_filter(edit.layer, edit.index, edit.kernel.weights)
    except (ValueError, IndexError) as error:
        return EditedNetwork(loaded=loaded, edits=(), network=loaded.network, refusal=str(error))
    return EditedNetwork(loaded=loaded, edits=edits, network=network)


def layer_query(state: State, loaded: LoadedNetwork) -> Query[LayerView]:
    """The layer that is looked at, with the edits of its network; a layer beyond the last is the last."""
    edits = edits_of(state.document, loaded.name)
    layer = min(max(state.session.learned.layer, 0), len(loaded.network.convolutions) - 1)
    key = loaded, edits, layer

    def make(_work: Work) -> LayerView:
        made = with_edits(loaded, edits)
        return LayerView(
            key=key,
            loaded=loaded,
            edits=made.edits,
            network=made.network,
            refusal=made.refusal,
            layer=layer,
            filters=made.network.filters(layer),
        )

    return Query(LAYER, key, make)


def selected(shown: LayerView, look: LearnedView) -> int:
    """The filter that is looked at."""
    return min(max(look.selected, 0), len(shown.filters) - 1)


def part_of(reference: FilterReference) -> parts.Part:
    """What of the filter is in the editor, as `kernels.cnn.parts` calls it."""
    if reference.part == "all":
        return "all"
    return "luma" if reference.part == "luma" else int(reference.part)


def opened(shown: LayerView, index: int, part: str) -> tuple[FilterReference, Kernel]:
    """Return a part of filter `index` as a kernel, and where it came from."""
    reference = FilterReference(shown.loaded.name, shown.layer, index, part)
    kernel = parts.filter_as_kernel(shown.filters, index, part_of(reference))
    return reference, kernel.replace(name=f"{kernel.name} · {shown.network.name} conv{shown.layer + 1}")


def put_back(shown: LayerView, reference: FilterReference, kernel: Kernel) -> FilterEdit | None:
    """Return the edit that puts `kernel` where `reference` says; None where nothing would change.

    ValueError, in a sentence, if it does not fit.
    """
    changed = parts.put_back(shown.filters[reference.index], kernel, part_of(reference))
    if (changed == shown.filters[reference.index]).all():
        return None
    return FilterEdit(reference.network, reference.layer, reference.index, Kernel(changed))


def can_put_back(moment: Moment) -> bool:
    """Whether the kernel in the editor came from the layer shown, fits there and is not what stands there."""
    shown, source, kernel = moment.value(LAYER), moment.state.document.source, moment.state.document.kernel
    if shown is None or source is None or (source.network, source.layer) != (shown.loaded.name, shown.layer):
        return False
    try:
        return source.index < len(shown.filters) and put_back(shown, source, kernel) is not None
    except ValueError:
        return False


def can_restore(moment: Moment) -> bool:
    """Whether other weights than the trained ones stand in the place of the selected filter."""
    shown = moment.value(LAYER)
    return shown is not None and shown.is_edited(selected(shown, moment.state.session.learned))
