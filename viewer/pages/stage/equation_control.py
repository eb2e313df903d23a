"""From the pixel that is read to the line of arithmetic, and from what is typed there to the document."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QObject, pyqtSignal

from kernels.filtering.geometry import geometry
from kernels.filtering.tracing import Arithmetic
from viewer.moment import Moment
from viewer.pages.filter.arithmetic_control import arithmetic_of
from viewer.pages.filter.kernel_control import KernelControl
from viewer.pages.filter.queries import OUTPUT
from viewer.pages.stage.judging import counted, judge
from viewer.pages.stage.queries import CLOSE_UPS, CloseUps
from viewer.pages.stage.views.equation import Equation
from viewer.session import with_view
from viewer.shelf import open_result
from viewer.store import Store


class EquationControl(QObject):
    """Shows the arithmetic of what is read; with Predict on, the result only once it is told."""

    revealed = pyqtSignal()

    def __init__(self, view: Equation, store: Store, kernel: KernelControl, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view, self._store = view, store
        self._content: Arithmetic | None = None
        self._is_asked = False
        self._shown: tuple[object, ...] = ()
        self._coloured: CloseUps | None = None
        view.weight_changed.connect(kernel.change_weight)
        view.divisor_changed.connect(kernel.change_divisor)
        view.offset_changed.connect(kernel.change_offset)
        view.reveal_requested.connect(self.revealed)
        view.answered.connect(self._judge)
        view.channel_chosen.connect(lambda channel: self._change(channel=channel))
        view.cell_hovered.connect(lambda tap: self._change(tap=tap))

    def render(self, _old: Moment, new: Moment) -> None:
        """Follow what is read, the kernel and the picture."""
        stage, document = new.state.session.stage, new.state.document
        content, reason = arithmetic_of(new)
        if content is None and not reason and (failure := new.failure(OUTPUT)) is not None:
            reason = failure.sentence
        self._content = content
        self._is_asked = self._is_covered(new)
        what = None if content is None else (content.traces, content.values, content.operation)
        said = self._sentence(stage.judgement, dict(stage.tally)) if stage.predict else ""
        shown = (
            what,
            document.kernel,
            document.kernel.name,
            self._is_asked,
            stage.predict,
            said,
            reason,
        )
        close_ups = new.value(CLOSE_UPS)
        source, colour = self._colours(close_ups)
        if shown != self._shown:
            picture = open_result(new)
            self._view.show_reading(
                content,
                document.kernel,
                document.kernel.name or self.tr("Kernel"),
                covered=self._is_asked,
                predicting=stage.predict,
                judgement=said,
                window_colours=source,
                value_colour=colour,
                value_range=None if picture is None else picture.value.file_range,
                reason=reason,
            )
        elif close_ups is not self._coloured:  # which come a little later than the numbers
            self._view.show_colours(source, colour)
        self._shown, self._coloured = shown, close_ups
        self._view.set_marked(stage.tap)

    def _colours(self, found: CloseUps | None) -> tuple[NDArray[np.uint8] | None, tuple[int, int, int] | None]:
        """The colours of the window and of the output pixel, as the close-ups paint them."""
        if self._content is None or found is None or found.pixel != self._content.traces[0].position:
            return None, None
        taps = ~np.isnan(found.input.weights)
        shape = self._content.traces[0].weights.shape[:2]
        if np.count_nonzero(taps) != shape[0] * shape[1]:
            return None, None
        source = np.ascontiguousarray(found.input.colours[taps].reshape(*shape, 3))
        if found.output is None:
            return source, None
        i, j = found.pixel[0] - found.output.top, found.pixel[1] - found.output.left
        red, green, blue = found.output.colours[i, j].tolist()
        return source, (red, green, blue)

    def _is_covered(self, moment: Moment) -> bool:
        """With Predict on, only what has been told can be read: either that, or the pixel that is asked for."""
        stage, document, picture = moment.state.session.stage, moment.state.document, open_result(moment)
        if self._content is None or picture is None or not stage.predict:
            return False
        windows = geometry(picture.value.shape[:2], document.kernel.shape, document.options)
        return stage.is_covered(self._content.traces[0].position, windows.output_shape)

    def _judge(self, answer: float) -> None:
        content, stage = self._content, self._store.session.stage
        if content is None or not self._is_asked:
            return
        channel = min(stage.channel, len(content.traces) - 1)
        verdict = judge(answer, content.value(channel), content.trace(channel))
        self._change(revealed=True, judgement=verdict, tally=counted(stage.tally, verdict))

    def _sentence(self, verdict: str, tally: dict[str, int]) -> str:
        """What is said to the last answer, and how often each was said."""
        said = {
            "": "",
            "right": self.tr("Right."),
            "sign": self.tr("Off by the sign."),
            "divisor": self.tr("Off by the divisor or the offset."),
            "other": self.tr("Not this one."),
        }[verdict]
        counts = {"right": self.tr("{n} right"), "sign": self.tr("{n} sign"), "divisor": self.tr("{n} divisor"),
                  "other": self.tr("{n} wrong")}  # fmt: skip
        total = " · ".join(counts[name].format(n=count) for name, count in tally.items())
        return f"{said} {total}".strip()

    def _change(self, **changes: object) -> None:
        self._store.view(lambda session: with_view(session, "stage", **changes))
