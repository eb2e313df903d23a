"""Choosing kernels: the list of presets, their sliders, the way back."""

from __future__ import annotations

import pytest
from PyQt6.QtCore import QEvent, QRect, Qt
from PyQt6.QtGui import QFontMetrics, QKeyEvent
from PyQt6.QtWidgets import QApplication, QComboBox

from kernels.kernel import library
from viewer import theme
from viewer.widgets import LabelledSlider, SegmentedControl

Key = Qt.Key
LEFT = Qt.MouseButton.LeftButton


# The list


def test_every_kernel_of_the_catalogue_can_be_chosen_by_a_script(editor):
    combo = editor.find(QComboBox, "presetCombo")
    for name in library.names():
        editor.choose(name)
        assert combo.currentData() == name
        assert editor.kernel == library.get(name)


def test_the_first_kernel_is_the_current_item(editor):
    combo = editor.find(QComboBox, "presetCombo")
    assert combo.currentData() == "sobel-x"
    assert combo.shown_text() == "Sobel x"


@pytest.mark.parametrize("large_type", [False, True])
def test_the_name_of_every_kernel_of_the_catalogue_is_written_whole(editor, large_type):
    theme.apply(QApplication.instance(), "dark", large_type=large_type)
    combo = editor.panel.preset_combo
    for entry in library.entries():
        editor.choose(entry.name)
        editor.window.layout().activate()
        assert combo.fitted()[1] == entry.title
    editor.choose("log")
    assert combo.fitted()[0] == combo.font()


@pytest.mark.parametrize("large_type", [False, True])
def test_the_size_of_a_kernel_is_written_whole(editor, large_type):
    theme.apply(QApplication.instance(), "dark", large_type=large_type)
    line = editor.panel.rows.lineEdit()
    assert line.fontMetrics().horizontalAdvance("255") <= line.width()


def test_choosing_is_one_step_of_undo_that_brings_the_item_back(editor):
    editor.choose("laplacian-4")
    assert editor.steps == 1
    editor.store.undo_stack.undo()
    assert editor.panel.preset_combo.currentData() == "sobel-x"


def test_typing_on_the_closed_list_searches(editor, qtbot):
    combo = editor.panel.preset_combo
    qtbot.keyClick(combo, Key.Key_G)
    assert combo.popup.isVisible()
    assert combo.popup.search.text() == "g"
    qtbot.keyClicks(combo.popup.search, "aussian")
    assert "Gaussian" in combo.popup.titles()
    assert "Sobel x" not in combo.popup.titles()
    qtbot.keyClick(combo.popup.search, Key.Key_Return)
    assert not combo.popup.isVisible()
    assert combo.currentData() == "gaussian"
    assert editor.kernel == library.get("gaussian")


def test_search_looks_into_groups_and_sentences_word_by_word(editor, qtbot):
    popup = editor.panel.preset_combo.popup
    editor.panel.preset_combo.open_popup()
    qtbot.keyClicks(popup.search, "compass lower kirsch")
    assert popup.titles() == ["Kirsch south-west", "Kirsch south-east"]
    popup.close()


def test_arrow_keys_choose_in_the_list_and_escape_leaves_it(editor, qtbot):
    combo = editor.panel.preset_combo
    combo.open_popup()
    qtbot.keyClick(combo.popup.search, Key.Key_Down)
    qtbot.keyClick(combo.popup.search, Key.Key_Return)
    assert combo.currentData() == "sobel-y"
    combo.open_popup()
    qtbot.keyClick(combo.popup.search, Key.Key_Down)
    qtbot.keyClick(combo.popup.search, Key.Key_Escape)
    assert not combo.popup.isVisible()
    assert combo.currentData() == "sobel-y"


def test_a_click_chooses_from_the_list(editor, qtbot):
    combo = editor.panel.preset_combo
    combo.open_popup("identity")
    listed = combo.popup.list
    assert combo.popup.titles() == ["Identity"]
    place = listed.visualRect(listed.model().index(1, 0)).center()
    qtbot.mouseClick(listed.viewport(), LEFT, pos=place)
    assert combo.currentData() == "identity"


def test_a_search_without_result_says_so_and_chooses_nothing(editor, qtbot):
    combo = editor.panel.preset_combo
    combo.open_popup("zebra")
    assert combo.popup.titles() == []
    assert "zebra" in combo.popup.list.model().index(0, 0).data()
    qtbot.keyClick(combo.popup.search, Key.Key_Return)
    combo.popup.close()
    assert editor.steps == 0


def test_the_list_is_painted_with_pictures(editor):
    combo = editor.panel.preset_combo
    combo.open_popup("sobel x")
    image = combo.popup.list.grab().toImage()
    combo.popup.close()
    seen = {image.pixelColor(x, y).name() for x in range(60) for y in range(28, 90)}
    assert {"#2a6fdb", "#e0701c"} <= seen


def test_catalogue_sentences_fit_their_two_lines(editor):
    metrics = QFontMetrics(theme.font(11.5))
    for entry in library.entries():
        room = QRect(0, 0, theme.px(350), 1000)
        needed = metrics.boundingRect(room, Qt.TextFlag.TextWordWrap, entry.summary)
        assert needed.height() <= 2 * metrics.lineSpacing(), entry.name


# Edited


def test_editing_shows_edited_and_a_way_back(editor, qtbot):
    combo, back = editor.panel.preset_combo, editor.panel.heading.reset_button
    assert back.isHidden()
    editor.set(0, 0, "5")
    assert combo.shown_text() == "Sobel x, edited"
    assert combo.currentData() is None
    assert back.isVisible()
    qtbot.mouseClick(back, LEFT)
    assert editor.kernel == library.get("sobel-x")
    assert combo.currentData() == "sobel-x"
    assert back.isHidden()


