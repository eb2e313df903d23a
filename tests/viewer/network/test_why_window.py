"""Asking why in the real window, with the shipped networks."""

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QWidget

from kernels.cnn import datasets, load
from viewer.app import build
from viewer.pages.network.below_queries import FOOLED, MADE
from viewer.pages.network.why_queries import COVERED, shifts_purpose


@pytest.fixture
def window(qtbot):
    made = build("lecture-grid")
    qtbot.addWidget(made)
    made.resize(1366, 768)
    made.show()
    made.wait_until_idle()
    tabs = child(made, "workspaceTabs")
    tabs.setCurrentIndex(tabs.findData("network"))
    made.wait_until_idle(60)
    yield made
    made.close()


def child(window, name):
    found = window.findChild(QWidget, name)
    assert found is not None, name
    return found


def value(window, purpose):
    return window.river.moment.value(purpose)


def test_a_digit_is_moved_by_its_map_and_covered_by_the_patch(window, qtbot) -> None:
    seven, network = datasets.shipped_digits().images[0], load("lenet5")
    said = value(window, shifts_purpose("lenet5")).probabilities
    assert said[8, 8].argmax() == 7
    assert np.allclose(said[8, 8], network.predict(seven[np.newaxis])[0], atol=1e-6)

    first = child(window, "shiftMap0")
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down):
        qtbot.keyClick(first, key)
    window.wait_until_idle(60)
    shifted = np.zeros_like(seven)
    shifted[1:, 2:] = seven[:-1, :-2]
    assert child(window, "moveRightEdit").value() == 2
    assert np.allclose(said[9, 10], network.predict(shifted[np.newaxis])[0], atol=1e-6)

    picture = child(window, "whyPicture")
    qtbot.mouseClick(picture, Qt.MouseButton.LeftButton, pos=picture.cell(20, 12).center())
    qtbot.keyClick(picture, Qt.Key.Key_Left)
    window.wait_until_idle(60)
    covered = shifted.copy()
    covered[18:23, 9:14] = round(network.preprocessing.mean[0])
    assert np.allclose(value(window, COVERED).probabilities, network.predict(covered[np.newaxis])[0], atol=1e-6)

    for dx, dy in ((2, 0), (1, 0), (0, 0)):  # each tap of a key is a step
        child(window, "undoButton").click()
        assert (window.store.document.network_input.dx, window.store.document.network_input.dy) == (dx, dy)
    window.wait_until_idle(60)
    assert window.store.session.network.patch == (20, 11)  # how it is looked at is not undone


def test_a_shipped_network_is_fooled(window) -> None:
    tabs = child(window, "networkTabs")
    tabs.setCurrentIndex(tabs.findData("fooling"))
    target = child(window, "foolingTarget")
    target.setCurrentIndex(target.findData(3))
    window.wait_until_idle(60)
    found = value(window, FOOLED)
    assert found.is_fooled
    assert load("lenet5").predict(found.picture[np.newaxis])[0].argmax() == 3
    assert "takes it for a 3" in child(window, "foolingSentence").text()


def test_making_an_input_is_stopped_and_begun_again(window, qtbot) -> None:
    tabs = child(window, "networkTabs")
    tabs.setCurrentIndex(tabs.findData("wants"))
    qtbot.waitUntil(lambda: window.river.moment.is_busy(MADE))
    child(window, "cancelMadeButton").click()
    window.wait_until_idle(60)
    assert value(window, MADE) is None
    assert child(window, "madeSentence").text() == "Stopped."
    child(window, "wantsAgainButton").click()
    window.wait_until_idle(60)
    assert child(window, "madeInput").image.shape == (28, 28)
    assert not child(window, "wantsAgainButton").isVisible()
