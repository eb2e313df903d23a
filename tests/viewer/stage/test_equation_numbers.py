"""The line of arithmetic: the lectures' numbers, sums as shown, borders and channels."""

import re
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QHelpEvent
from PyQt6.QtWidgets import QApplication, QToolTip

from kernels import Kernel
from kernels.digits import ending
from tests.viewer.stage.equation_bench import (
    CAMERA,
    LECTURE,
    LECTURE_KERNEL,
    SOBEL,
    Bench,
    Key,
    colours,
    number,
    sides,
)
from viewer import theme
from viewer.pages.filter.views.arithmetic.content import product_text

# -- numbers -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"padding": "valid"}, [[12, 12, 17], [10, 17, 19], [9, 6, 14]]),
        ({"padding": 1, "stride": 2}, [[6, 17, 3], [8, 17, 13], [6, 4, 4]]),
    ],
)
def test_every_number_of_the_lecture(bench: Bench, options: dict[str, Any], expected: list[list[int]]) -> None:
    for i in range(3):
        for j in range(3):
            bench.show(LECTURE, LECTURE_KERNEL, (i, j), **options)
            assert bench.value == str(expected[i][j])
            assert bench.view.result.step_text() == f"{expected[i][j]} ÷ 1 + 0 = {expected[i][j]}"
            assert sum(int(text) for row in bench.products for text in row) == expected[i][j]
            assert bench.view.accessibleDescription().endswith(f"= {expected[i][j]}")


def test_the_box_of_the_lecture(bench: Bench) -> None:
    pixels = np.zeros((10, 10), np.uint8)
    pixels[2:7, 3:8] = 90
    pixels[5, 4], pixels[8, 2] = 0, 90
    row = [0, 30, 50, 80, 80, 90, 60, 30]
    for j, value in enumerate(row):
        bench.show(pixels, Kernel(np.ones((3, 3)), divisor=9), (3, j), padding="valid")
        assert bench.value == str(value)
        assert bench.view.result.step_text() == f"{value * 9} ÷ 9 + 0 = {value}"


def test_the_line_of_the_design(bench: Bench) -> None:
    bench.camera()
    assert bench.products == [["−97", "0", "111"], ["−180", "0", "188"], ["−67", "0", "73"]]
    assert bench.view.result.sum_text() == "−97 + 111 − 180 + 188 − 67 + 73 = 28"
    assert bench.view.window_grid.texts[0] == ["97", "103", "111"]
    assert bench.view.text() == (
        "(97 × −1 + 103 × 0 + 111 × 1 + 90 × −2 + 91 × 0 + 94 × 2 + 67 × −1 + 75 × 0 + 73 × 1) ÷ 1 + 0 = 28"
    )
    assert bench.view.accessibleDescription() == bench.view.text()
    assert bench.view._note() == "y 0–2, x 0–2"


def test_the_line_as_latex(bench: Bench) -> None:
    bench.show(CAMERA, Kernel([[-1, 0.5]], divisor=-2, offset=-3), (1, 1))
    assert bench.view.latex() == r"\frac{91 \cdot (-1) + 94 \cdot 0.5}{-2} - 3 = 19"
    assert bench.view.text() == "(91 × −1 + 94 × 0.5) ÷ (−2) − 3 = 19"
    assert bench.view.result.step_text() == "−44 ÷ (−2) − 3 = 19"
    for mark in "{}":
        assert bench.view.latex().count(mark) == 2


@pytest.mark.parametrize("shape", [(1, 1), (1, 3), (3, 1), (2, 2), (3, 3), (4, 5), (5, 5), (9, 9), (31, 31), (63, 63)])
def test_what_is_shown_adds_up_as_shown(bench: Bench, shape: tuple[int, int]) -> None:
    for seed in range(5):
        rng = np.random.default_rng(seed)
        pixels = rng.integers(0, 256, (70, 70)).astype(np.uint8)
        content = bench.show(pixels, Kernel(rng.normal(size=shape), divisor=1 + seed), (30, 33), border="reflect")
        left, right = sides(bench.view.result.sum_text())
        assert left == right, seed
        assert bench.view.result.step_text().startswith(bench.view.result.sum_text().split(" = ")[1] + " ÷")
        places = len(bench.value.partition(".")[2])
        assert abs(float(number(bench.value)) - content.values[0]) <= 0.51 * 10.0**-places
        if bench.view._plan.number:
            assert sum(number(text) for row in bench.products for text in row) == right


