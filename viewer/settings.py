"""What the program remembers between two runs: typed, with a default, checked when it is read."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar, get_args

from PyQt6.QtCore import QByteArray, QSettings

from viewer.state import ThemeName

T = TypeVar("T")
RECENT_LIMIT = 12


@dataclass(frozen=True)
class Setting(Generic[T]):
    """One remembered value: its key, what holds when there is none, how a stored value is read."""

    key: str
    default: T
    read: Callable[[Any], T]


def _theme(value: Any) -> ThemeName:
    choices: tuple[ThemeName, ...] = get_args(ThemeName)
    for choice in choices:
        if value == choice:
            return choice
    raise ValueError(f"{value!r} is none of {', '.join(choices)}")


def _directions(value: Any) -> str:
    if value not in ("hue", "twilight"):
        raise ValueError(f"{value!r} is neither hue nor twilight")
    return str(value)


def _flag(value: Any) -> bool:
    return value in (True, "true", 1, "1")


def _bytes(value: Any) -> QByteArray:
    if not isinstance(value, QByteArray):
        raise TypeError("not bytes")
    return value


def _paths(value: Any) -> tuple[str, ...]:
    items = [value] if isinstance(value, str) else list(value or ())
    return tuple(str(item) for item in items if item)[:RECENT_LIMIT]


THEME: Setting[ThemeName] = Setting("theme", "system", _theme)
LARGE_TYPE = Setting("largeType", False, _flag)
DIRECTION_COLOURS = Setting("gradient/directionColours", "hue", _directions)
FILLS_SCREEN = Setting("window/fills_screen", False, _flag)
GEOMETRY = Setting("window/geometry", QByteArray(), _bytes)
RECENT_FILES: Setting[tuple[str, ...]] = Setting("files/recent", (), _paths)
LAST_FOLDER = Setting("files/folder", "", str)


class Settings:
    """Reads and writes settings; a stored value that makes no sense counts as absent."""

    def __init__(self) -> None:
        self._store = QSettings("Kernelscope", "Kernelscope")

    def get(self, setting: Setting[T]) -> T:
        """The remembered value, or the default."""
        if not self._store.contains(setting.key):
            return setting.default
        try:
            return setting.read(self._store.value(setting.key))
        except (TypeError, ValueError):
            return setting.default

    def set(self, setting: Setting[T], value: T) -> None:
        """Remember `value`."""
        self._store.setValue(setting.key, list(value) if isinstance(value, tuple) else value)

    def remember_file(self, path: str) -> None:
        """Put `path` first among the recent files and its folder first in file dialogs."""
        full = os.path.abspath(path)
        others = [each for each in self.get(RECENT_FILES) if each != full]
        self.set(RECENT_FILES, (full, *others)[:RECENT_LIMIT])
        self.set_last_folder(str(Path(full).parent))

    def set_last_folder(self, folder: str) -> None:
        """Open the next file dialog in `folder`."""
        self.set(LAST_FOLDER, folder)

    def forget_file(self, path: str) -> None:
        """Drop `path` from the recent files."""
        full = os.path.abspath(path)
        self.set(RECENT_FILES, tuple(each for each in self.get(RECENT_FILES) if each != full))

    def folder(self) -> str:
        """Where file dialogs open: the last folder while it exists, else the user's home."""
        last = self.get(LAST_FOLDER)
        return last if last and os.path.isdir(last) else str(Path.home())
