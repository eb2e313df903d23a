"""The pictures that the present document and the steps of undo refer to, within a limit of memory. No Qt."""

from __future__ import annotations

import itertools
import threading
from collections import OrderedDict
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec.structs import replace

from kernels.pictures.copies import read_copy, write_copy
from kernels.pictures.picture import Picture
from kernels.pictures.reading import open_sample
from kernels.pictures.windows.seen import open_for_view
from viewer.document import PictureReference
from viewer.moment import Moment, Purpose, Query, Result
from viewer.state import State

LIMIT_BYTES = 512 * 1024 * 1024

PICTURE: Purpose[Picture] = Purpose("picture", "source", "Reading the picture")


def picture_key(state: State) -> tuple[PictureReference, int] | None:
    """What the open picture is called among the results: its reference and, of a stream, the frame."""
    reference = state.document.picture
    if reference is None:
        return None
    stream, number = state.session.frame
    return reference, number if reference.key == stream else 0


def picture_query(state: State, shelf: Shelf) -> Query[Picture] | None:
    """The open picture, from the shelf or from where it came from."""
    key = picture_key(state)
    return None if key is None else Query(PICTURE, key, lambda _work: shelf.read(key[0]))


def open_result(moment: Moment) -> Result[Picture] | None:
    """The picture that is open; None until it is there."""
    found = moment.result(PICTURE)
    return found if found is not None and found.key == picture_key(moment.state) else None


class Shelf:
    """Holds pictures by reference, least recently used first; any thread may ask.

    The one used last does not count. Beyond `limit` bytes the oldest leave: those that came from a file or a sample can
    be read again from there, the others are written to a temporary folder first.
    """

    def __init__(self, limit: int = LIMIT_BYTES) -> None:
        self._limit = limit
        self._pictures: OrderedDict[int, Picture] = OrderedDict()
        self._copies: dict[int, Path] = {}
        self._keys = itertools.count(1)
        self._folder: TemporaryDirectory[str] | None = None
        self._lock = threading.RLock()

    def add(self, picture: Picture) -> PictureReference:
        """Put a new picture on the shelf."""
        reference = PictureReference(self.next_key(), picture.origin, title_of(picture))
        self.hold(reference, picture)
        return reference

    def next_key(self) -> int:
        """A number for a picture that no other has."""
        with self._lock:
            return next(self._keys)

    def hold(self, reference: PictureReference, picture: Picture) -> None:
        """Keep `picture` under its reference."""
        with self._lock:
            self._pictures[reference.key] = picture

    @property
    def count(self) -> int:
        """How many pictures there are, in memory or as copies."""
        with self._lock:
            return len(self._pictures.keys() | self._copies.keys())

    def read(self, reference: PictureReference) -> Picture:
        """The picture: as it is held, from its copy, or from where it came from.

        Raises
        ------
        OSError, ValueError
            One plain sentence: the file is gone or is no picture any more.
        """
        with self._lock:
            held = self._pictures.get(reference.key)
            if held is not None:
                self._pictures.move_to_end(reference.key)
                return held
            copy = self._copies.get(reference.key)
        if copy is not None:
            picture = read_copy(copy, reference.origin)
        elif reference.origin.kind == "sample":
            picture = open_sample(reference.origin.name)
        elif reference.origin.kind == "file":
            picture = open_for_view(reference.origin.path or reference.origin.name)
        else:
            raise OSError(f"{reference.title} has ended; open another picture.")
        picture = replace(picture, origin=reference.origin)
        picture.non_finite  # noqa: B018  # counted once, in the thread that reads
        self.hold(reference, picture)
        return picture

    @property
    def held_bytes(self) -> int:
        """Memory of all pictures but the most recently used."""
        with self._lock:
            return sum([each.nbytes for each in self._pictures.values()][:-1])

    def keep(self, references: set[PictureReference]) -> None:
        """Forget the pictures, and remove the copies, that nothing refers to any more."""
        wanted = {each.key for each in references}
        with self._lock:
            for key in [each for each in self._pictures if each not in wanted]:
                del self._pictures[key]
            for key in [each for each in self._copies if each not in wanted]:
                self._copies.pop(key).unlink(missing_ok=True)

    def surplus(self) -> list[tuple[int, Picture]]:
        """The oldest pictures beyond the limit, as (key, picture)."""
        with self._lock:
            leaving, held = [], self.held_bytes
            for key, picture in list(self._pictures.items())[:-1]:
                if held <= self._limit:
                    break
                leaving.append((key, picture))
                held -= picture.nbytes
            return leaving

    def make_room(self) -> None:
        """Let the surplus go, writing copies where that is the only way back."""
        for key, picture in self.surplus():
            if picture.origin.kind not in ("file", "sample"):
                path = self._copy_path(key)
                write_copy(picture, path)
                with self._lock:
                    self._copies[key] = path
            with self._lock:
                self._pictures.pop(key, None)

    def _copy_path(self, key: int) -> Path:
        with self._lock:
            if self._folder is None:
                self._folder = TemporaryDirectory(prefix="kernelscope-")
            return Path(self._folder.name) / f"picture-{key}.npz"

    def close(self) -> None:
        """Remove the temporary copies."""
        with self._lock:
            self._pictures.clear()
            if self._folder is not None:
                self._folder.cleanup()
                self._folder = None


ROOM: Purpose[None] = Purpose("room", "spill")


def room_query(shelf: Shelf) -> Query[None]:
    """Make room on the shelf."""
    return Query(ROOM, None, lambda _work: shelf.make_room())


def title_of(picture: Picture) -> str:
    """What the window calls a picture."""
    return Path(picture.origin.name).stem if picture.origin.kind == "file" else picture.origin.name
