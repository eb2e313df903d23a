"""What is looked at below the row: maps, one number's arithmetic, the matrix, the locations; and what moves along."""

from __future__ import annotations

import math
from typing import Any, TypeVar

from msgspec.structs import replace
from PyQt6.QtCore import QObject, QRectF

from kernels.pictures.colour_maps import table
from viewer.moment import Moment, Purpose
from viewer.pages.filter.input_queries import INPUT
from viewer.pages.layers.queries import (
    LOCATIONS,
    MAP,
    MATRIX,
    SHIFT,
    TRACE,
    MapPicture,
    held_maps,
    held_shift,
    is_map_behind,
    map_read,
    selected_place,
    stage_purpose,
)
from viewer.pages.layers.row import recipe_of
from viewer.pages.layers.sentences import plain_sentence
from viewer.pages.layers.stages import kind
from viewer.pages.layers.views.workspace import LayersWorkspace
from viewer.pages.layers.words import shift_lines
from viewer.panes import Overlay, make_sheet
from viewer.panes.overlay import scene_rect
from viewer.session import with_view
from viewer.shelf import open_result
from viewer.store import Store

Pixel = tuple[int, int]
Shares = tuple[float, float, float, float]
T = TypeVar("T")


class LookingControl(QObject):
    """Keeps the views of the selected stage in step with what is computed, and the pointer with what is read."""

    def __init__(self, view: LayersWorkspace, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view, self._store = view, store
        self._moment = Moment(store.state)
        maps = view.maps
        view.tab_chosen.connect(lambda name: self._look(tab=name))
        view.strip.hovered.connect(self._hover_card)
        view.strip.left.connect(self._leave)
        maps.map_chosen.connect(lambda number: self._look(map=number))
        maps.scale_chosen.connect(lambda scale: self._look(common_scale=scale == "common"))
        maps.hovered.connect(lambda _pane, y, x: self._read(self._pixel_at(y, x)))
        maps.left.connect(self._leave)
        maps.clicked.connect(lambda _pane, y, x: self._click(self._pixel_at(y, x)))
        maps.freed.connect(lambda: self._look(pixel=None, pinned=False))
        maps.nudged.connect(self._nudge)
        maps.link.sight_changed.connect(lambda sight: self._look(sight=sight))
        view.matrix.kernel_chosen.connect(lambda name: self._look(kernel=name))
        view.matrix.map_chosen.connect(lambda number: self._look(map=number))
        view.matrix.row_chosen.connect(self._take_row)
        view.arithmetic.part_chosen.connect(self._look_inside)
        view.arithmetic.channel_chosen.connect(lambda channel: self._look(channel=channel))
        view.options.shift_chosen.connect(lambda pixels: self._look(shift=pixels))

    # -- showing ---------------------------------------------------------------------------------------------------

    def paint(self, old: Moment, new: Moment) -> None:
        """The pictures first."""
        self._moment = new
        if new.is_newer(old, INPUT):
            self._show_picture(new)
        is_awaited = self._is_on_its_way(new)
        is_newer = new.is_newer(old, MAP, INPUT, stage_purpose(selected_place(new)))
        if is_newer or is_awaited != self._is_on_its_way(old) or self._is_other_map(old, new):
            self._show_map(new)
        self._view.maps.map.busy.set_busy(is_awaited)
        if new.is_newer(old, MAP, TRACE) or self._is_other_view(old, new):
            self._show_overlays(new)

    def render(self, old: Moment, new: Moment) -> None:
        """What is not a picture."""
        layers = new.state.session.layers
        reason = self._nothing_to_read(new, selected_place(new))
        is_other = self._is_other_view(old, new) or old.state.document.row != new.state.document.row
        is_other = is_other or reason != self._nothing_to_read(old, selected_place(old))
        if layers.tab == "arithmetic" and (new.is_newer(old, TRACE) or is_other):
            self._show_trace(new)
        if layers.tab == "matrix" and (new.is_newer(old, MATRIX) or is_other):
            self._view.matrix.show_case(*self._shown(new, MATRIX, reason))
            self._view.matrix.show_kernel(layers.kernel, self.tr("Map {n}").format(n=layers.map))
        if layers.tab == "locations" and (new.is_newer(old, LOCATIONS) or is_other):
            self._view.locations.show_locations(*self._shown(new, LOCATIONS, reason))
        if new.is_newer(old, SHIFT) or is_other:
            self._show_shift(new)
        self._view.show_tab(layers.tab)

    def _nothing_to_read(self, new: Moment, place: int) -> str:
        """Why the stage at `place` has no number that could be taken apart; empty if it has."""
        if place == 0:
            return self.tr("Choose a stage, and point at or click a pixel of its map.")
        if not new.state.document.row[place - 1].is_on:
            return self.tr("This stage is switched off: it hands on what it gets.")
        failures = [new.failure(stage_purpose(each)) for each in range(1, place + 1)]
        return next((plain_sentence(each.sentence) for each in failures if each is not None and each.error), "")

    @staticmethod
    def _shown(new: Moment, purpose: Purpose[T], reason: str) -> tuple[T | None, str]:
        """What is there for a purpose, or one sentence that says why nothing is."""
        failure = new.failure(purpose)
        if reason or failure is not None:
            return None, reason or (plain_sentence(failure.sentence) if failure is not None else "")
        return new.value(purpose), ""

    def _show_shift(self, new: Moment) -> None:
        results, place, row = held_shift(new), selected_place(new), new.state.document.row
        number = sum(stage.is_on for stage in row[: max(place - 1, 0)])
        is_asked = place > 0 and row[place - 1].is_on and new.failure(SHIFT) is None
        shown = results[number] if results is not None and is_asked and number < len(results) else None
        self._view.options.show_shift(new.state.session.layers.shift, shift_lines(shown))

    @staticmethod
    def _is_other_map(old: Moment, new: Moment) -> bool:
        """Whether another map is to be shown, or the same in another way; what pixel is read does not matter."""
        before, after = old.state.session.layers, new.state.session.layers
        is_other = (before.selected, before.map, before.common_scale) != (after.selected, after.map, after.common_scale)
        return old is new or is_other or old.state.document.row != new.state.document.row

    @staticmethod
    def _is_other_view(old: Moment, new: Moment) -> bool:
        return old is new or old.state.session.layers != new.state.session.layers

    @staticmethod
    def _is_on_its_way(moment: Moment) -> bool:
        """Whether the selected map is being made."""
        return moment.is_busy(MAP) or moment.is_busy(stage_purpose(selected_place(moment)))

    def _show_picture(self, new: Moment) -> None:
        shown = new.result(INPUT)
        if shown is None:
            return
        height, width = shown.value.values.shape[:2]
        rect = QRectF(0, 0, width, height)
        pane = self._view.maps.picture
        if pane.sheet is None or pane.sheet.rect != rect:
            self._view.maps.link.fit()
        reference = new.state.document.picture
        title = "" if reference is None else reference.title
        self._view.maps.show_picture(make_sheet(shown.value, rect), title, f"{width} × {height}")
        self._view.maps.set_content(rect)

    def _show_map(self, new: Moment) -> None:
        found, place = new.value(MAP), selected_place(new)
        layers, maps = new.state.session.layers, held_maps(new, place)
        if found is None:
            self._view.maps.show_map(None)
            return
        name = kind(found.kind).title if found.kind else self.tr("Picture")
        low, high = found.painted.levels
        sheet = make_sheet(found.painted, self._map_rect(new, found))
        is_behind = is_map_behind(new) and not self._is_on_its_way(new)  # else the busy line says so
        self._view.maps.show_map(sheet, stage=name, number=found.number, values=(low, high), is_behind=is_behind)
        if place == 0:
            self._view.maps.show_maps((), None)
        elif maps is not None:
            self._view.maps.show_maps(maps.thumbnails, layers.map, maps.numbers, maps.single_values)
        self._view.maps.show_scale("common" if layers.common_scale else "own")
        look = found.painted.look
        colours = table(look.colour_map)[::4]
        title = self.tr("Map {n}").format(n=found.number) if found.number is not None else name
        self._view.strip.show_scale(title, low, high, colours)

    @staticmethod
    def _map_rect(moment: Moment, found: MapPicture) -> QRectF:
        """What the map covers of the picture: each of its pixels as large as the way from one to the next."""
        picture, (rows, columns) = open_result(moment), found.painted.values.shape[:2]
        height, width = (rows, columns) if picture is None else picture.value.shape[:2]
        if found.jump is None:
            return QRectF(0, 0, width, height)
        high, wide = found.jump[0] * rows, found.jump[1] * columns
        return scene_rect(((height - high) / 2, (width - wide) / 2, high, wide))

    def _show_overlays(self, new: Moment) -> None:
        """The pixel that is read, and its receptive field in the picture and in every stage between."""
        layers, trace, (place, _map) = new.state.session.layers, new.value(TRACE), map_read(new)
        sheet, read = self._view.maps.map.sheet, held_maps(new, place)
        picture = marked = Overlay(pinned=layers.pinned)
        shares: dict[int, Shares] = {}
        if layers.pixel is not None and read is not None:
            shape = read.array.shape
            at = i, j = self._inside(layers.pixel, shape)
            key = layers.over[0] if layers.over else layers.selected
            shares[key] = i / shape[0], j / shape[1], 1 / shape[0], 1 / shape[1]
            if trace is not None and trace.position == at and not self._nothing_to_read(new, place):
                shares.update(self._shares_of(new, place))
        if sheet is not None and layers.selected in shares and not is_map_behind(new):
            marked = replace(marked, **self._box(shares[layers.selected], sheet.rect))
        if 0 in shares and self._view.maps.picture.sheet is not None:
            picture = replace(picture, **self._box(shares[0], self._view.maps.picture.sheet.rect))
        self._view.maps.show_overlays(picture, marked)
        self._view.strip.show_pixels(shares)

    @staticmethod
    def _box(shares: Shares, rect: QRectF) -> dict[str, Any]:
        """What is followed, on a map that covers `rect` of the scene: a box, and a crosshair through its middle."""
        top, left, high, wide = shares
        box = QRectF(rect.left() + left * rect.width(), rect.top() + top * rect.height(),
                     wide * rect.width(), high * rect.height())  # fmt: skip
        return {"box": box, "point": (box.center().y(), box.center().x())}

    @staticmethod
    def _inside(pixel: Pixel, shape: tuple[int, ...]) -> Pixel:
        """The pixel, or the nearest one of a smaller map."""
        return min(pixel[0], shape[0] - 1), min(pixel[1], shape[1] - 1)

    def _shares_of(self, moment: Moment, place: int) -> dict[int, Shares]:
        """The receptive field in every stage before the one at `place`, in shares of their maps."""
        trace, row = moment.value(TRACE), moment.state.document.row
        assert trace is not None
        on = [(number, stage) for number, stage in enumerate(row[: place - 1], 1) if stage.is_on]
        keys = [(0, 0), *((number, stage.key) for number, stage in on)]
        found = {}
        for (number, key), (_place, region) in zip(keys, trace.fields, strict=False):
            maps = held_maps(moment, number)
            if maps is not None:
                rows, columns = maps.array.shape[:2]
                found[key] = (region.top / rows, region.left / columns, (region.bottom - region.top) / rows,
                              (region.right - region.left) / columns)  # fmt: skip
        return found

    def _show_trace(self, new: Moment) -> None:
        trace, failure = new.value(TRACE), new.failure(TRACE)
        reason = self._nothing_to_read(new, map_read(new)[0])
        if reason:
            self._view.arithmetic.show_trace(None, {}, reason)
        elif failure is not None or trace is None:
            self._view.arithmetic.show_trace(None, {}, "" if failure is None else plain_sentence(failure.sentence))
        else:
            reference = new.state.document.picture
            words = {"image": self.tr("the picture") if reference is None else reference.title}
            names = recipe_of([stage for stage in new.state.document.row if stage.is_on]).names
            words.update({place: kind(name).title for place, name in names.items()})
            self._view.arithmetic.show_trace(trace, words, "")

    # -- the pixel that is read ------------------------------------------------------------------------------------

    def _pixel_at(self, y: float, x: float) -> Pixel | None:
        """The pixel of the selected map under a point of the scene."""
        sheet = self._view.maps.map.sheet
        return None if sheet is None else sheet.pixel_at(y, x)

    def _hover_card(self, key: int, number: int, down: float, across: float) -> None:
        """The pixel of a stage under the pointer, wherever that stage is in the row."""
        layers = self._store.session.layers
        place = next((n for n, stage in enumerate(self._store.document.row, 1) if stage.key == key), 0)
        maps = held_maps(self._moment, place)
        if maps is not None:
            rows, columns = maps.array.shape[:2]
            pixel = min(math.floor(down * rows), rows - 1), min(math.floor(across * columns), columns - 1)
            self._read(pixel, None if key == layers.selected else (key, number))

    def _read(self, pixel: Pixel | None, over: tuple[int, int] | None = None) -> None:
        if not self._store.session.layers.pinned:
            self._look(pixel=pixel, over=over)

    def _leave(self) -> None:
        self._read(None)

    def _click(self, pixel: Pixel | None) -> None:
        layers = self._store.session.layers
        if pixel is not None:
            self._look(pixel=pixel, over=None, pinned=not (layers.pinned and layers.pixel == pixel))

    def _nudge(self, down: int, right: int) -> None:
        layers, sheet = self._store.session.layers, self._view.maps.map.sheet
        if layers.pixel is not None and sheet is not None:
            i, j = self._inside(layers.pixel, sheet.shape)
            at = self._inside((max(i + down, 0), max(j + right, 0)), sheet.shape)
            self._look(pixel=at, over=None, pinned=True)

    def _look_inside(self, place: str) -> None:
        """Take the number apart that a stage inside the present one gives."""
        trace = self._moment.value(TRACE)
        parts = () if trace is None else trace.parts
        part = next((each for each in parts if each.place == place), None)
        if part is not None:
            self._look(part=(part.place, part.channel), pinned=True)

    def _take_row(self, number: int) -> None:
        """Follow the output pixel of a row of the matrix."""
        case = self._moment.value(MATRIX)
        if case is not None:
            self._look(pixel=case.block.position_of(number), over=None, pinned=True)

    def _look(self, **changes: object) -> None:
        self._store.view(lambda session: with_view(session, "layers", **changes))
