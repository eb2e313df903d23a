"""Predict first: what is asked for is told nowhere until it is revealed, and answers are judged and counted."""

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QWidget

from kernels.kernel import Kernel
from tests.viewer.pointer import move_to
from tests.viewer.stage_hand import PANES
from viewer import theme
from viewer.pages.learned.views.pictures import fitted
from viewer.pages.stage import queries as stage_queries
from viewer.pages.stage.queries import BORDERS, PROFILES

SPACE = Qt.Key.Key_Space


@pytest.fixture
def asking(stage):
    """Predict is on at output pixel (4, 4); every output is another number, found nowhere in the picture."""
    stage.window.sources.replace(stage.picture(np.arange(100, dtype=np.float64).reshape(10, 10)), "Open an array")
    stage.change([[1, 2, 4], [8, 16, 32], [64, 128, 256]], border="replicate")
    stage.click("predictSwitch")
    stage.go_to(4, 4)
    return stage


def words(stage):
    """All that the Stage says in words: what is heard, tool tips, labels."""
    said = []
    for widget in [stage.window, *stage.window.stage.view.findChildren(QWidget)]:
        text = getattr(widget, "text", None)
        said += [widget.accessibleDescription(), widget.toolTip(), text() if callable(text) else ""]
    for name in ("closeUp", "outputCloseUp"):
        close_up = stage.control(name)
        cells = close_up.cells
        said += (
            []
            if cells is None
            else [close_up.cell_text(cells.top + i, cells.left + j) for i, j in np.argwhere(~cells.absent).tolist()]
        )
    result = stage.window.stage.view.equation.result
    said += [result.value_text(), result.sum_text(), result.step_text(), result.heading()]
    return "\n".join(each for each in said if isinstance(each, str)).replace("\N{NO-BREAK SPACE}", "")


def is_told(stage, i, j):
    return f"{stage.output[i, j]:.0f}" in words(stage)


def type_answer(stage, text):
    edit = stage.control("answerEdit")
    edit.setFocus()
    edit.setText(text)
    QTest.keyClick(edit, Qt.Key.Key_Return)
    stage.wait()


# -- revealing ---------------------------------------------------------------------------------------------------------


def test_the_result_is_a_question_until_space_reveals_it(asking):
    stage = asking
    assert stage.text.endswith(" = ?")
    assert not is_told(stage, 4, 4)
    stage.press(SPACE)
    assert stage.line.ends_in(stage.output[4, 4])
    assert is_told(stage, 4, 4)
    assert stage.place == (4, 4)
    stage.press(SPACE)
    assert stage.place == (4, 5)
    assert stage.text.endswith(" = ?")
    assert not is_told(stage, 4, 5)


def test_the_button_reveals_and_goes_on(asking):
    stage, button = asking, asking.control("revealButton")
    assert button.isVisible()
    stage.click("revealButton")
    assert stage.line.ends_in(stage.output[4, 4])
    stage.click("revealButton")
    assert stage.place == (4, 5)
    assert stage.text.endswith(" = ?")
    stage.click("predictSwitch")
    assert not button.isVisible()
    assert stage.line.ends_in(stage.output[4, 5])


def test_what_was_told_before_can_be_read_and_stepping_back_asks_nothing(asking):
    stage = asking
    stage.hover_output(2, 3)
    assert stage.line.ends_in(stage.output[2, 3])
    stage.leave()
    assert stage.text.endswith(" = ?")
    stage.click("stepBackButton")
    assert stage.place == (4, 3)
    assert stage.line.ends_in(stage.output[4, 3])


def test_predict_on_and_off_where_nobody_has_gone_anywhere(stage):
    """The window stands in the middle of its own accord."""
    assert stage.view.at is None
    stage.click("predictSwitch")
    assert stage.text.endswith(" = ?")
    stage.hover_output(1, 2)
    assert stage.line.ends_in(float(stage.output[1, 2]))


def test_a_smaller_output_tells_nothing_of_the_pixel_that_is_asked_for(asking):
    stage = asking
    stage.go_to(9, 9)
    stage.change(stride=2)
    assert stage.place == (4, 4)
    assert stage.text.endswith(" = ?")
    assert not is_told(stage, 4, 4)


