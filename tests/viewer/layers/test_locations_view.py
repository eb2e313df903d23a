"""One network at every location: copies where the windows are, joined to their outputs, and the weights counted."""

import numpy as np
import pytest
from PyQt6.QtCore import QPointF, QRect, QRectF
from PyQt6.QtWidgets import QApplication

from kernels.filtering.geometry import SlidingOptions, geometry
from viewer import theme
from viewer.pages.layers.locations import SMALL, Locations, count_weights
from viewer.pages.layers.views.locations import LocationsView, amount, dense_formula, shared_formula
from viewer.pages.layers.views.locations_drawing import cell_box, copy_box, positions, wired_weights

VALID = SlidingOptions(padding="valid")
LAYER = {"channels": 1, "seen": 1, "maps": 6, "has_bias": True}
RED = (200, 30, 40)


def locations(size=(512, 512), options=VALID, position=(260, 282), taps=(5, 5)):
    windows = geometry(size, taps, options)
    return Locations(
        picture=np.full((64, 64 * size[1] // size[0]), 90, np.uint8),
        output=np.full((60, 60, 3), 220, np.uint8),
        kernel=np.full((*taps, 3), RED, np.uint8),
        weights=np.arange(float(taps[0] * taps[1])).reshape(taps),
        windows=windows,
        position=position,
        counts=count_weights(size, taps, options, **LAYER),
        small=count_weights(SMALL, taps, options, **LAYER),
    )


@pytest.fixture
def view(qtbot):
    made = LocationsView()
    qtbot.addWidget(made)
    made.resize(980, 358)
    with qtbot.waitExposed(made):
        made.show()
    return made


def test_the_numbers_are_written_with_their_formulas(view):
    view.show_locations(locations(), "")
    assert view.lines == [
        "156 = 6 × (5 · 5 · 1 + 1)",
        "406 billion = (512 · 512 · 1 + 1) × 508 · 508 · 6",
        "156 = 6 × (5 · 5 · 1 + 1)",
        "4,821,600 = (32 · 32 · 1 + 1) × 28 · 28 · 6",
    ]
    assert view.accessibleDescription() == "\n".join(view.lines)


def test_without_biases_the_formulas_have_none():
    counts = count_weights((10, 12), (3, 3), VALID, channels=3, seen=3, maps=2, has_bias=False)
    assert shared_formula(counts) == "2 × 3 · 3 · 3"
    assert dense_formula(counts) == "10 · 12 · 3 × 8 · 10 · 2"
    assert counts.shared == 54


@pytest.mark.parametrize(
    ("count", "text"),
    [(156, "156"), (999_999_999, "999,999,999"), (4.05906e11, "406 billion"), (1.65e12, "1.65 trillion")],
)
def test_amounts_are_read_easily(count, text):
    assert amount(int(count)) == text


def test_copies_stand_where_their_windows_are():
    case = locations((20, 20), position=(7, 9))
    picture, output = QRectF(10, 20, 200, 200), QRectF(300, 20, 160, 160)
    for i, j in positions(case):
        box = copy_box(case, (i, j), picture)
        assert box == QRectF(10 + 10 * j, 20 + 10 * i, 50, 50)  # ten logical pixels a pixel: its true size
        assert cell_box(case, (i, j), output).center() == QPointF(300 + 10 * (j + 0.5), 20 + 10 * (i + 0.5))


@pytest.mark.parametrize("position", [(0, 0), (507, 507), (260, 282)])
def test_copies_of_a_large_picture_are_enlarged_and_inside(position):
    case = locations(position=position)
    picture = QRectF(10, 20, 256, 256)
    places = positions(case)
    assert position in places
    assert 7 <= len(places) <= 11
    assert all(i == position[0] or j == position[1] for i, j in places)
    for at in places:
        box = copy_box(case, at, picture)
        assert box.width() >= 24
        assert picture.adjusted(-0.01, -0.01, 0.01, 0.01).contains(box)


def test_the_kernel_is_painted_at_every_drawn_position(view):
    case = locations()
    view.show_locations(case, "")
    QApplication.processEvents()
    image = view.grab().toImage()
    red = {(x, y) for x in range(0, 530, 2) for y in range(0, 358, 2)
           if image.pixelColor(x, y).getRgb()[:3] == RED}  # fmt: skip
    side = 256  # about the picture's
    xs, ys = {x for x, _y in red}, {y for _x, y in red}
    assert max(xs) - min(xs) > 0.6 * side
    assert max(ys) - min(ys) > 0.6 * side


def test_the_followed_copy_is_gold(view):
    view.show_locations(locations(), "")
    first = view.grab().toImage()
    view.show_locations(locations(position=(100, 100)), "")
    second = view.grab().toImage()
    gold = theme.palette().crosshair

    def left_of_gold(image):
        return min(x for x in range(280) for y in range(0, 330, 2) if image.pixelColor(x, y) == gold)

    assert left_of_gold(second) < left_of_gold(first)


def test_the_wires_are_those_of_the_middle_of_the_middle_row():
    assert wired_weights(np.arange(25.0).reshape(5, 5)).tolist() == [10, 11, 12, 13, 14]
    assert wired_weights(np.arange(4.0).reshape(2, 2)).tolist() == [0, 1]
    assert wired_weights(np.arange(49.0).reshape(7, 7)).tolist() == [22, 23, 24, 25, 26]


def test_without_a_layer_a_sentence_says_why(view):
    view.show_locations(None, "This stage has no weights.")
    assert view.accessibleDescription() == "This stage has no weights."
    assert view.lines == []
    assert not view.grab().isNull()


@pytest.mark.parametrize("size", [(980, 358), (1534, 660), (894, 310), (600, 220)])
@pytest.mark.parametrize("name", ["dark", "light"])
def test_it_follows_the_theme_at_every_size(view, qapp, size, name):
    theme.apply(qapp, name)
    view.resize(*size)
    for case in (
        locations(),
        locations((40, 90), SlidingOptions(padding="same", stride=2), (3, 40), (7, 3)),
        locations((1, 1), SlidingOptions(padding="same"), (0, 0), (1, 1)),
    ):
        view.show_locations(case, "")
        QApplication.processEvents()
        image = view.grab(QRect(0, 0, *size)).toImage()
        assert image.pixelColor(2, 2) == theme.palette().panel
    theme.apply(qapp, "dark")
