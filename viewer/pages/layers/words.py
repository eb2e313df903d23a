"""What the cards and the options say of a stage."""

from __future__ import annotations

import json
from functools import lru_cache

from PyQt6.QtCore import QCoreApplication

from kernels.digits import format_number
from kernels.recipe.facts import StageFacts
from kernels.recipe.rows import ROWS
from kernels.recipe.shifting import ShiftResult
from viewer.document import Document, RowStage
from viewer.pages.layers.figures import FIGURES, count_text, value_text
from viewer.pages.layers.queries import StageMaps
from viewer.pages.layers.row import Row, runnable
from viewer.pages.layers.stage_lines import BETWEEN, kernels_of, network_title, sizes_text


def _tr(text: str) -> str:
    return QCoreApplication.translate("layers", text)


@lru_cache(maxsize=64)
def row_facts(row: Row, shape: tuple[int, ...]) -> tuple[StageFacts | None, ...]:
    """What is known of each stage; None where one is off, and from the first on that cannot take its input."""
    on = (stage.key for stage in row if stage.is_on)
    known = dict(zip(on, runnable(row, shape).facts(shape), strict=False))
    return tuple(known.get(stage.key) for stage in row)


def row_title(document: Document) -> str:
    """What the row is called: as the ready-made one or the file that it began as."""
    name = next((each.title for each in ROWS if each.name == document.row_name), document.row_name)
    return _tr("{name}, changed").format(name=name) if document.is_row_changed else name


def stages_text(count: int) -> str:
    """How many stages."""
    return _tr("1 stage") if count == 1 else _tr("{n} stages").format(n=count)


def card_detail(stage: RowStage) -> str:
    """The size, and the name of what the stage is made with."""
    return _detail(stage.kind, stage.options)


@lru_cache(maxsize=256)
def _detail(kind: str, text: str) -> str:
    options = json.loads(text)
    if kind in ("filter-bank", "depthwise"):
        size = sizes_text(kernels_of(kind, text))
        if "network" not in options:
            return size
        layer = _tr("{network}, layer {n}").format(
            network=network_title(str(options["network"])), n=options.get("layer", 0) + 1
        )
        return f"{layer}{BETWEEN}{size}" if size else layer
    if kind == "filter":
        kernel = options.get("kernel", "")
        is_name = isinstance(kernel, str) and kernel[:1].isalpha() and not kernel.startswith("np.")
        return kernel.partition("(")[0] if is_name else sizes_text(kernels_of(kind, text))
    if "size" in options:
        size = options["size"]
        rows, columns = size if isinstance(size, list) else (size, size)
        return f"{columns} × {rows}"
    if "network" in options:
        return network_title(str(options["network"]))
    return str(options.get("channel", ""))


def card_facts(facts: StageFacts | None) -> tuple[tuple[str, str], ...]:
    """Shape, weights and receptive field, as a card shows them."""
    if facts is None:
        return ()
    field = _tr("all") if facts.sees_all else f"{facts.receptive_field[1]} × {facts.receptive_field[0]}"
    return (
        (_tr("Shape"), shape_text(facts.shape)),
        (_tr("Weights"), f"{facts.weights:,}" if facts.weights else _tr("none")),
        (_tr("Multiplications"), count_text(facts.multiplications)),
        (_tr("Receptive field"), field),
    )


def picture_facts(found: StageMaps) -> tuple[tuple[str, str], ...]:
    """Shape and range, as the picture's card shows them."""
    low, high = (value_text(each, FIGURES) for each in found.limits)
    return (_tr("Shape"), shape_text(found.array.shape)), (_tr("Range"), f"{low} … {high}")


def sections(facts: StageFacts | None) -> list[tuple[str, tuple[str, ...]]]:
    """What follows from the options, as headings with lines."""
    if facts is None:
        return []
    size = tuple(dict.fromkeys(text for text in facts.size_formulas if text))
    found = [(_tr("Output size"), (*size, shape_text(facts.shape)))]
    if facts.weights_formula:
        connected = _tr("Fully connected: {n}").format(n=count_text(facts.fully_connected_weights))
        found.append((_tr("Weights"), (facts.weights_formula, connected)))
    if not facts.sees_all:
        rows, columns = facts.receptive_field
        lines = tuple(dict.fromkeys(text for text in facts.field_formulas if text))
        text = _tr("{columns} × {rows} pixels of the picture").format(columns=columns, rows=rows)
        found.append((_tr("Receptive field"), (*lines, text)))
    return found


def note_of(found: StageMaps) -> str:
    """One measured line."""
    if found.note_share is None:
        return ""
    return _tr("max(0, x): {share} % become 0").format(share=f"{100 * found.note_share:.0f}")


def shape_text(shape: tuple[int, ...]) -> str:
    """Maps × width × height, as the field writes it."""
    height, width = shape[:2]
    return f"{shape[2]} × {width} × {height}" if len(shape) == 3 else f"{width} × {height}"


def shift_lines(result: ShiftResult | None) -> list[tuple[bool, str]]:
    """What a shift of the picture does to the maps of a stage: whether it is exact, and a sentence."""
    if result is None:
        return []
    lines = []
    if result.distance is not None:
        way = format_number(result.distance[1], 3)
        if result.moves_along:
            exactly = _tr("exactly") if result.is_exact else _tr("to rounding")
            lines.append((True, _tr("The maps move along by {n} px, {exactly}.").format(n=way, exactly=exactly)))
        elif result.largest_difference is not None:
            largest = format_number(result.largest_difference, 3)
            text = _tr("The maps would have to move by {n} px: off by up to {most}.").format(n=way, most=largest)
            lines.append((False, text))
        elif float(result.distance[1]).is_integer():
            lines.append((False, _tr("Every value depends on the border: none is left to compare.")))
        else:
            lines.append((False, _tr("The maps would have to move by {n} px, no whole number.").format(n=way)))
    share = f"{100 * result.unchanged:.0f}"
    lines.append((result.unchanged == 1.0, _tr("{share} % of the values stay where they were.").format(share=share)))
    return lines
