"""Kernels and numbers as text: every notation, and a plain sentence for what is none."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as numpy_strategies

from kernels.kernel import Kernel
from kernels.kernel.text import TEXT_STYLES, parse_number

SQUARE = [[1.0, 2.0], [3.0, 4.0]]

any_weights = numpy_strategies.arrays(
    np.float64,
    numpy_strategies.array_shapes(min_dims=2, max_dims=2, max_side=7),
    elements=st.floats(allow_nan=False, allow_infinity=False),
)
divisors = st.floats(1e-3, 1e3) | st.floats(-1e3, -1e-3) | st.integers(1, 100).map(float)


def outcome(text: str) -> Kernel | str:
    """Parse a text; return the kernel or the error's text."""
    try:
        return Kernel.parse(text)
    except ValueError as error:
        return str(error)


class TestNumbers:
    @pytest.mark.parametrize(
        ("text", "value"),
        [("3", 3.0), ("-0.5", -0.5), ("+2", 2.0), (".5", 0.5), ("1.", 1.0), ("1e-3", 1e-3), ("2E+2", 200.0),
         ("1/9", 1 / 9), ("-1/3", -1 / 3), ("1/-4", -0.25), ("0.5/2", 0.25), (" 7 ", 7.0), ("1 / 9", 1 / 9),
         ("\u22121", -1.0), ("\u20131/2", -0.5), ("0" * 500 + "7", 7.0)],
    )  # fmt: skip
    def test_reads(self, text: str, value: float) -> None:
        assert parse_number(text) == value

    def test_zero_has_no_sign(self) -> None:
        assert str(parse_number("-0")) == "0.0"
        assert str(parse_number("0/-3")) == "0.0"

    @pytest.mark.parametrize(
        ("text", "words"),
        [("", "missing"), ("  ", "missing"), ("x", "not a number"), ("1x", "not a number"), ("0x10", "not a number"),
         ("1_000", "not a number"), ("\u0661", "not a number"), ("1/0", "divides by zero"), ("1/", "half a fraction"),
         ("/9", "half a fraction"), ("1/2/3", "not a number"), ("0,5", "write 0.5 with a point"),
         ("1e400", "too large"), ("9" * 5000, "too large"), ("1e308/1e-308", "too large"),
         ("nan", "not a finite"), ("-inf", "not a finite"),
         ("10^400", "not a number"), ("__import__('os')", "not a number")],
    )  # fmt: skip
    def test_refuses_in_one_sentence(self, text: str, words: str) -> None:
        with pytest.raises(ValueError, match=words) as caught:
            parse_number(text)
        assert len(str(caught.value)) < 160
        assert "\n" not in str(caught.value)

    @given(st.floats(allow_nan=False, allow_infinity=False))
    def test_reads_back_what_python_writes(self, value: float) -> None:
        assert parse_number(repr(value)) == value


