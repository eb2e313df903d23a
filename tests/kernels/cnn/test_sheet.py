"""Filters as pictures, and ``kernelscope filters``."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kernels import cnn
from kernels.cnn import sheet
from kernels.cnn.network import Network
from kernels.cnn.painting import DIVERGING, LINE_GREY, filter_picture, filter_pictures, spectrum_picture
from kernels.commands import cli
from kernels.pictures import display
from kernels.pictures.colour_maps import BLUE, NEUTRAL, ORANGE


def test_one_channel_diverges_around_0() -> None:
    filters = np.array([[[-2.0, 0.0, 2.0]], [[1.0, -1.0, 0.0]]], np.float32)[..., np.newaxis]
    first, second = filter_pictures(filters, common_scale=False)
    np.testing.assert_array_equal(first[0], [BLUE, NEUTRAL, ORANGE])
    np.testing.assert_array_equal(second[0], [ORANGE, BLUE, NEUTRAL])
    _, weaker = filter_pictures(filters, common_scale=True)
    assert all(abs(int(weaker[0, 0, k]) - (NEUTRAL[k] + ORANGE[k]) / 2) <= 2 for k in range(3))


def test_three_channels_are_colours_about_grey() -> None:
    filters = np.zeros((1, 2, 2, 3), np.float32)
    filters[0, 0, 1] = (4.0, -4.0, 2.0)
    (picture,) = filter_pictures(filters, common_scale=True)
    assert picture[0, 1].tolist() == [255, 0, 191]
    assert picture[1, 0].tolist() == [128, 128, 128]


def test_the_channels_of_deeper_filters_stand_in_rows() -> None:
    filters = np.zeros((2, 3, 3, 5), np.float32)
    filters[0, 0, 0, 4] = 1
    first, _ = filter_pictures(filters, common_scale=True)
    assert first.shape == (2 * 12 + 1, 3 * 12 + 2, 3)
    assert first[13, 13].tolist() == list(ORANGE)
    assert first[0, 0].tolist() == list(NEUTRAL)
    assert (first[12] == LINE_GREY).all()
    assert filter_picture(np.ones((3, 3, 512))).shape == (23 * 4 - 1, 23 * 4 - 1, 3)


def test_the_spectrum_of_a_mean_passes_what_is_slow() -> None:
    picture = spectrum_picture(np.ones((5, 5)))
    brightness = picture.sum(axis=2)
    assert picture.shape == (64, 64, 3)
    assert brightness.argmax() == 32 * 64 + 32
    assert (spectrum_picture(np.zeros((3, 3, 3))) == picture.min(axis=(0, 1))).all()


def test_a_filter_of_zeros_is_neutral() -> None:
    for channels, neutral in ((1, list(NEUTRAL)), (3, [128, 128, 128])):
        (picture,) = filter_pictures(np.zeros((1, 2, 2, channels), np.float32), common_scale=False)
        assert picture[0, 0].tolist() == neutral


@pytest.mark.parametrize("common_scale", [True, False])
def test_responses_are_painted_about_0(small: Network, common_scale: bool) -> None:
    image = np.random.default_rng(0).integers(0, 256, (30, 20), dtype=np.uint8)
    responses = small.responses(image)
    reaches = np.abs(responses).max(axis=(1, 2))
    for index, picture in enumerate(sheet.response_pictures(small, image, common_scale=common_scale, longest=28)):
        assert picture.shape == (28, 18, 3)
        reach = reaches.max() if common_scale else reaches[index]
        expected = display.render(responses[index], (-reach, reach), "signed", DIVERGING)
        np.testing.assert_allclose(picture.astype(int), expected.astype(int), atol=1)


def test_responses_are_brought_to_the_size_of_the_sheet(small: Network) -> None:
    image = np.random.default_rng(0).integers(0, 256, (300, 20), dtype=np.uint8)
    reduced = sheet.response_pictures(small, image, longest=149)
    assert [picture.shape for picture in reduced] == [(149, 9, 3)] * 4
    enlarged = sheet.response_pictures(small, image[:10], longest=60)
    assert [picture.shape for picture in enlarged] == [(24, 54, 3)] * 4
    np.testing.assert_array_equal(enlarged[1][:3, :3], np.broadcast_to(enlarged[1][0, 0], (3, 3, 3)))


def test_a_caption_stands_below_its_picture() -> None:
    picture = np.full((8, 6, 3), 200, np.uint8)
    found = sheet.captioned(picture, "3  colour edge −87°")
    assert found.shape[0] == 8 + sheet.LINE
    assert found.shape[1] > 60
    np.testing.assert_array_equal(found[:8, :6], picture)
    below, beside = found[8:], found[:8, 6:]
    assert (beside == sheet.GROUND).all()
    assert (below != sheet.GROUND).any()
    assert (below[-1] == sheet.GROUND).all()
    wide = sheet.captioned(np.full((8, 400, 3), 200, np.uint8), "3")
    assert wide.shape == (8 + sheet.LINE, 400, 3)


def test_the_sheet_holds_every_picture() -> None:
    pictures = [np.full((4, 6, 3), value, np.uint8) for value in range(100, 111)]
    page = sheet.grid(pictures, gap=2)
    assert set(range(100, 111)) <= set(np.unique(page))
    assert (page[:2] == sheet.GROUND).all()
    mixed = sheet.grid([np.full((4, 6, 3), 90, np.uint8), np.full((5, 3, 3), 91, np.uint8)], gap=1)
    assert np.count_nonzero(mixed[:, :, 0] == 90) == 24
    assert np.count_nonzero(mixed[:, :, 0] == 91) == 15


@pytest.fixture
def weights(small: Network, tmp_path: Path) -> Path:
    path = tmp_path / "small.npz"
    cnn.save(path, small, data="bars")
    return path


def test_the_command_draws_filters_and_responses(
    weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    alone, both = tmp_path / "alone.png", tmp_path / "both.png"
    assert cli.main(["filters", str(weights), "-o", str(alone)]) == 0
    assert "small, convolution layer 0, 4 filters of 3 × 3 × 1" in capsys.readouterr().out
    assert cli.main(["filters", str(weights), "--image", "lecture-grid", "--scale", "all", "-o", str(both)]) == 0
    with Image.open(alone) as first, Image.open(both) as second:
        assert first.mode == second.mode == "RGB"
        assert second.width > first.width


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--layer", "1"], "--layer is '1'; small has the convolution layers 0 to 0"),
        (["--scale", "some"], "--scale is 'some'"),
        (["--image", "nowhere.png"], "nowhere.png"),
        (["-o", "sheet.txt"], "its name must end in"),
    ],
)
def test_wrong_usage(
    weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[str], words: str
) -> None:
    target = tmp_path / "sheet.png"
    assert cli.main(["filters", str(weights), "-o", str(target), *more]) == 2
    message = capsys.readouterr().err
    assert words in message
    assert message.count("\n") == 1
    assert not target.exists()


def test_the_weights_are_never_overwritten(weights: Path, capsys: pytest.CaptureFixture[str]) -> None:
    disguised = weights.rename(weights.with_suffix(".png"))
    before = disguised.read_bytes()
    assert cli.main(["filters", str(disguised), "-o", str(disguised)]) == 2
    assert "input itself" in capsys.readouterr().err
    assert disguised.read_bytes() == before


def test_a_network_without_convolutions_has_no_filters(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["filters", "mlp", "-o", str(tmp_path / "sheet.png")]) == 2
    assert "has no convolution layer" in capsys.readouterr().err
