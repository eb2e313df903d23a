"""Drawing on a picture: strokes and typed values, by pointer and keys, one step of undo each."""

from __future__ import annotations

import numpy as np
import pytest
from PyQt6.QtCore import QEvent, Qt
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.viewer.stage.picture_rig import MIDDLE, SHIFT, Key, Rig
from viewer.document import with_channel

# -- the pointer -------------------------------------------------------------------------------------------------------


def test_a_click_sets_one_pixel(rig: Rig, grid: np.ndarray) -> None:
    rig.brush("200")
    rig.stroke((3.5, 4.5))
    grid[3, 4] = 200
    np.testing.assert_array_equal(rig.pixels, grid)
    assert rig.steps == 1
    assert rig.store.document.picture.title == "untitled, edited"


def test_a_stroke_paints_every_pixel_on_its_way_and_is_one_step(rig: Rig, grid: np.ndarray) -> None:
    rig.brush("255")
    rig.stroke((0.5, 0.5), (0.5, 6.5), (5.5, 6.5))
    expected = grid.copy()
    expected[0, :7] = expected[:6, 6] = 255
    np.testing.assert_array_equal(rig.pixels, expected)
    assert rig.steps == 1
    rig.stroke((7.5, 0.5), (7.5, 1.5))
    assert rig.steps == 2
    for pixels in (expected, grid):
        rig.store.undo_stack.undo()
        np.testing.assert_array_equal(rig.pixels, pixels)
    rig.store.undo_stack.redo()
    np.testing.assert_array_equal(rig.pixels, expected)


@pytest.mark.parametrize(("size", "rows"), [(2, slice(3, 5)), (3, slice(2, 5))])
def test_the_brush_is_a_square(rig: Rig, grid: np.ndarray, size: int, rows: slice) -> None:
    rig.brush("255", size)
    rig.stroke((3.5, 3.5))
    grid[rows, rows] = 255
    np.testing.assert_array_equal(rig.pixels, grid)


def test_a_stroke_may_leave_the_picture_and_come_back(rig: Rig, grid: np.ndarray) -> None:
    rig.brush("255")
    rig.stroke((6.5, 1.5), (9.5, 1.5), (9.5, 3.5), (6.5, 3.5))
    grid[6:, 1] = grid[6:, 3] = 255
    np.testing.assert_array_equal(rig.pixels, grid)


def test_a_stroke_that_changes_nothing_is_no_step(rig: Rig, grid: np.ndarray) -> None:
    rig.brush("23")
    rig.stroke((2.5, 3.5))
    np.testing.assert_array_equal(rig.pixels, grid)
    assert rig.steps == 0


def test_drawing_neither_pans_nor_pins_but_the_middle_button_pans(rig: Rig, grid: np.ndarray, qtbot: QtBot) -> None:
    rig.link.zoom_to(60.0)
    before = rig.link.centre
    with qtbot.assertNotEmitted(rig.pane.clicked):
        rig.stroke((4.5, 4.5), (5.5, 5.5))
    assert rig.link.centre == before
    painted = rig.pixels.copy()
    rig.stroke((4.5, 4.5), (4.5, 5.5), (4.5, 6.0), button=MIDDLE)
    assert rig.link.centre != before
    np.testing.assert_array_equal(rig.pixels, painted)


def test_without_the_switch_the_pointer_pans_and_pins_as_ever(rig: Rig, grid: np.ndarray, qtbot: QtBot) -> None:
    drawing = rig.pane.cursor().shape()
    rig.edit_switch.setChecked(False)
    assert rig.pane.cursor().shape() == Qt.CursorShape.CrossCursor != drawing
    with qtbot.waitSignal(rig.pane.clicked):
        rig.stroke((4.5, 4.5))
    np.testing.assert_array_equal(rig.pixels, grid)
    assert rig.steps == 0


def test_a_stroke_that_is_cut_off_ends(rig: Rig, grid: np.ndarray, qtbot: QtBot) -> None:
    rig.mouse(QEvent.Type.MouseButtonPress, 1.5, 1.5)
    with qtbot.waitSignal(rig.pane.stroke_ended):
        rig.edit_switch.setChecked(False)
    rig.mouse(QEvent.Type.MouseMove, 1.5, 5.5)
    assert rig.pixels[1, 5] == grid[1, 5]


def test_of_a_colour_picture_the_channel_that_is_filtered_is_drawn_on_else_all(rig: Rig) -> None:
    pixels = rig.open(np.zeros((6, 6, 3), np.uint8))
    rig.brush("90")
    rig.stroke((1.5, 1.5))
    rig.store.edit(lambda document: with_channel(document, "g"), "test")
    rig.stroke((4.5, 4.5))
    pixels[1, 1], pixels[4, 4, 1] = 90, 90
    np.testing.assert_array_equal(rig.pixels, pixels)


# -- the keys ----------------------------------------------------------------------------------------------------------


