"""One step of a training taken apart, in words and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, isfinite, log10, prod
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QCoreApplication

from kernels.cnn.network import Network
from kernels.cnn.training.anatomy import LossApart, StepApart
from kernels.cnn.training.arithmetic import written
from kernels.cnn.training.differences import Difference
from kernels.cnn.training.gauges import places
from kernels.digits import adding_up, decimals, fixed, format_number, number_of, raised, written_product
from viewer.pages.network.train.step import StepStage, filter_picture
from viewer.pages.network.train.views.by_layer import size_text
from viewer.pages.network.train.views.chain import ChainStage
from viewer.pages.network.train.views.gradient_card import Gradient
from viewer.pages.network.train.views.loss_card import LossRow, PictureLoss
from viewer.pages.network.train.views.minibatch import Minibatch
from viewer.pages.network.train.views.one_weight import FilterPicture, OneWeight
from viewer.pages.network.train.views.step_apart import StepShown
from viewer.pages.network.train.views.update_card import Update, UpdateLine
from viewer.pages.network.views.unit import Term
from viewer.widgets.numbers import MINUS

MOST_CLASSES, FIGURES = 10, 4
LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
Array = NDArray[Any]
KINDS = ("convolution", "dense", "pool", "batch normalisation", "residual")


def _tr(text: str) -> str:
    return QCoreApplication.translate("TrainStep", text)


def place_names(titles: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Name layers, (place, title) each, in short and by their number: "Conv 1", "Pool 1", "Dense 1"."""
    words = (_tr("Conv"), _tr("Dense"), _tr("Pool"), _tr("Norm"), _tr("Block"))
    counts: dict[str, int] = {}
    names = {}
    for place, title in titles:
        word = next((word for kind, word in zip(KINDS, words, strict=True) if kind in title), title.capitalize())
        counts[word] = counts.get(word, 0) + 1
        names[place] = f"{word} {counts[word]}"
    return names


def weight_names(network: Network) -> dict[str, str]:
    """What the layers with weights are called, by the names of these arrays, in order."""
    nodes = list(places(network.layers))
    names = place_names([(place, node.layer.title) for place, node in nodes])
    trained = (place for place, node in nodes if not node.rows and "weights" in node.layer.trained)
    return {f"{place}.weights": names[place] for place in trained}


def update_shown(apart: StepApart) -> Update:
    """What the optimiser made of the gradient."""
    lines = written(apart.weight.update)
    shown = tuple(
        UpdateLine(
            f"{each.symbol} = {each.rule}".replace(" · (", "("),
            each.numbers.replace(" · (", "("),
            f"{each.relation} {raised(each.value)}",
            _number(number_of(each.value), 3),
        )
        for each in lines
    )
    return Update(shown, raised(lines[-1].value))


def _number(value: float, figures: int) -> str:
    """A number with so many figures, and a power of ten where it is very small or large."""
    return raised(format_number(value, figures))


def one_weight(apart: StepApart, arrays: dict[str, Array], names: dict[str, str], shape: tuple[int, ...]) -> OneWeight:
    """How the weight that is looked at learns.

    Parameters
    ----------
    apart : StepApart
    arrays : dict of str to array
        The weights of all layers that have some, by name, in order.
    names : dict of str to str
        What these layers are called, by the same names.
    shape : tuple of int
        Of what comes into the layer.
    """
    weight = apart.weight
    weights = arrays[weight.array]
    pixels, place = filter_picture(weights, weight.index, shape)
    name = weight_name(apart, names[weight.array])
    message, given, relation, product = map(raised, written_product(*largest_product(apart)[1], figures=3))
    return OneWeight(
        picture=FilterPicture(pixels, place, name),
        product=(message, given, relation, product),
        accumulated=_accumulated(apart),
        gradient=_number(weight.gradient, 3),
        update=update_shown(apart),
        layers=tuple(names.values()),
        layer=list(names).index(weight.array),
        output=weight.index[0],
        input=weight.index[1] if weights.ndim == 4 else 0,
        outputs=weights.shape[0],
        inputs=weights.shape[1] if weights.ndim == 4 else 1,
        has_filters=weights.ndim == 4,
    )


def weight_name(apart: StepApart, layer: str) -> str:
    """Which weight is looked at."""
    index = apart.weight.index
    if len(index) == 4:
        return _tr("{layer}, filter {f}, y {y}, x {x}").format(layer=layer, f=index[0], y=index[2], x=index[3])
    return _tr("{layer}, unit {u}, input {i}").format(layer=layer, u=index[0], i=index[1])


