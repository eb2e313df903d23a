"""One number of any stage taken apart, one stage back."""

from viewer.pages.layers.views.arithmetic.view import StageArithmetic

__all__ = ["StageArithmetic"]
