"""What every test stands on: no display, the same random examples each time."""

import gc
import os
from collections.abc import Callable

# Before anything imports Qt or a numerical library.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
if "PYTEST_XDIST_WORKER" in os.environ:  # other processes compute as well: idle threads must not spin
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "kernelscope",
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("kernelscope")


@pytest.fixture
def leave_free(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Return what leaves so many bytes of memory free, and looks at that before the smallest operation."""
    from kernels import memory

    def leave(size: int) -> None:
        monkeypatch.setattr(memory, "available", lambda: size)
        monkeypatch.setattr(memory, "LITTLE", 0)

    return leave


def pytest_collection_finish() -> None:
    """Keep what stands for good, thousands of tests, out of the collector's way."""
    gc.collect()
    gc.freeze()
