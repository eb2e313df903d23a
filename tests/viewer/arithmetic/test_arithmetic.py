"""The arithmetic strip: the lecture's numbers, the output's own value, the channels, what is copied."""

import numpy as np
import pytest
from msgspec.structs import replace
from PyQt6.QtCore import Qt

from kernels.kernel import Kernel
from tests.viewer.arithmetic.bench import LECTURE, LECTURE_KERNEL, SOBEL, colours


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"padding": "valid"}, [[12, 12, 17], [10, 17, 19], [9, 6, 14]]),
        ({"padding": 1, "stride": 2}, [[6, 17, 3], [8, 17, 13], [6, 4, 4]]),
    ],
)
def test_every_number_of_the_lecture(bench, options, expected):
    bench.show(LECTURE, LECTURE_KERNEL, (0, 0), **options)
    for i in range(3):
        for j in range(3):
            bench.read(i, j)
            assert bench.value == str(expected[i][j])
            assert bench.equation == f"{expected[i][j]} ÷ 1 + 0 ="


def test_the_grids_of_one_pixel(bench):
    bench.show(LECTURE, LECTURE_KERNEL, (0, 2), padding="valid")
    assert bench.grid("window") == [[2, 1, 0], [1, 3, 1], [2, 2, 3]]
    assert bench.grid("weights") == [[0, 1, 2], [2, 2, 0], [0, 1, 2]]
    assert bench.grid("products") == [[0, 1, 0], [2, 6, 0], [0, 2, 6]]
    assert "Window at y 1, x 3" in bench.titles()


def test_a_convolution_turns_the_weights(bench):
    result = bench.show(LECTURE, SOBEL, (2, 2), operation="convolution")
    assert bench.grid("weights") == [[1, 0, -1], [2, 0, -2], [1, 0, -1]]
    assert "Weights, turned by 180°" in bench.titles()
    assert bench.value == str(int(result.array[2, 2])).replace("-", "−")


def test_divisor_and_offset(bench):
    bench.show(np.full((5, 5), 90, np.uint8), Kernel(np.ones((3, 3)), divisor=-9, offset=-5.5), (2, 2))
    assert bench.equation == "810 ÷ (−9) − 5.5 ="
    assert bench.value == "−95.5"


def test_before_a_pixel_is_read(bench):
    assert bench.child("arithmeticHint").isVisible()
    assert "Hover or click a pixel" in bench.child("arithmeticHint").text()
    assert bench.strip.text() == ""
    bench.show(LECTURE, SOBEL, (2, 2))
    assert not bench.child("arithmeticHint").isVisible()
    bench.store.view(lambda session: replace(session, probe=None))
    assert bench.child("arithmeticHint").isVisible()


def test_a_place_outside_the_output_shows_nothing(bench):
    bench.show(LECTURE, SOBEL, (2, 2))
    bench.read(5, 0)
    assert bench.child("arithmeticHint").isVisible()


def test_the_last_arithmetic_stays_until_the_next_comes(bench):
    bench.show(LECTURE, LECTURE_KERNEL, (0, 0), padding="valid")
    bench.flow.is_held = True
    bench.read(1, 1)
    assert bench.value == "12"
    assert not bench.child("arithmeticHint").isVisible()
    bench.flow.is_held = False
    bench.flow.flow()
    assert bench.value == "17"


def test_arithmetic_of_another_kernel_is_never_shown(bench):
    bench.show(LECTURE, LECTURE_KERNEL, (0, 0), padding="valid")
    bench.flow.is_held = True
    bench.store.edit(lambda document: replace(document, kernel=SOBEL), "Sobel")
    assert bench.child("arithmeticHint").isVisible()
    assert bench.strip.text() == ""


def test_the_last_number_is_the_outputs_own(bench):
    pixels = LECTURE.copy()
    bench.show(pixels, SOBEL, (2, 2))
    held = bench.flow.results["filtered"]
    other = np.array(held.value.array)
    other[2, 2] = 1234.5
    bench.flow.results["filtered"] = replace(held, value=replace(held.value, array=other))
    bench.read(2, 3)
    bench.read(2, 2)
    assert bench.value == "1234.5"
    assert bench.equation.endswith("≈")


def test_what_cannot_be_computed_says_why(bench):
    bench.show(colours(), SOBEL, (2, 3))
    bench.store.edit(lambda document: replace(document, kernel=Kernel(np.ones((3, 3, 4)))), "Four channels")
    assert "4 channels" in bench.child("arithmeticHint").text()


