"""Which files a batch takes, and what their results are called."""

from __future__ import annotations

import os
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernels.batch.folders import Found, check_places, count_files, files_of
from tests.kernels.batch.conftest import settings


def as_png(name: str) -> str:
    return settings(format="png").target_name(name)


def found(source: Path, *patterns: str, target_name: Callable[[str], str] = str) -> dict[str, str]:
    """Return the target of each source."""
    every = list(files_of(source, patterns, target_name))
    assert sum(count_files(source, patterns)) == len(every)
    assert not any(each.error for each in every)
    assert len({each.target for each in every}) == len(every)
    return {each.source: each.target for each in every}


def touch(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def test_a_tree_is_walked_in_the_order_of_names(tree: Path) -> None:
    touch(tree, ".hidden.png", ".git/x.png", "z.GIF")
    assert list(found(tree)) == ["a.png", "b.jpg", "z.GIF", "sub/a.tif", "sub/deep/c.bmp", "sub/deep/colour.png"]


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (["*.PNG"], ["a.png", "sub/deep/colour.png"]),
        (["a.*"], ["a.png", "sub/a.tif"]),
        (["sub/*.png", "b.*"], ["b.jpg", "sub/deep/colour.png"]),
        (["*.txt"], ["words.txt"]),
        ([".*"], [".hidden.png"]),
        (["?.jpg"], ["b.jpg"]),
    ],
)
def test_patterns(tree: Path, patterns: list[str], expected: list[str]) -> None:
    touch(tree, ".hidden.png")
    assert list(found(tree, *patterns)) == expected


def test_a_single_file(tree: Path) -> None:
    assert found(tree / "sub" / "a.tif", target_name=as_png) == {"a.tif": "a.png"}


def test_results_that_differ_in_the_extension_only(tmp_path: Path) -> None:
    touch(tmp_path, "a.gif", "a.jpg", "a.png", "a.jpg.png", "b.tif", "b.PNG", "c.bmp")
    assert found(tmp_path, target_name=as_png) == {
        "a.png": "a.png",
        "a.jpg.png": "a.jpg.png",
        "b.PNG": "b.PNG",
        "c.bmp": "c.png",
        "a.gif": "a.gif.png",
        "a.jpg": "a.jpg-2.png",
        "b.tif": "b.tif.png",
    }


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere such names are the same file")
def test_results_that_differ_in_case_or_unicode_form_only(tmp_path: Path) -> None:
    composed, taken_apart = normalize("NFC", "é.png"), normalize("NFD", "é.png")
    touch(tmp_path, "a.png", "A.png", composed, taken_apart, "Sub/x.png", "sub/x.png", "straße.png", "STRASSE.png")
    targets = found(tmp_path)
    assert targets["A.png"] == "A.png"
    assert targets["a.png"] == "a-2.png"
    assert targets["Sub/x.png"] == "Sub/x.png"
    assert targets["sub/x.png"] == "sub-2/x.png"
    assert len({normalize("NFC", target).casefold() for target in targets.values()}) == 8


_NAMES = st.lists(st.text("aAéÉßs.-2", min_size=1, max_size=4).map(lambda name: name + ".png"), unique=True)


@given(_NAMES, st.sampled_from(["png", "jpg"]))
def test_no_two_results_are_one_for_any_file_system(names: list[str], suffix: str) -> None:
    from kernels.batch.folders import _named

    targets = _named([], names, settings(format=suffix).target_name, ["a.png"])
    assert set(targets) == set(names)
    keys = {normalize("NFC", normalize("NFD", name).casefold()) for name in [*targets.values(), "a.png"]}
    assert len(keys) == len(names) + 1
    assert all(name.endswith(suffix) for name in targets.values())


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right of their own there")
def test_links_are_followed_and_circles_end(tree: Path) -> None:
    (tree / "sub" / "up").symlink_to(tree)
    (tree / "sub" / "itself").symlink_to(tree / "sub" / "itself")
    (tree / "again").symlink_to(tree / "sub" / "deep")
    (tree / "link.png").symlink_to(tree / "a.png")
    (tree / "sub" / "deep" / "other").symlink_to(tree / "again")
    assert [source for source in found(tree) if "again" in source or "link" in source] == [
        "link.png",
        "again/c.bmp",
        "again/colour.png",
    ]
    assert len(found(tree)) == 8


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right of their own there")
def test_a_link_into_the_target_is_not_followed(tree: Path, tmp_path: Path) -> None:
    touch(tmp_path / "out", "x.png")
    (tree / "results").symlink_to(tmp_path / "out")
    every = list(files_of(tree, [], str, without=tmp_path / "out"))
    assert not any(each.source.startswith("results") for each in every)
    assert sum(count_files(tree, [], tmp_path / "out")) == len(every)


