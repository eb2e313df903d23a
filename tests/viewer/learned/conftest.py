"""Two tiny networks in place of the shipped ones, and the learned filters' panel with its controller around them."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PyQt6.QtWidgets import QWidget

from kernels import resources
from kernels.cnn import datasets, weights
from kernels.cnn.architecture import Architecture
from kernels.cnn.datasets import Dataset
from kernels.cnn.layers import Convolution, Dense, Flatten, GlobalAveragePool, MaxPool, ReLU
from kernels.cnn.network import Network
from kernels.cnn.preprocessing import Preprocessing
from kernels.pictures.picture import Picture, from_array
from viewer.compute import Compute
from viewer.pages.learned.control import LearnedController
from viewer.pages.learned.dialogs import LearnedDialogs
from viewer.pages.learned.views import LearnedPanel
from viewer.settings import Settings
from viewer.state import LearnedView, PictureReference, Session, State
from viewer.store import Store

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


class Pane:
    """What the gradient's controller is told."""

    def __init__(self) -> None:
        self.title = self.label = self.facts = self.failure = self.timing = ""
        self.values = self.placement = self.display = None

    def show_response(self, title, display, values=None, placement=None, *, facts="", label=""):
        self.title, self.display, self.values, self.placement = title, display, values, placement
        self.facts, self.label, self.failure = facts, label, ""

    def show_response_failure(self, message):
        self.failure = message

    def show_response_facts(self, text):
        self.timing = text


class Dialogs(LearnedDialogs):
    """Answers as a test says."""

    weights = folder = ""

    def ask_weights(self, folder):
        return self.weights

    def ask_folder(self, folder, data):
        return self.folder


class Bench:
    """The panel, its controller, a store and a worker."""

    def __init__(self, qtbot, workspace="gradient") -> None:
        self.qtbot = qtbot
        self.store = Store(State(session=Session(workspace=workspace, learned=LearnedView())))
        self.compute = Compute()
        self.pane, self.dialogs, self.settings = Pane(), Dialogs(), Settings()
        self.panel = LearnedPanel()
        self.controller = LearnedController(
            self.panel, self.store, self.compute, self.pane, settings=self.settings, dialogs=self.dialogs
        )
        self.store.changed.connect(self.controller.update)
        self.controller.update(self.store.state, self.store.state)
        self.panel.resize(472, 700)

    def child(self, name: str):
        found = self.panel.findChild(QWidget, name)
        assert found is not None, name
        return found

    def idle(self) -> None:
        """Wait until every answer is shown."""
        seen = -1

        def quiet() -> bool:
            nonlocal seen
            before, seen = seen, self.compute.submissions
            return self.compute.is_idle and before == seen

        self.qtbot.waitUntil(quiet, timeout=10_000)
        self.qtbot.wait(20)
        if not self.compute.is_idle:
            self.idle()

    def picture(self, pixels: np.ndarray) -> tuple[PictureReference, Picture]:
        picture = from_array(pixels, kind="clipboard", name="test")
        return PictureReference(1, picture.origin, "test"), picture

    def open(self, pixels: np.ndarray) -> None:
        self.controller.show_picture(*self.picture(pixels))
        self.idle()

    def choose(self, name: str, data) -> None:
        box = self.child(name)
        box.setCurrentIndex(box.findData(data))
        self.idle()

    def go(self, workspace: str) -> None:
        self.store.view(lambda session: replace(session, workspace=workspace))
        self.idle()

    def open_in_editor(self, part: str = "all") -> None:
        actions = {action.data(): action for action in self.panel.card.open_menu.actions()}
        actions[part].trigger()
        self.idle()

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
def bench(qtbot):
    made = Bench(qtbot)
    qtbot.addWidget(made.panel)
    with qtbot.waitExposed(made.panel):
        made.panel.show()
    made.idle()
    yield made
    made.compute.shutdown()


@pytest.fixture
def hidden(qtbot):
    """The same while another workspace is in front."""
    made = Bench(qtbot, "filter")
    qtbot.addWidget(made.panel)
    yield made
    made.compute.shutdown()
