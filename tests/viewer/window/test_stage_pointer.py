"""Pointer and keys on the Stage: what is read, pinned, stepped and taken back."""

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication
from scipy import signal

from kernels.filtering.geometry import geometry
from kernels.filtering.operands import applied_weights
from kernels.filtering.provenance import touched
from kernels.pictures.reading import open_sample
from tests.viewer.pointer import move_to
from viewer.pages.stage.queries import TOUCHED

KEY = Qt.Key
SHIFT = Qt.KeyboardModifier.ShiftModifier
LEFT = Qt.MouseButton.LeftButton
FIELDS = ("equationDivisorEdit", "equationKernel", "stagePreset", "timeline", "playButton", "closeUp", "stageInputPane")


@pytest.fixture
def roomy(stage):
    """A picture with room for steps of ten, at a stride."""
    random = np.random.default_rng(2)
    stage.window.sources.replace(stage.picture(random.integers(0, 256, (50, 60)).astype(np.uint8)), "Open an array")
    stage.change(stride=2)
    return stage


def pinned(stage):
    probe = stage.window.store.session.probe
    return None if probe is None or not probe.pinned else (probe.i, probe.j)


def again(stage):
    """Enter the Stage from wherever it is."""
    stage.window.intents.call("stage")
    stage.wait()
    assert stage.window.store.session.on_stage


# -- Escape and Space --------------------------------------------------------------------------------------------------


def test_escape_takes_back_one_thing_and_ends_where_the_stage_was_entered(stage):
    for workspace in ("filter", "gradient"):
        stage.click("stageLeave")
        stage.choose("workspaceTabs", workspace)
        again(stage)
        stage.click("playButton")
        stage.press(KEY.Key_Escape)
        assert not stage.view.playing
        stage.click_output(1, 3)
        assert pinned(stage) == (1, 3)
        stage.press(KEY.Key_Escape)
        assert pinned(stage) is None
        assert stage.window.store.session.on_stage
        assert stage.place == (1, 3)
        stage.press(KEY.Key_Escape)
        assert stage.window.store.session.workspace == workspace


def test_escape_leaves_from_wherever_the_focus_is(stage):
    for name in FIELDS:
        stage.press(KEY.Key_Escape, where=name)
        assert stage.window.store.session.workspace == "filter", name
        again(stage)


def test_whoever_leaves_while_it_plays_finds_it_standing(stage):
    for leave in ("showGradient", "stage", "showFilter"):
        stage.click("playButton")
        stage.window.intents.call(leave)
        stage.wait()
        assert not stage.window.store.session.on_stage
        again(stage)
        assert not stage.view.playing
    stage.click("playButton")
    stage.click("stageToGradient")
    assert stage.window.store.session.workspace == "gradient"
    again(stage)
    assert not stage.view.playing


def test_space_plays_and_pauses(stage):
    for name in ("stageOutputPane", "closeUp", "timeline", "stageInputPane", "stagePadding"):
        stage.press(KEY.Key_Space, where=name)
        if name == "stagePadding":  # a button is pressed
            assert not stage.view.playing
            continue
        assert stage.view.playing
        stage.press(KEY.Key_Space, where=name)
        assert not stage.view.playing


# -- pinning and stepping ----------------------------------------------------------------------------------------------


def test_a_click_pins_in_both_panes_and_in_both_close_ups(roomy):
    stage, pixel = roomy, (3, 4)
    stage.click_output(*pixel)
    assert pinned(stage) == stage.place == pixel
    stage.click_output(*pixel)
    assert pinned(stage) is None
    assert stage.place == pixel
    stage.click_input(20, 12)
    assert pinned(stage) == stage.place == (10, 6)
    assert stage.line.ends_in(float(stage.output[10, 6]))
    for name, (y, x), expected in (("closeUp", (20, 14), (10, 7)), ("outputCloseUp", (11, 5), (11, 5))):
        close_up = stage.control(name)
        QTest.mouseClick(close_up, LEFT, pos=close_up.cell_rect(y, x).center().toPoint())
        stage.wait()
        assert pinned(stage) == stage.place == expected
    assert stage.line.ends_in(float(stage.output[11, 5]))


