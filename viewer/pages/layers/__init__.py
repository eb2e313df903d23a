"""Layers: a row of stages on the open picture, each with its maps, its shape, its weights and its arithmetic."""
