"""The only writer of state."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from msgspec.structs import replace
from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtGui import QUndoCommand, QUndoStack

from viewer.document import Document, PictureReference
from viewer.session import Session
from viewer.state import State

UNDO_LIMIT = 200


class _ReplaceDocument(QUndoCommand):
    """One undoable step from one document to the next."""

    def __init__(self, store: Store, old: Document, new: Document, text: str, gesture: Hashable | None) -> None:
        super().__init__(text)
        self._store, self.old, self.new, self.gesture = store, old, new, gesture

    def redo(self) -> None:
        self._store._replace(document=self.new)

    def undo(self) -> None:
        self._store._replace(document=self.old)

    def id(self) -> int:
        return 1 if self.gesture is not None else -1

    def mergeWith(self, other: QUndoCommand | None) -> bool:
        if not isinstance(other, _ReplaceDocument) or other.gesture != self.gesture:
            return False
        self.new = other.new
        self.setObsolete(self.new == self.old)
        return True


class Store(QObject):
    """Holds the state, changes it by pure functions and says that it has ``changed``."""

    changed = pyqtSignal()

    def __init__(self, state: State | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = state or State()
        self._gestures = 0
        self._left: Document | None = None  # while its step of undo is being made
        self.undo_stack = QUndoStack(self)
        self.undo_stack.setUndoLimit(UNDO_LIMIT)

    @property
    def state(self) -> State:
        """The present moment."""
        return self._state

    @property
    def document(self) -> Document:
        """The undoable part of the state."""
        return self._state.document

    @property
    def session(self) -> Session:
        """The part that undo leaves alone."""
        return self._state.session

    def edit(self, update: Callable[[Document], Document], text: str, gesture: Hashable | None = None) -> None:
        """Replace the document as one step of undo, named `text`.

        Steps with the same `gesture` are one until ``end_gesture``. An update that changes nothing leaves
        no step. What `update` raises comes through, with the state as it was.
        """
        old = self.document
        new = update(old)
        if new == old:
            return
        token = None if gesture is None else (gesture, self._gestures)
        # The stack has the new document shown before it holds the step that leads back.
        self._left = old
        try:
            self.undo_stack.push(_ReplaceDocument(self, old, new, text, token))
        finally:
            self._left = None

    def end_gesture(self) -> None:
        """The drag is over: the next edit starts a step of its own."""
        self._gestures += 1

    def view(self, update: Callable[[Session], Session]) -> None:
        """Replace the session."""
        self._replace(session=update(self.session))

    def view_frame(self, stream: int, number: int) -> None:
        """Another frame of the stream that is open."""
        self._replace(session=replace(self.session, frame=(stream, number)))

    def start_with(self, update: Callable[[Document], Document]) -> None:
        """Replace the document without a step of undo, before the user has done anything."""
        self._replace(document=update(self.document))

    def pictures(self) -> set[PictureReference]:
        """The pictures that the present document or a step of undo refers to."""
        steps = [self.undo_stack.command(index) for index in range(self.undo_stack.count())]
        documents = [self.document, self._left or self.document,
                     *(each for step in steps if isinstance(step, _ReplaceDocument)
                       for each in (step.old, step.new))]  # fmt: skip
        return {each.picture for each in documents if each.picture is not None}

    def _replace(self, *, document: Document | None = None, session: Session | None = None) -> None:
        old = self._state
        new = replace(old, document=document or old.document, session=session or old.session)
        if new == old:
            return
        self._state = new
        self.changed.emit()
