"""The course of a training: what it measured at which step, in memory and as a file that only grows.

Of the first 65,536 steps every one is written down, of the next 65,536 every second, of twice as many every fourth, and
so on: however long a training goes on, its curves stay within some hundred thousand points.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from msgspec import structs
from numpy.typing import NDArray

from kernels.cnn.training.messages import Checked, Gauged, Stepped
from kernels.errors import shown
from kernels.files import append_bytes, read_bytes
from kernels.processes import Receiver, send

Record = Stepped | Checked | Gauged
"""What the file holds, one after the other, as `kernels.processes.send` writes it."""

LARGEST_CURVES = 1 << 26
"""Bytes of a file of curves; a thousand million steps stay within them."""

_ALL = 16
_ALL_CHECKS = 12


def spacing(step: int) -> int:
    """Return the distance between the steps that are written down, at some step of a training."""
    return 1 << max(0, step.bit_length() - _ALL)


def is_check_written(step: int, every: int) -> bool:
    """Return whether the check after `step` steps, where there is one after `every`, is written down if it is no best.

    The first 4,096 are, then every second and so on.
    """
    number = step // every
    return number % (1 << max(0, number.bit_length() - _ALL_CHECKS)) == 0


def early_checks(every: int) -> tuple[int, ...]:
    """Return the steps 1, 2, 5, 10, 20, 50 … before the first `every`: a network learns most at the beginning."""
    return tuple(step for power in range(6) for step in (10**power, 2 * 10**power, 5 * 10**power) if step < every)


def _floats() -> NDArray[np.float64]:
    return np.empty(0)


def _numbers() -> NDArray[np.int64]:
    return np.empty(0, np.int64)


def _table() -> NDArray[np.float64]:
    return np.empty((0, 0))


class Curves(msgspec.Struct, frozen=True, eq=False):
    """What a training measured; every array is in the order of steps.

    Attributes
    ----------
    done : int
        Steps ever done.
    steps : (n,) int64
        Steps that lay behind when the training loss was measured; nearly always all of them, see `spacing`.
    losses, accuracies : (n,) float64
        On the minibatch of that step, before its update.
    check_steps : (m,) int64
    check_losses, check_accuracies : (m,) float64
        On the pictures for checking.
    gauge_steps : (g,) int64
    gradient_sizes : (g, layers with weights) float64
    silent : (g, activations) float64
        See `messages.Gauged`.
    """

    done: int = 0
    steps: NDArray[np.int64] = msgspec.field(default_factory=_numbers)
    losses: NDArray[np.float64] = msgspec.field(default_factory=_floats)
    accuracies: NDArray[np.float64] = msgspec.field(default_factory=_floats)
    check_steps: NDArray[np.int64] = msgspec.field(default_factory=_numbers)
    check_losses: NDArray[np.float64] = msgspec.field(default_factory=_floats)
    check_accuracies: NDArray[np.float64] = msgspec.field(default_factory=_floats)
    gauge_steps: NDArray[np.int64] = msgspec.field(default_factory=_numbers)
    gradient_sizes: NDArray[np.float64] = msgspec.field(default_factory=_table)
    silent: NDArray[np.float64] = msgspec.field(default_factory=_table)

    def best(self, until: int | None = None, every: int = 1) -> int | None:
        """Return the step of the best validation: the first of equal ones, None if there is none.

        Parameters
        ----------
        until : int, optional
            Later ones are not looked at.
        every : int
            But for the first of all, only those after a multiple of so many steps are looked at.
        """
        is_looked_at = self.check_steps % every == 0
        is_looked_at[:1] = True
        if until is not None:
            is_looked_at &= self.check_steps <= until
        steps = self.check_steps[is_looked_at]
        if not steps.size:
            return None
        return int(steps[np.lexsort((self.check_losses[is_looked_at], -self.check_accuracies[is_looked_at]))[0]])

    def extended(self, records: Iterable[Record]) -> Curves:
        """Return the curves with more records; what is there already, and what lies before its end, stays as it is.

        Raises
        ------
        ValueError
            If records contradict each other: losses without accuracies, or layers that come and go.
        """
        done = self.done
        steps: list[tuple[Any, ...]] = []
        checks: list[tuple[Any, ...]] = []
        gauges: list[tuple[Any, ...]] = []
        for record in records:
            if isinstance(record, Stepped):
                done = max(done, record.done)
                steps.append((np.array(_places(record), np.int64), record.losses, record.accuracies))
            elif isinstance(record, Checked):
                checks.append(([record.step], [record.loss], [record.accuracy]))
            else:
                gauges.append(([record.step], [record.gradient_sizes], [record.silent]))
        return Curves(
            done,
            *_appended((self.steps, self.losses, self.accuracies), steps),
            *_appended((self.check_steps, self.check_losses, self.check_accuracies), checks),
            *_appended((self.gauge_steps, self.gradient_sizes, self.silent), gauges),
        )


def _places(record: Stepped) -> range:
    return range(record.first, record.first + record.spacing * len(record.losses), record.spacing)


def _appended(columns: tuple[NDArray[Any], ...], pieces: list[tuple[Any, ...]]) -> tuple[NDArray[Any], ...]:
    """Put pieces behind columns, the first of which holds the steps; only what goes beyond the steps so far."""
    if not pieces:
        return columns
    more = [
        np.concatenate([np.asarray(values, column.dtype) for values in parts])
        for parts, column in zip(zip(*pieces, strict=True), columns, strict=True)
    ]
    if len({len(column) for column in more}) > 1:
        raise ValueError("there are not as many losses as accuracies")
    last = columns[0][-1:] if columns[0].size else [-1]
    is_fresh = more[0] > np.maximum.accumulate(np.concatenate((last, more[0])))[:-1]
    return tuple(
        np.concatenate((old, new[is_fresh])) if len(old) else new[is_fresh]
        for old, new in zip(columns, more, strict=True)
    )


def read_curves(path: Path) -> Curves:
    """Read a file of curves; one that is not there holds none, one that is cut off what is whole.

    Raises
    ------
    OSError
        If it cannot be read.
    ValueError
        If it holds something else.
    """
    return _read(path)[0]


def _read(path: Path) -> tuple[Curves, int]:
    """Return the curves with the length of what is whole."""
    if not path.exists():
        return Curves(), 0
    content = read_bytes(path, LARGEST_CURVES, "file of curves")
    receiver: Receiver[Record] = Receiver(Record)
    try:
        curves = Curves().extended(receiver.feed(content))
    except (ValueError, OverflowError):
        raise ValueError(f"the file {shown(path.name)} holds no curves") from None
    return curves, len(content) - receiver.waiting


class CurveFile:
    """A file of curves that is added to, beyond its end only; what cut it off when it was last written is removed.

    Parameters
    ----------
    path : Path

    Attributes
    ----------
    curves : Curves
        What it held when it was opened.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.curves, whole = _read(path)
        if path.exists() and path.stat().st_size > whole:
            os.truncate(path, whole)
        self._done = self.curves.done
        ends = self.curves.steps, self.curves.check_steps, self.curves.gauge_steps
        self._ends = {
            kind: int(steps[-1]) if steps.size else -1
            for kind, steps in zip((Stepped, Checked, Gauged), ends, strict=True)
        }

    def add(self, records: Iterable[Record]) -> None:
        """Write what lies beyond the end; OSError in one sentence if there is no room."""
        content = io.BytesIO()
        for record in records:
            if fresh := self._beyond(record):
                send(content, fresh)
        if content.tell():
            append_bytes(self._path, content.getvalue())

    def _beyond(self, record: Record) -> Record | None:
        end = self._ends[type(record)]
        if isinstance(record, Stepped):
            known = sum(step <= end for step in _places(record))
            if known == len(record.losses) and record.done <= self._done:
                return None
            self._done = max(self._done, record.done)
            first = record.first + known * record.spacing
            record = structs.replace(
                record, first=first, losses=record.losses[known:], accuracies=record.accuracies[known:]
            )
            self._ends[Stepped] = max([end, *_places(record)])
            return record
        if record.step <= end:
            return None
        self._ends[type(record)] = record.step
        return record
