"""What another border would change: the difference as a picture, and how many output pixels differ."""

from __future__ import annotations

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from viewer import theme
from viewer.pages.filter.views.sliding import choices
from viewer.pages.stage.views.lower import LowerView
from viewer.pages.stage.views.repeat import Areas, PictureColumn
from viewer.painting import Bytes
from viewer.widgets import Label, SegmentedControl, describe, filled
from viewer.widgets.labels import FittingLabel

CONTROLS = 620


class BordersView(LowerView):
    """Chooses the border to compare with; ``other_chosen`` carries its name."""

    other_chosen = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        describe(self, "bordersView", self.tr("Two borders compared"), "")
        self.title = Label("", "strong", name="bordersTitle")
        self.other = SegmentedControl("otherBorder", self.tr("Other border"), self.tr("The border to compare with"))
        self.other.offer(choices.borders())
        self.other.currentIndexChanged.connect(lambda _index: self.other_chosen.emit(self.other.currentData()))
        self.count = FittingLabel(40, 20, 700)
        self.count.setObjectName("bordersCount")
        self.text = Label("", "muted", name="bordersText", wraps=True)
        self.difference = PictureColumn(
            "bordersDifference", self.tr("Difference"), self.tr("With the other border, minus as it is")
        )
        self.empty = Label("", "muted", name="bordersHint", wraps=True)
        self._controls = QWidget()
        column = filled(QVBoxLayout(self._controls), self.title, self.other, self.count, self.text)
        column.addStretch(1)
        body = QWidget()
        self._pages = QStackedLayout(body)
        self._pages.addWidget(self.empty)
        self._pages.addWidget(self.difference)
        self._row, self._column = filled(QHBoxLayout(self), self._controls, body, 1), column
        theme.follow(self._scale)

    def show_borders(self, title: str, other: str) -> None:
        """Which border is in force, and which one it is compared with."""
        self.title.setText(title)
        self.other.show_data(other)

    def show_difference(self, picture: Bytes, count: str, text: str, hidden: Areas = ()) -> None:
        """The difference, uint8 (h, w) or (h, w, 3), but for what is `hidden`; how many pixels differ, a sentence."""
        self.difference.show_picture(picture, self.difference.heading, "", hidden)
        self.count.show_text(count)
        self.text.setText(text)
        self._pages.setCurrentIndex(1)

    def show_nothing(self, reason: str) -> None:
        """There is nothing to compare, for this `reason`."""
        self.empty.setText(reason)
        self.count.show_text("")
        self.text.setText("")
        self._pages.setCurrentIndex(0)

    def _scale(self) -> None:
        self.rescale()
        margin = theme.px(16)
        self._row.setContentsMargins(margin, theme.px(12), margin, theme.px(12))
        self._row.setSpacing(theme.px(24))
        self._column.setSpacing(theme.px(10))
        self._controls.setFixedWidth(theme.px(CONTROLS))
