"""The window slides: raster order, speed, loop, rows, region, steps, and what is covered meanwhile."""

import time
from types import SimpleNamespace

import numpy as np
import pytest
from PyQt6.QtGui import QColor

from viewer.pages.stage import transport_control
from viewer.pages.stage.views.transport import speed_at
from viewer.panes.overlay import placed


@pytest.fixture
def clock(stage, monkeypatch):
    """Time that goes on by hand: ``clock(seconds)`` lets the Stage know that so much has passed."""
    now = [128.0]  # with fractions of two below, every product is exact
    monkeypatch.setattr(transport_control, "time", SimpleNamespace(perf_counter=lambda: now[0]))
    transport = stage.window.stage.transport
    transport._clock.setInterval(3_600_000)

    def advance(seconds):
        now[0] += seconds
        transport._clock.timeout.emit()
        return stage.view.at

    return advance


@pytest.fixture
def passed(stage):
    """Where the window has been, in turn."""
    places = []

    def note(_before, moment):
        at = moment.state.session.stage.at
        if at is not None and (not places or places[-1] != at):
            places.append(at)

    stage.window.river.flowed.connect(note)
    return places


def start(stage, i, j, speed):
    stage.look(at=(i, j), speed=float(speed))
    stage.click("playButton")
    assert stage.view.playing


def test_positions_follow_in_raster_order_at_the_chosen_speed(stage, clock, passed):
    start(stage, 2, 7, 8)
    assert clock(0.0625) == (2, 7)
    assert clock(0.0625) == (2, 8)
    assert clock(0.125) == (2, 9)
    assert clock(0.125) == (3, 0)
    assert clock(1.25) == (4, 0)
    stage.control("speedSlider").setValue(100)
    assert stage.view.speed == pytest.approx(60)
    assert clock(0.5) == (7, 0)
    assert passed[1:] == [(2, 8), (2, 9), (3, 0), (4, 0), (7, 0)]
    assert stage.control("timeline").value() == 70


def test_at_the_end_it_stops_or_begins_again(stage, clock):
    stage.look(loop=False)
    start(stage, 9, 7, 8)
    assert clock(0.125) == (9, 8)
    assert clock(5.0) == (9, 9)
    assert not stage.view.playing
    stage.click("playButton")
    assert stage.view.playing
    assert stage.view.at == (0, 0)
    stage.click("playButton")
    stage.click("loopButton")
    assert stage.view.loop
    start(stage, 9, 7, 8)
    assert clock(0.5) == (0, 1)
    assert stage.view.playing


def test_every_nth_row_of_a_region(stage, clock, passed):
    stage.look(region=(2, 7, 3, 5), every=2, loop=True)
    start(stage, 2, 3, 8)
    for _ in range(11):
        clock(0.125)
    rows = [(row, column) for row in (2, 4, 6) for column in (3, 4, 5)]
    assert passed[-12:] == [*rows, *rows[:3]]
    assert stage.control("timeline").maximum() == 99


def test_the_menu_of_what_is_gone_through(stage):
    menu = stage.control("scanMenu")
    stage.go_to(5, 5)

    def choose(text):
        menu.aboutToShow.emit()
        next(action for action in menu.actions() if action.text() == text).trigger()
        stage.wait()

    choose("One row in 4")
    assert stage.view.every == 4
    choose("16 × 16 around this pixel")
    assert stage.view.region == (0, 12, 0, 12)
    choose("All of the output")
    choose("Every row")
    assert (stage.view.region, stage.view.every) == (None, 1)


def test_steps_go_back_and_forth_and_over_the_ends_of_rows(stage):
    stage.go_to(0, 9)
    for name, expected in (
        ("stepForwardButton", (1, 0)),
        ("stepForwardButton", (1, 1)),
        ("stepBackButton", (1, 0)),
        ("stepBackButton", (0, 9)),
    ):
        stage.click(name)
        assert stage.place == expected
        assert stage.line.ends_in(float(stage.output[expected]))
    stage.go_to(0, 0)
    stage.click("stepBackButton")
    assert stage.place == (0, 0)
    stage.look(loop=False)
    stage.go_to(9, 9)
    stage.click("stepForwardButton")
    assert stage.place == (9, 9)
    stage.click("loopButton")
    stage.click("stepForwardButton")
    assert stage.place == (0, 0)


