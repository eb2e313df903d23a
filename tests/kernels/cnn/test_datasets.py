"""Reading data folders, whole and broken."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kernels.cnn.datasets import Dataset, read

RANDOM = np.random.default_rng(21)
Sheets = Callable[..., dict[str, np.ndarray]]
ToBytes = Callable[[np.ndarray], bytes]


@pytest.mark.parametrize("packed", [False, True])
def test_idx_files_plain_and_gzipped(tmp_path: Path, packed: bool, write_idx: Callable[..., None]) -> None:
    write_idx(tmp_path, packed=packed)
    data = read(tmp_path, "train")
    assert data.images.shape == (20, 28, 28)
    assert data.images.dtype == data.labels.dtype == np.uint8
    raw = next(tmp_path.glob("train-images*")).read_bytes()
    raw = gzip.decompress(raw) if packed else raw
    assert data.images[3, 7, 9] == raw[16 + (3 * 28 + 7) * 28 + 9]
    assert data.name == "idx"


def test_mnist_and_fashion_mnist_are_told_apart_by_their_labels(tmp_path: Path, write_idx: Callable[..., None]) -> None:
    write_idx(tmp_path / "a", (5, 0, 4, 1, 9, 2, 1, 3, 1, 4))
    write_idx(tmp_path / "b", (9, 2, 1, 1, 6, 1, 4, 6, 5, 7))
    assert read(tmp_path / "a", "train").name == "MNIST"
    fashion = read(tmp_path / "b", "test")
    assert fashion.name == "Fashion-MNIST"
    assert fashion.classes[fashion.labels[0]] == "ankle boot"


def test_data_are_found_four_folders_below_nearest_first(tmp_path: Path, write_idx: Callable[..., None]) -> None:
    write_idx(tmp_path / "usr" / "share" / "datasets" / "digits")
    assert len(read(tmp_path, "test")) == 20
    write_idx(tmp_path / "package" / "data", count=30)
    assert len(read(tmp_path, "test")) == 30
    write_idx(tmp_path / "deep" / "a" / "b" / "c" / "d" / "e")
    with pytest.raises(ValueError, match="holds no data that can be read"):
        read(tmp_path / "deep", "test")


def test_cifar_sheets_hold_one_picture_a_row(tmp_path: Path, write_sheets: Sheets) -> None:
    made = write_sheets(tmp_path)
    train, test = read(tmp_path, "train"), read(tmp_path, "test")
    assert train.name == "CIFAR-10"
    np.testing.assert_array_equal(train.images[4:8], made["data_batch_2"])
    np.testing.assert_array_equal(train.labels, [k % 10 for k in range(20)])
    np.testing.assert_array_equal(test.images, made["test_batch"])
    assert test.classes[test.labels[0]] == "lorry"


def test_cifar_binary_batches_hold_red_then_green_then_blue(tmp_path: Path) -> None:
    for stem in (*(f"data_batch_{k}" for k in range(1, 6)), "test_batch"):
        records = RANDOM.integers(0, 10, (3, 3073), dtype=np.uint8)
        records[1, 1 + 1024 + 5 * 32 + 7] = 201
        records[:, 0] = (3, 1, 2)
        (tmp_path / f"{stem}.bin").write_bytes(records.tobytes())
    data = read(tmp_path, "train")
    assert data.images.shape == (15, 32, 32, 3)
    assert data.images[1, 5, 7, 1] == 201
    np.testing.assert_array_equal(data.labels[:3], [3, 1, 2])
    assert len(read(tmp_path, "test")) == 3


def test_a_folder_that_is_missing_empty_or_a_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        read(tmp_path / "nowhere", "train")
    with pytest.raises(ValueError, match="holds no data that can be read"):
        read(tmp_path, "train")
    (tmp_path / "file").write_text("x")
    with pytest.raises(ValueError, match="is a file"):
        read(tmp_path / "file", "train")


def test_a_part_is_train_or_test(tmp_path: Path, write_idx: Callable[..., None]) -> None:
    write_idx(tmp_path)
    with pytest.raises(ValueError, match="part is 'tests', but must be one of train, test"):
        read(tmp_path, "tests")  # type: ignore[arg-type]


def test_a_file_without_pictures_is_named(tmp_path: Path, write_idx: Callable[..., None]) -> None:
    write_idx(tmp_path, count=0)
    with pytest.raises(ValueError, match="train-images-idx3-ubyte holds no pictures"):
        read(tmp_path, "train")


def test_broken_idx_files(tmp_path: Path, write_idx: Callable[..., None], idx_bytes: ToBytes) -> None:
    write_idx(tmp_path)
    images, labels = tmp_path / "train-images-idx3-ubyte", tmp_path / "train-labels-idx1-ubyte"
    whole, right = images.read_bytes(), labels.read_bytes()
    for content, words in (
        (whole[:-100], "cut short: 15,580 are there, but 20 x 28 x 28 makes 15,680 bytes"),
        (whole[:9], "is not an idx file"),
        (b"", "is not an idx file"),
        (whole + b"\0", "longer than it says"),
        (right, "is not an idx file of bytes with 3 axes"),
        (struct.pack(">BBBB3I", 0, 0, 8, 3, 2**31, 2**31, 9), "more than the"),
    ):
        images.write_bytes(content)
        with pytest.raises(ValueError, match=words):
            read(tmp_path, "train")
    images.write_bytes(whole)
    labels.write_bytes(idx_bytes(np.zeros(19, np.uint8)))
    with pytest.raises(ValueError, match=r"20 pictures, but .* 19 labels"):
        read(tmp_path, "train")
    labels.unlink()
    with pytest.raises(ValueError, match="lacks the labels of the train set"):
        read(tmp_path, "train")
    labels.write_bytes(right)
    images.unlink()
    with pytest.raises(ValueError, match="lacks the pictures of the train set"):
        read(tmp_path, "train")


def test_a_gzipped_file_that_is_cut_short_or_no_gzip(tmp_path: Path, write_idx: Callable[..., None]) -> None:
    write_idx(tmp_path, packed=True)
    path = tmp_path / "train-images-idx3-ubyte.gz"
    whole = path.read_bytes()
    for content in (whole[:-200], b"not gzip at all", whole[:40] + b"\xff" * 40 + whole[80:]):
        path.write_bytes(content)
        with pytest.raises(ValueError, match="damaged or cut short"):
            read(tmp_path, "train")


def test_broken_cifar_folders(tmp_path: Path, write_sheets: Sheets) -> None:
    write_sheets(tmp_path)
    labels = tmp_path / "train_lables.json"
    for content, words in (
        ("[1, 2]", "20 pictures of the train set, but train_lables.json 2 labels"),
        ("[1, 11]", "not a list of labels"),
        ("{", "not a list of labels"),
    ):
        labels.write_text(content)
        with pytest.raises(ValueError, match=words):
            read(tmp_path, "train")
    labels.unlink()
    with pytest.raises(ValueError, match="pictures without labels"):
        read(tmp_path, "train")
    (tmp_path / "data_batch_3.png").unlink()
    with pytest.raises(ValueError, match=r"lacks data_batch_3\.png"):
        read(tmp_path, "train")
    sheet = tmp_path / "test_batch.png"
    Image.fromarray(np.zeros((4, 32, 3), np.uint8)).save(sheet)
    with pytest.raises(ValueError, match="a sheet is 1024 pixels wide"):
        read(tmp_path, "test")
    sheet.write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(ValueError, match="cannot be read as a PNG sheet"):
        read(tmp_path, "test")
    (tmp_path / "test_batch.bin").write_bytes(b"\0" * 3000)
    with pytest.raises(ValueError, match="records of 3,073 bytes"):
        read(tmp_path, "test")


def test_labels_beyond_the_classes_are_refused() -> None:
    with pytest.raises(ValueError, match="a label 3, but only 2 classes"):
        Dataset(np.zeros((1, 2, 2), np.uint8), np.array([3], np.uint8), ("a", "b"), "bad")
    with pytest.raises(ValueError, match="holds no pictures"):
        Dataset(np.zeros((0, 2, 2), np.uint8), np.zeros(0, np.uint8), ("a", "b"), "none")
