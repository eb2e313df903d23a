"""Open the installed program's window offscreen and see that it computes and that its files came along."""

import sys
from importlib.metadata import files
from pathlib import Path

import numpy
from PyQt6.QtGui import QFontDatabase
from PyQt6.QtWidgets import QApplication

import kernels
from kernels import resources
from viewer.app import build

CHECKOUT = Path(__file__).resolve().parents[1]


def main() -> int:
    """Return 0 when nothing is missing; an assertion says what is."""
    for module in (kernels, sys.modules["viewer"]):
        location = Path(module.__file__).resolve()
        assert not location.is_relative_to(CHECKOUT), f"{location} is the checkout's, not the installed one"
    top_level = {path.parts[0] for path in files("kernelscope") or () if path.parts[0] != ".."}
    packages = {name for name in top_level if not name.endswith(".dist-info")}
    assert packages == {"kernels", "viewer"}, f"the wheel installs {sorted(packages)}"
    for part in (("fonts", "Inter-Regular.otf"), ("icons", "kernelscope.svg"), ("images", "camera.png")):
        assert resources.asset(*part).is_file(), f"assets/{'/'.join(part)} was not installed"

    application = QApplication([])
    window = build()
    window.show()
    window.open(str(resources.asset("images", "camera.png")))
    window.wait_until_idle(timeout=60.0)
    output = window.output()
    assert isinstance(output, numpy.ndarray)
    assert output.size, "the window has no output"
    assert "Inter" in QFontDatabase.families(), "the bundled typeface was not loaded"
    window.close()
    application.processEvents()
    print(f"window: output {output.shape}, {output.dtype}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
