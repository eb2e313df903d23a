"""The arithmetic of an update with digits chosen so that it comes out as it is shown."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping

import msgspec

from kernels.cnn.training.update import Quantity, Update
from kernels.digits import RAISED, comes_to, decimals, fixed, format_number, number_of, raised

FIGURES, MOST_FIGURES, MORE_DECIMALS = 4, 7, 3
"""Significant figures of a result and of a factor at most, and how many more decimals of a weight are tried."""
Values = Mapping[str, float]


class WrittenLine(msgspec.Struct, frozen=True):
    """A line of arithmetic: ``symbol = rule`` in letters, and ``numbers relation value``.

    Attributes
    ----------
    symbol, rule : str
    numbers : str
        The rule with numbers in place of its letters.
    relation : {"=", "≈"}
        Whether the numbers that are shown come to the value that is shown.
    value : str
    """

    symbol: str
    rule: str
    numbers: str
    relation: str
    value: str


def written(update: Update) -> tuple[WrittenLine, ...]:
    """Write every line of an update, the new weight last.

    The factors of a line have as many figures as it takes for them to come to the value that is shown. The weight is
    written with as many decimals as show that it moves.
    """
    values = {each.symbol: each.value for each in update.quantities}
    moved = values["w′"] - values["w"]
    places = decimals([values["w"]], FIGURES if moved else MOST_FIGURES)
    if moved:
        places = max(places, decimals([moved], 3))
    return tuple(_line(each, values, places) for each in update.quantities if each.rule)


def _line(each: Quantity, values: Values, places: int) -> WrittenLine:
    """Write a line; a weight has at first so many decimals."""
    names = sorted(values, key=len, reverse=True)
    used = set(re.findall("|".join(map(re.escape, names)), each.rule))
    compute = _computation(each.symbol, values)
    is_weight = each.symbol == "w′"
    for more in range(MORE_DECIMALS if is_weight else 1):

        def result_text(value: float, decimals: int = places + more) -> str:
            return fixed(value, decimals) if is_weight else format_number(value, FIGURES)

        shown = result_text(each.value)
        for figures in range(FIGURES, MOST_FIGURES + 1):
            texts = {name: format_number(values[name], figures) for name in used}
            if is_weight:
                texts["w"] = result_text(values["w"])
            result = compute({name: number_of(text) for name, text in texts.items()})
            if result_text(result) == shown:
                return _written_line(each, values, names, texts, result, shown)
    return _written_line(each, values, names, texts, result, shown)


def _written_line(
    each: Quantity, values: Values, names: list[str], texts: Mapping[str, str], result: float, shown: str
) -> WrittenLine:
    power = format_number(values.get("t", 0.0)).translate(RAISED)
    relation = "=" if comes_to(result, number_of(shown)) else "≈"
    return WrittenLine(each.symbol, each.rule, _filled(each.rule, names, texts).replace("ᵗ", power), relation, shown)


def _filled(rule: str, names: list[str], texts: Mapping[str, str]) -> str:
    """The rule with its numbers, one below 0 in brackets unless it stands first."""
    pattern = "|".join(map(re.escape, names))

    def number(match: re.Match[str]) -> str:
        text = raised(texts[match.group()])
        behind = rule[match.end() : match.end() + 1]
        is_bare = match.start() == 0 or rule[match.start() - 1] == "("
        return f"({text})" if not text[0].isdigit() and (behind in ("²", "ᵗ") or not is_bare) else text

    return re.sub(pattern, number, rule)


def _computation(symbol: str, given: Values) -> Callable[[Values], float]:
    """How the quantity is computed from others."""
    used = "g′" if "g′" in given else "g"
    steps = given.get("t", 1.0)
    if symbol == "w′":
        if "m̂" in given:
            return lambda v: v["w"] - v["η"] * v["m̂"] / (math.sqrt(max(v["ŝ"], 0.0)) + v["ε"])
        pace = "v′" if "v′" in given else used
        return lambda v: v["w"] - v["η"] * v[pace]
    computations: dict[str, Callable[[Values], float]] = {
        "g′": lambda v: v["g"] + v["λ"] * v["w"],
        "v′": lambda v: v["μ"] * v["v"] + v[used],
        "m′": lambda v: v["m"] + (1 - v["β₁"]) * (v[used] - v["m"]),
        "s′": lambda v: v["s"] + (1 - v["β₂"]) * (v[used] ** 2 - v["s"]),
        "m̂": lambda v: v["m′"] / (1 - v["β₁"] ** steps),
        "ŝ": lambda v: v["s′"] / (1 - v["β₂"] ** steps),
    }
    return computations[symbol]
