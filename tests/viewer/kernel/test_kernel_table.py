"""The table of weights through keyboard, wheel and pointer."""

from __future__ import annotations

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtWidgets import QApplication, QLabel

from kernels.kernel import Kernel
from viewer import theme
from viewer.widgets import LabelledSlider

Key = Qt.Key
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
SOBEL = [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]


def weights(editor) -> list[list[float]]:
    return editor.kernel.weights.tolist()


def test_setting_model_data_changes_the_weight(editor):
    assert editor.set(0, 0, "1/9")
    assert editor.kernel.weights[0, 0] == 1 / 9
    assert editor.set(1, 1, "−2.5")
    assert editor.kernel.weights[1, 1] == -2.5
    assert editor.steps == 2


def test_model_shows_true_minus_and_reads_back_what_it_edits(editor):
    index = editor.model.index(1, 0)
    assert index.data() == "−2"
    editor.set(1, 0, "1/3")
    editor.model.setData(index, index.data(Qt.ItemDataRole.EditRole))
    assert editor.kernel.weights[1, 0] == 1 / 3
    assert editor.steps == 1


def test_typing_replaces_and_enter_goes_down(editor):
    editor.click(0, 0)
    editor.type("1/9")
    editor.key(Key.Key_Return)
    assert editor.kernel.weights[0, 0] == 1 / 9
    assert editor.table.current_cell() == (1, 0)
    editor.type("0.5")
    editor.key(Key.Key_Return)
    assert editor.kernel.weights[1, 0] == 0.5


