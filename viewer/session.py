"""How things are looked at: a frozen session that is not undone, and the pure functions from one to the next."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from viewer.page_views import (
    FolderView,
    GradientView,
    LayersView,
    LearnedView,
    NetworkView,
    Sight,
    StageView,
    TrainView,
)

ThemeName = Literal["system", "light", "dark"]


class RangeChoice(msgspec.Struct, frozen=True):
    """A range that the user chose, and the default at that time.

    It holds until a kernel with another default is chosen: who chose "clip" for a blur expects a Sobel kernel to show
    its signs.
    """

    mode: str
    default: str


class Probe(msgspec.Struct, frozen=True):
    """The output pixel (i, j) being read, under the pointer or pinned."""

    i: int
    j: int
    pinned: bool = False


class Session(msgspec.Struct, frozen=True):
    """How things are looked at; undo does not touch it."""

    workspace: str = "filter"
    theme: ThemeName = "system"
    large_type: bool = False
    folded: bool = False  # the side panels
    sight: Sight | None = None  # None until there are panes
    frame: tuple[int, int] = (0, 0)  # the key of a stream, and the number of its frame
    range_choice: RangeChoice | None = None
    manual_levels: tuple[float, float] | None = None
    colour_map: str = "grey"
    probe: Probe | None = None
    comparing: bool = False  # the input stands in the output's place
    covered: bool = False  # the output is hidden until it is revealed
    gradient: GradientView = msgspec.field(default_factory=GradientView)
    learned: LearnedView = msgspec.field(default_factory=LearnedView)
    stage: StageView = msgspec.field(default_factory=StageView)
    layers: LayersView = msgspec.field(default_factory=LayersView)
    network: NetworkView = msgspec.field(default_factory=NetworkView)
    train: TrainView = msgspec.field(default_factory=TrainView)
    folder: FolderView = msgspec.field(default_factory=FolderView)

    @property
    def on_stage(self) -> bool:
        """Whether the Stage is in front."""
        return self.workspace == "stage"

    @property
    def shows_panes(self) -> bool:
        """Whether pictures are in front that can be zoomed."""
        return self.looks_at_picture and (self.workspace != "layers" or self.layers.tab == "maps")

    @property
    def looks_at_picture(self) -> bool:
        """Whether what is in front is made of the open picture; networks may get another one."""
        return self.workspace != "network"

    @property
    def picture_sight(self) -> Sight | None:
        """What the panes in front show of the picture and its output."""
        return self.stage.sight if self.on_stage else self.sight


FORGOTTEN = {
    "layers": ({"selected", "map", "over"}, "part"),  # another map ends looking inside a stage
    "network": ({"network", "stage", "map"}, "place"),  # and is read where its number is largest
}
"""Of a view: what no longer holds once one of these is changed."""


def with_view(session: Session, name: str, **changes: Any) -> Session:
    """The session in which something, "gradient" or "train", is looked at in another way."""
    about, forgotten = FORGOTTEN.get(name, (set[str](), ""))
    if not about.isdisjoint(changes):
        changes = {forgotten: None, **changes}
    return replace(session, **{name: replace(getattr(session, name), **changes)})


def entering_stage(session: Session) -> Session:
    """The session on the Stage, at the pixel that is pinned, if one is."""
    probe, stage = session.probe, session.stage
    at = (probe.i, probe.j) if probe is not None and probe.pinned else stage.at
    return replace(session, workspace="stage", stage=replace(stage, back=session.workspace, at=at))


def leaving_stage(session: Session) -> Session:
    """The session where the Stage was entered from, with nothing going on behind and nothing pointed at."""
    stage = replace(session.stage, playing=False, point=None, tap=None)
    probe = session.probe if session.probe is not None and session.probe.pinned else None
    return replace(session, workspace=session.stage.back, stage=stage, probe=probe)
