"""How the gradient is measured, thinned and coloured; what the user wants otherwise leaves as intents."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from kernels.digits import nice_step
from viewer import theme
from viewer.pages.gradient.views.wheel import DirectionWheel
from viewer.widgets import (
    ComboBox,
    Label,
    LabelledSlider,
    SectionLabel,
    SegmentedControl,
    ToolButton,
    filled,
)
from viewer.widgets.stepping import Gesture

LARGEST_SIGMA = 5.0
THRESHOLD_STEPS = 400


class OptionsPanel(QWidget):
    """The left column of the Gradient workspace."""

    option_chosen = pyqtSignal(str, object, str)  # a field of GradientOptions, its value, the gesture
    gesture_ended = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("gradientOptions")
        self._gesture = Gesture(self)
        self._gesture.ended.connect(self.gesture_ended)
        self._make_operator()
        self._make_magnitude()
        self._make_direction()
        self._make_accuracy()
        self._lay_out()
        theme.follow(self._rescale)

    def _make_operator(self) -> None:
        tr = self.tr
        self.operator = ComboBox(
            "gradientOperatorCombo", tr("Operator"), tr("The pair of kernels that measures Gx and Gy")
        )
        self.derivative_sigma = LabelledSlider(
            "gradientDerivativeSigma",
            tr("σ of the Gaussian derivative"),
            tr("Standard deviation of the Gaussian whose slope is taken, in pixels"),
            symbol=tr("σ of G′"),
            minimum=0.5,
            maximum=10.0,
            step=0.1,
        )
        self.scaling = SegmentedControl(
            "gradientScalingCombo",
            tr("Scaling"),
            tr("As the weights are written, or so that a ramp of slope 1 gives 1"),
        )
        self.scaling.addItem(tr("As written"), "as-written", tr("The sums as the weights give them"))
        self.scaling.addItem(tr("Per pixel"), "per-pixel", tr("A ramp that grows by 1 a pixel gives 1"))
        self.sigma = LabelledSlider(
            "gradientSigma",
            tr("Smoothing σ"),
            tr("Standard deviation of the Gaussian that smooths the picture first, in pixels; 0 smooths nothing"),
            symbol="σ",
            maximum=LARGEST_SIGMA,
            step=0.1,
        )
        self.colour = ComboBox(
            "gradientColourCombo", tr("Colours"), tr("How the channels of a colour picture are joined")
        )
        self.colour.offer((
            ("luma", tr("Luma"), tr("The gradient of 0.299 R + 0.587 G + 0.114 B")),
            ("strongest", tr("Strongest channel"), tr("At each pixel the channel with the longest gradient")),
            ("structure-tensor", tr("Structure tensor"), tr("All channels together (Di Zenzo, 1986)")),
        ))  # fmt: skip
        self.note = Label("", "muted", name="gradientNote", wraps=True)
        self.note.hide()
        for combo, field in ((self.operator, "operator"), (self.scaling, "scaling"), (self.colour, "colour")):
            combo.currentIndexChanged.connect(lambda row, c=combo, f=field: self._choose(f, c.itemData(row)))
        self._wire_slider(self.sigma, "sigma")
        self._wire_slider(self.derivative_sigma, "derivative_sigma")

    def _make_magnitude(self) -> None:
        tr = self.tr
        self.norm = SegmentedControl("gradientNormCombo", tr("Magnitude"), tr("How Gx and Gy become one size"))
        self.norm.addItem(tr("L2"), "l2", "√(Gx² + Gy²)")
        self.norm.addItem(tr("L1"), "l1", "|Gx| + |Gy|")
        self.norm.addItem(tr("max"), "max", tr("The larger of |Gx| and |Gy|"))
        self.norm.currentIndexChanged.connect(lambda row: self._choose("norm", self.norm.itemData(row)))
        self.low = ThresholdSlider(
            "gradientLow", tr("Lower threshold"), tr("An edge goes on as long as the magnitude reaches this"), tr("low")
        )
        self.high = ThresholdSlider(
            "gradientHigh", tr("Upper threshold"), tr("An edge starts where the magnitude reaches this"), tr("high")
        )
        self._wire_slider(self.low, "low")
        self._wire_slider(self.high, "high")
        self.automatic = ToolButton(
            "gradientAutomatic", tr("Automatic thresholds"), tr("Choose both thresholds from the picture"),
            text=tr("Auto"), flat=True,
        )  # fmt: skip

    def _make_direction(self) -> None:
        tr = self.tr
        self.wheel = DirectionWheel()
        self.colours = ToolButton(
            "gradientColours", tr("Colour-blind safe colours"), "", text=tr("Colour-blind safe"), flat=True
        )
        self.colours.setToolTip(tr("Switch to a cyclic map that can be read with any colour vision; it is remembered"))
        self.colours.setCheckable(True)
        for button in (self.automatic, self.colours):
            button.setProperty("small", True)
        self.legend = Label("", "muted", name="gradientLegend", wraps=True)

    def _make_accuracy(self) -> None:
        self.accuracy = Label("", "muted", name="gradientAccuracy", wraps=True)
        tip = self.tr("Compare all operators where the gradient is known exactly")
        self.compare = ToolButton("gradientCompare", self.tr("Compare all"), tip, text=self.tr("Compare all…"))

    def _lay_out(self) -> None:
        tr = self.tr
        self._column = filled(QVBoxLayout(self))
        self._sections: list[QWidget] = []
        self._section(tr("Operator"), None, self.operator, self.derivative_sigma, self.scaling, self.sigma, self.colour,
                      self.note)  # fmt: skip
        self._section(tr("Magnitude"), None, self.norm)
        self._section(tr("Thin edges"), self.automatic, self.low, self.high)
        self._section(tr("Direction"), self.colours, self.wheel, self.legend)
        self._section(tr("Accuracy"), None, self.accuracy, self.compare)

    def _section(self, title: str, beside: QWidget | None, *widgets: QWidget) -> None:
        heading = QWidget()
        filled(QHBoxLayout(heading), SectionLabel(title), 1, *([] if beside is None else [beside]), spacing=0)
        self._sections.append(heading)
        for widget in (heading, *widgets):
            alignment = Qt.AlignmentFlag.AlignLeft if widget is self.compare else Qt.AlignmentFlag(0)
            self._column.addWidget(widget, 0, alignment)

    def _rescale(self) -> None:
        self._column.setSpacing(theme.px(5))
        for number, heading in enumerate(self._sections):
            heading.setContentsMargins(0, theme.px(4) if number else 0, 0, 0)
            heading.setFixedHeight(theme.px(24 if number else 16))
        for button in (self.automatic, self.colours):
            button.setFixedHeight(theme.px(20))
        width = max(each.label.sizeHint().width() for each in (self.low, self.high))
        for each in (self.low, self.high):
            each.label.setMinimumWidth(width)

    def _wire_slider(self, slider: LabelledSlider, field: str) -> None:
        slider.valueChanged.connect(lambda value: self.option_chosen.emit(field, value, field))
        self._gesture.follow(slider)

    def _choose(self, field: str, value: object) -> None:
        if value is not None:
            self.option_chosen.emit(field, value, "")

    def show_options(
        self, *, operator: str, scaling: str, norm: str, colour: str, sigma: float, derivative_sigma: float
    ) -> None:
        """Show what the document says."""
        for control, data in (
            (self.operator, operator), (self.scaling, scaling), (self.norm, norm), (self.colour, colour),
        ):  # fmt: skip
            control.show_data(data)
        self.operator.update()
        for slider, value in ((self.sigma, sigma), (self.derivative_sigma, derivative_sigma)):
            if slider.value() != value:
                slider.show_value(value)
        self.derivative_sigma.setVisible(operator == "gaussian")

    def show_thresholds(self, low: float, high: float, largest: float, *, automatic: bool) -> None:
        """Show both thresholds on sliders that reach to the picture's largest magnitude."""
        for slider, value in ((self.low, low), (self.high, high)):
            slider.set_reach(max(largest, value))
            slider.show_value(value)
        self.automatic.setEnabled(not automatic)

    def show_colours(self, cyclic: bool) -> None:
        """Show which colours stand for the directions."""
        self.colours.setChecked(cyclic)
        brightness = self.tr("Colour is magnitude.") if cyclic else self.tr("Brightness is magnitude.")
        self.legend.setText(self.tr("0° right, 90° down. {brightness}").format(brightness=brightness))

    def show_colour_use(self, is_grey: bool) -> None:
        """A grey picture has no channels to join."""
        self.colour.setEnabled(not is_grey)
        tip = self.tr("How the channels of a colour picture are joined")
        self.colour.setToolTip(self.tr("The picture is grey") if is_grey else tip)

    def show_note(self, text: str, whole: str) -> None:
        """Say what was done to the kernels, in short and as the tool tip; empty for nothing."""
        self.note.setText(text)
        self.note.setToolTip(whole)
        self.note.setVisible(bool(text))


class ThresholdSlider(LabelledSlider):
    """A slider whose reach is the picture's largest magnitude."""

    def __init__(self, object_name: str, title: str, tool_tip: str, symbol: str) -> None:
        super().__init__(object_name, title, tool_tip, symbol=symbol)
        self._reach = 1.0
        self.slider.setPageStep(10)

    @property
    def reach(self) -> float:
        """The largest value."""
        return self._reach

    def set_reach(self, largest: float) -> None:
        """Let the slider go from 0 to `largest` in steps of about a four-hundredth."""
        largest = largest if largest > 0 else 1.0
        if largest == self._reach:
            return
        self._reach = largest
        self.set_range(0.0, largest, nice_step(largest / THRESHOLD_STEPS))
