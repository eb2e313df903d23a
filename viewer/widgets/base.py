"""What every control needs: a name for scripts, a name for screen readers, a tool tip."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from typing import TypeVar

from PyQt6.QtCore import QObject, QSignalBlocker, Qt
from PyQt6.QtWidgets import QWidget

W = TypeVar("W", bound=QWidget)


def describe(widget: W, object_name: str, accessible_name: str, tool_tip: str) -> W:
    """Name `widget` for scripts, for screen readers and for the pointer; returns it."""
    widget.setObjectName(object_name)
    widget.setAccessibleName(accessible_name)
    widget.setToolTip(tool_tip)
    return widget


def plain(text: str | None) -> str:
    """`text` such that Qt shows it as it is: what looks like mark-up, a file's name perhaps, is escaped."""
    text = text or ""
    is_markup = Qt.mightBeRichText(text)  # type: ignore[attr-defined]
    return f"<span>{escape(text)}</span>".replace("\n", "<br>") if is_markup else text


class PlainToolTip:
    """A widget whose tool tip is never read as mark-up."""

    def setToolTip(self, tip: str | None) -> None:
        super().setToolTip(plain(tip))  # type: ignore[misc]


@contextmanager
def blocked(*objects: QObject) -> Iterator[None]:
    """Set values without announcing them: for setters that show what the state already holds."""
    blockers = [QSignalBlocker(each) for each in objects]
    try:
        yield
    finally:
        for blocker in blockers:
            blocker.unblock()
