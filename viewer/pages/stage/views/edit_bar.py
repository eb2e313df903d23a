"""The row above a picture that is drawn on: value and brush, new pictures, noise."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QPainter, QPaintEvent
from PyQt6.QtWidgets import QHBoxLayout, QWidget

from viewer import theme
from viewer.pages.stage.views.own_picture import NewPicturePopover, NoisePopover
from viewer.pages.stage.views.popover import set_type
from viewer.widgets import NumberEdit, SegmentedControl, ToolButton, blocked, describe, filled

HEIGHT, VALUE_WIDTH, BRUSH_WIDTH, GAP, TYPE = 36, 62, 80, 4, 16
"""Design pixels; a pane of 390 has room for all of it."""
SIZES = (1, 2, 3)


class EditBar(QWidget):
    """Value and brush stand there while the picture is drawn on.

    ``editing_switched(on)``, ``value_chosen(value)``, ``value_rejected(sentence)`` and ``size_chosen(pixels)`` carry
    what the user did; the two popovers have signals of their own.
    """

    editing_switched = pyqtSignal(bool)
    value_chosen = pyqtSignal(float)
    value_rejected = pyqtSignal(str)
    size_chosen = pyqtSignal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        tr = self.tr
        describe(self, "editBar", tr("Make your own picture"), "")
        self._tip = tr("Draw on the picture: a drag paints, a click sets one pixel; with the keys, arrows and Space, "
                       "or type a number")  # fmt: skip
        self.value = NumberEdit("brushValue", tr("Value of the brush"), tr("The value that the brush paints"))
        self.brush = SegmentedControl("brushSize", tr("Size of the brush"), tr("Side of the square brush in pixels"))
        self.brush.offer([(each, str(each), tr("{n} × {n} pixels").format(n=each)) for each in SIZES])
        self.switch = ToolButton("editSwitch", tr("Edit"), self._tip, text=tr("Edit"))
        self.switch.setCheckable(True)
        self.switch.setProperty("switch", True)
        self.new = ToolButton("newPictureButton", tr("New picture"), tr("Make a new picture of up to 64 × 64 pixels"),
                              text=tr("New…"))  # fmt: skip
        self.noise = ToolButton("noiseButton", tr("Add noise"), tr("Add seeded noise to the picture that is open"),
                                text=tr("Noise…"))  # fmt: skip
        self.new_picture, self.add_noise = NewPicturePopover(self.new), NoisePopover(self.noise)
        self._row = filled(QHBoxLayout(self), self.value, self.brush, self.switch, self.new, self.noise)
        self._row.insertStretch(0, 1)
        self._join()
        self.show_editing(False)
        theme.follow(self._resize)

    def _join(self) -> None:
        self.switch.toggled.connect(self.editing_switched)
        self.value.committed.connect(self.value_chosen)
        self.value.rejected.connect(self.value_rejected)
        self.brush.currentIndexChanged.connect(lambda _index: self.size_chosen.emit(self.brush.currentData()))
        self.new.clicked.connect(self.new_picture.open)
        self.noise.clicked.connect(self.add_noise.open)

    def show_editing(self, on: bool) -> None:
        """Show that the picture is drawn on, or that it is not."""
        with blocked(self.switch):
            self.switch.setChecked(on)
        self.value.setVisible(on)
        self.brush.setVisible(on)

    def show_possible(self, reason: str) -> None:
        """Let the picture be drawn on, or give the reason why it cannot be."""
        for each in (self.switch, self.new_picture.fill):
            each.setEnabled(not reason)
        self.switch.setToolTip(reason or self._tip)
        self.switch.setAccessibleDescription(reason)

    def show_value(self, value: float) -> None:
        """Show the value that the brush paints."""
        self.value.set_value(value)

    def refuse_value(self, sentence: str) -> None:
        """Mark the value that was typed: it is none that a pixel can have."""
        self.value.set_error(sentence)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        # As the title row, over which it may stand.
        painter, colours = QPainter(self), theme.palette()
        painter.fillRect(self.rect(), colours.panel)
        painter.fillRect(0, self.height() - 1, self.width(), 1, colours.line)

    def _resize(self) -> None:
        self.setFixedHeight(theme.px(HEIGHT))
        self._row.setSpacing(theme.px(GAP))
        self._row.setContentsMargins(theme.px(GAP), 0, theme.px(GAP), 0)
        for each in self.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly):
            if not each.isWindow():
                set_type(each, TYPE)
        self.value.setStyleSheet(f"padding-left: {theme.px(4)}px; padding-right: {theme.px(3)}px;")
        self.value.setFixedWidth(theme.px(VALUE_WIDTH))
        self.brush.setFixedWidth(theme.px(BRUSH_WIDTH))
