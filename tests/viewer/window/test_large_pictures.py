"""A file larger than the memory takes, in the window: from afar, exact where it is looked at closely, never whole."""

from __future__ import annotations

import numpy as np
import pytest
import tifffile
from msgspec.structs import replace
from scipy import signal

from kernels.cnn import digits
from kernels.pictures.windows import seen
from viewer.pages.filter.input_queries import INPUT, INPUT_PATCH
from viewer.pages.filter.queries import OUTPUT, OUTPUT_PATCH, TRACES
from viewer.pages.network.queries import GIVEN
from viewer.session import Probe
from viewer.shelf import PICTURE

SOBEL_X = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], float)
SHAPE = (1900, 2100)


@pytest.fixture
def large(window, tmp_path, monkeypatch):
    """The pixels of a file that is open in the window, and counts as too large."""
    monkeypatch.setattr(seen, "MAXIMUM_PIXELS", 1_000_000)
    pixels = np.random.default_rng(5).integers(0, 256, SHAPE).astype(np.uint8)
    tifffile.imwrite(tmp_path / "large.tif", pixels, tile=(256, 256))
    window.open(str(tmp_path / "large.tif"))
    window.wait_until_idle()
    assert not window.sources.picture.is_held
    return pixels


def close_up(window):
    """Look at the middle, one screen pixel a pixel."""
    window.intents.call("zoomActual")
    window.wait_until_idle()
    moment = window.river.moment
    return moment.value(INPUT_PATCH), moment.value(OUTPUT_PATCH)


def test_the_whole_is_seen_from_afar_and_nobody_gets_all_of_it(window, large):
    moment = window.river.moment
    assert window.output() is None
    shown = moment.value(INPUT)
    means = large.astype(float).reshape(950, 2, 1050, 2).mean(axis=(1, 3))
    np.testing.assert_allclose(shown.small, means, atol=1e-3)
    output = moment.value(OUTPUT)
    assert output.painted.values.shape == SHAPE
    expected = signal.correlate2d(large.astype(float), SOBEL_X, "same")
    np.testing.assert_array_equal(output.painted.small, expected[::2, ::2])
    for name in ("saveShown", "saveRaw", "copyOutput", "outputToInput", "stage"):
        assert not window.intents.action(name).isEnabled(), name
    assert "larger than the memory takes" in window.status.message.text()


def test_pixels_are_exact_where_one_looks_closely(window, large):
    source, output = close_up(window)
    part = large[slice(*source.rows), slice(*source.columns)]
    assert part.size < large.size
    np.testing.assert_array_equal(source.image, part)
    expected = signal.correlate2d(large.astype(float), SOBEL_X, "same")
    found = window.river.moment.value(OUTPUT).painted
    rows, columns = slice(*output.rows), slice(*output.columns)
    assert output.image.shape[:2] == expected[rows, columns].shape
    np.testing.assert_array_equal(found.values[rows, columns], expected[rows, columns])
    assert (output.image != 0).any()
    assert window.filter.view.panes.output.sheet.patch is not None


def test_the_pixel_under_the_pointer_is_read_and_taken_apart(window, large, control):
    expected = signal.correlate2d(large.astype(float), SOBEL_X, "same")
    for i, j in ((700, 800), (0, 0), (SHAPE[0] - 1, 3)):
        window.store.view(lambda session, at=(i, j): replace(session, probe=Probe(*at, pinned=True)))
        window.wait_until_idle()
        (trace,) = window.river.moment.value(TRACES)
        assert (trace.position, trace.value) == ((i, j), expected[i, j])
        padded = np.pad(large, 1)
        np.testing.assert_array_equal(trace.window, padded[i : i + 3, j : j + 3])
        assert trace.outside.any() == (i in (0, SHAPE[0] - 1) or j == 0)
        assert trace.origins[1, 1].tolist() == [i, j]


def test_another_kernel_and_another_picture_follow(window, large, choose):
    choose("presetCombo", "sobel-y")
    expected = signal.correlate2d(large.astype(float), SOBEL_X.T, "same")
    np.testing.assert_array_equal(window.river.moment.value(OUTPUT).painted.small, expected[::2, ::2])
    window.open("camera")
    window.wait_until_idle()
    assert window.output().shape == (512, 512)
    assert window.intents.action("saveShown").isEnabled()
    window.store.undo_stack.undo()
    window.wait_until_idle()
    assert window.output() is None
    assert window.river.moment.value(PICTURE).shape == SHAPE


def test_networks_get_what_is_seen_of_it_from_afar(window, large, control):
    window.intents.call("showNetwork")
    control("openPictureButton").click()
    window.wait_until_idle(30.0)
    given = window.river.moment.value(GIVEN)
    assert given.as_drawn.any()
    held = digits.as_drawn(digits.as_drawn(large, (digits.PAD, digits.PAD)))
    np.testing.assert_allclose(given.as_drawn, held.astype(float), atol=2)


def test_what_is_greyed_says_why_and_what_to_do_instead(window, large, control):
    stage = control("stageButton")
    assert "needs all pixels" in stage.toolTip()
    assert "(F5)" in stage.toolTip()  # what it does is told too
    assert "needs all pixels" in stage.accessibleDescription()
    for name in ("saveShown", "saveRaw", "saveDeep", "copyOutput", "outputToInput"):
        action = window.intents.action(name)
        assert "no whole output" in action.toolTip(), name
        assert "no whole output" in action.statusTip(), name
    assert window.filter.view.panes.menu.toolTipsVisible()
    assert window.intents.action("cropPicture").isEnabled()  # which the sentence names
    window.open("camera")
    window.wait_until_idle()
    assert stage.toolTip() == "The Stage: where a number comes from, for the class (F5)"
    assert stage.accessibleDescription() == ""
    assert window.intents.action("saveShown").toolTip() == "Save the output as shown"
    assert not window.intents.action("cropPicture").isEnabled()


def test_what_needs_all_of_it_says_so_and_its_middle_can_be_opened(window, large):
    for intent in ("showGradient", "showNetwork", "showLayers"):
        window.intents.call(intent)
        window.wait_until_idle(30.0)
    said = {failure.sentence for failure in window.river.moment.failures.values()}
    assert any("large.tif is larger than the memory takes" in sentence for sentence in said)
    window.intents.call("cropPicture")
    window.wait_until_idle(30.0)
    picture = window.sources.picture
    assert picture.is_held
    high, wide = picture.shape
    top, left = (SHAPE[0] - high) // 2, (SHAPE[1] - wide) // 2
    np.testing.assert_array_equal(picture.pixels, large[top : top + high, left : left + wide])
