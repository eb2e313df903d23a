"""The learned filters as one panel: which network and layer, the tiles, the selected filter's card."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from viewer import theme
from viewer.pages.learned.views.card import FilterCard
from viewer.pages.learned.views.kinds import KindChips
from viewer.pages.learned.views.tiles import TileView
from viewer.panes.notice import BusyLine
from viewer.widgets import CheckBox, ComboBox, Message, SectionLabel, ToolButton, blocked, filled

OPEN_FILE = "open"
"""Data of the network list's last row, which asks for a file."""


class LearnedPanel(QWidget):
    """Shows the filters of a network; what the user wants leaves as intents."""

    network_chosen = pyqtSignal(str)
    file_requested = pyqtSignal()
    layer_chosen = pyqtSignal(int)
    kind_chosen = pyqtSignal(str)
    scale_chosen = pyqtSignal(bool)
    activation_chosen = pyqtSignal(bool)
    filter_chosen = pyqtSignal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("learnedPanel")
        self.setAccessibleName(self.tr("Learned filters"))
        self.setProperty("panel", True)
        self.setProperty("edge", "left")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._make_choices()
        self.tiles = TileView()
        self.card = FilterCard()
        self.message = Message("networkMessage")
        self.busy = BusyLine(self)
        self._lay_out()
        self._connect()
        theme.follow(self._rescale)

    def _make_choices(self) -> None:
        self.heading = SectionLabel(self.tr("Learned filters"))
        self.network = ComboBox(
            "learnedNetworkCombo", self.tr("Network"), self.tr("The network whose filters are shown")
        )
        self.layer = ComboBox(
            "layerCombo", self.tr("Layer"), self.tr("The convolution layer: height × width × channels of its filters")
        )
        self.kinds = KindChips(
            (
                ("all", self.tr("All"), self.tr("Every filter")),
                ("edges", self.tr("Edges"), self.tr("Filters that look like an edge")),
                ("lines", self.tr("Lines"), self.tr("Filters that look like a line or stripes")),
                ("blobs", self.tr("Blobs"), self.tr("Filters that look like a blob")),
                ("colour", self.tr("Colour"), self.tr("Filters that see colour rather than brightness")),
                ("nothing", self.tr("Nothing"), self.tr("Filters that look like nothing in particular")),
            )
        )
        self.activation = ComboBox(
            "activationCombo",
            self.tr("Responses"),
            self.tr("Show the responses as the convolution gives them, or after the network's activation"),
        )
        self.scale = CheckBox(
            "commonScaleCheck",
            self.tr("One scale for all"),
            self.tr("Paint the strongest weight and response of all filters, not of each, in the full colour"),
        )
        self.similar = ToolButton(
            "similarButton",
            self.tr("Select the most similar filter"),
            self.tr("Select the learned filter that is most like the kernel in the editor"),
            text=self.tr("Like the editor's kernel"),
            flat=True,
        )
        self.similar.setEnabled(False)
        self.show_activation("", activated=False)

    def _lay_out(self) -> None:
        self._header = filled(QHBoxLayout(), self.heading, 1, self.network, self.layer)
        self._options = filled(QHBoxLayout(), self.activation, self.scale)
        self._options.addStretch(1)
        self._options.addWidget(self.similar)
        self._column = filled(
            QVBoxLayout(self), self._header, self.message, self.kinds, self._options, self.tiles, 1, self.card
        )
        for combo in (self.network, self.layer, self.activation):
            combo.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def _connect(self) -> None:
        self.network.currentIndexChanged.connect(self._choose_network)
        self.layer.currentIndexChanged.connect(lambda row: self.layer_chosen.emit(self.layer.itemData(row)))
        self.kinds.currentIndexChanged.connect(lambda row: self.kind_chosen.emit(self.kinds.itemData(row)))
        self.activation.currentIndexChanged.connect(
            lambda row: self.activation_chosen.emit(bool(self.activation.itemData(row)))
        )
        self.scale.toggled.connect(self.scale_chosen)
        self.tiles.chosen.connect(self.filter_chosen)

    def _choose_network(self, row: int) -> None:
        name = self.network.itemData(row)
        if name == OPEN_FILE:
            self.show_network(self._network)
            self.file_requested.emit()
        elif name is not None:
            self.network_chosen.emit(name)

    def offer_networks(self, networks: Sequence[tuple[str, str]]) -> None:
        """Fill the list with (name, title) pairs; the way to open a file comes last."""
        with blocked(self.network):
            self.network.clear()
            for name, title in networks:
                self.network.addItem(title, name)
            self.network.addItem(self.tr("Open weights…"), OPEN_FILE)
            self.network.insertSeparator(len(networks))

    def show_network(self, name: str, about: str = "") -> None:
        """Show the network in force, and say `about` it."""
        self._network = name
        if about:
            self.network.setToolTip(about)
        self.network.show_data(name)

    def show_layers(self, titles: Sequence[str], layer: int) -> None:
        """Show the network's convolution layers and which is looked at."""
        self.layer.offer((number, title, "") for number, title in enumerate(titles))
        self.layer.show_data(layer)

    def show_activation(self, title: str, *, activated: bool) -> None:
        """Offer responses before and after the activation `title`; without one there is no choice."""
        name = title or self.tr("activation")
        before, after = self.tr("Before {activation}"), self.tr("After {activation}")
        self.activation.offer(
            (data, text.format(activation=name), "") for data, text in ((False, before), (True, after))
        )
        self.activation.show_data(activated and bool(title))
        self.activation.setEnabled(bool(title))

    def show_kinds(self, counts: dict[str, int], kind: str) -> None:
        """Show how many filters there are of each kind, and which are shown."""
        self.kinds.show_data(kind)
        self.kinds.show_counts(counts)

    def show_similar(self, text: str, tool_tip: str, *, able: bool) -> None:
        """Say which filter is most like the kernel in the editor, and offer to select it."""
        self.similar.setText(text)
        self.similar.setToolTip(tool_tip)
        self.similar.setAccessibleDescription(tool_tip)
        self.similar.setEnabled(able)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._place_busy()

    def _place_busy(self) -> None:
        top = self.tiles.y() - theme.px(3)
        self.busy.setGeometry(0, top, self.width(), theme.px(2))

    def _rescale(self) -> None:
        edge = theme.px(12)
        self._column.setContentsMargins(edge, theme.px(10), edge, theme.px(10))
        self._column.setSpacing(theme.px(8))
        for row in (self._header, self._options):
            row.setSpacing(theme.px(8))
        for combo, width in ((self.network, 116), (self.layer, 132), (self.activation, 116)):
            combo.setFixedWidth(theme.px(width))
        self.scale.setFont(theme.font(12))
        self.similar.setFont(theme.font(12))
        self._place_busy()

    _network = ""
