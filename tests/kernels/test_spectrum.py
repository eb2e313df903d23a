"""The frequency response against Fourier transforms, known answers and the filter itself."""

from __future__ import annotations

import numpy as np
import pytest

from kernels import correlate
from kernels.filtering.spectrum import frequencies, frequency_response
from kernels.kernel import Kernel, library

RANDOM = np.random.default_rng(6)


@pytest.mark.parametrize("size", [16, 33, 64])
@pytest.mark.parametrize("shape", [(3, 3), (1, 4), (7, 2)])
def test_is_the_magnitude_of_the_transform_with_zero_at_the_middle(size: int, shape: tuple[int, int]) -> None:
    kernel = Kernel(RANDOM.standard_normal(shape), divisor=3, offset=128)
    wanted = np.fft.fftshift(np.abs(np.fft.fft2(kernel.weights / 3, (size, size))))
    assert np.allclose(frequency_response(kernel, size), wanted, atol=1e-12)
    assert frequencies(size) == pytest.approx(np.fft.fftshift(np.fft.fftfreq(size)))


def test_a_box_is_a_dirichlet_kernel() -> None:
    response = frequency_response(library.get("box", size=5), 32)
    f = frequencies(32)
    with np.errstate(invalid="ignore"):
        row = np.where(f == 0, 1.0, np.abs(np.sin(5 * np.pi * f) / (5 * np.sin(np.pi * f))))
    assert np.allclose(response, np.outer(row, row), atol=1e-12)


def test_a_central_difference_answers_to_waves_across_it_only() -> None:
    response = frequency_response(library.get("central-x"), 16)
    assert np.allclose(response, np.abs(2 * np.sin(2 * np.pi * frequencies(16)))[np.newaxis], atol=1e-12)


def test_is_the_amplitude_that_a_wave_keeps() -> None:
    kernel = library.get("gabor", wavelength=4, theta=30)
    y, x = np.mgrid[:64, :64]
    wave = np.cos(2 * np.pi * (3 * y + 9 * x) / 32)
    filtered = correlate(wave, kernel, border="wrap")
    assert filtered.std() / wave.std() == pytest.approx(frequency_response(kernel, 32)[16 + 3, 16 + 9], rel=1e-9)


def test_kernels_larger_than_the_sampling_are_not_cut() -> None:
    kernel = library.get("gaussian", sigma=5)
    assert np.allclose(frequency_response(kernel, 8), frequency_response(kernel, 64)[::8, ::8])


def test_every_channel_has_its_own_response() -> None:
    weights = RANDOM.standard_normal((3, 5, 4))
    response = frequency_response(Kernel(weights), 12)
    assert response.shape == (12, 12, 4)
    for channel in range(4):
        assert np.allclose(response[..., channel], frequency_response(Kernel(weights[..., channel]), 12))


def test_refuses_impossible_sizes() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        frequency_response(library.get("box"), 0)
    with pytest.raises(TypeError):
        frequency_response(library.get("box"), 2.5)
