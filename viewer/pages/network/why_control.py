"""From the column at the right to the state and back: how far the picture may move, and why it was answered so."""

from __future__ import annotations

from typing import Any

import numpy as np
from PyQt6.QtCore import QObject

from kernels.cnn.explanations import PATCH
from kernels.digits import fixed
from viewer.document import with_network_input
from viewer.moment import Moment
from viewer.pages.network.queries import ANSWERS, GIVEN, Answer
from viewer.pages.network.views.changes import Change
from viewer.pages.network.views.shift_maps import ShiftMap, ShiftMapsView
from viewer.pages.network.views.why import GUIDED, Patch, RandomisedTest, Reason, WhyView
from viewer.pages.network.why_queries import (
    COVERED,
    METHODS,
    TESTED,
    asked,
    compared,
    likeliest,
    patch_place,
    reason_purpose,
    shifts_purpose,
)
from viewer.pages.network.words import network_title, refusal_of, with_article
from viewer.session import with_view
from viewer.store import Store

SHOWN_CHANGES = 3
"""Classes whose probability the patch changes most."""
ALIKE = 0.5
"""From this rank correlation on, two pictures are called much alike."""


class WhyControl(QObject):
    """Keeps a ``WhyView`` and a ``ShiftMapsView`` in step with the answers."""

    def __init__(self, why: WhyView, shifts: ShiftMapsView, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._why, self._shifts, self._store = why, shifts, store
        why.method_chosen.connect(lambda method: self._look(why=method))
        why.patch_moved.connect(lambda y, x: self._look(patch=(y, x)))
        shifts.moved.connect(self._move)
        shifts.gesture_ended.connect(store.end_gesture)

    def _look(self, **changes: Any) -> None:
        self._store.view(lambda session: with_view(session, "network", **changes))

    def _move(self, down: int, right: int) -> None:
        text = self.tr("Move the picture")
        self._store.edit(lambda document: with_network_input(document, dx=right, dy=down), text, "move")

    # -- showing ---------------------------------------------------------------------------------------------------

    def paint(self, old: Moment, new: Moment) -> None:
        """Show what the patch changes, as it is dragged."""
        before, look = old.state.session.network, new.state.session.network
        ways = [reason_purpose(each) for each in METHODS]
        if before != look or new.is_newer(old, ANSWERS, GIVEN, COVERED, TESTED, *ways):
            self._show_why(new)

    def render(self, old: Moment, new: Moment) -> None:
        """Show what else is new."""
        names = compared(new)
        before, chosen = old.state.document.network_input, new.state.document.network_input
        if names != compared(old) or before != chosen or new.is_newer(old, GIVEN, *map(shifts_purpose, names)):
            self._show_shifts(new, names)

    def _show_why(self, moment: Moment) -> None:
        answer = asked(moment)
        if answer is None:
            self._why.show_question(self.tr("Why?"))
            self._why.show_reason(self.tr("There is no answer yet to ask about."))
            return
        why = moment.state.session.network.why
        self._why.show_question(
            self.tr("Why {answer}?").format(answer=with_article(answer.edited.network.classes[likeliest(answer)]))
        )
        reasons = {method: self._reason(moment, method) for method in (*METHODS, GUIDED)}
        self._why.show_reasons(list(reasons.values()), why)
        if why == GUIDED:
            self._show_test(moment)
        elif why == "occlusion":
            self._show_patch(moment, answer, reasons[why])
        else:
            self._why.show_answer(self._title(why), reasons[why], None)

    def _reason(self, moment: Moment, method: str) -> Reason:
        tested = moment.value(TESTED)
        if method == GUIDED:
            return Reason(method, None if tested is None else tested.trained)
        purpose = reason_purpose(method)
        refusal = refusal_of(moment, purpose)
        if refusal:
            return Reason(method, None, refusal, is_possible=False)
        found = moment.value(purpose)
        return Reason(method, None if found is None else found[1], self._meaning(method))

    def _title(self, method: str) -> str:
        tr = self.tr
        return {"gradient": tr("Gradient"), "smoothgrad": tr("SmoothGrad"), "grad-cam": tr("Grad-CAM")}[method]

    def _meaning(self, method: str) -> str:
        tr = self.tr
        return {
            "gradient": tr("How much a small change of each pixel changes the score of the answer."),
            "smoothgrad": tr("The mean of the gradients of 50 noisy copies: what is not chance remains."),
            "grad-cam": tr("Where the maps of the last convolution that speak for the answer are active."),
            "occlusion": tr("{n} × {n} pixels").format(n=PATCH),
        }[method]

    def _show_patch(self, moment: Moment, answer: Answer, reason: Reason) -> None:
        rows, columns = answer.picture.shape[:2]
        y, x = patch_place(moment, answer)
        top, left = y - PATCH // 2, x - PATCH // 2
        patch = Patch((y, x), max(top, 0), max(left, 0), min(top + PATCH, rows), min(left + PATCH, columns))
        found = moment.value(COVERED)
        changes = [] if found is None or found.answer is not answer else _changes(answer, found.probabilities)
        self._why.show_answer(self.tr("Drag the patch"), reason, patch, changes)

    def _show_test(self, moment: Moment) -> None:
        found = moment.value(TESTED)
        if found is None:
            self._why.show_test(RandomisedTest())
            return
        said = (
            self.tr("Much alike ({guided}; the plain gradient's two {gradient}): it shows edges, not what was learned.")
            if found.guided >= ALIKE
            else self.tr("Not much alike here ({guided}; the plain gradient's two {gradient}).")
        )
        text = said.format(guided=fixed(found.guided, 2), gradient=fixed(found.gradient, 2))
        self._why.show_test(RandomisedTest(found.trained, found.randomised, text))

    def _show_shifts(self, moment: Moment, names: list[str]) -> None:
        chosen = moment.state.document.network_input
        if moment.failure(GIVEN) is not None or not names:
            self._shifts.show_reason(self.tr("There is nothing yet to move."))
            return
        self._shifts.show_maps([_shift_map(moment, name) for name in names], (chosen.dy, chosen.dx))


def _shift_map(moment: Moment, name: str) -> ShiftMap:
    found = moment.value(shifts_purpose(name))
    if found is None:
        return ShiftMap(network_title(moment, name), "")
    said, label = found.probabilities, found.label
    return ShiftMap(
        network_title(moment, name), found.network.classes[label], said[..., label], said.argmax(axis=-1) == label
    )


def _changes(answer: Answer, after: np.ndarray) -> list[Change]:
    """The classes that change most, the answer first."""
    order = sorted(range(len(after)), key=lambda each: -abs(float(after[each] - answer.probabilities[each])))
    first = likeliest(answer)
    shown = [first, *(each for each in order if each != first)][:SHOWN_CHANGES]
    classes = answer.edited.network.classes
    return [Change(classes[each], float(answer.probabilities[each]), float(after[each])) for each in shown]
