"""What can be done in the Network workspace, as named functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PyQt6.QtCore import QCoreApplication

from viewer.intents import Intent
from viewer.moment import Moment

if TYPE_CHECKING:
    from viewer.pages.network.page import NetworkPage


def _tr(text: str) -> str:
    return QCoreApplication.translate("NetworkPage", text)


def network_intents(page: Callable[[], NetworkPage]) -> list[Intent]:
    """The intents of the Network workspace, which is asked for only when one of them is called."""
    group = _tr("Network")

    def is_here(moment: Moment) -> bool:
        return moment.state.session.workspace == "network" and moment.state.session.network.side == "look"

    def is_moved(moment: Moment) -> bool:
        chosen = moment.state.document.network_input
        return is_here(moment) and chosen != chosen.unmoved

    return [
        Intent("lookIntoNetwork", _tr("Look: see what a network makes of a picture"), ("F3",), group,
               lambda: page().choose_side("look"), workspace="network", keywords=_tr("side predict")),
        Intent("trainNetwork", _tr("Train: see how a network learns"), ("F4",), group,
               lambda: page().choose_side("train"), workspace="network", keywords=_tr("side learn")),
        Intent("clearPad", _tr("Clear the pad and draw"), ("Alt+Shift+X",), group, lambda: page().look.input.clear(),
               is_here, button="clearPadButton", keywords=_tr("digit erase new")),
        Intent("randomDigit", _tr("Take a test digit by chance"), ("Alt+Shift+G",), group,
               lambda: page().look.input.random_digit(), is_here, button="randomDigitButton",
               keywords=_tr("MNIST random")),
        Intent("nextDigit", _tr("Take the next test digit"), ("Alt+Shift+Right",), group,
               lambda: page().look.input.step_digit(1), is_here, button="nextDigitButton", keywords=_tr("MNIST")),
        Intent("previousDigit", _tr("Take the previous test digit"), ("Alt+Shift+Left",), group,
               lambda: page().look.input.step_digit(-1), is_here, button="previousDigitButton", keywords=_tr("MNIST")),
        Intent("takePicture", _tr("Give the open picture to the networks"), ("Alt+Shift+I",), group,
               lambda: page().look.input.take_picture(), is_here, button="openPictureButton",
               keywords=_tr("photograph sample")),
        Intent("centreDigit", _tr("Centre the digit as MNIST's are, or take it as it stands"), ("Alt+Shift+E",),
               group, lambda: page().look.input.switch_centred(), is_here,
               checked=lambda moment: moment.state.document.network_input.centred, keywords=_tr("raw drawn")),
        Intent("movePictureBack", _tr("Undo all moves of the picture"), ("Alt+Shift+B",), group,
               lambda: page().look.input.move_back(), is_moved, button="moveBackButton",
               keywords=_tr("shift rotate noise reset")),
        Intent("networkScale", _tr("Paint all maps of a stage to one scale"), ("Alt+Shift+S",), group,
               lambda: page().look.stages.switch_scale(), is_here,
               checked=lambda moment: moment.state.session.network.common_scale),
        Intent("stageActivation", _tr("Show the stages after their activation"), ("Alt+Shift+U",), group,
               lambda: page().look.stages.switch_activation(), is_here,
               checked=lambda moment: moment.state.session.network.activated, keywords=_tr("ReLU before")),
    ]  # fmt: skip
