"""What is looked at in the Layers workspace: maps, numbers, matrices, locations, and what moves along."""

import itertools

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication
from scipy import signal

from kernels import cnn, library
from kernels.pictures.suffixes import RAW_SUFFIXES
from tests.viewer.layers_hand import colour, grey
from viewer import theme
from viewer.images import to_picture
from viewer.pages.layers.queries import LOCATIONS, MAP, MATRIX, SHIFT, TRACE

SAME = {"padding": "same", "border": "reflect"}
PAIR = {"kernels": ["sobel-x", "sobel-y"], **SAME}
SOBEL_X = library.get("sobel-x").weights


@pytest.fixture
def pooled(layers):
    """Blurred, both slopes, and of two by two the largest."""
    layers.make(("filter", {"kernel": "binomial", **SAME}), ("filter-bank", PAIR), ("max-pool", {"size": 2}))
    layers.select(3, 1)
    return layers


def test_a_map_is_chosen_beside_the_picture(layers):
    layers.make(("pointwise", {"weights": [[weight] for weight in range(1, 21)]}))
    place = 1
    layers.select(place)
    numbers = layers.maps(place).numbers
    layers.view.maps.list.setCurrentIndex(layers.view.maps.list.maps.index(3))
    layers.wait()
    assert layers.session.map == numbers[3] != 3
    layers.check()
    assert f"{layers.maps(place).count} maps" in layers.control("mapsHeading").text()
    assert str(numbers[3]) in layers.view.maps.map.accessibleName() + layers.view.maps.list.currentIndex().data()
    assert layers.view.maps.list.selected() == numbers[3]


def test_a_hovered_number_is_the_maps(pooled):
    for i, j in ((0, 0), (5, 7), (11, 14)):
        pooled.point(i, j)
        trace = pooled.moment.value(TRACE)
        assert (trace.position, trace.channel, trace.stage) == ((i, j), 1, "max-pool")
        assert trace.value == pytest.approx(float(pooled.maps(3).array[i, j, 1]))
        assert pooled.view.maps.map.overlay.box == pooled.view.maps.map.sheet.pixel_rect(i, j)
    pooled.view.maps.left.emit()
    pooled.wait()
    assert pooled.session.pixel is None
    assert pooled.view.maps.map.overlay.box.isEmpty()


def test_the_receptive_field_in_the_picture_and_in_the_stages_between(pooled):
    pooled.point(5, 7)
    field = pooled.view.maps.picture.overlay.box
    # Two by two of the maps, one more on each side for either kernel: 6 x 6 from (10 - 2, 14 - 2).
    assert (field.top(), field.left(), field.height(), field.width()) == (8, 12, 6, 6)
    pixels = pooled.view.strip._pixels
    keys = [0, *(stage.key for stage in pooled.row)]
    assert pixels[keys[0]] == pytest.approx((8 / 24, 12 / 30, 6 / 24, 6 / 30))
    assert pixels[keys[1]] == pytest.approx((9 / 24, 13 / 30, 4 / 24, 4 / 30))
    assert pixels[keys[2]] == pytest.approx((10 / 24, 14 / 30, 2 / 24, 2 / 30))
    assert pixels[keys[3]] == pytest.approx((5 / 12, 7 / 15, 1 / 12, 1 / 15))


def test_a_pinned_pixel_stays_and_follows_the_arrows(pooled):
    pooled.click(4, 4)
    assert pooled.session.pinned
    pooled.point(9, 9)
    assert pooled.session.pixel == (4, 4)
    assert pooled.view.maps.map.overlay.pinned
    pooled.view.maps.nudged.emit(-1, 2)
    pooled.wait()
    assert pooled.moment.value(TRACE).position == (3, 6)
    pooled.click(3, 6)
    assert not pooled.session.pinned
    pooled.view.maps.freed.emit()
    pooled.wait()
    assert pooled.session.pixel is None


def test_a_card_is_hovered(pooled):
    key = pooled.row[2].key
    pooled.view.strip.hovered.emit(key, 1, 5.5 / 12, 7.5 / 15)
    pooled.wait()
    assert pooled.session.pixel == (5, 7)
    assert pooled.moment.value(TRACE).value == pytest.approx(float(pooled.maps(3).array[5, 7, 1]))
    pooled.view.strip.left.emit()
    pooled.wait()
    assert pooled.session.pixel is None


