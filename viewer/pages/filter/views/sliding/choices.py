"""The words of the sliding options: what is stored, what is read on screen, what the tool tip explains."""

from __future__ import annotations

from collections.abc import Collection

from PyQt6.QtCore import QCoreApplication

from viewer.widgets.choices import Choice

CHANNELS = ("rgb", "luma", "r", "g", "b", "h", "s", "v", "lab-l", "lab-a", "lab-b")


def _tr(text: str) -> str:
    return QCoreApplication.translate("SlidingPanel", text)


def operations() -> tuple[Choice, ...]:
    """Return (data, title, tool tip) of the two operations."""
    return (
        ("correlation", _tr("Correlation"), _tr("The kernel lies on the picture as it is written")),
        ("convolution", _tr("Convolution"), _tr("The kernel is turned by 180° before it slides")),
    )


def paddings() -> tuple[Choice, ...]:
    """Return (data, title, tool tip) of the ways to pad."""
    return (
        ("valid", _tr("Valid"), _tr("No padding: every window lies inside the picture, n − k + 1 of them")),
        ("same", _tr("Same"), _tr("Padded so that, at stride 1, the output is as large as the picture")),
        ("full", _tr("Full"), _tr("Padded so that every window that touches the picture counts, n + k − 1 of them")),
        ("pixels", _tr("Pixels"), _tr("Padded by so many pixels on each side")),
    )


def borders() -> tuple[Choice, ...]:
    """Return (data, title, tool tip) of the border modes; the tool tip continues a row of pixels a b c d."""
    return (
        ("constant", _tr("Constant"), _tr("v v v | a b c d | v v v   one value all around")),
        ("replicate", _tr("Replicate"), _tr("a a a | a b c d | d d d   the edge pixel goes on")),
        ("reflect", _tr("Reflect"), _tr("c b a | a b c d | d c b   mirrored, the edge pixel twice")),
        ("reflect101", _tr("Reflect 101"), _tr("d c b | a b c d | c b a   mirrored, the edge pixel once")),
        ("wrap", _tr("Wrap"), _tr("b c d | a b c d | a b c   the opposite side follows")),
    )


def channel_title(channel: str) -> str:
    """Return what `channel` is called on screen."""
    return {
        "rgb": _tr("All, one by one"),
        "luma": _tr("Luma"),
        "r": _tr("Red"),
        "g": _tr("Green"),
        "b": _tr("Blue"),
        "h": _tr("Hue"),
        "s": _tr("Saturation"),
        "v": _tr("Value"),
        "lab-l": _tr("Lab: lightness L*"),
        "lab-a": _tr("Lab: green to red, a*"),
        "lab-b": _tr("Lab: blue to yellow, b*"),
    }[channel]


def missing_channel(usable: Collection[str]) -> str:
    """Return why a channel cannot be chosen."""
    if tuple(usable) == ("rgb",):
        return _tr("The kernel has weights for each channel and sums over them, so it needs them all")
    if "rgb" not in usable:
        return _tr("The kernel has weights for one channel only")
    return _tr("The picture is grey")


def unreached_sentence(rows: int, columns: int) -> str:
    """Return how many rows and columns of the picture no window reaches."""
    if not rows and not columns:
        return _tr("Windows reach every row and column.")
    parts = []
    if rows:
        parts.append(_tr("1 row") if rows == 1 else _tr("{count} rows").format(count=rows))
    if columns:
        parts.append(_tr("1 column") if columns == 1 else _tr("{count} columns").format(count=columns))
    return _tr("No window reaches {what}.").format(what=_tr(" and ").join(parts))