class TestNotations:
    @pytest.mark.parametrize(
        "text",
        [
            "1 2; 3 4",
            "1 2;3 4;",
            "1 2;\n3 4;\n",
            "1 2\n3 4",
            "1 2\r\n3 4\r\n",
            "\n  1 2\n\n  3 4\n",
            "1, 2; 3, 4",
            "1,2\n3,4",
            "1, 2,\n3, 4,",
            "1 , 2 ; 3 , 4",
            "1\t2\n3\t4",
            "1,0\t2\n3,00\t4\n",
            "1,0\t4/2\n3,00\t4E+00\n",
            "\t1\t2\n\t3\t4",
            "1   2;  3     4",
            "1\u00a02; 3\u20094",
            "\ufeff1 2; 3 4",
            "[1 2; 3 4]",
            "[1, 2; 3, 4];",
            "[1 2\n 3 4]",
            "A = [1 2; 3 4];",
            "A =\n\n     1     2\n     3     4\n",
            "[1, 2; ...\n 3, 4]",
            "(1 2; 3 4)",
            "[[1, 2], [3, 4]]",
            "[[1, 2],\n [3, 4],]",
            "[[1. 2.]\n [3. 4.]]",
            "[[1,\n 2], [3,\n 4]]",
            "[[1 2]; [3 4]]",
            "[1 2] [3 4]",
            "[1, 2],\n[3, 4]",
            "{{1, 2}, {3, 4}}",
            "array([[1, 2],\n       [3, 4]])",
            "np.array([[1, 2], [3, 4]])",
            "numpy.array([[1., 2.], [3., 4.]], dtype=float32)",
            "kernel = np.asarray([[1, 2], [3, 4]], dtype='<f4', order='C')",
            "array([[1, 2],\n       [3, 4]], dtype=np.int64)",
            "np.array(((1, 2), (3, 4)))",
            "tensor([[1., 2.],\n        [3., 4.]])",
            "[[np.float64(1.0), np.float64(2.0)], [np.float64(3.0), np.float64(4.0)]]",
        ],
    )
    def test_two_by_two(self, text: str) -> None:
        assert Kernel.parse(text) == Kernel(SQUARE)

    @pytest.mark.parametrize(
        ("text", "weights", "divisor"),
        [
            ("1 0 -1; 2 0 -2; 1 0 -1", [[1, 0, -1], [2, 0, -2], [1, 0, -1]], 1),
            ("\u22121 0 1", [[-1, 0, 1]], 1),
            ("-1,0,1", [[-1, 0, 1]], 1),
            ("1;2;3", [[1], [2], [3]], 1),
            ("1\n2\n3", [[1], [2], [3]], 1),
            ("5", [[5]], 1),
            ("[5]", [[5]], 1),
            ("[[5]]", [[5]], 1),
            ("[1, 2, 3]", [[1, 2, 3]], 1),
            ("array([1, 2,\n       3])", [[1, 2, 3]], 1),
            ("1/9 2/9; 1/3 1", [[1 / 9, 2 / 9], [1 / 3, 1]], 1),
            ("1,0; 2,5", [[1, 0], [2, 5]], 1),
            ("1 1; 1 1 / 4", [[1, 1], [1, 1]], 4),
            ("1 1/9", [[1, 1 / 9]], 1),
            ("1 1 /9", [[1, 1]], 9),
            ("1 1\n1 1\n/ 4\n", [[1, 1], [1, 1]], 4),
            ("[1 1; 1 1] / 4", [[1, 1], [1, 1]], 4),
            ("[1 1; 1 1]/4;", [[1, 1], [1, 1]], 4),
            ("[[1, 1], [1, 1]] / -0.5", [[1, 1], [1, 1]], -0.5),
            ("np.array([[1, 1]]) / 2", [[1, 1]], 2),
            ("0 -3 0; -3 21 -3; 0 -3 0 / 9", [[0, -3, 0], [-3, 21, -3], [0, -3, 0]], 9),
            ("1/9 * [1 1 1; 1 1 1; 1 1 1]", np.ones((3, 3)), 9),
            ("1/9 [1 1; 1 1]", np.ones((2, 2)), 9),
            ("(1/16) * np.array([[1, 2, 1]])", [[1, 2, 1]], 16),
            ("[[[1, 2], [3, 4]], [[5, 6], [7, 8]]]", [[[1, 2], [3, 4]], [[5, 6], [7, 8]]], 1),
            ("[[[1, 2, 3]]]", [[[1, 2, 3]]], 1),
        ],
    )
    def test_others(self, text: str, weights: object, divisor: float) -> None:
        assert Kernel.parse(text) == Kernel(weights, divisor=divisor)

    def test_numpys_own_output_comes_back(self) -> None:
        wide = np.random.default_rng(1).normal(size=(3, 40)).round(3)  # long rows are broken over several lines
        assert Kernel.parse(repr(wide)) == Kernel(wide)
        assert Kernel.parse(str(wide)) == Kernel(wide)
        one_row = np.arange(50)
        assert Kernel.parse(repr(one_row)) == Kernel([one_row])

    def test_the_largest_size_is_read(self) -> None:
        weights = np.arange(63 * 63).reshape(63, 63)
        assert Kernel.parse(Kernel(weights).format()) == Kernel(weights)


