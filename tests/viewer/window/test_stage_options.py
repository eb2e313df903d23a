"""What is changed on the Stage: chips, preset, weights, divisor and offset, each one step of undo."""

import numpy as np
import pytest
from PIL import Image
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QHelpEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QMenu, QToolTip, QWidget

from kernels import Kernel
from kernels.filtering import reference
from kernels.kernel import library
from kernels.pictures.reading import open_sample

KEY = Qt.Key
NAMES = ("padding", "stride", "dilation", "border", "border_value")


def check_output(stage):
    """The output, its size and the line follow the document."""
    document = stage.window.store.document
    options = document.options
    run = reference.convolve if options.operation == "convolution" else reference.correlate
    pixels = open_sample(document.picture.title).pixels
    expected = run(pixels, document.kernel, **{name: getattr(options, name) for name in NAMES})
    np.testing.assert_allclose(stage.output, expected, rtol=1e-6, atol=1e-4)
    assert stage.line.ends_in(float(stage.output[stage.place]))
    height, width = expected.shape
    stage.look(tap=None)  # what one weight adds stands there while the weight has the focus
    assert f"{width} × {height}" in stage.pane("output").title.text()


CHIPS = {
    "operation": {"convolution": "Convolution", "correlation": "Correlation"},
    "padding": {"full": "Full", "valid": "Valid", "same": "Same"},
    "border": {
        "replicate": "Replicate",
        "reflect": "Reflect",
        "reflect101": "Reflect 101",
        "wrap": "Wrap",
        "constant": "Constant 0",
    },
    "stride": {(k, k): f"Stride {k}" for k in (2, 3, 4, 1)},
    "dilation": {(k, k): f"Dilation {k}" for k in (2, 3, 4, 1)},
}


def test_each_click_on_a_chip_takes_the_next_choice(stage):
    stage.go_to(1, 1)
    stack = stage.window.store.undo_stack
    for option, choices in CHIPS.items():
        chip, before = f"stage{option.capitalize()}", stack.count()
        for value, text in choices.items():
            stage.click(chip)
            options = stage.window.store.document.options
            found = {"stride": options.steps[0], "dilation": options.steps[1]}.get(option, getattr(options, option))
            assert found == value
            assert stage.control(chip).text() == text
            check_output(stage)
        assert stack.count() == before + len(choices)
    stack.undo()
    stage.wait()
    assert stage.control("stageDilation").text() == "Dilation 4"
    check_output(stage)
    stack.setIndex(0)
    stage.wait()
    assert [stage.control(f"stage{option.capitalize()}").text() for option in CHIPS] == [
        list(choices.values())[-1] for choices in CHIPS.values()
    ]
    check_output(stage)


def test_a_chip_by_keys_by_its_menu_and_with_what_it_does_not_offer(stage):
    stage.press(KEY.Key_Right, where="stagePadding")
    stage.press(KEY.Key_Right, where="stagePadding")
    assert stage.window.store.document.options.padding == "valid"
    stage.press(KEY.Key_Left, where="stagePadding")
    assert stage.window.store.document.options.padding == "full"
    QTest.keyClick(stage.control("stagePadding"), KEY.Key_Down)
    menu = QApplication.activePopupWidget()
    assert [action.text() for action in menu.actions()] == ["Valid", "Same", "Full"]
    menu.actions()[1].trigger()
    menu.close()
    stage.wait()
    assert stage.window.store.document.options.padding == "same"
    stage.change(padding=(2, 1), stride=(2, 3))
    assert stage.control("stagePadding").text() == "Padding 2, 1"
    assert stage.control("stageStride").text() == "Stride 2, 3"
    check_output(stage)
    stage.click("stagePadding")
    assert stage.window.store.document.options.padding == "valid"


@pytest.mark.parametrize("width", [1366, 1280, 960])
def test_nothing_of_the_bar_is_cut_in_larger_type(stage, width):
    window, bar = stage.window, stage.window.stage.view.bar
    window.resize(width, 720)
    window.intents.call("largeType")
    stage.wait()
    assert bar.width() == width
    parts = [each for each in bar.children() if isinstance(each, QWidget) and each.isVisible()]
    assert {bar.picture, bar.preset, bar.operation, bar.predict, bar.leave} <= set(parts)
    for each in parts:
        assert each.width() >= each.minimumSizeHint().width(), each.objectName()
    assert not bar.dilation.isVisible()
    assert bar.stride.isVisible() == (width > 960)


def test_a_step_that_is_not_the_usual_one_stays_on_the_bar_the_longest(stage):
    bar = stage.window.stage.view.bar
    stage.window.resize(1280, 720)
    stage.window.intents.call("largeType")
    stage.change(dilation=(2, 2))
    stage.wait()
    assert bar.dilation.isVisible()
    assert not bar.stride.isVisible()


