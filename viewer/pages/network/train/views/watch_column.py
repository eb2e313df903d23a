"""The right column of the Train side: what the network takes for what, its worst mistakes, and how it learns."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedWidget

from viewer import theme
from viewer.pages.network.train.views.by_layer import LayerGauge, LayerGauges
from viewer.pages.network.train.views.confusion import Confusion, ConfusionTable
from viewer.pages.network.train.views.mistakes import Mistake, MistakeTiles
from viewer.pages.network.train.views.one_weight import OneWeightView
from viewer.pages.network.views.side_column import SideColumn
from viewer.widgets import Label, Message, SectionLabel, SegmentedControl, ToolButton, filled

WIDTH = 272


class WatchColumn(SideColumn):
    """``cell_chosen`` carries (true, seen) or None, ``mistake_chosen`` a picture's index, ``tab_chosen`` "weight" or
    "layers"; ``apart_requested`` asks for the whole step, large. What is chosen of the weight is said by `weight`."""

    cell_chosen = pyqtSignal(object)
    mistake_chosen = pyqtSignal(int)
    tab_chosen = pyqtSignal(str)
    apart_requested = pyqtSignal()

    def __init__(self) -> None:
        super().__init__("trainWatchPanel", "left", WIDTH)
        tr = self.tr
        self.confusion, self.mistakes = ConfusionTable(), MistakeTiles()
        self.weight, self.gauges = OneWeightView(), LayerGauges()
        self.message = Message("trainWatchMessage")
        self.wrong = Label("", "muted", name="wrongCount")
        self.tabs = SegmentedControl("trainWatchTabs", tr("What is looked at"), tr("One weight, or all layers at once"))
        self.tabs.offer(
            (
                ("weight", tr("One weight learns"), tr("How one weight gets its new value")),
                ("layers", tr("By layer"), tr("How large the gradients are, and which units never fire")),
            )
        )
        self.apart = ToolButton(
            "stepApartButton",
            tr("Take the step apart"),
            tr("Show the whole step: forward, the loss, the messages back, every number"),
            icon_name="scan",
        )
        self.apart.clicked.connect(lambda: self.apart_requested.emit())
        self.body = QStackedWidget()
        for view in (self.weight, self.gauges):
            self.body.addWidget(view)
        self.body.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self.counted = Label("", "muted", name="confusionStep")
        heading = filled(QHBoxLayout(), SectionLabel(tr("Confusion")), 1, self.counted)
        worst = filled(QHBoxLayout(), SectionLabel(tr("Worst mistakes")), 1, self.wrong)
        tabs = filled(QHBoxLayout(), self.tabs, 1, self.apart, spacing=theme.px(6))
        self.fill(heading, self.message, self.confusion, worst, self.mistakes, tabs, self.body, 1)
        self.confusion.pointed.connect(lambda true, seen: self.cell_chosen.emit((true, seen)))
        self.confusion.left_alone.connect(lambda: self.cell_chosen.emit(None))
        self.mistakes.chosen.connect(self.mistake_chosen)
        self.tabs.currentIndexChanged.connect(lambda _index: self.tab_chosen.emit(self.tabs.currentData()))

    def show_confusion(self, shown: Confusion | None, chosen: tuple[int, int] | None = None, reason: str = "") -> None:
        """Show what is taken for what and the cell that is looked at; None with the reason why there is nothing."""
        self.message.show_hint("" if shown is not None else reason)
        self.confusion.show_confusion(shown, chosen)
        count = 0 if shown is None else int(shown.counts.sum())
        said = self.tr("{wrong} of {all} wrong").format(wrong=f"{shown.wrong:,}", all=f"{count:,}") if shown else ""
        self.wrong.setText(said)
        # Rows and columns are told in full by the table itself; the step that is looked at may be another one.
        step = self.tr("step {n}, rows true").format(n=f"{shown.step:,}") if shown else self.tr("rows true")
        self.counted.setText(step)

    def show_mistakes(self, shown: Sequence[Mistake], hint: str = "") -> None:
        """Show the worst of all mistakes, or of those in the cell that is looked at; without any the `hint`."""
        self.mistakes.show_mistakes(shown, hint)

    def show_gauges(self, shown: Sequence[LayerGauge]) -> None:
        """Show gradient sizes and units that never fire."""
        self.gauges.show_gauges(shown)

    def show_tab(self, name: str) -> None:
        """Look at that below."""
        self.tabs.show_data(name)
        self.body.setCurrentIndex(self.tabs.findData(name))
        for view in (self.weight, self.gauges):  # what is out of sight takes no room
            is_shown = view is self.body.currentWidget()
            view.setSizePolicy(
                QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred if is_shown else QSizePolicy.Policy.Ignored
            )

    def show_stale(self, stale: bool) -> None:
        """Whether what is shown belongs to another step than the one that is looked at."""
        for view in (self.mistakes, self.gauges):
            view.setEnabled(not stale)
