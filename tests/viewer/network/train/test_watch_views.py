"""What is watched while a network learns: the views show what they are given, and say what the user chose."""

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, QRect, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from tests.viewer.panes.rig import Paintings
from viewer import theme
from viewer.pages.network.train.views.by_layer import LayerGauge, LayerGauges, power_text, scale_of
from viewer.pages.network.train.views.chain import ChainStage, ChainView
from viewer.pages.network.train.views.confusion import READABLE, Confusion, ConfusionTable
from viewer.pages.network.train.views.minibatch import Minibatch, MinibatchStrip
from viewer.pages.network.train.views.mistakes import Mistake
from viewer.pages.network.train.views.one_weight import FilterPicture, OneWeight
from viewer.pages.network.train.views.update_card import Update, UpdateCard, UpdateLine
from viewer.pages.network.train.views.watch_column import WatchColumn

DIGITS = tuple("0123456789")
Key = Qt.Key


def counts():
    made = np.diag(np.full(10, 38))
    made[7, 9], made[0, 6] = 2, 1
    return made


def shown(qtbot, view, width, height):
    qtbot.addWidget(view)
    view.resize(width, height)
    with qtbot.waitExposed(view):
        view.show()
    return view


def colour(view, spot):
    return view.grab().toImage().pixelColor(spot)


@pytest.fixture
def column(qtbot):
    made = shown(qtbot, WatchColumn(), 272, 698)
    made.show_confusion(Confusion(DIGITS, counts()), (7, 9))
    return made


def test_right_is_blue_wrong_is_orange_and_the_chosen_cell_is_gold(column):
    table = column.confusion
    inside = [table.cell(*at).topLeft() + QPoint(5, 5) for at in ((3, 3), (7, 9), (1, 2))]
    right, wrong, nothing = (colour(table, spot) for spot in inside)
    assert right.blue() > right.red() + 40
    assert wrong.red() > wrong.blue() + 40
    assert nothing == theme.palette().field
    assert colour(table, table.cell(7, 9).topLeft()) == theme.palette().crosshair
    assert column.wrong.text() == "3 of 383 wrong"


def test_the_same_table_is_not_painted_again(column):
    """At every step of a timeline that is dragged it is shown anew."""
    QApplication.processEvents()
    paintings = Paintings(column.confusion)
    column.show_confusion(Confusion(DIGITS, counts()), (7, 9))
    QApplication.processEvents()
    assert paintings.count == 0
    for shown, chosen in (
        (Confusion(DIGITS, counts()), (0, 6)),
        (Confusion(DIGITS, 2 * counts()), (0, 6)),
        (None, None),
    ):
        column.show_confusion(shown, chosen)
        QApplication.processEvents()
        assert paintings.count > 0
        paintings.count = 0
    assert not column.confusion.isEnabled()


def test_a_click_and_the_arrow_keys_choose_a_cell_and_escape_none(qtbot, column):
    cells, table = [], column.confusion
    column.cell_chosen.connect(cells.append)
    QTest.mouseClick(table, Qt.MouseButton.LeftButton, pos=table.cell(0, 6).center())
    column.show_confusion(Confusion(DIGITS, counts()), (0, 6))
    qtbot.keyClick(table, Key.Key_Down)
    qtbot.keyClick(table, Key.Key_Left)
    qtbot.keyClick(table, Key.Key_Escape)
    assert cells == [(0, 6), (1, 6), (1, 5), None]
    assert table.words(7, 9) == "7 taken for 9: 2 of 40"
    assert table.accessibleDescription() == "0 taken for 6: 1 of 39"


@pytest.mark.parametrize("count", [2, 10, 26, 100])
def test_any_number_of_classes_has_room(qtbot, count):
    column = shown(qtbot, WatchColumn(), 272, 698)
    names = tuple(f"class number {number}" for number in range(count))
    column.show_confusion(Confusion(names, np.eye(count, dtype=int)))
    column.widget().layout().activate()
    table = column.confusion
    last = table.cell(count - 1, count - 1)
    assert last.width() >= 1
    assert last.right() < table.width()
    assert last.bottom() < table.height()
    assert colour(table, last.center()).blue() > 0


