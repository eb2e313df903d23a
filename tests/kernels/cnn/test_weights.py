"""Weights files: what was saved comes back, and nothing else is taken for one."""

from __future__ import annotations

import contextlib
import io
import json
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from kernels import cnn
from kernels.cnn.network import Network
from kernels.cnn.weights import Figures, load_with_header

Members = dict[str, bytes]


def npy(array: np.ndarray, **options: bool) -> bytes:
    content = io.BytesIO()
    np.lib.format.write_array(content, array, **options)
    return content.getvalue()


@pytest.fixture
def saved(tmp_path: Path, small: Network) -> Path:
    path = tmp_path / "small.npz"
    cnn.save(path, small, data="bars", figures=Figures(weights=small.architecture.weight_count(), accuracy=0.5))
    return path


def members(path: Path) -> Members:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rewrite(path: Path, content: Members) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in content.items():
            archive.writestr(name, data)


def header_with(**changes: object) -> Callable[[Members], None]:
    """Change entries of the header; a dotted name reaches into it."""

    def change(content: Members) -> None:
        header = json.loads(content["header.json"])
        for name, value in changes.items():
            place = header
            *path, last = name.split("__")
            for step in path:
                place = place[int(step) if step.isdigit() else step]
            place[last] = value
        content["header.json"] = json.dumps(header).encode()

    return change


def put(name: str, content: bytes | None) -> Callable[[Members], None]:
    """Replace, add or (None) remove a member."""

    def change(files: Members) -> None:
        if content is None:
            del files[name]
        else:
            files[name] = content

    return change


def test_a_network_comes_back_as_it_was(saved: Path, small: Network) -> None:
    header, back = load_with_header(saved)
    assert (header.data, header.figures.accuracy, back.classes) == ("bars", 0.5, small.classes)
    assert back.architecture == small.architecture
    assert back.preprocessing == small.preprocessing
    images = np.random.default_rng(0).integers(0, 256, (4, 6, 6), dtype=np.uint8)
    np.testing.assert_array_equal(back.predict(images), small.predict(images))
    with np.load(saved, allow_pickle=False) as plain:
        np.testing.assert_array_equal(plain["0.weights"], small.layers[0].arrays["weights"])


def test_the_same_network_gives_the_same_bytes(saved: Path, small: Network, tmp_path: Path) -> None:
    again = tmp_path / "again.npz"
    figures = Figures(weights=small.architecture.weight_count(), accuracy=0.5)
    cnn.save(again, small, data="bars", figures=figures)
    assert again.read_bytes() == saved.read_bytes()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (put("header.json", None), "header.json is missing"),
        (put("header.json", b"{"), "header.json is wrong"),
        (put("header.json", b" " * (1 << 20) + b"{}"), "longer than it may be"),
        (header_with(format="something-else"), "header.json is wrong"),
        (header_with(version=2), "header.json is wrong"),
        (header_with(surprise=1), "unknown field"),
        (header_with(architecture__layers__0__type="wormhole"), "header.json is wrong"),
        (header_with(architecture__layers__0__filters=0), "header.json is wrong"),
        (header_with(architecture__layers__0__filters=5), r"0\.weights must have the shape|0.weights is longer"),
        (header_with(architecture__layers__4__outputs=65_000, architecture__input=[1, 300, 300]), "asks for more than"),
        (header_with(architecture__input=[2, 8, 8]), "0.weights"),
        (header_with(architecture__input=[1, 2, 2]), "does not fit"),
        (header_with(classes=["one", "two"]), "for 2 classes"),
        (header_with(preprocessing__deviation=[0.0]), "header.json is wrong"),
        (header_with(preprocessing__mean=[1.0, 2.0]), "sees 1 channels"),
        (put("4.bias.npy", None), r"4\.bias\.npy is missing"),
        (put("9.bias.npy", npy(np.zeros(3, np.float32))), r"9\.bias\.npy is in it"),
        (put("4.bias.npy", npy(np.zeros(4, np.float32))), "must have the shape"),
        (put("4.bias.npy", npy(np.zeros(3))), "must be float32"),
        (put("0.weights.npy", npy(np.asfortranarray(np.zeros((4, 1, 3, 3), np.float32)))), "column order"),
        (put("4.bias.npy", npy(np.array([1, np.nan, 2], np.float32))), "not finite"),
        (put("4.bias.npy", npy(np.array([1, np.inf, 2], np.float32))), "not finite"),
        (put("4.bias.npy", npy(np.array([1, "a", {}], object), allow_pickle=True)), "pickled objects"),
        (put("4.bias.npy", pickle.dumps([1, 2, 3])), "no array of numbers"),
        (put("4.bias.npy", npy(np.zeros(3, np.float32))[:-2]), "cut short"),
        (put("4.bias.npy", b"\0" * 100_000), "longer than it may be"),
    ],
)
def test_damaged_files_are_refused_in_a_sentence(saved: Path, change: Callable[[Members], None], words: str) -> None:
    content = members(saved)
    change(content)
    rewrite(saved, content)
    with pytest.raises(ValueError, match=words) as caught:
        cnn.load(saved)
    assert "small.npz is not a weights file" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", ["header.json", "4.bias.npy"])
