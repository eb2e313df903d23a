"""What the Gradient workspace wants: the numbers of `kernels.gradient`, and what is kept when something changes."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from kernels import gradient
from kernels.errors import Cancelled
from kernels.gradients.operators import OPERATORS
from kernels.kernel import Kernel, library
from kernels.pictures.colour_maps import BLUE, ORANGE
from kernels.pictures.picture import Picture
from viewer.document import Document, GradientOptions, with_gradient
from viewer.moment import Moment, Query
from viewer.page_views import GradientView, Sight
from viewer.pages.gradient import accuracy, queries
from viewer.pages.gradient.painting import DERIVED, sector_colours, thresholds_of
from viewer.pages.gradient.queries import EDGES, GRADIENT, NUMBERS, PANES, WHEEL
from viewer.session import Session
from viewer.shelf import open_result
from viewer.state import State

Make = Callable[..., Any]


def colour_picture(height: int = 37, width: int = 53) -> Picture:
    pixels = np.random.default_rng(5).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Picture(pixels)


@pytest.fixture
def make(make_flow: Any) -> Make:
    """Open a picture with some options; the accuracy is left out."""

    def run(picture: Picture | np.ndarray, **changes: Any) -> Any:
        def wanted(moment: Moment) -> list[Query[Any]]:
            return [each for each in queries.queries(moment) if each.purpose.lane != "accuracy"]

        flow = make_flow(State(with_gradient(Document(), **changes), Session(workspace="gradient")), wanted)
        flow.open(picture)
        return flow

    return run


def change(flow: Any, **changes: Any) -> list[str]:
    """Change options; returns what was made for it."""
    before = len(flow.made)
    flow.store.edit(lambda document: with_gradient(document, **changes), "test")
    return list(flow.made[before:])


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
def test_the_numbers_are_those_of_the_engine(make: Make, changes: dict[str, Any]) -> None:
    picture = colour_picture()
    panes = make(picture, **changes).moment.value(PANES)
    options = {"sigma": 1.0, **changes}
    expected = gradient(picture.pixels, options.pop("operator", "sobel"), **options)
    for name in ("gx", "gy", "magnitude", "direction"):
        np.testing.assert_array_equal(getattr(panes.gradient, name), getattr(expected, name))
        np.testing.assert_array_equal(panes.painted[name].values[:, :], getattr(expected, name))


def test_directions_are_worked_out_where_they_are_read() -> None:
    found = gradient(np.random.default_rng(4).normal(size=(9, 8)))
    directions = found.directions
    np.testing.assert_array_equal(directions[2:7, ::3], found.direction[2:7, ::3])
    assert directions[4, 5] == found.direction[4, 5]
    ramp = gradient(np.tile(np.arange(9.0)[::-1], (9, 1)))
    assert ramp.directions[4, 4] == -180.0
    assert np.isnan(gradient(np.ones((5, 5))).directions[2, 2])


def test_the_gaussian_derivative_has_a_width_of_its_own(make: Make) -> None:
    picture = colour_picture()
    found = make(picture, operator="gaussian", derivative_sigma=1.7, sigma=0.0).moment.value(GRADIENT)
    np.testing.assert_array_equal(found.gx, gradient(picture.pixels, "gaussian(sigma=1.7)").gx)


def test_the_kernel_in_the_editor_is_joined_by_its_transpose(make: Make) -> None:
    picture = colour_picture()
    flow = make(picture, operator="kernel", sigma=0.0)
    flow.store.edit(lambda document: replace(document, kernel=library.get("sobel-y"), preset=None), "test")
    found, expected = flow.moment.value(GRADIENT), gradient(picture.pixels, "sobel")
    np.testing.assert_allclose(found.gx, expected.gx, atol=1e-3)
    np.testing.assert_allclose(found.gy, expected.gy, atol=1e-3)


@pytest.mark.parametrize(
    ("kernel", "scaling", "right"),
    [
        (Kernel(np.ones((3, 3)), name="Box"), "per-pixel", "choose “As written”"),
        (Kernel(np.ones((3, 3, 3))), "as-written", "open the luma"),
    ],
)
def test_a_kernel_that_is_no_operator_is_refused_in_plain_words(
    make: Make, kernel: Kernel, scaling: str, right: str
) -> None:
    flow = make(colour_picture(), operator="kernel", scaling=scaling)
    good = flow.moment.value(PANES)
    flow.store.edit(lambda document: replace(document, kernel=kernel, preset=None), "test")
    failure = flow.moment.failure(PANES)
    assert right in failure.sentence
    assert "'" not in failure.sentence
    assert flow.moment.value(PANES) is good
    change(flow, operator="sobel")
    assert flow.moment.failure(PANES) is None


def test_a_norm_or_a_threshold_measures_nothing_anew(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    flow = make(colour_picture())
    first = flow.moment.value(GRADIENT)

    def refuse(*_arguments: object, **_named: object) -> None:
        raise ValueError("measured again")

    monkeypatch.setattr(queries, "run_gradient", refuse)
    change(flow, norm="l1")
    assert flow.moment.value(GRADIENT).gx is first.gx
    assert change(flow, low=10.0, high=200.0) == ["edges"]
    flow.store.view(lambda session: replace(session, gradient=GradientView(direction_colours="twilight")))
    assert flow.moment.value(GRADIENT).gx is first.gx
    assert flow.moment.failure(PANES) is None
    change(flow, sigma=2.0)
    assert flow.moment.failure(PANES).sentence == "measured again"


def test_what_is_still_good_is_not_painted_anew(make: Make) -> None:
    flow = make(colour_picture())
    first = flow.moment.value(PANES).painted
    change(flow, norm="l1")
    second = flow.moment.value(PANES).painted
    assert [second[name] is first[name] for name in DERIVED] == [
        True,
        True,
        False,
        False,
    ]
    flow.store.view(lambda session: replace(session, gradient=GradientView(direction_colours="twilight")))
    third = flow.moment.value(PANES).painted
    assert [third[name] is second[name] for name in DERIVED] == [True, True, True, False]


def test_the_panes_come_before_edges_and_numbers(make: Make) -> None:
    made = make(colour_picture()).made
    assert made[0] == "gradient panes"
    assert {"edges", "gradient numbers"} <= set(made[1:])


def test_edges_follow_the_gradient_that_is_on_screen(make: Make) -> None:
    flow = make(colour_picture())
    shown = flow.moment.value(PANES)
    flow.is_held = True
    change(flow, sigma=2.0, low=5.0)
    wanted = next(each for each in queries.queries(flow.moment) if each.purpose is EDGES)
    assert wanted.key[0] is shown.gradient  # type: ignore[index]
    flow.is_held = False
    flow.flow()
    assert flow.moment.value(EDGES).gradient is flow.moment.value(PANES).gradient


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
    assert thresholds_of(GradientOptions(low=low, high=high), (20.0, 50.0)) == expected


def test_chosen_thresholds_find_edges_and_lie_in_reach(make: Make) -> None:
    step = np.zeros((30, 40), np.uint8)
    step[:, 20:] = 200
    moment = make(step).moment
    edges, (low, high) = moment.value(EDGES), moment.value(PANES).scale.chosen
    assert 0 < low < high <= moment.value(NUMBERS).largest
    assert edges.mask.any(axis=1).all()
    assert edges.thresholds == (low, high)


def test_a_line_that_a_sample_misses_is_no_flat_picture(make: Make) -> None:
    pixels = np.zeros((700, 700), np.float32)
    pixels[2, 3] = 1.0  # between the rows that are looked at first
    scale = make(Picture(pixels, white=1.0), sigma=0.0).moment.value(PANES).scale
    assert 0 < scale.chosen[0] <= scale.chosen[1]
    assert scale.white > 1


def test_a_flat_picture_has_no_direction(make: Make) -> None:
    moment = make(np.full((20, 30), 77, np.uint8)).moment
    numbers = moment.value(NUMBERS)
    assert numbers.largest == 0
    assert moment.value(EDGES).thresholds == (0.0, 0.0)
    assert not moment.value(EDGES).mask.any()
    assert np.isnan(moment.value(GRADIENT).direction).all()
    assert moment.value(NUMBERS).rose.sum() == 0


def test_signed_panes_are_neutral_at_zero_and_blue_below_it(make: Make) -> None:
    ramp = np.tile(np.r_[np.arange(0, 60, 3), np.arange(60, 0, -3)].astype(np.uint8), (12, 1))
    painted = make(ramp, sigma=0.0).moment.value(PANES).painted
    assert tuple(painted["gx"].image[6, 10]) == ORANGE
    assert tuple(painted["gx"].image[6, 30]) == BLUE
    assert (painted["gy"].image == 0xF2).all()


@pytest.mark.parametrize(("operator", "where"), [("sobel", (0, 0, 9, 11)), ("roberts", (0.5, 0.5, 9, 11))])
def test_even_operators_lie_between_the_pixels(make: Make, operator: str, where: tuple[float, ...]) -> None:
    assert make(colour_picture(9, 11), operator=operator).moment.value(GRADIENT).area == where


def test_the_rose_sums_the_magnitudes_around_each_direction(make: Make) -> None:
    ramp = np.add.outer(2.0 * np.arange(30), np.zeros(20)).astype(np.float32)
    moment = make(Picture(ramp, white=60.0), sigma=0.0).moment
    numbers = moment.value(NUMBERS)
    assert numbers.sectors[int(numbers.rose.argmax())] == 90.0
    assert numbers.rose.sum() == pytest.approx(moment.value(GRADIENT).magnitude.sum(), rel=1e-5)
    assert sector_colours(numbers.sectors, "hue").shape == (len(numbers.rose), 3)
    assert moment.value(WHEEL).shape[2] == 4


def test_pictures_that_are_not_finite_everywhere_are_measured_elsewhere(make: Make) -> None:
    pixels = np.random.default_rng(2).random((20, 20)).astype(np.float32)
    pixels[5, 5] = np.nan
    moment = make(Picture(pixels, white=1.0), sigma=0.0).moment
    numbers, scale = moment.value(NUMBERS), moment.value(PANES).scale
    assert numbers.non_finite == 9
    assert not numbers.is_unknown
    assert np.isfinite([numbers.largest, scale.white, scale.signed]).all()


class Patient:
    """Work that is cancelled after it was asked a number of times."""

    def __init__(self, patience: int) -> None:
        self.asked, self.patience, self.shares, self.held = 0, patience, [], {}

    def cancelled(self) -> bool:
        self.asked += 1
        return self.asked > self.patience

    def progress(self, fraction: float) -> None:
        self.shares.append(fraction)

    def has(self, query: Query[Any]) -> bool:
        return (query.purpose.name, query.key) in self.held

    def need(self, query: Query[Any]) -> Any:
        if not self.has(query):
            self.held[query.purpose.name, query.key] = query.make(self)
        return self.held[query.purpose.name, query.key]


def test_it_can_be_stopped_at_every_step_and_goes_on_from_there(make: Make) -> None:
    flow = make(colour_picture())
    picture = open_result(flow.moment)
    work, query = Patient(0), queries.panes_query(flow.moment.state, picture)
    for patience in range(50):
        work.asked, work.patience = 0, patience
        try:
            panes = query.make(work)
        except Cancelled:
            continue
        break
    else:
        raise AssertionError("never came to an end")
    assert patience > 1
    np.testing.assert_array_equal(panes.gradient.gx, flow.moment.value(GRADIENT).gx)
    assert work.shares == sorted(work.shares)
    assert 0 < work.shares[0] <= work.shares[-1] <= 1


def line(flow: Any) -> np.ndarray:
    return flow.moment.value(EDGES).painted.on_screen


def test_thin_lines_keep_their_brightness_when_the_view_is_minified(make: Make) -> None:
    pixels = np.zeros((1200, 1300), np.uint8)
    pixels[:, 600:] = 200
    flow = make(pixels)
    sight = Sight(2, (0, 1200), (0, 1300), 0.2)
    flow.store.view(lambda session: replace(session, gradient=GradientView(sight=sight)))
    change(flow, low=5.0)
    assert line(flow).shape[:2] == (240, 260)
    assert (line(flow).max(axis=1) == 0xFFFFFFFF).all()


def test_what_is_in_sight_of_a_large_picture_is_painted_exactly(make: Make) -> None:
    pixels = np.random.default_rng(8).integers(0, 256, (1400, 1500), dtype=np.uint8)
    flow = make(pixels)
    whole = flow.moment.value(PANES)
    assert whole.painted["gx"].image.shape[:2] == (700, 750)
    assert flow.moment.value(queries.PATCHES) is None
    sight = Sight(-1, (256, 512), (512, 768))
    flow.store.view(lambda session: replace(session, gradient=GradientView(sight=sight)))
    patches = flow.moment.value(queries.PATCHES)
    for name, patch in patches.items():
        assert (patch.rows, patch.columns) == ((256, 512), (512, 768)), name
        assert patch.image.shape[:2] == (256, 256)
    edges = flow.moment.value(queries.EDGES_PATCH)
    np.testing.assert_array_equal(edges.image == 255, flow.moment.value(EDGES).mask[256:512, 512:768])


# -- accuracy ----------------------------------------------------------------------------------------------------------


def judge(make_flow: Any, kernel: Kernel) -> Moment:
    state = State(replace(Document(), kernel=kernel), Session(gradient=GradientView(comparison=True)))
    flow = make_flow(state, lambda moment: accuracy.queries(moment.state))
    flow.flow()
    return flow.moment


def test_every_operator_is_judged_and_scharr_points_better_than_sobel_and_sobel_than_prewitt(make_flow: Any) -> None:
    moment = judge(make_flow, library.get("sobel-x"))
    found = accuracy.compared(moment)
    assert [each.name for each in found] == [*OPERATORS, "kernel"]
    worst = {each.name: each.rows[0].max_angle for each in found}
    assert worst["scharr"] < worst["sobel"] < worst["prewitt"]
    assert worst["kernel"] == worst["sobel"]
    assert moment.failure(accuracy.OF_KERNEL) is None
    for each in found:
        assert len(each.rows) == len(found[0].rows)
        assert each.worst_angles.shape == (60,)


def test_a_kernel_that_cannot_be_judged_is_left_out_and_said_so(make_flow: Any) -> None:
    moment = judge(make_flow, Kernel(np.ones((3, 3))))
    assert "kernel" not in [each.name for each in accuracy.compared(moment)]
    assert moment.failure(accuracy.OF_KERNEL).sentence.endswith("left out of the comparison.")


def test_another_kernel_judges_the_named_operators_not_again(make_flow: Any) -> None:
    state = State(with_gradient(Document(), operator="kernel"), Session())
    flow = make_flow(state, lambda moment: accuracy.queries(moment.state))
    flow.flow()
    assert flow.made == [accuracy.OF_KERNEL.name]
