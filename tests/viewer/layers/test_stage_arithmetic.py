"""One number of a weighted sum taken apart, and the view as a whole: what is shown adds up as shown."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.viewer.layers.arithmetics import (
    COLOUR,
    GREY,
    SIZES,
    SOBEL,
    Bench,
    is_near,
    last_step,
    number,
    random_bank,
    written_sum,
)
from viewer import theme


@pytest.fixture
def bench(qtbot: QtBot) -> Bench:
    return Bench(qtbot)


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
