"""The Gradient workspace: every control to the state and to the numbers, linked panes, reading, maximising."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, QRectF, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from kernels import gradient
from kernels.derivative_operators import OPERATORS
from kernels.kernel import Kernel
from kernels.picture import Origin, Picture
from viewer.compute import Compute
from viewer.controllers.gradient import GradientController
from viewer.resolve import DisplayRequest, DisplaySource
from viewer.state import GradientOptions, PictureReference
from viewer.store import Store
from viewer.views.gradient.workspace import GradientWorkspace

LEFT = Qt.MouseButton.LeftButton


class Control:
    """Never cancelled."""

    def cancelled(self) -> bool:
        return False

    def progress(self, fraction: float) -> None:
        pass


@dataclass
class Rig:
    """The workspace with its controller and a real worker."""

    qtbot: QtBot
    store: Store
    compute: Compute
    view: GradientWorkspace
    controller: GradientController
    said: list[str] = field(default_factory=list)

    def open(self, pixels: np.ndarray, **more: Any) -> Picture:
        picture = Picture(pixels, origin=Origin("sample", None, "made"), **more)
        self.controller.show_picture(PictureReference(1, picture.origin, "made"), picture)
        self.settle()
        return picture

    def settle(self) -> None:
        self.qtbot.waitUntil(lambda: self.compute.is_idle, timeout=10000)
        QApplication.processEvents()
        self.qtbot.waitUntil(lambda: self.compute.is_idle, timeout=10000)

    def control(self, name: str) -> Any:
        found = self.view.findChild(QWidget, name)
        assert found is not None, name
        return found

    def choose(self, name: str, data: str) -> None:
        control = self.control(name)
        control.setCurrentIndex(control.findData(data))
        self.settle()

    def set(self, name: str, value: float) -> None:
        self.control(name).setValue(value)
        self.settle()

    @property
    def options(self) -> GradientOptions:
        return self.store.document.gradient

    @property
    def pane(self) -> Callable[[str], Any]:
        return self.view.panes.panes.__getitem__

    def values(self, name: str) -> np.ndarray:
        sheet = self.pane(name).sheet
        assert sheet is not None
        assert sheet.values is not None
        return sheet.values

    def hover(self, name: str, y: float, x: float) -> None:
        pane = self.pane(name)
        # A pointer that is there already would not be announced.
        self.qtbot.mouseMove(pane, QPoint(20, 5))
        self.qtbot.mouseMove(pane, pane.position_of(y, x).toPoint())

    def click(self, name: str, y: float, x: float) -> None:
        pane = self.pane(name)
        self.qtbot.mouseClick(pane, LEFT, pos=pane.position_of(y, x).toPoint())


@pytest.fixture
def rig(qtbot: QtBot) -> Iterator[Rig]:
    store, compute = Store(), Compute()
    store.view(lambda session: replace(session, workspace="gradient"))
    view = GradientWorkspace()
    controller = GradientController(view, store, compute, view)
    store.changed.connect(controller.update)
    controller.update(store.state, store.state)
    qtbot.addWidget(view)
    view.resize(1176, 698)
    with qtbot.waitExposed(view):
        view.show()
    made = Rig(qtbot, store, compute, view, controller)
    controller.readout_changed.connect(made.said.append)
    yield made
    compute.shutdown()


def noise(height: int = 40, width: int = 60) -> np.ndarray:
    return np.random.default_rng(3).integers(0, 256, (height, width, 3), dtype=np.uint8)


# -- controls ----------------------------------------------------------------------------------------------------------


def test_every_operator_is_in_the_list_and_gives_its_numbers(rig: Rig) -> None:
    pixels = noise()
    rig.open(pixels)
    combo = rig.control("gradientOperatorCombo")
    assert [combo.itemData(row) for row in range(combo.count())] == [*OPERATORS, "kernel"]
    for name in ("central", "roberts", "sobel-5", "scharr"):
        rig.choose("gradientOperatorCombo", name)
        assert rig.options.operator == name
        np.testing.assert_array_equal(rig.values("gx"), gradient(pixels, name, sigma=1.0).gx)


def test_the_kernel_of_the_editor_is_an_operator_and_follows_it(rig: Rig) -> None:
    pixels = noise()
    rig.open(pixels)
    rig.choose("gradientOperatorCombo", "kernel")
    mine = Kernel([[0, 0, 0], [-1, 0, 3], [0, 0, 0]], name="Mine")
    rig.store.edit(lambda document: replace(document, kernel=mine, preset=None), "test")
    rig.settle()
    np.testing.assert_array_equal(rig.values("gy"), gradient(pixels, mine, sigma=1.0).gy)


def test_another_kernel_in_the_editor_leaves_a_named_operator_alone(rig: Rig) -> None:
    rig.open(noise())
    before = rig.compute.submissions
    rig.store.edit(lambda document: replace(document, kernel=Kernel([[1.0]]), preset=None), "test")
    assert rig.compute.submissions == before


@pytest.mark.parametrize(
    ("name", "data", "changes"),
    [
        ("gradientScalingCombo", "per-pixel", {"scaling": "per-pixel"}),
        ("gradientColourCombo", "strongest", {"colour": "strongest"}),
        ("gradientColourCombo", "structure-tensor", {"colour": "structure-tensor"}),
        ("gradientNormCombo", "l1", {"norm": "l1"}),
        ("gradientNormCombo", "max", {"norm": "max"}),
    ],
)
def test_choices_reach_the_state_and_the_numbers(rig: Rig, name: str, data: str, changes: dict[str, str]) -> None:
    pixels = noise()
    rig.open(pixels)
    rig.choose(name, data)
    assert rig.options == replace(GradientOptions(), **changes)
    expected = gradient(pixels, "sobel", sigma=1.0, **changes)
    np.testing.assert_array_equal(rig.values("magnitude"), expected.magnitude)
    np.testing.assert_array_equal(rig.values("direction"), expected.direction)
    rig.store.undo_stack.undo()
    assert rig.control(name).currentData() != data


def test_the_smoothing_reaches_the_numbers(rig: Rig) -> None:
    pixels = noise()
    rig.open(pixels)
    rig.set("gradientSigma", 2.5)
    np.testing.assert_array_equal(rig.values("gy"), gradient(pixels, sigma=2.5).gy)


def test_the_width_of_the_gaussian_derivative_comes_with_it(rig: Rig) -> None:
    pixels = noise()
    rig.open(pixels)
    assert not rig.control("gradientDerivativeSigma").isVisible()
    rig.choose("gradientOperatorCombo", "gaussian")
    assert rig.control("gradientDerivativeSigma").isVisible()
    rig.set("gradientDerivativeSigma", 1.5)
    rig.set("gradientSigma", 0.0)
    np.testing.assert_array_equal(rig.values("gx"), gradient(pixels, "gaussian(sigma=1.5)").gx)


def test_thresholds_are_chosen_until_they_are_set(rig: Rig) -> None:
    rig.open(noise())
    low, high, auto = (rig.control(f"gradient{name}") for name in ("Low", "High", "Automatic"))
    shown = rig.controller.shown
    assert shown is not None
    assert (low.value(), high.value()) == shown[1].chosen
    assert low.reach == high.reach == shown[1].largest
    assert not auto.isEnabled()
    rig.set("gradientHigh", 260.0)
    assert (rig.options.low, rig.options.high) == (None, 260.0)
    rig.set("gradientLow", 120.0)
    assert (rig.options.low, rig.options.high) == (120.0, 260.0)
    result = rig.controller.shown[1]
    assert result.thresholds == (120.0, 260.0)
    np.testing.assert_array_equal(result.edges, result.gradient.edges(120.0, 260.0))
    np.testing.assert_array_equal(rig.pane("edges").sheet.images[0] == 255, result.edges)
    auto.click()
    rig.settle()
    assert (rig.options.low, rig.options.high) == (None, None)
    assert (low.value(), high.value()) == result.chosen


def test_each_threshold_pushes_the_other_along(rig: Rig) -> None:
    rig.open(noise())
    rig.set("gradientHigh", 200.0)
    rig.set("gradientLow", 250.0)
    assert (rig.options.low, rig.options.high) == (250.0, 250.0)
    rig.set("gradientHigh", 90.0)
    assert (rig.options.low, rig.options.high) == (90.0, 90.0)


def test_another_unit_chooses_the_thresholds_anew(rig: Rig) -> None:
    rig.open(noise())
    rig.set("gradientHigh", 260.0)
    rig.choose("gradientNormCombo", "max")
    assert rig.options.high == 260.0
    rig.choose("gradientScalingCombo", "per-pixel")
    assert rig.options.high is None
    rig.store.undo_stack.undo()
    assert rig.options.high == 260.0


def test_a_drag_is_one_step_of_undo(rig: Rig) -> None:
    rig.open(noise())
    slider = rig.control("gradientSigma")
    slider.pressed.emit()
    for value in (1.2, 1.4, 1.9):
        slider.slider.setValue(value)
    slider.released.emit()
    assert rig.options.sigma == pytest.approx(1.9)
    assert rig.store.undo_stack.count() == 1
    rig.store.undo_stack.undo()
    assert rig.options.sigma == 1.0
    assert slider.value() == 1.0


def test_steps_by_key_that_follow_each_other_are_one_step(rig: Rig) -> None:
    rig.open(noise())
    slider = rig.control("gradientSigmaSlider")
    for _ in range(3):
        rig.qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert rig.options.sigma == pytest.approx(1.3)
    assert rig.store.undo_stack.count() == 1
    with rig.qtbot.waitSignal(rig.view.options.gestureEnded):
        pass
    rig.qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert rig.store.undo_stack.count() == 2


def test_one_click_switches_the_colours_of_the_directions(rig: Rig) -> None:
    rig.open(noise())
    hue, disc = rig.pane("direction").sheet.images[0], rig.view.options.wheel._disc
    rig.qtbot.mouseClick(rig.control("gradientColours"), LEFT)
    rig.settle()
    assert rig.store.session.gradient.direction_colours == "twilight"
    assert not np.array_equal(rig.pane("direction").sheet.images[0], hue)
    assert not np.array_equal(rig.view.options.wheel._disc, disc)
    assert rig.store.undo_stack.count() == 0
    rig.qtbot.mouseClick(rig.control("gradientColours"), LEFT)
    rig.settle()
    np.testing.assert_array_equal(rig.pane("direction").sheet.images[0], hue)


def test_every_control_has_its_three_names(rig: Rig) -> None:
    names = ("Operator", "Scaling", "Colour", "Norm")
    controls = [rig.control(f"gradient{name}Combo") for name in names]
    controls += [rig.control(f"gradient{name}") for name in ("Sigma", "Low", "High", "Colours", "Compare", "Automatic")]
    controls += [*rig.view.panes.panes.values(), rig.view.panes.rose, rig.view.options.wheel]
    for each in controls:
        assert each.objectName()
        assert each.accessibleName()
        assert each.toolTip()


def test_a_grey_picture_has_no_channels_to_join(rig: Rig) -> None:
    rig.open(noise()[:, :, 0])
    assert not rig.control("gradientColourCombo").isEnabled()
    rig.open(noise())
    assert rig.control("gradientColourCombo").isEnabled()


# -- what goes wrong ---------------------------------------------------------------------------------------------------


def test_a_failure_is_said_in_place_and_the_last_gradient_stays(rig: Rig) -> None:
    rig.open(noise())
    before = rig.values("gx")
    rig.store.edit(lambda document: replace(document, kernel=Kernel(np.ones((3, 3))), preset=None), "test")
    rig.choose("gradientScalingCombo", "per-pixel")
    good = rig.values("gx")
    assert good is not before
    rig.choose("gradientOperatorCombo", "kernel")
    assert "per-pixel" in rig.control("gradientMessage").text()
    assert "per-pixel" in rig.pane("magnitude").notice.text
    assert rig.values("gx") is good
    rig.choose("gradientOperatorCombo", "scharr")
    assert rig.control("gradientMessage").text() == ""
    assert rig.pane("magnitude").notice.text == ""


def test_a_flat_picture_is_said_to_have_no_direction(rig: Rig) -> None:
    rig.open(np.full((20, 30), 80, np.uint8))
    assert "no direction" in rig.pane("direction").notice.text
    assert "No direction" in rig.view.panes.rose.accessibleDescription()
    rig.hover("magnitude", 10.5, 12.5)
    assert rig.said[-1] == "y 10, x 12: gx 0.0 · gy 0.0 · |∇| 0.0 · no direction"
    rig.open(noise())
    assert rig.pane("direction").notice.text == ""


# -- hidden ------------------------------------------------------------------------------------------------------------


def test_a_hidden_workspace_does_no_work_and_catches_up(rig: Rig) -> None:
    rig.open(noise())
    rig.store.view(lambda session: replace(session, workspace="filter"))
    before = rig.compute.submissions
    pixels = noise(30, 50)[:, ::-1].copy()
    rig.open(pixels)
    rig.store.edit(lambda document: replace(document, gradient=replace(document.gradient, operator="scharr")), "test")
    rig.store.view(lambda session: replace(session, gradient=replace(session.gradient, direction_colours="twilight")))
    assert rig.compute.submissions == before
    rig.store.view(lambda session: replace(session, workspace="gradient"))
    rig.settle()
    np.testing.assert_array_equal(rig.values("gx"), gradient(pixels, "scharr", sigma=1.0).gx)
    shown = rig.compute.submissions
    rig.store.view(lambda session: replace(session, workspace="filter"))
    rig.store.view(lambda session: replace(session, workspace="gradient"))
    assert rig.compute.submissions == shown


# -- reading -----------------------------------------------------------------------------------------------------------


def test_hovering_any_pane_reads_all_numbers_and_crosses_all_panes(rig: Rig) -> None:
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
        rig.qtbot.mouseMove(rig.pane(name), QPoint(20, 5))
        assert rig.said[-1] == ""


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
def test_the_arrow_points_where_intensity_grows(rig: Rig, slope: tuple[int, int], glyph: str, angle: str) -> None:
    y, x = np.mgrid[0:30, 0:30]
    rig.open((100 + 2 * (slope[0] * y + slope[1] * x)).astype(np.uint8))
    rig.set("gradientSigma", 0.0)
    rig.hover("picture", 15.5, 15.5)
    assert rig.said[-1].endswith(f"{glyph} {angle}°")
    mark = rig.view.options.wheel.mark
    assert mark is not None
    assert f"{mark[0]:.1f}".replace("-", "−") == angle


def test_a_click_pins_and_a_second_one_frees(rig: Rig) -> None:
    rig.open(noise())
    rig.click("gy", 5.5, 7.5)
    assert rig.store.session.gradient.pinned
    rig.hover("gx", 20.5, 20.5)
    assert rig.store.session.gradient.pixel == (5, 7)
    rig.qtbot.keyClick(rig.pane("gy"), Qt.Key.Key_Down)
    assert rig.store.session.gradient.pixel == (6, 7)
    rig.click("magnitude", 6.5, 7.5)
    assert not rig.store.session.gradient.pinned


def test_roberts_is_drawn_and_read_between_the_pixels(rig: Rig) -> None:
    pixels = noise()
    rig.open(pixels)
    rig.choose("gradientOperatorCombo", "roberts")
    rect = rig.pane("gx").sheet.rect
    assert (rect.left(), rect.top(), rect.width(), rect.height()) == (0.5, 0.5, 60, 40)
    assert rig.pane("picture").arrows.rect == rect
    rig.hover("gx", 10.9, 20.9)
    value = gradient(pixels, "roberts", sigma=1.0).gx[10, 20]
    assert rig.said[-1].startswith(f"y 10.5, x 20.5: gx {value:.2f}".replace("-", "−"))
    assert rig.pane("gx").overlay.point == (11.0, 21.0)
    assert "between the pixels" in rig.control("gradientNote").text()
    rig.choose("gradientOperatorCombo", "sobel")
    assert not rig.control("gradientNote").isVisible()


def test_the_rose_says_the_share_under_the_pointer(rig: Rig) -> None:
    y, _x = np.mgrid[0:30, 0:30]
    rig.open((5 * y).astype(np.uint8))
    rose = rig.view.panes.rose
    middle, radius = rose._disc()
    rig.qtbot.mouseMove(rose, (middle + type(middle)(0, radius / 2)).toPoint())
    assert "90°: 100.0 %" in rose.title.text()


# -- the response ------------------------------------------------------------------------------------------------------


def response(values: np.ndarray) -> Any:
    source = DisplaySource(values)
    request = DisplayRequest(lane="test", source=source, mode="signed", file_range=(0, 255), colour_map="blue-orange")
    return request.run(Control())


def test_a_learned_response_stands_beside_the_gradient_and_is_read_with_it(rig: Rig) -> None:
    rig.open(noise())
    assert not rig.pane("response").isVisible()
    values = np.arange(20 * 30, dtype=np.float32).reshape(20, 30)
    rig.controller.show_response(
        "Learned filter 14", response(values), values, (0.0, 0.0, 40.0, 60.0), facts="response", label="filter 14"
    )
    assert rig.pane("response").isVisible()
    assert rig.pane("response").title.text() == "Learned filter 14 response"
    assert rig.pane("response").sheet.rect == QRectF(0, 0, 60, 40)
    rig.hover("response", 13.0, 25.0)
    assert rig.said[-1].endswith(f"filter 14: {values[6, 12]:g}")
    rig.controller.show_response_failure("Too small.")
    assert rig.pane("response").notice.text == "Too small."
    rig.controller.show_response("", None)
    assert not rig.pane("response").isVisible()
    rig.hover("gx", 13.0, 25.0)
    assert "filter" not in rig.said[-1]


# -- linking and maximising --------------------------------------------------------------------------------------------


def test_zoom_and_pan_are_one_for_all_panes(rig: Rig) -> None:
    rig.open(noise())
    rig.controller.zoom_in()
    rig.view.panes.link.pan_by(13, -7)
    places = {
        (pane.position_of(10, 20) - pane.viewport().center()).toPoint().x()
        for pane in rig.view.panes.panes.values()
        if pane.isVisible()
    }
    assert max(places) - min(places) <= 1
    assert len({pane.view().scale for pane in rig.view.panes.panes.values()}) == 1


def test_a_double_click_maximises_a_pane_and_escape_brings_all_back(rig: Rig) -> None:
    rig.open(noise())
    pane = rig.pane("direction")
    where = pane.position_of(10, 10).toPoint()
    QTest.mouseClick(pane, LEFT, pos=where)
    QTest.mouseDClick(pane, LEFT, pos=where)
    assert rig.store.session.gradient.maximised == "direction"
    assert not rig.store.session.gradient.pinned
    assert pane.geometry() == rig.view.panes.rect()
    assert [name for name, each in rig.view.panes.panes.items() if each.isVisible()] == ["direction"]
    assert rig.controller.current_pane() == "direction"
    rig.qtbot.keyClick(pane, Qt.Key.Key_Escape)
    assert rig.store.session.gradient.maximised == ""
    assert all(each.isVisible() for name, each in rig.view.panes.panes.items() if name != "response")


def test_a_pin_survives_maximising(rig: Rig) -> None:
    rig.open(noise())
    rig.click("gx", 5.5, 6.5)
    pane = rig.pane("gy")
    where = pane.position_of(20, 20).toPoint()
    QTest.mouseClick(pane, LEFT, pos=where)
    QTest.mouseDClick(pane, LEFT, pos=where)
    seen = rig.store.session.gradient
    assert (seen.maximised, seen.pixel, seen.pinned) == ("gy", (5, 6), True)


def test_the_rose_and_the_menu_maximise_too(rig: Rig) -> None:
    rig.open(noise())
    QTest.mouseDClick(rig.view.panes.rose, LEFT)
    assert rig.store.session.gradient.maximised == "rose"
    rig.qtbot.mouseClick(rig.control("gradientRoseBack"), LEFT)
    assert rig.store.session.gradient.maximised == ""
    rig.view.panes.fill_menu("edges")
    action = next(each for each in rig.view.panes.menu.actions() if each.objectName() == "gradientPaneMaximise")
    action.trigger()
    assert rig.store.session.gradient.maximised == "edges"


def test_panes_are_saved_as_numbers_and_as_painted(rig: Rig, tmp_path: Any) -> None:
    from kernels.picture import open_picture

    pixels = noise()
    rig.open(pixels)
    g = gradient(pixels, sigma=1.0)
    for name in ("gx", "magnitude", "direction"):
        rig.controller.save(str(tmp_path / f"{name}.npy"), name, "raw")
        rig.controller.save(str(tmp_path / f"{name}.png"), name, "shown")
        rig.settle()
        np.testing.assert_array_equal(np.load(tmp_path / f"{name}.npy"), getattr(g, name))
        shown = open_picture(str(tmp_path / f"{name}.png")).pixels
        np.testing.assert_array_equal(shown, rig.pane(name).sheet.images[0])
    rig.controller.save(str(tmp_path / "rose.png"), "rose", "shown")
    rig.settle()
    assert len(np.unique(open_picture(str(tmp_path / "rose.png")).pixels.reshape(-1, 3), axis=0)) > 10


def test_the_menu_asks_for_what_it_says(rig: Rig) -> None:
    rig.open(noise())
    asked: list[tuple[str, str]] = []
    rig.controller.save_requested.connect(lambda pane, kind: asked.append((pane, kind)))
    rig.view.panes.fill_menu("gy")
    for action in rig.view.panes.menu.actions():
        if action.objectName() in ("gradientPaneSaveShown", "gradientPaneSaveRaw"):
            action.trigger()
    assert asked == [("gy", "shown"), ("gy", "raw")]


# -- accuracy ----------------------------------------------------------------------------------------------------------


def test_the_accuracy_of_the_operator_in_use_is_said(rig: Rig) -> None:
    rig.open(noise())
    label = rig.control("gradientAccuracy")
    assert label.text().startswith("Sobel: mean")
    assert "worst 0.44° on the cone" in label.text()
    rig.choose("gradientOperatorCombo", "scharr")
    assert label.text().startswith("Scharr: mean")


def test_the_comparison_opens_beside_the_window(rig: Rig) -> None:
    rig.open(noise())
    rig.qtbot.mouseClick(rig.control("gradientCompare"), LEFT)
    rig.settle()
    dialog = rig.controller.accuracy.dialog
    assert dialog is not None
    assert dialog.isVisible()
    assert not dialog.isModal()
    table = dialog.table
    assert table.rowCount() == len(OPERATORS) + 1
    assert len(dialog.plot.listDataItems()) == len(OPERATORS) + 1
    column = [float(table.item(row, 1).text().rstrip("°")) for row in range(table.rowCount())]
    assert column == sorted(column)
    first = [table.item(row, 2).text() for row in range(table.rowCount())]
    dialog.picture.setCurrentIndex(1)
    assert [table.item(row, 2).text() for row in range(table.rowCount())] != first
    bold = [table.item(row, 0).text() for row in range(table.rowCount()) if table.item(row, 0).font().weight() > 500]
    assert bold == ["Sobel"]
    dialog.close()


def test_numbers_keep_four_figures() -> None:
    from viewer.controllers.gradient_reading import decimals, fixed

    assert [decimals(each) for each in (1020.0, 255.0, 12.0, 1.0, 0.01, 0.0, math.inf)] == [1, 1, 2, 4, 6, 1, 1]
    assert (fixed(-0.04, 1), fixed(-38.0, 1), fixed(math.nan, 1)) == ("0.0", "−38.0", "NaN")
