"""Patterns with a name are found again, with their numbers."""

from __future__ import annotations

import numpy as np
import pytest

from kernels.cnn.matching import Match, matches
from kernels.cnn.orientation import band_kind, curvature_angle, slope_angle
from kernels.cnn.patterns import families
from kernels.kernel import library


def _coordinates(size: int) -> tuple[np.ndarray, np.ndarray]:
    y, x = np.mgrid[:size, :size] - (size - 1) / 2
    return y, x


def _edge(size: int, sigma: float, angle: float) -> np.ndarray:
    """A Gaussian's first derivative that grows towards the angle."""
    y, x = _coordinates(size)
    along = x * np.cos(np.radians(angle)) + y * np.sin(np.radians(angle))
    return along * np.exp(-(x**2 + y**2) / (2 * sigma**2))


def _line(size: int, sigma: float, angle: float) -> np.ndarray:
    """A bright line with dark sides; the angle points across it."""
    y, x = _coordinates(size)
    along = x * np.cos(np.radians(angle)) + y * np.sin(np.radians(angle))
    return (1 - along**2 / sigma**2) * np.exp(-(x**2 + y**2) / (2 * sigma**2))


def _best(pattern: np.ndarray) -> Match:
    return matches(pattern[np.newaxis])[0][0]


def _turn(angle: float, other: float, period: float) -> float:
    """The smaller angle between two directions."""
    return abs((angle - other + period / 2) % period - period / 2)


ANGLES = [-180.0, -127.0, -90.0, -13.0, 0.0, 35.0, 68.0, 90.0, 151.0]


@pytest.mark.parametrize("sigma", [0.9, 1.2, 1.9])
@pytest.mark.parametrize("angle", ANGLES)
def test_finds_a_gaussian_derivative_with_its_angle_and_scale(sigma: float, angle: float) -> None:
    found = _best(_edge(7, sigma, angle))
    assert (found.name, found.kind) == ("gaussian-derivative", "edge")
    assert _turn(found.angle, angle, 360) < 1
    assert dict(found.parameters)["sigma"] == pytest.approx(sigma, rel=0.02)
    assert found.score > 0.9999


def test_of_two_that_come_as_near_the_one_with_fewer_free_numbers_is_first() -> None:
    edge = _edge(7, 1.5, 0.0)
    noisy = edge / np.abs(edge).max() + 0.2 * np.random.default_rng(16).standard_normal((7, 7))
    first, second, _ = matches(noisy[np.newaxis])[0]
    assert (first.name, second.name) == ("gaussian-derivative", "gabor")
    assert first.score + 0.001 < second.score


@pytest.mark.parametrize("angle", ANGLES)
def test_finds_a_gaussian_derivative_under_noise(angle: float) -> None:
    edge, noise = _edge(7, 1.2, angle), np.random.default_rng(5).standard_normal((7, 7))
    several = matches((edge + 0.15 * np.linalg.norm(edge) / np.linalg.norm(noise) * noise)[np.newaxis])[0]
    assert several[0].kind == "edge"
    assert _turn(several[0].angle, angle, 360) < 4
    found = next(one for one in several if one.name == "gaussian-derivative")
    assert _turn(found.angle, angle, 360) < 4
    assert dict(found.parameters)["sigma"] == pytest.approx(1.2, rel=0.15)
    assert 0.97 < found.score < 1


def test_writes_a_match_as_score_title_and_parameters() -> None:
    found = _best(_edge(7, 1.2, 35))
    assert str(found) == "1.00 Gaussian derivative, σ 1.20, at 35.0°"
    assert str(_best(_edge(7, 1.2, -35))).endswith("at −35.0°")


@pytest.mark.parametrize("angle", [0.0, 40.0, 90.0, 133.0])
@pytest.mark.parametrize("sign", [1, -1])
def test_finds_a_line_whatever_its_sign(angle: float, sign: int) -> None:
    found = _best(sign * _line(7, 1.3, angle))
    assert (found.name, found.kind) == ("gaussian-line", "line")
    assert _turn(found.angle, angle, 180) < 2
    assert dict(found.parameters)["sigma"] == pytest.approx(1.3, rel=0.05)
    assert np.sign(found.kernel.weights[3, 3]) == sign


def test_finds_a_blob_its_scale_and_its_place() -> None:
    y, x = _coordinates(9)
    found = _best(np.exp(-((x - 1.2) ** 2 + (y + 0.7) ** 2) / (2 * 1.6**2)))
    assert (found.name, found.kind, found.angle) == ("gaussian", "blob", None)
    assert dict(found.parameters) == pytest.approx({"sigma": 1.6, "dy": -0.7, "dx": 1.2}, abs=0.05)
    assert str(found) == "1.00 Gaussian, σ 1.60, y −0.70, x +1.20"


