"""How accurate the operators are: one line for the operator in use, and the comparison of all."""

from __future__ import annotations

from PyQt6.QtCore import QObject

from viewer.compute import Compute
from viewer.pages.gradient.queries import KERNEL, AccuracyRequest, AccuracyResult
from viewer.pages.gradient.views.accuracy import AccuracyDialog, OperatorErrors
from viewer.pages.gradient.views.options import OptionsPanel
from viewer.resolve import Failure, Response
from viewer.state import State
from viewer.store import Store


class GradientAccuracyController(QObject):
    """Asks for the comparison when the workspace is in front and what is compared has changed."""

    def __init__(self, view: OptionsPanel, store: Store, compute: Compute, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view, self._store, self._compute = view, store, compute
        self._asked: AccuracyRequest | None = None
        self._key: tuple[object, ...] | None = None
        self._result: AccuracyResult | None = None
        self.dialog: AccuracyDialog | None = None
        view.comparisonRequested.connect(self.show_dialog)
        compute.answered.connect(self._take)

    def update(self, old: State, new: State) -> None:
        """Say how accurate the operator of `new` is."""
        if old is new or old.document.gradient.operator != new.document.gradient.operator:
            self._show_line()
        if self.dialog is not None:
            self.dialog.show_current(new.document.gradient.operator)
            if old.document.kernel != new.document.kernel and self.dialog.isVisible():
                self.ask()

    def ask(self) -> None:
        """Compare anew if there is something else to compare."""
        document = self._store.document
        options = document.gradient
        open_now = self.dialog is not None and self.dialog.isVisible()
        kernel = document.kernel if open_now or options.operator == KERNEL else None
        key = options.derivative_sigma, kernel
        if key == self._key:
            return
        self._key = key
        self._asked = AccuracyRequest(derivative_sigma=options.derivative_sigma, kernel=kernel)
        self._compute.submit(self._asked)

    def show_dialog(self) -> None:
        """Open the table and the plot, beside the window."""
        if self.dialog is None:
            self.dialog = AccuracyDialog(self._view.window())
            self.dialog.show_current(self._store.document.gradient.operator)
            self._fill_dialog()
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()
        self.ask()

    def _take(self, answer: Response | Failure) -> None:
        if answer.request is not self._asked:
            return
        if isinstance(answer, Failure):
            self._key = None
            self._view.show_accuracy(answer.message)
            return
        self._result = answer.result
        self._show_line()
        self._fill_dialog()

    def _show_line(self) -> None:
        if self._result is None:
            return
        name = self._store.document.gradient.operator
        found = next((each for each in self._result.operators if each.name == name), None)
        if found is None:
            self._view.show_accuracy(self._result.refusal if name == KERNEL else "")
            return
        cone = found.rows[0]
        text = self.tr("{operator}: mean {mean}, worst {worst} on the cone.")
        self._view.show_accuracy(
            text.format(operator=found.title, mean=_angle(cone.mean_angle), worst=_angle(cone.max_angle))
        )

    def _fill_dialog(self) -> None:
        if self.dialog is None or self._result is None or not self._result.operators:
            return
        short = {"cone": self.tr("Cone"), "zone-plate": self.tr("Zone plate"), "sinusoid": self.tr("Sinusoid")}
        pictures = []
        for row in self._result.operators[0].rows:
            title = row.picture.title
            name = short.get(row.picture.name, title)
            frequency = title.split(" ")[1] if row.picture.name == "sinusoid" else ""
            pictures.append((f"{name} {frequency}".strip(), title))
        operators = [
            OperatorErrors(
                each.name,
                self.tr("{title} (in the editor)").format(title=each.title) if each.name == KERNEL else each.title,
                tuple((row.mean_angle, row.max_angle, row.mean_magnitude, row.max_magnitude) for row in each.rows),
                each.frequencies,
                each.worst_angles,
            )
            for each in self._result.operators
        ]
        self.dialog.show_comparison(pictures, operators, self._result.refusal)


def _angle(degrees: float) -> str:
    """An angle to two figures; what is less than a thousandth of a degree is said as less."""
    return "<0.001°" if degrees < 0.001 else f"{float(f'{degrees:.2g}'):g}°"
