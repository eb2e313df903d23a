"""How the kernel slides: operation, padding, border, stride, dilation, channel, and the output size."""

from viewer.views.sliding.panel import SlidingPanel

__all__ = ["SlidingPanel"]
