"""The views that say why, on their own: maps of shifts, ways of asking, patches, a change that fools, curves."""

from itertools import pairwise

import numpy as np
import pytest
from msgspec.structs import replace
from PyQt6.QtCore import QEvent, QPoint, QPointF, QRect, Qt
from PyQt6.QtGui import QColor, QFontMetrics, QHelpEvent, QMouseEvent
from PyQt6.QtWidgets import QApplication, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from viewer import theme
from viewer.pages.network.views.changes import Change, ChangeList
from viewer.pages.network.views.fooling import Fooled, FoolingView
from viewer.pages.network.views.shift_curve import ShiftCurve, ShiftCurvesView
from viewer.pages.network.views.shift_maps import SIDE, SMALL, ShiftMap, ShiftMapsView
from viewer.pages.network.views.wants import FoundPatch, MadeInput, WantsView
from viewer.pages.network.views.why import Patch, RandomisedTest, Reason, WhyView

METHODS = ("gradient", "smoothgrad", "grad-cam", "occlusion", "guided")


def shift_map(network: str = "LeNet-5", reach: int = 8) -> ShiftMap:
    """Certain in the middle rows, impossible elsewhere."""
    found = np.zeros((2 * reach + 1, 2 * reach + 1), np.float32)
    found[reach - 1 : reach + 2] = 1.0
    return ShiftMap(network, "7", found, found > 0.5)


def shown(qtbot: QtBot, view: QWidget, width: int = 224, height: int = 460) -> QWidget:
    qtbot.addWidget(view)
    view.resize(width, height)
    with qtbot.waitExposed(view):
        view.show()
    return view


