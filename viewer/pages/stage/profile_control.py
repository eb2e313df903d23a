"""Measuring along a line: from the line in a picture to the plot, and from there to files."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from PyQt6.QtCore import QObject

from kernels.filtering.geometry import geometry
from kernels.pictures import writing
from kernels.pictures.profile import PROFILE_SUFFIXES, write_profile
from viewer.images import to_array
from viewer.moment import Moment, Work
from viewer.pages.filter.queries import pixel_read
from viewer.pages.stage.queries import PROFILES, Line, Profiles
from viewer.pages.stage.ruler import Pixel, Ruler
from viewer.pages.stage.views.profile import ProfileView
from viewer.saving import Saving
from viewer.session import with_view
from viewer.shelf import open_result
from viewer.store import Store
from viewer.widgets import format_position


class ProfileControl(QObject):
    """Keeps the plot in step with ``StageView.line``; where it is pointed at, `point_at` is told the pixel, or None."""

    def __init__(
        self,
        view: ProfileView,
        ruler: Ruler,
        point_at: Callable[[Pixel | None], object],
        store: Store,
        saving: Saving,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._view, self._ruler, self._store, self._saving = view, ruler, store, saving
        self._point_at = point_at
        self._moment = Moment(store.state)
        self._shown: Profiles | None = None
        view.drawing_switched.connect(ruler.switch)
        ruler.switched.connect(view.show_drawing)
        view.row_requested.connect(partial(self._take, 0))
        view.column_requested.connect(partial(self._take, 1))
        view.clear_requested.connect(lambda: self.rule(None))
        view.pointed.connect(self._point)
        view.export_csv_requested.connect(self._save_values)
        view.export_picture_requested.connect(self._save_picture)

    def rule(self, line: Line | None) -> None:
        """Measure along another line."""
        self._store.view(lambda session: with_view(session, "stage", line=line))

    def render(self, _old: Moment, new: Moment) -> None:
        """Show the values along the line, and where the followed pixel lies on it."""
        self._moment = new
        stage = new.state.session.stage
        if stage.below != "profile":
            self._ruler.switch(False)
            return
        found = new.value(PROFILES) if stage.line is not None else None
        if found is None:
            failure = new.failure(PROFILES)
            self._shown = None
            self._view.show_nothing("" if failure is None or stage.line is None else failure.sentence)
            return
        if found is not self._shown:
            self._shown = found
            output = found.output
            distances, values = (np.zeros(0), np.zeros(0)) if output is None else (output.distances, output.values)
            self._view.show_profile(
                found.source.distances, found.source.values, distances, values, self._caption(found.source.positions)
            )
        self._view.mark(self._place(found))

    def _caption(self, positions: np.ndarray) -> str:
        (y, x), (bottom, right) = positions[0].tolist(), positions[-1].tolist()
        if y == bottom and len(positions) > 1:
            return self.tr("Row y {y}, x {x} to {right}").format(y=y, x=x, right=right)
        if x == right and len(positions) > 1:
            return self.tr("Column x {x}, y {y} to {bottom}").format(x=x, y=y, bottom=bottom)
        return self.tr("{start} to {end}").format(start=format_position(y, x), end=format_position(bottom, right))

    def _place(self, found: Profiles) -> int | None:
        """Where the followed pixel lies on the line; None where it does not."""
        point = self._moment.state.session.stage.point
        if point is None:
            return None
        at = np.flatnonzero((found.source.positions == np.array(point)).all(axis=1))
        return int(at[0]) if at.size else None

    def _take(self, axis: int) -> None:
        """The row (0) or the column (1) of the followed pixel."""
        picture = open_result(self._moment)
        if picture is None:
            return
        shape = picture.value.shape[:2]
        point = self._moment.state.session.stage.point or self._followed(shape)
        y, x = (min(max(at, 0), side - 1) for at, side in zip(point, shape, strict=True))
        self.rule(((y, 0), (y, shape[1] - 1)) if axis == 0 else ((0, x), (shape[0] - 1, x)))

    def _followed(self, shape: tuple[int, ...]) -> tuple[int, int]:
        picture, document = open_result(self._moment), self._moment.state.document
        pixel = None if picture is None else pixel_read(self._moment.state, picture.value)
        if pixel is None:
            return shape[0] // 2, shape[1] // 2
        return geometry(shape, document.kernel.shape, document.options).to_picture(*pixel)

    def _point(self, index: int | None) -> None:
        if self._shown is not None and index is not None:
            y, x = self._shown.source.positions[index].tolist()
            self._point_at((y, x))
        else:
            self._point_at(None)

    # -- files -----------------------------------------------------------------------------------------------------

    def _save_values(self) -> None:
        found = self._shown
        path = self._ask(self.tr("Save the values along the line"), ".csv", "CSV (*.csv)")
        if not path or found is None:
            return

        def write(_work: Work) -> None:
            writing.check_target(path, PROFILE_SUFFIXES, ())
            write_profile(path, found.source, found.output)

        self._saving.write(path, write)

    def _save_picture(self) -> None:
        path = self._ask(self.tr("Save the plot"), ".png", "PNG (*.png)")
        if path and self._shown is not None:
            image = to_array(self._view.picture())

            def write(_work: Work) -> None:
                writing.write_shown(path, image)

            self._saving.write(path, write)

    def _ask(self, title: str, suffix: str, choices: str) -> str:
        reference = self._store.document.picture
        name = "profile" if reference is None else f"{reference.title}-profile"
        return self._saving.ask(title, name + suffix, choices)
