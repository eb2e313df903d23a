"""The Layers workspace: its views and what controls them."""

from __future__ import annotations

import itertools

import numpy as np
from msgspec.structs import replace
from PyQt6.QtCore import QObject

from kernels.pictures.picture import Origin, Picture
from viewer.dialogs import Dialogs
from viewer.moment import Moment, Work
from viewer.pages.layers.looking_control import LookingControl
from viewer.pages.layers.queries import MAP, held_maps, map_read, selected_place, stage_purpose
from viewer.pages.layers.row_control import RowControl
from viewer.pages.layers.row_files import RowFiles
from viewer.pages.layers.stage_maps import middle_that_fits, values_purpose
from viewer.pages.layers.views.workspace import LayersWorkspace
from viewer.pages.layers.words import stages_text
from viewer.painting import paint
from viewer.river import River
from viewer.saving import Saveable, Saving
from viewer.settings import Settings
from viewer.shelf import title_of
from viewer.sources import Sources
from viewer.widgets import format_number, format_position, format_seconds


class LayersPage(QObject):
    """Renders moments while it is in front; coming there, it catches up from the one that it showed last."""

    name, awaited = "layers", MAP

    def __init__(
        self,
        river: River,
        sources: Sources,
        saving: Saving,
        settings: Settings,
        dialogs: Dialogs,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._river, self._sources = river, sources
        self.view = self.widget = LayersWorkspace()
        self.link, self.fold = self.view.maps.link, self.view.fold
        self.row = RowControl(self.view, river.store, self)
        self.files = RowFiles(river.store, sources, saving, settings, dialogs, self)
        self.looking = LookingControl(self.view, river.store, self)
        self.view.strip.header.crop.clicked.connect(self.crop_picture)
        self.view.strip.file_dropped.connect(self.files.open)
        self._painted: Moment | None = None
        self._rendered: Moment | None = None

    def show_progress(self, purpose: str, fraction: float) -> None:
        """The cards say by themselves what is behind."""

    def paint(self, _old: Moment, new: Moment) -> None:
        """Bring the pictures to the panes."""
        if new.state.session.workspace == self.name:
            seen = self._painted or new
            if not self.row.select_after(seen.state.document.row, new):  # else the next moment is on its way
                self._painted = new
                self.looking.paint(seen, new)

    def render(self, _old: Moment, new: Moment) -> None:
        """Show what else has changed since it was last shown."""
        if new.state.session.workspace == self.name:
            seen, self._rendered = self._rendered or new, new
            for place in range(len(new.state.document.row) + 1, len(seen.state.document.row) + 1):
                for purpose in (values_purpose(place), stage_purpose(place)):
                    self._river.compute.forget(purpose)  # beyond the end of the row nothing shows them
            self.row.render(seen, new)
            self.looking.render(seen, new)

    def facts(self, moment: Moment) -> str:
        """The number that is read, and how long the row took, up to a stage that could not be run."""
        purposes = [stage_purpose(place) for place in range(1, len(moment.state.document.row) + 1)]
        run = list(itertools.takewhile(lambda each: moment.failure(each) is None, purposes))
        maps = [found for each in run if (found := moment.value(each)) is not None]
        seconds = sum(each.values.seconds for each in maps)
        many = stages_text(len(maps))
        took = self.tr("{stages} in {t}").format(stages=many, t=format_seconds(seconds)) if seconds else ""
        return "    ".join(each for each in (self._read(moment), took) if each)

    def _read(self, moment: Moment) -> str:
        """The number at the pixel that is read."""
        pixel, (place, number) = moment.state.session.layers.pixel, map_read(moment)
        maps = held_maps(moment, place)
        if pixel is None or maps is None:
            return ""
        values = maps.array if place == 0 else maps.map(number)
        at = min(pixel[0], values.shape[0] - 1), min(pixel[1], values.shape[1] - 1)
        told = ", ".join(format_number(each) for each in np.atleast_1d(values[at]).tolist())
        name = self.tr("map {n}").format(n=number) if place else self.tr("picture")
        return self.tr("{name} at {place}: {value}").format(name=name, place=format_position(*at), value=told)

    def saveable(self, moment: Moment) -> Saveable | None:
        """The selected map."""
        found = moment.value(MAP)
        if found is None:
            return None
        picture, look, values = moment.state.document.picture, found.painted.look, found.painted.values
        title = "picture" if picture is None else picture.title
        return Saveable(
            name=f"{title}-stage-{selected_place(moment)}-map-{found.number}",
            values=values,
            painted=lambda: paint(values, look, halved=0).image,
            levels=look.levels,
        )

    def crop_picture(self) -> None:
        """Open the middle of the picture, so large as the maps of the row fit into memory."""
        picture, row = self._sources.picture, self._river.store.document.row
        if picture is None:
            return
        name = self.tr("Middle of {title}").format(title=title_of(picture))

        def make(_work: Work) -> Picture:
            rows, columns = middle_that_fits(row, picture)
            alpha = None if picture.alpha is None else picture.alpha[rows, columns].copy()
            pixels = picture.pixels[rows, columns].copy()
            return replace(picture, pixels=pixels, alpha=alpha, origin=Origin("output", None, name), note="")

        self._sources.open_made(make, name)
