"""What may go wrong on the Stage: each has its sentence and loses nothing."""

import numpy as np
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QFontMetricsF
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QPushButton, QWidget

from kernels.kernel import library
from kernels.pictures.picture import Picture
from viewer import theme
from viewer.pages.stage.views.workspace import StageWorkspace
from viewer.session import entering_stage

BELOW = ("arithmetic", "profile", "shapes", "repeat", "borders")


def everywhere(stage):
    """Look at all views below, and do what can be done with the window's way."""
    for name in reversed(BELOW):
        stage.choose("stageBelow", name)
        stage.window.grab()
    for name in ("playButton", "playButton", "stepForwardButton", "stepBackButton"):
        stage.click(name)
    stage.press(Qt.Key.Key_Down)
    stage.press(Qt.Key.Key_Escape)


def test_a_kernel_of_zeros(stage):
    stage.change(np.zeros((3, 3)))
    everywhere(stage)
    assert not stage.output.any()
    assert stage.line.value == 0


def test_a_picture_of_one_pixel_and_a_kernel_of_one_weight(stage):
    stage.open(np.array([[7]], np.uint8))
    stage.change([[3]])
    everywhere(stage)
    assert stage.text == "(7 × 3) ÷ 1 + 0 = 21"
    assert (stage.control("timeline").value(), stage.control("timeline").maximum()) == (0, 0)
    stage.change(np.ones((3, 3)), border="wrap")
    everywhere(stage)
    assert stage.line.value == 63
    stage.change(padding="full")
    everywhere(stage)
    assert stage.control("timeline").maximum() == 8


def test_numbers_that_are_none(stage):
    pixels = np.arange(48, dtype=np.float32).reshape(6, 8)
    pixels[2, 3], pixels[4, 4] = np.nan, np.inf
    stage.open(pixels)
    everywhere(stage)
    stage.go_to(2, 3)
    assert stage.text.endswith("= NaN")
    stage.change([[0, 0, 0], [0, 1, 0], [0, 0, 0]])
    stage.go_to(4, 4)
    assert not np.isfinite(stage.output[4, 4])
    assert not np.isfinite(stage.line.value)


def test_a_kernel_that_does_not_fit_has_its_sentence_and_the_last_output_stays(stage):
    stage.go_to(2, 3)
    before = stage.output
    stage.change(np.ones((15, 15)))
    held = stage.output
    stage.change(padding="valid")
    message = stage.control("stageOutputMessage")
    assert message.isVisible()
    assert "does not fit" in message.text()
    assert "does not fit" in stage.window.stage.view.equation.result._reason
    assert not stage.control("outputCloseUp").isVisible()  # the sentence stands there
    assert stage.control("closeUp").cells is None
    assert stage.output is held
    assert stage.text == ""
    everywhere(stage)
    stage.window.store.view(entering_stage)  # nothing could be pinned, so that Escape has left
    stage.wait()
    for _ in range(2):
        stage.window.intents.call("undo")
        stage.wait()
    assert not message.isVisible()
    assert stage.control("outputCloseUp").isVisible()
    np.testing.assert_array_equal(stage.output, before)
    assert stage.line.ends_in(float(stage.output[stage.place]))


def test_a_picture_that_is_opened_while_it_plays(stage):
    stage.control("speedSlider").setValue(100)
    stage.go_to(8, 8)
    stage.click("playButton")
    for name in ("lecture-5x5", "camera", "lecture-grid"):
        stage.window.open(name)
        QTest.qWait(60)
        stage.wait()
        assert stage.view.playing
        rows, columns = stage.output.shape
        assert stage.control("timeline").maximum() == rows * columns - 1
    stage.click("playButton")
    assert stage.line.ends_in(float(stage.output[stage.place]))


def test_undo_and_redo_while_it_plays(stage):
    stage.control("speedSlider").setValue(100)
    for name in ("box", "laplacian-4", "sharpen"):
        stage.change(library.get(name), padding="valid" if name == "box" else "full")
    stage.click("playButton")
    for name in ("undo", "undo", "redo", "undo", "redo", "redo"):
        stage.window.intents.call(name)
        QTest.qWait(20)
    assert stage.view.playing
    stage.click("playButton")
    assert stage.window.store.document.kernel == library.get("sharpen")
    assert stage.output.shape == (12, 12)
    assert stage.line.ends_in(float(stage.output[stage.place]))


def test_a_picture_of_65_pixels_cannot_be_drawn_on_and_says_why(stage):
    stage.open(np.zeros((64, 64), np.uint8))
    switch = stage.control("editSwitch")
    assert switch.isEnabled()
    switch.click()
    stage.wait()
    assert stage.pane("input").is_drawing
    stage.open(np.zeros((65, 65), np.uint8))
    assert not switch.isEnabled()
    assert "64 × 64" in switch.toolTip()
    assert not stage.pane("input").is_drawing


