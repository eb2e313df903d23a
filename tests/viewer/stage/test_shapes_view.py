"""The drawing of shapes: true counts at both ends, positions as the geometry has them, and moving between shapes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from kernels.filtering.geometry import SlidingOptions, geometry
from kernels.filtering.shapes import CASES
from tests.viewer.pointer import move_to
from viewer import theme
from viewer.document import Document
from viewer.images import to_array
from viewer.moment import Moment
from viewer.pages.stage.shapes_control import ShapesControl
from viewer.pages.stage.views.shapes import ShapesView
from viewer.pages.stage.views.shapes_layout import MOST, input_line, output_line, shape_of
from viewer.session import Session, with_view
from viewer.state import State

ODD, DILATED = CASES["padding-strides-odd"], CASES["dilation"]
TURNED = CASES["padding-strides-odd-transposed"]


class _Store:
    """Holds the session alone, as far as the control reads and writes it."""

    def __init__(self):
        self.session = with_view(Session(), "stage", below="shapes")
        self.gestures = 0

    def view(self, update):
        self.session = update(self.session)

    def end_gesture(self):
        self.gestures += 1


class _Sliding:
    def __init__(self):
        self.chosen = []

    def choose_option(self, *option):
        self.chosen.append(option)


@pytest.fixture
def store():
    return _Store()


@pytest.fixture
def sliding():
    return _Sliding()


@pytest.fixture
def view(qtbot):
    made = ShapesView()
    made.set_animated(False)
    qtbot.addWidget(made)
    made.resize(1366, 232)
    with qtbot.waitExposed(made):
        made.show()
    return made


@pytest.fixture
def show(view, store, sliding):
    """Show a case, as the control does, or what the store holds."""
    control = ShapesControl(view, store, sliding)

    def run(*case):
        if case:
            store.view(lambda session: with_view(session, "stage", case=case[0]))
        moment = Moment(State(Document(), store.session))
        control.render(moment, moment)

    run()
    return run


def draw(view, found):
    view.show_shape(shape_of(found), "rule", [found.formula(0)])


def placed(picture=(5, 5), kernel=(3, 3), **options):
    return geometry(picture, kernel, SlidingOptions(**options))


def kinds(view, *names):
    return [part for part in view.drawing.scene.values() if part.kind in names]


# -- which positions are drawn -----------------------------------------------------------------------------------------


@given(
    pixels=st.integers(1, 5000),
    taps=st.integers(1, 40),
    stride=st.integers(1, 9),
    dilation=st.integers(1, 4),
    padding=st.one_of(st.sampled_from(["same", "full"]), st.integers(0, 40)),
)
def test_both_ends_of_every_axis_are_true(pixels, taps, stride, dilation, padding):
    try:
        found = placed((pixels, pixels), (taps, taps), stride=stride, dilation=dilation, padding=padding)
    except ValueError:
        return
    axis = shape_of(found)[0]
    line = input_line(axis)
    output = output_line(axis, line)
    for shown, length in ((line, axis.length), (output, axis.windows)):
        positions = [slot.position for slot in shown.slots]
        assert positions[0] == 0
        assert positions[-1] == length - 1
        assert positions == sorted(set(positions))
        assert len(shown.gaps) == np.count_nonzero(np.diff(positions) > 1)
        # What is left out leaves a gap, and nothing else does.
        places = [slot.at for slot in shown.slots]
        assert (np.diff(places) == np.where(np.diff(positions) > 1, 2, 1)).all()
        assert shown.size == len(positions) + len(shown.gaps) <= 40
        assert len({slot.key for slot in shown.slots}) == len(positions)
        edges = [shown.edge(position) for position in range(0, length + 1, max(1, length // 50))]
        assert edges == sorted(edges)
    if axis.length <= MOST:
        assert len(line.slots) == axis.length
        assert len(output.slots) == axis.windows
    left_over = axis.length - ((found.output_shape[0] - 1) * stride + dilation * (taps - 1) + 1)
    assert axis.left_over == left_over >= 0
    drawn = {slot.position for slot in line.slots if slot.is_left_over}
    assert drawn == {slot.position for slot in line.slots if slot.position >= axis.length - left_over}


@pytest.mark.parametrize("size", [3, 5, 7])
@pytest.mark.parametrize("stride", [1, 2])
def test_windows_at_both_ends_of_a_large_picture_are_drawn_whole(size, stride):
    found = placed((512, 640), (size, size), stride=stride)
    for axis in shape_of(found):
        line = input_line(axis)
        for slot in output_line(axis, line).slots:
            assert line.shows(slot.position * stride, size)


# -- what is drawn -----------------------------------------------------------------------------------------------------


def test_a_small_picture_is_drawn_with_all_its_cells(view):
    draw(view, placed((5, 7), (3, 3), padding="same", stride=2))
    assert len(kinds(view, "pixel")) == 5 * 7
    assert len(kinds(view, "padding")) == 7 * 9 - 5 * 7
    assert len(kinds(view, "output")) == 3 * 4
    assert len(kinds(view, "anchor", "here")) == 3 * 4
    assert len(kinds(view, "tap")) == 9
    assert not kinds(view, "gap x", "gap y")


def test_padding_that_differs_is_told(view):
    found = placed((5, 5), (2, 4), padding="same")
    draw(view, found)
    assert (found.before, found.after) == ((0, 1), (1, 2))
    assert view.legend.texts[:3] == ["Kernel 4 × 2", "Padding y 0 + 1", "Padding x 1 + 2"]
    rects = [part.rect for part in kinds(view, "pixel")]
    padding = [part.rect for part in kinds(view, "padding")]
    side = rects[0].width()
    first, last = min(each.left() for each in padding), max(each.right() for each in padding)
    assert min(each.left() for each in rects) - first == pytest.approx(side)
    assert last - max(each.right() for each in rects) == pytest.approx(2 * side)


def test_a_dilated_window_has_gaps(view, show):
    show(DILATED)
    window = kinds(view, "window")[0].rect
    taps = [part.rect for part in kinds(view, "tap")]
    side = taps[0].width()
    assert window.width() == pytest.approx(5 * side)
    assert sorted({round((each.left() - window.left()) / side) for each in taps}) == [0, 2, 4]
    assert "Kernel 3 × 3 over 5 × 5" in view.legend.texts


def test_rows_and_columns_left_over_are_hatched(view, show):
    draw(view, placed((6, 5), (3, 3), padding=0, stride=2))
    hatched = [part for part in kinds(view, "pixel") if part.is_left_over]
    assert len(hatched) == 5
    assert max(part.rect.bottom() for part in kinds(view, "pixel")) == hatched[0].rect.bottom()
    assert "1 row left over" in view.legend.texts
    show(ODD)
    assert len([part for part in kinds(view, "pixel", "padding") if part.is_left_over]) == 15
    assert "1 row, 1 column left over" in view.legend.texts


def test_the_window_stands_where_the_geometry_says(view):
    found = placed((6, 6), (3, 3), padding="same", stride=2)
    draw(view, found)
    for i, j in np.ndindex(*found.output_shape):
        view.drawing.point_at((i, j))
        pixels = {name[1:]: part.rect for name, part in view.drawing.scene.items() if part.kind == "pixel"}
        taps = [part.rect for part in kinds(view, "tap")]
        rows, columns = found.window(i, j)
        for (y, x), rect in {(key[0][1], key[1][1]): rect for key, rect in pixels.items()}.items():
            assert (rect in taps) == (y in rows and x in columns), (i, j, y, x)
        y, x = found.to_picture(i, j)
        assert kinds(view, "here")[0].rect == pixels[("pixel", y), ("pixel", x)]


def test_a_transposed_case_is_stretched(view, show):
    show(TURNED)
    assert len(kinds(view, "pixel")) == 9
    assert len(kinds(view, "zero")) == 25 - 9
    assert len(kinds(view, "padding")) == 64 - 25
    assert len(kinds(view, "output")) == 36
    assert {"Padding 1 before, 2 after", "1 zero between"} <= set(view.legend.texts)


# -- words -------------------------------------------------------------------------------------------------------------


def numbers(view, *, other=False):
    """The numbers that can be changed, or those of the other form, by symbol."""
    table = view.numbers
    if other:
        return {table.symbols[name].text(): int(label.text()) for name, label in table.others.items() if label.text()}
    return {table.symbols[name].text(): field.value() for name, field in table.fields.items() if field.isVisible()}


def formulas(view):
    return [label.text() for label in view.formulas if label.isVisible()]


def test_direct_and_transposed_parameters_stand_side_by_side(view, show):
    show(ODD)
    assert formulas(view) == ["(6 + 1 + 1 − 3)/2 + 1 = 3.5 → 3"]
    assert [title.text() for title in view.numbers.titles] == ["Direct", "Transposed"]
    assert numbers(view) == {"i": 6, "k": 3, "s": 2, "p": 1, "d": 1}
    assert numbers(view, other=True) == {"i": 3, "k": 3, "s": 2, "p": 1, "a": 1, "d": 1}
    show(TURNED)
    assert formulas(view) == ["(3 − 1)·2 + 3 + 1 − 2·1 = 6", "(5 + 1 + 2 − 3)/1 + 1 = 6"]
    assert [title.text() for title in view.numbers.titles] == ["Transposed", "Direct"]
    assert numbers(view) == {"i": 3, "k": 3, "s": 2, "p": 1, "a": 1, "d": 1}
    assert numbers(view, other=True) == {"i": 5, "k": 3, "s": 1, "p": 1, "a": 1, "d": 1}


@pytest.mark.parametrize("size", [(1280, 212), (1366, 232), (1000, 181)])
def test_all_cases_and_numbers_are_in_sight(view, show, size):
    view.resize(*size)
    show(TURNED)
    QApplication.processEvents()
    table = view.cases
    shown = [table.item(row, column) for row in range(table.rowCount()) for column in (0, 1)]
    keys = {item.data(Qt.ItemDataRole.UserRole) for item in shown if item.text()}
    assert keys == {"", *CASES}
    assert all(table.viewport().rect().contains(table.visualItemRect(item)) for item in shown)
    rows = [row for row in (view.numbers, view.rule, *view.formulas) if row.isVisible()]
    assert all(view.facts.rect().contains(row.geometry()) for row in rows)
    assert all(row.height() >= row.minimumSizeHint().height() for row in rows)
    for widget in (*view.numbers.fields.values(), *view.numbers.others.values(), *view.numbers.titles):
        assert view.numbers.rect().contains(widget.geometry())
        assert widget.height() >= widget.fontMetrics().height()


def test_an_error_takes_the_place_of_the_drawing(view, show, store):
    show(ODD)
    view.numbers.fields["kernel"].setValue(9)
    show()
    assert view.error.isVisible()
    assert "kernel of 9 × 9" in view.error.text()
    assert view.drawing.scene == {}
    assert numbers(view)["k"] == 9  # where it can be taken back
    view.numbers.fields["padding"].setValue(2)
    show()
    assert view.drawing.isVisible()
    show(TURNED)
    view.numbers.fields["padding"].setValue(3)
    show()
    assert "p is 3, but beyond k′ − 1 = 2" in view.error.text()


# -- choosing ----------------------------------------------------------------------------------------------------------


def test_choosing_a_case_tells_which(view, show, store):
    view.cases.setFocus()
    view.cases.setCurrentCell(0, 0)
    first, second = "no-padding-no-strides", "arbitrary-padding"
    way = (Qt.Key.Key_Down, first), (Qt.Key.Key_Right, f"{first}-transposed"), (Qt.Key.Key_Down, f"{second}-transposed")
    for key, expected in (*way, (Qt.Key.Key_Left, second)):
        QTest.keyClick(view.cases, key)
        assert store.session.stage.case == CASES[expected]
        show()
    for key, case in CASES.items():
        view.cases.show_chosen(key)
        cell = view.cases.currentItem()
        name = f"{case.name}{', transposed' * case.is_transposed}"
        assert cell.toolTip() == f"{name}: {case.input} → {case.output} (figure {case.figure})"
        view.cases.show_chosen(None)
        QTest.mouseClick(view.cases.viewport(), Qt.MouseButton.LeftButton, pos=view.cases.visualItemRect(cell).center())
        assert store.session.stage.case == case
    view.cases.setCurrentCell(0, 0)
    assert store.session.stage.case is None


def test_a_number_that_is_changed_is_drawn_and_written(view, show, store):
    show(ODD)
    assert view.cases.currentItem().text() == ODD.name
    field = view.numbers.fields["input"]
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_Up)
    show()
    assert formulas(view) == ["(7 + 1 + 1 − 3)/2 + 1 = 4"]
    assert len(kinds(view, "output")) == 16
    assert view.cases.currentItem() is None  # none of the fifteen
    QTest.keyClick(field, Qt.Key.Key_Down)
    show()
    assert view.cases.currentItem().text() == ODD.name
    field.selectAll()
    QTest.keyClicks(field, "0\r")
    assert "1 to 99 is possible, not 0" in view.message.text()
    assert store.session.stage.case == ODD


def test_the_options_of_the_picture_are_changed_along_both_axes(view, show, sliding, store):
    show(None)
    view.numbers.show_numbers("", {"stride": 1, "padding": 0, "dilation": 1})
    stride = view.numbers.fields["stride"]
    stride.setFocus()
    QTest.keyClick(stride, Qt.Key.Key_Up)
    assert store.gestures == 1
    stride.selectAll()
    QTest.keyClicks(stride, "3\r")
    assert sliding.chosen == [("stride", (2, 2), "stride"), ("stride", (3, 3), "")]


def test_what_is_shown_is_marked_and_announces_nothing(view, show):
    heard = []
    view.cases.chosen.connect(heard.append)
    view.numbers.changed.connect(lambda *change: heard.append(change))
    show(TURNED)
    assert view.cases.currentItem().data(Qt.ItemDataRole.UserRole) == "padding-strides-odd-transposed"
    view.cases.show_chosen("")
    assert view.cases.currentItem().text() == "This picture"
    assert heard == []


def test_the_pointer_and_the_keys_move_the_window(view):
    draw(view, placed((512, 512), (3, 3)))
    drawing = view.drawing
    target = next(part.rect for name, part in drawing.scene.items() if name[0] == "output" and part.kind == "output")
    move_to(drawing, QPoint(round(target.center().x() + target.width()), round(target.center().y())))
    assert drawing.at == (0, 1)
    drawing.setFocus()
    QTest.keyClick(drawing, Qt.Key.Key_Down)
    assert drawing.at == (1, 1)
    for _ in range(12):
        QTest.keyClick(drawing, Qt.Key.Key_Right)
    assert drawing.at == (1, 511)
    draw(view, placed((5, 5), (3, 3), padding=0))
    assert drawing.at == (0, 0)


# -- moving ------------------------------------------------------------------------------------------------------------


def test_a_change_moves_from_old_to_new(view, qtbot):
    draw(view, placed((5, 5), padding=0))
    before = dict(view.drawing.scene)
    view.set_animated(True)
    draw(view, placed((5, 5), padding=2))
    assert view.drawing.is_moving
    view.drawing._animation.setCurrentTime(125)
    halfway = view.drawing._painted()
    after = view.drawing.scene
    name = next(name for name, part in before.items() if part.kind == "pixel")
    low, high = sorted(scene[name].rect.width() for scene in (before, after))
    assert low < halfway[name].rect.width() < high
    with qtbot.waitSignal(view.drawing._animation.finished, timeout=2000):
        pass
    assert view.drawing._painted() == after
    view.set_animated(False)
    draw(view, placed((6, 6)))
    assert not view.drawing.is_moving
    assert len(kinds(view, "pixel")) == 36


@pytest.mark.parametrize("name", ["dark", "light"])
@pytest.mark.parametrize("size", [(1366, 232), (1280, 215), (1920, 300), (900, 200)])
def test_everything_is_drawn_inside(view, qapp, name, size):
    theme.apply(qapp, name)
    view.resize(*size)
    for found in (placed((512, 512), (31, 31)), placed((301, 451), stride=(2, 3)), placed((1, 1)), placed((1, 4000))):
        draw(view, found)
        QApplication.processEvents()
        room = view.drawing.rect().toRectF()
        assert all(room.contains(part.rect) for part in view.drawing.scene.values())
        gold = theme.palette().crosshair.getRgb()[:3]
        assert (to_array(view.drawing.grab().toImage()) == gold).all(axis=2).any()
    theme.apply(qapp, "dark")
