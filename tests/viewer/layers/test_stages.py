"""The kinds of stages: each begins with options that run, and its fields lead from options to options."""

import copy
import json
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernels import Kernel, Recipe
from kernels.recipe.reading import NAMES
from kernels.resources import asset
from viewer.document import RowStage
from viewer.pages.layers import stages
from viewer.pages.layers.cards import Field
from viewer.pages.layers.row import written
from viewer.pages.layers.words import card_detail

GREY = np.random.default_rng(0).integers(0, 256, (40, 30)).astype(np.uint8)
PICTURES = {"grey": GREY, "RGB": np.random.default_rng(1).random((33, 47, 3)), "16-bit": GREY.astype(np.uint16) * 257}
WITH_FIELDS = set(NAMES) - {"relu", "sigmoid", "tanh", "magnitude", "thin", "global-average"}


def channels_of(pixels):
    return pixels.shape[2] if pixels.ndim == 3 else 1


def recipe(*row):
    return Recipe.from_dict({"stages": [{kind: options} for kind, options in row]})


def field(kind, options, name, channels=1) -> Field:
    return next(each for each in stages.fields(kind, options, channels) if each.name == name)


# -- what can be taken -------------------------------------------------------------------------------------------------


def test_every_stage_of_a_recipe_is_in_the_list_once_with_words_and_a_drawing():
    assert sorted(each.name for each in stages.entries()) == sorted(NAMES)
    titles = [each.title for each in stages.entries()]
    assert len(set(titles)) == len(titles)
    for entry in stages.entries():
        assert entry.summary.endswith(".")
        assert asset("icons", f"{entry.icon}.svg").is_file()
    groups = [each.group for each in stages.entries()]
    assert sum(one != other for one, other in pairwise(groups)) == len(set(groups)) - 1


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("pixels", PICTURES.values(), ids=PICTURES.keys())
def test_whatever_is_taken_runs_on_any_picture(name, pixels):
    row = stages.taken(name, channels_of(pixels))
    assert row[-1] == (name, stages.defaults(name, channels_of(pixels)))
    results = recipe(*row).run(pixels)
    assert all(np.isfinite(result).all() for result in results)
    assert results[-1].size


@pytest.mark.parametrize("channels", [2, 6, 16])
@pytest.mark.parametrize("name", sorted(set(NAMES) - {"preprocess", "channel"}))
def test_whatever_is_taken_runs_on_the_maps_of_a_layer(name, channels):
    maps = np.random.default_rng(2).standard_normal((20, 20, channels))
    recipe(*stages.taken(name, channels)).run(maps)


def test_only_thin_edges_bring_a_stage_along_and_only_where_gx_and_gy_are_missing():
    assert [kind for kind, _ in stages.taken("thin", 3)] == ["filter-bank", "thin"]
    assert {name for name in NAMES for channels in (1, 2, 3) if len(stages.taken(name, channels)) > 1} == {"thin"}
    assert stages.taken("thin", 2) == (("thin", {}),)


def test_defaults_are_the_callers_own():
    stages.defaults("filter-bank", 1)["kernels"].append("box")
    assert stages.defaults("filter-bank", 1)["kernels"] == ["sobel-x", "sobel-y"]


# -- fields ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_fields_have_words_and_say_what_the_recipe_says(name):
    for channels in (1, 3):
        options = stages.defaults(name, channels)
        fields = stages.fields(name, options, channels)
        assert bool(fields) == (name in WITH_FIELDS)
        assert len({each.name for each in fields}) == len(fields)
        for each in fields:
            assert each.title
            assert each.summary
            if each.kind in ("choice", "steps"):
                assert each.value in [data for data, _title, _tip in each.choices]
            if each.kind == "pair":
                assert all(each.minimum <= part <= each.maximum for part in each.value)


@pytest.mark.parametrize("name", sorted(WITH_FIELDS))
@pytest.mark.parametrize("pixels", PICTURES.values(), ids=PICTURES.keys())
def test_a_field_that_says_what_it_said_changes_no_number(name, pixels):
    channels = channels_of(pixels)
    row = stages.taken(name, channels)
    expected = recipe(*row).run(pixels)[-1]
    for each in stages.fields(name, row[-1][1], channels):
        options = stages.with_option(name, row[-1][1], each.name, each.value)
        np.testing.assert_array_equal(recipe((name, options)).run(pixels)[-1], expected)