BAD = [
    ("", "no numbers"),
    (" \n\t ", "no numbers"),
    ("[]", "no numbers"),
    ("[[]]", "Row 1 is empty"),
    ("1 2; 3", "Row 2 has 1 cell but row 1 has 2"),
    ("1; 2 3", "Row 2 has 2 cells but row 1 has 1"),
    ("[[1, 2], [3]]", "Row 2 has 1 cell"),
    ("1 2; 3 x", "Row 2, column 2: “x” is not a number"),
    ("hello", "Row 1, column 1: “hello” is not a number"),
    ("1 10^400", "Row 1, column 2: “10\\^400” is not a number"),
    ("1 1" + "0" * 400, "Row 1, column 2: .* too large"),
    ("1 -1e400", "Row 1, column 2: “-1e400” is too large"),
    ("0 1; 1/0 0", "Row 2, column 1: “1/0” divides by zero"),
    ("1 " * 5000, "1 row and 5,000 columns"),
    ("\n".join(["1 " * 100] * 50), r"50 rows and 100 columns \(5,000 cells\)"),
    ("1\n" * 64, "64 rows"),
    ("1,,2", "Row 1, column 2 is empty"),
    ("1, ,2", "Row 1, column 2 is empty"),
    (",1", "Row 1, column 1 is empty"),
    (",", "Row 1, column 1 is empty"),
    ("1,2,,", "Row 1, column 3 is empty"),
    ("1 2\n1\t\t2", "Row 2 has 3 cells"),
    ("1\t\t2", "Row 1, column 2 is empty"),
    ("1 2;; 3 4", "Row 2 is empty"),
    ("; 1 2", "Row 1 is empty"),
    (";", "Row 1 is empty"),
    ("0,5 0,25", "write 0.5 for a decimal"),
    ("1 2; 0,5\t0,25", "Row 2: “0,5” may be one decimal"),
    ("0,5, 0,25", "write 0.5 for a decimal"),
    ("1;2;3\n4;5;6", "rows are not clear"),
    ("0,5;1\n2;3", "rows are not clear"),
    ("[1 2", "“\\[” is not closed"),
    ("1 2]", "“\\]” closes nothing"),
    ("[1 2)", "“\\)” closes nothing"),
    ("[[1, 2], 3]", "stands outside the brackets"),
    ("[1 2] 3", "stands outside the brackets"),
    ("[1, 2],, [3, 4]", "stands outside the brackets"),
    ("np.zeros((3, 3))", "stands outside the brackets"),
    ("[[[[1]]]]", "too deep"),
    ("[" * 5000 + "1" + "]" * 5000, "3 deep"),
    ("[[[1], [2, 3]]]", "different numbers of channels"),
    ("[[1, 2], [[3], [4]]]", "Row 1 has no brackets around its cells"),
    ("[[[]]]", "Row 1, column 1 is empty"),
    ("1 / 9 2", "Row 1, column 2: “/” stands alone"),
    ("[1 2 / 9]", "“/” stands alone"),
    ("1 2 /", "divisor after “/” is missing"),
    ("1 2 / 0", "The divisor is 0"),
    ("1 2 / x", "Divisor: “x” is not a number"),
    ("1 2 / 1e400", "Divisor: .* too large"),
    ("1/1e-200 [1 2] / 1e-200", "finite number other than 0"),
    ("[[1. ... 2.]\n ...\n [3. ... 4.]]", "shortened"),
    ("nan 1", "Row 1, column 1: “nan” is not a finite number"),
    ("'1' '2'", "Row 1, column 1"),
]


class TestBadText:
    @pytest.mark.parametrize(("text", "words"), BAD, ids=[text[:16] for text, _ in BAD])
    def test_one_plain_sentence(self, text: str, words: str) -> None:
        with pytest.raises(ValueError, match=words) as caught:
            Kernel.parse(text)
        message = str(caught.value)
        assert "\n" not in message
        assert len(message) < 200
        assert message.endswith(".")

    def test_text_is_needed(self) -> None:
        with pytest.raises(TypeError, match="must be text"):
            Kernel.parse(b"1 2")

    def test_very_long_text_is_not_looked_at(self) -> None:
        with pytest.raises(ValueError, match="characters"):
            Kernel.parse(" " * 8_000_001)

    @pytest.mark.parametrize("run", [" " * 500_000, "\t" * 500_000, "1,\t" * 100_000, "(" * 500_000, "\n" * 500_000])
    def test_long_runs_end_soon(self, run: str) -> None:
        with pytest.raises(ValueError):
            Kernel.parse(f"1,2{run}x{run}y")

    @given(st.text(alphabet="019.,;/ \t\n[](){}-+e=np\u2212", max_size=40))
    def test_any_text_is_a_kernel_or_a_sentence(self, text: str) -> None:
        result = outcome(text)
        if isinstance(result, Kernel):
            assert Kernel.parse(result.format("numpy")) == result
        else:
            assert result.endswith(".")
            assert "\n" not in result


