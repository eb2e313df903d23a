"""The form of options, which follows the stage and never overwrites what is typed."""

import numpy as np
import pytest
from msgspec.structs import replace
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QApplication, QWidget

from tests.viewer.layers.panels import ALL, LINE, LINES, NUMBER, PAIR, STEPS, TEXT, WHOLE, child, make_panel, typed
from viewer.pages.layers import stages
from viewer.pages.layers.cards import Field

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def panel(qtbot):
    return make_panel(qtbot)


@pytest.fixture
def changes(panel):
    found = []
    panel.option_changed.connect(lambda name, value: found.append((name, value)))
    return found


def test_showing_a_stage_announces_nothing(panel, changes):
    panel.show_stage("Everything", ALL, "")
    panel.show_stage("Everything", ALL[::-1], "", key=1)
    panel.show_stage("Filter", (), "")
    assert changes == []


@pytest.mark.parametrize("field", ALL, ids=lambda field: field.kind)
def test_every_field_has_a_named_control_that_shows_its_value(panel, field):
    panel.show_stage("Stage", [field], "")
    control = child(panel, f"layer_{field.name}")
    assert control is panel.form.control(field.name)
    inner = control.focusProxy()
    while inner.focusProxy() is not None:
        inner = inner.focusProxy()
    assert inner.objectName().startswith(f"layer_{field.name}")
    assert inner.accessibleName().startswith(field.title)
    assert field.summary in inner.toolTip()
    assert inner.focusPolicy() & Qt.FocusPolicy.TabFocus


def test_the_values_are_shown(panel):
    panel.show_stage("Stage", ALL, "")
    assert child(panel, "layer_epsilonEdit").text() == "0.5"
    assert child(panel, "layer_layerBox").value() == 2
    assert (child(panel, "layer_strideY").value(), child(panel, "layer_strideX").value()) == (1, 2)
    assert child(panel, "layer_borderCombo").currentData() == "wrap"
    assert not child(panel, "layer_ceilSwitch").isChecked()
    assert child(panel, "layer_meanEdit").text() == "1 2"
    assert child(panel, "layer_meanEdit").placeholderText() == "measured"
    assert child(panel, "layer_kernelsEdit").toPlainText() == "sobel-x\nsobel-y"
    assert child(panel, "layer_groupsValue").text() == "2"


def test_every_control_says_what_the_user_wants(panel, changes, qtbot):
    panel.show_stage("Stage", ALL, "")
    typed(qtbot, child(panel, "layer_epsilonEdit"), "1/4\r")
    child(panel, "layer_layerBox").setValue(3)
    child(panel, "layer_strideX").setValue(5)
    child(panel, "layer_borderCombo").setCurrentIndex(0)
    child(panel, "layer_ceilSwitch").click()
    typed(qtbot, child(panel, "layer_meanEdit"), "7\r")
    typed(qtbot, child(panel, "layer_kernelEdit"), "box\r")
    lines = child(panel, "layer_kernelsEdit")
    typed(qtbot, lines, "box\rlog")
    qtbot.keyClick(lines, Qt.Key.Key_Return, CONTROL)
    child(panel, "layer_groupsSteps").slider.setValue(3)
    assert changes == [
        ("epsilon", 0.25), ("layer", 3), ("stride", (1, 5)), ("border", "constant"), ("ceil", True), ("mean", "7"),
        ("kernel", "box"), ("kernels", "box\nlog"), ("groups", 6),
    ]  # fmt: skip
    assert child(panel, "layer_groupsValue").text() == "6"


def test_leaving_a_field_takes_it_over_once(panel, changes, qtbot):
    panel.show_stage("Stage", (TEXT, LINES), "")
    typed(qtbot, child(panel, "layer_meanEdit"), "7")
    child(panel, "layer_kernelsEdit").setFocus()
    assert changes == [("mean", "7")]
    qtbot.keyClicks(child(panel, "layer_kernelsEdit"), "x")
    child(panel, "layer_meanEdit").setFocus()
    panel.menu_button.setFocus()
    assert changes == [("mean", "7"), ("kernels", "xsobel-x\nsobel-y")]


@pytest.mark.parametrize("name", ["layer_meanEdit", "layer_kernelEdit", "layer_kernelsEdit"])
def test_escape_gives_up_what_was_typed(panel, changes, qtbot, name):
    panel.show_stage("Stage", ALL, "")
    edit = child(panel, name)
    read = edit.toPlainText if name == "layer_kernelsEdit" else edit.text
    before = read()
    typed(qtbot, edit, "other")
    qtbot.keyClick(edit, Qt.Key.Key_Escape)
    assert read() == before
    panel.menu_button.setFocus()
    assert changes == []


