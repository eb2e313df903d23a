"""What may stand below the pictures beside the arithmetic: shapes, the kernel again and again, two borders."""

from __future__ import annotations

from PyQt6.QtCore import QObject

from kernels.filtering.border import Border
from kernels.filtering.geometry import geometry
from kernels.filtering.shapes import CASES
from kernels.filtering.shapes import Case as KnownCase
from kernels.pictures.picture import from_array
from viewer.moment import Moment
from viewer.pages.filter.views.sliding import choices
from viewer.pages.stage.queries import BORDERS, REPEATED, Repetition
from viewer.pages.stage.views.borders import BordersView
from viewer.pages.stage.views.repeat import RepeatTexts, RepeatView
from viewer.pages.stage.views.shapes import Case, ShapesView
from viewer.painting import Bytes, Painted
from viewer.session import with_stage_view
from viewer.shelf import open_result
from viewer.sources import Sources
from viewer.store import Store
from viewer.widgets import format_number


class ShapesControl(QObject):
    """Shows the geometry of the document, or one of the ready-made cases."""

    def __init__(self, view: ShapesView, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view = view
        self._cases = {name: _told(name, case) for name, case in CASES.items()}
        self._shown: object = None
        view.offer_cases(list(self._cases.values()))
        view.case_chosen.connect(lambda name: store.view(lambda session: with_stage_view(session, case=name)))
        view.picture_requested.connect(lambda: store.view(lambda session: with_stage_view(session, case="")))

    def render(self, _old: Moment, new: Moment) -> None:
        """Follow the choice, the picture and the options."""
        stage, document, picture = new.state.session.stage, new.state.document, open_result(new)
        shape = None if picture is None else picture.value.shape[:2]
        wanted = stage.case, document.options, document.kernel.shape, shape
        if stage.below != "shapes" or wanted == self._shown:
            return
        self._shown = wanted
        if stage.case:
            self._view.show_case(self._cases[stage.case])
        elif shape is not None:
            try:
                self._view.show_geometry(geometry(shape, document.kernel.shape, document.options))
            except ValueError as error:
                self._view.show_geometry(None, str(error))


def _told(name: str, case: KnownCase) -> Case:
    """A case as the view shows it, with its parameters as a direct and as a transposed convolution."""
    direct = transposed = ""
    if case.is_transposed:
        found = case.transposed()
        transposed = _lines(i=case.input, k=case.kernel, s=case.stride, p=case.padding, a=case.output_padding)
        direct = _lines(i=found.stretched_shape[0], k=case.kernel, s=1, p=found.before[0], a=case.output_padding)
    return Case(
        name=name,
        title=case.name.removesuffix(", transposed"),
        is_transposed=case.is_transposed,
        input=case.input,
        kernel=case.kernel,
        stride=case.stride,
        padding=case.padding,
        output_padding=case.output_padding,
        dilation=case.dilation,
        output=case.output,
        direct=direct,
        transposed=transposed,
    )


def _lines(**numbers: int) -> str:
    return "\n".join(f"{name} = {number}" for name, number in numbers.items() if number or name != "a")


class RepeatControl(QObject):
    """Shows what comes of applying the kernel again and again."""

    def __init__(self, view: RepeatView, store: Store, sources: Sources, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view, self._store, self._sources = view, store, sources
        self._shown: object = None
        self._found: Repetition | None = None
        view.times_changed.connect(lambda n: store.view(lambda session: with_stage_view(session, times=n)))
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
        elif found is not None and found is not self._shown:
            self._shown = self._found = found
            self._view.show_result(
                found.times, _bytes(found.applied), _known(found.gaussian), _known(found.change), _texts(found)
            )

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
        view.other_chosen.connect(lambda name: store.view(lambda session: with_stage_view(session, other_border=name)))

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
        if found is None or found is self._shown:
            return
        self._shown = found
        rows, columns = found.shape[:2]
        text = self.tr("The output is the same with both borders.")
        if found.count:
            text = self.tr(
                "of {count} output pixels differ between “{present}” and “{other}”, by up to {largest}."
            ).format(count=f"{rows * columns:,}", present=present, other=other, largest=format_number(found.largest, 4))
        picture = _bytes(found.painted)
        assert picture is not None
        self._view.show_difference(picture, f"{found.count:,}", text)


def _bytes(painted: Painted) -> Bytes:
    return painted.image if painted.image.ndim == 2 else painted.image[..., :3]


def _known(painted: Painted | None) -> Bytes | None:
    return None if painted is None else _bytes(painted)
