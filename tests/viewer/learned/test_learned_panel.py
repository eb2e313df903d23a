"""The tiles: which filters, in which order, what they say, and what they answer to the picture."""

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, QRectF, Qt

from kernels.cnn import load
from kernels.cnn.painting import filter_picture, filter_pictures
from kernels.kernel import Kernel
from viewer import theme
from viewer.document import FilterEdit, with_filter_edit
from viewer.pages.learned.queries import RESPONSE, THUMBNAILS
from viewer.pages.learned.views.tiles import GAP, SCROLLED_HEIGHT
from viewer.pages.learned.words import sentence, short_label


def test_a_refusal_becomes_a_sentence_and_a_file_keeps_its_name():
    assert sentence("the picture is empty") == "The picture is empty."
    assert sentence("scan.tif is larger than the memory takes.") == "scan.tif is larger than the memory takes."
    assert sentence("broken.") == "Broken."
    assert sentence(" ") == ""


def test_filters_stand_sorted_by_kind_with_their_names(bench):
    assert bench.order == [0, 1, 2, 3, 4]
    labels = [tile.label for tile in bench.tiles]
    assert labels[0] == "edge 0°"
    assert labels[1] == "line 0°"
    assert labels[2] == "green blob"
    assert labels[3].startswith("colour edge")
    assert labels[4] == "nothing"


def test_kinds_are_counted_and_choose(bench):
    texts = {name: bench.child(f"learnedKinds_{name}").text() for name in ("all", "edges", "colour", "nothing")}
    assert texts == {"all": "All 5", "edges": "Edges 1", "colour": "Colour 1", "nothing": "Nothing 1"}
    bench.choose("learnedKinds", "colour")
    assert bench.order == [3]
    assert bench.selected == 3
    assert bench.store.session.learned.kind == "colour"


def test_kinds_follow_the_arrow_keys(bench, qtbot):
    chip = bench.child("learnedKinds_all")
    chip.setFocus()
    qtbot.keyClick(chip, Qt.Key.Key_Right)
    assert bench.child("learnedKinds").currentData() == "edges"
    assert bench.order == [0]
    qtbot.keyClick(bench.child("learnedKinds_edges"), Qt.Key.Key_Left)
    assert bench.child("learnedKinds").currentData() == "all"


def test_a_kind_without_filters_cannot_be_chosen(bench):
    bench.choose("learnedNetworkCombo", "lenet5")
    assert bench.child("learnedKinds_blobs").text() == "Blobs 0"
    assert not bench.child("learnedKinds_blobs").isEnabled()


def test_a_click_selects_and_arrow_keys_move_on(bench, qtbot):
    view = bench.panel.tiles
    place = view.visualRect(view.tiles.index(2)).center()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert bench.selected == 2
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert bench.selected == 3
    qtbot.keyClick(view, Qt.Key.Key_Up)
    assert bench.selected == 1  # two tiles in a row
    qtbot.keyClick(view, Qt.Key.Key_End)
    assert bench.selected == 4
    assert bench.text("filterTitle") == "Filter 4"


def test_the_selected_tile_has_a_frame_in_the_accent_colour(bench):
    view = bench.panel.tiles
    rect = view.visualRect(view.tiles.index(0))
    image = view.viewport().grab().toImage()
    accent = theme.palette().accent
    middle = QPoint(rect.left() + 1, rect.center().y())
    other = QPoint(view.visualRect(view.tiles.index(1)).left() + 1, rect.center().y())
    assert image.pixelColor(middle) == accent
    assert image.pixelColor(other) != accent


def test_tiles_are_as_large_as_all_of_them_fit(bench):
    view = bench.panel.tiles
    heights = []
    for room, columns in ((400, 2), (170, 3), (135, 4), (60, 5), (40, None)):
        view.resize(448, room)
        tops = [view.visualRect(view.tiles.index(row)).top() for row in range(5)]
        assert columns is None or tops.count(0) == columns
        assert view.verticalScrollBar().isVisible() == (columns is None)
        heights.append(view.gridSize().height())
    assert heights == sorted(heights, reverse=True)
    for height, rows, room in zip(heights, (3, 2, 2, 1), (400, 170, 135, 60), strict=False):
        assert rows * height <= room
    assert heights[-1] == theme.px(SCROLLED_HEIGHT + GAP)


