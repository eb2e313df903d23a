"""The close-up: where cells stand, what they say, where they come from, and what the pointer and keys do."""

from itertools import pairwise

import numpy as np
import pytest
from msgspec.structs import replace
from PyQt6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PyQt6.QtGui import QHelpEvent
from PyQt6.QtWidgets import QApplication, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from tests.viewer.pointer import move_to
from tests.viewer.stage.close_up_cells import LEFT, at_corner, colours_in, make, make_close_up, painted, with_window
from viewer import theme
from viewer.pages.stage.views.close_up import CloseUp
from viewer.pages.stage.views.drawing import Grid
from viewer.pages.stage.views.origins import arrows, path, words


@pytest.fixture
def view(qtbot: QtBot) -> CloseUp:
    return make_close_up(qtbot)


# -- where cells stand -------------------------------------------------------------------------------------------------


def test_cells_are_square_as_large_as_fits_and_in_the_middle(view: CloseUp) -> None:
    view.show_cells(make())
    assert view.cell_rect(10, 20) == QRectF(39, 0, 56, 56)
    assert view.cell_rect(16, 28) == QRectF(39 + 8 * 56, 6 * 56, 56, 56)
    assert view.grid_rect() == QRectF(39, 0, 504, 392)
    for y, x in ((9, 20), (10, 19), (17, 20), (10, 29)):
        assert view.cell_rect(y, x).isEmpty()
    view.resize(300, 392)
    assert view.cell_rect(10, 20).size().width() == 300 // 9
    assert view.pixel_at(view.cell_rect(13, 25).center()) == (13, 25)


def test_floating_cells_leave_room_for_the_frame_and_paint_nothing_beside_them(qtbot: QtBot) -> None:
    below = QWidget()
    qtbot.addWidget(below)
    below.setStyleSheet("background: #102030")
    view = CloseUp("outputCloseUp", "Close-up of the output", "", below, floats=True)
    view.show_cells(make(3, 7, grey=255))
    below.resize(380, 172)
    view.setGeometry(0, 0, 380, 172)
    with qtbot.waitExposed(below):
        below.show()
    assert view.grid_rect().left() >= 8
    assert view.grid_rect().top() >= 8
    image = painted(below)
    assert image.pixelColor(2, 2).name() == "#102030"
    assert image.pixelColor(view.cell_rect(10, 20).center().toPoint() - QPoint(22, 0)).name() == "#ffffff"


def test_nothing_to_show(qtbot: QtBot, view: CloseUp) -> None:
    """Without cells nothing is painted but the ground, and neither pointer nor keys find anything."""
    view.show_cells(make())
    view.show_cells(None)
    assert view.cell_rect(10, 20).isEmpty()
    assert view.grid_rect().isEmpty()
    assert view.pixel_at(QPointF(200, 200)) is None
    assert view.cell_text(10, 20) == ""
    assert view.accessibleDescription() == ""
    with qtbot.assertNotEmitted(view.clicked):
        qtbot.mouseClick(view, LEFT, pos=QPoint(200, 200))
    assert colours_in(painted(view), QRectF(view.rect())) == {theme.palette().well.name()}


# -- where virtual pixels come from ------------------------------------------------------------------------------------

BORDERS = {
    "replicate": lambda at: max(at, 0),
    "reflect": lambda at: -1 - at if at < 0 else at,
    "reflect101": abs,
}


@pytest.mark.parametrize("border", BORDERS)
def test_arrows_lead_to_the_pixel_that_is_read(view: CloseUp, border: str) -> None:
    cells = at_corner(make(), BORDERS[border])
    found = dict(arrows(cells))
    assert set(found) == {(i, j) for i in range(7) for j in range(9) if i < 2 or j < 2}
    for (row, column), (to_row, to_column) in found.items():
        assert (to_row - 2, to_column - 2) == (BORDERS[border](row - 2), BORDERS[border](column - 2))
    assert words(cells) == {}


def test_arrows_are_painted_and_the_one_pointed_at_stands_out(qtbot: QtBot, view: CloseUp) -> None:
    plain = at_corner(make(grey=90, text=""), abs)
    view.show_cells(replace(plain, origins=np.full((7, 9, 2), -1)))
    bare = painted(view)
    view.show_cells(plain)
    drawn = painted(view)
    across = QRectF(view.cell_rect(-1, 4).center(), view.cell_rect(1, 5).center()).toRect()
    assert bare.copy(across) != drawn.copy(across)
    move_to(view, view.cell_rect(-1, 5).center().toPoint())
    assert drawn.copy(across) != painted(view).copy(across)


@pytest.mark.parametrize("border", BORDERS)
def test_arrows_cross_out_no_number(border: str) -> None:
    """They run in the margins of the cells, from the edge of one to the edge of the other."""
    side = 56.0
    grid = Grid(0, 0, side, 7, 9)
    for start, end in arrows(at_corner(make(), BORDERS[border])):
        corners = path(grid.rect(*start), grid.rect(*end))
        assert grid.rect(*start).contains(corners[0])
        assert grid.rect(*end).contains(corners[-1])
        for first, last in pairwise(corners):
            if abs(first.x() - last.x()) < 1e-6:
                assert 0 <= first.x() % side <= 0.1 * side
            else:
                assert abs(first.y() - last.y()) < 1e-6
                assert 0 <= first.y() % side <= 0.13 * side
        for corner, cell in ((corners[0], start), (corners[-1], end)):
            middle = grid.rect(*cell).center()
            assert max(abs(corner.x() - middle.x()), abs(corner.y() - middle.y())) >= 0.35 * side


