"""A source that goes on delivering: its frames are shown, are no steps of undo, and are not kept."""

import gc
import threading
import weakref
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtGui import QColor, QImage
from scipy import signal

from kernels.pictures.picture import from_array
from viewer.pages.filter.queries import FILTERED
from viewer.shelf import PICTURE
from viewer.store import UNDO_LIMIT

SOBEL_X = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], float)


class Camera:
    """Delivers a frame of its own in a thread of its own whenever the test asks for it."""

    title = "Test camera"

    def __init__(self):
        self.deliver = None
        self.was_stopped = False

    def start(self, deliver):
        self.deliver = deliver

    def stop(self):
        self.was_stopped = True

    def frame(self, value):
        picture = from_array(np.full((20, 30), value, np.uint8) + np.arange(30, dtype=np.uint8))
        thread = threading.Thread(target=self.deliver, args=(picture,))
        thread.start()
        thread.join()
        return picture


@pytest.fixture
def camera(window):
    made = Camera()
    window.sources.follow(made)
    return made


def output_is_of(window, picture):
    expected = signal.correlate2d(picture.pixels.astype(float), SOBEL_X, mode="same")
    np.testing.assert_array_equal(window.output(), expected)


def test_every_frame_is_filtered_and_the_stream_is_one_step_of_undo(window, camera, choose):
    for value in range(5):
        picture = camera.frame(value)
        window.wait_until_idle()
        output_is_of(window, picture)
    assert window.store.undo_stack.count() == 1
    assert window.store.document.picture.title == "Test camera"
    choose("presetCombo", "identity")
    picture = camera.frame(77)
    window.wait_until_idle()
    np.testing.assert_array_equal(window.output(), picture.pixels)
    assert window.store.undo_stack.count() == 2
    assert not camera.was_stopped


def test_frames_that_come_faster_than_they_are_taken_are_dropped_but_for_the_last(window, camera):
    pictures = [camera.frame(value) for value in range(50)]
    window.wait_until_idle()
    output_is_of(window, pictures[-1])
    assert window.store.session.frame[1] <= 1


def test_frames_are_not_kept(window, camera):
    old = []
    for value in range(6):
        old.append(weakref.ref(camera.frame(value)))
        window.wait_until_idle()
    gc.collect()
    assert [each() is None for each in old] == [True] * 5 + [False]
    assert window.shelf.count <= 1  # the picture before the stream


def test_another_picture_ends_the_stream_and_undo_brings_its_last_frame_back(window, camera, control):
    camera.frame(3)
    window.wait_until_idle()
    last = camera.frame(4)
    window.wait_until_idle()
    window.open("lecture-grid")
    window.wait_until_idle()
    assert camera.was_stopped
    camera.frame(5)  # too late
    window.wait_until_idle()
    assert window.output().shape == (10, 10)
    control("undoButton").click()
    window.wait_until_idle()
    output_is_of(window, last)
    control("redoButton").click()
    window.wait_until_idle()
    assert window.output().shape == (10, 10)


def test_undo_of_the_stream_ends_it(window, camera, control):
    camera.frame(3)
    window.wait_until_idle()
    control("undoButton").click()
    window.wait_until_idle()
    camera.frame(4)
    window.wait_until_idle()
    assert camera.was_stopped
    assert window.output().shape == (512, 512)
    assert not window.status.message.isVisible()


def test_a_stream_ends_with_the_window(window, camera):
    camera.frame(1)
    window.close()
    assert camera.was_stopped


def paste(window, value):
    image = QImage(6, 4, QImage.Format.Format_RGB32)
    image.fill(QColor(value, value, 30))
    window.sources.open_image(image)
    window.wait_until_idle()


def test_pictures_and_their_copies_are_forgotten_once_no_step_can_reach_them(window, control):
    window.shelf._limit = 0
    paste(window, 1)
    pasted = weakref.ref(window.river.moment.value(PICTURE))
    paste(window, 2)
    paste(window, 3)
    folder = Path(window.shelf._folder.name)
    assert len(list(folder.iterdir())) == 2
    assert window.shelf.count >= 3
    for _ in range(3):
        control("undoButton").click()
        window.wait_until_idle()
    window.open("lecture-grid")  # nothing can be done again: no step refers to what was pasted
    window.wait_until_idle()
    gc.collect()
    assert pasted() is None
    assert list(folder.iterdir()) == []


def test_the_oldest_steps_take_their_pictures_with_them(window):
    window.shelf._limit = 0
    paste(window, 1)
    window.open("lecture-grid")
    window.wait_until_idle()
    folder = Path(window.shelf._folder.name)
    assert len(list(folder.iterdir())) == 1
    model = window.filter.view.kernel.table.model()
    for step in range(UNDO_LIMIT + 1):
        model.setData(model.index(0, 0), str(step + 2))
    window.wait_until_idle()
    assert list(folder.iterdir()) == []
    assert window.river.moment.value(FILTERED) is not None
