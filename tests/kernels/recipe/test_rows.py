"""The ready-made rows: they run on grey and colour, their shapes are the literature's, their weights stay the same."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from kernels import Recipe, cnn, gradient
from kernels.gradients.edges import ridges
from kernels.pictures import synthetic
from kernels.recipe.rows import ROWS, names, ready_made

Array = npt.NDArray[Any]

NAMES = names()


def scene(shape: tuple[int, ...]) -> Array:
    """A smooth picture with edges and a little noise."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    waves = 90 + 60 * np.sin(x * 0.05 + y * 0.02) + 50 * ((x // 40 + y // 50) % 2)
    colours = np.stack([waves, waves[::-1], waves[:, ::-1]], axis=2) if len(shape) == 3 else waves
    return np.clip(colours + np.random.default_rng(0).normal(0, 3, shape), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("name", NAMES)
def test_every_row_runs_and_gives_something(name: str, channels: int) -> None:
    image = scene((96, 128) if channels == 1 else (96, 128, 3))
    recipe = ready_made(name, channels)
    kept = recipe.run(image)
    assert [each.shape for each in kept] == [each.shape for each in recipe.facts(image.shape)]
    for stage, maps in enumerate(kept):
        assert np.isfinite(maps).all()
        flat = maps.reshape(-1, maps.shape[2] if maps.ndim == 3 else 1)
        alive = (np.ptp(flat, axis=0) > 0) if len(flat) > 1 else flat[0] != 0
        assert alive.mean() > 0.7, f"most maps of {name}, stage {stage}, show nothing"


@pytest.mark.parametrize("name", NAMES)
def test_every_row_fits_the_usual_pictures(name: str) -> None:
    for shape in ((512, 512), (512, 512, 3)):
        recipe = ready_made(name, 1 if len(shape) == 2 else 3)
        assert len(recipe.shapes(shape)) == len(recipe.to_dict()["stages"])
        assert sum(each.bytes for each in recipe.facts(shape)) < 2e8


def shapes(name: str, shape: tuple[int, ...] = (224, 224, 3)) -> list[tuple[int, ...]]:
    return ready_made(name, shape[2] if len(shape) == 3 else 1).shapes(shape)


def test_lenet5_is_the_shipped_network_up_to_its_dense_layers() -> None:
    found = [(28, 28, 6), (28, 28, 6), (14, 14, 6), (10, 10, 16), (10, 10, 16), (5, 5, 16), (1, 1, 120), (1, 1, 120)]
    assert shapes("lenet5-front", (32, 32))[1:] == found
    digit = scene((28, 28))
    network = cnn.load("lenet5")
    kept = network.activations(network.preprocessing.batch(digit[np.newaxis]))
    padded = np.pad(digit, 2)
    ours = ready_made("lenet5-front").run(padded, white=255.0)
    for stage, layer in zip(ours[1:], kept, strict=False):
        np.testing.assert_allclose(stage, layer[0].transpose(1, 2, 0), rtol=1e-3, atol=1e-4)
    assert kept[-1].shape == (1, 10)
    assert sum(each.weights for each in ready_made("lenet5-front").facts((32, 32))) == 156 + 2416 + 48120


def test_the_blocks_have_the_proportions_of_their_papers() -> None:
    *_, deep, active, pooled = shapes("vgg-block")
    assert (deep, active, pooled) == ((224, 224, 64 // 8),) * 2 + ((112, 112, 64 // 8),)
    for name, maps in (("inception-naive", 64 + 128 + 32 + 192), ("inception-reduced", 64 + 128 + 32 + 32)):
        stem, _, module = shapes(name, (28, 28, 3))
        assert (stem[2], module) == (192 // 8, (28, 28, maps // 8))
    for name in ("residual-v1", "residual-v2"):
        assert set(shapes(name, (56, 56, 3))) == {(56, 56, 64 // 8)}
    assert [each[2] for each in shapes("dense-block")[1:]] == [8, 12, 16, 20, 24]
    mobile = shapes("depthwise-separable")
    assert [mobile[at] for at in (0, 2, 5)] == [(112, 112, 32 // 4), (112, 112, 32 // 4), (112, 112, 64 // 4)]
    network = shapes("network-in-network", (32, 32, 3))
    assert [network[at] for at in (0, 2, 4, 6)] == [(32, 32, 24), (32, 32, 20), (32, 32, 12), (16, 16, 12)]
    assert network[-1] == (1, 1, 10)


def test_1x1_layers_first_save_work_and_maps() -> None:
    naive, reduced = (ready_made(name, 3).facts((28, 28, 3))[-1] for name in ("inception-naive", "inception-reduced"))
    assert reduced.multiplications < 0.45 * naive.multiplications
    assert reduced.weights < 0.45 * naive.weights
    assert naive.receptive_field == reduced.receptive_field == (7, 7)


def test_depthwise_separable_saves_what_the_paper_says() -> None:
    """The share of a layer's work that is left is 1/F + 1/k²."""
    found = ready_made("depthwise-separable", 3).facts((224, 224, 3))
    separable = found[2].multiplications + found[5].multiplications
    assert separable / (112 * 112 * 8 * 16 * 9) == pytest.approx(1 / 16 + 1 / 9)


def test_the_edge_detector_is_the_gradient_of_the_smoothed_luma() -> None:
    image = synthetic.disc(64, 20.0)
    magnitude = ready_made("edge-detector").run(image)[-1]
    expected = gradient(image, "sobel", sigma=1.4)
    np.testing.assert_allclose(magnitude, expected.magnitude, rtol=1e-3, atol=0.05)
    colour = np.stack([image, image, image], axis=2)
    np.testing.assert_allclose(ready_made("edge-detector", 3).run(colour)[-1], magnitude, rtol=1e-3, atol=0.05)
    thin = ready_made("canny-first-half").run(image)[-1]
    crests = ridges(magnitude, expected.gx, expected.gy)
    assert ((thin > 1) == (crests & (magnitude > 1))).mean() > 0.995
    assert 0.02 < (thin > 50).mean() < 0.06


def test_residual_blocks_add_to_what_they_were_given() -> None:
    image = scene((40, 40))
    for name, at in (("residual-v1", 2), ("residual-v2", 2)):
        kept = ready_made(name).run(image)
        inner = Recipe.from_dict({"stages": ready_made(name).to_dict()["stages"][at]["residual"]["stages"]})
        np.testing.assert_allclose(kept[at] - kept[at - 1], inner.run(kept[at - 1])[-1], atol=1e-4)


def test_weights_are_the_same_every_time() -> None:
    for row in ROWS:
        for channels in (1, 3):
            assert ready_made(row.name, channels) == ready_made(row.name, channels)
            data = {"stages": row.stages(channels)}
            assert Recipe.from_dict(json.loads(json.dumps(data))) == ready_made(row.name, channels)
    second = ready_made("vgg-block").to_dict()["stages"][2]["filter-bank"]["kernels"]
    assert second[0]["weights"][0][0][:4] == [0.0576, 0.1369, 0.0551, -0.2172]


def test_what_stands_beside_a_name() -> None:
    assert len(set(NAMES)) == len(ROWS) == 11
    for row in ROWS:
        assert row.title
        assert row.summary.endswith(".")
        assert any(year.strip().isdigit() and 1960 < int(year) < 2020 for year in row.reference.split(","))


def test_what_is_refused() -> None:
    with pytest.raises(ValueError, match="vgg-block"):
        ready_made("vgg-blok")
    for channels in (0, 2, 4):
        with pytest.raises(ValueError, match="channels is"):
            ready_made("vgg-block", channels)
