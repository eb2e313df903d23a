"""The views of the gradient on their own: the grid's arithmetic, arrows, steps of the thresholds."""

import math
from itertools import pairwise

import numpy as np
import pytest
from PyQt6.QtCore import QPointF, QRect, QRectF, Qt
from PyQt6.QtGui import QColor, QImage, QPainter
from PyQt6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from kernels.digits import nice_step
from viewer import theme
from viewer.pages.gradient.views.arrows import LONGEST, SMALLEST_CELL, ArrowField, paint_arrows, visible
from viewer.pages.gradient.views.grid import PaneGrid, best_columns, cells
from viewer.pages.gradient.views.wheel import DirectionWheel
from viewer.pages.gradient.views.workspace import GradientWorkspace
from viewer.panes.link import Transform
from viewer.panes.title_row import HEIGHT, TitleRow

ROOM = QRectF(0, 0, 400, 300)


def field(gx: np.ndarray, gy: np.ndarray, rect: QRectF | None = None, reach: float = 1.0) -> ArrowField:
    rows, columns = gx.shape
    return ArrowField(gx, gy, np.hypot(gx, gy), rect or QRectF(0, 0, columns, rows), reach)


# -- the grid ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "width", "height", "aspect", "columns"),
    [
        (8, 704, 698, 1.5, 2),  # beside the learned filters
        (7, 1176, 698, 1.5, 4),  # alone
        (8, 1258, 1010, 1.5, 3),  # a large screen
        (8, 704, 698, 0.3, 4),  # a tall picture
        (8, 300, 2000, 6.0, 1),  # a wide one in a narrow column
        (1, 500, 500, 1.0, 1),
    ],
)
def test_the_columns_make_the_picture_large(count: int, width: int, height: int, aspect: float, columns: int) -> None:
    assert best_columns(count, width, height, aspect, HEIGHT) == columns


@pytest.mark.parametrize("columns", [1, 2, 3, 4, 7])
@pytest.mark.parametrize("count", [1, 7, 8])
def test_cells_cover_the_room_without_overlapping(count: int, columns: int) -> None:
    room = QRect(0, 0, 701, 499)
    found = cells(count, min(columns, count), room, 2)
    assert len(found) == count
    taken = np.zeros((room.height(), room.width()), int)
    for each in found:
        assert room.contains(each)
        taken[each.top() : each.bottom() + 1, each.left() : each.right() + 1] += 1
    assert taken.max() == 1
    assert taken.mean() > 0.95
    for first, second in pairwise(found):
        assert second.left() in (first.right() + 3, 0)


def test_all_panes_are_the_same_size_but_the_last(qtbot: QtBot) -> None:
    grid = PaneGrid()
    qtbot.addWidget(grid)
    grid.resize(1176, 698)
    grid.set_content(QRectF(0, 0, 451, 300))
    grid.show()
    shown = [pane for pane in grid.panes.values() if pane.isVisible()]
    assert len(shown) == 6
    assert max(pane.width() for pane in shown) - min(pane.width() for pane in shown) <= 1
    assert max(pane.height() for pane in shown) - min(pane.height() for pane in shown) <= 1
    assert grid.rose.width() > shown[0].width()
    assert grid.panes["gx"].geometry().top() == grid.panes["gy"].geometry().top()
    grid.set_response_visible(True)
    assert grid.panes["response"].isVisible()
    grid.set_maximised("response")
    assert grid.panes["response"].geometry() == grid.rect()
    grid.set_response_visible(False)
    assert grid.maximised == ""
    assert grid.panes["picture"].isVisible()


# -- arrows ------------------------------------------------------------------------------------------------------------


def test_no_arrows_while_the_pixels_are_small() -> None:
    ones = np.ones((10, 10))
    assert visible(field(ones, ones), Transform(SMALLEST_CELL - 0.1, 0, 0), ROOM).shafts == ()
    assert visible(field(ones, ones), Transform(SMALLEST_CELL, 0, 0), ROOM).shafts != ()
    assert visible(field(ones, ones), Transform(SMALLEST_CELL, 0, 0), ROOM, 2.0).shafts == ()


def test_only_arrows_in_sight_are_drawn() -> None:
    ones = np.ones((2000, 3000))
    drawn = visible(field(ones, ones), Transform(30.0, -30 * 1000, -30 * 700), ROOM)
    assert len(drawn.shafts) <= math.ceil(400 / 30 + 1) * math.ceil(300 / 30 + 1)
    assert all(ROOM.adjusted(-30, -30, 30, 30).contains(shaft.center()) for shaft in drawn.shafts)


