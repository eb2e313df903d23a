"""The arithmetic of a stage as a test shows and reads it."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from kernels import Recipe
from kernels.recipe.tracing import StageTrace
from viewer.pages.layers.views.arithmetic import StageArithmetic
from viewer.pages.layers.views.arithmetic.content import Formula, Token

GREY = np.random.default_rng(4).integers(0, 256, (24, 26)).astype(np.uint8)
COLOUR = np.random.default_rng(5).integers(0, 256, (24, 26, 3)).astype(np.uint8)
SOBEL = {"filter-bank": {"kernels": ["sobel-x", "sobel-y"], "padding": "same"}}
SIZES = [(980, 320), (1534, 620), (894, 270)]
WORDS = {"image": "noise", "stages[0]": "Bank", "stages[1]": "Second"}


def random_bank(count: int, channels: int, size: int = 3, seed: int = 0, **more: Any) -> dict[str, Any]:
    weights = np.random.default_rng(seed).normal(size=(count, size, size, channels)).round(3)
    kernels = [{"weights": each.tolist(), "offset": 0.25 * at} for at, each in enumerate(weights)]
    return {"filter-bank": {"kernels": kernels, **more}}


class Bench:
    """The view and how a test reads it."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot, self.view = qtbot, StageArithmetic()
        qtbot.addWidget(self.view)
        self.view.resize(980, 320)
        with qtbot.waitExposed(self.view):
            self.view.show()

    def show(
        self, image: np.ndarray, *stages: dict[str, Any], at: tuple[int, int] = (5, 6), channel: int = 0
    ) -> StageTrace:
        """Take apart a number of the last of `stages`."""
        trace = Recipe.from_dict({"stages": list(stages)}).trace(image, len(stages) - 1, at, channel)
        self.view.show_trace(trace, WORDS, "")
        QApplication.processEvents()
        return trace

    @property
    def formula(self) -> Formula:
        found = self.view.formula.formula
        assert found is not None
        assert self.view.formula.isVisible()
        return found

    def tokens(self, kind: str = "number") -> list[Token]:
        return [token for line in self.formula.lines for token in line if token.kind == kind]

    @property
    def value(self) -> Fraction:
        (token,) = self.tokens("value")
        return number(token.text)

    @property
    def numbers(self) -> list[Fraction]:
        return [number(token.text) for token in self.tokens()]

    @property
    def signs(self) -> str:
        return " ".join(token.text for token in self.tokens("sign"))


def number(text: str) -> Fraction:
    return Fraction(text.replace("−", "-").replace(",", ""))


def is_near(shown: Fraction | float, true: float, figures: int = 4) -> bool:
    """Whether a number is `true` with some figures, those that are shown."""
    return float(shown) == pytest.approx(true, rel=10.0**-figures, abs=1e-9)


def written_sum(text: str) -> tuple[Fraction, Fraction]:
    """Both sides of "1 + 2 − 3 + rest of 4 terms: 5 = 5"."""
    left, right = re.sub(r"rest of [\d,]+ terms: ", "", text).split(" = ")
    total, sign = Fraction(0), 1
    for word in left.split():
        if word in "+−":
            sign = 1 if word == "+" else -1
        else:
            total += sign * number(word)
    return total, number(right)


def last_step(text: str, value: str) -> None:
    """What "12 ÷ 9 + 3 =" comes to is what is written behind it."""
    total, *steps, relation = (word for word in text.split() if word not in ("(bias)", "(offset)"))
    result = number(total)
    for sign, each in zip(steps[::2], steps[1::2], strict=True):
        operand = number(each.strip("()"))
        result = {"÷": result / operand, "+": result + operand, "−": result - operand}[sign]
    if relation == "=":
        assert result == number(value)
    else:
        decimals = len(value.partition(".")[2])
        assert abs(result - number(value)) <= Fraction(51, 100) / 10**decimals
