"""Pictures put aside for a while: exact, quick to write, read by this program only."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from kernels.pictures.picture import Origin, Picture


def write_copy(picture: Picture, path: Path) -> None:
    """Write `picture` so that `read_copy` gives its numbers back bit by bit, and its note."""
    alpha = np.empty((0, 0), np.uint8) if picture.alpha is None else picture.alpha
    words = np.array([picture.note, picture.bits])
    np.savez(path, pixels=picture.pixels, alpha=alpha, white=np.float64(picture.white), words=words)


def read_copy(path: Path, origin: Origin) -> Picture:
    """Return what `write_copy` wrote."""
    with np.load(path, allow_pickle=False) as held:
        alpha = held["alpha"] if held["alpha"].size else None
        note, bits = map(str, held["words"])
        return Picture(held["pixels"], float(held["white"]), alpha, origin, note, bits)