def drag(widget: QWidget, start: QPoint, *way: QPoint) -> None:
    """Press, move and let go; the offscreen platform knows no pointer that moves with a button held."""
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    kinds = QEvent.Type
    steps = [(kinds.MouseButtonPress, start, left, left)]
    steps += [(kinds.MouseMove, place, none, left) for place in way]
    steps.append((kinds.MouseButtonRelease, way[-1], left, none))
    for kind, place, button, buttons in steps:
        at = QPointF(place)
        event = QMouseEvent(kind, at, widget.mapToGlobal(at), button, buttons, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(widget, event)


def picture(value: int = 90, side: int = 28) -> np.ndarray:
    return np.full((side, side, 3), value, np.uint8)


@pytest.fixture
def maps(qtbot: QtBot) -> ShiftMapsView:
    view = ShiftMapsView()
    view.show_maps([shift_map(), shift_map("MLP")], (-3, 4))
    return shown(qtbot, view)


# -- how far may it move? ----------------------------------------------------------------------------------------------


def test_a_map_counts_where_the_answer_stays(maps: ShiftMapsView) -> None:
    assert [each.summary for each in maps.pictures if each.isVisible()] == ["51 of 289 stay 7"] * 2
    assert maps.range.text() == "±8 px"
    assert "4 right, 3 up: 7 with 0.0 %" in maps.pictures[0].accessibleDescription()


def test_the_brighter_the_more_probable_and_gold_is_where_it_lies(maps: ShiftMapsView) -> None:
    shot = maps.pictures[0].grab().toImage()
    ratio = maps.devicePixelRatio()

    def colour(row: int, column: int) -> QColor:
        place = maps.pictures[0].cell(row, column).center()
        return shot.pixelColor(round(place.x() * ratio), round(place.y() * ratio))

    colours = theme.palette()
    assert colour(8, 2) == colours.accent
    assert colour(2, 2) == colours.well
    edge = maps.pictures[0].cell(5, 12).topLeft() - QPoint(1, 1)
    assert shot.pixelColor(round(edge.x() * ratio), round(edge.y() * ratio)) == colours.crosshair


def test_a_click_a_drag_and_the_keys_move_the_picture(maps: ShiftMapsView, qtbot: QtBot) -> None:
    first = maps.pictures[0]
    moves: list[tuple[int, int]] = []
    ends: list[int] = []
    maps.gesture_ended.connect(lambda: ends.append(len(moves)))
    maps.moved.connect(lambda down, right: moves.append((down, right)))
    qtbot.mouseClick(first, Qt.MouseButton.LeftButton, pos=first.cell(8, 16).center())
    qtbot.keyClick(first, Qt.Key.Key_Right)  # there is no further
    qtbot.keyClick(first, Qt.Key.Key_Down)
    qtbot.keyClick(first, Qt.Key.Key_Home)
    drag(first, first.cell(0, 0).center(), QPoint(-500, 3))
    assert moves == [(0, 8), (1, 8), (0, 0), (-8, -8)]
    assert ends == [1, 1, 2, 3, 4]


def test_a_shift_beyond_the_map_comes_back_by_a_key(maps: ShiftMapsView, qtbot: QtBot) -> None:
    maps.show_maps([shift_map()], (0, 13))
    with qtbot.waitSignal(maps.moved) as moved:
        qtbot.keyClick(maps.pictures[0], Qt.Key.Key_Left)
    assert moved.args == [0, 8]
    assert not maps.pictures[1].isVisible()


def test_a_map_that_is_not_there_yet_moves_nothing(maps: ShiftMapsView, qtbot: QtBot) -> None:
    maps.show_maps([ShiftMap("LeNet-5", "7")], (0, 0))
    with qtbot.assertNotEmitted(maps.moved):
        qtbot.mouseClick(maps.pictures[0], Qt.MouseButton.LeftButton, pos=QPoint(50, 50))
    assert maps.range.text() == ""


def test_a_map_by_itself_says_all_of_its_line(qtbot: QtBot) -> None:
    view = ShiftMapsView()
    found = shift_map("ColourNet")
    view.show_maps([replace(found, answer="aeroplane")], (0, 0))
    shown(qtbot, view)
    picture = view.pictures[0]
    assert picture.width() >= QFontMetrics(theme.font(SMALL)).horizontalAdvance(picture.summary)
    assert picture.place().width() <= theme.px(SIDE)


def test_three_maps_fit_side_by_side(qtbot: QtBot) -> None:
    view = ShiftMapsView()
    view.show_maps([shift_map(each) for each in ("LeNet-5", "MLP", "ColourNet")], (0, 0))
    shown(qtbot, view)
    places = [QRect(each.pos(), each.place().size()) for each in view.pictures]
    assert all(not first.intersects(second) for first, second in pairwise(places))
    assert places[-1].right() < view.width()


def test_why_there_is_no_map(maps: ShiftMapsView) -> None:
    maps.show_reason("Draw a digit.")
    assert maps.message.text() == "Draw a digit."
    assert not any(each.isVisible() for each in maps.pictures)
    maps.show_maps([shift_map()], (0, 0))
    assert not maps.message.isVisible()


# -- why? --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def why(qtbot: QtBot) -> WhyView:
    view = WhyView()
    view.show_question("Why a 7?")
    view.show_reasons([Reason(method, picture()) for method in METHODS], "occlusion")
    view.show_answer("Drag the patch", Reason("occlusion", picture(), "6 × 6 pixels"), Patch((14, 14), 11, 11, 17, 17))
    return shown(qtbot, view)


def test_ways_of_asking_are_chosen_by_click_and_by_arrow_keys_in_two_columns(why: WhyView, qtbot: QtBot) -> None:
    asked: list[str] = []
    why.method_chosen.connect(asked.append)
    buttons = {method: why.findChild(QWidget, f"whyMethod_{method}") for method in METHODS}
    qtbot.mouseClick(buttons["gradient"], Qt.MouseButton.LeftButton)
    qtbot.keyClick(buttons["gradient"], Qt.Key.Key_Down)
    qtbot.keyClick(buttons["grad-cam"], Qt.Key.Key_Right)
    qtbot.keyClick(buttons["occlusion"], Qt.Key.Key_Up)
    assert asked == ["gradient", "grad-cam", "occlusion", "smoothgrad"]
    assert buttons["gradient"].y() == buttons["smoothgrad"].y() < buttons["occlusion"].y() < buttons["guided"].y()
    assert buttons["guided"].width() > 1.8 * buttons["gradient"].width()


def test_what_cannot_be_asked_says_why(why: WhyView, qtbot: QtBot) -> None:
    sentence = "The MLP has no maps larger than one pixel."
    reasons = [Reason(method, picture()) for method in METHODS if method != "grad-cam"]
    why.show_reasons([*reasons, Reason("grad-cam", None, sentence, is_possible=False)], "occlusion")
    button = why.findChild(QWidget, "whyMethod_grad-cam")
    assert not button.isEnabled()
    assert button.toolTip() == sentence
    with qtbot.assertNotEmitted(why.method_chosen):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    why.show_reasons([Reason(method, picture()) for method in METHODS], "occlusion")
    assert button.isEnabled()
    assert button.toolTip() != sentence


def test_the_patch_follows_mouse_and_keys(why: WhyView, qtbot: QtBot) -> None:
    places: list[tuple[int, int]] = []
    why.patch_moved.connect(lambda y, x: places.append((y, x)))
    large = why.picture
    qtbot.keyClick(large, Qt.Key.Key_Right)
    drag(large, large.cell(3, 4).center(), large.cell(5, 4).center())
    qtbot.keyClick(large, Qt.Key.Key_Home)
    assert places == [(14, 15), (3, 4), (5, 4), (14, 14)]


def test_without_a_patch_there_is_nothing_to_drag(why: WhyView, qtbot: QtBot) -> None:
    why.show_answer("Gradient", Reason("gradient", picture(), "Where a pixel counts."), None)
    with qtbot.assertNotEmitted(why.patch_moved):
        qtbot.mouseClick(why.picture, Qt.MouseButton.LeftButton, pos=QPoint(8, 8))
    assert why.text.text() == "Where a pixel counts."


def test_guided_backpropagation_stands_only_beside_its_test(why: WhyView) -> None:
    why.show_reasons([Reason(method, picture()) for method in METHODS], "guided")
    why.show_test(RandomisedTest(picture(10), picture(20), "Much alike."))
    assert why.own.isVisible()
    assert why.randomised.isVisible()
    assert why.randomised.image is not None
    assert not why.picture.isVisible()
    why.show_answer("Gradient", Reason("gradient", picture()), None)
    assert not why.own.isVisible()


def test_changes_are_told_with_both_numbers(qtbot: QtBot) -> None:
    view = ChangeList("changes", "Changes", "")
    view.show_changes([Change("7", 0.849, 0.002), Change("3", 0.127, 0.998)])
    shown(qtbot, view, 104, 40)
    assert view.sentences == ["7: 84.9 → 0.2 %", "3: 12.7 → 99.8 %"]
    assert view.accessibleDescription() == "7: 84.9 → 0.2 %; 3: 12.7 → 99.8 %"


def test_a_long_name_is_read_where_there_is_little_room(qtbot: QtBot) -> None:
    view = ChangeList("changes", "Changes", "")
    shown(qtbot, view, 100, 20)
    painted = []
    for name in ("lorry", "horse"):
        view.show_changes([Change(name, 0.4, 0.2)])
        painted.append(view.grab().toImage())
    assert painted[0] != painted[1]


# -- what a filter wants, and what fools a network ---------------------------------------------------------------------


def test_patches_stand_in_lines_inside_their_room_and_the_input_beside_them(qtbot: QtBot) -> None:
    view = WantsView()
    view.show_source("in the bundled digits", has_folder=False)
    view.show_patches([FoundPatch(picture(side=14), f"{n}.0", f"digit {n}") for n in range(40)])
    view.show_made(MadeInput(picture(), "", 3))
    for width, height in ((886, 300), (798, 240), (1440, 560)):
        shown(qtbot, view, width, height)
        places = view.patches.places()
        assert all(view.patches.rect().contains(each) for each in places)
        assert len(places) >= 6
        made = QRect(view.picture.mapTo(view, QPoint(0, 0)), view.picture.size())
        assert view.rect().contains(made)
    assert not view.folder.isVisible()
    assert "digit 39" in view.patches.accessibleDescription()


def test_an_input_that_is_being_made_can_be_stopped_and_made_again(qtbot: QtBot) -> None:
    view = WantsView()
    shown(qtbot, view, 886, 300)
    seeds: list[int] = []
    view.seed_chosen.connect(seeds.append)
    view.show_made(MadeInput(None, "", 3, is_busy=True))
    assert view.making.isVisible()
    assert not view.again.isVisible()
    with qtbot.waitSignal(view.cancel_requested):
        view.making.cancel.click()
    view.show_made(MadeInput(None, "Stopped.", 3))
    view.show_again(True)
    assert not view.making.isVisible()
    with qtbot.waitSignal(view.again_requested):
        view.again.click()
    view.show_made(MadeInput(picture(), "", 3))
    assert seeds == []
    view.seed.stepUp()
    assert seeds == [4]


def test_a_fooled_network_is_shown_as_a_sum(qtbot: QtBot) -> None:
    view = FoolingView()
    view.offer("Turn this 7 into a", [(number, str(number)) for number in range(10) if number != 7], 3, "sign")
    changes = [Change(str(number), 0.1, 0.1) for number in range(10)]
    view.show_fooled(Fooled(picture(1), picture(2), picture(3), 8.0, changes, "Fooled."))
    for width, height in ((886, 300), (798, 240), (1440, 560)):
        shown(qtbot, view, width, height)
        boxes = (view.original, view.change, view.result)
        places = [QRect(each.mapTo(view, QPoint(0, 0)), each.size()) for each in boxes]
        assert all(first.right() < second.left() for first, second in pairwise(places))
        assert all(view.rect().contains(each) for each in places)
        assert len({each.height() for each in places}) == 1
    chosen: list[int] = []
    view.target_chosen.connect(chosen.append)
    qtbot.keyClick(view.target, Qt.Key.Key_Down)
    assert chosen == [4]
    view.show_fooled(None, "No such change was found.")
    assert view.message.text() == "No such change was found."
    assert not view.result.isVisible()


# -- accuracy against shift --------------------------------------------------------------------------------------------


def test_curves_are_drawn_and_told(qtbot: QtBot) -> None:
    view = ShiftCurvesView()
    curves = [ShiftCurve("LeNet-5", (0.99, 0.9, 0.5)), ShiftCurve("MLP", (0.98, 0.6, 0.2))]
    view.show_curves(curves, "2,000 digits", shift=1.5)
    shown(qtbot, view, 886, 300)
    assert view.sentences == [
        "LeNet-5: 0 px 99.0 %, 1 px 90.0 %, 2 px 50.0 %", "MLP: 0 px 98.0 %, 1 px 60.0 %, 2 px 20.0 %",
    ]  # fmt: skip
    plot = view.findChild(QWidget, "shiftCurvesPlot")
    drawn = [each.getData() for each in plot.listDataItems()]
    assert [list(shares) for _steps, shares in drawn] == [[99.0, 90.0, 50.0], [98.0, 60.0, 20.0]]
    assert plot.accessibleDescription() == "; ".join(view.sentences)


def test_a_file_name_with_mark_up_is_told_as_it_is(qtbot):
    view = WantsView()
    qtbot.addWidget(view)
    view.resize(880, 300)
    view.show()
    view.patches.show_patches([FoundPatch(np.zeros((5, 5), np.uint8), "2.5", "<b>1</b>.png")])
    place = view.patches.places()[0].center()
    event = QHelpEvent(QHelpEvent.Type.ToolTip, place, view.patches.mapToGlobal(place))
    QApplication.sendEvent(view.patches, event)
    assert "&lt;b&gt;1&lt;/b&gt;.png" in QToolTip.text()
    QToolTip.hideText()
