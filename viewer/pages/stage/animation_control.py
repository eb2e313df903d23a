"""Saving the sliding window as an animation."""

from __future__ import annotations

from functools import partial

from PyQt6.QtCore import QObject

from kernels.filtering.geometry import geometry
from kernels.memory import readable
from kernels.numbers import format_seconds
from kernels.pictures.animation import MAXIMUM_FRAMES, SHORTEST_FRAME, estimated_bytes, write_gif
from viewer import theme
from viewer.compute import Compute
from viewer.moment import Failure, Moment, Purpose, Query, Work
from viewer.pages.filter.input_queries import INPUT
from viewer.pages.filter.queries import OUTPUT
from viewer.pages.stage.animation import Animation
from viewer.pages.stage.scan import scan_of
from viewer.pages.stage.views.save_animation import AnimationPopover
from viewer.saving import Saving
from viewer.task import Outcome

ESTIMATE: Purpose[int] = Purpose("animation size", "animation")
PROPOSED = 240
SAMPLES = 6


class AnimationControl(QObject):
    """Proposes an animation of what is gone through, estimates its size, and writes it."""

    def __init__(self, view: AnimationPopover, compute: Compute, saving: Saving, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view, self._compute, self._saving = view, compute, saving
        self._moment: Moment | None = None
        self._asked = 0
        view.changed.connect(self._estimate)
        view.asked.connect(self._save)

    def render(self, _old: Moment, new: Moment) -> None:
        """Remember what there is to save."""
        self._moment = new

    def open(self) -> None:
        """Ask how, below its button."""
        animation = self._animation(PROPOSED, 480)
        if animation is not None:
            self._view.open()
            self._view.propose(len(animation.positions))

    def _animation(self, frames: int, width: int) -> Animation | None:
        """So many frames, evenly spread over what is gone through; None while there is no output."""
        moment = self._moment
        shown, source = (None, None) if moment is None else (moment.value(OUTPUT), moment.value(INPUT))
        if moment is None or shown is None or source is None or shown.filtered is None:
            return None
        document, stage = moment.state.document, moment.state.session.stage
        found = shown.filtered
        windows = geometry(found.picture.shape[:2], found.kernel.shape, found.options)
        scan = scan_of(stage, windows.output_shape)
        count = max(1, min(frames, scan.count, MAXIMUM_FRAMES))
        places = [round(number * (scan.count - 1) / max(count - 1, 1)) for number in range(count)]
        title = "" if document.picture is None else f"{document.picture.title}, {found.kernel.name}"
        return Animation(
            source=source,
            output=shown.painted,
            values=found.array,
            geometry=windows,
            stage=stage,
            positions=tuple(scan.nth(place) for place in places),
            title=title,
            width=width,
            palette=theme.palette(),
        )

    def _seconds(self) -> float:
        speed = 12.0 if self._moment is None else self._moment.state.session.stage.speed
        return max(SHORTEST_FRAME, 1 / speed)

    def _estimate(self, frames: int, width: int) -> None:
        animation = self._animation(frames, width)
        if animation is None:
            return
        if frames > len(animation.positions):
            most = len(animation.positions)
            self._view.show_error(self.tr("There can be up to {n} frames here.").format(n=f"{most:,}"))
        count = len(animation.positions)
        wanted = sorted({round(k * max(count - 2, 0) / (SAMPLES - 1)) for k in range(SAMPLES)})

        def make(work: Work) -> int:
            chosen = [animation.frame_pair(number) for number in wanted if not work.cancelled()]
            return estimated_bytes(chosen, animation.sample(), count)

        key = frames, width
        self._asked += 1
        text = self.tr("{n} frames, {t}").format(n=f"{count:,}", t=format_seconds(count * self._seconds()))
        self._view.show_facts(text)
        self._compute.order(Query(ESTIMATE, key, make), partial(self._tell, self._asked, text))

    def _tell(self, asked: int, text: str, outcome: Outcome) -> None:
        if asked == self._asked and not isinstance(outcome, Failure):
            size = readable(outcome.value)
            self._view.show_facts(self.tr("{text}, about {size}").format(text=text, size=size))

    def _save(self, frames: int, width: int) -> None:
        animation, seconds = self._animation(frames, width), self._seconds()
        if animation is None:
            return
        self._view.close()

        def write(target: str, work: Work) -> None:
            write_gif(
                target,
                animation.frames(),
                sample=animation.sample(),
                count=len(animation.positions),
                frame_seconds=seconds,
                cancelled=work.cancelled,
                progress=work.progress,
            )

        self._saving.save_as(self.tr("Save the animation"), "animation.gif", "GIF (*.gif)", write)
