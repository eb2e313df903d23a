"""The drawing of shapes: true counts at both ends, positions as the geometry has them, and moving between shapes."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from kernels.filtering.geometry import SlidingOptions, geometry
from kernels.filtering.transposed import transposed_shape
from tests.viewer.pointer import move_to
from viewer import theme
from viewer.pages.stage.views.shapes import Case, ShapesView
from viewer.pages.stage.views.shapes_layout import MOST, formula_of, input_line, output_line, shape_of, shape_of_case

DIRECT = Case("odd", "Padding, stride, odd", False, 6, 3, 2, 1, 0, 1, 3, "i = 6\nk = 3", "k′ = 3\na = 1")
TRANSPOSED = Case("odd-t", "Odd, transposed", True, 3, 3, 2, 1, 1, 1, 6, "i = 6\nk = 3", "k′ = 3\na = 1")
DILATED = Case("dilated", "Dilation", False, 7, 3, 1, 0, 0, 2, 3, "i = 7", "")
CASES = (DIRECT, TRANSPOSED, DILATED)


@pytest.fixture
def view(qtbot):
    made = ShapesView()
    made.set_animated(False)
    made.offer_cases(CASES)
    qtbot.addWidget(made)
    made.resize(1366, 232)
    with qtbot.waitExposed(made):
        made.show()
    return made


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
    view.show_geometry(placed((5, 7), (3, 3), padding="same", stride=2))
    assert len(kinds(view, "pixel")) == 5 * 7
    assert len(kinds(view, "padding")) == 7 * 9 - 5 * 7
    assert len(kinds(view, "output")) == 3 * 4
    assert len(kinds(view, "anchor", "here")) == 3 * 4
    assert len(kinds(view, "tap")) == 9
    assert not kinds(view, "gap x", "gap y")


def test_padding_that_differs_is_told(view):
    found = placed((5, 5), (2, 4), padding="same")
    view.show_geometry(found)
    assert (found.before, found.after) == ((0, 1), (1, 2))
    assert view.legend.texts[:3] == ["Kernel 4 × 2", "Padding y 0 + 1", "Padding x 1 + 2"]
    rects = [part.rect for part in kinds(view, "pixel")]
    padding = [part.rect for part in kinds(view, "padding")]
    side = rects[0].width()
    first, last = min(each.left() for each in padding), max(each.right() for each in padding)
    assert min(each.left() for each in rects) - first == pytest.approx(side)
    assert last - max(each.right() for each in rects) == pytest.approx(2 * side)


def test_a_dilated_window_has_gaps(view):
    view.show_case(DILATED)
    window = kinds(view, "window")[0].rect
    taps = [part.rect for part in kinds(view, "tap")]
    side = taps[0].width()
    assert window.width() == pytest.approx(5 * side)
    assert sorted({round((each.left() - window.left()) / side) for each in taps}) == [0, 2, 4]
    assert "Kernel 3 × 3 over 5 × 5" in view.legend.texts


def test_rows_and_columns_left_over_are_hatched(view):
    view.show_geometry(placed((6, 5), (3, 3), padding=0, stride=2))
    hatched = [part for part in kinds(view, "pixel") if part.is_left_over]
    assert len(hatched) == 5
    assert max(part.rect.bottom() for part in kinds(view, "pixel")) == hatched[0].rect.bottom()
    assert "1 row left over" in view.legend.texts
    view.show_case(DIRECT)
    assert len([part for part in kinds(view, "pixel", "padding") if part.is_left_over]) == 15
    assert "1 row, 1 column left over" in view.legend.texts


def test_the_window_stands_where_the_geometry_says(view):
    found = placed((6, 6), (3, 3), padding="same", stride=2)
    view.show_geometry(found)
    for i, j in np.ndindex(*found.output_shape):
        view.drawing.point_at((i, j))
        pixels = {name[1:]: part.rect for name, part in view.drawing.scene.items() if part.kind == "pixel"}
        taps = [part.rect for part in kinds(view, "tap")]
        rows, columns = found.window(i, j)
        for (y, x), rect in {(key[0][1], key[1][1]): rect for key, rect in pixels.items()}.items():
            assert (rect in taps) == (y in rows and x in columns), (i, j, y, x)
        y, x = found.to_picture(i, j)
        assert kinds(view, "here")[0].rect == pixels[("pixel", y), ("pixel", x)]


def test_a_transposed_case_is_stretched(view):
    rows, _columns = shape_of_case(TRANSPOSED)
    assert rows.windows == transposed_shape((3, 3), (3, 3), stride=2, padding=1, output_padding=1)[0]
    assert (rows.before, rows.stretched, rows.after) == (1, 5, 2)
    assert rows.left_over == 0
    view.show_case(TRANSPOSED)
    assert len(kinds(view, "pixel")) == 9
    assert len(kinds(view, "zero")) == 25 - 9
    assert len(kinds(view, "padding")) == 64 - 25
    assert len(kinds(view, "output")) == 36
    assert {"Padding 1 before, 2 after", "1 zero between pixels"} <= set(view.legend.texts)


@given(
    pixels=st.integers(1, 9),
    taps=st.integers(1, 5),
    stride=st.integers(1, 3),
    padding=st.integers(0, 4),
    extra=st.integers(0, 2),
    dilation=st.integers(1, 2),
)
def test_a_stretched_input_has_as_many_windows_as_the_output_has_pixels(pixels, taps, stride, padding, extra, dilation):
    reach = dilation * (taps - 1) + 1
    if padding > reach - 1 or extra >= max(stride, dilation):
        return
    try:
        output = transposed_shape(
            (pixels, 1), (taps, 9), stride=stride, padding=(padding, 0), output_padding=extra, dilation=dilation
        )[0]
    except ValueError:
        return
    case = Case("", "", True, pixels, taps, stride, padding, extra, dilation, output, "", "")
    axis = shape_of_case(case)[0]
    assert axis.left_over == 0
    assert axis.length - reach + 1 == output
    numbers = [int(number) for number in re.findall(r"\d+", formula_of(case))]
    assert numbers == [pixels, 1, stride, reach, extra, 2, padding, output]


# -- words -------------------------------------------------------------------------------------------------------------


def test_formulas_are_those_of_the_geometry(view):
    found = placed((512, 300), (3, 5), padding="same", stride=2)
    view.show_geometry(found)
    assert [label.text() for label in view.formulas] == [found.formula(0), found.formula(1)]
    assert [label.text() for label in view.names] == ["Height", "Width"]
    square = placed((64, 64))
    view.show_geometry(square)
    assert view.formulas[0].text() == square.formula(0)
    assert view.names[0].text() == "Height and width"
    assert not view.formulas[1].isVisible()


def test_parameters_stand_side_by_side(view):
    view.show_case(DIRECT)
    assert view.formulas[0].text() == "(6 + 1 + 1 − 3)/2 + 1 = 3.5 → 3"
    assert [label.text() for label in view.parameters] == [DIRECT.direct, DIRECT.transposed]
    assert all(label.isVisible() for label in view.parameters)
    assert view.parameters[0].y() == view.parameters[1].y()
    view.show_case(DILATED)
    assert not view.parameters[1].isVisible()
    view.show_geometry(placed())
    assert not view.parameters[0].isVisible()


def test_all_words_fit_at_the_smallest_size(view):
    view.resize(1280, 215)
    long = "\n".join(["i = 6", "k = 3", "s = 2", "p = 1", "a = 1", "o = 3"])
    view.show_case(Case("", "", True, 3, 3, 2, 1, 1, 1, 6, long, long))
    QApplication.processEvents()
    for label in view.parameters:
        assert label.height() >= label.sizeHint().height()
        assert view.facts.rect().contains(label.geometry())


def test_an_error_takes_the_place_of_the_drawing(view):
    view.show_geometry(placed())
    view.show_geometry(None, "The kernel does not fit.")
    assert view.error.isVisible()
    assert view.error.text() == "The kernel does not fit."
    assert view.drawing.scene == {}
    view.show_geometry(placed())
    assert view.drawing.isVisible()


# -- choosing ----------------------------------------------------------------------------------------------------------


def test_choosing_a_case_tells_its_name(view, qtbot):
    titles = [DIRECT.title, "Transposed", TRANSPOSED.title, "Direct", DILATED.title]
    assert [view.list.item(row).text() for row in range(view.list.count())] == titles
    heard = []
    view.case_chosen.connect(heard.append)
    view.list.setFocus()
    view.list.setCurrentRow(0)
    QTest.keyClick(view.list, Qt.Key.Key_Down)
    QTest.keyClick(view.list, Qt.Key.Key_Down)
    assert heard == ["odd", "odd-t", "dilated"]
    with qtbot.waitSignal(view.picture_requested):
        view.picture_button.click()


def test_what_is_shown_is_marked_and_announces_nothing(view):
    heard = []
    view.case_chosen.connect(heard.append)
    view.picture_requested.connect(lambda: heard.append("picture"))
    view.show_case(TRANSPOSED)
    assert view.list.currentItem().text() == TRANSPOSED.title
    assert not view.picture_button.isChecked()
    view.show_geometry(placed())
    assert view.list.currentRow() == -1
    assert view.picture_button.isChecked()
    assert heard == []


def test_the_pointer_and_the_keys_move_the_window(view):
    view.show_geometry(placed((512, 512), (3, 3)))
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
    view.show_geometry(placed((5, 5), (3, 3), padding=0))
    assert drawing.at == (0, 0)


# -- moving ------------------------------------------------------------------------------------------------------------


def test_a_change_moves_from_old_to_new(view, qtbot):
    view.show_geometry(placed((5, 5), padding=0))
    before = dict(view.drawing.scene)
    view.set_animated(True)
    view.show_geometry(placed((5, 5), padding=2))
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
    view.show_geometry(placed((5, 5), padding=2))
    assert not view.drawing.is_moving


def test_without_animation_the_new_shape_is_there_at_once(view):
    view.show_geometry(placed((5, 5)))
    view.show_geometry(placed((6, 6)))
    assert not view.drawing.is_moving
    assert len(kinds(view, "pixel")) == 36


@pytest.mark.parametrize("name", ["dark", "light"])
@pytest.mark.parametrize("size", [(1366, 232), (1280, 215), (1920, 300), (900, 200)])
def test_everything_is_drawn_inside(view, qapp, name, size):
    theme.apply(qapp, name)
    view.resize(*size)
    for found in (placed((512, 512), (31, 31)), placed((301, 451), stride=(2, 3)), placed((1, 1)), placed((1, 4000))):
        view.show_geometry(found)
        QApplication.processEvents()
        room = view.drawing.rect().toRectF()
        assert all(room.contains(part.rect) for part in view.drawing.scene.values())
        image = view.drawing.grab().toImage()
        found_gold = [
            image.pixelColor(x, y) == theme.palette().crosshair
            for x in range(image.width())
            for y in range(0, image.height(), 2)
        ]
        assert any(found_gold)
    theme.apply(qapp, "dark")
