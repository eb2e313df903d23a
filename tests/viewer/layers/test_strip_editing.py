"""The strip of cards: moving, removing, switching and inserting, by hand, by key, by menu and by a drag."""

import pytest
from msgspec.structs import replace
from PyQt6.QtCore import QMimeData, QPoint, QPointF, Qt
from PyQt6.QtGui import QAction, QContextMenuEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QWidget

from tests.viewer.layers.strips import LEFT, card, focus, heard, make_strip, move, press, row_of, show
from viewer.pages.layers.views.entry_list import ROW_MIME, STAGE_MIME

Key, Alt, NONE = Qt.Key, Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def strip(qtbot):
    return make_strip(qtbot)


# Carrying a card


def carry(strip, key, x):
    """Take up a card and hold it at `x` of the row."""
    taken = strip.row.card_of(key)
    QTest.mousePress(taken, LEFT, pos=QPoint(12, 12))
    for share in (0.5, 1.0):
        at = taken.x() + 12 + (x - taken.x() - 12) * share
        move(taken, QPoint(round(at) - taken.x(), 14), LEFT)
    return taken


def let_go(card):
    QTest.mouseRelease(card, LEFT, pos=QPoint(12, 14))


@pytest.mark.parametrize(
    ("key", "over", "side", "place"),
    [(1, 3, 20, 2), (1, 2, 20, 1), (3, 1, -20, 0), (2, 0, -20, 0), (3, 2, -20, 1), (1, 2, -20, None),
     (2, 3, -20, None), (2, 2, 20, None)],
)  # fmt: skip
def test_a_card_lands_between_others(strip, key, over, side, place):
    strip.resize(1600, 300)
    show(strip, row_of(3))
    said, chosen = heard(strip.moved), heard(strip.selected)
    other = strip.row.card_of(over).geometry()
    taken = carry(strip, key, other.center().x() + side)
    line = strip.findChild(QWidget, "landingLine")
    assert line.isVisible()
    assert not any(line.geometry().intersects(each.geometry()) for each in strip.row.cards)
    assert not strip.findChild(QWidget, "insertStage1").isVisible()
    let_go(taken)
    assert said == ([] if place is None else [(key, place)])
    assert chosen == []
    assert not line.isVisible()
    assert strip.findChild(QWidget, "insertStage1").isVisible()


def test_a_shake_of_the_hand_is_no_drag(strip):
    show(strip, row_of(3))
    said, chosen = heard(strip.moved), heard(strip.selected)
    taken = strip.row.card_of(2)
    QTest.mousePress(taken, LEFT, pos=QPoint(12, 12))
    move(taken, QPoint(14, 12), LEFT)
    let_go(taken)
    assert (said, chosen) == ([], [(2,)])


def test_escape_leaves_the_card_where_it_was(strip):
    show(strip, row_of(3))
    said, chosen = heard(strip.moved), heard(strip.selected)
    taken = carry(strip, 1, strip.row.card_of(3).geometry().right())
    QTest.keyClick(taken, Key.Key_Escape)
    assert not strip.findChild(QWidget, "landingLine").isVisible()
    move(taken, QPoint(500, 12), LEFT)
    assert not strip.findChild(QWidget, "landingLine").isVisible()
    let_go(taken)
    assert (said, chosen) == ([], [])


def test_the_picture_stays(strip):
    show(strip, row_of(3))
    said = heard(strip.moved)
    taken = carry(strip, 0, strip.row.card_of(3).geometry().right())
    assert not strip.findChild(QWidget, "landingLine").isVisible()
    let_go(taken)
    assert said == []


def test_a_card_that_goes_while_it_is_carried_lands_nowhere(strip):
    show(strip, row_of(3))
    said = heard(strip.moved)
    taken = carry(strip, 1, strip.row.card_of(3).geometry().right())
    show(strip, [*row_of(0), card(2), card(3)], 2)
    assert not strip.findChild(QWidget, "landingLine").isVisible()
    let_go(taken)
    assert said == []


