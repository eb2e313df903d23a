"""The row at the bottom: facts give way to sentences, sentences are never cut without saying so."""

import pytest
from PyQt6.QtWidgets import QWidget

from viewer.window.status_row import StatusRow

LONG = "The picture cannot be opened, because " + "something happened that takes a while to tell, " * 2 + "it seems."


@pytest.fixture
def place(qtbot):
    """Where the row stands: by itself it would get its size from the display."""
    made = QWidget()
    qtbot.addWidget(made)
    return made


@pytest.fixture
def row(place):
    made = StatusRow(place)
    made.resize(1000, 26)
    place.show()
    made.show_facts("camera    direct 3 × 3, 5.7 ms    painted in 10.2 ms")
    return made


def test_a_short_sentence_stands_beside_the_facts(row):
    row.show_error("There is no file a.png.")
    assert row.facts.isVisible()
    assert row.message.isVisible()
    assert row.message.x() >= row.facts.geometry().right()


def test_the_facts_give_way_to_a_long_sentence_and_come_back(row):
    row.show_error(LONG)
    assert not row.facts.isVisible()
    assert row.message.toolTip() == LONG
    row.show_facts("camera    direct 3 × 3, 4.1 ms")
    assert not row.facts.isVisible()
    row.resize(1600, 26)
    assert row.facts.isVisible()
    row.resize(1000, 26)
    row.clear_message()
    assert row.facts.isVisible()


def test_a_notice_fades_and_the_facts_come_back(row, qtbot):
    row.show_notice(LONG, milliseconds=1)
    qtbot.waitUntil(lambda: not row.message.isVisible())
    assert row.facts.isVisible()


def test_the_time_of_a_notice_begins_when_its_picture_is_there(row, qtbot):
    row.hold_notice(True)
    row.show_notice(LONG, milliseconds=1)
    assert not row._fade.isActive()
    row.clear_error()  # an edit meanwhile: nothing has gone wrong
    assert row.message.text() == LONG
    row.hold_notice(False)
    qtbot.waitUntil(lambda: not row.message.isVisible())


def test_a_notice_that_is_held_midway_goes_on_and_an_error_stays(row):
    row.show_notice(LONG, milliseconds=60_000)
    row.hold_notice(True)
    assert not row._fade.isActive()
    row.hold_notice(False)
    assert 0 < row._left <= 60_000
    assert row._fade.isActive()
    row.show_error(LONG)
    row.hold_notice(True)
    row.hold_notice(False)
    assert not row._fade.isActive()  # an error stays


def test_a_sentence_without_room_ends_in_an_ellipsis(row):
    whole = row.message.grab
    row.show_error(LONG)
    row.resize(1000, 26)
    full = whole().toImage()
    row.resize(300, 26)
    cut = whole().toImage()
    assert cut.width() < full.width()
    assert cut != full.copy(cut.rect())
