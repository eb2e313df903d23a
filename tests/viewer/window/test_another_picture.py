"""From one picture to the next: input and output change together, and nothing stale stands beside the new one."""

import gc
import weakref

import numpy as np
import pytest
from msgspec.structs import replace
from PyQt6.QtCore import QCoreApplication, QEvent, QTimer

from kernels.filtering import reference
from kernels.kernel import Kernel
from kernels.pictures.reading import open_sample
from viewer.app import build
from viewer.document import with_kernel
from viewer.session import Probe
from viewer.shelf import PICTURE


@pytest.fixture
def panes(window):
    return window.filter.view.panes


def pin(window, i, j):
    window.store.view(lambda session: replace(session, probe=Probe(i, j, pinned=True)))
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


def test_the_output_of_another_picture_never_stands_beside_a_new_one(window, panes):
    seen = []
    window.river.flowed.connect(lambda *_: seen.append([pane.sheet and pane.sheet.shape for pane in panes.panes]))
    window.open("lecture-grid")
    window.wait_until_idle()
    assert seen[-1] == [(10, 10), (10, 10)]
    assert [(10, 10), (512, 512)] not in seen


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
    assert window.store.session.probe == Probe(400, 300, pinned=True)
    window.open("lecture-grid")
    window.wait_until_idle()
    assert window.store.session.probe is None


def test_no_timer_runs_on_after_the_window_is_closed(qtbot, own_settings):
    window = build()
    qtbot.addWidget(window)
    window.show()
    window.open("coffee")
    qtbot.waitUntil(lambda: window.store.document.picture is not None)
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
    picture = weakref.ref(window.river.moment.value(PICTURE))
    window.close()
    window.deleteLater()
    del window
    for _ in range(3):
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QCoreApplication.processEvents()
        gc.collect()
    assert picture() is None


def test_a_kernel_for_colours_runs_over_grey_and_colour_pictures(window, control):
    """Defect 2: grey is repeated over the channels, as in the responses of a network."""
    kernel = Kernel(np.arange(27.0).reshape(3, 3, 3) - 13)
    window.store.edit(lambda document: with_kernel(document, kernel), "Learned filter")
    window.store.view(lambda session: replace(session, probe=Probe(4, 5)))
    for name in ("camera", "chelsea"):
        window.open(name)
        window.wait_until_idle()
        assert not control("outputMessage").isVisible()
        pixels = open_sample(name).pixels
        colours = pixels if pixels.ndim == 3 else np.repeat(pixels[:, :, np.newaxis], 3, axis=2)
        np.testing.assert_array_equal(window.output(), reference.correlate(colours, kernel))
    assert window.output().ndim == 2


def test_a_bad_file_that_is_called_as_the_sample_gives_way_to_it(qtbot, own_settings, tmp_path):
    bad = tmp_path / "camera"
    bad.write_bytes(b"nothing of a picture")
    window = build(str(bad))
    qtbot.addWidget(window)
    window.wait_until_idle()
    assert window.output().shape == (512, 512)
    assert "camera" in window.status.message.text()
    window.close()
