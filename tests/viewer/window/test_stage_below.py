"""What stands below the pictures: profile, shapes, repeat and borders against NumPy and SciPy; files that are saved."""

import csv
import errno
import os
import re
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image, ImageSequence
from PyQt6.QtCore import QEvent, Qt
from PyQt6.QtGui import QMouseEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QLabel, QWidget
from scipy import ndimage, signal

from kernels import files
from kernels.filtering.shapes import CASES
from kernels.kernel import library
from kernels.pictures.reading import open_sample
from viewer.pages.stage.queries import BORDERS, PROFILES, REPEATED

SOBEL_X = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], float)


def below(stage, name):
    stage.choose("stageBelow", name)
    assert stage.control(f"{name}View").isVisible()


def value(stage, purpose):
    return stage.window.river.moment.value(purpose)


def texts(stage, name):
    """What a view says in its labels."""
    labels = stage.control(name).findChildren(QLabel)
    return "\n".join(label.toolTip() or label.text() for label in labels if label.isVisible())


@pytest.fixture
def grid():
    return open_sample("lecture-grid").pixels.astype(float)


# -- profile -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["right", "left"])
def test_a_line_that_is_drawn_is_measured(stage, grid, name):
    """By the right button at any time, by the left one once it is asked to draw."""
    pane = stage.pane("input")
    button = {"right": Qt.MouseButton.RightButton, "left": Qt.MouseButton.LeftButton}[name]
    if name == "left":
        below(stage, "profile")
        stage.click("profileDraw")
    start, end = pane.position_of(2.5, 1.5), pane.position_of(6.5, 9.5)
    QTest.mousePress(pane, button, pos=start.toPoint())
    drag = QMouseEvent(
        QEvent.Type.MouseMove, end, pane.mapToGlobal(end), Qt.MouseButton.NoButton, button, Qt.KeyboardModifier(0)
    )
    QApplication.sendEvent(pane, drag)
    QTest.mouseRelease(pane, button, pos=end.toPoint())
    stage.wait()
    assert stage.view.line == ((2, 1), (6, 9))
    assert stage.control("profileView").isVisible()
    found = value(stage, PROFILES)
    ys = np.floor(np.linspace(2, 6, 9) + 0.5).astype(int)
    np.testing.assert_array_equal(found.source.positions, np.stack([ys, np.arange(1, 10)], axis=1))
    np.testing.assert_array_equal(found.source.values, grid[ys, np.arange(1, 10)])
    output = signal.correlate2d(grid, SOBEL_X, mode="same")
    np.testing.assert_array_equal(found.output.values, output[ys, np.arange(1, 10)])
    np.testing.assert_allclose(found.source.distances, np.arange(9) * np.hypot(4, 8) / 8)
    assert not pane.overlay.line.isNull()
    assert not stage.pane("output").overlay.line.isNull()


def test_a_line_is_drawn_by_keys_and_escape_ends_drawing_first(stage):
    below(stage, "profile")
    stage.go_to(2, 3)
    stage.click("profileDraw")
    for key in (Qt.Key.Key_Return, *[Qt.Key.Key_Down] * 3, *[Qt.Key.Key_Right] * 2, Qt.Key.Key_Return):
        stage.press(key)
    assert stage.view.line == ((2, 3), (5, 5))
    stage.press(Qt.Key.Key_Up)
    assert stage.view.line == ((2, 3), (5, 5))  # it has ended
    stage.press(Qt.Key.Key_Escape)
    assert not stage.control("profileDraw").isChecked()
    assert stage.window.store.session.probe.pinned  # freed by the next
    stage.press(Qt.Key.Key_Return)
    assert stage.view.line == ((2, 3), (5, 5))
    stage.click("profileDraw")
    stage.click("editSwitch")
    assert not stage.control("profileDraw").isChecked()
    stage.click("profileDraw")
    assert not stage.pane("input").is_drawing
    stage.choose("stageBelow", "arithmetic")
    assert not stage.control("profileDraw").isChecked()


def test_a_row_and_a_column_of_the_pixel_that_is_read(stage, grid):
    below(stage, "profile")
    stage.go_to(5, 6)
    stage.click("profileRow")
    np.testing.assert_array_equal(value(stage, PROFILES).source.values, grid[5])
    assert "Row y 5, x 0 to 9" in texts(stage, "profileView")
    stage.click("profileColumn")
    np.testing.assert_array_equal(value(stage, PROFILES).source.values, grid[:, 6])
    stage.change(stride=2, padding="valid")
    found = value(stage, PROFILES).output
    output = signal.correlate2d(grid, SOBEL_X, mode="valid")[::2, ::2]
    np.testing.assert_array_equal(found.values, output[found.positions[:, 0], found.positions[:, 1]])
    assert set(found.positions[:, 0].tolist()) == {0, 1, 2, 3}
    stage.click("profileClear")
    assert stage.view.line is None


