"""The Layers workspace: lists at the left, the row of cards, what is looked at below it, options at the right."""

from __future__ import annotations

import itertools

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from viewer import theme
from viewer.pages.layers.views.arithmetic import StageArithmetic
from viewer.pages.layers.views.lists import StageLists
from viewer.pages.layers.views.locations import LocationsView
from viewer.pages.layers.views.maps import MapsView
from viewer.pages.layers.views.matrix import MatrixView
from viewer.pages.layers.views.options import OptionsPanel
from viewer.pages.layers.views.strip import CardStrip
from viewer.widgets import SegmentedControl, blocked, describe, filled

LEFT, RIGHT, STRIP, TABS = 190, 196, 300, 40


class Body(QStackedWidget):
    """Takes the height that is left, rather than that of the view that asks for most, which may not be in front."""

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumHeight(1)

    def hasHeightForWidth(self) -> bool:
        return False  # a sentence that is broken into lines would ask for more


class LayersWorkspace(QWidget):
    """Lays out the views; each is wired by its own control. ``tab_chosen(name)`` says what is to be looked at."""

    tab_chosen = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        describe(self, "layers", self.tr("Layers"), "")
        self.lists, self.strip, self.options = StageLists(), CardStrip(), OptionsPanel()
        self.maps, self.arithmetic = MapsView(), StageArithmetic()
        self.matrix, self.locations = MatrixView(), LocationsView()
        self.tabs = SegmentedControl("layerTabs", self.tr("What is looked at"), self.tr("What is looked at"))
        self.body = Body()
        self._names: list[str] = []
        tr = self.tr
        with blocked(self.tabs):
            for name, title, tip, view in (
                ("maps", tr("Maps"), tr("The selected map beside the picture"), self.maps),
                ("arithmetic", tr("Arithmetic"), tr("One number, taken apart one stage back"), self.arithmetic),
                ("matrix", tr("Matrix"), tr("The layer as a product of matrices"), self.matrix),
                ("locations", tr("Locations"), tr("The same weights at every location"), self.locations),
            ):
                self._names.append(name)
                self.body.addWidget(view)
                self.tabs.addItem(title, name, tip)
        self.tabs.currentIndexChanged.connect(lambda _index: self.tab_chosen.emit(self.tabs.currentData()))
        self._bar = QWidget()
        self._bar.setProperty("panel", True)
        self._bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._row = filled(QHBoxLayout(self._bar), self.tabs)
        self._row.addStretch(1)
        self._row.addWidget(self.matrix.bar)
        middle = filled(QVBoxLayout(), self.strip, self._bar, self.body, 1, spacing=0)
        filled(QHBoxLayout(self), self.lists, middle, 1, self.options, spacing=0)
        self.strip.reordered.connect(self._order_focus)
        theme.follow(self._resize)

    def _order_focus(self) -> None:
        """Tab goes from the lists to the row's buttons and cards, made later, and on to what is looked at."""
        header = self.strip.header
        stops = [self.lists.stages, header.crop, header.open, header.save, *self.strip.row.cards, self.tabs]
        for first, second in itertools.pairwise(stops):
            QWidget.setTabOrder(first, second)

    def show_tab(self, name: str) -> None:
        """Look at that."""
        self.tabs.show_data(name)
        self.body.setCurrentIndex(self._names.index(name))
        self.matrix.bar.setVisible(name == "matrix")

    def fold(self, folded: bool) -> None:
        """Hide or show the columns at the sides."""
        self.lists.setVisible(not folded)
        self.options.setVisible(not folded)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._share_height()

    def _share_height(self) -> None:
        """Where room is short the cards take half of it, and their thumbnails give way."""
        least = self.strip.minimumSizeHint().height()
        self.strip.setFixedHeight(min(theme.px(STRIP), max(least, self.height() // 2)))

    def _resize(self) -> None:
        self.lists.setFixedWidth(theme.px(LEFT))
        self.options.setFixedWidth(theme.px(RIGHT))
        self._share_height()
        self._bar.setFixedHeight(theme.px(TABS))
        self._row.setContentsMargins(theme.px(12), theme.px(4), theme.px(12), theme.px(4))