@pytest.mark.parametrize(("network", "layer"), [("colournet", 0), ("colournet", 1), ("lenet5", 0)])
def test_responses_are_the_networks_own(bench, photo, network, layer):
    bench.choose("learnedNetworkCombo", network)
    bench.open(photo)
    bench.choose("layerCombo", layer)
    expected = load(network).responses(photo, layer)
    found = bench.moment.value(THUMBNAILS).values
    assert np.allclose(found, expected, atol=1e-4)
    assert np.allclose(bench.response.painted.values, expected[bench.selected], atol=1e-4)


def test_the_response_lies_where_it_belongs_in_the_picture(bench, photo):
    bench.choose("learnedNetworkCombo", "lenet5")
    bench.open(photo)
    # A valid 3 x 3 window: the response begins one pixel inside.
    assert bench.response.place == (1.0, 1.0, 29.0, 38.0)
    assert bench.response_pane.title.text() == "Learned filter 0 response"
    assert bench.response_pane.sheet.rect == QRectF(1, 1, 38, 29)
    bench.choose("learnedNetworkCombo", "colournet")
    bench.choose("layerCombo", 1)
    # Pools of 2 x 2 before it: each value stands for two pixels each way.
    assert bench.response.place == (2.0, 2.0, 26.0, 36.0)


def test_responses_after_the_activation(bench, photo):
    bench.open(photo)
    assert bench.response.painted.values.min() < 0
    combo = bench.child("activationCombo")
    assert [combo.itemText(0), combo.itemText(1)] == ["Before ReLU", "After ReLU"]
    bench.choose("activationCombo", True)
    expected = np.maximum(load("colournet").responses(photo), 0)
    assert np.allclose(bench.response.painted.values, expected[0], atol=1e-4)
    assert bench.response_pane.title.text() == "Learned filter 0 response after ReLU"
    bench.choose("layerCombo", 1)
    assert not combo.isEnabled()  # nothing but a pool follows


def test_the_newest_picture_wins(bench, photo):
    bench.open(photo)
    newer = np.ascontiguousarray(photo[::-1])
    bench.open(newer)
    assert np.allclose(bench.response.painted.values, load("colournet").responses(newer)[0], atol=1e-4)


def test_a_picture_too_small_for_the_layer_is_said_in_place(bench, photo):
    bench.open(photo)
    bench.choose("learnedNetworkCombo", "lenet5")
    bench.open(photo[:2, :3])
    message = bench.child("networkMessage")
    assert message.isVisible()
    expected = "The picture is 3 × 2 pixels; the windows of this layer need at least 3 × 3."
    assert message.text() == bench.response_pane.notice.text == expected
    assert all(tile.response is None for tile in bench.tiles)  # those of the last picture would lie
    bench.open(photo)
    assert not message.isVisible()
    assert all(tile.response is not None for tile in bench.tiles)


def test_the_response_of_another_network_does_not_stay_in_place_of_none(bench, photo):
    bench.open(photo[:2, :3])
    assert bench.response is not None
    bench.choose("learnedNetworkCombo", "lenet5")
    assert "at least 3 × 3" in bench.response_pane.notice.text
    assert bench.response_pane.sheet is None
    assert bench.response_pane.title.text() == "Learned filter no response"
    assert bench.page.facts(bench.moment) == ""
    assert bench.page.saveable(bench.moment) is None


def test_one_scale_for_all_or_one_each(bench):
    filters = load("colournet").filters(0)
    filters[1] *= 0.1
    each, common = filter_pictures(filters, common_scale=False), filter_pictures(filters, common_scale=True)
    spread = [int(np.ptp(picture[1])) for picture in (each, common)]
    assert spread[0] > 5 * spread[1]
    weak = bench.tiles[2].picture
    bench.child("commonScaleCheck").setChecked(True)
    assert bench.store.session.learned.common_scale
    assert int(np.ptp(bench.tiles[2].picture)) < int(np.ptp(weak))


