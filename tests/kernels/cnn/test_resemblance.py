"""Kinds and labels of filters, their split into pattern and colour, and the reverse search."""

from __future__ import annotations

import numpy as np
import pytest

from kernels import cnn
from kernels.cnn.decomposition import colour_axis, colour_name, grey_angle, split
from kernels.cnn.matching import matches
from kernels.cnn.orientation import angle_text
from kernels.cnn.parts import filter_as_kernel, put_back
from kernels.cnn.resemblance import (
    KINDS,
    by_kind,
    classify,
    kind_of,
    most_similar_filters,
)
from kernels.kernel import Kernel, library

GREY = (1, 1, 1)
BLUE_YELLOW = (-1, -1, 2)
RANDOM = np.random.default_rng(17)
Y, X = np.mgrid[-3:4, -3:4].astype(float)
BLOB = np.exp(-(X**2 + Y**2) / (2 * 1.5**2))
EDGE = (X * np.cos(np.radians(68)) + Y * np.sin(np.radians(68))) * BLOB
LINE = (1 - X**2 / 1.2) * np.exp(-(X**2 + Y**2) / (2 * 1.2))


def _filter(pattern: np.ndarray, colour: tuple[float, ...]) -> np.ndarray:
    """A learned filter of that pattern and colour, with some noise."""
    clean = pattern[..., None] * np.array(colour, float)
    noise = np.random.default_rng(4).standard_normal(clean.shape)
    return (clean + 0.1 * noise * np.linalg.norm(clean) / np.linalg.norm(noise)).astype(np.float32)


@pytest.mark.parametrize(
    ("pattern", "colour", "kind", "label"),
    [
        (EDGE, GREY, "edges", "edge 68°"),
        (-EDGE, GREY, "edges", "edge −112°"),
        (LINE, GREY, "lines", "line 0°"),
        (-LINE.T, GREY, "lines", "line 90°"),
        (BLOB, GREY, "blobs", "bright blob"),
        (-BLOB, GREY, "blobs", "dark blob"),
        (BLOB, (-1, 2, -1), "blobs", "green blob"),
        (-BLOB, (-1, 2, -1), "blobs", "pink blob"),
        (BLOB, BLUE_YELLOW, "blobs", "blue blob"),
        (BLOB, (2, -1, -1), "blobs", "red blob"),
        (EDGE, BLUE_YELLOW, "colour", "colour edge 68°"),
        (LINE, BLUE_YELLOW, "colour", "colour line 0°"),
    ],
)
def test_names_what_is_seen(pattern: np.ndarray, colour: tuple[float, ...], kind: str, label: str) -> None:
    weights = _filter(pattern, colour)
    found = classify(weights[None])[0].label
    words, _, angle = found.rpartition(" ")
    if label.endswith("°"):
        wanted_words, _, wanted = label.rpartition(" ")
        number, wanted_number = (float(text.rstrip("°").replace("−", "-")) for text in (angle, wanted))
        period = 360 if "edge" in label else 180
        assert words == wanted_words
        assert abs((number - wanted_number + period / 2) % period - period / 2) <= 3
    else:
        assert found == label
    assert kind_of(weights) == kind


@pytest.mark.parametrize("shape", [(3, 3, 1), (5, 5, 1), (5, 5, 3), (7, 7, 1), (7, 7, 3), (5, 5, 16)])
def test_noise_is_called_nothing(shape: tuple[int, ...]) -> None:
    results = classify(np.random.default_rng(8).standard_normal((60, *shape)))
    assert sum(one.kind != "nothing" for one in results) <= 6  # one of twenty, and what varies about it
    assert all(one.label == "nothing" for one in results if one.kind == "nothing")


def test_a_coloured_pattern_without_a_name_is_called_after_its_colour() -> None:
    weights = _filter(np.random.default_rng(3).standard_normal((7, 7)), BLUE_YELLOW)
    assert classify(weights[None])[0].label in ("blue − yellow", "yellow − blue")
    assert kind_of(weights) == "colour"
    assert kind_of(_filter(np.random.default_rng(3).standard_normal((7, 7)), GREY)) == "nothing"


def test_two_patterns_of_different_colours_are_no_single_one() -> None:
    mixed = np.stack([BLOB, EDGE * 1.1, LINE * 1.2], axis=-1)
    assert split(mixed[None])[0].share < 0.5
    assert kind_of(mixed) == "nothing"
    strong = np.linalg.qr(RANDOM.standard_normal((49, 3)))[0].reshape(7, 7, 3)
    assert split(strong[None])[0].share == pytest.approx(1 / 3)
    assert kind_of(strong) == "nothing"


