"""The shelf of pictures for undo: within its limit, nothing lost."""

import numpy as np

from kernels.pictures.picture import Origin, Picture, from_array
from viewer.resolve_pictures import DecodeRequest, SpillRequest, read_copy, write_copy
from viewer.shelf import Shelf, can_be_read_again


def _picture(kind="file", megabytes=1, name="a.png"):
    pixels = np.zeros((1024, 1024 * megabytes), np.uint8)
    return Picture(pixels, origin=Origin(kind, f"/pictures/{name}", name))


def test_only_pictures_beyond_the_limit_leave_the_oldest_first():
    shelf = Shelf(limit=2 * 1024 * 1024)
    references = [shelf.add(_picture(name=f"{n}.png")) for n in range(5)]
    leaving = [key for key, _ in shelf.surplus()]
    assert leaving == [references[0].key, references[1].key]
    for key in leaving:
        shelf.drop(key)
    assert shelf.held_bytes <= 2 * 1024 * 1024
    assert shelf.surplus() == []
    assert shelf.get(references[0]) is None
    assert shelf.get(references[4]) is not None


def test_the_picture_on_screen_never_leaves_however_large():
    shelf = Shelf(limit=1)
    shelf.add(_picture(megabytes=8))
    assert shelf.surplus() == []


def test_a_picture_that_was_read_again_keeps_its_reference():
    shelf = Shelf(limit=0)
    reference = shelf.add(_picture())
    shelf.drop(reference.key)
    again = _picture()
    shelf.put_back(reference, again)
    held = shelf.get(reference)
    assert held is not None
    assert held.origin == reference.origin


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


def test_requests_spill_and_read_back(tmp_path):
    shelf = Shelf()
    picture = from_array(np.arange(12, dtype=np.uint8).reshape(3, 4), name="Pasted")
    reference = shelf.add(picture)
    path = shelf.copy_path(reference.key)
    SpillRequest(key=reference.key, picture=picture, path=path).run(None)
    shelf.drop(reference.key, path)
    again = DecodeRequest(origin=reference.origin, reference=reference, copy=shelf.copy_of(reference)).run(None)
    np.testing.assert_array_equal(again.pixels, picture.pixels)
    shelf.close()
    assert not path.exists()


def test_only_files_and_samples_can_be_read_again():
    kinds = ("file", "sample", "clipboard", "output")
    assert [can_be_read_again(Origin(kind)) for kind in kinds] == [True, True, False, False]
