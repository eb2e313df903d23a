"""The line of arithmetic: weights, divisor and offset edited in place, and what pointing marks."""

from typing import Any

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtGui import QFontMetricsF, QGuiApplication, QHelpEvent
from PyQt6.QtWidgets import QApplication, QToolTip

from kernels import Kernel
from tests.viewer.pointer import move_to
from tests.viewer.stage.equation_bench import CAMERA, SOBEL, Bench, Key, colours

# -- editing -----------------------------------------------------------------------------------------------------------


def test_a_weight_is_typed_over_its_cell(bench: Bench) -> None:
    bench.camera()
    said = bench.heard(bench.view.weight_changed)
    grid = bench.view.kernel_grid
    grid.setFocus()
    bench.qtbot.keyClick(grid, Key.Key_Right)
    bench.qtbot.keyClick(grid, Key.Key_Down)
    assert grid.current == (1, 1)
    assert grid.accessibleDescription() == "row 2, column 2: 0"
    bench.qtbot.keyClick(grid, "1")
    bench.qtbot.keyClicks(bench.editor(), "/4")
    bench.qtbot.keyClick(bench.editor(), Key.Key_Right)
    assert said == [(1, 1, 0, 0.25)]
    assert grid.current == (1, 2)
    assert grid.hasFocus()
    for key in (Key.Key_F2, Key.Key_Return):
        bench.qtbot.keyClick(grid, key)
        assert bench.editor().text() == "2"
        bench.qtbot.keyClick(bench.editor(), Key.Key_Escape)
        assert grid.editor is None
    assert len(said) == 1


def test_a_text_that_is_no_number_is_refused_in_place(bench: Bench) -> None:
    bench.camera()
    said = bench.heard(bench.view.weight_changed)
    editor = bench.click((2, 2))
    bench.qtbot.keyClicks(editor, "two")
    bench.qtbot.keyClick(editor, Key.Key_Return)
    message = bench.child("equationMessage")
    assert message.isVisible()
    assert "two" in message.accessibleName()
    assert editor.property("invalid")
    bench.qtbot.keyClick(editor, Key.Key_Escape)
    assert not message.isVisible()
    assert said == []
    assert bench.view.kernel_grid.texts[2][2] == "1"


def test_leaving_a_cell_takes_what_was_typed(bench: Bench) -> None:
    bench.camera()
    said = bench.heard(bench.view.weight_changed)
    bench.qtbot.keyClicks(bench.click((0, 0)), "-3")
    second = bench.click((0, 1))
    assert said == [(0, 0, 0, -3.0)]
    assert second.text() == "0"
    bench.view.divisor_edit.setFocus()
    assert bench.view.kernel_grid.editor is None
    assert len(said) == 1


