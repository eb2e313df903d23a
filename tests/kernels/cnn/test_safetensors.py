"""Weights as .safetensors: what was saved comes back, other programs read it, and nothing else is taken for one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kernels import cnn
from kernels.cnn.architecture import Architecture
from kernels.cnn.layers import BatchNormalisation, Branches, Convolution, Dense, Flatten, Residual
from kernels.cnn.network import Network
from kernels.cnn.preprocessing import Preprocessing
from kernels.cnn.weights import Figures, load_with_header

Parts = tuple[dict[str, Any], bytes]


@pytest.fixture
def saved(tmp_path: Path, small: Network) -> Path:
    path = tmp_path / "small.safetensors"
    cnn.save(path, small, data="bars", figures=Figures(weights=small.architecture.weight_count(), accuracy=0.5))
    return path


@pytest.fixture
def inner() -> Network:
    """A network with layers inside others, and with statistics."""
    body = (Convolution(2, (3, 3), padding=(1, 1)), BatchNormalisation())
    layers = (Residual(body), Branches((body, ())), Flatten(), Dense(3))
    network = Network(Architecture("inner", (2, 4, 4), layers), Preprocessing((1.0, 2.0), (3.0, 4.0)), ("a", "b", "c"))
    random = np.random.default_rng(0)
    for array in network.arrays().values():
        array[...] = random.uniform(0.5, 1.5, array.shape)
    return network


def parts(path: Path) -> Parts:
    """The header and the numbers, as the format's own description says."""
    content = path.read_bytes()
    start = 8 + int.from_bytes(content[:8], "little")
    return json.loads(content[8:start]), content[start:]


def rewrite(path: Path, header: Any, numbers: bytes) -> None:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + numbers)


def test_a_network_comes_back_as_it_was(saved: Path, small: Network) -> None:
    header, back = load_with_header(saved)
    assert (header.data, header.figures.accuracy, back.classes) == ("bars", 0.5, small.classes)
    assert (back.architecture, back.preprocessing) == (small.architecture, small.preprocessing)
    for name, array in small.arrays().items():
        np.testing.assert_array_equal(back.arrays()[name], array)


def test_layers_inside_others_come_back_too(inner: Network, tmp_path: Path) -> None:
    cnn.save(tmp_path / "inner.safetensors", inner, data="none")
    back = cnn.load(tmp_path / "inner.safetensors")
    for name, array in inner.arrays().items():
        np.testing.assert_array_equal(back.arrays()[name], array)


def test_names_are_pytorchs_and_the_numbers_stand_where_the_header_says(inner: Network, tmp_path: Path) -> None:
    cnn.save(tmp_path / "inner.safetensors", inner, data="none")
    header, numbers = parts(tmp_path / "inner.safetensors")
    del header["__metadata__"]
    assert list(header) == [
        *(f"0.body.{name}" for name in ("0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var")),
        *(f"1.branches.0.0.{name}" for name in ("weight", "bias")),
        *(f"1.branches.0.1.{name}" for name in ("weight", "bias", "running_mean", "running_var")),
        *("3.weight", "3.bias"),
    ]
    begin, end = header["3.weight"]["data_offsets"]
    found = np.frombuffer(numbers[begin:end], "<f4").reshape(header["3.weight"]["shape"])
    np.testing.assert_array_equal(found, inner.arrays()["3.weights"])
    assert (tmp_path / "inner.safetensors").stat().st_size % 4 == 0


def test_the_formats_own_package_reads_it(inner: Network, tmp_path: Path) -> None:
    package = pytest.importorskip("safetensors.numpy", reason="the format's own package is an oracle where it is")
    cnn.save(tmp_path / "inner.safetensors", inner, data="none")
    found = package.load_file(tmp_path / "inner.safetensors")
    assert len(found) == len(inner.arrays())
    np.testing.assert_array_equal(found["0.body.1.running_var"], inner.arrays()["0.body.1.variance"])


def test_what_another_program_wrote_with_the_same_metadata_is_read(saved: Path, small: Network) -> None:
    header, numbers = parts(saved)
    first, *others = [name for name in header if name != "__metadata__"]
    order = [*others, first]
    moved, content = {"__metadata__": header["__metadata__"]}, b""
    for name in order:
        begin, end = header[name]["data_offsets"]
        moved[name] = {**header[name], "data_offsets": [len(content), len(content) + end - begin]}
        content += numbers[begin:end]
    moved["1.num_batches_tracked"] = {"dtype": "I64", "shape": [], "data_offsets": [len(content), len(content) + 8]}
    rewrite(saved, moved, content + bytes(8))
    for name, array in small.arrays().items():
        np.testing.assert_array_equal(cnn.load(saved).arrays()[name], array)


