"""Every action of the window as data: its name, its words, its shortcut, and what it presses.

An action either announces itself (controllers listen to ``window.action(name).triggered``) or clicks the button whose
object name it gives, so that a shortcut and the button can never do different things.
"""

from __future__ import annotations

from dataclasses import dataclass

from PyQt6.QtCore import QCoreApplication


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """One action.

    Attributes
    ----------
    name : str
        Object name of the ``QAction``.
    text : str
        What the list of actions and the menus call it.
    shortcuts : tuple of str
        Key sequences in Qt's notation; the first is shown.
    group : str
        Heading in the list of actions.
    button : str
        Object name of the button it clicks, whose tool tip then shows the shortcut; empty for none.
    item : str
        Object name of an item in a menu that does the same, which then shows the shortcut; empty for none.
    workspace : str
        The workspace that comes to the front first; empty where any will do.
    """

    name: str
    text: str
    shortcuts: tuple[str, ...]
    group: str
    button: str = ""
    item: str = ""
    workspace: str = ""


def _tr(text: str) -> str:
    return QCoreApplication.translate("actions", text)


def action_specs() -> tuple[ActionSpec, ...]:
    """All actions, in the order in which they are listed."""
    return (*_file_actions(), *_edit_actions(), *_kernel_actions(), *_gradient_actions(), *_view_actions())


def _file_actions() -> tuple[ActionSpec, ...]:
    group = _tr("Picture")
    return (
        ActionSpec("openPicture", _tr("Open a picture…"), ("Ctrl+O",), group, "openButton"),
        ActionSpec("openSample", _tr("Open a sample…"), ("Ctrl+Shift+O",), group, "samplesButton"),
        ActionSpec("paste", _tr("Paste a picture, a path or a kernel"), ("Ctrl+V",), group, "pasteButton"),
        ActionSpec("saveShown", _tr("Save the output as shown…"), ("Ctrl+S",), group, item="paneSave"),
        ActionSpec("saveRaw", _tr("Save the output's raw values…"), ("Ctrl+Shift+S",), group),
        ActionSpec("saveDeep", _tr("Save the output in 16 bits…"), ("Ctrl+Shift+D",), group),
        ActionSpec("copyOutput", _tr("Copy the output as shown"), ("Ctrl+Shift+C",), group, "copyButton"),
        ActionSpec("outputToInput", _tr("Make the output the next input"), ("Ctrl+Return",), group, item="paneAdopt"),
        ActionSpec("quit", _tr("Quit"), ("Ctrl+Q",), group),
    )


def _edit_actions() -> tuple[ActionSpec, ...]:
    group = _tr("Edit")
    return (
        ActionSpec("undo", _tr("Undo"), ("Ctrl+Z",), group, "undoButton"),
        ActionSpec("redo", _tr("Redo"), ("Ctrl+Shift+Z", "Ctrl+Y"), group, "redoButton"),
        ActionSpec("cancelWork", _tr("Cancel the running computation"), ("Ctrl+.",), group),
        ActionSpec("copyArithmetic", _tr("Copy the arithmetic as text"), ("Ctrl+Alt+C",), group,
                   "copyArithmeticButton"),
    )  # fmt: skip


