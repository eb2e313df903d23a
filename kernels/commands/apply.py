"""``kernelscope apply``: filter one picture, by a kernel or by a recipe."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from kernels.commands import arguments as read
from kernels.commands.arguments import UsageError
from kernels.errors import quoted

if TYPE_CHECKING:
    from kernels.filtering.geometry import SlidingOptions
    from kernels.kernel import Kernel
    from kernels.pictures.picture import Picture
    from kernels.pictures.summary import Summary
    from kernels.recipe import Recipe

SUMMARY = "filter a picture with a kernel, or by a recipe"
RANGES = ("clip", "abs", "minmax", "signed", "raw")


_SLIDING = {
    "operation": "correlation",
    "padding": "same",
    "stride": "1",
    "dilation": "1",
    "border": "constant",
    "border_value": "0",
    "divisor": None,
    "offset": None,
}
"""What the options of the sliding window are when they are not given."""

_KERNELS_PLACE = "stages[0].filter: "


def configure(parser: read.Parser) -> None:
    """Declare the arguments."""
    parser.has_optional_operands = True
    parser.add_argument(
        "kernel",
        metavar="KERNEL",
        nargs="?",
        help='catalogue name, also with parameters: "gaussian(sigma=2)"; kernel file; or weights: "-1 0 1; -2 0 2"',
    )
    parser.add_argument("image", metavar="IMAGE", help="picture file, or the name of a sample; a file wins")
    parser.add_argument("-o", "--output", metavar="OUT", required=True, help=".png, .jpg, .tif, .webp, .bmp or .npy")
    parser.add_argument(
        "--recipe", metavar="FILE", help='instead of KERNEL: a row of stages in JSON, {"stages": [{"relu": {}}, ...]}'
    )
    parser.add_argument(
        "--memory", metavar="SIZE", help="memory that result and stages may take, such as 500M or 1.5GB"
    )
    configure_sliding(parser)
    parser.add_argument(
        "--range",
        metavar="RANGE",
        help="clip, abs, minmax, signed or raw (TIFF and .npy only); without it signed for kernels with negative "
        "weights and sum 0, else clip",
    )
    parser.add_argument(
        "--channel", default="rgb", help="rgb (all, the default), luma, r, g, b, h, s, v, lab-l, lab-a or lab-b"
    )


def configure_sliding(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the sliding window and of the kernel's divisor and offset."""
    parser.set_defaults(**_SLIDING)
    parser.add_argument("--operation", help="correlation (the default) or convolution")
    parser.add_argument("--padding", metavar="P|Y,X", help="valid, same (the default), full, or pixels")
    parser.add_argument("--stride", metavar="N|Y,X", help="pixels from window to window")
    parser.add_argument("--dilation", metavar="N|Y,X", help="pixels between neighbouring weights")
    parser.add_argument("--border", help="constant (the default), replicate, reflect, reflect101 or wrap")
    parser.add_argument("--border-value", metavar="V", help="value of a constant border")
    parser.add_argument("--divisor", metavar="D", help="divide the sum by this instead of the kernel's own divisor")
    parser.add_argument("--offset", metavar="O", help="add this instead of the kernel's own offset")


def sliding_options(arguments: argparse.Namespace) -> SlidingOptions:
    """Return the checked options of the sliding window."""
    from kernels.filtering.geometry import SlidingOptions

    return SlidingOptions(
        arguments.operation,
        read.padding(arguments.padding),
        read.pair("--stride", arguments.stride),
        read.pair("--dilation", arguments.dilation),
        arguments.border,
        read.number("--border-value", arguments.border_value),
    )


def chosen_kernel(arguments: argparse.Namespace) -> Kernel:
    """Return the kernel with the divisor and offset of the command line."""
    kernel = read.kernel(arguments.kernel)
    if arguments.divisor is not None:
        kernel = kernel.replace(divisor=read.number("--divisor", arguments.divisor))
    if arguments.offset is not None:
        kernel = kernel.replace(offset=read.number("--offset", arguments.offset))
    return kernel