def test_the_row_scrolls_while_a_card_is_held_at_its_end(strip, qtbot):
    show(strip, row_of(10))
    bar = strip.area.horizontalScrollBar()
    assert bar.maximum() > 0
    taken = carry(strip, 1, strip.area.viewport().width() - 5)
    qtbot.waitUntil(lambda: bar.value() == bar.maximum())
    said = heard(strip.moved)
    let_go(taken)
    assert said == [(1, 9)]
    assert not strip.reorder._timer.isActive()


# Keys


def test_tab_goes_to_the_selected_card_only(strip):
    show(strip, row_of(3), 2)
    tab = Qt.FocusPolicy.TabFocus
    assert [bool(each.focusPolicy() & tab) for each in strip.row.cards] == [False, False, True, False]
    assert not strip.row.cards[1].switch.focusPolicy() & tab


def test_arrows_choose_cards_and_the_focus_follows(strip):
    show(strip, row_of(3))
    focus(strip, 1)
    said = heard(strip.selected)
    for key in (Key.Key_Right, Key.Key_Left, Key.Key_End, Key.Key_Home):
        press(strip, key)
    assert said == [(2,), (0,), (3,), (0,)]
    show(strip, row_of(3), 2)
    assert strip.row.card_of(2).hasFocus()
    show(strip, row_of(3), 3)
    press(strip, Key.Key_Right)
    assert len(said) == 4


def test_arrows_choose_maps(strip):
    show(strip, [*row_of(0), replace(card(1, 3), numbers=(0, 31, 63), count=64, selected=31), card(2)])
    focus(strip, 1)
    said = heard(strip.map_selected)
    press(strip, Key.Key_Down)
    press(strip, Key.Key_Up)
    assert said == [(1, 32), (1, 30)]
    show(strip, [*row_of(0), card(1, selected=0)])
    press(strip, Key.Key_Up)
    show(strip, [*row_of(0), card(1, selected=5)])
    press(strip, Key.Key_Down)
    assert len(said) == 2
    show(strip, [*row_of(0), card(1)])
    press(strip, Key.Key_Down)
    assert said[2:] == [(1, 0)]


def test_keys_move_remove_switch_and_insert(strip):
    show(strip, row_of(3), 2)
    focus(strip, 2)
    moved, removed = heard(strip.moved), heard(strip.removed)
    switched, inserted = heard(strip.switched), heard(strip.insert_requested)
    press(strip, Key.Key_Left, Alt)
    press(strip, Key.Key_Right, Alt)
    assert moved == [(2, 0), (2, 2)]
    press(strip, Key.Key_Delete)
    assert removed == [(2,)]
    press(strip, Key.Key_Space)
    assert switched == [(2, False)]
    press(strip, Key.Key_Insert)
    press(strip, Key.Key_Plus, Qt.KeyboardModifier.ShiftModifier)
    assert [place for place, _where in inserted] == [2, 2]
    button = strip.findChild(QWidget, "insertStage2")
    assert inserted[0][1] == button.mapToGlobal(QPoint(0, button.height()))


def test_keys_do_nothing_to_the_picture_but_insert(strip):
    show(strip, row_of(2), 0)
    focus(strip, 0)
    everything = [heard(each) for each in (strip.moved, strip.removed, strip.switched)]
    inserted = heard(strip.insert_requested)
    for key, modifiers in ((Key.Key_Right, Alt), (Key.Key_Delete, NONE), (Key.Key_Space, NONE)):
        press(strip, key, modifiers)
    press(strip, Key.Key_Insert)
    assert everything == [[], [], []]
    assert [place for place, _where in inserted] == [0]


def test_a_stage_moves_no_further_than_the_row(strip):
    show(strip, row_of(2), 1)
    focus(strip, 1)
    said = heard(strip.moved)
    press(strip, Key.Key_Left, Alt)
    show(strip, row_of(2), 2)
    press(strip, Key.Key_Right, Alt)
    assert said == []


def test_the_focus_goes_on_when_its_card_is_removed(strip):
    show(strip, row_of(3), 2)
    focus(strip, 2)
    show(strip, [*row_of(1), card(3)], 3)
    assert strip.row.card_of(3).hasFocus()


def test_the_focus_stays_elsewhere(strip, qtbot):
    other = QWidget()
    qtbot.addWidget(other)
    show(strip, row_of(3), 2)
    show(strip, row_of(3), 3)
    assert not any(each.hasFocus() for each in strip.row.cards)


