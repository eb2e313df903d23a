"""Between the kernel editor and the store: every intent becomes one step of undo."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

from msgspec.structs import replace
from PyQt6.QtCore import QObject, QStandardPaths, pyqtSignal
from PyQt6.QtGui import QGuiApplication

from kernels.kernel import Kernel, library
from kernels.kernel.collection import MyKernels
from kernels.kernel.files import FORMATS, read_kernel, write_kernel
from viewer.dialogs import Dialogs
from viewer.document import Document, PresetChoice, with_kernel, with_preset
from viewer.moment import Moment
from viewer.pages.filter.views.kernel import KernelPanel, PresetItem
from viewer.pages.filter.views.kernel.table_model import MAX_EDITED_SIDE
from viewer.settings import Settings
from viewer.store import Store

_TRANSFORMS: dict[str, Callable[[Kernel], Kernel]] = {
    "rotate": lambda kernel: kernel.rotate_90(-1),
    "flipHorizontal": Kernel.flip_horizontal,
    "flipVertical": Kernel.flip_vertical,
    "transpose": Kernel.transpose,
    "negate": Kernel.negate,
    "grow": lambda kernel: kernel.resize(*(max(side, min(side + 2, MAX_EDITED_SIDE)) for side in kernel.shape)),
    "shrink": lambda kernel: kernel.resize(*(max(side - 2, 1) for side in kernel.shape)),
}


class KernelControl(QObject):
    """Shows the document's kernel and turns what the user does into the next document."""

    own_kernels_changed = pyqtSignal()

    def __init__(
        self,
        view: KernelPanel,
        store: Store,
        settings: Settings,
        dialogs: Dialogs,
        parent: QObject | None = None,
        *,
        folder: Path | None = None,
    ) -> None:
        super().__init__(parent)
        self._view, self._store, self._settings, self.dialogs = view, store, settings, dialogs
        data = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppDataLocation)
        self.my_kernels = MyKernels(Path(data) / "kernels" if folder is None else folder)
        self._show_presets()
        self._connect()

    def _connect(self) -> None:
        view = self._view
        view.preset_combo.chosen.connect(self.choose)
        view.parameters.changed.connect(
            lambda *change: self._view.file_message.show_error(self.change_parameter(*change))
        )
        view.resized.connect(self._resize)
        view.weight_changed.connect(self.change_weight)
        view.gesture_finished.connect(self._store.end_gesture)
        view.table.pasted.connect(self.paste_text)
        view.table.copied.connect(self.copy_kernel)
        view.divisor_changed.connect(self.change_divisor)
        view.offset_changed.connect(self.change_offset)

    # Showing ---------------------------------------------------------------------------------------------------

    def render(self, old: Moment, new: Moment) -> None:
        """Show what the state says about the kernel."""
        before, after = old.state.document, new.state.document
        if old is new or (before.kernel, before.preset) != (after.kernel, after.preset):
            self._show_choice(after)
            self._view.show_kernel(after.kernel)
        if old is new and self.my_kernels.unreadable:
            self._view.file_message.show_warning(self._about_unreadable())

    def preset_items(self) -> list[PresetItem]:
        """All kernels to choose from, the user's own first."""
        group, summary = self.tr("My kernels"), self.tr("Your own kernel, {} × {}")
        own = [
            PresetItem(each.key, each.name, group, summary.format(*each.kernel.shape), each.kernel.replace)
            for each in self.my_kernels.all()
        ]
        catalogue = [
            PresetItem(each.name, each.title, each.group, each.summary, partial(library.get, each.name))
            for each in library.entries()
        ]
        return [*own, *catalogue]

    def _show_presets(self) -> None:
        self._view.preset_combo.set_items(self.preset_items())

    def choice_shown(self, document: Document) -> tuple[str, str, bool]:
        """Which item the document's kernel is or comes from, or "", what it is called, and whether it is edited."""
        if document.preset is not None:
            title = library.entry(document.preset.name).title
            return document.preset.name, title, document.is_edited
        own = self.my_kernels.by_name(document.kernel.name)
        if own is not None:
            return own.key, own.name, document.kernel != own.kernel
        return "", document.kernel.name or self.tr("Custom kernel"), False

    def _show_choice(self, document: Document) -> None:
        preset = document.preset
        key, title, edited = self.choice_shown(document)
        self._view.show_choice(key, title, edited=edited)
        if preset is None:
            self._view.show_parameters("", (), {})
        else:
            self._view.show_parameters(preset.name, library.entry(preset.name).parameters, preset.values)

    # Choosing --------------------------------------------------------------------------------------------------

    def choose_preset(self) -> None:
        """Open the list of presets."""
        self._view.preset_combo.setFocus()
        self._view.preset_combo.open_popup()

    def choose(self, key: str) -> None:
        """Take a catalogue kernel, or one of the user's own."""
        own, text = self.my_kernels.by_key(key), self.tr("Choose {title}")
        if own is not None:
            self._take_whole(own.kernel, text.format(title=own.name))
        elif key in library.names():
            self._store.edit(lambda document: with_preset(document, key), text.format(title=library.entry(key).title))

    def is_edited(self, document: Document) -> bool:
        """Whether there is a preset or an own kernel to go back to."""
        own = None if document.preset is not None else self.my_kernels.by_name(document.kernel.name)
        return document.is_edited or (own is not None and own.kernel != document.kernel)

    def is_own(self, document: Document) -> bool:
        """Whether the kernel shown is one of the user's own."""
        return document.preset is None and self.my_kernels.by_name(document.kernel.name) is not None

    def reset(self) -> None:
        """Discard the edits of a preset or of an own kernel."""
        document = self._store.document
        preset = document.preset
        own = self.my_kernels.by_name(document.kernel.name)
        if preset is not None:
            text = self.tr("Back to {title}").format(title=library.entry(preset.name).title)
            self._store.edit(lambda each: replace(each, kernel=preset.build()), text)
        elif own is not None:
            self._take_whole(own.kernel, self.tr("Back to {title}").format(title=own.name))

    def change_parameter(self, name: str, value: float) -> str:
        """Give a parameter of the preset another value; returns the sentence that says why it cannot have it."""
        preset = self._store.document.preset
        if preset is None:
            return ""
        entry = library.entry(preset.name)
        parameter = entry.parameter(name)
        if parameter is None:
            return ""
        try:
            choice = preset.changed(name, value)
            kernel = choice.build()
        except ValueError as error:
            return str(error)  # two parameters that do not go together; the last good kernel stays
        text = self.tr("Change {parameter} of {title}").format(parameter=parameter.title, title=entry.title)
        self._store.edit(
            lambda document: replace(document, kernel=kernel, preset=choice), text, gesture=("parameter", name)
        )
        return ""

    # Editing ---------------------------------------------------------------------------------------------------

    def _edit(self, update: Callable[[Kernel], Kernel], text: str, gesture: tuple[object, ...] | None = None) -> None:
        self._store.edit(lambda document: with_kernel(document, update(document.kernel)), text, gesture)

    def _take_whole(self, kernel: Kernel, text: str) -> None:
        self._store.edit(lambda document: with_kernel(document, kernel, keep_preset=False), text)

    def change_weight(self, row: int, column: int, channel: int, value: float, in_gesture: bool = False) -> None:
        """Set one weight."""
        if max(row - self._store.document.kernel.shape[0], column - self._store.document.kernel.shape[1]) >= 0:
            return  # the table still shows an earlier, larger kernel

        def update(kernel: Kernel) -> Kernel:
            weights = kernel.weights.copy()
            weights[(row, column) if kernel.channels is None else (row, column, channel)] = value
            return kernel.replace(weights=weights)

        self._edit(update, self.tr("Change a weight"), ("weight", row, column, channel) if in_gesture else None)

    def _resize(self, rows: int, columns: int, in_gesture: bool) -> None:
        """Give the kernel another size; a preset that has a size of its own takes it, others get zeros around."""
        gesture = ("size",) if in_gesture else None
        text = self.tr("Resize the kernel")
        choice = self._with_size(rows, columns)
        if choice is None:
            self._edit(lambda kernel: kernel.resize(rows, columns), text, gesture)
        else:
            kernel = choice.build()
            self._store.edit(lambda document: replace(document, kernel=kernel, preset=choice), text, gesture)

    def _with_size(self, rows: int, columns: int) -> PresetChoice | None:
        """The preset in this or the next possible size; None where it has no such size, or is edited."""
        document = self._store.document
        preset, shape = document.preset, document.kernel.shape
        if preset is None or document.is_edited:
            return None
        axis = 0 if rows != shape[0] else 1
        wanted = (rows, columns)[axis]
        further = range(wanted, MAX_EDITED_SIDE + 1) if wanted > shape[axis] else range(wanted, 0, -1)
        for name, value in (each for side in further for each in _sizes(side)):
            try:
                choice = preset.changed(name, value)
                if choice.build().shape[axis] in further:
                    return choice
            except ValueError:
                continue
        return None

    def change_divisor(self, value: float) -> None:
        """Set the divisor, which cannot be 0."""
        if value == 0:
            self._view.show_divisor_error(self.tr("The divisor cannot be 0; write another number, for example 1."))
            return
        self._edit(lambda kernel: kernel.replace(divisor=value), self.tr("Change the divisor"))

    def change_offset(self, value: float) -> None:
        """Set the offset."""
        self._edit(lambda kernel: kernel.replace(offset=value), self.tr("Change the offset"))

    def normalise(self) -> None:
        """Set the divisor so that flat areas keep their brightness, or say why that cannot be."""
        try:
            self._edit(Kernel.normalised, self.tr("Normalise the kernel"))
        except ValueError as error:
            self._view.number_message.show_error(str(error))

    def transform(self, name: str) -> None:
        """Turn, mirror, negate or resize the kernel."""
        texts = {
            "rotate": self.tr("Rotate the kernel"),
            "flipHorizontal": self.tr("Flip the kernel left to right"),
            "flipVertical": self.tr("Flip the kernel top to bottom"),
            "transpose": self.tr("Transpose the kernel"),
            "negate": self.tr("Negate the kernel"),
            "grow": self.tr("Grow the kernel"),
            "shrink": self.tr("Shrink the kernel"),
        }
        self._edit(_TRANSFORMS[name], texts[name])

    # Text ------------------------------------------------------------------------------------------------------

    def take_text(self, text: str) -> None:
        """Take a matrix written as text for the whole kernel.

        Raises
        ------
        ValueError
            One plain sentence; the kernel stays as it was.
        """
        self._take_whole(Kernel.parse(text), self.tr("Paste a kernel"))

    def paste_text(self, text: str) -> None:
        """Take a matrix written as text for the whole kernel, or say beside it why it is none."""
        try:
            self.take_text(text)
        except ValueError as error:
            self._view.file_message.show_error(self.tr("Pasted text: {sentence}").format(sentence=str(error)))

    def copy_kernel(self, style: str = "plain") -> None:
        """Put the kernel on the clipboard as text."""
        kernel = self._store.document.kernel
        try:
            text = kernel.format("numpy" if kernel.channels is not None else style)  # type: ignore[arg-type]
        except ValueError as error:
            self._view.file_message.show_error(str(error))
            return
        QGuiApplication.clipboard().setText(text)

    # Files -----------------------------------------------------------------------------------------------------

    def open_kernel(self) -> None:
        """Ask for a kernel file and read it."""
        path = self.dialogs.ask_open(self.tr("Open a kernel"), self._settings.folder(), self._open_choices())
        if not path:
            return
        try:
            kernel = read_kernel(path)
        except (OSError, ValueError) as error:
            self._view.file_message.show_error(str(error))
            return
        self._settings.set_last_folder(str(Path(path).parent))
        self._take_whole(kernel, self.tr("Open a kernel"))

    def save_kernel(self) -> None:
        """Ask for a place and write the kernel there."""
        kernel = self._store.document.kernel
        stem = (kernel.name or self.tr("kernel")).lower().replace(" ", "-").replace("/", "-")
        choices = ";;".join(f"{title} (*{suffix})" for suffix, title in FORMATS)
        proposal = os.path.join(self._settings.folder(), f"{stem}.json")
        path = self.dialogs.ask_save(self.tr("Save the kernel"), proposal, choices)
        if not path:
            return
        try:
            write_kernel(path, kernel)
        except (OSError, ValueError) as error:
            self._view.file_message.show_error(str(error))
            return
        self._settings.set_last_folder(str(Path(path).parent))

    def keep_kernel(self) -> None:
        """Ask for a name and save the kernel among the user's own."""
        title = self.tr("Save to My kernels")
        name = self.dialogs.ask_name(title, self.tr("Name of the kernel"), self._proposed_name())
        if not name:
            return
        in_the_way = self.my_kernels.standing_in_the_way(name)
        if in_the_way is not None and not self.dialogs.confirm(
            title,
            self.tr("My kernels already holds “{name}”. Replace it?").format(name=in_the_way.name),
            self.tr("Replace"),
        ):
            return
        kernel = self._store.document.kernel.replace(name=name)
        if self._changed_my_kernels(lambda: self.my_kernels.add(kernel)):
            self._take_whole(kernel, self.tr("Save to My kernels"))
            self._show_choice(self._store.document)

    def remove_kernel(self) -> None:
        """Delete the own kernel that is shown, after asking; its weights stay in the editor."""
        own = self.my_kernels.by_name(self._store.document.kernel.name)
        if own is None or self._store.document.preset is not None:
            return
        question = self.tr("Delete “{name}” from My kernels? Its file will be gone.").format(name=own.name)
        if not self.dialogs.confirm(self.tr("Remove from My kernels"), question, self.tr("Delete")):
            return
        if self._changed_my_kernels(lambda: self.my_kernels.remove(own)):
            self._show_choice(self._store.document)

    def _changed_my_kernels(self, change: Callable[[], None]) -> bool:
        try:
            change()
        except (OSError, ValueError) as error:
            self._view.file_message.show_error(str(error))
            return False
        self._show_presets()
        self.own_kernels_changed.emit()
        return True

    def _proposed_name(self) -> str:
        document = self._store.document
        name = document.kernel.name or self.tr("My kernel")
        # The catalogue's name stays free for the catalogue's kernel.
        return self.tr("My {name}").format(name=name) if document.preset is not None else name

    def _open_choices(self) -> str:
        every = " ".join(f"*{suffix}" for suffix, _title in FORMATS)
        return f"{self.tr('Kernels')} ({every});;{self.tr('All files')} (*)"

    def _about_unreadable(self) -> str:
        names = ", ".join(self.my_kernels.unreadable)
        return self.tr("Left out of My kernels, because they cannot be read: {names}").format(names=names)


def _sizes(side: int) -> tuple[tuple[str, float], ...]:
    """The parameters that make a kernel as large as `side`."""
    return ("size", side), ("length", side), ("radius", (side - 1) / 2)
