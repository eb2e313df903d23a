"""The pages of the real window: each is made when it is first shown, and then as if it had been there."""

import subprocess
import sys

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication, QWidget

from viewer import theme
from viewer.widgets import ToolButton

LATER = {"gradient": 7, "layers": 2, "network": 6, "stage": 6}
"""The pages that are not there from the beginning, and how many of their buttons do what an action does."""

PROBE = """
import sys
from PyQt6.QtWidgets import QApplication
application = QApplication([])
from viewer.app import build
window = build()

def show_pages():
    print(*sorted(name for name in list(sys.modules) if name.startswith("viewer.pages.") and name.endswith(".page")))

show_pages()
window._ahead.timeout.emit()
window.wait_until_idle(60)
show_pages()
window.close()
"""


def test_a_page_and_its_modules_come_when_it_is_first_shown(window, choose):
    done = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True, check=True)
    first, later = done.stdout.splitlines()
    assert first == "viewer.pages.filter.page"
    assert later.split() == [
        f"viewer.pages.{name}.page" for name in ("filter", "gradient", "layers", "network", "stage")
    ]
    assert window.frame.pages == [window.filter]
    choose("workspaceTabs", "gradient")
    assert window.frame.pages == [window.filter, window.gradient]
    choose("workspaceTabs", "filter")
    choose("workspaceTabs", "gradient")
    assert window.frame.pages == [window.filter, window.gradient]


def test_the_gradient_page_is_made_once_nobody_waits(window, qtbot, control, monkeypatch):
    field = control("divisorEdit")
    field.setFocus()
    field.setText("12")  # not yet committed
    document = window.store.document
    monkeypatch.setattr(QApplication, "mouseButtons", lambda: Qt.MouseButton.LeftButton)  # a drag
    window._get_ahead()
    window.wait_until_idle(60)
    window._spare.timeout.emit()
    assert window.frame.pages == [window.filter]
    monkeypatch.undo()
    qtbot.waitUntil(lambda: len(window.frame.pages) == 2)
    assert window.frame.pages == [window.filter, window.__dict__["gradient"]]
    assert window.frame.front is window.filter
    assert field.hasFocus()
    assert field.text() == "12"
    assert window.store.document is document
    assert not window._spare.isActive()


def test_all_actions_are_listed_before_their_pages_are_made(window):
    names = {action.objectName() for _group, action, _words in window.list_actions()}
    assert {"compareOperators", "putFilterBack", "cropPicture", "removeStage", "stage", "playStage"} <= names
    for name in ("putFilterBack", "restoreFilter", "similarFilter", "removeStage", "playStage", "copyLatex"):
        assert not window.intents.action(name).isEnabled(), name
    assert window.frame.pages == [window.filter]


@pytest.mark.parametrize("workspace", LATER)
def test_the_buttons_of_a_new_page_do_what_its_actions_do(window, control, workspace):
    window.frame.go_to(workspace)
    window.wait_until_idle()
    buttons = {each.objectName(): each for each in window.frame.front.widget.findChildren(ToolButton)}
    joined = [each for each in window.intents._intents.values() if each.button in buttons]
    assert all(buttons[each.button].defaultAction() is window.intents.action(each.name) for each in joined)
    assert len(joined) == LATER[workspace]


@pytest.mark.parametrize("workspace", LATER)
def test_a_new_page_has_the_size_of_type_that_was_chosen_before(window, workspace):
    def sizes():
        return {each.objectName(): each.sizeHint() for each in window.frame.front.widget.findChildren(ToolButton)}

    window.frame.switch_type()
    window.frame.go_to(workspace)
    window.wait_until_idle()
    first = sizes()
    theme.dress(window)
    QApplication.processEvents()
    assert sizes() == first


def test_a_new_page_has_its_panels_folded_as_the_others(window, choose, control):
    control("foldButton").click()
    choose("workspaceTabs", "gradient")
    assert not control("gradientLeftPanel").isVisible()


def test_the_pane_in_use_has_the_focus_at_the_first_visit(window, choose, control):
    window.activateWindow()
    control("outputPane").setFocus()
    choose("workspaceTabs", "gradient")
    assert window.gradient.view.panes.isAncestorOf(QApplication.focusWidget())


def test_the_tabs_keep_the_focus_at_the_first_visit(window, choose, control):
    window.activateWindow()
    tab = window.findChild(QWidget, "workspaceTabs_filter")
    tab.setFocus()
    choose("workspaceTabs", "gradient")
    assert control("workspaceTabs").isAncestorOf(QApplication.focusWidget())


def test_the_first_picture_loads_nothing_that_only_other_things_need():
    """Each of these would take some of the start."""
    probe = """
import sys
from viewer.__main__ import _picture
from PyQt6.QtWidgets import QApplication
application = QApplication([])
from viewer.app import build
window = build(_picture(["camera"]))
window.wait_until_idle(60)
assert window.output() is not None
heavy = {"importlib.metadata", "numpy.random", "scipy", "tifffile", "kernels.recipe.facts", "kernels.commands.apply"}
print(*sorted(heavy & set(sys.modules)))
window.close()
"""
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
