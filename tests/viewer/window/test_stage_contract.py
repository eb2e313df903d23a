"""The Stage as scripts use it: names, types, the timeline, the line of arithmetic, and an output that stays."""

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QAbstractButton, QAbstractSlider, QWidget
from scipy import signal

from kernels import output_shape, trace
from kernels.kernel import library
from tests.viewer.stage_hand import StageHand

FIXED = {
    "playButton": QAbstractButton,
    "stepBackButton": QAbstractButton,
    "stepForwardButton": QAbstractButton,
    "timeline": QAbstractSlider,
    "speedSlider": QAbstractSlider,
    "predictSwitch": QAbstractButton,
    "revealButton": QAbstractButton,
    "equation": QWidget,
}
GEOMETRY = ("padding", "stride", "dilation")
BOX_ON_GRID = (
    "0 10 20 30 30 30 20 10 / 0 20 40 60 60 60 40 20 / 0 30 60 90 90 90 60 30 / 0 30 50 80 80 90 60 30 / "
    "0 30 50 80 80 90 60 30 / 0 20 30 50 50 60 40 20 / 10 20 30 30 30 30 20 10 / 10 10 10 0 0 0 0 0"
)


def table(text):
    return np.array([[float(each) for each in row.split()] for row in text.split("/")])


def test_the_stage_opens_with_everything_that_has_a_fixed_name(window, control):
    button = control("stageButton")
    assert isinstance(button, QAbstractButton)
    before = window.output()
    for enter in (button.click, lambda: QTest.keyClick(window, Qt.Key.Key_F5)):
        enter()
        window.wait_until_idle()
        assert window.store.session.on_stage
        for name, kind in FIXED.items():
            found = window.findChildren(QWidget, name)
            assert len(found) == 1, name
            assert isinstance(found[0], kind), name
            assert found[0].accessibleName(), name
            assert found[0].toolTip() or name == "equation", name
        assert window.output() is before
        QTest.keyClick(window, Qt.Key.Key_F5)
        window.wait_until_idle()
        assert window.store.session.workspace == "filter"
        assert window.output() is before