class TestFormat:
    @given(any_weights, divisors, st.sampled_from(["plain", "numpy", "matlab"]))
    def test_styles_with_a_divisor_come_back_exactly(self, weights: np.ndarray, divisor: float, style: str) -> None:
        kernel = Kernel(weights, divisor=divisor)
        assert Kernel.parse(kernel.format(style)) == kernel

    @given(any_weights, st.sampled_from([style for style, _ in TEXT_STYLES]))
    def test_all_styles_come_back_exactly_without_one(self, weights: np.ndarray, style: str) -> None:
        assert Kernel.parse(Kernel(weights).format(style)) == Kernel(weights)

    @pytest.mark.parametrize("style", ["csv", "spreadsheet", "imagej"])
    def test_the_others_fold_the_divisor_in(self, style: str) -> None:
        kernel = Kernel([[1, 2], [3, 4]], divisor=3)
        read = Kernel.parse(kernel.format(style))
        assert read.divisor == 1.0
        assert np.array_equal(read.weights, kernel.effective_weights)

    @pytest.mark.parametrize(
        ("style", "text"),
        [
            ("plain", "1 -0.5; 0 1e+300 / 9"),
            ("numpy", "np.array([[1, -0.5],\n          [0, 1e+300]]) / 9"),
            ("matlab", "[1 -0.5; 0 1e+300] / 9"),
        ],
    )
    def test_what_is_written(self, style: str, text: str) -> None:
        assert Kernel([[1, -0.5], [0, 1e300]], divisor=9).format(style) == text

    def test_separators(self) -> None:
        kernel = Kernel([[1, 2], [3, 4]])
        assert kernel.format("csv") == "1,2\n3,4\n"
        assert kernel.format("spreadsheet") == "1\t2\n3\t4\n"
        assert kernel.format("imagej") == "1 2\n3 4\n"

    def test_channels_need_numpys_notation(self) -> None:
        kernel = Kernel(np.arange(12.0).reshape(2, 2, 3) / 7, divisor=3)
        assert Kernel.parse(kernel.format("numpy")) == kernel
        with pytest.raises(ValueError, match="3 channels"):
            kernel.format("plain")

    def test_numpy_evaluates_the_numpy_style_to_the_same(self) -> None:
        kernel = Kernel([[1, 1 / 3], [-2e-9, 4]], divisor=7)
        value = eval(kernel.format("numpy"), {"np": np})  # noqa: S307
        assert np.array_equal(value, kernel.effective_weights)

    def test_unknown_style(self) -> None:
        with pytest.raises(ValueError, match="plain, numpy, matlab"):
            Kernel([[1]]).format("latex")

    def test_a_quotient_out_of_range_is_refused(self) -> None:
        with pytest.raises(ValueError, match="too large"):
            Kernel([[1e300]], divisor=1e-300).format("csv")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1\n" * 1_000_000, "rows"),
        ("1;" * 1_000_000, "rows"),
        ("1 ...\n" * 300_000, "columns"),
        ("[1]" * 600_000, "brackets"),
        ("float64(1) " * 200_000, "columns"),
        ("array([[1]]" + ", dtype=a" * 200_000 + ")", None),
        ("1/" + "1" * 1_000_000, "too large"),
    ],
)
def test_megabytes_of_anything_are_refused_soon(text, words):
    """Some took minutes and a gigabyte; the bound is for a busy machine."""
    start = time.perf_counter()
    with pytest.raises(ValueError, match=words):
        Kernel.parse(text)
    assert time.perf_counter() - start < 8.0


def test_numpys_print_of_many_channels_is_still_read():
    weights = np.arange(20 * 20 * 12.0).reshape(20, 20, 12)
    with np.printoptions(threshold=10**6):
        assert np.array_equal(Kernel.parse(repr(weights)).weights, weights)
        assert np.array_equal(Kernel.parse("\n\n" + repr(weights).replace("\n", "\n \n")).weights, weights)
