"""What moves along with the picture and what forgives, against NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels import Recipe
from kernels.errors import Cancelled
from kernels.recipe.regions import Region
from kernels.recipe.rows import ready_made
from kernels.recipe.shifting import ShiftResult, shift_picture, shifted
from tests.kernels.recipe.definition import definition, planes

Array = npt.NDArray[Any]
Stages = list[dict[str, Any]]

EDGES: dict[str, Any] = {"filter-bank": {"kernels": ["sobel-x", "sobel-y"]}}


def noise(*shape: int, high: int = 256) -> Array:
    return np.random.default_rng(0).integers(0, high, shape).astype(np.uint8)


def moved(image: Array, dy: int, dx: int) -> Array:
    """The picture moved, its edge pixels continued."""
    height, width = image.shape[:2]
    padded = np.pad(image, [(height, height), (width, width), *[(0, 0)] * (image.ndim - 2)], mode="edge")
    return padded[height - dy : 2 * height - dy, width - dx : 2 * width - dx]


def results(image: Array, shift: tuple[int, int], *stages: dict[str, Any]) -> list[ShiftResult]:
    return shifted(Recipe.from_dict({"stages": list(stages)}), image, shift)


def cut(maps: Array, region: Region, dy: int = 0, dx: int = 0) -> Array:
    return planes(maps)[region.top - dy : region.bottom - dy, region.left - dx : region.right - dx]


@pytest.mark.parametrize("shift", [(0, 0), (3, 5), (-2, 7), (0, -39), (29, 0)])
@pytest.mark.parametrize("shape", [(30, 40), (30, 40, 3)])
def test_a_shifted_picture(shape: tuple[int, ...], shift: tuple[int, int]) -> None:
    image = noise(*shape)
    found = shift_picture(image, shift)
    assert found.dtype == image.dtype
    np.testing.assert_array_equal(found, moved(image, *shift))


def test_a_convolution_moves_along_exactly_and_pooling_by_half_a_pixel_does_not() -> None:
    bank, relu, pooled = results(noise(40, 50), (1, 2), EDGES, {"relu": {}}, {"max-pool": {"size": 2}})
    assert (bank.place, bank.name, bank.distance) == ("stages[0]", "filter-bank", (1.0, 2.0))
    # Windows of 3 × 3: one pixel inside the part that came from the picture, and its origin one inside the picture.
    assert bank.region == relu.region == Region(2, 39, 3, 49)
    assert bank.moves_along
    assert bank.is_exact
    assert bank.largest_difference == 0.0
    assert (pooled.distance, pooled.region, pooled.moves_along) == ((0.5, 1.0), None, False)
    assert pooled.largest_difference is None
    even = results(noise(40, 50), (2, -4), EDGES, {"relu": {}}, {"max-pool": {"size": 2}})
    assert [each.is_exact for each in even] == [True] * 3
    assert even[2].distance == (1.0, -2.0)


def test_maximum_pooling_forgives() -> None:
    """Values that stay: as many as NumPy counts, and more of them the larger the window."""
    image = noise(64, 64)
    shares = []
    for size in (1, 3, 7):
        (found,) = results(image, (0, 1), {"max-pool": {"size": size, "stride": 1}})
        maps = [
            np.lib.stride_tricks.sliding_window_view(each, (size, size)).max(axis=(2, 3))
            for each in (image, moved(image, 0, 1))
        ]
        assert found.in_place == Region(0, 65 - size, 1, 65 - size)
        expected = (maps[0] == maps[1])[:, 1:].mean()
        assert found.unchanged == pytest.approx(expected)
        shares.append(found.unchanged)
    assert shares[0] < 0.02 < 0.5 < shares[1] < shares[2]
    (mean,) = results(image, (0, 1), {"average-pool": {"size": 7, "stride": 1}})
    assert mean.unchanged < 0.1


def test_what_depends_on_all_of_the_picture_has_no_region() -> None:
    normal, average, after = results(noise(20, 20, 2), (2, 2), {"batch-norm": {}}, {"global-average": {}}, {"relu": {}})
    assert (normal.distance, normal.region, normal.moves_along) == ((2.0, 2.0), None, False)
    assert normal.in_place == Region(0, 20, 0, 20)
    assert (average.distance, average.region, average.in_place) == (None, None, Region(0, 1, 0, 1))
    assert after.distance is None
    flat = np.full((20, 20, 2), 9, np.uint8)
    for found in results(flat, (2, 2), {"batch-norm": {}}, {"global-average": {}}):
        assert found.unchanged == 1.0


def test_branches_keep_to_what_all_rows_know() -> None:
    rows: list[Stages] = [[EDGES], [{"median": {"size": [1, 7]}}], []]
    (found,) = results(noise(30, 30), (0, 3), {"branches": {"rows": rows}})
    assert found.region == Region(1, 29, 6, 27)
    assert found.is_exact
    differ: list[Stages] = [
        [{"max-pool": {"size": 1, "stride": 2}}],
        [{"filter": {"kernel": {"weights": np.ones((3, 3)).tolist()}, "padding": "valid"}}],
    ]
    (other,) = results(noise(5, 5), (0, 2), {"branches": {"rows": differ}})
    assert (other.distance, other.region) == (None, None)


def test_a_shift_too_far_for_the_windows_leaves_nothing_to_compare() -> None:
    (found,) = results(noise(12, 12), (0, 8), {"filter": {"kernel": "box(size=9)"}})
    assert found.region is None
    assert not found.moves_along
    assert found.distance == (0.0, 8.0)


def test_a_rounding_is_told_from_a_difference() -> None:
    image = np.random.default_rng(0).normal(size=(80, 90)).astype(np.float32)
    front = shifted(ready_made("lenet5-front"), image, (4, 8), white=1.0)
    assert all(each.moves_along for each in front)
    assert front[0].is_exact
    for each in front:
        assert each.largest_difference is not None
        assert each.largest_difference < 1e-3
    (bumpy,) = results(np.where(np.arange(900).reshape(30, 30) % 7 == 3, np.nan, image[:30, :30]), (0, 2), {"relu": {}})
    assert bumpy.is_exact  # a NaN that moves along is no difference
    assert bumpy.unchanged < 1


def test_a_stage_that_looks_at_its_place_does_not_move_along() -> None:
    """A stride that does not divide the shift; and a thing that no recipe has, to see that a difference is seen."""
    image = noise(30, 30)
    (found,) = results(image, (0, 3), {"filter": {"kernel": "box", "stride": 2}})
    assert (found.distance, found.moves_along) == ((0.0, 1.5), False)
    recipe = Recipe.from_dict({"stages": [{"relu": {}}]})
    stage = recipe.chain.stages[0]
    ramp = np.arange(30, dtype=np.float32)
    stage.apply = lambda maps, into: np.add(maps, ramp, out=into)  # type: ignore[method-assign, assignment]
    (broken,) = shifted(recipe, image, (0, 3))
    assert (broken.moves_along, broken.is_exact, broken.largest_difference) == (False, False, 3.0)


@st.composite
def rows(draw: st.DrawFn) -> Stages:
    size, odd = st.integers(1, 3), st.sampled_from([1, 3])
    whole = st.integers(-4, 4)
    stages: Stages = []
    for _ in range(draw(st.integers(1, 3))):
        weights = draw(st.lists(st.lists(whole, min_size=3, max_size=3), min_size=1, max_size=3))
        kernel = {"weights": weights}
        options = {
            "padding": draw(st.sampled_from(["same", "valid", "full"])),
            "stride": draw(size),
            "dilation": draw(st.integers(1, 2)),
            "border": draw(st.sampled_from(["constant", "wrap", "reflect"])),
        }
        kinds: Stages = [
            {"filter": {"kernel": kernel, **options}},
            {"filter": {"kernel": kernel, **options}},
            {"max-pool": {"size": [draw(size), draw(size)], "stride": draw(size), "ceil": draw(st.booleans())}},
            {"median": {"size": [draw(odd), draw(odd)]}},
            {"relu": {}},
            {"branches": {"rows": [[{"filter": {"kernel": kernel, "dilation": 2}}], []]}},
            {"residual": {"stages": [{"filter": {"kernel": kernel, "border": "replicate"}}]}},
        ]
        stages.append(draw(st.sampled_from(kinds)))
    return stages


@settings(max_examples=60, deadline=None)
@given(rows(), st.integers(-9, 9), st.integers(-9, 9))
def test_what_moves_along_is_what_numpy_says(stages: Stages, dy: int, dx: int) -> None:
    image = noise(34, 37, high=8).astype(np.float64)
    recipe = Recipe.from_dict({"stages": stages})
    old, new = definition(image, stages), definition(moved(image, dy, dx), stages)
    for found, facts, before, after in zip(
        shifted(recipe, image, (dy, dx)), recipe.facts(image.shape), old, new, strict=True
    ):
        assert facts.jump is not None
        assert found.distance == (dy / facts.jump[0], dx / facts.jump[1])
        same = cut(before, found.in_place) == cut(after, found.in_place)
        assert found.unchanged == pytest.approx(same.mean())
        if found.region is None:
            continue
        step = int(found.distance[0]), int(found.distance[1])
        np.testing.assert_array_equal(cut(after, found.region), cut(before, found.region, *step))
        assert found.is_exact
        assert found.moves_along
        assert found.largest_difference == 0.0


def test_the_region_is_as_large_as_can_be() -> None:
    """One pixel further in any direction, what lies outside the picture is seen."""
    image = noise(40, 50)
    (found,) = results(image, (2, -3), {"filter": {"kernel": {"weights": np.ones((3, 5)).tolist()}}})
    assert found.region == Region(3, 39, 2, 45)
    recipe = Recipe.from_dict({"stages": [{"filter": {"kernel": {"weights": np.ones((3, 5)).tolist()}}}]})
    before, after = recipe.run(image)[0], recipe.run(moved(image, 2, -3))[0]
    for wider in (Region(2, 39, 2, 45), Region(3, 40, 2, 45), Region(3, 39, 1, 45), Region(3, 39, 2, 46)):
        assert not np.array_equal(cut(after, wider), cut(before, wider, 2, -3))


def test_what_is_refused_and_stopped() -> None:
    recipe, image = Recipe.from_dict({"stages": [EDGES]}), noise(20, 30)
    for shift in ((20, 0), (0, -30), (0, 30)):
        with pytest.raises(ValueError, match=r"shift is .* 20 × 30"):
            shifted(recipe, image, shift)
    with pytest.raises(ValueError, match="pair"):
        shifted(recipe, image, 3)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="shift is"):
        shifted(recipe, image, (1.5, 0))  # type: ignore[arg-type]
    with pytest.raises(Cancelled):
        shifted(recipe, image, (1, 1), cancelled=lambda: True)
