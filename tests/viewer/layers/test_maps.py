"""The picture and a map side by side: where the map lies, what is said, what is marked, what can be chosen."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QImage
from PyQt6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from tests.viewer.pointer import move_to
from viewer import theme
from viewer.pages.layers.views.maps import MapsView
from viewer.painting import Look, paint
from viewer.panes import Overlay, Sheet, make_sheet
from viewer.panes.fields import placed_names
from viewer.panes.link import Transform

SIDE, JUMP = 64, 4
MAPS = tuple(np.full((16, 16), 10 * at, np.uint8) for at in range(20))


def sheet(values: np.ndarray, rect: QRectF) -> Sheet:
    return make_sheet(paint(values, Look("minmax", "grey", (float(values.min()), float(values.max()) + 1))), rect)


class Bench:
    """The view with a picture of 64 x 64 pixels and a map of 15 x 15 that lies in its middle."""

    def __init__(self, qtbot: QtBot, size: tuple[int, int] = (980, 320)) -> None:
        self.qtbot, self.view = qtbot, MapsView()
        qtbot.addWidget(self.view)
        self.view.resize(*size)
        self.picture = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE)).astype(np.uint8)
        self.map = np.random.default_rng(1).normal(size=(15, 15)).round(2)
        self.view.set_content(QRectF(0, 0, SIDE, SIDE))
        self.view.show_picture(sheet(self.picture, QRectF(0, 0, SIDE, SIDE)), "camera", "64 × 64")
        self.view.show_map(
            sheet(self.map, QRectF(2, 2, 15 * JUMP, 15 * JUMP)), stage="Filter bank", number=3, values=(-2.914, 2.9)
        )
        with qtbot.waitExposed(self.view):
            self.view.show()
        QApplication.processEvents()

    def heard(self, signal: Any) -> list[Any]:
        said: list[Any] = []
        signal.connect(lambda *values: said.append(values if len(values) > 1 else values[0]))
        return said


@pytest.fixture
def bench(qtbot: QtBot) -> Bench:
    return Bench(qtbot)


def test_titles_say_what_is_shown(bench: Bench) -> None:
    view = bench.view
    assert view.picture.title.text() == "Picture camera · 64 × 64"
    assert view.map.title.text() == "Map 3 of Filter bank 15 × 15 · −2.91 … 2.9"
    view.show_map(sheet(bench.map[:, :9].copy(), QRectF(0, 0, 9, 15)), stage="Magnitude", values=(0, 1234.5))
    assert view.map.title.text() == "Magnitude 9 × 15 · 0 … 1,230"
    view.show_map(None)
    assert view.map.title.text() == "Map"
    assert view.map.sheet is None
    assert view.picture.notice.label.text() == ""
    view.show_picture(None)
    assert view.picture.notice.label.text() == "Open a picture or drop one here"


def test_the_map_lies_where_its_pixels_belong(bench: Bench) -> None:
    view = bench.view
    shown = view.map.sheet
    assert shown.step == (JUMP, JUMP)
    assert shown.pixel_at(2 + 5 * JUMP + 1.5, 2 + 7 * JUMP + 3.9) == (5, 7)
    # The same point of the scene stands at the same place of both panes.
    for point in ((0.5, 0.5), (30, 41)):
        assert (view.picture.position_of(*point) - view.map.position_of(*point)).manhattanLength() <= 1
    view.link.zoom_to(30.0, QPointF(20, 20))
    assert (view.picture.position_of(20, 20) - view.map.position_of(20, 20)).manhattanLength() <= 1


def test_values_stand_in_cells_of_forty_pixels(bench: Bench) -> None:
    view = bench.view

    def is_written(pane: Any) -> bool:
        """Whether the cell in the middle has more than its own colour."""
        image: QImage = pane.grab().toImage()
        rect = pane.view().rect(pane.sheet.pixel_rect(*pane.sheet.pixel_at(30.5, 30.5)))
        inner = rect.adjusted(6, 6, -6, -6).toRect()
        colours = {
            image.pixelColor(x, y).rgb()
            for x in range(inner.left(), inner.right())
            for y in range(inner.top(), inner.bottom())
        }
        return len(colours) > 1

    view.link.zoom_to(11.0, QPointF(30.5, 30.5))
    assert is_written(view.map)
    assert not is_written(view.picture)
    view.link.zoom_to(9.0, QPointF(30.5, 30.5))
    assert not is_written(view.map)
    view.link.zoom_to(48.0, QPointF(30.5, 30.5))
    assert is_written(view.picture)


def test_panes_say_what_happens_with_their_names(bench: Bench) -> None:
    view = bench.view
    hovered, clicked = bench.heard(view.hovered), bench.heard(view.clicked)
    nudged, freed = bench.heard(view.nudged), []
    view.freed.connect(lambda: freed.append(True))
    for name, pane in (("picture", view.picture), ("map", view.map)):
        place = pane.position_of(20.5, 30.5).toPoint()
        move_to(pane, place)
        assert hovered[-1][0] == name
        assert hovered[-1][1:] == pytest.approx((20.5, 30.5), abs=0.3)
        bench.qtbot.mouseClick(pane, Qt.MouseButton.LeftButton, pos=place)
        assert clicked[-1][0] == name
        view.show_overlays(Overlay(point=(20.5, 30.5), pinned=True), Overlay(point=(20.5, 30.5), pinned=True))
        bench.qtbot.keyClick(pane, Qt.Key.Key_Down)
        assert nudged[-1] == (1, 0)
        bench.qtbot.keyClick(pane, Qt.Key.Key_Escape)
    assert len(freed) == 2


def test_marks_are_painted(bench: Bench) -> None:
    view, gold = bench.view, theme.palette().crosshair
    view.link.fit()
    before = view.picture.grab().toImage()
    box, inner = QRectF(10, 12, 20, 18), QRectF(15, 16, 8, 9)
    view.show_overlays(Overlay(box=box, fields=((inner, "Average pool"),)), Overlay(box=QRectF(2, 2, JUMP, JUMP)))
    image = view.picture.grab().toImage()
    for rect in (box, inner):
        edge = view.picture.position_of(rect.center().y(), rect.left()).toPoint()
        found = [QColor(image.pixel(edge.x() + dx, edge.y())) for dx in (-1, 0, 1)]
        assert any(each.name() == gold.name() for each in found)
    # The name stands at the right of the fields; without a name there is nothing.
    right = view.picture.position_of(inner.center().y(), inner.right()).toPoint()
    strip = [
        (x, y) for x in range(right.x() + 18, right.x() + 40) for y in range(right.y() - 6, right.y() + 6)
    ]  # fmt: skip
    assert any(image.pixel(x, y) != before.pixel(x, y) for x, y in strip)
    view.show_overlays(Overlay(box=box), Overlay())
    assert view.picture.grab().toImage().pixel(*strip[0]) == before.pixel(*strip[0])


@pytest.mark.parametrize(
    ("scale", "left", "top", "seen"),
    [
        (0.5, 40, 40, 3),
        (4.5, -40, 10, 3),
        (60.0, -400, -300, 2),
        (60.0, -900, -2000, 2),
        (60.0, -900, -3000, 0),
        (9.0, 200, 30, 2),
    ],
)
def test_names_of_fields_stay_in_sight(qapp: QApplication, scale: float, left: int, top: int, seen: int) -> None:
    view, room = Transform(scale, left, top), QRectF(0, 28, 390, 290)
    fields = [(QRectF(start, 6, 40 - start, 30), f"Filter bank {start}") for start in (1, 8, 22)]
    boxes = [(view.rect(rect), name) for rect, name in fields]
    placed = placed_names(boxes, QFontMetricsF(theme.font(11, 500)), room, 1.0)
    assert len(placed) == seen
    for at, (box, chip, name) in enumerate(placed):
        assert room.contains(chip)
        assert (box, name) in boxes
        assert not any(chip.intersects(other) for _box, other, _name in placed[at + 1 :])


def test_a_map_is_chosen_by_click_and_by_keys(bench: Bench) -> None:
    view = bench.view
    heard = bench.heard(view.map_chosen)
    view.show_maps(MAPS, 5)
    QApplication.processEvents()
    assert heard == []
    assert view.list.isVisible()
    assert view.list.selected() == 5
    place = view.list.visualRect(view.list.maps.index(4)).center()
    bench.qtbot.mouseClick(view.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert heard == [4]
    view.list.setFocus()
    bench.qtbot.keyClick(view.list, Qt.Key.Key_Right)
    bench.qtbot.keyClick(view.list, Qt.Key.Key_Down)
    bench.qtbot.keyClick(view.list, Qt.Key.Key_End)
    assert heard == [4, 5, 7, 19]
    view.show_selected(2)
    assert view.list.selected() == 2
    view.show_maps(MAPS[:4], None)
    assert view.list.selected() is None
    assert heard == [4, 5, 7, 19]


def test_some_of_many_maps_keep_their_numbers(bench: Bench) -> None:
    view = bench.view
    heard = bench.heard(view.map_chosen)
    view.show_maps(MAPS[:4], 21, (0, 21, 42, 63))
    QApplication.processEvents()
    assert view.findChild(QLabel, "mapsHeading").text() == "4 of 64 maps"
    assert view.list.selected() == 21
    bench.qtbot.keyClick(view.list, Qt.Key.Key_End)
    assert heard == [63]
    assert view.list.maps.index(2).data() == "Map 42"
    view.show_maps(MAPS[:4], 5, (0, 21, 42, 63))
    assert view.list.selected() is None
    view.show_maps(MAPS[:4], 3)
    assert view.findChild(QLabel, "mapsHeading").text() == "4 maps"
    assert view.list.selected() == 3


def test_the_selected_map_is_framed_in_gold(bench: Bench) -> None:
    view = bench.view
    view.show_maps(MAPS, 2)
    QApplication.processEvents()
    gold = theme.palette().crosshair.name()
    for selected in (2, 1):
        view.show_selected(selected)
        image = view.list.viewport().grab().toImage()
        for number in range(4):
            rect = view.list.visualRect(view.list.maps.index(number))
            found = any(image.pixelColor(x, rect.center().y()).name() == gold for x in range(rect.left(), rect.right()))
            assert found == (number == selected)


def test_the_list_fades_where_it_goes_on(bench: Bench) -> None:
    """White maps, so that what is cut at an end would be seen there."""
    view = bench.view
    view.show_maps(tuple(np.full((16, 16), 255, np.uint8) for _ in range(20)), 0)
    bar = view.list.verticalScrollBar()
    for value in (0, bar.maximum() // 2, bar.maximum()):
        bar.setValue(value)
        QApplication.processEvents()
        image = view.list.viewport().grab().toImage()
        for y, goes_on in ((0, value > 0), (image.height() - 1, value < bar.maximum())):
            if goes_on:
                assert {image.pixelColor(x, y).name() for x in range(view.list.viewport().width())} == {
                    theme.palette().panel.name()
                }


def test_one_map_leaves_nothing_to_choose(bench: Bench) -> None:
    view = bench.view
    view.show_maps(MAPS, 0)
    wide = view.map.width()
    view.show_maps(MAPS[:1], 0)
    QApplication.processEvents()
    assert not view.list.isVisible()
    assert view.map.width() > wide


def test_the_scale_is_chosen_and_shown(bench: Bench) -> None:
    view = bench.view
    view.show_maps(MAPS, 0)
    heard = bench.heard(view.scale_chosen)
    view.show_scale("own")
    assert heard == []
    view.scale.setCurrentIndex(0)
    assert heard == ["common"]
    assert view.scale.objectName() == "mapScale"


@pytest.mark.parametrize("size", [(980, 320), (894, 270), (1534, 620)])
@pytest.mark.parametrize("count", [2, 6, 16, 256])
def test_two_maps_stand_beside_each_other(qtbot: QtBot, size: tuple[int, int], count: int) -> None:
    view = Bench(qtbot, size).view
    view.show_maps(tuple(np.zeros((20, 30), np.uint8) for _ in range(count)), 0)
    QApplication.processEvents()
    first, second = (view.list.visualRect(view.list.maps.index(at)) for at in (0, 1))
    assert first.top() == second.top()
    assert second.right() <= view.list.viewport().width()
    assert first.width() >= 70
    assert view.list.indexAt(QPoint(4, 4)).row() == 0
