"""``kernelscope gradient``: the gradient of a picture, and how accurate the operators are."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kernels.commands import arguments as read
from kernels.commands.arguments import UsageError

if TYPE_CHECKING:
    from kernels.filtering.geometry import SlidingOptions
    from kernels.gradients.accuracy import AccuracyRow
    from kernels.gradients.computation import Gradient
    from kernels.gradients.operators import OperatorPair
    from kernels.pictures.picture import Picture

SUMMARY = "measure the gradient of a picture: size, direction, edges"
OUTPUTS = ("gx", "gy", "magnitude", "direction", "thin")

_RAW = "as numbers (.tif, .npy) or as shown (.png, .jpg, .webp, .bmp)"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("image", metavar="IMAGE", nargs="?", help="picture file, or the name of a sample; a file wins")
    parser.add_argument(
        "--operator",
        default="sobel",
        help="central, roberts, prewitt, sobel (the default), sobel-5, sobel-7, scharr, gaussian, 'gaussian(sigma=2)', "
        "or a kernel as in kernelscope apply, which its transpose joins",
    )
    parser.add_argument("--second", metavar="KERNEL", help="a second kernel to take instead of the transpose")
    parser.add_argument("--scaling", default="as-written", help="as-written (the default) or per-pixel")
    parser.add_argument("--norm", default="l2", help="the magnitude: l2 (the default), l1 or max")
    parser.add_argument("--sigma", default="0", metavar="S", help="smooth the picture first; pixels, 0 by default")
    parser.add_argument("--colour", default="luma", help="luma (the default), strongest or structure-tensor")
    parser.add_argument("--padding", default="same", metavar="P|Y,X", help="valid, same (the default), full, or pixels")
    parser.add_argument(
        "--border", default="reflect", help="constant, replicate, reflect (the default), reflect101, wrap"
    )
    parser.add_argument("--border-value", default="0", metavar="V", help="value of a constant border")
    parser.add_argument("--stride", default="1", metavar="N|Y,X", help="pixels from window to window")
    parser.add_argument("--dilation", default="1", metavar="N|Y,X", help="pixels between neighbouring weights")
    parser.add_argument("--gx", metavar="OUT", help=f"write growth to the right {_RAW}, blue negative, orange positive")
    parser.add_argument("--gy", metavar="OUT", help="write growth downwards, likewise")
    parser.add_argument("--magnitude", metavar="OUT", help="write the magnitude, likewise; shown from 0 to its largest")
    parser.add_argument("--direction", metavar="OUT", help="write the direction, likewise; degrees, 0 right, 90 down")
    parser.add_argument("--cyclic-map", action="store_true", help="show directions in colours for every colour vision")
    parser.add_argument("--thin", metavar="OUT", help="write edges one pixel wide: 255, elsewhere 0")
    parser.add_argument("--low", metavar="L", help="edges go on down to this magnitude")
    parser.add_argument("--high", metavar="H", help="edges start at this magnitude")
    parser.add_argument("--accuracy", action="store_true", help="print how well the operators measure known gradients")
    parser.add_argument("--frequency", metavar="F", help="with --accuracy: of the wave, cycles per pixel, up to 0.5")
    parser.add_argument("--angle", metavar="A", help="with --accuracy: of the wave, degrees; 22.5 by default")


def run(arguments: argparse.Namespace) -> int:
    """Measure, save, and say what was found."""
    wanted = {name: path for name in OUTPUTS if (path := getattr(arguments, name)) is not None}
    from kernels.gradients.operators import OPERATORS

    _check_usage(arguments, wanted)
    pair = _operator(arguments)
    if arguments.accuracy:
        operators = (*OPERATORS,) if pair in OPERATORS else (*OPERATORS, pair)
        print(accuracy_text(_accuracy(arguments, operators)))
        print(f"\n{waves_text(operators)}")
    if arguments.image is not None:
        _measure(arguments, pair, wanted)
    return 0


def _check_usage(arguments: argparse.Namespace, wanted: dict[str, str]) -> None:
    from kernels.pictures.suffixes import SHOWN_SUFFIXES
    from kernels.pictures.writing import check_target

    if arguments.image is None and not arguments.accuracy:
        raise UsageError("an IMAGE is missing; without one there is only --accuracy.")
    if arguments.image is None and wanted:
        raise UsageError(f"--{next(iter(wanted))} needs an IMAGE.")
    if arguments.thin is None and not (arguments.low is None and arguments.high is None):
        raise UsageError("--low and --high are thresholds of --thin OUT, which is missing.")
    if arguments.thin is not None and (arguments.low is None or arguments.high is None):
        raise UsageError("--thin needs both thresholds, --low L and --high H, in the magnitude's numbers.")
    if not arguments.accuracy and not (arguments.frequency is None and arguments.angle is None):
        raise UsageError("--frequency and --angle choose the wave of --accuracy, which is missing.")
    for path in wanted.values():
        check_target(path, SHOWN_SUFFIXES)
    if len({Path(path).resolve() for path in wanted.values()}) < len(wanted):
        raise UsageError("two outputs have the same name; each needs a file of its own.")


def _operator(arguments: argparse.Namespace) -> str | OperatorPair:
    """Return the name of an operator that is in the table, or a pair of kernels."""
    from kernels.errors import unknown_name
    from kernels.gradients.operators import OPERATORS, parse_operator, user_pair
    from kernels.kernel import library

    text: str = arguments.operator
    if arguments.second is None:
        try:
            parse_operator(text)[0]
        except ValueError:
            # Perhaps it is a kernel; of a name with wrong parameters, this is the error.
            if text.partition("(")[0].strip().lower() in OPERATORS:
                raise
        else:
            return text
        if text.replace("-", "").isalnum() and not any(sign.isdigit() for sign in text) and text not in library.names():
            raise unknown_name("--operator", text, OPERATORS)
        return user_pair(read.kernel(text))
    return user_pair(read.kernel(text), read.kernel(arguments.second))


def _measure(arguments: argparse.Namespace, pair: str | OperatorPair, wanted: dict[str, str]) -> None:
    from kernels import memory
    from kernels.gradients.computation import run_gradient
    from kernels.pictures.reading import open_picture
    from kernels.pictures.suffixes import SHOWN_SUFFIXES
    from kernels.pictures.writing import check_target

    sliding = _sliding(arguments)
    sigma = read.number("--sigma", arguments.sigma)
    thresholds = {name: getattr(arguments, name) for name in ("low", "high")}
    low, high = (0.0 if text is None else read.number(f"--{name}", text) for name, text in thresholds.items())
    picture = open_picture(arguments.image)
    for path in wanted.values():
        check_target(path, SHOWN_SUFFIXES, [picture.origin.path, arguments.operator, arguments.second])
    # Two components, magnitude, direction, and what goes in between; colours stay apart outside luma.
    planes = 8 if picture.is_grey or arguments.colour == "luma" else 12
    memory.require(planes * 4.0 * picture.height * picture.width, f"The gradient of {picture.origin.name}")
    found = run_gradient(
        picture.pixels,
        pair,
        scaling=arguments.scaling,
        norm=arguments.norm,
        sigma=sigma,
        colour=arguments.colour,
        sliding=sliding,
    )
    # Wrong thresholds must not leave half of the files behind.
    thin = found.edges(low, high) if "thin" in wanted else None
    print(_summary(picture, found))
    for name, path in wanted.items():
        print(f"{path}: {_write(name, path, found, thin, arguments.cyclic_map)}")


def _sliding(arguments: argparse.Namespace) -> SlidingOptions:
    from kernels.filtering.geometry import SlidingOptions

    return SlidingOptions(
        "correlation",
        read.padding(arguments.padding),
        read.pair("--stride", arguments.stride),
        read.pair("--dilation", arguments.dilation),
        arguments.border,
        read.number("--border-value", arguments.border_value),
    )


def _summary(picture: Picture, found: Gradient) -> str:
    import numpy as np

    height, width = found.gx.shape
    line = f"{picture.origin.name}: {width} × {height}, {found.operator.title}"
    finite = found.magnitude[np.isfinite(found.magnitude)]
    if not finite.size:
        return f"{line}, no finite magnitude"
    line += f", magnitude {finite.min():g} to {finite.max():g}, mean {finite.mean(dtype=np.float64):g}"
    flat, lost = int((finite == 0).sum()), found.magnitude.size - finite.size
    line += f", {flat:,} {'pixel' if flat == 1 else 'pixels'} without direction" if flat else ""
    line += f", {lost:,} not finite" if lost else ""
    return f"{line}. {found.operator.note}".rstrip(". ") if found.operator.note else line


def _write(name: str, path: str, found: Gradient, thin: Any, cyclic: bool) -> str:
    """Write one output and return what the file holds."""
    import numpy as np

    from kernels.gradients.direction_colours import render_direction
    from kernels.pictures import display, writing
    from kernels.pictures.suffixes import RAW_SUFFIXES

    raw = Path(path).suffix.lower() in RAW_SUFFIXES
    if name == "thin":
        painted = np.where(thin, np.uint8(255), np.uint8(0))
        (writing.write_raw if raw else writing.write_shown)(path, painted)
        return f"{int(thin.sum()):,} edge pixels"
    values = getattr(found, name)
    if raw:
        writing.write_raw(path, values)
        return "degrees, raw" if name == "direction" else f"{values.dtype} numbers, raw"
    if name == "direction":
        colours = "twilight" if cyclic else "hue"
        writing.write_shown(path, render_direction(found.direction, found.magnitude, colours))
        return f"directions as {colours}"
    top = _reach(found, name)
    low = 0.0 if name == "magnitude" else -top
    colour_map = "grey" if name == "magnitude" else "blue-orange"
    writing.write_shown(path, display.render(values, (low, top), colour_map=colour_map))
    return f"shown from {low:g} to {top:g}"


def _reach(found: Gradient, name: str) -> float:
    """Return the number of full brightness: one for Gx and Gy, so that the two can be compared."""
    from kernels.pictures.summary import finite_range

    arrays = (found.magnitude,) if name == "magnitude" else (found.gx, found.gy)
    ranges = [span for array in arrays if (span := finite_range(array)) is not None]
    reach = max((abs(value) for span in ranges for value in span), default=0.0)
    return reach if reach > found.tolerance else 1.0


def _accuracy(arguments: argparse.Namespace, operators: tuple[str | OperatorPair, ...]) -> tuple[AccuracyRow, ...]:
    from kernels.gradients.accuracy import cone, default_pictures, sinusoid, table, zone_plate

    if arguments.frequency is None and arguments.angle is None:
        return table(default_pictures(), operators)
    frequency = read.number("--frequency", "0.1" if arguments.frequency is None else arguments.frequency)
    angle = read.number("--angle", "22.5" if arguments.angle is None else arguments.angle)
    return table((cone(), zone_plate(), sinusoid(frequency, angle)), operators)


def accuracy_text(rows: tuple[AccuracyRow, ...]) -> str:
    """Return the rows as a table of plain text, one block for each test picture."""
    width = max(len(row.title) for row in rows)
    lines: list[str] = []
    for index, row in enumerate(rows):
        if index == 0 or row.picture is not rows[index - 1].picture:
            lines += ["", row.picture.title] if lines else [row.picture.title]
            lines.append(f"{'operator':<{width}}  {'angle error':>21}  {'magnitude error':>21}")
            lines.append(f"{'':<{width}}  {'mean':>10} {'max':>10}  {'mean':>10} {'max':>10}")
        lines.append(
            f"{row.title:<{width}}  {f'{row.mean_angle:.4f}°':>10} {f'{row.max_angle:.4f}°':>10}"
            f"  {f'{100 * row.mean_magnitude:.3f} %':>10} {f'{100 * row.max_magnitude:.3f} %':>10}"
        )
    return "\n".join(lines)


def waves_text(operators: tuple[str | OperatorPair, ...]) -> str:
    """Return what the window plots, the worst angle errors on ever finer waves, as a table of plain text."""
    from kernels.gradients.accuracy import worst_wave_angles
    from kernels.gradients.operators import resolve

    frequencies = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3)
    titles = [resolve(operator).title for operator in operators]
    width = max(map(len, titles))
    lines = [
        "Waves of any angle, worst angle error",
        f"{'cycles per pixel':<{width}}" + "".join(f"  {frequency:>10.2f}" for frequency in frequencies),
    ]
    for title, operator in zip(titles, operators, strict=True):
        errors = worst_wave_angles(operator, frequencies)
        lines.append(f"{title:<{width}}" + "".join(f"  {f'{error:.4f}°':>10}" for error in errors))
    return "\n".join(lines)
