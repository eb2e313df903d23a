"""Panes: the shared view, titles and messages, pointer, keys and drops."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from PyQt6.QtCore import QEvent, QMimeData, QPoint, QPointF, QRectF, Qt, QUrl
from PyQt6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDropEvent,
    QHelpEvent,
    QImage,
    QMouseEvent,
    QNativeGestureEvent,
    QPointingDevice,
    QWheelEvent,
)
from PyQt6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from tests.viewer.pointer import move_to
from viewer import theme
from viewer.painting import Look, paint
from viewer.panes import PaneLink, PanesView, PicturePane, make_sheet

SIZE = (640, 400)
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def view(qtbot: QtBot) -> PanesView:
    made = PanesView()
    qtbot.addWidget(made)
    made.resize(*SIZE)
    with qtbot.waitExposed(made):
        made.show()
    return made


def fill(view: PanesView, image: np.ndarray) -> None:
    """Show `image` in both panes."""
    rect = QRectF(0, 0, image.shape[1], image.shape[0])
    for pane in view.panes:
        pane.set_sheet(make_sheet(paint(image, Look("clip", "grey", (0.0, 255.0))), rect))
    view.link.set_content(rect)


def scene_and_back(pane: PicturePane, y: float, x: float) -> tuple[float, float]:
    found = pane.scene_at(pane.position_of(y, x))
    return found.y(), found.x()


def turn_wheel(pane: PicturePane, where: QPoint, notches: float) -> None:
    event = QWheelEvent(
        QPointF(where), QPointF(pane.mapToGlobal(where)), QPoint(), QPoint(0, round(120 * notches)),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(pane, event)


def drag(qtbot: QtBot, pane: PicturePane, start: QPoint, end: QPoint) -> None:
    qtbot.mousePress(pane, LEFT, pos=start)
    for step in range(1, 5):
        at = QPointF(start) + (QPointF(end) - QPointF(start)) * step / 4
        event = QMouseEvent(
            QEvent.Type.MouseMove, at, pane.mapToGlobal(at), Qt.MouseButton.NoButton, LEFT,
            Qt.KeyboardModifier.NoModifier,
        )  # fmt: skip
        QApplication.sendEvent(pane, event)
    qtbot.mouseRelease(pane, LEFT, pos=end)


def shows(pane: PicturePane, y: float, x: float, grey: int) -> bool:
    """Is `grey` painted at a scene point, or right beside it?"""
    picture = pane.grab().toImage()
    at = (pane.position_of(y, x) * pane.devicePixelRatioF()).toPoint()
    return any(picture.pixelColor(at + QPoint(dx, dy)).red() == grey for dx in (-1, 0, 1) for dy in (-1, 0, 1))


def colour_at(pane: PicturePane, y: float, x: float) -> QColor:
    """The colour painted at a scene point."""
    picture = pane.grab().toImage()
    at = (pane.position_of(y, x) * pane.devicePixelRatioF()).toPoint()
    return picture.pixelColor(at)


# -- the view ----------------------------------------------------------------------------------------------------------


def test_no_tool_tip_hides_the_picture(qtbot: QtBot, view: PanesView) -> None:
    """What the keys do is told over the title; over the picture nothing pops up."""
    pane = view.input
    QToolTip.hideText()
    for widget, shown in ((pane, False), (pane.title, True)):
        middle = widget.rect().center()
        QApplication.sendEvent(widget, QHelpEvent(QEvent.Type.ToolTip, middle, widget.mapToGlobal(middle)))
        assert QToolTip.isVisible() == shown
    assert pane.toolTip() in QToolTip.text()
    QToolTip.hideText()


def test_nothing_to_show_yet(qtbot: QtBot, view: PanesView) -> None:
    """Without a picture every key and movement is harmless, and a sentence says what to do."""
    pane = view.input
    for key in (Qt.Key.Key_F, Qt.Key.Key_1, Qt.Key.Key_Plus, Qt.Key.Key_Minus, Qt.Key.Key_Up, Qt.Key.Key_Escape):
        qtbot.keyClick(pane, key)
    turn_wheel(pane, pane.rect().center(), 1)
    move_to(pane, pane.rect().center())
    with qtbot.assertNotEmitted(view.clicked):
        qtbot.mouseClick(pane, LEFT, pos=pane.rect().center())
    assert pane.notice.isVisible()
    assert "drop one here" in pane.notice.text
    pane.grab()


def test_fit_shows_the_whole_content_in_both_panes(view: PanesView) -> None:
    fill(view, np.zeros((300, 200), np.uint8))
    room = view.input.viewport()
    assert view.link.scale == pytest.approx(min(room.width() / 200, room.height() / 300))
    for pane in view.panes:
        first, last = pane.position_of(0, 0), pane.position_of(300, 200)
        assert pane.viewport().adjusted(-1, -1, 1, 1).contains(QRectF(first, last))
        assert first.y() == pytest.approx(room.top(), abs=1)


def test_fit_follows_the_size_until_the_user_zooms(view: PanesView) -> None:
    fill(view, np.zeros((300, 200), np.uint8))
    before = view.link.scale
    view.resize(SIZE[0], SIZE[1] + 300)
    assert view.link.scale > before * 1.2
    view.link.zoom_to(3.0)
    view.resize(*SIZE)
    assert view.link.scale == 3.0
    view.link.fit()
    assert view.link.scale == pytest.approx(before)


def test_keys_fit_actual_in_and_out(qtbot: QtBot, view: PanesView) -> None:
    fill(view, np.zeros((300, 200), np.uint8))
    fitted = view.link.scale
    said: list[float] = []
    view.link.zoom_changed.connect(said.append)
    for key, scale in (
        (Qt.Key.Key_1, 1.0),
        (Qt.Key.Key_Plus, 1.5),
        (Qt.Key.Key_Equal, 2.0),
        (Qt.Key.Key_Minus, 1.5),
        (Qt.Key.Key_0, fitted),
        (Qt.Key.Key_1, 1.0),
        (Qt.Key.Key_Minus, 2 / 3),
        (Qt.Key.Key_F, fitted),
    ):
        qtbot.keyClick(view.output, key)
        assert view.link.scale == pytest.approx(scale)
        assert said[-1] == pytest.approx(100 * scale)


def test_actual_size_shows_every_pixel_once(view: PanesView) -> None:
    image = np.random.default_rng(1).integers(0, 256, (64, 64), dtype=np.uint8)
    fill(view, image)
    view.link.zoom_to(1.0)
    pane = view.input
    painted = pane.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    corner = (pane.position_of(0, 0) * pane.devicePixelRatioF()).toPoint()
    found = [[painted.pixelColor(corner + QPoint(j, i)).red() for j in range(64)] for i in range(64)]
    assert np.array_equal(found, image)


@pytest.mark.parametrize("share", [(0.5, 0.5), (0.3, 0.7), (0.62, 0.41)])
@pytest.mark.parametrize("notches", [1, -1, 5, 12])
def test_the_wheel_keeps_the_point_under_the_pointer(
    view: PanesView, share: tuple[float, float], notches: float
) -> None:
    fill(view, np.zeros((1000, 1000), np.uint8))
    view.link.zoom_to(1.0)
    pane, room = view.output, view.output.viewport()
    where = QPoint(round(room.width() * share[1]), round(room.top() + room.height() * share[0]))
    before, scale = pane.scene_at(QPointF(where)), view.link.scale
    turn_wheel(pane, where, notches)
    after = pane.position_of(before.y(), before.x())
    assert view.link.scale == pytest.approx(scale * 2 ** (notches / 3))
    assert (after - QPointF(where)).manhattanLength() <= 1.5


def test_a_pinch_zooms_about_its_place(view: PanesView) -> None:
    fill(view, np.zeros((1000, 1000), np.uint8))
    view.link.zoom_to(1.0)
    pane = view.input
    where = QPointF(100, 150)
    before = pane.scene_at(where)
    event = QNativeGestureEvent(
        Qt.NativeGestureType.ZoomNativeGesture, QPointingDevice.primaryPointingDevice(), 2, where, where,
        QPointF(pane.mapToGlobal(where)), 0.5, QPointF(),
    )  # fmt: skip
    QApplication.sendEvent(pane, event)
    assert view.link.scale == pytest.approx(1.5)
    assert (pane.position_of(before.y(), before.x()) - where).manhattanLength() <= 1.5


def test_a_drag_moves_both_panes_and_pins_nothing(qtbot: QtBot, view: PanesView) -> None:
    fill(view, np.zeros((1000, 1000), np.uint8))
    view.link.zoom_to(2.0)
    start, end = QPoint(150, 200), QPoint(90, 230)
    point = view.input.scene_at(QPointF(start))
    with qtbot.assertNotEmitted(view.clicked):
        drag(qtbot, view.input, start, end)
    for pane in view.panes:
        assert (pane.position_of(point.y(), point.x()) - QPointF(end)).manhattanLength() <= 1.5


def test_arrow_keys_pan_while_nothing_is_pinned(qtbot: QtBot, view: PanesView) -> None:
    fill(view, np.zeros((1000, 1000), np.uint8))
    view.link.zoom_to(2.0)
    before = view.link.centre
    with qtbot.assertNotEmitted(view.nudged):
        qtbot.keyClick(view.input, Qt.Key.Key_Right)
        qtbot.keyClick(view.input, Qt.Key.Key_Down)
    assert view.link.centre.x() > before.x()
    assert view.link.centre.y() > before.y()


def test_the_view_cannot_be_lost() -> None:
    link = PaneLink()
    link.set_content(QRectF(0, 0, 100, 50))
    link.pan_by(1e9, -1e9)
    assert (link.centre.x(), link.centre.y()) == (0, 50)
    link.zoom_by(1e12)
    most = link.scale
    link.zoom_by(1e12)
    assert link.scale == most == 256
    link.zoom_by(1e-12)
    assert 0.1 < link.scale < 1


@pytest.mark.parametrize("shape", [(1, 1), (1, 5000), (5000, 1), (2, 3)])
def test_odd_shapes_fit_zoom_and_paint(view: PanesView, shape: tuple[int, int]) -> None:
    image = np.full(shape, 200, np.uint8)
    fill(view, image)
    point = math.floor(shape[0] / 2) + 0.2, math.floor(shape[1] / 2) + 0.2
    for act in (view.link.fit, lambda: view.link.zoom_to(1.0), lambda: view.link.zoom_by(1e6), view.link.fit):
        act()
        assert shows(view.output, *point, grey=200)
    least, most = view.link.limits()
    assert least <= view.link.fit_scale() <= most


# -- messages, busy sign, titles ---------------------------------------------------------------------------------------


def test_an_error_stands_over_the_last_picture(view: PanesView) -> None:
    fill(view, np.full((300, 300), 120, np.uint8))
    view.output.set_message("The kernel does not fit.", "error")
    assert view.output.notice.isVisible()
    assert colour_at(view.output, 20, 150).red() == 120
    assert view.output.notice.geometry().top() > view.output.height() / 2
    assert view.output.rect().contains(view.output.notice.geometry())
    view.output.set_message("")
    assert not view.output.notice.isVisible()


def test_the_busy_sign_comes_late_and_goes_at_once(qtbot: QtBot, view: PanesView) -> None:
    busy = view.output.busy
    view.output.busy.set_busy(True)
    assert not busy.isVisible()
    qtbot.waitUntil(busy.isVisible, timeout=2000)
    view.output.busy.set_progress(0.5)
    line = view.output.grab().toImage()
    y = view.output.header_height()
    assert line.pixelColor(10, y).name() == theme.palette().accent.name()
    assert line.pixelColor(view.output.width() - 10, y).name() != theme.palette().accent.name()
    view.output.busy.set_busy(False)
    assert not busy.isVisible()


def test_quick_work_shows_no_sign(qtbot: QtBot, view: PanesView) -> None:
    view.output.busy.set_busy(True)
    view.output.busy.set_busy(False)
    qtbot.wait(250)
    assert not view.output.busy.isVisible()


def test_the_size_has_a_label_of_its_own(view: PanesView) -> None:
    view.output.set_title("Output", size="510 × 510", facts="−764 … 812")
    label = view.findChild(type(view.output.title.size_label), "outputTitleSize")
    assert label is not None
    assert label.text() == "510 × 510"
    assert view.output.title.text() == "Output 510 × 510 · −764 … 812"
    view.input.set_title("Input", origin="camera", size="512 × 512", facts="8-bit grey")
    assert view.input.title.text() == "Input camera · 512 × 512 · 8-bit grey"


def test_panes_are_named_for_scripts_and_screen_readers(view: PanesView) -> None:
    for name in ("inputPane", "outputPane"):
        pane = view.findChild(PicturePane, name)
        assert pane is not None
        assert pane.accessibleName()
        assert pane.toolTip()
        assert pane.focusPolicy() & Qt.FocusPolicy.TabFocus


# -- pointer, keys, drops ----------------------------------------------------------------------------------------------


def test_hover_and_click_speak_of_scene_points(qtbot: QtBot, view: PanesView) -> None:
    fill(view, np.zeros((100, 100), np.uint8))
    where = view.output.position_of(20.5, 70.5).toPoint()
    with qtbot.waitSignal(view.hovered) as hovered:
        move_to(view.output, where)
    pane, y, x = hovered.args
    assert (pane, int(y), int(x)) == ("output", 20, 70)
    with qtbot.waitSignal(view.clicked) as clicked:
        qtbot.mouseClick(view.output, LEFT, pos=where)
    assert (clicked.args[0], int(clicked.args[1]), int(clicked.args[2])) == ("output", 20, 70)
    with qtbot.waitSignal(view.left):
        move_to(view.output, QPoint(20, 5))


@pytest.mark.parametrize("scale", [0.5, 1.0, 7.3, 44.0])
def test_scene_and_screen_agree(view: PanesView, scale: float) -> None:
    fill(view, np.zeros((100, 120), np.uint8))
    view.link.zoom_to(scale, QPointF(33.3, 44.4))
    assert scene_and_back(view.output, 12.25, 77.5) == pytest.approx((12.25, 77.5))


def drop(pane: PicturePane, data: QMimeData) -> bool:
    """Drag `data` onto `pane` and let go; False if the pane would not have it."""
    at, action = QPointF(50, 80), Qt.DropAction.CopyAction
    enter = QDragEnterEvent(at.toPoint(), action, data, LEFT, Qt.KeyboardModifier.NoModifier)
    enter.setAccepted(False)
    QApplication.sendEvent(pane, enter)
    if enter.isAccepted():
        QApplication.sendEvent(pane, QDropEvent(at, action, data, LEFT, Qt.KeyboardModifier.NoModifier))
    return enter.isAccepted()


def test_files_can_be_dropped(qtbot: QtBot, view: PanesView) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile("/tmp/ein Bild é.png"), QUrl("https://example.org/a.png")])
    with qtbot.waitSignal(view.files_dropped) as dropped:
        assert drop(view.input, data)
    assert dropped.args == [["/tmp/ein Bild é.png"]]
    path = QMimeData()
    path.setText("/tmp/other.tif\n")
    with qtbot.waitSignal(view.files_dropped) as dropped:
        assert drop(view.output, path)
    assert dropped.args == [["/tmp/other.tif"]]


def test_a_picture_can_be_dropped(qtbot: QtBot, view: PanesView) -> None:
    image = QImage(3, 2, QImage.Format.Format_RGB32)
    image.fill(QColor("#336699"))
    data = QMimeData()
    data.setImageData(image)
    data.setUrls([QUrl("https://example.org/a.png")])
    with qtbot.waitSignal(view.image_dropped) as dropped:
        assert drop(view.output, data)
    assert dropped.args[0].size() == image.size()


def test_other_drops_are_refused(qtbot: QtBot, view: PanesView) -> None:
    data = QMimeData()
    data.setText("just words")
    with qtbot.assertNotEmitted(view.files_dropped):
        assert not drop(view.input, data)


def test_the_menu_opens_where_it_is_asked_for(view: PanesView) -> None:
    view.menu.addAction("Save")
    view.output.menu_requested.emit(view.mapToGlobal(QPoint(50, 50)))
    assert view.menu.isVisible()
    view.menu.close()


def test_a_theme_or_scale_of_another_kind_repaints(
    qtbot: QtBot, view: PanesView, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(view, np.zeros((4, 4), np.uint8))
    heights: list[Callable[[], int] | int] = [view.output.header_height()]
    monkeypatch.setattr(theme.notifier(), "scale", 1.5)
    theme.notifier().changed.emit()
    assert view.output.title.height() == view.output.header_height() > heights[0]  # type: ignore[operator]
    assert view.link.scale == pytest.approx(view.link.fit_scale())
    monkeypatch.undo()
    theme.notifier().changed.emit()