@pytest.mark.parametrize(("theta", "psi"), [(20.0, 0.0), (70.0, 60.0), (110.0, -120.0), (160.0, 170.0)])
def test_finds_a_gabor_pattern_with_all_its_numbers(theta: float, psi: float) -> None:
    wanted = {"wavelength": 5.0, "theta": theta, "sigma": 2.4, "gamma": 0.7, "psi": psi}
    found = _best(library.get("gabor", **wanted).resize(13, 13).weights)
    assert found.name == "gabor"
    assert found.score > 0.999
    assert dict(found.parameters) == pytest.approx(wanted, rel=0.05, abs=2)


def test_calls_many_bands_stripes_and_two_an_edge() -> None:
    y, x = _coordinates(13)
    stripes = np.cos(2 * np.pi * y / 4) * np.exp(-(x**2 + y**2) / (2 * 3.5**2))
    assert (_best(stripes).name, _best(stripes).kind) == ("gabor", "stripes")
    assert _turn(_best(stripes).angle, 90, 180) < 2
    long_edge = np.sin(2 * np.pi * x / 9) * np.exp(-(x**2 / (2 * 2.2**2)) - y**2 / (2 * 5.0**2))
    assert (_best(long_edge).name, _best(long_edge).kind) == ("gabor", "edge")
    assert _turn(_best(long_edge).angle, 0, 360) < 2
    assert _turn(_best(-long_edge).angle, 180, 360) < 2


@pytest.mark.parametrize("name", ["sobel-x", "kirsch-north-east", "laplacian-8", "line-rising", "frei-chen-3"])
def test_finds_a_small_catalogue_kernel_in_a_larger_window(name: str) -> None:
    found = _best(library.get(name).resize(7, 7).weights)
    assert found.name == name
    assert found.score == pytest.approx(1)
    assert found.kernel.name == library.entry(name).title
    assert " y " not in str(found)
    assert "negated" not in str(found)


def test_finds_a_catalogue_kernel_off_centre_and_negated() -> None:
    window = np.zeros((7, 7))
    window[1:4, 3:6] = -library.get("laplacian-4").weights
    found = _best(window)
    assert found.name == "laplacian-4"
    assert dict(found.parameters) == {"dy": -1.0, "dx": 1.0}
    assert np.array_equal(np.sign(found.kernel.weights), np.sign(window))


def test_tells_the_size_of_a_disc_and_of_sobel() -> None:
    assert str(_best(library.get("disc", radius=2.5).resize(9, 9).weights)) == "1.00 Disc, r 2.5"
    assert str(_best(library.get("sobel-y", size=5).resize(9, 9).weights)) == "1.00 Sobel y, n 5"


def test_scores_are_cosines_with_the_kernels_that_are_drawn() -> None:
    patterns = np.random.default_rng(2).standard_normal((6, 5, 7))
    for pattern, several in zip(patterns, matches(patterns), strict=True):
        assert len({one.name for one in several}) == 3
        for one in several:
            drawn = one.kernel.weights
            assert drawn.shape == (5, 7)
            cosine = (drawn * pattern).sum() / np.linalg.norm(drawn) / np.linalg.norm(pattern)
            assert one.score == pytest.approx(cosine, abs=1e-9)


def test_keeps_the_mean_so_that_a_pedestal_counts() -> None:
    y, x = _coordinates(7)
    blob = np.exp(-(x**2 + y**2) / 2)
    raised = {one.name: one for one in matches((blob - blob.mean())[np.newaxis], 9)[0]}
    assert raised["gaussian"].score < 0.97
    assert _best(blob).score > 0.999


@pytest.mark.parametrize(
    ("name", "values", "parameters"),
    [
        ("gaussian", (1.1, 0, 0), {"sigma": 1.1}),
        ("log", (1.3, 0, 0), {"sigma": 1.3}),
        ("dog", (0.9, 2.0, 0, 0), {"sigma_1": 0.9, "sigma_2": 1.8}),
        ("motion", (5.0, 30.0, 0, 0), {"length": 5, "angle": 30}),
        ("gabor", (6.0, 25.0, 1.5, 0.8, 40.0), {"wavelength": 6, "theta": 25, "sigma": 1.5, "gamma": 0.8, "psi": 40}),
    ],
)
def test_families_draw_what_the_catalogue_does(
    name: str, values: tuple[float, ...], parameters: dict[str, float]
) -> None:
    family = next(one for one in families() if one.name == name)
    drawn = family.render(np.array([values]), (11, 11))[0]
    wanted = library.get(name, **parameters).resize(11, 11).weights
    cosine = (drawn * wanted).sum() / np.linalg.norm(drawn) / np.linalg.norm(wanted)
    assert cosine > 0.9995  # the catalogue gives leftovers of cutting to the middle


@pytest.mark.parametrize("size", [(1, 1), (1, 5), (5, 1), (2, 2), (2, 3), (4, 4), (3, 3), (6, 5)])
def test_takes_any_size(size: tuple[int, int]) -> None:
    patterns = np.random.default_rng(9).standard_normal((3, *size))
    for several in matches(patterns):
        assert bool(several) == (size != (1, 1))
        assert all(0 <= one.score <= 1 and one.kernel.shape == size for one in several)