@pytest.mark.parametrize("degrees", [0, 45, 90, 135, 180, -45, -90, -135])
def test_an_arrow_points_where_intensity_grows_from_its_pixel(degrees: int) -> None:
    turn = math.radians(degrees)
    gx, gy = np.zeros((3, 3)), np.zeros((3, 3))
    gx[1, 2], gy[1, 2] = math.cos(turn), math.sin(turn)
    drawn = visible(field(gx, gy), Transform(40.0, 0, 0), ROOM)
    assert len(drawn.shafts) == 1
    assert len(drawn.dots) == 8
    shaft = drawn.shafts[0]
    assert (shaft.center() - QPointF(100, 60)).manhattanLength() < 1e-6
    assert math.degrees(math.atan2(shaft.dy(), shaft.dx())) % 360 == pytest.approx(degrees % 360)
    assert shaft.length() == pytest.approx(40.0 * LONGEST)


def test_the_length_grows_with_the_magnitude_up_to_a_cell() -> None:
    gx = np.array([[0.1, 0.5, 1.0, 7.0, np.nan]])
    drawn = visible(field(gx, np.zeros_like(gx)), Transform(50.0, 0, 0), ROOM)
    lengths = [shaft.length() for shaft in drawn.shafts]
    assert len(lengths) == 4
    assert lengths[0] < lengths[1] < lengths[2] == lengths[3] < 50.0


def test_arrows_of_an_even_operator_start_between_the_pixels() -> None:
    ones = np.ones((4, 4))
    drawn = visible(field(ones, ones * 0, QRectF(0.5, 0.5, 4, 4)), Transform(40.0, 0, 0), ROOM)
    assert drawn.shafts[0].center() == QPointF(40.0, 40.0)


def test_arrows_are_painted_inside_their_room_only(qtbot: QtBot) -> None:
    image = QImage(200, 100, QImage.Format.Format_RGB888)
    image.fill(QColor("#ffffff"))
    painter = QPainter(image)
    paint_arrows(painter, field(np.ones((4, 8)), np.zeros((4, 8))), Transform(25.0, 0, 0), QRectF(0, 50, 200, 50), 1.0)
    painter.end()
    colours = [[image.pixelColor(x, y) for x in range(200)] for y in range(100)]
    assert {colour.name() for row in colours[:50] for colour in row} == {"#ffffff"}
    assert any(colour.name() == theme.palette().crosshair.name() for row in colours[50:] for colour in row)


# -- thresholds --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "step"), [(2.55, 2.0), (1.0, 1.0), (0.9, 0.5), (0.0499, 0.02), (5.0, 5.0), (1e-7, 1e-7), (163.8, 100.0)]
)
def test_steps_are_round_numbers(size: float, step: float) -> None:
    assert nice_step(size) == pytest.approx(step)


def test_the_wheel_takes_its_picture_and_its_mark(qtbot: QtBot) -> None:
    wheel = DirectionWheel()
    qtbot.addWidget(wheel)
    disc = np.zeros((64, 64, 4), np.uint8)
    disc[:, :, 0] = disc[:, :, 3] = 255
    wheel.resize(150, wheel.sizeHint().height())
    wheel.set_disc(disc)
    centre = wheel.grab().toImage().pixelColor(wheel.width() // 2, wheel.height() // 2)
    assert (centre.red(), centre.green(), centre.blue()) == (255, 0, 0)
    wheel.set_mark(90.0, 1.7)
    assert wheel.mark == (90.0, 1.0)
    wheel.set_mark(math.nan)
    assert wheel.mark is None
    assert wheel.cursor().shape() == Qt.CursorShape.ArrowCursor


def test_the_name_of_a_pane_is_the_last_to_be_cut(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    title = TitleRow(parent)
    title.set_title("Magnitude", "L2 · up to 269.3", "", "")
    parent.resize(600, 40)
    with qtbot.waitExposed(parent):
        parent.show()
    needed = title.name.sizeHint().width()
    for width, whole in ((400, True), (needed + 40, True), (needed // 2, False)):
        title.resize(width, 28)
        assert (title.name.width() >= needed) == whole
    assert title.origin.width() == 0


def test_a_wide_window_has_more_room_for_learned_filters_too(qtbot: QtBot) -> None:
    learned = QWidget()
    workspace = GradientWorkspace(learned)
    qtbot.addWidget(workspace)
    widths = []
    with qtbot.waitExposed(workspace):
        workspace.show()
    for width in (1366, 1920):
        workspace.resize(width, 900)
        QApplication.processEvents()
        widths.append((learned.minimumWidth(), width - learned.minimumWidth()))
    assert widths[0][0] < widths[1][0]
    assert widths[1][0] - widths[0][0] < widths[1][1] - widths[0][1]
