"""Pictures larger than the memory: read some rows at a time, and written so by many at once."""

import os
from importlib.util import find_spec

from kernels.pictures.picture import PictureError

ZARR = ".zarr"
"""How the folder of an OME-Zarr is called."""


def is_zarr(path: str | os.PathLike[str]) -> bool:
    """Return whether a path is called as the folder of an OME-Zarr is."""
    return os.fspath(path).rstrip("/").lower().endswith(ZARR)


def check_zarr(name: str) -> None:
    """Raise a `PictureError` that names what is an OME-Zarr if the package for it is not there."""
    if find_spec("zarr") is None:
        raise PictureError(f"{name} is an OME-Zarr, which takes a package more: pip install 'kernelscope[zarr]'.")
