"""The one view that linked panes share: which point of the scene is in the middle, and how large it is drawn."""

from __future__ import annotations

import math
from weakref import WeakKeyDictionary

import msgspec
from PyQt6.QtCore import QObject, QPointF, QRectF, pyqtSignal
from PyQt6.QtWidgets import QWidget

from viewer.page_views import Sight

LARGEST_PIXEL = 256.0
"""Device pixels that a picture pixel takes at most, unless the whole picture fits at more."""
WHEEL_NOTCH = 120.0
NOTCHES_PER_DOUBLING = 3.0
GRID = 256
"""Screen pixels to whose multiples the sight is rounded."""


class Transform(msgspec.Struct, frozen=True):
    """Scene coordinates to device pixels of one viewport; the origin lies on a whole device pixel.

    In the scene, pixel (y, x) of the picture covers [y, y + 1) x [x, x + 1).
    """

    scale: float
    left: int
    top: int

    def to_device(self, point: QPointF) -> QPointF:
        """Where a point of the scene is drawn."""
        return QPointF(self.left + point.x() * self.scale, self.top + point.y() * self.scale)

    def to_scene(self, point: QPointF) -> QPointF:
        """Which point of the scene is drawn there."""
        return QPointF((point.x() - self.left) / self.scale, (point.y() - self.top) / self.scale)

    def rect(self, rect: QRectF) -> QRectF:
        """Where a rectangle of the scene is drawn, with its edges on whole device pixels and at least one wide."""
        first, last = self.to_device(rect.topLeft()), self.to_device(rect.bottomRight())
        x, y = round(first.x()), round(first.y())
        return QRectF(x, y, max(1, round(last.x()) - x), max(1, round(last.y()) - y))


