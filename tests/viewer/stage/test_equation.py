"""The line of arithmetic: the lectures' numbers, sums as shown, editing in place, covered results, nothing cut off."""

import re
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PyQt6.QtCore import QPoint, QRectF, Qt
from PyQt6.QtGui import QFontMetricsF, QGuiApplication, QHelpEvent
from PyQt6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from kernels import Kernel, trace
from kernels.digits import ending
from kernels.filtering.border import Border
from kernels.filtering.geometry import SlidingOptions, geometry
from kernels.filtering.tracing import Arithmetic
from tests.viewer.pointer import move_to
from viewer import theme
from viewer.pages.filter.views.arithmetic.content import product_text
from viewer.pages.stage.views.equation import Equation
from viewer.pages.stage.views.equation.flow import Lines
from viewer.pages.stage.views.equation.plan import type_of

LECTURE = np.array(
    [[3, 3, 2, 1, 0], [0, 0, 1, 3, 1], [3, 1, 2, 2, 3], [2, 0, 0, 2, 2], [2, 0, 0, 0, 1]], dtype=np.uint8
)
LECTURE_KERNEL = Kernel([[0, 1, 2], [2, 2, 0], [0, 1, 2]])
SOBEL = Kernel([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
CAMERA = np.array([[97, 103, 111], [90, 91, 94], [67, 75, 73]], dtype=np.uint8)
SIZES = [(1366, 232), (1280, 215), (1920, 300), (1366, 348)]
Key = Qt.Key


def reading(pixels: np.ndarray, kernel: Kernel, position: tuple[int, int], **options: Any) -> Arithmetic:
    """What a control would hand over."""
    chosen = SlidingOptions(**options)
    has_choice = pixels.ndim == 3 and kernel.channels is None
    channels = range(pixels.shape[2]) if has_choice else (None,)
    traces = tuple(trace(pixels, kernel, position, channel=each, **options) for each in channels)
    anchor = geometry(pixels.shape[:2], kernel.shape, chosen).to_picture(*position)
    values = tuple(each.value for each in traces)
    return Arithmetic(traces, values, anchor, chosen.operation, Border(chosen.border), chosen.border_value)


class Bench:
    """An equation and how a test reads it."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.view = Equation()
        qtbot.addWidget(self.view)
        self.view.resize(1366, 232)
        with qtbot.waitExposed(self.view):
            self.view.show()
        self.kernel = SOBEL

    def show(
        self,
        pixels: np.ndarray,
        kernel: Kernel,
        position: tuple[int, int],
        *,
        covered: bool = False,
        predicting: bool = False,
        judgement: str = "",
        **options: Any,
    ) -> Arithmetic:
        self.kernel = kernel
        content = reading(pixels, kernel, position, **options)
        self.view.show_reading(content, kernel, "Kernel", covered=covered, predicting=predicting, judgement=judgement)
        return content

    def camera(self, **more: Any) -> Arithmetic:
        """The picture of the design: Sobel x at one pixel of the camera man."""
        return self.show(CAMERA, SOBEL, (1, 1), **more)

    def child(self, name: str) -> Any:
        found = self.view.findChild(QWidget, name)
        assert found is not None, name
        return found

    @property
    def value(self) -> str:
        return self.view.result.value_text()

    @property
    def products(self) -> list[list[str]]:
        return self.view.products_grid.texts

    def at(self, grid: Any, cell: tuple[int, int]) -> QPoint:
        return grid.rect_of(cell).center().toPoint()

    def click(self, cell: tuple[int, int]) -> QLineEdit:
        grid = self.view.kernel_grid
        self.qtbot.mouseClick(grid, Qt.MouseButton.LeftButton, pos=self.at(grid, cell))
        return self.editor()

    def editor(self) -> QLineEdit:
        found = self.view.kernel_grid.editor
        assert found is not None
        return found

    def heard(self, signal: Any) -> list[Any]:
        """Everything that `signal` says from now on."""
        said: list[Any] = []
        signal.connect(lambda *values: said.append(values[0] if len(values) == 1 else values))
        return said


@pytest.fixture
def bench(qtbot: QtBot) -> Bench:
    return Bench(qtbot)


def number(text: str) -> Fraction:
    return Fraction(text.replace("−", "-").replace(",", ""))


def written_sum(text: str) -> tuple[Fraction, Fraction]:
    """Both sides of a sum as it is written: "188 + 111 − 97 + rest of 440 terms: 12 = 214"."""
    left, right = text.split(" = ")
    total, sign = Fraction(0), 1
    for word in left.replace(": ", " ").split(" "):
        if word in ("+", "−"):
            sign = 1 if word == "+" else -1
        elif word not in ("rest", "of", "terms", "R", "G", "B") and "~" not in word:
            total += sign * number(word)
    return total, number(right)


def sides(text: str) -> tuple[Fraction, Fraction]:
    """The same, without the count of the terms that are left out."""
    before, found, after = text.partition("rest of ")
    return written_sum(before + after.partition("terms: ")[2] if found else text)


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


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("shape", [(1, 1), (1, 3), (3, 1), (2, 2), (3, 3), (4, 5), (5, 5), (9, 9), (31, 31), (63, 63)])
def test_what_is_shown_adds_up_as_shown(bench: Bench, shape: tuple[int, int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 256, (70, 70)).astype(np.uint8)
    content = bench.show(pixels, Kernel(rng.normal(size=shape), divisor=1 + seed), (30, 33), border="reflect")
    left, right = sides(bench.view.result.sum_text())
    assert left == right
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


def colours() -> np.ndarray:
    return np.random.default_rng(3).integers(0, 255, (6, 7, 3), dtype=np.uint8)


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


# -- editing -----------------------------------------------------------------------------------------------------------


def test_a_weight_is_typed_over_its_cell(bench: Bench) -> None:
    bench.camera()
    said = bench.heard(bench.view.weight_changed)
    grid = bench.view.kernel_grid
    grid.setFocus()
    bench.qtbot.keyClick(grid, Key.Key_Right)
    bench.qtbot.keyClick(grid, Key.Key_Down)
    assert grid.current == (1, 1)
    assert grid.accessibleDescription() == "row 2, column 2: 0"
    bench.qtbot.keyClick(grid, "1")
    bench.qtbot.keyClicks(bench.editor(), "/4")
    bench.qtbot.keyClick(bench.editor(), Key.Key_Right)
    assert said == [(1, 1, 0, 0.25)]
    assert grid.current == (1, 2)
    assert grid.hasFocus()
    for key in (Key.Key_F2, Key.Key_Return):
        bench.qtbot.keyClick(grid, key)
        assert bench.editor().text() == "2"
        bench.qtbot.keyClick(bench.editor(), Key.Key_Escape)
        assert grid.editor is None
    assert len(said) == 1


def test_a_text_that_is_no_number_is_refused_in_place(bench: Bench) -> None:
    bench.camera()
    said = bench.heard(bench.view.weight_changed)
    editor = bench.click((2, 2))
    bench.qtbot.keyClicks(editor, "two")
    bench.qtbot.keyClick(editor, Key.Key_Return)
    message = bench.child("equationMessage")
    assert message.isVisible()
    assert "two" in message.accessibleName()
    assert editor.property("invalid")
    bench.qtbot.keyClick(editor, Key.Key_Escape)
    assert not message.isVisible()
    assert said == []
    assert bench.view.kernel_grid.texts[2][2] == "1"


def test_leaving_a_cell_takes_what_was_typed(bench: Bench) -> None:
    bench.camera()
    said = bench.heard(bench.view.weight_changed)
    bench.qtbot.keyClicks(bench.click((0, 0)), "-3")
    second = bench.click((0, 1))
    assert said == [(0, 0, 0, -3.0)]
    assert second.text() == "0"
    bench.view.divisor_edit.setFocus()
    assert bench.view.kernel_grid.editor is None
    assert len(said) == 1


def test_a_whole_kernel_does_not_fit_into_a_cell(bench: Bench) -> None:
    bench.camera()
    QGuiApplication.clipboard().setText("1 2; 3 4")
    editor = bench.click((0, 0))
    bench.qtbot.keyClick(editor, Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert "not a whole kernel" in bench.child("equationMessage").accessibleName()


def test_divisor_and_offset(bench: Bench) -> None:
    bench.camera()
    divisors, offsets = bench.heard(bench.view.divisor_changed), bench.heard(bench.view.offset_changed)
    for name, text in (("Divisor", "0"), ("Divisor", "1/2"), ("Offset", "-12")):
        field = bench.child(f"equation{name}Edit")
        field.setFocus()
        field.selectAll()
        bench.qtbot.keyClicks(field, text)
        bench.qtbot.keyClick(field, Key.Key_Return)
        refused = bench.child("equationMessage")
        assert refused.isVisible() == (text == "0")
    assert divisors == [0.5]
    assert offsets == [-12.0]
    assert bench.heard(bench.view.weight_changed) == []


def test_a_cell_of_a_large_kernel_is_edited_too(bench: Bench) -> None:
    bench.show(np.full((70, 70), 3, np.uint8), Kernel(np.ones((31, 31))), (35, 35))
    said = bench.heard(bench.view.weight_changed)
    editor = bench.click((30, 29))
    assert bench.view.rect().contains(editor.geometry())
    assert editor.geometry().intersects(bench.view.kernel_grid.geometry())
    assert editor.width() >= 120
    bench.qtbot.keyClicks(editor, "7")
    bench.qtbot.keyClick(editor, Key.Key_Tab)
    assert said == [(30, 29, 0, 7.0)]
    assert bench.view.kernel_grid.current == (30, 30)


@pytest.mark.parametrize("shape", [(31, 31), (40, 2), (2, 40)])
def test_the_line_over_a_small_cell_shows_the_whole_weight(bench: Bench, shape: tuple[int, int]) -> None:
    bench.show(np.full((70, 70), 3, np.uint8), Kernel(np.full(shape, 0.000239404)), (35, 35))
    editor = bench.click((0, 0))
    assert editor.text() == "0.000239404"
    assert QFontMetricsF(editor.font()).horizontalAdvance(editor.text()) <= editor.width() - 8
    assert editor.visibleRegion().boundingRect() == editor.rect()


@pytest.mark.parametrize("where", ["equationResult", "equationWindow", "beside"])
def test_a_click_elsewhere_takes_what_was_typed(bench: Bench, where: str) -> None:
    bench.camera()
    said = bench.heard(bench.view.weight_changed)
    bench.qtbot.keyClicks(bench.click((0, 0)), "-3")
    target = bench.view if where == "beside" else bench.child(where)
    bench.qtbot.mouseClick(target, Qt.MouseButton.LeftButton, pos=QPoint(3, 3))
    assert bench.view.kernel_grid.editor is None
    assert said == [(0, 0, 0, -3.0)]


def test_a_divisor_with_many_figures_takes_the_room_of_the_offset(bench: Bench) -> None:
    bench.show(CAMERA, Kernel([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], divisor=50.57412), (1, 1))
    assert bench.view.divisor_edit.text() == "50.57412"
    assert bench.view.offset_edit.text() == "0"
    for field in (bench.view.divisor_edit, bench.view.offset_edit):
        assert bench.view.rect().contains(field.geometry())


# -- pointing ----------------------------------------------------------------------------------------------------------


def test_pointing_at_a_cell_marks_its_partners(bench: Bench) -> None:
    bench.camera()
    said = bench.heard(bench.view.cell_hovered)
    before = [grid.grab().toImage() for grid in bench.view.grids] + [bench.view.result.grab().toImage()]
    grid = bench.view.products_grid
    move_to(grid, bench.at(grid, (0, 0)))
    move_to(grid, bench.at(grid, (1, 2)))
    assert said[-1] == (1, 2)
    after = [each.grab().toImage() for each in bench.view.grids] + [bench.view.result.grab().toImage()]
    assert all(first != second for first, second in zip(before, after, strict=True))
    grid.leaveEvent(None)
    assert said[-1] is None
    assert bench.view.result.grab().toImage() == before[-1]


def test_a_mark_from_elsewhere_is_shown_and_not_announced(bench: Bench) -> None:
    bench.camera()
    said = bench.heard(bench.view.cell_hovered)
    before = bench.view.window_grid.grab().toImage()
    bench.view.set_marked((2, 0))
    assert bench.view.window_grid.grab().toImage() != before
    assert said == []
    bench.view.set_marked((9, 9))  # of a larger kernel that has just gone
    bench.camera()
    assert not bench.view.grab().isNull()


def tip_at(grid: Any, at: QPoint) -> tuple[str, int]:
    """The tool tip at a place of a grid, and where it ends, in its window."""
    QApplication.sendEvent(grid, QHelpEvent(QHelpEvent.Type.ToolTip, at, grid.mapToGlobal(at)))
    shown = next(each for each in QApplication.topLevelWidgets() if each.inherits("QTipLabel") and each.isVisible())
    return QToolTip.text(), shown.geometry().bottom()


def test_tool_tips_stand_above_the_line_and_go_with_what_they_say(bench: Bench) -> None:
    bench.view.move(100, 400)
    bench.camera()
    top = bench.view.mapToGlobal(QPoint(0, 0)).y()
    said, bottom = tip_at(bench.view.window_grid, bench.at(bench.view.window_grid, (1, 1)))
    assert said == "pixel y 1, x 1"
    assert bottom <= top
    bench.camera()
    assert QToolTip.text() == said
    bench.show(np.tile(CAMERA, (3, 3)), SOBEL, (4, 5))
    bench.qtbot.waitUntil(lambda: not QToolTip.isVisible())
    said, bottom = tip_at(bench.view.kernel_grid, bench.at(bench.view.kernel_grid, (0, 0)))
    assert "×" not in said
    assert bottom <= top
    QToolTip.hideText()
    assert bench.view.result.toolTip() == ""


def test_the_title_of_the_result_says_which_pixel(bench: Bench) -> None:
    bench.show(CAMERA, SOBEL, (1, 2))
    assert bench.view.result.heading() == "Output pixel y 1, x 2"
    bench.show(colours(), SOBEL, (2, 3))
    assert bench.view.result.heading() == "Output pixel y 2, x 3 · R"


def test_the_cell_under_the_pointer_is_enlarged(bench: Bench) -> None:
    pixels = np.full((20, 20), 3, np.uint8)
    bench.show(pixels, Kernel(np.arange(81.0).reshape(9, 9)), (10, 10))
    enlarged = bench.child("equationEnlarged")
    assert enlarged.isVisible()
    assert enlarged.lines() == [("", "3"), ("×", "80"), ("=", "240")]
    bench.view.set_marked((0, 2))
    assert enlarged.accessibleDescription() == "3 × 2 = 6"
    bench.camera()
    assert not enlarged.isVisible()


def test_arrow_keys_in_the_kernel_point_too(bench: Bench) -> None:
    bench.camera()
    bench.view.divisor_edit.setFocus()
    said = bench.heard(bench.view.cell_hovered)
    bench.view.kernel_grid.setFocus(Qt.FocusReason.TabFocusReason)
    bench.qtbot.keyClick(bench.view.kernel_grid, Key.Key_Down)
    assert said == [(0, 0), (1, 0)]


# -- predict -----------------------------------------------------------------------------------------------------------


def test_a_covered_result_is_a_question(bench: Bench) -> None:
    bench.camera(covered=True, predicting=True)
    button, answer = bench.child("revealButton"), bench.child("answerEdit")
    assert bench.value == "?"
    assert bench.view.result.sum_text() == "−97 + 111 − 180 + 188 − 67 + 73 = ?"
    assert bench.view.result.step_text() == ""
    assert bench.view.accessibleDescription().endswith("= ?")
    assert bench.view.latex().endswith("= ?")
    assert "28" not in bench.view.result.toolTip()
    assert isinstance(button, QAbstractButton)
    assert (button.text(), button.isVisible(), answer.isVisible()) == ("Reveal", True, True)
    place = button.geometry()
    asked = bench.heard(bench.view.reveal_requested)
    bench.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert len(asked) == 1
    bench.camera(predicting=True, judgement="Right.")
    assert (button.text(), button.isVisible(), answer.isVisible()) == ("Next", True, False)
    assert button.geometry() == place
    assert bench.view.result.heading() == "Right."
    assert bench.value == "28"
    bench.camera()
    assert not button.isVisible()


def test_a_kernel_over_channels_hides_its_total_too(bench: Bench) -> None:
    kernel = Kernel(np.random.default_rng(4).integers(-3, 4, (3, 3, 3)))
    content = bench.show(colours(), kernel, (2, 3), covered=True, predicting=True)
    assert bench.view.result.channel_text() == ""
    assert str(abs(int(content.values[0]))) not in bench.view.text()


def test_an_answer_is_announced_by_enter_only(bench: Bench) -> None:
    bench.camera(covered=True, predicting=True)
    said = bench.heard(bench.view.answered)
    answer = bench.child("answerEdit")
    answer.setFocus()
    bench.qtbot.keyClicks(answer, "0")
    bench.qtbot.keyClick(answer, Key.Key_Return)
    assert said == [0.0]
    answer.selectAll()
    bench.qtbot.keyClicks(answer, "-28")
    bench.view.kernel_grid.setFocus()
    assert said == [0.0]
    answer.setFocus()
    bench.qtbot.keyClick(answer, Key.Key_Return)
    assert said == [0.0, -28.0]
    answer.selectAll()
    bench.qtbot.keyClicks(answer, "many")
    bench.qtbot.keyClick(answer, Key.Key_Return)
    assert said == [0.0, -28.0]
    assert "many" in bench.view.result.heading()


def test_the_next_question_begins_without_an_answer(bench: Bench) -> None:
    bench.camera(covered=True, predicting=True)
    answer = bench.child("answerEdit")
    answer.setFocus()
    bench.qtbot.keyClicks(answer, "28")
    bench.camera(predicting=True)
    bench.camera(covered=True, predicting=True)
    assert answer.text() == ""
    answer.setFocus()
    bench.view.kernel_grid.setFocus()
    assert not answer.property("invalid")


def test_an_answer_can_be_begun_from_elsewhere(bench: Bench) -> None:
    bench.camera()
    assert not bench.view.is_asking
    bench.camera(covered=True, predicting=True)
    assert bench.view.is_asking
    said, answer = bench.heard(bench.view.answered), bench.child("answerEdit")
    bench.view.begin_answer("−")
    assert answer.hasFocus()
    bench.qtbot.keyClicks(answer, "28")
    assert answer.text() == "−28"
    bench.qtbot.keyClick(answer, Key.Key_Return)
    assert said == [-28.0]


def test_the_next_question_has_the_focus_after_an_answer(bench: Bench) -> None:
    bench.camera(covered=True, predicting=True)
    answer, button = bench.child("answerEdit"), bench.child("revealButton")
    for is_used in (True, False):
        button.setFocus()
        if is_used:
            bench.view.begin_answer("3")
            bench.qtbot.keyClick(answer, Key.Key_Return)
        bench.camera(predicting=True)
        bench.camera(covered=True, predicting=True)
        assert answer.hasFocus() == is_used


def test_an_empty_answer_leaves_space_to_the_stage(bench: Bench) -> None:
    bench.camera(covered=True, predicting=True)
    answer = bench.child("answerEdit")
    answer.setFocus()
    bench.qtbot.keyClick(answer, Key.Key_Space)
    assert answer.text() == ""
    bench.qtbot.keyClicks(answer, "1 /2")
    assert answer.text() == "1 /2"
    bench.qtbot.keyClick(answer, Key.Key_Escape)
    assert answer.text() == ""


@pytest.mark.parametrize("size", SIZES)
def test_why_an_answer_is_refused_is_read_whole(bench: Bench, size: tuple[int, int]) -> None:
    bench.view.resize(*size)
    bench.camera(covered=True, predicting=True)
    bench.view.begin_answer("about seven or eight")
    bench.qtbot.keyClick(bench.child("answerEdit"), Key.Key_Return)
    result, plan = bench.view.result, bench.view._plan
    said = result.heading()
    line = QRectF(0, plan.title - 20, result.width(), 40)
    box, height = result._box_of(plan, said, line)
    font = type_of(height, 600)
    needed = QFontMetricsF(font).boundingRect(QRectF(0, 0, box.width(), 1e4), Qt.TextFlag.TextWordWrap, said)
    assert height >= 16
    assert needed.height() <= box.height()
    assert box.top() >= 0
    assert box.bottom() <= result._value_middle(plan) - 0.36 * result._value_size


# -- room --------------------------------------------------------------------------------------------------------------


def camera_like(shape: tuple[int, ...]) -> np.ndarray:
    return np.random.default_rng(7).integers(0, 256, shape).astype(np.uint8)


def gaussian(side: int) -> Kernel:
    ones = np.exp(-((np.arange(side) - side // 2) ** 2) / side)
    return Kernel(np.outer(ones, ones) / ones.sum() ** 2)


CASES: dict[str, Callable[[], tuple[np.ndarray, Kernel]]] = {
    "sobel": lambda: (camera_like((70, 70)), SOBEL),
    "gaussian 5": lambda: (camera_like((70, 70)), gaussian(5)),
    "whole 5": lambda: (camera_like((70, 70)), Kernel(camera_like((5, 5)).astype(float) - 128, divisor=-256)),
    "gaussian 9": lambda: (camera_like((70, 70)), gaussian(9)),
    "noise 31": lambda: (camera_like((70, 70)), Kernel(np.random.default_rng(2).normal(size=(31, 31)))),
    "noise 63": lambda: (camera_like((70, 70)), Kernel(np.random.default_rng(2).normal(size=(63, 63)))),
    "1 x 1": lambda: (camera_like((70, 70)), Kernel([[2.5]])),
    "2 x 2": lambda: (camera_like((70, 70)), Kernel([[-1, 0], [0, 1]])),
    "1 x 3": lambda: (camera_like((70, 70)), Kernel([[-1, 0, 1]], offset=-5.5)),
    "9 x 1": lambda: (camera_like((70, 70)), Kernel(np.ones((9, 1)), divisor=9)),
    "1 x 25": lambda: (camera_like((70, 70)), Kernel(np.ones((1, 25)), divisor=25)),
    "colour": lambda: (camera_like((70, 70, 3)), SOBEL),
    "channels": lambda: (camera_like((70, 70, 3)), Kernel(np.random.default_rng(2).normal(size=(3, 3, 3)) * 100)),
    "16 bits": lambda: (camera_like((70, 70)).astype(np.uint16) * 257, Kernel(np.ones((3, 3)), divisor=9)),
    "float": lambda: (camera_like((70, 70)) * 1234.5678, Kernel(np.random.default_rng(2).normal(size=(3, 3)))),
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("predicting", [False, True])
def test_nothing_is_cut_off_or_overlaps(bench: Bench, case: str, size: tuple[int, int], predicting: bool) -> None:
    bench.view.resize(*size)
    pixels, kernel = CASES[case]()
    bench.show(pixels, kernel, (3, 33), predicting=predicting, border="reflect")
    plan, view = bench.view._plan, bench.view
    for grid in view.grids:
        assert view.rect().contains(grid.geometry())
        if plan.number:
            assert plan.number >= 16
            metrics = QFontMetricsF(type_of(plan.number, 600))
            widths = [metrics.horizontalAdvance(text) for row in grid.texts for text in row]
            assert max(widths) <= grid.rect_of((0, 0)).width()
    parts = [
        view.window_grid,
        view.kernel_grid,
        view.products_grid,
        *([] if plan.number else [view.enlarged]),
        view.result,
    ]
    for first, second in pairwise(parts):
        assert first.geometry().right() < second.geometry().left()
    for field in (view.divisor_edit, view.offset_edit):
        assert field.geometry().top() >= plan.grids[1].bottom()
        assert field.geometry().right() < view.products_grid.geometry().left()
        assert view.rect().contains(field.geometry())
    _everything_written(view)


def _everything_written(view: Equation) -> None:
    """All lines of the result are as wide and as tall as there is room for."""
    result, plan = view.result, view._plan
    lines: list[Lines] = [result._sum, result._channels]
    for each in lines:
        assert each.size >= 16 or not each.lines
        assert each.fit(3, result.width())
    assert sum(len(each.lines) for each in lines) <= 4
    value = QFontMetricsF(type_of(result._value_size, 700)).horizontalAdvance(result.value_text())
    right = result.reveal.geometry().left() if result.reveal.isVisible() else result.width()
    assert value <= right
    assert result._value_size >= 26
    note = QFontMetricsF(type_of(plan.type_size(17)))
    assert note.horizontalAdvance(result.step_text()) <= result.width()
    assert plan.grids[0].left() + note.horizontalAdvance(view._note()) <= plan.grids[1].left()


@pytest.mark.parametrize("size", SIZES)
def test_numbers_are_large(bench: Bench, size: tuple[int, int]) -> None:
    bench.view.resize(*size)
    bench.camera()
    assert bench.view._plan.number >= (24 if size[0] >= 1366 else 22)
    assert bench.view.result._value_size >= 50


@pytest.mark.parametrize("shape", [(3, 3), (5, 5), (1, 25), (5, 4)])
def test_small_kernels_have_a_number_in_every_cell(bench: Bench, shape: tuple[int, int]) -> None:
    is_long = max(shape) > 5
    bench.show(camera_like((70, 70)), Kernel(np.ones(shape)), (35, 35))
    assert bench.view.kernel_grid.is_coloured == is_long
    bench.show(camera_like((70, 70)), Kernel(np.ones((6, 6))), (35, 35))
    assert bench.view.kernel_grid.is_coloured


def test_the_line_stays_calm_while_the_window_slides(bench: Bench) -> None:
    pixels = camera_like((3, 60))
    pixels[:, 30:] = 1
    bench.show(pixels, SOBEL, (1, 10))
    places = [grid.geometry() for grid in bench.view.grids]
    for x in range(11, 50):
        bench.show(pixels, SOBEL, (1, x))
        assert [grid.geometry().width() for grid in bench.view.grids] == [place.width() for place in places]


@pytest.mark.parametrize("size", [(1366, 232), (1280, 215)])
@pytest.mark.parametrize("kernel", [SOBEL, Kernel(np.full((3, 3), 1 / 9)), Kernel([[5]])])
def test_the_columns_stand_still_wherever_the_pixel_is(bench: Bench, kernel: Kernel, size: tuple[int, int]) -> None:
    bench.view.resize(*size)
    pixels = np.zeros((9, 400), np.uint8)
    pixels[:, 100:] = np.arange(300) % 256
    places = set()
    for x in (50, 102, 103, 115, 250, 355, 356, 50):
        content = reading(pixels, kernel, (5, x))
        bench.view.show_reading(
            content, kernel, "Kernel", covered=False, predicting=False, judgement="", value_range=(0.0, 255.0)
        )
        places.add((bench.view._plan.result.left(), *(grid.geometry().left() for grid in bench.view.grids)))
    assert len(places) == 1


@pytest.mark.parametrize("size", SIZES)
def test_the_sum_does_not_stand_on_a_line_by_itself(bench: Bench, size: tuple[int, int]) -> None:
    bench.view.resize(*size)
    for seed in range(30):
        bench.show(np.random.default_rng(seed).integers(0, 256, (5, 5)).astype(np.uint8), SOBEL, (2, 2))
        lines = bench.view.result._sum.lines
        assert len(lines) == 1 or len(lines[-1]) > 1


def test_smallest_type_and_contrast_in_both_themes(bench: Bench, qapp: QApplication) -> None:
    for name in ("dark", "light"):
        theme.apply(qapp, name)
        bench.show(colours(), SOBEL, (0, 0), covered=True, predicting=True)
        for kind in (QLineEdit, QAbstractButton, QLabel):
            for child in bench.view.findChildren(kind):
                assert child.font().pixelSize() >= 16, child.objectName()
        grid = bench.view.kernel_grid
        for cell in np.ndindex(3, 3):
            assert theme.contrast(grid.ink(cell), grid.ground(cell)) >= 4.5
    theme.apply(qapp, "dark")


def test_greys_of_the_picture_are_exact(bench: Bench) -> None:
    content = reading(CAMERA, SOBEL, (1, 1))
    grey = np.repeat(CAMERA[:, :, np.newaxis], 3, axis=2)
    bench.view.show_reading(
        content, SOBEL, "Sobel x", covered=False, predicting=False, judgement="", window_colours=grey,
        value_colour=(200, 150, 100),
    )  # fmt: skip
    grid = bench.view.window_grid
    image = grid.grab().toImage()
    for cell in np.ndindex(3, 3):
        rect = grid.rect_of(cell)
        corner = image.pixelColor(int(rect.left()) + 8, int(rect.top()) + 4)
        assert corner.red() == CAMERA[cell]
        assert theme.contrast(grid.ink(cell), grid.ground(cell)) >= 4.5
    shown = bench.view.result.grab().toImage()
    seen = {shown.pixelColor(x, y).getRgb()[:3] for x in range(shown.width()) for y in (100, 104)}
    assert (200, 150, 100) in seen


def test_without_a_reading_the_kernel_is_there(bench: Bench) -> None:
    bench.camera()
    bench.view.show_reading(None, SOBEL, "Sobel x", covered=False, predicting=False, judgement="")
    assert bench.view.text() == bench.view.latex() == bench.view.accessibleDescription() == ""
    assert bench.value == ""
    assert bench.view.kernel_grid.texts[1] == ["−2", "0", "2"]
    assert bench.products == [[""] * 3] * 3
    assert not bench.child("revealButton").isVisible()
    said = bench.heard(bench.view.weight_changed)
    bench.qtbot.keyClicks(bench.click((0, 0)), "5")
    bench.qtbot.keyClick(bench.editor(), Key.Key_Return)
    assert said == [(0, 0, 0, 5.0)]


def test_a_reading_of_another_kernel_is_not_shown(bench: Bench) -> None:
    content = reading(CAMERA, SOBEL, (1, 1))
    bench.view.show_reading(content, Kernel(np.ones((2, 2))), "Box", covered=False, predicting=False, judgement="")
    assert bench.value == ""
    assert bench.view.kernel_grid.texts == [["1", "1"], ["1", "1"]]


def test_every_control_is_described_and_reached_by_tab(bench: Bench) -> None:
    bench.show(colours(), SOBEL, (2, 3), covered=True, predicting=True)
    assert bench.view.objectName() == "equation"
    names = ["equationKernel", "equationDivisorEdit", "equationOffsetEdit", "answerEdit", "revealButton"]
    for name in [*names, "equationChannel"]:
        child = bench.child(name)
        assert child.accessibleName()
        assert child.toolTip()
    bench.child(names[0]).setFocus()
    for name in names[1:]:
        bench.qtbot.keyClick(QApplication.focusWidget(), Key.Key_Tab)
        assert QApplication.focusWidget().objectName() == name
