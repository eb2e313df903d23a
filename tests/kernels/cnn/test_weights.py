"""Weights files: what was saved comes back, and nothing else is taken for one."""

from __future__ import annotations

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
