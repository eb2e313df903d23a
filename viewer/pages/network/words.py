"""How networks and refusals are written."""

from __future__ import annotations

from typing import Any

from PyQt6.QtCore import QCoreApplication

from kernels.cnn.layers import Composite, Convolution, Dense
from kernels.cnn.models import MODELS
from kernels.cnn.network import Network
from viewer.document import NetworkInput
from viewer.moment import Moment, Purpose
from viewer.page_views import TRAINED
from viewer.pages.learned.accuracy_control import percent, tested_with
from viewer.pages.learned.layer import EditedNetwork
from viewer.pages.learned.words import sentence
from viewer.pages.network.stages import Passed, StageColumn
from viewer.pages.network.train.shown import shown_checkpoint
from viewer.pages.network.train.words import checkpoint_title
from viewer.widgets import format_number


def _tr(text: str) -> str:
    return QCoreApplication.translate("NetworkWords", text)


def network_title(moment: Moment, name: str) -> str:
    """A network, as it is called where it stands beside others."""
    if name == TRAINED:
        checkpoint = shown_checkpoint(moment)
        return _tr("Training run") if checkpoint is None else checkpoint_title(checkpoint)
    return _tr("MLP") if name == "mlp" else MODELS[name].architecture.name


def kind_of(network: Network) -> str:
    """What sort of network it is."""
    if not any(isinstance(layer, Convolution | Composite) for layer in network.architecture.layers):
        return _tr("dense")
    return _tr("for colours") if network.architecture.input[0] > 1 else _tr("convolutional")


def weights_text(network: Network) -> str:
    """How many weights it has."""
    return _tr("{n} weights").format(n=f"{network.architecture.weight_count():,}")


def with_article(name: str) -> str:
    """A class as one of its kind: "a 7", "an 8", "a cat"."""
    article = _tr("an") if name[0] in "8aeiou" else _tr("a")
    return f"{article} {name}"


def about_network(edited: EditedNetwork) -> str:
    """Its weights, and how many test pictures it gets right."""
    loaded = edited.loaded
    said = weights_text(loaded.network)
    if loaded.accuracy is not None:
        said = _tr("{weights}, trained on {data}: {percent} of {pictures} right").format(
            weights=said, data=loaded.data, percent=percent(loaded.accuracy), pictures=tested_with(loaded.data)
        )
    return _tr("{said} · filters edited: {n}").format(said=said, n=len(edited.edits)) if edited.edits else said


def stage_columns(passed: Passed) -> tuple[StageColumn, ...]:
    """The picture and the stages of a network, in words."""
    network, picture = passed.edited.network, passed.picture
    size, border = shape_text(picture.shape), network.preprocessing.padding
    prepared = network.architecture.input[1:]
    bordered = _tr("border {n} → {size}").format(n=border, size=shape_text(prepared)) if border else ""
    made = [StageColumn(_tr("Input"), tuple(each for each in (size, bordered) if each), 1)]
    for number, stage in enumerate(passed.run.stages):
        layer, is_last = network.architecture.layers[stage.layer], number == len(passed.run.stages) - 1
        is_row = len(stage.shape) == 1
        came_in = len(passed.run.maps[stage.layer])
        shape = _tr("{n} units").format(n=stage.shape[0])
        weights = _tr("{n} weights").format(n=f"{stage.weights:,}") if stage.weights else _tr("no weights")
        if not is_row:
            shape = f"{stage.shape[0]} @ {shape_text(stage.shape[1:])}"
        made.append(
            StageColumn(
                title=stage_title(stage.name, is_row=is_row),
                lines=(shape, weights),
                count=stage.shape[0],
                is_own=stage.shape[0] == came_in and not isinstance(layer, Convolution | Dense | Composite),
                classes=network.classes if is_last else (),
                outputs=tuple(stage.after.tolist()) if is_last else (),
            )
        )
    return tuple(made)


def stage_title(name: str, *, is_row: bool) -> str:
    """A stage; how many units a dense one has stands below."""
    return _tr("Dense") if is_row and name.startswith("Dense") else name


def shape_text(shape: tuple[int, ...]) -> str:
    """A size as it is read: "28 × 28"."""
    return " × ".join(map(str, shape))


def moves_text(chosen: NetworkInput) -> str:
    """How the picture was moved; empty where it was not."""
    parts = []
    if chosen.dx:
        way = _tr("{n} right") if chosen.dx > 0 else _tr("{n} left")
        parts.append(way.format(n=abs(chosen.dx)))
    if chosen.dy:
        way = _tr("{n} down") if chosen.dy > 0 else _tr("{n} up")
        parts.append(way.format(n=abs(chosen.dy)))
    moved = [_tr("moved {way}").format(way=", ".join(parts))] if parts else []
    if chosen.rotation:
        moved.append(_tr("turned {n}°").format(n=format_number(chosen.rotation, 3)))
    if chosen.scale != 1.0:
        moved.append(_tr("scaled {n}").format(n=format_number(chosen.scale, 3)))
    if chosen.noise:
        moved.append(_tr("noise {n}").format(n=format_number(chosen.noise, 3)))
    return ", ".join(moved)


def refusal_of(moment: Moment, purpose: Purpose[Any]) -> str:
    """Why there is no result; empty where there is one, or is to be one, or it was stopped."""
    failure = moment.failure(purpose)
    return "" if failure is None or failure.error is None else sentence(failure.sentence)