def largest_product(apart: StepApart) -> tuple[tuple[int, ...], tuple[float, float, float]]:
    """Where the picture that is looked at adds most, and message, input and product there."""
    weight = apart.weight
    at = np.unravel_index(int(np.abs(weight.products).argmax()), weight.products.shape)
    return tuple(map(int, at)), (float(weight.messages[at]), float(weight.inputs[at]), float(weight.products[at]))


def _accumulated(apart: StepApart) -> str:
    count, pictures = apart.weight.products.size, len(apart.weight.per_picture)
    if count == 1:
        return _tr("sum over {n} pictures:").format(n=f"{pictures:,}")
    return _tr("sum over {places} places in each of {n} pictures:").format(places=f"{count:,}", n=f"{pictures:,}")


def step_shown(
    apart: StepApart,
    stages: Sequence[StepStage],
    pictures: Sequence[Array],
    classes: Sequence[str],
    *,
    about: str,
    layers: Sequence[str],
    names: dict[str, str],
    difference: Difference | None = None,
) -> StepShown:
    """All of a step.

    Parameters
    ----------
    apart : StepApart
    stages : sequence of StepStage
        As `step_stages` gives them.
    pictures : sequence of uint8 arrays
        The pictures of the minibatch.
    classes : sequence of str
    about : str
        Which step of which run it is.
    layers : sequence of str
        Names of the arrays with weights, in order.
    names : dict of str to str
        What the layers are called, by these names.
    difference : Difference or None
        The gradient by central differences, where it is wanted.
    """
    loss, chosen = apart.loss, apart.picture
    labels = tuple(classes[each] for each in loss.labels)
    batch = Minibatch(tuple(pictures), labels, tuple(loss.losses.tolist()), chosen)
    return StepShown(
        about=about,
        minibatch=batch,
        stages=_chain(apart, stages, layers, pictures[chosen]),
        loss=picture_loss(loss, chosen, classes),
        gradient=_gradient(apart, difference),
        weight=weight_name(apart, names[apart.weight.array]),
        layer=list(layers).index(apart.weight.array),
        update=update_shown(apart),
    )


def _chain(
    apart: StepApart, stages: Sequence[StepStage], layers: Sequence[str], picture: Array
) -> tuple[ChainStage, ...]:
    """The picture and the stages behind it."""
    titles = place_names([(each.place, each.title) for each in apart.layers])
    height, width = apart.maps.shape[1:]
    shown = [ChainStage(_tr("Picture"), f"{height} × {width}", picture, None, "")]
    for stage, behind in zip(stages, (*stages[1:], None), strict=True):
        place = stage.layers[0].place
        own = [number for number, name in enumerate(layers) if name.split(".")[0] == place]
        here = layers.index(apart.weight.array)
        shown.append(
            ChainStage(
                titles[place],
                _size(stage.shape),
                stage.forward,
                stage.message,
                size_text(stage.layers[0].message_size),
                _factor(stage, behind),
                here if here in own else next(iter(own), None),
            )
        )
    return tuple(shown)


def _size(shape: tuple[int, ...]) -> str:
    return f"{shape[0]} @ {shape[1]} × {shape[2]}" if len(shape) == 3 else _tr("{n} units").format(n=shape[0])


def _factor(stage: StepStage, behind: StepStage | None) -> str:
    """What the message is multiplied with on its way out of the stage behind, and through this one's activation."""
    if behind is None:
        return ""
    title = behind.layers[0].title
    if "convolution" in title:
        factor = "∗ w"
    elif "dense" in title:
        factor = "× wᵀ"
    elif "average" in title:
        factor = f"÷ {prod(stage.shape) // prod(behind.shape)}"
    elif "residual" in title:
        factor = "1 + …"
    else:
        factor = _tr("to max") if "max" in title else "…"
    return f"{factor}\n· f′" if stage.is_activated else factor


