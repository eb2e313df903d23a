"""What the program remembers between two runs: typed, with a default, checked when it is read.

The values stand in a JSON file in the system's folder for configurations. Nothing in it is ever run; what does not fit
is left out with a note. (QSettings would unpickle Python objects that somebody wrote into its file.)
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, TypeVar

import msgspec
from PyQt6.QtCore import QByteArray, QStandardPaths

from kernels.errors import shown
from kernels.files import read_bytes, write_bytes
from viewer.session import ThemeName

T = TypeVar("T")

RECENT_LIMIT = 12
LARGEST_FILE = 1 << 20

_FOLDER, _FILE = "Kernelscope", "settings.json"


def _as_it_is(value: Any) -> Any:
    return value


class Setting(msgspec.Struct, Generic[T], frozen=True):
    """One remembered value.

    Attributes
    ----------
    key : str
    default : T
        What holds when there is none.
    kind : type
        What the file must hold; msgspec checks it.
    read, write : callable
        From what the file holds to the value and back; ValueError if it makes no sense.
    """

    key: str
    default: T
    kind: Any
    read: Callable[[Any], T] = _as_it_is
    write: Callable[[T], Any] = _as_it_is


def _bytes(text: str) -> QByteArray:
    try:
        return QByteArray(base64.b64decode(text, validate=True))
    except binascii.Error as error:
        raise ValueError("it is not base64") from error


def _base64(data: QByteArray) -> str:
    return base64.b64encode(data.data()).decode("ascii")


def _paths(items: list[str]) -> tuple[str, ...]:
    return tuple(item for item in items if item and "\0" not in item)[:RECENT_LIMIT]


THEME: Setting[ThemeName] = Setting("theme", "system", ThemeName)
LARGE_TYPE = Setting("largeType", False, bool)
DIRECTION_COLOURS: Setting[str] = Setting("gradient/directionColours", "hue", Literal["hue", "twilight"])
FILLS_SCREEN = Setting("window/fills_screen", False, bool)
GEOMETRY = Setting(
    "window/geometry", QByteArray(), Annotated[str, msgspec.Meta(max_length=4096)], read=_bytes, write=_base64
)
RECENT_FILES: Setting[tuple[str, ...]] = Setting("files/recent", (), list[str], read=_paths, write=list)
LAST_FOLDER = Setting("files/folder", "", str)


def settings_path() -> Path:
    """Where the settings are kept; the folder need not exist."""
    location = QStandardPaths.StandardLocation.GenericConfigLocation
    return Path(QStandardPaths.writableLocation(location)) / _FOLDER / _FILE


class Settings:
    """Reads and writes settings; a stored value that makes no sense counts as absent.

    Attributes
    ----------
    path : Path
        The file; it is written whole, and read again before every change, since two windows may be open.
    notes : list of str
        What could not be read or written, one sentence each.
    """

    def __init__(self) -> None:
        self.path = settings_path()
        self.notes: list[str] = []
        self._values = self._read()

    def get(self, setting: Setting[T]) -> T:
        """The remembered value, or the default."""
        raw = self._values.get(setting.key)
        if raw is None:
            return setting.default
        try:
            return setting.read(msgspec.json.decode(raw, type=setting.kind))
        except (ValueError, RecursionError) as error:
            self._note(f"The setting {setting.key} is left out: {_reason(error)}.")
            return setting.default

    def set(self, setting: Setting[T], value: T) -> None:
        """Remember `value`."""
        try:
            raw = msgspec.Raw(msgspec.json.encode(setting.write(value)))
        except ValueError:  # half a character, as names of files may hold
            self._note(f"The setting {setting.key} cannot be kept: it is no text.")
            return
        if self._values.get(setting.key) == raw:
            return
        self._values = {**self._read(), setting.key: raw}
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_bytes(self.path, msgspec.json.format(msgspec.json.encode(self._values), indent=1) + b"\n")
        except OSError as error:
            self._note(f"Settings are not kept: {_reason(error)}.")

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
        return last if last and "\0" not in last and os.path.isdir(last) else str(Path.home())

    def _read(self) -> dict[str, msgspec.Raw]:
        """Return the values as they stand in the file, unchecked but for being JSON."""
        try:
            content = read_bytes(self.path, LARGEST_FILE, "settings file")
            return msgspec.json.decode(content, type=dict[str, msgspec.Raw])
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, RecursionError) as error:
            self._note(f"The settings in {shown(self.path)} are left out: {_reason(error)}.")
            return {}

    def _note(self, sentence: str) -> None:
        if sentence not in self.notes:
            self.notes.append(sentence)


def _reason(error: Exception) -> str:
    return shown(str(error)).rstrip(".")
