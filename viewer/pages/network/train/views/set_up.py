"""The left column of the Train side: what learns, from what, how, and until when; and what starts it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray
from PyQt6.QtCore import QRect, QSize, pyqtSignal
from PyQt6.QtGui import QPainter, QPaintEvent
from PyQt6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from kernels.cnn.training.plan import LARGEST_SEED, MOST_EPOCHS, MOST_STEPS, TrainingPlan
from viewer import theme
from viewer.images import to_qimage
from viewer.pages.filter.views.workspace import SidePanel
from viewer.pages.network.train.views.data_choice import DataRow, DataShown
from viewer.pages.network.train.views.network_choice import NetworkRow
from viewer.pages.network.train.views.rows import (
    BoundedEdit,
    ChoiceRow,
    LogarithmicSlider,
    NumberRow,
    OptionalRow,
    Row,
    SliderRow,
    SwitchRow,
)
from viewer.pages.network.train.views.transport import TrainTransport
from viewer.widgets import CheckBox, ComboBox, SectionLabel, SegmentedControl, ToolButton, describe, filled
from viewer.widgets.choices import Choice

WIDTH, DIGIT, DIGITS = 232, 34, 5
"""Design pixels of the column and of a varied picture, and how many of these are shown."""


class Segments(SegmentedControl):
    """Choices in two lines, two in each."""

    across = 2

    def __init__(self, object_name: str, accessible_name: str, tool_tip: str) -> None:
        self._lines = QGridLayout()
        super().__init__(object_name, accessible_name, tool_tip)
        self._lines.setSpacing(2)
        self._row.addLayout(self._lines)

    def _place(self, button: Any) -> None:
        self._lines.addWidget(button, *divmod(len(self._data), self.across))


class VariedPictures(QWidget):
    """One picture, varied by chance."""

    def __init__(self) -> None:
        super().__init__()
        describe(
            self,
            "variedPictures",
            self.tr("One picture, varied"),
            self.tr("One picture of the data, varied by chance as it will be while training"),
        )
        self._pictures: tuple[NDArray[np.uint8], ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_pictures(self, pictures: Sequence[NDArray[np.uint8]]) -> None:
        """Show these, at most five."""
        self._pictures = tuple(pictures[:DIGITS])
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(DIGITS * DIGIT), theme.px(DIGIT))

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter, side = QPainter(self), theme.px(DIGIT)
        pitch = (self.width() - side) / (DIGITS - 1)
        for number in range(DIGITS):
            room = QRect(round(number * pitch), 0, side, side)
            painter.fillRect(room, theme.palette().well)
            if number < len(self._pictures):
                painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
                painter.drawImage(room, to_qimage(self._pictures[number]))


class Section(QWidget):
    """A heading and rows; those that are rarely used stand behind "More"."""

    def __init__(self, title: str, rows: Sequence[QWidget], rare: Sequence[QWidget] = (), name: str = "") -> None:
        super().__init__()
        self.head = filled(QHBoxLayout(), SectionLabel(title), 1)
        self._column = filled(QVBoxLayout(self), self.head, *rows, *rare)
        self._rare = tuple(rare)
        if rare:
            self.more = ToolButton(
                name,
                self.tr("More of {title}").format(title=title.lower()),
                self.tr("Show what is rarely used"),
                text=self.tr("More"),
                flat=True,
            )
            self.more.setCheckable(True)
            self.more.setProperty("small", True)
            self.head.addWidget(self.more)
            self.more.toggled.connect(self.show_rare)
            self.show_rare(False)
        theme.follow(self._rescale)

    def show_rare(self, shown: bool) -> None:
        """Show or hide what is rarely used."""
        self.more.setText(self.tr("Less") if shown else self.tr("More"))
        for row in self._rare:
            row.setVisible(shown)

    def _rescale(self) -> None:
        self._column.setSpacing(theme.px(3))


class SetUpColumn(SidePanel):
    """Shows a `TrainingPlan`; ``plan_changed`` carries another one, ``gesture_ended`` closes what is one step of undo.

    The foot is a `TrainTransport`. What needs more than a plan is asked for: ``folder_requested`` for other data,
    ``row_requested`` for the row from Layers, ``seed_requested`` for another seed by chance.
    """

    plan_changed = pyqtSignal(object)
    gesture_ended = pyqtSignal()
    folder_requested = pyqtSignal()
    row_requested = pyqtSignal()
    seed_requested = pyqtSignal()

    def __init__(self) -> None:
        self._rows: dict[str, Row] = {}
        self._plan = TrainingPlan()
        self.transport, self.data, self.network, self.varied = (
            TrainTransport(),
            DataRow(),
            NetworkRow(),
            VariedPictures(),
        )
        sections: list[QWidget] = [self._data(), self._network(), self._learning(), self._variation(), self._stop()]
        super().__init__("trainSetUp", self.tr("Set-up of the training"), "right", sections, self.transport)
        for path, row in self._rows.items():
            row.changed.connect(lambda value, path=path: self._change(path, value))
            row.gesture_ended.connect(self.gesture_ended)
        self.data.folder_requested.connect(self.folder_requested)
        self.network.row_requested.connect(self.row_requested)
        self.network.plan_chosen.connect(self._tell)
        self.show_plan(self._plan)
        theme.follow(self._fit)

    # What it shows -------------------------------------------------------------------------------------------

    def show_plan(self, plan: TrainingPlan) -> None:
        """Show a plan."""
        self._plan = plan
        for path, row in self._rows.items():
            row.show_value(_read(plan, path))
        for path, optimisers in (("momentum", ("momentum",)), ("batch", ("sgd", "momentum", "adam"))):
            self._rows[path].setEnabled(plan.optimiser in optimisers)

    def offer_data(self, folders: Sequence[Choice]) -> None:
        """Have these folders to choose from besides the bundled digits: path, title, tool tip."""
        self.data.offer(folders)

    def show_data(self, shown: DataShown | None) -> None:
        """Show what is known of the data; None while it is read."""
        self.data.show_data(shown)

    def show_network(self, facts: str) -> None:
        """Say how large the network is: "61,706 random weights"."""
        self.network.show_facts(facts)

    def show_varied(self, pictures: Sequence[NDArray[np.uint8]]) -> None:
        """Show one picture, varied by chance."""
        self.varied.show_pictures(pictures)

    def show_problem(self, path: str, sentence: str) -> None:
        """Say below the row of a field of the plan, "data" or "rate.peak", why it cannot be; "" takes it back."""
        self._rows[path].show_error(sentence)

    # What the user does --------------------------------------------------------------------------------------

    def _change(self, path: str, value: Any) -> None:
        self._tell(_with(self._plan, path, value))

    def _tell(self, plan: TrainingPlan) -> None:
        if plan != self._plan:
            self._plan = plan
            self.plan_changed.emit(plan)

    # What it is made of --------------------------------------------------------------------------------------

    def _data(self) -> Section:
        self._rows["data"] = self.data
        return Section(self.tr("Data"), [self.data])

    def _network(self) -> Section:
        self._rows["network"] = self.network
        made = Section(self.tr("Network"), [self.network])
        made.head.addWidget(self.network.examples)
        return made

    def _learning(self) -> Section:
        tr = self.tr
        optimiser = Segments("optimiserChoice", tr("Optimiser"), tr("How the weights follow their gradients"))
        rate = LogarithmicSlider(
            "trainRate",
            tr("Rate"),
            tr("The learning rate: how far a step goes along the gradient"),
            symbol=tr("Rate η"),
            bounds=(1e-5, 10.0),
            per_decade=20,
        )
        batch = LogarithmicSlider(
            "trainBatch",
            tr("Batch"),
            tr("How many pictures each step looks at"),
            symbol=tr("Batch"),
            bounds=(1, 1024),
            per_decade=np.log2(10),
            integer=True,
        )
        first_decay = BoundedEdit(
            "trainFirstDecay",
            tr("Decay, layer 1"),
            tr("The weight decay of the first layer, which makes its filters smooth"),
            (0.0, 1.0),
        )
        seed = BoundedEdit(
            "trainSeed",
            tr("Seed"),
            tr("Of all chance: the same seed and set-up give the same weights"),
            (0, LARGEST_SEED),
            whole=True,
        )
        self.again = ToolButton("newSeedButton", tr("New seed"), tr("Another seed, by chance"), text=tr("New seed"))
        self.again.clicked.connect(lambda: self.seed_requested.emit())
        common: dict[str, Row] = {
            "optimiser": ChoiceRow(
                optimiser,
                "",
                (
                    ("sgd", tr("SGD"), tr("Stochastic gradient descent: a step for each minibatch")),
                    ("momentum", tr("Momentum"), tr("Steps that keep some of their speed")),
                    ("adam", tr("Adam"), tr("Steps of a size of their own for every weight")),
                    (
                        "gradient-descent",
                        tr("Gradient descent"),
                        tr("Each step looks at all pictures of the training set"),
                    ),
                ),
            ),
            "rate.peak": SliderRow(rate),
            "first_decay": NumberRow(first_decay.accessibleName(), first_decay),
            "batch": SliderRow(batch, whole=True),
            "seed": NumberRow(tr("Seed"), seed, self.again, width=60),
        }
        rare = self._rare()
        self._rows |= common | rare
        return Section(tr("Learning"), [*common.values()], [*rare.values()], "moreLearning")

    def _rare(self) -> dict[str, Row]:
        tr = self.tr

        def number(name: str, title: str, tip: str, bounds: tuple[float, float], *, whole: bool = False) -> NumberRow:
            return NumberRow(title, BoundedEdit(name, title, tip, bounds, whole=whole))

        return {
            "rate.schedule": ChoiceRow(
                ComboBox("trainSchedule", tr("Schedule"), tr("How the rate goes on")),
                tr("Schedule"),
                (
                    ("constant", tr("Constant"), tr("The same all along")),
                    ("step", tr("Step"), tr("Ten times smaller after each third")),
                    ("one-cycle", tr("One cycle"), tr("Up during the first 30 %, then down to almost nothing")),
                ),
            ),
            "momentum": number(
                "trainMomentum", tr("Momentum"), tr("How much of its speed a step keeps, 0 to 0.999"), (0.0, 0.999)
            ),
            "decay": number(
                "trainDecay",
                tr("Decay"),
                tr("How much of each weight is taken away with every step, times the rate"),
                (0.0, 1.0),
            ),
            "dropout": number(
                "trainDropout",
                tr("Dropout"),
                tr("Share of the units that are switched off by chance before dense layers"),
                (0.0, 0.95),
            ),
            "batch_normalisation": SwitchRow(
                CheckBox(
                    "trainBatchNormalisation",
                    tr("Batch normalisation"),
                    tr("Behind every convolution, and every dense layer but the last"),
                )
            ),
            "activation": ChoiceRow(
                ComboBox("trainActivation", tr("Activation"), tr("What each unit does with its sum")),
                tr("Activation"),
                (
                    (None, tr("Its own"), tr("What the network has")),
                    ("relu", "ReLU", "max(0, x)"),
                    ("leaky-relu", tr("Leaky ReLU"), tr("A little of what is below 0 stays")),
                    ("sigmoid", "Sigmoid", tr("To 0 … 1")),
                    ("tanh", "tanh", tr("To −1 … 1")),
                ),
            ),
            "initialisation": ChoiceRow(
                ComboBox("trainInitialisation", tr("First weights"), tr("How the first weights are drawn")),
                tr("First weights"),
                (
                    ("he", "He", tr("By chance, as wide as suits ReLU")),
                    ("glorot", "Glorot", tr("As suits tanh and sigmoid")),
                    ("lecun", "LeCun", tr("By the number of inputs alone")),
                    ("uniform", tr("Uniform"), tr("Alike between two bounds")),
                    ("zeros", tr("Zeros"), tr("All the same: the units of a layer then learn the same")),
                ),
            ),
            "check_every": number(
                "trainCheckEvery",
                tr("Check every"),
                tr("Steps from one validation, and one checkpoint, to the next"),
                (1, 100_000),
                whole=True,
            ),
        }

    def _variation(self) -> Section:
        tr = self.tr

        def optional(
            field: str,
            title: str,
            tip: str,
            most: float,
            usual: float,
            *,
            whole: bool = False,
            before: str = "± ",
            behind: str = "",
            per: float = 1,
        ) -> OptionalRow:
            name = f"vary{field.capitalize()}"
            edit = BoundedEdit(f"{name}Edit", title, tip, (0, most), whole=whole, before=before, behind=behind)
            row = OptionalRow(CheckBox(name, title, tip), edit, usual, 0, per=per)
            self._rows[f"augmentation.{field}"] = row
            return row

        rows = [
            self.varied,
            optional("shift", tr("Shift"), tr("By so many pixels each way"), 64, 2, whole=True, behind=tr(" px")),
            optional("rotation", tr("Rotate"), tr("By so many degrees each way"), 180, 10, behind="°"),
            optional("scale", tr("Scale"), tr("Larger or smaller by so much"), 50, 10, behind=" %", per=100),
        ]
        shear = optional("shear", tr("Shear"), tr("By so many degrees each way"), 45, 10, behind="°")
        noise = optional("noise", tr("Noise"), tr("Standard deviation, in grey levels"), 255, 10, before="σ ")
        flip = SwitchRow(CheckBox("varyFlip", tr("Flip"), tr("Left to right, half the time")))
        self._rows["augmentation.flip"] = flip
        return Section(tr("Vary each picture"), rows, [shear, noise, flip], "moreVariation")

    def _stop(self) -> Section:
        tr = self.tr
        rows = []
        for field, title, tip, most, usual in (
            ("steps", tr("after steps"), tr("Stop after so many steps"), MOST_STEPS, 1600),
            ("no_gain", tr("no gain for"), tr("Stop after so many steps without a better validation"), MOST_STEPS, 400),
            ("epochs", tr("after epochs"), tr("Stop when every picture was seen so often"), MOST_EPOCHS, 10),
        ):
            name = f"stop{field.title().replace('_', '')}"
            edit = BoundedEdit(f"{name}Edit", title, tip, (1, most), whole=True)
            rows.append(OptionalRow(CheckBox(name, title, tip), edit, usual, None))
            self._rows[f"stop.{field}"] = rows[-1]
        return Section(tr("Stop"), rows[:2], rows[2:], "moreStop")

    def _fit(self) -> None:
        self.setFixedWidth(theme.px(WIDTH))


def _read(plan: Any, path: str) -> Any:
    for name in path.split("."):
        plan = getattr(plan, name)
    return plan


def _with(plan: Any, path: str, value: Any) -> Any:
    """The plan with another value at `path`."""
    name, _, rest = path.partition(".")
    return replace(plan, **{name: _with(getattr(plan, name), rest, value) if rest else value})
