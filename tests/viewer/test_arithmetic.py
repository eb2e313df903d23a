"""The arithmetic strip: the lecture's numbers, the output's own value, what is written and copied."""

from dataclasses import replace

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QAction, QEnterEvent, QGuiApplication, QHelpEvent
from PyQt6.QtWidgets import QApplication, QLabel, QToolTip, QWidget

from kernels.filtering.geometry import SlidingOptions
from kernels.kernel import Kernel
from tests.viewer.pointer import move_to
from viewer import theme
from viewer.pages.filter.arithmetic_control import ArithmeticControl
from viewer.pages.filter.queries import FILTERED, Filtered
from viewer.pages.filter.views.arithmetic import ArithmeticStrip
from viewer.session import Probe

LECTURE = np.array(
    [[3, 3, 2, 1, 0], [0, 0, 1, 3, 1], [3, 1, 2, 2, 3], [2, 0, 0, 2, 2], [2, 0, 0, 0, 1]], dtype=np.uint8
)
LECTURE_KERNEL = Kernel([[0, 1, 2], [2, 2, 0], [0, 1, 2]])
SOBEL = Kernel([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])


class Bench:
    """A strip and what controls it, with everything computed on the spot."""

    def __init__(self, qtbot, flow) -> None:
        self.qtbot, self.flow, self.store = qtbot, flow, flow.store
        self.strip = ArithmeticStrip()
        flow.join(ArithmeticControl(self.strip, self.strip).render)

    def child(self, name: str):
        found = self.strip.findChild(QWidget, name)
        assert found is not None, name
        return found

    def show(self, pixels: np.ndarray, kernel: Kernel, pixel: tuple[int, int], **options) -> Filtered:
        """Filter `pixels` and read an output pixel."""
        self.store.start_with(lambda document: replace(document, kernel=kernel, options=SlidingOptions(**options)))
        self.flow.open(pixels)
        self.read(*pixel)
        return self.flow.moment.value(FILTERED)

    def read(self, i: int, j: int) -> None:
        self.store.view(lambda session: replace(session, probe=Probe(i, j)))

    @property
    def value(self) -> str:
        return self.child("arithmeticValue").text()

    @property
    def equation(self) -> str:
        return self.child("arithmeticEquation").text()

    def grid(self, name: str) -> list:
        return self.child(f"{name}Grid").values().tolist()

    def titles(self) -> list[str]:
        return [label.text() for label in self.strip.findChildren(QLabel)]


@pytest.fixture
def bench(qtbot, make_flow):
    made = Bench(qtbot, make_flow())
    qtbot.addWidget(made.strip)
    made.strip.resize(898, 128)
    with qtbot.waitExposed(made.strip):
        made.strip.show()
    return made


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"padding": "valid"}, [[12, 12, 17], [10, 17, 19], [9, 6, 14]]),
        ({"padding": 1, "stride": 2}, [[6, 17, 3], [8, 17, 13], [6, 4, 4]]),
    ],
)
def test_every_number_of_the_lecture(bench, options, expected):
    bench.show(LECTURE, LECTURE_KERNEL, (0, 0), **options)
    for i in range(3):
        for j in range(3):
            bench.read(i, j)
            assert bench.value == str(expected[i][j])
            assert bench.equation == f"{expected[i][j]} ÷ 1 + 0 ="


def test_the_grids_of_one_pixel(bench):
    bench.show(LECTURE, LECTURE_KERNEL, (0, 2), padding="valid")
    assert bench.grid("window") == [[2, 1, 0], [1, 3, 1], [2, 2, 3]]
    assert bench.grid("weights") == [[0, 1, 2], [2, 2, 0], [0, 1, 2]]
    assert bench.grid("products") == [[0, 1, 0], [2, 6, 0], [0, 2, 6]]
    assert "Window at y 1, x 3" in bench.titles()


