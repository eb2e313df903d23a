"""Stages in a few words each: "5 × 5", "3 × 3, 16 maps", and banks as so many kernels of a size. No widgets."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache

from PyQt6.QtCore import QCoreApplication

from kernels.cnn.models import MODELS
from kernels.kernel import Kernel
from kernels.recipe import Recipe

BETWEEN = " · "
_WINDOWS = ("max-pool", "average-pool", "gaussian-pool", "median")


def _tr(text: str) -> str:
    return QCoreApplication.translate("StageLines", text)


@lru_cache(maxsize=256)
def kernels_of(kind: str, options: str) -> tuple[Kernel, ...]:
    """Return the kernels of a stage; none where it has none or they cannot be read."""
    try:
        layer = Recipe.from_dict({"stages": [{kind: json.loads(options)}]}).layer(0)
    except (ValueError, TypeError, OSError):
        return ()
    return () if layer is None else layer.kernels


def sizes_text(kernels: Sequence[Kernel]) -> str:
    """Return the size of the kernels, "5 × 5"; of different ones each, and nothing of many."""
    sizes = list(dict.fromkeys(f"{each.shape[1]} × {each.shape[0]}" for each in kernels))
    return ", ".join(sizes) if len(sizes) <= 2 else ""


def bank_text(kernels: Sequence[Kernel]) -> str:
    """Return how many kernels there are, and of what size: "16 kernels of 3 × 3 × 8"."""
    sizes = _shapes_text(kernels)
    count = _tr("1 kernel") if len(kernels) == 1 else _tr("{n} kernels").format(n=len(kernels))
    return _tr("{kernels} of {size}").format(kernels=count, size=sizes) if sizes else count


def layer_text(kernels: Sequence[Kernel]) -> str:
    """Return the same where there is little room: "16 of 3 × 3 × 8"."""
    return _tr("{n} of {size}").format(n=len(kernels), size=_shapes_text(kernels))


def _shapes_text(kernels: Sequence[Kernel]) -> str:
    sizes, depths = sizes_text(kernels), {each.channels for each in kernels}
    is_one = len(depths) == 1 and None not in depths and "," not in sizes
    return f"{sizes} × {depths.pop()}" if sizes and is_one else sizes


def network_title(name: str) -> str:
    """Return what a network is called: that of a file is called as the file."""
    return MODELS[name].architecture.name if name in MODELS else name.replace("\\", "/").rpartition("/")[2]


def row_text(row: object) -> str:
    """Return the stages of an inner row on one line: "1 × 1, 8 maps · ReLU"."""
    if not isinstance(row, Sequence) or isinstance(row, str):
        return str(row)
    return BETWEEN.join(_stage_text(stage) for stage in row)


def _stage_text(stage: object) -> str:
    if not isinstance(stage, Mapping) or len(stage) != 1:
        return str(stage)
    ((kind, options),) = stage.items()
    given = options if isinstance(options, Mapping) else {}
    if kind == "pointwise" and isinstance(given.get("weights"), list):
        return _maps_text("1 × 1", len(given["weights"]))
    if kind in ("filter-bank", "depthwise"):
        kernels = kernels_of(kind, json.dumps(options))
        return _maps_text(sizes_text(kernels) or _title(kind), len(kernels)) if kernels else _title(kind)
    if kind == "filter":
        kernel = given.get("kernel")
        if isinstance(kernel, str) and kernel[:1].isalpha() and not kernel.startswith("np."):
            return kernel
        return f"{_title(kind)} {sizes_text(kernels_of(kind, json.dumps(options)))}".strip()
    if kind in _WINDOWS:
        size = given.get("size", 3 if kind == "median" else 2)
        rows, columns = size if isinstance(size, list | tuple) else (size, size)
        return f"{_title(kind)} {columns} × {rows}"
    return _title(kind)


def _title(name: str) -> str:
    from viewer.pages.layers.stages import kind, kinds  # it offers the fields too, which hold these lines

    return kind(name).title if name in [each.name for each in kinds()] else name


def _maps_text(size: str, count: int) -> str:
    return _tr("{size}, 1 map").format(size=size) if count == 1 else _tr("{size}, {n} maps").format(size=size, n=count)