def test_nothing_is_like_a_pattern_of_zeros() -> None:
    found = matches(np.stack([np.zeros((5, 5)), _edge(5, 1.0, 0)]))
    assert found[0] == ()
    assert found[1][0].name == "gaussian-derivative"


def test_scale_does_not_matter() -> None:
    pattern = np.random.default_rng(3).standard_normal((5, 5))
    wanted = [str(one) for one in _all(pattern)]
    assert [str(one) for one in _all(pattern * 2.0**-60)] == wanted
    assert [str(one) for one in _all(pattern * 2.0**60)] == wanted


def _all(pattern: np.ndarray) -> tuple[Match, ...]:
    return matches(pattern[np.newaxis])[0]


@pytest.mark.parametrize(
    ("name", "angle"),
    [("sobel-x", 0), ("sobel-y", 90), ("robinson-south-east", 45), ("robinson-north-east", -45), ("backward-x", 0)],
)
def test_edges_of_the_catalogue_point_where_brightness_grows(name: str, angle: float) -> None:
    assert slope_angle(library.get(name).weights) == pytest.approx(angle)


@pytest.mark.parametrize(
    ("name", "angle"), [("line-vertical", 0), ("line-horizontal", 90), ("line-rising", 45), ("line-falling", 135)]
)
def test_lines_of_the_catalogue_are_measured_across(name: str, angle: float) -> None:
    weights = library.get(name).weights
    assert curvature_angle(weights) == pytest.approx(angle)
    assert curvature_angle(-weights) == pytest.approx(angle)


def test_a_single_band_is_a_line_only_if_it_is_long() -> None:
    y, x = _coordinates(9)
    assert band_kind(np.exp(-(x**2) - y**2), 0) == ("blob", None)
    assert band_kind(np.exp(-(x**2) / 2 - y**2 / 50), 0) == ("line", pytest.approx(0))
    assert band_kind(np.exp(-(x**2) / 50 - y**2 / 2), 90) == ("line", pytest.approx(90))


def _pattern_of(text: str, side: int) -> np.ndarray:
    """Draw a match again from nothing but its text."""
    title, *parts = text.partition(" ")[2].split(", ")
    written = dict(part.replace("−", "-").replace("°", "").rpartition(" ")[::2] for part in parts if " " in part)
    numbers = {symbol: float(value) for symbol, value in written.items()}
    place = [numbers.pop("y", 0.0), numbers.pop("x", 0.0)]
    family = next((one for one in families() if one.title == title), None)
    if family is None:
        entry = next(one for one in library.entries() if one.title == title)
        small = library.get(entry.name, **numbers).weights
        drawn = np.zeros((side, side))
        top, left = (round((side - n) / 2 + shift) for n, shift in zip(small.shape, place, strict=True))
        drawn[top : top + small.shape[0], left : left + small.shape[1]] = small
    else:
        if "σ2" in numbers:
            numbers["σ2"] /= numbers["σ1"]
        symbols = {"σ": "sigma", "at": "angle", "λ": "wavelength", "γ": "gamma", "ψ": "psi", "l": "length"}
        named = {symbols.get(symbol, symbol): value for symbol, value in numbers.items()}
        order = {"gabor": ("wavelength", "angle", "sigma", "gamma", "psi")}.get(family.name, tuple(named))
        values = [named[name] for name in order] + ([] if family.name == "gabor" else place)
        drawn = family.render(np.array([values]), (side, side))[0]
    return -drawn if "negated" in parts else drawn


def test_every_match_can_be_drawn_again_from_its_text() -> None:
    random = np.random.default_rng(8)
    y, x = _coordinates(9)
    patterns = [_edge(9, 1.3, 40), -_line(9, 1.2, 75), np.cos(x * 1.2 + y * 0.5 + 1) * np.exp(-(x**2 + y**2) / 12)]
    patterns += [-np.exp(-((x - 1) ** 2 + y**2) / 4), (x**2 - y**2) * np.exp(-(x**2 + y**2) / 5)]
    patterns += [np.exp(-((np.hypot(x, y) - 2.5) ** 2)), -library.get("kirsch-north-east").resize(9, 9).weights]
    patterns += list(random.standard_normal((12, 9, 9)))
    seen = set()
    for several in matches(np.array(patterns)):
        for match in several:
            seen.add(match.name)
            drawn, wanted = _pattern_of(str(match), 9), match.kernel.weights
            cosine = (drawn * wanted).sum() / np.linalg.norm(drawn) / np.linalg.norm(wanted)
            assert cosine > 0.999, str(match)
    assert {"gabor", "gaussian-derivative", "gaussian-line", "gaussian", "ring", "saddle"} <= seen


@pytest.mark.parametrize("side", [3, 5, 7, 11])
def test_no_wave_is_longer_than_the_window(side: int) -> None:
    for several in matches(np.random.default_rng(side).standard_normal((40, side, side))):
        for match in several:
            if match.name == "gabor":
                assert dict(match.parameters)["wavelength"] <= max(side, 3.2)