def test_space_paints_the_pinned_pixel_and_arrows_go_on_from_it(rig: Rig, grid: np.ndarray) -> None:
    rig.brush("255")
    rig.pin(2.5, 3.5)
    rig.key(Key.Key_Space)
    rig.key(Key.Key_Right)
    rig.key(Key.Key_Down)
    rig.key(Key.Key_Space)
    rig.key(Key.Key_Left, SHIFT)
    rig.key(Key.Key_Space)
    for y, x in ((2, 3), (3, 4), (3, 0)):
        grid[y, x] = 255
    np.testing.assert_array_equal(rig.pixels, grid)
    assert rig.steps == 3


def test_arrows_find_a_pixel_where_none_is_pinned_and_tell_which(rig: Rig, grid: np.ndarray) -> None:
    read: list[tuple[float, float]] = []
    rig.pane.hovered.connect(lambda y, x: read.append((y, x)))
    for _ in range(3):
        rig.key(Key.Key_Up)
    assert read == [(4.5, 5.5), (3.5, 5.5), (2.5, 5.5)]
    plain = rig.pane.grab().toImage()
    rig.edit_switch.setChecked(False)
    assert rig.pane.grab().toImage() != plain  # the mark is gone


@pytest.mark.parametrize(("way", "place"), [(Key.Key_Return, (2, 3)), (Key.Key_Right, (2, 4)), (Key.Key_Tab, (2, 4)),
                                            (Key.Key_Down, (3, 3)), (Key.Key_Backtab, (2, 2))])  # fmt: skip
def test_a_number_typed_sets_the_pinned_pixel_and_leads_on(
    rig: Rig, grid: np.ndarray, way: Key, place: tuple[int, int]
) -> None:
    rig.brush("7")
    rig.pin(2.5, 3.5)
    rig.key(Key.Key_1)
    assert rig.field.isVisible()
    assert rig.field.geometry().contains(rig.at(2.5, 3.5).toPoint())
    rig.qtbot.keyClicks(rig.field, "80")
    rig.qtbot.keyClick(rig.field, way)
    assert not rig.field.isVisible()
    grid[2, 3] = 180
    np.testing.assert_array_equal(rig.pixels, grid)
    assert rig.steps == 1
    rig.key(Key.Key_Space)
    grid[place] = 7
    np.testing.assert_array_equal(rig.pixels, grid)


@pytest.mark.parametrize(
    ("text", "sentence"), [("256", "0 to 255"), ("1.5", "0 to 255"), ("-1", "0 to 255"), ("1/0", "zero")]
)
def test_a_value_that_is_not_possible_stays_typed_with_its_sentence(
    rig: Rig, grid: np.ndarray, text: str, sentence: str
) -> None:
    rig.pin(2.5, 3.5)
    rig.qtbot.keyClicks(rig.pane, text[0])
    rig.qtbot.keyClicks(rig.field, text[1:])
    rig.qtbot.keyClick(rig.field, Key.Key_Return)
    assert rig.field.isVisible()
    assert rig.field.text() == text
    assert sentence in rig.pane.notice.text
    np.testing.assert_array_equal(rig.pixels, grid)
    rig.qtbot.keyClick(rig.field, Key.Key_Escape)
    assert not rig.field.isVisible()
    assert rig.steps == 0
    rig.key(Key.Key_Space)
    assert rig.pane.notice.text == ""


def test_not_a_number_is_refused_in_words(rig: Rig, grid: np.ndarray) -> None:
    rig.pin(2.5, 3.5)
    rig.key(Key.Key_1)
    rig.field.setText("NaN")
    rig.qtbot.keyClick(rig.field, Key.Key_Return)
    assert "NaN" in rig.pane.notice.text
    rig.bar.value.setText("NaN")
    rig.bar.value.editingFinished.emit()
    assert "NaN" in rig.pane.notice.text
    np.testing.assert_array_equal(rig.pixels, grid)


def test_leaving_the_field_commits_to_the_pixel_that_it_was_opened_for(rig: Rig, grid: np.ndarray) -> None:
    rig.window.activateWindow()
    rig.pane.setFocus()
    rig.pin(2.5, 3.5)
    rig.key(Key.Key_9)
    rig.mouse(QEvent.Type.MouseMove, 6.5, 6.5, Qt.MouseButton.NoButton)
    rig.qtbot.waitUntil(rig.field.hasFocus)
    rig.bar.value.setFocus()
    grid[2, 3] = 9
    np.testing.assert_array_equal(rig.pixels, grid)
    assert not rig.field.isVisible()


def test_while_drawing_the_windows_keys_for_numbers_and_space_are_the_canvas_own(rig: Rig, grid: np.ndarray) -> None:
    def claims(key: Key, text: str, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> bool:
        event = QKeyEvent(QEvent.Type.ShortcutOverride, key, modifiers, text)
        event.ignore()
        QApplication.sendEvent(rig.pane, event)
        return event.isAccepted()

    keys = [(Key.Key_Space, " "), (Key.Key_5, "5"), (Key.Key_Minus, "-"), (Key.Key_Left, "")]
    assert all(claims(*each) for each in keys)
    assert not claims(Key.Key_1, "1", Qt.KeyboardModifier.AltModifier)
    assert not claims(Key.Key_C, "c")
    rig.edit_switch.setChecked(False)
    assert not any(claims(*each) for each in keys)
