"""From the pixel being read to its arithmetic."""

from __future__ import annotations

import numpy as np
from PyQt6.QtCore import QObject

from kernels.filtering.border import Border
from kernels.filtering.geometry import geometry
from kernels.filtering.tracing import Arithmetic
from viewer.moment import Moment
from viewer.pages.filter.queries import FILTERED, TRACES, pixel_read
from viewer.pages.filter.views.arithmetic import ArithmeticStrip
from viewer.shelf import open_result


class ArithmeticControl(QObject):
    """Shows the arithmetic of the pixel that is read, for the kernel that is edited; never that of another kernel."""

    def __init__(self, view: ArithmeticStrip, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view = view
        self._shown: object = None

    def render(self, _old: Moment, new: Moment) -> None:
        """Follow the probe, the kernel and the picture."""
        content, reason = arithmetic_of(new)
        if new.state.session.covered:
            content, reason = None, self.tr("The output is covered.")
        shown = None if content is None else (content.traces, content.values)
        if (shown, reason) == self._shown:
            return
        self._shown = shown, reason
        if content is None:
            self._view.show_nothing(reason)
        else:
            self._view.show_arithmetic(content)


def arithmetic_of(moment: Moment) -> tuple[Arithmetic | None, str]:
    """The pixel that is read taken apart; None, and perhaps a sentence that says why, while there is nothing to show.

    While the pointer moves, the last answer stays until the next one comes.
    """
    picture, found, failure = open_result(moment), moment.result(TRACES), moment.failure(TRACES)
    document = moment.state.document
    if picture is None or pixel_read(moment.state, picture.value) is None:
        return None, ""
    if failure is not None:
        return None, failure.sentence
    made_from = picture.key, document.kernel, document.options, document.channel
    if found is None or not found.is_from(*made_from):
        return None, ""
    traces, options, output = found.value, document.options, moment.result(FILTERED)
    y, x = traces[0].position
    # The output's own numbers, which another order of adding may leave a last digit apart.
    is_own = output is not None and output.key == made_from
    values = np.atleast_1d(output.value.array[y, x]) if is_own else [each.value for each in traces]
    content = Arithmetic(
        traces=traces,
        values=tuple(float(each) for each in values),
        position=geometry(picture.value.shape[:2], document.kernel.shape, options).to_picture(y, x),
        operation=options.operation,
        border=Border(options.border),
        border_value=options.border_value,
    )
    return content, ""
