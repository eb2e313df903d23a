"""What every control needs: a name for scripts, a name for screen readers, a tool tip."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from PyQt6.QtCore import QObject, QSignalBlocker
from PyQt6.QtWidgets import QWidget

W = TypeVar("W", bound=QWidget)


def describe(widget: W, object_name: str, accessible_name: str, tool_tip: str) -> W:
    """Name `widget` for scripts, for screen readers and for the pointer; returns it."""
    widget.setObjectName(object_name)
    widget.setAccessibleName(accessible_name)
    widget.setToolTip(tool_tip)
    return widget


@contextmanager
def blocked(*objects: QObject) -> Iterator[None]:
    """Set values without announcing them: for setters that show what the state already holds."""
    blockers = [QSignalBlocker(each) for each in objects]
    try:
        yield
    finally:
        for blocker in blockers:
            blocker.unblock()
