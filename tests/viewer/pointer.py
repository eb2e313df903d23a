"""A pointer that is where it is said to be, at once and on every platform."""

from PyQt6.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt6.QtGui import QMouseEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QWidget


def move_to(widget: QWidget, point: QPoint) -> None:
    """Move the pointer to `point` of `widget`.

    ``QTest.mouseMove`` of a widget moves the screen's own pointer, whose events come later on an X display, and go
    elsewhere where the window manager has put another window.
    """
    window = widget.window()
    assert window is not None
    QTest.mouseMove(window.windowHandle(), widget.mapTo(window, point))


def drag_to(widget: QWidget, point: QPoint) -> None:
    """Move the pointer to `point` of `widget` with its left button held down."""
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    place, on_screen = QPointF(point), QPointF(widget.mapToGlobal(point))
    QApplication.sendEvent(widget, QMouseEvent(QEvent.Type.MouseMove, place, on_screen, left, left, none))
