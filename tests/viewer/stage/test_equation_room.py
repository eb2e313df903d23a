"""The line of arithmetic: nothing is cut off, whatever the kernel, the size of the window and the theme."""

from collections.abc import Callable
from itertools import pairwise, product

import numpy as np
import pytest
from PyQt6.QtGui import QFontMetricsF
from PyQt6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit

from kernels import Kernel
from tests.viewer.stage.equation_bench import CAMERA, SIZES, SOBEL, Bench, Key, colours, reading
from viewer import theme
from viewer.pages.stage.views.equation import Equation
from viewer.pages.stage.views.equation.flow import Lines
from viewer.pages.stage.views.equation.plan import type_of


def camera_like(shape: tuple[int, ...]) -> np.ndarray:
    return np.random.default_rng(7).integers(0, 256, shape).astype(np.uint8)


# -- room --------------------------------------------------------------------------------------------------------------


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


@pytest.mark.parametrize("case", CASES)
def test_nothing_is_cut_off_or_overlaps(bench: Bench, case: str) -> None:
    pixels, kernel = CASES[case]()
    for size, predicting in product(SIZES, (False, True)):
        bench.view.resize(*size)
        bench.show(pixels, kernel, (3, 33), predicting=predicting, border="reflect")
        _nothing_cut_off(bench.view)


def _nothing_cut_off(view: Equation) -> None:
    plan = view._plan
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


@pytest.mark.parametrize("shape", [(1, 7), (1, 9), (9, 1), (7, 1)])
def test_long_kernels_have_a_number_in_every_cell(bench: Bench, shape: tuple[int, int]) -> None:
    """A motion blur: each weight stands in line with its value and its product, or beside them."""
    for size, factor in product(SIZES, (1.0, -1.0, 9.0)):
        bench.view.resize(*size)
        bench.show(camera_like((70, 70)), Kernel(np.full(shape, factor / 9), divisor=abs(factor)), (35, 35))
        _numbers_in_every_cell(bench.view)


def _numbers_in_every_cell(view: Equation) -> None:
    assert not view.kernel_grid.is_coloured
    assert view._plan.number >= 16
    metrics = QFontMetricsF(type_of(view._plan.number, 600))
    parts = [*view.grids, view.result, view.divisor_edit, view.offset_edit]
    for before, part in enumerate(parts):
        assert view.rect().contains(part.geometry())
        for other in parts[:before]:
            assert not part.geometry().adjusted(6, 6, -6, -6).intersects(other.geometry().adjusted(1, 1, -1, -1))
    for grid in view.grids:
        cell = grid.rect_of((0, 0))
        assert max(metrics.horizontalAdvance(text) for row in grid.texts for text in row) <= cell.width()
        assert metrics.capHeight() <= cell.height() - 2
    if view.kernel_grid.y() > view.window_grid.y():  # one below the other
        assert len({grid.x() for grid in view.grids}) == len({grid.width() for grid in view.grids}) == 1
        for title, grid in zip(view._plan.titles, view.grids, strict=True):
            assert title.right() < grid.x()


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
