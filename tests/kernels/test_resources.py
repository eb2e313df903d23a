"""Samples: all are there, listed with their licence, and the patterns are what their formulas say."""

import re

import numpy as np
import pytest

from kernels import resources
from kernels.pictures import synthetic
from kernels.pictures.reading import open_sample

CHANNELS = {"camera": 2, "brick": 2, "gravel": 2, "ascent": 2, "coffee": 3, "chelsea": 3, "astronaut": 3, "rocket": 3}


def test_there_are_enough_samples_with_good_names():
    names = resources.sample_names()
    assert len(names) == len(set(names)) >= 14
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) for name in names)
    assert {sample.group for sample in resources.SAMPLES} == {"Photographs", "Test patterns"}
    patterns = {sample.name for sample in resources.SAMPLES if sample.file is None}
    assert patterns == set(synthetic.MAKERS)
    assert set(synthetic.WHITE_LEVELS) <= patterns


@pytest.mark.parametrize("name", resources.sample_names())
def test_every_sample_opens(name):
    picture = open_sample(name)
    assert picture.origin.kind == "sample"
    assert picture.origin.name == name
    assert picture.non_finite == 0
    assert picture.alpha is None
    assert picture.pixels.dtype == np.uint8
    assert picture.white == (3 if name == "lecture-5x5" else 255)
    assert len(picture.shape) == CHANNELS.get(name, len(picture.shape))
    assert np.ptp(picture.pixels) > 0
    assert resources.sample(name).credit
    assert (resources.sample(name).file is None) == (name in synthetic.MAKERS)


def test_every_file_is_listed_with_author_and_licence():
    folder = resources.asset("images")
    files = {path.name for path in folder.iterdir()} - {"README.md"}
    assert files == {sample.file for sample in resources.SAMPLES if sample.file is not None}
    rows = [line for line in (folder / "README.md").read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    listed = {}
    for row in rows:
        file, _, author, _, licence = (cell.strip(" `") for cell in row.strip("|").split(" | "))
        listed[file] = (author, licence.strip(" |"))
    assert set(listed) == files
    assert all(author and licence in ("CC0 1.0", "public domain") for author, licence in listed.values())


def test_assets_inside_the_package_come_first(tmp_path, monkeypatch):
    package = tmp_path / "site" / "kernels"
    package.mkdir(parents=True)
    (tmp_path / "site" / "assets").mkdir()
    monkeypatch.setattr(resources, "__file__", str(package / "resources.py"))
    resources.assets.cache_clear()
    try:
        assert resources.assets() == tmp_path / "site" / "assets"
        (package / "assets").mkdir()
        resources.assets.cache_clear()
        assert resources.assets() == package / "assets"
        (package / "assets").rmdir()
        (tmp_path / "site" / "assets").rmdir()
        resources.assets.cache_clear()
        with pytest.raises(FileNotFoundError, match="missing"):
            resources.assets()
    finally:
        resources.assets.cache_clear()


def test_lecture_grid():
    grid = synthetic.lecture_grid()
    assert grid.shape == (10, 10)
    assert np.count_nonzero(grid) == 25
    assert set(np.unique(grid)) == {0, 90}
    assert grid[5, 4] == 0
    assert grid[8, 2] == 90
    example = [[3, 3, 2, 1, 0], [0, 0, 1, 3, 1], [3, 1, 2, 2, 3], [2, 0, 0, 2, 2], [2, 0, 0, 0, 1]]
    assert synthetic.lecture_example().tolist() == example


def test_simple_patterns():
    impulse = synthetic.impulse()
    assert np.argwhere(impulse).tolist() == [[32, 32]]
    assert impulse[32, 32] == 255
    assert (np.diff(synthetic.ramp().astype(int), axis=1) == 1).all()
    step = np.diff(synthetic.step().astype(int), axis=1)
    assert np.unique(np.argwhere(step)[:, 1]).tolist() == [127]
    board = synthetic.checkerboard()
    assert board[0, 0] == 0
    assert (board[:16, 16:32] == 255).all()
    assert (board == board.T).all()
    np.testing.assert_array_equal(board[16:], 255 - board[:-16])


def test_disc_has_the_right_area_and_symmetry():
    disc = synthetic.disc()
    assert disc.sum() / 255 == pytest.approx(np.pi * 80**2, rel=1e-3)
    for turned in (np.fliplr(disc), np.flipud(disc), disc.T):
        np.testing.assert_array_equal(disc, turned)


def test_zone_plate_reaches_nyquist_at_the_edge():
    plate = synthetic.zone_plate().astype(int)
    row = plate[128]
    assert np.abs(np.diff(row[:4])).min() > 250
    assert np.abs(np.diff(row[126:131])).max() <= 5
    assert row[128] == 255
    for y, x in ((30, 40), (40, -30), (-48, 14), (0, -50)):
        assert plate[128 + y, 128 + x] == row[128 + 50]  # rings
    assert row[128 + 12] == round(127.5 * (1 + np.cos(np.pi * 144 / 256)))


def test_siemens_star_has_36_spokes():
    star = synthetic.siemens_star().astype(float)
    angles = np.deg2rad(np.arange(0, 360, 0.25))
    ring = star[np.rint(127.5 + 100 * np.sin(angles)).astype(int), np.rint(127.5 + 100 * np.cos(angles)).astype(int)]
    assert np.argmax(np.abs(np.fft.rfft(ring - ring.mean()))) == 36


def test_noise_is_always_the_same():
    noise = synthetic.noise()
    np.testing.assert_array_equal(noise, synthetic.noise())
    assert noise.mean() == pytest.approx(128, abs=0.5)
    assert noise.std() == pytest.approx(32, abs=0.5)
    assert noise[0, :6].tolist() == [149, 167, 159, 161, 90, 178]  # in every version of NumPy and on every machine


def test_noise_is_gaussian_and_its_pixels_know_nothing_of_each_other():
    values = (synthetic.noise().astype(float) - 128) / 32
    for deviations, share in ((1, 0.6827), (2, 0.9545)):
        assert np.mean(np.abs(values) < deviations) == pytest.approx(share, abs=0.01)
    for neighbour in (values[:, 1:], values[1:]):
        own = values[: neighbour.shape[0], : neighbour.shape[1]]
        assert abs(np.mean(own * neighbour)) < 0.02
