"""What a network learns from: data sets split, one's own folders read, and what is left out told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from kernels.cnn import load, weights
from kernels.cnn.architecture import Architecture
from kernels.cnn.datasets import BUNDLED, Dataset, shipped_digits, unseen
from kernels.cnn.layers import Dense, Flatten
from kernels.cnn.network import Network
from kernels.cnn.preprocessing import Preprocessing
from kernels.cnn.training import collections
from kernels.cnn.training.collections import Collection, Skipped, natural, preview, read_collection, read_test, split
from kernels.commands import cli
from kernels.errors import Cancelled

RANDOM = np.random.default_rng(4)


def write_class(folder: Path, count: int, size: tuple[int, int] = (24, 24), suffix: str = "png") -> list[np.ndarray]:
    """So many pictures, each of one colour that is its own."""
    folder.mkdir(parents=True)
    made = []
    for number in range(count):
        pixels = np.full((*size, 3), RANDOM.integers(0, 256, 3), np.uint8)
        Image.fromarray(pixels).save(folder / f"{number + 1}.{suffix}")
        made.append(pixels[0, 0])
    return made


def test_the_bundled_digits_are_split_always_alike() -> None:
    digits, found = shipped_digits(), read_collection("", (28, 28))
    assert (found.name, len(found.learn), len(found.check), found.skipped) == (BUNDLED, 1600, 400, ())
    assert found.test is found.check
    np.testing.assert_array_equal(np.concatenate((found.learn.images, found.check.images)), digits.images)
    np.testing.assert_array_equal(np.concatenate((found.learn.labels, found.check.labels)), digits.labels)


def test_who_learnt_the_bundled_digits_is_scored_with_the_other_400_only(bars: Dataset) -> None:
    digits = shipped_digits()
    scored = unseen(digits, BUNDLED)
    np.testing.assert_array_equal(scored.images, digits.images[1600:])
    assert scored.name == BUNDLED
    # Of MNIST's whole test set the bundled digits are a part.
    whole = Dataset(np.zeros((10_000, 28, 28), np.uint8), np.zeros(10_000, np.uint8), digits.classes, "MNIST")
    assert len(unseen(whole, BUNDLED)) == 400
    assert unseen(digits, "MNIST") is digits
    assert unseen(bars, BUNDLED) is bars


def test_a_data_set_keeps_its_last_thirtieth_back(tmp_path: Path, write_idx: Callable[..., None]) -> None:
    write_idx(tmp_path, count=90)
    found = read_collection(tmp_path, (28, 28))
    assert (len(found.learn), len(found.check)) == (87, 3)
    assert found.test is not None
    assert len(found.test) == 90
    np.testing.assert_array_equal(read_test(tmp_path, (28, 28), "idx").images, found.test.images)


def test_at_most_2000_are_kept_back(bars: Dataset) -> None:
    large = Dataset(np.zeros((90_000, 2, 2), np.uint8), np.zeros(90_000, np.uint8), ("a",), "large")
    assert len(split(large).check) == 2000
    with pytest.raises(ValueError, match="has 1 pictures: too few"):
        split(bars.take(0, 1))


def test_a_folder_of_folders_is_read_class_by_class_in_natural_order(tmp_path: Path) -> None:
    colours = {name: write_class(tmp_path / name, 11) for name in ("class 10", "class 2")}
    found = read_collection(tmp_path, (8, 8, 3))
    assert (found.name, found.classes) == (tmp_path.name, ("class 2", "class 10"))
    ordered = np.array(colours["class 2"] + colours["class 10"])
    held_back = np.arange(11) % 5 == 4
    held_back = np.concatenate((held_back, held_back))
    # 10 comes behind 9 among the files too.
    np.testing.assert_array_equal(found.learn.images[:, 3, 3], ordered[~held_back])
    np.testing.assert_array_equal(found.check.images[:, 3, 3], ordered[held_back])
    np.testing.assert_array_equal(found.check.labels, [0, 0, 1, 1])
    np.testing.assert_array_equal(read_test(tmp_path, (8, 8, 3), "other").images, found.check.images)


def test_own_pictures_are_brought_to_the_network_by_area(tmp_path: Path) -> None:
    for name in ("a", "b"):
        folder = tmp_path / name
        folder.mkdir()
        for number in range(5):
            Image.fromarray(RANDOM.integers(0, 256, (60, 90, 3), dtype=np.uint8)).save(folder / f"{number}.png")
    picture = np.asarray(Image.open(tmp_path / "a" / "0.png"))
    wide = read_collection(tmp_path, (30, 30, 3)).learn.images[0]
    oracle = cv2.resize(picture, (30, 20), interpolation=cv2.INTER_AREA)
    assert np.abs(wide[5:25].astype(int) - oracle).max() <= 1
    assert not wide[:5].any()
    grey = read_collection(tmp_path, (30, 30)).learn.images[0]
    assert np.abs(grey[5:25] - wide[5:25] @ [0.299, 0.587, 0.114]).max() <= 1


def test_what_was_left_out_is_told_with_why(tmp_path: Path) -> None:
    write_class(tmp_path / "cats", 6)
    write_class(tmp_path / "dogs", 5, suffix="jpg")
    write_class(tmp_path / "few", 4)
    (tmp_path / "cats" / "notes.txt").write_text("not a picture")
    (tmp_path / "cats" / "empty.png").write_bytes(b"")
    (tmp_path / "cats" / "inner").mkdir()
    (tmp_path / "cats" / ".hidden").write_text("")
    np.save(tmp_path / "dogs" / "broken.npy", np.full((4, 4), np.nan))
    (tmp_path / "readme.md").write_text("about")
    found = read_collection(tmp_path, (8, 8, 3))
    assert found.classes == ("cats", "dogs")
    assert (len(found.learn), len(found.check)) == (9, 2)
    told = {each.path: each.reason for each in found.skipped}
    assert told == {
        "readme.md": "readme.md is in no folder of a class.",
        "cats/empty.png": "empty.png is empty.",
        "cats/inner": "inner is a folder, not a picture.",
        "cats/notes.txt": "notes.txt holds text, not a picture.",
        "dogs/broken.npy": told["dogs/broken.npy"],
        "few": "few holds too few pictures that can be read, 4: a class needs 5.",
    }
    assert "not finite" in told["dogs/broken.npy"]


def test_too_many_pictures_and_classes_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collections, "MOST_PICTURES", 5)
    monkeypatch.setattr(collections, "MOST_CLASSES", 2)
    for name in "abc":
        write_class(tmp_path / name, 7)
    found = read_collection(tmp_path, (4, 4, 3))
    assert (found.classes, len(found.learn)) == (("a", "b"), 8)
    assert found.skipped == (
        Skipped("c", "c is beyond the first 2 classes."),
        Skipped("a", "Only the first 5 of the 7 files in a are read."),
        Skipped("b", "Only the first 5 of the 7 files in b are read."),
    )


def test_a_folder_with_less_than_two_classes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="holds no data set that is known, and of folders with at least 5 pictures"):
        read_collection(tmp_path, (8, 8))
    write_class(tmp_path / "cats", 6)
    with pytest.raises(ValueError, match="only one, cats: two classes or more are needed"):
        read_collection(tmp_path, (8, 8))
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        read_collection(tmp_path / "gone", (8, 8))


def test_reading_tells_how_far_it_is_and_stops_when_asked(tmp_path: Path) -> None:
    for name in "ab":
        write_class(tmp_path / name, 5)
    told: list[float] = []
    read_collection(tmp_path, (4, 4), progress=told.append)
    assert told == [number / 10 for number in range(10)]
    with pytest.raises(Cancelled):
        read_collection(tmp_path, (4, 4), cancelled=lambda: len(told) > 0)


def test_names_are_in_natural_order() -> None:
    names = ["b", "img12", "img9", "A", "10", "9", "img09x", ""]
    assert sorted(names, key=natural) == ["", "9", "10", "A", "b", "img9", "img09x", "img12"]


def test_a_preview_shows_every_class_in_turn(bars: Dataset) -> None:
    found = preview(bars, 7)
    np.testing.assert_array_equal(found.labels, [0, 1, 2, 0, 1, 2, 0])
    first = [np.flatnonzero(bars.labels == label)[:3] for label in range(3)]
    wanted = [first[0][0], first[1][0], first[2][0], first[0][1], first[1][1], first[2][1], first[0][2]]
    np.testing.assert_array_equal(found.images, bars.images[wanted])
    assert len(preview(bars, 10_000)) == len(bars)


def test_a_collection_is_called_as_its_data(bars: Dataset) -> None:
    found = Collection(bars.take(0, 200), bars.take(200, 300))
    assert (found.name, found.classes) == ("bars", bars.classes)


def test_evaluate_scores_who_learnt_the_bundled_digits_with_the_others_and_says_so(
    tmp_path: Path, write_idx: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    write_idx(tmp_path, (7, 2, 1, 0, 4, 1, 4, 9, 5, 9))
    weights.save(tmp_path / "mlp.npz", load("mlp"), data=BUNDLED)
    assert cli.main(["evaluate", str(tmp_path / "mlp.npz"), "--data", str(tmp_path)]) == 0
    assert "on 400 test pictures of MNIST 1,600" in capsys.readouterr().out


def test_evaluate_takes_a_folder_of_folders(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("day", "night", "noon"):
        write_class(tmp_path / "mine" / name, 10)
    shape = Architecture("tiny", (3, 4, 4), (Flatten(), Dense(3)))
    network = Network(shape, Preprocessing((120.0,) * 3, (60.0,) * 3), ("day", "night", "noon"))
    weights.save(tmp_path / "tiny.npz", network, data="mine")
    assert cli.main(["evaluate", str(tmp_path / "tiny.npz"), "--data", str(tmp_path / "mine")]) == 0
    assert "tiny on 6 test pictures of mine" in capsys.readouterr().out