def test_a_folder_that_cannot_be_read_stops_nothing(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scan = os.scandir

    def refuse(path: Path) -> object:
        if Path(path).name == "deep":
            raise PermissionError(13, "Permission denied")
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    every = list(files_of(tree, [], str))
    assert every[-1] == Found("sub/deep", error="the folder cannot be read: Permission denied.")
    assert len(every) == sum(count_files(tree, [])) == 4


def test_an_ome_zarr_is_one_picture(tree: Path) -> None:
    zarr = tree / "sub" / "big.ZARR"
    (zarr / "0").mkdir(parents=True)
    (zarr / "thumbnail.png").touch()
    found = {each.source: each.target for each in files_of(tree, [], lambda name: f"{name}.x")}
    assert found["sub/big.ZARR"] == "sub/big.ZARR.x"
    assert "sub/big.ZARR/thumbnail.png" not in found
    assert not any(each.source.startswith("sub/big.ZARR") for each in files_of(tree, ["*.png"], str))
    assert check_places(zarr, tree.parent / "out") == (zarr, tree.parent / "out")
    assert list(files_of(zarr, [], str)) == [Found("big.ZARR", "big.ZARR")]
    assert list(count_files(zarr, [])) == [1]
    with pytest.raises(ValueError, match="contain each other"):
        check_places(zarr, zarr / "out")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names are text")
def test_a_name_that_is_no_text_is_told(tree: Path) -> None:
    with open(os.fsencode(tree) + b"/\xff.png", "wb"):
        pass
    (broken,) = (each for each in files_of(tree, [], str) if each.error)
    assert "UTF-8" in broken.error


def test_places_must_be_apart(tree: Path, tmp_path: Path) -> None:
    for source, target in [
        (tree, tree),
        (tree, tree / "out"),
        (tree, tree / "out" / "deep"),
        (tree / "sub", tree),
        (tree / "a.png", tree),
        (tree / "a.png", tree / "a.png" / "x"),
    ]:
        with pytest.raises(ValueError, match="contain each other"):
            check_places(source, target)
    with pytest.raises(FileNotFoundError, match="no folder and no file"):
        check_places(tmp_path / "nowhere", tmp_path / "out")
    with pytest.raises(NotADirectoryError, match="is not a folder"):
        check_places(tree / "sub", tree / "a.png")
    for bad in ("", "a\0b"):
        with pytest.raises(ValueError, match="is not a path"):
            check_places(tree, bad)
    assert check_places(tree, tmp_path / "in2") == (tree.resolve(), (tmp_path / "in2").resolve())


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right of their own there")
def test_places_are_compared_behind_links(tree: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tree / "sub")
    with pytest.raises(ValueError, match="contain each other"):
        check_places(tree, tmp_path / "link" / "out")


@pytest.mark.slow
def test_a_hundred_thousand_files_begin_within_seconds(tmp_path: Path) -> None:
    for folder in range(100):
        place = tmp_path / f"{folder:03}"
        place.mkdir()
        for number in range(1000):
            (place / f"{number:04}.png").touch()
    tracemalloc.start()
    start = time.perf_counter()
    every = files_of(tmp_path, [], str)
    assert next(every).source == "000/0000.png"
    assert time.perf_counter() - start < 2
    assert sum(1 for _ in every) == 99_999
    assert tracemalloc.get_traced_memory()[1] < 2e6
    tracemalloc.stop()
