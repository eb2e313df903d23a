"""The line of arithmetic: covered results, and answers."""

import numpy as np
import pytest
from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QFontMetricsF
from PyQt6.QtWidgets import QAbstractButton

from kernels import Kernel
from tests.viewer.stage.equation_bench import SIZES, Bench, Key, colours
from viewer.pages.stage.views.equation.plan import type_of

# -- predict -----------------------------------------------------------------------------------------------------------


def test_a_covered_result_is_a_question(bench: Bench) -> None:
    bench.camera(covered=True, predicting=True)
    button, answer = bench.child("revealButton"), bench.child("answerEdit")
    assert bench.value == "?"
    assert bench.view.result.sum_text() == "−97 + 111 − 180 + 188 − 67 + 73 = ?"
    assert bench.view.result.step_text() == ""
    assert bench.view.accessibleDescription().endswith("= ?")
    assert bench.view.latex().endswith("= ?")
    assert "28" not in bench.view.result.toolTip()
    assert isinstance(button, QAbstractButton)
    assert (button.text(), button.isVisible(), answer.isVisible()) == ("Reveal", True, True)
    place = button.geometry()
    asked = bench.heard(bench.view.reveal_requested)
    bench.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert len(asked) == 1
    bench.camera(predicting=True, judgement="Right.")
    assert (button.text(), button.isVisible(), answer.isVisible()) == ("Next", True, False)
    assert button.geometry() == place
    assert bench.view.result.heading() == "Right."
    assert bench.value == "28"
    bench.camera()
    assert not button.isVisible()


def test_a_kernel_over_channels_hides_its_total_too(bench: Bench) -> None:
    kernel = Kernel(np.random.default_rng(4).integers(-3, 4, (3, 3, 3)))
    content = bench.show(colours(), kernel, (2, 3), covered=True, predicting=True)
    assert bench.view.result.channel_text() == ""
    assert str(abs(int(content.values[0]))) not in bench.view.text()


def test_an_answer_is_announced_by_enter_only(bench: Bench) -> None:
    bench.camera(covered=True, predicting=True)
    said = bench.heard(bench.view.answered)
    answer = bench.child("answerEdit")
    answer.setFocus()
    bench.qtbot.keyClicks(answer, "0")
    bench.qtbot.keyClick(answer, Key.Key_Return)
    assert said == [0.0]
    answer.selectAll()
    bench.qtbot.keyClicks(answer, "-28")
    bench.view.kernel_grid.setFocus()
    assert said == [0.0]
    answer.setFocus()
    bench.qtbot.keyClick(answer, Key.Key_Return)
    assert said == [0.0, -28.0]
    answer.selectAll()
    bench.qtbot.keyClicks(answer, "many")
    bench.qtbot.keyClick(answer, Key.Key_Return)
    assert said == [0.0, -28.0]
    assert "many" in bench.view.result.heading()


def test_the_next_question_begins_without_an_answer(bench: Bench) -> None:
    bench.camera(covered=True, predicting=True)
    answer = bench.child("answerEdit")
    answer.setFocus()
    bench.qtbot.keyClicks(answer, "28")
    bench.camera(predicting=True)
    bench.camera(covered=True, predicting=True)
    assert answer.text() == ""
    answer.setFocus()
    bench.view.kernel_grid.setFocus()
    assert not answer.property("invalid")


def test_an_answer_can_be_begun_from_elsewhere(bench: Bench) -> None:
    bench.camera()
    assert not bench.view.is_asking
    bench.camera(covered=True, predicting=True)
    assert bench.view.is_asking
    said, answer = bench.heard(bench.view.answered), bench.child("answerEdit")
    bench.view.begin_answer("−")
    assert answer.hasFocus()
    bench.qtbot.keyClicks(answer, "28")
    assert answer.text() == "−28"
    bench.qtbot.keyClick(answer, Key.Key_Return)
    assert said == [-28.0]


def test_the_next_question_has_the_focus_after_an_answer(bench: Bench) -> None:
    bench.camera(covered=True, predicting=True)
    answer, button = bench.child("answerEdit"), bench.child("revealButton")
    for is_used in (True, False):
        button.setFocus()
        if is_used:
            bench.view.begin_answer("3")
            bench.qtbot.keyClick(answer, Key.Key_Return)
        bench.camera(predicting=True)
        bench.camera(covered=True, predicting=True)
        assert answer.hasFocus() == is_used


def test_an_empty_answer_leaves_space_to_the_stage(bench: Bench) -> None:
    bench.camera(covered=True, predicting=True)
    answer = bench.child("answerEdit")
    answer.setFocus()
    bench.qtbot.keyClick(answer, Key.Key_Space)
    assert answer.text() == ""
    bench.qtbot.keyClicks(answer, "1 /2")
    assert answer.text() == "1 /2"
    bench.qtbot.keyClick(answer, Key.Key_Escape)
    assert answer.text() == ""


@pytest.mark.parametrize("size", SIZES)
def test_why_an_answer_is_refused_is_read_whole(bench: Bench, size: tuple[int, int]) -> None:
    bench.view.resize(*size)
    bench.camera(covered=True, predicting=True)
    bench.view.begin_answer("about seven or eight")
    bench.qtbot.keyClick(bench.child("answerEdit"), Key.Key_Return)
    result, plan = bench.view.result, bench.view._plan
    said = result.heading()
    line = QRectF(0, plan.title - 20, result.width(), 40)
    box, height = result._box_of(plan, said, line)
    font = type_of(height, 600)
    needed = QFontMetricsF(font).boundingRect(QRectF(0, 0, box.width(), 1e4), Qt.TextFlag.TextWordWrap, said)
    assert height >= 16
    assert needed.height() <= box.height()
    assert box.top() >= 0
    assert box.bottom() <= result._value_middle(plan) - 0.36 * result._value_size
