"""Strips in several threads: what is wanted first, progress, cancelling, failures, and the same bits always."""

import contextlib
import gc
import threading
import time
import weakref
from typing import Any

import numpy as np
import pytest

from kernels import compiled
from kernels.errors import Cancelled, stop_if
from kernels.filtering import reference
from kernels.filtering.backends import workers
from kernels.filtering.backends.job import Job
from kernels.filtering.backends.workers import Scratch, compute_strips
from kernels.filtering.engine import run
from kernels.filtering.geometry import SlidingOptions
from kernels.kernel import Kernel

STRIPS = [(top, top + 3) for top in range(0, 60, 3)]
FRACTIONS = Kernel(np.random.default_rng(4).normal(size=(6, 5)), divisor=0.1, offset=0.3)


@pytest.fixture(params=[1, 2, 5], autouse=True)
def threads(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "processors", lambda: request.param)


def test_every_strip_is_computed_once_and_wanted_ones_first() -> None:
    computed: list[tuple[int, int]] = []
    at_call: list[set[tuple[int, int]]] = []

    def compute(top: int, bottom: int, scratch: Scratch) -> None:
        time.sleep(0.001 if 30 <= top < 42 else 0.02)  # so that it is told in time, on a busy machine too
        computed.append((top, bottom))

    compute_strips(STRIPS, compute, first=(31, 40), ready=lambda: at_call.append(set(computed)))
    assert sorted(computed) == STRIPS
    assert len(at_call) == 1
    assert {(30, 33), (33, 36), (36, 39), (39, 42)} <= at_call[0]
    assert len(at_call[0]) < len(STRIPS)


def test_callbacks_run_in_the_calling_thread() -> None:
    callers: list[int] = []

    def told(*_: Any) -> bool:
        callers.append(threading.get_ident())
        return False

    compute_strips(
        STRIPS, lambda *_: time.sleep(0.001), cancelled=told, progress=told, first=(0, 5), ready=lambda: told() and None
    )
    assert set(callers) == {threading.get_ident()}


def test_a_failure_in_any_thread_is_raised() -> None:
    def compute(top: int, bottom: int, scratch: Scratch) -> None:
        time.sleep(0.001)
        if top == 15:
            raise ArithmeticError("strip 15")

    with pytest.raises(ArithmeticError, match="strip 15"):
        compute_strips(STRIPS, compute)


def test_nothing_runs_after_cancelling() -> None:
    running: list[int] = []
    questions = iter(range(3))

    def compute(top: int, bottom: int, scratch: Scratch) -> None:
        running.append(top)
        time.sleep(0.005)
        running.remove(top)

    with pytest.raises(Cancelled):
        compute_strips(STRIPS, compute, cancelled=lambda: next(questions) == 2)
    assert running == []


def test_progress_grows_to_one() -> None:
    shares: list[float] = []
    compute_strips(STRIPS, lambda *_: time.sleep(0.001), progress=shares.append)
    assert shares == sorted(set(shares))
    assert shares[-1] == 1


def test_cancelling_takes_at_most_twenty_milliseconds_and_a_strip() -> None:
    image = np.zeros((3000, 4000), np.uint8)
    kernel = Kernel(np.random.default_rng(1).normal(size=(21, 21)))
    asked: list[float] = []

    def cancelled() -> bool:
        asked.append(time.perf_counter())
        return len(asked) == 3

    with pytest.raises(Cancelled):
        run(image, kernel, SlidingOptions(), method="direct", cancelled=cancelled)
    # Generous: what is measured is the length of a strip, on a machine that may be busy.
    assert max(np.diff(asked)) < 0.2


def test_strips_that_take_long_since_they_hold_no_numbers_ask_too() -> None:
    image = np.random.default_rng(1).random((2000, 500), dtype=np.float32)
    image[::20, 7] = np.nan
    asked: list[int] = []
    last = 2 if compiled.core is None else 3  # the core looks whether there are numbers, which asks twice

    def cancelled() -> bool:
        asked.append(threading.get_ident())
        return len(asked) == last

    kernel = Kernel(np.random.default_rng(1).normal(size=(3, 3)))
    with pytest.raises(Cancelled):
        run(image, kernel, SlidingOptions(), cancelled=cancelled)
    assert set(asked) == {threading.get_ident()}
    result = run(image, kernel, SlidingOptions())
    np.testing.assert_array_equal(result[600:700], run(image[590:710], kernel, SlidingOptions())[10:110])


def test_whoever_computes_a_strip_hears_that_it_is_not_wanted() -> None:
    started = threading.Barrier(min(workers.processors(), 2))
    ended: list[bool] = []

    def compute(top: int, bottom: int, scratch: Scratch) -> None:
        started.wait(10)
        end = time.monotonic() + 10
        while time.monotonic() < end:
            if scratch.beside.cancelled():
                ended.append(True)
                raise Cancelled
            time.sleep(0.001)
        ended.append(False)

    asked = iter([False, False, True])
    with pytest.raises(Cancelled):
        compute_strips(STRIPS[:2], compute, cancelled=lambda: next(asked, True))
    assert set(ended) == {True}


