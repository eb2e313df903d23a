"""A layer as products of matrices: equal to SciPy, to the engine and to each other, on a crop of the whole."""

import itertools

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from scipy import ndimage, signal

from kernels import Kernel, convolve, correlate, im2col, library, toeplitz
from kernels.filtering.geometry import SlidingOptions, geometry
from viewer.pages.layers.locations import SMALL, count_weights, spread
from viewer.pages.layers.matrix import Block, block_around, matrix_case
from viewer.painting import Look

GREY = Look("clip", "grey", (0.0, 255.0))
SIGNED = Look("signed", "blue-orange", (-4.0, 4.0))
VALID = SlidingOptions(padding="valid")
ENGINES = {"correlation": correlate, "convolution": convolve}


def picture(shape=(20, 24), seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape).astype(np.uint8)


def sobel():
    return library.get("sobel-x")


# -- the products ------------------------------------------------------------------------------------------------------


@given(
    operation=st.sampled_from(sorted(ENGINES)),
    size=st.tuples(st.integers(1, 16), st.integers(1, 16)),
    taps=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    channels=st.integers(0, 3),
    maps=st.integers(1, 3),
    padding=st.sampled_from(["valid", "same", "full", 1, (2, 0)]),
    stride=st.integers(1, 3),
    dilation=st.integers(1, 2),
    border=st.sampled_from(["constant", "replicate", "reflect", "reflect101", "wrap"]),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=80, deadline=None)
def test_every_output_is_the_engines_on_the_whole_picture(
    operation, size, taps, channels, maps, padding, stride, dilation, border, seed
):
    random = np.random.default_rng(seed)
    image = random.integers(0, 256, (*size, *([channels] if channels else []))).astype(np.uint8)
    options = SlidingOptions(operation, padding, stride, dilation, border, 7.0)
    try:
        windows = geometry(image.shape, taps, options)
    except ValueError:
        assume(False)
    trailing = (channels,) if channels and random.random() < 0.5 else ()
    bank = [Kernel(random.integers(-9, 10, (*taps, *trailing)), offset=float(random.integers(-5, 6)))
            for _each in range(maps)]  # fmt: skip
    position = tuple(int(random.integers(0, length)) for length in windows.output_shape)
    case = matrix_case(image, bank, options, position, look=GREY, selected=maps - 1)
    for at, kernel in enumerate(bank):
        flat = image.reshape(*size, -1).astype(np.float64)
        weights = np.broadcast_to(kernel.weights.reshape(*taps, -1), (*taps, flat.shape[2]))
        summed = sum(
            ENGINES[operation](flat[:, :, channel], Kernel(weights[:, :, channel]), padding=padding, stride=stride,
                               dilation=dilation, border=border, border_value=7.0)
            for channel in range(flat.shape[2])
        )  # fmt: skip
        expected = summed + kernel.offset
        for row in range(case.block.count):
            assert case.values[row, at] == expected[case.block.position_of(row)]
    assert case.check.agrees
    assert case.sparse_check.agrees
    assert case.check == case.sparse_check  # whole numbers: exact, and nothing is allowed
    assert case.check.bound == 0.0
    assert case.block.position_of(case.row) == position


def test_a_crop_is_what_scipy_gives_there():
    image = picture()
    case = matrix_case(image, [sobel()], VALID, (9, 11), look=GREY)
    expected = signal.correlate2d(image.astype(int), [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], mode="valid")
    block = case.block
    assert (block.top, block.left, block.rows, block.columns) == (8, 10, 4, 4)
    np.testing.assert_array_equal(
        case.values[:, 0].reshape(4, 4), expected[block.top : block.top + 4, block.left : block.left + 4]
    )
    np.testing.assert_array_equal(case.crop[:, :, 0], image[8:14, 10:16])
    assert case.corner == (8, 10)
    assert case.row == 5


