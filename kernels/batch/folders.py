"""The files of a folder and of all folders in it, with the names that their results get: a tree in, the same tree out.

Nothing here holds more than the names in one folder and in those above it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from itertools import chain, count
from pathlib import Path
from typing import NamedTuple, TypeVar
from unicodedata import normalize

from kernels.errors import quoted, shown
from kernels.files import check_working_folder
from kernels.pictures.suffixes import FORMATS, ZARR, is_zarr

SUFFIXES = (*(suffix for _, suffixes in FORMATS for suffix in suffixes), ZARR)
"""Files with one of these suffixes are taken unless patterns are given."""

_Identity = tuple[int, int]
_T = TypeVar("_T")


class Found(NamedTuple):
    """A picture, or a folder that cannot be read.

    Attributes
    ----------
    source, target : str
        Paths below the two folders, parts joined by "/". Folders have no target.
    error : str
        Why there is nothing to be done with it, in one sentence; else empty.
    """

    source: str
    target: str = ""
    error: str = ""


def check_places(source: str | os.PathLike[str], target: str | os.PathLike[str]) -> tuple[Path, Path]:
    """Return the real paths of a source, which is there, and of a target folder, which need not be.

    Raises
    ------
    ValueError, OSError
        If they are the same, one contains the other, or one of them is none.
    """
    for path in (source, target):
        if not os.fspath(path) or "\0" in os.fspath(path):
            raise ValueError(f"{quoted(os.fspath(path))} is not a path that a folder can have.")
        if not _is_text(os.path.realpath(path)):
            raise ValueError(f"{shown(path)} is not text in UTF-8; rename it.")
        check_working_folder(path)
    begin, end = Path(os.path.realpath(source)), Path(os.path.realpath(target))
    if not begin.exists():
        raise FileNotFoundError(f"There is no folder and no file {shown(source)}.")
    if end.exists() and not end.is_dir():
        raise NotADirectoryError(f"{shown(target)} is not a folder, but the results of a batch need one.")
    if _contains(begin, end) or _contains(end, begin):
        raise ValueError(
            f"{shown(source)} and {shown(target)} contain each other; results go to a folder apart from the pictures."
        )
    return begin, end


def _contains(folder: Path, inner: Path) -> bool:
    """Return whether `inner` is `folder` or lies below it, whatever the two are called."""
    if not folder.exists():
        return False
    return any(above.exists() and os.path.samefile(above, folder) for above in (inner, *inner.parents))


def is_picture(path: Path) -> bool:
    """Return whether a path is one picture, a file or the folder of an OME-Zarr, and not a folder of some."""
    return not path.is_dir() or is_zarr(path)


def first_of(files: Iterator[_T], source: str | os.PathLike[str], patterns: Sequence[str]) -> _T:
    """Return the first of the files that were found in `source`, or of the numbers of files.

    Raises
    ------
    FileNotFoundError
        There is none.
    """
    first = next(files, None)
    if first is None:
        what = f"matches {' or '.join(patterns)}" if patterns else "is a picture by its name"
        raise FileNotFoundError(f"No file in {shown(source)} {what}.")
    return first


def files_of(
    source: Path,
    patterns: Sequence[str],
    target_name: Callable[[str], str],
    reserved: Iterable[str] = (),
    without: Path | None = None,
) -> Iterator[Found]:
    """Find files, folder by folder in the order of their names.

    Symbolic links are followed, but not into a folder that they stand in. What begins with a dot is left out, unless a
    pattern does too.

    Parameters
    ----------
    source : Path
        A folder, or a file: then only that.
    patterns : sequence of str
        With * and ?, in any case; one with a slash is compared with the whole path below the source, any other with the
        name. Without patterns all files that have one of `SUFFIXES`.
    target_name : callable
        Gives the name of a result for the name of a file.
    reserved : iterable of str
        Names in the uppermost folder that no result gets.
    without : Path, optional
        A folder that is never looked into, wherever a link to it stands.
    """
    if is_picture(source):
        yield Found(source.name, _named([], [source.name], target_name, reserved)[source.name])
        return
    targets = {"": ""}
    for folder, files, folders, error in _folders_of(source, patterns, without):
        target = targets.pop(folder)
        if error:
            yield Found(folder, error=error)
            continue
        names = _named(folders, files, target_name, () if folder else reserved)
        for name in files:
            complaint = "" if _is_text(name) else "its name is not text in UTF-8; rename it."
            yield Found(_join(folder, name), _join(target, names[name]), complaint)
        targets.update((_join(folder, name), _join(target, names[name])) for name in folders)


def count_files(source: Path, patterns: Sequence[str], without: Path | None = None) -> Iterator[int]:
    """Yield how many files there are in one folder after the other, but those without; see `files_of`."""
    if is_picture(source):
        yield 1
        return
    for _, files, _, error in _folders_of(source, patterns, without):
        if error or files:
            yield len(files) or 1


def _folders_of(
    source: Path, patterns: Sequence[str], without: Path | None
) -> Iterator[tuple[str, list[str], list[str], str]]:
    """Yield each folder's path, the names of its files and of the folders in it, and why it cannot be read."""
    wanted = [pattern.casefold() for pattern in patterns]
    to_do: list[tuple[str, frozenset[_Identity]]] = [("", frozenset())]
    while to_do:
        folder, above = to_do.pop()
        try:
            here = _identity(source / folder)
            if here in above or (without is not None and without.exists() and here == _identity(without)):
                continue
            files, folders = _listed(source / folder, folder, wanted)
        except OSError as error:
            yield folder, [], [], f"the folder cannot be read: {error.strerror or error}."
            continue
        yield folder, files, folders, ""
        inside = above | {here}
        to_do += [(_join(folder, name), inside) for name in reversed(folders)]


