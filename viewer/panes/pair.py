"""Input and output side by side, registered to the same scene."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QObject, QPoint, Qt, pyqtSignal
from PyQt6.QtGui import QHideEvent, QImage, QKeyEvent, QShowEvent
from PyQt6.QtWidgets import QMenu, QSplitter, QVBoxLayout, QWidget

from viewer import theme
from viewer.panes.link import PaneLink
from viewer.panes.pane import PicturePane
from viewer.widgets import describe, filled

COMPARE_KEY = Qt.Key.Key_C
HANDLE = 3


class Panes(QWidget):
    """Linked panes by name. Positions in its signals are scene points (y, x) with the pane's name."""

    hovered = pyqtSignal(str, float, float)
    left = pyqtSignal()
    clicked = pyqtSignal(str, float, float)
    nudged = pyqtSignal(int, int)
    pin_requested = pyqtSignal()
    freed = pyqtSignal()
    reveal_requested = pyqtSignal()
    files_dropped = pyqtSignal(list)
    image_dropped = pyqtSignal(QImage)

    def join(self, name: str, pane: PicturePane) -> None:
        """Pass on what `pane` says, as said by `name`."""
        pane.hovered.connect(lambda y, x: self.hovered.emit(name, y, x))
        pane.clicked.connect(lambda y, x: self.clicked.emit(name, y, x))
        for signal in (
            "left",
            "nudged",
            "pin_requested",
            "freed",
            "reveal_requested",
            "files_dropped",
            "image_dropped",
        ):
            getattr(pane, signal).connect(getattr(self, signal))


class PanesView(Panes):
    """The panes "input" and "output"; `between` them may stand something else, and `prefix` begins all object names.

    While ``C`` is held anywhere in the window, except where it is typed into a field, ``comparing`` is true.
    """

    comparing = pyqtSignal(bool)
    #: Of the class: Qt still brings events to a view that Python has begun to take apart.
    _watched: QWidget | None = None

    def __init__(self, parent: QWidget | None = None, *, prefix: str = "", between: QWidget | None = None) -> None:
        super().__init__(parent)

        def named(name: str) -> str:
            return prefix + name[0].upper() + name[1:] if prefix else name

        self.setObjectName(named("panes"))
        self.link = PaneLink(self)
        keys = self.tr("Wheel or pinch zooms, a drag pans; F fits, 1 shows 1:1, + and − zoom; a click pins the pixel")
        self.input = PicturePane(named("inputPane"), self.tr("Input picture"), keys, self.link)
        self.output = PicturePane(
            named("outputPane"),
            self.tr("Output picture"),
            self.tr("{keys}; hold C to see the input here").format(keys=keys),
            self.link,
        )
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.setObjectName(named("panesSplitter"))
        self._splitter.setChildrenCollapsible(False)
        for name, pane in (("input", self.input), ("output", self.output)):
            self._splitter.addWidget(pane)
            self.join(name, pane)
            pane.menu_requested.connect(self._show_menu)
        if between is not None:
            self._splitter.insertWidget(1, between)
        self._splitter.setSizes([1000] * self._splitter.count())
        filled(QVBoxLayout(self), self._splitter)
        self.menu = describe(QMenu(self), named("panesMenu"), self.tr("What can be done with the output"), "")
        self.menu.setToolTipsVisible(True)  # which say why something is greyed
        self._held = False
        theme.follow(self._resize)
        self.input.set_title(self.tr("Input"))
        self.output.set_title(self.tr("Output"))
        self.input.set_message(self.tr("Open a picture or drop one here"))

    @property
    def panes(self) -> tuple[PicturePane, PicturePane]:
        """Input and output."""
        return self.input, self.output

    def set_shares(self, sizes: list[int]) -> None:
        """Share the width out among what stands side by side."""
        self._splitter.setSizes(sizes)

    def set_comparing(self, comparing: bool) -> None:
        """Let the input stand in the output's place."""
        self.output.set_stand_in(self.input.sheet if comparing else None)

    def showEvent(self, event: QShowEvent | None) -> None:
        super().showEvent(event)
        window = self.window()
        if window is not self._watched:
            if self._watched is not None:
                self._watched.removeEventFilter(self)
            self._watched = window
            if window is not None:
                # Keys come to the window only if the widget with the focus has no use for them.
                window.installEventFilter(self)

    def hideEvent(self, event: QHideEvent | None) -> None:
        super().hideEvent(event)
        self._hold(False)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if watched is not self._watched or event is None:
            return False
        kind = event.type()
        if kind == QEvent.Type.WindowDeactivate:
            self._hold(False)
        elif kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease) and isinstance(event, QKeyEvent):
            plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
            pressed = kind == QEvent.Type.KeyPress
            if event.key() == COMPARE_KEY and self.isVisible() and (plain or not pressed):
                if not event.isAutoRepeat():
                    self._hold(pressed)
                return True
            if event.key() == Qt.Key.Key_F and plain and pressed and self.isVisible():
                self.link.fit()
                return True
        return False

    def _hold(self, held: bool) -> None:
        if held != self._held:
            self._held = held
            self.comparing.emit(held)

    def _show_menu(self, where: QPoint) -> None:
        self.menu.popup(where)

    def _resize(self) -> None:
        self._splitter.setHandleWidth(theme.px(HANDLE))
