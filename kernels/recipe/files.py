"""Recipes in files: JSON, one stage a line."""

from __future__ import annotations

import json
import os

import msgspec

from kernels.errors import shown
from kernels.files import read_bytes, write_bytes
from kernels.recipe.recipe import Recipe

LARGEST = 1 << 24
"""Bytes of a recipe that is read or written."""


def read_recipe(path: str | os.PathLike[str]) -> Recipe:
    """Read a recipe in JSON; every option is checked, and nothing in the file is ever run.

    Parameters
    ----------
    path : path
        At most `LARGEST` bytes.

    Raises
    ------
    OSError
        If the file is not there or cannot be read.
    ValueError
        In one sentence that names the place in the recipe.
    """
    content = read_bytes(path, LARGEST, "recipe")
    try:
        return Recipe.from_dict(msgspec.json.decode(content))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{shown(path)} is not a recipe: {shown(str(error), 600)}") from None


def write_recipe(path: str | os.PathLike[str], recipe: Recipe) -> None:
    """Write a recipe as JSON that `read_recipe` reads: numbers come back exactly.

    Raises
    ------
    OSError
        If the file cannot be written; no half file is left.
    ValueError
        If it would have more than `LARGEST` bytes, so that it could not be read again.
    """
    stages = ",\n  ".join(json.dumps(stage, ensure_ascii=False) for stage in recipe.to_dict()["stages"])
    content = f'{{"stages": [\n  {stages}\n]}}\n'.encode()
    if len(content) > LARGEST:
        raise ValueError(f"The recipe takes {len(content):,} bytes, but at most {LARGEST:,} are read again.")
    write_bytes(path, content)
