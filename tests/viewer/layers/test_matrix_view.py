"""The matrix view: rows, windows, outputs and pixels linked by pointer and keys; what is told."""

import numpy as np
import pytest
from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtGui import QHelpEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QToolTip

from kernels import Kernel, library
from tests.viewer.layers.matrices import (
    GREY,
    VALID,
    bank_case,
    button,
    heard,
    make_view,
    point,
    sobel_case,
)
from tests.viewer.pointer import move_to
from viewer.pages.layers.matrix import matrix_case
from viewer.pages.layers.views.matrix import EXAMPLE, MAP
from viewer.pages.layers.views.matrix_writing import RowSum, bytes_text, seconds_text


@pytest.fixture
def view(qtbot):
    return make_view(qtbot)


# -- what is linked ----------------------------------------------------------------------------------------------------


def test_pointing_at_a_row_or_an_output_follows_it(view):
    rows = heard(view.row_chosen)
    point(view, "matrix", 8, 2)
    point(view, "result", 3)
    point(view, "output", 2, 1)
    assert rows == [8, 3, 9]
    assert view.bar.place.text() == "Row 10 of 16"
    assert view.drawing.row == 9


def test_pointing_at_a_pixel_lights_it_up_wherever_it_occurs(view):
    case, plan = view.drawing._case, view.drawing.plan
    rows = heard(view.row_chosen)
    point(view, "crop", 2, 3)
    assert view.drawing.pointed.pixel == (2, 3)
    assert rows == []
    lit = {(row, tap) for row, tap in np.ndindex(case.matrix.shape) if case.matrix[row, tap] == case.crop[2, 3, 0]}
    assert len(lit) == 9
    image = view.drawing.grab().toImage()
    grey = [int(case.crop[2, 3, 0])] * 3
    for row, column in np.ndindex(case.matrix.shape):
        box = plan.matrix.box(row, column)
        found = image.pixelColor(round(box.left()) + 4, round(box.center().y()))
        assert (list(found.getRgb()[:3]) == grey) == ((row, column) in lit)
    move_to(view.drawing, view.drawing.rect().bottomLeft())
    assert view.drawing.pointed.pixel is None


def test_pointing_at_an_entry_marks_pixel_and_weight(view):
    point(view, "matrix", 6, 7)
    assert view.drawing.row == 6
    assert view.drawing.pointed.tap == 7
    assert view.drawing.pointed.pixel == (1 + 2, 2 + 1)  # window of output (1, 2), tap (2, 1)
    point(view, "factor", 2)
    assert view.drawing.pointed.tap == 2
    point(view, "kernel", 1, 0)
    assert view.drawing.pointed.tap == 3


def test_in_the_sparse_matrix_a_column_is_a_pixel(view):
    view.show_mode("sparse")
    point(view, "matrix", 6, 3 * 6 + 3)
    assert (view.drawing.row, view.drawing.pointed.pixel, view.drawing.pointed.tap) == (6, (3, 3), 7)
    point(view, "matrix", 6, 0)
    assert view.drawing.pointed.tap is None  # no weight of this row
    point(view, "factor", 8)
    assert view.drawing.pointed.pixel == (1, 2)
    point(view, "crop", 4, 4)
    assert view.drawing.pointed.pixel == (4, 4)


def test_no_tool_tip_covers_the_cells(view):
    at = view.drawing.plan.matrix.box(3, 3).center().toPoint()
    QApplication.sendEvent(view.drawing, QHelpEvent(QHelpEvent.Type.ToolTip, at, view.drawing.mapToGlobal(at)))
    assert not QToolTip.isVisible()
    assert "Page Up" in view.drawing.toolTip()


def test_arrow_keys_step(view):
    rows = heard(view.row_chosen)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Up, Qt.Key.Key_Home, Qt.Key.Key_Left,
                Qt.Key.Key_End, Qt.Key.Key_Down):  # fmt: skip
        QTest.keyClick(view.drawing, key)
    assert rows == [6, 10, 9, 5, 0, 15]