def check_timeline(stage):
    rows, columns = stage.output.shape[:2]
    timeline = stage.control("timeline")
    assert (timeline.minimum(), timeline.maximum()) == (0, rows * columns - 1)
    for index in (0, columns, rows * columns - 1, (rows * columns) // 2):
        timeline.setValue(index)
        stage.wait()
        i, j = divmod(index, columns)
        assert timeline.value() == index
        assert stage.view.at == (i, j)
        assert stage.line.ends_in(float(stage.output[i, j]))
        assert stage.control("stagePlace").text() == f"y {i}, x {j}"


def test_the_timeline_counts_the_whole_output_in_raster_order(stage):
    check_timeline(stage)
    stage.change(stride=(2, 3))
    assert stage.output.shape == (5, 4)
    check_timeline(stage)
    stage.change(stride=1, padding="full", dilation=2)
    assert stage.output.shape == (14, 14)
    check_timeline(stage)
    stage.change(np.ones((4, 2)), padding="valid", dilation=1)
    assert stage.output.shape == (7, 9)
    check_timeline(stage)
    stage.open(np.arange(15, dtype=np.uint8).reshape(5, 3))
    assert stage.output.shape == (2, 2)
    check_timeline(stage)
    stage.window.store.undo_stack.undo()
    stage.wait()
    check_timeline(stage)


def test_the_timeline_counts_everything_whatever_is_gone_through(stage):
    stage.look(region=(2, 3, 4, 5), every=2)
    check_timeline(stage)


def random_case(random):
    """A picture, a catalogue kernel and options that go together."""
    pictures = (
        lambda: random.integers(0, 256, (9, 11)).astype(np.uint8),
        lambda: random.integers(0, 256, (8, 9, 3)).astype(np.uint8),
        lambda: random.integers(0, 65536, (7, 9)).astype(np.uint16),
        lambda: random.normal(0, 1, (10, 7)).astype(np.float32),
        lambda: random.normal(0, 1e-3, (6, 8)),
    )
    borders = ("constant", "replicate", "reflect", "reflect101", "wrap")
    while True:
        pixels, kernel = pictures[random.integers(len(pictures))](), library.get(random.choice(library.names()))
        options = {
            "operation": str(random.choice(["correlation", "convolution"])),
            "padding": ("valid", "same", "full", (2, 1))[random.integers(4)],
            "stride": (int(random.integers(1, 4)), int(random.integers(1, 3))),
            "dilation": (int(random.integers(1, 3)), int(random.integers(1, 3))),
            "border": str(random.choice(borders)),
            "border_value": float(random.integers(0, 9)),
        }
        try:
            output_shape(pixels.shape[:2], kernel.shape, **{name: options[name] for name in GEOMETRY})
        except ValueError:
            continue
        return pixels, kernel, options


def check_line(stage, pixels, kernel, options, position, channel):
    """The line of arithmetic against the trace and the output."""
    found = trace(pixels, kernel, position, channel=channel, **options)
    own = stage.output[position] if channel is None else stage.output[(*position, channel)]
    assert found.value == own
    line, said = stage.line, stage.text
    assert line.ends_in(float(own)), said
    assert (line.divisor, line.offset) == (pytest.approx(kernel.divisor), pytest.approx(kernel.offset)), said
    if found.weights.size <= 25:
        values, weights = np.array(line.terms).T
        np.testing.assert_allclose(values, found.window.ravel(), rtol=1e-8)
        np.testing.assert_allclose(weights, found.weights.ravel(), rtol=1e-8)
    scale = np.abs(found.products).sum() / abs(found.divisor) + abs(found.offset)
    assert line.result == pytest.approx(float(own), rel=0, abs=1e-6 * scale + 1e-12), said


def test_the_line_is_the_trace_whatever_is_chosen(stage):
    random = np.random.default_rng(1)
    for _ in range(16):
        pixels, kernel, options = random_case(random)
        stage.window.sources.replace(stage.picture(pixels), "Open an array")
        stage.change(kernel, **options)
        for _ in range(3):
            position = tuple(int(random.integers(side)) for side in stage.output.shape[:2])
            channel = int(random.integers(3)) if stage.output.ndim == 3 else None
            if channel is not None:
                stage.control("equationChannel").setCurrentIndex(channel)
            stage.go_to(*position)
            check_line(stage, pixels, kernel, options, position, channel)


def test_the_line_of_a_kernel_with_channels_sums_over_them(stage):
    random = np.random.default_rng(3)
    pixels = random.integers(0, 256, (7, 8, 3)).astype(np.uint8)
    weights = random.integers(-3, 4, (3, 3, 3)).astype(float)
    stage.window.sources.replace(stage.picture(pixels), "Open an array")
    stage.change(weights)
    expected = sum(signal.correlate2d(pixels[..., k].astype(float), weights[..., k], mode="same") for k in range(3))
    np.testing.assert_array_equal(stage.output, expected)
    for position in ((0, 0), (3, 4), (6, 7)):
        stage.go_to(*position)
        assert stage.line.value == stage.line.result == expected[position]


def test_the_lectures_box_on_the_grid_step_by_step(stage):
    stage.change(library.get("box"), padding="valid")
    expected = table(BOX_ON_GRID)
    assert stage.output.shape == expected.shape
    stage.control("timeline").setValue(0)
    stage.wait()
    told = [stage.line.value]
    while stage.control("timeline").value() < stage.control("timeline").maximum():
        stage.click("stepForwardButton")
        told.append(stage.line.value)
    np.testing.assert_array_equal(np.reshape(told, expected.shape), expected)


def test_the_lectures_grid_of_five_step_by_step(stage):
    stage.window.open("lecture-5x5")
    for padding, stride, expected in (("valid", 1, "12 12 17 / 10 17 19 / 9 6 14"), (1, 2, "6 17 3 / 8 17 13 / 6 4 4")):
        stage.change([[0, 1, 2], [2, 2, 0], [0, 1, 2]], padding=padding, stride=stride)
        for index, number in enumerate(table(expected).ravel()):
            stage.control("timeline").setValue(index)
            stage.wait()
            assert stage.text.endswith(f" = {number:g}")
            assert stage.line.result == number


def test_the_output_is_whole_and_the_same_while_it_is_covered(stage):
    before = stage.output
    expected = before.copy()
    stage.go_to(0, 0)
    stage.click("predictSwitch")
    stage.go_to(1, 3)
    assert stage.output is before
    stage.click("predictSwitch")
    stage.click("playButton")
    assert stage.view.playing  # and waiting for it came to an end
    assert stage.output is before
    stage.control("speedSlider").setValue(100)
    stage.wait()
    assert stage.output is before
    stage.click("playButton")
    stage.click("stageLeave")
    assert stage.output is before
    np.testing.assert_array_equal(before, expected)


def test_what_is_pinned_on_the_filter_page_is_where_the_stage_begins(window, control):
    stage = StageHand(window)
    window.open("lecture-grid")
    window.wait_until_idle()
    pane = control("outputPane")
    QTest.mouseClick(pane, Qt.MouseButton.LeftButton, pos=pane.position_of(2.5, 7.5).toPoint())
    stage.enter()
    assert stage.place == (2, 7)
    assert stage.line.ends_in(float(stage.output[2, 7]))
