"""How the matrix view is painted and laid out."""

from itertools import pairwise

import numpy as np
import pytest
from PyQt6.QtCore import QPointF, QRectF, QSizeF
from PyQt6.QtGui import QFontMetricsF
from PyQt6.QtWidgets import QApplication

from kernels import Kernel, library
from kernels.filtering.geometry import SlidingOptions
from tests.viewer.layers.matrices import (
    GREY,
    SIZES,
    VALID,
    bank_case,
    colour_at,
    make_view,
    point,
    sobel_case,
)
from viewer import theme
from viewer.pages.layers.matrix import matrix_case
from viewer.pages.layers.views import matrix_painting
from viewer.pages.layers.views.matrix_cells import diverging
from viewer.pages.layers.views.matrix_layout import Sizes, Table, plan_of, spans
from viewer.pages.layers.views.matrix_painting import _gold_ink
from viewer.pages.layers.views.matrix_writing import RowSum
from viewer.pages.stage.views.lettering import Lettering
from viewer.painting import Look


@pytest.fixture
def view(qtbot):
    return make_view(qtbot)


def test_cells_have_the_grey_of_their_pixels(view):
    case, plan = view.drawing._case, view.drawing.plan
    for row, column in ((0, 0), (5, 3), (15, 8)):
        box = plan.matrix.box(row, column)
        found = colour_at(view.drawing, box.topLeft() + QPointF(4, box.height() / 2))
        assert found.getRgb()[:3] == (int(case.matrix[row, column]),) * 3
    box = plan.crop.box(0, 5)
    assert colour_at(view.drawing, box.topLeft() + QPointF(4, 4)).red() == case.crop[0, 5, 0]


def test_gold_frames_the_row_its_window_and_its_output(view):
    def gold(box: QRectF) -> bool:
        found = colour_at(view.drawing, QPointF(box.center().x(), box.top() - 2))
        return theme.contrast(found, theme.palette().crosshair) < 1.15

    plan = view.drawing.plan
    for row, window, output in ((5, (1, 1), (1, 1)), (14, (3, 2), (3, 2))):
        view.drawing.show_row(row)
        QApplication.processEvents()
        assert gold(plan.matrix.box(row, 0, 1, 9))
        assert gold(plan.crop.box(*window, 3, 3))
        assert gold(plan.output.box(*output))
        assert gold(plan.result.box(row, 0))
    assert not gold(plan.result.box(5, 0))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", ["dark", "light"])
def test_everything_stands_inside_and_apart_at_every_size(view, qapp, size, name):
    theme.apply(qapp, name)
    view.resize(*size)
    for case in (sobel_case(), bank_case(), bank_case(count=9)):
        for mode in ("windows", "sparse"):
            view.show_case(case, "")
            view.show_mode(mode)
            QApplication.processEvents()
            view.grab()
            plan = view.drawing.plan
            boxes = [plan.crop.whole, plan.matrix.whole, plan.factor.whole, plan.result.whole]
            room = QRectF(view.drawing.rect())
            assert all(room.contains(box) for box in (*boxes, plan.kernel.whole, plan.output.whole))
            assert all(a.right() < b.left() for a, b in pairwise(boxes))
            assert plan.matrix.whole.bottom() <= plan.equation.top()
            assert view.facts.picture_rect() is not None
    theme.apply(qapp, "dark")


@pytest.mark.parametrize(("at", "places"), [(256, "y 254–259, x 254–259"), (0, "y −1 to 4, x −1 to 4")])
def test_where_the_crop_lies_is_written_in_full_in_a_small_window(view, monkeypatch, at, places):
    found = []

    class Metrics(QFontMetricsF):
        def elidedText(self, *asked):
            found.append(super().elidedText(*asked))
            return found[-1]

    monkeypatch.setattr(matrix_painting, "QFontMetricsF", Metrics)
    flat, options = np.full((512, 512), 90, np.uint8), SlidingOptions()
    view.resize(*SIZES[-1])
    view.show_case(matrix_case(flat, [library.get("sobel-x")], options, (at, at), look=GREY), "")
    QApplication.processEvents()
    view.grab()
    assert places in found


def test_thousands_of_columns_are_painted_too(view):
    random = np.random.default_rng(0)
    image = random.standard_normal((9, 9, 300)).astype(np.float32)
    bank = [Kernel(random.standard_normal((3, 3, 300))) for _each in range(3)]
    view.show_case(matrix_case(image, bank, VALID, (3, 3), look=Look("signed", "blue-orange", (-2.0, 2.0))), "")
    for mode in ("windows", "sparse"):
        view.show_mode(mode)
        assert not view.grab().isNull()
    assert "rest of" in " ".join(piece.text for piece in RowSum(view.drawing._case, 0).pieces(6))


