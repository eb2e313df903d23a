"""Pictures in and out: files, samples, the clipboard, the shelf of undo, saving."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QMimeData, QObject, pyqtSignal
from PyQt6.QtGui import QClipboard, QImage
from PyQt6.QtWidgets import QApplication

from kernels import resources
from kernels.kernel import Kernel
from kernels.pictures import colour
from kernels.pictures.picture import Origin, Picture
from viewer.compute import Compute
from viewer.images import to_picture, to_qimage
from viewer.resolve import DisplayResult, Failure, FilterResult, Response
from viewer.resolve_pictures import AdoptRequest, DecodeRequest, PasteRequest, SaveKind, SaveRequest, SpillRequest
from viewer.settings import Settings
from viewer.shelf import Shelf, can_be_read_again
from viewer.state import PictureReference, State, with_picture
from viewer.store import Store
from viewer.widgets import format_number

DEFAULT_SAMPLE = "camera"


PictureRequest = DecodeRequest | AdoptRequest | PasteRequest


class FilesController(QObject):
    """Opens, keeps and saves pictures; what goes wrong is said in one sentence, with everything as it was."""

    picture_ready = pyqtSignal(object, object)  # PictureReference, Picture
    failed = pyqtSignal(str)
    noticed = pyqtSignal(str)
    begun = pyqtSignal()  # what was said of the last attempt no longer matters
    recent_changed = pyqtSignal()

    def __init__(self, store: Store, compute: Compute, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store, self._compute, self._settings = store, compute, settings
        self.shelf = Shelf()
        self._spilling: set[int] = set()
        self._presented: PictureReference | None = None
        self._asked: PictureRequest | None = None
        self.take_kernel_text: Callable[[str], object] = Kernel.parse  # set to what takes it into the editor
        compute.answered.connect(self._take)

    # -- opening ---------------------------------------------------------------------------------------------------

    def open(self, name: str) -> None:
        """Open a file, or a sample by its name; a file of that name wins."""
        if name in resources.sample_names() and not os.path.isfile(name):
            self._ask(DecodeRequest(origin=Origin("sample", None, name)))
        else:
            path = os.path.abspath(os.path.expanduser(name))
            self._ask(DecodeRequest(origin=Origin("file", path, os.path.basename(path))))

    def open_sample(self, name: str) -> None:
        """Open the sample `name`, whatever files there are."""
        self._ask(DecodeRequest(origin=Origin("sample", None, name)))

    def open_dropped(self, paths: list[str]) -> None:
        """Open the first of the dropped files."""
        if paths:
            self.open(paths[0])
        if len(paths) > 1:
            self.noticed.emit(self.tr("{n} files were dropped; the first one is open.").format(n=len(paths)))

    def open_image(self, image: QImage) -> None:
        """Take a picture that a drop or the clipboard carries."""
        if image.isNull():
            self.failed.emit(self.tr("That picture is empty."))
            return
        # A copy is made only if somebody changes one of the two: the worker may read it.
        self._ask(PasteRequest(convert=partial(to_picture, QImage(image), self.tr("Pasted picture"))))

    def paste(self, data: QMimeData | None = None) -> None:
        """Open what the clipboard holds: a picture, a file, a path, or the text of a kernel."""
        clipboard = QApplication.clipboard()
        data = data if data is not None or clipboard is None else clipboard.mimeData()
        if data is None:
            return
        if data.hasUrls() and data.urls()[0].isLocalFile():
            self.open_dropped([url.toLocalFile() for url in data.urls() if url.isLocalFile()])
        elif data.hasImage():
            image = data.imageData()
            self.open_image(image if isinstance(image, QImage) else QImage())
        elif data.hasText():
            self._paste_text(data.text().strip())
        else:
            self.failed.emit(self.tr("The clipboard holds neither a picture, nor a path, nor a kernel."))

    def _paste_text(self, text: str) -> None:
        path = text.strip("\"'")
        if "\n" not in path and path and (_exists(path) or path in resources.sample_names()):
            self.open(path)
            return
        self.begun.emit()
        try:
            self.take_kernel_text(text)
        except ValueError as error:
            line = " ".join(path.split())
            shown = line if len(line) <= 40 else line[:40] + "…"
            sentence = self.tr("The clipboard's text “{text}” is neither a file nor a kernel: {reason}")
            self.failed.emit(sentence.format(text=shown, reason=error))

    def adopt_output(self, result: FilterResult) -> None:
        """Make the filtered picture the next input."""
        current = self._store.document.picture
        name = self.tr("Output of {title}").format(title=current.title if current else self.tr("the picture"))
        self._ask(AdoptRequest(array=result.array, white=max(abs(each) for each in result.file_range), name=name))

    def _ask(self, request: PictureRequest) -> None:
        self._asked = request
        self.begun.emit()
        self._compute.submit(request)

    def cancel(self) -> None:
        """Do not wait any longer for what was asked for."""
        asked, self._asked = self._asked, None
        if isinstance(asked, DecodeRequest) and asked.reference is not None:
            self._stay(asked.reference)

    # -- the shelf -------------------------------------------------------------------------------------------------

    def update(self, old: State, new: State) -> None:
        """Bring another picture to the panes, read again if it has left the shelf."""
        reference = new.document.picture
        if reference is None or reference == old.document.picture:
            return
        picture = self.shelf.get(reference)
        if picture is not None:
            self._present(reference, picture)
        else:
            copy = self.shelf.copy_of(reference)
            self._ask(DecodeRequest(origin=reference.origin, reference=reference, copy=copy))
        self._make_room()

    def _present(self, reference: PictureReference, picture: Picture) -> None:
        self._presented = reference
        self.picture_ready.emit(reference, picture)

    def _stay(self, lost: PictureReference) -> None:
        """The picture of an undo step is gone: go on with the one on screen, so that all else can still be undone."""
        shown = self._presented
        picture = None if shown is None else self.shelf.get(shown)
        if shown is None or picture is None or self._store.document.picture != lost:
            return
        channels = colour.available_channels(picture)
        self._store.start_with(lambda document: with_picture(document, shown, channels=channels))

    def _make_room(self) -> None:
        for key, picture in self.shelf.surplus():
            if can_be_read_again(picture.origin):
                self.shelf.drop(key)
            elif key not in self._spilling:
                self._spilling.add(key)
                self._compute.submit(SpillRequest(key=key, picture=picture, path=self.shelf.copy_path(key)))

    def _adopt(self, picture: Picture, text: str) -> None:
        reference = self.shelf.add(picture)
        channels = colour.available_channels(picture)
        self._asked = None
        if self._store.document.picture is None:
            self._store.start_with(lambda document: with_picture(document, reference, channels=channels))
        else:
            self._store.edit(lambda document: with_picture(document, reference, channels=channels), text)

    # -- answers ---------------------------------------------------------------------------------------------------

    def _take(self, answer: Response | Failure) -> None:
        request = answer.request
        if isinstance(request, PictureRequest):
            if request is self._asked:
                self._asked = None
                self._take_picture(request, answer)
        elif isinstance(request, SpillRequest):
            self._spilling.discard(request.key)
            if isinstance(answer, Response):
                self.shelf.drop(request.key, request.path)
        elif isinstance(request, SaveRequest):
            self._take_saved(request, answer)

    def _take_picture(self, request: PictureRequest, answer: Response | Failure) -> None:
        if isinstance(answer, Failure):
            if isinstance(request, DecodeRequest):
                self._fall_back(request)
            self.failed.emit(answer.message)
            return
        picture: Picture = answer.result
        if isinstance(request, DecodeRequest) and request.reference is not None:
            self.shelf.put_back(request.reference, picture)
            if self._store.document.picture == request.reference:
                self._present(request.reference, picture)
            return
        if picture.origin.kind == "file" and picture.origin.path:
            self._settings.remember_file(picture.origin.path)
            self.recent_changed.emit()
        pasted = isinstance(request, PasteRequest)
        text = self.tr("Paste a picture") if pasted else self.tr("Open {name}").format(name=picture.origin.name)
        self._adopt(picture, text)
        notes = [picture.note] if picture.note else []
        if picture.non_finite:
            notes.append(self.tr("{n} pixels are not finite and are drawn in magenta").format(n=picture.non_finite))
        if notes:
            self.noticed.emit(f"{picture.origin.name}: {'; '.join(notes)}.")

    def _fall_back(self, request: DecodeRequest) -> None:
        """What could not be read is no recent file, and something must be on screen."""
        if request.origin.kind == "file":
            self._settings.forget_file(request.origin.path or "")
            self.recent_changed.emit()
        if request.reference is not None:
            self._stay(request.reference)
        elif self._store.document.picture is None and request.origin.name != DEFAULT_SAMPLE:
            self.open_sample(DEFAULT_SAMPLE)

    # -- saving ----------------------------------------------------------------------------------------------------

    def save(self, path: str, kind: SaveKind, result: FilterResult, painted: DisplayResult) -> None:
        """Write the output: "shown" as it is painted, "raw" its numbers, "16-bit" its numbers in whole steps."""
        current = self._store.document.picture
        as_they_are = painted.mode in ("clip", "abs")
        self._compute.submit(
            SaveRequest(
                path=Path(path),
                array=painted.images[0] if kind == "shown" else result.array,
                kind=kind,
                source=current.origin.path if current is not None else None,
                white=result.file_range[1],
                levels=None if as_they_are else painted.levels,
            )
        )

    def _take_saved(self, request: SaveRequest, answer: Response | Failure) -> None:
        name = request.path.name
        if isinstance(answer, Failure):
            self.failed.emit(answer.message)
            return
        self._settings.set_last_folder(str(request.path.parent))
        notes = []
        if request.kind == "16-bit" and request.levels is not None:
            low, high = (format_number(level) for level in request.levels)
            notes.append(self.tr("{low} became 0 and {high} became 65535").format(low=low, high=high))
        if answer.result is not None and (clipped := answer.result.below + answer.result.above):
            notes.append(self.tr("{n} values were clipped").format(n=clipped))
        note = f" ({', '.join(notes)})" if notes else ""
        self.noticed.emit(self.tr("Saved {name}{note}.").format(name=name, note=note))

    def copy_shown(self, painted: DisplayResult) -> None:
        """Put the output as it is painted on the clipboard."""
        self.copy_picture(painted.images[0])

    def copy_picture(self, pixels: NDArray[np.uint8]) -> None:
        """Put uint8 pixels on the clipboard."""
        clipboard: QClipboard | None = QApplication.clipboard()
        if clipboard is not None:
            clipboard.setImage(to_qimage(pixels))
            self.noticed.emit(self.tr("The picture is on the clipboard."))

    def close(self) -> None:
        """Remove temporary copies."""
        self.shelf.close()


def _exists(path: str) -> bool:
    try:
        return os.path.exists(os.path.expanduser(path))
    except ValueError:  # a null byte
        return False
