"""Correlation in C against SciPy on pictures that NumPy has padded, and with the core against without it."""

from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from kernels import compiled
from kernels.filtering.backends.job import Job
from kernels.filtering.border import NAMES, Border
from kernels.filtering.engine import run
from kernels.filtering.geometry import SlidingOptions
from kernels.kernel import Kernel

pytestmark = pytest.mark.skipif(compiled.core is None, reason="the core is not compiled")
Array = npt.NDArray[Any]
METHODS = ("direct", "separable", "box")
seeds = st.integers(0, 2**32 - 1)


def oracle(image: Array, weights: Array, options: SlidingOptions) -> Array:
    """SciPy's correlation of the padded picture with the spread weights, and then every stride-th output."""
    planes = np.atleast_3d(image).astype(np.float64)
    (sy, sx), (dy, dx) = options.steps
    wide = np.zeros((dy * (weights.shape[0] - 1) + 1, dx * (weights.shape[1] - 1) + 1, *weights.shape[2:]))
    wide[::dy, ::dx] = weights
    (py, px), border = options.padding, Border(options.border)
    value = {"constant_values": options.border_value} if border is Border.CONSTANT else {}
    padded = np.pad(planes, ((py, py), (px, px), (0, 0)), NAMES[border].numpy, **value)
    slid = [
        signal.correlate2d(padded[:, :, n], wide if wide.ndim == 2 else wide[:, :, n], "valid")[::sy, ::sx]
        for n in range(planes.shape[2])
    ]
    return np.sum(slid, axis=0) if wide.ndim == 3 else np.stack(slid, axis=2).reshape(*slid[0].shape, *image.shape[2:])


def some_weights(random: np.random.Generator, method: str, channels: tuple[int, ...]) -> Array:
    high, wide = random.integers(1, random.choice([4, 9, 26]), 2)
    if method == "direct":
        return random.integers(-9, 10, (high, wide, *(channels if random.random() < 0.4 else ())))
    if method == "separable":
        return np.outer(random.integers(1, 5, high + 1), random.integers(-4, 0, wide + 1))
    return np.full((high, wide), -3)