def test_a_preset_is_chosen_and_marked_when_it_is_edited(stage):
    for name in ("box", "sharpen", "gaussian", "laplacian-8"):
        stage.choose("stagePreset", name)
        assert stage.window.store.document.kernel == library.get(name)
        check_output(stage)
    stage.control("equation").weight_changed.emit(0, 0, 0, 5.0)
    stage.wait()
    assert "edited" in stage.control("stagePreset").shown_text()
    check_output(stage)


def test_the_parameters_of_a_preset_are_changed_below_its_chip(stage):
    chip, store = stage.control("stageParameters"), stage.window.store
    assert chip.text() == "Size 3"
    stage.choose("stagePreset", "gaussian")
    assert chip.text() == "σ 1"
    count = store.undo_stack.count()
    stage.press(KEY.Key_Space, where="stageParameters")
    slider = stage.control("stageParameter_sigmaSlider")
    assert stage.control("stageParameter_size").label.text() == "Size"
    assert slider.hasFocus()
    QTest.keyClick(slider, KEY.Key_Right)
    QTest.keyClick(slider, KEY.Key_Right)
    stage.wait()
    sigma = store.document.preset.values["sigma"]
    assert sigma > 1
    assert chip.text() == f"σ {sigma:g}"
    assert store.document.kernel == library.get("gaussian", sigma=sigma)
    assert store.undo_stack.count() == count + 1
    check_output(stage)
    popover = stage.window.stage.view.bar.parameters.popover
    popover.area.changed.emit("sigma", 99.0)
    assert "sigma is 99" in popover._message.text()
    assert chip.text() == f"σ {sigma:g}"
    popover.close()
    stage.choose("stagePreset", "identity")
    assert not chip.isVisible()


def test_no_menu_of_the_bar_has_type_below_16_pixels(stage):
    bar = stage.window.stage.view.bar
    bar.padding._show_all()
    shown = [QApplication.activePopupWidget(), bar.picture.menu(), *bar.picture.menu().findChildren(QMenu)]
    shown.append(stage.control("scanButton").menu())
    assert len(shown) == 4
    assert {menu.font().pixelSize() for menu in shown if not menu.ensurePolished()} == {16}
    shown[0].close()
    delegate = bar.preset.popup._delegate
    assert delegate._font(11).pixelSize() == 16  # the smallest there
    names = [action.text() for action in bar.picture.menu().actions()]
    assert names == [action.text() for action in stage.window.tool_bar.samples.menu().actions()]


def test_no_tool_tip_of_the_stage_has_type_below_16_pixels(stage):
    for name in ("closeUp", "equationWindow", "playButton"):
        widget = stage.control(name)
        place = widget.rect().center()
        QApplication.sendEvent(widget, QHelpEvent(QHelpEvent.Type.ToolTip, place, widget.mapToGlobal(place)))
        tips = [each for each in QApplication.topLevelWidgets() if each.inherits("QTipLabel") and each.isVisible()]
        assert {each.font().pixelSize() for each in tips} == {16}, name
        QToolTip.hideText()


def test_a_long_name_of_a_picture_loses_its_middle_and_is_told_whole(stage, tmp_path):
    name = "holiday-in-the-mountains-with-a-very-long-name-2026"
    path = tmp_path / f"{name}.png"
    Image.fromarray(np.zeros((9, 9), np.uint8)).save(path)
    stage.window.open(path)
    stage.wait()
    button = stage.control("stagePicture")
    assert "…" in button.text()
    assert button.text()[:3] == name[:3]
    assert button.text()[-3:] == name[-3:]
    assert button.toolTip().startswith(name)
    assert name in button.accessibleName()
    assert button.width() >= button.sizeHint().width()


def test_every_workspace_can_be_gone_to(stage):
    bar = stage.window.stage.view.bar
    for kernel, width, count in (("sobel-x", 1280, 3), ("gaussian", 1280, 3), ("gaussian", 1440, 4)):
        stage.choose("stagePreset", kernel)
        stage.window.resize(width, 720)
        stage.wait()
        bar.show_picture("camera")  # its name takes room too
        bar._share_room()
        assert [button.isVisible() for button in bar.workspaces] == [True] * count + [False] * (4 - count)
    for button in bar.workspaces:
        name = button.objectName().removeprefix("stageTo").lower()
        button.click()
        stage.wait()
        assert stage.window.store.session.workspace == name
        stage.enter()


