"""Filtering: borders, geometry, the engine with its backends, its definition, and one pixel taken apart."""
