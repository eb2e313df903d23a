"""How the number of each kind of stage is written that is no plain weighted sum."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from PyQt6.QtCore import QCoreApplication

from kernels import digits
from kernels.digits import adding_up, agreeing, decimals, ending, format_number, written_sum
from kernels.recipe.tracing import StageTrace
from viewer.pages.layers.views.arithmetic.content import (
    Curve,
    Formula,
    Grid,
    Table,
    Token,
    arithmetic_of,
    number,
    sign,
    value,
    written,
)  # fmt: skip
from viewer.pages.layers.views.arithmetic.names import Names
from viewer.pages.stage.views.equation.window_range import window_text
from viewer.pages.stage.views.equation.writing import FIGURES, MOST_IN_CELLS, Cell, Texts, brief_text, grid_texts
from viewer.painting import fewer_pixels

FEW = 9
"""So many numbers are written out."""
MIDDLE = 4
"""So many are written on each side of the median of many."""
MOST_SQUARES = 6
MOST_PAINTED, PAINTED = 1 << 16, 256
"""Tables of more numbers are painted with so many rows and columns."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("StageArithmetic", text)


def formula_of(trace: StageTrace, names: Names) -> Formula:
    """Write the number of a stage."""
    make = _FORMULAS.get(trace.stage, _handed_on)
    with np.errstate(all="ignore"):
        return make(trace, names)


# Activations ----------------------------------------------------------------------------------------------------------


def _relu(trace: StageTrace, names: Names) -> Formula:
    x = float(trace.window[0, 0, 0])
    line = (sign("max(0,"), number(written(x)[0], names.input(trace.channel)), sign(")"), sign("="), _value(trace))
    note = _tr("It is above 0 and stays as it is.") if x > 0 else _tr("It is not above 0, so that 0 is the larger one.")
    return Formula((line,), note=note, curve=Curve(lambda at: np.maximum(at, 0.0), x, trace.value))


def _leaky_relu(trace: StageTrace, names: Names) -> Formula:
    x, slope = float(trace.window[0, 0, 0]), dict(trace.numbers)["slope"]
    curve = Curve(lambda at: np.where(at > 0, at, slope * at), x, trace.value)
    cell = number(written(x)[0], names.input(trace.channel))
    if x > 0:
        return Formula(((cell, sign("="), _value(trace)),), note=_tr("It is above 0 and stays as it is."), curve=curve)
    (text, factor), (_text, read) = written(slope), written(x)
    line = (number(text, _tr("slope")), sign("×"), cell, *_result(factor * read, trace))
    return Formula((line,), note=_tr("It is not above 0, so that it is multiplied by the slope."), curve=curve)


def _sigmoid(trace: StageTrace, names: Names) -> Formula:
    x = float(trace.window[0, 0, 0])
    relation = "=" if x == 0 else "≈"
    line = (sign("1 ÷ (1 + exp(−"), number(written(x)[0], names.input(trace.channel)), sign("))"))
    curve = Curve(lambda at: 1.0 / (1.0 + np.exp(-at)), x, trace.value)
    return Formula(((*line, sign(relation), _value(trace)),), curve=curve)


def _tanh(trace: StageTrace, names: Names) -> Formula:
    x = float(trace.window[0, 0, 0])
    line = (sign("tanh("), number(written(x)[0], names.input(trace.channel)), sign(")"))
    curve = Curve(np.tanh, x, trace.value)
    return Formula(((*line, sign("=" if x == 0 else "≈"), _value(trace)),), curve=curve)


# Sums of few ----------------------------------------------------------------------------------------------------------


def _bias(trace: StageTrace, names: Names) -> Formula:
    assert trace.sum is not None
    x, bias = trace.sum, trace.offset
    last = ending(x, 1.0, bias, trace.value, decimals([x], FIGURES[0]))
    line = (
        number(brief_text(x, last.places), names.input(trace.channel)), sign("+"),
        number(format_number(bias, digits.FIGURES[0]), _tr("bias")), sign(last.brief[-1]),
    )  # fmt: skip
    return Formula(((*line, value(last.value, trace)),))


