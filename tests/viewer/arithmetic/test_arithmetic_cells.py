"""The cells of the arithmetic strip: what they mark and tell under pointer and keys, and how they are drawn."""

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QAction, QEnterEvent, QGuiApplication, QHelpEvent
from PyQt6.QtWidgets import QApplication, QToolTip, QWidget

from kernels.kernel import Kernel
from tests.viewer.arithmetic.bench import LECTURE, LECTURE_KERNEL, SOBEL, colours
from tests.viewer.pointer import move_to
from viewer import theme


def test_the_tool_tip_of_a_cell_stands_above_the_strip(bench, monkeypatch):
    bench.show(LECTURE, SOBEL, (2, 2))
    seen = []
    monkeypatch.setattr(QToolTip, "showText", lambda place, text, widget: seen.append(place))
    grid = bench.child("productsGrid")
    middle = grid.rect().center()
    QApplication.sendEvent(grid, QHelpEvent(QHelpEvent.Type.ToolTip, middle, grid.mapToGlobal(middle)))
    assert seen[0].y() + 40 < bench.strip.mapToGlobal(QPoint(0, 0)).y() + 16


def hover(grid: QWidget, cell: tuple[int, int]) -> QPoint:
    return grid.rect_of(cell).center().toPoint()


def test_pointing_at_a_cell_marks_its_partners(bench, qtbot):
    bench.show(LECTURE, LECTURE_KERNEL, (0, 2), padding="valid")
    weights = bench.child("weightsGrid")
    before = [bench.child(f"{name}Grid").grab().toImage() for name in ("window", "products")]
    at = QPointF(hover(weights, (2, 2)))
    QApplication.sendEvent(weights, QEnterEvent(at, at, weights.mapToGlobal(at)))
    move_to(weights, QPoint(1, 1))
    move_to(weights, at.toPoint())
    assert "3 × 2 = 6" in bench.titles()
    after = [bench.child(f"{name}Grid").grab().toImage() for name in ("window", "products")]
    assert all(first != second for first, second in zip(before, after, strict=True))
    move_to(weights, QPoint(-30, -30))
    weights.leaveEvent(None)
    assert "Sum ÷ divisor + offset" in bench.titles()


def test_the_marked_cell_moves_by_keys(bench, qtbot):
    bench.show(LECTURE, LECTURE_KERNEL, (0, 2), padding="valid")
    bench.strip.setFocus()
    qtbot.keyClick(bench.strip, Qt.Key.Key_Right)
    assert "3 × 2 = 6" in bench.titles()
    qtbot.keyClick(bench.strip, Qt.Key.Key_Down)
    qtbot.keyClick(bench.strip, Qt.Key.Key_Right)
    assert "3 × 2 = 6" in bench.titles()
    qtbot.keyClick(bench.strip, Qt.Key.Key_Escape)
    assert "Sum ÷ divisor + offset" in bench.titles()


def tip_of(grid: QWidget, cell: tuple[int, int]) -> str:
    at = hover(grid, cell)
    QApplication.sendEvent(grid, QHelpEvent(QHelpEvent.Type.ToolTip, at, grid.mapToGlobal(at)))
    text = QToolTip.text()
    QToolTip.hideText()
    return text


@pytest.mark.parametrize(
    ("border", "tip"),
    [
        ("constant", "outside the picture: border value 9"),
        ("reflect101", "outside the picture: border “Reflect 101” takes y 1, x 1"),
        ("wrap", "outside the picture: border “Wrap” takes y 4, x 4"),
    ],
)
def test_virtual_pixels_say_where_they_come_from(bench, border, tip):
    bench.show(LECTURE, SOBEL, (0, 0), border=border, border_value=9)
    grid = bench.child("windowGrid")
    assert tip in tip_of(grid, (0, 0))
    assert "pixel y 0, x 0" in tip_of(grid, (1, 1))


def test_virtual_pixels_are_hatched(bench):
    bench.show(np.full((5, 5), 7, np.uint8), SOBEL, (0, 0), border="replicate")
    grid = bench.child("windowGrid")
    image = grid.grab().toImage()

    def colours_of(cell):
        rect = grid.rect_of(cell).toAlignedRect()
        return {image.pixel(x, y) for x in range(rect.left() + 4, rect.left() + 10) for y in range(rect.top() + 4, 20)}

    assert len(colours_of((0, 0))) > len(colours_of((0, 0)) & colours_of((1, 1)))
    assert bench.grid("window")[0][0] == 7


