"""What is taken away of the runs: curves, film strip, networks, and the plan that repeats a run."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import QObject
from PyQt6.QtGui import QImage

from kernels.cnn import weights
from kernels.cnn.pytorch.source import save_source
from kernels.cnn.training.curves_file import write_curves
from kernels.cnn.training.plan import encoded, repeating
from kernels.files import write_bytes
from kernels.pictures.animation import write_gif
from kernels.pictures.writing import check_target, write_shown
from viewer import theme
from viewer.images import to_array
from viewer.moment import Moment, Work
from viewer.pages.network.train.film import film
from viewer.pages.network.train.film_animation import FilmAnimation
from viewer.pages.network.train.queries import first_layer_at
from viewer.pages.network.train.shown import RUNS, Checkpoint, ShownRun, lineage, shown_checkpoint, shown_run
from viewer.pages.network.train.views.middle import TrainMiddle
from viewer.pages.network.train.words import checkpoint_title, run_name
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
        """Save something of the run that is shown.

        Parameters
        ----------
        what : str
            "curves-csv", "curves-picture", "film-picture", "film-gif" or "plan"; "weights" or "pytorch" of the
            checkpoint that is shown.
        """
        moment = self._river.moment
        run, checkpoint = shown_run(moment), shown_checkpoint(moment)
        if run is None:
            return
        match what:
            case "curves-csv":
                self._save_table(moment, run)
            case "curves-picture":
                self._save_picture(self._view.curves_picture(), self.tr("Save the curves"), f"{run_name(run)} curves")
            case "film-picture":
                self._save_picture(self._view.film_picture(), self.tr("Save the film strip"), f"{run_name(run)} film")
            case "film-gif":
                self._save_animation(moment, run)
            case "weights" if checkpoint is not None:
                self._save_weights(checkpoint)
            case "pytorch" if checkpoint is not None:
                self._save_source(checkpoint)
            case "plan":
                self._save_plan(run)

    def _save_table(self, moment: Moment, run: ShownRun) -> None:
        found = moment.value(RUNS)
        curves = {} if found is None else {each.run.name: each.curves for each in found.runs}
        self._saving.save_as(
            self.tr("Save the curves"), f"{run_name(run)} curves.csv", "CSV (*.csv)",
            lambda path, _work: write_curves(path, curves),
        )  # fmt: skip

    def _save_picture(self, image: QImage | None, title: str, name: str) -> None:
        if image is not None:
            pixels = to_array(image)

            def write(path: str, _work: Work) -> None:
                write_shown(Path(path), pixels)

            self._saving.save_as(title, f"{name}.png", "PNG (*.png);;JPEG (*.jpg)", write)

    def _save_animation(self, moment: Moment, run: ShownRun) -> None:
        title, palette, font = run_name(run), theme.palette(), theme.font()
        where = lineage(moment, run)

        def write(path: str, work: Work) -> None:
            layers = []
            for number, (step, kept_by) in enumerate(where.items()):
                layers.append(first_layer_at(work, kept_by, step))
                work.progress(number / len(where))
            made = FilmAnimation(film(layers), title, palette, font)
            write_gif(
                path, made.frames(), sample=made.sample(), count=made.count, frame_seconds=FRAME_SECONDS,
                cancelled=work.cancelled,
            )  # fmt: skip

        if run.checkpoints:
            self._saving.save_as(self.tr("Save the film strip"), f"{title} film.gif", "GIF (*.gif)", write)

    def _save_weights(self, checkpoint: Checkpoint) -> None:
        choices = self.tr("NumPy (*.npz)") + ";;" + self.tr("Safetensors, with PyTorch's names (*.safetensors)")

        def write(path: str, _work: Work) -> None:
            check_target(path, weights.SUFFIXES)
            header, network = checkpoint.shown.run.network(checkpoint.step)
            weights.save(path, network, data=header.data, figures=header.figures)

        self._saving.save_as(self.tr("Save the weights"), f"{_plain_title(checkpoint)}.npz", choices, write)

    def _save_source(self, checkpoint: Checkpoint) -> None:
        # Underscores, so that Python can import it.
        name = f"{_plain_title(checkpoint)}.py".replace(" ", "_")

        def write(path: str, _work: Work) -> str:
            header, network = checkpoint.shown.run.network(checkpoint.step)
            beside = save_source(path, network, data=header.data, figures=header.figures)
            return self.tr("its weights are beside it, in {name}").format(name=beside.name)

        self._saving.save_as(self.tr("Save as PyTorch source"), name, "Python (*.py)", write)

    def _save_plan(self, run: ShownRun) -> None:
        def write(path: str, _work: Work) -> str:
            check_target(path, (".json",))
            write_bytes(path, encoded(repeating(run.run.plan, run.steps)))
            parent = run.run.parent
            if parent is None:
                return self.tr("kernelscope train --plan {name} -o weights.npz repeats the run").format(
                    name=Path(path).name
                )
            return self.tr("it begins with new weights, not as the branch did with those of step {n}").format(
                n=f"{parent.step:,}"
            )

        name = f"{run_name(run)} plan.json"
        self._saving.save_as(self.tr("Save the training plan"), name, "JSON (*.json)", write)


def _plain_title(checkpoint: Checkpoint) -> str:
    """What to call the file of a checkpoint."""
    return checkpoint_title(checkpoint).replace(",", "")
