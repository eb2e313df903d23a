"""The Gradient workspace: what is shown where, linked panes, reading, maximising."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from PyQt6.QtCore import QPoint, QRectF, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QLabel

from kernels import gradient
from kernels.kernel import Kernel
from tests.viewer.pointer import move_to
from viewer.pages.gradient.painting import DERIVED

LEFT = Qt.MouseButton.LeftButton
Noise = Callable[..., np.ndarray]


# -- what goes wrong ---------------------------------------------------------------------------------------------------


def test_a_failure_is_said_in_place_and_the_last_gradient_stays(rig: Any, noise: Noise) -> None:
    rig.open(noise())
    before = rig.values("gx")
    rig.store.edit(lambda document: replace(document, kernel=Kernel(np.ones((3, 3))), preset=None), "test")
    rig.choose("gradientScalingCombo", "per-pixel")
    good = rig.values("gx")
    assert good is not before
    rig.choose("gradientOperatorCombo", "kernel")
    sentence = rig.view.panes.notice.text
    assert "“As written”" in sentence
    assert "'" not in sentence  # the window has no arguments
    assert [each.text() for each in rig.view.findChildren(QLabel) if each.isVisible()].count(sentence) == 1
    assert rig.values("gx") is good
    rig.choose("gradientOperatorCombo", "scharr")
    assert not rig.view.panes.notice.isVisible()


@pytest.mark.parametrize("maximised", ["", "gx", "rose"])
def test_a_failure_is_whole_in_a_small_window_too(rig: Any, noise: Noise, maximised: str) -> None:
    rig.view.resize(900, 500)
    rig.open(noise())
    rig.page.panes.maximise(maximised)
    rig.store.edit(lambda document: replace(document, kernel=Kernel(np.ones((3, 3, 3))), preset=None), "test")
    rig.choose("gradientOperatorCombo", "kernel")
    card, label = rig.view.panes.notice, rig.control("gradientMessage")
    assert card.isVisible()
    assert rig.view.panes.rect().contains(card.geometry())
    assert label.height() >= label.heightForWidth(label.width())
    rig.view.resize(1366, 698)
    assert rig.view.panes.rect().contains(card.geometry())


def test_a_flat_picture_is_said_to_have_no_direction(rig: Any, noise: Noise) -> None:
    rig.open(np.full((20, 30), 80, np.uint8))
    assert "no direction" in rig.pane("direction").notice.text
    assert "No direction" in rig.view.panes.rose.accessibleDescription()
    rig.hover("magnitude", 10.5, 12.5)
    assert rig.said[-1] == "y 10, x 12: gx 0.0 · gy 0.0 · |∇| 0.0 · no direction"
    rig.open(noise())
    assert rig.pane("direction").notice.text == ""


def test_a_picture_without_a_finite_number_is_not_called_flat(rig: Any) -> None:
    rig.open(np.full((20, 30), np.nan, np.float32))
    assert "no finite numbers" in rig.pane("direction").notice.text
    assert "no finite numbers" in rig.view.panes.rose.accessibleDescription()


def test_a_gradient_of_another_size_makes_way_for_the_picture(rig: Any, noise: Noise) -> None:
    rig.open(noise())
    rig.flow.without = {"gradient panes"}
    rig.open(noise()[::-1].copy())
    assert rig.pane("gx").sheet is not None  # what was there before stays where it can
    rig.open(noise(20, 30))
    assert rig.pane("picture").title.text() == "Picture made · 30 × 20"
    assert all(rig.pane(name).sheet is None for name in (*DERIVED, "edges"))
    assert rig.pane("edges").title.text() == "Thin edges"
    assert rig.view.panes.rose.weights.size == 0
    assert rig.page.panes.saveable(rig.flow.moment, "gx") is None
    rig.flow.without = set()
    rig.choose("gradientOperatorCombo", "scharr")
    assert rig.values("gx").shape == (20, 30)
    assert rig.view.panes.link.content == QRectF(0, 0, 30, 20)


def test_back_at_a_picture_whose_gradient_is_still_there_everything_stands_again(rig: Any, noise: Noise) -> None:
    rig.open(noise())
    reference, mask = rig.store.document.picture, rig.edges.mask
    picture = rig.flow.results["picture"]
    rig.flow.without = {"gradient panes"}
    rig.open(noise(20, 30))
    assert rig.pane("edges").sheet is None
    rig.flow.results["picture"] = picture
    rig.store.edit(lambda document: replace(document, picture=reference), "back")
    rig.flow.without = set()
    rig.flow.flow()
    assert rig.values("gx").shape == (40, 60)
    np.testing.assert_array_equal(rig.values("edges").astype(bool), mask)
    assert rig.view.panes.rose.weights.size
    assert rig.pane("edges").title.text().endswith("% of all")


@pytest.mark.parametrize("is_cyclic", [False, True])
def test_what_is_told_of_the_results_is_whole_in_a_small_window(rig: Any, is_cyclic: bool) -> None:
    rig.view.resize(1074, 632)  # panes as wide as those of a window of 1280
    square = np.zeros((80, 120), np.uint8)
    square[20:60, 40:80] = 255
    rig.open(square)
    if is_cyclic:
        rig.page.options.switch_colours()
        rig.flow.flow()
    QApplication.processEvents()
    for name in ("gx", "gy", "magnitude", "direction", "edges"):
        told = rig.pane(name).title.origin
        assert told.text()
        assert told.width() >= told.fontMetrics().horizontalAdvance(told.text()), told.text()


def test_an_older_answer_does_not_wipe_a_newer_failure(rig: Any, noise: Noise) -> None:
    rig.open(noise())
    older = next(each for each in rig.queries(rig.flow.moment) if each.purpose.name == "gradient panes")
    rig.store.edit(lambda document: replace(document, kernel=Kernel(np.ones((3, 3, 3))), preset=None), "test")
    rig.choose("gradientOperatorCombo", "kernel")
    sentence = rig.view.panes.notice.text
    assert "weights of its own for each of 3 channels" in sentence
    failure = rig.flow.failures["gradient panes"]
    rig.flow.take(older, rig.panes)
    rig.flow.failures["gradient panes"] = failure
    rig.flow.flow()
    assert rig.view.panes.notice.text == sentence


def test_the_pixels_in_sight_of_a_large_picture_are_painted_exactly(rig: Any) -> None:
    pixels = np.random.default_rng(8).integers(0, 256, (1400, 1500), dtype=np.uint8)
    rig.open(pixels)
    assert rig.pane("gx").sheet.patch is None
    rig.page.link.zoom_to(2.0)
    for name in ("picture", *DERIVED, "edges"):
        patch = rig.pane(name).sheet.patch
        assert patch is not None, name
        assert patch.pixel_size(1.0) == (1.0, 1.0)


# -- hidden ------------------------------------------------------------------------------------------------------------


def test_a_hidden_workspace_does_no_work_and_catches_up(rig: Any, noise: Noise) -> None:
    rig.open(noise())
    rig.go("filter")
    before, shown = len(rig.flow.made), rig.pane("picture").sheet
    pixels = noise(30, 50)[:, ::-1].copy()
    rig.open(pixels)
    rig.store.edit(lambda document: replace(document, gradient=replace(document.gradient, operator="scharr")), "test")
    rig.store.view(lambda session: replace(session, gradient=replace(session.gradient, direction_colours="twilight")))
    assert rig.flow.made[before:] == ["input"]
    assert rig.pane("picture").sheet is shown
    rig.go("gradient")
    np.testing.assert_array_equal(rig.values("gx"), gradient(pixels, "scharr", sigma=1.0).gx)
    made = len(rig.flow.made)
    rig.go("filter")
    rig.go("gradient")
    assert len(rig.flow.made) == made


# -- reading -----------------------------------------------------------------------------------------------------------


def test_hovering_any_pane_reads_all_numbers_and_crosses_all_panes(rig: Any, noise: Noise) -> None:
    pixels = noise()
    rig.open(pixels)
    g = gradient(pixels, sigma=1.0)
    for name in ("picture", "gx", "gy", "magnitude", "direction", "edges"):
        rig.hover(name, 12.5, 33.5)
        assert rig.store.session.gradient.pixel == (12, 33)
        expected = f"y 12, x 33: gx {g.gx[12, 33]:.1f} · gy {g.gy[12, 33]:.1f} · |∇| {g.magnitude[12, 33]:.1f} · "
        assert rig.said[-1].startswith(expected.replace("-", "−"))
        assert f"{abs(g.direction[12, 33]):.1f}°" in rig.said[-1]
        points = {pane.overlay.point for pane in rig.view.panes.panes.values()}
        assert points == {(12.5, 33.5)}
        move_to(rig.pane(name), QPoint(20, 5))
        assert rig.said[-1].startswith("Sobel, ")  # what it cost


@pytest.mark.parametrize(
    ("slope", "glyph", "angle"),
    [
        ((0, 1), "→", "0.0"),
        ((1, 0), "↓", "90.0"),
        ((0, -1), "←", "−180.0"),
        ((-1, 0), "↑", "−90.0"),
        ((1, 1), "↘", "45.0"),
    ],
)
def test_the_arrow_points_where_intensity_grows(rig: Any, slope: tuple[int, int], glyph: str, angle: str) -> None:
    y, x = np.mgrid[0:30, 0:30]
    rig.open((100 + 2 * (slope[0] * y + slope[1] * x)).astype(np.uint8))
    rig.set("gradientSigma", 0.0)
    rig.hover("picture", 15.5, 15.5)
    assert rig.said[-1].endswith(f"{glyph} {angle}°")
    mark = rig.view.options.wheel.mark
    assert mark is not None
    assert f"{mark[0]:.1f}".replace("-", "−") == angle


def test_a_click_pins_and_a_second_one_frees(rig: Any, noise: Noise) -> None:
    rig.open(noise())
    rig.click("gy", 5.5, 7.5)
    assert rig.store.session.gradient.pinned
    rig.hover("gx", 20.5, 20.5)
    assert rig.store.session.gradient.pixel == (5, 7)
    rig.qtbot.keyClick(rig.pane("gy"), Qt.Key.Key_Down)
    assert rig.store.session.gradient.pixel == (6, 7)
    rig.click("magnitude", 6.5, 7.5)
    assert not rig.store.session.gradient.pinned


def test_roberts_is_drawn_and_read_between_the_pixels(rig: Any, noise: Noise) -> None:
    pixels = noise()
    rig.open(pixels)
    rig.choose("gradientOperatorCombo", "roberts")
    rect = rig.pane("gx").sheet.rect
    assert (rect.left(), rect.top(), rect.width(), rect.height()) == (0.5, 0.5, 60, 40)
    assert rig.pane("picture").arrows.rect == rect
    rig.hover("gx", 10.7, 20.7)
    value = gradient(pixels, "roberts", sigma=1.0).gx[10, 20]
    assert rig.said[-1].startswith(f"y 10.5, x 20.5: gx {value:.2f}".replace("-", "−"))
    assert rig.pane("gx").overlay.point == (11.0, 21.0)
    assert "between the pixels" in rig.control("gradientNote").text()
    rig.choose("gradientOperatorCombo", "sobel")
    assert not rig.control("gradientNote").isVisible()


def test_the_rose_says_the_share_under_the_pointer(rig: Any) -> None:
    y, _x = np.mgrid[0:30, 0:30]
    rig.open((5 * y).astype(np.uint8))
    rose = rig.view.panes.rose
    middle, radius = rose._disc()
    move_to(rose, (middle + type(middle)(0, radius / 2)).toPoint())
    assert "90°: 100.0 %" in rose.title.text()


# -- linking and maximising --------------------------------------------------------------------------------------------


def test_zoom_and_pan_are_one_for_all_panes(rig: Any, noise: Noise) -> None:
    rig.open(noise())
    rig.page.link.zoom_step(1)
    rig.view.panes.link.pan_by(13, -7)
    places = {
        (pane.position_of(10, 20) - pane.viewport().center()).toPoint().x()
        for pane in rig.view.panes.panes.values()
        if pane.isVisible()
    }
    assert max(places) - min(places) <= 1
    assert len({pane.view().scale for pane in rig.view.panes.panes.values()}) == 1


def test_a_double_click_maximises_a_pane_and_escape_brings_all_back(rig: Any, noise: Noise) -> None:
    rig.open(noise())
    pane = rig.pane("direction")
    where = pane.position_of(10, 10).toPoint()
    QTest.mouseClick(pane, LEFT, pos=where)
    QTest.mouseDClick(pane, LEFT, pos=where)
    assert rig.store.session.gradient.maximised == "direction"
    assert not rig.store.session.gradient.pinned
    assert pane.geometry() == rig.view.panes.rect()
    assert [name for name, each in rig.view.panes.panes.items() if each.isVisible()] == ["direction"]
    assert rig.page.panes.current() == "direction"
    rig.qtbot.keyClick(pane, Qt.Key.Key_Escape)
    assert rig.store.session.gradient.maximised == ""
    assert all(each.isVisible() for name, each in rig.view.panes.panes.items() if name != "response")


def test_a_pin_survives_maximising(rig: Any, noise: Noise) -> None:
    rig.open(noise())
    rig.click("gx", 5.5, 6.5)
    pane = rig.pane("gy")
    where = pane.position_of(20, 20).toPoint()
    QTest.mouseClick(pane, LEFT, pos=where)
    QTest.mouseDClick(pane, LEFT, pos=where)
    seen = rig.store.session.gradient
    assert (seen.maximised, seen.pixel, seen.pinned) == ("gy", (5, 6), True)


def test_the_rose_and_the_menu_maximise_too(rig: Any, noise: Noise) -> None:
    rig.open(noise())
    QTest.mouseDClick(rig.view.panes.rose, LEFT)
    assert rig.store.session.gradient.maximised == "rose"
    rig.qtbot.mouseClick(rig.control("gradientRoseBack"), LEFT)
    assert rig.store.session.gradient.maximised == ""
    rig.view.panes.fill_menu("edges")
    action = next(each for each in rig.view.panes.menu.actions() if each.objectName() == "gradientPaneMaximise")
    action.trigger()
    assert rig.store.session.gradient.maximised == "edges"


def test_the_action_maximises_the_pane_in_use(rig: Any, noise: Noise) -> None:
    rig.open(noise())
    rig.click("edges", 5.5, 5.5)
    rig.call("maximisePane")
    assert rig.store.session.gradient.maximised == "edges"
    rig.call("maximisePane")
    assert rig.store.session.gradient.maximised == ""


def test_panes_are_saved_as_numbers_and_as_painted(rig: Any, noise: Noise) -> None:
    pixels = noise()
    rig.open(pixels)
    g = gradient(pixels, sigma=1.0)
    for name in DERIVED:
        found = rig.page.panes.saveable(rig.flow.moment, name)
        assert found.name == f"made-{name}-sobel"
        np.testing.assert_array_equal(found.values, getattr(g, name))
        np.testing.assert_array_equal(found.painted(), rig.image(name))
    edges = rig.page.panes.saveable(rig.flow.moment, "edges")
    np.testing.assert_array_equal(edges.values == 255, rig.edges.mask)
    np.testing.assert_array_equal(rig.page.panes.saveable(rig.flow.moment, "picture").values, pixels)
    rose = rig.page.panes.saveable(rig.flow.moment, "rose").painted()
    assert len(np.unique(rose.reshape(-1, 3), axis=0)) > 10


def test_16_bits_reach_to_the_largest_magnitude(rig: Any, noise: Noise) -> None:
    rig.open(noise())
    largest = rig.numbers.largest
    assert rig.page.panes.saveable(rig.flow.moment, "magnitude").levels == (0.0, largest)
    assert rig.page.panes.saveable(rig.flow.moment, "gx").levels == (-largest, largest)


def test_the_menu_asks_for_what_it_says(rig: Any, noise: Noise) -> None:
    rig.open(noise())
    saved: list[tuple[str, str]] = []
    copied: list[str] = []
    opened: list[object] = []

    class Sources:
        open_dropped = opened.append
        open_image = opened.append

    rig.page.join(lambda kind, what: saved.append((what.name, kind)), lambda what: copied.append(what.name), Sources)
    rig.view.panes.fill_menu("gy")
    for action in rig.view.panes.menu.actions():
        if action.objectName() in ("gradientPaneSaveShown", "gradientPaneSaveRaw", "gradientPaneCopy"):
            action.trigger()
    assert saved == [("made-gy-sobel", "shown"), ("made-gy-sobel", "raw")]
    assert copied == ["made-gy-sobel"]
    rig.pane("gx").files_dropped.emit(["a.png"])
    assert opened == [["a.png"]]


def test_numbers_keep_four_figures() -> None:
    from viewer.pages.gradient.reading import decimals, fixed

    assert [decimals(each) for each in (1020.0, 255.0, 12.0, 1.0, 0.01, 0.0, math.inf)] == [1, 1, 2, 4, 6, 1, 1]
    assert (fixed(-0.04, 1), fixed(-38.0, 1), fixed(math.nan, 1)) == ("0.0", "−38.0", "NaN")
