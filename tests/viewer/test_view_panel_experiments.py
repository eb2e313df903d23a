"""The experiment under "Try": offered only where what it says is true."""

import numpy as np
import pytest
from msgspec.structs import replace

from kernels.filtering.engine import convolve, correlate
from kernels.filtering.geometry import SlidingOptions
from kernels.kernel import Kernel
from viewer.document import Document
from viewer.pages.filter.experiments import experiment
from viewer.state import State, with_range

SOBEL = Kernel([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
BOX = Kernel(np.ones((3, 3)), divisor=9)


@pytest.mark.parametrize(
    ("kernel", "options", "words"),
    [
        (SOBEL, SlidingOptions(), "Switch to convolution: every value changes sign"),
        (SOBEL, SlidingOptions("convolution"), "Switch to correlation: every value changes sign"),
        (SOBEL, SlidingOptions(stride=2), "Set the stride back to 1"),
        (SOBEL, SlidingOptions(dilation=2), "gaps"),
        (Kernel([[-1, 1]]), SlidingOptions(), "Flat areas become 0"),
        (Kernel([[-1, 1]]), SlidingOptions(padding="valid"), "changes sign"),
        (Kernel([[0, 1, 0], [1, -4, 1], [0, 1, 0]]), SlidingOptions(), "Flat areas become 0"),
        (BOX, SlidingOptions(), "border to replicate"),
        (BOX, SlidingOptions(border="wrap"), "Double the divisor"),
        (Kernel([[0, 0], [0, 1]]), SlidingOptions(), "Move the single weight"),
        (Kernel([[1, 1], [1, 1]]), SlidingOptions(), "Press Normalise"),
        (Kernel([[0, -3, 0], [-3, 21, -3], [0, -3, 0]], divisor=9), SlidingOptions(), "A flat area keeps its value"),
        (Kernel([[0, 0]]), SlidingOptions(), "All weights are 0"),
        (Kernel([[1.0]], offset=5), SlidingOptions(), "Set the offset to 0"),
        (Kernel([[1.0]]), SlidingOptions(), "Change one weight"),
    ],
)
def test_the_experiment_fits_the_state(kernel, options, words):
    assert words in experiment(State(Document(kernel=kernel, preset=None, options=options)))


def test_the_experiment_does_not_ask_for_the_range_that_is_on():
    state = State(Document(kernel=Kernel([[0, 1, 0], [1, -4, 1], [0, 1, 0]]), preset=None))
    state = replace(state, session=with_range(state, "abs"))
    assert "Absolute" not in experiment(state)


def test_a_promised_change_of_sign_comes_true():
    image = np.arange(48, dtype=np.uint8).reshape(6, 8) ** 2
    for kernel, padding in ((SOBEL, "same"), (Kernel([[-1, 1]]), "full"), (Kernel([[-1, 1]]), "valid")):
        state = State(Document(kernel=kernel, preset=None, options=SlidingOptions(padding=padding)))
        assert "changes sign" in experiment(state)
        first, second = (each(image, kernel, padding=padding) for each in (correlate, convolve))
        np.testing.assert_array_equal(first, -second)


def test_a_nearly_balanced_kernel_in_the_file_range_asks_for_signed():
    state = State(Document(kernel=Kernel([[-1, 0, 1.1]]), preset=None, default_range="clip"))
    assert "Signed" in experiment(state)
    assert "Signed" not in experiment(replace(state, session=with_range(state, "signed")))
