"""Pictures larger than the memory: read some rows at a time, and written so by many at once."""

from importlib.util import find_spec

from kernels.pictures.picture import PictureError


def check_zarr(name: str) -> None:
    """Raise a `PictureError` that names what is an OME-Zarr if the package for it is not there."""
    if find_spec("zarr") is None:
        raise PictureError(f"{name} is an OME-Zarr, which takes a package more: pip install 'kernelscope[zarr]'.")
