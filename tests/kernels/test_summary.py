"""The summary of an array against NumPy in float64, on ordinary and on odd arrays."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from kernels.errors import Cancelled
from kernels.pictures.summary import estimate, extent_of, finite_range, summarise

RANDOM = np.random.default_rng(8)
NORMAL = RANDOM.normal(size=(400, 500))

ARRAYS = {
    "float32": (NORMAL * 40).astype(np.float32),
    "float64": NORMAL,
    "float16": NORMAL.astype(np.float16),
    "colour": RANDOM.normal(size=(300, 200, 3)).astype(np.float32),
    "mostly 0": np.maximum(NORMAL - 1, 0).astype(np.float32),
    "nowhere positive": np.minimum(NORMAL, 0).astype(np.float32),
    "quarters, 0 at the end of a bin": (RANDOM.integers(-16, 17, (300, 400)) / 4).astype(np.float32),
    "thirds": (RANDOM.integers(0, 400, (300, 400)) / 3).astype(np.float32),
    "far from 0": (RANDOM.random((300, 400)) + 1e6).astype(np.float32),
    "whole float32": np.rint(NORMAL * 300).astype(np.float32),
    "large whole float32": np.rint(NORMAL * 1e6).astype(np.float32),
    "float32 beyond 2^31": (NORMAL * 1e10).astype(np.float32),
    "tiny float32": (NORMAL * 1e-39).astype(np.float32),
    "large float32": np.clip(NORMAL * 1e38, -3e38, 3e38).astype(np.float32),
    "large float64": NORMAL * 1e300,
    "tiny float64": NORMAL * 1e-290,
    "uint8": RANDOM.integers(0, 256, (300, 400, 3), dtype=np.uint8),
    "uint8 between 9 and 30": RANDOM.integers(9, 31, (300, 400), dtype=np.uint8),
    "uint16": RANDOM.integers(0, 65536, (300, 400), dtype=np.uint16),
    "int8": RANDOM.integers(-128, 128, (30, 40), dtype=np.int8),
    "int16": RANDOM.integers(-32768, 32768, (300, 400), dtype=np.int16),
    "int32": RANDOM.integers(-(10**6), 10**6, (300, 400), dtype=np.int32),
    "int32 far from 0": RANDOM.integers(2**30, 2**30 + 900, (300, 400), dtype=np.int32),
    "int64": RANDOM.integers(-(2**60), 2**60, (300, 400)),
    "uint64": RANDOM.integers(0, 2**64, (30, 40), dtype=np.uint64),
    "bool": NORMAL > 1,
    "a view": NORMAL[::3, ::-2],
    "one row": NORMAL.reshape(1, -1),
    "one column": NORMAL.reshape(-1, 1),
}
HOLED = {f"{name} with holes": array.copy() for name, array in ARRAYS.items() if array.dtype.kind == "f"}
for _holed in HOLED.values():
    _holed.reshape(-1)[[5, 77, 78, -1]] = [np.nan, np.inf, -np.inf, np.nan]


def agree(summary, array):
    """Compare with what NumPy finds in float64."""
    finite = np.isfinite(array)
    values = array[finite].astype(np.float64)
    assert summary.extremes == (values.min(), values.max()) == finite_range(array)
    bad = ~finite if array.ndim == 2 else ~finite.all(axis=2)
    assert summary.non_finite == np.count_nonzero(bad) == extent_of(array).non_finite
    assert summary.counts.sum() == values.size
    part = 2.0**-20 if summary.largest > 1e290 else 1.0
    assert summary.mean == pytest.approx((values * part).mean() / part, rel=1e-6, abs=1e-7 * summary.largest)
    assert summary.mean_size == pytest.approx(np.abs(values * part).mean() / part, rel=1e-6)
    counts, edges = summary.counts, summary.edges
    assert (np.diff(edges) > 0).all()
    assert edges.size == counts.size + 1 <= 257
    np.testing.assert_array_equal(counts, np.histogram(values, edges)[0])
    # A size at the end of a range may be counted in the next.
    sizes = np.abs(values[values != 0]) / (summary.largest or 1.0) * 4096
    ends = np.arange(1, 4096)
    slack = 0.01
    fewest, most = (np.searchsorted(np.sort(sizes), ends + each) for each in (-slack, slack))
    found = np.cumsum(summary.sizes)[:-1]
    assert (fewest <= found).all()
    assert (found <= most).all()
    assert summary.sizes.sum() == sizes.size


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", [*ARRAYS, *HOLED])
def test_a_summary_agrees_with_numpy(name):
    array = {**ARRAYS, **HOLED}[name]
    before = array.copy()
    summary = summarise(array)
    assert summary.is_exact
    agree(summary, array)
    np.testing.assert_array_equal(array, before)


numbers = st.one_of(
    *(hnp.arrays(kind, hnp.array_shapes(min_dims=2, max_dims=2, max_side=6)) for kind in (np.float32, np.float64)),
    hnp.arrays(np.float32, hnp.array_shapes(min_dims=2, max_dims=2, max_side=6), elements=st.sampled_from(
        [0, -0.0, 0.5, 1, 2, -1, 255, np.float32(1e30), np.nan, np.inf, -np.inf])),
    hnp.arrays(np.float64, st.tuples(st.integers(1, 4), st.integers(1, 4), st.just(3))),
    hnp.arrays(np.int64, hnp.array_shapes(min_dims=2, max_dims=2, max_side=5)),
)  # fmt: skip


@pytest.mark.filterwarnings("error")
@given(numbers)
def test_any_array_has_a_summary(array):
    summary = summarise(array)
    finite = np.isfinite(array)
    assert summary.counts.sum() == finite.sum()
    assert summary.sizes.sum() == np.count_nonzero(array[finite])
    assert np.isfinite([summary.mean, summary.mean_size, summary.largest]).all()
    assert np.isfinite(summary.edges).all()
    assert (np.diff(summary.edges) > 0).all()
    assert summary.edges.size == summary.counts.size + 1 <= 257
    if summary.extremes is not None:
        assert summary.extremes == (float(array[finite].min()), float(array[finite].max()))
        assert summary.extremes[0] <= summary.mean <= summary.extremes[1] or summary.is_flat(1e-6 * summary.largest)
        assert summary.edges[0] <= summary.extremes[0]
        assert summary.extremes[1] <= summary.edges[-1]


@pytest.mark.parametrize("value", [0.0, 9.0, -2.5, 1e300, 5e-324])
def test_a_constant_array(value):
    summary = summarise(np.full((40, 50), value))
    assert summary.extremes == (value, value)
    assert summary.counts.tolist() == [2000]
    assert summary.mean == pytest.approx(value, rel=1e-12)
    assert summary.is_flat()
    assert summary.sizes.sum() == (0 if value == 0 else 2000)
    assert summary.covering(0.99) == abs(value)


def test_an_array_without_a_finite_value():
    summary = summarise(np.full((4, 5, 3), np.nan, np.float32))
    assert summary.extremes is None
    assert (summary.non_finite, summary.counts.sum(), summary.largest) == (20, 0, 0.0)
    assert summary.counts.tolist() == [0]
    assert summary.is_flat()
    assert not summary.is_around_zero


def test_whole_numbers_have_one_bin_each():
    summary = summarise(np.array([[3, 3, 5], [4, 3, 7]], np.uint8))
    assert summary.counts.tolist() == [3, 1, 1, 0, 1]
    assert summary.edges.tolist() == [2.5, 3.5, 4.5, 5.5, 6.5, 7.5]
    assert set(summarise(np.arange(1024, dtype=np.float32).reshape(32, 32)).counts.tolist()) == {4}


def test_the_bins_of_other_numbers_are_numpys():
    summary = summarise(NORMAL)
    counts, edges = np.histogram(NORMAL, 256)
    np.testing.assert_array_equal(summary.counts, counts)
    np.testing.assert_allclose(summary.edges, edges)


def test_what_lies_around_zero():
    picture = RANDOM.random((200, 300))
    assert summarise(np.diff(picture)).is_around_zero
    assert not summarise(picture).is_around_zero
    assert not summarise(picture - 0.01).is_around_zero  # a few dark overshoots


@pytest.mark.parametrize("share", [0.5, 0.9, 0.99, 0.999, 1.0])
@pytest.mark.parametrize("name", ["float32", "whole float32", "int16", "mostly 0", "float64"])
def test_a_cover_holds_its_share_and_hardly_more(share, name):
    array = ARRAYS[name].astype(np.float64)
    sizes = np.abs(array[array != 0])
    cover = summarise(ARRAYS[name]).covering(share)
    assert (sizes <= cover * (1 + 1e-6)).mean() >= share
    assert cover <= sizes.max()
    assert float(f"{cover:.2g}") == pytest.approx(cover, rel=1e-9) or cover == sizes.max()
    # Less than the two figures that it is rounded up to, and one of 4096 ranges, below.
    assert (sizes <= cover * 0.9 - sizes.max() / 4096).mean() <= share


def test_a_summary_stops_when_asked_to():
    array = np.zeros((4000, 4000), np.float32)
    asked = []

    def cancelled():
        asked.append(time.perf_counter())
        return len(asked) > 150

    with pytest.raises(Cancelled):
        summarise(array, cancelled=cancelled)
    assert len(asked) == 151


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", [*ARRAYS, *HOLED])
def test_an_estimate_is_the_summary_of_a_sample(name):
    array = {**ARRAYS, **HOLED}[name]
    exact, found = summarise(array), estimate(array)
    assert found.is_exact == (array.size <= 1 << 16)
    assert found.counts.sum() <= 70_000
    assert exact.extremes[0] <= found.extremes[0] <= found.extremes[1] <= exact.extremes[1]
    for share in (0.5, 0.9):
        cover = exact.covering(share)
        assert found.covering(share) == pytest.approx(cover, rel=0.15)
    assert found.mean == pytest.approx(exact.mean, rel=0.05, abs=0.05 * exact.mean_size)
    again = estimate(array)
    np.testing.assert_array_equal(found.counts, again.counts)


@pytest.mark.parametrize("width", [512, 1000, 1024, 4000])
def test_an_estimate_is_not_fooled_by_stripes(width):
    for period in (2, 3, 4, 16, 64):
        stripes = np.tile((np.arange(width) % period == 0).astype(np.float32), (600, 1))
        assert estimate(stripes).mean == pytest.approx(stripes.mean(), rel=0.1)
        down = np.ascontiguousarray(np.tile(stripes[0, :600, None], (1, width)))
        assert estimate(down).mean == pytest.approx(down.mean(), rel=0.1)
