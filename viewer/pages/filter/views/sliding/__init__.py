"""How the kernel slides: operation, padding, border, stride, dilation, channel, and the output size."""

from viewer.pages.filter.views.sliding.panel import SlidingPanel

__all__ = ["SlidingPanel"]
