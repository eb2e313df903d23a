"""Nothing that can be pressed or read moves when another kernel is chosen or a cell is selected."""

import pytest
from PyQt6.QtCore import QPoint
from PyQt6.QtWidgets import QTableView, QWidget

CONTROLS = (
    "divisorEdit", "transposeButton", "kernelFacts", "operationCombo", "strideY", "channelCombo", "outputSizeLabel",
    "clippedLabel", "readoutPosition", "experimentLabel",
)  # fmt: skip
PRESETS = ("identity", "sobel-x", "gaussian", "gabor", "shift", "motion", "box")


@pytest.mark.parametrize("size", [(1366, 768), (1280, 720)])
def test_controls_stay_where_they_are(window, control, size):
    window.resize(*size)
    window.show()
    window.wait_until_idle()
    combo, seen = control("presetCombo"), set()
    for name in PRESETS:
        combo.setCurrentIndex(combo.findData(name))
        window.wait_until_idle()
        table = window.findChild(QTableView, "kernelTable")
        table.setCurrentIndex(table.model().index(0, 1))
        window.wait_until_idle()
        seen.add(tuple(control(each).mapTo(window, QPoint()).y() for each in CONTROLS))
    assert len(seen) == 1


def test_the_output_size_is_in_sight_in_a_low_window(window, control):
    window.resize(1280, 720)
    window.show()
    window.wait_until_idle()
    label: QWidget = control("outputSizeLabel")
    assert label.visibleRegion().boundingRect() == label.rect()
