"""The arithmetic strip: one output pixel as window × weights, sum, divisor and offset."""

from viewer.pages.filter.views.arithmetic.strip import ArithmeticStrip

__all__ = ["ArithmeticStrip"]
