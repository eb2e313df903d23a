"""The strip of cards: what it shows, and what it says of clicks and of the pointer."""

from itertools import pairwise

import numpy as np
import pytest
from msgspec.structs import replace
from PyQt6.QtCore import QPoint, QRect
from PyQt6.QtGui import QColor
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QWidget

from tests.viewer.layers.strips import FACTS, LEFT, card, colours_of, heard, make_strip, maps, move, row_of, show
from viewer import theme
from viewer.pages.layers.cards import Card
from viewer.pages.layers.views.card_layout import wrapped
from viewer.pages.layers.views.card_painting import frame_of, kernel_rect


@pytest.fixture
def strip(qtbot):
    return make_strip(qtbot)


# What is shown


def test_cards_stand_side_by_side_and_name_themselves(strip):
    show(strip, [*row_of(1), card(2, 3, title="ReLU", detail="", is_on=False, note="74 % become 0", selected=1)])
    cards = strip.row.cards
    assert [each.accessibleName().split(",")[0] for each in cards] == ["Picture", "Stage 1 5 × 5", "ReLU"]
    assert cards[2].accessibleName() == "ReLU, stage 2 of 2"
    said = cards[2].accessibleDescription()
    for part in ("off", "3 maps", "map 1 selected", "74 % become 0", "Weights 156"):
        assert part in said
    assert all(a.geometry().right() < b.geometry().left() for a, b in pairwise(cards))
    assert len({each.height() for each in cards}) == 1
    assert strip.header.title.text() == "LeNet-5 front"
    assert strip.header.summary.text() == "6 stages on camera"


def test_every_control_has_a_name_and_a_tip(strip):
    show(strip, row_of(2))
    found = [strip.row.cards[1], strip.row.cards[1].switch, strip.findChild(QWidget, "insertStage0"),
             strip.header.scale, strip.area.horizontalScrollBar()]  # fmt: skip
    for each in found:
        assert each.objectName()
        assert each.accessibleName()
        assert each.toolTip()


def test_updates_keep_the_widgets(strip):
    show(strip, row_of(4))
    before = {each.key: each for each in strip.row.cards}
    changed = row_of(4)
    show(strip, [changed[0], changed[4], card(9), changed[1]])
    assert [each.key for each in strip.row.cards] == [0, 4, 9, 1]
    assert all(strip.row.card_of(key) is before[key] for key in (0, 1, 4))
    assert not before[2].isVisible()
    assert not before[3].isVisible()


def test_new_maps_are_painted_over_the_old(strip):
    show(strip, row_of(1))
    first = strip.row.cards[1]
    assert QColor(20, 20, 20).name() in colours_of(first)
    show(strip, [strip.row.cards[0].card, replace(first.card, maps=maps(6, level=130))])
    shown = colours_of(first)
    assert QColor(180, 180, 180).name() in shown
    assert QColor(20, 20, 20).name() not in shown


def test_the_selected_map_has_a_gold_frame_where_it_exists(strip):
    gold = theme.palette().crosshair.name()
    cards = [*row_of(0), card(1, selected=3), card(2, 6, selected=3), card(3, 2, selected=3), card(4)]
    for selected, framed in ((1, True), (2, True), (3, False), (4, False)):
        show(strip, cards, selected)
        golden = [each.key for each in strip.row.cards if gold in colours_of(each)]
        assert golden == ([selected] if framed else [])
    first = strip.row.cards[1]
    assert frame_of(first.card, first.plan) == first.plan.maps[3]


def test_kernels_stand_on_the_maps_of_the_selected_card(strip):
    teal = np.zeros((5, 5, 3), np.uint8) + np.array([0, 128, 129], np.uint8)
    cards = [*row_of(0), card(1, kernels=(teal,) * 6), card(2, kernels=(teal,) * 6)]
    show(strip, cards, 1)
    assert ["#008081" in colours_of(each) for each in strip.row.cards] == [False, True, False]
    show(strip, cards, 2)
    assert ["#008081" in colours_of(each) for each in strip.row.cards] == [False, False, True]


@pytest.mark.parametrize("shape", [(1, 1), (3, 3), (5, 5), (3, 7), (31, 31)])
def test_a_kernel_stays_in_its_corner(qapp, shape):
    thumbnail = QRect(8, 31, 60, 50)
    corner = kernel_rect(thumbnail, shape)
    assert thumbnail.contains(corner)
    assert corner.bottomLeft() == thumbnail.bottomLeft()
    assert max(corner.width(), corner.height()) <= 25
    assert corner.width() * shape[0] == pytest.approx(corner.height() * shape[1], rel=0.1)


