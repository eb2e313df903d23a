"""The kernel editor: presets, weights, divisor and offset, transforms, facts."""

from viewer.pages.filter.views.kernel.panel import KernelPanel
from viewer.pages.filter.views.kernel.preset_list import PresetItem

__all__ = ["KernelPanel", "PresetItem"]
