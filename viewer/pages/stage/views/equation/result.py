"""The result of the equation; covered, a question to answer."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QColor, QFontMetricsF, QKeyEvent
from PyQt6.QtWidgets import QApplication, QLineEdit, QWidget

from kernels.kernel.text import parse_number
from viewer import theme
from viewer.pages.stage.views.equation.outcome import BETWEEN, Outcome, OutcomeView
from viewer.pages.stage.views.equation.plan import NOTE, Plan, type_of
from viewer.pages.stage.views.equation.reveal import HEIGHT, RevealButton
from viewer.widgets import NumberEdit, blocked

ANSWER_WIDTH, ANSWER_HEIGHT = 132, 34


class AnswerEdit(NumberEdit):
    """A guess; nothing is as good as not to have answered yet. ``answered`` carries it when Enter is pressed."""

    answered = pyqtSignal(float)

    def __init__(self, object_name: str, accessible_name: str, tool_tip: str, parent: QWidget | None = None) -> None:
        super().__init__(object_name, accessible_name, tool_tip, parent)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.returnPressed.connect(self._answer)

    def forget(self) -> None:
        """Be empty again, for the next question."""
        self.set_error("")
        with blocked(self):
            self.clear()

    def begin(self, text: str) -> None:
        """Go on typing after `text`."""
        self.setFocus()
        self.setText(text)
        self.setModified(True)
        self.textEdited.emit(text)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        # As long as nothing is typed, these keys are the Stage's.
        if Qt.Key(event.key()) in (Qt.Key.Key_Space, Qt.Key.Key_Escape) and not self.text():
            event.ignore()
        elif event.key() == Qt.Key.Key_Escape:
            self.forget()
            self.textEdited.emit("")
        else:
            super().keyPressEvent(event)

    def _answer(self) -> None:
        try:
            value = parse_number(self.text())
        except ValueError:
            return  # refused when the editing ends, right after this
        self.answered.emit(value)

    def _commit(self) -> None:
        if self.text().strip():
            super()._commit()
        else:
            self.set_error("")


class Result(OutcomeView):
    """``answered`` carries a typed answer, ``reveal_requested`` says that it shall be shown, or the next one."""

    answered = pyqtSignal(float)
    reveal_requested = pyqtSignal()

    def __init__(self, object_name: str, parent: QWidget | None = None) -> None:
        super().__init__(object_name, parent)
        self._judgement = self._refusal = ""
        self._was_used = False
        self.reveal = RevealButton(self)
        self.reveal.clicked.connect(lambda _checked: self.reveal_requested.emit())
        tip = self.tr("What do you think comes out? Enter judges it")
        self.answer = AnswerEdit("answerEdit", self.tr("Your answer"), tip, self)
        self.answer.answered.connect(self._take)
        self.answer.rejected.connect(self._refuse)
        self.answer.textEdited.connect(lambda _text: self._refuse(""))

    def show_outcome(
        self, outcome: Outcome | None, reason: str, *, covered: bool, predicting: bool, judgement: str
    ) -> None:
        """Show a result, covered or not, or the `reason` why there is none; `place` arranges it."""
        is_new = covered and not self._covered
        if is_new:
            self.answer.forget()
        self._covered = covered
        self._judgement, self._refusal = judgement, "" if not covered else self._refusal
        self.reveal.show_covered(covered)
        self.reveal.setVisible(outcome is not None and (covered or predicting))
        self.answer.setVisible(outcome is not None and covered)
        self.show_result(outcome, reason)
        if is_new and self._was_used and not isinstance(QApplication.focusWidget(), QLineEdit):
            self._was_used = False
            self.answer.setFocus()

    def begin_answer(self, text: str) -> None:
        """Go on typing an answer that begins with `text`."""
        self.answer.begin(text)

    def heading(self) -> str:
        """What stands above: what was wrong with an answer, how it was judged, or what this is."""
        return self._said() or (self._outcome.title if self._outcome else "")

    def _take(self, value: float) -> None:
        self._was_used = True
        self.answered.emit(value)

    def _refuse(self, sentence: str) -> None:
        self._refusal = sentence
        self.update()

    def _said(self) -> str:
        return self._refusal or self._judgement

    def _said_ink(self) -> QColor:
        return theme.palette().error if self._refusal else super()._said_ink()

    def _foot(self) -> str:
        return self.answer.accessibleName() if self._covered else super()._foot()

    def _arrange(self) -> None:
        super()._arrange()
        plan = self._plan
        if plan is None or self._outcome is None:
            return
        size, height = plan.type_size(NOTE), max(plan.at(ANSWER_HEIGHT), 30.0)
        self.answer.setFont(type_of(size, 600))
        self.answer.setMinimumHeight(0)
        label = QFontMetricsF(type_of(size)).horizontalAdvance(self.answer.accessibleName()) + plan.at(12)
        width = min(plan.at(ANSWER_WIDTH), self.width() - label)
        self.answer.setGeometry(round(label), round(plan.note - height / 2), round(width), round(height))

    def _room_at_right(self, plan: Plan, *, has_hint: bool) -> float:
        if self.reveal.isHidden():
            return 0.0
        return self.reveal.wanted_width(plan.at(HEIGHT), plan.type_size(NOTE), has_hint=has_hint) + plan.at(BETWEEN)

    def _place_at_right(self, plan: Plan, *, has_hint: bool) -> None:
        middle = self._value_middle(plan)
        self.reveal.place(self.width(), middle, plan.at(HEIGHT), plan.type_size(NOTE), has_hint=has_hint)
