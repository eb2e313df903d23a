"""What the strip shows, and the same as plain text."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QCoreApplication

from kernels.digits import decimals, ending, written_product
from kernels.filtering.border import Border
from kernels.filtering.tracing import Arithmetic
from viewer.pages.filter.views.sliding.choices import borders
from viewer.widgets import format_number, format_position
from viewer.widgets.numbers import MINUS


def _tr(text: str) -> str:
    return QCoreApplication.translate("ArithmeticStrip", text)


def arithmetic_text(content: Arithmetic) -> str:
    """Return the whole arithmetic as plain text, every channel in turn."""
    first = content.traces[0]
    (i, j), (y, x) = first.position, content.position
    operation = {"correlation": _tr("correlation"), "convolution": _tr("convolution")}[content.operation]
    lines = [
        _tr("Output pixel y {i}, x {j} ({operation}); window at y {y}, x {x} of the picture").format(
            i=i, j=j, operation=operation, y=y, x=x
        )
    ]
    if first.outside.any():
        lines.append(_outside_text(content))
    names = content.channels or ("",)
    for channel, name in enumerate(names):
        if name:
            lines += ["", _tr("Channel {name}").format(name=name)]
        titles = (_tr("Window"), weights_title(content), _tr("Products"))
        for title, grid in zip(titles, content.grids(channel), strict=True):
            lines += ["", title, *_rows(grid)]
        if not content.sums_channels:
            lines += ["", *_ending(content, channel)]
    if content.sums_channels:
        sums = zip(names, content.channel_sums(), strict=True)
        parts = " + ".join(f"{name} {_number(part)}".strip() for name, part in sums)
        lines += ["", _tr("Sum over the channels: {parts}").format(parts=parts), *_ending(content, 0)]
    return "\n".join(lines) + "\n"


def weights_title(content: Arithmetic) -> str:
    """Return the heading of the weights, which a convolution turns by 180°."""
    return _tr("Weights, turned by 180°") if content.operation == "convolution" else _tr("Weights")


def product_text(content: Arithmetic, channel: int, cell: tuple[int, int]) -> str:
    """Return one value × weight = product, or ≈ where one is rounded; empty for a cell that is not there."""
    grids = content.grids(channel)
    if cell[0] >= grids[0].shape[0] or cell[1] >= grids[0].shape[1]:
        return ""
    value, weight, relation, product = written_product(*(float(each[cell]) for each in grids))
    return f"{value} × {weight} {relation} {product}"


def origin_text(content: Arithmetic, channel: int, cell: tuple[int, int]) -> str:
    """Return which pixel the value of `cell` was read from."""
    trace = content.trace(channel)
    y, x = (int(at) for at in trace.origins[cell])
    if not trace.outside[cell]:
        return _tr("pixel {place}").format(place=format_position(y, x))
    if content.border is Border.CONSTANT:
        return _tr("outside the picture: border value {value}").format(value=format_number(content.border_value))
    name = next(title for data, title, _tip in borders() if data == content.border.value)
    return _tr("outside the picture: border “{name}” takes {place}").format(name=name, place=format_position(y, x))


def _outside_text(content: Arithmetic) -> str:
    count = int(content.traces[0].outside.sum())
    border = content.border.value
    if content.border is Border.CONSTANT:
        border = f"{border} {_number(content.border_value)}"
    return _tr("{count} of the values lie outside the picture; border: {border}").format(count=count, border=border)


def _ending(content: Arithmetic, channel: int) -> list[str]:
    trace, value = content.trace(channel), content.value(channel)
    last = ending(trace.sum, trace.divisor, trace.offset, value, decimals([trace.sum], 9))
    return [_tr("Sum = {sum}").format(sum=_number(trace.sum)), f"{last.equation} {last.value}".replace(MINUS, "-")]


def _number(value: float) -> str:
    # Other programs read the hyphen, not the minus sign of typography.
    return format_number(value, 9).replace(MINUS, "-")


def _rows(grid: NDArray[np.float64]) -> list[str]:
    texts = [[_number(value) for value in row] for row in grid.tolist()]
    width = max(len(text) for row in texts for text in row)
    return ["  ".join(text.rjust(width) for text in row) for row in texts]
