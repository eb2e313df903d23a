"""Find out before Qt does whether a window can open, and say in one sentence what is missing.

Qt ends the process with an abort when its platform plugin cannot be loaded or no display answers, and names
``libxcb-cursor0`` whatever is missing. So the plugin is loaded here first, and the display is called, with ctypes.
"""

import ctypes
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

# Library file -> Debian package, for everything outside the wheels that Qt's core and its X11 and Wayland plugins load.
DEBIAN_PACKAGES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libGLX.so.0": "libglx0",
    "libGLdispatch.so.0": "libglvnd0",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libX11.so.6": "libx11-6",
    "libXau.so.6": "libxau6",
    "libXdmcp.so.6": "libxdmcp6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libexpat.so.1": "libexpat1",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libpng16.so.16": "libpng16-16",
    "libstdc++.so.6": "libstdc++6",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxcb.so.1": "libxcb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libz.so.1": "zlib1g",
    "libzstd.so.1": "libzstd1",
}

NO_DISPLAY = (
    "there is no display to open a window on (neither DISPLAY nor WAYLAND_DISPLAY is set); start it in a desktop "
    "session, or use a subcommand such as apply, which needs none (kernelscope --help)"
)


def problem(environment: Mapping[str, str] = os.environ) -> str | None:
    """Tell why Qt could not open a window here.

    Parameters
    ----------
    environment : mapping
        The environment variables that decide on the platform and the display.

    Returns
    -------
    str or None
        One sentence without a full stop at its end, or None when nothing stands in the way.
    """
    folder = qt_folder()
    if folder is None:
        return "PyQt6 is not installed; install it with: python -m pip install PyQt6"
    if sys.platform.startswith("linux"):
        # A PyQt6 from a distribution's own packages brings its libraries along: there is no plugin folder to look in.
        reason = _platform_problem(folder, environment) if _plugins(folder).is_dir() else None
        if reason is not None:
            return reason
    return import_problem()


def qt_folder() -> Path | None:
    """Return the folder of the package PyQt6 without importing it, or None where it is not installed."""
    specification = importlib.util.find_spec("PyQt6")
    locations = specification.submodule_search_locations if specification else None
    return Path(next(iter(locations))) if locations else None


def platforms(environment: Mapping[str, str]) -> list[str]:
    """Return the names of the Qt platforms that Qt will try on Linux, in no particular order.

    Parameters
    ----------
    environment : mapping
        Environment variables; ``QT_QPA_PLATFORM`` decides, else the displays that are set.
    """
    chosen = environment.get("QT_QPA_PLATFORM", "")
    if chosen:
        return [name.partition(":")[0] for name in chosen.split(";")]
    wayland = "WAYLAND_DISPLAY" in environment or environment.get("XDG_SESSION_TYPE") == "wayland"
    return (["xcb"] if environment.get("DISPLAY") else []) + (["wayland"] if wayland else [])


def plugin(folder: Path, platform: str) -> Path | None:
    """Return the file of the plugin for `platform` in Qt's plugin `folder`, or None when there is none."""
    # Older releases have several for Wayland, such as libqwayland-generic.so; they load the same libraries.
    for pattern in (f"libq{platform}.so", f"libq{platform}-generic.so", f"libq{platform.partition('-')[0]}*.so"):
        found = sorted(folder.glob(pattern))
        if found:
            return found[0]
    return None


def missing_libraries(library: Path) -> list[str]:
    """Return the names of all libraries that `library` needs, directly or not, and that the loader does not find.

    Parameters
    ----------
    library : Path
        A shared library that the loader failed to load.
    """
    program = shutil.which("ldd")
    if program is None:
        return []
    listing = subprocess.run([program, str(library)], capture_output=True, text=True, check=False).stdout
    return sorted(set(re.findall(r"^\s*(\S+) => not found", listing, flags=re.MULTILINE)))


def load_problem(*libraries: Path) -> str | None:
    """Load the first of `libraries` and, when that fails, tell what all of them lack.

    Parameters
    ----------
    *libraries : Path
        Shared libraries; the first is loaded, and the others will be needed later on.

    Returns
    -------
    str or None
        A sentence, or None when the first library loads.
    """
    try:
        ctypes.CDLL(str(libraries[0]))
    except OSError as error:
        missing = {name for library in libraries for name in missing_libraries(library)}
        return describe_missing(sorted(missing)) if missing else describe_failure(error)
    return None


