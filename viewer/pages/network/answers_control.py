"""What the networks say, and why one says nothing."""

from __future__ import annotations

from PyQt6.QtCore import QObject

from viewer.moment import Moment
from viewer.page_views import TRAINED
from viewer.pages.learned.accuracy_control import result_text
from viewer.pages.learned.evaluation import EVALUATIONS, evaluation_of, source_of
from viewer.pages.learned.layer import EditedNetwork
from viewer.pages.learned.words import sentence
from viewer.pages.network.answers import AnswerColumn
from viewer.pages.network.queries import ANSWERS, GIVEN, Answer, answering, edited_network, network_purpose, networks
from viewer.pages.network.train.shown import shown_checkpoint
from viewer.pages.network.train.words import run_title, step_title
from viewer.pages.network.views.answers import AnswersPanel
from viewer.pages.network.words import kind_of, network_title, weights_text


class AnswersControl(QObject):
    """Shows the newest answers; where there are none, says why."""

    def __init__(self, view: AnswersPanel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view = view

    def paint(self, old: Moment, new: Moment) -> None:
        """Show what is new."""
        names = answering(new)
        purposes = [network_purpose(name) for name in names]
        if names != answering(old) or new.is_newer(old, GIVEN, ANSWERS, *purposes):
            nothing = new.failure(GIVEN)
            answers = {} if nothing is not None else new.value(ANSWERS) or {}
            self._view.columns.show_columns([self._column(new, name, answers.get(name)) for name in names])
            failures = [nothing or new.failure(ANSWERS), *(new.failure(each) for each in purposes)]
            said = [sentence(each.sentence) for each in failures if each is not None and each.sentence]
            self._view.show_message(" ".join(said))

    def render(self, old: Moment, new: Moment) -> None:
        """Show what an edited filter does to the answer, and to how many test pictures are right."""
        name = edited_network(new)
        answer = None if name is None else (new.value(ANSWERS) or {}).get(name)
        if name is None or answer is None or answer.before is None:
            self._view.show_effect("", "")
            return
        said = self.tr("{network}, edited: {change}").format(network=network_title(new, name), change=_change(answer))
        counted, of = self._counted(new, networks(new)[name])
        self._view.show_effect(f"{said}\n{counted}", of)

    def _counted(self, moment: Moment, edited: EditedNetwork) -> tuple[str, str]:
        """How many test pictures are right, and which they are; or why that is not known."""
        found, source = evaluation_of(moment, edited), source_of(moment.state.session.learned, edited)
        if found is not None:
            return result_text(found, source)
        if moment.is_busy(EVALUATIONS):
            return self.tr("Counting right answers…"), ""
        if not source:
            data = edited.loaded.data
            return self.tr("To count right answers, choose the folder of {data} under Gradient.").format(data=data), ""
        failure = moment.failure(EVALUATIONS)
        return self.tr("Right answers were not counted."), "" if failure is None else sentence(failure.sentence)

    def _column(self, moment: Moment, name: str, answer: Answer | None) -> AnswerColumn:
        found, title = moment.value(network_purpose(name)), network_title(moment, name)
        if found is None:
            return AnswerColumn(title, "", "")
        kind, checkpoint = kind_of(found.network), shown_checkpoint(moment) if name == TRAINED else None
        if checkpoint is not None:  # there is little room for both
            title, kind = run_title(checkpoint), step_title(checkpoint)
        head = AnswerColumn(title, kind, weights_text(found.network))
        if answer is None:
            return head
        change = self.tr("filter edited") if answer.edited.edits else self.tr("picture moved")
        return AnswerColumn(
            head.name,
            head.kind,
            head.size,
            answer.edited.network.classes,
            tuple(answer.probabilities.tolist()),
            () if answer.before is None else tuple(answer.before.tolist()),
            "" if answer.before is None else change,
        )


def _change(answer: Answer) -> str:
    """What became of what was the likeliest class, and of what is."""
    assert answer.before is not None
    classes, before, after = answer.edited.network.classes, answer.before, answer.probabilities
    tops = dict.fromkeys((int(before.argmax()), int(after.argmax())))
    return ", ".join(f"{classes[top]} {100 * before[top]:.1f} → {100 * after[top]:.1f} %" for top in tops)
