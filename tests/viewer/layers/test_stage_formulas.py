"""One number of every other kind of stage taken apart: what is shown is the trace, and adds up as shown."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.viewer.layers.arithmetics import (
    COLOUR,
    GREY,
    SOBEL,
    Bench,
    is_near,
    last_step,
    number,
    random_bank,
)


@pytest.fixture
def bench(qtbot: QtBot) -> Bench:
    return Bench(qtbot)


@pytest.mark.parametrize("at", [(3, 4), (5, 6), (9, 9), (12, 3)])
def test_activations(bench: Bench, at: tuple[int, int]) -> None:
    trace = bench.show(GREY, SOBEL, {"relu": {}}, at=at)
    x = float(trace.window[0, 0, 0])
    assert bench.numbers == [Fraction(x)]
    assert bench.value == max(0, Fraction(x))
    assert bench.formula.curve.function(np.array([-2.0, 3.0])).tolist() == [0, 3]
    assert (bench.formula.curve.x, bench.formula.curve.y) == (x, trace.value)
    bench.show(GREY, SOBEL, {"leaky-relu": {"slope": 0.125}}, at=at)
    assert bench.numbers == [Fraction(x)] if x > 0 else bench.numbers == [Fraction(1, 8), Fraction(x)]
    assert bench.value == math.prod(bench.numbers)
    small = [SOBEL, {"pointwise": {"weights": [[0.01, 0], [0, 0.01]]}}]
    for name, true in (("sigmoid", lambda x: 1 / (1 + math.exp(-x))), ("tanh", math.tanh)):
        trace = bench.show(GREY, *small, {name: {}}, at=at, channel=1)
        (x_shown,) = bench.numbers
        assert is_near(x_shown, float(trace.window[0, 0, 0]))
        assert is_near(bench.value, trace.value)
        assert is_near(bench.value, true(float(x_shown)), 3)


def test_bias_adds_up(bench: Bench) -> None:
    for values in (12.5, -3, 1e-3, 1234567):
        trace = bench.show(GREY, SOBEL, {"bias": {"values": values}})
        assert bench.numbers == [Fraction(trace.sum), Fraction(str(values))]
        assert is_near(bench.value, trace.value, 6)
        if bench.signs == "+ =":
            assert sum(bench.numbers) == bench.value


def test_batch_normalisation_comes_out_of_the_numbers_that_are_shown(bench: Bench) -> None:
    for options in ({}, {"gamma": [2, -0.5], "beta": [-1, 3]}, {"mean": 3.3, "variance": 7, "epsilon": 0}):
        trace = bench.show(GREY, SOBEL, {"batch-norm": options}, channel=1)
        x, mean, variance, epsilon, gamma, beta = (float(each) for each in bench.numbers)
        result = (x - mean) / math.sqrt(variance + epsilon) * gamma + beta
        decimals = len(bench.tokens("value")[0].text.partition(".")[2])
        assert round(result, decimals) == pytest.approx(float(bench.value), abs=1e-12)
        assert is_near(bench.value, trace.value, 3)
        said = dict(trace.numbers)
        assert is_near(mean, said["mean"])
        assert is_near(variance, said["variance"])


@pytest.mark.parametrize("size", [2, 3, (1, 3), 5, 7])
@pytest.mark.parametrize("padding", [0, 1])
def test_the_largest_is_framed(bench: Bench, size: Any, padding: int) -> None:
    padding = 0 if size == (1, 3) else padding
    trace = bench.show(GREY, {"max-pool": {"size": size, "padding": padding}}, at=(0, 0))
    assert bench.value == Fraction(trace.value)
    (table,) = bench.formula.tables
    (chosen,) = table.chosen
    assert trace.window[(*chosen, 0)] == trace.value
    inside = trace.window[~trace.outside][:, 0]
    if inside.size <= 9:
        assert bench.numbers == [Fraction(each) for each in inside]
        assert [number(token.text) for token in bench.tokens() if token.is_here] == [Fraction(trace.value)]
    else:
        assert f"{inside.size}" in bench.signs


@pytest.mark.parametrize("size", [1, 2, 3, 4, (2, 5), 9])
def test_the_median_stands_in_the_middle(bench: Bench, size: Any) -> None:
    trace = bench.show(GREY, {"median": {"size": size}})
    assert float(bench.value) == trace.value == np.median(trace.window)
    row = [number(token.text) for token in bench.formula.lines[0] if token.kind == "number"]
    assert row == sorted(row)
    count = trace.window.size
    here = [token for token in bench.formula.lines[0] if token.is_here]
    assert len(here) == (1 if count % 2 else 2)
    assert sum(number(token.text) for token in here) / len(here) == bench.value
    if count <= 25:
        assert row == [Fraction(each) for each in np.sort(trace.window.ravel())]
    (table,) = bench.formula.tables
    assert {float(trace.window[(*cell, 0)]) for cell in table.chosen} == {float(number(each.text)) for each in here}


@pytest.mark.parametrize(
    "stage", [{"average-pool": {"size": 2}}, {"average-pool": {"size": 5}}, {"global-average": {}}]
)
def test_averages_are_sums_and_quotients(bench: Bench, stage: dict[str, Any]) -> None:
    scaled = {"pointwise": {"weights": [[0.0123, 0], [0, 0.77]]}}
    for channel in (0, 1):
        trace = bench.show(GREY, SOBEL, scaled, stage, at=(0, 0), channel=channel)
        first, second = bench.formula.lines
        total = number(second[0].text)
        assert number(first[-1].text) == total
        terms = [number(token.text) for token in first[:-1] if token.kind == "number"]
        if trace.window.size <= 9:
            assert sum(terms) == total
            (table,) = bench.formula.tables
            assert [number(text) for row in table.texts for text in row] == terms
        last_step(" ".join(token.text for token in second[:-1]), second[-1].text)
        assert is_near(bench.value, trace.value, 3)
        assert is_near(total, trace.sum, 3)


def test_a_large_map_is_painted_smaller(bench: Bench) -> None:
    large = np.random.default_rng(0).integers(0, 256, (300, 260)).astype(np.uint8)
    trace = bench.show(large, {"global-average": {}}, at=(0, 0))
    (table,) = bench.formula.tables
    assert table.values.shape == (256, 256)
    assert table.values.mean() == pytest.approx(trace.value, rel=1e-3)
    assert "78,000" in bench.signs


def test_magnitude_is_a_root_of_squares(bench: Bench) -> None:
    trace = bench.show(GREY, SOBEL, {"magnitude": {}})
    assert bench.numbers == [Fraction(each) for each in trace.window[0, 0].tolist()]
    assert is_near(math.hypot(*map(float, bench.numbers)), float(bench.value), 5)
    trace = bench.show(GREY, random_bank(12, 1), {"magnitude": {}})
    *shown, rest = (float(each) for each in bench.numbers)
    assert len(shown) == 6
    assert math.sqrt(sum(each * each for each in shown) + rest) == pytest.approx(trace.value, rel=1e-4)
    assert is_near(bench.value, trace.value)


def test_thin_says_why(bench: Bench) -> None:
    kept = 0
    for at in np.ndindex(8, 8):
        trace = bench.show(GREY, SOBEL, {"thin": {}}, at=at)
        said = dict(trace.numbers)
        gx, gy, magnitude = bench.formula.tables
        np.testing.assert_array_equal(gx.values, trace.window[:, :, 0])
        np.testing.assert_array_equal(gy.values, trace.window[:, :, 1])
        assert magnitude.values[1, 1] == pytest.approx(said["magnitude"])
        here, ahead, again, behind = bench.numbers
        assert here == again
        assert is_near(here, said["magnitude"])
        assert is_near(ahead, said["ahead"])
        assert is_near(behind, said["behind"])
        signs = bench.signs.split()
        is_kept = signs == ["≥", ">", "kept:"]
        kept += is_kept
        assert is_kept == (trace.value > 0)
        assert bench.value == (here if is_kept else 0)
    assert 0 < kept < 64
    bench.show(np.full((9, 9), 7, np.uint8), SOBEL, {"thin": {}}, at=(4, 4))
    assert bench.value == 0


@pytest.mark.parametrize("network", ["lenet5", "colournet"])
def test_preprocessing(bench: Bench, network: str) -> None:
    for image in (GREY, COLOUR):
        trace = bench.show(image, {"preprocess": {"network": network}})
        line = [number(token.text) for token in bench.formula.lines[-1] if token.kind == "number"]
        level, mean, deviation = (float(each) for each in line)
        assert (level - mean) / deviation == pytest.approx(trace.value, rel=1e-4)
        assert is_near(bench.value, trace.value)


def test_colour_coordinates_are_handed_on(bench: Bench) -> None:
    trace = bench.show(COLOUR, {"channel": {"channel": "h"}})
    assert bench.numbers == [Fraction(each) for each in trace.window[0, 0].tolist()]
    assert is_near(bench.value, trace.value)
    assert [token.caption for token in bench.tokens()] == ["R", "G", "B"]
    trace = bench.show(COLOUR, {"channel": {"channel": "b"}})
    assert bench.numbers == [bench.value] == [Fraction(int(COLOUR[5, 6, 2]))]


# -- stages in stages --------------------------------------------------------------------------------------------------


def test_parts_are_added_or_stacked_and_can_be_gone_to(bench: Bench) -> None:
    heard: list[str] = []
    bench.view.part_chosen.connect(heard.append)
    third = {"pointwise": {"weights": [[1 / 3]]}}
    trace = bench.show(GREY, third, {"residual": {"stages": [{"filter": {"kernel": "laplacian-4"}}, third]}})
    assert sum(bench.numbers) == bench.value
    for shown, part in zip(bench.numbers, trace.parts, strict=True):
        assert is_near(shown, part.value, 3)
    assert bench.tokens()[1].caption == "map 0 of Bank, the input"
    view = bench.view.formula
    boxes = [placed.box for placed in view.placed() if placed.token.place]
    for box in boxes:
        bench.qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=box.center().toPoint())
    inside = trace.parts[0].place
    assert heard == [inside]  # the input comes from no stage inside
    view.setFocus()
    bench.qtbot.keyClick(view, Qt.Key.Key_Return)
    assert heard == [inside, inside]
    rows = [[{"filter": {"kernel": "sobel-x"}}], [SOBEL]]
    for stage, channel in (({"branches": {"rows": rows}}, 2), ({"dense-block": {"stages": [SOBEL]}}, 2)):
        trace = bench.show(GREY, stage, channel=channel)
        assert bench.numbers == [bench.value] == [Fraction(trace.value)]
        assert bench.tokens()[0].place == trace.parts[0].place
        assert bench.tokens()[0].place in bench.tokens()[0].caption
