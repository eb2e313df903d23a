"""What every test stands on: no display, the same random examples each time."""

import gc
import os

# Before anything imports Qt or a numerical library.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from hypothesis import HealthCheck, settings

settings.register_profile(
    "kernelscope",
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("kernelscope")


def pytest_collection_finish() -> None:
    """Keep what stands for good, thousands of tests, out of the collector's way."""
    gc.collect()
    gc.freeze()
