"""The shelf of pictures for undo: within its limit, nothing lost, and nothing kept that no step can reach."""

from pathlib import Path

import numpy as np
import pytest

from kernels.pictures.copies import read_copy, write_copy
from kernels.pictures.picture import Origin, Picture
from kernels.pictures.reading import open_sample
from viewer.shelf import Shelf

MEGABYTE = 1024 * 1024


def _picture(kind="file", megabytes=1, name="a.png", value=0):
    pixels = np.full((1024, 1024 * megabytes), value, np.uint8)
    return Picture(pixels, origin=Origin(kind, f"/pictures/{name}", name))


def _copies(shelf):
    return [] if shelf._folder is None else sorted(Path(shelf._folder.name).iterdir())


@pytest.fixture
def shelf():
    made = Shelf(limit=2 * MEGABYTE)
    yield made
    made.close()


def test_only_pictures_beyond_the_limit_leave_the_oldest_first(shelf):
    references = [shelf.add(_picture(name=f"{n}.png")) for n in range(5)]
    assert [key for key, _ in shelf.surplus()] == [references[0].key, references[1].key]
    shelf.make_room()
    assert shelf.held_bytes <= 2 * MEGABYTE
    assert shelf.surplus() == []
    shelf.read(references[4])
    with pytest.raises(ValueError, match=r"no file 0\.png"):
        shelf.read(references[0])  # a file that is not there any more


def test_the_picture_used_last_never_leaves_however_large(shelf):
    shelf.add(_picture(megabytes=8))
    assert shelf.surplus() == []


def test_what_is_read_counts_as_used(shelf):
    first, second, *_ = (shelf.add(_picture(name=f"{n}.png")) for n in range(4))
    shelf.read(first)
    assert [key for key, _ in shelf.surplus()] == [second.key]


def test_a_sample_that_left_is_read_again_under_its_reference():
    shelf = Shelf(limit=0)
    sample = open_sample("lecture-grid")
    reference = shelf.add(sample)
    shelf.add(_picture())
    shelf.make_room()
    assert shelf.count == 1
    again = shelf.read(reference)
    assert again is not sample
    assert "non_finite" in vars(again)  # counted by who reads, which is the worker
    np.testing.assert_array_equal(again.pixels, sample.pixels)
    assert again.origin == reference.origin


@pytest.mark.parametrize("kind", ["clipboard", "output"])
def test_what_cannot_be_read_again_is_copied_and_the_copy_is_forgotten_in_the_end(kind):
    shelf = Shelf(limit=0)
    first, second = (shelf.add(_picture(kind, value=n)) for n in (7, 8))
    shelf.make_room()
    assert len(_copies(shelf)) == 1
    assert shelf.read(first).pixels[0, 0] == 7
    shelf.keep({second})
    assert _copies(shelf) == []
    assert shelf.count == 1
    shelf.make_room()
    shelf.read(second)
    shelf.close()
    assert shelf.count == 0
    assert _copies(shelf) == []


def test_what_no_step_of_undo_refers_to_is_forgotten(shelf):
    references = [shelf.add(_picture(name=f"{n}.png")) for n in range(3)]
    shelf.keep(set(references[1:]))
    assert shelf.count == 2
    with pytest.raises(ValueError, match="no file"):
        shelf.read(references[0])


def test_a_copy_gives_the_same_numbers_back(tmp_path):
    rng = np.random.default_rng(3)
    pixels = rng.normal(size=(5, 7, 3)).astype(np.float32)
    alpha = rng.integers(0, 255, (5, 7)).astype(np.uint8)
    picture = Picture(pixels, 4.5, alpha, Origin("clipboard", None, "Pasted"))
    path = tmp_path / "copy.npz"
    write_copy(picture, path)
    again = read_copy(path, picture.origin)
    np.testing.assert_array_equal(again.pixels, pixels)
    assert again.alpha is not None
    np.testing.assert_array_equal(again.alpha, alpha)
    assert (again.white, again.origin, again.pixels.dtype) == (4.5, picture.origin, pixels.dtype)
