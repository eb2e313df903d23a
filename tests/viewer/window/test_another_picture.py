"""From one picture to the next: input and output change together, and nothing stale stands beside the new one."""

import gc
import weakref

import numpy as np
import pytest
from PyQt6.QtCore import QCoreApplication, QEvent, QTimer

from kernels.kernel import Kernel
from viewer.app import build
from viewer.state import Probe, with_kernel


@pytest.fixture
def panes(window):
    return window.controller.filter.panes._view


def pin(window, i, j):
    controller = window.controller.filter.panes
    controller._read((i, j), (i, j), pinned=True)
    window.wait_until_idle()


def test_a_picture_whose_output_takes_a_while_stands_alone(window, qtbot, slow, panes, control):
    _running, let_go = slow
    before = window.output()
    window.open("lecture-grid")
    qtbot.waitUntil(lambda: panes.input.sheet.shape == (10, 10))
    assert panes.output.sheet is None
    assert "512" not in control("outputTitle").text()
    assert window.output() is before
    let_go.set()
    window.wait_until_idle()
    assert panes.output.sheet.shape == (10, 10)
    assert window.output().shape == (10, 10)


def test_both_panes_change_at_once_when_the_output_is_quick(window, panes):
    seen = []
    show = window.controller.filter.panes.show_input

    def show_input(display):
        seen.append(window.controller.filter._ready is not None)
        show(display)

    window.controller.filter.panes.show_input = show_input
    window.controller.filter._patience.setInterval(60_000)
    window.open("lecture-grid")
    window.wait_until_idle()
    assert seen == [True]
    assert panes.output.sheet.shape == (10, 10)


def test_a_picture_that_cannot_be_filtered_shows_with_the_reason(window, panes, choose, control):
    choose("paddingCombo", "valid")
    for name in ("kernelRows", "kernelColumns"):
        control(name).setValue(7)
    window.wait_until_idle()
    before = window.output()
    window.open("lecture-5x5")
    window.wait_until_idle()
    assert panes.input.sheet.shape == (5, 5)
    assert panes.output.sheet is None
    assert "fit" in control("outputMessage").text()
    assert window.output() is before
    choose("paddingCombo", "same")
    assert panes.output.sheet.shape == (5, 5)
    assert not control("outputMessage").isVisible()


def test_a_pinned_pixel_stays_on_pictures_of_one_size_only(window):
    pin(window, 400, 300)
    window.open("ascent")
    window.wait_until_idle()
    assert window.controller.store.session.probe == Probe(400, 300, pinned=True)
    window.open("lecture-grid")
    window.wait_until_idle()
    assert window.controller.store.session.probe is None


def test_no_timer_runs_on_after_the_window_is_closed(qtbot, own_settings):
    window = build()
    qtbot.addWidget(window)
    window.show()
    window.open("coffee")
    qtbot.waitUntil(lambda: window.controller.compute.submissions > 2)
    window.close()
    assert not [timer for timer in window.findChildren(QTimer) if timer.isActive()]


def test_windows_one_after_another_and_side_by_side(qtbot, own_settings):
    windows = [build() for _ in range(2)]
    for each, name in zip(windows, ("lecture-grid", "lecture-5x5"), strict=True):
        qtbot.addWidget(each)
        each.open(name)
    for each, shape in zip(windows, ((10, 10), (5, 5)), strict=True):
        each.wait_until_idle()
        assert each.output().shape == shape
        each.close()
    again = build()
    qtbot.addWidget(again)
    again.wait_until_idle()
    assert again.output().shape == (512, 512)
    again.close()


def test_a_closed_window_gives_its_pictures_back(qapp, own_settings):
    window = build()
    window.wait_until_idle()
    picture = weakref.ref(window.controller.filter._picture)
    window.close()
    window.deleteLater()
    del window
    for _ in range(3):
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QCoreApplication.processEvents()
        gc.collect()
    assert picture() is None


def test_a_kernel_for_colours_on_a_grey_picture_is_explained(window, control):
    window.controller.store.edit(lambda document: with_kernel(document, Kernel(np.ones((3, 3, 3)))), "Learned filter")
    window.wait_until_idle()
    assert "the picture is grey" in control("outputMessage").text()
    window.open("chelsea")
    window.wait_until_idle()
    assert not control("outputMessage").isVisible()
    assert window.output().ndim == 2
