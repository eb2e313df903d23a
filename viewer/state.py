"""What the window holds: a document that can be undone and a session that cannot.

Results are never state. Every change is a pure function from one value to the next.
"""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from viewer.document import Document
from viewer.session import RangeChoice, Session


class State(msgspec.Struct, frozen=True):
    """One moment of the window."""

    document: Document = msgspec.field(default_factory=Document)
    session: Session = msgspec.field(default_factory=Session)


def range_mode(state: State) -> str:
    """The display range in force: the user's choice while it holds, else the default of the kernel as chosen."""
    choice = state.session.range_choice
    default = state.document.default_range
    return choice.mode if choice is not None and choice.default == default else default


def with_range(state: State, mode: str) -> Session:
    """The session after the user chose `mode`."""
    return replace(state.session, range_choice=RangeChoice(mode, state.document.default_range))
