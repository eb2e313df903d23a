"""What the files of pictures are called; loaded without what reads and writes them."""

from __future__ import annotations

import os

FORMATS = (
    ("PNG", (".png",)),
    ("JPEG", (".jpg", ".jpeg")),
    ("TIFF", (".tif", ".tiff")),
    ("WebP", (".webp",)),
    ("BMP", (".bmp",)),
    ("GIF", (".gif",)),
    ("PGM, PPM, PBM", (".pgm", ".ppm", ".pbm", ".pnm")),
    ("NumPy array", (".npy",)),
)
"""Title and usual suffixes of each format that `kernels.pictures.reading.read_picture` knows, for file dialogs."""

RAW_SUFFIXES = (".tif", ".tiff", ".npy")
"""Files that hold every number as it is."""
DEEP_SUFFIXES = (".png", ".tif", ".tiff")
"""Files that hold 16 bits."""
SHOWN_SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".bmp", ".npy")
"""Files that hold the 8 bits of what is on screen."""

ZARR = ".zarr"
"""How the folder of an OME-Zarr is called."""


def is_zarr(path: str | os.PathLike[str]) -> bool:
    """Return whether a path is called as the folder of an OME-Zarr is."""
    return os.fspath(path).rstrip("/").lower().endswith(ZARR)
