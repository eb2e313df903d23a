"""Learned filters in the real window: from the Gradient workspace to the Filter workspace and back."""

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QWidget

from kernels.cnn import load
from kernels.pictures.reading import open_sample


@pytest.fixture
def window(open_window):
    return open_window("chelsea")


def child(window, name):
    found = window.findChild(QWidget, name)
    assert found is not None, name
    return found


def go(window, workspace):
    tabs = child(window, "workspaceTabs")
    tabs.setCurrentIndex(tabs.findData(workspace))
    window.wait_until_idle()


def test_there_and_back_again(window, qtbot):
    go(window, "gradient")
    tiles = child(window, "learnedFilters")
    tiles.setFocus()
    qtbot.keyClick(tiles, Qt.Key.Key_Right)
    window.wait_until_idle()
    page = window.gradient
    picture = open_sample("chelsea").pixels
    expected = load("colournet").responses(picture)[1]
    assert np.allclose(page.learned.saveable(window.river.moment).values, expected, atol=1e-3)

    page.learned.card.open_in_editor("all")
    window.wait_until_idle()
    assert child(window, "workspaceTabs").currentData() == "filter"
    assert window.output().shape == picture.shape[:2]

    # The editor changes one weight of the channel that it shows; the filter changes there and nowhere else.
    model = child(window, "kernelTable").model()
    model.setData(model.index(0, 0), "2.5")
    window.wait_until_idle()
    go(window, "gradient")
    child(window, "putBackButton").click()
    window.wait_until_idle()
    edit = window.store.document.filter_edits[0].kernel.weights
    difference = np.argwhere(edit != load("colournet").filters(0)[1])
    assert difference.tolist() == [[0, 0, 0]]
    assert not np.allclose(page.learned.saveable(window.river.moment).values, expected, atol=1e-3)

    child(window, "undoButton").click()
    window.wait_until_idle()
    assert np.allclose(page.learned.saveable(window.river.moment).values, expected, atol=1e-3)
