"""What every control needs: a name for scripts, a name for screen readers, a tool tip."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from html import escape
from typing import TypeVar

from PyQt6.QtCore import QEvent, QObject, QPoint, QRect, QSignalBlocker, Qt, QTimer
from PyQt6.QtGui import QHelpEvent, QWheelEvent
from PyQt6.QtWidgets import QBoxLayout, QLayout, QToolTip, QWidget

W = TypeVar("W", bound=QWidget)
B = TypeVar("B", bound=QBoxLayout)


def describe(widget: W, object_name: str, accessible_name: str, tool_tip: str) -> W:
    """Name `widget` for scripts, for screen readers and for the pointer; returns it."""
    widget.setObjectName(object_name)
    widget.setAccessibleName(accessible_name)
    widget.setToolTip(tool_tip)
    return widget


def filled(layout: B, *parts: QWidget | QLayout | int, spacing: int | None = None) -> B:
    """`layout` without margins, with `parts` in their order; a number is the stretch of the part before it."""
    layout.setContentsMargins(0, 0, 0, 0)
    if spacing is not None:
        layout.setSpacing(spacing)
    for part in parts:
        if isinstance(part, int):
            layout.setStretch(layout.count() - 1, part)
        elif isinstance(part, QLayout):
            layout.addLayout(part)
        else:
            layout.addWidget(part)
    return layout


def give_way(row: QLayout, width: int, parts: Sequence[QWidget]) -> None:
    """Show `parts` of a row, or of what it holds, or hide the first of them until the rest fits into `width`."""
    row.setEnabled(False)  # each that is shown or hidden would else lay out the row, which would come back here
    holders = {part.parentWidget() for part in parts} - {row.parentWidget()}
    for part in parts:
        part.setVisible(True)
    for part in parts:
        for layout in (*row.parentWidget().findChildren(QLayout), row):
            layout.invalidate()  # those inside remember too how large they were
        for holder in holders:
            holder.updateGeometry()
        if row.sizeHint().width() <= width:
            break
        part.setVisible(False)
    row.setEnabled(True)
    row.activate()


def single_shot(parent: QObject, milliseconds: int, react: Callable[[], object]) -> QTimer:
    """A timer that calls `react` once, so long after it was last started."""
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(milliseconds)
    timer.timeout.connect(react)
    return timer


def plain(text: str | None) -> str:
    """`text` such that Qt shows it as it is: what looks like mark-up, a file's name perhaps, is escaped."""
    text = text or ""
    is_markup = Qt.mightBeRichText(text)  # type: ignore[attr-defined]
    return f"<span>{escape(text)}</span>".replace("\n", "<br>") if is_markup else text


class PlainToolTip:
    """A widget whose tool tip is never read as mark-up."""

    def setToolTip(self, tip: str | None) -> None:
        super().setToolTip(plain(tip))  # type: ignore[misc]


class SpotToolTip:
    """A widget that says something else at every spot; where it has nothing to say, its own tool tip."""

    def tip_at(self, spot: QPoint) -> tuple[str, QRect] | None:
        """What is said at `spot`, and for how far the pointer may move before it goes."""
        raise NotImplementedError

    def event(self, event: QEvent | None) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            told = self.tip_at(event.pos())
            if told is not None:
                QToolTip.showText(event.globalPos(), plain(told[0]), self, told[1])  # type: ignore[arg-type]
                return True
        return bool(super().event(event))  # type: ignore[misc]


class QuietWheel:
    """Leaves the wheel to the panel behind unless the field has the focus."""

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        if self.hasFocus():  # type: ignore[attr-defined]
            super().wheelEvent(event)  # type: ignore[misc]
        else:
            event.ignore()


@contextmanager
def blocked(*objects: QObject) -> Iterator[None]:
    """Set values without announcing them: for setters that show what the state already holds."""
    blockers = [QSignalBlocker(each) for each in objects]
    try:
        yield
    finally:
        for blocker in blockers:
            blocker.unblock()
