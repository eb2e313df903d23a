"""Making a picture of one's own: the bar, new pictures, noise; one step of undo each."""

from __future__ import annotations

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication

from kernels.pictures.noise import with_noise
from kernels.pictures.picture import Origin, Picture
from tests.viewer.stage.picture_rig import Key, Rig
from viewer import theme
from viewer.shelf import PICTURE

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
