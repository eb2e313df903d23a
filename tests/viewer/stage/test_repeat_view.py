"""A kernel applied n times: slider, playing, and the three pictures."""

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QSlider

from viewer import theme
from viewer.pages.stage.views.repeat import RepeatTexts, RepeatView

TEXTS = RepeatTexts("64 × 48", "σ 2.83", "max 1.5, RMS 0.11", "")


@pytest.fixture
def view(qtbot):
    made = RepeatView()
    qtbot.addWidget(made)
    made.resize(1366, 232)
    with qtbot.waitExposed(made):
        made.show()
    return made


def picture(level, shape=(48, 64)):
    return np.full(shape, level, np.uint8)


def show(view, n, **changes):
    view.show_result(n, picture(40), picture(90), picture(140, (48, 64, 3)), RepeatTexts(**{**as_dict(), **changes}))
    QApplication.processEvents()


def as_dict():
    return {name: getattr(TEXTS, name) for name in ("applied", "gaussian", "difference", "note")}


def middle(column):
    image = column.grab().toImage()
    room = column.picture_room()
    return image.pixelColor(10, room.center().y()).getRgb()[:3]


def test_three_pictures_stand_side_by_side_with_their_words(view):
    show(view, 12)
    columns = (view.applied, view.gaussian, view.difference)
    assert [column.heading for column in columns] == ["Applied 12 times", "Gaussian", "Difference"]
    assert [column.text for column in columns] == ["64 × 48", "σ 2.83", "max 1.5, RMS 0.11"]
    assert [middle(column) for column in columns] == [(40,) * 3, (90,) * 3, (140,) * 3]
    assert len({column.geometry().top() for column in columns}) == 1
    widths = [column.width() for column in columns]
    assert max(widths) - min(widths) <= 1
    show(view, 1)
    assert view.applied.heading == "Applied once"


@pytest.mark.parametrize("name", ["dark", "light"])
@pytest.mark.parametrize("level", [0, 190, 255])
def test_where_a_picture_ends_is_seen_whatever_stands_at_its_edge(view, qapp, name, level):
    theme.apply(qapp, name)
    view.show_result(2, picture(level), None, None, TEXTS)
    QApplication.processEvents()
    image, room = view.applied.grab().toImage(), view.applied.picture_room()
    line = image.pixelColor(room.left() - 1, room.center().y())
    for beside in (theme.palette().panel, image.pixelColor(room.left(), room.center().y())):
        assert theme.contrast(line, beside) > 2.5
    assert image.pixelColor(room.left() + 9, room.top() - 1) == line
    assert image.pixelColor(room.left() + 9, room.bottom() + 1) == line
    theme.apply(qapp, "dark")


def test_fine_stripes_are_averaged_not_sampled(view):
    stripes = np.tile(np.array([0, 255], np.uint8), (800, 400))
    view.show_result(3, stripes, None, None, TEXTS)
    QApplication.processEvents()
    room = view.applied.picture_room()
    image = view.applied.grab().toImage()
    seen = {image.pixelColor(x, room.center().y()).red() for x in range(5, room.height() - 5)}
    assert min(seen) > 60
    assert max(seen) < 195


def test_without_a_gaussian_a_sentence_says_why(view):
    view.show_result(3, picture(9), None, None, RepeatTexts(note="The weights sum to 0."))
    assert view.applied.isVisible()
    assert not view.gaussian.isVisible()
    assert not view.difference.isVisible()
    assert view.note.text() == "The weights sum to 0."
    assert view.note.isVisible()
    show(view, 3)
    assert view.gaussian.isVisible()
    assert not view.note.isVisible()


def test_nothing_can_be_taken_before_there_is_a_result(view, qtbot):
    assert not view.adopt_button.isEnabled()
    show(view, 2)
    with qtbot.waitSignal(view.adopt_requested):
        view.adopt_button.click()
    view.show_nothing("The kernel does not fit.")
    assert view.empty.text() == "The kernel does not fit."
    assert view.empty.isVisible()
    assert not view.adopt_button.isEnabled()


def test_the_slider_tells_the_times(view):
    heard = []
    view.times_changed.connect(heard.append)
    slider = view.findChild(QSlider, "repeatSlider")
    assert (slider.minimum(), slider.maximum()) == (1, 50)
    slider.setValue(7)
    slider.setFocus()
    QTest.keyClick(slider, Qt.Key.Key_Right)
    assert heard == [7, 8]
    assert view.number.text() == "8"
    view.show_times(20)
    assert heard == [7, 8]
    assert view.number.text() == "20"


def test_playing_waits_for_each_result(view):
    heard = []
    view.times_changed.connect(heard.append)
    view.show_times(47)
    view.play_button.click()
    assert view.is_playing
    assert view.play_button.accessibleName() == "Pause"
    view._advance()
    assert heard == []
    show(view, 47)
    view._advance()
    view._advance()
    assert heard == [48]
    for n in (48, 49):
        show(view, n)
        view._advance()
    assert heard == [48, 49, 50]
    assert not view.is_playing
    assert view.play_button.accessibleName() == "Play"
    view.play_button.click()
    assert heard[-1] == 1
    assert view.is_playing
    view.set_playing(False)
    assert not view.is_playing


def test_playing_ends_when_it_is_hidden_or_fails(view):
    view.set_playing(True)
    view.show_nothing("Too large.")
    assert not view.is_playing
    view.set_playing(True)
    view.hide()
    assert not view.is_playing


def test_the_button_plays_by_keyboard(view):
    view.play_button.setFocus()
    QTest.keyClick(view.play_button, Qt.Key.Key_Space)
    assert view.is_playing
    QTest.keyClick(view.play_button, Qt.Key.Key_Space)
    assert not view.is_playing


@pytest.mark.parametrize("name", ["dark", "light"])
def test_it_follows_the_theme(view, qapp, name):
    theme.apply(qapp, name)
    show(view, 5)
    image = view.grab().toImage()
    assert image.pixelColor(image.width() - 4, image.height() - 4) == theme.palette().panel
    assert view.play_button.grab().toImage().pixelColor(8, 8) == theme.palette().accent
    theme.apply(qapp, "dark")


def test_a_narrow_window_has_the_words_below_the_headings(view):
    view.resize(900, 200)
    show(view, 12)
    assert view.applied.picture_room().top() > 40
    view.resize(1366, 232)
    QApplication.processEvents()
    assert view.applied.picture_room().top() < 30
