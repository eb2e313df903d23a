"""The menus of the tool bar: recent files, samples, ways to save."""

from __future__ import annotations

import os
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QCoreApplication, QObject
from PyQt6.QtGui import QAction, QIcon, QPixmap
from PyQt6.QtWidgets import QMenu, QProxyStyle, QStyle, QStyleOption, QWidget

from kernels import resources
from kernels.pictures.reading import open_sample
from viewer import theme
from viewer.compute import Compute
from viewer.images import to_qimage
from viewer.intents import Intents
from viewer.moment import Failure, Purpose, Query
from viewer.painting import Look, fewer_pixels, paint
from viewer.settings import RECENT_FILES, Settings
from viewer.sources import Sources
from viewer.task import Outcome
from viewer.widgets.base import describe, plain
from viewer.window.tool_bar import ToolBar

THUMBNAIL_SIDE = 32
THUMBNAIL: Purpose[NDArray[np.uint8]] = Purpose("thumbnail", "thumbnails")


def _tr(text: str) -> str:
    return QCoreApplication.translate("menus", text)


class _ThumbnailStyle(QProxyStyle):
    """Icons of menu items as large as a thumbnail."""

    def pixelMetric(
        self, metric: QStyle.PixelMetric, option: QStyleOption | None = None, widget: QWidget | None = None
    ) -> int:
        if metric == QStyle.PixelMetric.PM_SmallIconSize:
            return theme.px(THUMBNAIL_SIDE)
        return super().pixelMetric(metric, option, widget)


class Menus(QObject):
    """Fills the menus of the tool bar."""

    def __init__(
        self, bar: ToolBar, intents: Intents, sources: Sources, settings: Settings, compute: Compute, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._bar, self._sources, self._settings, self._compute = bar, sources, settings, compute
        self._intents = intents
        self._thumbnails: dict[str, QAction] = {}
        self._icon_style = _ThumbnailStyle()  # a widget does not own its style
        self._icon_style.setParent(self)
        self._fill_samples(bar.samples.menu())
        self._fill_open()
        for name in ("saveShown", "saveRaw", "saveDeep", "outputToInput", "saveRow", "filterFolder"):
            bar.save.menu().addAction(intents.action(name))
        sources.recent_changed.connect(self._fill_open)

    def _fill_open(self) -> None:
        menu = self._bar.open.menu()
        menu.clear()
        menu.addActions([self._intents.action("openPicture"), self._intents.action("openRow")])
        recent = [path for path in self._settings.get(RECENT_FILES) if os.path.isfile(path)]
        if recent:
            menu.addSection(_tr("Recent"))
        for path in recent:
            action = menu.addAction(os.path.basename(path).replace("&", "&&"))
            action.setToolTip(plain(path))
            action.triggered.connect(lambda _checked=False, chosen=path: self._sources.open(chosen))

    def _fill_samples(self, menu: QMenu | None) -> None:
        menu.setStyle(self._icon_style)
        group = ""
        target: Any = menu
        for sample in resources.SAMPLES:
            if sample.group != group:
                group = sample.group
                target = menu.addMenu(group) if group != resources.PHOTOGRAPHS else menu
                describe(target, f"samples{group.replace(' ', '')}", group, "")
                target.setStyle(self._icon_style)
                target.setToolTipsVisible(True)
            action: Any = target.addAction(sample.title)
            action.setObjectName(f"sample_{sample.name}")
            action.setToolTip(sample.credit)
            action.triggered.connect(lambda _checked=False, name=sample.name: self._sources.open_sample(name))
            self._thumbnails[sample.name] = action

    def ask_thumbnails(self) -> None:
        """Have the samples' thumbnails made, so that the menu has them when it is opened."""
        for name, action in self._thumbnails.items():
            if action.icon().isNull():
                self._compute.order(thumbnail_query(name), partial(self._show_thumbnail, action))

    def _show_thumbnail(self, action: QAction, outcome: Outcome) -> None:
        if not isinstance(outcome, Failure):
            action.setIcon(QIcon(QPixmap.fromImage(to_qimage(outcome.value))))


def thumbnail_query(name: str) -> Query[NDArray[np.uint8]]:
    """The thumbnail of the sample `name`, at twice its size for screens that have it."""
    return Query(THUMBNAIL, name, lambda _work: thumbnail(name, 2 * THUMBNAIL_SIDE))


def thumbnail(name: str, side: int) -> NDArray[np.uint8]:
    """A square of `side` pixels from the middle of the sample `name`."""
    picture = open_sample(name)
    shown = paint(picture.pixels, Look("clip", "grey", picture.file_range)).image
    height, width = shown.shape[:2]
    length = min(height, width)
    top, left = (height - length) // 2, (width - length) // 2
    square = shown[top : top + length, left : left + length]
    return square if length <= side else fewer_pixels(square, side, side)