def test_a_convolution_turns_the_weights(bench):
    result = bench.show(LECTURE, SOBEL, (2, 2), operation="convolution")
    assert bench.grid("weights") == [[1, 0, -1], [2, 0, -2], [1, 0, -1]]
    assert "Weights, turned by 180°" in bench.titles()
    assert bench.value == str(int(result.array[2, 2])).replace("-", "−")


def test_divisor_and_offset(bench):
    bench.show(np.full((5, 5), 90, np.uint8), Kernel(np.ones((3, 3)), divisor=-9, offset=-5.5), (2, 2))
    assert bench.equation == "810 ÷ (−9) − 5.5 ="
    assert bench.value == "−95.5"


def test_before_a_pixel_is_read(bench):
    assert bench.child("arithmeticHint").isVisible()
    assert "Hover or click a pixel" in bench.child("arithmeticHint").text()
    assert bench.strip.text() == ""
    bench.show(LECTURE, SOBEL, (2, 2))
    assert not bench.child("arithmeticHint").isVisible()
    bench.store.view(lambda session: replace(session, probe=None))
    assert bench.child("arithmeticHint").isVisible()


def test_a_place_outside_the_output_shows_nothing(bench):
    bench.show(LECTURE, SOBEL, (2, 2))
    bench.read(5, 0)
    assert bench.child("arithmeticHint").isVisible()


def test_the_last_arithmetic_stays_until_the_next_comes(bench):
    bench.show(LECTURE, LECTURE_KERNEL, (0, 0), padding="valid")
    bench.flow.is_held = True
    bench.read(1, 1)
    assert bench.value == "12"
    assert not bench.child("arithmeticHint").isVisible()
    bench.flow.is_held = False
    bench.flow.flow()
    assert bench.value == "17"


def test_arithmetic_of_another_kernel_is_never_shown(bench):
    bench.show(LECTURE, LECTURE_KERNEL, (0, 0), padding="valid")
    bench.flow.is_held = True
    bench.store.edit(lambda document: replace(document, kernel=SOBEL), "Sobel")
    assert bench.child("arithmeticHint").isVisible()
    assert bench.strip.text() == ""


def test_the_last_number_is_the_outputs_own(bench):
    pixels = LECTURE.copy()
    bench.show(pixels, SOBEL, (2, 2))
    held = bench.flow.results["filtered"]
    other = np.array(held.value.array)
    other[2, 2] = 1234.5
    bench.flow.results["filtered"] = replace(held, value=replace(held.value, array=other))
    bench.read(2, 3)
    bench.read(2, 2)
    assert bench.value == "1234.5"
    assert bench.equation.endswith("≈")


def test_what_cannot_be_computed_says_why(bench):
    bench.show(colours(), SOBEL, (2, 3))
    bench.store.edit(lambda document: replace(document, kernel=Kernel(np.ones((3, 3, 4)))), "Four channels")
    assert "4 channels" in bench.child("arithmeticHint").text()


@pytest.mark.parametrize("shape", [(3, 3), (31, 31), (2, 5)])
def test_the_value_equals_the_output_whatever_the_backend(bench, shape):
    generator = np.random.default_rng(5)
    pixels = generator.integers(0, 255, (60, 70), dtype=np.uint8)
    kernel = Kernel(generator.normal(size=shape), divisor=3)
    result = bench.show(pixels, kernel, (17, 40), border="reflect")
    assert float(bench.value.replace("−", "-")) == pytest.approx(float(result.array[17, 40]), rel=1e-5)


def number(text: str) -> float:
    return float(text.replace("−", "-"))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("divisor", "offset"), [(1, 0), (1, -0.25), (3, 0), (-7.5, 12)])
