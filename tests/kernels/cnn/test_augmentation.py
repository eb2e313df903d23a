"""Other views of pictures: what they are against SciPy and OpenCV, and that chance comes from the generator alone."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from scipy import ndimage

from kernels.cnn.datasets import shipped_digits
from kernels.cnn.training.augmentation import inverse_matrices, variants, varied
from kernels.cnn.training.plan import Augmentation

PICTURES = np.random.default_rng(5).integers(0, 256, (40, 11, 14, 3)).astype(np.uint8)
EVERYTHING = Augmentation(shift=2, rotation=12.0, scale=0.15, shear=8.0, flip=True, noise=6.0)


def smooth(shape: tuple[int, int]) -> np.ndarray:
    """A picture without steps, in which a small error of a place is a small error of a grey level."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    return np.rint(127 + 60 * np.sin(x / 3.0) + 60 * np.cos(y / 2.5)).astype(np.uint8)


def see(pictures: np.ndarray, augmentation: Augmentation, seed: int = 1) -> np.ndarray:
    return varied(pictures, augmentation, np.random.default_rng(seed))


def test_nothing_asked_for_changes_nothing() -> None:
    assert see(PICTURES, Augmentation()) is PICTURES


def test_the_same_chance_gives_the_same_views_and_the_pictures_stay() -> None:
    before = PICTURES.copy()
    np.testing.assert_array_equal(see(PICTURES, EVERYTHING), see(PICTURES, EVERYTHING))
    assert not np.array_equal(see(PICTURES, EVERYTHING), see(PICTURES, EVERYTHING, seed=2))
    np.testing.assert_array_equal(PICTURES, before)


@pytest.mark.parametrize("pictures", [PICTURES, PICTURES[..., 0]], ids=["colour", "grey"])
def test_a_shift_moves_whole_pixels_by_every_distance_and_repeats_the_edge(pictures: np.ndarray) -> None:
    moves = set()
    around = ((2, 2), (2, 2), *((0, 0),) * (pictures.ndim - 3))
    for before, after in zip(pictures, see(pictures, Augmentation(shift=2)), strict=True):
        padded = np.pad(before, around, "edge")
        found = {
            (dy, dx)
            for dy in range(-2, 3)
            for dx in range(-2, 3)
            if np.array_equal(after, padded[2 - dy : 13 - dy, 2 - dx : 16 - dx])
        }
        assert len(found) == 1
        moves |= found
    assert {dy for dy, _ in moves} == {dx for _, dx in moves} == set(range(-2, 3))


def test_about_half_are_mirrored_left_to_right() -> None:
    views = see(PICTURES, Augmentation(flip=True))
    mirrored = [np.array_equal(after, before[:, ::-1]) for before, after in zip(PICTURES, views, strict=True)]
    same = [np.array_equal(after, before) for before, after in zip(PICTURES, views, strict=True)]
    assert 10 <= sum(mirrored) <= 30
    assert sum(mirrored) + sum(same) == len(PICTURES)


def _drawn(augmentation: Augmentation, count: int, seed: int) -> list[np.ndarray]:
    """The matrices (y, x, 1) from a place in the result to one in the picture, multiplied one by one by hand."""
    chances = np.random.default_rng(seed).random((6, count))
    result = []
    for down, right, turn, size, slant, mirror in chances.T:
        angle = np.radians((2 * turn - 1) * augmentation.rotation)
        lean = np.tan(np.radians((2 * slant - 1) * augmentation.shear))
        scale = 1 + (2 * size - 1) * augmentation.scale
        reach = augmentation.shift
        there = np.array([[1, 0, int(down * (2 * reach + 1)) - reach], [0, 1, int(right * (2 * reach + 1)) - reach]])
        # Clockwise on screen: what points right, (0, 1) as (y, x), comes to point down.
        turned = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        leaning = np.array([[1.0, 0.0], [lean, 1.0]])
        flip = np.diag([1.0, -1.0 if augmentation.flip and mirror < 0.5 else 1.0])
        about = np.vstack([there, [0, 0, 1]]) @ np.block(
            [[turned @ (scale * leaning) @ flip, np.zeros((2, 1))], [np.zeros((1, 2)), np.ones((1, 1))]]
        )
        result.append(np.linalg.inv(about))
    return result


@settings(max_examples=25, deadline=None)
@given(
    shift=st.integers(0, 3),
    rotation=st.floats(0, 40),
    scale=st.floats(0, 0.4),
    shear=st.floats(0, 25),
    flip=st.booleans(),
    seed=st.integers(0, 1000),
)
def test_an_affine_view_is_that_of_scipy(
    shift: int, rotation: float, scale: float, shear: float, flip: bool, seed: int
) -> None:
    augmentation = Augmentation(shift=shift, rotation=rotation, scale=scale, shear=shear, flip=flip)
    picture = smooth((21, 18))
    views = variants(picture, augmentation, 4, seed)
    middle = np.array([10.0, 8.5])
    for view, back in zip(views, _drawn(augmentation, 4, seed), strict=True):
        offset = middle + back[:2, 2] - back[:2, :2] @ middle
        oracle = ndimage.affine_transform(picture.astype(float), back[:2, :2], offset, order=1, mode="nearest")
        # OpenCV places and weighs in small fractions of a pixel.
        assert np.abs(view - oracle).max() <= 3.0


def test_a_turn_alone_is_that_of_opencv() -> None:
    picture = shipped_digits().images[3]
    matrices = inverse_matrices(np.array([20.0]), np.ones(1), np.zeros(1), np.zeros(1, bool))
    oracle = cv2.getRotationMatrix2D((0, 0), 20.0, 1.0)[:, :2]
    np.testing.assert_allclose(matrices[0], oracle, atol=1e-12)
    assert not np.array_equal(variants(picture, Augmentation(rotation=20.0), 1)[0], picture)


def test_noise_has_the_asked_for_deviation_and_stays_within_the_levels() -> None:
    grey = np.full((50, 20, 20), 128, np.uint8)
    noisy = see(grey, Augmentation(noise=7.0)).astype(float)
    assert noisy.std() == pytest.approx(7.0, rel=0.03)
    assert noisy.mean() == pytest.approx(128.0, abs=0.3)
    extreme = see(np.array([[[0, 255]]], np.uint8).repeat(500, 0), Augmentation(noise=200.0))
    assert extreme.min() == 0
    assert extreme.max() == 255


def test_one_more_kind_does_not_change_the_chance_of_the_others() -> None:
    alone = see(PICTURES, Augmentation(shift=3))
    both = see(PICTURES, Augmentation(shift=3, flip=True))
    unmirrored = see(PICTURES, Augmentation(flip=True)) == PICTURES
    kept = unmirrored.all(axis=(1, 2, 3))
    assert 0 < kept.sum() < len(PICTURES)
    np.testing.assert_array_equal(alone[kept], both[kept])


def test_what_comes_in_from_outside_around_a_digit_is_black() -> None:
    digit = np.zeros((28, 28), np.uint8)
    digit[4:24, 12:16] = 255
    for view in variants(digit, replace(EVERYTHING, noise=0.0), 30):
        assert view[[0, 1, -1, -2]][:, [0, 1, -1, -2]].max() == 0
        assert view.max() > 200
