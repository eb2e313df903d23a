"""The menus of the tool bar: recent files, samples, ways to save."""

from __future__ import annotations

import os
from collections.abc import Callable

from PyQt6.QtCore import QCoreApplication, QObject
from PyQt6.QtGui import QAction, QIcon, QPixmap
from PyQt6.QtWidgets import QFileDialog, QMenu, QProxyStyle, QStyle, QStyleOption, QWidget

from kernels import resources
from viewer import theme
from viewer.compute import Compute
from viewer.controllers.files import FilesController
from viewer.images import to_qimage
from viewer.resolve import Failure, Response
from viewer.resolve_pictures import SaveKind, ThumbnailRequest
from viewer.settings import RECENT_FILES, Settings
from viewer.widgets import describe
from viewer.window.main_window import MainWindow

THUMBNAIL_SIDE = 32


def _tr(text: str) -> str:
    return QCoreApplication.translate("menus", text)


def open_filter() -> str:
    """The file dialog's list of picture files."""
    suffixes = "*.png *.jpg *.jpeg *.tif *.tiff *.webp *.bmp *.pgm *.ppm *.pnm *.gif *.npy"
    upper = suffixes.upper()
    return _tr("Pictures ({suffixes});;All files (*)").format(suffixes=f"{suffixes} {upper}")


SHOWN_FILTER = "PNG (*.png);;JPEG (*.jpg)"
RAW_FILTER = "TIFF, float (*.tif);;NumPy array (*.npy)"
DEEP_FILTER = "PNG, 16 bits (*.png);;TIFF, 16 bits (*.tif)"


def suffix_of(choice: str) -> str:
    """The suffix that a file type of a dialog stands for: ".jpg" of "JPEG (*.jpg)"."""
    return choice.rpartition("*")[2].rstrip(")")


class _ThumbnailStyle(QProxyStyle):
    """Icons of menu items as large as a thumbnail."""

    def pixelMetric(
        self, metric: QStyle.PixelMetric, option: QStyleOption | None = None, widget: QWidget | None = None
    ) -> int:
        if metric == QStyle.PixelMetric.PM_SmallIconSize:
            return theme.px(THUMBNAIL_SIDE)
        return super().pixelMetric(metric, option, widget)


class MenusController(QObject):
    """Fills the menus and asks for files; ``ask_open`` and ``ask_save`` can be replaced by scripts."""

    def __init__(
        self, window: MainWindow, files: FilesController, settings: Settings, compute: Compute, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._window, self._files, self._settings, self._compute = window, files, settings, compute
        self.ask_open: Callable[[str, str, str], str] = self._dialog_open
        self.ask_save: Callable[[str, str, str], str] = self._dialog_save
        self._thumbnails: dict[str, QAction] = {}
        self._icon_style = _ThumbnailStyle()  # a widget does not own its style
        self._icon_style.setParent(self)
        self._fill_samples(window.tool_bar.samples.menu())
        self._fill_open()
        save = window.tool_bar.save.menu()
        if save is not None:
            for name in ("saveShown", "saveRaw", "saveDeep", "outputToInput"):
                save.addAction(window.action(name))
        files.recent_changed.connect(self._fill_open)
        compute.answered.connect(self._take)

    def choose_picture(self) -> None:
        """Ask for a picture file and open it."""
        path = self.ask_open(_tr("Open a picture"), self._settings.folder(), open_filter())
        if path:
            self._files.open(path)

    def choose_target(self, kind: SaveKind, name: str) -> str:
        """Ask where to save; the answer carries a suffix."""
        title, suffix, choices = {
            "shown": (_tr("Save the output as shown"), ".png", SHOWN_FILTER),
            "raw": (_tr("Save the output's raw values"), ".tif", RAW_FILTER),
            "16-bit": (_tr("Save the output in 16 bits"), ".png", DEEP_FILTER),
        }[kind]
        path = self.ask_save(title, os.path.join(self._settings.folder(), name + suffix), choices)
        return path if not path or os.path.splitext(path)[1] else path + suffix

    def _dialog_open(self, title: str, folder: str, choices: str) -> str:
        return QFileDialog.getOpenFileName(self._window, title, folder, choices)[0]

    def _dialog_save(self, title: str, proposal: str, choices: str) -> str:
        path, chosen = QFileDialog.getSaveFileName(self._window, title, proposal, choices)
        return path if not path or os.path.splitext(path)[1] else path + suffix_of(chosen)

    def _fill_open(self) -> None:
        menu = self._window.tool_bar.open.menu()
        if menu is None:
            return
        menu.clear()
        choose = menu.addAction(_tr("Open a picture…"))
        if choose is not None:
            choose.setObjectName("chooseFile")
            choose.triggered.connect(self.choose_picture)
        recent = [path for path in self._settings.get(RECENT_FILES) if os.path.isfile(path)]
        if recent:
            menu.addSection(_tr("Recent"))
        for path in recent:
            action = menu.addAction(os.path.basename(path).replace("&", "&&"))
            if action is not None:
                action.setToolTip(path)
                action.triggered.connect(lambda _checked=False, chosen=path: self._files.open(chosen))

    def _fill_samples(self, menu: QMenu | None) -> None:
        if menu is None:
            return
        menu.aboutToShow.connect(self._ask_thumbnails)
        menu.setStyle(self._icon_style)
        group = ""
        target: QMenu | None = menu
        for sample in resources.SAMPLES:
            if sample.group != group:
                group = sample.group
                target = menu.addMenu(group) if group != resources.PHOTOGRAPHS else menu
                assert target is not None
                describe(target, f"samples{group.replace(' ', '')}", group, "")
                target.setStyle(self._icon_style)
                target.setToolTipsVisible(True)
            action = target.addAction(sample.title)
            if action is None:
                continue
            action.setObjectName(f"sample_{sample.name}")
            action.setToolTip(sample.credit)
            action.triggered.connect(lambda _checked=False, name=sample.name: self._files.open_sample(name))
            self._thumbnails[sample.name] = action

    def _ask_thumbnails(self) -> None:
        for name, action in self._thumbnails.items():
            if action.icon().isNull():
                self._compute.submit(ThumbnailRequest(name=name, side=2 * THUMBNAIL_SIDE))

    def _take(self, answer: Response | Failure) -> None:
        request = answer.request
        if isinstance(request, ThumbnailRequest) and isinstance(answer, Response):
            self._thumbnails[request.name].setIcon(QIcon(QPixmap.fromImage(to_qimage(answer.result))))
