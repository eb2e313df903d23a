"""The parts of the drawing of shapes as rectangles with names, so that one drawing can move into another."""

from __future__ import annotations

import msgspec
from PyQt6.QtCore import QPointF, QRectF

from viewer.pages.stage.views.shapes_layout import Line, Shape, Slot, input_line, output_line

Name = tuple[object, ...]

LARGEST_CELL = 34.0
BETWEEN = 4.0
"""Cells between input and output."""


class Part(msgspec.Struct, frozen=True):
    """One rectangle; `kind` says how it is painted."""

    kind: str
    rect: QRectF
    is_left_over: bool = False


Scene = dict[Name, Part]


class Plan(msgspec.Struct, frozen=True):
    """Which cells there are: the lines of input and output, rows first."""

    shape: Shape
    inputs: tuple[Line, Line]
    outputs: tuple[Line, Line]

    @property
    def cells(self) -> tuple[float, float]:
        """Height and width of the whole drawing in cells."""
        high = max(self.inputs[0].size, self.outputs[0].size)
        return high, self.inputs[1].size + BETWEEN + self.outputs[1].size


def plan_of(shape: Shape) -> Plan:
    """Choose what is drawn of a shape."""
    inputs = input_line(shape[0]), input_line(shape[1])
    outputs = output_line(shape[0], inputs[0]), output_line(shape[1], inputs[1])
    return Plan(shape, inputs, outputs)


def cell_size(plan: Plan, room: QRectF) -> float:
    """The side of a cell with which all of it fits into `room`."""
    high, wide = plan.cells
    return max(1.0, min(room.height() / high, room.width() / wide, LARGEST_CELL))


def corners(plan: Plan, room: QRectF) -> tuple[QPointF, QPointF]:
    """Where input and output begin: one beside the other, in the middle of `room`."""
    side = cell_size(plan, room)
    left = room.center().x() - plan.cells[1] * side / 2
    tops = [room.center().y() - each[0].size * side / 2 for each in (plan.inputs, plan.outputs)]
    return QPointF(left, tops[0]), QPointF(left + (plan.inputs[1].size + BETWEEN) * side, tops[1])


def scene_of(plan: Plan, at: tuple[int, int], room: QRectF) -> Scene:
    """All parts, in the order in which they are painted; `at` is the output pixel whose window is shown."""
    side = cell_size(plan, room)
    first, second = corners(plan, room)
    scene: Scene = {}
    for name, lines, corner in (("input", plan.inputs, first), ("output", plan.outputs, second)):
        _add_cells(scene, name, lines, corner, side)
        _add_gaps(scene, name, lines, corner, side)
    _add_window(scene, plan, at, first, side)
    _add_anchors(scene, plan, at, first, side)
    spans = [_span(line, index, 1) for line, index in zip(plan.outputs, at, strict=True)]
    scene["current",] = Part("current", _rect(second, side, *spans))
    return scene


def _rect(corner: QPointF, side: float, rows: tuple[float, float], columns: tuple[float, float]) -> QRectF:
    """The rectangle between edges in cells."""
    (top, bottom), (left, right) = rows, columns
    return QRectF(corner.x() + left * side, corner.y() + top * side, (right - left) * side, (bottom - top) * side)


def _span(line: Line, first: int, count: int) -> tuple[float, float]:
    return line.edge(first), line.edge(first + count)


def _add_cells(scene: Scene, name: str, lines: tuple[Line, Line], corner: QPointF, side: float) -> None:
    for row in lines[0].slots:
        for column in lines[1].slots:
            rect = _rect(corner, side, (row.at, row.at + 1), (column.at, column.at + 1))
            left_over = row.is_left_over or column.is_left_over
            scene[name, row.key, column.key] = Part(_mixed_kind(row, column), rect, left_over)


def _mixed_kind(row: Slot, column: Slot) -> str:
    kinds = {row.kind, column.kind}
    return next(kind for kind in ("padding", "zero", "pixel", "output") if kind in kinds)


def _add_gaps(scene: Scene, name: str, lines: tuple[Line, Line], corner: QPointF, side: float) -> None:
    rows, columns = lines
    for number, at in enumerate(rows.gaps):
        scene[name, "gap y", number] = Part("gap y", _rect(corner, side, (at, at + 1), (0, columns.size)))
    for number, at in enumerate(columns.gaps):
        scene[name, "gap x", number] = Part("gap x", _rect(corner, side, (0, rows.size), (at, at + 1)))


def _add_window(scene: Scene, plan: Plan, at: tuple[int, int], corner: QPointF, side: float) -> None:
    """The taps of the window and its outline; between the taps of a dilated kernel nothing is coloured."""
    drawn = [{slot.position: slot.at for slot in line.slots} for line in plan.inputs]
    starts = [index * axis.stride for index, axis in zip(at, plan.shape, strict=True)]
    taps = [
        [(tap, drawn[n][start + tap * axis.dilation]) for tap in range(axis.taps)
         if start + tap * axis.dilation in drawn[n]]
        for n, (start, axis) in enumerate(zip(starts, plan.shape, strict=True))
    ]  # fmt: skip
    for row, top in taps[0]:
        for column, left in taps[1]:
            scene["tap", row, column] = Part("tap", _rect(corner, side, (top, top + 1), (left, left + 1)))
    spans = [
        _span(line, start, axis.effective) for line, start, axis in zip(plan.inputs, starts, plan.shape, strict=True)
    ]
    scene["window",] = Part("window", _rect(corner, side, *spans))


def _add_anchors(scene: Scene, plan: Plan, at: tuple[int, int], corner: QPointF, side: float) -> None:
    """A dot on the anchor of every window whose output is drawn."""
    drawn = [{slot.position: slot.at for slot in line.slots} for line in plan.inputs]
    places = [
        [(slot.key, slot.position, drawn[n].get(slot.position * axis.stride + axis.anchor))
         for slot in line.slots]
        for n, (line, axis) in enumerate(zip(plan.outputs, plan.shape, strict=True))
    ]  # fmt: skip
    for row_key, i, top in places[0]:
        for column_key, j, left in places[1]:
            if top is not None and left is not None:
                kind = "here" if (i, j) == at else "anchor"
                rect = _rect(corner, side, (top, top + 1), (left, left + 1))
                scene["anchor", row_key, column_key] = Part(kind, rect)


def between(before: QRectF, after: QRectF, share: float) -> QRectF:
    """`before` at share 0, `after` at share 1."""

    def mix(a: float, b: float) -> float:
        return a + (b - a) * share

    return QRectF(
        mix(before.x(), after.x()),
        mix(before.y(), after.y()),
        mix(before.width(), after.width()),
        mix(before.height(), after.height()),
    )


def moving(before: Scene, after: Scene, share: float) -> list[tuple[Part, float]]:
    """What is painted on the way from one scene to another, with its opacity: what is in both moves."""
    if share >= 1:
        return [(part, 1.0) for part in after.values()]
    leaving = [(part, 1 - share) for name, part in before.items() if name not in after]
    staying = [
        (Part(part.kind, between(before[name].rect, part.rect, share), part.is_left_over), 1.0)
        if name in before
        else (part, share)
        for name, part in after.items()
    ]
    return leaving + staying
