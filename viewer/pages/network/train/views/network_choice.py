"""Which network learns: one of those with a name, the row from Layers, or a stack of chosen depth."""

from __future__ import annotations

from msgspec.structs import replace
from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout

from kernels.cnn.training.examples import EXAMPLES
from kernels.cnn.training.plan import LayersRow, NamedNetwork, NetworkChoice, Stack
from viewer import theme
from viewer.pages.network.train.views.rows import Row
from viewer.widgets import ComboBox, Label, SpinBox, blocked, filled
from viewer.widgets.menu_button import MenuButton

ROW, PLAIN, RESIDUAL = "row", "plain", "residual"
"""What the list calls the networks without a name of their own."""


def data_of(network: NetworkChoice) -> str:
    """What the list calls a network."""
    if isinstance(network, NamedNetwork):
        return network.name
    if isinstance(network, LayersRow):
        return ROW
    return RESIDUAL if network.residual else PLAIN


class NetworkRow(Row):
    """``changed(network)`` carries a network, ``row_requested`` asks for the row from Layers, ``plan_chosen`` carries
    a whole plan that is ready-made."""

    row_requested = pyqtSignal()
    plan_chosen = pyqtSignal(object)

    def __init__(self) -> None:
        super().__init__("trainNetwork")
        self._network: NetworkChoice = NamedNetwork()
        self._make_choices()
        self._make_examples()
        filled(self.line, self.combo, 1)
        self._stack = filled(QHBoxLayout(), self.blocks, 1, self.maps, 1)
        for place, part in enumerate((filled(QHBoxLayout(), self.facts), self._stack)):
            self.layout().insertLayout(1 + place, part)
        theme.follow(self._rescale)

    def _make_choices(self) -> None:
        tr = self.tr
        self.combo = ComboBox("trainNetworkCombo", tr("Network"), tr("The network that learns, with new weights"))
        self.combo.offer(
            (
                ("lenet5", tr("LeNet-5"), tr("Three convolutions with average pools, and two dense layers")),
                ("mlp", tr("Dense network"), tr("784-200-60-10")),
                ("colournet", tr("ColourNet"), tr("Six convolutions, for colour pictures of 32 × 32")),
                ("logistic", tr("Logistic regression"), tr("One dense layer: a template for each class")),
                (
                    ROW,
                    tr("The row from Layers"),
                    tr("The stages under Layers, with a global average and a dense layer behind them"),
                ),
                (PLAIN, tr("Plain stack"), tr("Convolutions 3 × 3, one behind the other")),
                (RESIDUAL, tr("Residual stack"), tr("The same with connections around each block")),
            )
        )
        self.facts = Label("", "muted", name="trainNetworkFacts", wraps=True)
        self.blocks = SpinBox(
            "stackDepth", tr("Depth"), tr("Blocks of the stack, 1 to 20"), minimum=1, maximum=20, prefix=tr("deep ")
        )
        self.maps = SpinBox(
            "stackWidth",
            tr("Maps"),
            tr("Maps of each convolution of the stack, 1 to 256"),
            minimum=1,
            maximum=256,
            prefix=tr("maps "),
        )
        self.combo.currentIndexChanged.connect(self._choose)
        # Chosen once more, the row is taken as it stands by now.
        self.combo.activated.connect(lambda row: self._choose(row) if self.combo.itemData(row) == ROW else None)
        for box, name in ((self.blocks, "depth"), (self.maps, "width")):
            box.rejected.connect(self.show_error)
            box.valueChanged.connect(
                lambda value, name=name: self.changed.emit(replace(self._network, **{name: value}))
            )

    def _make_examples(self) -> None:
        tr = self.tr
        title, tip = (
            tr("Ready-made set-ups"),
            tr("Set-ups to begin with: edges out of noise, and where gradients vanish or do not"),
        )
        self.examples = MenuButton("readyMadeButton", title, tip, tr("Ready-made"))
        self.examples.setProperty("small", True)
        for name, example in EXAMPLES.items():
            action = self.examples.menu().addAction(example.title)
            action.setObjectName(f"example_{name}")
            action.setToolTip(example.summary)
            action.triggered.connect(lambda _checked, plan=example.plan: self.plan_chosen.emit(plan))

    def show_value(self, value: object) -> None:
        assert isinstance(value, NetworkChoice)
        self._network = network = value
        self.combo.show_data(data_of(network))
        is_stack = isinstance(network, Stack)
        with blocked(self.blocks, self.maps):
            for box, size in ((self.blocks, "depth"), (self.maps, "width")):
                box.setVisible(is_stack)
                if is_stack:
                    box.setValue(getattr(network, size))

    def show_facts(self, text: str) -> None:
        """Say how many weights it has."""
        self.facts.setText(text)

    def _choose(self, row: int) -> None:
        chosen = self.combo.itemData(row)
        if chosen == ROW:
            self.combo.show_data(data_of(self._network))
            self.row_requested.emit()
        elif chosen in (PLAIN, RESIDUAL):
            stack = self._network if isinstance(self._network, Stack) else Stack()
            self.changed.emit(replace(stack, residual=chosen == RESIDUAL))
        else:
            self.changed.emit(NamedNetwork(chosen))

    def _rescale(self) -> None:
        self._stack.setSpacing(theme.px(4))
