"""What is done to every file of a batch, and what its results are called and written as.

Whoever only passes settings on loads nothing that computes.
"""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec

from kernels.errors import quoted, unknown_name
from kernels.pictures.suffixes import RAW_SUFFIXES, SHOWN_SUFFIXES, ZARR

if TYPE_CHECKING:
    from kernels.recipe import Recipe

RANGES = ("clip", "abs", "minmax", "signed", "raw")
"""How numbers become levels, see `kernels.pictures.display.MODES`; ``raw`` writes the numbers themselves."""

FORMATS = {
    **{suffix[1:]: (suffix, 8) for suffix in SHOWN_SUFFIXES},
    "png16": (".png", 16),
    "tif16": (".tif", 16),
    "zarr": (ZARR, 8),
}
"""The suffix and the bits of each format by its name. ``raw`` keeps the bits of the result, in `_RAW`."""

_RAW = (*RAW_SUFFIXES, ZARR)


class BatchSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True, tag="settings"):
    """What is done to every file; made by `settings_for`.

    Attributes
    ----------
    recipe : dict
        As `Recipe.to_dict` gives it.
    channel : str
        One of `kernels.pictures.colour.CHANNELS`.
    range : str
        One of `RANGES`.
    format : str or None
        One of `FORMATS`; None keeps the format of each file where it can hold the result, else PNG, of ``raw`` TIFF.
    memory : float or None
        Bytes that result and stages may take, in all processes together; None leaves it to what is free.
    """

    recipe: dict[str, Any]
    channel: str
    range: str
    format: str | None = None
    memory: float | None = None

    @cached_property
    def stages(self) -> Recipe:
        """The recipe, ready to be run."""
        from kernels.recipe import Recipe

        return Recipe.from_dict(self.recipe)

    @property
    def bits(self) -> int:
        """Bits of what is written in another range than ``raw``."""
        return 8 if self.format is None else FORMATS[self.format][1]

    @property
    def suffixes(self) -> tuple[str, ...]:
        """Suffixes of the files that can hold what the range gives."""
        return _RAW if self.range == "raw" else (*SHOWN_SUFFIXES, ZARR)

    def target_name(self, name: str) -> str:
        """Return what the result of a file of this name is called."""
        stem, suffix = os.path.splitext(name)
        if self.format is not None:
            wanted = FORMATS[self.format][0]
            return name if suffix.lower() == wanted else stem + wanted
        return name if suffix.lower() in self.suffixes else stem + self.suffixes[0]


def settings_for(
    recipe: Recipe,
    channel: str = "rgb",
    range: str | None = None,
    format: str | None = None,
    memory: float | None = None,
) -> BatchSettings:
    """Return checked settings.

    Parameters
    ----------
    recipe : Recipe
    channel, format, memory
        See `BatchSettings`; a format may begin with a dot.
    range : str, optional
        Without it ``signed`` for a single kernel with negative weights and sum 0, else ``clip``.

    Raises
    ------
    ValueError
        An unknown word, or a format that cannot hold what the range gives, or takes a package that is not there.
    """
    from kernels.kernel import default_range
    from kernels.pictures.colour import CHANNELS
    from kernels.pictures.windows import check_zarr

    if range is None:
        range = default_range(recipe.only_filter[0]) if recipe.only_filter else "clip"
    if range not in RANGES:
        raise unknown_name("range", range, RANGES)
    if channel not in CHANNELS:
        raise unknown_name("channel", channel, CHANNELS)
    if format is not None:
        name = format.lower().removeprefix(".")
        if name not in FORMATS:
            raise unknown_name("format", format, FORMATS)
        if range == "raw" and f".{name}" not in _RAW:
            raise ValueError(
                f"format is {quoted(format)}, but cannot hold numbers as they are, signed ones and fractions; for the "
                f"range raw it must be one of {', '.join(suffix[1:] for suffix in _RAW)}."
            )
        if name == "zarr":
            check_zarr("Each result")
        format = name
    return BatchSettings(recipe.to_dict(), channel, range, format, memory)