def test_keys_of_the_cards_come_before_those_of_the_window(strip):
    show(strip, row_of(2))
    focus(strip, 1)
    said, pressed = heard(strip.selected), []
    action = QAction(strip)
    action.setShortcuts([Key.Key_Right, Key.Key_F])
    action.triggered.connect(lambda: pressed.append(1))
    strip.addAction(action)
    press(strip, Key.Key_Right)
    assert (said, pressed) == ([(2,)], [])
    press(strip, Key.Key_F)
    assert pressed == [1]


# Insert, menu, drops


def test_every_gap_has_a_plus(strip):
    show(strip, row_of(2))
    said = heard(strip.insert_requested)
    for place in range(3):
        button = strip.findChild(QWidget, f"insertStage{place}")
        assert button.isVisible()
        assert strip.row.cards[place].geometry().right() < button.geometry().center().x()
        button.click()
    assert [place for place, _where in said] == [0, 1, 2]
    show(strip, row_of(1))
    assert sum(each.isVisible() for each in strip.findChildren(QWidget) if "insertStage" in each.objectName()) == 2


def test_the_menu_does_what_the_keys_do(strip):
    show(strip, row_of(2), 1)
    moved, removed, switched = heard(strip.moved), heard(strip.removed), heard(strip.switched)
    menu = strip.menu_for(strip.row.card_of(2))
    able = {each.objectName(): each.isEnabled() for each in menu.actions()}
    assert able == {"layerCardSwitch": True, "layerCardLeft": True, "layerCardRight": False,
                    "layerCardInsert": True, "layerCardRemove": True}  # fmt: skip
    for name in ("Switch", "Left", "Remove"):
        menu.findChild(QAction, f"layerCard{name}").trigger()
    assert (switched, moved, removed) == ([(2, False)], [(2, 0)], [(2,)])
    able = [each.isEnabled() for each in strip.menu_for(strip.row.card_of(0)).actions()]
    assert able == [False, False, False, True, False]


def test_a_right_click_opens_the_menu(strip):
    show(strip, row_of(1))
    asked = heard(strip.row.cards[1].menu_requested)
    at = QPoint(20, 20)
    where = strip.row.cards[1].mapToGlobal(at)
    QApplication.sendEvent(strip.row.cards[1], QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, where))
    assert asked == [(1, where)]
    QApplication.activePopupWidget().close()


def drop(strip, kind, name, x, *, ends=True):
    """Drag `name` over the strip at `x` of the row and let it go; returns whether it was taken."""
    data = QMimeData()
    data.setData(kind, name.encode())
    at = strip.mapFromGlobal(strip.row.mapToGlobal(QPoint(x, 60)))
    entering = QDragEnterEvent(at, Qt.DropAction.CopyAction, data, LEFT, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(strip, entering)
    if ends and entering.isAccepted():
        dropping = QDropEvent(QPointF(at), Qt.DropAction.CopyAction, data, LEFT, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(strip, dropping)
    return entering.isAccepted()


def test_a_stage_is_dropped_between_cards(strip):
    show(strip, row_of(3))
    said = heard(strip.stage_dropped)
    middles = [each.geometry().center().x() for each in strip.row.cards]
    for x in (3, middles[1] - 5, middles[1] + 5, middles[3] + 5):
        assert drop(strip, STAGE_MIME, "max-pool", x)
    assert said == [("max-pool", place) for place in (0, 0, 1, 3)]
    assert not strip.findChild(QWidget, "landingLine").isVisible()


def test_a_row_is_dropped_on_all_of_it(strip):
    show(strip, row_of(3))
    said, stages = heard(strip.row_dropped), heard(strip.stage_dropped)
    outline = strip.findChild(QWidget, "rowOutline")
    drop(strip, ROW_MIME, "vgg-block", 100, ends=False)
    assert outline.isVisible()
    QApplication.sendEvent(strip, QDragLeaveEvent())
    assert not outline.isVisible()
    assert drop(strip, ROW_MIME, "vgg-block", 100)
    assert (said, stages) == ([("vgg-block",)], [])
    assert not outline.isVisible()


def test_what_is_no_stage_is_not_taken(strip):
    show(strip, row_of(2))
    assert not drop(strip, "text/plain", "max-pool", 100)
