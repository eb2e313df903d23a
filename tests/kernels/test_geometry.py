"""Sizes and positions of windows, against counting and against the other libraries."""

import msgspec
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kernels.filtering.geometry import Geometry, SlidingOptions, geometry, output_shape

sizes = st.integers(1, 9)
steps = st.integers(1, 4)
operations = st.sampled_from(["correlation", "convolution"])
paddings = st.one_of(st.sampled_from(["valid", "same", "full"]), st.tuples(st.integers(0, 5), st.integers(0, 5)))


@st.composite
def geometries(draw: st.DrawFn) -> Geometry:
    options = SlidingOptions(
        operation=draw(operations),
        padding=draw(paddings),
        stride=(draw(steps), draw(steps)),
        dilation=(draw(steps), draw(steps)),
    )
    try:
        return geometry((draw(sizes), draw(sizes)), (draw(sizes), draw(sizes)), options)
    except ValueError:
        assume(False)
        raise


@given(geometries())
def test_last_window_ends_inside_and_the_next_does_not(windows: Geometry) -> None:
    for axis in (0, 1):
        room = windows.image_shape[axis] + windows.before[axis] + windows.after[axis]
        last = (windows.output_shape[axis] - 1) * windows.stride[axis] + windows.effective_shape[axis]
        assert last <= room < last + windows.stride[axis]


@given(geometries())
def test_windows_step_by_stride_and_taps_by_dilation(windows: Geometry) -> None:
    rows, columns = windows.window(2, 3)
    assert rows[0] == 2 * windows.stride[0] - windows.before[0]
    assert columns[0] == 3 * windows.stride[1] - windows.before[1]
    assert len(rows) == windows.kernel_shape[0]
    assert (np.diff(rows) == windows.dilation[0]).all()
    assert (np.diff(columns) == windows.dilation[1]).all()
    assert windows.centre(2, 3) == ((rows[0] + rows[-1]) / 2, (columns[0] + columns[-1]) / 2)


@given(geometries())
def test_unreached_pixels_are_counted_one_by_one(windows: Geometry) -> None:
    height, width = windows.image_shape
    reached: set[tuple[int, int]] = set()
    for i in range(windows.output_shape[0]):
        for j in range(windows.output_shape[1]):
            rows, columns = windows.window(i, j)
            reached |= {(y, x) for y in rows.tolist() for x in columns.tolist()}
    rows_reached = {y for y, _ in reached if 0 <= y < height}
    columns_reached = {x for _, x in reached if 0 <= x < width}
    assert windows.unreached() == (height - len(rows_reached), width - len(columns_reached))


@given(operations, sizes, sizes, steps, steps)
def test_same_is_the_identity_of_positions(operation: str, rows: int, columns: int, dy: int, dx: int) -> None:
    windows = geometry((20, 30), (rows, columns), SlidingOptions(operation, dilation=(dy, dx)))
    assert windows.output_shape == (20, 30)
    assert windows.to_picture(4, 7) == (4, 7)
    assert windows.to_output(4, 7) == (4, 7)


@given(geometries())
def test_to_output_takes_back_to_picture(windows: Geometry) -> None:
    for at in {(0, 0), tuple(size - 1 for size in windows.output_shape)}:
        assert windows.to_output(*windows.to_picture(*at)) == at


def test_to_output_takes_the_nearest_and_knows_the_edge() -> None:
    windows = geometry((10, 10), (3, 3), SlidingOptions(padding="valid", stride=3))
    assert windows.output_shape == (3, 3)
    assert windows.to_picture(0, 2) == (1, 7)
    assert windows.to_output(2, 8) == (0, 2)
    assert windows.to_output(5, 2) == (1, 0)
    assert windows.to_output(0, 0) == (0, 0)
    assert windows.to_output(9, 9) is None


def test_even_kernels_are_anchored_as_in_scipy() -> None:
    correlation = geometry((8, 8), (2, 4), SlidingOptions("correlation"))
    convolution = geometry((8, 8), (2, 4), SlidingOptions("convolution"))
    assert (correlation.before, correlation.after) == ((0, 1), (1, 2))
    assert (convolution.before, convolution.after) == ((1, 2), (0, 1))


