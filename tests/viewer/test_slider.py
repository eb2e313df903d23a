"""Sliders: where a press takes them, and which numbers their places stand for."""

import pytest
from PyQt6.QtCore import QPoint, Qt

from tests.viewer.pointer import drag_to
from viewer import theme
from viewer.widgets import LabelledSlider
from viewer.widgets.slider import HANDLE, Slider

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def slider(qtbot):
    """A slider with the places 0 to 100, two pixels apart."""
    made = Slider("slider", "Slider", "A slider")
    qtbot.addWidget(made)
    made.setRange(0, 100)
    made.resize(200 + theme.px(HANDLE), 24)
    made.show()
    return made


def at(slider, place):
    """Where the middle of the handle is at `place`."""
    return QPoint(theme.px(HANDLE) // 2 + 2 * place, 12)


def test_a_press_beside_the_handle_takes_it_there_and_belongs_to_the_drag(slider, qtbot):
    said = []
    slider.sliderPressed.connect(lambda: said.append("pressed"))
    slider.valueChanged.connect(said.append)
    slider.sliderReleased.connect(lambda: said.append("released"))
    qtbot.mousePress(slider, LEFT, pos=at(slider, 40))
    drag_to(slider, at(slider, 60))
    drag_to(slider, at(slider, 300))
    qtbot.mouseRelease(slider, LEFT, pos=at(slider, 300))
    drag_to(slider, at(slider, 10))  # which it has been let go of
    assert said == ["pressed", 40, 60, 100, "released"]


def test_a_handle_that_is_taken_beside_its_middle_stays_where_it_is(slider, qtbot):
    slider.setValue(50)
    qtbot.mousePress(slider, LEFT, pos=at(slider, 50) + QPoint(5, 0))
    assert slider.value() == 50
    drag_to(slider, at(slider, 60) + QPoint(5, 0))
    assert slider.value() == 60
    qtbot.mouseRelease(slider, LEFT, pos=at(slider, 60))


def test_another_button_moves_nothing(slider, qtbot):
    qtbot.mouseClick(slider, Qt.MouseButton.RightButton, pos=at(slider, 40))
    assert slider.value() == 0


def test_a_press_on_one_of_two_places_takes_the_nearer(slider, qtbot):
    slider.setRange(0, 1)
    qtbot.mouseClick(slider, LEFT, pos=at(slider, 30))
    assert slider.value() == 0
    qtbot.mouseClick(slider, LEFT, pos=at(slider, 70))
    assert slider.value() == 1


@pytest.fixture
def numbers(qtbot):
    """A slider from 0.5 to 1.7 in steps of 0.25, so that the last step is a short one."""
    made = LabelledSlider("numbers", "Numbers", "Numbers", minimum=0.5, maximum=1.7, step=0.25)
    qtbot.addWidget(made)
    made.show()
    return made


def test_both_ends_are_reached_whatever_the_step(numbers, qtbot):
    said = []
    numbers.valueChanged.connect(said.append)
    for key in (Qt.Key.Key_End, Qt.Key.Key_Left, Qt.Key.Key_Home, Qt.Key.Key_Up):
        qtbot.keyClick(numbers.slider, key)
    assert said == [1.7, 1.5, 0.5, 0.75]


def test_a_typed_number_stays_as_it_is_and_the_handle_stands_next_to_it(numbers):
    numbers.setValue(1.1)
    assert numbers.value() == 1.1
    assert numbers.slider.value() == 2
    numbers.show_value(1e300)
    assert numbers.slider.value() == numbers.slider.maximum()


def test_another_range_moves_the_handle_and_not_the_number(numbers):
    numbers.setValue(1.0)
    numbers.set_range(0.0, 10.0, 0.1)
    assert numbers.value() == 1.0
    assert numbers.slider.value() == 10
