"""A theme is a palette: what is in sight follows at once, a hidden page when it is shown."""

import re

import pytest
from PyQt6.QtWidgets import QApplication, QLabel, QStackedWidget, QVBoxLayout, QWidget

from viewer import theme
from viewer.pages.learned.views.kinds import Chip
from viewer.theme.sheet import style_sheet
from viewer.widgets import CheckBox, Label


@pytest.fixture
def app(qapp: QApplication):
    theme.apply(qapp, "dark")
    yield qapp
    theme.apply(qapp, "dark")


@pytest.fixture
def pages(app, qtbot):
    """A window with a label outside, one on the page in front and one on a hidden page."""
    window, stack = QWidget(), QStackedWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    outside = Label("outside", "muted")
    column.addWidget(outside)
    column.addWidget(stack)
    inside = [Label(name, "muted") for name in ("front", "hidden")]
    for label in inside:
        page = QWidget()
        QVBoxLayout(page).addWidget(label)
        stack.addWidget(page)
    window.show()
    return window, stack, outside, *inside


def ink(label: QLabel) -> str:
    return label.palette().windowText().color().name()


def test_what_is_in_sight_follows_at_once_and_a_hidden_page_when_it_is_shown(app, pages):
    _window, stack, outside, front, hidden = pages
    stack.setCurrentIndex(1)
    stack.setCurrentIndex(0)
    theme.apply(app, "light")
    assert ink(outside) == ink(front) == theme.LIGHT.muted.name()
    stack.setCurrentIndex(1)
    assert ink(hidden) == theme.LIGHT.muted.name()


def test_a_larger_type_reaches_shown_and_hidden_pages(app, pages):
    _window, stack, outside, front, hidden = pages
    theme.apply(app, "dark", large_type=True)
    assert outside.fontInfo().pixelSize() == front.fontInfo().pixelSize() == 18
    stack.setCurrentIndex(1)
    assert hidden.fontInfo().pixelSize() == 18


def test_a_window_made_later_has_the_present_colours_and_lengths(app, qtbot):
    theme.apply(app, "light", large_type=True)
    window = QWidget()
    qtbot.addWidget(window)
    label = Label("late", "muted", window)
    theme.dress(window)
    window.show()
    assert ink(label) == theme.LIGHT.muted.name()
    assert label.fontInfo().pixelSize() == 18


def test_the_style_sheet_names_no_colour_of_one_theme():
    assert not re.search(r"#[0-9a-f]{3,8}\b", style_sheet(theme.px))


def test_what_sets_its_own_type_follows_on_a_page_that_was_hidden(app, pages):
    _window, stack, _outside, _front, hidden = pages
    stack.setCurrentIndex(1)
    chip = Chip(hidden.parentWidget())
    hidden.parentWidget().layout().addWidget(chip)
    stack.setCurrentIndex(0)
    theme.apply(app, "dark", large_type=True)
    stack.setCurrentIndex(1)
    assert chip.fontInfo().pixelSize() == theme.px(11)


@pytest.mark.parametrize("name", ["dark", "light"])
def test_a_checked_box_has_a_tick_in_both_themes(app, qtbot, name):
    theme.apply(app, name)
    box = CheckBox("box", "Box", "A box")
    qtbot.addWidget(box)
    box.show()

    def inks():
        image = box.grab().toImage()
        spots = [(x, y) for x in range(16) for y in range(image.height())]
        return {image.pixelColor(x, y).name() for x, y in spots}

    box.show_checked(True)
    assert {theme.palette().accent.name(), theme.palette().on_accent.name()} <= inks()
    box.show_checked(False)
    assert theme.palette().accent.name() not in inks()
