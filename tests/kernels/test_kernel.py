"""`Kernel`: what it accepts, what it knows, what it turns into."""

from __future__ import annotations

import copy
import pickle
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as numpy_strategies

from kernels.kernel import Kernel, default_range

SOBEL = [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]

weights_2d = numpy_strategies.arrays(
    np.float64,
    numpy_strategies.array_shapes(min_dims=2, max_dims=2, max_side=6),
    elements=st.floats(-1e6, 1e6, allow_subnormal=False),
)
whole_vectors = st.lists(st.integers(-50, 50), min_size=1, max_size=6)


class TestConstruction:
    def test_weights_are_copied_and_read_only(self) -> None:
        given_weights = np.array(SOBEL)
        kernel = Kernel(given_weights)
        given_weights[0, 0] = 99
        assert kernel.weights.dtype == np.float64
        assert kernel.weights.tolist() == SOBEL
        with pytest.raises(ValueError, match="read-only"):
            kernel.weights[0, 0] = 1
        with pytest.raises(ValueError, match="read-only"):
            kernel.effective_weights[0, 0] = 1
        with pytest.raises(ValueError, match="WRITEABLE"):
            kernel.weights.setflags(write=True)

    def test_attributes_cannot_be_set_or_deleted(self) -> None:
        kernel = Kernel(SOBEL)
        with pytest.raises(AttributeError, match="replace"):
            kernel.divisor = 2.0
        with pytest.raises(AttributeError, match="cannot be changed"):
            del kernel.divisor

    def test_fractions_decimals_booleans_and_float32_are_numbers(self) -> None:
        assert Kernel([[Fraction(1, 4), Decimal("0.5")]]).weights.tolist() == [[0.25, 0.5]]
        assert Kernel([[True, False]]).weights.tolist() == [[1.0, 0.0]]
        assert Kernel(np.ones((1, 2), np.float32), divisor=np.float32(2)).divisor == 2.0

    @pytest.mark.parametrize(
        ("weights", "error", "words"),
        [
            ([], ValueError, "empty"),
            ([[]], ValueError, "empty"),
            ([1, 0, -1], ValueError, "rows, columns"),
            (5, ValueError, "rows, columns"),
            (np.ones((1, 1, 1, 1)), ValueError, "rows, columns, channels"),
            ([[1, 2], [3]], ValueError, "ragged"),
            ([[1, np.nan]], ValueError, r"weights\[0, 1\]"),
            ([[np.inf]], ValueError, "not finite"),
            ([[10**400]], ValueError, "too large"),
            ([[1j]], TypeError, "complex"),
            ([["1"]], TypeError, "real numbers"),
            ([[None]], TypeError, "not a number"),
            (np.array([["2020-01-01"]], "M8[D]"), TypeError, "real numbers"),
        ],
    )
    def test_unusable_weights_are_named(self, weights: object, error: type[Exception], words: str) -> None:
        with pytest.raises(error, match=words):
            Kernel(weights)

    @pytest.mark.parametrize("argument", ["divisor", "offset"])
    @pytest.mark.parametrize(
        ("value", "error"),
        [(np.nan, ValueError), (np.inf, ValueError), (10**400, ValueError), ("1", TypeError), (1j, TypeError)],
    )
    def test_unusable_divisor_and_offset_are_named(self, argument: str, value: object, error: type[Exception]) -> None:
        with pytest.raises(error, match=argument):
            Kernel([[1]], **{argument: value})

    def test_zero_divisor_and_a_name_that_is_no_text_are_refused(self) -> None:
        with pytest.raises(ValueError, match="divisor is 0"):
            Kernel([[1]], divisor=-0.0)
        with pytest.raises(TypeError, match="name"):
            Kernel([[1]], name=3)


class TestIdentity:
    def test_equal_kernels_have_equal_hashes_even_with_a_negative_zero(self) -> None:
        one, other = Kernel([[0.0, 1.0]], offset=0.0), Kernel([[-0.0, 1.0]], offset=-0.0)
        assert one == other
        assert hash(one) == hash(other)

    @pytest.mark.parametrize(
        "other",
        [Kernel([[1, 3]]), Kernel([[1], [2]]), Kernel([[1, 2]], divisor=2), Kernel([[1, 2]], offset=1),
         Kernel([[1, 2]], name="b"), Kernel([[[1], [2]]])],
    )  # fmt: skip
    def test_every_part_counts(self, other: Kernel) -> None:
        assert Kernel([[1, 2]]) != other

    def test_a_kernel_is_not_its_weights(self) -> None:
        assert Kernel([[1]]) != [[1]]

    @pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])  # noqa: S301
    def test_copies_are_equal_and_read_only(self, duplicate: object) -> None:
        kernel = Kernel(SOBEL, divisor=8, offset=128, name="Sobel x")
        twin = duplicate(kernel)
        assert twin == kernel
        assert not twin.weights.flags.writeable

    def test_representation_can_be_evaluated_by_a_reader(self) -> None:
        assert repr(Kernel([[1, 2]], divisor=3, name="a")) == (
            "Kernel([[1.0, 2.0]], divisor=3.0, offset=0.0, name='a')"
        )
        assert repr(Kernel(np.ones((8, 9)))).startswith("Kernel(<8 × 9>")


