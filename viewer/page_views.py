"""How each page is looked at: frozen parts of the session. No Qt."""

from __future__ import annotations

import msgspec

from kernels.filtering.shapes import Case
from viewer.document import DEFAULT_ROW

TRAINED = "trained"
"""In place of a network's name: the one that is shown of a training run."""


class Sight(msgspec.Struct, frozen=True):
    """What of the scene is in sight: picture pixels, and how far they are reduced.

    `halvings` is the number of times that the picture can be halved before it has fewer pixels than the screen shows;
    negative where it is magnified. The rows and columns are rounded outwards, so that a step of panning is no change.
    `scale` counts screen pixels a picture pixel; it is left out where that is one or more.
    """

    halvings: int
    rows: tuple[int, int]
    columns: tuple[int, int]
    scale: float | None = None


class LearnedView(msgspec.Struct, frozen=True):
    """How the learned filters are looked at.

    `kind` shows one kind of resemblance only, "all" for every filter; `common_scale` paints all weights to one scale.
    `opening` counts the weights files that were opened: one that is opened again is read again. `folders` says where
    test pictures are, as (data set, folder) pairs, and `count` how often they were asked to be counted once more.
    """

    network: str = "colournet"
    layer: int = 0
    selected: int = 0
    kind: str = "all"
    common_scale: bool = False
    after_activation: bool = False
    opening: int = 0
    folders: tuple[tuple[str, str], ...] = ()
    count: int = 0


class GradientView(msgspec.Struct, frozen=True):
    """How the gradient is looked at.

    Colours of the direction, the maximised pane, the picture pixel being read, what is in sight, and whether the
    comparison of all operators is open.
    """

    direction_colours: str = "hue"
    maximised: str = ""
    pixel: tuple[int, int] | None = None
    pinned: bool = False
    sight: Sight | None = None
    comparison: bool = False