# -- nothing is told ---------------------------------------------------------------------------------------------------


def test_nothing_anywhere_tells_what_a_covered_pixel_holds(asking):
    stage = asking
    for pixel in ((4, 4), (4, 5), (5, 1)):
        stage.hover_output(*pixel)
        assert stage.text.endswith(" = ?")
        assert not any(is_told(stage, *each) for each in ((4, 4), (4, 5), (5, 1)))
        assert "4" in stage.pane("output").accessibleDescription()  # where the question is, and no more
        assert stage.pane("output").accessibleDescription().endswith("not reached yet")
    stage.hover_input(5, 5)
    assert not any(is_told(stage, 5, j) for j in (4, 5, 6))
    stage.window.intents.call("copyLine")
    assert QApplication.clipboard().text().endswith(" = ?")
    stage.window.intents.call("copyLatex")
    assert QApplication.clipboard().text().endswith(" = ?")


def test_a_click_on_a_covered_pixel_asks_for_it(asking):
    stage = asking
    stage.click_output(4, 7)
    assert stage.place == (4, 7)
    assert stage.text.endswith(" = ?")
    assert not is_told(stage, 4, 7)


def test_the_cover_of_the_pane_takes_in_the_pixel_that_is_asked_for(asking):
    stage = asking
    areas = sorted(area.getRect() for area in stage.pane("output").overlay.covered)
    assert areas == [(0, 5, 10, 5), (4, 4, 6, 1)]
    stage.press(SPACE)
    areas = sorted(area.getRect() for area in stage.pane("output").overlay.covered)
    assert areas == [(0, 5, 10, 5), (5, 4, 5, 1)]
    stage.look(region=(0, 2, 0, 2), revealed=False)  # the pixel lies outside of what is gone through
    assert [area.getRect() for area in stage.pane("output").overlay.covered] == [(4, 4, 1, 1)]
    assert stage.text.endswith(" = ?")
    assert not is_told(stage, 4, 4)


def test_the_cover_stays_until_what_a_weight_adds_stands_there(asking, monkeypatch):
    stage, grid = asking, asking.control("equationKernel")

    def refuse(*_values, **_named):
        raise ValueError("too late")

    with monkeypatch.context() as slow:
        slow.setattr(stage_queries, "one_weight", refuse)
        move_to(grid, grid.rect_of((0, 1)).center().toPoint())
        stage.wait()
        assert stage.view.tap == (0, 1)
        assert stage.pane("output").shown is stage.pane("output").sheet
        assert len(stage.pane("output").overlay.covered) == 2
    move_to(grid, grid.rect_of((0, 2)).center().toPoint())
    stage.wait()
    assert stage.pane("output").shown is not stage.pane("output").sheet
    assert len(stage.pane("output").overlay.covered) == 2  # of a kernel of one weight it is the output


@pytest.mark.parametrize(
    ("below", "column", "word"), [("borders", "difference", "bordersCount"), ("repeat", "applied", "")]
)
def test_what_stands_below_hides_what_is_still_asked_for(asking, below, column, word):
    stage = asking
    stage.look(below=below, times=1)
    shown = getattr(stage.control(f"{below}View"), column)
    assert shown._hidden == ((0.4, 0.4, 0.1, 0.6), (0.5, 0.0, 0.5, 1.0))  # as in the pane
    room = fitted(shown.picture, shown.picture_room())
    image = shown.grab().toImage()
    x = room.center().x() - room.left()
    ground = {image.pixelColor(x, y).name() for y in range(room.center().y() + 4, room.bottom() - 2)}
    assert theme.palette().well.name() in ground
    assert not word or stage.control(word).text() == "?"
    stage.press(SPACE)
    assert shown._hidden == ((0.4, 0.5, 0.1, 0.5), (0.5, 0.0, 0.5, 1.0))
    stage.click("predictSwitch")
    assert shown._hidden == ()
    assert not word or stage.control(word).text() == f"{stage.window.river.moment.value(BORDERS).count:,}"


