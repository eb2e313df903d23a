"""Undo through the window: from fields too, to the bottom and back, and what one gesture is."""

import numpy as np
from PyQt6.QtCore import QMimeData, Qt
from PyQt6.QtGui import QImage
from PyQt6.QtWidgets import QApplication

from kernels import Kernel
from kernels.filtering import reference
from kernels.kernel import library
from kernels.pictures.reading import open_sample
from viewer.app import build
from viewer.state import range_mode
from viewer.store import UNDO_LIMIT

CONTROL = Qt.KeyboardModifier.ControlModifier


def test_ctrl_z_after_editing_a_field_undoes_the_edit(window, qtbot, control):
    """Defect 1: the field kept the keys to itself."""
    before = window.store.document
    window.activateWindow()
    for name, text in (("kernelRows", "5"), ("strideX", "3"), ("divisorEdit", "4"), ("borderValue", "9")):
        field = control(name)
        field.setFocus()
        field.selectAll()
        qtbot.keyClicks(field, text)
        qtbot.keyClick(field, Qt.Key.Key_Return)
        assert window.store.document != before, name
        qtbot.keyClick(field, Qt.Key.Key_Z, CONTROL)
        window.wait_until_idle()
        assert window.store.document == before, name
        assert not window.store.undo_stack.canUndo()


def test_ctrl_v_of_a_picture_or_a_path_in_a_focused_field_opens_it(window, qtbot, control, tmp_path):
    image = QImage(5, 3, QImage.Format.Format_Grayscale8)
    image.fill(9)
    image.save(str(tmp_path / "a.png"))
    window.activateWindow()
    for name in ("kernelColumns", "divisorEdit"):
        data = QMimeData()
        data.setImageData(image.scaled(7, 4))
        QApplication.clipboard().setMimeData(data)
        control(name).setFocus()
        qtbot.keyClick(control(name), Qt.Key.Key_V, CONTROL)
        window.wait_until_idle()
        assert window.output().shape[:2] == (4, 7), name
        QApplication.clipboard().setText(str(tmp_path / "a.png"))
        control(name).setFocus()
        qtbot.keyClick(control(name), Qt.Key.Key_V, CONTROL)
        window.wait_until_idle()
        assert window.output().shape == (3, 5), name
    QApplication.clipboard().clear()


def test_an_error_leaves_the_status_row_once_the_user_goes_on(window, tmp_path, choose):
    """Defect 3."""
    window.open(str(tmp_path / "missing.png"))
    window.wait_until_idle()
    message = window.status.message
    assert "missing.png" in message.text()
    choose("rangeCombo", "abs")
    choose("presetCombo", "box")
    assert not message.isVisible()


def test_a_picture_that_is_not_there_at_the_start_is_named_beside_the_sample(qtbot, own_settings, tmp_path):
    window = build(str(tmp_path / "missing.png"))
    qtbot.addWidget(window)
    window.show()
    window.wait_until_idle()
    assert window.output().shape == (512, 512)
    assert "missing.png" in window.status.message.text()
    window.close()


def test_editing_a_kernel_keeps_the_range_and_another_kernel_takes_its_own(window, control, choose):
    """Defect 4: one changed cell of Sobel turned "signed" into "clip"."""
    model = control("kernelTable").model()
    model.setData(model.index(1, 1), "5")
    window.wait_until_idle()
    assert range_mode(window.store.state) == "signed"
    assert control("rangeCombo").currentData() == "signed"
    choose("presetCombo", "box")
    assert control("rangeCombo").currentData() == "clip"
    control("undoButton").click()
    window.wait_until_idle()
    assert control("rangeCombo").currentData() == "signed"


def test_the_size_of_a_preset_follows_rows_and_columns_as_one_step(window, qtbot, control, choose):
    """Defect 5: six notches were six steps, and padded zeros around a box."""
    choose("presetCombo", "box")
    steps, rows = window.store.undo_stack.count(), control("kernelRows")
    rows.setFocus()
    for _ in range(6):
        rows.stepBy(1)
    qtbot.keyRelease(rows, Qt.Key.Key_Up)
    window.wait_until_idle()
    assert window.store.document.kernel == library.get("box", size=9)
    assert window.store.undo_stack.count() == steps + 1
    camera = open_sample("camera").pixels
    np.testing.assert_allclose(
        window.output()[100:110, 100:110], reference.correlate(camera[96:114, 96:114], library.get("box", size=9),
                                                               padding="valid"), atol=1e-3)  # fmt: skip
    control("undoButton").click()
    assert window.store.document.kernel == library.get("box")


def test_a_size_beyond_the_limit_is_refused_in_words(window, qtbot, control):
    rows = control("kernelRows")
    rows.setFocus()
    rows.selectAll()
    qtbot.keyClicks(rows, "99")
    qtbot.keyClick(rows, Qt.Key.Key_Return)
    assert "1 to 31" in control("kernelFileMessage").text()
    assert window.store.document.kernel.shape == (3, 3)


def test_two_hundred_steps_to_the_bottom_and_back_give_the_same_outputs(window, control):
    window.open("lecture-grid")
    window.wait_until_idle()
    pixels = open_sample("lecture-grid").pixels
    model = control("kernelTable").model()
    weights = library.get("sobel-x").weights.copy()
    kernels = [weights.copy()]
    for step in range(UNDO_LIMIT):
        i, j = step % 3, (step // 3) % 3
        weights[i, j] = step + 10
        assert model.setData(model.index(i, j), str(step + 10))
        kernels.append(weights.copy())
    undo, redo = control("undoButton"), control("redoButton")

    def check(step):
        window.wait_until_idle()
        np.testing.assert_array_equal(window.output(), reference.correlate(pixels, Kernel(kernels[step])))

    check(UNDO_LIMIT)
    for button, steps in ((undo, range(UNDO_LIMIT - 1, -1, -1)), (redo, range(1, UNDO_LIMIT + 1))):
        for step in steps:
            button.click()
            if step % 40 == 0:
                check(step)
        assert not button.isEnabled()


def test_a_failing_options_sentence_stays_until_the_output_succeeds(window, control, choose):
    window.open("lecture-5x5")
    control("dilationY").setValue(4)
    choose("paddingCombo", "valid")
    message = control("outputMessage")
    assert "fit" in message.text()
    choose("rangeCombo", "abs")
    assert message.isVisible()
    control("undoButton").click()
    window.wait_until_idle()
    assert not message.isVisible()


def test_the_button_copies_the_arithmetic_of_the_pinned_pixel(window, qtbot, control):
    window.open("lecture-grid")
    window.wait_until_idle()
    pane = control("outputPane")
    qtbot.mouseClick(pane, Qt.MouseButton.LeftButton, pos=pane.position_of(4.5, 5.5).toPoint())
    window.wait_until_idle()
    control("copyArithmeticButton").click()
    value = int(window.output()[4, 5])
    assert QApplication.clipboard().text().rstrip().endswith(f"= {value}")
    assert control("arithmeticValue").text().replace("−", "-") == str(value)
    QApplication.clipboard().clear()


def test_luma_is_offered_for_a_colour_picture_that_turns_grey(window, control):
    """Defect 8."""
    window.open("chelsea")
    window.wait_until_idle()
    offer = control("lumaButton")
    assert offer.isVisible()
    offer.click()
    window.wait_until_idle()
    assert window.store.document.channel == "luma"
    assert window.output().ndim == 2
    assert not offer.isVisible()
