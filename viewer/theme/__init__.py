"""Palettes, fonts and the style sheet: how everything in the window looks."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from PyQt6.QtCore import QEvent, QObject, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication
from PyQt6.QtWidgets import QApplication, QStackedWidget, QWidget

from kernels import resources
from viewer.theme.colours import DARK, LIGHT, Palette, contrast, ink_on, luminance, mixed
from viewer.theme.sheet import style_sheet

__all__ = [
    "DARK",
    "LIGHT",
    "Palette",
    "apply",
    "contrast",
    "diverging",
    "dress",
    "follow",
    "font",
    "ink_on",
    "load_fonts",
    "luminance",
    "mixed",
    "notifier",
    "palette",
    "px",
    "repolish",
    "scale",
    "system_prefers_dark",
]

FONT_FAMILY = "Inter"
BASE_SIZE = 13
LARGE_TYPE_SCALE = 1.5


class _Theme(QObject):
    changed = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.palette = DARK
        self.scale = self.first_scale = 1.0

    def dress(self, widget: QWidget) -> None:
        """Have `widget` and what it holds look again at palette and scale.

        Setting a style sheet is Qt's way to say so to one branch of the widgets; to say it to the whole application
        costs many times more, as it polishes a widget once for each of its ancestors. So windows and pages have no
        sheet of their own.
        """
        if isinstance(widget, QStackedWidget):
            for index in range(widget.count()):
                if index != widget.currentIndex():
                    widget.widget(index).installEventFilter(self)
        elif widget.findChild(QStackedWidget) is None:
            widget.setStyleSheet(self._own_sheet())
            return
        repolish(widget)
        in_front = widget.currentWidget() if isinstance(widget, QStackedWidget) else None
        for child in widget.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly):
            if in_front is None or child is in_front:
                self.dress(child)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if isinstance(watched, QWidget) and event is not None and event.type() == QEvent.Type.Show:
            watched.removeEventFilter(self)
            self.dress(watched)
            self.changed.emit()  # what was measured or set while it was hidden stood on the sheet of before
        return False

    def _own_sheet(self) -> str:
        # The application's sheet holds the lengths that the program began with.
        return ";" if self.scale == self.first_scale else style_sheet(px)


def dress(widget: QWidget) -> None:
    """Give what was made just now the lengths of the present scale, where the application's sheet has others."""
    if notifier().scale != notifier().first_scale:
        notifier().dress(widget)


def repolish(widget: QWidget) -> None:
    """Have the style look again at the palette and the dynamic properties of `widget`."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    widget.update()


_theme: _Theme | None = None


def notifier() -> _Theme:
    """The object whose ``changed`` signal says that colours or sizes are new."""
    global _theme
    if _theme is None:
        _theme = _Theme()
    return _theme


def follow(react: Callable[[], object]) -> None:
    """Call `react`, a method of a widget, now and whenever colours or sizes are new.

    Sizes that a widget only answers when it is asked, and what it paints, need no call: `dress` has them asked again.
    """
    notifier().changed.connect(react)
    react()


def palette() -> Palette:
    """The palette in use."""
    return notifier().palette


def scale() -> float:
    """1, or more with larger type."""
    return notifier().scale


def px(length: float) -> int:
    """A length of the 1366 x 768 design in pixels of the present scale."""
    return round(length * notifier().scale)


def font(size: float = BASE_SIZE, weight: int = 400) -> QFont:
    """Inter with tabular figures at `size` design pixels."""
    return QFont(_font(max(1, px(size)), weight))


@lru_cache(maxsize=256)
def _font(pixels: int, weight: int) -> QFont:
    made = QFont(FONT_FAMILY)
    made.setPixelSize(pixels)
    made.setWeight(QFont.Weight(weight))
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    made.setFeature(QFont.Tag("tnum"), 1)
    return made


def load_fonts() -> None:
    """Register the bundled typeface; the system's own sans serif stands in if the files are gone."""
    folder = resources.asset("fonts")
    for file in sorted(folder.glob("Inter-*.otf")):
        QFontDatabase.addApplicationFont(str(file))


def system_prefers_dark() -> bool:
    """What the desktop says; dark where it says nothing."""
    hints = QGuiApplication.styleHints()
    return hints is None or hints.colorScheme() != Qt.ColorScheme.Light


def apply(app: QApplication, name: str, *, large_type: bool = False) -> None:
    """Dress the application in the theme `name` ("system", "light" or "dark").

    The style sheet names roles of the palette only, so that another theme is another palette. What Qt made of them it
    keeps for each widget; those in sight are asked to look again at once, hidden pages when they are shown.
    """
    dark = system_prefers_dark() if name == "system" else name == "dark"
    theme = notifier()
    theme.palette = DARK if dark else LIGHT
    theme.scale = LARGE_TYPE_SCALE if large_type else 1.0
    app.setPalette(theme.palette.for_qt())
    app.setFont(font())
    if not app.styleSheet():
        theme.first_scale = theme.scale
        app.setStyleSheet(style_sheet(px))
    for widget in app.topLevelWidgets():
        if widget.parentWidget() is None:
            theme.dress(widget)
    theme.changed.emit()


def diverging(value: float) -> QColor:
    """The colour of `value` in [-1, 1]: blue below zero, near-white at zero, orange above."""
    colours = palette()
    end = colours.positive if value > 0 else colours.negative
    share = min(1.0, abs(value)) if value == value else 0.0
    return mixed(colours.neutral, end, share)
