"""Panes: pictures that are covered until they are revealed, as a whole or in part, and pixels that are touched."""

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, QPointF, QRectF, Qt
from PyQt6.QtGui import QImage, QKeySequence, QShortcut
from pytestqt.qtbot import QtBot

from tests.viewer.pointer import move_to
from viewer import theme
from viewer.painting import Look, paint
from viewer.panes import Overlay, PanesView, PicturePane, make_sheet

LEFT = Qt.MouseButton.LeftButton
LOOK = Look("clip", "grey", (0.0, 255.0))


@pytest.fixture
def view(qtbot: QtBot) -> PanesView:
    made = PanesView()
    qtbot.addWidget(made)
    made.resize(800, 400)
    with qtbot.waitExposed(made):
        made.show()
    fill(made, np.full((8, 8), 255, np.uint8))
    return made


def fill(view: PanesView, image: np.ndarray) -> None:
    """Show the same in both panes."""
    rect = QRectF(0, 0, image.shape[1], image.shape[0])
    for pane in view.panes:
        pane.set_sheet(make_sheet(paint(image, LOOK), rect))
    view.link.set_content(rect)


def painted(pane: PicturePane) -> QImage:
    return pane.grab().toImage()


def colours_in(image: QImage, pane: PicturePane, rect: QRectF) -> set[str]:
    """The colours that are painted well inside a rectangle of the scene."""
    corners = pane.position_of(rect.top(), rect.left()), pane.position_of(rect.bottom(), rect.right())
    box = QRectF(*corners).adjusted(2, 2, -3, -3).toRect()
    return {
        image.pixelColor(x, y).name()
        for y in range(box.top(), box.bottom() + 1)
        for x in range(box.left(), box.right() + 1)
    }


# -- the whole picture -------------------------------------------------------------------------------------------------


def test_a_covered_picture_looks_the_same_whatever_it_shows(view: PanesView) -> None:
    """Magnified, so that numbers stand in the pixels of the picture beside it."""
    seen = []
    for grey in (3, 250):
        fill(view, np.full((8, 8), grey, np.uint8))
        view.link.zoom_to(60.0)
        view.output.set_covered(True)
        seen.append(painted(view.output))
        assert colours_in(painted(view.input), view.input, QRectF(4, 4, 1, 1)) >= {grey_name(grey)}
    room = view.output.viewport().toRect()
    assert seen[0].copy(room) == seen[1].copy(room)
    view.output.set_covered(False)
    assert grey_name(250) in colours_in(painted(view.output), view.output, QRectF(4, 4, 1, 1))


def grey_name(value: int) -> str:
    return f"#{value:02x}{value:02x}{value:02x}"


def test_a_cover_is_a_hatch_with_a_golden_question_mark(view: PanesView) -> None:
    view.output.set_covered(True)
    image, middle = painted(view.output), view.output.viewport().center().toPoint()
    gold = theme.palette().crosshair.name()
    assert any(image.pixelColor(middle + QPoint(x, y)).name() == gold for x in range(-30, 31) for y in range(-60, 30))
    corner = colours_in(image, view.output, QRectF(0, 0, 1.5, 1.5))
    assert theme.palette().well.name() in corner
    assert 1 < len(corner) < 40


def test_a_cover_fits_into_small_panes(view: PanesView) -> None:
    view.resize(240, 160)
    view.output.set_covered(True)
    image = painted(view.output)
    assert theme.palette().crosshair.name() in {
        image.pixelColor(x, y).name() for x in range(image.width()) for y in range(28, image.height())
    }


def test_nothing_covered_is_told(view: PanesView) -> None:
    """Neither what is said while it is covered, nor what was said before."""
    view.output.setAccessibleDescription("y 1, x 2: 255")
    view.output.set_covered(True)
    assert "255" not in view.output.accessibleDescription()
    assert "Space" in view.output.accessibleDescription()
    view.output.setAccessibleDescription("y 3, x 2: 254")
    assert "254" not in view.output.accessibleDescription()
    view.output.set_covered(False)
    assert view.output.accessibleDescription() == "y 3, x 2: 254"


def test_a_click_or_space_asks_to_reveal(qtbot: QtBot, view: PanesView) -> None:
    view.output.set_covered(True)
    middle = view.output.viewport().center().toPoint()
    with qtbot.waitSignal(view.output.reveal_requested), qtbot.assertNotEmitted(view.clicked):
        qtbot.mouseClick(view.output, LEFT, pos=middle)
    with qtbot.waitSignal(view.output.reveal_requested):
        qtbot.keyClick(view.output, Qt.Key.Key_Space)
    assert view.output.is_covered  # whoever asked for the cover takes it away
    with qtbot.assertNotEmitted(view.output.reveal_requested):
        qtbot.keyClick(view.output, Qt.Key.Key_Space, Qt.KeyboardModifier.ControlModifier)
        qtbot.mouseClick(view.output, Qt.MouseButton.RightButton, pos=middle)
        qtbot.mouseClick(view.output, LEFT, pos=QPoint(20, 10))
    view.output.set_covered(False)
    with qtbot.assertNotEmitted(view.output.reveal_requested), qtbot.waitSignal(view.clicked):
        qtbot.keyClick(view.output, Qt.Key.Key_Space)
        qtbot.mouseClick(view.output, LEFT, pos=middle)