def some_options(random: np.random.Generator, size: tuple[int, ...], taps: tuple[int, ...]) -> SlidingOptions:
    stride, dilation = (tuple(random.integers(1, random.choice([2, 6]), 2).tolist()) for _ in range(2))
    lack = [max(0, step * (tap - 1) + 1 - n) for step, tap, n in zip(dilation, taps, size, strict=False)]
    padding = tuple((least + 1) // 2 + int(random.integers(4)) for least in lack)
    return SlidingOptions("correlation", padding, stride, dilation, random.choice(list(NAMES)), 7.0)


@given(seeds, st.sampled_from(METHODS), st.sampled_from(["u1", "u2", "i2", "f4", "f8"]))
@settings(max_examples=200)
def test_any_window_on_any_picture(seed: int, method: str, dtype: str) -> None:
    random = np.random.default_rng(seed)
    channels = [(), (1,), (3,), (4,)][random.integers(4)]
    image = random.integers(0, 200, (*random.integers(1, random.choice([8, 40, 150]), 2), *channels)).astype(dtype)
    weights = some_weights(random, method, channels)
    options = some_options(random, image.shape, weights.shape)
    result = run(image, Kernel(weights), options, method=method)
    np.testing.assert_array_equal(result, oracle(image, weights, options))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("dtype", ["u1", "f4", "f8"])
def test_the_same_without_the_core(method: str, dtype: str, monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(1)
    image = (random.random((61, 70, 3)) * 255).astype(dtype)
    row = random.normal(size=7)
    weights = {"direct": random.normal(size=(5, 7)), "separable": np.outer(row[:5], row), "box": np.full((5, 7), 0.1)}
    for options in (SlidingOptions(border="reflect"), SlidingOptions(stride=(3, 2), dilation=2, border="wrap")):
        kernel = Kernel(weights[method], divisor=3, offset=0.5)
        monkeypatch.undo()
        result = run(image, kernel, options, method=method)
        monkeypatch.setattr(compiled, "core", None)
        plain = run(image, kernel, options, method=method)
        np.testing.assert_allclose(result, plain, rtol=0, atol=1e-5 * kernel.absolute_sum * 255 / 3)
        assert result.dtype == plain.dtype


@pytest.mark.parametrize("method", METHODS)
def test_what_is_not_finite_is_so_without_the_core(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(1)
    kernel = Kernel(np.ones((3, 3)) if method == "box" else np.outer([1, 0, -1], [1, 2, 1]))
    image = random.random((40, 41)).astype(np.float32)
    image[random.random(image.shape) < 0.01] = np.nan
    image[3, 4], image[20, 5] = np.inf, -np.inf
    result = run(image, kernel, SlidingOptions(), method=method)
    monkeypatch.setattr(compiled, "core", None)
    plain = run(image, kernel, SlidingOptions(), method=method)
    np.testing.assert_array_equal(np.isfinite(result), np.isfinite(plain))
    np.testing.assert_array_equal(result[~np.isfinite(plain)], plain[~np.isfinite(plain)])


@given(seeds, st.sampled_from(["direct", "separable"]))
@settings(max_examples=50)
def test_the_bits_do_not_depend_on_the_strips(seed: int, method: str) -> None:
    random = np.random.default_rng(seed)
    image = random.random((50, int(random.integers(1, 90)))).astype(np.float32)
    weights = random.normal(size=random.integers(2, 16, 2))
    weights = np.outer(weights[:, 0], weights[0]) if method == "separable" else weights
    options = (some_options, far_options)[random.integers(2)](random, image.shape, weights.shape)
    job = Job.of(image, Kernel(weights), options, method)
    whole, parts = np.empty(job.shape, job.dtype), np.empty(job.shape, job.dtype)
    job.compute(0, job.shape[0], whole)
    cuts = sorted({0, job.shape[0], *random.integers(0, job.shape[0], 3).tolist()})
    for top, bottom in pairwise(cuts):
        job.compute(top, bottom, parts[top:bottom])
    np.testing.assert_array_equal(parts.view(np.uint32), whole.view(np.uint32))


def far_options(random: np.random.Generator, size: tuple[int, ...], taps: tuple[int, ...]) -> SlidingOptions:
    """Strides that leave windows with few columns in common, or none, at any border."""
    stride = int(random.integers(1, 12)), int(random.integers(5, max(5, taps[1]) + 4))
    dilation = int(random.integers(1, 4)), 1
    lack = [max(0, step * (tap - 1) + 1 - n) for step, tap, n in zip(dilation, taps, size, strict=True)]
    padding = tuple((least + 1) // 2 + int(random.integers(12)) for least in lack)
    return SlidingOptions("correlation", padding, stride, dilation, random.choice(list(NAMES)), 7.0)


@given(seeds, st.sampled_from(["u1", "u2", "i2", "f4", "f8"]))
@settings(max_examples=200)
def test_windows_that_share_few_columns(seed: int, dtype: str) -> None:
    random = np.random.default_rng(seed)
    steps = random.choice([1, 1, 2, -1], 2).tolist()
    image = random.integers(0, 200, random.integers(1, random.choice([12, 40, 250]), 2)).astype(dtype)
    view = image[:: steps[0], :: steps[1]]
    weights = random.integers(-9, 10, (random.integers(1, 9), random.integers(2, 19)))
    options = far_options(random, view.shape, weights.shape)
    result = run(view, Kernel(weights), options, method="direct")
    np.testing.assert_array_equal(result, oracle(view, weights, options))


@given(seeds, st.sampled_from([np.nan, np.inf, 1e38]))
@settings(max_examples=50)
def test_pixels_beside_all_taps_do_not_matter(seed: int, value: float) -> None:
    random = np.random.default_rng(seed)
    image = random.integers(0, 200, random.integers(30, 150, 2)).astype(np.float32)
    weights = random.integers(-9, 10, (random.integers(1, 5), random.integers(2, 17)))
    stride = 5, int(max(5, weights.shape[1]) + random.integers(1, 4))
    options = SlidingOptions("correlation", (0, 0), stride)
    columns = np.arange(image.shape[1]) % stride[1] >= weights.shape[1]
    columns[(image.shape[1] - weights.shape[1]) // stride[1] * stride[1] + weights.shape[1] :] = True
    beside = image.copy()
    beside[:, columns] = value
    result = run(beside, Kernel(weights), options, method="direct")
    np.testing.assert_array_equal(result, oracle(image, weights, options))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("column", [0, 1, 39, 40, 41, 44, 96, 97, 100])
def test_a_pixel_that_is_not_finite_is_so_in_its_window_only(value: float, column: int) -> None:
    image = np.random.default_rng(1).random((21, 101)).astype(np.float32)
    image[9, column] = value
    result = run(image, Kernel(np.full((5, 5), 0.5)), SlidingOptions(stride=8), method="direct")
    expected = np.zeros(result.shape, bool)
    expected[1, np.abs(np.arange(result.shape[1]) * 8 - column) <= 2] = True
    np.testing.assert_array_equal(~np.isfinite(result), expected)


@pytest.mark.parametrize(("stride", "dilation"), [(1, 1), (2, 3), (4, 2), (9, 1)])
@pytest.mark.parametrize("dtype", ["f", "d"])
def test_the_magnitude_of_what_windows_apart_look_at(stride: int, dilation: int, dtype: str) -> None:
    pixels = np.random.default_rng(1).integers(-9, 10, (60, 70, 1)).astype(dtype)
    taps, across, high = 3, 7, 4
    lines = np.unique(np.add.outer(np.arange(high) * stride, np.arange(taps) * dilation))
    columns = np.add.outer(np.arange(9) * across, np.arange(6)).ravel()
    out = np.zeros((high, 9, 1), dtype)
    count = lines[-1] + 1
    beside = np.empty(0, np.int64)
    magnitude = compiled.core.correlate(
        *(pixels, np.arange(count), beside, 0, 0.0, np.ones((1, taps, 6), dtype), None, False, (stride, across)),
        *((dilation, 1), 1.0, 0.0, False, True, high, np.zeros((1, 5 + count, 300), dtype), out),
    )
    assert magnitude == (np.abs(pixels[np.ix_(lines, columns)]).sum(),)


@pytest.mark.parametrize("shape", [(40, 3001), (70, 40, 3), (60, 31, 11), (30, 1, 2)])
@pytest.mark.parametrize(("dtype", "most"), [("u1", 2**8), ("u2", 2**16), ("i4", 2**31)])
def test_boxes_over_whole_numbers_are_exact(shape: tuple[int, ...], dtype: str, most: int) -> None:
    image = np.random.default_rng(1).integers(0, most, shape).astype(dtype)
    kernel = Kernel(np.full((9, 12), 3), divisor=7)
    result = run(image, kernel, SlidingOptions("correlation", (8, 11)), method="box")
    padded = np.pad(image.astype(np.int64), [(8, 8), (11, 11), (0, 0)][: image.ndim])
    sums = np.lib.stride_tricks.sliding_window_view(padded, (9, 12), (0, 1)).sum((-2, -1))
    np.testing.assert_array_equal(result, (3 * sums / 7).astype(np.float32))


def test_pictures_in_any_memory() -> None:
    base = np.random.default_rng(1).integers(0, 256, (30, 41, 4)).astype(np.uint8)
    weights = np.random.default_rng(2).integers(-9, 10, (4, 3))
    options = SlidingOptions("correlation", (2, 3), (1, 2), (2, 1), "reflect101")
    frozen = base[..., 0].copy()
    frozen.setflags(write=False)
    packed = np.frombuffer(b"." + base.tobytes(), np.uint8, offset=1).reshape(base.shape)
    views = [base[::-2, 1::3, 2], base[..., :3][:, ::-1], base[..., ::-1], base.transpose(1, 0, 2), frozen, packed]
    views += [np.asfortranarray(base[..., 0]), np.broadcast_to(base[:1, :, 0], (9, 41)), base[..., 1].astype(">u2")]
    for view in views:
        np.testing.assert_array_equal(
            run(view, Kernel(weights), options, method="direct"), oracle(view, weights, options)
        )


def arguments(**changes: Any) -> list[Any]:
    """Return what correlates a picture of 6 x 8 with 3 x 3 weights, padded by a pixel, with some of it changed."""
    good: dict[str, Any] = {
        "pixels": np.ones((6, 8, 1), np.float32),
        "rows": np.array([-1, 0, 1, 2, 3, 4, 5, -1]),
        "beside": np.array([0, 7]),
        "left": 1,
        "border_value": 0.0,
        "down": np.ones((1, 3, 3), np.float32),
        "across": None,
        "runs_on": False,
        "stride": (1, 1),
        "dilation": (1, 1),
        "divisor": 1.0,
        "offset": 0.0,
        "rounds_back": False,
        "measures": True,
        "strip_rows": 6,
        "scratch": np.zeros((1, 11, 138), np.float32),
        "out": np.zeros((6, 8, 1), np.float32),
    }
    assert changes.keys() <= good.keys()
    return list((good | changes).values())


FACTORS = {"down": np.ones((1, 3, 1)), "across": np.ones((1, 3)), "scratch": np.zeros((1, 11, 138))}
BOX = {**FACTORS, "runs_on": True, "scratch": np.zeros((1, 5, 146))}


SINGLE = {"pixels": np.ones((6, 8), np.float32)[:, ::-1], "out": np.zeros((6, 8), np.float32)}


def test_the_arguments_that_others_are_held_against() -> None:
    for changes, magnitude in (({}, 6 * 10), (BOX, 6 * 8), (SINGLE, 6 * 10)):
        given = arguments(**changes)
        assert compiled.core.correlate(*given) == (magnitude,)
        assert given[-1].reshape(6, 8).tolist() == [[6.0] * 8] + [[9.0] * 8] * 4 + [[6.0] * 8]


WRONG: list[dict[str, Any]] = [
    {"pixels": np.ones(48, np.float32)},
    {"pixels": np.ones((6, 8, 1), np.int32)},
    {"pixels": np.ones((6, 0, 1), np.float32)},
    {"pixels": np.ones((6, 8, 2), np.float32)[:, :, ::-1]},
    {"pixels": np.ones((6, 8, 2), np.float32)},
    {"pixels": [[1.0]]},
    {"rows": np.zeros(7, np.int64)},
    {"rows": np.zeros(8, np.int32)},
    {"rows": np.full(8, 6)},
    {"rows": np.full(8, -2)},
    {"beside": np.array([0])},
    {"beside": np.array([0, 8])},
    {"beside": np.array([-2, 0])},
    {"left": -1},
    {"left": 11},
    {"left": 2**62},
    {"down": np.ones((1, 3, 3), np.int64)},
    {"down": np.ones((1, 3, 3))},
    {"down": np.ones((2, 3, 3), np.float32)},
    {"down": np.ones((1, 0, 3), np.float32)},
    {"down": np.ones((1, 6, 3), np.float32)[:, ::2]},
    {"down": np.ones((1, 9, 3), np.float32)},
    {"down": np.ones((1, 3, 4), np.float32)},
    {"across": np.ones((1, 3), np.float32)},
    {"across": np.ones((2, 3)), **{name: FACTORS[name] for name in ("down", "scratch")}},
    {"across": np.ones((1, 9)), **{name: FACTORS[name] for name in ("down", "scratch")}},
    {"runs_on": True},
    {**BOX, "stride": (2, 1)},
    {**BOX, "scratch": np.zeros((1, 4, 146))},
    {**BOX, "scratch": np.zeros((1, 5, 145))},
    {**BOX, "left": 5, "beside": np.full(5, 5)},
    {"stride": (0, 1)},
    {"stride": (1, -1)},
    {"stride": (2, 1)},
    {"stride": (1, 2)},
    {"stride": (2**62, 2**62)},
    {"dilation": (0, 1)},
    {"dilation": (2, 1)},
    {"dilation": (2**62, 1)},
    {"scratch": np.zeros((1, 10, 138), np.float32)},
    {"scratch": np.zeros((1, 11, 137), np.float32)},
    {"scratch": np.zeros((1, 11, 138))},
    {"scratch": np.zeros((11, 138), np.float32)},
    {"scratch": np.zeros((0, 11, 138), np.float32)},
    {"scratch": np.broadcast_to(np.zeros(138, np.float32), (1, 11, 138))},
    {"scratch": np.broadcast_to(np.zeros((11, 138), np.float32), (2, 11, 138))},
    {"strip_rows": 0},
    {"strip_rows": -1},
    {"strip_rows": 2**70},
    {"out": np.zeros((6, 8, 1), np.int32)},
    {"out": np.zeros((6, 16, 1), np.float32)[:, ::2]},
    {"out": np.zeros((6, 9, 1), np.float32)},
    {"out": np.zeros((9, 8, 1), np.float32)},
    {"out": np.zeros((6, 8, 3), np.float32)},
    {"out": np.zeros((0, 8, 1), np.float32)},
]


@pytest.mark.parametrize("changes", WRONG)
def test_wrong_arguments_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises((ValueError, TypeError, OverflowError)):
        compiled.core.correlate(*arguments(**changes))


def test_too_few_arguments_are_refused() -> None:
    with pytest.raises(TypeError):
        compiled.core.correlate(*arguments()[:-1])