def test_arrow_keys_step_by_output_pixels_across_stride(roomy):
    stage = roomy
    stage.go_to(3, 4)
    for where, key, held, expected in (
        ("stageOutputPane", KEY.Key_Right, (), (3, 5)),
        ("stageInputPane", KEY.Key_Down, (), (4, 5)),
        ("stageOutputPane", KEY.Key_Down, (SHIFT,), (14, 5)),
        ("closeUp", KEY.Key_Right, (SHIFT,), (14, 15)),
        ("closeUp", KEY.Key_Left, (), (14, 14)),
        ("outputCloseUp", KEY.Key_Up, (SHIFT,), (4, 14)),
        ("stageInputPane", KEY.Key_Up, (SHIFT,), (0, 14)),
        ("outputCloseUp", KEY.Key_Left, (), (0, 13)),
        ("stageOutputPane", KEY.Key_Left, (SHIFT,), (0, 3)),
        ("stageOutputPane", KEY.Key_Left, (SHIFT,), (0, 0)),
    ):
        stage.press(key, *held, where=where)
        assert stage.place == pinned(stage) == expected
        assert stage.line.ends_in(float(stage.output[expected]))


def test_arrow_keys_step_while_the_pointer_rests_on_a_picture(roomy):
    stage = roomy
    stage.go_to(1, 2)
    stage.hover_output(5, 6)
    centre = stage.pane("output").link.centre
    stage.press(KEY.Key_Right)
    assert stage.place == pinned(stage) == (5, 7)
    assert stage.pane("output").link.centre == centre


def test_enter_pins_what_is_read_and_frees_it(roomy):
    stage = roomy
    stage.go_to(3, 4)
    stage.press(KEY.Key_Return)
    assert pinned(stage) == stage.place == (3, 4)
    stage.press(KEY.Key_Return)
    assert pinned(stage) is None
    stage.hover_output(5, 6)
    stage.press(KEY.Key_Return)
    assert pinned(stage) == stage.place == (5, 6)


def test_what_is_pinned_stays_in_the_picture_under_another_stride(roomy):
    stage = roomy
    stage.click_output(10, 6)
    stage.change(stride=1)
    assert pinned(stage) == stage.place == (20, 12)
    assert stage.line.ends_in(float(stage.output[20, 12]))
    stage.change(stride=4)
    assert pinned(stage) == stage.place == (5, 3)


# -- hovering ----------------------------------------------------------------------------------------------------------


def test_hovering_the_output_reads_it_and_shows_its_window_in_the_input(roomy):
    stage = roomy
    stage.go_to(0, 0)
    stage.hover_output(7, 5)
    assert stage.line.ends_in(float(stage.output[7, 5]))
    assert stage.place == (0, 0)  # nothing has moved
    assert stage.control("closeUp").cells.box == (13, 9, 3, 3)
    assert "window from y 13, x 9 to y 15, x 11" in stage.control("closeUp").accessibleDescription()
    assert stage.control("outputCloseUp").cells.box == (7, 5, 1, 1)
    window, _large, _side = stage.window.stage.view.lines._joints[0]
    corner = stage.pane("input").position_of(13, 9)
    view = stage.window.stage.view
    assert window.topLeft().toPoint() == stage.pane("input").mapTo(view, corner.toPoint())
    stage.leave()
    assert stage.line.ends_in(float(stage.output[0, 0]))


MODES = {"constant": "constant", "replicate": "edge", "reflect": "symmetric", "reflect101": "reflect", "wrap": "wrap"}


def test_hovering_the_input_marks_the_outputs_that_it_touches(stage):
    weights, pixels = np.arange(1.0, 10.0).reshape(3, 3), open_sample("lecture-grid").pixels
    for operation, run in (("correlation", signal.correlate2d), ("convolution", signal.convolve2d)):
        for border, mode in MODES.items():
            stage.change(weights, operation=operation, border=border)
            for at, (y, x) in (((9, 9), (9, 8)), ((0, 0), (0, 0)), ((5, 4), (5, 4))):
                stage.go_to(*at)
                stage.hover_input(y, x)
                impulse = np.zeros(pixels.shape)
                impulse[y, x] = 1.0
                check_touched(stage, run(np.pad(impulse, 1, mode=mode), weights, mode="valid"), (y, x))
    stage.leave("input")
    assert stage.pane("output").overlay.touched == ()


