"""What is done to the picture before networks get it: moved, turned, scaled, made noisy."""

from __future__ import annotations

from collections.abc import Mapping

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from viewer import theme
from viewer.widgets import LabelledSlider, SectionLabel, ToolButton, filled
from viewer.widgets.stepping import Gesture

FARTHEST, STEEPEST, NOISIEST = 14, 90, 128


class Moves(QWidget):
    """A slider each; ``changed(field, value)`` names a field of `NetworkInput`."""

    changed = pyqtSignal(str, float)
    gesture_ended = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        tr = self.tr
        gesture = Gesture(self)
        gesture.ended.connect(self.gesture_ended)
        self.back = ToolButton("moveBackButton", tr("Back to where it was"),
                               tr("Undo all moves: neither moved, turned, scaled nor noisy"), text=tr("Back"),
                               flat=True)  # fmt: skip
        self.back.setProperty("small", True)
        self.sliders = {
            "dx": LabelledSlider("moveRight", tr("Move to the right"), tr("Pixels to the right; negative to the left"),
                                 symbol="dx", minimum=-FARTHEST, maximum=FARTHEST, step=1, integer=True),
            "dy": LabelledSlider("moveDown", tr("Move down"), tr("Pixels down; negative up"),
                                 symbol="dy", minimum=-FARTHEST, maximum=FARTHEST, step=1, integer=True),
            "rotation": LabelledSlider("turnDigit", tr("Turn"), tr("Degrees, clockwise"),
                                       symbol=tr("turn"), minimum=-STEEPEST, maximum=STEEPEST, step=1),
            "scale": LabelledSlider("scaleDigit", tr("Scale"), tr("How much larger; below 1 smaller"),
                                    symbol=tr("scale"), minimum=0.5, maximum=2.0, step=0.05),
            "noise": LabelledSlider("addDigitNoise", tr("Noise"),
                                    tr("Gaussian noise: its standard deviation, in levels of 0 to 255"),
                                    symbol=tr("noise"), maximum=NOISIEST, step=1),
        }  # fmt: skip
        self._heading = filled(QHBoxLayout(), SectionLabel(tr("Move it")), 1, self.back, spacing=0)
        self._column = filled(QVBoxLayout(self), self._heading, *self.sliders.values())
        for field, slider in self.sliders.items():
            gesture.follow(slider)
            slider.valueChanged.connect(lambda value, name=field: self.changed.emit(name, value))
        theme.follow(self._rescale)

    def show_values(self, values: Mapping[str, float]) -> None:
        """Show how far it is moved."""
        for field, slider in self.sliders.items():
            slider.show_value(values[field])

    def _rescale(self) -> None:
        self._column.setSpacing(theme.px(2))
        width = max(each.label.sizeHint().width() for each in self.sliders.values())
        for each in self.sliders.values():
            each.label.setMinimumWidth(width)
            each.edit.setFixedWidth(theme.px(48))
