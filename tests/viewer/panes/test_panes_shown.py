"""What the panes of the Filter workspace show: titles, messages, older outputs, and the input in the output's place."""

from typing import Any

import numpy as np
import pytest
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtWidgets import QApplication

from kernels.kernel import Kernel
from tests.viewer.panes.rig import Paintings, Rig, grey
from viewer.pages.filter.input_queries import shown_extension
from viewer.pages.filter.queries import OUTPUT


def test_titles_give_size_bits_and_range(rig: Rig) -> None:
    rig.show_picture(grey(30, 60))
    rig.filter(Kernel([[-1.0, 0.0, 1.0]]), padding="valid")
    assert rig.view.input.title.text() == "Input grid · 60 × 30 · 16-bit grey · 0 … 1799"
    assert rig.view.output.title.text() == "Output 58 × 30 · 32-bit float grey · 2 … 2"
    rig.filter(Kernel([[-1.0]]))
    assert rig.view.output.title.text() == "Output 60 × 30 · 32-bit float grey · −1799 … 0"


def test_a_first_picture_that_is_on_its_way_is_not_asked_for(rig: Rig) -> None:
    assert "Open a picture" in rig.view.input.notice.text
    rig.flow.is_held = True
    rig.show_picture(grey())
    assert rig.view.input.sheet is None
    assert not rig.view.input.notice.text


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


@pytest.mark.parametrize("padding", ["same", "full", (2, 9)])
def test_fit_leaves_room_for_the_extension(rig: Rig, padding: Any) -> None:
    rig.show_picture(grey())
    rig.filter(Kernel(np.ones((5, 7))), padding=padding)
    assert rig.view.link.is_fitting
    strips = shown_extension(rig.flow.moment)
    assert strips
    for _painted, (top, left, high, wide) in strips:
        corners = rig.view.input.position_of(top, left), rig.view.input.position_of(top + high, left + wide)
        for corner in corners:
            assert rig.view.input.viewport().adjusted(-1, -1, 1, 1).contains(corner)
    rig.filter(Kernel(np.ones((5, 7))), padding="valid")
    assert rig.view.link.content == QRectF(0, 0, 50, 40)


def test_an_extension_too_thin_to_be_drawn_takes_no_room(rig: Rig) -> None:
    rig.show_picture(grey(900, 1000))
    rig.filter(padding="same")
    assert rig.view.link.content == QRectF(0, 0, 1000, 900)


def test_a_picture_that_fits_seldom_changes_its_size_while_a_kernel_grows(rig: Rig) -> None:
    rig.show_picture(grey(100, 100))
    scales = set()
    for size in range(3, 33, 2):
        rig.filter(Kernel(np.ones((size, size))), padding="same")
        scales.add(rig.view.link.fit_scale())
    assert len(scales) == 5  # room for 1, 2, 4, 8 and 16 pixels at each side
