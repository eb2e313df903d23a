"""A filter as a kernel, and back."""

from __future__ import annotations

import numpy as np
import pytest

from kernels import Kernel
from kernels.cnn.editing import Part, as_kernel, put_back

FILTER = np.random.default_rng(4).standard_normal((3, 5, 3))
GREY = FILTER[:, :, :1]
LUMA = np.array([0.299, 0.587, 0.114])


@pytest.mark.parametrize("part", ["all", "luma", 0, 2])
def test_what_was_not_edited_goes_back_unchanged(part: Part) -> None:
    kernel = as_kernel(FILTER, part, "filter 3")
    assert kernel.name == "filter 3"
    assert kernel.channels == (3 if part == "all" else None)
    np.testing.assert_allclose(put_back(FILTER, kernel, part), FILTER, atol=1e-12)


def test_a_single_channel_returns_to_its_place() -> None:
    result = put_back(FILTER, Kernel(np.ones((3, 5)), divisor=4.0), 1)
    np.testing.assert_array_equal(result[:, :, 1], 0.25)
    np.testing.assert_array_equal(result[:, :, [0, 2]], FILTER[:, :, [0, 2]])


def test_all_channels_with_the_divisor_folded_in() -> None:
    np.testing.assert_allclose(put_back(FILTER, Kernel(FILTER * 2, divisor=8.0)), FILTER / 4)
    assert as_kernel(GREY).channels is None
    np.testing.assert_allclose(put_back(GREY, as_kernel(GREY).negate()), -GREY)


def test_luma_changes_and_colours_stay() -> None:
    wanted = np.arange(15.0).reshape(3, 5)
    result = put_back(FILTER, Kernel(wanted), "luma")
    np.testing.assert_allclose(result @ LUMA, wanted, atol=1e-12)
    np.testing.assert_allclose(result - result[:, :, :1], FILTER - FILTER[:, :, :1])


@pytest.mark.parametrize(
    ("kernel", "part", "words"),
    [
        (Kernel(np.ones((3, 5, 3)), offset=2.0), "all", "no offset"),
        (Kernel(np.ones((5, 3, 3))), "all", "the filter is 5 × 3, but the kernel 3 × 5"),
        (Kernel(np.ones((3, 5))), "all", "3 channels must be put back, but the kernel has only one"),
        (Kernel(np.ones((3, 5, 3))), 0, "one channel must be put back, but the kernel has 3"),
        (Kernel(np.ones((3, 5))), 3, "channel must be 0 to 2"),
        (Kernel(np.ones((3, 5))), "chroma", "valid are all, luma"),
    ],
)
def test_what_cannot_be_put_back_is_explained(kernel: Kernel, part: Part, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        put_back(FILTER, kernel, part)


def test_only_colour_filters_have_a_luma() -> None:
    with pytest.raises(ValueError, match="has a luma"):
        as_kernel(GREY, "luma")