@pytest.mark.parametrize("shape", [(3, 3), (31, 31), (2, 5)])
def test_the_value_equals_the_output_whatever_the_backend(bench, shape):
    generator = np.random.default_rng(5)
    pixels = generator.integers(0, 255, (60, 70), dtype=np.uint8)
    kernel = Kernel(generator.normal(size=shape), divisor=3)
    result = bench.show(pixels, kernel, (17, 40), border="reflect")
    assert float(bench.value.replace("−", "-")) == pytest.approx(float(result.array[17, 40]), rel=1e-5)


def number(text: str) -> float:
    return float(text.replace("−", "-"))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("divisor", "offset"), [(1, 0), (1, -0.25), (3, 0), (-7.5, 12)])
def test_what_is_shown_adds_up_as_shown(bench, seed, divisor, offset):
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 256, (20, 20)).astype(np.uint8)
    weights = rng.normal(size=(3, 3 + seed % 3))
    weights[0, 0] = 1e-5
    bench.show(pixels, Kernel(weights, divisor=divisor, offset=offset), (9, 9))
    left, sign, shown = bench.equation.split(" ")[0], bench.equation[-1], bench.value
    texts = [text for row in bench.child("productsGrid").texts() for text in row]
    assert not any(text.startswith("−0.") and number(text) == 0 for text in texts)
    assert sum(number(text) for text in texts) == pytest.approx(number(left), abs=1e-9)
    result = number(left) / divisor + offset
    places = len(shown.partition(".")[2])
    assert round(result, places) == pytest.approx(number(shown), abs=1e-12)
    assert (sign == "=") == (abs(result - number(shown)) < 1e-9)
    for name in ("weights", "products"):
        written = [text for row in bench.child(f"{name}Grid").texts() for text in row if text != "0"]
        assert len({len(text.partition(".")[2]) for text in written}) == 1


def test_the_channels_of_a_sum_add_up_as_shown(bench):
    rng = np.random.default_rng(3)
    pixels = rng.integers(0, 256, (9, 9, 3)).astype(np.uint8)
    bench.show(pixels, Kernel(rng.normal(size=(3, 3, 3))), (4, 4))
    title = next(text for text in bench.titles() if text.startswith("Sum over channels"))
    parts = [number(part.split(" ")[1]) for part in title.partition(": ")[2].split(" + ")]
    assert sum(parts) == pytest.approx(number(bench.equation.split(" ")[0]), abs=1e-9)


def test_values_that_are_not_finite_read_as_such(bench):
    pixels = np.ones((5, 5), np.float32)
    pixels[2, 2] = np.nan
    bench.show(pixels, SOBEL, (2, 2))
    assert bench.value == "NaN"
    assert bench.equation == "NaN ÷ 1 + 0 ="
    assert "NaN" in bench.strip.text()
    pixels[2, 2] = np.inf
    bench.show(pixels, Kernel([[2.0]]), (2, 2))
    assert bench.value == "∞"
    assert not bench.strip.grab().isNull()


def test_a_colour_picture_has_a_channel_to_choose(bench, qtbot):
    result = bench.show(colours(), SOBEL, (2, 3))
    chooser = bench.child("traceChannelCombo")
    assert chooser.isVisible()
    for row, name in enumerate("RGB"):
        chooser.setCurrentIndex(chooser.findData(row))
        assert chooser.currentText() == name
        assert bench.value.replace("−", "-") == str(int(result.array[2, 3, row]))
        assert bench.grid("window") == colours()[1:4, 2:5, row].tolist()
    qtbot.mouseClick(bench.child("traceChannelCombo_1"), Qt.MouseButton.LeftButton)
    assert bench.value.replace("−", "-") == str(int(result.array[2, 3, 1]))
    bench.show(LECTURE, SOBEL, (2, 2))
    assert not chooser.isVisible()


def test_a_kernel_over_channels_says_their_sum(bench):
    kernel = Kernel(np.random.default_rng(4).integers(-3, 4, (3, 3, 3)))
    result = bench.show(colours(), kernel, (2, 3))
    sums = (colours()[1:4, 2:5].astype(int) * kernel.weights).sum(axis=(0, 1)).astype(int)
    title = next(text for text in bench.titles() if text.startswith("Sum over channels"))
    for name, part in zip("RGB", sums, strict=True):
        assert f"{name} {part}".replace("-", "−") in title
    assert bench.value.replace("−", "-") == str(int(result.array[2, 3])) == str(int(sums.sum()))
    chooser = bench.child("traceChannelCombo")
    chooser.setCurrentIndex(2)
    assert bench.grid("weights") == kernel.weights[:, :, 2].tolist()
    assert bench.value.replace("−", "-") == str(int(sums.sum()))
    assert "Sum over the channels" in bench.strip.text()
