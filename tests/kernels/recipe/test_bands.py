"""Any rows of a result, computed from the rows that they need alone, are those of the whole result, bit for bit."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels import Kernel, Recipe, convolve, correlate
from kernels.filtering.backends import plan
from kernels.filtering.backends.facts import Facts
from kernels.filtering.backends.some_rows import SomeRows
from kernels.recipe import strips as module
from kernels.recipe.rows import names, ready_made
from kernels.recipe.stage import Circumstances
from kernels.recipe.strips import Held, Strips, measured

Array = np.ndarray[Any, np.dtype[Any]]


class Few(Held):
    """Gives the rows that are asked for and nothing else, as one that reads them from a file."""

    def some(self, lines: Array) -> SomeRows:
        return SomeRows(
            self.pixels.shape, lines, np.ascontiguousarray(self.pixels[lines]), Facts.of(self.pixels).largest
        )


@pytest.fixture(params=[False, True], ids=["usual strips", "small strips"], scope="module")
def small(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let small pictures be divided as large ones are."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param:
            for name, value in (("_STRIP_VALUES", 150), ("_STRIP_REACHES", 1), ("_REPEATED", 1.0)):
                patch.setattr(plan, name, value)
            patch.setattr(plan, "_WORTH_HELP", 300.0)
            patch.setattr(plan, "_LONGEST", 4e4)
            patch.setattr(module, "STRIP_BYTES", 20_000)
            patch.setattr(module, "_MEASURED", 3_000)
        plan.choose.cache_clear()
        yield
    plan.choose.cache_clear()


def in_bands(recipe: Recipe, image: Array, cuts: list[int]) -> Array:
    """Compute the output band by band, cut anywhere, each from rows read for it."""
    source, run = Few(image), Circumstances(recipe.white_of(image))
    largest = Facts.of(image).largest
    chain, _ = measured(recipe.chain, source, run, largest, lambda share: None)
    strips = Strips(chain, image.shape, image.dtype, run, largest)
    output = np.full(strips.shape, -77, strips.dtype)
    ends = sorted({0, strips.shape[0], *(cut % strips.shape[0] for cut in cuts)})
    for top, bottom in itertools.pairwise(ends):
        strips.compute(source.some(strips.lines(top, bottom)), top, bottom, output[top:bottom])
    return output


def pictures(random: np.random.Generator, shape: tuple[int, ...], kind: str) -> Array:
    if kind == "wild":
        wild = random.normal(size=shape).astype(np.float32)
        wild.ravel()[random.integers(0, wild.size, 3)] = (np.nan, np.inf, 1e37)
        return wild
    if kind.startswith("float"):
        return random.normal(size=shape).astype(kind)
    high = {"uint8": 255, "uint16": 65535, "int32": 10_000_000}[kind]
    return random.integers(0, high, shape, endpoint=True).astype(kind)


KINDS = st.sampled_from(["uint8", "uint16", "int32", "float32", "float64", "wild"])
CUTS = st.lists(st.integers(1, 10_000), max_size=5)
BORDERS = st.sampled_from(["constant", "replicate", "reflect", "reflect101", "wrap"])


@settings(max_examples=60)
@given(data=st.data(), cuts=CUTS, seed=st.integers(0, 2**20), kind=KINDS, border=BORDERS)
def test_a_filter_in_bands(
    small: None, data: st.DataObject, cuts: list[int], seed: int, kind: str, border: str
) -> None:
    draw, random = data.draw, np.random.default_rng(seed)
    trailing = draw(st.sampled_from([(), (3,)]))
    image = pictures(random, (draw(st.integers(1, 90)), draw(st.integers(1, 60)), *trailing), kind)
    size = draw(st.sampled_from([(1, 1), (3, 3), (2, 5), (7, 1), (13, 13), (31, 21)]))
    name = draw(st.sampled_from(["random", "box", "whole", "outer", "channels"]))
    weights = {
        "box": np.full(size, 0.3),
        "whole": random.integers(-3, 4, size),
        "outer": np.outer(random.normal(size=size[0]), random.normal(size=size[1])),
    }.get(name, random.normal(size=size))
    if name == "channels" and trailing:
        weights = random.normal(size=(*size, 3))
    padding = draw(st.sampled_from(["same", "full", "valid", 3, (0, 40)]))
    pair = st.tuples(st.integers(1, 6), st.integers(1, 6))
    options: dict[str, Any] = {"padding": padding, "stride": draw(pair), "dilation": draw(pair), "border": border}
    options["border_value"] = draw(st.sampled_from([0.0, 2.5]))
    kernel = Kernel(weights, divisor=draw(st.sampled_from([1.0, 9.0])), offset=draw(st.sampled_from([0.0, 0.5])))
    function, operation = draw(st.sampled_from([(correlate, "correlation"), (convolve, "convolution")]))
    try:
        expected = function(image, kernel, **options)
    except ValueError:
        return
    numbers = {"weights": kernel.weights, "divisor": kernel.divisor, "offset": kernel.offset}
    recipe = Recipe.from_dict({"stages": [{"filter": {"kernel": numbers, "operation": operation, **options}}]})
    np.testing.assert_array_equal(in_bands(recipe, image, cuts), expected)
    np.testing.assert_array_equal(recipe.output(image), expected)


ROWS: dict[str, list[dict[str, Any]]] = {
    "nothing": [],
    "filters": [{"filter": {"kernel": "gaussian(sigma=2)", "border": "reflect"}}, {"filter": {"kernel": "sobel-x"}}],
    "wrap": [{"filter": {"kernel": "box", "border": "wrap"}}, {"relu": {}}],
    "strided": [{"filter": {"kernel": "box", "stride": 3, "dilation": 2}}, {"max-pool": {"size": 3, "stride": 2}}],
    "pools": [{"average-pool": {"size": 3, "stride": 2, "ceil": True}}, {"gaussian-pool": {"size": 2}}],
    "median": [{"median": {"size": 5}}, {"tanh": {}}],
    "measured": [{"filter": {"kernel": "laplacian-8"}}, {"batch-norm": {}}, {"filter": {"kernel": "box"}}],
    "measured at once": [{"batch-norm": {"gamma": 2}}, {"sigmoid": {}}],
    "average": [{"filter": {"kernel": "box"}}, {"global-average": {}}, {"bias": {"values": 1}}],
    "inside": [{"branches": {"rows": [[{"batch-norm": {}}], [{"filter": {"kernel": "box"}}, {"batch-norm": {}}]]}}],
}


@settings(max_examples=25)
@given(data=st.data(), cuts=CUTS, seed=st.integers(0, 2**20), kind=KINDS, row=st.sampled_from(sorted(ROWS)))
def test_rows_of_stages_in_bands(
    small: None, data: st.DataObject, cuts: list[int], seed: int, kind: str, row: str
) -> None:
    trailing = data.draw(st.sampled_from([(), (3,)]))
    shape = (data.draw(st.integers(12, 80)), data.draw(st.integers(12, 50)), *trailing)
    image = pictures(np.random.default_rng(seed), shape, kind)
    recipe = Recipe.from_dict({"stages": ROWS[row]})
    np.testing.assert_array_equal(in_bands(recipe, image, cuts), recipe.output(image))


@pytest.mark.parametrize("name", names())
@pytest.mark.parametrize("channels", [1, 3])
def test_ready_made_rows_in_bands(small: None, name: str, channels: int) -> None:
    image = np.random.default_rng(1).integers(0, 256, (61, 47, 3)[: 2 + (channels == 3)]).astype(np.uint8)
    recipe = ready_made(name, channels)
    np.testing.assert_array_equal(in_bands(recipe, image, [7, 19, 30]), recipe.output(image))


@pytest.mark.parametrize("dtype", ["uint8", "float32"])
@pytest.mark.parametrize("kernel", ["gaussian(sigma=2)", "gaussian(sigma=9)", "sobel-x", "box"])
def test_a_larger_picture(kernel: str, dtype: str) -> None:
    image = np.random.default_rng(0).integers(0, 256, (1400, 1100)).astype(dtype)
    recipe = Recipe.from_dict({"stages": [{"filter": {"kernel": kernel, "border": "reflect"}}]})
    np.testing.assert_array_equal(in_bands(recipe, image, [1, 333, 701, 702]), recipe.output(image))
