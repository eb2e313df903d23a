"""Networks of layers that hold rows, and of frozen filters, on the Look side: every number is told, and adds up."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kernels import cnn, resources
from kernels.cnn.building import new_network
from kernels.cnn.datasets import DIGITS, shipped_digits
from kernels.cnn.explanations import guided_backpropagation, saliency
from kernels.cnn.stages import forward_pass
from kernels.cnn.training.plan import LayersRow, NetworkChoice, Stack, TrainingPlan
from viewer.pages.learned.layer import EditedNetwork, LoadedNetwork
from viewer.pages.network.below_queries import chosen_filter
from viewer.pages.network.queries import PASSED, UNIT
from viewer.pages.network.stages import Passed
from viewer.pages.network.unit import read_unit
from viewer.pages.network.unit_words import unit_name, unit_pictures, unit_title
from viewer.pages.network.words import kind_of, stage_columns
from viewer.session import with_view

CHOICES: dict[str, NetworkChoice] = {
    "residual": Stack(3, residual=True, width=4),
    "row": LayersRow((
        {"filter": {"kernel": "gaussian(sigma=1.4)", "border": "reflect"}},
        {"filter-bank": {"kernels": ["sobel-x", "sobel-y"], "border": "wrap", "stride": 2}},
        {"branches": {"rows": [[], [{"relu": {}}, {"depthwise": {"kernels": ["laplacian-8"] * 2}}]]}},
        {"dense-block": {"stages": [{"pointwise": {"weights": np.ones((2, 4)).tolist()}}, {"batch-norm": {}}]}},
        {"magnitude": {}},
        {"bias": {"values": 1.0}},
        {"gaussian-pool": {"size": 3, "ceil": True}},
    )),
    "branches alone": LayersRow(({"branches": {"rows": [[], [{"sigmoid": {}}]]}},)),
}  # fmt: skip


def made(name: str) -> Passed:
    digits = shipped_digits()
    network = new_network(TrainingPlan(CHOICES[name], seed=4), digits.images[:200], DIGITS)
    loaded = LoadedNetwork(name, network, "MNIST", None)
    picture = digits.images[3]
    return Passed(
        name, EditedNetwork(loaded=loaded, edits=(), network=network), picture, forward_pass(network, picture)
    )


@pytest.mark.parametrize("name", CHOICES)
def test_every_map_of_every_stage_is_told(name: str) -> None:
    passed = made(name)
    columns = stage_columns(passed)
    assert len(columns) == len(passed.run.stages) + 1
    for number, stage in enumerate(passed.run.stages):
        for chosen in range(stage.shape[0]):
            unit = read_unit(passed, number, chosen, None, activated=True)
            held = unit.trace.trace
            shown = unit_pictures(passed, unit)
            assert all(unit_title(passed, unit))
            assert unit_name(passed, unit)
            assert shown.slices
            if held.weights is not None or held.parts:
                total = sum(each.total for each in unit.sum.slices) + unit.sum.rest + unit.sum.bias
                assert total == pytest.approx(unit.sum.total, abs=1e-9)
                assert unit.sum.total == pytest.approx(held.value, abs=0.6 * 10.0**-unit.sum.places)


def test_rows_that_come_together_are_named() -> None:
    passed = made("residual")
    unit = read_unit(passed, 1, 2, (4, 5), activated=False)
    shown = unit_pictures(passed, unit)
    assert unit_title(passed, unit)[0] == "Residual 1, map 2"
    assert [each.name for each in shown.slices] == ["Body", "Shortcut"]
    assert shown.slices_title == ("Two rows come together", "and are added")
    assert [term.text for term in shown.line if term.ink == "muted"] == ["Sum of the rows", "Body", "Shortcut", "="]
    row = made("row")
    stacked = [unit_pictures(row, read_unit(row, 2, at, (4, 5), activated=True)) for at in (1, 2)]
    assert [each.slices[0].name for each in stacked] == ["Branch 1", "Branch 2"]
    assert [each.line[0].text for each in stacked] == ["Branch 1, map 1", "Branch 2, map 0"]
    block = unit_pictures(row, read_unit(row, 3, 0, (4, 5), activated=True))
    assert block.slices[0].name == "Input"
    magnitude = unit_pictures(row, read_unit(row, 4, 0, (4, 5), activated=True))
    assert magnitude.slices_title == ("6 maps come in", "as the sides of a vector")
    held = read_unit(row, 4, 0, (4, 5), activated=True)
    assert np.hypot.reduce([each.total for each in held.sum.slices]) == pytest.approx(held.trace.trace.value, rel=1e-5)
    assert [kind_of(made(name).edited.network) for name in CHOICES] == ["convolutional"] * 3


@pytest.mark.parametrize("name", CHOICES)
def test_why_is_answered_for_them_too(name: str) -> None:
    passed = made(name)
    network = passed.edited.network
    for method in ("gradient", "grad-cam", "occlusion"):
        assert np.isfinite(saliency(network, passed.picture, 3, method=method)).all()
    assert guided_backpropagation(network, passed.picture).shape == (28, 28)


@pytest.fixture
def others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a network of rows read in the place of LeNet-5."""
    cnn.save(tmp_path / "lenet5.npz", made("row").edited.network, data="MNIST")
    original = resources.asset

    def asset(*parts: str) -> Path:
        return tmp_path / parts[1] if (tmp_path / parts[-1]).exists() else original(*parts)

    monkeypatch.setattr(resources, "asset", asset)


def test_the_page_shows_every_stage_of_such_a_network(others: None, bench: Any) -> None:
    digits = shipped_digits().images[3]
    bench.open(digits)
    for stage in range(8):
        bench.store.view(lambda session, stage=stage: with_view(session, "network", stage=stage, map=0, below="wants"))
        passed = bench.moment.value(PASSED)
        assert passed is not None
        assert passed.run.stages[2].name == "Branches 1"
        assert bench.moment.value(UNIT)[1].stage == min(stage, len(passed.run.stages) - 1)
        place = chosen_filter(bench.moment)
        assert (place is not None) == (stage == 1)
        assert bool(bench.view.middle.wants.message.text()) == (place is None)
