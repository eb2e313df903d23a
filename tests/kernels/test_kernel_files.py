"""Kernel files: exact round trips, and a plain sentence for every file that is no kernel."""

from __future__ import annotations

import io
import json
import pickle
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as numpy_strategies

from kernels.kernel import Kernel
from kernels.kernel.files import FORMATS, read_kernel, write_kernel

SUFFIXES = [suffix for suffix, _ in FORMATS]
finite = st.floats(allow_nan=False, allow_infinity=False)
matrices = numpy_strategies.arrays(
    np.float64, numpy_strategies.array_shapes(min_dims=2, max_dims=2, max_side=6), elements=finite
)
stacks = numpy_strategies.arrays(
    np.float64, numpy_strategies.array_shapes(min_dims=3, max_dims=3, max_side=4), elements=finite
)
not_zero = finite.filter(bool)
names = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


def npy(array: object, **options: bool) -> bytes:
    file = io.BytesIO()
    np.save(file, array, **options)
    return file.getvalue()


def round_trip(kernel: Kernel, suffix: str) -> Kernel:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"kernel{suffix}"
        write_kernel(path, kernel)
        return read_kernel(path)


def outcome(content: bytes, suffix: str) -> str:
    """Read a file of that content; return the kernel's representation or the error's text."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"any{suffix}"
        path.write_bytes(content)
        try:
            return repr(read_kernel(path))
        except ValueError as error:
            return str(error)


class TestRoundTrips:
    @given(matrices | stacks, not_zero, finite, names)
    @settings(max_examples=50)
    def test_json_keeps_everything(self, weights: np.ndarray, divisor: float, offset: float, name: str) -> None:
        kernel = Kernel(weights, divisor=divisor, offset=offset, name=name)
        assert round_trip(kernel, ".json") == kernel

    @given(matrices, not_zero, finite)
    @settings(max_examples=50)
    def test_libvips_keeps_divisor_and_offset(self, weights: np.ndarray, divisor: float, offset: float) -> None:
        kernel = Kernel(weights, divisor=divisor, offset=offset, name="kernel")
        assert round_trip(kernel, ".mat") == kernel

    @given(matrices, st.sampled_from(SUFFIXES))
    @settings(max_examples=50)
    def test_weights_come_back_exactly_in_every_format(self, weights: np.ndarray, suffix: str) -> None:
        kernel = Kernel(weights, name="kernel")
        assert round_trip(kernel, suffix) == kernel

    @given(stacks)
    @settings(max_examples=50)
    def test_npy_keeps_channels(self, weights: np.ndarray) -> None:
        assert round_trip(Kernel(weights, name="kernel"), ".npy") == Kernel(weights, name="kernel")

    @pytest.mark.parametrize("suffix", [".txt", ".csv", ".npy"])
    def test_a_divisor_without_a_place_is_folded_in(self, suffix: str) -> None:
        kernel = Kernel([[1, 2], [3, 4]], divisor=9)
        read = round_trip(kernel, suffix)
        assert read.divisor == 1.0
        assert np.array_equal(read.weights, kernel.effective_weights)

    def test_the_suffix_may_be_in_capitals(self, tmp_path: Path) -> None:
        write_kernel(tmp_path / "K.JSON", Kernel([[1]]))
        assert read_kernel(str(tmp_path / "K.JSON")) == Kernel([[1]])

    def test_any_path(self, tmp_path: Path) -> None:
        path = tmp_path / "Übung Ω 例.csv"
        write_kernel(path, Kernel([[1, 2]]))
        assert read_kernel(path) == Kernel([[1, 2]], name="Übung Ω 例")


class TestWhatIsWritten:
    KERNEL = Kernel([[0, -3.5], [1, 2]], divisor=9, offset=128, name="a")

    def test_json_is_for_people_too(self, tmp_path: Path) -> None:
        write_kernel(tmp_path / "k.json", self.KERNEL)
        text = (tmp_path / "k.json").read_text()
        assert json.loads(text) == {"name": "a", "divisor": 9, "offset": 128, "weights": [[0, -3.5], [1, 2]]}
        assert "    [0, -3.5],\n    [1, 2]\n" in text

    def test_libvips(self, tmp_path: Path) -> None:
        write_kernel(tmp_path / "k.mat", self.KERNEL)
        assert (tmp_path / "k.mat").read_text() == "2 2 9 128\n0 -3.5\n1 2\n"
        write_kernel(tmp_path / "k.mat", Kernel([[1, 2, 3]]))
        assert (tmp_path / "k.mat").read_text() == "3 1\n1 2 3\n"

    def test_npy_is_numpys(self, tmp_path: Path) -> None:
        write_kernel(tmp_path / "k.npy", Kernel([[1, 2]], divisor=4))
        assert np.load(tmp_path / "k.npy", allow_pickle=False).tolist() == [[0.25, 0.5]]


class TestRefusedToWrite:
    @pytest.mark.parametrize(
        ("suffix", "kernel", "words"),
        [
            (".txt", Kernel([[1]], offset=128), "no place for the offset 128"),
            (".csv", Kernel([[1]], offset=1), "no place for the offset"),
            (".npy", Kernel([[1]], offset=1), "no place for the offset"),
            (".txt", Kernel(np.ones((1, 1, 3))), "no place for 3 channels"),
            (".csv", Kernel(np.ones((1, 1, 3))), "no place for 3 channels"),
            (".mat", Kernel(np.ones((1, 1, 3))), "no place for 3 channels"),
            (".csv", Kernel([[1e300]], divisor=1e-300), "too large"),
            (".json", Kernel(np.ones((64, 1))), "64 rows"),
            (".json", Kernel(np.ones((63, 63, 65))), "257,985 weights"),
            (".json", Kernel([[1]], name="n" * 201), "201 characters"),
            (".json", Kernel([[1]], name="\ud800"), "half a character"),
            (".png", Kernel([[1]]), "does not end in .json, .txt, .csv, .npy, .mat"),
            ("", Kernel([[1]]), "does not end in"),
        ],
    )
    def test_nothing_is_written(self, tmp_path: Path, suffix: str, kernel: Kernel, words: str) -> None:
        with pytest.raises(ValueError, match=words):
            write_kernel(tmp_path / f"kernel{suffix}", kernel)
        assert list(tmp_path.iterdir()) == []


GOOD = [
    (".json", b'{"weights": [[1, 2], [3, 4]]}', [[1, 2], [3, 4]], 1, 0),
    (".json", b'\xef\xbb\xbf{"weights": [[1, 2]], "divisor": 2, "offset": -1, "name": null}', [[1, 2]], 2, -1),
    (".json", b'{"weights": [[[1, 2]]], "channels": 2}', [[[1, 2]]], 1, 0),
    (".txt", b"-1 -1 -1\n-1 24 -1\n-1 -1 -1\n", [[-1, -1, -1], [-1, 24, -1], [-1, -1, -1]], 1, 0),
    (".txt", b"1, 2, 1\r\n1, 2, 1\r\n", [[1, 2, 1], [1, 2, 1]], 1, 0),
    (".txt", b"1 1; 1 1 / 4", [[1, 1], [1, 1]], 4, 0),
    (".csv", b"1,2\r\n3,4\r\n", [[1, 2], [3, 4]], 1, 0),
    (".csv", b'"1","2"\n3, 4\n\n', [[1, 2], [3, 4]], 1, 0),
    (".csv", b"1,2,\n3,4,\n", [[1, 2], [3, 4]], 1, 0),
    (".csv", b"0,5;-1,25e1\n3;1/4\n", [[0.5, -12.5], [3, 0.25]], 1, 0),
    (".csv", b"1\t2\n3\t4\n", [[1, 2], [3, 4]], 1, 0),
    (".csv", "\u22121,2".encode("utf-16"), [[-1, 2]], 1, 0),
    (".csv", b"1\n2\n", [[1], [2]], 1, 0),
    (".mat", b"3 1\n1 2 3\n", [[1, 2, 3]], 1, 0),
    (".mat", b"2 2 9\n1,2\n3\t4\n\n", [[1, 2], [3, 4]], 9, 0),
    (".mat", b'"2","1","8","128"\r\n"1" "2"\r\n', [[1, 2]], 8, 128),
    (".npy", npy(np.asfortranarray([[1, 2], [3, 4]], dtype=np.int8)), [[1, 2], [3, 4]], 1, 0),
    (".npy", npy(np.array([[0.5]], dtype=">f2")), [[0.5]], 1, 0),
    (".npy", npy(np.array([[True, False]])), [[1, 0]], 1, 0),
]

BAD = [
    (".json", b"", "empty"),
    (".json", b"\xff\x00\x01", "not a text file"),
    (".json", b"{", "not a kernel in JSON"),
    (".json", b"[[1]]", "not a kernel in JSON: expected object"),
    (".json", b"{}", "missing required field weights"),
    (".json", b'{"weights": [[1]], "divsor": 2}', "unknown field divsor"),
    (".json", b'{"weights": [[1, 2], [3, "x"]]}', "weights, row 2, column 2: expected number, got text"),
    (".json", b'{"weights": [[1, null]]}', "weights, row 1, column 2"),
    (".json", b'{"weights": [[1e400]]}', "weights, row 1, column 1"),
    (".json", b'{"weights": [[1' + b"0" * 400 + b"]]}", "weights, row 1, column 1"),
    (".json", b'{"weights": [[NaN]]}', "JSON is malformed"),
    (".json", b'{"weights": [[1, 2], [3]]}', "Row 2 has 1 cell but row 1 has 2"),
    (".json", b'{"weights": [[1, [2]]]}', "different numbers of channels"),
    (".json", b'{"weights": []}', "no numbers"),
    (".json", b'{"weights": [[]]}', "Row 1 is empty"),
    (".json", b'{"weights": [[[]]]}', "column 1 is empty"),
    (".json", b'{"weights": ' + b"[" * 100_000, "expected number, got array"),
    (".json", b'{"weights": [[1]], "divisor": 0}', "divisor is 0"),
    (".json", b'{"weights": [[1]], "divisor": "2"}', "divisor: expected number, got text"),
    (".json", b'{"weights": [[[1, 2]]], "channels": 3}', "channels is 3, but weights has 2"),
    (".json", b'{"weights": [[1]], "channels": 1}', "channels is 1, but weights has none"),
    (".json", b'{"weights": [[1]], "name": "' + b"n" * 201 + b'"}', "201 characters"),
    (".json", json.dumps({"weights": [[0] * 100] * 50}).encode(), "5,000 cells"),
    (".txt", b"1 2\n3\n", "Row 2 has 1 cell"),
    (".txt", b"\x89PNG\r\n\x1a\n\x00", "not a text file"),
    (".csv", b"a,b\n1,2\n", "Row 1, column 1: “a” is not a number"),
    (".csv", b"1,,2\n", "Row 1, column 2 is empty"),
    (".csv", b"1,2\n3\n", "Row 2 has 1 cell but row 1 has 2"),
    (".csv", b",,\n", "no numbers"),
    (".csv", b"1,1/0\n", "divides by zero"),
    (".csv", b'"' + b"1" * 200_000, "not a CSV file"),
    (".mat", b"MATLAB 5.0 MAT-file\x00", "MATLAB workspace"),
    (".mat", b"1 2 3 4 5\n1\n", "line 1 must give width and height"),
    (".mat", b"-1 1\n1\n", "line 1 must give width and height"),
    (".mat", b"\n2 1\n1 2\n", "line 1 must give width and height"),
    (".mat", b"64 1\n1\n", "64 columns"),
    (".mat", b"2 1 0\n1 2\n", "the scale is 0"),
    (".mat", b"2 1 x\n1 2\n", "line 1: “x” is not a number"),
    (".mat", b"2 2\n1 2\n", "promises 2 rows but 1 follow"),
    (".mat", b"2 1\n1 2 3\n", "row 1 has 3 numbers but line 1 promises 2"),
    (".mat", b"2 1\n1 x\n", "Row 1, column 2: “x” is not a number"),
    (".npy", b"not an array", "not an array that NumPy saved"),
    (".npy", npy(np.eye(3))[:-4], "ends before its array does"),
    (".npy", npy(np.eye(3))[:40], "not an array that NumPy saved"),
    (".npy", npy(np.eye(3, dtype=complex)), "complex128"),
    (".npy", npy(np.array([["1"]])), "real numbers"),
    (".npy", npy(np.ones(3)), r"shape \(3,\)"),
    (".npy", npy(np.ones((0, 3))), "at least one weight"),
    (".npy", npy(np.ones((64, 2))), "64 rows"),
    (".npy", npy(np.ones((63, 63, 65), dtype=np.int8)), "257,985 weights"),
    (".npy", npy(np.array([[1, np.nan]])), "not finite"),
    (".npy", npy(np.zeros((1, 1), dtype=[("a", "f8")])), "real numbers"),
]


class TestReading:
    @pytest.mark.parametrize(("suffix", "content", "weights", "divisor", "offset"), GOOD)
    def test_files_of_other_programs(
        self, tmp_path: Path, suffix: str, content: bytes, weights: object, divisor: float, offset: float
    ) -> None:
        path = tmp_path / f"mine{suffix}"
        path.write_bytes(content)
        assert read_kernel(path) == Kernel(weights, divisor=divisor, offset=offset, name="mine")

    @pytest.mark.parametrize(("suffix", "content", "words"), BAD)
    def test_one_plain_sentence_that_names_the_file(
        self, tmp_path: Path, suffix: str, content: bytes, words: str
    ) -> None:
        path = tmp_path / f"bad{suffix}"
        path.write_bytes(content)
        with pytest.raises(ValueError, match=words) as caught:
            read_kernel(path)
        message = str(caught.value)
        assert message.startswith(f"bad{suffix}")
        assert message.endswith(".")
        assert "\n" not in message
        assert len(message) < 220

    def test_a_pickle_in_an_array_is_never_run(self, tmp_path: Path) -> None:
        witness = tmp_path / "ran"

        class Trap:
            def __reduce__(self) -> tuple[object, tuple[str]]:
                return Path.touch, (witness,)

        path = tmp_path / "trap.npy"
        path.write_bytes(npy(np.array([[Trap()]], dtype=object), allow_pickle=True))
        with pytest.raises(ValueError, match="type object"):
            read_kernel(path)
        path.write_bytes(pickle.dumps(Trap()))
        with pytest.raises(ValueError, match="without pickle"):
            read_kernel(path)
        assert not witness.exists()

    def test_a_header_that_promises_terabytes_takes_no_memory(self, tmp_path: Path) -> None:
        file = io.BytesIO()
        np.lib.format.write_array_header_1_0(
            file, {"descr": "<f8", "fortran_order": False, "shape": (1_000_000, 1_000_000)}
        )
        (tmp_path / "k.npy").write_bytes(file.getvalue())
        with pytest.raises(ValueError, match="1,000,000 rows"):
            read_kernel(tmp_path / "k.npy")

    def test_a_file_above_the_limit_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "k.txt").write_bytes(b" " * 1_000_001)
        with pytest.raises(ValueError, match="larger than 1,000,000 bytes"):
            read_kernel(tmp_path / "k.txt")

    def test_a_missing_file_a_folder_and_an_unknown_suffix(self, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError, match="There is no file"):
            read_kernel(tmp_path / "k.json")
        (tmp_path / "f.json").mkdir()
        with pytest.raises(IsADirectoryError, match="is a folder"):
            read_kernel(tmp_path / "f.json")
        with pytest.raises(ValueError, match="does not end in"):
            read_kernel(tmp_path / "k.png")
        with pytest.raises(TypeError, match="must be a Kernel"):
            write_kernel(tmp_path / "k.json", [[1]])

    @given(st.binary(max_size=60), st.sampled_from(SUFFIXES))
    @settings(max_examples=60)
    def test_any_bytes_are_a_kernel_or_a_sentence(self, content: bytes, suffix: str) -> None:
        assert outcome(content, suffix).startswith(("any", "Kernel("))


def test_a_matrix_file_of_a_mere_byte_order_mark_is_an_error_in_plain_words(tmp_path: Path) -> None:
    path = tmp_path / "k.mat"
    path.write_bytes(b"\xef\xbb\xbf")
    with pytest.raises(ValueError, match=r"k\.mat"):
        read_kernel(path)
