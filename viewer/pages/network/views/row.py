"""The network as a row: the picture, what every stage makes of it, the outputs, and wires into the selected map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PyQt6.QtWidgets import QSizePolicy, QWidget

from viewer import theme
from viewer.images import to_qimage
from viewer.pages.network.stages import StageColumn
from viewer.pages.network.unit import Share
from viewer.pages.network.views.row_layout import Column, columns, least_width
from viewer.widgets import describe, format_number
from viewer.widgets.base import SpotToolTip
from viewer.widgets.labels import draw_elided

Pixels = NDArray[np.uint8]
Key = Qt.Key
STALE = 0.3
"""How much is left of a picture that is not the one that is given."""
BUNDLE, WEAKEST = 6, 0.04
"""Faint wires from and to so many places of a column; sums below this share of the largest are drawn faint."""


class StageRow(SpotToolTip, QWidget):
    """Paints the row; a click or the arrow keys select a map: ``map_chosen(stage, map)``, stages from 0."""

    map_chosen = pyqtSignal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        describe(self, "networkStages", self.tr("Stages of the network"),
                 self.tr("Click a map or a unit to take it apart, or choose it with the arrow keys"))  # fmt: skip
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._stages: tuple[StageColumn, ...] = ()
        self._maps: tuple[Pixels, ...] = ()
        self._images: list[QImage] = []
        self._selected = 0, 0
        self._shares: Mapping[int, float] = {}
        self._framed: tuple[int, ...] = ()
        self._field: Share | None = None
        self._picture_field: Share | None = None
        self._note = ""
        self._laid: tuple[tuple[object, ...], tuple[Column, ...]] = ((), ())

    # Setters -------------------------------------------------------------------------------------------------

    def show_stages(self, stages: Sequence[StageColumn], maps: Sequence[Pixels], note: str) -> None:
        """Show the picture and the stages, each with its maps, (N, h, w[, 3]); `note` tells of the picture."""
        self._stages, self._maps, self._note = tuple(stages), tuple(maps), note
        # In the format of the screen, so that it is not converted for each of hundreds of maps.
        screen = QImage.Format.Format_RGB32
        self.setMinimumWidth(theme.px(least_width(len(self._stages))))
        self._images = [to_qimage(each.reshape(-1, *each.shape[2:])).convertToFormat(screen) for each in maps]
        self.update()

    def show_selected(self, stage: int, number: int) -> None:
        """Frame map `number` of stage `stage`, counted from 0."""
        self._selected = stage, number
        self._describe()
        self.update()

    def selected_room(self) -> QRect:
        """Where the selected stage stands."""
        stage, laid = self._selected[0], self._columns()
        return laid[stage + 1].heading.toRect() if stage + 1 < len(laid) else QRect()

    def show_unit(
        self, shares: Mapping[int, float], framed: Sequence[int], field: Share | None, picture_field: Share
    ) -> None:
        """Draw wires from the maps that come in, and frame what the number sees of some of them and of the picture."""
        self._shares, self._framed, self._field, self._picture_field = shares, tuple(framed), field, picture_field
        self.update()

    def _describe(self) -> None:
        stage, number = self._selected
        if stage + 1 < len(self._stages):
            shown = self._stages[stage + 1]
            self.setAccessibleDescription(self._name(shown, number))

    def _name(self, stage: StageColumn, number: int) -> str:
        if stage.classes:
            return self.tr("{stage}, {name}: {value}").format(
                stage=stage.title, name=stage.classes[number], value=format_number(stage.outputs[number], 3)
            )
        return self.tr("{stage}, {n} of {count}").format(stage=stage.title, n=number, count=stage.count)

    # What the user does --------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        found = self._at(event.position())
        if found is not None and found[0] > 0 and event.button() == Qt.MouseButton.LeftButton:
            self.map_chosen.emit(found[0] - 1, found[1])

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        steps = {Key.Key_Left: (-1, 0), Key.Key_Right: (1, 0), Key.Key_Up: (0, -1), Key.Key_Down: (0, 1)}
        step = steps.get(Key(event.key()))
        if step is None or len(self._stages) < 2:
            super().keyPressEvent(event)
        else:
            self.map_chosen.emit(*self._beside(*step))

    def _beside(self, right: int, down: int) -> tuple[int, int]:
        """The map that stands beside the selected one, in its own stage or in the next."""
        (stage, number), laid = self._selected, self._columns()
        column = laid[stage + 1]
        found, at = number + right + down * column.across, number % column.across + right
        if 0 <= at < column.across and 0 <= found < len(column.tiles):
            return stage, found
        if not right or not 0 <= stage + right < len(laid) - 1:
            return stage, number
        height, other = column.tiles[number].center().y(), laid[stage + right + 1]
        edge = range(0 if right > 0 else other.across - 1, len(other.tiles), other.across)
        return stage + right, min(edge, key=lambda each: abs(other.tiles[each].center().y() - height))

    def tip_at(self, spot: QPoint) -> tuple[str, QRect] | None:
        found = self._at(QPointF(spot))
        if found is None or found[0] == 0:
            return None
        place, number = found
        return self._name(self._stages[place], number), self._columns()[place].tiles[number].toRect()

    # Where everything stands ---------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(theme.px(880), theme.px(352))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(360), theme.px(150))

    def _columns(self) -> tuple[Column, ...]:
        units = [each.shape[1:3] == (1, 1) for each in self._maps]
        counts = [each.count for each in self._stages]
        key = (*counts, *units, self.width(), self.height(), theme.scale())
        if self._laid[0] != key:
            self._laid = key, columns(counts, units, self.width(), self.height(), theme.scale()) if counts else ()
        return self._laid[1]

    def _at(self, point: QPointF) -> tuple[int, int] | None:
        """The column and the map under `point`."""
        slack = theme.px(2)
        for place, column in enumerate(self._columns()):
            for number, tile in enumerate(column.tiles):
                if tile.adjusted(-slack, -slack, slack, slack).contains(point):
                    return place, number
        return None

    def tile(self, stage: int, number: int) -> QRectF:
        """Where map `number` of stage `stage` stands."""
        return self._columns()[stage + 1].tiles[number]

    # Painting ------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(1.0 if self.isEnabled() else STALE)
        laid = self._columns()
        for place in range(1, len(laid)):
            self._paint_bundle(painter, laid[place - 1], laid[place], self._stages[place].is_own)
        if laid:
            self._paint_wires(painter, laid)
        for place, (stage, column) in enumerate(zip(self._stages, laid, strict=True)):
            self._paint_heading(painter, stage, column, is_selected=place == self._selected[0] + 1)
            if stage.classes:
                self._paint_outputs(painter, stage, column)
            else:
                self._paint_maps(painter, place, column)
        if laid:
            self._paint_marks(painter, laid)

    def _paint_maps(self, painter: QPainter, place: int, column: Column) -> None:
        height, width = self._maps[place].shape[1:3]
        for number, tile in enumerate(column.tiles):
            painter.drawImage(tile, self._images[place], QRectF(0, number * height, width, height))
        if place == 0 and self._note:
            painter.setFont(theme.font(12))
            painter.setPen(theme.palette().muted)
            room = QRectF(column.body.left(), column.body.bottom() + theme.px(6), column.heading.width(), theme.px(34))
            painter.drawText(room, Qt.TextFlag.TextWordWrap, self._note)

    def _paint_heading(self, painter: QPainter, stage: StageColumn, column: Column, *, is_selected: bool) -> None:
        colours, line = theme.palette(), theme.px(15)
        for number, text in enumerate((stage.title, *stage.lines)):
            painter.setFont(theme.font(12, 600 if number == 0 else 400))
            painter.setPen((colours.accent if is_selected else colours.text) if number == 0 else colours.muted)
            room = column.heading.adjusted(0, number * line, 0, 0)
            shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, round(room.width()))
            painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, shown)

    def _paint_outputs(self, painter: QPainter, stage: StageColumn, column: Column) -> None:
        """Each class with its number and a bar to the left or right of zero."""
        colours = theme.palette()
        reach = max(map(abs, stage.outputs)) or 1.0
        top = max(range(len(stage.outputs)), key=stage.outputs.__getitem__)
        for number, (tile, value) in enumerate(zip(column.tiles, stage.outputs, strict=True)):
            is_top = number == top
            if is_top:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme.mixed(colours.ground, colours.accent, 0.22))
                painter.drawRoundedRect(tile.adjusted(0, 1, 0, -1), theme.px(4), theme.px(4))
            is_long = len(stage.classes[number]) > 2
            painter.setFont(theme.font(11 if is_long else 12, 600 if is_top else 400))
            painter.setPen(colours.text if is_top else colours.muted)
            text = tile.adjusted(theme.px(4), 0, -theme.px(2 if is_long else 4), 0)
            written = format_number(value, 2)
            painter.drawText(text, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, written)
            taken = painter.fontMetrics().horizontalAdvance(written) + theme.px(2)
            draw_elided(painter, text.adjusted(0, 0, -taken, 0).toRect(), stage.classes[number])
            if is_long:
                continue  # the name takes the room
            middle, arm = tile.left() + tile.width() * 0.4, tile.width() * 0.17 * abs(value) / reach
            bar = QRectF(middle if value > 0 else middle - arm, tile.center().y() - theme.px(3), arm, theme.px(6))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours.positive if value > 0 else colours.negative)
            painter.drawRoundedRect(bar, 1.5, 1.5)

    def _paint_bundle(self, painter: QPainter, first: Column, second: Column, is_own: bool) -> None:
        """Faint wires between two columns: from each map to its own, or from all to all."""
        painter.setPen(QPen(theme.mixed(theme.palette().ground, theme.palette().muted, 0.22), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        right, left = first.body.right() + theme.px(2), second.body.left() - theme.px(2)
        starts, ends = ([tile.center().y() for tile in each.tiles[:: each.across]] for each in (first, second))
        if is_own:
            for start, end in zip(starts, ends, strict=False):
                painter.drawPath(_wire(QPointF(right, start), QPointF(left, end)))
            return
        for start in _some(starts):
            for end in _some(ends):
                painter.drawPath(_wire(QPointF(right, start), QPointF(left, end)))

    def _paint_wires(self, painter: QPainter, laid: Sequence[Column]) -> None:
        """From each map that comes in to the selected one, coloured by its sign and as thick as what it adds."""
        stage, number = self._selected
        if stage + 1 >= len(laid) or number >= len(laid[stage + 1].tiles):
            return
        colours, before, target = theme.palette(), laid[stage], laid[stage + 1].tiles[number]
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for each, share in sorted(self._shares.items(), key=lambda pair: abs(pair[1])):
            if each >= len(before.tiles) or abs(share) < WEAKEST:
                continue
            tile = before.tiles[each]
            ink = QColor(colours.positive if share > 0 else colours.negative)
            ink.setAlphaF(0.35 + 0.65 * abs(share))
            painter.setPen(QPen(ink, max(1.0, theme.px(4) * abs(share))))
            painter.drawPath(
                _wire(QPointF(tile.right(), tile.center().y()), QPointF(target.left(), target.center().y()))
            )

    def _paint_marks(self, painter: QPainter, laid: Sequence[Column]) -> None:
        """The selected map's frame, and in gold what the number sees."""
        colours, (stage, number) = theme.palette(), self._selected
        painter.setBrush(Qt.BrushStyle.NoBrush)
        gold = QPen(colours.crosshair, max(1.5, theme.px(1.5)))
        gold.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        painter.setPen(gold)
        if self._picture_field is not None:
            painter.drawRect(_part(laid[0].tiles[0], self._picture_field))
        if self._field is not None and stage < len(laid):
            for each in self._framed:
                if each < len(laid[stage].tiles):
                    painter.drawRect(_part(laid[stage].tiles[each], self._field))
        if stage + 1 < len(laid) and number < len(laid[stage + 1].tiles):
            slack = theme.px(2)
            painter.setPen(QPen(colours.accent, theme.px(3) if self.hasFocus() else theme.px(2)))
            frame = laid[stage + 1].tiles[number].adjusted(-slack, -slack, slack, slack)
            painter.drawRoundedRect(frame, theme.px(3), theme.px(3))


def _some(places: Sequence[float]) -> list[float]:
    """Some of the places, the first and the last among them."""
    if len(places) <= BUNDLE:
        return list(places)
    return [places[round(number * (len(places) - 1) / (BUNDLE - 1))] for number in range(BUNDLE)]


def _wire(start: QPointF, end: QPointF) -> QPainterPath:
    path, bend = QPainterPath(start), (end.x() - start.x()) / 2
    path.cubicTo(QPointF(start.x() + bend, start.y()), QPointF(end.x() - bend, end.y()), end)
    return path


def _part(tile: QRectF, field: Share) -> QRectF:
    """Part of a map, as it is drawn."""
    top, left, height, width = field
    return QRectF(
        tile.left() + left * tile.width(), tile.top() + top * tile.height(),
        max(3.0, width * tile.width()), max(3.0, height * tile.height()),
    )  # fmt: skip