def test_the_matrices_are_those_of_the_library():
    image = picture()
    case = matrix_case(image, [sobel()], VALID, (9, 11), look=GREY)
    crop = image[8:14, 10:16]
    np.testing.assert_array_equal(case.matrix, im2col(crop, (3, 3), padding="valid"))
    band = toeplitz((6, 6), sobel(), padding="valid").toarray()
    np.testing.assert_array_equal(case.band(0), band)
    assert case.toeplitz.shape == (16, 36)
    assert case.non_zeros == np.count_nonzero(band) == 96
    assert case.matrix.nbytes == 16 * 9 * 4


def test_a_convolution_has_the_kernel_rotated():
    kernel = Kernel([[1, 2], [3, 4]])
    case = matrix_case(picture(), [kernel], SlidingOptions("convolution", "valid"), (3, 3), look=GREY)
    assert case.weights[:, 0].tolist() == [4, 3, 2, 1]


def test_several_channels_and_kernels():
    random = np.random.default_rng(3)
    image = random.standard_normal((15, 15, 4)).astype(np.float32)
    bank = [Kernel(random.standard_normal((3, 3, 4)), offset=0.5) for _each in range(5)]
    case = matrix_case(image, bank, VALID, (5, 5), look=SIGNED, selected=2)
    assert case.matrix.shape == (16, 36)
    assert case.weights.shape == (36, 5)
    assert case.maps == (0, 1, 2, 3, 4)
    for at, kernel in enumerate(bank):
        summed = sum(ndimage.correlate(image[:, :, c].astype(float), kernel.weights[:, :, c], mode="constant")
                     for c in range(4))  # fmt: skip
        expected = summed[1:-1, 1:-1][case.block.top :, case.block.left :][:4, :4] + 0.5
        np.testing.assert_allclose(case.values[:, at], expected.ravel(), atol=1e-5)
    assert case.check.agrees
    assert 0 < case.check.largest <= case.check.bound
    assert case.toeplitz.shape == (16, 4 * 36)
    taken = case.toeplitz @ case.crop.transpose(2, 0, 1).ravel().astype(float)
    np.testing.assert_allclose(taken + 0.5, case.values[:, 2], atol=1e-12)


def test_the_inputs_of_one_group_are_taken_alone():
    image = picture((10, 10, 6))
    bank = [Kernel(np.full((3, 3, 2), 1.0))]
    case = matrix_case(image, bank, VALID, (2, 2), look=GREY, inputs=(3, 5))
    assert case.channels == (3, 5)
    window = image[case.block.top : case.block.top + 3, case.block.left : case.block.left + 3][:, :, [3, 5]]
    assert case.values[0, 0] == window.astype(int).sum()


def test_only_kernels_as_large_as_the_selected_one_are_multiplied_and_not_too_many():
    bank = [Kernel(np.ones((3, 3))), Kernel(np.ones((5, 5))), Kernel(np.eye(3))]
    case = matrix_case(picture(), bank, SlidingOptions(), (4, 4), look=GREY, selected=2)
    assert (case.maps, case.selected, case.count) == ((0, 2), 1, 3)
    many = [Kernel(np.full((3, 3), float(n + 1))) for n in range(64)]
    case = matrix_case(picture(), many, SlidingOptions(), (4, 4), look=GREY, selected=40)
    assert len(case.maps) == 16
    assert case.maps[case.selected] == 40
    assert case.weights[0, case.selected] == 41.0


def test_divisor_and_offset_come_after_the_product():
    kernel = Kernel(np.ones((3, 3)), divisor=9.0, offset=0.25)
    case = matrix_case(picture(), [kernel], VALID, (4, 4), look=GREY)
    np.testing.assert_allclose(case.sums, case.matrix.sum(axis=1, keepdims=True))
    np.testing.assert_allclose(case.values, case.sums / 9 + 0.25)
    assert case.check.agrees
    assert case.sparse_check.agrees


def test_a_product_that_is_off_is_told(monkeypatch):
    monkeypatch.setattr("kernels.correlate", lambda *given, **named: correlate(*given, **named) + 1)
    case = matrix_case(picture(), [sobel()], VALID, (4, 4), look=GREY)
    assert case.check.largest == 1.0
    assert not case.check.agrees
    assert not case.sparse_check.agrees


