"""Rows of stages in files: recipes, as `kernelscope apply --recipe` reads them."""

from __future__ import annotations

import os
from functools import partial

from PyQt6.QtCore import QObject

from kernels.recipe import Recipe
from kernels.recipe.files import read_recipe, write_recipe
from viewer.dialogs import Dialogs
from viewer.pages.layers.row import recipe_of, with_row
from viewer.saving import Saving
from viewer.settings import Settings
from viewer.sources import Sources
from viewer.store import Store

SUFFIX = ".json"


class RowFiles(QObject):
    """Asks which file, and has it read or written; what goes wrong is said in one sentence, with the row as it was."""

    def __init__(
        self, store: Store, sources: Sources, saving: Saving, settings: Settings, dialogs: Dialogs, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._store, self._sources, self._saving = store, sources, saving
        self._settings, self._dialogs = settings, dialogs

    def choose(self) -> None:
        """Ask for a file and open its row."""
        choices = self.tr("Rows of stages (*{suffix});;All files (*)").format(suffix=SUFFIX)
        path = self._dialogs.ask_open(self.tr("Open a row of stages"), self._settings.folder(), choices)
        if path:
            self.open(path)

    def open(self, path: str) -> None:
        """Put the row of a file into the place of the present one, as one step of undo."""
        self._sources.read(path, lambda: read_recipe(path), partial(self._take, os.path.basename(path)))

    def _take(self, name: str, recipe: Recipe) -> None:
        text = self.tr("Open {name}").format(name=name)
        self._store.edit(lambda document: with_row(document, name, recipe), text)

    def save(self) -> None:
        """Ask where to save the row, and write the stages that are on."""
        document = self._store.document
        proposal = os.path.join(self._settings.folder(), document.row_name.removesuffix(SUFFIX) + SUFFIX)
        choices = self.tr("Row of stages (*{suffix})").format(suffix=SUFFIX)
        path = self._dialogs.ask_save(self.tr("Save the row of stages"), proposal, choices)
        if path:
            recipe = recipe_of(document.row)
            path = path if os.path.splitext(path)[1] else path + SUFFIX
            self._saving.write(path, lambda _work: write_recipe(path, recipe))
