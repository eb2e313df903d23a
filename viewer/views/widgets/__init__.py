"""Small controls that every panel shares."""

from viewer.views.widgets.base import blocked, describe, repolish
from viewer.views.widgets.choices import ComboBox, SegmentedControl
from viewer.views.widgets.icons import icon
from viewer.views.widgets.labels import Label, Message, SectionLabel
from viewer.views.widgets.numbers import (
    DoubleSpinBox,
    LabelledSlider,
    NumberEdit,
    SpinBox,
    format_number,
    format_seconds,
)
from viewer.views.widgets.tool_button import ToolButton

__all__ = [
    "ComboBox",
    "DoubleSpinBox",
    "Label",
    "LabelledSlider",
    "Message",
    "NumberEdit",
    "SectionLabel",
    "SegmentedControl",
    "SpinBox",
    "ToolButton",
    "blocked",
    "describe",
    "format_number",
    "format_seconds",
    "icon",
    "repolish",
]
