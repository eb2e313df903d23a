"""Draw the application icon: a 3 x 3 kernel (Sobel x) in the colours of its weights.

Run as ``python assets/icons/draw.py``; it writes ``kernelscope.svg`` and PNG files of several sizes beside itself.
"""

import os
from pathlib import Path

SIDE = 256
CELL, GAP = 56, 8
SIZES = (16, 32, 48, 64, 128, 256, 512)
WEIGHTS = ((-1, 0, 1), (-2, 0, 2), (-1, 0, 1))
COLOURS = {-2: "#2a6fdb", -1: "#7fa9ea", 0: "#f4f2ef", 1: "#eca977", 2: "#e0701c"}


def svg() -> str:
    """Return the icon as SVG text."""
    start = (SIDE - 3 * CELL - 2 * GAP) // 2
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{SIDE}" height="{SIDE}" viewBox="0 0 {SIDE} {SIDE}">',
        f'  <rect width="{SIDE}" height="{SIDE}" rx="48" fill="#15171c"/>',
    ]
    for row, weights in enumerate(WEIGHTS):
        for column, weight in enumerate(weights):
            x, y = start + column * (CELL + GAP), start + row * (CELL + GAP)
            lines.append(f'  <rect x="{x}" y="{y}" width="{CELL}" height="{CELL}" rx="10" fill="{COLOURS[weight]}"/>')
    return "\n".join([*lines, "</svg>", ""])


def main() -> None:
    """Write the SVG file and its PNG renderings."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PyQt6.QtCore import QByteArray
    from PyQt6.QtGui import QGuiApplication, QImage, QPainter
    from PyQt6.QtSvg import QSvgRenderer

    application = QGuiApplication([])
    folder = Path(__file__).parent
    (folder / "kernelscope.svg").write_text(svg(), encoding="utf-8")
    renderer = QSvgRenderer(QByteArray(svg().encode()))
    for size in SIZES:
        image = QImage(size, size, QImage.Format.Format_ARGB32)
        image.fill(0)
        painter = QPainter(image)
        renderer.render(painter)
        painter.end()
        image.save(str(folder / f"kernelscope-{size}.png"))
    application.quit()


if __name__ == "__main__":
    main()
