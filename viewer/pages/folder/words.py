"""What the dialog says."""

from __future__ import annotations

from PyQt6.QtCore import QCoreApplication

from kernels.batch.run import Progress
from kernels.batch.settings import FORMATS
from kernels.filtering.geometry import SlidingOptions
from viewer.document import Document
from viewer.pages.filter.views.sliding.choices import borders, channel_title, operations, paddings
from viewer.pages.folder.running import Standing
from viewer.pages.layers.row import stage_data
from viewer.pages.layers.stage_lines import BETWEEN, row_text
from viewer.widgets import format_number, format_seconds
from viewer.widgets.choices import Choice

Shape = tuple[int, ...]


def _tr(text: str) -> str:
    return QCoreApplication.translate("FolderDialog", text)


def kernel_words(document: Document, title: str) -> str:
    """What the kernel called `title` does, with its options."""
    rows, columns = document.kernel.shape[:2]
    channel = channel_title(document.channel).lower()
    parts = [f"{title}, {columns} × {rows}", *_option_words(document.options)]
    return BETWEEN.join([*parts, _tr("channel: {name}").format(name=channel)])


def _option_words(options: SlidingOptions) -> list[str]:
    words = [_title(operations(), options.operation).lower()]
    if isinstance(options.padding, str):
        words.append(_tr("padding {name}").format(name=_title(paddings(), options.padding).lower()))
    else:
        words.append(_tr("padding {n}").format(n=_pair_text(options.padding)))
    border = _tr("border {name}").format(name=_title(borders(), str(options.border)).lower())
    if str(options.border) == "constant" and options.border_value:
        border += f" {format_number(options.border_value)}"
    words.append(border)
    stride, dilation = options.steps
    if stride != (1, 1):
        words.append(_tr("stride {n}").format(n=_pair_text(stride)))
    if dilation != (1, 1):
        words.append(_tr("dilation {n}").format(n=_pair_text(dilation)))
    return words


def _pair_text(value: object) -> str:
    down, across = value if isinstance(value, tuple) else (value, value)
    return str(down) if down == across else f"y {down}, x {across}"


def _title(choices: tuple[Choice, ...], data: str) -> str:
    return next(title for each, title, _tip in choices if each == data)


def row_words(document: Document) -> str:
    """The stages of the row that are on."""
    stages = [stage_data(stage) for stage in document.row if stage.is_on]
    return row_text(stages) or _tr("No stage is on: pictures stay as they are.")


def ranges() -> tuple[Choice, ...]:
    """Ways from numbers to levels."""
    return (
        ("clip", _tr("File range"), _tr("Black and white of the file; values beyond are clipped")),
        ("abs", _tr("Absolute"), _tr("The same, of the value without its sign")),
        ("minmax", _tr("Min to max"), _tr("The smallest value of each picture is black, the largest white")),
        ("signed", _tr("Signed"), _tr("0 in the middle: the strongest value of each picture is black or white")),
        ("raw", _tr("Raw values"), _tr("The numbers themselves, in TIFF, .npy or OME-Zarr")),
    )


def formats() -> tuple[Choice, ...]:
    """Types of files; two suffixes of one type are offered once."""
    found: list[Choice] = [(None, _tr("As each file"), _tr("PNG or TIFF where that cannot hold the result"))]
    for name, (suffix, bits) in FORMATS.items():
        if name in ("jpeg", "tiff"):
            continue
        kind = {".tif": "TIFF", ".jpg": "JPEG", ".npy": "NumPy", ".webp": "WebP", ".zarr": "OME-Zarr"}.get(
            suffix, suffix[1:].upper()
        )
        found.append((name, _tr("{kind}, 16 bits").format(kind=kind) if bits == 16 else kind, f"*{suffix}"))
    return tuple(found)


def preview_lines(name: str, shapes: tuple[Shape, Shape], whole: Shape) -> tuple[str, str]:
    """Lines about the first picture and its result, or about the middle of a picture of the shape `whole`."""
    before, after = map(_size_text, shapes)
    if shapes[0] == whole:
        return f"{name}{BETWEEN}{before}", after
    part = _tr("the middle of {size}").format(size=_size_text(whole))
    return f"{name}{BETWEEN}{part}", f"{after}{BETWEEN}{_tr('as if this were all of it')}"


def _size_text(shape: Shape) -> str:
    return f"{shape[1]} × {shape[0]}"


def standing_words(standing: Standing) -> str:
    """A line about a run."""
    progress = standing.progress
    if standing.phase == "failed":
        return _tr("Nothing more can be done.") if progress is not None else ""
    if progress is None:
        return _tr("Looking for pictures…")
    parts = [_counted(progress, standing.phase == "ended")]
    if progress.kept:
        parts.append(_tr("{n} done before").format(n=f"{progress.kept:,}"))
    if progress.failed:
        parts.append(_tr("{n} failed").format(n=f"{progress.failed:,}"))
    if standing.is_over:
        first = _tr("Cancelled") if standing.phase == "cancelled" else _tr("Done")
        return f"{first}: {', '.join(parts)}"
    if standing.phase == "paused":
        return _tr("Paused: {text}").format(text=", ".join(parts))
    if progress.rate:
        parts.append(_tr("{n} a second").format(n=f"{progress.rate:,.1f}"))
    if progress.seconds_left is not None and progress.seconds_left >= 1:
        parts.append(_tr("{time} left").format(time=format_seconds(progress.seconds_left)))
    return ", ".join(parts)


def _counted(progress: Progress, are_all: bool) -> str:
    passed = progress.done + progress.kept + progress.failed
    if progress.total is None or are_all:
        return _tr("{n} pictures").format(n=f"{passed:,}")
    return _tr("{n} of {total} pictures").format(n=f"{passed:,}", total=f"{progress.total:,}")


def share_done(standing: Standing) -> float:
    """How much is done, 0 to 1; 0 while nobody knows of how much."""
    progress = standing.progress
    if standing.phase == "ended":
        return 1.0
    if progress is None or not progress.total:
        return 0.0
    return (progress.done + progress.kept + progress.failed) / progress.total


def in_the_window(sentence: str) -> str:
    """A sentence of the command's, with what the same is called in the dialog."""
    return sentence.replace("--force", _tr("“Replace older results”"))
