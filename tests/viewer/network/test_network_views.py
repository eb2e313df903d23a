"""The views of the Network workspace without a page: what they show, where it stands, and what they ask for."""

import numpy as np
import pytest
from PyQt6.QtCore import QCoreApplication, QPointF, Qt
from PyQt6.QtTest import QTest

from viewer import theme
from viewer.pages.network.answers import AnswerColumn
from viewer.pages.network.stages import StageColumn, paint_maps
from viewer.pages.network.views.answers import HEAD, ROW, TOP, WAS, AnswerColumns
from viewer.pages.network.views.pad import DrawPad
from viewer.pages.network.views.row import StageRow
from viewer.pages.network.views.row_layout import columns


def shown(qtbot, view, width, height):
    qtbot.addWidget(view)
    view.resize(width, height)
    with qtbot.waitExposed(view):
        view.show()
    return view


@pytest.mark.parametrize("size", [(800, 290), (886, 352), (1440, 520)])
@pytest.mark.parametrize("counts", [(1, 6, 6, 16, 16, 120, 84, 10), (1, 200, 60, 10), (1, 32, 32, 48, 48, 64, 64, 10)])
def test_all_maps_stand_in_the_room_and_apart(counts, size):
    width, height = size
    units = [count > 64 for count in counts]
    laid = columns(counts, units, width, height, 1.0)
    assert [len(each.tiles) for each in laid] == list(counts)
    right = 0.0
    for column in laid:
        assert column.body.left() > right
        right = column.body.right()
        for tile in column.tiles:
            assert tile.top() >= column.heading.bottom() - 1
            assert tile.bottom() <= height
            assert tile.width() >= 2
        first, *rest = column.tiles
        assert not any(first.adjusted(0.1, 0.1, -0.1, -0.1).intersects(each) for each in rest)
    assert right <= width


def test_a_click_and_the_arrow_keys_choose_a_map(qtbot):
    row = StageRow()
    stages = [StageColumn("Input", ("4 × 4",), 1), StageColumn("Convolution 1", ("3 @ 4 × 4", "30 weights"), 3),
              StageColumn("Dense", ("2 units",), 2, classes=("0", "1"), outputs=(-1.0, 2.0))]  # fmt: skip
    maps = [np.zeros((1, 4, 4), np.uint8), np.full((3, 4, 4), 9, np.uint8), np.zeros((2, 1, 1), np.uint8)]
    row.show_stages(stages, maps, "moved 1 right")
    row.show_selected(0, 1)
    shown(qtbot, row, 880, 350)
    with qtbot.waitSignal(row.map_chosen) as chosen:
        QTest.mouseClick(row, Qt.MouseButton.LeftButton, pos=row.tile(0, 2).center().toPoint())
    assert chosen.args == [0, 2]
    for key, expected in ((Qt.Key.Key_Down, [0, 2]), (Qt.Key.Key_Up, [0, 0]), (Qt.Key.Key_Right, [1, 0]),
                          (Qt.Key.Key_Left, [0, 1])):  # fmt: skip
        with qtbot.waitSignal(row.map_chosen) as chosen:
            qtbot.keyClick(row, key)
        assert chosen.args == expected
    row.show_selected(1, 1)
    assert "Dense, 1: 2" in row.accessibleDescription()
    # The map is painted where it stands.
    grey = row.grab().toImage().pixelColor(row.tile(0, 2).center().toPoint())
    assert grey.red() == grey.blue() == 9


def test_a_stroke_is_painted_before_anything_is_computed(qtbot):
    pad = shown(qtbot, DrawPad(280), 208, 208)
    pad.show_strokes((), 22)
    told = []
    pad.stroke_changed.connect(told.append)
    QTest.mousePress(pad, Qt.MouseButton.LeftButton, pos=QPointF(52, 104).toPoint())
    QTest.mouseMove(pad, QPointF(156, 104).toPoint())
    assert pad.grab().toImage().pixelColor(90, 104).red() == 255
    with qtbot.waitSignal(pad.stroke_ended):
        QTest.mouseRelease(pad, Qt.MouseButton.LeftButton, pos=QPointF(156, 104).toPoint())
    assert np.allclose(told[-1], [(140.0, 70.0), (140.0, 210.0)])


def test_a_fast_stroke_keeps_every_move_and_is_told_once_for_all_that_wait(qtbot):
    pad = shown(qtbot, DrawPad(280), 208, 208)
    told = []
    pad.stroke_changed.connect(told.append)
    compressed = Qt.ApplicationAttribute.AA_CompressHighFrequencyEvents
    before = QCoreApplication.testAttribute(compressed)
    places = [QPointF(20 + 4 * step, 100 + step % 7).toPoint() for step in range(40)]
    QTest.mousePress(pad, Qt.MouseButton.LeftButton, pos=places[0])
    assert not QCoreApplication.testAttribute(compressed)
    for place in places[1:]:
        QTest.mouseMove(pad, place, delay=0)
    assert len(told) < 5
    qtbot.waitUntil(lambda: bool(told) and len(told[-1]) == 40)
    count = len(told)
    QTest.mouseRelease(pad, Qt.MouseButton.LeftButton, pos=places[-1])
    assert len(told) == count
    assert QCoreApplication.testAttribute(compressed) == before


def test_the_answer_names_what_it_was(qtbot):
    view = AnswerColumns()
    column = AnswerColumn("LeNet-5", "convolutional", "61,706 weights", ("0", "1", "2"), (0.1, 0.7, 0.2),
                          (0.6, 0.3, 0.1), "picture moved")  # fmt: skip
    view.show_columns([column, AnswerColumn("MLP", "dense", "169,670 weights")])
    shown(qtbot, view, 224, view.sizeHint().height())
    assert (column.top, column.top_before) == (1, 0)
    said = view.accessibleDescription()
    assert "LeNet-5, 61,706 weights: 1; 0 10.0 %, 1 70.0 %, 2 20.0 %; picture moved: 0 60.0 % before" in said
    assert "MLP: no answer" in said


@pytest.mark.parametrize("name", ["dark", "light"])
def test_the_name_of_a_class_reads_on_its_bar_though_another_is_likelier(qtbot, qapp, name):
    theme.apply(qapp, name)
    view = AnswerColumns()
    view.show_columns([AnswerColumn("ColourNet", "for colours", "", ("bird", "aeroplane"), (0.55, 0.45))])
    shown(qtbot, view, 224, view.sizeHint().height())
    image, middle = view.grab().toImage(), HEAD + TOP + WAS + 4 + ROW + ROW // 2 - 1
    found = [image.pixelColor(x, y) for x in range(3, 50) for y in range(middle - 4, middle + 4)]
    bar = image.pixelColor(90, middle)
    assert max(theme.contrast(each, bar) for each in found) >= 4.5
    theme.apply(qapp, "dark")


def test_maps_are_painted_from_black_or_with_their_signs():
    values = np.array([[[0.0, 1.0]], [[0.0, 4.0]]])
    assert paint_maps(values, common_scale=False)[:, 0, 1].tolist() == [255, 255]
    assert paint_maps(values, common_scale=True)[:, 0, 1].tolist() == [64, 255]
    signed = paint_maps(np.array([[[-1.0, 0.0, 1.0]]]), common_scale=False)[0, 0].astype(int)
    assert signed[0, 2] > signed[0, 0]  # blue below zero
    assert signed[2, 0] > signed[2, 2]  # orange above
    assert np.ptp(signed[1]) < 12
