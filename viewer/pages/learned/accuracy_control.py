"""How many test pictures a network gets right with the edited filters, and with its own."""

from __future__ import annotations

from PyQt6.QtCore import QObject

from kernels.cnn.datasets import Dataset
from kernels.cnn.evaluation import Score
from viewer.compute import Compute
from viewer.pages.learned.dialogs import LearnedDialogs
from viewer.pages.learned.queries import DIGITS, DIGITS_LICENCE, Evaluation, EvaluationRequest, LayerView, LoadedNetwork
from viewer.pages.learned.views.accuracy import AccuracyView
from viewer.pages.learned.words import sentence
from viewer.resolve import Failure, Response
from viewer.settings import Setting, Settings
from viewer.state import FilterEdit
from viewer.widgets.numbers import MINUS

LANE = "evaluation"
KNOWN = ("MNIST", "Fashion-MNIST", "CIFAR-10")

Key = tuple[LoadedNetwork, tuple[FilterEdit, ...]]
"""A network as it was read, by identity: a file that is read again may hold other weights."""


def folder_setting(data: str) -> Setting[str]:
    """Where the user keeps the data set `data`."""
    return Setting(f"learned/folder-{data if data in KNOWN else 'other'}", "", str)


class LearnedAccuracyController(QObject):
    """Counts as soon as a filter was put back, if there are test pictures; each result is kept."""

    def __init__(
        self,
        view: AccuracyView,
        compute: Compute,
        settings: Settings,
        dialogs: LearnedDialogs,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._view, self._compute, self._settings, self._dialogs = view, compute, settings, dialogs
        self._shown: LayerView | None = None
        self._results: dict[Key, Evaluation] = {}
        self._failures: dict[Key, str] = {}
        self._running: tuple[Key, EvaluationRequest] | None = None
        self._done = 0.0  # share of what is running
        self._data: dict[str, Dataset] = {}
        self._before: dict[tuple[LoadedNetwork, str], Score] = {}
        view.cancel_requested.connect(self.stop)
        view.folder_requested.connect(self._choose_folder)
        view.count_requested.connect(self._count_again)
        compute.answered.connect(self._take)
        compute.progressed.connect(self._progress)

    def show(self, shown: LayerView) -> None:
        """Speak of this network from now on, and count if need be."""
        self._shown = shown
        key = self._key()
        if key is not None and key[1] and self._source() and not self._is_known(key):
            self._submit(key)
        self._refresh()

    def _key(self) -> Key | None:
        return None if self._shown is None else (self._shown.loaded, self._shown.edits)

    def _is_known(self, key: Key) -> bool:
        return key in self._results or key in self._failures or self._is_running(key)

    def _is_running(self, key: Key | None) -> bool:
        return self._running is not None and self._running[0] == key

    def _source(self) -> str:
        """Where the test pictures of the network shown come from; empty while that is not known."""
        assert self._shown is not None
        data = self._shown.loaded.data
        return DIGITS if data == "MNIST" else self._settings.get(folder_setting(data))

    def _submit(self, key: Key) -> None:
        shown, source = self._shown, self._source()
        assert shown is not None
        # A newer edit makes the older count idle.
        if self._running is not None:
            self._compute.cancel(LANE)
        request = EvaluationRequest(
            source=source,
            trained=shown.loaded.network,
            changed=shown.network,
            expected=shown.loaded.data,
            data=self._data.get(source),
            before=self._before.get((shown.loaded, source)),
        )
        self._running, self._done = (key, request), 0.0
        self._compute.submit(request)

    def _take(self, answer: Response | Failure) -> None:
        request = answer.request
        if self._running is None or self._running[1] is not request or not isinstance(request, EvaluationRequest):
            return
        key, self._running = self._running[0], None
        if isinstance(answer, Response):
            found: Evaluation = answer.result
            self._results[key] = found
            self._data = {request.source: found.data}
            self._before[key[0], request.source] = found.before
        else:
            self._failures[key] = "" if answer.error is None else sentence(answer.message)
        self._refresh()

    def _progress(self, lane: str, fraction: float) -> None:
        if lane == LANE and self._is_running(self._key()):
            self._done = fraction
            self._view.show_progress(self._counting(), fraction)

    def _counting(self) -> str:
        return self.tr("Counting right answers…")

    # -- what the user does ----------------------------------------------------------------------------------------

    def stop(self) -> None:
        """Count no further; a count that still waits gives no answer of its own."""
        self._compute.cancel(LANE)
        if self._running is not None:
            self._failures[self._running[0]] = ""
            self._running = None
            self._refresh()

    def _count_again(self) -> None:
        key = self._key()
        if key is not None:
            self._failures.pop(key, None)
            self._submit(key)
            self._refresh()

    def _choose_folder(self) -> None:
        if self._shown is None:
            return
        data = self._shown.loaded.data
        setting = folder_setting(data)
        folder = self._dialogs.ask_folder(self._settings.get(setting) or self._settings.folder(), data)
        if not folder:
            return
        self._settings.set(setting, folder)
        self._failures.clear()
        self.show(self._shown)

    # -- words -----------------------------------------------------------------------------------------------------

    def _refresh(self) -> None:
        key = self._key()
        if key is None or self._shown is None:
            return
        if self._is_running(key):
            self._view.show_progress(self._counting(), self._done)
        elif not key[1]:
            self._view.show_text("", "")
        elif key in self._results:
            self._view.show_text(*self._result(self._results[key]))
        elif key in self._failures:
            tip = "" if self._source() == DIGITS else self._folder_tip()
            why = self._failures[key]
            self._view.show_text(self.tr("Not counted."), why, folder_tip=tip, may_count=True)
        else:
            needed = self.tr("To count right answers, {data} is needed.").format(data=self._shown.loaded.data)
            self._view.show_text(needed, "", folder_tip=self._folder_tip())

    def _result(self, found: Evaluation) -> tuple[str, str]:
        change = 100 * (found.after.accuracy - found.before.accuracy)
        sign = "+" if change > 0 else MINUS if change < 0 else "±"
        text = self.tr("{after} right, {before} before ({change})").format(
            after=percent(found.after.accuracy),
            before=percent(found.before.accuracy),
            change=f"{sign}{abs(change):.2f}",
        )
        count = f"{found.after.pictures:,}"
        if self._source() == DIGITS:
            return text, self.tr("{n} MNIST test digits · {licence}").format(n=count, licence=DIGITS_LICENCE)
        return text, self.tr("{n} test pictures of {data}").format(n=count, data=found.data.name)

    def _folder_tip(self) -> str:
        assert self._shown is not None
        data = self._shown.loaded.data
        if data == "CIFAR-10":
            return self.tr(
                "The folder of CIFAR-10 on this computer: its binary batches (test_batch.bin) or PNG sheets"
                " (test_batch.png with labels)"
            )
        return self.tr("The folder of {data}'s files on this computer").format(data=data)


def percent(share: float) -> str:
    """A share with two decimals: "98.90 %"."""
    return f"{100 * share:.2f} %"
