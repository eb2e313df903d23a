"""One number of every kind of stage taken apart: what is shown is the trace, and adds up as shown."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from kernels import Recipe
from kernels.recipe.tracing import StageTrace
from viewer import theme
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


@pytest.fixture
def bench(qtbot: QtBot) -> Bench:
    return Bench(qtbot)


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


# -- weighted sums -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("seed", range(6))
def test_the_sums_of_a_bank_add_up_as_shown(bench: Bench, size: tuple[int, int], seed: int) -> None:
    bench.view.resize(*size)
    count = (1, 2, 3, 6, 16, 5)[seed]
    random = np.random.default_rng(seed)
    stages = [random_bank(count, 1, seed=seed), random_bank(4, count, seed=seed + 9, padding="same")]
    trace = bench.show(GREY, *stages, at=(int(random.integers(22)), 7), channel=3)
    line, row = bench.view.weighted.line, bench.view.weighted.row
    assert row.isVisible() == (count > 1)
    for place in range(count):
        if count > 1:
            row.chosen.emit(place)
        np.testing.assert_array_equal(line.window_grid.values, trace.window[:, :, place])
        np.testing.assert_array_equal(line.kernel_grid.values, trace.weights[:, :, place])
        np.testing.assert_array_equal(line.products_grid.values, trace.products[:, :, place])
        left, right = written_sum(line.result.sum_text())
        assert left == right
        assert is_near(right, float(trace.channel_sums[place]), 2) or abs(float(right)) < 1
        if line.products_grid.texts:
            assert sum(number(text) for texts in line.products_grid.texts for text in texts) == right
    if count == 1:
        assert is_near(number(line.result.value_text()), trace.value, 3)
        step, value = line.result.step_text().rsplit(" ", 1)
        last_step(step, value)
        return
    content = row._content
    assert content is not None
    texts = [number(text) for text in content.texts]
    for text, true in zip(texts, trace.channel_sums, strict=True):
        assert abs(float(text) - true) <= 0.011 * max(1.0, abs(true))
    assert sum(texts) == number(content.step.split()[0])
    last_step(content.step, content.value)
    assert is_near(number(content.value), trace.value, 3)
    assert content.names == tuple(str(at) for at in range(count))


@pytest.mark.parametrize("offset", [-0.06643435, 0.5, 12.0, 1234.56789])
@pytest.mark.parametrize("factor", [1.0, 0.0123])
def test_the_bias_is_named_and_has_the_digits_of_the_rest(bench: Bench, offset: float, factor: float) -> None:
    weights = (np.random.default_rng(2).normal(size=(3, 3)) * factor).tolist()
    for kernel, stage in (("kernels", "filter-bank"), ("kernel", "filter")):
        held = {"weights": weights, "offset": offset}
        trace = bench.show(GREY, {stage: {kernel: [held] if kernel == "kernels" else held}})
        step, value = bench.view.weighted.line.result.step_text().rsplit(" ", 1)
        total, _sign, added, word, relation = step.split()
        assert word == ("(bias)" if stage == "filter-bank" else "(offset)")
        last_step(step, value)
        assert relation == "="
        assert len(added.partition(".")[2]) <= max(len(each.partition(".")[2]) for each in (total, value))
        assert abs(float(number(value)) - trace.value) < 1e-3 * max(1, abs(trace.value))


def test_small_means_and_sums_have_four_figures(bench: Bench) -> None:
    third = {"pointwise": {"weights": [[1 / 3000]]}}
    for stage in ({"average-pool": {"size": 2}}, {"residual": {"stages": [third]}}):
        trace = bench.show(GREY, third, stage, at=(1, 1))
        digits = bench.tokens("value")[0].text.lstrip("\u22120.").replace(".", "")
        assert len(digits) <= 5, digits
        assert is_near(bench.value, trace.value, 3)


def test_the_channels_of_a_colour_picture_are_named(bench: Bench) -> None:
    trace = bench.show(COLOUR, {"filter-bank": {"kernels": ["box"]}})
    content = bench.view.weighted.row._content
    assert content is not None
    assert content.names == ("R", "G", "B")
    assert [number(text) for text in content.texts] == [Fraction(each) for each in trace.channel_sums]
    assert content.step == f"{int(trace.sum)} ÷ 9 ≈" or content.step == f"{int(trace.sum)} ÷ 9 ="
    assert bench.view.weighted.line._titles()[0][0] in ("R of noise", "G of noise", "B of noise")


@pytest.mark.parametrize(
    ("stage", "image"),
    [
        ({"filter": {"kernel": "sobel-x"}}, COLOUR),
        ({"depthwise": {"kernels": ["sobel-x", "box", "sobel-y"]}}, COLOUR),
        ({"gaussian-pool": {"size": 3}}, COLOUR),
    ],
)
def test_a_stage_that_keeps_channels_apart_shows_one(bench: Bench, stage: dict[str, Any], image: np.ndarray) -> None:
    trace = bench.show(image, stage, channel=1, at=(3, 4))
    assert not bench.view.weighted.row.isVisible()
    np.testing.assert_array_equal(bench.view.weighted.line.window_grid.values, trace.window[:, :, 0])
    assert is_near(number(bench.view.weighted.line.result.value_text()), trace.value)


def test_pointwise_and_luma_are_sums_over_channels(bench: Bench) -> None:
    trace = bench.show(COLOUR, {"pointwise": {"weights": [[0.5, -2, 1], [1, 1, 1]]}}, channel=0)
    content = bench.view.weighted.row._content
    assert content is not None
    assert [float(number(text)) for text in content.texts] == trace.channel_sums.tolist()
    assert number(content.value) == Fraction(trace.value)
    assert content.step == ""
    trace = bench.show(COLOUR, {"channel": {"channel": "luma"}})
    assert bench.view.weighted.isVisible()
    assert is_near(number(bench.view.weighted.row._content.value), trace.value)


def test_a_channel_is_chosen_by_click_and_by_key_and_kept(bench: Bench) -> None:
    heard: list[int] = []
    bench.view.channel_chosen.connect(heard.append)
    stages = [random_bank(6, 1), {**random_bank(4, 3, seed=2, groups=2, padding="same")}]
    trace = bench.show(GREY, *stages, channel=3)
    assert trace.channels == (3, 4, 5)
    row = bench.view.weighted.row
    first = bench.view.weighted.place
    assert first == int(np.argmax(np.abs(trace.channel_sums)))
    other = (first + 1) % 3
    bench.qtbot.mouseClick(row, Qt.MouseButton.LeftButton, pos=row.rect_of(other).center().toPoint())
    assert heard == [3 + other]
    np.testing.assert_array_equal(bench.view.weighted.line.window_grid.values, trace.window[:, :, other])
    bench.show(GREY, *stages, channel=2, at=(8, 8))
    assert bench.view.weighted.place == other
    row.setFocus()
    bench.qtbot.keyClick(row, Qt.Key.Key_Home)
    bench.qtbot.keyClick(row, Qt.Key.Key_End)
    assert heard[-1] == 5
    assert bench.view.weighted.place == 2
    bench.qtbot.keyClick(row, Qt.Key.Key_Right)
    assert bench.view.weighted.place == 2
    bench.qtbot.mouseClick(row, Qt.MouseButton.LeftButton, pos=QPoint(row.width() - 2, row.height() - 2))
    assert bench.view.weighted.place == 2


def test_many_channels_are_coloured_cells(bench: Bench) -> None:
    trace = bench.show(GREY, random_bank(200, 1, seed=3), random_bank(1, 200, seed=4), at=(4, 4))
    row = bench.view.weighted.row
    assert not row.has_numbers
    rects = [row.rect_of(place) for place in range(200)]
    assert all(row.rect().toRectF().contains(rect) for rect in rects)
    assert max(rect.right() for rect in rects) < bench.view.weighted.line.right_column()
    assert len(row._content.texts) == len(trace.channels)


# -- formulas ----------------------------------------------------------------------------------------------------------


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


# -- the whole ---------------------------------------------------------------------------------------------------------


def test_without_a_number_a_reason_is_given(bench: Bench) -> None:
    bench.view.show_trace(None, {}, "Point at a pixel.")
    assert bench.view.message.isVisible()
    assert bench.view.message.text() == "Point at a pixel."
    assert bench.view.text() == ""
    bench.show(GREY, SOBEL, channel=1)
    assert not bench.view.message.isVisible()
    assert bench.view.weighted.isVisible()
    assert "Bank, map 1 · y 5, x 6" in bench.view.accessibleDescription()


@pytest.mark.parametrize("pixels", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_shown(bench: Bench, pixels: float) -> None:
    image = np.ones((9, 9, 2))
    image[4, 4] = pixels
    text = {np.nan: "NaN"}.get(pixels, "∞")
    for stage in (
        random_bank(1, 2),
        {"relu": {}},
        {"sigmoid": {}},
        {"bias": {"values": 3}},
        {"batch-norm": {}},
        {"max-pool": {"size": 3}},
        {"median": {"size": 3}},
        {"average-pool": {"size": 3}},
        {"global-average": {}},
        {"magnitude": {}},
        {"thin": {}},
        {"residual": {"stages": []}},
    ):
        at = {"max-pool": (1, 1), "average-pool": (1, 1), "global-average": (0, 0)}.get(next(iter(stage)), (4, 4))
        bench.show(image, stage, at=at)
        if next(iter(stage)) not in ("relu", "sigmoid", "batch-norm", "thin", "median", "max-pool"):
            assert text in bench.view.text() or "NaN" in bench.view.text(), stage
        bench.view.grab()


@pytest.mark.parametrize("name", ["dark", "light"])
@pytest.mark.parametrize("large_type", [False, True])
@pytest.mark.parametrize("size", [*SIZES, (560, 200)])
def test_nothing_is_cut_off(
    bench: Bench, qapp: QApplication, name: str, large_type: bool, size: tuple[int, int]
) -> None:
    bench.view.resize(*size)
    try:
        theme.apply(qapp, name, large_type=large_type)
        for stage in (
            {"relu": {}},
            {"sigmoid": {}},
            {"batch-norm": {"gamma": 0.123456, "beta": -1234.5}},
            {"thin": {}},
            {"median": {"size": 5}},
            {"max-pool": {"size": 3}},
            {"average-pool": {"size": 3}},
            {"magnitude": {}},
            {"residual": {"stages": []}},
        ):
            bench.show(GREY, SOBEL, stage)
            view = bench.view.formula
            room = view.rect().toRectF().adjusted(-2, -2, 2, 2)
            boxes = [placed.box for placed in view.placed()]
            assert all(room.contains(box) for box in boxes), stage
            for at, box in enumerate(boxes):
                assert not any(box.intersects(other) for other in boxes[at + 1 :]), stage
            tables = [grid.geometry() for grid in view.tables if grid.isVisible()]
            assert not any(table.toRectF().intersects(box) for table in tables for box in boxes), stage
            bench.view.grab()
    finally:
        theme.apply(qapp, "dark")


def test_few_numbers_are_large(bench: Bench) -> None:
    for width, height in ((980, 292), (894, 242), (1534, 592)):
        bench.view.resize(width, height + 28)
        bench.show(GREY, {"filter": {"kernel": "sobel-x"}})
        assert bench.view.weighted.line.window_grid.number >= 20
        for stage in ({"relu": {}}, {"bias": {"values": 3}}, {"max-pool": {"size": 2}}, {"magnitude": {}}):
            bench.show(GREY, SOBEL, stage)
            assert bench.view.formula._layout.size >= 20, (width, stage)
