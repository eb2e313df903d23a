"""A row of stages as data: read, run, written."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import numpy.typing as npt

from kernels import memory
from kernels.filtering import engine
from kernels.filtering.backends.facts import Facts
from kernels.filtering.geometry import Pair, SlidingOptions
from kernels.filtering.operands import as_image, output_dtype
from kernels.kernel import Kernel
from kernels.recipe.filters import Depthwise, Filter, FilterBank
from kernels.recipe.reading import plain, read
from kernels.recipe.regions import Array, Region, Shape, as_float
from kernels.recipe.stage import Chain, Circumstances, Stage
from kernels.recipe.strips import Held, Strips, measured

if TYPE_CHECKING:
    from kernels.recipe.facts import StageFacts
    from kernels.recipe.tracing import StageTrace


class SlidingLayer(msgspec.Struct, frozen=True):
    """The kernels of a stage that slides them over its input.

    Attributes
    ----------
    kernels : tuple of Kernel
    options : SlidingOptions
    groups : int
        Into how many groups a bank splits its channels; 0 where every channel is filtered on its own.
    """

    kernels: tuple[Kernel, ...]
    options: SlidingOptions
    groups: int

    def inputs(self, number: int, channels: int) -> tuple[int, ...]:
        """Return the input channels that map `number` is made from, of so many."""
        if self.groups == 0:
            return tuple(range(channels)) if self.kernels[0].channels else (number,)
        seen, made = channels // self.groups, len(self.kernels) // self.groups
        first = number // made * seen
        return tuple(range(first, first + seen))

    def kernel_of(self, number: int) -> int:
        """Return which kernel makes map `number`."""
        return min(number, len(self.kernels) - 1)


class Recipe:
    """A row of stages as plain data.

    Made by `from_dict`; immutable. Recipes with equal data are equal. `chain` holds the stages as they run.

    Examples
    --------
    >>> recipe = Recipe.from_dict({"stages": [{"filter": {"kernel": "1 1 / 2", "padding": "valid"}}, {"relu": {}}]})
    >>> recipe.run([[4.0, -2.0, -6.0]])
    [array([[ 1., -4.]]), array([[1., 0.]])]
    """

    def __init__(self, chain: Chain, data: dict[str, Any]) -> None:
        self.chain = chain
        self._data = data

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Recipe:
        """Read a recipe.

        Parameters
        ----------
        data : mapping
            ``{"stages": [{name: options}, ...]}``. The stages and their options:

            ==================  ==================================================================================
            ``filter``          ``kernel`` (a name of the catalogue, text, or ``{"weights", "divisor", "offset"}``),
                                ``operation``, ``padding``, ``stride``, ``dilation``, ``border``, ``border_value``
            ``filter-bank``     ``kernels``, ``groups``, and the options of ``filter``; or ``network`` and ``layer``
            ``depthwise``       ``kernels``, one for each channel, and the options of ``filter``
            ``pointwise``       ``weights`` (F, C)
            ``preprocess``      ``network``
            ``bias``            ``values``
            ``relu``            and ``sigmoid``, ``tanh``, ``magnitude``, ``thin``, ``global-average``: none
            ``leaky-relu``      ``slope`` (0.01)
            ``max-pool``        ``size``, ``stride`` (the size), ``padding`` (0), ``ceil`` (false); so too
                                ``average-pool``, and ``gaussian-pool`` with ``sigma`` (a quarter of the size)
            ``median``          ``size``
            ``batch-norm``      ``mean``, ``variance`` (measured), ``gamma`` (1), ``beta`` (0), ``epsilon`` (1e-5)
            ``branches``        ``rows``
            ``residual``        ``stages``, ``shortcut`` (the input as it is)
            ``dense-block``     ``stages``
            ``channel``         ``channel``: rgb, luma, r, g, b, h, s, v, lab-l, lab-a or lab-b; also the word alone
            ==================  ==================================================================================

        Raises
        ------
        ValueError
            That names the place, such as ``stages[2].max-pool.size``. At most 200 stages, 8 deep in each other.
        """
        chain = read(data)
        return cls(chain, plain(data))

    @classmethod
    def of_filter(cls, kernel: Kernel, options: SlidingOptions) -> Recipe:
        """Return the recipe whose one stage is a ``filter`` with this kernel: the same as `kernels.correlate`."""
        sliding = {name: getattr(options, name) for name in options.__struct_fields__}
        stage = {"kernel": kernel, **sliding, "border": str(options.border)}
        return cls.from_dict({"stages": [{"filter": stage}]})

    def to_dict(self) -> dict[str, Any]:
        """Return the recipe as plain data, fit for JSON, of which `from_dict` makes an equal one."""
        copy: dict[str, Any] = plain(self._data)
        return copy

    def __eq__(self, other: object) -> bool:
        return self._data == other._data if isinstance(other, Recipe) else NotImplemented

    def __hash__(self) -> int:
        return hash(repr(self._data))

    def __repr__(self) -> str:
        names = ", ".join(f"{stage.place}: {stage.name}" for stage in self.chain)
        return f"<Recipe {names or 'without stages'}>"

    @property
    def only_filter(self) -> tuple[Kernel, SlidingOptions] | None:
        """The kernel and its options, if the recipe is one ``filter`` and nothing else."""
        stages = self.chain.stages
        if len(stages) == 1 and isinstance(stages[0], Filter):
            return stages[0].kernel, stages[0].options
        return None

    def layer(self, number: int) -> SlidingLayer | None:
        """Return the kernels of a ``filter``, ``filter-bank`` or ``depthwise`` stage; None for any other.

        Parameters
        ----------
        number : int
            The stage, from 0.
        """
        stage = self.chain.stages[number]
        if not isinstance(stage, Filter | FilterBank | Depthwise):
            return None
        groups = stage.groups if isinstance(stage, FilterBank) else 0
        return SlidingLayer(tuple(stage.kernels), stage.options, groups)

    @property
    def places(self) -> tuple[str, ...]:
        """Where all stages stand, those inside others too, in the order in which they are written."""
        return tuple(stage.place for stage in self.chain.all_stages())

    @property
    def names(self) -> dict[str, str]:
        """The name of the stage at each of `places`."""
        return {stage.place: stage.name for stage in self.chain.all_stages()}

    def shapes(self, image_shape: tuple[int, ...]) -> list[Shape]:
        """Return the shape after each stage for a picture (H, W) or (H, W, C), without computing anything.

        Raises
        ------
        ValueError
            At the first stage that cannot take what comes before it; the text names its place.
        """
        return self.chain.shapes(tuple(image_shape))[1:]

    def facts(self, image_shape: tuple[int, ...]) -> list[StageFacts]:
        """Return what each stage costs and sees of a picture (H, W) or (H, W, C), without computing anything.

        Raises
        ------
        ValueError
            As `shapes`.
        """
        from kernels.recipe.facts import facts_of

        return facts_of(self.chain, tuple(image_shape))

    def run(
        self,
        image: npt.ArrayLike,
        *,
        white: float | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> list[Array]:
        """Run the stages and keep what each gives.

        Parameters
        ----------
        image : array_like, shape (H, W) or (H, W, C)
            Real numbers or booleans, in any range. It is not modified.
        white : float, optional
            The level that stands for white, for stages that ask for it (``preprocess``, ``channel``); by default
            `kernels.pictures.picture.usual_white`.
        cancelled : callable, optional
            Asked now and then; True stops.

        Returns
        -------
        list of ndarray
            One (H', W') or (H', W', F) array for each stage: float64 for a float64 picture, else float32.

        Raises
        ------
        TypeError, ValueError
            If the picture is none, or a stage cannot take what comes before it; the text names its place.
        MemoryError
            If all stages together would take more than half of the free memory.
        kernels.errors.Cancelled
            If `cancelled` returned True.
        """
        pixels = as_image(image)
        shapes = self.chain.shapes(pixels.shape)
        size = output_dtype(pixels).itemsize
        memory.require(float(self.chain.all_values(pixels.shape)) * size, "Keeping the output of every stage")
        run = self._circumstances(pixels, white, cancelled)
        kept: list[Array] = []
        maps = pixels
        for stage, shape in zip(self.chain, shapes, strict=False):
            maps = _one_stage(stage, maps, shape, run)
            kept.append(maps.copy() if np.shares_memory(maps, pixels) else maps)
        return kept

    def run_stage(
        self,
        number: int,
        maps: npt.ArrayLike,
        *,
        white: float | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Array:
        """Run a single stage on what the one before it gave: for whoever keeps that, and changes something later on.

        Parameters
        ----------
        number : int
            The stage, from 0.
        maps : array_like, shape (H, W) or (H, W, F)
            What `run` gives for the stage before; for the first the picture. It is not modified.
        white : float, optional
            As in `run`. A later stage that asks for it needs it here: `white_of` the picture.
        cancelled : callable, optional
            As in `run`.

        Returns
        -------
        ndarray
            What `run` gives for this stage, exactly; never a view of `maps`.

        Raises
        ------
        TypeError, ValueError, MemoryError, kernels.errors.Cancelled
            As `run`, and ValueError if there is no such stage or `white` is missing.
        """
        from kernels.recipe.tracing import stage_number

        stage = self.chain.stages[stage_number("number", number, self.chain)]
        pixels = as_image(maps)
        if white is None and number > 0:
            if stage.uses_white:
                raise ValueError(
                    f"white is None, but must be the picture's level for white, which {stage.label} needs."
                )
            white = 1.0
        size = float(Chain([stage]).all_values(pixels.shape)) * output_dtype(pixels).itemsize
        memory.require(size, f"The output of {stage.label}")
        result = _one_stage(stage, pixels, pixels.shape, self._circumstances(pixels, white, cancelled))
        return result.copy() if np.shares_memory(result, pixels) else result

    def output(
        self,
        image: npt.ArrayLike,
        *,
        white: float | None = None,
        cancelled: Callable[[], bool] | None = None,
        progress: Callable[[float], None] | None = None,
        first: Pair | None = None,
        ready: Callable[[Array], None] | None = None,
    ) -> Array:
        """Run the stages and return what the last one gives.

        The stages run together, some rows at a time, so that what they hold on the way stays small. For a stage that
        needs the whole picture (``global-average``, ``batch-norm`` that measures) what comes before it is computed
        first, to be measured. Sums in another order may differ from `run` in their last digits.

        Parameters
        ----------
        image, white, cancelled
            As in `run`.
        progress : callable, optional
            Told the share that is done, 0 to 1.
        first, ready : optional
            As in `kernels.filtering.engine.run`, for a recipe of one ``filter``; others compute their rows in order.

        Returns
        -------
        ndarray
            As the last array of `run`; without stages the picture in floating point.

        Raises
        ------
        TypeError, ValueError, kernels.errors.Cancelled
            As `run`.
        MemoryError
            If the result and all on the way to it would take more than half of the free memory.
        """
        pixels = as_image(image)
        shapes = self.chain.shapes(pixels.shape)
        run = self._circumstances(pixels, white, cancelled)
        if not self.chain.stages:
            return as_float(pixels).copy()
        tell = progress or (lambda share: None)
        if self.only_filter is not None:
            # The engine works in strips, and in all threads, by itself.
            kernel, options = self.only_filter
            return engine.run(pixels, kernel, options, cancelled=cancelled, progress=progress, first=first, ready=ready)
        size = float(math.prod(shapes[-1]) * output_dtype(pixels).itemsize)
        what = f"A result of {' × '.join(map(str, shapes[-1]))} values"
        largest = Facts.of(pixels).largest
        passes = sum(stage.needs_whole and not stage.chains for stage in self.chain.all_stages())
        if passes:
            memory.require(size, what)
        chain, _ = measured(self.chain, Held(pixels), run, largest, lambda share: tell(share * passes / (passes + 1)))
        strips = Strips(chain, pixels.shape, pixels.dtype, run, largest)
        memory.require(size + strips.held, what)
        maps = strips.whole(pixels, lambda share: tell((passes + share) / (passes + 1)))
        tell(1.0)
        return maps.copy() if np.shares_memory(maps, pixels) else maps

    def trace(
        self,
        image: npt.ArrayLike,
        place: int | str,
        position: Pair,
        channel: int | None = None,
        *,
        white: float | None = None,
    ) -> StageTrace:
        """Take one number that a stage gives apart.

        Only the part of the picture that the number depends on is computed.

        Parameters
        ----------
        image, white
            As in `run`.
        place : int or str
            The stage: its number, or a place such as ``"stages[2]"`` or ``"stages[2].branches.rows[0][1]"``, see
            `places`; the stage's name may follow.
        position : (int, int)
            The pixel (i, j) of its output.
        channel : int, optional
            The channel of its output; may be left out where there is only one.

        Returns
        -------
        StageTrace
            Its `value` is the number in the array that `run` returns, to the rounding of a sum in another order.

        Raises
        ------
        TypeError, ValueError
            As `run`, and if there is no such place, position or channel.
        """
        from kernels.recipe.tracing import explain

        pixels = as_image(image)
        return explain(self.chain, pixels, place, position, channel, self._circumstances(pixels, white, None))

    def white_of(self, image: npt.ArrayLike) -> float:
        """Return the level that `run` takes for a picture's white if it is given none; 1 if no stage asks for it."""
        if not any(stage.uses_white for stage in self.chain.all_stages()):
            return 1.0
        from kernels.pictures.picture import usual_white

        return usual_white(as_image(image)) or 1.0

    def _circumstances(self, pixels: Array, white: float | None, cancelled: Callable[[], bool] | None) -> Circumstances:
        level = self.white_of(pixels) if white is None else white
        if not (math.isfinite(level) and level > 0):
            raise ValueError(f"white is {level!r}, but must be a finite level above 0.")
        return Circumstances(level, cancelled)


def _one_stage(stage: Stage, maps: Array, shape: Shape, run: Circumstances) -> Array:
    """Compute all of a stage's output; a stage that changes nothing passes views on."""
    return stage.compute(maps, Region.whole(shape), shape, Region.whole(stage.output_shape(shape)), run)