def test_names_stand_beside_their_own_rows_where_only_some_have_room(qtbot):
    table = shown(qtbot, ConfusionTable(), 200, 180)
    table.show_confusion(Confusion(("", "", "0", *DIGITS[3:]), counts()))
    side = table.cell(0, 0).height()
    assert theme.px(READABLE) / 2 < side < theme.px(READABLE)  # every second name
    ink = ink_of(table, QRect(0, 0, table.place().left() - 1, 4 * side))
    assert abs(ink.center().y() - table.cell(2, 0).center().y()) <= 2
    ink = ink_of(table, QRect(table.place().left(), table.place().bottom() + 2, 4 * side, table.height()))
    assert abs(ink.center().x() - table.cell(0, 2).center().x()) <= 2


def ink_of(view, room):
    """What of a place is not ground."""
    image = view.grab(room.intersected(view.rect())).toImage()
    ground = image.pixelColor(0, 0)
    spots = [(x, y) for x in range(image.width()) for y in range(image.height()) if image.pixelColor(x, y) != ground]
    across, down = zip(*spots, strict=True)
    return QRect(QPoint(min(across), min(down)), QPoint(max(across), max(down))).translated(room.topLeft())


def test_without_a_run_it_says_why(qtbot):
    column = shown(qtbot, WatchColumn(), 272, 698)
    column.show_confusion(None, None, "Play to see it.")
    blank = column.mistakes.grab().toImage()
    column.show_mistakes((), "Play to see the worst.")
    assert column.mistakes.grab().toImage() != blank  # the heading above them is not alone
    assert column.mistakes.accessibleDescription() == "Play to see the worst."
    column.weight.show_weight(None, "Play to see a weight learn.")
    assert column.message.text() == "Play to see it."
    assert not column.confusion.isEnabled()
    assert not column.wrong.text()
    assert column.weight.message.isVisible()
    assert not column.weight.layer.isVisible()


def test_a_mistake_is_chosen_with_a_click_or_with_keys(qtbot, column):
    chosen, tiles = [], column.mistakes
    picture = np.full((28, 28), 200, np.uint8)
    column.show_mistakes([Mistake(10 * n, picture, "7", "9", "75 %", n == 1) for n in range(8)])
    column.mistake_chosen.connect(chosen.append)
    QTest.mouseClick(tiles, Qt.MouseButton.LeftButton, pos=tiles.tile(4).center())
    for key in (Key.Key_Up, Key.Key_Left, Key.Key_Return):
        qtbot.keyClick(tiles, key)
    assert chosen == [40, 0]
    assert tiles.tip_at(tiles.tile(1).center())[0].startswith("7, taken for 9 with 75 %")
    assert tiles.tip_at(tiles.tile(6).center()) is None
    column.show_mistakes(())
    qtbot.keyClick(tiles, Key.Key_Return)
    assert len(chosen) == 2


def test_the_scale_of_the_gradients_holds_all_of_them():
    gauges = [LayerGauge("a", 3e-7), LayerGauge("b", 0.02), LayerGauge("c", 0.0), LayerGauge("d", float("nan"))]
    assert scale_of(gauges) == scale_of([]) == (-9, 0)
    assert scale_of([*gauges, LayerGauge("e", 3e-12), LayerGauge("f", 40.0)]) == (-12, 2)
    assert [power_text(each) for each in (-7, -2, 0, 1, 3)] == ["10⁻⁷", "0.01", "1", "10", "10³"]


def test_a_larger_gradient_has_a_longer_bar_and_silent_units_are_told(qtbot):
    view = shown(qtbot, LayerGauges(), 246, 140)
    view.show_gauges([LayerGauge("Conv 1", 1e-5, 3, 16), LayerGauge("Conv 2", 1e-2)])
    image, accent = view.grab().toImage(), theme.palette().accent
    rows = [view._row(number).center().y() for number in range(2)]
    short, long = (sum(image.pixelColor(x, y) == accent for x in range(view.width())) for y in rows)
    assert 0 < short < long
    assert "Conv 1: gradient 10⁻⁵, 3 of 16 units never fire" in view.accessibleDescription()


def one_weight(**changes):
    pixels = np.zeros((5, 5, 3), np.uint8)
    update = Update(
        (
            UpdateLine("m′ = …", "0.1 · 0.2", "= 0.02", "0.02"),
            UpdateLine("w′ = w − η · g", "0.5 − 0.1", "= 0.4", "0.4"),
        ),
        "0.4",
    )
    given = {"layer": 0, "output": 2, "input": 0, "outputs": 6, "inputs": 1} | changes
    return OneWeight(FilterPicture(pixels, (4, 3), "w"), ("0.1", "2", "=", "0.2"), "sum:", "−0.02", update,
                     ("Conv 1", "Dense 1"), **given)  # fmt: skip


