"""One step taken apart, in words: what is shown adds up as shown, and is the training's own."""

import math

import numpy as np
import pytest
from scipy.special import logsumexp

from kernels.cnn.training.anatomy import take_apart
from kernels.cnn.training.collections import read_collection
from kernels.cnn.training.differences import central_difference
from kernels.cnn.training.plan import NamedNetwork, Rate, TrainingPlan
from kernels.cnn.training.trainer import Trainer
from viewer import theme
from viewer.pages.network.train.step import filter_picture, mosaic, step_stages
from viewer.pages.network.train.step_words import one_weight, picture_loss, place_names, step_shown, weight_names
from viewer.pages.network.train.views.step_apart import StepApartView

WEIGHTS = [("0.weights", (2, 0, 4, 3)), ("9.weights", (3, 40)), ("3.weights", (1, 5, 0, 2))]


@pytest.fixture(scope="module")
def trainer():
    plan = TrainingPlan(network=NamedNetwork("lenet5"), optimiser="adam", rate=Rate(1e-3), first_decay=0.01, batch=8)
    made = Trainer(plan, read_collection("", (28, 28)))
    for _ in range(4):
        made.advance()
    return made


def number(text):
    return float(text.replace("−", "-"))


def shown_step(trainer, array, index, picture=3, difference=None):
    apart = take_apart(trainer, array, index, picture)
    names = weight_names(trainer.network)
    pictures = [np.zeros((28, 28), np.uint8)] * len(apart.indices)
    return apart, step_shown(apart, step_stages(apart), pictures, trainer.network.classes, about="step 5",
                             layers=list(names), names=names, difference=difference)  # fmt: skip


@pytest.mark.parametrize(("array", "index"), WEIGHTS)
def test_sums_add_up_as_they_are_shown(trainer, array, index):
    apart, shown = shown_step(trainer, array, index)
    for words, terms in shown.gradient.lines[1:]:
        left, result = terms[0].text.removesuffix(" = "), number(terms[1].text)
        first, sign, rest = left.rsplit(" ", 2)
        total = number(first) + number(rest) * (1 if sign == "+" else -1)
        assert total == pytest.approx(result, abs=1e-12), words
    assert number(shown.gradient.lines[-1][1][1].text) == pytest.approx(apart.weight.gradient, rel=1e-3, abs=1e-9)
    assert shown.gradient.shares == pytest.approx(tuple(apart.weight.per_picture))


@pytest.mark.parametrize("picture", range(8))
def test_the_loss_is_log_sum_exp_less_the_output(trainer, picture):
    apart, shown = shown_step(trainer, *WEIGHTS[0], picture)
    line = shown.loss.lines[1]
    total, own = line[1].text.removesuffix(" = ").split(" − ", 1)
    result = number(line[2].text)
    assert number(total) - number(own.strip("()")) == pytest.approx(result, abs=1e-12)
    outputs = apart.loss.outputs[picture].astype(float)
    expected = logsumexp(outputs) - outputs[apart.loss.labels[picture]]
    assert result == pytest.approx(expected, rel=2e-3, abs=1e-9)
    assert [row.is_true for row in shown.loss.rows].index(True) == apart.loss.labels[picture]


def test_of_many_classes_the_right_one_and_the_likeliest_are_listed(trainer):
    apart, _ = shown_step(trainer, *WEIGHTS[0])
    loss = apart.loss
    wide = np.zeros((8, 40), np.float32)
    wide[:, 20:26] = 3.0
    made = type(loss)(wide, np.zeros(8, np.uint8), logsumexp(wide, axis=1), logsumexp(wide, axis=1), wide / 8, 1.0)
    rows = picture_loss(made, 0, [f"class {n}" for n in range(40)]).rows
    assert len(rows) == 10
    assert rows[0].is_true
    assert {f"class {n}" for n in range(20, 26)} < {row.name for row in rows}


def test_central_differences_are_shown_with_their_error(trainer):
    found = central_difference(trainer, *WEIGHTS[0])
    _, shown = shown_step(trainer, *WEIGHTS[0], difference=found)
    (_, plain), (words, error) = shown.gradient.lines[-2:]
    assert number(plain[1].text) == pytest.approx(found.gradient, rel=1e-4)
    assert words == "error"
    assert error[0].text


