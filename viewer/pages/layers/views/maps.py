"""The picture and one map of a stage side by side, linked, and all maps of the stage to choose from."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QRectF, Qt, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from viewer import theme
from viewer.pages.layers.figures import FIGURES, value_text
from viewer.pages.layers.views.map_list import MapList
from viewer.painting import Bytes
from viewer.panes import Overlay, PaneLink, PicturePane, Sheet
from viewer.panes.pair import HANDLE, Panes
from viewer.panes.title_row import HEIGHT, SEPARATOR
from viewer.widgets import Label, SegmentedControl, describe, filled

COLUMN, PADDING = 196, 8


class MapsView(Panes):
    """The panes "picture" and "map", and at their right the maps of the stage.

    The map lies in the picture's scene where its pixels belong: its sheet's rectangle says where that is.
    """

    map_chosen = pyqtSignal(int)
    scale_chosen = pyqtSignal(str)  # "common" or "own"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("mapsView")
        self.link = PaneLink(self)
        keys = self.tr("Wheel or pinch zooms, a drag pans; F fits, 1 shows 1:1, + and − zoom; a click pins the pixel")
        self.picture = PicturePane("mapsPicturePane", self.tr("Picture"), keys, self.link)
        self.map = PicturePane("mapsMapPane", self.tr("Map of the stage"), keys, self.link)
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.setObjectName("mapsSplitter")
        self._splitter.setChildrenCollapsible(False)
        for name, pane in (("picture", self.picture), ("map", self.map)):
            self._splitter.addWidget(pane)
            self.join(name, pane)
        self._splitter.setSizes([1000, 1000])
        filled(QHBoxLayout(self), self._splitter, 1, self._make_column(), spacing=0)
        self.map.set_title(self.tr("Map"))
        self.show_picture(None)
        theme.follow(self._resize)

    def _make_column(self) -> QWidget:
        self._column = describe(QWidget(), "mapsColumn", self.tr("Maps of the stage"), "")
        self._column.setProperty("panel", True)
        self._column.setProperty("edge", "left")
        self._column.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._heading = Label("", "title", name="mapsHeading")
        self._heading.setAlignment(Qt.AlignmentFlag.AlignVCenter)
        tip = self.tr("Whether the colours mean the same in all maps of the stage")
        self.scale = SegmentedControl("mapScale", self.tr("Scale of the colours"), tip)
        self.scale.offer(
            (
                ("common", self.tr("One scale"), self.tr("The same colour is the same number in all maps")),
                ("own", self.tr("Each its own"), self.tr("Each map uses all colours, however small its numbers are")),
            )
        )
        self.list = MapList()
        self._rows = filled(QVBoxLayout(self._column), self._heading, self.scale, self.list, 1)
        self.list.chosen.connect(self.map_chosen)
        self.scale.currentIndexChanged.connect(lambda _index: self.scale_chosen.emit(self.scale.currentData()))
        self._column.hide()
        return self._column

    # Setters --------------------------------------------------------------------------------------------------

    def set_content(self, rect: QRectF) -> None:
        """What there is to see, in the scene: the picture."""
        self.link.set_content(rect)

    def show_picture(self, sheet: Sheet | None, origin: str = "", size: str = "") -> None:
        """Show the picture, which is called `origin`."""
        self.picture.set_sheet(sheet)
        self.picture.set_title(self.tr("Picture"), origin=origin, size=size)
        self.picture.set_message("" if sheet is not None else self.tr("Open a picture or drop one here"))

    def show_map(
        self,
        sheet: Sheet | None,
        *,
        stage: str = "",
        number: int | None = None,
        values: tuple[float, float] | None = None,
        is_behind: bool = False,
    ) -> None:
        """Show a map of the stage that is called `stage`; `values` are its least and its greatest.

        `number` is None for a stage that has one map only. One that `is_behind` is not as the row gives it now.
        """
        self.map.set_sheet(sheet)
        name = self.tr("Map {n} of {stage}").format(n=number, stage=stage) if number is not None else stage
        size = "" if sheet is None else f"{sheet.shape[1]} × {sheet.shape[0]}"
        facts = "" if values is None else " … ".join(value_text(each, FIGURES) for each in values)
        facts += SEPARATOR + self.tr("as it was before") if is_behind and facts else ""
        self.map.set_title(name or self.tr("Map"), size=size, facts=facts)

    def show_overlays(self, picture: Overlay, map_overlay: Overlay) -> None:
        """Draw these marks: the receptive field in the picture, and the pixel that is followed in the map."""
        self.picture.set_overlay(picture)
        self.map.set_overlay(map_overlay)

    def show_maps(
        self,
        maps: Sequence[Bytes],
        selected: int | None,
        numbers: Sequence[int] | None = None,
        values: Sequence[float] = (),
    ) -> None:
        """Offer these maps, uint8 (h, w) or (h, w, 3); where there is one only, there is nothing to choose.

        `numbers` are theirs where they are not all that the stage has, up to its last; `selected` is one of these.
        `values` are the numbers of maps that are single pixels.
        """
        numbers = range(len(maps)) if numbers is None else numbers
        shown, count = f"{len(maps):,}", f"{numbers[-1] + 1 if maps else 0:,}"
        some = self.tr("{shown} of {count} maps").format(shown=shown, count=count)
        self._heading.setText(self.tr("{count} maps").format(count=count) if shown == count else some)
        self.list.show_maps(maps, numbers, selected, values)
        self._column.setVisible(len(maps) > 1)

    def show_selected(self, number: int | None) -> None:
        """Frame another of the maps."""
        self.list.show_selected(number)

    def show_scale(self, scale: str) -> None:
        """Show the chosen scale, "common" or "own", without announcing it."""
        self.scale.show_data(scale)

    def _resize(self) -> None:
        padding = theme.px(PADDING)
        self._column.setFixedWidth(theme.px(COLUMN))
        self._heading.setFixedHeight(theme.px(HEIGHT))
        self._rows.setContentsMargins(padding, 0, padding, padding // 2)
        self._rows.setSpacing(padding // 2)
        self._splitter.setHandleWidth(theme.px(HANDLE))
