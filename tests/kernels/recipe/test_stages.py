"""Rows of stages at random against plain NumPy: run, output in strips, traces, shapes, data."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from kernels import Recipe, cnn
from kernels.filtering.border import as_border
from kernels.filtering.geometry import SlidingOptions, geometry
from kernels.recipe import strips as module
from kernels.recipe.reading import NAMES
from kernels.recipe.regions import Region, gather, region_under
from tests.kernels.recipe.definition import Rows, definition, planes

SEEDS = range(120)


def agree(found: Any, expected: Any, scale: float, tolerance: float) -> None:
    assert np.shape(found) == np.shape(expected)
    np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance * max(scale, 1e-3))


def example(seed: int) -> tuple[Any, list[dict[str, Any]], list[Any], float, float]:
    """A picture, a row, what each stage gives, and how far results may be off."""
    rows, random = Rows(seed), np.random.default_rng(seed)
    shape: tuple[int, ...] = (rows.whole(1, 9), rows.whole(1, 9))
    if rows.chance(0.5):
        shape = (*shape, rows.whole(1, 4))
    stages = rows.row(shape, rows.whole(1, 5))
    image = random.integers(0, 256, shape)
    # Thinning compares, and normalising may divide by nearly nothing: a rounding becomes a difference.
    is_steep = any(name in json.dumps(stages) for name in ("thin", "batch-norm"))
    dtype = "float64" if is_steep else str(random.choice(["uint8", "uint16", "float32", "float64", "int32"]))
    image = image.astype(dtype)
    expected = definition(image, stages)
    scale = max(255.0, *(float(np.abs(each).max()) for each in expected))
    return image, stages, expected, scale, 1e-9 if dtype == "float64" else 3e-4


@pytest.mark.parametrize("seed", SEEDS)
def test_rows_at_random(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    image, stages, expected, scale, tolerance = example(seed)
    recipe = Recipe.from_dict({"stages": stages})
    before = image.copy()
    found = recipe.run(image)
    assert [each.shape for each in found] == recipe.shapes(image.shape)
    for each, true in zip(found, expected, strict=True):
        assert each.dtype == (np.float64 if image.dtype == np.float64 else np.float32)
        agree(each, true, scale, tolerance)
    for strip in (1 << 27, 800, 1):
        monkeypatch.setattr(module, "STRIP_BYTES", strip)
        monkeypatch.setattr("kernels.recipe.stage._STRIP", 1 + seed % 50)
        monkeypatch.setattr("kernels.recipe.banks._MOST", 1 + seed * 3 % 100)
        output = recipe.output(image)
        assert output.dtype == found[-1].dtype
        agree(output, expected[-1], scale, tolerance)
    np.testing.assert_array_equal(image, before)


@pytest.mark.parametrize("seed", SEEDS)
def test_traces_at_random(seed: int) -> None:
    image, stages, expected, scale, tolerance = example(seed)
    recipe, random = Recipe.from_dict({"stages": stages}), np.random.default_rng(seed)
    for place, output in enumerate(expected):
        whole, source = planes(output), planes(image if place == 0 else expected[place - 1])
        i, j, channel = (int(random.integers(size)) for size in whole.shape)
        trace = recipe.trace(image, place, (i, j), channel)
        assert (trace.place, trace.position, trace.channel) == (f"stages[{place}]", (i, j), channel)
        assert {trace.stage: None}.keys() == stages[place].keys()
        agree(trace.value, whole[i, j, channel], scale, tolerance)
        if trace.sum is not None:
            agree(trace.sum / trace.divisor + trace.offset, trace.value, scale, 3e-4)
        for a, b in np.ndindex(*trace.window.shape[:2]):
            y, x = trace.origins[a, b]
            if y >= 0:
                agree(trace.window[a, b], source[y, x, list(trace.channels)], scale, tolerance)
        if trace.parts:
            agree(sum(part.value for part in trace.parts), trace.value, scale, tolerance)
        assert [name for name, _ in trace.fields] == ["image", *(f"stages[{at}]" for at in range(place))]


def test_fields_are_all_that_matters() -> None:
    """Changing the picture outside the receptive field changes nothing, and the field is as small as can be."""
    stages = [{"filter": {"kernel": "box"}}, {"max-pool": {"size": 2}}, {"filter": {"kernel": "1 0 0 0 1"}}]
    recipe, image = Recipe.from_dict({"stages": stages}), np.random.default_rng(0).random((20, 20))
    trace = recipe.trace(image, "stages[2].filter", (4, 5))
    fields = dict(trace.fields)
    assert (fields["image"].top, fields["image"].bottom) == (7, 11)
    assert (fields["image"].left, fields["image"].right) == (5, 17)
    assert fields["stages[1]"].shape == (1, 5)
    other = np.random.default_rng(1).random((20, 20))
    other[7:11, 5:17] = image[7:11, 5:17]
    assert recipe.trace(other, 2, (4, 5)).value == trace.value


def test_traces_inside_branches() -> None:
    row = [{"filter": {"kernel": "sobel-x"}}, {"bias": {"values": 3}}]
    recipe = Recipe.from_dict({"stages": [{"relu": {}}, {"branches": {"rows": [[], row]}}]})
    assert recipe.places == ("stages[0]", "stages[1]", "stages[1].branches.rows[1][0]", "stages[1].branches.rows[1][1]")
    image = np.random.default_rng(0).integers(-9, 9, (6, 6))
    trace = recipe.trace(image, "stages[1]", (2, 3), 1)
    ((part),) = trace.parts
    assert (part.place, part.channel) == ("stages[1].branches.rows[1][1]", 0)
    inner = recipe.trace(image, part.place, (2, 3))
    assert inner.value == trace.value == part.value
    assert inner.offset == 3
    assert inner.fields[-1][0] == "stages[1].branches.rows[1][0]"


@pytest.mark.parametrize("name", ["max-pool", "average-pool"])
def test_pooling_is_torchs(name: str) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an oracle only where it is installed")
    function = {"max-pool": torch.nn.functional.max_pool2d, "average-pool": torch.nn.functional.avg_pool2d}[name]
    random = np.random.default_rng(1)
    for _ in range(80):
        image = random.standard_normal((*random.integers(1, 14, 2), 2))
        size, stride = random.integers(1, 6, 2), random.integers(1, 6, 2)
        padding = [int(random.integers(0, k // 2 + 1)) for k in size]
        options = {"stride": stride.tolist(), "padding": padding}
        ceil = bool(random.integers(2))
        maps = torch.tensor(image).permute(2, 0, 1)[None]
        recipe = Recipe.from_dict({"stages": [{name: {"size": size.tolist(), "ceil": ceil, **options}}]})
        try:
            expected = function(maps, size.tolist(), ceil_mode=ceil, **options)[0].permute(1, 2, 0).numpy()
        except RuntimeError:
            with pytest.raises(ValueError, match=rf"stages\[0\]\.{name}"):
                recipe.run(image)
            continue
        np.testing.assert_allclose(recipe.run(image)[0], expected, atol=1e-12)


def test_a_layer_is_torchs() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an oracle only where it is installed")
    random = np.random.default_rng(2)
    for _ in range(25):
        groups, seen, made = (int(random.integers(1, 4)) for _ in range(3))
        image = random.standard_normal((*random.integers(5, 14, 2), groups * seen)).astype(np.float32)
        weights, bias = random.standard_normal((groups * made, seen, 3, 2)), random.standard_normal(groups * made)
        where = {"stride": int(random.integers(1, 4)), "padding": int(random.integers(0, 4)), "dilation": 2}
        layer = torch.nn.functional.conv2d(
            torch.tensor(image).permute(2, 0, 1)[None].double(),
            torch.tensor(weights),
            torch.tensor(bias),
            groups=groups,
            **where,
        )[0]
        normal = torch.nn.functional.batch_norm(layer[None], None, None, training=True)[0]
        steps = [layer, torch.sigmoid(layer), torch.nn.functional.leaky_relu(layer, 0.3), normal]
        kernels = [{"weights": w.transpose(1, 2, 0), "offset": b} for w, b in zip(weights, bias, strict=True)]
        bank = {"filter-bank": {"kernels": kernels, "groups": groups, **where}}
        rest: list[dict[str, Any]] = [{"sigmoid": {}}, {"leaky-relu": {"slope": 0.3}}, {"batch-norm": {}}]
        for expected, after in zip(steps, [[], *([each] for each in rest)], strict=True):
            found = Recipe.from_dict({"stages": [bank, *after]}).run(image)[-1]
            np.testing.assert_allclose(found, expected.permute(1, 2, 0).numpy(), atol=2e-3 if after else 1e-4)


@pytest.mark.parametrize(("name", "shape"), [("lenet5", (40, 50)), ("lenet5", (33, 37, 3)), ("colournet", (30, 41, 3))])
def test_preprocess_and_a_bank_are_the_responses_of_a_network(name: str, shape: tuple[int, ...]) -> None:
    network = cnn.load(name)
    for dtype in (np.uint8, np.uint16):
        image = np.random.default_rng(0).integers(0, np.iinfo(dtype).max, shape).astype(dtype)
        stages = [{"preprocess": {"network": name}}, {"filter-bank": {"network": name, "layer": 0}}]
        found = Recipe.from_dict({"stages": stages}).run(image)[1]
        expected = network.responses(image, 0).transpose(1, 2, 0)
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)


def test_the_front_of_lenet5_has_the_lectures_shapes() -> None:
    stages: list[dict[str, Any]] = [{"preprocess": {"network": "lenet5"}}]
    for layer in range(2):
        stages += [{"filter-bank": {"network": "lenet5", "layer": layer}}, {"relu": {}}, {"average-pool": {"size": 2}}]
    stages += [{"filter-bank": {"network": "lenet5", "layer": 2}}]
    recipe = Recipe.from_dict({"stages": stages})
    image = np.random.default_rng(0).integers(0, 256, (32, 32)).astype(np.uint8)
    shapes = [(32, 32, 1), *[(28, 28, 6)] * 2, (14, 14, 6), *[(10, 10, 16)] * 2, (5, 5, 16), (1, 1, 120)]
    assert recipe.shapes(image.shape) == shapes
    np.testing.assert_allclose(
        recipe.run(image)[-1][0, 0], cnn.load("lenet5").responses(image, 2)[:, 0, 0], rtol=1e-3, atol=1e-4
    )
    bank = {"filter-bank": {"kernels": [{"weights": np.ones((5, 5, 3)).tolist()}] * 6, "padding": "valid"}}
    assert Recipe.from_dict({"stages": [bank]}).shapes((32, 32, 3)) == [(28, 28, 6)]


def test_channels_are_those_of_pictures() -> None:
    from kernels.pictures.colour import CHANNELS, extract
    from kernels.pictures.picture import Picture

    for white, dtype in ((255.0, np.uint8), (65535.0, np.uint16), (1.0, np.float32)):
        image = (np.random.default_rng(0).random((7, 9, 3)) * white).astype(dtype)
        for channel in CHANNELS:
            recipe = Recipe.from_dict({"stages": [{"channel": {"channel": channel}}]})
            np.testing.assert_array_equal(recipe.run(image)[0], extract(Picture(image, white), channel))
    image = np.ones((4, 4, 3), np.uint8)
    assert Recipe.from_dict({"stages": [{"channel": "luma"}]}).run(image)[0].shape == (4, 4)
    grey = np.ones((4, 4), np.uint8)
    assert Recipe.from_dict({"stages": [{"channel": {"channel": "luma"}}]}).run(grey)[0].shape == (4, 4)
    with pytest.raises(ValueError, match=r"stages\[0\]\.channel: channel is 'h'"):
        Recipe.from_dict({"stages": [{"channel": {"channel": "h"}}]}).run(grey)


@pytest.mark.parametrize("size", [3, 5, 7, 21, (3, 7), 4])
def test_medians_are_scipys(size: Any) -> None:
    from scipy import ndimage

    image = np.random.default_rng(4).integers(0, 256, (30, 40))
    for dtype in (np.uint8, np.uint16, np.float32, np.float64):
        found = Recipe.from_dict({"stages": [{"median": {"size": size}}]}).run(image.astype(dtype))[0]
        assert found.dtype == (np.float64 if dtype == np.float64 else np.float32)
        if size == 4:  # SciPy takes the larger one of the two in the middle
            expected = definition(image, [{"median": {"size": 4}}])[0]
        else:
            expected = ndimage.median_filter(image, size, mode="nearest")
        np.testing.assert_array_equal(found, expected)


def test_large_windows_of_pooling_are_summed_up_as_small_ones() -> None:
    image = np.random.default_rng(5).integers(0, 256, (40, 50, 2)).astype(np.uint8)
    windows = np.lib.stride_tricks.sliding_window_view(image, (9, 14), axis=(0, 1))[::2, ::3]
    for name, expected in (("max-pool", windows.max(axis=(3, 4))), ("average-pool", windows.mean(axis=(3, 4)))):
        found = Recipe.from_dict({"stages": [{name: {"size": [9, 14], "stride": [2, 3]}}]}).run(image)[0]
        np.testing.assert_allclose(found, expected, rtol=1e-6)


@pytest.mark.parametrize("border", ["constant", "replicate", "reflect", "reflect101", "wrap"])
def test_pixels_under_windows_are_those_of_numpys_padding(border: str) -> None:
    mode = {"replicate": "edge", "reflect": "symmetric", "reflect101": "reflect"}.get(border, border)
    random = np.random.default_rng(6)
    for _ in range(60):
        shape = (*(int(n) for n in random.integers(2, 9, 2)), 2)
        maps = random.integers(0, 256, shape).astype(np.uint8)
        padding, stride = random.integers(0, 2 * min(shape[:2]), 2), random.integers(1, 4, 2)
        options = SlidingOptions(padding=tuple(padding.tolist()), stride=tuple(stride.tolist()), border=border)
        windows = geometry(shape, (2, 1), options)
        padded = np.pad(maps, [(n, n) for n in padding] + [(0, 0)], mode)  # type: ignore[call-overload]
        rows, columns = windows.output_shape
        top, left = int(random.integers(rows)), int(random.integers(columns))
        wanted = Region(top, int(random.integers(top, rows)) + 1, left, int(random.integers(left, columns)) + 1)
        under = region_under(windows, as_border(border), wanted)
        found = gather(under.cut(maps, Region.whole(shape)), under, windows, as_border(border), 0.0, wanted)
        start = wanted.top * stride[0], wanted.left * stride[1]
        np.testing.assert_array_equal(
            found, padded[start[0] : start[0] + len(found), start[1] : start[1] + found.shape[1]]
        )


def test_maps_lie_one_by_one_in_memory() -> None:
    """Each is looked at alone, and a bank computes them one by one."""
    stages: list[dict[str, Any]] = [{"filter-bank": {"kernels": ["sobel-x", "sobel-y", "box"]}}, {"relu": {}}]
    stages += [{"max-pool": {"size": 2}}, {"batch-norm": {}}, {"dense-block": {"stages": []}}, {"median": {"size": 3}}]
    stages += [
        {"filter": {"kernel": "box"}},
        {"residual": {"stages": [{"pointwise": {"weights": np.eye(6).tolist()}}]}},
    ]
    recipe, image = Recipe.from_dict({"stages": stages}), np.random.default_rng(0).random((600, 500))
    for maps in (*recipe.run(image), recipe.output(image)):
        assert all(maps[:, :, channel].flags.c_contiguous for channel in range(maps.shape[2]))


def test_every_stage_is_tested() -> None:
    tested = {next(iter(stage)) for seed in range(400) for stage in example(seed)[1]}
    assert set(NAMES) - tested <= {"preprocess", "channel"}


def test_values_that_are_not_finite() -> None:
    image = np.ones((6, 6), np.float32)
    image[2, 2], image[5, 5] = np.nan, np.inf
    bank = {"filter-bank": {"kernels": ["0 0 0; 0 0 0; 0 0 1", "1 1 1; 0 0 0; 0 0 0"]}}
    found = Recipe.from_dict({"stages": [bank, {"relu": {}}, {"max-pool": {"size": 2}}]}).run(image)
    expected = definition(image, [{"filter-bank": {"kernels": [{"weights": [[0, 0, 0]] * 2 + [[0, 0, 1]]}]}}])[0]
    np.testing.assert_array_equal(np.isfinite(found[0][:, :, 0]), np.isfinite(expected[:, :, 0]))
    assert np.isnan(found[2]).any()
    huge = np.full((4, 4), 3e38, np.float32)
    assert np.isfinite(Recipe.from_dict({"stages": [{"average-pool": {"size": 2}}]}).run(huge)[0]).all()
    sums = {"filter-bank": {"kernels": [{"weights": [[1, 1, -1]]}], "padding": "valid"}}
    assert np.isfinite(Recipe.from_dict({"stages": [sums]}).run(huge)[0]).all()


@pytest.mark.parametrize("order", ["C", "F"])
def test_relu_keeps_what_is_not_finite(order: Any) -> None:
    image = np.random.default_rng(7).normal(size=(5, 19, 3)).astype(np.float32, order=order)
    image[1, 2:9:3], image[3, 4], image[0, 5] = np.nan, np.inf, -np.inf
    found = Recipe.from_dict({"stages": [{"relu": {}}]}).run(image)[0]
    np.testing.assert_array_equal(found, np.where(np.isnan(image) | (image > 0), image, 0))


def test_offsets_of_a_bank_are_added_exactly() -> None:
    image = np.random.default_rng(8).integers(0, 256, (9, 40, 2)).astype(np.uint8)
    weights, offsets = [[1, -2, 3], [0, 5, -1]], (3.0, 0.0, -0.5)
    kernels = [{"weights": weights, "offset": offset} for offset in offsets]
    found = Recipe.from_dict({"stages": [{"filter-bank": {"kernels": kernels, "padding": "valid"}}]}).run(image)[0]
    windows = np.lib.stride_tricks.sliding_window_view(image.sum(axis=2), (2, 3))
    np.testing.assert_array_equal(found, (windows * weights).sum(axis=(2, 3))[:, :, np.newaxis] + np.array(offsets))


def test_what_else_a_number_is_made_with() -> None:
    """The formulas of the lectures with the trace's own numbers give its value."""
    image = np.random.default_rng(3).integers(0, 256, (9, 8, 3)).astype(np.float64)

    def taken_apart(*stages: dict[str, Any], at: tuple[int, int] = (4, 3), channel: int | None = None) -> Any:
        found = Recipe.from_dict({"stages": stages}).trace(image, len(stages) - 1, at, channel, white=200.0)
        return found, dict(found.numbers), float(found.window[0, 0, 0])

    trace, said, x = taken_apart({"bias": {"values": -300}}, {"leaky-relu": {"slope": 0.25}}, channel=1)
    assert (trace.value, trace.weights) == (0.25 * x, None)
    assert said == {"slope": 0.25}
    given = {"gamma": [1, 2, 3], "beta": [4, 5, 6], "epsilon": 0.5}
    trace, said, x = taken_apart({"batch-norm": given}, channel=1)
    assert said["mean"] == pytest.approx(image[:, :, 1].mean())
    assert said["variance"] == pytest.approx(image[:, :, 1].var())
    assert (said["gamma"], said["beta"], said["epsilon"]) == (2, 5, 0.5)
    expected = (x - said["mean"]) / (said["variance"] + 0.5) ** 0.5 * 2 + 5
    assert trace.value == pytest.approx(expected)
    trace, said, _x = taken_apart({"preprocess": {"network": "lenet5"}})
    assert trace.channels == (0, 1, 2)
    assert said["level"] == pytest.approx(float(image[4, 3] @ [0.299, 0.587, 0.114]) * 255 / 200)
    assert trace.value == pytest.approx((said["level"] - said["mean"]) / said["deviation"], rel=1e-6)
    trace, said, x = taken_apart({"preprocess": {"network": "colournet"}}, channel=2)
    assert (trace.channels, x) == ((2,), image[4, 3, 2])
    assert trace.value == pytest.approx((x * 255 / 200 - said["mean"]) / said["deviation"], rel=1e-6)
    trace, _said, _x = taken_apart({"channel": {"channel": "luma"}})
    np.testing.assert_array_equal(trace.weights.ravel(), [0.299, 0.587, 0.114])
    assert trace.sum == pytest.approx(trace.value)
    trace, _said, x = taken_apart({"channel": {"channel": "g"}})
    assert (trace.channels, trace.value) == ((1,), x)


