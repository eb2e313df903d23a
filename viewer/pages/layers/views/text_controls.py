"""Options that are typed as text: on one line, or on several; what cannot be stays, marked, until it is changed."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QRect, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QFocusEvent, QKeyEvent, QKeySequence, QPainter, QPaintEvent, QResizeEvent, QTextOption
from PyQt6.QtWidgets import QLineEdit, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from viewer import theme
from viewer.pages.layers.cards import Field
from viewer.pages.layers.views.option_controls import SPACING, OptionControl
from viewer.pages.learned.views.pictures import PictureCache
from viewer.painting import Bytes
from viewer.widgets import Label, describe, filled, repolish
from viewer.widgets.base import PlainToolTip

KERNEL, KERNEL_GAP = 26, 4
FEWEST_LINES, MOST_LINES, PADDED = 2, 7, 18


class _TextEdit(PlainToolTip, QLineEdit):
    """A line of text; undo is the window's unless something is being typed, and Escape gives up what was typed."""

    given_up = pyqtSignal()

    def event(self, event: QEvent | None) -> bool:
        if _is_windows_undo(event, self.isModified()):
            event.ignore()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event.key() == Qt.Key.Key_Escape and (self.isModified() or self.property("invalid")):
            self.given_up.emit()
        else:
            super().keyPressEvent(event)


class _Typed(OptionControl):
    """A text that is typed; one that cannot be stays, marked, until it is changed or given up."""

    edit: _TextEdit | _LinesEdit

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self._shown, self._tried = "", ""

    def show_error(self, sentence: str) -> None:
        super().show_error(sentence)
        if bool(sentence) != bool(self.edit.property("invalid")):
            self.edit.setProperty("invalid", bool(sentence))
            repolish(self.edit)

    def show_field(self, field: Field) -> None:
        self.edit.setPlaceholderText(field.placeholder)
        if field.value == self._shown and (self.edit.property("invalid") or self._text() == self._shown):
            return
        self._shown = self._tried = field.value
        if not (self.edit.hasFocus() and self._is_modified()):
            self.drop_draft()

    def _try(self) -> None:
        if self._text() not in (self._shown, self._tried):
            self._tried = self._text()
            self.changed.emit(self._tried)
        elif self._text() == self._shown and self.edit.property("invalid"):
            self._give_up()

    def _give_up(self) -> None:
        self._tried = self._shown
        self.show_error("")
        self.drop_draft()
        self.given_up.emit()

    def _text(self) -> str:
        raise NotImplementedError

    def _is_modified(self) -> bool:
        raise NotImplementedError


class TextControl(_Typed):
    """A text on one line, which takes effect on Enter and when the field is left."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self.is_wide = field.kind == "line"
        self.edit = describe(_TextEdit(), f"layer_{field.name}Edit", field.title, field.summary)
        self.row.addWidget(self.edit)
        self.setFocusProxy(self.edit)
        self.edit.editingFinished.connect(self._commit)
        self.edit.given_up.connect(self._give_up)

    def _commit(self) -> None:
        self.edit.setModified(False)
        self._try()

    def _text(self) -> str:
        return self.edit.text()

    def _is_modified(self) -> bool:
        return self.edit.isModified()

    def drop_draft(self) -> None:
        self.edit.setText(self._shown)
        self.edit.setCursorPosition(0)


class _LinesEdit(QPlainTextEdit):
    """Several lines of text, as high as they need; Ctrl+Enter and leaving the field finish, Escape gives up."""

    finished = pyqtSignal()
    given_up = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.setTabChangesFocus(True)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.textChanged.connect(self.fit)

    def fit(self) -> None:
        """Be as high as the lines are, wrapped ones too, from a few up to some."""
        block, lines, line = self.document().begin(), 0, 1.0
        while block.isValid() and lines < MOST_LINES:
            self.blockBoundingRect(block)  # lays it out
            lines, line = lines + block.layout().lineCount(), block.layout().lineAt(0).height()
            block = block.next()
        self.setFixedHeight(round(line * min(max(lines, FEWEST_LINES), MOST_LINES)) + theme.px(PADDED))

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self.fit()

    def event(self, event: QEvent | None) -> bool:
        if _is_windows_undo(event, self.document().isModified()):
            event.ignore()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        is_enter = Qt.Key(event.key()) in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.finished.emit()
        elif event.key() == Qt.Key.Key_Escape and (self.document().isModified() or self.property("invalid")):
            self.given_up.emit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.finished.emit()


class _Kernels(QWidget):
    """Small pictures of kernels, in rows as wide as there is room."""

    def __init__(self, name: str) -> None:
        super().__init__()
        describe(self, name, self.tr("The kernels"), self.tr("The kernels, each on its own scale"))
        self._pictures: tuple[Bytes, ...] = ()
        self._cache = PictureCache()
        theme.follow(self._fit)

    def show_pictures(self, pictures: tuple[Bytes, ...]) -> None:
        """Show these; none take no room."""
        self._pictures = pictures
        self.setVisible(bool(pictures))
        self._fit()
        self.update()

    def _columns(self) -> int:
        return max(1, (self.width() + theme.px(KERNEL_GAP)) // theme.px(KERNEL + KERNEL_GAP))

    def _fit(self) -> None:
        rows = -(-len(self._pictures) // self._columns())
        self.setFixedHeight(rows * theme.px(KERNEL + KERNEL_GAP))

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._fit()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter, pitch, side = QPainter(self), theme.px(KERNEL + KERNEL_GAP), theme.px(KERNEL)
        for at, picture in enumerate(self._pictures):
            row, column = divmod(at, self._columns())
            self._cache.draw(painter, picture, _fitted(QRect(column * pitch, row * pitch, side, side), picture))


def _fitted(room: QRect, picture: Bytes) -> QRect:
    """The largest room of the picture's shape inside."""
    size = QSize(picture.shape[1], picture.shape[0]).scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
    return QRect(room.topLeft(), size)


