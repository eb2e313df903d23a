"""The panes of the gradient: what they show, what is said over them, and what of them can be saved."""

from __future__ import annotations

from typing import cast

import numpy as np
from msgspec.structs import replace
from PyQt6.QtCore import QObject, QRectF

from viewer.document import PictureReference
from viewer.images import to_array
from viewer.moment import Moment
from viewer.pages.filter.input_queries import INPUT
from viewer.pages.gradient import queries
from viewer.pages.gradient.painting import DERIVED, sector_colours, whole_image
from viewer.pages.gradient.queries import EDGES, EDGES_PATCH, NUMBERS, PANES, PATCHES, PICTURE_PATCH, Numbers
from viewer.pages.gradient.views.arrows import ArrowField
from viewer.pages.gradient.views.grid import ROSE, PaneGrid
from viewer.painting import paint
from viewer.panes import make_sheet
from viewer.panes.overlay import scene_rect
from viewer.saving import Saveable
from viewer.session import with_view
from viewer.shelf import PICTURE
from viewer.store import Store
from viewer.widgets import format_number

SEPARATOR = " · "
NORMS = {"l2": "L2", "l1": "L1", "max": "max"}


class PanesControl(QObject):
    """Shows what is newer than what is on screen: the picture and the gradient first, edges and rose as they come."""

    def __init__(self, view: PaneGrid, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view, self._store = view, store
        self._gradient: object = None  # on screen
        view.maximise_requested.connect(self.maximise)
        view.reveal_requested.connect(lambda: store.view(lambda session: replace(session, covered=False)))
        view.link.sight_changed.connect(
            lambda sight: store.view(lambda session: with_view(session, "gradient", sight=sight))
        )

    def render(self, old: Moment, new: Moment) -> None:
        """Show what has changed between two moments."""
        self._view.set_maximised(new.state.session.gradient.maximised)
        if new.is_newer(old, INPUT, PICTURE_PATCH):
            self._show_picture(old, new)
        if new.is_newer(old, PANES, PATCHES, INPUT):
            self._show_panes(new)
        if new.is_newer(old, EDGES, EDGES_PATCH, INPUT):
            self._show_edges(new)
        if new.is_newer(old, NUMBERS, PANES, INPUT):
            self._show_rose(new)
        if new.is_newer(old, PANES, EDGES, NUMBERS, INPUT):
            self._show_titles(new)
        failure = new.failure(PANES)
        if new.is_newer(old, PANES):
            self._view.show_failure("" if failure is None else failure.sentence)
        self._show_busy(new)
        if old.state.session.covered != new.state.session.covered:
            for name in (*DERIVED, "edges", "response"):
                self._view.panes[name].set_covered(new.state.session.covered)

    def show_progress(self, purpose: str, fraction: float) -> None:
        """How much of the gradient is done."""
        names = {PANES.name: DERIVED, EDGES.name: ("edges",)}.get(purpose, ())
        for name in names:
            self._view.panes[name].busy.set_progress(fraction)

    def _show_busy(self, new: Moment) -> None:
        busy = new.is_busy(PANES) or new.is_busy(PICTURE)
        for name in DERIVED:
            self._view.panes[name].busy.set_busy(busy)
        self._view.panes["edges"].busy.set_busy(busy or new.is_busy(EDGES))

    def _show_picture(self, old: Moment, new: Moment) -> None:
        shown, found, pane = new.result(INPUT), new.value(PANES), self._view.panes["picture"]
        if shown is None:
            return
        height, width = shown.value.values.shape[:2]
        rect = QRectF(0, 0, width, height)
        if pane.sheet is None or pane.sheet.rect != rect:
            self._view.link.fit()
        if found is not None and found.gradient.geometry.image_shape != (height, width):
            # What was computed of a picture of another size would stand in the wrong place.
            self._gradient = None
            self._view.clear()
        if old.result(INPUT) is not shown:
            pane.set_arrows(None)  # those of another picture would lie
        reference, _frame = cast("tuple[PictureReference, int]", shown.key)
        pane.set_message("")
        pane.set_title(self.tr("Picture"), origin=reference.title, size=f"{width} × {height}")
        pane.set_sheet(make_sheet(shown.value, rect, new.value_from(PICTURE_PATCH, shown.key)))
        self._view.set_content(rect)

    def _show_panes(self, new: Moment) -> None:
        shown, picture = new.value(PANES), new.value(INPUT)
        if shown is None or picture is None:
            return
        gradient, patches = shown.gradient, new.value_from(PATCHES, shown)
        if gradient.geometry.image_shape != picture.values.shape[:2]:
            return  # it came too late
        self._gradient, rect = gradient, scene_rect(gradient.area)
        for name in DERIVED:
            sheet = make_sheet(shown.painted[name], rect, None if patches is None else patches[name])
            self._view.panes[name].set_sheet(sheet)
        # At once: whatever else there is to show comes after the pictures.
        for pane in [each for each in map(self._view.panes.get, DERIVED) if each.isVisible()][:1]:
            pane.show_now()
        if queries.shown_panes(new) is shown:
            arrows = ArrowField(gradient.gx, gradient.gy, gradient.magnitude, rect, shown.scale.white)
            self._view.panes["picture"].set_arrows(arrows)

    def _show_edges(self, new: Moment) -> None:
        found, panes = new.result(EDGES), new.value(PANES)
        if found is None or panes is None or self._gradient is None:
            return
        if found.value.gradient.geometry == panes.gradient.geometry:
            patch = new.value_from(EDGES_PATCH, found.key)
            rect = scene_rect(panes.gradient.area)
            self._view.panes["edges"].set_sheet(make_sheet(found.value.painted, rect, patch))

    def _show_titles(self, new: Moment) -> None:
        shown, edges = new.value(PANES), new.value(EDGES)
        if shown is None or self._gradient is not shown.gradient:
            return
        panes, numbers = self._view.panes, queries.numbers_of(new, shown.gradient)
        facts = NORMS[shown.options.norm]
        if numbers is not None:
            facts = self.tr("{norm} ≤ {value}").format(norm=facts, value=format_number(numbers.largest, 4))
        panes["magnitude"].set_title(self.tr("Magnitude"), origin=facts)
        hue = shown.painted["direction"].look.colour_map == "hue"
        facts = self.tr("hue") if hue else self.tr("cyclic map")
        panes["direction"].set_title(self.tr("Direction"), origin=facts)
        if edges is not None and panes["edges"].sheet is not None:
            share = self.tr("{share} % of all").format(share=f"{100 * edges.share:.1f}")
            panes["edges"].set_title(self.tr("Thin edges"), origin=share)

    def _show_rose(self, new: Moment) -> None:
        shown = new.value(PANES)
        numbers = None if shown is None else queries.numbers_of(new, shown.gradient)
        if numbers is None or shown is None or self._gradient is None:
            return
        colours = sector_colours(numbers.sectors, shown.painted["direction"].look.colour_map)
        self._view.rose.set_rose(numbers.rose, numbers.sectors, colours, self._rose_lines(numbers))
        message = ""
        if numbers.largest == 0:
            message = self.tr("Flat: the magnitude is 0 everywhere, so there is no direction.")
        if numbers.is_unknown:
            message = self.tr("No gradient: the picture has no finite numbers.")
        self._view.panes["direction"].set_message(message, "warning" if message else "hint")

    def _rose_lines(self, numbers: Numbers) -> tuple[str, ...]:
        """What the rose says in words: the strongest direction, and how much lies along the axes."""
        weights = numbers.rose
        total = float(weights.sum())
        if total <= 0:
            if numbers.is_unknown:
                return (self.tr("No direction: the picture has no finite numbers."),)
            return (self.tr("No direction: the magnitude is 0 everywhere."),)
        strongest = int(weights.argmax())
        angle = format_number(float(numbers.sectors[strongest]))
        share = 100.0 * float(weights[strongest]) / total
        across = np.abs((numbers.sectors + 45.0) % 90.0 - 45.0) <= 10.0
        axes = 100.0 * float(weights[across].sum()) / total
        return (
            self.tr("Most points to {angle}°: {share} %.").format(angle=angle, share=f"{share:.1f}"),
            self.tr("{axes} % lies within 12.5° of an axis; {even} % if all directions were alike.").format(
                axes=f"{axes:.0f}", even=f"{100.0 * float(np.count_nonzero(across)) / across.size:.0f}"
            ),
        )

    def maximise(self, name: str) -> None:
        """Give all the room to a pane; "" brings all back."""
        self._store.view(lambda session: with_view(session, "gradient", maximised=name))

    def switch_maximised(self) -> None:
        """Maximise the pane in use, or bring all back."""
        self.maximise("" if self._view.maximised else self._view.current)

    def current(self) -> str:
        """The pane that Save and Copy mean: the maximised one, else the one clicked last."""
        return self._view.maximised or self._view.current

    def saveable(self, moment: Moment, pane: str) -> Saveable | None:
        """What there is to save of a pane; its direction is in degrees, NaN where there is none."""
        found = self._saveable(moment, pane)
        reference, operator = moment.state.document.picture, moment.state.document.gradient.operator
        title = "picture" if reference is None else reference.title
        return None if found is None else replace(found, name=f"{title}-{pane}-{operator}")

    def _saveable(self, moment: Moment, pane: str) -> Saveable | None:
        shown, edges, picture = moment.value(PANES), moment.value(EDGES), moment.value(INPUT)
        if pane == ROSE:
            image = to_array(self._view.rose.picture())
            return Saveable(pane, image, lambda: image)
        if self._view.panes[pane].sheet is None:
            return None
        if pane == "picture" and picture is not None:
            # Opacity shows only on the screen.
            return Saveable(pane, picture.values, lambda: paint(picture.values, picture.look, halved=0).image)
        if pane == "edges" and edges is not None:
            image = edges.mask.astype(np.uint8) * np.uint8(255)
            return Saveable(pane, image, lambda: image)
        if pane in DERIVED and shown is not None:
            gradient, look = shown.gradient, shown.painted[pane].look
            numbers = queries.numbers_of(moment, gradient)
            reach = (0.0 if numbers is None else numbers.largest) or 1.0
            levels = {"magnitude": (0.0, reach), "direction": None}.get(pane, (-reach, reach))
            return Saveable(pane, getattr(gradient, pane), lambda: whole_image(gradient, pane, look), levels=levels)
        return None
