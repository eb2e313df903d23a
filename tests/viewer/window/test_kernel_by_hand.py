"""The kernel editor in the real window, by mouse and keyboard: the output is always the oracle's."""

import numpy as np
import pytest
from PyQt6.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt6.QtGui import QGuiApplication, QMouseEvent, QWheelEvent
from PyQt6.QtWidgets import QApplication, QLineEdit, QSlider

from kernels import Kernel
from kernels.filtering import reference
from kernels.kernel import library

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
UNEVEN = np.array([[1, 2, 3], [4, 5, 6], [7, 8, 10]], float)


@pytest.fixture
def picture(window, grid):
    """A small picture in the window, and the kernel `UNEVEN`."""
    window.filter.kernel.take_text("1 2 3; 4 5 6; 7 8 10")
    window.wait_until_idle()
    return grid


@pytest.fixture
def agrees(window, picture):
    """Compare the output with the definition for these weights."""

    def check(weights, **kernel):
        window.wait_until_idle()
        expected = reference.correlate(picture, Kernel(weights, **kernel))
        np.testing.assert_allclose(window.output(), expected, rtol=1e-6, atol=1e-3)

    return check


@pytest.fixture
def cell(window, control):
    """The middle of a cell of the table, in its viewport."""

    def find(row, column):
        table = control("kernelTable")
        return table.visualRect(table.model().index(row, column)).center()

    return find


def by_mouse(window, qtbot, control, button, _action):
    qtbot.mouseClick(control(button), LEFT)


def by_action(window, qtbot, control, _button, action):
    window.intents.action(action).trigger()


TRANSFORMS = {
    ("rotateButton", "rotateKernel"): lambda weights: np.rot90(weights, -1),
    ("flipHorizontalButton", "flipKernelHorizontally"): np.fliplr,
    ("flipVerticalButton", "flipKernelVertically"): np.flipud,
    ("transposeButton", "transposeKernel"): np.transpose,
    ("negateButton", "negateKernel"): np.negative,
    ("growButton", "growKernel"): lambda weights: np.pad(weights, 1),
    ("shrinkButton", "shrinkKernel"): lambda weights: weights[1:-1, 1:-1],
}


@pytest.mark.parametrize("way", [by_mouse, by_action])
def test_transforms(window, qtbot, control, agrees, way):
    for names, turned in TRANSFORMS.items():
        way(window, qtbot, control, *names)
        agrees(turned(UNEVEN))
        control("undoButton").click()
        agrees(UNEVEN)


def test_weights_are_typed_one_after_another(window, qtbot, control, cell, agrees):
    table = control("kernelTable")
    qtbot.mouseClick(table.viewport(), LEFT, NONE, cell(0, 0))
    for text, key in (("1/4", Qt.Key.Key_Tab), ("-2", Qt.Key.Key_Return), ("0.5", Qt.Key.Key_Tab)):
        for character in text:
            qtbot.keyClicks(_line(table) or table, character)
        qtbot.keyClick(_line(table) or table, key)
    changed = UNEVEN.copy()
    changed[0, 0], changed[0, 1], changed[1, 1] = 0.25, -2, 0.5
    agrees(changed)


def _line(table):
    return next((each for each in table.findChildren(QLineEdit, "cellEditor") if each.isVisible()), None)