def test_a_whole_kernel_does_not_fit_into_a_cell(bench: Bench) -> None:
    bench.camera()
    QGuiApplication.clipboard().setText("1 2; 3 4")
    editor = bench.click((0, 0))
    bench.qtbot.keyClick(editor, Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert "not a whole kernel" in bench.child("equationMessage").accessibleName()


def test_divisor_and_offset(bench: Bench) -> None:
    bench.camera()
    divisors, offsets = bench.heard(bench.view.divisor_changed), bench.heard(bench.view.offset_changed)
    for name, text in (("Divisor", "0"), ("Divisor", "1/2"), ("Offset", "-12")):
        field = bench.child(f"equation{name}Edit")
        field.setFocus()
        field.selectAll()
        bench.qtbot.keyClicks(field, text)
        bench.qtbot.keyClick(field, Key.Key_Return)
        refused = bench.child("equationMessage")
        assert refused.isVisible() == (text == "0")
    assert divisors == [0.5]
    assert offsets == [-12.0]
    assert bench.heard(bench.view.weight_changed) == []


def test_a_cell_of_a_large_kernel_is_edited_too(bench: Bench) -> None:
    bench.show(np.full((70, 70), 3, np.uint8), Kernel(np.ones((31, 31))), (35, 35))
    said = bench.heard(bench.view.weight_changed)
    editor = bench.click((30, 29))
    assert bench.view.rect().contains(editor.geometry())
    assert editor.geometry().intersects(bench.view.kernel_grid.geometry())
    assert editor.width() >= 120
    bench.qtbot.keyClicks(editor, "7")
    bench.qtbot.keyClick(editor, Key.Key_Tab)
    assert said == [(30, 29, 0, 7.0)]
    assert bench.view.kernel_grid.current == (30, 30)


@pytest.mark.parametrize("shape", [(31, 31), (40, 2), (2, 40)])
def test_the_line_over_a_small_cell_shows_the_whole_weight(bench: Bench, shape: tuple[int, int]) -> None:
    bench.show(np.full((70, 70), 3, np.uint8), Kernel(np.full(shape, 0.000239404)), (35, 35))
    editor = bench.click((0, 0))
    assert editor.text() == "0.000239404"
    assert QFontMetricsF(editor.font()).horizontalAdvance(editor.text()) <= editor.width() - 8
    assert editor.visibleRegion().boundingRect() == editor.rect()


@pytest.mark.parametrize("where", ["equationResult", "equationWindow", "beside"])
def test_a_click_elsewhere_takes_what_was_typed(bench: Bench, where: str) -> None:
    bench.camera()
    said = bench.heard(bench.view.weight_changed)
    bench.qtbot.keyClicks(bench.click((0, 0)), "-3")
    target = bench.view if where == "beside" else bench.child(where)
    bench.qtbot.mouseClick(target, Qt.MouseButton.LeftButton, pos=QPoint(3, 3))
    assert bench.view.kernel_grid.editor is None
    assert said == [(0, 0, 0, -3.0)]


def test_a_divisor_with_many_figures_takes_the_room_of_the_offset(bench: Bench) -> None:
    bench.show(CAMERA, Kernel([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], divisor=50.57412), (1, 1))
    assert bench.view.divisor_edit.text() == "50.57412"
    assert bench.view.offset_edit.text() == "0"
    for field in (bench.view.divisor_edit, bench.view.offset_edit):
        assert bench.view.rect().contains(field.geometry())


# -- pointing ----------------------------------------------------------------------------------------------------------


def test_pointing_at_a_cell_marks_its_partners(bench: Bench) -> None:
    bench.camera()
    said = bench.heard(bench.view.cell_hovered)
    before = [grid.grab().toImage() for grid in bench.view.grids] + [bench.view.result.grab().toImage()]
    grid = bench.view.products_grid
    move_to(grid, bench.at(grid, (0, 0)))
    move_to(grid, bench.at(grid, (1, 2)))
    assert said[-1] == (1, 2)
    after = [each.grab().toImage() for each in bench.view.grids] + [bench.view.result.grab().toImage()]
    assert all(first != second for first, second in zip(before, after, strict=True))
    grid.leaveEvent(None)
    assert said[-1] is None
    assert bench.view.result.grab().toImage() == before[-1]


def test_a_mark_from_elsewhere_is_shown_and_not_announced(bench: Bench) -> None:
    bench.camera()
    said = bench.heard(bench.view.cell_hovered)
    before = bench.view.window_grid.grab().toImage()
    bench.view.set_marked((2, 0))
    assert bench.view.window_grid.grab().toImage() != before
    assert said == []
    bench.view.set_marked((9, 9))  # of a larger kernel that has just gone
    bench.camera()
    assert not bench.view.grab().isNull()


def tip_at(grid: Any, at: QPoint) -> tuple[str, int]:
    """The tool tip at a place of a grid, and where it ends, in its window."""
    QApplication.sendEvent(grid, QHelpEvent(QHelpEvent.Type.ToolTip, at, grid.mapToGlobal(at)))
    shown = next(each for each in QApplication.topLevelWidgets() if each.inherits("QTipLabel") and each.isVisible())
    return QToolTip.text(), shown.geometry().bottom()


def test_tool_tips_stand_above_the_line_and_go_with_what_they_say(bench: Bench) -> None:
    bench.view.move(100, 400)
    bench.camera()
    top = bench.view.mapToGlobal(QPoint(0, 0)).y()
    said, bottom = tip_at(bench.view.window_grid, bench.at(bench.view.window_grid, (1, 1)))
    assert said == "pixel y 1, x 1"
    assert bottom <= top
    bench.camera()
    assert QToolTip.text() == said
    bench.show(np.tile(CAMERA, (3, 3)), SOBEL, (4, 5))
    bench.qtbot.waitUntil(lambda: not QToolTip.isVisible())
    said, bottom = tip_at(bench.view.kernel_grid, bench.at(bench.view.kernel_grid, (0, 0)))
    assert "×" not in said
    assert bottom <= top
    QToolTip.hideText()
    assert bench.view.result.toolTip() == ""


def test_the_title_of_the_result_says_which_pixel(bench: Bench) -> None:
    bench.show(CAMERA, SOBEL, (1, 2))
    assert bench.view.result.heading() == "Output pixel y 1, x 2"
    bench.show(colours(), SOBEL, (2, 3))
    assert bench.view.result.heading() == "Output pixel y 2, x 3 · R"


def test_the_cell_under_the_pointer_is_enlarged(bench: Bench) -> None:
    pixels = np.full((20, 20), 3, np.uint8)
    bench.show(pixels, Kernel(np.arange(81.0).reshape(9, 9)), (10, 10))
    enlarged = bench.child("equationEnlarged")
    assert enlarged.isVisible()
    assert enlarged.lines() == [("", "3"), ("×", "80"), ("=", "240")]
    bench.view.set_marked((0, 2))
    assert enlarged.accessibleDescription() == "3 × 2 = 6"
    bench.camera()
    assert not enlarged.isVisible()


def test_arrow_keys_in_the_kernel_point_too(bench: Bench) -> None:
    bench.camera()
    bench.view.divisor_edit.setFocus()
    said = bench.heard(bench.view.cell_hovered)
    bench.view.kernel_grid.setFocus(Qt.FocusReason.TabFocusReason)
    bench.qtbot.keyClick(bench.view.kernel_grid, Key.Key_Down)
    assert said == [(0, 0), (1, 0)]
