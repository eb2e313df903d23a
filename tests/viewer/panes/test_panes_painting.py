"""Panes: what is painted at every scale, values in the pixels, marks."""

import weakref

import numpy as np
import pytest
from PyQt6.QtCore import QRectF
from PyQt6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from viewer import theme
from viewer.painting import Look, Painted, Patch, Region, paint, paint_patch
from viewer.panes import Overlay, PanesView, PicturePane, make_sheet
from viewer.panes.sheet import Layer
from viewer.panes.values import pixel_text, wants_dark_ink

SIZE = (640, 400)


@pytest.fixture
def view(qtbot: QtBot) -> PanesView:
    made = PanesView()
    qtbot.addWidget(made)
    made.resize(*SIZE)
    with qtbot.waitExposed(made):
        made.show()
    return made


LOOK = Look("clip", "grey", (0.0, 255.0))


def fill(view: PanesView, painted: np.ndarray | Painted) -> None:
    """Show the same in both panes."""
    painted = painted if isinstance(painted, Painted) else paint(painted, LOOK)
    rect = QRectF(0, 0, painted.values.shape[1], painted.values.shape[0])
    for pane in view.panes:
        pane.set_sheet(make_sheet(painted, rect))
    view.link.set_content(rect)


def colour_at(pane: PicturePane, y: float, x: float) -> QColor:
    """The colour painted at a scene point."""
    picture = pane.grab().toImage()
    at = (pane.position_of(y, x) * pane.devicePixelRatioF()).toPoint()
    return picture.pixelColor(at)


def test_an_odd_reduction_still_covers_the_whole_picture(view: PanesView) -> None:
    """5 pixels halve to 3 cells of 5/3 pixels: the last one must not stick out or fall short."""
    fill(view, paint(np.full((400, 5), 90, np.uint8), LOOK, halved=1))
    view.link.zoom_to(0.5)
    painted = view.input.grab().toImage()
    frame = view.input.view().rect(QRectF(0, 0, 5, 400)).toRect()
    row = [painted.pixelColor(x, frame.center().y()).red() for x in range(painted.width())]
    assert [x for x, value in enumerate(row) if value == 90] == list(range(frame.left(), frame.right() + 1))


def test_a_patch_shows_every_pixel_of_a_reduced_picture(view: PanesView) -> None:
    """Magnified, where the patch has come and where it has not: columns of 0 and 255, whose mean is grey."""
    image = np.tile(np.array([0, 255], np.uint8), (64, 32))
    whole = make_sheet(paint(image, LOOK, halved=1), QRectF(0, 0, 64, 64))
    view.input.set_sheet(whole.with_patch(paint_patch(image, LOOK, Region((16, 48), (16, 48), 0))))
    view.link.set_content(whole.rect)
    view.link.zoom_to(4.0)
    seen = [colour_at(view.input, 30.5, x + 0.5).red() for x in range(24, 32)]
    assert seen == [0, 255] * 4
    view.input.set_sheet(whole)
    assert {colour_at(view.input, 30.5, x + 0.5).red() for x in range(24, 32)} <= {127, 128}


def test_a_picture_that_is_no_longer_shown_is_not_held(view: PanesView) -> None:
    first = np.full((400, 300), 90, np.uint8)
    gone = weakref.ref(first)
    fill(view, first)
    view.link.zoom_to(0.5)
    view.input.grab(), view.output.grab()
    del first
    fill(view, np.full((400, 300), 91, np.uint8))
    view.input.grab(), view.output.grab()
    assert gone() is None


@pytest.mark.parametrize("scale", [0.9, 0.6, 0.5, 0.3, 0.13])
def test_fine_stripes_average_instead_of_inventing_coarse_ones(view: PanesView, scale: float) -> None:
    """Columns 0, 255, 0, 255 ...: each device pixel shows the mean of what it covers, not one column of it."""
    image = np.tile(np.array([0, 255], np.uint8), (512, 256))
    fill(view, image)
    view.link.zoom_to(scale)
    painted = view.input.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    frame = view.input.view().rect(QRectF(0, 0, 512, 512)).toRect()
    y = round(view.input.viewport().center().y())
    # How far white reaches from the left edge of the picture to each edge of a device pixel.
    edges = np.arange(frame.width() + 1) * 512 / frame.width()
    white = np.floor(edges / 2) + np.clip(edges % 2 - 1, 0, 1)
    expected = 255 * np.diff(white) / np.diff(edges)
    columns = range(max(frame.left(), 0) + 2, min(frame.right(), painted.width()) - 2)
    found = np.array([painted.pixelColor(x, y).red() for x in columns], float)
    assert np.abs(found - expected[np.array(columns) - frame.left()]).max() < 2