def test_a_view_below_is_made_when_it_is_first_to_be_seen(stage):
    names = "profile", "shapes", "repeat", "borders"
    assert not any(stage.window.findChild(QWidget, f"{name}View") for name in names)
    made = []
    for name in (*names, *names):
        below(stage, name)
        made.append(stage.control(f"{name}View"))
    assert made[:4] == made[4:]


# -- shapes, repeat, borders -------------------------------------------------------------------------------------------


def test_shapes_follow_the_options_and_the_ready_made_cases(stage):
    below(stage, "shapes")
    assert "= 10" in texts(stage, "shapesView")
    stage.change(stride=3, padding="valid")
    assert stage.output.shape == (3, 3)
    assert "(10 + 0 + 0 − 3)/3 + 1 ≈ 3.33 → 3" in texts(stage, "shapesView")
    stage.change(np.ones((5, 2)), stride=1, padding="full")
    assert stage.output.shape == (14, 11)
    assert {"= 14", "= 11"} <= {line[-4:] for line in texts(stage, "shapesView").splitlines()}
    cases = stage.control("shapesCases")
    cells = {
        cell.data(Qt.ItemDataRole.UserRole): (row, column)
        for row, column in np.ndindex(cases.rowCount(), 2)
        if (cell := cases.item(row, column)).text()
    }
    assert set(cells) == {"", *CASES}
    for name, case in CASES.items():
        cases.setCurrentCell(*cells[name])
        stage.wait()
        assert stage.view.case == case
        assert f" {case.output}" in texts(stage, "shapesView")
    cases.setCurrentCell(0, 0)
    stage.wait()
    assert stage.view.case is None
    assert "= 14" in texts(stage, "shapesView")
    stage.control("shapes_stride").setValue(2)
    stage.wait()
    assert stage.window.store.document.options.steps[0] == (2, 2)
    assert stage.output.shape == (7, 6)
    assert {"→ 7", "= 6"} <= {line[-3:] for line in texts(stage, "shapesView").splitlines()}


def test_applied_again_and_again(stage, grid):
    stage.change(library.get("box"), border="reflect")
    below(stage, "repeat")
    stage.look(times=4)
    found = value(stage, REPEATED)
    expected = grid
    for _ in range(4):
        expected = ndimage.correlate(expected, np.full((3, 3), 1 / 9), mode="reflect")
    assert found.times == 4
    np.testing.assert_allclose(found.values, expected, atol=1e-4)
    assert found.sigma == pytest.approx([np.sqrt(4 * 2 / 3)] * 2)  # variances add: (3² − 1)/12 each
    stage.change(np.zeros((3, 3)))
    assert "weights are all 0" in texts(stage, "repeatView")
    assert not value(stage, REPEATED).values.any()


def test_what_was_applied_again_and_again_becomes_the_picture(stage, grid):
    stage.change(library.get("box"))
    below(stage, "repeat")
    stage.look(times=2)
    expected = value(stage, REPEATED).values
    stage.click("repeatAdopt")
    np.testing.assert_array_equal(stage.window.sources.picture.pixels, expected)
    assert "applied 2 times" in stage.window.store.document.picture.title
    stage.window.intents.call("undo")
    stage.wait()
    np.testing.assert_array_equal(stage.window.sources.picture.pixels, grid)


def test_another_border_and_how_many_pixels_it_changes(stage):
    random = np.random.default_rng(5)
    pixels = random.integers(0, 256, (9, 12)).astype(np.uint8)
    weights = random.integers(-4, 5, (3, 5)).astype(float)
    stage.window.sources.replace(stage.picture(pixels), "Open an array")
    stage.change(weights, operation="convolution", border="constant", border_value=7.0)
    below(stage, "borders")
    run, width = signal.convolve2d, ((1, 1), (2, 2))
    own = run(np.pad(pixels.astype(float), width, constant_values=7), weights, mode="valid")
    for other, mode in (("replicate", "edge"), ("reflect", "symmetric"), ("reflect101", "reflect"), ("wrap", "wrap")):
        stage.choose("otherBorder", other)
        found = value(stage, BORDERS)
        change = run(np.pad(pixels.astype(float), width, mode=mode), weights, mode="valid") - own
        assert found.other == other
        np.testing.assert_array_equal(found.painted.values, np.abs(change))
        assert found.count == np.count_nonzero(change)
        assert stage.control("bordersCount").text() == f"{found.count:,}"
    stage.choose("otherBorder", "constant")
    assert value(stage, BORDERS).count == 0
    assert "the same with both" in texts(stage, "bordersView")


# -- files -------------------------------------------------------------------------------------------------------------


def answer(stage, path):
    """Let the dialog be answered with `path`; returns what was proposed."""
    asked = []
    stage.window.dialogs.ask_save = lambda _title, proposal, _choices: asked.append(proposal) or str(path)
    return asked