def test_tab_fills_rows_and_leaves_after_the_last_cell(editor):
    editor.click(0, 0)
    for number in range(1, 10):
        editor.type(str(number))
        editor.key(Key.Key_Tab)
    assert weights(editor) == [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    assert editor.table.hasFocus()
    editor.key(Key.Key_Tab)
    assert editor.panel.divisor_edit.hasFocus()


def test_shift_tab_goes_back_and_leaves_before_the_first_cell(editor):
    editor.click(0, 1)
    editor.key(Key.Key_Backtab, SHIFT)
    assert editor.table.current_cell() == (0, 0)
    editor.key(Key.Key_Backtab, SHIFT)
    assert not editor.table.hasFocus()


def test_arrow_keys_move_and_lead_on_from_a_typed_number(editor):
    editor.click(0, 0)
    editor.key(Key.Key_Right)
    editor.key(Key.Key_Down)
    assert editor.table.current_cell() == (1, 1)
    editor.type("7")
    editor.key(Key.Key_Right)
    assert editor.kernel.weights[1, 1] == 7
    assert editor.table.current_cell() == (1, 2)


def test_arrow_keys_move_within_a_line_opened_to_correct_it(editor):
    editor.set(0, 0, "12")
    editor.click(0, 0)
    editor.key(Key.Key_F2)
    editor.key(Key.Key_End)
    editor.key(Key.Key_Left)
    editor.type("0")
    editor.key(Key.Key_Return)
    assert editor.kernel.weights[0, 0] == 102


def test_escape_leaves_the_weight(editor):
    editor.click(0, 0)
    editor.type("55")
    editor.key(Key.Key_Escape)
    assert editor.line() is None
    assert weights(editor) == SOBEL
    assert editor.steps == 0


def test_delete_sets_zero(editor):
    editor.click(1, 2)
    editor.key(Key.Key_Delete)
    assert editor.kernel.weights[1, 2] == 0


@pytest.mark.parametrize(("text", "reason"), [("abc", "abc"), ("", "missing"), ("1/0", "zero"), ("1e999", "large")])
def test_unreadable_cell_is_marked_explained_and_changes_nothing(editor, text, reason):
    assert not editor.set(0, 1, text)
    assert weights(editor) == SOBEL
    assert editor.model.draft(0, 1) == text
    message = editor.find(QLabel, "kernelMessage")
    assert message.isVisible()
    assert message.text().startswith("Row 1, column 2: ")
    assert reason in message.text()
    assert editor.steps == 0


def test_escape_discards_an_unreadable_cell(editor):
    editor.click(0, 1)
    editor.type("x")
    editor.key(Key.Key_Return)
    assert editor.model.draft(0, 1) == "x"
    editor.key(Key.Key_Escape)
    assert not editor.model.has_drafts()
    assert editor.find(QLabel, "kernelMessage").isHidden()


def test_unreadable_cell_stays_while_others_are_typed_and_goes_with_a_readable_text(editor):
    editor.set(0, 1, "x")
    editor.set(2, 2, "4")
    assert editor.model.draft(0, 1) == "x"
    assert editor.kernel.weights[2, 2] == 4
    editor.set(0, 1, "0")
    assert not editor.model.has_drafts()
    assert editor.find(QLabel, "kernelMessage").isHidden()


def test_another_kernel_takes_unreadable_cells_away(editor):
    editor.set(0, 1, "x")
    editor.control.choose("sobel-y")
    assert not editor.model.has_drafts()


def test_wheel_needs_the_focus(editor):
    editor.panel.divisor_edit.setFocus()
    assert not editor.wheel(0, 0, 1)
    assert weights(editor) == SOBEL


@pytest.mark.parametrize(("modifier", "expected"), [(Qt.KeyboardModifier.NoModifier, 2), (SHIFT, 0.2), (CTRL, 20)])
def test_wheel_steps_the_weight(editor, modifier, expected):
    editor.click(0, 1)
    editor.wheel(0, 1, 1, modifier)
    editor.wheel(0, 1, 1, modifier)
    assert editor.kernel.weights[0, 1] == expected
    assert editor.steps == 1


def test_tenths_of_the_wheel_stay_tenths(editor):
    editor.click(0, 1)
    for _ in range(3):
        editor.wheel(0, 1, -1, SHIFT)
    assert editor.kernel.weights[0, 1] == -0.3


def test_pause_of_the_wheel_ends_the_step_of_undo(editor, qtbot):
    editor.click(0, 1)
    with qtbot.waitSignal(editor.panel.gesture_finished):
        editor.wheel(0, 1, 1)
    editor.wheel(0, 1, 1)
    assert editor.steps == 2


def test_scrubbing_is_one_step_of_undo(editor):
    editor.drag(0, 1, (8, 0), (16, 0), (40, 0))
    assert editor.kernel.weights[0, 1] == 5
    assert editor.steps == 1
    editor.drag(0, 1, (0, -8), (0, -16))
    assert editor.kernel.weights[0, 1] == 7
    assert editor.steps == 2
    editor.store.undo_stack.undo()
    assert editor.kernel.weights[0, 1] == 5
    editor.store.undo_stack.undo()
    assert weights(editor) == SOBEL


def test_scrubbing_with_shift_goes_by_tenths(editor):
    editor.drag(1, 1, (-8, 0), (-24, 0), modifier=SHIFT)
    assert editor.kernel.weights[1, 1] == -0.3


def test_a_click_only_selects(editor):
    editor.click(2, 1)
    assert editor.table.current_cell() == (2, 1)
    assert editor.steps == 0


def test_double_click_opens_the_line(editor, qtbot):
    editor.click(0, 0)
    qtbot.mouseDClick(editor.table.viewport(), Qt.MouseButton.LeftButton, pos=editor.centre(0, 0))
    assert editor.line() is not None
    editor.key(Key.Key_Escape)


@pytest.mark.parametrize(
    "text",
    [
        "np.array([[1, 2], [3, 4]])",
        "[1 2; 3 4]",
        "1\t2\n3\t4\n",
        "1,2\n3,4",
        "1 2\n3 4",
    ],
)
def test_paste_takes_a_whole_matrix(editor, clipboard, text):
    clipboard.setText(text)
    editor.click(0, 0)
    editor.key(Key.Key_V, CTRL)
    assert weights(editor) == [[1, 2], [3, 4]]
    assert (editor.panel.rows.value(), editor.panel.columns.value()) == (2, 2)
    assert editor.steps == 1


def test_paste_of_a_matrix_into_an_open_line_takes_the_matrix(editor, clipboard):
    clipboard.setText("1 2; 3 4")
    editor.click(0, 0)
    editor.type("5")
    editor.key(Key.Key_V, CTRL)
    assert weights(editor) == [[1, 2], [3, 4]]


def test_paste_of_one_number_changes_one_cell(editor, clipboard):
    clipboard.setText("9")
    editor.click(0, 2)
    editor.key(Key.Key_V, CTRL)
    assert weights(editor) == [[-1, 0, 9], [-2, 0, 2], [-1, 0, 1]]


def test_paste_of_a_ragged_matrix_says_why_and_changes_nothing(editor, clipboard):
    clipboard.setText("1 2 3\n4 5")
    editor.click(0, 0)
    editor.key(Key.Key_V, CTRL)
    assert weights(editor) == SOBEL
    message = editor.find(QLabel, "kernelFileMessage")
    assert message.isVisible()
    assert "Row 2" in message.text()


def test_copy_and_paste_bring_the_kernel_back(editor, clipboard):
    editor.click(0, 0)
    editor.key(Key.Key_C, CTRL)
    assert Kernel.parse(clipboard.text()).weights.tolist() == SOBEL
    editor.control.choose("gaussian")
    editor.key(Key.Key_V, CTRL)
    assert weights(editor) == SOBEL


@pytest.mark.parametrize("style", ["plain", "numpy", "matlab", "csv", "spreadsheet", "imagej"])
def test_copy_menu_offers_every_style(editor, clipboard, style):
    menu = editor.table.copy_menu()
    next(action for action in menu.actions() if action.objectName() == f"copy-{style}").trigger()
    assert clipboard.text() == editor.kernel.format(style)
    menu.deleteLater()


@pytest.mark.parametrize("theme_name", ["dark", "light"])
def test_ink_stands_out_on_every_cell(editor, theme_name):
    theme.apply(QApplication.instance(), theme_name)
    editor.take(Kernel([np.linspace(-1, 1, 31)]))
    for column in range(31):
        index = editor.model.index(0, column)
        ground = index.data(Qt.ItemDataRole.BackgroundRole)
        ink = index.data(Qt.ItemDataRole.ForegroundRole)
        assert theme.contrast(ground, ink) >= 4.5


def test_colours_diverge_around_zero(editor):
    colours = theme.palette()
    grounds = [editor.model.index(1, column).data(Qt.ItemDataRole.BackgroundRole) for column in range(3)]
    assert grounds == [colours.negative, colours.neutral, colours.positive]


@pytest.mark.parametrize(
    "shape", [(1, 1), (2, 2), (1, 7), (7, 1), (4, 6), (7, 7), (1, 31), (31, 31), (33, 33), (63, 5)]
)
@pytest.mark.parametrize("large_type", [False, True])
def test_every_size_stands_inside_the_panel(editor, shape, large_type):
    theme.apply(QApplication.instance(), "light", large_type=large_type)
    editor.take(Kernel(np.arange(1.0, shape[0] * shape[1] + 1).reshape(shape)))
    assert (editor.model.rowCount(), editor.model.columnCount()) == shape
    assert editor.table.width() <= theme.px(248)
    assert editor.table.height() <= theme.px(248)
    last = editor.table.visualRect(editor.model.index(shape[0] - 1, shape[1] - 1))
    assert editor.table.viewport().rect().contains(last)


@pytest.mark.parametrize("shape", [(2, 2), (1, 7), (7, 7)])
def test_small_kernels_show_numbers(editor, shape):
    editor.take(Kernel(np.full(shape, -0.125)))
    assert not editor.table.cell_layout.is_heat_map


def test_heat_maps_of_a_growing_gaussian_keep_their_place(editor):
    editor.choose("gaussian")
    sigma = editor.find(LabelledSlider, "parameter_sigma")
    places = set()
    for value in (1.8, 2.3, 3.0, 4.0, 5.0, 9.0):
        sigma.setValue(value)
        assert editor.table.cell_layout.is_heat_map
        places.add(editor.table.geometry().getRect())
    assert len(places) == 1, places


@pytest.mark.parametrize("side", [9, 25, 31])
def test_every_pixel_of_a_heat_map_belongs_to_the_cell_that_is_painted_there(editor, side):
    editor.take(Kernel(np.random.default_rng(1).normal(size=(side, side))))
    image = editor.table.viewport().grab().toImage()
    for x in range(1, image.width() - 1):
        row, column = editor.table.cell_at(QPoint(x, image.height() // 2))
        index = editor.table.indexAt(QPoint(x, image.height() // 2))
        assert (index.row(), index.column()) == (row, column)
        ground = editor.model.index(row, column).data(Qt.ItemDataRole.BackgroundRole)
        painted = image.pixelColor(x, image.height() // 2)
        assert max(abs(a - b) for a, b in zip(painted.getRgb(), ground.getRgb(), strict=True)) <= 3, x


def test_small_cells_become_a_heat_map_with_the_weight_under_the_pointer_beside_it(editor):
    kernel = np.zeros((31, 31))
    kernel[4, 7] = -1.25
    editor.take(Kernel(kernel))
    reading = editor.find(QLabel, "weightReading")
    assert editor.table.cell_layout.is_heat_map
    editor.point_at(4, 7)
    assert reading.isVisible()
    assert reading.text() == "row 5, column 8: −1.25"


@pytest.mark.parametrize("large_type", [False, True])
@pytest.mark.parametrize("preset", ["gaussian", "gabor"])
def test_the_weight_under_the_pointer_is_told_alike_whatever_stands_beside_the_table(editor, preset, large_type):
    theme.apply(QApplication.instance(), "light", large_type=large_type)
    editor.choose(preset)
    reading = editor.find(QLabel, "weightReading")
    last = [side - 1 for side in editor.kernel.shape]
    editor.point_at(*last)
    assert reading.text() == editor.model.describe(*last)
    needed = reading.fontMetrics().boundingRect(reading.rect(), Qt.TextFlag.TextWordWrap, reading.text())
    assert needed.width() <= reading.width()
    assert needed.height() <= reading.height()


def test_heat_map_up_to_31_is_edited_by_keys(editor):
    editor.take(Kernel(np.zeros((31, 31))))
    editor.click(30, 30)
    editor.type("-3")
    line = editor.line()
    assert line is not None
    assert line.width() >= line.fontMetrics().horizontalAdvance("−3.25")
    editor.key(Key.Key_Return)
    assert editor.kernel.weights[30, 30] == -3


def test_kernel_above_31_is_read_only_but_can_be_turned(editor, qtbot):
    kernel = np.zeros((33, 33))
    kernel[0, 0] = 1
    editor.take(Kernel(kernel))
    editor.click(0, 0)
    editor.type("5")
    editor.key(Key.Key_Delete)
    editor.wheel(0, 0, 1)
    editor.drag(0, 0, (30, 0), (60, 0))
    assert not editor.set(0, 0, "5")
    assert editor.line() is None
    assert np.array_equal(editor.kernel.weights, kernel)
    qtbot.mouseClick(editor.panel.transforms.buttons["rotate"], Qt.MouseButton.LeftButton)
    assert editor.kernel.weights[0, 32] == 1
    assert not editor.panel.transforms.buttons["grow"].isEnabled()
    qtbot.mouseClick(editor.panel.transforms.buttons["shrink"], Qt.MouseButton.LeftButton)
    assert editor.kernel.shape == (31, 31)
    assert editor.set(0, 0, "5")


def test_channels_are_shown_one_at_a_time(editor):
    cube = np.arange(12.0).reshape(2, 2, 3)
    editor.take(Kernel(cube))
    combo = editor.panel.channel_combo
    assert combo.isVisible()
    combo.setCurrentIndex(combo.findData(2))
    assert editor.model.index(0, 1).data() == "5"
    editor.set(0, 1, "-1")
    assert editor.kernel.weights[0, 1].tolist() == [3, 4, -1]
    assert editor.model.channel == 2
    editor.take(Kernel([[1.0]]))
    assert combo.isHidden() or not combo.isVisible()