@pytest.mark.parametrize("seed", range(60))
def test_a_thin_edge_is_explained_by_what_lies_along_the_gradient(seed: int) -> None:
    random = np.random.default_rng(seed)
    image = random.integers(-9, 10, (6, 7, 2)).astype(np.float64)
    i, j = int(random.integers(6)), int(random.integers(7))
    trace = Recipe.from_dict({"stages": [{"thin": {}}]}).trace(image, 0, (i, j))
    said, strength = dict(trace.numbers), np.hypot(*np.moveaxis(trace.window, 2, 0))
    gx, gy = trace.window[1, 1]
    assert said["magnitude"] == pytest.approx(strength[1, 1])
    if not gx and not gy:
        assert np.isnan(said["ahead"])
        assert trace.value == 0
        return
    # One step to where the ray along the gradient leaves the ring of the eight neighbours.
    down, right = np.array([gy, gx]) / max(abs(gx), abs(gy))
    for name, sign in (("ahead", 1), ("behind", -1)):
        y, x = 1 + sign * down, 1 + sign * right
        low_y, low_x = int(np.floor(y)), int(np.floor(x))
        expected = sum(
            strength[a, b] * (1 - abs(y - a)) * (1 - abs(x - b))
            for a in {low_y, min(low_y + 1, 2)}
            for b in {low_x, min(low_x + 1, 2)}
        )
        assert said[name] == pytest.approx(expected)
    is_kept = said["magnitude"] >= said["ahead"] - 1e-9 and said["magnitude"] > said["behind"] + 1e-9
    assert trace.value == pytest.approx(said["magnitude"] if is_kept else 0.0)