def test_the_wheel_steps_a_weight(window, qtbot, control, cell, agrees):
    viewport, where = control("kernelTable").viewport(), cell(1, 2)
    qtbot.mouseClick(viewport, LEFT, NONE, where)
    changed = UNEVEN.copy()
    steps = {NONE: 1, Qt.KeyboardModifier.ShiftModifier: 0.1, Qt.KeyboardModifier.ControlModifier: 10}
    for modifier, step in steps.items():
        turned = QWheelEvent(
            QPointF(where), QPointF(viewport.mapToGlobal(where)), QPoint(), QPoint(0, 240), Qt.MouseButton.NoButton,
            modifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(viewport, turned)
        changed[1, 2] += 2 * step
        agrees(changed)


def test_a_scrubbed_weight_is_one_step_of_undo(window, qtbot, control, cell, agrees):
    viewport, start = control("kernelTable").viewport(), cell(1, 1)
    steps = window.store.undo_stack.count()
    qtbot.mousePress(viewport, LEFT, NONE, start)
    for way in (20, 40, 60):
        at = start + QPoint(way, 0)
        moved = QMouseEvent(
            QEvent.Type.MouseMove, QPointF(at), QPointF(viewport.mapToGlobal(at)), Qt.MouseButton.NoButton, LEFT, NONE
        )
        QApplication.sendEvent(viewport, moved)
    qtbot.mouseRelease(viewport, LEFT, NONE, start + QPoint(60, 0))
    assert window.store.undo_stack.count() == steps + 1
    changed = UNEVEN.copy()
    changed[1, 1] = window.store.document.kernel.weights[1, 1]
    assert changed[1, 1] > UNEVEN[1, 1]
    agrees(changed)
    control("undoButton").click()
    agrees(UNEVEN)


def test_rows_columns_divisor_and_offset_are_typed(window, qtbot, control, agrees):
    for name, text in (("kernelRows", "4"), ("divisorEdit", "1/2"), ("offsetEdit", "-3")):
        field = control(name)
        field.setFocus()
        field.selectAll()
        qtbot.keyClicks(field, text)
        qtbot.keyClick(field, Qt.Key.Key_Return)
    weights = window.store.document.kernel.weights
    assert weights.shape == (4, 3)
    agrees(weights, divisor=0.5, offset=-3)


def test_normalising_keeps_the_sign_of_a_negative_sum(window, qtbot, control, agrees):
    qtbot.mouseClick(control("negateButton"), LEFT)
    qtbot.mouseClick(control("normaliseButton"), LEFT)
    agrees(-UNEVEN, divisor=46)


def test_a_kernel_that_sums_to_zero_stays_and_the_reason_stands_beside_it(window, qtbot, control, choose):
    choose("presetCombo", "sobel-x")
    kernel = window.store.document.kernel
    qtbot.mouseClick(control("normaliseButton"), LEFT)
    message = control("kernelNumberMessage")
    assert message.isVisible()
    assert "sum" in message.text()
    assert window.store.document.kernel == kernel


def test_a_preset_is_searched_and_its_slider_moved_by_keys(window, qtbot, control, agrees):
    window.intents.action("choosePreset").trigger()
    qtbot.keyClicks(QApplication.focusWidget(), "gaussian")
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    agrees(library.get("gaussian").weights)
    slider = window.filter.view.kernel.findChild(QSlider)
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    sigma = dict(window.store.document.preset.parameters)["sigma"]
    assert sigma > 1
    agrees(library.get("gaussian", sigma=sigma).weights)


def test_a_matrix_is_copied_and_pasted_in_the_table(window, qtbot, control, agrees):
    table = control("kernelTable")
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    np.testing.assert_array_equal(Kernel.parse(QGuiApplication.clipboard().text()).weights, UNEVEN)
    QGuiApplication.clipboard().setText("0\t1\n2\t0")
    qtbot.keyClick(table, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    agrees([[0, 1], [2, 0]])


def test_an_unreadable_weight_leaves_the_last_result(window, control, agrees):
    before = window.output()
    model = control("kernelTable").model()
    assert not model.setData(model.index(0, 0), "")
    window.wait_until_idle()
    assert window.output() is before
    assert control("kernelMessage").isVisible()


def test_segments_are_clicked(window, qtbot, control, picture):
    for name in ("paddingCombo_valid", "paddingCombo_full", "operationCombo_convolution"):
        qtbot.mouseClick(control(name), LEFT)
        window.wait_until_idle()
        options = window.store.document.options
        filtered = getattr(reference, "convolve" if options.operation == "convolution" else "correlate")
        assert name.rpartition("_")[2] in (options.padding, options.operation)
        np.testing.assert_array_equal(window.output(), filtered(picture, Kernel(UNEVEN), padding=options.padding))


def test_stride_and_dilation_are_typed(window, qtbot, control, picture):
    for name, text in (("strideY", "2"), ("strideX", "3"), ("dilationY", "2"), ("dilationX", "1")):
        field = control(name)
        field.setFocus()
        field.selectAll()
        qtbot.keyClicks(field, text)
        qtbot.keyClick(field, Qt.Key.Key_Return)
    window.wait_until_idle()
    expected = reference.correlate(picture, Kernel(UNEVEN), stride=(2, 3), dilation=(2, 1))
    np.testing.assert_array_equal(window.output(), expected)
