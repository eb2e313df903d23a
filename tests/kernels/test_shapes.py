"""The fifteen cases against the paper and PyTorch; a transposed convolution told as a direct one."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from kernels import Kernel, convolve, correlate, output_shape, transposed
from kernels.filtering.shapes import CASES, Case
from kernels.filtering.transposed import TransposedGeometry, transposed_geometry

FIGURES = {
    # figure: input, kernel, stride, padding, output_padding, dilation, output
    "2.1": (4, 3, 1, 0, 0, 1, 2),
    "2.2": (5, 4, 1, 2, 0, 1, 6),
    "2.3": (5, 3, 1, 1, 0, 1, 5),
    "2.4": (5, 3, 1, 2, 0, 1, 7),
    "2.5": (5, 3, 2, 0, 0, 1, 2),
    "2.6": (5, 3, 2, 1, 0, 1, 3),
    "2.7": (6, 3, 2, 1, 0, 1, 3),
    "4.1": (2, 3, 1, 0, 0, 1, 4),
    "4.2": (6, 4, 1, 2, 0, 1, 5),
    "4.3": (5, 3, 1, 1, 0, 1, 5),
    "4.4": (7, 3, 1, 2, 0, 1, 5),
    "4.5": (2, 3, 2, 0, 0, 1, 5),
    "4.6": (3, 3, 2, 1, 0, 1, 5),
    "4.7": (3, 3, 2, 1, 1, 1, 6),
    "5.1": (7, 3, 1, 0, 0, 2, 3),
}
DIRECT = [case for case in CASES.values() if not case.is_transposed]
TRANSPOSED = [case for case in CASES.values() if case.is_transposed]


def test_the_numbers_are_those_of_the_figures() -> None:
    found = {
        case.figure: (
            case.input, case.kernel, case.stride, case.padding, case.output_padding, case.dilation, case.output,
        )
        for case in CASES.values()
    }  # fmt: skip
    assert found == FIGURES
    assert [case.figure for case in CASES.values()] == list(FIGURES)
    assert len({(case.name, case.is_transposed) for case in CASES.values()}) == 15
    assert (len(DIRECT), len(TRANSPOSED)) == (8, 7)


@pytest.mark.parametrize("case", DIRECT, ids=lambda case: case.figure)
def test_direct_sizes(case: Case) -> None:
    options: dict[str, Any] = {"padding": case.padding, "stride": case.stride, "dilation": case.dilation}
    expected = (case.output, case.output)
    assert output_shape((case.input,) * 2, (case.kernel,) * 2, **options) == expected
    assert correlate(np.ones((case.input,) * 2), Kernel(np.ones((case.kernel,) * 2)), **options).shape == expected
    assert case.direct().output_shape == expected
    with pytest.raises(ValueError, match="is a direct convolution"):
        case.transposed()


@pytest.mark.parametrize("case", TRANSPOSED, ids=lambda case: case.figure)
def test_transposed_sizes_and_the_case_they_go_back_along(case: Case) -> None:
    expected = (case.output, case.output)
    assert case.transposed().output_shape == expected
    back = case.direct()
    assert (back.image_shape, back.output_shape) == (expected, (case.input, case.input))
    turned = next(each for each in DIRECT if each.name == case.name)
    assert replace(case.turned(), figure=turned.figure) == turned


@pytest.mark.parametrize("case", CASES.values(), ids=lambda case: case.figure)
def test_torch_gives_the_same_sizes(case: Case) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an oracle only where it is installed")
    image, kernel = torch.zeros(1, 1, case.input, case.input), torch.zeros(1, 1, case.kernel, case.kernel)
    options = {"stride": case.stride, "padding": case.padding, "dilation": case.dilation}
    if case.is_transposed:
        result = torch.nn.functional.conv_transpose2d(image, kernel, output_padding=case.output_padding, **options)
    else:
        result = torch.nn.functional.conv2d(image, kernel, **options)
    assert tuple(result.shape[2:]) == (case.output, case.output)


def told_directly(image: npt.NDArray[Any], kernel: Kernel, sizes: TransposedGeometry) -> npt.NDArray[Any]:
    """Put the zeros in, pad or cut, and slide the rotated kernel over it."""
    stretched = np.zeros(sizes.stretched_shape)
    stretched[:: sizes.zeros_between[0] + 1, :: sizes.zeros_between[1] + 1] = image
    sides = list(zip(sizes.before, sizes.after, strict=True))
    padded = np.pad(stretched, [(max(0, before), max(0, after)) for before, after in sides])
    kept = tuple(
        slice(max(0, -before), length - max(0, -after))
        for (before, after), length in zip(sides, padded.shape, strict=True)
    )
    return convolve(padded[kept], kernel, padding="valid", dilation=sizes.dilation)


@given(
    st.tuples(st.integers(1, 6), st.integers(1, 6)),
    st.tuples(st.integers(1, 4), st.integers(1, 4)),
    st.tuples(st.integers(1, 3), st.integers(1, 3)),
    st.tuples(st.integers(0, 5), st.integers(0, 5)),
    st.tuples(st.integers(0, 2), st.integers(0, 2)),
    st.tuples(st.integers(1, 3), st.integers(1, 3)),
    st.integers(0, 2**32 - 1),
)
@settings(max_examples=80, deadline=None)
def test_the_direct_parameters_compute_what_transposed_computes(
    image_shape: Any, kernel_shape: Any, stride: Any, padding: Any, extra: Any, dilation: Any, seed: int
) -> None:
    options = {"stride": stride, "padding": padding, "output_padding": extra, "dilation": dilation}
    try:
        sizes = transposed_geometry(image_shape, kernel_shape, **options)
    except ValueError:
        assume(False)
    random = np.random.default_rng(seed)
    image, kernel = random.integers(-9, 10, image_shape).astype(float), Kernel(random.integers(-9, 10, kernel_shape))
    result = transposed(image, kernel, **options)
    assert result.shape == sizes.output_shape
    np.testing.assert_allclose(told_directly(image, kernel, sizes), result, atol=1e-9)
    for axis in (0, 1):
        for formula in (sizes.formula(axis), sizes.direct_formula(axis)):
            left, right = formula.replace("−", "-").replace("·", "*").split(" = ")
            assert arithmetic(left) == int(right) == sizes.output_shape[axis]


def arithmetic(text: str) -> float:
    """Compute a formula by NumPy's own reading of whole numbers and signs, products first."""
    head, _, tail = text.partition(")")
    inside = total(head.strip("("))
    if tail.startswith("/1"):
        return inside + 1
    factor, _, rest = tail[1:].partition(" ")
    return inside * int(factor) + total(rest)


def total(text: str) -> int:
    parts = text.replace("+ ", "+").replace("- ", "-").split()
    return sum(int(np.prod([int(each) for each in part.split("*")])) for part in parts)


def test_the_formulas_of_the_odd_case() -> None:
    sizes = CASES["padding-strides-odd-transposed"].transposed()
    assert sizes.formula(0) == "(3 − 1)·2 + 3 + 1 − 2·1 = 6"
    assert sizes.direct_formula(0) == "(5 + 1 + 2 − 3)/1 + 1 = 6"
    assert (sizes.zeros_between, sizes.before, sizes.after) == ((1, 1), (1, 1), (2, 2))
    cut = transposed_geometry((9, 9), (3, 3), padding=4)
    assert cut.direct_formula(1) == "(9 − 2 − 2 − 3)/1 + 1 = 3"


def test_bad_options_are_refused() -> None:
    with pytest.raises(ValueError, match="output_padding is 2"):
        transposed_geometry((3, 3), (3, 3), output_padding=2)
    with pytest.raises(ValueError, match="leaves nothing"):
        transposed_geometry((3, 3), (3, 3), padding=4)