def run(arguments: argparse.Namespace) -> int:
    """Filter, save, and say what was saved."""
    from kernels.kernel import default_range
    from kernels.pictures import writing
    from kernels.pictures.reading import open_picture
    from kernels.recipe import Recipe

    mode = arguments.range
    if mode is not None and mode not in RANGES:
        raise UsageError(f"--range is {quoted(mode)}; valid are {', '.join(RANGES)}.")
    limit = None if arguments.memory is None else read.size("--memory", arguments.memory)
    if arguments.kernel is None and arguments.recipe is None:
        raise UsageError("the following arguments are required: KERNEL (or --recipe FILE).")
    suffixes = writing.RAW_SUFFIXES if mode == "raw" else writing.SHOWN_SUFFIXES
    writing.check_target(arguments.output, suffixes, [arguments.kernel or arguments.recipe])
    if arguments.recipe is None:
        options = sliding_options(arguments)
        recipe = Recipe.of_filter(chosen_kernel(arguments), options)
    else:
        from kernels.recipe.files import read_recipe

        _refuse_kernel_options(arguments)
        recipe = read_recipe(arguments.recipe)
    picture = open_picture(arguments.image)
    writing.check_target(arguments.output, suffixes, [picture.origin.path])
    kernel = recipe.only_filter[0] if recipe.only_filter else None
    mode = mode or (default_range(kernel) if kernel else "clip")
    done = apply(picture, recipe, arguments.channel, mode, arguments.output, limit)
    print(f"{done} ({picture.note})" if picture.note else done)
    return 0


def _refuse_kernel_options(arguments: argparse.Namespace) -> None:
    """Refuse what says how a kernel slides beside a recipe, which says so itself."""
    if arguments.kernel is not None:
        raise UsageError(f"KERNEL is {quoted(arguments.kernel)}, but --recipe takes its place; give one of them.")
    for name, usual in _SLIDING.items():
        if getattr(arguments, name) != usual:
            option = f"--{name.replace('_', '-')}"
            raise UsageError(f"{option} belongs to a KERNEL; the stages of a recipe have options of their own.")


def apply(picture: Picture, recipe: Recipe, channel: str, mode: str, output: str, limit: float | None = None) -> str:
    """Run a recipe on one channel, or all, save the result, and return a line about it."""
    from kernels import memory
    from kernels.pictures import colour, display, writing
    from kernels.pictures.summary import summarise

    image = colour.extract(picture, channel)
    try:
        height, width, *maps = [image.shape, *recipe.shapes(image.shape)][-1]
        if maps and maps[0] not in (1, 3):
            raise ValueError(
                f"the recipe gives {maps[0]} maps, but a file holds 1 or 3; add a stage that puts them together, such "
                f"as magnitude, or pointwise."
            )
        # The result, its rendering, and room to encode it.
        memory.require(3.0 * height * width * (maps[0] if maps else 1) * 4, f"A result of {width} × {height}")
        result = recipe.output(image, white=colour.channel_range(picture, channel)[1], memory_limit=limit)
    except ValueError as error:
        # Whoever gave a kernel knows nothing of stages.
        raise ValueError(str(error).removeprefix(_KERNELS_PLACE if recipe.only_filter else "")) from None
    if result.ndim == 3 and result.shape[2] == 1:
        result = result[:, :, 0]
    summary = summarise(result)
    size = f"{output}: {width} × {height}"
    if mode == "raw":
        writing.write_raw(output, result, white=colour.channel_range(picture, channel)[1])
        return f"{size}, {_span(summary)}, raw"
    bound = 0.0
    if recipe.only_filter:
        kernel, options = recipe.only_filter
        bound = display.error_bound(image, kernel, options.border_reach)
    levels = display.levels(summary, mode, colour.channel_range(picture, channel), tolerance=bound)
    below, above = display.clipped(result, levels, mode)
    writing.write_shown(output, display.render(result, levels, mode))
    return f"{size}, {_span(summary)}, shown from {levels[0]:g} to {levels[1]:g}, {below + above:,} pixels clipped"


def _span(summary: Summary) -> str:
    """Return the range of the result as text."""
    found, bad = summary.extremes, summary.non_finite
    span = "no finite value" if found is None else f"values {found[0]:g} to {found[1]:g}"
    return f"{span}, {bad:,} not finite" if bad else span
