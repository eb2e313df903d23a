"""What happens when a picture is gone, when work is cancelled, refused or overtaken."""

import threading

import numpy as np
import pytest
from PyQt6.QtCore import QMimeData, Qt
from PyQt6.QtGui import QImage
from scipy import signal

from kernels.filtering import engine
from kernels.kernel import library
from kernels.pictures.reading import open_sample
from viewer.pages.filter import input_queries

SOBEL_X = library.get("sobel-x").weights


def save_picture(path, value):
    image = QImage(7, 5, QImage.Format.Format_Grayscale8)
    image.fill(value)
    assert image.save(str(path))


def opened(window, path):
    window.open(str(path))
    window.wait_until_idle()


def test_undo_to_a_vanished_file_says_so_and_keeps_the_picture_on_screen(window, tmp_path, choose, control):
    window.shelf._limit = 0
    path = tmp_path / "gone.png"
    save_picture(path, 9)
    opened(window, path)
    choose("presetCombo", "sobel-y")
    opened(window, "lecture-grid")
    path.unlink()
    undo = control("undoButton")
    undo.click()
    window.wait_until_idle()
    assert "gone.png" in window.status.message.text()
    store = window.store
    assert store.document.picture.title == "lecture-grid"
    undo.click()
    window.wait_until_idle()
    assert store.document.preset.name == "sobel-x"
    pixels = open_sample("lecture-grid").pixels.astype(float)
    np.testing.assert_array_equal(window.output(), signal.correlate2d(pixels, SOBEL_X, mode="same"))
    undo.click()
    window.wait_until_idle()
    assert store.document.picture.title == "camera"
    assert window.output().shape == (512, 512)


def test_what_went_wrong_is_forgotten_once_something_is_opened(window, tmp_path):
    opened(window, tmp_path / "missing.png")
    assert window.status.message.isVisible()
    opened(window, "lecture-grid")
    assert not window.status.message.isVisible()


def test_pasted_text_that_is_no_kernel_says_why(window):
    data = QMimeData()
    data.setText("1 2 3; 4 5")
    document = window.store.document
    window.sources.paste(data)
    assert "neither a file nor a kernel" in window.status.message.text()
    assert "row" in window.status.message.text()
    assert window.store.document == document
    data.setText("1 2; 4 5")
    window.sources.paste(data)
    assert not window.status.message.isVisible()
    assert window.store.document.kernel.shape == (2, 2)


def test_a_long_computation_shows_a_sign_and_can_be_cancelled(window, qtbot, slow, control):
    running, _let_go = slow
    before = window.output()
    box = control("presetCombo")
    box.setCurrentIndex(box.findData("gaussian"))
    qtbot.waitUntil(running.is_set)
    busy = control("outputBusy")
    assert not busy.isVisible()
    qtbot.waitUntil(lambda: busy.isVisible() and control("cancelButton").isVisible())
    assert window.output() is before
    with pytest.raises(TimeoutError):
        window.wait_until_idle(timeout=0.05)
    qtbot.keyClick(window, Qt.Key.Key_Period, Qt.KeyboardModifier.ControlModifier)
    window.wait_until_idle()
    assert window.output() is before
    assert not busy.isVisible()
    assert not control("cancelButton").isVisible()
    assert "ancelled" in window.status.message.text()


def test_the_newest_choice_wins_while_another_still_computes(window, qtbot, slow, control):
    running, let_go = slow
    box = control("presetCombo")
    box.setCurrentIndex(box.findData("gaussian"))
    qtbot.waitUntil(running.is_set)
    box.setCurrentIndex(box.findData("identity"))
    let_go.set()
    window.wait_until_idle()
    np.testing.assert_array_equal(window.output(), open_sample("camera").pixels)


def test_a_notice_does_not_fade_before_the_picture_is_there(window, qtbot, slow, control):
    running, let_go = slow
    box = control("presetCombo")
    box.setCurrentIndex(box.findData("gaussian"))
    qtbot.waitUntil(running.is_set)
    window.status.show_notice("Something about the picture.")
    assert not window.status._fade.isActive()
    let_go.set()
    window.wait_until_idle()
    assert window.status.message.text() == "Something about the picture."
    assert window.status._fade.isActive()


def test_the_window_closes_while_it_computes(window, qtbot, slow, control):
    running, _let_go = slow
    box = control("presetCombo")
    box.setCurrentIndex(box.findData("gaussian"))
    qtbot.waitUntil(running.is_set)
    window.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("kernelscope")]


def test_too_little_memory_is_refused_with_the_figures(window, monkeypatch, leave_free, choose, control):
    before = window.output()
    leave_free(1000)
    choose("presetCombo", "sobel-y")
    message = control("outputMessage")
    assert message.isVisible()
    assert any(digit.isdigit() for digit in message.text())
    assert window.output() is before
    monkeypatch.undo()
    choose("presetCombo", "identity")
    assert not message.isVisible()


def test_cancelling_while_a_new_picture_is_painted_leaves_a_window_that_goes_on(window, qtbot, monkeypatch, choose):
    held, begun = threading.Event(), threading.Event()
    paint = input_queries.paint

    def slow(*values, **named):
        begun.set()
        held.wait(5)
        return paint(*values, **named)

    monkeypatch.setattr(input_queries, "paint", slow)
    window.open("lecture-grid")
    qtbot.waitUntil(begun.is_set)
    window.intents.action("cancelWork").trigger()
    held.set()
    window.wait_until_idle()
    choose("presetCombo", "sobel-y")
    pixels = open_sample("lecture-grid").pixels.astype(float)
    np.testing.assert_array_equal(window.output(), signal.correlate2d(pixels, SOBEL_X.T, mode="same"))


def test_an_input_that_cannot_be_painted_says_why_and_the_outputs_go_on(window, monkeypatch, choose, control):
    def refuse(*_values):
        raise MemoryError("Painting this picture needs 9 GB.")

    monkeypatch.setattr(input_queries, "automatic_look", refuse)
    opened(window, "lecture-grid")
    assert "9 GB" in control("inputMessage").text()
    assert window.output().shape == (10, 10)
    choose("paddingCombo", "valid")
    assert window.output().shape == (8, 8)


def test_one_change_of_state_filters_once(window, monkeypatch, choose):
    opened(window, "chelsea")
    choose("channelCombo", "r")
    asked, run = [], engine.run
    monkeypatch.setattr(engine, "run", lambda *given, **named: asked.append(given) or run(*given, **named))
    opened(window, "camera")  # grey: the channel falls back with the picture
    assert window.store.document.channel == "rgb"
    assert len(asked) == 1
