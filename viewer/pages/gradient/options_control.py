"""From the options of the Gradient workspace to the document and back."""

from __future__ import annotations

from PyQt6.QtCore import QObject

from kernels.gradients.operators import OPERATORS
from kernels.gradients.scale import Thresholds
from viewer.document import Document, GradientOptions, with_gradient
from viewer.moment import Moment
from viewer.pages.gradient.operators import KERNEL
from viewer.pages.gradient.painting import thresholds_of
from viewer.pages.gradient.queries import NUMBERS, PANES, WHEEL
from viewer.pages.gradient.views.options import OptionsPanel
from viewer.session import with_view
from viewer.shelf import PICTURE, open_result
from viewer.store import Store


class OptionsControl(QObject):
    """Keeps an ``OptionsPanel`` in step with ``Document.gradient`` and the colours of the directions."""

    def __init__(self, view: OptionsPanel, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view, self._store = view, store
        self._chosen: Thresholds = (0.0, 0.0)  # of the gradient on screen
        view.operator.offer([
            *((one.name, one.title, one.summary) for one in OPERATORS.values()),
            (KERNEL, self.tr("Kernel in the editor"), self.tr("The kernel of the Filter workspace and its transpose")),
        ])  # fmt: skip
        view.option_chosen.connect(self._choose)
        view.gesture_ended.connect(store.end_gesture)

    def render(self, old: Moment, new: Moment) -> None:
        """Show the options, and what the gradient on screen says about them."""
        before, after = old.state.document.gradient, new.state.document.gradient
        first, shown, gradient = old is new, new.value(PANES), new.is_newer(old, PANES)
        if first or before != after:
            self._view.show_options(
                operator=after.operator,
                scaling=after.scaling,
                norm=after.norm,
                colour=after.colour,
                sigma=after.sigma,
                derivative_sigma=after.derivative_sigma,
            )
        if gradient and shown is not None:
            self._chosen = shown.scale.chosen
            note = shown.gradient.operator.note
            short = self.tr("Diagonals rotated by 45°; the values lie between the pixels.") if note else ""
            self._view.show_note(note if shown.options.operator == KERNEL else short, note)
        if before != after or new.is_newer(old, PANES, NUMBERS):
            self._show_thresholds(after, new)
        colours = new.state.session.gradient.direction_colours
        if first or old.state.session.gradient.direction_colours != colours:
            self._view.show_colours(colours == "twilight")
        disc = new.value(WHEEL)
        if disc is not None and new.is_newer(old, WHEEL):
            self._view.wheel.set_disc(disc)
        picture = open_result(new)
        if picture is not None and new.is_newer(old, PICTURE):
            self._view.show_colour_use(picture.value.is_grey)

    def _show_thresholds(self, options: GradientOptions, moment: Moment) -> None:
        # As they are set, ahead of the answer: a handle stays where the hand is.
        low, high = thresholds_of(options, self._chosen)
        numbers = moment.value(NUMBERS)
        largest = 0.0 if numbers is None else numbers.largest
        automatic = options.low is None and options.high is None
        self._view.show_thresholds(low, max(low, high), largest, automatic=automatic)

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
        low, high = thresholds_of(self._store.document.gradient, self._chosen)
        if field == "low":
            return {"low": value} if value <= high else {"low": value, "high": value}
        return {"high": value} if value >= low else {"low": value, "high": value}

    def reset_thresholds(self) -> None:
        """Choose both thresholds from the picture."""
        text = self.tr("Choose the thresholds from the picture")
        self._store.edit(lambda document: with_gradient(document, low=None, high=None), text)

    def switch_colours(self) -> None:
        """From hues to the map that any colour vision reads, and back."""
        now = self._store.session.gradient.direction_colours
        other = "hue" if now == "twilight" else "twilight"
        self._store.view(lambda session: with_view(session, "gradient", direction_colours=other))