def test_buttons_step_and_stop_at_the_ends(view):
    rows = heard(view.row_chosen)
    button(view, "matrixForward").click()
    button(view, "matrixBack").click()
    button(view, "matrixBack").click()
    assert rows == [6, 5, 4]
    view.drawing.show_row(0)
    QTest.keyClick(view.drawing, Qt.Key.Key_End)
    assert not button(view, "matrixForward").isEnabled()
    assert button(view, "matrixBack").isEnabled()


def test_playing_walks_through_the_rows_and_round(view):
    rows = heard(view.row_chosen)
    view.show_case(sobel_case((10, 12), block=sobel_case().block), "")
    assert view.drawing.row == 10
    button(view, "matrixPlay").click()
    assert view.is_playing
    assert button(view, "matrixPlay").accessibleName() == "Pause"
    for _each in range(6):
        view._advance()
    assert rows == [11, 12, 13, 14, 15, 0]
    point(view, "matrix", 8)  # the pointer that happens to lie there does not interfere
    assert rows[-1] == 0
    QTest.keyClick(view.drawing, Qt.Key.Key_Space)
    assert not view.is_playing
    view.set_playing(True)
    view.hide()
    assert not view.is_playing


# -- kernels, maps, channels -------------------------------------------------------------------------------------------


def test_the_switch_tells_which_kernel_is_wanted(view):
    wanted = heard(view.kernel_chosen)
    view.show_kernel(EXAMPLE, "Map 3, 5 × 5")
    assert wanted == []
    button(view, "matrixKernel_map").click()
    assert wanted == ["map"]
    assert button(view, "matrixKernel_map").text() == "Map 3, 5 × 5"
    view.show_kernel(MAP, "Map 1")
    assert wanted == ["map"]
    assert view.bar.kernel.currentData() == "map"


def test_a_click_on_a_kernel_or_its_outputs_chooses_the_map(view):
    view.show_case(bank_case(), "")
    maps = heard(view.map_chosen)
    plan = view.drawing.plan
    assert len(plan.factor.columns) == len(plan.result.columns) == 3
    for table, column in ((plan.factor, 0), (plan.factor, 1), (plan.result, 2)):
        QTest.mouseClick(view.drawing, Qt.MouseButton.LeftButton, pos=table.box(2, column).center().toPoint())
    assert maps == [0, 2]
    QTest.keyClick(view.drawing, Qt.Key.Key_PageDown)
    QTest.keyClick(view.drawing, Qt.Key.Key_PageUp)
    assert maps == [0, 2, 2, 0]


def test_the_selected_map_of_many_is_always_shown(view):
    for selected in (0, 5, 15):
        view.show_case(bank_case(selected, 16), "")
        plan = view.drawing.plan
        assert selected in plan.maps
        widths = [length for _start, length in plan.factor.columns]
        assert widths.index(max(widths)) == selected - plan.maps.start


def test_channels_are_shown_one_at_a_time(view):
    view.show_case(bank_case(), "")
    assert view.drawing.channel == 0
    QTest.keyClick(view.drawing, Qt.Key.Key_PageDown, Qt.KeyboardModifier.ShiftModifier)
    assert view.drawing.channel == 1
    point(view, "matrix", 0, 4)  # tap 2 of channel 0
    assert view.drawing.channel == 0
    assert view.drawing.pointed.tap == 2
    top = view.drawing.plan.crop.whole.topLeft().toPoint()
    QTest.mouseClick(view.drawing, Qt.MouseButton.LeftButton, pos=top - QPointF(-10, 12).toPoint())
    assert view.drawing.channel == 1
    view.show_case(sobel_case(), "")
    assert view.drawing.channel == 0


def test_the_small_picture_shows_the_other_matrix_large(view):
    view.grab()
    QTest.mouseClick(view.facts, Qt.MouseButton.LeftButton, pos=view.facts.picture_rect().center().toPoint())
    assert view.mode == "sparse"
    assert view.bar.mode.currentData() == "sparse"
    assert len(view.drawing.plan.matrix.columns) == 36
    QTest.keyClick(view.facts, Qt.Key.Key_Return)
    assert view.mode == "windows"
    button(view, "matrixMode_sparse").click()
    assert view.mode == "sparse"


