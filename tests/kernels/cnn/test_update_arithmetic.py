"""What is written of an update comes out as it is shown: worked out from the text alone."""

import ast
import math
import operator
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernels.cnn.training.arithmetic import written
from kernels.cnn.training.update import Quantity, Update
from kernels.digits import raised

POWERS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
numbers = st.floats(-2.0, 2.0, allow_nan=False).filter(lambda value: value == 0 or abs(value) > 1e-9)


OPERATIONS = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.Pow: operator.pow, ast.USub: operator.neg,
}  # fmt: skip


def _worked_out(text):
    """The value of a line as a reader works it out."""
    text = re.sub(r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+", lambda found: f"**{found.group().translate(POWERS)}", text)
    text = re.sub(r"√([0-9.]+(·10\*\*-?[0-9]+)?)", r"(\1)**0.5", text)
    return _value(ast.parse(text.replace("·", "*").replace("−", "-"), mode="eval").body)


def _value(node):
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.UnaryOp):
        return OPERATIONS[type(node.op)](_value(node.operand))
    return OPERATIONS[type(node.op)](_value(node.left), _value(node.right))


def _read(text):
    return _worked_out(re.sub(r"·10([⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)", r" · 10\1", text))


def _half_a_step(text):
    """How far a value may be from its text: half of what the last digit counts."""
    digits, _, power = text.partition("·10")
    decimals = len(digits.partition(".")[2])
    return 0.5001 * 10.0 ** (int(power.translate(POWERS) or 0) - decimals)


def _momentum(weight, gradient, velocity, rate, decay):
    used = gradient + decay * weight
    new = 0.9 * velocity + used
    return Update((
        Quantity("w", "", weight), Quantity("g", "", gradient), Quantity("λ", "", decay),
        Quantity("g′", "", used, "g + λ · w"), Quantity("η", "", rate), Quantity("μ", "", 0.9),
        Quantity("v", "", velocity), Quantity("v′", "", new, "μ · v + g′"),
        Quantity("w′", "", weight - rate * new, "w − η · v′"),
    ))  # fmt: skip


def _adam(weight, gradient, mean, square, steps):
    first, second = mean + 0.1 * (gradient - mean), square + 0.001 * (gradient**2 - square)
    corrected, spread = first / (1 - 0.9**steps), second / (1 - 0.999**steps)
    return Update((
        Quantity("w", "", weight), Quantity("g", "", gradient), Quantity("η", "", 0.001),
        Quantity("m", "", mean), Quantity("m′", "", first, "m + (1 − β₁) · (g − m)"),
        Quantity("s", "", square), Quantity("s′", "", second, "s + (1 − β₂) · (g² − s)"),
        Quantity("β₁", "", 0.9), Quantity("β₂", "", 0.999), Quantity("t", "", float(steps)),
        Quantity("m̂", "", corrected, "m′ / (1 − β₁ᵗ)"), Quantity("ŝ", "", spread, "s′ / (1 − β₂ᵗ)"),
        Quantity("ε", "", 1e-8),
        Quantity("w′", "", weight - 0.001 * corrected / (math.sqrt(spread) + 1e-8), "w − η · m̂ / (√ŝ + ε)"),
    ))  # fmt: skip


def _check(update):
    lines = written(update)
    assert [each.symbol for each in lines] == [each.symbol for each in update.quantities if each.rule]
    for line in lines:
        result, shown = _worked_out(line.numbers), _read(line.value)
        if line.relation == "=":
            assert result == pytest.approx(shown, rel=1e-9, abs=1e-15)
        else:
            assert line.relation == "≈"
            # Seven figures of two numbers that nearly cancel leave few.
            largest = max(map(float, re.findall(r"(?<!10)\d+(?:\.\d+)?", line.numbers)))
            assert result == pytest.approx(shown, rel=2e-3, abs=max(1e-6 * largest, _half_a_step(line.value)))
        assert shown == pytest.approx(update[line.symbol], rel=2e-3, abs=max(1e-9, _half_a_step(line.value)))


@given(weight=numbers, gradient=numbers, velocity=numbers, decay=st.sampled_from([0.0001, 0.01]))
def test_the_numbers_of_momentum_come_out(weight, gradient, velocity, decay):
    _check(_momentum(weight, gradient, velocity, 0.05, decay))


@given(weight=numbers, gradient=numbers.filter(bool), mean=numbers, square=st.floats(1e-6, 2.0),
       steps=st.integers(1, 2000))  # fmt: skip
def test_the_numbers_of_adam_come_out(weight, gradient, mean, square, steps):
    _check(_adam(weight, gradient, mean, square, steps))


def test_a_weight_is_written_so_that_it_is_seen_to_move():
    *_, last = written(_momentum(0.4145, -0.0000221, 0.0, 0.1, 0.0001))
    before = last.numbers.split(" ")[0]
    assert before != last.value
    assert len(before) == len(last.value)


def test_numbers_below_zero_stand_in_brackets():
    *_, last = written(_momentum(-0.5, -0.25, -1.0, 0.1, 0.01))
    assert re.fullmatch(r"−0\.5\d* − 0\.1 · \(−1\.155\)", last.numbers)


@pytest.mark.parametrize(
    ("text", "expected"), [("1e−08", "10⁻⁸"), ("3e−05", "3·10⁻⁵"), ("−1e+09", "−10⁹"), ("0.25", "0.25"), ("∞", "∞")]
)
def test_powers_stand_raised(text, expected):
    assert raised(text) == expected
