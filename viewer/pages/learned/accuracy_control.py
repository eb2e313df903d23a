"""What is said about how many test pictures a network gets right with the edited filters, and with its own."""

from __future__ import annotations

from typing import Any

from PyQt6.QtCore import QCoreApplication, QObject

from kernels.cnn.datasets import BUNDLED
from viewer.dialogs import Dialogs
from viewer.moment import Failure, Moment
from viewer.pages.learned.evaluation import (
    DIGITS,
    DIGITS_LICENCE,
    EVALUATIONS,
    KNOWN,
    Evaluation,
    evaluation_of,
    evaluation_query,
    setting_of,
    source_of,
)
from viewer.pages.learned.layer import LAYER, LayerView
from viewer.pages.learned.views.accuracy import AccuracyView
from viewer.pages.learned.words import sentence
from viewer.river import River
from viewer.session import with_view
from viewer.settings import Setting, Settings
from viewer.widgets.numbers import MINUS


def _tr(text: str) -> str:
    return QCoreApplication.translate("AccuracyControl", text)


def folder_setting(data: str) -> Setting[str]:
    """Where the user keeps the data set `data`."""
    return Setting(f"learned/folder-{setting_of(data)}", "", str)


class AccuracyControl(QObject):
    """Says what was counted, how far counting is, or what is needed for it."""

    def __init__(
        self, view: AccuracyView, river: River, settings: Settings, dialogs: Dialogs, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._view, self._river, self._store = view, river, river.store
        self._settings, self._dialogs = settings, dialogs
        folders = [(data, settings.get(folder_setting(data))) for data in (*KNOWN, "other")]
        self._look(folders=tuple((data, folder) for data, folder in folders if folder))
        view.cancel_requested.connect(self.stop)
        view.folder_requested.connect(self.choose_folder)

    def _look(self, **changes: Any) -> None:
        self._store.view(lambda session: with_view(session, "learned", **changes))

    def render(self, old: Moment, new: Moment) -> None:
        """Show what is known of the network as it is shown."""
        shown = new.value(LAYER)
        before, after = (
            (each.is_busy(EVALUATIONS), each.state.session.learned.folders, each.state.session.learned.count)
            for each in (old, new)
        )
        if shown is not None and (before != after or new.is_newer(old, LAYER, EVALUATIONS)):
            self._show(new, shown)

    def show_progress(self, purpose: str, fraction: float) -> None:
        """How much is counted."""
        if purpose == EVALUATIONS.name and self._river.moment.is_busy(EVALUATIONS):
            self._view.show_progress(self._counting(), fraction)

    def _counting(self) -> str:
        return self.tr("Counting right answers…")

    def stop(self) -> None:
        """Count no further."""
        self._river.compute.cancel(lambda purpose: purpose.name == EVALUATIONS.name)

    def count(self) -> None:
        """Count once more what failed or was stopped."""
        self._look(count=self._store.session.learned.count + 1)

    def choose_folder(self) -> None:
        """Ask where the test pictures are, and count."""
        shown = self._river.moment.value(LAYER)
        if shown is None:
            return
        data, folders = shown.loaded.data, dict(self._store.session.learned.folders)
        name = setting_of(data)
        title = self.tr("Folder of {data}").format(data=data)
        folder = self._dialogs.ask_folder(title, folders.get(name) or self._settings.folder())
        if folder:
            self._settings.set(folder_setting(data), folder)
            folders[name] = folder
            self._look(folders=tuple(folders.items()), count=self._store.session.learned.count + 1)

    def _show(self, moment: Moment, shown: LayerView) -> None:
        look = moment.state.session.learned
        source, query = source_of(look, shown), evaluation_query(moment, shown)
        found, failure = evaluation_of(moment, shown), moment.failure(EVALUATIONS)
        if not shown.edits:
            self._view.show_text("", "")
        elif found is not None:
            self._view.show_text(*result_text(found, source))
        elif query is None:
            self._view.show_text(self._needed(shown.loaded.data), "", folder_tip=self._folder_tip(shown.loaded.data))
        elif failure is not None and failure.key == query.key:
            self._show_failure(failure, "" if source == DIGITS else self._folder_tip(shown.loaded.data))
        else:
            self._view.show_progress(self._counting(), 0.0)

    def _show_failure(self, failure: Failure, folder_tip: str) -> None:
        why = "" if failure.error is None else sentence(failure.sentence)
        self._view.show_text(self.tr("Not counted."), why, folder_tip=folder_tip, may_count=True)

    def _needed(self, data: str) -> str:
        return self.tr("Counting right answers needs the test pictures of {data}: choose their folder here.").format(
            data=data
        )

    def _folder_tip(self, data: str) -> str:
        if data == "CIFAR-10":
            return self.tr(
                "The folder of CIFAR-10 on this computer: its binary batches (test_batch.bin) or PNG sheets"
                " (test_batch.png with labels)"
            )
        return self.tr("The folder of {data}'s files on this computer").format(data=data)


def result_text(found: Evaluation, source: str) -> tuple[str, str]:
    """How much is right, and of what."""
    change = 100 * (found.after.accuracy - found.before.accuracy)
    sign = "+" if change > 0 else MINUS if change < 0 else "±"
    text = _tr("{after} right, {before} before ({change})").format(
        after=percent(found.after.accuracy),
        before=percent(found.before.accuracy),
        change=f"{sign}{abs(change):.2f}",
    )
    count = f"{found.after.pictures:,}"
    if source == DIGITS:
        which = (
            _tr("{n} bundled digits, none of them learnt") if found.data == BUNDLED else _tr("{n} MNIST test digits")
        )
        return text, _tr("{digits} · {licence}").format(digits=which.format(n=count), licence=DIGITS_LICENCE)
    return text, _tr("{n} test pictures of {data}").format(n=count, data=found.data)


def percent(share: float) -> str:
    """A share with two decimals: "98.90 %"."""
    return f"{100 * share:.2f} %"


def tested_with(data: str) -> str:
    """Which pictures a network was tested with that was trained on `data`."""
    return _tr("the 400 bundled digits that it did not learn") if data == BUNDLED else _tr("its test pictures")
