"""The panes of the Filter workspace: which pixel is read, and where it lies in both."""

from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from PyQt6.QtCore import QPoint, Qt

from kernels.kernel import Kernel
from tests.viewer.panes.rig import BOX, Rig, grey
from tests.viewer.pointer import move_to
from viewer.pages.filter.input_queries import input_query
from viewer.session import Probe

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
    other = input_query(rig.flow.results["picture"], None)
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
