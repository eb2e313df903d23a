"""One step taken apart, in words and numbers."""

from __future__ import annotations

import numpy as np
from PyQt6.QtCore import QCoreApplication

from kernels.cnn.training.anatomy import Difference, LayerApart
from kernels.digits import fixed
from viewer.pages.network.train.step import Apart, Painted
from viewer.pages.network.train.views.chain import ChainStage
from viewer.pages.network.train.views.gradient_card import Gradient
from viewer.pages.network.train.views.loss_card import LossRow, PictureLoss
from viewer.pages.network.train.views.minibatch import Minibatch
from viewer.pages.network.train.views.step_apart import StepShown
from viewer.pages.network.train.views.update_card import Update
from viewer.pages.network.train.weight_words import coloured, number, update, weight_name
from viewer.pages.network.train.words import checkpoint_title, layer_titles
from viewer.pages.network.views.unit import Term
from viewer.pages.network.words import shape_text
from viewer.widgets.numbers import MINUS

MOST_CLASSES = 10


def _tr(text: str) -> str:
    return QCoreApplication.translate("TrainStep", text)


def step_shown(apart: Apart) -> StepShown:
    """All of it."""
    step = apart.step
    about = _tr("the step behind {checkpoint}, a minibatch of {n} pictures, rate {rate}").format(
        checkpoint=checkpoint_title(apart.checkpoint), n=f"{len(step.indices):,}", rate=number(step.rate)
    )
    labels = tuple(apart.classes[each] for each in step.loss.labels[: len(apart.pictures)])
    losses = tuple(step.loss.losses[: len(apart.pictures)].tolist())
    return StepShown(
        about,
        Minibatch(apart.pictures, labels, losses, step.picture),
        _stages(apart),
        _loss(apart),
        _gradient(apart),
        weight_name(apart.weight),
        apart.weight.layer,
        _update(apart),
    )


# -- forward and back --------------------------------------------------------------------------------------------------


def _stages(apart: Apart) -> tuple[ChainStage, ...]:
    arrays = list(apart.gradients)
    behind = [*(_factor(each.layer, arrays) for each in apart.painted[1:]), _tr("p − y")]
    return tuple(_stage(apart, each, factor, arrays) for each, factor in zip(apart.painted, behind, strict=True))


def _factor(layer: LayerApart, arrays: list[str]) -> str:
    """What a message is multiplied with on its way back through the layer."""
    if f"{layer.place}.weights" in arrays:
        return "× Wᵀ"
    return "× f′" if layer.title.split()[0] in ("ReLU", "Leaky", "Sigmoid", "tanh", "Tanh") else ""


def _stage(apart: Apart, painted: Painted, factor: str, arrays: list[str]) -> ChainStage:
    layer, array = painted.layer, f"{painted.layer.place}.weights"
    shape = layer.result.shape
    size = str(shape[0]) if len(shape) == 1 else f"{shape[0]} @ {shape_text(shape[1:])}"
    largest = "" if layer.message is None else number(float(np.abs(layer.message).max()))
    titles = layer_titles(apart.weight.layers)
    return ChainStage(
        titles[arrays.index(array)] if array in arrays else layer.title,
        size,
        painted.forward,
        painted.message,
        largest,
        factor,
        number(apart.gradients[array]) if array in apart.gradients else "",
        arrays.index(array) if array in arrays else None,
    )


# -- the loss ----------------------------------------------------------------------------------------------------------


def _loss(apart: Apart) -> PictureLoss:
    loss, at = apart.step.loss, apart.step.picture
    outputs, label, log_sum = loss.outputs[at].astype(np.float64), int(loss.labels[at]), float(loss.log_sums[at])
    probabilities = np.exp(outputs - log_sum)
    likeliest = sorted(range(len(outputs)), key=lambda each: (each != label, -probabilities[each]))[:MOST_CLASSES]
    rows = tuple(
        LossRow(
            apart.classes[each],
            fixed(float(outputs[each]), 2),
            number(float(np.exp(outputs[each])), 2),
            fixed(float(probabilities[each]), 3),
            fixed(float(probabilities[each]) - (each == label), 3),
            is_true=each == label,
        )
        for each in sorted(likeliest)
    )
    own = float(outputs[label])
    lines = (
        (Term(_tr("log Σ exp z = "), "muted"), Term(number(log_sum), weight=600)),
        (Term(_tr("loss = {minus}(z_y {minus} log Σ exp z) = ").format(minus=MINUS), "muted"),
         Term(f"{MINUS}({number(own)} {MINUS} {number(log_sum)}) = "), Term(number(log_sum - own), weight=700)),
    )  # fmt: skip
    return PictureLoss(rows, lines)


# -- one weight --------------------------------------------------------------------------------------------------------


def _gradient(apart: Apart) -> Gradient:
    weight, at = apart.step.weight, apart.step.picture
    lines = []
    if weight.terms:
        term = weight.terms[0]
        lines.append((
            _tr("message × input, where that is largest"),
            (Term(f"{number(term.message)} × {number(term.input)} = "), coloured(term.product)),
        ))  # fmt: skip
    lines.append((
        _tr("sum over {n} places of this picture").format(n=f"{weight.products.size:,}"),
        (coloured(float(weight.per_picture[at])),),
    ))  # fmt: skip
    lines.append((
        _tr("sum over {n} pictures: the gradient").format(n=f"{len(weight.per_picture):,}"),
        (coloured(weight.gradient),),
    ))  # fmt: skip
    return Gradient(tuple(lines), tuple(weight.per_picture.tolist()), at)


def _update(apart: Apart) -> Update:
    made = update(apart.step.weight.update)
    if apart.difference is None:
        return made
    return Update((_difference_line(apart.difference, apart.step.weight.gradient), *made.lines), made.result)


def _difference_line(found: Difference, gradient: float) -> tuple[str, tuple[Term, ...]]:
    formula = _tr("central differences: (loss(w + h) {minus} loss(w {minus} h)) / 2h, and the error").format(
        minus=MINUS
    )
    return formula, (
        coloured(found.gradient),
        Term(_tr(", error {n}").format(n=number(abs(found.gradient - gradient))), "muted"),
    )
