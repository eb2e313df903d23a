"""A single stage on what is kept of the one before it gives what the whole run gives, to the last bit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from kernels import Recipe
from kernels.errors import Cancelled
from kernels.recipe.reading import NAMES
from tests.kernels.recipe.definition import Rows

Array = npt.NDArray[Any]
Stages = list[dict[str, Any]]

INNER: Stages = [{"filter": {"kernel": "binomial"}}, {"leaky-relu": {"slope": 0.1}}]
KINDS: Stages = [
    {"preprocess": {"network": "colournet"}},
    {"channel": "rgb"},
    {"bias": {"values": [1.5, -2.0, 0.25]}},
    {"filter": {"kernel": "gaussian(sigma=1.3)", "border": "reflect101"}},
    {"depthwise": {"kernels": ["sobel-x", "laplacian-4", "1/3 1/3 1/3"], "border": "wrap"}},
    {"filter-bank": {"kernels": ["sobel-x", "sobel-y", "box"], "groups": 3, "dilation": 2}},
    {"tanh": {}},
    {"filter-bank": {"network": "colournet", "layer": 0}},
    {"batch-norm": {}},
    {"residual": {"stages": [{"batch-norm": {"gamma": 2.0}}, {"relu": {}}]}},
    {"gaussian-pool": {"size": 3, "stride": 1, "padding": 1}},
    {"pointwise": {"weights": np.random.default_rng(0).normal(size=(4, 32)).tolist()}},
    {"branches": {"rows": [INNER, [{"max-pool": {"size": 3, "stride": 1, "padding": 1}}], []]}},
    {"sigmoid": {}},
    {"dense-block": {"stages": [*INNER, {"batch-norm": {"mean": 0.5, "variance": 2.0}}]}},
    {"average-pool": {"size": 2, "ceil": True}},
    {"median": {"size": 3}},
    {"max-pool": {"size": 2}},
    {"relu": {}},
    {"leaky-relu": {}},
    {"pointwise": {"weights": np.random.default_rng(1).normal(size=(2, 24)).tolist()}},
    {"thin": {}},
    {"magnitude": {}},
    {"global-average": {}},
]


def picture(dtype: str, white: float) -> Array:
    return (np.random.default_rng(0).random((33, 38, 3)) * white).astype(dtype)


def same(found: Array, expected: Array) -> None:
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    ("dtype", "white"), [("uint8", 255.0), ("uint16", 65535.0), ("float32", 1.0), ("float64", 1.0)]
)
def test_every_kind_of_stage(dtype: str, white: float) -> None:
    assert {next(iter(stage)) for stage in KINDS} == set(NAMES)
    recipe, image = Recipe.from_dict({"stages": KINDS}), picture(dtype, white)
    maps: Array = image
    for number, expected in enumerate(recipe.run(image)):
        same(recipe.run_stage(number, maps, white=white), expected)
        same(Recipe.from_dict({"stages": [KINDS[number]]}).run(maps, white=white)[0], expected)
        maps = expected


@pytest.mark.parametrize("seed", range(60))
def test_rows_at_random(seed: int) -> None:
    rows, random = Rows(seed), np.random.default_rng(seed)
    shape: tuple[int, ...] = (rows.whole(1, 9), rows.whole(1, 9), rows.whole(1, 4))
    recipe = Recipe.from_dict({"stages": rows.row(shape, rows.whole(1, 5))})
    image = random.integers(0, 256, shape).astype(str(random.choice(["uint8", "float32", "float64"])))
    maps: Array = image
    for number, expected in enumerate(recipe.run(image)):
        before = maps.copy()
        same(recipe.run_stage(number, maps), expected)
        np.testing.assert_array_equal(maps, before)
        maps = expected


def test_white_is_the_pictures() -> None:
    stages: Stages = [{"filter": {"kernel": "box"}}, {"preprocess": {"network": "lenet5"}}, {"relu": {}}]
    recipe, image = Recipe.from_dict({"stages": stages}), picture("uint16", 65535.0)
    kept = recipe.run(image)
    same(recipe.run_stage(1, kept[0], white=65535.0), kept[1])
    with pytest.raises(ValueError, match=r"white is None.*stages\[1\]\.preprocess"):
        recipe.run_stage(1, kept[0])
    same(recipe.run_stage(2, kept[1]), kept[2])
    first = Recipe.from_dict({"stages": stages[1:]})
    same(first.run_stage(0, image), first.run(image)[0])


def test_what_is_given_is_neither_changed_nor_handed_back() -> None:
    recipe, image = Recipe.from_dict({"stages": [{"channel": "rgb"}]}), picture("float32", 1.0)
    found = recipe.run_stage(0, image)
    assert not np.shares_memory(found, image)
    found[:] = 7
    assert image.max() < 1


def test_what_is_refused(leave_free: Callable[[int], None]) -> None:
    recipe = Recipe.from_dict({"stages": [{"relu": {}}, {"max-pool": {"size": 3}}]})
    for number, error in ((2, ValueError), (-1, ValueError), (1.5, TypeError)):
        with pytest.raises(error, match="number is"):
            recipe.run_stage(number, np.ones((4, 4)))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"stages\[1\]\.max-pool"):
        recipe.run_stage(1, np.ones((2, 9)))
    with pytest.raises(TypeError):
        recipe.run_stage(0, [["a"]])
    with pytest.raises(Cancelled):
        recipe.run_stage(0, np.ones((4, 4)), cancelled=lambda: True)
    leave_free(1000)
    with pytest.raises(MemoryError, match=r"stages\[0\]\.relu"):
        recipe.run_stage(0, np.ones((40, 40)))