def _is_text(name: str) -> bool:
    """Return whether messages and lists of files can hold a name."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _identity(folder: Path) -> _Identity:
    status = os.stat(folder)
    return status.st_dev, status.st_ino


def _listed(place: Path, folder: str, wanted: list[str]) -> tuple[list[str], list[str]]:
    """Return the names of the files that are wanted and of the folders, sorted."""
    files, folders = [], []
    with os.scandir(place) as entries:
        for entry in entries:
            try:
                is_folder = entry.is_dir()
            except OSError:
                is_folder = False  # a link to itself; opening it says so
            if is_folder and not is_zarr(entry.name):
                if not entry.name.startswith("."):
                    folders.append(entry.name)
            elif _is_wanted(entry.name, folder, wanted):
                files.append(entry.name)
    return sorted(files), sorted(folders)


def _is_wanted(name: str, folder: str, wanted: list[str]) -> bool:
    if not wanted:
        return not name.startswith(".") and name.lower().endswith(SUFFIXES)
    for pattern in wanted:
        if name.startswith(".") and not pattern.rpartition("/")[2].startswith("."):
            continue
        if fnmatchcase((_join(folder, name) if "/" in pattern else name).casefold(), pattern):
            return True
    return False


def _named(
    folders: list[str], files: list[str], target_name: Callable[[str], str], reserved: Iterable[str]
) -> dict[str, str]:
    """Return the name in the target of everything in a folder.

    No two are alike where neither case nor the form of Unicode counts. Whoever keeps its name is asked first; of others
    the first gets the plain new name, "a.png" for "a.gif", the next one its own with the new suffix behind it.
    """
    taken = {_key(name) for name in reserved}
    found = {}

    def take(name: str, candidates: Iterable[str]) -> None:
        for each in candidates:
            key = _key(each)
            if key not in taken:
                taken.add(key)
                found[name] = each
                return

    new_names = {name: target_name(name) for name in files}
    for name in (*folders, *(name for name in files if new_names[name] == name)):
        take(name, _numbered(name))
    for name in files:
        if name not in found:
            suffix = os.path.splitext(new_names[name])[1]
            take(name, chain([new_names[name]], _numbered(name + suffix)))
    return found


def _numbered(name: str) -> Iterator[str]:
    """Yield a name, then the name with 2, 3 and so on before its suffix."""
    yield name
    stem, suffix = os.path.splitext(name)
    yield from (f"{stem}-{number}{suffix}" for number in count(2))


def _key(name: str) -> str:
    """Return what names have in common that some file system takes for one."""
    if name.isascii():
        return name.lower()
    return normalize("NFC", normalize("NFD", name).casefold())


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name
