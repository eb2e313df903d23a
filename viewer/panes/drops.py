"""What a drag brings: files, addresses of files, a path as text, or a picture itself."""

from __future__ import annotations

from PyQt6.QtCore import QMimeData, QUrl, pyqtBoundSignal
from PyQt6.QtGui import QDropEvent, QImage


def carries_picture(data: QMimeData | None) -> bool:
    """True when `data` may hold something to open."""
    return data is not None and (bool(dropped_names(data)) or data.hasImage())


def hand_over(event: QDropEvent | None, files_dropped: pyqtBoundSignal, image_dropped: pyqtBoundSignal) -> None:
    """Announce what was dropped: paths of files, else a picture."""
    names, image = dropped_names(event.mimeData()), dropped_image(event.mimeData())
    if names:
        files_dropped.emit(names)
    elif image is not None:
        image_dropped.emit(image)
    event.setAccepted(bool(names) or image is not None)


def dropped_names(data: QMimeData | None) -> list[str]:
    """The paths of the files that `data` names; addresses elsewhere are left out."""
    if data is None:
        return []
    urls = data.urls() if data.hasUrls() else []
    if not urls and data.hasText():
        lines = [line.strip() for line in data.text().splitlines()]
        urls = [QUrl(line) for line in lines if line.startswith("file:")]
        paths = [line for line in lines if line.startswith("/") or line[1:3] in (":\\", ":/")]
        if not urls:
            return paths
    return [url.toLocalFile() for url in urls if url.isLocalFile()]


def dropped_image(data: QMimeData | None) -> QImage | None:
    """The picture that `data` carries, if it does."""
    if data is None or not data.hasImage():
        return None
    image = data.imageData()
    return image if isinstance(image, QImage) and not image.isNull() else None
