"""Few colours for many: which ones are chosen, and what each becomes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.pictures.palette import ShownColours, chosen_colours, nearest_colours, packed, unpacked

RANDOM = np.random.default_rng(12)


def some(count: int, seed: int = 1) -> npt.NDArray[np.uint32]:
    return np.unique(np.random.default_rng(seed).integers(0, 1 << 24, count).astype(np.uint32))


def test_packing_is_the_number_of_a_colour_in_hexadecimal() -> None:
    pixels = RANDOM.integers(0, 256, (4, 5, 3)).astype(np.uint8)
    np.testing.assert_array_equal(unpacked(packed(pixels)), pixels)
    assert packed(np.array([[0x2A, 0x6F, 0xDB]], np.uint8)).tolist() == [0x2A6FDB]


@given(st.integers(2, 256), st.integers(1, 800), st.integers(0, 256), st.integers(0, 1000))
@settings(max_examples=40, deadline=None)
def test_there_are_never_more_than_there_is_room_for(room: int, others: int, greys: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    grey = random.choice(256, greys, replace=False).astype(np.uint32) * np.uint32(0x010101)
    colours = np.union1d(some(others, seed), grey)
    counts = random.integers(1, 1000, len(colours))
    chosen = chosen_colours(colours, counts, room)
    assert len(chosen) <= room
    assert len(np.unique(chosen)) == len(chosen)
    if len(colours) <= room:
        np.testing.assert_array_equal(chosen, colours)
    else:
        assert np.isin(chosen, grey).sum() >= min(greys, room // 4)


def test_what_covers_areas_is_kept() -> None:
    colours = some(5000)
    counts = np.ones(len(colours), np.int64)
    often = RANDOM.choice(len(colours), 40, replace=False)
    counts[often] = 500
    assert np.isin(colours[often], chosen_colours(colours, counts, 256)).all()


def test_the_nearest_colour_is_the_nearest_and_greys_go_to_greys() -> None:
    colours, palette = some(700), np.append(some(30, 2), [0x000000, 0x808080, 0xFFFFFF]).astype(np.uint32)
    apart = unpacked(colours)[:, None].astype(float) - unpacked(palette)[None]
    distance = (apart**2).sum(axis=2)
    found = nearest_colours(colours, palette)
    chosen = ((unpacked(colours).astype(float) - unpacked(found)) ** 2).sum(axis=1)
    grey = (unpacked(colours) == unpacked(colours)[:, :1]).all(axis=1)
    np.testing.assert_array_equal(chosen[~grey], distance.min(axis=1)[~grey])
    greys = np.arange(256, dtype=np.uint32) * np.uint32(0x010101)
    assert set(nearest_colours(greys, np.append(palette, greys[100] + 1).astype(np.uint32)).tolist()) == {
        0x000000,
        0x808080,
        0xFFFFFF,
    }


def test_a_colour_is_shown_as_the_same_for_good() -> None:
    shown = ShownColours()
    first = some(3000)
    palette, numbers = shown.indexed(first, 256)
    again, other = shown.indexed(first[::7], 255)
    np.testing.assert_array_equal(again[other], palette[numbers][::7])
    assert len(palette) <= 256
    fresh = np.array([0x123456], np.uint32)
    assert shown.indexed(np.append(first[:50], fresh), 255)[0].tolist().count(0x123456) == 1


@pytest.mark.parametrize("room", [2, 255])
def test_no_pixels_are_no_colours(room: int) -> None:
    palette, numbers = ShownColours().indexed(np.empty(0, np.uint32), room)
    assert (len(palette), len(numbers)) == (0, 0)
