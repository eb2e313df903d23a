"""``kernelscope apply``: filter one picture."""

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

SUMMARY = "filter a picture with a kernel"
RANGES = ("clip", "abs", "minmax", "signed", "raw")


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "kernel",
        metavar="KERNEL",
        help='catalogue name, also with parameters: "gaussian(sigma=2)"; kernel file; or weights: "-1 0 1; -2 0 2"',
    )
    parser.add_argument("image", metavar="IMAGE", help="picture file, or the name of a sample; a file wins")
    parser.add_argument("-o", "--output", metavar="OUT", required=True, help=".png, .jpg, .tif, .webp, .bmp or .npy")
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
    parser.add_argument("--operation", default="correlation", help="correlation (the default) or convolution")
    parser.add_argument("--padding", default="same", metavar="P|Y,X", help="valid, same (the default), full, or pixels")
    parser.add_argument("--stride", default="1", metavar="N|Y,X", help="pixels from window to window")
    parser.add_argument("--dilation", default="1", metavar="N|Y,X", help="pixels between neighbouring weights")
    parser.add_argument(
        "--border", default="constant", help="constant (the default), replicate, reflect, reflect101 or wrap"
    )
    parser.add_argument("--border-value", default="0", metavar="V", help="value of a constant border")
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

    mode = arguments.range
    if mode is not None and mode not in RANGES:
        raise UsageError(f"--range is {quoted(mode)}; valid are {', '.join(RANGES)}.")
    suffixes = writing.RAW_SUFFIXES if mode == "raw" else writing.SHOWN_SUFFIXES
    writing.check_target(arguments.output, suffixes, [arguments.kernel])
    kernel = chosen_kernel(arguments)
    options = sliding_options(arguments)
    picture = open_picture(arguments.image)
    writing.check_target(arguments.output, suffixes, [picture.origin.path])
    done = apply(picture, kernel, options, arguments.channel, mode or default_range(kernel), arguments.output)
    print(f"{done} ({picture.note})" if picture.note else done)
    return 0


def apply(picture: Picture, kernel: Kernel, options: SlidingOptions, channel: str, mode: str, output: str) -> str:
    """Filter one channel, or all, save the result, and return a line about it."""
    from kernels import memory
    from kernels.filtering import engine
    from kernels.filtering.geometry import geometry
    from kernels.pictures import colour, display, writing
    from kernels.pictures.summary import summarise

    image = colour.extract(picture, channel)
    height, width = geometry(image.shape, kernel.shape, options).output_shape
    channels = image.shape[2] if image.ndim == 3 and kernel.channels is None else 1
    # The result, its rendering, and room to encode it.
    memory.require(3.0 * height * width * channels * 4, f"A result of {width} × {height}")
    result = engine.run(image, kernel, options)
    summary = summarise(result)
    size = f"{output}: {width} × {height}"
    if mode == "raw":
        writing.write_raw(output, result, white=colour.channel_range(picture, channel)[1])
        return f"{size}, {_span(summary)}, raw"
    tolerance = display.error_bound(image, kernel, options.border_reach)
    levels = display.levels(summary, mode, colour.channel_range(picture, channel), tolerance=tolerance)
    below, above = display.clipped(result, levels, mode)
    writing.write_shown(output, display.render(result, levels, mode))
    return f"{size}, {_span(summary)}, shown from {levels[0]:g} to {levels[1]:g}, {below + above:,} pixels clipped"


def _span(summary: Summary) -> str:
    """Return the range of the result as text."""
    found, bad = summary.extremes, summary.non_finite
    span = "no finite value" if found is None else f"values {found[0]:g} to {found[1]:g}"
    return f"{span}, {bad:,} not finite" if bad else span