def _batch_norm(trace: StageTrace, names: Names) -> Formula:
    x, said = float(trace.window[0, 0, 0]), dict(trace.numbers)
    shown = {name: written(each) for name, each in {"x": x, **said}.items()}
    read = {name: each for name, (_text, each) in shown.items()}

    def cell(name: str, caption: str) -> Token:
        return number(shown[name][0], caption)

    root = math.sqrt(read["variance"] + read["epsilon"])
    result = float((np.float64(read["x"]) - read["mean"]) / root * read["gamma"] + read["beta"])
    line = (
        sign("("), cell("x", "x"), sign(MINUS_SIGN), cell("mean", "μ"), sign(")"),
        sign("÷"), sign("√("), cell("variance", "σ²"), sign("+"), cell("epsilon", "ε"), sign(")"),
        sign("×"), cell("gamma", "γ"), sign("+"), cell("beta", "β"), *_result(result, trace),
    )  # fmt: skip
    return Formula((line,), note=_tr("x is {input}; μ and σ² are its mean and variance.").format(
        input=names.input(trace.channel)))  # fmt: skip


def _residual(trace: StageTrace, names: Names) -> Formula:
    parts = trace.parts
    values = [*(part.value for part in parts), trace.value]
    # Four figures of the largest and of the result, and two at least of a part that is far smaller.
    needed = (
        decimals(values, FIGURES[1]),
        decimals([trace.value], FIGURES[1]),
        *(decimals([each], 2) for each in values),
    )
    places = min(decimals(values, FIGURES[0] + 2), max(needed))
    rounded = adding_up(np.array([part.value for part in parts]), trace.value, places)
    line: list[Token] = []
    for part, each in zip(parts, rounded.tolist(), strict=True):
        line += [sign("+")] if line else []
        line.append(number(brief_text(each, places), names.part(part), place=names.link(part)))
    text = brief_text(trace.value, places)
    return Formula(((*line, sign("="), value(text, trace)),), note=_tr("Both are added."))


def _stacked(trace: StageTrace, names: Names) -> Formula:
    cells = [number(written(part.value)[0], names.part(part), place=names.link(part)) for part in trace.parts]
    note = _tr("Nothing is computed here: map {n} of the stack is {part}.").format(
        n=trace.channel, part=names.part(trace.parts[0])
    )
    return Formula(((*cells, sign("="), _value(trace)),), note=note)


def _magnitude(trace: StageTrace, names: Names) -> Formula:
    values = trace.window[0, 0]
    order = sorted(range(len(values)), key=lambda at: -abs(values[at]))
    shown = sorted(order[:MOST_SQUARES]) if len(values) > MOST_SQUARES else list(range(len(values)))
    line: list[Token] = [sign("√(")]
    total = 0.0
    for at in shown:
        text, read = written(float(values[at]))
        total += read * read
        line += [sign("+")] if len(line) > 1 else []
        line += [number(text, names.channel(trace.channels[at])), sign("²")]
    rest = [at for at in order if at not in shown]
    if rest:
        text, read = written(float(np.square(values[rest]).sum()))
        total += read
        line += [sign("+"), number(text, _tr("{count} other squares").format(count=len(rest)))]
    return Formula(((*line, sign(")"), *_result(math.sqrt(total), trace)),))


# Colour ---------------------------------------------------------------------------------------------------------------


def _preprocess(trace: StageTrace, names: Names) -> Formula:
    said = dict(trace.numbers)
    (level, x), (mean, less), (deviation, by) = (written(said[each]) for each in ("level", "mean", "deviation"))
    line = (
        sign("("), number(level, _tr("level of 255")), sign(MINUS_SIGN), number(mean, _tr("mean")), sign(")"),
        sign("÷"), number(deviation, _tr("deviation")), *_result((x - less) / by, trace),
    )  # fmt: skip
    cells = _pixel(trace, names)
    if len(cells) == 1 and float(trace.window[0, 0, 0]) == said["level"]:
        return Formula((line,))
    return Formula(((*cells, sign("→"), number(level, _tr("level of 255"))), line))


