"""The Network workspace in the real window: reached by key, fed with a sample, and told of an edited filter."""

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QWidget

from kernels.cnn import load
from viewer.pages.network.queries import GIVEN


@pytest.fixture
def window(open_window):
    return open_window("coffee")


def child(window, name):
    found = window.findChild(QWidget, name)
    assert found is not None, name
    return found


def test_a_filter_edited_on_the_first_page_changes_the_answer_on_this_one(window, qtbot):
    qtbot.keyClick(window, Qt.Key.Key_4, Qt.KeyboardModifier.AltModifier)
    window.wait_until_idle()
    assert child(window, "workspaceTabs").currentData() == "network"
    answers = child(window, "predictionView")
    assert [each.name for each in answers.columns] == ["LeNet-5", "MLP", "ColourNet"]
    assert answers.columns[0].classes[answers.columns[0].top] == "7"

    # A sample that is opened here is given to the networks.
    window.open("chelsea")
    window.wait_until_idle()
    assert window.store.document.network_input.source == "picture"
    child(window, "undoButton").click()
    window.wait_until_idle()
    assert window.store.document.network_input.source == "digit"

    # A filter of LeNet-5 goes through the editor and comes back changed.
    window.frame.go_to("gradient")
    networks = child(window, "learnedNetworkCombo")
    networks.setCurrentIndex(networks.findData("lenet5"))
    window.wait_until_idle()
    window.gradient.learned.card.open_in_editor("all")
    window.wait_until_idle()
    child(window, "negateButton").click()
    window.wait_until_idle()
    window.frame.go_to("gradient")
    window.wait_until_idle()
    child(window, "putBackButton").click()
    window.wait_until_idle()
    window.frame.go_to("network")
    window.wait_until_idle()
    trained = load("lenet5")
    edited = trained.with_filter(0, 0, -trained.filters(0)[0])
    given = window.river.moment.value(GIVEN).to(trained)
    column = child(window, "predictionView").columns[0]
    assert np.allclose(column.before, trained.predict(given[np.newaxis])[0], atol=1e-5)
    assert np.allclose(column.probabilities, edited.predict(given[np.newaxis])[0], atol=1e-5)
    assert "before" in child(window, "filterEffect").text()
