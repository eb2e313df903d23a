"""kernelscope apply --recipe: the same runner as apply KERNEL."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kernels import Kernel, correlate
from kernels.commands import cli

SOBEL = {"filter": {"kernel": "sobel-x", "padding": "same"}}
EDGES = {"filter-bank": {"kernels": ["sobel-x", "sobel-y"]}}


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    image = np.random.default_rng(0).integers(0, 256, (40, 50)).astype(np.uint8)
    np.save("picture.npy", image)
    np.save("colour.npy", np.stack([image, image[::-1], image[:, ::-1]], axis=2))


def write(*stages: Any) -> None:
    Path("r.json").write_text(json.dumps({"stages": list(stages)}), encoding="utf-8")


def apply(*words: str) -> None:
    assert cli.main(["apply", *words]) == 0


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert cli.main(["apply", *words]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    return said


def test_a_recipe_is_run() -> None:
    write(SOBEL, {"relu": {}}, {"max-pool": {"size": 2}})
    apply("--recipe", "r.json", "picture.npy", "-o", "out.npy", "--range", "raw")
    image = np.load("picture.npy")
    expected = np.maximum(correlate(image, Kernel.parse("-1 0 1; -2 0 2; -1 0 1")), 0)
    np.testing.assert_array_equal(np.load("out.npy"), expected.reshape(20, 2, 25, 2).max(axis=(1, 3)))


@pytest.mark.parametrize("image", ["picture.npy", "colour.npy"])
def test_one_stage_writes_what_the_kernel_writes(image: str) -> None:
    write(SOBEL)
    apply("--recipe", "r.json", image, "-o", "recipe.png")
    apply("sobel-x", image, "-o", "kernel.png")
    assert Path("recipe.png").read_bytes() == Path("kernel.png").read_bytes()


def test_words_may_stand_in_any_order() -> None:
    write(EDGES, {"magnitude": {}})
    for words in (
        ["picture.npy", "-o", "a.png", "--recipe", "r.json"],
        ["-o", "a.png", "--recipe", "r.json", "camera"],
    ):
        apply(*words, "--memory", "1.5 GB")
    apply("box", "-o", "b.png", "picture.npy")
    apply("-o", "b.png", "box", "--offset", "-3", "picture.npy")
    apply("-1 0 1", "picture.npy", "-o", "b.png", "--memory=500M")


def test_what_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    write(SOBEL, {"max-pool": {"size": 0}})
    assert "stages[1].max-pool.size" in refused(capsys, "--recipe", "r.json", "picture.npy", "-o", "o.png")
    write(SOBEL, {"max-pool": {"size": 99}})
    assert "stages[1].max-pool" in refused(capsys, "--recipe", "r.json", "picture.npy", "-o", "o.png")
    write(EDGES)
    assert "2 maps" in refused(capsys, "--recipe", "r.json", "picture.npy", "-o", "o.png")
    assert "--padding" in refused(capsys, "--recipe", "r.json", "picture.npy", "-o", "o.png", "--padding", "full")
    assert "KERNEL" in refused(capsys, "box", "--recipe", "r.json", "picture.npy", "-o", "o.png")
    assert "KERNEL" in refused(capsys, "picture.npy", "-o", "o.png")
    assert "none.json" in refused(capsys, "--recipe", "none.json", "picture.npy", "-o", "o.png")
    for text in ("{", "[1]", '{"stages": 1}', "[" * 100_000, '{"stages": [{"bias": {"values": 1e999}}]}'):
        Path("r.json").write_text(text, encoding="utf-8")
        assert "r.json is not a recipe" in refused(capsys, "--recipe", "r.json", "picture.npy", "-o", "o.png")
    for size in ("0", "-5", "much", "1e9", "", "5i"):
        assert "--memory" in refused(capsys, "box", "picture.npy", "-o", "o.png", "--memory", size)
    assert "allowed" in refused(capsys, "box", "picture.npy", "-o", "o.png", "--memory", "1k")
    assert "stages" not in refused(capsys, "box(size=63)", "picture.npy", "-o", "o.png", "--padding", "valid")
    assert not list(Path().glob("o.*"))
