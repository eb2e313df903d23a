"""What stages cost and see: the lectures' numbers, PyTorch's counts, and receptive fields against changed pixels."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels import Recipe
from kernels.recipe.facts import StageFacts
from tests.kernels.recipe.definition import Rows, last, planes

Array = npt.NDArray[Any]
Stages = list[dict[str, Any]]


def facts(shape: tuple[int, ...], *stages: dict[str, Any]) -> list[StageFacts]:
    return Recipe.from_dict({"stages": list(stages)}).facts(shape)


def ones(*shape: int) -> dict[str, Any]:
    return {"weights": np.ones(shape).tolist()}


def lenet(*layers: int) -> Stages:
    stages: Stages = []
    for layer in layers:
        stages += [{"filter-bank": {"network": "lenet5", "layer": layer}}, {"relu": {}}, {"average-pool": {"size": 2}}]
    return stages


def test_the_lectures_counts() -> None:
    (six,) = facts((32, 32, 3), {"filter-bank": {"kernels": [ones(5, 5, 3)] * 6, "padding": "valid"}})
    assert six.shape == (28, 28, 6)
    assert six.size_formulas == ("(32 + 2·0 − 5)/1 + 1 = 28",) * 2
    (two,) = facts((9, 9, 3), {"filter-bank": {"kernels": [ones(3, 3, 3)] * 2}})
    assert (two.weights, two.weights_formula) == (54, "2 × (3 · 3 · 3) = 54")
    (worked,) = facts((5, 5), {"filter": {"kernel": ones(3, 3), "padding": 1, "stride": 2}})
    assert (worked.shape, worked.size_formulas[0]) == ((3, 3), "(5 + 2·1 − 3)/2 + 1 = 3")


def test_lenet5_has_the_lectures_table() -> None:
    *front, third, _, _ = facts((32, 32), *lenet(0, 1), *lenet(2)[:2], {"global-average": {}})
    first, _, pooled, second, _, _ = front
    assert [each.shape for each in (first, pooled, second, third)] == [
        (28, 28, 6),
        (14, 14, 6),
        (10, 10, 16),
        (1, 1, 120),
    ]
    assert [each.weights for each in (first, pooled, second, third)] == [156, 0, 2416, 48120]
    assert first.weights_formula == "6 × (5 · 5 · 1 + 1) = 156"
    assert first.multiplications == 28 * 28 * 6 * 25
    assert second.multiplications == 10 * 10 * 16 * 25 * 6
    assert [each.receptive_field for each in front] == [(5, 5), (5, 5), (6, 6), (14, 14), (14, 14), (16, 16)]
    assert [each.jump for each in (first, pooled, second, third)] == [(1, 1), (2, 2), (2, 2), (4, 4)]
    assert second.field_formulas == ("6 + (5 − 1)·2 = 14",) * 2
    assert third.receptive_field == (32, 32)
    assert first.bytes == 4 * 28 * 28 * 6


def test_the_fully_connected_layer_that_a_bank_replaces() -> None:
    (small,) = facts((32, 32), *lenet(0)[:1])
    assert small.fully_connected_weights == 4_821_600
    (large,) = facts((512, 512), *lenet(0)[:1])
    assert round(large.fully_connected_weights / 1e9) == 406
    assert large.size_formulas == ("(512 + 2·0 − 5)/1 + 1 = 508",) * 2


@pytest.mark.parametrize(
    ("stage", "weights", "formula"),
    [
        ({"filter": {"kernel": "sobel-x"}}, 9, "3 · 3 = 9"),
        ({"filter": {"kernel": {**ones(3, 5), "offset": 2.0}}}, 16, "3 · 5 + 1 = 16"),
        ({"filter": {"kernel": ones(3, 3, 4)}}, 36, "3 · 3 · 4 = 36"),
        ({"filter-bank": {"kernels": ["sobel-x", "sobel-y"]}}, 18, "2 × (3 · 3) = 18"),
        ({"filter-bank": {"kernels": [ones(1, 1, 4), ones(3, 3, 4)]}}, 40, "1 × (1 · 1 · 4) + 1 × (3 · 3 · 4) = 40"),
        (
            {"filter-bank": {"kernels": [{**ones(3, 3, 2), "offset": 1.0}] * 4, "groups": 2}},
            76,
            "4 × (3 · 3 · 2 + 1) = 76",
        ),
        ({"depthwise": {"kernels": [ones(3, 3)] * 4}}, 36, "4 × (3 · 3) = 36"),
        ({"pointwise": {"weights": np.ones((1200, 4)).tolist()}}, 4800, "1200 × (1 · 1 · 4) = 4,800"),
        ({"bias": {"values": [1.0, 2.0, 3.0, 4.0]}}, 4, "4 = 4"),
        ({"bias": {"values": 1.0}}, 1, "1 = 1"),
        ({"batch-norm": {}}, 8, "2 × 4 = 8"),
        ({"relu": {}}, 0, ""),
        ({"gaussian-pool": {"size": 3}}, 0, ""),
    ],
)
def test_weights(stage: dict[str, Any], weights: int, formula: str) -> None:
    (found,) = facts((16, 16, 4), stage)
    assert (found.weights, found.weights_formula) == (weights, formula)


@pytest.mark.parametrize(
    ("stage", "multiplications"),
    [
        ({"filter": {"kernel": "sobel-x", "stride": 2}}, 4 * 4 * 2 * 9),
        ({"filter": {"kernel": ones(3, 3, 2)}}, 8 * 8 * 18),
        ({"filter-bank": {"kernels": ["sobel-x", "box(size=5)"]}}, 8 * 8 * 2 * (9 + 25)),
        ({"filter-bank": {"kernels": ["sobel-x"] * 4, "groups": 2}}, 8 * 8 * 4 * 9),
        ({"depthwise": {"kernels": ["box", "box(size=5)"]}}, 8 * 8 * (9 + 25)),
        ({"pointwise": {"weights": [[1, 2]] * 5}}, 8 * 8 * 10),
        ({"max-pool": {"size": 2}}, 0),
        ({"gaussian-pool": {"size": 2}}, 4 * 4 * 2 * 4),
        ({"magnitude": {}}, 8 * 8 * 2),
        ({"thin": {}}, 8 * 8 * 4),
        ({"leaky-relu": {}}, 8 * 8 * 2),
        ({"sigmoid": {}}, 0),
        ({"residual": {"stages": [{"filter": {"kernel": "box"}}, {"relu": {}}]}}, 8 * 8 * 2 * 9),
        (
            {"branches": {"rows": [[{"filter": {"kernel": "box"}}], [{"filter": {"kernel": ones(1, 1)}}], []]}},
            8 * 8 * 20,
        ),
    ],
)
def test_multiplications(stage: dict[str, Any], multiplications: int) -> None:
    assert facts((8, 8, 2), stage)[0].multiplications == multiplications


def test_colours_cost_their_luma() -> None:
    assert facts((8, 8, 3), {"channel": "luma"})[0].multiplications == 192
    assert facts((8, 8), {"channel": "luma"})[0].multiplications == 0
    assert facts((8, 8, 3), {"preprocess": {"network": "lenet5"}})[0].multiplications == 64 + 192
    assert facts((8, 8), {"preprocess": {"network": "colournet"}})[0].multiplications == 192


def test_stages_inside_a_stage() -> None:
    row: Stages = [{"filter-bank": {"kernels": [ones(3, 3, 2)] * 2}}, {"batch-norm": {"mean": 0.0, "variance": 1.0}}]
    before, block = facts((20, 20, 2), {"max-pool": {"size": 2}}, {"residual": {"stages": row}})
    assert (block.weights, block.weights_formula) == (40, "36 + 4 = 40")
    ((bank, norm), shortcut) = block.rows
    assert shortcut == ()
    assert bank.place == "stages[1].residual.stages[0]"
    assert bank.receptive_field == norm.receptive_field == block.receptive_field == (6, 6)
    assert bank.input_shape == before.shape == (10, 10, 2)
    assert block.field_formulas == ("", "")


def test_what_sees_the_whole_picture() -> None:
    pooled, whole, after = facts((20, 30, 2), {"max-pool": {"size": 2}}, {"global-average": {}}, {"relu": {}})
    assert (whole.receptive_field, whole.jump, whole.sees_all) == ((20, 30), None, True)
    assert (after.receptive_field, after.sees_all, pooled.sees_all) == ((20, 30), True, False)


def test_a_measured_normalisation_sees_all_besides_its_receptive_field() -> None:
    box, measured = {"filter": {"kernel": "box"}}, {"batch-norm": {}}
    *_, inside, after = facts((20, 30, 2), {"residual": {"stages": [measured, box]}}, box)
    assert (inside.receptive_field, inside.jump, inside.sees_all) == ((3, 3), (1, 1), True)
    assert (after.receptive_field, after.sees_all) == ((5, 5), True)
    (known,) = facts((20, 30, 2), {"batch-norm": {"mean": 1.0, "variance": 1.0}})
    assert (known.receptive_field, known.sees_all) == ((1, 1), False)
    recipe, image = Recipe.from_dict({"stages": [measured]}), np.random.default_rng(0).random((9, 9))
    changed = image.copy()
    changed[8, 8] += 1
    assert recipe.run(changed)[0][0, 0] != recipe.run(image)[0][0, 0]


def test_a_receptive_field_is_at_most_the_picture() -> None:
    (wide,) = facts((20, 30), {"filter": {"kernel": "box(size=25)"}})
    assert wide.receptive_field == (20, 25)
    assert wide.field_formulas == ("1 + (25 − 1)·1 = 25 → 20", "1 + (25 − 1)·1 = 25")


def test_branches_with_different_jumps() -> None:
    rows = [[{"max-pool": {"size": 1, "stride": 2}}], [{"filter": {"kernel": ones(3, 3), "padding": "valid"}}]]
    (found,) = facts((5, 5), {"branches": {"rows": rows}})
    assert found.shape == (3, 3, 2)
    assert (found.jump, found.receptive_field) == (None, (3, 3))


def test_formulas_of_unequal_padding_and_remainders() -> None:
    even, odd, floor = (
        facts((9, 12), stage)[0].size_formulas
        for stage in (
            {"filter": {"kernel": ones(4, 3)}},
            {"max-pool": {"size": 2, "ceil": True}},
            {"max-pool": {"size": [2, 5]}},
        )
    )
    assert even == ("(9 + 1 + 2 − 4)/1 + 1 = 9", "(12 + 2·1 − 3)/1 + 1 = 12")
    assert odd == ("(9 + 0 + 1 − 2)/2 + 1 = 5", "(12 + 2·0 − 2)/2 + 1 = 6")
    assert floor == ("(9 + 2·0 − 2)/2 + 1 = 4.5 → 4", "(12 + 2·0 − 5)/5 + 1 = 2.4 → 2")


def test_a_row_that_does_not_fit_is_told_by_its_place() -> None:
    with pytest.raises(ValueError, match=r"stages\[1\]\.max-pool"):
        facts((5, 5), {"relu": {}}, {"max-pool": {"size": 9}})


SIZES = st.integers(1, 3)
PAIRS = st.tuples(SIZES, SIZES).map(list)


@st.composite
def windows(draw: st.DrawFn, keeps: bool) -> dict[str, Any]:
    """A stage with windows; `keeps` the size, so that it may stand beside another."""
    kernel = ones(*draw(PAIRS))
    options: dict[str, Any] = {"dilation": draw(st.integers(1, 2))}
    if not keeps:
        options |= {"stride": draw(st.integers(1, 2)), "padding": draw(st.sampled_from(["same", "valid", "full"]))}
        options["operation"] = draw(st.sampled_from(["correlation", "convolution"]))
    stages: Stages = [
        {"filter": {"kernel": kernel, **options}},
        {"filter-bank": {"kernels": [kernel, ones(*draw(PAIRS))], "dilation": 2}},
        {"median": {"size": draw(PAIRS)}},
    ]
    if not keeps:
        pool = {"size": draw(PAIRS), "ceil": draw(st.booleans())}
        stages += [{"max-pool": pool}, {"average-pool": {**pool, "stride": 1}}, {"gaussian-pool": pool}]
    return draw(st.sampled_from(stages))


@st.composite
def rows(draw: st.DrawFn) -> Stages:
    """A row whose receptive field fits into a picture of 64 × 64."""
    stages: Stages = []
    for _ in range(draw(st.integers(1, 3))):
        kind = draw(st.sampled_from(["window", "window", "pixel", "branches", "dense", "residual"]))
        inner = draw(st.lists(windows(keeps=True), max_size=1))
        if kind == "window":
            stages.append(draw(windows(keeps=False)))
        elif kind == "pixel":
            stages.append(draw(st.sampled_from([{"relu": {}}, {"magnitude": {}}, {"bias": {"values": 1.0}}])))
        elif kind == "branches":
            stages.append({"branches": {"rows": [inner, draw(st.lists(windows(keeps=True), max_size=1))]}})
        elif kind == "dense":
            stages.append({"dense-block": {"stages": inner}})
        else:
            filters = [stage for stage in inner if "filter-bank" not in stage]
            stages.append({"residual": {"stages": filters}})
    return stages


def first(depends: Callable[[slice], bool], length: int) -> int:
    """Return the first line that something depends on, by halving."""
    low, high = 0, length - 1
    while low < high:  # it depends on the lines up to it, not on those before
        middle = (low + high) // 2
        low, high = (low, middle) if depends(slice(0, middle + 1)) else (middle + 1, high)
    return low


def last_of(depends: Callable[[slice], bool], length: int) -> int:
    """Return the last line that something depends on."""
    return length - 1 - first(lambda lines: depends(slice(length - lines.stop, length)), length)


@settings(max_examples=40, deadline=None)
@given(rows())
def test_receptive_fields_are_what_spoiled_pixels_reach(stages: Stages) -> None:
    """A NaN under a window spoils its output, whatever the stage: no stage forgives it."""
    recipe, image = Recipe.from_dict({"stages": stages}), np.ones((64, 64))
    found = recipe.facts(image.shape)[-1]
    middle = found.shape[0] // 2, found.shape[1] // 2
    assert found.jump is not None
    for axis in (0, 1):

        def depends(lines: slice, ahead: int = 0, axis: int = axis) -> bool:
            spoiled = image.copy()
            spoiled.swapaxes(0, axis)[lines] = np.nan
            i, j = (middle[0] + ahead, middle[1]) if axis == 0 else (middle[0], middle[1] + ahead)
            return bool(np.isnan(recipe.run(spoiled)[-1][i, j]).any())

        top = first(depends, 64)
        assert last_of(depends, 64) - top + 1 == found.receptive_field[axis]
        assert first(partial(depends, ahead=1), 64) - top == found.jump[axis]


EDGES: Stages = [{"filter-bank": {"kernels": ["sobel-x", "sobel-y"]}}]
FILTER: Stages = [{"filter": {"kernel": "binomial", "dilation": 2}}]


@pytest.mark.parametrize(
    ("stages", "size"),
    [
        ([{"filter": {"kernel": ones(2, 3), "dilation": [3, 2]}}, {"max-pool": {"size": 2}}], (5, 6)),
        ([*EDGES, {"magnitude": {}}], (3, 3)),
        ([*EDGES, {"thin": {}}], (5, 5)),
        ([{"median": {"size": 3}}, {"median": {"size": [1, 3]}}], (3, 5)),
        ([{"average-pool": {"size": 2}}, {"residual": {"stages": FILTER}}], (10, 10)),
        ([{"branches": {"rows": [FILTER, [{"filter": {"kernel": ones(1, 9)}}]]}}], (5, 9)),
        ([{"dense-block": {"stages": FILTER}}, {"dense-block": {"stages": FILTER}}], (9, 9)),
        ([{"max-pool": {"size": 2}}, {"global-average": {}}], (16, 16)),
    ],
)
def test_receptive_fields_are_the_lines_that_change_a_value(stages: Stages, size: tuple[int, int]) -> None:
    recipe, random = Recipe.from_dict({"stages": stages}), np.random.default_rng(0)
    found = recipe.facts((16, 16))[-1]
    i, j = found.shape[0] // 2, found.shape[1] // 2
    reached = np.zeros((2, 16), bool)  # by axis, the lines across it
    for _ in range(12):
        image = random.random((16, 16)) * 100
        before = planes(recipe.run(image)[-1])[i, j]
        for axis, line in np.ndindex(2, 16):
            changed = image.copy()
            changed.swapaxes(0, axis)[line] += random.choice([-1, 1], 16) * 1000
            reached[axis, line] |= bool((planes(recipe.run(changed)[-1])[i, j] != before).any())
    lines = [np.flatnonzero(each) for each in reached]
    assert tuple(int(each[-1] - each[0] + 1) for each in lines) == found.receptive_field == size


@pytest.mark.parametrize("seed", range(60))
def test_random_rows_have_facts_for_every_stage(seed: int) -> None:
    rows = Rows(seed)
    shape = (rows.whole(1, 9), rows.whole(1, 9), rows.whole(1, 3))
    stages = rows.row(shape, rows.whole(1, 5))
    recipe = Recipe.from_dict({"stages": stages})
    found = recipe.facts(shape)
    assert [each.shape for each in found] == recipe.shapes(shape)
    assert found[-1].shape == last(np.ones(shape), stages).shape
    flat = list(found)
    for each in flat:
        flat += [inner for row in each.rows for inner in row]
        assert 1 <= each.receptive_field[0] <= shape[0]
        assert 1 <= each.receptive_field[1] <= shape[1]
        assert each.weights >= 0
    assert sorted(each.place for each in flat) == sorted(recipe.places)


def test_layers_have_torchs_shapes_and_numbers_of_weights() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an oracle only where it is installed")
    random = np.random.default_rng(3)
    for _ in range(40):
        groups, seen, made, kh, kw = (int(random.integers(1, 4)) for _ in range(5))
        where = {
            name: random.integers(low, 4, 2).tolist() for name, low in (("stride", 1), ("padding", 0), ("dilation", 1))
        }
        layer = torch.nn.Conv2d(groups * seen, groups * made, (kh, kw), groups=groups, **where)
        shape = (*(int(n) for n in random.integers(9, 20, 2)), groups * seen)
        kernels = [{**ones(kh, kw, seen), "offset": 1.0}] * (groups * made)
        (found,) = facts(shape, {"filter-bank": {"kernels": kernels, "groups": groups, **where}})
        output = layer(torch.zeros(1, shape[2], *shape[:2]))
        assert found.shape == (*output.shape[2:], output.shape[1])
        assert found.weights == sum(each.numel() for each in layer.parameters())
        connected = torch.nn.Linear(int(np.prod(shape)), int(np.prod(found.shape)), device="meta")
        assert found.fully_connected_weights == sum(each.numel() for each in connected.parameters())
