"""Values along a line: what the curves show, what the crosshair reads, and what cannot be shown."""

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtGui import QColor, QImage
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QWidget

from tests.viewer.pointer import move_to
from viewer import theme
from viewer.pages.stage.views.profile import ProfileView
from viewer.pages.stage.views.profile_plot import are_apart, fewer, reach

LINE = np.arange(20.0)


@pytest.fixture
def view(qtbot):
    made = ProfileView()
    qtbot.addWidget(made)
    made.resize(1366, 232)
    with qtbot.waitExposed(made):
        made.show()
    return made


def show(view, first=LINE * 10, second=200 - LINE * 5, at=None, *, outputs=None):
    view.show_profile(LINE if at is None else at, first, LINE if outputs is None else outputs, second, "Row y 3")
    QApplication.processEvents()


def image_of(widget: QWidget) -> QImage:
    return widget.grab().toImage()


def count(image: QImage, colour: QColor) -> int:
    found = image.convertToFormat(QImage.Format.Format_RGB32)
    bits = found.constBits()
    bits.setsize(found.sizeInBytes())
    pixels = np.frombuffer(bits.asstring(), np.uint8).reshape(-1, 4)[:, 2::-1].astype(int)
    return int((np.abs(pixels - np.array(colour.getRgb()[:3])).max(axis=1) <= 2).sum())


def test_nothing_says_how_a_line_is_made(view):
    assert view.empty.isVisible()
    assert view.empty.text().startswith("Draw a line in a picture, or take a row or a column.")
    assert not view.csv_button.isEnabled()
    assert not view.picture_button.isEnabled()
    assert not view.clear_button.isEnabled()
    assert view.row_button.isEnabled()
    view.show_nothing("The picture is read by windows.")
    assert view.empty.text() == "The picture is read by windows."


def test_buttons_ask(view, qtbot):
    show(view)
    for button, asked in (
        (view.row_button, view.row_requested),
        (view.column_button, view.column_requested),
        (view.clear_button, view.clear_requested),
        (view.csv_button, view.export_csv_requested),
        (view.picture_button, view.export_picture_requested),
    ):
        with qtbot.waitSignal(asked):
            button.click()


def test_both_curves_are_drawn_and_captioned(view):
    show(view)
    assert view.caption.text() == "Row y 3"
    image = image_of(view.plot)
    assert count(image, theme.palette().text) > 200
    assert count(image, theme.palette().accent) > 200


def test_the_crosshair_reads_the_values(view):
    show(view)
    view.mark(4)
    assert (view.reading.texts(0), view.reading.texts(1)) == (["40"], ["180"])
    assert view.reading.accessibleDescription() == "at 4 px: input 40, output 180"
    assert count(image_of(view.plot), theme.palette().crosshair) > 100
    view.mark(None)
    assert (view.reading.texts(0), view.reading.texts(1)) == (["–"], ["–"])
    assert count(image_of(view.plot), theme.palette().crosshair) == 0
    view.mark(20)
    assert view.plot.marked is None


def test_the_pointer_finds_each_value(view, qtbot):
    show(view)
    heard = []
    view.pointed.connect(heard.append)
    for index in (0, 7, 19):
        move_to(view.plot, QPoint(round(view.plot.x_of(index)), 60))
        assert heard[-1] == index
    with qtbot.waitSignal(view.pointed):
        view.plot.leaveEvent(None)
    assert heard[-1] is None


