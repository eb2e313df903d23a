"""The user's own kernels: one JSON file each, in a folder."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import msgspec

from kernels.kernel import Kernel
from kernels.kernel.files import read_kernel, write_kernel

#: Begins the keys of own kernels in the preset list, so that they never meet a catalogue name.
PREFIX = "my:"
_FORBIDDEN = '<>:"/\\|?*'
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}


class MyKernel(msgspec.Struct, frozen=True):
    """A kernel that the user saved, and its file."""

    path: Path
    kernel: Kernel

    @property
    def key(self) -> str:
        """What the preset list finds it by."""
        return PREFIX + self.path.stem

    @property
    def name(self) -> str:
        """What the user called it."""
        return self.kernel.name


def file_stem(name: str) -> str:
    """A file name for `name` that every system takes."""
    safe = "".join("_" if char in _FORBIDDEN or unicodedata.category(char)[0] == "C" else char for char in name)
    safe = unicodedata.normalize("NFC", safe).strip(" .")[:80].rstrip(" .") or "kernel"
    return f"_{safe}" if safe.split(".")[0].casefold() in _RESERVED else safe


class MyKernels:
    """Reads, adds and removes the files of one folder; `unreadable` names those that are no kernels."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.unreadable: tuple[str, ...] = ()
        self._kernels: tuple[MyKernel, ...] = ()
        self.read()

    def read(self) -> None:
        """Look into the folder; a file that cannot be read is left out and named in `unreadable`."""
        found: list[MyKernel] = []
        bad: list[str] = []
        for path in self._files():
            try:
                kernel = read_kernel(path)
            except (OSError, ValueError):
                bad.append(path.name)
            else:
                found.append(MyKernel(path, kernel.replace(name=kernel.name or path.stem)))
        self._kernels = tuple(sorted(found, key=lambda each: each.name.casefold()))
        self.unreadable = tuple(bad)

    def all(self) -> tuple[MyKernel, ...]:
        """The kernels by name."""
        return self._kernels

    def by_key(self, key: str) -> MyKernel | None:
        """The kernel that the preset list calls `key`."""
        return next((each for each in self._kernels if each.key == key), None)

    def by_name(self, name: str) -> MyKernel | None:
        """The kernel that the user calls `name`; None too where the name is empty."""
        return next((each for each in self._kernels if name and each.name == name), None)

    def standing_in_the_way(self, name: str) -> MyKernel | None:
        """The kernel whose file a new kernel called `name` would replace."""
        stem = file_stem(name).casefold()
        return next((each for each in self._kernels if each.path.stem.casefold() == stem), None)

    def add(self, kernel: Kernel) -> None:
        """Write `kernel` under its name, replacing an older one of that name.

        Raises
        ------
        OSError, ValueError
            One plain sentence; the older file is then still there.
        """
        try:
            os.makedirs(self.folder, exist_ok=True)
        except OSError as error:
            raise OSError(f"The folder {self.folder} cannot be made: {error.strerror}.") from error
        old = self.standing_in_the_way(kernel.name)
        write_kernel(self.folder / f"{file_stem(kernel.name)}.json" if old is None else old.path, kernel)
        self.read()

    def remove(self, kernel: MyKernel) -> None:
        """Delete the file of `kernel`; that it is gone already is no error.

        Raises
        ------
        OSError
            One plain sentence.
        """
        try:
            kernel.path.unlink(missing_ok=True)
        except OSError as error:
            raise OSError(f"{kernel.path} cannot be deleted: {error.strerror}.") from error
        self.read()

    def _files(self) -> list[Path]:
        try:
            return sorted(path for path in self.folder.iterdir() if path.suffix.lower() == ".json")
        except OSError:
            return []
