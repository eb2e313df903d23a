"""The middle of the workspace: the row of stages with its switches, and below it what is looked at of a map."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QScrollArea, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from viewer import theme
from viewer.pages.network.views.fooling import FoolingView
from viewer.pages.network.views.row import StageRow
from viewer.pages.network.views.shift_curve import ShiftCurvesView
from viewer.pages.network.views.unit import UnitView
from viewer.pages.network.views.wants import WantsView
from viewer.widgets import CheckBox, Message, SegmentedControl, blocked, filled
from viewer.widgets.labels import ElidedLabel

HEADER = 30
OF_A_MAP = ("arithmetic", "wants")
"""The tabs that are about the selected map."""


class Middle(QWidget):
    """Lays the two out below each other, each with a heading; below, tabs choose between views."""

    scale_chosen = pyqtSignal(bool)
    activation_chosen = pyqtSignal(bool)
    tab_chosen = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        tr = self.tr
        self.row, self.unit, self.message = StageRow(), UnitView(), Message("stagesMessage")
        self.name, self.about = self._heading("networkName")
        self.scale = CheckBox("networkScale", tr("One scale for all"),
                              tr("Paint all maps of a stage to one scale, rather than each to its own"))  # fmt: skip
        self.activation = SegmentedControl("stageActivationCombo", tr("Before or after the activation"),
                                           tr("Show what a stage gives before or after its activation"))  # fmt: skip
        self.activation.offer(((False, tr("Before ReLU"), ""), (True, tr("After"), "")))
        self.activation.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self.unit_name, self.unit_about = self._heading("unitName")
        self._scroll = QScrollArea()  # a deep network is wider than the room
        self._scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidgetResizable(True)
        self._scroll.setWidget(self.row)
        self._upper = self._header(self.name, self.about, self.scale, self.activation)
        self._make_tabs()
        self._lower = self._header(self.unit_name, self.unit_about, self.tabs)
        policy = self.unit_about.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # so that the tabs stay where they are
        self.unit_about.setSizePolicy(policy)
        filled(QVBoxLayout(self), self._upper, self.message, self._scroll, 352, self._lower, self.body, 290, spacing=0)
        self.scale.toggled.connect(self.scale_chosen)
        self.activation.currentIndexChanged.connect(
            lambda _row: self.activation_chosen.emit(self.activation.currentData())
        )
        theme.follow(self._rescale)

    def _make_tabs(self) -> None:
        tr = self.tr
        self.tabs = SegmentedControl("networkTabs", tr("What is looked at"), tr("What is looked at below the row"))
        self.tabs.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self.wants, self.fooling, self.curves = WantsView(), FoolingView(), ShiftCurvesView()
        self.body = QStackedWidget()
        # It takes what there is, rather than what the view wants that asks for most, which may not be in front.
        self.body.setMinimumSize(1, 1)
        self.body.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self._names: list[str] = []
        with blocked(self.tabs):
            for name, title, tip, view in (
                ("arithmetic", tr("Arithmetic"), tr("One number of the map, taken apart"), self.unit),
                ("wants", tr("Wants"), tr("What the filter of the map answers to most"), self.wants),
                ("fooling", tr("Fooling"), tr("The smallest change that makes the network say something else"),
                 self.fooling),
                ("shift", tr("Shift"), tr("How many digits the networks still know when all are shifted"), self.curves),
            ):  # fmt: skip
                self._names.append(name)
                self.body.addWidget(view)
                self.tabs.addItem(title, name, tip)
        self.tabs.currentIndexChanged.connect(lambda _row: self.tab_chosen.emit(self.tabs.currentData()))

    def show_selected(self, stage: int, number: int) -> None:
        """Frame map `number` of stage `stage`, counted from 0, and have it in sight."""
        self.row.show_selected(stage, number)
        room = self.row.selected_room()
        self._scroll.ensureVisible(room.center().x(), room.center().y(), room.width() // 2, 0)

    def show_tab(self, name: str) -> None:
        """Look at that."""
        self.tabs.show_data(name)
        self.body.setCurrentIndex(self._names.index(name))
        for label in (self.unit_name, self.unit_about):
            label.setVisible(name in OF_A_MAP)

    @staticmethod
    def _heading(object_name: str) -> tuple[ElidedLabel, ElidedLabel]:
        """A name, and something about it, which gives way to the name; the name itself to what else is in the bar."""
        name, about = ElidedLabel("strong"), ElidedLabel("muted")
        name.setObjectName(object_name)
        about.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        return name, about

    @staticmethod
    def _header(name: QWidget, about: QWidget, *more: QWidget) -> QWidget:
        bar = QWidget()
        bar.setProperty("panel", True)
        bar.setProperty("edge", "top")
        bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        filled(QHBoxLayout(bar), name, about, 1, *more)
        return bar

    def show_header(self, name: str, about: str, *, common_scale: bool, activated: bool) -> None:
        """Show which network it is, and how its maps are painted."""
        self.name.setText(name)
        self.about.setText(about)
        self.scale.show_checked(common_scale)
        self.activation.show_data(activated)

    def show_stale(self, stale: bool) -> None:
        """Whether what is shown is made of another picture than the one that is given."""
        self.row.setEnabled(not stale)
        self.unit.setEnabled(not stale)

    def show_unit_header(self, name: str, about: str) -> None:
        """Show which map is taken apart."""
        self.unit_name.setText(name)
        self.unit_about.setText(about)

    def _rescale(self) -> None:
        for bar in (self._upper, self._lower):
            bar.setFixedHeight(theme.px(HEADER))
            bar.layout().setContentsMargins(theme.px(14), 0, theme.px(12), 0)
            bar.layout().setSpacing(theme.px(10))
        for choice in (self.activation, self.tabs):
            choice.setFixedHeight(theme.px(28))
