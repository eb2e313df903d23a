"""Headers of `.npy` files: NumPy's own are read alike, anything else is refused without a word of NumPy's."""

import io

import numpy as np
import pytest

from kernels.npy import read_array, read_header


def saved(array, **options):
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, array, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
@pytest.mark.parametrize(
    "array",
    [
        np.arange(12.0).reshape(3, 4),
        np.asfortranarray(np.arange(24, dtype=">u2").reshape(2, 3, 4)),
        np.array(7, np.int64),
        np.zeros((0, 5), np.float16),
        np.array([[True, False]]),
        np.ones((2, 2), np.longdouble),
        np.ones(3, np.complex64),
    ],
)
def test_agrees_with_numpy(array, version):
    content = saved(array, version=version)
    header = read_header(content)
    assert (header.shape, header.dtype) == (array.shape, array.dtype)
    assert header.offset + header.size == len(content)
    np.testing.assert_array_equal(read_array(content, header), array)
    with pytest.raises(ValueError, match="ends before"):
        read_array(content[:-1], header) if array.size else read_array(b"", read_header(saved(np.ones(1))))


def test_a_file_of_python_2_is_read():
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (2L, 3L), }\n"
    assert read_header(b"\x93NUMPY\1\0" + len(header).to_bytes(2, "little") + header).shape == (2, 3)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"{",
        b"{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3",
        b"{'descr': '<f8', 'descr': '<f8', 'shape': (2, 3)}",
        b"{'descr': '<f8', 'fortran_order': 0, 'shape': (2, 3)}",
        b"{'descr': '<f8', 'fortran_order': False, 'shape': (-2, 3)}",
        b"{'descr': '<f8', 'fortran_order': False, 'shape': (2 3)}",
        b"{'descr': '<f9', 'fortran_order': False, 'shape': (2, 3)}",
        b"{'descr': '\\c', 'fortran_order': False, 'shape': (2, 3)}",
        b"{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (2, 3)}",
        b"{'descr': '<f8', 'fortran_order': False, 'shape': __import__('os').getcwd()}",
        b"(" * 5000,
        b"1," * 30_000,
    ],
)
def test_anything_else_is_refused(header):
    with pytest.raises(ValueError) as caught:
        read_header(b"\x93NUMPY\1\0" + len(header).to_bytes(2, "little") + header)
    assert "header" in str(caught.value)
    assert "pickle" not in str(caught.value)


def test_pickles_are_never_loaded():
    content = saved(np.array([None]), allow_pickle=True)
    with pytest.raises(ValueError, match="never loaded"):
        read_array(content, read_header(content))
