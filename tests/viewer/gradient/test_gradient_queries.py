"""The gradient as requests: the numbers of `kernels.gradient`, and what is kept when something changes."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from kernels import gradient
from kernels.errors import Cancelled
from kernels.kernel import Kernel, library
from kernels.pictures.colour_maps import BLUE, ORANGE
from kernels.pictures.picture import Origin, Picture
from viewer.pages.gradient import queries
from viewer.pages.gradient.queries import AccuracyRequest, GradientRequest, GradientSource, gradient_request
from viewer.state import Document, GradientOptions, Session, with_gradient


class Control:
    """Says how often it was asked, and gives up after a while if told so."""

    def __init__(self, patience: int | None = None) -> None:
        self.asked, self.patience, self.shares = 0, patience, []

    def cancelled(self) -> bool:
        self.asked += 1
        return self.patience is not None and self.asked > self.patience

    def progress(self, fraction: float) -> None:
        self.shares.append(fraction)


def colour_picture(height: int = 37, width: int = 53) -> Picture:
    pixels = np.random.default_rng(5).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Picture(pixels, origin=Origin("sample", None, "noise"))


def run(source: GradientSource, colours: str = "hue", **changes: Any) -> queries.GradientResult:
    options = replace(GradientOptions(), **changes)
    return GradientRequest(source=source, options=options, colours=colours).run(Control())


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"operator": "roberts", "sigma": 0.0},
        {"operator": "scharr", "scaling": "per-pixel", "norm": "l1"},
        {"operator": "sobel-7", "colour": "strongest", "norm": "max"},
        {"operator": "prewitt", "colour": "structure-tensor", "sigma": 0.7},
    ],
)
def test_the_numbers_are_those_of_the_engine(changes: dict[str, Any]) -> None:
    picture = colour_picture()
    found = run(GradientSource(picture), **changes).gradient
    options = {"sigma": 1.0, **changes}
    expected = gradient(picture.pixels, options.pop("operator", "sobel"), **options)
    for name in ("gx", "gy", "magnitude", "direction"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))


def test_the_gaussian_derivative_has_a_width_of_its_own() -> None:
    picture = colour_picture()
    found = run(GradientSource(picture), operator="gaussian", derivative_sigma=1.7, sigma=0.0).gradient
    expected = gradient(picture.pixels, "gaussian(sigma=1.7)")
    np.testing.assert_array_equal(found.gx, expected.gx)


def test_the_kernel_in_the_editor_is_joined_by_its_transpose() -> None:
    picture = colour_picture()
    kernel = library.get("sobel-y")
    document = replace(with_gradient(Document(), operator="kernel", sigma=0.0), kernel=kernel)
    result = gradient_request(document, Session(), GradientSource(picture)).run(Control())
    expected = gradient(picture.pixels, "sobel")
    np.testing.assert_allclose(result.gradient.gx, expected.gx, atol=1e-3)
    np.testing.assert_allclose(result.gradient.gy, expected.gy, atol=1e-3)


def test_a_kernel_that_is_no_derivative_cannot_be_scaled_per_pixel() -> None:
    options = GradientOptions(operator="kernel", scaling="per-pixel")
    request = GradientRequest(source=GradientSource(colour_picture()), options=options, kernel=Kernel(np.ones((3, 3))))
    with pytest.raises(ValueError, match="per-pixel"):
        request.run(Control())


def test_a_norm_or_a_threshold_measures_nothing_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    source = GradientSource(colour_picture())
    first = run(source)

    def refuse(*_arguments: object, **_named: object) -> None:
        raise AssertionError("measured again")

    monkeypatch.setattr(queries, "run_gradient", refuse)
    assert run(source, norm="l1").gradient.gx is first.gradient.gx
    assert run(source, low=10.0, high=200.0).gradient.gx is first.gradient.gx
    assert run(source, colours="twilight").gradient.gx is first.gradient.gx
    with pytest.raises(AssertionError, match="measured again"):
        run(source, sigma=2.0)


def test_a_threshold_paints_only_the_edges_anew() -> None:
    source = GradientSource(colour_picture())
    first, second = run(source), run(source, high=200.0)
    for name in ("gx", "gy", "magnitude", "direction"):
        assert second.images[name] is first.images[name]
    assert second.images["edges"] is not first.images["edges"]
    np.testing.assert_array_equal(second.edges, second.gradient.edges(*second.thresholds))


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (None, None, (20.0, 50.0)),
        (30.0, None, (30.0, 50.0)),
        (80.0, None, (80.0, 80.0)),
        (None, 10.0, (10.0, 10.0)),
        (60.0, 40.0, (60.0, 60.0)),
    ],
)
def test_low_never_exceeds_high(low: float | None, high: float | None, expected: tuple[float, float]) -> None:
    assert queries._in_order(low, high, (20.0, 50.0)) == expected


def test_chosen_thresholds_find_edges_and_lie_in_reach() -> None:
    step = np.zeros((30, 40), np.uint8)
    step[:, 20:] = 200
    result = run(GradientSource(Picture(step)))
    low, high = result.chosen
    assert 0 < low < high <= result.largest
    assert result.edges.any(axis=1).all()
    assert result.thresholds == result.chosen


def test_a_flat_picture_has_no_direction() -> None:
    result = run(GradientSource(Picture(np.full((20, 30), 77, np.uint8))))
    assert result.is_flat
    assert result.largest == 0
    assert result.thresholds == (0.0, 0.0)
    assert not result.edges.any()
    assert np.isnan(result.gradient.direction).all()
    assert result.rose.sum() == 0


def test_signed_panes_are_neutral_at_zero_and_blue_below_it() -> None:
    ramp = np.tile(np.r_[np.arange(0, 60, 3), np.arange(60, 0, -3)].astype(np.uint8), (12, 1))
    result = run(GradientSource(Picture(ramp)), sigma=0.0)
    gx = result.images["gx"][0]
    assert tuple(gx[6, 10]) == ORANGE
    assert tuple(gx[6, 30]) == BLUE
    assert (result.images["gy"][0] == 0xF2).all()


@pytest.mark.parametrize(("operator", "place"), [("sobel", (0, 0, 9, 11)), ("roberts", (0.5, 0.5, 9, 11))])
def test_even_operators_lie_between_the_pixels(operator: str, place: tuple[float, ...]) -> None:
    assert run(GradientSource(colour_picture(9, 11)), operator=operator).place == place


def test_the_rose_sums_the_magnitudes_around_each_direction() -> None:
    ramp = np.add.outer(2.0 * np.arange(30), np.zeros(20)).astype(np.float32)
    result = run(GradientSource(Picture(ramp, white=60.0)), sigma=0.0)
    assert result.sectors[int(result.rose.argmax())] == 90.0
    assert result.rose.sum() == pytest.approx(result.gradient.magnitude.sum(), rel=1e-5)
    assert result.sector_colours.shape == (len(result.rose), 3)
    assert result.wheel.shape[2] == 4


def test_pictures_that_are_not_finite_everywhere_are_measured_elsewhere() -> None:
    pixels = np.random.default_rng(2).random((20, 20)).astype(np.float32)
    pixels[5, 5] = np.nan
    result = run(GradientSource(Picture(pixels, white=1.0)), sigma=0.0)
    assert result.non_finite == 9
    assert np.isfinite([result.largest, result.white, result.signed_level]).all()


def test_it_can_be_stopped_at_every_step_and_goes_on_from_there() -> None:
    source = GradientSource(colour_picture())
    request = GradientRequest(source=source, options=GradientOptions())
    for patience in range(50):
        try:
            result = request.run(Control(patience))
        except Cancelled:
            continue
        break
    else:
        raise AssertionError("never came to an end")
    assert patience > 3
    np.testing.assert_array_equal(result.gradient.gx, run(GradientSource(source.picture)).gradient.gx)


def test_it_says_how_far_it_is() -> None:
    control = Control()
    GradientRequest(source=GradientSource(colour_picture()), options=GradientOptions()).run(control)
    assert control.shares == sorted(control.shares)
    assert 0 < control.shares[0] < control.shares[-1] <= 1


def test_thin_lines_keep_their_brightness_in_smaller_copies() -> None:
    edges = np.zeros((1200, 1300), bool)
    edges[:, 600] = True
    images = queries._edge_images(edges)
    assert len(images) > 1
    for image in images:
        assert image.max(axis=1).min() == 255


def test_every_operator_is_judged_and_scharr_points_better_than_sobel_and_sobel_than_prewitt() -> None:
    result = AccuracyRequest(kernel=library.get("sobel-x")).run(Control())
    worst = {each.name: each.rows[0].max_angle for each in result.operators}
    assert worst["scharr"] < worst["sobel"] < worst["prewitt"]
    assert worst["kernel"] == worst["sobel"]
    assert result.refusal == ""
    for each in result.operators:
        assert len(each.rows) == len(result.operators[0].rows)
        assert each.worst_angles.shape == each.frequencies.shape


def test_a_kernel_that_cannot_be_judged_is_left_out_and_said_so() -> None:
    result = AccuracyRequest(kernel=Kernel(np.ones((3, 3)))).run(Control())
    assert "kernel" not in [each.name for each in result.operators]
    assert result.refusal
