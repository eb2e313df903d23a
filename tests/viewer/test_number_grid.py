"""The heat map of the arithmetic strip: its colours, its hatching, its cost."""

import numpy as np
import pytest
from PyQt6.QtGui import QColor

from viewer import theme
from viewer.pages.filter.views.arithmetic.number_grid import NON_FINITE, NumberGrid


@pytest.fixture
def grid(qtbot):
    made = NumberGrid("grid", "Grid", "Numbers")
    qtbot.addWidget(made)
    return made


def show(grid, values, *, diverging, hatched=None):
    values = np.asarray(values, float)
    grid.show_values(
        values, np.zeros(values.shape, bool) if hatched is None else hatched, signed=False, diverging=diverging
    )
    grid.fit(90, 90)
    assert grid.is_heat_map
    return grid.grab().toImage()


def colour_of(grid, picture, row, column):
    centre = grid.rect_of((row, column)).center()
    return picture.pixelColor(centre.toPoint())


def ramp():
    values = np.zeros((9, 9))
    values[0, 0], values[4, 4], values[8, 8] = -2.0, 1.0, 2.0
    return values


def test_weights_diverge_around_zero(grid):
    picture = show(grid, ramp(), diverging=True)
    for (row, column), share in {(0, 0): -1.0, (4, 4): 0.5, (8, 8): 1.0, (2, 5): 0.0}.items():
        found, wanted = colour_of(grid, picture, row, column), theme.diverging(share)
        assert max(abs(a - b) for a, b in zip(found.getRgb(), wanted.getRgb(), strict=True)) <= 1


def test_values_go_from_black_to_white_and_what_is_not_finite_stands_out(grid):
    values = ramp()
    values[3, 1], values[6, 2] = np.nan, np.inf
    picture = show(grid, values, diverging=False)
    assert colour_of(grid, picture, 0, 0) == QColor("black")
    assert colour_of(grid, picture, 8, 8) == QColor("white")
    assert colour_of(grid, picture, 3, 1) == colour_of(grid, picture, 6, 2) == NON_FINITE


@pytest.mark.parametrize("value", [0.0, 7.0, np.nan])
def test_equal_values_are_one_grey(grid, value):
    picture = show(grid, np.full((9, 9), value), diverging=False)
    colours = {colour_of(grid, picture, row, row).rgb() for row in range(9)}
    assert len(colours) == 1


def test_only_what_lies_outside_is_hatched(grid):
    plain = show(grid, ramp(), diverging=True)
    hatched = np.zeros((9, 9), bool)
    hatched[0, :2] = hatched[0, 5:] = True
    marked = show(grid, ramp(), diverging=True, hatched=hatched)
    for row, column in np.ndindex(9, 9):
        area = grid.rect_of((row, column)).toRect()
        assert (plain.copy(area) != marked.copy(area)) == hatched[row, column], (row, column)
