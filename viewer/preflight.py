"""Find out before Qt does whether a window can open, and say in one sentence what is missing.

Qt ends the process with an abort when its platform plugin cannot be loaded or no display answers, and names
``libxcb-cursor0`` whatever is missing. So the plugin is loaded here first, and the display is called, with ctypes.
"""

import ctypes
import importlib.util
import os
import re
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

# The loader names one library at a time; who lacks one on a bare system lacks most of them.
PACKAGES = (
    "libgl1", "libegl1", "libxkbcommon0", "libfontconfig1", "libglib2.0-0", "libdbus-1-3", "libxcb-cursor0",
    "libxkbcommon-x11-0", "libxcb-icccm4", "libxcb-keysyms1", "libxcb-shape0", "libxcb-image0",
    "libxcb-render-util0", "libxcb-util1", "libx11-xcb1", "libwayland-client0", "libwayland-cursor0",
)  # fmt: skip
"""What Qt needs of Debian and its descendants."""
NO_DISPLAY = (
    "there is no display to open a window on (neither DISPLAY nor WAYLAND_DISPLAY is set); start it in a desktop "
    "session, or use a subcommand such as apply, which needs none (kernelscope --help)"
)


def problem(environment: Mapping[str, str] = os.environ) -> str | None:
    """Tell why Qt could not open a window here: one sentence without a full stop, or None when nothing is wrong."""
    package = importlib.util.find_spec("PyQt6")
    if package is None or not package.submodule_search_locations:
        return "PyQt6 is not installed; install it with: python -m pip install PyQt6"
    plugins = Path(next(iter(package.submodule_search_locations)), "Qt6", "plugins", "platforms")
    # A PyQt6 from a distribution's own packages brings its libraries along: there is no plugin folder to look in.
    if sys.platform.startswith("linux") and plugins.is_dir():
        names = platforms(environment)
        reasons = [_platform_problem(plugins, name, environment) for name in names]
        if None not in reasons:
            return reasons[0] if reasons else NO_DISPLAY
    try:
        import PyQt6.QtWidgets  # noqa: F401  # the import is the test
    except ImportError as error:
        return describe_failure(error)
    return None


def platforms(environment: Mapping[str, str]) -> list[str]:
    """Name the Qt platforms that Qt will try on Linux: those asked for, else those of the displays that are set."""
    chosen = environment.get("QT_QPA_PLATFORM", "")
    if chosen:
        return [name.partition(":")[0] for name in chosen.split(";")]
    wayland = "WAYLAND_DISPLAY" in environment or environment.get("XDG_SESSION_TYPE") == "wayland"
    return (["xcb"] if environment.get("DISPLAY") else []) + (["wayland"] if wayland else [])


def is_library_failure(error: ImportError) -> bool:
    """Tell whether an import failed for want of a system library, not of a Python module or name."""
    return re.search(r"\.so\b|\.dylib\b|DLL load failed", str(error)) is not None


def describe_failure(error: Exception) -> str:
    """Put the loader's message about a library in a sentence, with the command that installs it where there is one."""
    named = re.match(r"(\S+\.so\S*): cannot open shared object file", str(error))
    if named is None:
        return f"a library cannot be loaded: {error}"
    if shutil.which("apt-get") is None:
        return f"the library {named[1]} is missing; install the package of your system that holds it"
    return f"the library {named[1]} is missing; all that Qt needs: sudo apt-get install {' '.join(PACKAGES)}"


def _platform_problem(plugins: Path, name: str, environment: Mapping[str, str]) -> str | None:
    """Load Qt's plugin for the platform `name` and call its display."""
    # Older releases have several for Wayland, such as libqwayland-generic.so; they load the same libraries.
    found = sorted(plugins.glob(f"libq{name}.so")) or sorted(plugins.glob(f"libq{name.partition('-')[0]}*.so"))
    if not found:
        known = ", ".join(sorted(path.stem.removeprefix("libq") for path in plugins.glob("libq*.so")))
        return f"QT_QPA_PLATFORM asks for {name!r}, which Qt does not have here; it has {known}"
    try:
        ctypes.CDLL(str(found[0]))
    except OSError as error:
        return describe_failure(error)
    if name == "xcb":
        return _call("libxcb.so.1", "xcb_connect", "xcb_disconnect", environment.get("DISPLAY", ""))
    if name.startswith("wayland"):
        display = environment.get("WAYLAND_DISPLAY", "wayland-0")
        return _call("libwayland-client.so.0", "wl_display_connect", "wl_display_disconnect", display)
    return None


def _call(library: str, connect: str, disconnect: str, display: str) -> str | None:
    """Connect to `display` and hang up again; a sentence when nobody answers."""
    if not display:
        return NO_DISPLAY
    loaded = ctypes.CDLL(library)
    # Not by index: that gives another object each time, which forgets that the result is a pointer.
    opened, closed = getattr(loaded, connect), getattr(loaded, disconnect)
    opened.restype = ctypes.c_void_p
    connection = opened(display.encode(), None)  # libwayland's takes one argument and ignores the second
    failed = not connection
    if connection and connect == "xcb_connect":
        failed = bool(loaded.xcb_connection_has_error(ctypes.c_void_p(connection)))
    if connection:
        closed(ctypes.c_void_p(connection))
    return f"the display {display!r} does not answer or refuses the connection" if failed else None
