"""What is refused, and in which words: the same by the engine, the reference and `trace`."""

import inspect
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from kernels.filtering import reference
from kernels.filtering.engine import convolve, correlate, run
from kernels.filtering.geometry import SlidingOptions, output_shape
from kernels.filtering.tracing import trace
from kernels.kernel import Kernel

Array = npt.NDArray[Any]

PLAIN = Kernel([[0, 1, 2], [2, 2, 0], [0, -7, 2], [5, 1, 1]], divisor=-9, offset=128)


@pytest.mark.parametrize("slide", [correlate, convolve, reference.correlate, reference.convolve])
def test_the_contracts_signature(slide: Any) -> None:
    found = inspect.signature(slide).parameters.values()
    assert [one.name for one in found if one.kind is one.POSITIONAL_OR_KEYWORD] == ["image", "kernel"]
    options = {one.name: one.default for one in found if one.kind is one.KEYWORD_ONLY}
    assert options == {"padding": "same", "stride": 1, "dilation": 1, "border": "constant", "border_value": 0.0}


@pytest.mark.parametrize(
    ("option", "value", "error"),
    [
        ("padding", "vald", ValueError),
        ("padding", -1, ValueError),
        ("padding", (1, -1), ValueError),
        ("padding", (1, 2, 3), ValueError),
        ("padding", 1.5, TypeError),
        ("padding", None, TypeError),
        ("stride", 0, ValueError),
        ("stride", (1, 0), ValueError),
        ("stride", -3, ValueError),
        ("stride", 1.0, TypeError),
        ("stride", "2", TypeError),
        ("stride", True, TypeError),
        ("dilation", 0, ValueError),
        ("dilation", (2, -1), ValueError),
        ("dilation", [1], ValueError),
        ("dilation", 2.5, TypeError),
        ("border", "refelct", ValueError),
        ("border", None, ValueError),
        ("border_value", "a", TypeError),
        ("border_value", 1j, TypeError),
        ("border_value", None, TypeError),
    ],
)
def test_bad_options_are_named(option: str, value: Any, error: type[Exception]) -> None:
    image: Array = np.zeros((9, 9))
    for slide in (correlate, convolve, reference.correlate, reference.convolve):
        with pytest.raises(error, match=f"^{option} is .* but must be"):
            slide(image, PLAIN, **{option: value})
    with pytest.raises(error, match=f"^{option} is .* but must be"):
        trace(image, PLAIN, (0, 0), **{option: value})
    if not option.startswith("border"):
        with pytest.raises(error, match=f"^{option} is .* but must be"):
            output_shape((9, 9), (3, 3), **{option: value})


@pytest.mark.parametrize("slide", [correlate, convolve, reference.correlate, reference.convolve])
@pytest.mark.parametrize(
    ("image", "error", "message"),
    [
        (np.zeros((0, 5)), ValueError, r"image has shape \(0, 5\) and is empty"),
        (np.zeros((5, 5, 0)), ValueError, "empty"),
        (np.zeros(5), ValueError, r"image has shape \(5,\), but must be \(height, width\)"),
        (np.zeros((2, 2, 2, 2)), ValueError, "image has shape"),
        (np.zeros((3, 3), complex), TypeError, "image has dtype complex128, which is complex; it must hold real"),
        (np.full((3, 3), "a"), TypeError, "image has dtype <U1, which is not numeric"),
        (np.full((3, 3), None), TypeError, "image has dtype object"),
        (np.zeros((3, 3), "M8[s]"), TypeError, "image has dtype datetime64"),
        ([[1, 2], [3]], ValueError, "image is ragged"),
    ],
)
def test_bad_pictures(slide: Any, image: Array, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        slide(image, PLAIN)


@pytest.mark.parametrize("slide", [correlate, convolve, reference.correlate, reference.convolve])
def test_bad_kernels(slide: Any) -> None:
    image = np.zeros((5, 5, 3))
    with pytest.raises(ValueError, match=r"kernel has 2 channels, but image has 3 \(shape \(5, 5, 3\)\)"):
        slide(image, Kernel(np.ones((3, 3, 2))))
    with pytest.raises(ValueError, match="kernel has 3 channels, but image has 1"):
        slide(image[..., 0], Kernel(np.ones((3, 3, 3))))
    with pytest.raises(TypeError, match=r"kernel is 'sobel-x'.*library\.get"):
        slide(image, "sobel-x")
    with pytest.raises(TypeError, match="kernel is None"):
        slide(image, None)
    with pytest.raises(ValueError, match=r"padding is 'valid'.*does not fit.*'same'"):
        slide(image, Kernel(np.ones((3, 3))), padding="valid", dilation=3)


def test_a_method_that_cannot_is_refused() -> None:
    with pytest.raises(ValueError, match=r"method is 'box'.*direct, .*frequency"):
        run(np.zeros((5, 5)), PLAIN, SlidingOptions(), method="box")