def test_an_origin_out_of_sight_is_told_in_words(view: CloseUp) -> None:
    cells = at_corner(make(), lambda at: at % 512)
    found = words(cells)
    assert found[1, 4] == ("y 511",)
    assert found[4, 0] == ("x 510",)
    assert found[0, 1] == ("y 510", "x 511")
    assert arrows(cells) == []
    view.show_cells(cells)
    with_words = painted(view)
    view.show_cells(replace(cells, origins=np.full((7, 9, 2), -1)))
    without = painted(view)
    virtual, real = view.cell_rect(-1, 6).toRect(), view.cell_rect(0, 6).toRect()
    assert with_words.copy(virtual) != without.copy(virtual)
    assert with_words.copy(real) == without.copy(real)


def test_the_constant_border_has_no_origin(view: CloseUp) -> None:
    cells = at_corner(make(), lambda at: at if at >= 0 else -1)
    assert arrows(cells) == []
    assert words(cells) == {}
    view.show_cells(cells)
    assert "border value" in view.cell_text(-1, 3)


# -- in words ----------------------------------------------------------------------------------------------------------


def test_what_a_cell_says(view: CloseUp) -> None:
    view.show_cells(with_window(make(text="97")))
    assert view.cell_text(13, 23).splitlines() == ["97", "y 13, x 23", "weight −2"]
    assert view.cell_text(10, 20).splitlines() == ["97", "y 10, x 20"]
    assert view.cell_text(9, 20) == ""
    view.show_cells(at_corner(make(text="97"), abs))
    assert view.cell_text(-1, 4).splitlines()[-1] == "outside the picture: read from y 1, x 4"


def test_the_tool_tip_is_that_of_the_cell(view: CloseUp) -> None:
    view.show_cells(with_window(make(text="97")))
    at = view.cell_rect(13, 23).center().toPoint()
    QApplication.sendEvent(view, QHelpEvent(QEvent.Type.ToolTip, at, view.mapToGlobal(at)))
    assert "weight −2" in QToolTip.text()
    QToolTip.hideText()


def test_the_description_tells_what_is_followed(view: CloseUp) -> None:
    view.show_cells(make(text="28"))
    assert view.accessibleDescription() == "y 13, x 24: 28"
    view.show_cells(with_window(make(text="97")))
    said = view.accessibleDescription()
    assert said.startswith("window from y 12, x 23 to y 14, x 25: 97 × −1; 97 × 0; 97 × 1; 97 × −2")
    covered = np.zeros((7, 9), bool)
    covered[3, 4] = True
    view.show_cells(replace(make(text="28"), covered=covered))
    assert view.accessibleDescription() == "y 13, x 24: covered"


# -- pointer and keys --------------------------------------------------------------------------------------------------


def test_pointing_says_which_pixel(qtbot: QtBot, view: CloseUp) -> None:
    view.show_cells(make())
    heard: list[object] = []
    view.hovered.connect(heard.append)
    for at in ((10, 20), (10, 20), (12, 27)):
        move_to(view, view.cell_rect(*at).center().toPoint() + QPoint(len(heard), 0))
    move_to(view, QPoint(5, 200))
    assert heard == [(10, 20), (12, 27), None]


def test_a_click_says_which_pixel(qtbot: QtBot, view: CloseUp) -> None:
    view.show_cells(make())
    with qtbot.waitSignal(view.clicked) as heard:
        qtbot.mouseClick(view, LEFT, pos=view.cell_rect(12, 27).center().toPoint())
    assert heard.args == [12, 27]
    with qtbot.assertNotEmitted(view.clicked):
        qtbot.mousePress(view, LEFT, pos=view.cell_rect(12, 27).center().toPoint())
        qtbot.mouseRelease(view, LEFT, pos=view.cell_rect(12, 25).center().toPoint())
        qtbot.mouseClick(view, Qt.MouseButton.RightButton, pos=view.cell_rect(12, 27).center().toPoint())
        qtbot.mouseClick(view, LEFT, pos=QPoint(5, 5))


@pytest.mark.parametrize(
    ("key", "modifier", "step"),
    [
        (Qt.Key.Key_Up, Qt.KeyboardModifier.NoModifier, [-1, 0]),
        (Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier, [0, 1]),
        (Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier, [10, 0]),
        (Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier, [0, -10]),
    ],
)
def test_arrow_keys_step(
    qtbot: QtBot, view: CloseUp, key: Qt.Key, modifier: Qt.KeyboardModifier, step: list[int]
) -> None:
    view.show_cells(make())
    assert view.focusPolicy() & Qt.FocusPolicy.TabFocus
    with qtbot.waitSignal(view.nudged) as heard:
        qtbot.keyClick(view, key, modifier)
    assert heard.args == step
    with qtbot.assertNotEmitted(view.nudged):
        qtbot.keyClick(view, key, Qt.KeyboardModifier.ControlModifier)
        qtbot.keyClick(view, Qt.Key.Key_Space)
