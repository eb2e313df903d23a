"""A parameter's slider under a real mouse."""

from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtWidgets import QComboBox

from tests.viewer.pointer import drag_to
from viewer.widgets import LabelledSlider


def test_a_drag_that_begins_beside_the_handle_is_one_step_too(editor, qtbot):
    combo = editor.find(QComboBox, "presetCombo")
    combo.setCurrentIndex(combo.findData("gaussian"))
    before, steps = editor.kernel, editor.steps
    slider = editor.find(LabelledSlider, "parameter_sigma").slider
    slider.resize(160, 24)
    left, places = Qt.MouseButton.LeftButton, [QPoint(x, 12) for x in (80, 100, 120, 140)]
    qtbot.mousePress(slider, left, pos=places[0])
    for place in places[1:]:
        drag_to(slider, place)
    qtbot.mouseRelease(slider, left, pos=places[-1])
    assert editor.kernel != before
    assert editor.steps == steps + 1
    slider.setSliderDown(True)
    slider.setValue(slider.value() + 3)
    slider.setSliderDown(False)
    assert editor.steps == steps + 2