def test_numbers_that_are_not_finite_agree_too():
    image = picture().astype(np.float32)
    image[5, 6], image[7, 7] = np.nan, np.inf
    case = matrix_case(image, [sobel()], VALID, (4, 4), look=GREY)
    assert not np.isfinite(case.values).all()
    assert case.check.agrees
    assert case.sparse_check.agrees


# -- what is linked ----------------------------------------------------------------------------------------------------


@given(
    taps=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    stride=st.integers(1, 3),
    dilation=st.integers(1, 3),
    padding=st.sampled_from(["valid", "same", "full"]),
)
@settings(max_examples=40, deadline=None)
def test_row_window_and_pixel_are_linked_both_ways(taps, stride, dilation, padding):
    image = np.arange(900.0).reshape(30, 30) + 1  # every pixel is another number
    options = SlidingOptions(padding=padding, stride=stride, dilation=dilation, border_value=-1.0)
    case = matrix_case(image, [Kernel(np.ones(taps))], options, (3, 3), look=SIGNED)
    windows = geometry(image.shape, taps, options)
    flat = case.crop[:, :, 0]
    for row, tap in np.ndindex(case.matrix.shape):
        y, x = case.sources[row, tap]
        assert flat[y, x] == case.matrix[row, tap]
        rows, columns = windows.window(*case.block.position_of(row))
        a, b = divmod(tap, taps[1])
        assert (case.corner[0] + y, case.corner[1] + x) == (rows[a], columns[b])
        assert (row, tap) in case.rows_with((y, x))
    for y, x in np.ndindex(*flat.shape):
        if not case.virtual[y, x]:
            assert len(case.rows_with((y, x))) == np.count_nonzero(case.matrix == flat[y, x])


def test_what_the_border_supplies_is_marked():
    case = matrix_case(picture(), [sobel()], SlidingOptions(border="replicate"), (0, 0), look=GREY)
    assert case.corner == (-1, -1)
    assert case.virtual[0].all()
    assert case.virtual[:, 0].all()
    assert not case.virtual[1:, 1:].any()
    np.testing.assert_array_equal(case.crop[0], case.crop[1])
    assert case.crop.dtype == np.uint8


def test_pixels_have_the_colours_of_the_picture():
    case = matrix_case(picture(), [sobel()], VALID, (4, 4), look=GREY)
    np.testing.assert_array_equal(case.colours, np.repeat(case.crop[..., np.newaxis], 3, axis=-1))
    values = np.linspace(-4, 4, 480).reshape(20, 24)
    case = matrix_case(values, [sobel()], VALID, (0, 0), look=SIGNED)
    red, _green, blue = case.colours[0, 0, 0].tolist()
    assert blue > red


# -- the crop ----------------------------------------------------------------------------------------------------------


@given(st.integers(1, 30), st.integers(1, 30), st.data())
def test_a_block_holds_the_followed_pixel_and_lies_inside(rows, columns, data):
    position = data.draw(st.tuples(st.integers(0, rows - 1), st.integers(0, columns - 1)))
    block = block_around(position, (rows, columns))
    assert (block.rows, block.columns) == (min(4, rows), min(4, columns))
    assert block.holds(position)
    assert 0 <= block.top <= rows - block.rows
    assert 0 <= block.left <= columns - block.columns
    places = [block.position_of(row) for row in range(block.count)]
    assert places == list(itertools.product(range(block.top, block.top + block.rows),
                                            range(block.left, block.left + block.columns)))  # fmt: skip
    assert [block.row_of(place) for place in places] == list(range(block.count))


def test_a_block_stays_while_one_steps_inside_it():
    first = block_around((10, 10), (30, 30))
    assert first == Block(9, 9, 4, 4)
    assert block_around((12, 12), (30, 30), first) is first
    assert block_around((13, 12), (30, 30), first) == Block(12, 11, 4, 4)
    assert block_around((10, 10), (11, 11), first) == Block(7, 7, 4, 4)  # the output has become smaller
    assert block_around((2, 2), (3, 3), first) == Block(0, 0, 3, 3)
    kept = matrix_case(picture(), [sobel()], VALID, (12, 12), look=GREY, block=first)
    assert kept.block is first
    assert kept.row == 15


