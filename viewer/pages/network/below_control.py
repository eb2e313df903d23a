"""From the tabs below the row to the state and back: what a filter wants, what fools a network, accuracy by shift."""

from __future__ import annotations

import os
from typing import Any

from PyQt6.QtCore import QObject

from kernels.cnn.datasets import BUNDLED
from kernels.digits import fixed
from viewer.dialogs import Dialogs
from viewer.moment import Moment, Purpose
from viewer.page_views import TRAINED
from viewer.pages.network.below_queries import (
    FOOLED,
    MADE,
    NOTHING,
    PATCHES,
    chosen_filter,
    chosen_network,
    curve_purpose,
    fooled_source,
    knows_digits,
    made_source,
    target_of,
    wants_source,
    where_searched,
)
from viewer.pages.network.queries import ANSWERS, GIVEN, NETWORKS, PASSED, Answer, network_purpose, networks
from viewer.pages.network.views.changes import Change
from viewer.pages.network.views.fooling import Fooled
from viewer.pages.network.views.middle import Middle
from viewer.pages.network.views.shift_curve import ShiftCurve
from viewer.pages.network.views.wants import FoundPatch, MadeInput
from viewer.pages.network.why_queries import asked, compared, likeliest
from viewer.pages.network.words import network_title, refusal_of, with_article
from viewer.river import River
from viewer.session import with_view
from viewer.settings import Settings

CURVES: tuple[Purpose[Any], ...] = tuple(curve_purpose(name) for name in (*NETWORKS, TRAINED))
SHOWN: tuple[Purpose[Any], ...] = (ANSWERS, GIVEN, PASSED, PATCHES, MADE, FOOLED, *CURVES)


