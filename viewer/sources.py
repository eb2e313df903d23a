"""Pictures in: files, samples, the clipboard, an output, and streams that go on delivering."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Hashable
from functools import partial
from typing import Protocol, TypeVar

from PyQt6.QtCore import QMimeData, QObject, Qt, pyqtSignal
from PyQt6.QtGui import QImage
from PyQt6.QtWidgets import QApplication

from kernels import memory, resources
from kernels.pictures import colour
from kernels.pictures.noise import with_noise
from kernels.pictures.picture import Origin, Picture, from_array
from kernels.pictures.reading import open_sample
from kernels.pictures.windows.seen import open_for_view
from viewer.document import Document, PictureReference, with_network_input, with_picture
from viewer.images import to_picture
from viewer.moment import Failure, Moment, Purpose, Query, Work
from viewer.pages.filter.queries import Filtered
from viewer.panes.drops import dropped_names
from viewer.river import River
from viewer.settings import Settings
from viewer.shelf import PICTURE, Shelf, open_result, picture_key, room_query
from viewer.task import Outcome, Task

T = TypeVar("T")
DEFAULT_SAMPLE = "camera"
OPENED: Purpose[Picture] = Purpose("opened", "source", "Opening")
READ: Purpose[object] = Purpose("read", "source", "Opening")
CHANGED: Purpose[Picture] = Purpose("changed", "source", "Changing the picture")


class Stream(Protocol):
    """A source that goes on delivering: a camera, a video, a training run."""

    title: str

    def start(self, deliver: Callable[[Picture], None]) -> None:
        """Begin; `deliver` may be called from any thread, as often as there is a frame."""
        ...

    def stop(self) -> None:
        """Deliver nothing more."""
        ...


class Messages(Protocol):
    """Where sentences for the user go."""

    def show_error(self, sentence: str) -> None: ...
    def show_notice(self, sentence: str) -> None: ...
    def clear_message(self) -> None: ...


class Sources(QObject):
    """Puts pictures into the results; what goes wrong is said in one sentence, with everything as it was."""

    recent_changed = pyqtSignal()
    _frame_came = pyqtSignal()

    def __init__(
        self, river: River, shelf: Shelf, settings: Settings, messages: Messages, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._river, self._store, self._compute = river, river.store, river.compute
        self._shelf, self._settings, self._messages = shelf, settings, messages
        self._asked: Task | None = None
        self._shown: PictureReference | None = None
        self._stream: Stream | None = None
        self._streamed: PictureReference | None = None
        self._lock = threading.Lock()
        self._frame: Picture | None = None  # delivered, and not yet taken
        self.take_kernel_text: Callable[[str], object] = lambda _text: None  # set to what takes it into the editor
        self._frame_came.connect(self._take_frame, Qt.ConnectionType.QueuedConnection)  # type: ignore[call-arg]

    # -- opening ---------------------------------------------------------------------------------------------------

    def open(self, name: str) -> None:
        """Open a file, or a sample by its name; a file of that name wins."""
        if name in resources.sample_names() and not os.path.isfile(name):
            self.open_sample(name)
            return
        path = os.path.abspath(os.path.expanduser(name))
        text = self.tr("Open {name}").format(name=os.path.basename(path))
        self._ask(lambda work: open_for_view(path, cancelled=work.cancelled), text, path)

    def open_sample(self, name: str) -> None:
        """Open the sample `name`, whatever files there are."""
        self._ask(lambda _work: open_sample(name), self.tr("Open {name}").format(name=name))

    def open_dropped(self, paths: list[str]) -> None:
        """Open the first of the dropped files."""
        if paths:
            self.open(paths[0])
        if len(paths) > 1:
            self._messages.show_notice(self.tr("{n} files were dropped; the first one is open.").format(n=len(paths)))

    def open_image(self, image: QImage) -> None:
        """Take a picture that a drop or the clipboard carries."""
        if image.isNull():
            self._messages.show_error(self.tr("That picture is empty."))
            return
        # A copy is made only if somebody changes one of the two: the worker may read it.
        held, title = QImage(image), self.tr("Pasted picture")
        self._ask(lambda _work: to_picture(held, title), self.tr("Paste a picture"))

    def paste(self, data: QMimeData | None = None) -> None:
        """Open what the clipboard holds: a picture, a file, a path, or the text of a kernel."""
        clipboard = QApplication.clipboard()
        data = data if data is not None or clipboard is None else clipboard.mimeData()
        if data is None:
            return
        names = dropped_names(data) if data.hasUrls() else []
        if names:
            self.open_dropped(names)
        elif data.hasImage():
            image = data.imageData()
            self.open_image(image if isinstance(image, QImage) else QImage())
        elif data.hasText():
            self._paste_text(data.text().strip())
        else:
            self._messages.show_error(self.tr("The clipboard holds neither a picture, nor a path, nor a kernel."))

    def _paste_text(self, text: str) -> None:
        path = text.strip("\"'")
        if "\n" not in path and path and (_exists(path) or path in resources.sample_names()):
            self.open(path)
            return
        self._messages.clear_message()
        try:
            self.take_kernel_text(text)
        except ValueError as error:
            line = " ".join(path.split())
            shown = line if len(line) <= 40 else line[:40] + "…"
            sentence = self.tr("The clipboard's text “{text}” is neither a file nor a kernel: {reason}")
            self._messages.show_error(sentence.format(text=shown, reason=error))

    def adopt(self, result: Filtered) -> None:
        """Make the filtered picture the next input."""
        current = self._store.document.picture
        name = self.tr("Output of {title}").format(title=current.title if current else self.tr("the picture"))
        white = max(abs(each) for each in result.file_range)

        def make(_work: Work) -> Picture:
            memory.require(result.array.nbytes, "Taking the output as the next input")
            return from_array(result.array, white=white, kind="output", name=name)

        self.open_made(make, name)

    def read(self, path: str, read: Callable[[], T], take: Callable[[T], object]) -> None:
        """Let `read` read a file of another kind, and `take` what it holds."""

        def then(outcome: Outcome) -> None:
            if isinstance(outcome, Failure):
                self._messages.show_error(outcome.sentence)
                return
            self._settings.set_last_folder(os.path.dirname(path))
            take(outcome.value)

        self._messages.clear_message()
        self._compute.order(Query(READ, path, lambda _work: read()), then)

    def open_made(self, make: Callable[[Work], Picture], name: str) -> None:
        """Open a picture that the program makes itself."""
        self._ask(make, self.tr("Open {name}").format(name=name))

    # -- changing what is open -------------------------------------------------------------------------------------

    @property
    def picture(self) -> Picture | None:
        """The picture that is open; None while it is on its way."""
        found = open_result(self._river.moment)
        return None if found is None else found.value

    def replace(self, picture: Picture, text: str, gesture: Hashable | None = None) -> None:
        """Put a small picture, an edited or a new one, in the open one's place: at once, as a step of undo.

        Steps with the same `gesture` are one until ``Store.end_gesture``. The pixels must not have to be read again
        from a file or a sample (see `kernels.pictures.picture.Origin`).
        """
        if picture is self.picture:
            return
        self.end_stream()
        self._show(self._shelf.add(picture), picture, text, gesture)

    def add_noise(self, kind: str, amount: float, seed: int) -> None:
        """Add noise to the picture that is open, as `kernels.pictures.noise.with_noise` does."""
        picture, base = self.picture, self._store.document.picture
        if picture is None:
            return

        def make(work: Work) -> Picture:
            return with_noise(picture, kind, amount, seed, cancelled=work.cancelled, progress=work.progress)

        self._ask(make, self.tr("Add noise"), base=base)

    def _ask(
        self, make: Callable[[Work], Picture], text: str, path: str = "", base: PictureReference | None = None
    ) -> None:
        """Read or make a picture; a newer wish replaces an older one.

        One that is made from the picture `base` is of no use once another one is open.
        """
        purpose = OPENED if base is None else CHANGED

        def read(work: Work) -> Picture:
            picture = make(work)
            picture.non_finite  # noqa: B018  # counted once, here rather than in the GUI thread
            return picture

        self._messages.clear_message()
        if self._asked is not None:
            self._asked.stop()
        self._asked = self._compute.order(Query(purpose, text, read), partial(self._take, text, path, base))

    def _take(self, text: str, path: str, base: PictureReference | None, outcome: Outcome) -> None:
        if self._asked is None or outcome.serial != self._asked.serial:
            return
        self._asked = None
        if isinstance(outcome, Failure):
            self._fall_back(outcome, path)
            return
        if base is not None and base != self._store.document.picture:
            self._messages.show_notice(self.tr("{text}: given up, as another picture is open now.").format(text=text))
            return
        picture: Picture = outcome.value
        if picture.origin.kind == "file" and picture.origin.path:
            self._settings.remember_file(picture.origin.path)
            self.recent_changed.emit()
        self.end_stream()
        self._show(self._shelf.add(picture), picture, text)
        notes = [picture.note] if picture.note else []
        if picture.non_finite:
            notes.append(self.tr("{n} pixels are not finite and are drawn in magenta").format(n=picture.non_finite))
        if not picture.is_held:
            notes.append(self.tr("larger than the memory takes, so it is filtered where it is seen; all of it is "
                                 "filtered by “Filter a folder” and by the command"))  # fmt: skip
        if notes and base is None:
            self._messages.show_notice(f"{picture.origin.name}: {'; '.join(notes)}.")

    def _show(self, reference: PictureReference, picture: Picture, text: str, gesture: Hashable | None = None) -> None:
        channels = colour.available_channels(picture)

        def update(document: Document) -> Document:
            shown = with_picture(document, reference, channels=channels)
            is_looked_at = self._store.session.looks_at_picture
            return shown if is_looked_at else with_network_input(shown, source="picture")

        self._compute.put(Query(PICTURE, (reference, 0), lambda _work: picture), picture)
        if self._store.document.picture is None:
            self._store.start_with(update)
        else:
            self._store.edit(update, text, gesture)

    def _fall_back(self, failure: Failure, path: str) -> None:
        """What could not be read is no recent file, and something must be on screen."""
        sample = self.tr("Open {name}").format(name=DEFAULT_SAMPLE)
        if self._store.document.picture is None and (path or failure.key != sample):
            self.open_sample(DEFAULT_SAMPLE)
        if failure.error is not None:
            if path:
                self._settings.forget_file(path)
                self.recent_changed.emit()
            self._messages.show_error(failure.sentence)

    # -- streams ---------------------------------------------------------------------------------------------------

    def follow(self, stream: Stream) -> None:
        """Show the frames of `stream` as they come; opening another picture ends it."""
        self.end_stream()
        self._stream = stream
        stream.start(self._deliver)

    def end_stream(self) -> None:
        """Stop following; the last frame stays where undo can find it."""
        stream, self._stream = self._stream, None
        if stream is None:
            return
        stream.stop()
        with self._lock:
            self._frame = None
        last, reference = open_result(self._river.moment), self._streamed
        self._streamed = None
        if reference is not None and last is not None and last.is_from(reference):
            self._shelf.hold(reference, last.value)

    def _deliver(self, picture: Picture) -> None:
        """Take a frame, in whatever thread; one that was not taken yet is dropped."""
        with self._lock:
            is_first, self._frame = self._frame is None, picture
        if is_first:
            self._frame_came.emit()

    def _take_frame(self) -> None:
        with self._lock:
            picture, self._frame = self._frame, None
        stream = self._stream
        if picture is None or stream is None:
            return
        if self._streamed is None or self._store.document.picture != self._streamed:
            if self._streamed is not None:
                self.end_stream()  # undo went back to another picture
                return
            origin = Origin("clipboard", None, stream.title)
            self._streamed = PictureReference(self._shelf.next_key(), origin, stream.title)
            self._show(self._streamed, picture, self.tr("Open {name}").format(name=stream.title))
            return
        reference, (key, number) = self._streamed, self._store.session.frame
        number = number + 1 if key == reference.key else 1
        self._compute.put(Query(PICTURE, (reference, number), lambda _work: picture), picture)
        self._store.view_frame(reference.key, number)

    # -- what undo brings back -------------------------------------------------------------------------------------

    def render(self, old: Moment, new: Moment) -> None:
        """Keep what undo can reach, and go on with the picture on screen when that of a step of undo is gone."""
        shown, failure = open_result(new), new.failure(PICTURE)
        if shown is not None:
            self._shown = new.state.document.picture
        elif failure is not None and failure.key == picture_key(new.state) and self._shown is not None:
            reference, picture = self._shown, new.value(PICTURE)
            if failure.error is not None:
                self._messages.show_error(failure.sentence)
            channels = colour.CHANNELS if picture is None else colour.available_channels(picture)
            self._store.start_with(lambda document: with_picture(document, reference, channels=channels))
        if old.state.document is not new.state.document and self._shelf.count > 1:
            self._shelf.keep(self._store.pictures())
            if self._shelf.surplus():
                self._compute.order(room_query(self._shelf), lambda _outcome: None)

    def close(self) -> None:
        """End what delivers, and remove temporary copies."""
        self.end_stream()
        self._shelf.close()


def _exists(path: str) -> bool:
    try:
        return os.path.exists(os.path.expanduser(path))
    except ValueError:  # a null byte
        return False