@pytest.mark.parametrize(
    ("name", "field", "later", "shown"),
    [
        ("layer_meanEdit", TEXT, "5", "5"),
        ("layer_kernelsEdit", LINES, "box", "box"),
        ("layer_epsilonEdit", NUMBER, 8.0, "8"),
        ("layer_layerBox", WHOLE, 8, "8"),
    ],
)
def test_what_is_being_typed_is_not_overwritten_unless_another_stage_is_shown(panel, qtbot, name, field, later, shown):
    def text(edit):
        return edit.toPlainText() if name == "layer_kernelsEdit" else edit.text()

    def with_value(value):
        return Field(field.name, field.title, field.kind, value, field.summary, (), field.minimum, field.maximum)

    panel.show_stage("Stage", [field], "", key=1)
    edit = child(panel, name)
    typed(qtbot, edit, "3")
    panel.show_stage("Stage", [with_value(later)], "", key=1)
    assert text(edit) == "3"
    panel.show_stage("Stage", [with_value(later)], "", key=2)
    assert text(edit) == shown
    # Where nothing is typed, the focus alone keeps no old value.
    panel.show_stage("Stage", [with_value(field.value)], "", key=2)
    assert text(edit) == str(field.value)


def test_the_form_changes_in_place(panel, qtbot):
    options = stages.defaults("filter", 1)
    panel.show_stage("Filter", stages.fields("filter", options, 1), "", key=1)
    padding = panel.form.control("padding")
    padding.setFocus()
    options = stages.with_option("filter", options, "padding", "pixels")
    panel.show_stage("Filter", stages.fields("filter", options, 1), "", key=1)
    assert panel.form.control("padding") is padding
    assert child(panel, "layer_paddingCombo").hasFocus()
    pixels = child(panel, "layer_padding_pixels")
    assert pixels.isVisible()
    assert padding.geometry().bottom() < pixels.y() < child(panel, "layer_stride").y()
    # Tab visits the fields from the top to the bottom.
    qtbot.keyClick(child(panel, "layer_paddingCombo"), Qt.Key.Key_Tab)
    assert child(panel, "layer_padding_pixelsY").hasFocus()
    qtbot.keyClick(child(panel, "layer_padding_pixelsY"), Qt.Key.Key_Tab)
    assert child(panel, "layer_padding_pixelsX").hasFocus()
    options = stages.with_option("filter", options, "padding", "valid")
    panel.show_stage("Filter", stages.fields("filter", options, 1), "", key=1)
    assert panel.findChild(QWidget, "layer_padding_pixels") is None


def test_tab_visits_the_column_from_the_top_to_the_bottom(panel):
    panel.show_stage("Max pool", stages.fields("max-pool", stages.defaults("max-pool", 1), 1), "", key=1)
    options = stages.defaults("filter-bank", 6)
    panel.show_stage("Filter bank", stages.fields("filter-bank", options, 6), "", key=2)
    visited, here = [], panel.menu_button
    while here is not panel.shift.box:
        here = here.nextInFocusChain()
        if here.focusPolicy() & Qt.FocusPolicy.TabFocus and here.isVisible():
            visited.append(here.objectName().removeprefix("layer_"))
    assert [name for name in visited if name and not name.startswith("qt_")] == [
        "networkCombo", "kernelsEdit", "operationCombo", "paddingCombo", "borderCombo", "strideY", "strideX",
        "dilationY", "dilationX", "groupsStepsSlider", "shift",
    ]  # fmt: skip


def test_steps_of_a_spin_box_and_of_a_slider_are_gestures(panel, changes, qtbot):
    panel.show_stage("Stage", (PAIR, STEPS), "")
    box = child(panel, "layer_strideY")
    box.setFocus()
    with qtbot.waitSignal(panel.gesture_ended):
        qtbot.keyClick(box, Qt.Key.Key_Up)
    slider = child(panel, "layer_groupsStepsSlider")
    slider.setFocus()
    with qtbot.waitSignal(panel.gesture_ended):
        qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert changes == [("stride", (2, 2)), ("groups", 3)]


def test_a_single_step_cannot_be_moved_and_says_why(panel):
    options = stages.defaults("filter-bank", 1)
    panel.show_stage("Filter bank", stages.fields("filter-bank", options, 1), "")
    assert not child(panel, "layer_groupsStepsSlider").isEnabled()
    assert child(panel, "layer_groupsNote").isVisible()
    panel.show_stage("Filter bank", stages.fields("filter-bank", options, 6), "")
    assert child(panel, "layer_groupsStepsSlider").isEnabled()
    assert not child(panel, "layer_groupsNote").isVisible()


