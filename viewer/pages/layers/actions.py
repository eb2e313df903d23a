"""What can be done in the Layers workspace, as named functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PyQt6.QtCore import QCoreApplication

from viewer.intents import Intent
from viewer.moment import Moment
from viewer.shelf import open_result

if TYPE_CHECKING:
    from viewer.pages.layers.page import LayersPage

LEAST_CROPPED = 64
"""Pixels of the longer side; of smaller pictures nothing is cut away."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("LayersPage", text)


def layers_intents(page: Callable[[], LayersPage]) -> list[Intent]:
    """The intents of the Layers workspace, which is asked for only when one of them is called."""
    group = _tr("Layers")

    def is_here(moment: Moment) -> bool:
        return moment.state.session.workspace == "layers"

    def has_stage(moment: Moment) -> bool:
        if not is_here(moment):
            return False
        from viewer.pages.layers.queries import selected_place

        return selected_place(moment) > 0

    def is_large(moment: Moment) -> bool:
        picture = open_result(moment)
        if picture is None or max(picture.value.shape[:2]) <= LEAST_CROPPED:
            return False
        return is_here(moment) or not picture.value.is_held  # of which every workspace says that a part can be opened

    def has_row(moment: Moment) -> bool:
        return any(stage.is_on for stage in moment.state.document.row)

    def no_row(_moment: Moment) -> str:
        return _tr("The row of the Layers workspace has no stage that is on.")

    return [
        Intent("openRow", _tr("Open a row of stages…"), ("Ctrl+Alt+E",), group, lambda: page().files.choose(),
               workspace="layers", button="openRowButton", keywords=_tr("file load recipe layers json")),
        Intent("saveRow", _tr("Save the row of stages…"), ("Ctrl+Alt+W",), group, lambda: page().files.save(), has_row,
               workspace="layers", button="saveRowButton", keywords=_tr("file export recipe layers json"),
               why_not=no_row),
        Intent("cropPicture", _tr("Open the middle of the picture"), ("Ctrl+Alt+M",), group,
               lambda: page().crop_picture(), is_large, keywords=_tr("crop smaller memory")),
        Intent("removeStage", _tr("Remove the selected stage"), ("Alt+Backspace",), group,
               lambda: page().row.remove_selected(), has_stage, keywords=_tr("delete layer")),
        Intent("duplicateStage", _tr("Duplicate the selected stage"), ("Ctrl+D",), group,
               lambda: page().row.duplicate(), has_stage, keywords=_tr("copy layer")),
        Intent("stageLeft", _tr("Move the selected stage to the left"), ("Alt+PgUp",), group,
               lambda: page().row.move_selected(-1), has_stage),
        Intent("stageRight", _tr("Move the selected stage to the right"), ("Alt+PgDown",), group,
               lambda: page().row.move_selected(1), has_stage),
    ]  # fmt: skip
