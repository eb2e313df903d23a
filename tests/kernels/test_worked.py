"""The numbers that the lectures work out by hand, exactly."""

from typing import Any

import numpy as np
import pytest

from kernels.filtering import reference
from kernels.filtering.engine import convolve, correlate, run
from kernels.filtering.geometry import SlidingOptions, output_shape
from kernels.kernel import Kernel

METHODS = ("direct", "separable", "frequency", "definition")


def grid(text: str) -> list[list[float]]:
    return [[float(number) for number in row.split()] for row in text.split("/")]


def nineties() -> Any:
    """The 10 × 10 grid: a block of 90 with a hole, and a lone 90."""
    image = np.zeros((10, 10), np.uint8)
    image[2:7, 3:8] = 90
    image[5, 4] = 0
    image[8, 2] = 90
    return image


BOX = grid(
    "0 10 20 30 30 30 20 10 / 0 20 40 60 60 60 40 20 / 0 30 60 90 90 90 60 30 / 0 30 50 80 80 90 60 30 /"
    "0 30 50 80 80 90 60 30 / 0 20 30 50 50 60 40 20 / 10 20 30 30 30 30 20 10 / 10 10 10 0 0 0 0 0"
)
INPUT = np.array(grid("3 3 2 1 0 / 0 0 1 3 1 / 3 1 2 2 3 / 2 0 0 2 2 / 2 0 0 0 1"), np.uint8)
KERNEL = Kernel(grid("0 1 2 / 2 2 0 / 0 1 2"))


@pytest.mark.parametrize("slide", [correlate, convolve, reference.correlate, reference.convolve])
def test_box_over_the_grid_of_nineties(slide: Any) -> None:
    assert slide(nineties(), Kernel(np.ones((3, 3)), divisor=9), padding="valid").tolist() == BOX


@pytest.mark.parametrize("method", METHODS)
def test_box_by_every_backend(method: str) -> None:
    options = SlidingOptions(padding="valid")
    assert run(nineties(), Kernel(np.ones((3, 3)), divisor=9), options, method=method).tolist() == BOX


def test_box_written_with_ninths() -> None:
    np.testing.assert_allclose(correlate(nineties(), Kernel(np.full((3, 3), 1 / 9)), padding="valid"), BOX, rtol=1e-6)


@pytest.mark.parametrize("slide", [correlate, reference.correlate])
def test_the_five_by_five_example(slide: Any) -> None:
    assert slide(INPUT, KERNEL, padding="valid").tolist() == grid("12 12 17 / 10 17 19 / 9 6 14")
    assert slide(INPUT, KERNEL, padding=1, stride=2).tolist() == grid("6 17 3 / 8 17 13 / 6 4 4")
    assert slide(INPUT, KERNEL, stride=2).tolist() == grid("6 17 3 / 8 17 13 / 6 4 4")


def test_correlation_and_its_flip_differ_on_the_example() -> None:
    flipped = convolve(INPUT, KERNEL, padding="valid")
    assert flipped.tolist() == correlate(INPUT, KERNEL.rotate_180(), padding="valid").tolist()
    assert flipped.tolist() != correlate(INPUT, KERNEL, padding="valid").tolist()


def test_derivatives_of_a_step_and_a_ramp() -> None:
    step, ramp = np.array([[0, 0, 5, 5]]), np.array([[0, 2, 4, 6]])
    backward, forward, central = Kernel([[-1, 1, 0]]), Kernel([[0, -1, 1]]), Kernel([[-1, 0, 1]])
    assert correlate(step, backward, padding="valid").tolist() == [[0, 5]]
    assert correlate(step, forward, padding="valid").tolist() == [[5, 0]]
    assert correlate(step, central, padding="valid").tolist() == [[5, 5]]
    assert correlate(ramp, central, padding="valid").tolist() == [[4, 4]]


def test_sobel_points_to_growing_intensity() -> None:
    sobel_x = Kernel([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    brighter_to_the_right = np.tile(np.arange(5), (5, 1))
    assert (correlate(brighter_to_the_right, sobel_x, padding="valid") == 8).all()
    assert (correlate(brighter_to_the_right.T, sobel_x.transpose(), padding="valid") == 8).all()
    assert (convolve(brighter_to_the_right, sobel_x, padding="valid") == -8).all()


def test_the_lectures_sharpening_keeps_flat_areas() -> None:
    sharpen = Kernel([[0, -3, 0], [-3, 21, -3], [0, -3, 0]], divisor=9)
    assert (correlate(np.full((4, 5), 77, np.uint8), sharpen, border="reflect") == 77).all()
    dot = np.zeros((3, 3), np.uint8)
    dot[1, 1] = 9
    assert correlate(dot, sharpen).tolist() == [[0, -3, 0], [-3, 21, -3], [0, -3, 0]]


def test_box_with_box_is_a_triangle() -> None:
    box = Kernel([[1, 1, 1]])
    assert convolve([[1, 1, 1]], box, padding="full").tolist() == [[1, 2, 3, 2, 1]]


def test_a_kernel_extends_over_all_channels() -> None:
    assert output_shape((32, 32), (5, 5), padding="valid") == (28, 28)
    image = np.ones((32, 32, 3), np.uint8)
    maps = [correlate(image, Kernel(np.full((5, 5, 3), f)), padding="valid") for f in range(1, 7)]
    assert np.stack(maps, axis=2).shape == (28, 28, 6)
    assert [float(response[0, 0]) for response in maps] == [75, 150, 225, 300, 375, 450]
