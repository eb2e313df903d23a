"""The first layer through time: a row for each filter, a column for each checkpoint that has room."""

from __future__ import annotations

import math

from PyQt6.QtCore import QLineF, QPoint, QPointF, QRect, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QFontMetrics, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PyQt6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QWidget

from viewer import theme
from viewer.pages.learned.views.pictures import PictureCache, fitted
from viewer.pages.learned.words import short_label
from viewer.pages.network.train.drawn import Film, FilmFrame, Likeness
from viewer.pages.network.train.step_axis import StepAxis, apart
from viewer.pages.network.train.views.cursor import draw_cursor
from viewer.widgets import describe, format_number
from viewer.widgets.base import SpotToolTip
from viewer.widgets.labels import draw_elided

LEAST_ROW, MOST_ROW, CAPTION, GAP = 59, 104, 19, 4
"""Design pixels: how high a row may be, what stands below a picture, and above it."""
FEW_ROWS, SEEN_ROWS, LEAST_BARE = 4, 6, 22
"""Where fewer rows than these would be in sight, so many are seen without what stands below their pictures, if they
may be so low."""
LABELLED, NUMBERED, BARE, LEFT = 112, 76, 10, 12
"""How far apart columns stand: with what they resemble, a number beside such a one, and the gap between pictures."""
LARGEST_IMAGE = 16_000_000
"""Pixels above which an exported strip is not sharper than the screen."""
Align = Qt.AlignmentFlag


class FilmView(QScrollArea):
    """The strip; it scrolls where there are more rows than room."""

    def __init__(self) -> None:
        super().__init__()
        describe(self, "filmStripScroll", self.tr("First layer through time"), "")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidgetResizable(True)
        self.rows = FilmRows()
        self.setWidget(self.rows)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.follow(self._fit)

    def show_film(self, film: Film | None) -> None:
        """Show this film; None leaves the strip empty."""
        self.rows.show_film(film)
        self._fit()

    def least_height(self) -> int:
        """The height from which on all rows are in sight."""
        return self.rows.height_of(theme.px(LEAST_ROW))

    def show_bare(self, height: int) -> bool:
        """Leave out what stands below pictures if a strip of this height has room for very few rows otherwise."""
        self.rows.is_bare = height < min(self.rows.height_of(theme.px(LEAST_ROW)), FEW_ROWS * theme.px(LEAST_ROW))
        self._fit()
        return self.rows.is_bare

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(360), theme.px(LEAST_ROW))

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self.rows.share_room(self.height())


