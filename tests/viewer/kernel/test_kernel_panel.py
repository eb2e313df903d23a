"""Size, divisor, offset, normalising, transforms, facts and names of the kernel editor."""

from __future__ import annotations

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QAbstractSpinBox, QComboBox, QLabel, QLineEdit, QSpinBox, QTableView, QToolButton, QWidget

from kernels.kernel import Kernel, library
from viewer import theme
from viewer.pages.filter.views.kernel.facts import facts
from viewer.widgets import SegmentedControl

Key = Qt.Key
LEFT = Qt.MouseButton.LeftButton
ASYMMETRIC = Kernel([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])


def type_into(qtbot, edit: QLineEdit, text: str) -> None:
    edit.setFocus()
    edit.selectAll()
    qtbot.keyClicks(edit, text)
    qtbot.keyClick(edit, Key.Key_Return)


# Size


def test_rows_and_columns_change_apart_and_keep_the_centre(editor):
    editor.take(ASYMMETRIC)
    editor.find(QSpinBox, "kernelRows").setValue(5)
    editor.find(QSpinBox, "kernelColumns").setValue(4)
    assert editor.kernel.shape == (5, 4)
    assert editor.kernel == ASYMMETRIC.resize(5, 3).resize(5, 4)


@pytest.mark.parametrize("name", ["kernelRows", "kernelColumns"])
def test_rows_and_columns_drive_the_size_of_a_preset_that_has_one(editor, name):
    editor.find(QSpinBox, name).setValue(5)
    assert editor.kernel == library.get("sobel-x", size=5)
    assert editor.find(SegmentedControl, "parameter_size").currentData() == 5
    editor.find(QSpinBox, name).setValue(4)  # there is no such Sobel kernel: the next smaller one
    assert editor.kernel == library.get("sobel-x")
    editor.find(QSpinBox, name).setValue(8)  # nor a larger one: zeros around this one
    assert editor.kernel.shape == ((8, 3) if name == "kernelRows" else (3, 8))
    assert editor.store.document.is_edited
    for _ in range(3):
        editor.store.undo_stack.undo()
    assert editor.kernel == library.get("sobel-x")


def test_columns_drive_the_length_of_a_motion_blur(editor):
    editor.control.choose("motion")
    editor.find(QSpinBox, "kernelColumns").setValue(15)
    assert editor.kernel == library.get("motion", length=15)
    assert not editor.store.document.is_edited


def test_size_is_limited_to_31(editor):
    rows = editor.find(QSpinBox, "kernelRows")
    rows.setValue(99)
    assert (rows.value(), editor.kernel.shape) == (31, (31, 3))
    rows.setValue(0)
    assert editor.kernel.shape == (1, 3)


def test_size_can_be_typed(editor, qtbot):
    columns = editor.find(QSpinBox, "kernelColumns")
    columns.setFocus()
    columns.selectAll()
    qtbot.keyClicks(columns, "7")
    qtbot.keyClick(columns, Key.Key_Return)
    assert editor.kernel == library.get("sobel-x", size=7)


def test_a_size_beyond_the_limit_is_refused_in_words(editor, qtbot):
    rows, message = editor.find(QSpinBox, "kernelRows"), editor.find(QLabel, "kernelFileMessage")
    rows.setFocus()
    rows.selectAll()
    qtbot.keyClicks(rows, "99")
    qtbot.keyClick(rows, Key.Key_Return)
    assert "1 to 31" in message.text()
    assert editor.kernel.shape == (3, 3)
    rows.setValue(4)
    assert message.isHidden()


def test_notches_of_the_wheel_over_the_size_are_one_step(editor, qtbot):
    editor.take(ASYMMETRIC)
    rows = editor.find(QSpinBox, "kernelRows")
    for count in (3, 6):
        for _ in range(3):
            rows.stepBy(1)
        with qtbot.waitSignal(editor.panel.gesture_finished):
            qtbot.keyRelease(rows, Key.Key_Up)
        assert editor.kernel.shape == (2 + count, 3)
    assert editor.steps == 2


# Divisor and offset


def test_divisor_and_offset_take_fractions(editor, qtbot):
    type_into(qtbot, editor.find(QLineEdit, "divisorEdit"), "1/9")
    type_into(qtbot, editor.find(QLineEdit, "offsetEdit"), "-0.5")
    assert (editor.kernel.divisor, editor.kernel.offset) == (1 / 9, -0.5)
    assert editor.steps == 2


@pytest.mark.parametrize("text", ["0", "nine", "1/0", ""])
def test_a_bad_divisor_is_marked_explained_and_left_out(editor, qtbot, text):
    edit, message = editor.find(QLineEdit, "divisorEdit"), editor.find(QLabel, "kernelNumberMessage")
    edit.setFocus()
    edit.selectAll()
    qtbot.keyClick(edit, Key.Key_Delete)
    qtbot.keyClicks(edit, text)
    qtbot.keyClick(edit, Key.Key_Return)
    assert editor.kernel.divisor == 1
    assert edit.property("invalid")
    assert message.isVisible()
    assert message.text()
    qtbot.keyClick(edit, Key.Key_Escape)
    assert edit.text() == "1"
    assert not edit.property("invalid")
    assert message.isHidden()


def test_a_long_divisor_is_never_cut_off_and_never_changed_by_passing_through(editor, qtbot):
    exact = 16777216.123456789
    editor.take(Kernel([[1.0, 2.0]], divisor=exact))
    edit = editor.find(QLineEdit, "divisorEdit")
    assert edit.fontMetrics().horizontalAdvance(edit.text()) < edit.width() - 2 * theme.px(7)
    edit.setFocus()
    qtbot.keyClick(edit, Key.Key_Return)
    editor.table.setFocus()
    assert editor.kernel.divisor == exact


