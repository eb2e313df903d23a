"""From a network's stages to the row and the number taken apart, and back: which map, which place, how painted."""

from __future__ import annotations

from typing import Any

from PyQt6.QtCore import QObject

from viewer.moment import Moment
from viewer.pages.learned.words import sentence
from viewer.pages.network.queries import GIVEN, PAINTED, PASSED, UNIT, network_purpose
from viewer.pages.network.stages import Passed
from viewer.pages.network.unit import Unit
from viewer.pages.network.unit_words import unit_name, unit_pictures, unit_title
from viewer.pages.network.views.middle import Middle
from viewer.pages.network.words import about_network, moves_text, network_title, stage_columns
from viewer.session import with_view
from viewer.store import Store
from viewer.widgets import format_number


class StagesControl(QObject):
    """Shows the newest stages, and takes the chosen number apart."""

    def __init__(self, view: Middle, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view, self._store = view, store
        view.row.map_chosen.connect(lambda stage, number: self._look(stage=stage, map=number))
        view.unit.place_chosen.connect(lambda i, j: self._look(place=(i, j)))
        view.scale_chosen.connect(lambda common: self._look(common_scale=common))
        view.activation_chosen.connect(lambda after: self._look(activated=after))

    def _look(self, **changes: Any) -> None:
        self._store.view(lambda session: with_view(session, "network", **changes))

    def switch_scale(self) -> None:
        """Paint all maps of a stage to one scale, or each to its own."""
        self._look(common_scale=not self._store.session.network.common_scale)

    def switch_activation(self) -> None:
        """Show what stages give before their activations, or after."""
        self._look(activated=not self._store.session.network.activated)

    def paint(self, old: Moment, new: Moment) -> None:
        """Show what is new."""
        if new.is_newer(old, PAINTED):
            self._show_stages(new)
        if new.is_newer(old, UNIT):
            self._show_unit(new)

    def render(self, old: Moment, new: Moment) -> None:
        """Show what is looked at, and how."""
        look, passed = new.state.session.network, new.value(PASSED)
        about = about_network(passed.edited) if passed is not None and passed.name == look.network else ""
        self._view.show_header(
            network_title(new, look.network), about, common_scale=look.common_scale, activated=look.activated
        )
        chosen = network_purpose(look.network)
        if look.network != old.state.session.network.network or new.is_newer(old, GIVEN, chosen, PASSED, PAINTED, UNIT):
            nothing = new.failure(GIVEN) is not None
            self._view.show_stale(nothing or new.failure(chosen) is not None)
            failures = [] if nothing else [new.failure(each) for each in (chosen, PASSED, PAINTED, UNIT)]
            said = [sentence(each.sentence) for each in failures if each is not None]
            self._view.message.show_error(said[0] if said else "")

    def _show_stages(self, moment: Moment) -> None:
        found = moment.value(PAINTED)
        if found is not None:
            passed, maps = found
            note = moves_text(moment.state.document.network_input)
            self._view.row.show_stages(stage_columns(passed), maps, note)

    def _show_unit(self, moment: Moment) -> None:
        found = moment.value(UNIT)
        if found is not None:
            passed, unit = found
            self._view.show_selected(unit.stage, unit.number)
            framed = [each.number for each in unit.sum.slices]
            self._view.row.show_unit(unit.shares, framed, unit.field, unit.picture_field)
            self._view.unit.show_unit(unit_pictures(passed, unit))
            self._view.show_unit_header(*unit_title(passed, unit))

    def facts(self, moment: Moment) -> str:
        """The number that is read."""
        found: tuple[Passed, Unit] | None = moment.value(UNIT)
        if found is None:
            return ""
        passed, unit = found
        return f"{unit_name(passed, unit)}: {format_number(unit.trace.result, 4)}"
