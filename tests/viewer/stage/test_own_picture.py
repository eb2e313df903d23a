"""Drawing on a picture: strokes, typed values, new pictures, noise; with pointer and keys, one step of undo each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PyQt6.QtCore import QEvent, QPointF, QRectF, Qt
from PyQt6.QtGui import QKeyEvent, QMouseEvent
from PyQt6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from kernels.pictures.noise import with_noise
from kernels.pictures.picture import Origin, Picture
from viewer import theme
from viewer.compute import Compute
from viewer.document import with_channel
from viewer.pages.stage.own_picture import OwnPicture
from viewer.pages.stage.views.edit_bar import EditBar
from viewer.painting import Look, paint
from viewer.panes import Overlay, PaneLink, PicturePane, make_sheet
from viewer.river import River
from viewer.settings import Settings
from viewer.shelf import PICTURE, Shelf, picture_query
from viewer.sources import Sources
from viewer.store import Store

LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton
Key = Qt.Key
SHIFT = Qt.KeyboardModifier.ShiftModifier


class Words:
    """What the sources tell the user."""

    def __init__(self) -> None:
        self.error = self.notice = ""

    def show_error(self, sentence: str) -> None:
        self.error = sentence

    def show_notice(self, sentence: str) -> None:
        self.notice = sentence

    def clear_message(self) -> None:
        self.error = ""


class Rig:
    """A pane that is drawn on, its bar, and everything from there to the shelf."""

    def __init__(self, qtbot: QtBot) -> None:
        theme.load_fonts()
        self.qtbot, self.words = qtbot, Words()
        self.store, self.shelf, self.compute = Store(), Shelf(), Compute()
        self.river = River(self.store, self.compute, self._queries)
        self.sources = Sources(self.river, self.shelf, Settings(), self.words)
        self.window = QWidget()
        self.bar, self.link = EditBar(), PaneLink()
        self.pane = PicturePane("inputPane", "Input", "", self.link)
        column = QVBoxLayout(self.window)
        column.addWidget(self.bar)
        column.addWidget(self.pane)
        self.control = OwnPicture(self.bar, self.pane, self.sources, self.store)
        self.river.flowed.connect(self._render)
        qtbot.addWidget(self.window)
        self.window.resize(420, 460)
        with qtbot.waitExposed(self.window):
            self.window.show()

    def _queries(self, moment: Any) -> list[Any]:
        query = picture_query(moment.state, self.shelf)
        return [] if query is None else [query]

    def _render(self, old: Any, new: Any) -> None:
        picture = self.sources.picture
        if picture is not None:
            height, width = picture.shape[:2]
            self.pane.set_sheet(make_sheet(paint(picture.pixels, Look("clip", levels=picture.file_range)),
                                           QRectF(0, 0, width, height)))  # fmt: skip
            self.link.set_content(QRectF(0, 0, width, height))
        self.control.render(old, new)
        self.sources.render(old, new)

    def open(self, pixels: np.ndarray | Picture, **more: Any) -> np.ndarray:
        """Open a picture, and draw on it."""
        picture = pixels if isinstance(pixels, Picture) else Picture(pixels, **more)
        self.sources.replace(picture, "Open")
        self.store.undo_stack.clear()
        self.edit_switch.setChecked(True)
        return picture.pixels.copy()

    @property
    def edit_switch(self) -> QAbstractButton:
        found = self.bar.findChild(QAbstractButton, "editSwitch")
        assert found is not None
        return found

    @property
    def pixels(self) -> np.ndarray:
        self.qtbot.waitUntil(lambda: self.sources.picture is not None)
        return self.sources.picture.pixels

    @property
    def steps(self) -> int:
        return self.store.undo_stack.count()

    def at(self, y: float, x: float) -> QPointF:
        return self.pane.position_of(y, x)

    def mouse(self, kind: QEvent.Type, y: float, x: float, button: Qt.MouseButton = LEFT) -> None:
        now, where = button, self.at(y, x)
        if kind == QEvent.Type.MouseMove:
            button = Qt.MouseButton.NoButton
        if kind == QEvent.Type.MouseButtonRelease:
            now = Qt.MouseButton.NoButton
        event = QMouseEvent(kind, where, self.pane.mapToGlobal(where), button, now, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(self.pane, event)

    def stroke(self, *places: tuple[float, float], button: Qt.MouseButton = LEFT) -> None:
        """Press at the first place, go on to the others, let go at the last."""
        self.mouse(QEvent.Type.MouseButtonPress, *places[0], button)
        for place in places[1:]:
            self.mouse(QEvent.Type.MouseMove, *place, button)
        self.mouse(QEvent.Type.MouseButtonRelease, *places[-1], button)

    def brush(self, value: str, size: int = 1) -> None:
        self.bar.value.setText(value)
        self.bar.value.editingFinished.emit()
        self.bar.brush.setCurrentIndex(self.bar.brush.findData(size))

    def pin(self, y: float, x: float) -> None:
        self.pane.set_overlay(Overlay(point=(y, x), pinned=True))

    def key(self, key: Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        self.qtbot.keyClick(self.pane, key, modifiers)

    @property
    def field(self) -> QLineEdit:
        found = self.pane.findChild(QLineEdit, "pixelEdit")
        assert found is not None
        return found


@pytest.fixture
def rig(qtbot: QtBot, own_settings: Any) -> Iterator[Rig]:
    made = Rig(qtbot)
    yield made
    made.window.close()
    made.compute.shutdown()
    made.sources.close()


@pytest.fixture
def grid(rig: Rig) -> np.ndarray:
    """A small grey picture that is drawn on."""
    return rig.open(np.arange(80, dtype=np.uint8).reshape(8, 10))


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


# -- the bar -----------------------------------------------------------------------------------------------------------


def test_a_large_picture_cannot_be_drawn_on_and_says_why(rig: Rig, grid: np.ndarray) -> None:
    assert rig.edit_switch.isEnabled()
    rig.sources.replace(Picture(np.zeros((65, 64), np.uint8)), "Open")
    assert not rig.edit_switch.isEnabled()
    assert not rig.edit_switch.isChecked()
    assert not rig.pane.is_drawing
    assert "64 × 64" in rig.edit_switch.toolTip()
    assert "64 × 65" in rig.edit_switch.toolTip()
    rig.edit_switch.setChecked(True)
    assert not rig.pane.is_drawing
    rig.store.undo_stack.undo()
    rig.qtbot.waitUntil(rig.edit_switch.isEnabled)


def test_the_brush_begins_with_white_and_keeps_what_suits(rig: Rig, grid: np.ndarray) -> None:
    assert rig.bar.value.value() == 255
    rig.brush("40")
    rig.stroke((0.5, 0.5))
    assert rig.bar.value.value() == 40
    rig.open(np.zeros((4, 4), np.uint8), white=3)
    assert rig.bar.value.value() == 3
    rig.stroke((0.5, 0.5))
    assert rig.pixels[0, 0] == 3


def test_a_brush_value_out_of_range_is_refused_and_the_old_one_paints(rig: Rig, grid: np.ndarray) -> None:
    rig.brush("50")
    rig.brush("300")
    assert "0 to 255" in rig.pane.notice.text
    assert rig.bar.value.property("invalid")
    rig.stroke((0.5, 0.5))
    assert rig.pixels[0, 0] == 50


def test_all_of_the_bar_is_reached_by_tab_and_named(rig: Rig, grid: np.ndarray) -> None:
    rig.window.activateWindow()
    rig.bar.value.setFocus(Qt.FocusReason.TabFocusReason)
    reached = []
    for _ in range(5):
        reached.append(QApplication.focusWidget())
        rig.qtbot.keyClick(QApplication.focusWidget(), Key.Key_Tab)
    names = [each.objectName() for each in reached]
    assert names == ["brushValue", "brushSize_1", "editSwitch", "newPictureButton", "noiseButton"]
    for each in reached:
        assert each.accessibleName()
        assert each.toolTip()


@pytest.mark.parametrize("large", [False, True])
def test_the_bar_is_as_high_as_a_header_and_fits_a_pane(rig: Rig, large: bool, qapp: QApplication) -> None:
    theme.apply(qapp, "dark", large_type=large)
    try:
        rig.bar.show_editing(True)
        assert rig.bar.height() == theme.px(36)
        assert rig.bar.minimumSizeHint().width() <= theme.px(390)
    finally:
        theme.apply(qapp, "dark")


# -- new pictures ------------------------------------------------------------------------------------------------------


def ask_new(rig: Rig, height: str, width: str, value: str, bits: int = 8) -> None:
    rig.bar.new.click()
    asked = rig.bar.new_picture
    for field, text in ((asked.height_edit, height), (asked.width_edit, width), (asked.value_edit, value)):
        field.setText(text)
    asked.bits.setCurrentIndex(asked.bits.findData(bits))
    rig.qtbot.keyClick(asked.value_edit, Key.Key_Return)


@pytest.mark.parametrize(
    ("bits", "value", "dtype"), [(8, "7", np.uint8), (16, "60000", np.uint16), (32, "-1/4", np.float32)]
)
def test_a_new_picture_is_a_step_of_undo(rig: Rig, grid: np.ndarray, bits: int, value: str, dtype: type) -> None:
    ask_new(rig, "64", "3", value, bits)
    assert not rig.bar.new_picture.isVisible()
    number = -0.25 if value == "-1/4" else int(value)
    np.testing.assert_array_equal(rig.pixels, np.full((64, 3), number, dtype))
    assert rig.pixels.dtype == dtype
    assert rig.steps == 1
    assert rig.store.document.picture.title == "new picture"
    rig.store.undo_stack.undo()
    np.testing.assert_array_equal(rig.pixels, grid)


@pytest.mark.parametrize(
    ("height", "width", "value", "sentence"),
    [
        ("65", "65", "0", "The height is 65, but a new picture has 1 to 64 rows"),
        ("8", "65", "0", "1 to 64 columns"),
        ("2.5", "8", "0", "The height is 2.5"),
        ("8", "8", "300", "0 to 255"),
        ("8", "8", "NaN", "NaN"),
        ("8", "", "0", "missing"),
    ],
)
def test_a_new_picture_that_is_not_possible_is_refused_in_its_place(
    rig: Rig, grid: np.ndarray, height: str, width: str, value: str, sentence: str
) -> None:
    ask_new(rig, height, width, value)
    asked = rig.bar.new_picture
    assert asked.isVisible()
    assert sentence in asked._message.text()
    np.testing.assert_array_equal(rig.pixels, grid)
    rig.qtbot.keyClick(asked, Key.Key_Escape)
    assert not asked.isVisible()
    assert rig.steps == 0


def test_filling_gives_every_pixel_the_value(rig: Rig, grid: np.ndarray) -> None:
    rig.bar.new.click()
    rig.bar.new_picture.value_edit.setText("17")
    rig.bar.new_picture.fill.click()
    np.testing.assert_array_equal(rig.pixels, np.full((8, 10), 17))
    assert rig.steps == 1
    assert not rig.bar.new_picture.isVisible()


# -- noise -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "text", "amount"), [("gaussian", "12", 12.0), ("salt-and-pepper", "1/4", 0.25), ("uniform", "9.5", 9.5)]
)
def test_noise_is_added_to_the_open_picture(rig: Rig, grid: np.ndarray, kind: str, text: str, amount: float) -> None:
    picture = rig.sources.picture
    rig.bar.noise.click()
    asked = rig.bar.add_noise
    asked.kind.setCurrentIndex(asked.kind.findData(kind))
    asked.amount.setText(text)
    asked.new_seed.click()
    rig.qtbot.keyClick(asked.amount, Key.Key_Return)
    assert not asked.isVisible()
    rig.qtbot.waitUntil(lambda: rig.steps == 1)
    np.testing.assert_array_equal(rig.pixels, with_noise(picture, kind, amount, 2).pixels)
    assert rig.store.document.picture.title.endswith("seed 2")
    assert rig.edit_switch.isChecked()


@pytest.mark.parametrize(("kind", "text"), [("gaussian", "-1"), ("salt-and-pepper", "1.5"), ("uniform", "x")])
def test_noise_that_is_not_possible_is_refused_in_its_place(rig: Rig, grid: np.ndarray, kind: str, text: str) -> None:
    rig.bar.noise.click()
    asked = rig.bar.add_noise
    asked.kind.setCurrentIndex(asked.kind.findData(kind))
    asked.amount.setText(text)
    asked.add.click()
    assert asked.isVisible()
    assert text.replace("-", "") in asked._message.text()
    asked.close()
    assert rig.steps == 0


def test_each_kind_of_noise_keeps_its_amount_and_begins_with_one_that_suits(rig: Rig, grid: np.ndarray) -> None:
    asked = rig.bar.add_noise
    choose = lambda kind: asked.kind.setCurrentIndex(asked.kind.findData(kind))  # noqa: E731
    assert asked.amount.value() == 20
    asked.amount.setText("33")
    asked.amount.editingFinished.emit()
    choose("salt-and-pepper")
    assert asked.amount.value() == 0.05
    choose("gaussian")
    assert asked.amount.value() == 33
    rig.open(Picture(np.zeros((5, 5), np.float32), 1.0, origin=Origin("output", None, "float")))
    assert asked.amount.value() == 0.05


def test_the_undone_picture_comes_back_while_the_next_stroke_waits_for_it(rig: Rig, grid: np.ndarray) -> None:
    """A stroke before the worker has brought the picture back changes nothing, rather than the wrong picture."""
    rig.shelf._limit = 0
    rig.stroke((0.5, 0.5))
    rig.stroke((1.5, 1.5))
    rig.store.undo_stack.undo()
    if rig.sources.picture is None:
        rig.stroke((5.5, 5.5))
    expected = grid.copy()
    expected[0, 0] = 255
    np.testing.assert_array_equal(rig.pixels, expected)
    assert rig.river.moment.result(PICTURE).value is rig.sources.picture
