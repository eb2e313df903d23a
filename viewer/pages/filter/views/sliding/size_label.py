"""The output size, as the formula with its numbers."""

from __future__ import annotations

from PyQt6.QtWidgets import QWidget

from kernels.filtering.geometry import Geometry
from viewer.widgets import Label, describe

NO_BREAK = "\u00a0"


class OutputSizeLabel(Label):
    """Draws the formula with its result in bold; ``text()`` gives it without mark-up.

    The formula stands once when both axes agree, else once for y and once for x.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", "muted", parent)
        describe(
            self,
            "outputSizeLabel",
            self.tr("Output size"),
            self.tr(
                "Output size: (picture + padding before + padding after − reach of the kernel)/stride + 1, rounded down"
            ),
        )
        self.setWordWrap(True)
        self._plain = ""

    def show_geometry(self, geometry: Geometry) -> None:
        """Write the sizes of `geometry`."""
        formulas = [geometry.formula(axis) for axis in (0, 1)]
        if formulas[0] == formulas[1]:
            lines = [("", formulas[0], self.tr(" each way"))]
        else:
            lines = [("y: ", formulas[0], ""), ("x: ", formulas[1], "")]
        self._plain = "\n".join("".join(line) for line in lines)
        self.setTextFormat(self.textFormat().RichText)
        super().setText("<br>".join(_marked_up(*line) for line in lines))
        self.setAccessibleDescription(self._plain)

    def text(self) -> str:
        """The formula as plain text, one line an axis where they differ."""
        return self._plain

    def clear(self) -> None:
        """Show nothing."""
        self._plain = ""
        super().clear()


def _marked_up(axis: str, formula: str, ending: str) -> str:
    """Return a line that may break only before its equals sign, with the last number in bold."""
    left, sign, right = formula.partition(" ≈ " if " ≈ " in formula else " = ")
    lead, _, size = right.rpartition(" ")
    before = f"{axis}{left}".replace(" ", NO_BREAK)
    after = f"{sign.strip()} {lead} ".replace("  ", " ").replace(" ", NO_BREAK)
    return f"{before} {after}<b>{size}</b>{ending.replace(' ', NO_BREAK)}"
