"""Numbers as they are read: counts in words, measured values without powers of ten."""

import pytest

from viewer.pages.layers.figures import count_text, value_text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0"),
        (999_999, "999,999"),
        (4_821_600, "4.82 million"),
        (999_900_000, "1 billion"),
        (406_000_000_000, "406 billion"),
        (1_650_000_000_000, "1.65 trillion"),
        (2 * 10**15, "2 quadrillion"),
        (1234 * 10**15, "1,230 quadrillion"),
    ],
)
def test_counts_are_written_in_words(count, text):
    assert count_text(count) == text


def test_a_count_is_written_in_full_as_long_as_wanted():
    assert count_text(4_821_600, full_below=10**9) == "4,821,600"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (-2.914, "−2.91"),
        (0, "0"),
        (-3147.2, "−3,150"),
        (65535, "65,535"),
        (999.6, "1,000"),
        (123_456.7, "123,000"),
        (1.5e6 + 0.5, "1.5e+06"),
        (0.00001234, "1.23e−05"),
        (float("nan"), "NaN"),
        (255, "255"),
    ],
)
def test_values_have_figures_and_commas(value, text):
    assert value_text(value, 3) == text
