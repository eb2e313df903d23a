"""The left column of the Layers workspace: ready-made rows and stages, to be found, taken and dragged."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QEvent, QObject, Qt, pyqtSignal
from PyQt6.QtGui import QAction, QKeyEvent, QResizeEvent
from PyQt6.QtWidgets import QHBoxLayout, QLineEdit, QToolButton, QVBoxLayout, QWidget

from viewer import theme
from viewer.pages.layers.cards import Entry
from viewer.pages.layers.views.entry_list import PADDING, ROW_MIME, STAGE_MIME, TAKING, EntryList
from viewer.pages.layers.views.hairline import Hairline
from viewer.widgets import Label, SectionLabel, describe, filled, icon

WIDTH = 190
HEADING_HEIGHT = 40
SHARE_OF_ROWS = 0.45
"""Of the height that both lists have, what the rows get where the stages need more than the rest."""


class StageLists(QWidget):
    """Two lists under one search field.

    A click lays out a row, a double click adds a stage, and so does Enter with what is under the cursor, also while the
    search field has the focus.
    """

    row_chosen = pyqtSignal(str)
    stage_chosen = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        describe(self, "layerLists", self.tr("Rows and stages"), "")
        self.setProperty("panel", True)
        self.setProperty("edge", "right")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._entries: tuple[tuple[Entry, ...], tuple[Entry, ...]] = ((), ())
        self._make_search()
        self._make_lists()
        self._lay_out()
        self._connect()
        theme.follow(self._rescale)

    def _make_search(self) -> None:
        self.search = describe(
            QLineEdit(), "layerSearch", self.tr("Find a row or a stage"),
            self.tr("Type a few letters; Enter takes what is marked, the arrow keys move the mark"),
        )  # fmt: skip
        self.search.setPlaceholderText(self.tr("Find a row or a stage"))
        self._glass = QAction(self.search)
        self._glass.setToolTip(self.tr("Find a row or a stage"))  # its button takes this on whenever the icon changes
        self.search.addAction(self._glass, QLineEdit.ActionPosition.LeadingPosition)
        for button in self.search.findChildren(QToolButton):
            describe(button, "layerSearchGlass", self.tr("Search"), self.tr("Find a row or a stage"))
        self.search.installEventFilter(self)
        self.nothing = Label("", "muted", name="layerNothingFound", wraps=True)

    def _make_lists(self) -> None:
        tr = self.tr
        self.rows = EntryList("readyMadeRows", tr("Ready-made rows"), tr("A click or Enter lays out the row"),
                              ROW_MIME, adds=False)  # fmt: skip
        self.stages = EntryList("stageList", tr("Stages"), tr("Enter or a double click adds the stage to the row"),
                                STAGE_MIME, adds=True)  # fmt: skip
        self._lists = (self.rows, self.stages)

    def _lay_out(self) -> None:
        tr = self.tr
        self._search_row = filled(QHBoxLayout(), self.search)
        self._line = Hairline()
        self._headings = [
            self._heading(tr("Ready-made"), tr("stages")),
            self._heading(tr("Stages"), tr("drag or double-click")),
        ]
        column = filled(
            QVBoxLayout(self), self._search_row, self._headings[0], self.rows, self._line, self._headings[1],
            self.stages, 1, self.nothing, spacing=0,
        )  # fmt: skip
        column.setContentsMargins(0, 0, 1, 0)  # the edge is drawn inside the panel
        column.addStretch(0)

    def _heading(self, title: str, beside: str) -> QWidget:
        heading = QWidget()
        filled(QHBoxLayout(heading), SectionLabel(title), 1, Label(beside, "muted"), spacing=0)
        return heading

    def _connect(self) -> None:
        self.search.textChanged.connect(lambda _text: self._fill())
        self.rows.taken.connect(self.row_chosen)
        self.stages.taken.connect(self.stage_chosen)
        for at, each in enumerate(self._lists):
            each.left.connect(lambda step, at=at: self._leave(at, step))

    def _rescale(self) -> None:
        padding = theme.px(PADDING)
        self._glass.setIcon(icon("search"))
        self.search.setTextMargins(-theme.px(5), 0, 0, 0)  # Qt leaves more room beside the drawing than it needs
        self._search_row.setContentsMargins(padding, padding, padding - 1, theme.px(6))
        for heading in self._headings:
            heading.setFixedHeight(theme.px(HEADING_HEIGHT))
            heading.layout().setContentsMargins(padding, theme.px(6), padding - 1, 0)
        self.nothing.setContentsMargins(padding, padding, padding, padding)
        self._share()

    # What is shown -------------------------------------------------------------------------------------------

    def show_entries(self, rows: Sequence[Entry], stages: Sequence[Entry]) -> None:
        """Offer these; those of a group stand together."""
        if self._entries != (tuple(rows), tuple(stages)):
            self._entries = tuple(rows), tuple(stages)
            self._fill()

    def show_current(self, name: str) -> None:
        """Mark the ready-made row that the present row is; "" where it is none of them."""
        self.rows.mark(name)

    def _fill(self) -> None:
        """List what answers to the search, and put the cursor on what answers best."""
        text = self.search.text()
        best: list[tuple[int, int, str]] = []
        for at, (shown, entries) in enumerate(zip(self._lists, self._entries, strict=True)):
            found = [entry for entry in entries if matches(entry, text)]
            shown.show_entries(found)
            shown.setVisible(bool(found))
            self._headings[at].setVisible(bool(found))
            best += [(rank(entry, text), at, entry.name) for entry in found]
        target = min(best, key=lambda each: each[:2], default=None) if text.strip() else None
        for at, shown in enumerate(self._lists):
            is_target = target is not None and target[1] == at
            shown.aim(is_target)
            if target is not None:
                shown.point_at(target[2] if is_target else "")
        self._line.setVisible(all(self._is_filled(each) for each in self._lists))
        self.nothing.setText(self.tr("No row or stage is called “{text}”.").format(text=text.strip()))
        self.nothing.setVisible(not best and bool(text.strip()))
        self._share()

    def _share(self) -> None:
        """Give the rows what they need; where the stages need more than is then left, not more than their share."""
        heading = theme.px(HEADING_HEIGHT) * sum(not each.isHidden() for each in self._headings)
        room = self.height() - self._search_row.sizeHint().height() - heading - 1
        wanted, others = (each.wanted_height() if self._is_filled(each) else 0 for each in self._lists)
        self.rows.setFixedHeight(max(0, min(wanted + theme.px(10), max(round(room * SHARE_OF_ROWS), room - others))))

    def _is_filled(self, shown: EntryList) -> bool:
        return shown.count() > 0

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._share()

    # What the keys do ----------------------------------------------------------------------------------------

    def _leave(self, at: int, step: int) -> None:
        """Go on to the list, or the search field, above or below list number `at`."""
        number = at + step
        if number < 0 or (number == 0 and not self._is_filled(self.rows)):
            self.search.setFocus(Qt.FocusReason.BacktabFocusReason)
        elif number < len(self._lists) and self._is_filled(self._lists[number]):
            shown = self._lists[number]
            shown.setCurrentRow(0 if step > 0 else shown.count() - 1)
            shown.setFocus(Qt.FocusReason.TabFocusReason)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if watched is self.search and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            key = Qt.Key(event.key())
            if key in TAKING:
                return self._take_target()
            if key == Qt.Key.Key_Escape and self.search.text():
                self.search.clear()
                return True
            if key == Qt.Key.Key_Down:
                self._enter_lists()
                return True
        return super().eventFilter(watched, event)

    def _target(self) -> EntryList | None:
        """The list under whose cursor stands what answers best to the search."""
        return next((each for each in self._lists if each.is_target), None)

    def _take_target(self) -> bool:
        target = self._target()
        if target is not None:
            target.taken.emit(target.current())
        return True

    def _enter_lists(self) -> None:
        shown = self._target() or next((each for each in self._lists if self._is_filled(each)), None)
        if shown is not None:
            shown.setFocus(Qt.FocusReason.TabFocusReason)


def matches(entry: Entry, text: str) -> bool:
    """Whether every word of `text` occurs in what is known about `entry`."""
    known = f"{entry.title} {entry.name} {entry.group} {entry.summary}".casefold()
    return all(word in known for word in text.casefold().split())


def rank(entry: Entry, text: str) -> int:
    """How well `entry` answers to `text`: 0 when its title is it, 1 when it begins so, 2 when it holds it, else 3."""
    title, wanted = entry.title.casefold(), " ".join(text.casefold().split())
    if title == wanted:
        return 0
    return 1 if title.startswith(wanted) else 2 if wanted in title else 3