def describe_failure(error: Exception) -> str:
    """Put the loader's message about a library in a sentence.

    Parameters
    ----------
    error : OSError or ImportError
        What loading a library or importing an extension module raised.
    """
    named = re.match(r"(\S+\.so\S*): cannot open shared object file", str(error))
    return describe_missing([named[1]]) if named else f"a library cannot be loaded: {error}"


def is_library_failure(error: ImportError) -> bool:
    """Tell whether an import failed for want of a system library, not of a Python module or name."""
    return re.search(r"\.so\b|\.dylib\b|DLL load failed", str(error)) is not None


def describe_missing(libraries: Iterable[str], *, debian: bool | None = None) -> str:
    """Name the missing libraries and, on Debian and its descendants, the command that installs them.

    Parameters
    ----------
    libraries : iterable of str
        File names of libraries, such as ``libxcb-cursor.so.0``.
    debian : bool, optional
        Whether packages come from apt-get; found out when not given.
    """
    names = list(libraries)
    sentence = f"these libraries are missing: {', '.join(names)}"
    if debian is None:
        debian = shutil.which("apt-get") is not None
    packages = sorted({DEBIAN_PACKAGES[name] for name in names if name in DEBIAN_PACKAGES})
    if debian and packages:
        return f"{sentence}; install them with: sudo apt-get install {' '.join(packages)}"
    return f"{sentence}; install the packages of your system that hold them"


def connection_problem(platform: str, environment: Mapping[str, str]) -> str | None:
    """Call the display server of `platform` and tell when it does not answer.

    Parameters
    ----------
    platform : str
        A Qt platform; only ``xcb`` and ``wayland`` have a server to call.
    environment : mapping
        Environment variables, for the name of the display.
    """
    if platform == "xcb":
        display = environment.get("DISPLAY", "")
        if not display:
            return NO_DISPLAY
        xcb = ctypes.CDLL("libxcb.so.1")
        xcb.xcb_connect.restype = ctypes.c_void_p
        xcb.xcb_connection_has_error.argtypes = xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
        connection = xcb.xcb_connect(display.encode(), None)
        failed = xcb.xcb_connection_has_error(connection)
        xcb.xcb_disconnect(connection)
        if failed:
            return f"the X display {display!r} does not answer or refuses the connection"
    elif platform.startswith("wayland"):
        wayland = ctypes.CDLL("libwayland-client.so.0")
        wayland.wl_display_connect.restype = ctypes.c_void_p
        wayland.wl_display_disconnect.argtypes = [ctypes.c_void_p]
        display = environment.get("WAYLAND_DISPLAY", "wayland-0")
        connection = wayland.wl_display_connect(display.encode())
        if not connection:
            return f"the Wayland display {display!r} does not answer"
        wayland.wl_display_disconnect(connection)
    return None


def import_problem() -> str | None:
    """Import Qt's widgets and tell why when that fails."""
    try:
        import PyQt6.QtWidgets  # noqa: F401  # the import is the test
    except ImportError as error:
        return describe_failure(error)
    return None


def _platform_problem(folder: Path, environment: Mapping[str, str]) -> str | None:
    """Tell why none of the platforms that Qt would try can start; the first reason is the one to give."""
    plugins = _plugins(folder)
    reasons = []
    for name in platforms(environment):
        file = plugin(plugins, name)
        if file is None:
            known = ", ".join(sorted(path.stem.removeprefix("libq") for path in plugins.glob("libq*.so")))
            reasons.append(f"QT_QPA_PLATFORM asks for {name!r}, which Qt does not have here; it has {known}")
            continue
        reason = load_problem(file, folder / "QtWidgets.abi3.so") or connection_problem(name, environment)
        if reason is None:
            return None
        reasons.append(reason)
    return reasons[0] if reasons else NO_DISPLAY


def _plugins(folder: Path) -> Path:
    """Return the folder of the platform plugins inside that of PyQt6."""
    return folder / "Qt6" / "plugins" / "platforms"
