"""Edited, new and noisy pictures through the window: one step of undo each, and every pixel comes back."""

import numpy as np
import pytest
from scipy import signal

from kernels.pictures.edits import new_picture, with_pixel
from kernels.pictures.noise import with_noise
from kernels.pictures.picture import Picture
from kernels.pictures.reading import open_sample
from viewer.shelf import open_result

SOBEL_X = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], float)


def pixels(window):
    window.wait_until_idle()
    return open_result(window.river.moment).value.pixels


def edit(window, y, x, value, gesture=None):
    window.sources.replace(with_pixel(window.sources.picture, y, x, value), "Set a pixel", gesture)


def test_an_edit_is_there_at_once_and_everything_follows(window, grid):
    steps = window.store.undo_stack.count()
    edit(window, 4, 5, 7)
    assert window.sources.picture.pixels[4, 5] == 7  # before anything has run
    expected = grid.astype(float)
    expected[4, 5] = 7
    np.testing.assert_array_equal(pixels(window), expected)
    np.testing.assert_array_equal(window.output(), signal.correlate2d(expected, SOBEL_X, mode="same"))
    assert window.store.undo_stack.count() == steps + 1
    assert window.store.undo_stack.undoText() == "Set a pixel"
    assert window.store.document.picture.title == "lecture-grid, edited"


def test_edits_of_one_gesture_are_one_step_and_the_same_picture_again_is_none(window, grid):
    steps = window.store.undo_stack.count()
    edit(window, 0, 0, 0)
    assert window.store.undo_stack.count() == steps
    for x in range(5):
        edit(window, 0, x, 50, "paint")
    window.store.end_gesture()
    edit(window, 0, 9, 60, "paint")
    window.store.end_gesture()
    assert window.store.undo_stack.count() == steps + 2
    window.store.undo_stack.undo()
    assert pixels(window)[0].tolist() == [50] * 5 + [0] * 5
    window.store.undo_stack.undo()
    np.testing.assert_array_equal(pixels(window), grid)


@pytest.mark.parametrize("limit", [0, 512 * 1024 * 1024])
def test_undo_to_the_bottom_and_back_restores_the_exact_pixels(window, grid, limit):
    """With no room on the shelf all pictures but one come back from copies."""
    window.shelf._limit = limit
    bottom = window.store.undo_stack.index()
    held = [grid]
    for step in range(12):
        edit(window, step % 10, step // 10, 200 - step)
        held.append(pixels(window).copy())
    window.sources.replace(new_picture(64, 64, 0.1, 32), "New picture")
    edit(window, 63, 0, -1e-3)
    held += [np.full((64, 64), np.float32(0.1)), pixels(window).copy()]
    copies = window.shelf._folder is not None
    assert copies == (limit == 0)
    for step in reversed(range(len(held) - 1)):
        window.store.undo_stack.undo()
        found = pixels(window)
        np.testing.assert_array_equal(found, held[step])
        assert found.dtype == held[step].dtype
    assert window.store.undo_stack.index() == bottom
    for step in range(1, len(held)):
        window.store.undo_stack.redo()
        np.testing.assert_array_equal(pixels(window), held[step])


def test_only_what_undo_can_reach_stays_on_the_shelf(window, grid):
    window.wait_until_idle()
    before = window.shelf.count
    for value in range(1, 40):
        edit(window, 3, 3, value, "paint")
        window.wait_until_idle()
    assert window.shelf.count == before + 1


def test_a_picture_of_a_stream_is_edited_and_the_stream_ends(window):
    class Still:
        title = "Test camera"
        was_stopped = False

        def start(self, deliver):
            deliver(Picture(np.zeros((6, 8), np.uint8)))

        def stop(self):
            self.was_stopped = True

    camera = Still()
    window.sources.follow(camera)
    assert not pixels(window).any()
    edit(window, 5, 7, 9)
    assert pixels(window)[5, 7] == 9
    assert camera.was_stopped
    window.store.undo_stack.undo()
    assert not pixels(window).any()


# -- noise -------------------------------------------------------------------------------------------------------------


def test_noise_is_one_step_of_undo_and_repeatable(window):
    clean, steps = open_sample("camera"), window.store.undo_stack.count()
    for kind, amount in (("gaussian", 20.0), ("salt-and-pepper", 0.05), ("uniform", 12.5)):
        window.sources.add_noise(kind, amount, 3)
        noisy = pixels(window)
        np.testing.assert_array_equal(noisy, with_noise(clean, kind, amount, 3).pixels)
        assert not np.array_equal(noisy, clean.pixels)
        assert window.store.undo_stack.count() == steps + 1
        assert "camera + " in window.store.document.picture.title
        assert "seed 3" in window.store.document.picture.title
        window.store.undo_stack.undo()
        np.testing.assert_array_equal(pixels(window), clean.pixels)
        window.sources.add_noise(kind, amount, 3)
        np.testing.assert_array_equal(pixels(window), noisy)
        window.store.undo_stack.undo()
        window.wait_until_idle()


def test_noise_that_is_not_possible_has_its_sentence_and_changes_nothing(window, leave_free):
    document = window.store.document
    window.sources.add_noise("gaussian", -1.0, 1)
    window.wait_until_idle()
    assert "amount is -1" in window.status.message.text()
    assert window.store.document == document
    leave_free(1000)
    window.sources.add_noise("gaussian", 5.0, 1)
    window.wait_until_idle()
    assert "memory" in window.status.message.text()
    assert window.store.document == document


def test_the_latest_noise_wins(window):
    steps = window.store.undo_stack.count()
    for seed in range(5):
        window.sources.add_noise("gaussian", 5.0, seed)
    np.testing.assert_array_equal(pixels(window), with_noise(open_sample("camera"), "gaussian", 5.0, 4).pixels)
    assert window.store.undo_stack.count() == steps + 1


def test_noise_for_a_picture_that_is_gone_is_given_up_in_words(window, grid):
    window.sources.add_noise("gaussian", 5.0, 1)
    edit(window, 1, 1, 33)
    found = pixels(window)
    assert found[1, 1] == 33
    assert np.count_nonzero(found != grid) == 1
    assert "another picture" in window.status.message.text()


def test_a_noisy_file_is_read_from_no_file(window, tmp_path):
    np.save(tmp_path / "a.npy", np.zeros((20, 20), np.uint8))
    window.open(str(tmp_path / "a.npy"))
    assert not pixels(window).any()
    window.shelf._limit = 0
    window.sources.add_noise("salt-and-pepper", 0.5, 1)
    noisy = pixels(window).copy()
    assert window.store.document.picture.origin.kind == "output"
    window.open("lecture-grid")
    window.wait_until_idle()
    window.store.undo_stack.undo()
    np.testing.assert_array_equal(pixels(window), noisy)