class BelowControl(QObject):
    """Keeps the tabs of a ``Middle`` in step with what is made for them."""

    def __init__(
        self, view: Middle, river: River, settings: Settings, dialogs: Dialogs, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._view, self._river, self._store = view, river, river.store
        self._settings, self._dialogs = settings, dialogs
        view.tab_chosen.connect(lambda name: self._look(below=name))
        view.wants.seed_chosen.connect(lambda seed: self._look(seed=seed))
        view.wants.folder_requested.connect(self.choose_folder)
        view.fooling.target_chosen.connect(lambda target: self._look(target=target))
        view.fooling.way_chosen.connect(lambda way: self._look(fooling=way))
        for part, purposes in ((view.wants, (PATCHES, MADE)), (view.fooling, (FOOLED,)), (view.curves, CURVES)):
            part.cancel_requested.connect(lambda stopped=purposes: self._stop(stopped))
            part.again_requested.connect(self.try_again)

    def _look(self, **changes: Any) -> None:
        self._store.view(lambda session: with_view(session, "network", **changes))

    def _stop(self, purposes: tuple[Purpose[Any], ...]) -> None:
        names = {each.name for each in purposes}
        self._river.compute.cancel(lambda purpose: purpose.name in names)

    def try_again(self) -> None:
        """Make what was stopped, or what failed."""
        self._look(attempt=self._store.session.network.attempt + 1)

    def choose_folder(self) -> None:
        """Ask where the strongest patches are to be looked for."""
        folder = self._dialogs.ask_folder(self.tr("Folder of pictures"), self._settings.folder())
        if folder:
            self._look(pictures=folder)

    # -- showing ---------------------------------------------------------------------------------------------------

    def render(self, old: Moment, new: Moment) -> None:
        """Show what is new in the tab in front."""
        look = new.state.session.network
        if new is old or look.below != old.state.session.network.below:
            self._view.show_tab(look.below)
        chosen = new.state.document.network_input
        before = old.state.session.network, old.state.document.network_input, old.busy, networks(old)
        if before == (look, chosen, new.busy, networks(new)) and not new.is_newer(old, *SHOWN):
            return
        tabs = {
            "wants": (self._show_wants, self._view.wants.show_reason),
            "fooling": (self._show_fooling, self._view.fooling.show_reason),
            "shift": (self._show_curves, self._view.curves.show_reason),
        }
        if look.below in tabs:
            show, say = tabs[look.below]
            refusal = refusal_of(new, network_purpose(look.network))
            say(refusal) if refusal else show(new)

    def show_progress(self, purpose: str, fraction: float) -> None:
        """How much is done."""
        view = self._view
        shown = {PATCHES.name: view.wants.searching, MADE.name: view.wants.making, FOOLED.name: view.fooling.progress}
        shown |= dict.fromkeys((each.name for each in CURVES), view.curves.progress)
        if purpose in shown:
            shown[purpose].show_share(fraction)

    def _show_wants(self, moment: Moment) -> None:
        view, network, place = self._view.wants, chosen_network(moment), chosen_filter(moment)
        if network is None:
            return
        if not network.convolutions:
            name = network_title(moment, moment.state.session.network.network)
            view.show_reason(self.tr("{name} has no filters that can be looked at by themselves.").format(name=name))
            return
        if place is None:
            view.show_reason(self.tr("Select a map of a convolution: this one comes from no single filter."))
            return
        where = where_searched(moment)
        view.show_source(self._where(where), has_folder=where != "digits")
        found = moment.value_from(PATCHES, wants_source(moment))
        patches = [] if found is None else [
            FoundPatch(each.pixels, fixed(each.value, 2), name)
            for each, name in zip(found.patches, found.names, strict=True)
        ]  # fmt: skip
        is_searching, is_making = moment.is_busy(PATCHES), moment.is_busy(MADE)
        view.show_patches(patches, refusal_of(moment, PATCHES), is_busy=is_searching)
        made = moment.value_from(MADE, made_source(moment))
        text = self.tr("Gradient ascent from noise, each step moved, turned and scaled a little; coarse before fine.")
        said = refusal_of(moment, MADE) or (text if made is not None or is_making else self.tr("Stopped."))
        view.show_made(MadeInput(made, said, moment.state.session.network.seed, is_making))
        view.show_again((found is None and not is_searching) or (made is None and not is_making))

    def _where(self, where: str) -> str:
        if where == "digits":
            return self.tr("in the 2,000 bundled digits")
        if where == "samples":
            return self.tr("in the sample photographs")
        return self.tr("in {folder}").format(folder=os.path.basename(where))

    def _show_fooling(self, moment: Moment) -> None:
        view, answer, look = self._view.fooling, asked(moment), moment.state.session.network
        if answer is None:
            view.show_reason(self.tr("There is no picture yet to change."))
            return
        classes, first = answer.edited.network.classes, likeliest(answer)
        question = self.tr("Have a picture taken for") if look.fooling == NOTHING else self.tr(
            "Have this {name} taken for").format(name=classes[first])  # fmt: skip
        others = [(number, with_article(name)) for number, name in enumerate(classes) if number != first]
        target = target_of(moment, answer)
        view.offer(question, others, target, look.fooling)
        found, is_busy = moment.value_from(FOOLED, fooled_source(moment, answer)), moment.is_busy(FOOLED)
        refusal = refusal_of(moment, FOOLED)
        if found is None:
            view.show_fooled(None, refusal, is_busy=is_busy)
            return
        change, factor = found.amplified()
        changes = [
            Change(name, float(before), float(after))
            for name, before, after in zip(classes, found.probabilities[0], found.probabilities[-1], strict=True)
        ]
        text = self._fooled_text(answer, target, found.largest, is_fooled=found.is_fooled)
        view.show_fooled(Fooled(found.original, change, found.picture, factor, changes, text), is_busy=is_busy)

    def _fooled_text(self, answer: Answer, target: int, largest: int, *, is_fooled: bool) -> str:
        name = with_article(answer.edited.network.classes[target])
        said = (
            self.tr("No pixel changes by more than {n} of 255 levels, and the network takes it for {name}.")
            if is_fooled
            else self.tr("Not even {n} of 255 levels make the network take it for {name} in this way.")
        )
        return said.format(n=largest, name=name)

    def _curve_title(self, moment: Moment, name: str) -> str:
        title, data = network_title(moment, name), networks(moment)[name].loaded.data
        return self.tr("{network} (400 of them)").format(network=title) if data == BUNDLED else title

    def _show_curves(self, moment: Moment) -> None:
        view, chosen, found = self._view.curves, moment.state.document.network_input, networks(moment)
        names = [name for name in compared(moment) if knows_digits(found[name].network)]
        if not names:
            name = network_title(moment, moment.state.session.network.network)
            view.show_reason(self.tr("The bundled digits mean nothing to {name}.").format(name=name))
            return
        values = {name: moment.value_from(curve_purpose(name), found[name]) for name in names}
        curves = [
            ShiftCurve(self._curve_title(moment, name), tuple(each.tolist()))
            for name, each in values.items()
            if each is not None
        ]
        refusals = [refusal_of(moment, curve_purpose(name)) for name in names]
        is_busy = any(moment.is_busy(curve_purpose(name)) for name in names)
        note = self.tr("2,000 digits, each moved so many pixels down, up, to the left or to the right, or both")
        view.show_curves(
            curves, note, " ".join(each for each in refusals if each),
            shift=float(max(abs(chosen.dx), abs(chosen.dy))), is_busy=is_busy, is_whole=len(curves) == len(names),
        )  # fmt: skip
