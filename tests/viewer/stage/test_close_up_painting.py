"""The close-up: what is painted into the cells, and that it can be read."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from PyQt6.QtCore import QPoint, QRectF
from PyQt6.QtGui import QPainter
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.viewer.pointer import move_to
from tests.viewer.stage.close_up_cells import SOBEL, colours_in, inked, make, make_close_up, painted, part, with_window
from viewer import theme
from viewer.images import to_array
from viewer.pages.stage.views.cell_numbers import CHIP, NumberPainter, _weight_texts
from viewer.pages.stage.views.close_up import CloseUp
from viewer.pages.stage.views.drawing import Drawing, Grid, drawing
from viewer.pages.stage.views.equation.writing import weight_texts


@pytest.fixture
def view(qtbot: QtBot) -> CloseUp:
    return make_close_up(qtbot)


@pytest.fixture
def light(qapp: QApplication) -> Iterator[None]:
    before = theme.palette().name
    theme.apply(qapp, "light")
    yield
    theme.apply(qapp, before)


# -- what is painted ---------------------------------------------------------------------------------------------------


def test_pixels_without_a_weight_are_dimmed_to_three_quarters(view: CloseUp) -> None:
    view.show_cells(with_window(make(grey=200)))
    image = painted(view)
    tap, other = view.cell_rect(13, 24), view.cell_rect(10, 20)
    assert colours_in(image, part(other, 0.0, 0.75, 1.0, 1.0)) == {"#969696"}
    assert "#c8c8c8" in colours_in(image, part(tap, 0.0, 0.0, 1.0, 0.3))
    view.show_cells(make(grey=200))
    assert colours_in(painted(view), part(other, 0.0, 0.75, 1.0, 1.0)) == {"#c8c8c8"}


@pytest.mark.parametrize("grey", [30, 230])
def test_numbers_are_dark_on_bright_and_white_on_dark(view: CloseUp, grey: int) -> None:
    view.show_cells(make(grey=grey))
    image, rect = painted(view), view.cell_rect(10, 20)
    assert bool(inked(image, rect, "#ffffff")) == (grey == 30)
    assert bool(inked(image, rect, "#14161a")) == (grey == 230)


def test_weights_stand_in_the_lower_right_corner_on_their_colour(view: CloseUp) -> None:
    view.show_cells(with_window(make()))
    image = painted(view)
    for i, line in enumerate(SOBEL):
        for j, weight in enumerate(line):
            corner = view.cell_rect(12 + i, 23 + j).bottomRight().toPoint() - QPoint(4, 4)
            assert image.pixelColor(corner).name() == theme.diverging(weight / 2).name()
    plain = view.cell_rect(11, 23).bottomRight().toPoint() - QPoint(6, 12)
    assert image.pixelColor(plain).name() == "#5a5a5a"


def test_numbers_under_a_weight_are_larger_and_bolder(view: CloseUp) -> None:
    view.show_cells(with_window(make(grey=0)))
    image = painted(view)
    tap, other = (part(view.cell_rect(*at), 0.05, 0.05, 0.95, 0.6) for at in ((13, 24), (10, 20)))

    def rows_of_ink(rect: QRectF) -> int:
        box = rect.toRect()
        columns = range(box.left(), box.right() + 1)
        return sum(
            any(image.pixelColor(x, y).red() > 150 for x in columns)
            for y in range(round(rect.top()), round(rect.top() + 0.75 * 56))
        )

    tap_rows = rows_of_ink(tap)
    other_rows = rows_of_ink(other.adjusted(0, 10, 0, 10))
    assert tap_rows > 1.2 * other_rows > 8


def test_the_window_has_a_gold_frame_between_dark_lines(view: CloseUp) -> None:
    view.show_cells(with_window(make()))
    image = painted(view)
    edge, gold, ground = view.cell_rect(13, 23).left(), theme.palette().crosshair.name(), theme.palette().ground.name()
    y = round(view.cell_rect(13, 23).center().y())
    row = [image.pixelColor(x, y).name() for x in range(round(edge) - 9, round(edge) + 3)]
    assert row.count(gold) >= 3
    assert ground in row[: row.index(gold)]
    assert row.index(gold) >= 3  # all of the frame lies about the window, not over its pixels


def test_taps_with_gaps_between_them_are_framed_one_by_one(view: CloseUp) -> None:
    view.show_cells(with_window(make(), dilation=2))
    image, gold = painted(view), theme.palette().crosshair.name()
    tap, gap = view.cell_rect(13, 24), view.cell_rect(13, 23)
    middle = round(tap.center().y())
    assert image.pixelColor(round(tap.left()), middle).name() == gold
    assert image.pixelColor(round(tap.right()) - 1, middle).name() == gold
    assert gold not in colours_in(image, gap)
    assert image.pixelColor(round(gap.left()) + 4, round(gap.top()) + 4).name() == "#5a5a5a"


def test_covered_cells_hide_their_numbers(view: CloseUp) -> None:
    """Whatever they hold, the same is painted, said and told of them."""
    covered = np.zeros((7, 9), bool)
    covered[3:] = True
    seen = []
    for number, grey in (("28", 250), ("-764", 3)):
        view.show_cells(replace(make(text=number, grey=grey), covered=covered))
        below = QRectF(view.cell_rect(14, 20).topLeft(), view.cell_rect(16, 28).bottomRight())
        seen.append((painted(view).copy(below.toRect()), view.accessibleDescription(), view.cell_text(15, 22)))
    assert seen[0] == seen[1]
    assert "28" not in seen[0][1].split(": ")[1]
    grounds = colours_in(seen[0][0], QRectF(0, 0, 200, 100))
    assert theme.palette().well.name() in grounds
    assert len(grounds) > 1  # the hatch


def test_the_followed_pixel_is_a_question_until_it_is_revealed(view: CloseUp) -> None:
    covered = np.zeros((7, 9), bool)
    covered[3, 4:] = covered[4:] = True
    cells, gold = replace(make(grey=255, text="28"), covered=covered), theme.palette().crosshair.name()
    view.show_cells(cells)
    middle = part(view.cell_rect(13, 24), 0.25, 0.2, 0.75, 0.8)
    hidden = painted(view)
    assert inked(hidden, middle, gold) > 10
    covered = covered.copy()
    covered[3, 4] = False
    view.show_cells(replace(cells, covered=covered))
    shown = painted(view)
    assert inked(shown, middle, gold) == 0
    assert inked(shown, middle, "#14161a") > 10
    # It is a little larger than the others: the frame begins outside of its cell.
    for out, is_gold in ((0, False), (4, True)):
        for x, y in ((-out, 28), (55 + out, 28), (28, -out), (28, 55 + out)):
            colour = shown.pixelColor(view.cell_rect(13, 24).topLeft().toPoint() + QPoint(x, y))
            assert (colour.name() == gold) == is_gold


def test_where_there_is_nothing_the_ground_shows(view: CloseUp) -> None:
    absent = np.zeros((7, 9), bool)
    absent[:2] = True
    view.show_cells(replace(make(), absent=absent))
    assert colours_in(painted(view), view.cell_rect(11, 22)) == {theme.palette().well.name()}
    assert view.pixel_at(view.cell_rect(11, 22).center()) is None


@pytest.mark.parametrize("name", ["dark", "light"])
def test_the_frame_of_the_followed_pixel_cuts_no_number(qapp: QApplication, view: CloseUp, name: str) -> None:
    """The numbers beside it are written whole, in what the frame leaves free."""
    before = theme.palette().name
    theme.apply(qapp, name)
    view.show_cells(make(grey=255, text=""))
    bare = painted(view)
    view.show_cells(make(grey=255, text="−764.5"))
    image = painted(view)
    for column, free in ((23, range(47)), (25, range(9, 56))):
        rect = view.cell_rect(13, column).toRect()
        written = [
            x
            for x in range(56)
            if any(image.pixel(rect.left() + x, rect.top() + y) != bare.pixel(rect.left() + x, rect.top() + y)
                   for y in range(56))
        ]  # fmt: skip
        assert written
        assert free.start < written[0] < written[-1] < free.stop - 1
        # Ink of the last figure at the right, with a blank behind it: nothing lies under the frame.
        far = [x for x in range(56) if x in written]
        assert (far[0] + far[-1]) / 2 == pytest.approx((free.start + free.stop - 1) / 2, abs=2)
    theme.apply(qapp, before)


def test_weights_read_as_in_the_line_of_arithmetic(qapp: QApplication, view: CloseUp) -> None:
    for weights in (np.full((3, 3), 1 / 9), np.outer([1, 4, 6, 4, 1], [1, 4, 6, 4, 1]) / 256, np.array(SOBEL)):
        cells = make()
        given = cells.weights.copy()
        given[: weights.shape[0], : weights.shape[1]] = weights
        marks = {(i, j): float(given[i, j]) for i, j in np.argwhere(np.isfinite(given)).tolist()}
        texts = _weight_texts(marks)
        assert [[texts[i, j] for j in range(weights.shape[1])] for i in range(weights.shape[0])] == weight_texts(
            weights
        )
        on = drawing(QPainter(), replace(cells, weights=given), Grid(0, 0, 56, 7, 9))
        _sign, found = NumberPainter()._fit_weights(on, texts.values(), CHIP)
        assert not found.shortened
        assert found.size == (16 if max(map(len, texts.values())) < 6 else 0)  # read from far, or left out


@pytest.mark.parametrize("size", [(582, 392), (440, 343)])
def test_what_cannot_be_read_from_far_is_enlarged_under_the_pointer(qtbot: QtBot, view: CloseUp, size: Any) -> None:
    """A weight has type of 16 pixels or is left out; then the cell that is pointed at shows it, with its value."""
    view.resize(*size)
    weights = np.outer(np.arange(1, 8), np.arange(1, 8)) / 100
    cells = make(9, 11)
    given = cells.weights.copy()
    given[1:8, 2:9] = weights
    view.show_cells(replace(cells, weights=given, box=(11, 22, 7, 7)))
    before = painted(view)
    corner = part(view.cell_rect(11, 22), 0.7, 0.7, 1.0, 1.0)
    assert len(colours_in(before, corner.adjusted(-3, -3, 3, 3))) <= 3  # a colour without a number
    move_to(view, view.cell_rect(17, 28).center().toPoint())
    changed = (to_array(painted(view)) != to_array(before)).any(axis=2)
    assert all(np.ptp(np.flatnonzero(changed.any(axis=axis))) > 60 for axis in (0, 1))  # two lines of 24 pixels
    move_to(view, QPoint(1, 1))
    view.show_cells(with_window(make(7, 9)))
    view.resize(582, 392)
    plain = painted(view)
    move_to(view, view.cell_rect(13, 24).center().toPoint())
    assert painted(view) == plain  # all is read as it is


def test_near_zero_weights_hide_nothing_where_only_their_colour_is_shown(view: CloseUp) -> None:
    cells = make(15, 19, grey=90)
    weights = cells.weights.copy()
    weights[5:8, 5:8] = [[1, 0.005, -0.0001], [0, 0.5, -1], [0.25, 0, 0]]
    view.resize(19 * 22, 15 * 22)
    view.show_cells(replace(cells, weights=weights, box=(15, 25, 3, 3)))
    image = painted(view)
    rects = [[view.cell_rect(15 + i, 25 + j) for j in range(3)] for i in range(3)]
    seen = [[image.pixelColor(rect.bottomRight().toPoint() - QPoint(3, 3)).name() for rect in row] for row in rects]
    assert {seen[0][1], seen[0][2], seen[1][0], seen[2][1]} == {"#5a5a5a"}
    assert seen[0][0] == theme.diverging(1.0).name()
    assert seen[1][2] == theme.diverging(-1.0).name()
    assert len({seen[0][0], seen[1][1], seen[2][0], "#5a5a5a"}) == 4


# -- inks on mid greys -------------------------------------------------------------------------------------------------


def inks(greys: np.ndarray) -> Drawing:
    """A window in the corner of these greys, the rest of which is dimmed."""
    cells = make(*greys.shape)
    weights = cells.weights.copy()
    weights[0, 0] = 1.0
    colours = np.repeat(greys[:, :, np.newaxis], 3, axis=2).astype(np.uint8)
    return drawing(QPainter(), replace(cells, colours=colours, weights=weights), Grid(0, 0, 56, *greys.shape))


@pytest.mark.parametrize("seed", range(10))
def test_every_dimmed_number_can_be_read(seed: int) -> None:
    on = inks(np.random.default_rng(seed).integers(0, 256, (9, 11)))
    for at in np.argwhere(~on.read).tolist():
        place = (at[0], at[1])
        ink = NumberPainter()._soft(on, place)
        assert theme.contrast(ink, on.colour(place)) >= 4.5


def test_inks_do_not_alternate_on_a_mid_grey() -> None:
    greys = np.full((9, 11), 164)
    greys[::2, ::2] = greys[1::2, 1::2] = 156  # on either side of where white and near-black read equally well
    on = inks(greys)
    assert len(set(on.dark[~on.read].tolist())) == 1
    assert np.abs(on.shown[~on.read].astype(int) - np.rint(greys[~on.read] * 0.75)[:, np.newaxis]).max() <= 18


def test_virtual_pixels_are_hatched(view: CloseUp) -> None:
    outside = np.zeros((7, 9), bool)
    outside[:, 0] = True
    view.show_cells(replace(make(grey=90), outside=outside))
    image = painted(view)
    virtual, real = (part(view.cell_rect(11, x), 0, 0.7, 1, 1) for x in (20, 21))
    assert len(colours_in(image, virtual)) > 1
    assert colours_in(image, real) == {"#5a5a5a"}


def test_three_channels_stand_in_three_lines(view: CloseUp) -> None:
    cells = make(grey=0)
    texts = tuple(tuple(("11", "11", "11") for _ in row) for row in cells.texts)
    view.show_cells(with_window(replace(cells, texts=texts)))
    image = painted(view)
    for at, bottom in (((10, 20), 1.0), ((13, 24), 0.66)):
        box = part(view.cell_rect(*at), 0.2, 0.0, 0.8, bottom).toRect()
        has_ink = [
            any(image.pixelColor(x, y).red() > 120 for x in range(box.left(), box.right()))
            for y in range(box.top() + 2, box.bottom())
        ]
        starts = sum(now and not before for before, now in zip([False, *has_ink], has_ink, strict=False))
        assert starts == 3


def test_small_cells_have_no_numbers(view: CloseUp) -> None:
    view.resize(9 * 14, 7 * 14)
    view.show_cells(make(grey=200))
    assert colours_in(painted(view), view.cell_rect(11, 22).adjusted(-2, -2, 2, 2)) == {"#c8c8c8"}


def test_the_light_theme_reads_as_well(view: CloseUp, light: None) -> None:
    view.show_cells(with_window(make()))
    image = painted(view)
    assert image.pixelColor(5, 5).name() == theme.palette().well.name()
    assert inked(image, QRectF(view.rect()), "#d97800") > 500