@pytest.mark.parametrize("name", sorted(WITH_FIELDS))
def test_options_are_not_modified_and_every_choice_is_known_to_the_recipe(name):
    options = stages.defaults(name, 6)
    before = copy.deepcopy(options)
    for each in stages.fields(name, options, 6):
        for data, _title, _tip in each.choices:
            changed = stages.with_option(name, options, each.name, data)
            if each.name != "groups":
                recipe((name, changed))
            assert json.loads(json.dumps(changed)) == changed
    assert options == before


def test_a_kernel_is_typed_as_a_name_as_rows_or_as_json():
    options = stages.defaults("filter", 1)
    expected = {
        "sobel-x": "sobel-x",
        "gaussian(sigma=2)": "gaussian(sigma=2)",
        " 1 0 \u22121; 2 0 −2 / 4 ": "1 0 -1; 2 0 -2 / 4",
        '{"weights": [[1, 2]], "offset": 3}': {"weights": [[1, 2]], "offset": 3},
    }
    for typed, data in expected.items():
        changed = stages.with_option("filter", options, "kernel", typed)
        assert changed == {**options, "kernel": data}
        recipe(("filter", changed))


def test_kernels_are_shown_one_a_line():
    kernels = ["sobel-x", "1 0\n0 -1", {"weights": [[1, -0.5]], "divisor": 2}, {"weights": [[1]], "offset": 2}]
    shown = field("filter-bank", {"kernels": kernels}, "kernels").value
    assert shown.splitlines() == ["sobel-x", "1 0; 0 −1", "1 −0.5 / 2", '{"weights": [[1]], "offset": 2}']
    # A line that was not touched stays what it was.
    changed = stages.with_option("filter-bank", {"kernels": kernels}, "kernels", f"{shown}\n\nbox\n")
    assert changed["kernels"] == [*kernels, "box"]


@given(
    weights=st.lists(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=2), min_size=1, max_size=4),
    divisor=st.floats(0.001, 1000),
    channels=st.integers(0, 3),
)
def test_weights_are_shown_exactly(weights, divisor, channels):
    array = np.array(weights)
    if channels:
        array = np.repeat(array[:, :, np.newaxis], channels, axis=2)
    shown = field("filter", {"kernel": {"weights": array.tolist(), "divisor": divisor}}, "kernel").value
    read = stages.with_option("filter", {}, "kernel", shown)["kernel"]
    assert Kernel.parse(read) == Kernel(array, divisor=divisor)


def test_a_layer_too_large_to_be_read_is_not_written_out():
    kernels = [{"weights": np.ones((3, 3, 64)).tolist()}] * 64
    names = [each.name for each in stages.fields("filter-bank", {"kernels": kernels}, 64)]
    assert "kernels" not in names
    assert "groups" in names
    assert "kernel" not in [each.name for each in stages.fields("filter", {"kernel": {"weights": [[1] * 5001]}}, 1)]


def test_a_layer_of_a_network_and_back():
    options = stages.with_option("filter-bank", stages.defaults("filter-bank", 1), "network", "lenet5")
    assert options == {"network": "lenet5", "layer": 0}
    assert recipe(("filter-bank", options)).shapes((32, 32)) == [(28, 28, 6)]
    assert [each.name for each in stages.fields("filter-bank", options, 1)] == ["network", "layer"]
    assert [each[:2] for each in field("filter-bank", options, "layer").choices] == [
        (0, "1: 6 of 5 × 5 × 1"),
        (1, "2: 16 of 5 × 5 × 6"),
        (2, "3: 120 of 5 × 5 × 16"),
    ]
    options = stages.with_option("filter-bank", options, "layer", 1)
    assert options == {"network": "lenet5", "layer": 1}
    assert stages.with_option("filter-bank", options, "network", "") == stages.defaults("filter-bank", 1)
    other = {"network": "/somewhere/mine.npz", "layer": 0}
    assert field("filter-bank", other, "layer").kind == "whole"
    assert field("filter-bank", other, "network").choices[-1][:2] == ("/somewhere/mine.npz", "mine.npz")