def test_the_axis_names_the_colour_of_a_blob_first() -> None:
    assert classify(_filter(BLOB, BLUE_YELLOW)[None])[0].axis == "blue − yellow"
    assert classify(_filter(-BLOB, BLUE_YELLOW)[None])[0].axis == "yellow − blue"
    assert classify(_filter(BLOB, GREY)[None])[0].axis == "grey"


def test_a_filter_is_called_after_the_simplest_of_its_matches_which_stand_in_order_of_score() -> None:
    edge = X * BLOB / np.abs(X * BLOB).max() + 0.2 * np.random.default_rng(16).standard_normal((7, 7))
    simplest, nearest, _ = matches(edge[None])[0]
    assert (simplest.name, nearest.name) == ("gaussian-derivative", "gabor")
    found = classify(edge[None, ..., None])[0]
    assert [one.name for one in found.matches][:2] == ["gabor", "gaussian-derivative"]
    scores = [one.score for one in found.matches]
    assert scores == sorted(scores, reverse=True)
    assert (found.kind, found.label) == ("edges", f"edge {angle_text(simplest.angle)}")


def test_groups_hold_every_filter_once_in_order() -> None:
    filters = np.stack([_filter(LINE, GREY), _filter(EDGE, GREY), _filter(BLOB, BLUE_YELLOW), _filter(-LINE, GREY)])
    groups = by_kind(classify(filters))
    assert tuple(groups) == KINDS
    assert {kind: [one.index for one in group] for kind, group in groups.items()} == {
        "edges": [1],
        "lines": [0, 3],
        "blobs": [2],
        "colour": [],
        "nothing": [],
    }


def test_filters_do_not_influence_each_other() -> None:
    filters = np.stack([_filter(LINE, GREY), _filter(EDGE, GREY), _filter(BLOB, BLUE_YELLOW)])
    together = [one.label for one in classify(filters)]
    assert together == [classify(one[None])[0].label for one in filters]


def test_a_filter_of_zeros_and_one_of_a_single_weight_are_nothing() -> None:
    zeros = classify(np.zeros((1, 5, 5, 3)))[0]
    assert (zeros.kind, zeros.matches, zeros.split.share) == ("nothing", (), 0.0)
    assert kind_of(np.ones((1, 1, 1))) == "nothing"
    # A single weight for each channel is of one colour whatever it is.
    assert classify(np.array([[[[-1.0, -1.0, 2.0]]]]))[0].label == "nothing"


def test_filters_on_deeper_channels_have_no_colour() -> None:
    found = classify(_filter(BLOB, (1, -1, 2, 0, 0, 1))[None])[0]
    assert (found.kind, found.label, found.axis) == ("blobs", "blob", "")


@pytest.mark.parametrize("shape", [(7, 7), (2, 0, 3, 1), (0, 3, 3, 1)])
def test_refuses_what_is_no_layer_of_filters(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="F, kh, kw, C"):
        classify(np.zeros(shape))
    with pytest.raises(ValueError, match="finite"):
        classify(np.full((1, 3, 3, 1), np.nan))


# Split -----------------------------------------------------------------------------------------------------------


def test_split_is_the_best_product_and_knows_its_share() -> None:
    weights = RANDOM.standard_normal((4, 5, 6, 3))
    for one, part in zip(weights, split(weights), strict=True):
        rest = one - part.pattern[..., None] * part.colour
        assert (one**2).sum() == pytest.approx((rest**2).sum() + part.share * (one**2).sum())
        assert np.linalg.norm(part.colour) == pytest.approx(1)
        values = np.linalg.eigvalsh(one.reshape(-1, 3).T @ one.reshape(-1, 3))
        assert part.share == pytest.approx(values[-1] / values.sum())


@pytest.mark.parametrize("sign", [1, -1])
def test_the_largest_component_of_a_colour_direction_is_positive(sign: int) -> None:
    part = split(sign * (EDGE[..., None] * np.array([0.5, 0.4, -2.0]))[None])[0]
    assert part.colour == pytest.approx(np.array([-0.5, -0.4, 2.0]) / np.linalg.norm([0.5, 0.4, 2.0]))
    cosine = (part.pattern * EDGE).sum() / np.linalg.norm(part.pattern) / np.linalg.norm(EDGE)
    assert cosine == pytest.approx(-sign)