@pytest.mark.parametrize(("weights", "divisor"), [([[1, 2], [3, 4]], 10), ([[-1, -2]], 3)])
def test_normalise_sets_the_divisor_to_the_absolute_sum(editor, qtbot, weights, divisor):
    editor.take(Kernel(weights))
    qtbot.mouseClick(editor.find(QToolButton, "normaliseButton"), LEFT)
    assert editor.kernel.divisor == divisor
    assert editor.find(QLineEdit, "divisorEdit").text() == str(divisor)


def test_normalise_refuses_a_zero_sum_and_says_why(editor, qtbot):
    qtbot.mouseClick(editor.find(QToolButton, "normaliseButton"), LEFT)
    message = editor.find(QLabel, "kernelNumberMessage")
    assert message.isVisible()
    assert "0" in message.text()
    assert editor.kernel.divisor == 1
    editor.set(0, 0, "5")
    assert message.isHidden()


# Transforms


@pytest.mark.parametrize(
    ("button", "expected"),
    [
        ("rotateButton", [[4, 1], [5, 2], [6, 3]]),
        ("flipHorizontalButton", [[3, 2, 1], [6, 5, 4]]),
        ("flipVerticalButton", [[4, 5, 6], [1, 2, 3]]),
        ("transposeButton", [[1, 4], [2, 5], [3, 6]]),
        ("negateButton", [[-1, -2, -3], [-4, -5, -6]]),
        ("growButton", [[0, 0, 0, 0, 0], [0, 1, 2, 3, 0], [0, 4, 5, 6, 0], [0, 0, 0, 0, 0]]),
        ("shrinkButton", [[2]]),
    ],
)
def test_transforms(editor, qtbot, button, expected):
    editor.take(ASYMMETRIC)
    qtbot.mouseClick(editor.find(QToolButton, button), LEFT)
    assert editor.kernel.weights.tolist() == expected
    editor.store.undo_stack.undo()
    assert editor.kernel == ASYMMETRIC


def test_transforms_work_from_the_keyboard(editor, qtbot):
    button = editor.find(QToolButton, "negateButton")
    button.setFocus()
    qtbot.keyClick(button, Key.Key_Space)
    assert editor.kernel.weights[0, 0] == 1


def test_growing_stops_at_31_and_shrinking_at_1(editor):
    editor.take(Kernel(np.ones((30, 31))))
    editor.control.transform("grow")
    assert editor.kernel.shape == (31, 31)
    assert not editor.find(QToolButton, "growButton").isEnabled()
    editor.take(Kernel([[1.0]]))
    assert not editor.find(QToolButton, "shrinkButton").isEnabled()


# Facts


@pytest.mark.parametrize(
    ("kernel", "expected"),
    [
        (library.get("sobel-x"),
         ("Sum 0, so flat areas become 0.", "Separable: [1 2 1]ᵀ · [−1 0 1].",
          "Not symmetric: convolution flips the sign.")),
        (library.get("box"),
         ("Sum 9 ÷ 9 = 1, so flat areas stay.", "Separable: [1 1 1]ᵀ · [1 1 1].",
          "Symmetric: correlation = convolution.")),
        (library.get("laplacian-4"),
         ("Sum 0, so flat areas become 0.", "Rank 2, not separable.", "Symmetric: correlation = convolution.")),
        (Kernel([[1.0, 2.0]], offset=-8),
         ("Sum 3: flat areas × 3 − 8.", "A single row.", "Not symmetric: convolution differs.")),
        (Kernel([[0.0]], offset=128), ("All weights are 0, so every pixel becomes 128.",)),
    ],
)  # fmt: skip
def test_facts(qapp, kernel, expected):
    assert facts(kernel) == expected


def test_facts_are_live(editor):
    label = editor.find(QLabel, "kernelFacts")
    assert "Separable" in label.text()
    editor.set(1, 1, "5")
    assert "Sum 5" in label.text()
    assert "not separable" in label.text()


def test_facts_of_the_catalogue_fit_three_lines(editor):
    label = editor.find(QLabel, "kernelFacts")
    for name in library.names():
        editor.control.choose(name)
        assert label.height() <= 3 * label.fontMetrics().lineSpacing(), label.text()


# Names and keyboard


def test_every_control_has_a_name_for_scripts_readers_and_the_pointer(editor):
    editor.control.choose("gabor")
    editor.take(Kernel(np.ones((2, 2, 3))))
    kinds = (QToolButton, QLineEdit, QAbstractSpinBox, QComboBox, QTableView)
    for control in editor.panel.findChildren(QWidget):
        inner = isinstance(control.parent(), QAbstractSpinBox)
        if isinstance(control, kinds) and not inner and control.isVisible():
            assert control.objectName(), control
            assert control.accessibleName(), control.objectName()
            assert control.toolTip(), control.objectName()


def test_tab_reaches_every_control(editor, qtbot):
    editor.panel.preset_combo.setFocus()
    wanted = {"presetCombo", "kernelRows", "kernelColumns", "kernelMenuButton", "kernelTable", "divisorEdit"}
    wanted |= {"offsetEdit", "normaliseButton", *(f"{name}Button" for name in editor.panel.transforms.buttons)}
    seen = set()
    for _ in range(40):
        here = editor.panel.focusWidget()
        seen.add(here.objectName())
        qtbot.keyClick(here, Key.Key_Tab)
    assert wanted <= seen


def test_theme_and_larger_type_change_the_size_of_the_panel(editor, qapp):
    theme.apply(qapp, "light", large_type=True)
    assert editor.panel.width() == theme.px(248) == 372
    assert editor.table.width() > 248
