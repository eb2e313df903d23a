"""How networks and refusals are written."""

from __future__ import annotations

from PyQt6.QtCore import QCoreApplication

from kernels.cnn.models import MODELS
from kernels.cnn.network import Network


def _tr(text: str) -> str:
    return QCoreApplication.translate("NetworkWords", text)


def network_title(name: str) -> str:
    """A shipped network, as it is called where it stands beside others."""
    return _tr("MLP") if name == "mlp" else MODELS[name].architecture.name


def kind_of(network: Network) -> str:
    """What sort of network it is."""
    if not network.convolutions:
        return _tr("dense")
    return _tr("for colours") if network.architecture.input[0] > 1 else _tr("convolutional")


def weights_text(network: Network) -> str:
    """How many weights it has."""
    return _tr("{n} weights").format(n=f"{network.architecture.weight_count():,}")


def with_article(name: str) -> str:
    """A class as one of its kind: "a 7", "an 8", "a cat"."""
    article = _tr("an") if name[0] in "8aeiou" else _tr("a")
    return f"{article} {name}"
