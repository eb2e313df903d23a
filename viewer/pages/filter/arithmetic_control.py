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
        picture, found, failure = open_result(new), new.result(TRACES), new.failure(TRACES)
        document = new.state.document
        pixel = None if picture is None else pixel_read(new.state, picture.value)
        # While the pointer moves, the last answer stays until the next one comes.
        made_from = None if picture is None else (picture.key, document.kernel, document.options, document.channel)
        fits = found is not None and found.key[:4] == made_from  # type: ignore[index]
        shown = failure if failure is not None and pixel is not None else found if fits and pixel is not None else None
        output = new.result(FILTERED)
        own = None if output is None or output.key != made_from else output.value.array
        if (shown, own is None) == self._shown:
            return
        self._shown = shown, own is None
        if shown is None or shown is failure:
            self._view.show_nothing("" if failure is None or pixel is None else failure.sentence)
            return
        assert found is not None
        assert picture is not None
        traces = found.value
        options = document.options
        y, x = traces[0].position
        # The output's own numbers, which another order of adding may leave a last digit apart.
        values = [each.value for each in traces] if own is None else np.atleast_1d(own[y, x])
        self._view.show_arithmetic(
            Arithmetic(
                traces=traces,
                values=tuple(float(each) for each in values),
                position=geometry(picture.value.shape[:2], document.kernel.shape, options).to_picture(y, x),
                operation=options.operation,
                border=Border(options.border),
                border_value=options.border_value,
            )
        )
