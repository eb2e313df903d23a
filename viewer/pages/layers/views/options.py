"""The right column of the Layers workspace: the options of the selected stage, and what follows from them."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QHBoxLayout, QMenu, QScrollArea, QScrollBar, QToolButton, QVBoxLayout, QWidget

from viewer import theme
from viewer.pages.filter.views.workspace import PADDING, SidePanel
from viewer.pages.layers.cards import Field
from viewer.pages.layers.views.facts import Facts, Section, ShiftFacts
from viewer.pages.layers.views.hairline import Hairline
from viewer.pages.layers.views.option_form import OptionForm
from viewer.widgets import Label, Message, ToolButton, describe, filled
from viewer.widgets.labels import ElidedLabel

WIDTH = 196


class OptionsPanel(SidePanel):
    """A heading with a menu, a form, what is wrong, facts, and what moves along; it scrolls when it does not fit.

    ``option_changed(name, value)`` carries a `Field`'s name and its new value; ``given_up`` says that what is wrong
    there was taken back; ``gesture_ended`` closes what is one
    step of undo; ``moved(step)`` carries −1 for left and 1 for right.
    """

    option_changed = pyqtSignal(str, object)
    given_up = pyqtSignal()
    gesture_ended = pyqtSignal()
    shift_chosen = pyqtSignal(int)
    duplicate_requested = pyqtSignal()
    moved = pyqtSignal(int)
    remove_requested = pyqtSignal()

    def __init__(self) -> None:
        self._top, self._options, self._bottom = QWidget(), QWidget(), QWidget()
        self._bar: QScrollBar | None = None
        self._make_heading()
        self.form, self.message = OptionForm(self.menu_button), Message("layerMessage")
        self.note = Label("", "muted", name="layerOptionsNote", wraps=True)
        self.facts, self.shift = Facts(), ShiftFacts()
        filled(QVBoxLayout(self._options), self.form, self.note, self.message)
        filled(QVBoxLayout(self._bottom), self.facts, self.shift)
        super().__init__("layerOptions", "", "left", [self._top, self._options, Hairline(), self._bottom])
        self.setAccessibleName(self.tr("Options of the stage"))
        self._bar = self.findChild(QScrollArea).verticalScrollBar()
        self._bar.rangeChanged.connect(self._pad)
        self._pad()
        self._add_actions()
        self._connect()
        self.show_no_stage("", "")

    def _make_heading(self) -> None:
        self.heading = ElidedLabel("section")
        self.menu_button = ToolButton("layerMenuButton", "", "", icon_name="ellipsis", flat=True)
        self.menu_button.setProperty("bare", True)
        self.menu_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        filled(QHBoxLayout(self._top), self.heading, 1, self.menu_button, spacing=0)

    def _add_actions(self) -> None:
        tr = self.tr
        describe(self.menu_button, "layerMenuButton", tr("What to do with the stage"),
                 tr("Duplicate, move or remove the stage"))  # fmt: skip
        menu = describe(QMenu(self.menu_button), "layerMenu", tr("What to do with the stage"), "")
        for name, text, react in (
            ("duplicate", tr("Duplicate"), self.duplicate_requested.emit),
            ("move-left", tr("Move left"), lambda: self.moved.emit(-1)),
            ("move-right", tr("Move right"), lambda: self.moved.emit(1)),
            ("remove", tr("Remove"), self.remove_requested.emit),
        ):
            action = QAction(text, menu)
            action.setObjectName(f"layerMenu_{name}")
            action.triggered.connect(lambda _checked, react=react: react())
            menu.addAction(action)
        self.menu_button.setMenu(menu)

    def _connect(self) -> None:
        self.form.changed.connect(self.option_changed)
        self.form.gesture_ended.connect(self.gesture_ended)
        self.form.given_up.connect(self.given_up)
        self.shift.chosen.connect(self.shift_chosen)
        self.shift.gesture_ended.connect(self.gesture_ended)
        self.shift.rejected.connect(self.message.show_error)

    def show_stage(
        self, title: str, fields: Sequence[Field], error: str = "", *, wrong: str = "", key: object = None
    ) -> None:
        """Show a stage's options; `error` says why the one that is called `wrong` cannot be as it was typed.

        What is being typed stays, unless `key` says that it is another stage.
        """
        self._show_heading(title, is_stage=True)
        is_placed = self.form.show_fields(key, fields, wrong, error)
        self.form.setVisible(bool(fields))
        self.note.setText("" if fields else self.tr("It has no options."))
        self.note.setVisible(not fields)
        self.message.show_error("" if is_placed else error)
        self.shift.show()

    def show_no_stage(self, title: str, sentence: str) -> None:
        """Show that no stage is selected: the picture is, or nothing."""
        self._show_heading(title, is_stage=False)
        self.form.show_fields(None, ())
        self.form.hide()
        self.note.setText(sentence)
        self.note.setVisible(bool(sentence))
        self.message.clear()
        self.shift.hide()

    def show_facts(self, sections: Sequence[Section]) -> None:
        """Show what follows from the options: headings, each with its lines."""
        self.facts.show_sections(sections)
        self.facts.setVisible(bool(sections))

    def show_shift(self, pixels: int, lines: Sequence[tuple[bool, str]]) -> None:
        """Show the shift and what comes of it: whether it is exact, and a sentence."""
        self.shift.show_shift(pixels, lines)

    def _show_heading(self, title: str, *, is_stage: bool) -> None:
        self.heading.setText(title.upper())
        self.heading.setAccessibleName(title)
        self.heading.setToolTip(title)
        self.menu_button.setVisible(is_stage)

    def _rescale(self) -> None:
        super()._rescale()
        half = theme.px(PADDING / 2)
        self._column.setContentsMargins(0, half, 0, half)
        if self._bar is not None:
            self._pad()
        self._options.layout().setSpacing(theme.px(8))
        self._bottom.layout().setSpacing(theme.px(14))
        self._column.setSpacing(theme.px(10))
        self.menu_button.setFixedSize(theme.px(28), theme.px(24))

    def _pad(self) -> None:
        """Keep a distance from the edges; the line alone reaches them, and the scroll bar stands in the distance."""
        padding = theme.px(PADDING)
        right = padding - (self._bar.sizeHint().width() if self._bar.maximum() else 0)
        for part in (self._top, self._options, self._bottom):
            part.layout().setContentsMargins(padding, 0, max(0, right), 0)
