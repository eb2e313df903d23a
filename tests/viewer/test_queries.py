"""What the Filter workspace wants of a moment: the picture first, the numbers after, and nothing twice."""

import weakref

import numpy as np
import pytest
from msgspec.structs import replace

from kernels import spare_memory
from kernels.filtering import engine, reference
from kernels.filtering.engine import correlate
from kernels.kernel import Kernel, library
from kernels.pictures.picture import from_array
from kernels.pictures.reading import open_sample
from kernels.recipe import Recipe
from viewer import painting
from viewer.document import with_channel, with_kernel, with_options, with_preset
from viewer.moment import Moment
from viewer.page_views import Sight
from viewer.pages.filter import queries as filter_queries
from viewer.pages.filter.input_queries import EXTENSION, INPUT, INPUT_PATCH, extension_query
from viewer.pages.filter.queries import CLIPPED, FILTERED, NUMBERS, OUTPUT, OUTPUT_PATCH, TRACES, shown_clipped
from viewer.painting import DIVERGING, automatic_look
from viewer.session import Probe
from viewer.shelf import PICTURE, Shelf, open_result
from viewer.shelf import picture_query as query_of_the_picture
from viewer.state import State, with_range

RNG = np.random.default_rng(7)


@pytest.fixture
def flow(make_flow):
    return make_flow()


def look_of(array, white=255.0):
    picture = from_array(array, white=white)
    return automatic_look(picture.pixels, picture.file_range)


def photograph():
    return open_sample("camera").pixels


def single_bright_pixel():
    pixels = np.zeros((101, 101), np.uint8)
    pixels[50, 50] = 255
    return pixels


def test_a_file_is_shown_by_its_own_range(flow):
    flow.open(open_sample("camera"))
    look = flow.moment.value(INPUT).look
    assert (look.mode, look.levels, look.colour_map) == ("clip", (0.0, 255.0), "grey")


@pytest.mark.parametrize("make", [photograph, single_bright_pixel])
def test_a_derivative_as_input_is_shown_around_zero(make):
    look = look_of(correlate(make(), library.get("sobel-x")))
    assert (look.mode, look.colour_map) == ("signed", DIVERGING)
    assert look.levels[0] == -look.levels[1]


def test_a_derivative_of_colours_is_shown_around_grey():
    look = look_of(correlate(open_sample("chelsea").pixels, library.get("sobel-x")))
    assert (look.mode, look.colour_map) == ("signed", "grey")


@pytest.mark.parametrize("name", ["sharpen", "gaussian", "identity"])
def test_a_picture_that_stays_one_is_shown_as_one(name):
    look = look_of(correlate(photograph(), library.get(name)))
    assert (look.mode, look.levels) == ("clip", (0.0, 255.0))


def test_negative_and_missing_values_alone_are_shown_too():
    assert look_of(np.full((4, 4), -3.0)).mode == "signed"
    assert look_of(np.full((4, 4), np.nan)).mode == "clip"


def test_nothing_is_wanted_before_there_is_a_picture():
    assert filter_queries.queries(Moment(State())) == []
    assert query_of_the_picture(State(), Shelf()) is None


def test_the_pictures_come_before_the_numbers_and_each_is_made_once(flow):
    flow.open(RNG.integers(0, 255, (30, 40)).astype(np.uint8))
    made = [name for name in flow.made if name != "selection"]
    assert made == ["input", "output", "extension", "input numbers", "numbers", "clipped"]
    flow.made.clear()
    flow.flow()
    flow.store.view(lambda session: replace(session, comparing=True))
    assert flow.made == []


def test_room_for_another_output_is_made_where_it_takes_long(flow, monkeypatch):
    made = []
    monkeypatch.setattr(spare_memory, "prepare", lambda size, number, _cancelled: made.append((size, number)))
    flow.open(np.zeros((1024, 1024), np.uint8))
    flow.store.edit(lambda document: with_preset(document, "box"), "Box")
    assert made == [(4 * 1024 * 1024, 3)]
    assert flow.made[-1] != "room"


def test_a_kernel_asks_for_the_output_and_its_numbers_only(flow):
    flow.open(RNG.integers(0, 255, (30, 40)).astype(np.uint8))
    flow.made.clear()
    flow.store.edit(lambda document: with_preset(document, "box"), "Box")
    assert set(flow.made) == {"output", "numbers", "clipped"}


def test_a_range_filters_nothing_again(flow):
    flow.open(RNG.integers(0, 255, (30, 40)).astype(np.uint8))
    filtered, numbers = flow.moment.result(FILTERED), flow.moment.result(NUMBERS)
    flow.store.view(lambda session: with_range(flow.store.state, "minmax"))
    assert flow.moment.value(OUTPUT).painted.look.mode == "minmax"
    assert flow.moment.result(FILTERED) is filtered
    assert flow.moment.result(NUMBERS) is numbers


