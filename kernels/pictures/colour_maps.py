"""Colour maps for one-channel results, as tables of 256 colours.

All but the twilight map (cyclic, for angles) run evenly from dark to bright or out from a neutral middle and can be
told apart with any colour vision. The tables of viridis, inferno, magma and plasma (S. van der Walt, N. Smith, 2015),
cividis (J. R. Nuñez et al., 2018) and twilight (B. Sunagawa, 2018) come from OpenCV.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from kernels.errors import unknown_name
from kernels.opencv import cv2

TITLES = {
    "grey": "Grey",
    "blue-orange": "Blue–orange",
    "viridis": "Viridis",
    "cividis": "Cividis",
    "inferno": "Inferno",
    "magma": "Magma",
    "plasma": "Plasma",
    "twilight": "Twilight",
}
DIVERGING = frozenset({"blue-orange"})

BLUE = (0x2A, 0x6F, 0xDB)
NEUTRAL = (0xF2, 0xF2, 0xF2)
ORANGE = (0xE0, 0x70, 0x1C)
NON_FINITE = (0xFF, 0x00, 0xC8)
"""The magenta that marks NaN and infinity; it stands in none of the maps."""


def colour_maps() -> tuple[str, ...]:
    """Return the names of the colour maps."""
    return tuple(TITLES)


@cache
def table(name: str) -> NDArray[np.uint8]:
    """Return the 256 colours of a map, read-only, (256, 3) RGB.

    Raises
    ------
    ValueError
        An unknown name.
    """
    if name not in TITLES:
        raise unknown_name("colour map", name, TITLES)
    index = np.arange(256, dtype=np.uint8)
    if name == "grey":
        colours = np.repeat(index[:, None], 3, axis=1)
    elif name == "blue-orange":
        # Entries 127 and 128 share the neutral colour, so that 0 is neutral whichever way its 127.5 is rounded.
        position = np.where(index < 128, index / 127.0, (index - 1.0) / 127.0)
        ends = np.array([BLUE, NEUTRAL, ORANGE], np.float64)
        blended = [np.interp(position, [0.0, 1.0, 2.0], ends[:, channel]) for channel in range(3)]
        colours = np.rint(np.stack(blended, axis=1)).astype(np.uint8)
    else:
        code = int(getattr(cv2, f"COLORMAP_{name.upper()}"))
        colours = np.ascontiguousarray(np.asarray(cv2.applyColorMap(index[:, None], code))[:, 0, ::-1])
    colours.flags.writeable = False
    return colours
