"""Line icons in the colour of the theme."""

from __future__ import annotations

from functools import lru_cache

from PyQt6.QtCore import QByteArray, QRectF, Qt
from PyQt6.QtGui import QColor, QIcon, QPainter, QPixmap
from PyQt6.QtSvg import QSvgRenderer

from kernels import resources
from viewer import theme


def icon(name: str, *, size: int = 16) -> QIcon:
    """The icon `name` of assets/icons in the text colour of the present theme, crisp at twice the size too."""
    colours = theme.palette()
    made = QIcon()
    for mode, colour in ((QIcon.Mode.Normal, colours.text), (QIcon.Mode.Disabled, colours.faint)):
        for ratio in (1.0, 2.0):
            made.addPixmap(pixmap(name, theme.px(size), colour.name(), ratio), mode)
    return made


@lru_cache(maxsize=256)
def pixmap(name: str, side: int, colour: str, ratio: float = 1.0) -> QPixmap:
    """The icon `name` as a pixmap of `side` logical pixels."""
    source = resources.asset("icons", f"{name}.svg").read_text(encoding="utf-8").replace("currentColor", colour)
    made = QPixmap(round(side * ratio), round(side * ratio))
    made.fill(QColor(Qt.GlobalColor.transparent))
    painter = QPainter(made)
    QSvgRenderer(QByteArray(source.encode())).render(painter, QRectF(made.rect()))
    painter.end()
    made.setDevicePixelRatio(ratio)
    return made
