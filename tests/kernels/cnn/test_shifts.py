"""How far pictures may be moved."""

from __future__ import annotations

import numpy as np
import pytest

from kernels import cnn
from kernels.cnn.datasets import Dataset, shipped_digits
from kernels.cnn.models import COLOURNET
from kernels.cnn.network import Network
from kernels.cnn.preprocessing import Preprocessing
from kernels.cnn.shifts import accuracy_by_shift, shift_map
from kernels.errors import Cancelled


def _moved(picture: np.ndarray, dy: int, dx: int) -> np.ndarray:
    """Move by indices: what was at (y, x) stands at (y + dy, x + dx)."""
    result = np.zeros_like(picture)
    for y, x in np.ndindex(picture.shape[:2]):
        if 0 <= y + dy < picture.shape[0] and 0 <= x + dx < picture.shape[1]:
            result[y + dy, x + dx] = picture[y, x]
    return result


def test_a_shift_map_holds_the_answers_to_the_moved_picture(small: Network, bars: Dataset) -> None:
    picture = bars.images[4]
    found = shift_map(small, picture, 3)
    assert found.shape == (7, 7, 3)
    for dy, dx in np.ndindex(7, 7):
        expected = small.predict(_moved(picture, dy - 3, dx - 3)[np.newaxis])[0]
        np.testing.assert_allclose(found[dy, dx], expected, rtol=1e-4)
    # Out of sight in every direction, there is black alone.
    far = shift_map(small, picture, 6)
    np.testing.assert_allclose(far[0], far[-1], rtol=1e-5)
    assert shift_map(small, picture, 0).shape == (1, 1, 3)


def test_a_shift_map_takes_colour() -> None:
    statistics = Preprocessing((120.0, 110.0, 100.0), (60.0, 61.0, 62.0))
    network = Network(COLOURNET, statistics, [str(number) for number in range(10)], seed=2)
    picture = np.random.default_rng(4).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    found = shift_map(network, picture, 1)
    for dy, dx in ((-1, 1), (0, 0), (1, 0)):
        expected = network.predict(_moved(picture, dy, dx)[np.newaxis])[0]
        np.testing.assert_allclose(found[1 + dy, 1 + dx], expected, rtol=1e-4)


def test_accuracy_by_shift_counts_moved_pictures(small: Network, bars: Dataset) -> None:
    told: list[float] = []
    found = accuracy_by_shift(small, bars, 2, progress=told.append)
    assert found[0] == cnn.evaluate(small, bars).accuracy
    rings = {
        1: [(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)],
        2: [(y, x) for y in range(-2, 3) for x in range(-2, 3) if 2 in (abs(y), abs(x))],
    }
    for distance, ring in rings.items():
        assert len(ring) == 8 * distance
        images = np.array([_moved(image, *ring[at % len(ring)]) for at, image in enumerate(bars.images)])
        assert found[distance] == (small.predict(images).argmax(axis=1) == bars.labels).mean()
    assert told == pytest.approx([1 / 3, 2 / 3, 1.0])


def test_moving_the_digit_breaks_the_dense_network_first() -> None:
    digits = shipped_digits().take(0, 400)
    convolutional, dense = (accuracy_by_shift(cnn.load(name), digits, 4) for name in ("lenet5", "mlp"))
    assert abs(convolutional[0] - dense[0]) < 0.02
    assert (convolutional[1:] > dense[1:] + 0.01).all()
    # Of two pixels LeNet-5 makes little, and the dense network a lot.
    assert convolutional[2] > 0.88 > 0.83 > dense[2]


def test_shifts_can_be_stopped_and_refuse_what_is_impossible(small: Network, bars: Dataset) -> None:
    with pytest.raises(Cancelled):
        shift_map(small, bars.images[0], cancelled=lambda: True)
    with pytest.raises(Cancelled):
        accuracy_by_shift(small, bars, cancelled=lambda: True)
    with pytest.raises(Cancelled):
        accuracy_by_shift(cnn.load("mlp"), shipped_digits().take(0, 3), cancelled=lambda: True)
    for reach in (-1, 33):
        with pytest.raises(ValueError, match=f"reach must be 0 to 32, but is {reach}"):
            shift_map(small, bars.images[0], reach)
    with pytest.raises(TypeError, match="reach must be a whole number"):
        accuracy_by_shift(small, bars, 1.5)
    with pytest.raises(ValueError, match="image must have the shape"):
        shift_map(small, np.zeros((28, 28), np.uint8))
    with pytest.raises(TypeError, match="8-bit"):
        shift_map(small, np.zeros((6, 6)))
