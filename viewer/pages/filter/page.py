"""The Filter workspace: its views and what controls them."""

from __future__ import annotations

from PyQt6.QtCore import QObject

from viewer.dialogs import Dialogs
from viewer.moment import Moment
from viewer.pages.filter.arithmetic_control import ArithmeticControl
from viewer.pages.filter.kernel_control import KernelControl
from viewer.pages.filter.panes_control import PanesControl
from viewer.pages.filter.queries import CLIPPED, NUMBERS, OUTPUT, Filtered, whole_output
from viewer.pages.filter.sliding_control import SlidingControl
from viewer.pages.filter.view_control import ViewControl
from viewer.pages.filter.views.workspace import FilterWorkspace
from viewer.painting import paint
from viewer.saving import Saveable
from viewer.settings import Settings
from viewer.store import Store
from viewer.widgets import format_position, format_seconds


class FilterPage(QObject):
    """Renders moments: the panes first, so that the picture is there before anything else is said of it."""

    name, awaited = "filter", OUTPUT

    def __init__(
        self, view: FilterWorkspace, store: Store, settings: Settings, dialogs: Dialogs, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.view = self.widget = view
        self.link, self.fold = view.panes.link, view.fold
        self.panes = PanesControl(view.panes, store, self)
        self.show_progress = self.panes.show_progress
        self.kernel = KernelControl(view.kernel, store, settings, dialogs, self)
        self.sliding = SlidingControl(view.sliding, store, self)
        self.levels = ViewControl(view.view, store, self)
        self.arithmetic = ArithmeticControl(view.arithmetic, self)
        self._parts = (self.kernel, self.sliding, self.levels)
        self.panes.readout_changed.connect(self._show_readout)
        self._moment = Moment(store.state)

    def result(self) -> Filtered | None:
        """The output, whole; None before the first, and of a picture that is only looked at by windows."""
        return whole_output(self._moment)

    def saveable(self, moment: Moment) -> Saveable | None:
        """The output that is on screen."""
        shown = moment.value(OUTPUT)
        found = whole_output(moment)
        if shown is None or found is None:
            return None
        picture, look = moment.state.document.picture, shown.painted.look
        title = picture.title if picture is not None else "output"
        return Saveable(
            name=f"{title}-{found.kernel.name or self.tr('kernel')}",
            values=found.array,
            painted=lambda: paint(found.array, look, halved=0).image,
            white=found.file_range[1],
            levels=None if look.mode in ("clip", "abs") else look.levels,
        )

    def paint(self, old: Moment, new: Moment) -> None:
        """Bring what has changed to the panes."""
        self._moment = new
        self.panes.render(old, new)

    def render(self, old: Moment, new: Moment) -> None:
        """Show what else has changed between two moments."""
        for part in self._parts:
            part.render(old, new)
        if not new.state.session.on_stage:  # which has a line of its own, and lets it change sixty times a second
            self.arithmetic.render(old, new)

    def _show_readout(self, y: object, x: object, value_in: str, value_out: str) -> None:
        position = format_position(y, x) if isinstance(y, int) and isinstance(x, int) else ""
        self.view.view.show_readout(position, value_in, value_out)

    def facts(self, moment: Moment) -> str:
        """What the frame on screen cost, for the status row."""
        shown, numbers, clipped = moment.value(OUTPUT), moment.result(NUMBERS), moment.result(CLIPPED)
        if shown is None or shown.filtered is None:
            return ""
        parts = [
            shown.filtered.method,
            self.tr("filter {t}").format(t=format_seconds(shown.filtered.seconds)),
            self.tr("convert {t}").format(t=format_seconds(shown.seconds)),
        ]
        if self.view.panes.output.paint_seconds:
            parts.append(self.tr("paint {t}").format(t=format_seconds(self.view.panes.output.paint_seconds)))
        if numbers is not None:
            spent = numbers.seconds + (0.0 if clipped is None else clipped.seconds)
            parts.append(self.tr("statistics {t}").format(t=format_seconds(spent)))
        return ", ".join(parts)