def test_a_grid_that_was_edited_by_mistake_comes_back(stage):
    before, output = stage.window.sources.picture.pixels, stage.output
    stage.click("editSwitch")
    QTest.mouseClick(stage.pane("input"), Qt.MouseButton.LeftButton, pos=stage.spot("input", 4.5, 4.5))
    stage.wait()
    assert stage.window.sources.picture.pixels[4, 4] == 255
    assert not np.array_equal(stage.output, output)
    assert stage.line.ends_in(float(stage.output[stage.place]))
    stage.window.intents.call("undo")
    stage.wait()
    np.testing.assert_array_equal(stage.window.sources.picture.pixels, before)
    np.testing.assert_array_equal(stage.output, output)


def test_any_size_and_either_theme_shows_all_that_it_has(stage):
    window, view, dark = stage.window, stage.window.stage.view, theme.palette().is_dark
    for size in ((960, 600), (1280, 720), (1920, 1080)):
        window.resize(*size)
        stage.wait()
        everywhere(stage)
        assert window.store.session.on_stage
        for name in ("theme", "largeType", "theme", "largeType"):
            window.intents.call(name)
            stage.wait()
            window.grab()
            assert (window.width(), window.height()) == size, "the window grows with what stands in it"
            for each in (view.bar, view.panes, view.below, view.transport):
                assert view.rect().contains(each.geometry()), (name, each.objectName())
    assert theme.palette().is_dark == dark


def test_words_below_give_way_one_by_one_and_none_is_cut(stage):
    stage.open(np.zeros((400, 600), np.uint8))
    transport = stage.window.stage.view.transport
    words = transport.share, transport.rate, transport.count, *transport.below.findChildren(QPushButton)
    shown = []
    for width in (1366, 1280, 1000, 1130, 960):
        stage.window.resize(width, 600)
        stage.wait()
        for each in words:
            font = theme.font(16, 600) if isinstance(each, QPushButton) else each.font()
            room = QFontMetricsF(font).horizontalAdvance(each.text())
            assert not each.isVisible() or each.width() >= int(room), (width, each.text())
        shown.append([each.isVisible() for each in words[:3]])
        assert shown[-1] == sorted(shown[-1])  # the first gives way first
    assert shown[0] == [True] * 3
    assert shown[-1] == [False] * 3


def test_the_lines_to_the_close_ups_stay_inside_their_panes(stage):
    stage.open(np.array([[7]], np.uint8))
    stage.change(np.ones((9, 9)))
    check_lines(stage.window.stage.view)
    stage.open(np.zeros((200, 200), np.uint8))
    stage.window.stage.panes._view.link.zoom_to(3.0)
    for i, j in ((0, 0), (199, 199), (100, 100)):
        stage.go_to(i, j)
        check_lines(stage.window.stage.view)


def check_lines(view: StageWorkspace):
    for small, large, side in view.lines._joints:
        pane = view.panes.input if side == "right" else view.panes.output
        room = pane.viewport().toAlignedRect().translated(pane.mapTo(view, pane.rect().topLeft()))
        assert room.contains(small.toAlignedRect().adjusted(1, 1, -1, -1)), (small, room)
        assert view.rect().contains(large.toAlignedRect())


def test_a_stream_of_frames_moves_nothing(stage):
    class Frames:
        title = "frames"

        def start(self, deliver):
            self.deliver = deliver
            deliver(Picture(np.zeros((6, 8), np.uint8)))

        def stop(self):
            pass

    frames = Frames()
    stage.window.sources.follow(frames)
    stage.wait()
    stage.go_to(2, 3)
    for value in (10, 200, 30):
        frames.deliver(Picture(np.full((6, 8), value, np.uint8)))
        stage.wait()
        assert stage.place == (2, 3)
        assert stage.line.ends_in(float(stage.output[2, 3]))
    stage.window.sources.end_stream()
    stage.wait()


def test_everything_on_the_stage_has_a_name_and_is_reached_by_tab(stage):
    view = stage.window.stage.view
    wanted = {each.objectName() for each in view.findChildren(QWidget)
              if each.isVisible() and each.isEnabled() and each.focusPolicy() & Qt.FocusPolicy.TabFocus}  # fmt: skip
    assert "" not in wanted
    assert {"closeUp", "outputCloseUp", "timeline", "speedSlider", "playButton", "stagePadding"} <= wanted
    stage.control("stageInputPane").setFocus(Qt.FocusReason.TabFocusReason)
    reached = set()
    for _ in range(2 * len(wanted)):
        focus = stage.window.focusWidget()
        reached.add(focus.objectName())
        QTest.keyClick(focus, Qt.Key.Key_Tab)
    assert wanted <= reached, wanted - reached