class StageView(msgspec.Struct, frozen=True):
    """How the Stage is looked at.

    Attributes
    ----------
    back : str
        The workspace that it was entered from.
    at : (int, int) or None
        The output pixel (i, j) that the window has reached; None for the middle.
    playing, loop : bool
        The window slides by itself, and begins again at the end.
    speed : float
        Positions a second.
    every : int
        Only every n-th row is gone through.
    region : (int, int, int, int) or None
        First and last row, first and last column of the outputs that are gone through, each last one included; None
        for all.
    predict, revealed : bool
        Each result is asked for first, and that of the present pixel has been told.
    judgement : str
        What was said to the last answer: "", "right", "sign", "divisor" or "other".
    tally : tuple of (str, int)
        How often each was said.
    channel : int
        The channel whose numbers are shown.
    tap : (int, int) or None
        The weight under the pointer, as it is applied.
    point : (int, int) or None
        The pixel (y, x) of the picture under the pointer.
    below : str
        What stands below the pictures: "arithmetic", "profile", "shapes", "repeat" or "borders".
    line : pair of (int, int) or None
        The ends (y, x) of the line of the profile, in the picture.
    times : int
        How often the kernel is applied.
    other_border : str
        The border that the present one is compared with.
    case : Case or None
        The shapes that are drawn, of Dumoulin and Visin or with other numbers; None for the picture that is open.
    sight : Sight or None
        What is in sight.
    """

    back: str = "filter"
    at: tuple[int, int] | None = None
    playing: bool = False
    loop: bool = True
    speed: float = 12.0
    every: int = 1
    region: tuple[int, int, int, int] | None = None
    predict: bool = False
    revealed: bool = True
    judgement: str = ""
    tally: tuple[tuple[str, int], ...] = ()
    channel: int = 0
    tap: tuple[int, int] | None = None
    point: tuple[int, int] | None = None
    below: str = "arithmetic"
    line: tuple[tuple[int, int], tuple[int, int]] | None = None
    times: int = 3
    other_border: str = "reflect101"
    case: Case | None = None
    sight: Sight | None = None

    def position(self, output_shape: tuple[int, int]) -> tuple[int, int]:
        """The output pixel that the window has reached, in an output of this size."""
        rows, columns = output_shape
        i, j = self.at or (rows // 2, columns // 2)
        return min(i, rows - 1), min(j, columns - 1)

    def scanned(self, output_shape: tuple[int, int]) -> tuple[int, int, int, int]:
        """The first and last row and column that are gone through, inside an output of this size."""
        rows, columns = output_shape
        top, bottom, left, right = self.region or (0, rows - 1, 0, columns - 1)
        return min(top, rows - 1), min(bottom, rows - 1), min(left, columns - 1), min(right, columns - 1)

    def is_covered(self, pixel: tuple[int, int], output_shape: tuple[int, int]) -> bool:
        """Whether the window has still to come to that output pixel, or its result is still asked for."""
        at = self.position(output_shape)
        if pixel == at:
            return self.predict and not self.revealed
        top, bottom, left, right = self.scanned(output_shape)
        return top <= pixel[0] <= bottom and left <= pixel[1] <= right and pixel > at


class LayersView(msgspec.Struct, frozen=True):
    """How the row of stages is looked at.

    Attributes
    ----------
    selected : int
        The key of the stage; 0 for the picture. At first it is the last of the row.
    map : int
        The number of its map.
    tab : str
        "maps", "arithmetic", "matrix" or "locations".
    common_scale : bool
        All maps of a stage are painted to one scale.
    pixel : (int, int) or None
        The pixel (i, j) that is read, of the selected stage's map, or of the one that `over` names.
    over : (int, int) or None
        The key of another stage under the pointer, and the number of its map.
    part : (str, int) or None
        A place inside the stage, and the number of its map, whose number at the pixel is taken apart instead.
    pinned : bool
        It stays when the pointer leaves.
    channel : int
        The input channel whose window the arithmetic shows.
    shift : int
        Pixels by which the picture is shifted to see what moves along.
    kernel : str
        What the matrix is made with: "map", the selected map's own kernel, or "example".
    sight : Sight or None
        What is in sight.
    """

    selected: int = DEFAULT_ROW[-1].key
    map: int = 0
    tab: str = "maps"
    common_scale: bool = False
    pixel: tuple[int, int] | None = None
    over: tuple[int, int] | None = None
    part: tuple[str, int] | None = None
    pinned: bool = False
    channel: int = 0
    shift: int = 1
    kernel: str = "map"
    sight: Sight | None = None


class NetworkView(msgspec.Struct, frozen=True):
    """How a network and its answer are looked at.

    Attributes
    ----------
    side : str
        "look", or "train", where networks learn.
    network : str
        The network whose stages are shown: a shipped one, or `TRAINED`.
    stage : int
        The number of the selected stage, from 0.
    map : int
        The number of its map, or of its unit.
    place : (int, int) or None
        The place (i, j) on that map whose number is taken apart; None for that of the largest number.
    activated : bool
        The numbers are those after the activation.
    common_scale : bool
        All maps of a stage are painted to one scale.
    brush : int
        Width of the pen, in pixels of the pad (`kernels.cnn.digits.PAD`).
    why : str
        The way of asking why it said so: a method of `kernels.cnn.explanations.saliency`, or "guided".
    patch : (int, int) or None
        The pixel that the patch of the occlusion is centred on; None for the middle.
    below : str
        What stands below the row: "arithmetic", "wants", "fooling" or "shift".
    seed : int
        Of the noise that an input made for a filter begins with.
    pictures : str
        The folder in which its strongest patches are looked for; "" for the pictures that come with the program.
    fooling : str
        How the network is fooled: a method of `kernels.cnn.fooling.fool`, or "nothing", from noise.
    target : int
        The class for which the network is to be made to take the picture; -1 for the one that is next likely.
    attempt : int
        How often work that was stopped was asked for again.
    """

    side: str = "look"
    network: str = "lenet5"
    stage: int = 2
    map: int = 12
    place: tuple[int, int] | None = None
    activated: bool = True
    common_scale: bool = False
    brush: int = 22
    why: str = "occlusion"
    patch: tuple[int, int] | None = None
    below: str = "arithmetic"
    seed: int = 0
    pictures: str = ""
    fooling: str = "iterated"
    target: int = -1
    attempt: int = 0


class FolderView(msgspec.Struct, frozen=True):
    """What is to be done to a whole folder.

    Attributes
    ----------
    is_open : bool
        The dialog is in sight.
    source, target, pattern : str
        Paths of two folders, and which files: patterns with blanks between them, "" for all pictures.
    by : str
        "kernel", the one in the editor with its options, or "row", the row of stages.
    range, format : str or None
        Words of `kernels.batch.settings`; None for what the window shows, and for the format of each file.
    workers : int
        Processes at work; 0 for as many as there are processors.
    force : bool
        Results of other settings, and files that are not the batch's own, are replaced.
    """

    is_open: bool = False
    source: str = ""
    target: str = ""
    pattern: str = ""
    by: str = "kernel"
    range: str | None = None
    format: str | None = None
    workers: int = 0
    force: bool = False


class TrainView(msgspec.Struct, frozen=True):
    """How training runs are looked at.

    Attributes
    ----------
    run : str
        The run that is shown; "" for the newest.
    step : int or None
        The step that is shown; None for the one that training has reached.
    pace : float or None
        Steps a second; None for as fast as it goes.
    cell : (int, int) or None
        The cell (true, seen) of the confusion whose pictures are shown; None for the worst of all.
    tab : str
        What stands below them: "weight", one weight, or "layers", the gradients of all.
    layer, output, given : int
        The layer that learns, the number of its filter or unit, and the number of the map that this sees.
    weight : (int, int) or None
        The weight (row, column) there whose step is taken apart; None for the one in the middle.
    apart, differences : bool
        The whole step is taken apart in the place of curves and filters, and the gradient by central differences too.
    picture : int
        Which picture of the minibatch is followed there.
    """

    run: str = ""
    step: int | None = None
    pace: float | None = None
    cell: tuple[int, int] | None = None
    tab: str = "weight"
    layer: int = 0
    output: int = 0
    given: int = 0
    weight: tuple[int, int] | None = None
    apart: bool = False
    differences: bool = False
    picture: int = 0
