"""What a network says, as its view shows it. No Qt."""

from __future__ import annotations

import msgspec


class AnswerColumn(msgspec.Struct, frozen=True):
    """One network's probabilities.

    Attributes
    ----------
    name, kind, size : str
        What it is called, what sort of network it is, how many weights it has.
    classes : tuple of str
    probabilities : tuple of float
        Of each class, 0 to 1; empty while there are none.
    before : tuple of float
        What they were before the change; empty where nothing was changed.
    change : str
        What was changed.
    """

    name: str
    kind: str
    size: str
    classes: tuple[str, ...] = ()
    probabilities: tuple[float, ...] = ()
    before: tuple[float, ...] = ()
    change: str = ""

    @property
    def top(self) -> int:
        """The number of the likeliest class."""
        return _largest(self.probabilities)

    @property
    def top_before(self) -> int:
        """The number of what was the likeliest class."""
        return _largest(self.before)


def _largest(values: tuple[float, ...]) -> int:
    return max(range(len(values)), key=values.__getitem__)
