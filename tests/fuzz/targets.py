"""What is fuzzed: for every format the seeds, and the call that must give a result or one sentence."""

import contextlib
import io
import os
import zipfile
from pathlib import Path

import msgspec

from kernels.cnn import archive, idx, weights
from kernels.cnn.models import MODELS
from kernels.cnn.training import checkpoint
from kernels.cnn.training.curves import read_curves
from kernels.cnn.training.plan import read_plan
from kernels.cnn.training.runs import open_run
from kernels.commands import cli
from kernels.kernel import Kernel, library
from kernels.kernel.files import read_kernel
from kernels.pictures.reading import read_picture
from kernels.recipe.files import read_recipe
from tests.fuzz import seeds
from tests.fuzz.mutation import mutate, png_with_checksums

CORPUS = Path(__file__).with_name("corpus")


class Wrong(Exception):
    """The program kept going, but not as it promises."""


class Target:
    """A format: its seeds, how they are damaged, and the call.

    `call(data, folder)` returns for a result and raises an error of `sentences` for a refusal.
    """

    sentences = (ValueError, OSError)

    def __init__(self, name, files, call):
        self.name, self.files, self.call = name, files, call

    def example(self, random):
        """Return the next damaged input."""
        return mutate(random.choice(self.files), self.files, random)


class Png(Target):
    """Damage behind a wrong checksum is seldom looked at."""

    def example(self, random):
        data = super().example(random)
        return png_with_checksums(data) if random.random() < 0.7 else data


class Zip(Target):
    """As with PNG: half of the time a member is damaged and packed again."""

    def example(self, random):
        if random.random() < 0.4:
            return super().example(random)
        whole = random.choice(self.files)
        with zipfile.ZipFile(io.BytesIO(whole)) as source:
            names = source.namelist()
            contents = [source.read(name) for name in names]
        chosen = random.choice(names)
        method = random.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2))
        return seeds.repack(
            whole,
            lambda name, content: mutate(content, contents, random) if name == chosen else content,
            method if random.random() < 0.3 else zipfile.ZIP_STORED,
        )


class Commands(Target):
    """Command lines, their words parted by zero bytes."""

    sentences = ()

    def example(self, random):
        command = random.choice(tuple(cli.SUBCOMMANDS))
        words = [command, *(self._word(random) for _ in range(random.choice((0, 1, 2, 2, 3, 4, 6))))]
        if random.random() < 0.6:
            words += ["-o", random.choice(("x.png", "x.npy", "x.tif", "x", "x.png/", ".", "", "a/b.png", "y.npz"))]
        return "\0".join(words).encode("utf-8", "surrogatepass")

    def _word(self, random):
        word = random.choice(_WORDS)
        if random.random() < 0.3:
            damaged = mutate(word.encode(), [b"-1", b"\xff", b"camera"], random)
            word = damaged.replace(b"\0", b"").decode("utf-8", "surrogateescape")[:2000]
        return word


_PLAIN = """
impulse step lecture-grid nowhere.png sobel-x gaussian(sigma=2) -1,0,1 --stride --dilation --padding --border
--border-value --divisor --offset --range --channel --operation --operator --scaling --norm --sigma --colour --gx
--magnitude --direction --thin --low --high --accuracy --frequency --angle --data --epochs --seed --resume --rate
--optimiser --batch --plan --force --image --layer --scale --json 2 -1 0.5 0 1,2 valid same full wrap reflect101
convolution raw clip abs minmax signed luma h lab-l l1 max per-pixel structure-tensor sobel scharr x.png x.npy
--memory --recipe --pattern --format --workers --report 1M 0.5GB *.png png16 out r.csv row.json
lenet5 colournet mlp . / adam 99999999999 1e400 nan −3
"""
_WORDS = (*_PLAIN.split(), "1 0 -1; 2 0 -2; 1 0 -1", "")