def test_a_card_that_is_not_selected_is_hovered(pooled):
    bank, blurred = pooled.row[1].key, pooled.row[0].key
    pooled.view.strip.hovered.emit(bank, 0, 10.5 / 24, 14.5 / 30)
    pooled.wait()
    trace = pooled.moment.value(TRACE)
    assert (trace.stage, trace.position, trace.channel) == ("filter-bank", (10, 14), 0)
    assert trace.value == pytest.approx(float(pooled.maps(2).array[10, 14, 0]))
    pixels = pooled.view.strip._pixels
    assert pixels[bank] == pytest.approx((10 / 24, 14 / 30, 1 / 24, 1 / 30))
    assert pixels[blurred] == pytest.approx((9 / 24, 13 / 30, 3 / 24, 3 / 30))
    assert pooled.row[2].key not in pixels
    value = f"{pooled.maps(2).array[10, 14, 0]:g}".replace("-", "−")
    assert f"map 0 at y 10, x 14: {value}" in pooled.window.layers.facts(pooled.moment)
    pooled.point(5, 7)
    assert pooled.moment.value(TRACE).stage == "max-pool"


def test_a_stage_inside_another_is_gone_to(layers):
    inner = [{"filter": {"kernel": "sobel-x", **SAME}}, {"filter": {"kernel": "box", **SAME}}]
    layers.make(("residual", {"stages": inner}))
    layers.select(1)
    layers.click(8, 9)
    outer = layers.moment.value(TRACE)
    part = next(part for part in outer.parts if "stages[1]" in part.place)
    layers.view.arithmetic.part_chosen.emit(part.place)
    layers.wait()
    trace = layers.moment.value(TRACE)
    assert (trace.place, trace.stage, trace.value) == (part.place.removesuffix(".filter"), "filter", part.value)
    layers.select(1)
    assert layers.moment.value(TRACE).place == outer.place


def test_a_pixel_beyond_a_smaller_map_is_its_last(pooled):
    pooled.select(2, 0)
    pooled.click(20, 28)
    pooled.select(3, 0)
    assert pooled.moment.value(TRACE).position == (11, 14)
    assert pooled.view.maps.map.overlay.box == pooled.view.maps.map.sheet.pixel_rect(11, 14)
    assert pooled.view.maps.picture.overlay.box.isEmpty() is False
    pooled.view.maps.nudged.emit(-1, 0)
    pooled.wait()
    assert pooled.session.pixel == (10, 14)


def test_the_arithmetic_of_a_stage_that_is_off_is_not_that_of_another(pooled):
    pooled.look(tab="arithmetic")
    pooled.click(2, 2)
    assert "Max pool" in pooled.view.arithmetic.accessibleDescription()
    pooled.view.strip.switched.emit(pooled.row[2].key, False)
    pooled.wait()
    for tab in ("matrix", "locations", "arithmetic"):
        pooled.look(tab=tab)
    assert "switched off" in pooled.view.arithmetic.accessibleDescription()
    assert "switched off" in pooled.view.matrix.empty.text()
    assert pooled.view.options.shift.answers() == []
    pooled.select(0)
    assert "Choose a stage" in pooled.view.arithmetic.accessibleDescription()


@pytest.mark.parametrize("pixels", [grey(), colour()], ids=["grey", "colour"])
def test_the_matrix_gives_the_maps_numbers(layers, pixels):
    layers.open(pixels)
    for kind in ("filter", "filter-bank", "depthwise"):
        layers.make(("relu", {}))
        layers.select(1)
        layers.add(kind)
        check_the_matrix(layers)


def check_the_matrix(layers):
    number = 1 if layers.maps(2).count > 1 else 0
    layers.select(2, number)
    layers.look(tab="matrix")
    for position in ((0, 0), (7, 9), (23, 29)):
        layers.click(*position)
        case = layers.moment.value(MATRIX)
        assert case.block.position_of(case.row) == position
        assert case.check.agrees
        assert case.sparse_check.agrees
        values = (case.matrix.astype(float) @ case.weights)[:, case.selected]
        values = values / case.divisors[case.selected] + case.offsets[case.selected]
        for row, value in enumerate(values):
            at = case.block.position_of(row)
            assert value == pytest.approx(float(layers.maps(2).map(number)[at]), rel=1e-5, abs=1e-3)
    layers.view.matrix.row_chosen.emit(1)
    layers.wait()
    assert layers.session.pixel == case.block.position_of(1)


