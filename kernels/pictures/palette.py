"""Few colours for many: the palette of a picture with 256 colours, and what each colour becomes in it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Colours = NDArray[np.uint32]

#: Colours that are remembered; more are chosen for anew in each frame.
_REMEMBERED = 1 << 20


def packed(pixels: NDArray[np.uint8]) -> Colours:
    """Return RGB, (..., 3), as one number each: red * 65536 + green * 256 + blue."""
    colours = pixels[..., 0].astype(np.uint32)
    for channel in (1, 2):
        colours <<= np.uint32(8)
        colours |= pixels[..., channel]
    return colours


def unpacked(colours: Colours) -> NDArray[np.uint8]:
    """Return numbers of `packed` as RGB, (..., 3)."""
    return np.stack([(colours >> np.uint32(shift)) & np.uint32(255) for shift in (16, 8, 0)], axis=-1).astype(np.uint8)


def chosen_colours(colours: Colours, counts: NDArray[Any], room: int) -> Colours:
    """Choose `room` colours to stand for more.

    Greys are chosen among greys, evenly spaced, with at least a quarter of the room if they need it: a grey picture
    gets no tint from colours drawn on it. Of the others the most frequent ones, up to a quarter of their room, stay as
    they are, so that what is drawn in one colour keeps it; the rest are chosen by median cut.

    Parameters
    ----------
    colours : ndarray of uint32, (n,)
        Each once, as `packed` numbers, in order.
    counts : ndarray of int, (n,)
        How many pixels have each.
    room : int
        At least 2.

    Returns
    -------
    ndarray of uint32, (m,)
        At most `room`, each once, in order; the colours themselves if there are no more.

    References
    ----------
    P. Heckbert (1982), "Color image quantization for frame buffer display".
    """
    if len(colours) <= room:
        return colours
    is_grey = _are_grey(colours)
    greys, others, weights = colours[is_grey], colours[~is_grey], counts[~is_grey]
    for_greys = min(len(greys), max(room // 4, room - len(others)))
    if for_greys < len(greys):
        greys = greys[np.linspace(0, len(greys) - 1, for_greys).round().astype(int)]
    for_others = room - for_greys
    if for_others < len(others):
        order = np.argsort(-weights, kind="stable")
        often, rest = order[: for_others // 4], order[for_others // 4 :]
        others = np.append(others[often], _median_cut(others[rest], weights[rest], for_others - len(often)))
    return np.unique(np.append(greys, others))


def nearest_colours(colours: Colours, palette: Colours) -> Colours:
    """Return for each colour the one of the palette that is nearest in RGB; a grey for a grey if the palette has any.

    Parameters
    ----------
    colours, palette : ndarray of uint32, (n,) and (m,)
        `packed` numbers.

    Returns
    -------
    ndarray of uint32, (n,)
    """
    from scipy.spatial import cKDTree

    found = np.empty_like(colours)
    is_grey, greys = _are_grey(colours), palette[_are_grey(palette)]
    for part, choice in ((is_grey, greys if greys.size else palette), (~is_grey, palette)):
        if part.any():
            _, place = cKDTree(unpacked(choice).astype(np.float64)).query(unpacked(colours[part]).astype(np.float64))
            found[part] = choice[place]
    return found


class ShownColours:
    """What each colour of an animation is shown as: once chosen it stays, so that nothing flickers or leaves trails."""

    def __init__(self) -> None:
        self._known: Colours = np.empty(0, np.uint32)
        self._shown: Colours = np.empty(0, np.uint32)

    def indexed(self, pixels: Colours, room: int) -> tuple[Colours, NDArray[np.uint8]]:
        """Return a palette of at most `room` colours, and the number of each pixel's colour in it.

        Parameters
        ----------
        pixels : ndarray of uint32, (n,)
            `packed` numbers; there may be none.
        room : int
            2 to 256.
        """
        colours, inverse, counts = np.unique(pixels, return_inverse=True, return_counts=True)
        shown = self._choose(colours, counts, room)
        palette, place = np.unique(shown, return_inverse=True)
        return palette, place.astype(np.uint8)[inverse.reshape(pixels.shape)]

    def _choose(self, colours: Colours, counts: NDArray[Any], room: int) -> Colours:
        """Return what each of these colours is shown as."""
        place = np.searchsorted(self._known, colours)
        is_known = np.zeros(len(colours), bool)
        within = place < len(self._known)
        is_known[within] = self._known[place[within]] == colours[within]
        shown = colours.copy()
        shown[is_known] = self._shown[place[is_known]]
        fixed = np.unique(shown[is_known])
        new = colours[~is_known]
        left = room - len(fixed)
        if left < min(len(new), room // 4):
            # What is known takes up the palette: this frame has one of its own.
            return nearest_colours(colours, chosen_colours(colours, counts, room))
        if left < len(new):
            palette = np.union1d(fixed, chosen_colours(new, counts[~is_known], left))
            shown[~is_known] = nearest_colours(new, palette)
        if len(self._known) + len(new) <= _REMEMBERED:
            self._known = np.insert(self._known, place[~is_known], new)
            self._shown = np.insert(self._shown, place[~is_known], shown[~is_known])
        return shown


def _are_grey(colours: Colours) -> NDArray[np.bool_]:
    low = colours & np.uint32(255)
    return np.asarray(colours == low * np.uint32(0x010101), bool)


def _median_cut(colours: Colours, counts: NDArray[Any], room: int) -> Colours:
    from PIL import Image

    # Weighted by their counts, which Pillow takes from a picture: one of as many pixels as there are, at most 2^20.
    share = max(1.0, float(counts.sum()) / (1 << 20))
    weights = np.maximum(1, np.rint(counts / share)).astype(np.int64)
    pixels = unpacked(np.repeat(colours, weights))
    reduced = Image.fromarray(pixels[np.newaxis]).quantize(room, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    table = np.array(reduced.getpalette(), np.uint8).reshape(-1, 3)
    return packed(table[np.unique(np.asarray(reduced))])
