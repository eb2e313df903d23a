"""Facts about a stage in sections, and what moves along when the picture is shifted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from viewer import theme
from viewer.widgets import Label, SectionLabel, SteppingSpinBox, blocked, filled

Section = tuple[str, tuple[str, ...]]
"""A heading and its lines."""

NO_BREAK = "\u00a0"
EXACT, ROUGHLY = "✓", "≈"
LARGEST_SHIFT = 99
_RESULT = re.compile(r"(?P<left>.*)(?P<sign> [=≈] |: )(?P<right>[^=≈:]+)")
_COUNT = re.compile(r"(?P<count>\d[\d,.]*(?: × \d[\d,.]*)*)(?P<of>(?: [^×].*)?)")


class FactLabel(Label):
    """Lines of which the first stands out, results in bold; ``text()`` gives them without mark-up."""

    def __init__(self) -> None:
        super().__init__("", "", wraps=True)
        self.setTextFormat(Qt.TextFormat.RichText)
        self._lines: tuple[str, ...] = ()
        theme.follow(self._write)

    def show_lines(self, lines: Sequence[str]) -> None:
        """Write these."""
        if self._lines != tuple(lines):
            self._lines = tuple(lines)
            self._write()
            self.setAccessibleName(self.text())

    def text(self) -> str:
        """The lines as they are read."""
        return "\n".join(self._lines)

    def _write(self) -> None:
        colours, size = theme.palette(), theme.px(12)
        muted, ink = colours.muted.name(), colours.text.name()
        parts = [
            f'<div style="font-size: {size}px;{f" color: {muted};" if number else ""}">{marked_up(line, ink)}</div>'
            for number, line in enumerate(self._lines)
        ]
        self.setText("".join(parts))


def marked_up(line: str, ink: str) -> str:
    """Return a line as mark-up: the result behind its last equals sign or colon, or the count before it, is bold.

    A result stays beside its equals sign.
    """

    def bold(text: str) -> str:
        return f'<b style="color: {ink};">{escape(text).replace(" ", NO_BREAK)}</b>'

    if (found := _RESULT.fullmatch(line)) is not None:
        sign = ": " if found["sign"] == ": " else f" {found['sign'].strip()}{NO_BREAK}"
        return escape(found["left"]) + sign + bold(found["right"])
    if (found := _COUNT.fullmatch(line)) is not None:
        return bold(found["count"]) + escape(found["of"])
    return escape(line)


class Facts(QWidget):
    """Sections, each a heading with lines below it."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("layerFacts")
        self._sections: list[tuple[SectionLabel, FactLabel]] = []
        self._column = filled(QVBoxLayout(self))
        theme.follow(self._rescale)

    def show_sections(self, sections: Sequence[Section]) -> None:
        """Show these sections."""
        if [label.accessibleName() for label, _lines in self._sections] != [heading for heading, _lines in sections]:
            self._rebuild([heading for heading, _lines in sections])
        for (_label, facts), (_heading, lines) in zip(self._sections, sections, strict=True):
            facts.show_lines(lines)

    def sections(self) -> list[tuple[str, str]]:
        """What is shown, as it is read."""
        return [(label.accessibleName(), facts.text()) for label, facts in self._sections]

    def _rebuild(self, headings: Sequence[str]) -> None:
        for widget in (each for section in self._sections for each in section):
            widget.hide()
            widget.setParent(None)
            widget.deleteLater()
        self._sections = [(SectionLabel(heading), FactLabel()) for heading in headings]
        for label, facts in self._sections:
            self._column.addWidget(label)
            self._column.addWidget(facts)
        self._rescale()

    def _rescale(self) -> None:
        self._column.setSpacing(theme.px(5))
        for number, (label, _facts) in enumerate(self._sections):
            label.setContentsMargins(0, theme.px(9) if number else 0, 0, 0)


class ShiftFacts(QWidget):
    """How far the picture is shifted, and what comes of it: exactly the same, or only about."""

    chosen = pyqtSignal(int)
    gesture_ended = pyqtSignal()
    rejected = pyqtSignal(str)

    def __init__(self) -> None:
        super().__init__()
        tr = self.tr
        self.box = SteppingSpinBox(
            "layer_shift", tr("Shift of the picture, in pixels"),
            tr("The picture is shifted to the right by so many pixels, and the row runs once more"),
            minimum=1, maximum=LARGEST_SHIFT,
        )  # fmt: skip
        self.box.valueChanged.connect(self.chosen)
        self.box.gesture_ended.connect(self.gesture_ended)
        self.box.rejected.connect(self.rejected)
        self.question, self.unit = Label(tr("Shift the picture by"), wraps=True), Label(tr("px"))
        self.question.setBuddy(self.box)
        self._line = filled(QHBoxLayout(), self.question, 1, self.box, self.unit)
        self._lines: tuple[tuple[bool, str], ...] = ()
        self._answers: list[tuple[Label, Label]] = []
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setColumnStretch(1, 1)
        self._column = filled(QVBoxLayout(self), SectionLabel(tr("What moves along")), self._line, self._grid)
        theme.follow(self._rescale)

    def show_shift(self, pixels: int, lines: Sequence[tuple[bool, str]]) -> None:
        """Show the shift and what comes of it: whether it is exact, and a sentence."""
        if not (self.box.hasFocus() and self.box.lineEdit().isModified()):
            with blocked(self.box):
                self.box.setValue(pixels)
        if self._lines == tuple(lines):
            return
        self._lines = tuple(lines)
        while len(self._answers) < len(lines):
            self._add_answer()
        for number, (sign, sentence) in enumerate(self._answers):
            is_shown = number < len(lines)
            sign.setVisible(is_shown)
            sentence.setVisible(is_shown)
            if is_shown:
                is_exact, text = lines[number]
                sign.setText(EXACT if is_exact else ROUGHLY)
                sign.setAccessibleName(self.tr("exactly") if is_exact else self.tr("about"))
                sentence.setText(text)
        self._colour()

    def answers(self) -> list[tuple[str, str]]:
        """What is shown: the sign and the sentence of each line."""
        return [(sign.text(), sentence.text()) for sign, sentence in self._answers if not sentence.isHidden()]

    def _add_answer(self) -> None:
        sign, sentence = Label("", "strong"), Label("", "muted", wraps=True)
        row = len(self._answers)
        self._grid.addWidget(sign, row, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(sentence, row, 1)
        self._answers.append((sign, sentence))

    def _colour(self) -> None:
        colours = theme.palette()
        for sign, _sentence in self._answers:
            ink = colours.accent if sign.text() == EXACT else colours.text
            sign.setStyleSheet(f"color: {ink.name()};")

    def _rescale(self) -> None:
        self._column.setSpacing(theme.px(8))
        self._line.setSpacing(theme.px(4))
        self._grid.setHorizontalSpacing(theme.px(6))
        self._grid.setVerticalSpacing(theme.px(4))
        self._grid.setColumnMinimumWidth(0, theme.px(14))
        self.question.setFont(theme.font(12))
        self.box.setFixedSize(theme.px(36), theme.px(28))
        self._colour()