def test_a_large_kernel_writes_its_largest_products_and_the_rest(bench: Bench) -> None:
    rng = np.random.default_rng(1)
    pixels = rng.integers(0, 256, (50, 50)).astype(np.uint8)
    content = bench.show(pixels, Kernel(rng.integers(-5, 6, (21, 21))), (25, 25))
    products = content.traces[0].products
    text = bench.view.result.sum_text()
    terms = text.split(" + rest of ")[0].replace("− ", "−").replace("+ ", "").split(" ")
    assert [abs(number(term)) for term in terms] == sorted(np.abs(products).ravel().tolist(), reverse=True)[
        : len(terms)
    ]
    assert len(terms) >= 3
    assert f"rest of {np.count_nonzero(products) - len(terms)} terms: " in text
    assert "rest of" in bench.view.text()
    assert sides(text) == (content.traces[0].sum,) * 2


@pytest.mark.parametrize(("dtype", "factor"), [(np.uint16, 257), (np.float32, 1.234567), (np.float64, 98765.4321)])
def test_wide_numbers_are_written_in_every_cell(bench: Bench, dtype: type, factor: float) -> None:
    bench.show((CAMERA * float(factor)).astype(dtype), SOBEL, (1, 1))
    assert bench.view._plan.number >= 16
    left, right = sides(bench.view.result.sum_text())
    assert left == right
    assert float(right) == pytest.approx(28 * factor, rel=1e-3)


@pytest.mark.parametrize(("factor", "power"), [(1e-9, -8), (1e30, 31)])
def test_powers_of_ten_where_decimals_would_say_nothing(bench: Bench, factor: float, power: int) -> None:
    bench.show(CAMERA * factor, SOBEL, (1, 1))
    assert bench.value.replace("−", "-") == f"{28 * factor:.4g}"
    assert bench.products[0][0].startswith("−9.7e")
    assert float(bench.view.text().rsplit("= ")[-1].replace("−", "-")) == pytest.approx(28 * factor)
    assert rf"2.8 \cdot 10^{{{power}}}" in bench.view.latex()


def test_a_weight_that_counts_never_reads_as_0(bench: Bench) -> None:
    bench.show(CAMERA, Kernel([[1.802, 0.004, -1.3]]), (1, 1))
    texts = bench.view.kernel_grid.texts[0]
    assert [float(number(text)) for text in texts] == pytest.approx([1.802, 0.004, -1.3], abs=6e-4)
    assert number(texts[1]) != 0


def test_nan_and_infinity_read_as_such(bench: Bench) -> None:
    pixels = CAMERA.astype(np.float32)
    pixels[0, 0] = np.nan
    bench.show(pixels, SOBEL, (1, 1))
    assert bench.value == "NaN"
    assert bench.view.window_grid.texts[0][0] == bench.products[0][0] == "NaN"
    assert bench.view.result.sum_text().endswith("= NaN")
    assert bench.view.text().endswith("= NaN")
    pixels[0, 0] = np.inf
    bench.show(pixels, SOBEL, (1, 1))
    assert bench.value == "−∞"
    assert bench.view.text().endswith("= −∞")


def test_a_sum_of_nothing_is_0(bench: Bench) -> None:
    bench.show(CAMERA, Kernel(np.zeros((3, 3)), offset=7), (1, 1))
    assert bench.view.result.sum_text() == "0 = 0"
    assert bench.view.result.step_text() == "0 ÷ 1 + 7 = 7"


