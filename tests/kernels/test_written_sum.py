"""The digits of an output pixel's arithmetic: what is shown adds up as shown."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernels import Kernel, trace
from kernels.digits import FIGURES, brief, fixed, written_sum
from kernels.filtering.border import Border
from kernels.filtering.tracing import Arithmetic


def reading(pixels: np.ndarray, kernel: Kernel, position: tuple[int, int]) -> Arithmetic:
    """The arithmetic of one output pixel with the border left at 0."""
    has_choice = pixels.ndim == 3 and kernel.channels is None
    channels = range(pixels.shape[2]) if has_choice else (None,)
    traces = tuple(trace(pixels, kernel, position, channel=each) for each in channels)
    return Arithmetic(traces, tuple(each.value for each in traces), position, "correlation", Border.CONSTANT, 0.0)


def _decimal(text: str) -> Decimal:
    return Decimal(text.replace("−", "-"))


@given(st.integers(0, 10_000), st.sampled_from((*FIGURES, 4, 3)), st.sampled_from([1.0, -3.0, 256.0]))
def test_written_products_add_up_to_the_written_sum(seed: int, figures: int, divisor: float) -> None:
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 256, (7, 7)).astype(np.uint8)
    content = reading(pixels, Kernel(rng.normal(size=(3, 4)), divisor=divisor), (3, 3))
    total = written_sum(content, 0, figures)
    written = [_decimal(fixed(each, total.last.places)) for each in total.products.flat]
    assert sum(written) == _decimal(fixed(total.total, total.last.places))
    assert total.last.equation.startswith(brief(total.total, total.last.places))
    assert np.abs(total.products - content.grids(0)[2]).max() <= 1.01 * 10.0**-total.last.places


@given(st.integers(0, 10_000))
def test_written_channels_add_up_to_the_last_step(seed: int) -> None:
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 256, (7, 7, 3)).astype(np.uint8)
    content = reading(pixels, Kernel(rng.normal(size=(3, 3, 3))), (3, 3))
    for channel in range(3):
        total = written_sum(content, channel, 5)
        places = total.last.places
        channels = [_decimal(fixed(each, places)) for each in total.channel_sums]
        assert str(sum(channels)).replace("-", "−").startswith(total.last.equation.split(" ")[0])
        assert sum(_decimal(fixed(each, places)) for each in total.products.flat) == channels[channel]


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_not_finite_stays_as_it_is(value: float) -> None:
    pixels = np.ones((5, 5), np.float32)
    pixels[2, 2] = value
    total = written_sum(reading(pixels, Kernel(np.ones((3, 3))), (2, 2)), 0, 5)
    assert not np.isfinite(total.total)
    assert np.array_equal(total.products, pixels[1:4, 1:4], equal_nan=True)