def test_only_the_last_channel_selection_is_held(flow):
    for name in ("chelsea", "coffee"):
        flow.open(open_sample(name))
        flow.store.edit(lambda document: with_channel(document, "luma"), "Luma")
        held = weakref.ref(flow.results["selection"].value.pixels)
        flow.store.edit(lambda document: with_channel(document, "r"), "Red")
        assert held() is None


def test_levels_are_estimated_until_all_values_have_been_looked_at(flow, monkeypatch):
    pixels = np.zeros((400, 400), np.uint8)
    pixels[201, 203] = 255  # no sample finds it
    seen = []
    flow.join(lambda _old, new: seen.append(new.value(OUTPUT)))
    flow.store.view(lambda session: with_range(flow.store.state, "minmax"))
    flow.store.start_with(lambda document: with_preset(document, "identity"))
    flow.store.view(lambda session: with_range(flow.store.state, "minmax"))
    flow.open(pixels)
    assert seen[-1].painted.levels == (0.0, 255.0)
    assert flow.made.count("output") <= 2


def test_a_grey_picture_stands_for_every_channel_of_a_kernel_over_three(flow):
    pixels = RNG.integers(0, 255, (9, 8)).astype(np.uint8)
    kernel = Kernel(RNG.integers(-3, 4, (3, 3, 3)))
    flow.open(pixels)
    flow.store.edit(lambda document: with_kernel(document, kernel, keep_preset=False), "Learned filter")
    expected = reference.correlate(np.repeat(pixels[:, :, np.newaxis], 3, axis=2), kernel)
    np.testing.assert_array_equal(flow.moment.value(FILTERED).array, expected)
    flow.store.view(lambda session: replace(session, probe=Probe(4, 5)))
    (trace,) = flow.moment.value(TRACES)
    assert trace.value == expected[4, 5]


@pytest.mark.parametrize(("channels", "words"), [(1, "choose the channel"), (4, "4 channels, but the picture has 3")])
def test_a_kernel_over_other_channels_says_so_and_the_last_output_stays(flow, channels, words):
    flow.open(np.zeros((8, 8, 3), np.uint8))
    before = flow.moment.result(FILTERED)
    flow.store.edit(lambda document: with_kernel(document, Kernel(np.ones((3, 3, channels)))), "Kernel")
    assert words in flow.moment.failure(OUTPUT).sentence
    assert flow.moment.result(FILTERED) is before
    flow.store.undo_stack.undo()
    assert flow.moment.failure(OUTPUT) is None


def test_a_pixel_outside_the_output_has_no_arithmetic(flow):
    flow.open(np.zeros((8, 8), np.uint8))
    flow.store.view(lambda session: replace(session, probe=Probe(7, 7)))
    assert flow.moment.value(TRACES)[0].position == (7, 7)
    flow.store.edit(lambda document: with_options(document, padding="valid"), "Valid")
    assert filter_queries.pixel_read(flow.store.state, open_sample("lecture-grid")) == (7, 7)
    assert "traces" not in {each.purpose.name for each in filter_queries.queries(flow.moment)}


def test_the_page_runs_a_recipe_of_one_filter(flow, monkeypatch):
    asked, output = [], Recipe.output

    def watched(recipe, image, **named):
        asked.append((recipe, image))
        return output(recipe, image, **named)

    monkeypatch.setattr(Recipe, "output", watched)
    pixels = RNG.integers(0, 255, (20, 30, 3)).astype(np.uint8)
    flow.open(pixels)
    flow.store.edit(lambda document: replace(with_options(document, stride=(2, 1)), channel="g"), "Every second row")
    recipe, image = asked[-1]
    assert recipe == Recipe.of_filter(flow.store.document.kernel, flow.store.document.options)
    np.testing.assert_array_equal(image, pixels[:, :, 1])
    np.testing.assert_array_equal(flow.moment.value(FILTERED).array, recipe.run(image)[0])


def test_what_is_on_screen_is_what_scripts_read_whatever_stopped_work_left_behind(flow):
    picture = flow.open(RNG.integers(0, 255, (9, 8)).astype(np.uint8))
    shown = flow.moment.value(OUTPUT)
    elsewhere = replace(flow.store.state, document=with_options(flow.store.document, padding="valid"))
    other = filter_queries.filtered_query(elsewhere, flow.moment.result(PICTURE))
    flow.take(other, other.make(flow))
    flow.flow()
    assert flow.moment.value(OUTPUT) is shown
    assert flow.moment.value(FILTERED) is shown.filtered
    assert shown.filtered.array.shape == picture.shape


