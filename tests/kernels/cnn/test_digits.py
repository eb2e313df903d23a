"""What a network for digits gets: strokes, the centring of MNIST, moves."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from kernels import cnn
from kernels.cnn.datasets import Dataset, shipped_digits
from kernels.cnn.digits import PAD, Stroke, as_drawn, centred, draw, moved, noisy


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return shipped_digits()


def _coverage(start: tuple[float, float], end: tuple[float, float], width: float) -> np.ndarray:
    """How much of each pixel a line with round ends covers, by its distance."""
    y, x = np.mgrid[:PAD, :PAD] + 0.5
    first, way = np.array(start), np.subtract(end, start)
    along = np.clip(((y - first[0]) * way[0] + (x - first[1]) * way[1]) / max(way @ way, 1e-12), 0, 1)
    distance = np.hypot(y - first[0] - along * way[0], x - first[1] - along * way[1])
    return np.clip(width / 2 + 0.5 - distance, 0, 1)


@pytest.mark.parametrize(
    ("start", "end", "width"),
    [((50, 50), (60, 200.3), 13), ((10.2, 10), (200, 200), 12), ((5, 5), (250, 5), 8), ((100, 100), (100, 100), 20)],
)
def test_a_stroke_covers_what_a_round_brush_does(
    start: tuple[float, float], end: tuple[float, float], width: int
) -> None:
    drawn, expected = draw([Stroke((start, end), width)]) / 255, _coverage(start, end, width)
    assert drawn.sum() == pytest.approx(expected.sum(), rel=0.035)
    assert np.abs(drawn - expected).max() < 0.3
    # The edges are smooth, and nothing is painted far from them.
    assert ((drawn > 0.1) & (drawn < 0.9)).any()
    assert not drawn[_coverage(start, end, width + 3) == 0].any()


def test_one_point_is_a_dot_and_each_stroke_keeps_its_width() -> None:
    dot = Stroke(((40, 200),), 30)
    line = Stroke(((200, 40), (200, 240), (230, 240)), 5)
    np.testing.assert_allclose(draw([dot]).sum() / 255, np.pi * 15**2, rtol=0.02)
    np.testing.assert_array_equal(draw([dot, line]), np.maximum(draw([dot]), draw([line])))
    assert not draw([]).any()


def test_strokes_may_leave_the_pad() -> None:
    far = draw([Stroke(((140, -1e6), (140, 1e6)), 8)])
    assert (far[137:143] == 255).all()
    assert not far[:130].any()
    assert (draw([Stroke(((140, 140),), 10**9)]) == 255).all()


@pytest.mark.parametrize(
    ("points", "width", "message"),
    [
        ((), 5, "points is empty"),
        (((1.0, float("nan")),), 5, "finite numbers near the pad"),
        (((1.0, 2.0), (float("inf"), 0.0)), 5, "finite numbers near the pad"),
        (((1.0, 2.0),), 0, "width is 0"),
    ],
)
def test_impossible_strokes_are_refused(points: tuple[tuple[float, float], ...], width: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Stroke(points, width)


@pytest.mark.parametrize("size", [(280, 280), (100, 70), (31, 57), (3, 28)])
def test_as_drawn_is_the_area_average_in_the_middle(size: tuple[int, int]) -> None:
    picture = np.random.default_rng(1).integers(0, 256, size, dtype=np.uint8)
    scale = 28 / max(size)
    rows, columns = round(size[0] * scale), round(size[1] * scale)
    expected = cv2.resize(picture.astype(np.float32), (columns, rows), interpolation=cv2.INTER_AREA)
    drawn = as_drawn(picture)
    top, left = (28 - rows) // 2, (28 - columns) // 2
    inside = drawn[top : top + rows, left : left + columns]
    np.testing.assert_allclose(inside, expected, atol=0.51)
    assert drawn.sum(dtype=int) == inside.sum(dtype=int)


def test_as_drawn_takes_any_kind_and_colours(digits: Dataset) -> None:
    digit = digits.images[0]
    np.testing.assert_array_equal(as_drawn(digit), digit)
    for other in (digit / 255.0, digit.astype(np.uint16) * 257, (digit / 255).astype(np.float32), digit[..., None]):
        np.testing.assert_array_equal(as_drawn(other), digit)
    np.testing.assert_array_equal(as_drawn(digit // 2, white=127.5), digit // 2 * 2)
    colour = np.zeros((40, 40, 3), np.uint8)
    colour[..., 1] = 100
    assert (as_drawn(colour) == round(0.587 * 100)).all()
    seen = as_drawn(colour, (32, 32, 3))
    assert seen.shape == (32, 32, 3)
    assert (seen == (0, 100, 0)).all()
    grey = as_drawn(digit.repeat(8, 0).repeat(8, 1), (32, 32, 3))
    assert (grey == grey[..., :1]).all()
    np.testing.assert_allclose(grey.mean(), digit.mean(), rtol=0.01)


def test_mnists_digits_hardly_move(digits: Dataset) -> None:
    again = np.array([centred(image) for image in digits.images])
    before, after = (_centres(images) for images in (digits.images, again))
    assert np.abs(before - after).max() < 1
    # MNIST cut a row off two of them, so that their box is 19 high; the others are the same to the last bit.
    same = (again == digits.images).all(axis=(1, 2))
    assert np.count_nonzero(same) == 1998
    assert np.abs(after[same] - 14).max() < 0.5


def _centres(images: np.ndarray) -> np.ndarray:
    """Centres of mass, (N, 2)."""
    y, x = np.mgrid[:28, :28]
    mass = images.sum(axis=(1, 2), dtype=float)
    return np.stack([(images * y).sum(axis=(1, 2)) / mass, (images * x).sum(axis=(1, 2)) / mass], axis=1)


def test_a_small_digit_in_the_corner_is_read_once_it_is_centred(digits: Dataset) -> None:
    network, part = cnn.load("lenet5"), digits.take(0, 200)
    pads = np.zeros((200, PAD, PAD), np.uint8)
    pads[:, 120:260, 135:275] = part.images.repeat(5, axis=1).repeat(5, axis=2)
    right = [
        (network.predict(np.array([prepare(pad) for pad in pads])).argmax(axis=1) == part.labels).mean()
        for prepare in (as_drawn, centred)
    ]
    assert right[0] < 0.5
    assert right[1] > 0.98


def test_what_is_drawn_anywhere_at_any_size_is_centred_alike() -> None:
    seven = ((0, 0), (0, 60), (100, 25))
    results = []
    for scale, y, x in ((0.6, 10, 10), (1.0, 150, 190), (2.0, 40, 60)):
        points = tuple((y + scale * at[0], x + scale * at[1]) for at in seven)
        results.append(centred(draw([Stroke(points, round(10 * scale))])).astype(int))
    box = np.argwhere(results[0])
    assert tuple(np.ptp(box, axis=0) + 1) == (20, 13)
    for result in results[1:]:
        assert np.abs(result - results[0]).mean() < 4


def test_the_aspect_is_kept_and_nothing_leaves_the_picture() -> None:
    wide = np.zeros((60, 90), np.uint8)
    wide[20:30, 10:50] = 200
    shape = np.argwhere(centred(wide))
    assert tuple(np.ptp(shape, axis=0) + 1) == (5, 20)
    # Nearly all the mass at one end: the centre of mass cannot be in the middle.
    heavy = np.zeros((100, 100), np.uint8)
    heavy[:, 50] = 10
    heavy[98:] = 255
    heavy[98:, :20] = heavy[98:, 81:] = 0
    rows = np.flatnonzero(centred(heavy).any(axis=1))
    assert (rows[0], rows[-1]) == (0, 19)


def test_empty_and_white_pictures_have_results() -> None:
    assert not centred(np.zeros((PAD, PAD), np.uint8)).any()
    assert not centred(np.zeros((5, 3, 3))).any()
    white = centred(np.full((70, 70), 255, np.uint8))
    assert (white[4:24, 4:24] == 255).all()
    assert white.sum(dtype=int) == 20 * 20 * 255
    assert (as_drawn(np.full((70, 70), 255, np.uint8)) == 255).all()
    assert as_drawn(np.array([[255]], np.uint8)).all()


@pytest.mark.parametrize("prepare", [as_drawn, centred])
def test_what_is_no_finite_picture_is_refused(prepare: object) -> None:
    picture = np.zeros((400, 300))
    picture[17, 5] = np.nan
    assert callable(prepare)
    with pytest.raises(ValueError, match="not finite numbers"):
        prepare(picture)
    with pytest.raises(ValueError, match="image must be"):
        prepare(np.zeros((0, 5), np.uint8))
    with pytest.raises(TypeError, match="real numbers"):
        prepare(np.zeros((5, 5), complex))
    with pytest.raises(ValueError, match="white is 0"):
        prepare(np.zeros((5, 5)), white=0)


def test_fifty_megapixels_are_taken() -> None:
    huge = np.zeros((5_000, 10_000), np.uint8)
    huge[1000:3000, 6000:6500] = 255
    result = centred(huge)
    np.testing.assert_array_equal(result[4:24, 12:17], 255)
    assert result.sum(dtype=int) == 100 * 255
    assert as_drawn(huge).shape == (28, 28)


@pytest.mark.parametrize("shape", [(28, 28), (32, 32, 3), (9, 14)])
def test_whole_moves_shift_and_let_black_in(shape: tuple[int, ...]) -> None:
    picture = np.random.default_rng(3).integers(1, 256, shape, dtype=np.uint8)
    np.testing.assert_array_equal(moved(picture), picture)
    result = moved(picture, 4, -3)
    np.testing.assert_array_equal(result[:-3, 4:], picture[3:, :-4])
    assert not result[-3:].any()
    assert not result[:, :4].any()
    for far in (shape[1], -1e12):
        assert not moved(picture, far).any()


def test_turning_is_clockwise_and_scaling_about_the_middle(digits: Dataset) -> None:
    digit = digits.images[3]
    np.testing.assert_allclose(moved(digit, degrees=90), np.rot90(digit, -1), atol=1)
    np.testing.assert_allclose(moved(digit, degrees=-180.0), digit[::-1, ::-1], atol=1)
    square = np.zeros((28, 28), np.uint8)
    square[9:19, 9:19] = 240
    assert moved(square, scale=2.0).sum() == pytest.approx(4 * square.sum(), rel=0.02)
    np.testing.assert_array_equal(moved(square, 3, 2, scale=2.0), moved(moved(square, scale=2.0), 3, 2))


@pytest.mark.parametrize(
    "arguments", [{"dx": np.nan}, {"dy": np.inf}, {"degrees": np.nan}, {"scale": 0.4}, {"scale": np.nan}]
)
def test_impossible_moves_are_refused(arguments: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=f"{next(iter(arguments))} is .*, but must be"):
        moved(np.zeros((28, 28), np.uint8), **arguments)


def test_noise_is_the_pictures_own(digits: Dataset) -> None:
    digit = digits.images[0]
    first = noisy(digit, "gaussian", 20, 1)
    np.testing.assert_array_equal(first, noisy(digit, "gaussian", 20, 1))
    assert first.dtype == np.uint8
    assert np.std(first[digit > 60].astype(float) - digit[digit > 60]) > 3
    np.testing.assert_array_equal(noisy(digit, "uniform", 0, 1), digit)
