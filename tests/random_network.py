"""Random actions in the Network workspace, and what it must tell of the networks.

What networks get is put together here once more from the document; what they say to it is `Network.predict`'s.
"""

from __future__ import annotations

import random
from typing import Any

import numpy as np
from msgspec.structs import replace
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtTest import QTest

from kernels import cnn
from kernels.cnn import datasets, digits
from kernels.cnn.stages import forward_pass
from tests.random_checks import Checks, Difference, same
from viewer.page_views import TRAINED
from viewer.pages.network.queries import UNIT
from viewer.shelf import open_result

NETWORKS = ("lenet5", "mlp", "colournet")
MOVES = {"moveRight": (-8, 8), "moveDown": (-8, 8), "turnDigit": (-45, 45), "scaleDigit": (0.5, 1.5)}
PAD_KEYS = ("Left", "Right", "Up", "Down", "Space", "Space", "Delete", "Escape")
BUTTONS = (
    "clearPadButton", "undoStrokeButton", "randomDigitButton", "nextDigitButton", "previousDigitButton",
    "openPictureButton", "moveBackButton",
)  # fmt: skip


class NetworkActions(Checks):
    """What a hand does in the Network workspace; each enters it first."""

    random: random.Random

    def trained_network(self) -> Any:
        """The network that a training shows."""
        raise NotImplementedError

    def network_kinds(self) -> dict[Any, int]:
        """The actions, and how often each is taken."""
        return {
            self.stroke: 8, self.pad_keys: 4, self.network_button: 6, self.centre: 3, self.move: 6, self.network: 3,
            self.network_map: 6, self.network_look: 4, self.leave_network: 3,
        }  # fmt: skip

    @property
    def on_network(self) -> bool:
        """Whether the workspace is in front."""
        return bool(self.window.store.session.workspace == "network")

    def _enter_network(self) -> None:
        if not self.on_network:
            self.window.frame.go_to("network")
            self.window.wait_until_idle()

    def stroke(self) -> str:
        """Draw a line with the mouse."""
        self._enter_network()
        pad = self.control("drawPad")
        points = [QPoint(self.random.randrange(pad.width()), self.random.randrange(pad.height())) for _ in range(4)]
        QTest.mousePress(pad, Qt.MouseButton.LeftButton, pos=points[0])
        for point in points[1:]:
            QTest.mouseMove(pad, point)
        QTest.mouseRelease(pad, Qt.MouseButton.LeftButton, pos=points[-1])
        return " ".join(f"{each.x()},{each.y()}" for each in points)

    def pad_keys(self) -> str:
        """Draw with the keyboard."""
        self._enter_network()
        pad, names = self.control("drawPad"), [self.random.choice(PAD_KEYS) for _ in range(self.random.randrange(1, 8))]
        pad.setFocus()
        for name in names:
            QTest.keyClick(pad, getattr(Qt.Key, f"Key_{name}"))
        QTest.keyClick(pad, Qt.Key.Key_Escape)
        return " ".join(names)

    def network_button(self) -> str:
        self._enter_network()
        name = self.random.choice(BUTTONS)
        self.control(name).click()
        return name

    def centre(self) -> str:
        self._enter_network()
        self.window.network.look.input.switch_centred()
        return str(self.window.store.document.network_input.centred)

    def move(self) -> str:
        self._enter_network()
        name = self.random.choice(list(MOVES))
        low, high = MOVES[name]
        value = round(self.random.uniform(low, high), 1)
        self.control(name).setValue(value)
        return f"{name} {value}"

    def network(self) -> str:
        self._enter_network()
        box = self.control("networkCombo")
        box.setCurrentIndex(self.random.randrange(box.count()))
        return str(box.currentData())

    def network_map(self) -> str:
        """Select a map by a click somewhere in the row, or by an arrow key."""
        self._enter_network()
        row = self.control("networkStages")
        if self.random.random() < 0.5:
            key = self.random.choice(("Left", "Right", "Up", "Down"))
            QTest.keyClick(row, getattr(Qt.Key, f"Key_{key}"))
            return key
        place = QPoint(self.random.randrange(row.width()), self.random.randrange(row.height()))
        QTest.mouseClick(row, Qt.MouseButton.LeftButton, pos=place)
        return f"{place.x()}, {place.y()}"

    def network_look(self) -> str:
        self._enter_network()
        store = self.window.store
        look = store.session.network
        change = self.random.choice((
            {"activated": not look.activated}, {"common_scale": not look.common_scale}, {"place": None},
            {"why": self.random.choice(("gradient", "smoothgrad", "grad-cam", "occlusion", "guided"))},
        ))  # fmt: skip
        store.view(lambda session: replace(session, network=replace(session.network, **change)))
        return str(change)

    def leave_network(self) -> str:
        """Go to another workspace, where other edits follow."""
        self.window.frame.go_to(self.random.choice(("filter", "gradient", "layers")))
        return str(self.window.store.session.workspace)

    # -- what it must tell -----------------------------------------------------------------------------------------

    def check_network(self) -> None:
        """The probabilities of all networks, and the number that is taken apart."""
        if not self.on_network or self.window.store.session.network.side != "look":
            return
        view, given = self.control("predictionView"), self._given()
        if given is None:
            same([each.probabilities for each in view.columns], [()] * 3, "what is said to nothing")
            return
        # What is trained here knows digits too, and takes the place of the one that does not.
        names = (TRAINED, "lenet5", "mlp") if self.window.store.session.network.network == TRAINED else NETWORKS
        for name, column in zip(names, view.columns, strict=True):
            network = self._network(name)
            expected = network.predict(given[network.input_shape][np.newaxis])[0]
            if not np.allclose(column.probabilities, expected, atol=1e-5):
                raise Difference(f"{name} says {column.probabilities}, but {expected.tolist()} of what it gets")
        self._check_unit(given)

    def _network(self, name: str) -> Any:
        return self.trained_network() if name == TRAINED else cnn.load(name)

    def _given(self) -> dict[tuple[int, ...], Any] | None:
        """What networks get, by the shape of their input; None where there is nothing to see."""
        chosen = self.window.store.document.network_input
        if chosen.source == "drawing":
            shown = digits.draw(chosen.strokes) if chosen.strokes else None
        elif chosen.source == "digit":
            shown = datasets.shipped_digits().images[chosen.digit]
        else:
            picture = open_result(self.window.river.moment).value
            shape = (digits.PAD, digits.PAD) if picture.is_grey else (digits.PAD, digits.PAD, 3)
            try:
                shown = digits.as_drawn(picture.pixels, shape, white=picture.white)
            except ValueError:
                return None
            shown = None if shown.min() == shown.max() else shown
        if shown is None:
            return None
        grey = digits.centred(shown) if chosen.centred else digits.as_drawn(shown)
        colour = digits.as_drawn(shown if chosen.source == "picture" else grey, (32, 32, 3))
        moved = {}
        for each in (grey, colour):
            found = digits.moved(each, chosen.dx, chosen.dy, degrees=chosen.rotation, scale=chosen.scale)
            moved[each.shape] = digits.noisy(found, "gaussian", chosen.noise, 0) if chosen.noise else found
        return moved

    def _check_unit(self, given: dict[tuple[int, ...], Any]) -> None:
        """The number that is taken apart is the network's own, of the map that is looked at."""
        look, (_passed, unit) = self.window.store.session.network, self.window.river.moment.value(UNIT)
        network = self._network(look.network)
        stages = forward_pass(network, given[network.input_shape]).stages
        same((unit.stage, unit.number), (min(look.stage, len(stages) - 1), look.map), "the map that is looked at")
        stage, place = stages[unit.stage], unit.trace.place
        same(place[0], unit.number, "the map of the number that is taken apart")
        for held, shown in ((stage.before, unit.trace.trace.value), (stage.after, unit.trace.result)):
            if not np.isclose(held[place], shown, rtol=1e-4, atol=1e-4):
                raise Difference(f"{stage.name} at {place} says {shown!r}, but holds {held[place]!r}")
