"""The Gradient workspace in the real window: its tab, undo, saving, zoom, what is remembered."""

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, Qt

from kernels import gradient
from kernels.pictures.reading import open_picture, open_sample
from viewer.app import build


@pytest.fixture
def page(window, control, choose):
    """The Gradient workspace, in front and idle."""
    choose("workspaceTabs", "gradient")
    return window.controller.gradient


def test_the_tab_shows_the_gradient_of_the_open_picture(window, page, camera):
    window.open("lecture-grid")
    window.wait_until_idle()
    pixels = open_sample("lecture-grid").pixels
    shown = page.shown[1].gradient
    np.testing.assert_array_equal(shown.gx, gradient(pixels, sigma=1.0).gx)
    assert window.output().shape == pixels.shape


def test_undo_brings_the_last_operator_back(window, page, control, choose):
    choose("gradientOperatorCombo", "scharr")
    control("undoButton").click()
    window.wait_until_idle()
    assert control("gradientOperatorCombo").currentData() == "sobel"
    assert page.shown[0].options.operator == "sobel"
    control("redoButton").click()
    window.wait_until_idle()
    assert page.shown[0].options.operator == "scharr"


def test_save_and_copy_mean_the_pane_in_use(window, page, control, tmp_path, qtbot):
    path = tmp_path / "pane.npy"
    asked = []
    window.controller.menus.ask_save = lambda _title, proposal, _choices: asked.append(proposal) or str(path)
    pane = control("gradientGyPane")
    qtbot.mouseClick(pane, Qt.MouseButton.LeftButton, pos=pane.position_of(100, 100).toPoint())
    window.action("saveRaw").trigger()
    window.wait_until_idle()
    np.testing.assert_array_equal(np.load(path), page.shown[1].gradient.gy)
    assert "camera-gy-sobel" in asked[0]
    path = tmp_path / "pane.jpg"
    page.save_requested.emit("direction", "shown")
    window.wait_until_idle()
    assert open_picture(str(path)).pixels.shape == page.shown[1].images["direction"][0].shape


def test_the_status_row_reads_the_gradient_under_the_pointer(window, page, control, qtbot):
    pane = control("gradientGxPane")
    qtbot.mouseMove(pane, QPoint(10, 5))
    qtbot.mouseMove(pane, pane.position_of(100.5, 200.5).toPoint())
    y, x = window.controller.store.session.gradient.pixel
    assert control("statusFacts").text().startswith(f"y {y}, x {x}: gx ")
    qtbot.mouseMove(pane, QPoint(10, 5))
    assert control("statusFacts").text().startswith("camera")


def test_zoom_belongs_to_the_workspace_in_front(window, page, control, choose):
    window.action("zoomActual").trigger()
    assert control("zoomLabel").text() == "100 %"
    choose("workspaceTabs", "filter")
    assert control("zoomLabel").text() != "100 %"
    choose("workspaceTabs", "gradient")
    assert control("zoomLabel").text() == "100 %"


def test_projector_mode_folds_the_options(window, page, control):
    assert control("gradientLeftPanel").isVisible()
    control("projectorButton").click()
    assert not control("gradientLeftPanel").isVisible()
    control("projectorButton").click()
    assert control("gradientLeftPanel").isVisible()


def test_the_colours_of_the_directions_are_remembered(window, page, control, qtbot):
    control("gradientColours").click()
    window.wait_until_idle()
    window.close()
    again = build()
    qtbot.addWidget(again)
    assert again.controller.store.session.gradient.direction_colours == "twilight"
    again.close()


def test_everything_has_room_at_the_smallest_common_screen(window, page, control):
    window.resize(1366, 768)
    window.wait_until_idle()
    panel = control("gradientLeftPanel")
    assert control("gradientOptions").minimumSizeHint().width() <= panel.width() - 24
    assert control("gradientCompare").visibleRegion().boundingRect().height() == control("gradientCompare").height()
