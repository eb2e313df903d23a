"""Responses as small pictures, and many pictures on one sheet."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kernels import resources
from kernels.cnn.network import Network
from kernels.cnn.painting import DIVERGING, Painted, enlarged
from kernels.cnn.strips import thumbnails
from kernels.pictures import display
from kernels.pictures.summary import summarise

if TYPE_CHECKING:
    from PIL import ImageFont

GROUND = (0x15, 0x17, 0x1C)
INK = (0xC3, 0xC9, 0xD4)
LINE = 20
"""Pixels from the bottom of a picture to that of the line of text below it."""


def response_pictures(
    network: Network,
    image: NDArray[Any],
    layer: int = 0,
    *,
    white: float | None = None,
    common_scale: bool = True,
    longest: int = 256,
) -> list[Painted]:
    """Paint the response of every filter of a layer to a picture, from blue through near-white, 0, to orange.

    Parameters
    ----------
    network, image, layer, white
        As for `Network.responses`.
    common_scale : bool
        Whether the strongest pixel of all responses, rather than of each one, gets the strongest colour.
    longest : int
        Pixels that the longer side may have: larger responses are averaged over areas, smaller ones get pixels of
        several.

    Returns
    -------
    list of (h, w, 3) uint8 arrays
    """
    responses = thumbnails(network, image, layer, white=white, longest=longest)
    levels = [display.levels(summarise(response), "signed", (-1.0, 1.0)) for response in responses]
    if common_scale:
        levels = [max(levels, key=max)] * len(levels)
    factor = max(1, longest // max(responses.shape[1:]))
    return [
        enlarged(display.render(response, ends, "signed", DIVERGING), factor)
        for response, ends in zip(responses, levels, strict=True)
    ]


def captioned(picture: Painted, text: str) -> Painted:
    """Put a picture above a line of text; as wide as the wider of the two."""
    from PIL import Image, ImageDraw

    font = _font()
    height, width = picture.shape[:2]
    page = Image.new("RGB", (max(width, ceil(font.getlength(text))), height + LINE), GROUND)
    page.paste(Image.fromarray(picture), (0, 0))
    ImageDraw.Draw(page).text((0, height + LINE - 5), text, fill=INK, font=font, anchor="ls")
    return np.asarray(page)


@cache
def _font() -> ImageFont.FreeTypeFont:
    from PIL import ImageFont

    return ImageFont.truetype(str(resources.asset("fonts", "Inter-Regular.otf")), 12)


def side_by_side(pictures: Sequence[Painted], gap: int) -> Painted:
    """Put pictures beside each other, their tops in line, on dark ground."""
    height = max(picture.shape[0] for picture in pictures)
    width = sum(picture.shape[1] for picture in pictures) + gap * (len(pictures) - 1)
    result = np.full((height, width, 3), GROUND, np.uint8)
    left = 0
    for picture in pictures:
        result[: picture.shape[0], left : left + picture.shape[1]] = picture
        left += picture.shape[1] + gap
    return result


def grid(pictures: Sequence[Painted], gap: int = 8, ratio: float = 1.5) -> Painted:
    """Put pictures on a sheet, row by row, on dark ground, each in a cell that is large enough for any of them.

    Parameters
    ----------
    pictures : sequence of (h, w, 3) uint8 arrays
    gap : int
        Pixels between and around them.
    ratio : float
        The sheet's width ÷ height comes as near to this as the number of columns allows.
    """
    height, width = (max(picture.shape[axis] for picture in pictures) + gap for axis in (0, 1))
    columns = min(len(pictures), max(1, round((len(pictures) * height * ratio / width) ** 0.5)))
    rows = -(-len(pictures) // columns)
    result = np.full((rows * height + gap, columns * width + gap, 3), GROUND, np.uint8)
    for index, picture in enumerate(pictures):
        top, left = gap + index // columns * height, gap + index % columns * width
        result[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
    return result