def picture_loss(loss: LossApart, number: int, classes: Sequence[str]) -> PictureLoss:
    """The loss of one picture as a table and as log-sum-exp; of many classes the likeliest are listed."""
    outputs, true = loss.outputs[number].astype(float), int(loss.labels[number])
    messages, count = loss.messages[number], len(loss.labels)
    shares = np.exp(outputs - loss.log_sums[number])
    order = sorted(range(len(outputs)), key=lambda each: (each != true, -shares[each]))[:MOST_CLASSES]
    rows = tuple(
        LossRow(
            classes[each],
            fixed(float(outputs[each]), 2),
            _power(float(np.exp(outputs[each]))),
            fixed(float(shares[each]), 3),
            _power(float(messages[each])),
            is_true=each == true,
        )
        for each in sorted(order)
    )
    z = f"z{classes[true].translate(LOWERED)}" if classes[true].isdigit() else "z"
    total, own = float(loss.log_sums[number]), float(outputs[true])
    result = float(loss.losses[number])
    last = max(decimals([total, own], 4), decimals([result], 3))
    parts = adding_up(np.array([total, -own]), result, last)
    written_total, written_own = fixed(float(parts[0]), last), fixed(-float(parts[1]), last)
    bracketed = f"({written_own})" if written_own.startswith(MINUS) else written_own
    lines = (
        (Term("log Σ exp z = ", "muted"), Term(f"log {_power(float(np.exp(total)))} = {written_total}")),
        (Term(f"−({z} − log Σ exp z) = ", "muted"), Term(f"{written_total} − {bracketed} = "),
         Term(fixed(float(parts.sum()), last), "text", 0, 700)),
    )  # fmt: skip
    return PictureLoss(rows, lines, _tr("(p − y) / {n}").format(n=count) if count > 1 else "p − y")


def _power(value: float) -> str:
    """A number with three figures; a very large or small one with two and a power of ten."""
    return format_number(value, 3) if value == 0 or 1e-3 <= abs(value) < 1e4 else raised(f"{value:.1e}")


def _gradient(apart: StepApart, difference: Difference | None) -> Gradient:
    weight, chosen = apart.weight, apart.picture
    at, numbers = largest_product(apart)
    message, given, relation, product = map(raised, written_product(*numbers, figures=FIGURES))
    where = _tr(" at y {y}, x {x}").format(y=at[0], x=at[1]) if at else ""
    bracketed = f"({given})" if given.startswith(MINUS) else given
    terms = Term(f"{message} × {bracketed} {relation} "), Term(product, *_ink(numbers[2]))
    lines: list[tuple[str, tuple[Term, ...]]] = [(_tr("message × input") + where, terms)]
    own = float(weight.per_picture[chosen])
    if weight.products.size > 1:
        words = _tr("this place and {n} others of this picture").format(n=f"{weight.products.size - 1:,}")
        lines.append((words, _sum(numbers[2], own)))
    words = _tr("this picture and {n} others: the gradient").format(n=f"{len(weight.per_picture) - 1:,}")
    lines.append((words, _sum(own, weight.gradient)))
    if difference is not None:
        lines += _differences(difference, weight.gradient)
    return Gradient(tuple(lines), tuple(weight.per_picture.tolist()), chosen)


def _sum(part: float, total: float) -> tuple[Term, ...]:
    """A part, the rest and what they come to, so that it adds up as shown."""
    if not (isfinite(part) and isfinite(total)):
        return (Term(format_number(total)),)
    # Of very small numbers the power of ten stands behind them all.
    largest = max(abs(part), abs(total - part), abs(total))
    power = floor(log10(largest)) if 0 < largest < 1e-3 else 0
    scaled = np.array([part, total - part]) / 10.0**power
    last = decimals([*scaled, scaled.sum()], FIGURES)
    first, rest = (float(each) for each in adding_up(scaled, total / 10.0**power, last))
    added, come = (
        f"{fixed(first, last)} {MINUS if rest < 0 else '+'} {fixed(abs(rest), last)}",
        fixed(first + rest, last),
    )
    if power:
        unit = f" · {raised(f'1e{power}')}"
        added, come = f"({added}){unit}", f"{come}{unit}"
    return Term(f"{added} = "), Term(come, *_ink(total))


def _ink(value: float) -> tuple[str, float, int]:
    """Colour, size and weight of a result."""
    return ("negative_text" if value < 0 else "positive_text" if value > 0 else "text"), 0.0, 700


def _differences(found: Difference, gradient: float) -> list[tuple[str, tuple[Term, ...]]]:
    """The gradient by central differences, and how far it is from the training's own."""
    change = found.above - found.below
    line = (
        Term(f"{_number(change, FIGURES)} / {_number(2 * found.distance, FIGURES)} = "),
        Term(_number(found.gradient, FIGURES), *_ink(found.gradient)),
    )
    formula = _tr("differences, (L(w + h) − L(w − h)) / 2h")
    error = abs(found.gradient - gradient)
    return [(formula, line), (_tr("error"), (Term(_power(error) if error else "0", "text", 0, 600),))]
