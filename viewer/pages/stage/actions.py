"""What can be done on the Stage, as named functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PyQt6.QtCore import QCoreApplication

from viewer.intents import Intent
from viewer.moment import Moment
from viewer.shelf import open_result

if TYPE_CHECKING:
    from viewer.pages.stage.page import StagePage


def _tr(text: str) -> str:
    return QCoreApplication.translate("StagePage", text)


def stage_intents(page: Callable[[], StagePage]) -> list[Intent]:
    """The intents of the Stage, which is asked for only when one of them is called."""
    group = _tr("Stage")

    def on_stage(moment: Moment) -> bool:
        return moment.state.session.on_stage

    def is_possible(moment: Moment) -> bool:
        picture = open_result(moment)
        return on_stage(moment) or picture is None or picture.value.is_held

    def why_not(_moment: Moment) -> str:
        return _tr(
            "The Stage needs all pixels of a picture, and this one is read by parts.\n"
            "“Open the middle of the picture” (Ctrl+Alt+M) opens a part of it."
        )

    def here(
        name: str, text: str, keys: tuple[str, ...], run: Callable[[StagePage], object], button: str = "",
        words: str = "", checked: Callable[[Moment], bool] | None = None,
    ) -> Intent:  # fmt: skip
        return Intent(name, text, keys, group, lambda: run(page()), on_stage, checked, button=button, keywords=words)

    return [
        Intent("stage", _tr("Go to the Stage, or back"), ("F5",), group, lambda: page().switch(), is_possible, on_stage,
               button="stageButton", keywords=_tr("projector slide window predict present"), why_not=why_not),
        here("playStage", _tr("Let the window slide, or stop it"), ("Ctrl+Space",),
             lambda page: page.transport.switch_playing(), "playButton", _tr("play pause animation")),
        here("stepBack", _tr("One position back"), ("Alt+Left",), lambda page: page.transport.step(-1),
             "stepBackButton"),
        here("stepForward", _tr("One position on"), ("Alt+Right",), lambda page: page.transport.step(1),
             "stepForwardButton"),
        here("loopStage", _tr("Begin again at the end"), ("Ctrl+L",), lambda page: page.transport.switch_loop(),
             "loopButton", _tr("repeat"), lambda moment: moment.state.session.stage.loop),
        here("saveAnimation", _tr("Save the animation as GIF…"), ("Ctrl+Alt+G",), lambda page: page.animation.open(),
             "saveAnimationButton", _tr("export film video")),
        here("leaveStage", _tr("Leave the Stage"), ("Alt+0",), lambda page: page.leave(), "stageLeave"),
        here("copyLine", _tr("Copy the line of arithmetic"), ("Ctrl+Alt+L",), lambda page: page.copy(),
             words=_tr("equation clipboard value")),
        here("copyLatex", _tr("Copy the arithmetic as LaTeX"), ("Ctrl+Alt+T",),
             lambda page: page.copy(as_latex=True), words=_tr("equation clipboard formula tex")),
        here("predict", _tr("Ask for each result before it is shown"), ("Ctrl+P",),
             lambda page: page.transport.switch_predict(), words=_tr("quiz question cover hide")),
    ]  # fmt: skip