@pytest.mark.parametrize(
    ("shape", "is_heat_map"), [((1, 1), False), ((3, 3), False), ((5, 5), False), ((9, 9), True), ((63, 63), True)]
)
def test_large_kernels_become_heat_maps_and_keep_sum_and_value(bench, shape, is_heat_map):
    result = bench.show(np.full((70, 70), 2, np.uint8), Kernel(np.ones(shape)), (35, 35))
    for name in ("window", "weights", "products"):
        grid = bench.child(f"{name}Grid")
        assert grid.is_heat_map == is_heat_map
        assert grid.width() <= 260
        assert grid.height() <= 90
        assert not grid.grab().isNull()
    assert bench.value == str(int(result.array[35, 35])) == str(2 * shape[0] * shape[1])
    last = bench.child("arithmeticValue")
    assert last.mapTo(bench.strip, last.rect().bottomRight()).x() < bench.strip.width()


@pytest.mark.parametrize("width", [420, 600, 898])
def test_no_number_is_ever_cut_off(bench, width):
    bench.strip.resize(width, 128)
    rng = np.random.default_rng(5)
    bench.show(rng.integers(0, 256, (30, 30)).astype(np.uint8), Kernel(rng.normal(size=(9, 9)) * 100), (10, 10))
    bench.qtbot.wait(0)
    for name in ("arithmeticValue", "arithmeticEquation"):
        label = bench.child(name)
        assert label.minimumSizeHint().width() <= label.width(), name
        assert label.mapTo(bench.strip, label.rect().bottomRight()).x() < bench.strip.width()
    bench.strip.resize(1400, 128)
    bench.qtbot.wait(0)
    assert bench.child("arithmeticValue").shown_size() == theme.px(24)


def test_a_heat_map_is_read_under_the_pointer(bench):
    bench.show(np.full((20, 20), 3, np.uint8), Kernel(np.arange(81.0).reshape(9, 9)), (10, 10))
    assert "3 × 80 = 240" in tip_of(bench.child("windowGrid"), (8, 8))


TEXT = """\
Output pixel y 0, x 2 (correlation); window at y 1, x 3 of the picture

Window
2  1  0
1  3  1
2  2  3

Weights
0  1  2
2  2  0
0  1  2

Products
0  1  0
2  6  0
0  2  6

Sum = 17
17 ÷ 1 + 0 = 17
"""


def test_the_keys_copy_while_the_strip_has_the_focus(bench, qtbot):
    bench.show(LECTURE, SOBEL, (0, 0), border_value=4)
    bench.strip.setFocus()
    QGuiApplication.clipboard().setText("before")
    qtbot.keyClick(bench.strip, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    copied = QGuiApplication.clipboard().text()
    assert "-1   0   1" in copied
    assert "5 of the values lie outside the picture; border: constant 4" in copied
    assert copied.rstrip().endswith("= " + bench.value.replace("−", "-"))


def test_a_copy_action_of_the_window_waits_while_the_strip_has_the_focus(bench, qtbot):
    bench.show(LECTURE, LECTURE_KERNEL, (0, 2), padding="valid")
    action = QAction("Copy picture", bench.strip)
    action.setShortcut("Ctrl+C")
    bench.strip.addAction(action)
    bench.strip.setFocus()
    with qtbot.assertNotEmitted(action.triggered):
        qtbot.keyClick(bench.strip, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == TEXT


def test_copied_text_holds_every_channel(bench):
    bench.show(colours(), SOBEL, (2, 3))
    text = bench.strip.text()
    assert [line for line in text.splitlines() if line.startswith("Channel")] == ["Channel R", "Channel G", "Channel B"]


def test_the_strip_and_its_parts_are_named_and_explained(bench):
    bench.show(colours(), SOBEL, (2, 3))
    assert bench.strip.objectName() == "arithmeticStrip"
    names = ("copyArithmeticButton", "traceChannelCombo", "windowGrid", "weightsGrid", "productsGrid")
    for control in (bench.strip, *map(bench.child, names)):
        assert control.accessibleName()
        assert control.toolTip()
