"""Pictures out: files and the clipboard."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Literal

import msgspec
from numpy.typing import NDArray
from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QApplication

from kernels.pictures import suffixes, writing
from viewer.compute import Compute
from viewer.dialogs import Dialogs
from viewer.images import to_qimage
from viewer.moment import Failure, Purpose, Query, Work
from viewer.painting import Bytes
from viewer.settings import Settings
from viewer.sources import Messages
from viewer.task import Outcome
from viewer.widgets import format_number

SaveKind = Literal["shown", "raw", "16-bit"]

SAVED: Purpose[writing.Fitted | str | None] = Purpose("saved", "save", "Saving")
COPIED: Purpose[Bytes] = Purpose("copied", "save", "Copying")

SUFFIXES: dict[SaveKind, tuple[str, ...]] = {
    "shown": suffixes.SHOWN_SUFFIXES,
    "raw": suffixes.RAW_SUFFIXES,
    "16-bit": suffixes.DEEP_SUFFIXES,
}


class Saveable(msgspec.Struct, frozen=True, eq=False):
    """What there is to save of a pane.

    Attributes
    ----------
    name : str
        What to call the file.
    values : ndarray
        The raw numbers.
    painted : callable
        Gives the picture as it is painted, uint8, one pixel a pixel; called in the worker.
    white : float or None
        The value of white.
    levels : (float, float) or None
        The values that become 0 and 65535 in 16 bits; without them whole numbers keep their value.
    """

    name: str
    values: NDArray[Any]
    painted: Callable[[], Bytes]
    white: float | None = None
    levels: tuple[float, float] | None = None


class Saving(QObject):
    """Writes files one after the other, whole or not at all, and says what came of it."""

    def __init__(
        self,
        compute: Compute,
        settings: Settings,
        messages: Messages,
        dialogs: Dialogs,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._compute, self._settings, self._messages, self._dialogs = compute, settings, messages, dialogs

    def ask(self, title: str, name: str, choices: str) -> str:
        """Ask where to save what might be called `name`; empty if the user changed their mind.

        A path that is typed without a suffix gets that of `name`.
        """
        plain = name.lower().replace(" ", "-").replace("/", "-")
        path = self._dialogs.ask_save(title, os.path.join(self._settings.folder(), plain), choices)
        return path if not path or os.path.splitext(path)[1] else path + os.path.splitext(name)[1]

    def save_as(self, title: str, name: str, choices: str, write: Callable[[str, Work], str | None]) -> None:
        """Ask where to, and let `write` write a file there; see `ask` and `write`."""
        path = self.ask(title, name, choices)
        if path:
            self.write(path, partial(write, path))

    def save(self, path: str, kind: SaveKind, what: Saveable, source: str | None) -> None:
        """Write "shown", as it is painted, "raw", its numbers, or "16-bit"; the file `source` is not overwritten."""
        target = Path(path)

        def write(_work: Work) -> writing.Fitted | None:
            writing.check_target(target, SUFFIXES[kind], (source,))
            if kind == "shown":
                writing.write_shown(target, what.painted())
            elif kind == "raw":
                writing.write_raw(target, what.values, white=what.white)
            else:
                return writing.write_16_bit(target, what.values, what.levels)
            return None

        levels = what.levels if kind == "16-bit" else None
        self._compute.order(Query(SAVED, path, write), partial(self._say_saved, target, levels))

    def write(self, path: str, write: Callable[[Work], str | None]) -> None:
        """Let `write` write a file of another kind; it says by itself what it cannot do, and returns what to add."""
        self._compute.order(Query(SAVED, path, write), partial(self._say_saved, Path(path), None))

    def _say_saved(self, path: Path, levels: tuple[float, float] | None, outcome: Outcome) -> None:
        if isinstance(outcome, Failure):
            self._messages.show_error(outcome.sentence or self.tr("{name} was not saved.").format(name=path.name))
            return
        self._settings.set_last_folder(str(path.parent))
        notes = []
        if levels is not None:
            low, high = (format_number(level) for level in levels)
            notes.append(self.tr("{low} became 0 and {high} became 65535").format(low=low, high=high))
        if isinstance(outcome.value, str):
            notes.append(outcome.value)
        elif outcome.value is not None and (clipped := outcome.value.below + outcome.value.above):
            notes.append(self.tr("{n} values were clipped").format(n=clipped))
        note = f" ({', '.join(notes)})" if notes else ""
        self._messages.show_notice(self.tr("Saved {name}{note}.").format(name=path.name, note=note))

    def copy(self, what: Saveable) -> None:
        """Put a pane as it is painted on the clipboard."""
        self._compute.order(Query(COPIED, what.name, lambda _work: what.painted()), self._put_on_clipboard)

    def _put_on_clipboard(self, outcome: Outcome) -> None:
        clipboard = QApplication.clipboard()
        if isinstance(outcome, Failure):
            self._messages.show_error(outcome.sentence)
        elif clipboard is not None:
            clipboard.setImage(to_qimage(outcome.value))
            self._messages.show_notice(self.tr("The picture is on the clipboard."))
