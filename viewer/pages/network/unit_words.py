"""One number of a network taken apart, in words."""

from __future__ import annotations

from PyQt6.QtCore import QCoreApplication

from kernels.cnn.stages import NetworkStage
from kernels.digits import fixed
from kernels.recipe.regions import Region
from viewer.pages.network.stages import Passed
from viewer.pages.network.unit import FIGURES, Slice, Unit
from viewer.pages.network.views.unit import SlicePicture, Term, UnitPictures
from viewer.pages.network.words import shape_text, stage_title
from viewer.widgets import format_number, format_position
from viewer.widgets.numbers import MINUS

FEW = 9
"""So many numbers under the window of a pool are written."""
POOLS = ("max-pool", "average-pool", "global-average")
COUNTS = ("", "One", "Two", "Three", "Four", "Five", "Six")


def _tr(text: str) -> str:
    return QCoreApplication.translate("NetworkUnit", text)


def unit_title(passed: Passed, unit: Unit) -> tuple[str, str]:
    """The map or unit that is taken apart, and what is to know of it."""
    stage = passed.run.stages[unit.stage]
    if stage.after.ndim == 1:
        if unit.stage == len(passed.run.stages) - 1:
            name = _tr("output for {name}").format(name=passed.edited.network.classes[unit.number])
        else:
            name = _tr("unit {n}").format(n=unit.number)
        title = f"{stage_title(stage.name, is_row=True)}, {name}"
        count = f"{len(unit.trace.trace.channels):,}"
        is_dense = unit.trace.trace.stage == "pointwise"
        return title, (_tr("{n} weights and a bias") if is_dense else _tr("from {n} numbers")).format(n=count)
    title = _tr("{stage}, map {n}").format(stage=stage.name, n=unit.number)
    window = unit.trace.trace.window.shape
    is_filter = unit.trace.trace.stage in ("filter-bank", "filter")
    kind = _tr("filter {size}") if is_filter else _tr("window {size}")
    size = shape_text(window if is_filter else window[:2])
    about = _tr("{kind} · largest number {n}").format(kind=kind.format(size=size), n=format_number(unit.largest, 3))
    return title, about


def unit_pictures(passed: Passed, unit: Unit) -> UnitPictures:
    """All that is shown of a number."""
    stage, sees, size = passed.run.stages[unit.stage], unit.trace.sees, unit.map.shape[:2]
    name = _unit_name(stage, unit)
    return UnitPictures(
        seen=unit.seen,
        seen_title=(_tr("It sees"), _tr("{size} pixels").format(size=shape_text(sees.shape))),
        seen_place=_range_text(sees),
        slices=tuple(_slice(unit, each) for each in unit.sum.slices),
        slices_title=_slices_title(stage, unit),
        map=unit.map,
        map_title=(name, "" if size == (1, 1) else shape_text(size)),
        map_text=format_number(unit.largest, FIGURES) if size == (1, 1) else "",
        place=unit.place,
        place_text=name if stage.after.ndim == 1 else format_position(*unit.place),
        line=_line(unit),
        result=_result(unit),
    )


def _unit_name(stage: NetworkStage, unit: Unit) -> str:
    name = _tr("Unit {n}") if stage.after.ndim == 1 else _tr("Map {n}")
    return name.format(n=unit.number)


def unit_name(passed: Passed, unit: Unit) -> str:
    """The number, by its stage, its map and its place."""
    title = unit_title(passed, unit)[0]
    return title if passed.run.stages[unit.stage].after.ndim == 1 else f"{title}, {format_position(*unit.place)}"


def _range_text(region: Region) -> str:
    if region.bottom <= region.top or region.right <= region.left:
        return _tr("nothing but the border")
    return _tr("rows {a} … {b}, columns {c} … {d}").format(
        a=region.top, b=region.bottom - 1, c=region.left, d=region.right - 1
    )


def _slices_title(stage: NetworkStage, unit: Unit) -> tuple[str, str]:
    """How many maps come in, and what becomes of them."""
    held, shown = unit.trace.trace, len(unit.sum.slices)
    count, taps = len(held.channels), shape_text(held.window.shape[:2])
    if held.parts:
        if shown > 1:
            return _tr("{n} rows come together").format(n=COUNTS[shown]), _tr("and are added")
        return _tr("One of its rows"), _tr("stands here as it is")
    if _is_pool(unit):
        what = _tr("the mean of {taps} numbers") if held.weights is not None else _tr("the largest of {taps} numbers")
        return _tr("One map comes in"), what.format(taps=taps)
    if held.weights is None and count == 1:
        return _tr("One map comes in"), _tr("the number as it is")
    if held.weights is None:
        return _tr("{count} maps come in").format(count=count), _tr("as the sides of a vector")
    if shown == 1 and count > 1:
        return _tr("The whole picture comes in"), _tr("times a weight for each pixel")
    what = _tr("{taps} of each, times the filter's slice").format(taps=taps)
    if stage.after.ndim == 1:
        what = _tr("the number of each, times its weight")
    name = _tr("units") if unit.sum.slices[0].value is not None else _tr("maps")
    if count == shown:
        if count == 1:
            return _tr("One map comes in"), what
        return _tr("{n} {name} come in").format(n=COUNTS[count], name=name), what
    return _tr("The {n} strongest of {count} {name}").format(n=shown, count=count, name=name), what


