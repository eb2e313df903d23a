"""The intents of the window: their words, their keys, what they do, and when they are possible."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PyQt6.QtCore import QCoreApplication

from kernels.kernel import Kernel
from viewer.frame import Frame
from viewer.intents import Intent
from viewer.moment import Moment
from viewer.pages.filter.page import FilterPage
from viewer.pages.filter.queries import whole_output
from viewer.pages.filter.views.kernel.table_model import MAX_EDITED_SIDE
from viewer.shelf import open_result
from viewer.sources import Sources
from viewer.window.main_window import MainWindow, show_menu


def _tr(text: str) -> str:
    return QCoreApplication.translate("actions", text)


def window_intents(
    window: MainWindow,
    frame: Frame,
    sources: Sources,
    page: FilterPage,
    filter_folder: Callable[[], object],
    further: Sequence[Intent],
) -> list[Intent]:
    """All intents in the order in which they are listed; `further` are those of other pages."""
    return [
        *_picture(window, frame, sources, page, filter_folder),
        *_edit(frame, page),
        *_kernel(page),
        *_sliding(page),
        *further,
        *_view(window, frame),
    ]


def _picture(
    window: MainWindow, frame: Frame, sources: Sources, page: FilterPage, filter_folder: Callable[[], object]
) -> list[Intent]:
    group = _tr("Picture")

    def has_output(moment: Moment) -> bool:
        return whole_output(moment) is not None

    def adopt() -> None:
        result = page.result()
        if result is not None:
            sources.adopt(result)

    def no_output(moment: Moment) -> str:
        picture = open_result(moment)
        if picture is None or picture.value.is_held:
            return _tr("There is no output yet.")
        return _tr(
            "This picture is read by parts and filtered where it is seen, so there is no whole output.\n"
            "“Filter a folder…” (Ctrl+Shift+F) filters and saves all of it."
        )

    def on_filter_page(moment: Moment) -> bool:
        return has_output(moment) and moment.state.session.workspace == page.name

    def not_here(moment: Moment) -> str:
        return _tr("The output is in the Filter workspace.") if has_output(moment) else no_output(moment)

    return [
        Intent("openPicture", _tr("Open a picture…"), ("Ctrl+O",), group, frame.choose_picture,
               keywords=_tr("file image load")),
        Intent("openSample", _tr("Open a sample…"), ("Ctrl+Shift+O",), group,
               lambda: show_menu(window.tool_bar.samples), keywords=_tr("example photograph")),
        Intent("paste", _tr("Paste a picture, a path or a kernel"), ("Ctrl+V",), group, lambda: sources.paste(),
               button="pasteButton", keywords=_tr("clipboard")),
        Intent("saveShown", _tr("Save the output as shown…"), ("Ctrl+S",), group, lambda: frame.save("shown"),
               has_output, keywords=_tr("export png jpeg"), why_not=no_output),
        Intent("saveRaw", _tr("Save the output's raw values…"), ("Ctrl+Shift+S",), group, lambda: frame.save("raw"),
               has_output, keywords=_tr("export tiff npy float"), why_not=no_output),
        Intent("saveDeep", _tr("Save the output in 16 bits…"), ("Ctrl+Shift+D",), group, lambda: frame.save("16-bit"),
               has_output, keywords=_tr("export"), why_not=no_output),
        Intent("copyOutput", _tr("Copy the output as shown"), ("Ctrl+Shift+C",), group, frame.copy, has_output,
               button="copyButton", keywords=_tr("clipboard"), why_not=no_output),
        Intent("outputToInput", _tr("Make the output the next input"), ("Ctrl+Return",), group, adopt, on_filter_page,
               keywords=_tr("again iterate"), why_not=not_here),
        Intent("filterFolder", _tr("Filter a folder…"), ("Ctrl+Shift+F",), group, filter_folder,
               keywords=_tr("batch many pictures directory")),
        Intent("quit", _tr("Quit"), ("Ctrl+Q",), group, window.close),
    ]  # fmt: skip


def _edit(frame: Frame, page: FilterPage) -> list[Intent]:
    group, stack = _tr("Edit"), frame.undo_stack
    return [
        Intent("undo", _tr("Undo"), ("Ctrl+Z",), group, stack.undo, lambda _moment: stack.canUndo(),
               button="undoButton"),
        Intent("redo", _tr("Redo"), ("Ctrl+Shift+Z", "Ctrl+Y"), group, stack.redo, lambda _moment: stack.canRedo(),
               button="redoButton"),
        Intent("cancelWork", _tr("Cancel the running computation"), ("Ctrl+.",), group, frame.cancel,
               keywords=_tr("stop")),
        Intent("copyArithmetic", _tr("Copy the arithmetic as text"), ("Ctrl+Alt+C",), group,
               page.view.arithmetic.copy, button="copyArithmeticButton"),
    ]  # fmt: skip


def _kernel(page: FilterPage) -> list[Intent]:
    group, control = _tr("Kernel"), page.kernel

    def kernel(moment: Moment) -> Kernel:
        return moment.state.document.kernel

    def transform(name: str, text: str, keys: tuple[str, ...], what: str, words: str = "") -> Intent:
        def possible(moment: Moment) -> bool:
            rows, columns = kernel(moment).shape
            growing = max(rows, columns) <= MAX_EDITED_SIDE and min(rows, columns) < MAX_EDITED_SIDE
            return {"grow": growing, "shrink": max(rows, columns) > 1}.get(what, True)

        return Intent(name, text, keys, group, lambda: control.transform(what), possible,
                      button=f"{what}Button", keywords=words)  # fmt: skip

    def do(name: str, text: str, keys: str, run: object, words: str = "", button: str = "") -> Intent:
        return Intent(name, text, (keys,), group, run, button=button, keywords=words)  # type: ignore[arg-type]

    return [
        Intent("choosePreset", _tr("Choose a preset…"), ("Ctrl+K",), group, control.choose_preset,
               workspace=page.name, keywords=_tr("kernel catalogue sobel gaussian")),
        Intent("resetKernel", _tr("Back to the preset"), ("Ctrl+Backspace",), group, control.reset,
               lambda moment: control.is_edited(moment.state.document), button="resetKernelButton"),
        do("normaliseKernel", _tr("Normalise the kernel"), "Alt+N", control.normalise, _tr("sum divisor"),
           "normaliseButton"),
        transform("rotateKernel", _tr("Rotate the kernel by 90°"), ("Alt+R",), "rotate", _tr("turn")),
        transform("flipKernelHorizontally", _tr("Flip the kernel left to right"), ("Alt+H",), "flipHorizontal",
                  _tr("mirror")),
        transform("flipKernelVertically", _tr("Flip the kernel top to bottom"), ("Alt+V",), "flipVertical",
                  _tr("mirror")),
        transform("transposeKernel", _tr("Transpose the kernel"), ("Alt+T",), "transpose"),
        transform("negateKernel", _tr("Negate the kernel"), ("Alt+M",), "negate", _tr("minus sign")),
        transform("growKernel", _tr("Grow the kernel by a ring of zeros"), ("Alt++", "Alt+="), "grow", _tr("larger")),
        transform("shrinkKernel", _tr("Shrink the kernel by its outer ring"), ("Alt+-",), "shrink", _tr("smaller")),
        do("openKernel", _tr("Open a kernel file…"), "Ctrl+Alt+O", control.open_kernel),
        do("saveKernel", _tr("Save the kernel to a file…"), "Ctrl+Alt+S", control.save_kernel, _tr("export")),
        do("keepKernel", _tr("Save to My kernels…"), "Ctrl+Alt+K", control.keep_kernel, _tr("own")),
        Intent("removeKernel", _tr("Remove the kernel from My kernels…"), ("Ctrl+Alt+R",), group,
               control.remove_kernel, lambda moment: control.is_own(moment.state.document), keywords=_tr("delete own")),
        do("copyKernel", _tr("Copy the kernel as text"), "Ctrl+Alt+X", control.copy_kernel, _tr("clipboard numpy")),
        do("pasteKernel", _tr("Paste text as the kernel"), "Ctrl+Alt+V", page.view.kernel.table.paste,
           _tr("clipboard")),
    ]  # fmt: skip


def _sliding(page: FilterPage) -> list[Intent]:
    """Ways to the controls that say how the kernel slides: found by name, they bring the focus there."""
    group, view = _tr("Sliding"), page.view.sliding

    def has_colour(moment: Moment) -> bool:
        picture = open_result(moment)
        return picture is not None and not picture.value.is_grey and moment.state.document.kernel.channels in (None, 1)

    def focus(name: str, text: str, widget: object, words: str) -> Intent:
        return Intent(name, text, (), group, widget.setFocus, workspace=page.name, keywords=words)  # type: ignore[attr-defined]

    return [
        focus("focusOperation", _tr("Choose correlation or convolution"), view.operation, _tr("operation flip")),
        focus("focusPadding", _tr("Choose the padding"), view.padding, _tr("same valid full pixels size")),
        focus("focusBorder", _tr("Choose the border"), view.border,
              _tr("edge constant replicate reflect wrap extension")),
        focus("focusStride", _tr("Set the stride"), view.stride[0], _tr("step")),
        focus("focusDilation", _tr("Set the dilation"), view.dilation[0], _tr("atrous spread gaps")),
        focus("focusChannel", _tr("Choose the channel"), view.channel, _tr("colour luma red green blue")),
        Intent("filterLuma", _tr("Filter the luma of a colour picture"), ("Alt+L",), group,
               lambda: page.sliding.choose_channel("luma"), has_colour, workspace=page.name, button="lumaButton",
               keywords=_tr("channel grey brightness signs")),
        focus("focusRange", _tr("Choose the range"), page.view.view.range, _tr("levels signed absolute contrast")),
    ]  # fmt: skip


def _view(window: MainWindow, frame: Frame) -> list[Intent]:
    """How things are looked at."""
    group = _tr("View")

    return [
        Intent("showFilter", _tr("Go to the Filter workspace"), ("Alt+1",), group, lambda: frame.go_to("filter")),
        Intent("showGradient", _tr("Go to the Gradient workspace"), ("Alt+2",), group,
               lambda: frame.go_to("gradient"), keywords=_tr("learned filters network")),
        Intent("showLayers", _tr("Go to the Layers workspace"), ("Alt+3",), group, lambda: frame.go_to("layers"),
               keywords=_tr("row of stages convolution network matrix")),
        Intent("showNetwork", _tr("Go to the Network workspace"), ("Alt+4",), group, lambda: frame.go_to("network"),
               keywords=_tr("draw digit recognise answer why")),
        Intent("zoomFit", _tr("Fit the picture"), ("Ctrl+0",), group, lambda: frame.front.link.fit()),
        Intent("zoomActual", _tr("One screen pixel a pixel"), ("Ctrl+1",), group,
               lambda: frame.front.link.zoom_to(1.0), keywords=_tr("100 %")),
        Intent("zoomIn", _tr("Zoom in"), ("Ctrl++", "Ctrl+="), group, lambda: frame.front.link.zoom_step(1)),
        Intent("zoomOut", _tr("Zoom out"), ("Ctrl+-",), group, lambda: frame.front.link.zoom_step(-1)),
        Intent("largeType", _tr("Larger type"), ("Shift+F5",), group, frame.switch_type,
               checked=lambda moment: moment.state.session.large_type, button="largeTypeButton",
               keywords=_tr("projector size font")),
        Intent("theme", _tr("Switch between light and dark"), ("Ctrl+Shift+T",), group, frame.switch_theme,
               button="themeButton", keywords=_tr("theme colours")),
        Intent("foldPanels", _tr("Fold or unfold the panels"), ("F6",), group, frame.switch_panels,
               checked=lambda moment: moment.state.session.folded, button="foldButton", keywords=_tr("hide sides")),
        Intent("coverOutput", _tr("Cover the output until it is revealed"), ("Ctrl+H",), group, frame.switch_cover,
               checked=lambda moment: moment.state.session.covered, keywords=_tr("predict quiz hide guess")),
        Intent("fullScreen", _tr("Full screen"), ("F11",), group, frame.switch_full_screen),
        Intent("searchActions", _tr("Search all actions…"), ("Ctrl+Shift+P", "F1"), group, window.show_actions,
               button="helpButton", keywords=_tr("help shortcuts keys")),
    ]  # fmt: skip
