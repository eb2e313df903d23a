"""What goes to the workers of a batch, and what they answer; loaded without what does the work."""

from __future__ import annotations

import struct

import msgspec

from kernels.batch.marks import Mark
from kernels.recipe.course import Course

NUMBER = struct.Struct("q")
"""What a worker leaves in the file that is its standard error: the task that it is at."""


class Arguments(msgspec.Struct, frozen=True, tag="arguments"):
    """Asks a worker for the settings that words of a command line come to, for which it has loaded what it takes.

    Attributes
    ----------
    words : dict
        What was given, by the name of the argument.
    """

    words: dict[str, str | None]


class Unclear(msgspec.Struct, frozen=True, tag="unclear"):
    """Answers that the words come to nothing; whoever asked finds out why."""


class FileTask(msgspec.Struct, frozen=True, tag="file"):
    """A whole file: run the recipe on it, write the result there.

    Attributes
    ----------
    number : int
        Which of the batch's tasks this is.
    source, target : str
        Absolute paths.
    share : float
        Bytes that it may take at once.
    may_split : bool
        Whether a picture that needs more is handed back, for others to help with its bands.
    """

    number: int
    source: str
    target: str
    share: float
    may_split: bool = False


class Outcome(msgspec.Struct, frozen=True):
    """A result that was written.

    Attributes
    ----------
    width, height : int
    bits : str
        What was written, such as ``"8-bit grey"``.
    extremes : (float, float) or None
        The smallest and the largest finite value of the result.
    non_finite : int
        Pixels that are NaN or infinite.
    levels : (float, float) or None
        The values that became black and white; None where the numbers were written as they are.
    clipped : int
        Pixels beyond the levels.
    note : str
        What was left out of the file that was read, see `kernels.pictures.picture.Picture`.
    course : Course or None
        What was decided on for a picture that was filtered by parts.
    """

    width: int
    height: int
    bits: str
    extremes: tuple[float, float] | None
    non_finite: int
    levels: tuple[float, float] | None
    clipped: int
    note: str
    course: Course | None = None


class Report(msgspec.Struct, frozen=True, tag="report"):
    """What became of a task.

    Attributes
    ----------
    number : int
        The task's.
    outcome : Outcome or None
        None if it failed.
    error : str
        Why it failed, in one sentence; else empty.
    seconds : float
    source, target : Mark or None
        What was read and what was written.
    lacks_memory : bool
        It needs more than its share.
    is_to_split : bool
        It was handed back for that reason, see `FileTask`.
    """

    number: int
    outcome: Outcome | None = None
    error: str = ""
    seconds: float = 0.0
    source: Mark | None = None
    target: Mark | None = None
    lacks_memory: bool = False
    is_to_split: bool = False


class Ready(msgspec.Struct, frozen=True, tag="ready"):
    """The first message of a worker."""
