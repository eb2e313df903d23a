"""What is taken away of the runs: their curves, and the film strip."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import QObject
from PyQt6.QtGui import QImage

from kernels.cnn.training.curves_file import write_curves
from kernels.pictures.animation import write_gif
from kernels.pictures.writing import write_shown
from viewer import theme
from viewer.images import to_array
from viewer.moment import Moment, Work
from viewer.pages.network.train.film import film
from viewer.pages.network.train.film_animation import FilmAnimation
from viewer.pages.network.train.queries import first_layer_at
from viewer.pages.network.train.shown import RUNS, ShownRun, lineage, shown_run
from viewer.pages.network.train.views.middle import TrainMiddle
from viewer.pages.network.train.words import run_name
from viewer.river import River
from viewer.saving import Saving

FRAME_SECONDS = 0.2


class ExportControl(QObject):
    """Asks where to, and has the file written."""

    def __init__(self, view: TrainMiddle, river: River, saving: Saving, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view, self._river, self._saving = view, river, saving
        view.save_requested.connect(self.save)

    def save(self, what: str) -> None:
        """Save "curves-csv", "curves-picture", "film-picture" or "film-gif" of the run that is shown."""
        moment = self._river.moment
        run = shown_run(moment)
        if run is None:
            return
        if what == "curves-csv":
            self._save_table(moment, run)
        elif what == "film-gif":
            self._save_animation(moment, run)
        else:
            image = self._view.curves_picture() if what == "curves-picture" else self._view.film_picture()
            title = self.tr("Save the curves") if what == "curves-picture" else self.tr("Save the film strip")
            self._save_picture(image, title, f"{run_name(run)} {what.partition('-')[0]}.png")

    def _save_table(self, moment: Moment, run: ShownRun) -> None:
        found = moment.value(RUNS)
        curves = {} if found is None else {each.run.name: each.curves for each in found.runs}
        path = self._saving.ask(self.tr("Save the curves"), f"{run_name(run)} curves.csv", "CSV (*.csv)")
        if path:
            self._saving.write(path, lambda _work: write_curves(path, curves))

    def _save_picture(self, image: QImage | None, title: str, name: str) -> None:
        path = "" if image is None else self._saving.ask(title, name, "PNG (*.png);;JPEG (*.jpg)")
        if image is not None and path:
            pixels = to_array(image)
            self._saving.write(path, lambda _work: write_shown(Path(path), pixels))

    def _save_animation(self, moment: Moment, run: ShownRun) -> None:
        path = self._saving.ask(self.tr("Save the film strip"), f"{run_name(run)} film.gif", "GIF (*.gif)")
        title, palette, font = run_name(run), theme.palette(), theme.font()
        where = lineage(moment, run)

        def write(work: Work) -> None:
            layers = []
            for number, (step, kept_by) in enumerate(where.items()):
                layers.append(first_layer_at(work, kept_by, step))
                work.progress(number / len(where))
            made = FilmAnimation(film(layers), title, palette, font)
            write_gif(
                path, made.frames(), sample=made.sample(), count=made.count, frame_seconds=FRAME_SECONDS,
                cancelled=work.cancelled,
            )  # fmt: skip

        if path and run.checkpoints:
            self._saving.write(path, write)
