"""The way of the window: play, step, jump, predict first, and Escape, which takes back one thing."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from msgspec.structs import replace
from PyQt6.QtCore import QObject, Qt, QTimer
from PyQt6.QtWidgets import QMenu

from kernels.filtering.geometry import Geometry, geometry
from viewer.moment import Moment
from viewer.page_views import StageView
from viewer.pages.stage.scan import Scan, scan_of
from viewer.pages.stage.views.transport import Transport
from viewer.session import Probe, Session, with_view
from viewer.shelf import open_result
from viewer.store import Store
from viewer.widgets import format_position

TICK_MS = 16
ROWS = (1, 2, 4, 8, 16, 32)
AROUND = 16


class TransportControl(QObject):
    """Moves ``StageView.at``, whoever asks for it, and lets time move it while it plays."""

    def __init__(self, view: Transport, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view, self._store = view, store
        self._geometry: Geometry | None = None
        self._clock = QTimer(self)
        self._clock.setTimerType(Qt.TimerType.PreciseTimer)
        self._clock.setInterval(TICK_MS)
        self._clock.timeout.connect(self._tick)
        self._started, self._done = 0.0, 0
        view.moved.connect(self.go_to_index)
        view.speed_chosen.connect(lambda speed: self._change(speed=speed))
        view.scan.menu().aboutToShow.connect(self._offer_scans)
        view.below_chosen.connect(lambda name: self._change(below=name))

    # -- showing ---------------------------------------------------------------------------------------------------

    def render(self, _old: Moment, new: Moment) -> None:
        """Show where the window stands, and keep the clock running while it plays."""
        stage, picture = new.state.session.stage, open_result(new)
        self._geometry = None if picture is None else _geometry_of(new, picture.value.shape[:2])
        if self._geometry is not None:
            rows, columns = self._geometry.output_shape
            i, j = stage.position((rows, columns))
            self._view.show_place(format_position(i, j), i * columns + j, rows * columns)
            self._view.show_page_step(columns)
        self._view.show_playing(stage.playing)
        self._view.show_speed(stage.speed)
        self._view.show_below(stage.below)
        runs = stage.playing and new.state.session.on_stage
        if runs and not self._clock.isActive():
            self._begin_to_count()
            self._clock.start()
        elif not runs:
            self._clock.stop()

    # -- moving ----------------------------------------------------------------------------------------------------

    def switch_playing(self) -> None:
        """Let the window slide, or stop it; from the end it begins again."""
        stage, scan = self._stage, self._scan()
        if scan is None:
            return
        if stage.playing:
            self._change(playing=False)
            return
        at = stage.position(self._shape())
        start = at if scan.following(at) is not None else scan.first
        self._begin_to_count()
        self._move(start, playing=True)

    def step(self, steps: int) -> None:
        """Go on by one position, or back."""
        scan = self._scan()
        if scan is None:
            return
        at = self._stage.position(self._shape())
        following = scan.following(at) if steps > 0 else scan.preceding(at)
        if following is None:
            following = (scan.first if self._stage.loop else at) if steps > 0 else at
        self._move(following, playing=False, covered=steps > 0)

    def go_to_index(self, index: int) -> None:
        """Jump to an output pixel by its number in raster order."""
        if self._geometry is not None:
            columns = self._geometry.output_shape[1]
            self._move(divmod(index, columns), playing=self._stage.playing)

    def go_to(self, pixel: tuple[int, int], *, pinned: bool = False) -> None:
        """Jump to an output pixel, and stay there."""
        self._move(pixel, playing=self._stage.playing, probe=Probe(*pixel, pinned=True) if pinned else None)

    def _move(self, pixel: tuple[int, int], *, playing: bool, covered: bool = True, probe: Probe | None = None) -> None:
        """Take the window there; with Predict on its result is asked for, unless it was `covered` no more."""

        def update(session: Session) -> Session:
            stage = session.stage
            is_other = stage.at != pixel
            told = not (stage.predict and covered and not playing) if is_other else stage.revealed
            changed = replace(stage, at=pixel, playing=playing, revealed=told)
            return replace(session, probe=probe, stage=replace(changed, judgement="") if is_other else changed)

        self._store.view(update)

    def _tick(self) -> None:
        """Go as many positions on as time has passed for."""
        due = int((time.perf_counter() - self._started) * self._stage.speed) - self._done
        scan = self._scan()
        if due <= 0 or scan is None:
            return
        self._done += due
        following = scan.after(self._stage.position(self._shape()), due, loop=self._stage.loop)
        if following is None:
            self._move(scan.last, playing=False, covered=False)
        else:
            probe = self._store.session.probe
            self._move(following, playing=True, probe=None if probe is not None and probe.pinned else probe)

    def _begin_to_count(self) -> None:
        self._started, self._done = time.perf_counter(), 0

    # -- what is gone through --------------------------------------------------------------------------------------

    def _offer_scans(self) -> None:
        """Fill the menu: how many rows, and which part of the output."""
        menu, stage, shape = self._view.scan.menu(), self._stage, self._shape()
        menu.clear()
        for every in ROWS:
            text = self.tr("Every row") if every == 1 else self.tr("One row in {n}").format(n=every)
            self._offer(menu, text, stage.every == every, every=every)
        menu.addSeparator()
        i, j = stage.position(shape)
        around = (max(0, i - AROUND // 2), i + AROUND // 2 - 1, max(0, j - AROUND // 2), j + AROUND // 2 - 1)
        self._offer(menu, self.tr("All of the output"), stage.region is None, region=None)
        self._offer(
            menu, self.tr("{n} × {n} around this pixel").format(n=AROUND), stage.region == around, region=around
        )
        seen = self._in_sight()
        if seen is not None:
            self._offer(menu, self.tr("What is in sight"), stage.region == seen, region=seen)

    def _offer(self, menu: QMenu | None, text: str, checked: bool, **changes: Any) -> None:
        action = menu.addAction(text)
        action.setCheckable(True)
        action.setChecked(checked)
        action.triggered.connect(lambda _checked=False: self._change(**changes))

    def _in_sight(self) -> tuple[int, int, int, int] | None:
        """The outputs whose place in the picture is in sight; None where that is all of them."""
        sight, windows = self._stage.sight, self._geometry
        if sight is None or windows is None or sight.scale is not None:
            return None
        (top, bottom), (left, right) = sight.rows, sight.columns
        height, width = windows.image_shape
        first = windows.nearest_output(max(0, top), max(0, left))
        last = windows.nearest_output(min(height, bottom) - 1, min(width, right) - 1)
        return first[0], last[0], first[1], last[1]

    # -- switches --------------------------------------------------------------------------------------------------

    def switch_loop(self) -> None:
        """Begin again at the end, or stop there."""
        self._change(loop=not self._stage.loop)

    def switch_predict(self, wanted: bool | None = None) -> None:
        """Ask for each result before it is shown, or show it at once."""
        predict = not self._stage.predict if wanted is None else wanted
        if predict != self._stage.predict:
            self._change(predict=predict, revealed=not predict, judgement="", playing=False)

    def reveal_or_go_on(self) -> None:
        """Show the result that was asked for; once it is shown, ask for the next."""
        if not self._stage.revealed:
            self._change(revealed=True)
        else:
            self.step(1)

    def space(self) -> None:
        """Space: reveals with Predict on, else plays or pauses."""
        if self._stage.predict:
            self.reveal_or_go_on()
        else:
            self.switch_playing()

    def escape(self, leave: Callable[[], object]) -> None:
        """Take back one thing: stop playing, then free what is pinned, then leave."""
        probe = self._store.session.probe
        if self._stage.playing:
            self._change(playing=False)
        elif probe is not None and probe.pinned:
            self._store.view(lambda session: replace(session, probe=None))
        else:
            leave()

    # -- what is known ---------------------------------------------------------------------------------------------

    @property
    def _stage(self) -> StageView:
        return self._store.session.stage

    def _shape(self) -> tuple[int, int]:
        return (1, 1) if self._geometry is None else self._geometry.output_shape

    def _scan(self) -> Scan | None:
        return None if self._geometry is None else scan_of(self._stage, self._geometry.output_shape)

    def _change(self, **changes: Any) -> None:
        if "speed" in changes:
            self._begin_to_count()
        self._store.view(lambda session: with_view(session, "stage", **changes))


def _geometry_of(moment: Moment, shape: tuple[int, ...]) -> Geometry | None:
    document = moment.state.document
    try:
        return geometry(shape, document.kernel.shape, document.options)
    except ValueError:
        return None
