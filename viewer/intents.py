"""Every action of the window as a named function: a menu, a key, a button, a script or a lesson calls it alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec
from PyQt6.QtCore import QObject
from PyQt6.QtGui import QAction, QKeySequence
from PyQt6.QtWidgets import QMainWindow, QWidget

from viewer.moment import Moment
from viewer.widgets import ToolButton
from viewer.widgets.base import plain


class Intent(msgspec.Struct, frozen=True):
    """One action.

    Attributes
    ----------
    name : str
        What scripts call it; object name of its ``QAction``.
    text : str
        What menus and the list of actions call it.
    shortcuts : tuple of str
        Key sequences in Qt's notation; the first is shown.
    group : str
        Heading in the list of actions.
    run : callable
    possible : callable, optional
        Whether it can be done now; always, when left out.
    checked : callable, optional
        Whether what it switches is on.
    workspace : str
        The workspace that comes to the front first; empty where any will do.
    button : str
        Object name of the tool button that does the same; empty for none.
    keywords : str
        Other words that find it in the list of actions.
    why_not : callable, optional
        Says in one sentence why it cannot be done now; left out where what is greyed explains itself.
    """

    name: str
    text: str
    shortcuts: tuple[str, ...]
    group: str
    run: Callable[[], object]
    possible: Callable[[Moment], bool] | None = None
    checked: Callable[[Moment], bool] | None = None
    workspace: str = ""
    button: str = ""
    keywords: str = ""
    why_not: Callable[[Moment], str] | None = None


class Intents(QObject):
    """The intents of a window as actions, enabled while they are possible."""

    def __init__(self, window: QMainWindow, go_to: Callable[[str], None]) -> None:
        super().__init__(window)
        self._window, self._go_to = window, go_to
        self._intents: dict[str, Intent] = {}
        self._actions: dict[str, QAction] = {}
        self._buttons: dict[str, ToolButton] = {}

    def add(self, intents: Iterable[Intent]) -> None:
        """Make actions of `intents`."""
        for intent in intents:
            action = QAction(intent.text, self._window)
            action.setObjectName(intent.name)
            action.setShortcuts([QKeySequence(each) for each in intent.shortcuts])
            action.setCheckable(intent.checked is not None)
            action.triggered.connect(lambda _checked=False, name=intent.name: self.call(name))
            self._window.addAction(action)
            self._intents[intent.name], self._actions[intent.name] = intent, action

    def join_buttons(self, widget: QWidget) -> None:
        """Let the buttons in `widget` do and show what their intents can."""
        buttons = {each.objectName(): each for each in widget.findChildren(ToolButton)}
        for name, intent in self._intents.items():
            if intent.button in buttons:
                self._buttons[name] = buttons[intent.button]
                self._buttons[name].follow(self._actions[name])
                self._buttons[name].show_reason(self._actions[name].statusTip())

    def call(self, name: str) -> None:
        """Do it; where it is not possible now, nothing happens."""
        intent = self._intents[name]
        if not self._actions[name].isEnabled():
            return
        if intent.workspace:
            self._go_to(intent.workspace)
        intent.run()

    def action(self, name: str) -> QAction:
        """The action of the intent `name`, for menus and buttons."""
        return self._actions[name]

    def listed(self) -> list[tuple[str, QAction, str]]:
        """All of them in order, as (group, action, keywords)."""
        return [(each.group, self._actions[name], each.keywords) for name, each in self._intents.items()]

    def render(self, moment: Moment) -> None:
        """Enable what is possible now, and check what is on."""
        for name, intent in self._intents.items():
            action = self._actions[name]
            if intent.possible is not None:
                able = intent.possible(moment)
                action.setEnabled(able)
                if intent.why_not is not None:
                    self._say_why(name, "" if able else intent.why_not(moment))
            if intent.checked is not None:
                action.setChecked(intent.checked(moment))

    def _say_why(self, name: str, reason: str) -> None:
        """Say of a greyed action why, to who points at it in a menu or at its button; empty while it is possible."""
        action, button = self._actions[name], self._buttons.get(name)
        if action.statusTip() == reason:
            return
        action.setStatusTip(reason)
        if button is None:
            action.setToolTip(plain(reason))
        else:
            button.show_reason(reason)
