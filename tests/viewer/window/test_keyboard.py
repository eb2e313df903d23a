"""Everything is reached without a mouse."""

from pathlib import Path

import pytest
from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtGui import QKeySequence
from PyQt6.QtWidgets import QApplication, QWidget

README = Path(__file__).parents[3] / "README.md"

CONTROLS = (
    "openButton", "copyButton", "workspaceTabs_filter", "helpButton", "presetCombo", "kernelRows", "kernelColumns",
    "kernelTable", "divisorEdit", "offsetEdit", "normaliseButton", "negateButton", "operationCombo_correlation",
    "paddingCombo_same", "borderCombo", "borderValue", "strideY", "strideX", "dilationY", "dilationX", "channelCombo",
    "inputPane", "outputPane", "arithmeticStrip", "rangeCombo", "levelLowHandle", "levelHigh",
)  # fmt: skip


@pytest.fixture
def focused(window, qtbot):
    """The names of what Tab reaches, beginning at the first button."""
    window.activateWindow()
    window.tool_bar.open.setFocus(Qt.FocusReason.TabFocusReason)
    names = []
    while len(names) < 200:
        widget = QApplication.focusWidget()
        assert isinstance(widget, QWidget)
        if names and widget.objectName() == names[0]:
            break
        names.append(widget.objectName())
        qtbot.keyClick(widget, Qt.Key.Key_Escape if widget.objectName() == "kernelTable" else Qt.Key.Key_Tab)
    return names


def test_tab_reaches_every_control_in_reading_order_and_escape_leaves_the_table(focused):
    assert [name for name in focused if name in CONTROLS] == list(CONTROLS)
    assert focused.count("kernelTable") == 1
    assert focused[focused.index("kernelTable") + 1] == "divisorEdit"


def test_a_menu_that_a_shortcut_opens_begins_at_its_first_entry(window, qtbot, control):
    menu = control("samplesButton").menu()
    seen = []

    def look():
        seen.append(menu.activeAction())
        menu.close()

    menu.aboutToShow.connect(lambda: QTimer.singleShot(50, look))
    window.intents.action("openSample").trigger()
    qtbot.waitUntil(lambda: bool(seen))
    assert seen[0] is not None
    assert seen[0] is menu.actions()[0]


def test_the_readme_names_keys_that_the_window_has(window):
    bound = {keys for _, action, _ in window.intents.listed() for keys in action.shortcuts()}
    table = README.read_text(encoding="utf-8").partition("| Keys | Action |")[2].partition("\n\n")[0]
    named = [keys for row in table.splitlines()[2:] for keys in row.split("|")[1].strip().split(", ")]
    assert len(named) > 20
    assert {keys for keys in named if QKeySequence(keys) not in bound} == set()