def test_what_the_border_supplies_is_hatched(view):
    flat = np.full((9, 9), 200, np.uint8)
    view.show_case(matrix_case(flat, [library.get("sobel-x")], SlidingOptions(border="replicate"), (0, 0), look=GREY),
                   "")  # fmt: skip
    image = view.drawing.grab().toImage()

    def colours(box):
        return {
            image.pixelColor(x, round(box.top()) + 3).rgb()
            for x in range(round(box.left()) + 3, round(box.left()) + 20)
        }

    plan = view.drawing.plan
    assert len(colours(plan.crop.box(0, 5))) > 1
    assert len(colours(plan.crop.box(5, 5))) == 1


@pytest.mark.parametrize("name", ["dark", "light"])
def test_the_number_of_the_followed_row_can_be_read(qapp, name):
    theme.apply(qapp, name)
    assert theme.contrast(_gold_ink(), theme.palette().panel) >= 4.5
    theme.apply(qapp, "dark")


def test_diverging_colours_are_those_of_the_theme():
    values = np.array([-2.0, -1.0, 0.0, 0.5, 1.0, np.nan])
    expected = [theme.diverging(value).getRgb()[:3] for value in (-1.0, -1.0, 0.0, 0.5, 1.0, 0.0)]
    assert [tuple(each) for each in diverging(values, 1.0).tolist()] == expected


def written(view, monkeypatch):
    """The texts of the next painting, and how far each is turned."""
    found, write = [], Lettering.write

    def noted(self, painter, text, *given, **named):
        found.append((text, round(painter.worldTransform().m12())))
        write(self, painter, text, *given, **named)

    monkeypatch.setattr(Lettering, "write", noted)
    view.drawing._refresh()
    view.drawing.grab()
    monkeypatch.undo()
    return found


def wide_case(side=5, **more):
    image = np.random.default_rng(3).integers(100, 256, (20, 20)).astype(np.uint8)
    return matrix_case(image, [Kernel(np.arange(side * side).reshape(side, side) - 12)], VALID, (9, 11), look=GREY,
                       **more)  # fmt: skip


@pytest.mark.parametrize("size", SIZES)
def test_the_numbers_of_the_followed_row_are_written_however_narrow_its_cells(view, monkeypatch, size):
    view.resize(*size)
    case = wide_case()
    view.show_case(case, "")
    for row in (0, 5, 15):
        view.drawing.show_row(row)
        painted = written(view, monkeypatch)
        texts, upright = [text for text, _turned in painted], [text for text, turned in painted if turned]
        wanted = [f"{value:g}" for value in case.matrix[row].tolist()]
        assert upright == wanted if upright else all(each in texts for each in wanted)
        assert {"−12", "12"} <= set(texts) or size == SIZES[2]
    assert bool(upright) == (size != SIZES[1])


def test_numbers_that_fit_are_not_written_twice(view, monkeypatch):
    assert not any(turned for _text, turned in written(view, monkeypatch))
    view.show_case(wide_case(9), "")  # 81 columns: too narrow for anything
    assert not any(turned for _text, turned in written(view, monkeypatch))


def test_the_pixel_that_is_pointed_at_is_told(view):
    before = view.drawing.grab().toImage()
    point(view, "crop", 1, 2)
    head = view.drawing.plan.crop.whole
    box = QRectF(head.left(), 0, head.width(), head.top() - 6).toRect()
    assert view.drawing.grab().toImage().copy(box) != before.copy(box)


def test_a_table_finds_its_cells():
    table = Table(spans(10, [5, 20, 5]), spans(0, [4] * 6, every=2, gap=3))
    for row in range(6):
        for column in range(3):
            assert table.at(table.box(row, column).center()) == (row, column)
    assert table.box(2, 0).top() == 11
    assert table.at(QPointF(9, 2)) is None
    assert table.at(QPointF(12, 40)) is None
    assert table.whole == QRectF(10, 0, 30, 30)


def test_larger_rooms_have_larger_cells():
    sizes = Sizes((6, 6), (3, 3), (4, 4), 9, 9, 0, 1, 0)
    small, large = (plan_of(sizes, QSizeF(*room)) for room in ((724, 358), (1206, 660)))
    assert large.matrix.narrowest > 1.5 * small.matrix.narrowest
    assert large.crop.narrowest > 1.5 * small.crop.narrowest
