"""Threads that share the parts of a task: the same bits whoever does them, and whoever else asks for them."""

from __future__ import annotations

import multiprocessing
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from kernels import compiled
from kernels.filtering.backends import plan, workers
from kernels.filtering.backends.job import Design, Job
from kernels.filtering.engine import run
from kernels.filtering.geometry import SlidingOptions
from kernels.kernel import Kernel

pytestmark = pytest.mark.skipif(compiled.core is None, reason="the core is not compiled")

RANDOM = np.random.default_rng(7)
IMAGE = RANDOM.random((300, 200), dtype=np.float32)
KERNEL = Kernel(RANDOM.normal(size=(5, 4)), divisor=0.1, offset=0.3)
OPTIONS = SlidingOptions(border="reflect")


def filtered(threads: int) -> np.ndarray:
    """Return the picture, filtered by so many threads in strips of four rows."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workers, "processors", lambda: threads)
        patch.setattr(plan, "_strip_rows", lambda *_: 4)
        forget()
        assert len(Job.of(IMAGE, KERNEL, OPTIONS).strips) == 75
        result = run(IMAGE, KERNEL, OPTIONS)
    forget()
    return result


def forget() -> None:
    """Have strips decided on again."""
    plan.choose.cache_clear()
    Design.of.cache_clear()


@pytest.fixture(scope="module")
def expected() -> np.ndarray:
    return run(IMAGE, KERNEL, OPTIONS)


@pytest.mark.parametrize("threads", [2, 4, 12, 100, 1000])
def test_the_same_bits_however_many_threads(threads: int, expected: np.ndarray) -> None:
    for pause in (0.0, 0.0, 0.01):  # the others look out for the next task; at last they sleep
        time.sleep(pause)
        np.testing.assert_array_equal(filtered(threads), expected)


def test_tasks_of_several_threads_at_once(expected: np.ndarray) -> None:
    """One of them has the helpers, the others do their tasks alone."""
    barrier = threading.Barrier(4)
    parts = range(1, 200)

    def task(number: int) -> bool:
        planes = np.ones((1, 200, 50), np.float32)
        into = np.empty((1, 198, 48), np.float32)
        weights = np.full((1, 9, 1), number, np.float32)
        barrier.wait()
        for threads in parts:
            into[:] = -1
            given = planes, np.arange(3, dtype=np.int32), weights, np.zeros(1, np.float32), 1, 1, into, threads
            if not compiled.core.filter_bank(*given) or not (into == 9 * number).all():
                return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(task, range(4)))
    np.testing.assert_array_equal(filtered(4), expected)


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="no fork on this system")
def test_a_forked_process_has_threads_of_its_own(expected: np.ndarray) -> None:
    filtered(4)
    with multiprocessing.get_context("fork").Pool(2) as pool:
        for result in pool.map(filtered, [4, 2, 6, 4]):
            np.testing.assert_array_equal(result, expected)


@pytest.mark.parametrize("threads", [1, 3])
def test_a_sum_that_is_not_finite_is_found_in_any_part(threads: int) -> None:
    for row in range(40):
        planes = np.ones((1, 40, 20), np.float32)
        planes[0, row, 3] = np.inf
        into = np.empty((1, 40, 20), np.float32)
        given = planes, np.zeros(1, np.int32), np.ones((1, 1, 1), np.float32), np.zeros(1, np.float32), 1, 1, into
        assert compiled.core.filter_bank(*given, threads) is False
        np.testing.assert_array_equal(into, planes)