class Large:
    """What a computation holds."""


@pytest.mark.parametrize("is_cancelled", [False, True])
def test_what_was_computed_is_not_held_any_more(is_cancelled: bool) -> None:
    large, told = Large(), []

    def compute(top: int, bottom: int, scratch: Scratch, large: Large = large) -> None:
        scratch.beside.array("some", (1,), np.dtype(np.float32))
        time.sleep(0.001)
        stop_if(scratch.beside.cancelled)

    asked = iter([False, False, True])

    def cancelled(large: Large = large) -> bool:
        return is_cancelled and next(asked, True)

    gone = weakref.ref(large)
    gc.disable()  # which would look for cycles, by and by
    try:
        with contextlib.suppress(Cancelled):
            compute_strips(STRIPS, compute, cancelled=cancelled, progress=told.append)
        del compute, cancelled, large
        end = time.monotonic() + 5
        while gone() is not None and time.monotonic() < end:  # a helper may be about to leave
            time.sleep(0.001)
        assert gone() is None
    finally:
        gc.enable()
    assert (told[-1:] == [1.0]) is not is_cancelled


@pytest.mark.skipif(compiled.core is None, reason="without the compiled core each strip is a call of its own")
def test_calls_are_shorter_where_somebody_may_stop_them() -> None:
    job = Job.of(np.zeros((3000, 4000), np.uint8), Kernel([[1, 0, -1]]), SlidingOptions())
    assert job.is_shared
    whole, short = job.spans(), job.spans(is_asked=True)
    assert len(whole) < len(short)
    assert [row for span in short for row in range(*span)] == list(range(3000))
    longest = max(bottom - top for top, bottom in short)
    strip = max(bottom - top for top, bottom in job.strips)
    assert longest <= max(2**23 / (4000 * 4), workers.processors() * strip)


def test_transforms_ask_at_every_tile() -> None:
    image = np.random.default_rng(1).random((200, 3000), dtype=np.float32)
    kernel = Kernel(np.random.default_rng(1).normal(size=(63, 63)))
    asked: list[int] = []

    def cancelled() -> bool:
        asked.append(threading.get_ident())
        return len(asked) == 5

    strips = len(Job.of(image, kernel, SlidingOptions(), "frequency").strips)
    assert strips <= 2
    with pytest.raises(Cancelled):
        run(image, kernel, SlidingOptions(), method="frequency", cancelled=cancelled)
    assert set(asked) == {threading.get_ident()}


@pytest.mark.parametrize("border", ["constant", "reflect", "wrap"])
def test_the_same_bits_whatever_the_threads_and_whatever_is_wanted_first(
    border: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = np.random.default_rng(3).random((900, 700), dtype=np.float32)
    options = SlidingOptions(border=border)
    expected = reference.correlate(image, FRACTIONS, border=border)
    seen: list[tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]] = []
    result = run(image, FRACTIONS, options)
    again = run(image, FRACTIONS, options, first=(700, 750), ready=lambda out: seen.append((out, out[700:750].copy())))
    np.testing.assert_array_equal(again, result)
    np.testing.assert_allclose(result, expected, atol=1e-5 * FRACTIONS.absolute_sum / 0.1)
    assert seen[0][0] is again
    np.testing.assert_array_equal(seen[0][1], again[700:750])
    monkeypatch.setattr(workers, "processors", lambda: 1)
    np.testing.assert_array_equal(run(image, FRACTIONS, options), result)


def test_a_forked_process_has_helpers_of_its_own() -> None:
    import multiprocessing

    run(np.zeros((800, 800), np.float32), FRACTIONS, SlidingOptions())
    if "fork" not in multiprocessing.get_all_start_methods():
        pytest.skip("no fork on this system")
    with multiprocessing.get_context("fork").Pool(1) as pool:
        assert pool.apply(_filter_in_child) == pytest.approx(3.0)


def _filter_in_child() -> float:
    return float(run(np.zeros((800, 800), np.float32), FRACTIONS.replace(offset=3.0), SlidingOptions()).mean())


def test_small_buffers_are_used_again_and_large_ones_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_left", [])
    seen: list[int] = []

    def fill(size: int) -> None:
        def compute(top: int, bottom: int, scratch: Scratch) -> None:
            seen.extend(
                each.array("room", (size,), np.dtype(np.uint8)).__array_interface__["data"][0]
                for each in (scratch, scratch.beside)
            )

        compute_strips([(0, 1)], compute)

    fill(1000)
    fill(900)
    assert seen[:2] == seen[2:]
    assert len(set(seen)) == 2
    fill(workers._LEFT)
    assert workers._left == []
