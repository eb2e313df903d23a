"""Whether a predicted number is right, and what went wrong with it. No Qt."""

from __future__ import annotations

import math

from kernels.filtering.tracing import Trace

FIGURES = 3
"""Significant figures that an answer needs where the result is no whole number."""
VERDICTS = ("right", "sign", "divisor", "other")


def judge(answer: float, value: float, trace: Trace) -> str:
    """Return one of `VERDICTS` for the `answer` to what an output pixel holds.

    A whole result must be met exactly, others to `FIGURES` significant figures. "sign": the negative of the result;
    "divisor": the sum before it was divided or before the offset was added.
    """
    if _is_met(answer, value):
        return "right"
    if _is_met(answer, -value):
        return "sign"
    steps = trace.sum, trace.sum + trace.offset, trace.sum / trace.divisor
    return "divisor" if any(_is_met(answer, step) for step in steps) else "other"


def counted(tally: tuple[tuple[str, int], ...], verdict: str) -> tuple[tuple[str, int], ...]:
    """The tally with one more of `verdict`, in the order of `VERDICTS`."""
    counts = {**dict(tally), verdict: dict(tally).get(verdict, 0) + 1}
    return tuple((name, counts[name]) for name in VERDICTS if name in counts)


def _is_met(answer: float, value: float) -> bool:
    if not math.isfinite(value):
        return False
    if value == round(value) and abs(value) < 1e6:
        return abs(answer - value) < 1e-6
    return abs(answer - value) <= 0.5 * 10.0 ** (math.floor(math.log10(abs(value))) - FIGURES + 1)
