"""The reverse search: which learned filter is most like the kernel in the editor."""

from __future__ import annotations

from dataclasses import replace

from PyQt6.QtCore import QObject

from kernels.cnn.resemblance import Similar
from kernels.kernel import Kernel
from viewer.compute import Compute
from viewer.controllers.asking import Asked
from viewer.pages.learned.queries import LayerView, SimilarRequest
from viewer.pages.learned.views import LearnedPanel
from viewer.pages.learned.words import filter_title, sentence
from viewer.resolve import Failure, Response
from viewer.store import Store


class LearnedSimilarController(QObject):
    """Searches the layer shown, and selects what it found when asked to."""

    def __init__(self, view: LearnedPanel, store: Store, compute: Compute, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view, self._store = view, store
        self._similar = Asked(compute, "similar")
        self._selected = 0
        view.similar_requested.connect(self.select)
        compute.answered.connect(self._take)

    def show(self, shown: LayerView, selected: int, kernel: Kernel) -> None:
        """Search `shown` for `kernel`; filter `selected` need not be offered."""
        self._selected = selected
        self._similar.ask((shown, kernel), lambda: SimilarRequest(filters=shown.filters, kernel=kernel))
        self._refresh()

    def pause(self) -> None:
        """The workspace is hidden."""
        self._similar.pause()

    def select(self) -> None:
        """Select the filter that is most like the kernel in the editor."""
        if self._similar.is_current:
            index = self._similar.result.index
            self._store.view(
                lambda session: replace(session, learned=replace(session.learned, selected=index, kind="all"))
            )

    def _take(self, answer: Response | Failure) -> None:
        if self._similar.take(answer):
            self._refresh()

    def _refresh(self) -> None:
        if self._similar.failure:
            self._view.show_similar(
                self.tr("Like the editor's kernel: none"), sentence(self._similar.failure), able=False
            )
        elif self._similar.is_current:
            found: Similar = self._similar.result
            text = self.tr("Like the editor's kernel: {n}").format(n=found.index)
            tip = self.tr("Most like the kernel in the editor: {filter}, {score}").format(
                filter=filter_title(found.index).lower(), score=f"{found.score:.2f}"
            )
            self._view.show_similar(text, tip, able=found.index != self._selected)
