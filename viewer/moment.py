"""A moment of the window: what the user chose, and what was computed for it. No Qt.

A query says what is wanted: for which purpose, made from what, and how. Of each purpose the newest result is held, with
the key that it was made from; an older one stays on screen until the newer is there.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from viewer.state import State

T = TypeVar("T")


class Purpose(msgspec.Struct, Generic[T], frozen=True):
    """What results are for; of each purpose one result is held.

    Attributes
    ----------
    name : str
    lane : str
        Queries of one lane are made one after the other, those of different lanes side by side.
    title : str
        What the window says while it is made and lasts; what has no title is made quietly and is not cancelled.
    at_leisure : bool
        Begins only once nothing is on its way to the screen.
    """

    name: str
    lane: str
    title: str = ""
    at_leisure: bool = False


class Work(Protocol):
    """What running work may ask and tell."""

    def cancelled(self) -> bool:
        """Whether the result is not wanted any more."""
        ...

    def progress(self, fraction: float) -> None:
        """Tell how much is done, 0 to 1."""
        ...

    def has(self, query: Query[Any]) -> bool:
        """Whether the result of another query is there."""
        ...

    def need(self, query: Query[T]) -> T:
        """Return the result of another query: the one that is held, else made here and now."""
        ...

    def publish(self, query: Query[T], value: T) -> None:
        """Hand over a result of another query that came about on the way."""
        ...


class Query(msgspec.Struct, Generic[T], frozen=True, eq=False):
    """A result that is wanted: `make` gives it, from nothing but what `key` names."""

    purpose: Purpose[T]
    key: Hashable
    make: Callable[[Work], T]


class Result(msgspec.Struct, Generic[T], frozen=True, eq=False):
    """What came of a query, and what it was made from; `serial` grows with the order in which queries were asked."""

    purpose: Purpose[T]
    key: Hashable
    value: T
    seconds: float = 0.0
    serial: int = 0

    def is_from(self, *sources: Hashable) -> bool:
        """Whether it was made from these, with which its key begins."""
        return isinstance(self.key, tuple) and self.key[: len(sources)] == sources


class Failure(msgspec.Struct, frozen=True, eq=False):
    """A query that gave nothing, and one plain sentence that says why; `error` is None when it was cancelled."""

    purpose: Purpose[Any]
    key: Hashable
    sentence: str
    error: BaseException | None = None
    serial: int = 0


class Moment(msgspec.Struct, frozen=True, eq=False):
    """State and results.

    Attributes
    ----------
    state : State
    results, failures : mapping
        By the name of the purpose. A failure stays until a newer query of its purpose succeeds.
    busy : frozenset of str
        Purposes whose wanted result is on its way.
    """

    state: State
    results: Mapping[str, Result[Any]] = msgspec.field(default_factory=dict)
    failures: Mapping[str, Failure] = msgspec.field(default_factory=dict)
    busy: frozenset[str] = frozenset()

    def result(self, purpose: Purpose[T]) -> Result[T] | None:
        """The newest result, whatever it was made from."""
        return self.results.get(purpose.name)

    def value(self, purpose: Purpose[T]) -> T | None:
        """The newest value, whatever it was made from."""
        found = self.results.get(purpose.name)
        return None if found is None else found.value

    def value_from(self, purpose: Purpose[T], source: Hashable) -> T | None:
        """The newest value, if it was made from `source`, with which its key begins."""
        found = self.results.get(purpose.name)
        return found.value if found is not None and found.is_from(source) else None

    def is_newer(self, old: Moment, *purposes: Purpose[Any]) -> bool:
        """Whether any result or failure is another one than in `old`; in comparison with itself, everything is new."""
        return self is old or any(
            now.get(each.name) is not before.get(each.name)
            for each in purposes
            for now, before in ((self.results, old.results), (self.failures, old.failures))
        )

    def answer(self, query: Query[T]) -> Result[T] | None:
        """The result of exactly this query; None while there is none."""
        found = self.results.get(query.purpose.name)
        return found if found is not None and found.key == query.key else None

    def failure(self, purpose: Purpose[Any]) -> Failure | None:
        """Why the newest query of this purpose gave nothing."""
        return self.failures.get(purpose.name)

    def is_busy(self, purpose: Purpose[Any]) -> bool:
        """Whether a newer result is on its way."""
        return purpose.name in self.busy
