"""``kernelscope kernels``: the catalogue as text or JSON."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kernels.kernel.catalogue.entry import Entry

SUMMARY = "list the catalogue of kernels"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--json", action="store_true", help="print the whole catalogue as JSON, weights included")


def run(arguments: argparse.Namespace) -> int:
    """Print the catalogue."""
    from kernels.kernel import library

    if arguments.json:
        print(json.dumps([_as_data(entry) for entry in library.entries()], ensure_ascii=False, indent=2))
        return 0
    width = max(len(name) for name in library.names())
    for group in library.groups():
        print(group)
        for entry in library.entries():
            if entry.group == group:
                print(f"  {entry.name:<{width}}  {entry.summary}")
                for parameter in entry.parameters:
                    print(f"  {'':<{width}}    {_parameter_line(parameter)}")
        print()
    return 0


def _parameter_line(parameter: Any) -> str:
    """Return ``sigma: Standard deviation, 0.3 to 10 px, 1 unless given``."""
    unit = f" {parameter.unit}" if parameter.unit else ""
    if parameter.choices:
        span = " or ".join(f"{choice:g}" for choice in parameter.choices)
    else:
        span = f"{parameter.minimum:g} to {parameter.maximum:g}"
    special = f" ({parameter.minimum:g} {parameter.special})" if parameter.special else ""
    return f"{parameter.name}: {parameter.title}, {span}{unit}, {parameter.default:g} unless given{special}"


def _as_data(entry: Entry) -> dict[str, Any]:
    """Return one entry, with the kernel that its default parameters make, as JSON data."""
    from kernels.kernel import library

    kernel = library.get(entry.name)
    return {
        "name": entry.name,
        "title": entry.title,
        "group": entry.group,
        "summary": entry.summary,
        "reference": entry.reference,
        "parameters": [
            {
                "name": parameter.name,
                "title": parameter.title,
                "symbol": parameter.symbol,
                "unit": parameter.unit,
                "minimum": parameter.minimum,
                "maximum": parameter.maximum,
                "step": parameter.step,
                "default": parameter.default,
                "integer": parameter.integer,
                "choices": None if parameter.choices is None else list(parameter.choices),
                "special": parameter.special,
            }
            for parameter in entry.parameters
        ],
        "weights": kernel.weights.tolist(),
        "divisor": kernel.divisor,
        "offset": kernel.offset,
    }