def test_a_step_ends_the_sliding_and_a_jump_does_not(stage, clock):
    start(stage, 1, 1, 8)
    stage.click_input(6, 6)
    assert stage.view.playing
    assert stage.view.at == (6, 6)
    assert clock(0.125) == (6, 7)
    stage.control("timeline").setValue(20)
    stage.wait()
    assert clock(0.125) == (2, 1)
    stage.click("stepForwardButton")
    assert not stage.view.playing
    assert stage.view.at == (2, 2)


def test_it_really_slides_and_not_faster_than_the_chosen_speed(stage, passed, qtbot):
    stage.look(loop=False)
    begun = time.perf_counter()
    start(stage, 0, 0, 50)
    qtbot.waitUntil(lambda: stage.view.at >= (2, 0), timeout=10_000)
    reached, seconds = stage.view.at[0] * 10 + stage.view.at[1], time.perf_counter() - begun
    stage.click("playButton")
    assert reached <= 50 * seconds + 1
    assert passed == sorted(passed)


def test_waiting_comes_to_an_end_although_it_slides(stage):
    start(stage, 0, 0, 60)
    stage.wait(timeout=5.0)
    assert stage.view.playing
    stage.click("playButton")


def covered_pixels(stage):
    """Which output pixels the pane paints as covered, by their middles."""
    pane = stage.pane("output")
    stage.control("outputCloseUp").hide()
    stage.window.stage.view.lines.hide()
    image = pane.grab().toImage()
    stage.window.stage.view.lines.show()
    stage.control("outputCloseUp").show()
    found = np.zeros(stage.output.shape[:2], bool)
    for i, j in np.ndindex(found.shape):
        at = stage.output_spot(i, j)
        colour = QColor(image.pixel(at.x() - 6, at.y() - 6))
        found[i, j] = colour.lightness() < 60  # zero is near white in the diverging colours
    return found


def test_what_was_not_reached_is_covered(stage):
    stage.open(np.full((10, 10), 90, np.uint8))
    stage.change([[0, 0, 0], [-1, 0, 1], [0, 0, 0]], padding="valid", border="replicate")
    assert not stage.output.any()
    for at in ((0, 0), (3, 4), (7, 7)):
        stage.go_to(*at)
        expected = np.arange(64).reshape(8, 8) > at[0] * 8 + at[1]
        np.testing.assert_array_equal(covered_pixels(stage), expected)
        areas = stage.pane("output").overlay.covered
        assert sum(area.width() * area.height() for area in areas) == expected.sum()


def test_a_region_covers_nothing_outside_and_a_stride_covers_as_much(stage):
    stage.look(region=(2, 4, 1, 3), at=(3, 2))
    assert sorted(area.getRect() for area in stage.pane("output").overlay.covered) == [(1, 4, 3, 1), (3, 3, 1, 1)]
    stage.look(region=None)
    stage.change(stride=2)
    stage.go_to(2, 1)
    whole = placed(stage.window.stage.panes._geometry)
    areas = sorted(area.translated(-whole.topLeft()).getRect() for area in stage.pane("output").overlay.covered)
    assert areas == [(0, 6, 10, 4), (4, 4, 6, 2)]


def test_the_speed_slider_is_logarithmic_from_1_to_60(stage):
    slider = stage.control("speedSlider")
    speeds = []
    for place in (slider.minimum(), (slider.minimum() + slider.maximum()) // 2, slider.maximum()):
        slider.setValue(place)
        stage.wait()
        assert stage.view.speed == speed_at(place)
        speeds.append(stage.view.speed)
    assert speeds == pytest.approx([1, 60**0.5, 60])