def _handed_on(trace: StageTrace, names: Names) -> Formula:
    return Formula(((*_pixel(trace, names), sign("=" if len(trace.channels) == 1 else "→"), _value(trace)),))


def _pixel(trace: StageTrace, names: Names) -> list[Token]:
    pairs = zip(trace.window[0, 0].tolist(), trace.channels, strict=True)
    return [number(written(each)[0], names.channel(channel)) for each, channel in pairs]


# Windows --------------------------------------------------------------------------------------------------------------


def _max_pool(trace: StageTrace, names: Names) -> Formula:
    plane = trace.window[:, :, 0]
    chosen = _cell(int(np.argmax(np.where(np.isnan(plane), np.inf, plane))), plane.shape[1])
    inside = [(row, column) for row, column in np.argwhere(~trace.outside).tolist()]
    table = _window(trace, names, (chosen,))
    if len(inside) > FEW:
        words = _tr("largest of {count} numbers").format(count=f"{len(inside):,}")
        return Formula(((sign(words), sign("="), _value(trace)),), (table,))
    cells = [number(written(float(plane[cell]))[0], is_here=cell == chosen) for cell in inside]
    return Formula(((sign("max("), *_joined(cells, ","), sign(")"), sign("="), _value(trace)),), (table,))


def _median(trace: StageTrace, names: Names) -> Formula:
    plane = trace.window[:, :, 0]
    order = np.argsort(plane.ravel(), kind="stable").tolist()
    count = len(order)
    middle = [count // 2] if count % 2 else [count // 2 - 1, count // 2]
    first, last = (0, count) if count <= MOST_IN_CELLS else (middle[0] - MIDDLE, middle[-1] + MIDDLE + 1)
    cells = [number(written(float(plane.flat[order[at]]))[0], is_here=at in middle) for at in range(first, last)]
    row = (*([sign("…")] if first else []), *cells, *([sign("…")] if last < count else []))
    chosen = tuple(_cell(order[at], plane.shape[1]) for at in middle)
    if len(middle) == 1:
        line: tuple[Token, ...] = (sign(_tr("in the middle")), sign("="), _value(trace))
    else:
        (one, low), (other, high) = (written(float(plane[cell])) for cell in chosen)
        pair = _joined([number(one, is_here=True), number(other, is_here=True)], "+")
        line = (sign("("), *pair, sign(")"), sign("÷ 2"), *_result((low + high) / 2, trace))
    note = _tr("The numbers of the window in their order: no weighted sum gives the one in the middle.")
    return Formula((row, line), (_window(trace, names, chosen),), note=note)


def _average(trace: StageTrace, names: Names) -> Formula:
    assert trace.sum is not None
    plane, texts = trace.window[:, :, 0], None
    if plane.size <= FEW:
        total = written_sum(arithmetic_of(trace), 0, FIGURES[1])
        last, sum_text = total.last, brief_text(total.total, total.last.places)
        texts = [[brief_text(each, last.places) for each in row] for row in total.products.tolist()]
        terms = _joined([number(text) for row in texts for text in row], "+")
    else:
        places = decimals([trace.sum], FIGURES[1])
        last = ending(trace.sum, trace.divisor, trace.offset, trace.value, places)
        sum_text = brief_text(trace.sum, last.places)
        terms = [sign(_tr("sum of {count} numbers").format(count=f"{plane.size:,}"))]
    steps = last.brief.split()[1:]
    line = (number(sum_text, _tr("sum")), *(sign(each) for each in steps), value(last.value, trace))
    return Formula(((*terms, sign("="), number(sum_text)), line), (_window(trace, names, (), texts),))


def _thin(trace: StageTrace, names: Names) -> Formula:
    said = dict(trace.numbers)
    gx, gy = trace.window[:, :, 0], trace.window[:, :, 1]
    here = said["magnitude"]
    tables = _thin_tables(trace, gx, gy)
    if not here > 0:
        return Formula(((sign(_tr("no gradient")), sign("="), _value(trace)),), tables)
    texts = {name: written(each)[0] for name, each in said.items()}
    is_kept = trace.value > 0
    is_ahead = is_kept or here >= said["ahead"]
    # What differs by a rounding only is equal.
    is_behind = is_kept or (here > said["behind"] and not is_ahead)
    first = (
        number(texts["magnitude"], _tr("here"), is_here=True),
        sign("≥" if is_ahead else "<"), number(texts["ahead"], _tr("ahead")),
    )  # fmt: skip
    second = (
        number(texts["magnitude"], _tr("here"), is_here=True),
        sign(">" if is_behind else "≤"), number(texts["behind"], _tr("behind")),
    )  # fmt: skip
    word = _tr("kept:") if is_kept else _tr("suppressed:")
    note = _tr("It is the largest along the gradient.") if is_kept else _tr("It is not the largest along the gradient.")
    return Formula((first, second, (sign(word), _value(trace))), tables, note=note)


def _thin_tables(trace: StageTrace, gx: Grid, gy: Grid) -> tuple[Table, ...]:
    middle = (1, 1)
    arrow = (float(gx[middle]), float(gy[middle]))
    note = window_text(trace.origins, trace.outside, trace.position)
    return tuple(
        Table(title, each, grid_texts(each, 3), trace.outside, (middle,), beneath, behind, direction)
        for title, each, beneath, behind, direction in (
            ("Gx", gx, note, "", None),
            ("Gy", gy, "", "→", None),
            (_tr("Magnitude"), np.hypot(gx, gy), _tr("the arrow points up the slope"), "", arrow),
        )
    )


def _window(trace: StageTrace, names: Names, chosen: tuple[Cell, ...], texts: Texts | None = None) -> Table:
    """The window as a table; its numbers are written as they are in the formula."""
    plane = trace.window[:, :, 0]
    if texts is None:
        texts = [[written(each)[0] for each in row] for row in plane.tolist()] if plane.size <= MOST_IN_CELLS else []
    title, note = names.input(trace.channels[0]), window_text(trace.origins, trace.outside, trace.position)
    if plane.size > MOST_PAINTED:
        small = fewer_pixels(plane, *(min(side, PAINTED) for side in plane.shape))
        return Table(title, small, [], np.zeros(small.shape, bool), note=note, is_reduced=True)
    return Table(title, plane, texts, trace.outside, chosen, note)


# Parts of formulas ----------------------------------------------------------------------------------------------------


MINUS_SIGN = "\N{MINUS SIGN}"


def _value(trace: StageTrace) -> Token:
    return value(written(trace.value)[0], trace)


def _result(result: float, trace: StageTrace) -> tuple[Token, Token]:
    """The end of a line whose shown numbers come to `result`."""
    relation, text = agreeing(result, trace.value)
    return sign(relation), value(text, trace)


def _joined(tokens: list[Token], between: str) -> list[Token]:
    found: list[Token] = []
    for token in tokens:
        found += [sign(between), token] if found else [token]
    return found


def _cell(at: int, columns: int) -> Cell:
    return at // columns, at % columns


_FORMULAS: dict[str, Callable[[StageTrace, Names], Formula]] = {
    "relu": _relu,
    "leaky-relu": _leaky_relu,
    "sigmoid": _sigmoid,
    "tanh": _tanh,
    "bias": _bias,
    "batch-norm": _batch_norm,
    "residual": _residual,
    "branches": _stacked,
    "dense-block": _stacked,
    "magnitude": _magnitude,
    "preprocess": _preprocess,
    "max-pool": _max_pool,
    "median": _median,
    "average-pool": _average,
    "global-average": _average,
    "thin": _thin,
}
