"""Recipes as data: what is refused, with its place; limits; memory; cancelling; strips of large pictures."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from kernels import Kernel, Recipe, convolve, correlate, memory, reference
from kernels.errors import Cancelled
from kernels.filtering.geometry import SlidingOptions
from kernels.kernel import library


def test_the_contracts_example() -> None:
    data = {
        "stages": [
            {"filter": {"kernel": "sobel-x", "padding": "same"}},
            {"relu": {}},
            {"max-pool": {"size": 2, "stride": 2}},
        ]
    }
    recipe = Recipe.from_dict(data)
    image = np.random.default_rng(0).integers(0, 256, (9, 12)).astype(np.uint8)
    filtered, positive, pooled = recipe.run(image)
    expected = correlate(image, Kernel([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]))
    np.testing.assert_array_equal(filtered, expected)
    np.testing.assert_array_equal(positive, np.maximum(expected, 0))
    np.testing.assert_array_equal(pooled, positive[:8].reshape(4, 2, 6, 2).max(axis=(1, 3)))
    np.testing.assert_array_equal(recipe.output(image), pooled)
    assert recipe.to_dict() == data
    assert json.loads(json.dumps(recipe.to_dict())) == data
    trace = recipe.trace(image, 2, (1, 2), 0)
    assert trace.value == pooled[1, 2]
    np.testing.assert_array_equal(trace.window[:, :, 0], positive[2:4, 4:6])


def test_data_are_copied_and_recipes_compare() -> None:
    data: dict[str, Any] = {"stages": [{"bias": {"values": [1, 2]}}]}
    recipe = Recipe.from_dict(data)
    data["stages"][0]["bias"]["values"][0] = 99
    copy = recipe.to_dict()
    copy["stages"].append({"relu": {}})
    assert recipe.to_dict() == {"stages": [{"bias": {"values": [1, 2]}}]}
    assert recipe == Recipe.from_dict(recipe.to_dict())
    assert hash(recipe) == hash(Recipe.from_dict(recipe.to_dict()))
    assert recipe != Recipe.from_dict({"stages": []})


def test_no_stages() -> None:
    recipe = Recipe.from_dict({"stages": []})
    image = np.arange(6, dtype=np.uint8).reshape(2, 3)
    assert recipe.run(image) == []
    np.testing.assert_array_equal(recipe.output(image), image)
    assert recipe.output(image).dtype == np.float32


def test_one_filter_is_correlate_and_convolve() -> None:
    image = np.random.default_rng(0).integers(0, 256, (40, 30, 3)).astype(np.uint8)
    kernel = Kernel(np.random.default_rng(1).standard_normal((4, 3)), divisor=3, offset=1)
    options: dict[str, Any] = {"padding": [2, 1], "stride": 2, "dilation": [1, 2], "border": "wrap"}
    plain = {"weights": kernel.weights.tolist(), "divisor": 3, "offset": 1}
    for operation, function in (("correlation", correlate), ("convolution", convolve)):
        recipe = Recipe.from_dict({"stages": [{"filter": {"kernel": plain, "operation": operation, **options}}]})
        np.testing.assert_array_equal(recipe.run(image)[0], function(image, kernel, **(options | {"padding": (2, 1)})))
        np.testing.assert_array_equal(recipe.output(image), recipe.run(image)[0])


def nested(depth: int) -> dict[str, Any]:
    row: list[Any] = [{"relu": {}}]
    for _ in range(depth - 1):
        row = [{"residual": {"stages": row}}]
    return {"stages": row}


def test_a_kernel_and_its_options_make_a_recipe() -> None:
    kernel = Kernel([[1, -2.5, 0.1], [4, 5, 6]], divisor=3, offset=-0.7, name="mine")
    options = SlidingOptions("convolution", (2, 3), (2, 1), (1, 3), "reflect101", 7.5)
    recipe = Recipe.of_filter(kernel, options)
    (stage,) = recipe.to_dict()["stages"]
    assert stage["filter"]["kernel"] == {"weights": [[1, -2.5, 0.1], [4, 5, 6]], "divisor": 3, "offset": -0.7}
    assert recipe == Recipe.from_dict(json.loads(json.dumps(recipe.to_dict())))
    image = np.random.default_rng(5).integers(0, 256, (40, 30, 3), np.uint8)
    expected = reference.convolve(image, kernel, padding=(2, 3), stride=(2, 1), dilation=(1, 3), border="reflect101")
    np.testing.assert_allclose(recipe.output(image), expected, rtol=1e-5, atol=1e-3)


def test_the_wanted_rows_of_a_filter_come_first() -> None:
    image = np.random.default_rng(6).integers(0, 256, (3000, 500), np.uint8)
    recipe = Recipe.from_dict({"stages": [{"filter": {"kernel": "sobel-x"}}]})
    expected, seen = correlate(image, library.get("sobel-x")), []
    found = recipe.output(image, first=(2000, 2100), ready=lambda array: seen.append((array, array[2000:2100].copy())))
    ((array, rows),) = seen
    assert array is found
    np.testing.assert_array_equal(rows, expected[2000:2100])
    np.testing.assert_array_equal(found, expected)


def test_limits() -> None:
    Recipe.from_dict({"stages": [{"relu": {}}] * 200})
    with pytest.raises(ValueError, match=r"stages\[200\].*at most 200"):
        Recipe.from_dict({"stages": [{"relu": {}}] * 201})
    with pytest.raises(ValueError, match="at most 200"):
        Recipe.from_dict({"stages": [{"branches": {"rows": [[{"relu": {}}] * 50] * 4}}]})
    Recipe.from_dict(nested(8))
    for depth in (9, 5000):
        with pytest.raises(ValueError, match="at most 8 deep"):
            Recipe.from_dict(nested(depth))
    endless: list[Any] = []
    endless.append({"residual": {"stages": endless}})
    with pytest.raises(ValueError, match="deep"):
        Recipe.from_dict({"stages": endless})


WRONG = [
    ([], "a recipe is"),
    ({}, "stages is missing"),
    ({"stages": {}}, "stages is"),
    ({"stages": [], "steps": 1}, "entry"),
    ({"stages": ["relu"]}, r"stages\[0\]"),
    ({"stages": [{"relu": {}, "tanh": {}}]}, r"stages\[0\]"),
    ({"stages": [{"relu": None}]}, r"stages\[0\]\.relu"),
    ({"stages": [{"max-pol": {"size": 2}}]}, r"stages\[0\].*max-pool"),
    ({"stages": [{"relu": {}}, {"relu": {}}, {"max-pool": {"size": 0}}]}, r"stages\[2\]\.max-pool\.size"),
    ({"stages": [{"max-pool": {}}]}, r"stages\[0\]\.max-pool\.size"),
    ({"stages": [{"max-pool": {"size": "2"}}]}, r"stages\[0\]\.max-pool\.size"),
    ({"stages": [{"max-pool": {"size": [1, 2, 3]}}]}, r"stages\[0\]\.max-pool\.size"),
    ({"stages": [{"max-pool": {"size": 2, "ceil": 1}}]}, r"stages\[0\]\.max-pool\.ceil"),
    ({"stages": [{"max-pool": {"size": 2, "padding": 2}}]}, r"stages\[0\]\.max-pool\.padding"),
    ({"stages": [{"max-pool": {"size": 2, "strid": 2}}]}, r"stages\[0\]\.max-pool.*stride"),
    ({"stages": [{"relu": {"slope": 2}}]}, r"stages\[0\]\.relu.*slope"),
    ({"stages": [{"leaky-relu": {"slope": "x"}}]}, r"stages\[0\]\.leaky-relu\.slope"),
    ({"stages": [{"leaky-relu": {"slope": float("nan")}}]}, r"stages\[0\]\.leaky-relu\.slope"),
    ({"stages": [{"filter": {}}]}, r"stages\[0\]\.filter\.kernel"),
    ({"stages": [{"filter": {"kernel": "sobel-y-x"}}]}, r"stages\[0\]\.filter\.kernel.*sobel"),
    ({"stages": [{"filter": {"kernel": "1 2; 3"}}]}, r"stages\[0\]\.filter\.kernel"),
    ({"stages": [{"filter": {"kernel": 3}}]}, r"stages\[0\]\.filter\.kernel"),
    ({"stages": [{"filter": {"kernel": {"weights": [[1], [1, 2]]}}}]}, r"stages\[0\]\.filter\.kernel\.weights"),
    ({"stages": [{"filter": {"kernel": {"weights": [[1]], "divisor": 0}}}]}, r"stages\[0\]\.filter\.kernel\.divisor"),
    ({"stages": [{"filter": {"kernel": {"weights": [[1]], "scale": 1}}}]}, r"stages\[0\]\.filter\.kernel.*scale"),
    ({"stages": [{"filter": {"kernel": "box", "padding": "sam"}}]}, r"stages\[0\]\.filter\.padding"),
    ({"stages": [{"filter": {"kernel": "box", "stride": 0}}]}, r"stages\[0\]\.filter\.stride"),
    ({"stages": [{"filter": {"kernel": "box", "stride": 10**30}}]}, r"stages\[0\]\.filter\.stride"),
    ({"stages": [{"filter": {"kernel": "box", "border": "edge"}}]}, r"stages\[0\]\.filter\.border"),
    ({"stages": [{"filter": {"kernel": "box", "border_value": "x"}}]}, r"stages\[0\]\.filter\.border_value"),
    ({"stages": [{"filter-bank": {"kernels": []}}]}, r"stages\[0\]\.filter-bank\.kernels"),
    ({"stages": [{"filter-bank": {"kernels": ["box", "bax"]}}]}, r"stages\[0\]\.filter-bank\.kernels\[1\]"),
    ({"stages": [{"filter-bank": {"kernels": ["box"], "groups": 2}}]}, r"stages\[0\]\.filter-bank\.groups"),
    ({"stages": [{"filter-bank": {"network": "lenet", "layer": 0}}]}, r"stages\[0\]\.filter-bank\.network.*lenet5"),
    ({"stages": [{"filter-bank": {"network": "lenet5", "layer": 3}}]}, r"stages\[0\]\.filter-bank\.layer"),
    ({"stages": [{"filter-bank": {"network": "lenet5", "layer": 0, "padding": 1}}]}, r"stages\[0\]\.filter-bank.*padd"),
    ({"stages": [{"pointwise": {"weights": [1, 2]}}]}, r"stages\[0\]\.pointwise\.weights"),
    ({"stages": [{"bias": {"values": [1, None]}}]}, r"stages\[0\]\.bias\.values\[1\]"),
    ({"stages": [{"bias": {"values": []}}]}, r"stages\[0\]\.bias\.values"),
    ({"stages": [{"batch-norm": {"variance": -1}}]}, r"stages\[0\]\.batch-norm\.variance"),
    ({"stages": [{"gaussian-pool": {"size": 3, "sigma": 0}}]}, r"stages\[0\]\.gaussian-pool\.sigma"),
    ({"stages": [{"branches": {"rows": []}}]}, r"stages\[0\]\.branches\.rows"),
    ({"stages": [{"branches": {"rows": [[], [{"median": {"size": 0}}]]}}]}, r"branches\.rows\[1\]\[0\]\.median\.size"),
    ({"stages": [{"residual": {"stages": [], "shortcut": [{"x": {}}]}}]}, r"stages\[0\]\.residual\.shortcut\[0\]"),
    ({"stages": [{"channel": {"channel": "red"}}]}, r"stages\[0\]\.channel\.channel"),
]


@pytest.mark.parametrize(("data", "words"), WRONG)
def test_errors_of_data_name_the_place(data: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words) as caught:
        Recipe.from_dict(data)
    assert "\n" not in str(caught.value)


UNFIT = [
    ({"filter": {"kernel": "box", "padding": "valid"}}, r"stages\[1\]\.filter"),
    ({"filter": {"kernel": {"weights": [[[1, 2]]]}}}, r"stages\[1\]\.filter"),
    ({"max-pool": {"size": 9}}, r"stages\[1\]\.max-pool"),
    ({"bias": {"values": [1, 2]}}, r"stages\[1\]\.bias\.values"),
    ({"batch-norm": {"gamma": [1, 2]}}, r"stages\[1\]\.batch-norm\.gamma"),
    ({"depthwise": {"kernels": ["box"] * 2}}, r"stages\[1\]\.depthwise\.kernels"),
    ({"pointwise": {"weights": [[1, 2]]}}, r"stages\[1\]\.pointwise\.weights"),
    ({"filter-bank": {"kernels": [{"weights": [[[1, 2]]]}]}}, r"stages\[1\]\.filter-bank"),
    ({"filter-bank": {"kernels": ["1", "1 1"], "padding": 0}}, r"stages\[1\]\.filter-bank"),
    ({"filter-bank": {"kernels": ["1", "1"], "groups": 2}}, r"stages\[1\]\.filter-bank\.groups"),
    ({"thin": {}}, r"stages\[1\]\.thin"),
    ({"channel": {"channel": "s"}}, r"stages\[1\]\.channel"),
    ({"branches": {"rows": [[], [{"max-pool": {"size": 2}}]]}}, r"stages\[1\]\.branches"),
    ({"residual": {"stages": [{"pointwise": {"weights": [[1], [1], [1]]}}]}}, r"stages\[1\]\.residual"),
    ({"residual": {"stages": [{"thin": {}}]}}, r"stages\[1\]\.residual\.stages\[0\]\.thin"),
]


@pytest.mark.parametrize(("stage", "words"), UNFIT)
def test_errors_of_shapes_name_the_place(stage: Any, words: str) -> None:
    recipe = Recipe.from_dict({"stages": [{"relu": {}}, stage]})
    for call in (recipe.run, recipe.output, lambda image: recipe.shapes(image.shape)):
        with pytest.raises(ValueError, match=words):
            call(np.ones((2, 2)))


def test_errors_of_pictures_and_traces() -> None:
    recipe = Recipe.from_dict({"stages": [{"dense-block": {"stages": [{"relu": {}}]}}]})
    for call in (recipe.run, recipe.output):
        with pytest.raises(ValueError, match="image"):
            call(np.ones((0, 3)))
        with pytest.raises(TypeError, match="image"):
            call(np.ones((3, 3), complex))
    image = np.ones((3, 3))
    for arguments, words in [
        ((1, (0, 0), 0), "place"),
        (("stages[1]", (0, 0), 0), "place"),
        ((0, (3, 0), 0), "position"),
        ((0, 1, 0), "position"),
        ((0, (0, 0), 2), "channel"),
        ((0, (0, 0), None), "channel"),
    ]:
        with pytest.raises((ValueError, TypeError), match=words):
            recipe.trace(image, *arguments)  # type: ignore[arg-type]


def test_memory(monkeypatch: pytest.MonkeyPatch, leave_free: Callable[[int], None]) -> None:
    stages: list[dict[str, Any]] = [{"filter-bank": {"kernels": ["box"] * 50}}, {"relu": {}}, {"magnitude": {}}]
    recipe = Recipe.from_dict({"stages": stages})
    image = np.random.default_rng(0).integers(0, 256, (1000, 200)).astype(np.uint8)
    leave_free(40_000_000)
    with pytest.raises(MemoryError, match="every stage"):
        recipe.run(image)
    monkeypatch.setattr("kernels.recipe.strips.STRIP_BYTES", 4_000_000)
    expected = np.sqrt(50.0) * correlate(image, Kernel(np.ones((3, 3)), divisor=9))
    np.testing.assert_allclose(recipe.output(image), expected, rtol=1e-5, atol=1e-3)
    with monkeypatch.context() as patch:
        patch.setattr(memory, "_allowed", 500_000)
        with pytest.raises(MemoryError, match="allowed"):
            recipe.output(image)
    whole = Recipe.from_dict({"stages": [stages[0], {"batch-norm": {}}]})
    with pytest.raises(MemoryError):
        whole.output(image)
    leave_free(170_000_000)
    monkeypatch.setattr(memory, "_allowed", 39_000_000)
    with pytest.raises(MemoryError, match="allowed"):
        whole.output(image)
    far = Recipe.from_dict({"stages": [{"filter": {"kernel": "box", "padding": 10**9}}]})
    for call in (far.run, far.output):
        with pytest.raises(MemoryError):
            call(image)


def test_cancelling_and_progress() -> None:
    recipe = Recipe.from_dict({"stages": [{"filter-bank": {"kernels": ["box"] * 4}}, {"magnitude": {}}]})
    image = np.ones((50, 50))
    for call in (recipe.run, recipe.output):
        with pytest.raises(Cancelled):
            call(image, cancelled=lambda: True)
    shares: list[float] = []
    recipe.output(image, progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_strips_of_a_large_picture_and_their_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    import tracemalloc

    image = np.random.default_rng(0).integers(0, 256, (3000, 1000)).astype(np.uint8)
    stages: list[dict[str, Any]] = [{"filter-bank": {"kernels": ["sobel-x", "sobel-y"] * 8}}, {"magnitude": {}}]
    recipe = Recipe.from_dict({"stages": [*stages, {"max-pool": {"size": 2}}]})
    limit = 120_000_000  # the bank alone gives 192 MB
    monkeypatch.setattr(memory, "_allowed", limit)
    tracemalloc.start()
    try:
        found = recipe.output(image)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < limit
    gx, gy = (correlate(image, Kernel.parse(text)) for text in ("-1 0 1; -2 0 2; -1 0 1", "-1 -2 -1; 0 0 0; 1 2 1"))
    strength = np.sqrt(8 * (gx.astype(float) ** 2 + gy.astype(float) ** 2))
    np.testing.assert_allclose(found, strength.reshape(1500, 2, 500, 2).max(axis=(1, 3)), rtol=1e-6)