def test_space_is_the_covers_before_it_is_the_windows(qtbot: QtBot, view: PanesView) -> None:
    heard: list[str] = []
    shortcut = QShortcut(QKeySequence(Qt.Key.Key_Space), view)
    shortcut.activated.connect(lambda: heard.append("window"))
    view.output.reveal_requested.connect(lambda: heard.append("reveal"))
    view.output.setFocus()
    view.output.set_covered(True)
    qtbot.keyClick(view.output, Qt.Key.Key_Space)
    view.output.set_covered(False)
    qtbot.keyClick(view.output, Qt.Key.Key_Space)
    assert heard == ["reveal", "window"]


def test_covered_pixels_are_not_pointed_at(qtbot: QtBot, view: PanesView) -> None:
    middle = view.output.viewport().center().toPoint()
    move_to(view.output, middle)
    with qtbot.waitSignal(view.left):
        view.output.set_covered(True)
    with qtbot.assertNotEmitted(view.hovered):
        move_to(view.output, middle + QPoint(9, 9))
    view.output.set_covered(False)
    with qtbot.waitSignal(view.hovered):
        move_to(view.output, middle + QPoint(3, 3))


# -- parts of it -------------------------------------------------------------------------------------------------------


def test_what_is_covered_of_a_picture_is_hatched(view: PanesView) -> None:
    """The same hatch over black and over white, with numbers in the pixels or without."""
    for scale in (20.0, 45.0):
        seen = []
        for grey in (0, 255):
            fill(view, np.full((8, 8), grey, np.uint8))
            view.link.zoom_to(scale)
            view.output.set_overlay(Overlay(covered=(QRectF(4, 3, 4, 1), QRectF(0, 4, 8, 4))))
            image = painted(view.output)
            seen.append([colours_in(image, view.output, QRectF(*box)) for box in ((4, 3, 2, 1), (2, 4, 4, 2))])
            assert grey_name(grey) in colours_in(image, view.output, QRectF(2, 3, 2, 1))
        assert seen[0] == seen[1]
        assert all(theme.palette().well.name() in colours and len(colours) > 1 for colours in seen[0])


def test_the_trail_underlines_what_the_window_has_passed(view: PanesView) -> None:
    view.link.zoom_to(20.0)
    view.output.set_overlay(Overlay(trail=QRectF(0, 3, 5, 1)))
    image, gold = painted(view.output), theme.palette().crosshair.name()

    def is_gold(y: float, x: float) -> bool:
        return image.pixelColor(view.output.position_of(y, x).toPoint()).name() == gold

    assert [is_gold(4, x) for x in (0.5, 2.5, 4.5, 5.5)] == [True, True, True, False]
    assert not is_gold(3, 2.5)


def test_touched_pixels_are_golden_by_their_strength(view: PanesView) -> None:
    view.link.zoom_to(20.0)
    strengths = (0.0, 0.25, 0.5, 1.0)
    view.output.set_overlay(Overlay(touched=tuple((QRectF(x + 1, 2, 1, 1), each) for x, each in enumerate(strengths))))
    image = painted(view.output)
    blues = [image.pixelColor(view.output.position_of(2.5, x + 1.5).toPoint()).blue() for x in range(4)]
    assert 255 > blues[0] > blues[1] > blues[2] > blues[3]
    for x in (0.5, 5.5):
        assert image.pixelColor(view.output.position_of(2.5, x).toPoint()).name() == "#ffffff"


def test_touched_pixels_too_small_to_be_seen_have_one_frame(view: PanesView) -> None:
    fill(view, np.full((400, 400), 255, np.uint8))
    view.link.zoom_to(1.0)
    touched = tuple((QRectF(190 + 2 * x, 190 + 2 * y, 1, 1), 1.0) for y in range(10) for x in range(10))
    view.output.set_overlay(Overlay(touched=touched))
    image, gold = painted(view.output), theme.palette().crosshair.name()
    middle = view.output.position_of(199.5, 199.5)
    columns = [x for x in range(-30, 31) if image.pixelColor((middle + QPointF(x, 0)).toPoint()).name() == gold]
    assert columns
    assert all(8 <= abs(x) <= 12 for x in columns)
    assert image.pixelColor(middle.toPoint()).name() == "#ffffff"