@pytest.mark.parametrize("weights", [[[1 / 9] * 3] * 3, [[12345.678, -7]], [[0.1023265, 1 / 9], [-2, 1]]])
def test_a_product_holds_as_it_is_written(bench: Bench, weights: list[list[float]]) -> None:
    """What is said of one product and between the grids: "=" only where the numbers that are read come to it."""
    content = bench.show(CAMERA, Kernel(weights), (1, 1))
    for cell in np.ndindex(*content.traces[0].products.shape):
        left, sign, right = re.split(" ([=≈]) ", product_text(content, 0, cell))
        value, weight = (number(each) for each in left.split(" × "))
        places = len(right.partition(".")[2])
        assert abs(value * weight - number(right)) <= Fraction(1, 2 * 10**places)
        assert (value * weight == number(right)) == (sign == "=")
        assert number(right) == pytest.approx(content.traces[0].products[cell], rel=1e-5)
    written = bench.view._numbers
    read = (np.vectorize(number)(np.array(grid)) for grid in (written.window, written.weights, written.products))
    value, weight, product = read
    holds = bool((value * weight == product).all())
    assert written.relation == ("=" if holds else "≈") == "≈"
    bench.camera()
    assert bench.view._numbers.relation == "="


def test_the_enlarged_product_holds_as_it_is_written(bench: Bench) -> None:
    weights = np.zeros((6, 6))
    weights[2, 3] = 0.1023265
    bench.show(np.full((9, 9), 249, np.uint8), Kernel(weights), (4, 4))
    assert bench.child("equationEnlarged").lines() == [("", "249"), ("×", "0.1023265"), ("≈", "25.4793")]


@given(st.floats(-1e4, 1e4), st.floats(0.01, 1e3), st.floats(-10, 10))
def test_the_last_step_holds_with_the_divisor_that_is_written(total: float, divisor: float, offset: float) -> None:
    last = ending(total, divisor, offset, total / divisor + offset, 3)
    left, sign = last.equation.rsplit(" ", 1)
    first, divided, added, shift = re.fullmatch(r"(\S+) ÷ (\S+) ([+−]) (\S+)", left).groups()
    result = number(first) / number(divided) + (1 if added == "+" else -1) * number(shift)
    if last.agrees:
        assert round(result, len(last.value.partition(".")[2])) == number(last.value)
    # A double is as close to it as it can be.
    assert (abs(result - number(last.value)) <= 1e-9 * abs(result)) == (sign == "=")


@pytest.mark.parametrize("large", [100.0, 1e5])
def test_a_small_weight_among_large_ones_is_read(bench: Bench, large: float) -> None:
    bench.show(CAMERA, Kernel([[large, 1 / 9, 0]]), (1, 1))
    texts = bench.view.kernel_grid.texts[0]
    assert number(texts[1]) == pytest.approx(1 / 9, abs=0.02)
    assert texts[2] == "0"


def test_a_product_that_reads_0_has_no_sign(bench: Bench) -> None:
    bench.show(CAMERA, Kernel([[1e5, 1e-4, -1]]), (1, 1))
    assert bench.products[0][1] == "0"
    grid = bench.view.products_grid
    assert grid.ink((0, 1)) == theme.palette().muted
    assert grid.ink((0, 0)) != theme.palette().muted


def test_whole_numbers_have_no_zeros_behind_the_point(bench: Bench) -> None:
    bench.show(CAMERA, Kernel([[-2, 0, 1], [0, 1 / 9, 0], [0, 0.5, -1]]), (1, 1))
    assert bench.view.kernel_grid.texts == [["−2", "0", "1"], ["0", "0.111", "0"], ["0", "0.500", "−1"]]
    assert [bench.products[0][0], bench.products[0][2], bench.products[2][2]] == ["−194", "111", "−73"]