def _kernel_actions() -> tuple[ActionSpec, ...]:
    group = _tr("Kernel")
    return (
        ActionSpec("choosePreset", _tr("Choose a preset…"), ("Ctrl+K",), group, workspace="filter"),
        ActionSpec("resetKernel", _tr("Back to the preset"), ("Ctrl+Backspace",), group, "resetKernelButton"),
        ActionSpec("normaliseKernel", _tr("Normalise the kernel"), ("Alt+N",), group, "normaliseButton"),
        ActionSpec("rotateKernel", _tr("Rotate the kernel by 90°"), ("Alt+R",), group, "rotateButton"),
        ActionSpec("flipKernelHorizontally", _tr("Flip the kernel left to right"), ("Alt+H",), group,
                   "flipHorizontalButton"),
        ActionSpec("flipKernelVertically", _tr("Flip the kernel top to bottom"), ("Alt+V",), group,
                   "flipVerticalButton"),
        ActionSpec("transposeKernel", _tr("Transpose the kernel"), ("Alt+T",), group, "transposeButton"),
        ActionSpec("negateKernel", _tr("Negate the kernel"), ("Alt+M",), group, "negateButton"),
        ActionSpec("growKernel", _tr("Grow the kernel by a ring of zeros"), ("Alt++", "Alt+="), group, "growButton"),
        ActionSpec("shrinkKernel", _tr("Shrink the kernel by its outer ring"), ("Alt+-",), group, "shrinkButton"),
        ActionSpec("openKernel", _tr("Open a kernel file…"), ("Ctrl+Alt+O",), group, item="openKernelAction"),
        ActionSpec("saveKernel", _tr("Save the kernel to a file…"), ("Ctrl+Alt+S",), group, item="saveKernelAction"),
        ActionSpec("keepKernel", _tr("Save to My kernels…"), ("Ctrl+Alt+K",), group, item="keepKernelAction"),
        ActionSpec("removeKernel", _tr("Remove the kernel from My kernels…"), ("Ctrl+Alt+R",), group,
                   item="removeKernelAction"),
        ActionSpec("copyKernel", _tr("Copy the kernel as text"), ("Ctrl+Alt+X",), group, item="copyKernelAction"),
    )  # fmt: skip


def _gradient_actions() -> tuple[ActionSpec, ...]:
    group = _tr("Gradient")
    rows = (
        ("compareOperators", _tr("Compare all operators"), "Alt+Shift+C", "gradientCompare"),
        ("automaticThresholds", _tr("Choose both thresholds from the picture"), "Alt+Shift+A", "gradientAutomatic"),
        ("directionColours", _tr("Switch the colours of the directions"), "Alt+Shift+D", "gradientColours"),
        ("openFilter", _tr("Open the learned filter in the editor…"), "Alt+Shift+O", "openFilterButton"),
        ("putFilterBack", _tr("Put the kernel back into the network"), "Alt+Shift+P", "putBackButton"),
        ("restoreFilter", _tr("Restore the trained filter"), "Alt+Shift+R", "restoreFilterButton"),
        ("similarFilter", _tr("Select the filter most like the editor's kernel"), "Alt+Shift+L", "similarButton"),
        ("filterNumbers", _tr("Show the filter's weights as numbers"), "Alt+Shift+N", "filterNumbersButton"),
        ("countAccuracy", _tr("Count what the network gets right"), "Alt+Shift+T", "countAgainButton"),
    )
    maximise = ActionSpec("maximisePane", _tr("Maximise a pane, or bring all back"), ("Alt+Shift+M",), group,
                          workspace="gradient")  # fmt: skip
    return (
        maximise,
        *(ActionSpec(name, text, (keys,), group, button, workspace="gradient") for name, text, keys, button in rows),
    )


def _view_actions() -> tuple[ActionSpec, ...]:
    group = _tr("View")
    return (
        ActionSpec("showFilter", _tr("Go to the Filter workspace"), ("Alt+1",), group, "workspaceTabs_filter"),
        ActionSpec("showGradient", _tr("Go to the Gradient workspace"), ("Alt+2",), group, "workspaceTabs_gradient"),
        ActionSpec("zoomFit", _tr("Fit the picture"), ("Ctrl+0",), group, item="paneFit"),
        ActionSpec("zoomActual", _tr("One screen pixel a pixel"), ("Ctrl+1",), group, item="paneActual"),
        ActionSpec("zoomIn", _tr("Zoom in"), ("Ctrl++", "Ctrl+="), group),
        ActionSpec("zoomOut", _tr("Zoom out"), ("Ctrl+-",), group),
        ActionSpec("projector", _tr("Projector mode"), ("F5",), group, "projectorButton"),
        ActionSpec("theme", _tr("Switch between light and dark"), ("Ctrl+Shift+T",), group, "themeButton"),
        ActionSpec("foldPanels", _tr("Fold or unfold the panels"), ("F6",), group, "foldButton"),
        ActionSpec("fullScreen", _tr("Full screen"), ("F11",), group),
        ActionSpec("searchActions", _tr("Search all actions…"), ("Ctrl+Shift+P", "F1"), group, "helpButton"),
    )
