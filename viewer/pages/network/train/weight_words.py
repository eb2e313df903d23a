"""How one weight learns, in words and numbers."""

from __future__ import annotations

import re

import numpy as np
from PyQt6.QtCore import QCoreApplication

from kernels.cnn.training.update import Update as Computed
from kernels.digits import fixed
from viewer.pages.network.train.step import Apart
from viewer.pages.network.train.views.one_weight import FilterPicture, OneWeight
from viewer.pages.network.train.views.update_card import Update
from viewer.pages.network.train.weight import Weight
from viewer.pages.network.train.words import layer_titles
from viewer.pages.network.views.unit import Term
from viewer.widgets import format_number
from viewer.widgets.numbers import MINUS

FIGURES, LEAST = 3, 0.01
NAMES = r"[^\s()√]+"
"""What may stand for a number in a rule."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("TrainWeight", text)


def one_weight(apart: Apart) -> OneWeight:
    """All that is shown of how it learns."""
    weight, step = apart.weight, apart.step.weight
    term = step.terms[0] if step.terms else None
    product = (
        ("0", "0", "=", "0") if term is None else (number(term.message), number(term.input), "≈", number(term.product))
    )
    count, pictures = step.products.size, len(step.per_picture)
    if count == 1:
        accumulated = _tr("sum over {n} pictures:").format(n=f"{pictures:,}")
    else:
        accumulated = _tr("sum over {places} places in each of {n} pictures:").format(
            places=f"{count:,}", n=f"{pictures:,}"
        )
    return OneWeight(
        FilterPicture(weight.pixels, weight.place, weight_name(weight)),
        product,
        accumulated,
        number(step.gradient),
        update(step.update),
        layer_titles(weight.layers),
        weight.layer,
        weight.output,
        weight.given,
        weight.outputs,
        weight.inputs,
    )  # fmt: skip


def update(computed: Computed) -> Update:
    """What the optimiser does: every rule in letters and in numbers."""
    lines = []
    *_, last = computed.quantities
    for quantity in computed.quantities:
        if quantity.rule:
            before = "" if quantity is last else f"{quantity.symbol} = "
            behind = "" if quantity is last else f" = {number(quantity.value)}"
            lines.append((before + quantity.rule, _filled(computed, quantity.rule, behind)))
    return Update(tuple(lines), weight_text(last.value))


def _filled(computed: Computed, rule: str, behind: str) -> tuple[Term, ...]:
    """A rule with the numbers in place of its letters; the gradient in the colour of its sign."""
    values = {each.symbol: each.value for each in computed.quantities}
    terms: list[Term] = []
    for part in re.split(f"({NAMES})", rule):
        if part not in values:
            terms.append(Term(part))
            continue
        if part.startswith("g"):
            terms.append(
                coloured(values[part], in_brackets=values[part] < 0 and bool(terms) and terms[-1].text[-1:] != "(")
            )
        else:
            terms.append(Term(weight_text(values[part]) if part == "w" else number(values[part]), weight=600))
    return (*terms, Term(behind)) if behind else tuple(terms)


def coloured(value: float, *, in_brackets: bool = False) -> Term:
    """A number in the colour of its sign."""
    text = f"({number(value)})" if in_brackets else number(value)
    return Term(text, "negative_text" if value < 0 else "positive_text", weight=600)


def weight_name(weight: Weight) -> str:
    """Which weight it is."""
    layer = layer_titles(weight.layers)[weight.layer]
    if weight.layers[weight.layer] == 4:
        return _tr("{layer}, filter {n}, map {m}, y {y}, x {x}").format(
            layer=layer, n=weight.output, m=weight.given, y=weight.place[0], x=weight.place[1]
        )
    return _tr("{layer}, unit {n}, input {m}").format(layer=layer, n=weight.output, m=weight.index[-1])


def number(value: float, figures: int = FIGURES) -> str:
    """A number with so many significant figures."""
    return (format_number(value, figures) if np.isfinite(value) else str(value)).replace("-", MINUS)


def weight_text(value: float) -> str:
    """A weight, so exactly that one sees it move."""
    return fixed(value, 4) if abs(value) >= LEAST else number(value)
