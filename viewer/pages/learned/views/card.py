"""The selected filter: large, as frequencies, as numbers, what it resembles, and the bridge to the kernel editor."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QMenu, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from viewer import theme
from viewer.pages.learned.views.accuracy import AccuracyView
from viewer.pages.learned.views.pictures import MatchList, PictureBox
from viewer.pages.learned.views.weights import WeightsTable
from viewer.widgets import Label, Message, ToolButton, filled

BODY_HEIGHT, PICTURE = 106, 80


class FilterCard(QFrame):
    """Everything about one filter; passive."""

    open_requested = pyqtSignal(str)  # "all", "luma" or the number of a channel

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("filterCard")
        self.setAccessibleName(self.tr("Selected filter"))
        self.setProperty("card", True)
        self._make_pictures()
        self._make_buttons()
        self._lay_out()
        theme.follow(self._rescale)

    def _make_pictures(self) -> None:
        self.title, self.kind = Label("", "strong", name="filterTitle"), Label("", "muted", name="filterKind")
        self.picture = PictureBox(
            "filterPicture",
            self.tr("The filter"),
            self.tr("The filter's weights as a picture"),
            self.tr("filter"),
            side=PICTURE,
        )
        self.spectrum = PictureBox(
            "filterSpectrum",
            self.tr("Frequency response"),
            self.tr(
                "How much of each frequency passes: an even brightness in the middle, the finest pattern, "
                "half a cycle a pixel, at the edges"
            ),
            self.tr("frequencies"),
            side=PICTURE,
        )
        self.matches = MatchList()
        self.weights = WeightsTable()
        self.pages = QStackedWidget()
        overview = QWidget()
        self._overview = filled(QHBoxLayout(overview), self.spectrum, self.matches, 1)
        for part in (self.spectrum, self.matches):
            self._overview.setAlignment(part, Qt.AlignmentFlag.AlignTop)
        self.pages.addWidget(overview)
        self.pages.addWidget(self.weights)

    def _make_buttons(self) -> None:
        self.open = ToolButton(
            "openFilterButton",
            self.tr("Open in editor"),
            self.tr("Make this filter the kernel of the Filter workspace"),
            text=self.tr("Open in editor") + " ▾",
        )
        self.open.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.open_menu = QMenu(self.open)
        self.open_menu.setObjectName("openFilterMenu")
        self.open.setMenu(self.open_menu)
        tip = self.tr("Let the kernel in the editor take the place of the filter that it came from")
        self.put_back = ToolButton("putBackButton", self.tr("Put back"), tip, text=self.tr("Put back"))
        tip = self.tr("Bring the trained weights of this filter back")
        self.restore = ToolButton("restoreFilterButton", self.tr("Restore"), tip, text=self.tr("Restore"))
        self.numbers = ToolButton(
            "filterNumbersButton",
            self.tr("Weights as numbers"),
            self.tr("Show the weights as numbers"),
            text=self.tr("Numbers"),
            icon_name="grid-3x3",
            flat=True,
        )
        self.numbers.setCheckable(True)
        self.message = Message("filterMessage")
        self.accuracy = AccuracyView()
        self.numbers.toggled.connect(self._switch_page)

    def _lay_out(self) -> None:
        self._heading = filled(QHBoxLayout(), self.title, self.kind)
        self._heading.addStretch(1)
        filled(self._heading, self.weights.channels, self.weights.copy, self.numbers)
        self._switch_page()
        self._body = filled(QHBoxLayout(), self.picture, self.pages, 1)
        self._body.setAlignment(self.picture, Qt.AlignmentFlag.AlignTop)
        self._buttons = filled(QHBoxLayout(), self.open, self.put_back, self.restore)
        self._buttons.addStretch(1)
        self._column = filled(QVBoxLayout(self), self._heading, self._body, self._buttons, self.message, self.accuracy)

    def show_filter(
        self, title: str, kind: str, picture: NDArray[np.uint8], weights: NDArray[np.float64], channels: Sequence[str]
    ) -> None:
        """Show a filter (kh, kw, C): its name, what it is, its picture, its numbers by the names of its channels."""
        self.title.setText(title)
        self.kind.setText(kind)
        self.picture.show_picture(picture)
        self.weights.show_weights(weights, channels)
        self._switch_page()

    def offer_parts(self, parts: Sequence[tuple[str, str]]) -> None:
        """Fill the menu of what can be opened in the editor with (name, title) pairs."""
        if [(each.data(), each.text()) for each in self.open_menu.actions()] == list(parts):
            return
        self.open_menu.clear()
        for name, title in parts:
            action = self.open_menu.addAction(title)
            action.setData(name)
            action.triggered.connect(lambda _checked=False, part=name: self.open_requested.emit(part))

    def show_put_back(self, text: str, tool_tip: str, *, enabled: bool) -> None:
        """Say what the button would replace, or why it cannot."""
        self.put_back.setText(text)
        self.put_back.setToolTip(tool_tip)
        self.put_back.setEnabled(enabled)

    def show_restore(self, tool_tip: str, *, enabled: bool) -> None:
        """Say what the button would bring back, or why it cannot."""
        self.restore.setToolTip(tool_tip)
        self.restore.setEnabled(enabled)

    def _switch_page(self, _checked: bool = False) -> None:
        numbers = self.numbers.isChecked()
        self.pages.setCurrentIndex(int(numbers))
        self.weights.copy.setVisible(numbers)
        self.weights.channels.setVisible(numbers and self.weights.has_choice)

    def _rescale(self) -> None:
        edge, gap = theme.px(10), theme.px(8)
        self._column.setContentsMargins(edge, theme.px(6), edge, theme.px(6))
        self._column.setSpacing(theme.px(4))
        for row in (self._heading, self._body, self._buttons):
            row.setSpacing(gap)
        self._overview.setSpacing(gap)
        self.pages.setFixedHeight(theme.px(BODY_HEIGHT))
        self.numbers.setFixedHeight(theme.px(24))