class PaneLink(QObject):
    """Centre and scale for any number of panes, the only place where either is changed.

    The scale counts device pixels for one unit of the scene, so that 1 shows every picture pixel as one pixel of
    the screen. While ``fitting``, the scale follows the size of the panes and of the content.
    """

    changed = pyqtSignal()
    zoom_changed = pyqtSignal(float)  # percent, in device pixels
    sight_changed = pyqtSignal(object)  # Sight

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._viewports: WeakKeyDictionary[QWidget, tuple[float, float]] = WeakKeyDictionary()
        self._content = QRectF()
        self._centre = QPointF()
        self._scale = 1.0
        self._fitting = True
        self._sight: Sight | None = None

    @property
    def scale(self) -> float:
        """Device pixels for one unit of the scene."""
        return self._scale

    @property
    def centre(self) -> QPointF:
        """The point of the scene in the middle of every pane."""
        return QPointF(self._centre)

    @property
    def is_fitting(self) -> bool:
        """True while the whole content is kept in sight."""
        return self._fitting

    @property
    def content(self) -> QRectF:
        """What there is to see, in the scene."""
        return QRectF(self._content)

    def transform(self, width: float, height: float) -> Transform:
        """The view as it falls on a viewport of that many device pixels."""
        left = round(width / 2 - self._centre.x() * self._scale)
        top = round(height / 2 - self._centre.y() * self._scale)
        return Transform(self._scale, left, top)

    def set_viewport(self, pane: QWidget, width: float, height: float) -> None:
        """A pane says how many device pixels it has."""
        self._viewports[pane] = (max(1.0, width), max(1.0, height))
        self._follow()
        self._look()

    def forget(self, pane: QWidget) -> None:
        """A pane is hidden: fitting need not mind it."""
        if self._viewports.pop(pane, None) is not None:
            self._follow()

    def set_content(self, rect: QRectF) -> None:
        """There is something else to see; the view stays unless it fits or would lose the content."""
        if rect != self._content:
            self._content = QRectF(rect)
            self._follow()

    def fit(self) -> None:
        """Show the whole content, as large as possible, from now on."""
        self._fitting = True
        self._follow()

    def zoom_to(self, scale: float, at: QPointF | None = None) -> None:
        """Draw at `scale`; the point `at` of the scene stays where it is on the screen."""
        least, most = self.limits()
        scale = min(max(scale, least), most)
        anchor = self._centre if at is None else at
        share = self._scale / scale
        centre = QPointF(
            anchor.x() + (self._centre.x() - anchor.x()) * share, anchor.y() + (self._centre.y() - anchor.y()) * share
        )
        self._set(centre, scale, fitting=False)

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        """Draw `factor` times as large."""
        self.zoom_to(self._scale * factor, at)

    def zoom_step(self, direction: int, at: QPointF | None = None) -> None:
        """Go to the next of 1, 1.5, 2, 3, 4, 6 ... or 2/3, 1/2, 1/3, 1/4 ..."""
        steps = sorted(base * 2.0**power for power in range(-14, 10) for base in (1.0, 4.0 / 3.0 if power < 0 else 1.5))
        slack = 1.0 + 1e-6
        if direction > 0:
            target = next((step for step in steps if step > self._scale * slack), self._scale)
        else:
            target = next((step for step in reversed(steps) if step < self._scale / slack), self._scale)
        self.zoom_to(target, at)

    def pan_by(self, x: float, y: float) -> None:
        """Move what is seen by that many device pixels."""
        self._set(
            QPointF(self._centre.x() - x / self._scale, self._centre.y() - y / self._scale), self._scale, fitting=False
        )

    def reveal(self, point: QPointF) -> None:
        """Move as little as needed to bring a point of the scene into every pane, a little off its edge."""
        room = [(width, height) for width, height in self._viewports.values()]
        if not room:
            return
        reach_x = max(0.5, min(width for width, _ in room) * 0.45 / self._scale - 1.0)
        reach_y = max(0.5, min(height for _, height in room) * 0.45 / self._scale - 1.0)
        centre = QPointF(
            min(max(self._centre.x(), point.x() - reach_x), point.x() + reach_x),
            min(max(self._centre.y(), point.y() - reach_y), point.y() + reach_y),
        )
        if not self._fitting:
            self._set(centre, self._scale, fitting=False)

    def fit_scale(self, content: QRectF | None = None) -> float:
        """The largest scale that shows the whole of `content`, by default of what there is, in every pane."""
        content = self._content if content is None else content
        if content.isEmpty() or not self._viewports:
            return 1.0
        return min(
            min(width / content.width(), height / content.height()) for width, height in self._viewports.values()
        )

    def limits(self) -> tuple[float, float]:
        """The smallest and the largest scale."""
        fit = self.fit_scale()
        return min(fit, 1.0) / 2, max(fit, LARGEST_PIXEL)

    def _follow(self) -> None:
        """After a change of panes or content: fit again, or hold the view inside its bounds."""
        if self._fitting:
            self._set(self._content.center(), self.fit_scale(), fitting=True)
        else:
            least, most = self.limits()
            self._set(self._centre, min(max(self._scale, least), most), fitting=False)

    def _set(self, centre: QPointF, scale: float, *, fitting: bool) -> None:
        if not self._content.isEmpty():
            centre = QPointF(
                min(max(centre.x(), self._content.left()), self._content.right()),
                min(max(centre.y(), self._content.top()), self._content.bottom()),
            )
        zoomed = not math.isclose(scale, self._scale, rel_tol=1e-12)
        moved = zoomed or centre != self._centre
        self._centre, self._scale, self._fitting = centre, scale, fitting
        if moved:
            self.changed.emit()
        if zoomed:
            self.zoom_changed.emit(scale * 100.0)
        if moved:
            self._look()

    def _look(self) -> None:
        """Say what is in sight, if it is something else."""
        if not self._viewports:
            return
        width, height = (max(sizes) for sizes in zip(*self._viewports.values(), strict=True))
        halvings = math.floor(-math.log2(self._scale))
        step = GRID * 2.0 ** max(halvings, 0)

        def ends(middle: float, length: float) -> tuple[int, int]:
            half = length / 2 / self._scale
            return math.floor((middle - half) / step) * int(step), math.ceil((middle + half) / step) * int(step)

        scale = self._scale if self._scale < 1.0 else None
        sight = Sight(halvings, ends(self._centre.y(), height), ends(self._centre.x(), width), scale)
        if sight != self._sight:
            self._sight = sight
            self.sight_changed.emit(sight)


def wheel_factor(delta: float) -> float:
    """How much one turn of the wheel by `delta` eighths of a degree enlarges."""
    return 2.0 ** (delta / (WHEEL_NOTCH * NOTCHES_PER_DOUBLING))
