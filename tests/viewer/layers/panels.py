"""The panel of options to test, fields of every kind, and what a hand does to them."""

from PyQt6.QtWidgets import QWidget

from viewer.pages.layers.cards import Field
from viewer.pages.layers.views.options import WIDTH, OptionsPanel

NUMBER = Field("epsilon", "ε", "number", 0.5, "Added to the variance")
WHOLE = Field("layer", "Layer", "whole", 2, "Counted from 0", (), 0, 9)
PAIR = Field("stride", "Stride", "pair", (1, 2), "From window to window", (), 1, 99)
CHOICE = Field("border", "Border", "choice", "wrap", "Where values come from",
               (("constant", "Constant", "v v"), ("wrap", "Wrap", "b c")))  # fmt: skip
SWITCH = Field("ceil", "Round up", "switch", False, "Round the size up")
TEXT = Field("mean", "Mean", "text", "1 2", "One or several", placeholder="measured")
LINE = Field("kernel", "Kernel", "line", "sobel-x", "A name or rows")
LINES = Field("kernels", "Kernels", "lines", "sobel-x\nsobel-y", "One a line")
STEPS = Field("groups", "Groups", "steps", 2, "Parts of the maps",
              ((1, "standard", ""), (2, "2", ""), (3, "3", ""), (6, "depthwise", "")))  # fmt: skip
ALL = (NUMBER, WHOLE, PAIR, CHOICE, SWITCH, TEXT, LINE, LINES, STEPS)


def make_panel(qtbot):
    made = OptionsPanel()
    qtbot.addWidget(made)
    made.resize(WIDTH, 700)
    made.show()
    with qtbot.waitActive(made):
        made.activateWindow()
    return made


def child(panel, name):
    found = panel.findChild(QWidget, name)
    assert found is not None
    return found


def typed(qtbot, edit, text):
    edit.setFocus()
    edit.selectAll()
    qtbot.keyClicks(edit, text)