@pytest.mark.parametrize(
    ("image", "kernel", "options", "expected"),
    [
        ((512, 512), (3, 3), {"padding": 1, "stride": 2}, "(512 + 1 + 1 − 3)/2 + 1 = 256.5 → 256"),
        ((5, 5), (3, 3), {"padding": 1, "stride": 2}, "(5 + 1 + 1 − 3)/2 + 1 = 3"),
        ((32, 32), (5, 5), {"padding": "valid"}, "(32 + 0 + 0 − 5)/1 + 1 = 28"),
        ((10, 10), (3, 3), {"padding": "valid", "stride": 3}, "(10 + 0 + 0 − 3)/3 + 1 ≈ 3.33 → 3"),
        ((10, 10), (2, 2), {"padding": "same", "dilation": 3}, "(10 + 1 + 2 − 4)/1 + 1 = 10"),
        ((9, 9), (2, 2), {"padding": "valid", "stride": 4}, "(9 + 0 + 0 − 2)/4 + 1 = 2.75 → 2"),
    ],
)
def test_formula(image: tuple[int, int], kernel: tuple[int, int], options: dict[str, object], expected: str) -> None:
    windows = geometry(image, kernel, SlidingOptions(**options))  # type: ignore[arg-type]
    assert windows.formula(0) == windows.formula(1) == expected


def test_the_lectures_sizes() -> None:
    assert output_shape((5, 5), (3, 3), padding=1, stride=2) == (3, 3)
    assert output_shape((32, 32), (5, 5), padding="valid") == (28, 28)
    assert output_shape((10, 7), (3, 3), padding="same") == (10, 7)
    assert output_shape((10, 7), (3, 2), padding="full") == (12, 8)
    assert output_shape((10, 10), (3, 3), padding="valid", dilation=2) == (6, 6)


@given(sizes, sizes, st.integers(0, 4), steps, steps)
def test_agrees_with_torch(length: int, taps: int, pixels: int, stride: int, dilation: int) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an oracle only where it is installed")
    assume(length + 2 * pixels >= dilation * (taps - 1) + 1)
    image, kernel = torch.zeros(1, 1, length, length), torch.zeros(1, 1, taps, taps)
    result = torch.nn.functional.conv2d(image, kernel, stride=stride, padding=pixels, dilation=dilation)
    assert output_shape((length, length), (taps, taps), padding=pixels, stride=stride, dilation=dilation) == tuple(
        result.shape[2:]
    )


def test_options_are_normalised() -> None:
    options = SlidingOptions(padding=np.int64(2), stride=3, dilation=[1, 2], border="wrap", border_value=7)
    assert (options.padding, options.stride, options.dilation) == ((2, 2), (3, 3), (1, 2))
    assert options == SlidingOptions(padding=(2, 2), stride=(3, 3), dilation=(1, 2), border="wrap", border_value=7.0)
    assert isinstance(options.border_value, float)
    assert msgspec.structs.replace(options, stride=1).stride == (1, 1)
    assert hash(options) == hash(msgspec.structs.replace(options))


@pytest.mark.parametrize(
    ("argument", "value", "error", "message"),
    [
        ("operation", "convolve", ValueError, "operation is 'convolve'.*Did you mean 'convolution'"),
        ("padding", "smae", ValueError, "padding is 'smae'.*Did you mean 'same'"),
        ("padding", -1, ValueError, "padding is -1, but must be at least 0"),
        ("padding", (1, 2, 3), ValueError, r"padding is \(1, 2, 3\).*pair \(y, x\)"),
        ("padding", 1.5, TypeError, "padding is 1.5.*whole number"),
        ("padding", None, TypeError, "padding is None"),
        ("stride", 0, ValueError, "stride is 0, but must be at least 1"),
        ("stride", (2, 0), ValueError, "stride is 0"),
        ("stride", "2", TypeError, "stride is '2'"),
        ("stride", True, TypeError, "stride is True"),
        ("dilation", -2, ValueError, "dilation is -2, but must be at least 1"),
        ("dilation", 2.0, TypeError, "dilation is 2.0"),
        ("border", "mirror", ValueError, "border is 'mirror'.*reflect101"),
        ("border_value", "black", TypeError, "border_value is 'black'.*number"),
        ("border_value", 1j, TypeError, "border_value is 1j"),
    ],
)
def test_bad_options_name_argument_value_and_remedy(
    argument: str, value: object, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        SlidingOptions(**{argument: value})  # type: ignore[arg-type]


def test_a_kernel_that_does_not_fit_is_explained() -> None:
    with pytest.raises(ValueError, match=r"kernel of 5 × 5 does not fit into the picture of 4 × 9 .*'same'"):
        output_shape((4, 9), (5, 5), padding="valid")
    with pytest.raises(ValueError, match=r"reaches over 7 × 7 with dilation \(3, 3\).*padded to 6 × 6"):
        output_shape((4, 4), (3, 3), padding=1, dilation=3)


def test_sizes_are_at_least_one() -> None:
    with pytest.raises(ValueError, match="image_shape is 0"):
        output_shape((0, 4), (1, 1))
    with pytest.raises(ValueError, match="kernel_shape"):
        output_shape((4, 4), (3,))
