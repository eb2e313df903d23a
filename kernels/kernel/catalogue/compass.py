"""Families of kernels that look in several directions: compass operators, Frei and Chen's basis, lines, emboss."""

from __future__ import annotations

import math

from kernels.kernel.catalogue.entry import Entry, fixed

COMPASS = "Compass operators"
FREI_CHEN = "Frei–Chen basis"
LINES = "Line detectors"
EMBOSS = "Emboss"

KIRSCH = "R. A. Kirsch, 1971, Computer determination of the constituent structure of biological images"
ROBINSON = "G. S. Robinson, 1977, Edge detection by compass gradient masks"
FREI = "W. Frei, C.-C. Chen, 1977, Fast boundary detection: a generalization and a new algorithm"
GONZALEZ = "R. C. Gonzalez, R. E. Woods, 2008, Digital Image Processing"
SCHLAG = "J. Schlag, 1994, Fast embossing effects on raster image data"

# The eight neighbours, counterclockwise on screen from the right, with the name of each direction.
_RING = ((1, 2), (0, 2), (0, 1), (0, 0), (1, 0), (2, 0), (2, 1), (2, 2))
_DIRECTIONS = ("east", "north-east", "north", "north-west", "west", "south-west", "south", "south-east")
_SIDES = (
    "the right",
    "the upper right",
    "the top",
    "the upper left",
    "the left",
    "the lower left",
    "the bottom",
    "the lower right",
)


def around(ring: list[float], centre: float, turns: int) -> list[list[float]]:
    """Lay eight weights around a centre, counterclockwise from the right, turned by 45° `turns` times."""
    weights = [[centre] * 3 for _ in range(3)]
    for index, weight in enumerate(ring):
        row, column = _RING[(index + turns) % 8]
        weights[row][column] = weight
    return weights


def _family(
    name: str, title: str, group: str, ring: list[float], centre: float, summary: str, reference: str
) -> tuple[Entry, ...]:
    return tuple(
        fixed(
            f"{name}-{direction}",
            f"{title} {direction}",
            group,
            around(ring, centre, turns),
            summary=summary.format(side=side),
            reference=reference,
        )
        for turns, (direction, side) in enumerate(zip(_DIRECTIONS, _SIDES, strict=True))
    )


def _line(name: str, title: str, weights: list[list[float]], kind: str) -> Entry:
    return fixed(
        f"line-{name}",
        f"Line {title}",
        LINES,
        weights,
        summary=f"Shows bright {kind} lines one pixel wide; an edge of the same direction answers less.",
        reference=GONZALEZ,
    )


_ROOT = math.sqrt(2.0)
# Turned by 180° from the paper, for correlation. That changes only the sign of the first four, so that 1 answers to
# growth downwards and 2 to growth to the right, as everywhere in this catalogue.
_FREI_CHEN: tuple[tuple[list[list[float]], float, str], ...] = (
    (
        [[-1, -_ROOT, -1], [0, 0, 0], [1, _ROOT, 1]],
        2 * _ROOT,
        "horizontal edges, alike in all directions with number 2",
    ),
    ([[-1, 0, 1], [-_ROOT, 0, _ROOT], [-1, 0, 1]], 2 * _ROOT, "vertical edges, alike in all directions with number 1"),
    ([[0, 1, -_ROOT], [-1, 0, 1], [_ROOT, -1, 0]], 2 * _ROOT, "ripples, the part of an edge that is not straight"),
    ([[-_ROOT, 1, 0], [1, 0, -1], [0, -1, _ROOT]], 2 * _ROOT, "ripples along the other diagonal"),
    ([[0, 1, 0], [-1, 0, -1], [0, 1, 0]], 2, "lines along rows or columns"),
    ([[-1, 0, 1], [0, 0, 0], [1, 0, -1]], 2, "lines along the diagonals"),
    ([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], 6, "a single point, curved along rows and columns at once"),
    ([[-2, 1, -2], [1, 4, 1], [-2, 1, -2]], 6, "a cross that stands out from its diagonal neighbours"),
    ([[1, 1, 1], [1, 1, 1], [1, 1, 1]], 3, "the mean brightness, which the other eight leave out"),
)

ENTRIES: tuple[Entry, ...] = (
    *_family(
        "kirsch",
        "Kirsch",
        COMPASS,
        [5, 5, -3, -3, -3, -3, -3, 5],
        0,
        "Answers most where the picture is brighter towards {side}; the largest of the eight is the edge's strength.",
        KIRSCH,
    ),
    *_family(
        "robinson",
        "Robinson",
        COMPASS,
        [2, 1, 0, -1, -2, -1, 0, 1],
        0,
        "Sobel's weights turned so that they answer most where the picture is brighter towards {side}.",
        ROBINSON,
    ),
    *(
        fixed(
            f"frei-chen-{number}",
            f"Frei–Chen {number}",
            FREI_CHEN,
            weights,
            divisor=divisor,
            summary=f"One of nine patterns that make up any 3 × 3 window: {what}.",
            reference=FREI,
        )
        for number, (weights, divisor, what) in enumerate(_FREI_CHEN, start=1)
    ),
    _line("horizontal", "horizontal", [[-1, -1, -1], [2, 2, 2], [-1, -1, -1]], "horizontal"),
    _line("rising", "rising", [[-1, -1, 2], [-1, 2, -1], [2, -1, -1]], "diagonal, rising to the right,"),
    _line("vertical", "vertical", [[-1, 2, -1], [-1, 2, -1], [-1, 2, -1]], "vertical"),
    _line("falling", "falling", [[2, -1, -1], [-1, 2, -1], [-1, -1, 2]], "diagonal, falling to the right,"),
    *_family(
        "emboss",
        "Emboss",
        EMBOSS,
        [-2, -1, 0, 1, 2, 1, 0, -1],
        1,
        "Takes brightness for height and lights the relief from {side}; flat areas keep their brightness.",
        SCHLAG,
    ),
)
