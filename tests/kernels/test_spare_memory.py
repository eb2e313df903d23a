"""Memory that results leave: given to the next of the same size, never while anyone still looks at it."""

import subprocess
import sys
from collections.abc import Iterator

import numpy as np
import pytest
from scipy import signal

from kernels import Kernel, correlate, memory, spare_memory
from kernels.errors import Cancelled

SHAPE = (1024, 2048)  # 8 MB of float32


@pytest.fixture(autouse=True)
def keeping() -> Iterator[None]:
    before = spare_memory._most, spare_memory._number
    spare_memory.keep(3 * 2**23)
    yield
    spare_memory.keep(*before)


def address(array: np.ndarray) -> int:
    return int(array.__array_interface__["data"][0])


def held() -> int:
    return sum(size * len(pile.spare) for size, pile in spare_memory._piles.items())


def test_an_array_gets_the_memory_of_the_one_before() -> None:
    first = spare_memory.empty(SHAPE, np.float32)
    assert first.shape == SHAPE
    assert first.dtype == np.float32
    assert first.flags.c_contiguous
    assert first.flags.writeable
    there = address(first)
    del first
    assert held() == 2**23
    again = spare_memory.empty((512, 2048), np.float64)  # as many bytes
    assert address(again) == there
    assert held() == 0


@pytest.mark.parametrize("look", [lambda array: array[3:], lambda array: array.T, lambda array: memoryview(array)])
def test_memory_is_not_spare_while_a_view_of_it_is_held(look) -> None:
    array = spare_memory.empty(SHAPE, np.float32)
    array[...] = 7.0
    view = look(array)
    del array
    other = spare_memory.empty(SHAPE, np.float32)
    other[...] = 1.0
    assert (np.asarray(view) == 7.0).all()
    del view
    assert held() == 2**23


def test_memory_is_at_hand_before_the_first_result() -> None:
    spare_memory.prepare(2**23, 2)
    assert held() == 2 * 2**23
    spare_memory.prepare(2**23, 2)  # there is some
    assert held() == 2 * 2**23
    (pile,) = spare_memory._piles.values()
    there = [address(memory) for memory in pile.spare]
    assert address(spare_memory.empty(SHAPE, np.float32)) in there


@pytest.mark.parametrize("size", [1000, 2**30])
def test_none_is_at_hand_of_sizes_that_are_not_kept(size: int) -> None:
    spare_memory.prepare(size, 1)
    assert held() == 0


def test_having_memory_at_hand_stops_when_asked_to() -> None:
    answers = iter([False, True])
    with pytest.raises(Cancelled):
        spare_memory.prepare(2**24, 1, lambda: next(answers))
    assert held() == 0


def test_no_more_is_kept_than_allowed() -> None:
    arrays = [spare_memory.empty(SHAPE, np.float32) for _ in range(5)]
    del arrays
    assert held() == 3 * 2**23


def test_the_library_keeps_one_result_and_never_beside_another_size() -> None:
    code = """if True:
        import tracemalloc
        import numpy as np
        from kernels import Kernel, correlate, spare_memory
        held = lambda: sorted(size for size, pile in spare_memory._piles.items() for _ in pile.spare)
        kernel, large = Kernel([[1, 2]]), np.zeros((1024, 2048), np.float32)
        results = [correlate(large, kernel) for _ in range(3)]
        del results
        assert held() == [2**23], held()
        result = correlate(large, kernel)
        assert held() == [], held()
        del result
        tracemalloc.start()  # what is spare by now is not traced: once it is let go, the larger result is all there is
        larger = np.zeros((2048, 2048), np.float32)
        correlate(larger, kernel)
        assert tracemalloc.get_traced_memory()[1] < 2 * 2**24 + 2**22, tracemalloc.get_traced_memory()
        assert held() == [2**24], held()
        spare_memory.empty((2**28 + 1,), np.uint8)  # more than is kept
        assert held() == [], held()
        correlate(np.zeros((512, 512), np.float32), kernel)  # less than is kept
        assert held() == [], held()
    """
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_process_with_a_share_of_the_memory_keeps_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    del_soon = spare_memory.empty(SHAPE, np.float32)
    del del_soon
    monkeypatch.setattr(memory, "_allowed", memory._allowed)
    memory.allow(2**30)
    assert held() == 0
    del_soon = spare_memory.empty(SHAPE, np.float32)
    del del_soon
    assert held() == 0


def test_a_process_that_is_told_to_keeps_nothing() -> None:
    spare_memory.keep(0)
    array = spare_memory.empty(SHAPE, np.float32)
    assert array.flags.owndata
    del array
    assert held() == 0


def test_a_size_that_is_not_computed_any_more_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(spare_memory.time, "monotonic", lambda: now[0])
    del_soon = spare_memory.empty(SHAPE, np.float32)
    del del_soon
    now[0] = 100.0
    assert held() == 2**23  # nothing of another size came after it
    other = spare_memory.empty((2048, 2048), np.float32)
    del other
    assert held() == 2**24


def test_what_is_computed_now_takes_the_place_of_another_size() -> None:
    arrays = [spare_memory.empty((1024, 1024), np.float32) for _ in range(6)]
    del arrays
    assert held() == 6 * 2**22
    now = spare_memory.empty(SHAPE, np.float32)
    there = address(now)
    del now
    assert address(spare_memory.empty(SHAPE, np.float32)) == there


def test_spare_memory_counts_as_free_before_anything_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    array = spare_memory.empty(SHAPE, np.float32)
    del array
    monkeypatch.setattr(memory, "available", lambda: 2**27 - held())
    memory.require(2**26, "this")
    assert held() == 0


def test_a_result_that_is_held_stays_as_it_is() -> None:
    random = np.random.default_rng(5)
    picture = random.integers(0, 256, SHAPE).astype(np.uint8)
    kernels = [Kernel(random.integers(-3, 4, (3, 3))) for _ in range(4)]
    results = [correlate(picture, kernel) for kernel in kernels]
    addresses = {address(each) for each in results}
    assert len(addresses) == len(results)
    del results[1], results[0]
    results += [correlate(picture, kernel) for kernel in kernels[:2]]
    assert {address(each) for each in results} == addresses
    for result, kernel in zip(results, [*kernels[2:], *kernels[:2]], strict=True):
        np.testing.assert_array_equal(result, signal.correlate2d(picture.astype(float), kernel.weights, mode="same"))
