"""What can be done in the Gradient workspace, as named functions."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from PyQt6.QtCore import QCoreApplication

from viewer.intents import Intent
from viewer.moment import Moment
from viewer.window.main_window import show_menu

if TYPE_CHECKING:
    from viewer.pages.gradient.page import GradientPage


def _tr(text: str) -> str:
    return QCoreApplication.translate("GradientPage", text)


def gradient_intents(page: Callable[[], GradientPage]) -> list[Intent]:
    """The intents of the Gradient workspace, which is asked for only when one of them is called."""
    group = _tr("Gradient")

    def intent(
        name: str, text: str, key: str, run: Callable[[GradientPage], object], words: str, button: str = "",
        possible: Callable[[Moment], bool] | None = None, checked: Callable[[Moment], bool] | None = None,
    ) -> Intent:  # fmt: skip
        keys = (f"Alt+Shift+{key}",)
        return Intent(name, text, keys, group, lambda: run(page()), possible, checked, "gradient", button, words)

    def is_set(moment: Moment) -> bool:
        options = moment.state.document.gradient
        return options.low is not None or options.high is not None

    def is_cyclic(moment: Moment) -> bool:
        return moment.state.session.gradient.direction_colours == "twilight"

    def has_filter(moment: Moment) -> bool:
        return "layer" in moment.results

    def of_filter(home: str, question: str) -> Callable[[Moment], bool]:
        """Ask something of the filter that is shown; what answers is loaded with the first filter, not before."""

        def ask(moment: Moment) -> bool:
            return has_filter(moment) and bool(getattr(import_module(f"viewer.pages.learned.{home}"), question)(moment))

        return ask

    return [
        intent("maximisePane", _tr("Maximise a pane, or bring all back"), "M",
               lambda page: page.panes.switch_maximised(), _tr("large single full")),
        intent("compareOperators", _tr("Compare all operators"), "C", lambda page: page.accuracy.show_dialog(),
               _tr("accuracy error angle sobel scharr"), "gradientCompare"),
        intent("automaticThresholds", _tr("Choose both thresholds from the picture"), "A",
               lambda page: page.options.reset_thresholds(), _tr("edges canny auto"), "gradientAutomatic", is_set),
        intent("directionColours", _tr("Switch the colours of the directions"), "D",
               lambda page: page.options.switch_colours(), _tr("colour-blind hue twilight wheel"), "gradientColours",
               None, is_cyclic),
        intent("openFilter", _tr("Open the learned filter in the editor…"), "O",
               lambda page: show_menu(page.learned.view.card.open), _tr("kernel network"), "", has_filter),
        intent("putFilterBack", _tr("Put the kernel back into the network"), "P",
               lambda page: page.learned.card.put_back(), _tr("replace filter edit"), "putBackButton",
               of_filter("layer", "can_put_back")),
        intent("restoreFilter", _tr("Restore the trained filter"), "R", lambda page: page.learned.card.restore(),
               _tr("original weights"), "restoreFilterButton", of_filter("layer", "can_restore")),
        intent("similarFilter", _tr("Select the filter most like the editor's kernel"), "L",
               lambda page: page.learned.select_similar(), _tr("search resemblance"), "similarButton",
               of_filter("queries", "has_similar")),
        intent("filterNumbers", _tr("Show the filter's weights as numbers"), "N",
               lambda page: page.learned.card.switch_numbers(), _tr("table values")),
        intent("countAccuracy", _tr("Count what the network gets right"), "T",
               lambda page: page.learned.accuracy.count(), _tr("evaluate test accuracy"), "countAgainButton",
               of_filter("evaluation", "can_count")),
    ]  # fmt: skip
