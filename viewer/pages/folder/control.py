"""From the dialog to what is to be done, and from the batch to the dialog."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from typing import Any

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QWidget

from kernels.batch.run import BatchRun
from kernels.filtering.backends.workers import processors
from viewer.dialogs import Dialogs
from viewer.document import Document
from viewer.moment import Moment, Query
from viewer.pages.folder import words
from viewer.pages.folder.queries import FIRST, PREVIEW, SETTINGS, patterns_of, settings_of
from viewer.pages.folder.running import STANDING, FolderRun, Standing
from viewer.pages.folder.views.dialog import FolderDialog
from viewer.river import River
from viewer.saving import Saving
from viewer.session import with_view
from viewer.settings import Settings
from viewer.sources import Messages

SUFFIX = "-filtered"


class FolderControl(QObject):
    """Keeps the dialog in step with the session, and runs one batch at a time beside the window.

    Parameters
    ----------
    kernel_title : callable
        What the kernel of a document is called.
    """

    def __init__(
        self,
        river: River,
        saving: Saving,
        settings: Settings,
        dialogs: Dialogs,
        messages: Messages,
        kernel_title: Callable[[Document], str],
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._river, self._store = river, river.store
        self._saving, self._settings, self._dialogs, self._messages = saving, settings, dialogs, messages
        self._kernel_title = kernel_title
        self._run: FolderRun | None = None
        self._told = itertools.count(1)
        self.view = view = FolderDialog(window)
        view.form.option_chosen.connect(lambda name, value: self._change(**{name: value}))
        view.form.browse_requested.connect(self._browse)
        view.start_requested.connect(self.start)
        view.pause_requested.connect(self.switch_pause)
        view.cancel_requested.connect(self.cancel)
        view.report_requested.connect(self.save_report)
        view.finished.connect(lambda _result: self._change(is_open=False))
        river.flowed.connect(self.render)

    def open(self) -> None:
        """Bring the dialog to the front; the first time it proposes the folder of the picture that is open."""
        proposed = {} if self._store.session.folder.source else self._proposal()
        self._change(is_open=True, **proposed)
        self.view.show()
        self.view.raise_()
        self.view.activateWindow()

    def _proposal(self) -> dict[str, str]:
        picture = self._store.document.picture
        path = None if picture is None or picture.origin.kind != "file" else picture.origin.path
        return self._places(os.path.dirname(path)) if path else {}

    def _places(self, source: str) -> dict[str, str]:
        """A folder of pictures, and that of results beside it, unless another one was chosen."""
        before = self._store.session.folder
        is_own = before.target and before.target != _beside(before.source)
        return {"source": source, "target": before.target if is_own else _beside(source)}

    def _change(self, **changes: Any) -> None:
        if "source" in changes and "target" not in changes:
            changes |= self._places(changes["source"])
        standing = self._river.moment.value(STANDING)
        if standing is not None and standing.phase == "failed" and standing.progress is None:
            self._river.compute.forget(STANDING)  # what was in its way may not be any more
        self._store.view(lambda session: with_view(session, "folder", **changes))

    def _browse(self, name: str) -> None:
        title = self.tr("The folder of pictures") if name == "source" else self.tr("The folder of results")
        before = getattr(self._store.session.folder, name)
        chosen = self._dialogs.ask_folder(title, before if os.path.isdir(before) else self._settings.folder())
        if chosen:
            self._change(**{name: chosen})

    # -- running ---------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Filter all pictures, but for those that are done."""
        if self._run is not None and not self._run.is_over:
            return
        self.end()
        state, view = self._store.state, self._store.session.folder

        def prepare() -> BatchRun:
            return BatchRun(
                view.source,
                view.target,
                settings_of(state),
                patterns=patterns_of(view),
                workers=view.workers or None,
                force=view.force,
            )

        self._tell(Standing())
        self._run = FolderRun(prepare, self._tell)

    def switch_pause(self) -> None:
        """Begin no further picture, or go on."""
        if self._run is not None:
            self._run.switch_pause()

    def cancel(self) -> None:
        """Stop; what is done stays."""
        if self._run is not None:
            self._run.cancel()

    def save_report(self) -> None:
        """Ask where to write what became of every picture, and write it."""
        run, choices = self._run, self.tr("Table (*.csv);;JSON (*.json)")
        if run is not None:
            self._saving.save_as(
                self.tr("Save the report"), "report.csv", choices, lambda path, _work: run.write_report(path)
            )

    def end(self) -> None:
        """Stop what runs; what is done stays, and a later run goes on from there."""
        run, self._run = self._run, None
        if run is not None:
            run.close()

    def _tell(self, standing: Standing) -> None:
        """Put where it stands into the results, from whatever thread."""
        self._river.compute.put(Query(STANDING, next(self._told), lambda _work: standing), standing)

    # -- showing ---------------------------------------------------------------------------------------------------

    def render(self, old: Moment, new: Moment) -> None:
        """Show what has changed between two moments."""
        plan_is_new = old.state is not new.state or new.is_newer(old, SETTINGS, FIRST, PREVIEW)
        run_is_new = new.is_newer(old, STANDING)
        if new.state.session.folder.is_open:
            if plan_is_new:
                self._show_plan(new)
            if plan_is_new or run_is_new:
                self._show_standing(new)
        elif run_is_new and (standing := new.value(STANDING)) is not None and standing.is_over:
            self._messages.show_notice(f"{self.tr('Filter a folder')}: {words.standing_words(standing)}")

    def _show_plan(self, moment: Moment) -> None:
        state, form = moment.state, self.view.form
        view = state.session.folder
        form.show_places(view.source, view.target, view.pattern)
        form.show_work(view.workers or processors(), view.force)
        form.show_recipe(view.by, self._recipe_words(state.document, view.by))
        settings, found = moment.value(SETTINGS), moment.value(PREVIEW)
        mode = view.range or ("clip" if settings is None else settings.range)
        form.show_output(words.ranges(), mode, words.formats(), view.format)
        if not view.source:
            self.view.show_hint(self.tr("Choose the folder whose pictures are to be filtered."))
        elif sentence := _why_not(moment):
            self.view.show_error(sentence)
        elif found is not None:
            before, after = words.preview_lines(found.name, found.shapes, found.whole)
            self.view.show_preview((found.before, before), (found.after, after))

    def _recipe_words(self, document: Document, by: str) -> str:
        if by == "row":
            return words.row_words(document)
        return words.kernel_words(document, self._kernel_title(document))

    def _show_standing(self, moment: Moment) -> None:
        view, standing = moment.state.session.folder, moment.value(STANDING)
        can_start = bool(view.source and view.target) and moment.failure(SETTINGS) is None
        if standing is None:
            self.view.show_running("", can_start=can_start, has_report=False)
            self.view.show_progress(0.0, "", "")
            self.view.failures.show_failures((), self.tr("Pictures that fail are listed here, with the reason."))
            return
        has_report = standing.is_over and standing.progress is not None
        self.view.show_running(standing.phase, can_start=can_start, has_report=has_report)
        # What is in the way of the first picture already stands above.
        error = "" if standing.error == _why_not(moment) else words.in_the_window(standing.error)
        self.view.show_progress(words.share_done(standing), words.standing_words(standing), error)
        failures = tuple((name, words.in_the_window(sentence)) for name, sentence in standing.failures)
        nothing = self.tr("Nothing has failed.") if standing.progress is not None else ""
        self.view.failures.show_failures(failures, nothing)


def _why_not(moment: Moment) -> str:
    """Why there is no first picture, or no result of it, in one sentence; empty if nothing is in the way."""
    failures = (moment.failure(purpose) for purpose in (SETTINGS, FIRST, PREVIEW))
    return next((failure.sentence for failure in failures if failure is not None), "")


def _beside(source: str) -> str:
    """The folder that is proposed for results."""
    return source.rstrip("/\\") + SUFFIX if source.rstrip("/\\") else ""