# -- what is written ---------------------------------------------------------------------------------------------------


def test_the_sum_of_the_row_is_written_out():
    image = np.zeros((6, 6), np.uint8)
    image[1:4, 1:4] = [[208, 217, 214], [137, 209, 204], [48, 149, 228]]
    case = matrix_case(image, [library.get("sobel-x")], VALID, (1, 1), look=GREY)
    assert RowSum(case, 5).text() == "−208 + 0 + 214 − 274 + 0 + 408 − 48 + 0 + 228 = 320"
    inks = [piece.ink for piece in RowSum(case, 5).pieces(9)]
    assert inks[:4] == ["negative_text", "muted", "positive_text", "negative_text"]


def test_divisor_and_offset_end_the_sum():
    image = np.full((5, 5), 9, np.uint8)
    case = matrix_case(image, [Kernel(np.ones((2, 1)), divisor=4, offset=-0.5)], VALID, (0, 0), look=GREY)
    assert RowSum(case, 0).text() == "9 + 9 = 18 ÷ 4 − 0.5 = 4"


def test_many_terms_are_written_as_the_largest_and_the_rest():
    image = np.arange(25, dtype=np.uint8).reshape(5, 5)
    case = matrix_case(image, [Kernel(np.ones((5, 5)))], VALID, (0, 0), look=GREY)
    texts = [piece.text for piece in RowSum(case, 0).pieces(3)]
    assert texts == ["24", "23", "22", "rest of 21 terms: 231", "300"]


def test_facts_tell_sizes_memory_times_and_equality(view):
    lines = view.facts.lines
    assert "Matrix: 16 × 9, 576 bytes" in lines
    assert "Each output: 9 multiplications" in lines
    assert "Equal to the engine: ✓ exactly" in lines
    assert "Matrix: 324 × 9, 11.7 kB" in lines
    assert "Too long to read, so a crop is shown." in lines
    assert any("16 × 36" in line and "96 of 576 entries are not 0" in line for line in lines)
    assert any(line.startswith("Time: ") and "engine" in line for line in lines)
    view.show_mode("sparse")
    assert "Not 0: 96 of 576 entries" in view.facts.lines
    assert view.facts.accessibleDescription() == "\n".join(view.facts.lines)


def test_a_difference_is_told(view, monkeypatch):
    from kernels import correlate

    monkeypatch.setattr("kernels.correlate", lambda *given, **named: correlate(*given, **named) + 1)
    view.show_case(sobel_case(), "")
    assert "Equal to the engine: off by 1" in view.facts.lines


def test_the_row_is_heard(view):
    assert view.drawing.accessibleDescription().startswith("Row 6 of 16: ")
    view.drawing.show_row(2)
    assert view.drawing.accessibleDescription().startswith("Row 3 of 16: ")


def test_without_a_case_a_sentence_says_why(view):
    view.set_playing(True)
    view.show_case(None, "The kernel does not fit.")
    assert view.empty.isVisible()
    assert view.empty.text() == "The kernel does not fit."
    assert view.empty.property("role") == "muted"
    assert not view.is_playing
    assert not button(view, "matrixForward").isEnabled()
    assert view.facts.lines == []
    QTest.keyClick(view.drawing, Qt.Key.Key_Right)
    view.show_case(sobel_case(), "")
    assert view.drawing.isVisible()


@pytest.mark.parametrize(("size", "text"), [(576, "576 bytes"), (25_806_400, "25.8 MB"), (1.6e12, "1.6 TB")])
def test_bytes_are_read_easily(size, text):
    assert bytes_text(size) == text


def test_short_times_are_microseconds():
    assert seconds_text(2.14e-5) == "21 µs"
    assert seconds_text(0.25) == "250 ms"
