"""A mask says that pixels do not count; nothing here can leave them out, so it says so instead of counting them."""

import sys
from types import ModuleType

import numpy as np
import pytest

from kernels import Kernel, cnn, convolve, correlate, gradient, reference, trace
from kernels.pictures.picture import from_array
from kernels.pictures.writing import write_raw, write_shown

MASKED = np.ma.masked_less(np.arange(30.0).reshape(5, 6), 4.0)
BYTES = np.ma.masked_less(np.arange(784, dtype=np.uint8).reshape(28, 28) % 200, 4)


@pytest.mark.parametrize(
    "call",
    [
        lambda path: correlate(MASKED, np.ones((3, 3))),
        lambda path: convolve(MASKED, np.ones((3, 3))),
        lambda path: correlate(MASKED.data, MASKED[:3, :3]),
        lambda path: reference.correlate(MASKED, np.ones((3, 3))),
        lambda path: trace(
            MASKED,
            np.ones((3, 3)),
            (0, 0),
            operation="correlation",
            padding="same",
            stride=1,
            dilation=1,
            border="constant",
            border_value=0.0,
        ),
        lambda path: gradient(MASKED),
        lambda path: Kernel(MASKED),
        lambda path: from_array(MASKED),
        lambda path: write_raw(path / "x.npy", MASKED),
        lambda path: write_shown(path / "x.png", BYTES),
        lambda path: cnn.load("lenet5").predict(BYTES[np.newaxis]),
        lambda path: cnn.load("lenet5").responses(BYTES),
    ],
)
def test_masked_arrays_are_refused(tmp_path, call):
    with pytest.raises(TypeError, match=r"is a masked array.*\.filled\("):
        call(tmp_path)


def test_filled_ones_are_taken():
    assert correlate(MASKED.filled(0.0), np.ones((3, 3))).shape == (5, 6)


def test_a_picture_is_filtered_while_another_thread_loads_the_module_of_masked_arrays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "numpy.ma", ModuleType("numpy.ma"))  # there already, and still empty
    np.testing.assert_array_equal(correlate(np.ones((4, 5)), Kernel([[2.0]])), np.full((4, 5), 2.0))
