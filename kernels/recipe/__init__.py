"""Recipes: rows of stages - filters, activations, pooling, connections - as plain data that runs."""

from __future__ import annotations

from kernels.recipe.recipe import Recipe

__all__ = ["Recipe"]
