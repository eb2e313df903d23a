"""One kind of request at a time: asked when what it is made from changes, its newest answer kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from viewer.compute import Compute
from viewer.resolve import Failure, Request, Response


class Asked:
    """Remembers what was asked for, so that the same is not asked twice, and what came of it.

    Attributes
    ----------
    result : Any
        The newest answer, None before the first; it stays while the next one is on its way.
    answered_key : Any
        What `result` was made from.
    failure : str
        Why there is no answer to the newest request; empty if there is one or it is on its way.
    seconds : float
        How long the newest answer took.
    """

    def __init__(self, compute: Compute, lane: str) -> None:
        self._compute, self._lane = compute, lane
        self._key: Any = None
        self._request: Request | None = None
        self.result: Any = None
        self.answered_key: Any = None
        self.failure = ""
        self.seconds = 0.0

    @property
    def is_waiting(self) -> bool:
        """True while an answer is on its way."""
        return self._request is not None

    @property
    def is_current(self) -> bool:
        """True when `result` answers what was asked last."""
        return self._request is None and self._key is not None and self._key == self.answered_key

    def ask(self, key: Any, make: Callable[[], Request]) -> None:
        """Submit what `make` gives unless `key` was asked for last."""
        if key == self._key:
            return
        self._key, self.failure = key, ""
        self._request = make()
        self._compute.submit(self._request)

    def take(self, answer: Response | Failure) -> bool:
        """Keep `answer` if it is the one that is waited for."""
        if answer.request is not self._request:
            return False
        self._request = None
        if isinstance(answer, Failure):
            self.failure = answer.message
        else:
            self.result, self.answered_key, self.seconds = answer.result, self._key, answer.seconds
        return True

    def forget(self) -> None:
        """Ask again even for the same: what it is made from may have changed unseen."""
        self._key = self._request = None

    def stop(self) -> None:
        """Stop what is being computed; the user does not want it, so that only a change asks again."""
        if self._request is not None:
            self._compute.cancel(self._lane)
            self._request = None

    def pause(self) -> None:
        """Stop what is being computed; it is asked for again next time."""
        if self._request is not None:
            self._compute.cancel(self._lane)
            self._request, self._key = None, None