def test_colourfulness_is_what_the_channels_do_not_have_in_common() -> None:
    grey, colour, both = split(np.stack([EDGE[..., None] * np.array(c, float) for c in (GREY, BLUE_YELLOW, (1, 0, 0))]))
    assert grey.colourfulness == pytest.approx(0, abs=1e-12)
    assert colour.colourfulness == pytest.approx(1)
    assert both.colourfulness == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("colour", "name", "axis"),
    [
        ((1, 1, 1), "grey", "grey"),
        ((1, 0.9, 1.1), "grey", "grey"),
        ((1, 0, 0), "red", "red − cyan"),
        ((0, 1, 0), "green", "green − pink"),
        ((0, 0, 1), "blue", "blue − yellow"),
        ((-1, -1, 2), "blue", "blue − yellow"),
        ((1, 1, -2), "yellow", "yellow − blue"),
        ((2, 0.3, -1.5), "orange", "orange − blue"),
        ((1, -1, 0.8), "pink", "pink − green"),
        ((0.5, -0.5, 1), "purple", "purple − green"),
        ((-1, 1, 1), "cyan", "cyan − red"),
    ],
)
def test_names_colours(colour: tuple[float, ...], name: str, axis: str) -> None:
    assert (colour_name(colour), colour_axis(colour)) == (name, axis)


def test_angle_from_the_grey_axis() -> None:
    assert grey_angle((2, 2, 2)) == pytest.approx(0)
    assert grey_angle((1, -1, 0)) == pytest.approx(90)
    assert grey_angle((0, 0, -3)) == pytest.approx(np.degrees(np.arccos(3**-0.5)))


# The reverse -----------------------------------------------------------------------------------------------------


def test_ranks_filters_by_their_similarity_to_a_kernel() -> None:
    sobel = library.get("sobel-x")
    filters = np.stack(
        [
            _filter(BLOB, GREY),
            _filter(sobel.resize(7, 7).weights, GREY),
            _filter(-sobel.resize(7, 7).weights, BLUE_YELLOW),
            _filter(EDGE, GREY),
        ]
    )
    ranked = most_similar_filters(sobel, filters)
    assert {ranked[0].index, ranked[1].index} == {1, 2}
    assert [one.index for one in ranked[2:]] == [3, 0]
    assert ranked[0].score > 0.99
    assert all(0 <= one.score <= 1 for one in ranked)


