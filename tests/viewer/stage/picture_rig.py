"""A pane that is drawn on, with all that stands behind it, and what a hand does there."""

from __future__ import annotations

from typing import Any

import numpy as np
from PyQt6.QtCore import QEvent, QPointF, QRectF, Qt
from PyQt6.QtGui import QMouseEvent
from PyQt6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from kernels.pictures.picture import Picture
from viewer import theme
from viewer.compute import Compute
from viewer.pages.stage.own_picture import OwnPicture
from viewer.pages.stage.views.edit_bar import EditBar
from viewer.painting import Look, paint
from viewer.panes import Overlay, PaneLink, PicturePane, make_sheet
from viewer.river import River
from viewer.settings import Settings
from viewer.shelf import Shelf, picture_query
from viewer.sources import Sources
from viewer.store import Store

LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton
Key = Qt.Key
SHIFT = Qt.KeyboardModifier.ShiftModifier


class Words:
    """What the sources tell the user."""

    def __init__(self) -> None:
        self.error = self.notice = ""

    def show_error(self, sentence: str) -> None:
        self.error = sentence

    def show_notice(self, sentence: str) -> None:
        self.notice = sentence

    def clear_message(self) -> None:
        self.error = ""


class Rig:
    """A pane that is drawn on, its bar, and everything from there to the shelf."""

    def __init__(self, qtbot: QtBot) -> None:
        theme.load_fonts()
        self.qtbot, self.words = qtbot, Words()
        self.store, self.shelf, self.compute = Store(), Shelf(), Compute()
        self.river = River(self.store, self.compute, self._queries)
        self.sources = Sources(self.river, self.shelf, Settings(), self.words)
        self.window = QWidget()
        self.bar, self.link = EditBar(), PaneLink()
        self.pane = PicturePane("inputPane", "Input", "", self.link)
        column = QVBoxLayout(self.window)
        column.addWidget(self.bar)
        column.addWidget(self.pane)
        self.control = OwnPicture(self.bar, self.pane, self.sources, self.store)
        self.river.flowed.connect(self._render)
        qtbot.addWidget(self.window)
        self.window.resize(420, 460)
        with qtbot.waitExposed(self.window):
            self.window.show()

    def _queries(self, moment: Any) -> list[Any]:
        query = picture_query(moment.state, self.shelf)
        return [] if query is None else [query]

    def _render(self, old: Any, new: Any) -> None:
        picture = self.sources.picture
        if picture is not None:
            height, width = picture.shape[:2]
            self.pane.set_sheet(make_sheet(paint(picture.pixels, Look("clip", levels=picture.file_range)),
                                           QRectF(0, 0, width, height)))  # fmt: skip
            self.link.set_content(QRectF(0, 0, width, height))
        self.control.render(old, new)
        self.sources.render(old, new)

    def open(self, pixels: np.ndarray | Picture, **more: Any) -> np.ndarray:
        """Open a picture, and draw on it."""
        picture = pixels if isinstance(pixels, Picture) else Picture(pixels, **more)
        self.sources.replace(picture, "Open")
        self.store.undo_stack.clear()
        self.edit_switch.setChecked(True)
        return picture.pixels.copy()

    @property
    def edit_switch(self) -> QAbstractButton:
        found = self.bar.findChild(QAbstractButton, "editSwitch")
        assert found is not None
        return found

    @property
    def pixels(self) -> np.ndarray:
        self.qtbot.waitUntil(lambda: self.sources.picture is not None)
        return self.sources.picture.pixels

    @property
    def steps(self) -> int:
        return self.store.undo_stack.count()

    def at(self, y: float, x: float) -> QPointF:
        return self.pane.position_of(y, x)

    def mouse(self, kind: QEvent.Type, y: float, x: float, button: Qt.MouseButton = LEFT) -> None:
        now, where = button, self.at(y, x)
        if kind == QEvent.Type.MouseMove:
            button = Qt.MouseButton.NoButton
        if kind == QEvent.Type.MouseButtonRelease:
            now = Qt.MouseButton.NoButton
        event = QMouseEvent(kind, where, self.pane.mapToGlobal(where), button, now, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(self.pane, event)

    def stroke(self, *places: tuple[float, float], button: Qt.MouseButton = LEFT) -> None:
        """Press at the first place, go on to the others, let go at the last."""
        self.mouse(QEvent.Type.MouseButtonPress, *places[0], button)
        for place in places[1:]:
            self.mouse(QEvent.Type.MouseMove, *place, button)
        self.mouse(QEvent.Type.MouseButtonRelease, *places[-1], button)

    def brush(self, value: str, size: int = 1) -> None:
        self.bar.value.setText(value)
        self.bar.value.editingFinished.emit()
        self.bar.brush.setCurrentIndex(self.bar.brush.findData(size))

    def pin(self, y: float, x: float) -> None:
        self.pane.set_overlay(Overlay(point=(y, x), pinned=True))

    def key(self, key: Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        self.qtbot.keyClick(self.pane, key, modifiers)

    @property
    def field(self) -> QLineEdit:
        found = self.pane.findChild(QLineEdit, "pixelEdit")
        assert found is not None
        return found
