"""The sliding controls: every one leads to the document, and the document back to every one."""

import numpy as np
import pytest
from msgspec.structs import replace
from PyQt6.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt6.QtGui import QKeyEvent, QWheelEvent
from PyQt6.QtWidgets import QApplication, QComboBox, QLineEdit, QSpinBox, QWidget

from kernels.filtering.geometry import SlidingOptions, padding_in_pixels
from kernels.kernel import Kernel
from viewer.document import Document, with_kernel, with_options
from viewer.pages.filter.sliding_control import SlidingControl
from viewer.pages.filter.views.sliding import SlidingPanel
from viewer.state import State

SOBEL = Kernel([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
BOX = Kernel(np.ones((3, 3)), divisor=9)


class Bench:
    """A panel and what controls it, as the window connects them."""

    def __init__(self, make_flow) -> None:
        self.flow = make_flow(State(Document(kernel=SOBEL, preset=None)), lambda _moment: [])
        self.store = self.flow.store
        self.panel = SlidingPanel()
        self.flow.join(SlidingControl(self.panel, self.store, self.panel).render)

    @property
    def options(self) -> SlidingOptions:
        return self.store.document.options

    def child(self, name: str):
        found = self.panel.findChild(QWidget, name)
        assert found is not None, name
        return found

    def choose(self, name: str, data: object) -> None:
        control = self.child(name)
        index = control.findData(data)
        assert index >= 0, data
        control.setCurrentIndex(index)


@pytest.fixture
def bench(qtbot, make_flow):
    made = Bench(make_flow)
    qtbot.addWidget(made.panel)
    made.panel.resize(248, 420)
    with qtbot.waitExposed(made.panel):
        made.panel.show()
    return made


@pytest.mark.parametrize(
    ("name", "field", "data"),
    [
        ("operationCombo", "operation", "convolution"),
        ("paddingCombo", "padding", "valid"),
        ("paddingCombo", "padding", "full"),
        ("borderCombo", "border", "replicate"),
        ("borderCombo", "border", "reflect"),
        ("borderCombo", "border", "reflect101"),
        ("borderCombo", "border", "wrap"),
    ],
)
def test_a_choice_by_a_program_changes_the_document(bench, name, field, data):
    bench.choose(name, data)
    assert getattr(bench.options, field) == data
    assert bench.child(name).currentData() == data
    bench.store.undo_stack.undo()
    assert bench.options == SlidingOptions()
    assert bench.child(name).currentData() == str(getattr(SlidingOptions(), field))


@pytest.mark.parametrize("name", ["stride", "dilation"])
def test_a_number_by_a_program_changes_one_axis(bench, name):
    bench.child(f"{name}Y").setValue(3)
    assert getattr(bench.options, name) == (3, 1)
    bench.child(f"{name}X").setValue(2)
    assert getattr(bench.options, name) == (3, 2)
    bench.store.undo_stack.undo()
    assert getattr(bench.options, name) == (3, 1)
    assert bench.child(f"{name}X").value() == 1


def test_typed_number_counts_when_it_is_finished(bench, qtbot):
    box = bench.child("strideX")
    box.setFocus()
    box.selectAll()
    qtbot.keyClicks(box, "12")
    assert bench.options.stride == (1, 1)
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert bench.options.stride == (1, 12)


def test_segments_by_mouse_and_arrow_keys(bench, qtbot):
    button = bench.child("paddingCombo_valid")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert bench.options.padding == "valid"
    qtbot.keyClick(button, Qt.Key.Key_Right)
    assert bench.options.padding == "same"
    qtbot.mouseClick(bench.child("operationCombo_convolution"), Qt.MouseButton.LeftButton)
    assert bench.options.operation == "convolution"


def test_border_by_keyboard(bench, qtbot):
    box = bench.child("borderCombo")
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_Down)
    assert bench.options.border == "replicate"


def test_pixels_start_from_the_padding_so_far(bench):
    assert not bench.child("paddingY").isVisible()
    bench.store.edit(lambda d: with_kernel(d, Kernel(np.ones((5, 3)))), "kernel")
    bench.choose("paddingCombo", "pixels")
    assert bench.options.padding == (2, 1)
    assert bench.child("paddingY").isVisible()
    bench.child("paddingY").setValue(4)
    bench.child("paddingX").setValue(0)
    assert bench.options.padding == (4, 0)
    bench.store.undo_stack.undo()
    assert bench.options.padding == (4, 1)
    bench.choose("paddingCombo", "same")
    assert bench.options.padding == "same"
    assert not bench.child("paddingX").isVisible()


def test_pixels_written_before_they_are_chosen_are_taken(bench):
    bench.child("paddingY").setValue(7)
    assert bench.options.padding == "same"
    bench.child("strideY").setValue(2)
    bench.choose("paddingCombo", "pixels")
    assert bench.options.padding == (7, 1)


@pytest.mark.parametrize(
    ("options", "shape", "expected"),
    [
        (SlidingOptions(), (3, 3), (1, 1)),
        (SlidingOptions(), (4, 1), (2, 0)),
        (SlidingOptions(padding="full", dilation=(2, 1)), (3, 2), (4, 1)),
        (SlidingOptions(padding="valid"), (9, 9), (0, 0)),
        (SlidingOptions(padding=(0, 40)), (3, 3), (0, 40)),
    ],
)
def test_padding_in_pixels(options, shape, expected):
    assert padding_in_pixels(shape, options) == expected


def test_border_value_is_typed_and_shown_only_for_constant(bench, qtbot):
    edit = bench.child("borderValue")
    assert isinstance(edit, QLineEdit)
    edit.setFocus()
    edit.selectAll()
    qtbot.keyClicks(edit, "1/4")
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert bench.options.border_value == 0.25
    edit.setValue(-3)
    assert bench.options.border_value == -3
    edit.setText("7")
    edit.editingFinished.emit()
    assert bench.options.border_value == 7
    bench.choose("borderCombo", "wrap")
    assert not edit.isVisible()
    assert bench.options.border_value == 7


def test_unreadable_border_value_is_marked_and_changes_nothing(bench, qtbot):
    edit = bench.child("borderValue")
    edit.setFocus()
    edit.selectAll()
    qtbot.keyClicks(edit, "red")
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert bench.options.border_value == 0
    assert edit.property("invalid")


def test_passing_through_a_rounded_border_value_keeps_it(bench, qtbot):
    bench.store.edit(lambda d: with_options(d, border_value=1 / 3), "third")
    edit = bench.child("borderValue")
    edit.setFocus()
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    bench.child("strideY").setFocus()
    assert bench.options.border_value == 1 / 3


def test_border_without_effect_says_why(bench):
    combo = bench.child("borderCombo")
    assert combo.isEnabled()
    bench.choose("paddingCombo", "valid")
    assert not combo.isEnabled()
    assert "no window reaches over the edge" in combo.toolTip()
    assert not bench.child("borderValue").isEnabled()
    bench.choose("paddingCombo", "same")
    assert combo.isEnabled()
    bench.store.edit(lambda d: with_kernel(d, Kernel([[1.0]])), "1x1")
    assert not combo.isEnabled()
    bench.choose("paddingCombo", "pixels")
    bench.child("paddingX").setValue(1)
    assert combo.isEnabled()


def test_a_symmetric_kernel_makes_both_operations_agree(bench):
    convolution = bench.child("operationCombo_convolution")
    assert "Both agree" not in convolution.toolTip()
    bench.store.edit(lambda d: with_kernel(d, BOX), "box")
    assert "Both agree" in convolution.toolTip()
    bench.store.undo_stack.undo()
    assert "Both agree" not in convolution.toolTip()


def wheel(widget: QWidget, notches: int) -> None:
    centre = QPointF(widget.rect().center())
    event = QWheelEvent(
        centre, widget.mapToGlobal(centre), QPoint(), QPoint(0, 120 * notches), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(widget, event)


@pytest.mark.parametrize("name", ["strideY", "dilationX", "borderCombo", "channelCombo"])
def test_wheel_without_focus_changes_nothing(bench, name):
    bench.child("operationCombo_correlation").setFocus()
    before = bench.store.state
    wheel(bench.child(name), 1)
    wheel(bench.child(name), -1)
    assert bench.store.state == before


def test_one_turn_of_the_wheel_is_one_step_of_undo(bench, qtbot):
    box = bench.child("strideY")
    box.setFocus()
    with qtbot.waitSignal(bench.panel.gesture_ended):
        for _ in range(3):
            wheel(box, 1)
    assert bench.options.stride == (4, 1)
    wheel(box, 1)
    bench.child("strideX").setFocus()
    assert bench.options.stride == (5, 1)
    bench.store.undo_stack.undo()
    assert bench.options.stride == (4, 1)
    bench.store.undo_stack.undo()
    assert bench.options.stride == (1, 1)


def test_a_held_key_is_one_step_and_two_presses_are_two(bench, qtbot):
    box = bench.child("dilationY")
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_Up)
    press, no = QEvent.Type.KeyPress, Qt.KeyboardModifier.NoModifier
    for repeated in (False, True, True):
        box.stepBy(1) if repeated else QApplication.sendEvent(box, QKeyEvent(press, Qt.Key.Key_Up, no))
    QApplication.sendEvent(box, QKeyEvent(QEvent.Type.KeyRelease, Qt.Key.Key_Up, no))
    assert bench.options.dilation == (5, 1)
    bench.store.undo_stack.undo()
    assert bench.options.dilation == (2, 1)
    bench.store.undo_stack.undo()
    assert bench.options.dilation == (1, 1)


def test_the_lecture_s_size_formula(bench):
    bench.choose("paddingCombo", "pixels")
    bench.child("strideY").setValue(2)
    bench.child("strideX").setValue(2)
    bench.flow.open(np.zeros((5, 5), np.uint8))
    assert bench.child("outputSizeLabel").text() == "(5 + 1 + 1 − 3)/2 + 1 = 3 each way"
    assert bench.child("unreachedLabel").text() == "Windows reach every row and column."


def test_a_size_that_is_rounded_down(bench):
    bench.store.edit(lambda d: with_options(d, stride=2), "stride")
    bench.flow.open(np.zeros((512, 512), np.uint8))
    assert bench.child("outputSizeLabel").text() == "(512 + 1 + 1 − 3)/2 + 1 = 256.5 → 256 each way"


def test_axes_that_differ_have_a_formula_each(bench):
    bench.store.edit(lambda d: with_options(d, padding="valid", stride=(1, 3)), "options")
    bench.flow.open(np.zeros((10, 9), np.uint8))
    assert bench.child("outputSizeLabel").text() == "y: (10 + 0 + 0 − 3)/1 + 1 = 8\nx: (9 + 0 + 0 − 3)/3 + 1 = 3"


def test_rows_and_columns_that_no_window_reaches(bench):
    bench.store.edit(lambda d: with_options(d, padding="valid", stride=(4, 2)), "options")
    bench.flow.open(np.zeros((8, 8), np.uint8))
    # Windows start at rows 0, 4 and columns 0, 2, 4: rows 3 and 7, and column 7, are not read.
    assert bench.child("unreachedLabel").text() == "No window reaches 2 rows and 1 column."


def test_the_formula_draws_its_result_in_bold(bench):
    bench.flow.open(np.zeros((512, 512), np.uint8))
    label = bench.child("outputSizeLabel")
    assert "<b>512</b>" in super(type(label), label).text()


def test_impossible_options_are_explained_and_the_last_size_fades(bench):
    bench.flow.open(np.zeros((5, 5), np.uint8))
    shown = bench.child("outputSizeLabel").text()
    bench.store.edit(lambda d: with_options(d, padding="valid", dilation=4), "options")
    message = bench.child("slidingMessage")
    assert message.isVisible()
    assert "does not fit" in message.text()
    assert bench.child("outputSizeLabel").text() == shown
    assert not bench.child("outputSizeLabel").isEnabled()
    bench.choose("paddingCombo", "same")
    assert not message.isVisible()
    assert bench.child("outputSizeLabel").isEnabled()


def enabled_channels(bench: Bench) -> set[str]:
    combo = bench.child("channelCombo")
    assert isinstance(combo, QComboBox)
    return {combo.itemData(row) for row in range(combo.count()) if combo.model().item(row).isEnabled()}


def test_channels_of_grey_and_colour_pictures(bench):
    bench.flow.open(np.zeros((5, 5), np.uint8))
    assert enabled_channels(bench) == {"rgb", "luma"}
    assert bench.child("channelCombo").currentText() == "Grey"
    bench.flow.open(np.zeros((5, 5, 3), np.uint8))
    assert len(enabled_channels(bench)) == 11
    assert bench.child("channelCombo").currentText() == "All, one by one"
    bench.choose("channelCombo", "lab-a")
    assert bench.store.document.channel == "lab-a"
    bench.store.undo_stack.undo()
    assert bench.child("channelCombo").currentData() == "rgb"


def test_a_kernel_over_channels_needs_them_all(bench):
    bench.flow.open(np.zeros((5, 5, 3), np.uint8))
    bench.store.edit(lambda d: with_kernel(d, Kernel(np.ones((3, 3, 3)))), "3-D")
    assert enabled_channels(bench) == {"rgb"}
    assert bench.child("channelCombo").currentText() == "All, summed"
    bench.store.edit(lambda d: with_kernel(d, Kernel(np.ones((3, 3, 1)))), "one channel")
    assert "rgb" not in enabled_channels(bench)
    assert "luma" in enabled_channels(bench)


def test_showing_a_document_announces_nothing(bench, qtbot):
    document = replace(
        bench.store.document,
        options=SlidingOptions("convolution", (3, 4), (2, 3), (4, 5), "constant", 9.0),
        channel="luma",
    )
    with qtbot.assertNotEmitted(bench.panel.option_chosen), qtbot.assertNotEmitted(bench.panel.channel_chosen):
        bench.store.edit(lambda _: document, "all at once")
    assert bench.store.undo_stack.count() == 1
    values = [bench.child(name).value() for name in ("paddingY", "paddingX", "strideY", "strideX")]
    assert values == [3, 4, 2, 3]
    assert bench.child("dilationX").value() == 5
    assert bench.child("borderValue").value() == 9
    assert bench.child("paddingCombo").currentData() == "pixels"


def test_every_control_is_named_and_explained(bench):
    controls = [
        *bench.panel.findChildren(QSpinBox), *bench.panel.findChildren(QComboBox),
        bench.child("borderValue"), bench.child("operationCombo"), bench.child("paddingCombo"),
    ]  # fmt: skip
    assert len(controls) == 11
    for control in controls:
        assert control.objectName()
        assert control.accessibleName()
        assert control.toolTip()
