"""One piece of work: its query, what it may ask and tell while it runs, and what comes of it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from kernels.errors import Cancelled
from viewer.moment import Failure, Purpose, Query, Result

if TYPE_CHECKING:
    from viewer.compute import Compute

T = TypeVar("T")
Outcome = Result[Any] | Failure
Then = Callable[[Outcome], None]

GRACE_SECONDS = 0.25
"""Replaced work may go on for so long, so that a drag shows its way and not only its end."""
PROGRESS_SECONDS = 0.03

_log = logging.getLogger(__name__)


class Task:
    """A query that waits or runs, and what its work may ask and tell."""

    def __init__(self, compute: Compute, query: Query[Any], then: Then | None = None) -> None:
        self.query, self.then = query, then
        self.serial = next(compute.serials)
        self._compute = compute
        self._begun = self._told = time.monotonic()
        self._replaced = self._stopped = self._has_shown = False
        self._fraction = 0.0
        self.is_given_up = False  # by the user, who does not want to be asked again

    @property
    def purpose(self) -> Purpose[Any]:
        """What it is for."""
        return self.query.purpose

    def failure(self, sentence: str, error: BaseException | None = None) -> Failure:
        """Nothing came of it."""
        return Failure(self.purpose, self.query.key, sentence, error, self.serial)

    @property
    def seconds(self) -> float:
        """Since it began."""
        return time.monotonic() - self._begun

    def begin(self) -> None:
        """The work starts now."""
        self._begun = self._told = time.monotonic()

    def replace(self) -> None:
        """A newer query waits: go on only if the end is near and nothing of this one was shown yet."""
        self._replaced = True

    def keep(self) -> None:
        """It is wanted after all."""
        self._replaced = False

    def stop(self, *, given_up: bool = False) -> None:
        """End as soon as possible."""
        self._stopped = True
        self.is_given_up = given_up

    @property
    def is_stopped(self) -> bool:
        """Whether nobody wants the result, even if it is there."""
        return self._stopped

    def made(self) -> Outcome:
        """Do the work; whatever is raised ends as a failure."""
        start = time.monotonic()
        if self._stopped:
            return self.failure("")
        try:
            value = self.query.make(self)
        except Cancelled:
            return self.failure("")
        except MemoryError as error:
            text = str(error) or self._compute.tr("There is not enough free memory for this.")
            return self.failure(text, error)
        except BaseException as error:  # the lane lives on, whatever it was
            if not isinstance(error, (ValueError, OSError, TypeError, IndexError)):
                _log.exception("%s failed", self.purpose.name)
            return self.failure(str(error) or type(error).__name__, error)
        return Result(self.purpose, self.query.key, value, time.monotonic() - start, self.serial)

    def cancelled(self) -> bool:
        """Whether to go on is idle."""
        if self._stopped or not self._replaced:
            return self._stopped
        spent = time.monotonic() - self._begun
        left = spent * (1.0 - self._fraction) / self._fraction if self._fraction else spent
        return self._has_shown or (spent > GRACE_SECONDS and left > GRACE_SECONDS)

    def progress(self, fraction: float) -> None:
        """Tell how much is done, 0 to 1; often enough to be seen, not more often."""
        self._fraction = fraction
        now = time.monotonic()
        if self.purpose.title and now - self._told > PROGRESS_SECONDS:
            self._told = now
            self._compute.progressed.emit(self.purpose.name, fraction)

    def has(self, query: Query[Any]) -> bool:
        """Whether the result of another query is there."""
        return self._compute.held(query) is not None

    def need(self, query: Query[T]) -> T:
        """Return the result of another query: the one that is held, else made here, or awaited where it is made."""
        held = self._compute.claim(query, self.cancelled)
        if held is not None:
            return held.value
        try:
            start = time.monotonic()
            value = query.make(self)
            self._hand_over(query, value, start, announce=False)  # what it is needed for comes in a moment
        finally:
            self._compute.release(query)
        return value

    def publish(self, query: Query[T], value: T) -> None:
        """Hand over a result of another query that came about on the way."""
        self._has_shown = True
        self._hand_over(query, value, self._begun, announce=True)

    def _hand_over(self, query: Query[T], value: T, begun: float, *, announce: bool) -> None:
        result = Result(query.purpose, query.key, value, time.monotonic() - begun, self.serial)
        self._compute.take(result, announce=announce)
