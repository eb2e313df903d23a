"""Noise: repeatable, of the promised size, and gone from nothing that it must not touch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.errors import Cancelled
from kernels.pictures import noise
from kernels.pictures.noise import NOISES, noise_title, with_noise
from kernels.pictures.picture import Origin, Picture, from_array

GREY = Picture(np.full((400, 500), 120, np.uint8), origin=Origin("sample", "camera.png", "camera"))


def flat(dtype: str, value: float = 100, shape: tuple[int, ...] = (300, 300), **options: Any) -> Picture:
    return Picture(np.full(shape, value, dtype), **options)


def test_gaussian_noise_has_its_mean_and_deviation_and_is_normal() -> None:
    from scipy import stats

    values = with_noise(flat("float64", 5.0), "gaussian", 20.0, 1).pixels
    assert values.mean() == pytest.approx(5.0, abs=0.3)
    assert values.std() == pytest.approx(20.0, rel=0.01)
    assert stats.kstest(values.ravel(), "norm", args=(5, 20)).pvalue > 0.01
    # Neighbours know nothing of each other.
    assert abs(np.corrcoef(values[:, :-1].ravel(), values[:, 1:].ravel())[0, 1]) < 0.02
    assert abs(np.corrcoef(values[:-1].ravel(), values[1:].ravel())[0, 1]) < 0.02


def test_uniform_noise_fills_its_width_evenly() -> None:
    from scipy import stats

    values = with_noise(flat("float64", 0.0), "uniform", 8.0, 3).pixels
    assert -8 < values.min() < -7.99
    assert 7.99 < values.max() < 8
    assert stats.kstest(values.ravel(), "uniform", args=(-8, 16)).pvalue > 0.01


def test_salt_and_pepper_takes_whole_pixels_half_black_half_white() -> None:
    picture = flat("uint16", 500, (300, 300, 3), white=1023)
    pixels = with_noise(picture, "salt-and-pepper", 0.1, 7).pixels
    black, white = (pixels == 0).all(axis=2), (pixels == 1023).all(axis=2)
    assert black.mean() == pytest.approx(0.05, abs=0.004)
    assert white.mean() == pytest.approx(0.05, abs=0.004)
    assert (pixels[~black & ~white] == 500).all()
    more = with_noise(picture, "salt-and-pepper", 0.3, 7).pixels
    assert (more[black] == 0).all()
    assert (more[white] == 1023).all()
    every = with_noise(picture, "salt-and-pepper", 1, 7).pixels
    assert set(np.unique(every)) == {0, 1023}


@pytest.mark.parametrize("kind", NOISES)
@pytest.mark.parametrize("dtype", ["u1", "u2", "i2", "i8", "u8", "f4", "f8", ">f4", ">u2"])
@pytest.mark.parametrize("shape", [(7, 11), (7, 11, 3), (1, 1)])
def test_dtype_white_alpha_and_note_are_kept(kind: str, dtype: str, shape: tuple[int, ...]) -> None:
    alpha = np.arange(shape[0] * shape[1], dtype=np.uint8).reshape(shape[:2])
    picture = Picture(np.full(shape, 60, dtype), 200.0, alpha, Origin("file", "/a/b.png", "b.png"), "page 1 of 2")
    noisy = with_noise(picture, kind, 0.7, 4)
    assert noisy.pixels.dtype == picture.pixels.dtype
    assert noisy.shape == shape
    assert (noisy.white, noisy.note) == (200.0, "page 1 of 2")
    np.testing.assert_array_equal(noisy.alpha, alpha)
    assert noisy.origin == Origin("output", None, noise_title("b.png", kind, 0.7, 4))
    assert (picture.pixels == 60).all()
    np.testing.assert_array_equal(with_noise(picture, kind, 0, 4).pixels, picture.pixels)


@pytest.mark.parametrize("dtype", ["u1", "i1", "i2", "i4", "i8", "u8"])
@pytest.mark.parametrize("kind", ["gaussian", "uniform"])
def test_whole_numbers_are_rounded_and_stay_in_the_range(dtype: str, kind: str) -> None:
    pixels = with_noise(flat(dtype, 50, white=100), kind, 1e4, 2).pixels
    assert (pixels.min(), pixels.max()) == (0, 100)
    largest = np.iinfo(dtype).max
    full = with_noise(flat(dtype, largest, white=float(largest)), kind, 1e300, 2).pixels
    assert full.min() == 0
    assert full.max() >= largest - largest // 2**50
    ordinary = with_noise(flat("f8", 50), kind, 3, 2).pixels
    np.testing.assert_array_equal(with_noise(flat(dtype, 50, white=100), kind, 3, 2).pixels, np.rint(ordinary))


def test_what_lies_outside_the_range_already_may_stay_there() -> None:
    picture = from_array(np.array([[-300, 5000, 20]], np.int16), white=255)
    np.testing.assert_array_equal(with_noise(picture, "gaussian", 0, 1).pixels, picture.pixels)
    small = with_noise(Picture(np.full((50, 50), 100, np.int8), 255.0), "salt-and-pepper", 1, 1)
    assert set(np.unique(small.pixels)) == {0, 127}


def test_floats_are_not_clipped_and_what_is_not_finite_stays() -> None:
    pixels = with_noise(flat("float32", 0.5, white=1.0), "gaussian", 2.0, 5).pixels
    assert pixels.min() < -1
    assert pixels.max() > 2
    spoiled = Picture(np.array([[np.nan, np.inf, -np.inf, 1.0]], np.float32), 1.0)
    noisy = with_noise(spoiled, "uniform", 1, 1).pixels[0]
    assert np.isnan(noisy[0])
    assert noisy[1:3].tolist() == [np.inf, -np.inf]


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(NOISES), st.integers(1, 40), st.integers(1, 40), st.integers(1, 900), st.integers(0, 2**70))
def test_strips_do_not_show(kind: str, height: int, width: int, values: int, seed: int) -> None:
    picture = Picture(np.full((height, width, 3), 100, np.uint8))
    whole = with_noise(picture, kind, 0.5, seed).pixels
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(noise, "_STRIP", values)
        np.testing.assert_array_equal(with_noise(picture, kind, 0.5, seed).pixels, whole)


def test_one_raw_number_of_the_seed_makes_each_value() -> None:
    raw = np.random.PCG64(11).random_raw(6)
    expected = []
    for number in raw:
        first, second = int(number) >> 32, int(number) & 0xFFFFFFFF
        angle = 2 * np.pi * second / 2**32
        expected.append(3 * np.sqrt(-2 * np.log((first + 0.5) / 2**32)) * np.cos(angle))
    made = with_noise(Picture(np.zeros((2, 3))), "gaussian", 3, 11).pixels
    np.testing.assert_allclose(made.ravel(), expected, rtol=1e-12)
    assert (with_noise(GREY, "gaussian", 20, 1).pixels != with_noise(GREY, "gaussian", 20, 2).pixels).mean() > 0.9


def test_titles() -> None:
    assert with_noise(GREY, "gaussian", 20, 1).origin.name == "camera + Gaussian noise, σ 20, seed 1"
    assert noise_title("a", "salt-and-pepper", 0.05, 3) == "a + salt and pepper, 5 % of the pixels, seed 3"
    assert noise_title("a", "uniform", 0.125, 0) == "a + uniform noise, ±0.125, seed 0"


@pytest.mark.parametrize(
    ("kind", "amount", "seed", "error", "words"),
    [
        ("gausian", 1, 1, ValueError, "Did you mean 'gaussian'"),
        ("gaussian", -1, 1, ValueError, "amount is -1, but must be the standard deviation"),
        ("uniform", float("nan"), 1, ValueError, "amount is nan"),
        ("gaussian", float("inf"), 1, ValueError, "amount is inf"),
        ("salt-and-pepper", 1.01, 1, ValueError, "share of the pixels, from 0 to 1"),
        ("salt-and-pepper", -0.1, 1, ValueError, "share of the pixels"),
        ("gaussian", "2", 1, TypeError, "must be a number"),
        ("gaussian", 2, -1, ValueError, "seed is -1"),
        ("gaussian", 2, 1.5, TypeError, "seed is 1.5"),
    ],
)
def test_refusals(kind: str, amount: Any, seed: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        with_noise(GREY, kind, amount, seed)


def test_it_can_be_stopped_and_tells_how_far_it_is() -> None:
    shares: list[float] = []
    with_noise(GREY, "gaussian", 1, 1, progress=shares.append)
    assert shares[-1] == 1.0
    with pytest.raises(Cancelled):
        with_noise(GREY, "gaussian", 1, 1, cancelled=lambda: True)


def test_memory_is_asked_for_first(leave_free: Callable[[int], None]) -> None:
    leave_free(300_000)
    with pytest.raises(MemoryError, match="A picture of 400 × 500 values needs"):
        with_noise(GREY, "gaussian", 1, 1)
