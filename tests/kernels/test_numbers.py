"""Numbers and durations as text."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernels import digits
from kernels.kernel.text import parse_number
from kernels.numbers import exact_number, format_seconds


@pytest.mark.parametrize(
    ("value", "figures", "text"),
    [
        (3.0, 2, "3"),
        (-0.0, 6, "0"),
        (1 / 3, 4, "0.3333"),
        (-1.5, 6, "−1.5"),
        (123456789.0, 3, "123456789"),
        (1234.5678, 6, "1234.57"),
        (-1e12, 6, "−1e+12"),
        (1e-12, 6, "1e−12"),
        (math.nan, 6, "NaN"),
        (-math.inf, 6, "−∞"),
    ],
)
def test_numbers_to_read(value, figures, text):
    assert digits.format_number(value, figures) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(3.0, "3"), (-0.0, "0"), (0.1, "0.1"), (-1e12, "-1000000000000"), (1e16, "1e+16"), (math.nan, "NaN"),
     (-math.inf, "-∞")],
)  # fmt: skip
def test_exact_numbers(value, text):
    assert exact_number(value) == text
    assert exact_number(value, minus="−") == text.replace("-", "−")


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_nothing_of_an_exact_number_is_lost(value):
    assert parse_number(exact_number(value)) == value
    assert parse_number(exact_number(value, minus="−")) == value


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.00342, "3.4 ms"),
        (0.23, "230 ms"),
        (1.23, "1.2 s"),
        (25.4, "25 s"),
        (125, "2 min 05 s"),
        (11250, "3 h 07 min"),
    ],
)
def test_durations(seconds, text):
    assert format_seconds(seconds) == text


def test_a_sum_gets_the_decimals_that_its_value_needs():
    assert _written(0.41421356, 2.8284271, 0.0, 0.1464525, 2) == "0.41421 ÷ 2.828427 + 0 ≈ 0.14645"
    assert _written(1107.247, 1.0, 1 / 3, 1107.5803, 1) == "1107.25 ÷ 1 + 0.3333333 ≈ 1107.58"
    assert _written(83.133333, 1.0, 0.0, 83.13332, 5) == "83.13333 ÷ 1 + 0 ≈ 83.1333"
    assert _written(28.0, 1.0, 0.0, 28.0, 0) == "28 ÷ 1 + 0 = 28"


def _written(total, divisor, offset, value, places):
    last = digits.ending(total, divisor, offset, value, places)
    return f"{last.equation} {last.value}"


@pytest.mark.parametrize(
    ("total", "divisor", "offset", "value", "text"),
    [
        (28.0, 1.0, 0.0, 28.0, "28 ="),
        (28.0, 4.0, 0.0, 7.0, "28 ÷ 4 ="),
        (28.0, -4.0, 0.0, -7.0, "28 ÷ (−4) ="),
        (28.0, 1.0, -3.0, 25.0, "28 − 3 ="),
        (28.0, 3.0, 0.5, 9.8333333, "28 ÷ 3 + 0.5 ≈"),
    ],
)
def test_the_brief_last_step_leaves_out_what_does_nothing(total, divisor, offset, value, text):
    assert digits.ending(total, divisor, offset, value, 0).brief == text


@pytest.mark.parametrize(
    ("result", "value", "written"),
    [
        (0.25, 0.25, ("=", "0.25")),
        (2 / 3, float(np.float32(2 / 3)), ("≈", "0.6666667")),
        (1.23456, 1.23451, ("≈", "1.235")),  # rounded numbers were shown: so many decimals they still give
        (5.0, 3.0, ("≈", "3")),
        (math.inf, math.inf, ("=", "∞")),
        (math.nan, math.nan, ("=", "NaN")),
        (0.0, 1e-12, ("≈", "1e−12")),
    ],
)
def test_a_value_gets_the_decimals_that_what_is_shown_gives(result, value, written):
    assert digits.agreeing(result, value) == written
