"""From the options of the Gradient workspace to the document and back."""

from __future__ import annotations

from dataclasses import replace

from PyQt6.QtCore import QObject

from kernels.gradients.operators import OPERATORS
from kernels.pictures.picture import Picture
from viewer.pages.gradient.queries import KERNEL, GradientResult
from viewer.pages.gradient.views.options import OptionsPanel
from viewer.state import Document, GradientOptions, State, with_gradient
from viewer.store import Store

HUE, CYCLIC = "hue", "twilight"


class GradientOptionsController(QObject):
    """Keeps an ``OptionsPanel`` in step with ``Document.gradient`` and the colours of the directions."""

    def __init__(self, view: OptionsPanel, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view, self._store = view, store
        self._result: GradientResult | None = None
        view.offer_operators([
            *((one.name, one.title, one.summary) for one in OPERATORS.values()),
            (KERNEL, self.tr("Kernel in the editor"), self.tr("The kernel of the Filter workspace and its transpose")),
        ])  # fmt: skip
        view.optionChosen.connect(self._choose)
        view.gestureEnded.connect(store.end_gesture)
        view.thresholdsReset.connect(self._reset_thresholds)
        view.coloursSwitched.connect(self._switch_colours)

    def update(self, old: State, new: State) -> None:
        """Show the options of `new`; called after every change, and once with the same state twice."""
        if old is new or old.document.gradient != new.document.gradient:
            options = new.document.gradient
            self._view.show_options(
                operator=options.operator,
                scaling=options.scaling,
                norm=options.norm,
                colour=options.colour,
                sigma=options.sigma,
                derivative_sigma=options.derivative_sigma,
            )
            self._show_thresholds(options)
        if old is new or old.session.gradient.direction_colours != new.session.gradient.direction_colours:
            self._view.show_colours(new.session.gradient.direction_colours == CYCLIC)

    def show_picture(self, picture: Picture) -> None:
        """Another picture is measured."""
        self._view.show_colour_use(picture.is_grey)

    def show_result(self, result: GradientResult) -> None:
        """Show the thresholds that were used, the wheel, and what was done to the kernels."""
        self._result = result
        self._view.message.clear()
        self._view.wheel.set_disc(result.wheel)
        options = self._store.document.gradient
        note = result.gradient.operator.note
        short = self.tr("Diagonals rotated by 45°; the values lie between the pixels.") if note else ""
        self._view.show_note(note if options.operator == KERNEL else short, note)
        self._show_thresholds(options)

    def show_failure(self, message: str) -> None:
        """Say why there is no new gradient."""
        self._view.message.show_error(message)

    def _show_thresholds(self, options: GradientOptions) -> None:
        result = self._result
        low, high = (0.0, 0.0) if result is None else result.thresholds
        # The state is ahead of the answer: a handle stays where the hand is.
        low = low if options.low is None else options.low
        high = high if options.high is None else options.high
        largest = 0.0 if result is None else result.largest
        self._view.show_thresholds(low, max(low, high), largest, automatic=options.low is None and options.high is None)

    def _choose(self, field: str, value: object, gesture: str) -> None:
        texts = {
            "operator": self.tr("Change the gradient operator"),
            "scaling": self.tr("Change the gradient's scaling"),
            "norm": self.tr("Change the magnitude"),
            "colour": self.tr("Change how colours are joined"),
            "sigma": self.tr("Change the smoothing"),
            "derivative_sigma": self.tr("Change the Gaussian derivative"),
            "low": self.tr("Change the lower threshold"),
            "high": self.tr("Change the upper threshold"),
        }
        changes = self._ordered(field, value) if field in ("low", "high") else {field: value}
        token = f"gradient {gesture}" if gesture else None
        self._store.edit(lambda document: self._changed(document, field, changes), texts[field], token)

    def _changed(self, document: Document, field: str, changes: dict[str, object]) -> Document:
        """Another unit of the magnitude makes thresholds of the old one meaningless: they are chosen anew."""
        if field in ("scaling", "operator"):
            changes = {**changes, "low": None, "high": None}
        return with_gradient(document, **changes)

    def _ordered(self, field: str, value: object) -> dict[str, object]:
        """The moved threshold pushes the other one along, so that low never exceeds high."""
        assert isinstance(value, float)
        options = self._store.document.gradient
        low, high = (0.0, 0.0) if self._result is None else self._result.thresholds
        low = low if options.low is None else options.low
        high = high if options.high is None else options.high
        if field == "low":
            return {"low": value} if value <= high else {"low": value, "high": value}
        return {"high": value} if value >= low else {"low": value, "high": value}

    def _reset_thresholds(self) -> None:
        text = self.tr("Choose the thresholds from the picture")
        self._store.edit(lambda document: with_gradient(document, low=None, high=None), text)

    def _switch_colours(self) -> None:
        now = self._store.session.gradient.direction_colours
        other = HUE if now == CYCLIC else CYCLIC
        self._store.view(lambda session: replace(session, gradient=replace(session.gradient, direction_colours=other)))
