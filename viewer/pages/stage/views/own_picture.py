"""What is asked for before a new picture is made, and before noise is added."""

from __future__ import annotations

from collections.abc import Mapping

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QWidget

from viewer.pages.stage.views.popover import Popover
from viewer.widgets import NumberEdit, SegmentedControl, SpinBox, ToolButton

LARGEST_SEED = 99_999_999


class NewPicturePopover(Popover):
    """Size, value and bits of a new picture; the value alone fills the picture that is open.

    Signals carry what was typed: ``asked(height, width, value, bits)``, ``fill_asked(value)``.
    """

    asked = pyqtSignal(float, float, float, int)
    fill_asked = pyqtSignal(float)

    def __init__(self, anchor: QWidget) -> None:
        super().__init__("newPicture", anchor)
        tr = self.tr
        self.height_edit = NumberEdit("newHeight", tr("Height of the new picture"), tr("Rows, 1 to 64"))
        self.width_edit = NumberEdit("newWidth", tr("Width of the new picture"), tr("Columns, 1 to 64"))
        self.value_edit = NumberEdit("newValue", tr("Value of the new picture"), tr("The value of every pixel"))
        self.bits = SegmentedControl("newBits", tr("Bits of the new picture"), tr("What numbers the pixels can hold"))
        self.bits.offer([
            (8, tr("8-bit"), tr("Whole numbers from 0 to 255")),
            (16, tr("16-bit"), tr("Whole numbers from 0 to 65535")),
            (32, tr("float"), tr("Any numbers, negative ones and fractions too")),
        ])  # fmt: skip
        self._add_row(tr("Height"), self._watch(self.height_edit))
        self._add_row(tr("Width"), self._watch(self.width_edit))
        self._add_row(tr("Value"), self._watch(self.value_edit))
        self._add_row(tr("Numbers"), self.bits)
        self.fill = ToolButton("fillButton", tr("Fill the open picture"),
                               tr("Give this value to every pixel of the picture that is open"),
                               text=tr("Fill this one"))  # fmt: skip
        self.make = ToolButton("makePictureButton", tr("Make the new picture"), tr("Open a new picture of this value"),
                               text=tr("Make"))  # fmt: skip
        self._add_button(self.fill, self._fill)
        self._add_button(self.make, self._ask_picture, main=True)
        for field, value in ((self.height_edit, 10), (self.width_edit, 10), (self.value_edit, 0)):
            field.set_value(value)

    def _ask_picture(self) -> None:
        if self._is_readable():
            numbers = [each.value() for each in (self.height_edit, self.width_edit, self.value_edit)]
            self.asked.emit(*numbers, self.bits.currentData())

    def _fill(self) -> None:
        if self._is_readable():
            self.fill_asked.emit(self.value_edit.value())


class NoisePopover(Popover):
    """Kind, amount and seed of the noise; ``asked(kind, amount, seed)`` carries them.

    Each kind keeps its own amount.
    """

    asked = pyqtSignal(str, float, int)

    def __init__(self, anchor: QWidget) -> None:
        super().__init__("noise", anchor)
        tr = self.tr
        self._names = {
            "gaussian": tr("σ, in pixel values"),
            "salt-and-pepper": tr("Share, 0 to 1"),
            "uniform": tr("Half width, in values"),
        }
        tips = {
            "gaussian": tr("Standard deviation of what is added to each value"),
            "salt-and-pepper": tr("The share of the pixels that become white or black, such as 0.05 or 1/20"),
            "uniform": tr("What is added to each value lies between minus this and this"),
        }
        titles = {"gaussian": tr("Gaussian"), "salt-and-pepper": tr("Salt, pepper"), "uniform": tr("Uniform")}
        self._amounts = dict.fromkeys(titles, 0.0)
        self.kind = SegmentedControl("noiseKind", tr("Kind of noise"), tr("Kind of noise"))
        self.kind.offer([(name, title, tips[name]) for name, title in titles.items()])
        self.amount = NumberEdit("noiseAmount", tr("Amount of noise"),
                                 tr("In pixel values; of salt and pepper, the share of the pixels"))  # fmt: skip
        self.seed = SpinBox("noiseSeed", tr("Seed"), tr("The same seed gives the same noise every time"),
                            minimum=0, maximum=LARGEST_SEED)  # fmt: skip
        self.seed.setValue(1)
        self.new_seed = ToolButton("newSeedButton", tr("New seed"), tr("The next seed: other noise of the same kind"),
                                   text=tr("New seed"))  # fmt: skip
        self.add = ToolButton("addNoiseButton", tr("Add the noise"), tr("Add the noise to the picture that is open"),
                              text=tr("Add"))  # fmt: skip
        self._grid.addWidget(self.kind, self._grid.rowCount(), 0, 1, 2)
        self._label = self._add_row("", self._watch(self.amount))
        self._add_row(tr("Seed"), self.seed, self.new_seed)
        self._add_button(self.add, self._ask_noise, main=True)
        self.kind.currentIndexChanged.connect(lambda _index: self._show_amount())
        self.amount.committed.connect(self._keep_amount)
        self.new_seed.clicked.connect(lambda: self.seed.setValue((self.seed.value() + 1) % (LARGEST_SEED + 1)))
        self._show_amount()

    def show_amounts(self, amounts: Mapping[str, float]) -> None:
        """Propose an amount for each kind."""
        self._amounts.update(amounts)
        self._show_amount()

    def _ask_noise(self) -> None:
        if self._is_readable():
            self.asked.emit(self.kind.currentData(), self.amount.value(), self.seed.value())

    def _keep_amount(self, value: float) -> None:
        self._amounts[self.kind.currentData()] = value

    def _show_amount(self) -> None:
        kind = self.kind.currentData()
        self._label.setText(self._names[kind])
        self.amount.set_value(self._amounts[kind])
        self.amount.setAccessibleName(self._names[kind])
        self.show_error("")
