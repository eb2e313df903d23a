"""Labels by role, and the sentence that stands beside what went wrong."""

from __future__ import annotations

import math

from PyQt6.QtCore import QRect, QSize, Qt
from PyQt6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent
from PyQt6.QtWidgets import QLabel, QSizePolicy, QWidget

from viewer import theme
from viewer.theme import repolish
from viewer.widgets.base import PlainToolTip


class Label(PlainToolTip, QLabel):
    """Text in one of the roles of the style sheet: "", "muted", "section", "title", "strong"."""

    def __init__(
        self, text: str = "", role: str = "", parent: QWidget | None = None, *, name: str = "", wraps: bool = False
    ) -> None:
        super().__init__(text, parent)
        self.setObjectName(name)
        self.setWordWrap(wraps)
        self.setProperty("role", role)
        self.setTextFormat(Qt.TextFormat.PlainText)


def draw_elided(painter: QPainter, room: QRect, text: str, *, middle: bool = False) -> None:
    """Write `text` from the left of `room`, on one line with an ellipsis for its end, or its `middle`, if too long."""
    mode = Qt.TextElideMode.ElideMiddle if middle else Qt.TextElideMode.ElideRight
    shown = painter.fontMetrics().elidedText(text, mode, room.width())
    painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)


def text_height(label: QLabel, lines: int) -> int:
    """The room that so many lines take; lines are set closer than whole pixels."""
    label.ensurePolished()
    return math.ceil(lines * QFontMetricsF(label.font()).lineSpacing()) + 1


class SectionLabel(Label):
    """The small heading of a group of controls."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__("", "section", parent)
        self.show_title(text)
        spaced = self.font()
        spaced.setLetterSpacing(spaced.SpacingType.PercentageSpacing, 104)
        self.setFont(spaced)

    def show_title(self, text: str) -> None:
        """Be called `text`."""
        self.setText(text.upper())
        self.setAccessibleName(text)


class Message(Label):
    """One plain sentence in place, hidden while there is nothing to say."""

    def __init__(self, object_name: str, parent: QWidget | None = None) -> None:
        super().__init__("", "error", parent, name=object_name, wraps=True)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.hide()

    def show_error(self, text: str) -> None:
        """Say what went wrong and what would be right."""
        self._say(text, "error")

    def show_warning(self, text: str) -> None:
        """Say what is worth knowing."""
        self._say(text, "warning")

    def show_hint(self, text: str) -> None:
        """Say why nothing is shown, where nothing went wrong."""
        self._say(text, "muted")

    def clear(self) -> None:
        """Say nothing and take no room."""
        self._say("", self.property("role"))

    def _say(self, text: str, role: str) -> None:
        if (text, role) == (self.text(), self.property("role")) and self.isHidden() != bool(text):
            return
        if self.property("role") != role:
            self.setProperty("role", role)
            repolish(self)
        self.setText(text)
        self.setAccessibleName(text)
        self.setVisible(bool(text))


class ElidedLabel(Label):
    """A label with an ellipsis for its end, or for its `middle`, where there is no room for all of it."""

    def __init__(self, role: str, *, middle: bool = False) -> None:
        super().__init__("", role)
        self._middle = middle
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def sizeHint(self) -> QSize:
        # Advance widths are fractions of a pixel; a hint that rounds them down would elide what fits.
        width = math.ceil(QFontMetricsF(self.font()).horizontalAdvance(self.text()))
        return QSize(width + 1, super().sizeHint().height())

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().windowText().color())
        draw_elided(painter, self.contentsRect(), self.text(), middle=self._middle)


class NameLabel(ElidedLabel):
    """A label that others give way to: it is cut only where it has no room by itself."""

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def sizeHint(self) -> QSize:
        margins, size = self.contentsMargins(), super().sizeHint()
        return QSize(size.width() + margins.left() + margins.right(), size.height())


class FittingLabel(Label):
    """One line of type `largest` pixels high; where there is no room, others give way until it is `smallest`."""

    def __init__(self, largest: int, smallest: int, weight: int, parent: QWidget | None = None) -> None:
        super().__init__("", "", parent)
        self._largest, self._smallest, self._weight = largest, smallest, weight
        self._ink = ""

    def show_text(self, text: str, ink: str = "text") -> None:
        """Show `text` in a colour of the palette."""
        if (text, ink) != (self.text(), self._ink):
            self._ink = ink
            self.setText(text)
            self.update()

    def shown_size(self) -> int:
        """The height of type in pixels at the present width."""
        sizes = range(theme.px(self._largest), theme.px(self._smallest), -1)
        return next((each for each in sizes if self._size(each).width() <= self.width()), theme.px(self._smallest))

    def sizeHint(self) -> QSize:
        return self._size(theme.px(self._largest))

    def minimumSizeHint(self) -> QSize:
        return self._size(theme.px(self._smallest))

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setFont(self._font(self.shown_size()))
        ink: QColor = getattr(theme.palette(), self._ink or "text")
        painter.setPen(ink)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text())

    def _font(self, pixels: int) -> QFont:
        made = theme.font(weight=self._weight)
        made.setPixelSize(pixels)
        return made

    def _size(self, pixels: int) -> QSize:
        """The room that the text takes in type of that height."""
        metrics = QFontMetricsF(self._font(pixels))
        return QSize(math.ceil(metrics.horizontalAdvance(self.text())) + 1, math.ceil(metrics.height()))
