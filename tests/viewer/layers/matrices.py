"""Cases of the matrix view to test, and what a hand does to it."""

import numpy as np
from PyQt6.QtCore import QPointF
from PyQt6.QtGui import QColor
from PyQt6.QtWidgets import QAbstractButton

from kernels import Kernel, library
from kernels.filtering.geometry import SlidingOptions
from tests.viewer.pointer import move_to
from viewer.pages.layers.matrix import matrix_case
from viewer.pages.layers.views.matrix import MatrixView
from viewer.painting import Look

GREY = Look("clip", "grey", (0.0, 255.0))
VALID = SlidingOptions(padding="valid")
SIZES = [(980, 358), (1534, 660), (894, 310)]


def picture():
    """Every pixel of a crop is another number, dark to bright."""
    return (np.arange(400) % 256).reshape(20, 20).astype(np.uint8)


def sobel_case(position=(9, 11), **more):
    return matrix_case(picture(), [library.get("sobel-x")], VALID, position, look=GREY, **more)


def bank_case(selected=1, count=3):
    random = np.random.default_rng(1)
    image = random.integers(0, 256, (12, 12, 2)).astype(np.uint8)
    bank = [Kernel(random.integers(-4, 5, (3, 3, 2)), name=f"kernel {n}") for n in range(count)]
    return matrix_case(image, bank, VALID, (4, 4), look=GREY, selected=selected)


def make_view(qtbot):
    made = MatrixView()
    qtbot.addWidget(made)
    qtbot.addWidget(made.bar)
    made.resize(*SIZES[0])
    made.show_case(sobel_case(), "")
    with qtbot.waitExposed(made):
        made.show()
    return made


def button(view, name):
    return view.bar.findChild(QAbstractButton, name)


def heard(signal):
    got = []
    signal.connect(got.append)
    return got


def point(view, table, row, column=0):
    box = getattr(view.drawing.plan, table).box(row, column)
    move_to(view.drawing, box.center().toPoint())


def colour_at(widget, at: QPointF) -> QColor:
    image = widget.grab().toImage()
    ratio = image.devicePixelRatio()
    return image.pixelColor(round(at.x() * ratio), round(at.y() * ratio))
