"""Palettes, fonts and the style sheet: how everything in the window looks."""

from __future__ import annotations

from dataclasses import dataclass

from PyQt6.QtCore import QObject, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PyQt6.QtWidgets import QApplication

from kernels import resources
from viewer.style_sheet import style_sheet

FONT_FAMILY = "Inter"
BASE_SIZE = 13
PROJECTOR_SCALE = 1.5


@dataclass(frozen=True, slots=True)
class Palette:
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


class _Theme(QObject):
    changed = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.palette = DARK
        self.scale = 1.0


_theme: _Theme | None = None


def notifier() -> _Theme:
    """The object whose ``changed`` signal says that colours or sizes are new."""
    global _theme
    if _theme is None:
        _theme = _Theme()
    return _theme


def palette() -> Palette:
    """The palette in use."""
    return notifier().palette


def scale() -> float:
    """1, or larger in projector mode."""
    return notifier().scale


def px(length: float) -> int:
    """A length of the 1366 x 768 design in pixels of the present scale."""
    return round(length * notifier().scale)


def font(size: float = BASE_SIZE, weight: int = 400) -> QFont:
    """Inter with tabular figures at `size` design pixels."""
    made = QFont(FONT_FAMILY)
    made.setPixelSize(max(1, px(size)))
    made.setWeight(QFont.Weight(weight))
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    made.setFeature(QFont.Tag("tnum"), 1)
    return made


def load_fonts() -> None:
    """Register the bundled typeface; the system's own sans serif stands in if the files are gone."""
    folder = resources.asset("fonts")
    for file in sorted(folder.glob("Inter-*.otf")):
        QFontDatabase.addApplicationFont(str(file))


def system_prefers_dark() -> bool:
    """What the desktop says; dark where it says nothing."""
    hints = QGuiApplication.styleHints()
    return hints is None or hints.colorScheme() != Qt.ColorScheme.Light


def apply(app: QApplication, name: str, *, projector: bool = False) -> None:
    """Dress the application in the theme `name` ("system", "light" or "dark")."""
    dark = system_prefers_dark() if name == "system" else name == "dark"
    theme = notifier()
    theme.palette = DARK if dark else LIGHT
    theme.scale = PROJECTOR_SCALE if projector else 1.0
    app.setPalette(_qt_palette(theme.palette))
    app.setFont(font())
    app.setStyleSheet(style_sheet(theme.palette, px))
    theme.changed.emit()


def _qt_palette(colours: Palette) -> QPalette:
    made = QPalette()
    role = QPalette.ColorRole
    for target, colour in {
        role.Window: colours.ground, role.WindowText: colours.text, role.Base: colours.field,
        role.AlternateBase: colours.panel, role.Text: colours.text, role.Button: colours.field,
        role.ButtonText: colours.text, role.ToolTipBase: colours.panel, role.ToolTipText: colours.text,
        role.Highlight: colours.accent, role.HighlightedText: colours.on_accent, role.Link: colours.accent,
        role.PlaceholderText: colours.muted, role.Mid: colours.line,
    }.items():  # fmt: skip
        made.setColor(target, colour)
    for target in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, target, colours.faint)
    return made


def diverging(value: float) -> QColor:
    """The colour of `value` in [-1, 1]: blue below zero, near-white at zero, orange above."""
    colours = palette()
    end = colours.positive if value > 0 else colours.negative
    share = min(1.0, abs(value)) if value == value else 0.0
    return mixed(colours.neutral, end, share)


def mixed(first: QColor, second: QColor, share: float) -> QColor:
    """`first` at share 0, `second` at share 1, a straight blend between."""
    return QColor.fromRgbF(
        first.redF() + (second.redF() - first.redF()) * share,
        first.greenF() + (second.greenF() - first.greenF()) * share,
        first.blueF() + (second.blueF() - first.blueF()) * share,
    )


def luminance(colour: QColor) -> float:
    """Relative luminance (WCAG 2.1, 2018), 0 for black to 1 for white."""

    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) + 0.0722 * linear(colour.blueF())


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
