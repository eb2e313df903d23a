"""Recipes: rows of stages - filters, activations, pooling, connections - as plain data that runs.

The recipe itself is imported when it is first used: what is decided about a picture is plain data without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kernels.names import imported_when_used

if TYPE_CHECKING:
    from kernels.recipe.recipe import Recipe

__all__ = ["Recipe"]

__getattr__ = imported_when_used(__name__, {"Recipe": "kernels.recipe.recipe"})
