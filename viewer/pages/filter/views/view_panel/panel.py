"""The View panel: from numbers to brightness and colour, and the read-out under the pointer."""

from __future__ import annotations

from html import escape

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from viewer import theme
from viewer.pages.filter.views.view_panel.histogram import ColourBar, Histogram
from viewer.widgets import (
    ComboBox,
    Label,
    Message,
    NumberEdit,
    SectionLabel,
    ToolButton,
    filled,
    format_number,
    text_height,
)

NO_BREAK = "\u00a0"


class ViewPanel(QWidget):
    """Shows how the output is displayed; what the user wants otherwise leaves as intents."""

    range_chosen = pyqtSignal(str)
    levels_chosen = pyqtSignal(float, float)
    colour_map_chosen = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("viewPanel")
        self._make_controls()
        self._make_texts()
        self._lay_out()
        self.range.currentIndexChanged.connect(lambda row: self.range_chosen.emit(self.range.itemData(row)))
        self.colour_map.currentIndexChanged.connect(
            lambda row: self.colour_map_chosen.emit(self.colour_map.itemData(row))
        )
        self.histogram.levels_moved.connect(self._take_levels)
        self.low.committed.connect(lambda _value: self._type_levels(self.low))
        self.high.committed.connect(lambda _value: self._type_levels(self.high))
        for edit in (self.low, self.high):
            edit.rejected.connect(self.message.show_error)
        theme.follow(self._scale)

    def _make_controls(self) -> None:
        self.range = ComboBox("rangeCombo", self.tr("Range"), self.tr("Which values become black and white"))
        self.range.offer(self._ranges())
        self.histogram = Histogram()
        self.low = NumberEdit("levelLow", self.tr("Lower level"), self.tr("Values up to here are drawn darkest"))
        self.high = NumberEdit("levelHigh", self.tr("Upper level"), self.tr("Values from here on are drawn brightest"))
        self._colour_map_tip = self.tr("The colours of a result with one channel")
        self.colour_map = ComboBox("colourMapCombo", self.tr("Colour map"), self._colour_map_tip)
        self.colour_bar = ColourBar()
        self.message = Message("levelsMessage")
        self.luma = ToolButton("lumaButton", self.tr("Filter the luma"), self.tr(
            "In three channels values around 0 look grey; in one they have the colours of their signs"),
            text=self.tr("Grey? Filter the luma"))  # fmt: skip
        self.luma.hide()

    def _ranges(self) -> tuple[tuple[str, str, str], ...]:
        return (
            ("clip", self.tr("File range"), self.tr("Black and white of the file; values beyond are clipped")),
            ("abs", self.tr("Absolute"), self.tr("The same, of the value without its sign")),
            ("minmax", self.tr("Min to max"), self.tr("The smallest value is black, the largest white")),
            ("signed", self.tr("Signed"), self.tr("0 in the middle: blue below, orange above")),
            ("manual", self.tr("Manual levels"), self.tr("The two levels as you set them")),
        )

    def _make_texts(self) -> None:
        self.clipped = self._note("clippedLabel")
        self.non_finite = self._note("nonFiniteLabel")
        self.flat = self._note("flatLabel")
        self.position = self._note("readoutPosition")
        self.values = self._note("readoutValues")
        self.values.setTextFormat(Qt.TextFormat.RichText)
        self.experiment = self._note("experimentLabel")
        self.non_finite.hide()
        self.flat.hide()
        self.show_readout("", "", "")

    def _note(self, object_name: str) -> Label:
        label = Label("", "muted", name=object_name, wraps=True)
        label.setAlignment(Qt.AlignmentFlag.AlignTop)
        return label

    def _lay_out(self) -> None:
        self._levels_row = filled(QHBoxLayout(), self.low, 1, self.high, 1)
        self._sections = [SectionLabel(self.tr(text)) for text in ("View", "Under the pointer", "Try")]
        view, pointer, attempt = self._sections
        readout = filled(QVBoxLayout(), self.position, self.values, spacing=0)
        self._column = filled(
            QVBoxLayout(self), view, self.range, self.histogram, self._levels_row, self.message, self.colour_map,
            self.luma, self.colour_bar, self.clipped, self.non_finite, self.flat, pointer, readout, attempt,
            self.experiment,
        )  # fmt: skip
        self._column.addStretch(1)

    def _scale(self) -> None:
        self._column.setSpacing(theme.px(8))
        self._levels_row.setSpacing(theme.px(8))
        # Two lines always, so that what stands below stays where it is.
        self.clipped.setMinimumHeight(text_height(self.clipped, 2))
        for section in self._sections[1:]:
            section.setContentsMargins(0, theme.px(8), 0, 0)
        self.show_readout(*self._readout_texts)  # its mark-up holds a colour

    def _take_levels(self, low: float, high: float) -> None:
        self.message.clear()
        self.low.set_value(low)
        self.high.set_value(high)
        self.levels_chosen.emit(low, high)

    def _type_levels(self, edit: NumberEdit) -> None:
        low, high = self.low.value(), self.high.value()
        if low < high:
            self._take_levels(low, high)
            return
        text = self.tr("The lower level, {low}, must be below the upper level, {high}.").format(
            low=format_number(low), high=format_number(high)
        )
        edit.set_error(text)
        self.message.show_error(text)

    def set_stale(self, stale: bool) -> None:
        """Say that histogram and counts are those of an earlier result than the picture."""
        self.histogram.set_stale(stale)
        for label in (self.non_finite, self.flat):
            label.setEnabled(not stale)

    def show_levels(self, low: float, high: float) -> None:
        """Show the values that are drawn darkest and brightest."""
        self.histogram.show_levels(low, high)
        self.message.clear()
        for edit, value in ((self.low, low), (self.high, high)):
            # A number being typed stays.
            if not (edit.hasFocus() and edit.isModified()):
                edit.set_value(value)

    def show_colour_map(self, name: str, table: NDArray[np.uint8], reason: str = "") -> None:
        """Show the map in force and its 256 colours; `reason` says why no other can be chosen."""
        self.colour_map.show_data(name)
        self.colour_map.setEnabled(not reason)
        self.colour_map.setToolTip(reason or self._colour_map_tip)
        self.colour_bar.show_table(table)

    def show_clipped(self, below: int, above: int, pixels: int, total: int) -> None:
        """Say how many of `total` pixels lie below and above the levels, in any channel, and how many do either."""
        self.clipped.setText(self._clipped_text(pixels, total))
        self.clipped.setToolTip(
            self.tr("{below} pixels below the lower level, {above} above the upper").format(
                below=f"{below:,}", above=f"{above:,}"
            )
        )

    def _clipped_text(self, count: int, total: int) -> str:
        if count == 0:
            return self.tr("clipped: 0")
        share = 100 * count / max(1, total)
        percent = self.tr("under 0.1") if share < 0.1 else f"{share:.1f}" if share < 99.95 else "100"
        pixels = self.tr("1 pixel") if count == 1 else self.tr("{count} pixels").format(count=f"{count:,}")
        return self.tr("{percent} % beyond the levels ({pixels})").format(percent=percent, pixels=pixels)

    def show_non_finite(self, count: int) -> None:
        """Say how many pixels are NaN or infinite; nothing for none."""
        if count == 1:
            self.non_finite.setText(self.tr("1 pixel is not finite: drawn in magenta"))
        else:
            text = self.tr("{count} pixels are not finite: drawn in magenta")
            self.non_finite.setText(text.format(count=f"{count:,}"))
        self.non_finite.setVisible(count > 0)

    def show_flat(self, value: float | None) -> None:
        """Say that the result is `value` everywhere; nothing for None."""
        self.flat.setVisible(value is not None)
        if value is not None:
            self.flat.setText(self.tr("flat: {value} everywhere").format(value=format_number(value)))

    def show_readout(self, position: str, value_in: str, value_out: str) -> None:
        """Show where the pointer is and the values there; empty texts for nowhere."""
        self._readout_texts = (position, value_in, value_out)
        if not position:
            self.position.setText(self.tr("Point at a picture to read its values."))
            self.values.clear()
            self.values.hide()
            return
        self.position.setText(position)
        strong = theme.palette().text.name()
        parts = [
            f'{name}{NO_BREAK}<b style="color:{strong}">{escape(value)}</b>'
            for name, value in ((self.tr("in"), value_in), (self.tr("out"), value_out))
            if value
        ]
        # Three channels each: one line for each picture.
        self.values.setText(("<br>" if " " in value_in + value_out else f"{NO_BREAK}{NO_BREAK} ").join(parts))
        self.values.setVisible(bool(parts))

    def show_experiment(self, text: str) -> None:
        """Suggest something to try."""
        self._sections[2].setVisible(bool(text))
        self.experiment.setVisible(bool(text))
        self.experiment.setText(text)
