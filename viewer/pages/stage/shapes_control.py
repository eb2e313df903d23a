"""Shapes: from the document, or from a case of Dumoulin and Visin, to the drawing, and from its numbers back."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace
from PyQt6.QtCore import QObject

from kernels.filtering.geometry import geometry, padding_in_pixels
from kernels.filtering.shapes import CASES, Case
from kernels.filtering.transposed import TransposedGeometry
from viewer.document import Document
from viewer.moment import Moment
from viewer.pages.filter.sliding_control import SlidingControl
from viewer.pages.stage.views.shapes import ShapesView
from viewer.pages.stage.views.shapes_layout import Axis, Shape, shape_of
from viewer.session import with_view
from viewer.shelf import open_result
from viewer.store import Store
from viewer.widgets.choices import Choice

NUMBERS = ("input", "kernel", "stride", "padding", "output_padding", "dilation")


class ShapesControl(QObject):
    """Shows the geometry of the document, or one of the ready-made cases with numbers that can be changed."""

    def __init__(self, view: ShapesView, store: Store, sliding: SlidingControl, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view, self._store, self._sliding = view, store, sliding
        self._shown: object = None
        view.cases.offer(self._rows())
        view.cases.chosen.connect(lambda key: self._take(CASES.get(key)))
        view.numbers.changed.connect(self._change)
        view.numbers.gesture_ended.connect(store.end_gesture)

    def _rows(self) -> list[tuple[Choice, ...]]:
        """The picture that is open, then each case with its transposed form."""
        rows: list[tuple[Choice, ...]] = [
            (("", self.tr("This picture"), self.tr("Draw the shapes of the open picture and its kernel")),)
        ]
        for key, case in CASES.items():
            if not case.is_transposed:
                turned = f"{key}-transposed"
                forms = [(key, case.name), *([(turned, self.tr("Transposed"))] if turned in CASES else [])]
                rows.append(tuple((each, title, self._tip(CASES[each])) for each, title in forms))
        return rows

    def _tip(self, case: Case) -> str:
        name = self.tr("{name}, transposed").format(name=case.name) if case.is_transposed else case.name
        sizes = f"{case.input} → {case.output}"
        return self.tr("{name}: {sizes} (figure {figure})").format(name=name, sizes=sizes, figure=case.figure)

    # -- what is changed -------------------------------------------------------------------------------------------

    def _take(self, case: Case | None) -> None:
        self._store.view(lambda session: with_view(session, "stage", case=case))

    def _change(self, name: str, value: int, gesture: str) -> None:
        """Change a number of the case; of the open picture, the option of that name along both axes."""
        case = self._store.session.stage.case
        if case is None:
            self._sliding.choose_option(name, (value, value), gesture)
        else:
            numbers: dict[str, Any] = {name: value}
            self._take(replace(case, **numbers))

    # -- what is shown ---------------------------------------------------------------------------------------------

    def render(self, _old: Moment, new: Moment) -> None:
        """Follow the choice, the picture and the options."""
        stage, document, picture = new.state.session.stage, new.state.document, open_result(new)
        shape = None if picture is None else picture.value.shape[:2]
        wanted = stage.case, document.options, document.kernel.shape, shape
        if stage.below != "shapes" or wanted == self._shown:
            return
        self._shown = wanted
        try:
            if stage.case is not None:
                self._show_case(stage.case)
            elif shape is not None:
                self._show_picture(document, shape)
        except ValueError as error:
            self._view.show_nothing(str(error))

    def _show_picture(self, document: Document, shape: tuple[int, ...]) -> None:
        (stride, _), (dilation, _) = document.options.steps
        padding, _ = padding_in_pixels(document.kernel.shape, document.options)
        self._view.cases.show_chosen("")
        self._view.numbers.show_numbers(
            self.tr("Both axes"), {"stride": stride, "padding": padding, "dilation": dilation}
        )
        self._view.numbers.show_others("", {})
        found = geometry(shape, document.kernel.shape, document.options)
        lines = [found.formula(0), found.formula(1)]
        axes = lines[:1] if lines[0] == lines[1] else [f"y: {lines[0]}", f"x: {lines[1]}"]
        rule = self.tr("Output: (n + before + after − k′)/s + 1, rounded down")
        self._view.show_shape(shape_of(found), rule, axes)

    def _show_case(self, case: Case) -> None:
        self._view.cases.show_chosen(next((key for key, known in CASES.items() if known == case), None))
        numbers = self._view.numbers
        names = [name for name in NUMBERS if case.is_transposed or name != "output_padding"]
        titles = self.tr("Direct"), self.tr("Transposed")
        numbers.show_numbers(titles[case.is_transposed], {name: getattr(case, name) for name in names})
        numbers.show_others("", {})  # until they are known
        if case.is_transposed:
            found = case.transposed()
            if found.before[0] < 0:
                sentence = self.tr(
                    "p is {p}, but beyond k′ − 1 = {most} pixels of the input are cut off; use a smaller p."
                )
                raise ValueError(sentence.format(p=case.padding, most=found.effective_shape[0] - 1))
            shape, lines = _stretched(found), [found.formula(0), found.direct_formula(0)]
            rule = self.tr("Output: (i − 1)·s + k′ + a − 2p, or as a direct one:")
            others = Case("", "", found.stretched_shape[0], case.kernel, 1, found.before[0], case.output_padding,
                          case.dilation)  # fmt: skip
        else:
            direct, others = case.direct(), case.turned()
            shape, lines = shape_of(direct), [direct.formula(0)]
            rule = self.tr("Output: (i + 2p − k′)/s + 1, rounded down")
        numbers.show_others(titles[not case.is_transposed], {name: getattr(others, name) for name in NUMBERS})
        self._view.show_shape(shape, rule, lines)


def _stretched(found: TransposedGeometry) -> Shape:
    """What is drawn of a transposed convolution: the kernel of the direct one that computes the same, at stride 1."""
    rows, columns = (
        Axis(
            pixels=found.image_shape[axis],
            before=found.before[axis],
            after=found.after[axis],
            taps=found.kernel_shape[axis],
            dilation=found.dilation[axis],
            stride=1,
            windows=found.output_shape[axis],
            anchor=(found.effective_shape[axis] - 1) // 2,
            inserted=found.zeros_between[axis],
        )
        for axis in (0, 1)
    )
    return rows, columns