class LinesControl(_Typed):
    """A text of several lines; where it is hard to read, what it says stands there, and a button unfolds it."""

    is_wide = True

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        tip = self.tr("{summary}\nCtrl+Enter, or leaving the field, takes it over").format(summary=field.summary)
        self.edit = describe(_LinesEdit(), f"layer_{field.name}Edit", field.title, tip)
        self.said = Label("", name=f"layer_{field.name}Said", wraps=True)
        self.kernels = _Kernels(f"layer_{field.name}Pictures")
        self.button = describe(QPushButton(self.tr("Edit as text…")), f"layer_{field.name}Unfold",
                               self.tr("Edit as text"), self.tr("Shows the text, or folds it away"))  # fmt: skip
        self.button.setCheckable(True)
        self.button.toggled.connect(self._fold)
        self._is_folding = False
        column = filled(QVBoxLayout(), self.said, self.kernels, self.button, self.edit, spacing=SPACING)
        self.row.addLayout(column)
        self.setFocusProxy(self.edit)
        self.edit.finished.connect(self._commit)
        self.edit.given_up.connect(self._give_up)
        self._rescale()

    def _commit(self) -> None:
        self.edit.document().setModified(False)
        self._try()

    def show_field(self, field: Field) -> None:
        self._is_folding = bool(field.readable)
        self.said.setText("\n".join(field.readable))
        self.said.setVisible(self._is_folding)
        self.button.setVisible(self._is_folding)
        self.kernels.show_pictures(field.pictures)
        self._fold()
        super().show_field(field)

    def show_error(self, sentence: str) -> None:
        super().show_error(sentence)
        self._fold()

    def focus_chain(self) -> list[QWidget]:
        return [self.button, self.edit]

    def _fold(self) -> None:
        """What is wrong is never folded away."""
        is_wrong = bool(self.edit.property("invalid"))
        self.edit.setVisible(not self._is_folding or self.button.isChecked() or is_wrong)

    def _text(self) -> str:
        return self.edit.toPlainText()

    def _is_modified(self) -> bool:
        return self.edit.document().isModified()

    def drop_draft(self) -> None:
        self.edit.setPlainText(self._shown)

    def _rescale(self) -> None:
        super()._rescale()
        if hasattr(self, "edit"):
            self.edit.setFont(theme.font(12))
            self.edit.fit()


def _is_windows_undo(event: QEvent | None, is_draft: bool) -> bool:
    """Whether a key is undo or redo, and nothing is being typed that it could belong to."""
    if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.ShortcutOverride or is_draft:
        return False
    return event.matches(QKeySequence.StandardKey.Undo) or event.matches(QKeySequence.StandardKey.Redo)
