"""Banks of filters and pooling in C against NumPy and PyTorch's definitions, and with and without them."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from kernels import Recipe, cnn, compiled
from kernels.cnn.architecture import Architecture
from kernels.cnn.layers import Convolution, Dense, Flatten, GlobalAveragePool
from kernels.cnn.network import Network
from kernels.cnn.preprocessing import Preprocessing
from kernels.filtering.backends.workers import Scratch
from kernels.filtering.window_sums import WindowSums

Floats = NDArray[np.float32]
Pair = tuple[int, int]

pytestmark = pytest.mark.skipif(compiled.core is None, reason="nothing is compiled")


def sums(planes: NDArray, weights: NDArray, offsets: NDArray, stride: Pair, dilation: Pair) -> NDArray:
    """The definition: a sum for each tap, of planes (C, h, w, N), in float64."""
    _, _, kh, kw = weights.shape
    height = (planes.shape[1] - dilation[0] * (kh - 1) - 1) // stride[0] + 1
    width = (planes.shape[2] - dilation[1] * (kw - 1) - 1) // stride[1] + 1
    found = np.zeros((len(weights), height, width, planes.shape[3]))
    for a, b in np.ndindex(kh, kw):
        top, left = a * dilation[0], b * dilation[1]
        under = planes[:, top:, left:][:, :: stride[0], :: stride[1]][:, :height, :width]
        found += np.tensordot(weights[:, :, a, b].astype(float), under.astype(float), axes=1)
    return found + offsets[:, np.newaxis, np.newaxis, np.newaxis]


def filled(planes: NDArray, weights: NDArray, offsets: NDArray, stride: Pair, dilation: Pair) -> Floats:
    shape = sums(planes[..., :1], weights, offsets, stride, dilation).shape
    into = np.full((*shape[:3], planes.shape[3]), np.nan, np.float32)
    WindowSums(weights, offsets, stride, dilation).fill(planes, into, Scratch())
    return into


@pytest.mark.parametrize("seed", range(150))
def test_whole_numbers_are_summed_exactly(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(seed)
    count, channels, kh, kw = (int(random.integers(1, most)) for most in (20, 6, 6, 6))
    stride, dilation = ((int(random.integers(1, 4)), int(random.integers(1, 4))) for _ in range(2))
    height, width = ((k - 1) * d + int(random.integers(1, 50)) for k, d in zip((kh, kw), dilation, strict=True))
    pictures = int(random.choice([1, 1, 2, 5]))
    planes = random.integers(-99, 99, (channels, height + 2, width + 3, pictures)).astype(
        random.choice([np.float32, np.int16, np.uint8])
    )
    order = random.permutation(4)  # whatever lies beside what in memory
    planes = np.ascontiguousarray(planes.transpose(order)).transpose(np.argsort(order))[:, 1:-1, 2:-1]
    weights, offsets = random.integers(-9, 9, (count, channels, kh, kw)), random.integers(-9, 9, count) / 4
    expected = sums(planes, weights, offsets, stride, dilation)
    np.testing.assert_array_equal(filled(planes, weights, offsets, stride, dilation), expected)
    monkeypatch.setattr(compiled, "core", None)
    np.testing.assert_array_equal(filled(planes, weights, offsets, stride, dilation), expected)


@pytest.mark.parametrize("width", [1, 7, 8, 15, 16, 23, 24, 31, 32, 33, 48, 70, 95, 97])
@pytest.mark.parametrize("filters", range(1, 10))
def test_every_width_and_number_of_filters(width: int, filters: int) -> None:
    random = np.random.default_rng(width)
    planes = random.integers(-99, 99, (1, 3, width + 2, 1)).astype(np.float32)
    weights, offsets = random.integers(-9, 9, (filters, 1, 2, 3)), np.arange(filters)
    expected = sums(planes, weights, offsets, (1, 1), (1, 1))
    np.testing.assert_array_equal(filled(planes, weights, offsets, (1, 1), (1, 1)), expected)


def test_thousands_of_taps_lose_no_more_digits_than_the_contract_allows() -> None:
    planes, weights = np.full((500, 3, 40, 1), 0.1, np.float32), np.full((3, 500, 3, 3), 0.7)
    expected = sums(planes, weights.astype(np.float32), np.zeros(3), (1, 1), (1, 1))
    found = filled(planes, weights, np.zeros(3), (1, 1), (1, 1))
    np.testing.assert_allclose(found, expected, atol=1e-5 * 4500 * 0.7 * 0.1, rtol=0)


def test_a_pixel_has_the_same_bits_wherever_its_window_stands() -> None:
    random = np.random.default_rng(0)
    planes = random.normal(size=(3, 12, 90, 1)).astype(np.float32)
    weights, offsets = random.normal(size=(6, 3, 5, 5)), random.normal(size=6)
    whole = filled(planes, weights, offsets, (1, 1), (1, 1))
    for left, right in ((1, 90), (40, 80), (60, 84), (70, 81), (85, 90)):
        part = filled(planes[:, 2:9, left:right], weights, offsets, (1, 1), (1, 1))
        np.testing.assert_array_equal(part, whole[:, 2:5, left : right - 4])


def test_what_is_not_finite_spoils_the_windows_that_hold_it_and_no_others() -> None:
    planes = np.ones((2, 9, 60, 1), np.float32)
    planes[0, 4, 30], planes[1, 2, 10] = np.nan, np.inf
    found = filled(planes, np.ones((9, 2, 3, 3)), np.zeros(9), (1, 1), (1, 1))
    expected = np.full((7, 58), 18.0)
    expected[2:5, 28:31], expected[0:3, 8:11] = np.nan, np.inf
    for each in found[..., 0]:
        np.testing.assert_array_equal(each, expected)


@pytest.mark.parametrize("width", [1, 7, 8, 23, 24, 31, 32, 70])
@pytest.mark.parametrize("taps", [1, 200])
def test_a_bank_tells_whether_all_sums_are_finite(width: int, taps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    planes, weights, offsets = np.full((taps, 3, width, 1), 1e30, np.float32), np.ones((9, taps, 1, 1)), np.zeros(9)
    into = np.empty((9, 3, width, 1), np.float32)
    bank = WindowSums(weights, offsets)
    assert bank.fill(planes, into, Scratch()) is True
    for pixel in (np.nan, np.inf, -np.inf):
        for place in ((0, 0, 0), (taps // 2, 1, width // 2), (taps - 1, 2, width - 1)):
            spoiled = planes.copy()
            spoiled[place] = pixel
            assert bank.fill(spoiled, into, Scratch()) is False
    large = weights.copy()
    large[8, 0] = 1e10  # too large a sum in the last map alone
    assert WindowSums(large, offsets).fill(planes, into, Scratch()) is False
    assert bank.fill(planes, into, Scratch()) is True
    monkeypatch.setattr(compiled, "core", None)
    assert bank.fill(planes, into, Scratch()) is True
    with np.errstate(over="ignore"):
        assert WindowSums(large, offsets).fill(planes, into, Scratch()) is False


def test_a_bank_whose_sums_leave_single_precision_sums_in_double() -> None:
    kernels = [{"weights": [[1.0, 1.0, -2.0]]}, {"weights": [[1.0, 1.0, -2.0]], "divisor": 2.0, "offset": 4.0}]
    image = np.full((5, 90, 1), 3e38, np.float32)
    for count in (1, 2):
        recipe = Recipe.from_dict({"stages": [{"filter-bank": {"kernels": kernels[:count], "padding": 0}}]})
        expected = np.broadcast_to([0.0, 4.0][:count], (5, 88, count))
        np.testing.assert_array_equal(recipe.output(image), expected)


def bank(**changed: object) -> list[object]:
    given: dict[str, object] = {
        "planes": np.zeros((2, 6, 50), np.float32),
        "columns": np.arange(3, dtype=np.int32),
        "weights": np.zeros((2, 2 * 3 * 3, 4), np.float32),
        "offsets": np.zeros(7, np.float32),
        "step": 1,
        "apart": 1,
        "into": np.zeros((7, 4, 48), np.float32),
        "threads": 1,
    }
    return list((given | changed).values())


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"planes": np.zeros((2, 6, 50))}, "planes has 3 axes of items d"),
        ({"planes": np.zeros((2, 6, 50), np.float32)[..., ::2]}, "last axis of planes"),
        ({"planes": np.zeros((2, 5, 50), np.float32)}, "windows must lie"),
        ({"planes": np.zeros((2, 6, 49), np.float32)}, "columns of the windows"),
        ({"planes": np.zeros((4, 6, 50), np.float32)}, "weights must have a tap"),
        ({"planes": np.zeros((0, 6, 50), np.float32)}, "weights must have a tap"),
        ({"columns": np.array([-1, 0, 1], np.int32)}, "columns of the windows"),
        ({"columns": np.array([0, 1, 3], np.int32)}, "columns of the windows"),
        ({"columns": np.zeros(0, np.int32)}, "weights must have a tap"),
        ({"weights": np.zeros((2, 17, 4), np.float32)}, "weights must have a tap"),
        ({"weights": np.zeros((1, 18, 4), np.float32)}, "blocks of 1 to 8"),
        ({"weights": np.zeros((1, 18, 9), np.float32)}, "blocks of 1 to 8"),
        ({"weights": np.zeros((2, 18, 0), np.float32)}, "blocks of 1 to 8"),
        ({"offsets": np.zeros(6, np.float32)}, "blocks of 1 to 8"),
        ({"step": 0}, "windows must lie"),
        ({"step": 2}, "windows must lie"),
        ({"step": 2**62}, "windows must lie"),
        ({"apart": 0}, "windows must lie"),
        ({"apart": 2}, "windows must lie"),
        ({"apart": 2**62}, "windows must lie"),
    ],
)
def test_extents_that_do_not_fit_are_refused(changed: dict[str, object], words: str) -> None:
    compiled.core.filter_bank(*bank())
    with pytest.raises(ValueError, match=words):
        compiled.core.filter_bank(*bank(**changed))
    with pytest.raises((TypeError, BufferError, ValueError)):
        compiled.core.filter_bank(*bank(into=b"nothing to write to"))


def test_nothing_is_written_where_there_is_no_window() -> None:
    for shape in ((7, 0, 48), (7, 4, 0)):
        compiled.core.filter_bank(*bank(into=np.zeros(shape, np.float32)))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.float64])
@pytest.mark.parametrize("step", [1, 2, 3, 5])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_phases_hold_every_so_many_columns(dtype: type, step: int, channels: int) -> None:
    random = np.random.default_rng(step)
    for height, width in ((0, 5), (1, 1), (2, 4), (3, 255), (2, 256), (2, 700), (1, 0)):
        picture = random.integers(0, 256, (height, width + 1, channels)).astype(dtype)
        last = picture.transpose(2, 0, 1)[:, :, 1:, np.newaxis]
        for planes in (last, np.ascontiguousarray(last), last[:, ::-1, ::-1], last[::2]):
            into = np.full((len(planes), height, step, -(-width // step)), -1, np.float32)
            compiled.core.phases(planes, into, 2)
            expected = np.full((len(planes), height, into.shape[3] * step), -1.0)
            expected[:, :, :width] = planes[..., 0]
            np.testing.assert_array_equal(into, expected.reshape(*into.shape[:2], into.shape[3], step).swapaxes(2, 3))


@pytest.mark.parametrize(
    "changed",
    [
        {"planes": np.zeros((2, 3, 7, 2), np.float32)},
        {"planes": np.zeros((2, 3, 7), np.float32)},
        {"planes": np.zeros((2, 3, 7, 1), np.int16)},
        {"planes": np.zeros((2, 3, 9, 1), np.float32)},
        {"planes": np.zeros((2, 3, 6, 1), np.float32)},
        {"into": np.zeros((1, 3, 2, 4), np.float32)},
        {"into": np.zeros((2, 2, 2, 4), np.float32)},
        {"into": np.zeros((2, 3, 0, 4), np.float32)},
        {"into": np.zeros((2, 3, 2, 4))},
        {"into": np.zeros((2, 3, 2, 8), np.float32)[..., ::2]},
    ],
)
def test_phases_that_do_not_fit_are_refused(changed: dict[str, NDArray]) -> None:
    given = {"planes": np.zeros((2, 3, 8, 1), np.uint8), "into": np.zeros((2, 3, 2, 4), np.float32)}
    compiled.core.phases(*given.values(), 1)
    with pytest.raises(ValueError):
        compiled.core.phases(*(given | changed).values(), 1)


def pooled(maps: Floats, down: NDArray, across: NDArray, stride: Pair, is_weighted: bool) -> Floats:
    size = ((n - len(k)) // s + 1 for n, k, s in zip(maps.shape[1:], (down, across), stride, strict=True))
    into, lines = np.full((len(maps), *size), np.nan, np.float32), np.empty(maps.shape[2], np.float32)
    weights = down.astype(np.float32), across.astype(np.float32)
    compiled.core.pool(maps, *weights, *stride, is_weighted, lines, into)
    return into


@pytest.mark.parametrize("seed", range(60))
def test_pooling_is_its_definition(seed: int) -> None:
    random = np.random.default_rng(seed)
    (kh, kw), stride = ((2, 2), (2, 2)) if seed % 3 == 0 else (random.integers(1, 6, 2), random.integers(1, 5, 2))
    stride = int(stride[0]), int(stride[1])
    maps = random.integers(-99, 99, (int(random.integers(1, 4)), kh + seed % 7, kw + seed)).astype(np.float32)
    down, across = random.integers(1, 9, kh), random.integers(1, 9, kw)
    view = sliding_window_view(maps, (kh, kw), axis=(1, 2))[:, :: stride[0], :: stride[1]]
    np.testing.assert_array_equal(pooled(maps, down, across, stride, False), view.max(axis=(3, 4)))
    expected = np.einsum("pijab,a,b->pij", view, down, across)
    np.testing.assert_array_equal(pooled(maps, down, across, stride, True), expected)


def test_the_maximum_keeps_a_nan() -> None:
    maps = np.zeros((1, 2, 8), np.float32)
    maps[0, 0, 0] = maps[0, 1, 3] = maps[0, 0, 4:] = np.nan
    found = pooled(maps, np.ones(2), np.ones(2), (2, 2), False)
    np.testing.assert_array_equal(np.isnan(found[0, 0]), [True, True, True, True])
    assert not np.isnan(pooled(maps[:, :, 1:3], np.ones(2), np.ones(2), (2, 2), False)).any()


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        (0, np.zeros((3, 4, 9), np.float32), "same planes"),
        (0, np.zeros((2, 3, 9), np.float32), "windows must lie"),
        (0, np.zeros((2, 4, 7), np.float32), "windows must lie"),
        (0, np.zeros((2, 4, 9)), "items d"),
        (1, np.ones(3, np.float32), "windows must lie"),
        (2, np.ones(0, np.float32), "windows must lie"),
        (3, 0, "windows must lie"),
        (4, 2**62, "windows must lie"),
        (6, np.zeros(8, np.float32), "room for a line"),
    ],
)
def test_pools_that_do_not_fit_are_refused(place: int, value: object, words: str) -> None:
    taps, into = np.ones(2, np.float32), np.zeros((2, 2, 4), np.float32)
    given = [np.zeros((2, 4, 9), np.float32), taps, taps, 2, 2, True, np.zeros(9, np.float32), into]
    compiled.core.pool(*given)
    given[place] = value
    with pytest.raises(ValueError, match=words):
        compiled.core.pool(*given)


@pytest.mark.parametrize("name", ["max-pool", "average-pool", "gaussian-pool"])
@pytest.mark.parametrize("options", [{"size": 2}, {"size": [3, 2], "stride": [1, 2], "padding": 1, "ceil": True}])
@pytest.mark.parametrize("shape", [(23, 40), (23, 40, 3)])
def test_pools_have_the_same_bits_without_the_core(
    name: str, options: dict, shape: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    image = np.random.default_rng(3).normal(size=shape).astype(np.float32)
    recipe = Recipe.from_dict({"stages": [{name: options}]})
    found = recipe.output(image)
    monkeypatch.setattr(compiled, "core", None)
    np.testing.assert_array_equal(recipe.output(image), found)


def test_a_network_answers_alike_without_the_core(monkeypatch: pytest.MonkeyPatch) -> None:
    network, random = cnn.load("colournet"), np.random.default_rng(5)
    images = random.integers(0, 256, (3, 32, 32, 3), dtype=np.uint8)
    answers, responses = network.predict(images), network.responses(images[0], 1)
    one = np.stack([network.predict(images[at : at + 1])[0] for at in range(3)])
    np.testing.assert_allclose(one, answers, atol=1e-5)
    chosen = network.responses(images[0], 1, filters=[3, 0])
    np.testing.assert_array_equal(chosen, responses[[3, 0]])
    monkeypatch.setattr(compiled, "core", None)
    np.testing.assert_allclose(network.predict(images), answers, atol=1e-5)
    np.testing.assert_allclose(network.responses(images[0], 1), responses, atol=1e-4)


def test_filters_of_several_groups_come_in_the_order_asked_for() -> None:
    layers = (Convolution(6, (3, 3), groups=3), GlobalAveragePool(), Flatten(), Dense(2))
    network = Network(Architecture("grouped", (3, 9, 9), layers), Preprocessing((0.0,) * 3, (1.0,) * 3), ("a", "b"))
    image = np.random.default_rng(1).integers(0, 256, (9, 9, 3), dtype=np.uint8)
    whole = network.responses(image)
    np.testing.assert_array_equal(network.responses(image, filters=[5, 0, 4, 3]), whole[[5, 0, 4, 3]])