def test_what_is_shown_adds_up_as_shown(bench, seed, divisor, offset):
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 256, (20, 20)).astype(np.uint8)
    weights = rng.normal(size=(3, 3 + seed % 3))
    weights[0, 0] = 1e-5
    bench.show(pixels, Kernel(weights, divisor=divisor, offset=offset), (9, 9))
    left, sign, shown = bench.equation.split(" ")[0], bench.equation[-1], bench.value
    texts = [text for row in bench.child("productsGrid").texts() for text in row]
    assert not any(text.startswith("−0.") and number(text) == 0 for text in texts)
    assert sum(number(text) for text in texts) == pytest.approx(number(left), abs=1e-9)
    result = number(left) / divisor + offset
    places = len(shown.partition(".")[2])
    assert round(result, places) == pytest.approx(number(shown), abs=1e-12)
    assert (sign == "=") == (abs(result - number(shown)) < 1e-9)
    for name in ("weights", "products"):
        written = [text for row in bench.child(f"{name}Grid").texts() for text in row if text != "0"]
        assert len({len(text.partition(".")[2]) for text in written}) == 1


def test_the_channels_of_a_sum_add_up_as_shown(bench):
    rng = np.random.default_rng(3)
    pixels = rng.integers(0, 256, (9, 9, 3)).astype(np.uint8)
    bench.show(pixels, Kernel(rng.normal(size=(3, 3, 3))), (4, 4))
    title = next(text for text in bench.titles() if text.startswith("Sum over channels"))
    parts = [number(part.split(" ")[1]) for part in title.partition(": ")[2].split(" + ")]
    assert sum(parts) == pytest.approx(number(bench.equation.split(" ")[0]), abs=1e-9)


def test_the_tool_tip_of_a_cell_stands_above_the_strip(bench, monkeypatch):
    bench.show(LECTURE, SOBEL, (2, 2))
    seen = []
    monkeypatch.setattr(QToolTip, "showText", lambda place, text, widget: seen.append(place))
    grid = bench.child("productsGrid")
    middle = grid.rect().center()
    QApplication.sendEvent(grid, QHelpEvent(QHelpEvent.Type.ToolTip, middle, grid.mapToGlobal(middle)))
    assert seen[0].y() + 40 < bench.strip.mapToGlobal(QPoint(0, 0)).y() + 16


def test_values_that_are_not_finite_read_as_such(bench):
    pixels = np.ones((5, 5), np.float32)
    pixels[2, 2] = np.nan
    bench.show(pixels, SOBEL, (2, 2))
    assert bench.value == "NaN"
    assert bench.equation == "NaN ÷ 1 + 0 ="
    assert "NaN" in bench.strip.text()
    pixels[2, 2] = np.inf
    bench.show(pixels, Kernel([[2.0]]), (2, 2))
    assert bench.value == "∞"
    assert not bench.strip.grab().isNull()


def colours() -> np.ndarray:
    return np.random.default_rng(3).integers(0, 255, (6, 7, 3), dtype=np.uint8)


def test_a_colour_picture_has_a_channel_to_choose(bench, qtbot):
    result = bench.show(colours(), SOBEL, (2, 3))
    chooser = bench.child("traceChannelCombo")
    assert chooser.isVisible()
    for row, name in enumerate("RGB"):
        chooser.setCurrentIndex(chooser.findData(row))
        assert chooser.currentText() == name
        assert bench.value.replace("−", "-") == str(int(result.array[2, 3, row]))
        assert bench.grid("window") == colours()[1:4, 2:5, row].tolist()
    qtbot.mouseClick(bench.child("traceChannelCombo_1"), Qt.MouseButton.LeftButton)
    assert bench.value.replace("−", "-") == str(int(result.array[2, 3, 1]))
    bench.show(LECTURE, SOBEL, (2, 2))
    assert not chooser.isVisible()