def test_arrow_keys_step_along_the_line(view):
    show(view)
    heard = []
    view.pointed.connect(heard.append)
    view.plot.setFocus()
    QTest.keyClick(view.plot, Qt.Key.Key_Right)
    QTest.keyClick(view.plot, Qt.Key.Key_Right)
    QTest.keyClick(view.plot, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(view.plot, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(view.plot, Qt.Key.Key_Left)
    QTest.keyClick(view.plot, Qt.Key.Key_Home)
    assert heard == [0, 1, 11, 19, 18, 0]


def test_a_setter_announces_nothing(view):
    heard = []
    view.pointed.connect(heard.append)
    show(view)
    view.mark(3)
    view.show_nothing()
    assert heard == []


@pytest.mark.parametrize(
    ("first", "second", "apart"),
    [
        ([0, 255], [-400, 460], False),  # Sobel on 8 bits
        ([0, 255], [-20, 30], True),
        ([0, 1], [0, 255], True),
        ([0, 255], [0, 0], False),  # a kernel of zeros
        ([0, 0], [0, 0], False),
        ([0, 255], [np.nan, np.nan], False),
    ],
)
def test_scales_that_differ_have_an_axis_each(view, first, second, apart):
    assert are_apart(np.array(first, float), np.array(second, float)) == apart
    show(view, np.resize(np.array(first, float), 20), np.resize(np.array(second, float), 20))
    assert view.plot.has_two_axes == apart
    assert view.plot._axes["right"].isVisible() == apart


def test_every_finite_value_is_in_reach():
    low, high = reach(np.array([3.0, np.nan, -7.0]), np.array([np.inf, 11.0]))
    assert low < -7
    assert high > 11
    assert reach(np.array([5.0, 5.0])) == (2.5, 7.5)
    assert reach(np.array([np.nan])) == (0.0, 1.0)
    assert reach(np.zeros(3)) == (-1.0, 1.0)


@pytest.mark.parametrize("stride", [1, 2, 3])
def test_the_output_stands_where_its_windows_do(view, stride):
    outputs = np.arange(1, 19, stride, dtype=float)  # "valid" with a kernel of three
    show(view, LINE, outputs * 100, outputs=outputs)
    for index in range(20):
        view.mark(index)
        nearest = outputs[np.abs(outputs - index).argmin()]
        expected = [f"{nearest * 100:.0f}"] if abs(nearest - index) <= stride / 2 else ["–"]
        assert view.reading.texts(1) == expected, index


def test_colour_has_a_curve_a_channel(view):
    rng = np.random.default_rng(1)
    show(view, rng.uniform(0, 255, (20, 3)), rng.uniform(0, 255, (20, 3)))
    view.mark(5)
    assert len(view.reading.texts(0)) == len(view.reading.texts(1)) == 3
    image = image_of(view.plot)
    assert [view.plot.channels(part) for part in (0, 1)] == [3, 3]
    for channel in range(3):
        assert count(image, view.plot.colour(1, channel)) > 100


@pytest.mark.parametrize(
    "values",
    [
        np.full(20, np.nan),
        np.full(20, np.inf),
        np.array([-1.7e308, 1.7e308] * 10),
        np.zeros(20),
        np.full(20, 1e-300),
    ],
    ids=["nan", "infinite", "huge", "zero", "tiny"],
)
def test_unusual_values_are_shown_or_left_out(view, values):
    show(view, LINE, values)
    view.mark(3)
    assert count(image_of(view.plot), theme.palette().text) > 50


@pytest.mark.parametrize("length", [1, 2])
def test_a_line_of_a_pixel_or_two(view, length):
    show(view, LINE[:length], LINE[:length] + 1, LINE[:length], outputs=LINE[:length])
    view.mark(0)
    assert view.reading.texts(1) == ["1"]
    assert count(image_of(view.plot), theme.palette().text) > 10


def test_a_line_without_output(view):
    show(view, LINE, np.zeros(0), outputs=np.zeros(0))
    view.mark(0)
    assert view.reading.texts(1) == ["–"]


def test_no_peak_of_a_long_line_is_lost():
    values = np.zeros(50_000)
    values[12_345], values[40_000], values[7] = 9.0, -4.0, np.nan
    distances, shown = fewer(np.arange(50_000.0), values)
    assert len(shown) < 4000
    assert shown.max() == 9.0
    assert shown.min() == -4.0
    assert abs(distances[shown.argmax()] - 12_345) < 50
    assert (np.diff(distances) >= 0).all()


def test_the_picture_holds_what_is_shown(view):
    show(view)
    view.mark(4)
    image = view.picture()
    assert image.width() > 2 * view.sheet.width()
    colours = theme.palette()
    assert image.pixelColor(2, image.height() - 2) == colours.panel
    for colour in (colours.text, colours.accent, colours.crosshair):
        assert count(image, colour) > 400
    assert count(image_of(view.plot), colours.accent) > 200


@pytest.mark.parametrize("name", ["dark", "light"])
def test_it_follows_the_theme(view, qapp, name):
    show(view)
    theme.apply(qapp, name)
    image = image_of(view.plot)
    assert count(image, theme.palette().panel) > image.width() * image.height() / 2
    assert count(image, theme.palette().accent) > 200
    theme.apply(qapp, "dark")
