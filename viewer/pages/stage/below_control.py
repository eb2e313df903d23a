"""What may stand below the pictures beside the arithmetic: the kernel again and again, and two borders."""

from __future__ import annotations

from PyQt6.QtCore import QObject

from kernels.filtering.border import Border
from kernels.pictures.picture import from_array
from viewer.moment import Moment
from viewer.page_views import StageView
from viewer.pages.filter.views.sliding import choices
from viewer.pages.stage.queries import BORDERS, REPEATED, Repetition
from viewer.pages.stage.scan import Area, covered_areas
from viewer.pages.stage.views.borders import BordersView
from viewer.pages.stage.views.repeat import RepeatTexts, RepeatView
from viewer.painting import Bytes, Painted
from viewer.session import with_view
from viewer.sources import Sources
from viewer.store import Store
from viewer.widgets import format_number


class RepeatControl(QObject):
    """Shows what comes of applying the kernel again and again."""

    def __init__(self, view: RepeatView, store: Store, sources: Sources, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view, self._store, self._sources = view, store, sources
        self._shown: object = None
        self._found: Repetition | None = None
        view.times_changed.connect(lambda n: store.view(lambda session: with_view(session, "stage", times=n)))
        view.adopt_requested.connect(self._adopt)

    def render(self, _old: Moment, new: Moment) -> None:
        """Show the newest result; a failure leaves the last one where the view keeps it."""
        stage = new.state.session.stage
        if stage.below != "repeat":
            return
        self._view.show_times(stage.times)
        found, failure = new.value(REPEATED), new.failure(REPEATED)
        if failure is not None:
            self._shown, self._found = failure, None
            self._view.show_nothing(failure.sentence)
        elif found is not None:
            hidden = _hidden(stage, found.values.shape)
            if (found, hidden) != self._shown:
                self._shown, self._found = (found, hidden), found
                pictures = _bytes(found.applied), _known(found.gaussian), _known(found.change)
                self._view.show_result(found.times, *pictures, _texts(found), hidden)

    def _adopt(self) -> None:
        found, reference = self._found, self._store.document.picture
        if found is None or reference is None:
            return
        name = self.tr("{title}, kernel applied {n} times").format(title=reference.title, n=found.times)
        white = max(abs(each) for each in found.applied.levels)
        self._sources.open_made(lambda _work: from_array(found.values, white=white, kind="output", name=name), name)


def _texts(found: Repetition) -> RepeatTexts:
    if found.sigma is None or found.distance is None:
        return RepeatTexts(note=found.reason)
    y, x = (format_number(each, 3) for each in found.sigma)
    largest, mean = (format_number(each, 3) for each in (found.distance.largest, found.distance.root_mean_square))
    return RepeatTexts(gaussian=f"σ {y}" if y == x else f"σ {y}, {x}", difference=f"≤ {largest}, RMS {mean}")


class BordersControl(QObject):
    """Shows what another border would change."""

    def __init__(self, view: BordersView, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view = view
        self._shown: object = None
        view.other_chosen.connect(
            lambda name: store.view(lambda session: with_view(session, "stage", other_border=name))
        )

    def render(self, _old: Moment, new: Moment) -> None:
        """Show the newest comparison."""
        stage, document = new.state.session.stage, new.state.document
        if stage.below != "borders":
            return
        titles = {data: title for data, title, _tip in choices.borders()}
        present, other = titles[Border(document.options.border).value], titles[stage.other_border]
        self._view.show_borders(self.tr("{present} against").format(present=present), stage.other_border)
        found, failure = new.value(BORDERS), new.failure(BORDERS)
        if failure is not None:
            self._shown = failure
            self._view.show_nothing(failure.sentence)
            return
        hidden = () if found is None else _hidden(stage, found.shape)
        if found is None or (found, hidden) == self._shown:
            return
        self._shown = found, hidden
        rows, columns = found.shape[:2]
        text = self.tr("The output is the same with both borders.")
        if hidden:
            text = self.tr("How many output pixels differ is told once all of them are.")
        elif found.count:
            text = self.tr(
                "of {count} output pixels differ between “{present}” and “{other}”, by up to {largest}."
            ).format(count=f"{rows * columns:,}", present=present, other=other, largest=format_number(found.largest, 4))
        picture = _bytes(found.painted)
        assert picture is not None
        self._view.show_difference(picture, "?" if hidden else f"{found.count:,}", text, hidden)


def _hidden(stage: StageView, shape: tuple[int, ...]) -> tuple[Area, ...]:
    """What Predict still hides of an output of that shape, as shares of its sides."""
    if not stage.predict:
        return ()
    rows, columns = shape[:2]
    return tuple(
        (top / rows, left / columns, high / rows, wide / columns)
        for top, left, high, wide in covered_areas(stage, (rows, columns))
    )


def _bytes(painted: Painted) -> Bytes:
    return painted.image if painted.image.ndim == 2 else painted.image[..., :3]


def _known(painted: Painted | None) -> Bytes | None:
    return None if painted is None else _bytes(painted)