def test_a_kernel_over_channels_says_their_sum(bench):
    kernel = Kernel(np.random.default_rng(4).integers(-3, 4, (3, 3, 3)))
    result = bench.show(colours(), kernel, (2, 3))
    sums = (colours()[1:4, 2:5].astype(int) * kernel.weights).sum(axis=(0, 1)).astype(int)
    title = next(text for text in bench.titles() if text.startswith("Sum over channels"))
    for name, part in zip("RGB", sums, strict=True):
        assert f"{name} {part}".replace("-", "−") in title
    assert bench.value.replace("−", "-") == str(int(result.array[2, 3])) == str(int(sums.sum()))
    chooser = bench.child("traceChannelCombo")
    chooser.setCurrentIndex(2)
    assert bench.grid("weights") == kernel.weights[:, :, 2].tolist()
    assert bench.value.replace("−", "-") == str(int(sums.sum()))
    assert "Sum over the channels" in bench.strip.text()


def hover(grid: QWidget, cell: tuple[int, int]) -> QPoint:
    return grid.rect_of(cell).center().toPoint()


def test_pointing_at_a_cell_marks_its_partners(bench, qtbot):
    bench.show(LECTURE, LECTURE_KERNEL, (0, 2), padding="valid")
    weights = bench.child("weightsGrid")
    before = [bench.child(f"{name}Grid").grab().toImage() for name in ("window", "products")]
    at = QPointF(hover(weights, (2, 2)))
    QApplication.sendEvent(weights, QEnterEvent(at, at, weights.mapToGlobal(at)))
    move_to(weights, QPoint(1, 1))
    move_to(weights, at.toPoint())
    assert "3 × 2 = 6" in bench.titles()
    after = [bench.child(f"{name}Grid").grab().toImage() for name in ("window", "products")]
    assert all(first != second for first, second in zip(before, after, strict=True))
    move_to(weights, QPoint(-30, -30))
    weights.leaveEvent(None)
    assert "Sum ÷ divisor + offset" in bench.titles()


def test_the_marked_cell_moves_by_keys(bench, qtbot):
    bench.show(LECTURE, LECTURE_KERNEL, (0, 2), padding="valid")
    bench.strip.setFocus()
    qtbot.keyClick(bench.strip, Qt.Key.Key_Right)
    assert "3 × 2 = 6" in bench.titles()
    qtbot.keyClick(bench.strip, Qt.Key.Key_Down)
    qtbot.keyClick(bench.strip, Qt.Key.Key_Right)
    assert "3 × 2 = 6" in bench.titles()
    qtbot.keyClick(bench.strip, Qt.Key.Key_Escape)
    assert "Sum ÷ divisor + offset" in bench.titles()


def tip_of(grid: QWidget, cell: tuple[int, int]) -> str:
    at = hover(grid, cell)
    QApplication.sendEvent(grid, QHelpEvent(QHelpEvent.Type.ToolTip, at, grid.mapToGlobal(at)))
    text = QToolTip.text()
    QToolTip.hideText()
    return text


@pytest.mark.parametrize(
    ("border", "tip"),
    [
        ("constant", "outside the picture: border value 9"),
        ("reflect101", "outside the picture: border “Reflect 101” takes y 1, x 1"),
        ("wrap", "outside the picture: border “Wrap” takes y 4, x 4"),
    ],
)
def test_virtual_pixels_say_where_they_come_from(bench, border, tip):
    bench.show(LECTURE, SOBEL, (0, 0), border=border, border_value=9)
    grid = bench.child("windowGrid")
    assert tip in tip_of(grid, (0, 0))
    assert "pixel y 0, x 0" in tip_of(grid, (1, 1))


def test_virtual_pixels_are_hatched(bench):
    bench.show(np.full((5, 5), 7, np.uint8), SOBEL, (0, 0), border="replicate")
    grid = bench.child("windowGrid")
    image = grid.grab().toImage()

    def colours_of(cell):
        rect = grid.rect_of(cell).toAlignedRect()
        return {image.pixel(x, y) for x in range(rect.left() + 4, rect.left() + 10) for y in range(rect.top() + 4, 20)}

    assert len(colours_of((0, 0))) > len(colours_of((0, 0)) & colours_of((1, 1)))
    assert bench.grid("window")[0][0] == 7


