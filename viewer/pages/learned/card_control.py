"""The selected filter's card, and the bridge between learned filters and the kernel editor."""

from __future__ import annotations

from msgspec.structs import replace
from PyQt6.QtCore import QObject
from PyQt6.QtGui import QGuiApplication

from kernels.cnn.painting import filter_picture, spectrum_picture
from kernels.cnn.resemblance import Match, Resemblance
from kernels.kernel import Kernel
from viewer.document import FilterEdit, with_filter_edit, with_filter_in_editor, without_filter_edit
from viewer.moment import Moment
from viewer.pages.learned.layer import LAYER, LayerView, opened, put_back, selected
from viewer.pages.learned.queries import RESEMBLANCES, shown_resemblances
from viewer.pages.learned.views import MatchRow
from viewer.pages.learned.views.card import FilterCard
from viewer.pages.learned.words import channel_titles, editor_parts, filter_title, sentence
from viewer.session import with_view
from viewer.state import State
from viewer.store import Store


class CardControl(QObject):
    """Shows one filter; opens it in the editor, puts the edited kernel back, restores the trained weights."""

    def __init__(self, view: FilterCard, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view, self._store = view, store
        self._shown: LayerView | None = None
        self._index = 0
        self._edit: FilterEdit | None = None  # that putting back would make
        view.open_requested.connect(self.open_in_editor)
        view.weights.copy_requested.connect(self._copy)

    def render(self, old: Moment, new: Moment) -> None:
        """Show the filter that is selected, and what can be done with it."""
        shown = new.value(LAYER)
        if shown is None:
            return
        index, found = selected(shown, new.state.session.learned), shown_resemblances(new)
        results = new.is_newer(old, LAYER, RESEMBLANCES)
        if results or index != self._index or self._shown is not shown:
            self._shown, self._index = shown, index
            self._view.show()
            self._draw(shown, index, None if found is None else found.current[index])
            results = True
        before, after = old.state.document, new.state.document
        if results or (before.kernel, before.source) != (after.kernel, after.source):
            self._show_bridge(shown, new.state)

    def _draw(self, shown: LayerView, index: int, found: Resemblance | None) -> None:
        weights = shown.filters[index].astype(float)
        channels = weights.shape[2]
        kind = "" if found is None else found.label
        if found is not None and found.axis not in ("", "grey"):
            kind = self.tr("{label}, on {axis}").format(label=found.label, axis=found.axis)
        if shown.is_edited(index):
            kind = self.tr("{label} · edited").format(label=kind) if kind else self.tr("edited")
        self._view.show_filter(filter_title(index), kind, filter_picture(weights), weights, channel_titles(channels))
        self._view.spectrum.show_picture(spectrum_picture(weights))
        self._view.matches.show_rows([_row(match) for match in found.matches] if found is not None else [])
        self._view.offer_parts(editor_parts(channels))

    def switch_numbers(self) -> None:
        """Show the weights as numbers, or the overview again."""
        self._view.numbers.toggle()

    def open_in_editor(self, part: str = "all") -> None:
        """Make the filter, its luma or one channel the kernel of the Filter workspace, and go there."""
        if self._shown is None:
            return
        try:
            reference, kernel = opened(self._shown, self._index, part)
        except ValueError as error:
            self._view.message.show_error(sentence(str(error)))
            return
        text = self.tr("Open {filter} in the editor").format(filter=filter_title(self._index).lower())
        self._store.edit(lambda document: with_filter_in_editor(document, reference, kernel), text)
        self._store.view(lambda session: replace(session, workspace="filter"))

    def put_back(self) -> None:
        """Let the kernel in the editor take the place of the filter that it came from."""
        edit = self._edit
        if edit is None:
            return
        text = self.tr("Put the kernel back as {filter}").format(filter=filter_title(edit.index).lower())
        self._store.edit(lambda document: with_filter_edit(document, edit), text)
        self._store.view(lambda session: with_view(session, "learned", selected=edit.index, kind="all"))

    def restore(self) -> None:
        """Bring the trained weights of the filter back."""
        if self._shown is None or not self._shown.is_edited(self._index):
            return
        place = self._shown.loaded.name, self._shown.layer, self._index
        text = self.tr("Restore {filter}").format(filter=filter_title(self._index).lower())
        self._store.edit(lambda document: without_filter_edit(document, *place), text)

    def _show_bridge(self, shown: LayerView, state: State) -> None:
        source = state.document.source
        self._edit, refusal = None, ""
        text = self.tr("Put back")
        if source is None or (source.network, source.layer) != (shown.loaded.name, shown.layer):
            tip = self.tr(
                "Open a filter of this layer in the editor first; the edited kernel can then be put back here"
            )
        elif not 0 <= source.index < len(shown.filters):
            tip = self.tr("This layer has no filter {n}").format(n=source.index)
        else:
            name = filter_title(source.index).lower()
            tip = self.tr("Let the kernel in the editor take the place of {filter} in a copy of the network").format(
                filter=name
            )
            if source.index != self._index:
                text = self.tr("Put back into {n}").format(n=source.index)
            self._edit, refusal, tip = self._fitting(shown, state, tip)
        self._view.show_put_back(text, refusal or tip, enabled=self._edit is not None)
        if refusal:
            self._view.message.show_warning(refusal)
        else:
            self._view.message.clear()
        edited = shown.is_edited(self._index)
        restore = self.tr("Bring the trained weights of this filter back")
        self._view.show_restore(restore if edited else self.tr("This filter has its trained weights"), enabled=edited)

    def _fitting(self, shown: LayerView, state: State, tip: str) -> tuple[FilterEdit | None, str, str]:
        """The edit that putting back would make, why there is none, and the button's tool tip."""
        source = state.document.source
        assert source is not None
        try:
            edit = put_back(shown, source, state.document.kernel)
        except ValueError as error:
            return None, sentence(str(error)), tip
        if edit is None:
            return None, "", self.tr("The kernel in the editor is this filter as it is; edit it first")
        return edit, "", tip

    def _copy(self, channel: int) -> None:
        if self._shown is not None:
            weights = self._shown.filters[self._index][:, :, max(0, channel)]
            QGuiApplication.clipboard().setText(Kernel(weights).format())


def _row(match: Match) -> MatchRow:
    picture, score = filter_picture(match.kernel.weights), f"{match.score:.2f}"
    return MatchRow(picture, score, match.title, match.details, match.brief)
