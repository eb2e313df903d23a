"""Nothing that can be pressed or read moves when another kernel is chosen or a cell is selected."""

from PyQt6.QtCore import QPoint
from PyQt6.QtWidgets import QTableView

CONTROLS = (
    "divisorEdit", "transposeButton", "kernelFacts", "operationCombo", "strideY", "channelCombo", "outputSizeLabel",
    "clippedLabel", "readoutPosition", "experimentLabel",
)  # fmt: skip
PRESETS = ("identity", "sobel-x", "gaussian", "gabor", "shift", "motion", "box")


def test_controls_stay_where_they_are_and_the_output_size_is_in_sight(window, control):
    combo, label = control("presetCombo"), control("outputSizeLabel")
    for size in ((1366, 768), (1280, 720)):
        window.resize(*size)
        window.wait_until_idle()
        assert label.visibleRegion().boundingRect() == label.rect()
        seen = set()
        for name in PRESETS:
            combo.setCurrentIndex(combo.findData(name))
            window.wait_until_idle()
            table = window.findChild(QTableView, "kernelTable")
            table.setCurrentIndex(table.model().index(0, 1))
            window.wait_until_idle()
            seen.add(tuple(control(each).mapTo(window, QPoint()).y() for each in CONTROLS))
        assert len(seen) == 1, size