def test_the_matrix_of_a_stage_whose_output_shrinks(layers):
    layers.make(("filter", {"kernel": "sobel-x", **SAME}))
    layers.select(1)
    layers.look(tab="matrix")
    layers.click(23, 29)
    for options in ({"padding": "valid"}, {"stride": 5}, {"padding": "valid", "stride": [20, 20]}):
        layers.put(layers.row[0].key, {"kernel": "sobel-x", **options})
        layers.wait()
        case, found = layers.moment.value(MATRIX), layers.maps(1).array
        assert layers.moment.failure(MATRIX) is None
        for row, value in enumerate(case.values[:, case.selected]):
            assert value == pytest.approx(float(found[case.block.position_of(row)]))


def test_a_stage_without_a_kernel_has_no_matrix_and_says_so(pooled):
    for tab, purpose in (("matrix", MATRIX), ("locations", LOCATIONS)):
        pooled.look(tab=tab)
        assert "no kernel" in pooled.moment.failure(purpose).sentence
    assert "no kernel" in pooled.view.matrix.empty.text()
    pooled.look(tab="matrix")
    pooled.select(2, 0)
    pooled.look(tab="locations")
    assert pooled.moment.failure(LOCATIONS) is None
    assert pooled.view.matrix.bar.isHidden()


@pytest.mark.parametrize(
    ("kind", "options"), [("max-pool", {"size": 2}), ("relu", {}), ("filter", {"kernel": "1", "padding": "valid"})]
)
def test_the_example_fits_any_stage_and_any_maps_and_has_its_way_back(layers, kind, options):
    layers.open(grey(4, 5))
    layers.make(("max-pool", {"size": 2}), (kind, options))
    layers.select(2)
    layers.look(tab="matrix", kernel="example")
    case = layers.moment.value(MATRIX)
    given = np.pad(layers.maps(1).array, 1)
    expected = [np.sum(given[i : i + 3, j : j + 3] * SOBEL_X) for i in range(2) for j in range(2)]
    np.testing.assert_array_equal(case.values[:, 0], expected)
    choice = layers.control("matrixKernel")
    assert choice.isVisible()
    choice.setCurrentIndex(choice.findData("map"))
    layers.wait()
    assert ("no kernel" in layers.view.matrix.empty.text()) == (kind != "filter")
    assert choice.isVisible()


def test_a_stage_that_cannot_be_run_says_why_in_every_tab(layers):
    layers.make(("filter", {"kernel": "sobel-x", **SAME}), ("relu", {}))
    layers.select(1)
    for tab in ("matrix", "arithmetic"):
        layers.look(tab=tab, pixel=(1, 1))
        layers.put(layers.row[0].key, {"kernel": "gaussian(sigma=9)", "padding": "valid"})
        layers.wait()
        assert layers.errors[1]
        shown = layers.view.matrix.empty.text() if tab == "matrix" else layers.view.arithmetic.accessibleDescription()
        assert "does not fit" in shown
        layers.call("undo")
        assert "does not fit" not in layers.view.arithmetic.accessibleDescription()


def test_without_a_pixel_the_arithmetic_and_the_matrix_are_those_of_the_middle(pooled):
    for tab, purpose in (("arithmetic", TRACE), ("matrix", MATRIX)):
        pooled.select(2)
        pooled.look(tab=tab, pixel=None)
        found = pooled.moment.value(purpose)
        at = found.position if tab == "arithmetic" else found.block.position_of(found.row)
        assert at == (12, 15)
    pooled.look(tab="maps")
    assert pooled.view.maps.map.overlay.box.isEmpty()


def test_lenet_at_every_location(layers):
    layers.open(grey(512, 512))
    layers.make(("filter-bank", {"network": "lenet5", "layer": 0}))
    layers.select(1)
    layers.look(tab="locations")
    found = layers.moment.value(LOCATIONS)
    assert found.counts.shared == found.small.shared == 156
    assert found.small.output_shape == (28, 28, 6)
    assert found.small.fully_connected == 4_821_600
    np.testing.assert_allclose(found.weights, cnn.load("lenet5").filters(0)[0, :, :, 0])
    rows, columns = layers.maps(1).array.shape[:2]
    assert found.counts.fully_connected == rows * columns * 6 * (512 * 512 + 1)


