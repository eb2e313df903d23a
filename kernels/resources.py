"""Where the files that come with the program are: pictures, fonts, networks.

In a checkout `assets/` stands beside the package; in an installed wheel it stands inside it, so that nothing called
`assets` appears at the top level of somebody's site-packages.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec

from kernels.errors import near_names, quoted

PHOTOGRAPHS = "Photographs"
TEST_PATTERNS = "Test patterns"


class Sample(msgspec.Struct, frozen=True):
    """A picture that comes with the program.

    Attributes
    ----------
    name : str
        What is typed, lower-case with hyphens: ``"zone-plate"``.
    title : str
        What is shown.
    group : str
        ``"Photographs"`` or ``"Test patterns"``.
    credit : str
        Author and licence of a photograph; for a pattern, what it is made of.
    file : str or None
        File name in ``assets/images``; None when `kernels.pictures.synthetic` makes the picture.
    """

    name: str
    title: str
    group: str
    credit: str
    file: str | None = None


def _photograph(name: str, title: str, credit: str, suffix: str = "png") -> Sample:
    return Sample(name, title, PHOTOGRAPHS, credit, f"{name}.{suffix}")


def _pattern(name: str, title: str, credit: str) -> Sample:
    return Sample(name, title, TEST_PATTERNS, credit)


SAMPLES: tuple[Sample, ...] = (
    _photograph("camera", "Camera", "Lav Varshney, CC0"),
    _photograph("coffee", "Coffee", "Rachel Michetti, CC0"),
    _photograph("chelsea", "Chelsea the cat", "Stefan van der Walt, CC0"),
    _photograph("astronaut", "Astronaut", "NASA, public domain"),
    _photograph("rocket", "Rocket", "SpaceX, public domain", "jpg"),
    _photograph("brick", "Brick wall", "CC0Textures, CC0"),
    _photograph("gravel", "Gravel", "CC0Textures, CC0"),
    _photograph("ascent", "Ascent", "public-domain-image.com, public domain"),
    _photograph("dust-bowl-home", "Abandoned Dust Bowl home", "Dorothea Lange, Getty Open Content, CC0", "jpg"),
    _photograph("allium-oreophilum", "Allium oreophilum", "Karl Blossfeldt, Getty Open Content, CC0", "jpg"),
    _pattern("lecture-grid", "Lecture grid, 10 × 10", "a grid of 90s with a hole and a stray pixel"),
    _pattern("lecture-5x5", "Lecture example, 5 × 5", "the 5 × 5 grid that is correlated by hand"),
    _pattern("impulse", "Impulse", "one white pixel: a filter draws its own kernel"),
    _pattern("step", "Step", "dark left half, bright right half"),
    _pattern("ramp", "Ramp", "one grey level more per pixel, to the right"),
    _pattern("disc", "Disc", "a white disc with an anti-aliased rim"),
    _pattern("checkerboard", "Checkerboard", "squares of 16 pixels"),
    _pattern("siemens-star", "Siemens star", "36 spokes, finer towards the centre"),
    _pattern("zone-plate", "Zone plate", "rings from frequency 0 to the Nyquist limit"),
    _pattern("noise", "Noise", "Gaussian noise around mid-grey, always the same"),
)


@cache
def assets() -> Path:
    """Return the folder of the files that come with the program.

    Raises
    ------
    FileNotFoundError
        The installation is incomplete.
    """
    package = Path(__file__).resolve().parent
    for folder in (package / "assets", package.parent / "assets"):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"The program's own files are missing: no assets folder in or beside {package}.")


def asset(*parts: str) -> Path:
    """Return the path of one shipped file, such as ``asset("images", "camera.png")``; it need not exist."""
    return assets().joinpath(*parts)


def sample_names() -> tuple[str, ...]:
    """Return the names of all sample pictures, photographs first."""
    return tuple(sample.name for sample in SAMPLES)


def sample(name: str) -> Sample:
    """Return the sample called `name`.

    Raises
    ------
    ValueError
        No sample has this name; the near ones are suggested.
    """
    for entry in SAMPLES:
        if entry.name == name:
            return entry
    raise ValueError(f"No sample is called {quoted(name)}.{suggestion(name, sample_names())}")


def suggestion(name: str, known: tuple[str, ...]) -> str:
    """Return ``" Did you mean a or b?"`` with the names nearest to `name`, or an empty text."""
    near = near_names(name[:100].lower(), known, cutoff=0.6)
    return f" Did you mean {' or '.join(near)}?" if near else ""