def test_magnified_pixels_stay_square_and_sharp(view: PanesView) -> None:
    image = np.array([[10, 240], [240, 10]], np.uint8)
    fill(view, image)
    view.link.zoom_to(30.0)
    values = [[colour_at(view.input, y, x).red() for x in (0.1, 0.5, 0.9, 1.1, 1.9)] for y in (0.1, 0.9, 1.1)]
    assert values == [[10, 10, 10, 240, 240]] * 2 + [[240, 240, 240, 10, 10]]


def test_colour_and_opacity_are_painted(view: PanesView) -> None:
    colours = np.array([[[200, 30, 60], [10, 90, 220]]], np.uint8)
    fill(view, colours)
    assert colour_at(view.input, 0.2, 0.5).getRgb()[:3] == (200, 30, 60)
    clear = paint(np.full((1, 2, 3), (200, 30, 60), np.uint8), LOOK, alpha=np.array([[255, 0]], np.uint8))
    view.input.set_sheet(make_sheet(clear, QRectF(0, 0, 2, 1)))
    view.link.zoom_to(35.0)  # no values are written into pixels of this size
    assert colour_at(view.input, 0.2, 0.5).getRgb()[:3] == (200, 30, 60)
    painted = view.input.grab().toImage()
    corner, end = view.input.position_of(0, 1).toPoint(), view.input.position_of(1, 2).toPoint()
    behind = {
        painted.pixelColor(x, y).name()
        for x in range(corner.x() + 2, end.x() - 2, 5)
        for y in range(corner.y() + 2, end.y() - 2, 5)
    }
    assert len(behind) == 2


@pytest.mark.parametrize("bad", [np.zeros((4, 4)), np.zeros((4, 4, 2), np.uint8), np.zeros((0, 4), np.uint8)])
def test_an_image_of_another_kind_is_refused(bad: np.ndarray) -> None:
    with pytest.raises(ValueError, match="image to paint"):
        _ = Layer(Patch(bad, (0, 4), (0, 4)), QRectF(0, 0, 4, 4)).picture


def test_a_sheet_copies_nothing() -> None:
    painted = paint(np.zeros((100, 100, 3), np.uint8), LOOK)
    sheet = make_sheet(painted, QRectF(0, 0, 100, 100))
    painted.image[50, 60] = 1, 2, 3
    assert sheet.whole.image is painted.image
    assert sheet.whole.picture.pixelColor(60, 50).getRgb()[:3] == (1, 2, 3)


def test_values_are_written_into_large_pixels_only(view: PanesView) -> None:
    image = np.full((8, 8), 255, np.uint8)
    fill(view, image)
    dark = {}
    for scale in (37.0, 39.0):
        view.link.zoom_to(scale)
        painted = view.input.grab().toImage()
        box = QRectF(view.input.position_of(4.1, 4.05), view.input.position_of(4.9, 4.95)).toRect()
        columns, rows = range(box.left(), box.right()), range(box.top(), box.bottom())
        dark[scale] = min(painted.pixelColor(x, y).red() for x in columns for y in rows)
    assert dark[37.0] == 255
    assert dark[39.0] < 90


def test_values_as_text() -> None:
    whole = np.array([[-764, 3]], np.int16)
    assert pixel_text(whole, 0, 0) == ("−764",)
    parts = np.array([[-0.123456789, 5.0, np.nan, -np.inf]], np.float32)
    assert [pixel_text(parts, 0, j)[0] for j in range(4)] == ["−0.123457", "5", "NaN", "−∞"]
    assert pixel_text(np.array([[[1, 2, 65535]]], np.uint16), 0, 0) == ("1", "2", "65535")


def test_ink_reads_on_any_ground() -> None:
    colours = np.random.default_rng(2).integers(0, 256, (20, 20, 3), dtype=np.uint8)
    dark = wants_dark_ink(colours)
    for i in range(20):
        for j in range(20):
            ink = QColor("#14161a") if dark[i, j] else QColor("#ffffff")
            assert theme.contrast(ink, QColor(*colours[i, j].tolist())) >= 4.2


def test_marks_are_drawn_and_the_border_is_hatched(view: PanesView) -> None:
    fill(view, np.full((10, 10), 255, np.uint8))
    bare = view.input.grab().toImage()
    view.input.set_overlay(Overlay((0.5, 0.5), QRectF(-1, -1, 3, 3), (), QRectF(0, 0, 10, 10), pinned=True))
    marked = view.input.grab().toImage()
    edge = view.input.position_of(2, 1).toPoint()
    assert bare.pixelColor(edge) != marked.pixelColor(edge)
    assert marked.pixelColor(edge).name() == theme.palette().crosshair.name()
    inside = QRectF(view.input.position_of(0.2, 0.2), view.input.position_of(1.8, 1.8)).toRect()
    outside = QRectF(view.input.position_of(-0.8, 2.0), view.input.position_of(-0.2, 0.0)).normalized().toRect()

    def changed(box: object) -> bool:
        return bare.copy(box) != marked.copy(box)  # type: ignore[call-overload]

    assert not changed(inside)
    assert changed(outside)