def test_of_a_large_output_every_nth_pixel_comes_first_at_its_place(flow, monkeypatch):
    monkeypatch.setattr(painting, "WHOLE", 1000)
    monkeypatch.setattr(filter_queries, "PREVIEW_VALUES", 2000)
    shown, runs = [], []
    run = engine.run

    def watched(pixels, kernel, options, **named):
        runs.append(options.stride)
        return run(pixels, kernel, options, **named)

    monkeypatch.setattr(engine, "run", watched)
    flow.join(lambda _old, new: shown.append(new.value(OUTPUT)))
    pixels = RNG.integers(0, 255, (60, 80)).astype(np.uint8)
    publish = flow.publish

    def published(query, value):
        publish(query, value)
        shown.append(value)

    flow.publish = published
    flow.open(pixels)
    preview = next(each for each in shown if each is not None)
    assert preview.filtered is None
    assert runs == [(4, 4), (1, 1)]
    expected = reference.correlate(pixels, library.get("sobel-x"))
    np.testing.assert_array_equal(preview.painted.values, expected[::4, ::4])
    np.testing.assert_array_equal(flow.moment.value(FILTERED).array, expected)
    assert shown[-1].filtered is not None


def test_what_is_in_sight_of_a_large_picture_is_painted_with_every_pixel(flow, monkeypatch):
    monkeypatch.setattr(painting, "WHOLE", 1000)
    pixels = RNG.integers(0, 255, (60, 80)).astype(np.uint8)
    flow.open(pixels)
    assert flow.moment.value(INPUT).image.shape == (15, 20)
    assert flow.moment.value(INPUT_PATCH) is None
    flow.store.view(lambda session: replace(session, sight=Sight(0, (10, 30), (-5, 20))))
    patch = flow.moment.value(INPUT_PATCH)
    assert (patch.rows, patch.columns) == ((10, 30), (0, 20))
    np.testing.assert_array_equal(patch.image, pixels[10:30, :20])
    assert flow.moment.value(OUTPUT_PATCH).image.shape[:2] == (20, 20)


def test_what_is_clipped_is_counted_for_the_levels_on_screen(flow):
    pixels = np.array([[0, 10, 200, 255]], np.uint8)
    flow.store.start_with(lambda document: with_preset(document, "identity"))
    flow.open(pixels)
    assert shown_clipped(flow.moment) == (0, 0, 0)
    before = flow.moment.result(CLIPPED)
    session = replace(with_range(flow.store.state, "manual"), manual_levels=(5.0, 100.0))
    flow.store.view(lambda _session: session)
    assert shown_clipped(flow.moment) == (1, 2, 3)
    late = replace(flow.moment, results={**flow.moment.results, CLIPPED.name: before})  # of the levels before
    assert late.value(CLIPPED) == (0, 0, 0)
    assert shown_clipped(late) is None


def test_counts_of_what_was_shown_do_not_hold_on_to_it(flow):
    """The counts come long after the picture: while a weight is dragged, those of the first picture are the newest."""
    flow.open(RNG.integers(0, 255, (40, 50)).astype(np.uint8))
    counted, array = flow.moment.result(CLIPPED), weakref.ref(flow.moment.value(FILTERED).array)
    flow.store.start_with(lambda document: with_preset(document, "identity"))
    assert flow.moment.value(FILTERED).kernel == library.get("identity")
    assert array() is None
    assert counted is not flow.moment.result(CLIPPED)


@pytest.mark.parametrize(
    ("border", "mode"),
    [("constant", "constant"), ("replicate", "edge"), ("reflect", "symmetric"), ("reflect101", "reflect"),
     ("wrap", "wrap")],
)  # fmt: skip
@pytest.mark.parametrize("operation", ["correlation", "convolution"])
def test_the_extension_is_what_the_padding_adds(flow, border, mode, operation):
    pixels = RNG.integers(0, 256, (9, 12)).astype(np.uint8)
    flow.open(from_array(pixels, white=255.0))
    flow.store.edit(lambda document: with_kernel(document, Kernel(np.ones((4, 3)))), "kernel")
    flow.store.edit(lambda document: with_options(document, border=border, operation=operation), "options")
    above, below = (1, 2) if operation == "correlation" else (2, 1)
    expected = np.pad(pixels, ((above, below), (1, 1)), mode=mode).astype(float)
    built = np.full(expected.shape, np.nan)
    built[above:-below, 1:-1] = pixels
    for painted, (top, left, high, wide) in flow.moment.value(EXTENSION):
        built[top + above : top + above + high, left + 1 : left + 1 + wide] = painted.values
    np.testing.assert_array_equal(built, expected)


def test_without_padding_there_is_no_extension(flow):
    flow.open(open_sample("lecture-grid"))
    flow.store.edit(lambda document: with_options(document, padding="valid"), "valid")
    assert extension_query(flow.store.state, open_result(flow.moment)) is None