@pytest.mark.parametrize(
    ("shape", "is_heat_map"), [((1, 1), False), ((3, 3), False), ((5, 5), False), ((9, 9), True), ((63, 63), True)]
)
def test_large_kernels_become_heat_maps_and_keep_sum_and_value(bench, shape, is_heat_map):
    result = bench.show(np.full((70, 70), 2, np.uint8), Kernel(np.ones(shape)), (35, 35))
    for name in ("window", "weights", "products"):
        grid = bench.child(f"{name}Grid")
        assert grid.is_heat_map == is_heat_map
        assert grid.width() <= 260
        assert grid.height() <= 90
        assert not grid.grab().isNull()
    assert bench.value == str(int(result.array[35, 35])) == str(2 * shape[0] * shape[1])
    last = bench.child("arithmeticValue")
    assert last.mapTo(bench.strip, last.rect().bottomRight()).x() < bench.strip.width()


@pytest.mark.parametrize("width", [420, 600, 898])
def test_no_number_is_ever_cut_off(bench, width):
    bench.strip.resize(width, 128)
    rng = np.random.default_rng(5)
    bench.show(rng.integers(0, 256, (30, 30)).astype(np.uint8), Kernel(rng.normal(size=(9, 9)) * 100), (10, 10))
    bench.qtbot.wait(0)
    for name in ("arithmeticValue", "arithmeticEquation"):
        label = bench.child(name)
        assert label.minimumSizeHint().width() <= label.width(), name
        assert label.mapTo(bench.strip, label.rect().bottomRight()).x() < bench.strip.width()
    bench.strip.resize(1400, 128)
    bench.qtbot.wait(0)
    assert bench.child("arithmeticValue").shown_size() == theme.px(24)


def test_a_heat_map_is_read_under_the_pointer(bench):
    bench.show(np.full((20, 20), 3, np.uint8), Kernel(np.arange(81.0).reshape(9, 9)), (10, 10))
    assert "3 × 80 = 240" in tip_of(bench.child("windowGrid"), (8, 8))


TEXT = """\
Output pixel y 0, x 2 (correlation); window at y 1, x 3 of the picture

Window
2  1  0
1  3  1
2  2  3

Weights
0  1  2
2  2  0
0  1  2

Products
0  1  0
2  6  0
0  2  6

Sum = 17
17 ÷ 1 + 0 = 17
"""


def test_the_keys_copy_while_the_strip_has_the_focus(bench, qtbot):
    bench.show(LECTURE, SOBEL, (0, 0), border_value=4)
    bench.strip.setFocus()
    QGuiApplication.clipboard().setText("before")
    qtbot.keyClick(bench.strip, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    copied = QGuiApplication.clipboard().text()
    assert "-1   0   1" in copied
    assert "5 of the values lie outside the picture; border: constant 4" in copied
    assert copied.rstrip().endswith("= " + bench.value.replace("−", "-"))


def test_a_copy_action_of_the_window_waits_while_the_strip_has_the_focus(bench, qtbot):
    bench.show(LECTURE, LECTURE_KERNEL, (0, 2), padding="valid")
    action = QAction("Copy picture", bench.strip)
    action.setShortcut("Ctrl+C")
    bench.strip.addAction(action)
    bench.strip.setFocus()
    with qtbot.assertNotEmitted(action.triggered):
        qtbot.keyClick(bench.strip, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == TEXT


def test_copied_text_holds_every_channel(bench):
    bench.show(colours(), SOBEL, (2, 3))
    text = bench.strip.text()
    assert [line for line in text.splitlines() if line.startswith("Channel")] == ["Channel R", "Channel G", "Channel B"]


def test_the_strip_and_its_parts_are_named_and_explained(bench):
    bench.show(colours(), SOBEL, (2, 3))
    assert bench.strip.objectName() == "arithmeticStrip"
    names = ("copyArithmeticButton", "traceChannelCombo", "windowGrid", "weightsGrid", "productsGrid")
    for control in (bench.strip, *map(bench.child, names)):
        assert control.accessibleName()
        assert control.toolTip()
