"""Banks of kernels, where they fall back on float64: as fast as threads make it, and the same numbers."""

import threading

import numpy as np
import pytest

from kernels import Recipe
from kernels.filtering.backends import workers
from kernels.filtering.window_sums import WindowSums

RANDOM = np.random.default_rng(6)
WEIGHTS = RANDOM.integers(-4, 5, (5, 3, 3, 3))
RECIPE = Recipe.from_dict(
    {"stages": [{"filter-bank": {"kernels": [{"weights": each.tolist()} for each in WEIGHTS], "stride": 2}}]}
)


def spoiled() -> np.ndarray:
    maps = RANDOM.integers(0, 256, (160, 90, 3)).astype(np.float32)
    maps[70, 20] = np.nan
    return maps


@pytest.mark.parametrize("count", [1, 2, 5])
def test_numbers_that_are_not_finite_spoil_only_the_windows_that_hold_them(
    count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "processors", lambda: count)
    maps = spoiled()
    result, good = RECIPE.output(maps), RECIPE.output(np.nan_to_num(maps, nan=0.0))
    bad = ~np.isfinite(result)
    assert 0 < bad.sum() <= 4 * len(WEIGHTS)
    np.testing.assert_array_equal(result[~bad], good[~bad])


def test_the_fallback_is_shared_among_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "processors", lambda: 2)
    together, met, multiply = threading.Barrier(2), set(), WindowSums._multiply

    def meet(sums: WindowSums, planes: np.ndarray, into: np.ndarray, scratch: workers.Scratch) -> None:
        if into.dtype == np.float64 and threading.get_ident() not in met:
            met.add(threading.get_ident())
            together.wait(10)  # broken, and so an error, if one thread does it all
        multiply(sums, planes, into, scratch)

    monkeypatch.setattr(WindowSums, "_multiply", meet)
    assert np.isnan(RECIPE.output(spoiled())).any()
