"""Where the cards of the strip stand: what is in sight, and how they share the room."""

from itertools import combinations

import pytest
from msgspec.structs import replace
from PyQt6.QtCore import QPoint, QPointF, QSize, Qt
from PyQt6.QtGui import QWheelEvent
from PyQt6.QtWidgets import QApplication, QVBoxLayout, QWidget

from tests.viewer.layers.strips import FACTS, card, colours_of, make_strip, row_of, show
from viewer import theme
from viewer.pages.layers.views import card_layout
from viewer.pages.layers.views.strip import CardStrip


@pytest.fixture
def strip(qtbot):
    return make_strip(qtbot)


def wheel(strip, up):
    at = QPointF(60, 60)
    event = QWheelEvent(at, strip.area.viewport().mapToGlobal(at), QPoint(), QPoint(0, up), Qt.MouseButton.NoButton,
                        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False)  # fmt: skip
    QApplication.sendEvent(strip.area.viewport(), event)
    return event.isAccepted()


def test_the_wheel_scrolls_sideways(strip):
    show(strip, row_of(10))
    bar = strip.area.horizontalScrollBar()
    assert bar.value() == 0
    wheel(strip, -120)
    assert bar.value() == 120
    wheel(strip, 120)
    assert bar.value() == 0
    show(strip, row_of(1))
    assert bar.maximum() == 0
    assert not wheel(strip, -120)


def in_sight(strip, key):
    bar = strip.area.horizontalScrollBar()
    place = strip.row.card_of(key).geometry()
    return bar.value() <= place.left() and place.right() < bar.value() + strip.area.viewport().width()


def test_the_selected_card_is_in_sight(strip):
    show(strip, row_of(10), 9)
    assert in_sight(strip, 9)
    show(strip, row_of(10), 2)
    assert in_sight(strip, 2)
    strip.resize(500, 300)
    QApplication.processEvents()
    assert in_sight(strip, 2)


def test_new_maps_leave_the_row_where_it_was_scrolled_to(strip):
    show(strip, row_of(10), 1)
    bar = strip.area.horizontalScrollBar()
    bar.setValue(bar.maximum())
    show(strip, row_of(10), 1)
    assert bar.value() == bar.maximum()


def test_a_card_that_is_clicked_stays_under_the_pointer(strip):
    show(strip, row_of(10), 1)
    bar = strip.area.horizontalScrollBar()
    bar.setValue(bar.maximum() // 2)
    clicked = next(each for each in strip.row.cards if each.x() - bar.value() > 200)
    wide, stood = strip.row.cards[1].width(), clicked.x() - bar.value()
    show(strip, row_of(10), clicked.key)
    assert strip.row.cards[1].width() < wide
    assert clicked.x() - bar.value() == stood


def test_cards_fill_the_room_that_there_is(strip):
    show(strip, row_of(3), 0)
    strip.resize(700, 300)
    QApplication.processEvents()
    narrow = [each.width() for each in strip.row.cards]
    strip.resize(1534, 300)
    QApplication.processEvents()
    assert strip.row.cards[2].width() > narrow[2]
    assert strip.area.horizontalScrollBar().maximum() == 0


@pytest.mark.parametrize("size", [(980, 300), (1534, 300), (894, 260)])
def test_the_cards_stand_above_the_bar(strip, size):
    strip.resize(*size)
    show(strip, row_of(9))
    lowest = strip.row.cards[0].mapTo(strip, QPoint(0, strip.row.cards[0].height())).y()
    assert lowest <= strip.area.horizontalScrollBar().mapTo(strip, QPoint(0, 0)).y()


def test_larger_type_and_the_other_theme_reach_the_cards(strip, qapp):
    show(strip, row_of(1))
    small = strip.row.cards[1].plan.switch.width()
    panel = theme.palette().panel.name()
    try:
        theme.apply(qapp, "light", large_type=True)
        strip.resize(1400, 450)
        QApplication.processEvents()
        assert strip.row.cards[1].plan.switch.width() == round(1.5 * small)
        assert theme.palette().panel.name() != panel
        assert theme.palette().panel.name() in colours_of(strip.row.cards[1])
    finally:
        theme.apply(qapp, "dark")


def test_an_empty_row_says_what_to_do(strip):
    show(strip, row_of(0), 0)
    words = strip.row.grab().copy(strip.row.gap(0).right() + 4, 10, 200, 30).toImage()
    inks = {words.pixelColor(x, y).name() for x in range(words.width()) for y in range(words.height())}
    assert theme.palette().muted.name() in inks


def test_a_strip_is_filled_before_it_is_seen(qtbot):
    holder = QWidget()
    qtbot.addWidget(holder)
    made = CardStrip()
    QVBoxLayout(holder).addWidget(made)
    made.show_cards("VGG block", "", row_of(10), 9)
    holder.resize(980, 320)
    with qtbot.waitExposed(holder):
        holder.show()
    QApplication.processEvents()
    assert in_sight(made, 9)


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("height", [160, 200, 248, 300, 420])
@pytest.mark.parametrize("count", [1, 6, 16])
def test_nothing_on_a_card_covers_anything_else(qapp, large, height, count):
    theme.apply(qapp, "dark", large_type=large)
    given = card(1, count, title="ReLU", glyph="relu", note="max(0, x): 74 % become 0", facts=(*FACTS, FACTS[0]))
    for each in (given, replace(given, count=64), replace(given, glyph="", note="")):
        plan = card_layout.plan(each, QSize(theme.px(180), theme.px(height)), 4)
        rects = [*plan.maps, plan.remark, plan.glyph, *(rect for rect, _text in plan.lines)]
        rects = [rect for rect in rects if not rect.isEmpty()]
        assert not any(one.intersects(other) for one, other in combinations(rects, 2))
        if height >= 200:
            assert max(rect.bottom() for rect in rects) < plan.rule.top()
    theme.apply(qapp, "dark")