def test_a_weight_reads_the_same_in_every_room(bench: Bench) -> None:
    bench.show(CAMERA, Kernel(np.full((3, 3), 1 / 9)), (1, 1))
    wide = bench.view.kernel_grid.texts
    bench.view.resize(1000, 215)
    bench.show((CAMERA * 1234.5678), Kernel(np.full((3, 3), 1 / 9)), (1, 1))
    assert bench.view.kernel_grid.texts == wide


# -- convolution, borders, channels ------------------------------------------------------------------------------------


def test_a_convolution_shows_the_weights_turned_and_edits_them_as_written(bench: Bench) -> None:
    kernel = Kernel([[1, 2, 3], [4, 5, 6]])
    bench.show(CAMERA, kernel, (1, 1), operation="convolution")
    assert bench.view.kernel_grid.texts == [["6", "5", "4"], ["3", "2", "1"]]
    said = bench.heard(bench.view.weight_changed)
    editor = bench.click((0, 0))
    assert editor.text() == "6"
    bench.qtbot.keyClicks(editor, "9")
    bench.qtbot.keyClick(editor, Key.Key_Return)
    assert said == [(1, 2, 0, 9.0)]


def test_virtual_pixels_are_hatched_and_say_where_they_come_from(bench: Bench) -> None:
    bench.show(LECTURE, SOBEL, (0, 0), border="reflect101")
    grid = bench.view.window_grid
    assert grid.outside.tolist() == [[True] * 3, [True, False, False], [True, False, False]]
    assert bench.view._note() == "y −1 to 1, x −1 to 1"
    for cell, tip in (((0, 0), "border “Reflect 101” takes y 1, x 1"), ((1, 1), "pixel y 0, x 0")):
        at = bench.at(grid, cell)
        QApplication.sendEvent(grid, QHelpEvent(QHelpEvent.Type.ToolTip, at, grid.mapToGlobal(at)))
        assert tip in QToolTip.text()
        QToolTip.hideText()
    image = grid.grab().toImage()

    def colours_of(cell: tuple[int, int]) -> set[int]:
        rect = grid.rect_of(cell).toAlignedRect()
        return {image.pixel(rect.left() + x, rect.top() + 6) for x in range(8, 40)}

    assert len(colours_of((0, 0))) > len(colours_of((1, 1)))


def test_a_colour_picture_has_a_channel_to_choose(bench: Bench) -> None:
    content = bench.show(colours(), SOBEL, (2, 3))
    chooser = bench.child("equationChannel")
    assert chooser.isVisible()
    said = bench.heard(bench.view.channel_chosen)
    bench.qtbot.mouseClick(bench.child("equationChannel_2"), Qt.MouseButton.LeftButton)
    assert said == [2]
    assert number(bench.value) == content.values[2]
    assert bench.view.window_grid.values.tolist() == colours()[1:4, 2:5, 2].tolist()
    assert bench.view.accessibleDescription().startswith("B: (")
    bench.camera()
    assert not chooser.isVisible()
    assert bench.value == "28"


def test_a_kernel_over_channels_writes_their_sums_and_the_total(bench: Bench) -> None:
    kernel = Kernel(np.random.default_rng(4).integers(-3, 4, (3, 3, 3)))
    bench.show(colours(), kernel, (2, 3))
    sums = (colours()[1:4, 2:5].astype(int) * kernel.weights).sum(axis=(0, 1)).astype(int).tolist()
    parts = " + ".join(f"{name} {part}" for name, part in zip("RGB", sums, strict=True))
    assert bench.view.result.channel_text() == f"{parts} = {sum(sums)}".replace("-", "−")
    chooser = bench.child("equationChannel")
    said = bench.heard(bench.view.weight_changed)
    for channel in range(3):
        chooser.setCurrentIndex(channel)
        assert sides(bench.view.result.sum_text()) == (sums[channel],) * 2
        assert number(bench.value) == sum(sums)
        editor = bench.click((0, 1))
        editor.setText("50")
        editor.setModified(True)
        bench.qtbot.keyClick(editor, Key.Key_Return)
    assert said == [(0, 1, channel, 50.0) for channel in range(3)]
    assert bench.view.text().startswith("(R (")