def test_a_part_that_is_there_twice_is_refused(saved: Path, name: str) -> None:
    content = members(saved)
    with zipfile.ZipFile(saved, "a") as archive:
        archive.writestr(name, content[name])
    with pytest.raises(ValueError, match="a part is in it twice"):
        cnn.load(saved)


def test_a_bomb_is_not_unpacked(saved: Path) -> None:
    content = members(saved)
    with zipfile.ZipFile(saved, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(name, data if name != "4.bias.npy" else bytes(200_000_000))
    with pytest.raises(ValueError, match="longer than it may be"):
        cnn.load(saved)


class Trap:
    """Leaves a trace when it is unpickled."""

    sprung = False

    def __reduce__(self) -> tuple[object, ...]:
        return (setattr, (Trap, "sprung", True))


def test_a_pickle_in_disguise_is_never_run(tmp_path: Path, saved: Path) -> None:
    path = tmp_path / "disguised.npz"
    path.write_bytes(pickle.dumps(Trap()))
    with pytest.raises(ValueError, match="is not a weights file"):
        cnn.load(path)
    content = members(saved)
    content["4.bias.npy"] = npy(np.array([Trap()], object), allow_pickle=True)
    rewrite(path, content)
    with pytest.raises(ValueError, match="pickled objects"):
        cnn.load(path)
    assert not Trap.sprung


def test_other_files(tmp_path: Path, saved: Path) -> None:
    path = tmp_path / "file.npz"
    for content in (b"", b"PK\3\4", saved.read_bytes()[:-300], saved.read_bytes()[: len(saved.read_bytes()) // 2]):
        path.write_bytes(content)
        with pytest.raises(ValueError, match="is not a weights file"):
            cnn.load(path)
    np.savez(path, first=np.zeros(3))
    with pytest.raises(ValueError, match=r"header\.json is missing"):
        cnn.load(path)
    with pytest.raises(IsADirectoryError, match="is a folder; a weights file is needed"):
        cnn.load(tmp_path)
    with pytest.raises(FileNotFoundError, match="There is no file"):
        cnn.load(tmp_path / "nothing.npz")
    with pytest.raises(ValueError, match="Did you mean 'lenet5'"):
        cnn.load("lenet-5")


def test_a_damaged_byte_is_noticed(saved: Path, small: Network) -> None:
    content = bytearray(saved.read_bytes())
    place = content.find(small.layers[4].arrays["weights"].tobytes()) + 8
    content[place] ^= 0x10
    saved.write_bytes(bytes(content))
    with pytest.raises(ValueError, match="is not a weights file"):
        cnn.load(saved)


def test_weights_that_are_not_finite_are_not_saved(saved: Path, small: Network) -> None:
    before = saved.read_bytes()
    small.layers[0].arrays["bias"][1] = np.nan
    with pytest.raises(ValueError, match="not finite"):
        cnn.save(saved, small, data="bars")
    assert saved.read_bytes() == before


def test_a_full_disk_leaves_the_old_file(saved: Path, small: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    before = saved.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match=r"small\.npz"):
        cnn.save(saved, small, data="bars")
    assert saved.read_bytes() == before
    assert [path.name for path in saved.parent.iterdir()] == ["small.npz"]


def refusal(path: Path) -> str:
    """The one sentence about a file, which names it."""
    with pytest.raises(ValueError) as caught:
        cnn.load(path)
    text = str(caught.value)
    assert path.name in text
    assert text.isprintable()
    assert "pickle=" not in text
    return text


@pytest.mark.parametrize(
    "header",
    [
        b"{'descr': '<f4', 'fortran_order': False, 'shape': (4, 3, 3, 1",
        b"{'descr': '<f4', 'fortran_order': False, 'shape': (((((((((((((",
        b"{'descr': '<f4'",
        b"{" * 900,
        b"(" * 900,
        b"'",
        b"\xff\xfe\0",
        b"1",
        b"{'descr': '<f4', 'fortran_order': 1, 'shape': 'x'}",
        b"{'descr': [('a', '<f4'), ('a', '<f4')], 'fortran_order': False, 'shape': (1,)}",
        b"{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}",
        b"{'descr': '<f4', 'fortran_order': False, 'shape': (10000000000000000000000,)}",
        b" " * 20_000,
    ],
)
def test_headers_of_arrays_that_make_no_sense(saved: Path, header: bytes) -> None:
    """NumPy reads them as Python literals: a bracket that is not closed ended as an internal fault."""
    content = members(saved)
    name = next(name for name in content if name.endswith(".npy"))
    content[name] = b"\x93NUMPY\1\0" + len(header).to_bytes(2, "little") + header + bytes(64)
    rewrite(saved, content)
    refusal(saved)


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_methods_that_numpy_does_not_write_are_not_unpacked(saved: Path, method: int) -> None:
    """LZMA takes as much memory as the file says; damaged, both ended as internal faults or named no file."""
    content = members(saved)
    with zipfile.ZipFile(saved, "w", method) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    assert "packed by a method other than deflate" in refusal(saved)
    data = bytearray(saved.read_bytes())
    for place in range(45, 400, 7):
        data[place] ^= 0x55
    saved.write_bytes(data)
    refusal(saved)


def test_deflated_archives_are_read(saved: Path, small: Network) -> None:
    content = members(saved)
    with zipfile.ZipFile(saved, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    assert cnn.load(saved).architecture == small.architecture


def test_a_directory_of_millions_is_not_listed(saved: Path) -> None:
    """Every entry would be an object of its own, a thousand bytes for 46 in the file."""
    entry = b"PK\1\2" + bytes(42)
    listed = entry * 40_000
    end = b"PK\5\6" + bytes(4) + b"\xff\xff\xff\xff" + len(listed).to_bytes(4, "little") + bytes(6)
    saved.write_bytes(listed + end)
    assert "many times more members" in refusal(saved)
    whole = saved.read_bytes()
    saved.write_bytes(whole[: -len(end)] + b"PK\6\7" + bytes(16) + end[:12] + bytes(4) + end[16:])
    assert "many times more members" in refusal(saved)


def test_names_of_members_stay_in_one_line(saved: Path) -> None:
    content = members(saved)
    content["a\nb\x1b[2J" * 40] = b""
    rewrite(saved, content)
    assert len(refusal(saved)) < 500


def test_damage_anywhere_is_one_sentence_or_a_network(saved: Path) -> None:
    whole = saved.read_bytes()
    random = np.random.default_rng(4)
    for _ in range(300):
        data = bytearray(whole)
        for place in random.integers(0, len(data), random.integers(1, 5)):
            data[place] = random.integers(0, 256)
        saved.write_bytes(data)
        with contextlib.suppress(ValueError):
            cnn.load(saved)
            continue
        refusal(saved)