class FilmRows(SpotToolTip, QWidget):
    """Paints the rows. A click or a drag chooses a step; in a picture also a weight, ``weight_chosen(row, y, x)``."""

    step_chosen = pyqtSignal(int)
    weight_chosen = pyqtSignal(int, int, int)

    def __init__(self) -> None:
        super().__init__()
        describe(self, "filmStrip", self.tr("First layer through time"), "")
        self.setProperty("clear", True)
        self._film: Film | None = None
        self._axis, self._step = StepAxis(), 0
        self._weight: tuple[int, tuple[int, int] | None] | None = None
        self._row_height = theme.px(LEAST_ROW)
        self.is_bare = False
        self._pictures = PictureCache(2048)

    # Setters -------------------------------------------------------------------------------------------------

    def show_film(self, film: Film | None) -> None:
        """Show this film."""
        self._film = film
        self._describe()
        self.update()

    def show_axis(self, axis: StepAxis) -> None:
        """Put the steps where this axis has them."""
        if axis != self._axis:
            self._axis = axis
            self.update()

    def show_cursor(self, step: int) -> None:
        """Put the cursor at a step, and frame what was there, or last before it."""
        framed = self.framed()
        for each in (self._step, step):
            self.update(round(self._axis.x(each)) - 2, 0, 4, self.height())
        self._step = step
        if self.framed() is not framed:
            self._describe()
            self.update()

    def show_weight(self, at: tuple[int, tuple[int, int] | None] | None) -> None:
        """Frame a weight, (row, (y, x)) or that in the middle of a row, where the cursor is."""
        if at != self._weight:
            self._weight = at
            self.update()

    def share_room(self, height: int) -> None:
        """Make the rows as high as there is room for."""
        count = 1 if self._film is None else max(self._film.count, 1)
        wanted = (height - self.height_of(0)) // (min(count, SEEN_ROWS) if self.is_bare else count)
        least = theme.px(LEAST_BARE if self.is_bare else LEAST_ROW)
        self._row_height = min(max(wanted, least), theme.px(MOST_ROW))
        self.setMinimumHeight(self.height_of(self._row_height))
        self.update()

    def height_of(self, row: int) -> int:
        """The height of all rows, where one takes so much."""
        return 0 if self._film is None else self._film.count * row + 2 * theme.px(GAP)

    def _describe(self) -> None:
        frame = self.framed()
        self.setAccessibleDescription(
            "" if frame is None else "; ".join(self._words(row, frame) for row in range(len(frame.pictures)))
        )

    def title(self, row: int) -> str:
        """What a row is called."""
        if self._film.kind == "class":
            return self.tr("Class {name}").format(name=self._film.classes[row])
        text = self.tr("Filter {n}") if self._film.kind == "filter" else self.tr("Unit {n}")
        return text.format(n=row)

    # What is where -------------------------------------------------------------------------------------------

    def framed(self) -> FilmFrame | None:
        """What stands at the cursor, or last before it."""
        frames = self._film.frames if self._film is not None else ()
        return next((each for each in reversed(frames) if each.step <= self._step), None)

    def columns(self) -> tuple[FilmFrame, ...]:
        """The frames whose pictures have room: the framed one, the first and the last before others."""
        return self._apart(self._side() + theme.px(BARE))

    def named_columns(self) -> tuple[FilmFrame, ...]:
        """Those of them that have room for what their pictures resemble; the others have a number at most."""
        shown = self.columns()
        return tuple(each for each in self._apart(theme.px(LABELLED)) if each in shown)

    def _written_columns(self) -> tuple[tuple[FilmFrame, ...], ...]:
        """All columns; those with what they resemble; those with a number alone."""
        columns, named = self.columns(), self.named_columns()
        places = [self._axis.x(each.step) for each in named]
        gap = theme.px(NUMBERED)
        return (
            columns,
            named,
            tuple(each for each in columns if all(abs(self._axis.x(each.step) - x) >= gap for x in places)),
        )

    def _apart(self, gap: float) -> tuple[FilmFrame, ...]:
        if self._film is None or not self._film.count:
            return ()
        framed, steps = self.framed(), [each.step for each in self._film.frames]
        kept = set(apart(self._axis, steps, gap, () if framed is None else (framed.step,)))
        return tuple(each for each in self._film.frames if each.step in kept)

    def _side(self) -> int:
        """The side of a picture: pixels of the screen, the same number for each weight where these are few."""
        if self._film is None or not self._film.count:
            return 0
        room = self._row_height - theme.px(GAP) - theme.px(CAPTION if self._is_captioned else GAP)
        first = self._film.frames[0].pictures[0]
        longest = max(first.shape[:2])
        return max(longest, room - room % longest) if longest * 3 <= room else room

    def place(self, row: int, step: int) -> QRect:
        """Where the picture of a row stands at a step."""
        side = self._side()
        room = QRect(round(self._axis.x(step) - side / 2), self._top(row) + theme.px(GAP), side, side)
        return fitted(self._film.frames[0].pictures[row], room)

    @property
    def _is_captioned(self) -> bool:
        return self._film is not None and self._film.is_compared and not self.is_bare

    def _top(self, row: int) -> int:
        return theme.px(GAP) + row * self._row_height

    def _at(self, spot: QPointF) -> tuple[int, FilmFrame] | None:
        """The row and the frame whose picture is at a spot."""
        row = int((spot.y() - theme.px(GAP)) // self._row_height)
        if self._film is None or not 0 <= row < self._film.count:
            return None
        return next(((row, each) for each in self.columns() if QRectF(self.place(row, each.step)).contains(spot)), None)

    def tip_at(self, spot: QPoint) -> tuple[str, QRect] | None:
        found = self._at(QPointF(spot))
        if found is None:
            return None
        row, frame = found
        words = self.tr("Step {n}. {what}").format(n=f"{frame.step:,}", what=self._words(row, frame))
        return words, self.place(row, frame.step)

    def _words(self, row: int, frame: FilmFrame) -> str:
        name = self.title(row)
        if row >= len(frame.likenesses):
            return name
        likeness = frame.likenesses[row]
        score = format_number(round(likeness.score, 2))
        if likeness.is_chance:
            return self.tr("{name}: no more like a named kernel than chance, {score}").format(name=name, score=score)
        return self.tr("{name}: {what}, {score}").format(name=name, what=likeness.name, score=score)

    # What the user does --------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._film is None:
            event.ignore()
            return
        found = self._at(event.position())
        if found is None:
            self.step_chosen.emit(self._axis.step(event.position().x()))
            return
        row, frame = found
        place, (rows, columns) = QRectF(self.place(row, frame.step)), frame.pictures[row].shape[:2]
        spot = event.position() - place.topLeft()
        y = min(int(spot.y() * rows / place.height()), rows - 1)
        x = min(int(spot.x() * columns / place.width()), columns - 1)
        self.step_chosen.emit(frame.step)
        self.weight_chosen.emit(row, y, x)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton and self._film is not None:
            self.step_chosen.emit(self._axis.step(event.position().x()))

    # Painting ------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), theme.palette().ground)
        if self._film is not None and self._film.count:
            first = (event.rect().top() - theme.px(GAP)) // self._row_height
            last = math.ceil((event.rect().bottom() - theme.px(GAP)) / self._row_height)
            self._paint(painter, range(max(0, first), min(last + 1, self._film.count)), event.rect())
        elif self._film is not None and self._film.frames:
            painter.setFont(theme.font(12))
            painter.setPen(theme.palette().muted)
            painter.drawText(self.rect(), Align.AlignCenter, self.tr("The first layer of this network has no filters."))

    def _paint(self, painter: QPainter, rows: range, room: QRect) -> None:
        """Paint what stands in `room`: all of it, or what is beside the cursor that goes on."""
        colours, framed = theme.palette(), self.framed()
        widths = self._side() + 2 * theme.px(GAP), theme.px(LABELLED), theme.px(NUMBERED) / 2
        columns, named, numbered = (
            [each for each in some if abs(self._axis.x(each.step) - room.center().x()) <= (width + room.width()) / 2]
            for some, width in zip(self._written_columns(), widths, strict=True)
        )
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw_cursor(painter, self._axis.x(self._step), 0, self.height())
        for row in rows:
            side, top = self._side(), self._top(row)
            middle = int(top + theme.px(GAP) + side / 2) + 0.5
            painter.setPen(QPen(theme.mixed(colours.ground, colours.line, 0.7), 1))
            painter.drawLine(QLineF(self._axis.left, middle, self._axis.right, middle))
            if room.left() < self._axis.left:
                painter.setFont(theme.font(12, 600))
                painter.setPen(colours.text)
                wide, high = round(self._axis.left - side / 2) - theme.px(20), theme.px(18)
                draw_elided(painter, QRect(theme.px(LEFT), round(middle - high / 2), wide, high), self.title(row))
            for frame in columns:
                self._paint_cell(painter, row, frame, is_framed=frame is framed)
            for frame in (*numbered, *named):
                if self._is_captioned and row < len(frame.likenesses):
                    below = QRectF(0, top + theme.px(GAP + 2) + side, 0, theme.px(CAPTION - 2))
                    likeness, x = frame.likenesses[row], self._axis.x(frame.step)
                    name = likeness.name if frame in named else ""
                    self._write(painter, below, likeness, name, x, is_framed=frame is framed)

    def _paint_cell(self, painter: QPainter, row: int, frame: FilmFrame, *, is_framed: bool) -> None:
        colours, place = theme.palette(), self.place(row, frame.step)
        slack = theme.px(2)
        around = QRectF(place).adjusted(-slack, -slack, slack, slack)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.ground)
        painter.drawRoundedRect(around.adjusted(-slack, -slack, slack, slack), theme.px(4), theme.px(4))
        self._pictures.draw(painter, frame.pictures[row], place)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if is_framed:
            painter.setPen(QPen(colours.crosshair, theme.px(15) / 10))
            painter.drawRoundedRect(around, theme.px(4), theme.px(4))
            if self._weight is not None and self._weight[0] == row:
                self._paint_weight(painter, place, frame.pictures[row].shape, self._weight[1])

    @staticmethod
    def _paint_weight(painter: QPainter, place: QRect, shape: tuple[int, ...], at: tuple[int, int] | None) -> None:
        across, down = place.width() / shape[1], place.height() / shape[0]
        y, x = at or (shape[0] // 2, shape[1] // 2)
        cell = QRectF(place.left() + x * across, place.top() + y * down, max(across, 3.0), max(down, 3.0))
        painter.setPen(QPen(theme.palette().ground, theme.px(3)))
        painter.drawRect(cell)
        painter.setPen(QPen(theme.palette().crosshair, theme.px(15) / 10))
        painter.drawRect(cell)

    @staticmethod
    def _write(painter: QPainter, row: QRectF, likeness: Likeness, name: str, x: float, *, is_framed: bool) -> None:
        """The number, strong where it is more than chance, and `name` behind it, around `x` together."""
        colours = theme.palette()
        score = f"{likeness.score:.2f}"
        fonts = theme.font(12, 400 if likeness.is_chance else 600), theme.font(12)
        painter.setFont(fonts[1])
        rest = f" {_fitting(painter.fontMetrics(), name, theme.px(LABELLED - 28))}" if name else ""
        behind = painter.fontMetrics().horizontalAdvance(rest)
        painter.setFont(fonts[0])
        front = painter.fontMetrics().horizontalAdvance(score)
        left = x - (front + behind) / 2
        room = QRectF(left, row.top(), front + 1, row.height())
        painter.fillRect(room.adjusted(-2, 1, behind + 2, 0), colours.ground)
        painter.setPen(colours.muted if likeness.is_chance else colours.text)
        painter.drawText(room, Align.AlignLeft | Align.AlignVCenter, score)
        painter.setFont(fonts[1])
        painter.setPen(colours.text if is_framed else colours.muted)
        after = QRectF(left + front, row.top(), behind + 1, row.height())
        painter.drawText(after, Align.AlignLeft | Align.AlignVCenter, rest)

    def picture(self) -> QImage | None:
        """The whole strip with its steps below, also what is out of sight; None where there is none."""
        if self._film is None or not self._film.count:
            return None
        shown = self.is_bare, self._row_height
        # It has room for what the screen may have left out.
        self.is_bare, self._row_height = False, max(self._row_height, theme.px(LEAST_ROW))
        image = self._drawn(self._film.count)
        self.is_bare, self._row_height = shown
        return image

    def _drawn(self, count: int) -> QImage:
        """All rows with their steps below."""
        foot = theme.px(26)
        width, height = self.width(), self.height_of(self._row_height) + foot
        ratio = 2 if 4 * width * height <= LARGEST_IMAGE else 1
        image = QImage(width * ratio, height * ratio, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(ratio)
        image.fill(theme.palette().ground)
        painter = QPainter(image)
        self._paint(painter, range(count), QRect(0, 0, width, height))
        painter.fillRect(0, height - foot, width, foot, theme.palette().ground)
        painter.setFont(theme.font(12))
        for frame in self.columns():
            painter.setPen(theme.palette().crosshair if frame is self.framed() else theme.palette().text)
            room = QRectF(self._axis.x(frame.step) - theme.px(50), height - foot, theme.px(100), foot)
            painter.drawText(room, Align.AlignCenter, f"{frame.step:,}")
        painter.end()
        return image


def _fitting(metrics: QFontMetrics, name: str, room: int) -> str:
    """A name as long as there is room for: short, or at last without its first word, which the colours tell."""
    short = short_label(name)
    names = name, short, short.partition(" ")[2] or short
    fits = (each for each in names if metrics.horizontalAdvance(each) <= room)
    return next(fits, metrics.elidedText(names[-1], Qt.TextElideMode.ElideRight, room))
