"""Recipes in files: read as they were written, and refused in one sentence that names the place."""

import json

import numpy as np
import pytest

from kernels.recipe import Recipe, files
from kernels.recipe.files import read_recipe, write_recipe
from kernels.recipe.rows import names, ready_made


@pytest.mark.parametrize("name", names())
def test_every_ready_made_row_comes_back(tmp_path, name):
    path, recipe = tmp_path / "row.json", ready_made(name, 3)
    write_recipe(path, recipe)
    assert read_recipe(path).to_dict() == recipe.to_dict()
    assert len(path.read_text().splitlines()) == len(recipe.to_dict()["stages"]) + 2


def test_numbers_come_back_exactly_and_names_as_they_are(tmp_path):
    weights = np.random.default_rng(1).normal(size=(2, 3)).tolist()
    kernel = {"weights": weights, "divisor": 3.1, "offset": -1e-300}
    recipe = Recipe.from_dict({"stages": [{"filter": {"kernel": kernel, "border": "wrap"}}, {"channel": "lab-a"}]})
    write_recipe(tmp_path / "µ.json", recipe)
    assert read_recipe(tmp_path / "µ.json").to_dict() == recipe.to_dict()
    assert json.loads((tmp_path / "µ.json").read_text()) == recipe.to_dict()


def test_no_stages_are_a_recipe(tmp_path):
    write_recipe(tmp_path / "none.json", Recipe.from_dict({"stages": []}))
    assert read_recipe(tmp_path / "none.json").to_dict() == {"stages": []}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"stages": [{"relu": {}}, {"max-pool": {"size": 0}}]}', r"stages\[1\]\.max-pool\.size"),
        ('{"stages": [{"rellu": {}}]}', r"relu"),
        ('{"stages": [', "not a recipe"),
        ("[" * 100_000, "not a recipe"),
        ("\x89PNG\r\n", "not a recipe"),
        ("", "not a recipe"),
    ],
)
def test_what_is_no_recipe_is_refused_in_one_sentence(tmp_path, content, said):
    path = tmp_path / "bad.json"
    path.write_text(content)
    with pytest.raises(ValueError, match=said) as raised:
        read_recipe(path)
    assert "bad.json" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_recipe_too_large_to_be_read_again_is_not_written(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "LARGEST", 100)
    with pytest.raises(ValueError, match="at most 100"):
        write_recipe(tmp_path / "large.json", ready_made("vgg-block"))
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "large.json").write_text(" " * 101)
    with pytest.raises(ValueError, match="larger than 100"):
        read_recipe(tmp_path / "large.json")
