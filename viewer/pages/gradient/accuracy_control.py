"""How accurate the operators are: one line for the operator in use, and the comparison of all."""

from __future__ import annotations

from msgspec.structs import replace
from PyQt6.QtCore import QObject

from viewer.moment import Moment
from viewer.pages.gradient import accuracy
from viewer.pages.gradient.operators import KERNEL
from viewer.pages.gradient.views.accuracy import AccuracyDialog
from viewer.pages.gradient.views.options import OptionsPanel
from viewer.session import with_view
from viewer.store import Store


class AccuracyControl(QObject):
    """Says how accurate the operator in use is; the comparison stands beside the window as long as it is wanted."""

    def __init__(self, view: OptionsPanel, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view, self._store = view, store
        self.dialog: AccuracyDialog | None = None

    def render(self, old: Moment, new: Moment) -> None:
        """Show what is known of the operators."""
        purposes = (accuracy.NAMED, accuracy.OF_GAUSSIAN, accuracy.OF_KERNEL)
        operator = new.state.document.gradient.operator
        results = new.is_newer(old, *purposes)
        other = old.state.document.gradient.operator != operator
        if results or other:
            self._show_line(new)
        if self.dialog is not None and other:
            self.dialog.show_current(operator)
        if self.dialog is not None and (results or not old.state.session.gradient.comparison):
            self._fill_dialog(new)

    def show_dialog(self) -> None:
        """Open the table and the plot, beside the window."""
        if self.dialog is None:
            self.dialog = AccuracyDialog(self._view.window())
            self.dialog.show_current(self._store.document.gradient.operator)
            self.dialog.finished.connect(lambda _code: self._follow(False))
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()
        self._follow(True)

    def _follow(self, is_open: bool) -> None:
        self._store.view(lambda session: with_view(session, "gradient", comparison=is_open))

    def _show_line(self, moment: Moment) -> None:
        name = moment.state.document.gradient.operator
        found = next((each for each in accuracy.compared(moment) if each.name == name), None)
        refusal = moment.failure(accuracy.OF_KERNEL)
        text = refusal.sentence if name == KERNEL and refusal is not None else ""
        if found is not None:
            cone = found.rows[0]
            text = self.tr("{operator}: mean {mean}, worst {worst} on the cone.").format(
                operator=found.title, mean=_angle(cone.mean_angle), worst=_angle(cone.max_angle)
            )
        self._view.accuracy.setText(text)

    def _fill_dialog(self, moment: Moment) -> None:
        compared, refusal = accuracy.compared(moment), moment.failure(accuracy.OF_KERNEL)
        if self.dialog is None or moment.result(accuracy.NAMED) is None:
            return
        short = {"cone": self.tr("Cone"), "zone-plate": self.tr("Zone plate"), "sinusoid": self.tr("Sinusoid")}
        pictures = []
        for row in compared[0].rows:
            title = row.picture.title
            name = short.get(row.picture.name, title)
            frequency = title.split(" ")[1] if row.picture.name == "sinusoid" else ""
            pictures.append((f"{name} {frequency}".strip(), title))
        operators = [
            replace(each, title=self.tr("{title} (in the editor)").format(title=each.title))
            if each.name == KERNEL
            else each
            for each in compared
        ]
        self.dialog.show_comparison(pictures, operators, "" if refusal is None else refusal.sentence)


def _angle(degrees: float) -> str:
    """An angle to two figures; what is less than a thousandth of a degree is said as less."""
    return "<0.001°" if degrees < 0.001 else f"{float(f'{degrees:.2g}'):g}°"