def test_similarity_without_channels_is_the_best_over_all_colours() -> None:
    one = RANDOM.standard_normal((1, 5, 5, 3))
    kernel = Kernel(RANDOM.standard_normal((5, 5)), divisor=-7, offset=3)
    score = most_similar_filters(kernel, one)[0].score
    directions = RANDOM.standard_normal((4000, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    products = kernel.weights[..., None] * directions[:, None, None]
    cosines = np.abs((products * one).sum(axis=(1, 2, 3))) / np.linalg.norm(kernel.weights) / np.linalg.norm(one)
    assert cosines.max() <= score + 1e-12
    assert cosines.max() == pytest.approx(score, abs=0.01)


def test_similarity_with_channels_is_the_cosine_of_all_weights() -> None:
    filters = RANDOM.standard_normal((5, 3, 3, 3))
    kernel = Kernel(-2 * filters[3])
    assert most_similar_filters(kernel, filters)[0].index == 3
    assert most_similar_filters(kernel, filters)[0].score == pytest.approx(1)
    flat = filters.reshape(5, -1)
    cosines = np.abs(flat @ flat[3]) / np.linalg.norm(flat, axis=1) / np.linalg.norm(flat[3])
    assert [one.score for one in most_similar_filters(kernel, filters)] == pytest.approx(sorted(cosines, reverse=True))


def test_a_kernel_of_another_size_keeps_its_centre() -> None:
    kernel = library.get("laplacian-8")
    filters = np.stack([np.roll(kernel.resize(7, 7).weights, shift, axis=1) for shift in (1, 0)])[..., None]
    assert most_similar_filters(kernel, filters)[0].index == 1
    assert most_similar_filters(kernel.resize(15, 11), filters)[0].score == pytest.approx(1)


def test_refuses_kernels_that_cannot_be_compared() -> None:
    filters = RANDOM.standard_normal((2, 3, 3, 3))
    with pytest.raises(ValueError, match="4 channels"):
        most_similar_filters(Kernel(np.ones((3, 3, 4))), filters)
    with pytest.raises(ValueError, match="0 everywhere"):
        most_similar_filters(Kernel(np.pad([[0.0]], 2, constant_values=0)), filters)
    ring = np.pad(np.zeros((3, 3)), 1, constant_values=1.0)
    with pytest.raises(ValueError, match="within 3 × 3"):
        most_similar_filters(Kernel(ring), filters)


def test_filters_of_zeros_come_last() -> None:
    filters = np.zeros((2, 3, 3, 1))
    filters[1, 1, 1] = 1
    assert [one.index for one in most_similar_filters(library.get("identity"), filters)] == [1, 0]


# The shipped networks --------------------------------------------------------------------------------------------


def test_first_layers_have_learned_edges_lines_and_blobs_of_colour() -> None:
    groups = by_kind(classify(cnn.load("colournet").filters(0)))
    assert sum(len(group) for group in groups.values()) == 32
    assert all(len(groups[kind]) >= 4 for kind in ("edges", "lines", "blobs", "colour"))
    assert len(groups["nothing"]) <= 4
    assert {"green blob", "blue blob"} <= {one.label for one in groups["blobs"]}
    assert {one.kind for one in classify(cnn.load("lenet5").filters(0))} == {"edges", "lines"}


def test_a_learned_filter_is_the_most_similar_to_what_it_resembles() -> None:
    filters = cnn.load("colournet").filters(0)
    line = next(one for one in classify(filters) if one.label == "line 90°")
    ranked = most_similar_filters(line.matches[0].kernel, filters)
    assert ranked[0].index == line.index
    assert ranked[0].score == pytest.approx(line.matches[0].score * line.split.share**0.5, abs=0.05)


def test_an_edited_filter_answers_as_the_kernel_that_was_put_back() -> None:
    network = cnn.load("lenet5")
    filters = network.filters(0)
    edited = library.get("sobel-x", size=5).replace(divisor=48)
    changed = network.with_filter(0, 2, put_back(filters[2], edited, 0))
    assert filter_as_kernel(changed.filters(0), 2).weights == pytest.approx(edited.effective_weights, rel=1e-6)
    assert np.array_equal(changed.filters(0)[[0, 1, 3, 4, 5]], filters[[0, 1, 3, 4, 5]])


@pytest.mark.parametrize("size", [(1, 1, 3), (2, 2, 3), (3, 3, 1), (3, 3, 3), (5, 5, 3), (7, 7, 3)])
def test_at_most_one_noise_filter_in_a_hundred_gets_a_label(size: tuple[int, ...]) -> None:
    """``python -m tests.benchmarks.resemblance`` measures more of them, and more sizes."""
    filters = np.random.default_rng((1, *size)).standard_normal((150, *size))
    named = [one.label for one in classify(filters) if one.kind != "nothing"]
    assert len(named) <= 2, named


@pytest.mark.parametrize("radius", [1.6, 2.0, 2.5])
@pytest.mark.parametrize("colour", [GREY, BLUE_YELLOW])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_ring_is_no_blob(radius: float, colour: tuple[float, ...], sign: int) -> None:
    ring = np.exp(-((np.hypot(X, Y) - radius) ** 2) / (2 * 0.6**2))
    found = classify(_filter(sign * ring, colour)[None])[0]
    assert found.kind not in ("blobs", "edges", "lines")
    assert "blob" not in found.label
    assert found.matches[0].name == "ring"


@pytest.mark.parametrize("angle", [0.0, 20.0, 45.0, 77.0])
def test_a_saddle_is_no_line(angle: float) -> None:
    along = X * np.cos(np.radians(angle)) + Y * np.sin(np.radians(angle))
    aside = Y * np.cos(np.radians(angle)) - X * np.sin(np.radians(angle))
    found = classify(_filter((along**2 - aside**2) * BLOB, GREY)[None])[0]
    assert (found.kind, found.label) == ("nothing", "nothing")
    assert found.matches[0].name == "saddle"


def test_matches_that_are_no_better_than_chance_say_so() -> None:
    noise = classify(np.random.default_rng(2).standard_normal((40, 7, 7, 3)))
    unnamed = [match for one in noise if one.kind == "nothing" for match in one.matches]
    assert len(unnamed) > 60
    assert all(match.is_chance and "no better than chance" in match.details for match in unnamed)
    assert {match.brief for match in unnamed} == {"no better than chance"}
    sure = classify(_filter(EDGE, GREY)[None])[0].matches[0]
    assert not sure.is_chance
    assert "chance" not in str(sure)