def check_touched(stage, response, pixel):
    """What is marked of the output, and the weights in its close-up, against the response to one pixel."""
    document = stage.window.store.document
    windows = geometry(response.shape, (3, 3), document.options)
    found = touched(windows, applied_weights(document.kernel, document.options), document.options.border, pixel)
    np.testing.assert_array_equal(stage.window.river.moment.value(TOUCHED).weights, found.weights)
    cells = stage.control("outputCloseUp").cells
    shown = np.zeros(response.shape)
    for row, column in np.argwhere(np.isfinite(cells.weights)).tolist():
        shown[cells.top + row, cells.left + column] = cells.weights[row, column]
    seen = np.zeros(response.shape, bool)
    seen[max(cells.top, 0) : cells.top + 3, max(cells.left, 0) : cells.left + 7] = True
    np.testing.assert_array_equal(shown, np.where(seen, response, 0.0))
    marks = stage.pane("output").overlay.touched
    strengths = np.zeros(response.shape)
    for rect, share in marks:
        strengths[round(rect.top()), round(rect.left())] = share
    np.testing.assert_allclose(strengths, response / response.max())


def test_hovering_a_weight_shows_what_it_adds_and_the_pixel_that_it_multiplies(stage):
    stage.go_to(4, 5)
    grid, pane = stage.control("equationKernel"), stage.pane("output")
    own = pane.shown
    move_to(grid, grid.rect_of((0, 2)).center().toPoint())
    stage.wait()
    pixels = open_sample("lecture-grid").pixels.astype(float)
    one = np.zeros((3, 3))
    one[0, 2] = 1.0
    np.testing.assert_array_equal(pane.shown.values, signal.correlate2d(pixels, one, mode="same"))
    assert stage.window.stage.view.close_up._marked == (3, 6)
    assert "row 1, column 3" in pane.title.text()
    move_to(stage.control("equation"), QPoint(2, 2))
    stage.wait()
    assert pane.shown is own


def test_a_pointer_that_was_there_once_reads_nothing_under_another_stride(stage):
    stage.go_to(9, 9)
    stage.hover_output(2, 2)
    stage.leave()
    stage.change(stride=2)
    assert stage.window.store.session.probe is None
    assert stage.line.ends_in(float(stage.output[4, 4]))


def test_a_virtual_pixel_touches_as_the_pixel_that_it_is_read_from(stage):
    close_up = stage.control("closeUp")
    for border, expected in (("replicate", (0, 3)), ("wrap", (9, 3)), ("constant", None)):
        stage.change(border=border)
        stage.go_to(0, 3)
        move_to(close_up, QPoint(2, 2))
        move_to(close_up, close_up.cell_rect(-1, 3).center().toPoint())
        stage.wait()
        assert stage.view.point == expected
        assert bool(stage.pane("output").overlay.touched) == (expected is not None)
        stage.go_to(4, 5)
        assert close_up.cells.box == (3, 4, 3, 3)  # it goes on


def test_a_pointer_beyond_a_smaller_picture_points_at_nothing(stage):
    stage.go_to(1, 1)
    stage.hover_input(5, 4)
    stage.open(np.zeros((3, 4), np.uint8))
    assert stage.pane("output").overlay.touched == ()
    stage.go_to(2, 2)
    assert stage.control("closeUp").cells.box == (1, 1, 3, 3)
    assert stage.control("outputCloseUp").cells is None  # the numbers stand in the pane


def test_the_line_is_copied_as_text_and_as_latex(stage):
    stage.go_to(2, 3)
    line, latex = stage.control("equation").actions()  # what a right click offers
    assert stage.control("equation").contextMenuPolicy() == Qt.ContextMenuPolicy.ActionsContextMenu
    line.trigger()
    assert QApplication.clipboard().text() == stage.text
    latex.trigger()
    assert QApplication.clipboard().text().endswith(r"}{1} + 0 = 270")
    assert QApplication.clipboard().text().startswith(r"\frac{0 \cdot (-1) + ")


def test_a_screen_reader_hears_the_hovered_pixel(stage):
    stage.go_to(4, 0)
    stage.hover_output(2, 3)
    assert stage.pane("output").accessibleDescription() == "y 2, x 3: 270"
    assert stage.pane("input").accessibleDescription() == "y 2, x 3: 90"
    assert stage.control("outputCloseUp").accessibleDescription() == "y 2, x 3: 270"