def _slice(unit: Unit, each: Slice) -> SlicePicture:
    name = _tr("Map {n}") if each.value is None else _tr("Unit {n}")
    return SlicePicture(
        name=_row_name(each.row) if each.row else name.format(n=each.number),
        window=each.window,
        weights=None if _is_pool(unit) else each.weights,
        value="" if each.value is None else format_number(each.value, 2),
        weight="" if each.weight is None else format_number(each.weight, 2),
        total=Term(fixed(each.total, unit.sum.places), _ink(each.total), 12.5, 600),
    )


def _row_name(row: str) -> str:
    """A row of a layer; branches count from 1, as the stages do."""
    names = {"body": _tr("Body"), "shortcut": _tr("Shortcut"), "input": _tr("Input")}
    return names.get(row) or _tr("Branch {n}").format(n=int(row.rpartition(".")[2]) + 1)


def _line(unit: Unit) -> tuple[Term, ...]:
    """The sum, such that what is shown adds up."""
    held = unit.trace.trace
    if (held.weights is None and not held.parts) or _is_pool(unit):
        return _unsummed(unit)
    if len(held.parts) == 1:
        (only,) = unit.sum.slices
        return (Term(_tr("{row}, map {n}").format(row=_row_name(only.row), n=only.number), "muted", 12.5),)
    is_of_slices = len(unit.sum.slices) > 1 and unit.sum.slices[0].value is None
    what = _tr("Sum of the slices") if is_of_slices else _tr("Sum of the products")
    if held.parts:
        what = _tr("Sum of the rows")
    terms = [Term(what, "muted", 12.5)]
    for number, each in enumerate(unit.sum.slices):
        terms.append(_addend(each.total, unit.sum.places, is_first=number == 0))
        terms += [Term(_row_name(each.row), "muted", 12)] if each.row else []
    if unit.sum.rest:
        terms += [_addend(unit.sum.rest, unit.sum.places), Term(_tr("others"), "muted", 12)]
    if held.offset:
        terms += [_addend(unit.sum.bias, unit.sum.places, ink="text"), Term(_tr("bias"), "muted", 12)]
    if len(terms) > 2:
        terms += [Term("=", "muted"), Term(fixed(unit.sum.total, unit.sum.places), "text", 14, 600)]
    return tuple(terms)


def _is_pool(unit: Unit) -> bool:
    """Whether it is the largest or the mean of what is under the window."""
    return unit.trace.trace.stage in POOLS


def _unsummed(unit: Unit) -> tuple[Term, ...]:
    """The numbers under the window, the one that is the largest in the ink of the result."""
    held = unit.trace.trace
    numbers, largest = held.window.ravel().tolist(), unit.trace.chosen
    what = _tr("The mean of") if largest is None else _tr("The largest of")
    if not _is_pool(unit):
        what = _tr("The length of") if len(numbers) > 1 else _tr("Made from")
    if len(numbers) > FEW:
        return (Term(_tr("{what} {n} numbers").format(what=what, n=len(numbers)), "muted", 12.5),)
    at = -1 if largest is None else largest[0] * held.window.shape[1] + largest[1]
    told = (
        Term(fixed(each, unit.sum.places), "crosshair" if place == at else "text") for place, each in enumerate(numbers)
    )
    return Term(what, "muted", 12.5), *told


def _addend(value: float, places: int, *, is_first: bool = False, ink: str = "") -> Term:
    sign = ("" if value >= 0 else MINUS) if is_first else (f"{MINUS} " if value < 0 else "+ ")
    return Term(f"{sign}{fixed(abs(value), places)}", ink or _ink(value))


def _ink(value: float) -> str:
    return "positive_text" if value > 0 else "negative_text" if value < 0 else "muted"


def _result(unit: Unit) -> tuple[Term, ...]:
    """What becomes of the sum."""
    name = unit.trace.then[-1][0] if unit.trace.then else ""
    value = format_number(unit.trace.result, FIGURES) if name != "" else fixed(unit.trace.trace.value, unit.sum.places)
    if name and unit.trace.result == unit.trace.trace.value:
        value = fixed(unit.sum.total, unit.sum.places)
    return (*((Term(name, "muted", 12.5),) if name else ()), Term(value, "crosshair", 21, 600))