def type_weight(stage, row, column, text):
    """Click a weight of the equation and type another."""
    grid = stage.control("equationKernel")
    QTest.mouseClick(grid, Qt.MouseButton.LeftButton, pos=grid.rect_of((row, column)).center().toPoint())
    assert grid.editor is not None
    grid.editor.selectAll()
    QTest.keyClicks(grid.editor, text)
    QTest.keyClick(grid.editor, KEY.Key_Return)
    stage.wait()


def test_a_weight_is_changed_where_it_stands(stage):
    for operation, place in (("correlation", (0, 2)), ("convolution", (2, 0))):  # shown turned, written as it is
        stage.change(library.get("sobel-x"), operation=operation)
        before, output = stage.window.store.document.kernel.weights, stage.output
        type_weight(stage, 0, 2, "7")
        expected = before.copy()
        expected[place] = 7
        np.testing.assert_array_equal(stage.window.store.document.kernel.weights, expected)
        assert stage.control("equationKernel").values[0, 2] == 7
        check_output(stage)
        stage.window.intents.call("undo")
        stage.wait()
        np.testing.assert_array_equal(stage.window.store.document.kernel.weights, before)
        np.testing.assert_array_equal(stage.output, output)
        stage.window.intents.call("redo")
        stage.wait()
        np.testing.assert_array_equal(stage.window.store.document.kernel.weights, expected)


def test_a_weight_of_the_channel_that_is_shown_is_changed(stage):
    random = np.random.default_rng(6)
    stage.window.sources.replace(stage.picture(random.integers(0, 256, (6, 7, 3)).astype(np.uint8)), "Open an array")
    stage.change(np.zeros((3, 3, 3)))
    stage.control("equationChannel").setCurrentIndex(2)
    stage.wait()
    type_weight(stage, 1, 0, "-2.5")
    expected = np.zeros((3, 3, 3))
    expected[1, 0, 2] = -2.5
    np.testing.assert_array_equal(stage.window.store.document.kernel.weights, expected)
    assert stage.line.ends_in(float(stage.output[stage.place]))


def test_what_is_no_weight_is_refused_with_a_sentence(stage):
    kernel = stage.window.store.document.kernel
    type_weight(stage, 0, 0, "seven")
    assert "seven" in stage.control("equationMessage").text()
    QTest.keyClick(stage.control("equationKernel").editor, KEY.Key_Escape)
    assert stage.control("equationMessage").text() == ""
    assert stage.window.store.document.kernel == kernel
    assert stage.window.store.session.on_stage


def type_number(stage, name, text):
    field = stage.control(name)
    field.setFocus()
    field.selectAll()
    field.setText(text)
    QTest.keyClick(field, KEY.Key_Return)
    stage.wait()


def test_divisor_and_offset_are_changed_where_they_stand(stage):
    type_number(stage, "equationDivisorEdit", "9")
    type_number(stage, "equationOffsetEdit", "−0.5")
    assert (stage.window.store.document.kernel.divisor, stage.window.store.document.kernel.offset) == (9, -0.5)
    check_output(stage)
    type_number(stage, "equationDivisorEdit", "0")
    assert stage.window.store.document.kernel.divisor == 9
    assert "divisor is 0" in stage.control("equationMessage").text()
    type_number(stage, "equationDivisorEdit", "-1/3")
    assert stage.window.store.document.kernel.divisor == pytest.approx(-1 / 3)
    assert stage.control("equationMessage").text() == ""
    check_output(stage)
    for _ in range(3):
        stage.window.intents.call("undo")
        stage.wait()
    assert stage.window.store.document.kernel == library.get("sobel-x")


def test_scripts_change_the_same_document_by_the_names_of_the_filter_page(stage):
    model = stage.control("kernelTable").model()
    model.setData(model.index(1, 1), "4")
    stage.wait()
    assert stage.control("equationKernel").values[1, 1] == 4
    check_output(stage)
    stage.choose("paddingCombo", "valid")
    assert stage.control("stagePadding").text() == "Valid"
    check_output(stage)
    stage.control("divisorEdit").setText("3")
    stage.control("divisorEdit").editingFinished.emit()
    stage.wait()
    assert stage.control("equationDivisorEdit").text() == "3"
    check_output(stage)


def test_a_kernel_of_another_size_and_a_bound_of_25_numbers(stage):
    random = np.random.default_rng(8)
    for shape in ((1, 1), (1, 5), (5, 5), (4, 2), (7, 3), (9, 9)):
        stage.change(Kernel(random.integers(-4, 5, shape).astype(float), divisor=2.0))
        check_output(stage)
        assert stage.control("equationKernel").is_coloured == (shape[0] * shape[1] > 25)