def _file(name, read):
    def call(data, folder):
        path = Path(folder) / name
        path.write_bytes(data)
        read(path)

    return call


def _text(data, folder):
    text = data.decode("utf-8", "replace")
    try:
        Kernel.parse(text)
    except ValueError as first:
        try:
            library.from_text(text)
        except ValueError:
            raise first from None


_SHAPES = {name: array.shape for name, array in seeds.small_network().arrays().items()}


def _read_archive(path):
    """Read any header, so that damage behind it is looked at."""
    return archive.read(path, AnyHeader, lambda header: _SHAPES)


class AnyHeader(msgspec.Struct):
    """A header of which nothing is asked."""


def _settings(data, folder):
    """Settings never refuse: what does not fit is left out with a note."""
    from viewer import settings

    path = settings.settings_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    found = settings.Settings()
    for name in ("THEME", "LARGE_TYPE", "DIRECTION_COLOURS", "FILLS_SCREEN", "GEOMETRY", "RECENT_FILES", "LAST_FOLDER"):
        found.get(getattr(settings, name))
    found.folder()
    if not all(note.isprintable() and len(note) < 600 for note in found.notes):
        raise Wrong(f"notes: {found.notes!r:.300}")
    if found.notes:
        raise ValueError(found.notes[0])


def _command(data, folder):
    words = data.decode("utf-8", "surrogatepass").split("\0")
    out, err = io.StringIO(), io.StringIO()
    before = os.getcwd()
    os.chdir(folder)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = cli.main(words)
        left = [name for name in os.listdir(folder) if name.endswith(".part")]
    finally:
        os.chdir(before)
    said = err.getvalue()
    if status not in (0, 2, 4) or left:
        raise Wrong(f"status {status}, left {left}: {said[:300]}")
    if status == 0 and said:
        raise Wrong(f"status 0, but says {said[:300]}")
    if status == 2:
        if not (said.endswith("\n") and said[:-1].isprintable() and len(said) < 2200):
            raise Wrong(f"not one line: {said[:300]!r}")
        raise _Refused(said[:-1])


class _Refused(ValueError):
    """A command line that was refused with one line."""


Commands.sentences = (_Refused,)


def all_targets():
    """Return the targets by name."""
    stored = seeds.weights()
    found = [
        (Png if name == "png" else Target)(name, files, _file(f"p.{name}", read_picture))
        for name, files in seeds.pictures().items()
    ]
    found += [
        Target(f"kernel{suffix}", files, _file(f"k{suffix}", read_kernel)) for suffix, files in seeds.kernels().items()
    ]
    found += [
        Target("text", [text.encode() for text in seeds.TEXTS], _text),
        Zip("weights", [*stored, seeds.deflated(stored[0])], _file("w.npz", weights.load)),
        Zip(
            "archive",
            [stored[0], seeds.deflated(stored[0])],
            _file("w.npz", _read_archive),
        ),
        Target("safetensors", seeds.weights(".safetensors"), _file("w.safetensors", weights.load)),
        Target("idx", seeds.idx()[:1], _file("i-ubyte", lambda path: idx.read_file(path, 3))),
        Target("idx.gz", seeds.idx()[1:], _file("i-ubyte.gz", lambda path: idx.read_file(path, 3))),
        Target("settings", seeds.SETTINGS, _settings),
        Target("plan", seeds.PLANS, _file("p.json", lambda path: read_plan(path, MODELS["lenet5"].plan))),
        Target("run", seeds.RUNS, _file("run.json", lambda path: open_run(path.parent))),
        Target("curves", seeds.curves(), _file("curves.bin", read_curves)),
        Zip("checkpoint", seeds.checkpoints(), _file("00000007.npz", checkpoint.read)),
        Target("recipe", seeds.RECIPES, _file("r.json", lambda path: read_recipe(path).shapes((8, 9, 3)))),
        Commands("commands", [], _command),
    ]
    return {target.name: target for target in found}
