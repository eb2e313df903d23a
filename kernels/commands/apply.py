"""``kernelscope apply``: filter one picture, by a kernel or by a recipe."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from kernels.commands import arguments as read
from kernels.commands import filtering

if TYPE_CHECKING:
    from kernels.batch.messages import Outcome

SUMMARY = "filter a picture with a kernel, or by a recipe"


def configure(parser: read.Parser) -> None:
    """Declare the arguments."""
    filtering.configure_kernel(parser)
    parser.add_argument("image", metavar="IMAGE", help="picture file, or the name of a sample; a file wins")
    parser.add_argument(
        "-o", "--output", metavar="OUT", required=True, help=".png, .jpg, .tif, .webp, .bmp, .npy or .zarr"
    )
    filtering.configure_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Filter, save, and say what was saved."""
    from kernels import memory
    from kernels.batch.tasks import filter_file
    from kernels.pictures import writing

    settings = filtering.settings(arguments)
    writing.check_target(arguments.output, settings.suffixes, [arguments.kernel or arguments.recipe])
    room = (settings.memory or memory.USUAL) - memory.held()
    made = filter_file(arguments.image, arguments.output, settings, room)
    print(f"{arguments.output}: {describe(made)}")
    return 0


def describe(made: Outcome) -> str:
    """Return a line about a result that was written."""
    span = "no finite value" if made.extremes is None else f"values {made.extremes[0]:g} to {made.extremes[1]:g}"
    if made.non_finite:
        span += f", {made.non_finite:,} not finite"
    line = f"{made.width} × {made.height}, {span}, "
    if made.levels is None:
        line += "raw"
    else:
        line += f"shown from {made.levels[0]:g} to {made.levels[1]:g}, {made.clipped:,} pixels clipped"
    return f"{line} ({made.note})" if made.note else line