@pytest.mark.parametrize("count", range(1, 17))
@pytest.mark.parametrize("shape", [(60, 60), (40, 120), (120, 40)])
@pytest.mark.parametrize("height", [300, 260])
def test_thumbnails_keep_their_proportions_and_their_card(strip, count, shape, height):
    strip.resize(980, height)
    given = Card(1, "Batch normalisation", "measured", maps=maps(count, shape), numbers=tuple(range(count)),
                 count=count, glyph="relu", note="max(0, x): 74 % become 0", facts=FACTS)  # fmt: skip
    show(strip, [*row_of(0), given])
    shown = strip.row.cards[1]
    plan = shown.plan
    assert len(plan.maps) == count
    for number, rect in enumerate(plan.maps):
        assert shown.rect().contains(rect)
        assert rect.bottom() < plan.glyph.top()
        assert not any(rect.intersects(other) for other in plan.maps[:number])
        assert rect.width() * shape[0] == pytest.approx(rect.height() * shape[1], rel=0.2)
    assert plan.glyph.bottom() < plan.rule.top() < plan.facts[0].top()
    assert shown.rect().contains(plan.facts[-1])


def test_nothing_on_a_card_is_cut_that_has_room_in_the_design(strip):
    given = card(1, title="Batch normalisation", detail="", glyph="relu", note="max(0, x): 74 % become 0")
    show(strip, [*row_of(0), given], 0)
    plan = strip.row.cards[1].plan
    assert " ".join(line for _rect, line in plan.lines).replace("\u00a0", " ") == given.note
    assert plan.title.right() < plan.switch.left()
    assert plan.title.width() >= strip.row.cards[1].fontMetrics().horizontalAdvance("Batch normalisation") - 2


def test_more_maps_than_are_shown_are_counted(strip):
    given = replace(card(1, 16), count=64)
    show(strip, [*row_of(0), given, card(2, 16)])
    assert not strip.row.cards[1].plan.remark.isEmpty()
    assert strip.row.cards[2].plan.remark.isEmpty()
    assert strip.row.cards[1]._remark() == "16 of 64 maps"


def test_an_error_stands_in_its_card(strip):
    sentence = "The filter bank has kernels of 6 channels, but 8 maps come in; group them or take 6."
    show(strip, [*row_of(1), card(2, note="5 × 5", glyph="relu", error=sentence)])
    broken = strip.row.cards[2]
    said = " ".join(line for _rect, line in broken.plan.lines).replace("\u00a0", " ")
    assert said == sentence
    assert broken.plan.glyph.isEmpty()
    assert sentence in broken.accessibleDescription()
    assert theme.palette().error.name() in colours_of(broken)
    assert QColor(20, 20, 20).name() not in colours_of(broken)
    assert QColor(20, 20, 20).name() in colours_of(strip.row.cards[1])


def test_maps_of_one_pixel_carry_their_number(strip):
    """Near-black on a bright map, white on a dark one; nothing is written on maps of more pixels."""
    bright, dark = np.full((1, 1), 200, np.uint8), np.full((1, 1), 20, np.uint8)
    flat = replace(card(1, 2), maps=(bright, dark))
    ink = {"#14161a", "#ffffff"}

    def inks(shown):
        image, middles = shown.grab().toImage(), [each.adjusted(6, 6, -6, -6) for each in shown.plan.maps]
        places = [[(x, y) for x in range(r.left(), r.right()) for y in range(r.top(), r.bottom())] for r in middles]
        return [ink & {image.pixelColor(x, y).name() for x, y in each} for each in places]

    show(strip, [*row_of(0), flat, replace(flat, key=2, values=(3150.4, -2.5))], 0)
    assert inks(strip.row.cards[1]) == [set(), set()]
    assert inks(strip.row.cards[2]) == [{"#14161a"}, {"#ffffff"}]


def test_maps_behind_a_failed_stage_are_dimmed(strip):
    show(strip, [*row_of(1), card(2, error="8 maps come in."), card(3, is_waiting=True)])
    assert [QColor(20, 20, 20).name() in colours_of(each) for each in strip.row.cards[1:]] == [True, False, False]


def test_lines_break_between_words_and_end_in_an_ellipsis(qapp):
    style = (12, 400)
    assert wrapped("", 100, style, 2, 1.0) == ()
    assert wrapped("short", 100, style, 2, 1.0) == ("short",)
    lines = wrapped("max(0, x): 74 % become 0", 110, style, 2, 1.0)
    assert " ".join(lines).replace("\u00a0", " ") == "max(0, x): 74 % become 0"
    assert not any(line.startswith("%") for line in lines)
    cut = wrapped("one two three four five six seven eight nine ten", 60, style, 2, 1.0)
    assert len(cut) == 2
    assert cut[-1].endswith("…")


