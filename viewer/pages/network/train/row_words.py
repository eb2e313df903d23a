"""How a row of stages that is to learn is written. No widgets."""

from __future__ import annotations

import re

from PyQt6.QtCore import QCoreApplication

from kernels.cnn.training.plan import LayersRow
from viewer.document import Document
from viewer.pages.layers.row import recipe_of
from viewer.pages.layers.sentences import plain_sentence
from viewer.pages.layers.stages import kind
from viewer.pages.layers.words import row_title, stages_text
from viewer.pages.learned.words import sentence

_PLACE = re.compile(r"stages\[(\d+)\]\.([\w-]+)")


def _tr(text: str) -> str:
    return QCoreApplication.translate("RowWords", text)


def refused(error: str) -> str:
    """Why a row cannot learn: the stage, counted among those that are on and called as under Layers, and the reason."""
    found = _PLACE.match(error)
    if found is None:
        return sentence(error)
    said = plain_sentence(error)
    return _tr("Stage {n}, {title}: {said}").format(n=int(found[1]) + 1, title=kind(found[2]).title, said=said)


def about_row(document: Document, weights: int, given: int) -> str:
    """Which row is to learn, and how many of its weights it brings along."""
    network = document.training.network
    assert isinstance(network, LayersRow)
    said = _tr("{name}, {stages}: {own} weights are the row’s own, {random} random")
    if not _is_in_layers(document):
        said = _tr(
            "An earlier row, {stages}: {own} weights are the row’s own, {random} random. Choose it again to take"
            " “{name}” from Layers"
        )
    return said.format(
        name=row_title(document),
        stages=stages_text(len(network.stages)),
        own=f"{given:,}",
        random=f"{weights - given:,}",
    )


def _is_in_layers(document: Document) -> bool:
    try:
        return document.training.network == row_network(document)
    except (TypeError, ValueError):
        return False


def row_network(document: Document) -> LayersRow:
    """The row under Layers as a network; errors as `recipe_of`."""
    return LayersRow(tuple(recipe_of(document.row).to_dict()["stages"]))