def test_padding_in_pixels_and_a_border_only_where_there_is_one():
    options = stages.defaults("filter", 1)
    pixels = stages.with_option("filter", options, "padding", "pixels")
    assert pixels["padding"] == 1
    assert field("filter", pixels, "padding").value == "pixels"
    assert field("filter", pixels, "padding_pixels").value == (1, 1)
    assert stages.with_option("filter", pixels, "padding_pixels", (2, 0))["padding"] == [2, 0]
    assert stages.with_option("filter", pixels, "padding_pixels", (3, 3))["padding"] == 3
    for changes, shown in (
        ({"padding": "valid"}, set()),
        ({"border": "wrap"}, {"border"}),
        ({"border": "constant"}, {"border", "border_value"}),
    ):
        names = {each.name for each in stages.fields("filter", {**options, **changes}, 1)}
        assert names & {"border", "border_value"} == shown


@pytest.mark.parametrize(("channels", "steps"), [(1, [1]), (3, [1, 3]), (6, [1, 2, 3, 6]), (7, [1, 7])])
def test_groups_go_from_standard_to_depthwise_over_the_divisors(channels, steps):
    groups = field("filter-bank", stages.defaults("filter-bank", channels), "groups", channels)
    assert [data for data, _title, _tip in groups.choices] == steps
    assert groups.choices[0][1] == "standard" if channels > 1 else groups.summary.startswith("One map")
    if channels > 1:
        assert groups.choices[-1][1] == "depthwise"
    # One that does not divide them is shown too: the recipe says what is wrong with it.
    assert 4 in [data for data, *_ in field("filter-bank", {"groups": 4}, "groups", channels).choices]


def test_a_pools_stride_is_its_size_until_it_is_chosen():
    options = stages.with_option("max-pool", {"size": 2}, "size", (3, 5))
    assert options == {"size": [3, 5]}
    assert field("max-pool", options, "stride").value == (3, 5)
    assert stages.with_option("max-pool", options, "stride", (1, 1)) == {"size": [3, 5], "stride": 1}
    assert stages.with_option("max-pool", options, "padding", (1, 2))["padding"] == [1, 2]
    assert stages.with_option("max-pool", options, "ceil", True)["ceil"] is True


@pytest.mark.parametrize(
    ("typed", "value"),
    [("", None), ("3", 3), ("−0.5", -0.5), ("1/4", 0.25), ("1, 2;3", [1, 2, 3]), ("[1 2]", [1, 2]), ("half", "half")],
)
def test_numbers_are_typed_as_one_or_several(typed, value):
    options = stages.with_option("batch-norm", {"mean": 7}, "mean", typed)
    assert options == ({} if value is None else {"mean": value})


def test_fractions_that_say_a_number_exactly_are_shown_as_such():
    weights = [[1 / 3, -2 / 3, 0.25], [1e-5, 0.1234567891, 2.0]]
    shown = field("pointwise", {"weights": weights}, "weights").value
    assert shown.splitlines() == ["1/3 −2/3 0.25", "1e−05 0.1234567891 2"]
    assert stages.with_option("pointwise", {}, "weights", shown) == {"weights": weights}


@given(st.lists(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1), min_size=1))
def test_matrices_are_shown_exactly(rows):
    shown = field("pointwise", {"weights": rows}, "weights").value
    assert stages.with_option("pointwise", {}, "weights", shown)["weights"] == rows