def test_a_card_that_is_behind_says_so_when_it_lasts(strip, qtbot):
    show(strip, [*row_of(0), replace(card(1), is_behind=True)])
    line = strip.row.cards[1].busy_line
    qtbot.waitUntil(line.isVisible)
    assert line.geometry().top() <= strip.row.cards[1].plan.rule.top() <= line.geometry().bottom() + 1
    show(strip, row_of(1))
    assert not line.isVisible()


def test_the_scale_has_its_numbers(strip):
    show(strip, row_of(1))
    scale = strip.header.scale
    assert not scale.isVisible()
    ramp = np.zeros((256, 3), np.uint8)
    ramp[:128, 2] = 255
    ramp[128:, 0] = 255
    strip.show_scale("Map 3", -2.9123, 2.9, ramp)
    assert scale.isVisible()
    assert scale.accessibleDescription() == "Map 3: −2.91 to 2.9"
    assert {"#0000ff", "#ff0000", theme.palette().crosshair.name()} <= colours_of(scale)
    strip.show_scale("", 0.0, 0.0, None)
    assert not scale.isVisible()


def test_what_is_followed_is_marked_on_the_selected_map(strip):
    gold = theme.palette().crosshair.name()
    strip.show_pixels({0: (0.5, 0.25, 0.01, 0.01)})
    show(strip, row_of(2))
    picture = strip.row.cards[0]
    assert gold in colours_of(picture)
    assert gold not in colours_of(strip.row.cards[1])
    strip.show_pixels({})
    assert gold not in colours_of(picture)


# The pointer


def middle(card, number):
    return card.plan.maps[number].center()


def test_a_click_selects_the_card_and_the_map(strip):
    show(strip, row_of(3))
    cards, maps_ = heard(strip.selected), heard(strip.map_selected)
    third = strip.row.cards[3]
    QTest.mouseClick(third, LEFT, pos=QPoint(12, 12))
    assert (cards, maps_) == ([(3,)], [])
    QTest.mouseClick(third, LEFT, pos=middle(third, 4))
    assert (cards, maps_) == ([(3,), (3,)], [(3, 4)])
    first = strip.row.cards[1]
    QTest.mouseClick(first, LEFT, pos=middle(first, 2))
    assert (cards, maps_) == ([(3,), (3,)], [(3, 4), (1, 2)])


def test_thumbnails_speak_of_the_maps_that_they_show(strip):
    show(strip, [*row_of(0), replace(card(1, 3), numbers=(0, 20, 63), count=64)])
    maps_ = heard(strip.map_selected)
    QTest.mouseClick(strip.row.cards[1], LEFT, pos=middle(strip.row.cards[1], 1))
    assert maps_ == [(1, 20)]


def test_a_switch_asks_and_shows_what_it_is_told(strip):
    show(strip, row_of(2))
    said, chosen = heard(strip.switched), heard(strip.selected)
    switch = strip.row.cards[2].switch
    switch.click()
    assert said == [(2, False)]
    assert switch.isChecked()
    show(strip, [*row_of(1), card(2, is_on=False)])
    assert not switch.isChecked()
    switch.click()
    assert said == [(2, False), (2, True)]
    assert chosen == []
    assert not strip.row.cards[0].switch.isVisible()


def test_a_switch_stays_under_the_pointer(strip, qapp):
    """The card of a stage that is off has one map and no facts; it keeps its width all the same."""
    show(strip, row_of(2))
    before = strip.row.cards[2].geometry()
    show(strip, [*row_of(1), card(2, 1, is_on=False, facts=())])
    assert strip.row.cards[2].geometry() == before
    theme.apply(qapp, "dark", large_type=True)
    theme.apply(qapp, "dark")
    assert strip.row.cards[2].geometry() == before
    show(strip, [*row_of(1), card(2, 1, facts=())])
    assert strip.row.cards[2].width() < before.width()


def test_the_place_on_a_map_is_told_as_shares(strip):
    show(strip, row_of(1))
    said, gone = heard(strip.hovered), heard(strip.left)
    shown = strip.row.cards[1]
    rect = shown.plan.maps[5]
    for point in (rect.topLeft(), rect.bottomRight(), rect.center()):
        move(shown, point)
    assert [(key, number) for key, number, _y, _x in said] == [(1, shown.card.numbers[5])] * 3
    (*_, top, left), (*_, bottom, right), (*_, y, x) = said
    assert 0 <= min(top, left) <= max(top, left) < 0.05
    assert 0.95 < min(bottom, right) <= max(bottom, right) < 1
    assert (y, x) == pytest.approx((0.5, 0.5), abs=0.03)
    assert gone == []
    move(shown, QPoint(12, 12))
    move(shown, QPoint(14, 12))
    assert gone == [()]
