"""The list of all actions: what is found, and by which words."""

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QWidget

from viewer.window.action_search import ActionSearch


@pytest.fixture
def search(qtbot):
    owner = QWidget()
    qtbot.addWidget(owner)
    actions = []
    for name, text, words in (
        ("openPicture", "Open a picture…", ""),
        ("foldPanels", "Fold the panels", "hide side border"),
    ):
        action = QAction(text, owner)
        action.setObjectName(name)
        action.setStatusTip("Why not" if name == "foldPanels" else "")
        actions.append(("View", action, words))
    made = ActionSearch(actions, owner)
    made.show()
    yield made
    made.close()


def found(search) -> list[str]:
    rows = (search.list.item(row) for row in range(search.list.count()))
    return [row.data(0x0100).objectName() for row in rows]


def test_an_action_is_found_by_its_keywords_too(search):
    search.search.setText("border")
    assert found(search) == ["foldPanels"]
    search.search.setText("view picture")
    assert found(search) == ["openPicture"]


def test_where_nothing_is_found_a_sentence_says_so(search):
    assert search.none.isHidden()
    search.search.setText("quux")
    assert found(search) == []
    assert search.none.isVisible()
    assert "quux" in search.none.text()
    search.search.setText("")
    assert search.none.isHidden()
    assert search.list.isVisible()


def test_what_is_greyed_says_why(search):
    search.search.setText("fold")
    item = search.list.item(0)
    assert item.data(Qt.ItemDataRole.AccessibleDescriptionRole) == "Why not"
    assert search.list.itemWidget(item).toolTip() == "Why not"