class TestFacts:
    def test_shape_channels_and_sums(self) -> None:
        kernel = Kernel([[1, -2, 3]], divisor=4)
        assert (kernel.shape, kernel.channels, kernel.sum, kernel.absolute_sum) == ((1, 3), None, 2.0, 6.0)
        assert kernel.effective_weights.tolist() == [[0.25, -0.5, 0.75]]
        deep = Kernel(np.ones((2, 3, 5)))
        assert (deep.shape, deep.channels, deep.sum) == ((2, 3), 5, 30.0)

    def test_sums_are_rounded_once(self) -> None:
        assert Kernel([[1e16, 1.0, -1e16]]).sum == 1.0
        assert Kernel([[1e308, 1e308]]).sum == np.inf

    @pytest.mark.parametrize(
        ("weights", "rank"),
        [(SOBEL, 1), ([[0, 0]], 0), ([[0, 1, 0], [1, -4, 1], [0, 1, 0]], 2), (np.eye(4), 4),
         (np.outer([0.1, 0.2, 0.7], [0.3, 1 / 3, 0.9]), 1)],
    )  # fmt: skip
    def test_rank(self, weights: object, rank: int) -> None:
        assert Kernel(weights).rank == rank
        assert Kernel(weights).is_separable == (rank <= 1)

    def test_rank_of_whole_numbers_is_not_a_matter_of_rounding(self) -> None:
        large = 3_000_000
        nearly = Kernel([[large, large + 1], [large + 1, large + 2]])
        assert nearly.rank == 2
        assert nearly.factors() is None

    def test_rank_with_channels_is_the_largest(self) -> None:
        weights = np.stack([np.array(SOBEL), np.eye(3)], axis=-1)
        assert Kernel(weights).rank == 3
        assert Kernel(weights).factors() is None

    def test_factors_of_sobel_are_those_of_the_books(self) -> None:
        column, row = Kernel(SOBEL).factors()
        assert (column.tolist(), row.tolist()) == ([1, 2, 1], [-1, 0, 1])
        column, row = Kernel(SOBEL).transpose().factors()
        assert (column.tolist(), row.tolist()) == ([-1, 0, 1], [1, 2, 1])

    @given(whole_vectors, whole_vectors)
    def test_factors_of_whole_numbers_are_whole_and_exact(self, column: list[int], row: list[int]) -> None:
        factors = Kernel(np.outer(column, row)).factors()
        assert np.array_equal(np.outer(*factors), np.outer(column, row))
        assert all(np.array_equal(factor, np.rint(factor)) for factor in factors)

    @given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 2**32 - 1))
    def test_factors_of_other_numbers_agree_to_rounding(self, rows: int, columns: int, seed: int) -> None:
        random = np.random.default_rng(seed)
        weights = np.outer(random.normal(size=rows), random.normal(size=columns))
        factors = Kernel(weights).factors()
        np.testing.assert_allclose(np.outer(*factors), weights, atol=1e-14 * np.abs(weights).max())

    def test_symmetry(self) -> None:
        assert Kernel([[1, 2], [2, 1]]).is_symmetric
        assert not Kernel(SOBEL).is_symmetric
        assert Kernel([[0.1 + 0.2, 1.0, 0.3]]).is_symmetric  # equal but for rounding
        assert not Kernel([[10**12, 0, 10**12 + 1]]).is_symmetric  # whole numbers are exact

    @pytest.mark.parametrize(
        ("weights", "shown"),
        [(SOBEL, "signed"), (np.ones((3, 3)), "clip"), ([[0]], "clip"), ([[-1, 2]], "clip"), ([[-1, -2]], "clip"),
         ([[0.1, 0.2, -0.3]], "signed")],
    )  # fmt: skip
    def test_default_range(self, weights: object, shown: str) -> None:
        assert default_range(Kernel(weights)) == shown


