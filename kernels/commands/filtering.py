"""What ``apply`` and ``batch`` have in common: a kernel or a recipe, and how it is applied."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from kernels.commands import arguments as read
from kernels.commands.arguments import UsageError
from kernels.errors import quoted

if TYPE_CHECKING:
    from kernels.batch.settings import BatchSettings
    from kernels.recipe import Recipe

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
_RESULTS = {"channel": "rgb", "range": None, "format": None, "memory": None}
"""The same of what is made of the result; not all subcommands let a format be given."""


def configure_kernel(parser: read.Parser) -> None:
    """Declare the first operand."""
    parser.has_optional_operands = True
    parser.add_argument(
        "kernel",
        metavar="KERNEL",
        nargs="?",
        help='catalogue name, also with parameters: "gaussian(sigma=2)"; kernel file; or weights: "-1 0 1; -2 0 2"',
    )


def configure_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.set_defaults(**_SLIDING, **_RESULTS)
    parser.add_argument(
        "--recipe", metavar="FILE", help='instead of KERNEL: a row of stages in JSON, {"stages": [{"relu": {}}, ...]}'
    )
    parser.add_argument(
        "--memory",
        metavar="SIZE",
        help="memory that the program may take, such as 500M or 1.5GB; a picture that needs more is filtered by parts",
    )
    parser.add_argument("--operation", help="correlation (the default) or convolution")
    parser.add_argument("--padding", metavar="P|Y,X", help="valid, same (the default), full, or pixels")
    parser.add_argument("--stride", metavar="N|Y,X", help="pixels from window to window")
    parser.add_argument("--dilation", metavar="N|Y,X", help="pixels between neighbouring weights")
    parser.add_argument("--border", help="constant (the default), replicate, reflect, reflect101 or wrap")
    parser.add_argument("--border-value", metavar="V", help="value of a constant border")
    parser.add_argument("--divisor", metavar="D", help="divide the sum by this instead of the kernel's own divisor")
    parser.add_argument("--offset", metavar="O", help="add this instead of the kernel's own offset")
    parser.add_argument(
        "--range",
        metavar="RANGE",
        help="clip, abs, minmax, signed or raw (TIFF and .npy only); without it signed for kernels with negative "
        "weights and sum 0, else clip",
    )
    parser.add_argument("--channel", help="rgb (all, the default), luma, r, g, b, h, s, v, lab-l, lab-a or lab-b")


def words(arguments: argparse.Namespace) -> dict[str, str | None]:
    """Return what `settings` looks at, by the names of the arguments."""
    return {name: getattr(arguments, name) for name in ("kernel", "recipe", *_SLIDING, *_RESULTS)}


def settings(arguments: argparse.Namespace) -> BatchSettings:
    """Return what the arguments ask for, checked."""
    from kernels.batch.settings import settings_for

    limit = None if arguments.memory is None else read.size("--memory", arguments.memory)
    recipe = _recipe(arguments)
    try:
        return settings_for(recipe, arguments.channel, arguments.range, arguments.format, limit)
    except ValueError as error:
        # The sentence begins with the name of the argument.
        raise UsageError(f"--{error}") from None


def _recipe(arguments: argparse.Namespace) -> Recipe:
    """Return the recipe, or the one that a kernel is."""
    from kernels.filtering.geometry import SlidingOptions
    from kernels.recipe import Recipe
    from kernels.recipe.files import read_recipe

    if arguments.recipe is not None:
        _refuse_kernel_options(arguments)
        return read_recipe(arguments.recipe)
    if arguments.kernel is None:
        raise UsageError("the following arguments are required: KERNEL (or --recipe FILE).")
    options = SlidingOptions(
        arguments.operation,
        read.padding(arguments.padding),
        read.pair("--stride", arguments.stride),
        read.pair("--dilation", arguments.dilation),
        arguments.border,
        read.number("--border-value", arguments.border_value),
    )
    kernel = read.kernel(arguments.kernel)
    if arguments.divisor is not None:
        kernel = kernel.replace(divisor=read.number("--divisor", arguments.divisor))
    if arguments.offset is not None:
        kernel = kernel.replace(offset=read.number("--offset", arguments.offset))
    return Recipe.of_filter(kernel, options)


def _refuse_kernel_options(arguments: argparse.Namespace) -> None:
    """Refuse what says how a kernel slides beside a recipe, which says so itself."""
    if arguments.kernel is not None:
        raise UsageError(f"KERNEL is {quoted(arguments.kernel)}, but --recipe takes its place; give one of them.")
    for name, usual in _SLIDING.items():
        if getattr(arguments, name) != usual:
            option = f"--{name.replace('_', '-')}"
            raise UsageError(f"{option} belongs to a KERNEL; the stages of a recipe have options of their own.")
