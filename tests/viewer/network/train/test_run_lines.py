"""The lines of runs can be told apart, also by people who see few colours."""

from itertools import combinations

import numpy as np
import pytest
from PyQt6.QtCore import QPointF
from PyQt6.QtGui import QColor

from viewer import theme
from viewer.pages.network.train.views.run_lines import DASHES, ON_DARK, ON_LIGHT, polygon, run_pen

# Machado, Oliveira, Fernandes (2009), A physiologically-based model for simulation of color vision deficiency, full.
SEEN = {
    "protanope": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranope": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "tritanope": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}
XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def _lab(name, matrix):
    rgb = np.array(QColor(name).getRgbF()[:3])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(np.asarray(matrix) @ linear, 0, 1)
    x, y, z = np.cbrt(np.maximum(XYZ @ seen / XYZ.sum(axis=1), 1e-6))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize(("colours", "palette"), [(ON_DARK, theme.DARK), (ON_LIGHT, theme.LIGHT)])
def test_they_read_on_their_ground_and_differ_for_everyone(colours, palette):
    for each in colours:
        assert theme.contrast(QColor(each), palette.ground) >= 4.5
    all_lines = [*colours, palette.accent.name()]
    for matrix in (np.eye(3), *SEEN.values()):
        for one, other in combinations(all_lines, 2):
            assert np.linalg.norm(_lab(one, matrix) - _lab(other, matrix)) > 11, (one, other)


def test_sixteen_runs_have_a_colour_and_dashes_each():
    pens = {(run_pen(number).color().name(), tuple(run_pen(number).dashPattern())) for number in range(16)}
    assert len(pens) == 16
    assert len(DASHES) == len(ON_DARK) == len(ON_LIGHT)


def test_a_polygon_has_the_points_that_there_are():
    made = polygon(np.array([0.5, 1.0, 2.0]), np.array([3.0, np.nan, 4.25]))
    assert [made[each] for each in range(made.count())] == [QPointF(0.5, 3.0), QPointF(2.0, 4.25)]
    assert polygon(np.zeros(0), np.zeros(0)).count() == 0
