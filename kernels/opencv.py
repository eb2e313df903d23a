"""The one place where OpenCV is imported.

Importing cv2 points Qt at the plugins inside cv2's own wheel, which PyQt6 cannot load. Those variables are taken
out of the environment again; a value that the user had set stays.
"""

from __future__ import annotations

import os

_VARIABLES = ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR")
_before = {name: os.environ.get(name) for name in _VARIABLES}

import cv2  # noqa: E402


def _restore_environment() -> None:
    inside_cv2 = os.path.dirname(cv2.__file__)
    for name, value in _before.items():
        if value is None or value.startswith(inside_cv2):
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


_restore_environment()

__all__ = ["cv2"]
