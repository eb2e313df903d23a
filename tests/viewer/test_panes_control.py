"""The panes of the Filter workspace: which pixel is read, where it lies in both, what titles and messages say."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest
from PyQt6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PyQt6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from kernels.filtering.geometry import SlidingOptions
from kernels.kernel import Kernel
from kernels.pictures.picture import Origin, Picture
from tests.viewer.pointer import move_to
from viewer.pages.filter import queries
from viewer.pages.filter.panes_control import PanesControl
from viewer.pages.filter.queries import FILTERED, OUTPUT, Filtered
from viewer.panes import PanesView, PicturePane
from viewer.session import Probe

LEFT = Qt.MouseButton.LeftButton
BOX = Kernel(np.ones((3, 3)), divisor=9.0, name="Box")


@dataclass
class Rig:
    """Panes and what controls them, with everything computed on the spot."""

    qtbot: QtBot
    flow: Any
    view: PanesView
    window: QWidget
    field: QLineEdit
    said: list[tuple[Any, ...]] = field(default_factory=list)

    @property
    def store(self) -> Any:
        return self.flow.store

    @property
    def result(self) -> Filtered:
        found: Filtered = self.flow.moment.value(FILTERED)
        return found

    def show_picture(self, pixels: np.ndarray, alpha: np.ndarray | None = None) -> None:
        self.flow.open(Picture(pixels, alpha=alpha, origin=Origin("sample", None, "grid")))

    def filter(self, kernel: Kernel = BOX, **options: Any) -> None:
        self.store.edit(lambda document: replace(document, kernel=kernel, options=SlidingOptions(**options)), "test")

    @property
    def probe(self) -> Probe | None:
        return self.store.session.probe

    def hover(self, pane: PicturePane, y: float, x: float) -> None:
        move_to(pane, pane.position_of(y, x).toPoint())

    def click(self, pane: PicturePane, y: float, x: float) -> None:
        self.qtbot.mouseClick(pane, LEFT, pos=pane.position_of(y, x).toPoint())


@pytest.fixture
def rig(qtbot: QtBot, make_flow: Any) -> Rig:
    flow, view, window, edit = make_flow(), PanesView(), QWidget(), QLineEdit()
    column = QVBoxLayout(window)
    column.addWidget(edit)
    column.addWidget(view, 1)
    control = PanesControl(view, flow.store, window)
    flow.join(control.render)
    qtbot.addWidget(window)
    window.resize(900, 560)
    with qtbot.waitExposed(window):
        window.show()
    made = Rig(qtbot, flow, view, window, edit)
    control.readout_changed.connect(lambda *said: made.said.append(said))
    return made


def grey(height: int = 40, width: int = 50) -> np.ndarray:
    """A picture in which no two pixels are equal."""
    return np.arange(height * width, dtype=np.uint16).reshape(height, width)


GEOMETRIES: tuple[tuple[dict[str, Any], tuple[int, int]], ...] = (
    ({"padding": "same"}, (3, 3)),
    ({"padding": "valid"}, (3, 5)),
    ({"padding": "valid"}, (4, 2)),
    ({"padding": "full"}, (5, 3)),
    ({"padding": "full", "operation": "convolution"}, (4, 2)),
    ({"padding": "same", "stride": 2}, (3, 3)),
    ({"padding": "valid", "stride": (3, 4), "dilation": 2}, (3, 3)),
    ({"padding": (2, 5), "dilation": (1, 3)}, (3, 3)),
)


# -- registration ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("options", "size"), GEOMETRIES)
def test_the_same_scene_point_lies_under_both_crosshairs(
    rig: Rig, options: dict[str, Any], size: tuple[int, int]
) -> None:
    """A kernel with one weight, at its anchor, copies: what stands under the crosshairs must then be equal."""
    rig.show_picture(grey())
    weights = np.zeros(size)
    middle = [(n - 1) // 2 for n in size]
    weights[middle[0], middle[1]] = 1
    rig.filter(Kernel(weights), **options)
    rows, columns = rig.result.array.shape
    for i, j in ((rows // 2, columns // 2), (rows // 3, columns // 4), (rows - 3, columns - 3)):
        sheet = rig.view.output.sheet
        assert sheet is not None
        middle_of_pixel = sheet.pixel_rect(i, j).center()
        rig.hover(rig.view.output, middle_of_pixel.y(), middle_of_pixel.x())
        assert rig.probe == Probe(i, j)
        first, second = rig.view.input.overlay, rig.view.output.overlay
        assert first.point == second.point == (middle_of_pixel.y(), middle_of_pixel.x())
        y, x, value_in, value_out = rig.said[-1]
        assert (y + 0.5, x + 0.5) == first.point
        assert value_in == str(grey()[y, x])
        assert value_out.split(" ")[0] == str(grey()[y, x])
        seen = [pane.position_of(*first.point) for pane in rig.view.panes]
        assert (seen[0] - seen[1]).manhattanLength() <= 1


@pytest.mark.parametrize(("options", "size"), GEOMETRIES)
def test_pointing_at_the_input_reads_the_nearest_output(
    rig: Rig, options: dict[str, Any], size: tuple[int, int]
) -> None:
    rig.show_picture(grey())
    rig.filter(Kernel(np.ones(size)), **options)
    geometry = rig.result.geometry
    for y, x in ((20, 25), (21, 26), (7, 9), (0, 0), (39, 49)):
        rig.hover(rig.view.input, y + 0.5, x + 0.5)
        found = geometry.to_output(y, x)
        assert rig.probe == (None if found is None else Probe(*found))
        assert rig.view.input.overlay.point == rig.view.output.overlay.point == (y + 0.5, x + 0.5)
        assert rig.said[-1][:3] == (y, x, str(grey()[y, x]))
        value = "" if found is None else f"{rig.result.array[found]:.6g}"
        assert rig.said[-1][3].split(" ")[0] == value


def test_the_box_is_the_window_of_the_kernel(rig: Rig) -> None:
    rig.show_picture(grey())
    rig.filter(BOX, padding="full", dilation=2)
    rig.hover(rig.view.output, -1.5, -1.5)
    assert rig.probe is not None
    rows, columns = rig.result.geometry.window(rig.probe.i, rig.probe.j)
    overlay = rig.view.input.overlay
    assert (overlay.box.top(), overlay.box.bottom()) == (rows[0], rows[-1] + 1)
    assert (overlay.box.left(), overlay.box.right()) == (columns[0], columns[-1] + 1)
    assert [(tap.top(), tap.left()) for tap in overlay.taps] == [(y, x) for y in rows for x in columns]
    assert (rig.view.output.overlay.box.width(), rig.view.output.overlay.box.height()) == (1, 1)
    assert rig.said[-1][2] == "outside"


def test_everything_of_a_larger_output_is_in_sight(rig: Rig) -> None:
    rig.show_picture(grey(10, 10))
    rig.filter(Kernel(np.ones((9, 9))), padding="full")
    room = rig.view.output.viewport().adjusted(-1, -1, 1, 1)
    assert room.contains(rig.view.output.position_of(-4, -4))
    assert room.contains(rig.view.output.position_of(14, 14))


def test_back_at_a_picture_its_output_is_there_again(rig: Rig) -> None:
    """While the other picture was open its output was never made, so that none comes for this one either."""
    rig.show_picture(grey())
    rig.filter()
    first = rig.flow.moment
    rig.flow.is_held = True
    rig.show_picture(grey(20, 30))
    other = queries.input_query(rig.flow.results["picture"], None)
    rig.flow.take(other, other.make(rig.flow))
    rig.flow.flow()
    assert rig.view.output.sheet is None
    rig.flow.results |= {name: first.results[name] for name in ("picture", "input")}
    rig.store.start_with(lambda _document: first.state.document)
    assert rig.view.output.sheet.shape == (40, 50)
    assert "50 × 40" in rig.view.output.title.text()


# -- reading, pinning --------------------------------------------------------------------------------------------------


def test_leaving_clears_what_is_not_pinned(rig: Rig) -> None:
    rig.show_picture(grey())
    rig.filter()
    rig.hover(rig.view.input, 10.5, 10.5)
    assert rig.probe == Probe(10, 10)
    move_to(rig.view.input, QPoint(20, 5))
    assert rig.probe is None
    assert rig.said[-1] == (None, None, "", "")
    assert rig.view.output.overlay.point is None


def test_a_click_pins_arrows_move_escape_frees(rig: Rig) -> None:
    rig.show_picture(grey())
    rig.filter()
    pane = rig.view.output
    rig.click(pane, 10.5, 20.5)
    assert rig.probe == Probe(10, 20, pinned=True)
    rig.hover(pane, 30.5, 30.5)
    assert rig.probe == Probe(10, 20, pinned=True)
    for key, expected in (
        (Qt.Key.Key_Right, (10, 21)),
        (Qt.Key.Key_Down, (11, 21)),
        (Qt.Key.Key_Left, (11, 20)),
        (Qt.Key.Key_Up, (10, 20)),
    ):
        rig.qtbot.keyClick(pane, key)
        assert rig.probe == Probe(*expected, pinned=True)
    rig.qtbot.keyClick(pane, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert rig.probe == Probe(20, 20, pinned=True)
    for _ in range(5):
        rig.qtbot.keyClick(pane, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert rig.probe == Probe(39, 20, pinned=True)
    assert rig.view.input.overlay.pinned
    rig.qtbot.keyClick(pane, Qt.Key.Key_Escape)
    assert rig.probe is None
    assert rig.view.input.overlay.point is None


def test_a_second_click_frees_and_one_elsewhere_moves_the_pin(rig: Rig) -> None:
    rig.show_picture(grey())
    rig.filter()
    rig.click(rig.view.output, 10.5, 20.5)
    rig.click(rig.view.input, 12.5, 5.5)
    assert rig.probe == Probe(12, 5, pinned=True)
    rig.click(rig.view.input, 12.5, 5.5)
    assert rig.probe == Probe(12, 5, pinned=False)


def test_enter_pins_without_a_mouse(rig: Rig) -> None:
    rig.show_picture(grey())
    rig.filter(padding="valid")
    rig.qtbot.keyClick(rig.view.input, Qt.Key.Key_Return)
    assert rig.probe == Probe(19, 24, pinned=True)
    rig.qtbot.keyClick(rig.view.input, Qt.Key.Key_Return)
    assert rig.probe == Probe(19, 24, pinned=False)


def test_a_moved_pin_stays_in_sight(rig: Rig) -> None:
    rig.show_picture(grey(200, 200))
    rig.filter()
    rig.view.link.zoom_to(40.0)
    rig.click(rig.view.output, 100.5, 100.5)
    for _ in range(30):
        rig.qtbot.keyClick(rig.view.output, Qt.Key.Key_Right)
    point = rig.view.output.overlay.point
    assert point == (100.5, 130.5)
    for pane in rig.view.panes:
        assert pane.viewport().contains(pane.position_of(*point))


def test_a_pin_keeps_its_place_in_the_picture_under_other_options(rig: Rig) -> None:
    rig.show_picture(grey())
    rig.filter(padding="same")
    rig.click(rig.view.input, 20.5, 30.5)
    rig.filter(padding="valid")
    assert rig.probe == Probe(19, 29, pinned=True)
    rig.filter(padding="full")
    assert rig.probe == Probe(21, 31, pinned=True)
    rig.filter(padding="same", stride=2)
    assert rig.probe == Probe(10, 15, pinned=True)
    assert rig.said[-1][:2] == (20, 30)


def test_a_pin_beyond_a_smaller_output_moves_to_its_edge(rig: Rig) -> None:
    rig.show_picture(grey())
    rig.filter(padding="same")
    rig.click(rig.view.input, 0.5, 49.5)
    rig.filter(Kernel(np.ones((5, 5))), padding="valid")
    assert rig.probe == Probe(0, 45, pinned=True)
    assert rig.said[-1][:2] == (2, 47)


def test_a_probe_set_elsewhere_is_shown(rig: Rig) -> None:
    rig.show_picture(grey())
    rig.filter(padding="valid")
    rig.store.view(lambda session: replace(session, probe=Probe(4, 6, pinned=True)))
    assert rig.view.input.overlay.point == (5.5, 7.5)
    assert rig.said[-1][:3] == (5, 7, str(grey()[5, 7]))


def test_negative_values_and_colours_are_read_with_true_signs(rig: Rig) -> None:
    colours = np.random.default_rng(3).integers(0, 256, (20, 20, 3), dtype=np.uint8)
    rig.show_picture(colours)
    rig.filter(Kernel([[-1.0]]))
    rig.hover(rig.view.input, 4.5, 6.5)
    red, green, blue = (int(each) for each in colours[4, 6])
    assert rig.said[-1] == (4, 6, f"{red}, {green}, {blue}", f"−{red}, −{green}, −{blue}")
    assert rig.view.output.accessibleDescription() == f"y 4, x 6: −{red}, −{green}, −{blue}"


# -- titles, failures, comparing ---------------------------------------------------------------------------------------


def test_titles_give_size_bits_and_range(rig: Rig) -> None:
    rig.show_picture(grey(30, 60))
    rig.filter(Kernel([[-1.0, 0.0, 1.0]]), padding="valid")
    assert rig.view.input.title.text() == "Input grid · 60 × 30 · 16-bit grey · 0 … 1799"
    assert rig.view.output.title.text() == "Output 58 × 30 · 32-bit float grey · 2 … 2"
    rig.filter(Kernel([[-1.0]]))
    assert rig.view.output.title.text() == "Output 60 × 30 · 32-bit float grey · −1799 … 0"


def test_a_failure_leaves_the_last_output(rig: Rig) -> None:
    rig.show_picture(grey())
    rig.filter()
    sheet = rig.view.output.sheet
    rig.filter(Kernel(np.ones((41, 41))), padding="valid")
    assert rig.view.output.sheet is sheet
    assert "does not fit" in rig.view.output.notice.text
    rig.filter()
    assert not rig.view.output.notice.isVisible()


def test_an_older_output_stays_until_the_newer_is_there(rig: Rig) -> None:
    rig.show_picture(grey())
    rig.filter()
    sheet = rig.view.output.sheet
    rig.flow.is_held = True
    rig.filter(padding="valid")
    assert rig.view.output.sheet is sheet
    assert rig.flow.moment.is_busy(OUTPUT)
    rig.flow.is_held = False
    rig.flow.flow()
    assert rig.view.output.sheet.shape == (38, 48)


def test_the_output_of_a_picture_of_another_size_never_stands_beside_it(rig: Rig) -> None:
    rig.show_picture(grey())
    rig.filter()
    shown = []
    rig.flow.join(lambda _old, _new: shown.append([pane.sheet and pane.sheet.shape for pane in rig.view.panes]))
    rig.show_picture(grey(20, 30))
    assert [(40, 50), (40, 50)] in shown
    assert [(20, 30), None] in shown
    assert [(20, 30), (40, 50)] not in shown
    assert shown[-1] == [(20, 30), (20, 30)]


def test_another_size_of_picture_fits_again_and_the_same_size_stays(rig: Rig) -> None:
    rig.show_picture(grey())
    rig.filter()
    rig.view.link.zoom_to(3.0)
    rig.show_picture(grey() + 1)
    assert rig.view.link.scale == 3.0
    rig.show_picture(grey(80, 80))
    assert rig.view.link.is_fitting


@pytest.mark.parametrize("focus", ["pane", "window"])
def test_holding_c_shows_the_input_in_the_outputs_place(rig: Rig, focus: str) -> None:
    rig.show_picture(grey())
    rig.filter()
    own = rig.view.output.sheet
    target = rig.view.output if focus == "pane" else rig.window
    rig.qtbot.keyPress(target, Qt.Key.Key_C)
    assert rig.store.session.comparing
    assert rig.view.output.shown is rig.view.input.sheet
    assert rig.view.output.title.name.text() == "Input, while C is held"
    rig.qtbot.keyRelease(target, Qt.Key.Key_C)
    assert not rig.store.session.comparing
    assert rig.view.output.shown is own
    assert rig.view.output.title.name.text() == "Output"


def test_c_typed_into_a_field_compares_nothing(rig: Rig) -> None:
    rig.show_picture(grey())
    rig.filter()
    rig.qtbot.keyPress(rig.field, Qt.Key.Key_C)
    assert not rig.store.session.comparing
    rig.qtbot.keyRelease(rig.field, Qt.Key.Key_C)
    assert rig.field.text() == "c"


def test_opacity_reaches_the_pane(rig: Rig) -> None:
    alpha = np.full((4, 4), 255, np.uint8)
    alpha[0, 0] = 0
    rig.show_picture(np.full((4, 4), 77, np.uint8), alpha)
    sheet = rig.view.input.sheet
    assert sheet is not None
    assert sheet.whole.image[0, 0].tolist() == [77, 77, 77, 0]
    assert sheet.whole.image[1, 1].tolist() == [77, 77, 77, 255]
    assert sheet.values is not None
    assert sheet.values.shape == (4, 4)


@pytest.mark.parametrize("pixels", [np.full((1, 1), 7, np.uint8), np.zeros((1, 5000), np.uint8)])
def test_odd_pictures_are_read_like_others(rig: Rig, pixels: np.ndarray) -> None:
    rig.show_picture(pixels)
    rig.filter()
    rig.view.link.zoom_to(60.0, QPointF(pixels.shape[1] / 2, 0.5))
    x = pixels.shape[1] // 2
    rig.hover(rig.view.input, 0.5, x + 0.5)
    assert rig.said[-1][:3] == (0, x, str(pixels[0, x]))


class Paintings(QObject):
    """Counts how often a widget is painted."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        self.count += event is not None and event.type() == QEvent.Type.Paint
        return False


def test_another_weight_leaves_the_picture_and_its_extension_as_they_are_painted(rig: Rig) -> None:
    rig.show_picture(grey())
    rig.filter(padding="same")
    QApplication.processEvents()
    source, output = Paintings(rig.view.input), Paintings(rig.view.output)
    rig.filter(Kernel(2.0 * np.ones((3, 3)), divisor=9.0), padding="same")
    QApplication.processEvents()
    assert output.count > 0
    assert source.count == 0
    rig.filter(padding="full")  # puts more pixels around it
    QApplication.processEvents()
    assert source.count > 0
