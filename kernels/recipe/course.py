"""What is decided once about a picture and a row of stages, so that any part of the result has the same numbers.

Whoever only passes it on loads nothing that computes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from kernels.recipe.recipe import Recipe
    from kernels.recipe.strips import Source, Strips


class Moments(msgspec.Struct, frozen=True):
    """What a stage measures over all of its input.

    Attributes
    ----------
    mean, variance : tuple of float
        One number for each channel; the variance is the population's.
    """

    mean: tuple[float, ...]
    variance: tuple[float, ...]


class Course(msgspec.Struct, frozen=True):
    """How a recipe runs over a picture, whatever part of it is computed, where, and with how much memory.

    Made by `decide`; it is plain data, that travels with every task.

    Attributes
    ----------
    shape : tuple of int
        Of the picture, (H, W) or (H, W, C).
    dtype : str
        Of the picture.
    white : float
        As in `Recipe.run`.
    largest : float
        The largest magnitude in the picture, where its dtype tells too little to choose a backend by.
    rows : int
        Rows of the result that are always computed together.
    method : str
        The backend of a recipe that is one filter; empty for others, whose stages choose by the rows.
    measured : dict
        What stages have measured over all of their input, by place.
    """

    shape: tuple[int, ...]
    dtype: str
    white: float
    largest: float
    rows: int
    method: str
    measured: dict[str, Moments]

    def strips(self, recipe: Recipe) -> Strips:
        """Return what computes rows of the result."""
        import numpy as np

        from kernels.recipe.stage import Circumstances
        from kernels.recipe.strips import Strips

        chain = recipe.chain.measured(self.measured)
        return Strips(
            chain, self.shape, np.dtype(self.dtype), Circumstances(self.white), self.largest, (self.rows, self.method)
        )


def decide(recipe: Recipe, source: Source, *, white: float, largest: float = 0.0) -> Course:
    """Decide how a recipe runs over a picture; what its stages measure takes a pass over the picture each.

    Parameters
    ----------
    recipe : Recipe
    source : Source
        The picture.
    white, largest
        See `Course`.

    Raises
    ------
    ValueError
        At the first stage that cannot take what comes before it.
    """
    from kernels.recipe.stage import Circumstances
    from kernels.recipe.strips import Strips, measured

    recipe.shapes(source.shape)
    run = Circumstances(white)
    chain, found = measured(recipe.chain, source, run, largest, lambda share: None)
    strips = Strips(chain, source.shape, source.dtype, run, largest)
    return Course(source.shape, source.dtype.str, white, largest, strips.rows, strips.method, found)
