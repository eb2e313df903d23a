"""The Gradient workspace in the real window: its tab, undo, saving, zoom, what is remembered."""

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, Qt

from kernels import gradient
from kernels.pictures.reading import open_picture
from tests.viewer.pointer import move_to
from viewer.app import build
from viewer.pages.gradient.queries import PANES


@pytest.fixture
def page(window, grid, control, choose):
    """The Gradient workspace, in front and idle."""
    choose("workspaceTabs", "gradient")
    return window.gradient


def test_the_tab_shows_the_gradient_of_the_open_picture(window, page, camera):
    window.open("camera")
    window.wait_until_idle()
    shown = window.river.moment.value(PANES).gradient
    np.testing.assert_array_equal(shown.gx, gradient(camera.astype(np.uint8), sigma=1.0).gx)
    assert window.output().shape == camera.shape


def test_undo_brings_the_last_operator_back(window, page, control, choose):
    choose("gradientOperatorCombo", "scharr")
    control("undoButton").click()
    window.wait_until_idle()
    assert control("gradientOperatorCombo").currentData() == "sobel"
    assert window.river.moment.value(PANES).options.operator == "sobel"
    control("redoButton").click()
    window.wait_until_idle()
    assert window.river.moment.value(PANES).options.operator == "scharr"


def test_save_and_copy_mean_the_pane_in_use(window, page, control, tmp_path, qtbot):
    path = tmp_path / "pane.npy"
    asked = []
    window.dialogs.ask_save = lambda _title, proposal, _choices: asked.append(proposal) or str(path)
    pane = control("gradientGyPane")
    qtbot.mouseClick(pane, Qt.MouseButton.LeftButton, pos=pane.position_of(4, 4).toPoint())
    window.intents.call("saveRaw")
    window.wait_until_idle()
    np.testing.assert_array_equal(np.load(path), window.river.moment.value(PANES).gradient.gy)
    assert "lecture-grid-gy-sobel" in asked[0]
    path = tmp_path / "pane.jpg"
    page.view.panes.save_requested.emit("direction", "shown")
    window.wait_until_idle()
    assert open_picture(str(path)).pixels.shape == (10, 10, 3)


def test_the_status_row_reads_the_gradient_under_the_pointer(window, page, control, qtbot):
    pane = control("gradientGxPane")
    move_to(pane, QPoint(10, 5))
    move_to(pane, pane.position_of(4.5, 6.5).toPoint())
    y, x = window.store.session.gradient.pixel
    assert f"y {y}, x {x}: gx " in control("statusFacts").text()
    move_to(pane, QPoint(10, 5))
    assert control("statusFacts").text().startswith("lecture-grid    Sobel, ")


def test_zoom_belongs_to_the_workspace_in_front(window, page, control, choose):
    window.intents.call("zoomActual")
    assert control("zoomLabel").text() == "100 %"
    choose("workspaceTabs", "filter")
    assert control("zoomLabel").text() != "100 %"
    choose("workspaceTabs", "gradient")
    assert control("zoomLabel").text() == "100 %"


def test_folding_the_panels_folds_the_options(window, page, control):
    assert control("gradientLeftPanel").isVisible()
    control("foldButton").click()
    assert not control("gradientLeftPanel").isVisible()
    control("foldButton").click()
    assert control("gradientLeftPanel").isVisible()


def test_every_action_of_the_page_has_a_key_and_its_button(window, page, control):
    keys = {
        "compareOperators": "Alt+Shift+C", "automaticThresholds": "Alt+Shift+A", "directionColours": "Alt+Shift+D",
        "maximisePane": "Alt+Shift+M", "openFilter": "Alt+Shift+O", "putFilterBack": "Alt+Shift+P",
        "restoreFilter": "Alt+Shift+R", "similarFilter": "Alt+Shift+L", "filterNumbers": "Alt+Shift+N",
        "countAccuracy": "Alt+Shift+T",
    }  # fmt: skip
    for name, key in keys.items():
        assert window.intents.action(name).shortcut().toString() == key
    assert control("similarButton").defaultAction() is window.intents.action("similarFilter")
    assert control("similarButton").text().startswith("Like the editor's kernel: ")
    assert not control("gradientAutomatic").isEnabled()
    assert not window.intents.action("putFilterBack").isEnabled()
    assert not window.intents.action("restoreFilter").isEnabled()


def test_an_action_of_the_page_brings_it_to_the_front(window, control):
    window.intents.call("maximisePane")
    window.wait_until_idle()
    assert control("workspaceTabs").currentData() == "gradient"
    assert window.store.session.gradient.maximised


def test_the_comparison_stays_beside_the_window_until_it_is_closed(window, page):
    window.intents.call("compareOperators")
    window.wait_until_idle(30)
    dialog = page.accuracy.dialog
    assert dialog.isVisible()
    assert dialog.table.rowCount() > 5
    dialog.close()
    assert not window.store.session.gradient.comparison


def test_a_button_does_what_its_action_does(window, page, control):
    control("gradientColours").click()
    assert window.store.session.gradient.direction_colours == "twilight"
    assert control("gradientColours").isChecked()
    window.intents.call("directionColours")
    assert not control("gradientColours").isChecked()


def test_the_colours_of_the_directions_are_remembered(window, page, control, qtbot):
    control("gradientColours").click()
    window.wait_until_idle()
    window.close()
    again = build()
    qtbot.addWidget(again)
    assert again.store.session.gradient.direction_colours == "twilight"
    again.close()


def test_everything_has_room_at_the_smallest_common_screen(window, page, control):
    window.resize(1366, 768)
    window.wait_until_idle()
    panel = control("gradientLeftPanel")
    assert control("gradientOptions").minimumSizeHint().width() <= panel.width() - 24
    assert control("gradientCompare").visibleRegion().boundingRect().height() == control("gradientCompare").height()