@pytest.mark.parametrize(
    ("kind", "name", "typed", "place"),
    [
        ("filter", "kernel", "sobol-x", r"stages\[0\].filter.kernel: "),
        ("filter", "kernel", '{"weights": [[1]', r"stages\[0\].filter.kernel"),
        ("filter-bank", "kernels", "sobel-x\n1 2; 3", r"stages\[0\].filter-bank.kernels\[1\]"),
        ("filter-bank", "kernels", "", r"stages\[0\].filter-bank.kernels is empty"),
        ("pointwise", "weights", "1 2\nx", r"stages\[0\].pointwise.weights"),
        ("bias", "values", "", r"stages\[0\].bias.values is missing"),
        ("bias", "values", "1 x", r"stages\[0\].bias.values"),
        ("batch-norm", "variance", "1 \u22122", r"stages\[0\].batch-norm.variance"),
        ("gaussian-pool", "sigma", "0", r"stages\[0\].gaussian-pool.sigma"),
        ("branches", "rows", '[{"relu": {}}]\n[{"relu": {}', r"stages\[0\].branches.rows\[1\]"),
        ("residual", "stages", '{"relu": {}}\n{"relo": {}}', r"stages\[0\].residual.stages\[1\]"),
        ("residual", "shortcut", "[" * 100_000, r"stages\[0\].residual.shortcut\[0\]"),
        ("dense-block", "stages", '{"max-pool": {"size": 0}}', r"stages\[0\].dense-block.stages\[0\].max-pool.size"),
    ],
)
def test_what_cannot_be_read_is_named_by_the_recipe_and_still_shown(kind, name, typed, place):
    options = stages.with_option(kind, stages.defaults(kind, 1), name, typed)
    with pytest.raises(ValueError, match=place):
        recipe((kind, options))
    assert field(kind, options, name).value == typed


def test_inner_rows_are_json_one_a_line():
    rows = stages.defaults("branches", 1)["rows"]
    lines = field("branches", {"rows": rows}, "rows").value.splitlines()
    assert [json.loads(line) for line in lines] == rows
    line = '{"relu": {}}'
    assert stages.with_option("residual", {"stages": []}, "shortcut", line) == {
        "stages": [],
        "shortcut": [{"relu": {}}],
    }
    assert stages.with_option("residual", {"stages": [], "shortcut": [{"relu": {}}]}, "shortcut", " ") == {"stages": []}


def test_what_is_hard_to_read_as_text_is_said_in_lines():
    kernels = [{"weights": np.ones((3, 5, 2)).tolist()}] * 40
    found = field("filter-bank", {"kernels": kernels}, "kernels")
    assert found.readable == ("40 kernels of 5 × 3 × 2", "the first 32:")
    assert [each.shape for each in found.pictures] == [(3, 5, 3)] * 32
    assert field("filter-bank", stages.defaults("filter-bank", 1), "kernels").readable == ()
    bank = {"filter-bank": {"kernels": kernels[:1]}}
    rows = [[{"pointwise": {"weights": [[1.0], [2.0]]}}, bank], [], [{"max-pool": {"size": 3}}, {"relu": {}}]]
    assert field("branches", {"rows": rows}, "rows").readable == (
        "1 × 1, 2 maps · 5 × 3, 1 map",
        "the input as it is",
        "Max pool 3 × 3 · ReLU",
    )
    filters = [{"filter": {"kernel": "sobel-x"}}, {"filter": {"kernel": "1 2; 3 4"}}, {"sharp": {}}, "relu"]
    assert field("residual", {"stages": filters}, "stages").readable == ("sobel-x", "Filter 2 × 2", "sharp", "relu")
    weights = np.full((3, 40), 0.5).tolist()
    assert stages.fields("pointwise", {"weights": weights}, 40)[0].readable == ("3 maps, each of 40 weights",)


@pytest.mark.parametrize(
    ("kind", "options", "detail"),
    [
        ("filter-bank", {"network": "lenet5", "layer": 0}, "LeNet-5, layer 1 · 5 × 5"),
        ("filter-bank", {"kernels": ["sobel-x", "1 2 3"]}, "3 × 3, 3 × 1"),
        ("filter-bank", {"network": "/gone/mine.npz", "layer": 1}, "mine.npz, layer 2"),
        ("depthwise", {"kernels": ["sobel-x", "sobel-y"]}, "3 × 3"),
        ("preprocess", {"network": "lenet5"}, "LeNet-5"),
        ("filter", {"kernel": "gaussian(sigma=2)"}, "gaussian"),
        ("filter", {"kernel": "1 2; 3 4"}, "2 × 2"),
        ("max-pool", {"size": [2, 3]}, "3 × 2"),
        ("relu", {}, ""),
    ],
)
def test_a_card_says_what_its_stage_is_made_with(kind, options, detail):
    assert card_detail(RowStage(1, kind, written(options))) == detail
