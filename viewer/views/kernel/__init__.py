"""The kernel editor: presets, weights, divisor and offset, transforms, facts."""

from viewer.views.kernel.panel import KernelPanel
from viewer.views.kernel.preset_popup import PresetItem

__all__ = ["KernelPanel", "PresetItem"]
