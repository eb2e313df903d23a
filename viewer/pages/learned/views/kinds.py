"""The row of kinds: which filters the tiles show."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from viewer import theme
from viewer.widgets.choices import Choice, SegmentedControl

HEIGHT, PADDING = 20, 9


class Chip(QAbstractButton):
    """A rounded word that can be switched on."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.follow(self._rescale)

    def sizeHint(self) -> QSize:
        width = self.fontMetrics().horizontalAdvance(self.text())
        return QSize(width + 2 * theme.px(PADDING), theme.px(HEIGHT))

    def paintEvent(self, event: QPaintEvent | None) -> None:
        colours = theme.palette()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        on = self.isChecked()
        ground = colours.accent if on else colours.hover if self.underMouse() and self.isEnabled() else colours.field
        rim = colours.text if on and self.hasFocus() else colours.accent if on or self.hasFocus() else colours.line
        width = 2.0 if self.hasFocus() else 1.0
        frame = QRectF(self.rect()).adjusted(width / 2, width / 2, -width / 2, -width / 2)
        painter.setPen(QPen(rim, width))
        painter.setBrush(ground)
        painter.drawRoundedRect(frame, frame.height() / 2, frame.height() / 2)
        painter.setPen(colours.on_accent if on else colours.text if self.isEnabled() else colours.faint)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())

    def _rescale(self) -> None:
        self.setFont(theme.font(11, 500))
        self.updateGeometry()
        self.update()


class KindChips(SegmentedControl):
    """Kinds with their counts, of which one holds."""

    def __init__(self, kinds: Sequence[Choice]) -> None:
        super().__init__("learnedKinds", self.tr("Kind of filter"), self.tr("Show filters of one kind only"))
        self.setProperty("segmented", False)
        self._titles = {data: title for data, title, _tip in kinds}
        self.offer(kinds)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addStretch(1)
        theme.follow(self._rescale)

    def _make_button(self) -> QAbstractButton:
        return Chip()

    def show_counts(self, counts: dict[str, int]) -> None:
        """Write the number of filters of each kind beside its name; a kind without any cannot be chosen."""
        for number, (data, title) in enumerate(self._titles.items()):
            chip = self._group.button(number)
            count = counts.get(data)
            chip.setText(title if count is None else f"{title} {count}")
            chip.setAccessibleName(chip.text())
            chip.setEnabled(bool(count) or data == "all" or number == self._index)
            chip.updateGeometry()

    def _rescale(self) -> None:
        self._row.setSpacing(theme.px(6))