def test_a_position_outside_is_refused():
    with pytest.raises(ValueError, match="position"):
        matrix_case(picture(), [sobel()], VALID, (18, 0), look=GREY)
    with pytest.raises(ValueError, match="channels"):
        matrix_case(picture(), [Kernel(np.ones((3, 3, 2)))], VALID, (0, 0), look=GREY)


# -- the whole picture -------------------------------------------------------------------------------------------------


def test_the_lecture_layer_on_the_camera_would_take_so_much():
    image = np.zeros((512, 512), np.uint8)
    case = matrix_case(image, [Kernel(np.ones((5, 5)))], VALID, (260, 282), look=GREY)
    assert (case.whole.rows, case.whole.columns, case.whole.size) == (258_064, 25, 25_806_400)
    assert case.whole.pixels == 262_144
    assert case.whole.entries == 258_064 * 25
    assert not case.whole.is_too_large


@given(
    size=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    taps=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    padding=st.sampled_from(["same", "full", 2]),
    stride=st.integers(1, 2),
    border=st.sampled_from(["constant", "replicate", "reflect", "reflect101", "wrap"]),
)
@settings(max_examples=60, deadline=None)
def test_sizes_of_the_whole_are_those_of_the_matrices_once_built(size, taps, padding, stride, border):
    options = SlidingOptions(padding=padding, stride=stride, border=border)
    try:
        geometry(size, taps, options)
    except ValueError:
        assume(False)
    image, kernel = picture(size), Kernel(np.ones(taps))
    case = matrix_case(image, [kernel], options, (0, 0), look=GREY)
    dense = im2col(image, taps, padding=padding, stride=stride, border=border)
    assert (case.whole.rows, case.whole.columns, case.whole.size) == (*dense.shape, dense.nbytes)
    held = toeplitz(size, kernel, padding=padding, stride=stride, border=border)
    held.sum_duplicates()
    assert (case.whole.pixels, case.whole.entries) == (held.shape[1], held.nnz)
    assert case.whole.sparse_size == held.data.nbytes + held.indices.nbytes + held.indptr.nbytes


def test_a_case_too_large_for_the_memory_is_computed_on_its_crop(monkeypatch):
    monkeypatch.setattr("kernels.memory.available", lambda: 1_000_000)
    case = matrix_case(np.zeros((400, 400), np.uint8), [sobel()], VALID, (9, 9), look=GREY)
    assert case.whole.is_too_large
    assert case.check.is_exact


def test_times_are_measured():
    seconds = matrix_case(picture(), [sobel()], VALID, (4, 4), look=GREY).seconds
    assert all(0 < each < 1 for each in (seconds.windows, seconds.engine, seconds.sparse))


# -- weights at every location -----------------------------------------------------------------------------------------


def test_lenets_first_layer_has_156_weights_where_fully_connected_would_have_millions():
    layer = {"channels": 1, "seen": 1, "maps": 6, "has_bias": True}
    small = count_weights(SMALL, (5, 5), VALID, **layer)
    assert (small.shared, small.fully_connected) == (156, 4_821_600)
    large = count_weights((512, 512), (5, 5), VALID, **layer)
    assert large.shared == 156
    assert large.fully_connected == (512 * 512 + 1) * 6 * 508 * 508
    assert round(large.fully_connected / 1e9) == 406
    assert large.locations == 258_064
    two = count_weights(SMALL, (3, 3), VALID, channels=3, seen=3, maps=2, has_bias=False)
    assert two.shared == 54
    with pytest.raises(ValueError, match="does not fit"):
        count_weights((4, 4), (5, 5), VALID, **layer)
    grouped = count_weights(SMALL, (3, 3), VALID, channels=6, seen=1, maps=6, has_bias=False)
    assert grouped.shared == 54
    assert replace(grouped, has_bias=True).shared == 60


@given(st.integers(0, 600), st.integers(1, 600), st.integers(2, 8))
def test_spread_positions_hold_the_followed_one(position, length, count):
    assume(position < length)
    found = spread(position, length, count)
    assert position in found
    assert list(found) == sorted(set(found))
    assert 0 <= found[0] <= found[-1] < length
    assert len(found) <= max(count + 1, 1)