def test_the_same_network_gives_the_same_bytes(saved: Path, small: Network, tmp_path: Path) -> None:
    again = tmp_path / "again.safetensors"
    cnn.save(again, small, data="bars", figures=Figures(weights=small.architecture.weight_count(), accuracy=0.5))
    assert again.read_bytes() == saved.read_bytes()


def test_weights_that_are_not_finite_leave_the_old_file(saved: Path, small: Network) -> None:
    before = saved.read_bytes()
    small.arrays()["0.bias"][0] = np.nan
    with pytest.raises(ValueError, match=r"0\.bias are not finite"):
        cnn.save(saved, small, data="bars")
    assert saved.read_bytes() == before
    assert [path.name for path in saved.parent.iterdir()] == [saved.name]


def about(name: str, **changes: Any) -> Callable[[Parts], Parts]:
    """Change what the header says about an array."""

    def change(file: Parts) -> Parts:
        header, numbers = file
        return {**header, name: {**header.get(name, header["0.bias"]), **changes}}, numbers

    return change


def described(**changes: Any) -> Callable[[Parts], Parts]:
    """Change the description of the network."""

    def change(file: Parts) -> Parts:
        header, numbers = file
        network = {**json.loads(header["__metadata__"]["kernelscope"]), **changes}
        return {**header, "__metadata__": {"kernelscope": json.dumps(network)}}, numbers

    return change


def without(name: str) -> Callable[[Parts], Parts]:
    return lambda file: ({key: value for key, value in file[0].items() if key != name}, file[1])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (without("__metadata__"), 'no "kernelscope"'),
        (lambda file: ({**file[0], "__metadata__": {"kernelscope": "{"}}, file[1]), "in its metadata is wrong"),
        (lambda file: ({**file[0], "__metadata__": {"kernelscope": 1}}, file[1]), "metadata is wrong"),
        (described(format="other"), "metadata is wrong"),
        (described(classes=["a", "b"]), "for 2 classes"),
        (described(surplus=1), "surplus"),
        (without("0.bias"), "0.bias is missing"),
        (about("9.weight"), "9.weight is in it"),
        (about("0.weight", dtype="F64"), "F64"),
        (about("0.weight", shape=[4, 1, 9]), r"shape \(4, 1, 3, 3\)"),
        (about("0.weight", shape=[-1]), "0.weight is wrong"),
        (about("0.weight", data_offsets=[0, 10**9]), "wrong|cut short"),
        (about("0.weight", data_offsets=[100, 60]), "cut short or too long"),
        (about("0.weight", data_offsets=[0, 2**70]), "0.weight is wrong"),
        (lambda file: (file[0], file[1][:-1]), "cut short"),
        (lambda file: (file[0], b"\xff" * len(file[1])), "not finite"),
        (lambda file: (b"[" * 100_000, file[1]), "header is wrong"),
        (lambda file: (b"[1]", file[1]), "header is wrong"),
        (lambda file: (b'{"\xff": 1}', file[1]), "header is wrong"),
    ],
)
def test_anything_else_is_refused_in_one_sentence(saved: Path, change: Callable[[Parts], Parts], words: str) -> None:
    rewrite(saved, *change(parts(saved)))
    with pytest.raises(ValueError, match=words) as refused:
        cnn.load(saved)
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 600


@pytest.mark.parametrize("content", [b"", b"\0" * 7, (2**63).to_bytes(8, "little") + b"{}", b"PK\3\4" + bytes(40)])
def test_a_file_of_another_kind_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.safetensors"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="not a weights file"):
        cnn.load(path)


def test_a_description_of_a_giant_is_refused_before_memory_is_taken(saved: Path) -> None:
    layers = [{"type": "flatten"}, {"type": "dense", "outputs": 65_536}, {"type": "dense", "outputs": 65_536}]
    giant = {"name": "giant", "input": [1, 8, 8], "layers": layers}
    header, numbers = parts(saved)
    network = {**json.loads(header["__metadata__"]["kernelscope"]), "architecture": giant}
    rewrite(saved, {"__metadata__": {"kernelscope": json.dumps(network)}}, numbers)
    with pytest.raises(ValueError, match="more than"):
        cnn.load(saved)
