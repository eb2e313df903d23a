"""How filters, layers and refusals are written."""

from __future__ import annotations

from PyQt6.QtCore import QCoreApplication


def _tr(text: str) -> str:
    return QCoreApplication.translate("LearnedWords", text)


def sentence(text: str) -> str:
    """`text` with a capital letter, unless it begins with the name of a file, and a full stop."""
    text = text.strip()
    if not text:
        return ""
    is_file = "." in text.split()[0].rstrip(".")
    return (text if is_file else f"{text[0].upper()}{text[1:]}") + ("" if text[-1] in ".!?…" else ".")


def filter_title(index: int) -> str:
    """A filter by its number."""
    return _tr("Filter {n}").format(n=index)


def short_label(label: str) -> str:
    """What a filter resembles, for a narrow tile."""
    return label.replace(_tr("colour "), _tr("col. "))


def layer_title(number: int, height: int, width: int, channels: int) -> str:
    """A convolution layer, counted from 0, by its place and the size of its filters."""
    return f"conv{number + 1} {height}×{width}×{channels}"


def channel_titles(channels: int) -> list[str]:
    """The channels that a filter sees."""
    if channels == 1:
        return [_tr("Weights")]
    if channels == 3:
        return [_tr("Red"), _tr("Green"), _tr("Blue")]
    return [_tr("Channel {n}").format(n=channel) for channel in range(channels)]


def editor_parts(channels: int) -> list[tuple[str, str]]:
    """What of a filter can be opened in the editor, as (part, title) pairs.

    A picture has one or three channels, so that of a deeper filter only single channels can run over one.
    """
    if channels == 1:
        return [("all", _tr("The filter"))]
    single = [(str(number), title) for number, title in enumerate(channel_titles(channels))]
    if channels == 3:
        return [("all", _tr("All three channels")), ("luma", _tr("Their luma")), *single]
    return single
