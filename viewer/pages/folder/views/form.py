"""What is to be done to which folder."""

from __future__ import annotations

from collections.abc import Iterable

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QWidget

from viewer import theme
from viewer.widgets import (
    CheckBox,
    ComboBox,
    Label,
    SegmentedControl,
    SpinBox,
    ToolButton,
    blocked,
    describe,
    filled,
    text_height,
)
from viewer.widgets.choices import Choice

MOST_WORKERS = 512


class FolderForm(QWidget):
    """Every choice leaves as ``option_chosen`` with a name of `viewer.page_views.FolderView`."""

    option_chosen = pyqtSignal(str, object)
    browse_requested = pyqtSignal(str)  # "source" or "target"

    def __init__(self) -> None:
        super().__init__()
        self._make_places()
        self._make_choices()
        self._lay_out()
        theme.follow(self._rescale)

    def _make_places(self) -> None:
        tr = self.tr
        self.source = self._path("source", tr("Pictures"), tr("The folder whose pictures are filtered, with all in it"))
        self.target = self._path("target", tr("Results"), tr("The folder that gets the same tree of results"))
        self.browse = {
            "source": self._browse("source", tr("Choose the folder of pictures")),
            "target": self._browse("target", tr("Choose the folder of results")),
        }
        self.pattern = self._path("pattern", tr("Files"), tr("Which files, such as *.jpg; several with blanks between"))
        self.pattern.setPlaceholderText(tr("all pictures"))

    def _path(self, name: str, title: str, tip: str) -> QLineEdit:
        edit = describe(QLineEdit(), f"folder{name.title()}", title, tip)
        edit.editingFinished.connect(lambda: self.option_chosen.emit(name, edit.text().strip()))
        return edit

    def _browse(self, name: str, title: str) -> ToolButton:
        button = ToolButton(f"folder{name.title()}Button", title, title, icon_name="folder-open")
        button.clicked.connect(lambda: self.browse_requested.emit(name))
        return button

    def _make_choices(self) -> None:
        tr = self.tr
        self.by = SegmentedControl("folderBy", tr("Filter with"), tr("What every picture goes through"))
        self.by.offer((("kernel", tr("Kernel"), tr("The kernel in the editor, with its options")),
                       ("row", tr("Row of stages"), tr("The row of the Layers workspace"))))  # fmt: skip
        self.by.currentIndexChanged.connect(lambda _row: self.option_chosen.emit("by", self.by.currentData()))
        self.recipe = Label("", "muted", name="folderRecipe", wraps=True)
        self.recipe.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.range = self._combo("range", tr("Range"), tr("Which values become black and white"))
        self.format = self._combo("format", tr("Format"), tr("The type of the files, and their bits"))
        self.workers = SpinBox("folderWorkers", tr("Processes"), tr("How many pictures are worked on at a time"),
                               minimum=1, maximum=MOST_WORKERS)  # fmt: skip
        self.workers.valueChanged.connect(lambda count: self.option_chosen.emit("workers", count))
        tip = tr(
            "Begin anew although the folder holds results of other settings, and replace files that were there before"
        )
        self.force = CheckBox("folderForce", tr("Replace older results"), tip)
        self.force.toggled.connect(lambda on: self.option_chosen.emit("force", on))

    def _combo(self, name: str, title: str, tip: str) -> ComboBox:
        combo = ComboBox(f"folder{name.title()}", title, tip)
        combo.currentIndexChanged.connect(lambda row: self.option_chosen.emit(name, combo.itemData(row)))
        return combo

    def _lay_out(self) -> None:
        self._grid = grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setColumnStretch(1, 1)
        rows = (
            (self.source, (self.source, 1, self.browse["source"])),
            (self.target, (self.target, 1, self.browse["target"])),
            (self.pattern, (self.pattern,)),
            (self.by, (self.by,)),
            (None, (self.recipe,)),
            (self.range, (self.range,)),
            (self.format, (self.format,)),
            (self.workers, (self.workers, self.force, 1)),
        )
        self._rows = []
        for number, (named, parts) in enumerate(rows):
            if named is not None:
                label = Label(named.accessibleName())
                label.setBuddy(named)
                grid.addWidget(label, number, 0)
            self._rows.append(filled(QHBoxLayout(), *parts))
            grid.addLayout(self._rows[-1], number, 1)
        grid.setRowStretch(len(rows), 1)

    def show_places(self, source: str, target: str, pattern: str) -> None:
        """Show two folders, and which files."""
        for edit, text in ((self.source, source), (self.target, target), (self.pattern, pattern)):
            if edit.text() != text:
                with blocked(edit):
                    edit.setText(text)

    def show_recipe(self, by: str, words: str) -> None:
        """Show what every picture goes through."""
        self.by.show_data(by)
        self.recipe.setText(words)
        self.recipe.setToolTip(words)

    def show_output(self, ranges: Iterable[Choice], mode: str, formats: Iterable[Choice], form: str | None) -> None:
        """Show how results are written, and what there is to choose from."""
        self.range.offer(ranges)
        self.range.show_data(mode)
        self.format.offer(formats)
        self.format.show_data(form)

    def show_work(self, workers: int, force: bool) -> None:
        """Show who does it, and whether older results are in the way."""
        with blocked(self.workers):
            self.workers.setValue(workers)
        self.force.show_checked(force)

    def _rescale(self) -> None:
        self._grid.setHorizontalSpacing(theme.px(12))
        self._grid.setVerticalSpacing(theme.px(8))
        for row in self._rows:
            row.setSpacing(theme.px(8))
        self.recipe.setFixedHeight(text_height(self.recipe, 3))
        self.workers.setFixedWidth(theme.px(64))
        self.setMinimumWidth(theme.px(380))
