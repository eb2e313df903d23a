"""What painting needs, in C: against NumPy's definitions, and against the way without the compiled core."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernels import compiled
from kernels.opencv import cv2
from kernels.pictures.colour_maps import NON_FINITE, table
from kernels.pictures.display import clipped, render, render_packed
from kernels.pictures.reduction import reduced
from kernels.pictures.summary import estimate, summarise

core = compiled.core
pytestmark = pytest.mark.skipif(core is None, reason="the core is not compiled")

DTYPES = [np.uint8, np.uint16, np.float32, np.float64]
SHAPES = [(1, 1), (7, 1), (1, 1025), (33, 31), (1024, 3), (1500, 3), (5, 2000), (300, 4)]
SPECIAL = [0.0, -0.0, 1.0, -1.0, 2.5, np.inf, -np.inf, np.nan, 1e-40, 3e38, -3e38, 127.5]
SIZES = 4096


def values(kind: str, shape: tuple[int, ...], dtype: type, seed: int = 0) -> np.ndarray:
    """Noise, few whole numbers, or, in real arrays, extraordinary numbers among them."""
    random = np.random.default_rng(seed)
    if kind == "noise":
        array = random.normal(100, 60, shape)
    elif kind == "whole":
        array = random.integers(0, 5, shape).astype(float)
    else:
        array = np.where(random.random(shape) < 0.1, random.choice(SPECIAL, shape), random.normal(0, 2, shape))
    return array.astype(dtype) if np.dtype(dtype).kind == "f" else np.nan_to_num(array).clip(0, 255).astype(dtype)


KINDS = ["noise", "whole", "special"]
CASES = list(itertools.product(KINDS, SHAPES, DTYPES))


@pytest.mark.parametrize(("kind", "shape", "dtype"), CASES)
@pytest.mark.parametrize("bins", [1, 7, 256])
def test_the_histogram_is_numpys(kind, shape, dtype, bins):
    pixels = values(kind, shape, dtype)
    if pixels.dtype.kind == "f":
        pixels[np.abs(pixels) > 1e30] = np.inf
    real = pixels[np.isfinite(pixels)].astype(np.float64)
    edges = np.linspace(real.min(initial=0), real.max(initial=0) + 1e-9, bins + 1)
    counts, sizes = np.zeros(bins, "q"), np.zeros(SIZES, "q")
    largest = max(1.0, float(np.abs(real).max(initial=0)))
    total, total_size = core.histogram(pixels, edges, counts, sizes, SIZES / largest, False)
    np.testing.assert_array_equal(counts, np.histogram(real, edges)[0])
    places = np.minimum((np.abs(real) * (SIZES / largest)).astype(int), SIZES - 1)
    np.testing.assert_array_equal(sizes, np.bincount(places[real != 0], minlength=SIZES))
    np.testing.assert_allclose((total, total_size), (real.sum(), np.abs(real).sum()), rtol=1e-12, atol=1e-9)


def test_a_histogram_stays_in_its_bins_whatever_the_edges():
    pixels = np.array([[-np.inf], [np.inf], [np.nan], [-5.0], [0.5], [99.0]])
    for edges in ([0.0, 1.0], [0.0, np.nan, 1.0], [3.0, 2.0, 1.0], [-np.inf, 0.0, np.inf], [1.0, 1.0, 1.0]):
        for are_finite in (True, False):
            counts, sizes = np.zeros(len(edges) - 1, "q"), np.zeros(SIZES, "q")
            core.histogram(pixels, np.array(edges), counts, sizes, 1.0, are_finite)
            assert counts.sum() == (6 if are_finite else 3)


@pytest.mark.parametrize(("kind", "shape", "dtype"), CASES)
@pytest.mark.parametrize("absolute", [False, True])
def test_pixels_beyond_are_counted_once(kind, shape, dtype, absolute):
    pixels = values(kind, shape, dtype)
    low, high = 0.3, 120.7
    compared = np.abs(pixels) if absolute else pixels
    finite = np.isfinite(pixels)
    below, above = (compared < low) & finite, (compared > high) & finite
    expected = tuple(each.any(axis=1).sum() for each in (below, above, below | above))
    assert core.beyond(pixels, low, high, absolute) == expected


def test_float32_is_compared_with_the_nearest_float32():
    pixels = np.array([[0.1]], np.float32)
    assert core.beyond(pixels, 0.1, 0.1, False) == (0, 0, 0)
    assert core.beyond(pixels.astype(np.float64), 0.1, 0.1, False) == (0, 1, 1)


def both_ways(monkeypatch, work):
    """What `work` gives with the core and without it."""
    with_core = work()
    monkeypatch.setattr(compiled, "core", None)
    without = work()
    monkeypatch.undo()
    return with_core, without


@pytest.mark.parametrize("how", ["mean", "maximum"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_fewer_pixels_have_the_same_bits_either_way(monkeypatch, how, dtype):
    cases = [((1, 1), (1, 1)), ((40, 50), (40, 50)), ((61, 47), (17, 46)), ((61, 47, 3), (60, 5)),
             ((9, 8, 5), (4, 8)), ((900, 30), (10, 3)), ((30, 900), (3, 10)), ((300, 300, 2), (2, 2)),
             ((40, 1100, 3), (21, 640))]  # fmt: skip
    for (shape, size), kind in itertools.product(cases, KINDS):
        array = values(kind, shape, dtype)
        with_core, without = both_ways(monkeypatch, lambda array=array, size=size: reduced(array, *size, how=how))
        np.testing.assert_array_equal(with_core, without)
        assert with_core.dtype == without.dtype


@given(st.data())
def test_any_reduction_of_any_view_has_the_same_bits_either_way(data):
    height, width, channels = (data.draw(st.integers(1, most)) for most in (60, 60, 4))
    array = values("noise", (height * 2, width * 3, channels), data.draw(st.sampled_from(DTYPES)))
    views = [array[::2, ::3], array[:height, -width:], array[::-2, ::-3], array[:height, :width, ::-1]]
    view = data.draw(st.sampled_from([*views, array[::2, ::3, 0]]))
    size = data.draw(st.tuples(st.integers(1, height), st.integers(1, width)))
    how = data.draw(st.sampled_from(["mean", "maximum"]))
    with pytest.MonkeyPatch.context() as patch:
        with_core, without = both_ways(patch, lambda: reduced(view, *size, how=how))
    np.testing.assert_array_equal(with_core, without)


def test_strips_of_a_large_picture_do_not_show():
    array = values("noise", (1700, 1301), np.float32)
    scratch = np.empty(8 * (1301 + 600) + 2 * 600)
    whole = np.empty((800, 600, 1), np.float32)
    core.reduce(array[:, :, None], whole, scratch, 0, 800, False)
    np.testing.assert_array_equal(reduced(array, 800, 600), whole[:, :, 0])


def greys(array: np.ndarray, low: float, high: float, absolute: bool) -> np.ndarray:
    """Return 255 (x - low) / (high - low), rounded; NaN so near to a half that float32 may round the other way."""
    real = np.abs(array.astype(np.float64)) if absolute else array.astype(np.float64)
    with np.errstate(all="ignore"):
        place = 255 * (real.clip(low, high) - low) / (high - low)
        return np.where(np.abs(place % 1 - 0.5) < 1e-3, np.nan, np.rint(place))


@pytest.mark.parametrize(("kind", "shape", "dtype"), CASES)
@pytest.mark.parametrize("absolute", [False, True])
def test_bytes_are_the_rounded_places_between_the_levels(kind, shape, dtype, absolute):
    pixels = values(kind, shape, dtype)
    for in_double, (low, high) in itertools.product((False, True), [(-20.5, 200.0), (0.0, 1.0)]):
        to = np.full(shape, 7, np.uint8)
        seen = pixels if in_double else pixels.astype(np.float32)
        ends = (seen.min(), seen.max()) if np.isfinite(pixels).all() else None
        assert core.paint(pixels, to, None, low, high, absolute, in_double) == ends
        expected = greys(pixels, low, high, absolute)
        known = np.isfinite(expected) & np.isfinite(pixels)
        np.testing.assert_array_equal(to[known], expected[known])


@pytest.mark.parametrize("count", [1, 2, 341, 1024, 2500])
def test_colours_are_looked_up_and_packed(count):
    pixels = values("noise", (count, 1), np.float32)
    grey, mapped, packed = np.empty((count, 1), np.uint8), np.empty((count, 3), np.uint8), np.empty((count, 1), "I")
    colours = np.ascontiguousarray(table("viridis"))
    for to, by in ((grey, None), (mapped, colours), (packed, colours)):
        core.paint(pixels, to, by, 0.0, 255.0, False, False)
    np.testing.assert_array_equal(mapped, colours[grey[:, 0]])
    red, green, blue = mapped.astype(np.uint32).T
    np.testing.assert_array_equal(packed[:, 0], 0xFF000000 | red << 16 | green << 8 | blue)


@pytest.mark.parametrize("dtype", [*DTYPES, np.int16, np.float16, ">f4"])
@pytest.mark.parametrize("mode", ["clip", "abs"])
def test_pictures_are_painted_alike_either_way(monkeypatch, dtype, mode):
    levels = [(-123.4, 321.7), (0.0, 255.0), (99.9, 100.1), (5.0, 6.5), (1e5, 1e5 + 1), (-1e308, 1e308)]
    for shape, kind in itertools.product([(1, 1), (33, 40), (57, 41, 3), (700, 300)], KINDS):
        array = values(kind, shape, np.float32).clip(0 if np.dtype(dtype).kind == "u" else None)
        with np.errstate(all="ignore"):
            array = (array if np.dtype(dtype).kind == "f" else np.nan_to_num(array).clip(-99, 99)).astype(dtype)
        # All levels on little pictures; a large one is shared out to threads, whatever the levels.
        for pair, colours in itertools.product(levels[: 1 if array.size > 1e5 else None], ["grey", "blue-orange"]):
            known = np.isfinite(greys(array, *pair, mode == "abs")) | ~np.isfinite(array)
            known = known.all(axis=2) if array.ndim == 3 else known
            for paint in (render, render_packed):
                one, other = both_ways(
                    monkeypatch, lambda a=array, p=pair, c=colours, paint=paint: paint(a, p, mode, c)
                )
                assert (one.shape, one.dtype) == (other.shape, other.dtype)
                np.testing.assert_array_equal(one[known], other[known])


def test_packed_pixels_are_those_of_the_picture_and_mark_what_is_not_finite():
    for shape in ((30, 40), (30, 40, 3)):
        array = values("noise", shape, np.float32)
        array[3, 5] = np.nan
        expected = cv2.cvtColor(render(array, (0.0, 200.0)), cv2.COLOR_RGB2BGRA).astype(np.uint32)
        packed = render_packed(array, (0.0, 200.0))
        assert packed.shape == (30, 40)
        np.testing.assert_array_equal(packed, expected @ np.array([1, 1 << 8, 1 << 16, 1 << 24], np.uint32))
        assert packed[3, 5] == int("ff" + bytes(NON_FINITE).hex(), 16)


@pytest.mark.parametrize("dtype", [*DTYPES, np.int16, bool])
@pytest.mark.parametrize("kind", KINDS)
def test_summaries_and_counts_are_the_same_either_way(monkeypatch, dtype, kind):
    for shape, scale in itertools.product([(1, 1), (40, 50), (300, 500), (99, 101, 3)], [1.0, 1e-200, 1e200]):
        array = values(kind, shape, np.float64) * scale
        with np.errstate(all="ignore"):
            array = (array if np.dtype(dtype).kind == "f" else np.nan_to_num(array).clip(0, 99)).astype(dtype)
        for look in (summarise, estimate):
            one, other = both_ways(monkeypatch, lambda array=array, look=look: look(array))
            assert (one.extremes, one.non_finite) == (other.extremes, other.non_finite)
            np.testing.assert_array_equal(one.edges, other.edges)
            np.testing.assert_array_equal(one.counts, other.counts)
            assert one.sizes.sum() == other.sizes.sum()
            # A size within a millionth of the end of a range may be in the neighbouring one.
            assert np.abs(np.cumsum(one.sizes - other.sizes)).max() <= 2e-3 * max(1, one.sizes.sum())
            np.testing.assert_allclose((one.mean, one.mean_size), (other.mean, other.mean_size), rtol=1e-6)
        found = both_ways(monkeypatch, lambda array=array: clipped(array, (0.5, 1.5)))
        assert found[0] == found[1]


def _wrong() -> list[tuple[str, tuple]]:
    pixels, edges = np.zeros((4, 3), np.float32), np.arange(3.0)
    counts, sizes = np.zeros(2, "q"), np.zeros(SIZES, "q")
    plane, cells, room = np.zeros((6, 8, 3), np.float32), np.zeros((3, 4, 3), np.float32), np.zeros(8 * 36 + 8)
    grey, to, colours = np.zeros((4, 1), np.float32), np.zeros((4, 3), np.uint8), np.zeros((256, 3), np.uint8)
    return [
        ("beyond", (pixels.astype(np.int32), 0.0, 1.0, False)),
        ("beyond", (pixels.astype(">f4"), 0.0, 1.0, False)),
        ("beyond", (pixels[:, ::2], 0.0, 1.0, False)),
        ("beyond", (pixels[::2], 0.0, 1.0, False)),
        ("beyond", (pixels[0], 0.0, 1.0, False)),
        ("beyond", (pixels.tobytes(), 0.0, 1.0, False)),
        ("beyond", (np.zeros(17, np.uint8)[1:].view(np.float64).reshape(2, 1), 0.0, 1.0, False)),
        ("histogram", (pixels, edges, counts, sizes, "1", True)),
        ("histogram", (pixels, edges[:2], counts, sizes, 1.0, True)),
        ("histogram", (pixels, np.arange(258.0), np.zeros(257, "q"), sizes, 1.0, True)),
        ("histogram", (pixels, edges, counts, sizes[:-1], 1.0, True)),
        ("histogram", (pixels, edges, counts.astype(np.int32), sizes, 1.0, True)),
        ("histogram", (pixels, edges[:1], counts[:0], sizes, 1.0, True)),
        ("beyond", (pixels.astype(bool), 0.0, 1.0, False)),
        ("beyond", (pixels, None, 1.0, False)),
        ("reduce", (plane, cells, room[:-1], 0, 3, False)),
        ("reduce", (plane, cells, room, -1, 3, False)),
        ("reduce", (plane, cells, room, 2, 1, False)),
        ("reduce", (plane, cells, room, 0, 4, False)),
        ("reduce", (plane, cells.astype(np.float64), room, 0, 3, False)),
        ("reduce", (plane, cells[:, :, :2], room, 0, 3, False)),
        ("reduce", (plane, np.zeros((7, 4, 3), np.float32), room, 0, 3, False)),
        ("reduce", (plane, np.zeros((3, 0, 3), np.float32), room, 0, 3, False)),
        ("reduce", (plane[:, :, 0], cells, room, 0, 3, False)),
        ("reduce", (np.broadcast_to(np.float32(0), (2**33, 2, 1)), np.zeros((3, 1, 1), np.float32), room, 0, 3, True)),
        ("paint", (pixels, to[:3], None, 0.0, 1.0, False, False)),
        ("paint", (pixels, to[:, :2], None, 0.0, 1.0, False, False)),
        ("paint", (pixels, to, colours, 0.0, 1.0, False, False)),
        ("paint", (grey, to, colours[:255], 0.0, 1.0, False, False)),
        ("paint", (grey, to, None, 0.0, 1.0, False, False)),
        ("paint", (grey, np.zeros((4, 1), "I"), None, 0.0, 1.0, False, False)),
        ("paint", (pixels, np.zeros((4, 3), "I"), None, 0.0, 1.0, False, False)),
        ("paint", (pixels, to, None, 1.0, 1.0, False, False)),
        ("paint", (pixels, to, None, np.nan, 1.0, False, False)),
        ("paint", (pixels, to, None, -1e308, 1e308, False, False)),
        ("paint", (pixels, to.astype(np.uint16), None, 0.0, 1.0, False, False)),
    ]


@pytest.mark.parametrize(("name", "arguments"), _wrong())
def test_wrong_arguments_are_refused(name, arguments):
    with pytest.raises((ValueError, TypeError)):
        getattr(core, name)(*arguments)


def test_a_read_only_array_is_not_written_to():
    to = np.zeros((4, 3), np.uint8)
    to.flags.writeable = False
    with pytest.raises((ValueError, BufferError), match="read-only"):
        core.paint(np.ones((4, 3)), to, None, 0.0, 1.0, False, False)