def test_the_weight_is_chosen_in_the_picture_of_its_filter(qtbot, column):
    view, places = column.weight, []
    view.show_weight(one_weight())
    view.place_chosen.connect(lambda *at: places.append(at))
    QTest.mouseClick(view.filter, Qt.MouseButton.LeftButton, pos=view.filter.cell(1, 2).center())
    qtbot.keyClick(view.filter, Key.Key_Up)
    assert places == [(1, 2), (0, 2)]


def test_layer_filter_and_map_of_the_weight_are_chosen(qtbot, column):
    view, told = column.weight, []
    view.show_weight(one_weight(inputs=6))
    for signal, name in ((view.layer_chosen, "layer"), (view.output_chosen, "output"), (view.input_chosen, "input")):
        signal.connect(lambda value, name=name: told.append((name, value)))
    view.layer.setCurrentIndex(1)
    view.output.setValue(5)
    view.given.setValue(3)
    assert told == [("layer", 1), ("output", 5), ("input", 3)]
    view.show_weight(one_weight(inputs=1, has_filters=False))
    assert len(told) == 3
    assert not view.given.isVisible()
    assert view.output.text() == "unit 2"


def test_the_new_weight_is_large_and_gold(qtbot):
    card = shown(qtbot, UpdateCard(), 280, 160)
    card.show_update(one_weight().update)
    image, gold = card.grab().toImage(), theme.palette().crosshair
    assert any(image.pixelColor(x, y) == gold for x in range(card.width()) for y in range(card.height()))
    assert card.accessibleDescription().endswith("w′ = w − η · g = 0.5 − 0.1 = 0.4")
    brief = UpdateCard(brief=True)
    qtbot.addWidget(brief)
    brief.show_update(one_weight().update)
    assert brief.sizeHint().height() < card.sizeHint().height()


def test_tabs_choose_what_is_looked_at(qtbot, column):
    with qtbot.waitSignal(column.tab_chosen) as told:
        column.tabs.setCurrentIndex(1)
    assert told.args == ["layers"]
    column.show_tab("layers")
    assert column.body.currentWidget() is column.gauges
    with qtbot.waitSignal(column.apart_requested):
        column.apart.click()


def test_a_picture_of_the_minibatch_is_chosen(qtbot):
    strip, chosen = shown(qtbot, MinibatchStrip(), 800, 50), []
    strip.show_minibatch(Minibatch((np.zeros((28, 28), np.uint8),) * 32, ("7",) * 32, (0.5,) * 32, 3))
    strip.chosen.connect(chosen.append)
    QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=strip.picture(6).center())
    qtbot.keyClick(strip, Key.Key_Left)
    assert chosen == [6, 2]
    assert strip.accessibleDescription() == "Picture 4 of 32: 7, loss 0.5"
    assert strip.picture(31).right() <= strip.width()


@pytest.mark.parametrize("size", [(700, 240), (860, 260), (1400, 520)])
def test_the_chain_has_room_and_a_stage_with_weights_is_chosen(qtbot, size):
    chain, chosen = shown(qtbot, ChainView(), *size), []
    pixels = np.full((8, 8, 4), 255, np.uint8)
    stages = [ChainStage("Picture", "8 × 8", pixels, None, "")]
    stages += [
        ChainStage(f"Conv {n}", "2 @ 8 × 8", pixels, pixels, "0.1", "∗ w", n if n != 2 else None) for n in range(6)
    ]
    chain.show_stages(stages, 1)
    chain.layer_chosen.connect(chosen.append)
    for number in range(len(stages)):
        upper, lower = chain._forward(number), chain._back(number)
        assert upper.bottom() < lower.top()
        assert lower.bottom() < chain.height()
        assert upper.right() <= chain.width() + 1
    assert chain._forward(0).right() < chain._forward(1).left()
    for number in (3, 4):
        QTest.mouseClick(chain, Qt.MouseButton.LeftButton, pos=chain._forward(number).center().toPoint())
    qtbot.keyClick(chain, Key.Key_Left)
    assert chosen == [3, 0]


@pytest.mark.parametrize("name", ["dark", "light"])
def test_what_is_written_can_be_read(qapp, name):
    theme.apply(qapp, name)
    colours = theme.palette()
    from viewer.pages.network.train.views.update_card import gold_text

    for ink in (gold_text(), colours.positive_text, colours.negative_text, colours.muted, colours.text):
        for ground in (colours.panel, colours.field, colours.ground):
            assert theme.contrast(ink, ground) >= 4.5, (ink.name(), ground.name())