class TestTransforms:
    @given(weights_2d, st.integers(-5, 5))
    def test_rotations_are_numpys(self, weights: np.ndarray, turns: int) -> None:
        kernel = Kernel(weights, divisor=3, offset=1, name="any")
        assert np.array_equal(kernel.rotate_90(turns).weights, np.rot90(weights, turns))
        assert kernel.rotate_90(turns).rotate_90(-turns) == kernel
        assert kernel.rotate_180() == kernel.rotate_90().rotate_90()
        assert kernel.is_symmetric or kernel.rotate_180() != kernel

    @given(weights_2d)
    def test_flips_transposition_and_negation(self, weights: np.ndarray) -> None:
        kernel = Kernel(weights, divisor=-2, name="any")
        assert np.array_equal(kernel.flip_horizontal().weights, weights[:, ::-1])
        assert kernel.flip_horizontal().flip_vertical() == kernel.rotate_180()
        assert kernel.transpose() == kernel.rotate_90().flip_vertical()
        assert np.array_equal(kernel.negate().weights, -weights)
        assert kernel.negate().negate() == kernel

    @given(weights_2d, st.integers(0, 5), st.integers(0, 5))
    def test_growing_keeps_the_weight_over_the_output_pixel(self, weights: np.ndarray, down: int, across: int) -> None:
        kernel = Kernel(weights)
        rows, columns = kernel.shape
        grown = kernel.resize(rows + down, columns + across)
        assert grown.shape == (rows + down, columns + across)
        assert (
            grown.weights[(rows + down - 1) // 2, (columns + across - 1) // 2]
            == (weights[(rows - 1) // 2, (columns - 1) // 2])
        )
        assert grown.absolute_sum == kernel.absolute_sum
        assert grown.resize(rows, columns) == kernel

    def test_shrinking_cuts_around_the_centre(self) -> None:
        kernel = Kernel(np.arange(20).reshape(4, 5))
        assert kernel.resize(3, 3).weights.tolist() == [[1, 2, 3], [6, 7, 8], [11, 12, 13]]
        assert kernel.resize(1, 7).weights.tolist() == [[0, 5, 6, 7, 8, 9, 0]]

    @pytest.mark.parametrize(("rows", "columns", "words"), [(0, 3, "rows is 0"), (3, -1, "columns is -1")])
    def test_a_size_below_one_is_refused(self, rows: int, columns: int, words: str) -> None:
        with pytest.raises(ValueError, match=words):
            Kernel(SOBEL).resize(rows, columns)
        with pytest.raises(TypeError):
            Kernel(SOBEL).resize(3.5, 3)

    def test_transforms_keep_channels(self) -> None:
        weights = np.arange(24.0).reshape(2, 3, 4)
        assert Kernel(weights).transpose().weights.shape == (3, 2, 4)
        assert np.array_equal(Kernel(weights).rotate_180().weights, weights[::-1, ::-1])
        assert Kernel(weights).resize(3, 3).weights.shape == (3, 3, 4)

    def test_replace(self) -> None:
        kernel = Kernel(SOBEL, divisor=2, offset=3, name="a")
        assert kernel.replace() == kernel
        assert kernel.replace(name="") == Kernel(SOBEL, divisor=2, offset=3)
        assert kernel.replace(weights=[[1]], divisor=1, offset=0, name="b") == Kernel([[1]], name="b")
        with pytest.raises(ValueError, match="divisor"):
            kernel.replace(divisor=0)


class TestNormalisation:
    def test_the_sum_becomes_the_divisor(self) -> None:
        assert Kernel(np.ones((3, 3))).normalised().divisor == 9.0

    def test_a_negative_sum_keeps_its_sign(self) -> None:
        normalised = Kernel([[-1, -2]], divisor=7, offset=5).normalised()
        assert (normalised.divisor, normalised.offset, normalised.effective_weights.sum()) == (3.0, 5.0, -1.0)

    @pytest.mark.parametrize("weights", [SOBEL, [[0]], [[0.1, 0.2, -0.3]]])
    def test_a_sum_of_zero_is_refused_with_a_reason(self, weights: object) -> None:
        with pytest.raises(ValueError, match="add up to 0"):
            Kernel(weights).normalised()

    def test_a_small_sum_that_is_more_than_rounding_counts(self) -> None:
        assert Kernel([[1, -1 + 1e-6]]).normalised().divisor == pytest.approx(1e-6)
