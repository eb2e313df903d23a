"""Two tiny networks in place of the shipped ones, and the page that shows their filters."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from PyQt6.QtWidgets import QWidget

from kernels import resources
from kernels.cnn import datasets, weights
from kernels.cnn.architecture import Architecture
from kernels.cnn.datasets import Dataset
from kernels.cnn.layers import Convolution, Dense, Flatten, GlobalAveragePool, MaxPool, ReLU
from kernels.cnn.network import Network
from kernels.cnn.preprocessing import Preprocessing
from kernels.pictures.picture import from_array
from viewer.dialogs import Dialogs
from viewer.moment import Moment, Query
from viewer.pages.gradient.actions import gradient_intents
from viewer.pages.gradient.page import GradientPage
from viewer.pages.learned import queries
from viewer.pages.learned.queries import Response, shown_response
from viewer.session import Session
from viewer.settings import Settings
from viewer.state import State

DIGITS = ("upright", "level")


def colour_filters() -> np.ndarray:
    """Five filters (F, 5, 5, 3): a grey edge, a grey line, a green blob, a red to cyan edge, noise."""
    y, x = np.mgrid[-2:3, -2:3].astype(float)
    bell = np.exp(-(x**2 + y**2) / (2 * 1.2**2))
    grey, green, red = np.ones(3), np.array([-0.5, 1.0, -0.5]), np.array([1.0, -1.0, -1.0])
    noise = np.random.default_rng(5).normal(size=(5, 5, 3))
    made = [np.multiply.outer(x * bell, grey), np.multiply.outer((1 - x**2 / 1.44) * bell, grey),
            np.multiply.outer(bell, green), np.multiply.outer(y * bell, red), noise]  # fmt: skip
    return np.array(made, np.float32)


def colour_network() -> Network:
    """Two convolution layers on three channels; the first holds `colour_filters`."""
    layers = (Convolution(5, (5, 5), padding=(2, 2)), ReLU(), MaxPool(), Convolution(4, (3, 3)), GlobalAveragePool(),
              Flatten(), Dense(10))  # fmt: skip
    network = Network(
        Architecture("Tinted", (3, 12, 12), layers), Preprocessing((120.0,) * 3, (60.0,) * 3), tuple("abcdefghij")
    )
    network.convolutions[0].arrays["weights"][...] = colour_filters().transpose(0, 3, 1, 2)
    return network


def digit_network() -> Network:
    """Tells upright from level bars: filter 0 finds the first, filter 1 the others, and the larger mean wins."""
    layers = (Convolution(2, (3, 3)), ReLU(), GlobalAveragePool(), Flatten(), Dense(2))
    network = Network(Architecture("Bars", (1, 8, 8), layers), Preprocessing((0.0,), (255.0,)), DIGITS)
    across = np.array([[-1.0, 2.0, -1.0]] * 3)
    network.convolutions[0].arrays["weights"][...] = np.array([across, across.T])[:, np.newaxis]
    network.layers[-1].arrays["weights"][...] = np.eye(2)
    return network


def bars() -> Dataset:
    """Forty pictures of one bar each, half of them upright."""
    images = np.zeros((40, 8, 8), np.uint8)
    for number, image in enumerate(images):
        place = 2 + number % 4
        image[(slice(None), place) if number % 2 == 0 else (place, slice(None))] = 255
    return Dataset(images, (np.arange(40) % 2).astype(np.uint8), DIGITS, "MNIST")


@pytest.fixture
def make() -> SimpleNamespace:
    """Makers of the networks and of the test pictures."""
    return SimpleNamespace(colour=colour_network, digits=digit_network, bars=bars)


@pytest.fixture(autouse=True)
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder whose networks and test digits take the place of the shipped ones."""
    folder = tmp_path / "networks"
    folder.mkdir()
    weights.save(folder / "colournet.npz", colour_network(), data="CIFAR-10")
    weights.save(folder / "lenet5.npz", digit_network(), data="MNIST")
    original = resources.asset
    monkeypatch.setattr(
        resources, "asset", lambda *parts: folder / parts[1] if parts[0] == "networks" else original(*parts)
    )
    monkeypatch.setattr(datasets, "shipped_digits", bars)
    return folder


class Answers(Dialogs):
    """Answers as a test says."""

    weights = folder = ""

    def ask_open(self, title: str, folder: str, choices: str) -> str:
        return self.weights

    def ask_folder(self, title: str, folder: str) -> str:
        return self.folder


class Bench:
    """The Gradient workspace, of which only the learned filters work, on a worker that makes everything on the spot."""

    def __init__(self, qtbot: Any, make_flow: Any, workspace: str = "gradient") -> None:
        self.qtbot = qtbot
        self.flow = make_flow(State(session=Session(workspace=workspace)), self.queries)
        self.flow.compute = self
        self.store = self.flow.store
        self.dialogs, self.settings = Answers(), Settings()
        self.page = GradientPage(self.flow, self.settings, self.dialogs)
        self.view, self.panel = self.page.view, self.page.learned.view
        self.response_pane = self.view.panes.panes["response"]
        self.flow.join(self.page.paint, self.page.render)
        self.flow.flow()

    def queries(self, moment: Moment) -> list[Query[Any]]:
        return queries.queries(moment) if moment.state.session.workspace == "gradient" else []

    def child(self, name: str) -> Any:
        found = self.view.findChild(QWidget, name)
        assert found is not None, name
        return found

    def open(self, pixels: np.ndarray) -> None:
        self.flow.open(from_array(pixels, kind="clipboard", name="test"))

    def choose(self, name: str, data: Any) -> None:
        box = self.child(name)
        box.setCurrentIndex(box.findData(data))

    def call(self, name: str) -> None:
        """Call an intent of the page."""
        intent = next(each for each in gradient_intents(lambda: self.page) if each.name == name)
        assert intent.possible is None or intent.possible(self.moment)
        intent.run()

    def go(self, workspace: str) -> None:
        self.store.view(lambda session: replace(session, workspace=workspace))

    def open_in_editor(self, part: str = "all") -> None:
        actions = {action.data(): action for action in self.panel.card.open_menu.actions()}
        actions[part].trigger()

    @property
    def moment(self) -> Moment:
        return self.flow.moment

    @property
    def response(self) -> Response | None:
        """What stands in the response's pane, if it belongs to the picture and the layer."""
        return shown_response(self.moment)

    @property
    def tiles(self) -> list:
        return list(self.panel.tiles.tiles.tiles)

    @property
    def order(self) -> list[int]:
        return [tile.index for tile in self.tiles]

    @property
    def selected(self) -> int:
        return self.store.session.learned.selected

    def text(self, name: str) -> str:
        return self.child(name).text()


@pytest.fixture
def photo() -> np.ndarray:
    """A colour picture of 31 x 40 pixels with edges and noise."""
    random = np.random.default_rng(9)
    pixels = random.integers(0, 80, (31, 40, 3), dtype=np.uint8)
    pixels[:, 20:] += 100
    pixels[15:, :, 1] += 60
    return pixels


@pytest.fixture
def bench(qtbot, make_flow):
    made = Bench(qtbot, make_flow)
    qtbot.addWidget(made.view)
    made.view.resize(1366, 700)
    with qtbot.waitExposed(made.view):
        made.view.show()
    return made


@pytest.fixture
def hidden(qtbot, make_flow):
    """The same while another workspace is in front."""
    made = Bench(qtbot, make_flow, "filter")
    qtbot.addWidget(made.view)
    return made
