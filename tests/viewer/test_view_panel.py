"""The View panel: range, levels, colour map and what it says of the output."""

import numpy as np
import pytest
from PyQt6.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt6.QtGui import QMouseEvent
from PyQt6.QtWidgets import QApplication, QComboBox, QLineEdit, QWidget

from kernels.kernel import Kernel
from kernels.pictures.summary import folded
from viewer import theme
from viewer.document import Document, with_kernel
from viewer.pages.filter.queries import NUMBERS
from viewer.pages.filter.view_control import ViewControl
from viewer.pages.filter.views.view_panel import ViewPanel
from viewer.session import Session
from viewer.state import State, range_mode

SOBEL = Kernel([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
ONE = Kernel([[1.0]])


class Bench:
    """A panel and what controls it, under a kernel that leaves a picture as it is."""

    def __init__(self, make_flow) -> None:
        self.flow = make_flow(State(Document(kernel=ONE, preset=None, default_range="clip")))
        self.store = self.flow.store
        self.panel = ViewPanel()
        self.control = ViewControl(self.panel, self.store, self.panel)
        self.flow.join(self.control.render)

    @property
    def session(self) -> Session:
        return self.store.session

    @property
    def mode(self) -> str:
        return range_mode(self.store.state)

    def child(self, name: str):
        found = self.panel.findChild(QWidget, name)
        assert found is not None, name
        return found

    def choose(self, name: str, data: str) -> None:
        control = self.child(name)
        assert control.findData(data) >= 0
        control.setCurrentIndex(control.findData(data))

    def display(self, array: np.ndarray) -> None:
        """Let `array` be the output."""
        self.flow.open(array)


@pytest.fixture
def bench(qtbot, make_flow):
    made = Bench(make_flow)
    qtbot.addWidget(made.panel)
    made.panel.resize(172, 520)
    with qtbot.waitExposed(made.panel):
        made.panel.show()
    return made


def ramp() -> np.ndarray:
    return np.linspace(-100, 300, 401, dtype=np.float32).reshape(1, -1)


@pytest.mark.parametrize("mode", ["abs", "minmax", "signed"])
def test_a_range_by_a_program_changes_the_session(bench, mode):
    bench.choose("rangeCombo", mode)
    assert bench.mode == mode
    assert bench.child("rangeCombo").currentData() == mode


def test_a_range_by_keyboard(bench, qtbot):
    box = bench.child("rangeCombo")
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_Down)
    assert bench.mode == "abs"


def test_the_range_follows_a_kernel_with_another_default(bench):
    bench.choose("rangeCombo", "minmax")
    bench.store.edit(lambda d: with_kernel(d, SOBEL, keep_preset=False), "Sobel")
    assert bench.child("rangeCombo").currentData() == "signed"


def test_manual_levels_start_from_the_present_ones(bench):
    bench.choose("rangeCombo", "minmax")
    bench.display(ramp())
    assert (bench.child("levelLow").value(), bench.child("levelHigh").value()) == (-100, 300)
    bench.choose("rangeCombo", "manual")
    assert bench.session.manual_levels == (-100, 300)
    assert bench.mode == "manual"


def test_manual_before_any_output_has_levels_too(bench):
    bench.choose("rangeCombo", "manual")
    assert bench.session.manual_levels == (0.0, 255.0)


def test_typed_levels_switch_to_manual(bench, qtbot):
    bench.display(ramp())
    edit = bench.child("levelLow")
    edit.setFocus()
    edit.selectAll()
    qtbot.keyClicks(edit, "-50")
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert bench.mode == "manual"
    assert bench.session.manual_levels == (-50, 255)
    assert bench.child("histogram").levels() == (-50, 255)
    bench.child("levelHigh").setValue(100)
    assert bench.session.manual_levels == (-50, 100)


def test_levels_out_of_order_are_explained(bench):
    bench.display(ramp())
    bench.child("levelLow").setValue(400)
    message = bench.child("levelsMessage")
    assert message.isVisible()
    assert "must be below" in message.text()
    assert bench.mode == "clip"
    bench.child("levelHigh").setValue(500)
    assert not message.isVisible()
    assert bench.session.manual_levels == (400, 500)


def drag(qtbot, handle: QWidget, distance: int) -> None:
    """Drag `handle` by `distance` pixels in four steps, while it moves along under the pointer."""
    grip = QPoint(handle.width() // 2, handle.height() // 2)
    start = handle.x()
    left = Qt.MouseButton.LeftButton
    qtbot.mousePress(handle, left, pos=grip)
    for step in (1, 2, 3, 4):
        at = QPointF(grip.x() + start + distance * step // 4 - handle.x(), grip.y())
        # The offscreen platform knows no pointer that moves with a button held.
        move = QMouseEvent(
            QEvent.Type.MouseMove, at, handle.mapToGlobal(at), left, left, Qt.KeyboardModifier.NoModifier
        )
        QApplication.sendEvent(handle, move)
    qtbot.mouseRelease(handle, left, pos=grip)


def test_dragging_a_handle_sets_manual_levels(bench, qtbot):
    bench.choose("rangeCombo", "minmax")
    bench.display(ramp())
    histogram = bench.child("histogram")
    handle = bench.child("levelHighHandle")
    middle = (histogram.x_of(-100) + histogram.x_of(300)) / 2
    drag(qtbot, handle, round(middle - histogram.x_of(300)))
    low, high = bench.session.manual_levels
    assert bench.mode == "manual"
    assert low == -100
    assert high == pytest.approx(100, abs=4)
    assert bench.child("levelHigh").value() == high


def test_a_handle_stops_before_the_other(bench, qtbot):
    bench.choose("rangeCombo", "minmax")
    bench.display(ramp())
    drag(qtbot, bench.child("levelLowHandle"), 400)
    low, high = bench.session.manual_levels
    assert high == 300
    assert 290 < low < 300


def test_an_answer_that_lags_behind_leaves_the_handle_where_the_hand_is(bench):
    bench.choose("rangeCombo", "minmax")
    bench.display(ramp())
    bench.choose("rangeCombo", "manual")
    seen = []
    bench.flow.join(lambda _old, _new: seen.append(bench.child("histogram").levels()))
    seen.clear()
    bench.child("levelLow").setValue(-20)
    assert set(seen) == {(-20, 300)}  # at every moment, also when the answer to the older levels came


def test_handles_come_back_from_levels_under_which_nothing_could_be_shown(bench):
    bench.display(ramp())
    bench.store.edit(lambda d: with_kernel(d, Kernel(np.ones((3, 3, 4)))), "Four channels")
    bench.child("levelLow").setValue(-20)
    assert bench.child("histogram").levels() == (-20, 255)
    bench.choose("rangeCombo", "clip")
    bench.store.undo_stack.undo()
    assert bench.child("histogram").levels() == (0, 255)


def test_handles_by_keyboard(bench, qtbot):
    bench.choose("rangeCombo", "minmax")
    bench.display(ramp())
    handle = bench.child("levelLowHandle")
    handle.setFocus()
    qtbot.keyClick(handle, Qt.Key.Key_Right)
    low = bench.session.manual_levels[0]
    assert low == pytest.approx(-98, abs=0.5)
    qtbot.keyClick(handle, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert bench.session.manual_levels[0] == pytest.approx(-78, abs=1)
    qtbot.keyClick(handle, Qt.Key.Key_Left)
    assert bench.session.manual_levels[0] == pytest.approx(-80, abs=1)


def test_the_colour_map_of_a_grey_result(bench):
    bench.display(ramp())
    combo = bench.child("colourMapCombo")
    assert combo.isEnabled()
    bench.choose("colourMapCombo", "viridis")
    assert bench.session.colour_map == "viridis"
    assert combo.currentText() == "Viridis"


def test_signed_shows_the_diverging_map_and_says_so(bench):
    bench.choose("rangeCombo", "signed")
    combo = bench.child("colourMapCombo")
    assert not combo.isEnabled()
    assert combo.currentData() == "blue-orange"
    assert "diverging" in combo.toolTip()
    bench.choose("rangeCombo", "clip")
    assert combo.isEnabled()
    assert combo.currentData() == "grey"


def test_levels_moved_in_signed_keep_its_colours_until_the_range_changes(bench):
    bench.choose("rangeCombo", "signed")
    bench.display(ramp())
    bench.child("levelHigh").setValue(200)
    assert bench.mode == "manual"
    assert bench.session.colour_map == "blue-orange"
    bench.choose("rangeCombo", "clip")
    assert bench.session.colour_map == "grey"


def test_a_colour_result_has_no_colour_map(bench):
    bench.display(np.zeros((4, 4, 3), np.float32))
    assert not bench.child("colourMapCombo").isEnabled()
    assert "three channels" in bench.child("colourMapCombo").toolTip()
    bench.choose("rangeCombo", "signed")
    bench.child("levelHigh").setValue(10)
    assert bench.session.colour_map == "grey"


@pytest.mark.parametrize(
    ("array", "text"),
    [
        (np.full((10, 10), 7, np.float32), "clipped: 0"),
        (np.array([[-1.0] + [5.0] * 9], np.float32), "10.0 % beyond the levels (1 pixel)"),
        (np.full((50, 100), 300, np.float32), "100 % beyond the levels (5,000 pixels)"),
        (np.full((1, 9, 3), [-40, 300, 7], np.float32), "100 % beyond the levels (9 pixels)"),
        (np.array([[256.0] + [5.0] * 1999], np.float32), "under 0.1 % beyond the levels (1 pixel)"),
    ],
)
def test_how_many_pixels_are_clipped(bench, array, text):
    bench.display(array)
    assert bench.child("clippedLabel").text() == text


def test_pixels_that_are_not_finite_are_counted(bench):
    label = bench.child("nonFiniteLabel")
    array = np.zeros((4, 4), np.float32)
    bench.display(array)
    assert not label.isVisible()
    array[0, :2] = np.nan, np.inf
    bench.display(array)
    assert label.isVisible()
    assert label.text() == "2 pixels are not finite: drawn in magenta"


def test_a_flat_result_is_said_to_be_flat(bench):
    label = bench.child("flatLabel")
    bench.display(ramp())
    assert not label.isVisible()
    bench.display(np.full((5, 5), 12.5, np.float32))
    assert label.text() == "flat: 12.5 everywhere"
    assert label.isVisible()


@pytest.mark.parametrize(
    "array",
    [
        np.full((5, 5), 90, np.float32),
        np.full((5, 5), np.nan, np.float32),
        np.array([[1e30, -1e30]], np.float32),
        np.array([[1e308, -1e308]]),
        np.array([[0.0, 1e-30]], np.float32),
        np.zeros((1, 1), np.uint8),
    ],
)
@pytest.mark.parametrize("mode", ["clip", "abs", "minmax", "signed"])
def test_odd_outputs_are_painted(bench, array, mode):
    bench.choose("rangeCombo", mode)
    bench.display(array)
    histogram = bench.child("histogram")
    assert not histogram.grab().isNull()
    low, high = histogram.levels()
    assert low < high
    for level in (low, high):
        assert -1 <= histogram.x_of(level) <= histogram.width() + 1


def column_height(bench: Bench, value: float) -> int:
    """Return how many pixels of the curve stand above the floor at `value`."""
    histogram = bench.child("histogram")
    image = histogram.grab().toImage()
    ground = theme.palette().field.name()
    x = round(histogram.x_of(value))
    return sum(image.pixelColor(x, y).name() != ground for y in range(4, histogram.height() - 4))


def test_a_spike_does_not_hide_the_rest(bench):
    array = np.zeros(100_000, np.float32)
    array[:30] = 128
    bench.display(array.reshape(100, 1000))
    assert column_height(bench, 128) > 15
    assert column_height(bench, 60) < 6


def test_a_constant_picture_has_one_column(bench):
    bench.display(np.full((20, 20), 90, np.uint8))
    assert column_height(bench, 90) > 60
    assert column_height(bench, 150) < 6


def test_counts_of_an_earlier_result_are_said_to_be_so(bench):
    bench.display(np.full((20, 20), 90, np.uint8))
    note = bench.child("histogramStale")
    fresh = bench.child("histogram").grab().toImage()
    assert not note.isVisible()
    seen = []
    bench.flow.join(lambda _old, new: seen.append((new.is_busy(NUMBERS), note.isVisible())))
    bench.store.edit(lambda d: with_kernel(d, SOBEL), "Sobel")
    assert (True, True) in seen
    assert "earlier result" in note.text()
    assert seen[-1] == (False, False)
    bench.store.undo_stack.undo()
    assert not note.isVisible()
    assert bench.child("histogram").grab().toImage() == fresh


def test_the_histogram_of_absolute_values_is_folded(bench):
    counts, edges = folded(np.array([4, 3, 9, 1, 2]), np.array([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5]))
    assert counts.tolist() == [9, 4, 6]
    assert edges.tolist() == [-0.5, 0.5, 1.5, 2.5]
    counts, edges = folded(np.array([4, 3]), np.array([-3.0, -2.0, -1.0]))
    assert counts.tolist() == [3, 4]
    assert edges.tolist() == [1.0, 2.0, 3.0]


def test_the_readout(bench):
    bench.panel.show_readout("y 187, x 243", "104", "687")
    assert bench.child("readoutPosition").text() == "y 187, x 243"
    text = bench.child("readoutValues").text()
    assert "104" in text
    assert "687" in text
    bench.panel.show_readout("", "", "")
    assert not bench.child("readoutValues").isVisible()
    assert "Point at a picture" in bench.child("readoutPosition").text()


def test_the_readout_follows_the_theme(bench, monkeypatch):
    notifier = theme.notifier()
    monkeypatch.setattr(notifier, "palette", theme.LIGHT)
    bench.panel.show_readout("y 0, x 0", "1 2 3", "4")
    assert theme.LIGHT.text.name() in bench.child("readoutValues").text()
    monkeypatch.setattr(notifier, "palette", theme.DARK)
    notifier.changed.emit()
    assert theme.DARK.text.name() in bench.child("readoutValues").text()


def test_every_control_is_named_and_explained(bench):
    controls = [
        *bench.panel.findChildren(QComboBox), *bench.panel.findChildren(QLineEdit),
        *(bench.child(name) for name in ("histogram", "levelLowHandle", "levelHighHandle", "colourBar")),
    ]  # fmt: skip
    assert len(controls) == 8
    for control in controls:
        assert control.objectName()
        assert control.accessibleName()
        assert control.toolTip()
