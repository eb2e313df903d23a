"""The lines that join a small box with its close-up."""

import pytest
from PyQt6.QtCore import QPoint, QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QImage
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from viewer import theme
from viewer.pages.stage.views.lines import Lines


@pytest.fixture
def room(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    made.setStyleSheet("background: #808080")
    made.resize(400, 300)
    with qtbot.waitExposed(made):
        made.show()
    return made


def near(image: QImage, point: QPointF, colour: QColor) -> bool:
    """Is something much like `colour` painted there, or right beside it?"""
    at = point.toPoint()
    found = (image.pixelColor(at + QPoint(x, y)) for x in range(-2, 3) for y in range(-2, 3))
    return any(abs(each.red() - colour.red()) + abs(each.blue() - colour.blue()) < 60 for each in found)


@pytest.mark.parametrize(
    ("side", "large", "ends"),
    [
        ("right", QRectF(300, 20, 80, 260), [(300, 20), (300, 280)]),
        ("left", QRectF(20, 20, 80, 260), [(100, 20), (100, 280)]),
        ("below", QRectF(20, 240, 360, 40), [(20, 240), (380, 240)]),
        ("above", QRectF(20, 20, 360, 40), [(20, 60), (380, 60)]),
    ],
)
def test_lines_lead_from_the_small_box_to_the_large_one(
    room: QWidget, side: str, large: QRectF, ends: list[tuple[int, int]]
) -> None:
    lines = Lines(room)
    lines.show()
    small = QRectF(198, 148, 4, 4)
    lines.show_lines([(small, large, side)])  # type: ignore[list-item]
    image, gold = room.grab().toImage(), theme.palette().crosshair
    for x, y in ends:
        end = QPointF(x, y)
        # Just short of its end, and halfway to the box, which is drawn some 26 pixels large.
        assert near(image, end + (small.center() - end) * 0.02, gold)
        assert any(
            near(image, end + (QPointF(200 + 13 * i, 150 + 13 * j) - end) / 2, gold) for i in (-1, 1) for j in (-1, 1)
        )
    assert near(image, QPointF(200 - 11, 150), gold)
    assert image.pixelColor(200, 150).name() == "#808080"
    lines.show_lines([])
    assert room.grab().toImage().pixelColor(189, 150).name() == "#808080"


def test_lines_follow_their_parent_and_let_the_pointer_through(qtbot: QtBot, room: QWidget) -> None:
    below = QPushButton("below", room)
    below.setGeometry(100, 100, 80, 40)
    below.show()
    lines = Lines(room)
    lines.show()
    lines.show_lines([(QRectF(10, 10, 5, 5), QRectF(300, 20, 80, 260), "right")])
    room.resize(500, 320)
    assert lines.geometry() == room.rect()
    assert room.childAt(below.geometry().center()) is below
    with qtbot.waitSignal(below.clicked):
        QTest.mouseClick(
            room.windowHandle(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, below.geometry().center()
        )
