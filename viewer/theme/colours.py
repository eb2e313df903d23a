"""The colours of the two themes, and how well one reads on another."""

from __future__ import annotations

from functools import lru_cache

import msgspec
from PyQt6.QtGui import QColor, QPalette


class Palette(msgspec.Struct, frozen=True):
    """The colours of one theme; text reaches 4.5:1 on every ground it stands on."""

    name: str
    ground: QColor  # behind everything
    panel: QColor  # side panels, bars
    well: QColor  # behind a picture
    field: QColor  # inputs, buttons, cells
    hover: QColor
    line: QColor
    text: QColor
    muted: QColor
    faint: QColor  # disabled text
    accent: QColor
    on_accent: QColor
    negative: QColor  # blue end of the diverging map
    neutral: QColor
    positive: QColor  # orange end
    negative_text: QColor
    positive_text: QColor
    crosshair: QColor
    warning: QColor
    error: QColor

    @property
    def is_dark(self) -> bool:
        return self.name == "dark"

    def for_qt(self) -> QPalette:
        """These colours in the roles that the style sheet names."""
        made = QPalette()
        for name, carrier in ROLES.items():
            made.setColor(QPalette.ColorRole[carrier], getattr(self, name))
        role = QPalette.ColorRole
        for target, colour in {
            role.Text: self.text, role.Button: self.field, role.ButtonText: self.text,
            role.ToolTipBase: self.panel, role.ToolTipText: self.text,
        }.items():  # fmt: skip
            made.setColor(target, colour)
        for target in (role.WindowText, role.Text, role.ButtonText):
            made.setColor(QPalette.ColorGroup.Disabled, target, self.faint)
        return made


ROLES = {
    "ground": "Window", "text": "WindowText", "field": "Base", "panel": "AlternateBase", "accent": "Highlight",
    "on_accent": "HighlightedText", "muted": "PlaceholderText", "line": "Mid", "hover": "Midlight", "faint": "Dark",
    "well": "Shadow", "error": "BrightText", "warning": "LinkVisited",
}  # fmt: skip
"""The role of Qt's palette that carries a colour of ours."""


def _palette(name: str, **colours: str) -> Palette:
    return Palette(name, **{role: QColor(value) for role, value in colours.items()})


DARK = _palette(
    "dark", ground="#15171c", panel="#1c1f26", well="#0f1115", field="#262a33", hover="#313642", line="#2d323c",
    text="#e9ebef", muted="#a2abba", faint="#6b7383", accent="#5aa2ff", on_accent="#0b1220", negative="#2a6fdb",
    neutral="#f2f2f2", positive="#e0701c", negative_text="#74acff", positive_text="#f19a56", crosshair="#ffb224",
    warning="#f5c453", error="#ff8d85",
)  # fmt: skip
LIGHT = _palette(
    "light", ground="#f3f5f8", panel="#ffffff", well="#e3e7ee", field="#eef1f6", hover="#e0e6ef", line="#d3dae4",
    text="#16191f", muted="#566071", faint="#939cab", accent="#1667d9", on_accent="#ffffff", negative="#2a6fdb",
    neutral="#f2f2f2", positive="#e0701c", negative_text="#1a5cc0", positive_text="#a8480c", crosshair="#d97800",
    warning="#8a5a00", error="#b3261e",
)  # fmt: skip


def mixed(first: QColor, second: QColor, share: float) -> QColor:
    """`first` at share 0, `second` at share 1, a straight blend between."""
    return QColor.fromRgbF(
        first.redF() + (second.redF() - first.redF()) * share,
        first.greenF() + (second.greenF() - first.greenF()) * share,
        first.blueF() + (second.blueF() - first.blueF()) * share,
    )


def luminance(colour: QColor) -> float:
    """Relative luminance (WCAG 2.1, 2018), 0 for black to 1 for white."""
    return _luminance(colour.redF(), colour.greenF(), colour.blueF())


@lru_cache(maxsize=4096)
def _luminance(red: float, green: float, blue: float) -> float:
    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)


def contrast(first: QColor, second: QColor) -> float:
    """Contrast ratio of two colours (WCAG 2.1, 2018), 1 to 21."""
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def ink_on(ground: QColor) -> QColor:
    """Near-black or white, whichever reads better on `ground`; pure black where neither reaches 4.5:1."""
    dark, light = QColor("#14161a"), QColor("#ffffff")
    best = dark if contrast(dark, ground) >= contrast(light, ground) else light
    # Black or white always reaches 4.58:1; near-black just misses that on mid-tones.
    return best if contrast(best, ground) >= 4.5 else QColor("#000000")
