"""How long the window takes to change theme, type size and workspace: until nothing is left in its event queue.

Run with ``python -m tests.benchmarks.theme [SAMPLE]`` from the repository's root.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["XDG_CONFIG_HOME"] = tempfile.mkdtemp()

from PyQt6.QtWidgets import QApplication

from viewer import theme
from viewer.app import build

ROUNDS = 7


def drained(change: Callable[[], object]) -> float:
    """Milliseconds from the change until the queue is empty."""
    start = time.perf_counter()
    change()
    for _ in range(3):
        QApplication.processEvents()
        QApplication.sendPostedEvents()
    return 1000 * (time.perf_counter() - start)


def main(sample: str) -> None:
    """Print one line for each page and change."""
    app = QApplication(sys.argv[:1])
    window = build(sample)
    window.resize(1366, 768)
    window.show()
    window.wait_until_idle(60)
    tabs = window.tool_bar.tabs
    for page in ("filter", "gradient"):
        print(f"to {page}: {drained(lambda name=page: tabs.setCurrentIndex(tabs.findData(name))):.0f} ms")
        window.wait_until_idle(60)
        sizes: tuple[tuple[str, bool], ...] = (("theme", False), ("type size", True))
        for change, larger in sizes:
            times = []
            for _ in range(ROUNDS):
                if larger:
                    names = [("dark", True), ("dark", False)]
                else:
                    names = [("light", False), ("dark", False)]
                for name, large_type in names:
                    times.append(
                        drained(lambda name=name, large_type=large_type: theme.apply(app, name, large_type=large_type))
                    )
            print(f"{page}, {change}: median {statistics.median(times):.0f} ms, worst {max(times):.0f} ms")
    window.close()


if __name__ == "__main__":
    main(*sys.argv[1:] or ["camera"])