def test_colours_of_a_filter():
    three = np.zeros((1, 2, 3))
    three[0, 0] = [1, -1, 0]
    assert filter_picture(three)[0].tolist() == [[255, 0, 128], [128, 128, 128]]
    one = filter_picture(np.array([[-1.0, 0.0, 1.0]]))
    assert one[0].tolist() == [[0x2A, 0x6F, 0xDB], [0xF2, 0xF2, 0xF2], [0xE0, 0x70, 0x1C]]
    deep = filter_picture(np.ones((3, 3, 7)))
    assert deep.shape == (38, 38, 3)  # three by three channels of 3 x 3 weights, four pixels each, and lines between
    assert (deep == (0xE0, 0x70, 0x1C)).all(axis=2).sum() == 7 * 144


def test_another_layer_begins_with_its_first_filter(bench):
    bench.panel.tiles.chosen.emit(4)
    bench.choose("layerCombo", 1)
    assert bench.selected == 0
    assert bench.child("layerCombo").currentText() == "conv2 3×3×5"
    assert len(bench.tiles) == 4


def test_every_control_is_named(bench):
    for name in ("learnedNetworkCombo", "layerCombo", "activationCombo", "commonScaleCheck", "openFilterButton",
                 "putBackButton", "restoreFilterButton", "filterNumbersButton", "similarButton"):  # fmt: skip
        widget = bench.child(name)
        assert widget.accessibleName(), name
        assert widget.toolTip(), name
    model = bench.panel.tiles.tiles
    assert model.data(model.index(2), Qt.ItemDataRole.AccessibleTextRole) == "Filter 2: green blob"


def test_a_hidden_workspace_does_no_work(hidden, photo):
    hidden.open(photo)
    hidden.panel.tiles.chosen.emit(3)
    hidden.panel.tiles.chosen.emit(0)
    assert hidden.flow.made == []
    hidden.go("gradient")
    assert hidden.order == [0, 1, 2, 3, 4]
    assert np.allclose(hidden.response.painted.values, load("colournet").responses(photo)[0], atol=1e-4)
    made = len(hidden.flow.made)
    hidden.go("filter")
    hidden.open(np.ascontiguousarray(photo[:, ::-1]))
    assert len(hidden.flow.made) == made


def test_nothing_is_asked_twice(bench, photo):
    bench.open(photo)
    made = len(bench.flow.made)
    bench.flow.flow()
    assert len(bench.flow.made) == made
    bench.child("commonScaleCheck").setChecked(True)
    assert bench.flow.made[made:] == ["filter pictures", "response pictures"]  # painted, not computed


def test_the_panel_fits_its_width(bench):
    assert bench.panel.minimumSizeHint().width() <= 472
    for combo in ("learnedNetworkCombo", "layerCombo"):
        widget = bench.child(combo)
        assert widget.geometry().right() <= bench.panel.width()


def test_many_channels_take_little_room():
    picture = filter_picture(np.random.default_rng(1).normal(size=(3, 3, 512)))
    assert picture.size < 30_000


def test_narrow_tiles_abbreviate_colour():
    assert short_label("colour edge −87°") == "col. edge −87°"
    assert short_label("green blob") == "green blob"


def test_a_response_to_another_picture_is_not_read_and_leaves_when_there_is_none_to_this_one(bench, photo):
    bench.choose("learnedNetworkCombo", "lenet5")
    bench.open(photo)
    sheet = bench.response_pane.sheet
    bench.flow.is_held = True
    bench.open(np.ascontiguousarray(photo[::-1, :3])[:2])
    assert bench.response_pane.sheet is sheet  # marked, until the next one is there
    assert bench.moment.is_busy(RESPONSE)
    assert bench.response is None  # neither read nor saved
    assert bench.page.learned.saveable(bench.moment) is None
    bench.flow.is_held = False
    bench.flow.flow()
    assert bench.response_pane.sheet is None


def test_an_edit_keeps_the_older_responses_until_the_newer_are_there(bench, photo):
    bench.open(photo)
    before = [tile.response for tile in bench.tiles]
    bench.flow.is_held = True
    edit = FilterEdit("colournet", 0, 2, Kernel(np.ones((5, 5, 3))))
    bench.store.edit(lambda document: with_filter_edit(document, edit), "edit")
    assert [tile.response for tile in bench.tiles] == before
    bench.flow.is_held = False
    bench.flow.flow()
    after = {tile.index: tile.response for tile in bench.tiles}
    assert not np.array_equal(after[2], before[2])
    assert np.array_equal(after[1], before[1])
