"""Small controls that every panel shares."""

from viewer.theme import repolish
from viewer.widgets.base import PlainToolTip, blocked, describe, filled, plain
from viewer.widgets.choices import ComboBox, SegmentedControl
from viewer.widgets.labels import Label, Message, SectionLabel, text_height
from viewer.widgets.numbers import LabelledSlider, NumberEdit, SpinBox, format_number, format_position, format_seconds
from viewer.widgets.stepping import SteppingSpinBox
from viewer.widgets.switch import CheckBox
from viewer.widgets.tool_button import ToolButton, icon

__all__ = [
    "CheckBox",
    "ComboBox",
    "Label",
    "LabelledSlider",
    "Message",
    "NumberEdit",
    "PlainToolTip",
    "SectionLabel",
    "SegmentedControl",
    "SpinBox",
    "SteppingSpinBox",
    "ToolButton",
    "blocked",
    "describe",
    "filled",
    "format_number",
    "format_position",
    "format_seconds",
    "icon",
    "plain",
    "repolish",
    "text_height",
]
