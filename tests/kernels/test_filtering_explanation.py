"""What is said of how something is computed, and how else it could be."""

import numpy as np

from kernels.filtering import reference
from kernels.filtering.engine import describe, explain, run
from kernels.filtering.geometry import SlidingOptions
from kernels.kernel import Kernel


def test_describe_names_the_choice() -> None:
    ones = Kernel(np.ones((31, 31)), divisor=961)
    mixed = Kernel(np.random.default_rng(1).normal(size=(31, 31)))
    small = Kernel([[0, 1], [2, 7]])
    shape = (512, 512)
    assert describe(shape, np.uint8, small, SlidingOptions()) == "direct 2 × 2"
    assert describe(shape, np.uint8, ones, SlidingOptions()) == "box 31 × 31 (running sums)"
    assert describe(shape, np.uint8, mixed, SlidingOptions()) == "frequency 31 × 31 (Fourier transform)"
    five = Kernel(mixed.weights[:5, :5])
    assert describe(shape, np.float64, five, SlidingOptions(stride=2)) == "direct 5 × 5, float64"
    bell = np.exp(-((np.arange(31) - 15.0) ** 2) / 50)
    assert describe(shape, np.uint8, Kernel(np.outer(bell, bell)), SlidingOptions()) == "separable 31 × 1 and 1 × 31"
    two = Kernel((np.outer(bell, bell) + np.outer(bell**2, bell**2))[5:-5, 5:-5])
    assert describe(shape, "f4", two, SlidingOptions()) == "sum of 2 separable 21 × 1 and 1 × 21"
    assert describe(shape, "f8", Kernel(small.weights * 1e299), SlidingOptions()) == "tap by tap 2 × 2, float64"


def test_explain_gives_reasons_and_what_else_could_be_done() -> None:
    mixed = Kernel(np.random.default_rng(1).integers(-9, 9, size=(47, 47)))
    image = np.random.default_rng(1).integers(0, 256, (60, 70)).astype(np.uint8)
    explanation = explain(image.shape, image.dtype, mixed, SlidingOptions())
    assert explanation.chosen.text == describe(image.shape, image.dtype, mixed, SlidingOptions())
    assert "round" in explanation.reason
    costs = [way.nanoseconds for way in explanation.ways]
    assert costs == sorted(costs)
    assert {way.method for way in explanation.ways} == {"direct", "frequency", "definition"}
    for way in explanation.ways:
        np.testing.assert_array_equal(
            run(image, mixed, SlidingOptions(), method=way.method), reference.correlate(image, mixed)
        )
