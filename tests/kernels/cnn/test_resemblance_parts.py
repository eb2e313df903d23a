"""Parts of a filter go to the editor and come back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from kernels.cnn.parts import Part, filter_as_kernel, put_back
from kernels.kernel import Kernel

FILTERS = np.random.default_rng(23).standard_normal((4, 5, 3, 3)).astype(np.float32)
WEIGHTS = st.floats(-8, 8, width=32)


@given(
    weights=arrays(
        np.float32, st.tuples(st.just(2), st.integers(1, 4), st.integers(1, 4), st.just(3)), elements=WEIGHTS
    ),
    part=st.sampled_from(["all", "luma", 0, 1, 2]),
)
@settings(max_examples=60, deadline=None)
def test_what_is_not_edited_comes_back_exactly(weights: np.ndarray, part: Part) -> None:
    kernel = filter_as_kernel(weights, 1, part)
    back = put_back(weights[1], kernel, part)
    assert back.dtype == np.float32
    assert np.array_equal(back, weights[1])


@given(
    original=arrays(np.float64, (3, 2, 3), elements=WEIGHTS),
    edited=arrays(np.float64, (3, 2), elements=WEIGHTS),
    part=st.sampled_from(["luma", 0, 1, 2]),
    divisor=st.sampled_from([1.0, -2.0, 9.0, 0.25]),
)
@settings(max_examples=60, deadline=None)
def test_the_part_of_the_new_filter_is_the_edited_kernel(
    original: np.ndarray, edited: np.ndarray, part: Part, divisor: float
) -> None:
    before = original.copy()
    new = put_back(original, Kernel(edited, divisor=divisor), part)
    assert np.array_equal(original, before)
    assert np.allclose(filter_as_kernel(new[None], 0, part).weights, edited / divisor, atol=1e-12)
    if part == "luma":
        assert np.allclose(np.diff(new, axis=2), np.diff(original, axis=2), atol=1e-12)
    else:
        others = [channel for channel in range(3) if channel != part]
        assert np.array_equal(new[..., others], original[..., others])


def test_parts_are_the_channels_the_luma_and_all() -> None:
    assert np.array_equal(filter_as_kernel(FILTERS, 2, 1).weights, FILTERS[2, :, :, 1])
    assert np.array_equal(filter_as_kernel(FILTERS, 2).weights, FILTERS[2])
    luma = 0.299 * FILTERS[2, :, :, 0] + 0.587 * FILTERS[2, :, :, 1] + 0.114 * FILTERS[2, :, :, 2]
    assert filter_as_kernel(FILTERS, 2, "luma").weights == pytest.approx(luma, abs=1e-6)
    names = [filter_as_kernel(FILTERS, 2, part).name for part in ("all", "luma", 0, 2)]
    assert names == ["Filter 2", "Filter 2, luma", "Filter 2, red", "Filter 2, blue"]


def test_a_filter_on_one_channel_is_a_kernel_without_channels() -> None:
    single = FILTERS[..., :1]
    for part in ("all", "luma", 0):
        kernel = filter_as_kernel(single, 0, part)
        assert kernel.channels is None
        assert np.array_equal(put_back(single[1], kernel, part), single[0])


def test_all_channels_return_with_the_divisor_folded_in() -> None:
    kernel = filter_as_kernel(FILTERS, 0).replace(divisor=4)
    assert np.array_equal(put_back(FILTERS[1], kernel), FILTERS[0] / 4)


@pytest.mark.parametrize(
    ("kernel", "part", "message"),
    [
        (Kernel(np.ones((3, 3))), 0, r"kernel is 3 × 3, but the filter is 3 × 5"),
        (Kernel(np.ones((5, 3)), offset=128), 0, r"offset 128"),
        (Kernel(np.ones((5, 3))), "all", r"no channels.*3 channels"),
        (Kernel(np.ones((5, 3, 3))), "luma", r"3 channels.*one channel only"),
        (Kernel(np.ones((5, 3, 4))), "all", r"4 channels.*3 channels"),
        (Kernel(np.ones((5, 3))), 3, r"no channel 3; its channels are 0 to 2"),
        (Kernel(np.ones((5, 3))), -1, r"no channel -1"),
        (Kernel(np.ones((5, 3))), "red", r"“all”, “luma” or a channel's number"),
        (Kernel(np.ones((5, 3)), divisor=1e-300), 0, r"too large"),
    ],
)
def test_refuses_what_does_not_fit(kernel: Kernel, part: Part, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        put_back(FILTERS[0], kernel, part)


def test_refuses_parts_that_are_not_there() -> None:
    with pytest.raises(ValueError, match="6 channels that are not colours"):
        filter_as_kernel(np.ones((1, 3, 3, 6)), 0, "luma")
    with pytest.raises(ValueError, match="no channel 6"):
        filter_as_kernel(np.ones((1, 3, 3, 6)), 0, 6)
    with pytest.raises(IndexError, match="0 to 3, but is 4"):
        filter_as_kernel(FILTERS, 4)
