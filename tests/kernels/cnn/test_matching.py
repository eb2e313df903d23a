"""What filters resemble: known patterns are recognised, with their parameters, angle and sign."""

from __future__ import annotations

import math

import numpy as np
import pytest

from kernels import Kernel, library
from kernels.cnn.candidates import candidates
from kernels.cnn.matching import most_similar, resemblances, split


def derivative(sigma: float, angle: float, size: int = 7) -> np.ndarray:
    y, x = np.mgrid[:size, :size] - (size - 1) / 2
    along = x * math.cos(math.radians(angle)) + y * math.sin(math.radians(angle))
    return along * np.exp(-(x**2 + y**2) / (2 * sigma**2))


def filters_of(*patterns: np.ndarray) -> np.ndarray:
    return np.stack(patterns)[..., np.newaxis]


@pytest.mark.parametrize("angle", [-180, -95, -40, 0, 35, 90, 155])
def test_a_gaussian_derivative_is_named_with_its_angle(angle: int) -> None:
    (found,) = resemblances(filters_of(2.5 * derivative(1.2, angle)))
    best = found.matches[0]
    assert best.text == f"1.00 Gaussian derivative, σ 1.2, at {angle}°"
    assert found.kind == "edge"
    assert np.sum(best.weights * derivative(1.2, angle)) > 0


def test_the_angle_is_where_brightness_grows() -> None:
    right, down = np.tile([-1.0, 0, 1], (3, 1)), np.tile([[-1.0], [0], [1]], (1, 3))
    for pattern, angle in ((right, 0.0), (down, 90.0), (-right, -180.0), (-down, -90.0)):
        (found,) = resemblances(filters_of(pattern), count=12)
        by_name = {match.candidate.name: match.candidate for match in found.matches}
        assert dict(by_name["gaussian-derivative"].parameters)["angle"] == angle


@pytest.mark.parametrize(
    ("name", "parameters", "kind"),
    [
        ("sobel-x", {"size": 5}, "edge"),
        ("kirsch-north", {}, "edge"),
        ("line-rising", {}, "line"),
        ("laplacian-8", {}, "blob"),
        ("gaussian", {"sigma": 1.5}, "blob"),
        ("log", {"sigma": 1.1}, "blob"),
        ("gabor", {"wavelength": 4.0, "theta": 30.0, "sigma": 1.6, "gamma": 1.0, "psi": 0.0}, "line"),
        ("gabor", {"wavelength": 4.0, "theta": -60.0, "sigma": 1.6, "gamma": 0.5, "psi": -90.0}, "edge"),
        ("disc", {"radius": 2.5}, "blob"),
    ],
)
def test_catalogue_kernels_are_recognised_up_to_strength_and_sign(
    name: str, parameters: dict[str, float], kind: str
) -> None:
    weights = library.get(name, **parameters).resize(7, 7).effective_weights
    for factor in (0.01, -3.0):
        (found,) = resemblances(filters_of(factor * weights))
        best = found.matches[0]
        assert best.similarity == pytest.approx(1, abs=1e-6)
        assert found.kind == kind
        np.testing.assert_allclose(best.weights, np.sign(factor) * weights / np.linalg.norm(weights), atol=1e-5)
        if factor > 0:
            assert best.candidate.name == name
            assert dict(best.candidate.parameters) == parameters


def test_a_turned_line_detector_is_negative() -> None:
    weights = library.get("line-vertical").weights
    plain, turned = resemblances(filters_of(weights, -weights))
    assert plain.matches[0].text == "1.00 Line vertical"
    assert turned.matches[0].text == "1.00 Line vertical, negative"


def test_three_matches_of_different_names_the_best_first() -> None:
    (found,) = resemblances(filters_of(derivative(1.5, 20) + 0.2))
    names = [match.candidate.name for match in found.matches]
    assert len(set(names)) == 3
    similarities = [match.similarity for match in found.matches]
    assert similarities == sorted(similarities, reverse=True)


def test_a_filter_is_split_into_pattern_and_colour() -> None:
    colour = np.array([0.6, -0.8, 0.0])
    weights = derivative(1.3, 60)[..., np.newaxis] * -colour
    parts = split(weights)
    assert parts.share == pytest.approx(1)
    np.testing.assert_allclose(np.multiply.outer(parts.pattern, parts.colour), weights, atol=1e-12)
    assert parts.colour.sum() >= 0
    mixed = weights + derivative(1.3, 150)[..., np.newaxis] * np.array([0.0, 0.0, 0.5])
    assert 0.5 < split(mixed).share < 0.95


def test_kinds_of_colour_grey_and_noise_filters() -> None:
    edge = derivative(1.5, 0)[..., np.newaxis]
    noise = np.random.default_rng(3).standard_normal((7, 7, 1))
    filters = np.stack([edge * np.ones(3), edge * np.array([1.0, -1.0, 0.1]), noise * np.ones(3), np.zeros((7, 7, 3))])
    found = resemblances(filters)
    assert [one.kind for one in found] == ["edge", "colour", "nothing", "nothing"]
    assert found[3].matches == ()
    # The direction over the maps of a deeper layer is no colour.
    deeper = resemblances(derivative(1.5, 0)[np.newaxis, ..., np.newaxis] * np.array([1.0, -1, 0, 0, 1]))
    assert deeper[0].kind == "edge"


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (3, 4), (4, 1), (5, 5), (9, 9)])
def test_candidates_fit_any_size_and_are_told_apart(size: tuple[int, int]) -> None:
    known, matrix = candidates(*size)
    assert matrix.shape == (len(known), size[0] * size[1])
    np.testing.assert_allclose(np.linalg.norm(matrix, axis=1), 1)
    settings = [(one.name, one.parameters) for one in known]
    assert len(set(settings)) == len(settings)
    filters = np.random.default_rng(0).standard_normal((2, *size, 3))
    assert all(one.matches for one in resemblances(filters))


def test_the_learned_filter_most_like_a_kernel() -> None:
    patterns = [derivative(1.5, 90), derivative(1.5, 0), np.ones((7, 7)), np.zeros((7, 7))]
    filters = np.stack([pattern[..., np.newaxis] * np.array([0.5, 0.6, 0.7]) for pattern in patterns])
    assert most_similar(library.get("sobel-x"), filters)[0] == 1
    index, similarity = most_similar(Kernel(-derivative(1.5, 90)), filters)
    assert (index, similarity) == (0, pytest.approx(1))
    assert most_similar(library.get("box", size=9), filters)[0] == 2
    assert most_similar(Kernel(filters[1]), filters) == (1, pytest.approx(1))
    with pytest.raises(ValueError, match="4 channels, but the filters have 3"):
        most_similar(Kernel(np.ones((3, 3, 4))), filters)
    with pytest.raises(ValueError, match="resembles nothing"):
        most_similar(Kernel([[0.0]]), filters)