def test_the_profile_ends_where_the_question_is(asking):
    stage = asking
    stage.look(below="profile", line=((4, 0), (4, 9)))
    np.testing.assert_array_equal(stage.window.river.moment.value(PROFILES).output.values, stage.output[4, :4])
    assert not is_told(stage, 4, 4)
    stage.press(SPACE)
    np.testing.assert_array_equal(stage.window.river.moment.value(PROFILES).output.values, stage.output[4, :5])
    stage.click("predictSwitch")
    np.testing.assert_array_equal(stage.window.river.moment.value(PROFILES).output.values, stage.output[4])


# -- answers -----------------------------------------------------------------------------------------------------------


def test_answers_are_judged_and_counted(stage):
    stage.change(Kernel(np.full((3, 3), -1.0), divisor=9.0))
    stage.click("predictSwitch")
    heading = stage.window.stage.view.equation.result.heading
    told = {}
    for pixel, answer, verdict, start in (
        ((3, 3), "-60", "right", "Right."),
        ((3, 5), "−90", "right", "Right."),
        ((3, 6), "90", "sign", "Off by the sign."),
        ((3, 7), "-540", "divisor", "Off by the divisor"),
        ((3, 8), "-31", "other", "Not this one."),
        ((4, 4), "-80", "right", "Right."),
    ):
        stage.go_to(*pixel)
        assert stage.text.endswith(" = ?")
        type_answer(stage, answer)
        told[verdict] = told.get(verdict, 0) + 1
        assert stage.view.judgement == verdict, (pixel, stage.output[pixel])
        assert dict(stage.view.tally) == told
        assert heading().startswith(start)
        assert stage.line.ends_in(float(stage.output[pixel]))
    assert "3 right · 1 sign · 1 divisor · 1 wrong" in heading()
    stage.click("stepForwardButton")
    assert not heading().startswith("Right.")
    stage.click("predictSwitch")
    assert "right" not in heading()  # nobody is asked
    stage.click("predictSwitch")
    assert "3 right" in heading()
    stage.click("stageLeave")
    stage.enter()
    assert dict(stage.view.tally) == told  # for the session


def test_what_is_typed_anywhere_is_an_answer(asking):
    """A digit does not zoom while a result is asked for; once it is told, it does again."""
    stage, pane = asking, asking.pane("output")
    edit, scale = stage.control("answerEdit"), pane.link.scale
    for name in (*PANES.values(), "closeUp", "outputCloseUp", "playButton"):
        place = stage.control(name)
        place.setFocus()
        QTest.keyClick(place, "1")
        assert edit.hasFocus(), name
        assert edit.text() == "1"
        QTest.keyClicks(edit, "7.5")
        QTest.keyClick(edit, Qt.Key.Key_Return)
        stage.wait()
        assert stage.view.judgement == "other"
        assert pane.link.scale == scale
        pane.setFocus()
        stage.press(SPACE)
        assert edit.hasFocus(), name
        assert edit.text() == ""
    stage.press(SPACE)
    QTest.keyClick(pane, "1")
    assert not edit.isVisible()
    assert pane.link.scale != scale


def test_what_is_no_number_is_refused_and_reveals_nothing(asking):
    stage = asking
    type_answer(stage, "about seven")
    assert stage.text.endswith(" = ?")
    assert stage.view.tally == ()
    assert "about seven" in stage.window.stage.view.equation.result.heading()
    type_answer(stage, f"{stage.output[4, 4]:g}")
    assert stage.view.judgement == "right"


def test_a_colour_picture_asks_for_the_channel_that_is_shown(stage):
    random = np.random.default_rng(4)
    stage.window.sources.replace(stage.picture(random.integers(0, 256, (8, 8, 3)).astype(np.uint8)), "Open an array")
    stage.change([[0, 1], [1, 0]])
    stage.click("predictSwitch")
    stage.go_to(2, 2)
    stage.control("equationChannel").setCurrentIndex(1)
    stage.wait()
    assert stage.text.endswith(" = ?")
    type_answer(stage, f"{stage.output[2, 2, 1]:g}")
    assert stage.view.judgement == "right"
    assert stage.line.ends_in(float(stage.output[2, 2, 1]))


def test_any_output_is_covered_and_revealed_the_same_way_elsewhere(window, control):
    pane = control("outputPane")
    window.intents.call("coverOutput")
    window.wait_until_idle()
    assert pane.is_covered
    QTest.keyClick(pane, SPACE)
    window.wait_until_idle()
    assert not pane.is_covered
