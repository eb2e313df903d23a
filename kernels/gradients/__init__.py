"""Gradients: operators, components, thinned edges, and how accurate the operators are."""