def test_what_moves_along(layers):
    layers.make(("filter", {"kernel": "sobel-x", **SAME}), ("max-pool", {"size": 2}))
    layers.select(1)
    layers.look(shift=2)
    pixels = layers.picture.pixels.astype(float)
    moved = pixels[:, np.clip(np.arange(30) - 2, 0, 29)]
    old, new = (signal.correlate2d(each, SOBEL_X, mode="valid") for each in (pixels, moved))
    np.testing.assert_array_equal(old[:, :-2], new[:, 2:])
    first, second = layers.moment.value(SHIFT)
    assert first.is_exact
    assert first.distance == (0, 2)
    assert layers.view.options.shift.answers()[0][1] == "The maps move along by 2 px, exactly."
    region = first.in_place
    full = [signal.correlate2d(np.pad(e, 1, mode="symmetric"), SOBEL_X, mode="valid") for e in (pixels, moved)]
    cut = np.s_[region.top : region.bottom, region.left : region.right]
    share = float(np.mean(full[0][cut] == full[1][cut]))
    assert first.unchanged == pytest.approx(share)
    assert f"{100 * share:.0f} %" in layers.view.options.shift.answers()[1][1]
    layers.select(2)
    assert second.distance == (0, 1)
    assert "by 1 px" in layers.view.options.shift.answers()[0][1]
    layers.look(shift=1)
    assert "no whole number" in layers.view.options.shift.answers()[0][1]


def test_what_moves_along_is_told_before_a_stage_that_cannot_be_run(layers):
    layers.make(("filter", {"kernel": "sobel-x", **SAME}), ("max-pool", {"size": 99}))
    layers.select(1)
    assert layers.view.options.shift.answers()[0][1] == "The maps move along by 1 px, exactly."
    assert "    1 stage in" in layers.window.status.facts.text()
    layers.select(2)
    assert layers.view.options.shift.answers() == []


def test_the_selected_map_is_saved_and_copied(pooled, tmp_path, monkeypatch):
    assert ".npy" in RAW_SUFFIXES
    path = tmp_path / "map.npy"
    asked = []
    monkeypatch.setattr(pooled.window.dialogs, "ask_save", lambda _title, name, _kinds: asked.append(name) or str(path))
    pooled.call("saveRaw")
    np.testing.assert_array_equal(np.load(path), pooled.maps(3).array[:, :, 1])
    assert asked[0].endswith("made-stage-3-map-1.tif")
    QApplication.clipboard().clear()
    pooled.call("copyOutput")
    copied = to_picture(QApplication.clipboard().image(), "copied").pixels
    assert copied.shape[:2] == (12, 15)
    np.testing.assert_array_equal(copied, pooled.moment.value(MAP).painted.image)


def test_themes_larger_type_and_a_small_window(layers):
    size = 960, 600
    layers.take("inception-naive")
    layers.window.resize(*size)
    dark = theme.palette().is_dark
    tabs = itertools.cycle(("arithmetic", "matrix", "locations", "maps"))
    for intent in ("theme", "largeType", "theme", "largeType", "foldPanels", "foldPanels"):
        layers.call(intent)
        layers.look(tab=next(tabs), pixel=(3, 4))
        layers.window.grab()
        assert layers.view.body.currentIndex() == layers.view.tabs.currentIndex()
    assert theme.palette().is_dark == dark
    assert (layers.window.width(), layers.window.height()) == size
    layers.check()


def test_a_key_removes_and_moves_the_selected_stage(layers, qtbot):
    layers.make(("relu", {}), ("tanh", {}), ("sigmoid", {}))
    layers.select(1)
    held = Qt.KeyboardModifier.AltModifier
    qtbot.keyClick(layers.window, Qt.Key.Key_PageDown, held)
    layers.wait()
    assert [stage.kind for stage in layers.row] == ["tanh", "relu", "sigmoid"]
    qtbot.keyClick(layers.window, Qt.Key.Key_Backspace, held)
    layers.wait()
    assert [stage.kind for stage in layers.row] == ["tanh", "sigmoid"]
    layers.check()
