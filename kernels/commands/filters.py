"""``kernelscope filters``: what a network has learned, as a sheet of pictures."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from kernels.commands.arguments import UsageError
from kernels.errors import quoted

if TYPE_CHECKING:
    from kernels.cnn import Network

SUMMARY = "draw a network's filters, and their responses to a picture"

FILTER_HEIGHT = 112
RESPONSE_SIDE = 256


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("weights", metavar="WEIGHTS", help="weights file, or lenet5 or colournet")
    parser.add_argument("--image", metavar="IMAGE", help="also draw the responses to this picture or sample")
    parser.add_argument("-o", "--output", metavar="SHEET", required=True, help=".png, .jpg, .tif, .webp or .bmp")
    parser.add_argument("--layer", default="0", metavar="N", help="which convolution layer; 0, the first, by default")
    parser.add_argument("--scale", default="each", metavar="S", help="one scale for each filter (default), or for all")


def run(arguments: argparse.Namespace) -> int:
    """Draw every filter above its number and what it resembles, save, and say what was drawn."""
    from kernels import cnn
    from kernels.cnn import sheet
    from kernels.cnn.painting import enlarged, filter_pictures
    from kernels.cnn.resemblance import classify
    from kernels.pictures import writing
    from kernels.pictures.reading import open_picture
    from kernels.pictures.suffixes import SHOWN_SUFFIXES

    if arguments.scale not in ("all", "each"):
        raise UsageError(f"--scale is {quoted(arguments.scale)}; valid are all and each.")
    writing.check_target(arguments.output, SHOWN_SUFFIXES, [arguments.weights])
    network = cnn.load(arguments.weights)
    layer = _layer(arguments.layer, network)
    filters = network.filters(layer)
    common_scale = arguments.scale == "all"
    painted = filter_pictures(filters, common_scale=common_scale)
    painted = [enlarged(picture, max(1, FILTER_HEIGHT // len(picture))) for picture in painted]
    names = (f"{one.index}  {one.label}" for one in classify(filters))
    cells = [sheet.captioned(picture, name) for picture, name in zip(painted, names, strict=True)]
    shown = ""
    if arguments.image is not None:
        picture = open_picture(arguments.image)
        writing.check_target(arguments.output, SHOWN_SUFFIXES, [picture.origin.path])
        responses = sheet.response_pictures(
            network, picture.pixels, layer, white=picture.white, common_scale=common_scale, longest=RESPONSE_SIDE
        )
        cells = [sheet.side_by_side(pair, 8) for pair in zip(cells, responses, strict=True)]
        shown = f" and their responses to {picture.origin.name}"
    writing.write_shown(arguments.output, sheet.grid(cells, gap=16))
    count, height, width, channels = filters.shape
    size = f"{width} × {height} × {channels}"
    print(f"{arguments.output}: {network.name}, convolution layer {layer}, {count} filters of {size}{shown}")
    return 0


def _layer(text: str, network: Network) -> int:
    last = len(network.convolutions) - 1
    if last < 0:
        raise ValueError(f"{network.name} has no convolution layer, so there is no filter to draw.")
    if not (text.isascii() and text.isdigit() and int(text) <= last):
        raise UsageError(f"--layer is {quoted(text)}; {network.name} has the convolution layers 0 to {last}.")
    return int(text)