def test_the_values_along_a_line_are_saved_and_read_back(stage, grid, tmp_path):
    stage.look(below="profile", line=((5, 0), (5, 9)))
    asked = answer(stage, tmp_path / "values")
    stage.click("profileSaveValues")
    assert asked[0].endswith("lecture-grid-profile.csv")
    rows = list(csv.DictReader((tmp_path / "values.csv").open(encoding="ascii")))
    read = [(int(row["y"]), int(row["x"]), float(row["input"])) for row in rows]
    assert read == [(5, x, grid[5, x]) for x in range(10)]
    output = signal.correlate2d(grid, SOBEL_X, mode="same")
    assert [float(row["output"]) for row in rows] == output[5].tolist()
    answer(stage, tmp_path / "plot.png")
    stage.click("profileSavePicture")
    with Image.open(tmp_path / "plot.png") as image:
        assert min(image.size) > 100
    answer(stage, "")
    stage.click("profileSaveValues")
    assert {name for name in os.listdir(tmp_path) if (tmp_path / name).is_file()} == {"values.csv", "plot.png"}


def ask_for_animation(stage, frames, width):
    stage.window.intents.call("saveAnimation")
    popover = stage.window.stage.animation._view
    assert popover.isVisible()
    popover.frames.setText(str(frames))
    popover.frames.editingFinished.emit()
    popover.width_choice.setCurrentIndex(popover.width_choice.findData(width))
    stage.wait()
    return popover


def save(stage, popover):
    popover.findChild(QWidget, "animationSave").click()
    stage.wait(30)


def test_an_animation_is_saved_and_read_back(stage, tmp_path):
    stage.look(speed=10.0, region=(0, 3, 0, 4))
    popover = ask_for_animation(stage, 12, 480)
    assert "12 frames" in popover.facts.text()
    assert re.search(r", about [\d.]+ kB$", popover.facts.text())
    asked = answer(stage, tmp_path / "slide")
    save(stage, popover)
    assert asked[0].endswith("animation.gif")
    assert not popover.isVisible()
    assert "Saved slide.gif" in stage.window.status.message.text()
    with Image.open(tmp_path / "slide.gif") as image:
        assert image.size[0] == 480
        frames = [np.array(frame.convert("RGB"), int) for frame in ImageSequence.Iterator(image)]
        assert image.info["duration"] == 100
        assert image.info["loop"] == 0
    assert len(frames) == 12
    for first, second in pairwise(frames):
        assert np.abs(first - second).max() > 50  # the window has moved on
    popover = ask_for_animation(stage, 500, 720)
    assert "20 frames" in popover.facts.text()  # there are no more positions in the region
    assert "up to 20 frames" in popover._message.text()
    popover.close()


def test_an_animation_that_cannot_be_written_leaves_a_sentence_and_nothing_else(stage, tmp_path, monkeypatch):
    folder = tmp_path / "target"
    folder.mkdir()
    message = stage.window.status.message
    answer(stage, folder / "missing" / "slide.gif")
    save(stage, ask_for_animation(stage, 3, 480))
    assert "missing" in message.text()
    answer(stage, folder / "slide.gif")
    for reason, words in ((errno.ENOSPC, "no room"), (errno.EACCES, "permissions of its folder forbid it")):

        def fail(_descriptor, reason=reason):
            raise OSError(reason, os.strerror(reason))

        with monkeypatch.context() as disk:
            disk.setattr(files.os, "fsync", fail)
            save(stage, ask_for_animation(stage, 3, 480))
        assert words in message.text()
        assert "slide.gif" in message.text()
        assert os.listdir(folder) == []
    save(stage, ask_for_animation(stage, 3, 480))
    assert os.listdir(folder) == ["slide.gif"]


def test_an_animation_is_given_up_without_a_trace(stage, tmp_path, qtbot):
    folder = tmp_path / "target"
    folder.mkdir()
    answer(stage, folder / "slide.gif")
    stage.window.sources.replace(stage.picture(np.zeros((64, 64), np.uint8)), "Open an array")
    stage.wait()
    popover = ask_for_animation(stage, 2000, 1080)
    with qtbot.waitSignal(stage.window.compute.progressed, timeout=10_000):
        popover.findChild(QWidget, "animationSave").click()
    stage.window.intents.call("cancelWork")
    stage.wait()
    assert os.listdir(folder) == []
    assert "slide.gif was not saved" in stage.window.status.message.text()
    answer(stage, "")
    save(stage, ask_for_animation(stage, 3, 480))
    assert os.listdir(folder) == []


def test_escape_closes_the_question_and_not_the_stage(stage):
    popover = ask_for_animation(stage, 3, 480)
    QTest.keyClick(popover, Qt.Key.Key_Escape)
    stage.wait()
    assert not popover.isVisible()
    assert stage.window.store.session.on_stage