def test_what_is_wrong_is_said_in_place(panel, qtbot):
    panel.show_stage("Filter", [LINE, NUMBER], "There is no sobol.", wrong="kernel")
    message = child(panel, "layer_kernelMessage")
    assert message.isVisible()
    assert message.text() == "There is no sobol."
    assert message.mapTo(panel, message.rect().topLeft()).y() < child(panel, "layer_epsilonEdit").mapTo(
        panel, message.rect().topLeft()).y()  # fmt: skip
    assert not panel.message.isVisible()
    panel.show_stage("Filter", [LINE, NUMBER], "")
    assert not message.isVisible()
    typed(qtbot, child(panel, "layer_epsilonEdit"), "half\r")
    assert "is not a number" in child(panel, "layer_epsilonMessage").text()


@pytest.mark.parametrize("field", [LINE, LINES])
def test_what_cannot_be_stays_as_it_was_typed_until_it_is_right_or_given_up(panel, changes, qtbot, field):
    def show(text, error=""):
        shown = replace(field, value=text)
        panel.show_stage("Filter", [shown, NUMBER], error, wrong=field.name if error else "", key=1)

    def refuse(_name, _value):
        show(field.value, "There is no sobol.")

    show(field.value)
    edit, number = child(panel, f"layer_{field.name}Edit"), child(panel, "layer_epsilonEdit")
    text = edit.text if field is LINE else edit.toPlainText
    panel.option_changed.connect(refuse)
    edit.setFocus()
    edit.selectAll()
    qtbot.keyClicks(edit, "sobol")
    number.setFocus()
    assert text() == "sobol"
    assert edit.property("invalid")
    assert changes == [(field.name, "sobol")]
    show(field.value, "There is no sobol.")
    assert text() == "sobol"
    edit.setFocus()
    with qtbot.waitSignal(panel.given_up):
        qtbot.keyClick(edit, Qt.Key.Key_Escape)
    assert text() == field.value
    assert not edit.property("invalid")
    assert not child(panel, f"layer_{field.name}Message").isVisible()
    edit.selectAll()
    qtbot.keyClicks(edit, "sobol")
    number.setFocus()
    panel.option_changed.disconnect(refuse)
    edit.setFocus()
    edit.selectAll()
    qtbot.keyClicks(edit, "outline")
    number.setFocus()
    assert changes[-1] == (field.name, "outline")
    show("outline")
    assert text() == "outline"
    assert not edit.property("invalid")


def test_a_stage_without_options_says_so_and_the_picture_is_no_stage(panel):
    panel.show_stage("ReLU", (), "")
    assert panel.note.isVisible()
    assert not panel.form.isVisible()
    assert panel.heading.text() == "RELU"
    assert panel.heading.accessibleName() == "ReLU"
    panel.show_no_stage("Picture", "What the row begins with.")
    assert panel.note.text() == "What the row begins with."
    assert not panel.menu_button.isVisible()
    assert not panel.shift.isVisible()
    panel.show_stage("Filter", [LINE], "")
    assert panel.menu_button.isVisible()
    assert panel.shift.isVisible()
    assert not panel.note.isVisible()


def test_the_menu_duplicates_moves_and_removes(panel):
    done = []
    panel.duplicate_requested.connect(lambda: done.append("duplicate"))
    panel.moved.connect(done.append)
    panel.remove_requested.connect(lambda: done.append("remove"))
    for name in ("duplicate", "move-left", "move-right", "remove"):
        panel.findChild(QAction, f"layerMenu_{name}").trigger()
    assert done == ["duplicate", -1, 1, "remove"]
    assert panel.menu_button.accessibleName()
    assert panel.menu_button.toolTip()


def test_a_field_of_lines_is_as_high_as_its_lines(panel):
    heights = []
    for count in (1, 2, 5, 40):
        panel.show_stage("Stage", [Field("kernels", "Kernels", "lines", "\n".join(["box"] * count))], "", key=count)
        QApplication.processEvents()
        heights.append(child(panel, "layer_kernelsEdit").height())
    assert heights[0] == heights[1] < heights[2] < heights[3] < 150


def test_a_text_that_is_hard_to_read_is_folded_until_it_is_wanted_or_wrong(panel, qtbot):
    picture = np.zeros((3, 3, 3), np.uint8)
    hard = replace(LINES, readable=("2 kernels of 3 × 3",), pictures=(picture,) * 20)
    panel.show_stage("Filter bank", [hard])
    edit, button = child(panel, "layer_kernelsEdit"), child(panel, "layer_kernelsUnfold")
    pictures = child(panel, "layer_kernelsPictures")
    assert child(panel, "layer_kernelsSaid").text() == "2 kernels of 3 × 3"
    assert pictures.isVisible()
    assert pictures.height() > 2 * 26
    assert not edit.isVisible()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert edit.isVisible()
    assert edit.toPlainText() == LINES.value
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    panel.show_stage("Filter bank", [hard], "There is no sobol.", wrong="kernels")
    assert edit.isVisible()
    panel.show_stage("Filter bank", [LINES])
    assert edit.isVisible()
    assert not button.isVisible()
    assert not pictures.isVisible()