def test_undoing_the_edit_takes_the_mark_away(editor):
    editor.set(0, 0, "5")
    editor.store.undo_stack.undo()
    assert editor.panel.preset_combo.shown_text() == "Sobel x"


def test_choosing_the_edited_preset_again_brings_it_back(editor):
    editor.set(0, 0, "5")
    editor.choose("sobel-x")
    assert editor.kernel == library.get("sobel-x")


def test_edited_is_never_cut_off(editor):
    editor.choose("dog")
    editor.panel.divisor_edit.setValue(2)
    combo = editor.panel.preset_combo
    assert combo.shown_text() == "Difference of Gaussians, edited"
    assert "Difference of Gaussians, edited" in combo.toolTip()


# Sliders


def test_sliders_come_from_the_catalogue(editor, qtbot):
    editor.choose("gabor")
    parameters = library.entry("gabor").parameters
    for parameter in parameters:
        control = editor.find(LabelledSlider, f"parameter_{parameter.name}")
        assert control.isVisible()
        assert control.value() == parameter.default
        for key, end in ((Key.Key_Home, parameter.minimum), (Key.Key_End, parameter.maximum)):
            qtbot.keyClick(control.slider, key)
            assert control.value() == end
    editor.choose("identity")
    assert not editor.panel.findChildren(LabelledSlider)


def test_the_size_is_called_so_where_there_is_room_for_a_word(editor):
    editor.choose("box")
    assert editor.find(LabelledSlider, "parameter_size").label.text() == "Size"
    editor.choose("gaussian")  # two beside each other
    labels = [editor.find(LabelledSlider, f"parameter_{name}").label.text() for name in ("sigma", "size")]
    assert labels == ["σ", "n"]


def test_of_two_parameters_one_that_is_seldom_chosen_leaves_its_room_to_the_other(editor, qtbot):
    editor.choose("gaussian")
    sigma, size = (editor.find(LabelledSlider, f"parameter_{name}") for name in ("sigma", "size"))
    assert size.slider.isHidden()
    assert size.edit.isVisible()
    qtbot.waitUntil(lambda: sigma.width() > 1.5 * size.width(), timeout=2000)  # once it is laid out
    assert size.slider not in editor.panel.parameters.focus_chain()
    size.setFocus()
    assert size.edit.hasFocus()
    size.edit.selectAll()
    qtbot.keyClicks(size.edit, "9")
    qtbot.keyClick(size.edit, Key.Key_Return)
    assert editor.kernel.shape == (9, 9)
    editor.choose("motion")  # both are chosen as often
    assert not any(each.slider.isHidden() for each in editor.panel.findChildren(LabelledSlider))


def test_dragging_a_slider_is_one_step_of_undo(editor, qtbot):
    editor.choose("gaussian")
    before, steps = editor.kernel, editor.steps
    slider = editor.find(LabelledSlider, "parameter_sigma").slider
    slider.setSliderDown(True)
    for place in (14, 19, 24):  # steps of 0.1 from 0.1
        slider.setValue(place)
    slider.setSliderDown(False)
    assert editor.kernel == library.get("gaussian", sigma=2.5)
    assert editor.steps == steps + 1
    editor.store.undo_stack.undo()
    assert editor.kernel == before
    assert editor.find(LabelledSlider, "parameter_sigma").value() == 1.0


def test_two_drags_are_two_steps(editor):
    editor.choose("gaussian")
    steps = editor.steps
    slider = editor.find(LabelledSlider, "parameter_sigma").slider
    for place in (19, 29):
        slider.setSliderDown(True)
        slider.setValue(place)
        slider.setSliderDown(False)
    assert editor.steps == steps + 2


def test_a_parameter_can_be_typed(editor, qtbot):
    editor.choose("motion")
    edit = editor.find(LabelledSlider, "parameter_angle").edit
    edit.setFocus()
    edit.selectAll()
    qtbot.keyClicks(edit, "45")
    qtbot.keyClick(edit, Key.Key_Return)
    assert editor.kernel == library.get("motion", angle=45)
    assert editor.panel.preset_combo.shown_text() == "Motion"


def test_whole_number_parameters_stay_whole(editor):
    editor.choose("box")
    editor.find(LabelledSlider, "parameter_size").setValue(4.4)
    assert editor.kernel == library.get("box", size=4)


def test_choices_stand_side_by_side(editor):
    control = editor.find(SegmentedControl, "parameter_size")
    control.setCurrentIndex(control.findData(5))
    assert editor.kernel == library.get("sobel-x", size=5)
    assert editor.panel.preset_combo.shown_text() == "Sobel x"
    assert editor.steps == 1


def test_a_slider_can_make_a_kernel_too_large_to_edit(editor):
    editor.choose("box")
    editor.find(LabelledSlider, "parameter_size").setValue(63)
    assert editor.kernel.shape == (63, 63)
    assert editor.table.cell_layout.is_heat_map
    assert editor.panel.rows.value() == 63


def test_the_tab_key_visits_new_sliders_before_the_table(editor, qtbot):
    editor.choose("gaussian")
    chain = editor.panel.parameters.focus_chain()
    chain[-1].setFocus()
    qtbot.keyClick(chain[-1], Key.Key_Tab)
    assert editor.table.hasFocus()


def test_a_key_held_since_before_the_list_opened_types_nothing_into_it(editor):
    combo = editor.panel.preset_combo
    combo.open_popup()
    search = combo.popup.search

    def press(repeated):
        event = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_C, Qt.KeyboardModifier.NoModifier, "c", repeated)
        QApplication.sendEvent(search, event)

    press(True)
    assert search.text() == ""
    press(False)
    press(True)
    assert search.text() == "cc"
    combo.hidePopup()