def test_the_chain_goes_from_the_picture_to_the_outputs(trainer):
    _, shown = shown_step(trainer, "9.weights", (3, 40))
    names = ["Picture", "Conv 1", "Pool 1", "Conv 2", "Pool 2", "Conv 3", "Dense 1", "Dense 2"]
    assert [each.name for each in shown.stages] == names
    assert [each.layer for each in shown.stages] == [None, 0, None, 1, None, 2, 3, 4]
    assert shown.layer == 3
    back = ["÷ 4\n· f′", "∗ w", "÷ 4\n· f′", "∗ w", "× wᵀ\n· f′", "× wᵀ\n· f′", ""]
    assert [each.factor for each in shown.stages[1:]] == back


@pytest.mark.parametrize(("array", "index"), WEIGHTS)
def test_one_weight_is_the_trainings_own(trainer, array, index):
    apart = take_apart(trainer, array, index, 2)
    arrays, names = trainer.network.arrays(), weight_names(trainer.network)
    place = names[array]
    before = trainer.network.layers[int(array.split(".")[0])]
    shape = apart.layers[int(array.split(".")[0]) - 1].result.shape if array != "0.weights" else apart.maps.shape
    made = one_weight(apart, {name: arrays[name] for name in names}, names, shape)
    assert made.layers[made.layer] == place
    assert before.arrays["weights"].shape[0] == made.outputs
    assert number(made.update.result) == pytest.approx(apart.weight.update["w′"], rel=1e-3)
    message, given, _, product = made.product
    if "·" not in message + product and "e" not in message + product:
        assert number(message) * number(given) == pytest.approx(number(product), rel=6e-3, abs=1e-12)
    assert made.has_filters == (len(index) == 4)


def test_a_mosaic_shows_every_map_apart():
    maps = np.zeros((6, 4, 4), np.float32)
    maps[5] = 1.0
    painted = mosaic(maps)
    assert painted.shape[2] == 4
    assert (painted[..., 3] == 0).any()
    lit = (painted[..., 0] == 255) & (painted[..., 3] == 255)
    assert lit.sum() == 16
    assert mosaic(np.arange(-5.0, 5.0)).shape[2] == 4
    assert mosaic(np.zeros((300, 1, 1))).shape[0] == 16


@pytest.mark.parametrize(("count", "shape"), [(25, (1, 5, 5)), (50, (2, 5, 5)), (120, (120,)), (7, (7,)), (1, (1,))])
def test_every_weight_of_a_unit_stands_somewhere_of_its_own(count, shape):
    weights = np.linspace(-1, 1, 2 * count).reshape(2, count)
    for number_ in range(count):
        pixels, (y, x) = filter_picture(weights, (1, number_), shape)
        assert 0 <= y < pixels.shape[0]
        assert 0 <= x < pixels.shape[1]


def test_layers_are_numbered_by_what_they_do():
    titles = [("0", "convolution 5 x 5"), ("1", "ReLU"), ("2", "max pool"), ("3", "residual"),
              ("3.body.0", "convolution 3 x 3"), ("4", "dense")]  # fmt: skip
    assert list(place_names(titles).values()) == ["Conv 1", "Relu 1", "Pool 1", "Block 1", "Conv 2", "Dense 1"]


def test_the_whole_step_is_shown_and_closed(qtbot, trainer):
    view = StepApartView()
    qtbot.addWidget(view)
    view.show_step(None, "Play first.")
    assert view.message.text() == "Play first."
    _, shown = shown_step(trainer, *WEIGHTS[0])
    view.show_step(shown)
    view.resize(834, 668)
    with qtbot.waitExposed(view):
        view.show()
    assert view.chain.isVisible()
    assert not view.message.isVisible()
    assert math.isfinite(number(shown.update.result))
    with qtbot.waitSignal(view.differences_chosen):
        view.differences.click()
    with qtbot.waitSignal(view.closed):
        view.close_button.click()


def test_with_large_type_the_step_scrolls_rather_than_overlaps(qapp, qtbot, trainer):
    theme.apply(qapp, "light", large_type=True)
    view = StepApartView()
    qtbot.addWidget(view)
    view.show_step(shown_step(trainer, *WEIGHTS[0])[1])
    view.resize(600, 600)
    with qtbot.waitExposed(view):
        view.show()
    view.show_step(shown_step(trainer, *WEIGHTS[0])[1])
    qtbot.waitUntil(lambda: view.loss.height() >= view.loss.minimumSizeHint().height())
    corner = view.loss.mapTo(view, view.loss.rect().topLeft())
    bottom = view.chain.mapTo(view, view.chain.rect().bottomLeft())
    assert bottom.y() < corner.y()
