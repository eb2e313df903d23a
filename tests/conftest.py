"""What every test stands on: no display, the same random examples each time."""

import gc
import os
from collections.abc import Callable
from pathlib import Path

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


@pytest.fixture
def nameless(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder where a file can be written before it has a name; what is learned of that is forgotten."""
    from kernels import part_files

    monkeypatch.setattr(part_files, "_names_later", True)
    try:
        descriptor = os.open(tmp_path, os.O_TMPFILE | os.O_RDWR)
    except (AttributeError, OSError):
        pytest.skip("no files without a name here")
    try:
        os.link(f"/proc/self/fd/{descriptor}", tmp_path / "named", src_dir_fd=descriptor, follow_symlinks=True)
        (tmp_path / "named").unlink()
    except OSError:
        pytest.skip("no names for files that have none here")
    finally:
        os.close(descriptor)
    return tmp_path


def pytest_collection_finish() -> None:
    """Keep what stands for good, thousands of tests, out of the collector's way."""
    gc.collect()
    gc.freeze()
