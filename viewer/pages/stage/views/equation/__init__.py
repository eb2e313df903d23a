"""The Stage's line of arithmetic: window, kernel, products, result."""

from viewer.pages.stage.views.equation.equation import Equation

__all__ = ["Equation"]
